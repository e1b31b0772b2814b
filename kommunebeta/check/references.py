"""What a page or a style sheet refers to: links, pictures, scripts, style sheets, feeds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from kommunebeta.check.page import Element, Page


class Role(Enum):
    """What a reference is for."""

    LINK = "followed by readers"
    FORM = "sent to by readers"
    ASSET = "loaded with the page"
    RELATED = "another address that programs ask"


class Reference(NamedTuple):
    """An address in a page.

    Attributes:
        role: what it is for.
        what: what it leads to, in words.
        address: as it is written.
        element: where it stands.
    """

    role: Role
    what: str
    address: str
    element: Element


_LOADED: tuple[tuple[str, str, str], ...] = (
    ("img", "src", "picture"),
    ("script", "src", "script"),
    ("video", "src", "film"),
    ("video", "poster", "poster picture"),
    ("audio", "src", "sound"),
    ("track", "src", "text track"),
    ("source", "src", "film or sound"),
    ("iframe", "src", "frame"),
    ("embed", "src", "embedded file"),
    ("object", "data", "embedded file"),
    ("input", "src", "picture"),
    ("use", "href", "drawing"),
    ("use", "xlink:href", "drawing"),
    ("image", "href", "picture"),
    ("image", "xlink:href", "picture"),
)
_RELATIONS = {
    "stylesheet": (Role.ASSET, "style sheet"),
    "icon": (Role.ASSET, "icon"),
    "apple-touch-icon": (Role.ASSET, "icon"),
    "mask-icon": (Role.ASSET, "icon"),
    "manifest": (Role.ASSET, "web manifest"),
    "preload": (Role.ASSET, "file"),
    "modulepreload": (Role.ASSET, "script"),
    "prefetch": (Role.RELATED, "page"),
    "canonical": (Role.RELATED, "canonical address"),
    "next": (Role.RELATED, "next page"),
    "prev": (Role.RELATED, "page before"),
    "search": (Role.RELATED, "search"),
    "license": (Role.RELATED, "licence"),
    "author": (Role.RELATED, "author"),
    "help": (Role.RELATED, "help"),
}
_SHARED = frozenset(
    ("og:image", "og:image:url", "og:image:secure_url", "og:video", "og:audio", "twitter:image")
)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_URL = re.compile(
    r"""url\(\s*(?:"([^"\n]*)"|'([^'\n]*)'|([^)"'\s]*))\s*\)|@import\s+(?:"([^"\n]*)"|'([^'\n]*)')""",
    re.IGNORECASE,
)


def references(page: Page) -> Iterator[Reference]:
    """What a page refers to, without its links by ``a`` and ``area``, which are most of it."""
    tags = page.by_tag
    for tag, name, what in _LOADED:
        for element in tags.get(tag, ()):
            address = element.attributes.get(name)
            if address is not None and not (tag == "iframe" and "srcdoc" in element.attributes):
                yield Reference(Role.ASSET, what, address, element)
    for tag in ("img", "source"):
        for element in tags.get(tag, ()):
            written = element.attributes.get("srcset")
            if written:
                yield from (Reference(Role.ASSET, "picture", it, element) for it in candidates(written))
    for element in tags.get("link", ()):
        yield from _linked(element)
    for element in tags.get("meta", ()):
        named = element.attributes.get("property") or element.attributes.get("name")
        if named in _SHARED:
            yield Reference(Role.ASSET, "picture for shared links", element.get("content") or "", element)
    yield from _forms(page)
    yield from _styles(page)


def _linked(element: Element) -> Iterator[Reference]:
    given = element.attributes
    address = given.get("href")
    if address is None:
        return
    relations = given.get("rel", "").lower().split()
    if "alternate" in relations and "stylesheet" not in relations:
        what = "feed" if "+" in given.get("type", "") else "alternate address"
        yield Reference(Role.RELATED, what, address, element)
        return
    known = next(filter(None, map(_RELATIONS.get, relations)), None)
    if known:
        yield Reference(*known, address, element)
        yield from (
            Reference(known[0], "picture", it, element) for it in candidates(given.get("imagesrcset", ""))
        )


def _forms(page: Page) -> Iterator[Reference]:
    for tag, name in (("form", "action"), ("button", "formaction"), ("input", "formaction")):
        for element in page.by_tag.get(tag, ()):
            address = element.attributes.get(name)
            if address:
                yield Reference(Role.FORM, "form", address, element)


def _styles(page: Page) -> Iterator[Reference]:
    if b"url(" not in page.html and b"@import" not in page.html:
        return
    for element in page.by_tag.get("style", ()):
        for _, address in css_addresses(element.node.text(deep=True)):
            yield Reference(Role.ASSET, "file", address, element)
    for element in page.having("style"):
        for _, address in css_addresses(element.attributes["style"]):
            yield Reference(Role.ASSET, "picture", address, element)


def candidates(srcset: str) -> Iterator[str]:
    """The addresses in a ``srcset``, as the HTML standard reads it."""
    at = 0
    while at < len(srcset):
        while at < len(srcset) and (srcset[at].isspace() or srcset[at] == ","):
            at += 1
        begun = at
        while at < len(srcset) and not srcset[at].isspace():
            at += 1
        address = srcset[begun:at]
        if address.endswith(","):
            yield address.rstrip(",")
            continue
        if address:
            yield address
        end = srcset.find(",", at)
        at = end + 1 if end >= 0 else len(srcset)


def css_addresses(text: str) -> Iterator[tuple[int, str]]:
    """The addresses in a style sheet, and where each stands in it."""
    plain = _COMMENT.sub(lambda match: " " * len(match[0]), text)
    for match in _URL.finditer(plain):
        group = match.lastindex
        if group and match[group]:
            yield match.start(group), re.sub(r"\\(.)", r"\1", match[group])
