"""The ``Site``: everything that was gathered, and the questions that templates may ask of it.

Lists are per *home*, a language with a home page of its own: the posts in that language, and
those of the languages that share its lists and have no translation into it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kommunebeta.config import Settings
from kommunebeta.language import base_language
from kommunebeta.model import (
    Channel,
    ConsultationState,
    Entry,
    MenuItem,
    Page,
    Person,
    Post,
    Term,
)
from kommunebeta.permalinks import Addresses


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


class Site:
    """The whole site.

    Attributes:
        settings: what stands in ``kommunebeta.yaml``.
        now: the moment that the site is built for.
        data: the files in ``data/`` by name without ending.
    """

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
        addresses: Addresses | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        self.settings = settings
        self.now = now
        self.data = data or {}
        self._posts = tuple(sorted(posts, key=lambda post: (post.date, post.source), reverse=True))
        self._pages = tuple(sorted(pages, key=lambda page: page.source))
        self._people = tuple(sorted(people, key=lambda person: (person.weight, person.role, person.id)))
        self._channels = channels or {}
        self._menus = menus or {}
        self._addresses = addresses or Addresses(settings)

    # What the site is

    @property
    def name(self) -> str:
        """The site's name."""
        return self.settings.name

    @property
    def municipality(self) -> str:
        """The municipality's name."""
        return self.settings.municipality

    @property
    def homes(self) -> tuple[str, ...]:
        """The languages that have a home page, in the order of the language switch."""
        return self.settings.all_languages

    def tagline(self, lang: str) -> str:
        """One sentence about the site, in a language."""
        return self.settings.text(self.settings.tagline, lang)

    # Posts

    @property
    def all_posts(self) -> tuple[Post, ...]:
        """Every post in every language, newest first."""
        return self._posts

    @property
    def all_pages(self) -> tuple[Page, ...]:
        """Every page in every language."""
        return self._pages

    @cached_property
    def _listed(self) -> dict[str, tuple[Post, ...]]:
        translated: dict[str, set[str]] = defaultdict(set)
        for post in self._posts:
            translated[post.translation_key].add(self.settings.home_of(post.lang))
        return {
            home: tuple(post for post in self._posts if self._belongs(post, home, translated))
            for home in self.homes
        }

    def _belongs(self, post: Post, home: str, translated: Mapping[str, set[str]]) -> bool:
        own = self.settings.home_of(post.lang)
        if own == home:
            return True
        shared = self.settings.shared_lists.get(home, [])
        return base_language(post.lang) in shared and home not in translated[post.translation_key]

    def posts(self, home: str) -> tuple[Post, ...]:
        """The posts in a home's lists, newest first."""
        return self._listed.get(home, ())

    def newest(self, home: str, count: int) -> tuple[Post, ...]:
        """A home's newest posts."""
        return self.posts(home)[:count]

    def pinned(self, home: str) -> tuple[Post, ...]:
        """A home's pinned posts, newest first."""
        return tuple(post for post in self.posts(home) if post.pinned)

    def questions(self, home: str) -> tuple[Post, ...]:
        """A home's calls for input: open ones first, those that close soonest leading; then by state."""
        order = list(_QUESTION_ORDER)
        return tuple(
            sorted(
                (post for post in self.posts(home) if post.consultation),
                key=lambda post: (
                    (order.index(post.consultation.state), _question_rank(post)) if post.consultation else ()
                ),
            )
        )

    def open_questions(self, home: str) -> tuple[Post, ...]:
        """The calls for input that one can answer now, those that close soonest first."""
        return tuple(
            post
            for post in self.questions(home)
            if post.consultation and post.consultation.state is ConsultationState.OPEN
        )

    def neighbours(self, post: Post) -> Neighbours:
        """The posts before and after a post in its home's list."""
        home = self.settings.home_of(post.lang)
        position = self._positions[home].get(post.source)
        if position is None:
            return Neighbours(None, None)
        posts = self._listed[home]
        older = posts[position + 1] if position + 1 < len(posts) else None
        return Neighbours(older, posts[position - 1] if position else None)

    @cached_property
    def _positions(self) -> dict[str, dict[str, int]]:
        return {
            home: {post.source: at for at, post in enumerate(posts)} for home, posts in self._listed.items()
        }

    def related(self, post: Post, count: int = 3) -> tuple[Post, ...]:
        """Posts that share terms with a post, rare terms counting most, newest first among equals."""
        home = self.settings.home_of(post.lang)
        scores: Counter[int] = Counter()
        for term in post.terms:
            sharing = self._by_term[home].get(term, ())
            weight = max(1, 1000 // max(1, len(sharing)))
            position = self._positions[home].get(post.source, 0)
            for other in self._near(sharing, position):
                scores[other] += weight
        posts = self._listed.get(home, ())
        mine = self._positions[home].get(post.source)
        best = sorted(((-score, at) for at, score in scores.items() if at != mine))[: count * 3]
        related = [posts[at] for _, at in best if posts[at].translation_key != post.translation_key]
        return tuple(related[:count])

    @staticmethod
    def _near(positions: tuple[int, ...], position: int, reach: int = 50) -> tuple[int, ...]:
        """At most ``2 * reach`` posts nearest in time, so that common terms cost no more than rare ones."""
        if len(positions) <= 2 * reach:
            return positions
        from bisect import bisect_left

        at = bisect_left(positions, position)
        return positions[max(0, at - reach) : at + reach]

    @cached_property
    def _by_term(self) -> dict[str, dict[Term, tuple[int, ...]]]:
        found: dict[str, dict[Term, list[int]]] = {home: defaultdict(list) for home in self.homes}
        for home, posts in self._listed.items():
            for at, post in enumerate(posts):
                for term in post.terms:
                    found[home][term].append(at)
        return {home: {term: tuple(at) for term, at in terms.items()} for home, terms in found.items()}

    # Terms and the archive

    def terms(self, taxonomy: str, home: str) -> tuple[TermCount, ...]:
        """A taxonomy's terms that have posts in a home's lists, by name."""
        counts = [
            TermCount(term, len(at))
            for term, at in self._by_term.get(home, {}).items()
            if term.taxonomy == taxonomy
        ]
        return tuple(sorted(counts, key=lambda item: (item.term.slug, item.term.name)))

    def posts_with(self, term: Term, home: str) -> tuple[Post, ...]:
        """A term's posts in a home's lists, newest first; a series oldest first."""
        posts = self._listed.get(home, ())
        found = tuple(posts[at] for at in self._by_term.get(home, {}).get(term, ()))
        return found[::-1] if term.taxonomy == "series" else found

    @cached_property
    def _by_person(self) -> dict[str, dict[str, tuple[Post, ...]]]:
        found: dict[str, dict[str, list[Post]]] = {home: defaultdict(list) for home in self.homes}
        for home, posts in self._listed.items():
            for post in posts:
                for author in post.authors:
                    found[home][author.id].append(post)
        return {home: {person: tuple(of) for person, of in by.items()} for home, by in found.items()}

    def posts_by(self, person: Person, home: str) -> tuple[Post, ...]:
        """What a person has written, in a home's lists, newest first."""
        return self._by_person.get(home, {}).get(person.id, ())

    def years(self, home: str) -> tuple[Year, ...]:
        """The years and months that have posts, newest first."""
        months = Counter((post.date.year, post.date.month) for post in self.posts(home))
        years = sorted({year for year, _ in months}, reverse=True)
        return tuple(
            Year(
                year,
                sum(count for (of, _), count in months.items() if of == year),
                tuple(Month(month, months[year, month]) for month in range(12, 0, -1) if months[year, month]),
            )
            for year in years
        )

    def posts_in(self, home: str, year: int, month: int = 0) -> tuple[Post, ...]:
        """The posts of a year, or of one month of it, newest first."""
        return self._by_month.get(home, {}).get((year, month), ())

    @cached_property
    def _by_month(self) -> dict[str, dict[tuple[int, int], tuple[Post, ...]]]:
        found: dict[str, dict[tuple[int, int], list[Post]]] = {home: defaultdict(list) for home in self.homes}
        for home, posts in self._listed.items():
            for post in posts:
                found[home][post.date.year, 0].append(post)
                found[home][post.date.year, post.date.month].append(post)
        return {home: {key: tuple(of) for key, of in by.items()} for home, by in found.items()}

    # Pages, people, languages, menus

    def page(self, source: str, lang: str) -> Page | None:
        """A page by its file, in a language where it is translated, else as it is."""
        found = next((page for page in self._pages if page.source == source), None)
        if found is None or found.lang == lang:
            return found
        return next(
            (page for page in self.translations(found) if page.lang == lang and isinstance(page, Page)), found
        )

    def page_of_kind(self, kind: str, lang: str) -> Page | None:
        """A ready page (``roles`` or ``channels``) in a language, else in the main one, else none."""
        found = [page for page in self._pages if page.kind == kind]
        by_language = {self.settings.home_of(page.lang): page for page in reversed(found)}
        return (
            by_language.get(lang) or by_language.get(self.settings.language) or (found[0] if found else None)
        )

    @cached_property
    def _translations(self) -> dict[tuple[type, str], tuple[Entry, ...]]:
        found: dict[tuple[type, str], list[Entry]] = defaultdict(list)
        for entry in (*self._posts, *self._pages):
            found[type(entry), entry.translation_key].append(entry)
        order = {lang: at for at, lang in enumerate(self.homes)}
        return {
            key: tuple(
                sorted(entries, key=lambda entry: (order.get(entry.lang, 99), entry.lang, entry.source))
            )
            for key, entries in found.items()
            if len(entries) > 1
        }

    def translations(self, entry: Entry) -> tuple[Entry, ...]:
        """The same text in other languages, in the order of the language switch."""
        group = self._translations.get((type(entry), entry.translation_key), ())
        return tuple(other for other in group if other.lang != entry.lang)

    @property
    def people(self) -> tuple[Person, ...]:
        """Those who write and answer now, in their order."""
        return tuple(person for person in self._people if not person.former)

    @property
    def former_people(self) -> tuple[Person, ...]:
        """Those who did so before."""
        return tuple(person for person in self._people if person.former)

    def menu(self, name: str, home: str) -> tuple[MenuItem, ...]:
        """A menu by its name, in a home's language."""
        return self._menus.get((name, home), ())

    def channels(self, lang: str) -> tuple[Channel, ...]:
        """The municipality's other channels, with texts in a language."""
        return self._channels.get(lang) or self._channels.get(self.settings.language, ())

    def address(self, kind: str, home: str, key: str = "") -> str:
        """Where one of the site's own pages is.

        Args:
            kind: ``home``, ``archive``, ``questions``, ``people``, ``person``, ``feed`` (Atom), ``rss``,
                ``jsonfeed``, or a taxonomy: ``tags``, ``categories``, ``series``.
            home: the language.
            key: slug of a term, id of a person, ``2026`` or ``2026/05`` of the archive.
        """
        return self._addresses.of(kind, home, key)


_QUESTION_ORDER = (
    ConsultationState.OPEN,
    ConsultationState.COMING,
    ConsultationState.UNDER_REVIEW,
    ConsultationState.CLOSED,
    ConsultationState.CONCLUDED,
)


def _question_rank(post: Post) -> float:
    """Open and coming questions by deadline, the others newest first."""
    if post.consultation is None:
        return 0.0
    closes = post.consultation.closes.timestamp()
    return (
        closes if post.consultation.state in (ConsultationState.OPEN, ConsultationState.COMING) else -closes
    )
