"""Attributes in braces: ``{.class #id lang=se}``.

They stand right after a picture, link, code span or ``[span]``, at the end of a heading, or
alone on the line above a block. The attrs plug-in of mdit-py-plugins is not used: it takes
``{% include x %}`` for a comment and swallows it, and knows no attributes after headings.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from kommunebeta.markdown_rules.gathered import opening

_ITEM = r"""(?:[.#][\w:-]+|[A-Za-z][\w:-]*=(?:"[^"{}\n]*"|[^\s"'{}=<>`]+))"""
_BRACES = re.compile(rf"\{{[ \t]*({_ITEM}(?:[ \t]+{_ITEM})*)[ \t]*\}}")
_TAIL = re.compile(_BRACES.pattern + r"[ \t]*$")
_PART = re.compile(_ITEM)
_ALLOWED = frozenset(
    {"class", "id", "lang", "dir", "title", "width", "height", "rel", "hreflang", "translate"}
    | {"download", "start", "reversed", "cite", "loading"}
)
_TAKES_ATTRIBUTES = frozenset({"image", "code_inline", "link_close", "span_close"})
_TAKES_NONE = frozenset({"inline", "html_block", "footnote_reference_open"})


def attributes(md: MarkdownIt, lang: str) -> None:
    """Add attributes in braces, and spans for them: ``[Sámi giella]{lang=se}``."""
    md.block.ruler.before("fence", "attributes", _block_line)
    md.core.ruler.after("block", "attributes", _move_to_blocks)
    md.inline.ruler.after("link", "span", _span)
    md.inline.ruler.push("attributes", _after_inline)


def allowed(name: str) -> bool:
    """Whether writers may set an attribute: nothing that runs, styles or loads anything."""
    return name in _ALLOWED or name.startswith("data-")


def add_attributes(token: Token, text: str) -> None:
    """Give a token the attributes written in ``text`` (the inside of the braces)."""
    for part in _PART.findall(text):
        if part[0] == ".":
            token.attrJoin("class", part[1:])
        elif part[0] == "#":
            token.attrSet("id", part[1:])
        else:
            name, _, value = part.partition("=")
            value = value.strip('"')
            if name == "class":
                token.attrJoin("class", value)
            elif allowed(name.lower()):
                token.attrSet(name.lower(), value)


def _block_line(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.is_code_block(start):
        return False
    begin, stop = state.bMarks[start] + state.tShift[start], state.eMarks[start]
    if begin >= stop or state.src[begin] != "{":
        return False
    match = _BRACES.fullmatch(state.src[begin:stop].rstrip())
    if not match or start + 1 >= end or state.isEmpty(start + 1):
        return False
    if not silent:
        token = state.push("attributes", "", 0)
        token.content = match[1]
        token.map = [start, start + 1]
        state.line = start + 1
    return True


def _move_to_blocks(state: StateCore) -> None:
    if "{" not in state.src:
        return
    kept: list[Token] = []
    waiting: list[str] = []
    for token in state.tokens:
        if token.type == "attributes":
            waiting.append(token.content)
            continue
        if waiting and token.nesting >= 0 and token.type not in _TAKES_NONE:
            add_attributes(token, " ".join(waiting))
        waiting = []
        if token.type == "inline" and token.content.endswith("}") and kept[-1].type == "heading_open":
            match = _TAIL.search(token.content)
            if match:
                add_attributes(kept[-1], match[1])
                token.content = token.content[: match.start()].rstrip()
        kept.append(token)
    state.tokens = kept


def _may_hold_span(state: StateInline) -> bool:
    # Asked at every bracket: one search per paragraph is enough.
    source, found = state.env.get("spans", ("", False))
    if source is not state.src:
        found = "]{" in state.src
        state.env["spans"] = (state.src, found)
    return bool(found)


def _span(state: StateInline, silent: bool) -> bool:
    pos, src = state.pos, state.src
    if src[pos] != "[" or not _may_hold_span(state):
        return False
    end = state.md.helpers.parseLinkLabel(state, pos, False)
    match = _BRACES.match(src, end + 1, state.posMax) if end >= 0 else None
    if not match:
        return False
    if not silent:
        maximum = state.posMax
        state.pos, state.posMax = pos + 1, end
        add_attributes(state.push("span_open", "span", 1), match[1])
        state.md.inline.tokenize(state)
        state.push("span_close", "span", -1)
        state.posMax = maximum
    state.pos = match.end()
    return True


def _after_inline(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "{" or silent or state.pending or not state.tokens:
        return False
    if state.tokens[-1].type not in _TAKES_ATTRIBUTES:
        return False
    match = _BRACES.match(state.src, state.pos, state.posMax)
    if not match:
        return False
    add_attributes(state.tokens[opening(state.tokens, len(state.tokens) - 1)], match[1])
    state.pos = match.end()
    return True
