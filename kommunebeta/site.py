"""The ``Site``: everything that was gathered, and the questions that templates may ask of it.

Lists are per *home*, a language with a home page of its own: the posts in that language, and
those of the languages that share its lists and have no translation into it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, cast

from kommunebeta.answers import Notebook, NotedMapping, NotedSettings
from kommunebeta.asking import Holdings, question
from kommunebeta.config import Settings
from kommunebeta.conversation import Conversation
from kommunebeta.dialogue.forms import FormDefinition
from kommunebeta.dialogue.model import Dialogue
from kommunebeta.lists import Place, experiments_in, near, place_of
from kommunebeta.model import (
    Channel,
    Entry,
    Experiment,
    MenuItem,
    Page,
    Person,
    Post,
    Term,
)


@dataclass(frozen=True, slots=True)
class TermCount:
    """A term and how often it is used.

    Attributes:
        term: the term.
        count: the number of its posts.
    """

    term: Term
    count: int


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The posts beside one in time.

    Attributes:
        older: the one before, or None.
        newer: the one after, or None.
    """

    older: Post | None
    newer: Post | None


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the archive.

    Attributes:
        month: 1–12.
        count: number of posts.
    """

    month: int
    count: int


@dataclass(frozen=True, slots=True)
class Year:
    """A year of the archive.

    Attributes:
        year: such as 2026.
        count: number of posts.
        months: its months, newest first.
    """

    year: int
    count: int
    months: tuple[Month, ...]


class Site(Conversation):
    """The whole site.

    Attributes:
        notebook: where the questions that templates ask are noted; not for templates, as ``OWN`` says.
        holdings: what the site consists of; not for templates.
    """

    OWN = frozenset(("OWN", "ask_again", "holdings", "notebook", "seen"))
    """What templates cannot reach, since it would not be noted."""

    def __init__(
        self,
        settings: Settings,
        *,
        now: dt.datetime,
        posts: Iterable[Post] = (),
        pages: Iterable[Page] = (),
        people: Iterable[Person] = (),
        channels: Mapping[str, tuple[Channel, ...]] | None = None,
        menus: Mapping[tuple[str, str], tuple[MenuItem, ...]] | None = None,
        data: Mapping[str, Any] | None = None,
        forms: Mapping[str, FormDefinition] | None = None,
        dialogue: Mapping[str, Dialogue] | None = None,
        places: tuple[Place, ...] | None = None,
        entries: MutableMapping[str, Entry] | None = None,
        notebook: Notebook | None = None,
    ) -> None:
        """Take in what was gathered.

        Args:
            settings: what stands in ``kommunebeta.yaml``.
            now: the moment that the site is built for.
            posts: the posts; unless ``places`` and ``entries`` are given instead.
            pages: the pages.
            people: who writes and answers, now and before.
            channels: the municipality's other channels by language.
            menus: the menus by name and language.
            data: the files in ``data/`` by name without ending.
            forms: the forms by id.
            dialogue: what is published of each dialogue, by the post's id.
            places: where the posts stand, newest first.
            entries: posts and pages by file; they may be read when they are first asked for.
            notebook: where questions are noted.
        """
        posts, pages = tuple(posts), tuple(pages)
        if places is None:
            places = tuple(sorted(map(place_of, posts), key=lambda at: (at.date, at.source), reverse=True))
        if entries is None:
            entries = {entry.source: entry for entry in (*posts, *pages)}
        holdings = Holdings(
            settings=settings,
            now=now,
            places=places,
            entries=entries,
            pages=tuple(sorted(pages, key=lambda page: page.source)),
            people=tuple(sorted(people, key=lambda person: (person.weight, person.role, person.id))),
            channels=channels or {},
            menus=menus or {},
            data=data or {},
            forms=forms or {},
            dialogue=dialogue or {},
        )
        super().__init__(holdings, notebook or Notebook())
        self._settings = cast(Settings, NotedSettings(settings, self.notebook))

    def __repr__(self) -> str:
        return "the site"

    # What the site is

    @property
    def settings(self) -> Settings:
        """What stands in ``kommunebeta.yaml``."""
        return self._settings

    @property
    def data(self) -> Mapping[str, Any]:
        """The files in ``data/`` by name without ending."""
        return NotedMapping("data", self.holdings.data, self.notebook)

    @property
    def now(self) -> dt.datetime:
        """The moment that the site is built for; a page that asks for it is made anew by every build."""
        self.notebook.note(("now",))
        return self.holdings.now

    @property
    def today(self) -> dt.date:
        """The day that the site is built for, in its time zone."""
        self.notebook.note(("today",))
        return self.holdings.now.astimezone(self._settings.zone).date()

    @property
    def name(self) -> str:
        """The site's name."""
        return self._settings.name

    @property
    def municipality(self) -> str:
        """The municipality's name."""
        return self._settings.municipality

    @property
    def homes(self) -> tuple[str, ...]:
        """The languages that have a home page, in the order of the language switch."""
        return self._settings.all_languages

    def tagline(self, lang: str) -> str:
        """One sentence about the site, in a language."""
        return self._settings.text(self._settings.tagline, lang)

    # Posts

    @property
    def all_posts(self) -> tuple[Post, ...]:
        """Every post in every language, newest first."""
        return self._all_posts()

    @question
    def _all_posts(self) -> tuple[Post, ...]:
        return self._entries(at.source for at in self.holdings.places)

    @property
    def all_pages(self) -> tuple[Page, ...]:
        """Every page in every language."""
        return self._all_pages()

    @question
    def _all_pages(self) -> tuple[Page, ...]:
        return self._entries(page.source for page in self.holdings.pages)

    @question
    def posts(self, home: str) -> tuple[Post, ...]:
        """The posts in a home's lists, newest first."""
        return self._entries(at.source for at in self._lists.listed.get(home, ()))

    @question
    def newest(self, home: str, count: int) -> tuple[Post, ...]:
        """A home's newest posts."""
        return self._entries(at.source for at in self._lists.listed.get(home, ())[:count])

    @question
    def pinned(self, home: str) -> tuple[Post, ...]:
        """A home's pinned posts, newest first."""
        return self._entries(at.source for at in self._lists.listed.get(home, ()) if at.pinned)

    @question
    def neighbours(self, post: Post) -> Neighbours:
        """The posts before and after a post in its home's list."""
        home, position = self._position(post)
        if position is None:
            return Neighbours(None, None)
        posts = self._lists.listed[home]
        older = self.seen(posts[position + 1].source) if position + 1 < len(posts) else None
        return Neighbours(older, self.seen(posts[position - 1].source) if position else None)

    def _position(self, post: Post) -> tuple[str, int | None]:
        """A post's home, and where it stands in the home's list."""
        home = self._lists.home_of.get(post.source, "")
        return home, self._lists.positions.get(home, {}).get(post.source)

    @question
    def related(self, post: Post, count: int = 3) -> tuple[Post, ...]:
        """Posts that share terms with a post, rare terms counting most, newest first among equals."""
        home, mine = self._position(post)
        if mine is None:
            return ()
        posts, by_term = self._lists.listed[home], self._lists.by_term[home]
        scores: Counter[int] = Counter()
        for term in posts[mine].terms:
            sharing = by_term[term.taxonomy, term.slug].positions
            weight = max(1, 1000 // len(sharing))
            for other in near(sharing, mine):
                scores[other] += weight
        best = sorted(((-score, at) for at, score in scores.items() if at != mine))[: count * 3]
        own = posts[mine].translation_key
        related = [posts[at].source for _, at in best if posts[at].translation_key != own]
        return self._entries(related[:count])

    # Terms and the archive

    @question
    def terms(self, taxonomy: str, home: str) -> tuple[TermCount, ...]:
        """A taxonomy's terms that have posts in a home's lists, by name."""
        counts = [
            TermCount(sharing.term, len(sharing.positions))
            for sharing in self._lists.by_term.get(home, {}).values()
            if sharing.term.taxonomy == taxonomy
        ]
        return tuple(sorted(counts, key=lambda item: (item.term.slug, item.term.name)))

    @question
    def posts_with(self, term: Term, home: str) -> tuple[Post, ...]:
        """A term's posts in a home's lists, newest first; a series oldest first."""
        sharing = self._lists.by_term.get(home, {}).get((term.taxonomy, term.slug))
        if sharing is None:
            return ()
        posts = self._lists.listed[home]
        found = self._entries(posts[at].source for at in sharing.positions)
        return found[::-1] if term.taxonomy == "series" else found

    @question
    def posts_by(self, person: Person, home: str) -> tuple[Post, ...]:
        """What a person has written, in a home's lists, newest first."""
        return self._entries(self._lists.by_person.get(home, {}).get(person.id, ()))

    @question
    def years(self, home: str) -> tuple[Year, ...]:
        """The years and months that have posts, newest first."""
        counts = {key: len(sources) for key, sources in self._lists.by_month.get(home, {}).items()}
        return tuple(
            Year(
                year,
                counts[year, 0],
                tuple(
                    Month(month, counts[year, month]) for month in range(12, 0, -1) if (year, month) in counts
                ),
            )
            for year in sorted({year for year, _ in counts}, reverse=True)
        )

    @question
    def posts_in(self, home: str, year: int, month: int = 0) -> tuple[Post, ...]:
        """The posts of a year, or of one month of it, newest first."""
        return self._entries(self._lists.by_month.get(home, {}).get((year, month), ()))

    # Pages, people, languages

    @question
    def page(self, source: str, lang: str) -> Page | None:
        """A page by its file, in a language where it is translated, else as it is."""
        found = next((page for page in self.holdings.pages if page.source == source), None)
        if found is None:
            return None
        same = [page for page in self.holdings.pages if page.translation_key == found.translation_key]
        chosen = found if found.lang == lang else next((page for page in same if page.lang == lang), found)
        return cast(Page, self.seen(chosen.source))

    @question
    def page_of_kind(self, kind: str, lang: str) -> Page | None:
        """A ready page (``roles`` or ``channels``) in a language, else in the main one, else none."""
        settings = self.holdings.settings
        found = [page for page in self.holdings.pages if page.kind == kind]
        by_language = {settings.home_of(page.lang): page for page in reversed(found)}
        chosen = by_language.get(lang) or by_language.get(settings.language) or (found[0] if found else None)
        return cast(Page, self.seen(chosen.source)) if chosen else None

    @question
    def translations(self, entry: Entry) -> tuple[Entry, ...]:
        """The same text in other languages, in the order of the language switch."""
        group = self._lists.translations.get(entry.source, ())
        own = next((lang for lang, source in group if source == entry.source), "")
        return self._entries(source for lang, source in group if lang != own)

    @property
    def people(self) -> tuple[Person, ...]:
        """Those who write and answer now, in their order."""
        return self._people_of_now()

    @question
    def _people_of_now(self) -> tuple[Person, ...]:
        return tuple(person for person in self.holdings.people if not person.former)

    @property
    def former_people(self) -> tuple[Person, ...]:
        """Those who did so before."""
        return self._people_of_before()

    @question
    def _people_of_before(self) -> tuple[Person, ...]:
        return tuple(person for person in self.holdings.people if person.former)

    # Experiments

    @question
    def experiments(self, home: str) -> tuple[Experiment, ...]:
        """What a home's readers see tried out: what is being tried first, then ideas, then what has ended."""
        found = experiments_in(self.holdings.settings, self.holdings.pages, home)
        return self._entries(item.source for item in found)

    @question
    def has_experiments(self, home: str) -> bool:
        """Whether a home has an overview of experiments."""
        return bool(experiments_in(self.holdings.settings, self.holdings.pages, home))

    # Menus and channels

    @question
    def menu(self, name: str, home: str) -> tuple[MenuItem, ...]:
        """A menu by its name, in a home's language."""
        return self.holdings.menus.get((name, home), ())

    @question
    def channels(self, lang: str) -> tuple[Channel, ...]:
        """The municipality's other channels, with texts in a language."""
        return self.holdings.channels.get(lang) or self.holdings.channels.get(
            self.holdings.settings.language, ()
        )

    def address(self, kind: str, home: str, key: str = "") -> str:
        """Where one of the site's own pages is.

        Args:
            kind: ``home``, ``archive``, ``questions``, ``outcomes``, ``experiments``, ``people``, ``person``,
                ``feed`` (Atom), ``rss``, ``jsonfeed``, ``results`` (the figures of a post's survey as CSV),
                ``dialogue`` (the feed of a post's dialogue), ``answers`` (that of all answers),
                ``open-data``, ``thanks`` (after a form), ``not_sent``, or a taxonomy: ``tags``,
                ``categories``, ``series``.
            home: the language.
            key: slug of a term, id of a person, ``2026`` or ``2026/05`` of the archive, the address of
                a post, id of a form, ``json``, ``csv`` or ``schema.json`` of open data.
        """
        for setting in _ADDRESSES_FOLLOW:
            self.notebook.note(setting)
        return self._addresses.of(kind, home, key)


_ADDRESSES_FOLLOW = (("setting", "language"), ("setting", "permalinks"))
"""What addresses are made from; noted here, since patterns are worked out once and kept."""
