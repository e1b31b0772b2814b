"""Texts that were parsed before: Markdown is turned into HTML once for each state of a text."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from pathlib import Path

from kommunebeta.pickles import DamagedError, dumps, loads

_DAY = 86_400
_KEPT_DAYS = 30
_TABLE = """
create table if not exists documents (
    key text primary key, head blob not null, html blob not null, sum blob not null, day integer not null
)
"""


def key_of(path: str, text_digest: str, *settings: str) -> str:
    """What a parsed text is kept under: its file, what it holds, and the settings that parsing depends on."""
    rest = "\0".join((path, *settings)).encode("utf-8", "surrogatepass")
    return text_digest + blake2b(rest, digest_size=8).hexdigest()


def text_digest_of(key: str) -> str:
    """The digest of the text that was kept under a key."""
    return key[:-16]


class Documents:
    """Parsed texts, kept on disk where that is possible, else in memory.

    A damaged file is set aside and begun anew; nothing in it is needed to build a site.

    Attributes:
        damaged: whether the file had to be set aside.
    """

    def __init__(self, file: Path | None, version: str) -> None:
        """Open the store.

        Args:
            file: where it is kept; None for in memory.
            version: of all that parsing depends on; texts of another version are forgotten.
        """
        self.damaged = False
        self._file = file
        self._version = version
        self._memory: dict[str, tuple[bytes, bytes]] = {}
        self._process = 0
        self._disk: sqlite3.Connection | None = None
        self._today = int(time.time()) // _DAY

    def __getstate__(self) -> tuple[Path | None, str, dict[str, tuple[bytes, bytes]]]:
        return self._file, self._version, self._memory

    def __setstate__(self, state: tuple[Path | None, str, dict[str, tuple[bytes, bytes]]]) -> None:
        self.__init__(state[0], state[1])  # type: ignore[misc]  # another process opens the file anew
        self._memory = state[2]

    def _open(self) -> sqlite3.Connection | None:
        """The file, opened by this process: a connection does not survive a fork."""
        if self._file is None:
            return None
        if self._process != os.getpid():
            self._process = os.getpid()
            self._disk = self._connect(self._file)
        return self._disk

    def _connect(self, file: Path) -> sqlite3.Connection | None:
        for _ in range(2):
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
                disk = sqlite3.connect(file, timeout=10, isolation_level=None, check_same_thread=False)
                disk.execute("pragma journal_mode = delete")
                disk.execute("pragma synchronous = off")  # a power failure costs the cache at most
                version = disk.execute("pragma user_version").fetchone()[0]
                wanted = int(self._version[:7], 16)
                if version != wanted:
                    disk.execute("drop table if exists documents")
                    disk.execute(f"pragma user_version = {wanted}")
                disk.execute(_TABLE)
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
                    return None
                self.damaged = True
                with contextlib.suppress(OSError):
                    file.unlink()
            except OSError:
                return None
            else:
                return disk
        return None

    def is_empty(self) -> bool:
        """Whether nothing is kept."""
        disk = self._open()
        if disk is None:
            return not self._memory
        try:
            return disk.execute("select 1 from documents limit 1").fetchone() is None
        except sqlite3.DatabaseError:
            return True

    def heads(self, keys: Mapping[str, str]) -> dict[str, object]:
        """What was kept of several texts, apart from their HTML.

        Args:
            keys: the key of each file.

        Returns:
            The kept values by file; without those that are not kept, or damaged.
        """
        found: dict[str, object] = {}
        for path, key in keys.items():
            row = self._row(key)
            if row is not None:
                with contextlib.suppress(DamagedError):
                    found[path] = loads(row[0])
        return found

    def html(self, key: str) -> str:
        """The HTML of a text.

        Raises:
            DamagedError: it is not there, or not sound.
        """
        row = self._row(key)
        if row is None:
            raise DamagedError("the text is gone")
        return row[1].decode("utf-8", "surrogatepass")

    def _row(self, key: str) -> tuple[bytes, bytes] | None:
        if key in self._memory:
            return self._memory[key]
        disk = self._open()
        if disk is None:
            return None
        try:
            row = disk.execute("select head, html, sum from documents where key = ?", (key,)).fetchone()
        except sqlite3.DatabaseError:
            self.damaged = True
            return None
        return (row[0], row[1]) if row and _sum(row[0], row[1]) == row[2] else None

    def put(self, items: Iterable[tuple[str, bytes, bytes]]) -> None:
        """Keep texts.

        Args:
            items: key, the kept value as bytes of ``dumps``, and the HTML in UTF-8.
        """
        disk = self._open()
        if disk is not None:
            rows = [(key, head, html, _sum(head, html), self._today) for key, head, html in items]
            try:
                disk.execute("begin")
                disk.executemany("insert or replace into documents values (?, ?, ?, ?, ?)", rows)
                disk.execute("commit")
            except sqlite3.DatabaseError:
                self._disk = None
                items = [row[:3] for row in rows]
            else:
                return
        self._memory |= {key: (head, html) for key, head, html in items}

    def tidy(self, keys: Iterable[str]) -> None:
        """Forget what has not been used for a month.

        Args:
            keys: what is in use now.
        """
        disk = self._open()
        if disk is None:
            return
        with contextlib.suppress(sqlite3.DatabaseError):
            used = [(self._today, key, self._today) for key in keys]
            disk.execute("begin")
            disk.executemany("update documents set day = ? where key = ? and day < ?", used)
            disk.execute("delete from documents where day < ?", (self._today - _KEPT_DAYS,))
            disk.execute("commit")

    def close(self) -> None:
        """Close the file."""
        if self._disk is not None and self._process == os.getpid():
            self._disk.close()
        self._disk, self._process = None, 0


def _sum(head: bytes, html: bytes) -> bytes:
    return blake2b(head + html, digest_size=8).digest()


__all__ = ["Documents", "dumps", "key_of"]
