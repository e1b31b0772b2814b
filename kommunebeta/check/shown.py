"""What is wrong with one page of a preview: the same checks, for the page that a writer looks at."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from kommunebeta.check.checks import CHECKS
from kommunebeta.check.examine import Task, examine, examine_page
from kommunebeta.check.finding import Fault, Finding, Group
from kommunebeta.check.findings import of_faults
from kommunebeta.check.links import broken_anchors
from kommunebeta.check.noted import NotedSurroundings
from kommunebeta.check.page import Page
from kommunebeta.check.state import Report, Surroundings, Whole
from kommunebeta.check.surroundings import outputs_in, surroundings_of
from kommunebeta.errors import Problem, Severity
from kommunebeta.works import Works

_ORDER = list(Severity)
_GROUPS = (Group.LINKS, Group.PAGES, Group.PRIVACY)


class ShownChecks:
    """The checks of a preview's pages, one at a time. Not for several threads at once."""

    def __init__(self, folder: Path, output: Path) -> None:
        """Begin; nothing is read before the first page.

        Args:
            folder: the site folder.
            output: the preview's output folder.
        """
        self._folder = folder
        self._output = output
        self._outputs: frozenset[str] | None = None
        self._surroundings: Surroundings | None = None

    def changed(self, written: frozenset[str], removed: frozenset[str]) -> None:
        """Take in that outputs were written and removed."""
        self._surroundings = None
        if self._outputs is not None and (removed or not written <= self._outputs):
            self._outputs = (self._outputs | written) - removed

    def findings(self, works: Works, path: str, told: Iterable[Problem]) -> tuple[Finding, ...]:
        """What is wrong with a page.

        Args:
            works: the site as it is.
            path: the page's output.
            told: what the build has told already.

        Returns:
            The findings of the page and of its source, the worst first.

        Raises:
            OSError: the page or a page that it links to cannot be read.
        """
        surroundings = self._around(works)
        report = examine_page(_GROUPS, Page(path, surroundings.read(path)), NotedSurroundings(surroundings))
        targets = {link.target for link in report.anchors if link.target.endswith(".html")} - {path}
        targets &= surroundings.outputs
        reports = {target: examine(Task(surroundings, ()), target).report for target in targets}
        whole = Whole(self._folder, surroundings, works.site, works.document, {**reports, path: report})
        faults = [*((path, fault) for fault in report.faults), *_beyond(whole, path)]
        found = of_faults(faults, whole, told)
        source = surroundings.sources.get(path)
        own = [finding for finding in found if finding.page == path or finding.problem.path == source]
        return tuple(
            sorted(own, key=lambda finding: (_ORDER.index(finding.problem.severity), finding.sort_key))
        )

    def _around(self, works: Works) -> Surroundings:
        if self._outputs is None:
            self._outputs = frozenset(outputs_in(self._output))
        if self._surroundings is None:
            self._surroundings = surroundings_of(self._folder, self._output, self._outputs, works)
        return self._surroundings


def _beyond(whole: Whole, path: str) -> Iterable[tuple[str, Fault]]:
    """What is wrong with a page's links to places in others, and with the dialogue.

    The other checks of a whole site need all of its pages, and stay with the command.
    """
    report: Report = whole.reports[path]
    if report.anchors:
        yield from ((path, fault) for fault in broken_anchors(whole) if fault.page == path)
    for look in CHECKS[Group.DIALOGUE].site:
        yield from ((fault.page, fault) for fault in look(whole))
