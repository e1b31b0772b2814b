"""Every check and every rule, by what they are about.

Ranges of codes: KB10x–KB11x links · KB12x–KB14x pages · KB15x–KB16x privacy · KB17x dialogue ·
KB18x–KB19x site. A code is never given a second meaning and never reused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from kommunebeta.check import accessibility, links
from kommunebeta.check.finding import Fault, Group, Rule
from kommunebeta.check.page import Page
from kommunebeta.check.state import Surroundings, Whole

PageCheck = Callable[[Page, Surroundings], Iterable[Fault]]
"""Looks at one page."""

FileCheck = Callable[[str, bytes, Surroundings], Iterable[Fault]]
"""Looks at one other output: its path and what it holds."""

SiteCheck = Callable[[Whole], Iterable[Fault]]
"""Looks at the whole site, when all its outputs have been read."""


@dataclass(frozen=True, slots=True)
class Checks:
    """The checks of one group, and the rules that they hold a site to.

    Attributes:
        rules: by code, in order.
        pages: checks of pages; those at old addresses, which lead on at once, are left out.
        files: checks of other outputs.
        site: checks of the whole.
    """

    rules: Mapping[str, Rule]
    pages: tuple[PageCheck, ...] = ()
    files: tuple[FileCheck, ...] = ()
    site: tuple[SiteCheck, ...] = ()


CHECKS: Mapping[Group, Checks] = {
    Group.LINKS: Checks(links.RULES, site=(links.broken_anchors,)),
    Group.PAGES: Checks(
        accessibility.RULES, pages=(accessibility.barriers,), site=(accessibility.same_titles,)
    ),
    Group.PRIVACY: Checks({}),
    Group.DIALOGUE: Checks({}),
    Group.SITE: Checks({}),
}
"""What is checked."""

RULES: Mapping[str, Rule] = {code: rule for checks in CHECKS.values() for code, rule in checks.rules.items()}
"""Every rule of the checks by its code."""

_OF_BUILD: Mapping[Group, frozenset[str]] = {
    Group.LINKS: frozenset(("KB030", "KB031", "KB032", "KB038")),
    Group.PAGES: frozenset(("KB035", "KB072", "KB073", "KB074")),
    Group.PRIVACY: frozenset(("KB034", "KB081", "KB090", "KB094")),
    Group.DIALOGUE: frozenset(("KB082", "KB083", "KB084", "KB085", "KB086", "KB088", "KB092")),
    Group.SITE: frozenset(("KB087", "KB093")),
}
"""What the codes of a build are about, where that is not the build itself."""


def group_of(code: str) -> Group:
    """What a code is about, be it of a check or of a build."""
    for group, checks in CHECKS.items():
        if code in checks.rules:
            return group
    return next((group for group, codes in _OF_BUILD.items() if code in codes), Group.BUILD)
