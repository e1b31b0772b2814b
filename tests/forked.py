"""The command in a process of its own that need not start from nothing.

A server process has imported the program and built a small site once (``warm``), so that a command costs what
it does and not what Python does to get there. Each command is forked from that process, and ends as any
process ends. Commands that do start from nothing are run by the tests of the preview, of kills and of the wheel.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

_SECONDS = 300
_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["tests.warm"])


def run_forked(words: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the command.

    Args:
        words: what follows ``kommunebeta``.
        folder: the current folder of the command.
    """
    with tempfile.TemporaryDirectory() as said:
        out, err = Path(said) / "out", Path(said) / "err"
        process = _SERVER.Process(target=_command, args=(list(words), str(folder), str(out), str(err)))
        process.start()
        process.join(_SECONDS)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired(list(words), _SECONDS)
        texts = (file.read_text("utf-8", "replace") for file in (out, err))
        return subprocess.CompletedProcess(list(words), process.exitcode, *texts)


def _command(words: list[str], folder: str, out: str, err: str) -> None:
    for path, stream in ((out, 1), (err, 2)):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
        os.dup2(descriptor, stream)
        os.close(descriptor)
    os.chdir(folder)
    sys.argv = ["kommunebeta", *words]
    from kommunebeta.cli import main

    main(words)
