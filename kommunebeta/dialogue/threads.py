"""Contributions as readers meet them: with their replies, in order, on pages; and as news."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kommunebeta.dialogue.forms import FormDefinition
from kommunebeta.dialogue.model import Answer, Contribution, Dialogue
from kommunebeta.dialogue.questions import ChoiceField, Question
from kommunebeta.model import Post
from kommunebeta.permalinks import Paged
from kommunebeta.validation import in_language


@dataclass(frozen=True, slots=True)
class Reply:
    """A contribution that replies to another one of its thread.

    Attributes:
        contribution: the reply.
        to: the anchor of what it replies to.
        name: the name shown there; empty where none is.
    """

    contribution: Contribution
    to: str
    name: str


@dataclass(frozen=True, slots=True)
class Thread:
    """A contribution, and all that was said in reply.

    Attributes:
        contribution: what the thread begins with.
        replies: replies to it and to each other, oldest first.
    """

    contribution: Contribution
    replies: tuple[Reply, ...] = ()

    @property
    def contributions(self) -> tuple[Contribution, ...]:
        """All contributions of the thread, the first one first."""
        return (self.contribution, *(reply.contribution for reply in self.replies))

    @property
    def is_answered(self) -> bool:
        """Whether the municipality has answered anything in it."""
        return any(item.answers for item in self.contributions)


@dataclass(frozen=True, slots=True)
class Counts:
    """How much was said.

    Attributes:
        received: how many contributions came in, published or not.
        published: how many can be read; what was taken back is not among them.
        answered: how many of these the municipality has answered.
        answers: how many answers it has given.
        as_of: the day on which ``received`` was counted, where that is told.
    """

    received: int = 0
    published: int = 0
    answered: int = 0
    answers: int = 0
    as_of: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where something said stands that is not on a dialogue's first page.

    Attributes:
        anchor: its anchor, which leads to it from the post for good.
        address: where it stands now, with the anchor.
        number: the number of that page.
    """

    anchor: str
    address: str
    number: int


@dataclass(frozen=True, slots=True)
class DiscussionPage(Paged):
    """One page of a dialogue.

    Attributes:
        threads: the threads of this page.
        number: this page, from 1, which is the post's own.
        addresses: the addresses of all pages, in order.
        total: the number of contributions on all pages, with those that were taken back.
        counts: how much was said.
        order: what stands first: ``newest`` or ``answered``.
        feed: the address of the dialogue's feed; empty where there is nothing in it.
        elsewhere: on the first page, what stands on the others: pages fill up and move on, permalinks stay.
    """

    threads: tuple[Thread, ...]
    number: int
    addresses: Sequence[str]
    total: int
    counts: Counts
    order: str
    feed: str = ""
    elsewhere: tuple[Elsewhere, ...] = ()


@dataclass(frozen=True, slots=True)
class DialogueItem:
    """Something said in a dialogue: a contribution, or the municipality's answer to it.

    Attributes:
        post: the post.
        dialogue: the stable id of its dialogue.
        contribution: the contribution.
        answer: the answer; None for the contribution itself.
        address: the post's with its anchor, which stays.
    """

    post: Post
    dialogue: str
    contribution: Contribution
    answer: Answer | None
    address: str

    @property
    def date(self) -> dt.datetime:
        """When it was published."""
        return self.answer.date if self.answer else self.contribution.published

    @property
    def lang(self) -> str:
        """The language that it is written in."""
        return self.answer.lang if self.answer else self.contribution.lang

    @property
    def anchor(self) -> str:
        """Its anchor on the page, which stays."""
        return self.answer.id if self.answer else self.contribution.anchor


@dataclass(frozen=True, slots=True)
class GivenAnswers:
    """What somebody has answered.

    Attributes:
        total: how many answers there are.
        newest: the newest of them, newest first.
    """

    total: int = 0
    newest: tuple[DialogueItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody answered to another question of the form.

    Attributes:
        question: the question.
        answer: the answer; of ``yes_no`` it is ``yes`` or ``no``, which the theme words.
        kind: the kind of question.
    """

    question: str
    answer: str
    kind: str


def threads_of(dialogue: Dialogue, order: str) -> tuple[Thread, ...]:
    """The threads of a dialogue.

    Replies to replies stand in one line with the others, since deep indentation neither fits on a phone
    nor can be followed by ear.

    Args:
        dialogue: the dialogue. Its replies lead to contributions of its own and in no circle.
        order: ``newest``: those that began last stand first; ``answered``: before them those with answers.
    """
    by_id = {item.id: item for item in dialogue.contributions}
    roots: dict[str, str] = {}
    replies: dict[str, list[Contribution]] = defaultdict(list)
    for item in dialogue.contributions:
        root = _root(item.id, by_id, roots)
        if root != item.id:
            replies[root].append(item)
    threads = (
        Thread(item, tuple(_reply(reply, by_id) for reply in sorted(replies[item.id], key=_time)))
        for item in dialogue.contributions
        if not item.reply_to
    )
    newest = sorted(threads, key=lambda thread: _time(thread.contribution), reverse=True)
    if order == "answered":
        newest.sort(key=lambda thread: not thread.is_answered)
    return tuple(newest)


def _root(name: str, by_id: dict[str, Contribution], roots: dict[str, str]) -> str:
    """The id of the contribution that a thread begins with; ``roots`` keeps what was found."""
    passed = []
    while name not in roots and by_id[name].reply_to:
        passed.append(name)
        name = by_id[name].reply_to
    root = roots.get(name, name)
    roots.update(dict.fromkeys(passed, root))
    return root


def _reply(item: Contribution, by_id: dict[str, Contribution]) -> Reply:
    to = by_id[item.reply_to]
    return Reply(item, to.anchor, to.name)


def _time(item: Contribution) -> tuple[float, float, str]:
    return item.published.timestamp(), item.received.timestamp(), item.id


def divided(threads: Iterable[Thread], size: int) -> tuple[tuple[Thread, ...], ...]:
    """The threads on pages of so many contributions; no thread is torn apart, and one page is there always.

    Args:
        threads: the threads in order.
        size: how many contributions stand on a page, unless one thread alone has more.
    """
    pages: list[tuple[Thread, ...]] = []
    page: list[Thread] = []
    room = size
    for thread in threads:
        if page and len(thread.contributions) > room:
            pages.append(tuple(page))
            page, room = [], size
        page.append(thread)
        room -= len(thread.contributions)
    return (*pages, tuple(page))


@dataclass(frozen=True, slots=True)
class Arranged:
    """A dialogue as it lies on its pages.

    Attributes:
        pages: the threads of each page.
        page_of: the number of the page that a contribution stands on, by its id.
        counts: how much was said.
        total: the number of contributions.
    """

    pages: tuple[tuple[Thread, ...], ...]
    page_of: Mapping[str, int]
    counts: Counts
    total: int


def arranged(dialogue: Dialogue, order: str, size: int) -> Arranged:
    """Lay a dialogue out on pages; see ``threads_of`` and ``divided``."""
    pages = divided(threads_of(dialogue, order), size)
    page_of = {
        item.id: number
        for number, threads in enumerate(pages, 1)
        for thread in threads
        for item in thread.contributions
    }
    return Arranged(pages, page_of, counts_of(dialogue), len(dialogue.contributions))


def counts_of(dialogue: Dialogue) -> Counts:
    """How much was said in a dialogue."""
    published = [item for item in dialogue.contributions if not item.is_withdrawn]
    return Counts(
        received=max(dialogue.received, len(dialogue.contributions)),
        published=len(published),
        answered=sum(bool(item.answers) for item in published),
        answers=sum(len(item.answers) for item in dialogue.contributions),
        as_of=dialogue.as_of,
    )


def told(contribution: Contribution, form: FormDefinition | None, lang: str) -> tuple[Told, ...]:
    """What was answered to the form's other questions, in words of a language.

    Args:
        contribution: the contribution.
        form: its form, where that is still there.
        lang: the language.
    """
    questions = {item.name: item for item in form.fields if isinstance(item, Question)} if form else {}
    return tuple(
        _told(questions[name], value, lang) if name in questions else Told(name, value, "short")
        for name, value in contribution.fields
    )


def _told(question: Question, value: str, lang: str) -> Told:
    from_form = {}
    if isinstance(question, ChoiceField):
        from_form = {choice.value: in_language(choice.label, lang) for choice in question.choices}
    words = [from_form.get(part, part) for part in value.split(", ")] if from_form else [value]
    kind = str(getattr(question, "kind", ""))
    return Told(in_language(question.label, lang), ", ".join(words), kind)


def elsewhere(dialogue: Dialogue, laid: Arranged, addresses: Sequence[str]) -> Iterator[Elsewhere]:
    """What does not stand on a dialogue's first page: contributions and the answers to them.

    Args:
        dialogue: the dialogue.
        laid: how it is laid out.
        addresses: the addresses of its pages.
    """
    for item in dialogue.contributions:
        number = laid.page_of.get(item.id, 1)
        if number > 1:
            for anchor in (item.anchor, *(answer.id for answer in item.answers)):
                yield Elsewhere(anchor, f"{addresses[number - 1]}#{anchor}", number)
