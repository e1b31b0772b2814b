"""A lock that keeps two deploys to one target apart, and says who holds it."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import platform
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from kommunebeta.errors import OutsideError

EXPIRY = dt.timedelta(minutes=30)
"""After so long a lock is taken to be left behind; holders of long deploys renew it."""

WAIT = 30.0
"""Seconds that a second deploy waits."""

_PAUSE = 0.5
_SETTLED = 0.2


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock.

    Attributes:
        token: tells this holding from every other.
        machine: the name of the machine that deploys.
        until: when the lock expires.
    """

    token: str
    machine: str
    until: dt.datetime

    def as_bytes(self) -> bytes:
        """As it is kept at the target."""
        return json.dumps(
            {"token": self.token, "machine": self.machine, "until": self.until.isoformat()}
        ).encode()


def read_holder(data: bytes) -> Holder | None:
    """A holder as it was kept; None where that cannot be read, so that it holds nothing."""
    try:
        value = json.loads(data)
        until = dt.datetime.fromisoformat(value["until"])
        return Holder(str(value["token"]), str(value["machine"]), until) if until.tzinfo else None
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


class LockStore(Protocol):
    """One file at a target that serves as a lock. Failures are raised as ``OutsideError``."""

    def create(self, data: bytes) -> bool:
        """Make the file if it is not there, in one step; False where it is."""

    def read(self) -> bytes | None:
        """What it holds; None where it is not there."""

    def replace(self, data: bytes, expected: bytes) -> bool:
        """Let it hold something else, if it still holds what is expected."""

    def remove(self) -> None:
        """Remove it, if it is there."""


def new_holder(expiry: dt.timedelta = EXPIRY) -> Holder:
    """This deploy as a holder."""
    return Holder(secrets.token_hex(8), platform.node() or "a machine", dt.datetime.now(dt.UTC) + expiry)


@contextlib.contextmanager
def lock(
    store: LockStore,
    place: str,
    *,
    wait: float = WAIT,
    expiry: dt.timedelta = EXPIRY,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Holder]:
    """Hold a lock.

    Args:
        store: where it is kept.
        place: the target, for people.
        wait: seconds to wait for another deploy to end.
        expiry: after how long it is taken to be left behind, unless it is renewed.
        sleep: waits.

    Raises:
        OutsideError: another deploy still holds it, or the target fails.
    """
    end = time.monotonic() + wait
    holder = new_holder(expiry)
    while not _taken(store, holder):
        if time.monotonic() > end:
            raise _busy(place, store.read() or b"")
        sleep(_PAUSE)
    try:
        yield holder
    finally:
        current = read_holder(store.read() or b"")
        if current and current.token == holder.token:
            store.remove()


@contextlib.contextmanager
def renewed(store: LockStore, holder: Holder, *, every: dt.timedelta = EXPIRY / 3) -> Iterator[None]:
    """Renew a lock from time to time while something long is done; ``store`` is used from another thread.

    Where that fails, it ends: the lock expires, and whoever switches to a new state has to look at it first.
    """
    over = threading.Event()

    def renew() -> None:
        current = holder
        while not over.wait(every.total_seconds()):
            later = replace(current, until=dt.datetime.now(dt.UTC) + EXPIRY)
            with contextlib.suppress(OutsideError):
                if not store.replace(later.as_bytes(), expected=current.as_bytes()):
                    return
                current = later

    thread = threading.Thread(target=renew, name="lock", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _busy(place: str, data: bytes) -> OutsideError:
    other = read_holder(data)
    who = f" from {other.machine}, until {other.until:%Y-%m-%d %H:%M} UTC at the latest" if other else ""
    return OutsideError(f"Another deploy to {place} is at work{who}. Nothing was sent; try again later.")


def _taken(store: LockStore, holder: Holder) -> bool:
    if store.create(holder.as_bytes()):
        return True
    data = store.read()
    if data is None:
        return False  # just gone: try again
    other = read_holder(data)
    if other and other.until > dt.datetime.now(dt.UTC):
        return False
    return store.replace(holder.as_bytes(), expected=data)


@contextlib.contextmanager
def file_lock(file: Path, place: str, *, wait: float = WAIT) -> Iterator[None]:
    """Hold a lock file of this machine or of a network disk.

    Where the system has locks, it frees this one when the process ends, however that comes about.

    Raises:
        OutsideError: another deploy still holds it.
        OSError: the disk failed.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        store = _FileStore(file)
        with lock(store, place, wait=wait) as holder, renewed(store, holder):
            yield
        return
    end = time.monotonic() + wait
    with file.open("a+b") as opened:
        while True:
            try:
                fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() > end:
                    raise _busy(place, file.read_bytes()) from error
                time.sleep(_PAUSE)
        opened.truncate(0)
        opened.write(new_holder().as_bytes())
        opened.flush()
        yield


class _FileStore:
    """A file that is a lock by being there."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def create(self, data: bytes) -> bool:
        try:
            with self._file.open("xb") as opened:
                opened.write(data)
        except FileExistsError:
            return False
        return True

    def read(self) -> bytes | None:
        try:
            return self._file.read_bytes()
        except FileNotFoundError:
            return None

    def replace(self, data: bytes, expected: bytes) -> bool:
        if self.read() != expected:
            return False
        draft = self._file.with_name(f"{self._file.name}.{secrets.token_hex(4)}")
        draft.write_bytes(data)
        draft.replace(self._file)
        time.sleep(_SETTLED)  # of two who take a lock that was left behind, the last to write has it
        return self.read() == data

    def remove(self) -> None:
        self._file.unlink(missing_ok=True)
