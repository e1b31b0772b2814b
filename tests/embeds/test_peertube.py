"""PeerTube: films on any server, played by that server and not shared among viewers."""

from __future__ import annotations

import pytest

from kommunebeta.embeds.address import frame_origin
from kommunebeta.embeds.peertube import PeerTube
from kommunebeta.embeds.provider import Facts, Found, Play
from kommunebeta.embeds.providers import identify

UUID = "52a10666-3a18-4e73-93da-e8d3c12c305a"
CODE = "kkGMgK9ZtnKfYAgnEtQxbv"


def found(url: str) -> Found | None:
    known = identify(url)
    return known[1] if known and known[0].id == "peertube" else None


@pytest.mark.parametrize("code", [UUID, CODE])
@pytest.mark.parametrize(
    "form",
    [
        "https://tube.kommune.no/w/{}",
        "http://tube.kommune.no/w/{}/",
        "//tube.kommune.no/videos/embed/{}",
        "https://tube.kommune.no/videos/watch/{}",
        "https://tube.kommune.no/videos/embed/{}?autoplay=1&p2p=1&warningTitle=0",
        "https://TUBE.kommune.no/w/{}#x",
    ],
)
def test_every_form_of_a_film_is_the_one_film(form: str, code: str) -> None:
    known = found(form.format(code))
    assert known is not None
    assert (known.url, known.id, known.kind) == (f"https://tube.kommune.no/w/{code}", code, "film")
    assert PeerTube().frame(known, None, Play()) == f"https://tube.kommune.no/videos/embed/{code}?p2p=0"


def test_the_player_s_server_is_the_one_that_learns_of_the_reader() -> None:
    known = found(f"https://tube.kommune.no/w/{CODE}")
    assert known is not None
    assert PeerTube().receiver_of(known) == "tube.kommune.no"
    assert frame_origin(PeerTube().frame(known, None, Play())) == "https://tube.kommune.no"
    assert PeerTube().origins == ()


def test_start_end_and_captions_are_read_and_played() -> None:
    known = found(f"https://tube.kommune.no/w/{CODE}?start=1m30s&stop=120s")
    assert known is not None
    assert (known.start, known.end) == (90, 120)
    play = Play(lang="nn", start=90, end=120, captions=True)
    assert PeerTube().frame(known, Facts(player="x"), play) == (
        f"https://tube.kommune.no/videos/embed/{CODE}?start=90&stop=120&subtitle=nn&p2p=0"
    )
    assert PeerTube().page(known, play) == f"https://tube.kommune.no/w/{CODE}?start=90s"


def test_the_server_itself_is_asked() -> None:
    known = found(f"https://tube.kommune.no/w/{CODE}")
    assert known is not None
    assert PeerTube().lookup(known) == (
        f"https://tube.kommune.no/services/oembed?url=https%3A%2F%2Ftube.kommune.no%2Fw%2F{CODE}&format=json"
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://tube.kommune.no/w/",
        "https://tube.kommune.no/w/abc",
        f"https://tube.kommune.no/w/{UUID[:18]}",
        f"https://tube.kommune.no/w/{CODE}x",
        f"https://tube.kommune.no/w/{'0' + CODE[1:]}",
        f"https://tube.kommune.no/w/{CODE}/x",
        f"https://tube.kommune.no/w/p/{CODE}",
        f"https://tube.kommune.no/w/{UUID.upper()}",
        f"https://tube.kommune.no/videos/{UUID}",
        f"https://tube.kommune.no/videos/test-embed/{UUID}",
        f"https://tube.kommune.no/video-playlists/embed/{UUID}",
        f"https://tube.kommune.no/x/w/{CODE}",
        f"https://tube.kommune.no/w%2F{CODE}",
        f"https://tube.kommune.no/x/../w/{CODE}",
        f"https://kari@tube.kommune.no/w/{CODE}",
        f"https://tube.kommune.no:9000/w/{CODE}",
        f"https://localhost/w/{CODE}",
        f"https://127.0.0.1/w/{CODE}",
        f"https://[::1]/w/{CODE}",
        f"https://tjener.local/w/{CODE}",
        f"https://tube.kømmune.no/w/{CODE}",
    ],
)
def test_near_misses_are_not_films(url: str) -> None:
    assert found(url) is None
