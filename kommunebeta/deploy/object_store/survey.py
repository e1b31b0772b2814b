"""What lies in a bucket: as its manifest tells, put right by what an interrupted deploy has changed since."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from kommunebeta.deploy.manifest import MANIFEST, Manifest, is_safe, read_manifest
from kommunebeta.deploy.object_store.bucket import Bucket, Seen
from kommunebeta.deploy.object_store.labels import Labels
from kommunebeta.deploy.parcel import There

SENDING = ".kommunebeta-deploy.sending.json"
"""Name of the list of what a deploy that has not ended touches."""

_OWN = re.compile(r"\.kommunebeta-deploy\.(json|sending\.json|lock)")


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What deploys that were interrupted have begun.

    Attributes:
        paths: the files that they may have touched.
        release: the release that the last of them was to show; may be empty.
    """

    paths: frozenset[str] = frozenset()
    release: str = ""


def surveyed(bucket: Bucket, labels: Labels, base_url: str) -> tuple[There, Unfinished]:
    """What lies there, and what deploys that were interrupted have begun.

    Args:
        bucket: the bucket.
        labels: tells objects of this site from others.
        base_url: tells a manifest of this site from others.

    Raises:
        OutsideError: the store fails.
    """
    manifest, label = shown(bucket, base_url)
    if manifest is None:
        return _compared(bucket, labels), Unfinished()
    if label != labels.tag_of_all(manifest.files):
        manifest = replace(manifest, files=dict.fromkeys(manifest.files, ""))
    unfinished = unfinished_in(bucket)
    if unfinished is None:
        return There(manifest.files, manifest.retired, (), manifest.release), Unfinished()
    return _corrected(manifest, seen_of(bucket, unfinished.paths), labels), unfinished


def shown(bucket: Bucket, base_url: str) -> tuple[Manifest | None, str]:
    """The manifest of what readers get, None where none of this site lies there; and the label that it has.

    Args:
        bucket: the bucket.
        base_url: tells a manifest of this site from others.
    """
    found = bucket.fetch(MANIFEST)
    manifest = None if found is None else read_manifest(found.data)
    if found is None or manifest is None or manifest.base_url != base_url:
        return None, ""
    return manifest, found.seen.label


def sending_bytes(unfinished: Unfinished) -> bytes:
    """The list of what a deploy begins, as it is kept."""
    value = {"paths": sorted(unfinished.paths), "release": unfinished.release}
    return json.dumps(value, ensure_ascii=False).encode()


def seen_of(bucket: Bucket, paths: Iterable[str]) -> Mapping[str, Seen | None]:
    """Look at many objects; None for those that are not there."""
    found: dict[str, Seen | None] = {}

    def look_at(path: str) -> None:
        found[path] = bucket.see(path)

    bucket.each(paths, look_at)
    return found


def unfinished_in(bucket: Bucket) -> Unfinished | None:
    """What deploys that have not ended have begun; None where all have ended."""
    found = bucket.fetch(SENDING)
    if found is None:
        return None
    try:
        value = json.loads(found.data)
        paths = frozenset(path for path in map(str, value["paths"]) if is_safe(path))
        return Unfinished(paths, str(value.get("release", "")))
    except (ValueError, TypeError, KeyError, AttributeError):
        return Unfinished(frozenset(_listed(bucket)))


def _corrected(manifest: Manifest, seen: Mapping[str, Seen | None], labels: Labels) -> There:
    files, retired = dict(manifest.files), dict(manifest.retired)
    for path, item in seen.items():
        if item is None:
            files.pop(path, None)
            retired.pop(path, None)
            continue
        digest = labels.digest_in(path, item.label)
        if digest is None:  # somebody else has put it there since
            files |= {path: ""} if path in files else {}
        elif path not in retired or retired[path].digest != digest:
            files[path] = digest
            retired.pop(path, None)
    notes = ("An earlier deploy was interrupted; this one finishes it.",)
    return There(files, retired, (), manifest.release, known=False, notes=notes, unfinished=True)


def _compared(bucket: Bucket, labels: Labels) -> There:
    files: dict[str, str] = {}
    unclaimed = []
    seen = seen_of(bucket, _listed(bucket))
    for path, item in seen.items():
        digest = labels.digest_in(path, item.label) if item else None
        if digest is not None:
            files[path] = digest
        elif item is not None:
            unclaimed.append(path)
    return There(files, known=not seen, unclaimed=tuple(sorted(unclaimed)))


def _listed(bucket: Bucket) -> Iterator[str]:
    return (path for path, _ in bucket.listed() if not _OWN.fullmatch(path))
