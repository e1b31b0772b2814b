"""SlideShare: slide decks, by their number where the address has one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kommunebeta.embeds.address import Address, encoded
from kommunebeta.embeds.provider import (
    Facts,
    Found,
    Play,
    Provider,
    common_facts,
    https,
    in_html,
    number,
    query,
)
from kommunebeta.model import EmbedKind

_HOSTS = frozenset(f"{part}slideshare.net" for part in ("", "fr.", "de.", "es.", "pt."))
_CODE = r"key/[A-Za-z0-9]{8,32}|[0-9]{1,12}"
_PLAYER = re.compile(rf"slideshow/embed_code/(?P<code>{_CODE})")
_NUMBERED = re.compile(r"slideshow/(?P<slug>[^/]{1,200})/(?P<code>[0-9]{4,12})")
_OF_USER = re.compile(
    r"(?:mobile/)?(?P<user>[A-Za-z0-9_.-]{1,80})/(?P<slug>[^/]{1,200})(?:/(?P<slide>[0-9]{1,4}))?"
)
# Four digits at the end of a slug are a year; the numbers of decks had five in the first months.
_TRAILING = re.compile(r".*-(?P<code>[0-9]{5,12})")
_IN_HTML = re.compile(rf"slideshare\.net/slideshow/embed_code/({_CODE})")
_NOT_USERS = frozenset(
    ("slideshow", "mobile", "search", "login", "signup", "about", "explore", "category", "tag", "api", "rss")
)
_NOT_DECKS = frozenset(
    (
        "presentations",
        "documents",
        "infographics",
        "videos",
        "likes",
        "favorites",
        "followers",
        "following",
        "clipboards",
    )
)


class SlideShare(Provider):
    """Decks are shown by ``slideshow/embed_code``; oEmbed at ``api/oembed/2``."""

    id = "slideshare"
    name = "SlideShare"
    receiver = "SlideShare"
    shape = (4, 3)
    origins = ("https://www.slideshare.net",)

    def find(self, address: Address) -> Found | None:
        """A deck: ``user/slug`` with or without a number, ``slideshow/slug/number``, or a player."""
        if address.host not in _HOSTS:
            return None
        slide = address.query.get("startSlide", "")
        if player := _PLAYER.fullmatch(address.path):
            return self._found(player[0], player["code"], slide)
        if deck := _NUMBERED.fullmatch(address.path):
            return self._found(f"slideshow/{encoded(deck['slug'])}/{deck['code']}", deck["code"], slide)
        deck = _OF_USER.fullmatch(address.path)
        if not deck or deck["user"] in _NOT_USERS or deck["slug"] in _NOT_DECKS:
            return None
        trailing = _TRAILING.fullmatch(deck["slug"])
        code = trailing["code"] if trailing else ""
        return self._found(f"{deck['user']}/{encoded(deck['slug'])}", code, slide or deck["slide"])

    def _found(self, path: str, code: str, slide: str) -> Found:
        url = f"https://www.slideshare.net/{path}"
        return Found(self.id, url, EmbedKind.SLIDES, code, slide=number(slide, 5000))

    def frame(self, found: Found, facts: Facts | None, play: Play) -> str:
        """The player by what was looked up, since digits at a slug's end can be a date; else by the number.

        It is empty for an old address without a number that was not looked up.
        """
        known = facts.player if facts and re.fullmatch(_CODE, facts.player) else ""
        code = known or found.id
        if not code:
            return ""
        return f"https://www.slideshare.net/slideshow/embed_code/{code}{query({'startSlide': play.slide})}"

    def lookup(self, found: Found) -> str:
        """The form ``slideshow/slug/number`` is not always answered for; the deck works all the same."""
        return f"https://www.slideshare.net/api/oembed/2?url={encoded(found.url)}&format=json"

    def facts(self, found: Found, answer: Mapping[str, Any]) -> Facts:
        """The player's code stands in the answer's HTML."""
        code = in_html(answer, _IN_HTML) or str(number(answer.get("slideshow_id"), 10**12) or "")
        return replace(common_facts(answer), count=number(answer.get("total_slides"), 5000), player=code)

    def posters(self, found: Found, answer: Mapping[str, Any]) -> tuple[str, ...]:
        """The first slide in full size, else the small picture."""
        base, end = answer.get("slide_image_baseurl"), answer.get("slide_image_baseurl_suffix")
        large = https(f"{base}1{end}") if isinstance(base, str) and isinstance(end, str) else ""
        small = https(answer.get("thumbnail_url")) or https(answer.get("thumbnail"))
        return tuple(filter(None, (large, small)))
