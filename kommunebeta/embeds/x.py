"""X, formerly Twitter: a card with a link, or a quote that the writer gives."""

from __future__ import annotations

import re

from kommunebeta.embeds.address import Address
from kommunebeta.embeds.provider import Found, Provider
from kommunebeta.model import EmbedKind

_POST = re.compile(
    r"(?P<user>i/web|[A-Za-z0-9_]{1,15})/status(?:es)?/(?P<post>[0-9]{1,20})(?:/(?:photo|video)/[0-9])?"
)


class X(Provider):
    """X, formerly Twitter."""

    id = "x"
    name = "X"

    def find(self, address: Address) -> Found | None:
        """A post: ``user/status/number``; ``i`` and ``i/web`` stand for a user that is not named."""
        if address.host not in ("x.com", "twitter.com") or not (post := _POST.fullmatch(address.path)):
            return None
        user, number = post["user"], post["post"]
        more = () if user in ("i", "i/web") else (("author", f"@{user}"),)
        return Found(self.id, f"https://x.com/{user}/status/{number}", EmbedKind.POST, number, more=more)
