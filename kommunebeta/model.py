"""What a site consists of: the immutable values that flow from content to templates.

Every type is a frozen dataclass. Addresses (``address`` fields) are paths from the
site's root such as ``/2026/05/svommehallen/``; the ``url`` filter adds the folder that the site
lives in, ``absolute_url`` the host.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class ReferenceKind(StrEnum):
    """What a body refers to by address."""

    LINK = "link"
    PICTURE = "picture"
    EMBED = "embed"


@dataclass(frozen=True, slots=True)
class Reference:
    """Something in a body that can be resolved only when the whole site is known.

    The body's html holds ``\\0N\\0`` where reference number N belongs: an address for a link
    (inside ``href``), a whole element for a picture or an embed.

    Attributes:
        kind: link, picture or embed.
        target: the address as the writer wrote it, percent-decoded, fragment included.
        line: 1-based line in the source file.
        column: 1-based column, 0 when unknown.
        alt: text alternative of a picture.
        title: the title in quotes after the address.
        attributes: further HTML attributes, such as ``class``, sorted by name; of an embed its options.
        lone: a picture alone in its paragraph, which is shown large, as a figure.
    """

    kind: ReferenceKind
    target: str
    line: int
    column: int = 0
    alt: str = ""
    title: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    lone: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a body.

    Attributes:
        level: 1–6.
        id: the id of its anchor.
        text: plain text.
    """

    level: int
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """A rendered body.

    Attributes:
        html: the body as HTML, with ``\\0N\\0`` for reference number N.
        text: plain text for feeds, search and summaries; blocks are separated by a line feed.
        first_paragraph: plain text of the first paragraph, empty when there is none.
        headings: the headings in order.
        references: links and pictures that wait for the whole site.
        anchors: every id in the body, for checking links to ``#anchor``.
        words: number of words of the plain text.
        digest: of the HTML, where the document is kept without it.
    """

    html: str
    text: str = ""
    first_paragraph: str = ""
    headings: tuple[Heading, ...] = ()
    references: tuple[Reference, ...] = ()
    anchors: frozenset[str] = frozenset()
    words: int = 0
    digest: str = ""


@dataclass(frozen=True, slots=True)
class PictureVariant:
    """One size and format of a picture.

    Attributes:
        address: where it is published.
        width: pixels.
        height: pixels.
        media_type: such as ``image/webp``.
    """

    address: str
    width: int
    height: int
    media_type: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of the site with the variants that browsers choose from.

    Attributes:
        source: the file, relative to the site folder.
        alt: text alternative; empty for pure decoration.
        caption: text shown below, as plain text.
        credit: who made it, and its licence.
        width: pixels of the original, after rotation.
        height: pixels of the original, after rotation.
        variants: from small to large, preferred formats first; the last is what old browsers get.
        address: the variant for browsers that know no ``srcset``, feeds and social cards.
    """

    source: str
    alt: str
    width: int
    height: int
    address: str
    variants: tuple[PictureVariant, ...] = ()
    caption: str = ""
    credit: str = ""


class EmbedKind(StrEnum):
    """What an embed shows."""

    FILM = "film"
    SOUND = "sound"
    SLIDES = "slides"
    PICTURE = "picture"
    MAP = "map"
    DOCUMENT = "document"
    POST = "post"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Embed:
    """A film, slide deck or other content of another site, which is fetched only when a reader asks for it.

    Attributes:
        kind: what it is.
        provider: the other site's name, such as ``YouTube``; its host where it has none.
        provider_id: a short name for style sheets and scripts, such as ``youtube``.
        url: its page there; of a file of this site, its address here.
        title: what it is called; empty where nobody has said.
        frame: address of the player that is loaded on request; empty where there is none.
        receiver: who learns of the reader then, such as ``Google``.
        privacy: more about what is sent, in the words of the settings.
        allow: what the frame may use: the value of the iframe's ``allow``.
        sandbox: what the frame may do: the value of the iframe's ``sandbox``.
        width: of the player's shape, in any unit.
        height: of the player's shape, in the same unit.
        poster: a picture of it that lies on this site, if any.
        author: who made it there.
        author_url: the maker's page there.
        seconds: how long it lasts; None when unknown.
        count: number of slides; None when unknown.
        size: bytes, of a file of this site.
        media_type: of a file of this site, such as ``video/mp4``.
        licence: name of its licence.
        licence_url: the licence's text.
        uploaded: when it was published there (ISO 8601), if known.
        caption: text below it.
        description: what it shows, for those who do not see it.
        captions: whether it has captions; None when nobody has said.
        track: address of a file of captions (WebVTT) for a film of this site.
        transcript: what is said and shown, as HTML.
        transcript_url: where that can be read.
        quote: the words of a post elsewhere, as the writer gives them.
        removed: whether it is gone from there.
    """

    kind: EmbedKind
    provider: str
    provider_id: str
    url: str
    title: str = ""
    frame: str = ""
    receiver: str = ""
    privacy: str = ""
    allow: str = ""
    sandbox: str = ""
    width: int = 16
    height: int = 9
    poster: Picture | None = None
    author: str = ""
    author_url: str = ""
    seconds: int | None = None
    count: int | None = None
    size: int = 0
    media_type: str = ""
    licence: str = ""
    licence_url: str = ""
    uploaded: str = ""
    caption: str = ""
    description: str = ""
    captions: bool | None = None
    track: str = ""
    transcript: str = ""
    transcript_url: str = ""
    quote: str = ""
    removed: bool = False

    @property
    def is_local(self) -> bool:
        """Whether it is a file of this site."""
        return bool(self.media_type)

    @property
    def is_played(self) -> bool:
        """Whether a player is loaded from elsewhere when the reader asks for it."""
        return bool(self.frame) and not self.removed

    @property
    def is_tall(self) -> bool:
        """Whether it is higher than wide, as films made on a telephone are."""
        return self.height > self.width


@dataclass(frozen=True, slots=True)
class Term:
    """A tag, category or series.

    Attributes:
        taxonomy: ``tags``, ``categories`` or ``series``.
        name: as it is shown.
        slug: as it stands in addresses.
    """

    taxonomy: str
    name: str
    slug: str


@dataclass(frozen=True, slots=True)
class Person:
    """An author or official; the role comes first, the name is optional.

    Attributes:
        id: the file's name without ``.yaml``; for a byline without a file, a slug of the byline.
        role: such as "Kommunedirektør".
        name: the person's name, empty when only the role is shown.
        department: the department or unit.
        answers_for: what this person answers for, one line each.
        answer_days: working days within which an answer is promised; None when nothing is promised.
        email: address that may be published.
        phone: number that may be published.
        portrait: picture, if any.
        text: a short presentation in plain text.
        former: whether the person has left the role; the page stays, new duties do not.
        known: False for a byline without a file in ``people/``, which has no page.
        weight: order in lists, smaller first.
        translations: role, department, text and answers_for by language, where the file gives several.
        extra: keys of the file that Kommunebeta does not know.
    """

    id: str
    role: str
    name: str = ""
    department: str = ""
    answers_for: tuple[str, ...] = ()
    answer_days: int | None = None
    email: str = ""
    phone: str = ""
    portrait: Picture | None = None
    text: str = ""
    former: bool = False
    known: bool = True
    weight: int = 0
    translations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def role_in(self, lang: str) -> str:
        """The role in a language, else the role as first given."""
        return str(self.translations.get(lang, {}).get("role") or self.role)

    def department_in(self, lang: str) -> str:
        """The department in a language, else as first given."""
        return str(self.translations.get(lang, {}).get("department") or self.department)

    def text_in(self, lang: str) -> str:
        """The presentation in a language, else as first given."""
        return str(self.translations.get(lang, {}).get("text") or self.text)

    def answers_for_in(self, lang: str) -> tuple[str, ...]:
        """What the person answers for, in a language, else as first given."""
        return tuple(self.translations.get(lang, {}).get("answers_for") or self.answers_for)

    def byline_in(self, lang: str) -> str:
        """Name and role, or the role alone."""
        role = self.role_in(lang)
        return f"{self.name}, {role}" if self.name and role else self.name or role


@dataclass(frozen=True, slots=True)
class Case:
    """The municipality's case that a post is about.

    Attributes:
        number: case number.
        url: link to the case file, or empty.
        title: the case's name, or empty.
    """

    number: str
    url: str = ""
    title: str = ""


class StepState(StrEnum):
    """Whether a step of a timeline lies behind, is today, or is still to come."""

    PAST = "past"
    TODAY = "today"
    COMING = "coming"


@dataclass(frozen=True, slots=True)
class TimelineStep:
    """A dated step of a matter, such as committee, council or decision.

    Attributes:
        date: the day.
        title: what happens.
        state: ``past``, ``today`` or ``coming``.
        text: more about it in Markdown, or empty.
        url: link to papers or a recording, or empty.
    """

    date: dt.date
    title: str
    state: StepState
    text: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document of a post.

    Attributes:
        title: what it is called.
        kind: ``minutes``, ``report``, ``slides`` or ``other``.
        url: outside address, or empty.
        address: address in this site, or empty; exactly one of the two is given.
        size: bytes, for a file of the site.
        format: file type in capitals such as ``PDF``, empty when unknown.
    """

    title: str
    kind: str
    url: str = ""
    address: str = ""
    size: int = 0
    format: str = ""


class ConsultationState(StrEnum):
    """Where a call for input stands."""

    COMING = "coming"
    OPEN = "open"
    CLOSED = "closed"
    UNDER_REVIEW = "under_review"
    CONCLUDED = "concluded"


@dataclass(frozen=True, slots=True)
class Consultation:
    """A call for input (*innspillsrunde*).

    Attributes:
        question: what is asked, in one sentence.
        form: id of the form.
        opens: the moment from which people can answer.
        closes: the moment from which they cannot.
        outcome_due: day by which the outcome is promised, if any.
        place: where it is about, in words.
        state: where it stands at the moment of the build.
        days_left: whole days until it closes while open, else None; 0 means it closes today.
        overdue: whether it has closed and the day by which the outcome was promised is over.
    """

    question: str
    form: str
    opens: dt.datetime
    closes: dt.datetime
    state: ConsultationState
    outcome_due: dt.date | None = None
    place: str = ""
    days_left: int | None = None
    overdue: bool = False

    @property
    def last_day(self) -> dt.date:
        """The last day on which one can answer."""
        return (self.closes - dt.timedelta(microseconds=1)).date()


@dataclass(frozen=True, slots=True)
class Entry:
    """What a post and a page have in common.

    Attributes:
        source: the file, relative to the site folder.
        id: stable name, front matter ``id`` or the file's slug; translations may share it.
        lang: BCP 47 language of the text.
        title: plain text.
        address: from the site's root, such as ``/2026/05/svommehallen/``.
        date: when it was published; None for pages without a date.
        updated: when it was last changed in substance, if given.
        authors: who wrote it.
        summary: plain text for lists and search engines.
        image: the picture at the head.
        translation_key: what translations of one text share.
        aliases: old addresses that lead here.
        toc: whether a table of contents is shown.
        template: template by which it is rendered.
        words: number of words.
        headings: the body's headings.
        draft: whether it is a draft (present only when drafts are built).
        extra: front matter that Kommunebeta does not know, as written; plain numbers and
            true/false are converted.
        search: whether search engines may list it.
        embeds: the films, slides and other content from elsewhere in its text.
        feedback: id of the form at its foot, empty for none.
    """

    source: str
    id: str
    lang: str
    title: str
    address: str
    date: dt.datetime | None
    updated: dt.datetime | None
    authors: tuple[Person, ...]
    summary: str
    image: Picture | None
    translation_key: str
    aliases: tuple[str, ...]
    toc: bool
    template: str
    words: int
    headings: tuple[Heading, ...]
    draft: bool
    extra: Mapping[str, Any]
    search: bool
    embeds: tuple[Embed, ...]
    feedback: str

    @property
    def all_embeds(self) -> tuple[Embed, ...]:
        """Everything embedded: at the head and in the text."""
        return self.embeds

    @property
    def open_form(self) -> str:
        """Id of the form by which one can answer now, empty for none."""
        return self.feedback

    @property
    def preview_image(self) -> Picture | None:
        """The picture for previews elsewhere: that at the head, else the poster of the first embed."""
        return self.image or next((embed.poster for embed in self.all_embeds if embed.poster), None)

    @property
    def reading_minutes(self) -> int:
        """Minutes to read it, at 200 words a minute, at least 1."""
        return max(1, round(self.words / 200))


@dataclass(frozen=True, slots=True)
class Post(Entry):
    """A blog post.

    Attributes:
        date: when it was published, with zone.
        tags: in the order written.
        category: at most one.
        series: the series it belongs to, if any.
        pinned: whether it is kept first on the home page.
        case: the municipality's case.
        timeline: the matter's steps in order of date.
        documents: minutes, reports, slides.
        responsible: who answers.
        consultation: the call for input, if it is one.
        comments: ``open``, ``closed`` or ``off`` where the writer says so, else empty.
        scheduled: whether its moment of publication is still to come (present only with ``--future``).
        expires: the moment from which it is no longer published, if any.
        video: the film at its head, if any.
        slides: the slide deck at its head, if any.
    """

    date: dt.datetime
    tags: tuple[Term, ...] = ()
    category: Term | None = None
    series: Term | None = None
    pinned: bool = False
    case: Case | None = None
    timeline: tuple[TimelineStep, ...] = ()
    documents: tuple[Attachment, ...] = ()
    responsible: Person | None = None
    consultation: Consultation | None = None
    comments: str = ""
    scheduled: bool = False
    expires: dt.datetime | None = None
    video: Embed | None = None
    slides: Embed | None = None

    @property
    def open_form(self) -> str:
        """Id of the form by which one can answer now: of a call for input while it is open."""
        if self.consultation is None:
            return self.feedback
        return self.consultation.form if self.consultation.state is ConsultationState.OPEN else ""

    @property
    def all_embeds(self) -> tuple[Embed, ...]:
        """Everything embedded: at the head and in the text."""
        return (*filter(None, (self.video, self.slides)), *self.embeds)

    @property
    def changed(self) -> dt.datetime:
        """When it was last changed, else published."""
        return self.updated or self.date

    @property
    def terms(self) -> tuple[Term, ...]:
        """Category, series and tags together."""
        return tuple(term for term in (self.category, self.series, *self.tags) if term)


@dataclass(frozen=True, slots=True)
class Page(Entry):
    """A page outside the stream: about, privacy, contact.

    Attributes:
        kind: ``page``, or what a ready page is: ``roles``, ``channels``; ``experiment`` of an experiment.
        menus: the menus that name it, with ``weight`` for the order.
    """

    kind: str = "page"
    menus: tuple[str, ...] = ()
    weight: int = 0


class ExperimentState(StrEnum):
    """Where an experiment stands, in the words of those who try it."""

    IDEA = "idea"
    TRYING = "trying"
    LEARNED = "learned"
    KEPT = "kept"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Variant:
    """Another look of some pages while an experiment lasts.

    Attributes:
        experiment: the experiment's file, for ``site.page``.
        parameters: the theme's parameters that have another value.
        texts: the interface's texts that are others, by message and language; an empty language is for all.
        style_sheet: the asset with the parameters for style sheets, if any of those is another; else empty.
    """

    experiment: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    style_sheet: str = ""


@dataclass(frozen=True, slots=True)
class AddressPattern:
    """Which pages a variant is for.

    Attributes:
        text: an address in which ``*`` stands for anything.
        line: 1-based line in the experiment's file.
        column: 1-based column.
    """

    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Experiment(Page):
    """Something that the municipality tries out, so that it and its citizens learn from it.

    Attributes:
        tries: what is tried: ``form``, ``design``, ``channel`` or ``other``.
        hypothesis: what those who try it believe will happen.
        starts: the first day, if given.
        ends: the last day, if given.
        state: ``idea``, ``trying``, ``learned``, ``kept`` or ``dropped``.
        running: whether it is being tried at the moment of the build, by its state and its days.
        overdue: whether it is still being tried after its last day.
        learned: what was learned, in Markdown.
        responsible: who answers for it.
        variant: another look of some pages, which they have while it is running.
        pages: which pages those are.
    """

    tries: str = "other"
    hypothesis: str = ""
    starts: dt.date | None = None
    ends: dt.date | None = None
    state: ExperimentState = ExperimentState.IDEA
    running: bool = False
    overdue: bool = False
    learned: str = ""
    responsible: Person | None = None
    variant: Variant | None = None
    pages: tuple[AddressPattern, ...] = ()


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One line of a menu.

    Attributes:
        title: its text.
        address: a path of this site, or an address elsewhere.
        weight: order, smaller first.
    """

    title: str
    address: str
    weight: int = 0


@dataclass(frozen=True, slots=True)
class Channel:
    """One of the municipality's other channels.

    Attributes:
        kind: ``facebook``, ``x``, ``youtube`` … or ``other``; names the icon.
        name: what it is called.
        url: its address.
        purpose: what it is used for, by language.
        responsible: who answers there.
        header: whether it is linked at the head of every page.
        footer: whether it is linked at the foot of every page.
    """

    kind: str
    name: str
    url: str
    purpose: str = ""
    responsible: Person | None = None
    header: bool = False
    footer: bool = True
