"""Pictures, and what is said to those who do not see them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from kommunebeta.check.accessibility.tree import Tree
from kommunebeta.check.finding import Fault, Rule
from kommunebeta.check.page import Element
from kommunebeta.errors import Severity

RULES: Mapping[str, Rule] = {
    "KB123": Rule(
        "Picture without a text alternative",
        Severity.ERROR,
        "Those who cannot see the picture learn nothing of it; screen readers may read its file name aloud.",
        'Say in `alt` what the picture shows; write `alt=""` for one that only decorates.',
        ("WCAG 2.2, 1.1.1",),
        build="KB035",
    ),
}

_FILE_NAME = re.compile(
    r"\S+\.(?:jpe?g|png|gif|webp|avif|svg|tiff?|heic)|(?:img|dsc|dscn|pict?|image)[_-]?\d{2,}", re.I
)
_SILENT = ("none", "presentation")
_PICTURES = frozenset(("img", "image", "graphics-document", "graphics-symbol"))


def pictures(tree: Tree) -> Iterator[Fault]:
    """KB123: pictures of every kind without a text alternative, and with one that says nothing."""
    page = tree.page
    for element in page.all("img"):
        yield from _picture(tree, element)
    for element in page.all("area"):
        if "href" in element.attributes:
            yield from _missing(tree, element, "link in a picture")
    for element in page.all("input"):
        if element.attributes.get("type") == "image" and not (element.get("alt") or "").strip():
            yield from _missing(tree, element, "picture that is a button")
    for element in page.all("object"):
        yield from _missing(tree, element, "object")
    for element in page.having("role"):
        if element.tag != "img" and tree.role(element) in _PICTURES:
            yield from _missing(tree, element, "drawing" if element.tag == "svg" else "picture")


def _picture(tree: Tree, element: Element) -> Iterator[Fault]:
    """Faults of one ``img``."""
    alt = element.attributes.get("alt")
    if alt is None or (alt and not alt.strip()):
        yield from _missing(tree, element, "picture")
    elif alt and _FILE_NAME.fullmatch(alt.strip()) and element not in tree.untold:
        message = f"The text alternative «{alt[:60]}» is a file name."
        yield Fault("KB123", message, "", tree.clue(element), Severity.WARNING)
    elif alt:
        yield from _said_twice(tree, element, alt)
    if "ismap" in element.attributes and element.inside("a") is not None:
        message = "What is chosen in the picture depends on where it is clicked, on the server."
        yield Fault("KB123", message, "Use links, or `<map>`.", tree.clue(element))


def _missing(tree: Tree, element: Element, kind: str) -> Iterator[Fault]:
    """A fault, if a picture has no name and is not marked as decoration."""
    role = (element.get("role") or "").strip().lower()
    named = tree.label_of(element) or (element.get("title") or "").strip()
    if not named and element.tag != "img":
        named = tree.name(element)
    if named or role in _SILENT or element in tree.untold:
        return
    address = element.get("src") or element.get("data") or element.get("href") or ""
    which = f"{kind} {address.split('?')[0][-60:]}" if address and not address.startswith("data:") else kind
    clue = tree.clue(element) if address else tree.clue(element, f"<{element.tag}")
    yield Fault("KB123", f"The {which} has no text alternative.", "", clue)


def _said_twice(tree: Tree, element: Element, alt: str) -> Iterator[Fault]:
    """A fault, if a link or button says the same beside its picture."""
    control = element.inside("a", "button")
    if control is None or element in tree.untold:
        return
    words = control.text
    if words and words.casefold() == " ".join(alt.split()).casefold():
        message = f"«{alt[:60]}» is said twice: by the picture and beside it."
        yield Fault("KB123", message, 'Write `alt=""`.', tree.clue(element), Severity.NOTE)
