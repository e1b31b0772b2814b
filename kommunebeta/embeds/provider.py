"""What every provider is: how it knows its addresses, and how it shows what is there."""

from __future__ import annotations

import datetime as dt
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from kommunebeta.embeds.address import Address, parse_address
from kommunebeta.model import EmbedKind

PLAYS = "autoplay; encrypted-media; fullscreen; picture-in-picture"
"""What a player may use (Permissions Policy)."""

SHUT_IN = "allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox"
"""What a player may do (HTML, ``sandbox``): never move our page, send forms, download or open dialogues.

Players need scripts, and their own origin for storage and as the sender of their requests. Links out of
them open pages that the sandbox does not follow, since sites such as YouTube refuse to be shown in one.
"""

FILM_SHUT_IN = f"{SHUT_IN} allow-presentation"
"""The same for players of films, which may also show on another screen: YouTube's fails without that."""

_CONTROL = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff"
    r"\ud800-\udfff\U000e0000-\U000e007f]+"
)
_LONGEST_TEXT = 300
_LARGEST = 100_000
_LONGEST_HTML = 20_000


@dataclass(frozen=True, slots=True)
class Found:
    """What an address means to its provider.

    Attributes:
        provider: the provider's id.
        url: the one address of the thing, whichever way it was written; its name in the lock.
        kind: what it is.
        id: what the provider calls it.
        start: seconds into it.
        end: seconds into it; 0 for its end.
        slide: number of the slide to begin with; 0 for the first.
        shape: width and height of the player, where the address tells.
        more: what else the player needs to know, by name.
    """

    provider: str
    url: str
    kind: EmbedKind
    id: str = ""
    start: int = 0
    end: int = 0
    slide: int = 0
    shape: tuple[int, int] | None = None
    more: tuple[tuple[str, str], ...] = ()

    def get(self, name: str) -> str:
        """One of the further values, or an empty text."""
        return dict(self.more).get(name, "")


@dataclass(frozen=True, slots=True)
class Facts:
    """What was looked up about an embed; every text is plain and cut to a sane length.

    Attributes:
        title: what it is called there.
        author: who made it.
        author_url: the maker's page.
        width: of the player.
        height: of the player.
        seconds: how long it lasts; 0 when unknown.
        count: number of slides; 0 when unknown.
        licence: name of the licence.
        licence_url: its text.
        uploaded: day of publication there (ISO 8601), or empty.
        player: what the player's address needs and the page's address does not tell.
        poster: the picture's file, relative to the site folder, or empty.
        removed: whether it is gone.
        checked: the day of the last look (ISO 8601).
    """

    title: str = ""
    author: str = ""
    author_url: str = ""
    width: int = 0
    height: int = 0
    seconds: int = 0
    count: int = 0
    licence: str = ""
    licence_url: str = ""
    uploaded: str = ""
    player: str = ""
    poster: str = ""
    removed: bool = False
    checked: str = ""


@dataclass(frozen=True, slots=True)
class Play:
    """How something is to be played.

    Attributes:
        lang: base language of the page.
        start: seconds into it.
        end: seconds into it; 0 for its end.
        slide: number of the slide to begin with; 0 for the first.
        captions: whether captions are to be on.
    """

    lang: str = "nb"
    start: int = 0
    end: int = 0
    slide: int = 0
    captions: bool = False


class Provider(ABC):
    """A site that others show content of. A provider of ours is a subclass in a file of its own.

    Attributes:
        id: short name, for the lock and style sheets.
        name: as readers know it.
        receiver: who learns of a reader that plays something; empty where nothing is played.
        privacy: more about what is sent, in the words of the settings.
        default_title: what is shown where neither the writer nor a look-up gives a title.
        shape: width and height of the player where nothing else is known.
        origins: where players come from (Content Security Policy, ``frame-src``).
        allow: what the frame may use.
        sandbox: what the frame may do.
    """

    id: str = ""
    name: str = ""
    receiver: str = ""
    privacy: str = ""
    default_title: str = ""
    shape: tuple[int, int] = (16, 9)
    origins: tuple[str, ...] = ()
    allow: str = "fullscreen"
    sandbox: str = SHUT_IN

    @abstractmethod
    def find(self, address: Address) -> Found | None:
        """What an address means, or None where it is not one of this provider's."""

    def receiver_of(self, found: Found) -> str:
        """Who learns of a reader that plays this one; the provider's receiver unless each has its own."""
        return self.receiver

    def page(self, found: Found, play: Play) -> str:
        """The address of the page there, for readers who follow the link."""
        return found.url

    def frame(self, found: Found, facts: Facts | None, play: Play) -> str:
        """The address of the player; empty where there is none, or none without a look-up."""
        return ""

    def lookup(self, found: Found) -> str:
        """The address of the oEmbed request (https://oembed.com), or empty where nothing can be asked."""
        return ""

    def facts(self, found: Found, answer: Mapping[str, Any]) -> Facts:
        """What an oEmbed answer tells; each value is checked, since the answer is a stranger's."""
        return common_facts(answer)

    def posters(self, found: Found, answer: Mapping[str, Any]) -> tuple[str, ...]:
        """Addresses of a picture of it, the best first."""
        return tuple(filter(None, (https(answer.get("thumbnail_url")),)))

    def is_copyable(self, facts: Facts) -> bool:
        """Whether its licence lets us keep a copy of the picture."""
        return True


def common_facts(answer: Mapping[str, Any]) -> Facts:
    """The fields that oEmbed 1.0 defines (section 2.3.4)."""
    return Facts(
        title=plain_text(answer.get("title")),
        author=plain_text(answer.get("author_name")),
        author_url=https(answer.get("author_url")),
        width=number(answer.get("width")),
        height=number(answer.get("height")),
        seconds=number(answer.get("duration"), 1_000_000),
    )


def plain_text(value: object, longest: int = _LONGEST_TEXT) -> str:
    """A stranger's text on one line, without control and direction signs, cut to a length."""
    if not isinstance(value, str):
        return ""
    text = " ".join(_CONTROL.sub(" ", value[: longest * 4]).split())
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def number(value: object, largest: int = _LARGEST) -> int:
    """A whole number from 1 to a limit, also where it is written as text (Flickr); else 0."""
    if isinstance(value, str) and re.fullmatch(r"\d{1,12}", value.strip(), re.ASCII):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
        return 0
    return int(value) if 1 <= value <= largest else 0


def https(value: object) -> str:
    """A stranger's address, if it is one of a public web server; always by https."""
    if not isinstance(value, str):
        return ""
    address = parse_address(value.strip())
    return address.url if address else ""


def day(value: object) -> str:
    """The day that a stranger's moment begins with (ISO 8601), or an empty text."""
    found = plain_text(value)[:10]
    try:
        return found if dt.date.fromisoformat(found).isoformat() == found else ""
    except ValueError:
        return ""


def in_html(answer: Mapping[str, Any], pattern: re.Pattern[str]) -> str:
    """What the first group of a pattern finds in an answer's ``html``, of which nothing else is ever used."""
    html = answer.get("html")
    found = pattern.search(html[:_LONGEST_HTML]) if isinstance(html, str) else None
    return found[1] if found else ""


def query(values: Mapping[str, object]) -> str:
    """The filled values as a query with its ``?``, or an empty text."""
    given = {name: value for name, value in values.items() if value not in ("", 0, None)}
    return "?" + urlencode(given) if given else ""
