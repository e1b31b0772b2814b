"""Flickr: photographs, shown as a copy with credit and licence where the licence allows one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kommunebeta.embeds.address import Address, encoded, parse_address
from kommunebeta.embeds.provider import Facts, Found, Provider, common_facts, https, plain_text
from kommunebeta.model import EmbedKind

_USER = r"photos/(?P<user>[A-Za-z0-9_@.-]{1,64})"
_PHOTO = re.compile(rf"{_USER}/(?P<photo>[0-9]{{5,14}})(?:/(?:in|sizes|lightbox)(?:/.*)?)?")
_ALBUM = re.compile(rf"{_USER}/(?:albums|sets)/(?P<album>[0-9]{{5,20}})(?:/.*)?")
_SHORT = re.compile(r"(?P<kind>[ps])/(?P<code>[1-9A-HJ-NP-Za-km-z]{3,14})")
_FREE = frozenset(
    (
        "no known copyright restrictions",
        "united states government work",
        "public domain dedication (cc0)",
        "public domain mark",
    )
)
"""What is free without a deed of Creative Commons, in Flickr's words."""

_DEEDS = (("licenses",), ("publicdomain",))


class Flickr(Provider):
    """See https://www.flickr.com/services/api/flickr.photos.licenses.getInfo.html for its licences."""

    id = "flickr"
    name = "Flickr"
    shape = (4, 3)

    def find(self, address: Address) -> Found | None:
        """A photograph, an album, or the short address of either."""
        if address.host == "flic.kr" and (short := _SHORT.fullmatch(address.path)):
            return self._found(f"https://flic.kr/{short['kind']}/{short['code']}", short["code"])
        if address.host != "flickr.com" and not address.host.endswith(".flickr.com"):
            return None
        if photo := _PHOTO.fullmatch(address.path):
            url = f"https://www.flickr.com/photos/{photo['user']}/{photo['photo']}"
            return self._found(url, photo["photo"])
        if album := _ALBUM.fullmatch(address.path):
            url = f"https://www.flickr.com/photos/{album['user']}/albums/{album['album']}"
            return self._found(url, album["album"])
        return None

    def _found(self, url: str, number: str) -> Found:
        return Found(self.id, url, EmbedKind.PICTURE, number)

    def lookup(self, found: Found) -> str:
        """In a size that is enough for a page."""
        return f"https://www.flickr.com/services/oembed/?format=json&maxwidth=1600&url={encoded(found.url)}"

    def facts(self, found: Found, answer: Mapping[str, Any]) -> Facts:
        """Flickr tells the licence too."""
        return replace(
            common_facts(answer),
            licence=plain_text(answer.get("license"), 100),
            licence_url=https(answer.get("license_url")),
        )

    def posters(self, found: Found, answer: Mapping[str, Any]) -> tuple[str, ...]:
        """The photograph itself (oEmbed type ``photo``), else its small picture."""
        return tuple(filter(None, (https(answer.get("url")), https(answer.get("thumbnail_url")))))

    def is_copyable(self, facts: Facts) -> bool:
        """Only by a Creative Commons licence or in the public domain; never with all rights reserved."""
        name = facts.licence.lower()
        deed = parse_address(facts.licence_url)
        if deed is None or deed.host != "creativecommons.org" or "all rights reserved" in name:
            return name in _FREE
        return deed.parts[:1] in _DEEDS
