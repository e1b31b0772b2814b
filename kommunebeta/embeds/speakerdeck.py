"""Speaker Deck: slide decks, whose player is known only after a look-up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kommunebeta.embeds.address import Address, encoded
from kommunebeta.embeds.provider import Facts, Found, Play, Provider, common_facts, in_html, number, query
from kommunebeta.model import EmbedKind

_CODE = r"(?:[0-9a-f]{32}|[0-9a-f]{24})"
_PLAYER = re.compile(rf"player/(?P<code>{_CODE})")
_USER = r"(?P<user>[A-Za-z0-9_-]{1,80})"
_SLUG = r"(?P<slug>[A-Za-z0-9_.-]{1,200})"
_DECK = re.compile(f"{_USER}/{_SLUG}")
_OLD_DECK = re.compile(f"u/{_USER}/p/{_SLUG}")
_IN_HTML = re.compile(rf"speakerdeck\.com/player/({_CODE})")
_NOT_USERS = frozenset(("c", "p", "u", "player", "signin", "signup", "features", "assets"))


class SpeakerDeck(Provider):
    """A deck's player is known only after a look-up (https://speakerdeck.com/oembed.json)."""

    id = "speakerdeck"
    name = "Speaker Deck"
    receiver = "Speaker Deck"
    origins = ("https://speakerdeck.com",)

    def find(self, address: Address) -> Found | None:
        """``user/slug``, ``u/user/p/slug`` of old, or a player by its 32 signs, 24 of old."""
        if address.host != "speakerdeck.com":
            return None
        if player := _PLAYER.fullmatch(address.path):
            return self._found(player[0], player["code"], address)
        deck = _OLD_DECK.fullmatch(address.path) or _DECK.fullmatch(address.path)
        if not deck or deck["user"] in _NOT_USERS:
            return None
        return self._found(f"{deck['user']}/{deck['slug']}", "", address)

    def _found(self, path: str, code: str, address: Address) -> Found:
        slide = number(address.query.get("slide", ""), 5000)
        return Found(self.id, f"https://speakerdeck.com/{path}", EmbedKind.SLIDES, code, slide=slide)

    def page(self, found: Found, play: Play) -> str:
        """The deck's page, at the same slide."""
        return found.url + query({"slide": play.slide})

    def frame(self, found: Found, facts: Facts | None, play: Play) -> str:
        """The player, once its id is known."""
        known = facts.player if facts and re.fullmatch(_CODE, facts.player) else ""
        deck = found.id or known
        return f"https://speakerdeck.com/player/{deck}{query({'slide': play.slide})}" if deck else ""

    def lookup(self, found: Found) -> str:
        """A player's own address is not answered for."""
        return "" if found.id else f"https://speakerdeck.com/oembed.json?url={encoded(found.url)}"

    def facts(self, found: Found, answer: Mapping[str, Any]) -> Facts:
        """The player's id stands in the answer's HTML."""
        return replace(common_facts(answer), player=in_html(answer, _IN_HTML))
