"""The list of files in an output folder that are ours, kept beside them.

What is not on the list belongs to others and is never replaced or deleted.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MANIFEST = ".kommunebeta-manifest.json"
STAGING = ".kommunebeta-staging-"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Inventory:
    """The files of an output folder that are ours.

    Attributes:
        files: SHA-256 in hex by path, relative to the output folder with ``/``.
        found: whether the folder has a list.
        damaged: the folder has a list that cannot be understood, or of another version; ``files`` is empty.
    """

    files: Mapping[str, str]
    found: bool = True
    damaged: bool = False


def is_publishable(path: str) -> bool:
    """Whether a path stays inside the output folder and is none of the names kept for publishing itself."""
    parts = path.split("/")
    if "\0" in path or any(part in ("", ".", "..") for part in parts):
        return False
    return parts[0] != MANIFEST and not parts[0].startswith(STAGING)


def read_inventory(folder: Path) -> Inventory:
    """The list of an output folder, which need not exist.

    Raises:
        OSError: there is a list, but it cannot be read.
    """
    try:
        data = (folder / MANIFEST).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return Inventory({}, found=False)
    try:
        manifest: Any = json.loads(data)
        if manifest["version"] != _VERSION:
            return Inventory({}, damaged=True)
        files = manifest["files"]
        return Inventory({path: str(digest) for path, digest in files.items() if is_publishable(path)})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return Inventory({}, damaged=True)


def write_inventory(file: Path, files: Mapping[str, str], *, durable: bool = False) -> None:
    """Write a list: sorted, without any time, so that equal sites have equal lists.

    Args:
        file: where; moved into place by the caller.
        files: digests by path.
        durable: wait until the disk has it.
    """
    manifest = {"version": _VERSION, "files": dict(sorted(files.items()))}
    text = json.dumps(manifest, ensure_ascii=False, indent=0)
    with file.open("wb") as stream:
        stream.write(text.encode("utf-8", "surrogatepass") + b"\n")  # a name on disk need not be UTF-8
        if durable:
            stream.flush()
            os.fsync(stream.fileno())
