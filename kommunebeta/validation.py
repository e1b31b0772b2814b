"""From a YAML document to a model, or to problems at the right line and column."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import PydanticCustomError

from kommunebeta.errors import Problem, Severity
from kommunebeta.yamlfile import Path, YamlDocument


class Edge(BaseModel):
    """The base of every model of text that people write: immutable, with unknown keys refused."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, hide_input_in_errors=True
    )


Model = TypeVar("Model", bound=Edge)

TRUE_WORDS = frozenset(("true", "yes", "on", "1", "ja", "på"))
_FALSE = frozenset(("false", "no", "off", "0", "nei", "av"))
FLAG_WORDS = tuple(sorted(TRUE_WORDS | _FALSE))
"""The words for true and false."""


def is_flag(text: str) -> bool:
    """Whether a text is one of the words for true and false."""
    return text.strip().lower() in TRUE_WORDS | _FALSE


def _flag(value: object) -> object:
    word = str(value).strip().lower()
    if isinstance(value, bool) or (word not in TRUE_WORDS and word not in _FALSE):
        if isinstance(value, bool):
            return value
        raise PydanticCustomError(
            "flag", "it is neither true nor false. Write true or false (ja and nei will do)"
        )
    return word in TRUE_WORDS


Flag = Annotated[bool, BeforeValidator(_flag)]
"""True or false in English or Norwegian words."""

_ISO = re.compile(
    r"(?P<date>\d{4}-\d{1,2}-\d{1,2})"
    r"(?:[T ]+(?P<time>\d{1,2}:\d{2}(?::\d{2})?)(?:\.\d+)?\s*(?P<zone>Z|UTC|[+-]\d{2}:?\d{2})?)?"
)
_DOTTED = re.compile(
    r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})(?:\s+(?:kl\.?\s*)?(?P<time>\d{1,2}[:.]\d{2}))?"
)
_FIRST_YEAR, _LAST_YEAR = 1000, 9000  # room on both sides for time zones and ends of days
_DATE_MEND = "Write it as 2026-05-17 or 2026-05-17 12:00"


def parse_moment(text: str) -> dt.datetime:
    """Read a date or a moment.

    Args:
        text: ``2026-05-17``, ``2026-05-17 12:00``, ISO 8601 with or without a zone, or the
            Norwegian ``17.05.2026``.

    Returns:
        A moment, without a zone where the text names none; midnight where it names no time.

    Raises:
        ValueError: it is not a date, or there is no such day.
    """
    text = text.strip()
    if found := _ISO.fullmatch(text):
        year, month, day = map(int, found["date"].split("-"))
        time, zone = found["time"] or "0:00", found["zone"]
    elif found := _DOTTED.fullmatch(text):
        year, month, day = int(found["year"]), int(found["month"]), int(found["day"])
        time, zone = (found["time"] or "0:00").replace(".", ":"), None
    else:
        raise ValueError(f"it is not a date: «{text[:80]}»")
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise ValueError(f"the year is not between {_FIRST_YEAR} and {_LAST_YEAR}: «{text}»")
    parts = [int(part) for part in time.split(":")]
    try:
        moment = dt.datetime(year, month, day, parts[0], parts[1], parts[2] if len(parts) > 2 else 0)
    except ValueError as error:
        raise ValueError(f"there is no such date: «{text}»") from error
    if not zone:
        return moment
    if zone in ("Z", "UTC"):
        return moment.replace(tzinfo=dt.UTC)
    sign = -1 if zone[0] == "-" else 1
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    if hours > 23 or minutes > 59:
        raise ValueError(f"there is no such time zone: «{zone}»")
    return moment.replace(tzinfo=dt.timezone(sign * dt.timedelta(hours=hours, minutes=minutes)))


def _moment(value: object) -> object:
    if isinstance(value, dt.datetime) or value is None:
        return value
    try:
        return parse_moment(str(value))
    except ValueError as error:
        raise PydanticCustomError(
            "moment", "{what}. {mend}", {"what": str(error), "mend": _DATE_MEND}
        ) from error


def _day(value: object) -> object:
    moment = _moment(value)
    return moment.date() if isinstance(moment, dt.datetime) else moment


Moment = Annotated[dt.datetime, BeforeValidator(_moment)]
"""A date or moment; without a zone it is meant in the site's zone."""

Day = Annotated[dt.date, BeforeValidator(_day)]
"""A calendar day."""


def _language_texts(value: object) -> object:
    return {"": value} if isinstance(value, str) else value


Text = Annotated[dict[str, str], BeforeValidator(_language_texts)]
"""A text, or one text per language (``nb: …``, ``en: …``)."""


def in_language(text: Mapping[str, str], lang: str, default: str = "nb") -> str:
    """The text of a language, else the common one, else the default language's, else any."""
    for key in (lang, "", default):
        if key in text:
            return text[key]
    return next(iter(text.values()), "")


_MENDS_OF_PATTERNS = {
    r"^[a-z][a-z0-9_]*$": "Begin with a letter, and use only a–z, 0–9 and _",
    r"^[a-z0-9][a-z0-9-]*$": "Use only a–z, 0–9 and hyphens",
}
_CODES = {"moment": "KB014", "missing": "KB010"}


def validate(
    model: type[Model],
    document: YamlDocument,
    path: str,
    *,
    wrong: str = "KB011",
    unknown: str = "KB012",
    data: Mapping[str, Any] | None = None,
) -> tuple[Model | None, tuple[Problem, ...]]:
    """Check a document against a model.

    Args:
        model: what the document should be.
        document: what was read.
        path: the file, for problems.
        wrong: code of a wrong value.
        unknown: code of an unknown key.
        data: the top mapping to check instead of the document's own, with the same places.

    Returns:
        The model, or None when there are errors; and the problems, the document's own included.
    """
    given = document.data if data is None else data
    if given is None and not document.problems:
        given = {}
    if not isinstance(given, Mapping):
        line, column = document.place_of(())
        problem = Problem(
            wrong, path, line, column, "The file must hold keys and values.", "Begin with «key: value»."
        )
        return None, document.problems or (problem,)
    try:
        return model.model_validate(_without_nulls(given)), document.problems
    except ValidationError as error:
        problems = (
            _problem(item, model, document, path, wrong, unknown) for item in error.errors(include_url=False)
        )
        return None, (*document.problems, *problems)


def _without_nulls(value: Any) -> Any:
    """Drop keys without a value: ``tags:`` means the same as no ``tags`` at all."""
    if isinstance(value, Mapping):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value if item is not None]
    return value


def _problem(
    item: Any, model: type[Edge], document: YamlDocument, path: str, wrong: str, unknown: str
) -> Problem:
    where = _known_path(item["loc"], document)
    name = ".".join(str(part) for part in item["loc"] if isinstance(part, str) and not _is_added(part))
    kind = item["type"]
    if kind == "extra_forbidden":
        line, column = document.place_of_key(where)
        return Problem(
            unknown,
            path,
            line,
            column,
            f"«{name}» is not known here.",
            _suggestion(str(item["loc"][-1]), model, item["loc"]),
        )
    line, column = document.place_of(where)
    if kind == "missing":
        return Problem(
            "KB010", path, line, column, f"«{name}» is missing.", f"Add a line «{item['loc'][-1]}: …»."
        )
    what, _, mend = _words(item).partition(". ")
    return Problem(
        _CODES.get(kind, wrong), path, line, column, f"«{name}»: {what}.", f"{mend}." if mend else ""
    )


def _words(item: Any) -> str:
    """The fault in our own words, so that a writer meets no type names of a programming language."""
    context = item.get("ctx", {})
    kind = item["type"]
    words = {
        "string_type": "a text is expected",
        "int_parsing": "a whole number is expected",
        "int_type": "a whole number is expected",
        "float_parsing": "a number is expected",
        "list_type": "a list is expected. Write each item on a line of its own after «- »",
        "tuple_type": "a list is expected. Write each item on a line of its own after «- »",
        "dict_type": "keys and values are expected. Indent them below",
        "model_type": "keys and values are expected. Indent them below",
        "model_attributes_type": "keys and values are expected. Indent them below",
    }
    if kind in words:
        return words[kind]
    if kind in ("literal_error", "enum"):
        return f"the value is not one of those allowed. Choose {context['expected']}"
    if kind.startswith(("greater_than", "less_than")):
        limit = next(iter(context.values()))
        side = (
            "at least"
            if kind == "greater_than_equal"
            else "more than"
            if kind == "greater_than"
            else "at most"
        )
        return f"the number is out of bounds. It must be {side} {limit}"
    if kind == "string_pattern_mismatch":
        mend = _MENDS_OF_PATTERNS.get(context["pattern"].removeprefix("^$|"))
        return "the text has the wrong form" + (f". {mend}" if mend else "")
    if kind.endswith(("too_short", "too_long")):
        return _length_words(kind, context)
    return str(item["msg"]).removeprefix("Value error, ").rstrip(".")


def _length_words(kind: str, context: Mapping[str, int]) -> str:
    short = kind.endswith("short")
    limit = context["min_length" if short else "max_length"]
    if kind.startswith("string"):
        if short and limit == 1:
            return "the text is missing. Write it after the colon or indented below"
        side = "short. It must have at least" if short else "long. It can have at most"
        return f"the text is too {side} {limit} character{'' if limit == 1 else 's'}"
    if not short:
        return f"at most {limit} {'is' if limit == 1 else 'are'} possible"
    return f"at least {'one is' if limit == 1 else f'{limit} are'} expected"


def _known_path(loc: Iterable[str | int], document: YamlDocument) -> Path:
    """The part of pydantic's location that the document knows.

    Pydantic also names union members, and counts lists without their empty items.
    """
    path: Path = ()
    value = document.data
    for part in loc:
        if isinstance(value, list) and isinstance(part, int):
            given = [at for at, item in enumerate(value) if item is not None]
            part = given[part] if part < len(given) else part
        if (*path, part) in document.values or (*path, part) in document.keys:
            path = (*path, part)
            value = _inside(value, part)
    return path


def _inside(value: Any, part: str | int) -> Any:
    try:
        return value[part]
    except (LookupError, TypeError):
        return None


def _is_added(part: str) -> bool:
    """Whether a part of a location is pydantic's own: a validator, or the tag of one model out of several."""
    return part.startswith(("function-", "kind="))


def _suggestion(key: str, model: type[Edge], loc: tuple[str | int, ...]) -> str:
    known = tuple(sorted(_fields_at(model, loc[:-1])))
    near = nearest(key, known)
    return f"Did you mean «{near}»?" if near else f"Known here: {', '.join(known)}."


def _fields_at(model: type[Edge], loc: tuple[str | int, ...]) -> Iterable[str]:
    """The field names of the model that a location lies in."""
    current: type[BaseModel] = model
    members: tuple[type[BaseModel], ...] = ()
    for part in loc:
        if not isinstance(part, str):
            continue
        if _is_added(part):
            current = next((member for member in members if part == f"kind={member.__name__}"), current)
        elif part in current.model_fields:
            members = tuple(_models_in(current.model_fields[part].annotation))
            current = members[0] if members else current
    return current.model_fields


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _models_in(inner)


@lru_cache(maxsize=1024)
def nearest(word: str, known: tuple[str, ...]) -> str:
    """The known word that a misspelt one is probably meant to be, or an empty text."""
    # One letter of three is another word («tid» and «id»); of a long word it is a slip.
    found = get_close_matches(word.lower(), known, n=1, cutoff=0.78 if len(word) > 4 else 0.85)
    return found[0] if found else ""


def as_warning(problem: Problem) -> Problem:
    """The same problem as a warning."""
    return Problem(
        problem.code,
        problem.path,
        problem.line,
        problem.column,
        problem.message,
        problem.mend,
        Severity.WARNING,
    )
