"""Redirects of a site, by pages that lead on and by the host: whether readers arrive, and how soon."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kommunebeta.check.addresses import AddressBook, Way
from kommunebeta.check.finding import Clue, Fault
from kommunebeta.check.links import shortened
from kommunebeta.check.state import Whole

_HOST_FILE = "_redirects"
_LONGEST = 50


@dataclass(frozen=True, slots=True)
class Step:
    """One step from an old address to another.

    Attributes:
        old: the old address, from the host's root.
        new: where it leads, as it is written.
        seen: the output that says so.
        path: its source, where the line is known.
        line: the line there, from 1.
    """

    old: str
    new: str
    seen: str
    path: str = ""
    line: int = 0


def redirects(whole: Whole) -> Iterator[Fault]:
    """Redirects that never arrive, and those that take several steps."""
    book = whole.surroundings.addresses
    steps = {_key(step.old): step for step in (*_by_host(whole), *_by_pages(whole))}
    told: set[str] = set()
    for key in sorted(steps):
        if key not in told:
            yield from _followed(steps[key], steps, book, told)


def _by_host(whole: Whole) -> Iterator[Step]:
    """The steps that the host is told of. Those of a pattern begin at no address that could be followed."""
    source = whole.surroundings.sources.get(_HOST_FILE, "")
    for rule in whole.surroundings.addresses.rules:
        if rule.leads_on and not rule.pattern and rule.old.startswith("/") and ":splat" not in rule.new:
            yield Step(rule.old, rule.new, _HOST_FILE, source, rule.line)


def _by_pages(whole: Whole) -> Iterator[Step]:
    for report in whole.reports.values():
        if report.leads_on:
            yield Step(whole.surroundings.addresses.shown(report.path), report.leads_on, report.path)


def _key(address: str) -> str:
    return address.rstrip("/").removesuffix("/index.html") or "/"


def _followed(first: Step, steps: Mapping[str, Step], book: AddressBook, told: set[str]) -> Iterator[Fault]:
    """What is wrong with the way from an old address."""
    way = [first]
    while len(way) < _LONGEST:
        found = book.lead(way[-1].new, way[-1].seen if way[-1].seen != _HOST_FILE else "index.html")
        if found.way is Way.BROKEN:
            if len(way) == 1:
                reason = _reason(found.target)
                message = f"The old address {first.old} leads to {shortened(first.new)}, which {reason}."
                yield _fault("KB104", message, found.mend, first)
            return
        following = (
            steps.get(_key(book.shown(found.target)))
            if found.target and found.way is not Way.ELSEWHERE
            else None
        )
        if following is None:
            break
        if following in way:
            circle = way[way.index(following) :]
            if following is first:
                told.update(_key(step.old) for step in circle)
                names = " → ".join([*(step.old for step in circle), first.old])
                yield _fault("KB104", f"These old addresses lead in a circle: {names}.", "", first)
            return
        way.append(following)
    if len(way) > 1:
        names = " → ".join([*(step.old for step in way), shortened(way[-1].new)])
        mend = f"Lead {first.old} straight to {shortened(way[-1].new)}."
        yield _fault("KB105", f"The old address {first.old} takes {len(way)} steps: {names}.", mend, first)


def _reason(target: str) -> str:
    return "is not there" if target else "is no address that a browser understands"


def _fault(code: str, message: str, mend: str, step: Step) -> Fault:
    """A fault at the line that sends readers on."""
    if step.path:
        return Fault(code, message, mend, page=step.seen, path=step.path, line=step.line, column=1)
    return Fault(code, message, mend, Clue("meta", (step.new,)), page=step.seen)
