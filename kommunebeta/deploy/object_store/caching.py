"""How a file is stored where its headers are kept with it: media type, cache lifetime, compression."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from pydantic import Field

from kommunebeta.deploy.parcel import Phase, phase_of
from kommunebeta.headers import content_type
from kommunebeta.validation import Edge

AT_ONCE = 5 << 20
"""Bytes up to which a file is sent in one request; above it, in parts of that size."""

_YEAR = 365 * 24 * 3600
_WORTH_WHILE = 1024
"""Bytes below which a file travels in one packet anyway."""

_BROWSERS_ONLY = ("text/html", "text/css", "text/javascript", "image/svg+xml")
"""What is compressed. Feeds, calendars and open data are not: a store sends what it holds to everyone, and
the programs that fetch those do not all understand it."""


class Compression(StrEnum):
    """How files are compressed before they are sent."""

    NONE = "none"
    GZIP = "gzip"
    BROTLI = "brotli"


class CacheSetting(Edge):
    """Seconds for which browsers and caches keep files before they ask again.

    A fingerprinted file stays for a day after the last page that needs it is gone, so a page must not be kept
    for longer than half of that.
    """

    pages: int = Field(60, ge=0, le=12 * 3600, description="Pages, feeds and the sitemap.")
    files: int = Field(3600, ge=0, le=_YEAR, description="Files whose names never change.")
    fingerprinted: int = Field(_YEAR, ge=3600, le=_YEAR, description="Files whose names hold their digest.")


@dataclass(frozen=True, slots=True)
class Form:
    """The headers that are kept with a file.

    Attributes:
        content_type: media type, with its character set where it is text.
        cache_control: for how long it may be kept (RFC 9111).
        compression: how it is to be compressed, if that makes it smaller.
    """

    content_type: str
    cache_control: str
    compression: Compression

    @property
    def tag(self) -> str:
        """Tells this form from every other one."""
        said = f"{self.content_type}\n{self.cache_control}\n{self.compression}"
        return hashlib.sha256(said.encode()).hexdigest()[:8]

    def stored(self, data: bytes) -> tuple[bytes, str]:
        """What is stored of a file: the bytes, and their ``Content-Encoding``, which may be empty."""
        if self.compression is Compression.NONE or len(data) < _WORTH_WHILE:
            return data, ""
        smaller = _compressed(data, self.compression)
        encoding = "br" if self.compression is Compression.BROTLI else "gzip"
        return (smaller, encoding) if len(smaller) < len(data) else (data, "")


def form_of(path: str, cache: CacheSetting, compression: Compression) -> Form:
    """How a file is to be stored.

    Args:
        path: relative to the site's root, such as ``2026/05/x/index.html``.
        cache: the lifetimes.
        compression: how files that only browsers fetch are compressed.
    """
    kind = content_type(path)
    match phase_of(path):
        case Phase.ASSETS:  # RFC 8246: need not even be asked about
            control = f"public, max-age={cache.fingerprinted}, immutable"
        case Phase.PAGES:
            control = f"public, max-age={cache.pages}, must-revalidate"
        case _:
            control = f"public, max-age={cache.files}"
    wanted = compression if kind.startswith(_BROWSERS_ONLY) else Compression.NONE
    return Form(kind, control, wanted)


def tag_of_all(paths: Iterable[str], cache: CacheSetting, compression: Compression) -> str:
    """Tells how many files were stored: it differs where one of them would be stored in another form now."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(f"{path}\0{form_of(path, cache, compression).tag}\n".encode())
    return digest.hexdigest()[:16]


def content_of(stored: bytes, encoding: str) -> bytes:
    """A file as it was before it was compressed.

    Raises:
        ValueError: it is not what its encoding says.
    """
    try:
        if encoding == "gzip":
            return gzip.decompress(stored)
        if encoding == "br":
            import brotli

            return bytes(brotli.decompress(stored))
    except Exception as error:  # each of them has errors of its own, not all of one root
        raise ValueError(f"not {encoding}") from error
    return stored


def _compressed(data: bytes, compression: Compression) -> bytes:
    if compression is Compression.GZIP:
        return gzip.compress(data, 9, mtime=0)
    import brotli

    return bytes(brotli.compress(data, quality=9))
