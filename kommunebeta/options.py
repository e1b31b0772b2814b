"""What a build is told, and what it tells."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from kommunebeta.errors import Problem


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """How to build.

    Attributes:
        output: the output folder; by default the one that the settings name.
        base_url: takes the place of the settings' ``base_url``.
        drafts: build drafts too.
        future: build texts whose moment is still to come.
        at: the moment that the site is built for; by default now. Without a zone, the site's.
        strict: warnings stop publication too.
        jobs: the largest number of processes; 0 for one per processor.
        clean: forget what earlier builds left behind first.
    """

    output: Path | None = None
    base_url: str | None = None
    drafts: bool = False
    future: bool = False
    at: dt.datetime | None = None
    strict: bool = False
    jobs: int = 0
    clean: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """What a build changed in the output folder, by path."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What a build did.

    Attributes:
        output: the output folder.
        posts: number of posts.
        pages: number of other content pages.
        files: number of files in the output.
        rendered: number of outputs that were made anew.
        changes: what changed in the output folder.
        problems: warnings and notes, by file and place.
        next_change: when the output will change by itself, because a text is published or a call for input
            closes; None when it never will.
        seconds: how long it took.
    """

    output: Path
    posts: int
    pages: int
    files: int
    rendered: int
    changes: Changes
    problems: tuple[Problem, ...]
    next_change: dt.datetime | None
    seconds: float


NEW_KINDS = ("post", "page", "person", "consultation", "survey", "answer", "form", "experiment")
"""What ``kommunebeta new`` can start."""
