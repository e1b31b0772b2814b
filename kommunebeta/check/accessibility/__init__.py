"""Barriers that can be seen in a page without a browser: WCAG 2.2, HTML and WAI-ARIA.

What needs a browser, such as contrast over pictures, the order of the keyboard and what scripts do, is left
to axe-core; docs/check.md says of each of its rules who looks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from kommunebeta.check.accessibility import (
    aria,
    controls,
    document,
    focus,
    forms,
    headings,
    landmarks,
    link_texts,
    lists,
    media,
    pictures,
    tables,
)
from kommunebeta.check.accessibility.document import same_titles
from kommunebeta.check.accessibility.tree import Tree
from kommunebeta.check.finding import Fault, Rule
from kommunebeta.check.noted import NotedSurroundings
from kommunebeta.check.page import Page
from kommunebeta.dialogue.personal import personal_data

__all__ = ["RULES", "barriers", "found_in", "same_titles", "without_personal_data"]

_PARTS = (
    document,
    headings,
    pictures,
    forms,
    controls,
    link_texts,
    tables,
    aria,
    lists,
    media,
    focus,
    landmarks,
)

RULES: Mapping[str, Rule] = dict(sorted(item for part in _PARTS for item in part.RULES.items()))

_CHECKS: tuple[Callable[[Tree], Iterable[Fault]], ...] = (
    document.language,
    document.title,
    headings.headings,
    headings.fake_headings,
    pictures.pictures,
    forms.labels,
    forms.autocomplete,
    controls.names,
    controls.frames,
    link_texts.link_texts,
    tables.tables,
    aria.ids,
    aria.aria,
    lists.lists,
    media.by_themselves,
    media.spoken,
    focus.focus,
    landmarks.landmarks,
)


def barriers(page: Page, surroundings: NotedSurroundings) -> Iterator[Fault]:
    """Everything in a page that stands in somebody's way."""
    own = surroundings.source(page.path).startswith("static/")
    for fault in found_in(Tree(page, is_own_source=own)):
        yield replace(fault, message=without_personal_data(fault.message))


def without_personal_data(message: str) -> str:
    """A message without the addresses and numbers of people that stand in the words it repeats."""
    for found in personal_data(message):
        message = message.replace(found.text, "…")
    return message


def found_in(tree: Tree) -> Iterator[Fault]:
    """Everything that stands in somebody's way, by the accessibility tree of a page."""
    for look in _CHECKS:
        yield from look(tree)
