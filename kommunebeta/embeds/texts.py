"""The embeds of posts and pages: at the head and in the text, with what their writers should mend."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeAlias, TypeVar

from kommunebeta.content import Entry
from kommunebeta.embeds.matter import EmbedMatter
from kommunebeta.embeds.resolve import Embeds, Place, embed_problems
from kommunebeta.errors import Problem, Severity
from kommunebeta.frontmatter import PostMatter
from kommunebeta.model import Embed, Reference, ReferenceKind

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class InEntry(Generic[Item]):
    """What one entry embeds.

    Attributes:
        video: the film at its head.
        slides: the slide deck at its head.
        body: what stands in its text, in the order of the references.
    """

    video: Item | None = None
    slides: Item | None = None
    body: tuple[Item, ...] = ()

    @property
    def all(self) -> tuple[Item, ...]:
        """Everything, the head first."""
        return (*filter(None, (self.video, self.slides)), *self.body)


EntryEmbeds: TypeAlias = InEntry[Embed]
"""What readers are shown."""


class EmbedSource(Protocol):
    """Gives the embeds of an entry."""

    def of(self, entry: Entry) -> EntryEmbeds:
        """What an entry embeds."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An embed as its writer wants it.

    Attributes:
        matter: the address and the options.
        line: 1-based line in the file.
        column: 1-based column, 0 when unknown.
    """

    matter: EmbedMatter
    line: int
    column: int


def placed_in(entry: Entry) -> InEntry[Placed]:
    """What an entry's writer wants to embed."""
    body = tuple(
        Placed(_matter(reference), reference.line, reference.column)
        for reference in entry.document.references
        if reference.kind is ReferenceKind.EMBED
    )
    matter = entry.matter
    if not isinstance(matter, PostMatter):
        return InEntry(body=body)
    return InEntry(_at_head(entry, "video", matter.video), _at_head(entry, "slides", matter.slides), body)


def _matter(reference: Reference) -> EmbedMatter:
    return EmbedMatter.model_validate({"url": reference.target, **dict(reference.attributes)})


def _at_head(entry: Entry, key: str, matter: EmbedMatter | None) -> Placed | None:
    return Placed(matter, *entry.places.get((key,), (1, 1))) if matter else None


def found_problems(entry: Entry, embeds: EntryEmbeds) -> Iterator[Problem]:
    """What the writer should mend in embeds that work, at their places."""
    for placed, embed in zip(placed_in(entry).all, embeds.all, strict=True):
        for code, message, mend in embed_problems(embed):
            yield Problem(code, entry.path, placed.line, placed.column, message, mend, Severity.WARNING)


class ResolvedEmbeds:
    """The embeds of entries, as ``Embeds`` resolves them.

    Attributes:
        problems: what was found.
    """

    def __init__(self, embeds: Embeds, problems: list[Problem]) -> None:
        """Take in what resolves them, and where problems are laid."""
        self._embeds = embeds
        self.problems = problems

    def of(self, entry: Entry) -> EntryEmbeds:
        """What an entry embeds."""
        placed = placed_in(entry)
        found = InEntry(
            self._embed(placed.video, entry) if placed.video else None,
            self._embed(placed.slides, entry) if placed.slides else None,
            tuple(self._embed(item, entry) for item in placed.body),
        )
        self.problems += found_problems(entry, found)
        return found

    def _embed(self, placed: Placed, entry: Entry) -> Embed:
        def report(code: str, message: str, mend: str, severity: Severity) -> None:
            self.problems.append(
                Problem(code, entry.path, placed.line, placed.column, message, mend, severity)
            )

        return self._embeds.embed(placed.matter, Place(entry.path, entry.lang, report))


class KnownEmbeds:
    """The embeds of one entry, which an edit of its text has left as they were.

    Attributes:
        problems: what its writer should mend, at the places of the edited text.
    """

    def __init__(self, known: EntryEmbeds) -> None:
        """Take in what is known."""
        self._known = known
        self.problems: list[Problem] = []

    def of(self, entry: Entry) -> EntryEmbeds:
        """What the entry embeds, if it is still as many things; else nothing, so that a whole build looks."""
        if len(placed_in(entry).all) != len(self._known.all):
            return InEntry()
        self.problems += found_problems(entry, self._known)
        return self._known
