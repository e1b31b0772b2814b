"""A bucket that is shown as a web site: S3 and what is compatible with it, Azure Blob, Google Cloud Storage.

    prefix/index.html                         with its media type and cache lifetime
    prefix/.kommunebeta-deploy.json           what was sent, with digests
    prefix/.kommunebeta-deploy.sending.json   while a deploy is at work, or after one that was interrupted
    prefix/.kommunebeta-deploy.lock           while a deploy is at work

Objects are replaced one by one, in order. Each says itself what it holds, for which site and in what form, so
that a lost manifest can be made anew from what lies there. Earlier releases are kept elsewhere (``kept``).
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import tempfile
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kommunebeta.deploy.manifest import MANIFEST, Manifest, is_safe, manifest_bytes, manifest_of
from kommunebeta.deploy.object_store.caching import Compression
from kommunebeta.deploy.object_store.contents import put_file, whole
from kommunebeta.deploy.object_store.kept import Kept
from kommunebeta.deploy.object_store.labels import LABEL, labels_of
from kommunebeta.deploy.object_store.setting import ObjectStoreSetting
from kommunebeta.deploy.parcel import LocalFile, Parcel, Phase, There, parcel_of, phase_of
from kommunebeta.deploy.releases import nothing_sent, release_of
from kommunebeta.deploy.target import Forgotten, Kind, Release, Surroundings, Told
from kommunebeta.errors import OutsideError, UsageError
from kommunebeta.headers import content_type

if TYPE_CHECKING:
    from obstore import Attributes

    from kommunebeta.deploy.object_store.bucket import Bucket, Stored
    from kommunebeta.deploy.object_store.lock import BucketLock, Held
    from kommunebeta.deploy.object_store.survey import Unfinished

_UNFIT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
"""Control characters, and bytes of a file's name that are no text."""

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
        self._kept: Kept | None = None
        self._unfinished: Unfinished
        self._sent: dict[str, Stored] = {}

    def __enter__(self) -> ObjectStoreTarget:
        setting = self._setting
        self._bucket = self._opened(setting.url)
        from kommunebeta.deploy.object_store.lock import BucketLock, held

        self._lock = BucketLock(self._bucket)
        self._held = self._stack.enter_context(held(self._lock, self.place))
        if setting.releases:
            bucket = self._opened(setting.releases)
            self._kept = Kept(bucket, setting.releases, setting.url, self._held.check)
        return self

    def _opened(self, url: str) -> Bucket:
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
            url,
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
        if not self._lock.is_exclusive:
            there = replace(there, notes=(*there.notes, _NOT_EXCLUSIVE))
        if self._kept and there.release and not self._kept.holds(there.release):
            note = f"What readers get now is not kept in {self._setting.releases} yet; this deploy keeps it."
            there = replace(there, unfinished=True, notes=(*there.notes, note))
        return there

    def send(self, parcel: Parcel, told: Told) -> None:
        """Keep the release, where releases are kept, and replace what differs."""
        _refuse_names(parcel.files)
        if self._kept is None:
            self._begin(parcel, parcel.release)
            self._replace(parcel, told)
            return
        self._kept.claim()
        self._drop_unfinished(parcel)
        contents = self._kept.add_contents(parcel.files.values())
        self._begin(parcel, parcel.release)
        self._kept.add(manifest_of(parcel, self._base_url))
        self._replace(parcel, told)
        self._kept.keep_newest(self._setting.keep, (parcel.release, parcel.there.release), contents)

    def _drop_unfinished(self, parcel: Parcel) -> None:
        release = self._unfinished.release
        if self._kept and release != parcel.there.release:
            self._kept.drop(release)

    def _begin(self, parcel: Parcel, release: str) -> None:
        """Say beforehand what is touched, so that the next deploy can finish this one."""
        from kommunebeta.deploy.object_store.survey import SENDING, Unfinished, sending_bytes

        touched = {*(file.path for file in parcel.to_send), *parcel.difference.removed}
        self._unfinished = Unfinished(self._unfinished.paths | touched, release)
        self._put_own(SENDING, sending_bytes(self._unfinished))

    def _replace(self, parcel: Parcel, told: Told) -> None:
        """Replace what differs, wave by wave; what readers get works after each object."""
        from kommunebeta.deploy.object_store.survey import SENDING

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
            removed = [path for path in parcel.difference.removed if phase_of(path) is phase]
            self._bucket.each(removed, self._bucket.delete)
        self._bucket.delete(SENDING)

    def _put(self, file: LocalFile) -> Stored:
        form = self._labels.form_of(file.path)
        attributes: Attributes = {
            "Content-Type": form.content_type,
            "Cache-Control": form.cache_control,
            LABEL: self._labels.label_of(file),
        }
        if form.compression is Compression.NONE:
            return put_file(self._bucket, file.path, file, attributes)
        stored, encoding = form.stored(whole(file))
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
            found = self._bucket.digest(path)
            if found is None:
                wrong.append(f"{path}: it is gone")
                return
            digest, label = found
            if not expected[path] or self._labels.digest_in(path, label) == "":
                wrong.append(f"{path}: it was sent with other settings for caches or compression")
            elif digest != expected[path]:
                wrong.append(path)

        self._bucket.each(expected.keys() - sent.keys(), compare)
        return tuple(sorted(wrong))

    def _lies(self, paths: Collection[str]) -> Mapping[str, Stored]:
        from kommunebeta.deploy.object_store.survey import seen_of

        if len(paths) > _FEW:
            return dict(self._bucket.listed())
        return {path: seen.stored for path, seen in seen_of(self._bucket, paths).items() if seen}

    def releases(self) -> tuple[Release, ...]:
        """The releases that are kept, newest first; none without a container for them."""
        from kommunebeta.deploy.object_store.survey import shown, unfinished_in

        if self._kept is None:
            return ()
        manifest, _ = shown(self._bucket, self._base_url)
        unfinished = unfinished_in(self._bucket)
        return self._releases(manifest.release if manifest else "", unfinished.release if unfinished else "")

    def _releases(self, current: str, unfinished: str) -> tuple[Release, ...]:
        found = []
        for name in self._kept.names() if self._kept else ():
            manifest = self._kept.manifest(name) if self._kept else None
            if manifest and (name == current or name != unfinished):  # readers never got it as a whole
                found.append(Release(name, name == current, len(manifest.files)))
        return tuple(found)

    def roll_back(self, release: str) -> Release:
        """Send an earlier release as a deploy would; what differs is fetched first, and compared."""
        if self._kept is None:
            raise UsageError(
                f"{self.place} keeps no earlier releases. Go back in the site's own history and deploy that "
                f"state; only what differs is sent. With «releases» in the target's settings, they are kept "
                f"from then on. See docs/deploy-object-store.md."
            )
        there = self.look()
        chosen = release_of(self._releases(there.release, self._unfinished.release), release, self.place)
        manifest = self._kept.manifest(chosen.name) or Manifest()
        with _scratch() as folder:
            lies = {path: item.digest for path, item in there.retired.items()} | dict(there.files)
            files = self._kept.files(manifest, lies, Path(folder))
            parcel = parcel_of(files, there, chosen.name, dt.datetime.now(dt.UTC))
            if parcel.is_needed or not chosen.current:
                self._drop_unfinished(parcel)
                self._begin(parcel, "")
                self._replace(parcel, lambda files, size: None)
        if wrong := self.verify({file.path: file.digest for file in parcel.to_send}):
            raise OutsideError(
                f"{len(wrong)} files at {self.place} do not hold what was sent, such as {wrong[0]}. "
                f"«deploy verify» tells them all; deploy again."
            )
        return Release(chosen.name, True, chosen.files)

    def forget(self) -> Forgotten:
        """Remove earlier releases, and what only open pages need."""
        from kommunebeta.deploy.object_store.survey import Unfinished, seen_of, shown, unfinished_in

        manifest, label = shown(self._bucket, self._base_url)
        if manifest is None:
            raise nothing_sent(self.place)
        unfinished = unfinished_in(self._bucket) or Unfinished()
        if not unfinished.paths <= manifest.retired.keys():
            raise UsageError(
                f"A deploy to {self.place} was interrupted, so files that are to go may still be needed. "
                f"Nothing was removed. Deploy first."
            )
        count = self._kept.keep_only(manifest.release) if self._kept else 0
        seen = seen_of(self._bucket, manifest.retired)
        self._forget_retired(manifest, label)
        return Forgotten(count, tuple(sorted(path for path, item in seen.items() if item)))

    def _forget_retired(self, manifest: Manifest, label: str) -> None:
        """Remove them as a deploy does, so that one which comes in between knows that they may be gone."""
        from kommunebeta.deploy.object_store.survey import SENDING, Unfinished, sending_bytes

        self._put_own(SENDING, sending_bytes(Unfinished(frozenset(manifest.retired))))
        self._held.check()
        self._bucket.each(manifest.retired, self._bucket.delete)
        self._put_own(MANIFEST, manifest_bytes(replace(manifest, retired={})), label)
        self._bucket.delete(SENDING)


def _refuse_names(paths: Iterable[str]) -> None:
    """Refuse names that stores do not take, or that no manifest could tell again.

    Raises:
        UsageError: there is one.
    """
    for path in paths:
        if _UNFIT.search(path) or not is_safe(path):
            raise UsageError(
                f"{path!r} cannot be the name of an object: it holds a line break, a backslash or "
                f"another sign that stores do not take. Nothing was sent. Rename the file."
            )


def _scratch() -> tempfile.TemporaryDirectory[str]:
    """A folder for what is fetched, which nobody else may read."""
    try:
        return tempfile.TemporaryDirectory(prefix="kommunebeta-", ignore_cleanup_errors=True)
    except OSError as error:
        raise OutsideError(
            f"No folder could be made for what is fetched: {error.strerror or error}. Nothing was sent."
        ) from error


_NOT_EXCLUSIVE = (
    "This store does not heed conditions (If-None-Match), so two deploys that begin within a second may "
    "both go on: let one pipeline alone deploy to it."
)


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
