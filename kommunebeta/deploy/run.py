"""One deploy, top to bottom: build, check, look, plan, send, verify."""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from kommunebeta.check.options import CheckOptions, CheckResult
from kommunebeta.check.run import check
from kommunebeta.check.surroundings import outputs_in
from kommunebeta.config import read_settings
from kommunebeta.deploy.hosts import SENDS_HEADERS, Server, for_server, policy, redirected
from kommunebeta.deploy.kinds import Goal, goal_of, target_of
from kommunebeta.deploy.lasting import next_change, write_until
from kommunebeta.deploy.options import Confirm, DeployOptions, DeployPlan, DeployResult
from kommunebeta.deploy.parcel import LocalFile, Parcel, files_in, parcel_of
from kommunebeta.deploy.public import Asked, differences, refuse_unsafe, with_samples
from kommunebeta.deploy.releases import new_release, nothing_sent
from kommunebeta.deploy.target import Forgotten, Release, Target
from kommunebeta.errors import OutsideError, UsageError
from kommunebeta.inventory import read_inventory
from kommunebeta.reporter import Reporter

_NAMED = 3
_MANY_REMOVED = 0.1
"""Part of the files there, above which their removal is asked about."""


class ChecksFailedError(UsageError):
    """The checks found errors, so nothing was sent.

    Attributes:
        result: what they found.
    """

    exit_code = 1

    def __init__(self, result: CheckResult) -> None:
        super().__init__("Nothing was sent.")
        self.result = result


def deploy(
    site: Path,
    options: DeployOptions,
    reporter: Reporter,
    *,
    planned: Callable[[DeployPlan], None],
    confirm: Confirm,
) -> DeployResult:
    """Send a site to a target.

    Args:
        site: the site folder.
        options: how to deploy.
        reporter: told about progress.
        planned: told what is to be sent, before anything is.
        confirm: asked before much is removed; answers False where nobody can be asked.

    Raises:
        ChecksFailedError: the checks found errors.
        ContentError: the settings have faults.
        UsageError: there is no such target, nothing is built, or the answer was no.
        OutsideError: the target cannot be reached or failed; what readers get there works.
    """
    begun = time.perf_counter()
    site = site.resolve()
    settings, document = read_settings(site)
    goal = goal_of(site, settings, document, options.target)
    if options.verify_url:
        refuse_unsafe(goal.target.address or settings.base_url)
    checked = check(site, CheckOptions(build=options.build, jobs=options.jobs), reporter)
    if checked.exit_code:
        raise ChecksFailedError(checked)
    following = next_change(site, dt.datetime.now(dt.UTC))
    files = files_for(goal.server, site / settings.output, settings.base_path)
    with goal.target as target:
        now = dt.datetime.now(dt.UTC)
        parcel = parcel_of(files, target.look(), new_release(now), now, everything=options.everything)
        plan = plan_of(target, parcel, notes_on(site / settings.output, files))
        planned(plan)
        if options.dry_run:
            seconds = time.perf_counter() - begun
            return DeployResult(plan, False, "", target.address, (), checked, seconds, following)
        agree(plan, parcel, options, confirm)
        if parcel.is_needed:
            send(target, parcel, reporter)
        wrong = target.verify({file.path: file.digest for file in parcel.to_send})
        address = target.address
    if options.verify_url and not wrong:
        asked = asked_of(goal, address, site / settings.output, options)
        wrong = seen_by_readers(asked, parcel, reporter)
    if options.until and not wrong:
        write_until(options.until, following)
    seconds = time.perf_counter() - begun
    return DeployResult(plan, True, parcel.release, address, tuple(wrong), checked, seconds, following)


def files_for(server: Server, output: Path, base_path: str) -> Mapping[str, LocalFile]:
    """The files of a built site, with those that the server reads and without those for others.

    Raises:
        UsageError: nothing is built there.
        OutsideError: a file cannot be read.
    """
    files = {file.path: file for file in local_files(output)}
    with _readable(output):
        return for_server(server, files, base_path)


def local_files(output: Path) -> Iterable[LocalFile]:
    """The files of a built site: those on its list, or all of the folder where it has none.

    Raises:
        UsageError: nothing is built there.
        OutsideError: a file cannot be read.
    """
    with _readable(output):
        inventory = read_inventory(output)
        paths = sorted(inventory.files if inventory.found and not inventory.damaged else outputs_in(output))
        if not paths and not output.is_dir():
            raise UsageError(
                f"Nothing is built in {output}. Run «kommunebeta build», or leave --no-build out."
            )
        return list(files_in(output, paths))


@contextlib.contextmanager
def _readable(output: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise UsageError(
            f"{error.filename} was built and is gone. Run «kommunebeta build», or leave --no-build out."
        ) from error
    except OSError as error:
        raise OutsideError(
            f"{error.filename or output} cannot be read: {error.strerror or error}."
        ) from error


def notes_on(output: Path, files: Mapping[str, LocalFile]) -> Iterator[str]:
    """What people should know of an output folder whose files are not all as a build left them.

    Args:
        output: the folder.
        files: what is sent of it.
    """
    with _readable(output):
        built = read_inventory(output).files
    other = [
        path for path, file in files.items() if file.source and built.get(path, file.digest) != file.digest
    ]
    if other:
        yield f"Not as it was built, but sent as it is: {_some(sorted(other))}"
    own = (path for path in outputs_in(output) if not path.startswith(".") and "/." not in path)
    if built and (stay := sorted(set(own) - built.keys())):
        yield f"Not sent, since no build made it (what is to be sent belongs in static/): {_some(stay)}"


def _some(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
    return ", ".join(paths[:_NAMED]) + more


def plan_of(target: Target, parcel: Parcel, notes: Iterable[str] = ()) -> DeployPlan:
    """What a deploy would do.

    Args:
        target: the target.
        parcel: what is to be sent there.
        notes: what people should know, beside what the target says.
    """
    there = parcel.there
    unclaimed = (path for path in there.unclaimed if path not in parcel.files)
    advice = there.advise(parcel.files) if there.advise else ()
    return DeployPlan(
        target.place,
        parcel.difference,
        parcel.bytes_to_send,
        len(parcel.files),
        (*there.foreign, *unclaimed),
        there.known,
        (*notes, *there.notes, *advice),
    )


def agree(plan: DeployPlan, parcel: Parcel, options: DeployOptions, confirm: Confirm) -> None:
    """Have the user agree where the build is empty or much would be removed.

    Raises:
        UsageError: the answer was no.
    """
    removed = len(plan.difference.removed)
    there = removed + len(plan.difference.changed) + plan.difference.same
    empty = not any(path.endswith(".html") for path in parcel.files)
    if options.yes or (not empty and removed <= there * _MANY_REMOVED):
        return
    what = (
        "the build is empty, without a single page"
        if empty
        else f"{removed} of {there} files would be removed"
    )
    if not confirm(f"At {plan.place} {what}. Go on?" if not empty else f"{what.capitalize()}. Go on?"):
        raise UsageError(f"Nothing was sent to {plan.place}: {what}. Add --yes if so meant.")


def send(target: Target, parcel: Parcel, reporter: Reporter) -> None:
    """Send what differs, with progress."""
    reporter.stage("send", len(parcel.to_send))
    target.send(parcel, lambda files, size: reporter.step(files))


def asked_of(goal: Goal, address: str, output: Path, options: DeployOptions) -> Asked:
    """What readers have to get; the build tells it, for each target gets its lists in its own form."""
    with _readable(output):
        lists = [path for path in ("_headers", "_redirects") if (output / path).is_file()]
        built = {file.path: file for file in files_in(output, lists)}
        moved = frozenset(old for old, _ in redirected(built))
        sends = goal.server in SENDS_HEADERS
        wanted = policy(built) if sends else ""
    patience = goal.patience if options.patience is None else options.patience
    return Asked(address, moved, wanted, sends or goal.lifetimes, patience)


def seen_by_readers(asked: Asked, parcel: Parcel, reporter: Reporter) -> tuple[str, ...]:
    """What readers do not get as it was sent, by address."""
    looked_at = with_samples(parcel.to_send, parcel.files)
    reporter.stage("verify", len(looked_at))
    return differences(asked, looked_at, reporter.step)


def entered(site: Path, name: str) -> Target:
    """A target by its name, not yet entered, for looking at its releases."""
    site = site.resolve()
    settings, document = read_settings(site)
    return target_of(site, settings, document, name)


def releases(site: Path, name: str) -> tuple[Release, ...]:
    """The releases that a target keeps, newest first."""
    with entered(site, name) as target:
        return target.releases()


def roll_back(site: Path, name: str, release: str) -> Release:
    """Let readers have an earlier release."""
    with entered(site, name) as target:
        return target.roll_back(release)


def forget(site: Path, name: str, confirm: Confirm) -> Forgotten:
    """Remove what a target keeps beside the site itself, so that what was taken out of it is gone there too.

    Args:
        site: the site folder.
        name: the target.
        confirm: asked before; answers False where nobody can be asked.

    Raises:
        UsageError: the answer was no, or the target cannot forget.

    Source: GDPR, article 17 (erasure) and article 5(1)(e) (storage limitation).
    """
    with entered(site, name) as target:
        if not confirm(f"There is no way back to earlier releases at {target.place} afterwards. Go on?"):
            raise UsageError(f"Nothing was removed at {target.place}. Add --yes if it is meant.")
        return target.forget()


def verify(site: Path, name: str) -> tuple[int, tuple[str, ...]]:
    """Compare what lies at a target with what was sent there last.

    Returns:
        The number of files that were compared, and those that differ, with the reason.

    Raises:
        UsageError: there is no such target, no manifest of ours there, or a deploy was interrupted.
    """
    with entered(site, name) as target:
        there = target.look()
        if there.unfinished and not there.known:
            raise UsageError(f"A deploy to {target.place} was interrupted. Deploy first, which finishes it.")
        if not there.known or not there.files:
            raise nothing_sent(target.place)
        return len(there.files), target.verify(there.files)
