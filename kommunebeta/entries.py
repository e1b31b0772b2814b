"""Parsed files → posts and pages: authors found, pictures measured, addresses filled in."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kommunebeta.config import Settings
from kommunebeta.content import Entry
from kommunebeta.embeds.texts import EmbedSource
from kommunebeta.errors import Problem, Severity
from kommunebeta.frontmatter import ConsultationMatter, DocumentMatter, ImageMatter, PostMatter
from kommunebeta.images import PictureError
from kommunebeta.language import LANGUAGE_NAMES, slugify
from kommunebeta.markdown import plain
from kommunebeta.media import Media
from kommunebeta.model import (
    Attachment,
    Case,
    Consultation,
    ConsultationState,
    Page,
    Person,
    Picture,
    Post,
    Term,
    TimelineStep,
)
from kommunebeta.moments import Clock
from kommunebeta.people import People, byline_problem
from kommunebeta.permalinks import Addresses, is_safe, normalised

_SUMMARY_LENGTH = 300
_LONGEST_SLUG = 120  # bytes; a name on a disk has at most 255
_READY_PAGES = {"roles.html": "roles", "channels.html": "channels"}


@dataclass
class Desk:
    """What making an entry needs, and where its problems are laid.

    Attributes:
        settings: the site's settings.
        clock: the moment of the build.
        media: where pictures and files are collected.
        people: who writes and answers.
        addresses: permalink patterns.
        forms: ids of the forms that exist.
        has_template: whether the theme knows a template.
        embeds: what entries show of other sites.
        terms: the one spelling of each term, by taxonomy and slug.
        ids: the id of each entry, by file.
        concluded: the day on which the outcome of a post's call for input was published, by the post's id.
        problems: what was found.
    """

    settings: Settings
    clock: Clock
    media: Media
    people: People
    addresses: Addresses
    forms: Collection[str]
    has_template: Callable[[str], bool]
    embeds: EmbedSource
    terms: Mapping[tuple[str, str], Term] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)
    concluded: Mapping[str, dt.date] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def entry_date(entry: Entry, clock: Clock) -> dt.datetime | None:
    """When an entry was published: its ``date``, else the date in its file's name, else ``publish``."""
    if entry.matter.date:
        return clock.local(entry.matter.date)
    if entry.file_date:
        return clock.local(dt.datetime.combine(entry.file_date, dt.time()))
    return clock.local(entry.matter.publish) if entry.matter.publish else None


def stem_slug(stem: str) -> str:
    """The slug of a file's name, cut to what disks can hold.

    A stable stand-in where the name has no letter that a slug can hold.
    """
    slug = slugify(stem)
    digest = hashlib.sha256(stem.encode()).hexdigest()[:8]
    if len(slug.encode()) > _LONGEST_SLUG:
        return slug.encode()[:_LONGEST_SLUG].decode(errors="ignore").strip("-") + "-" + digest
    return slug or "x" + digest


def schedule_problems(entry: Entry, clock: Clock) -> tuple[Problem, ...]:
    """An end that does not come after the beginning: such a text is never published at all."""
    matter = entry.matter
    begins = clock.local(matter.publish) if matter.publish else entry_date(entry, clock)
    if not begins or not matter.expires or clock.local(matter.expires) > begins:
        return ()
    message = "«expires» is not after the moment of publication."
    return (entry.problem("KB016", ("expires",), message, "Mend one of the two dates."),)


def choose_ids(entries: Iterable[Entry], clock: Clock) -> tuple[dict[str, str], tuple[Problem, ...]]:
    """Give every entry its id: the front matter's, else the file's slug.

    Where two files of one language have the same slug, the oldest keeps it and the others put
    their date in front, so that no dialogue is mixed and none moves.
    """
    ids: dict[str, str] = {}
    problems: list[Problem] = []
    taken: dict[tuple[str, str], str] = {}
    entries = tuple(entries)
    given = {entry.path for entry in entries if entry.matter.id and isinstance(entry.matter, PostMatter)}
    in_order = sorted(
        entries, key=lambda entry: (not entry.matter.id, str(entry_date(entry, clock) or ""), entry.path)
    )
    for entry in in_order:
        wanted = stem_slug(entry.matter.id or entry.stem)
        first = taken.get((entry.lang, wanted))
        if first and entry.matter.id:
            message = f"The id «{wanted}» belongs to {first} already."
            problems.append(entry.problem("KB017", ("id",), message, "Give one of the two another id."))
        if first:
            date = entry_date(entry, clock)
            wanted = f"{date:%Y-%m-%d}-{wanted}" if date else wanted
        while (entry.lang, wanted) in taken:
            wanted += "-2"
        if first in given and not entry.matter.id and isinstance(entry.matter, PostMatter):
            message = (
                f"{first} has taken the id that the file's name would give, so this one's is «{wanted}»."
            )
            mend = "Write an «id» of its own here, and call its folder in dialogue/ the same."
            problems.append(entry.problem("KB017", ("id",), message, mend, Severity.WARNING))
        taken[entry.lang, wanted] = entry.path
        ids[entry.path] = wanted
    return ids, tuple(problems)


def collect_terms(entries: Iterable[Entry]) -> dict[tuple[str, str], Term]:
    """One spelling for each term: the most frequent one among those with the same slug."""
    spellings: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for entry in entries:
        if isinstance(entry.matter, PostMatter):
            for taxonomy, name in _names(entry.matter):
                spellings[taxonomy, stem_slug(name)][name] += 1
    return {
        key: Term(key[0], min(counts, key=lambda name: (-counts[name], name)), key[1])
        for key, counts in spellings.items()
    }


def _names(matter: PostMatter) -> Iterable[tuple[str, str]]:
    yield from (("tags", tag) for tag in matter.tags if tag)
    if matter.category:
        yield "categories", matter.category
    if matter.series:
        yield "series", matter.series


def make_post(desk: Desk, entry: Entry) -> Post | None:
    """A post; None (and a problem) when it has no date."""
    matter = entry.matter
    date = entry_date(entry, desk.clock)
    if not isinstance(matter, PostMatter):
        return None
    if date is None:
        desk.problems.append(
            entry.problem("KB010", (), "«date» is missing.", "Add a line «date: 2026-05-17».")
        )
        return None
    embeds = desk.embeds.of(entry)
    category = desk.terms.get(("categories", stem_slug(matter.category))) if matter.category else None
    return Post(
        **common(desk, entry, "post", date, category.slug if category else "uten-kategori"),
        embeds=embeds.body,
        video=embeds.video,
        slides=embeds.slides,
        date=date,
        tags=tuple(dict.fromkeys(desk.terms["tags", stem_slug(tag)] for tag in matter.tags if tag)),
        category=category,
        series=desk.terms["series", stem_slug(matter.series)] if matter.series else None,
        pinned=matter.pinned,
        case=Case(**matter.case.model_dump()) if matter.case else None,
        timeline=_timeline(desk, matter),
        documents=tuple(
            filter(None, (_document(desk, entry, at, item) for at, item in enumerate(matter.documents)))
        ),
        responsible=_responsible(desk, entry, matter),
        consultation=_consultation(desk, entry, matter),
        comments=matter.comments,
        scheduled=desk.clock.is_scheduled(matter, date),
        expires=desk.clock.local(matter.expires) if matter.expires else None,
    )


def make_page(desk: Desk, entry: Entry) -> Page:
    """A page."""
    matter = entry.matter
    return Page(
        **common(desk, entry, "page", entry_date(entry, desk.clock), ""),
        embeds=desk.embeds.of(entry).body,
        date=entry_date(entry, desk.clock),
        kind=_READY_PAGES.get(matter.template, "page"),
        menus=tuple(matter.menu),
        weight=matter.weight,
    )


def common(desk: Desk, entry: Entry, kind: str, date: dt.datetime | None, category: str) -> dict[str, Any]:
    """The fields that every kind of entry has, by name.

    Args:
        desk: what making an entry needs.
        entry: the file.
        kind: ``post``, ``page`` or ``experiment``: names the permalink pattern and the template.
        date: when it was published.
        category: slug of its category, for the address.
    """
    matter, document = entry.matter, entry.document
    return {
        "source": entry.path,
        "id": desk.ids[entry.path],
        "lang": entry.lang,
        "title": _title(desk, entry),
        "address": _address(desk, entry, kind, date, category),
        "updated": desk.clock.local(matter.updated) if matter.updated else None,
        "authors": _authors(desk, entry),
        "summary": _summary(entry),
        "image": _image(desk, entry, matter.image),
        "translation_key": translation_key(entry),
        "aliases": _aliases(desk, entry),
        "toc": matter.toc,
        "template": _template(desk, entry) or f"{kind}.html",
        "words": document.words,
        "headings": document.headings,
        "draft": matter.draft,
        "extra": entry.extra,
        "search": matter.search,
        "feedback": _feedback(desk, entry),
    }


_LANGUAGE_AND_ENDING = re.compile(
    rf"(?:\.(?:{'|'.join(LANGUAGE_NAMES)}))?(/index)?(?:\.(?:{'|'.join(LANGUAGE_NAMES)}))?\.(?:md|markdown)$",
    re.IGNORECASE,
)


def _template(desk: Desk, entry: Entry) -> str:
    template = entry.matter.template
    if template and not desk.has_template(template):
        mend = "Mend «template», or put the file in the site's templates/."
        desk.problems.append(
            entry.problem("KB053", ("template",), f"There is no template «{template}».", mend)
        )
    return template


def _title(desk: Desk, entry: Entry) -> str:
    if entry.matter.title:
        return entry.matter.title
    heading = next((heading.text for heading in entry.document.headings), "")
    title = heading or re.sub(r"[-_]+", " ", entry.stem).strip().capitalize()
    place = "the first heading" if heading else "the file's name"
    message = f"«title» is missing; {place} is used: «{title}»."
    desk.problems.append(entry.problem("KB010", (), message, "Add a line «title: …».", Severity.WARNING))
    return title


def translation_key(entry: Entry) -> str:
    """What the translations of one text share."""
    return entry.matter.translation_key or entry.matter.id or _bare_path(entry.path)


def _bare_path(path: str) -> str:
    """The path without language and ending, which the translations of one text share."""
    return _LANGUAGE_AND_ENDING.sub(r"\1", path)


def _summary(entry: Entry) -> str:
    text = plain(entry.matter.summary) if entry.matter.summary else entry.document.first_paragraph
    text = " ".join(text.split())
    if len(text) <= _SUMMARY_LENGTH or entry.matter.summary:
        return text
    return text[:_SUMMARY_LENGTH].rsplit(" ", 1)[0].rstrip(",;:–-") + " …"


def _address(desk: Desk, entry: Entry, kind: str, date: dt.datetime | None, category: str) -> str:
    address, problems = address_of(entry, desk.addresses, kind, desk.ids[entry.path], date, category)
    desk.problems += problems
    return address


def address_of(
    entry: Entry,
    addresses: Addresses,
    kind: str,
    identity: str,
    date: dt.datetime | None,
    category: str,
) -> tuple[str, tuple[Problem, ...]]:
    """Where a text is published, or would be.

    Args:
        entry: the file.
        addresses: permalink patterns.
        kind: ``post``, ``page`` or ``experiment``: names the permalink pattern.
        identity: the text's id.
        date: when it was published.
        category: slug of its category.

    Returns:
        Its address; and what is wrong with what the file says of it.
    """
    matter = entry.matter
    problems: list[Problem] = []
    if matter.permalink:
        address = normalised(matter.permalink)
        if is_safe(matter.permalink) and is_safe(address):
            return address, ()
        problems.append(_unsafe(entry, ("permalink",), matter.permalink))
    slug = stem_slug(entry.stem)
    if matter.slug:
        if is_safe(matter.slug) and not set("/:") & set(matter.slug):
            slug = matter.slug if re.fullmatch(r"[\w.~-]+", matter.slug) else stem_slug(matter.slug)
        else:
            problems.append(_unsafe(entry, ("slug",), matter.slug))
    parts = {"slug": slug, "id": identity, "category": category}
    if date:
        parts |= {"year": f"{date:%Y}", "month": f"{date:%m}", "day": f"{date:%d}"}
    return addresses.fill(kind, entry.lang, parts), tuple(problems)


def _unsafe(entry: Entry, key: tuple[str | int, ...], value: str) -> Problem:
    shown = value.replace("\0", "␀")[:80]
    message = f"«{key[0]}» leaves the site or holds what no address may hold: «{shown}»."
    return entry.problem(
        "KB042", key, message, "Use letters, digits and hyphens, such as «/om/svommehallen/»."
    )


def _aliases(desk: Desk, entry: Entry) -> tuple[str, ...]:
    found = []
    for at, alias in enumerate(entry.matter.aliases):
        if alias and is_safe(alias):
            found.append(normalised(alias))
        elif alias:
            desk.problems.append(_unsafe(entry, ("aliases", at), alias))
    return tuple(dict.fromkeys(found))


def _authors(desk: Desk, entry: Entry) -> tuple[Person, ...]:
    people = (_author(desk, entry, byline) for byline in entry.matter.authors if byline)
    return tuple({person.id: person for person in people}.values())


def _author(desk: Desk, entry: Entry, byline: str) -> Person:
    at = entry.matter.authors.index(byline)
    key = ("authors", at) if ("authors", at) in entry.places else ("authors",)
    place = entry.places.get(key, (1, 1))
    return desk.people.author(byline, byline_problem(byline, entry.path, place, desk.people.known))


def _image(desk: Desk, entry: Entry, image: ImageMatter | None) -> Picture | None:
    if image is None:
        return None
    key = ("image", "src") if ("image", "src") in entry.places else ("image",)
    if re.match(r"(https?:)?//", image.src):
        message = "The picture lies on another server, so it is not shown."
        mend = "Save it beside the post, if its licence allows."
        desk.problems.append(entry.problem("KB034", key, message, mend, Severity.WARNING))
        return None
    source = desk.media.find(image.src, entry.path)
    if source is None:
        message = f"There is no picture «{image.src}»."
        desk.problems.append(
            entry.problem("KB032", key, message, "Put the file beside the text, or mend its name.")
        )
        return None
    try:
        return desk.media.picture(source, alt=image.alt, caption=image.caption, credit=image.credit)
    except PictureError as error:
        mend = "Use a JPEG, PNG, WebP or SVG picture."
        desk.problems.append(entry.problem("KB033", key, f"«{image.src}»: {error}.", mend))
        return None


def _timeline(desk: Desk, matter: PostMatter) -> tuple[TimelineStep, ...]:
    steps = (
        TimelineStep(step.date, step.title, desk.clock.step_state(step.date), step.text, step.url)
        for step in matter.timeline
    )
    return tuple(sorted(steps, key=lambda step: step.date))


def _document(desk: Desk, entry: Entry, at: int, item: DocumentMatter) -> Attachment | None:
    key = ("documents", at)
    if bool(item.url) == bool(item.file):
        message = f"The document «{item.title}» must have either «url» or «file»."
        desk.problems.append(entry.problem("KB011", key, message, "Give one of the two."))
        return None
    if item.url:
        return Attachment(item.title, item.kind, url=item.url)
    source = desk.media.find(item.file, entry.path)
    if source is None:
        message = f"There is no file «{item.file}»."
        desk.problems.append(
            entry.problem("KB030", (*key, "file"), message, "Put it beside the text or in static/.")
        )
        return None
    stored = desk.media.file(source)
    ending = source.rpartition(".")[2].upper()
    return Attachment(item.title, item.kind, address=stored.address, size=stored.size, format=ending)


def _responsible(desk: Desk, entry: Entry, matter: PostMatter) -> Person | None:
    in_consultation = bool(matter.consultation and matter.consultation.responsible)
    byline = (
        matter.consultation.responsible if matter.consultation and in_consultation else matter.responsible
    )
    if not byline:
        return None
    found = desk.people.find(byline)
    if found is None:
        key = ("consultation", "responsible") if in_consultation else ("responsible",)
        place = entry.places.get(key, (1, 1))
        desk.problems.append(byline_problem(byline, entry.path, place, desk.people.known))
    return found


def _consultation(desk: Desk, entry: Entry, matter: PostMatter) -> Consultation | None:
    if matter.consultation is None:
        return None
    _check_form(desk, entry, matter.consultation.form, ("consultation", "form"))
    consultation = desk.clock.consultation(matter.consultation, desk.concluded.get(desk.ids[entry.path]))
    desk.problems += _disorder(entry, consultation)
    if consultation.state is not ConsultationState.CONCLUDED:
        desk.problems += _missing_promises(entry, matter, matter.consultation)
    return consultation


def _disorder(entry: Entry, call: Consultation) -> Iterable[Problem]:
    """What is wrong with the order of the dates of a call for input."""
    mend = "Mend one of the two dates."
    if call.closes <= call.opens:
        message = "The consultation closes before it opens."
        yield entry.problem("KB016", ("consultation", "closes"), message, mend)
    elif call.outcome_due and call.outcome_due < call.last_day:
        message = "The outcome is promised for a day before the call for input closes."
        yield entry.problem("KB016", ("consultation", "outcome_due"), message, mend, Severity.WARNING)


def _missing_promises(entry: Entry, matter: PostMatter, call: ConsultationMatter) -> Iterable[Problem]:
    """Warnings where a call for input does not say who answers, or by when."""
    missing = (
        (call.responsible or matter.responsible, "who answers", "responsible: kommunedirektor"),
        (call.outcome_due, "when the outcome is promised", "outcome_due: 2026-12-01"),
    )
    for given, what, example in missing:
        if not given:
            message = f"The call for input does not say {what}."
            mend = f"Add a line such as «{example}» below «consultation»."
            yield entry.problem("KB086", ("consultation",), message, mend, Severity.WARNING)


def _feedback(desk: Desk, entry: Entry) -> str:
    """The form at the foot; none where the writer has closed the comments."""
    comments = getattr(entry.matter, "comments", "")
    form = entry.matter.feedback or ("innspill" if comments == "open" else "")
    if form:
        _check_form(desk, entry, form, ("feedback",) if entry.matter.feedback else ("comments",))
    return "" if comments in ("closed", "off") else form


def _check_form(desk: Desk, entry: Entry, form: str, key: tuple[str | int, ...]) -> None:
    if form not in desk.forms:
        known = ", ".join(sorted(desk.forms)) or "none yet"
        message = f"There is no form «{form}»."
        desk.problems.append(
            entry.problem("KB018", key, message, f"Write forms/{slugify(form)}.yaml, or use one of: {known}.")
        )
