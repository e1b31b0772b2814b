"""Rendered outputs → the output folder: staged first, then each file replaced at once.

Everything is written into a staging folder inside the output folder (so that both are on one disk)
before the first published file changes. Then each file takes its place by a rename, which POSIX
makes atomic: a process that is killed leaves the old or the new file, never a torn one. A folder
that is wholly new takes its place by one rename. The list of our files is written before the first
change with the old and the new names together, so that the next build can finish what a killed one
began. Files that are not on the list are never deleted or replaced.

Only that list is waited for (``fsync``), not the files: a power failure may leave a damaged file,
which the next build finds and puts right because the list says that it is ours, while waiting for
the disk at every file would make builds many times slower.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from types import TracebackType

from kommunebeta.errors import OutsideError, UsageError
from kommunebeta.inventory import (
    MANIFEST,
    STAGING,
    Inventory,
    is_publishable,
    read_inventory,
    write_inventory,
)
from kommunebeta.moves import Moves, folders_of, plan_moves
from kommunebeta.options import Changes
from kommunebeta.outputs import Staged

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
_UNTOUCHED = "The old site stands."
_HALFWAY = "Some files are new already; the next build completes them."
_LOCK_TRIES, _LOCK_PAUSE = 10, 0.05  # a killed build's workers need a moment to end
_OWN_FOLDERS = (
    ".git",
    ".kommunebeta",
    "assets",
    "content",
    "data",
    "dialogue",
    "forms",
    "locales",
    "people",
    "static",
    "templates",
    "themes",
)


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
    if not is_publishable(path):
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


def _holds(file: Path, data: bytes) -> bool:
    try:
        status = file.lstat()
        return status.st_size == len(data) and stat.S_ISREG(status.st_mode) and file.read_bytes() == data
    except OSError:
        return False


@contextlib.contextmanager
def _disk(path: str | Path, outcome: str = _UNTOUCHED) -> Iterator[None]:
    """Turn what the disk says into words; ``outcome`` tells what became of the site."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            message = f"The disk is full: {path} could not be written. Make room and build again."
        elif error.errno in _FORBIDDEN:
            message = f"{path} could not be written: {error.strerror}. Check the folder's permissions."
        else:
            message = f"{path} could not be written: {error.strerror or error}."
        raise OutsideError(f"{message} {outcome}") from error


@contextlib.contextmanager
def output_lock(output: Path) -> Iterator[bool]:
    """Lock an output folder against other builds, where the system has locks for that.

    The folder is made when it does not exist. The system frees the lock when a build's last process ends.

    Yields:
        Whether nobody else holds the lock.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        output.mkdir(parents=True, exist_ok=True)
        yield True
        return
    for _ in range(_LOCK_TRIES):
        output.mkdir(parents=True, exist_ok=True)
        lock = os.open(output, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            held = _is_open_as(lock, output)  # else another build that failed has removed the folder
        except BlockingIOError:
            held = False
        except OSError:  # a disk without locks
            held = True
        if held:
            try:
                yield True
            finally:
                os.close(lock)
            return
        os.close(lock)
        time.sleep(_LOCK_PAUSE)
    yield False


class Staging:
    """A staging folder in the output folder, and the way from it to the published site.

    Used as a context manager; on leaving, whatever was not published is removed. One build at a
    time works on an output folder, where the system has locks for that (not on Windows, nor on
    some network disks).

    Attributes:
        output: the output folder.
        folder: the staging folder, once entered.
        trusted: False: others may have changed the output folder.
    """

    trusted = False

    def __init__(self, output: Path, site: Path, *, locked: bool = False) -> None:
        """Look at the output folder; nothing is changed yet.

        Args:
            output: the output folder; it need not exist.
            site: the site folder.
            locked: whether the caller holds its lock.

        Raises:
            UsageError: the folder is the site itself or one of its sources, or holds files of others.
            OutsideError: the folder cannot be read.
        """
        self.output = output
        self.folder = output
        self._locked = locked
        self._leave = contextlib.ExitStack()
        self._refuse_sources(site)
        self._old = self._look()

    def _refuse_sources(self, site: Path) -> None:
        output, site = self.output.resolve(), site.resolve()
        if output == site or site.is_relative_to(output):
            raise UsageError(f"{self.output} is the site itself or holds it; choose another output folder.")
        if any(
            output.is_relative_to(folder)
            for name in _OWN_FOLDERS
            for folder in (site / name, (site / name).resolve())
        ):
            raise UsageError(f"{self.output} lies among the site's sources; choose another output folder.")
        if self.output.exists() and not self.output.is_dir():
            raise UsageError(f"{self.output} is a file; choose a folder for the output.")

    def _look(self) -> Inventory:
        """What of the folder is ours; a folder that holds only files of others is refused."""
        try:
            inventory = read_inventory(self.output)
            names = sorted(entry.name for entry in self.output.iterdir()) if self.output.is_dir() else []
        except OSError as error:
            raise OutsideError(
                f"{error.filename or self.output} could not be read: {error.strerror}. {_UNTOUCHED}"
            ) from error
        foreign = [name for name in names if not name.startswith(STAGING)]
        if foreign and not inventory.found:
            raise UsageError(
                f"{self.output} holds files that Kommunebeta did not make, such as «{foreign[0]}». "
                "Choose an empty or new folder for the output."
            )
        return inventory

    def __enter__(self) -> Staging:
        with contextlib.ExitStack() as undo, _disk(self.output):
            made = not self.output.exists()
            self._take_lock(undo)
            if made:
                undo.callback(_remove_empty, self.output)
            if not self._locked:
                self._old = self._look()  # another build may have ended since
            for leftover in self.output.glob(f"{STAGING}*"):
                shutil.rmtree(leftover, ignore_errors=True)
            self.folder = Path(tempfile.mkdtemp(prefix=STAGING, dir=self.output))
            undo.callback(shutil.rmtree, self.folder, ignore_errors=True)
            self._leave = undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave.close()

    def _take_lock(self, undo: contextlib.ExitStack) -> None:
        """Lock the folder itself; the system frees the lock when the last process of a build ends."""
        if not self._locked and not undo.enter_context(output_lock(self.output)):
            raise UsageError(f"Another build is writing to {self.output}. Wait until it is done.")

    @property
    def stage(self) -> Callable[[str, bytes], Staged]:
        """Makes a file ready, in any process; see the function of this name."""
        return partial(stage, self.folder)

    def commit(self, staged: Iterable[Staged]) -> Changes:
        """Publish what was staged, and remove earlier outputs that are no longer made.

        Args:
            staged: every file of the new site; those that are the same already need not have been staged.

        Raises:
            UsageError: a file that is not ours stands where an output belongs; nothing was changed.
            OutsideError: the disk failed; every file is the old or the new one.
        """
        files = {item.path: item for item in staged}
        old, new = self._old.files, {path: item.digest for path, item in files.items()}
        with _disk(self.output):
            moves = plan_moves(self.output, self.folder, files, self._old)
            drafts = self._draft_lists({**old, **new}, new) if new != old else None
        if drafts:
            with _disk(self.output / MANIFEST):
                drafts[0].replace(self.output / MANIFEST)
        self._carry_out(moves)
        if drafts:
            with _disk(self.output / MANIFEST, _HALFWAY):
                drafts[1].replace(self.output / MANIFEST)
        self._old = Inventory(new)
        return Changes(
            added=tuple(sorted(moves.added)),
            changed=tuple(
                sorted(path for path, item in files.items() if not item.same and path not in moves.added)
            ),
            removed=tuple(sorted(set(old) - set(new))),
            unchanged=sum(item.same for item in files.values()),
        )

    def replace(self, staged: Iterable[Staged]) -> Changes:
        """Publish some files of a site that otherwise stays as it is.

        Raises:
            UsageError: a file that is not ours stands where an output belongs; nothing was changed.
            OutsideError: the disk failed; every file is the old or the new one.
        """
        files = {item.path: item for item in staged}
        old = self._old.files
        if any(path not in old for path in files):
            raise ValueError("replace() is for files that were published before")
        new = {**old, **{path: item.digest for path, item in files.items()}}
        draft = self.folder / f"{MANIFEST}.new"
        with _disk(self.output):
            these = Inventory({path: old[path] for path in files})
            moves = plan_moves(self.output, self.folder, files, these)
            if new != old:
                write_inventory(draft, new)
        self._carry_out(moves)
        if new != old:
            with _disk(self.output / MANIFEST, _HALFWAY):
                draft.replace(self.output / MANIFEST)
        self._old = Inventory(new)
        changed = tuple(sorted(path for path, item in files.items() if not item.same))
        return Changes(changed=changed, unchanged=len(old) - len(changed))

    def _draft_lists(self, both: dict[str, str], new: dict[str, str]) -> tuple[Path, Path]:
        """The lists for the time of change and for after it, both on disk before anything changes."""
        drafts = self.folder / f"{MANIFEST}.both", self.folder / f"{MANIFEST}.new"
        write_inventory(drafts[0], both, durable=True)
        write_inventory(drafts[1], new)
        return drafts

    def _carry_out(self, moves: Moves) -> None:
        for path in moves.first_removed:
            self._remove(path)
        self._tidy(moves.first_removed)
        for path in moves.cleared:
            for folder, _, _ in os.walk(self.output / path, topdown=False):
                _remove_empty(Path(folder))
        for path in moves.renamed:
            with _disk(self.output / path, _HALFWAY):
                self._place(path)
        for path in moves.last_removed:
            self._remove(path)
        self._tidy(moves.last_removed)

    def _place(self, path: str) -> None:
        target = self.output / path
        try:
            os.replace(self.folder / path, target)  # noqa: PTH105 - the speed of many thousand calls
        except FileNotFoundError:
            target.parent.mkdir(parents=True, exist_ok=True)
            (self.folder / path).replace(target)

    def _remove(self, path: str) -> None:
        place = self.output / path
        with _disk(place, _HALFWAY):
            try:
                place.unlink(missing_ok=True)
            except OSError:
                if place.is_symlink() or not place.is_dir():
                    raise  # else somebody has put a folder there, which is not ours

    def _tidy(self, removed: Iterable[str]) -> None:
        """Remove the folders that were emptied, the innermost first."""
        folders = {folder for path in removed for folder in folders_of(path)}
        for folder in sorted(folders, key=lambda folder: (-folder.count("/"), folder)):
            _remove_empty(self.output / folder)


def _remove_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()


def _is_open_as(descriptor: int, folder: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), folder.stat())
    except FileNotFoundError:
        return False
