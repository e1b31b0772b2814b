"""A little internet on loopback: one TLS server that speaks for every host, and a proxy before it."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import socket
import socketserver
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from PIL import Image

from kommunebeta.embeds.client import Client, Limits
from kommunebeta.web.public import is_public

TODAY = dt.date(2026, 11, 5)
ANSWERS = Path(__file__).parent / "answers"
QUICK = {"connect": 2, "read": 1, "total": 3, "pause": 0.01, "longest_pause": 0.05}

HOSTS = (
    "*.example.org",
    "www.youtube.com",
    "i.ytimg.com",
    "www.slideshare.net",
    "*.slidesharecdn.com",
    "vimeo.com",
    "i.vimeocdn.com",
    "www.flickr.com",
    "*.staticflickr.com",
    "speakerdeck.com",
    "issuu.com",
    "image.issuu.com",
    "soundcloud.com",
    "i1.sndcdn.com",
    "mastodon.social",
    "framatube.org",
)
CERTIFICATE = """\
[req]
prompt = no
distinguished_name = name
x509_extensions = parts
[name]
CN = Kommunebeta tests
[parts]
basicConstraints = critical, CA:TRUE
keyUsage = critical, digitalSignature, keyCertSign
subjectKeyIdentifier = hash
subjectAltName = {names}
"""

Reply = Callable[[BaseHTTPRequestHandler], None]


def page(
    body: bytes | str | dict[str, Any] = b"",
    *,
    status: int = 200,
    kind: str = "application/json",
    **headers: str,
) -> Reply:
    """An ordinary answer; headers' names are written with ``_`` for ``-``."""
    data = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()

    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Type": kind, **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    return reply


def sent_to(address: str, status: int = 302) -> Reply:
    return page(status=status, Location=address)


def raw(*parts: bytes, pause: float = 0) -> Reply:
    """Bytes as they are, one part after the other."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        for part in parts:
            handler.wfile.write(part)
            time.sleep(pause)

    return reply


def recorded(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ANSWERS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def picture(width: int = 640, height: int = 360, form: str = "JPEG", **options: Any) -> bytes:
    """A picture with a gradient, so that it is more than one colour."""
    stream = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(stream, form, **options)
    return stream.getvalue()


class Net(ThreadingHTTPServer):
    """The server.

    Attributes:
        replies: what is answered by ``host/path`` without query, else by ``host``; one after the
            other, the last for ever. 404 for the rest.
        asked: ``host/path?query`` of every request so far.
        most: the largest number of requests that a host had at the same time.
        heads: the headers of every request.
    """

    daemon_threads = True

    def __init__(self, certificate: Path) -> None:
        self.trusted = ssl.create_default_context(cafile=str(certificate))
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(certificate)
        self.replies: dict[str, list[Reply]] = {}
        self.asked: list[str] = []
        self.heads: list[dict[str, str]] = []
        self.most: Counter[str] = Counter()
        self.now: Counter[str] = Counter()
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        sock, place = super().get_request()
        sock.settimeout(5)
        return self.tls.wrap_socket(sock, server_side=True, do_handshake_on_connect=False), place

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever hangs up on a hostile answer is right."""

    @property
    def place(self) -> tuple[str, int]:
        return "127.0.0.1", self.server_address[1]

    def say(self, where: str, *replies: Reply) -> None:
        self.replies[where] = list(replies)

    def times(self, where: str) -> int:
        return sum(url.partition("?")[0] == where for url in self.asked)

    def client(self, **more: Any) -> Client:
        """A client for which every name leads here, and here is allowed."""
        names = {"resolver", "rule", "context"} & more.keys()
        given = {name: more.pop(name) for name in names}
        return Client(
            Limits(**{**QUICK, **more}),
            **{
                "resolver": lambda host, port: [self.place],
                "rule": lambda ip: ip == "127.0.0.1" or is_public(ip),
                "context": self.trusted,
                **given,
            },
        )


class Handler(BaseHTTPRequestHandler):
    server: Net

    def do_GET(self) -> None:
        net, host = self.server, self.headers["Host"]
        where = host + self.path.partition("?")[0]
        with net.lock:
            net.asked.append(host + self.path)
            net.heads.append(dict(self.headers.items()))
            net.now[host] += 1
            net.most[host] = max(net.most[host], net.now[host])
            replies = net.replies.get(where) or net.replies.get(host) or [page(status=404)]
            reply = replies.pop(0) if len(replies) > 1 else replies[0]
        try:
            reply(self)
        finally:
            with net.lock:
                net.now[host] -= 1

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Proxy(socketserver.ThreadingTCPServer):
    """Tunnels everything to one place.

    Attributes:
        heads: the head of every CONNECT so far.
        status: what it answers.
    """

    daemon_threads = True

    def __init__(self, place: tuple[str, int]) -> None:
        self.place = place
        self.heads: list[str] = []
        self.status = "200 Connection established"
        super().__init__(("127.0.0.1", 0), Tunnel)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class Tunnel(socketserver.StreamRequestHandler):
    server: Proxy

    def handle(self) -> None:
        lines = iter(self.rfile.readline, b"\r\n")
        self.server.heads.append(b"".join(lines).decode())
        self.wfile.write(f"HTTP/1.1 {self.server.status}\r\n\r\n".encode())
        if not self.server.status.startswith("200"):
            return
        with contextlib.suppress(OSError), socket.create_connection(self.server.place, timeout=5) as far:
            threading.Thread(target=_pour, args=(far, self.connection), daemon=True).start()
            _pour(self.connection, far)


def _pour(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
