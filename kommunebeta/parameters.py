"""Parameters of a theme: what a site may change, of which kind, and whether a value is right."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from kommunebeta.errors import ContentError, Problem
from kommunebeta.validation import Edge, Flag, Text, nearest
from kommunebeta.yamlfile import Plain, YamlDocument, resolve

Kind = Literal["text", "color", "number", "flag", "choice", "url"]

_COLOR = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}")
_URL = re.compile(r"(?:https?://[^\s/]|mailto:\S|/(?!/)|$)")
_FLAG = TypeAdapter(Flag)
_SHOWN_IN_CSS = ("color", "number", "choice")


class ParameterSetting(Edge):
    """One parameter of a theme, in ``theme.yaml``."""

    type: Kind = Field(
        "text", description="Kind of value: `text`, `color`, `number`, `flag`, `choice` or `url`."
    )
    default: Any = Field(
        "", description="The value where the site gives none; without it 0, false, the first choice or empty."
    )
    help: Text = Field(default_factory=dict, description="What it changes, or one text per language.")
    choices: list[str] = Field(default_factory=list, description="The values of a `choice`.")

    @property
    def expected(self) -> str:
        """What a value must be, in words."""
        return {
            "color": "a colour such as #0b3c5d",
            "number": "a number",
            "flag": "true or false",
            "choice": f"one of {', '.join(self.choices)}",
            "url": "an address such as https://example.no/ or /om/",
            "text": "a text",
        }[self.type]

    @property
    def default_value(self) -> Any:
        """The value where the site gives none.

        Raises:
            ValueError: the default is not of the parameter's own kind.
        """
        if self.default == "":
            return {"number": 0, "flag": False, "choice": next(iter(self.choices), "")}.get(self.type, "")
        return self.read(self.default)

    @property
    def is_sound(self) -> bool:
        """Whether the declaration agrees with itself: the default is right, and a choice has choices."""
        try:
            value = self.default_value
        except ValueError:
            return False
        return self.type != "choice" or value in self.choices

    def read(self, value: object) -> Any:
        """A value of the parameter's kind.

        Args:
            value: a scalar as it was written, or one that has its type already.

        Raises:
            ValueError: it is not of that kind; the message says what was expected.
        """
        if isinstance(value, (Mapping, list)):
            raise ValueError(self.expected)
        if self.type == "flag":
            return self._flag(value)
        if self.type == "number":
            return self._number(value)
        text = str(value)
        right = {
            "color": _COLOR.fullmatch(text) is not None,
            "choice": text in self.choices,
            "url": _URL.match(text) is not None,
        }.get(self.type, True)
        if not right:
            raise ValueError(self.expected)
        return text

    def _flag(self, value: object) -> bool:
        try:
            return _FLAG.validate_python(value)
        except ValidationError as error:
            raise ValueError(self.expected) from error

    def _number(self, value: object) -> int | float:
        number = resolve(Plain(value)) if isinstance(value, str) else value
        if isinstance(number, (int, float)) and not isinstance(number, bool):
            return number
        raise ValueError(self.expected)

    def changed_by(self, child: ParameterSetting) -> ParameterSetting:
        """The parameter as a child theme declares it again: what the child leaves out stays."""
        return self.model_copy(update={name: getattr(child, name) for name in child.model_fields_set})


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a parameter cannot have the value that it is given.

    Attributes:
        key: the parameter.
        message: what is wrong.
        mend: what to do.
        unknown: whether the theme has no such parameter, so that the key is wrong and not the value.
    """

    key: str
    message: str
    mend: str
    unknown: bool = False


def read_values(
    declared: Mapping[str, ParameterSetting], given: Mapping[str, object]
) -> tuple[dict[str, Any], tuple[Refused, ...]]:
    """Values for some of a theme's parameters.

    Args:
        declared: the theme's parameters.
        given: the values as they were written: a text such as 1.10 or true stays what it is.

    Returns:
        The values that are right, and what is wrong with the others.
    """
    values: dict[str, Any] = {}
    refused = []
    for key, value in given.items():
        if key not in declared:
            near = nearest(key, tuple(sorted(declared)))
            mend = f"Did you mean «{near}»?" if near else f"It has: {', '.join(sorted(declared)) or 'none'}."
            refused.append(Refused(key, f"The theme has no parameter «{key}».", mend, unknown=True))
            continue
        try:
            values[key] = declared[key].read(value)
        except ValueError as error:
            refused.append(Refused(key, f"«{key}» is not {error}: «{value}».", f"Write {error}."))
    return values, tuple(refused)


def choose_values(
    declared: Mapping[str, ParameterSetting], given: Mapping[str, Any], document: YamlDocument, path: str
) -> dict[str, Any]:
    """Every parameter's value: the site's, else the default.

    Args:
        declared: the theme's parameters.
        given: the site's values.
        document: where they stand, under ``parameters``.
        path: the file, for problems.

    Raises:
        ContentError: a parameter is not the theme's, or its value is of the wrong kind.
    """
    defaults = {key: parameter.default_value for key, parameter in declared.items()}
    written = (document.data or {}).get("parameters") or {}
    values, refused = read_values(declared, {key: written.get(key, value) for key, value in given.items()})
    if refused:
        raise ContentError(_problem(fault, document, path) for fault in refused)
    return defaults | values


def _problem(fault: Refused, document: YamlDocument, path: str) -> Problem:
    at = ("parameters", fault.key)
    place = document.place_of_key(at) if fault.unknown else document.place_of(at)
    return Problem("KB052", path, *place, fault.message, fault.mend)


def is_shown_in_css(parameter: ParameterSetting) -> bool:
    """Whether a parameter stands in the style sheet that is made from the parameters."""
    return parameter.type in _SHOWN_IN_CSS


def custom_properties(values: Mapping[str, Any], kinds: Mapping[str, str]) -> bytes:
    """Parameters as a style sheet of custom properties: ``--param-accent: #0b3c5d`` and so on.

    Only kinds whose values are checked stand in it; one without a value is left out, so that
    the fallback in ``var()`` works.
    """
    lines = [
        f"  --param-{key.replace('_', '-')}: {values[key]};"
        for key, kind in sorted(kinds.items())
        if kind in _SHOWN_IN_CSS and values[key] != ""
    ]
    return ("\n".join([":root {", *lines, "}"]) + "\n").encode()
