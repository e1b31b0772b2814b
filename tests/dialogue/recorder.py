"""A receiver that writes down what it is sent, and answers as ``docs/receiver.md`` says."""

from __future__ import annotations

import http.server
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl

from tests.browsing import listening

TOKEN = "eyJmIjoi.a-b_c~1"
RECEIVED = {"status": "received", "reference": "K7QX-42MD"}

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Sent:
    """A request.

    Attributes:
        method: such as ``POST``.
        path: with its query.
        headers: as they were sent.
        body: as it was sent.
    """

    method: str
    path: str
    headers: Message
    body: bytes

    @property
    def kind(self) -> str:
        """The media type of the body."""
        return self.headers.get_content_type()

    @property
    def fields(self) -> Pairs:
        """Name and value of each field, in the order in which they came; of a file its name."""
        if self.kind == "application/json":
            pairs = json.loads(self.body).items()
            return [
                (name, one)
                for name, value in pairs
                for one in (value if isinstance(value, list) else [value])
            ]
        if self.kind == "multipart/form-data":
            return [(name, name_of_file or text) for name, name_of_file, text in self._parts]
        assert self.kind == "application/x-www-form-urlencoded", self.kind
        text = self.body.decode("ascii")  # all else is percent-encoded
        return parse_qsl(text, keep_blank_values=True, strict_parsing=True, encoding="utf-8", errors="strict")

    @property
    def files(self) -> dict[str, tuple[str, str]]:
        """Name and text of the file in each field."""
        return {name: (file, text) for name, file, text in self._parts if file is not None}

    @property
    def _parts(self) -> Iterator[tuple[str, str | None, str]]:
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        for part in message_from_bytes(head + self.body).get_payload():
            assert isinstance(part, Message)
            name = part.get_param("name", header="Content-Disposition")
            data = part.get_payload(decode=True)
            assert isinstance(data, bytes)
            yield str(name), part.get_filename(), data.decode("utf-8")


@dataclass
class Recorder:
    """What was sent, and what is to be answered.

    Attributes:
        address: where it listens, ending with ``/``.
        sent: every request, in order.
        answers: status and JSON of the next answers to a submission; where there is none, it is received.
        tokens: whether it gives tokens.
        thanks: address that a browser without JavaScript is sent to.
    """

    address: str = ""
    sent: list[Sent] = field(default_factory=list)
    answers: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    tokens: bool = True
    thanks: str = "about:blank"

    @property
    def submissions(self) -> list[Sent]:
        """What was posted."""
        return [sent for sent in self.sent if sent.method == "POST"]

    @property
    def fields(self) -> Pairs:
        """The fields of the only submission."""
        (sent,) = self.submissions
        return sent.fields

    def forget(self) -> None:
        """Begin anew."""
        self.sent.clear()
        self.answers.clear()
        self.tokens = True


class _Handler(http.server.BaseHTTPRequestHandler):
    recorder: Recorder

    def do_GET(self) -> None:
        self._record()
        if self.path.startswith("/token?form=") and self.recorder.tokens:
            self._answer(200, {"token": TOKEN})
        else:
            self._answer(503, {"status": "down", "message": "Nede."})

    def do_POST(self) -> None:
        self._record()
        by_script = self.headers.get("Accept") == "application/json"
        if not by_script and not self.recorder.answers:
            self.send_response(303)
            self.send_header("Location", self.recorder.thanks)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self._answer(*(self.recorder.answers.pop(0) if self.recorder.answers else (201, RECEIVED)))

    def _record(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.recorder.sent.append(Sent(self.command, self.path, self.headers, body))

    def _answer(self, status: int, words: dict[str, Any]) -> None:
        body = json.dumps(words).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Access-Control-Allow-Origin", self.headers.get("Origin", "null"))
        self.send_header("Vary", "Origin")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


@contextmanager
def recording() -> Iterator[Recorder]:
    """A recorder that listens on this machine."""
    recorder = Recorder()
    handler = type("RecorderHandler", (_Handler,), {"recorder": recorder})
    with listening(handler) as address:
        recorder.address = f"{address}/"
        yield recorder
