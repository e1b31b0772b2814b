"""The lock of a target: one holder at a time, who is named, and a lock that was left behind expires."""

from __future__ import annotations

import contextlib
import datetime as dt
import multiprocessing
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kommunebeta.deploy.locks import Holder, _FileStore, lock, new_holder, read_holder, renewed
from kommunebeta.errors import OutsideError

_FORK = multiprocessing.get_context("fork")


@pytest.fixture
def store(tmp_path: Path) -> _FileStore:
    """A lock that is a file by being there, as on Windows."""
    return _FileStore(tmp_path / "lock")


def held_until(moment: dt.datetime) -> bytes:
    return Holder("abc", "kommune-pc-7", moment).as_bytes()


def test_a_lock_is_held_and_let_go(store: _FileStore) -> None:
    with lock(store, "ut"):
        assert read_holder(store.read() or b"")
    assert store.read() is None


def test_it_is_let_go_after_a_fault(store: _FileStore) -> None:
    with pytest.raises(ZeroDivisionError), lock(store, "ut"):
        _ = 1 / 0
    assert store.read() is None


def test_who_waits_in_vain_is_told_who_holds_it_and_until_when(store: _FileStore) -> None:
    until = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=20)
    store.create(held_until(until))
    message = f"Another deploy to ut is at work from kommune-pc-7, until {until:%Y-%m-%d %H:%M} UTC"
    with pytest.raises(OutsideError, match=message), lock(store, "ut", wait=0, sleep=lambda seconds: None):
        pytest.fail("two hold one lock")
    assert store.read() == held_until(until)  # the other's is left alone


@pytest.mark.parametrize("left", [b"", b"{", b"{}", b'{"token": 1, "machine": 2, "until": "2026-01-01"}'])
def test_a_lock_that_nobody_can_read_holds_nothing(store: _FileStore, left: bytes) -> None:
    store.create(left)
    with lock(store, "ut", wait=0):
        pass


def test_a_lock_that_was_left_behind_expires(store: _FileStore) -> None:
    store.create(held_until(dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)))
    with lock(store, "ut", wait=0) as holder:
        assert read_holder(store.read() or b"") == holder


def test_a_second_deploy_goes_on_as_soon_as_the_first_is_done(store: _FileStore) -> None:
    waits = []

    def first_ends(seconds: float) -> None:
        waits.append(seconds)
        store.remove()

    store.create(held_until(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=5)))
    with lock(store, "ut", sleep=first_ends):
        assert len(waits) == 1


def test_a_lock_that_another_has_taken_meanwhile_is_not_taken_away(store: _FileStore) -> None:
    other = held_until(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=5))
    with lock(store, "ut"):
        store.remove()
        store.create(other)
    assert store.read() == other


def test_a_long_deploy_renews_its_lock(store: _FileStore) -> None:
    with lock(store, "ut", expiry=dt.timedelta(seconds=0.2)) as holder:
        with renewed(store, holder, every=dt.timedelta(seconds=0.05)):
            time.sleep(0.4)
        later = read_holder(store.read() or b"")
        assert later is not None
        assert later.token == holder.token
        assert later.until > dt.datetime.now(dt.UTC)
    assert store.read() is None


def test_only_one_of_many_holds_it_at_a_time(tmp_path: Path) -> None:
    processes = [_FORK.Process(target=_add_one, args=(tmp_path,)) for _ in range(4)]
    (tmp_path / "count").write_text("0")
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert (tmp_path / "count").read_text() == "20"


def _add_one(folder: Path) -> None:
    for _ in range(5):
        with (
            lock(_FileStore(folder / "lock"), "ut", sleep=lambda seconds: time.sleep(0.01)),
            _counted(folder),
        ):
            time.sleep(0.002)


@contextlib.contextmanager
def _counted(folder: Path) -> Iterator[None]:
    count = int((folder / "count").read_text())
    yield
    (folder / "count").write_text(str(count + 1))


def test_holders_tell_themselves_apart() -> None:
    assert new_holder().token != new_holder().token
