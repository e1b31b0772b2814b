"""SoundCloud: tracks and playlists."""

from __future__ import annotations

import pytest

from kommunebeta.embeds.provider import Found, Play
from kommunebeta.embeds.providers import identify
from kommunebeta.embeds.soundcloud import SoundCloud

BASE = "https://soundcloud.com"


def found(url: str) -> Found | None:
    known = identify(url)
    return known[1] if known and known[0].id == "soundcloud" else None


@pytest.mark.parametrize(
    ("url", "path"),
    [
        (f"{BASE}/fjordvik/kommunestyret-mai", "fjordvik/kommunestyret-mai"),
        ("http://www.soundcloud.com/fjordvik/kommunestyret-mai/", "fjordvik/kommunestyret-mai"),
        ("//m.soundcloud.com/fjordvik/kommunestyret-mai?si=x", "fjordvik/kommunestyret-mai"),
        (f"{BASE}/fjordvik/kommunestyret-mai#t=1:30", "fjordvik/kommunestyret-mai"),
        (f"{BASE}/fjordvik/sets/podkast", "fjordvik/sets/podkast"),
        (f"{BASE}/fjordvik/utkast/s-AbC12xyZ", "fjordvik/utkast/s-AbC12xyZ"),
        (f"{BASE}/fjordvik/sets/utkast/s-AbC12xyZ", "fjordvik/sets/utkast/s-AbC12xyZ"),
        (
            "https://w.soundcloud.com/player/?url=https%3A//soundcloud.com/fjordvik/sets/podkast&color=%23ff5500",
            "fjordvik/sets/podkast",
        ),
    ],
)
def test_tracks_and_playlists_are_known(url: str, path: str) -> None:
    known = found(url)
    assert known is not None
    assert (known.url, known.id, known.kind) == (f"{BASE}/{path}", path, "sound")


def test_the_player_gets_the_page_s_address_and_shows_nothing_of_others() -> None:
    known = found(f"{BASE}/fjordvik/kommunestyret-mai")
    assert known is not None
    assert SoundCloud().frame(known, None, Play()) == (
        "https://w.soundcloud.com/player/?url=https%3A%2F%2Fsoundcloud.com%2Ffjordvik%2Fkommunestyret-mai"
        "&hide_related=true&show_comments=false&show_teaser=false"
    )


def test_the_answer_s_shape_is_not_used() -> None:
    known = found(f"{BASE}/fjordvik/kommunestyret-mai")
    assert known is not None
    assert (
        SoundCloud().lookup(known).startswith(f"{BASE}/oembed?format=json&url=https%3A%2F%2Fsoundcloud.com")
    )
    facts = SoundCloud().facts(known, {"title": "Møte", "width": "100%", "height": 400})
    assert (facts.title, facts.width, facts.height) == ("Møte", 0, 0)


@pytest.mark.parametrize(
    "url",
    [
        f"{BASE}/",
        f"{BASE}/fjordvik",
        f"{BASE}/fjordvik/sets",
        f"{BASE}/fjordvik/tracks",
        f"{BASE}/fjordvik/likes",
        f"{BASE}/discover/sets/x",
        f"{BASE}/search/sounds?q=x",
        f"{BASE}/you/library",
        f"{BASE}/fjordvik/a/b",
        f"{BASE}/fjordvik/sets/a/b",
        f"{BASE}/fjordvik/utkast/s-",
        f"{BASE}/fj\u00f8rd/mote",
        f"{BASE}/fjordvik/..",
        f"{BASE}/fjordvik%2Fmote",
        f"{BASE}/fjordvik/m%22te",
        "https://on.soundcloud.com/AbC12",
        "https://api.soundcloud.com/tracks/293",
        "https://w.soundcloud.com/player/",
        "https://w.soundcloud.com/player/?url=https%3A//api.soundcloud.com/tracks/293",
        "https://w.soundcloud.com/player/?url=https%3A//evil.example/fjordvik/mote",
        "https://w.soundcloud.com/player/?url=https%3A//w.soundcloud.com/player/%3Furl%3Dx",
        "https://soundcloud.org/fjordvik/mote",
        "https://notsoundcloud.com/fjordvik/mote",
    ],
)
def test_near_misses_are_not_sound(url: str) -> None:
    assert found(url) is None
