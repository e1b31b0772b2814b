"""Whether readers get what was sent: each file from its public address, with the headers that matter."""

from __future__ import annotations

import hashlib
import re
import ssl
import time
import zlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPResponse
from urllib.parse import quote, unquote, urljoin, urlsplit

from kommunebeta import __version__
from kommunebeta.deploy.hosts import NOT_SHOWN
from kommunebeta.deploy.object_store.caching import content_of
from kommunebeta.deploy.parcel import LocalFile, is_fingerprinted
from kommunebeta.errors import UsageError
from kommunebeta.headers import content_type, parse_policy
from kommunebeta.web.connection import Deadline, Dialer, resolve, response_on
from kommunebeta.web.failures import FetchError, told_as_ours
from kommunebeta.web.workers import each

AT_ONCE = 4
_SECONDS = 120.0
_CONNECT, _READ = 10.0, 30.0
_HOPS = 3
_LOCAL = ("localhost", "127.0.0.1", "::1")
_REDIRECTS = (301, 302, 303, 307, 308)
_ALLOWED = "%!#$&'()*+,/:;=?@[]~"
_MONTH = 30 * 24 * 3600
_ALSO = {
    "text/javascript": ("application/javascript", "application/x-javascript"),
    "application/xml": ("text/xml",),
    "application/atom+xml": ("application/xml", "text/xml"),
    "application/rss+xml": ("application/xml", "text/xml"),
    "application/feed+json": ("application/json",),
    "application/manifest+json": ("application/json",),
    "image/x-icon": ("image/vnd.microsoft.icon",),
    "audio/mp4": ("audio/x-m4a",),
    "audio/wav": ("audio/x-wav",),
    "audio/ogg": ("application/ogg",),
    "font/woff": ("application/font-woff",),
    "application/zip": ("application/x-zip-compressed",),
}
"""Other names of media types, by which browsers and readers of feeds know what they get as well."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for at the public address.

    Attributes:
        address: where readers find the site.
        moved: old paths from the host's root, at which the host itself may answer with another address.
        policy: the content security policy that pages have to come with; empty where none is asked for.
        lifetimes: whether fingerprinted files have to come with a long lifetime.
        patience: seconds for which what differs is asked for again, since a delivery network may lag behind.
    """

    address: str
    moved: Collection[str] = ()
    policy: str = ""
    lifetimes: bool = False
    patience: float = 20.0


def differences(
    asked: Asked, files: Iterable[LocalFile], told: Callable[[int], None] = lambda files: None
) -> tuple[str, ...]:
    """What readers do not get as it was sent.

    Args:
        asked: what is looked for, and where.
        files: the files to fetch; those that servers read rather than show are passed over.
        told: told of files that are done.

    Returns:
        An address and what is wrong with it, for each, sorted.

    Raises:
        UsageError: the address is neither https nor on this machine.
    """
    refuse_unsafe(asked.address)
    dialer = Dialer(resolve, lambda ip: True, ssl.create_default_context(), _CONNECT, _READ)
    end, pause = time.monotonic() + asked.patience, 1.0
    waiting = [file for file in files if _is_shown(file.path)]
    while True:
        wrong: dict[LocalFile, str] = {}
        for file, fault in each(lambda file: _fault(dialer, asked, file), waiting, AT_ONCE):
            if fault:
                wrong[file] = fault
            else:
                told(1)
        if not wrong or time.monotonic() + pause > end:
            return tuple(
                sorted(f"{_address(asked.address, file.path)}: {what}" for file, what in wrong.items())
            )
        time.sleep(pause)
        waiting, pause = list(wrong), pause * 2


def with_samples(sent: Iterable[LocalFile], files: Mapping[str, LocalFile]) -> tuple[LocalFile, ...]:
    """What was sent, and one file of each other kind, since a server treats files of a kind alike.

    Args:
        sent: what was sent.
        files: every file of the site, by path.
    """
    looked_at = list(sent)
    seen = {_treatment(file.path) for file in looked_at}
    for path in sorted(filter(_is_shown, files)):
        if (kind := _treatment(path)) not in seen:
            seen.add(kind)
            looked_at.append(files[path])
    return tuple(looked_at)


def _treatment(path: str) -> tuple[str, bool]:
    return content_type(path), is_fingerprinted(path)


def refuse_unsafe(address: str) -> None:
    """Refuse an address from which anybody on the way may answer.

    Raises:
        UsageError: it is neither https nor on this machine.
    """
    if not _is_safe(address):
        raise UsageError(
            f"{address} is not https, so what comes from there proves nothing. Set «base_url», or the "
            "target's «url», or leave --verify-url out."
        )


def _is_safe(address: str) -> bool:
    split = urlsplit(address)
    return split.scheme == "https" or split.hostname in _LOCAL


def _is_shown(path: str) -> bool:
    hidden = any(part.startswith(".") and part != ".well-known" for part in path.split("/"))
    return not hidden and path not in NOT_SHOWN and not path.startswith(("headers/", "redirects/"))


def _address(address: str, path: str) -> str:
    shown = path.removesuffix("index.html") if path == "index.html" or path.endswith("/index.html") else path
    return urljoin(address if address.endswith("/") else address + "/", quote(shown))


def _fault(dialer: Dialer, asked: Asked, file: LocalFile) -> str:
    address = _address(asked.address, file.path)
    try:
        return _compared(dialer, asked, file, address)
    except FetchError as error:
        return str(error)


def _compared(dialer: Dialer, asked: Asked, file: LocalFile, address: str) -> str:
    host = urlsplit(address).hostname or ""
    deadline = Deadline(_SECONDS)
    for _ in range(_HOPS):
        status, headers, digest = _fetched(dialer, address, deadline)
        if status not in _REDIRECTS:
            break
        if unquote(urlsplit(address).path) in asked.moved:
            return ""
        address, fault = _led(address, headers.get("Location") or "", host)
        if fault:
            return fault
    if status != 200 and not (status == 404 and file.path == "404.html"):
        return f"the answer is {status}"
    if digest != file.digest:
        return "what comes is not what was sent"
    return _of_headers(asked, file.path, headers)


def _led(address: str, location: str, host: str) -> tuple[str, str]:
    """Where an answer leads, and what is wrong with that; bytes in it are kept as they came."""
    try:
        led = urljoin(address, quote(location.encode("latin-1"), safe=_ALLOWED))
        split = urlsplit(led)
        known = split.port is None or split.port > 0
    except ValueError:
        known = False
    if not known:
        return "", "it leads to what is no address"
    if split.hostname != host:
        return "", f"it leads to {split.hostname or 'no other page'}"
    return led, "" if _is_safe(led) else "it leads away from https, to where anybody on the way may answer"


def _fetched(dialer: Dialer, address: str, deadline: Deadline) -> tuple[int, Message, str]:
    split = urlsplit(address)
    host = split.hostname or ""
    opened = dialer.open if split.scheme == "https" else dialer.open_plain
    port = split.port or (443 if split.scheme == "https" else 80)
    with told_as_ours(host), opened(host, deadline, port) as stream:
        target = (split.path or "/") + (f"?{split.query}" if split.query else "")
        if stream.login is not None:  # a proxy wants the whole address
            target = f"{split.scheme}://{split.netloc}{target}"
        head = (
            f"GET {target} HTTP/1.1\r\nHost: {split.netloc.rpartition('@')[2]}\r\n{stream.login or ''}"
            f"User-Agent: kommunebeta/{__version__} (deploy)\r\nAccept: */*\r\nAccept-Encoding: gzip\r\n"
            "Cache-Control: no-cache\r\nConnection: close\r\n\r\n"
        )
        stream.sendall(head.encode("ascii"))
        with response_on(stream, "GET") as response:
            return response.status, response.headers, _digest_of(response)


def _digest_of(response: HTTPResponse) -> str:
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    digest = hashlib.sha256()
    if encoding == "gzip":
        unpacker = zlib.decompressobj(wbits=31)
        while data := response.read(1 << 16):
            digest.update(unpacker.decompress(data))
        digest.update(unpacker.flush())
    elif encoding in ("", "identity"):
        while data := response.read(1 << 16):
            digest.update(data)
    else:
        digest.update(content_of(response.read(), encoding))
    return digest.hexdigest()


def _of_headers(asked: Asked, path: str, headers: Mapping[str, str] | Message) -> str:
    wanted, charset = _parted(content_type(path))
    kind, given = _parted(headers.get("Content-Type") or "")
    if wanted != "application/octet-stream" and kind not in (wanted, *_ALSO.get(wanted, ())):
        return f"Content-Type is «{kind or 'missing'}» instead of «{wanted}»"
    # A script without a character set has that of its page (HTML, «fetch a classic script»).
    declared = wanted.startswith("text/") and wanted != "text/javascript"
    if charset and declared and given != "utf-8":
        return f"Content-Type «{kind}» lacks «charset=utf-8»"
    if asked.policy and wanted == "text/html":
        policy = headers.get("Content-Security-Policy")
        if not policy:
            return "Content-Security-Policy is missing"
        if parse_policy(policy) != parse_policy(asked.policy):
            return "Content-Security-Policy is not this build's: let the server read its settings again"
    if asked.lifetimes and is_fingerprinted(path) and _lifetime(headers.get("Cache-Control") or "") < _MONTH:
        return "Cache-Control lets browsers keep it for less than a month, though it never changes"
    return ""


def _parted(value: str) -> tuple[str, str]:
    kind, _, rest = value.partition(";")
    found = re.search(r"charset\s*=\s*\"?([\w-]+)", rest, re.IGNORECASE)
    return kind.strip().lower(), found[1].lower() if found else ""


def _lifetime(value: str) -> int:
    found = re.search(r"(?<![\w-])max-age\s*=\s*\"?(\d+)", value)
    return int(found[1]) if found and "no-store" not in value else 0
