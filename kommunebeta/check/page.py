"""A page that was built, read once, as every check sees it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from kommunebeta.check.finding import Clue

_ADDRESSES = ("href", "src", "action", "data", "srcset", "poster", "content")
_DOCUMENT = re.compile(rb"<(?:html|head|body)[\s>]", re.IGNORECASE)
_TEXTLESS = frozenset(("script", "style", "template"))


class Element:
    """An element of a page.

    Attributes:
        tag: its name in lower case; that of SVG elements as the standard writes it.
        attributes: by name in lower case; an attribute without a value has the value ``""``.
        parent: the element around it; None for ``html``.
        children: the elements directly inside it, in order.
        node: the parser's own node.
    """

    __slots__ = ("attributes", "children", "node", "parent", "tag")

    def __init__(self, node: LexborNode, parent: Element | None) -> None:
        self.node = node
        self.tag: str = node.tag or ""
        given: dict[str, Any] = node.attributes
        if None in given.values():
            given = {name: value or "" for name, value in given.items()}
        self.attributes: dict[str, str] = given
        self.parent = parent
        self.children: list[Element] = []

    def get(self, name: str) -> str | None:
        """The value of an attribute; None where it has none of that name."""
        return self.attributes.get(name)

    @property
    def text(self) -> str:
        """The words inside it, those of scripts and styles left out, with white space collapsed."""
        return " ".join("".join(_texts(self.node)).split())

    @property
    def own_text(self) -> str:
        """The words directly inside it, with white space collapsed."""
        found = []
        child = self.node.first_child
        while child is not None:
            if child.is_text_node:
                found.append(child.text_content or "")
            child = child.next
        return " ".join("".join(found).split())

    @property
    def ancestors(self) -> Iterator[Element]:
        """The elements around it, from its parent to ``html``."""
        above = self.parent
        while above is not None:
            yield above
            above = above.parent

    @property
    def descendants(self) -> Iterator[Element]:
        """The elements inside it, in document order."""
        waiting = self.children[::-1]
        while waiting:
            element = waiting.pop()
            yield element
            waiting += element.children[::-1]

    def inside(self, *tags: str) -> Element | None:
        """The closest element around it of one of these names; None where there is none."""
        return next((above for above in self.ancestors if above.tag in tags), None)


class Page:
    """A page.

    Attributes:
        path: where it lies in the output folder, such as ``2026/05/x/index.html``.
        html: what it holds.
        elements: all of them, in document order.
        by_tag: those of each name, in document order.
        ids: those with an id, by id.
    """

    def __init__(self, path: str, html: bytes) -> None:
        """Read a page.

        Args:
            path: where it lies in the output folder.
            html: what it holds, in UTF-8.
        """
        self.path = path
        self.html = html
        self._tree = LexborHTMLParser(html)  # nodes live no longer than their tree
        self.elements = list(_read(self._tree.root))
        self.by_tag: dict[str, list[Element]] = defaultdict(list)
        self.ids: dict[str, list[Element]] = defaultdict(list)
        self._numbered: dict[str, dict[Element, int]] = {}
        for element in self.elements:
            self.by_tag[element.tag].append(element)
            identity = element.attributes.get("id")
            if identity:
                self.ids[identity].append(element)

    def close(self) -> None:
        """Let go of it. Elements know each other in circles, and nobody looks for these during a check."""
        for element in self.elements:
            element.children.clear()
        self.__dict__.clear()

    def all(self, *tags: str) -> list[Element]:
        """The elements of these names: of one name, or of each in turn, in document order."""
        return [element for tag in tags for element in self.by_tag.get(tag, ())]

    @cached_property
    def by_attribute(self) -> dict[str, list[Element]]:
        """The elements that have an attribute of each name, in document order."""
        found: dict[str, list[Element]] = defaultdict(list)
        for element in self.elements:
            for name in element.attributes:
                found[name].append(element)
        return found

    def having(self, *names: str) -> list[Element]:
        """The elements that have an attribute: of one name, or of each in turn, in document order."""
        return [element for name in names for element in self.by_attribute.get(name, ())]

    def first(self, tag: str) -> Element | None:
        """The first element of a name; None where there is none."""
        return next(iter(self.by_tag.get(tag, ())), None)

    def clue(self, element: Element, *texts: str) -> Clue:
        """What leads from an element to the line of the source that it comes from.

        Args:
            element: the element.
            texts: what to look for, the most telling first; by default what the element itself tells.
        """
        nth = 1 if texts else self._numbers(element.tag)[element]
        return Clue(element.tag, texts or _telling(element), nth, element.inside("main") is not None)

    def _numbers(self, tag: str) -> dict[Element, int]:
        """Which one each element of a name is among those that tell the same, worked out once."""
        if tag not in self._numbered:
            seen: Counter[tuple[str, ...]] = Counter()
            self._numbered[tag] = {}
            for element in self.by_tag[tag]:
                first = _telling(element)[:1]
                seen[first] += 1
                self._numbered[tag][element] = seen[first]
        return self._numbered[tag]

    @property
    def lang(self) -> str:
        """The page's language, as ``html`` says it."""
        html = self.first("html")
        return (html and html.get("lang")) or ""

    @cached_property
    def is_document(self) -> bool:
        """Whether it is a page of its own, not a piece of one or a file that proves who owns the site."""
        return _DOCUMENT.search(self.html) is not None

    @property
    def title(self) -> str:
        """The page's title; empty where it has none."""
        found = (element.text for element in self.by_tag.get("title", ()) if not element.inside("svg"))
        return next(filter(None, found), "")

    @property
    def leads_on(self) -> str | None:
        """Where a page at an old address sends its readers at once; None for any other page."""
        for meta in self.by_tag.get("meta", ()):
            if (meta.get("http-equiv") or "").lower() == "refresh":
                seconds, _, rest = (meta.get("content") or "").partition(";")
                name, _, address = rest.strip().partition("=")
                if seconds.strip() == "0" and name.strip().lower() == "url":
                    return address.strip().strip("'\"")
        return None


def _texts(root: LexborNode) -> Iterator[str]:
    """The words inside a node, bit by bit; without recursion, for pages may be nested deeply."""
    waiting = [root.first_child]
    while waiting:
        node = waiting.pop()
        if node is None:
            continue
        waiting.append(node.next)
        if node.is_text_node:
            yield node.text_content or ""
        elif node.tag not in _TEXTLESS:
            waiting.append(node.first_child)


def _telling(element: Element) -> tuple[str, ...]:
    """What an element says in its source, too, the most telling first."""
    given = element.attributes
    addresses = [given[name] for name in _ADDRESSES if given.get(name)]
    named = [given[name] for name in ("alt", "aria-label", "title", "name", "id") if given.get(name)]
    if element.tag in ("img", "input", "iframe", "source"):
        return (*named[:1], *addresses, *named[1:])
    text = element.text[:200]
    return tuple(filter(None, [text, *addresses, *named]))


def _read(root: LexborNode | None) -> Iterator[Element]:
    """The elements of a tree, each joined to its parent."""
    known: dict[Any, Element] = {}
    if root is None:
        return
    for node in root.traverse(include_text=False):
        if not node.is_element_node:
            continue
        above = node.parent
        parent = known.get(above.mem_id) if above is not None else None
        element = Element(node, parent)
        if parent is not None:
            parent.children.append(element)
        known[node.mem_id] = element
        yield element
