"""A folder of this machine or of a network disk: a release for each deploy, and a link that is switched.

    path/current  → releases/20261125T162455Z-3f9a      what the web server shows
    path/releases/20261125T162455Z-3f9a/
    path/releases/20261124T090102Z-77c1/                kept for a return

Files that have not changed are hard links to those of the release before. Where the system has no links, or
``current`` is a folder already, the files of ``current`` are replaced one by one (``inplace``).
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import Field

from kommunebeta.deploy.folder.inplace import DRAFT, remove, replace_files
from kommunebeta.deploy.locks import file_lock
from kommunebeta.deploy.manifest import MANIFEST, Manifest, manifest_bytes, manifest_of, read_manifest
from kommunebeta.deploy.parcel import LocalFile, Parcel, There, order_of, parts
from kommunebeta.deploy.releases import (
    CURRENT,
    PARTIAL,
    RELEASES,
    carried,
    is_release,
    nothing_sent,
    release_of,
    with_carried,
)
from kommunebeta.deploy.target import Forgotten, Kind, Release, Surroundings, TargetSetting, Told
from kommunebeta.errors import OutsideError, UsageError

LOCK = ".kommunebeta-deploy.lock"
_NEXT = f"{CURRENT}.new"
_MANIFEST_DRAFT = f"{MANIFEST}{PARTIAL}"
_OURS = frozenset((CURRENT, RELEASES, LOCK, DRAFT, _NEXT))
_UNCHANGED = "Readers still get what they got before."
_HALFWAY = "Readers get a site that works, some of it new; the next deploy finishes it."
_SHOWN = "Readers get the new release."
_DONE = "Readers get the new release; what failed is only the removal of old ones."


class FolderSetting(TargetSetting):
    """A folder."""

    path: str = Field(
        min_length=1, description="The folder; relative to the site. The web server shows `current` in it."
    )
    keep: int = Field(
        5,
        ge=1,
        le=1000,
        description="How many releases are kept, the current one included; the one before it always is.",
    )
    links: bool = Field(
        True,
        description="Whether `current` is a link that is switched. Without, or where the disk has no links, "
        "its files are replaced one by one.",
    )


class FolderTarget:
    """See the module."""

    def __init__(self, setting: FolderSetting, surroundings: Surroundings) -> None:
        self._root = Path(os.path.normpath(surroundings.site / Path(setting.path).expanduser()))
        self._output = surroundings.site / surroundings.output
        self._keep = setting.keep
        self._links = setting.links
        self._base_url = surroundings.base_url
        self.address = setting.url or surroundings.base_url
        self._state = _UNCHANGED
        self._held = contextlib.ExitStack()

    def __enter__(self) -> FolderTarget:
        self._refuse_the_output()
        with _disk(self._root):
            _make_folder(self._root / RELEASES)
            self._held.enter_context(file_lock(self._root / LOCK, self.place))
            self._forget_unfinished()
        return self

    def __exit__(self, *error: Any) -> None:
        self._held.close()

    def _refuse_the_output(self) -> None:
        root, output = Path(os.path.realpath(self._root)), Path(os.path.realpath(self._output))
        if root == output or output in root.parents or root / RELEASES in (output, *output.parents):
            raise UsageError(
                f"{root} cannot be a target: the site is built in {output}. Choose a folder beside it."
            )

    @property
    def place(self) -> str:
        """The folder."""
        return str(self._root)

    @property
    def _current(self) -> Path:
        return self._root / CURRENT

    def look(self) -> There:
        """What the web server shows now; without a manifest every file there is compared."""
        with _disk(self._root):
            foreign = tuple(sorted(entry.name for entry in self._root.iterdir() if entry.name not in _OURS))
            manifest = _manifest_in(self._current)
            lies = _files_in(self._current)
        if manifest is None or manifest.base_url != self._base_url:
            unclaimed = tuple(sorted(lies))
            return There({}, {}, foreign, known=not lies, unclaimed=unclaimed, holds=self._lies_there)
        unclaimed = tuple(sorted(lies - manifest.files.keys() - manifest.retired.keys()))
        return There(manifest.files, manifest.retired, foreign, manifest.release, unclaimed=unclaimed)

    def _lies_there(self, file: LocalFile) -> bool:
        with _disk(self._root):
            return _holds(self._current / file.path, file.digest)

    def send(self, parcel: Parcel, told: Told) -> None:
        """Fill a release beside the one that is shown, and switch."""
        with _disk(self._root):
            partial = self._root / RELEASES / f"{parcel.release}{PARTIAL}"
            before = self._current.resolve()
            sending = {file.path for file in parcel.to_send}
            for path in sorted((*parcel.files, *parcel.retired), key=order_of):
                _make_folder((partial / path).parent)
                if path in sending or not _linked(parcel, path, before, partial):
                    file = parcel.files[path]
                    _write(partial / path, parts(file, _UNCHANGED))
                    told(1, file.size)
            for path in parcel.there.unclaimed:
                if path not in parcel.files:
                    _carry_foreign(before, partial, path)
            _write(partial / MANIFEST, (manifest_bytes(manifest_of(parcel, self._base_url)),))
            release = partial.with_name(parcel.release)
            partial.rename(release)
        self._show(release)
        self._state = _SHOWN
        with _disk(self._root, _DONE):
            self._forget_old(before)

    def _show(self, release: Path) -> None:
        """Switch what readers get, in one step where the system has links."""
        with _disk(self._root):
            link = self._root / _NEXT
            linked = self._links and (self._current.is_symlink() or not self._current.exists())
            if linked and _made_link(link, Path(RELEASES) / release.name):
                link.replace(self._current)
                return
            if self._current.is_symlink():
                raise UsageError(f"{self._current} is a link, but the target's «links» is false. Remove one.")
        with _disk(self._root, _HALFWAY):
            _make_folder(self._current)
            replace_files(
                release, self._current, _manifest_in(self._current), _manifest_in(release) or Manifest()
            )

    def verify(self, expected: Mapping[str, str]) -> tuple[str, ...]:
        """Compare digests."""
        with _disk(self._root, self._state):
            return tuple(
                path for path, digest in expected.items() if not _holds(self._current / path, digest)
            )

    def releases(self) -> tuple[Release, ...]:
        """The releases, newest first."""
        with _disk(self._root):
            shown = self._shown()
            found = []
            for folder in self._folders():
                manifest = _manifest_in(folder) or Manifest()
                found.append(Release(folder.name, folder.name == shown, len(manifest.files)))
        return tuple(found)

    def roll_back(self, release: str) -> Release:
        """Switch to an earlier release, which takes in what pages of the current one need."""
        kept = self.releases()
        chosen = release_of(kept, release, self.place)
        with _disk(self._root):
            folder = self._root / RELEASES / chosen.name
            _carry(self._current, folder)
        self._show(folder)
        return Release(chosen.name, True, chosen.files)

    def forget(self) -> Forgotten:
        """Remove the other releases, and from the shown one what only open pages need."""
        with _disk(self._root):
            manifest = _manifest_in(self._current)
            if manifest is None or manifest.base_url != self._base_url:
                raise nothing_sent(self.place)
            own = self._root / RELEASES / self._shown()
            gone = _without_retired(self._current, manifest)
            if (own / MANIFEST).is_file() and own.resolve() != self._current.resolve():
                _without_retired(own, manifest)
            others = [folder for folder in (*self._folders(), *self._without_manifest()) if folder != own]
            for folder in others:
                _remove_release(folder)
        return Forgotten(len(others), gone)

    def _folders(self) -> list[Path]:
        return sorted(
            (
                folder
                for folder in (self._root / RELEASES).iterdir()
                if folder.suffix != PARTIAL and (folder / MANIFEST).is_file()
            ),
            reverse=True,
        )

    def _without_manifest(self) -> list[Path]:
        """Releases that have lost their manifest, to which there is no return."""
        found = (self._root / RELEASES).iterdir()
        return [
            folder
            for folder in found
            if is_release(folder.name) and folder.is_dir() and not (folder / MANIFEST).exists()
        ]

    def _shown(self) -> str:
        """The name of the release that readers get; empty where it is not known."""
        if self._current.is_symlink():
            return self._current.resolve().name
        manifest = _manifest_in(self._current)
        return Path(manifest.release).name if manifest else ""

    def _forget_unfinished(self) -> None:
        """Remove what an interrupted deploy has left behind."""
        for name in (_NEXT, DRAFT):
            (self._root / name).unlink(missing_ok=True)
        for folder in (self._root / RELEASES).glob(f"*{PARTIAL}"):
            shutil.rmtree(folder)

    def _forget_old(self, before: Path) -> None:
        """Remove old releases, but not the one that requests which are under way still read."""
        spared = (self._current.resolve().name, before.name)
        for folder in (*self._folders()[self._keep :], *self._without_manifest()):
            if folder.name not in spared:
                _remove_release(folder)


def _remove_release(folder: Path) -> None:
    gone = folder.with_name(f"{folder.name}{PARTIAL}")
    folder.rename(gone)  # a release is there whole, or not at all
    shutil.rmtree(gone)


def _without_retired(folder: Path, manifest: Manifest) -> tuple[str, ...]:
    """Remove retired files from a release, and then from its manifest, so that another attempt finds them."""
    there = tuple(path for path in sorted(manifest.retired) if (folder / path).is_file())
    remove(there, folder)
    if manifest.retired:
        _write(folder / MANIFEST, (manifest_bytes(replace(manifest, retired={})),))
    return there


def _linked(parcel: Parcel, path: str, shown: Path, release: Path) -> bool:
    """Whether a file that is to stay could be taken from the shown release."""
    file = parcel.files.get(path)
    if file is not None and not _holds(shown / path, file.digest):
        return False
    with contextlib.suppress(FileNotFoundError):  # somebody has removed a retired one, which nobody needs
        _link(shown / path, release / path)
    return True


def _carry(shown: Path, release: Path) -> None:
    """Put what open pages of the shown release need into another one, and what lies there and is not ours."""
    manifest, target = _manifest_in(shown) or Manifest(), _manifest_in(release) or Manifest()
    missing = carried(manifest, target, dt.datetime.now(dt.UTC))
    foreign = _files_in(shown) - manifest.files.keys() - manifest.retired.keys()
    for path in (*missing, *foreign):
        _carry_foreign(shown, release, path)
    _write(release / MANIFEST, (manifest_bytes(with_carried(target, missing)),))


def _carry_foreign(shown: Path, release: Path, path: str) -> None:
    place = release / path
    if os.path.lexists(place):
        return
    _make_folder(place.parent)
    with contextlib.suppress(FileNotFoundError):  # removed a moment ago
        _link(shown / path, place)


def _made_link(link: Path, goal: Path) -> bool:
    try:
        link.symlink_to(goal, target_is_directory=True)
    except (OSError, NotImplementedError):
        return False
    return True


def _files_in(folder: Path) -> set[str]:
    """The files of a folder, and links to folders, without our manifest."""
    found = set()
    for parent, folders, names in os.walk(folder):
        links = (name for name in folders if Path(parent, name).is_symlink())
        found |= {Path(parent, name).relative_to(folder).as_posix() for name in (*names, *links)}
    return found - {MANIFEST, _MANIFEST_DRAFT}


def _manifest_in(folder: Path) -> Manifest | None:
    try:
        return read_manifest((folder / MANIFEST).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None


def _holds(file: Path, digest: str) -> bool:
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest() == digest
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return False


def _link(file: Path, place: Path) -> None:
    try:
        os.link(file, place)
    except OSError as error:
        if error.errno == errno.ENOENT:
            raise
        shutil.copyfile(
            file, place, follow_symlinks=file.is_file()
        )  # another disk, or one without hard links
        _let_everybody_read(place, 0o444)


def _write(place: Path, data: Iterable[bytes]) -> None:
    """Write a file anew, never into one that other releases share."""
    draft = place.with_name(_MANIFEST_DRAFT)
    with draft.open("wb") as opened:
        opened.writelines(data)
    _let_everybody_read(draft, 0o444)
    draft.replace(place)


def _make_folder(folder: Path) -> None:
    """A folder and those around it, which the web server may enter whatever this process's umask is."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir()
    _let_everybody_read(folder, 0o555)


def _let_everybody_read(place: Path, bits: int) -> None:
    mode = place.stat().st_mode
    if mode & bits != bits:
        with contextlib.suppress(PermissionError):  # disks without permissions
            place.chmod(mode | bits)


@contextlib.contextmanager
def _disk(root: Path, state: str = _UNCHANGED) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = error.filename or root
        raise OutsideError(f"{where}: {error.strerror or error}. {state}") from error


KIND = Kind(FolderSetting, FolderTarget)
