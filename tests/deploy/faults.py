"""A proxy between a deploy and its store that fails on purpose: it cuts, waits, refuses and repeats."""

from __future__ import annotations

import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_KEPT = re.compile(rb"\r\nconnection: *[^\r]*", re.IGNORECASE)
_BUSY = b"HTTP/1.1 503 Slow Down\r\n%sContent-Length: 0\r\nConnection: close\r\n\r\n"


class Fault(Enum):
    """What happens to a request."""

    NONE = auto()
    CUT_BODY = auto()
    """The connection is cut when half of the body has reached the store."""
    CUT_ANSWER = auto()
    """The store has done it, and the connection is cut within its answer."""
    NO_ANSWER = auto()
    """The store has done it, and the connection is cut before its answer."""
    BUSY = auto()
    """503, and the store knows nothing of it."""
    BUSY_FOR_A_SECOND = auto()
    """503 with Retry-After."""
    SLOW = auto()
    """The answer comes late, and bit by bit."""
    TWICE = auto()
    """The store gets it twice."""
    DEAD = auto()
    """The connection is cut before anything has reached the store."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request.

    Attributes:
        number: how many there were before it.
        method: such as ``PUT``.
        path: with its query.
        head: all of it but the body.
    """

    number: int
    method: str
    path: str
    head: bytes


@dataclass(slots=True)
class FaultyProxy:
    """A running proxy.

    Attributes:
        endpoint: its address.
        choose: what happens to a request.
        instead: an answer that a request gets in place of the store's.
        without: a header that the store does not get to see.
        asked: every request so far.
    """

    endpoint: str
    store: tuple[str, int]
    choose: Callable[[Asked], Fault] = lambda asked: Fault.NONE
    instead: Callable[[Asked], bytes | None] = lambda asked: None
    without: bytes = b""
    asked: list[Asked] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def serve(self, client: socket.socket) -> None:
        """One connection, one request."""
        with client, suppress(OSError):
            head = _head(client)
            if not head:
                return
            method, path = head.split(b" ", 2)[:2]
            with self._lock:
                asked = Asked(len(self.asked), method.decode(), path.decode(), head)
                self.asked.append(asked)
            if answer := self.instead(asked):
                _exactly(client, _length(head))
                client.sendall(answer)
            else:
                self._answer(client, head, self.choose(asked))

    def _answer(self, client: socket.socket, head: bytes, fault: Fault) -> None:
        length = _length(head)
        if fault is Fault.DEAD:
            _cut(client)
        elif fault in (Fault.BUSY, Fault.BUSY_FOR_A_SECOND):
            _exactly(client, length)
            later = b"Retry-After: 1\r\n" if fault is Fault.BUSY_FOR_A_SECOND else b""
            client.sendall(_BUSY % later)
        elif fault is Fault.CUT_BODY:
            self._half(client, head, length)
        else:
            self._passed(client, head, _exactly(client, length), fault)

    def _half(self, client: socket.socket, head: bytes, length: int) -> None:
        with socket.create_connection(self.store) as store:
            store.sendall(head)
            store.sendall(_exactly(client, length // 2))
            _cut(store)
        _cut(client)

    def _passed(self, client: socket.socket, head: bytes, body: bytes, fault: Fault) -> None:
        answer = self._asked_of_store(head, body)
        if fault is Fault.TWICE:
            answer = self._asked_of_store(head, body)
        if fault is Fault.NO_ANSWER:
            _cut(client)
        elif fault is Fault.CUT_ANSWER:
            client.sendall(answer[: len(answer) // 2])
            _cut(client)
        elif fault is Fault.SLOW:
            for part in range(4):
                time.sleep(0.1)
                client.sendall(answer[len(answer) * part // 4 : len(answer) * (part + 1) // 4])
        else:
            client.sendall(answer)

    def _asked_of_store(self, head: bytes, body: bytes) -> bytes:
        if self.without:
            head = re.sub(rb"\r\n" + self.without + rb": *[^\r]*", b"", head, flags=re.IGNORECASE)
        with socket.create_connection(self.store) as store:
            store.sendall(_KEPT.sub(b"", head)[:-2] + b"Connection: close\r\n\r\n" + body)
            answer = b""
            while part := store.recv(1 << 16):
                answer += part
        return answer


@contextmanager
def faulty_proxy(endpoint: str) -> Iterator[FaultyProxy]:
    """Run a proxy before a store."""
    parts = urlsplit(endpoint)
    with socket.create_server(("127.0.0.1", 0), backlog=200) as server:
        proxy = FaultyProxy(
            f"http://127.0.0.1:{server.getsockname()[1]}", (parts.hostname or "", parts.port or 80)
        )

        def accept() -> None:
            with suppress(OSError):
                while True:
                    client, _ = server.accept()
                    threading.Thread(target=proxy.serve, args=(client,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield proxy
        server.shutdown(socket.SHUT_RDWR)


def _head(client: socket.socket) -> bytes:
    """A request up to its body."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        part = client.recv(1)
        if not part:
            return b""
        head += part
    return head


def _length(head: bytes) -> int:
    return int(found[1]) if (found := _LENGTH.search(head)) else 0


def _exactly(client: socket.socket, length: int) -> bytes:
    body = bytearray()
    while len(body) < length:
        part = client.recv(min(1 << 16, length - len(body)))
        if not part:
            raise OSError("gone")
        body += part
    return bytes(body)


def _cut(connection: socket.socket) -> None:
    """End a connection as a broken cable does, with a reset."""
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
