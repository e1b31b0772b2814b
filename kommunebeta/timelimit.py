"""A limit on how long a piece of work may take, on every system and in every thread."""

from __future__ import annotations

import ctypes
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_IDLE_LOOKS = 20


class TooLong(Exception):  # noqa: N818  (a signal to the one who set the limit, not an error of its own)
    """Raised in the working thread when its time is up."""


class TimeLimit:
    """Stops work that takes too long.

    A thread of its own looks at the clock and raises ``TooLong`` in the working thread, which
    CPython does between two instructions of Python code: a single long call into C is
    stopped when it returns. The thread starts with the first work, also after a fork, and
    ends when there has been none for a while.

    Attributes:
        seconds: how long each piece of work may take.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._forget()

    def _forget(self) -> None:
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._begun: float | None = None
        self._worker = 0
        self._raised = False
        self._watched = False

    @contextmanager
    def running(self) -> Iterator[None]:
        """Limit the time of what is done inside. Not to be nested.

        Raises:
            TooLong: the time was up; never raised after the block has been left.
        """
        if self._process != os.getpid():
            self._forget()
        with self._lock:
            self._worker = threading.get_ident()
            self._raised = False
            self._begun = time.monotonic()
            starts, self._watched = not self._watched, True
        if starts:
            threading.Thread(target=self._watch, daemon=True, name="kommunebeta-time").start()
        try:
            yield
        finally:
            try:
                self._end()
            except TooLong:
                # It arrived after the last instruction of the work, which is done: let it pass.
                self._forget()

    def _end(self) -> None:
        with self._lock:
            self._begun = None
            if self._raised:
                _raise_in(self._worker, None)  # one that is still under way would hit later work

    def _watch(self) -> None:
        idle = 0
        while idle < _IDLE_LOOKS:
            time.sleep(min(1.0, self.seconds / 5))
            with self._lock:
                now = time.monotonic()
                if self._begun is None:
                    idle += 1
                    self._watched = idle < _IDLE_LOOKS
                    continue
                idle = 0
                if now - self._begun > self.seconds:
                    # Again after as long, in case that something between caught the first one.
                    self._begun, self._raised = now, True
                    _raise_in(self._worker, TooLong)


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    """Raise an exception in a thread, or take back one that has not arrived."""
    given = ctypes.py_object(error) if error else None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), given)
