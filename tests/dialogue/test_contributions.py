"""One contribution's file: what it may say, and what is said of it where it may not."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kommunebeta.dialogue.contributions import Surroundings, contribution_of, read_contribution
from kommunebeta.dialogue.forms import Forms, read_form
from kommunebeta.dialogue.model import Contribution, ContributionState
from kommunebeta.errors import Problem, Severity
from kommunebeta.model import Person
from kommunebeta.moments import Clock
from kommunebeta.people import People
from kommunebeta.pickles import dumps, loads

OSLO = ZoneInfo("Europe/Oslo")
NOON = dt.datetime(2026, 11, 20, 12, tzinfo=OSLO)
PATH = "dialogue/film/a1.yaml"
FORM = """\
title: Innspill
fields:
  - {kind: long, name: innspill, label: Hva mener du?}
  - {kind: many, name: tema, label: Tema, choices: [Skole, Vei]}
  - {kind: short, name: helse, label: Helse, confidential: true}
  - {kind: name, name: navn, label: Navn, confidential: false}
  - {kind: email, name: epost, label: E-post}
  - {kind: file, name: vedlegg, label: Vedlegg}
consent: {publish_name: ja}
"""
SECRET_NAME = (
    "title: Varsel\nfields: [{kind: long, name: t, label: T}, {kind: name, name: navn, label: Navn}]\n"
)
BASE = "received: 2026-11-12 08:30\npublished: 2026-11-13\ntext: Hei.\n"


def around(now: dt.datetime = NOON, **options: Any) -> Surroundings:
    people = People()
    people.add(Person("kommunedirektor", "Kommunedirektør", name="Berit Moe"))
    forms = {}
    for name, text in (("innspill", FORM), ("varsel", SECRET_NAME)):
        form, problems = read_form(text, f"forms/{name}.yaml")
        assert form is not None, problems
        forms[name] = form
    return Surroundings(
        Clock(now, OSLO, **options), people, Forms(forms, frozenset({*forms, "i-stykker"}), {})
    )


def read(text: str, path: str = PATH, now: dt.datetime = NOON) -> tuple[Contribution | None, list[Problem]]:
    written = loads(dumps(read_contribution(text, path)))  # as it comes from the cache
    contribution, problems = contribution_of(written, around(now), "nb")
    return contribution, list(problems)


def sound(text: str) -> Contribution:
    contribution, problems = read(text)
    assert problems == []
    assert contribution is not None
    return contribution


def only(text: str) -> Problem:
    _, problems = read(text)
    assert len(problems) == 1, problems
    return problems[0]


def place(problem: Problem) -> tuple[str, int, int]:
    return problem.code, problem.line, problem.column


def test_a_whole_file_becomes_a_contribution() -> None:
    found = sound(
        "id: b2\nreceived: 2026-11-12 08:30\npublished: 2026-11-13\nname: Kari fra Vika\nlang: nn\n"
        "topic: Skolevei\ntext: |\n  Hei *du*.\n\n  Ha det.\nform: innspill\nfields: {tema: [skole, vei]}\n"
        "moderated: {nb: forkortet, nn: korta}\nreply_to: c3\n"
        "answers:\n  - by: Kommunedirektør\n    date: 2026-11-14 10:00\n    text: Takk.\n"
    )
    assert (found.source, found.id, found.anchor) == (PATH, "b2", "innspill-b2")
    assert found.received == dt.datetime(2026, 11, 12, 8, 30, tzinfo=OSLO)
    assert found.published == dt.datetime(2026, 11, 13, tzinfo=OSLO)
    assert (found.name, found.lang, found.topic) == ("Kari fra Vika", "nn", "Skolevei")
    assert found.text == "Hei *du*.\n\nHa det."
    assert (found.form, found.fields, found.reply_to) == ("innspill", (("tema", "skole, vei"),), "c3")
    assert (found.moderated_in("nn"), found.moderated_in("en")) == ("korta", "forkortet")
    assert found.state is ContributionState.ANSWERED
    (answer,) = found.answers
    assert (answer.id, answer.by.id, answer.text) == ("svar-b2-1", "kommunedirektor", "Takk.")
    assert answer.date == dt.datetime(2026, 11, 14, 10, tzinfo=OSLO)


def test_norwegian_names_of_keys_will_do() -> None:
    found = sound(
        "mottatt: 12.11.2026 08.30\npublisert: 13.11.2026\nnavn: Kari\nspråk: nn\ntema: Vei\ntekst: Hei.\n"
        "tilstand: notert\nskjema: innspill\nfelt: {tema: vei}\nmoderert: kortet\nsvar_til: x\n"
        "svar: [{av: kommunedirektor, dato: 14.11.2026, språk: nn, tekst: Takk.}]\n"
    )
    assert (found.name, found.lang, found.topic, found.text) == ("Kari", "nn", "Vei", "Hei.")
    assert found.state is ContributionState.NOTED
    assert (found.answers[0].text, found.answers[0].lang) == ("Takk.", "nn")


def test_id_state_language_and_name_have_defaults() -> None:
    found = sound(BASE)
    assert (found.id, found.name, found.lang, found.reply_to) == ("a1", "", "nb", "")
    assert found.state is ContributionState.WAITING
    assert found.moderated_in("nb") == ""


def test_answers_stand_oldest_first_and_keep_their_ids_when_one_is_added() -> None:
    answer = "  - {by: kommunedirektor, date: %s, text: %s}\n"
    later, earlier = answer % ("2026-11-16", "Senere."), answer % ("2026-11-15", "Først.")
    found = sound(f"{BASE}answers:\n{later}{earlier}")
    assert [(item.id, item.text) for item in found.answers] == [
        ("svar-a1-2", "Først."),
        ("svar-a1-1", "Senere."),
    ]


def test_an_answer_of_tomorrow_is_not_shown_and_the_clock_knows_of_it() -> None:
    text = BASE + "answers: [{by: kommunedirektor, date: 2026-11-21 09:00, text: Takk.}]\n"
    now = around()
    contribution, problems = contribution_of(read_contribution(text, PATH), now, "nb")
    assert problems == ()
    assert contribution is not None
    assert (contribution.answers, contribution.state) == ((), ContributionState.WAITING)
    assert now.clock.next_change == dt.datetime(2026, 11, 21, 9, tzinfo=OSLO)
    shown, _ = contribution_of(read_contribution(text, PATH), around(future=True), "nb")
    assert shown is not None
    assert shown.state is ContributionState.ANSWERED


def test_a_withdrawn_contribution_keeps_nothing_of_what_was_said() -> None:
    found = sound(
        BASE + "name: Kari\ntopic: Vei\nform: innspill\nfields: {tema: vei}\nmoderated: kortet\n"
        "state: withdrawn\nanswers: [{by: kommunedirektor, date: 2026-11-14, text: Takk.}]\n"
    )
    assert found.is_withdrawn
    assert (found.name, found.text, found.topic, found.fields, found.moderated) == ("", "", "", (), {})
    assert len(found.answers) == 1
    assert sound("received: 2026-11-12\npublished: 2026-11-13\nstate: trukket\n").is_withdrawn


def test_a_day_without_a_time_is_the_whole_day() -> None:
    assert sound("received: 2026-11-12 08:30\npublished: 2026-11-12\ntext: Hei.\n").text == "Hei."
    answer = "answers: [{by: kommunedirektor, date: 2026-11-12, text: Takk.}]\n"
    assert sound(BASE + answer).answers


def test_moments_with_zones_are_compared_as_moments() -> None:
    assert sound("received: 2026-11-12T08:30Z\npublished: 2026-11-12 09:30\ntext: Hei.\n").text == "Hei."
    fault = only("received: 2026-11-12T08:30Z\npublished: 2026-11-12 09:29\ntext: Hei.\n")
    assert place(fault) == ("KB080", 2, 12)


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("received: 2026-11-12\ntext: Hei.\n", "KB010", 1, 1),
        ("received: i går\npublished: 2026-11-13\ntext: Hei.\n", "KB014", 1, 11),
        ("received: 2026-11-12 08:30\npublished: 2026-11-11\ntext: Hei.\n", "KB080", 2, 12),
        (BASE + "answers:\n  - by: kommunedirektor\n    date: 2026-11-12 08:29\n    text: Nei.\n", "KB080", 6, 11),
        (BASE + "svar:\n  - av: kommunedirektor\n    dato: 2026-11-01\n    tekst: Nei.\n", "KB080", 6, 11),
        (BASE + "state: publisert\n", "KB080", 4, 8),
        ("received: 2026-11-12\npublished: 2026-11-13\ntext: ' '\n", "KB080", 3, 7),
        ("received: 2026-11-12\npublished: 2026-11-13\n", "KB080", 1, 1),
        (BASE + "id: Å1\n", "KB080", 4, 5),
        (BASE + f"name: {'x' * 201}\n", "KB080", 4, 7),
        (BASE + f"topic: {'x' * 201}\n", "KB080", 4, 8),
        (BASE + f"moderated: {'x' * 501}\n", "KB080", 4, 12),
        (f"received: 2026-11-12\npublished: 2026-11-13\ntext: {'x' * 1_000_000}\n", "KB080", 3, 7),
        (BASE + "answers: [{by: kommunedirektor, date: 2026-11-14}]\n", "KB010", 4, 11),
        (BASE + "answers: [{by: '', date: 2026-11-14, text: Takk.}]\n", "KB080", 4, 16),
        (BASE + 'answers: [{by: "\\u202E", date: 2026-11-14, text: Takk.}]\n', "KB080", 4, 16),
        (BASE + "answers: Takk.\n", "KB080", 4, 10),
        (BASE + "fields: {tema: vei}\n", "KB080", 4, 9),
        (BASE + "form: innspil\nfields: {tema: vei}\n", "KB080", 4, 7),
        (BASE + "form: innspill\nfields: {temaer: vei}\n", "KB080", 5, 18),
        (BASE + "form: innspill\nfields: {navn: Kari}\n", "KB080", 5, 16),
        (BASE + "form: innspill\nfields: {tema: {a: b}}\n", "KB080", 5, 16),
        (BASE + "form: innspill\nfields: {helse: Astma}\n", "KB081", 5, 17),
        (BASE + "form: innspill\nfields: {epost: hos meg}\n", "KB081", 5, 17),
        (BASE + "form: innspill\nfields: {vedlegg: a.pdf}\n", "KB081", 5, 19),
        (BASE + "form: innspill\nhelse: Astma\n", "KB081", 5, 1),
        (BASE + "form: varsel\nname: Kari\n", "KB081", 5, 7),
        (BASE + "email: kari@example.no\n", "KB081", 4, 1),
        (BASE + "epost: kari@example.no\n", "KB081", 4, 1),
        (BASE + "Telefon: 91234567\n", "KB081", 4, 1),
        (BASE + "ip: 192.0.2.1\n", "KB081", 4, 1),
        (BASE + "telefonsvarer: nei\n", "KB012", 4, 1),
        (BASE + "tekst: Hei igjen.\n", "KB013", 4, 1),
        (BASE + "Tekst: Hei igjen.\n", "KB013", 4, 1),
        ("text: [", "KB003", 2, 1),
        ("- Hei.\n", "KB080", 1, 1),
    ],
)  # fmt: skip
def test_each_fault_has_its_line_and_column(text: str, code: str, line: int, column: int) -> None:
    contribution, problems = read(text)
    assert [place(problem) for problem in problems] == [(code, line, column)]
    assert problems[0].severity is Severity.ERROR or contribution is not None
    assert problems[0].path == PATH


def test_a_file_whose_name_cannot_be_an_id_must_give_one() -> None:
    _, (problem,) = read(BASE, "dialogue/film/Innspill 1.yaml")
    assert place(problem) == ("KB080", 1, 1)
    assert read(BASE + "id: innspill-1\n", "dialogue/film/Innspill 1.yaml")[1] == []


def test_what_is_refused_is_never_repeated() -> None:
    text = BASE + "form: innspill\nfields: {helse: Astma}\nepost: kari@example.no\n"
    told = " ".join(map(str, read(text)[1]))
    assert "KB081" in told
    assert "Astma" not in told
    assert "kari@" not in told


@pytest.mark.parametrize(
    ("line", "at"),
    [
        ("name: Kari 91 23 45 67\n", (4, 12)),
        ("topic: 'Skriv til kari.nordmann@example.no'\n", (4, 19)),
        ("moderated: Spør 91 23 45 67\n", (4, 17)),
        ("form: innspill\nfields: {tema: ring 91 23 45 67}\n", (5, 21)),
        ("answers:\n  - by: kommunedirektor\n    date: 2026-11-14\n    text: |\n\n      Ring\n        91 23 45 67\n", (10, 9)),
    ],
)  # fmt: skip
def test_personal_data_in_any_text_is_a_warning_that_does_not_repeat_it(
    line: str, at: tuple[int, int]
) -> None:
    contribution, (problem,) = read(BASE + line)
    assert contribution is not None
    assert (problem.code, problem.severity, problem.line, problem.column) == ("KB081", Severity.WARNING, *at)
    assert "91" not in str(problem).partition("KB081")[2]
    assert "kari" not in str(problem).partition("KB081")[2]


def test_personal_data_in_a_block_is_told_at_its_line_and_column() -> None:
    text = "received: 2026-11-12\npublished: 2026-11-13\ntext: |\n  Hei.\n\n  Ring 91 23 45 67 da.\n"
    assert place(only(text)) == ("KB081", 6, 8)


def test_what_was_withdrawn_is_not_looked_through() -> None:
    assert sound(BASE.replace("Hei.", "Ring 91 23 45 67") + "state: withdrawn\n").is_withdrawn


def test_characters_that_deceive_are_a_warning() -> None:
    contribution, (problem,) = read(BASE + 'name: "Kari \\u202Eirak"\n')
    assert contribution is not None
    assert (place(problem), problem.severity) == (("KB089", 4, 7), Severity.WARNING)
    assert "direction" in problem.message


def test_a_form_that_is_gone_is_a_warning_unless_answers_hang_on_it() -> None:
    contribution, (problem,) = read(BASE + "form: innspil\n")
    assert contribution is not None
    assert (place(problem), problem.severity) == (("KB080", 4, 7), Severity.WARNING)
    assert "«innspill»" in problem.mend
    assert read(BASE + "form: i-stykker\nfields: {x: y}\n")[1] == []  # the form's own faults are told


def test_an_answer_by_nobody_known_is_a_plain_byline_and_a_warning() -> None:
    now = around()
    text = BASE + "answers: [{by: Ola Ukjent, date: 2026-11-14, text: Takk.}]\n"
    contribution, problems = contribution_of(read_contribution(text, PATH), now, "nb")
    assert problems == ()
    assert contribution is not None
    assert (contribution.answers[0].by.name, contribution.answers[0].by.known) == ("Ola Ukjent", False)
    (problem,) = now.people.problems
    assert (place(problem), problem.severity) == (("KB015", 4, 16), Severity.WARNING)
