"""Earlier releases, in a container of their own that nobody may read but who deploys.

    prefix/.kommunebeta-releases.json           whose releases they are
    prefix/20261125T162455Z-3f9a.json           a release: its files with their digests
    prefix/objects/9f86d081884c7d659a2feaa0…    what files hold, each content once, named by its digest

A release lies there only while all that it names does: contents come before it, and go after it.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kommunebeta.deploy.manifest import Manifest, manifest_bytes, read_manifest
from kommunebeta.deploy.object_store.contents import put_file
from kommunebeta.deploy.parcel import LocalFile, made_file
from kommunebeta.errors import OutsideError

if TYPE_CHECKING:
    from obstore import Attributes

    from kommunebeta.deploy.object_store.bucket import Bucket, Fetched

OWNER = ".kommunebeta-releases.json"
OBJECTS = "objects"

_RELEASE = re.compile(r"(\d{8}T\d{6}Z-[0-9a-f]{4})\.json")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_NAMED = 5
"""The most files that a message names."""
_ATTRIBUTES: Attributes = {"Content-Type": "application/octet-stream", "Cache-Control": "no-store"}

Check = Callable[[], None]
"""Raises unless the lock of the site is still held."""


class Kept:
    """See the module. Used by who holds the lock of the site's own container."""

    def __init__(self, bucket: Bucket, url: str, site: str, check: Check) -> None:
        """Nothing is asked of the store yet.

        Args:
            bucket: the container.
            url: its address, for people.
            site: the address of the site's own container, which tells its releases from those of others.
            check: see ``Check``; called before anything is put or deleted.
        """
        self._bucket = bucket
        self._url = url
        self._site = site.rstrip("/")
        self._check = check

    def claim(self) -> None:
        """Make sure that the container is this site's, and that not everybody may read it.

        Raises:
            OutsideError: it is not.
        """
        found = self._bucket.fetch(OWNER)
        if found is None:
            mark = json.dumps({"site": self._site}, ensure_ascii=False).encode()
            self._bucket.put_if(OWNER, mark, _ATTRIBUTES, "create", f"{OWNER} could not be put")
            found = self._bucket.fetch(OWNER)
        self._refuse_others(found)
        if self._bucket.is_open_to_all(OWNER):
            raise OutsideError(
                f"{self._url} can be read by everybody, so earlier releases must not lie there. Nothing was "
                f"sent. Close it to the public; see docs/deploy-object-store.md."
            )

    def _refuse_others(self, mark: Fetched | None) -> None:
        if mark is not None and _site_in(mark.data) != self._site:
            raise OutsideError(
                f"{self._url} holds releases of another site or target. Nothing was sent. Give «releases» a "
                f"container or a prefix of its own."
            )

    def names(self) -> tuple[str, ...]:
        """The names of the releases, newest first.

        Raises:
            OutsideError: they are another site's.
        """
        self._refuse_others(self._bucket.fetch(OWNER))
        found = (_RELEASE.fullmatch(path) for path in self._bucket.top())
        return tuple(sorted((match[1] for match in found if match), reverse=True))

    def holds(self, release: str) -> bool:
        """Whether a release lies there."""
        return self._bucket.see(f"{release}.json") is not None

    def manifest(self, release: str) -> Manifest | None:
        """The files of a release; None where it is not there, or is none that could be gone back to."""
        found = self._bucket.fetch(f"{release}.json")
        manifest = None if found is None else read_manifest(found.data)
        if manifest is None or manifest.release != release:
            return None
        return manifest if all(map(_DIGEST.fullmatch, manifest.files.values())) else None

    def add_contents(self, files: Iterable[LocalFile]) -> frozenset[str]:
        """Put the contents that are not there yet.

        Returns:
            The digests of all that lie there then.
        """
        lies = self._contents()
        lacking = {file.digest: file for file in files if lies.get(file.digest) != file.size}

        def put(file: LocalFile) -> None:
            self._check()
            put_file(self._bucket, _place(file.digest), file, _ATTRIBUTES)

        self._bucket.each(lacking.values(), put)
        return frozenset(lies.keys() | lacking.keys())

    def add(self, manifest: Manifest) -> None:
        """Put a release, all of whose contents are there."""
        self._check()
        data = manifest_bytes(replace(manifest, retired={}))
        name = f"{manifest.release}.json"
        put_file(self._bucket, name, made_file(name, data), _ATTRIBUTES)

    def drop(self, release: str) -> None:
        """Remove a release that readers never got as a whole; its contents stay until others are removed."""
        if _RELEASE.fullmatch(f"{release}.json"):
            self._check()
            self._bucket.delete(f"{release}.json")

    def keep_newest(self, count: int, spared: Collection[str], contents: Collection[str]) -> None:
        """Remove older releases, and contents that no release names.

        Args:
            count: how many to keep.
            spared: releases that stay in any case.
            contents: the digests of all contents that lie there.
        """
        names = self.names()
        self._leave([name for at, name in enumerate(names) if at < count or name in spared], names, contents)

    def keep_only(self, release: str) -> int:
        """Remove every other release, and all contents that this one does not name.

        Returns:
            How many releases were removed.
        """
        names = self.names()
        self._leave([name for name in names if name == release], names, self._contents().keys())
        return len([name for name in names if name != release])

    def _leave(self, stay: Collection[str], names: Iterable[str], contents: Collection[str]) -> None:
        """Remove releases first, so that none ever names contents that are gone.

        One that cannot be read is removed too: nobody could go back to it, and what it holds is unknown.
        """
        needed: set[str] = set()
        unreadable = set()
        for name in stay:
            if (manifest := self.manifest(name)) is None:
                unreadable.add(name)
            else:
                needed.update(manifest.files.values())
        gone = [name for name in names if name not in stay or name in unreadable]
        self._delete(f"{name}.json" for name in gone)
        self._delete(_place(digest) for digest in contents if digest not in needed)

    def _delete(self, paths: Iterable[str]) -> None:
        def delete(path: str) -> None:
            self._check()
            self._bucket.delete(path)

        self._bucket.each(paths, delete)

    def files(self, release: Manifest, lies: Mapping[str, str], folder: Path) -> dict[str, LocalFile]:
        """A release as files that can be sent; only what differs is fetched.

        Args:
            release: the release.
            lies: digests of what the site's container holds now, by path.
            folder: an empty folder, for what is fetched.

        Raises:
            OutsideError: a content is gone or is not what it was, or the folder's disk is full.
        """
        lacking = {digest for path, digest in release.files.items() if lies.get(path) != digest}
        sizes: dict[str, int] = {}
        fetched = threading.Lock()

        def fetch(digest: str) -> None:
            found, size = self._bucket.fetch_into(_place(digest), folder / digest)
            if found == digest:
                with fetched:
                    sizes[digest] = size

        self._bucket.each(lacking, fetch)
        lacking -= sizes.keys()
        if wrong := sorted(path for path, digest in release.files.items() if digest in lacking):
            more = f", and {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else ""
            raise OutsideError(
                f"{self._url} does not hold release {release.release} as it was: {', '.join(wrong[:_NAMED])}"
                f"{more}. Nothing was sent; readers get what they got before. Choose another release."
            )
        return {
            path: LocalFile(path, digest, sizes.get(digest, 0), folder / digest)
            for path, digest in release.files.items()
        }

    def _contents(self) -> dict[str, int]:
        found = ((path.rpartition("/")[2], stored.size) for path, stored in self._bucket.listed(OBJECTS))
        return {digest: size for digest, size in found if _DIGEST.fullmatch(digest)}


def _place(digest: str) -> str:
    return f"{OBJECTS}/{digest}"


def _site_in(data: bytes) -> str:
    try:
        return str(json.loads(data)["site"])
    except (ValueError, TypeError, KeyError):
        return ""
