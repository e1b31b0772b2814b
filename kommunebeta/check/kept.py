"""What was found in outputs, kept from check to check: only what has changed is examined again.

What is kept of an output counts if the output holds the same bytes, and if every question that was asked
while it was examined (see ``noted``) has the answer that it had then. The file is never needed: it may be
deleted at any time, and a damaged or foreign one counts for nothing.
"""

from __future__ import annotations

import contextlib
import sys
import time
from array import array
from collections.abc import Collection, Iterable
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from kommunebeta.check.atomic import write_whole
from kommunebeta.check.examine import Examined, Task, digest_of
from kommunebeta.check.noted import Answered, answered
from kommunebeta.check.state import Report
from kommunebeta.engine import fingerprint
from kommunebeta.memory import CACHE
from kommunebeta.pickles import DamagedError, dumps, loads

_MONTH = 30 * 86_400.0


class _Kept(NamedTuple):
    """What is kept of an output.

    Attributes:
        digest: of what it held.
        asked: the numbers of what it was checked against.
        report: what was found, as bytes.
    """

    digest: bytes
    asked: array[int]
    report: bytes


class KeptReports:
    """What earlier checks for the same groups have found in the outputs of one folder.

    Attributes:
        file: where it is kept.
    """

    def __init__(self, site: Path, task: Task) -> None:
        """Read what is kept.

        Args:
            site: the site folder.
            task: what outputs are examined for.
        """
        output = task.surroundings.folder
        inside = output.relative_to(site) if output.is_relative_to(site) else output
        which = "\0".join((inside.as_posix(), *task.groups))
        name = blake2b(which.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
        self.file = site / CACHE / f"check-{name}.kept"
        self._version = f"{fingerprint()} {sys.byteorder} {which}"
        self._around = task.surroundings
        self._answers: list[Answered] = []
        self._outputs: dict[str, _Kept] = {}
        with contextlib.suppress(OSError, DamagedError, ValueError, TypeError):
            self._read()

    def _read(self) -> None:
        version, answers, outputs = loads(self.file.read_bytes())
        if version == self._version:
            self._answers = [Answered(*answer) for answer in answers]
            self._outputs = {
                path: _Kept(digest, array("I", asked), report)
                for path, (digest, asked, report) in outputs.items()
            }

    def good(self, paths: Iterable[str]) -> dict[str, Report]:
        """What is kept and would be found again.

        Args:
            paths: the outputs.

        Returns:
            What was found, by output; those that must be examined are left out.

        Raises:
            OSError: an output cannot be read.
        """
        changed = {
            number for number, was in enumerate(self._answers) if answered(was.question, self._around) != was
        }
        found = {}
        for path in paths:
            kept = self._outputs.get(path)
            if kept is None or not changed.isdisjoint(kept.asked):
                continue
            if kept.digest == digest_of(self._around.read(path)):
                found[path] = loads(kept.report)
        return found

    def keep(self, good: Collection[str], examined: Collection[Examined]) -> None:
        """Keep what was found, and nothing else. A disk that refuses costs no more than examining again.

        Args:
            good: the outputs of which what is kept is good.
            examined: what was found in the others.
        """
        if not examined and len(good) == len(self._outputs):
            return
        numbers: dict[Answered, int] = {}

        def row(digest: bytes, asked: Iterable[Answered], report: bytes) -> tuple[bytes, bytes, bytes]:
            told = array("I", [numbers.setdefault(answer, len(numbers)) for answer in asked])
            return digest, told.tobytes(), report

        rows = {}
        for path in good:
            kept = self._outputs[path]
            rows[path] = row(kept.digest, (self._answers[at] for at in kept.asked), kept.report)
        for item in examined:
            rows[item.report.path] = row(item.digest, item.asked, dumps(item.report))
        with contextlib.suppress(OSError):
            write_whole(self.file, dumps((self._version, [tuple(answer) for answer in numbers], rows)))
            self._forget_unused()

    def _forget_unused(self) -> None:
        """Take away what other checks have kept, of other folders or groups, and not written for a month."""
        for file in self.file.parent.glob("check-*.kept*"):
            if file.stat().st_mtime < time.time() - _MONTH:
                file.unlink(missing_ok=True)
