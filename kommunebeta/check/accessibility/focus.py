"""What the keyboard meets on its way through a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kommunebeta.check.accessibility.aria_tables import ROLES
from kommunebeta.check.accessibility.tree import Tree, whole_number
from kommunebeta.check.finding import Fault, Rule
from kommunebeta.check.page import Element
from kommunebeta.errors import Severity

RULES: Mapping[str, Rule] = {
    "KB134": Rule(
        "Keyboard led astray",
        Severity.ERROR,
        "People who use a keyboard are sent around in an odd order, or land on something that a screen "
        "reader is told to keep quiet about.",
        "Let the order of the page be the order of the keyboard, and hide nothing that can be used.",
        ("WCAG 2.2, 2.4.3", "WCAG 2.2, 4.1.2"),
    ),
}

_LEAVES = frozenset(("button", "summary"))
_INTERACTIVE = frozenset(("a", "button", "label", "summary"))


def focus(tree: Tree) -> Iterator[Fault]:
    """KB134: an order of its own, hidden things that can be used, controls in controls, keys used twice."""
    page = tree.page
    for element in page.having("tabindex"):
        value = whole_number(element.attributes["tabindex"].strip())
        if value and element not in tree.unseen:
            message = f"The {_what(tree, element)} comes out of order for the keyboard, by tabindex {value}."
            clue = tree.clue(element, f'tabindex="{value}"')
            yield Fault("KB134", message, "Take `tabindex` away, or write 0.", clue, Severity.WARNING)
    for element in page.having("aria-hidden"):
        if element.attributes["aria-hidden"] == "true":
            yield from _silenced(tree, element)
    yield from _nested(tree)
    keys: dict[str, Element] = {}
    for element in page.having("accesskey"):
        key = element.attributes["accesskey"].strip().lower()
        if key and element not in tree.unseen and keys.setdefault(key, element) is not element:
            message = f"Two elements have the key «{key[:10]}»."
            clue = tree.clue(element, f'accesskey="{key}"')
            yield Fault("KB134", message, "Take `accesskey` away.", clue, Severity.WARNING)


def _silenced(tree: Tree, element: Element) -> Iterator[Fault]:
    """Faults of an element that is hidden from assistive technology."""
    if element.tag == "body":
        yield Fault(
            "KB134",
            "The whole page is hidden from screen readers.",
            "Take `aria-hidden` away.",
            tree.clue(element, "<body"),
        )
        return
    if not element.children and element.tag not in _INTERACTIVE and "tabindex" not in element.attributes:
        return
    for inside in (element, *element.descendants):
        if tree.is_focusable(inside) and inside.get("tabindex") != "-1" and inside not in tree.unseen:
            message = f"The {_what(tree, inside)} can be used, but is hidden from screen readers."
            yield Fault("KB134", message, "Take `aria-hidden` away.", tree.clue(inside))


def _nested(tree: Tree) -> Iterator[Fault]:
    """Controls in controls."""
    page = tree.page
    holders = [element for element in page.all("button", "summary", "a") if element.children]
    holders += [e for e in page.having("role") if e.children and e.tag not in _LEAVES and _is_leaf(tree, e)]
    for element in holders:
        if element.tag == "a" and "href" not in element.attributes:
            continue
        if element.tag == "summary" and not _is_leaf(tree, element):
            continue
        for inside in element.descendants:
            if tree.is_focusable(inside) and inside not in tree.unseen and element not in tree.untold:
                message = f"The {_what(tree, inside)} stands inside the {_what(tree, element)}."
                yield Fault("KB134", message, "Put them side by side.", tree.clue(inside))
                break


def _is_leaf(tree: Tree, element: Element) -> bool:
    role = ROLES.get(tree.role(element))
    return (role is not None and role.leaf) or element.tag == "summary" or element.get("role") == "text"


def _what(tree: Tree, element: Element) -> str:
    kinds = {"a": "link", "input": "field", "select": "choice", "textarea": "text field", "iframe": "frame"}
    kind = kinds.get(element.tag, element.tag)
    words = element.text or tree.name(element) or element.get("href") or element.get("name") or ""
    return f"{kind} «{words[:50]}»" if words else kind
