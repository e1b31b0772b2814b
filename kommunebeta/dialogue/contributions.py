"""What citizens said and the municipality answered: the files ``dialogue/<post>/<id>.yaml``.

A file is read in two steps. What it says by itself is the same until it is edited, and is kept between
builds; what people, forms and the clock have to say to it is looked up by every build.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from kommunebeta.dialogue.forms import FormDefinition, Forms
from kommunebeta.dialogue.model import Answer, Contribution, ContributionState
from kommunebeta.dialogue.questions import FileField, PersonalField, Question
from kommunebeta.dialogue.sanitise import harmless
from kommunebeta.dialogue.screening import screened
from kommunebeta.errors import Problem, Severity
from kommunebeta.frontmatter import double_name, rename_items, rename_keys
from kommunebeta.moments import Clock
from kommunebeta.people import People, byline_problem
from kommunebeta.validation import Edge, Moment, Text, nearest, validate
from kommunebeta.yamlfile import Path, YamlDocument, read_yaml

NORWEGIAN_ANSWER_KEYS = {
    "av": "by",
    "dato": "date",
    "språk": "lang",
    "sprak": "lang",
    "tekst": "text",
}
"""Norwegian names of the keys of an answer, bokmål and nynorsk."""

NORWEGIAN_CONTRIBUTION_KEYS = {
    "mottatt": "received",
    "motteke": "received",
    "publisert": "published",
    "navn": "name",
    "namn": "name",
    "språk": "lang",
    "sprak": "lang",
    "tema": "topic",
    "emne": "topic",
    "tekst": "text",
    "tilstand": "state",
    "skjema": "form",
    "felt": "fields",
    "moderert": "moderated",
    "svar_til": "reply_to",
    "svar_på": "reply_to",
    "svar": "answers",
}
"""Norwegian names of the keys of a contribution, bokmål and nynorsk."""

LONGEST_TEXT = 100_000
"""Characters; no field of a form takes in more."""

_LONGEST_NOTE = 500
_PERSONAL_KEYS = frozenset(
    (
        *("email", "e-mail", "e_mail", "mail", "epost", "e-post", "e_post"),
        *("phone", "telephone", "mobile", "telefon", "tlf", "mobil"),
        *("ip", "ip_address", "ip-address", "ip_adresse", "ip-adresse", "user_agent"),
        *("address", "adresse", "postcode", "postnummer", "postnr"),
        *("birth_number", "fodselsnummer", "fødselsnummer", "personnummer"),
    )
)
_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
_LANGUAGE = r"^$|^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
_STATES = {
    "venter": "waiting",
    "ventar": "waiting",
    "besvart": "answered",
    "svart": "answered",
    "notert": "noted",
    "trukket": "withdrawn",
    "trekt": "withdrawn",
}
_MIDNIGHT = dt.time()


def _state(value: object) -> object:
    return _STATES.get(value.strip().lower(), value) if isinstance(value, str) else value


def _answered(value: object) -> object:
    """A text, or several texts of a question with several answers."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    if isinstance(value, str):
        return value
    raise PydanticCustomError("answered", "a text is expected, or a list of texts")


_Answered = Annotated[
    str,
    BeforeValidator(_answered),
    Field(max_length=4000),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "maxLength": 4000},
                {"type": "array", "items": {"type": "string"}},
            ]
        }
    ),
]


class AnswerMatter(Edge):
    """The municipality's answer to a contribution."""

    by: str = Field(min_length=1, max_length=200, description="Who answers: a file in `people/`.")
    date: Moment = Field(description="When it was answered; it is shown from then on.")
    lang: str = Field("", pattern=_LANGUAGE, description="Language of the text; by default the post's.")
    text: str = Field(min_length=1, max_length=LONGEST_TEXT, description="The answer, in Markdown.")


class ContributionMatter(Edge):
    """A file `dialogue/<post>/<id>.yaml`: a published contribution, with its answers."""

    id: str = Field(
        "",
        pattern=r"^$|^[a-z0-9][a-z0-9-]*$",
        max_length=80,
        description="Name of the contribution, and its place on the page; by default the file's name.",
    )
    received: Moment = Field(description="When it came in.")
    published: Moment = Field(description="When it was published; it is shown from then on.")
    name: str = Field("", max_length=200, description="Name that the sender lets you show; else «Innbygger».")
    lang: str = Field("", pattern=_LANGUAGE, description="Language of the text; by default the post's.")
    topic: str = Field("", max_length=200, description="What it is about.")
    text: str = Field("", max_length=LONGEST_TEXT, description="What was said, in Markdown.")
    state: Annotated[
        ContributionState | None,
        BeforeValidator(_state),
        WithJsonSchema({"enum": [*ContributionState, *_STATES]}),
    ] = Field(
        None, description="`waiting`, `answered`, `noted` or `withdrawn`; by default as there are answers."
    )
    form: str = Field("", max_length=80, description="Id of the form that it was sent with.")
    fields: dict[str, _Answered] = Field(
        default_factory=dict,
        max_length=200,
        description="Other answers that may be shown, by the names of the form's fields.",
    )
    moderated: Text = Field(
        default_factory=dict, description="What you did to the text, or one text per language."
    )
    reply_to: str = Field("", max_length=80, description="Id of the contribution that it replies to.")
    answers: list[AnswerMatter] = Field(
        default_factory=list, max_length=100, description="The municipality's answers."
    )


def stem(path: str) -> str:
    """The name of a file without its ending: the contribution's id by default."""
    return path.rpartition("/")[2].rpartition(".")[0]


def post_of(path: str) -> str:
    """The name of the folder that a file lies in: the id of its post."""
    return path.rpartition("/")[0].rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Written:
    """What one file says by itself.

    Attributes:
        path: the file, relative to the site folder.
        matter: what it holds, checked; None when errors stand in the way.
        problems: what was found.
        places: line and column of each value.
        form: id of its form, as far as it could be read.
        strange: line and column of each key that is not known here.
        key: names this outcome among the documents that are kept; empty when the file cannot be read.
    """

    path: str
    matter: ContributionMatter | None
    problems: tuple[Problem, ...] = ()
    places: Mapping[Path, tuple[int, int]] = field(default_factory=dict)
    form: str = ""
    strange: tuple[tuple[str, tuple[int, int]], ...] = ()
    key: str = ""

    @property
    def id(self) -> str:
        """The contribution's id."""
        return (self.matter.id if self.matter else "") or stem(self.path)

    def problem(
        self, code: str, key: Path, message: str, mend: str, severity: Severity = Severity.ERROR
    ) -> Problem:
        """A problem at a value, or at what is around it."""
        while key and key not in self.places:
            key = key[:-1]
        line, column = self.places.get(key, (1, 1))
        return Problem(code, self.path, line, column, message, mend, severity)


def read_contribution(text: str, path: str) -> Written:
    """Read a contribution as far as that is possible without people, forms and clock.

    Args:
        text: the YAML, with ``\\n`` line ends.
        path: the file, relative to the site folder.
    """
    document, problems = _canonical(read_yaml(text, path), path)
    given = document.data if isinstance(document.data, Mapping) else {}
    personal = [key for key in given if key.lower() in _PERSONAL_KEYS]
    problems += [_personal_key(key, document, path) for key in personal]
    kept = {key: value for key, value in given.items() if key not in personal}
    matter, faults = validate(
        ContributionMatter, document, path, wrong="KB080", data=kept if personal else None
    )
    problems += faults
    if matter is not None:
        problems += _faults(matter, document, path)
        problems += screened(_shown_texts(document.data, matter), text, document, path)
    broken = any(problem.severity is Severity.ERROR for problem in problems)
    form = given.get("form")
    known = ContributionMatter.model_fields
    return Written(
        path,
        None if broken else matter,
        tuple(problems),
        {place: at for place, at in document.values.items() if len(place) <= 3},
        str(form) if isinstance(form, str) else "",
        tuple((key, document.place_of_key((key,))) for key in kept if key not in known),
    )


def _canonical(document: YamlDocument, path: str) -> tuple[YamlDocument, list[Problem]]:
    """The document under canonical names, those of its answers included; and where two names are one."""
    document, top = rename_keys(document, NORWEGIAN_CONTRIBUTION_KEYS)
    document, inner = rename_items(document, "answers", NORWEGIAN_ANSWER_KEYS)
    problems = [double_name(document, path, (key,), NORWEGIAN_CONTRIBUTION_KEYS) for key in top]
    problems += [double_name(document, path, place, NORWEGIAN_ANSWER_KEYS) for place in inner]
    return document, problems


def _personal_key(key: str, document: YamlDocument, path: str) -> Problem:
    line, column = document.place_of_key((key,))
    message = f"«{key}» is personal and must not lie among what is published."
    mend = "Take the line away; the inbox keeps it, and nothing here needs it."
    return Problem("KB081", path, line, column, message, mend)


def _faults(matter: ContributionMatter, document: YamlDocument, path: str) -> Iterator[Problem]:
    if not matter.text and matter.state is not ContributionState.WITHDRAWN:
        message = "«text» is missing: the contribution says nothing."
        mend = "Write «text: …», or «state: withdrawn» where the sender took it back."
        yield Problem("KB080", path, *document.place_of(("text",)), message, mend)
    for lang, note in matter.moderated.items():
        if len(note) > _LONGEST_NOTE:
            place = document.place_of(("moderated", lang) if lang else ("moderated",))
            message = f"«moderated» is longer than {_LONGEST_NOTE} characters."
            yield Problem("KB080", path, *place, message, "Say in a sentence what was done to the text.")
    for at, answer in enumerate(matter.answers):
        if not harmless(answer.by):
            place = document.place_of(("answers", at, "by"))
            message = "«by» holds nothing that can be read."
            yield Problem("KB080", path, *place, message, "Name who answers: a file in people/.")
    name = stem(path)
    if not matter.id and (not _ID.fullmatch(name) or len(name) > 80):
        message = f"«{name}» cannot be the contribution's id."
        mend = "Name the file with a–z, 0–9 and hyphens, or give it an «id»."
        yield Problem("KB080", path, *document.place_of(()), message, mend)


def _shown_texts(data: Mapping[str, Any], matter: ContributionMatter) -> Iterator[tuple[Path, str]]:
    """Each text that will be shown, as it stands in the file, with its place there."""
    if matter.state is not ContributionState.WITHDRAWN:
        yield from (((key,), data[key]) for key in ("name", "topic", "text") if data.get(key))
        for name, value in (data.get("fields") or {}).items():
            yield from ((("fields", name), item) for item in (value if isinstance(value, list) else [value]))
        notes = data.get("moderated")
        for lang, note in notes.items() if isinstance(notes, Mapping) else (("", notes),):
            yield (("moderated", lang) if lang else ("moderated",)), note or ""
    for at, answer in enumerate(item for item in data.get("answers") or () if item is not None):
        yield ("answers", at, "text"), answer["text"]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What decides, besides the file, what becomes of a contribution.

    Attributes:
        clock: the moment of the build, which notes when more is to be shown.
        people: who answers.
        forms: the forms that exist.
    """

    clock: Clock
    people: People
    forms: Forms

    def form(self, name: str) -> FormDefinition | None:
        """A sound form by its id."""
        return self.forms.definitions.get(name)


def contribution_of(
    written: Written, around: Surroundings, lang: str
) -> tuple[Contribution | None, tuple[Problem, ...]]:
    """The contribution that a file holds.

    Args:
        written: what the file says.
        around: what else decides.
        lang: the language of texts that name none.

    Returns:
        The contribution with the answers that are shown by now, whether it is shown itself or not; None
        when errors stand in the way; and the problems.
    """
    problems = [*_recognised(written, around), *_form_faults(written, around)]
    matter = written.matter
    if matter is None:
        return None, tuple(problems)
    problems += _dates(written, matter, around.clock)
    answers = tuple(_answers(written, matter, around, lang))
    withdrawn = matter.state is ContributionState.WITHDRAWN
    usual = ContributionState.ANSWERED if answers else ContributionState.WAITING
    contribution = Contribution(
        source=written.path,
        id=written.id,
        received=around.clock.local(matter.received),
        published=around.clock.local(matter.published),
        name="" if withdrawn else matter.name,
        text="" if withdrawn else matter.text,
        topic="" if withdrawn else matter.topic,
        state=matter.state or usual,
        answers=answers,
        moderated={} if withdrawn else matter.moderated,
        reply_to=matter.reply_to,
        lang=matter.lang or lang,
        form=matter.form,
        fields=() if withdrawn else tuple(matter.fields.items()),
    )
    return contribution, tuple(problems)


def _answers(
    written: Written, matter: ContributionMatter, around: Surroundings, lang: str
) -> Iterator[Answer]:
    """The answers that are shown by now, oldest first; their ids follow their order in the file."""
    found = []
    for at, answer in enumerate(matter.answers):
        place = written.places.get(("answers", at, "by"), (1, 1))
        byline = harmless(answer.by)
        complaint = byline_problem(byline, written.path, place, around.people.known)
        by = around.people.author(byline, complaint)
        date = around.clock.local(answer.date)
        if around.clock.shows(date):
            found.append(Answer(f"svar-{written.id}-{at + 1}", by, date, answer.text, answer.lang or lang))
    yield from sorted(found, key=lambda answer: answer.date)


def _dates(written: Written, matter: ContributionMatter, clock: Clock) -> Iterator[Problem]:
    if _comes_before(matter.published, matter.received, clock):
        message = "It was published before it was received."
        yield written.problem("KB080", ("published",), message, "Mend one of the two dates.")
    for at, answer in enumerate(matter.answers):
        if _comes_before(answer.date, matter.received, clock):
            message = "It was answered before it was received."
            yield written.problem("KB080", ("answers", at, "date"), message, "Mend one of the two dates.")


def _comes_before(later: dt.datetime, earlier: dt.datetime, clock: Clock) -> bool:
    """Whether what should come later comes first; a day without a time is the whole day."""
    first, last = clock.local(earlier), clock.local(later)
    if later.tzinfo is None and later.time() == _MIDNIGHT:
        return last.date() < first.date()
    return last.timestamp() < first.timestamp()


def _recognised(written: Written, around: Surroundings) -> Iterator[Problem]:
    """The file's own problems; an unknown key is told for what it is where its form keeps it to itself."""
    form = around.form(written.form)
    hidden = {place: key for key, place in written.strange if form and _is_hidden(_question(form, key))}
    for problem in written.problems:
        key = hidden.get((problem.line, problem.column)) if problem.code == "KB012" else None
        yield problem if key is None else _secret(written, (problem.line, problem.column), key)


def _secret(written: Written, place: tuple[int, int], name: str) -> Problem:
    """The problem that a form keeps to itself what stands in a file that is published."""
    message = f"The form «{written.form}» keeps «{name}» confidential, so it must not be published."
    return Problem("KB081", written.path, *place, message, "Take it away; the inbox keeps it.")


def _form_faults(written: Written, around: Surroundings) -> Iterator[Problem]:
    matter = written.matter
    if matter is None or not (matter.form or matter.fields):
        return
    form = around.form(matter.form)
    if form is None:
        if not matter.form:
            message = "«fields» is given without «form», so nobody can tell what of it may be published."
            yield written.problem("KB080", ("fields",), message, "Add a line «form: innspill».")
        elif matter.form not in around.forms.ids:
            near = nearest(matter.form, tuple(sorted(around.forms.ids)))
            mend = f"Did you mean «{near}»?" if near else "Name a form in forms/, or take the line away."
            severity = Severity.ERROR if matter.fields else Severity.WARNING
            message = f"There is no form «{matter.form}»."
            yield written.problem("KB080", ("form",), message, mend, severity)
        return
    for name in matter.fields:
        yield from _field_faults(written, form, name)
    names = [item for item in form.fields if isinstance(item, PersonalField) and item.kind == "name"]
    if matter.name and names and all(item.confidential for item in names):
        yield _secret(written, written.places.get(("name",), (1, 1)), "name")


def _field_faults(written: Written, form: FormDefinition, name: str) -> Iterator[Problem]:
    question = _question(form, name)
    place = ("fields", name)
    if question is None:
        known = [item.name for item in form.fields if isinstance(item, Question) and not _is_hidden(item)]
        near = nearest(name, tuple(sorted(known)))
        mend = f"Did you mean «{near}»?" if near else f"It asks for {', '.join(known) or 'nothing'}."
        message = f"The form «{form.id}» does not ask for «{name}»."
        yield written.problem("KB080", place, message, mend)
    elif _is_hidden(question):
        yield _secret(written, written.places.get(place, (1, 1)), name)
    elif isinstance(question, PersonalField):
        yield written.problem(
            "KB080", place, "A name is shown by «name».", "Write it there, if the sender agrees."
        )


def _question(form: FormDefinition, name: str) -> Question | None:
    return next((item for item in form.fields if isinstance(item, Question) and item.name == name), None)


def _is_hidden(question: Question | None) -> bool:
    """Whether the answers to a question are never published."""
    return question is not None and (question.confidential or isinstance(question, FileField))
