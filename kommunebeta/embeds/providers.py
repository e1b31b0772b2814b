"""Every provider that comes with Kommunebeta, and who knows an address."""

from __future__ import annotations

from collections.abc import Iterable

from kommunebeta.config import Settings
from kommunebeta.embeds.address import parse_address
from kommunebeta.embeds.custom import Custom
from kommunebeta.embeds.facebook import Facebook
from kommunebeta.embeds.flickr import Flickr
from kommunebeta.embeds.instagram import Instagram
from kommunebeta.embeds.issuu import Issuu
from kommunebeta.embeds.mastodon import Mastodon
from kommunebeta.embeds.norgeskart import Norgeskart
from kommunebeta.embeds.openstreetmap import OpenStreetMap
from kommunebeta.embeds.peertube import PeerTube
from kommunebeta.embeds.provider import Found, Provider
from kommunebeta.embeds.slideshare import SlideShare
from kommunebeta.embeds.soundcloud import SoundCloud
from kommunebeta.embeds.speakerdeck import SpeakerDeck
from kommunebeta.embeds.vimeo import Vimeo
from kommunebeta.embeds.x import X
from kommunebeta.embeds.youtube import YouTube

PROVIDERS: tuple[Provider, ...] = (
    YouTube(),
    Vimeo(),
    SlideShare(),
    Flickr(),
    SpeakerDeck(),
    Issuu(),
    SoundCloud(),
    X(),
    Facebook(),
    Instagram(),
    OpenStreetMap(),
    Norgeskart(),
    PeerTube(),
    Mastodon(),
)
"""In the order in which they are asked; those that know any host stand last."""


def providers_of(settings: Settings, lang: str) -> tuple[Provider, ...]:
    """The providers that a site's settings add, which are asked first, and those that come with Kommunebeta.

    Args:
        settings: the site's settings.
        lang: language of the texts that the settings give.
    """
    own = tuple(Custom(setting, settings, lang) for setting in settings.embeds.providers)
    taken = {provider.id for provider in PROVIDERS}
    for provider in own:
        # A reader's standing yes to one of ours must not hold for a namesake of the site's.
        if provider.id in taken:
            provider.id = f"egen-{provider.id}"
    return (*own, *PROVIDERS)


def identify(url: str, providers: Iterable[Provider] = PROVIDERS) -> tuple[Provider, Found] | None:
    """Who knows an address, and what it means there.

    Args:
        url: the address as written.
        providers: who is asked, in order.
    """
    address = parse_address(url)
    if address is None:
        return None
    for provider in providers:
        found = provider.find(address)
        if found is not None:
            return provider, found
    return None
