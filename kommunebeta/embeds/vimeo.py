"""Vimeo: films and events, asked not to track."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kommunebeta.embeds.address import Address, encoded, fragment_values, seconds
from kommunebeta.embeds.provider import (
    FILM_SHUT_IN,
    PLAYS,
    Facts,
    Found,
    Play,
    Provider,
    common_facts,
    day,
    query,
)
from kommunebeta.model import EmbedKind

_SECRET = r"(?P<secret>[0-9a-f]{6,20})"
_PATHS = {
    "player.vimeo.com": re.compile(rf"video/(?P<film>[0-9]{{1,12}})(?:/{_SECRET})?"),
    "vimeo.com": re.compile(
        r"(?:channels/[^/]+/|groups/[^/]+/videos/|(?:album|showcase)/[0-9]+/video/|event/[0-9]+/videos/)?"
        rf"(?P<film>[0-9]{{1,12}})(?:/{_SECRET})?"
    ),
}
_EVENT = re.compile(rf"event/(?P<event>[0-9]{{1,12}})(?:/embed)?(?:/interaction|/{_SECRET})?")


class Vimeo(Provider):
    """See https://help.vimeo.com/hc/en-us/articles/12426260232977 for what it offers."""

    id = "vimeo"
    name = "Vimeo"
    receiver = "Vimeo"
    origins = ("https://player.vimeo.com", "https://vimeo.com")
    allow = PLAYS
    sandbox = FILM_SHUT_IN

    def find(self, address: Address) -> Found | None:
        """A film or an event by its number, with the hash of an unlisted one."""
        if address.host == "vimeo.com" and (event := _EVENT.fullmatch(address.path)):
            return self._found(event["event"], event["secret"] or "", "event/")
        pattern = _PATHS.get(address.host)
        if pattern is None or not (film := pattern.fullmatch(address.path)):
            return None
        in_query = re.fullmatch(_SECRET, address.query.get("h", ""))
        secret = film["secret"] or (in_query[0] if in_query else "")
        moment = fragment_values(address.fragment).get("t") or address.query.get("t") or ""
        return self._found(film["film"], secret, "", seconds(moment) or 0)

    def _found(self, number: str, secret: str, where: str, start: int = 0) -> Found:
        url = f"https://vimeo.com/{where}{number}{'/' + secret if secret else ''}"
        more = (*((("hash", secret),) if secret else ()), *((("event", "1"),) if where else ()))
        return Found(self.id, url, EmbedKind.FILM, number, start, more=more)

    def page(self, found: Found, play: Play) -> str:
        """The film's page, at the same second."""
        return found.url + (f"#t={play.start}s" if play.start and not found.get("event") else "")

    def frame(self, found: Found, facts: Facts | None, play: Play) -> str:
        """The player told not to track (``dnt``); single keys do nothing in it (WCAG 2.1.4)."""
        secret = found.get("hash")
        if found.get("event"):
            return f"https://vimeo.com/event/{found.id}/embed{'/' + secret if secret else ''}?dnt=1"
        values = {"h": secret, "dnt": "1", "texttrack": play.lang if play.captions else "", "keyboard": "0"}
        moment = f"#t={play.start}s" if play.start else ""
        return f"https://player.vimeo.com/video/{found.id}{query(values)}{moment}"

    def lookup(self, found: Found) -> str:
        """An unlisted film is asked for with its hash."""
        return f"https://vimeo.com/api/oembed.json?url={encoded(found.url)}&width=1280"

    def facts(self, found: Found, answer: Mapping[str, Any]) -> Facts:
        """Vimeo tells the length and the day of publication too."""
        return replace(common_facts(answer), uploaded=day(answer.get("upload_date")))
