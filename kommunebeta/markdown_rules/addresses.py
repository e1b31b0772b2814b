"""What kind of address a link or picture has."""

from __future__ import annotations

import re
from enum import Enum
from urllib.parse import unquote

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_IGNORED = re.compile(r"[\t\n\r]")
_EDGE = "".join(map(chr, range(0x21)))
_UNSAFE = frozenset({"javascript", "data", "vbscript", "file"})


class AddressKind(Enum):
    """Where an address leads."""

    INSIDE = "a file or page of the site"
    ANCHOR = "a place on the same page"
    OUTSIDE = "another server, or another program such as mail or telephone"
    UNSAFE = "something that a browser may run, or a file of the writer's own computer"
    TEMPLATE = "something that another generator would have filled in"


def kind_of(address: str) -> AddressKind:
    """What an address leads to, read as browsers do (WHATWG URL: spaces and line ends ignored)."""
    bare = _IGNORED.sub("", address).strip(_EDGE)
    if "{{" in bare or "{%" in bare or "%7B%7B" in bare or "%7B%25" in bare:
        return AddressKind.TEMPLATE
    if bare.startswith("#"):
        return AddressKind.ANCHOR
    if bare.startswith(("//", "\\\\", "/\\", "\\/", "%5C%5C", "/%5C", "%5C/")):
        return AddressKind.OUTSIDE
    scheme = _SCHEME.match(bare)
    if scheme:
        return AddressKind.UNSAFE if scheme[1].lower() in _UNSAFE else AddressKind.OUTSIDE
    return AddressKind.INSIDE


def written(address: str) -> str:
    """The address percent-decoded, as a writer would name the file."""
    return unquote(address).replace("\0", "\ufffd")
