"""What a file holds, on its way into a store: in one request, or in parts where it is large."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kommunebeta.deploy.object_store.caching import AT_ONCE
from kommunebeta.deploy.parcel import LocalFile, parts

if TYPE_CHECKING:
    from obstore import Attributes

    from kommunebeta.deploy.object_store.bucket import Bucket, Stored

_WORKS = "What readers get works."


def put_file(bucket: Bucket, path: str, file: LocalFile, attributes: Attributes) -> Stored:
    """Put what a file holds, as it is.

    Raises:
        OutsideError: it cannot be read, has changed, or the store fails.
    """
    if file.size > AT_ONCE:
        return bucket.put_parts(path, lambda: parts(file, _WORKS, AT_ONCE), file.size, attributes)
    return bucket.put(path, whole(file), attributes)


def whole(file: LocalFile) -> bytes:
    """What a file holds, if it still is what was planned; see ``parts``."""
    return b"".join(parts(file, _WORKS, AT_ONCE))
