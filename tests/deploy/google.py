"""Google Cloud Storage's XML interface in front of SeaweedFS, for tests on this machine alone.

No program that can be installed here answers as Google does. What differs between the two interfaces is little
and documented: generations instead of tags in conditions, other names of headers, and objects that are unpacked
on their way to whoever does not ask for gzip. That is translated; all else is the store's own.

Source: cloud.google.com/storage/docs: «XML API», «Request preconditions», «Transcoding of gzip-compressed files».
"""

from __future__ import annotations

import contextlib
import gzip
import http.client
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "token-of-the-test-store"
"""What requests have to bring along."""

_META = "x-goog-meta-"
_MATCH = "x-goog-if-generation-match"
_GENERATION = "x-goog-generation"
_HOPS = ("connection", "keep-alive", "transfer-encoding", "date", "server")


@dataclass(slots=True)
class Google:
    """A running translator.

    Attributes:
        endpoint: its address.
        store: host and port of the store behind it.
        generations: the generation of each object that lies there, by path.
        last: the highest generation so far.
        answers: statuses that it gave, by method.
    """

    endpoint: str
    store: str
    generations: dict[str, int] = field(default_factory=dict)
    last: int = 1_700_000_000_000_000
    answers: list[tuple[str, int]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def condition_holds(self, path: str, wanted: str | None) -> bool:
        """Whether an object is the generation that a request wants; 0 stands for none at all."""
        return wanted is None or self.generations.get(path, 0) == int(wanted)

    def changed(self, method: str, path: str, query: str) -> None:
        """Count generations: every change of an object's content is a new one."""
        parts = parse_qs(query, keep_blank_values=True)
        if method == "DELETE" and not parts:
            self.generations.pop(path, None)
        elif (method == "PUT" and not parts) or (method == "POST" and "uploadId" in parts):
            self.last += 1
            self.generations[path] = self.last


@contextlib.contextmanager
def google(endpoint: str) -> Iterator[Google]:
    """Run the translator before a store."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.google = Google(f"http://127.0.0.1:{server.server_address[1]}", urlsplit(endpoint).netloc)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server.google
        finally:
            server.shutdown()
            thread.join()


@dataclass(frozen=True, slots=True)
class _Found:
    """What the store answered."""

    status: int
    headers: http.client.HTTPMessage
    data: bytes


class _Server(ThreadingHTTPServer):
    google: Google


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def log_message(self, *words: object) -> None:
        """Say nothing."""

    def _answer(self) -> None:
        self._google = self.server.google
        split = urlsplit(self.path)
        path = unquote(split.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._say(401, [], b"<Error><Code>AuthenticationRequired</Code></Error>")
            return
        if self.command in ("GET", "HEAD"):
            self._shown(path, self._asked_of_store(body))
            return
        with self._google.lock:  # so that a condition and what depends on it are one step
            if not self._google.condition_holds(path, self.headers.get(_MATCH)):
                self._say(412, [], b"<Error><Code>PreconditionFailed</Code></Error>")
                return
            found = self._asked_of_store(body)
            if found.status < 300:
                self._google.changed(self.command, path, split.query)
            self._shown(path, found)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _answer  # noqa: N815  # as http.server calls them

    def _asked_of_store(self, body: bytes) -> _Found:
        store = http.client.HTTPConnection(self._google.store, timeout=30)
        try:
            store.request(self.command, self.path, body, self._translated())
            found = store.getresponse()
            return _Found(found.status, found.headers, found.read())
        finally:
            store.close()

    def _shown(self, path: str, found: _Found) -> None:
        headers = [
            (_other_meta(name, "x-amz-meta-", _META), value)
            for name, value in found.headers.items()
            if name.lower() not in _HOPS
        ]
        if generation := self._google.generations.get(path):
            headers.append((_GENERATION, str(generation)))
        if self.command in ("GET", "HEAD") and self._is_unpacked(found):
            left = ("content-encoding", "content-length")
            headers = [(name, value) for name, value in headers if name.lower() not in left]
            data = gzip.decompress(found.data) if found.data else b""
            self._say(found.status, headers, data, unpacked=True)
        else:
            self._say(found.status, headers, found.data)

    def _translated(self) -> dict[str, str]:
        dropped = ("host", "connection", "authorization", _MATCH, "accept-encoding")
        return {
            _other_meta(name, _META, "x-amz-meta-"): value
            for name, value in self.headers.items()
            if name.lower() not in dropped
        }

    def _is_unpacked(self, found: _Found) -> bool:
        packed = found.headers.get("Content-Encoding") == "gzip"
        stays = "no-transform" in found.headers.get("Cache-Control", "")
        return packed and not stays and "gzip" not in self.headers.get("Accept-Encoding", "")

    def _say(
        self, status: int, headers: list[tuple[str, str]], data: bytes, *, unpacked: bool = False
    ) -> None:
        self._google.answers.append((self.command, status))
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if unpacked:  # without a length
            self.send_header("Connection", "close")
            self.close_connection = True
        elif "content-length" not in [name.lower() for name, _ in headers]:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


def _other_meta(name: str, old: str, new: str) -> str:
    return new + name[len(old) :] if name.lower().startswith(old) else name
