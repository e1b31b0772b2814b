"""The dialogue's own duties: late answers and outcomes, closed forms, roles, an old statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from kommunebeta.check.dialogue import (
    answers_by_former_people,
    late_answers,
    links_to_closed_forms,
    missing_outcomes,
    old_statement,
    open_forms_of_closed_calls,
    people_without_a_role,
)
from kommunebeta.check.state import Report
from kommunebeta.errors import Severity
from kommunebeta.model import Channel, Person
from tests.check.wholes import CHIEF, call, link, page, post, said, sent, told, whole

Make = Callable[[Mapping[str, str]], Path]
FORMER = Person("for", "Rådgiver", former=True)
ASKED = {
    "dialogue/sak/a.yaml": "# Fra skjemaet\nmottatt: 2026-03-02 12:00\ntekst: Når?\n",
    "dialogue/sak/b.yaml": "received: 2026-03-05 12:00\ntext: Hvor?\n",
}


# Answers


def test_each_late_answer_is_told_at_the_line_that_says_when_it_came(make_folder: Make) -> None:
    asked = said(sent("a", "2026-03-02 12:00"), sent("b", "2026-03-05 12:00"))
    site = whole(make_folder(ASKED), posts=[post("sak", responsible=CHIEF)], dialogue=asked)
    message = "The answer was due on 2026-03-09: «Kommunedirektør» promises one within 5 working days."
    assert told(late_answers(site)) == [("KB170", "dialogue/sak/a.yaml", 2, message)]
    assert [fault.page for fault in late_answers(site)] == ["2026/01/sak/index.html"]


def test_an_answer_becomes_late_when_its_last_day_is_over(make_folder: Make) -> None:
    folder, asked = make_folder(ASKED), said(sent("a", "2026-03-02 12:00"))
    posts = [post("sak", responsible=CHIEF)]
    assert not told(late_answers(whole(folder, posts=posts, dialogue=asked, at="2026-03-09 23:59")))
    assert told(late_answers(whole(folder, posts=posts, dialogue=asked, at="2026-03-10 00:00")))


@pytest.mark.parametrize("state", ["answered", "noted", "withdrawn"])
def test_what_waits_no_more_is_not_late(make_folder: Make, state: str) -> None:
    posts, asked = [post("sak", responsible=CHIEF)], said(sent("a", "2026-01-05 12:00", state))
    assert not told(late_answers(whole(make_folder(ASKED), posts=posts, dialogue=asked)))


def test_where_nobody_promises_anything_nothing_is_late(make_folder: Make) -> None:
    posts = [post("sak", responsible=Person("ordforer", "Ordfører"))]
    asked = said(sent("a", "2026-01-05 12:00"))
    assert not told(late_answers(whole(make_folder(ASKED), posts=posts, dialogue=asked)))


def test_translations_that_share_a_dialogue_tell_of_it_once(make_folder: Make) -> None:
    same = {"id": "sak", "translation_key": "sak", "responsible": CHIEF}
    posts = [post("sak.nn", lang="nn", **same), post("sak", **same)]
    site = whole(make_folder(ASKED), posts=posts, dialogue=said(sent("a", "2026-03-02 12:00")))
    assert [fault.page for fault in late_answers(site)] == ["2026/01/sak/index.html"]


# Outcomes

CALL = """---
title: Sak
innspillsrunde:
  question: Hva?
  opens: 2026-01-01
  closes: 2026-02-01
  outcome_due: 2026-03-01
---

Tekst.
"""


def test_an_outcome_that_is_late_is_told_at_the_line_of_the_promise(make_folder: Make) -> None:
    posts = [post("sak", consultation=call("2026-02-02", "2026-03-01"))]
    site = whole(make_folder({"content/posts/sak.md": CALL}), posts=posts)
    message = "The outcome of the call for input was promised by 2026-03-01."
    assert told(missing_outcomes(site)) == [("KB171", "content/posts/sak.md", 7, message)]


def test_a_call_that_promised_nothing_has_thirty_days_to_tell_what_came_of_it(make_folder: Make) -> None:
    folder = make_folder({"content/posts/sak.md": CALL})
    posts = [post("sak", consultation=call("2026-02-02", state="closed"))]
    assert not told(missing_outcomes(whole(folder, posts=posts, at="2026-03-04 00:00")))
    (found,) = told(missing_outcomes(whole(folder, posts=posts, at="2026-03-04 00:01")))
    message = "The call for input closed on 2026-02-01, and nothing is told or promised of it."
    assert found == ("KB171", "content/posts/sak.md", 6, message)


@pytest.mark.parametrize(
    "given",
    [
        call("2026-02-02", "2026-03-10"),  # the last day is in time
        call("2026-03-11", "2026-03-01", state="open"),
        call("2026-02-02", "2026-03-01", state="concluded"),
    ],
)
def test_an_outcome_in_time_is_not_told_of(make_folder: Make, given: object) -> None:
    site = whole(make_folder({"content/posts/sak.md": CALL}), posts=[post("sak", consultation=given)])
    assert not told(missing_outcomes(site))


def test_an_outcome_is_told_once_for_all_translations(make_folder: Make) -> None:
    due = call("2026-02-02", "2026-03-01")
    posts = [
        post("sak.nn", lang="nn", translation_key="sak", consultation=due),
        post("sak", consultation=due),
    ]
    site = whole(make_folder({"content/posts/sak.md": CALL}), posts=posts)
    assert [fault.path for fault in missing_outcomes(site)] == ["content/posts/sak.md"]


# Forms


def linked(target: str, fragment: str, *ids: str) -> tuple[Report, ...]:
    return (Report("a/index.html", anchors=(link(target, fragment),)), Report(target, ids=ids))


def test_a_link_to_a_form_that_has_closed_is_told_of(make_folder: Make) -> None:
    reports = linked("2026/01/sak/index.html", "form-innspill")
    site = whole(make_folder({}), posts=[post("sak", consultation=call("2026-02-02"))], reports=reports)
    (fault,) = links_to_closed_forms(site)
    assert (fault.page, fault.clue) == ("a/index.html", link("", "").clue)
    assert fault.message == "The link leads to a form that closed on 2026-02-01."


@pytest.mark.parametrize(
    ("closes", "fragment", "ids"),
    [
        ("2026-02-02", "form-innspill", ("form-innspill",)),  # there after all
        ("2026-04-01", "form-innspill", ()),  # open, but sent nowhere: another check's matter
        ("2026-02-02", "form-annet", ()),
        ("2026-02-02", "question-title", ()),
    ],
)
def test_other_links_to_a_call_are_left_alone(
    make_folder: Make, closes: str, fragment: str, ids: tuple[str, ...]
) -> None:
    reports = linked("2026/01/sak/index.html", fragment, *ids)
    site = whole(make_folder({}), posts=[post("sak", consultation=call(closes))], reports=reports)
    assert not told(links_to_closed_forms(site))


FORM = "title: Sykkel\nfields:\n  - {name: hva, kind: text, label: Hva?}\n"


@pytest.mark.parametrize(
    ("form", "closes", "is_told"),
    [("sykkel", "2026-02-02", True), ("sykkel", "2026-04-01", False), ("innspill", "2026-02-02", False)],
)
def test_a_page_that_still_shows_the_form_of_a_closed_call_is_told_of(
    make_folder: Make, form: str, closes: str, is_told: bool
) -> None:
    text = f"---\ntitle: Side\nfeedback: {form}\n---\n"
    folder = make_folder({"forms/sykkel.yaml": FORM, "content/pages/side.md": text})
    site = whole(
        folder,
        posts=[post("sak", consultation=call(closes, form=form))],
        pages=[page("side", feedback=form)],
        forms=["sykkel", "innspill"],
    )
    message = "The form «sykkel» is shown, though the call for input that it is for closed on 2026-02-01."
    wanted = [("KB172", "content/pages/side.md", 3, message)] if is_told else []
    assert told(open_forms_of_closed_calls(site)) == wanted


def test_a_form_of_two_calls_stays_as_long_as_one_is_open(make_folder: Make) -> None:
    folder = make_folder({"forms/sykkel.yaml": FORM, "content/pages/side.md": "---\ntitle: Side\n---\n"})
    site = whole(
        folder,
        posts=[
            post("sak", consultation=call("2026-02-02", form="sykkel")),
            post("ny", consultation=call("2026-04-01", form="sykkel")),
        ],
        pages=[page("side", feedback="sykkel")],
        forms=["sykkel"],
    )
    assert not told(open_forms_of_closed_calls(site))


# Roles


def test_a_role_that_is_missing_in_a_language_of_the_site_is_a_note(make_folder: Make) -> None:
    folder = make_folder({"people/kommunedirektor.yaml": "rolle: Kommunedirektør\n"})
    site = whole(folder, "languages: [nb, nn, en]\n", people=[CHIEF])
    (fault,) = people_without_a_role(site)
    assert (fault.path, fault.severity) == ("people/kommunedirektor.yaml", Severity.NOTE)
    assert fault.message == "The role «Kommunedirektør» is not given in the language «en»."


def test_translated_roles_and_those_of_former_people_are_left_alone(make_folder: Make) -> None:
    people = [
        Person("a", "Rådgiver", translations={"en": {"role": "Adviser"}}),
        Person("b", "Sjef", former=True),
        Person("c", "", name="Kari", known=False),
    ]
    assert not told(people_without_a_role(whole(make_folder({}), "languages: [nb, en]\n", people=people)))


def test_a_person_with_an_empty_role_is_told_of(make_folder: Make) -> None:
    folder = make_folder({"people/a.yml": "name: Kari\nrolle: ' '\n"})
    found = told(people_without_a_role(whole(folder, people=[Person("a", " ", name="Kari")])))
    assert found == [("KB173", "people/a.yml", 2, "The person has no role.")]


@pytest.mark.parametrize(
    ("given", "is_told"),
    [
        ({"feedback": "sporsmal"}, True),
        ({"comments": "open"}, True),
        ({"consultation": call("2026-04-01", state="open")}, True),
        ({"consultation": call("2026-02-02", state="concluded")}, False),
        ({}, False),
    ],
)
def test_somebody_who_has_left_is_told_of_where_people_may_wait_for_an_answer(
    make_folder: Make, given: Mapping[str, object], is_told: bool
) -> None:
    folder = make_folder({"content/posts/sak.md": "---\ntitle: Sak\nansvarlig: for\n---\n"})
    site = whole(folder, posts=[post("sak", responsible=FORMER, **given)], people=[FORMER])
    message = "«Rådgiver» is named as the one who answers, but has left the role."
    assert told(answers_by_former_people(site)) == (
        [("KB173", "content/posts/sak.md", 3, message)] if is_told else []
    )


def test_somebody_who_has_left_and_still_answers_on_a_channel_is_told_of(make_folder: Make) -> None:
    channel = Channel("facebook", "Facebook", "https://www.facebook.com/x", responsible=FORMER)
    settings = "channels:\n  - kind: facebook\n    url: https://www.facebook.com/x\n    responsible: for\n"
    site = whole(make_folder({}), settings, people=[FORMER], channels={"nb": (channel,)})
    ((code, path, line, _),) = told(answers_by_former_people(site))
    assert (code, path, line) == ("KB173", "kommunebeta.yaml", 7)


# The accessibility statement

STATEMENT = "accessibility:\n  statement_url: https://uustatus.no/nb/x\n"


@pytest.mark.parametrize(
    ("settings", "line", "words"),
    [
        (f"{STATEMENT}  reviewed: 2025-03-09\n", 6, "was last reviewed on 2025-03-09"),
        (f"{STATEMENT}  reviewed: 2026-03-11\n", 6, "is yet to come"),
        (STATEMENT, 5, "It is not said when"),
        ("accessibility: {reviewed: 2024-02-29}\n", 4, "2024-02-29"),
    ],
)
def test_a_statement_that_is_old_or_has_no_day_is_told_of(
    make_folder: Make, settings: str, line: int, words: str
) -> None:
    ((code, path, at, message),) = told(old_statement(whole(make_folder({}), settings)))
    assert (code, path, at) == ("KB174", "kommunebeta.yaml", line)
    assert words in message


@pytest.mark.parametrize("settings", [f"{STATEMENT}  reviewed: 2025-03-10\n", ""])
def test_a_statement_of_a_year_ago_today_is_good_and_a_missing_one_another_matter(
    make_folder: Make, settings: str
) -> None:
    assert not told(old_statement(whole(make_folder({}), settings)))
