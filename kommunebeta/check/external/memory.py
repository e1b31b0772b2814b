"""What other sites said, kept for some days, so that nobody is asked twice for the same.

The file lies in the site's folder for what can be made again. It may be deleted, and a damaged one counts
for nothing.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kommunebeta.check.atomic import write_whole
from kommunebeta.check.external.answer import Answer, Verdict
from kommunebeta.memory import CACHE

_FILE = "links.json"
_VERSION = 1
_HOUR = 3600.0
_DAY = 24 * _HOUR
_KEPT: Mapping[Verdict, float] = {Verdict.THERE: 7 * _DAY, Verdict.MOVED: 7 * _DAY, Verdict.UNSURE: _HOUR}
"""Seconds that an answer is believed; one day for those that are not named."""


class LinkMemory:
    """The answers of earlier checks.

    Attributes:
        file: where they are kept.
    """

    def __init__(self, site: Path, clock: Callable[[], float] = time.time) -> None:
        """Read what is remembered.

        Args:
            site: the site folder.
            clock: tells seconds since 1970.
        """
        self.file = site / CACHE / _FILE
        self._clock = clock
        self._known: dict[str, tuple[float, Answer]] = {}
        now = clock()
        for url, kept in self._read().items():
            with contextlib.suppress(KeyError, TypeError, ValueError):
                verdict = Verdict(kept["verdict"])
                since = float(kept["time"])
                if 0 <= now - since < _KEPT.get(verdict, _DAY):
                    self._known[url] = since, Answer(verdict, str(kept["detail"]), str(kept["new"]))

    def _read(self) -> dict[str, Any]:
        try:
            data = json.loads(self.file.read_text("utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(data, dict) or data.get("version") != _VERSION:
            return {}
        answers = data.get("answers")
        return answers if isinstance(answers, dict) else {}

    def get(self, url: str) -> Answer | None:
        """What is known of an address; None for nothing that is still believed."""
        known = self._known.get(url)
        return known[1] if known else None

    def keep(self, answers: Mapping[str, Answer]) -> None:
        """Remember answers, in place of earlier ones, and write the file in one go.

        A disk that refuses costs no more than asking again.
        """
        now = self._clock()
        self._known.update({url: (now, answer) for url, answer in answers.items()})
        kept = {
            url: {"verdict": answer.verdict, "detail": answer.detail, "new": answer.new, "time": since}
            for url, (since, answer) in sorted(self._known.items())
        }
        with contextlib.suppress(OSError):
            text = json.dumps({"version": _VERSION, "answers": kept}, ensure_ascii=False, indent=1)
            write_whole(self.file, text.encode())
