"""The response clock: working days, by when an answer is promised, and how long answers take.

A working day is a day from Monday to Friday that is no public holiday in Norway: the moving holidays,
1 and 17 May included (lov om helligdager og helligdagsfred, 1995, § 2; lov om 1 og 17 mai, 1947).
Christmas Eve and New Year's Eve are ordinary working days by law, and count as such.

Days are counted as in domstolloven §§ 148 and 149: the day on which something is received does not
count, whatever the hour, and the last day counts to its end. So there is no closing hour.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from statistics import median_high
from zoneinfo import ZoneInfo

from kommunebeta.dialogue.model import ContributionState, Dialogue
from kommunebeta.model import Person, Post

FEWEST_ANSWERS = 5
"""With fewer answers, one that took long or was quick would decide what is called usual."""

_DAY = dt.timedelta(days=1)
_FRIDAY = 4
_KNOWN_YEARS = range(1947, 2101)


@lru_cache(maxsize=256)
def holidays_on_weekdays(year: int) -> frozenset[dt.date]:
    """The public holidays of a year that fall on Monday to Friday.

    Args:
        year: such as 2026. Before 1947 and after 2100 there are none, since none are worked out.
    """
    if year not in _KNOWN_YEARS:
        return frozenset()
    # Hundreds of countries are registered when it is loaded, which only sites with a clock should wait for.
    from holidays.countries.norway import Norway

    return frozenset(day for day in Norway(years=year, expand=False) if day.weekday() <= _FRIDAY)


def is_working_day(day: dt.date) -> bool:
    """Whether a day is one on which the municipality works."""
    return day.weekday() <= _FRIDAY and day not in holidays_on_weekdays(day.year)


def due_date(received: dt.datetime, days: int, zone: ZoneInfo) -> dt.date:
    """The last day on which an answer is in time.

    Args:
        received: when the question came in, with a zone.
        days: how many working days are promised, at least 1.
        zone: whose days are meant.
    """
    day = received.astimezone(zone).date()
    left = days
    while left > 0:
        day += _DAY
        left -= is_working_day(day)
    return day


def working_days(received: dt.datetime, answered: dt.datetime, zone: ZoneInfo) -> int:
    """How many working days an answer took; 0 when it came on the day of the question, or before the next.

    Args:
        received: when the question came in, with a zone.
        answered: when it was answered, with a zone.
        zone: whose days are meant.
    """
    first, last = (moment.astimezone(zone).date() for moment in (received, answered))
    if last <= first:
        return 0
    weeks, rest = divmod((last - first).days, 7)
    weekdays = weeks * 5 + sum((first + _DAY * (at + 1)).weekday() <= _FRIDAY for at in range(rest))
    years = range(max(first.year, _KNOWN_YEARS.start), min(last.year, _KNOWN_YEARS[-1]) + 1)
    return weekdays - sum(first < day <= last for year in years for day in holidays_on_weekdays(year))


def who_answers(post: Post) -> Person | None:
    """Who has promised to answer what comes in on a post, and within how many days.

    That is the post's ``responsible``; where nobody is named, the first author who promises anything.

    Returns:
        A person with ``answer_days``, or None where nothing is promised.
    """
    asked = (post.responsible,) if post.responsible else post.authors
    return next((person for person in asked if person.answer_days), None)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A contribution that waits for its answer.

    Attributes:
        contribution: its id.
        due: the last day on which an answer is in time.
    """

    contribution: str
    due: dt.date


def waiting(post: Post, dialogue: Dialogue, zone: ZoneInfo) -> tuple[Waiting, ...]:
    """The contributions to a post that wait for a promised answer, by the day on which it is due.

    Args:
        post: the post.
        dialogue: what is published of its dialogue.
        zone: whose days are meant.
    """
    person = who_answers(post)
    days = person.answer_days if person else None
    open_ones = [item for item in dialogue.contributions if item.state is ContributionState.WAITING]
    if not days or not open_ones:
        return ()
    found = (Waiting(item.id, due_date(item.received, days, zone)) for item in open_ones)
    return tuple(sorted(found, key=lambda item: (item.due, item.contribution)))


@dataclass(frozen=True, slots=True)
class AnswerTime:
    """How long somebody takes to answer.

    Attributes:
        count: how many contributions this person was the first to answer.
        median_days: the median in working days, of two in the middle the longer, so that it is never
            made to look shorter than it is; None where there are too few answers to tell.
    """

    count: int
    median_days: int | None


def answer_times(dialogues: Iterable[Dialogue], zone: ZoneInfo) -> dict[str, AnswerTime]:
    """How long people take to answer: over all contributions whose first answer a person gave.

    It is the one who answers that is measured, not the one who is responsible, so that nobody is shown
    with another's time; and the first answer, since that is what is promised.

    Args:
        dialogues: every dialogue of the site.
        zone: whose days are meant.

    Returns:
        The times by the person's id; of those who have answered anything.
    """
    answered: dict[str, list[tuple[dt.datetime, dt.datetime]]] = defaultdict(list)
    for dialogue in dialogues:
        for item in dialogue.contributions:
            if item.answers:
                first = min(item.answers, key=lambda answer: answer.date)
                answered[first.by.id].append((item.received, first.date))
    return {person: _answer_time(pairs, zone) for person, pairs in answered.items()}


def _answer_time(pairs: list[tuple[dt.datetime, dt.datetime]], zone: ZoneInfo) -> AnswerTime:
    if len(pairs) < FEWEST_ANSWERS:
        return AnswerTime(len(pairs), None)
    return AnswerTime(len(pairs), median_high(working_days(*pair, zone) for pair in pairs))
