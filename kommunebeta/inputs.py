"""Everything that a site is built from, and which of it has changed since a build.

A file counts as unchanged while its size and time are what they were; where they are not, or the
time is too recent to be trusted, what it holds decides. (Git does the same, and calls such times racy.)
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from kommunebeta.sources import is_passed_over

SETTINGS = "kommunebeta.yaml"
FOLDERS = (
    "content",
    "people",
    "forms",
    "dialogue",
    "data",
    "static",
    "templates",
    "assets",
    "locales",
    "themes",
    "embeds",
)
_FILES = (SETTINGS, "embeds.lock.yaml")
_RACY = 2_000_000_000  # nanoseconds; the coarsest clock of a common disk (FAT) steps by two seconds
_UNTRUSTED = -1


class Stamp(NamedTuple):
    """Size in bytes and time of change in nanoseconds."""

    size: int
    time: int


@dataclass(frozen=True, slots=True)
class Input:
    """A file as a build read it: its stamp, and the digest of what it held."""

    stamp: Stamp
    digest: str


@dataclass(frozen=True, slots=True)
class Changed:
    """What differs from an earlier build, by path."""

    added: frozenset[str]
    edited: frozenset[str]
    removed: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.added or self.edited or self.removed)


def digest_of(raw: bytes) -> str:
    """The digest of a file's bytes by which it is told whether the file has changed."""
    return blake2b(raw, digest_size=16).hexdigest()


class Inputs:
    """The files of a site and of the built-in themes that it uses, as they are now.

    Attributes:
        stamps: the stamp of each, by path: relative to the site, or ``theme:beta/theme.yaml``.
    """

    def __init__(self, site: Path, themes: Mapping[str, Path], moment: int) -> None:
        """Look at every file.

        Args:
            site: the site folder.
            themes: folders of built-in themes by name.
            moment: now, in nanoseconds since the epoch.
        """
        self._site = site
        self._themes = themes
        self._moment = moment
        self.stamps: dict[str, Stamp] = {}
        self._digests: dict[str, str] = {}
        for name in _FILES:
            self._look(site / name, name)
        for folder in FOLDERS:
            self._walk(site / folder, folder)
        for name, place in themes.items():
            self._walk(place, f"theme:{name}")

    def _look(self, file: Path, name: str) -> None:
        try:
            status = file.stat()
        except OSError:
            return
        self.stamps[name] = Stamp(status.st_size, status.st_mtime_ns)

    def _walk(self, folder: Path, name: str) -> None:
        waiting = [(str(folder), name)]
        while waiting:
            place, shown = waiting.pop()
            try:
                entries = list(os.scandir(place))
            except OSError:
                continue
            for entry in entries:
                if is_passed_over(entry.name):
                    continue
                path = f"{shown}/{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((entry.path, path))
                    continue
                try:
                    status = entry.stat()
                except OSError:  # a link that leads nowhere
                    self.stamps[path] = Stamp(_UNTRUSTED, 0)
                    continue
                self.stamps[path] = Stamp(status.st_size, status.st_mtime_ns)

    def digest(self, path: str) -> str:
        """The digest of what a file held when it was first asked for; empty when it cannot be read."""
        if path not in self._digests:
            self._digests[path] = self._digest(path)
        return self._digests[path]

    def _digest(self, path: str) -> str:
        theme, _, rest = path.partition("/")
        file = self._site / path
        if theme.startswith("theme:"):
            file = self._themes[theme.removeprefix("theme:")] / rest
        try:
            return digest_of(file.read_bytes())
        except OSError:
            return ""

    def trusted(self, path: str) -> Stamp:
        """The stamp to remember: one that no stamp will equal, where the file changed just now."""
        stamp = self.stamps[path]
        recent = stamp.time > self._moment - _RACY
        return Stamp(stamp.size, _UNTRUSTED) if recent else stamp

    def compare(
        self, before: Mapping[str, Input], among: Collection[str] | None = None
    ) -> tuple[Changed, dict[str, Input]]:
        """What has changed since a build.

        Args:
            before: the files as that build read them.
            among: only these can have changed; None for all.

        Returns:
            What has changed, and the files whose stamp alone is another, as they are to be remembered.
        """
        now = self.stamps
        common = now.keys() & before.keys() if among is None else now.keys() & before.keys() & set(among)
        edited, touched = set(), {}
        for path in common:
            old = before[path]
            if old.stamp == now[path]:
                continue
            digest = self.digest(path)
            if digest and digest == old.digest:
                stamp = self.trusted(path)
                if stamp != old.stamp:
                    touched[path] = Input(stamp, digest)
            else:
                edited.add(path)
        added = frozenset(now.keys() - before.keys())
        return Changed(added, frozenset(edited), frozenset(before.keys() - now.keys())), touched

    def known_digest(self, path: str, before: Mapping[str, Input]) -> str:
        """The digest of a file, which need not be read where its stamp is as before."""
        old = before.get(path)
        return old.digest if old and old.stamp == self.stamps.get(path) else self.digest(path)

    def remember(self, before: Mapping[str, Input], read: Mapping[str, str]) -> dict[str, Input]:
        """The files as they are to be remembered.

        Args:
            before: the files as an earlier build read them.
            read: digests of what was really read, where that may be later than the first look.
        """
        return {
            path: before[path]
            if path in before and before[path].stamp == stamp
            else Input(self.trusted(path), read[path] if path in read else self.digest(path))
            for path, stamp in self.stamps.items()
        }

    def look_again(self, paths: Iterable[str], moment: int) -> None:
        """Look at some files once more, which may have come, changed or gone; folders with all in them.

        Args:
            paths: relative to the site folder.
            moment: now, in nanoseconds since the epoch.
        """
        self._moment = moment
        for path in paths:
            for known in [name for name in self.stamps if name == path or name.startswith(f"{path}/")]:
                del self.stamps[known]
                self._digests.pop(known, None)
            if path.partition("/")[0] in FOLDERS and not any(map(is_passed_over, path.split("/"))):
                if (self._site / path).is_dir():
                    self._walk(self._site / path, path)
                else:
                    self._look(self._site / path, path)
            elif path in _FILES:
                self._look(self._site / path, path)
