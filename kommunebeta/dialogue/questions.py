"""The fields of a form: one model for each kind, with the faults that it can have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Discriminator, Field, Tag, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from kommunebeta.language import slugify
from kommunebeta.validation import Day, Edge, Flag, Text

OTHER = "other"
"""The value of the choice that a reader fills in."""

Fault = tuple[tuple[str | int, ...], str]
"""Where something is wrong, as keys and indexes below the model, and what; a mend follows after «. »."""


def raise_faults(title: str, faults: Iterable[Fault]) -> None:
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


class BaseField(Edge):
    """What every field has."""

    name: str = Field(
        pattern=r"^[a-z][a-z0-9_]*$",
        max_length=60,
        description="Machine name, unique in the form: `a–z`, `0–9` and `_`.",
    )
    show_if: Condition | None = Field(None, description="Show it only after a certain answer.")


class Question(BaseField):
    """What every question has."""

    label: Text = Field(description="The question, or one text per language.")
    help: Text = Field(default_factory=dict, description="A sentence of help below the question.")
    required: Flag = Field(False, description="Whether an answer is needed to send the form.")
    confidential: Flag = Field(False, description="Never published, whatever the reader agrees to.")

    def label_of(self, answer: str) -> Mapping[str, str]:
        """What an answer is called, by language; empty where the question gives it no name."""
        return {}


def _plain(value: object) -> str:
    """A bound as it was written: ``9`` rather than ``9.0``."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _ordered(model: Any, low: str, high: str) -> None:
    below, above = getattr(model, low), getattr(model, high)
    if below is not None and above is not None and below > above:
        raise_faults(
            "Field",
            [((low,), f"{low} {_plain(below)} is above {high} {_plain(above)}. Swap the two, or mend one")],
        )


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
        raise_faults("Field", _repeated("choices", self.choices))
        return self

    def label_of(self, answer: str) -> Mapping[str, str]:
        """What a choice is called, by language."""
        return next((choice.label for choice in self.choices if choice.value == answer), {})


class RankingField(Question):
    """Several things to be put in order."""

    kind: Literal["ranking"] = Field(description="Kind of field.")
    choices: Choices = Field(description="What to put in order.")

    @model_validator(mode="after")
    def _distinct(self) -> RankingField:
        raise_faults("Field", _repeated("choices", self.choices))
        return self


class MatrixField(Question):
    """Several lines, each answered on the same scale."""

    kind: Literal["matrix"] = Field(description="Kind of field.")
    rows: Choices = Field(description="The lines.")
    columns: Choices = Field(description="The answers to choose from on each line.")

    @model_validator(mode="after")
    def _distinct(self) -> MatrixField:
        raise_faults("Field", [*_repeated("rows", self.rows), *_repeated("columns", self.columns)])
        return self


def _repeated(key: str, choices: Iterable[Choice]) -> Iterator[Fault]:
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

    @property
    def steps(self) -> range:
        """The numbers to choose from."""
        return range(self.min, self.max + 1)


class YesNoField(Question):
    """Yes or no."""

    kind: Literal["yes_no"] = Field(description="Kind of field.")


class NumberField(Question):
    """A number."""

    kind: Literal["number"] = Field(description="Kind of field.")
    min: float | None = Field(None, allow_inf_nan=False, description="The lowest number.")
    max: float | None = Field(None, allow_inf_nan=False, description="The highest number.")
    whole: Flag = Field(True, description="Whole numbers only.")
    unit: Text = Field(default_factory=dict, description="What is counted, such as «barn» or «kr».")

    @model_validator(mode="after")
    def _bounds(self) -> NumberField:
        _ordered(self, "min", "max")
        return self

    @property
    def lowest(self) -> str:
        """The lowest number as HTML writes it, or empty."""
        return _written(self.min)

    @property
    def highest(self) -> str:
        """The highest number as HTML writes it, or empty."""
        return _written(self.max)


def _written(number: float | None) -> str:
    if number is None:
        return ""
    return f"{number:.0f}" if number == int(number) else f"{number:f}".rstrip("0")


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
    point: Flag = Field(
        False,
        description="Ask for latitude and longitude too; a reader may let the browser fill them in.",
    )

    @property
    def longest(self) -> int:
        """The most characters that may be sent."""
        return 300


class PersonalField(Question):
    """Something about the person: `name`, `email`, `phone`, `postcode`. Browsers can fill these in."""

    kind: Literal["name", "email", "phone", "postcode"] = Field(description="Kind of field.")
    confidential: Flag = Field(
        True,
        description="Never published. Only a name may be `false`, and is shown only if the reader agrees.",
    )

    @model_validator(mode="after")
    def _never_published(self) -> PersonalField:
        if not self.confidential and self.kind != "name":
            what = f"a field of kind «{self.kind}» is never published. Take the line away"
            raise_faults("Field", [(("confidential",), what)])
        return self

    @property
    def longest(self) -> int:
        """The most characters that may be sent; of an e-mail address as RFC 5321 (section 4.5.3) has it."""
        return {"name": 200, "email": 254, "phone": 40, "postcode": 4}[self.kind]


class FileField(Question):
    """A file that the reader sends.

    Off unless switched on: files need a receiver that checks them and keeps them safely.
    """

    kind: Literal["file"] = Field(description="Kind of field.")
    enabled: Flag = Field(False, description="Whether the field is shown at all.")
    types: list[Annotated[str, Field(pattern=r"^\.[a-z0-9]+$")]] = Field(
        [".pdf", ".jpg", ".png"], min_length=1, description="File endings that are accepted."
    )
    max_megabytes: int = Field(10, ge=1, le=100, description="Largest size of one file.")


class InfoField(BaseField):
    """Background text between the questions: it has `text` and no `label`, `help` or answer."""

    kind: Literal["info"] = Field(description="Kind of field.")
    name: str = Field("", pattern=r"^$|^[a-z][a-z0-9_]*$", description="Machine name; not needed here.")
    text: Text = Field(description="The text in Markdown, or one per language.")


_KINDS: tuple[type[BaseField], ...] = (
    TextField, ChoiceField, RankingField, MatrixField, ScaleField, YesNoField,
    NumberField, DateField, PlaceField, PersonalField, FileField, InfoField,
)  # fmt: skip
KINDS: dict[str, type[BaseField]] = {
    kind: model for model in _KINDS for kind in get_args(model.model_fields["kind"].annotation)
}
"""Every kind of field, with its model."""


def _tag(value: Any) -> str:
    # A tag stands in pydantic's location beside real keys; «=» keeps the two apart («name» could be both).
    return "kind=" + KINDS[value["kind"] if isinstance(value, Mapping) else value.kind].__name__


def _kind(value: object) -> object:
    """Refuse a field without a known kind before its other keys are judged."""
    if isinstance(value, BaseField):
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
        what = f"there is no such kind of field: «{value['kind']}». Choose one of {', '.join(KINDS)}"
        raise_faults("Field", [(("kind",), what)])
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
