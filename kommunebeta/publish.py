"""Rendered outputs → the output folder: staged first, then each file replaced at once.

Everything is written into a staging folder inside the output folder (so that both are on one disk)
before the first published file changes. Then each file takes its place by ``os.replace``, which
POSIX makes atomic: a process that is killed leaves the old or the new file, never a torn one. A
manifest names the files that are ours; it is written before the first change with the old and the
new names together, so that the next build can finish what a killed one began. Files that are not
in the manifest are never deleted or replaced.

No ``fsync``: a power failure may lose a build, which the next one repairs, and waiting for the disk
at every file would make builds many times slower.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType

from kommunebeta.errors import OutsideError, UsageError
from kommunebeta.outputs import Staged

MANIFEST = ".kommunebeta-manifest.json"
_STAGING = ".kommunebeta-staging-"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_OWN_FOLDERS = (
    "content",
    "people",
    "forms",
    "dialogue",
    "data",
    "static",
    "templates",
    "assets",
    "themes",
    "locales",
)


@dataclass(frozen=True, slots=True)
class Changes:
    """What a build changed in the output folder, by path."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: int = 0


def stage(staging: Path, path: str, data: bytes) -> Staged:
    """Make a file ready; may be called from any process.

    Args:
        staging: the staging folder, which lies in the output folder.
        path: where the file will lie in the output folder, with ``/``.
        data: what it will hold.

    Raises:
        OutsideError: the disk is full or refuses.
        ValueError: the path leaves the folder; planning has refused such paths before.
    """
    if not _is_inside(path):
        raise ValueError(f"not a path in the output folder: {path!r}")
    digest = hashlib.sha256(data).hexdigest()
    if _holds(staging.parent / path, data):
        return Staged(path, digest, same=True)
    file = staging / path
    with _disk(path):
        try:
            file.write_bytes(data)
        except FileNotFoundError:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
    return Staged(path, digest, same=False)


def _is_inside(path: str) -> bool:
    return bool(path) and not path.startswith("/") and ".." not in path.split("/") and "\0" not in path


def _holds(file: Path, data: bytes) -> bool:
    try:
        status = file.lstat()
        return status.st_size == len(data) and not file.is_symlink() and file.read_bytes() == data
    except OSError:
        return False


@contextlib.contextmanager
def _disk(path: str | Path) -> Iterator[None]:
    """Turn what the disk says into words."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            message = f"The disk is full: {path} could not be written. Make room and build again."
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            message = f"{path} could not be written: {error.strerror}. Check the folder's permissions."
        else:
            message = f"{path} could not be written: {error.strerror or error}."
        raise OutsideError(f"{message} The old site stands.") from error


class Staging:
    """A staging folder in the output folder, and the way from it to the published site.

    Used as a context manager; on leaving, whatever was not published is removed.

    Attributes:
        output: the output folder.
        folder: the staging folder, once entered.
    """

    def __init__(self, output: Path, site: Path) -> None:
        """Look at the output folder; nothing is changed yet.

        Args:
            output: the output folder; it need not exist.
            site: the site folder.

        Raises:
            UsageError: the folder is the site itself or one of its sources, or holds files of others.
        """
        self.output = output
        self.folder = output
        self._lock: int | None = None
        self._refuse_sources(site)
        self._old = self._read_manifest()
        self._refuse_foreign()

    def _refuse_sources(self, site: Path) -> None:
        output, site = self.output.resolve(), site.resolve()
        if output == site or site.is_relative_to(output):
            raise UsageError(f"{self.output} is the site itself or holds it; choose another output folder.")
        if any(output.is_relative_to(site / name) for name in _OWN_FOLDERS):
            raise UsageError(f"{self.output} lies among the site's sources; choose another output folder.")
        if self.output.exists() and not self.output.is_dir():
            raise UsageError(f"{self.output} is a file; choose a folder for the output.")

    def _read_manifest(self) -> dict[str, str] | None:
        try:
            manifest = json.loads((self.output / MANIFEST).read_bytes())
            files = manifest["files"]
            return {path: str(digest) for path, digest in files.items() if _is_inside(path)}
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return {}

    def _refuse_foreign(self) -> None:
        if self._old is not None or not self.output.is_dir():
            return
        foreign = sorted(
            entry.name for entry in os.scandir(self.output) if not entry.name.startswith(_STAGING)
        )
        if foreign:
            raise UsageError(
                f"{self.output} holds files that Kommunebeta did not make, such as «{foreign[0]}». "
                "Choose an empty or new folder for the output."
            )

    def __enter__(self) -> Staging:
        with _disk(self.output):
            self.output.mkdir(parents=True, exist_ok=True)
            self._take_lock()
            for entry in os.scandir(self.output):
                if entry.name.startswith(_STAGING):
                    shutil.rmtree(entry.path, ignore_errors=True)
            self.folder = Path(tempfile.mkdtemp(prefix=_STAGING, dir=self.output))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
        with contextlib.suppress(OSError):
            self.output.rmdir()

    def _take_lock(self) -> None:
        """Let one build at a time work on an output folder; the system frees the lock of a killed process."""
        try:
            import fcntl
        except ImportError:
            return
        self._lock = os.open(self.output, os.O_RDONLY)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock)
            self._lock = None
            raise UsageError(f"Another build is writing to {self.output}. Wait until it is done.") from error

    def commit(self, staged: Iterable[Staged]) -> Changes:
        """Publish what was staged, and remove earlier outputs that are no longer made.

        Raises:
            UsageError: a file that is not ours stands where an output belongs; nothing was changed.
            OutsideError: the disk failed; every file is the old or the new one.
        """
        files = {item.path: item for item in staged}
        old = self._old or {}
        self._refuse_occupied(files, old)
        new = {path: item.digest for path, item in files.items()}
        gone = sorted(set(old) - set(new))
        with _disk(self.output):
            if new != old:
                self._write_manifest({**old, **new})
            in_the_way = _in_the_way(files, gone)
            for path in in_the_way:
                self._remove(path)
            for path in sorted(files, key=_order):
                if not files[path].same:
                    self._replace(path)
            for path in gone:
                if path not in in_the_way:
                    self._remove(path)
            if new != old:
                self._write_manifest(new)
        self._old = new
        return Changes(
            added=tuple(sorted(path for path in new if path not in old)),
            changed=tuple(sorted(path for path in new if path in old and not files[path].same)),
            removed=tuple(gone),
            unchanged=sum(item.same for item in files.values()),
        )

    def _refuse_occupied(self, files: Mapping[str, Staged], old: Mapping[str, str]) -> None:
        folders = {parent.as_posix() for path in files for parent in PurePosixPath(path).parents} - {"."}
        for folder in sorted(folders):
            place = self.output / folder
            if place.is_symlink():
                raise UsageError(
                    f"{place} is a symbolic link; Kommunebeta does not write through it. Remove it."
                )
            if place.exists() and not place.is_dir() and folder not in old:
                raise UsageError(
                    f"{place} was not made by Kommunebeta and stands in the way of a folder. Move it."
                )
        for path, item in files.items():
            place = self.output / path
            if path not in old and not item.same and (place.is_symlink() or place.is_file()):
                raise UsageError(
                    f"{place} was not made by Kommunebeta and is in the way. Move it or rename the source."
                )
            if place.is_dir() and not place.is_symlink() and self._foreign_below(place, old):
                raise UsageError(
                    f"{place} holds files that Kommunebeta did not make and stands in the way. Move it."
                )

    def _foreign_below(self, folder: Path, old: Mapping[str, str]) -> bool:
        return any(
            file.relative_to(self.output).as_posix() not in old
            for file in folder.rglob("*")
            if not file.is_dir()
        )

    def _replace(self, path: str) -> None:
        target = self.output / path
        try:
            os.replace(self.folder / path, target)  # noqa: PTH105 - the speed of many thousand calls
        except FileNotFoundError:
            target.parent.mkdir(parents=True, exist_ok=True)
            (self.folder / path).replace(target)

    def _remove(self, path: str) -> None:
        place = self.output / path
        if not place.parent.resolve().is_relative_to(self.output.resolve()):
            return
        place.unlink(missing_ok=True)
        for parent in PurePosixPath(path).parents:
            if parent.as_posix() == ".":
                break
            try:
                (self.output / parent).rmdir()
            except OSError:
                break

    def _write_manifest(self, files: Mapping[str, str]) -> None:
        text = json.dumps({"version": 1, "files": dict(sorted(files.items()))}, ensure_ascii=False, indent=0)
        draft = self.folder / MANIFEST
        draft.write_text(text + "\n", encoding="utf-8")
        draft.replace(self.output / MANIFEST)


def _in_the_way(files: Mapping[str, Staged], gone: Iterable[str]) -> frozenset[str]:
    """Old files that have to go first: where a file becomes a folder, or a folder a file."""
    folders = {parent.as_posix() for path in files for parent in PurePosixPath(path).parents}
    return frozenset(
        path
        for path in gone
        if path in folders or any(parent.as_posix() in files for parent in PurePosixPath(path).parents)
    )


def _order(path: str) -> tuple[int, str]:
    """What others refer to comes first: assets and pictures, then pages, then lists and feeds."""
    if not path.endswith((".html", ".xml", ".json")):
        return 0, path
    return (2 if path.count("/") <= 1 else 1), path
