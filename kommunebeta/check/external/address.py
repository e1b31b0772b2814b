"""Addresses of other sites: how they are asked for, and who can reach them."""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from urllib.parse import SplitResult, quote, urlsplit

from kommunebeta.web.public import is_public

_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*)(?:\.[a-z0-9_-]+)*", re.ASCII)
_NUMBER = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)", re.ASCII)
"""A host that browsers read as an IPv4 address (WHATWG URL, "ends in a number")."""

_PORTS = {"http": 80, "https": 443}
_LONGEST = 2000
_INSIDE = frozenset(
    ("corp", "home", "internal", "intra", "intranet", "intranett", "lan", "local", "localdomain", "localhost")
)
"""Top domains that no public server has (RFC 6761, 6762 with appendix G; ICANN 2024 of ``internal``)."""

_RESERVED = frozenset(("example", "invalid", "onion", "test"))
"""Top domains that stand for nothing on the web (RFC 2606, 6761, 7686)."""

_EXAMPLES = re.compile(r"(?:.*\.)?example\.(?:com|net|org)")
_EXAMPLE_NETS = tuple(
    map(ipaddress.ip_network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"))
)
"""Networks for documentation (RFC 5737, 3849)."""

_INTRANETS = frozenset(("intranet", "intranett"))


class Reach(Enum):
    """From where a host can be reached."""

    PUBLIC = "from everywhere"
    INSIDE = "from inside a network alone"
    INTRANET = "by its name, from inside an organisation alone"
    NOWHERE = "from nowhere, for its name is reserved for examples"


@dataclass(frozen=True, slots=True)
class WebAddress:
    """An address on the web, in the one way of writing in which it is asked for.

    Attributes:
        url: the whole, without a fragment, in plain ASCII.
        secure: it is asked for by https.
        host: in small letters, without the dot at its end; an IP address without brackets.
        port: the one that is asked.
        target: path and query.
    """

    url: str
    secure: bool
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """Host and port as requests name them (RFC 9110, section 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS["https" if self.secure else "http"] else f"{host}:{self.port}"


def web_address(text: str) -> WebAddress | None:
    """Take an address apart.

    Args:
        text: such as ``https://www.example.no/side?a=b#del``.

    Returns:
        None where it is none that can be asked: not http or https, with a user's name, with a host that
        is none, with control characters, or with more than 2000 characters.
    """
    if len(text) > _LONGEST or _FORBIDDEN.search(text):
        return None
    try:
        split = urlsplit(text)
        scheme, host = split.scheme, _host(split)
        usual = _PORTS[scheme]
        port = usual if split.port is None else split.port
    except (ValueError, KeyError):
        return None
    if not host or not port or "@" in split.netloc:
        return None
    target = _escaped(split.path or "/") + (f"?{_escaped(split.query)}" if split.query else "")
    address = WebAddress("", scheme == "https", host, port, target)
    return WebAddress(f"{scheme}://{address.authority}{target}", address.secure, host, port, target)


def _host(split: SplitResult) -> str:
    """The host of an address; empty where it is none. Raises ValueError, too."""
    host = (split.hostname or "").removesuffix(".")
    if ":" in host:
        return str(ipaddress.ip_address(host.partition("%")[0]))
    if not host.isascii():
        host = host.encode("idna").decode("ascii")
    if _NUMBER.fullmatch(host):
        try:
            return socket.inet_ntoa(socket.inet_aton(host))
        except OSError:
            return ""
    return host if _HOST.fullmatch(host) else ""


def _escaped(text: str) -> str:
    return quote(text, safe="%/:?@!$&'()*+,;=~[]|")


@lru_cache(10_000)
def reach(host: str) -> Reach:
    """From where a host can be reached, as far as its name or number tells.

    Args:
        host: as in a ``WebAddress``.
    """
    if ":" in host or host.replace(".", "").isdigit():
        ip = ipaddress.ip_address(host)
        if any(ip in net for net in _EXAMPLE_NETS):
            return Reach.NOWHERE
        return Reach.PUBLIC if is_public(host) else Reach.INSIDE
    labels = host.split(".")
    if len(labels) == 1 or labels[-1] in _INSIDE or labels[-2:] == ["home", "arpa"]:
        return Reach.INSIDE
    if not _INTRANETS.isdisjoint(labels):
        return Reach.INTRANET
    return Reach.NOWHERE if labels[-1] in _RESERVED or _EXAMPLES.fullmatch(host) else Reach.PUBLIC
