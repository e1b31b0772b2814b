"""Facebook: posts, films and pictures as cards, without what tracks the reader."""

from __future__ import annotations

import pytest

from kommunebeta.embeds.facebook import Facebook
from kommunebeta.embeds.provider import Facts, Found, Play
from kommunebeta.embeds.providers import identify

BASE = "https://www.facebook.com"


def found(url: str) -> Found | None:
    known = identify(url)
    return known[1] if known and known[0].id == "facebook" else None


@pytest.mark.parametrize(
    ("url", "address"),
    [
        (f"{BASE}/fjordvik/posts/pfbid02abcDEF", f"{BASE}/fjordvik/posts/pfbid02abcDEF"),
        ("http://facebook.com/fjordvik/posts/1234567890/", f"{BASE}/fjordvik/posts/1234567890"),
        ("//www.facebook.com/fjordvik/posts/1234567890", f"{BASE}/fjordvik/posts/1234567890"),
        ("https://m.facebook.com/fjordvik/posts/1234567890?__tn__=-R", f"{BASE}/fjordvik/posts/1234567890"),
        ("https://mbasic.facebook.com/fjordvik/posts/1234567890", f"{BASE}/fjordvik/posts/1234567890"),
        ("https://nb-no.facebook.com/fjordvik/posts/1234567890", f"{BASE}/fjordvik/posts/1234567890"),
        ("https://web.facebook.com/fjordvik/posts/1234567890", f"{BASE}/fjordvik/posts/1234567890"),
        (f"{BASE}/fjordvik/posts/1234567890?fbclid=IwAR0", f"{BASE}/fjordvik/posts/1234567890"),
        (f"{BASE}/fjordvik/posts/åpent-møte/123", f"{BASE}/fjordvik/posts/%C3%A5pent-m%C3%B8te/123"),
        (f"{BASE}/fjordvik/videos/1234567890/", f"{BASE}/fjordvik/videos/1234567890"),
        (f"{BASE}/fjordvik/videos/vb.100/1234567890/?type=2", f"{BASE}/fjordvik/videos/vb.100/1234567890"),
        (f"{BASE}/fjordvik/photos/a.1.2/1234567890/?type=3", f"{BASE}/fjordvik/photos/a.1.2/1234567890"),
        (
            f"{BASE}/permalink.php?story_fbid=pfbid02abc&id=100064&__cft__[0]=x",
            f"{BASE}/permalink.php?story_fbid=pfbid02abc&id=100064",
        ),
        (f"{BASE}/story.php?id=100064&story_fbid=12", f"{BASE}/story.php?story_fbid=12&id=100064"),
        (f"{BASE}/watch/?v=1234567890&ref=sharing", f"{BASE}/watch?v=1234567890"),
        (f"{BASE}/watch/live/?ref=x&v=1234567890", f"{BASE}/watch/live?v=1234567890"),
        (f"{BASE}/video.php?v=1234567890", f"{BASE}/video.php?v=1234567890"),
        (f"{BASE}/photo/?fbid=1234567890&set=a.1", f"{BASE}/photo?fbid=1234567890&set=a.1"),
        (f"{BASE}/photo.php?fbid=1234567890", f"{BASE}/photo.php?fbid=1234567890"),
        (f"{BASE}/groups/fjordvik/posts/1234567890/", f"{BASE}/groups/fjordvik/posts/1234567890"),
        (f"{BASE}/groups/100/permalink/1234567890", f"{BASE}/groups/100/permalink/1234567890"),
        (f"{BASE}/reel/1234567890", f"{BASE}/reel/1234567890"),
        (f"{BASE}/share/p/19ZPWnwB73/?mibextid=wwXIfr", f"{BASE}/share/p/19ZPWnwB73"),
        (f"{BASE}/share/v/19ZPWnwB73/", f"{BASE}/share/v/19ZPWnwB73"),
        (f"{BASE}/share/19ZPWnwB73/", f"{BASE}/share/19ZPWnwB73"),
        ("https://fb.watch/aB3_x-9/", "https://fb.watch/aB3_x-9/"),
        ("http://fb.watch/aB3_x-9?mibextid=x", "https://fb.watch/aB3_x-9/"),
    ],
)
def test_what_is_public_is_a_card_without_trackers(url: str, address: str) -> None:
    known = found(url)
    assert known is not None
    assert (known.url, known.kind) == (address, "post")


def test_there_is_neither_frame_nor_look_up() -> None:
    known = found(f"{BASE}/fjordvik/posts/1")
    assert known is not None
    assert Facebook().frame(known, Facts(player=BASE), Play()) == ""
    assert Facebook().lookup(known) == ""
    assert Facebook().origins == ()


@pytest.mark.parametrize(
    "url",
    [
        f"{BASE}/",
        f"{BASE}/fjordvik",
        f"{BASE}/fjordvik/posts",
        f"{BASE}/fjordvik/posts/",
        f"{BASE}/fjordvik/about",
        f"{BASE}/fjordvik/photos",
        f"{BASE}/posts/1",
        f"{BASE}/permalink.php",
        f"{BASE}/permalink.php?id=100064",
        f"{BASE}/permalink.php?story_fbid=%22%3E&id=1",
        f"{BASE}/watch/",
        f"{BASE}/watch?v=",
        f"{BASE}/reel/x",
        f"{BASE}/reel/1/x",
        f"{BASE}/share/p/",
        f"{BASE}/sharer/sharer.php?u=https://fjordvik.no",
        f"{BASE}/plugins/post.php?href=x",
        f"{BASE}/login/?next=/fjordvik/posts/1",
        f"{BASE}/fjordvik/posts/../x",
        f"{BASE}/fjordvik/posts/%2e%2e",
        f"{BASE}/fjordvik%2Fposts%2F1",
        "https://l.facebook.com/l.php?u=https://evil.example",
        "https://developers.facebook.com/fjordvik/posts/1",
        "https://fb.watch/",
        "https://fb.watch/abc/def",
        "https://fb.watch/a%2Fb%2Fc",
        "https://fb.com.evil.example/fjordvik/posts/1",
        "https://myfacebook.com/fjordvik/posts/1",
    ],
)
def test_near_misses_are_not_posts(url: str) -> None:
    assert found(url) is None
