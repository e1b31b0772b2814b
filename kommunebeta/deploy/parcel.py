"""What is sent: the files of a site as they lie here, what lies there, and what differs."""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import io
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

from kommunebeta.errors import OutsideError
from kommunebeta.headers import content_type

_FINGERPRINTED = re.compile(r"\.[0-9a-f]{10}(-\d+)?\.\w+$")
_AT_ONCE = 1 << 20


class Phase(IntEnum):
    """When a file is sent, so that no reader ever gets a page whose style sheet is not there."""

    ASSETS = 1
    FILES = 2
    PAGES = 3


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file that is to lie at the target.

    Attributes:
        path: where, relative to the site's root there, with ``/``.
        digest: SHA-256 of what it holds, in hex.
        size: bytes.
        source: the file that holds it here; None where ``data`` does.
        data: what it holds, for files that are made for the target.
    """

    path: str
    digest: str
    size: int
    source: Path | None = None
    data: bytes = b""

    def read(self) -> bytes:
        """What it holds.

        Raises:
            OSError: it cannot be read.
        """
        return self.data if self.source is None else self.source.read_bytes()


@dataclass(frozen=True, slots=True)
class Retired:
    """A fingerprinted file that the site does without, but not yet the pages that readers have open.

    Attributes:
        digest: SHA-256 of what it holds, in hex.
        since: when a deploy first did without it.
    """

    digest: str
    since: dt.datetime


GRACE = dt.timedelta(days=1)
"""How long such a file stays."""


@dataclass(frozen=True, slots=True)
class There:
    """What lies at a target.

    Attributes:
        files: digests of our files by path, as the manifest or a comparison tells them; without the retired.
        retired: files that the site no longer needs but that stay for a while.
        foreign: files that are not ours, which are left alone.
        unclaimed: files that nothing says are ours; a file of the site replaces them, else they are foreign.
        notes: what else people should know of the target.
        release: the release that readers get; empty where the target has none, or no such thing.
        known: whether a manifest of ours told it; else the target was listed and compared.
        holds: tells whether a file of the site lies there already, where the target knows its files by
            digests of another kind; else ``files`` tells.
        advise: what people should know before these files are sent, such as that they are too large.
        unfinished: whether something is left to do there even where no file differs.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    retired: Mapping[str, Retired] = field(default_factory=dict)
    foreign: tuple[str, ...] = ()
    release: str = ""
    known: bool = True
    unclaimed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    holds: Callable[[LocalFile], bool] | None = None
    advise: Callable[[Mapping[str, LocalFile]], tuple[str, ...]] | None = None
    unfinished: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between here and there, by path, sorted."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    same: int = 0

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


@dataclass(frozen=True, slots=True)
class Parcel:
    """One deploy's cargo.

    Attributes:
        files: every file that the site consists of, by path.
        there: what lies at the target.
        difference: what differs; removed are also retired files whose time is up.
        retired: files that lie there, are no longer part of the site, and stay for now.
        release: the release's name, such as ``20261125T162455Z-3f9a``; sorts by time.
        to_send: the files that differ, in the order in which they are to be sent.
    """

    files: Mapping[str, LocalFile]
    there: There
    difference: Difference
    retired: Mapping[str, Retired]
    release: str
    to_send: tuple[LocalFile, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Put the files in order, once."""
        paths = sorted((*self.difference.added, *self.difference.changed), key=order_of)
        object.__setattr__(self, "to_send", tuple(self.files[path] for path in paths))

    @property
    def is_needed(self) -> bool:
        """Whether anything has to be done at the target."""
        there = self.there
        left = not there.known or there.unfinished
        return left or bool(self.difference) or self.retired.keys() != there.retired.keys()

    @property
    def bytes_to_send(self) -> int:
        """Their size."""
        return sum(file.size for file in self.to_send)


def is_fingerprinted(path: str) -> bool:
    """Whether a file's name holds its digest, so that what it holds never changes."""
    return bool(_FINGERPRINTED.search(path))


def phase_of(path: str) -> Phase:
    """When a file is to be sent: what pages need first, what leads to new pages last."""
    if is_fingerprinted(path):
        return Phase.ASSETS
    kind = content_type(path)
    if kind.startswith(("text/html", "application/atom", "application/rss", "application/feed")):
        return Phase.PAGES
    return Phase.PAGES if path.rpartition("/")[2] in ("sitemap.xml", "_redirects") else Phase.FILES


def order_of(path: str) -> tuple[Phase, str]:
    """Sorts paths into the order in which they are sent; deletions go the other way."""
    return phase_of(path), path


def files_in(folder: Path, paths: Iterable[str]) -> Iterator[LocalFile]:
    """The files of an output folder.

    Args:
        folder: the output folder.
        paths: which.

    Raises:
        OSError: one of them cannot be read, or is no file: a link may lead to what is nobody's business.
    """
    plain: set[Path] = {folder}
    for path in paths:
        place = folder / path
        _refuse_links(place, plain)
        digest, size = hashlib.sha256(), 0
        with place.open("rb") as file:
            while data := file.read(_AT_ONCE):
                digest.update(data)
                size += len(data)
        yield LocalFile(path, digest.hexdigest(), size, place)


def _refuse_links(place: Path, plain: set[Path]) -> None:
    """Refuse what is no file, and what lies behind a link; folders that are none are added to ``plain``."""
    if not stat.S_ISREG(place.lstat().st_mode):
        raise OSError(errno.EINVAL, "it is no file", str(place))
    above = place.parent
    while above not in plain:
        if above.is_symlink():
            raise OSError(errno.EINVAL, "it is a link", str(above))
        plain.add(above)
        above = above.parent


def made_file(path: str, data: bytes) -> LocalFile:
    """A file that is made for the target."""
    return LocalFile(path, hashlib.sha256(data).hexdigest(), len(data), None, data)


def parts(file: LocalFile, state: str, size: int = _AT_ONCE) -> Iterator[bytes]:
    """What a file holds, part by part; the last one only if all of it still is what was planned.

    Args:
        file: the file.
        state: what readers get, for the message of a failure.
        size: bytes of each part but the last.

    Raises:
        OutsideError: it cannot be read, or has changed.
    """
    digest, last, length = hashlib.sha256(), b"", 0
    try:
        with io.BytesIO(file.data) if file.source is None else file.source.open("rb") as opened:
            while length <= file.size and (part := opened.read(size)):
                if last:
                    yield last
                digest.update(part)
                last, length = part, length + len(part)
    except OSError as error:
        raise OutsideError(
            f"{file.source} cannot be read: {error.strerror or error}. {state} Deploy again."
        ) from error
    if digest.hexdigest() != file.digest:
        raise OutsideError(f"{file.path} has changed while it was being sent. {state} Deploy again.")
    yield last


def _stays(item: Retired, now: dt.datetime) -> bool:
    """Whether a retired file's time is not up; what a clock far ahead has written would never be."""
    return abs(now - item.since) < GRACE


def parcel_of(
    files: Mapping[str, LocalFile], there: There, release: str, now: dt.datetime, *, everything: bool = False
) -> Parcel:
    """What is to be sent.

    Args:
        files: every file that the site consists of, by path.
        there: what lies at the target.
        release: the release's name.
        now: the moment of the deploy.
        everything: send files again that should lie there already.
    """
    gone = there.files.keys() - files.keys()
    retired = {path: Retired(there.files[path], now) for path in gone if is_fingerprinted(path)}
    retired |= {path: item for path, item in there.retired.items() if path not in files and _stays(item, now)}
    over = there.retired.keys() - files.keys() - retired.keys()
    known = dict.fromkeys(there.unclaimed, "")
    known |= {**{path: item.digest for path, item in there.retired.items()}, **there.files}
    both = files.keys() & known.keys()
    holds = there.holds or (lambda file: file.digest == known[file.path])
    same = {path for path in both if not everything and holds(files[path])}
    difference = Difference(
        added=tuple(sorted(files.keys() - known.keys())),
        changed=tuple(sorted(both - same)),
        removed=tuple(sorted((gone - retired.keys()) | over)),
        same=len(same),
    )
    return Parcel(files, there, difference, retired, release)
