"""Flickr: photographs and albums; a copy only where the licence allows one."""

from __future__ import annotations

import pytest

from kommunebeta.embeds.flickr import Flickr
from kommunebeta.embeds.provider import Facts, Found, Play
from kommunebeta.embeds.providers import identify

BASE = "https://www.flickr.com/photos"


def found(url: str) -> Found | None:
    known = identify(url)
    return known[1] if known and known[0].id == "flickr" else None


@pytest.mark.parametrize(
    ("url", "address", "id"),
    [
        (f"{BASE}/kommune/53489012345", f"{BASE}/kommune/53489012345", "53489012345"),
        ("http://flickr.com/photos/kommune/53489012345/", f"{BASE}/kommune/53489012345", "53489012345"),
        ("//www.flickr.com/photos/kommune/53489012345", f"{BASE}/kommune/53489012345", "53489012345"),
        ("https://m.flickr.com/photos/kommune/53489012345", f"{BASE}/kommune/53489012345", "53489012345"),
        (
            "https://secure.flickr.com/photos/kommune/53489012345",
            f"{BASE}/kommune/53489012345",
            "53489012345",
        ),
        (f"{BASE}/12345678@N00/53489012345", f"{BASE}/12345678@N00/53489012345", "53489012345"),
        (f"{BASE}/12345678%40N00/53489012345", f"{BASE}/12345678@N00/53489012345", "53489012345"),
        (f"{BASE}/kommune/53489012345/in/photostream/", f"{BASE}/kommune/53489012345", "53489012345"),
        (
            f"{BASE}/kommune/53489012345/in/album-72177720313456789/",
            f"{BASE}/kommune/53489012345",
            "53489012345",
        ),
        (f"{BASE}/kommune/53489012345/sizes/l/", f"{BASE}/kommune/53489012345", "53489012345"),
        (f"{BASE}/kommune/53489012345/lightbox/", f"{BASE}/kommune/53489012345", "53489012345"),
        (
            f"{BASE}/kommune/albums/72177720313456789",
            f"{BASE}/kommune/albums/72177720313456789",
            "72177720313456789",
        ),
        (
            f"{BASE}/kommune/sets/72157600000000000/",
            f"{BASE}/kommune/albums/72157600000000000",
            "72157600000000000",
        ),
        (
            f"{BASE}/kommune/albums/72157600000000000/with/53489012345",
            f"{BASE}/kommune/albums/72157600000000000",
            "72157600000000000",
        ),
        ("https://flic.kr/p/2pSTfXk", "https://flic.kr/p/2pSTfXk", "2pSTfXk"),
        ("http://flic.kr/p/2pSTfXk/", "https://flic.kr/p/2pSTfXk", "2pSTfXk"),
        ("https://flic.kr/s/aHsm9VxHMV", "https://flic.kr/s/aHsm9VxHMV", "aHsm9VxHMV"),
    ],
)
def test_photographs_albums_and_short_addresses_are_known(url: str, address: str, id: str) -> None:
    known = found(url)
    assert known is not None
    assert (known.url, known.id, known.kind) == (address, id, "picture")
    assert Flickr().frame(known, Facts(player="https://www.flickr.com/x"), Play()) == ""


@pytest.mark.parametrize(
    "url",
    [
        "https://www.flickr.com/",
        "https://www.flickr.com/kommune",
        "https://www.flickr.com/people/kommune/",
        BASE,
        f"{BASE}/kommune",
        f"{BASE}/kommune/albums",
        f"{BASE}/kommune/albums/x",
        f"{BASE}/kommune/galleries/72157600000000000",
        f"{BASE}/kommune/1234",
        f"{BASE}/kommune/53489012345678901",
        f"{BASE}/kommune/53489012345/edit",
        f"{BASE}/../53489012345",
        f"{BASE}/%2e%2e/53489012345",
        f"{BASE}/k%2Fx/53489012345",
        f"{BASE}/k%22/53489012345",
        f"{BASE}/kommune/٥٣٤٨٩٠١٢",
        "https://www.flickr.com/photos%2Fkommune%2F53489012345",
        "https://www.flickr.com/groups/x/pool/53489012345",
        "https://flic.kr/ps/2pSTfX",
        "https://flic.kr/p/0OIl",
        "https://flic.kr/p/2pSTfXk/x",
        "https://flic.kr/2pSTfXk",
        "https://live.staticflickr.com/65535/53489012345_0123456789_b.jpg",
        "https://notflickr.com/photos/kommune/53489012345",
    ],
)
def test_near_misses_are_not_photographs(url: str) -> None:
    assert found(url) is None


@pytest.mark.parametrize(
    ("licence", "deed"),
    [
        (
            "Attribution-NonCommercial-ShareAlike License",
            "https://creativecommons.org/licenses/by-nc-sa/2.0/",
        ),
        ("Attribution License", "http://creativecommons.org/licenses/by/2.0/"),
        ("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/deed.no"),
        ("", "https://www.creativecommons.org/licenses/by/4.0/"),
        ("Public Domain Dedication (CC0)", "https://creativecommons.org/publicdomain/zero/1.0/"),
        ("Public Domain Mark", ""),
        ("No known copyright restrictions", "https://www.flickr.com/commons/usage/"),
        ("United States Government Work", "http://www.usa.gov/copyright.shtml"),
    ],
)
def test_free_licences_let_the_picture_be_copied(licence: str, deed: str) -> None:
    assert Flickr().is_copyable(Facts(licence=licence, licence_url=deed))


@pytest.mark.parametrize(
    ("licence", "deed"),
    [
        ("", ""),
        ("All Rights Reserved", ""),
        ("All Rights Reserved", "https://www.flickrhelp.com/hc/en-us/articles/4404078674324"),
        ("All Rights Reserved", "https://creativecommons.org/licenses/by/4.0/"),
        ("All Rights Reserved (not CC)", ""),
        ("Attribution License", ""),
        ("", "https://evil.example/creativecommons.org/licenses/by/4.0/"),
        ("", "https://creativecommons.org.evil.example/licenses/by/4.0/"),
        ("", "https://creativecommons.org/"),
        ("", "https://creativecommons.org/about/"),
        ("", "javascript:creativecommons.org/licenses/"),
    ],
)
def test_no_other_licence_does(licence: str, deed: str) -> None:
    assert not Flickr().is_copyable(Facts(licence=licence, licence_url=deed))


def test_the_answer_tells_licence_maker_and_picture() -> None:
    known = found(f"{BASE}/kommune/53489012345")
    assert known is not None
    answer = {
        "type": "photo",
        "title": "Havna",
        "author_name": "Kari",
        "author_url": "https://www.flickr.com/photos/kommune/",
        "width": "1024",
        "height": "683",
        "url": "https://live.staticflickr.com/65535/53489012345_0123456789_b.jpg",
        "thumbnail_url": "https://live.staticflickr.com/65535/53489012345_0123456789_q.jpg",
        "license": "Attribution License",
        "license_url": "https://creativecommons.org/licenses/by/2.0/",
        "html": "<script>alert(1)</script>",
    }
    facts = Flickr().facts(known, answer)
    assert (facts.title, facts.author, facts.width, facts.height) == ("Havna", "Kari", 1024, 683)
    assert (facts.licence, facts.licence_url) == (answer["license"], answer["license_url"])
    assert facts.player == ""
    assert Flickr().posters(known, answer) == (answer["url"], answer["thumbnail_url"])


def test_hostile_values_of_an_answer_are_left_out() -> None:
    known = found(f"{BASE}/kommune/53489012345")
    assert known is not None
    answer = {
        "license": ["x"],
        "license_url": "javascript:alert(1)",
        "url": "file:///etc/passwd",
        "width": -1,
    }
    assert Flickr().facts(known, answer) == Facts()
    assert Flickr().posters(known, answer) == ()


def test_the_look_up_asks_for_a_picture_that_is_large_enough() -> None:
    known = found("https://flic.kr/p/2pSTfXk")
    assert known is not None
    assert Flickr().lookup(known) == (
        "https://www.flickr.com/services/oembed/?format=json&maxwidth=1600&url=https%3A%2F%2Fflic.kr%2Fp%2F2pSTfXk"
    )
