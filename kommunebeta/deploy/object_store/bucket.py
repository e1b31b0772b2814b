"""The objects below one address of a store: put, looked at, listed, fetched, deleted, many at once.

Whatever fails is an ``OutsideError`` with a sentence of our own: a store's own words may hold signed
addresses.
"""

from __future__ import annotations

import hashlib
import random
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)

from kommunebeta.deploy.object_store.caching import AT_ONCE, content_of
from kommunebeta.deploy.object_store.labels import LABEL
from kommunebeta.deploy.object_store.stores import Place, Store, opened
from kommunebeta.errors import OutsideError

if TYPE_CHECKING:
    from obstore import Attributes, GetResult, PutMode, UpdateVersion

Item = TypeVar("Item")
Result = TypeVar("Result")

_PAGE = 1000
_PAUSE = 0.2
_LONGEST_PAUSE = 10.0


@dataclass(frozen=True, slots=True)
class Stored:
    """What a store has taken.

    Attributes:
        size: bytes, as stored.
        tag: the store's tag of the content; empty where it gives none.
    """

    size: int
    tag: str


@dataclass(frozen=True, slots=True)
class Seen:
    """An object, looked at.

    Attributes:
        stored: its size and tag.
        label: what we said of it when we put it; empty for what others have put.
    """

    stored: Stored
    label: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """An object, fetched.

    Attributes:
        data: what it holds, as stored.
        seen: what a look tells.
        mode: the condition that it is still this one, for putting another in its place.
    """

    data: bytes
    seen: Seen
    mode: PutMode


class Bucket:
    """See the module."""

    def __init__(self, place: Place, parallel: int) -> None:
        self._store: Store = opened(place)
        self._place = place
        self._parallel = parallel

    def put(self, path: str, data: bytes, attributes: Attributes) -> Stored:
        """Put an object in one request, in the place of one that may be there."""
        with self._failures(f"{path} could not be sent"):
            result = obstore.put(self._store, path, data, attributes=attributes, use_multipart=False)
        return Stored(len(data), _tag(result["e_tag"]))

    def put_parts(
        self, path: str, parts: Callable[[], Iterator[bytes]], size: int, attributes: Attributes
    ) -> Stored:
        """Put a large object in parts, which are shown when all of them are there."""

        def put() -> Stored:
            result = obstore.put(
                self._store,
                path,
                parts(),
                attributes=attributes,
                use_multipart=True,
                chunk_size=AT_ONCE,
                max_concurrency=2,
            )
            return Stored(size, _tag(result["e_tag"]))

        return self._again(f"{path} could not be sent", put, most=2)

    def put_if(self, path: str, data: bytes, attributes: Attributes, mode: PutMode, what: str) -> bool:
        """Put an object on a condition; False where that does not hold, maybe for an earlier attempt.

        A store that knows no conditions, and says so, just takes it.

        Args:
            path: where.
            data: what it is to hold.
            attributes: what it is to say of itself.
            mode: the condition.
            what: begins the message where that fails.
        """

        def put() -> bool:
            try:
                obstore.put(self._store, path, data, attributes=attributes, mode=mode)
            except (AlreadyExistsError, PreconditionError):
                return False
            except BaseError as error:
                if not _UNKNOWN.search(str(error)):
                    raise
                obstore.put(self._store, path, data, attributes=attributes)
            return True

        return self._again(what, put)

    def see(self, path: str) -> Seen | None:
        """Look at an object; None where it is not there."""
        with self._failures(f"{path} could not be looked at"):
            try:
                found = obstore.get(self._store, path, options={"head": True})
            except FileNotFoundError:
                return None
            return _seen(found)

    def fetch(self, path: str) -> Fetched | None:
        """Fetch an object; None where it is not there."""
        with self._failures(f"{path} could not be fetched"):
            try:
                found = obstore.get(self._store, path)
                data = bytes(found.bytes())
            except FileNotFoundError:
                return None
            return Fetched(data, _seen(found), _unless_replaced(found))

    def digest(self, path: str) -> tuple[str, str] | None:
        """What an object holds, fetched part by part; None where it is not there.

        Returns:
            SHA-256, in hex, of its content when unpacked, empty where it cannot be unpacked; and its label.
        """

        def digested() -> tuple[str, str] | None:
            try:
                found = obstore.get(self._store, path)
            except FileNotFoundError:
                return None
            label = _seen(found).label
            parts: Iterable[bytes] = found.stream(min_chunk_size=AT_ONCE)
            if encoding := found.attributes.get("Content-Encoding", ""):
                try:
                    parts = (content_of(b"".join(parts), encoding),)
                except ValueError:
                    return "", label
            digest = hashlib.sha256()
            for part in parts:
                digest.update(part)
            return digest.hexdigest(), label

        return self._again(f"{path} could not be fetched", digested)

    def fetch_into(self, path: str, file: Path) -> tuple[str, int]:
        """Fetch an object into a file, part by part.

        Returns:
            SHA-256, in hex, of what it holds as stored, and its size; an empty digest where it is not there.

        Raises:
            OutsideError: the store fails, or the file cannot be written.
        """

        def fetched() -> tuple[str, int]:
            digest, size = hashlib.sha256(), 0
            try:
                found = obstore.get(self._store, path)
            except FileNotFoundError:
                return "", 0
            with file.open("wb") as opened:
                for part in found.stream(min_chunk_size=AT_ONCE):
                    digest.update(part)
                    size += opened.write(part)
            return digest.hexdigest(), size

        try:
            return self._again(f"{path} could not be fetched", fetched)
        except OSError as error:
            raise OutsideError(
                f"{file.parent} cannot be written: {error.strerror or error}. Nothing was sent."
            ) from error

    def is_open_to_all(self, path: str) -> bool:
        """Whether an object that is there can be fetched without credentials."""
        try:
            obstore.get(opened(self._place, anonymous=True), path, options={"head": True})
        except (BaseError, FileNotFoundError):
            return False
        return True

    def listed(self, folder: str = "") -> list[tuple[str, Stored]]:
        """Every object, or those below a folder, fetched page by page."""

        def collected() -> list[tuple[str, Stored]]:
            found: list[tuple[str, Stored]] = []
            for page in obstore.list(self._store, folder or None, chunk_size=_PAGE):
                found += [(meta["path"], Stored(meta["size"], _tag(meta["e_tag"]))) for meta in page]
            return found

        return self._again(f"{self._place.url} could not be listed", collected)

    def top(self) -> list[str]:
        """The objects that lie in no folder."""

        def found() -> list[str]:
            return [meta["path"] for meta in obstore.list_with_delimiter(self._store)["objects"]]

        return self._again(f"{self._place.url} could not be listed", found)

    def delete(self, path: str) -> None:
        """Delete an object, if it is there."""

        def deleted() -> None:
            with suppress(FileNotFoundError):
                obstore.delete(self._store, path)

        self._again(f"{path} could not be deleted", deleted)

    def each(self, items: Iterable[Item], work: Callable[[Item], None]) -> None:
        """Do something with every item, several at once in threads; the first failure ends it.

        What is under way is waited for. (The asynchronous functions of obstore may abort a process that ends
        soon after them, so they are not used.)
        """
        waiting, taking, over = list(items)[::-1], threading.Lock(), threading.Event()
        failures: list[BaseException] = []

        def worker() -> None:
            while not over.is_set():
                with taking:
                    if not waiting:
                        return
                    item = waiting.pop()
                try:
                    work(item)
                except BaseException as error:
                    failures.append(error)
                    over.set()

        threads = [threading.Thread(target=worker) for _ in range(min(self._parallel, len(waiting)))]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        finally:
            over.set()
            for thread in threads:
                thread.join()
        if failures:
            raise failures[0]

    def _again(self, what: str, work: Callable[[], Result], most: int = 20) -> Result:
        """Do again what obstore does not, since to do it twice is not always the same; here it is."""
        for attempt in count():
            try:
                with self._failures(what):
                    return work()
            except _CutError:
                if attempt >= min(self._place.retries, most):
                    raise
                time.sleep(min(_PAUSE * 2**attempt, _LONGEST_PAUSE) * random.uniform(0.5, 1))
        raise AssertionError

    @contextmanager
    def _failures(self, what: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise OutsideError(f"{what}: {self._place.url} does not exist. {_AFTER}") from None
        except (PermissionDeniedError, UnauthenticatedError):
            raise OutsideError(
                f"{what}: {self._place.url} refuses the credentials, or they may not do that. {_AFTER}"
            ) from None
        except BaseError as error:
            kind = OutsideError if _STATUS.search(str(error)) else _CutError
            raise kind(f"{what}: {_reason(error)}. {_AFTER}") from None


class _CutError(OutsideError):
    """A connection failed, so that nobody knows whether the store has done what it was asked."""


_AFTER = "What readers get works; the next deploy finishes what was begun."
_STATUS = re.compile(r"status code: (\d{3})")
_UNKNOWN = re.compile(r"status code: 501|<Code>NotImplemented</Code>")
_CODE = re.compile(r"<Code>(\w{3,60})</Code>")


def _reason(error: BaseError) -> str:
    """Why a store failed, in words that hold nothing of what was sent or signed."""
    text = str(error)
    if "redirect" in text:
        return "the bucket is in another region: set «region:»"
    if status := _STATUS.search(text):
        code = _CODE.search(text)
        return f"the store answered {status[1]}{f' ({code[1]})' if code else ''}"
    if "imed out" in text:
        return "the store did not answer in time"
    return "the connection failed"


def _tag(tag: str | None) -> str:
    """A tag without its quotes, which not every answer of a store has (RFC 9110, 8.8.3)."""
    return (tag or "").strip('"')


def _seen(found: GetResult) -> Seen:
    meta = found.meta
    return Seen(Stored(meta["size"], _tag(meta["e_tag"])), found.attributes.get(LABEL, ""))


def _unless_replaced(found: GetResult) -> PutMode:
    """The condition that an object is still the one that was fetched; Google counts versions instead."""
    mode: UpdateVersion = {}
    if tag := found.meta["e_tag"]:
        mode["e_tag"] = tag
    if version := found.meta["version"]:
        mode["version"] = version
    return mode
