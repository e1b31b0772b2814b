"""SoundCloud: sound."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kommunebeta.embeds.address import Address, encoded, parse_address
from kommunebeta.embeds.provider import Facts, Found, Play, Provider, common_facts, query
from kommunebeta.model import EmbedKind

_NAME = r"[A-Za-z0-9_-]{1,120}"
_PATH = re.compile(rf"(?P<user>{_NAME})/(?:sets/)?(?P<name>{_NAME})(?:/s-[A-Za-z0-9]{{4,20}})?")
_NOT_USERS = frozenset(
    (
        "discover",
        "you",
        "search",
        "charts",
        "upload",
        "stream",
        "pages",
        "people",
        "stations",
        "tags",
        "player",
    )
)
_NOT_TRACKS = frozenset(
    (
        "sets",
        "tracks",
        "popular-tracks",
        "toptracks",
        "albums",
        "likes",
        "reposts",
        "followers",
        "following",
        "comments",
        "spotlight",
    )
)


class SoundCloud(Provider):
    """See https://developers.soundcloud.com/docs/oembed for what it offers."""

    id = "soundcloud"
    name = "SoundCloud"
    receiver = "SoundCloud"
    shape = (4, 1)
    origins = ("https://w.soundcloud.com",)
    allow = "autoplay"

    def find(self, address: Address) -> Found | None:
        """A track or a playlist, with the sign of a private one; also a player that names one of them."""
        if address.host == "w.soundcloud.com" and address.path == "player":
            inner = parse_address(address.query.get("url", ""))
            return self.find(inner) if inner and inner.host == "soundcloud.com" else None
        path = _PATH.fullmatch(address.path)
        if address.host != "soundcloud.com" or not path:
            return None
        if path["user"] in _NOT_USERS or path["name"] in _NOT_TRACKS:
            return None
        return Found(self.id, f"https://soundcloud.com/{path[0]}", EmbedKind.SOUND, path[0])

    def frame(self, found: Found, facts: Facts | None, play: Play) -> str:
        """The player takes the page's own address; what others wrote or made is left out."""
        values = {"url": found.url, "hide_related": "true", "show_comments": "false", "show_teaser": "false"}
        return f"https://w.soundcloud.com/player/{query(values)}"

    def lookup(self, found: Found) -> str:
        """Its width is ``100%``, which is no number and is passed over."""
        return f"https://soundcloud.com/oembed?format=json&url={encoded(found.url)}"

    def facts(self, found: Found, answer: Mapping[str, Any]) -> Facts:
        """The shape is that of a frame without the picture, which we show ourselves."""
        return replace(common_facts(answer), width=0, height=0)
