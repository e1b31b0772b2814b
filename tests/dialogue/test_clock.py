"""The response clock: working days in Norway, and who has promised what."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import pytest
from hypothesis import given

from kommunebeta.dialogue.clock import (
    AnswerTime,
    Waiting,
    answer_times,
    due_date,
    is_working_day,
    waiting,
    who_answers,
    working_days,
)
from kommunebeta.dialogue.model import Answer, Contribution, ContributionState, Dialogue
from kommunebeta.model import Person, Post

OSLO = ZoneInfo("Europe/Oslo")
CHIEF = Person("kommunedirektor", "Kommunedirektør", answer_days=5)
SILENT = Person("ordforer", "Ordfører")
QUICK = Person("raadgiver", "Rådgiver", answer_days=1)


def moment(text: str) -> dt.datetime:
    found = dt.datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=OSLO)


def due(received: str, days: int) -> str:
    return due_date(moment(received), days, OSLO).isoformat()


def post(responsible: Person | None = CHIEF, authors: tuple[Person, ...] = (), **more: Any) -> Post:
    given: dict[str, Any] = {
        "source": "content/posts/sak.md", "id": "sak", "lang": "nb", "title": "Sak", "address": "/sak/",
        "date": moment("2026-01-02"), "updated": None, "authors": authors, "summary": "", "image": None,
        "translation_key": "sak", "aliases": (), "toc": False, "template": "post.html", "words": 1,
        "headings": (), "draft": False, "extra": {}, "search": True, "embeds": (), "feedback": "sporsmal",
        "responsible": responsible,
    }  # fmt: skip
    return Post(**{**given, **more})


def sent(
    name: str,
    received: str,
    answered: str = "",
    by: Person = CHIEF,
    state: ContributionState = ContributionState.WAITING,
) -> Contribution:
    answers = (Answer(f"svar-{name}", by, moment(answered), "Svar.", "nb"),) if answered else ()
    return Contribution(
        source=f"dialogue/sak/{name}.yaml",
        id=name,
        received=moment(received),
        published=moment(received),
        name="",
        text="Hei.",
        state=ContributionState.ANSWERED if answered else state,
        answers=answers,
    )


# Working days


@pytest.mark.parametrize(
    ("received", "days", "last"),
    [
        ("2026-03-02 09:00", 1, "2026-03-03"),
        ("2026-03-02 23:59", 1, "2026-03-03"),  # no closing hour: the whole day of receipt is left out
        ("2026-03-06 12:00", 1, "2026-03-09"),  # from Friday to Monday
        ("2026-03-07 12:00", 1, "2026-03-09"),  # received on a Saturday
        ("2026-03-02 09:00", 5, "2026-03-09"),
        # Easter 2026: Maundy Thursday 2 April to Easter Monday 6 April; 2027: 25 to 29 March.
        ("2026-03-31 12:00", 1, "2026-04-01"),
        ("2026-04-01 12:00", 1, "2026-04-07"),
        ("2026-03-31 12:00", 5, "2026-04-10"),
        ("2027-03-24 12:00", 1, "2027-03-30"),
        # Easter came early in 2008 (1 May was Ascension Day too) and comes late in 2038.
        ("2008-03-19 12:00", 1, "2008-03-25"),
        ("2008-04-30 12:00", 1, "2008-05-02"),
        ("2038-04-21 12:00", 1, "2038-04-27"),
        # 1 May 2026 is a Friday; Ascension Day 14 May 2026; Whit Monday 25 May 2026.
        ("2026-04-30 12:00", 1, "2026-05-04"),
        ("2026-05-13 12:00", 1, "2026-05-15"),
        ("2026-05-22 12:00", 1, "2026-05-26"),
        # 17 May: a Sunday in 2026, a weekday and Whit Monday at once in 2027, a Wednesday in 2028.
        ("2026-05-15 12:00", 1, "2026-05-18"),
        ("2027-05-14 12:00", 1, "2027-05-18"),
        ("2028-05-16 12:00", 1, "2028-05-18"),
        # Christmas Eve and New Year's Eve are working days; 25, 26 December and 1 January are not.
        ("2026-12-23 12:00", 1, "2026-12-24"),
        ("2026-12-24 12:00", 1, "2026-12-28"),
        ("2026-12-30 12:00", 1, "2026-12-31"),
        ("2026-12-31 12:00", 1, "2027-01-04"),
        ("2025-12-23 12:00", 5, "2026-01-02"),
        ("2027-12-30 23:59", 2, "2028-01-03"),
    ],
)
def test_an_answer_is_due_after_so_many_working_days(received: str, days: int, last: str) -> None:
    assert due(received, days) == last


@pytest.mark.parametrize(
    ("received", "last"),
    [
        # 23:30 UTC on Sunday is Monday in Oslo in winter and in summer.
        ("2026-03-01T23:30:00+00:00", "2026-03-03"),
        ("2026-06-07T22:30:00+00:00", "2026-06-09"),
        # The nights when the clocks change: the hour that is skipped, and both of the one that comes twice.
        ("2026-03-29 02:30", "2026-03-30"),
        ("2026-10-25T02:30:00+02:00", "2026-10-26"),
        ("2026-10-25T02:30:00+01:00", "2026-10-26"),
        ("2026-10-25T23:30:00+01:00", "2026-10-26"),
        ("2026-12-31T23:30:00+00:00", "2027-01-04"),
    ],
)
def test_the_day_of_receipt_is_the_day_in_the_sites_zone(received: str, last: str) -> None:
    assert due(received, 1) == last


@pytest.mark.parametrize(
    ("received", "answered", "days"),
    [
        ("2026-03-02 09:00", "2026-03-02 15:00", 0),
        ("2026-03-06 09:00", "2026-03-08 15:00", 0),
        ("2026-03-06 09:00", "2026-03-09 08:00", 1),
        ("2026-04-01 09:00", "2026-04-07 08:00", 1),
        ("2025-12-23 09:00", "2026-01-02 08:00", 5),
        ("2026-03-10 09:00", "2026-03-02 09:00", 0),  # an answer before the question takes no time
    ],
)
def test_an_answer_takes_the_working_days_after_the_day_of_the_question(
    received: str, answered: str, days: int
) -> None:
    assert working_days(moment(received), moment(answered), OSLO) == days


DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2150, 12, 31))


@given(DAYS, st.integers(1, 365))
def test_the_last_day_in_time_is_a_working_day_and_takes_just_the_days_promised(
    day: dt.date, days: int
) -> None:
    received = dt.datetime.combine(day, dt.time(12), OSLO)
    last = due_date(received, days, OSLO)
    assert is_working_day(last)
    assert working_days(received, dt.datetime.combine(last, dt.time(12), OSLO), OSLO) == days
    assert sum(is_working_day(day + dt.timedelta(days=n)) for n in range(1, (last - day).days + 1)) == days


def test_dates_of_no_sane_calendar_are_counted_without_holidays() -> None:
    assert due("1000-01-01 12:00", 1) == "1000-01-02"
    assert due("9000-12-31 12:00", 365) > "9002"
    assert working_days(moment("1000-01-01 12:00"), moment("9000-01-01 12:00"), OSLO) > 2_000_000


# Who answers, and what waits


@pytest.mark.parametrize(
    ("responsible", "authors", "who"),
    [
        (CHIEF, (QUICK,), CHIEF),
        (SILENT, (QUICK,), None),  # who is named and promises nothing is not bound by another's promise
        (None, (SILENT, QUICK, CHIEF), QUICK),
        (None, (SILENT,), None),
        (None, (), None),
    ],
)
def test_who_is_responsible_has_promised_else_the_first_author_who_does(
    responsible: Person | None, authors: tuple[Person, ...], who: Person | None
) -> None:
    assert who_answers(post(responsible, authors)) == who


def test_only_what_waits_is_due_and_the_oldest_comes_first() -> None:
    dialogue = Dialogue("sak", (
        sent("b", "2026-03-03 12:00"),
        sent("a", "2026-03-02 12:00"),
        sent("svart", "2026-03-01 12:00", "2026-03-02 12:00"),
        sent("lest", "2026-03-01 12:00", state=ContributionState.NOTED),
        sent("trukket", "2026-03-01 12:00", state=ContributionState.WITHDRAWN),
    ))  # fmt: skip
    assert waiting(post(), dialogue, OSLO) == (
        Waiting("a", dt.date(2026, 3, 9)),
        Waiting("b", dt.date(2026, 3, 10)),
    )
    assert waiting(post(SILENT), dialogue, OSLO) == ()


# How long answers take


def answered(*days: int, by: Person = CHIEF) -> Dialogue:
    """One contribution from Monday 2 March 2026 for each number of days that its answer took."""
    last = {0: "2026-03-02", 1: "2026-03-03", 2: "2026-03-04", 3: "2026-03-05", 4: "2026-03-06"}
    items = (sent(f"i{at}", "2026-03-02 12:00", f"{last[day]} 14:00", by) for at, day in enumerate(days))
    return Dialogue("sak", tuple(items))


def test_fewer_than_five_answers_tell_no_usual_time() -> None:
    assert answer_times([answered(1, 1, 1, 1)], OSLO) == {CHIEF.id: AnswerTime(4, None)}
    assert answer_times([answered(1, 1, 1, 1, 1)], OSLO) == {CHIEF.id: AnswerTime(5, 1)}
    assert answer_times([], OSLO) == {}


@pytest.mark.parametrize(("days", "usual"), [((0, 0, 1, 4, 4), 1), ((0, 1, 2, 3, 4, 4), 3), ((0,) * 5, 0)])
def test_the_usual_time_is_the_median_and_never_rounded_down(days: tuple[int, ...], usual: int) -> None:
    assert answer_times([answered(*days)], OSLO)[CHIEF.id] == AnswerTime(len(days), usual)


def test_the_first_answer_counts_for_the_one_who_gave_it_over_all_posts() -> None:
    first = Answer("s1", QUICK, moment("2026-03-03 12:00"), "Kort.", "nb")
    later = Answer("s2", CHIEF, moment("2026-03-06 12:00"), "Langt.", "nb")
    item = sent("a", "2026-03-02 12:00", "2026-03-03 12:00")
    both = Contribution(
        **{**{name: getattr(item, name) for name in item.__slots__}, "answers": (later, first)}
    )
    times = answer_times([Dialogue("en", (both,)), answered(2, 2), answered(2, 2, by=QUICK)], OSLO)
    assert times == {CHIEF.id: AnswerTime(2, None), QUICK.id: AnswerTime(3, None)}


def test_a_site_without_waiting_contributions_loads_no_calendar(root: Path) -> None:
    script = (
        "import sys, datetime as dt, zoneinfo\n"
        "from kommunebeta.dialogue import clock, model\n"
        "zone = zoneinfo.ZoneInfo('Europe/Oslo')\n"
        "assert clock.answer_times([model.Dialogue('sak')], zone) == {}\n"
        "assert 'holidays' not in sys.modules\n"
        "clock.due_date(dt.datetime(2026, 3, 2, tzinfo=zone), 1, zone)\n"
        "assert 'holidays' in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
