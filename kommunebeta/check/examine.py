"""One output → what is wrong with it, and what other checks need to know of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kommunebeta.check.checks import CHECKS
from kommunebeta.check.feeds import report_of_file
from kommunebeta.check.finding import Group
from kommunebeta.check.links import report_of
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


def is_examined(path: str) -> bool:
    """Whether checks look into an output of this path."""
    lower = path.lower()
    return lower.endswith(_READ + _PICTURES) or lower in _OTHERS


def examine(task: Task, path: str) -> Report:
    """Examine one output.

    Args:
        task: what to look for.
        path: the output.

    Raises:
        OSError: it cannot be read.
    """
    data = task.surroundings.read(path)
    if path.endswith(".html"):
        page = Page(path, data)
        try:
            return examine_page(task, page)
        finally:
            page.close()
    report = report_of_file(path, data, task.surroundings)
    faults = list(report.faults) if Group.LINKS in task.groups else []
    faults += [
        fault
        for group in task.groups
        for check in CHECKS[group].files
        for fault in check(path, data, task.surroundings)
    ]
    return replace(report, faults=tuple(faults))


def examine_page(task: Task, page: Page) -> Report:
    """Examine a page.

    Args:
        task: what to look for.
        page: the page.
    """
    report = report_of(page, task.surroundings)
    faults = list(report.faults) if Group.LINKS in task.groups else []
    if not report.leads_on:
        faults += [
            fault
            for group in task.groups
            for check in CHECKS[group].pages
            for fault in check(page, task.surroundings)
        ]
    title = "" if report.leads_on else page.title
    return replace(report, faults=tuple(faults), title=title, lang=page.lang)
