"""Where progress and problems go, so that no stage ever prints.

A stage is handed a ``Reporter``; the command line gives it a screen, a test a list.
"""

from __future__ import annotations

from collections.abc import Iterable

from kommunebeta.errors import Problem, Severity


class Reporter:
    """Collects problems and forwards progress. The base class keeps quiet; subclasses show.

    Attributes:
        problems: every distinct problem so far, in the order of arrival.
    """

    def __init__(self) -> None:
        self.problems: dict[Problem, None] = {}

    def report(self, *problems: Problem) -> None:
        """Take one or more problems; a repeated one counts once."""
        self.problems.update(dict.fromkeys(problems))

    def report_all(self, problems: Iterable[Problem]) -> None:
        """Take a collection of problems."""
        self.report(*problems)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that stop publication."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)

    @property
    def sorted(self) -> tuple[Problem, ...]:
        """All problems by file and place."""
        return tuple(sorted(self.problems, key=lambda problem: problem.sort_key))

    def stage(self, name: str, total: int) -> None:
        """A stage of ``total`` steps begins."""

    def step(self, count: int = 1) -> None:
        """``count`` steps of the current stage are done."""
