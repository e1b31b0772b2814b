"""Whose server an address leads to."""

from __future__ import annotations

import re

from kommunebeta.check.noted import NotedSurroundings

_ABSOLUTE = re.compile(
    r"[\x00-\x20]*(?:(?:https?|wss?|ftp):)?[/\\]{2,}(?:[^/\\?#@]*@)?([^/\\?#]*)", re.IGNORECASE
)
_LONGEST = 60


def foreign_host(address: str, surroundings: NotedSurroundings) -> str:
    """The host that an address leads to; empty for the site's own, and for addresses without any.

    Browsers read a backslash as a slash and leave white space at the front out
    (WHATWG URL Standard, 4.4 «URL parsing»).
    """
    if "//" not in address and "\\" not in address:
        return ""
    match = _ABSOLUTE.match(address)
    host = match[1].lower() if match else ""
    return "" if host == own_host(surroundings) else host


def own_host(surroundings: NotedSurroundings) -> str:
    """The site's own host, with its port where it has one."""
    return surroundings.origin.partition("//")[2].lower()


def shown_address(address: str) -> str:
    """An address as messages show it: what follows its path may tell of people, and is left out."""
    shown = re.split(r"[?#]", address.strip(), maxsplit=1)[0]
    shown = re.sub(r"//[^/@]*@", "//", shown)
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"
