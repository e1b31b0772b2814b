"""Instagram: posts, reels and films as cards."""

from __future__ import annotations

import pytest

from kommunebeta.embeds.instagram import Instagram
from kommunebeta.embeds.provider import Facts, Found, Play
from kommunebeta.embeds.providers import identify

BASE = "https://www.instagram.com"


def found(url: str) -> Found | None:
    known = identify(url)
    return known[1] if known and known[0].id == "instagram" else None


@pytest.mark.parametrize(
    ("url", "address"),
    [
        (f"{BASE}/p/CxYz_12-abc/", f"{BASE}/p/CxYz_12-abc/"),
        ("http://instagram.com/p/CxYz_12-abc", f"{BASE}/p/CxYz_12-abc/"),
        ("//www.instagram.com/p/CxYz_12-abc/?igsh=MXFx", f"{BASE}/p/CxYz_12-abc/"),
        ("https://m.instagram.com/p/CxYz_12-abc/", f"{BASE}/p/CxYz_12-abc/"),
        ("http://instagr.am/p/CxYz_12-abc/", f"{BASE}/p/CxYz_12-abc/"),
        (f"{BASE}/p/CxYz_12-abc/?img_index=2", f"{BASE}/p/CxYz_12-abc/"),
        (f"{BASE}/p/CxYz_12-abc/embed/", f"{BASE}/p/CxYz_12-abc/"),
        (f"{BASE}/fjordvik.kommune/p/CxYz_12-abc/", f"{BASE}/p/CxYz_12-abc/"),
        (f"{BASE}/reel/CxYz_12-abc/", f"{BASE}/reel/CxYz_12-abc/"),
        (f"{BASE}/reels/CxYz_12-abc/", f"{BASE}/reel/CxYz_12-abc/"),
        (f"{BASE}/fjordvik/reel/CxYz_12-abc/", f"{BASE}/reel/CxYz_12-abc/"),
        (f"{BASE}/tv/CxYz_12-abc/", f"{BASE}/tv/CxYz_12-abc/"),
    ],
)
def test_every_form_of_a_post_is_the_one_post(url: str, address: str) -> None:
    known = found(url)
    assert known is not None
    assert (known.url, known.id, known.kind) == (address, "CxYz_12-abc", "post")


def test_there_is_neither_frame_nor_look_up() -> None:
    known = found(f"{BASE}/p/CxYz_12-abc/")
    assert known is not None
    assert Instagram().frame(known, Facts(player=BASE), Play()) == ""
    assert Instagram().lookup(known) == ""
    assert Instagram().origins == ()


@pytest.mark.parametrize(
    "url",
    [
        f"{BASE}/",
        f"{BASE}/fjordvik",
        f"{BASE}/p/",
        f"{BASE}/p/abc",
        f"{BASE}/p/Cx%22z_12",
        f"{BASE}/p/C\u00e5zz_12",
        f"{BASE}/a/b/p/CxYz_12-abc",
        f"{BASE}/p/CxYz_12-abc/x",
        f"{BASE}/stories/fjordvik/1234567890",
        f"{BASE}/explore/tags/fjordvik",
        f"{BASE}/../p/CxYz_12-abc",
        f"{BASE}/p%2FCxYz_12-abc",
        "https://instagram.no/p/CxYz_12-abc",
        "https://help.instagram.com/p/CxYz_12-abc",
        "https://notinstagram.com/p/CxYz_12-abc",
    ],
)
def test_near_misses_are_not_posts(url: str) -> None:
    assert found(url) is None
