"""Landmarks: the parts of a page that a screen reader can leap to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from kommunebeta.check.accessibility.tree import Tree
from kommunebeta.check.finding import Clue, Fault, Rule
from kommunebeta.check.page import Element
from kommunebeta.errors import Severity

RULES: Mapping[str, Rule] = {
    "KB135": Rule(
        "Landmarks missing or alike",
        Severity.WARNING,
        "People who use a screen reader or a keyboard leap to a part of the page; where its main part is not "
        "marked, or two parts are called the same, they must listen to everything.",
        "Put the content into one `<main>`, and name parts of the same kind with `aria-label`.",
        ("WCAG 2.2, 1.3.1", "WCAG 2.2, 2.4.1"),
    ),
}

_TAGS = ("main", "nav", "aside", "header", "footer", "search", "section", "form")
_LANDMARKS = {
    "banner": "header",
    "complementary": "aside",
    "contentinfo": "footer",
    "form": "form",
    "main": "main part",
    "navigation": "navigation",
    "region": "section",
    "search": "search",
}
_SINGLE = ("main", "banner", "contentinfo")
_TOLD_ALONE = frozenset(("alert", "alertdialog", "button", "dialog", "log", "status", "application"))
_UNTOLD = frozenset(("script", "style", "template", "noscript", "iframe", "link", "meta", "datalist"))
_MOST_PIECES = 40
_FEW = 3


def landmarks(tree: Tree) -> Iterator[Fault]:
    """KB135: the landmarks of a page."""
    page = tree.page
    if not page.is_document:
        return
    found: dict[str, list[Element]] = defaultdict(list)
    for element in tree.told(dict.fromkeys((*page.all(*_TAGS), *page.having("role")))):
        role = landmark(tree, element)
        if role:
            found[role].append(element)
    if not found["main"]:
        clue = Clue("body", ("<body",), body=False)
        yield Fault("KB135", "The page has no main part.", "Put its content into `<main>`.", clue)
    for role, elements in found.items():
        yield from _alike(tree, role, elements)
        if role in _SINGLE:
            yield from _single(tree, role, elements)
    yield from _outside(tree)
    yield from _no_skip_link(tree, found["main"])


def landmark(tree: Tree, element: Element) -> str:
    """The landmark that an element is; empty where it is none."""
    role = tree.role(element)
    if role not in _LANDMARKS:
        return ""
    if role == "form" and not tree.label_of(element) and not element.get("title"):
        return ""
    return role


def _alike(tree: Tree, role: str, elements: list[Element]) -> Iterator[Fault]:
    if len(elements) < 2 or role in _SINGLE:
        return
    seen: set[str] = set()
    for element in elements:
        name = (tree.label_of(element) or element.get("title") or "").casefold()
        if name in seen:
            called = f"called «{name[:40]}»" if name else "without a name"
            message = f"Several landmarks of the kind {_LANDMARKS[role]} are {called}."
            mend = "Give each an `aria-label` of its own."
            yield Fault("KB135", message, mend, tree.clue(element, *_looked_for(element)))
        seen.add(name)


def _single(tree: Tree, role: str, elements: list[Element]) -> Iterator[Fault]:
    what = _LANDMARKS[role]
    for element in elements[1:]:
        message = f"The page has more than one {what}."
        yield Fault("KB135", message, "Let there be one.", tree.clue(element, *_looked_for(element)))
    for element in elements:
        around = next((above for above in element.ancestors if landmark(tree, above)), None)
        if around is not None:
            outer = _LANDMARKS[landmark(tree, around)]
            message = f"The {what} of the page stands inside a landmark of the kind {outer}."
            yield Fault(
                "KB135",
                message,
                "Let it stand directly in `<body>`.",
                tree.clue(element, *_looked_for(element)),
            )


def _looked_for(element: Element) -> list[str]:
    label = element.get("aria-label") or ""
    role = element.get("role")
    found = [f'aria-label="{label}"'] if label else []
    return [*found, f'<{element.tag} role="{role}"' if role else f"<{element.tag}"]


def _outside(tree: Tree) -> Iterator[Fault]:
    """The first content that stands in no landmark."""
    waiting = tree.page.all("body")
    left = _MOST_PIECES
    while waiting and left:
        element = waiting.pop()
        left -= 1
        if _is_let_be(tree, element):
            continue
        if element.own_text or element.tag in ("img", "svg", "input", "video", "audio", "object"):
            words = tree.content(element) or element.tag
            message = f"«{words[:60]}» stands outside every landmark."
            yield Fault(
                "KB135",
                message,
                "Move it into `<main>`, or where it belongs.",
                tree.clue(element),
                Severity.NOTE,
            )
            return
        waiting += reversed(element.children)


def _is_let_be(tree: Tree, element: Element) -> bool:
    if element.tag in _UNTOLD or landmark(tree, element) or element in tree.untold:
        return True
    role = tree.role(element)
    live = element.get("aria-live") in ("polite", "assertive")
    return live or role in _TOLD_ALONE or (element.tag == "a" and (element.get("href") or "").startswith("#"))


def _no_skip_link(tree: Tree, mains: list[Element]) -> Iterator[Fault]:
    """A note, where there are links in front of the main part, but none that leads past them."""
    before = 0
    for link in tree.page.all("a") if mains else ():
        target = link.attributes.get("href")
        if target is None:
            continue
        if target[:1] == "#" or mains[0] in link.ancestors:
            return
        before += link.inside("header", "nav") is not None and link.inside("footer") is None
        if before > _FEW:
            message = "No link leads past the menu to the main part."
            mend = "Let the first link of the page lead to `<main>`."
            yield Fault("KB135", message, mend, Clue("body", ("<body",), body=False), Severity.NOTE)
            return
