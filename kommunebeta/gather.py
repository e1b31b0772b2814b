"""Everything that was parsed → one ``Site``."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kommunebeta.config import FILE_NAME, MenuEntry, Settings
from kommunebeta.content import Entry, Parsed
from kommunebeta.dialogue.contributions import Surroundings, Written
from kommunebeta.dialogue.delivery import used_forms
from kommunebeta.dialogue.folder import Dialogues, read_dialogue
from kommunebeta.dialogue.forms import Forms
from kommunebeta.dialogue.model import Dialogue
from kommunebeta.dialogue.outcomes import as_of, outcome_warnings
from kommunebeta.dialogue.routes import route_problems
from kommunebeta.embeds.lock import LOCK, read_lock
from kommunebeta.embeds.resolve import Embeds
from kommunebeta.embeds.texts import ResolvedEmbeds
from kommunebeta.entries import (
    Desk,
    choose_ids,
    collect_terms,
    entry_date,
    make_page,
    make_post,
    schedule_problems,
)
from kommunebeta.errors import Problem, Severity
from kommunebeta.experiments import Look, make_experiment
from kommunebeta.frontmatter import ExperimentMatter
from kommunebeta.lists import experiments_in
from kommunebeta.media import Media
from kommunebeta.model import Channel, Document, MenuItem, Page, Post
from kommunebeta.moments import Clock
from kommunebeta.people import People, read_people
from kommunebeta.permalinks import Addresses
from kommunebeta.site import Site
from kommunebeta.sources import MARKDOWN_ENDINGS, SiteFiles, read_text
from kommunebeta.yamlfile import YamlDocument, read_yaml, resolve

LIST_TITLES = {
    "home": "Home",
    "archive": "Archive",
    "tags": "Topics",
    "categories": "Categories",
    "series": "Series",
    "people": "Who writes and answers",
    "questions": "Questions to you",
    "outcomes": "You said, we did",
    "experiments": "Experiments",
}
"""What the site's own lists are called in menus: message ids of the interface's catalogue."""

Translate = Callable[[str, str], str]
"""Language and message id → text."""

_NO_LOOK = Look()


@dataclass(frozen=True, slots=True)
class Gathered:
    """The outcome of gathering.

    Attributes:
        site: the site.
        bodies: the rendered body of each published entry, by file; without HTML where that is kept elsewhere.
        keys: what the HTML is kept under, by file.
        unpublished: why a file is not published now (``draft``, ``scheduled``, ``expired``, or
            ``faulty`` when it could not be read), by file.
        people: who writes and answers.
        media: the pictures and files asked for so far.
        problems: what was found.
    """

    site: Site
    bodies: Mapping[str, Document]
    keys: Mapping[str, str]
    unpublished: Mapping[str, str]
    people: People
    media: Media
    problems: tuple[Problem, ...]


def gather(
    folder: Path,
    files: SiteFiles,
    parsed: Iterable[Parsed],
    *,
    settings: Settings,
    document: YamlDocument,
    clock: Clock,
    forms: Forms,
    has_template: Callable[[str], bool],
    translate: Translate,
    look: Look = _NO_LOOK,
    written: Iterable[Written] = (),
) -> Gathered:
    """Bring everything together.

    Args:
        folder: the site folder.
        files: its files.
        parsed: the parsed content files.
        settings: the settings.
        document: where the settings stand in their file.
        clock: the moment of the build.
        forms: the forms that exist.
        has_template: whether the theme knows a template.
        translate: the interface's texts.
        look: what of the theme an experiment may change.
        written: the contributions of citizens.
    """
    parsed = tuple(parsed)
    media = Media(folder, settings.pictures)
    addresses = Addresses(settings)
    problems = [*files.problems, *addresses.problems(FILE_NAME, _pattern_places(document))]
    people, faults = read_people(folder, files.people, media)
    problems += faults
    data, faults = read_data(folder, files.data)
    problems += faults
    entries, unpublished, ids, found = _published(parsed, clock)
    problems += found
    embeds = _embeds(folder, settings, media, problems)
    read = _dialogues(folder, files, written, parsed, ids, Surroundings(clock, people, forms), settings)
    problems += read.problems
    dialogues = as_of(read.by_post, clock)
    desk = Desk(
        settings,
        clock,
        media,
        people,
        addresses,
        forms.ids,
        has_template,
        ResolvedEmbeds(embeds, problems),
        collect_terms(entries),
        ids,
        {name: item.outcome.date for name, item in dialogues.items() if item.outcome},
        problems=problems,
    )
    posts = [post for entry in entries if _is_post(entry) and (post := make_post(desk, entry))]
    pages = [_make_page(desk, entry, look) for entry in entries if not _is_post(entry)]
    problems += [*people.problems, *_named_in_settings(settings, document, media, pages)]
    problems += route_problems(
        settings, document, forms, used_forms(settings, forms.definitions, [*posts, *pages])
    )
    site = Site(
        settings,
        now=clock.now,
        posts=posts,
        pages=pages,
        people=people.known.values(),
        channels=_channels(settings, document, people, problems),
        menus=_menus(settings, document, posts, pages, addresses, translate, problems),
        data=data,
        forms=forms.definitions,
        dialogue=dialogues,
    )
    problems += _unused_forms(parsed, settings, forms, dialogues)
    told = sorted(posts, key=lambda post: (post.lang != settings.language, post.source))
    problems += outcome_warnings(told, dialogues)
    bodies = {entry.path: entry.document for entry in entries}
    keys = {item.path: item.key for item in parsed}
    return Gathered(site, bodies, keys, unpublished, people, media, tuple(_told(problems, embeds)))


def _dialogues(
    folder: Path,
    files: SiteFiles,
    written: Iterable[Written],
    parsed: Iterable[Parsed],
    ids: Mapping[str, str],
    around: Surroundings,
    settings: Settings,
) -> Dialogues:
    """What is published of the dialogues; contributions stay with a text that is not published now."""
    texts = [item.entry for item in parsed if item.entry]
    return read_dialogue(folder, files.dialogue, written, texts, ids, around, settings.language)


def _embeds(folder: Path, settings: Settings, media: Media, problems: list[Problem]) -> Embeds:
    facts, faults = read_lock(folder)
    problems += faults
    return Embeds(settings, facts, media)


def _told(problems: Iterable[Problem], embeds: Embeds) -> Iterable[Problem]:
    """The problems of the site: a transcript beside a post is no post that lacks its front matter."""
    yield from (item for item in problems if item.code != "KB002" or item.path not in embeds.transcripts)
    yield from _not_looked_up(embeds)


def _not_looked_up(embeds: Embeds) -> list[Problem]:
    """A note where a look-up could tell more; no build makes one by itself."""
    if not embeds.unknown:
        return []
    first = min(embeds.unknown)
    several = len(embeds.unknown) > 1
    message = (
        f"{len(embeds.unknown)} embeds have not been looked up, among them {first}."
        if several
        else f"An embed has not been looked up: {first}."
    )
    mend = "«kommunebeta embeds update» fetches title, picture and licence, once, for you to commit."
    return [Problem("KB071", LOCK, 0, 0, message, mend, Severity.NOTE)]


def _published(
    parsed: Iterable[Parsed], clock: Clock
) -> tuple[list[Entry], dict[str, str], dict[str, str], list[Problem]]:
    """What is published now, why the rest is not, the ids, and the problems.

    The ids are chosen among all texts, so that none moves when another begins or ceases to be published.
    """
    problems: list[Problem] = []
    entries: list[Entry] = []
    faulty: dict[str, str] = {}
    for item in parsed:
        problems += item.problems
        if item.entry is None:
            faulty[item.path] = "faulty"
        else:
            entries.append(item.entry)
    reasons = {entry.path: clock.hides(entry.matter, entry_date(entry, clock)) for entry in entries}
    problems += [problem for entry in entries for problem in schedule_problems(entry, clock)]
    ids, faults = choose_ids(entries, clock)
    return (
        [entry for entry in entries if not reasons[entry.path]],
        {**faulty, **{path: reason for path, reason in reasons.items() if reason}},
        ids,
        [*problems, *faults],
    )


def _unused_forms(
    parsed: Iterable[Parsed], settings: Settings, forms: Forms, dialogues: Mapping[str, Dialogue]
) -> Iterator[Problem]:
    """A warning for each form of the site's own that stands nowhere; drafts and what is to come count."""
    used = {settings.inbox.page_feedback}
    for matter in (item.entry.matter for item in parsed if item.entry):
        call = getattr(matter, "consultation", None)
        commented = getattr(matter, "comments", "") == "open"
        used |= {matter.feedback, call.form if call else "", "innspill" if commented else ""}
    for dialogue in dialogues.values():
        used |= {item.form for item in dialogue.contributions}
        used |= {dialogue.results.form} if dialogue.results else set()
    mend = "Name it as «feedback» or «form» in a text, or delete the file."
    for name, path in sorted(forms.own.items()):
        if name in forms.definitions and name not in used:
            message = f"Nobody uses the form «{name}»."
            yield Problem("KB087", path, 0, 0, message, mend, Severity.WARNING)


def _named_in_settings(
    settings: Settings, document: YamlDocument, media: Media, pages: Iterable[Page]
) -> list[Problem]:
    """Content files and the icon that the settings name but the site does not have."""
    sources = {page.source for page in pages}
    named = (
        (("beta", "page"), settings.beta.page),
        (("beta", "feedback"), settings.beta.feedback),
        (("accessibility", "page"), settings.accessibility.page),
        (("privacy", "page"), settings.privacy.page),
    )
    mend = "Name a published file such as content/pages/om.md."
    problems = [
        Problem("KB030", FILE_NAME, *document.place_of(key), f"There is no page «{source}».", mend)
        for key, source in named
        if source.lower().endswith(MARKDOWN_ENDINGS) and source not in sources
    ]
    if settings.icon.file and icon_file(settings, media) is None:
        message = f"There is no picture «{settings.icon.file}»."
        place = document.place_of(("icon", "file"))
        problems.append(Problem("KB032", FILE_NAME, *place, message, "Put it in static/, or mend its name."))
    return problems


def icon_file(settings: Settings, media: Media) -> str | None:
    """The file of the site's icon, relative to the site folder; None when there is none."""
    name = settings.icon.file.lstrip("/")
    return media.find(f"/{name}", FILE_NAME) if name else None


def _is_post(entry: Entry) -> bool:
    return entry.path.startswith("content/posts/")


def _make_page(desk: Desk, entry: Entry, look: Look) -> Page:
    if isinstance(entry.matter, ExperimentMatter):
        return make_experiment(desk, entry, entry.matter, look)
    return make_page(desk, entry)


def _pattern_places(document: YamlDocument) -> dict[str, tuple[int, int]]:
    return {
        ".".join(str(part) for part in path[1:] if part != "languages"): place
        for path, place in document.values.items()
        if path[:1] == ("permalinks",) and len(path) > 1
    }


def read_data(folder: Path, paths: Iterable[str]) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """Read the files in ``data/``.

    Returns:
        The contents by name without ending, folders as nested mappings; and the problems. YAML
        values are typed by ``yamlfile.resolve``, JSON as usual; CSV is a list of mappings of text.
    """
    data: dict[str, Any] = {}
    files: dict[str, str] = {}
    problems: list[Problem] = []
    for path in sorted(paths, key=lambda path: path.rpartition(".")[0].split("/")):
        text, faults = read_text(folder, path)
        problems += faults
        if faults:
            continue
        value, faults = _parse_data(text, path)
        problems += faults
        name = path.removeprefix("data/").rpartition(".")[0]
        first = next((other for other in (name, *_parents(name)) if other in files), "")
        if first:
            message = f"{files[first]} and {path} would both be «{first}» in templates."
            problems.append(Problem("KB023", path, 0, 0, message, "Give one of them another name."))
            continue
        files[name] = path
        *folders, last = name.split("/")
        place = data
        for part in folders:
            place = place.setdefault(part, {})
        place[last] = value
    return data, tuple(problems)


def _parents(name: str) -> Iterable[str]:
    parts = name.split("/")
    return ("/".join(parts[:at]) for at in range(len(parts) - 1, 0, -1))


def _parse_data(text: str, path: str) -> tuple[Any, tuple[Problem, ...]]:
    if path.endswith(".json"):
        try:
            value = json.loads(text)
            json.dumps(value, ensure_ascii=False).encode()  # half a pair of surrogates cannot be written
            return value, ()
        except (ValueError, RecursionError) as error:
            line, column = (error.lineno, error.colno) if isinstance(error, json.JSONDecodeError) else (1, 1)
            what = _json_fault(error)
            return None, (
                Problem("KB023", path, line, column, f"The JSON cannot be read: {what}.", "Mend it there."),
            )
    if path.endswith(".csv"):
        delimiter = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
        try:
            return list(csv.DictReader(io.StringIO(text), delimiter=delimiter)), ()
        except csv.Error as error:
            return None, (
                Problem("KB023", path, 0, 0, f"The CSV cannot be read: {error}.", "Export it again."),
            )
    document = read_yaml(text, path)
    return resolve(document.data), document.problems


def _json_fault(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return error.msg
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, UnicodeEncodeError):
        return "it holds half a pair of surrogates (\\ud800–\\udfff)"
    return "a number has too many digits"


def _channels(
    settings: Settings, document: YamlDocument, people: People, problems: list[Problem]
) -> dict[str, tuple[Channel, ...]]:
    for at, channel in enumerate(settings.channels):
        if channel.responsible and people.find(channel.responsible) is None:
            place = document.place_of(("channels", at, "responsible"))
            message = f"«{channel.responsible}» has no file in people/."
            mend = f"Write people/{channel.responsible}.yaml, or name somebody who has one."
            problems.append(Problem("KB015", FILE_NAME, *place, message, mend, Severity.WARNING))
    return {
        lang: tuple(
            Channel(
                kind=channel.kind,
                name=channel.name or _SERVICES.get(channel.kind, channel.kind.capitalize()),
                url=channel.url,
                purpose=settings.text(channel.purpose, lang),
                responsible=people.find(channel.responsible) if channel.responsible else None,
                header=channel.show in ("header", "both"),
                footer=channel.show in ("footer", "both"),
            )
            for channel in settings.channels
        )
        for lang in settings.all_languages
    }


_SERVICES = {
    "youtube": "YouTube",
    "slideshare": "SlideShare",
    "linkedin": "LinkedIn",
    "tiktok": "TikTok",
}


def _menus(
    settings: Settings,
    document: YamlDocument,
    posts: list[Post],
    pages: list[Page],
    addresses: Addresses,
    translate: Translate,
    problems: list[Problem],
) -> dict[tuple[str, str], tuple[MenuItem, ...]]:
    """Each menu in each language: the settings' lines in their order, then the pages that name it."""
    names = {*settings.menus, *(name for page in pages for name in page.menus)}
    by_source = {page.source: page for page in pages}
    missing = [
        (name, at, entry.page)
        for name, entries in settings.menus.items()
        for at, entry in enumerate(entries)
        if entry.page and entry.page not in by_source
    ]
    for name, at, target in missing:
        place = document.place_of(("menus", name, at, "page"))
        mend = "Name a published file such as content/pages/om.md."
        problems.append(Problem("KB030", FILE_NAME, *place, f"There is no page «{target}».", mend))
    menus = {}
    for home in settings.all_languages:
        for name in sorted(names):
            items = [
                _menu_item(settings, entry, home, by_source, addresses, translate)
                for entry in settings.menus.get(name, [])
            ]
            own = [page for page in pages if name in page.menus and settings.home_of(page.lang) == home]
            items += [
                MenuItem(page.title, page.address, page.weight)
                for page in sorted(own, key=lambda p: (p.weight, p.title))
            ]
            menus[name, home] = tuple(item for item in items if item is not None)
    return menus


def _menu_item(
    settings: Settings,
    entry: MenuEntry,
    home: str,
    by_source: Mapping[str, Page],
    addresses: Addresses,
    translate: Translate,
) -> MenuItem | None:
    title = settings.text(entry.title, home) if entry.title else ""
    if entry.page:
        page = by_source.get(entry.page)
        if page is None:
            return None
        same = [other for other in by_source.values() if other.translation_key == page.translation_key]
        page = next((other for other in same if settings.home_of(other.lang) == home), page)
        return MenuItem(title or page.title, page.address)
    if entry.list == "experiments" and not experiments_in(settings, by_source.values(), home):
        return None
    if entry.list:
        return MenuItem(title or translate(home, LIST_TITLES[entry.list]), addresses.of(entry.list, home))
    return MenuItem(title or entry.url, entry.url) if entry.url else None
