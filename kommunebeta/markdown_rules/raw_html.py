"""HTML in the Markdown: kept as written, but its links and pictures work as in Markdown.

Writers are trusted with HTML. What would send a reader's address to another server (frames,
scripts) is kept and reported.
"""

from __future__ import annotations

import html as html_entities
import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from kommunebeta.markdown_rules.addresses import AddressKind, kind_of
from kommunebeta.markdown_rules.attributes import allowed
from kommunebeta.markdown_rules.gathered import Gathered, Place, gathered, place_of
from kommunebeta.markdown_rules.links import resolve
from kommunebeta.markdown_rules.pictures import show
from kommunebeta.markdown_rules.text import TAG

_INTERESTING = re.compile(
    r"<(?:/?a|area|img|iframe|script|object|embed|link|source|video|audio|track)\b", re.IGNORECASE
)
_TAG_OR_COMMENT = re.compile(f"<!--|{TAG.pattern}")
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?""")
_ADDRESSES = {
    "a": ("href",),
    "area": ("href",),
    "source": ("src",),
    "track": ("src",),
    "audio": ("src",),
    "video": ("src", "poster"),
}
_LOADS = {"iframe": "src", "script": "src", "embed": "src", "object": "data", "link": "href"}


def raw_html(md: MarkdownIt, lang: str) -> None:
    """Resolve addresses in raw HTML, and report what loads from outside."""
    md.add_render_rule("html_block", _block)
    md.add_render_rule("html_inline", _inline)


def _block(self: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
    token, found = tokens[idx], gathered(env)
    found.open_links.clear()
    if not _INTERESTING.search(token.content):
        return token.content
    pieces: list[str] = []
    end, line, counted = 0, found.first_line + (token.map[0] if token.map else 0), 0
    for start, stop in _tags(token.content):
        line += token.content.count("\n", counted, start)
        counted = start
        pieces += (token.content[end:start], _tag(found, token.content[start:stop], (line, 0)))
        end = stop
    return "".join(pieces) + token.content[end:]


def _tags(html: str) -> list[tuple[int, int]]:
    """Start and end of each tag, comments and the content of scripts and styles passed over."""
    spans: list[tuple[int, int]] = []
    end = 0
    while tag := _TAG_OR_COMMENT.search(html, end):
        end = tag.end()
        if tag[0] == "<!--":
            end = html.find("-->", end)
            if end < 0:
                break
            continue
        spans.append(tag.span())
        if tag[2].lower() in ("script", "style") and not tag[1]:
            closing = re.compile(rf"</{tag[2]}\b", re.IGNORECASE).search(html, end)
            end = closing.start() if closing else len(html)
    return spans


def _inline(self: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
    content = tokens[idx].content
    if not _INTERESTING.match(content):
        return content
    return _tag(gathered(env), content, place_of(env, tokens[idx]))


def _tag(found: Gathered, tag: str, place: Place) -> str:
    match = TAG.fullmatch(tag)
    if not match:
        return tag
    name = match[2].lower()
    if match[1]:
        if name == "a" and found.open_links:
            found.open_links.pop()
        return tag
    if name == "img":
        return _picture(found, tag, match[3], place)
    if name in _LOADS:
        _report_load(found, name, match[3], place)
    elif name in _ADDRESSES:
        if name == "a":
            found.open_links.append(True)
        return _with_addresses(found, tag, _ADDRESSES[name], place)
    return tag


def _attributes(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(text):
        found.setdefault(name.lower(), html_entities.unescape(double or single or bare))
    return found


def _picture(found: Gathered, tag: str, text: str, place: Place) -> str:
    attributes = _attributes(text)
    address = attributes.get("src", "").strip()
    if not address or kind_of(address) is AddressKind.TEMPLATE:
        return tag
    kept = {name: value for name, value in attributes.items() if allowed(name)}
    if attributes.get("alt") == "":
        # In HTML an empty alt is the way to say that a picture is decoration.
        kept["class"] = f"{kept.get('class', '')} decorative".strip()
    return show(found, place, address, attributes.get("alt", ""), kept)


def _with_addresses(found: Gathered, tag: str, names: tuple[str, ...], place: Place) -> str:
    def replace(match: re.Match[str]) -> str:
        if match[1].lower() not in names:
            return match[0]
        address = html_entities.unescape(match[2] or match[3] or match[4] or "").strip()
        if kind_of(address) in (AddressKind.TEMPLATE, AddressKind.OUTSIDE):
            return match[0]
        resolved = resolve(found, address, place)
        return "" if resolved is None else f'{match[1]}="{escapeHtml(resolved)}"'

    start = re.match(r"<[^\s/<>]+", tag)
    head = start.end() if start else 0
    return tag[:head] + _ATTRIBUTE.sub(replace, tag[head:])


def _report_load(found: Gathered, name: str, text: str, place: Place) -> None:
    address = _attributes(text).get(_LOADS[name], "").strip()
    if name == "script" and not address:
        mend = "Take it out: pages of this site work without scripts of their own, and browsers are told so."
        found.warn("KB034", place, "There is a script in the text.", mend)
    elif kind_of(address) is AddressKind.OUTSIDE:
        mend = "Link to it instead, so that readers choose for themselves."
        found.warn("KB034", place, f"A <{name}> loads «{address[:80]}» from another server.", mend)
