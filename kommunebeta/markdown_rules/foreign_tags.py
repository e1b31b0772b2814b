"""Template tags of other generators: left as text, with a warning."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from kommunebeta.markdown_rules.gathered import gathered

_SHORTCODE = re.compile(r"\[/?(?:caption|gallery|embed|youtube)(?:[ \t=][^\[\]]{0,500})?\]")
_PAIRS = (("{%", "%}"), ("{{", "}}"))


def foreign_tags(md: MarkdownIt, lang: str) -> None:
    """Report tags of Jekyll, Hugo and WordPress outside code."""
    md.core.ruler.push("foreign_tags", _look)


def _look(state: StateCore) -> None:
    src = state.src
    if not ("{%" in src or "{{" in src or _SHORTCODE.search(src)):
        return
    for token in state.tokens:
        if token.type == "inline":
            _report(state, token, _outside_code(token.children or []))
        elif token.type == "html_block":
            _report(state, token, token.content)


def _outside_code(tokens: list[Token]) -> str:
    """The text of a paragraph, line breaks kept, code left out."""
    parts = []
    for token in tokens:
        if token.type in ("text", "html_inline"):
            parts.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            parts.append("\n")
    return "".join(parts)


def _report(state: StateCore, block: Token, text: str) -> None:
    found = gathered(state.env)
    line, counted = found.first_line + (block.map[0] if block.map else 0), 0
    for start, tag in _tags(text):
        line += text.count("\n", counted, start)
        counted = start
        shown = " ".join(tag.split())
        shown = shown if len(shown) <= 60 else shown[:59] + "…"
        mend = "Write what it stood for, or put it between backticks if it is meant to be read."
        found.warn("KB036", (line, 0), f"«{shown}» is a template tag of another generator.", mend)


def _tags(text: str) -> list[tuple[int, str]]:
    tags = [(match.start(), match[0]) for match in _SHORTCODE.finditer(text)]
    for opening, closing in _PAIRS:
        start = text.find(opening)
        while start >= 0:
            end = text.find(closing, start + 2)
            if end < 0:
                break
            tags.append((start, text[start : end + 2]))
            start = text.find(opening, end + 2)
    return sorted(tags)
