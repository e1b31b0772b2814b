"""What must be moved and removed in an output folder, and whether something of others is in the way.

Nothing is changed here: everything that can be refused is refused before the first change.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from kommunebeta.errors import OutsideError, UsageError
from kommunebeta.inventory import Inventory
from kommunebeta.outputs import Staged


@dataclass(frozen=True, slots=True)
class Moves:
    """The steps from the old site to the new one, in this order; all paths are relative.

    Attributes:
        first_removed: our old files that stand where a folder is to come, or in a folder where a
            file is to come.
        cleared: folders that stand where a file is to come; they hold nothing of others.
        renamed: files, and folders that are wholly new, from staging to output.
        last_removed: our other old files that are no longer made.
        added: the files among the renamed that were not there before.
    """

    first_removed: tuple[str, ...]
    cleared: tuple[str, ...]
    renamed: tuple[str, ...]
    last_removed: tuple[str, ...]
    added: frozenset[str]


class _Kind(Enum):
    ABSENT = "absent"
    FOLDER = "folder"
    LINK = "link"
    OTHER = "other"


def folders_of(path: str) -> Iterator[str]:
    """The folders that a path lies in, the innermost first."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def plan_moves(output: Path, staging: Path, files: Mapping[str, Staged], old: Inventory) -> Moves:
    """Look at the output folder and plan how the new site takes the old one's place.

    Args:
        output: the output folder.
        staging: the folder that holds every file that is not the same already.
        files: the new site, by path.
        old: what of the output folder is ours.

    Raises:
        UsageError: something that is not ours is in the way.
        OutsideError: a folder may not be written.
        OSError: the disk failed.
    """
    survey = _Survey(output, old)
    gone = survey.gone(files)
    needed = {folder for path in files for folder in folders_of(path)}
    survey.refuse_folders(needed)
    survey.refuse_same(path for path, item in files.items() if item.same)
    moved = sorted((path for path, item in files.items() if not item.same), key=_order)
    found = {path: survey.refuse_file(path) for path in moved}
    survey.refuse_unwritable({*moved, *gone})
    first = tuple(
        path for path in gone if path in needed or any(folder in files for folder in folders_of(path))
    )
    return Moves(
        first_removed=first,
        cleared=tuple(path for path, kind in found.items() if kind is _Kind.FOLDER),
        renamed=_units(moved, survey, staging),
        last_removed=tuple(path for path in gone if path not in set(first)),
        added=frozenset(path for path, kind in found.items() if kind is not _Kind.OTHER),
    )


class _Survey:
    """What stands in the output folder, looked at once."""

    def __init__(self, output: Path, old: Inventory) -> None:
        self.output = output
        self.old = old
        self._kinds = {"": _Kind.FOLDER}
        self._twins: Mapping[str, str] = {}

    def kind(self, path: str) -> _Kind:
        """What stands at a path; absent where only something else than a folder leads to it."""
        known = self._kinds.get(path)
        if known is None:
            known = _Kind.ABSENT
            if self.kind(path.rpartition("/")[0]) is _Kind.FOLDER:
                known = _kind(self.output / path)
            self._kinds[path] = known
        return known

    def gone(self, files: Mapping[str, Staged]) -> tuple[str, ...]:
        """Our old files that are no longer made and can be reached without a link.

        A file whose name changed only in case is the new file where the disk does not tell case.
        """
        gone = sorted(set(self.old.files) - set(files))
        self._twins = {path.casefold(): path for path in gone}
        renamed = {self._twins[path.casefold()] for path in files if self._is_twin(path)}
        return tuple(
            path
            for path in gone
            if path not in renamed and self.kind(path.rpartition("/")[0]) is _Kind.FOLDER
        )

    def _is_twin(self, path: str) -> bool:
        twin = self._twins.get(path.casefold())
        try:
            return twin is not None and (self.output / twin).samefile(self.output / path)
        except OSError:
            return False

    def _is_ours(self, path: str) -> bool:
        return path in self.old.files or self._is_twin(path)

    def refuse_folders(self, folders: Iterable[str]) -> None:
        """Raise a ``UsageError`` where a folder cannot be."""
        for folder in sorted(folders):
            kind = self.kind(folder)
            place = self.output / folder
            if kind is _Kind.LINK:
                raise UsageError(
                    f"{place} is a symbolic link; Kommunebeta does not write through it. Remove it."
                )
            if kind is _Kind.OTHER and not self._is_ours(folder):
                raise self._foreign(place, "stands in the way of a folder. Move it.")

    def refuse_same(self, paths: Iterable[str]) -> None:
        """Raise a ``UsageError`` for a file of others, even where it holds what ours would.

        Else it would be deleted with ours one day. With a damaged list it is taken for ours.
        """
        for path in sorted(paths):
            if not self.old.damaged and not self._is_ours(path):
                raise self._foreign(self.output / path, "is in the way. Move it or rename the source.")

    def refuse_file(self, path: str) -> _Kind:
        """What stands where a file is to come; a ``UsageError`` if it is of others."""
        kind = self.kind(path)
        place = self.output / path
        if kind in (_Kind.LINK, _Kind.OTHER) and not self._is_ours(path):
            raise self._foreign(place, "is in the way. Move it or rename the source.")
        if kind is _Kind.FOLDER and self._holds_foreign(place):
            raise UsageError(
                f"{place} holds files that Kommunebeta did not make and stands in the way. Move it."
            )
        return _Kind.OTHER if kind is _Kind.LINK else kind

    def _foreign(self, place: Path, wrong: str) -> UsageError:
        if self.old.damaged:
            return UsageError(
                f"The list of Kommunebeta's files in {self.output} is damaged, so {place} could be yours. "
                "Empty the folder and build again."
            )
        return UsageError(f"{place} was not made by Kommunebeta and {wrong}")

    def _holds_foreign(self, folder: Path) -> bool:
        return any(
            file.relative_to(self.output).as_posix() not in self.old.files
            for file in folder.rglob("*")
            if file.is_symlink() or not file.is_dir()
        )

    def refuse_unwritable(self, paths: Iterable[str]) -> None:
        """Raise where a folder in which something will change may not be written, or lies on another disk."""
        folders = {
            next((folder for folder in folders_of(path) if self.kind(folder) is _Kind.FOLDER), "")
            for path in paths
        }
        device = self.output.stat().st_dev
        for folder in sorted(folders):
            place = self.output / folder
            if not os.access(place, os.W_OK | os.X_OK):
                raise OutsideError(
                    f"{place} could not be written. Check the folder's permissions. The old site stands."
                )
            if place.stat().st_dev != device:
                raise UsageError(
                    f"{place} lies on another disk than {self.output}. Choose one on the same disk."
                )


def _kind(place: Path) -> _Kind:
    try:
        mode = place.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return _Kind.ABSENT
    if stat.S_ISDIR(mode):
        return _Kind.FOLDER
    return _Kind.LINK if stat.S_ISLNK(mode) else _Kind.OTHER


def _units(moved: Iterable[str], survey: _Survey, staging: Path) -> tuple[str, ...]:
    """What to rename: a folder at a time where the whole folder is new, in the place of its last file."""
    moved = tuple(moved)
    new_folder = {}
    for path in moved:
        absent = [folder for folder in folders_of(path) if survey.kind(folder) is not _Kind.FOLDER]
        if absent:
            new_folder[path] = absent[-1]
    counts = Counter(new_folder.values())
    whole = {
        folder
        for folder, count in counts.items()
        if count == sum(len(names) for _, _, names in os.walk(staging / folder))
    }
    units: dict[str, None] = {}
    for path in moved:
        folder = new_folder.get(path)
        unit = folder if folder in whole else path
        units.pop(unit, None)
        units[unit] = None
    return tuple(units)


def _order(path: str) -> tuple[int, int, str]:
    """What others refer to comes first: assets, pictures, pages from the deepest on, home, feeds, sitemap."""
    if not path.endswith((".html", ".xml", ".json")):
        return 0, 0, path
    depth = path.count("/")
    if path.endswith(".html") and depth:
        return 1, -depth, path
    return 2, -depth, path
