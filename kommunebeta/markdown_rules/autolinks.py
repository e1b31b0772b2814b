"""Addresses in the text become links: ``https://…``, ``www.…`` and e-mail addresses.

linkify-it finds the end of an address, but is shown one word at a time, since its own walk
through a long text takes quadratic time. Bare names such as ``budsjett.vi`` or ``les.md`` are
left alone: nearly all two-letter endings are top-level domains somewhere.
"""

from __future__ import annotations

import re

from linkify_it import LinkifyIt
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from kommunebeta.markdown_rules.gathered import mark_place

_SCHEME = re.compile(r"(?:^|[^A-Za-z0-9.+-])(https?|ftp)$", re.IGNORECASE)
_WORD = re.compile(r"[^\s<]{1,2000}")
_LINK_TAG = re.compile(r"<(/?)a\b", re.IGNORECASE)


def autolinks(md: MarkdownIt, lang: str) -> None:
    """Add links for plain addresses; one alone in its paragraph gets the class ``lone-link``."""
    linkify = LinkifyIt()

    def address(state: StateInline, silent: bool) -> bool:
        pos = state.pos
        if silent or state.linkLevel > 0 or not state.src.startswith("://", pos):
            return False
        scheme = _SCHEME.search(state.pending[-8:])
        if not scheme:
            return False
        start = pos - len(scheme[1])
        word = _WORD.match(state.src, start, state.posMax)
        link = linkify.match_at_start(word[0]) if word else None
        if not link:
            return False
        url = link.url.rstrip("*")
        state.pending = state.pending[: -len(scheme[1])]
        opening = state.push("link_open", "a", 1)
        opening.attrs = {"href": state.md.normalizeLink(url)}
        opening.markup, opening.info = "linkify", "auto"
        mark_place(state, opening, start)
        state.push("text", "", 0).content = state.md.normalizeLinkText(url)
        closing = state.push("link_close", "a", -1)
        closing.markup, closing.info = "linkify", "auto"
        state.pos = start + len(url)
        return True

    def names(state: StateCore) -> None:
        if not _may_hold_name(state.src):
            return
        for block in state.tokens:
            if block.type == "inline" and block.children and _may_hold_name(block.content):
                block.children = _link_names(block.children, md, linkify)

    md.inline.ruler.after("newline", "address", address)
    md.core.ruler.before("text_join", "autolinks", names)
    md.core.ruler.push("lone_links", _lone_links)


def _may_hold_name(text: str) -> bool:
    return "www." in text or "@" in text


def _link_names(tokens: list[Token], md: MarkdownIt, linkify: LinkifyIt) -> list[Token]:
    result: list[Token] = []
    depth = 0
    for token in tokens:
        if token.type in ("link_open", "link_close"):
            depth += token.nesting
        elif token.type == "html_inline" and (tag := _LINK_TAG.match(token.content)):
            depth += -1 if tag[1] else 1
        if token.type == "text" and depth <= 0 and _may_hold_name(token.content):
            result += _split(token, md, linkify)
        else:
            result.append(token)
    return result


def _split(token: Token, md: MarkdownIt, linkify: LinkifyIt) -> list[Token]:
    """A text token as text and links."""
    result: list[Token] = []
    text, end = token.content, 0
    for word in re.finditer(r"\S+", text):
        if len(word[0]) > 2000 or not _may_hold_name(word[0]):
            continue
        for link in linkify.match(word[0]) or ():
            if link.schema == "" and not link.text.lower().startswith("www."):
                continue
            start = word.start() + link.index
            # Public sites answer by https; plain http would only add an open detour.
            url = link.url if link.schema else "https://" + link.text
            href = md.normalizeLink(url)
            result += (
                Token("text", "", 0, content=text[end:start], level=token.level),
                Token("link_open", "a", 1, attrs={"href": href}, level=token.level, info="auto"),
                Token("text", "", 0, content=link.text, level=token.level + 1),
                Token("link_close", "a", -1, level=token.level, info="auto"),
            )
            end = word.start() + link.last_index
    if not end:
        return [token]
    result.append(Token("text", "", 0, content=text[end:], level=token.level))
    return [part for part in result if part.type != "text" or part.content]


def _lone_links(state: StateCore) -> None:
    for index, block in enumerate(state.tokens):
        children = block.children
        if (
            children
            and len(children) == 3
            and children[0].info == "auto"
            and str(children[0].attrs.get("href", "")).startswith("http")
            and state.tokens[index - 1].type == "paragraph_open"
            and not state.tokens[index - 1].hidden
        ):
            state.tokens[index - 1].attrJoin("class", "lone-link")
