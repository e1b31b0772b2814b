"""YouTube: every form of its addresses, and no other; the player that sets no cookies before."""

from __future__ import annotations

import pytest

from kommunebeta.embeds.provider import Found, Play
from kommunebeta.embeds.providers import identify
from kommunebeta.embeds.youtube import YouTube

ID = "dQw4w9WgXcQ"
LIST = "PLrAXtmErZgOeiKm4sgNOknGvNjby9efdf"
FILM = f"https://www.youtube.com/watch?v={ID}"


def found(url: str) -> Found | None:
    known = identify(url)
    return known[1] if known and known[0].id == "youtube" else None


def test_the_film_page_is_a_film() -> None:
    known = found(FILM)
    assert known is not None
    assert (known.id, known.url, known.kind, known.shape) == (ID, FILM, "film", None)


@pytest.mark.parametrize(
    "url",
    [
        f"https://youtube.com/watch?v={ID}",
        f"http://www.youtube.com/watch?v={ID}",
        f"//www.youtube.com/watch?v={ID}",
        f"HTTPS://WWW.YouTube.COM/watch?v={ID}",
        f"https://www.youtube.com:443/watch?v={ID}",
        f"https://www.youtube.com./watch?v={ID}",
        f"https://m.youtube.com/watch?v={ID}",
        f"https://music.youtube.com/watch?v={ID}&si=abc",
        f"https://www.youtube.com/watch/?v={ID}",
        f"https://www.youtube.com/watch?app=desktop&v={ID}&feature=youtu.be",
        f"https://www.youtube.com/watch_popup?v={ID}",
        f"https://www.youtube.com/watch?v={ID}#comments",
        f"https://youtu.be/{ID}",
        f"http://youtu.be/{ID}/",
        f"//youtu.be/{ID}",
        f"https://youtu.be/{ID}?si=Zx_9",
        f"https://www.youtube.com/live/{ID}",
        f"https://www.youtube.com/live/{ID}?feature=shared",
        f"https://www.youtube.com/embed/{ID}",
        f"//www.youtube.com/embed/{ID}?rel=0",
        f"https://www.youtube.com/v/{ID}",
        f"https://www.youtube.com/e/{ID}",
        f"https://www.youtube-nocookie.com/embed/{ID}",
        f"https://youtube-nocookie.com/embed/{ID}?rel=0",
    ],
)
def test_every_form_of_a_film_is_the_one_film(url: str) -> None:
    assert found(url) == found(FILM)


@pytest.mark.parametrize("id", ["-_-_-_-_-_-", "00000000000", "ABCDEFGHIJK"])
def test_an_id_holds_letters_digits_and_two_signs(id: str) -> None:
    assert (found(f"https://youtu.be/{id}") or Found("", "", "")).id == id  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("tail", "start"),
    [
        ("t=90", 90), ("t=90s", 90), ("t=1m30s", 90), ("t=1m30", 90), ("t=1h2m3s", 3723), ("t=1h", 3600), ("t=2m", 120),
        ("t=0", 0), ("t=1:30", 90), ("t=1:02:03", 3723), ("start=90", 90), ("time_continue=90", 90), ("T=90", 0),
        ("t=", 0), ("t=abc", 0), ("t=-5", 0), ("t=1.5", 0), ("t=9999999999", 0), ("t=1e3", 0), ("t=٣", 0),
    ],
)  # fmt: skip
def test_a_start_is_read_from_the_query_and_the_fragment(tail: str, start: int) -> None:
    for url in (f"{FILM}&{tail}", f"https://youtu.be/{ID}?{tail}", f"https://youtu.be/{ID}#{tail}"):
        known = found(url)
        assert known is not None
        assert (known.start, known.url) == (start, FILM)


def test_an_embed_code_may_end_early() -> None:
    known = found(f"https://www.youtube.com/embed/{ID}?start=60&end=90")
    assert known is not None
    assert (known.start, known.end) == (60, 90)


def test_a_short_is_tall_and_keeps_its_own_page() -> None:
    known = found(f"https://m.youtube.com/shorts/{ID}?feature=share")
    assert known is not None
    assert known.url == f"https://www.youtube.com/shorts/{ID}"
    assert known.shape == (9, 16)
    assert YouTube().page(known, Play(start=5)) == f"https://www.youtube.com/shorts/{ID}?t=5s"


@pytest.mark.parametrize(
    "url",
    [
        f"https://www.youtube.com/playlist?list={LIST}",
        f"https://m.youtube.com/playlist?list={LIST}&si=x",
        f"https://music.youtube.com/playlist?list={LIST}",
        f"https://www.youtube.com/embed/videoseries?list={LIST}",
        f"https://www.youtube-nocookie.com/embed/videoseries?list={LIST}",
        f"https://www.youtube.com/embed?listType=playlist&list={LIST}",
    ],
)
def test_every_form_of_a_playlist_is_the_one_list(url: str) -> None:
    known = found(url)
    assert known is not None
    assert (known.id, known.url) == ("", f"https://www.youtube.com/playlist?list={LIST}")
    assert YouTube().page(known, Play(start=5)) == known.url


@pytest.mark.parametrize("form", [f"{FILM}&list={LIST}&index=2", f"https://youtu.be/{ID}?list={LIST}"])
def test_a_film_in_a_playlist_is_the_film_and_plays_in_its_list(form: str) -> None:
    known = found(form)
    assert known is not None
    assert (known.id, known.url, known.get("list")) == (ID, FILM, LIST)
    assert YouTube().page(known, Play(start=90)) == f"{FILM}&list={LIST}&t=90s"
    assert f"/embed/{ID}?list={LIST}&" in YouTube().frame(known, None, Play())


@pytest.mark.parametrize("private", ["WL", "LL", "LM"])
def test_a_private_list_is_left_out(private: str) -> None:
    known = found(f"{FILM}&list={private}")
    assert known is not None
    assert known.more == ()
    assert found(f"https://www.youtube.com/playlist?list={private}") is None


@pytest.mark.parametrize(
    "url",
    [
        f"https://www.youtube.com/watch?v={ID}x",
        f"https://www.youtube.com/watch?v={ID[:10]}",
        "https://www.youtube.com/watch?v=dQw4w9WgXc%C3%B8",
        "https://www.youtube.com/watch?v=dQw4w9WgXc%22",
        "https://www.youtube.com/watch?v=../../../ab",
        "https://www.youtube.com/watch",
        f"https://www.youtube.com/watch?V={ID}",
        f"https://www.youtube.com/watch#v={ID}",
        f"https://www.youtube.com/x/watch?v={ID}",
        f"https://youtu.be/{ID}/x",
        "https://youtu.be/%2e%2e/dQw4w9WgXcQ",
        f"https://www.youtube.com/embed/..%2F{ID}",
        f"https://www.youtube.com/embed%2F{ID}",
        "https://www.youtube.com/embed/videoseries",
        "https://www.youtube.com/embed/live_stream?channel=UCabcdefghijklmnopqrstuv",
        "https://www.youtube.com/embed/videoseries?list=a%22b%22c%22d%22e",
        f"https://youtu.be/?list={LIST}",
        f"https://evil.example/playlist?list={LIST}",
        "https://www.youtube.com/",
        "https://www.youtube.com/@kommune",
        "https://www.youtube.com/channel/UCabcdefghijklmnopqrstuv",
        "https://www.youtube.com/c/kommune/videos",
        f"https://studio.youtube.com/watch?v={ID}",
        f"https://youtube.no/watch?v={ID}",
        f"https://youtubee.com/watch?v={ID}",
        f"https://wwwyoutube.com/watch?v={ID}",
        f"https://i.ytimg.com/vi/{ID}/hqdefault.jpg",
        f"youtube.com/watch?v={ID}",
        f"ftp://www.youtube.com/watch?v={ID}",
        ID,
    ],
)
def test_near_misses_are_not_films(url: str) -> None:
    assert found(url) is None


def test_the_player_has_no_cookies_no_keys_and_the_page_s_language() -> None:
    known = found(FILM)
    assert known is not None
    assert (
        YouTube().frame(known, None, Play(lang="nn"))
        == f"https://www.youtube-nocookie.com/embed/{ID}?hl=nn&rel=0&disablekb=1&playsinline=1"
    )


def test_the_player_begins_and_ends_where_asked_with_captions() -> None:
    known = found(FILM)
    assert known is not None
    assert YouTube().frame(known, None, Play(start=90, end=120, captions=True)) == (
        f"https://www.youtube-nocookie.com/embed/{ID}"
        "?start=90&end=120&cc_load_policy=1&cc_lang_pref=nb&hl=nb&rel=0&disablekb=1&playsinline=1"
    )


def test_a_playlist_s_player_is_a_series() -> None:
    known = found(f"https://www.youtube.com/playlist?list={LIST}")
    assert known is not None
    assert (
        YouTube()
        .frame(known, None, Play())
        .startswith(f"https://www.youtube-nocookie.com/embed/videoseries?list={LIST}&")
    )


def test_the_look_up_asks_for_the_one_address() -> None:
    known = found(f"https://youtu.be/{ID}?t=90")
    assert known is not None
    assert (
        YouTube().lookup(known)
        == f"https://www.youtube.com/oembed?url=https%3A%2F%2Fwww.youtube.com%2Fwatch%3Fv%3D{ID}&format=json"
    )


def test_the_size_in_the_answer_is_not_the_film_s() -> None:
    known = found(FILM)
    assert known is not None
    facts = YouTube().facts(
        known, {"title": "Kommunestyret", "width": 200, "height": 113, "author_name": "K"}
    )
    assert (facts.title, facts.author, facts.width, facts.height) == ("Kommunestyret", "K", 0, 0)


def test_posters_of_a_film_are_known_by_its_id_and_of_a_list_by_the_answer() -> None:
    film, series = found(FILM), found(f"https://www.youtube.com/playlist?list={LIST}")
    assert film is not None
    assert series is not None
    answer = {"thumbnail_url": "https://i.ytimg.com/vi/abc/hqdefault.jpg"}
    assert YouTube().posters(film, answer) == tuple(
        f"https://i.ytimg.com/vi/{ID}/{name}.jpg" for name in ("maxresdefault", "sddefault", "hqdefault")
    )
    assert YouTube().posters(series, answer) == ("https://i.ytimg.com/vi/abc/hqdefault.jpg",)
