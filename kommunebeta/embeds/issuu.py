"""Issuu: printed matter to leaf through."""

from __future__ import annotations

import re

from kommunebeta.embeds.address import Address, encoded
from kommunebeta.embeds.provider import Facts, Found, Play, Provider, number, query
from kommunebeta.model import EmbedKind

_NAMES = re.compile(
    r"(?P<user>[A-Za-z0-9_.-]{1,80})/docs/(?P<document>[A-Za-z0-9_.-]{1,200})(?:/(?P<page>[0-9]{1,4}))?"
)


class Issuu(Provider):
    """See https://issuu.com/oembed for what it offers."""

    id = "issuu"
    name = "Issuu"
    receiver = "Issuu"
    shape = (4, 3)
    origins = ("https://e.issuu.com",)

    def find(self, address: Address) -> Found | None:
        """``user/docs/document`` with or without a page, or the reader's own address."""
        path = address.path
        if address.host == "e.issuu.com" and path in ("embed.html", "anonymous-embed.html"):
            user, document, page = (address.query.get(name, "") for name in ("u", "d", "pageNumber"))
            path = f"{user}/docs/{document}/{page}".removesuffix("/")
        elif address.host != "issuu.com":
            return None
        names = _NAMES.fullmatch(path)
        if not names or not {".", ".."}.isdisjoint(names.groups()):
            return None
        url = f"https://issuu.com/{names['user']}/docs/{names['document']}"
        code = f"{names['user']}/{names['document']}"
        return Found(self.id, url, EmbedKind.SLIDES, code, slide=number(names["page"], 5000))

    def page(self, found: Found, play: Play) -> str:
        """The document's page there, at the same page of it."""
        return found.url + (f"/{play.slide}" if play.slide else "")

    def frame(self, found: Found, facts: Facts | None, play: Play) -> str:
        """The reader, opened at a page."""
        user, _, document = found.id.partition("/")
        values = {"u": user, "d": document, "pageNumber": play.slide}
        return f"https://e.issuu.com/embed.html{query(values)}"

    def lookup(self, found: Found) -> str:
        """Its size is that of a small frame."""
        return f"https://issuu.com/oembed?format=json&url={encoded(found.url)}"
