"""Where the posts stand: the indexes behind the site's lists, each made when it is first needed."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from kommunebeta.config import Settings
from kommunebeta.language import base_language
from kommunebeta.model import ConsultationState, Experiment, ExperimentState, Page, Post, Term


class Place(NamedTuple):
    """Where a post stands in the lists: all that they and the plan need to know of it.

    Two states of a site whose posts have equal places have equal lists.
    """

    source: str
    date: dt.datetime
    lang: str
    address: str
    translation_key: str
    terms: tuple[Term, ...]
    authors: tuple[str, ...]
    pinned: bool
    question: tuple[ConsultationState, float] | None
    updated: dt.datetime | None
    aliases: tuple[str, ...]
    template: str
    indexable: bool
    feedback: str
    id: str
    comments: str
    expires: dt.datetime | None
    responsible: str


def place_of(post: Post) -> Place:
    """Where a post stands."""
    call = post.consultation
    return Place(
        post.source,
        post.date,
        post.lang,
        post.address,
        post.translation_key,
        post.terms,
        tuple(person.id for person in post.authors),
        post.pinned,
        (call.state, call.closes.timestamp()) if call else None,
        post.updated,
        post.aliases,
        post.template,
        post.search and not post.draft,
        post.feedback,
        post.id,
        post.comments,
        post.expires,
        post.responsible.id if post.responsible else "",
    )


@dataclass(frozen=True, slots=True)
class Sharing:
    """A term and the posts that have it.

    Attributes:
        term: the term.
        positions: where they stand in a home's list, in order.
    """

    term: Term
    positions: list[int]


class Lists:
    """The lists of a site, per *home*: a language with a home page of its own."""

    def __init__(self, settings: Settings, places: tuple[Place, ...], pages: tuple[Page, ...]) -> None:
        """Take in what is to be listed.

        Args:
            settings: the settings.
            places: where the posts stand, newest first.
            pages: the pages.
        """
        self._settings = settings
        self._places = places
        self._pages = pages

    @cached_property
    def listed(self) -> dict[str, tuple[Place, ...]]:
        """The places in each home's lists, newest first."""
        settings = self._settings
        home_of = {at.lang: settings.home_of(at.lang) for at in self._places}
        translated: dict[str, set[str]] = defaultdict(set)
        for at in self._places:
            translated[at.translation_key].add(home_of[at.lang])
        return {
            home: tuple(at for at in self._places if self._belongs(at, home_of[at.lang], home, translated))
            for home in settings.all_languages
        }

    def _belongs(self, at: Place, own: str, home: str, translated: Mapping[str, set[str]]) -> bool:
        return own == home or _is_shared(self._settings, at, home, translated)

    @cached_property
    def home_of(self) -> dict[str, str]:
        """Each post's home, by file."""
        return {at.source: self._settings.home_of(at.lang) for at in self._places}

    @cached_property
    def positions(self) -> dict[str, dict[str, int]]:
        """Where in its home's list each post stands, by home and file."""
        return {
            home: {at.source: number for number, at in enumerate(places)}
            for home, places in self.listed.items()
        }

    @cached_property
    def by_term(self) -> dict[str, dict[tuple[str, str], Sharing]]:
        """Who shares a term, by home, taxonomy and slug."""
        found: dict[str, dict[tuple[str, str], Sharing]] = {home: {} for home in self.listed}
        for home, places in self.listed.items():
            by_term = found[home]
            for number, at in enumerate(places):
                for term in at.terms:
                    by_term.setdefault((term.taxonomy, term.slug), Sharing(term, [])).positions.append(number)
        return found

    @cached_property
    def by_person(self) -> dict[str, dict[str, list[str]]]:
        """The files of each author's posts, by home and person."""
        found: dict[str, dict[str, list[str]]] = {home: defaultdict(list) for home in self.listed}
        for home, places in self.listed.items():
            for at in places:
                for author in at.authors:
                    found[home][author].append(at.source)
        return found

    @cached_property
    def by_month(self) -> dict[str, dict[tuple[int, int], list[str]]]:
        """The files of each month's posts, and of each year's under month 0, by home."""
        found: dict[str, dict[tuple[int, int], list[str]]] = {home: defaultdict(list) for home in self.listed}
        for home, places in self.listed.items():
            for at in places:
                found[home][at.date.year, 0].append(at.source)
                found[home][at.date.year, at.date.month].append(at.source)
        return found

    @cached_property
    def translations(self) -> dict[str, tuple[tuple[str, str], ...]]:
        """Language and file of all texts that are the same as one, by the file of each."""
        groups: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
        for at in self._places:
            groups["post", at.translation_key].append((at.lang, at.source))
        for page in self._pages:
            groups["page", page.translation_key].append((page.lang, page.source))
        order = {lang: at for at, lang in enumerate(self._settings.all_languages)}
        found: dict[str, tuple[tuple[str, str], ...]] = {}
        for group in groups.values():
            if len(group) > 1:
                ordered = tuple(sorted(group, key=lambda item: (order.get(item[0], 99), *item)))
                found |= {source: ordered for _, source in group}
        return found


def _is_shared(settings: Settings, at: Place | Page, home: str, translated: Mapping[str, set[str]]) -> bool:
    """Whether a text stands in for its missing translation in a home's lists."""
    shared = settings.shared_lists.get(home, [])
    return base_language(at.lang) in shared and home not in translated[at.translation_key]


_EXPERIMENT_ORDER = (
    ExperimentState.TRYING,
    ExperimentState.IDEA,
    ExperimentState.LEARNED,
    ExperimentState.KEPT,
    ExperimentState.DROPPED,
)


def experiments_in(settings: Settings, pages: Iterable[Page], home: str) -> tuple[Experiment, ...]:
    """A home's experiments: by state, those being tried first; then those that began last."""
    experiments = [page for page in pages if isinstance(page, Experiment)]
    translated: dict[str, set[str]] = defaultdict(set)
    for page in experiments:
        translated[page.translation_key].add(settings.home_of(page.lang))
    own = (
        page
        for page in experiments
        if settings.home_of(page.lang) == home or _is_shared(settings, page, home, translated)
    )
    return tuple(sorted(own, key=_experiment_rank))


def _experiment_rank(page: Experiment) -> tuple[int, int, str, str]:
    began = page.starts.toordinal() if page.starts else 0
    return _EXPERIMENT_ORDER.index(page.state), -began, page.title, page.source


def near(positions: list[int], position: int, reach: int = 50) -> list[int]:
    """At most ``2 * reach`` posts nearest in time, so that common terms cost no more than rare ones."""
    if len(positions) <= 2 * reach:
        return positions
    at = bisect_left(positions, position)
    return positions[max(0, at - reach) : at + reach]
