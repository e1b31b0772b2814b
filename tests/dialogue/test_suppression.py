"""No small count is shown, and none can be worked out by somebody who knows all that is shown, and the program.

The attacker of these tests goes through every survey of a given size, sees which of them look alike when they
are published, and asks of each gap how many values it can have.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kommunebeta.dialogue import suppression
from kommunebeta.dialogue.suppression import (
    LIMIT,
    hidden_answers,
    hidden_choices,
    may_be_shown,
    shown_places,
)

Line = tuple[int, ...]
COUNTS = st.lists(st.one_of(st.integers(0, 12), st.integers(0, 5000)), min_size=2, max_size=12)


def lines(answers: int, total: int) -> Iterator[Line]:
    """Every way in which a number of people can give a number of answers."""
    if answers == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in lines(answers - 1, total - first):
            yield (first, *rest)


def rankings(things: int, total: int) -> Iterator[tuple[Line, ...]]:
    """Every ranking table: each row and each column comes to the total."""

    def below(left: Line, rows: int) -> Iterator[tuple[Line, ...]]:
        if rows == 1:
            yield (left,)
            return
        for row in every:
            rest = tuple(have - use for have, use in zip(left, row, strict=True))
            if min(rest) >= 0:
                for more in below(rest, rows - 1):
                    yield (row, *more)

    every = list(lines(things, total))
    yield from below((total,) * things, things)


def fewest_values(alike: Iterable[tuple[Hashable, Sequence[int], Iterable[int]]]) -> int:
    """The fewest values that a gap can have: of (what is shown, the counts behind, which of them are gaps)."""
    values: dict[tuple[Hashable, int], set[int]] = defaultdict(set)
    for picture, counts, gaps in alike:
        for gap in gaps:
            values[picture, gap].add(counts[gap])
    return min(map(len, values.values()))


def published_line(counts: Line) -> tuple[Hashable, Line, frozenset[int]]:
    hidden = hidden_answers(counts)
    shown = tuple(None if at in hidden else count for at, count in enumerate(counts))
    return (shown, sum(counts) if may_be_shown(sum(counts)) else None), counts, hidden


@given(COUNTS)
def test_a_count_below_five_is_never_shown(counts: list[int]) -> None:
    shown = set(range(len(counts))) - hidden_answers(counts)
    assert all(counts[at] >= 5 for at in shown)


@given(COUNTS)
def test_large_counts_are_all_shown(counts: list[int]) -> None:
    large = [count + LIMIT for count in counts]
    assert hidden_answers(large) == frozenset()
    assert hidden_choices(large, sum(large) + 10) == frozenset()


@given(COUNTS)
def test_where_something_is_hidden_it_is_two_counts_at_least_and_five_people(counts: list[int]) -> None:
    hidden = hidden_answers(counts)
    if hidden:
        assert len(hidden) >= 2
        assert sum(counts[at] for at in hidden) >= LIMIT or len(hidden) == len(counts)


@given(COUNTS)
def test_the_most_frequent_answers_are_hidden_last(counts: list[int]) -> None:
    hidden = hidden_answers(counts)
    shown = [count for at, count in enumerate(counts) if at not in hidden]
    assert all(counts[at] <= min(shown, default=10**9) for at in hidden)


@pytest.mark.parametrize(("answers", "largest"), [(2, 60), (3, 60), (4, 34), (5, 24)])
def test_every_hidden_answer_could_be_one_of_several_numbers(answers: int, largest: int) -> None:
    published = (published_line(line) for total in range(largest) for line in lines(answers, total))
    assert fewest_values(published) >= 4


def test_the_attacker_of_these_tests_finds_what_the_usual_rule_gives_away() -> None:
    def usual(counts: Line) -> tuple[Hashable, Line, Sequence[int]]:
        order = sorted(range(len(counts)), key=lambda at: (counts[at], at))
        small = sum(count < LIMIT for count in counts)
        size = max(small, 2) if small else 0
        while size and sum(counts[at] for at in order[:size]) < LIMIT and size < len(counts):
            size += 1
        hidden = order[:size]
        return tuple(None if at in hidden else count for at, count in enumerate(counts)), counts, hidden

    # The counts 5, 4, 4: nothing else looks like 5 and two gaps.
    assert fewest_values(usual(line) for line in lines(3, 13)) == 1
    assert fewest_values(published_line(line) for line in lines(3, 13)) > 4


def test_one_small_count_takes_the_next_smallest_with_it() -> None:
    assert hidden_answers([4, 10, 30, 50, 30]) == {0, 1}
    assert hidden_answers([90, 20, 3]) == {1, 2}
    assert hidden_answers([0, 40]) == {0, 1}
    assert hidden_answers([2, 2, 0, 10, 50]) == {0, 1, 2, 3}


@given(st.lists(st.integers(0, 200), min_size=2, max_size=8), st.integers(200, 300))
def test_neither_those_who_chose_nor_those_who_did_not_are_shown_below_five(
    counts: list[int], asked: int
) -> None:
    hidden = hidden_choices(counts, asked)
    for at, count in enumerate(counts):
        assert (at in hidden) == (count < 5 or asked - count < 5)


@pytest.mark.parametrize("asked", [5, 9, 10, 11, 14, 40])
def test_every_hidden_choice_could_be_one_of_several_numbers(asked: int) -> None:
    surveys = ((first, second) for first in range(asked + 1) for second in range(asked + 1))
    published = []
    for counts in surveys:
        hidden = hidden_choices(counts, asked)
        shown = tuple(None if at in hidden else count for at, count in enumerate(counts))
        published.append((shown, counts, hidden))
    assert fewest_values(published) >= 5


@given(st.lists(st.lists(st.integers(0, 40), min_size=4, max_size=4), min_size=4, max_size=4))
def test_no_place_or_half_of_a_ranking_is_shown_with_fewer_than_five(table: list[list[int]]) -> None:
    for group in shown_places(table):
        assert all(sum(row[place] for place in group) >= 5 for row in table)


def test_a_ranking_is_shown_by_place_by_half_or_not_at_all() -> None:
    assert shown_places([[10, 20, 15], [15, 10, 20], [20, 15, 10]]) == ((0,), (1,), (2,))
    assert shown_places([[10, 31, 4], [15, 10, 20], [20, 4, 21]]) == ((0,), (1, 2))
    assert shown_places([[41, 2, 2], [2, 41, 2], [2, 2, 41]]) == ()
    assert shown_places([[9, 3], [3, 9]]) == ()


@pytest.mark.parametrize(
    ("things", "total", "limit"), [(2, 30, 5), (3, 15, 5), (3, 18, 5), (3, 12, 2), (4, 5, 2)]
)
def test_every_place_that_is_not_shown_could_have_several_numbers(
    things: int, total: int, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suppression, "LIMIT", limit)  # with four things, five is out of a test's reach
    published = []
    kinds = set()
    for table in rankings(things, total):
        groups = shown_places(table)
        kinds.add(len(groups))
        shown = tuple(sum(row[place] for place in group) for row in table for group in groups)
        cells = [count for row in table for count in row]
        alone = {group[0] for group in groups if len(group) == 1}
        gaps = [at for at in range(len(cells)) if at % things not in alone]
        published.append(((groups, shown), cells, gaps))
    assert len(kinds) > 1
    assert fewest_values(published) >= 3
