"""What a provider tells about an embed when it is asked, and the embed's picture."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from kommunebeta.embeds import answer, posters
from kommunebeta.embeds.client import Client
from kommunebeta.embeds.lock import sound
from kommunebeta.embeds.provider import Facts, Found, Provider
from kommunebeta.images import PictureError
from kommunebeta.web.failures import FetchError, StatusError

_WITHDRAWN = frozenset((401, 403, 404, 410))
"""Gone, or for nobody but its owner's friends (https://oembed.com, section 2.3.5)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An embed in a post or page.

    Attributes:
        url: its address as written.
        path: the content file, relative to the site folder.
        line: 1-based line in it.
        column: 1-based column, 0 when unknown.
    """

    url: str
    path: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look-up brought.

    Attributes:
        facts: what was told; without ``checked`` where the look-up failed, or where its picture may
            still come.
        poster: the picture that ``facts.poster`` names, as a JPEG.
        failure: why nothing was told, one clause; empty where something was.
        outside: whether it failed because the network or the other server is out of order.
        no_poster: why there is no picture although there might be one.
    """

    facts: Facts = field(default_factory=Facts)
    poster: bytes | None = None
    failure: str = ""
    outside: bool = False
    no_poster: str = ""


def look_up(
    provider: Provider, found: Found, client: Client, today: dt.date, *, picture: bool = True
) -> Looked:
    """Ask a provider about an embed.

    Args:
        provider: the one that knows the address.
        found: what the address means; there must be something to ask (``provider.lookup``).
        client: how servers are asked.
        today: the day of the look.
        picture: whether the embed's picture is wanted.

    Returns:
        What was told. An embed that is gone or private has ``facts.removed``.
    """
    try:
        given = client.get(provider.lookup(found), accept=answer.ACCEPT, most=answer.MOST)
        fields = answer.parse_answer(given)
    except StatusError as error:
        if error.status in _WITHDRAWN:
            return Looked(Facts(removed=True, checked=today.isoformat()))
        return Looked(failure=str(error), outside=error.outside)
    except FetchError as error:
        return Looked(failure=str(error), outside=error.outside)
    facts = replace(sound(provider.facts(found, fields)), checked=today.isoformat())
    if not picture or not provider.is_copyable(facts):
        return Looked(facts)
    return _with_poster(facts, provider, found, fields, client)


def _with_poster(
    facts: Facts, provider: Provider, found: Found, fields: Mapping[str, Any], client: Client
) -> Looked:
    """The first of the provider's pictures that is one, and is large enough."""
    why = ""
    outside = False
    for address in provider.posters(found, fields):
        try:
            given = client.get(address, accept=posters.ACCEPT, most=posters.MOST)
            poster = posters.make_poster(given.body)
        except FetchError as error:
            why = why or str(error)
            outside = outside or error.outside
        except PictureError as error:
            why = why or str(error)
        else:
            path = posters.poster_path(provider.id, found.id or urlsplit(found.url).path, poster)
            return Looked(replace(facts, poster=path), poster)
    return Looked(replace(facts, checked="") if outside else facts, no_poster=why)
