"""Tables: what each cell is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kommunebeta.check.accessibility.tree import Tree
from kommunebeta.check.finding import Fault, Rule
from kommunebeta.check.page import Element
from kommunebeta.errors import Severity

RULES: Mapping[str, Rule] = {
    "KB127": Rule(
        "Table whose cells are not tied to headers",
        Severity.WARNING,
        "A screen reader says the header with each cell; without headers there are only loose numbers.",
        "Write the cells of the first row or column as `<th>`; give a table that only places things "
        '`role="presentation"`.',
        ("WCAG 2.2, 1.3.1",),
    ),
}

_SCOPES = frozenset(("row", "col", "rowgroup", "colgroup"))
_LAYOUT = ("none", "presentation")
_ROWS = ("thead", "tbody", "tfoot")
_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))


def tables(tree: Tree) -> Iterator[Fault]:
    """KB127: headers of tables."""
    page = tree.page
    for element in page.having("scope"):
        value = element.attributes["scope"].strip().lower()
        if element.tag != "th":
            message = f"«scope» means nothing on «{element.tag}»."
            yield Fault("KB127", message, "Make the cell a `<th>`.", tree.clue(element))
        elif value not in _SCOPES:
            message = f"«{value[:30]}» is not a value of «scope»."
            yield Fault("KB127", message, "Write `col` or `row`.", tree.clue(element))
    data = [table for table in tree.told(page.all("table")) if table.get("role") not in _LAYOUT]
    for table in data:
        yield from _table(tree, table)
    yield from _nameless(tree, data)


def _table(tree: Tree, table: Element) -> Iterator[Fault]:
    rows = _rows(table)
    cells = [cell for row in rows for cell in row]
    headers = [cell for cell in cells if _is_header(cell)]
    many = len(rows) > 1 and max(map(len, rows)) > 1
    first = f"«{tree.content(cells[0])[:40]}»" if cells else ""
    if not headers and many:
        yield Fault(
            "KB127",
            f"The table that begins with {first} has no header cells.",
            "",
            tree.clue(table, *_start(tree, cells)),
        )
    elif headers and len(headers) == len(cells):
        message = f"The table that begins with {first} has headers only."
        yield Fault(
            "KB127", message, "Write the cells that are not headers as `<td>`.", tree.clue(headers[0])
        )
    for cell in headers:
        if cell.tag == "th" and not tree.name(cell) and cell not in tree.untold:
            message = f"A header cell of the table that begins with {_begins(tree, cells)} is empty."
            mend = "Write a word in it, or make it a `<td>`."
            yield Fault("KB127", message, mend, tree.clue(cell, *_start(tree, cells)), Severity.NOTE)
    yield from _references(tree, table, cells)


def _begins(tree: Tree, cells: list[Element]) -> str:
    words = next(filter(None, map(tree.content, cells)), "")
    return f"«{words[:40]}»"


def _start(tree: Tree, cells: list[Element]) -> list[str]:
    """The first words in a table, by which its line is found."""
    return [words for words in map(tree.content, cells) if words][:2] or ["<table"]


def _references(tree: Tree, table: Element, cells: list[Element]) -> Iterator[Fault]:
    """Faults in ``headers``."""
    headers = {cell.get("id") for cell in cells if _is_header(cell)}
    for cell in cells:
        for word in (cell.attributes.get("headers") or "").split():
            if word not in headers or word == cell.get("id"):
                message = f"«headers» names «{word[:40]}», which is no header cell of the table."
                yield Fault("KB127", message, "Name the id of a `<th>`.", tree.clue(cell), Severity.ERROR)


def _nameless(tree: Tree, data: list[Element]) -> Iterator[Fault]:
    """A note, where several tables under one heading have no names."""
    if len(data) < 2:
        return
    seen: dict[str, str] = {}
    wanted = set(data)
    heading = ""
    for element in tree.page.elements:
        if element.tag in _HEADINGS:
            heading = element.text
        elif element in wanted and not tree.name(element) and element.inside("main") is not None:
            if heading in seen:
                message = f"Several tables under «{heading[:60]}» have no names."
                mend = "Write a `<caption>`, or a heading over each."
                cells = [cell for row in _rows(element) for cell in row]
                yield Fault("KB127", message, mend, tree.clue(element, *_start(tree, cells)), Severity.NOTE)
                return
            seen[heading] = heading


def _rows(table: Element) -> list[list[Element]]:
    """The cells of a table's own rows."""
    found = [child for child in table.children if child.tag == "tr"]
    found += [row for part in table.children if part.tag in _ROWS for row in part.children if row.tag == "tr"]
    return [cells for row in found if (cells := [cell for cell in row.children if cell.tag in ("td", "th")])]


def _is_header(cell: Element) -> bool:
    return cell.get("role") in ("columnheader", "rowheader") or (
        cell.tag == "th" and "role" not in cell.attributes
    )
