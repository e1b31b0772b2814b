"""Every check and every rule, by what they are about.

Ranges of codes: KB10x–KB11x links · KB12x–KB14x pages · KB15x–KB16x privacy · KB17x dialogue ·
KB18x–KB19x site. A code is never given a second meaning and never reused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from kommunebeta.check import (
    accessibility,
    contrast,
    dialogue,
    editorial,
    external,
    feeds,
    idle,
    links,
    markup,
    privacy,
    redirects,
    site,
    theme,
    unused,
    weight,
    wording,
)
from kommunebeta.check.finding import Fault, Group, Rule
from kommunebeta.check.noted import NotedSurroundings
from kommunebeta.check.page import Page
from kommunebeta.check.state import Whole

PageCheck = Callable[[Page, NotedSurroundings], Iterable[Fault]]
"""Looks at one page."""

FileCheck = Callable[[str, bytes, NotedSurroundings], Iterable[Fault]]
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
    Group.LINKS: Checks(
        {**links.RULES, **external.RULES},
        pages=(external.links_inside,),
        site=(
            links.broken_anchors,
            links.links_to_old_pages,
            feeds.hidden_pages_in_sitemaps,
            feeds.one_sided_alternates,
            redirects.redirects,
        ),
    ),
    Group.PAGES: Checks(
        {
            **accessibility.RULES,
            **markup.RULES,
            **editorial.RULES,
            **weight.RULES,
            **wording.RULES,
            **contrast.RULES,
        },
        pages=(
            accessibility.barriers,
            markup.markup,
            editorial.summaries_and_titles,
            weight.heavy_pictures,
            weight.heavy_page,
            wording.plain_language,
        ),
        site=(accessibility.same_titles, contrast.faint_colors),
    ),
    Group.PRIVACY: Checks(privacy.RULES, pages=privacy.PAGES, files=privacy.FILES),
    Group.DIALOGUE: Checks(
        dialogue.RULES,
        site=(
            dialogue.late_answers,
            dialogue.missing_outcomes,
            dialogue.links_to_closed_forms,
            dialogue.open_forms_of_closed_calls,
            dialogue.people_without_a_role,
            dialogue.answers_by_former_people,
            dialogue.old_statement,
        ),
    ),
    Group.SITE: Checks(
        {**site.RULES, **theme.RULES, **unused.RULES, **idle.RULES},
        site=(
            site.missing_pages,
            site.unlinked_statements,
            site.links_to_unpublished,
            site.soon_expired,
            site.orphans,
            site.addresses_to_fill_in,
            theme.broken_contracts,
            unused.unused_files,
            idle.idle_settings,
            partial(idle.unknown_levels, known=lambda: RULES),
        ),
    ),
}
"""What is checked."""

RULES: Mapping[str, Rule] = {code: rule for checks in CHECKS.values() for code, rule in checks.rules.items()}
"""Every rule of the checks by its code."""

_OF_BUILD: Mapping[Group, frozenset[str]] = {
    Group.LINKS: frozenset(("KB030", "KB031", "KB032", "KB038")),
    Group.PAGES: frozenset(("KB035", "KB072", "KB073", "KB074")),
    Group.PRIVACY: frozenset(("KB034", "KB081", "KB090", "KB094")),
    Group.DIALOGUE: frozenset(("KB082", "KB083", "KB084", "KB085", "KB086", "KB092")),
    Group.SITE: frozenset(("KB087", "KB093")),
}
"""What the codes of a build are about, where that is not the build itself."""


def group_of(code: str) -> Group:
    """What a code is about, be it of a check or of a build."""
    for group, checks in CHECKS.items():
        if code in checks.rules:
            return group
    return next((group for group, codes in _OF_BUILD.items() if code in codes), Group.BUILD)
