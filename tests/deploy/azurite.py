"""Azurite, Microsoft's own stand-in for Azure Blob, started for tests on this machine alone."""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import hashlib
import hmac
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from obstore.store import AzureStore

from tests.deploy.seaweed import free_ports

PACKAGE = "azurite@3.37.0"
ACCOUNT = "devstoreaccount1"
# The key that every Azurite has, from its documentation.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Azurite:
    """A running store."""

    endpoint: str

    def container(self, name: str, public: bool = False) -> AzureStore:
        """Make a container, and a client of it."""
        _made(self.endpoint, name, public)
        return AzureStore(
            name,
            endpoint=self.endpoint,
            account_name=ACCOUNT,
            account_key=KEY,
            client_options={"allow_http": True},
        )


def installed(npm: str, folder: Path) -> Path:
    """Azurite's program, installed from npm when first asked for; it is large (370 MB)."""
    program = folder / "node_modules" / ".bin" / "azurite-blob"
    stamp = folder / "installed"
    if not stamp.is_file() or stamp.read_text() != PACKAGE:
        folder.mkdir(parents=True, exist_ok=True)
        flags = ["--silent", "--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
        subprocess.run(
            [npm, "install", *flags, "--prefix", str(folder), PACKAGE],
            check=True,
            stdin=subprocess.DEVNULL,
            timeout=600,
        )
        stamp.write_text(PACKAGE)
    return program


@contextlib.contextmanager
def azurite(node: str, program: Path) -> Iterator[Azurite]:
    """Run the store; what it holds is forgotten with it."""
    (port,) = free_ports(1)
    words = ["--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--silent"]
    process = subprocess.Popen(
        [node, str(program), *words, "--blobHost", "127.0.0.1", "--blobPort", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + _SECONDS
        endpoint = f"http://127.0.0.1:{port}/{ACCOUNT}"
        while True:
            try:
                _made(endpoint, "is-it-there")
                break
            except OSError:  # nobody listens yet
                assert process.poll() is None
                assert time.monotonic() < end
            time.sleep(0.2)
        yield Azurite(endpoint)
    finally:
        process.kill()
        process.wait()


def _made(endpoint: str, container: str, public: bool = False) -> None:
    """Make a container: «Create Container» and «Authorize with Shared Key» of Azure's REST interface."""
    now = dt.datetime.now(dt.UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    access = {"x-ms-blob-public-access": "blob"} if public else {}
    said = f"PUT{chr(10) * 12}{''.join(f'{name}:{value}{chr(10)}' for name, value in access.items())}"
    said += f"x-ms-date:{now}\nx-ms-version:2021-12-02\n"
    said += f"/{ACCOUNT}/{ACCOUNT}/{container}\nrestype:container"
    signed = hmac.new(base64.b64decode(KEY), said.encode(), hashlib.sha256).digest()
    headers = access | {
        "x-ms-date": now,
        "x-ms-version": "2021-12-02",
        "Authorization": f"SharedKey {ACCOUNT}:{base64.b64encode(signed).decode()}",
    }
    request = urllib.request.Request(
        f"{endpoint}/{container}?restype=container", method="PUT", headers=headers
    )
    urllib.request.urlopen(request, timeout=10).close()
