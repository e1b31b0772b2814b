"""Personal data in what is published: identity numbers, and addresses and numbers that nobody meant.

No message holds what was found; the place in the source is enough to find it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import chain, islice

from kommunebeta.check.accessibility.tree import is_of_citizens
from kommunebeta.check.finding import Clue, Fault, Rule
from kommunebeta.check.noted import NotedSurroundings
from kommunebeta.check.page import Element, Page
from kommunebeta.check.privacy.svg import words_of_drawing
from kommunebeta.dialogue.personal import Finding, PersonalData, is_identity_number, personal_data
from kommunebeta.errors import Severity

_MEANT = (
    "Take it out, or list it in the settings under `check: public` if it may stand there. A link in words, "
    "such as `[skriv til oss](mailto:…)`, is always taken as meant."
)

RULES: Mapping[str, Rule] = {
    "KB156": Rule(
        "National identity number",
        Severity.ERROR,
        "Anybody can read it, copy it and use it against the person, and search engines keep it when it is "
        "long gone from here. It may be used only where there is a need to identify somebody for certain.",
        "Take it out at once, also from older versions of the file, and tell your data protection officer: "
        "it may be a breach that must be reported within 72 hours.",
        ("Personopplysningsloven § 12", "GDPR, articles 5, 33 and 87"),
        build="KB081",
    ),
    "KB157": Rule(
        "Telephone number in a text",
        Severity.WARNING,
        "A number that belongs to a person is read by anybody, and stays in search engines.",
        _MEANT,
        ("GDPR, articles 5 and 6",),
        build="KB081",
    ),
    "KB158": Rule(
        "E-mail address in a text",
        Severity.WARNING,
        "An address that belongs to a person is read by anybody, collected by senders of spam, and stays in "
        "search engines.",
        _MEANT,
        ("GDPR, articles 5 and 6",),
        build="KB081",
    ),
}

_CODES = {
    PersonalData.IDENTITY: "KB156",
    PersonalData.PHONE: "KB157",
    PersonalData.EMAIL: "KB158",
}
_DIGITS = bytes(0x30 if 0x30 <= byte <= 0x39 else byte for byte in range(256))
_RUN = re.compile(rb"(?<![\w/=.,+-])\d{6}[ -]?\d{5}(?![\w/=]|[.,-]\d)")
_SPACED = re.compile(r"\d(?:[ .\u00a0\u2009\u202f–-]{0,3}\d){7}")
_AT = re.compile(r"[@(\[{](?:(?<=@)|[ \u00a0]?(?:at|alfa|krøll))", re.IGNORECASE)
_BEFORE, _AFTER = 80, 60
_ENOUGH = 50
"""Findings in one file; who has mended these will find the others."""

_NO_TEXT = frozenset(("script", "style", "code", "pre", "template"))
_TEST_MONTHS = range(66, 93)
_LISTS = (".json", ".csv")
"""Files in which a comma stands between values, never in a number."""

_FILES = (".json", ".csv", ".ics", ".xml", ".txt", ".svg", ".webmanifest")


def personal_data_in_pages(page: Page, surroundings: NotedSurroundings) -> Iterator[Fault]:
    """Identity numbers anywhere in a page, and telephone numbers and e-mail addresses in its texts."""
    main = page.first("main")
    body = main or page.first("body")
    told = set()
    if body is not None:
        text = body.node.text(deep=True, separator="\n") or ""
        for found in _found(text, surroundings):
            holder = _holder(body, found)
            if holder is not None and not _is_meant(holder, found, page, surroundings):
                told.add(_plain(found.text))
                yield _fault(found, Clue("", (found.text,), 1, True))
    for number in _numbers_in(page.html):
        if _plain(number.text) not in told:
            told.add(_plain(number.text))
            yield _fault(number, Clue("", (number.text,), 1, True))


def personal_data_in_files(path: str, data: bytes, surroundings: NotedSurroundings) -> Iterator[Fault]:
    """Identity numbers in data, feeds, calendars and drawings; in files that were copied, addresses too."""
    if not path.endswith(_FILES):
        return
    source = surroundings.source(path)
    if path.endswith(".svg"):
        found = _found(words_of_drawing(data), surroundings) if source else iter(())
    else:
        found = _numbers_in(data.replace(b",", b" ") if path.endswith(_LISTS) else data)
        if source:
            found = chain(found, _found(data.decode("utf-8", "replace"), surroundings, (_AT,)))
    for item in islice(found, _ENOUGH):
        if source:
            line, column = _place(data.decode("utf-8", "replace"), item.text)
            yield _fault(item, None, source, line, column)
        else:
            yield _fault(item, Clue("", (item.text,), 1, True))


def _numbers_in(data: bytes) -> Iterator[Finding]:
    """Identity numbers in a file, wherever they stand.

    A look for six digits in a row costs next to nothing, and nearly every file ends with it.
    """
    digits = data.translate(_DIGITS)
    at = digits.find(b"000000")
    while at >= 0:
        run = _RUN.match(data, at)
        if run and is_identity_number(re.sub(rb"\D", b"", run[0]).decode()):
            around = data[max(at - _BEFORE, 0) : run.end() + 1].decode("utf-8", "replace")
            yield from (found for found in personal_data(around) if found.kind is PersonalData.IDENTITY)
        at = digits.find(b"000000", run.end() if run else at + 1)


def _found(
    text: str, surroundings: NotedSurroundings, signs: tuple[re.Pattern[str], ...] = (_SPACED, _AT)
) -> Iterator[Finding]:
    """The personal data in a text that are not known to be public.

    The whole text is looked through for signs of them first, since the search itself takes its time.
    """
    numbers, addresses = _public(surroundings.public)
    end = 0
    for sign in sorted(match.start() for pattern in signs for match in pattern.finditer(text)):
        if sign < end:
            continue
        start = max(sign - _BEFORE, end)
        part = text[start : sign + _AFTER]
        for found in personal_data(part):
            if found.start + len(found.text) > sign - start:
                end = max(end, start + found.start + len(found.text))
                known = numbers if found.kind is PersonalData.PHONE else addresses
                if _plain(found.text) not in known:
                    yield found


@lru_cache(maxsize=4)
def _public(words: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Telephone numbers and e-mail addresses that may stand anywhere."""
    addresses = frozenset(word for word in words if "@" in word)
    return frozenset(_plain(word) for word in words - addresses), addresses


def _plain(text: str) -> str:
    """A number without its country and signs, or an address, as they are compared."""
    if "@" in text:
        return text.lower()
    digits = re.sub(r"\D", "", text)
    return digits[-8:] if len(digits) in (10, 12) else digits


def _holder(body: Element, found: Finding) -> Element | None:
    """The innermost element whose own words hold something; None where only a script or code does."""
    for element in body.descendants:
        if _is_in(found.text, element) and element.tag not in _NO_TEXT:
            return None if element.inside(*_NO_TEXT) else element
    return body if _is_in(found.text, body) else None


def _is_in(text: str, element: Element) -> bool:
    return " ".join(text.split()) in element.own_text


def _is_meant(holder: Element, found: Finding, page: Page, surroundings: NotedSurroundings) -> bool:
    """Whether a number or address is a link that somebody wrote, or a citizen, of whom the build tells.

    Of an address in a text in Markdown, a link is made by itself, so that such a link says nothing.
    """
    if found.kind is PersonalData.IDENTITY:
        return False
    if is_of_citizens(holder):
        return True
    link = holder if holder.tag == "a" else holder.inside("a")
    scheme = ((link and link.get("href")) or "").partition(":")[0].lower()
    made = surroundings.source(page.path).startswith("content/") and found.kind is PersonalData.EMAIL
    return scheme in ("mailto", "tel", "sms") and not (made and link is not None and link.text == found.text)


def _fault(found: Finding, clue: Clue | None, path: str = "", line: int = 0, column: int = 0) -> Fault:
    severity = None
    what = f"A {found.kind}"
    if found.kind is PersonalData.IDENTITY and int(re.sub(r"\D", "", found.text)[2:4]) in _TEST_MONTHS:
        severity = Severity.WARNING
        what = "The national identity number of a test person"
    elif found.kind is PersonalData.EMAIL:
        what = f"An {found.kind}"
    message = f"{what}, «{_masked(found.text)}», stands where everybody can read it."
    return Fault(_CODES[found.kind], message, "", clue, severity, "", path, line, column)


def _masked(text: str) -> str:
    """Enough to recognise something by, not enough to know it."""
    if "@" in text:
        name, _, domain = text.partition("@")
        return f"{name[0]}…@…{domain[domain.rfind('.') :]}"
    digits = re.findall(r"\d", text)
    return "".join(digits[:2]) + "•" * (len(digits) - 2) if digits else f"{text[0]}…"


def _place(text: str, found: str) -> tuple[int, int]:
    """Line and column of what was found."""
    at = text.find(found)
    return (text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)) if at >= 0 else (0, 0)
