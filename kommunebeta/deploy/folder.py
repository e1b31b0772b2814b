"""A folder of this machine or of a network disk: a release for each deploy, and a link that is switched.

    path/current  → releases/20261125T162455Z-3f9a      what the web server shows
    path/releases/20261125T162455Z-3f9a/
    path/releases/20261124T090102Z-77c1/                kept for a return

Files that have not changed are hard links to those of the release before. Where the system has no links, the
files of ``current`` are replaced one by one, in order.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from kommunebeta.deploy.locks import file_lock
from kommunebeta.deploy.manifest import MANIFEST, Manifest, manifest_bytes, manifest_of, read_manifest
from kommunebeta.deploy.parcel import Parcel, There, order_of
from kommunebeta.deploy.releases import CURRENT, PARTIAL, RELEASES, carried, release_of, with_carried
from kommunebeta.deploy.target import Kind, Release, Surroundings, TargetSetting, Told
from kommunebeta.errors import OutsideError

LOCK = ".kommunebeta-deploy.lock"
_OURS = frozenset((CURRENT, RELEASES, LOCK))


class FolderSetting(TargetSetting):
    """A folder."""

    path: str = Field(
        min_length=1, description="The folder; relative to the site. The web server shows `current` in it."
    )
    keep: int = Field(5, ge=1, le=1000, description="How many releases are kept, the current one included.")


class FolderTarget:
    """See the module."""

    def __init__(self, setting: FolderSetting, surroundings: Surroundings) -> None:
        self._root = surroundings.site / Path(setting.path).expanduser()
        self._keep = setting.keep
        self._base_url = surroundings.base_url
        self.address = setting.url or surroundings.base_url
        self._held = contextlib.ExitStack()

    def __enter__(self) -> FolderTarget:
        with _disk(self._root):
            (self._root / RELEASES).mkdir(parents=True, exist_ok=True)
            self._held.enter_context(file_lock(self._root / LOCK, self.place))
        return self

    def __exit__(self, *error: Any) -> None:
        self._held.close()

    @property
    def place(self) -> str:
        """The folder."""
        return str(self._root)

    def look(self) -> There:
        """What the web server shows now."""
        with _disk(self._root):
            foreign = sorted(entry.name for entry in self._root.iterdir() if entry.name not in _OURS)
            manifest = _manifest_in(self._root / CURRENT)
        if manifest is None:
            shown = (self._root / CURRENT).exists()
            return There(foreign=tuple(foreign), known=not shown)
        return There(manifest.files, manifest.retired, tuple(foreign), manifest.release)

    def send(self, parcel: Parcel, told: Told) -> None:
        """Fill a release beside the one that is shown, and switch."""
        with _disk(self._root):
            self._forget_partial()
            partial = self._root / RELEASES / f"{parcel.release}{PARTIAL}"
            current = (self._root / CURRENT).resolve()
            for path in sorted((*parcel.files, *parcel.retired), key=order_of):
                self._fill(parcel, path, current, partial, told)
            _write(partial / MANIFEST, manifest_bytes(manifest_of(parcel, self._base_url)))
            release = partial.with_name(parcel.release)
            partial.rename(release)
            self._show(release)
            self._forget_old()

    def _fill(self, parcel: Parcel, path: str, current: Path, partial: Path, told: Told) -> None:
        place = partial / path
        place.parent.mkdir(parents=True, exist_ok=True)
        file = parcel.files.get(path)
        if file is None:
            with contextlib.suppress(FileNotFoundError):  # somebody has removed what nobody needs
                _link(current / path, place)
            return
        if parcel.there.files.get(path) == file.digest and _holds(current / path, file.digest):
            _link(current / path, place)
            return
        _write(place, file.read())
        told(1, file.size)

    def _show(self, release: Path) -> None:
        """Switch what readers get, in one step where the system has links."""
        link, current = self._root / f"{CURRENT}.new", self._root / CURRENT
        link.unlink(missing_ok=True)
        if current.is_dir() and not current.is_symlink():
            _replace_files(release, current)
            return
        try:
            link.symlink_to(Path(RELEASES) / release.name, target_is_directory=True)
        except (OSError, NotImplementedError):
            _replace_files(release, current)
            return
        link.replace(current)

    def verify(self, expected: Mapping[str, str]) -> tuple[str, ...]:
        """Compare digests."""
        current = self._root / CURRENT
        with _disk(self._root):
            return tuple(path for path, digest in expected.items() if not _holds(current / path, digest))

    def releases(self) -> tuple[Release, ...]:
        """The releases, newest first."""
        with _disk(self._root):
            shown = _manifest_in(self._root / CURRENT)
            found = []
            for folder in self._folders():
                manifest = _manifest_in(folder) or Manifest()
                current = bool(shown and shown.release == folder.name)
                found.append(Release(folder.name, current, len(manifest.files)))
        return tuple(found)

    def roll_back(self, release: str) -> Release:
        """Switch to an earlier release, which takes in what pages of the current one need."""
        kept = self.releases()
        chosen = release_of(kept, release, self.place)
        with _disk(self._root):
            folder = self._root / RELEASES / chosen.name
            _carry(self._root / CURRENT, folder)
            self._show(folder)
        return Release(chosen.name, True, chosen.files)

    def _folders(self) -> list[Path]:
        return sorted(
            (
                folder
                for folder in (self._root / RELEASES).iterdir()
                if folder.suffix != PARTIAL and (folder / MANIFEST).is_file()
            ),
            reverse=True,
        )

    def _forget_partial(self) -> None:
        for folder in (self._root / RELEASES).glob(f"*{PARTIAL}"):
            shutil.rmtree(folder)

    def _forget_old(self) -> None:
        shown = (self._root / CURRENT).resolve().name
        for folder in self._folders()[self._keep :]:
            if folder.name != shown:
                shutil.rmtree(folder)


def _carry(shown: Path, release: Path) -> None:
    """Put what open pages of the shown release need into another one: its fingerprinted files."""
    manifest, target = _manifest_in(shown) or Manifest(), _manifest_in(release) or Manifest()
    missing = carried(manifest, target, dt.datetime.now(dt.UTC))
    for path in missing:
        place = release / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists():
            _link(shown / path, place)
    _write(release / MANIFEST, manifest_bytes(with_carried(target, missing)))


def _replace_files(release: Path, current: Path) -> None:
    """Put a release's files into the shown folder one by one, and remove the others last."""
    old, new = _manifest_in(current) or Manifest(), _manifest_in(release) or Manifest()
    for path in sorted((*new.files, *new.retired), key=order_of):
        place = current / path
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_name(f"{place.name}{PARTIAL}")
        shutil.copyfile(release / path, draft)
        draft.replace(place)
    _write(current / MANIFEST, manifest_bytes(new))
    gone = {*old.files, *old.retired} - {*new.files, *new.retired}
    for path in sorted(gone, key=order_of, reverse=True):
        (current / path).unlink(missing_ok=True)


def _manifest_in(folder: Path) -> Manifest | None:
    try:
        return read_manifest((folder / MANIFEST).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None


def _holds(file: Path, digest: str) -> bool:
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest() == digest
    except FileNotFoundError:
        return False


def _link(file: Path, place: Path) -> None:
    try:
        os.link(file, place)
    except OSError as error:
        if error.errno == errno.ENOENT:
            raise
        shutil.copyfile(file, place)  # another disk, or one without hard links


def _write(place: Path, data: bytes) -> None:
    """Write a file anew, never into one that other releases share."""
    draft = place.with_name(f"{place.name}{PARTIAL}")
    draft.write_bytes(data)
    draft.replace(place)


@contextlib.contextmanager
def _disk(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = error.filename or root
        message = f"{where}: {error.strerror or error}. Readers still get what they got before."
        raise OutsideError(message) from error


KIND = Kind(FolderSetting, FolderTarget)
