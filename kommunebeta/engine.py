"""Which engine this is: what a build remembers is good only for the one that made it."""

from __future__ import annotations

import sys
from functools import lru_cache
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path

from kommunebeta import __version__

_DEPENDENCIES = (
    "jinja2",
    "markupsafe",
    "markdown_it",
    "markdown_it_pyrs",
    "mdit_py_plugins",
    "linkify_it",
    "yaml",
    "pydantic",
    "pydantic_core",
    "babel",
    "pygments",
    "PIL",
    "nh3",
)


def builtin_themes() -> Path:
    """The folder of the themes that come with Kommunebeta: in the package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent
    packaged = package / "_themes"
    return packaged if packaged.is_dir() else package.parent / "themes"


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """A text that differs between versions of Kommunebeta, of Python and of what both build upon.

    The stamps of our own files are part of it, so that a developer's edit counts as a new version.
    """
    parts = [__version__, sys.version]
    for name in _DEPENDENCIES:
        spec = find_spec(name)
        if spec and spec.origin:
            parts.append(_stamp(Path(spec.origin)))
    package = Path(__file__).parent
    parts += map(_stamp, sorted((*package.glob("*.py"), *package.glob("*/*.py"))))
    return blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


def _stamp(file: Path) -> str:
    status = file.stat()
    return f"{file.name} {status.st_size} {status.st_mtime_ns}"
