"""Netlify's interface over HTTPS: asked again where that may help, and never with the token in a message.

Source: Netlify's OpenAPI description (github.com/netlify/open-api, ``swagger.yml``) and «Get started with the
Netlify API» (docs.netlify.com); the numbers of concurrent uploads and the states are those that Netlify's own
clients use (github.com/netlify/cli, ``src/utils/deploy``).
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import random
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import urlsplit

from kommunebeta import __version__
from kommunebeta.errors import OutsideError
from kommunebeta.web.connection import Deadline, Dialer, Stream, resolve, response_on
from kommunebeta.web.failures import FetchError, told_as_ours
from kommunebeta.web.public import is_public
from kommunebeta.web.retry import retry_after

ENDPOINT = "https://api.netlify.com/api/v1"
TOKEN = "NETLIFY_AUTH_TOKEN"
"""Variable of the environment that holds the token, as Netlify's own command calls it."""

_RAW = "application/vnd.bitballoon.v1.raw"
_TRIES = 6
_CONNECT = 10.0
_READ = 60.0
_LONGEST_WAIT = 120.0
_MOST = 256 << 20
_SLOWEST = 20_000
"""Bytes a second below which we do not wait for an upload."""

STAYS = "Readers still get what they got before."
"""What is true of every failure before a deploy is published."""


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent with a request.

    Attributes:
        media_type: what it is.
        size: bytes.
        parts: gives it anew for each attempt, bit by bit.
    """

    media_type: str
    size: int
    parts: Callable[[], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What Netlify gave.

    Attributes:
        status: such as 200.
        data: the body.
        next: the path of the following page of a list; empty where there is none.
        wait: seconds until we may ask again, where it told; None where it did not.
    """

    status: int
    data: bytes
    next: str = ""
    wait: float | None = None


class RefusedError(OutsideError):
    """Netlify said no.

    Attributes:
        status: such as 404.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class NetlifyApi:
    """See the module. May be used by several threads."""

    def __init__(self, endpoint: str, token: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        split = urlsplit(endpoint)
        self._host, self._plain = split.hostname or "", split.scheme == "http"
        self._port = split.port or (80 if self._plain else 443)
        self._base = split.path.rstrip("/")
        self._token = token
        self._sleep = sleep
        self._dialer = Dialer(resolve, is_public, ssl.create_default_context(), _CONNECT, _READ)

    def get(self, path: str) -> Any:
        """What Netlify says of something, read as JSON."""
        return _read(self._asked("GET", path).data)

    def listed(self, path: str) -> list[Mapping[str, Any]]:
        """A list, with all of its pages."""
        found: list[Mapping[str, Any]] = []
        seen: set[str] = set()
        while path and path not in seen:
            seen.add(path)
            answer = self._asked("GET", path)
            found += _read(answer.data)
            path = answer.next.removeprefix(self._base)
        return found

    def post(self, path: str, value: object) -> Any:
        """Ask for something to be made or done."""
        data = json.dumps(value).encode()
        return _read(self._asked("POST", path, Body("application/json", len(data), lambda: (data,))).data)

    def delete(self, path: str) -> None:
        """Have something deleted; what is not there any more is as good."""
        try:
            self._asked("DELETE", path)
        except RefusedError as error:
            if error.status != 404:
                raise

    def cancel(self, path: str) -> None:
        """Ask once that something be given up, whatever comes of it."""
        with contextlib.suppress(OutsideError):
            self._asked("POST", path, Body("application/json", 2, lambda: (b"{}",)), tries=1)

    def put(self, path: str, body: Body) -> None:
        """Send a file."""
        self._asked("PUT", path, body)

    def raw(self, path: str) -> bytes:
        """What a file holds; empty where Netlify does not give it."""
        try:
            return self._asked("GET", path, more=f"Accept: {_RAW}\r\nContent-Type: {_RAW}\r\n").data
        except OutsideError:
            return b""

    def public(self, url: str) -> bytes:
        """What the public address of a deploy shows, asked without the token; empty where that fails."""
        split = urlsplit(url)
        ours = (split.hostname or "").endswith(".netlify.app") and split.scheme == "https"
        if not ours and not (self._plain and split.hostname == self._host and split.port == self._port):
            return b""
        guest = NetlifyApi(f"{split.scheme}://{split.netloc}", "", sleep=self._sleep)
        try:
            return guest._asked("GET", split.path).data
        except OutsideError:
            return b""

    def _asked(
        self, method: str, path: str, body: Body | None = None, more: str = "", tries: int = 0
    ) -> Answer:
        """An answer that says yes; the same is asked again while that may help."""
        most = tries or _TRIES
        for tried in range(most):
            last = tried + 1 == most
            try:
                answer = self._once(method, path, body, more)
            except FetchError as error:
                if last or not error.outside:
                    raise OutsideError(
                        f"Netlify cannot be asked: {error}. {STAYS} Try again later."
                    ) from error
                self._sleep(_pause(tried, None))
                continue
            if answer.status < 300:
                return answer
            passing = answer.status in (408, 429) or answer.status >= 500
            if last or not passing or (answer.wait or 0) > _LONGEST_WAIT:
                raise RefusedError(why_refused(answer, self._host), answer.status)
            self._sleep(_pause(tried, answer.wait))
        raise AssertionError

    def _once(self, method: str, path: str, body: Body | None, more: str) -> Answer:
        size = body.size if body else 0
        deadline = Deadline(2 * _READ + size / _SLOWEST)
        host = f"{self._host}:{self._port}" if self._port not in (80, 443) else self._host
        login = f"Authorization: Bearer {self._token}\r\n" if self._token else ""
        kind = f"Content-Type: {body.media_type}\r\nContent-Length: {size}\r\n" if body else ""
        head = (
            f"{method} {self._base}{path} HTTP/1.1\r\nHost: {host}\r\n"
            f"User-Agent: Kommunebeta/{__version__}\r\nConnection: close\r\n"
            f"Accept-Encoding: identity\r\n{login}{kind}{more}\r\n"
        )
        with told_as_ours(self._host), self._open(deadline) as stream:
            stream.sendall(head.encode("ascii"))
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it may have answered already
                for part in body.parts() if body else ():
                    stream.sendall(part)
            with response_on(stream, method) as response:
                data = response.read(_MOST)
                if response.length:
                    raise ConnectionResetError
                following = _next(response.getheader("Link") or "")
                return Answer(response.status, data, following, _wait(response.headers))

    @contextlib.contextmanager
    def _open(self, deadline: Deadline) -> Iterator[Stream]:
        if not self._plain:
            with self._dialer.open(self._host, deadline, self._port) as stream:
                yield stream
            return
        with socket.create_connection((self._host, self._port), deadline.left(_CONNECT)) as plain:
            yield Stream(plain, deadline, _READ)


def is_loop(endpoint: str) -> bool:
    """Whether an address is one of this machine."""
    host = urlsplit(endpoint).hostname or ""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def why_refused(answer: Answer, host: str) -> str:
    """Why Netlify said no, and what to do."""
    match answer.status:
        case 401:
            return f"{host} does not take the token in {TOKEN}: it has ended or was withdrawn. {STAYS}"
        case 403:
            return (
                f"The token in {TOKEN} may not do that at {host}. {STAYS} Take one of a member of the team."
            )
        case 404:
            return f"{host} knows no such site for this token. {STAYS} Look at «site» in the settings."
        case 429:
            until = f" It says: in {answer.wait:.0f} seconds." if answer.wait else ""
            return f"{host} was asked too often: few deploys a minute are allowed. {STAYS} Try later.{until}"
    said = _message(answer.data)
    after = "Try again later." if answer.status >= 500 else ""
    return f"{host} answered {answer.status}{f' («{said}»)' if said else ''}. {STAYS} {after}".rstrip()


def _message(data: bytes) -> str:
    try:
        said = json.loads(data)["message"]
    except (ValueError, TypeError, KeyError):
        return ""
    return "".join(sign if sign.isprintable() else " " for sign in str(said))[:200]


def _read(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise OutsideError(f"Netlify's answer cannot be read. {STAYS} Try again later.") from error


def _pause(tried: int, wait: float | None) -> float:
    if wait is not None:
        return wait + random.uniform(0.1, 0.5)
    return float(min(0.25 * 2**tried, 8) * random.uniform(0.75, 1.25))


def _wait(headers: Message) -> float | None:
    """Seconds until the limit is lifted, as its headers tell, which hold a moment in Unix time."""
    if wait := retry_after(headers.get("Retry-After", "")):
        return wait
    reset = headers.get("X-RateLimit-Reset", "")
    if headers.get("X-RateLimit-Remaining", "") == "0" and re.fullmatch(r"\d{9,11}", reset):
        return max(0.0, float(reset) - time.time())
    return None


def _next(link: str) -> str:
    """The path of the page that follows (RFC 8288)."""
    found = re.search(r'<([^>]+)>\s*;[^,]*rel="?next"?', link)
    if not found:
        return ""
    split = urlsplit(found[1])
    return f"{split.path}?{split.query}" if split.query else split.path
