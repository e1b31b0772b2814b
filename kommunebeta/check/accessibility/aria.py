"""Ids, and the roles, states and references of WAI-ARIA."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from kommunebeta.check.accessibility.aria_tables import (
    ABSTRACT,
    ATTRIBUTES,
    GLOBAL,
    ROLES,
    Attribute,
    Kind,
    Role,
)
from kommunebeta.check.accessibility.html_roles import may_have
from kommunebeta.check.accessibility.tree import Tree
from kommunebeta.check.finding import Fault, Rule
from kommunebeta.check.page import Element
from kommunebeta.errors import Severity

RULES: Mapping[str, Rule] = {
    "KB129": Rule(
        "Id used twice",
        Severity.WARNING,
        "A label, a link or a description that names the id reaches the first element only; the other one is "
        "left without.",
        "Give each element an `id` of its own.",
        ("WCAG 2.2, 4.1.2",),
    ),
    "KB130": Rule(
        "ARIA that is not valid",
        Severity.WARNING,
        "Screen readers tell something else than what is there, or keep quiet about it.",
        "Use an HTML element that means the same, or write the role and its attributes as WAI-ARIA says.",
        ("WCAG 2.2, 1.3.1", "WCAG 2.2, 4.1.2"),
    ),
}

_NUMBER = {Kind.INTEGER: re.compile(r"[+-]?\d+"), Kind.NUMBER: re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)")}
_LAYOUT = ("none", "presentation")
_SELF = frozenset((*_LAYOUT, "generic", "sectionheader", "sectionfooter", ""))
_WITHOUT_ROLE = frozenset(("svg", "video", "audio", "canvas", "embed", "object", "iframe"))
_REFERRING = ("for", "list", "form", "popovertarget", "commandfor")
_NAMES = ("aria-label", "aria-labelledby")
_NAMED_INPUTS = frozenset(("input", "select", "textarea", "progress", "meter", "option"))
_BRAILLE = {"aria-braillelabel": "name", "aria-brailleroledescription": "aria-roledescription"}
_ROW = frozenset(("aria-posinset", "aria-setsize", "aria-expanded", "aria-level"))


def ids(tree: Tree) -> Iterator[Fault]:
    """KB129: ids that several elements have."""
    page = tree.page
    if len(page.ids) == len(page.by_attribute.get("id", ())):
        return
    for identity, elements in page.ids.items():
        if len(elements) > 1:
            referred = identity in _referred(tree)
            message = f"{len(elements)} elements have the id «{identity[:40]}»."
            clue = tree.clue(elements[1], f'id="{identity}"', identity)
            yield Fault("KB129", message, "", clue, Severity.ERROR if referred else None)


def _referred(tree: Tree) -> set[str]:
    """The ids that labels and ARIA name."""
    attributes = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "aria-owns", "headers")
    return {
        word
        for name in attributes
        for element in tree.page.having(name)
        for word in element.attributes[name].split()
    }


def aria(tree: Tree) -> Iterator[Fault]:
    """KB130: roles, states and references."""
    page = tree.page
    for element in page.having("role"):
        yield from _role(tree, element)
    for name in page.by_attribute:
        if name.startswith("aria-"):
            for element in page.by_attribute[name]:
                yield from _attribute(tree, element, name)
        elif name in _REFERRING:
            for element in page.by_attribute[name]:
                yield from _references(tree, element, name, [element.attributes[name]])


def _role(tree: Tree, element: Element) -> Iterator[Fault]:
    """Faults of an element with a role of its own."""
    said = element.attributes["role"].lower().split()
    known = [word for word in said if word in ROLES]
    wrong = [word for word in said if word not in ROLES]
    if element in tree.unseen or not said:
        return
    if wrong and (not known or wrong[0] in ABSTRACT):
        yield Fault(
            "KB130", f"«{wrong[0][:30]}» is not a role.", "", tree.clue(element, *_role_text(element))
        )
        return
    if not known:
        return
    name = known[0]
    role = ROLES[name]
    if role.deprecated:
        yield Fault(
            "KB130",
            f"The role «{name}» should not be used any more.",
            "",
            tree.clue(element, *_role_text(element)),
        )
    if not may_have(element, name, bool(tree.name(element))):
        message = f"«{element.tag}» may not have the role «{name}»."
        yield Fault("KB130", message, "", tree.clue(element, *_role_text(element)), Severity.NOTE)
    if name in _LAYOUT:
        yield from _conflict(tree, element)
        return
    yield from _required(tree, element, name, role)


def _role_text(element: Element) -> tuple[str, str]:
    role = element.attributes["role"]
    return (f'<{element.tag} role="{role}"', f'role="{role}"')


def _conflict(tree: Tree, element: Element) -> Iterator[Fault]:
    """A note, where an element is said to mean nothing, but can be used or has a state."""
    states = [name for name in element.attributes if name in GLOBAL and name != "aria-hidden"]
    if states or tree.is_focusable(element):
        message = f"«{element.tag}» is marked as mere layout, but can be used or has a name."
        yield Fault(
            "KB130",
            message,
            "Take the role away.",
            tree.clue(element, *_role_text(element)),
            Severity.NOTE,
        )


def _required(tree: Tree, element: Element, name: str, role: Role) -> Iterator[Fault]:
    """What a role wants and is not there: attributes, something around it, something inside it."""
    missing = [attribute for attribute in role.requires if _lacks(tree, element, name, attribute)]
    if missing:
        message = f"The role «{name}» wants {', '.join(missing)}, which «{element.tag}» does not have."
        yield Fault("KB130", message, "", tree.clue(element, *_role_text(element)))
    if role.parents and element not in tree.untold and not _stands_in(tree, element, role.parents):
        message = f"The role «{name}» wants one of these around it: {', '.join(sorted(role.parents))}."
        yield Fault("KB130", message, "", tree.clue(element, *_role_text(element)))
    if role.owns and element.attributes.get("aria-busy") != "true" and element not in tree.untold:
        owned = list(_owned(tree, element, role.owns))
        odd = [
            child
            for child in owned
            if child not in role.owns and name not in ROLES.get(child, Role()).parents
        ]
        fitting = any(child in role.owns for child in owned)
        if odd or (not fitting and tree.content(element)):
            message = (
                f"The role «{name}» wants these inside it, and nothing else: {', '.join(sorted(role.owns))}."
            )
            yield Fault("KB130", message, "", tree.clue(element, *_role_text(element)))


def _lacks(tree: Tree, element: Element, role: str, attribute: str) -> bool:
    if element.attributes.get(attribute, "").strip():
        return False
    tag = element.tag
    if attribute == "aria-checked":
        return not (tag == "input" and element.get("type") in ("checkbox", "radio"))
    if attribute == "aria-level":
        return tag not in ("h1", "h2", "h3", "h4", "h5", "h6")
    if attribute == "aria-controls":
        return element.attributes.get("aria-expanded") == "true"
    if role == "separator":
        return tree.is_focusable(element)
    return tag not in _NAMED_INPUTS


def _stands_in(tree: Tree, element: Element, wanted: frozenset[str]) -> bool:
    """Whether the closest thing with a meaning around an element is one of those that are wanted."""
    identity = element.get("id")
    if identity and any(
        identity in owner.attributes["aria-owns"].split() for owner in tree.page.having("aria-owns")
    ):
        return True
    for above in element.ancestors:
        role = tree.role(above)
        if role in _SELF or (role == "group" and role in wanted):
            continue
        return role in wanted
    return False


def _owned(tree: Tree, element: Element, wanted: frozenset[str]) -> Iterator[str]:
    """The roles of what is inside an element, those of layout left out."""
    waiting = [*element.children]
    while waiting:
        child = waiting.pop()
        role = tree.role(child)
        layout = role in _SELF and not _is_telling(tree, child)
        if child in tree.untold:
            continue
        if layout or (role in ("group", "rowgroup") and role in wanted):
            waiting += child.children
        else:
            yield role
    for word in (element.attributes.get("aria-owns") or "").split():
        yield from map(tree.role, tree.page.ids.get(word, ())[:1])


def _is_telling(tree: Tree, element: Element) -> bool:
    return tree.is_focusable(element) or any(name in GLOBAL for name in element.attributes)


def _attribute(tree: Tree, element: Element, name: str) -> Iterator[Fault]:
    """Faults of one attribute of an element."""
    value = element.attributes[name]
    attribute = ATTRIBUTES.get(name)
    if attribute is None:
        message = f"«{name[:40]}» is not an attribute of WAI-ARIA."
        yield Fault("KB130", message, "", tree.clue(element, name))
        return
    if attribute.kind in (Kind.REFERENCE, Kind.REFERENCES):
        if name != "aria-controls" or element.attributes.get("aria-expanded") != "false":
            yield from _references(tree, element, name, value.split())
    elif not is_valid(attribute, value):
        message = f"«{value[:30]}» is not a value of {name}."
        yield Fault("KB130", message, "", tree.clue(element, f'{name}="{value}"'))
    lacking = _BRAILLE.get(name)
    if lacking and not (element.get(lacking) if lacking in GLOBAL else tree.name(element)):
        message = f"{name} changes how something is written in braille, but there is no {lacking}."
        yield Fault("KB130", message, "", tree.clue(element, name))
    if name not in GLOBAL or name in _NAMES or attribute.deprecated:
        yield from _fits(tree, element, name, attribute)


@lru_cache(maxsize=1000)
def is_valid(attribute: Attribute, value: str) -> bool:
    """Whether an attribute may have a value."""
    plain = value.strip()
    if not plain:
        return attribute.empty or attribute.kind is not Kind.TEXT
    if attribute.kind is Kind.BOOLEAN:
        return plain.lower() in ("true", "false")
    if attribute.kind is Kind.TOKEN:
        return plain.lower() in attribute.values
    if attribute.kind is Kind.TOKENS:
        return attribute.values.issuperset(plain.lower().split())
    number = _NUMBER.get(attribute.kind)
    if number is None:
        return True
    return bool(number.fullmatch(plain)) and (attribute.least is None or float(plain) >= attribute.least)


def _fits(tree: Tree, element: Element, name: str, attribute: Attribute) -> Iterator[Fault]:
    """Faults of an attribute on an element whose role does not know it."""
    if "-" in element.tag or element in tree.untold:
        return
    message, mend = _misfit(tree, element, name, attribute)
    if message:
        yield Fault("KB130", message, mend, tree.clue(element, f'{name}="{element.attributes[name]}"', name))


def _misfit(tree: Tree, element: Element, name: str, attribute: Attribute) -> tuple[str, str]:
    """What is wrong with an attribute on an element, and what to do; nothing where it is right."""
    role = tree.role(element)
    kind = role if role not in _SELF else element.tag
    if attribute.deprecated:
        return f"{name} should not be used any more.", ""
    if name in _NAMES:
        known = ROLES.get(role)
        if (known is None or not known.nameless or role in _LAYOUT) and role != "generic":
            return "", ""
        message = f"«{kind}» cannot have a name: most screen readers leave «{name}» out."
        return message, "Give it a role, or write the words where all see them."
    if role not in ROLES or name not in ROLES[role].supports:
        unsure = not role and element.tag in _WITHOUT_ROLE
        return ("", "") if unsure else (f"{name} means nothing on «{kind}».", "Take it away.")
    if name == "aria-checked" and element.tag == "input":
        return "aria-checked means nothing where the browser knows what is checked.", "Take it away."
    if role == "row" and name in _ROW and not _in_treegrid(element):
        return f"{name} means nothing on a row outside a treegrid.", "Take it away."
    return "", ""


def _in_treegrid(element: Element) -> bool:
    return any(above.get("role") == "treegrid" for above in element.ancestors)


def _references(tree: Tree, element: Element, name: str, wanted: list[str]) -> Iterator[Fault]:
    """Faults of an attribute that names ids."""
    for identity in wanted:
        if identity and identity not in tree.page.ids:
            message = f"{name} names the id «{identity[:40]}», which is not in the page."
            clue = tree.clue(element, f'{name}="{element.attributes[name]}"', f"{name}=")
            yield Fault("KB130", message, "Mend the name, or take it away.", clue)
