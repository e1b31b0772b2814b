"""The list of a deployed site's files with their digests, kept at the target beside them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kommunebeta.deploy.parcel import Parcel, Retired

MANIFEST = ".kommunebeta-deploy.json"
"""Name of the manifest at the target; hidden, so that web servers that hide such files do so."""

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a deploy left at a target.

    Attributes:
        files: digests by path.
        retired: files that are no longer part of the site but stay for a while.
        release: the release's name.
        base_url: the address that the site was built for, so that a foreign site's manifest is known as one.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    retired: Mapping[str, Retired] = field(default_factory=dict)
    release: str = ""
    base_url: str = ""


def manifest_bytes(manifest: Manifest) -> bytes:
    """A manifest as it is kept; the same for the same content."""
    value = {
        "version": _VERSION,
        "release": manifest.release,
        "base_url": manifest.base_url,
        "files": dict(sorted(manifest.files.items())),
        "retired": {
            path: [item.digest, item.since.isoformat()] for path, item in sorted(manifest.retired.items())
        },
    }
    return json.dumps(value, ensure_ascii=False, indent=0).encode() + b"\n"


def manifest_of(parcel: Parcel, base_url: str) -> Manifest:
    """The manifest of a parcel, to be left at the target when everything else is there."""
    files = {path: file.digest for path, file in parcel.files.items()}
    return Manifest(files, parcel.retired, parcel.release, base_url)


def read_manifest(data: bytes) -> Manifest | None:
    """A manifest as it was kept; None where it is damaged or not one of ours."""
    try:
        value: Any = json.loads(data)
        if value["version"] != _VERSION:
            return None
        files = {str(path): str(digest) for path, digest in value["files"].items() if is_safe(path)}
        retired = {
            str(path): Retired(str(digest), _moment(since))
            for path, (digest, since) in value["retired"].items()
            if is_safe(path)
        }
        return Manifest(files, retired, str(value["release"]), str(value["base_url"]))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _moment(text: str) -> dt.datetime:
    """A moment; one without its offset is of nobody's time, so it is taken for UTC."""
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def is_safe(path: str) -> bool:
    """Whether a path from a manifest stays inside the site; others are never written or deleted."""
    parts = path.split("/")
    return not ("\0" in path or "\\" in path or any(part in ("", ".", "..") for part in parts))
