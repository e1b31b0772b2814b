"""PeerTube: films on the servers of many."""

from __future__ import annotations

import re

from kommunebeta.embeds.address import Address, encoded, seconds
from kommunebeta.embeds.provider import FILM_SHUT_IN, PLAYS, Facts, Found, Play, Provider, query
from kommunebeta.model import EmbedKind

_FILM = re.compile(
    r"(?:w|videos/watch|videos/embed)/"
    r"(?P<film>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[1-9A-HJ-NP-Za-km-z]{22})"
)


class PeerTube(Provider):
    """Any server that names films as PeerTube does; the player comes from the same server.

    See https://docs.joinpeertube.org/api/embed-player for what it offers. ``origins`` is empty since no
    server is known beforehand; a player's own address tells (``address.frame_origin``).
    """

    id = "peertube"
    name = "PeerTube"
    allow = PLAYS
    sandbox = FILM_SHUT_IN

    def find(self, address: Address) -> Found | None:
        """``/w/short``, ``/videos/watch/uuid`` or ``/videos/embed/uuid``; no other site has such ids."""
        film = _FILM.fullmatch(address.path)
        if not film:
            return None
        start = seconds(address.query.get("start", "")) or 0
        end = seconds(address.query.get("stop", "")) or 0
        host, code = address.full_host, film["film"]
        return Found(
            self.id, f"https://{host}/w/{code}", EmbedKind.FILM, code, start, end, more=(("host", host),)
        )

    def receiver_of(self, found: Found) -> str:
        """The server that has the film."""
        return found.get("host")

    def page(self, found: Found, play: Play) -> str:
        """The film's page, at the same second."""
        return found.url + (f"?start={play.start}s" if play.start else "")

    def frame(self, found: Found, facts: Facts | None, play: Play) -> str:
        """The player, told not to share the film among its viewers, who would learn of our reader."""
        values = {
            "start": play.start,
            "stop": play.end,
            "subtitle": play.lang if play.captions else "",
            "p2p": "0",
        }
        return f"https://{found.get('host')}/videos/embed/{found.id}{query(values)}"

    def lookup(self, found: Found) -> str:
        """Each server answers for itself."""
        return f"https://{found.get('host')}/services/oembed?url={encoded(found.url)}&format=json"
