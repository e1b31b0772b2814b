"""Builds that are killed at any moment: every file is the old or the new one, and the next build completes."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kommunebeta.inventory import MANIFEST, STAGING
from kommunebeta.publish import Staging, stage

# argv: output, version, repository. Version «new» has 25 files that «old» lacks, and lacks 10 of it.
_PUBLISHER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from kommunebeta.parallel import map_items
from kommunebeta.publish import Staging, stage

def make(folder, n):
    return stage(folder, f"{n % 7}/{n}/index.html", (sys.argv[2] * 400).encode())

output, version = Path(sys.argv[1]), sys.argv[2]
numbers = range(10, 125) if version == "new" else range(100)
with Staging(output, output.parent / "site") as staging:
    print("begun", flush=True)
    made = list(map_items(make, staging.folder, numbers, jobs=int(sys.argv[4])))
    print("staged", flush=True)
    staging.commit(made)
"""
OLD, NEW = b"old" * 400, b"new" * 400
OLD_FILES = {f"{n % 7}/{n}/index.html": OLD for n in range(100)}
NEW_FILES = {f"{n % 7}/{n}/index.html": NEW for n in range(10, 125)}
IN_BOTH = OLD_FILES.keys() & NEW_FILES.keys()


def publish(output: Path, files: dict[str, bytes]) -> None:
    with Staging(output, output.parent / "site") as staging:
        staging.commit([stage(staging.folder, path, data) for path, data in files.items()])


def start(output: Path, version: str, root: Path, jobs: int = 1) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _PUBLISHER, str(output), version, str(root), str(jobs)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def published(output: Path) -> dict[str, bytes]:
    files = (file for file in output.rglob("*") if file.is_file())
    found = {file.relative_to(output).as_posix(): file.read_bytes() for file in files}
    return {path: data for path, data in found.items() if path != MANIFEST and not path.startswith(STAGING)}


def after(delay: float) -> Callable[[Path], None]:
    """Wait for some seconds."""
    return lambda output: time.sleep(delay)


def first_file_is_new(output: Path) -> None:
    """Wait, without a pause, until one of the files that both versions have is the new one."""
    watched = [output / path for path in sorted(IN_BOTH)][::10]
    end = time.monotonic() + 10
    while time.monotonic() < end and not any(file.read_bytes() == NEW for file in watched):
        pass


def kill_and_complete(
    output: Path, root: Path, line: str, wait: Callable[[Path], None], jobs: int = 1
) -> set[bytes]:
    """Publish the new site over the old one, kill it, look, and complete it; what the kill left."""
    publish(output, OLD_FILES)
    (output / "3").mkdir(exist_ok=True)
    for mine in ("mine.txt", "3/mine.txt"):
        (output / mine).write_text("mine")
    with start(output, "new", root, jobs) as process:
        assert process.stdout is not None
        while line and process.stdout.readline().strip() != line:
            pass
        wait(output)
        process.send_signal(signal.SIGKILL)
        process.wait()
        left = published(output)
        assert (left.pop("mine.txt"), left.pop("3/mine.txt")) == (b"mine", b"mine")
        assert set(left.values()) <= {OLD, NEW}
        assert set(left) >= IN_BOTH
    publish(output, NEW_FILES)
    complete = {**NEW_FILES, "mine.txt": b"mine", "3/mine.txt": b"mine"}
    assert published(output) == complete
    assert {entry.name for entry in output.iterdir() if entry.name.startswith(STAGING)} == set()
    return set(left.values())


@pytest.mark.slow
def test_a_killed_build_leaves_old_or_new_files_and_the_next_one_completes_it(
    tmp_path: Path, root: Path
) -> None:
    moments = [("", n * 0.06) for n in range(3)]
    moments += [("begun", n * 0.008) for n in range(3)]
    moments += [("staged", n * 0.001) for n in range(10)]
    for line, delay in moments:
        kill_and_complete(tmp_path / "public", root, line, after(delay))


@pytest.mark.slow
def test_a_build_that_is_killed_between_the_first_and_the_last_file_is_completed(
    tmp_path: Path, root: Path
) -> None:
    for _ in range(60):  # where the machine is busy, the moment may pass before the kill
        if kill_and_complete(tmp_path / "public", root, "staged", first_file_is_new) == {OLD, NEW}:
            return
    raise AssertionError("no kill hit the moment")


@pytest.mark.slow
def test_the_workers_of_a_killed_build_do_not_keep_the_next_one_out(tmp_path: Path, root: Path) -> None:
    for delay in (0.0, 0.01, 0.02):
        kill_and_complete(tmp_path / "public", root, "begun", after(delay), jobs=2)


def test_a_first_build_that_was_killed_is_completed_too(tmp_path: Path, root: Path) -> None:
    for number in range(6):
        output = tmp_path / str(number)
        with start(output, "new", root) as process:
            assert process.stdout is not None
            while process.stdout.readline().strip() != "staged":
                pass
            time.sleep(number * 0.0005)
            process.send_signal(signal.SIGKILL)
        assert set(published(output).values()) <= {NEW}
        publish(output, NEW_FILES)
        assert published(output) == NEW_FILES
