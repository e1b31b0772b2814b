"""Lists that are put together as HTML wants it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kommunebeta.check.accessibility.tree import Tree
from kommunebeta.check.finding import Fault, Rule
from kommunebeta.check.page import Element
from kommunebeta.errors import Severity

RULES: Mapping[str, Rule] = {
    "KB132": Rule(
        "List that is not put together right",
        Severity.WARNING,
        "A screen reader says how many items a list has and which one is read; here it counts wrong.",
        "Put `<li>` directly into `<ul>` or `<ol>`, and `<dt>` with `<dd>` directly into `<dl>`.",
        ("WCAG 2.2, 1.3.1",),
    ),
}

_UNSEEN = frozenset(("script", "template"))
_ITEMS = frozenset(("dt", "dd"))
_IN_LIST = frozenset(("ul", "ol", "menu"))


def lists(tree: Tree) -> Iterator[Fault]:
    """KB132: what stands in lists, and items that stand in none."""
    page = tree.page
    for element in page.all("ul", "ol"):
        if element.attributes.get("role") in (None, "list"):
            yield from _odd(tree, element)
    for element in page.all("li"):
        around = element.parent
        if around is None or (around.tag not in _IN_LIST and around.get("role") != "list"):
            yield from _astray(tree, element, f"«{element.text[:60]}» is a list item, but stands in no list.")
    for element in page.all("dl"):
        if "role" not in element.attributes:
            yield from _terms(tree, element)
    for element in page.all("dt", "dd"):
        around = element.parent
        if around is not None and around.tag == "div":
            around = around.parent
        if around is None or around.tag != "dl":
            message = f"«{element.text[:60]}» is a «{element.tag}», but stands in no «dl»."
            yield from _astray(tree, element, message)


def _astray(tree: Tree, element: Element, message: str) -> Iterator[Fault]:
    """A fault, unless the element is made something else, or nobody is told of it."""
    if "role" not in element.attributes and element not in tree.untold:
        yield Fault("KB132", message, "", tree.clue(element))


def _odd(tree: Tree, parent: Element) -> Iterator[Fault]:
    """What stands directly in a list, but is no item of it."""
    for child in parent.children:
        if child.tag == "li" and "role" not in child.attributes:
            continue
        if not _is_item(tree, child) and child not in tree.untold:
            words = child.text or child.tag
            message = f"«{words[:60]}» stands directly in a list, but is not a list item."
            yield Fault("KB132", message, "", tree.clue(child))


def _is_item(tree: Tree, child: Element) -> bool:
    return child.tag in _UNSEEN or tree.role(child) == "listitem"


def _terms(tree: Tree, element: Element) -> Iterator[Fault]:
    """Faults in a list of terms: other things in it, or terms and explanations in the wrong order."""
    groups: list[list[Element]] = [[]]
    for child in element.children:
        if child.tag in _ITEMS:
            groups[-1].append(child)
        elif child.tag == "div":
            groups.append(child.children)
        elif child.tag not in _UNSEEN and child not in tree.untold:
            words = (child.text or child.tag)[:60]
            message = f"«{words}» stands directly in a «dl», but is neither term nor explanation."
            yield Fault("KB132", message, "", tree.clue(child))
            return
    for group in groups:
        items = [item for item in group if item.tag in _ITEMS]
        if items and (items[0].tag == "dd" or items[-1].tag == "dt") and element not in tree.untold:
            wrong = items[0] if items[0].tag == "dd" else items[-1]
            lacks = "no term before it" if wrong.tag == "dd" else "no explanation after it"
            yield Fault("KB132", f"«{wrong.text[:60]}» in a «dl» has {lacks}.", "", tree.clue(wrong))
            return
