"""Times deploys to a store on this machine: ``python tests/benchmarks/deploy.py [10000] [--aws aws] [--hugo hugo]``.

The store is SeaweedFS with the interface of S3. Each tool sends the same folder of small files: all of them,
then ten that have changed, then none: wall seconds and, in brackets, processor seconds of the tool. ``--aws`` and ``--hugo`` are programs to time beside, where they are.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import obstore

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.deploy.seaweed import ENVIRONMENT, seaweed  # noqa: E402  # the repository is no package

_OURS = """\
import sys
from pathlib import Path
from kommunebeta.deploy.object_store.setting import ObjectStoreSetting
from kommunebeta.deploy.object_store.target import ObjectStoreTarget
from kommunebeta.deploy.parcel import parcel_of
from kommunebeta.deploy.releases import new_release
from kommunebeta.deploy.run import local_files
from kommunebeta.deploy.target import Surroundings
import datetime as dt
url, endpoint, folder = sys.argv[1:]
setting = ObjectStoreSetting(kind="object_store", url=url, endpoint=endpoint)
files = {file.path: file for file in local_files(Path(folder))}
with ObjectStoreTarget(setting, Surroundings(Path(), "https://beta.example.no/", "sky")) as target:
    now = dt.datetime.now(dt.UTC)
    parcel = parcel_of(files, target.look(), new_release(now), now)
    if parcel.is_needed:
        target.send(parcel, lambda files, size: None)
    wrong = target.verify({file.path: file.digest for file in parcel.to_send})
sys.exit(bool(wrong))
"""


Run = Callable[[], tuple[float, float]]


def made(folder: Path, count: int) -> None:
    """Pages of 2 to 12 kB."""
    chance = random.Random(1)
    for number in range(count):
        file = folder / f"innlegg/{number // 100:03}/{number:05}/index.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"<!doctype html><p>{number}{chance.randbytes(chance.randrange(1000, 6000)).hex()}")


def changed(folder: Path, round_: int) -> None:
    """Change ten pages."""
    for file in sorted(folder.rglob("*.html"))[:: len(list(folder.rglob("*.html"))) // 10][:10]:
        file.write_text(file.read_text() + f"<p>{round_}")


def timed(command: list[str], **more: str) -> tuple[float, float]:
    """Wall and processor seconds of a command; those of the store are not counted."""
    begun = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command, env={**os.environ, **ENVIRONMENT, **more}, stdout=said, stderr=said, cwd=ROOT
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise SystemExit(f"{command[:3]} ended with {process.returncode}: {said.read()[-2000:]!r}")
    return time.perf_counter() - begun, usage.ru_utime + usage.ru_stime


def ours(folder: Path, endpoint: str) -> Run:
    """Look, send, verify, without building and checking."""
    words = [sys.executable, "-c", _OURS, "s3://beta-ours", endpoint, str(folder)]
    return lambda: timed(words, PYTHONPATH=str(ROOT))


def aws(program: str, folder: Path, endpoint: str) -> Run:
    """``aws s3 sync``, which compares by length and time."""
    words = [program, "s3", "sync", str(folder), "s3://beta-aws", "--endpoint-url", endpoint, "--delete"]
    return lambda: timed([*words, "--only-show-errors"])


def hugo(program: str, folder: Path, endpoint: str) -> Run:
    """``hugo deploy``, which compares by length and MD5."""
    site = folder.parent / "hugo"
    site.mkdir()
    (site / "public").symlink_to(folder)
    address = f"s3://beta-hugo?endpoint={endpoint}&use_path_style=true&region=us-east-1"
    (site / "hugo.toml").write_text(
        f'baseURL = "https://beta.example.no/"\n[[deployment.targets]]\nname = "sky"\nURL = "{address}"\n'
    )
    words = [program, "deploy", "--source", str(site), "--target", "sky", "--maxDeletes", "-1"]
    return lambda: timed([*words, "--workers", "16"])


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int, nargs="?", default=10_000)
    parser.add_argument("--aws")
    parser.add_argument("--hugo")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as here, tempfile.TemporaryDirectory() as at:
        folder = Path(here) / "public"
        made(folder, asked.count)
        weed = str(Path(sys.executable).with_name("weed"))
        with seaweed(weed, Path(at)) as store:
            for name in ("beta-aws", "beta-hugo"):
                obstore.put(store.bucket(name), "made", b"")
                obstore.delete(store.bucket(name), "made")
            tools = {"kommunebeta deploy": ours(folder, store.endpoint)}
            if asked.aws:
                tools["aws s3 sync"] = aws(asked.aws, folder, store.endpoint)
            if asked.hugo:
                tools["hugo deploy"] = hugo(asked.hugo, folder, store.endpoint)
            print(f"| {asked.count} files | first | ten changed | nothing changed |\n|---|---:|---:|---:|")
            rows = {tool: [run()] for tool, run in tools.items()}
            for round_ in range(3):
                changed(folder, round_)
                for tool, run in tools.items():
                    rows[tool] += [run(), run()]
            for tool, (first, *rest) in rows.items():
                runs = (first, sorted(rest[::2])[1], sorted(rest[1::2])[1])
                cells = (f"{wall:.2f} s ({processor:.2f})" for wall, processor in runs)
                print(f"| {tool} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
