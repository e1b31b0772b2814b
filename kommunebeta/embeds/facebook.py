"""Facebook: a card with a link, since its terms forbid keeping what oEmbed tells."""

from __future__ import annotations

import re

from kommunebeta.embeds.address import Address, encoded
from kommunebeta.embeds.provider import Found, Provider, query
from kommunebeta.model import EmbedKind

_HOST = re.compile(r"(?:[a-z]{2}-[a-z]{2}\.|web\.|mbasic\.)?facebook\.com")
_PATH = re.compile(
    r"[^/]+/(?:posts|videos|photos)(?:/[^/]+){1,3}"
    r"|groups/[^/]+/(?:posts|permalink)/[0-9]+"
    r"|reel/[0-9]+"
    r"|share/(?:[pvr]/)?[A-Za-z0-9_-]{6,40}"
)
_BY_QUERY = {
    "permalink.php": ("story_fbid", "id"),
    "story.php": ("story_fbid", "id"),
    "watch": ("v",),
    "watch/live": ("v",),
    "video.php": ("v",),
    "photo": ("fbid", "set"),
    "photo.php": ("fbid", "set"),
}
"""The values that name a thing, the first of which it cannot do without; all others are trackers."""

_VALUE = re.compile(r"[A-Za-z0-9_.:-]{1,200}")


class Facebook(Provider):
    """Posts, films and pictures."""

    id = "facebook"
    name = "Facebook"

    def find(self, address: Address) -> Found | None:
        """What is public there and has an address of its own."""
        path = "/".join(map(encoded, address.parts))
        if address.host == "fb.watch" and re.fullmatch(r"[A-Za-z0-9_-]{4,40}", path):
            return Found(self.id, f"https://fb.watch/{path}/", EmbedKind.POST)
        if not _HOST.fullmatch(address.host):
            return None
        names = _BY_QUERY.get(path, ())
        values = {name: address.query.get(name, "") for name in names}
        values = {name: value for name, value in values.items() if _VALUE.fullmatch(value)}
        if not (_PATH.fullmatch(path) or (names and names[0] in values)):
            return None
        return Found(self.id, f"https://www.facebook.com/{path}{query(values)}", EmbedKind.POST)
