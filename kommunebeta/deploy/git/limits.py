"""What git, and hosts that show a branch, take: names, sizes, and whose file may stand where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kommunebeta.deploy.manifest import is_safe
from kommunebeta.deploy.parcel import LocalFile
from kommunebeta.deploy.ssh.said import STAYS
from kommunebeta.errors import OutsideError, UsageError

_LARGE_FILE = 100 << 20
_LARGE_SITE = 1 << 30


def advice_on(files: Mapping[str, LocalFile]) -> tuple[str, ...]:
    """What hosts of pages may refuse: large files and large sites.

    Source: GitHub Docs, «About large files on GitHub» and «GitHub Pages limits».
    """
    large = [file for file in files.values() if file.size > _LARGE_FILE]
    total = sum(file.size for file in files.values())
    notes = [
        f"{file.path} has {file.size / 1e6:.0f} MB: GitHub takes no file above 100 MiB, others set such "
        f"limits too. Serve it from elsewhere."
        for file in sorted(large, key=lambda file: file.path)
    ]
    if total > _LARGE_SITE:
        notes.append(f"The site has {total / 1e9:.1f} GB: GitHub Pages and GitLab Pages take 1 GB.")
    return tuple(notes)


def refuse_names(paths: Iterable[str]) -> None:
    """Refuse names that git keeps to itself, or that no host shows.

    Raises:
        UsageError: there is one.
    """
    for path in paths:
        if not is_safe(path) or ".git" in path.lower().split("/"):
            raise UsageError(
                f"{path!r} cannot be sent: its name holds a backslash, or a part that git keeps to itself."
            )


def refuse_clashes(ours: Iterable[str], foreign: Iterable[str]) -> None:
    """Refuse a file of others where the site has a folder, or the other way about: git would throw it away.

    Raises:
        OutsideError: there is one.
    """
    ours, foreign = set(ours), set(foreign)
    above = {parent for path in ours for parent in _parents(path)} & foreign
    below = {path for path in foreign for parent in _parents(path) if parent in ours}
    if above or below:
        path = min(above | below)
        raise OutsideError(
            f"{path} lies in the branch, is not ours, and stands where the site has "
            f"{'a folder' if above else 'a file'}. {STAYS} Move it away first."
        )


def _parents(path: str) -> Iterable[str]:
    parts = path.split("/")
    return ("/".join(parts[:number]) for number in range(1, len(parts)))
