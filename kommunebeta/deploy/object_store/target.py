"""A bucket that is shown as a web site: S3 and what is compatible with it, Azure Blob, Google Cloud Storage.

    prefix/index.html                         with its media type and cache lifetime
    prefix/.kommunebeta-deploy.json           what was sent, with digests
    prefix/.kommunebeta-deploy.sending.json   while a deploy is at work, or after one that was interrupted
    prefix/.kommunebeta-deploy.lock           while a deploy is at work

Objects are replaced one by one, in order. Each says itself what it holds, for which site and in what form, so
that a lost manifest can be made anew from what lies there.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import threading
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kommunebeta.deploy.manifest import MANIFEST, manifest_bytes, manifest_of
from kommunebeta.deploy.object_store.caching import Compression
from kommunebeta.deploy.object_store.labels import LABEL, labels_of
from kommunebeta.deploy.object_store.setting import ObjectStoreSetting
from kommunebeta.deploy.parcel import LocalFile, Parcel, Phase, There, phase_of
from kommunebeta.deploy.releases import nothing_sent
from kommunebeta.deploy.target import Forgotten, Kind, Release, Surroundings, Told
from kommunebeta.errors import OutsideError, UsageError
from kommunebeta.headers import content_type

if TYPE_CHECKING:
    from obstore import Attributes

    from kommunebeta.deploy.object_store.bucket import Bucket, Stored
    from kommunebeta.deploy.object_store.lock import BucketLock, Held

_FEW = 200
"""Files up to which each is looked at alone after sending; above it, listing is quicker."""


class ObjectStoreTarget:
    """See the module."""

    def __init__(self, setting: ObjectStoreSetting, surroundings: Surroundings) -> None:
        self._setting = setting
        self._base_url = surroundings.base_url
        self._labels = labels_of(surroundings.base_url, setting.cache, setting.compress)
        self.address = setting.address or surroundings.base_url
        self._stack = contextlib.ExitStack()
        self._bucket: Bucket
        self._lock: BucketLock
        self._held: Held
        self._unfinished: frozenset[str] = frozenset()
        self._sent: dict[str, Stored] = {}

    def __enter__(self) -> ObjectStoreTarget:
        self._bucket = self._opened()
        from kommunebeta.deploy.object_store.lock import BucketLock, held

        self._lock = BucketLock(self._bucket)
        self._held = self._stack.enter_context(held(self._lock, self.place))
        return self

    def _opened(self) -> Bucket:
        setting = self._setting
        try:
            from kommunebeta.deploy.object_store.bucket import Bucket
            from kommunebeta.deploy.object_store.stores import Place

            if setting.compress is Compression.BROTLI:
                import brotli  # noqa: F401
        except ImportError:
            raise OutsideError(
                "Object stores need two more packages: pip install 'kommunebeta[object-store]'"
            ) from None
        place = Place(
            setting.url,
            setting.endpoint,
            setting.region,
            setting.account,
            setting.machine_identity,
            setting.retries,
            setting.timeout,
        )
        return Bucket(place, setting.parallel)

    def __exit__(self, *error: Any) -> None:
        with contextlib.suppress(OutsideError):  # it expires by itself, and what was done is done
            self._stack.close()

    @property
    def place(self) -> str:
        """The bucket, and the store where that is not the provider's own."""
        host = urlsplit(self._setting.endpoint).netloc
        return f"{self._setting.url} ({host})" if host else self._setting.url

    def look(self) -> There:
        """What readers get now."""
        from kommunebeta.deploy.object_store.survey import surveyed

        there, self._unfinished = surveyed(self._bucket, self._labels, self._base_url)
        return there if self._lock.is_exclusive else replace(there, notes=(*there.notes, _NOT_EXCLUSIVE))

    def send(self, parcel: Parcel, told: Told) -> None:
        """Replace what differs, wave by wave; what readers get works after each object."""
        from kommunebeta.deploy.object_store.survey import SENDING, sending_bytes

        removed = parcel.difference.removed
        self._unfinished |= {*(file.path for file in parcel.to_send), *removed}
        self._put_own(SENDING, sending_bytes(self._unfinished))
        telling = threading.Lock()

        def put(file: LocalFile) -> None:
            self._held.check()
            stored = self._put(file)
            with telling:
                self._sent[file.path] = stored
                told(1, file.size)

        for wave in _waves(parcel):
            self._bucket.each(wave, put)
        self._held.check()
        label = self._labels.tag_of_all(parcel.files)
        self._put_own(MANIFEST, manifest_bytes(manifest_of(parcel, self._base_url)), label)
        for phase in reversed(Phase):
            self._bucket.each([path for path in removed if phase_of(path) is phase], self._bucket.delete)
        self._bucket.delete(SENDING)

    def _put(self, file: LocalFile) -> Stored:
        from kommunebeta.deploy.object_store.bucket import AT_ONCE

        form = self._labels.form_of(file.path)
        attributes: Attributes = {
            "Content-Type": form.content_type,
            "Cache-Control": form.cache_control,
            LABEL: self._labels.label_of(file),
        }
        if file.size > AT_ONCE and form.compression is Compression.NONE:
            return self._bucket.put_parts(file.path, lambda: _parts(file, AT_ONCE), file.size, attributes)
        stored, encoding = form.stored(b"".join(_parts(file, AT_ONCE)))
        if encoding:
            attributes["Content-Encoding"] = encoding
        return self._bucket.put(file.path, stored, attributes)

    def _put_own(self, path: str, data: bytes, label: str = "") -> None:
        attributes: Attributes = {
            "Content-Type": "application/json; charset=utf-8",
            "Cache-Control": "no-store",
        }
        if label:
            attributes[LABEL] = label
        self._bucket.put(path, data, attributes)

    def verify(self, expected: Mapping[str, str]) -> tuple[str, ...]:
        """Compare length and tag of what was sent just now, and the digests of all else."""
        wrong: list[str] = []
        sent = {path: stored for path, stored in self._sent.items() if path in expected and stored.tag}
        lies = self._lies(sent)
        wrong += (path for path, stored in sent.items() if lies.get(path) != stored)

        def compare(path: str) -> None:
            found = self._bucket.fetch(path)
            if found is None:
                wrong.append(f"{path}: it is gone")
            elif not expected[path] or self._labels.digest_in(path, found.seen.label) == "":
                wrong.append(f"{path}: it was sent with other settings for caches or compression")
            elif found.digest != expected[path]:
                wrong.append(path)

        self._bucket.each(expected.keys() - sent.keys(), compare)
        return tuple(sorted(wrong))

    def _lies(self, paths: Collection[str]) -> Mapping[str, Stored]:
        from kommunebeta.deploy.object_store.survey import seen_of

        if len(paths) > _FEW:
            return dict(self._bucket.listed())
        return {path: seen.stored for path, seen in seen_of(self._bucket, paths).items() if seen}

    def releases(self) -> tuple[Release, ...]:
        """None: an object store keeps the current state alone."""
        return ()

    def roll_back(self, release: str) -> Release:
        """Refused: an object store keeps the current state alone."""
        raise UsageError(
            f"{self.place} keeps no earlier releases. Go back in the site's own history and deploy that "
            f"state; only what differs is sent. See docs/deploy-object-store.md."
        )

    def forget(self) -> Forgotten:
        """Remove what only open pages need; on the way there it looks like a deploy that does so."""
        from kommunebeta.deploy.object_store.survey import SENDING, seen_of, sending_bytes, shown, touched

        manifest, label = shown(self._bucket, self._base_url)
        if manifest is None:
            raise nothing_sent(self.place)
        unfinished = touched(self._bucket) or frozenset()
        if not unfinished <= manifest.retired.keys():
            raise UsageError(
                f"A deploy to {self.place} was interrupted, so files that are to go may still be needed. "
                f"Nothing was removed. Deploy first."
            )
        seen = seen_of(self._bucket, manifest.retired)
        self._put_own(SENDING, sending_bytes(manifest.retired))
        self._held.check()
        self._bucket.each(manifest.retired, self._bucket.delete)
        self._put_own(MANIFEST, manifest_bytes(replace(manifest, retired={})), label)
        self._bucket.delete(SENDING)
        return Forgotten(0, tuple(sorted(path for path, item in seen.items() if item)))


_NOT_EXCLUSIVE = (
    "This store does not heed conditions (If-None-Match), so two deploys that begin within a second may "
    "both go on: let one pipeline alone deploy to it."
)


def _parts(file: LocalFile, size: int) -> Iterator[bytes]:
    """What a file holds, part by part; the last one only if all of it still is what was planned.

    Raises:
        OutsideError: it cannot be read, or has changed.
    """
    digest, last = hashlib.sha256(), b""
    try:
        with io.BytesIO(file.data) if file.source is None else file.source.open("rb") as opened:
            while part := opened.read(size):
                if last:
                    yield last
                digest.update(part)
                last = part
    except OSError as error:
        raise OutsideError(
            f"{file.source} cannot be read: {error.strerror or error}. What readers get works; deploy again."
        ) from error
    if digest.hexdigest() != file.digest:
        raise OutsideError(
            f"{file.source} has changed while it was being sent. What readers get works; deploy again."
        )
    yield last


def _waves(parcel: Parcel) -> Iterator[list[LocalFile]]:
    """The files to send in groups, each of which needs only those before it.

    Within the last phase new pages come first, then pages that lead to them, then feeds and the sitemap.
    """
    changed = frozenset(parcel.difference.changed)

    def wave_of(file: LocalFile) -> tuple[Phase, bool, bool]:
        phase = phase_of(file.path)
        is_page = content_type(file.path).startswith("text/html")
        return phase, phase is Phase.PAGES and not is_page, phase is Phase.PAGES and file.path in changed

    for _, wave in groupby(sorted(parcel.to_send, key=wave_of), key=wave_of):
        yield list(wave)


KIND = Kind(ObjectStoreSetting, ObjectStoreTarget, lifetimes=True)
