"""The clock: schedules, drafts and time limits, also on the nights when the clocks change."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from kommunebeta.frontmatter import ConsultationMatter, PostMatter
from kommunebeta.model import ConsultationState, StepState
from kommunebeta.moments import Clock
from kommunebeta.validation import parse_moment

OSLO = ZoneInfo("Europe/Oslo")


def clock(at: str, **keywords: bool) -> Clock:
    now = parse_moment(at)
    return Clock(now if now.tzinfo else now.replace(tzinfo=OSLO), OSLO, **keywords)


def hides(
    at: str, date: str = "2026-01-01", *, drafts: bool = False, future: bool = False, **matter: object
) -> str:
    seen = clock(at, drafts=drafts, future=future)
    return seen.hides(PostMatter(**matter), seen.local(parse_moment(date)))


def test_a_post_dated_tomorrow_is_not_published_today() -> None:
    assert hides("2026-05-17 23:59", date="2026-05-18") == "scheduled"
    assert hides("2026-05-18 00:00", date="2026-05-18") == ""


def test_publish_counts_for_more_than_the_date() -> None:
    assert hides("2026-05-17", publish="2026-05-18 08:00") == "scheduled"
    assert hides("2026-05-18 07:59", publish="2026-05-18 08:00") == "scheduled"
    assert hides("2026-05-18 08:00", publish="2026-05-18 08:00") == ""
    assert hides("2026-05-18", date="2027-01-01", publish="2026-01-01") == ""


def test_a_post_expires_at_its_moment() -> None:
    assert hides("2026-05-17 11:59", expires="2026-05-17 12:00") == ""
    assert hides("2026-05-17 12:00", expires="2026-05-17 12:00") == "expired"
    assert hides("2026-05-17 12:00", expires="2026-05-17 12:00", future=True, drafts=True) == "expired"


def test_drafts_and_coming_posts_are_shown_when_asked_for() -> None:
    assert hides("2026-05-17", draft="ja") == "draft"
    assert hides("2026-05-17", draft="ja", drafts=True) == ""
    assert hides("2026-05-17", date="2027-01-01", future=True) == ""
    assert hides("2026-05-17", date="2027-01-01", draft="ja", future=True) == "draft"
    assert hides("2026-05-17", date="2027-01-01", draft="ja", drafts=True) == "scheduled"


@pytest.mark.parametrize(
    ("at", "publish", "hidden"),
    [
        # Summer time begins on 2026-03-29 at 02:00 (+01:00), which is 03:00 (+02:00).
        ("2026-03-29T01:59:00+01:00", "2026-03-29 03:00", "scheduled"),
        ("2026-03-29T03:00:00+02:00", "2026-03-29 03:00", ""),
        # An hour that does not exist is read with winter time: 02:30 (+01:00) is 03:30 (+02:00).
        ("2026-03-29T03:29:00+02:00", "2026-03-29 02:30", "scheduled"),
        ("2026-03-29T03:30:00+02:00", "2026-03-29 02:30", ""),
        # Summer time ends on 2026-10-25 at 03:00 (+02:00), which is 02:00 (+01:00).
        ("2026-10-25T02:29:00+02:00", "2026-10-25 02:30", "scheduled"),
        ("2026-10-25T02:30:00+02:00", "2026-10-25 02:30", ""),
        ("2026-10-25T02:45:00+02:00", "2026-10-25T02:30:00+01:00", "scheduled"),
        ("2026-10-25 02:45", "2026-10-25T02:30:00+01:00", "scheduled"),
        ("2026-10-25T02:30:00+01:00", "2026-10-25T02:30:00+01:00", ""),
        ("2026-10-25T02:10:00+01:00", "2026-10-25 02:30", ""),
    ],
)
def test_schedules_hold_on_the_nights_when_the_clocks_change(at: str, publish: str, hidden: str) -> None:
    assert hides(at, publish=publish) == hidden


def test_a_moment_without_a_zone_is_meant_in_the_sites_zone() -> None:
    seen = clock("2026-06-01")
    assert seen.local(dt.datetime(2026, 5, 17, 12)).isoformat() == "2026-05-17T12:00:00+02:00"
    assert seen.local(dt.datetime(2014, 3, 21, 16, tzinfo=dt.UTC)).isoformat() == "2014-03-21T17:00:00+01:00"


def test_today_is_the_day_in_the_sites_zone() -> None:
    assert clock("2026-05-31T22:30:00Z").today == dt.date(2026, 6, 1)


def test_a_step_of_a_timeline_is_past_today_or_coming() -> None:
    states = [clock("2026-05-17").step_state(dt.date(2026, 5, day)) for day in (16, 17, 18)]
    assert states == [StepState.PAST, StepState.TODAY, StepState.COMING]


def consultation(**matter: str) -> ConsultationMatter:
    return ConsultationMatter(
        **{"question": "Hva mener du?", "opens": "2026-05-01", "closes": "2026-05-31", **matter}
    )


@pytest.mark.parametrize(
    ("at", "matter", "state", "days"),
    [
        ("2026-04-30 23:59", {}, ConsultationState.COMING, None),
        ("2026-05-01 00:00", {}, ConsultationState.OPEN, 30),
        ("2026-05-30 23:59", {}, ConsultationState.OPEN, 1),
        ("2026-05-31 23:59", {}, ConsultationState.OPEN, 0),
        ("2026-06-01 00:00", {}, ConsultationState.CLOSED, None),
        ("2026-05-31 11:59", {"closes": "2026-05-31 12:00"}, ConsultationState.OPEN, 0),
        ("2026-05-31 12:00", {"closes": "2026-05-31 12:00"}, ConsultationState.CLOSED, None),
        ("2026-06-01 00:00", {"outcome_due": "2026-07-01"}, ConsultationState.UNDER_REVIEW, None),
        ("2026-06-20", {"concluded": "2026-06-20"}, ConsultationState.CONCLUDED, None),
        ("2026-06-19", {"concluded": "2026-06-20"}, ConsultationState.CLOSED, None),
        # The last day of a call for input has 23 hours when summer time begins and 25 when it ends.
        ("2026-03-29 23:59", {"opens": "2026-03-01", "closes": "2026-03-29"}, ConsultationState.OPEN, 0),
        ("2026-03-30 00:00", {"opens": "2026-03-01", "closes": "2026-03-29"}, ConsultationState.CLOSED, None),
        ("2026-10-25T23:59:00+01:00", {"closes": "2026-10-25"}, ConsultationState.OPEN, 0),
        ("2026-10-26T00:00:00+01:00", {"closes": "2026-10-25"}, ConsultationState.CLOSED, None),
    ],
)
def test_a_call_for_input_stands_where_the_clock_says(
    at: str, matter: dict[str, str], state: ConsultationState, days: int | None
) -> None:
    found = clock(at).consultation(consultation(**matter))
    assert (found.state, found.days_left) == (state, days)


def test_the_last_day_of_a_call_for_input_is_the_day_that_was_written() -> None:
    assert clock("2026-05-10").consultation(consultation()).last_day == dt.date(2026, 5, 31)
