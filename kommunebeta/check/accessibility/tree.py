"""The accessibility tree of a page, as far as it stands in the page: what programs tell those who cannot see.

Styles and scripts are not known here. What they may show or hide is taken to be there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from selectolax.lexbor import LexborNode

from kommunebeta.check.accessibility.aria_tables import ROLES, names_in
from kommunebeta.check.accessibility.html_roles import implicit_role
from kommunebeta.check.finding import Clue
from kommunebeta.check.page import Element, Page

_TEXTLESS = frozenset(("script", "style", "template", "noscript"))
_UNTOLD = ("script", "style", "template")
_INLINE = names_in(
    "a abbr b bdi bdo cite code em font i kbd mark q s small span strong sub sup time u var wbr"
)
_PICTURES = frozenset(("img", "area"))
_LABELLED = frozenset(("input", "select", "textarea", "meter", "progress", "output", "button"))
_ALTERNATIVES = frozenset(("img", "area", "svg", "input"))
_CONTROLS = frozenset(("select", "textarea"))
_DEEPEST = 100
_MOST_DIGITS = 9
_CAPTIONS = {"fieldset": "legend", "figure": "figcaption", "table": "caption"}
_BUTTONS = {"submit": "Submit", "reset": "Reset"}
_PLAIN = frozenset(("a", "button", "summary", "h1", "h2", "h3", "h4", "h5", "h6"))
_NAMING = frozenset(("role", "id", "title", "aria-label", "aria-labelledby"))
_FOCUSABLE = frozenset(("button", "select", "textarea", "iframe", "summary"))


class Tree:
    """Roles and names of the elements of a page, each worked out once.

    Sources: HTML Accessibility API Mappings 1.0; Accessible Name and Description Computation 1.2.

    Attributes:
        page: the page.
        is_own_source: whether the page is its own source, as files in ``static/`` are.
    """

    def __init__(self, page: Page, *, is_own_source: bool = False) -> None:
        """Begin.

        Args:
            page: the page.
            is_own_source: whether the page is its own source.
        """
        self.page = page
        self.is_own_source = is_own_source
        self._names: dict[Element, str] = {}

    @cached_property
    def unseen(self) -> frozenset[Element]:
        """The elements that nobody is shown: what is inside ``hidden``, ``inert`` and closed dialogs, too."""
        roots = self.page.having("hidden", "inert")
        roots += [e for e in self.page.all("dialog") if "open" not in e.attributes]
        roots += [e for e in self.page.having("style") if _is_styled_away(e)]
        roots += [e for e in self.page.all("input") if e.get("type") == "hidden"]
        roots += self.page.all(*_UNTOLD)
        return _with_insides(roots)

    @cached_property
    def untold(self) -> frozenset[Element]:
        """The elements that assistive technology does not tell of."""
        silent = [e for e in self.page.having("aria-hidden") if _is_silent(e)]
        return self.unseen | _with_insides(silent) if silent else self.unseen

    def told(self, elements: Iterable[Element]) -> Iterator[Element]:
        """Those of some elements that assistive technology tells of."""
        untold = self.untold
        return (element for element in elements if element not in untold)

    def role(self, element: Element) -> str:
        """The role of an element; empty where it has none that HTML or the page gives it."""
        given = element.attributes.get("role")
        if given:
            for word in given.lower().split():
                if word in ROLES:
                    return word
        return implicit_role(element)

    def name(self, element: Element) -> str:
        """The accessible name of an element; empty where it has none."""
        found = self._names.get(element)
        if found is None:
            plain = element.tag in _PLAIN and not element.children and _NAMING.isdisjoint(element.attributes)
            found = self.content(element) if plain else self._named(element)
            self._names[element] = found
        return found

    def clue(self, element: Element, *texts: str) -> Clue:
        """What leads from an element to its line in the source.

        Args:
            element: the element.
            texts: what to look for where the page was made from something else; by default what the element
                tells.
        """
        if not self.is_own_source:
            return self.page.clue(element, *texts)
        nth = 1 + self.page.by_tag[element.tag].index(element)
        return Clue(element.tag, (f"<{element.tag}",), nth)

    def label_of(self, element: Element) -> str:
        """The words of ``aria-labelledby`` or ``aria-label``; empty where there are none."""
        attributes = element.attributes
        references = attributes.get("aria-labelledby")
        if references:
            said = " ".join(self._referred(reference) for reference in references.split())
            if said.strip():
                return said.strip()
        return " ".join((attributes.get("aria-label") or "").split())

    def labels(self, element: Element) -> list[Element]:
        """The ``label`` elements of a form control."""
        identity = element.get("id")
        found: list[Element] = []
        if identity and self.page.ids[identity][0] is element:
            found += self._labels.get(identity, ())
        around = element.inside("label")
        if around is not None and around.get("for") in (None, identity) and around not in found:
            found.append(around)
        return found

    @cached_property
    def _labels(self) -> dict[str, list[Element]]:
        found: dict[str, list[Element]] = {}
        for label in self.page.all("label"):
            target = label.get("for")
            if target:
                found.setdefault(target, []).append(label)
        return found

    def content(self, element: Element) -> str:
        """The words inside an element as they are told, with text alternatives, white space collapsed."""
        return self._content(element, follow=True)

    def _content(self, element: Element, *, follow: bool) -> str:
        if not element.children:
            return " ".join((element.node.text() or "").split())
        return " ".join("".join(self._pieces(element, follow, _DEEPEST)).split())

    def is_focusable(self, element: Element) -> bool:
        """Whether the keyboard or a click can bring the focus to an element."""
        attributes = element.attributes
        if "tabindex" in attributes:
            return whole_number(attributes["tabindex"].strip().removeprefix("-")) is not None
        if "disabled" in attributes:
            return False
        tag = element.tag
        if tag in ("a", "area"):
            return "href" in attributes
        if tag == "input":
            return attributes.get("type") != "hidden"
        return tag in _FOCUSABLE or (tag in ("audio", "video") and "controls" in attributes)

    def _named(self, element: Element) -> str:
        label = self.label_of(element)
        if label:
            return label
        native = self._native(element)
        if native is not None and native.strip():
            return native.strip()
        if native is None and self._is_named_by_content(element):
            content = self.content(element)
            if content:
                return content
        title = element.attributes.get("title") or element.attributes.get("placeholder") or ""
        return " ".join(title.split())

    def _native(self, element: Element) -> str | None:
        """The name that HTML gives an element of its kind; None for one that is named by its content."""
        tag, attributes = element.tag, element.attributes
        if tag in _PICTURES or tag == "svg":
            return _alternative(element)
        if tag == "input" and attributes.get("type") in ("submit", "reset", "button"):
            return attributes.get("value") or _BUTTONS.get(attributes["type"], "")
        if tag == "input" and attributes.get("type") == "image":
            return attributes.get("alt") or attributes.get("value") or self._labelled(element)
        if tag in _LABELLED:
            label = self._labelled(element)
            return None if tag in ("button", "output") and not label else label
        caption = _CAPTIONS.get(tag)
        if caption:
            child = next((child for child in element.children if child.tag == caption), None)
            return self.content(child) if child is not None else ""
        return None

    def _labelled(self, element: Element) -> str:
        return " ".join(self.content(label) for label in self.labels(element))

    def _is_named_by_content(self, element: Element) -> bool:
        if element.tag in ("summary", "label", "legend", "caption"):
            return True
        role = ROLES.get(self.role(element))
        return role is not None and role.from_content

    def _referred(self, identity: str) -> str:
        """The words of the element with an id, which may be hidden; what it refers to is not followed."""
        target = next(iter(self.page.ids.get(identity, ())), None)
        if target is None:
            return ""
        own = target.attributes.get("aria-label") or _alternative(target)
        return own or self._content(target, follow=False) or target.text

    def _pieces(self, element: Element, follow: bool, deep: int) -> Iterator[str]:
        """The words inside an element, bit by bit."""
        if not deep:
            yield element.node.text() or ""
            return
        children = iter(element.children)
        node: LexborNode | None = element.node.first_child
        while node is not None:
            if node.is_text_node:
                yield node.text_content or ""
            elif node.is_element_node:
                yield from self._piece(next(children), follow, deep - 1)
            node = node.next

    def _piece(self, child: Element, follow: bool, deep: int) -> Iterator[str]:
        if child in self.untold or child.tag in _TEXTLESS:
            return
        if child.tag not in _INLINE:
            yield " "
        label = self.label_of(child) if follow else child.attributes.get("aria-label")
        if label:
            yield label
        elif child.tag in _ALTERNATIVES:
            yield _alternative(child) or child.attributes.get("title") or ""
        elif child.tag not in _CONTROLS:
            yield from self._pieces(child, follow, deep)
        if child.tag not in _INLINE:
            yield " "


def whole_number(text: str) -> int | None:
    """The number that some digits stand for; None for anything else, and for more digits than make sense."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < _MOST_DIGITS else None


def is_of_citizens(element: Element) -> bool:
    """Whether words are those of a citizen, which nobody else is to mend."""
    return "ugc" in (element.get("rel") or "") or any(
        "contribution-text" in (above.get("class") or "") for above in element.ancestors
    )


def _alternative(element: Element) -> str:
    """What stands for a picture or a button of its own kind; empty for anything else."""
    attributes = element.attributes
    if element.tag in _PICTURES:
        return attributes.get("alt") or ""
    if element.tag == "svg":
        return next((child.text for child in element.children if child.tag == "title"), "")
    if element.tag == "input" and attributes.get("type") in ("submit", "reset", "button", "image"):
        return attributes.get("alt") or attributes.get("value") or ""
    return ""


def _is_silent(element: Element) -> bool:
    """Whether assistive technology passes an element over; browsers see to it that this is never all."""
    return element.attributes["aria-hidden"] == "true" and element.tag not in ("html", "body")


def _is_styled_away(element: Element) -> bool:
    style = (element.get("style") or "").replace(" ", "").lower()
    return "display:none" in style or "visibility:hidden" in style


def _with_insides(roots: Iterable[Element]) -> frozenset[Element]:
    found: set[Element] = set()
    for root in roots:
        if root not in found:
            found.add(root)
            if root.children:
                found.update(root.descendants)
    return frozenset(found)
