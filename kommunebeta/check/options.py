"""What a check is told, and what it tells."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

from kommunebeta.check.finding import Finding, Group
from kommunebeta.errors import Severity


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """How to check.

    Attributes:
        groups: what to look for; everything when empty.
        external: ask other sites whether what is linked to is there.
        build: build first, so that what is checked is the site as it is now.
        output: the output folder; by default the one that the settings name.
        base_url: takes the place of the settings' ``base_url``.
        at: the moment that the site is checked for; by default now.
        baseline: file with the findings that are known; by default ``check-baseline.yaml`` in the site.
        strict: warnings count as errors.
        jobs: the largest number of processes; 0 for one per processor.
    """

    groups: tuple[Group, ...] = ()
    external: bool = False
    build: bool = True
    output: Path | None = None
    base_url: str | None = None
    at: dt.datetime | None = None
    baseline: Path | None = None
    strict: bool = False
    jobs: int = 0

    def wants(self, group: Group) -> bool:
        """Whether findings of a group are wanted."""
        return not self.groups or group in self.groups


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found.

    Attributes:
        findings: what is new, by file and place.
        known: how many more there are that the baseline knows.
        mended: what the baseline knows but is no longer found, as lines for people.
        pages: the number of pages that were read; 0 where the site could not be built.
        files: the number of other outputs.
        examined: the number of outputs that were examined; what is kept of the others is still good.
        asked: the number of addresses elsewhere that were asked or known from before.
        strict: warnings count as errors.
        seconds: how long it took.
    """

    findings: tuple[Finding, ...]
    known: int = 0
    mended: tuple[str, ...] = field(default=())
    pages: int = 0
    files: int = 0
    examined: int = 0
    asked: int = 0
    strict: bool = False
    seconds: float = 0.0

    def count(self, severity: Severity) -> int:
        """The number of findings of a severity."""
        return sum(finding.problem.severity is severity for finding in self.findings)

    @property
    def exit_code(self) -> int:
        """0 when nothing stands in the way of publication, 1 when something does."""
        return int(bool(self.count(Severity.ERROR) or (self.strict and self.count(Severity.WARNING))))
