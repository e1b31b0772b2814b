"""Definition lists: a term on one line, ``: its meaning`` on the next."""

from __future__ import annotations

from markdown_it import MarkdownIt
from mdit_py_plugins.deflist import deflist_plugin


def definitions(md: MarkdownIt, lang: str) -> None:
    """Add definition lists, as ``<dl>``."""
    deflist_plugin(md)
