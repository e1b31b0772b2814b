"""Files on their way to a server, by rsync through a connection that stands."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from kommunebeta.deploy.parcel import LocalFile
from kommunebeta.deploy.ssh.connection import LOST, Connection

_LOST_BY_RSYNC = (10, 12, 30, 35, 255)
"""Its statuses for errors of the socket, of the protocol's stream, and time-outs (rsync(1), EXIT VALUES)."""


def transfer(
    connection: Connection,
    files: Sequence[LocalFile],
    folder: str,
    basis: str,
    sent: Callable[[LocalFile], None],
) -> None:
    """Send files into a folder that is being filled.

    Whether a file has to be sent is settled before, by digests; so rsync is told to send each
    (``--ignore-times``), for its own guess goes by size and time. What the shown release holds in a file's
    place serves as the ground for sending differences alone.

    Args:
        connection: the connection.
        files: the files.
        folder: below the folder at the server.
        basis: name of the release beside it that readers get; may be empty.
        sent: told of each file.

    Raises:
        OutsideError: it failed.
        OSError: this machine's disk failed.
    """
    with tempfile.TemporaryDirectory(prefix="kb-", ignore_cleanup_errors=True) as temporary:
        stage, names, said = (Path(temporary) / name for name in ("files", "names", "said"))
        stage.mkdir()
        by_name = {os.fsencode(file.path): file for file in files}
        _stage(files, stage)
        names.write_bytes(b"\0".join(b"./" + name for name in by_name))  # «#» and «;» begin comments
        command = [
            *("rsync", "-r", "-p", "-L", "-I", "-z", "-s", "-8", "--chmod=D755,F644"),
            *("--outbuf=L", "--out-format=%i %n", "--from0", f"--files-from={names}"),
            *((f"--link-dest=../{basis}",) if basis else ()),
            *("-e", " ".join(connection.client)),
            *("--", f"{stage}/", f"server:{connection.way.path}/{folder}/"),
        ]
        with said.open("wb") as errors, _running(command, errors.fileno()) as process:
            for line in process.stdout or ():
                kind, _, name = line.rstrip(b"\n").partition(b" ")
                if kind.startswith(b"<f") and name in by_name:
                    sent(by_name[name])
        if process.returncode:
            code = LOST if process.returncode in _LOST_BY_RSYNC else process.returncode
            text = said.read_text("utf-8", "replace")
            raise connection.failure(code if not _tells(text) else 1, text)


def _tells(said: str) -> bool:
    """Whether the server told more than that the connection ended: a full disk ends it too."""
    return "(28)" in said or "No space left" in said or "quota" in said


def _stage(files: Iterable[LocalFile], stage: Path) -> None:
    """Fill a folder with a link to each file, for they may lie anywhere here, or nowhere yet."""
    for file in files:
        place = stage / file.path
        place.parent.mkdir(parents=True, exist_ok=True)
        if file.source is None:
            place.write_bytes(file.data)
        else:
            place.symlink_to(file.source.absolute())


@contextlib.contextmanager
def _running(command: list[str], errors: int) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors,
        env={**os.environ, "LC_ALL": "C"},
    ) as process:
        try:
            yield process
        except BaseException:
            process.kill()
            raise
