"""Vimeo: films, unlisted films and events, played without tracking."""

from __future__ import annotations

import pytest

from kommunebeta.embeds.address import frame_origin
from kommunebeta.embeds.provider import Found, Play
from kommunebeta.embeds.providers import identify
from kommunebeta.embeds.vimeo import Vimeo

HASH = "8272103f6e"


def found(url: str) -> Found | None:
    known = identify(url)
    return known[1] if known and known[0].id == "vimeo" else None


def frame(url: str, play: Play | None = None) -> str:
    known = found(url)
    assert known is not None
    return Vimeo().frame(known, None, play or Play(start=known.start))


@pytest.mark.parametrize(
    "url",
    [
        "https://vimeo.com/76979871",
        "http://vimeo.com/76979871",
        "//vimeo.com/76979871",
        "https://www.vimeo.com/76979871/",
        "https://vimeo.com/76979871?share=copy&fl=sv",
        "https://vimeo.com/channels/staffpicks/76979871",
        "https://vimeo.com/groups/motion/videos/76979871",
        "https://vimeo.com/album/2838732/video/76979871",
        "https://vimeo.com/showcase/2838732/video/76979871",
        "https://vimeo.com/event/595460/videos/76979871/",
        "https://player.vimeo.com/video/76979871",
        "//player.vimeo.com/video/76979871?title=0&byline=0&portrait=0",
    ],
)
def test_every_form_of_a_film_is_the_one_film(url: str) -> None:
    known = found(url)
    assert known == found("https://vimeo.com/76979871")
    assert known is not None
    assert (known.id, known.url, known.kind, known.more) == (
        "76979871",
        "https://vimeo.com/76979871",
        "film",
        (),
    )
    assert frame(url) == "https://player.vimeo.com/video/76979871?dnt=1&keyboard=0"


@pytest.mark.parametrize(
    "url",
    [
        f"https://vimeo.com/76979871/{HASH}",
        f"https://vimeo.com/76979871/{HASH}?share=copy",
        f"https://vimeo.com/76979871?h={HASH}",
        f"https://player.vimeo.com/video/76979871?h={HASH}&badge=0&autopause=0",
        f"https://player.vimeo.com/video/76979871/{HASH}",
    ],
)
def test_an_unlisted_film_keeps_its_hash(url: str) -> None:
    known = found(url)
    assert known is not None
    assert known.url == f"https://vimeo.com/76979871/{HASH}"
    assert frame(url) == f"https://player.vimeo.com/video/76979871?h={HASH}&dnt=1&keyboard=0"
    assert (
        Vimeo()
        .lookup(known)
        .startswith(f"https://vimeo.com/api/oembed.json?url=https%3A%2F%2Fvimeo.com%2F76979871%2F{HASH}&")
    )


@pytest.mark.parametrize(
    ("url", "address", "player"),
    [
        ("https://vimeo.com/event/5116195", "event/5116195", "event/5116195/embed"),
        ("https://vimeo.com/event/1987", "event/1987", "event/1987/embed"),
        ("https://vimeo.com/event/5116195/embed?muted=1", "event/5116195", "event/5116195/embed"),
        ("https://vimeo.com/event/5116195/embed/interaction", "event/5116195", "event/5116195/embed"),
        (f"https://vimeo.com/event/5116195/{HASH}", f"event/5116195/{HASH}", f"event/5116195/embed/{HASH}"),
        (
            f"https://vimeo.com/event/5116195/embed/{HASH}",
            f"event/5116195/{HASH}",
            f"event/5116195/embed/{HASH}",
        ),
    ],
)
def test_an_event_is_shown_by_its_own_player(url: str, address: str, player: str) -> None:
    known = found(url)
    assert known is not None
    assert known.url == f"https://vimeo.com/{address}"
    assert frame(url) == f"https://vimeo.com/{player}?dnt=1"
    assert frame_origin(frame(url)) in Vimeo().origins
    assert Vimeo().page(known, Play(start=9)) == known.url


@pytest.mark.parametrize(
    ("tail", "start"),
    [("#t=90", 90), ("#t=90s", 90), ("#t=1m30s", 90), ("#t=1h2m3s", 3723), ("?t=90", 90), ("#t=x", 0), ("#90", 0)],
)  # fmt: skip
def test_a_start_is_read_and_given_to_player_and_page(tail: str, start: int) -> None:
    known = found(f"https://vimeo.com/76979871{tail}")
    assert known is not None
    assert (known.start, known.url) == (start, "https://vimeo.com/76979871")
    moment = f"#t={start}s" if start else ""
    assert frame(f"https://vimeo.com/76979871{tail}").endswith(f"?dnt=1&keyboard=0{moment}")
    assert Vimeo().page(known, Play(start=start)) == known.url + moment


def test_captions_are_asked_for_in_the_page_s_language() -> None:
    player = frame("https://vimeo.com/76979871", Play(lang="nn", captions=True))
    assert player == "https://player.vimeo.com/video/76979871?dnt=1&texttrack=nn&keyboard=0"


@pytest.mark.parametrize(
    "url",
    [
        "https://vimeo.com/",
        "https://vimeo.com/kommune",
        "https://vimeo.com/76979871x",
        "https://vimeo.com/7697987199999",
        "https://vimeo.com/76979871/description",
        "https://vimeo.com/76979871/8272103F6E",
        "https://vimeo.com/76979871/8272103f6e/x",
        "https://vimeo.com/channels/76979871",
        "https://vimeo.com/channels/a/b/76979871",
        "https://vimeo.com/channels%2Fa%2F76979871",
        "https://vimeo.com/groups/x/76979871",
        "https://vimeo.com/album/x/video/76979871",
        "https://vimeo.com/event/x",
        "https://vimeo.com/event/123/videos/x",
        "https://vimeo.com/event/123/chat",
        "https://vimeo.com/ondemand/film",
        "https://vimeo.com/video/76979871",
        "https://vimeo.com/../76979871",
        "https://player.vimeo.com/76979871",
        "https://player.vimeo.com/video/76979871/config",
        "https://player.vimeo.com/event/5116195",
        "https://vimeo.com/٧٦٩٧٩٨٧١",
        "https://vimeopro.com/kommune/76979871",
        "https://developer.vimeo.com/76979871",
    ],
)
def test_near_misses_are_not_films(url: str) -> None:
    assert found(url) is None


def test_a_wrong_hash_in_the_query_is_left_out() -> None:
    known = found("https://vimeo.com/76979871?h=%22%3E")
    assert known is not None
    assert known.more == ()


@pytest.mark.parametrize(
    ("told", "day"),
    [("2024-05-17 12:00:00", "2024-05-17"), ("2024-99-99", ""), ("20240517", ""), ("i går", ""), (None, ""), (17, "")],
)  # fmt: skip
def test_the_answer_tells_length_and_day(told: object, day: str) -> None:
    known = found("https://vimeo.com/76979871")
    assert known is not None
    facts = Vimeo().facts(known, {"duration": 62, "upload_date": told, "width": 1280, "height": 720})
    assert (facts.seconds, facts.uploaded, facts.width, facts.height) == (62, day, 1280, 720)
