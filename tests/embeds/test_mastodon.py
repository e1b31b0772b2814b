"""Mastodon: posts on any server, known by their form alone."""

from __future__ import annotations

import pytest

from kommunebeta.embeds.mastodon import Mastodon
from kommunebeta.embeds.provider import Facts, Found, Play
from kommunebeta.embeds.providers import identify

NUMBER = "112345678901234567"


def found(url: str) -> Found | None:
    known = identify(url)
    return known[1] if known and known[0].id == "mastodon" else None


@pytest.mark.parametrize(
    ("url", "address", "author"),
    [
        (
            f"https://snabelen.no/@fjordvik/{NUMBER}",
            f"https://snabelen.no/@fjordvik/{NUMBER}",
            "@fjordvik@snabelen.no",
        ),
        (
            f"http://snabelen.no/%40fjordvik/{NUMBER}/",
            f"https://snabelen.no/@fjordvik/{NUMBER}",
            "@fjordvik@snabelen.no",
        ),
        (
            f"//snabelen.no/@fjordvik/{NUMBER}?x=1#y",
            f"https://snabelen.no/@fjordvik/{NUMBER}",
            "@fjordvik@snabelen.no",
        ),
        (
            f"https://m.snabelen.no/@fjordvik/{NUMBER}",
            f"https://m.snabelen.no/@fjordvik/{NUMBER}",
            "@fjordvik@m.snabelen.no",
        ),
        (
            f"https://mastodon.social/@fjordvik@snabelen.no/{NUMBER}",
            f"https://mastodon.social/@fjordvik@snabelen.no/{NUMBER}",
            "@fjordvik@snabelen.no",
        ),
        (
            f"https://snabelen.no/web/@fjordvik/{NUMBER}",
            f"https://snabelen.no/@fjordvik/{NUMBER}",
            "@fjordvik@snabelen.no",
        ),
        (
            f"https://snabelen.no/@fjordvik/{NUMBER}/embed",
            f"https://snabelen.no/@fjordvik/{NUMBER}",
            "@fjordvik@snabelen.no",
        ),
        (
            f"https://snabelen.no/users/fjordvik/statuses/{NUMBER}",
            f"https://snabelen.no/@fjordvik/{NUMBER}",
            "@fjordvik@snabelen.no",
        ),
    ],
)
def test_every_form_of_a_post_is_the_one_post_with_its_author(url: str, address: str, author: str) -> None:
    known = found(url)
    assert known is not None
    assert (known.url, known.id, known.kind, known.get("author")) == (address, NUMBER, "post", author)


def test_the_server_itself_is_asked_and_only_for_the_author() -> None:
    known = found(f"https://snabelen.no/@fjordvik/{NUMBER}")
    assert known is not None
    assert Mastodon().lookup(known) == (
        f"https://snabelen.no/api/oembed?url=https%3A%2F%2Fsnabelen.no%2F%40fjordvik%2F{NUMBER}"
    )
    answer = {
        "author_name": "Fjordvik",
        "author_url": "https://snabelen.no/@fjordvik",
        "title": "Nytt innlegg",
        "thumbnail_url": "https://snabelen.no/ansikt.png",
        "html": "<iframe src='https://snabelen.no/x'></iframe>",
        "width": 400,
    }
    assert Mastodon().facts(known, answer) == Facts(
        author="Fjordvik", author_url="https://snabelen.no/@fjordvik"
    )
    assert Mastodon().posters(known, answer) == ()
    assert Mastodon().frame(known, Facts(player="https://snabelen.no/x"), Play()) == ""


@pytest.mark.parametrize(
    "url",
    [
        "https://snabelen.no/@fjordvik",
        "https://snabelen.no/@fjordvik/1234",
        "https://snabelen.no/@fjordvik/12345678901234",
        f"https://snabelen.no/@fjordvik/{NUMBER}0000",
        f"https://snabelen.no/@fjordvik/{NUMBER}/replies",
        f"https://snabelen.no/fjordvik/{NUMBER}",
        f"https://snabelen.no/@/{NUMBER}",
        f"https://snabelen.no/@../{NUMBER}",
        f"https://snabelen.no/@fj%2Frd/{NUMBER}",
        f'https://snabelen.no/@fj"rd/{NUMBER}',
        f"https://snabelen.no/@a@b@c/{NUMBER}",
        f"https://snabelen.no/@fj\u00f8rd/{NUMBER}",
        f"https://snabelen.no/users/fjordvik/{NUMBER}",
        "https://snabelen.no/@fjordvik/١١٢٣٤٥٦٧٨٩٠١٢٣٤٥",
        f"https://localhost/@fjordvik/{NUMBER}",
        f"https://tjener.local/@fjordvik/{NUMBER}",
        f"https://metadata.google.internal/@fjordvik/{NUMBER}",
        f"https://192.168.0.1/@fjordvik/{NUMBER}",
        f"https://snabelen.no:8080/@fjordvik/{NUMBER}",
        "https://www.tiktok.com/@fjordvik/video/7300000000000000000",
        "https://www.threads.net/@fjordvik/post/CxYz_12-abc",
        "https://medium.com/@fjordvik/smidig-i-kommunen-0123456789ab",
        "https://www.youtube.com/@fjordvik/videos",
    ],
)
def test_near_misses_are_not_posts(url: str) -> None:
    assert found(url) is None
