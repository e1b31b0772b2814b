"""What a build does when something has changed: look at everything, make what another answer calls for."""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from kommunebeta.answers import Question
from kommunebeta.assets import Assets, prepare_assets
from kommunebeta.config import Settings
from kommunebeta.content import Parsed, parse_file, parse_to_keep
from kommunebeta.current import Seen, options_key, see
from kommunebeta.dialogue.contributions import Written
from kommunebeta.dialogue.folder import read_written
from kommunebeta.dialogue.forms import Forms, collect_forms
from kommunebeta.documents import Documents, key_of, text_digest_of
from kommunebeta.engine import fingerprint
from kommunebeta.errors import ContentError, Problem, Severity
from kommunebeta.experiments import Look
from kommunebeta.gather import Gathered, gather
from kommunebeta.images import forget_unused
from kommunebeta.inquiry import Inquiry
from kommunebeta.memory import CACHE, Kept, Memory, Trace
from kommunebeta.model import Entry
from kommunebeta.moments import Clock
from kommunebeta.options import BuildOptions, BuildResult, Changes
from kommunebeta.outputs import Output, Rendered, Staged, recipe_of
from kommunebeta.parallel import map_items, processors
from kommunebeta.pickles import dumps, loads
from kommunebeta.plan import Plan, plan
from kommunebeta.render import Bench, Made, Workshop, render_all
from kommunebeta.reporter import Reporter
from kommunebeta.saved import save_site
from kommunebeta.site import Site
from kommunebeta.sources import MARKDOWN_ENDINGS, SiteFiles, find_files
from kommunebeta.stale import Answers, Stale, as_text, find_stale
from kommunebeta.theme import Theme, load_theme
from kommunebeta.variants import style_sheets
from kommunebeta.yamlfile import YamlDocument


class Shelf(Protocol):
    """Where outputs are put: an output folder, or a preview's.

    Attributes:
        output: the folder.
        trusted: whether nobody else can have changed it since the last build.
    """

    output: Path
    trusted: bool

    @property
    def stage(self) -> Callable[[str, bytes], Staged]:
        """Makes a file ready; may be sent to any process and called there."""

    def commit(self, staged: Iterable[Staged]) -> Changes:
        """Publish all files of the new site, and remove what is no longer made."""

    def replace(self, staged: Iterable[Staged]) -> Changes:
        """Publish some files of a site that otherwise stays as it is."""


@dataclass
class Job:
    """A build on its way.

    Attributes:
        folder: the site folder.
        options: how to build.
        reporter: told about progress and problems.
        seen: the site as it was found.
        documents: texts that were parsed before.
        jobs: the largest number of processes.
        parsed: texts as they were parsed last, where they are still at hand.
        written: contributions as they were read last, where they are still at hand.
    """

    folder: Path
    options: BuildOptions
    reporter: Reporter
    seen: Seen
    documents: Documents
    jobs: int = field(init=False)
    parsed: Mapping[str, Parsed] = field(default_factory=dict)
    written: Mapping[str, Written] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.jobs = self.options.jobs or processors()

    @property
    def memory(self) -> Memory:
        """What the last build remembered."""
        return self.seen.memory

    def digest_of(self, path: str) -> str:
        """The digest of a file, as it was when the build began."""
        return self.seen.inputs.known_digest(path, self.seen.before)

    def stop_on_errors(self) -> None:
        """Raise a ``ContentError`` where problems stand in the way of publication."""
        errors = self.reporter.errors
        if self.options.strict:
            errors = tuple(
                problem for problem in self.reporter.problems if problem.severity is not Severity.NOTE
            )
        if errors:
            raise ContentError(self.reporter.problems)


@dataclass
class Works:
    """A site with all that belongs to it, ready to be rendered.

    Attributes:
        settings: the settings.
        document: where they stand in their file.
        theme: the theme.
        assets: its assets.
        clock: the moment.
        gathered: the site and what was found on the way.
        plan: the outputs.
        parsed: the texts as they were parsed.
        written: the contributions of citizens as they were read.
        bench: where outputs are made, once the first has been.
    """

    settings: Settings
    document: YamlDocument
    theme: Theme
    assets: Assets
    clock: Clock
    gathered: Gathered
    plan: Plan
    parsed: tuple[Parsed, ...]
    written: tuple[Written, ...] = ()
    bench: Bench | None = None

    @property
    def site(self) -> Site:
        """The site."""
        return self.gathered.site

    @property
    def entries(self) -> MutableMapping[str, Entry]:
        """Posts and pages by file; a text that is edited takes the place of the old one here."""
        return self.gathered.site.holdings.entries


def open_job(folder: Path, options: BuildOptions, reporter: Reporter, seen: Seen | None = None) -> Job:
    """Look at a site's files, and at what is remembered of earlier builds.

    Args:
        folder: the site folder.
        options: how to build.
        reporter: told about progress and problems.
        seen: the site as it was found, if that has been done.
    """
    if options.clean:
        shutil.rmtree(folder / CACHE, ignore_errors=True)
    version = fingerprint()
    seen = seen or see(folder, Memory(folder, options.output, version))
    if seen.memory.damaged:
        reporter.report(memory_note("was damaged, so everything was made anew"))
    for path in seen.changed.added:
        if not path.endswith(MARKDOWN_ENDINGS):  # of a text, the digest is taken when it is read
            seen.inputs.digest(path)
    return Job(folder, options, reporter, seen, Documents(folder / CACHE / "documents.db", version))


def memory_note(what: str) -> Problem:
    """A note about the memory of earlier builds."""
    message = f"The memory of earlier builds {what}."
    return Problem("KB060", CACHE, 0, 0, message, "The site itself is not affected.", Severity.NOTE)


def prepare(job: Job, settings: Settings, document: YamlDocument) -> Works:
    """Read, gather and plan.

    Raises:
        ContentError: problems stand in the way.
    """
    files = find_files(job.folder)
    parsed = _parse(job, settings, files)
    theme = _theme(job, settings, document, files, parsed)
    clock = clock_of(job.options, settings)
    written = read_written(
        job.folder, files.dialogue, job.documents, job.digest_of, known=job.written, jobs=job.jobs
    )
    gathered = _gather(job, files, parsed, settings, document, theme, clock, written)
    assets = _assets(job, theme, gathered.site)
    planned = _plan(job, files, gathered, theme, assets)
    job.stop_on_errors()
    return Works(settings, document, theme, assets, clock, gathered, planned, tuple(parsed), written)


def clock_of(options: BuildOptions, settings: Settings) -> Clock:
    """The moment of the build."""
    moment = options.at or dt.datetime.now(dt.UTC)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=settings.zone)
    return Clock(moment, settings.zone, options.drafts, options.future)


def _parse(job: Job, settings: Settings, files: SiteFiles) -> list[Parsed]:
    """Every text, parsed now or before."""
    paths = (*files.posts, *files.pages)
    known = _kept_texts(job, settings, paths)
    missing = [path for path in paths if path not in known]
    job.reporter.stage("read", len(missing))
    work = partial(_parse_one, language=settings.language)
    rows = []
    for kept, html in map_items(work, job.folder, missing, jobs=job.jobs, done=job.reporter.step):
        parsed = loads(kept)
        known[parsed.path] = parsed
        if parsed.key:
            rows.append((parsed.key, kept, html))
        if len(rows) >= 500:
            job.documents.put(rows)
            rows = []
    job.documents.put(rows)
    return [known[path] for path in paths]


def _parse_one(folder: Path, path: str, language: str) -> tuple[bytes, bytes]:
    parsed, html = parse_to_keep(folder, path, language)
    return dumps(parsed), html  # as bytes, which it is kept as anyway, so that it is not packed twice


def _kept_texts(job: Job, settings: Settings, paths: Iterable[str]) -> dict[str, Parsed]:
    """Texts that hold what they held when they were parsed before."""
    if job.documents.is_empty():
        return {}
    digests = {path: job.digest_of(path) for path in paths}
    keys = {path: key_of(path, digest, settings.language) for path, digest in digests.items() if digest}
    at_hand = {path: job.parsed[path] for path, key in keys.items() if _has_key(job.parsed.get(path), key)}
    heads = job.documents.heads({path: key for path, key in keys.items() if path not in at_hand})
    return {**at_hand, **{path: item for path, item in heads.items() if isinstance(item, Parsed)}}


def _has_key(parsed: Parsed | None, key: str) -> bool:
    return parsed is not None and parsed.key == key


def with_texts(folder: Path, error: ContentError) -> ContentError:
    """The faults of the settings, and what can be said of the texts without settings."""
    files = find_files(folder)
    parsed = (parse_file(folder, path, "nb") for path in (*files.posts, *files.pages))
    texts = (problem for item in parsed for problem in item.problems)
    return ContentError([*error.problems, *files.problems, *texts])


def _theme(
    job: Job, settings: Settings, document: YamlDocument, files: SiteFiles, parsed: Iterable[Parsed]
) -> Theme:
    try:
        return load_theme(job.folder, settings, document)
    except ContentError as error:
        texts = (problem for item in parsed for problem in item.problems)
        raise ContentError([*error.problems, *files.problems, *texts]) from error


def _assets(job: Job, theme: Theme, site: Site) -> Assets:
    try:
        return assets_of(theme, site)
    except ContentError as error:
        raise ContentError([*job.reporter.problems, *error.problems]) from error


def assets_of(theme: Theme, site: Site) -> Assets:
    """A theme's assets, with those that are made from its parameters and from those of variants."""
    made = {"parameters.css": theme.style_sheet(), **style_sheets(site, theme)}
    return prepare_assets(theme.asset_files(), made)


def _gather(
    job: Job,
    files: SiteFiles,
    parsed: Iterable[Parsed],
    settings: Settings,
    document: YamlDocument,
    theme: Theme,
    clock: Clock,
    written: Iterable[Written],
) -> Gathered:
    gathered = gather(
        job.folder,
        files,
        parsed,
        settings=settings,
        document=document,
        clock=clock,
        forms=_forms(job, files, theme),
        has_template=lambda name: theme.template(name) is not None,
        translate=lambda lang, message: theme.catalogue(lang).gettext(message),
        look=Look(theme.declared, lambda: theme.messages(settings.all_languages)),
        written=written,
    )
    job.reporter.report_all(gathered.problems)
    return gathered


def _forms(job: Job, files: SiteFiles, theme: Theme) -> Forms:
    ready = [
        (file, layer.shown(f"forms/{file.name}"))
        for layer in theme.layers
        if layer.name != "site"
        for file in sorted((layer.folder / "forms").glob("*.yaml"))
    ]
    forms, problems = collect_forms(job.folder, files.forms, ready)
    job.reporter.report_all(problems)
    return forms


def _plan(job: Job, files: SiteFiles, gathered: Gathered, theme: Theme, assets: Assets) -> Plan:
    planned = plan(
        gathered,
        static=files.static,
        assets=assets.items,
        translate=lambda lang, message: theme.catalogue(lang).gettext(message),
    )
    job.reporter.report_all(planned.problems)
    return planned


def finish(job: Job, works: Works, shelf: Shelf, begun: float) -> BuildResult:
    """Make what is stale, publish, and remember.

    Raises:
        ContentError: problems stand in the way; nothing was published.
        OutsideError: the disk failed.
    """
    answers = Answers(inquiry_of(job, works))
    recipes = recipes_of(job, works)
    stale = find_stale(job.memory, shelf.output, recipes, answers)
    made = render(
        job, works, shelf, [output for output in works.plan.outputs if output.path in stale.reasons]
    )
    changes = shelf.commit([*(item.kept for item in made if item.kept), *stale.same])
    result = BuildResult(
        output=shelf.output,
        posts=len(works.site.holdings.places),
        pages=len(works.site.all_pages),
        files=len(works.plan.outputs),
        rendered=len(made),
        changes=changes,
        problems=job.reporter.sorted,
        next_change=next_change(job, works, made, stale),
        seconds=0,
    )
    result = remember(job, works, result, made, stale, recipes, answers)
    return replace(result, seconds=time.perf_counter() - begun)


def inquiry_of(job: Job, works: Works) -> Inquiry:
    """Answers to what the pages of a site ask."""
    return Inquiry(
        works.site,
        works.theme,
        works.assets,
        works.plan.bodies,
        job.digest_of,
    )


def recipes_of(job: Job, works: Works) -> dict[str, str]:
    """The recipe of every output; where nothing is remembered, those of rendered ones come with them."""
    quality = works.settings.pictures.quality
    return {
        output.path: recipe_of(output, job.digest_of, quality)
        if job.memory or not isinstance(output.content, Rendered)
        else ""
        for output in works.plan.outputs
    }


def render(job: Job, works: Works, shelf: Shelf, outputs: Sequence[Output]) -> list[Made]:
    """Make outputs.

    Raises:
        ContentError: one of them cannot be made.
    """
    works.bench = works.bench or Bench(workshop_of(job, works, shelf))
    job.reporter.stage("render", len(outputs))
    made = list(render_all(works.bench, outputs, jobs=job.jobs, done=job.reporter.step))
    job.reporter.report_all(problem for item in made for problem in item.problems)
    job.stop_on_errors()
    return made


def workshop_of(job: Job, works: Works, shelf: Shelf) -> Workshop:
    """What rendering needs."""
    return Workshop(
        folder=job.folder,
        cache=job.folder / CACHE / "pictures",
        site=works.gathered.site,
        theme=works.theme,
        assets=works.assets,
        bodies=works.plan.bodies,
        documents=job.documents,
        keep=shelf.stage,
    )


def next_change(job: Job, works: Works, made: Iterable[Made], stale: Stale) -> dt.datetime | None:
    """When the output will change by itself."""
    kept = {item.path for item in stale.same}
    askers = job.memory.users_of([("today",)]) if job.memory else {}
    if any(("today",) in item.shared for item in made) or kept & askers.keys():
        works.clock.wait_for_tomorrow()
    return works.clock.next_change


def remember(
    job: Job,
    works: Works,
    result: BuildResult,
    made: Sequence[Made],
    stale: Stale,
    recipes: Mapping[str, str],
    answers: Answers,
) -> BuildResult:
    """Keep what the next build needs to know; where that fails, the next one makes everything anew."""
    memory = job.memory
    for item in made:
        answers.known.update(zip(item.asked, item.answers, strict=True))
    try:
        known = set() if not memory else {question for question, _ in memory.questions()}
        memory.begin()
        asked = {question for item in made for question in item.asked}
        asked |= {question for shared in {item.shared for item in made} for question in shared}
        memory.set_answers(
            {question: answers.of(question) for question in (*stale.changed, *(asked - known))}
        )
        memory.forget_outputs(stale.gone)
        memory.set_traces(_traces(made, stale, recipes, result.output))
        memory.set_kept(stale.touched)
        remember_inputs(job, works)
        save_site(memory, works.site, works.gathered, works.plan, works.parsed)
        memory.set_facts(facts_of(job, works, result, asked))
        memory.tidy()
        memory.end()
        tidy_cache(job, works)
    except (sqlite3.Error, OSError):
        memory.forget()
        note = memory_note("could not be written, so the next one will make everything anew")
        return replace(result, problems=(*result.problems, note))
    return result


def _read(works: Works) -> Iterator[tuple[str, str]]:
    """Path and key of every file that is kept as it was read."""
    yield from ((item.path, item.key) for item in works.parsed)
    yield from ((item.path, item.key) for item in works.written)


def tidy_cache(job: Job, works: Works) -> None:
    """Once a day, forget texts and pictures that have not been used for long."""
    today = time.strftime("%Y-%m-%d")
    if job.memory.fact("tidied") != today:
        job.documents.tidy(key for _, key in _read(works))
        forget_unused(job.folder / CACHE / "pictures")
        job.memory.set_facts({"tidied": today})


def _traces(made: Iterable[Made], stale: Stale, recipes: Mapping[str, str], output: Path) -> list[Trace]:
    return [
        Trace(
            item.path,
            kept_of(output, item.kept, item.recipe or recipes[item.path]),
            item.asked,
            item.shared,
            item.content,
            as_text(stale.reasons[item.path]),
        )
        for item in made
        if item.kept
    ]


def kept_of(output: Path, staged: Staged, recipe: str) -> Kept:
    """What is remembered of an output that lies in its place now."""
    status = (output / staged.path).lstat()
    return Kept(status.st_size, status.st_mtime_ns, staged.digest, recipe)


def remember_inputs(job: Job, works: Works) -> None:
    """Keep the files as this build has read them."""
    read = {path: text_digest_of(key) for path, key in _read(works) if key}
    seen = job.seen
    inputs = seen.inputs.remember(seen.before, read)
    job.memory.set_inputs({path: item for path, item in inputs.items() if seen.before.get(path) != item})
    job.memory.forget_inputs(seen.changed.removed)
    seen.before = inputs


def facts_of(job: Job, works: Works, result: BuildResult, asked: Collection[Question]) -> dict[str, object]:
    """What the next build must know before it looks at anything else."""
    following = result.next_change
    return {
        "output": str(result.output),
        "options": options_key(job.options),
        "made_at": works.clock.now.astimezone(dt.UTC).isoformat(),
        "next_change": following.isoformat() if following else None,
        "asks_now": ("now",) in asked or bool(job.memory.users_of([("now",)])),
        "summary": {"posts": result.posts, "pages": result.pages, "files": result.files},
        "problems": problem_rows(result.problems),
    }


def problem_rows(problems: Iterable[Problem]) -> list[list[object]]:
    """Problems as the memory keeps them, without those that tell of the memory itself."""
    return [[*astuple(problem)] for problem in problems if problem.code != "KB060"]
