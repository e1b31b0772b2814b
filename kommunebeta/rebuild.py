"""A build in which something may have changed: by patch where an edit of texts is all, else as a whole."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator
from pathlib import Path

from kommunebeta.config import Settings, read_settings
from kommunebeta.current import Seen
from kommunebeta.errors import ContentError
from kommunebeta.gather import Gathered
from kommunebeta.media import Media
from kommunebeta.options import BuildOptions, BuildResult
from kommunebeta.patch import may_patch, patch
from kommunebeta.people import People
from kommunebeta.pickles import DamagedError
from kommunebeta.plan import Plan
from kommunebeta.publish import Staging
from kommunebeta.reporter import Reporter
from kommunebeta.saved import SavedBodies, read_saved, revive
from kommunebeta.theme import load_theme
from kommunebeta.works import Job, Works, assets_of, clock_of, finish, open_job, prepare, with_texts
from kommunebeta.yamlfile import YamlDocument


def build_changes(
    folder: Path, options: BuildOptions, reporter: Reporter, begun: float, seen: Seen | None
) -> BuildResult:
    """Build a site in which something may have changed; see ``kommunebeta.build.build``.

    Args:
        folder: the site folder.
        options: how to build.
        reporter: told about progress and problems.
        begun: when the build began, by ``time.perf_counter``.
        seen: the site as it was found, where the output folder that its memory names is locked already.
    """
    try:
        settings, document = read_settings(folder, base_url=options.base_url)
    except ContentError as error:
        raise with_texts(folder, error) from error
    output = (options.output or folder / settings.output).absolute()
    locked = seen is not None and seen.memory.fact("output") == str(output)
    with Staging(output, folder, locked=locked) as staging, contextlib.ExitStack() as closing:
        closing.enter_context(without_garbage_collection())
        job = open_job(folder, options, reporter, seen)
        closing.callback(job.documents.close)
        closing.callback(job.memory.close)
        works = revived(job, settings, document) if may_patch(job) else None
        patched = patch(job, works, staging, begun) if works else None
        return patched or finish(job, prepare(job, settings, document), staging, begun)


@contextlib.contextmanager
def reopened(folder: Path, options: BuildOptions, reporter: Reporter) -> Iterator[tuple[Job, Works]]:
    """The works of a site that has just been built, for those who want to look at it.

    Args:
        folder: the site folder.
        options: how it was built.
        reporter: told about progress and problems, where the memory of that build is of no use.

    Raises:
        ContentError: problems stand in the way.
    """
    try:
        settings, document = read_settings(folder, base_url=options.base_url)
    except ContentError as error:
        raise with_texts(folder, error) from error
    with contextlib.ExitStack() as closing:
        job = open_job(folder, options, reporter)
        closing.callback(job.documents.close)
        closing.callback(job.memory.close)
        works = revived(job, settings, document) if job.memory else None
        yield job, works or prepare(job, settings, document)


@contextlib.contextmanager
def without_garbage_collection() -> Iterator[None]:
    """Spare the search for circles among the many values of a build, which hold none worth the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def revived(job: Job, settings: Settings, document: YamlDocument) -> Works | None:
    """The works of the last build, as the memory keeps them; None where it cannot give them."""
    try:
        saved = read_saved(job.memory)
    except DamagedError:
        return None
    clock = clock_of(job.options, settings)
    theme = load_theme(job.folder, settings, document)
    media = Media(job.folder, settings.pictures, saved.pictures)
    site = revive(saved, job.memory, settings, clock)
    gathered = Gathered(site, {}, {}, {}, People(), media, ())
    planned = Plan((), SavedBodies(job.memory, job.documents), saved.anchored, ())
    return Works(settings, document, theme, assets_of(theme, site), clock, gathered, planned, ())
