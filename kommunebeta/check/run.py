"""One check, top to bottom: build, examine what has changed, look at the whole, tell what is new."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from kommunebeta.answers import Question
from kommunebeta.build import build
from kommunebeta.check.baseline import BASELINE, read_baseline, without_known, write_baseline
from kommunebeta.check.checks import CHECKS
from kommunebeta.check.examine import Task, examine, is_examined
from kommunebeta.check.external.ask import addresses_elsewhere, ask_all
from kommunebeta.check.external.client import LinkClient, client_for
from kommunebeta.check.external.faults import ASKED, faults_elsewhere
from kommunebeta.check.external.memory import LinkMemory
from kommunebeta.check.finding import Fault, Group
from kommunebeta.check.findings import of_faults, of_problems
from kommunebeta.check.kept import KeptReports
from kommunebeta.check.options import CheckOptions, CheckResult
from kommunebeta.check.state import Report, Whole
from kommunebeta.check.surroundings import outputs_in, surroundings_of
from kommunebeta.config import Settings
from kommunebeta.errors import ContentError, OutsideError, Problem, UsageError
from kommunebeta.options import BuildOptions
from kommunebeta.parallel import map_items
from kommunebeta.rebuild import reopened, without_garbage_collection
from kommunebeta.reporter import Reporter
from kommunebeta.works import Job

_KINDS = ("template", "asset", "data", "setting", "menu")
"""Of what templates ask, what checks want to know."""


def check(
    folder: Path,
    options: CheckOptions,
    reporter: Reporter,
    client: Callable[[Settings], LinkClient] = client_for,
) -> CheckResult:
    """Check a site.

    Args:
        folder: the site folder.
        options: how to check.
        reporter: told about progress.
        client: makes what asks other sites, where ``external`` is wanted.

    Returns:
        What was found; problems that stand in the way of a build are findings, too.

    Raises:
        UsageError: the folder is no site, nothing is built, or the baseline is no baseline.
        OutsideError: the disk failed, or ``external`` is wanted and no other site can be reached.
    """
    begun = time.perf_counter()
    folder = folder.resolve()
    known = read_baseline(options.baseline or folder / BASELINE, named=options.baseline is not None)
    result = _found(folder, options, reporter, client)
    # What stands in the way of a build is told whatever was asked for: nothing else could be looked at.
    wanted = tuple(found for found in result.findings if not result.pages or options.wants(found.group))
    if not options.external:
        known = {row: count for row, count in known.items() if row.code not in ASKED}
    new, mended = without_known(wanted, known)
    return replace(
        result,
        findings=new,
        known=len(wanted) - len(new),
        mended=mended if result.pages and not options.groups else (),
        strict=options.strict,
        seconds=time.perf_counter() - begun,
    )


def update(
    folder: Path,
    options: CheckOptions,
    reporter: Reporter,
    client: Callable[[Settings], LinkClient] = client_for,
) -> tuple[Path, int]:
    """Check a site, and write everything that was found into its baseline.

    Args:
        folder: the site folder.
        options: how to check; ``groups`` must be empty, since the baseline is for all of them.
        reporter: told about progress.
        client: makes what asks other sites, where ``external`` is wanted.

    Returns:
        The baseline, and how many findings it holds.

    Raises:
        UsageError: as for ``check``, or some groups alone are asked for.
        ContentError: the site cannot be built.
        OutsideError: the disk failed, or ``external`` is wanted and no other site can be reached.
    """
    if options.groups:
        raise UsageError("A baseline is for all groups: leave --only out.")
    file = options.baseline or folder / BASELINE
    found = _found(folder.resolve(), options, reporter, client)
    if not found.pages:
        raise ContentError(finding.problem for finding in found.findings)
    return file, write_baseline(file, found.findings)


def _found(
    folder: Path,
    options: CheckOptions,
    reporter: Reporter,
    client: Callable[[Settings], LinkClient],
) -> CheckResult:
    """Everything that is found, known or not."""
    building = BuildOptions(options.output, options.base_url, at=options.at, jobs=options.jobs)
    with without_garbage_collection():
        try:
            problems = build(folder, building, reporter).problems if options.build else ()
        except ContentError as error:
            return CheckResult(tuple(of_problems(error.problems)))
        return _checked(folder, building, options, problems, reporter, client)


def _checked(
    folder: Path,
    building: BuildOptions,
    options: CheckOptions,
    problems: tuple[Problem, ...],
    reporter: Reporter,
    client: Callable[[Settings], LinkClient],
) -> CheckResult:
    """What is found in a site that could be built."""
    with ExitStack() as held:
        job, works = held.enter_context(reopened(folder, building, reporter))
        output = (building.output or folder / works.settings.output).absolute()
        outputs = frozenset(outputs_in(output))
        if not outputs:
            raise UsageError(
                f"Nothing is built in {output}. Run «kommunebeta build», or leave --no-build out."
            )
        surroundings = surroundings_of(folder, output, outputs, works)
        groups = tuple(group for group in CHECKS if options.wants(group))
        task = Task(surroundings, groups)
        reports, examined = _reports(task, KeptReports(folder, task), job, reporter)
        whole = Whole(folder, surroundings, works.site, works.document, reports, _asked(job))
        ask = options.external and Group.LINKS in groups
        elsewhere, asked = _elsewhere(whole, client, reporter) if ask else ([], 0)
        faults = [
            *elsewhere,
            *((report.path, fault) for report in reports.values() for fault in report.faults),
            *(
                (fault.page, fault)
                for group in groups
                for look in CHECKS[group].site
                for fault in look(whole)
            ),
        ]
        findings = [*of_problems(problems), *of_faults(faults, whole, problems)]
        pages = sum(path.endswith(".html") for path in reports)
        return CheckResult(
            tuple(sorted(findings, key=lambda finding: finding.sort_key)),
            pages=pages,
            files=len(outputs) - pages,
            examined=examined,
            asked=asked,
        )


def _reports(task: Task, kept: KeptReports, job: Job, reporter: Reporter) -> tuple[dict[str, Report], int]:
    """What is found in each output, and how many of them had to be examined for it."""
    paths = sorted(filter(is_examined, task.surroundings.outputs))
    reporter.stage("check", len(paths))
    try:
        good = kept.good(paths)
        reporter.step(len(good))
        others = [path for path in paths if path not in good]
        examined = list(map_items(examine, task, others, jobs=job.jobs, done=reporter.step))
    except OSError as error:
        raise OutsideError(
            f"{error.filename or task.surroundings.folder}: {error.strerror or error}."
        ) from error
    kept.keep(good.keys(), examined)
    found = {**good, **{item.report.path: item.report for item in examined}}
    return {path: found[path] for path in paths}, len(examined)


def _elsewhere(
    whole: Whole, client: Callable[[Settings], LinkClient], reporter: Reporter
) -> tuple[list[tuple[str, Fault]], int]:
    """What other sites say of the links to them, and how many addresses that is about."""
    settings = whole.surroundings.settings
    addresses = addresses_elsewhere(whole.reports.values(), settings)
    answers = ask_all(addresses.values(), client(settings), LinkMemory(whole.folder), reporter)
    return list(faults_elsewhere(whole.reports.values(), addresses, answers)), len(answers)


def _asked(job: Job) -> frozenset[Question]:
    """What templates asked for, as far as checks want to know of it; nothing where it is forgotten."""
    if not job.memory:
        return frozenset()
    return frozenset(question for question, _ in job.memory.questions() if question[0] in _KINDS)
