"""Addresses taken apart: only those of public web servers, and nothing in them that hides or escapes."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kommunebeta.embeds.address import (
    Address,
    encoded,
    escaped,
    fragment_values,
    frame_origin,
    parse_address,
    seconds,
)
from kommunebeta.embeds.provider import https


def parsed(text: str) -> Address:
    address = parse_address(text)
    assert address is not None
    return address


def test_an_address_is_taken_apart() -> None:
    address = parsed("http://www.Fjordvik.no:80/film//m%C3%B8te/?id=1&id=2&x=#t=90")
    assert address.host == "fjordvik.no"
    assert address.full_host == "www.fjordvik.no"
    assert address.parts == ("film", "møte")
    assert address.path == "film/møte"
    assert address.query == {"id": "1", "x": ""}
    assert address.fragment == "t=90"
    assert address.url == "https://www.fjordvik.no/film//m%C3%B8te/?id=1&id=2&x=#t=90"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("//fjordvik.no/a", "https://fjordvik.no/a"),
        ("HTTP://FJORDVIK.NO/A", "https://fjordvik.no/A"),
        ("https://fjordvik.no", "https://fjordvik.no"),
        ("https://fjordvik.no./a", "https://fjordvik.no/a"),
        ("https://fjordvik.no:443/a", "https://fjordvik.no/a"),
        ("https://fjordvik.no:/a", "https://fjordvik.no/a"),
        ("https://fjordvik.no/møte?s=å#ø", "https://fjordvik.no/m%C3%B8te?s=%C3%A5#%C3%B8"),
        (
            "https://fjordvik.no/\"'<>`{}|^[]?\"'<>#\"'<>",
            "https://fjordvik.no/%22%27%3C%3E%60%7B%7D%7C%5E%5B%5D?%22%27%3C%3E#%22%27%3C%3E",
        ),
        ("https://fjordvik.no/m%c3%b8te%zz%", "https://fjordvik.no/m%C3%B8te%zz%"),
        ("https://fjordvik.no/a?", "https://fjordvik.no/a"),
        ("https://a-b.xn--fjrdvik-u1a.no/", "https://a-b.xn--fjrdvik-u1a.no/"),
    ],
)
def test_its_url_is_by_https_and_plain(text: str, url: str) -> None:
    assert parsed(text).url == url
    assert https(text) == url


@pytest.mark.parametrize(
    ("full", "host"),
    [
        ("www.fjordvik.no", "fjordvik.no"),
        ("m.fjordvik.no", "fjordvik.no"),
        ("mobile.fjordvik.no", "fjordvik.no"),
        ("www.m.fjordvik.no", "m.fjordvik.no"),
        ("wwww.fjordvik.no", "wwww.fjordvik.no"),
        ("m.no", "m.no"),
        ("www.no", "www.no"),
    ],
)
def test_the_short_host_has_lost_one_usual_beginning(full: str, host: str) -> None:
    assert parsed(f"https://{full}/").host == host


def test_a_slash_within_a_part_does_not_part_it() -> None:
    address = parsed("https://fjordvik.no/a%2Fb/c%5cd")
    assert address.parts == ("a/b", "c\\d")
    assert address.path == "a%2Fb/c\\d"


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "fjordvik.no/a", "/a", "https:", "https://", "https:///a", "https:/fjordvik.no/a", "https:fjordvik.no",
        "ftp://fjordvik.no/", "javascript:alert(1)", "javascript://fjordvik.no/%0Aalert(1)", "data:text/html,x",
        "file:///etc/passwd", "mailto:a@fjordvik.no",
        "https://kari@fjordvik.no/", "https://kari:x@fjordvik.no/", "https://@fjordvik.no/", "https://a%40b@fjordvik.no/",
        "https://youtube.com@evil.example/", "https://fjordvik.no:8080/", "https://fjordvik.no:80/", "http://fjordvik.no:443/",
        "https://fjordvik.no:x/", "https://fjordvik.no:99999/", "https://fjordvik.no:-1/",
        "https://localhost/", "https://fjordvik/", "https://127.0.0.1/", "https://2130706433/", "https://0x7f.1/",
        "https://[::1]/", "https://[fjordvik.no]/", "https://[/", "https://fjordvik.no]/",
        "https://x.localhost/", "https://x.local/", "https://x.internal/", "https://x.onion/", "https://1.0.0.127.in-addr.arpa/",
        "https://fjordvik..no/", "https://.fjordvik.no/", "https://fjordvik.no../", "https://-fjordvik.no/", "https://fjordvik-.no/",
        "https://fjord_vik.no/", "https://fjordvik.n/", "https://fjordvik.123/", "https://fjørdvik.no/", "https://\u212aommune.no/",
        "https://fjordvik\u3002no/", "https://fjordvik.no%2F@x/", "https://fjordvik%2eno/", "https://" + "a" * 64 + ".no/",
        "https://" + "a." * 127 + "no/",
        "https://fjordvik.no/../a", "https://fjordvik.no/a/..", "https://fjordvik.no/./a", "https://fjordvik.no/%2e%2E/a",
        "https://fjordvik.no/.%2e", "https://fjordvik.no/%2e",
        "https://fjordvik.no/a b", " https://fjordvik.no/", "https://fjordvik.no/\n", "https://fjord\nvik.no/", "https://fjordvik.no/\t",
        "https://fjordvik.no/\0", "https://fjordvik.no/\x7f", "https://fjordvik.no/\x85", "https://fjordvik.no\\a", "https:\\\\fjordvik.no/",
        "https://evil.example\\@fjordvik.no/", "https://fjordvik.no/\ud800", "https://fjordvik.no/" + "a" * 2000,
        "https://fjordvik.no/" + "å" * 500, "https://fjordvik.no/?" + "a&" * 200,
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_public_web_server_is_refused(text: str) -> None:
    assert parse_address(text) is None
    assert https(text) in ("", https(text.strip()))
    assert frame_origin(text) == ""


@given(st.text(max_size=60).map("https://fjordvik.no/".__add__) | st.text(max_size=60))
def test_an_address_never_raises_and_its_url_is_its_own_url(text: str) -> None:
    address = parse_address(text)
    if address is None:
        return
    assert address.url.isascii()
    assert not set(address.url) & set("\"'<>`\\{} ")
    again = parsed(address.url)
    assert again.url == address.url
    assert (again.host, again.parts, again.query) == (address.host, address.parts, address.query)
    assert urlsplit(address.url).hostname == address.full_host


@pytest.mark.parametrize(
    ("frame", "origin"),
    [
        ("https://player.vimeo.com/video/1?dnt=1", "https://player.vimeo.com"),
        ("//tube.kommune.no/videos/embed/x", "https://tube.kommune.no"),
        ("https://fjordvik.no; script-src *", ""),
        ("https://fjordvik.no,evil.example/", ""),
        ("", ""),
    ],
)
def test_the_origin_of_a_frame_is_fit_for_a_policy(frame: str, origin: str) -> None:
    assert frame_origin(frame) == origin


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90", 90), ("90s", 90), (" 90S ", 90), ("1m30s", 90), ("1m30", 90), ("90m", 5400), ("1h", 3600), ("1h2m3s", 3723),
        ("1h3s", 3603), ("0", 0), ("0s", 0), ("1:30", 90), ("01:02:03", 3723), ("999999", 999_999), ("120:00", 7200),
        ("", None), (" ", None), ("s", None), ("m", None), ("1s2m", None), ("1.5", None), ("-1", None), ("+1", None),
        ("1:3", None), (":30", None), ("1:2:3:4", None), ("9999999", None), ("277h46m40s", None), ("90 s", None), ("٩٠", None),
        ("1e3", None), ("½", None), ("²", None), ("90\n", 90), ("ninety", None),
    ],
)  # fmt: skip
def test_times_are_read_in_every_usual_form(text: str, expected: int | None) -> None:
    assert seconds(text) == expected


@given(st.integers(0, 999_999))
def test_a_time_reads_the_same_in_seconds_and_with_units(total: int) -> None:
    minutes, rest = divmod(total, 60)
    hours, left = divmod(minutes, 60)
    assert seconds(str(total)) == seconds(f"{total}s") == seconds(f"{hours}h{left}m{rest}s") == total
    assert seconds(f"{hours}:{left:02}:{rest:02}") == total


def test_values_of_a_fragment_have_names() -> None:
    assert fragment_values("t=90&map=1/2/3&x=&y&=z") == {"t": "90", "map": "1/2/3", "x": "", "": "z"}
    assert fragment_values("") == {}


def test_a_text_is_encoded_whole_and_an_address_only_where_needed() -> None:
    assert encoded("https://a.no/?x=å&y") == "https%3A%2F%2Fa.no%2F%3Fx%3D%C3%A5%26y"
    assert escaped("/å?x=%c3&y='") == "/%C3%A5?x=%C3&y=%27"


@pytest.mark.parametrize(
    "text", ["a" * 1_000_000, "https://" + "a." * 500_000, "//" * 500_000, "%2e/" * 400, "1m" * 500_000]
)
def test_monstrous_texts_are_answered_at_once(text: str) -> None:
    begun = time.process_time()
    parse_address(text)
    parse_address("https://fjordvik.no/" + text)
    seconds(text)
    assert time.process_time() - begun < 3
