"""What a file holds, on its way into a store: in one request, or in parts where it is large."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kommunebeta.deploy.object_store.caching import AT_ONCE
from kommunebeta.deploy.parcel import LocalFile
from kommunebeta.errors import OutsideError

if TYPE_CHECKING:
    from obstore import Attributes

    from kommunebeta.deploy.object_store.bucket import Bucket, Stored


def put_file(bucket: Bucket, path: str, file: LocalFile, attributes: Attributes) -> Stored:
    """Put what a file holds, as it is.

    Raises:
        OutsideError: it cannot be read, has changed, or the store fails.
    """
    if file.size > AT_ONCE:
        return bucket.put_parts(path, lambda: parts(file), file.size, attributes)
    return bucket.put(path, whole(file), attributes)


def whole(file: LocalFile) -> bytes:
    """What a file holds, if it still is what was planned; see ``parts``."""
    return b"".join(parts(file))


def parts(file: LocalFile) -> Iterator[bytes]:
    """What a file holds, part by part; the last one only if all of it still is what was planned.

    Raises:
        OutsideError: it cannot be read, or has changed.
    """
    digest, last = hashlib.sha256(), b""
    try:
        with io.BytesIO(file.data) if file.source is None else file.source.open("rb") as opened:
            while part := opened.read(AT_ONCE):
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
