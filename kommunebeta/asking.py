"""How templates may ask the site: each question is noted, answered once, and can be asked again later."""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from kommunebeta.answers import Notebook, NotedEntry, Question, digest
from kommunebeta.config import Settings
from kommunebeta.dialogue.forms import FormDefinition
from kommunebeta.dialogue.model import Dialogue
from kommunebeta.lists import Lists, Place
from kommunebeta.model import Channel, Entry, MenuItem, Page, Person, Term
from kommunebeta.permalinks import Addresses

Key = ParamSpec("Key")
Answer = TypeVar("Answer")
Asker = TypeVar("Asker", bound="Asked")


def question(
    method: Callable[Concatenate[Asker, Key], Answer],
) -> Callable[Concatenate[Asker, Key], Answer]:
    """Offer a method to templates: its answer is kept, and the question noted for the page that asks."""
    name = method.__name__
    signature = inspect.signature(method)

    @wraps(method)
    def ask(self: Asker, *given: Key.args, **named: Key.kwargs) -> Answer:
        key: tuple[Any, ...] = given
        if named or len(given) + 1 < len(signature.parameters):
            bound = signature.bind(self, *given, **named)
            bound.apply_defaults()
            key = bound.args[1:]
        asked = (name, *map(_as_text, key))
        self.notebook.note(asked)
        if asked not in self._answers:
            self._answers[asked] = method(self, *key)  # type: ignore[call-arg]  # bound above
        return cast(Answer, self._answers[asked])

    ask.question = tuple(signature.parameters.values())[1:]  # type: ignore[attr-defined]  # for asking again
    return cast("Callable[Concatenate[Asker, Key], Answer]", ask)


def _as_text(value: Any) -> str:
    if isinstance(value, (str, int)):
        return str(value)
    if isinstance(value, Term):
        return f"{value.taxonomy}/{value.slug}"
    return str(getattr(value, "source", None) or getattr(value, "id", value))


@dataclass(slots=True)
class Holdings:
    """What a site consists of, for our own use: nothing is noted that is asked here.

    Attributes:
        settings: what stands in ``kommunebeta.yaml``.
        now: the moment that the site is built for.
        places: where the posts stand, newest first.
        entries: posts and pages by file; an edited text takes the place of the old one here.
        pages: the pages by file.
        people: everybody, in their order.
        channels: the municipality's other channels by language.
        menus: the menus by name and language.
        data: the files in ``data/`` by name without ending.
        forms: the forms by id, the theme's ready ones included.
        dialogue: what is published of each dialogue, by the post's id.
    """

    settings: Settings
    now: dt.datetime
    places: tuple[Place, ...]
    entries: MutableMapping[str, Entry]
    pages: tuple[Page, ...]
    people: tuple[Person, ...]
    channels: Mapping[str, tuple[Channel, ...]]
    menus: Mapping[tuple[str, str], tuple[MenuItem, ...]]
    data: Mapping[str, Any]
    forms: Mapping[str, FormDefinition]
    dialogue: Mapping[str, Dialogue]


class Asked:
    """What is asked: the holdings, and the answers given so far.

    Attributes:
        notebook: where the questions that templates ask are noted; not for templates.
        holdings: what the site consists of; not for templates.
    """

    def __init__(self, holdings: Holdings, notebook: Notebook) -> None:
        """Take in what there is to ask of.

        Args:
            holdings: what the site consists of.
            notebook: where questions are noted.
        """
        self.notebook = notebook
        self.holdings = holdings
        self._lists = Lists(holdings.settings, holdings.places, holdings.pages)
        self._addresses = Addresses(holdings.settings)
        self._answers: dict[Question, Any] = {}
        self._noted: dict[str, Any] = {}

    def seen(self, source: str) -> Any:
        """An entry as templates see it."""
        if source not in self._noted:
            self._noted[source] = NotedEntry(source, self.holdings.entries, self.notebook)
        return self._noted[source]

    def _entries(self, sources: Iterable[str]) -> tuple[Any, ...]:
        return tuple(map(self.seen, sources))

    def ask_again(self, asked: Question) -> str:
        """The digest of the answer that a question has now; empty when what it is about is gone."""
        name, *key = asked
        if asked not in self._answers:
            wanted = getattr(type(self), name).question
            try:
                values = [
                    self._from_text(parameter, text) for parameter, text in zip(wanted, key, strict=True)
                ]
                getattr(self, name)(*values)
            except KeyError:
                return ""
        return digest(self._answers[asked])

    def _from_text(self, parameter: inspect.Parameter, text: str) -> Any:
        kind = str(parameter.annotation)
        if kind == "int":
            return int(text)
        if kind == "Term":
            taxonomy, _, slug = text.partition("/")
            return Term(taxonomy, slug, slug)
        if kind == "Person":
            return Person(text, role="")
        if kind in ("Post", "Entry"):
            self.holdings.entries[text]
            return self.seen(text)
        return text
