"""YouTube: films, shorts, live streams and playlists, played by the host that sets no cookies before."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kommunebeta.embeds.address import Address, encoded, fragment_values, seconds
from kommunebeta.embeds.provider import FILM_SHUT_IN, PLAYS, Facts, Found, Play, Provider, common_facts, query
from kommunebeta.model import EmbedKind

# Two words of the player's address have eleven signs too.
_ID = re.compile(r"(?!videoseries|live_stream)[A-Za-z0-9_-]{11}")
# The two letters of a private list, such as «WL» for «watch later», play for nobody else.
_LIST = re.compile(r"[A-Za-z0-9_-]{10,64}")
_HOSTS = frozenset(("youtube.com", "music.youtube.com", "youtube-nocookie.com"))
_FILM_AFTER = frozenset(("shorts", "live", "embed", "v", "e"))
_LISTS = frozenset(("playlist", "embed/videoseries", "embed"))
_PICTURES = ("maxresdefault", "sddefault", "hqdefault")


class YouTube(Provider):
    """See https://developers.google.com/youtube/player_parameters for what it offers."""

    id = "youtube"
    name = "YouTube"
    receiver = "Google"
    origins = ("https://www.youtube-nocookie.com",)
    allow = PLAYS
    sandbox = FILM_SHUT_IN

    def find(self, address: Address) -> Found | None:
        """A film by its eleven signs, or a playlist."""
        playlist = address.query.get("list", "")
        more = (("list", playlist),) if _LIST.fullmatch(playlist) else ()
        if film := _film(address):
            short = address.parts[0] == "shorts"
            url = f"https://www.youtube.com/{'shorts/' if short else 'watch?v='}{film}"
            start, end = _moments(address)
            shape = (9, 16) if short else None
            return Found(self.id, url, EmbedKind.FILM, film, start, end, shape=shape, more=more)
        if more and address.host in _HOSTS and address.path in _LISTS:
            url = f"https://www.youtube.com/playlist?list={playlist}"
            return Found(self.id, url, EmbedKind.FILM, more=more)
        return None

    def page(self, found: Found, play: Play) -> str:
        """The film's page, in its playlist and at the same second."""
        if not found.id:
            return found.url
        given = query({"list": found.get("list"), "t": f"{play.start}s" if play.start else ""})
        return found.url + (given.replace("?", "&", 1) if "?" in found.url else given)

    def frame(self, found: Found, facts: Facts | None, play: Play) -> str:
        """The player; single keys do nothing in it (WCAG 2.1.4)."""
        values = {
            "list": found.get("list"),
            "start": play.start,
            "end": play.end,
            "cc_load_policy": 1 if play.captions else 0,
            "cc_lang_pref": play.lang if play.captions else "",
            "hl": play.lang,
            "rel": "0",
            "disablekb": "1",
            "playsinline": "1",
        }
        return f"https://www.youtube-nocookie.com/embed/{found.id or 'videoseries'}{query(values)}"

    def lookup(self, found: Found) -> str:
        """YouTube answers for films and playlists alike."""
        return f"https://www.youtube.com/oembed?url={encoded(found.url)}&format=json"

    def facts(self, found: Found, answer: Mapping[str, Any]) -> Facts:
        """Its size is left out: it is that of a small frame, and of shorts the wrong shape."""
        return replace(common_facts(answer), width=0, height=0)

    def posters(self, found: Found, answer: Mapping[str, Any]) -> tuple[str, ...]:
        """The still pictures by size; a missing one is answered by a grey picture of 120 by 90."""
        if found.id:
            return tuple(f"https://i.ytimg.com/vi/{found.id}/{name}.jpg" for name in _PICTURES)
        return super().posters(found, answer)


def _film(address: Address) -> str:
    """The film's id, or an empty text."""
    parts = address.parts
    found = ""
    if address.host == "youtu.be" and len(parts) == 1:
        found = parts[0]
    elif address.host in _HOSTS and address.path in ("watch", "watch_popup"):
        found = address.query.get("v", "")
    elif address.host in _HOSTS and len(parts) == 2 and parts[0] in _FILM_AFTER:
        found = parts[1]
    return found if _ID.fullmatch(found) else ""


def _moments(address: Address) -> tuple[int, int]:
    """Where the film is to begin and end, in seconds; ``time_continue`` stands where a player was left."""
    values = {**address.query, **fragment_values(address.fragment)}
    start = values.get("t") or values.get("start") or values.get("time_continue") or ""
    return seconds(start) or 0, seconds(values.get("end", "")) or 0
