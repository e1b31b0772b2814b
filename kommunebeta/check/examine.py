"""One output → what is wrong with it, and what other checks need to know of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256

from kommunebeta.check.checks import CHECKS
from kommunebeta.check.feeds import report_of_file
from kommunebeta.check.finding import Group
from kommunebeta.check.links import report_of
from kommunebeta.check.noted import Answered, NotedSurroundings, answered
from kommunebeta.check.page import Page
from kommunebeta.check.state import Report, Surroundings
from kommunebeta.headers import HEADER_FILES

_PROGRAMS = (".xml", ".rss", ".atom", ".json", ".ics", ".csv", ".txt", ".webmanifest")
_READ = (".html", ".css", ".js", ".mjs", ".svg", *_PROGRAMS)
_PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif", ".tif", ".tiff", ".heic", ".heif")
_OTHERS = ("_redirects", *map(str.lower, HEADER_FILES))


@dataclass(frozen=True)
class Task:
    """What to examine outputs for.

    Attributes:
        surroundings: what they are checked against.
        groups: what to look for.
    """

    surroundings: Surroundings
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Examined:
    """An output that was examined.

    Attributes:
        report: what was found.
        digest: of what it held then, by ``digest_of``.
        asked: what it was checked against.
    """

    report: Report
    digest: bytes
    asked: tuple[Answered, ...]


def is_examined(path: str) -> bool:
    """Whether checks look into an output of this path."""
    lower = path.lower()
    return lower.endswith(_READ + _PICTURES) or lower in _OTHERS


def digest_of(data: bytes) -> bytes:
    """A digest of what an output holds."""
    return sha256(data).digest()


def examine(task: Task, path: str) -> Examined:
    """Examine one output.

    Args:
        task: what to look for.
        path: the output.

    Raises:
        OSError: it cannot be read.
    """
    data = task.surroundings.read(path)
    around = NotedSurroundings(task.surroundings)
    if path.endswith(".html"):
        page = Page(path, data)
        try:
            report = examine_page(task.groups, page, around)
        finally:
            page.close()
    else:
        report = _examine_file(task.groups, path, data, around)
    asked = (answered(question, task.surroundings) for question in around.asked)
    return Examined(report, digest_of(data), tuple(filter(None, asked)))


def examine_page(groups: Iterable[Group], page: Page, around: NotedSurroundings) -> Report:
    """Examine a page.

    Args:
        groups: what to look for.
        page: the page.
        around: what it is checked against.
    """
    report = report_of(page, around)
    faults = list(report.faults) if Group.LINKS in groups else []
    if not report.leads_on:
        faults += [
            fault for group in groups for check in CHECKS[group].pages for fault in check(page, around)
        ]
    title = "" if report.leads_on else page.title
    return replace(report, faults=tuple(faults), title=title, lang=page.lang)


def _examine_file(groups: Iterable[Group], path: str, data: bytes, around: NotedSurroundings) -> Report:
    report = report_of_file(path, data, around)
    faults = list(report.faults) if Group.LINKS in groups else []
    faults += [
        fault for group in groups for check in CHECKS[group].files for fault in check(path, data, around)
    ]
    return replace(report, faults=tuple(faults))
