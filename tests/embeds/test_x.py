"""X: posts under its old and its new name, never a frame."""

from __future__ import annotations

import pytest

from kommunebeta.embeds.provider import Facts, Found, Play
from kommunebeta.embeds.providers import identify
from kommunebeta.embeds.x import X


def found(url: str) -> Found | None:
    known = identify(url)
    return known[1] if known and known[0].id == "x" else None


@pytest.mark.parametrize(
    "url",
    [
        "https://x.com/Fjordvik_k/status/1790000000000000000",
        "http://www.x.com/Fjordvik_k/status/1790000000000000000/",
        "//twitter.com/Fjordvik_k/status/1790000000000000000",
        "https://mobile.twitter.com/Fjordvik_k/status/1790000000000000000?s=20&t=abc",
        "https://twitter.com/Fjordvik_k/statuses/1790000000000000000",
        "https://x.com/Fjordvik_k/status/1790000000000000000/photo/1",
        "https://x.com/Fjordvik_k/status/1790000000000000000/video/2",
    ],
)
def test_every_form_of_a_post_is_the_one_post_with_its_author(url: str) -> None:
    known = found(url)
    assert known is not None
    assert (known.url, known.id, known.kind, known.get("author")) == (
        "https://x.com/Fjordvik_k/status/1790000000000000000",
        "1790000000000000000",
        "post",
        "@Fjordvik_k",
    )


@pytest.mark.parametrize("user", ["i", "i/web"])
def test_a_post_that_names_no_user_has_no_author(user: str) -> None:
    known = found(f"https://twitter.com/{user}/status/20")
    assert known is not None
    assert (known.url, known.more) == (f"https://x.com/{user}/status/20", ())


def test_there_is_neither_frame_nor_look_up() -> None:
    known = found("https://x.com/a/status/20")
    assert known is not None
    assert X().frame(known, Facts(player="https://x.com/"), Play()) == ""
    assert X().lookup(known) == ""
    assert X().origins == ()


@pytest.mark.parametrize(
    "url",
    [
        "https://x.com/",
        "https://x.com/Fjordvik_k",
        "https://x.com/Fjordvik_k/status",
        "https://x.com/Fjordvik_k/status/x",
        "https://x.com/Fjordvik_k/status/1/likes",
        "https://x.com/Fjordvik_k/status/1/photo/1/x",
        "https://x.com/et_navn_som_er_for_langt/status/1",
        "https://x.com/fj\u00f8rd/status/1",
        "https://x.com/a/status/" + "1" * 30,
        "https://x.com/a/status/١٢٣",
        "https://x.com/../status/20",
        "https://x.com/a%2Fstatus%2F20",
        "https://x.com/a%22/status/20",
        "https://t.co/abc",
        "https://netflix.com/a/status/20",
        "https://nottwitter.com/a/status/20",
        "https://pic.twitter.com/a/status/20",
    ],
)
def test_near_misses_are_not_posts(url: str) -> None:
    assert found(url) is None
