"""The calendar of deadlines, read by another program's reader."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kommunebeta.build import BuildOptions, BuildResult, build
from kommunebeta.icalendar import as_calendar, escaped
from kommunebeta.reporter import Reporter

HEAD = "name: Fjordvikbeta\nmunicipality: Fjordvik kommune\nbase_url: https://beta.fjordvik.example/\n"
POST = """\
---
title: Filmen
date: 2026-05-02
consultation:
  question: {question}
  opens: 2026-05-10
  closes: {closes}
  outcome_due: 2026-08-01
  place: Kulturhuset, Sal 1; 2. etasje
---
Hei.
"""
Make = Callable[..., Path]


def built(folder: Path, at: str = "2026-06-01") -> BuildResult:
    return build(folder, BuildOptions(at=dt.datetime.fromisoformat(at), jobs=1), Reporter())


def site(question: str, closes: str = "2026-06-15", **more: str) -> Mapping[str, str]:
    return {
        "kommunebeta.yaml": HEAD,
        "content/posts/film.md": POST.format(question=question, closes=closes),
        **more,
    }


def events(output: Path, path: str = "sporsmal/frister.ics") -> list[icalendar.Event]:
    calendar = icalendar.Calendar.from_ical((output / path).read_bytes())
    return list(calendar.walk("VEVENT"))


def test_it_holds_the_last_day_and_the_day_of_the_outcome(make_folder: Make) -> None:
    closes, outcome = events(built(make_folder(site("Hva bør den handle om?"))).output)
    assert str(closes["SUMMARY"]) == "Siste dag for å svare: Hva bør den handle om?"
    assert closes["DTSTART"].dt == dt.date(2026, 6, 15)
    assert outcome["DTSTART"].dt == dt.date(2026, 8, 1)
    assert str(closes["LOCATION"]) == "Kulturhuset, Sal 1; 2. etasje"
    assert str(closes["DESCRIPTION"]) == "Filmen\nhttps://beta.fjordvik.example/2026/05/film/"
    assert str(closes["URL"]) == "https://beta.fjordvik.example/2026/05/film/"
    assert closes["DTSTAMP"].dt == dt.datetime(2026, 5, 1, 22, tzinfo=dt.UTC)
    assert len({str(event["UID"]) for event in (closes, outcome)}) == 2


def test_it_is_linked_from_the_overview_and_only_there_is_one(make_folder: Make) -> None:
    output = built(make_folder(site("Hva?"))).output
    assert 'href="/sporsmal/frister.ics"' in (output / "sporsmal/index.html").read_text()
    without = built(make_folder({"kommunebeta.yaml": HEAD}, name="uten")).output
    assert list(without.rglob("*.ics")) == []


def test_each_language_has_its_own(make_folder: Make) -> None:
    files = {**site("Hva?"), "kommunebeta.yaml": HEAD + "languages: [nb, en]\n"}
    files["content/posts/film.en.md"] = files["content/posts/film.md"].replace("Filmen", "The film")
    output = built(make_folder(files)).output
    (english, _) = events(output, "en/questions/deadlines.ics")
    assert str(english["SUMMARY"]) == "Last day to answer: Hva?"


@pytest.mark.parametrize(
    "question",
    [
        "A, b; c \\ d",
        "Hva? BEGIN:VEVENT",
        '"Hva?\\r\\nEND:VEVENT\\r\\nBEGIN:VALARM"',
        "Ž" * 200,
        "<script>alert(1)</script> & mer",
        '"a\\u202eb\\u2028c"',
    ],
)
def test_no_text_breaks_out_of_its_line(make_folder: Make, question: str) -> None:
    output = built(make_folder(site(question))).output
    data = (output / "sporsmal/frister.ics").read_bytes()
    lines = data.split(b"\r\n")
    assert lines.count(b"BEGIN:VEVENT") == lines.count(b"END:VEVENT") == 2
    assert b"BEGIN:VALARM" not in lines
    assert all(len(line) <= 75 for line in lines)
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert len(events(output)) == 2


def test_a_day_that_ends_at_midnight_is_the_last_day(make_folder: Make) -> None:
    closes, _ = events(built(make_folder(site("Hva?", closes="2026-06-15 12:00"))).output)
    assert closes["DTSTART"].dt == dt.date(2026, 6, 15)


@given(st.text())
def test_any_text_comes_back_as_it_was_without_what_no_calendar_holds(text: str) -> None:
    file = as_calendar(f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:{escaped(text)}\nEND:VEVENT\nEND:VCALENDAR\n")
    assert all(len(line.encode()) <= 75 for line in file.split("\r\n"))
    assert file.count("\r\n") >= 5
    parsed = icalendar.Calendar.from_ical(file)
    assert len(list(parsed.walk("VEVENT"))) == 1
