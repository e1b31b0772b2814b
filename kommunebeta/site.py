"""The ``Site``: everything that was gathered, and the questions that templates may ask of it.

Lists are per *home*, a language with a home page of its own: the posts in that language, and
those of the languages that share its lists and have no translation into it.
"""

from __future__ import annotations

import datetime as dt
import inspect
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from kommunebeta.answers import Notebook, NotedEntry, NotedMapping, NotedSettings, Question, digest
from kommunebeta.config import Settings
from kommunebeta.dialogue.clock import AnswerTime, answer_times, waiting
from kommunebeta.dialogue.forms import FormDefinition
from kommunebeta.dialogue.model import Dialogue, Results
from kommunebeta.dialogue.outcomes import summary_of
from kommunebeta.dialogue.threads import (
    Arranged,
    Counts,
    DialogueItem,
    DiscussionPage,
    GivenAnswers,
    Told,
    arranged,
    told,
)
from kommunebeta.lists import Lists, Place, experiments_in, near, place_of
from kommunebeta.model import (
    Channel,
    ConsultationState,
    Entry,
    Experiment,
    MenuItem,
    Page,
    Person,
    Post,
    Term,
)
from kommunebeta.permalinks import Addresses

Key = ParamSpec("Key")
Answer = TypeVar("Answer")


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


@dataclass(frozen=True, slots=True)
class Concluded:
    """A call for input that something came of.

    Attributes:
        post: its post.
        date: the day of its outcome; None where the post itself tells what came of it.
        summary: what was done in two sentences of plain text; may be empty.
    """

    post: Post
    date: dt.date | None
    summary: str


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What came of a home's calls for input.

    Attributes:
        concluded: those that are concluded, newest outcome first.
        waiting: those that have closed and whose outcome is not late: those promised soonest first, and
            last those for which nothing was promised.
        overdue: those whose outcome is later than promised, longest overdue first.
    """

    concluded: tuple[Concluded, ...]
    waiting: tuple[Post, ...]
    overdue: tuple[Post, ...]

    @property
    def are_any(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.concluded or self.waiting or self.overdue)


@dataclass(frozen=True, slots=True)
class AnswerDue:
    """When an answer is promised.

    Attributes:
        day: the last day on which it is in time.
        late: whether that day is over.
    """

    day: dt.date
    late: bool


def question(
    method: Callable[Concatenate[Site, Key], Answer],
) -> Callable[Concatenate[Site, Key], Answer]:
    """Offer a method to templates: its answer is kept, and the question noted for the page that asks."""
    name = method.__name__
    signature = inspect.signature(method)

    @wraps(method)
    def ask(self: Site, *given: Key.args, **named: Key.kwargs) -> Answer:
        key: tuple[Any, ...] = given
        if named or len(given) + 1 < len(signature.parameters):
            bound = signature.bind(self, *given, **named)
            bound.apply_defaults()
            key = bound.args[1:]
        asked = (name, *map(_as_text, key))
        self.notebook.note(asked)
        if asked not in self._answers:
            self._answers[asked] = method(self, *key)  # type: ignore[call-arg]  # bound above
        return cast(Answer, self._answers[asked])

    ask.question = tuple(signature.parameters.values())[1:]  # type: ignore[attr-defined]  # for asking again
    return cast("Callable[Concatenate[Site, Key], Answer]", ask)


def _as_text(value: Any) -> str:
    if isinstance(value, (str, int)):
        return str(value)
    if isinstance(value, Term):
        return f"{value.taxonomy}/{value.slug}"
    return str(getattr(value, "source", None) or getattr(value, "id", value))


@dataclass(slots=True)
class Holdings:
    """What a site consists of, for our own use: nothing is noted that is asked here.

    Attributes:
        settings: what stands in ``kommunebeta.yaml``.
        now: the moment that the site is built for.
        places: where the posts stand, newest first.
        entries: posts and pages by file; an edited text takes the place of the old one here.
        pages: the pages by file.
        people: everybody, in their order.
        channels: the municipality's other channels by language.
        menus: the menus by name and language.
        data: the files in ``data/`` by name without ending.
        forms: the forms by id, the theme's ready ones included.
        dialogue: what is published of each dialogue, by the post's id.
    """

    settings: Settings
    now: dt.datetime
    places: tuple[Place, ...]
    entries: MutableMapping[str, Entry]
    pages: tuple[Page, ...]
    people: tuple[Person, ...]
    channels: Mapping[str, tuple[Channel, ...]]
    menus: Mapping[tuple[str, str], tuple[MenuItem, ...]]
    data: Mapping[str, Any]
    forms: Mapping[str, FormDefinition]
    dialogue: Mapping[str, Dialogue]


class Site:
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
        self.notebook = notebook or Notebook()
        self.holdings = Holdings(
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
        self._lists = Lists(settings, self.holdings.places, self.holdings.pages)
        self._settings = cast(Settings, NotedSettings(settings, self.notebook))
        self._addresses = Addresses(settings)
        self._answers: dict[Question, Any] = {}
        self._noted: dict[str, Any] = {}
        self._arranged: dict[str, Arranged] = {}
        self._given: dict[str, tuple[DialogueItem, ...]] = {}
        self._waiting: dict[str, dict[str, dt.date]] = {}
        self._answer_times: Mapping[str, AnswerTime] | None = None
        self._day = now.astimezone(settings.zone).date()

    def __repr__(self) -> str:
        return "the site"

    def seen(self, source: str) -> Any:
        """An entry as templates see it."""
        if source not in self._noted:
            self._noted[source] = NotedEntry(source, self.holdings.entries, self.notebook)
        return self._noted[source]

    def _entries(self, sources: Iterable[str]) -> tuple[Any, ...]:
        return tuple(map(self.seen, sources))

    def ask_again(self, asked: Question) -> str:
        """The digest of the answer that a question has now; empty when what it is about is gone."""
        name, *key = asked
        if asked not in self._answers:
            wanted = getattr(type(self), name).question
            try:
                values = [
                    self._from_text(parameter, text) for parameter, text in zip(wanted, key, strict=True)
                ]
                getattr(self, name)(*values)
            except KeyError:
                return ""
        return digest(self._answers[asked])

    def _from_text(self, parameter: inspect.Parameter, text: str) -> Any:
        kind = str(parameter.annotation)
        if kind == "int":
            return int(text)
        if kind == "Term":
            taxonomy, _, slug = text.partition("/")
            return Term(taxonomy, slug, slug)
        if kind == "Person":
            return Person(text, role="")
        if kind in ("Post", "Entry"):
            self.holdings.entries[text]
            return self.seen(text)
        return text

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
    def questions(self, home: str) -> tuple[Post, ...]:
        """A home's calls for input: open ones first, those that close soonest leading; then by state."""
        calls = [(at.question, at.source) for at in self._lists.listed.get(home, ()) if at.question]
        calls.sort(key=lambda call: _question_rank(*call[0]))
        return self._entries(source for _, source in calls)

    @question
    def open_questions(self, home: str) -> tuple[Post, ...]:
        """The calls for input that one can answer now, those that close soonest first."""
        calls = [
            (at.question[1], at.source)
            for at in self._lists.listed.get(home, ())
            if at.question and at.question[0] is ConsultationState.OPEN
        ]
        calls.sort(key=lambda call: call[0])
        return self._entries(source for _, source in calls)

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

    # The dialogue

    @question
    def form(self, name: str) -> FormDefinition | None:
        """A form by its id."""
        return self.holdings.forms.get(name)

    @question
    def dialogue(self, post: Post) -> Dialogue:
        """What is published of the dialogue about a post; empty where there is none.

        Where the writer has turned comments off, nothing of it is shown but outcome and figures.
        """
        return self._dialogue(self._post(post.source))

    @question
    def discussion(self, post: Post, number: int = 1) -> DiscussionPage:
        """A page of what was said about a post, in the settings' order; the first is on the post itself.

        Where the writer has turned comments off, nothing is on it.
        """
        setting = self.holdings.settings.dialogue
        entry = self._post(post.source)
        home = self.holdings.settings.home_of(entry.lang)
        dialogue = self._dialogue(entry)
        laid = self._laid_out(dialogue)
        addresses = self._addresses.discussion(entry.address, home, len(laid.pages))
        return DiscussionPage(
            threads=laid.pages[number - 1] if 0 < number <= len(laid.pages) else (),
            number=number,
            addresses=addresses,
            total=laid.total,
            counts=laid.counts,
            order=setting.order,
            feed=self._addresses.of("dialogue", home, entry.address) if laid.total else "",
        )

    def _post(self, source: str) -> Post:
        return cast(Post, self.holdings.entries[source])

    def _dialogue(self, post: Post | Place) -> Dialogue:
        """What is shown of the dialogue about a post."""
        found = self.holdings.dialogue.get(post.id) or Dialogue(post.id)
        return replace(found, contributions=(), received=0) if post.comments == "off" else found

    def _laid_out(self, dialogue: Dialogue) -> Arranged:
        # Translations share a dialogue, which is laid out once.
        name = dialogue.post if dialogue.received or dialogue.contributions else ""
        if name not in self._arranged:
            setting = self.holdings.settings.dialogue
            self._arranged[name] = arranged(dialogue, setting.order, setting.page_size)
        return self._arranged[name]

    @question
    def has_dialogue(self) -> bool:
        """Whether anything at all has been said."""
        return any(item.contributions for item in self.holdings.dialogue.values())

    @question
    def dialogue_counts(self, post: Post) -> Counts:
        """How much was said about a post, and how much of it answered."""
        return self._laid_out(self._dialogue(self._post(post.source))).counts

    @question
    def told(self, post: Post, contribution: str) -> tuple[Told, ...]:
        """What a contribution's author answered to the form's other questions, as far as it may be shown."""
        entry = self._post(post.source)
        found = next((item for item in self._dialogue(entry).contributions if item.id == contribution), None)
        return told(found, self.holdings.forms.get(found.form), entry.lang) if found else ()

    @question
    def contribution_page(self, post: Post, contribution: str) -> str:
        """The address of the page that a contribution and its answers stand on; add ``#`` and its anchor."""
        entry = self._post(post.source)
        return self._page_address(entry, self._laid_out(self._dialogue(entry)), contribution)

    def _page_address(self, post: Post | Place, laid: Arranged, contribution: str) -> str:
        home = self.holdings.settings.home_of(post.lang)
        pages = self._addresses.discussion(post.address, home, len(laid.pages))
        return pages[laid.page_of.get(contribution, 1) - 1]

    def _said(self, at: Post | Place) -> Iterator[DialogueItem]:
        """All that was said about a post: contributions and answers."""
        dialogue = self._dialogue(at)
        laid = self._laid_out(dialogue)
        for item in dialogue.contributions:
            page = self._page_address(at, laid, item.id)
            for answer in (None, *item.answers):
                anchor = answer.id if answer else item.anchor
                yield DialogueItem(self.seen(at.source), dialogue.post, item, answer, f"{page}#{anchor}")

    @question
    def said(self, post: Post, count: int) -> tuple[DialogueItem, ...]:
        """What was said about a post last, contributions and answers, newest first."""
        items = (item for item in self._said(self._post(post.source)) if _is_told(item))
        return tuple(sorted(items, key=_said_at, reverse=True)[:count])

    def _answers_in(self, home: str) -> tuple[DialogueItem, ...]:
        """The municipality's answers about the posts in a home's lists, newest first."""
        if home not in self._given:
            places = [at for at in self._lists.listed.get(home, ()) if at.id in self.holdings.dialogue]
            once = {self._dialogue(at).post: at for at in reversed(places)}
            items = (item for at in once.values() for item in self._said(at) if item.answer)
            self._given[home] = tuple(sorted(items, key=_said_at, reverse=True))
        return self._given[home]

    @question
    def answers(self, home: str, count: int) -> tuple[DialogueItem, ...]:
        """The municipality's newest answers about the posts in a home's lists."""
        return self._answers_in(home)[:count]

    @question
    def answers_by(self, person: Person, home: str, count: int = 20) -> GivenAnswers:
        """What a person has answered about the posts in a home's lists."""
        items = [item for item in self._answers_in(home) if item.answer and item.answer.by.id == person.id]
        return GivenAnswers(len(items), tuple(items[:count]))

    @question
    def outcomes(self, home: str) -> Outcomes:
        """What came of a home's calls for input, which of them wait for an outcome, and which are overdue."""
        calls = [self.holdings.entries[post.source] for post in self.questions(home)]
        posts = [post for post in calls if isinstance(post, Post) and post.consultation]
        concluded = [self._concluded(post, home) for post in posts if _state(post) == "concluded"]
        concluded.sort(key=lambda item: item[0], reverse=True)
        closed = [post for post in posts if _state(post) in ("closed", "under_review")]
        closed.sort(key=_promised)
        return Outcomes(
            tuple(item for _, item in concluded),
            self._entries(post.source for post in closed if not _is_overdue(post)),
            self._entries(post.source for post in closed if _is_overdue(post)),
        )

    def _concluded(self, post: Post, home: str) -> tuple[dt.date, Concluded]:
        """The day by which a concluded call is sorted, and what is told of it."""
        outcome = self.holdings.dialogue.get(post.id, Dialogue(post.id)).outcome
        closed = post.consultation.last_day if post.consultation else post.date.date()
        if outcome is None:
            return closed, Concluded(self.seen(post.source), None, "")
        summary = summary_of(outcome, home, self.holdings.settings.language)
        return outcome.date, Concluded(self.seen(post.source), outcome.date, summary)

    @question
    def results(self, post: Post) -> Results | None:
        """The figures of a post's survey, where they may be shown by now."""
        results = self.holdings.dialogue.get(post.id, Dialogue(post.id)).results
        waits = _state(self._post(post.source)) in ("coming", "open")
        return None if results and results.after_close and waits else results

    @question
    def answer_due(self, post: Post, contribution: str) -> AnswerDue | None:
        """When a contribution that waits is to be answered; None where nothing is promised."""
        if post.source not in self._waiting:
            entry = self._post(post.source)
            found = waiting(entry, self._dialogue(entry), self.holdings.settings.zone)
            self._waiting[post.source] = {item.contribution: item.due for item in found}
        due = self._waiting[post.source].get(contribution)
        return AnswerDue(due, due < self._day) if due else None

    @question
    def answer_time(self, person: Person) -> AnswerTime:
        """How long a person takes to answer, over all that this person has answered."""
        if self._answer_times is None:
            # Translations share a dialogue, which is held under the id of each.
            dialogues = {item.post: item for item in self.holdings.dialogue.values()}.values()
            self._answer_times = answer_times(dialogues, self.holdings.settings.zone)
        return self._answer_times.get(person.id, AnswerTime(0, None))

    @question
    def has_open_data(self) -> bool:
        """Whether contributions and answers are published as open data."""
        held = self.holdings.dialogue
        return self.holdings.settings.dialogue.open_data and any(
            self._dialogue(at).contributions for at in self.holdings.places if at.id in held
        )

    @question
    def discussed(self) -> tuple[Post, ...]:
        """The posts whose dialogue has contributions or an outcome, by id; of translations the main one."""
        settings = self.holdings.settings
        order = {lang: at for at, lang in enumerate(settings.all_languages)} | {settings.language: -1}
        chosen: dict[str, Place] = {}
        for place in self.holdings.places:
            held = self.holdings.dialogue.get(place.id)
            if held and (held.outcome or self._dialogue(place).contributions):
                one = (chosen.get(held.post, place), place)
                chosen[held.post] = min(one, key=lambda at: (order.get(at.lang, 99), at.source))
        return self._entries(chosen[name].source for name in sorted(chosen))

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

_QUESTION_ORDER = (
    ConsultationState.OPEN,
    ConsultationState.COMING,
    ConsultationState.UNDER_REVIEW,
    ConsultationState.CLOSED,
    ConsultationState.CONCLUDED,
)


def _said_at(item: DialogueItem) -> tuple[float, str]:
    return item.date.timestamp(), item.anchor


def _is_told(item: DialogueItem) -> bool:
    """Whether something is news: what was taken back is none, the answer to it is."""
    return item.answer is not None or not item.contribution.is_withdrawn


def _state(post: Post) -> str:
    return post.consultation.state if post.consultation else ""


def _is_overdue(post: Post) -> bool:
    return bool(post.consultation and post.consultation.overdue)


def _promised(post: Post) -> tuple[bool, dt.date, str]:
    """Orders calls for input by the day on which their outcome is promised."""
    due = post.consultation.outcome_due if post.consultation else None
    return due is None, due or dt.date.max, post.source


def _question_rank(state: ConsultationState, closes: float) -> tuple[int, float]:
    """By state; open and coming questions by deadline, the others newest first."""
    ahead = state in (ConsultationState.OPEN, ConsultationState.COMING)
    return _QUESTION_ORDER.index(state), closes if ahead else -closes
