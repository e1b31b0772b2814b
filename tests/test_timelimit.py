"""The time limit: it strikes the work that is too long, and nothing after it."""

from __future__ import annotations

import os
import threading
import time

import pytest

from kommunebeta.timelimit import TimeLimit, TooLong


def work(seconds: float) -> None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


def test_work_that_is_too_long_is_stopped() -> None:
    begun = time.perf_counter()
    with pytest.raises(TooLong), TimeLimit(0.1).running():
        work(20)
    assert time.perf_counter() - begun < 10


def test_work_that_swallows_the_first_signal_is_stopped_by_the_next() -> None:
    swallowed = []

    def stubborn() -> None:
        try:
            work(20)
        except TooLong:
            swallowed.append("once")
        work(20)

    with pytest.raises(TooLong), TimeLimit(0.1).running():
        stubborn()
    assert swallowed == ["once"]


def test_work_that_ends_just_in_time_never_strikes_what_follows() -> None:
    limit = TimeLimit(0.01)
    stopped = 0
    for number in range(150):
        try:
            with limit.running():
                work(0.009 + number % 30 * 1e-4)
        except TooLong:
            stopped += 1
        work(0.003)  # a late signal would end the test here
    assert stopped < 150


def test_work_in_another_thread_is_limited_too() -> None:
    caught: list[str] = []

    def run() -> None:
        try:
            with TimeLimit(0.1).running():
                work(20)
        except TooLong:
            caught.append("stopped")

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(10)
    assert caught == ["stopped"]


def test_the_watching_thread_ends_when_there_is_nothing_to_watch() -> None:
    limit = TimeLimit(0.01)
    before = threading.active_count()
    with limit.running():
        pass
    deadline = time.monotonic() + 10
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before
    with pytest.raises(TooLong), limit.running():
        work(20)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_the_limit_holds_in_a_process_that_was_forked_after_the_first_work() -> None:
    limit = TimeLimit(0.1)
    with limit.running():
        pass
    child = os.fork()
    if child == 0:
        try:
            with limit.running():
                work(20)
        except TooLong:
            os._exit(7)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
