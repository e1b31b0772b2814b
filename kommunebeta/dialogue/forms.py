"""Form definitions in ``forms/*.yaml``: the questions, the choices people make about their data, and the texts.

The page that shows a form and the receiver that takes it in read the same definition.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Discriminator, Field, Tag, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from kommunebeta.errors import Problem
from kommunebeta.language import slugify
from kommunebeta.validation import Day, Edge, Flag, Text, in_language, validate
from kommunebeta.yamlfile import read_yaml

OTHER = "other"
"""The value of the choice that a reader fills in."""

_Fault = tuple[tuple[str | int, ...], str]


def _raise(title: str, faults: Iterable[_Fault]) -> None:
    """Raise several faults, each at its place below the model."""
    details: list[InitErrorDetails] = [
        {"type": PydanticCustomError("form", "{fault}", {"fault": fault}), "loc": place, "input": None}
        for place, fault in faults
    ]
    if details:
        raise ValidationError.from_exception_data(title, details)


def _choice(value: object) -> object:
    """A text alone, or one per language, is a choice whose value is made from it."""
    if isinstance(value, str):
        return {"value": slugify(value), "label": value}
    if isinstance(value, Mapping) and not {"value", "label"} & set(value):
        return {"value": slugify(str(next(iter(value.values()), ""))), "label": value}
    if isinstance(value, Mapping) and "value" not in value:
        label = value["label"]
        first = next(iter(label.values()), "") if isinstance(label, Mapping) else label
        return {**value, "value": slugify(str(first))}
    return value


class Choice(Edge):
    """One of the answers to choose from. A text alone, or one per language, will do."""

    value: str = Field(
        "",
        max_length=80,
        pattern=r"^[^\W_][\w-]*$",
        description="What is stored; by default made from the label.",
    )
    label: Text = Field(description="What the reader sees, or one text per language.")


Choices = Annotated[list[Annotated[Choice, BeforeValidator(_choice)]], Field(min_length=2, max_length=100)]


class Condition(Edge):
    """When a question is shown. Without JavaScript every question is shown."""

    field: str = Field(description="Name of an earlier question.")
    equals: str = Field(
        description="The answer that brings this question up: a choice's value, `yes`, `no` or a number."
    )


class _Field(Edge):
    """What every field has."""

    name: str = Field(
        pattern=r"^[a-z][a-z0-9_]*$",
        max_length=60,
        description="Machine name, unique in the form: `a–z`, `0–9` and `_`.",
    )
    show_if: Condition | None = Field(None, description="Show it only after a certain answer.")


class Question(_Field):
    """What every question has."""

    label: Text = Field(description="The question, or one text per language.")
    help: Text = Field(default_factory=dict, description="A sentence of help below the question.")
    required: Flag = Field(False, description="Whether an answer is needed to send the form.")
    confidential: Flag = Field(False, description="Never published, whatever the reader agrees to.")


def _ordered(model: Any, low: str, high: str) -> None:
    below, above = getattr(model, low), getattr(model, high)
    if below is not None and above is not None and below > above:
        _raise("Field", [((low,), f"{low} {below} is above {high} {above}. Swap the two, or mend one")])


class TextField(Question):
    """Text in the reader's own words: one line (`short`) or several (`long`)."""

    kind: Literal["short", "long"] = Field(description="Kind of field.")
    min_length: int = Field(0, ge=0, le=100_000, description="Fewest characters.")
    max_length: int | None = Field(
        None,
        ge=1,
        le=100_000,
        description="Most characters; 200 for `short` and 4,000 for `long` when not given.",
    )

    @model_validator(mode="after")
    def _bounds(self) -> TextField:
        _ordered(self, "min_length", "max_length")
        return self

    @property
    def longest(self) -> int:
        """The most characters that may be sent."""
        return self.max_length or max(self.min_length, 200 if self.kind == "short" else 4000)


class ChoiceField(Question):
    """One answer out of several (`one`), or any number of them (`many`)."""

    kind: Literal["one", "many"] = Field(description="Kind of field.")
    choices: Choices = Field(description="What to choose from.")
    other: Flag = Field(False, description="Add «other» with a line to write on.")

    @model_validator(mode="after")
    def _distinct(self) -> ChoiceField:
        _raise("Field", _repeated("choices", self.choices))
        return self


class RankingField(Question):
    """Several things to be put in order."""

    kind: Literal["ranking"] = Field(description="Kind of field.")
    choices: Choices = Field(description="What to put in order.")

    @model_validator(mode="after")
    def _distinct(self) -> RankingField:
        _raise("Field", _repeated("choices", self.choices))
        return self


class MatrixField(Question):
    """Several lines, each answered on the same scale."""

    kind: Literal["matrix"] = Field(description="Kind of field.")
    rows: Choices = Field(description="The lines.")
    columns: Choices = Field(description="The answers to choose from on each line.")

    @model_validator(mode="after")
    def _distinct(self) -> MatrixField:
        _raise("Field", [*_repeated("rows", self.rows), *_repeated("columns", self.columns)])
        return self


def _repeated(key: str, choices: Iterable[Choice]) -> Iterator[_Fault]:
    seen: dict[str, int] = {}
    for at, choice in enumerate(choices):
        if choice.value in seen:
            yield (key, at), f"the value «{choice.value}» stands twice. Give one of the two another «value»"
        seen[choice.value] = at


class ScaleField(Question):
    """A whole number on a scale, such as 1 to 5."""

    kind: Literal["scale"] = Field(description="Kind of field.")
    min: int = Field(1, ge=0, le=1, description="The lowest number: 0 or 1.")
    max: int = Field(5, ge=2, le=10, description="The highest number, at most 10.")
    min_label: Text = Field(default_factory=dict, description="What the lowest number means.")
    max_label: Text = Field(default_factory=dict, description="What the highest number means.")


class YesNoField(Question):
    """Yes or no."""

    kind: Literal["yes_no"] = Field(description="Kind of field.")


class NumberField(Question):
    """A number."""

    kind: Literal["number"] = Field(description="Kind of field.")
    min: float | None = Field(None, description="The lowest number.")
    max: float | None = Field(None, description="The highest number.")
    whole: Flag = Field(True, description="Whole numbers only.")
    unit: Text = Field(default_factory=dict, description="What is counted, such as «barn» or «kr».")

    @model_validator(mode="after")
    def _bounds(self) -> NumberField:
        _ordered(self, "min", "max")
        return self


class DateField(Question):
    """A day."""

    kind: Literal["date"] = Field(description="Kind of field.")
    min: Day | None = Field(None, description="The first day.")
    max: Day | None = Field(None, description="The last day.")

    @model_validator(mode="after")
    def _bounds(self) -> DateField:
        _ordered(self, "min", "max")
        return self


class PlaceField(Question):
    """A place in words: an address, a name, a crossroads. No map is loaded from anywhere."""

    kind: Literal["place"] = Field(description="Kind of field.")


class PersonalField(Question):
    """Something about the person: `name`, `email`, `phone`, `postcode`. Browsers can fill these in."""

    kind: Literal["name", "email", "phone", "postcode"] = Field(description="Kind of field.")
    confidential: Flag = Field(
        True,
        description="Never published. Only a name can be `false`, and even that is shown only if the reader agrees.",
    )

    @model_validator(mode="after")
    def _never_published(self) -> PersonalField:
        if not self.confidential and self.kind != "name":
            _raise(
                "Field",
                [
                    (
                        ("confidential",),
                        f"a field of kind «{self.kind}» is never published. Take the line away",
                    )
                ],
            )
        return self


class FileField(Question):
    """A file that the reader sends. Off unless switched on: files need a receiver that checks and keeps them safely."""

    kind: Literal["file"] = Field(description="Kind of field.")
    enabled: Flag = Field(False, description="Whether the field is shown at all.")
    types: list[Annotated[str, Field(pattern=r"^\.[a-z0-9]+$")]] = Field(
        [".pdf", ".jpg", ".png"], min_length=1, description="File endings that are accepted."
    )
    max_megabytes: int = Field(10, ge=1, le=100, description="Largest size of one file.")


class InfoField(_Field):
    """Background text between the questions."""

    kind: Literal["info"] = Field(description="Kind of field.")
    name: str = Field("", pattern=r"^$|^[a-z][a-z0-9_]*$", description="Machine name; not needed here.")
    text: Text = Field(description="The text in Markdown, or one per language.")


_KINDS: tuple[type[_Field], ...] = (
    TextField, ChoiceField, RankingField, MatrixField, ScaleField, YesNoField,
    NumberField, DateField, PlaceField, PersonalField, FileField, InfoField,
)  # fmt: skip
KINDS: dict[str, type[_Field]] = {
    kind: model for model in _KINDS for kind in get_args(model.model_fields["kind"].annotation)
}
"""Every kind of field, with its model."""


def _tag(value: Any) -> str:
    # A tag stands in pydantic's location beside real keys; «=» keeps it from being taken for one («name» is both).
    return "kind=" + KINDS[value["kind"] if isinstance(value, Mapping) else value.kind].__name__


def _kind(value: object) -> object:
    """Refuse a field without a known kind before its other keys are judged."""
    if isinstance(value, _Field):
        return value
    if not isinstance(value, Mapping):
        raise PydanticCustomError(
            "field", "a field with «kind», «name» and «label» is expected. Indent them below «- »"
        )
    if "kind" not in value:
        raise ValidationError.from_exception_data(
            "Field", [{"type": "missing", "loc": ("kind",), "input": value}]
        )
    if value["kind"] not in KINDS:
        _raise(
            "Field",
            [
                (
                    ("kind",),
                    f"there is no such kind of field: «{value['kind']}». Choose one of {', '.join(KINDS)}",
                )
            ],
        )
    return value


FormField = Annotated[
    Annotated[TextField, Tag("kind=TextField")]
    | Annotated[ChoiceField, Tag("kind=ChoiceField")]
    | Annotated[RankingField, Tag("kind=RankingField")]
    | Annotated[MatrixField, Tag("kind=MatrixField")]
    | Annotated[ScaleField, Tag("kind=ScaleField")]
    | Annotated[YesNoField, Tag("kind=YesNoField")]
    | Annotated[NumberField, Tag("kind=NumberField")]
    | Annotated[DateField, Tag("kind=DateField")]
    | Annotated[PlaceField, Tag("kind=PlaceField")]
    | Annotated[PersonalField, Tag("kind=PersonalField")]
    | Annotated[FileField, Tag("kind=FileField")]
    | Annotated[InfoField, Tag("kind=InfoField")],
    Discriminator(_tag),
    BeforeValidator(_kind),
]


_WORDS = {
    "true": True,
    "yes": True,
    "ja": True,
    "på": True,
    "false": False,
    "no": False,
    "nei": False,
    "av": False,
}


def _offer(value: object) -> object:
    """``true``, a text, texts by language, or ``ask`` and ``text``."""
    if isinstance(value, bool):
        return {"ask": value}
    if isinstance(value, str):
        known = _WORDS.get(value.strip().lower())
        return {"ask": True, "text": value} if known is None else {"ask": known}
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
        _raise("FormDefinition", [*_names(self.fields), *_conditions(self.fields), *_consents(self)])
        return self

    def text(self, texts: Mapping[str, str], lang: str) -> str:
        """One of the form's texts in a language; else the first there is."""
        return in_language(texts, lang)


def _names(fields: Iterable[_Field]) -> Iterator[_Fault]:
    seen: set[str] = set()
    for at, field in enumerate(fields):
        if field.name and field.name in seen:
            yield (
                ("fields", at, "name"),
                f"the name «{field.name}» stands twice. Give one of the two another name",
            )
        seen.add(field.name)


def _conditions(fields: Iterable[_Field]) -> Iterator[_Fault]:
    earlier: dict[str, _Field] = {}
    for at, field in enumerate(fields):
        if field.show_if:
            yield from _condition(("fields", at, "show_if"), field.show_if, earlier)
        if field.name:
            earlier[field.name] = field


def _condition(
    place: tuple[str | int, ...], condition: Condition, earlier: Mapping[str, _Field]
) -> Iterator[_Fault]:
    asked = earlier.get(condition.field)
    if asked is None:
        known = ", ".join(earlier) or "none"
        yield (
            (*place, "field"),
            f"no earlier question is called «{condition.field}». Earlier questions: {known}",
        )
        return
    answers = _answers(asked)
    if answers is None:
        yield (
            (*place, "field"),
            f"«{condition.field}» has no answers to choose from. Use a question of kind one, many, yes_no or scale",
        )
    elif condition.equals not in answers:
        yield (
            (*place, "equals"),
            f"«{condition.equals}» is not an answer to «{condition.field}». Choose one of {', '.join(answers)}",
        )


def _answers(field: _Field) -> tuple[str, ...] | None:
    """The answers that a condition can ask for, or None where they are free."""
    if isinstance(field, ChoiceField):
        return (*(choice.value for choice in field.choices), *((OTHER,) if field.other else ()))
    if isinstance(field, YesNoField):
        return ("yes", "no")
    if isinstance(field, ScaleField):
        return tuple(map(str, range(field.min, field.max + 1)))
    return None


def _consents(form: FormDefinition) -> Iterator[_Fault]:
    kinds = {field.kind for field in form.fields if isinstance(field, PersonalField)}
    for offer, kind in (("publish_name", "name"), ("notify", "email")):
        if getattr(form.consent, offer).ask and kind not in kinds:
            yield (
                ("consent", offer),
                f"there is no field of kind «{kind}» to go with it. Add one, or take this away",
            )


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
