"""Mastodon: a card with a link, or a quote that the writer gives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kommunebeta.embeds.address import Address, encoded
from kommunebeta.embeds.provider import Facts, Found, Provider, common_facts
from kommunebeta.model import EmbedKind

_NAME = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9_])?"
_POST = re.compile(
    rf"(?:web/)?@(?P<handle>{_NAME}(?:@[A-Za-z0-9.-]{{3,100}})?)/(?P<post>[0-9]{{15,20}})(?:/embed)?"
)
_OBJECT = re.compile(rf"users/(?P<handle>{_NAME})/statuses/(?P<post>[0-9]{{15,20}})")


class Mastodon(Provider):
    """Any server of the fediverse that names posts as Mastodon does: ``/@user/number``."""

    id = "mastodon"
    name = "Mastodon"

    def find(self, address: Address) -> Found | None:
        """The number is at least 15 digits long everywhere, so that other sites are not taken for one."""
        post = _POST.fullmatch(address.path) or _OBJECT.fullmatch(address.path)
        if not post:
            return None
        handle, number = post["handle"], post["post"]
        url = f"https://{address.full_host}/@{handle}/{number}"
        author = f"@{handle}" if "@" in handle else f"@{handle}@{address.full_host}"
        return Found(self.id, url, EmbedKind.POST, number, more=(("author", author),))

    def lookup(self, found: Found) -> str:
        """Each server answers for itself (docs.joinmastodon.org, ``GET /api/oembed``)."""
        host = found.url.split("/")[2]
        return f"https://{host}/api/oembed?url={encoded(found.url)}"

    def facts(self, found: Found, answer: Mapping[str, Any]) -> Facts:
        """Only who wrote it; the words are the writer's to quote."""
        facts = common_facts(answer)
        return Facts(author=facts.author, author_url=facts.author_url)

    def posters(self, found: Found, answer: Mapping[str, Any]) -> tuple[str, ...]:
        """None: the picture would be the author's face."""
        return ()
