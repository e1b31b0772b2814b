"""Norgeskart: the map's present addresses and those of its earlier editions, as a card."""

from __future__ import annotations

import pytest

from kommunebeta.embeds.norgeskart import Norgeskart
from kommunebeta.embeds.provider import Facts, Found, Play
from kommunebeta.embeds.providers import identify


def found(url: str) -> Found | None:
    known = identify(url)
    return known[1] if known and known[0].id == "norgeskart" else None


@pytest.mark.parametrize(
    ("url", "address"),
    [
        (
            "https://norgeskart.no/?zoom=14&lat=7044247.28&lon=269983.74&markerLat=7044247.28&markerLon=269983.74",
            "https://norgeskart.no/?zoom=14&lat=7044247.28&lon=269983.74&markerLat=7044247.28&markerLon=269983.74",
        ),
        (
            "http://www.norgeskart.no/#!?project=norgeskart&layers=1002&zoom=4&lat=7197864.00&lon=396722.00",
            "https://www.norgeskart.no/#!?project=norgeskart&layers=1002&zoom=4&lat=7197864.00&lon=396722.00",
        ),
        (
            "//norgeskart.no/#!?zoom=4&lat=59.91&lon=10.75&sok=R\u00e5dhuset",
            "https://norgeskart.no/#!?zoom=4&lat=59.91&lon=10.75&sok=R%C3%A5dhuset",
        ),
        (
            "https://www.norgeskart.no/#12/269983/7044247",
            "https://www.norgeskart.no/#12/269983/7044247",
        ),
        (
            "https://www.norgeskart.no/#12/269983/7044247/+embed.box",
            "https://www.norgeskart.no/#12/269983/7044247/+embed.box",
        ),
        (
            "https://norgeskart.no/?lat=1&lon=2&x=%22'<b>",
            "https://norgeskart.no/?lat=1&lon=2&x=%22%27%3Cb%3E",
        ),
    ],
)
def test_a_place_is_a_card_with_its_address_made_safe(url: str, address: str) -> None:
    known = found(url)
    assert known is not None
    assert (known.url, known.kind) == (address, "map")


def test_there_is_neither_frame_nor_look_up() -> None:
    known = found("https://norgeskart.no/?lat=1&lon=2")
    assert known is not None
    assert Norgeskart().frame(known, Facts(player="https://norgeskart.no/"), Play()) == ""
    assert Norgeskart().lookup(known) == ""
    assert Norgeskart().origins == ()


@pytest.mark.parametrize(
    "url",
    [
        "https://norgeskart.no/",
        "https://norgeskart.no/?lat=1",
        "https://norgeskart.no/?lat=&lon=",
        "https://norgeskart.no/?lat=x&lon=y",
        "https://norgeskart.no/#!?xlat=1&xlon=2",
        "https://norgeskart.no/#12/269983",
        "https://norgeskart.no/om?lat=1&lon=2",
        "https://norgeskart.no/../?lat=1&lon=2",
        "https://norgeskart.com/?lat=1&lon=2",
        "https://minnorgeskart.no/?lat=1&lon=2",
        "https://seeiendom.kartverket.no/?lat=1&lon=2",
    ],
)
def test_near_misses_are_not_maps(url: str) -> None:
    assert found(url) is None
