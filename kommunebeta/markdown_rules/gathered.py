"""What one body gives besides its HTML, collected while it is parsed and rendered."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from kommunebeta.errors import Problem, Severity
from kommunebeta.model import Heading, Reference

Place = tuple[int, int]
"""1-based line in the file and 1-based column, 0 when unknown."""

_LINE_END = re.compile(r"\r\n?|\n")


@dataclass(slots=True)
class Gathered:
    """One body's findings.

    Attributes:
        path: the source file, for problems.
        first_line: line of the file on which the body starts.
        body: the Markdown, for columns.
        references: links and pictures so far; the place in the list is the number in the html.
        problems: what the writer should mend.
        headings: the headings in order.
        open_links: for each link that is open at this point of rendering, whether it is shown as one.
        tables: number of tables so far.
    """

    path: str
    first_line: int
    body: str
    references: list[Reference] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    open_links: list[bool] = field(default_factory=list)
    tables: int = 0
    _lines: list[str] = field(default_factory=list)
    _block: Token | None = None
    _starts: list[int] = field(default_factory=list)
    _indents: list[int] = field(default_factory=list)

    def refer(self, reference: Reference) -> str:
        """Keep a reference; gives the mark that holds its place in the html."""
        self.references.append(reference)
        return f"\0{len(self.references) - 1}\0"

    def warn(self, code: str, place: Place, message: str, mend: str = "") -> None:
        """Report something that should be mended but does not stop publication."""
        self.problems.append(Problem(code, self.path, *place, message, mend, Severity.WARNING))

    def fail(self, code: str, place: Place, message: str, mend: str = "") -> None:
        """Report something that must be mended."""
        self.problems.append(Problem(code, self.path, *place, message, mend))

    def place_in(self, block: Token, offset: int = 0, source: str = "") -> Place:
        """Where in the file a character of a block stands.

        Args:
            block: a token with a map: its content is the source without indentation and quote marks.
            offset: index into ``source``.
            source: the text that ``offset`` counts in, when it is only a part of the content.
        """
        if source and source != block.content:
            offset += max(block.content.find(source), 0)
        if block is not self._block:
            self._measure(block)
        number = bisect_right(self._starts, offset) - 1
        indent = self._indents[number]
        column = 0 if indent < 0 else indent + offset - self._starts[number] + 1
        return self.first_line + (block.map[0] if block.map else 0) + number, column

    def _measure(self, block: Token) -> None:
        """Find where each line of a block starts, in the block and in its line of the file."""
        self._lines = self._lines or _LINE_END.split(self.body)
        first = block.map[0] if block.map else 0
        self._block, self._starts, self._indents = block, [], []
        start = 0
        for number, text in enumerate(block.content.split("\n"), first):
            line = self._lines[number].replace("\0", "\ufffd") if number < len(self._lines) else ""
            self._starts.append(start)
            self._indents.append(line.find(text))
            start += len(text) + 1


def gathered(env: Mapping[str, Any]) -> Gathered:
    """The findings of the body that is being worked on."""
    found: Gathered = env["gathered"]
    return found


def mark_place(state: StateInline, token: Token, offset: int) -> None:
    """Remember where in the source an inline token stands, at next to no cost."""
    block = state.env.get("block")
    if block is not None:
        token.meta["at"] = (block, offset, state.src)


def place_of(env: Mapping[str, Any], token: Token) -> Place:
    """Where an inline token stands; line 0 when that is not known."""
    at = token.meta.get("at")
    return gathered(env).place_in(*at) if at else (0, 0)


def opening(tokens: Sequence[Token], closing: int) -> int:
    """Index of the token that the one at ``closing`` closes, or ``closing`` itself."""
    depth = 0
    for index in range(closing, -1, -1):
        depth += tokens[index].nesting
        if depth == 0:
            return index
    return closing
