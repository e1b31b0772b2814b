"""OpenStreetMap: a place in every form that it is shared in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kommunebeta.embeds.openstreetmap import OpenStreetMap
from kommunebeta.embeds.provider import Found, Play
from kommunebeta.embeds.providers import identify

BASE = "https://www.openstreetmap.org"


def found(url: str) -> Found | None:
    known = identify(url)
    return known[1] if known and known[0].id == "openstreetmap" else None


@pytest.mark.parametrize(
    ("url", "address", "marker"),
    [
        (f"{BASE}/#map=15/59.9139/10.7522", f"{BASE}/#map=15/59.9139/10.7522", ""),
        ("http://openstreetmap.org/#map=15/59.9139/10.7522", f"{BASE}/#map=15/59.9139/10.7522", ""),
        ("//www.openstreetmap.org/#map=15/59.9139/10.7522", f"{BASE}/#map=15/59.9139/10.7522", ""),
        ("https://osm.org/#map=15/59.9139/10.7522", f"{BASE}/#map=15/59.9139/10.7522", ""),
        (f"{BASE}/#map=15.25/59.9139/10.7522", f"{BASE}/#map=15/59.9139/10.7522", ""),
        (f"{BASE}/#map=15/59.9139/10.7522&layers=C", f"{BASE}/#map=15/59.9139/10.7522", ""),
        (f"{BASE}/#map=3/-33/-70", f"{BASE}/#map=3/-33/-70", ""),
        (
            f"{BASE}/?mlat=59.91&mlon=10.75#map=15/59.9139/10.7522",
            f"{BASE}/?mlat=59.91&mlon=10.75#map=15/59.9139/10.7522",
            "59.91,10.75",
        ),
        (
            f"{BASE}/?mlat=59.91&mlon=10.75&zoom=15",
            f"{BASE}/?mlat=59.91&mlon=10.75#map=15/59.91/10.75",
            "59.91,10.75",
        ),
        (
            f"{BASE}/?mlat=59.91&mlon=10.75",
            f"{BASE}/?mlat=59.91&mlon=10.75#map=12/59.91/10.75",
            "59.91,10.75",
        ),
        (f"{BASE}/?lat=59.91&lon=10.75&zoom=15", f"{BASE}/#map=15/59.91/10.75", ""),
        (f"{BASE}/?mlat=x&mlon=10.75#map=15/59.9139/10.7522", f"{BASE}/#map=15/59.9139/10.7522", ""),
        (f"{BASE}/?mlat=91&mlon=10.75#map=15/59.9139/10.7522", f"{BASE}/#map=15/59.9139/10.7522", ""),
        (f"{BASE}/way/123456#map=17/59.9139/10.7522", f"{BASE}/way/123456#map=17/59.9139/10.7522", ""),
        ("https://osm.org/go/0EEQjE--", f"{BASE}/#map=9/51.51077/0.05493", ""),
        ("https://osm.org/go/0EEQjE==", f"{BASE}/#map=9/51.51077/0.05493", ""),
        ("https://osm.org/go/0EEQjEEb", f"{BASE}/#map=16/51.51100/0.05500", ""),
        (
            "http://osm.org/go/0Ik3VNr_A-?m",
            f"{BASE}/?mlat=46.05140&mlon=14.50605#map=17/46.05140/14.50605",
            "46.05140,14.50605",
        ),
        (
            "https://www.openstreetmap.org/go/0Ik3VNr_A-?m=&layers=C",
            f"{BASE}/?mlat=46.05140&mlon=14.50605#map=17/46.05140/14.50605",
            "46.05140,14.50605",
        ),
        (
            f"{BASE}/export/embed.html?bbox=10.70%2C59.90%2C10.78%2C59.93&layer=mapnik&marker=59.91%2C10.75",
            f"{BASE}/?mlat=59.91&mlon=10.75#map=13/59.91500/10.74000",
            "59.91,10.75",
        ),
        (
            f"{BASE}/export/embed.html?bbox=-180,-85,180,85&layer=mapnik",
            f"{BASE}/#map=1/0.00000/0.00000",
            "",
        ),
    ],
)
def test_every_form_of_a_place_is_the_one_place(url: str, address: str, marker: str) -> None:
    known = found(url)
    assert known is not None
    assert (known.url, known.kind, known.get("marker")) == (address, "map", marker)


def test_old_and_new_short_addresses_are_the_same() -> None:
    assert found("https://osm.org/go/as3I3GpG@-") == found("https://osm.org/go/as3I3GpG~-") is not None


def test_the_frame_shows_the_part_around_the_place_with_its_marker() -> None:
    known = found(f"{BASE}/?mlat=59.91&mlon=10.75#map=15/59.91/10.75")
    assert known is not None
    assert OpenStreetMap().frame(known, None, Play()) == (
        f"{BASE}/export/embed.html?bbox=10.736267%2C59.904836%2C10.763733%2C59.915164"
        "&layer=mapnik&marker=59.91%2C10.75"
    )


@given(st.integers(0, 19), st.floats(-85, 85), st.floats(-180, 180))
def test_the_part_shown_holds_the_place_and_stays_on_the_map(zoom: int, lat: float, lon: float) -> None:
    known = found(f"{BASE}/#map={zoom}/{lat:.5f}/{lon:.5f}")
    assert known is not None
    west, south, east, north = map(float, known.get("box").split(","))
    assert -180 <= west <= round(lon, 5) <= east <= 180
    assert -85 <= south <= round(lat, 5) <= north <= 85
    assert west < east
    assert south < north
    assert known == found(known.url)


@pytest.mark.parametrize(
    "url",
    [
        f"{BASE}/",
        f"{BASE}/#map=15/59.9139",
        f"{BASE}/#map=20/59.9139/10.7522",
        f"{BASE}/#map=15/86/10.7522",
        f"{BASE}/#map=15/59.9139/181",
        f"{BASE}/#map=15/59.9139/10.7522/x",
        f"{BASE}/#map=15/%22/10",
        f"{BASE}/#map=١٥/59/10",
        f"{BASE}/#map=1e1/59/10",
        f"{BASE}/#map=15/nan/10",
        f"{BASE}/#map=15/59.91390000000/10.7522",
        f"{BASE}/directions?from=a&to=b#map=15/59.9139/10.7522",
        f"{BASE}/user/x#map=15/59.9139/10.7522",
        f"{BASE}/way/x#map=15/59.9139/10.7522",
        f"{BASE}/way/123456",
        f"{BASE}/../#map=15/59.9139/10.7522",
        f"{BASE}/?mlat=59.91",
        f"{BASE}/?mlat=59.91&mlon=10.75&zoom=x",
        f"{BASE}/export/embed.html",
        f"{BASE}/export/embed.html?bbox=10,59,11",
        f"{BASE}/export/embed.html?bbox=11,59,10,60",
        f"{BASE}/export/embed.html?bbox=10,60,11,59",
        f"{BASE}/export/embed.html?bbox=10,89,11,90",
        f"{BASE}/export/embed.html?bbox=a,b,c,d",
        "https://osm.org/go/",
        "https://osm.org/go/A",
        "https://osm.org/go/AB!C",
        "https://osm.org/go/0EEQjE---",
        "https://evil.example/go/0EEQjE--",
        "https://tile.openstreetmap.org/#map=15/59.9139/10.7522",
        "https://openstreetmap.com/#map=15/59.9139/10.7522",
    ],
)
def test_near_misses_are_not_maps(url: str) -> None:
    assert found(url) is None
