"""Form controls: what they are called, and what a browser may fill in for people."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from kommunebeta.check.accessibility.aria_tables import names_in
from kommunebeta.check.accessibility.tree import Tree
from kommunebeta.check.finding import Fault, Rule
from kommunebeta.check.page import Element
from kommunebeta.errors import Severity

RULES: Mapping[str, Rule] = {
    "KB124": Rule(
        "Form control without a label",
        Severity.ERROR,
        "People who use a screen reader do not learn what to write, and those who speak to their machine "
        "cannot say where; a placeholder is gone as soon as somebody writes.",
        'Write a `<label for="…">` with the `id` of the control; put radio buttons that belong together into '
        "a `<fieldset>` with a `<legend>`.",
        ("WCAG 2.2, 1.3.1", "WCAG 2.2, 3.3.2", "WCAG 2.2, 4.1.2"),
    ),
    "KB131": Rule(
        "Autocomplete missing or not valid",
        Severity.WARNING,
        "People who find it hard to write or to remember let the browser fill in their name and address.",
        "Write in `autocomplete` what is asked for, such as `name`, `email` or `tel`.",
        ("WCAG 2.2, 1.3.5",),
    ),
}

_BUTTONS = ("submit", "reset", "button", "image", "hidden")
_ROLES = names_in(
    "checkbox combobox listbox menuitemcheckbox menuitemradio radio searchbox slider spinbutton "
    "switch textbox"
)

_FIELDS = names_in(
    "name honorific-prefix given-name additional-name family-name honorific-suffix nickname username "
    "new-password current-password one-time-code organization-title organization street-address "
    "address-line1 address-line2 address-line3 address-level4 address-level3 address-level2 "
    "address-level1 country country-name postal-code cc-name cc-given-name cc-additional-name "
    "cc-family-name cc-number cc-exp cc-exp-month cc-exp-year cc-csc cc-type transaction-currency "
    "transaction-amount language bday bday-day bday-month bday-year sex url photo"
)
_CONTACTS = names_in(
    "tel tel-country-code tel-national tel-area-code tel-local tel-local-prefix tel-local-suffix "
    "tel-extension email impp"
)
_PLACES = frozenset(("home", "work", "mobile", "fax", "pager"))
_WHOLE = frozenset(("on", "off"))
_ASKED = {"email": "e-mail address", "tel": "telephone number"}
_OWN = {
    "email": re.compile(r"(?:din[-_]?|your[-_]?)?(?:e[-_]?)?(?:post|mail)(?:adresse|[-_]?address)?", re.I),
    "tel": re.compile(
        r"(?:ditt?[-_]?|your[-_]?)?(?:tlf|tel|telefon|phone|mobile?)(?:n(?:umme)?r|[-_]?number)?", re.I
    ),
}
"""By type, names of fields in which people write how they themselves are reached."""


def labels(tree: Tree) -> Iterator[Fault]:
    """KB124: form controls without a label, with a poor one, or with several."""
    page = tree.page
    controls = [e for e in page.all("input") if (e.attributes.get("type") or "").lower() not in _BUTTONS]
    controls += page.all("select", "textarea")
    given = [e for e in page.having("role") if e not in controls and tree.role(e) in _ROLES]
    for element in tree.told((*controls, *given)):
        yield from _label(tree, element)
    if len(controls) > 1:
        yield from _radios(tree, controls)


def _label(tree: Tree, element: Element) -> Iterator[Fault]:
    attributes = element.attributes
    labels = tree.labels(element)
    what = _what(element)
    if len(labels) > 1 and not attributes.get("aria-labelledby"):
        message = f"The {what} has {len(labels)} labels; some programs tell only one."
        yield Fault("KB124", message, "Write all in one label.", tree.clue(element), Severity.WARNING)
    if tree.label_of(element) or any(tree.content(label) for label in labels):
        return
    role = (attributes.get("role") or "").strip()
    if role and tree.name(element) and not (attributes.get("title") or attributes.get("placeholder")):
        return
    if (attributes.get("title") or "").strip():
        message = f"The {what} has no label but its title, which only a mouse brings up."
        yield Fault("KB124", message, "", tree.clue(element), Severity.WARNING)
    elif (attributes.get("placeholder") or "").strip():
        message = f"The {what} has no label but its placeholder, which is gone as soon as somebody writes."
        yield Fault("KB124", message, "", tree.clue(element), Severity.WARNING)
    elif role not in ("none", "presentation") or tree.is_focusable(element):
        yield Fault("KB124", f"The {what} has no label.", "", tree.clue(element))


def _what(element: Element) -> str:
    kind = {"select": "choice", "textarea": "text field", "input": "field"}.get(
        element.tag, f"«{element.get('role')}»"
    )
    named = element.get("name") or element.get("id")
    return f"{kind} «{named[:40]}»" if named else kind


def _radios(tree: Tree, controls: list[Element]) -> Iterator[Fault]:
    """Radio buttons that belong together, but stand in no group with a name."""
    sets: dict[str, list[Element]] = defaultdict(list)
    for element in controls:
        if element.attributes.get("type") == "radio" and element.attributes.get("name"):
            sets[element.attributes["name"]].append(element)
    for name, members in sets.items():
        if len(members) > 1 and not any(_is_named_group(tree, above) for above in members[0].ancestors):
            message = f"The radio buttons «{name[:40]}» stand in no group with a name."
            yield Fault(
                "KB124",
                message,
                "Put them into a `<fieldset>` with a `<legend>`.",
                tree.clue(members[0]),
                Severity.WARNING,
            )


def _is_named_group(tree: Tree, element: Element) -> bool:
    grouping = element.tag == "fieldset" or element.get("role") in ("radiogroup", "group")
    return grouping and bool(tree.name(element))


def autocomplete(tree: Tree) -> Iterator[Fault]:
    """KB131: ``autocomplete`` with words that mean nothing, and fields that plainly want it."""
    page = tree.page
    for element in tree.told(page.having("autocomplete")):
        value = element.attributes["autocomplete"]
        if element.tag in ("input", "select", "textarea") and not is_autocomplete(value):
            message = f"«{value[:40]}» is not a value of autocomplete."
            yield Fault("KB131", message, "", tree.clue(element, f'autocomplete="{value}"', value))
    for element in page.all("input"):
        attributes = element.attributes
        wanted = _OWN.get(attributes.get("type") or "")
        if not wanted or "autocomplete" in attributes or "disabled" in attributes:
            continue
        if wanted.fullmatch(attributes.get("name") or "") and element not in tree.untold:
            kind = attributes["type"]
            asked = _ASKED[kind]
            message = f"The field «{attributes['name']}» does not say that it asks for one's own {asked}."
            yield Fault("KB131", message, f'Write `autocomplete="{kind}"`.', tree.clue(element))


def is_autocomplete(value: str) -> bool:
    """Whether a value may stand in ``autocomplete``.

    Source: HTML, 4.10.18.7.1, autofill detail tokens.
    """
    words = value.lower().split()
    if not words or (len(words) == 1 and words[0] in _WHOLE):
        return True
    if words[-1] == "webauthn":
        words.pop()
    if words and words[0].startswith("section-"):
        words.pop(0)
    if words and words[0] in ("shipping", "billing"):
        words.pop(0)
    if len(words) == 2 and words[0] in _PLACES:
        return words[1] in _CONTACTS
    return len(words) == 1 and words[0] in _FIELDS | _CONTACTS
