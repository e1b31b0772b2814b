"""What drawings (SVG) and XML load from other servers, and the words that stand in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from xml.parsers import expat

from kommunebeta.check.finding import Fault, Rule
from kommunebeta.check.noted import NotedSurroundings
from kommunebeta.check.privacy.addresses import foreign_host, shown_address
from kommunebeta.check.privacy.origins import addresses_of, styled_addresses_of
from kommunebeta.check.privacy.scripts import seen_in_script
from kommunebeta.check.privacy.stylesheets import loaded_by
from kommunebeta.errors import Severity

RULES: Mapping[str, Rule] = {
    "KB152": Rule(
        "Drawing loads from another server",
        Severity.ERROR,
        "A drawing that is opened by itself loads what it names, and tells another company who looks at it; "
        "shown in a page, it has holes.",
        "Draw or embed what it needs in the file itself.",
        ("GDPR, articles 5 and 6",),
    ),
}

_SHEET = re.compile(r"""\bhref\s*=\s*["']([^"']+)""")


class _Drawing:
    """Reads a drawing, and keeps what it loads, with lines and columns."""

    def __init__(self) -> None:
        self.loads: list[tuple[str, int, int]] = []
        self.scripts: list[tuple[str, int]] = []
        self._open: list[str] = []
        self._text: list[str] = []
        self._begun = (1, 1)
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.ProcessingInstructionHandler = self._instruction

    def read(self, data: bytes) -> None:
        """Read a file as far as it is well-formed; browsers show no more of it either."""
        with suppress(expat.ExpatError):
            self._parser.Parse(data, True)

    @property
    def _here(self) -> tuple[int, int]:
        return self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        self._open.append(tag)
        addresses = (*addresses_of(tag, attributes), *styled_addresses_of(attributes))
        self.loads += [(address, *self._here) for address in addresses]
        self._text = []
        self._begun = self._here

    def _characters(self, text: str) -> None:
        if self._open and self._open[-1] in ("style", "script"):
            self._text.append(text)

    def _end(self, name: str) -> None:
        tag = self._open.pop() if self._open else ""
        text, line = "".join(self._text), self._begun[0]
        if tag == "style":
            self.loads += [
                (address, line + text.count("\n", 0, at), 0 if "\n" in text[:at] else self._begun[1])
                for at, address in loaded_by(text)
            ]
        elif tag == "script" and text:
            self.scripts.append((text, line))
        self._text = []

    def _instruction(self, target: str, data: str) -> None:
        sheet = _SHEET.search(data) if target == "xml-stylesheet" else None
        if sheet:
            self.loads.append((sheet[1], *self._here))


def drawing_loads(path: str, data: bytes, surroundings: NotedSurroundings) -> Iterator[Fault]:
    """What a drawing loads from other servers, and what its scripts ask, measure and keep.

    Only of XML that names a style sheet, such as a feed's, is anything else than a drawing read.
    """
    if not path.endswith(".svg") and not (path.endswith(".xml") and b"<?xml-stylesheet" in data):
        return
    drawing = _Drawing()
    drawing.read(data)
    source = surroundings.source(path)
    for address, line, column in drawing.loads:
        if foreign_host(address, surroundings):
            message = f"The drawing loads «{shown_address(address)}» from another server."
            place = (line, column) if source else (0, 0)
            yield Fault("KB152", message, "", None, None, "", source, *place)
    for text, first in drawing.scripts:
        for seen in seen_in_script(text, surroundings):
            line = first + text.count("\n", 0, seen.start) if source else 0
            yield Fault(seen.code, seen.message, "", None, seen.severity, "", source, line)


def words_of_drawing(data: bytes) -> str:
    """The words of a drawing: its texts and text alternatives, none of its numbers."""
    words: list[str] = []

    def start(_: str, attributes: dict[str, str]) -> None:
        words.extend(attributes[name] for name in ("aria-label", "title", "alt") if name in attributes)

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.CharacterDataHandler = words.append
    parser.CommentHandler = words.append
    with suppress(expat.ExpatError):
        parser.Parse(data, True)
    return "\n".join(words)
