"""What templates may ask of the dialogue: contributions, answers, outcomes, figures, and promises kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import cast

from kommunebeta.answers import Notebook
from kommunebeta.asking import Asked, Holdings, question
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
    elsewhere,
    told,
)
from kommunebeta.lists import Place
from kommunebeta.model import ConsultationState, Person, Post


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


class Conversation(Asked):
    """The questions about the dialogue."""

    def __init__(self, holdings: Holdings, notebook: Notebook) -> None:
        super().__init__(holdings, notebook)
        self._arranged: dict[str, Arranged] = {}
        self._given: dict[str, tuple[DialogueItem, ...]] = {}
        self._waiting: dict[str, dict[str, dt.date]] = {}
        self._answer_times: Mapping[str, AnswerTime] | None = None
        self._day = holdings.now.astimezone(holdings.settings.zone).date()

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
            elsewhere=tuple(elsewhere(dialogue, laid, addresses)) if number == 1 else (),
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

    def _said(self, at: Post | Place) -> Iterator[DialogueItem]:
        """All that was said about a post: contributions and answers."""
        dialogue = self._dialogue(at)
        for item in dialogue.contributions:
            for answer in (None, *item.answers):
                address = f"{at.address}#{answer.id if answer else item.anchor}"
                yield DialogueItem(self.seen(at.source), dialogue.post, item, answer, address)

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


_QUESTION_ORDER = (
    ConsultationState.OPEN,
    ConsultationState.COMING,
    ConsultationState.UNDER_REVIEW,
    ConsultationState.CLOSED,
    ConsultationState.CONCLUDED,
)


def _question_rank(state: ConsultationState, closes: float) -> tuple[int, float]:
    """By state; open and coming questions by deadline, the others newest first."""
    ahead = state in (ConsultationState.OPEN, ConsultationState.COMING)
    return _QUESTION_ORDER.index(state), closes if ahead else -closes
