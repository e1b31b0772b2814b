"""A site kept warm between edits: after each, what it touches is made anew and nothing else."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import re
import shutil
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from urllib.parse import unquote

from kommunebeta.config import Settings, read_settings
from kommunebeta.content import Parsed
from kommunebeta.current import Seen, damaged_outputs, is_of_kind, see, unchanged
from kommunebeta.dialogue.contributions import Written
from kommunebeta.documents import Documents
from kommunebeta.engine import fingerprint
from kommunebeta.errors import ContentError, OutsideError, Problem
from kommunebeta.headers import PLACE, policy_sources
from kommunebeta.inventory import STAGING
from kommunebeta.memory import CACHE, Memory
from kommunebeta.model import Post
from kommunebeta.options import BuildOptions, BuildResult, Changes
from kommunebeta.outputs import Staged
from kommunebeta.patch import may_patch, patch, planning_desk
from kommunebeta.permalinks import output_path
from kommunebeta.pickles import DamagedError
from kommunebeta.plan import outputs_of
from kommunebeta.publish import stage
from kommunebeta.rebuild import revived, without_garbage_collection
from kommunebeta.render import Bench
from kommunebeta.reporter import Reporter
from kommunebeta.works import Job, Works, clock_of, finish, prepare, with_texts, workshop_of
from kommunebeta.yamlfile import YamlDocument

_STYLE_SHEET = re.compile(rb'(?<=/)([\w.-]+)\.[0-9a-f]{8,64}\.css(?=")')
_USED = re.compile(rb'\b(?:src|href|srcset|poster)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Refresh:
    """The outcome of looking at a site again.

    Attributes:
        ok: False where errors stand in the way; the last good pages are kept.
        changed: outputs whose bytes are new.
        restyled: those of them in which only the addresses of style sheets are new.
        removed: outputs that are gone.
        problems: all of this state of the site.
        seconds: how long it took.
        next_change: when the output will change by itself.
    """

    ok: bool
    changed: frozenset[str] = frozenset()
    restyled: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()
    seconds: float = 0.0
    next_change: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class PageInfo:
    """What a writer may want to know of a page.

    Attributes:
        source: its file, relative to the site folder; empty for lists.
        state: ``draft``, ``scheduled`` or empty.
        words: number of words.
        minutes: time to read it.
    """

    source: str
    state: str = ""
    words: int = 0
    minutes: int = 0


class PreviewShelf:
    """Where a preview's outputs are put: a folder in the cache, which nobody else writes to."""

    def __init__(self, output: Path) -> None:
        """Begin.

        Args:
            output: the folder; made when needed.
        """
        self.output = output
        self.trusted = False
        self.restyled: frozenset[str] = frozenset()
        self._staging = output / f"{STAGING}preview"
        shutil.rmtree(self._staging, ignore_errors=True)
        self._staging.mkdir(parents=True)

    @property
    def stage(self) -> Callable[[str, bytes], Staged]:
        """Makes a file ready, in any process."""
        return partial(stage, self._staging)

    def commit(self, staged: Iterable[Staged]) -> Changes:
        """Put all files of the new site in their places, and remove the others."""
        files = {item.path: item for item in staged}
        changes = self.replace(files.values())
        removed = []
        for place, folders, names in os.walk(self.output):
            folders[:] = [name for name in folders if not name.startswith(STAGING)]
            shown = Path(place).relative_to(self.output).as_posix()
            for name in names:
                path = name if shown == "." else f"{shown}/{name}"
                if path not in files:
                    (self.output / path).unlink()
                    removed.append(path)
        return replace(changes, removed=tuple(sorted(removed)))

    def replace(self, staged: Iterable[Staged]) -> Changes:
        """Put some files in their places."""
        fresh = [item.path for item in staged if not item.same]
        styles = any(path.endswith(".css") for path in fresh)
        restyled, added = set(), set()
        for path in fresh:
            place, new = self.output / path, self._staging / path
            if styles and path.endswith(".html") and _is_restyled(place, new):
                restyled.add(path)
            if not place.exists():
                added.add(path)
            _move(new, place)
        self.restyled = frozenset(restyled)
        self.trusted = True
        return Changes(tuple(sorted(added)), tuple(path for path in fresh if path not in added))


def _is_restyled(old: Path, new: Path) -> bool:
    """Whether two pages differ only in the fingerprints of their style sheets."""
    try:
        return _STYLE_SHEET.sub(rb"\1.css", old.read_bytes()) == _STYLE_SHEET.sub(
            rb"\1.css", new.read_bytes()
        )
    except OSError:
        return False


def _move(new: Path, place: Path) -> None:
    try:
        new.replace(place)
    except OSError:  # a folder is missing, or a file and a folder change places
        for above in place.parents:
            if above.is_file() or above.is_symlink():
                above.unlink()
        if place.is_dir():
            shutil.rmtree(place)
        place.parent.mkdir(parents=True, exist_ok=True)
        new.replace(place)


class Preview:
    """A site's preview. Not for several threads at once.

    Attributes:
        settings: the settings of the last good state; None before the first.
    """

    def __init__(self, site: Path, options: BuildOptions) -> None:
        """Begin; nothing is read before the first ``refresh``.

        Args:
            site: the site folder.
            options: how to build; its output folder does not count.
        """
        self.settings: Settings | None = None
        self._site = site.resolve()
        self._options = replace(options, output=self._site / CACHE / "preview", strict=False)
        self._shelf: PreviewShelf | None = None
        self._seen: Seen | None = None
        self._documents = Documents(self._site / CACHE / "documents.db", fingerprint())
        self._works: Works | None = None
        self._parsed: dict[str, Parsed] = {}
        self._written: dict[str, Written] = {}
        self._last = Refresh(ok=False)

    def refresh(self, changed: Collection[str] | None = None) -> Refresh:
        """Look at the site again, and make anew what has changed.

        Args:
            changed: files or folders relative to the site that may have changed; None for all.

        Returns:
            What came of it; content with errors is told there.

        Raises:
            UsageError: the folder is no site.
            OutsideError: the disk failed.
        """
        begun = time.perf_counter()
        try:
            seen = self._look(changed)
            result = self._build(seen, begun)
        except ContentError as error:
            refreshed = Refresh(ok=False, problems=error.problems, next_change=self._last.next_change)
        except OSError as error:
            raise OutsideError(f"{error.filename or self._site}: {error.strerror or error}.") from error
        else:
            refreshed = self._refreshed(result)
        self._last = replace(refreshed, seconds=time.perf_counter() - begun)
        return self._last

    def _look(self, changed: Collection[str] | None) -> Seen:
        if self._shelf is None:
            self._shelf = PreviewShelf(self._options.output or self._site)
        if self._seen is None:
            self._seen = see(self._site, Memory(self._site, self._options.output, fingerprint()))
        elif changed is None:
            self._seen = see(self._site, self._seen.memory)
        else:
            seen = self._seen
            seen.inputs.look_again(changed, time.time_ns())
            seen.changed, seen.touched = seen.inputs.compare(seen.before)
        return self._seen

    def _build(self, seen: Seen, begun: float) -> BuildResult:
        shelf = self._shelf or PreviewShelf(self._site)
        job = Job(
            self._site,
            self._options,
            Reporter(),
            seen,
            self._documents,
            parsed=self._parsed,
            written=self._written,
        )
        try:
            settings, document = read_settings(self._site, base_url=self._options.base_url)
        except ContentError as error:
            raise with_texts(self._site, error) from error
        result = self._unchanged(job, settings, document, shelf, begun)
        if result:
            return result
        if may_patch(job):
            self._works = self._works or revived(job, settings, document)
            if self._works:
                self._works.clock = clock_of(self._options, settings)
                self._works.site.holdings.now = self._works.clock.now
                result = patch(job, self._works, shelf, begun)
                if result:
                    self.settings = settings
                    return result
        with without_garbage_collection():
            works = prepare(job, settings, document)
            result = finish(job, works, shelf, begun)
        self._works, self.settings = works, settings
        self._parsed = {item.path: item for item in works.parsed if item.key}
        self._written = {item.path: item for item in works.written if item.key}
        self.__dict__.pop("_sources", None)
        return result

    def _unchanged(
        self, job: Job, settings: Settings, document: YamlDocument, shelf: PreviewShelf, begun: float
    ) -> BuildResult | None:
        """The outcome where the pages that are there already are those of now."""
        memory = job.memory
        if not memory or job.seen.changed or not is_of_kind(memory, self._options):
            return None
        if not shelf.trusted and damaged_outputs(shelf.output, memory.stamps()):
            return None
        self._works = self._works or revived(job, settings, document)
        self.settings = settings
        return unchanged(memory, time.perf_counter() - begun) if self._works else None

    def warm_up(self) -> None:
        """Make a page for nothing, so that the first edit finds the templates compiled."""
        if self._works and self._works.bench is None and self._seen and self._shelf:
            job = Job(self._site, self._options, Reporter(), self._seen, self._documents)
            self._works.bench = Bench(workshop_of(job, self._works, self._shelf))
        if self._works and self._works.bench and self._works.site.holdings.places:
            post = self._works.site.seen(self._works.site.holdings.places[0].source)
            with contextlib.suppress(ContentError, DamagedError):
                self._works.bench.make(outputs_of(planning_desk(self._works), post)[0])

    def _refreshed(self, result: BuildResult) -> Refresh:
        changes = result.changes
        changed = frozenset((*changes.added, *changes.changed))
        return Refresh(
            ok=True,
            changed=changed,
            restyled=self._shelf.restyled & changed if self._shelf else frozenset(),
            removed=frozenset(changes.removed),
            problems=result.problems,
            next_change=result.next_change,
        )

    def read(self, path: str) -> bytes | None:
        """What an output holds; None where there is none of that path."""
        place = self.folder / path
        parts = path.split("/")
        if "\0" in path or any(part in ("", ".", "..") or part.startswith(STAGING) for part in parts):
            return None
        try:
            return None if place.is_symlink() or not place.is_file() else place.read_bytes()
        except OSError:
            return None

    @property
    def works(self) -> Works | None:
        """The site as it is shown; None before the first good state."""
        return self._works

    @property
    def folder(self) -> Path:
        """The folder that holds the preview's outputs."""
        return self._options.output or self._site

    @property
    def policy_sources(self) -> dict[str, tuple[str, ...]]:
        """What pages may reach beside the site itself, as the site tells its host, by directive."""
        return policy_sources((self.read("_headers") or b"").decode("utf-8", "replace"))

    @property
    def asks_for_place(self) -> bool:
        """Whether pages may ask the browser where the reader is, as the site tells its host."""
        return PLACE.encode() in (self.read("_headers") or b"")

    def about(self, path: str) -> PageInfo:
        """What a writer may want to know of an output that is a page."""
        source = self._sources.get(path, "")
        if not source or self._works is None:
            return PageInfo("")
        try:
            entry = self._works.site.holdings.entries[source]
        except (KeyError, DamagedError):
            return PageInfo("")
        scheduled = isinstance(entry, Post) and entry.scheduled
        state = "draft" if entry.draft else "scheduled" if scheduled else ""
        return PageInfo(source, state, entry.words, entry.reading_minutes)

    @cached_property
    def _sources(self) -> dict[str, str]:
        """The file of each entry's page."""
        if self._works is None:
            return {}
        site = self._works.site
        found = {output_path(at.address): at.source for at in site.holdings.places}
        return found | {output_path(page.address): page.source for page in site.holdings.pages}

    def uses(self, path: str) -> frozenset[str]:
        """The outputs that a page names: style sheets, scripts, pictures and pages that it links to."""
        page = self.read(path) or b""
        base = self.settings.base_path if self.settings else "/"
        names = (name for value in _USED.findall(page) for name in re.split(rb"[\s,]+", value))
        local = (unquote(name.decode("utf-8", "replace")).partition("#")[0] for name in names)
        return frozenset(name.removeprefix(base) for name in local if name.startswith(base))

    def is_current(self) -> bool:
        """Whether the clock has changed nothing since the last refresh."""
        return self._seen is None or not self._seen.memory or is_of_kind(self._seen.memory, self._options)

    def close(self) -> None:
        """Let go of the memory, so that the next preview begins where this one ends."""
        if self._seen is not None:
            self._seen.memory.close()
        self._documents.close()
