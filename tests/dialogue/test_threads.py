"""Threads: who replies to whom, what stands first, and on which page."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from kommunebeta.dialogue.forms import FormDefinition, read_form
from kommunebeta.dialogue.model import Answer, Contribution, ContributionState, Dialogue
from kommunebeta.dialogue.threads import Thread, arranged, counts_of, divided, threads_of, told
from kommunebeta.model import Person

CHIEF = Person("kommunedirektor", "Kommunedirektør")


def said(name: str, day: int = 1, reply_to: str = "", answered: bool = False) -> Contribution:
    moment = dt.datetime(2026, 11, day, 12, tzinfo=dt.UTC)
    answers = (Answer(f"svar-{name}-1", CHIEF, moment, "Takk.", "nb"),) if answered else ()
    return Contribution(
        f"dialogue/x/{name}.yaml",
        name,
        moment,
        moment,
        f"N{name}",
        "Hei.",
        reply_to=reply_to,
        answers=answers,
    )


def ids(threads: tuple[Thread, ...]) -> list[tuple[str, list[str]]]:
    return [(item.contribution.id, [reply.contribution.id for reply in item.replies]) for item in threads]


def test_the_newest_threads_stand_first_and_replies_in_order_of_time() -> None:
    dialogue = Dialogue("x", (said("a", 1), said("c", 4, "a"), said("b", 3, "a"), said("d", 2)))
    assert ids(threads_of(dialogue, "newest")) == [("d", []), ("a", ["b", "c"])]


def test_a_new_reply_does_not_lift_an_old_thread() -> None:
    dialogue = Dialogue("x", (said("a", 1), said("b", 2), said("c", 9, "a")))
    assert ids(threads_of(dialogue, "newest")) == [("b", []), ("a", ["c"])]


def test_answered_threads_can_stand_first() -> None:
    dialogue = Dialogue(
        "x",
        (
            said("a", 1, answered=True),
            said("b", 2),
            said("c", 3),
            said("d", 4, "b", answered=True),
            said("e", 5),
        ),
    )
    assert ids(threads_of(dialogue, "answered")) == [("b", ["d"]), ("a", []), ("e", []), ("c", [])]


def test_replies_to_replies_stand_in_one_line_and_say_to_whom() -> None:
    dialogue = Dialogue("x", (said("a", 1), said("b", 2, "a"), said("c", 3, "b"), said("d", 4, "c")))
    (thread,) = threads_of(dialogue, "newest")
    assert [(item.contribution.id, item.to, item.name) for item in thread.replies] == [
        ("b", "innspill-a", "Na"),
        ("c", "innspill-b", "Nb"),
        ("d", "innspill-c", "Nc"),
    ]


def test_equal_moments_have_one_order() -> None:
    items = tuple(said(name) for name in "cab")
    assert ids(threads_of(Dialogue("x", items), "newest")) == ids(
        threads_of(Dialogue("x", items[::-1]), "newest")
    )


@pytest.mark.parametrize(
    ("threads", "pages"), [(0, [0]), (1, [1]), (50, [50]), (51, [50, 1]), (100, [50, 50]), (101, [50, 50, 1])]
)
def test_fifty_stand_on_a_page(threads: int, pages: list[int]) -> None:
    dialogue = Dialogue("x", tuple(said(f"n{at}") for at in range(threads)))
    assert [len(page) for page in divided(threads_of(dialogue, "newest"), 50)] == pages


def test_a_thread_is_never_torn_apart() -> None:
    items = (
        said("a", 9), said("b", 8), *(said(f"r{at}", 9, "b") for at in range(4)),
        said("c", 7), said("d", 6), *(said(f"s{at}", 9, "d") for at in range(9)), said("e", 5),
    )  # fmt: skip
    laid = arranged(Dialogue("x", items), "newest", 5)
    assert [[thread.contribution.id for thread in page] for page in laid.pages] == [
        ["a"], ["b"], ["c"], ["d"], ["e"],
    ]  # fmt: skip
    assert (laid.page_of["r3"], laid.page_of["s8"], laid.total) == (2, 4, 18)


def test_what_was_taken_back_keeps_its_place_and_is_not_counted_as_published() -> None:
    gone = replace(said("b", 2, answered=True), state=ContributionState.WITHDRAWN, text="")
    dialogue = Dialogue("x", (said("a", answered=True), gone, said("c", 3, "b")), received=57)
    counts = counts_of(dialogue)
    assert (counts.received, counts.published, counts.answered, counts.answers) == (57, 2, 1, 2)
    assert ids(threads_of(dialogue, "newest"))[0] == ("b", ["c"])


def test_never_more_is_published_than_came_in() -> None:
    assert counts_of(Dialogue("x", (said("a"), said("b")), received=1)).received == 2


FORM = """\
title: Innspill
fields:
  - {kind: many, name: tema, label: {nb: Tema, nn: Emne}, choices: [{value: vei, label: {nb: Vei, nn: Veg}}, {value: skole, label: {nb: Skole, nn: Skule}}], other: ja}
  - {kind: yes_no, name: enig, label: Er du enig?}
  - {kind: short, name: sted, label: Sted}
"""


def test_answers_to_other_questions_are_told_in_the_form_s_words() -> None:
    form, _ = read_form(FORM, "forms/innspill.yaml")
    assert isinstance(form, FormDefinition)
    fields = (("tema", "vei, skole, noe annet"), ("enig", "yes"), ("sted", "vei"))
    item = replace(said("a"), fields=fields)
    shown = [(told.question, told.answer, told.kind) for told in told(item, form, "nn")]
    assert shown == [
        ("Emne", "Veg, Skule, noe annet", "many"),
        ("Er du enig?", "yes", "yes_no"),
        ("Sted", "vei", "short"),
    ]
    assert [answer.question for answer in told(item, None, "nn")] == ["tema", "enig", "sted"]
