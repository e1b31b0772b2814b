"""The rules of style sheets: selectors, declarations, and the conditions around them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_MARK = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|\([^(){};]*\)|[{};]", re.DOTALL)
_DECLARATION = re.compile(r"\s*(--[\w-]+|[a-z-]+)\s*:\s*(.*?)\s*(?:!\s*important\s*)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Declaration:
    """A property with its value.

    Attributes:
        name: such as ``color`` or ``--accent``.
        value: as it is written.
        offset: where it begins in the sheet, in characters.
    """

    name: str
    value: str
    offset: int


@dataclass(frozen=True, slots=True)
class StyleRule:
    """A rule of a style sheet.

    Attributes:
        selectors: as they are written.
        declarations: in order; those of rules inside it are not among them.
        conditions: the at-rules around it, outermost first, layers left out: ``@media print``.
        layer: the cascade layer, empty for none.
    """

    selectors: tuple[str, ...]
    declarations: tuple[Declaration, ...]
    conditions: tuple[str, ...] = ()
    layer: str = ""


@dataclass(slots=True)
class _Block:
    head: str
    declarations: list[Declaration]


def read_rules(css: str) -> tuple[tuple[StyleRule, ...], tuple[str, ...]]:
    """Read a style sheet.

    Args:
        css: the sheet.

    Returns:
        Its rules, and its cascade layers in the order in which they are first named.
    """
    css = _COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), css)
    rules: list[StyleRule] = []
    layers: dict[str, None] = {}
    still_open: list[_Block] = []
    begin = 0
    for mark in _MARK.finditer(css):
        sign = mark[0]
        if sign == "{":
            head = " ".join(css[begin : mark.start()].split())
            still_open.append(_Block(head, []))
            if head.startswith("@layer"):
                layers.setdefault(_layer_of(still_open))
        elif sign in (";", "}"):
            _declare(css, begin, mark.start(), still_open, layers)
            if sign == "}" and still_open:
                rules.extend(_rule_of(still_open))
                still_open.pop()
        else:
            continue
        begin = mark.end()
    return tuple(rules), tuple(layers)


def _declare(css: str, begin: int, end: int, still_open: list[_Block], layers: dict[str, None]) -> None:
    """Take in what stands before a semicolon or a closing brace."""
    text = css[begin:end]
    if text.lstrip().startswith("@layer"):
        for name in text.strip().removeprefix("@layer").split(","):
            layers.setdefault(name.strip())
        return
    found = _DECLARATION.fullmatch(text)
    if found and still_open:
        still_open[-1].declarations.append(Declaration(found[1], found[2], begin + found.start(1)))


def _rule_of(still_open: list[_Block]) -> Iterator[StyleRule]:
    block = still_open[-1]
    if block.head.startswith("@") or not block.declarations:
        return
    selectors = tuple(part.strip() for part in re.split(r",(?![^()\[\]]*[)\]])", block.head))
    around = [above.head for above in still_open[:-1]]
    conditions = tuple(head for head in around if head.startswith("@") and not head.startswith("@layer"))
    yield StyleRule(selectors, tuple(block.declarations), conditions, _layer_of(still_open))


def _layer_of(still_open: list[_Block]) -> str:
    names = [block.head.removeprefix("@layer").strip() for block in still_open if block.head[:6] == "@layer"]
    return ".".join(names)
