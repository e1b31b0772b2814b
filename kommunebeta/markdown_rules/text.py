"""Plain text: of a parsed body, and of any piece of HTML."""

from __future__ import annotations

import html as html_entities
import re
from collections.abc import Sequence

from markdown_it.token import Token

TAG = re.compile(r"""<(/?)([a-zA-Z][^\s/<>]*)((?:[^<>"']|"[^"<]*"|'[^'<]*')*+)>""")
"""A tag in raw HTML: slash, name, attributes. Linear, since it never runs past the next ``<``."""

_PIECE = re.compile(rf"<!--|<[!?][^<>]*>|{TAG.pattern}|\0\d+\0")
_BREAKS = frozenset(
    {"address", "article", "aside", "blockquote", "br", "caption", "dd", "details", "div", "dl", "dt"}
    | {"fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header"}
    | {"hr", "legend", "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "td", "th"}
    | {"tr", "ul"}
)
_UNREAD = frozenset({"script", "style", "template", "noscript", "iframe", "svg", "math"})
_READ = frozenset({"text", "code_inline"})


def plain(html: str) -> str:
    """The plain text of a piece of HTML: blocks on lines of their own, no tags, entities resolved."""
    if "<" not in html and "&" not in html and "\0" not in html:
        return _lines(html)
    pieces: list[str] = []
    end = 0
    while match := _PIECE.search(html, end):
        pieces.append(_words(html[end : match.start()]))
        end = match.end()
        name = (match[2] or "").lower()
        if match[0] == "<!--":
            end = html.find("-->", end)
            end = end + 3 if end >= 0 else len(html)
        elif name in _UNREAD and not match[1]:
            end = _after_element(html, name, end)
        elif name in _BREAKS:
            pieces.append("\n")
    pieces.append(_words(html[end:]))
    return _lines("".join(pieces))


def _after_element(html: str, name: str, start: int) -> int:
    match = re.compile(rf"</{name}\b[^<>]*>", re.IGNORECASE).search(html, start)
    return match.end() if match else len(html)


def _words(html: str) -> str:
    return html_entities.unescape(re.sub(r"\s+", " ", html))


def _lines(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def inline_text(tokens: Sequence[Token]) -> str:
    """The text of a paragraph's tokens: pictures by their text alternative, no footnote marks."""
    if len(tokens) == 1 and tokens[0].type == "text":
        return tokens[0].content
    parts: list[str] = []
    for token in tokens:
        if token.type in _READ:
            parts.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif token.type == "image":
            parts.append("" if token.meta.get("lone") else inline_text(token.children or []))
        elif token.type == "html_inline" and token.content[:3].lower() == "<br":
            parts.append(" ")
    return "".join(parts)


def body_text(tokens: Sequence[Token]) -> tuple[str, str]:
    """The text of a body, and of its first paragraph.

    The first paragraph is the first at the outermost level, Markdown or raw HTML, that holds words
    and is not just an address; when there is none, the first anywhere.
    """
    blocks: list[str] = []
    first = inner = ""
    for index, token in enumerate(tokens):
        if token.type == "inline":
            text = " ".join(inline_text(token.children or []).split())
            if text and not first and tokens[index - 1].type == "paragraph_open":
                before = tokens[index - 1]
                if before.level == 0 and before.attrs.get("class") != "lone-link":
                    first = text
                inner = inner or text
        elif token.type in ("fence", "code_block"):
            text = token.content.strip("\n")
        elif token.type == "html_block":
            text = plain(token.content)
            if token.level == 0 and text and not first:
                first = text.split("\n", 1)[0]
        else:
            continue
        if text:
            blocks.append(text)
    return "\n".join(blocks), first or inner
