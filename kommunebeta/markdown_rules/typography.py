"""Quotation marks by language, dashes and ellipses; never in code or addresses.

Marks by the usage of each language: « » in Norwegian (Språkrådet), ” ” in Northern Sámi, “ ”
in English. The rule of markdown-it is not used: it copies the paragraph for every mark, which
takes quadratic time in long ones, and turns ``--option`` and ``(c)`` into signs.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from kommunebeta.markdown_rules.wording import in_language

QUOTES = {"nb": "«»‹›", "nn": "«»‹›", "se": "””’’", "en": "“”‘’"}
"""Outer opening and closing mark, inner opening and closing mark."""

APOSTROPHE = "’"
_QUOTE = re.compile("[\"']")
_ANY = re.compile(r"[\"']|--|\.\.\.")
_SIGNS = (
    (re.compile(r"(?<!-)---(?!-)"), "—"),
    (re.compile(r"(?<=[^\s-])--(?=[^\s-])|(?<=\s)--(?=\s|$)|^--(?=\s)"), "–"),
    (re.compile(r"(?<!\.)\.\.\.(?!\.)"), "…"),
)
_CODE_TAG = re.compile(r"<(/?)(?:code|kbd|pre|samp|tt|var|script|style)\b", re.IGNORECASE)
_MAX_OPEN = 40


def typography(md: MarkdownIt, lang: str) -> None:
    """Set quotation marks, dashes and ellipses as printers do."""
    quotes = in_language(QUOTES, lang)

    def set_type(state: StateCore) -> None:
        if not _ANY.search(state.src):
            return
        for block in state.tokens:
            if block.type == "inline" and block.children and _ANY.search(block.content):
                texts = _plain_texts(block.children)
                if _QUOTE.search(block.content):
                    _set_quotes(block.children, texts, quotes)
                for index in texts:
                    _set_signs(block.children[index])

    md.core.ruler.before("text_join", "typography", set_type)


def _plain_texts(tokens: list[Token]) -> list[int]:
    """Indexes of the text tokens outside raw code and addresses shown as text."""
    found: list[int] = []
    skipped = 0
    for index, token in enumerate(tokens):
        if token.type == "text":
            if not skipped:
                found.append(index)
        elif token.type == "html_inline":
            match = _CODE_TAG.match(token.content)
            if match:
                skipped = max(0, skipped + (-1 if match[1] else 1))
        elif token.info == "auto":
            skipped = max(0, skipped + token.nesting)
    return found


def _set_signs(token: Token) -> None:
    if "--" in token.content or "..." in token.content:
        for pattern, sign in _SIGNS:
            token.content = pattern.sub(sign, token.content)


@lru_cache(maxsize=1024)
def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"


def _neighbours(tokens: list[Token]) -> tuple[list[str], list[str]]:
    """For each token the character before it and the one after it; a space at a line's ends."""
    before, after = [" "] * len(tokens), [" "] * len(tokens)
    last = " "
    for index, token in enumerate(tokens):
        before[index] = last
        last = " " if token.type in ("softbreak", "hardbreak") else (token.content[-1:] or last)
    last = " "
    for index in range(len(tokens) - 1, -1, -1):
        after[index] = last
        token = tokens[index]
        last = " " if token.type in ("softbreak", "hardbreak") else (token.content[:1] or last)
    return before, after


def _sides(before: str, after: str) -> tuple[bool, bool]:
    """Whether a mark between two characters can open, and whether it can close (as in CommonMark)."""
    space_before, space_after = before.isspace(), after.isspace()
    sign_before, sign_after = _is_punctuation(before), _is_punctuation(after)
    opens = not space_after and (not sign_after or space_before or sign_before)
    closes = not space_before and (not sign_before or space_after or sign_after)
    if opens and closes:
        opens, closes = sign_before, sign_after
    return opens, closes


def _set_quotes(tokens: list[Token], texts: list[int], quotes: str) -> None:
    before, after = _neighbours(tokens)
    edits: dict[int, dict[int, str]] = defaultdict(dict)
    waiting: list[tuple[str, int, int, int]] = []
    for index in texts:
        text, level = tokens[index].content, tokens[index].level
        while waiting and waiting[-1][3] > level:
            waiting.pop()
        for match in _QUOTE.finditer(text):
            at = match.start()
            opens, closes = _sides(
                text[at - 1] if at else before[index],
                text[at + 1] if at + 1 < len(text) else after[index],
            )
            single = match[0] == "'"
            partner = _partner(waiting, match[0], level) if closes else -1
            if partner >= 0:
                _, opener, place, _ = waiting[partner]
                del waiting[partner:]
                edits[opener][place] = quotes[2 if single else 0]
                edits[index][at] = quotes[3 if single else 1]
            elif opens:
                waiting.append((match[0], index, at, level))
            elif single:
                edits[index][at] = APOSTROPHE
    for index, changes in edits.items():
        text = tokens[index].content
        pieces: list[str] = []
        end = 0
        for at in sorted(changes):
            pieces += (text[end:at], changes[at])
            end = at + 1
        tokens[index].content = "".join(pieces) + text[end:]


def _partner(waiting: list[tuple[str, int, int, int]], mark: str, level: int) -> int:
    """Index of the nearest opening mark of the same kind at the same level, or -1."""
    for index in range(len(waiting) - 1, max(-1, len(waiting) - 1 - _MAX_OPEN), -1):
        if waiting[index][3] < level:
            return -1
        if waiting[index][0] == mark and waiting[index][3] == level:
            return index
    return -1
