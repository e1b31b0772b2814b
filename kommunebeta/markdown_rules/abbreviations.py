"""Abbreviations: ``*[NAV]: Arbeids- og velferdsetaten`` explains every «NAV» in the text."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

_DEFINITION = re.compile(r"\*\[([^\[\]\n]{1,100})\]:[ \t]*(\S[^\n]*)")


def abbreviations(md: MarkdownIt, lang: str) -> None:
    """Add abbreviations, as ``<abbr title>``."""
    md.block.ruler.before("reference", "abbreviation", _definition, {"alt": ["paragraph", "reference"]})
    md.core.ruler.before("text_join", "abbreviations", _explain)


def _definition(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    begin = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith("*[", begin) or state.is_code_block(start):
        return False
    match = _DEFINITION.match(state.src, begin, state.eMarks[start])
    if not match:
        return False
    if not silent:
        state.env.setdefault("abbreviations", {}).setdefault(match[1].strip(), match[2].strip())
        state.line = start + 1
    return True


def _explain(state: StateCore) -> None:
    meanings: dict[str, str] = state.env.get("abbreviations", {})
    if not meanings:
        return
    words = "|".join(re.escape(word) for word in sorted(meanings, key=lambda word: (-len(word), word)))
    pattern = re.compile(rf"(?<!\w)(?:{words})(?!\w)")
    for block in state.tokens:
        if block.type == "inline" and block.children and pattern.search(block.content):
            block.children = _with_abbreviations(block.children, pattern, meanings)


def _with_abbreviations(
    tokens: list[Token], pattern: re.Pattern[str], meanings: dict[str, str]
) -> list[Token]:
    result: list[Token] = []
    for token in tokens:
        if token.type != "text":
            result.append(token)
            continue
        end = 0
        for match in pattern.finditer(token.content):
            result.append(_text(token.content[end : match.start()], token.level))
            result.append(Token("abbr_open", "abbr", 1, attrs={"title": meanings[match[0]]}))
            result.append(_text(match[0], token.level + 1))
            result.append(Token("abbr_close", "abbr", -1))
            end = match.end()
        result.append(_text(token.content[end:], token.level) if end else token)
    return result


def _text(content: str, level: int) -> Token:
    return Token("text", "", 0, content=content, level=level)
