"""Addresses as providers look at them: host, path and query taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlsplit

_HOST = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{0,57}[a-z0-9])", re.ASCII
)
_NOT_PUBLIC = frozenset(("arpa", "internal", "local", "localhost", "onion"))
"""Top domains that no public web server has (RFC 6761, 6762, 7686, 8375; ICANN 2024 of ``internal``)."""

_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\x9f\\\ud800-\udfff]")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_SPAN = re.compile(r"(?:(\d{1,3})h)?(?:(\d{1,4})m)?(?:(\d{1,6})s?)?", re.ASCII)
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{2})", re.ASCII)
_LONGEST = 2000
_LONGEST_HOST = 253
_MOST_VALUES = 100
_MOST_SECONDS = 999_999


@dataclass(frozen=True, slots=True)
class Address:
    """An address on the web.

    Attributes:
        text: the whole, as written.
        host: in small letters, without port and without ``www.`` and ``m.``.
        full_host: the host as it is.
        parts: the path's parts, percent-decoded, without empty ones.
        path: the parts with a slash between them; a slash within a part stays ``%2F``.
        query: the first value of each name.
        fragment: what follows ``#``.
        url: the whole by https, with every sign escaped that is not plain ASCII or could end an attribute.
    """

    text: str
    host: str
    full_host: str
    parts: tuple[str, ...]
    path: str
    query: dict[str, str]
    fragment: str
    url: str


def parse_address(text: str) -> Address | None:
    """Take an address apart.

    Args:
        text: such as ``https://youtu.be/abc``; ``//host/…`` and http count as https.

    Returns:
        None where it is no address of a public web server: another scheme, a user name, a port of
        its own, a bare number or letters beyond ASCII as host, steps up (``..``), control
        characters, or more than 2000 characters.
    """
    if len(text) > _LONGEST or _FORBIDDEN.search(text):
        return None
    try:
        split = urlsplit("https:" + text if text.startswith("//") else text)
        host = _public_host(split)
        values = parse_qs(split.query, keep_blank_values=True, max_num_fields=_MOST_VALUES)
    except ValueError:
        return None
    parts = tuple(unquote(part) for part in split.path.split("/") if part)
    url = _by_https(split, host)
    if not host or not {".", ".."}.isdisjoint(parts) or len(url) > _LONGEST:
        return None
    return Address(
        text,
        re.sub(r"^(?:www|mobile|m)\.(?=[^.]+\.)", "", host),
        host,
        parts,
        "/".join(part.replace("/", "%2F") for part in parts),
        {name: given[0] for name, given in values.items()},
        split.fragment,
        url,
    )


def _public_host(split: SplitResult) -> str:
    """The host in small letters, or an empty text. Raises ValueError for a port that is no number."""
    if split.scheme not in ("http", "https") or "@" in split.netloc or not split.netloc.isascii():
        return ""
    if split.port not in (None, 443 if split.scheme == "https" else 80):
        return ""
    host = (split.hostname or "").removesuffix(".")
    known = len(host) <= _LONGEST_HOST and _HOST.fullmatch(host)
    return host if known and host.rpartition(".")[2] not in _NOT_PUBLIC else ""


def _by_https(split: SplitResult, host: str) -> str:
    query = f"?{escaped(split.query)}" if split.query else ""
    fragment = f"#{escaped(split.fragment)}" if split.fragment else ""
    return f"https://{host}{escaped(split.path)}{query}{fragment}"


def escaped(text: str) -> str:
    """A part of an address with everything escaped that no address holds; what is escaped stays so."""
    return _ESCAPE.sub(lambda found: found[0].upper(), quote(text, safe="%/:?#@!$&()*+,;=~"))


def frame_origin(frame: str) -> str:
    """The origin of a frame's address, as a policy names it (CSP Level 3, ``frame-src``), or empty."""
    address = parse_address(frame)
    return f"https://{address.full_host}" if address else ""


def seconds(text: str) -> int | None:
    """A time into a film in seconds: ``90``, ``90s``, ``1m30s``, ``1h2m3s``, ``1:30``, ``1:02:03``.

    Returns:
        None where it is not a time.
    """
    text = text.strip().lower()
    if clock := _CLOCK.fullmatch(text):
        found = int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + int(clock[3])
    elif text and (span := _SPAN.fullmatch(text)):
        found = int(span[1] or 0) * 3600 + int(span[2] or 0) * 60 + int(span[3] or 0)
    else:
        return None
    return found if found <= _MOST_SECONDS else None


def fragment_values(fragment: str) -> dict[str, str]:
    """What a fragment such as ``t=90&x=1`` says by name."""
    pairs = (pair.partition("=") for pair in fragment.split("&"))
    return {name: value for name, mark, value in pairs if mark}


def encoded(text: str) -> str:
    """A text as one part of a path or a value of a query."""
    return quote(text, safe="")
