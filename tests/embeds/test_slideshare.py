"""SlideShare: decks by number, by key, and by a name whose number must be looked up."""

from __future__ import annotations

import pytest

from kommunebeta.embeds.provider import Facts, Found, Play
from kommunebeta.embeds.providers import identify
from kommunebeta.embeds.slideshare import SlideShare

BASE = "https://www.slideshare.net"
PLAYER = f"{BASE}/slideshow/embed_code"


def found(url: str) -> Found | None:
    known = identify(url)
    return known[1] if known and known[0].id == "slideshare" else None


def frame(url: str, facts: Facts | None = None) -> str:
    known = found(url)
    assert known is not None
    return SlideShare().frame(known, facts, Play(slide=known.slide))


@pytest.mark.parametrize(
    ("url", "address", "player"),
    [
        (f"{BASE}/kommune/budsjett-72889434", "kommune/budsjett-72889434", "72889434"),
        ("http://slideshare.net/kommune/budsjett-72889434/", "kommune/budsjett-72889434", "72889434"),
        ("//www.slideshare.net/kommune/budsjett-72889434", "kommune/budsjett-72889434", "72889434"),
        ("https://fr.slideshare.net/kommune/budsjett-72889434", "kommune/budsjett-72889434", "72889434"),
        ("https://de.slideshare.net/kommune/budsjett-72889434", "kommune/budsjett-72889434", "72889434"),
        ("https://es.slideshare.net/kommune/budsjett-72889434", "kommune/budsjett-72889434", "72889434"),
        ("https://pt.slideshare.net/kommune/budsjett-72889434", "kommune/budsjett-72889434", "72889434"),
        (
            f"{BASE}/mobile/kommune/budsjett-72889434?from_m_app=ios",
            "kommune/budsjett-72889434",
            "72889434",
        ),
        (f"{BASE}/kommune/m%C3%B8te-72889434", "kommune/m%C3%B8te-72889434", "72889434"),
        (f"{BASE}/slideshow/budsjett/250000001", "slideshow/budsjett/250000001", "250000001"),
        (f"{BASE}/slideshow/m%c3%b8te/250000001", "slideshow/m%C3%B8te/250000001", "250000001"),
        (f"{BASE}/slideshow/embed_code/72889434", "slideshow/embed_code/72889434", "72889434"),
        (
            "//www.slideshare.net/slideshow/embed_code/72889434?rel=0",
            "slideshow/embed_code/72889434",
            "72889434",
        ),
        (
            f"{BASE}/slideshow/embed_code/key/7gOoDv2qMSirPN",
            "slideshow/embed_code/key/7gOoDv2qMSirPN",
            "key/7gOoDv2qMSirPN",
        ),
        (
            "//www.slideshare.net/slideshow/embed_code/key/7gOoDv2qMSirPN",
            "slideshow/embed_code/key/7gOoDv2qMSirPN",
            "key/7gOoDv2qMSirPN",
        ),
    ],
)
def test_every_form_with_a_number_or_key_plays_without_a_look_up(url: str, address: str, player: str) -> None:
    known = found(url)
    assert known is not None
    assert (known.url, known.id, known.kind) == (f"{BASE}/{address}", player, "slides")
    assert frame(url) == f"{PLAYER}/{player}"


@pytest.mark.parametrize(
    "slug", ["budsjett", "budsjett-2024", "budsjett.2024", "møte-1", "a-1234", "b_c", "embed_code"]
)
def test_a_name_without_a_number_plays_after_a_look_up(slug: str) -> None:
    known = found(f"{BASE}/kommune/{slug}")
    assert known is not None
    assert known.id == ""
    assert frame(known.url) == ""
    assert frame(known.url, Facts(player="key/7gOoDv2qMSirPN")) == f"{PLAYER}/key/7gOoDv2qMSirPN"


def test_what_was_looked_up_goes_before_digits_that_may_be_a_date() -> None:
    url = f"{BASE}/kommune/mote-20100517"
    assert frame(url) == f"{PLAYER}/20100517"
    assert frame(url, Facts(player="key/7gOoDv2qMSirPN")) == f"{PLAYER}/key/7gOoDv2qMSirPN"


@pytest.mark.parametrize(
    "player", ["../x", "key/", "key/a b", 'key/"onload=1', "https://evil.example/", "1/../../x", "12?x=1", ""]
)
def test_a_hostile_code_in_the_lock_is_not_played(player: str) -> None:
    assert frame(f"{BASE}/kommune/budsjett", Facts(player=player)) == ""


@pytest.mark.parametrize(
    ("url", "slide"),
    [
        (f"{PLAYER}/72889434?startSlide=7", 7),
        (f"{PLAYER}/key/7gOoDv2qMSirPN?startSlide=7", 7),
        (f"{BASE}/kommune/budsjett-72889434?startSlide=7", 7),
        (f"{BASE}/kommune/budsjett-72889434/7", 7),
        (f"{PLAYER}/72889434?startSlide=0", 0),
        (f"{PLAYER}/72889434?startSlide=99999", 0),
        (f"{PLAYER}/72889434?startSlide=x", 0),
    ],
)
def test_the_slide_to_begin_with_is_read_and_played(url: str, slide: int) -> None:
    known = found(url)
    assert known is not None
    assert known.slide == slide
    assert frame(url).endswith(f"?startSlide={slide}") == bool(slide)
    assert "startSlide" not in known.url


@pytest.mark.parametrize(
    "url",
    [
        f"{BASE}/",
        f"{BASE}/kommune",
        f"{BASE}/search/slideshow?q=budsjett",
        f"{BASE}/search/budsjett",
        f"{BASE}/category/government",
        f"{BASE}/kommune/presentations",
        f"{BASE}/kommune/followers",
        f"{BASE}/kommune/budsjett/om/7",
        f"{BASE}/slideshow/budsjett",
        f"{BASE}/slideshow/budsjett/x",
        f"{BASE}/slideshow/embed_code",
        f"{BASE}/slideshow/embed_code/",
        f"{BASE}/slideshow/embed_code/abc",
        f"{BASE}/slideshow/embed_code/72889434/x",
        f"{BASE}/slideshow/embed_code/key",
        f"{BASE}/slideshow/embed_code/key/..",
        f"{BASE}/slideshow/embed_code/key/a%22b%22c%22d",
        f"{BASE}/slideshow/embed_code/key/%2e%2e",
        f"{BASE}/slideshow%2Fembed_code%2F72889434",
        f"{BASE}/../budsjett-72889434",
        f"{BASE}/k%22ommune/budsjett",
        "https://slideshare.com/kommune/budsjett-72889434",
        "https://xx.slideshare.net/kommune/budsjett-72889434",
        "https://image.slidesharecdn.com/kommune/budsjett-72889434",
    ],
)
def test_near_misses_are_not_decks(url: str) -> None:
    assert found(url) is None


def test_the_answer_tells_code_slides_and_pictures() -> None:
    known = found(f"{BASE}/kommune/budsjett")
    assert known is not None
    answer = {
        "title": "Budsjett",
        "html": '<iframe src="https://www.slideshare.net/slideshow/embed_code/key/7gOoDv2qMSirPN"></iframe><div>',
        "total_slides": 24,
        "slideshow_id": 72889434,
        "slide_image_baseurl": "//image.slidesharecdn.com/budsjett/95/slide-",
        "slide_image_baseurl_suffix": "-1024.jpg",
        "thumbnail": "//cdn.slidesharecdn.com/ss_thumbnails/budsjett-thumbnail.jpg?cb=1",
        "width": 425,
        "height": 355,
    }
    facts = SlideShare().facts(known, answer)
    assert (facts.player, facts.count, facts.width, facts.height) == ("key/7gOoDv2qMSirPN", 24, 425, 355)
    assert SlideShare().posters(known, answer) == (
        "https://image.slidesharecdn.com/budsjett/95/slide-1-1024.jpg",
        "https://cdn.slidesharecdn.com/ss_thumbnails/budsjett-thumbnail.jpg?cb=1",
    )


@pytest.mark.parametrize(
    ("answer", "player"),
    [
        ({"html": "<b>", "slideshow_id": "72889434"}, "72889434"),
        ({"html": None, "slideshow_id": "72889434x"}, ""),
        ({"html": ["key"], "slideshow_id": True}, ""),
        ({"html": 'src="https://evil.example/slideshow/embed_code/key/7gOoDv2qMSirPN"'}, ""),
        ({}, ""),
    ],
)
def test_an_odd_answer_gives_at_most_a_number(answer: dict[str, object], player: str) -> None:
    known = found(f"{BASE}/kommune/budsjett")
    assert known is not None
    assert SlideShare().facts(known, answer).player == player
