"""Several things at the same time in threads that never keep the program from ending."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_BLINK = 0.2
"""Seconds after which a waiting main thread looks up, since Windows wakes it for nothing else on Ctrl-C."""


def each(
    work: Callable[[Item], Result], items: Sequence[Item], threads: int
) -> Iterator[tuple[Item, Result]]:
    """Do the same with each item.

    Args:
        work: what is done.
        items: with what, in this order.
        threads: at most so many at the same time.

    Yields:
        An item and what came of it, in the order in which they are done. Nothing new is begun when
        nobody asks for more.

    Raises:
        BaseException: whatever the work raises, as soon as it does.
    """
    waiting: queue.SimpleQueue[Item] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[Item, Result] | BaseException] = queue.SimpleQueue()
    for item in items:
        waiting.put(item)

    def serve() -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                item = waiting.get_nowait()
                try:
                    done.put((item, work(item)))
                except BaseException as error:
                    done.put(error)

    for _ in range(min(threads, len(items))):
        # Not a pool of the standard library, which waits for its threads before the program may end.
        threading.Thread(target=serve, daemon=True).start()
    try:
        for _ in items:
            outcome = _next(done)
            if isinstance(outcome, BaseException):
                raise outcome
            yield outcome
    finally:
        with contextlib.suppress(queue.Empty):
            while True:
                waiting.get_nowait()


def _next(
    done: queue.SimpleQueue[tuple[Item, Result] | BaseException],
) -> tuple[Item, Result] | BaseException:
    while True:
        with contextlib.suppress(queue.Empty):
            return done.get(timeout=_BLINK)
