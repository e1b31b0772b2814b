"""Addresses in what is made for programs: feeds, sitemaps, calendars, style sheets, the web manifest."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from xml.parsers import expat

from kommunebeta.check.addresses import Way
from kommunebeta.check.finding import Clue, Fault
from kommunebeta.check.links import shortened
from kommunebeta.check.noted import NotedSurroundings
from kommunebeta.check.references import css_addresses
from kommunebeta.check.state import Link, Report, Whole
from kommunebeta.errors import Severity

_ROOTS = {"feed": "feed", "rss": "feed", "RDF": "feed", "urlset": "sitemap", "sitemapindex": "sitemap"}
_TEXTS = frozenset(("loc", "link", "icon", "logo", "uri", "url", "comments", "docs"))
_ATTRIBUTES = frozenset(("link", "enclosure", "content", "thumbnail", "image", "hub"))
_JSON_KEYS = frozenset(
    ("home_page_url", "feed_url", "next_url", "icon", "favicon", "url", "image", "banner_image", "avatar")
)
_SVG_ID = re.compile(r"""\sid\s*=\s*(?:"([^"]+)"|'([^']+)')""")
_SVG_ADDRESS = re.compile(
    r"""<(image|use)\b[^>]*?\s(?:xlink:)?href\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE
)
_CALENDAR = re.compile(r"^(?:URL|ATTACH|IMAGE|SOURCE)(?:;[^:\r\n]*)?:(\S+)", re.MULTILINE | re.IGNORECASE)
_ROBOTS = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.MULTILINE | re.IGNORECASE)


class Found(NamedTuple):
    """An address in a file.

    Attributes:
        what: what it is for, in words.
        address: as it is written, character references resolved.
        line: where it stands, from 1; 0 where the format does not tell.
        page: it is a page of a sitemap.
    """

    what: str
    address: str
    line: int = 0
    page: bool = False


def report_of_file(path: str, data: bytes, surroundings: NotedSurroundings) -> Report:
    """What an output that is no page leads to, and which of it leads nowhere.

    Args:
        path: the output.
        data: what it holds.
        surroundings: what it is checked against.
    """
    read = _reader(path)
    if read is None:
        return Report(path)
    text = data.decode("utf-8", "replace")
    code = "KB102" if read in (_style_sheet, _manifest, _drawing) else "KB103"
    faults: list[Fault] = []
    anchors: list[Link] = []
    listed: list[tuple[str, str]] = []
    source = surroundings.source(path)
    try:
        for found in read(text):
            faults += _judged(code, found, path, source, surroundings)
            lead = surroundings.lead(found.address, path)
            if found.page and lead.is_there:
                listed.append((lead.target, found.address))
            if code == "KB102" and lead.is_there and lead.fragment and lead.target.endswith(".svg"):
                anchors.append(Link(lead.target, lead.fragment, Clue("", (found.address,))))
    except UnreadableError as error:
        faults.append(Fault("KB103", str(error), "", Clue("", ()), path=source, line=error.line))
    ids = tuple(one or other for one, other in _SVG_ID.findall(text)) if path.endswith(".svg") else ()
    return Report(path, tuple(faults), anchors=tuple(anchors), listed=tuple(listed), ids=ids)


class UnreadableError(Exception):
    """A feed or a sitemap that programs cannot read.

    Attributes:
        line: where they give up, from 1.
    """

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def _judged(
    code: str, found: Found, path: str, source: str, surroundings: NotedSurroundings
) -> Iterator[Fault]:
    """What is wrong with an address in a file."""
    lead = surroundings.lead(found.address, path)
    shown = f"The {found.what} {shortened(found.address)} in {surroundings.shown(path)}"
    place = (source, found.line) if source and found.line else ("", 0)
    clue = Clue("", (found.address,))
    if code == "KB102" and lead.plain_http and surroundings.base_url.startswith("https:"):
        yield Fault("KB106", f"{shown} is asked for by http:.", "", clue, path=place[0], line=place[1])
    if lead.way is Way.BROKEN:
        reason = "is not there" if lead.target else lead.reason
        yield Fault(code, f"{shown} {reason}.", lead.mend, clue, path=place[0], line=place[1])
    elif code == "KB103" and lead.way in (Way.OLD, Way.LEANING):
        reason = f"leads on to {lead.reason}" if lead.way is Way.OLD else lead.reason
        yield Fault(
            code, f"{shown} {reason}.", lead.mend, clue, Severity.WARNING, path=place[0], line=place[1]
        )


def _reader(path: str) -> Callable[[str], Iterator[Found]] | None:
    lower = path.lower()
    if lower == "robots.txt":
        return _robots
    by_ending = {
        ".css": _style_sheet,
        ".svg": _drawing,
        ".xml": _xml,
        ".rss": _xml,
        ".atom": _xml,
        ".json": _json_feed,
        ".webmanifest": _manifest,
        ".ics": _calendar,
    }
    return next((read for ending, read in by_ending.items() if lower.endswith(ending)), None)


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _style_sheet(text: str) -> Iterator[Found]:
    for at, address in css_addresses(text):
        if address[:1] != "#":
            yield Found("file", address, _line(text, at))


def _drawing(text: str) -> Iterator[Found]:
    for match in _SVG_ADDRESS.finditer(text):
        address = match[2] or match[3] or ""
        yield Found(
            "picture" if match[1].lower() == "image" else "drawing", address, _line(text, match.start())
        )


def _robots(text: str) -> Iterator[Found]:
    for match in _ROBOTS.finditer(text):
        yield Found("sitemap", match[1], _line(text, match.start()))


def _calendar(text: str) -> Iterator[Found]:
    """Addresses in an iCalendar file (RFC 5545), whose long lines are folded."""
    for match in _CALENDAR.finditer(re.sub(r"\r?\n[ \t]", "", text)):
        if ":" in match[1]:
            yield Found("address", match[1])


def _manifest(text: str) -> Iterator[Found]:
    """Addresses in a web app manifest (W3C)."""
    try:
        manifest = json.loads(text)
    except ValueError as error:
        raise UnreadableError("The web manifest is no JSON.", getattr(error, "lineno", 0)) from error
    if not isinstance(manifest, dict):
        return
    if isinstance(manifest.get("start_url"), str):
        yield Found("start page", manifest["start_url"])
    for key, what in (("icons", "icon"), ("screenshots", "picture"), ("shortcuts", "page")):
        for entry in manifest.get(key) or ():
            address = entry.get("src") or entry.get("url") if isinstance(entry, dict) else None
            if isinstance(address, str):
                yield Found(what, address)


def _json_feed(text: str) -> Iterator[Found]:
    """Addresses in a JSON Feed (jsonfeed.org), except in the texts of its items."""
    if "jsonfeed.org/version/" not in text[:4000]:
        return
    try:
        feed = json.loads(text)
    except ValueError as error:
        raise UnreadableError("The feed is no JSON.", getattr(error, "lineno", 0)) from error
    yield from _values(feed)


def _values(value: Any) -> Iterator[Found]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in _JSON_KEYS and isinstance(inner, str) and inner:
                yield Found("address", inner)
            elif not key.startswith("_"):
                yield from _values(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _values(inner)


def _xml(text: str) -> Iterator[Found]:
    """Addresses in a feed (Atom, RSS) or a sitemap, except in the texts of its entries."""
    return iter(_XmlAddresses().read(text))


class _XmlAddresses:
    """Takes down addresses while a feed or a sitemap is read."""

    def __init__(self) -> None:
        self.kind = ""
        self.found: list[Found] = []
        self.depth = 0
        self._words: list[str] | None = None
        self._line = 0
        self._permanent = False
        self._parser = expat.ParserCreate("utf-8", " ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def read(self, text: str) -> list[Found]:
        """The addresses; none in a file of another kind."""
        try:
            self._parser.Parse(text.encode("utf-8"), True)
        except _OtherKindError:
            return []
        except expat.ExpatError as error:
            if not self.kind:
                return []
            message = f"The {self.kind} is no well-formed XML: {expat.ErrorString(error.code)}."
            raise UnreadableError(message, error.lineno) from error
        return self.found

    def _start(self, name: str, given: dict[str, str]) -> None:
        self.depth += 1
        local = name.rpartition(" ")[2]
        if self.depth == 1:
            self.kind = _ROOTS.get(local, "")
            if not self.kind:
                raise _OtherKindError
            return
        self._permanent = local == "guid" and given.get("isPermaLink", "true") != "false"
        self._words = [] if local in _TEXTS or self._permanent else None
        self._line = self._parser.CurrentLineNumber
        address = given.get("href") or given.get("url") or ""
        if address and local in _ATTRIBUTES:
            self.found.append(Found("address", address, self._line))

    def _text(self, words: str) -> None:
        if self._words is not None:
            self._words.append(words)

    def _end(self, name: str) -> None:
        self.depth -= 1
        if self._words is not None:
            address = "".join(self._words).strip()
            if address and (not self._permanent or address.startswith(("http:", "https:"))):
                page = self.kind == "sitemap" and name.rpartition(" ")[2] == "loc" and self.depth == 2
                self.found.append(Found("address", address, self._line, page))
        self._words = None


class _OtherKindError(Exception):
    """The file is neither a feed nor a sitemap."""


def hidden_pages_in_sitemaps(whole: Whole) -> Iterator[Fault]:
    """Pages that a sitemap lists although they lead on, or ask search engines to leave them out."""
    for report in whole.reports.values():
        for target, address in report.listed:
            page = whole.reports.get(target)
            if page is None or not (page.leads_on or page.noindex):
                continue
            reason = (
                f"leads on to {shortened(page.leads_on)}"
                if page.leads_on
                else "asks search engines to leave it out"
            )
            shown = whole.surroundings.addresses.shown(report.path)
            message = f"The page {shortened(address)}, which {shown} lists, {reason}."
            mend = "Take it out of the sitemap, or mend the page."
            yield Fault("KB103", message, mend, Clue("", (address,)), Severity.WARNING, page=report.path)


def one_sided_alternates(whole: Whole) -> Iterator[Fault]:
    """Pages that name another as the same in another language, which does not name them."""
    for report in whole.reports.values():
        for lang, target, address in report.alternates:
            other = whole.reports.get(target)
            if other is None or target == report.path or lang.lower() == "x-default":
                continue
            if not any(back == report.path for _, back, _ in other.alternates):
                shown = whole.surroundings.addresses.shown
                message = (
                    f"{shown(report.path)} names {shown(target)} as itself in the language «{lang}», but "
                    "is not named there in turn, so search engines believe neither."
                )
                mend = "Name each page in the other, with `hreflang`."
                clue = Clue("link", (address,), body=False)
                yield Fault("KB103", message, mend, clue, Severity.WARNING, page=report.path)
