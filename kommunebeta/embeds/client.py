"""A polite GET over HTTPS of what strangers' servers say, within bounds of time, size and place."""

from __future__ import annotations

import contextlib
import random
import ssl
import threading
import time
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from http.client import HTTPResponse
from urllib.parse import urljoin, urlsplit

from kommunebeta import __version__
from kommunebeta.embeds.address import Address, parse_address
from kommunebeta.web.connection import (
    Deadline,
    Dialer,
    Resolver,
    Stream,
    resolve,
    response_on,
)
from kommunebeta.web.failures import (
    AddressError,
    AnswerError,
    FetchError,
    StatusError,
    Trouble,
    told_as_ours,
)
from kommunebeta.web.public import is_public
from kommunebeta.web.retry import retry_after

_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_AT_ONCE = 65_536


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server gave.

    Attributes:
        host: the one that gave it, after redirects.
        media_type: what it says it is, in small letters without parameters, such as ``application/json``.
        body: the bytes, unpacked.
    """

    host: str
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how often we try.

    Attributes:
        connect: seconds for a name or a connection.
        read: seconds without a byte.
        total: seconds for everything, further tries and redirects included.
        redirects: how many are followed.
        retries: how many further tries there are.
        pause: seconds before the first further try, doubled before each one after.
        longest_pause: the longest that a server may make us wait (``Retry-After``); no further try beyond.
        per_host: requests to one host at the same time.
    """

    connect: float = 5
    read: float = 10
    total: float = 30
    redirects: int = 3
    retries: int = 2
    pause: float = 0.5
    longest_pause: float = 10
    per_host: int = 2


class Client:
    """Fetches; may be used by several threads. Cookies and logins are neither sent nor kept."""

    def __init__(
        self,
        limits: Limits = Limits(),
        *,
        resolver: Resolver = resolve,
        rule: Callable[[str], bool] = is_public,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """Make a client.

        Args:
            limits: how long and how often it tries.
            resolver: knows where hosts are; by default the system.
            rule: whether it may connect to an IP address; by default public ones alone.
            context: whose certificates it trusts; by default those that the system trusts.
        """
        self._limits = limits
        trusted = context or ssl.create_default_context()
        self._dialer = Dialer(resolver, rule, trusted, limits.connect, limits.read)
        self._turns: defaultdict[str, threading.BoundedSemaphore]
        self._turns = defaultdict(lambda: threading.BoundedSemaphore(limits.per_host))
        self._turns_lock = threading.Lock()

    def get(self, url: str, *, accept: str, most: int) -> Answer:
        """Fetch an address.

        Args:
            url: begins with ``https://``.
            accept: media types that we can use (RFC 9110, section 12.5.1).
            most: bytes that are read, counted after unpacking.

        Raises:
            FetchError: see ``failures`` for the kinds.
        """
        deadline = Deadline(self._limits.total)
        tried = 0
        while True:
            try:
                return self._follow(url, accept, most, deadline)
            except FetchError as error:
                pause = self._pause(tried, error)
                if pause is None or pause >= deadline.rest:
                    raise
            time.sleep(pause)
            tried += 1

    def _pause(self, tried: int, error: FetchError) -> float | None:
        """Seconds before the next try, spread by chance so that several sites do not come back at once."""
        if tried >= self._limits.retries or not error.passing:
            return None
        if error.wait is not None and error.wait > self._limits.longest_pause:
            return None
        pause = self._limits.pause * (1 << tried) * random.uniform(0.75, 1.5)
        return min(max(pause, error.wait or 0), self._limits.longest_pause)

    def _follow(self, url: str, accept: str, most: int, deadline: Deadline) -> Answer:
        seen: set[str] = set()
        host = ""
        while url not in seen and len(seen) <= self._limits.redirects:
            seen.add(url)
            address = _public(url, host)
            host = address.full_host
            given = self._once(address, accept, most, deadline)
            if isinstance(given, Answer):
                return given
            url = given
        raise AddressError(Trouble.REDIRECTS, f"{host} sends us round and round")

    def _once(self, address: Address, accept: str, most: int, deadline: Deadline) -> Answer | str:
        """One request.

        Returns:
            The answer, or the address that it sends us to.
        """
        host = address.full_host
        with (
            told_as_ours(host),
            self._turn(host, deadline),
            self._dialer.open(host, deadline) as stream,
            _asked(stream, address, accept) as response,
        ):
            if response.status in _REDIRECTS:
                return urljoin(address.url, response.getheader("Location") or "").partition("#")[0]
            if response.status != 200:
                raise _status_error(host, response)
            media_type = (response.getheader("Content-Type") or "").partition(";")[0].strip().lower()
            return Answer(host, media_type, _body(response, host, most))

    @contextlib.contextmanager
    def _turn(self, host: str, deadline: Deadline) -> Iterator[None]:
        """Wait until few enough others ask the same host; waiting takes nothing from our own time."""
        with self._turns_lock:
            turn = self._turns[host]
        began = time.monotonic()
        with turn:
            deadline.extend(time.monotonic() - began)
            yield


def _public(url: str, sender: str) -> Address:
    """An address that may be asked.

    Args:
        url: the address.
        sender: the host that sends us there, if any.

    Raises:
        AddressError: it is not one of a public web server by https.
    """
    address = parse_address(url)
    if address is None or not url.startswith("https://"):
        where = f"{sender} sends us to" if sender else "this is"
        raise AddressError(Trouble.ADDRESS, f"{where} an address that is not one of the public web by https")
    return address


def _asked(stream: Stream, address: Address, accept: str) -> AbstractContextManager[HTTPResponse]:
    """Ask for an address."""
    split = urlsplit(address.url)
    target = (split.path or "/") + (f"?{split.query}" if split.query else "")
    head = (
        f"GET {target} HTTP/1.1\r\nHost: {address.full_host}\r\nUser-Agent: Kommunebeta/{__version__}\r\n"
        f"Accept: {accept}\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
    )
    stream.sendall(head.encode("ascii"))
    return response_on(stream, "GET")


def _status_error(host: str, response: HTTPResponse) -> StatusError:
    """What another status than 200 means.

    A server that takes us for a robot (Cloudflare's ``cf-mitigated``) says 403, too; that tells
    nothing of what we asked for.
    """
    status = response.status
    challenged = status == 403 and bool(response.getheader("cf-mitigated"))
    if challenged:
        return StatusError(Trouble.STATUS, f"{host} turns programs away", status=429, passing=True)
    passing = status == 429 or (status >= 500 and status != 501)
    wait = retry_after(response.getheader("Retry-After") or "") if passing else None
    return StatusError(Trouble.STATUS, f"{host} answered {status}", status=status, passing=passing, wait=wait)


def _body(response: HTTPResponse, host: str, most: int) -> bytes:
    """The whole body, unpacked; never more than allowed, whatever it would unpack to."""
    packing = (response.getheader("Content-Encoding") or "identity").strip().lower()
    if packing not in ("identity", "gzip", "x-gzip", "deflate"):
        raise AnswerError(Trouble.DAMAGED, f"{host} packs its answer in a way that we did not ask for")
    too_long = AnswerError(Trouble.LENGTH, f"the answer of {host} is longer than {most:,} bytes")
    unpack = zlib.decompressobj(wbits=47) if packing != "identity" else None  # 32 + 15: gzip or zlib
    body = bytearray()
    came = 0
    if (response.length or 0) > most:
        raise too_long
    while chunk := response.read(_AT_ONCE):
        came += len(chunk)
        body += unpack.decompress(chunk, most + 1 - len(body)) if unpack else chunk
        if max(came, len(body)) > most:
            raise too_long
    if response.length or (unpack and not unpack.eof):
        raise AnswerError(Trouble.DAMAGED, f"the answer of {host} broke off", passing=True)
    return bytes(body)
