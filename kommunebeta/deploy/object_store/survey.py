"""What lies in a bucket: as its manifest tells, put right by what an interrupted deploy has changed since."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from kommunebeta.deploy.manifest import MANIFEST, Manifest, is_safe, read_manifest
from kommunebeta.deploy.object_store.bucket import Bucket, Seen
from kommunebeta.deploy.object_store.labels import Labels
from kommunebeta.deploy.parcel import There

SENDING = ".kommunebeta-deploy.sending.json"
"""Name of the list of what a deploy that has not ended touches."""

_OWN = re.compile(r"\.kommunebeta-deploy\.(json|sending\.json|lock)")


def surveyed(bucket: Bucket, labels: Labels, base_url: str) -> tuple[There, frozenset[str]]:
    """What lies there, and the files that deploys which were interrupted may have touched.

    Args:
        bucket: the bucket.
        labels: tells objects of this site from others.
        base_url: tells a manifest of this site from others.

    Raises:
        OutsideError: the store fails.
    """
    manifest, label = shown(bucket, base_url)
    if manifest is None:
        return _compared(bucket, labels), frozenset()
    if label != labels.tag_of_all(manifest.files):
        manifest = replace(manifest, files=dict.fromkeys(manifest.files, ""))
    interrupted = touched(bucket)
    if interrupted is None:
        return There(manifest.files, manifest.retired, (), manifest.release), frozenset()
    return _corrected(manifest, seen_of(bucket, interrupted), labels), interrupted


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


def sending_bytes(paths: Iterable[str]) -> bytes:
    """The list of what a deploy touches, as it is kept."""
    return json.dumps({"paths": sorted(paths)}, ensure_ascii=False).encode()


def seen_of(bucket: Bucket, paths: Iterable[str]) -> Mapping[str, Seen | None]:
    """Look at many objects; None for those that are not there."""
    found: dict[str, Seen | None] = {}

    def look_at(path: str) -> None:
        found[path] = bucket.see(path)

    bucket.each(paths, look_at)
    return found


def touched(bucket: Bucket) -> frozenset[str] | None:
    """The files that a deploy which has not ended may have touched; None where all have ended."""
    found = bucket.fetch(SENDING)
    if found is None:
        return None
    try:
        paths = json.loads(found.data)["paths"]
        return frozenset(path for path in map(str, paths) if is_safe(path))
    except (ValueError, TypeError, KeyError):
        return frozenset(_listed(bucket))


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
    return There(files, retired, (), manifest.release, known=False, notes=notes)


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
