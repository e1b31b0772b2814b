"""Front matter of posts and pages, and the files in ``people/``: what writers may write.

The models are the one source of the JSON Schemas and of the reference in ``docs/``.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from html import unescape
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from kommunebeta.embeds.matter import HeadEmbed
from kommunebeta.errors import Problem
from kommunebeta.validation import Day, Edge, Flag, Moment, Text
from kommunebeta.yamlfile import Path, YamlDocument

NORWEGIAN_KEYS = {
    "tittel": "title",
    "dato": "date",
    "oppdatert": "updated",
    "forfatter": "authors",
    "forfattere": "authors",
    "forfattarar": "authors",
    "ingress": "summary",
    "sammendrag": "summary",
    "samandrag": "summary",
    "emneord": "tags",
    "stikkord": "tags",
    "kategori": "category",
    "serie": "series",
    "bilde": "image",
    "bilete": "image",
    "språk": "lang",
    "kladd": "draft",
    "utkast": "draft",
    "publiser": "publish",
    "utløper": "expires",
    "festet": "pinned",
    "festa": "pinned",
    "innhold": "toc",
    "innhald": "toc",
    "mal": "template",
    "meny": "menu",
    "vekt": "weight",
    "sak": "case",
    "tidslinje": "timeline",
    "dokumenter": "documents",
    "dokument": "documents",
    "ansvarlig": "responsible",
    "ansvarleg": "responsible",
    "adresse": "permalink",
    "gamle_adresser": "aliases",
    "tilbakemelding": "feedback",
    "kommentarer": "comments",
    "kommentarar": "comments",
    "innspillsrunde": "consultation",
    "film": "video",
    "lysark": "slides",
}
"""Norwegian names of front matter keys, bokmål and nynorsk."""

NORWEGIAN_EXPERIMENT_KEYS = {
    "prøver": "tries",
    "hypotese": "hypothesis",
    "starter": "starts",
    "startar": "starts",
    "slutter": "ends",
    "sluttar": "ends",
    "tilstand": "state",
    "lærte": "learned",
}
"""Norwegian names of the keys that only experiments have."""

FOREIGN_KEYS = {
    "author": "authors",
    "description": "summary",
    "excerpt": "summary",
    "lastmod": "updated",
    "modified": "updated",
    "last_modified_at": "updated",
    "keywords": "tags",
    "language": "lang",
    "redirect_from": "aliases",
    "expiryDate": "expires",
    "publishDate": "publish",
}
"""Keys of other generators with the same meaning; used only where our own key is absent."""


_ENTITY = re.compile(r"&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]*);")
_SHOWN = ("&lt;", "&gt;")


def _plain(value: str) -> str:
    """WordPress writes titles and terms as HTML: «Film &amp; foto». Who writes &lt; means to show it."""
    return _ENTITY.sub(lambda found: found[0] if found[0] in _SHOWN else unescape(found[0]), value)


def _list(value: object) -> object:
    """One text counts as a list of one, or of several where commas stand in it."""
    if isinstance(value, str):
        return [part.strip() for part in _plain(value).split(",") if part.strip()]
    return value


def _one_list(value: object) -> object:
    return [value] if isinstance(value, (str, Mapping)) else value


def _first(value: object) -> object:
    """Other generators write a list where we want one."""
    return (value[0] if value else "") if isinstance(value, list) else value


def _author(value: object) -> object:
    """Other generators write an author as a mapping; its name or id is what is meant."""
    if isinstance(value, Mapping):
        names = ("id", "name", "display_name", "role", "login", "username")
        return next((value[key] for key in names if value.get(key)), "")
    return value


def _menus(value: object) -> object:
    """Hugo writes the menus as keys."""
    return list(value) if isinstance(value, Mapping) else _list(value)


def _comments(value: object) -> object:
    """Other generators write true or false for a service of theirs, or keep the comments themselves here."""
    if isinstance(value, (list, Mapping)) or str(value).lower() in ("true", "yes"):
        return ""
    return "off" if str(value).lower() in ("false", "no") else value


def _language(value: object) -> object:
    return value.replace("_", "-") if isinstance(value, str) else value


def _image(value: object) -> object:
    if value == "":
        return None
    if isinstance(value, Mapping) and "src" not in value:
        for key in ("path", "url", "file", "teaser", "feature"):
            if key in value:
                return {"src": value[key], **({"alt": value["alt"]} if "alt" in value else {})}
    return {"src": value} if isinstance(value, str) else value


Plain = Annotated[str, AfterValidator(_plain)]
Words = Annotated[list[Plain], BeforeValidator(_list)]
Lines = Annotated[list[str], BeforeValidator(_one_list)]
Bylines = Annotated[list[Annotated[str, BeforeValidator(_author)]], BeforeValidator(_one_list)]


class ImageMatter(Edge):
    """A picture in front matter."""

    src: str = Field(description="The file, beside the post, or from the site's root with a leading `/`.")
    alt: str = Field("", description="Text alternative for those who do not see the picture.")
    credit: str = Field("", description="Who made it, and its licence.")
    caption: str = Field("", description="Text below the picture.")


class CaseMatter(Edge):
    """The municipality's case."""

    number: str = Field(description="Case number, such as `2026/1234`.")
    url: str = Field("", description="Link to the case file.")
    title: str = Field("", description="The case's name.")


class StepMatter(Edge):
    """One step of a timeline."""

    date: Day = Field(description="The day.")
    title: str = Field(description='What happens, such as "Kommunestyret vedtar".')
    text: str = Field("", description="More about it.")
    url: str = Field("", description="Link to papers or a recording.")


class DocumentMatter(Edge):
    """One document; `url` or `file` is given, not both."""

    title: str = Field(description="What it is called.")
    url: str = Field("", description="Address elsewhere.")
    file: str = Field("", description="File beside the post, or from the site's root with a leading `/`.")
    kind: Literal["minutes", "report", "slides", "other"] = Field(
        "other", description="What kind of document it is."
    )


class ConsultationMatter(Edge):
    """A call for input."""

    question: str = Field(description="What is asked, in one sentence.")
    form: str = Field("innspill", description="Id of the form.")
    opens: Moment = Field(description="From when people can answer.")
    closes: Moment = Field(description="Until when. A day without a time lasts to its end.")
    responsible: str = Field("", description="Id of the person who answers; else the post's `responsible`.")
    outcome_due: Day | None = Field(None, description="The day by which the outcome is promised.")
    place: str = Field("", description="Where it is about.")
    concluded: Day | None = Field(None, description="The day on which the outcome was published.")


class EntryMatter(Edge):
    """What posts and pages have in common."""

    title: Plain = Field("", description="The title, as plain text.")
    id: str = Field(
        "", description="Stable name of the text; by default the file's slug. Translations may share it."
    )
    date: Moment | None = Field(
        None, description="When it was published. Time zone of the site where none is given."
    )
    updated: Moment | None = Field(None, description="When it was last changed in substance.")
    authors: Bylines = Field(default_factory=list, description="Ids of files in `people/`, or plain bylines.")
    summary: str = Field(
        "", description="One or two sentences for lists and search engines; else the first paragraph."
    )
    image: Annotated[ImageMatter | None, BeforeValidator(_image)] = Field(
        None, description="The picture at the head."
    )
    lang: Annotated[str, BeforeValidator(_language)] = Field(
        "",
        pattern=r"^$|^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
        description="Language of the text, such as `nn`.",
    )
    translation_key: str = Field("", description="What translations of one text share; by default the `id`.")
    slug: str = Field("", description="Last part of the address; by default from the file's name.")
    permalink: str = Field("", description="The whole address, such as `/om/`, instead of the pattern.")
    aliases: Lines = Field(default_factory=list, description="Old addresses that lead here.")
    draft: Flag = Field(False, description="Not published, except with `--drafts`.")
    publish: Moment | None = Field(None, description="Published from this moment.")
    expires: Moment | None = Field(None, description="No longer published from this moment.")
    toc: Flag = Field(False, description="Show a table of contents.")
    template: str = Field("", description="Another template than the usual one.")
    menu: Annotated[list[str], BeforeValidator(_menus)] = Field(
        default_factory=list, description="Menus that name it, such as `main` or `footer`."
    )
    weight: int = Field(0, description="Order in menus; smaller first.")
    feedback: str = Field("", description="Id of the form at the foot of the text.")
    search: Flag = Field(True, description="Whether search engines may list it.")
    embeds: Flag = Field(
        True,
        description="Whether an address alone in a paragraph becomes a film or card; `off` leaves links.",
    )


class PostMatter(EntryMatter):
    """Front matter of a post."""

    tags: Words = Field(default_factory=list, description="Topics; a list, or one text with commas.")
    category: Annotated[Plain, BeforeValidator(_first)] = Field("", description="One category.")
    series: Annotated[Plain, BeforeValidator(_first)] = Field(
        "", description="The series that it is a part of."
    )
    pinned: Flag = Field(False, description="Kept first on the home page.")
    case: CaseMatter | None = Field(None, description="The municipality's case.")
    timeline: list[StepMatter] = Field(
        default_factory=list, description="Dated steps of the matter, past and coming."
    )
    documents: list[DocumentMatter] = Field(default_factory=list, description="Minutes, reports and slides.")
    responsible: str = Field("", description="Id of the person who answers.")
    comments: Annotated[Literal["", "open", "closed", "off"], BeforeValidator(_comments)] = Field(
        "", description="Whether people can comment: `open`, `closed` or `off`."
    )
    consultation: ConsultationMatter | None = Field(None, description="A call for input with a time limit.")
    video: HeadEmbed = Field(None, description="A film at the head of the post: its address, or its options.")
    slides: HeadEmbed = Field(
        None, description="A slide deck at the head of the post: its address, or its options."
    )


class PageMatter(EntryMatter):
    """Front matter of a page."""


_STATE_WORDS = {
    "idé": "idea",
    "ide": "idea",
    "prøves": "trying",
    "prøvast": "trying",
    "lært": "learned",
    "beholdt": "kept",
    "behalde": "kept",
    "forkastet": "dropped",
    "forkasta": "dropped",
}
_TRIES_WORDS = {"utforming": "design", "kanal": "channel", "annet": "other", "anna": "other"}

ExperimentStateWord = Annotated[
    Literal[
        "idea",
        "trying",
        "learned",
        "kept",
        "dropped",
        "idé",
        "ide",
        "prøves",
        "prøvast",
        "lært",
        "beholdt",
        "behalde",
        "forkastet",
        "forkasta",
    ],
    AfterValidator(lambda word: _STATE_WORDS.get(word, word)),
]
TriesWord = Annotated[
    Literal["form", "design", "channel", "other", "utforming", "kanal", "annet", "anna"],
    AfterValidator(lambda word: _TRIES_WORDS.get(word, word)),
]


class VariantMatter(Edge):
    """Another look on some pages, for as long as the experiment lasts."""

    pages: Lines = Field(
        min_length=1,
        description="Addresses of the pages that get it, such as `/2026/05/skolen/`; `*` is anything.",
    )
    parameters: dict[str, str] = Field(
        default_factory=dict, description="Other values for the theme's parameters on those pages."
    )
    texts: dict[str, Text] = Field(
        default_factory=dict,
        description="Other texts of the interface on those pages, by the English message; one per language.",
    )


class ExperimentMatter(EntryMatter):
    """Front matter of an experiment: a file in `content/experiments/`, or a page with `kind: experiment`."""

    kind: Literal["experiment"] = Field(
        "experiment", description="Makes a page outside `content/experiments/` an experiment."
    )
    tries: TriesWord = Field("other", description="What is tried out.")
    hypothesis: Plain = Field("", description="What you believe will happen, in one sentence.")
    starts: Day | None = Field(None, description="The first day.")
    ends: Day | None = Field(None, description="The last day.")
    state: ExperimentStateWord = Field("idea", description="Where it stands.")
    learned: str = Field("", description="What you learned, in Markdown.")
    responsible: str = Field("", description="Id of the person who answers for it.")
    variant: VariantMatter | None = Field(
        None, description="Another look on some pages while the experiment lasts."
    )


class PersonWords(Edge):
    """A person's texts in another language."""

    role: str = Field("", description="The role.")
    department: str = Field("", description="The department.")
    text: str = Field("", description="A short presentation.")
    answers_for: Lines = Field(default_factory=list, description="What the person answers for.")


class PersonMatter(Edge):
    """A file in `people/`: an author or official. The role comes first, the name is optional."""

    role: str = Field(description='The role, such as "Kommunedirektør".')
    name: str = Field("", description="The person's name, where it should be shown.")
    department: str = Field("", description="Department or unit.")
    answers_for: Lines = Field(
        default_factory=list, description="What the person answers for, one line each."
    )
    answer_days: int | None = Field(
        None, ge=1, le=365, description="Working days within which an answer is promised."
    )
    email: str = Field("", pattern=r"^$|^[^@\s]+@[^@\s]+$", description="Address that may be published.")
    phone: str = Field("", description="Number that may be published.")
    portrait: Annotated[ImageMatter | None, BeforeValidator(_image)] = Field(
        None, description="Picture, beside the file."
    )
    text: str = Field("", description="A short presentation.")
    former: Flag = Field(False, description="The person has left the role; the page stays.")
    weight: int = Field(0, description="Order in lists; smaller first.")
    aliases: Words = Field(default_factory=list, description="Other bylines that mean this person.")
    translations: dict[str, PersonWords] = Field(
        default_factory=dict, description="The texts in other languages."
    )


NORWEGIAN_PERSON_KEYS = {
    "rolle": "role",
    "navn": "name",
    "namn": "name",
    "avdeling": "department",
    "svarer_for": "answers_for",
    "svardager": "answer_days",
    "epost": "email",
    "telefon": "phone",
    "portrett": "portrait",
    "tekst": "text",
    "tidligere": "former",
    "vekt": "weight",
}
"""Norwegian names of the keys of a person's file."""


def split_front_matter(text: str) -> tuple[str, str, int] | None:
    """Divide a file into front matter and body.

    Args:
        text: the file, with ``\\n`` line ends and without a byte order mark.

    Returns:
        The YAML, the body and the 1-based line on which the body begins; None without front matter.
    """
    if not text.startswith("---"):
        return None
    first, _, rest = text.partition("\n")
    if first.rstrip() != "---":
        return None
    lines = 1
    start = 0
    while start <= len(rest):
        end = rest.find("\n", start)
        line = rest[start:] if end < 0 else rest[start:end]
        lines += 1
        if line.rstrip() in ("---", "..."):
            return rest[:start], "" if end < 0 else rest[end + 1 :], lines + 1
        if end < 0:
            return None
        start = end + 1
    return None


def rename_keys(
    document: YamlDocument, own: Mapping[str, str], foreign: Mapping[str, str] | None = None
) -> tuple[YamlDocument, tuple[str, ...]]:
    """Give the top mapping's keys their canonical names.

    Args:
        document: what was read.
        own: our names in other languages; ``KB013`` where both names of a field are used.
        foreign: names in other generators; used only where the canonical name is absent.

    Returns:
        The document under canonical names, places included; and the names in ``own``
        that stand beside the same field's canonical name (they are left out).
    """
    if not isinstance(document.data, dict):
        return document, ()
    names, doubles = _canonical_names(document.data, own)
    taken = {*document.data, *names.values()}
    empty: list[str] = []
    for key, canonical in (foreign or {}).items():
        absent = canonical not in taken or (canonical in document.data and document.data[canonical] is None)
        if document.data.get(key) is not None and absent and canonical not in names.values():
            names[key] = canonical
            taken.add(canonical)
            empty.append(canonical)
    if not names and not doubles:
        return document, ()
    left_out = {*doubles, *empty}
    return replace(
        document,
        data=_under(document.data, names, left_out),
        values=_renamed(document.values, names),
        keys=_renamed(document.keys, names),
    ), doubles


def rename_items(
    document: YamlDocument, name: str, own: Mapping[str, str]
) -> tuple[YamlDocument, tuple[Path, ...]]:
    """Give the keys of the mappings in a list their canonical names.

    Args:
        document: what was read, its top mapping under canonical names.
        name: the key of the list in the top mapping.
        own: our names in other languages.

    Returns:
        The document under canonical names, places included; and where a name in ``own`` stands beside the
        same field's canonical name (these are left out).
    """
    items = document.data.get(name) if isinstance(document.data, dict) else None
    if not isinstance(items, list):
        return document, ()
    found = {at: _canonical_names(item, own) for at, item in enumerate(items) if isinstance(item, dict)}
    names: dict[Path, Mapping[str, str]] = {(name, at): new for at, (new, _) in found.items()}

    def renamed(places: Mapping[Path, tuple[int, int]]) -> dict[Path, tuple[int, int]]:
        return {
            (*place[:2], names[place[:2]].get(str(place[2]), place[2]), *place[3:])
            if len(place) > 2 and place[:2] in names
            else place: spot
            for place, spot in places.items()
        }

    inner = [_under(item, *found[at]) if at in found else item for at, item in enumerate(items)]
    doubles = tuple((name, at, key) for at, (_, keys) in found.items() for key in keys)
    return replace(
        document,
        data={**document.data, name: inner},
        values=renamed(document.values),
        keys=renamed(document.keys),
    ), doubles


def double_name(document: YamlDocument, path: str, place: Path, own: Mapping[str, str]) -> Problem:
    """The problem that a field is given under two of its names (``KB013``).

    Args:
        document: what was read, under canonical names.
        path: the file.
        place: where the name stands that is left out.
        own: our names in other languages.
    """
    key = str(place[-1])
    message = f"«{key}» means «{own.get(key) or own[key.lower()]}», which is given too."
    return Problem("KB013", path, *document.place_of_key(place), message, "Keep one of the two.")


def _canonical_names(keys: Iterable[str], own: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The keys that have another canonical name, with it; and those whose canonical name is taken."""
    names: dict[str, str] = {}
    doubles: list[str] = []
    taken = set(keys)
    for key in keys:
        canonical = own.get(key) or own.get(key.lower())
        if canonical is not None and canonical in taken:
            doubles.append(key)
        elif canonical is not None:
            names[key] = canonical
            taken.add(canonical)
    return names, tuple(doubles)


def _under(data: Mapping[str, Any], names: Mapping[str, str], left_out: Container[str]) -> dict[str, Any]:
    """A mapping under canonical names."""
    return {names.get(key, key): value for key, value in data.items() if key not in left_out}


def _renamed(places: Mapping[Path, tuple[int, int]], names: Mapping[str, str]) -> dict[Path, tuple[int, int]]:
    return {
        (names.get(str(path[0]), path[0]), *path[1:]) if path else path: place
        for path, place in places.items()
    }
