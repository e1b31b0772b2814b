"""Many processes give the same as one, in the same order, and say so when one of them is ended."""

from __future__ import annotations

import os
import signal

import pytest

from kommunebeta.errors import ContentError, OutsideError, Problem
from kommunebeta.parallel import map_items, processors

PROBLEM = Problem("KB030", "content/posts/x.md", 3, 1, "Brutt lenke.", "Mend den.")


def add(state: int, item: int) -> tuple[int, int]:
    return state + item, os.getpid()


def fail(state: None, item: int) -> int:
    if item == 150:
        raise ContentError([PROBLEM])
    return item


def die(state: int, item: int) -> int:
    if os.getpid() != state:
        os.kill(os.getpid(), signal.SIGKILL)
    return item


@pytest.mark.parametrize("count", [0, 1, 119, 120, 1000])
@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_the_order_of_the_results_is_that_of_the_items(jobs: int, count: int) -> None:
    found = list(map_items(add, 10, range(count), jobs=jobs))
    assert [value for value, _ in found] == [10 + item for item in range(count)]


def test_many_items_are_really_shared_among_processes() -> None:
    processes = {process for _, process in map_items(add, 0, range(1000), jobs=2)}
    assert os.getpid() not in processes


def test_few_items_are_done_here() -> None:
    assert {process for _, process in map_items(add, 0, range(100), jobs=8)} == {os.getpid()}


@pytest.mark.parametrize("jobs", [1, 2])
def test_progress_adds_up_to_the_number_of_items(jobs: int) -> None:
    counts: list[int] = []
    list(map_items(add, 0, range(500), jobs=jobs, done=counts.append))
    assert sum(counts) == 500


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_arrives_whole_from_another_process(jobs: int) -> None:
    with pytest.raises(ContentError) as caught:
        list(map_items(fail, None, range(300), jobs=jobs))
    assert caught.value.problems == (PROBLEM,)


def test_a_process_that_the_system_ends_is_no_fault_of_ours() -> None:
    with pytest.raises(OutsideError, match="--jobs 1"):
        list(map_items(die, os.getpid(), range(300), jobs=2))


def test_there_is_at_least_one_processor() -> None:
    assert processors() >= 1
