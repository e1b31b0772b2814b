"""Which language's words a rule uses on a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

Words = TypeVar("Words")

_NEAREST = {"no": "nb", "da": "nb", "smj": "se", "sma": "se", "sv": "se"}


def in_language(table: Mapping[str, Words], lang: str) -> Words:
    """The entry for a base language, else for its nearest relative, else English."""
    return table.get(lang) or table.get(_NEAREST.get(lang, ""), table["en"])
