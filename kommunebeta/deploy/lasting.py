"""Until when a site stays as it has been built, so that a pipeline knows that it has nothing to do."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from kommunebeta.engine import fingerprint
from kommunebeta.errors import OutsideError
from kommunebeta.memory import Memory

ALWAYS = "forever"
"""What stands for no moment at all; sorts after every moment."""


def next_change(site: Path, now: dt.datetime) -> dt.datetime | None:
    """When a site that has been built will change by itself.

    Args:
        site: the site folder.
        now: what is told where nothing is known of the last build, or its pages tell the time of it.

    Returns:
        The moment; None where it stays as it is until somebody changes it.
    """
    memory = Memory(site, None, fingerprint())
    try:
        if not memory or memory.fact("asks_now"):
            return now
        following = memory.fact("next_change")
        return dt.datetime.fromisoformat(following) if following else None
    finally:
        memory.close()


def write_until(file: Path, moment: dt.datetime | None) -> None:
    """Write until when a site stays as it is, such as ``2026-12-24T11:00:00Z``.

    Two of them, and one and ``date -u +%FT%TZ``, compare as texts do.

    Raises:
        OutsideError: the file cannot be written.
    """
    said = f"{moment.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else ALWAYS
    try:
        file.write_text(f"{said}\n", "ascii")
    except OSError as error:
        raise OutsideError(
            f"{file} cannot be written: {error.strerror or error}. The site is sent all the same."
        ) from error
