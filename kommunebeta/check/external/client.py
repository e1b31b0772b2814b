"""One address elsewhere → what its server says: politely, on the public net alone, in bounded time."""

from __future__ import annotations

import contextlib
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from http.client import HTTPResponse
from urllib.parse import quote, urljoin

from kommunebeta import __version__
from kommunebeta.check.external.address import Reach, WebAddress, reach, web_address
from kommunebeta.check.external.answer import Answer, Verdict
from kommunebeta.check.external.meaning import endless, failed, said
from kommunebeta.check.external.reply import Reply, reply_of
from kommunebeta.config import Settings
from kommunebeta.web.connection import Deadline, Dialer, Resolver, Stream, resolve, response_on
from kommunebeta.web.failures import FetchError, StatusError, Trouble, told_as_ours
from kommunebeta.web.public import is_public

_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_FOR_GOOD = frozenset((301, 308))
_CERTAIN = frozenset((Trouble.NAME, Trouble.CERTIFICATE, Trouble.ADDRESS))


@dataclass(frozen=True, slots=True)
class LinkLimits:
    """How patient and how polite the client is.

    Attributes:
        hosts: how many are asked at the same time; each of them one thing at a time.
        pause: seconds between two requests to a host.
        connect: seconds for a name or a connection.
        read: seconds without a byte.
        total: seconds for an address, redirects included, waiting for a turn left out.
        redirects: how many are followed.
        longest_wait: the longest that a server may make us wait (``Retry-After``), in seconds.
        waits: how often it may do so for one address.
        busy: seconds to wait where a server says that it is busy, but not for how long.
        silences: after so many failures in a row a host is left alone.
    """

    hosts: int = 8
    pause: float = 0.5
    connect: float = 5
    read: float = 10
    total: float = 20
    redirects: int = 10
    longest_wait: float = 30
    waits: int = 2
    busy: float = 5
    silences: int = 4


class _Host:
    """A host that is asked, one thing at a time."""

    def __init__(self) -> None:
        self.refusal: FetchError | None = None
        self.silences = 0
        self.free = 0.0
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def turn(self, deadline: Deadline, pause: float) -> Iterator[None]:
        """Wait for our turn, which takes nothing from our own time.

        Raises:
            FetchError: the host is left alone by now.
        """
        began = time.monotonic()
        with self._lock:
            if self.refusal is None:
                time.sleep(max(0.0, self.free - time.monotonic()))
            deadline.extend(time.monotonic() - began)
            if self.refusal is not None:
                raise self.refusal
            try:
                yield
            finally:
                self.free = time.monotonic() + pause


class LinkClient:
    """Asks whether addresses are there; may be used by several threads. It sends and keeps no cookie.

    Attributes:
        limits: how patient and how polite it is.
    """

    def __init__(
        self,
        base_url: str,
        language: str,
        limits: LinkLimits = LinkLimits(),
        *,
        resolver: Resolver = resolve,
        rule: Callable[[str], bool] = is_public,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """Make a client.

        Args:
            base_url: address of the site whose links they are, so that servers know who asks.
            language: the site's.
            limits: how patient and how polite it is.
            resolver: knows where hosts are; by default the system.
            rule: whether it may connect to an IP address; by default public ones alone.
            context: whose certificates it trusts; by default those that the system trusts.
        """
        self.limits = limits
        self._head = (
            f"User-Agent: Kommunebeta/{__version__} (+{quote(base_url, safe='%/:[]')})\r\n"
            "Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r\n"
            f"Accept-Language: {quote(language)},*;q=0.5\r\n"
            "Accept-Encoding: gzip\r\nConnection: close\r\n"
        )
        trusted = context or ssl.create_default_context()
        self._dialer = Dialer(resolver, rule, trusted, limits.connect, limits.read)
        self._hosts: dict[tuple[str, int], _Host] = {}
        self._lock = threading.Lock()

    def ask(self, address: WebAddress) -> Answer:
        """Ask for an address by HEAD, and by GET where that gives no good answer.

        Args:
            address: one on the public net.
        """
        deadline = Deadline(self.limits.total)
        answer, certain = self._follow(address, "HEAD", deadline)
        return answer if certain else self._follow(address, "GET", deadline)[0]

    def _follow(self, address: WebAddress, method: str, deadline: Deadline) -> tuple[Answer, bool]:
        """Follow an address through its redirects.

        Returns:
            What came of it, and whether another method would bring nothing else.
        """
        seen: set[str] = set()
        new, for_good, cookie, at = "", True, False, address
        while at.url not in seen and len(seen) <= self.limits.redirects:
            seen.add(at.url)
            try:
                reply = self._patiently(at, method, deadline)
            except FetchError as error:
                certain = error.kind in _CERTAIN or error.status == 429
                return failed(error, at.host), certain
            if reply.status not in _REDIRECTS or not reply.location:
                return said(reply, at.host, new), 200 <= reply.status < 300
            led = _led(at, reply.location)
            if isinstance(led, Answer):
                return led, True
            for_good = for_good and reply.status in _FOR_GOOD
            new = led.url if for_good else new
            cookie = cookie or reply.cookie
            at = led
        return endless(at.host, closed=at.url in seen, cookie=cookie), False

    def _patiently(self, address: WebAddress, method: str, deadline: Deadline) -> Reply:
        """One answer, waited for where a busy server names a time that we have."""
        host = self._host(address)
        for _ in range(self.limits.waits + 1):
            reply = self._once(address, host, method, deadline)
            busy = reply.status == 429 or (reply.status == 503 and reply.wait is not None)
            if not busy:
                return reply
            wait = self.limits.busy if reply.wait is None else reply.wait
            if wait > self.limits.longest_wait:
                break
            host.free = time.monotonic() + max(wait, self.limits.pause)
        message = f"{address.host} answers {reply.status} (too busy)"
        host.refusal = StatusError(Trouble.STATUS, message, status=429)
        raise host.refusal

    def _once(self, address: WebAddress, host: _Host, method: str, deadline: Deadline) -> Reply:
        with host.turn(deadline, self.limits.pause):
            try:
                with (
                    told_as_ours(address.host),
                    self._opened(address, deadline) as stream,
                    self._asked(stream, address, method) as response,
                ):
                    host.silences = 0
                    return reply_of(response)
            except FetchError as error:
                host.silences += 1
                if error.kind in _CERTAIN or host.silences >= self.limits.silences:
                    host.refusal = error
                raise

    def _opened(self, address: WebAddress, deadline: Deadline) -> AbstractContextManager[Stream]:
        opened = self._dialer.open if address.secure else self._dialer.open_plain
        return opened(address.host, deadline, address.port)

    def _asked(
        self, stream: Stream, address: WebAddress, method: str
    ) -> AbstractContextManager[HTTPResponse]:
        target = address.target if stream.login is None else address.url
        head = (
            f"{method} {target} HTTP/1.1\r\nHost: {address.authority}\r\n{stream.login or ''}{self._head}\r\n"
        )
        stream.sendall(head.encode("ascii"))
        return response_on(stream, method)

    def _host(self, address: WebAddress) -> _Host:
        with self._lock:
            return self._hosts.setdefault((address.host, address.port), _Host())


def client_for(settings: Settings) -> LinkClient:
    """The client with which the links of a site are asked."""
    return LinkClient(settings.base_url, settings.language)


def _led(at: WebAddress, location: str) -> WebAddress | Answer:
    """Where a redirect leads, or what it means where that must not be asked."""
    try:
        led = web_address(urljoin(at.url, location))
    except ValueError:
        led = None
    if led is None:
        return Answer(Verdict.UNSURE, f"{at.host} leads on to something that is no web page")
    found = reach(led.host)
    if found in (Reach.INSIDE, Reach.INTRANET):
        return Answer(Verdict.INSIDE, f"{at.host} leads on to {led.host}")
    if found is Reach.NOWHERE:
        return Answer(Verdict.UNSURE, f"{at.host} leads on to {led.host}, a name for examples")
    return led
