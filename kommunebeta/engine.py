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
    "mdit_py_plugins",
    "linkify_it",
    "yaml",
    "pydantic",
    "pydantic_core",
    "babel",
    "pygments",
    "PIL",
    "nh3",
    "selectolax",
)
_DISTRIBUTIONS = {
    "PIL": "pillow",
    "linkify_it": "linkify_it_py",
    "markdown_it": "markdown_it_py",
    "yaml": "pyyaml",
}
"""The names of what is installed, where they are other ones, as they are written in names of folders."""


def builtin_themes() -> Path:
    """The folder of the themes that come with Kommunebeta: in the package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent
    packaged = package / "_themes"
    return packaged if packaged.is_dir() else package.parent / "themes"


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """A text that differs between versions of Kommunebeta, of Python and of what both build upon.

    It tells nothing of where and when they were installed, so that a pipeline which installs them anew each
    time can use what it has kept. What our own files hold is part of it: an edit counts as a new version.
    """
    digest = blake2b(f"{__version__}\n{sys.version}\n".encode(), digest_size=16)
    for name in _DEPENDENCIES:
        digest.update(f"{name} {_version(name)}\n".encode())
    package = Path(__file__).parent
    for file in sorted(package.rglob("*.py")):
        digest.update(f"{file.relative_to(package).as_posix()}\n".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _version(name: str) -> str:
    """The version of a package that is installed, by the folder that tells of it; else its file's stamp."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        return ""
    origin = Path(spec.origin)
    root = origin.parent.parent if origin.name.startswith("__init__.") else origin.parent
    wanted = f"{_DISTRIBUTIONS.get(name, name)}-".lower()
    for entry in _infos(root):
        if entry.lower().startswith(wanted):
            return entry
    return f"{origin.stat().st_size} {origin.stat().st_mtime_ns}"


@lru_cache(maxsize=8)
def _infos(root: Path) -> tuple[str, ...]:
    """The folders that tell of installed packages, such as ``jinja2-3.1.6.dist-info``.

    Source: PyPA specifications, «Recording installed projects».
    """
    return tuple(sorted(entry.name for entry in root.glob("*.dist-info")))
