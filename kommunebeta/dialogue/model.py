"""What the dialogue consists of: contributions and answers, outcomes, and the figures of surveys.

Texts are Markdown as it was written. Whoever shows them sends them through the filter ``citizen``
(or ``harmless`` where plain text is wanted): nothing here has been sanitised.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kommunebeta.model import Person
from kommunebeta.validation import in_language


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a form on a page is sent, as the service that takes it in documents it.

    Attributes:
        to: ``kommunebeta``, ``netlify``, ``formspree``, ``formspark``, ``web3forms``, ``url``, ``mailto``
            or ``off``.
        service: who takes it in, as readers know it; empty for the municipality itself.
        action: the form's ``action``: an address, or ``mailto:…``.
        enctype: the form's ``enctype``; empty for the usual one.
        attributes: further attributes of the form element, such as ``data-netlify``.
        hidden: name and value of each hidden field, in order.
        honeypot: name of the field that people leave empty; empty for none.
        checkbox: whether that field is a box that people leave unticked; else it is a line of text.
        json: whether a script may send it and read the answer, so that the page stays.
        body: how a script writes what it sends: ``form`` (as the browser would) or ``json``.
        unscripted: names of the hidden fields that a script leaves out.
        token: address that a script fetches a token from before it sends; empty for none.
        thanks: address of the page that the reader comes to afterwards.
        failed: address of the page for what went wrong.
        foreign: whether what is sent leaves the municipality.
    """

    to: str
    service: str = ""
    action: str = ""
    enctype: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()
    honeypot: str = ""
    checkbox: bool = False
    json: bool = False
    body: str = "form"
    unscripted: tuple[str, ...] = ()
    token: str = ""
    thanks: str = ""
    failed: str = ""
    foreign: bool = False

    @property
    def is_off(self) -> bool:
        """Whether there is no form to send: contact details stand in its place."""
        return self.to == "off"


class ContributionState(StrEnum):
    """Where a published contribution stands."""

    WAITING = "waiting"
    ANSWERED = "answered"
    NOTED = "noted"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Answer:
    """The municipality's answer to a contribution.

    Attributes:
        id: unique in the post's dialogue, and the answer's anchor on the page.
        by: who answers, with role and department.
        date: when, with zone.
        text: Markdown.
        lang: BCP 47 language of the text.
    """

    id: str
    by: Person
    date: dt.datetime
    text: str
    lang: str


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a citizen sent, as far as it is published: a file ``dialogue/<post>/<id>.yaml``.

    Attributes:
        source: the file, relative to the site folder.
        id: unique in the post's dialogue; the permalink is the post's page with ``#innspill-<id>``.
        received: when it came in, with zone.
        published: when it was published, with zone.
        name: the name that the citizen lets us show; empty means «Innbygger».
        text: Markdown; empty when it is withdrawn.
        topic: what it is about, or empty.
        state: waiting, answered, noted (read; no answer will come) or withdrawn by its author.
        answers: the municipality's answers, oldest first.
        moderated: what the editors have done to it, such as «forkortet av redaksjonen»; by language.
        reply_to: id of the contribution that it replies to, or empty.
        lang: BCP 47 language of the text, or empty for the post's.
        form: id of the form it was sent with, or empty.
        fields: what else was answered and may be shown: name of the form's field → text.
    """

    source: str
    id: str
    received: dt.datetime
    published: dt.datetime
    name: str
    text: str
    topic: str = ""
    state: ContributionState = ContributionState.WAITING
    answers: tuple[Answer, ...] = ()
    moderated: Mapping[str, str] = field(default_factory=dict)
    reply_to: str = ""
    lang: str = ""
    form: str = ""
    fields: tuple[tuple[str, str], ...] = ()

    @property
    def anchor(self) -> str:
        """Its anchor on the page."""
        return f"innspill-{self.id}"

    @property
    def is_withdrawn(self) -> bool:
        """Whether its author took it back: its place stays, what was said does not."""
        return self.state is ContributionState.WITHDRAWN

    def moderated_in(self, lang: str) -> str:
        """What the editors have done to it, in a language, else in another; empty when nothing."""
        return in_language(self.moderated, lang)

    @property
    def first_answered(self) -> dt.datetime | None:
        """When the first answer came."""
        return min((answer.date for answer in self.answers), default=None)


@dataclass(frozen=True, slots=True)
class Theme:
    """Something that many said.

    Attributes:
        title: what it is called, by language.
        count: how many said so; None when it was not counted.
        text: more about it in Markdown, by language.
    """

    title: Mapping[str, str]
    count: int | None = None
    text: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What happened later.

    Attributes:
        date: the day.
        text: Markdown, by language.
    """

    date: dt.date
    text: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call for input: «dere sa, vi gjorde». A file ``dialogue/<post>/outcome.yaml``.

    All texts are Markdown by language.

    Attributes:
        source: the file, relative to the site folder.
        date: the day on which it was published; the call is concluded from then on.
        by: who stands for it; None for the municipality.
        asked: what we asked.
        said: what you said.
        themes: what was said, with counts.
        did: what we did.
        did_not: what we did not do, and why.
        next: what happens next.
        follow_ups: what happened later, oldest first.
    """

    source: str
    date: dt.date
    by: Person | None = None
    asked: Mapping[str, str] = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=dict)
    themes: tuple[Theme, ...] = ()
    did: Mapping[str, str] = field(default_factory=dict)
    did_not: Mapping[str, str] = field(default_factory=dict)
    next: Mapping[str, str] = field(default_factory=dict)
    follow_ups: tuple[FollowUp, ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """A count of answers, as it may be shown.

    Attributes:
        value: what was answered, as it is stored; of a ranking the place (``1``), or several (``2-4``).
        label: the same by language; empty for ``yes``, ``no``, ``other`` and places, which the theme words.
        count: how many answered so; None when it is, or could tell, a count below five.
        share: ``count`` of the whole in per cent, 0–100; None without a count or a whole.
    """

    value: str
    label: Mapping[str, str]
    count: int | None
    share: float | None = None

    def label_in(self, lang: str) -> str:
        """What was answered in a language, else in another; empty when the theme words it."""
        return in_language(self.label, lang)


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a stacked bar.

    Attributes:
        cell: the answer that it stands for; None for all those together whose counts are hidden.
        start: where it begins, in per cent of the bar.
        width: how long it is, in per cent of the bar.
        tone: 0 for the first answer to 10 for the last, for its colour.
        position: which of the line's answers it is, from 0.
    """

    cell: Cell | None
    start: float
    width: float
    tone: int = 0
    position: int = 0

    @property
    def middle(self) -> float:
        """The middle of it, in per cent of the bar."""
        return self.start + self.width / 2


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a question: of a matrix one of its rows, of a ranking one of the things; else the only one.

    Attributes:
        label: by language; empty for an only line.
        cells: the counts, in the form's order.
        total: how many answered this line, or, where several answers are possible, were asked; None when it
            is not shown.
        mean: the mean of a scale, or the mean place of a ranking; None when it is not shown.
    """

    label: Mapping[str, str]
    cells: tuple[Cell, ...]
    total: int | None = None
    mean: float | None = None

    def label_in(self, lang: str) -> str:
        """What the line is about in a language, else in another."""
        return in_language(self.label, lang)

    @property
    def leading(self) -> tuple[Cell, ...]:
        """The answers that most gave, of those that are shown: one, or several that are equal."""
        most = max((cell.count for cell in self.cells if cell.count is not None), default=None)
        return tuple(cell for cell in self.cells if cell.count == most is not None)

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The line as a stacked bar of 100 per cent; empty when its total is not shown."""
        if self.total is None:
            return ()
        # One gap for all that is hidden, at the place of the first.
        gap = next((at for at, cell in enumerate(self.cells) if cell.share is None), None)
        rest = 100 - sum(cell.share for cell in self.cells if cell.share is not None)
        segments: list[Segment] = []
        start = 0.0
        for position, cell in enumerate(self.cells):
            if cell.share is None and position != gap:
                continue
            told, width = (None, rest) if cell.share is None else (cell, cell.share)
            tone = round(10 * position / max(1, len(self.cells) - 1))
            segments.append(Segment(told, round(start, 2), round(width, 2), tone, position))
            start += width
        return tuple(segments)


class Chart(StrEnum):
    """How the answers to a question are drawn."""

    BARS = "bars"
    SCALE = "scale"
    RANKING = "ranking"
    MATRIX = "matrix"


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """The answers to one question of a survey.

    Attributes:
        name: the field's name in the form.
        label: the question, by language.
        chart: how it is drawn.
        rows: its lines, in the form's order.
        suppressed: whether counts are left out.
        several: whether people could choose several answers; then the shares come to more than 100 per cent.
        merged: whether places of a ranking are shown together, because counts of single ones are too small.
    """

    name: str
    label: Mapping[str, str]
    chart: Chart
    rows: tuple[Row, ...]
    suppressed: bool = False
    several: bool = False
    merged: bool = False

    def label_in(self, lang: str) -> str:
        """The question in a language, else in another."""
        return in_language(self.label, lang)

    @property
    def ranked(self) -> tuple[Row, ...]:
        """The lines by mean place, the best first; in the form's order when a mean is not shown.

        An order by what is hidden would tell something of it.
        """
        means = {id(row): row.mean for row in self.rows if row.mean is not None}
        if self.chart is not Chart.RANKING or len(means) < len(self.rows):
            return self.rows
        return tuple(sorted(self.rows, key=lambda row: means[id(row)]))


@dataclass(frozen=True, slots=True)
class Results:
    """The figures of a survey: a file ``dialogue/<post>/results.yaml``, with small counts taken out.

    Attributes:
        source: the file, relative to the site folder.
        form: id of the form.
        respondents: how many took part; None when it is not shown.
        collected: the day on which the figures were counted.
        after_close: whether they are shown only when the call for input has closed.
        questions: the questions that figures are given for, in the form's order.
        note: how the figures came about, in Markdown, by language.
    """

    source: str
    form: str
    respondents: int | None
    collected: dt.date
    after_close: bool
    questions: tuple[QuestionResult, ...]
    note: Mapping[str, str] = field(default_factory=dict)

    def note_in(self, lang: str) -> str:
        """How the figures came about in a language, else in another; Markdown."""
        return in_language(self.note, lang)

    @property
    def suppressed(self) -> bool:
        """Whether counts are left out anywhere."""
        return any(question.suppressed for question in self.questions)


@dataclass(frozen=True, slots=True)
class Dialogue:
    """All that is published of the dialogue about one post.

    Attributes:
        post: the post's stable id.
        contributions: oldest first.
        received: how many came in, published or not; at least as many as there are contributions.
        outcome: what came of it, if that has been published.
        results: the figures of its survey, if there are any.
        as_of: the day on which ``received`` was counted, where that is told.
    """

    post: str
    contributions: tuple[Contribution, ...] = ()
    received: int = 0
    outcome: Outcome | None = None
    results: Results | None = None
    as_of: dt.date | None = None
