"""What a build remembers for the next: the traces of its outputs, and what it was built from.

One SQLite file for each output folder, safe to delete. Beside it stands the checksum of the whole
file, so that a damaged or truncated one is noticed before a row of it is believed.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from kommunebeta.answers import Question
from kommunebeta.inputs import Input, Stamp

CACHE = ".kommunebeta"
_TABLES = """
create table facts (name text primary key, value blob) without rowid;
create table inputs (path text primary key, size integer, time integer, digest text) without rowid;
create table outputs (
    number integer primary key, path text unique, size integer, time integer, digest text, recipe text,
    shared integer, content blob, reason text
);
create table questions (number integer primary key, question text unique, digest text);
create table uses (question integer, output integer, primary key (question, output)) without rowid;
create table members (question integer, shared integer, primary key (question, shared)) without rowid;
create table entries (source text primary key, head text, key text, value blob, body blob) without rowid;
"""
_SIGN = "\x1f"


class Kept(NamedTuple):
    """An output as the last build left it.

    Attributes:
        size: bytes in the output folder.
        time: of change there, in nanoseconds.
        digest: SHA-256 of what it holds, in hex.
        recipe: digest of what it was to be made from.
    """

    size: int
    time: int
    digest: str
    recipe: str


@dataclass(frozen=True, slots=True)
class Trace:
    """How an output came about.

    Attributes:
        path: the output.
        kept: what it became.
        asked: the questions that it asked of entries.
        shared: its other questions.
        content: what it is made from, as bytes, where it may be made again alone.
        reason: why it was made, for ``build --explain``.
    """

    path: str
    kept: Kept
    asked: tuple[Question, ...]
    shared: frozenset[Question]
    content: bytes
    reason: str


class Memory:
    """The memory of the builds into one output folder.

    Attributes:
        damaged: whether there was a memory that could not be used.
    """

    def __init__(self, site: Path, output: Path | None, version: str) -> None:
        """Open the memory.

        Args:
            site: the site folder.
            output: the output folder, where it is another than the settings name.
            version: of the engine; what another version remembered is forgotten.
        """
        name = str(output.absolute()) if output else ""
        short = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
        self._file = site / CACHE / f"build-{short}.db"
        self._sum = self._file.with_suffix(".sum")
        self._version = version
        self.damaged = False
        self._db: sqlite3.Connection | None = None
        self._changed = False
        self._believed = ""
        try:
            self._db = self._open()
        except OSError:
            self.damaged = True

    def _open(self) -> sqlite3.Connection | None:
        if not self._file.is_file():
            return None
        try:
            self._believed = self._sum.read_text("ascii")
            wanted = self._believed.split()
            if wanted[0] != self._version:
                return None
            if wanted[1] != _checksum(self._file):
                self.damaged = True
                return None
            return _connect(self._file)
        except (OSError, ValueError, IndexError, sqlite3.DatabaseError):
            self.damaged = True
            return None

    def __bool__(self) -> bool:
        """Whether anything is remembered."""
        return self._db is not None

    @property
    def is_fresh(self) -> bool:
        """Whether no other build has written since the memory was opened."""
        try:
            return self._sum.read_text("ascii") == self._believed
        except OSError:
            return False

    @property
    def _open_db(self) -> sqlite3.Connection:
        if self._db is None:
            raise LookupError("nothing is remembered")
        return self._db

    # Reading

    def fact(self, name: str) -> Any:
        """A fact by its name, as JSON held it; None when it is not known."""
        row = self._open_db.execute("select value from facts where name = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else None

    def blob(self, name: str) -> bytes:
        """A fact that was kept as bytes; empty when it is not known."""
        row = self._open_db.execute("select value from facts where name = ?", (name,)).fetchone()
        return row[0] if row else b""

    def inputs(self) -> dict[str, Input]:
        """Every file that was read."""
        rows = self._open_db.execute("select path, size, time, digest from inputs")
        return {path: Input(Stamp(size, time), digest) for path, size, time, digest in rows}

    def outputs(self) -> dict[str, Kept]:
        """Every output by path."""
        rows = self._open_db.execute("select path, size, time, digest, recipe from outputs")
        return {row[0]: Kept(*row[1:]) for row in rows}

    def stamps(self) -> dict[str, Stamp]:
        """The stamp of every output by path."""
        rows = self._open_db.execute("select path, size, time from outputs")
        return {path: Stamp(size, time) for path, size, time in rows}

    def questions(self) -> Iterator[tuple[Question, str]]:
        """Every question with the digest of its answer."""
        for text, digest in self._open_db.execute("select question, digest from questions"):
            yield tuple(text.split(_SIGN)), digest

    def answer(self, question: Question) -> str | None:
        """The digest of an answer; None when the question is not known."""
        query = "select digest from questions where question = ?"
        row = self._open_db.execute(query, (_SIGN.join(question),)).fetchone()
        return row[0] if row else None

    def recipe(self, path: str) -> str | None:
        """The recipe of an output; None when there is no such output."""
        row = self._open_db.execute("select recipe from outputs where path = ?", (path,)).fetchone()
        return row[0] if row else None

    def questions_of(self, path: str) -> list[Question]:
        """The questions that an output asked."""
        rows = self._open_db.execute(
            "select question from questions where number in ("
            "select uses.question from uses join outputs on output = number where path = :path union "
            "select members.question from members join outputs on outputs.shared = members.shared"
            " where path = :path) order by question",
            {"path": path},
        )
        return [tuple(text.split(_SIGN)) for (text,) in rows]

    def users_of(self, questions: Iterable[Question]) -> dict[str, Question]:
        """The outputs that asked one of some questions, each with one that it asked."""
        found: dict[str, Question] = {}
        for question in questions:
            rows = self._open_db.execute(
                "select path from outputs where number in ("
                "select output from uses where question = (select number from questions where question = :q))"
                " or shared in (select shared from members where question ="
                " (select number from questions where question = :q))",
                {"q": _SIGN.join(question)},
            )
            for (path,) in rows:
                found.setdefault(path, question)
        return found

    def content(self, path: str) -> bytes:
        """What an output is made from, as bytes; empty where it is not kept."""
        row = self._open_db.execute("select content from outputs where path = ?", (path,)).fetchone()
        return row[0] if row else b""

    def reason(self, path: str) -> str | None:
        """Why an output was last made; None when there is no such output."""
        row = self._open_db.execute("select reason from outputs where path = ?", (path,)).fetchone()
        return row[0] if row else None

    def entry(self, source: str) -> tuple[str, str, bytes, bytes] | None:
        """Head, key, value and body of an entry as they were saved."""
        row = self._open_db.execute(
            "select head, key, value, body from entries where source = ?", (source,)
        ).fetchone()
        return row or None

    def saved_digests(self) -> dict[str, str]:
        """The digest of each saved entry by source."""
        return dict(self._open_db.execute("select source, key from entries"))

    # Writing

    def begin(self) -> None:
        """Begin to write, in a new file where nothing is remembered yet."""
        self._sum.unlink(missing_ok=True)  # until all is written, the file is not to be believed
        if self._db is None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.unlink(missing_ok=True)
            self._db = _connect(self._file)
            self._db.executescript(_TABLES)
        self._changed = True
        self._db.execute("begin")

    def end(self) -> None:
        """Finish writing."""
        self._open_db.execute("commit")

    def set_facts(self, facts: Mapping[str, Any]) -> None:
        """Keep facts, each as JSON, or as it is where it is bytes."""
        rows = [
            (name, value if isinstance(value, bytes) else json.dumps(value)) for name, value in facts.items()
        ]
        self._open_db.executemany("insert or replace into facts values (?, ?)", rows)

    def set_inputs(self, inputs: Mapping[str, Input]) -> None:
        """Keep the files that were read; those of the same path are replaced."""
        rows = [(path, *item.stamp, item.digest) for path, item in inputs.items()]
        self._open_db.executemany("insert or replace into inputs values (?, ?, ?, ?)", rows)

    def forget_inputs(self, paths: Collection[str]) -> None:
        """Forget files that are gone."""
        self._open_db.executemany("delete from inputs where path = ?", [(path,) for path in paths])

    def set_entries(self, rows: Iterable[tuple[str, str, str, bytes, bytes]]) -> None:
        """Keep entries: source, head, key, value and body."""
        self._open_db.executemany("insert or replace into entries values (?, ?, ?, ?, ?)", rows)

    def forget_entries(self, sources: Collection[str]) -> None:
        """Forget entries that are gone."""
        self._open_db.executemany("delete from entries where source = ?", [(source,) for source in sources])

    def set_answers(self, answers: Mapping[Question, str]) -> None:
        """Keep the digests of answers."""
        self._open_db.executemany(
            "insert into questions (question, digest) values (?, ?)"
            " on conflict (question) do update set digest = excluded.digest",
            [(_SIGN.join(question), digest) for question, digest in answers.items()],
        )

    def set_kept(self, outputs: Mapping[str, Kept]) -> None:
        """Keep what became of outputs whose trace is known already."""
        rows = [(*kept, path) for path, kept in outputs.items()]
        self._open_db.executemany(
            "update outputs set size = ?, time = ?, digest = ?, recipe = ? where path = ?", rows
        )

    def forget_outputs(self, paths: Collection[str]) -> None:
        """Forget outputs that are no longer made."""
        rows = [(path,) for path in paths]
        db = self._open_db
        db.executemany("delete from uses where output = (select number from outputs where path = ?)", rows)
        db.executemany("delete from outputs where path = ?", rows)

    def set_traces(self, traces: Collection[Trace]) -> None:
        """Keep traces; the questions in them must have been kept before."""
        db = self._open_db
        self.forget_outputs([trace.path for trace in traces])
        wanted = {question for trace in traces for question in trace.asked}
        wanted |= {question for shared in {trace.shared for trace in traces} for question in shared}
        numbers = self._numbers(wanted)
        shared = self._shared({trace.shared for trace in traces}, numbers)
        first = db.execute("select coalesce(max(number), 0) from outputs").fetchone()[0] + 1
        db.executemany(
            "insert into outputs values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (at, trace.path, *trace.kept, shared[trace.shared], trace.content, trace.reason)
                for at, trace in enumerate(traces, first)
            ),
        )
        uses = [(numbers[q], at) for at, trace in enumerate(traces, first) for q in trace.asked]
        uses.sort()  # so that the index grows at its end
        db.executemany("insert into uses values (?, ?)", uses)

    def _numbers(self, wanted: Collection[Question]) -> dict[Question, int]:
        db = self._open_db
        if len(wanted) > 5000:
            rows = db.execute("select question, number from questions")
            return {tuple(text.split(_SIGN)): number for text, number in rows}
        query = "select number from questions where question = ?"
        return {question: db.execute(query, (_SIGN.join(question),)).fetchone()[0] for question in wanted}

    def _shared(
        self, sets: Collection[frozenset[Question]], numbers: Mapping[Question, int]
    ) -> dict[frozenset[Question], int]:
        """The number of each set of questions, new ones included."""
        db = self._open_db
        known: dict[int, set[int]] = {}
        for question, number in db.execute("select question, shared from members"):
            known.setdefault(number, set()).add(question)
        by_members = {frozenset(members): number for number, members in known.items()}
        found: dict[frozenset[Question], int] = {}
        following = max(known, default=0) + 1
        for questions in sets:
            members = frozenset(numbers[question] for question in questions)
            if members and members not in by_members:
                by_members[members] = following
                rows = [(member, following) for member in sorted(members)]
                db.executemany("insert into members values (?, ?)", rows)
                following += 1
            found[questions] = by_members.get(members, 0)
        return found

    def tidy(self) -> None:
        """Forget questions that no output asks any more."""
        db = self._open_db
        db.execute("delete from members where shared not in (select shared from outputs)")
        db.execute(
            "delete from questions where number not in"
            " (select question from uses union select question from members)"
        )

    def forget(self) -> None:
        """Forget everything."""
        self.close()
        for file in (self._sum, self._file):
            with contextlib.suppress(OSError):
                file.unlink()

    def close(self) -> None:
        """Close the file, and write its checksum if it was changed."""
        if self._db is None:
            return
        self._db.close()
        self._db = None
        if self._changed:
            with contextlib.suppress(OSError):
                self._sum.write_text(f"{self._version} {_checksum(self._file)}", "ascii")


def _connect(file: Path) -> sqlite3.Connection:
    db = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    db.execute("pragma journal_mode = off")  # a build that is cut short forgets everything, by the checksum
    db.execute("pragma synchronous = off")
    return db


def _checksum(file: Path) -> str:
    checksum = 0
    with file.open("rb") as stream:
        while block := stream.read(1 << 20):
            checksum = zlib.crc32(block, checksum)
    return f"{checksum:08x}"
