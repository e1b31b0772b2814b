"""What commands print: problems, outcomes in words or as JSON, and progress."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from kommunebeta.errors import ContentError, KommunebetaError, Problem, Severity
from kommunebeta.reporter import Reporter

if TYPE_CHECKING:
    from kommunebeta.check.finding import Finding
    from kommunebeta.check.options import CheckResult
    from kommunebeta.deploy.options import DeployPlan, DeployResult
    from kommunebeta.deploy.target import Release
    from kommunebeta.embeds.outcome import Failure, UpdateResult
    from kommunebeta.options import BuildResult
    from kommunebeta.preview import Refresh

_STAGES = {
    "read": "Reading",
    "render": "Rendering",
    "look up": "Looking up",
    "check": "Checking",
    "ask": "Asking other sites",
    "send": "Sending",
    "verify": "Asking for it as readers do",
}
_MOST_PATHS = 40
_MOST_ALIKE = 5


_COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "blue"}


class TerminalReporter(Reporter):
    """Shows progress on a terminal; keeps quiet elsewhere."""

    def __init__(self, show: bool) -> None:
        super().__init__()
        self._progress: Any = None
        self._task: Any = None
        if show:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

            # No thread of its own: worker processes are forked from this one.
            self._progress = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                console=Console(stderr=True),
                transient=True,
                auto_refresh=False,
            )

    def stage(self, name: str, total: int) -> None:
        """Begin a stage with a bar of its own."""
        if self._progress:
            self._progress.start()
            if self._task is not None:
                self._progress.remove_task(self._task)
            self._task = self._progress.add_task(_STAGES.get(name, name), total=total)
            self._progress.refresh()

    def step(self, count: int = 1) -> None:
        """Move the bar."""
        if self._progress and self._task is not None:
            self._progress.update(self._task, advance=count)
            task = self._progress.tasks[0]
            if count > 1 or int(task.completed) % 25 == 0:
                self._progress.refresh()

    def close(self) -> None:
        """Take the bar away."""
        if self._progress:
            self._progress.stop()


def print_problems(problems: Iterable[Problem]) -> None:
    """Print problems to the error stream, each on a line, in colours where those are seen."""
    for problem in problems:
        place = f"{problem.place}: " if problem.path else ""
        label = click.style(f"{problem.severity} {problem.code}", fg=_COLORS[problem.severity], bold=True)
        click.echo(f"{place}{label}: {problem.message}{' ' + problem.mend if problem.mend else ''}", err=True)


def print_failure(problems: tuple[Problem, ...], form: str, quiet: bool) -> None:
    """Print why nothing was published, as ``text`` or ``json``; errors alone where it is to be quiet."""
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if form == "json":
        print_json({"ok": False, "error": "", "problems": [problem_json(p) for p in problems]})
        return
    print_problems(errors if quiet else problems)
    count = len(errors) or len(problems)
    noun = "error" if errors else "warning"
    click.echo(
        f"Nothing was published: {count} {noun}{'s' if count != 1 else ''}. The old site is as it was.",
        err=True,
    )


def print_json(value: dict[str, Any]) -> None:
    """In ASCII, so that no console or log file can garble it."""
    click.echo(json.dumps(value, indent=2))


def print_result(result: BuildResult, verbose: bool) -> None:
    """Print what a build did; every file that changed where it is to be verbose."""
    print_problems(result.problems)
    changes = result.changes
    if verbose:
        for sign, paths in (("+", changes.added), ("~", changes.changed), ("-", changes.removed)):
            for path in paths:
                click.echo(f"{sign} {path}")
    warnings = sum(problem.severity is Severity.WARNING for problem in result.problems)
    plural = "warning" if warnings == 1 else "warnings"
    click.echo(
        f"{result.output}: {result.posts} posts, {result.pages} pages, {result.files} files "
        f"({len(changes.added)} new, {len(changes.changed)} changed, {len(changes.removed)} removed; "
        f"{result.rendered} made){f', {warnings} {plural}' if warnings else ''} in {result.seconds:.2f} s"
    )
    if moment := result.next_change:
        # The offset, not the zone's name, which a moment read from the memory of a build no longer has.
        written = moment.isoformat(" ", "seconds" if moment.second else "minutes")
        click.echo(f"It will change by itself at {written}: build again then.")


def problem_json(problem: Problem) -> dict[str, Any]:
    """A problem for ``print_json``."""
    return {
        "code": problem.code,
        "severity": str(problem.severity),
        "path": problem.path,
        "line": problem.line,
        "column": problem.column,
        "message": problem.message,
        "mend": problem.mend,
    }


def result_json(result: BuildResult) -> dict[str, Any]:
    """What a build did, for ``print_json``."""
    return {
        "ok": True,
        "output": str(result.output),
        "posts": result.posts,
        "pages": result.pages,
        "files": result.files,
        "added": list(result.changes.added),
        "changed": list(result.changes.changed),
        "removed": list(result.changes.removed),
        "rendered": result.rendered,
        "next_change": result.next_change.isoformat() if result.next_change else None,
        "seconds": round(result.seconds, 3),
        "problems": [problem_json(problem) for problem in result.problems],
    }


def print_findings(result: CheckResult, verbose: bool) -> None:
    """Print what a check found, with the reasons where it is to be verbose, and a line that sums it up."""
    for finding in result.findings:
        _print_finding(finding, verbose)
    for line in result.mended:
        click.echo(f"Mended, but still in the baseline: {line}", err=True)
    counts = [
        f"{result.count(severity)} {severity}{'s' if result.count(severity) != 1 else ''}"
        for severity in Severity
        if result.count(severity)
    ]
    known = f" ({result.known} known ones are not told)" if result.known else ""
    read = (
        f"{result.pages} pages and {result.files} other files" if result.pages else "nothing could be built"
    )
    asked = f", {result.asked} addresses elsewhere" if result.asked else ""
    click.echo(f"{', '.join(counts) or 'Nothing found'}{known}: {read}{asked} in {result.seconds:.2f} s")


def _print_finding(finding: Finding, verbose: bool) -> None:
    problem = finding.problem
    page = f"/{finding.page.removesuffix('index.html')}" if finding.page else ""
    seen = f"{page} and {finding.pages - 1} more" if finding.pages > 1 else page
    place = problem.place if problem.path else seen
    label = click.style(f"{problem.severity} {problem.code}", fg=_COLORS[problem.severity], bold=True)
    also = f" [{seen}]" if problem.path and seen else ""
    mend = f" {problem.mend}" if problem.mend else ""
    click.echo(f"{f'{place}: ' if place else ''}{label}: {problem.message}{mend}{also}")
    if verbose and finding.why:
        sources = f" ({'; '.join(finding.sources)})" if finding.sources else ""
        click.echo(f"    {finding.why}{sources}")


def print_plan(plan: DeployPlan) -> None:
    """Print what a deploy would do."""
    for note in plan.notes:
        click.echo(note, err=True)
    for path in plan.foreign[:_MOST_PATHS]:
        click.echo(f"Left alone, since it is not ours: {path}", err=True)
    if len(plan.foreign) > _MOST_PATHS:
        click.echo(f"Left alone, too: {len(plan.foreign) - _MOST_PATHS} more", err=True)
    if not plan.known:
        click.echo("What lies there was compared file by file, since no list of ours tells it.", err=True)
    for sign, paths in _signs(plan):
        for path in paths[:_MOST_PATHS]:
            click.echo(f"{sign} {path}")
        if len(paths) > _MOST_PATHS:
            click.echo(f"{sign} … and {len(paths) - _MOST_PATHS} more")
    difference = plan.difference
    click.echo(
        f"{plan.place}: {len(difference.added)} new, {len(difference.changed)} changed, "
        f"{len(difference.removed)} removed, {difference.same} the same; {_size(plan.bytes)} to send"
    )


def _signs(plan: DeployPlan) -> Iterable[tuple[str, tuple[str, ...]]]:
    difference = plan.difference
    return (("+", difference.added), ("~", difference.changed), ("-", difference.removed))


def _size(count: int) -> str:
    if count < 1000:
        return f"{count} bytes"
    power = min(3, (len(str(count)) - 1) // 3)
    return f"{count / 1000**power:.1f} {('', 'kB', 'MB', 'GB')[power]}"


def print_failed_checks(result: CheckResult, form: str) -> None:
    """Print why nothing was sent."""
    if form == "json":
        from kommunebeta.check.report import findings_json

        print_json(
            {**findings_json(result), "ok": False, "error": "The checks found errors; nothing was sent."}
        )
        return
    print_findings(result, verbose=False)
    click.echo("Nothing was sent: mend the errors first.", err=True)


def print_deployed(result: DeployResult) -> None:
    """Print what a deploy did."""
    if warnings := result.checked.count(Severity.WARNING):
        click.echo(f"Warnings of the checks: {warnings}. «kommunebeta check» tells them.", err=True)
    if not result.sent:
        click.echo("Nothing was sent: this was a dry run.")
        return
    _print_wrong(result.wrong)
    if any(not line.startswith(("http://", "https://")) for line in result.wrong):
        click.echo("«kommunebeta deploy --all» sends everything again.", err=True)
    difference = result.plan.difference
    sent = len(difference.added) + len(difference.changed)
    if not difference:
        click.echo(f"Nothing has changed: {result.address}")
        return
    verified = "and verified in" if not result.wrong else "in"
    click.echo(f"{sent} files sent {verified} {result.seconds:.1f} s: {result.address}")


def _print_wrong(lines: Iterable[str]) -> None:
    """Print what differs: of many for the same reason, which most often have one cause, the first."""
    alike: dict[str, list[str]] = {}
    for line in lines:
        alike.setdefault(line.partition(": ")[2], []).append(line)
    for reason, same in alike.items():
        for line in same[:_MOST_ALIKE]:
            click.echo(f"Not as it was sent: {line}", err=True)
        if len(same) > _MOST_ALIKE:
            said = f": {reason}" if reason else ""
            click.echo(f"Not as it was sent: … and {len(same) - _MOST_ALIKE} more{said}", err=True)


def deployed_json(result: DeployResult) -> dict[str, Any]:
    """What a deploy did, for ``print_json``."""
    plan = result.plan
    return {
        "ok": not result.wrong,
        "error": "",
        "sent": result.sent,
        "place": plan.place,
        "address": result.address,
        "release": result.release,
        "added": list(plan.difference.added),
        "changed": list(plan.difference.changed),
        "removed": list(plan.difference.removed),
        "same": plan.difference.same,
        "bytes": plan.bytes,
        "foreign": list(plan.foreign),
        "notes": list(plan.notes),
        "wrong": list(result.wrong),
        "next_change": result.next_change.isoformat() if result.next_change else None,
        "seconds": round(result.seconds, 3),
    }


def print_releases(releases: tuple[Release, ...], form: str) -> None:
    """Print the releases of a target."""
    if form == "json":
        rows = [
            {"name": item.name, "current": item.current, "files": item.files, "note": item.note}
            for item in releases
        ]
        print_json({"ok": True, "error": "", "releases": rows})
        return
    for item in releases:
        mark = "*" if item.current else " "
        count = f"{item.files} files" if item.files else ""  # some hosts do not tell
        click.echo("  ".join(filter(None, (f"{mark} {item.name}", count, item.note))))
    if not releases:
        click.echo("This target keeps no releases.")


def print_look_up(outcome: UpdateResult | KommunebetaError) -> None:
    """Print what came of a look-up while a site is previewed."""
    if isinstance(outcome, ContentError):
        return  # the preview tells the same
    if isinstance(outcome, KommunebetaError):
        click.echo(f"Look-up: {outcome}", err=True)
    else:
        print_update(outcome)


def print_refresh(refresh: Refresh) -> None:
    """Print what came of a look at a site that is previewed."""
    print_problems(refresh.problems)
    if refresh.ok:
        count = len(refresh.changed) + len(refresh.removed)
        click.echo(f"{count} files changed in {refresh.seconds * 1000:.0f} ms")
    else:
        click.echo("The last good pages are kept until this is mended.", err=True)


def print_update(result: UpdateResult) -> None:
    """Print what was looked up."""
    print_problems(result.problems)
    for failure in result.failures:
        click.echo(f"{failure}", err=True)
    for failure in result.bare:
        click.echo(f"{failure} It has no picture.", err=True)
    for sign, urls in (("+", result.learnt), ("-", result.forgotten)):
        for url in urls:
            click.echo(f"{sign} {url}")
    failed = f", {len(result.failures)} could not be looked up" if result.failures else ""
    click.echo(
        f"{result.asked} looked up: {len(result.learnt)} new or changed, {len(result.posters)} pictures"
        f"{failed}; {len(result.forgotten)} forgotten, which no post has any more."
    )


def update_json(result: UpdateResult) -> dict[str, Any]:
    """What was looked up, for ``print_json``."""
    return {
        "ok": result.exit_code == 0,
        "error": "",
        "looked_up": result.asked,
        "learnt": list(result.learnt),
        "forgotten": list(result.forgotten),
        "pictures": list(result.posters),
        "back": list(result.back),
        "failures": [_failure_json(failure) for failure in result.failures],
        "without_picture": [_failure_json(failure) for failure in result.bare],
        "problems": [problem_json(problem) for problem in result.problems],
    }


def _failure_json(failure: Failure) -> dict[str, Any]:
    return {
        "url": failure.url,
        "reason": failure.reason,
        "outside": failure.outside,
        "places": [
            {"path": place.path, "line": place.line, "column": place.column} for place in failure.places
        ],
    }
