"""Whether anything has changed since the last build, told from stamps and from the clock alone."""

from __future__ import annotations

import datetime as dt
import os
import stat
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kommunebeta.engine import builtin_themes
from kommunebeta.errors import Problem, Severity
from kommunebeta.inputs import Changed, Input, Inputs, Stamp
from kommunebeta.memory import Memory
from kommunebeta.options import BuildOptions, BuildResult, Changes


@dataclass
class Seen:
    """A site as it was found, beside what is remembered of it.

    Attributes:
        memory: what the last build remembered.
        inputs: the files as they are now.
        before: the files as the last build read them.
        changed: the files that hold something else than then.
        touched: the files of which only the stamp is another.
    """

    memory: Memory
    inputs: Inputs
    before: Mapping[str, Input]
    changed: Changed
    touched: Mapping[str, Input]


def see(folder: Path, memory: Memory) -> Seen:
    """Look at a site's files.

    Args:
        folder: the site folder.
        memory: what the last build remembered.
    """
    inputs = Inputs(folder, theme_folders(), time.time_ns())
    before = memory.inputs() if memory else {}
    return Seen(memory, inputs, before, *inputs.compare(before))


def is_up_to_date(seen: Seen, output: Path, options: BuildOptions) -> bool:
    """Whether a build would change nothing.

    Args:
        seen: the site as it was found.
        output: the output folder.
        options: how to build.
    """
    memory = seen.memory
    if seen.changed or not is_of_kind(memory, options) or damaged_outputs(output, memory.stamps()):
        return False
    if seen.touched:
        remember_stamps(memory, seen.touched)
    return True


def is_of_kind(memory: Memory, options: BuildOptions) -> bool:
    """Whether a build of these options, at this moment, would ask the same as the one that is remembered."""
    return bool(memory.fact("options") == options_key(options)) and is_current(memory, options)


def problems_of(memory: Memory) -> tuple[Problem, ...]:
    """The problems that the last build found."""
    return tuple(
        Problem(code, path, line, column, message, mend, Severity(severity))
        for code, path, line, column, message, mend, severity in memory.fact("problems")
    )


def unchanged(memory: Memory, seconds: float) -> BuildResult:
    """The outcome of a build that has changed nothing.

    Args:
        memory: what the last build remembered.
        seconds: how long it took to see that.
    """
    summary, following = memory.fact("summary"), memory.fact("next_change")
    return BuildResult(
        output=Path(memory.fact("output")),
        posts=summary["posts"],
        pages=summary["pages"],
        files=summary["files"],
        rendered=0,
        changes=Changes(unchanged=summary["files"]),
        problems=problems_of(memory),
        next_change=dt.datetime.fromisoformat(following) if following else None,
        seconds=seconds,
    )


def remember_stamps(memory: Memory, touched: Mapping[str, Input]) -> None:
    """Keep the new stamps of files that hold what they held."""
    memory.begin()
    memory.set_inputs(touched)
    memory.end()


def options_key(options: BuildOptions) -> list[object]:
    """What of the options decides the outcome, apart from the moment."""
    return [str(options.output or ""), options.base_url, options.drafts, options.future]


def theme_folders() -> dict[str, Path]:
    """The built-in themes by name."""
    return {file.parent.name: file.parent for file in builtin_themes().glob("*/theme.yaml")}


def is_current(memory: Memory, options: BuildOptions) -> bool:
    """Whether the clock would give the answers that it gave to the build that is remembered."""
    now = options.at or dt.datetime.now(dt.UTC)
    if now.tzinfo is None or memory.fact("asks_now"):
        return False
    following = memory.fact("next_change")
    made = dt.datetime.fromisoformat(memory.fact("made_at"))
    return made <= now and (not following or now < dt.datetime.fromisoformat(following))


def damaged_outputs(output: Path, stamps: Mapping[str, Stamp]) -> set[str]:
    """The outputs that are gone or not as they were left."""
    found = set()
    base = str(output)
    for path, stamp in stamps.items():
        try:
            status = os.lstat(f"{base}/{path}")
        except OSError:
            found.add(path)
            continue
        if (status.st_size, status.st_mtime_ns) != stamp or not stat.S_ISREG(status.st_mode):
            found.add(path)
    return found
