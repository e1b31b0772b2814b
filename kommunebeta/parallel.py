"""The same work on many items, on several processes when it pays.

The state and the items are handed over once per process: by ``fork`` where the system has it, else
pickled together, so that what items share with the state stays shared. The order of the results is
the order of the items, whatever the number of jobs.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from kommunebeta.errors import OutsideError

State = TypeVar("State")
Item = TypeVar("Item")
Result = TypeVar("Result")

_WORTH_A_PROCESS = 120
_state: Any = None
_items: Sequence[Any] = ()


def processors() -> int:
    """The number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def map_items(
    work: Callable[[State, Item], Result],
    state: State,
    items: Sequence[Item],
    *,
    jobs: int,
    done: Callable[[int], None] = lambda count: None,
) -> Iterator[Result]:
    """Do ``work(state, item)`` for every item.

    Args:
        work: a function at the top level of a module.
        state: what every item needs; not changed.
        items: the items.
        jobs: the largest number of processes; 1 does everything in this one.
        done: told how many more items are finished.

    Yields:
        The results in the order of the items.

    Raises:
        OutsideError: the system ended one of the processes.
    """
    jobs = min(jobs, len(items) // (_WORTH_A_PROCESS // 2))
    if jobs < 2:
        for item in items:
            yield work(state, item)
            done(1)
        return
    size = max(8, min(64, len(items) // (jobs * 4)))
    chunks = [range(at, min(at + size, len(items))) for at in range(0, len(items), size)]
    method = "fork" if sys.platform.startswith("linux") else "spawn"
    context = multiprocessing.get_context(method)
    try:
        with ProcessPoolExecutor(
            jobs, mp_context=context, initializer=_adopt, initargs=(state, items)
        ) as pool:
            for results in pool.map(_do_chunk, [work] * len(chunks), chunks):
                yield from results
                done(len(results))
    except BrokenProcessPool as error:
        message = "The system ended one of the worker processes, perhaps for want of memory. Try --jobs 1."
        raise OutsideError(message) from error


def _adopt(state: Any, items: Sequence[Any]) -> None:
    global _state, _items
    _state, _items = state, items
    gc.freeze()  # what was inherited stays; looking through it for garbage would cost more than it gives
    gc.set_threshold(50_000, 20, 100)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Else the workers of a killed build would live on, and hold the lock of its output folder."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _do_chunk(work: Callable[[Any, Any], Any], chunk: range) -> list[Any]:
    return [work(_state, _items[at]) for at in chunk]
