"""Fixtures of the look-up's tests: a certificate made for them, the server, the proxy."""

from __future__ import annotations

import shutil
import socketserver
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.embeds.loopback import CERTIFICATE, HOSTS, Net, Proxy


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate of every host, in one file that can be trusted."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.fail("openssl is missing: install it", pytrace=False)
    folder = tmp_path_factory.mktemp("tls")
    names = ",".join(f"DNS:{host}" for host in HOSTS)
    (folder / "wanted.cnf").write_text(CERTIFICATE.format(names=names), encoding="ascii")
    words = [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    ]
    files = ["-config", "wanted.cnf", "-keyout", "key.pem", "-out", "certificate.pem"]
    subprocess.run([openssl, *words, *files], cwd=folder, check=True, capture_output=True)
    both = folder / "both.pem"
    both.write_bytes((folder / "key.pem").read_bytes() + (folder / "certificate.pem").read_bytes())
    return both


def run(server: socketserver.BaseServer) -> None:
    server.serve_forever(poll_interval=0.01)


@pytest.fixture
def net(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Net]:
    """The server, running; the environment names no proxy."""
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Net(certificate) as server:
        threading.Thread(target=run, args=(server,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def proxy(net: Net) -> Iterator[Proxy]:
    """A proxy that tunnels to the server, running; whoever wants it names it in the environment."""
    with Proxy(net.place) as server:
        threading.Thread(target=run, args=(server,), daemon=True).start()
        yield server
        server.shutdown()
