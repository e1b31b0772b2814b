"""Struck text: ``~~wrong~~``."""

from __future__ import annotations

from markdown_it import MarkdownIt


def strikethrough(md: MarkdownIt, lang: str) -> None:
    """Add struck text, as ``<s>``."""
    md.enable("strikethrough")
