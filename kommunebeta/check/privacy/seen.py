"""What was seen in a text, and the fault that it makes at the line of the source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kommunebeta.check.finding import Clue, Fault
from kommunebeta.check.noted import NotedSurroundings
from kommunebeta.errors import Severity


@dataclass(frozen=True, slots=True)
class Seen:
    """Something that is wrong in a style sheet, a script or another text.

    Attributes:
        code: the rule that is broken.
        message: what is wrong, one sentence.
        start: index of its first character.
        text: what stands there.
        severity: another one than the rule's.
    """

    code: str
    message: str
    start: int
    text: str
    severity: Severity | None = None


def in_file(found: Iterable[Seen], path: str, text: str, surroundings: NotedSurroundings) -> Iterator[Fault]:
    """Faults of an output, at their lines in the file that it is made from, where it has one.

    Args:
        found: what was seen.
        path: the output.
        text: what it holds.
        surroundings: tells its source.
    """
    source = surroundings.source(path)
    for seen in found:
        line = text.count("\n", 0, seen.start) + 1
        column = seen.start - text.rfind("\n", 0, seen.start)
        place = (source, line, column) if source else ("", 0, 0)
        yield Fault(seen.code, seen.message, "", None, seen.severity, "", *place)


def in_page(found: Iterable[Seen], tag: str, body: bool) -> Iterator[Fault]:
    """Faults of a text that stands in a page, each with what to look for in the sources.

    Args:
        found: what was seen.
        tag: the element that holds the text.
        body: whether that is part of the page's own content.
    """
    for seen in found:
        yield Fault(seen.code, seen.message, "", Clue(tag, (seen.text,), 1, body), seen.severity)
