"""Lines and columns for links, pictures and raw HTML inside a paragraph.

markdown-it knows the lines of blocks only. Here each inline token that may become a problem
remembers its block and its offset in it; line and column are worked out when someone asks.
"""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline, autolink, html_inline, image, link

from kommunebeta.markdown_rules.gathered import mark_place

MAX_PICTURES_IN_PICTURES = 10
"""How deep pictures and notes may stand in each other's text: each level is parsed anew."""


def places(md: MarkdownIt, lang: str) -> None:
    """Keep the place of links, pictures and raw HTML."""
    md.core.ruler.at("inline", _inlines)
    md.inline.ruler.at("link", _link)
    md.inline.ruler.at("image", _image)
    md.inline.ruler.at("autolink", _autolink)
    md.inline.ruler.at("html_inline", _html_inline)


def _inlines(state: StateCore) -> None:
    lines = [0, 0]
    env, parse, md = state.env, state.md.inline.parse, state.md
    for token in state.tokens:
        if token.map:
            lines = token.map
        if token.type == "inline":
            token.map = token.map or lines
            env["block"] = token
            token.children = token.children or []
            parse(token.content, md, env, token.children)


def _link(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "[":
        return False
    start, count = state.pos, len(state.tokens)
    return link(state, silent) and (silent or _mark(state, "link_open", start, count))


def _image(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "!":
        return False
    if silent:
        return image(state, silent)
    start, count = state.pos, len(state.tokens)
    depth = state.env.get("depth", 0)
    if depth >= MAX_PICTURES_IN_PICTURES:
        return False
    state.env["depth"] = depth + 1
    matched = image(state, silent)
    state.env["depth"] = depth
    return matched and _mark(state, "image", start, count)


def _autolink(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "<":
        return False
    start, count = state.pos, len(state.tokens)
    return autolink(state, silent) and (silent or _mark(state, "link_open", start, count))


def _html_inline(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "<":
        return False
    start, count = state.pos, len(state.tokens)
    return html_inline(state, silent) and (silent or _mark(state, "html_inline", start, count))


def _mark(state: StateInline, kind: str, start: int, count: int) -> bool:
    # The text before the token may have become a token of its own.
    for token in state.tokens[count : count + 2]:
        if token.type == kind:
            mark_place(state, token, start)
            break
    return True
