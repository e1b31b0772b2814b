"""Faults and problems → findings, each once, at the line that a writer can mend."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from kommunebeta.check.checks import RULES, group_of
from kommunebeta.check.finding import Fault, Finding
from kommunebeta.check.locate import Locator, Place
from kommunebeta.check.state import Whole
from kommunebeta.codes import CODES
from kommunebeta.config import CheckSetting
from kommunebeta.errors import Problem, Severity


def of_problems(problems: Iterable[Problem]) -> Iterator[Finding]:
    """The findings of a build."""
    for problem in problems:
        yield Finding(problem, group_of(problem.code), CODES[problem.code].explanation)


def of_faults(
    faults: Iterable[tuple[str, Fault]], whole: Whole, told: Iterable[Problem] = ()
) -> Iterator[Finding]:
    """The findings of checks.

    What a theme or the settings put on many pages is one finding; so is what a list repeats of a post.

    Args:
        faults: what was found, with the output in which it was seen; empty for none.
        whole: the site.
        told: what the build has told already.
    """
    known = {(problem.code, problem.path, problem.line) for problem in told}
    alike: dict[tuple[str, str], list[tuple[str, Fault]]] = defaultdict(list)
    for page, fault in _without_repetitions(faults):
        alike[fault.code, fault.message].append((page, fault))
    locator = Locator(whole.folder, {at.source: at.id for at in whole.site.holdings.places})
    limits = whole.surroundings.limits
    for same in alike.values():
        severity = _severity(same[0][1], limits)
        if severity is None:
            continue
        places: dict[Place, list[tuple[str, Fault]]] = defaultdict(list)
        for page, fault in same:
            places[_place(fault, whole.surroundings.sources.get(page, ""), locator)].append((page, fault))
        if any(place.path for place in places):
            places.pop(Place(), None)
        for place, seen in places.items():
            fault = seen[0][1]
            if (RULES[fault.code].build, place.path, place.line) not in known:
                yield _finding(fault, place, severity, sorted({page for page, _ in seen if page}))


def _without_repetitions(faults: Iterable[tuple[str, Fault]]) -> Iterator[tuple[str, Fault]]:
    """The faults without those of which another rule says more."""
    faults = list(faults)
    told = {
        (RULES[fault.code].instead, page, fault.clue)
        for page, fault in faults
        if RULES[fault.code].instead and fault.clue
    }
    return (item for item in faults if (item[1].code, item[0], item[1].clue) not in told)


def _severity(fault: Fault, limits: CheckSetting) -> Severity | None:
    """How much a fault matters on this site; None for not at all."""
    level = limits.levels.get(fault.code)
    if level:
        return None if level == "off" else Severity(level)
    return fault.severity or RULES[fault.code].severity


def _place(fault: Fault, source: str, locator: Locator) -> Place:
    if fault.path:
        return Place(fault.path, fault.line, fault.column)
    return locator.place(fault.clue, source)


def _finding(fault: Fault, place: Place, severity: Severity, pages: list[str]) -> Finding:
    rule = RULES[fault.code]
    problem = Problem(fault.code, *place, fault.message, fault.mend or rule.mend, severity)
    return Finding(
        problem, group_of(fault.code), rule.why, rule.sources, pages[0] if pages else "", len(pages)
    )
