"""Every other site, on loopback: a server with TLS and one without that speak for all hosts they are told of."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from kommunebeta.check.external.client import LinkClient, LinkLimits
from kommunebeta.config import Settings
from kommunebeta.web.connection import Place
from kommunebeta.web.public import is_public

QUICK = LinkLimits(pause=0, connect=2, read=0.5, total=1.5, longest_wait=0.3, busy=0.05)
TRUSTED = ("lenkeprove.no", "*.lenkeprove.no", "uustatus.no", "data.norge.no", "www.example.no")
UNTRUSTED = "selvlaget.lenkeprove.no"
EXPIRED = "utlopt.lenkeprove.no"
NO_TLS = "avviser.lenkeprove.no"

_CONFIG = """\
[req]
prompt = no
distinguished_name = name
[name]
CN = {name}
[ca]
default_ca = own
[own]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
x509_extensions = parts
[any]
commonName = supplied
[parts]
basicConstraints = critical, CA:TRUE
keyUsage = critical, digitalSignature, keyCertSign
subjectKeyIdentifier = hash
subjectAltName = {names}
"""

Reply = Callable[[BaseHTTPRequestHandler], None]


def says(status: int = 200, **headers: str) -> Reply:
    """An answer with a short body; headers' names are written with ``_`` for ``-``."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        body = b"<!doctype html><title>Elsewhere</title>"
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(body)

    return reply


def leads_to(address: str, status: int = 301, **headers: str) -> Reply:
    return says(status, Location=address, **headers)


def only_get(head: int, reply: Reply | None = None) -> Reply:
    """Refuses HEAD with a status."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        (says(head) if handler.command == "HEAD" else reply or says())(handler)

    return answer


def slowly(seconds: float, then: Reply | None = None) -> Reply:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(seconds)
        (then or says())(handler)

    return reply


def hangs_up(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True


class Elsewhere:
    """The servers.

    Attributes:
        replies: by ``host/path`` without query, one after the other, the last for ever; by ``host`` for all
            its paths. 404 for the rest of a host that is named at all; other hosts are not there.
        places: hosts that lie elsewhere than here, with their IP addresses.
        failures: hosts that name servers have their own words for.
        asked: ``METHOD https://host/path?query`` of every request so far.
        heads: the headers of every request.
        most: the largest number of requests that a host had at the same time, and all together as ``""``.
        times: when each request of a host began and ended.
        resolved: hosts that name servers were asked for.
    """

    def __init__(self, certificates: Path) -> None:
        self.replies: dict[str, list[Reply]] = {}
        self.places: dict[str, list[str]] = {}
        self.failures: dict[str, OSError] = {}
        self.asked: list[str] = []
        self.heads: list[dict[str, str]] = []
        self.most: Counter[str] = Counter()
        self.times: dict[str, list[tuple[float, float]]] = {}
        self.resolved: list[str] = []
        self.now: Counter[str] = Counter()
        self.lock = threading.Lock()
        self.trusted = ssl.create_default_context(cafile=str(certificates / "trusted.pem"))
        self.trusted.load_verify_locations(cafile=str(certificates / "expired.pem"))
        self.secure = _Server(self, _tls(certificates))
        self.plain = _Server(self, None)

    def say(self, where: str, *replies: Reply) -> None:
        self.replies[where] = list(replies)

    def resolve(self, host: str, port: int) -> list[Place]:
        """A name server that knows the hosts of this server; every port but 80 is that with TLS."""
        self.resolved.append(host)
        if host in self.failures:
            raise self.failures[host]
        if host in self.places:
            return [(ip, port) for ip in self.places[host]]
        if all(where.partition("/")[0] != host for where in self.replies):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [("127.0.0.1", (self.plain if port == 80 else self.secure).server_address[1])]

    def client(self, settings: Settings | None = None, limits: LinkLimits = QUICK) -> LinkClient:
        """A client for which every known name leads here, and here is allowed."""
        return LinkClient(
            settings.base_url if settings else "https://beta.fjordvik.example/",
            settings.language if settings else "nb",
            limits,
            resolver=self.resolve,
            rule=lambda ip: ip == "127.0.0.1" or is_public(ip),
            context=self.trusted,
        )


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, elsewhere: Elsewhere, tls: ssl.SSLContext | None) -> None:
        self.elsewhere = elsewhere
        self.tls = tls
        super().__init__(("127.0.0.1", 0), _Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        sock, place = super().get_request()
        sock.settimeout(5)
        if self.tls is None:
            return sock, place
        return self.tls.wrap_socket(sock, server_side=True, do_handshake_on_connect=False), place

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever hangs up on a bad certificate is right."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        elsewhere, host = self.server.elsewhere, self.headers["Host"]
        begun = time.monotonic()
        with elsewhere.lock:
            scheme = "https" if self.server.tls else "http"
            elsewhere.asked.append(f"{self.command} {scheme}://{host}{self.path}")
            elsewhere.heads.append(dict(self.headers.items()))
            for name in (host, ""):
                elsewhere.now[name] += 1
                elsewhere.most[name] = max(elsewhere.most[name], elsewhere.now[name])
            where = host + self.path.partition("?")[0]
            replies = elsewhere.replies.get(where) or elsewhere.replies.get(host) or [says(404)]
            reply = replies.pop(0) if len(replies) > 1 else replies[0]
        try:
            reply(self)
        finally:
            with elsewhere.lock:
                elsewhere.times.setdefault(host, []).append((begun, time.monotonic()))
                for name in (host, ""):
                    elsewhere.now[name] -= 1

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        pass


def _tls(certificates: Path) -> ssl.SSLContext:
    """A server's side that has another certificate for some hosts, and turns one away."""
    contexts = {}
    for name in ("trusted", "untrusted", "expired"):
        contexts[name] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        contexts[name].load_cert_chain(certificates / f"{name}.pem", certificates / f"{name}.key")
    named = {UNTRUSTED: contexts["untrusted"], EXPIRED: contexts["expired"]}

    def choose(sock: ssl.SSLObject | ssl.SSLSocket, host: str | None, context: ssl.SSLContext) -> int | None:
        if host == NO_TLS:
            return int(ssl.AlertDescription.ALERT_DESCRIPTION_HANDSHAKE_FAILURE)
        sock.context = named.get(host or "", context)
        return None

    contexts["trusted"].sni_callback = choose
    return contexts["trusted"]


def make_certificates(folder: Path) -> Path:
    """Three certificates that vouch for themselves: one to trust, one that is unknown, one that has run out."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.fail("openssl is missing: install it", pytrace=False)
    for name, hosts, years in (
        ("trusted", TRUSTED, ("20250101000000Z", "20490101000000Z")),
        ("untrusted", (UNTRUSTED,), ("20250101000000Z", "20490101000000Z")),
        ("expired", (EXPIRED,), ("20240101000000Z", "20240102000000Z")),
    ):
        names = ",".join(f"DNS:{host}" for host in hosts)
        (folder / "own.cnf").write_text(_CONFIG.format(name=name, names=names), "ascii")
        (folder / "index.txt").write_text("", "ascii")
        (folder / "serial").write_text("01\n", "ascii")
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        wanted = ["-config", "own.cnf", "-keyout", f"{name}.key", "-out", "wanted.pem"]
        signed = ["-in", "wanted.pem", "-keyfile", f"{name}.key", "-out", f"{name}.pem"]
        dates = ["-startdate", years[0], "-enddate", years[1]]
        own = ["ca", "-batch", "-selfsign", "-notext", "-config", "own.cnf"]
        for words in (["req", *curve, *wanted], [*own, *signed, *dates]):
            subprocess.run([openssl, *words], cwd=folder, check=True, capture_output=True)
    return folder


@contextmanager
def running(certificates: Path) -> Iterator[Elsewhere]:
    """The servers, running."""
    elsewhere = Elsewhere(certificates)
    with ExitStack() as held:
        for server in (elsewhere.secure, elsewhere.plain):
            held.enter_context(server)
            threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
            held.callback(server.shutdown)
        yield elsewhere
