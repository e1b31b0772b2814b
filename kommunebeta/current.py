"""Whether anything has changed since the last build, told from stamps and from the clock alone."""

from __future__ import annotations

import datetime as dt
import os
import stat
import time
from collections.abc import Mapping
from pathlib import Path

from kommunebeta.engine import builtin_themes
from kommunebeta.inputs import Input, Inputs, Stamp
from kommunebeta.memory import Memory
from kommunebeta.options import BuildOptions


def is_up_to_date(folder: Path, output: Path, memory: Memory, options: BuildOptions) -> bool:
    """Whether a build would change nothing.

    Args:
        folder: the site folder.
        output: the output folder.
        memory: what the last build remembered.
        options: how to build.
    """
    if memory.fact("options") != options_key(options) or not is_current(memory, options):
        return False
    inputs = Inputs(folder, theme_folders(), time.time_ns())
    changed, touched = inputs.compare(memory.inputs())
    if changed or not is_intact(output, memory):
        return False
    if touched:
        remember_stamps(memory, touched)
    return True


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


def is_intact(output: Path, memory: Memory) -> bool:
    """Whether the output folder holds what the last build left there."""
    return not damaged_outputs(output, memory.stamps())


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
