"""From YAML to models: dates as people write them, and problems in words that writers know."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from kommunebeta.frontmatter import PostMatter
from kommunebeta.validation import Edge, in_language, nearest, parse_moment, validate
from kommunebeta.yamlfile import read_yaml

OSLO_SUMMER = dt.timezone(dt.timedelta(hours=2))
NEW_YORK = dt.timezone(dt.timedelta(hours=-4))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-05-17", dt.datetime(2026, 5, 17)),
        ("2026-5-7", dt.datetime(2026, 5, 7)),
        ("2026-05-17 12:00", dt.datetime(2026, 5, 17, 12)),
        ("2026-05-17T12:00:30", dt.datetime(2026, 5, 17, 12, 0, 30)),
        ("2026-05-17 12:00 +0200", dt.datetime(2026, 5, 17, 12, tzinfo=OSLO_SUMMER)),
        ("2014-03-21T12:00:00-04:00", dt.datetime(2014, 3, 21, 12, tzinfo=NEW_YORK)),
        ("2014-03-21 12:00:00.123456Z", dt.datetime(2014, 3, 21, 12, tzinfo=dt.UTC)),
        ("2014-03-21 12:00:00 UTC", dt.datetime(2014, 3, 21, 12, tzinfo=dt.UTC)),
        ("17.05.2026", dt.datetime(2026, 5, 17)),
        ("17.5.2026 kl. 12.30", dt.datetime(2026, 5, 17, 12, 30)),
        ("  2024-02-29  ", dt.datetime(2024, 2, 29)),
    ],
)
def test_dates_are_read_as_people_and_other_programs_write_them(text: str, moment: dt.datetime) -> None:
    found = parse_moment(text)
    assert found == moment
    assert (found.tzinfo is None) == (moment.tzinfo is None)


@pytest.mark.parametrize(
    "text",
    [
        "i morgen",
        "2026-02-29",
        "2026-13-01",
        "2026-05-17 25:00",
        "2026-05-17 12:00 +99:00",
        "31.02.2026",
        "0000-00-00 00:00:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:00-14:00",
        "2026",
        "",
        "2026-05-17; rm -rf",
        "２０２６-05-17x",
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="«"):
        parse_moment(text)


@given(st.text())
def test_no_text_at_all_crashes_the_reading_of_dates(text: str) -> None:
    try:
        parse_moment(text)
    except ValueError as error:
        assert str(error)  # noqa: PT017 - either outcome is right


@given(st.datetimes(dt.datetime(1000, 1, 1), dt.datetime(8999, 1, 1)))
def test_a_moment_survives_being_written(moment: dt.datetime) -> None:
    moment = moment.replace(microsecond=0)
    assert parse_moment(moment.isoformat()) == moment
    assert parse_moment(str(moment)) == moment


def problems(front: str) -> list[str]:
    document = read_yaml(front, "x.md", 2)
    return [str(problem) for problem in validate(PostMatter, document, "x.md")[1]]


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        (
            'publish: "i morgen"',
            "x.md:2:10: error KB014: «publish»: it is not a date: «i morgen». "
            "Write it as 2026-05-17 or 2026-05-17 12:00.",
        ),
        (
            "case: 2026/12",
            "x.md:2:7: error KB011: «case»: keys and values are expected. Indent them below.",
        ),
        ("weight: mye", "x.md:2:9: error KB011: «weight»: a whole number is expected."),
        (
            "draft: kanskje",
            "x.md:2:8: error KB011: «draft»: it is neither true nor false. "
            "Write true or false (ja and nei will do).",
        ),
        ("tags: {a: b}", "x.md:2:7: error KB011: «tags»: a list is expected. Write each item on a line of its own after «- »."),
        ("timeline:\n- title: Vedtak", "x.md:3:3: error KB010: «timeline.date» is missing. Add a line «date: …»."),
        ("timeline:\n- title: V\n  date: 2026-02-30", "x.md:4:9: error KB014: «timeline.date»: there is no such date: «2026-02-30». Write it as 2026-05-17 or 2026-05-17 12:00."),
        ("case: {nummer: 1}", "x.md:2:7: error KB010: «case.number» is missing. Add a line «number: …»."),
        ("documents:\n- title: a\n  kind: referat", "x.md:4:9: error KB011: «documents.kind»: the value is not one of those allowed. Choose 'minutes', 'report', 'slides' or 'other'."),
    ],
)  # fmt: skip
def test_each_fault_is_said_in_a_writers_words_at_its_place(front: str, expected: str) -> None:
    assert expected in problems(front)


def test_all_faults_of_a_file_are_found_together() -> None:
    assert len(problems("date: x\nweight: y\ndraft: z\n")) == 3


class Bounded(Edge):
    one_letter: str = Field("a", min_length=1, max_length=1)
    letters: str = Field("aaa", min_length=3, max_length=4)
    one: list[str] = Field([], min_length=1, max_length=1)
    several: list[str] = Field([], min_length=2, max_length=3)
    name: str = Field("", pattern=r"^$|^[a-z][a-z0-9_]*$")
    id: str = Field("", pattern=r"^$|^[a-z0-9][a-z0-9-]*$")
    other: str = Field("", pattern="^x$")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('one_letter: ""', "the text is missing. Write it after the colon or indented below."),
        ("one_letter: aa", "the text is too long. It can have at most 1 character."),
        ("letters: aa", "the text is too short. It must have at least 3 characters."),
        ("letters: aaaaa", "the text is too long. It can have at most 4 characters."),
        ("one: []", "at least one is expected."),
        ("one: [a, b]", "at most 1 is possible."),
        ("several: [a]", "at least 2 are expected."),
        ("several: [a, b, c, d]", "at most 3 are possible."),
        ("name: Hva?", "the text has the wrong form. Begin with a letter, and use only a–z, 0–9 and _."),
        ("id: blåbær", "the text has the wrong form. Use only a–z, 0–9 and hyphens."),
        ("other: y", "the text has the wrong form."),
    ],
)
def test_a_wrong_length_or_form_is_told_with_what_would_be_right(text: str, words: str) -> None:
    (problem,) = validate(Bounded, read_yaml(text, "x.md"), "x.md")[1]
    name = text.partition(":")[0]
    assert str(problem) == f"x.md:1:{len(name) + 3}: error KB011: «{name}»: {words}"


def test_no_word_of_the_programming_language_reaches_the_writer() -> None:
    front = "date: [1]\ntitle: {a: b}\nweight: 1.5\ntags: 1\nauthors: {x: y}\ntimeline: nei\ncase: []\n"
    said = " ".join(problems(front))
    for word in ("str", "dict", "NoneType", "Input should", "pydantic", "validation error"):
        assert f"{word} " not in said


@pytest.mark.parametrize(
    ("word", "value"),
    [("ja", True), ("På", True), ("TRUE", True), ("1", True), ("nei", False), ("av", False), ("no", False)],
)
def test_true_and_false_may_be_said_in_norwegian(word: str, value: bool) -> None:
    matter, found = validate(PostMatter, read_yaml(f"draft: {word}", "x.md"), "x.md")
    assert not found
    assert matter is not None
    assert matter.draft is value


def test_null_values_mean_that_nothing_was_written() -> None:
    front = "title: ~\ntags:\ndate: null\nauthors: [null, Kari]\nimage:\ncase:\n"
    matter, found = validate(PostMatter, read_yaml(front, "x.md"), "x.md")
    assert not found
    assert matter is not None
    assert (matter.title, matter.tags, matter.date, matter.authors) == ("", [], None, ["Kari"])


def test_a_text_by_language_falls_back_from_the_common_one_to_any() -> None:
    assert in_language({"nb": "Hei", "": "Alle"}, "se") == "Alle"
    assert in_language({"en": "Hello"}, "se") == "Hello"
    assert in_language({}, "se") == ""


def test_only_near_misses_are_suggested() -> None:
    assert nearest("titel", ("title", "date")) == "title"
    assert nearest("layout", ("title", "date")) == ""
