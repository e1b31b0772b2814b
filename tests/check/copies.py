"""Copies of the sites of the tests that were checked already, so that a test waits for its own matter alone.

``test_bad_site`` checks them from nothing, and holds a second check to the first.
"""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path

from kommunebeta.check.options import CheckOptions, CheckResult
from kommunebeta.check.run import check
from kommunebeta.reporter import Reporter
from tests.check.test_bad_site import AT
from tests.check.test_bad_site import checked as checked_anew


@cache
def _checked(name: str) -> tempfile.TemporaryDirectory[str]:
    """A folder that ends with this process, with a site in it that was checked once."""
    folder = tempfile.TemporaryDirectory()
    checked_anew(name, Path(folder.name))
    return folder


def copied(name: str, folder: Path) -> Path:
    """A copy of a site with all that its first check has left behind."""
    return shutil.copytree(Path(_checked(name).name) / name, folder / name)


def checked(name: str, folder: Path) -> CheckResult:
    """What a check of such a copy finds."""
    return check(copied(name, folder), CheckOptions(at=AT, jobs=1), Reporter())
