"""The tags of a page as they are written, and where they do not fit together.

A parser mends whatever it reads, so that its tree no longer tells what was wrong. Here the tags themselves
are walked, in the order in which they stand, with the rules of the HTML standard for tags that may be left
out (13.1.2.4) and for what a start tag ends (13.2.6.4.7).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from kommunebeta.check.htmlnames import (
    BETWEEN_CELLS,
    ELEMENTS,
    ENDED_BY,
    ENDS_PARAGRAPH,
    HEADINGS,
    IN_TABLE,
    NEVER_IN_ITSELF,
    OPTIONAL_END,
    SCOPES,
    VOID,
)

_ATTRIBUTES = rb"""((?:[^>"']++|"[^"]*+"|'[^']*+')*+)"""
_TAG = re.compile(
    rb"<(?:(?=[stixn])(script|style|textarea|title|iframe|xmp|noembed|noframes)(?=[\s/>])"
    + _ATTRIBUTES
    + rb">.*?</\1\s*+>"
    rb"|(/?)([a-z][^\s/>]*+)" + _ATTRIBUTES + rb">"
    rb"|!--.*?(?:-->|\Z)"
    rb"|([a-z][^\n]*))",
    re.IGNORECASE | re.DOTALL,
)
_WELL_WRITTEN = re.compile(rb"""(?:\s+[^\s"'<>/=]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?)*\s*/?\s*""")
_NAME = re.compile(rb"""\s([^\s"'<>/=]+)(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?""")
_FOREIGN = frozenset(("svg", "math"))


@dataclass(frozen=True, slots=True)
class Slip:
    """Where the tags of a page do not fit together.

    Attributes:
        start: where the tag begins, in bytes.
        end: where it ends.
        message: what is wrong, one sentence; the same wherever the same is wrong.
        mend: what to do about it, one sentence.
    """

    start: int
    end: int
    message: str
    mend: str


def slips(html: bytes) -> Iterator[Slip]:
    """Where the tags of a page do not fit together, in order.

    Args:
        html: the page, in UTF-8.
    """
    walk = _Walk()
    walk.over(_TAG.findall(html))
    if walk.told:
        places = [(tag.start(), tag.end()) for tag in _TAG.finditer(html)]
        for number, (message, mend) in sorted(walk.told.items()):
            yield Slip(*places[number], message, mend)


@lru_cache(maxsize=20_000)
def _attribute_fault(written: bytes) -> tuple[str, str] | None:
    """What is wrong with the attributes of a tag; most tags of a site are alike, so it is remembered."""
    if not _WELL_WRITTEN.fullmatch(written):
        message = "The attributes of a tag run into each other: a space, a quotation mark or a «=» is wrong."
        return message, 'Write each as name="value", with a space before it.'
    names = [name.lower() for name in _NAME.findall(written)]
    if len(names) != len(set(names)):
        twice = Counter(names).most_common(1)[0][0].decode("utf-8", "replace")
        return f"A tag has the attribute «{twice}» twice; the second one is lost.", "Make one of the two."
    return None


class _Walk:
    """What is open while the tags of a page are walked."""

    def __init__(self) -> None:
        self.told: dict[int, tuple[str, str]] = {}
        self._open: list[tuple[bytes, int]] = []
        self._foreign = 0
        self._paragraphs = 0
        self._cut: dict[bytes, list[tuple[int, bytes]]] = {}
        self._dropped: Counter[bytes] = Counter()
        self._ended_paragraphs: list[bytes] = []

    def over(self, tags: Iterable[tuple[bytes, bytes, bytes, bytes, bytes, bytes]]) -> None:
        """Walk over all tags, as the groups of ``_TAG`` have them."""
        still_open = self._open
        for number, (_, raw_attributes, slash, name, attributes, unread) in enumerate(tags):
            written = attributes or raw_attributes
            if written and not slash:
                fault = _attribute_fault(written)
                if fault:
                    self.tell(number, *fault)
            if slash:
                if still_open and still_open[-1][0] == name and name not in _COUNTED:
                    still_open.pop()
                else:
                    self.end(number, name.lower())
            elif name:
                self.begin(number, name.lower(), attributes)
            elif unread:
                message = (
                    "A quotation mark in a tag has no partner, so what follows is taken for part of the tag."
                )
                self.tell(number, message, "Close the quotation mark.")
        self.finish()

    def tell(self, number: int, message: str, mend: str) -> None:
        """Note what is wrong with a tag, unless something is noted already."""
        self.told.setdefault(number, (message, mend))

    def begin(self, number: int, name: bytes, attributes: bytes) -> None:
        """A start tag."""
        around = self._open[-1][0] if self._open else b""
        closed = attributes[-1:] == b"/"
        if self._foreign:
            if not closed:
                self._push(name, number)
        elif not closed and around not in _BETWEEN_CELLS and self._may_begin_here(name):
            self._open.append((name, number))
        else:
            self._make_room(number, name)
            if name not in _VOID:
                self._enter(number, name, closed)

    def _may_begin_here(self, name: bytes) -> bool:
        """Whether an element ends nothing by beginning here: most do not, and need no closer look."""
        return name in _PLAIN or (not self._paragraphs and name in _BLOCKS)

    def _make_room(self, number: int, name: bytes) -> None:
        """What a start tag ends, and where it does not belong."""
        if self._paragraphs and name in _ENDS_PARAGRAPH:
            self._end_paragraph(number, name)
        if name in _ENDED_BY:
            self._end_alike(name)
        if name in _PARTICULAR:
            self._twice(number, name)
        if self._open and self._open[-1][0] in _BETWEEN_CELLS and name not in _IN_TABLE:
            shown = name.decode("utf-8", "replace")
            message = f"<{shown}> stands between the cells of a table; browsers move it out in front."
            self.tell(number, message, "Put it into a cell, or before the table.")

    def _enter(self, number: int, name: bytes, closed: bool) -> None:
        """What follows is inside an element, unless it is a drawing without content."""
        if not closed:
            self._push(name, number)
        elif name not in _ROOTS:
            shown = name.decode("utf-8", "replace")
            message = f"<{shown}/> does not close itself in HTML, so all that follows is taken to be inside."
            self.tell(number, message, f"Write <{shown}></{shown}>.")

    def end(self, number: int, name: bytes) -> None:
        """An end tag."""
        if self._open and self._open[-1][0] == name:
            self._pop()
            return
        at = next((index for index in reversed(range(len(self._open))) if self._open[index][0] == name), -1)
        if at < 0:
            self._stray(number, name)
            return
        while len(self._open) > at + 1:
            inner, began = self._pop()
            if inner not in _OPTIONAL_END:
                self._cut.setdefault(inner, []).append((began, name))
                shown, outer = inner.decode("utf-8", "replace"), name.decode("utf-8", "replace")
                self.tell(
                    began, f"<{shown}> is not closed before </{outer}>.", f"Write </{shown}> before it."
                )
        self._pop()

    def finish(self) -> None:
        """The end of the page."""
        for name, number in self._open:
            if name not in _OPTIONAL_END:
                shown = name.decode("utf-8", "replace")
                self.tell(number, f"<{shown}> is never closed.", f"Write </{shown}> where it ends.")

    def _push(self, name: bytes, number: int) -> None:
        self._open.append((name, number))
        self._foreign += name in _ROOTS
        self._paragraphs += name == b"p"

    def _pop(self) -> tuple[bytes, int]:
        name, number = self._open.pop()
        self._foreign -= name in _ROOTS
        self._paragraphs -= name == b"p"
        return name, number

    def _end_paragraph(self, number: int, name: bytes) -> None:
        """A paragraph ends where something begins that cannot be inside one."""
        for index in range(len(self._open) - 1, -1, -1):
            above = self._open[index][0]
            if above in _SCOPES:
                return
            if above == b"p":
                inner = [item for item in self._open[index + 1 :] if item[0] not in _OPTIONAL_END]
                if inner:
                    shown, outer = name.decode(), inner[-1][0].decode("utf-8", "replace")
                    message = f"<{shown}> stands in <{outer}> within a paragraph, which it ends."
                    self.tell(number, message, f"End the paragraph before <{shown}>.")
                    ended = inner if name == b"p" else (*inner, self._open[index])
                    self._dropped.update(item[0] for item in ended)
                else:
                    self._ended_paragraphs.append(name)
                while len(self._open) > index:
                    self._pop()
                return

    def _end_alike(self, name: bytes) -> None:
        """A list item, a row or a cell ends where the next one begins."""
        ends = _ENDED_BY[name]
        index = len(self._open)
        last = index
        while index and self._open[index - 1][0] in _OPTIONAL_END:
            index -= 1
            if self._open[index][0] in ends:
                last = index
            elif self._open[index][0] != b"p":
                break
        while len(self._open) > last:
            self._pop()

    def _twice(self, number: int, name: bytes) -> None:
        """Links, buttons, forms and headings that stand in one of their own kind."""
        alike = _HEADINGS if name in _HEADINGS else (name,)
        if name in _HEADINGS and not (self._open and self._open[-1][0] in alike):
            return
        for above, _ in reversed(self._open):
            if above in alike:
                message = f"<{name.decode()}> stands inside <{above.decode()}>, which it ends or loses."
                self.tell(number, message, f"Close <{above.decode()}> first.")
                return
            if above in _SCOPES and above != b"button" and name != b"form":
                return

    def _stray(self, number: int, name: bytes) -> None:
        """An end tag that nothing open belongs to."""
        shown = name.decode("utf-8", "replace")
        cut = self._cut.get(name)
        if cut:
            began, outer = cut.pop()
            other = outer.decode("utf-8", "replace")
            message = f"<{shown}> and <{other}> overlap."
            self.told[began] = (message, f"Close </{shown}> before </{other}>.")
        elif self._dropped[name]:
            self._dropped[name] -= 1  # what was wrong is told where it was cut off
        elif name == b"p" and self._ended_paragraphs:
            by = self._ended_paragraphs.pop().decode()
            message = f"</p> comes too late: <{by}> has ended the paragraph already."
            self.tell(number, message, f"End the paragraph before <{by}>.")
        elif name in _VOID:
            self.tell(number, f"There is no end tag </{shown}>.", "Take it away.")
        else:
            message = f"</{shown}> closes nothing that is open."
            self.tell(number, message, f"Take it away, or write <{shown}> where it begins.")


def _in_bytes(names: frozenset[str]) -> frozenset[bytes]:
    return frozenset(name.encode() for name in names)


_VOID = _in_bytes(VOID)
_OPTIONAL_END = _in_bytes(OPTIONAL_END)
_ENDS_PARAGRAPH = _in_bytes(ENDS_PARAGRAPH)
_SCOPES = _in_bytes(SCOPES)
_HEADINGS = _in_bytes(HEADINGS)
_PARTICULAR = _in_bytes(NEVER_IN_ITSELF) | _HEADINGS
_BETWEEN_CELLS = _in_bytes(BETWEEN_CELLS)
_IN_TABLE = _in_bytes(IN_TABLE)
_ROOTS = _in_bytes(_FOREIGN)
_COUNTED = _ROOTS | {b"p"}
_SIMPLE = ELEMENTS - VOID - NEVER_IN_ITSELF - HEADINGS - ENDED_BY.keys() - _FOREIGN
_PLAIN = _in_bytes(_SIMPLE - ENDS_PARAGRAPH)
"""Elements that may begin anywhere but between cells, and end nothing."""
_BLOCKS = _in_bytes((_SIMPLE & ENDS_PARAGRAPH) - {"p"})
"""Elements that may begin anywhere but between cells, and end nothing but a paragraph."""
_ENDED_BY = {name.encode(): _in_bytes(ends) for name, ends in ENDED_BY.items()}
