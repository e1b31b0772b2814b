"""Norgeskart: a link to the national map."""

from __future__ import annotations

import re

from kommunebeta.embeds.address import Address, fragment_values
from kommunebeta.embeds.provider import Found, Provider
from kommunebeta.model import EmbedKind

_NUMBER = r"-?[0-9]{1,8}(?:\.[0-9]{1,12})?"
_OLD_PLACE = re.compile(rf"[0-9]{{1,2}}/{_NUMBER}/{_NUMBER}(?:/.*)?")


class Norgeskart(Provider):
    """Kartverket's map; a card with a link, since it says nothing of being shown in frames."""

    id = "norgeskart"
    name = "Norgeskart"

    def find(self, address: Address) -> Found | None:
        """The place stands in the query, or as in its earlier editions behind ``#!?`` or ``#``."""
        if address.host != "norgeskart.no" or address.parts:
            return None
        values = {**address.query, **fragment_values(address.fragment.removeprefix("!?"))}
        placed = all(re.fullmatch(_NUMBER, values.get(name, "")) for name in ("lat", "lon"))
        if not placed and not _OLD_PLACE.fullmatch(address.fragment):
            return None
        return Found(self.id, address.url, EmbedKind.MAP)
