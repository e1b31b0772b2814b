"""``kommunebeta embeds update``: what is not known yet is looked up and kept, what is known is checked."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from kommunebeta.embeds.client import Client
from kommunebeta.embeds.jobs import Job, chosen_job, find_jobs, in_turn
from kommunebeta.embeds.lock import LOCK, POSTERS, put, read_lock, write_lock
from kommunebeta.embeds.lookup import Looked, Wanted, look_up
from kommunebeta.embeds.outcome import Failure, UpdateResult
from kommunebeta.embeds.provider import Facts, Provider
from kommunebeta.errors import ContentError, Problem, Severity, UsageError
from kommunebeta.reporter import Reporter
from kommunebeta.web.workers import each

_THREADS = 8
_STAGE = "look up"


@dataclass(slots=True)
class _Round:
    """One run: what was known before it, and what came of it so far."""

    folder: Path
    before: Mapping[str, Facts]
    looked: dict[str, Looked] = field(default_factory=dict)
    forgotten: tuple[str, ...] = ()


def update(
    folder: Path,
    wanted: Iterable[Wanted],
    providers: Sequence[Provider],
    *,
    only: str = "",
    check: bool = False,
    client: Client,
    today: dt.date,
    reporter: Reporter,
) -> UpdateResult:
    """Look up what the posts embed, and keep what is told in the lock and as posters.

    Whatever ends it early, an interruption too, what was told until then is kept.

    Args:
        folder: the site folder.
        wanted: every embed of every post and page.
        providers: who is asked whether an address is theirs, in order.
        only: the one address to look up, known or not; everything when empty.
        check: ask again about everything and only mark what is withdrawn, or back.
        client: how servers are asked.
        today: the day of the look.
        reporter: told of progress and of problems.

    Raises:
        ContentError: the lock has faults, and would be overwritten.
        UsageError: ``only`` is nothing that can be looked up, or in no post.
        OSError: the lock or a poster cannot be written.
    """
    if (folder / POSTERS).is_symlink():
        raise UsageError(f"The folder «{POSTERS}» is a symbolic link. Make it a folder of the site.")
    before, faults = read_lock(folder)
    if faults:
        raise ContentError(faults)
    jobs = find_jobs(wanted, providers)
    if only:
        chosen = [chosen_job(jobs, providers, only)]
    else:
        chosen = [
            job for job in jobs.values() if job.can_be_asked and (check or _is_new(job, folder, before))
        ]
    run = _Round(folder, before)
    ask = partial(_ask, client=client, today=today, picture=not check)
    reporter.stage(_STAGE, len(chosen))
    try:
        for job, looked in each(ask, in_turn(chosen), _THREADS):
            run.looked[job.url] = looked
            reporter.step()
        if not (only or check):
            run.forgotten = tuple(sorted(before.keys() - jobs.keys()))
    finally:
        after = _checked(run) if check else _updated(run)
        posters = () if check else _keep_posters(run, after)
        write_lock(folder, after)
        _throw_away(folder, before, after)
    result = _result(run, after, jobs, posters, check=check)
    reporter.report_all(result.problems)
    return result


def _is_new(job: Job, folder: Path, before: Mapping[str, Facts]) -> bool:
    """Whether it was never looked up, or lacks the picture that the lock names."""
    facts = before.get(job.url, Facts())
    return not facts.checked or bool(facts.poster and not (folder / facts.poster).is_file())


def _ask(job: Job, *, client: Client, today: dt.date, picture: bool) -> Looked:
    return look_up(job.provider, job.found, client, today, picture=picture)


def _updated(run: _Round) -> dict[str, Facts]:
    """What is known after an update; a failed look-up changes nothing, a withdrawn embed keeps all it had."""
    after = {url: facts for url, facts in run.before.items() if url not in run.forgotten}
    for url, looked in run.looked.items():
        old = run.before.get(url, Facts())
        if looked.failure:
            continue
        if looked.facts.removed:
            after[url] = replace(old, removed=True, checked=looked.facts.checked)
        elif looked.no_poster:
            after[url] = replace(looked.facts, poster=old.poster)
        else:
            after[url] = looked.facts
    return after


def _checked(run: _Round) -> dict[str, Facts]:
    """What is known after a check; where nothing is withdrawn or back, the same as before."""
    after = dict(run.before)
    for url, looked in run.looked.items():
        old = after.get(url)
        if old and not looked.failure and old.removed != looked.facts.removed:
            after[url] = replace(old, removed=looked.facts.removed, checked=looked.facts.checked)
    return after


def _keep_posters(run: _Round, after: Mapping[str, Facts]) -> tuple[str, ...]:
    posters = {after[url].poster: looked.poster for url, looked in run.looked.items() if looked.poster}
    for path, data in posters.items():
        put(run.folder / path, data)
    return tuple(sorted(posters))


def _throw_away(folder: Path, before: Mapping[str, Facts], after: Mapping[str, Facts]) -> None:
    """Delete the pictures that the lock named before and names no more; others are none of our business."""
    old = {facts.poster for facts in before.values()} - {facts.poster for facts in after.values()}
    for path in old - {""}:
        with contextlib.suppress(OSError):
            (folder / path).unlink()


def _result(
    run: _Round,
    after: Mapping[str, Facts],
    jobs: Mapping[str, Job],
    posters: tuple[str, ...],
    *,
    check: bool,
) -> UpdateResult:
    withdrawn = [jobs[url] for url, looked in run.looked.items() if looked.facts.removed]
    problems = {problem for job in withdrawn for problem in _withdrawn(job)}
    return UpdateResult(
        check=check,
        asked=len(run.looked),
        learnt=tuple(sorted(url for url in after if after[url] != run.before.get(url))),
        forgotten=run.forgotten,
        posters=posters,
        back=tuple(sorted(_back(run, after))),
        problems=tuple(sorted(problems, key=lambda problem: problem.sort_key)),
        failures=_failures(run, jobs, lambda looked: looked.failure),
        bare=_failures(run, jobs, lambda looked: looked.no_poster),
    )


def _back(run: _Round, after: Mapping[str, Facts]) -> Iterator[str]:
    return (url for url, old in run.before.items() if old.removed and url in after and not after[url].removed)


def _failures(run: _Round, jobs: Mapping[str, Job], reason: Callable[[Looked], str]) -> tuple[Failure, ...]:
    return tuple(
        Failure(url, jobs[url].places, reason(looked), looked.outside)
        for url, looked in sorted(run.looked.items())
        if reason(looked)
    )


def _withdrawn(job: Job) -> Iterator[Problem]:
    message = (
        f"{job.provider.name} does not show «{job.url}» any more: it is gone, private or for its own pages."
    )
    mend = f"Ask its owner, or embed something else; {LOCK} marks it as removed."
    for place in job.places:
        yield Problem("KB074", place.path, place.line, place.column, message, mend, Severity.WARNING)
