"""Markup that browsers have to guess about, and markup that the HTML standard has put aside."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from kommunebeta.check.finding import Clue, Fault, Rule
from kommunebeta.check.htmlnames import (
    ELEMENTS,
    OBSOLETE_ATTRIBUTES,
    OBSOLETE_ELEMENTS,
)
from kommunebeta.check.noted import NotedSurroundings
from kommunebeta.check.page import Page
from kommunebeta.check.tags import Slip, slips
from kommunebeta.errors import Severity
from kommunebeta.validation import nearest

RULES: Mapping[str, Rule] = {
    "KB138": Rule(
        "Markup that browsers have to guess about",
        Severity.WARNING,
        "Browsers mend it each in their own way, so that something ends up in the wrong place, is not shown, "
        "or is lost to screen readers.",
        "Close what is opened, in the opposite order, and keep every attribute once.",
        ("HTML Living Standard, 13.1", "WCAG 2.2, 1.3.1"),
    ),
    "KB139": Rule(
        "Obsolete markup",
        Severity.WARNING,
        "It mixes looks into the text: it does not follow the theme, dark mode or large letters, and "
        "browsers may stop caring about it.",
        "Take it away, and leave the looks to the theme's style sheets.",
        ("HTML Living Standard, 16.2",),
    ),
}

_PREAMBLE = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s+|<!--.*?-->)*", re.DOTALL)
_DOCTYPE = re.compile(rb"<!doctype\s+html\s*(?:system\s+[\"']about:legacy-compat[\"']\s*)?>", re.IGNORECASE)
_CHARSET = re.compile(
    rb"<meta\s[^>]*?\bcharset\s*=\s*[\"']?\s*([\w-]+)[^>]*>",
    re.IGNORECASE,
)
_TAG_NAME = re.compile(rb"<([a-z][\w-]*)", re.IGNORECASE)
_FIRST_BYTES = 1024
_MOST_TOLD = 20
_MOST_ALIKE = 20
_WORD_ENDS = re.compile(r"[^\w>]*$")


def markup(page: Page, surroundings: NotedSurroundings) -> Iterator[Fault]:
    """Markup that browsers have to guess about, and obsolete markup."""
    if not page.is_document:
        return
    source = surroundings.source(page.path)
    yield from _beginning(page)
    told: set[str] = set()
    for slip in slips(page.html):
        if slip.message not in told and len(told) < _MOST_TOLD:
            told.add(slip.message)
            yield _fault_of(slip, page, source)
    yield from _unknown(page)
    yield from _obsolete(page)


def _beginning(page: Page) -> Iterator[Fault]:
    """What a browser must know before it reads on: that it is HTML, and in which letters."""
    html = page.html
    start = _PREAMBLE.match(html)
    if not _DOCTYPE.match(html, start.end() if start else 0):
        message = "The page does not begin with <!doctype html>, so browsers lay it out as in the 1990s."
        yield Fault("KB138", message, "Write <!doctype html> in its first line.", Clue("html", ("<html",)))
    charset = _CHARSET.search(html)
    if charset is None and not html.startswith(b"\xef\xbb\xbf"):
        message = "The page does not say in which letters it is written, so æ, ø and å may come out wrong."
        mend = 'Write <meta charset="utf-8"> first in <head>.'
        yield Fault("KB138", message, mend, Clue("head", ("<head",), body=False))
    elif charset and charset[1].lower() not in (b"utf-8", b"utf8"):
        named = charset[1].decode("ascii", "replace")
        message = f"The page says that it is written in {named}; it is in UTF-8."
        clue = Clue("meta", (charset[0].decode("ascii", "replace").rstrip("> /"),), body=False)
        yield Fault("KB138", message, 'Write <meta charset="utf-8">.', clue)
    elif charset and charset.end() > _FIRST_BYTES:
        message = (
            f"What says in which letters the page is written comes after its first {_FIRST_BYTES} bytes."
        )
        mend = 'Write <meta charset="utf-8"> first in <head>.'
        yield Fault("KB138", message, mend, Clue("meta", ("<meta charset",), body=False))


def _fault_of(slip: Slip, page: Page, source: str) -> Fault:
    """A slip as a fault, at its line where the page is a file of the site."""
    html = page.html
    if source.startswith("static/"):
        before = html[: slip.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        return Fault("KB138", slip.message, slip.mend, path=source, line=line, column=column)
    begin = max(html.find(b"<main"), 0)
    body = begin <= slip.start < max(html.find(b"</main"), 0)
    whole = _shown(html[slip.start : (html.find(b"\n", slip.start) + 1 or len(html)) - 1])
    tag = _shown(html[slip.start : slip.end]).rstrip("> /")
    texts = tuple(dict.fromkeys(filter(None, (whole, tag, *_alike(html, slip)))))
    nth = 1 + html[begin : slip.start].count(texts[0].encode()) if texts else 1
    return Fault("KB138", slip.message, slip.mend, Clue("", texts, nth, body))


def _alike(html: bytes, slip: Slip) -> Iterator[str]:
    """Later tags of the same name.

    Where one of several elements inside each other is not closed, the outermost is left open, which may be
    the theme's. That of the text is the first one that stands in its source.
    """
    name = _TAG_NAME.match(html, slip.start)
    if not name:
        return
    later = re.compile(rb"<%s\s[^>]*" % re.escape(name[1]), re.IGNORECASE).finditer(html, slip.end)
    yield from (_shown(tag[0]) for tag, _ in zip(later, range(_MOST_ALIKE), strict=False))


def _shown(data: bytes) -> str:
    return _WORD_ENDS.sub("", data[:200].decode("utf-8", "replace").strip())


def _unknown(page: Page) -> Iterator[Fault]:
    """Elements that are neither HTML's nor custom elements."""
    for tag in page.by_tag:
        if tag in ELEMENTS or tag in ("blink", "marquee") or "-" in tag or ":" in tag:
            continue
        element = page.by_tag[tag][0]
        if tag in OBSOLETE_ELEMENTS or element.inside("svg", "math"):
            continue
        near = nearest(tag, tuple(sorted(ELEMENTS)))
        mend = f"Did you mean <{near}>?" if near else "Use an element of HTML."
        yield Fault("KB138", f"There is no element <{tag}>.", mend, Clue(tag, (f"<{tag}",)))


def _obsolete(page: Page) -> Iterator[Fault]:
    """Elements and attributes that the standard has put aside."""
    for tag in page.by_tag.keys() & OBSOLETE_ELEMENTS.keys():
        element = page.by_tag[tag][0]
        if element.inside("svg", "math"):
            continue
        mend = OBSOLETE_ELEMENTS[tag]
        clue = Clue(tag, (f"<{tag}",), body=element.inside("main") is not None)
        yield Fault("KB139", f"The element <{tag}> is obsolete.", mend, clue)
    for name in page.by_attribute.keys() & OBSOLETE_ATTRIBUTES.keys():
        yield from _obsolete_attribute(page, name)


def _obsolete_attribute(page: Page, name: str) -> Iterable[Fault]:
    """The first use of an obsolete attribute by each kind of element."""
    told: set[str] = set()
    for element in page.by_attribute[name]:
        if element.tag in OBSOLETE_ATTRIBUTES[name] and element.tag not in told:
            told.add(element.tag)
            message = f"The attribute «{name}» of <{element.tag}> is obsolete."
            written = f'{name}="{element.attributes[name]}"' if element.attributes[name] else name
            clue = Clue(element.tag, (written, name), body=element.inside("main") is not None)
            yield Fault("KB139", message, clue=clue)
