"""The site's lists as outputs: home, terms, people, archive, calls for input."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from kommunebeta.contexts import (
    Alternate,
    ArchiveContext,
    Crumb,
    DeadlinesContext,
    ExperimentsContext,
    FeedLink,
    HomeContext,
    OutcomesContext,
    Pager,
    PeopleContext,
    PersonContext,
    QuestionsContext,
    TermContext,
    TermsContext,
)
from kommunebeta.gather import LIST_TITLES, Translate
from kommunebeta.language import format_date
from kommunebeta.model import Person, Post, Term
from kommunebeta.outputs import Output, Rendered
from kommunebeta.permalinks import Addresses, output_path
from kommunebeta.site import Site

TAXONOMIES = ("tags", "categories", "series")


@dataclass(frozen=True, slots=True)
class Desk:
    """What planning needs: the site, its addresses and the interface's texts."""

    site: Site
    addresses: Addresses
    translate: Translate

    def crumbs(self, home: str, *steps: tuple[str, str]) -> tuple[Crumb, ...]:
        """The path from the home page through ``(title, address)`` steps."""
        first = Crumb(self.translate(home, "Home"), self.addresses.of("home", home))
        return (first, *(Crumb(title, address) for title, address in steps))

    def in_all_homes(self, kind: str, key: str = "") -> tuple[Alternate, ...]:
        """The same list in all languages; empty in a site of one language."""
        homes = self.site.homes
        return (
            tuple(Alternate(home, self.addresses.of(kind, home, key)) for home in homes)
            if len(homes) > 1
            else ()
        )

    def pagers(self, posts: tuple[Post, ...], first: str, home: str) -> Iterator[tuple[Pager, str]]:
        """The pages of a list, each with its address; an empty list has one page."""
        size = self.site.settings.page_size
        count = max(1, -(-len(posts) // size))
        addresses = self.addresses.pages(first, home, count)
        for at, address in enumerate(addresses):
            yield Pager(posts[at * size : (at + 1) * size], at + 1, addresses, len(posts)), address


def answer_feeds(desk: Desk, home: str) -> tuple[FeedLink, ...]:
    """The feed of a home's answers, where there are any."""
    if not desk.site.answers(home, 1):
        return ()
    title = desk.translate(home, "Answers from the municipality")
    return (FeedLink(desk.addresses.of("answers", home), f"{desk.site.name} – {title}"),)


def home_pages(desk: Desk, home: str) -> Iterator[Output]:
    """A language's home page and the older pages of its stream."""
    site = desk.site
    pinned = site.pinned(home)
    stream = tuple(post for post in site.posts(home) if not post.pinned)
    feeds = tuple(
        FeedLink(desk.addresses.of(kind, home), f"{site.name} ({name})", media_type)
        for kind, name, media_type in (
            ("feed", "Atom", "application/atom+xml"),
            ("rss", "RSS", "application/rss+xml"),
            ("jsonfeed", "JSON", "application/feed+json"),
        )
    )
    for pager, address in desk.pagers(stream, desk.addresses.of("home", home), home):
        context = HomeContext(
            site=site,
            lang=home,
            home=home,
            address=address,
            title=site.name,
            description=site.tagline(home),
            alternates=desk.in_all_homes("home") if pager.number == 1 else (),
            feeds=(*feeds, *answer_feeds(desk, home)),
            pager=pager,
            pinned=pinned if pager.number == 1 else (),
        )
        yield Output(output_path(address), Rendered("home.html", context), f"home page «{home}»")


def term_pages(desk: Desk, home: str) -> Iterator[Output]:
    """Overviews of tags, categories and series, and the pages of each term."""
    for taxonomy in TAXONOMIES:
        terms = desk.site.terms(taxonomy, home)
        if not terms:
            continue
        title = desk.translate(home, LIST_TITLES[taxonomy])
        overview = desk.addresses.of(taxonomy, home)
        context = TermsContext(
            site=desk.site,
            lang=home,
            home=home,
            address=overview,
            title=title,
            alternates=_alternates_of_overview(desk, taxonomy),
            breadcrumbs=desk.crumbs(home, (title, overview)),
            taxonomy=taxonomy,
        )
        yield Output(
            output_path(overview), Rendered("terms.html", context), f"overview of {taxonomy} «{home}»"
        )
        for item in terms:
            yield from _pages_of_term(desk, home, item.term, (title, overview))


def _alternates_of_overview(desk: Desk, taxonomy: str) -> tuple[Alternate, ...]:
    homes = [home for home in desk.site.homes if desk.site.terms(taxonomy, home)]
    return (
        tuple(Alternate(home, desk.addresses.of(taxonomy, home)) for home in homes) if len(homes) > 1 else ()
    )


def _pages_of_term(desk: Desk, home: str, term: Term, parent: tuple[str, str]) -> Iterator[Output]:
    first = desk.addresses.of(term.taxonomy, home, term.slug)
    feeds = (
        ()
        if term.taxonomy == "series"
        else (FeedLink(f"{first}feed.xml", f"{desk.site.name} – {term.name}"),)
    )
    template = "series.html" if term.taxonomy == "series" else "term.html"
    for pager, address in desk.pagers(desk.site.posts_with(term, home), first, home):
        context = TermContext(
            site=desk.site,
            lang=home,
            home=home,
            address=address,
            title=term.name,
            breadcrumbs=desk.crumbs(home, parent, (term.name, first)),
            feeds=feeds,
            term=term,
            pager=pager,
        )
        yield Output(
            output_path(address), Rendered(template, context), f"{term.taxonomy} «{term.name}» ({home})"
        )


def people_pages(desk: Desk, home: str) -> Iterator[Output]:
    """The overview of people and a page for each."""
    people = (*desk.site.people, *desk.site.former_people)
    if not people:
        return
    title = desk.translate(home, LIST_TITLES["people"])
    overview = desk.addresses.of("people", home)
    context = PeopleContext(
        site=desk.site,
        lang=home,
        home=home,
        address=overview,
        title=title,
        alternates=desk.in_all_homes("people"),
        breadcrumbs=desk.crumbs(home, (title, overview)),
    )
    yield Output(output_path(overview), Rendered("people.html", context), f"overview of people «{home}»")
    for person in people:
        yield from _pages_of_person(desk, home, person, (title, overview))


def _pages_of_person(desk: Desk, home: str, person: Person, parent: tuple[str, str]) -> Iterator[Output]:
    first = desk.addresses.of("person", home, person.id)
    name = person.byline_in(home)
    for pager, address in desk.pagers(desk.site.posts_by(person, home), first, home):
        context = PersonContext(
            site=desk.site,
            lang=home,
            home=home,
            address=address,
            title=name,
            description=person.text_in(home),
            image=person.portrait,
            alternates=desk.in_all_homes("person", person.id) if pager.number == 1 else (),
            breadcrumbs=desk.crumbs(home, parent, (name, first)),
            feeds=(FeedLink(f"{first}feed.xml", f"{desk.site.name} – {name}"), *answer_feeds(desk, home)),
            person=person,
            pager=pager,
        )
        yield Output(output_path(address), Rendered("person.html", context), f"people/{person.id}.yaml")


def archive_pages(desk: Desk, home: str) -> Iterator[Output]:
    """The archive's overview, its years and its months."""
    years = desk.site.years(home)
    if not years:
        return
    title = desk.translate(home, LIST_TITLES["archive"])
    overview = desk.addresses.of("archive", home)
    context = ArchiveContext(
        site=desk.site,
        lang=home,
        home=home,
        address=overview,
        title=title,
        breadcrumbs=desk.crumbs(home, (title, overview)),
    )
    yield Output(output_path(overview), Rendered("archive.html", context), f"archive «{home}»")
    for year in years:
        yield from _pages_of_period(desk, home, (title, overview), year.year, 0)
        for month in year.months:
            yield from _pages_of_period(desk, home, (title, overview), year.year, month.month)


def _pages_of_period(
    desk: Desk, home: str, parent: tuple[str, str], year: int, month: int
) -> Iterator[Output]:
    first = desk.addresses.of("archive", home, f"{year:04}/{month:02}" if month else f"{year:04}")
    title = format_date(dt.date(year, month, 1), home, "month").capitalize() if month else str(year)
    steps = [parent]
    if month:
        steps.append((str(year), desk.addresses.of("archive", home, f"{year:04}")))
    for pager, address in desk.pagers(desk.site.posts_in(home, year, month), first, home):
        context = ArchiveContext(
            site=desk.site,
            lang=home,
            home=home,
            address=address,
            title=title,
            breadcrumbs=desk.crumbs(home, *steps, (title, first)),
            year=year,
            month=month,
            pager=pager,
        )
        yield Output(output_path(address), Rendered("period.html", context), f"archive {title} «{home}»")


def outcome_page(desk: Desk, home: str) -> Iterator[Output]:
    """What came of a home's calls for input; also where nothing has yet, if a menu leads there."""
    if not _has_outcomes(desk, home):
        return
    title = desk.translate(home, LIST_TITLES["outcomes"])
    address = desk.addresses.of("outcomes", home)
    others = [other for other in desk.site.homes if _has_outcomes(desk, other)]
    alternates = tuple(Alternate(other, desk.addresses.of("outcomes", other)) for other in others)
    context = OutcomesContext(
        site=desk.site,
        lang=home,
        home=home,
        address=address,
        title=title,
        description=desk.translate(home, "What we asked you, what you said, and what we did about it."),
        alternates=alternates if len(others) > 1 else (),
        breadcrumbs=desk.crumbs(home, (title, address)),
    )
    yield Output(output_path(address), Rendered("outcomes.html", context), f"overview of outcomes «{home}»")


def _has_outcomes(desk: Desk, home: str) -> bool:
    menus = desk.site.settings.menus.values()
    return desk.site.outcomes(home).are_any or any(item.list == "outcomes" for menu in menus for item in menu)


def question_page(desk: Desk, home: str) -> Iterator[Output]:
    """The overview of calls for input, and a calendar of their deadlines."""
    if not desk.site.questions(home):
        return
    title = desk.translate(home, LIST_TITLES["questions"])
    address = desk.addresses.of("questions", home)
    context = QuestionsContext(
        site=desk.site,
        lang=home,
        home=home,
        address=address,
        title=title,
        breadcrumbs=desk.crumbs(home, (title, address)),
    )
    yield Output(output_path(address), Rendered("questions.html", context), f"overview of questions «{home}»")
    calendar = desk.addresses.of("deadlines", home)
    deadlines = DeadlinesContext(
        site=desk.site, lang=home, home=home, address=calendar, title=title, indexable=False, about=address
    )
    yield Output(
        output_path(calendar), Rendered("deadlines.ics", deadlines), f"calendar of deadlines «{home}»"
    )


def experiments_page(desk: Desk, home: str) -> Iterator[Output]:
    """The overview of experiments."""
    if not desk.site.has_experiments(home):
        return
    title = desk.translate(home, LIST_TITLES["experiments"])
    address = desk.addresses.of("experiments", home)
    homes = [other for other in desk.site.homes if desk.site.has_experiments(other)]
    alternates = tuple(Alternate(other, desk.addresses.of("experiments", other)) for other in homes)
    context = ExperimentsContext(
        site=desk.site,
        lang=home,
        home=home,
        address=address,
        title=title,
        alternates=alternates if len(homes) > 1 else (),
        breadcrumbs=desk.crumbs(home, (title, address)),
    )
    yield Output(
        output_path(address), Rendered("experiments.html", context), f"overview of experiments «{home}»"
    )
