"""Files that are written as a whole or not at all, however many checks run at once."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_whole(file: Path, data: bytes) -> None:
    """Write a file in one go, in a folder that is made where it is missing.

    Args:
        file: the file.
        data: what it is to hold.

    Raises:
        OSError: the disk refuses; what was there before is still there.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=file.name)
    written = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
        written.replace(file)
    except BaseException:
        written.unlink(missing_ok=True)
        raise
