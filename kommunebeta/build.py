"""One build, top to bottom."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from kommunebeta.assets import Assets, prepare_assets
from kommunebeta.config import Settings, read_settings
from kommunebeta.content import Parsed, parse_file
from kommunebeta.dialogue.forms import read_form
from kommunebeta.errors import ContentError, Problem, Severity
from kommunebeta.gather import Gathered, gather
from kommunebeta.moments import Clock
from kommunebeta.parallel import map_items, processors
from kommunebeta.plan import Plan, plan
from kommunebeta.publish import Changes, Staging, stage
from kommunebeta.render import Workshop, render_all
from kommunebeta.reporter import Reporter
from kommunebeta.sources import SiteFiles, find_files, read_text
from kommunebeta.theme import Theme, load_theme
from kommunebeta.yamlfile import YamlDocument

CACHE = ".kommunebeta"


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """How to build.

    Attributes:
        output: the output folder; by default the one that the settings name.
        base_url: takes the place of the settings' ``base_url``.
        drafts: build drafts too.
        future: build texts whose moment is still to come.
        at: the moment that the site is built for; by default now. Without a zone, the site's.
        strict: warnings stop publication too.
        jobs: the largest number of processes; 0 for one per processor.
        clean: forget the cache of earlier builds first.
    """

    output: Path | None = None
    base_url: str | None = None
    drafts: bool = False
    future: bool = False
    at: dt.datetime | None = None
    strict: bool = False
    jobs: int = 0
    clean: bool = False


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What a build did.

    Attributes:
        output: the output folder.
        posts: number of posts.
        pages: number of other content pages.
        files: number of files in the output.
        changes: what changed in the output folder.
        problems: warnings and notes, by file and place.
        seconds: how long it took.
    """

    output: Path
    posts: int
    pages: int
    files: int
    changes: Changes
    problems: tuple[Problem, ...]
    seconds: float


@dataclass
class _Build:
    """A build on its way."""

    folder: Path
    options: BuildOptions
    reporter: Reporter
    settings: Settings
    document: YamlDocument
    jobs: int = field(init=False)

    def __post_init__(self) -> None:
        self.jobs = self.options.jobs or processors()

    def stop_on_errors(self) -> None:
        errors = self.reporter.errors
        if self.options.strict:
            errors = tuple(
                problem for problem in self.reporter.problems if problem.severity is not Severity.NOTE
            )
        if errors:
            raise ContentError(self.reporter.problems)


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
    try:
        settings, document = read_settings(folder, base_url=options.base_url)
    except ContentError as error:
        raise _with_texts(folder, error) from error
    job = _Build(folder, options, reporter, settings, document)
    output = (options.output or folder / settings.output).absolute()
    with Staging(output, folder) as staging:
        if options.clean:
            shutil.rmtree(folder / CACHE, ignore_errors=True)
        files = find_files(folder)
        parsed = _parse(job, files)
        theme = _theme(job, files, parsed)
        gathered = _gather(job, files, parsed, theme)
        assets = _assets(job, theme)
        planned = _plan(job, files, gathered, theme, assets)
        job.stop_on_errors()
        changes = _publish(job, planned, gathered, theme, assets, staging)
    return BuildResult(
        output=output,
        posts=len(gathered.site.all_posts),
        pages=len(gathered.site.all_pages),
        files=len(planned.outputs),
        changes=changes,
        problems=reporter.sorted,
        seconds=time.perf_counter() - begun,
    )


def _parse(job: _Build, files: SiteFiles) -> list[Parsed]:
    paths = (*files.posts, *files.pages)
    job.reporter.stage("read", len(paths))
    work = partial(_parse_one, language=job.settings.language)
    return list(map_items(work, job.folder, paths, jobs=job.jobs, done=job.reporter.step))


def _parse_one(folder: Path, path: str, language: str) -> Parsed:
    return parse_file(folder, path, language)


def _with_texts(folder: Path, error: ContentError) -> ContentError:
    """The faults of the settings, and what can be said of the texts without settings."""
    files = find_files(folder)
    parsed = (parse_file(folder, path, "nb") for path in (*files.posts, *files.pages))
    texts = (problem for item in parsed for problem in item.problems)
    return ContentError([*error.problems, *files.problems, *texts])


def _theme(job: _Build, files: SiteFiles, parsed: list[Parsed]) -> Theme:
    try:
        return load_theme(job.folder, job.settings, job.document)
    except ContentError as error:
        texts = (problem for item in parsed for problem in item.problems)
        raise ContentError([*error.problems, *files.problems, *texts]) from error


def _assets(job: _Build, theme: Theme) -> Assets:
    try:
        return prepare_assets(theme.asset_files(), {"parameters.css": theme.style_sheet()})
    except ContentError as error:
        raise ContentError([*job.reporter.problems, *error.problems]) from error


def _gather(job: _Build, files: SiteFiles, parsed: list[Parsed], theme: Theme) -> Gathered:
    now = job.options.at or dt.datetime.now(dt.UTC)
    if now.tzinfo is None:
        now = now.replace(tzinfo=job.settings.zone)
    gathered = gather(
        job.folder,
        files,
        parsed,
        settings=job.settings,
        document=job.document,
        clock=Clock(now, job.settings.zone, job.options.drafts, job.options.future),
        forms=_read_forms(job, files, theme),
        has_template=lambda name: theme.template(name) is not None,
        translate=lambda lang, message: theme.catalogue(lang).gettext(message),
    )
    job.reporter.report_all(gathered.problems)
    return gathered


def _read_forms(job: _Build, files: SiteFiles, theme: Theme) -> frozenset[str]:
    """The ids of all forms, the theme's ready ones included; the site's own are checked."""
    ids = {file.stem for layer in theme.layers for file in (layer.folder / "forms").glob("*.yaml")}
    own: dict[str, str] = {}
    for path in files.forms:
        text, problems = read_text(job.folder, path)
        form = None
        if not problems:
            form, problems = read_form(text, path)
        job.reporter.report_all(problems)
        name = form.id if form else Path(path).stem
        if first := own.get(name):
            message = f"The form's id «{name}» belongs to {first} already."
            job.reporter.report(Problem("KB024", path, 0, 0, message, "Give one of the two another id."))
        own.setdefault(name, path)
    return frozenset(ids | own.keys())


def _plan(job: _Build, files: SiteFiles, gathered: Gathered, theme: Theme, assets: Assets) -> Plan:
    planned = plan(
        gathered,
        static=files.static,
        assets=assets.items,
        translate=lambda lang, message: theme.catalogue(lang).gettext(message),
    )
    job.reporter.report_all(planned.problems)
    return planned


def _publish(
    job: _Build, planned: Plan, gathered: Gathered, theme: Theme, assets: Assets, staging: Staging
) -> Changes:
    workshop = Workshop(
        folder=job.folder,
        cache=job.folder / CACHE / "pictures",
        site=gathered.site,
        theme=theme,
        assets=assets,
        bodies=planned.bodies,
        keep=partial(stage, staging.folder),
    )
    job.reporter.stage("render", len(planned.outputs))
    made = list(render_all(workshop, planned.outputs, jobs=job.jobs, done=job.reporter.step))
    job.reporter.report_all(problem for item in made for problem in item.problems)
    job.stop_on_errors()
    return staging.commit(item.kept for item in made if item.kept)
