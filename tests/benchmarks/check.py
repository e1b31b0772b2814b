"""Times ``kommunebeta check``: ``python tests/benchmarks/check.py 1000 10000 [--runs 3] [--functions]``.

The site is built first, so that the seconds are those of the check; those of a build come on top where
there is something to build. Memory is that of all processes together: what they share counts once
(proportional set size), sampled ten times a second. Linux only.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any

from corpus import make

from kommunebeta.check import checks, examine, run
from kommunebeta.check.options import CheckOptions
from kommunebeta.check.page import Page
from kommunebeta.reporter import Reporter

COMMAND = [sys.executable, "-m", "kommunebeta"]
FINDINGS = 1


def resident(process: int) -> float:
    """MiB that a process and those that it started hold now."""
    total, waiting = 0, [process]
    while waiting:
        folder = Path(f"/proc/{waiting.pop()}")
        try:
            rollup = (folder / "smaps_rollup").read_text()
            total += int(rollup.partition("\nPss:")[2].split()[0])
            for task in (folder / "task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
        except (OSError, IndexError):
            continue
    return total / 1024


def processor_seconds() -> float:
    """What commands that have ended took of processors."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def timed(words: list[str]) -> tuple[float, float, float]:
    """Wall and processor seconds of a command, and MiB of all its processes at the highest point."""
    begun, before = time.perf_counter(), processor_seconds()
    process = subprocess.Popen([*COMMAND, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    most = 0.0
    while process.poll() is None:
        most = max(most, resident(process.pid))
        time.sleep(0.1)
    if process.returncode > FINDINGS:
        raise SystemExit(f"{words} ended with {process.returncode}")
    return time.perf_counter() - begun, processor_seconds() - before, most


def forget(site: Path) -> None:
    """Forget what earlier checks have found."""
    for file in (site / ".kommunebeta").glob("check-*"):
        file.unlink()


def edit(site: Path) -> None:
    """Add a sentence to the last of the posts."""
    post = max((site / "content" / "posts").rglob("*.md"))
    post.write_text(f"{post.read_text('utf-8')}\nDette er nytt.\n", "utf-8")


def measure(site: Path, runs: int) -> None:
    """Print how long a site takes."""
    print("| | wall s (least–most) | processor s | MiB |\n| --- | ---: | ---: | ---: |")
    once = ["check", str(site), "--no-build"]
    for name, prepare, words, times in (
        ("build, cold", None, ["build", str(site)], 1),
        ("check --no-build, nothing kept", forget, once, runs),
        ("check --no-build --jobs 1, nothing kept", forget, [*once, "--jobs", "1"], 1),
        ("check --no-build, again", None, once, runs),
        ("check, nothing to build", None, ["check", str(site)], runs),
        ("check after an edit", edit, ["check", str(site)], runs),
    ):
        rows = []
        for _ in range(times):
            if prepare:
                prepare(site)
            rows.append(timed(words))
        walls, spent, most = zip(*rows, strict=True)
        spread = f"{statistics.median(walls):.2f} ({min(walls):.2f}–{max(walls):.2f})"
        print(f"| {name} | {spread} | {statistics.median(spent):.2f} | {max(most):.0f} |", flush=True)


class Clock:
    """Adds up what functions take."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.calls: dict[str, int] = defaultdict(int)

    def timing(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function that does the same, and is timed; what it yields is taken in at once."""

        @wraps(function)
        def timed(*given: Any) -> Any:
            begun = time.perf_counter()
            found = function(*given)
            if isinstance(found, Iterable) and not isinstance(found, tuple):
                found = list(found)
            self.seconds[name] += time.perf_counter() - begun
            self.calls[name] += 1
            return found

        return timed

    def table(self, pages: int) -> str:
        """The functions, the slowest first."""
        lines = ["| check | calls | seconds | ms for each page |", "| --- | ---: | ---: | ---: |"]
        for name, seconds in sorted(self.seconds.items(), key=lambda item: -item[1]):
            each = seconds / pages * 1000
            lines.append(f"| {name} | {self.calls[name]} | {seconds:.2f} | {each:.3f} |")
        return "\n".join(lines)


def functions(site: Path) -> None:
    """Print what each check takes, in one process. Whichever asks a page first pays for what it keeps."""
    clock = Clock()

    def name(look: Callable[..., Any]) -> str:
        function = getattr(look, "func", look)
        return f"{function.__module__.removeprefix('kommunebeta.check.')}.{function.__name__}"

    timed_checks = {
        group: replace(
            known,
            pages=tuple(clock.timing(name(look), look) for look in known.pages),
            files=tuple(clock.timing(name(look), look) for look in known.files),
            site=tuple(clock.timing(name(look), look) for look in known.site),
        )
        for group, known in checks.CHECKS.items()
    }
    changes: tuple[tuple[Any, str, Any], ...] = (
        (examine, "CHECKS", timed_checks),
        (run, "CHECKS", timed_checks),
        (examine, "Page", clock.timing("(parsing)", Page)),
        (examine, "report_of", clock.timing("links.report_of", examine.report_of)),
        (examine, "report_of_file", clock.timing("feeds.report_of_file", examine.report_of_file)),
        (run, "of_faults", clock.timing("(findings)", run.of_faults)),
        (run, "surroundings_of", clock.timing("(surroundings)", run.surroundings_of)),
    )
    for module, attribute, value in changes:
        setattr(module, attribute, value)
    result = run.check(site, CheckOptions(build=False, jobs=1), Reporter())
    print(f"{result.pages} pages, {result.files} other files, {len(result.findings)} findings, one process: ")
    print(f"{result.seconds:.2f} s\n\n{clock.table(result.pages)}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("counts", nargs="*", type=int, metavar="N")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--site", type=Path, help="a site of your own, instead of generated ones")
    parser.add_argument("--functions", action="store_true", help="only say what each check takes")
    parser.add_argument("--folder", type=Path, help="where to work; by default a temporary one")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        sites = [given.site] if given.site else []
        for count in given.counts:
            sites.append(Path(folder) / f"site-{count}")
            make(count, sites[-1])
        for site in sites:
            print(f"\n{site.name}\n")
            if given.functions:
                timed(["build", str(site)])
                forget(site)
                functions(site)
            else:
                measure(site, given.runs)


if __name__ == "__main__":
    main()
