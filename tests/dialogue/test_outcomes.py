"""What came of a call for input: the file ``outcome.yaml``, its faults, and when it is shown."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from kommunebeta.dialogue.model import FollowUp, Outcome, Theme
from kommunebeta.dialogue.outcomes import (
    first_sentences,
    outcome_problems,
    read_outcome,
    shown_outcome,
    summary_of,
)
from kommunebeta.errors import Problem, Severity
from kommunebeta.model import Consultation, ConsultationState, Person
from kommunebeta.moments import Clock

PATH = "dialogue/skolevei/outcome.yaml"
OSLO = ZoneInfo("Europe/Oslo")
CHIEF = Person("kommunedirektor", "Kommunedirektør")

WHOLE = """\
date: 2026-03-01
by: kommunedirektor
asked: {nb: Hva er farlig på skoleveien?, en: What is dangerous?}
said: Mange nevnte *krysset*.
themes:
  - {title: Trygg skolevei, count: 23, text: Krysset ved kirka.}
  - {title: {nb: Lys, en: Light}}
did: {nb: Vi bygger gangfelt., en: We build a crossing.}
did_not: Vi bygger ikke bru, for den koster for mye.
next: Gangfeltet står ferdig i mai.
follow_ups:
  - {date: 2026-08-01, text: Gangfeltet er i bruk.}
  - {date: 2026-06-01, text: Arbeidet er i gang.}
"""

NORWEGIAN = """\
dato: 01.03.2026
av: kommunedirektor
spurte: {nb: Hva er farlig på skoleveien?, en: What is dangerous?}
sa: Mange nevnte *krysset*.
temaer:
  - {tittel: Trygg skolevei, antall: 23, tekst: Krysset ved kirka.}
  - {tittel: {nb: Lys, en: Light}}
gjorde: {nb: Vi bygger gangfelt., en: We build a crossing.}
gjorde_ikke: Vi bygger ikke bru, for den koster for mye.
videre: Gangfeltet står ferdig i mai.
oppfolginger:
  - {dato: 2026-08-01, tekst: Gangfeltet er i bruk.}
  - {dato: 2026-06-01, tekst: Arbeidet er i gang.}
"""


def find(byline: str) -> Person | None:
    return CHIEF if byline == CHIEF.id else None


def read(text: str) -> tuple[Outcome | None, tuple[Problem, ...]]:
    return read_outcome(text, PATH, find)


def good(text: str) -> Outcome:
    outcome, problems = read(text)
    assert [str(problem) for problem in problems] == []
    assert outcome is not None
    return outcome


def faults(text: str) -> list[tuple[str, int, int]]:
    outcome, problems = read(text)
    assert outcome is None
    assert all(problem.message and problem.path == PATH for problem in problems)
    return [(problem.code, problem.line, problem.column) for problem in problems]


def test_an_outcome_says_what_was_asked_said_done_and_not_done() -> None:
    assert good(WHOLE) == Outcome(
        source=PATH,
        date=dt.date(2026, 3, 1),
        by=CHIEF,
        asked={"nb": "Hva er farlig på skoleveien?", "en": "What is dangerous?"},
        said={"": "Mange nevnte *krysset*."},
        themes=(
            Theme({"": "Trygg skolevei"}, 23, {"": "Krysset ved kirka."}),
            Theme({"nb": "Lys", "en": "Light"}),
        ),
        did={"nb": "Vi bygger gangfelt.", "en": "We build a crossing."},
        did_not={"": "Vi bygger ikke bru, for den koster for mye."},
        next={"": "Gangfeltet står ferdig i mai."},
        follow_ups=(
            FollowUp(dt.date(2026, 6, 1), {"": "Arbeidet er i gang."}),
            FollowUp(dt.date(2026, 8, 1), {"": "Gangfeltet er i bruk."}),
        ),
    )


def test_norwegian_keys_mean_the_same_also_inside_themes_and_follow_ups() -> None:
    assert good(NORWEGIAN) == good(WHOLE)


def test_nynorsk_keys_mean_the_same() -> None:
    text = (
        "dato: 2026-03-01\nsa: Mykje.\ntema:\n- {tittel: Lys, tal: 2}\ngjorde_ikkje: Nei.\nvidare: Snart.\n"
        "oppfølgingar:\n- {dato: 2026-04-01, tekst: Gjort.}\n"
    )
    outcome = good(text)
    assert (outcome.themes[0].count, outcome.did_not, outcome.next) == (2, {"": "Nei."}, {"": "Snart."})
    assert outcome.follow_ups[0].text == {"": "Gjort."}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", [("KB010", 1, 1)]),
        ("date: 2026-03-01\n", [("KB085", 1, 1)]),
        ("date: 2026-03-01\nsaid: Mye.\ndid: ''\n", [("KB085", 1, 1)]),
        ("date: 2026-03-01\nsaid: Mye.\ndid: {nb: '  '}\n", [("KB085", 1, 1)]),
        ("did: Alt.\n", [("KB010", 1, 1)]),
        ("date: i fjor\ndid: Alt.\n", [("KB014", 1, 7)]),
        ("date: 2026-03-01\ndidd: Alt.\n", [("KB012", 2, 1)]),
        ("dato: 2026-03-01\ndate: 2026-03-01\ndid: Alt.\n", [("KB013", 1, 1)]),
        ("Dato: 2026-03-01\ndate: 2026-03-01\ndid: Alt.\n", [("KB013", 1, 1)]),
        ("date: 2026-03-01\ndid: Alt.\nthemes:\n- {title: Lys, count: -1}\n", [("KB085", 4, 23)]),
        ("dato: 2026-03-01\ngjorde: Alt.\ntemaer:\n- {tittel: Lys, antall: mange}\n", [("KB085", 4, 25)]),
        ("date: 2026-03-01\ndid: Alt.\nthemes:\n- {title: Lys}\n- {count: 3}\n", [("KB010", 5, 3)]),
        ("date: 2026-03-01\ndid: Alt.\nthemes:\n- {title: Lys, tittel: Ljos}\n", [("KB013", 4, 16)]),
        ("date: 2026-03-01\ndid: Alt.\nthemes:\n-\n- {title: Lys, Tittel: Ljos}\n", [("KB013", 5, 16)]),
        ("date: 2026-03-01\ndid: Alt.\nthemes: mange\n", [("KB085", 3, 9)]),
        ("date: 2026-03-01\ndid: Alt.\nthemes: [Lys]\n", [("KB085", 3, 10)]),
        ("date: 2026-03-01\ndid: Alt.\nfollow_ups:\n- {date: 2026-02-28, text: Før}\n", [("KB085", 4, 10)]),
        ("dato: 2026-03-01\ngjorde: Alt.\noppfølginger:\n- {dato: 2026-02-28, tekst: Før}\n",
         [("KB085", 4, 10)]),
        ("date: 2026-03-01\ndid: Alt.\nthemes:\n- {title: ' ', count: 3}\n", [("KB085", 4, 11)]),
        ("date: 2026-03-01\ndid: Alt.\nfollow_ups:\n- {date: 2026-04-01, text: {nb: ' '}}\n",
         [("KB085", 4, 28)]),
        ("date: 2026-03-01\ndid: [Alt]\n", [("KB085", 2, 6)]),
        ("- date: 2026-03-01\n", [("KB085", 1, 1)]),
        ("date: [\n", [("KB003", 2, 1)]),
    ],
)  # fmt: skip
def test_every_fault_stands_at_its_line_and_column(text: str, found: list[tuple[str, int, int]]) -> None:
    assert faults(text) == found


def test_empty_texts_are_no_texts() -> None:
    outcome = good(
        "date: 2026-03-01\nsaid: ''\ndid: {nb: Alt., en: ' '}\nthemes:\n- {title: Lys, text: ''}\n"
    )
    assert (outcome.said, outcome.did, outcome.themes) == ({}, {"nb": "Alt."}, (Theme({"": "Lys"}),))


def test_somebody_without_a_file_is_warned_about_and_the_municipality_stands_for_it() -> None:
    outcome, (problem,) = read("date: 2026-03-01\nby: Ukjent\ndid: Alt.\n")
    assert outcome is not None
    assert outcome.by is None
    assert (problem.code, problem.line, problem.column, problem.severity) == (
        "KB015", 2, 5, Severity.WARNING,
    )  # fmt: skip


# Between outcome and post


def call(closes: str) -> Consultation:
    end = dt.datetime.fromisoformat(closes).replace(tzinfo=OSLO) + dt.timedelta(days=1)
    return Consultation("Hva?", "innspill", end - dt.timedelta(30), end, ConsultationState.CONCLUDED)


def test_an_outcome_fits_a_call_that_has_closed() -> None:
    assert outcome_problems(good(WHOLE), call("2026-02-28")) == ()


@pytest.mark.parametrize("closes", ["2026-03-01", "2026-03-15"])
def test_an_outcome_from_before_the_call_closes_is_warned_about(closes: str) -> None:
    (problem,) = outcome_problems(good(WHOLE), call(closes))
    assert (problem.code, problem.path, problem.severity) == ("KB085", PATH, Severity.WARNING)
    assert closes in problem.message


def test_an_outcome_without_a_call_for_input_is_warned_about() -> None:
    (problem,) = outcome_problems(good(WHOLE), None)
    assert (problem.code, problem.path, problem.severity) == ("KB085", PATH, Severity.WARNING)


# When it is shown


@pytest.mark.parametrize(
    ("at", "follow_ups", "following"),
    [
        ("2026-02-28 23:59", None, "2026-03-01 00:00"),
        ("2026-03-01 00:00", 0, "2026-06-01 00:00"),
        ("2026-06-01 00:00", 1, "2026-08-01 00:00"),
        ("2026-08-01 00:00", 2, None),
    ],
)
def test_an_outcome_and_its_follow_ups_are_shown_from_their_days_on(
    at: str, follow_ups: int | None, following: str | None
) -> None:
    clock = Clock(dt.datetime.fromisoformat(at).replace(tzinfo=OSLO), OSLO)
    shown = shown_outcome(good(WHOLE), clock)
    assert (len(shown.follow_ups) if shown else None) == follow_ups
    wanted = dt.datetime.fromisoformat(following).replace(tzinfo=OSLO) if following else None
    # Follow-ups are not asked of before the outcome itself is there.
    assert clock.next_change == wanted


# In two sentences


@pytest.mark.parametrize(
    ("text", "two"),
    [
        ("Én. To. Tre.", "Én. To."),
        ("Vi begynner 1. mars. Det tar tid. Mer.", "Vi begynner 1. mars. Det tar tid."),
        ("Kap. 3 gjelder, jf. Plan A og f.eks. Storgata. To! Tre?", "Kap. 3 gjelder, jf. Plan A og f.eks. Storgata. To!"),
        ("Det koster kr. 20 nå. Åpent kl. 12. Mer.", "Det koster kr. 20 nå. Åpent kl. 12."),
        ("«Ja.» «Nei.» «Kanskje.»", "«Ja.» «Nei.»"),
        ("Uten punktum", "Uten punktum"),
        ("", ""),
        ("Mii huksegohtit. Čáhci lea buhtis. Šaddá buorre.", "Mii huksegohtit. Čáhci lea buhtis."),
    ],
)  # fmt: skip
def test_the_first_two_sentences_of_a_text(text: str, two: str) -> None:
    assert first_sentences(text, 2) == two


def outcome(did: str = "", did_not: str = "") -> Outcome:
    said = {"did": {"": did} if did else {}, "did_not": {"": did_not} if did_not else {}}
    return Outcome(PATH, dt.date(2026, 3, 1), **said)


def test_a_summary_is_plain_text_of_what_was_done_else_of_what_was_not() -> None:
    assert summary_of(outcome("Vi **bygger** [gangfelt](https://x.example).\n\nI mai. Ja."), "nb", "nb") == (
        "Vi bygger gangfelt. I mai."
    )
    assert summary_of(outcome("", "Vi bygger ikke bru."), "nb", "nb") == "Vi bygger ikke bru."
    assert summary_of(good(WHOLE), "en", "nb") == "We build a crossing."
    assert summary_of(good(WHOLE), "se", "nb") == "Vi bygger gangfelt."


def test_a_summary_of_a_huge_text_without_a_sentence_is_short_and_quick() -> None:
    assert len(summary_of(outcome("a" * 1_000_000), "nb", "nb")) == 2000
    assert summary_of(outcome("Hei. \u202eOg\u202c hå. Mer. " + "*" * 1_000_000), "nb", "nb") == "Hei. Og hå."
