"""Providers that a site adds by its settings, such as a municipality's web television."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from html import unescape
from typing import Any

from kommunebeta.config import EmbedProviderSetting, Settings
from kommunebeta.embeds.address import Address, encoded, fragment_values, frame_origin, seconds
from kommunebeta.embeds.pattern import Pattern, fill
from kommunebeta.embeds.provider import (
    FILM_SHUT_IN,
    PLAYS,
    SHUT_IN,
    Facts,
    Found,
    Play,
    Provider,
    common_facts,
    https,
    in_html,
)
from kommunebeta.language import slugify
from kommunebeta.model import EmbedKind

_IFRAME = re.compile(
    r"<iframe\b[^>]{0,2000}?\ssrc\s{0,9}=\s{0,9}[\"']([^\"'<>\s]{8,1500})[\"']", re.IGNORECASE
)


class Custom(Provider):
    """A provider by settings: a pattern of addresses, and a player's address or an oEmbed service."""

    def __init__(self, setting: EmbedProviderSetting, settings: Settings, lang: str) -> None:
        """Take the settings over.

        Args:
            setting: the provider's settings, in which ``pattern_fault`` finds no fault.
            settings: the site's settings.
            lang: the language of the texts.
        """
        self.id = slugify(setting.name) or "egen"
        self.name = setting.name
        self.receiver = setting.receiver or setting.name
        self.privacy = settings.text(setting.privacy, lang)
        self.default_title = settings.text(setting.title, lang)
        self._setting = setting
        self._pattern = Pattern(setting.match)
        self._kind = EmbedKind(setting.kind)
        width, _, height = setting.aspect.partition(":")
        self.shape = int(width), int(height)
        self.origins = _origins(setting)
        if self._kind is EmbedKind.FILM:
            self.allow, self.sandbox = PLAYS, FILM_SHUT_IN
        elif self._kind is EmbedKind.SOUND:
            self.allow, self.sandbox = "autoplay", SHUT_IN

    def find(self, address: Address) -> Found | None:
        """An address that the pattern fits; what its names stand for goes into the player's address."""
        values = self._pattern.values(address)
        if values is None:
            return None
        said = {**address.query, **fragment_values(address.fragment)}
        start = seconds(said.get("t") or said.get("start") or "") or 0
        url = self._pattern.part_of(address)
        return Found(self.id, url, self._kind, start=start, more=tuple(values.items()))

    def frame(self, found: Found, facts: Facts | None, play: Play) -> str:
        """The player's address with its names filled; without one, what the look-up told."""
        if not self._setting.iframe:
            return self._ours(facts.player) if facts else ""
        asked = {"start": play.start, "end": play.end or "", "slide": play.slide or "", "lang": play.lang}
        values = {name: str(value) for name, value in asked.items()} | dict(found.more)
        return self._ours(fill(self._setting.iframe, values))

    def lookup(self, found: Found) -> str:
        """The oEmbed service, if the settings name one."""
        if not self._setting.oembed:
            return ""
        sign = "&" if "?" in self._setting.oembed else "?"
        return f"{self._setting.oembed}{sign}url={encoded(found.url)}&format=json"

    def facts(self, found: Found, answer: Mapping[str, Any]) -> Facts:
        """With the address of the player, which must lie on one of the hosts that the settings name."""
        return replace(common_facts(answer), player=self._ours(unescape(in_html(answer, _IFRAME))))

    def _ours(self, player: str) -> str:
        """A player's address by https, or an empty text where it lies on a host that is not ours to show."""
        return https(player) if frame_origin(player) in self.origins else ""


def _origins(setting: EmbedProviderSetting) -> tuple[str, ...]:
    """Where players come from: the player's own host; or those that are named, else the pages' host."""
    if not setting.iframe and setting.frames:
        return tuple(f"https://{host}" for host in dict.fromkeys(setting.frames))
    up_to_the_path = (setting.iframe or setting.match).split("/", 3)[:3]
    return (frame_origin("/".join(up_to_the_path)),)
