"""Links, buttons, dialogs and frames: what can be done must have a name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from kommunebeta.check.accessibility.aria_tables import ROLES, names_in
from kommunebeta.check.accessibility.tree import Tree
from kommunebeta.check.finding import Fault, Rule
from kommunebeta.check.page import Element
from kommunebeta.errors import Severity

RULES: Mapping[str, Rule] = {
    "KB125": Rule(
        "Control without a name",
        Severity.ERROR,
        "A screen reader says only «link» or «button»: nobody learns what it does, and those who speak to "
        "their machine cannot ask for it.",
        "Write words in it, or a text alternative for its picture, or `aria-label`.",
        ("WCAG 2.2, 2.4.4", "WCAG 2.2, 2.5.3", "WCAG 2.2, 4.1.2"),
    ),
    "KB128": Rule(
        "Frame without a title",
        Severity.ERROR,
        "A screen reader says only «frame»: nobody learns whether it is worth entering.",
        "Write in `title` what the frame holds.",
        ("WCAG 2.2, 4.1.2",),
    ),
}

_NAMED_ELSEWHERE = names_in(
    "img image graphics-document graphics-symbol checkbox combobox listbox menuitemcheckbox "
    "menuitemradio radio searchbox slider spinbutton switch textbox application toolbar option"
)
_OTHERS = frozenset(("tab", "tooltip"))
_WORDS = re.compile(r"\w+")
_LETTERS = re.compile(r"[^\W\d_]{2}")


def names(tree: Tree) -> Iterator[Fault]:
    """KB125: links, buttons and other controls without a name, or with one that is not what is seen."""
    page = tree.page
    links = [element for element in page.all("a") if "href" in element.attributes]
    for element in (*links, *page.all("button", "summary")):
        if not tree.name(element):
            yield from _nameless(tree, element, {"a": "link"}.get(element.tag, element.tag))
    for element in page.all("input"):
        if element.attributes.get("type") in ("button", "submit", "reset") and not tree.name(element):
            yield from _nameless(tree, element, "button")
    for element in page.having("role"):
        role = tree.role(element)
        needs = role in _OTHERS or (role in ROLES and ROLES[role].named and role not in _NAMED_ELSEWHERE)
        if needs and element.tag not in ("a", "button", "summary", "input") and not tree.name(element):
            yield from _nameless(tree, element, role)
    for element in page.all("dialog"):
        if "role" not in element.attributes and not tree.name(element):
            yield from _nameless(tree, element, "dialog", Severity.WARNING)
    for element in page.having("aria-label"):
        if element.tag in ("a", "button"):
            yield from _other_words(tree, element)


def _nameless(tree: Tree, element: Element, kind: str, severity: Severity | None = None) -> Iterator[Fault]:
    """A fault, unless assistive technology does not tell of the element, or has nothing to tell."""
    role = (element.get("role") or "").strip()
    kind = role if role and role not in ("none", "presentation") else kind
    if element in tree.untold or (role in ("none", "presentation") and not tree.is_focusable(element)):
        return
    if element.tag == "summary" and (element.parent is None or element.parent.tag != "details"):
        return
    address = element.get("href")
    which = f"{kind} to {address[:60]}" if address else kind
    named = element.get("id") or element.get("name") or element.get("class")
    which += f" «{named[:40]}»" if named and not address else ""
    clue = tree.clue(element, *([f'href="{address}"', address] if address else _attributes(element)))
    yield Fault("KB125", f"The {which} has no name.", "", clue, severity)


def _attributes(element: Element) -> list[str]:
    """What to look for in the source of an element without words."""
    found = [f'{name}="{element.attributes[name]}"' for name in ("id", "name", "class") if element.get(name)]
    return [*found, f"<{element.tag}"]


def _other_words(tree: Tree, element: Element) -> Iterator[Fault]:
    """A fault, if what is seen in a control is not part of what it is called."""
    seen = element.own_text
    label = element.attributes["aria-label"]
    if (
        any(child.text for child in element.children)
        or not _LETTERS.search(seen)
        or "aria-labelledby" in element.attributes
    ):
        return
    shown, said = (" ".join(_WORDS.findall(text.casefold())) for text in (seen, label))
    if said and f" {shown} " not in f" {said} " and element not in tree.untold:
        message = f"«{seen[:60]}» is called «{label[:60]}», which does not hold the words that are seen."
        yield Fault(
            "KB125",
            message,
            "Take `aria-label` away, or begin it with the words that are seen.",
            tree.clue(element),
            Severity.WARNING,
        )


def frames(tree: Tree) -> Iterator[Fault]:
    """KB128: frames without a title, and several frames with the same one."""
    page = tree.page
    known: dict[str, str] = {}
    for element in tree.told(page.all("iframe", "frame")):
        address = element.get("src") or ""
        title = tree.label_of(element) or " ".join((element.get("title") or "").split())
        if not title:
            if element.get("role") not in ("none", "presentation"):
                which = f"frame {address[:60]}" if address else "frame"
                yield Fault("KB128", f"The {which} has no title.", "", tree.clue(element))
        elif known.setdefault(title.casefold(), address) != address:
            message = f"Several frames have the title «{title[:60]}»."
            yield Fault(
                "KB128", message, "Give each a title of its own.", tree.clue(element), Severity.WARNING
            )
