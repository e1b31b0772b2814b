"""The figures of surveys: what is refused and where, what is shown, and the same for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kommunebeta.dialogue.forms import FormDefinition, read_form
from kommunebeta.dialogue.model import Chart, QuestionResult, Results
from kommunebeta.dialogue.questions import ChoiceField
from kommunebeta.dialogue.results import read_results, results_csv
from kommunebeta.errors import Problem

FORM = """\
title: Om bloggen
fields:
  - {kind: scale, name: nytte, label: Hvor nyttig?, min_label: Ikke nyttig, max_label: {nb: Svært nyttig, en: Very}}
  - {kind: one, name: fant, label: Hvordan fant du hit?, other: true, choices: [Avis, Venner, Nett]}
  - {kind: many, name: bruker, label: Hva bruker du?, choices: [Buss, Sykkel, Bil]}
  - {kind: yes_no, name: barn, label: Har du barn?}
  - {kind: scale, name: skole, label: Er skolen god?, max: 3, show_if: {field: barn, equals: "yes"}}
  - kind: matrix
    name: enig
    label: Hvor enig?
    rows: [{value: forstar, label: Jeg forstår}, {value: svar, label: Jeg får svar}]
    columns: [Uenig, Verken, Enig]
  - {kind: ranking, name: tema, label: Hva først?, choices: [Skole, Vei, Helse]}
  - {kind: yes_no, name: syk, label: Er du syk?, confidential: true}
  - {kind: number, name: alder, label: Hvor gammel er du?}
  - {kind: long, name: annet, label: Noe mer?}
"""
HEAD = "form: undersokelse\ncollected: 2026-10-01\nrespondents: 100\n"


def form() -> FormDefinition:
    made, problems = read_form(FORM, "forms/undersokelse.yaml")
    assert made is not None, problems
    return made


def read(questions: str, head: str = HEAD) -> tuple[Results | None, tuple[Problem, ...]]:
    text = head + "questions:\n" + "".join(f"  {line}\n" for line in questions.splitlines())
    find: Callable[[str], FormDefinition | None] = {"undersokelse": form()}.get
    return read_results(text, "dialogue/blogg/results.yaml", find)


def question(questions: str, head: str = HEAD, name: str = "") -> QuestionResult:
    results, problems = read(questions, head)
    assert results is not None, problems
    return next(item for item in results.questions if item.name == name or not name)


def counts(result: QuestionResult) -> list[list[int | None]]:
    return [[cell.count for cell in row.cells] for row in result.rows]


def problem(questions: str, head: str = HEAD) -> Problem:
    results, problems = read(questions, head)
    assert results is None
    (found,) = problems
    assert found.path == "dialogue/blogg/results.yaml"
    assert found.mend
    return found


@pytest.mark.parametrize(
    ("questions", "line", "column", "message"),
    [
        ("nyte: {1: 20}", 5, 3, "The form «undersokelse» has no question «nyte»."),
        ("annet: {ja: 20}", 5, 3, "The answers to «annet» are not counted: it is of kind «long»."),
        ("alder: {40: 20}", 5, 3, "The answers to «alder» are not counted: it is of kind «number»."),
        ("syk: {yes: 20}", 5, 3, "The form promises that answers to «syk» are never published."),
        ("nytte: {6: 20}", 5, 11, "The question «nytte» has no answer «6»."),
        ("nytte:\n  4: 20\n  5: -3", 7, 8, "How many answered «5» is a whole number from 0, not «-3»."),
        ("nytte: {1: 2.5}", 5, 14, "How many answered «1» is a whole number from 0, not «2.5»."),
        ("nytte: {1: mange}", 5, 14, "How many answered «1» is a whole number from 0, not «mange»."),
        ("nytte: {1: {a: 2}}", 5, 14, "How many answered «1» is a whole number from 0, not this."),
        ("nytte: {1: 60, 2: 41}", 5, 3, "«nytte» has 101 answers, but only 100 took part."),
        ("barn: {ja: 20}", 5, 10, "The question «barn» has no answer «ja»."),
        ("bruker: {buss: 101}", 5, 3, "«bruker» has 101 answers, but only 100 took part."),
        ("bruker: {other: 10}", 5, 12, "The question «bruker» has no answer «other»."),
        ("enig: {svr: {enig: 10}}", 5, 10, "The question «enig» has no line «svr»."),
        ("enig: {svar: 10}", 5, 16, "«svar» needs counts of its own."),
        ("enig: {svar: {enig: 99, uenig: 2}}", 5, 10, "«svar» has 101 answers, but only 100 took part."),
        ("tema: {vei: {4: 10}}", 5, 16, "The question «tema» has no answer «4»."),
        (
            "tema: {vei: {1: 60}, skole: {1: 60}}",
            5,
            3,
            "«tema» has 120 answers on place 1, but only 100 took part.",
        ),
        ("skole: {1: 20}", 5, 3, "«skole» depends on the answer to «barn», which has no figures."),
    ],
)
def test_a_fault_is_told_at_its_place(questions: str, line: int, column: int, message: str) -> None:
    found = problem(questions)
    assert (found.code, found.line, found.column, found.message) == ("KB085", line, column, message)


@pytest.mark.parametrize(
    ("head", "code", "place"),
    [
        ("form: borte\ncollected: 2026-10-01\nrespondents: 9\n", "KB085", (1, 7)),
        ("form: undersokelse\ncollected: i fjor\nrespondents: 9\n", "KB014", (2, 12)),
        ("form: undersokelse\ncollected: 2026-10-01\nrespondents: -1\n", "KB085", (3, 14)),
        ("form: undersokelse\ncollected: 2026-10-01\nrespondents: ni\n", "KB085", (3, 14)),
        ("form: undersokelse\ncollected: 2026-10-01\n", "KB010", (1, 1)),
        ("form: undersokelse\ncollected: 2026-10-01\nrespondents: 9\nsvar: 3\n", "KB012", (4, 1)),
        (HEAD + "deltakere: 9\n", "KB013", (4, 1)),
    ],
)
def test_a_fault_at_the_top_is_told_at_its_place(head: str, code: str, place: tuple[int, int]) -> None:
    found = problem("nytte: {3: 5}", head)
    assert (found.code, (found.line, found.column)) == (code, place)


def test_all_faults_are_told_at_once() -> None:
    _, problems = read("nytte: {6: 20}\nfant: {radio: 1}\nenig: {svar: 10}")
    assert [(found.line, found.code) for found in problems] == [(5, "KB085"), (6, "KB085"), (7, "KB085")]


def test_norwegian_keys_will_do() -> None:
    head = "skjema: undersokelse\ntalt_opp: 01.10.2026\ndeltakere: 50\netter_frist: nei\nmerknad: Alle fikk spørsmålet.\n"
    results, problems = read("nytte: {3: 50}", head)
    assert results is not None, problems
    assert (results.respondents, results.after_close) == (50, False)
    assert results.note_in("nn") == "Alle fikk spørsmålet."


def test_figures_are_hidden_until_close_unless_the_file_says_otherwise() -> None:
    results, _ = read("nytte: {3: 50}")
    assert results is not None
    assert results.after_close


def test_a_scale_shows_counts_shares_and_the_mean_in_the_forms_order() -> None:
    result = question("nytte: {5: 30, 4: 40, 3: 10, 2: 10, 1: 10}")
    (row,) = result.rows
    assert result.chart is Chart.SCALE
    assert [(cell.label_in("nb"), cell.count, cell.share) for cell in row.cells] == [
        ("1 – Ikke nyttig", 10, 10),
        ("2", 10, 10),
        ("3", 10, 10),
        ("4", 40, 40),
        ("5 – Svært nyttig", 30, 30),
    ]
    assert row.cells[4].label_in("en") == "5 – Very"
    assert (row.total, row.mean) == (100, 3.7)
    assert not result.suppressed


def test_a_hidden_count_takes_the_mean_with_it() -> None:
    (row,) = question("nytte: {5: 30, 4: 40, 3: 10, 2: 6, 1: 2}").rows
    assert [cell.count for cell in row.cells] == [None, None, 10, 40, 30]
    assert [cell.share is None for cell in row.cells] == [True, True, False, False, False]
    assert (row.total, row.mean) == (88, None)


def test_answers_that_are_left_out_count_nought_and_are_hidden_like_other_small_ones() -> None:
    assert counts(question("fant: {avis: 40, venner: 12}")) == [[40, None, None, None]]
    assert question("fant: {avis: 40, venner: 12}").suppressed


def test_of_several_choices_each_is_shown_if_enough_chose_it_and_enough_did_not() -> None:
    result = question("bruker: {buss: 97, sykkel: 60, bil: 4}")
    assert result.several
    assert counts(result) == [[None, 60, None]]
    assert (result.rows[0].total, result.rows[0].cells[1].share) == (100, 60)


def test_each_line_of_a_matrix_is_hidden_by_itself() -> None:
    result = question(
        "enig: {forstar: {uenig: 3, verken: 20, enig: 70}, svar: {uenig: 10, verken: 20, enig: 30}}"
    )
    assert counts(result) == [[None, None, 70], [10, 20, 30]]
    assert [row.label_in("nb") for row in result.rows] == ["Jeg forstår", "Jeg får svar"]


def test_a_line_with_fewer_than_five_answers_has_no_total() -> None:
    result = question("enig: {svar: {uenig: 10, verken: 20, enig: 30}}")
    assert counts(result)[0] == [None, None, None]
    assert [row.total for row in result.rows] == [None, 60]


def test_a_ranking_shows_places_and_mean_places_the_best_first() -> None:
    result = question(
        "tema: {skole: {1: 20, 2: 30, 3: 50}, vei: {1: 30, 2: 40, 3: 30}, helse: {1: 50, 2: 30, 3: 20}}"
    )
    assert [row.label_in("nb") for row in result.ranked] == ["Helse", "Vei", "Skole"]
    assert [row.mean for row in result.ranked] == [1.7, 2.0, 2.3]
    assert [cell.value for cell in result.rows[0].cells] == ["1", "2", "3"]


def test_a_ranking_with_a_small_count_is_shown_in_halves_without_means_and_in_the_forms_order() -> None:
    result = question(
        "tema: {skole: {1: 16, 2: 30, 3: 54}, vei: {1: 28, 2: 70, 3: 2}, helse: {1: 56, 3: 44}}"
    )
    assert (result.merged, result.suppressed) == (True, False)
    assert [cell.value for cell in result.rows[0].cells] == ["1", "2-3"]
    assert counts(result) == [[16, 84], [28, 72], [56, 44]]
    assert [row.mean for row in result.ranked] == [None, None, None]
    assert result.ranked == result.rows


def test_a_ranking_with_small_halves_shows_no_count() -> None:
    result = question(
        "tema: {skole: {1: 2, 2: 48, 3: 50}, vei: {1: 50, 2: 2, 3: 48}, helse: {1: 48, 2: 50, 3: 2}}"
    )
    assert counts(result) == [[None] * 3] * 3
    assert [row.total for row in result.rows] == [100] * 3


def test_of_fewer_than_five_respondents_nothing_is_told() -> None:
    head = HEAD.replace("100", "4")
    results, _ = read("nytte: {3: 4}\nbruker: {buss: 4}\nenig: {svar: {enig: 4}}\ntema: {vei: {1: 4}}", head)
    assert results is not None
    assert results.respondents is None
    assert {cell.count for item in results.questions for row in item.rows for cell in row.cells} == {None}
    assert {row.total for item in results.questions for row in item.rows} == {None}


def test_a_follow_up_is_hidden_where_the_answer_that_brings_it_up_is_hidden() -> None:
    # Sixty answers to the follow-up would tell that sixty have children, and so that three have not.
    given = "barn: {yes: 60, no: 3}\nskole: {1: 20, 2: 20, 3: 20}"
    follow_up = question(given, name="skole")
    assert counts(follow_up) == [[None, None, None]]
    assert follow_up.rows[0].total is None


def test_a_follow_up_is_shown_where_the_answer_that_brings_it_up_is_shown() -> None:
    given = "barn: {yes: 60, no: 30}\nskole: {1: 20, 2: 20, 3: 20}"
    assert counts(question(given, name="skole")) == [[20, 20, 20]]


FEW = st.integers(0, 12)


@given(st.data())
def test_nothing_below_five_leaves_the_reader_in_any_form(data: st.DataObject) -> None:
    def drawn(answers: str) -> str:
        return "{" + ", ".join(f"{answer}: {data.draw(FEW)}" for answer in answers.split()) + "}"

    def table(lines: str, answers: str) -> str:
        return "{" + ", ".join(f"{line}: {drawn(answers)}" for line in lines.split()) + "}"

    lines = [
        f"nytte: {drawn('1 2 3 4 5')}",
        f"fant: {drawn('avis venner nett other')}",
        f"bruker: {drawn('buss sykkel bil')}",
        f"barn: {drawn('yes no')}",
        f"skole: {drawn('1 2 3')}",
        f"enig: {table('forstar svar', 'uenig verken enig')}",
        f"tema: {table('skole vei helse', '1 2 3')}",
    ]
    results, problems = read("\n".join(lines), HEAD.replace("100", str(data.draw(st.integers(60, 100)))))
    assert results is not None, problems
    for item in results.questions:
        for row in item.rows:
            assert row.total is None or row.total >= 5
            assert all(cell.count is None or cell.count >= 5 for cell in row.cells)
            assert all((cell.share is None) == (cell.count is None) for cell in row.cells)
            assert row.mean is None or not (item.merged or any(cell.count is None for cell in row.cells))
    numbers = [line[3] for line in rows_of(results_csv(results, "nb", str))[1:]]
    assert all(not number.isdigit() or int(number) >= 5 for number in numbers)


@given(st.lists(st.integers(0, 20), min_size=5, max_size=5))
def test_a_stacked_bar_is_full_and_in_order(given_counts: list[int]) -> None:
    listed = ", ".join(f"{at}: {count}" for at, count in enumerate(given_counts, 1))
    (row,) = question(f"nytte: {{{listed}}}").rows
    segments = row.segments
    assert bool(segments) == (row.total is not None)
    at = 0.0
    for segment in segments:
        assert segment.start == pytest.approx(at, abs=0.05)
        at += segment.width
    assert not segments or at == pytest.approx(100, abs=0.05)
    hidden = [segment for segment in segments if segment.cell is None]
    assert len(hidden) == (any(cell.count is None for cell in row.cells) and row.total is not None)


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))


def test_the_csv_is_one_that_norwegian_spreadsheets_open() -> None:
    results, _ = read("nytte: {5: 30, 4: 44, 3: 6, 2: 6, 1: 6}")
    assert results is not None
    text = results_csv(results, "nb", str)
    assert text.startswith("\ufeffQuestion;Row;Answer;Number;Per cent\r\n")
    assert text.encode()[:3] == b"\xef\xbb\xbf"
    assert text.count("\r\n") == text.count("\n") == 6
    assert "Hvor nyttig?;;4;44;47,8\r\n" in text
    assert "Hvor nyttig?;;4;44;47.8\r\n" in results_csv(results, "en", str)


def test_the_csv_says_where_a_count_is_hidden() -> None:
    given_counts = "fant: {avis: 40, venner: 12}\nbarn: {yes: 50, no: 40}"
    ranking = "tema: {skole: {1: 16, 2: 30, 3: 54}, vei: {1: 28, 2: 70, 3: 2}, helse: {1: 56, 3: 44}}"
    results, _ = read(f"{given_counts}\n{ranking}")
    assert results is not None
    hidden = "fewer than five, or hidden to protect others"
    assert rows_of(results_csv(results, "nb", str))[1:9] == [
        ["Hvordan fant du hit?", "", "Avis", "40", "76,9"],
        ["Hvordan fant du hit?", "", "Venner", hidden, ""],
        ["Hvordan fant du hit?", "", "Nett", hidden, ""],
        ["Hvordan fant du hit?", "", "Other", hidden, ""],
        ["Har du barn?", "", "Yes", "50", "55,6"],
        ["Har du barn?", "", "No", "40", "44,4"],
        ["Hva først?", "Skole", "Place 1", "16", "16,0"],
        ["Hva først?", "Skole", "Places 2–3", "84", "84,0"],
    ]


def test_no_cell_of_the_csv_is_a_formula() -> None:
    text = FORM.replace("[Avis, Venner, Nett]", "['=1+1', '@SUM(A1)', 'a;=1+1\"']").replace(
        "Hvordan fant du hit?", "'=cmd()'"
    )
    hostile, problems = read_form(text, "forms/undersokelse.yaml")
    assert hostile is not None, problems
    asked = hostile.fields[1]
    assert isinstance(asked, ChoiceField)
    values = [choice.value for choice in asked.choices]
    listed = "".join(f"    '{value}': 10\n" for value in values)
    results, faults = read_results(
        f"{HEAD}questions:\n  fant:\n{listed}    other: 10\n", "x", lambda _: hostile
    )
    assert results is not None, faults
    cells = [cell for line in rows_of(results_csv(results, "nb", str)) for cell in line]
    assert any("1+1" in cell for cell in cells)
    assert [cell for cell in cells if cell.startswith(("=", "@", "+", "-", "\t", "\r"))] == []
