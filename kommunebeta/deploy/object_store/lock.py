"""A lock that is an object of a store, held by renewing it: who is killed lets go of it by being silent."""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from kommunebeta.deploy.locks import WAIT, Holder, lock
from kommunebeta.deploy.object_store.bucket import Bucket
from kommunebeta.errors import OutsideError

if TYPE_CHECKING:
    from obstore import Attributes

LOCK = ".kommunebeta-deploy.lock"
"""Name of the lock at the target."""

EXPIRY = dt.timedelta(minutes=2)
"""After so long without a sign of life a deploy is taken to be dead."""

_RENEWAL = 20.0
_SETTLE = 1.0
_FAILED = "The lock could not be set"
_ATTRIBUTES: Attributes = {"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"}


class BucketLock:
    """The lock of one bucket; a ``LockStore``."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self.is_exclusive = True
        """Whether the store heeds conditions, so that of two at the same moment only one gets the lock."""

    def create(self, data: bytes) -> bool:
        """Make the object if it is not there."""
        if self.read() is not None:
            return False
        if not self._put(data):
            return self.read() == data  # the answer to an earlier attempt was lost, or another was first
        if self._put(data):
            self.is_exclusive = False
            time.sleep(_SETTLE)
            return self.read() == data
        return True

    def read(self) -> bytes | None:
        """What it holds; None where it is not there."""
        found = self._bucket.fetch(LOCK)
        return None if found is None else found.data

    def replace(self, data: bytes, expected: bytes) -> bool:
        """Let it hold something else, if it still holds what is expected."""
        found = self._bucket.fetch(LOCK)
        if found is None or found.data != expected:
            return False
        return self._bucket.put_if(LOCK, data, _ATTRIBUTES, found.mode, _FAILED) or self.read() == data

    def remove(self) -> None:
        """Remove it, if it is there."""
        self._bucket.delete(LOCK)

    def _put(self, data: bytes) -> bool:
        return self._bucket.put_if(LOCK, data, _ATTRIBUTES, "create", _FAILED)


class Held:
    """A lock that is held."""

    def __init__(self, store: BucketLock, holder: Holder, place: str) -> None:
        self._store = store
        self._place = place
        self._holder = holder
        self._until = time.monotonic() + EXPIRY.total_seconds()
        self._ended = threading.Event()

    def check(self) -> None:
        """Make sure that it is still held.

        Raises:
            OutsideError: it is not, so that another deploy may be at work.
        """
        if time.monotonic() > self._until:
            raise OutsideError(
                f"The lock of {self._place} could not be renewed in time, so another deploy may be at work. "
                f"What readers get works; deploy again to finish."
            )

    def keep(self) -> None:
        """Renew it again and again, until ``end``."""
        while not self._ended.wait(_RENEWAL):
            begun = time.monotonic()
            renewed = replace(self._holder, until=dt.datetime.now(dt.UTC) + EXPIRY)
            try:
                held = self._store.replace(renewed.as_bytes(), self._holder.as_bytes())
            except OutsideError:
                continue  # the store may be back before the lock expires
            if not held:
                self._until = 0.0
                return
            self._holder, self._until = renewed, begun + EXPIRY.total_seconds()

    def end(self) -> None:
        """Stop renewing."""
        self._ended.set()


@contextlib.contextmanager
def held(store: BucketLock, place: str) -> Iterator[Held]:
    """Hold the lock of a bucket.

    Raises:
        OutsideError: another deploy holds it, or the store fails.
    """
    with lock(store, place, wait=WAIT, expiry=EXPIRY) as holder:
        taken = Held(store, holder, place)
        thread = threading.Thread(target=taken.keep, daemon=True)
        thread.start()
        try:
            yield taken
        finally:
            taken.end()
            thread.join()
