"""What a deploy is told, and what it tells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kommunebeta.check.options import CheckResult
from kommunebeta.deploy.parcel import Difference

Confirm = Callable[[str], bool]
"""Asks a question of the user; True for yes."""


@dataclass(frozen=True, slots=True)
class DeployOptions:
    """How to deploy.

    Attributes:
        target: name of the target in the settings; empty for the default.
        dry_run: tell the plan and send nothing.
        build: build first.
        everything: send every file, whatever the target says that it has.
        yes: ask nothing.
        verify_url: fetch what has changed from the public address afterwards.
        patience: seconds for which what differs there is fetched again; None for what its kind needs.
        jobs: the largest number of processes; 0 for one per processor.
        until: a file to write into until when the site stays as it is, when all is well.
    """

    target: str = ""
    dry_run: bool = False
    build: bool = True
    everything: bool = False
    yes: bool = False
    verify_url: bool = False
    patience: float | None = None
    jobs: int = 0
    until: Path | None = None


@dataclass(frozen=True, slots=True)
class DeployPlan:
    """What a deploy would do.

    Attributes:
        place: the target, for people.
        difference: what differs.
        bytes: how much is to be sent.
        files: the number of files that the site consists of.
        foreign: files at the target that are not ours, which are left alone.
        known: whether a manifest of ours told what lies there.
        notes: what else people should know of the target.
    """

    place: str
    difference: Difference
    bytes: int
    files: int
    foreign: tuple[str, ...]
    known: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeployResult:
    """What a deploy did.

    Attributes:
        plan: what was planned.
        sent: whether it was carried out; False for a dry run.
        release: the release's name.
        address: where readers find the site.
        wrong: files at the target that do not hold what was sent, with the reason.
        checked: what the checks found.
        seconds: how long it took.
        next_change: when the site will change by itself; None where it will not.
    """

    plan: DeployPlan
    sent: bool
    release: str
    address: str
    wrong: tuple[str, ...]
    checked: CheckResult
    seconds: float
    next_change: dt.datetime | None = None
