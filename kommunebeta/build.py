"""One build, top to bottom: nothing at all where nothing has changed, else what the change calls for.

This module loads little by itself, so that a build with nothing to do is over at once.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path

from kommunebeta.current import Seen, is_up_to_date, problems_of, see, unchanged
from kommunebeta.engine import fingerprint
from kommunebeta.errors import Severity
from kommunebeta.memory import Memory
from kommunebeta.options import BuildOptions, BuildResult
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
    with ExitStack() as held:
        seen = None if options.clean else _seen(folder, options, held)
        if seen is not None:
            result = _nothing_to_do(seen, options, begun)
            if result is not None:
                reporter.report_all(result.problems)
                return result
        from kommunebeta.rebuild import build_changes

        return build_changes(folder, options, reporter, begun, seen)


def _seen(folder: Path, options: BuildOptions, held: ExitStack) -> Seen | None:
    """The site as it was found, with its output folder locked; None where there is no memory of it."""
    from kommunebeta.publish import output_lock

    memory = Memory(folder, options.output, fingerprint())
    held.callback(memory.close)
    output = Path(memory.fact("output")) if memory else None
    if output is None or not output.is_dir() or not held.enter_context(output_lock(output)):
        return None
    return see(folder, memory) if memory.is_fresh else None


def _nothing_to_do(seen: Seen, options: BuildOptions, begun: float) -> BuildResult | None:
    """The outcome of a build that changes nothing; None when there is something to do."""
    memory = seen.memory
    output = Path(memory.fact("output"))
    if options.strict and any(problem.severity is not Severity.NOTE for problem in problems_of(memory)):
        return None
    if not is_up_to_date(seen, output, options):
        return None
    return unchanged(memory, time.perf_counter() - begun)
