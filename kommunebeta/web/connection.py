"""From a host's name to a connection with a server that was checked, all of it before a deadline.

A name is resolved once, and the connection goes to the very address that was checked, so that a
name server that answers differently the next time gains nothing (DNS rebinding).
"""

from __future__ import annotations

import base64
import contextlib
import io
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from kommunebeta.web.failures import AddressError, Trouble, UnreachableError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Place = tuple[str, int]
"""An IP address and a port."""

Resolver = Callable[[str, int], Sequence[Place]]
"""A host's name and a port → where it may be reached."""

HTTP = 80
HTTPS = 443
_MOST_PLACES = 4


class Deadline:
    """A moment by which everything has to be over."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def rest(self) -> float:
        """Seconds left; below 0 when it is over."""
        return self._end - time.monotonic()

    def left(self, at_most: float) -> float:
        """Seconds left, but no more than given.

        Raises:
            TimeoutError: none are left.
        """
        rest = self.rest
        if rest <= 0:
            raise TimeoutError
        return min(rest, at_most)

    def extend(self, seconds: float) -> None:
        """Move the moment, for time that was spent waiting for our own turn."""
        self._end += seconds


class Stream(io.RawIOBase):
    """A socket whose every read and write ends at the deadline, however slowly the other side drips.

    Attributes:
        login: where a proxy is at the other end that wants a whole address (RFC 9112, section 3.2.2), the
            head line of the login to it, which may be empty; None where the host itself is.
    """

    def __init__(
        self, sock: socket.socket, deadline: Deadline, wait: float, login: str | None = None
    ) -> None:
        self.login = login
        self._sock = sock
        self._deadline = deadline
        self._wait = wait

    def readable(self) -> bool:
        """It can be read, as http.client asks of it."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """What has come, into a buffer."""
        self._sock.settimeout(self._deadline.left(self._wait))
        return self._sock.recv_into(buffer)

    def sendall(self, data: bytes) -> None:
        """Send everything."""
        self._sock.settimeout(self._deadline.left(self._wait))
        self._sock.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        """What http.client reads an answer from."""
        return io.BufferedReader(self)


@contextlib.contextmanager
def response_on(stream: Stream, method: str) -> Iterator[HTTPResponse]:
    """An answer whose head has been read, and whose body may be read inside the block."""
    with contextlib.closing(HTTPResponse(cast(socket.socket, stream), method=method)) as response:
        response.begin()
        yield response


def resolve(host: str, port: int) -> list[Place]:
    """Ask the system where a host is.

    Raises:
        OSError: nobody knows, or nobody answers.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys((str(info[4][0]), int(info[4][1])) for info in found))


@dataclass(frozen=True)
class Dialer:
    """Opens connections.

    Attributes:
        resolver: knows where hosts are.
        rule: whether we may connect to an IP address.
        context: whom we trust.
        connect: seconds for a name or a connection.
        read: seconds for a read.
    """

    resolver: Resolver
    rule: Callable[[str], bool]
    context: ssl.SSLContext
    connect: float
    read: float

    @contextlib.contextmanager
    def open(self, host: str, deadline: Deadline, port: int = HTTPS) -> Iterator[Stream]:
        """A TLS connection whose certificate is for the host; through a proxy where the system names one.

        A proxy resolves names itself, so that it is the one that decides what may be reached.

        Raises:
            AddressError: the host is not on the public net.
            UnreachableError: the name server is silent, or the proxy declines.
            OSError: there is no connection, or the certificate is not trusted.
        """
        proxy = _proxy("https", host)
        plain = self._tunnel(proxy, host, port, deadline) if proxy else self._directly(host, port, deadline)
        with plain:
            plain.settimeout(deadline.left(self.connect))
            with self.context.wrap_socket(plain, server_hostname=host) as sock:
                yield Stream(sock, deadline, self.read)

    @contextlib.contextmanager
    def open_plain(self, host: str, deadline: Deadline, port: int = HTTP) -> Iterator[Stream]:
        """A connection without TLS, for ``http:``; to a proxy that asks for us where the system names one.

        Raises:
            AddressError: the host is not on the public net.
            UnreachableError: the name server is silent.
            OSError: there is no connection.
        """
        proxy = _proxy("http", host)
        if not proxy:
            with self._directly(host, port, deadline) as plain:
                yield Stream(plain, deadline, self.read)
            return
        place, login = _proxy_place(proxy)
        with socket.create_connection(place, timeout=deadline.left(self.connect)) as plain:
            yield Stream(plain, deadline, self.read, login)

    def _directly(self, host: str, port: int, deadline: Deadline) -> socket.socket:
        failure = OSError("no address")
        for place in self._places(host, port, deadline):
            try:
                return socket.create_connection(place, timeout=deadline.left(self.connect))
            except OSError as error:
                failure = error
        raise failure

    def _places(self, host: str, port: int, deadline: Deadline) -> Sequence[Place]:
        seconds = deadline.left(self.connect)
        try:
            places = _in_time(lambda: self.resolver(host, port), seconds)[:_MOST_PLACES]
        except TimeoutError:
            raise
        except (OSError, UnicodeError) as error:
            raise UnreachableError(Trouble.NAME, f"{host} was not found", passing=True) from error
        if not all(self.rule(ip) for ip, _ in places):
            raise AddressError(Trouble.ADDRESS, f"{host} is not on the public net")
        return places

    def _tunnel(self, proxy: str, host: str, port: int, deadline: Deadline) -> socket.socket:
        """A tunnel (RFC 9110, section 9.3.6)."""
        place, login = _proxy_place(proxy)
        sock = socket.create_connection(place, timeout=deadline.left(self.connect))
        try:
            stream = Stream(sock, deadline, self.read)
            where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
            head = f"CONNECT {where} HTTP/1.1\r\nHost: {where}\r\n{login}\r\n"
            stream.sendall(head.encode("ascii"))
            with response_on(stream, "CONNECT") as response:
                status = response.status
        except BaseException:
            sock.close()
            raise
        if status != 200:
            sock.close()
            passing = status == 429 or status >= 500
            message = f"the proxy answered {status}"
            raise UnreachableError(Trouble.PROXY, message, status=status, passing=passing)
        return sock


def _proxy(scheme: str, host: str) -> str:
    """The proxy that the system names for a host; empty where it names none."""
    proxy = getproxies().get(scheme, "")
    return "" if not proxy or proxy_bypass(host) else proxy


def _proxy_place(proxy: str) -> tuple[Place, str]:
    """Where a proxy is, and the head line of its login if it has one."""
    wrong = UnreachableError(
        Trouble.PROXY, "HTTPS_PROXY and HTTP_PROXY must look like http://proxy.example.no:8080"
    )
    try:
        split = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        port = split.port or 80
    except ValueError:
        raise wrong from None
    if split.scheme != "http" or not split.hostname:
        raise wrong
    if split.username is None:
        return (split.hostname, port), ""
    words = f"{unquote(split.username)}:{unquote(split.password or '')}".encode()
    return (split.hostname, port), f"Proxy-Authorization: Basic {base64.b64encode(words).decode()}\r\n"


def _in_time(ask: Callable[[], Sequence[Place]], seconds: float) -> Sequence[Place]:
    """Ask a name server in a thread of its own, since the system lets nobody set how long it may take."""
    box: queue.SimpleQueue[Sequence[Place] | OSError | UnicodeError] = queue.SimpleQueue()

    def run() -> None:
        try:
            box.put(ask())
        except (OSError, UnicodeError) as error:
            box.put(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        answer = box.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(answer, Exception):
        raise answer
    return answer
