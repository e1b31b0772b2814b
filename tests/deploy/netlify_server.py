"""Netlify's interface for deploys, as it is documented, spoken over a real socket by a server of the tests.

It holds what a deploy's life depends on: files told by SHA-1, those that are lacking asked for, each checked
when it comes, states on the way to ``ready``, publication in one step, drafts, locks, returns, limits.

Sources: github.com/netlify/open-api (``swagger.yml``: createSiteDeploy, getDeploy, uploadDeployFile, restoreSiteDeploy,
cancelSiteDeploy, deleteDeploy, listSiteDeploys, listSiteFiles, getSite); «Get started with the Netlify API» (docs.netlify.com:
digests, raw contents, rate limits); github.com/netlify/cli ``src/utils/deploy/util.ts`` (states) and the forum's
«Netlify API file uploads: undocumented concurrency limits» (5 uploads at once). Netlify itself was not asked.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import socket
import ssl
import struct
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "nfp_hemmelig42"
_RAW = "application/vnd.bitballoon.v1.raw"


class Fault(Enum):
    """What happens to a request."""

    NONE = auto()
    ERROR = auto()
    """500, and nothing was done."""
    LIMIT = auto()
    """429 with the headers of Netlify's limit, which ends in a second."""
    CUT = auto()
    """The connection is cut before the body has been read."""
    NO_ANSWER = auto()
    """It was done, and the connection is cut before the answer."""
    SHORT = auto()
    """Half of the answer's body comes."""


@dataclass
class Deploy:
    """A deploy, as Netlify keeps it."""

    id: str
    files: dict[str, str]
    draft: bool
    title: str
    state: str
    required: set[str]
    created: str
    published_at: str | None = None
    error: str = ""
    polls: int = 0


@dataclass
class Netlify:
    """One site and its account.

    Attributes:
        choose: what happens to a request, told by its method, path and number.
        fails: what processing ends with; empty for a good end.
        locked: whether publishing is stopped.
        gives_raw: whether contents are given by the interface.
        page: the number of files in one answer of a list; 0 for all.
        uploads: paths of files that were sent, in order.
        most: the largest number of uploads at one time.
    """

    port: int = 0
    site: str = field(default_factory=lambda: str(uuid.uuid4()))
    name: str = "fjordvikbeta"
    blobs: dict[str, bytes] = field(default_factory=dict)
    deploys: dict[str, Deploy] = field(default_factory=dict)
    published: str = ""
    locked: bool = False
    fails: str = ""
    gives_raw: bool = True
    page: int = 0
    choose: Callable[[str, str, int], Fault] = lambda method, path, number: Fault.NONE
    asked: list[str] = field(default_factory=list)
    uploads: list[str] = field(default_factory=list)
    most: int = 0
    now: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/v1"

    def shown(self) -> dict[str, bytes]:
        """What readers get."""
        if not self.published:
            return {}
        return {path.lstrip("/"): self.blobs[sha] for path, sha in self.deploys[self.published].files.items()}

    def as_json(self, deploy: Deploy) -> dict[str, Any]:
        return {
            "id": deploy.id,
            "site_id": self.site,
            "state": deploy.state,
            "draft": deploy.draft,
            "title": deploy.title,
            "locked": self.locked and deploy.id == self.published,
            "required": sorted(deploy.required),
            "error_message": deploy.error or None,
            "created_at": deploy.created,
            "published_at": deploy.published_at,
            "deploy_ssl_url": f"http://127.0.0.1:{self.port}/permalink/{deploy.id}",
        }

    def create(self, body: dict[str, Any], title: str) -> Deploy:
        files = {f"/{path.lstrip('/')}": sha for path, sha in body["files"].items()}
        required = {sha for sha in files.values() if sha not in self.blobs}
        draft, state = bool(body.get("draft")), "preparing" if body.get("async") else "uploading"
        made = time.strftime("%Y-%m-%dT%H:%M:%S.", time.gmtime()) + f"{len(self.deploys):03d}Z"
        deploy = Deploy(uuid.uuid4().hex[:24], files, draft, title, state, required, made)
        self.deploys[deploy.id] = deploy
        if state == "uploading":
            self.settle(deploy)
        return deploy

    def settle(self, deploy: Deploy) -> None:
        """Go on when nothing is lacking any more."""
        if not deploy.required and deploy.state in ("uploading", "prepared"):
            deploy.state = "uploaded"

    def polled(self, deploy: Deploy) -> None:
        """Time goes by: each look finds the deploy one state further."""
        deploy.polls += 1
        if deploy.state == "preparing" and deploy.polls >= 2:
            deploy.state = "prepared" if deploy.required else "uploaded"
        elif deploy.state == "uploaded":
            deploy.state = "processing"
        elif deploy.state == "processing":
            deploy.state, deploy.error = ("error", self.fails) if self.fails else ("ready", "")
            if deploy.state == "ready" and not deploy.draft and not self.locked:
                self.publish(deploy)

    def delete(self, deploy: Deploy) -> None:
        """Show a deploy no more, and keep no contents that no other one needs."""
        del self.deploys[deploy.id]
        if self.published == deploy.id:
            self.published = ""
        needed = {sha for other in self.deploys.values() for sha in other.files.values()}
        self.blobs = {sha: data for sha, data in self.blobs.items() if sha in needed}

    def publish(self, deploy: Deploy) -> None:
        self.published, deploy.published_at = deploy.id, deploy.created


class _RefusalError(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class _Handler(BaseHTTPRequestHandler):
    netlify: Netlify

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def _serve(self) -> None:
        with self.netlify.lock:
            number = len(self.netlify.asked)
            self.netlify.asked.append(f"{self.command} {self.path}")
        fault = self.netlify.choose(self.command, self.path, number)
        if fault is Fault.CUT:
            self._cut()
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers: dict[str, str] = {}
        try:
            if fault is Fault.ERROR:
                raise _RefusalError(500, "Internal Server Error")
            if fault is Fault.LIMIT:
                headers = {"X-RateLimit-Limit": "3", "X-RateLimit-Remaining": "0"}
                headers["X-RateLimit-Reset"] = str(int(time.time()) + 1)
                raise _RefusalError(429, "Too many requests")
            data = self._answer(body, headers)
            status = 204 if self.command == "DELETE" else 200
        except _RefusalError as refusal:
            status = refusal.status
            data = json.dumps({"code": status, "message": str(refusal)}).encode()
        if fault is Fault.NO_ANSWER:
            self._cut()
            return
        self._say(status, data, headers, half=fault is Fault.SHORT)

    def _answer(self, body: bytes, headers: dict[str, str]) -> bytes:
        split = urlsplit(self.path)
        if found := re.fullmatch(r"/permalink/(\w+)/(.+)", split.path):
            if found[1] not in self.netlify.deploys:
                raise _RefusalError(404, "Not Found")
            return self._file(self.netlify.deploys[found[1]], unquote(found[2]))
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise _RefusalError(401, "Access Denied")
        path = split.path.removeprefix("/api/v1")
        if self.command == "PUT":
            return self._upload(path, body)
        with self.netlify.lock:
            value = self._value(path, split.query, body, headers)
        return value if isinstance(value, bytes) else json.dumps(value).encode()

    def _value(self, path: str, query: str, body: bytes, headers: dict[str, str]) -> Any:
        site = re.fullmatch(r"/sites/([^/]+)(/.*)?", path)
        if site:
            if unquote(site[1]) not in (
                self.netlify.site,
                f"{self.netlify.name}.netlify.app",
                "beta.example.no",
            ):
                raise _RefusalError(404, "Not Found")
            return self._of_site(site[2] or "", query, body, headers)
        found = re.fullmatch(r"/deploys/(\w+)(/\w+)?", path)
        if not found or found[1] not in self.netlify.deploys:
            raise _RefusalError(404, "Not Found")
        deploy = self.netlify.deploys[found[1]]
        if found[2] == "/files":
            return self._listed(deploy, query, headers)
        if self.command == "DELETE":
            self.netlify.delete(deploy)
            return b""
        if found[2] == "/cancel":
            deploy.state, deploy.error = "error", "Canceled"
        else:
            self.netlify.polled(deploy)
        return self.netlify.as_json(deploy)

    def _of_site(self, path: str, query: str, body: bytes, headers: dict[str, str]) -> Any:
        if not path:
            shown = (
                self.netlify.as_json(self.netlify.deploys[self.netlify.published])
                if self.netlify.published
                else None
            )
            return {
                "id": self.netlify.site,
                "name": self.netlify.name,
                "ssl_url": "https://beta.example.no",
                "published_deploy": shown,
            }
        if path == "/deploys" and self.command == "POST":
            title = unquote(query.partition("title=")[2])
            return self.netlify.as_json(self.netlify.create(json.loads(body), title))
        if path == "/deploys":
            rows = [self.netlify.as_json(deploy) for deploy in reversed(self.netlify.deploys.values())]
            most = min(int(parse_qs(query).get("per_page", ["100"])[0]), self.netlify.page or 100)
            return self._page(rows, f"/sites/{self.netlify.site}/deploys", query, most, headers)
        if found := re.fullmatch(r"/deploys/(\w+)/restore", path):
            deploy = self.netlify.deploys[found[1]]
            if deploy.state != "ready":
                raise _RefusalError(422, "The deploy is not ready for publishing")
            self.netlify.publish(deploy)
            return self.netlify.as_json(deploy)
        if path.startswith("/files/"):
            deploy = self.netlify.deploys[self.netlify.published]
            if self.netlify.gives_raw and self.headers.get("Content-Type") == _RAW:
                return self._file(deploy, unquote(path.removeprefix("/files/")))
            return {"path": path.removeprefix("/files")}
        raise _RefusalError(404, "Not Found")

    def _file(self, deploy: Deploy, path: str) -> bytes:
        sha = deploy.files.get(f"/{path}")
        if sha is None:
            raise _RefusalError(404, "Not Found")
        return self.netlify.blobs[sha]

    def _listed(self, deploy: Deploy, query: str, headers: dict[str, str]) -> Any:
        rows = [
            {"id": path, "path": path, "sha": sha, "size": len(self.netlify.blobs.get(sha, b""))}
            for path, sha in sorted(deploy.files.items())
        ]
        if not self.netlify.page:
            return rows
        return self._page(rows, f"/deploys/{deploy.id}/files", query, self.netlify.page, headers)

    def _page(self, rows: list[Any], path: str, query: str, most: int, headers: dict[str, str]) -> Any:
        """A part of a list, with the address of the following one (RFC 8288)."""
        page = int(parse_qs(query).get("page", ["1"])[0])
        if page * most < len(rows):
            url = f"{self.netlify.endpoint}{path}?page={page + 1}&per_page={most}"
            headers["Link"] = f'<{url}>; rel="next", <{url}>; rel="last"'
        return rows[(page - 1) * most : page * most]

    def _upload(self, path: str, body: bytes) -> bytes:
        found = re.fullmatch(r"/deploys/(\w+)/files/(.+)", path)
        if not found or found[1] not in self.netlify.deploys:
            raise _RefusalError(404, "Not Found")
        deploy, name = self.netlify.deploys[found[1]], f"/{unquote(found[2])}"
        with self.netlify.lock:
            self.netlify.now += 1
            self.netlify.most = max(self.netlify.most, self.netlify.now)
        try:
            time.sleep(0.01)
            if self.netlify.now > 5:
                raise _RefusalError(429, "Too many uploads at once")
            sha = hashlib.sha1(body).hexdigest()
            with self.netlify.lock:
                if deploy.files.get(name) != sha:
                    raise _RefusalError(422, f"{name} does not match its digest")
                self.netlify.blobs[sha] = body
                self.netlify.uploads.append(name.lstrip("/"))
                deploy.required.discard(sha)
                self.netlify.settle(deploy)
            return json.dumps({"path": name, "sha": sha, "size": len(body)}).encode()
        finally:
            with self.netlify.lock:
                self.netlify.now -= 1

    def _say(self, status: int, data: bytes, headers: dict[str, str], half: bool) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if half else data)
        if half:
            self._cut()

    def _cut(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True
        self.wfile = self.rfile = contextlib.closing  # type: ignore[assignment]


@contextlib.contextmanager
def netlify(certificate: Path | None = None) -> Iterator[Netlify]:
    """Run one with an empty site; with TLS where there is a certificate, with its key in the same file."""
    state = Netlify()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if certificate:
        tls.load_cert_chain(certificate)

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def get_request(self) -> tuple[socket.socket, Any]:
            sock, place = super().get_request()
            if not certificate:
                return sock, place
            return tls.wrap_socket(sock, server_side=True, do_handshake_on_connect=False), place

        def handle_error(self, *_: object) -> None:
            pass

    handler = type("Handler", (_Handler,), {"netlify": state})
    with Server(("127.0.0.1", 0), handler) as server:
        state.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield state
        server.shutdown()
