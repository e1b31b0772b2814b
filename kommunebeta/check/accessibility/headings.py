"""Headings, by which people find their way without seeing the page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from kommunebeta.check.accessibility.tree import Tree, is_of_citizens, whole_number
from kommunebeta.check.finding import Clue, Fault, Rule
from kommunebeta.check.page import Element
from kommunebeta.errors import Severity

RULES: Mapping[str, Rule] = {
    "KB122": Rule(
        "Headings that do not form an outline",
        Severity.WARNING,
        "People who use a screen reader leap from heading to heading; where one is empty or a level is "
        "missing, they believe that they have missed something.",
        "Give the page one `h1`, let no level be skipped on the way down, and write words in each heading.",
        ("WCAG 2.2, 1.3.1", "WCAG 2.2, 2.4.6"),
    ),
    "KB137": Rule(
        "Text that only looks like a heading, or shouts",
        Severity.NOTE,
        "Screen readers leap past what is only bold, and words in capitals are hard to read for people with "
        "dyslexia.",
        "Make it a heading with `##`, or write it like other text.",
        ("WCAG 2.2, 1.3.1",),
    ),
}

_LEVELS = ("h1", "h2", "h3", "h4", "h5", "h6")
_LEVEL_TAGS = frozenset(_LEVELS)
_BOLD = ("strong", "b")
_SENTENCE_END = (".", "!", "?", ":", ";", ",", "…", "»", ")", "”", '"')
_LONGEST_HEADING = 70
_SHORTEST_SHOUT = 5
_SHOUT = re.compile(r"[^\W\d_]{2,}")


def headings(tree: Tree) -> Iterator[Fault]:
    """KB122: the outline of a page."""
    page = tree.page
    found = _headings(tree)
    last = 0
    for element, level in found:
        said = tree.name(element)
        if not said:
            yield Fault(
                "KB122",
                f"A heading of level {level} is empty.",
                "Write words in it, or take it away.",
                tree.clue(element, f"<{element.tag}"),
            )
        if last and level > last + 1:
            shown = _words(element)[:60]
            message = f"The heading «{shown}» is of level {level}, but the one before it of level {last}."
            yield Fault("KB122", message, f"Make it level {last + 1}.", tree.clue(element))
        last = level
    first = [element for element, level in found if level == 1]
    if not page.is_document:
        return
    if not first:
        yield Fault(
            "KB122",
            "The page has no heading of level 1.",
            "Let its title be an `h1`.",
            Clue("main", ("<main", "<body")),
        )
    for element in first[1:]:
        message = f"«{_words(element)[:60]}» is one more heading of level 1."
        yield Fault("KB122", message, "Make it level 2.", tree.clue(element), Severity.NOTE)


def _headings(tree: Tree) -> list[tuple[Element, int]]:
    """The headings of a page with their levels, in document order."""
    page = tree.page
    given = [element for element in page.having("role") if tree.role(element) == "heading"]
    native = [element for element in page.all(*_LEVELS) if "role" not in element.attributes]
    found = [*tree.told(dict.fromkeys((*native, *given)))]
    wanted = set(found)
    ordered = (e for e in page.elements if (e.tag in _LEVEL_TAGS or "role" in e.attributes) and e in wanted)
    return [(element, _level(element)) for element in ordered]


def _words(element: Element) -> str:
    """The words of a heading as a writer knows it, without the link to itself that the theme puts there."""
    text = element.text
    for child in element.children:
        if child.tag == "a" and child.get("href") == f"#{element.get('id')}":
            text = text.removesuffix(child.text)
    return text.strip()


def _level(element: Element) -> int:
    given = whole_number(element.get("aria-level") or "")
    if given is not None:
        return given
    return int(element.tag[1]) if element.tag in _LEVELS else 2


def fake_headings(tree: Tree) -> Iterator[Fault]:
    """KB137: bold paragraphs in front of text, and words in capitals."""
    page = tree.page
    for element in tree.told(page.all("p")):
        if len(element.children) == 1 and element.children[0].tag in _BOLD and _heads(element):
            message = f"«{element.text[:60]}» looks like a heading, but is a bold paragraph."
            yield Fault("KB137", message, "Make it a heading with `##`.", tree.clue(element))
    for element in tree.told(page.all("p", "li", *_LEVELS)):
        words = _shouted(element)
        if words and not is_of_citizens(element):
            message = f"«{words[:60]}» is written in capitals."
            yield Fault("KB137", message, "Write it with small letters.", tree.clue(element))


def _heads(element: Element) -> bool:
    """Whether a bold paragraph stands like a heading: short, no sentence, text after it."""
    siblings = element.parent.children if element.parent else []
    after = siblings[siblings.index(element) + 1 :][:1]
    if element.inside("main") is None or not after or after[0].tag not in ("p", "ul", "ol"):
        return False
    if after[0].children[:1] and after[0].children[0].tag in _BOLD and not after[0].own_text:
        return False
    words = element.text
    return (
        words == element.children[0].text
        and 0 < len(words) <= _LONGEST_HEADING
        and not words.endswith(_SENTENCE_END)
        and not is_of_citizens(element)
        and element.inside("blockquote", "td", "th", "li", "figure", "figcaption", "aside", "dd") is None
        and not any(child.tag == "a" for child in element.children[0].children)
    )


def _shouted(element: Element) -> str:
    """The words directly in an element, if all of them are capitals and they are many."""
    if not (element.node.text(deep=False) or "").isupper():
        return ""
    words = element.own_text
    found = _SHOUT.findall(words)
    return words if len(found) >= _SHORTEST_SHOUT else ""
