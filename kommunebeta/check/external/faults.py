"""What is wrong with links to other sites, by their addresses and by what their servers said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from kommunebeta.check.addresses import Way
from kommunebeta.check.external.address import Reach, WebAddress, reach, web_address
from kommunebeta.check.external.answer import Answer, Verdict
from kommunebeta.check.finding import Fault, Rule
from kommunebeta.check.links import shortened
from kommunebeta.check.noted import NotedSurroundings
from kommunebeta.check.page import Page
from kommunebeta.check.state import Link, Report
from kommunebeta.errors import Severity

RULES: Mapping[str, Rule] = {
    "KB110": Rule(
        "Link to a page that is gone",
        Severity.WARNING,
        "Readers who follow it meet another site's error page. It is a warning, since it is another's doing "
        "and should not keep an urgent post from being published.",
        "Find out where it is now, or take the link away.",
    ),
    "KB111": Rule(
        "Link to a page that has moved for good",
        Severity.NOTE,
        "The link works only as long as the other site keeps leading readers on.",
        "Link to the new address.",
    ),
    "KB112": Rule(
        "Link that could not be verified",
        Severity.NOTE,
        "The other site did not say whether the page is there: it was busy or out of order, wants people to "
        "log in, or turns programs away. Nobody is to blame yet.",
        "Try it in a browser. If it works, name it below `check: skip_external`.",
    ),
    "KB113": Rule(
        "Link to a site with a wrong certificate",
        Severity.WARNING,
        "Browsers stop readers with a warning that somebody may be reading along, and most people turn back.",
        "Tell those who run that site, or link to another one.",
    ),
    "KB114": Rule(
        "Link that never arrives",
        Severity.WARNING,
        "The other site sends readers round and round until their browser gives up.",
        "Find the address at which it ends, or take the link away.",
    ),
    "KB115": Rule(
        "Link that works inside a network only",
        Severity.ERROR,
        "It works at the desk of whoever wrote it, and for nobody who reads it at home.",
        "Link to a page that everybody can open, or put the document into the site.",
    ),
}

_CODES = {
    Verdict.MOVED: "KB111",
    Verdict.GONE: "KB110",
    Verdict.UNSURE: "KB112",
    Verdict.CERTIFICATE: "KB113",
    Verdict.CIRCLE: "KB114",
    Verdict.INSIDE: "KB115",
}
_SAID = {
    Verdict.GONE: "The link to {} leads nowhere",
    Verdict.UNSURE: "The link to {} could not be verified",
    Verdict.CERTIFICATE: "Browsers warn of the link to {}",
    Verdict.CIRCLE: "The link to {} never arrives",
    Verdict.INSIDE: "The link to {} works inside a network only",
}
_LONGEST = 300

ASKED = frozenset(RULES) - {"KB115"}
"""Codes of what nobody can find without asking other sites."""


def links_inside(page: Page, surroundings: NotedSurroundings) -> Iterator[Fault]:
    """Links of a page to hosts that only some networks know. Nothing is asked for it.

    Args:
        page: the page.
        surroundings: what it is checked against.
    """
    for element in (*page.by_tag.get("a", ()), *page.by_tag.get("area", ())):
        written = element.attributes.get("href") or ""
        if not written or (written[0] in "#/" and not written.startswith("//")):
            continue
        found = surroundings.lead(written, page.path)
        if found.way is not Way.ELSEWHERE:
            continue
        reached = _reached(found.target)
        if reached is Reach.INSIDE:
            message = f"The link to {shortened(found.target)} works inside a network only."
            yield Fault("KB115", message, "", page.clue(element))
        elif reached is Reach.INTRANET:
            message = f"The link to {shortened(found.target)} leads to an intranet."
            yield Fault("KB115", message, "", page.clue(element), Severity.WARNING)


@lru_cache(20_000)  # the same links stand on every page
def _reached(target: str) -> Reach:
    address = web_address(target)
    return reach(address.host) if address else Reach.PUBLIC


def faults_elsewhere(
    reports: Iterable[Report], addresses: Mapping[str, WebAddress], answers: Mapping[str, Answer]
) -> Iterator[tuple[str, Fault]]:
    """What answers mean for the pages that link there.

    Args:
        reports: what was found in each output.
        addresses: those that were asked, by how pages write them.
        answers: what came of it, by ``url``.

    Yields:
        The output with the link, and what is wrong with it.
    """
    for report in reports:
        for link in report.external:
            address = addresses.get(link.target)
            answer = answers.get(address.url) if address else None
            if address and answer and answer.verdict is not Verdict.THERE:
                yield report.path, _fault(link, address, answer)


def _fault(link: Link, address: WebAddress, answer: Answer) -> Fault:
    code = _CODES[answer.verdict]
    shown = shortened(link.target)
    if answer.verdict is Verdict.MOVED:
        message = f"The page behind the link to {shown} has moved for good."
        return Fault(code, message, _new(link, address, answer.new), link.clue)
    message = f"{_SAID[answer.verdict].format(shown)}: {answer.detail}."
    return Fault(code, message, "", link.clue)


def _new(link: Link, address: WebAddress, new: str) -> str:
    """What to do about a link to a page that has moved."""
    if address.target != "/" and urlsplit(new).path in ("", "/"):
        front = urlsplit(new).netloc
        return f"It leads to the front page of {front} now: find the page there, or take the link away."
    full = f"{new}#{link.fragment}" if link.fragment else new
    return f"Link to {full}." if len(full) <= _LONGEST else ""
