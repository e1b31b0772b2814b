"""Instagram: a card with a link, since its terms forbid keeping what oEmbed tells."""

from __future__ import annotations

import re

from kommunebeta.embeds.address import Address
from kommunebeta.embeds.provider import Found, Provider
from kommunebeta.model import EmbedKind

_POST = re.compile(r"(?:[A-Za-z0-9_.]{1,30}/)?(?P<kind>p|reels?|tv)/(?P<code>[A-Za-z0-9_-]{5,40})(?:/embed)?")


class Instagram(Provider):
    """Posts, reels and films."""

    id = "instagram"
    name = "Instagram"

    def find(self, address: Address) -> Found | None:
        """``p``, ``reel`` or ``tv`` with a short name, also behind a user's name."""
        if address.host not in ("instagram.com", "instagr.am") or not (post := _POST.fullmatch(address.path)):
            return None
        kind = post["kind"].removesuffix("s")
        return Found(
            self.id, f"https://www.instagram.com/{kind}/{post['code']}/", EmbedKind.POST, post["code"]
        )
