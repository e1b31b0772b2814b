"""YAML with positions: every scalar is text, and every value knows its line and column.

YAML 1.1 reads ``språk: no`` as false, ``tid: 12:30`` as 750 and ``kode: 0123`` as 83. Here every
scalar arrives as it was written; what it means is decided by the field that it is for.
The reader works on the parser's events without recursion, so neither depth nor aliases
can exhaust memory or stack.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from kommunebeta.errors import Problem

Path = tuple[str | int, ...]
"""Where a value stands: the keys and indexes that lead to it."""

MAX_DEPTH = 64
MAX_NODES = 200_000

_Loader = getattr(yaml, "CLoader", yaml.Loader)
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]*)\.[0-9]+")


class Plain(str):
    """A scalar written without quotes, whose type is not decided yet."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """What a YAML text holds.

    Attributes:
        data: dicts, lists, text and None.
        values: 1-based line and column of each value, by its path.
        keys: 1-based line and column of each key, by the path of its value.
        problems: faults; ``data`` is what could be read in spite of them, else None.
    """

    data: Any
    values: Mapping[Path, tuple[int, int]] = field(default_factory=dict)
    keys: Mapping[Path, tuple[int, int]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def place_of(self, path: Path) -> tuple[int, int]:
        """Line and column of a value, else of the nearest thing around it that has a place."""
        while path:
            if path in self.values:
                return self.values[path]
            path = path[:-1]
        return self.values.get((), (1, 1))

    def place_of_key(self, path: Path) -> tuple[int, int]:
        """Line and column of a key, else of its value."""
        return self.keys.get(path) or self.place_of(path)

    def below(self, path: Path) -> YamlDocument:
        """A part of the document as a document of its own, with the places that it has in the file."""
        data = self.data
        for key in path:
            data = data[key]
        size = len(path)

        def inside(places: Mapping[Path, tuple[int, int]]) -> dict[Path, tuple[int, int]]:
            return {place[size:]: at for place, at in places.items() if place[:size] == path}

        return YamlDocument(data, inside(self.values), inside(self.keys))


def read_yaml(text: str, path: str, first_line: int = 1) -> YamlDocument:
    """Read one YAML document.

    Args:
        text: the YAML.
        path: the file, for problems.
        first_line: the file's line on which ``text`` begins.
    """
    reader = _Reader(path, first_line)
    try:
        reader.read(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + first_line, mark.column + 1) if mark else (first_line, 1)
        reader.problems.append(_malformed(path, line, column, str(error.problem or error.context or "")))
    except yaml.YAMLError as error:
        reader.problems.append(_malformed(path, first_line, 1, str(error).splitlines()[0]))
    except _BoundsError as error:
        line, column = error.args[1]
        mend = "Write it out flat and without aliases."
        reader.problems.append(Problem("KB005", path, line, column, f"The YAML {error.args[0]}.", mend))
    if any(problem.code != "KB004" for problem in reader.problems):
        return YamlDocument(None, reader.values, reader.keys, tuple(reader.problems))
    return YamlDocument(reader.result, reader.values, reader.keys, tuple(reader.problems))


def _malformed(path: str, line: int, column: int, what: str) -> Problem:
    mends = {
        "mapping values are not allowed": "Put the text in quotes if it holds a colon.",
        "could not find expected ':'": "A line here lacks «:» between key and value.",
        "cannot start any token": "Indent with spaces, and put text that begins with @, ` or % in quotes.",
        "unknown escape": "Use single quotes for text that holds a backslash.",
        "while scanning a quoted": "A quote is opened but not closed.",
        "unexpected end of stream": "A quote or bracket is opened but not closed.",
        "special characters are not allowed": "The text holds a control character; delete and retype it.",
    }
    mend = next(
        (mend for sign, mend in mends.items() if sign in what), "Look at quotes, colons and indentation."
    )
    return Problem("KB003", path, line, column, f"The YAML cannot be read: {what}.", mend)


class _BoundsError(Exception):
    pass


class _Reader:
    """Builds values from the parser's events with a stack of its own."""

    def __init__(self, path: str, first_line: int) -> None:
        self.path = path
        self.first_line = first_line
        self.values: dict[Path, tuple[int, int]] = {}
        self.keys: dict[Path, tuple[int, int]] = {}
        self.problems: list[Problem] = []
        self.result: Any = None
        self.nodes = 0
        self.sizes: dict[int, int] = {}
        self.anchors: dict[str, Any] = {}
        self.stack: list[tuple[Any, Path, int]] = []
        self.pending_key: list[str | None] = []

    def read(self, text: str) -> None:
        documents = 0
        for event in yaml.parse(text, Loader=_Loader):
            if isinstance(event, yaml.ScalarEvent):
                self.scalar(event)
            elif isinstance(event, yaml.MappingStartEvent):
                self.open({}, event)
            elif isinstance(event, yaml.SequenceStartEvent):
                self.open([], event)
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                self.close()
            elif isinstance(event, yaml.AliasEvent):
                self.alias(event)
            elif isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _fault("a second document begins with «---»", event)

    def place(self, event: Any) -> tuple[int, int]:
        mark = event.start_mark
        return mark.line + self.first_line, mark.column + 1

    def scalar(self, event: Any) -> None:
        value: str | None = event.value
        if event.implicit[0]:
            value = None if value in _NULLS and not self.expects_key else Plain(value)
        if event.anchor:
            self.anchors[event.anchor] = value
        self.add(value, event)

    @property
    def expects_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1][0], dict) and self.pending_key[-1] is None

    def open(self, container: Any, event: Any) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise _BoundsError(f"is nested more than {MAX_DEPTH} levels deep", self.place(event))
        path = self.add(container, event)
        if event.anchor:
            self.anchors[event.anchor] = container
        self.stack.append((container, path, self.nodes))
        self.pending_key.append(None)

    def close(self) -> None:
        container, _, before = self.stack.pop()
        self.pending_key.pop()
        self.sizes[id(container)] = self.nodes - before + 1

    def alias(self, event: Any) -> None:
        if event.anchor not in self.anchors:
            raise _fault(f"the alias «*{event.anchor}» has no anchor", event)
        value = self.anchors[event.anchor]
        if any(value is container for container, _, _ in self.stack):
            raise _BoundsError("holds an alias of something that it lies inside", self.place(event))
        self.nodes += self.sizes.get(id(value), 1) - 1
        self.add(value, event)

    def add(self, value: Any, event: Any) -> Path:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise _BoundsError(f"grows beyond {MAX_NODES} values", self.place(event))
        if not self.stack:
            self.result = value
            self.values[()] = self.place(event)
            return ()
        container, path, _ = self.stack[-1]
        if isinstance(container, list):
            here: Path = (*path, len(container))
            container.append(value)
        else:
            key = self.pending_key[-1]
            if key is None:
                return self.take_key(value, event, path)
            self.pending_key[-1] = None
            here = (*path, key)
            container[key] = value
        self.values[here] = self.place(event)
        return here

    def take_key(self, value: Any, event: Any, path: Path) -> Path:
        if not isinstance(value, str):
            raise _fault("a key must be plain text", event)
        key = str(value)
        container = self.stack[-1][0]
        line, column = self.place(event)
        if key in container:
            first = self.keys[(*path, key)][0]
            mend = f"It stands on line {first} already; keep one of the two."
            self.problems.append(
                Problem("KB004", self.path, line, column, f"The key «{key}» stands twice.", mend)
            )
        self.keys[(*path, key)] = (line, column)
        self.pending_key[-1] = key
        return (*path, key)


def _fault(what: str, event: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=what, problem_mark=event.start_mark)


def resolve(value: Any) -> Any:
    """Give values without a known field the type that they obviously have.

    Follows the YAML 1.2 core schema, but stricter: only ``true``/``false``, whole numbers without
    a leading zero and decimal numbers are converted, and only when written without quotes.
    ``no``, ``on``, ``12:30`` and ``0123`` stay text.
    """
    if isinstance(value, Plain):
        if value in ("true", "True", "false", "False"):
            return value in ("true", "True")
        if _INTEGER.fullmatch(value) and len(value) <= 18:
            return int(value)
        if _DECIMAL.fullmatch(value) and len(value) <= 32:
            return float(value)
        return str(value)
    if isinstance(value, dict):
        return {key: resolve(item) for key, item in value.items()}
    if isinstance(value, list):
        return [resolve(item) for item in value]
    return value
