"""Sites sent to folders, and what has to hold there at every moment."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from kommunebeta.deploy.folder.target import FolderSetting, FolderTarget
from kommunebeta.deploy.manifest import MANIFEST, read_manifest
from kommunebeta.deploy.parcel import LocalFile, Parcel, There, made_file, parcel_of
from kommunebeta.deploy.releases import new_release
from kommunebeta.deploy.target import Surroundings
from tests.deploy.sent_site import BASE_URL, faults_of


def target(root: Path, base_url: str = BASE_URL, **more: object) -> FolderTarget:
    """A target, not yet entered; the site is built beside it."""
    setting = FolderSetting.model_validate({"kind": "folder", "path": str(root), **more})
    return FolderTarget(setting, Surroundings(root.parent / "site", base_url, "nettsted"))


def sent(
    goal: FolderTarget,
    files: Mapping[str, LocalFile],
    *,
    later: dt.timedelta = dt.timedelta(),
    everything: bool = False,
) -> tuple[Parcel, There]:
    """Look, send and verify, as a deploy does."""
    with goal:
        there = goal.look()
        now = dt.datetime.now(dt.UTC) + later
        parcel = parcel_of(files, there, new_release(now), now, everything=everything)
        if parcel.is_needed:
            goal.send(parcel, lambda files, size: None)
        assert goal.verify({file.path: file.digest for file in parcel.to_send}) == ()
    return parcel, there


def files_of(texts: Mapping[str, str]) -> dict[str, LocalFile]:
    """Files of a site, from their texts."""
    return {path: made_file(path, text.encode()) for path, text in texts.items()}


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    found = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            file = Path(parent, name)
            found[file.relative_to(folder).as_posix()] = file.read_bytes()
    return found


def assert_works(root: Path) -> None:
    """Whatever readers get there is whole, and needs nothing that is missing."""
    lies = contents(root / "current")
    lies.pop(MANIFEST, None)
    assert faults_of(lies) == []


def assert_exactly(root: Path, files: Mapping[str, LocalFile]) -> None:
    """Readers get the site, what it lately did without, and nothing else; nothing half done lies about."""
    lies = contents(root / "current")
    manifest = read_manifest(lies.pop(MANIFEST))
    assert manifest is not None
    assert manifest.files == {path: file.digest for path, file in files.items()}
    assert {path: lies[path] for path in files} == {path: file.data for path, file in files.items()}
    assert lies.keys() == files.keys() | manifest.retired.keys()
    left = [path.name for path in (*root.iterdir(), *(root / "releases").iterdir())]
    assert [name for name in left if "partial" in name or "draft" in name or name.endswith(".new")] == []


@contextlib.contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[bool]:
    """A disk of its own at a folder; False where this process may not mount one."""
    folder.mkdir(exist_ok=True)
    words = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(words, capture_output=True).returncode:
        yield False
        return
    try:
        yield True
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True, capture_output=True)
