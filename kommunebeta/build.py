"""One build, top to bottom: nothing at all where nothing has changed, else what the change calls for.

This module loads little by itself, so that a build with nothing to do is over at once.
"""

from __future__ import annotations

import datetime as dt
import time
from contextlib import closing
from pathlib import Path

from kommunebeta.current import is_up_to_date
from kommunebeta.engine import fingerprint
from kommunebeta.errors import Problem, Severity
from kommunebeta.memory import Memory
from kommunebeta.options import BuildOptions, BuildResult, Changes
from kommunebeta.reporter import Reporter

__all__ = ["BuildOptions", "BuildResult", "build"]


def build(folder: Path, options: BuildOptions, reporter: Reporter) -> BuildResult:
    """Build a site.

    Args:
        folder: the site folder.
        options: how to build.
        reporter: told about progress and problems.

    Raises:
        ContentError: problems stand in the way; the output folder is untouched.
        UsageError: the folder is no site, or the output folder is refused.
        OutsideError: the disk failed.
    """
    begun = time.perf_counter()
    folder = folder.resolve()
    result = None if options.clean else _nothing_to_do(folder, options, begun)
    if result is not None:
        reporter.report_all(result.problems)
        return result
    from kommunebeta.rebuild import build_changes

    return build_changes(folder, options, reporter, begun)


def _nothing_to_do(folder: Path, options: BuildOptions, begun: float) -> BuildResult | None:
    """The outcome of a build that changes nothing; None when there may be something to do."""
    from kommunebeta.publish import output_lock

    with closing(Memory(folder, options.output, fingerprint())) as memory:
        if not memory:
            return None
        output = Path(memory.fact("output"))
        if not output.is_dir():
            return None
        with output_lock(output) as locked:
            if not locked or not is_up_to_date(folder, output, memory, options):
                return None
            summary = memory.fact("summary")
            problems = tuple(Problem(*row[:6], Severity(row[6])) for row in memory.fact("problems"))
            if options.strict and any(problem.severity is not Severity.NOTE for problem in problems):
                return None
            following = memory.fact("next_change")
            return BuildResult(
                output=output,
                posts=summary["posts"],
                pages=summary["pages"],
                files=summary["files"],
                rendered=0,
                changes=Changes(unchanged=summary["files"]),
                problems=problems,
                next_change=dt.datetime.fromisoformat(following) if following else None,
                seconds=time.perf_counter() - begun,
            )
