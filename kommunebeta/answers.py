"""Which questions a page asked, so that it is made anew only when one of them has another answer.

Verifying traces (Mokhov, Mitchell, Peyton Jones, *Build Systems à la Carte*, 2018): a page's trace is
the set of questions that were asked while it was made. Templates get the site's values in a form that
notes each question; they need not know, and cannot ask without being noted.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any, TypeAlias

Question: TypeAlias = tuple[str, ...]
"""What was asked: its kind, such as ``template`` or ``posts_with``, and what identifies it, as texts."""


def digest(value: object) -> str:
    """A short digest of a value: equal for equal values, in every process.

    Args:
        value: plain values, dataclasses and collections of them, whose ``repr`` tells all.
    """
    return blake2b(repr(value).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


class Notebook:
    """Where questions are noted while something is made.

    Attributes:
        asked: the questions since the page was turned.
    """

    def __init__(self) -> None:
        self.asked: set[Question] = set()

    def note(self, question: Question) -> None:
        """Write a question down."""
        self.asked.add(question)

    def turn(self) -> set[Question]:
        """Begin a new page; gives the questions of the last one."""
        asked, self.asked = self.asked, set()
        return asked


class NotedMapping(Mapping[str, Any]):
    """A mapping, such as the theme's parameters, that notes which of its values are asked for."""

    def __init__(self, kind: str, values: Mapping[str, Any], notebook: Notebook) -> None:
        """Take in the values.

        Args:
            kind: the kind of question, such as ``data``.
            values: the values.
            notebook: where questions are noted.
        """
        self._kind = kind
        self._values = values
        self._notebook = notebook

    def __getitem__(self, key: str) -> Any:
        self._notebook.note((self._kind, str(key)))
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        self._notebook.note((self._kind,))
        return iter(self._values)

    def __len__(self) -> int:
        self._notebook.note((self._kind,))
        return len(self._values)

    def __repr__(self) -> str:
        self._notebook.note((self._kind,))
        return repr(self._values)


class NotedSettings:
    """The settings, noting which of them are asked for; in all else they behave as the settings do."""

    __slots__ = ("_notebook", "_settings")

    def __init__(self, settings: Any, notebook: Notebook) -> None:
        self._settings = settings
        self._notebook = notebook

    def __getattr__(self, name: str) -> Any:
        settings = self._settings
        kind = type(settings)
        if name in kind.model_fields:
            self._notebook.note(("setting", name))
            return getattr(settings, name)
        member = inspect.getattr_static(kind, name, None)
        if isinstance(member, property) and member.fget:
            return member.fget(self)  # so that the settings which it is worked out from are noted
        if isinstance(member, types.FunctionType):
            return types.MethodType(member, self)
        self._notebook.note(("setting",))
        return getattr(settings, name)

    @property  # type: ignore[misc]  # so that isinstance() holds, as for a proxy of the standard library's mocks
    def __class__(self) -> type:
        return type(self._settings)

    def __reduce__(self) -> tuple[Any, ...]:
        return NotedSettings, (self._settings, self._notebook)

    def __repr__(self) -> str:
        self._notebook.note(("setting",))
        return repr(self._settings)


_LENGTH = frozenset(("words", "headings", "reading_minutes"))
"""The fields of an entry that change with nearly every edit of its text, kept apart from the others."""


class NotedEntry:
    """A post or page as templates see it: notes whether its length or anything else of it was asked for.

    It stands for the entry of its file as the site has it now, so that a page's context stays good
    when an entry that it names changes.
    """

    __slots__ = ("_entries", "_notebook", "source")

    def __init__(self, source: str, entries: Mapping[str, Any], notebook: Notebook) -> None:
        """Stand for an entry.

        Args:
            source: the entry's file.
            entries: every entry by file.
            notebook: where questions are noted.
        """
        self.source = source
        self._entries = entries
        self._notebook = notebook

    def __getattr__(self, name: str) -> Any:
        self._notebook.note(("length" if name in _LENGTH else "card", self.source))
        return getattr(self._entries[self.source], name)

    @property  # type: ignore[misc]  # so that isinstance() holds
    def __class__(self) -> type:
        return type(self._entries[self.source])

    def __eq__(self, other: object) -> bool:
        if isinstance(other, NotedEntry) or type(other) is NotedEntry:
            return self.source == other.source
        return bool(self._entries[self.source] == other)

    def __hash__(self) -> int:
        return hash(self.source)

    def __reduce__(self) -> tuple[Any, ...]:
        return NotedEntry, (self.source, self._entries, self._notebook)

    def __repr__(self) -> str:
        return f"«{self.source}»"

    def __str__(self) -> str:
        self._notebook.note(("card", self.source))
        self._notebook.note(("length", self.source))
        return str(self._entries[self.source])


def card(entry: Any) -> str:
    """The digest of all that may be asked of an entry apart from the length of its text."""
    values = {name: getattr(entry, name) for name in entry.__dataclass_fields__ if name not in _LENGTH}
    return digest((type(entry).__name__, values))


def length(entry: Any) -> str:
    """The digest of what follows from the length and the headings of an entry's text."""
    return digest((entry.words, entry.headings))
