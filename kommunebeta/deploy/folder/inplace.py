"""A folder whose files are replaced one by one, where it cannot be switched as a whole.

At every moment the site there works: what pages need comes before them and goes after them. The manifest
says what may lie there before anything is touched, so that a deploy after an interrupted one leaves nothing
behind.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from kommunebeta.deploy.manifest import MANIFEST, Manifest, manifest_bytes
from kommunebeta.deploy.parcel import Phase, order_of, phase_of

DRAFT = ".kommunebeta-deploy.draft"
"""Name of the file beside the folder in which each new file is written before it takes its place."""


def replace_files(release: Path, shown: Path, old: Manifest | None, new: Manifest) -> None:
    """Put a release's files into the shown folder, and remove those that it does without last.

    Args:
        release: the folder that holds them.
        shown: the folder that readers get.
        old: what the manifest there says; None where there is none.
        new: the release's manifest.

    Raises:
        OSError: the disk failed; what is there works, and another attempt finishes it.
    """
    old = old or Manifest()
    lying = {path: item for path, item in new.retired.items() if (release / path).is_file()}
    new = replace(new, retired=lying)  # an interrupted deploy may not have come to send the others
    draft = shown.with_name(DRAFT)
    wanted = {*new.files, *new.retired}
    gone = {*old.files, *old.retired} - wanted
    touched = {**dict.fromkeys(wanted, ""), **{path: item.digest for path, item in old.retired.items()}}
    _put(replace(old, files={**touched, **old.files}, retired={}), shown, draft)
    for path in _ordered(wanted, shown):
        place = shown / path
        _make_way(place, shown, gone)
        shutil.copyfile(release / path, draft)
        shutil.copymode(release / path, draft)
        draft.replace(place)
    going = {path: old.files.get(path, "") for path in gone}
    _put(replace(new, files={**new.files, **going}), shown, draft)
    remove(sorted(gone, key=order_of, reverse=True), shown)
    _put(new, shown, draft)


def _ordered(paths: Iterable[str], shown: Path) -> list[str]:
    """In the order in which each needs only those before it: new pages come before those that name them."""

    def order(path: str) -> tuple[Phase, bool, bool, str]:
        phase = phase_of(path)
        last = phase is Phase.PAGES
        return phase, last and not path.endswith(".html"), last and (shown / path).exists(), path

    return sorted(paths, key=order)


def _put(manifest: Manifest, shown: Path, draft: Path) -> None:
    draft.write_bytes(manifest_bytes(manifest))
    draft.replace(shown / MANIFEST)


def _make_way(place: Path, shown: Path, gone: Iterable[str]) -> None:
    """Make room for a file where an old one of ours has the name of its folder, or a folder its name."""
    for parent in place.relative_to(shown).parents:
        if (shown / parent).is_file() and parent.as_posix() in gone:
            (shown / parent).unlink()
    if place.is_dir():
        inside = place.relative_to(shown).as_posix() + "/"
        remove([path for path in gone if path.startswith(inside)], shown)
    place.parent.mkdir(parents=True, exist_ok=True)


def remove(paths: Iterable[str], shown: Path) -> None:
    """Remove files of the shown folder, and folders that are empty then.

    Raises:
        OSError: the disk failed.
    """
    for path in paths:
        place = shown / path
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            if not place.is_dir():  # as a new file's folder, of the same name
                place.unlink()
        _remove_empty(place.parent, shown)


def _remove_empty(folder: Path, shown: Path) -> None:
    while folder != shown and folder.is_dir() and not list(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
