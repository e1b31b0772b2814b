"""SeaweedFS, a complete store with the interface of S3, started for tests on this machine alone."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import obstore
from obstore.store import S3Store

KEY = "AKIDBETABLOGG"
SECRET = "secret-of-the-test-store"
OPEN = "open-to-everyone"
"""A bucket that needs no credentials."""
ENVIRONMENT = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": "us-east-1"}

_PORTS = (
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "s3.port",
    "s3.port.grpc",
)
_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Seaweed:
    """A running store."""

    endpoint: str

    def bucket(self, name: str, prefix: str | None = None) -> S3Store:
        """A client of a bucket, which is made when something is first put there."""
        return S3Store(
            name,
            prefix=prefix,
            endpoint=self.endpoint,
            access_key_id=KEY,
            secret_access_key=SECRET,
            region="us-east-1",
            client_options={"allow_http": True},
        )


@contextlib.contextmanager
def seaweed(program: str, folder: Path) -> Iterator[Seaweed]:
    """Run the store; it checks signatures."""
    identity = {
        "name": "beta",
        "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
        "actions": ["Admin", "Read", "Write", "List"],
    }
    reader = {
        "name": "reader",
        "credentials": [{"accessKey": "READER", "secretKey": SECRET}],
        "actions": ["Read", "List"],
    }
    everyone = {
        "name": "anonymous",
        "actions": [f"{action}:{OPEN}" for action in ("Admin", "Read", "Write", "List")],
    }
    config = folder / "s3.json"
    config.write_text(json.dumps({"identities": [identity, reader, everyone]}), "utf-8")
    ports = dict(zip(_PORTS, free_ports(len(_PORTS)), strict=True))
    words = [f"-{name}={port}" for name, port in ports.items()]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                program,
                "-logtostderr=true",
                "server",
                f"-dir={folder}",
                "-ip=127.0.0.1",
                "-ip.bind=127.0.0.1",
                "-filer",
                f"-filer.localSocket={folder / 'filer.sock'}",
                "-s3",
                f"-s3.localSocket={folder / 's3.sock'}",
                f"-s3.config={config}",
                "-s3.port.iceberg=0",
                "-s3.port.lance=0",
                "-master.volumeSizeLimitMB=64",
                "-volume.max=200",
                *words,
            ],
            stdout=log,
            stderr=log,
        )
        try:
            store = Seaweed(f"http://127.0.0.1:{ports['s3.port']}")
            _await(store, process, folder / "log")
            yield store
        finally:
            process.kill()
            process.wait()


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, all different."""
    with contextlib.ExitStack() as stack:
        opened = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in opened:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in opened]


def _await(store: Seaweed, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _SECONDS
    bucket = S3Store(
        "is-it-there",
        endpoint=store.endpoint,
        access_key_id=KEY,
        secret_access_key=SECRET,
        region="us-east-1",
        client_options={"allow_http": True},
        retry_config={"max_retries": 0},
    )
    while True:
        try:
            obstore.put(bucket, "yes", b"yes")
        except Exception as error:
            if process.poll() is not None or time.monotonic() > end:
                raise AssertionError(log.read_text("utf-8", "replace")[-4000:]) from error
            time.sleep(0.1)
        else:
            return
