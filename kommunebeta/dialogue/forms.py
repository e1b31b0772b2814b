"""Form definitions in ``forms/*.yaml``: questions, texts, and what people decide about their data.

The page that shows a form and the receiver that takes it in read the same definition.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from kommunebeta.dialogue.questions import (
    OTHER,
    BaseField,
    ChoiceField,
    Condition,
    Fault,
    FileField,
    FormField,
    PersonalField,
    Question,
    ScaleField,
    YesNoField,
    raise_faults,
)
from kommunebeta.errors import Problem, Severity
from kommunebeta.language import slugify
from kommunebeta.sources import read_text
from kommunebeta.validation import Edge, Flag, Text, in_language, is_flag, validate
from kommunebeta.yamlfile import read_yaml


def _offer(value: object) -> object:
    """``true``, a text, texts by language, or ``ask`` and ``text``."""
    if isinstance(value, bool):
        return {"ask": value}
    if isinstance(value, str):
        return {"ask": value} if is_flag(value) else {"ask": True, "text": value}
    if isinstance(value, Mapping) and not {"ask", "text"} & set(value):
        return {"ask": True, "text": value}
    return value


class Offer(Edge):
    """A choice that the reader makes with an unticked box. `true` alone, or a text alone, will do."""

    ask: Flag = Field(True, description="Whether the box is shown.")
    text: Text = Field(
        default_factory=dict, description="The text at the box, or one per language; else the theme's text."
    )


_Offer = Annotated[Offer, BeforeValidator(_offer)]
_OFF = Offer(ask=False)


class Consent(Edge):
    """What the reader agrees to: separate boxes, never ticked beforehand (GDPR, article 7 and recital 32)."""

    publish_text: _Offer = Field(_OFF, description="My text may be published.")
    publish_name: _Offer = Field(_OFF, description="My name may be published; needs a field of kind `name`.")
    notify: _Offer = Field(_OFF, description="Tell me when it is answered; needs a field of kind `email`.")


_DAYS = re.compile(r"(?:P(\d{1,5})D|(\d{1,5}))")


def _retention(value: object) -> object:
    """``P365D``, a number of days, a text, texts by language, or ``days`` and ``text``."""
    if isinstance(value, int) and not isinstance(value, bool):
        return {"days": value}
    if isinstance(value, str):
        if found := _DAYS.fullmatch(value.strip().upper()):
            return {"days": found[1] or found[2]}
        if re.fullmatch(r"P[\dYMWDTHS.,]+", value.strip()):
            raise PydanticCustomError("retention", "only days can be counted here. Write it as P365D")
        return {"text": value}
    if isinstance(value, Mapping) and not {"days", "text"} & set(value):
        return {"text": value}
    return value


class Retention(Edge):
    """How long what was sent is kept. `P365D`, a number of days, or a text alone will do."""

    days: int | None = Field(None, ge=1, le=36_500, description="Days until it is deleted.")
    text: Text = Field(default_factory=dict, description="The same in words, or one text per language.")


class FormDefinition(Edge):
    """A file in `forms/`."""

    id: str = Field(
        "",
        pattern=r"^$|^[a-z0-9][a-z0-9-]*$",
        max_length=80,
        description="Name of the form in front matter; by default the file's name.",
    )
    title: Text = Field(description="The form's heading, or one text per language.")
    intro: Text = Field(default_factory=dict, description="Text above the questions, in Markdown.")
    submit: Text = Field(default_factory=dict, description="Text of the button; else the theme's text.")
    thanks: Text = Field(
        default_factory=dict, description="What the reader sees afterwards; else the theme's text."
    )
    fields: list[FormField] = Field(min_length=1, max_length=200, description="The questions, in order.")
    consent: Consent = Field(Consent(), description="What the reader can agree to.")
    purpose: Text = Field(
        default_factory=dict, description="What the answers are used for; shown at the form."
    )
    legal_basis: Text = Field(
        default_factory=dict, description="The legal basis of handling personal data; shown at the form."
    )
    retention: Annotated[Retention, BeforeValidator(_retention)] = Field(
        Retention(), description="How long it is kept; shown at the form."
    )
    controller: str = Field("", description="Who is responsible for the data; else as in the settings.")
    policy_version: str = Field(
        "1", max_length=40, description="Version of these terms; stored with every submission."
    )

    @model_validator(mode="after")
    def _consistent(self) -> FormDefinition:
        raise_faults("FormDefinition", [*_names(self.fields), *_conditions(self.fields), *_consents(self)])
        return self

    def text(self, texts: Mapping[str, str], lang: str) -> str:
        """One of the form's texts in a language; else the first there is."""
        return in_language(texts, lang)

    @property
    def publishes(self) -> bool:
        """Whether a reader may let anything be published."""
        return self.consent.publish_text.ask or self.consent.publish_name.ask

    @property
    def consents(self) -> tuple[tuple[str, Offer], ...]:
        """What the reader can agree to: the name of each box as it is sent, and its text."""
        offers = (
            ("kb-publish-text", self.consent.publish_text),
            ("kb-publish-name", self.consent.publish_name),
            ("kb-notify", self.consent.notify),
        )
        return tuple((name, offer) for name, offer in offers if offer.ask)

    def asked(self, name: str) -> Question:
        """The question of a name; whoever asks knows that there is one."""
        return next(field for field in self.fields if field.name == name and isinstance(field, Question))

    def is_near(self, field: BaseField) -> bool:
        """Whether a question with a condition stands below the one it looks at, none but its like between."""
        if field.show_if is None:
            return True
        wanted = field.show_if.field
        above = list(takewhile(lambda other: other is not field, self.fields))
        between = takewhile(lambda other: other.name != wanted, reversed(above))
        return all(other.show_if and other.show_if.field == wanted for other in between)


def _names(fields: Iterable[BaseField]) -> Iterator[Fault]:
    seen: set[str] = set()
    for at, field in enumerate(fields):
        if field.name and field.name in seen:
            what = f"the name «{field.name}» stands twice. Give one of the two another name"
            yield ("fields", at, "name"), what
        seen.add(field.name)


def _conditions(fields: Iterable[BaseField]) -> Iterator[Fault]:
    earlier: dict[str, BaseField] = {}
    for at, field in enumerate(fields):
        if field.show_if:
            yield from _condition(("fields", at, "show_if"), field.show_if, earlier)
        if field.name:
            earlier[field.name] = field


def _condition(
    place: tuple[str | int, ...], condition: Condition, earlier: Mapping[str, BaseField]
) -> Iterator[Fault]:
    asked = earlier.get(condition.field)
    if asked is None:
        known = ", ".join(earlier) or "none"
        what = f"no earlier question is called «{condition.field}». Earlier questions: {known}"
        yield (*place, "field"), what
        return
    answers = _answers(asked)
    if answers is None:
        mend = "Use a question of kind one, many, yes_no or scale"
        yield (*place, "field"), f"«{condition.field}» has no answers to choose from. {mend}"
    elif condition.equals not in answers:
        mend = f"Choose one of {', '.join(answers)}"
        yield (*place, "equals"), f"«{condition.equals}» is not an answer to «{condition.field}». {mend}"


def _answers(field: BaseField) -> tuple[str, ...] | None:
    """The answers that a condition can ask for, or None where they are free."""
    if isinstance(field, ChoiceField):
        return (*(choice.value for choice in field.choices), *((OTHER,) if field.other else ()))
    if isinstance(field, YesNoField):
        return ("yes", "no")
    if isinstance(field, ScaleField):
        return tuple(map(str, range(field.min, field.max + 1)))
    return None


def _consents(form: FormDefinition) -> Iterator[Fault]:
    kinds = {field.kind for field in form.fields if isinstance(field, PersonalField)}
    for offer, kind in (("publish_name", "name"), ("notify", "email")):
        if getattr(form.consent, offer).ask and kind not in kinds:
            what = f"there is no field of kind «{kind}» to go with it. Add one, or take this away"
            yield ("consent", offer), what


def read_form(text: str, path: str) -> tuple[FormDefinition | None, tuple[Problem, ...]]:
    """Read a form definition.

    Args:
        text: the YAML, with ``\\n`` line ends.
        path: the file, relative to the site folder; its name is the form's id unless the file gives one.

    Returns:
        The form, or None when it has faults; and the problems.
    """
    form, problems = validate(FormDefinition, read_yaml(text, path), path, wrong="KB024")
    if form is None or form.id:
        return form, problems
    name = slugify(PurePosixPath(path).stem)
    return form.model_copy(update={"id": name}), problems


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms that a site can use.

    Attributes:
        definitions: the sound ones by id.
        ids: the ids of all, the faulty ones included.
        own: the file of each form of the site's own, by id, relative to the site folder.
    """

    definitions: Mapping[str, FormDefinition]
    ids: frozenset[str]
    own: Mapping[str, str]


def collect_forms(
    site: Path, paths: Iterable[str], ready: Iterable[tuple[Path, str]]
) -> tuple[Forms, tuple[Problem, ...]]:
    """Read a site's own forms, and the ready ones that they do not replace.

    Args:
        site: the site folder.
        paths: the files in ``forms/``, relative to it.
        ready: the theme's ready forms, each with its name for problems; of two with one id, the first counts.
    """
    problems: list[Problem] = []
    definitions: dict[str, FormDefinition] = {}
    own: dict[str, str] = {}
    for path in paths:
        text, faults = read_text(site, path)
        form = None
        if not faults:
            form, faults = read_form(text, path)
        problems += faults
        name = form.id if form else slugify(PurePosixPath(path).stem)
        if first := own.get(name):
            message = f"The form's id «{name}» belongs to {first} already."
            problems.append(Problem("KB024", path, 0, 0, message, "Give one of the two another id."))
            continue
        own[name] = path
        if form:
            definitions[name] = form
            problems += _terms(form, path)
    known = set(own)
    for file, shown in ready:
        if file.stem not in known:
            known.add(file.stem)
            form, faults = _ready_form(file, file.stat().st_mtime_ns)
            problems += (replace(problem, path=shown) for problem in faults)
            if form:
                definitions[file.stem] = form
    return Forms(definitions, frozenset(known), own), tuple(problems)


def _terms(form: FormDefinition, path: str) -> Iterator[Problem]:
    """What people must be told where they give personal data (GDPR, article 13 (1) c and (2) a)."""
    asks = any(
        isinstance(field, PersonalField) or (isinstance(field, FileField) and field.enabled)
        for field in form.fields
    )
    terms = {
        "purpose": form.purpose,
        "legal_basis": form.legal_basis,
        "retention": form.retention.days or form.retention.text,
    }
    missing = [name for name, given in terms.items() if not given]
    if asks and missing:
        message = f"The form asks for personal data, but does not say {', '.join(missing)}."
        mend = "People must be told why, by which right and for how long (GDPR, article 13)."
        yield Problem("KB094", path, 1, 1, message, mend, Severity.WARNING)


@lru_cache(maxsize=64)
def _ready_form(file: Path, changed: int) -> tuple[FormDefinition | None, tuple[Problem, ...]]:
    """A theme's form and its problems; read once in the life of a preview, unless it changes."""
    text, problems = read_text(file.parent, file.name)
    return (None, problems) if problems else read_form(text, file.name)
