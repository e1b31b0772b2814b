"""A look-up: what real providers answer becomes facts, and what a hostile one answers becomes nothing bad."""

from __future__ import annotations

import gzip
import io
import json
import re
import struct
import time
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from kommunebeta.config import EmbedProviderSetting, EmbedSettings, Settings
from kommunebeta.embeds.address import Address
from kommunebeta.embeds.answer import parse_answer
from kommunebeta.embeds.client import Answer
from kommunebeta.embeds.lock import is_address, is_player, sound
from kommunebeta.embeds.lookup import Looked, look_up
from kommunebeta.embeds.posters import make_poster, poster_path
from kommunebeta.embeds.provider import Facts, Found, Provider, plain_text
from kommunebeta.embeds.providers import identify, providers_of
from kommunebeta.images import PictureError
from kommunebeta.model import EmbedKind
from kommunebeta.web.failures import AnswerError
from tests.embeds.loopback import TODAY, Net, Reply, page, picture, raw, recorded, sent_to

FILM = "https://www.youtube.com/watch?v=fiOwHYFkUz0"
SETTINGS = Settings(
    name="Fjordvikbeta",
    municipality="Fjordvik kommune",
    embeds=EmbedSettings(
        providers=[
            EmbedProviderSetting(
                name="Fjordvik TV",
                match="https://tv.example.org/film/{id}",
                oembed="https://tv.example.org/oembed",
                frames=["tv.example.org"],
            )
        ]
    ),
)
TV_FILM = "https://tv.example.org/film/7"
DAY = TODAY.isoformat()


def known(url: str) -> tuple[Provider, Found]:
    found = identify(url, providers_of(SETTINGS, "nb"))
    assert found is not None
    return found


def look(net: Net, url: str, *, wanted: bool = True, **more: Any) -> Looked:
    """Look it up; whatever comes of it must be harmless, and come soon."""
    began = time.monotonic()
    looked = look_up(*known(url), net.client(**more), TODAY, picture=wanted)
    assert time.monotonic() - began < 10
    assert_harmless(looked)
    return looked


def assert_harmless(looked: Looked) -> None:
    facts = looked.facts
    assert sound(facts) == facts
    for text in (facts.title, facts.author, facts.licence):
        assert text == plain_text(text)
        assert len(text) <= 300
    for address in (facts.author_url, facts.licence_url):
        assert address == "" or is_address(address)
    assert facts.player == "" or is_player(facts.player)
    assert re.fullmatch(r"(|embeds/[a-z0-9-]+\.jpg)", facts.poster)
    assert bool(facts.poster) == bool(looked.poster)
    assert all(0 <= number <= 1_000_000 for number in (facts.width, facts.height, facts.seconds, facts.count))
    json.dumps(asdict(facts), ensure_ascii=False).encode()
    assert "\n" not in looked.failure + looked.no_poster


def size_of(poster: bytes | None) -> tuple[str | None, tuple[int, int]]:
    assert poster is not None
    with Image.open(io.BytesIO(poster)) as image:
        image.load()
        assert set(image.info) <= {
            "jfif",
            "jfif_version",
            "jfif_unit",
            "jfif_density",
            "progressive",
            "progression",
        }
        assert not image.getexif()
        return image.format, image.size


# what real providers answer


RECORDED = [
    (
        "youtube",
        FILM,
        "www.youtube.com/oembed",
        Facts(
            title="Prismic January Product Meetup",
            author="Prismic",
            author_url="https://www.youtube.com/channel/UCJq6AEgtWeZt7ziQ-fLKOeA",
        ),
        "i.ytimg.com/vi/fiOwHYFkUz0/maxresdefault.jpg",
    ),
    (
        "slideshare",
        "http://www.slideshare.net/NVIDIA/top-5-stories-in-design-and-visualization-apr-9th-2018",
        "www.slideshare.net/api/oembed/2",
        Facts(
            title="Top 5 Stories in Design and Visualization - Apr. 9th, 2018",
            author="NVIDIA",
            author_url="https://www.slideshare.net/NVIDIA",
            width=425,
            height=355,
            count=9,
            player="key/rdOzN9kr1yK5eE",
        ),
        "image.slidesharecdn.com/top5stories4-9-final-180409160458/85/slide-1-425.jpg",
    ),
    (
        "flickr-free",
        "https://www.flickr.com/photos/78986993@N00/3372549602/",
        "www.flickr.com/services/oembed/",
        Facts(
            title="Hexagonal Color Palette",
            author="g0upil",
            author_url="https://www.flickr.com/photos/78986993@N00/",
            width=1024,
            height=684,
            licence="Attribution-ShareAlike License",
            licence_url="https://creativecommons.org/licenses/by-sa/2.0/",
        ),
        "farm4.staticflickr.com/3599/3372549602_3eeee52790_b.jpg",
    ),
    (
        "flickr-reserved",
        "https://www.flickr.com/photos/philocycler/32119532132",
        "www.flickr.com/services/oembed/",
        Facts(
            title="bird",
            author="Philocycler",
            author_url="https://www.flickr.com/photos/philocycler/",
            width=1024,
            height=742,
            licence="All Rights Reserved",
        ),
        "",
    ),
    (
        "vimeo",
        "https://vimeo.com/295211615",
        "vimeo.com/api/oembed.json",
        Facts(
            title="Tempête de boulettes géantes",
            author="Paris Web",
            author_url="https://vimeo.com/parisweb",
            width=640,
            height=360,
            seconds=1959,
            uploaded="2018-10-15",
        ),
        "i.vimeocdn.com/video/732320900_640.jpg",
    ),
    (
        "speakerdeck",
        "https://speakerdeck.com/smarthr/company",
        "speakerdeck.com/oembed.json",
        Facts(
            title="SmartHR会社紹介資料 / We are hiring",
            author="SmartHR",
            author_url="https://speakerdeck.com/smarthr",
            width=710,
            height=399,
            player="e20c6467299e4c1ca07ad14064a89d74",
        ),
        "",
    ),
    (
        "issuu",
        "https://issuu.com/ajcwfu/docs/seatatthetablefinal",
        "issuu.com/oembed",
        Facts(
            title="A Seat at the Table Syllabus",
            author="ajcwfu",
            author_url="https://issuu.com/ajcwfu",
            width=500,
            height=324,
        ),
        "image.issuu.com/170209231446-0e77cd67a4a596188ee591ddd6dbdb61/jpg/page_1_thumb_large.jpg",
    ),
    (
        "soundcloud",
        "https://soundcloud.com/napalmrecords/delain-suckerpunch",
        "soundcloud.com/oembed",
        Facts(
            title="DELAIN - Suckerpunch by Napalm Records",
            author="Napalm Records",
            author_url="https://soundcloud.com/napalmrecords",
        ),
        "i1.sndcdn.com/artworks-000143578557-af0v6l-t500x500.jpg",
    ),
    (
        "mastodon",
        "https://mastodon.social/@Mastodon/99664077509711321",
        "mastodon.social/api/oembed",
        Facts(author="Mastodon", author_url="https://mastodon.social/@Mastodon"),
        "",
    ),
    (
        "peertube",
        "https://framatube.org/videos/watch/9c9de5e8-0a1e-484a-b099-e80766180a6d",
        "framatube.org/services/oembed",
        Facts(
            title="What is PeerTube?",
            author="Framasoft",
            author_url="https://framatube.org/video-channels/framasoft",
            width=560,
            height=315,
        ),
        "framatube.org/lazy-static/previews/9c9de5e8-0a1e-484a-b099-e80766180a6d.jpg",
    ),
]


@pytest.mark.parametrize(
    ("name", "url", "where", "facts", "poster"), RECORDED, ids=[row[0] for row in RECORDED]
)
def test_what_a_provider_answers_becomes_facts(
    net: Net, name: str, url: str, where: str, facts: Facts, poster: str
) -> None:
    """The answers are as they were given, but that names of people are those of organisations."""
    net.say(where, page(recorded(name), kind="application/json; charset=utf-8"))
    if poster:
        net.say(poster, page(picture(), kind="image/jpeg"))
    looked = look(net, url)
    file = looked.facts.poster
    assert asdict(looked.facts) == {**asdict(facts), "checked": DAY, "poster": file}
    assert (looked.failure, looked.no_poster) == ("", "")
    assert bool(file) == bool(poster)
    assert [asked.partition("?")[0] for asked in net.asked] == [where, *([poster] if poster else [])]


def test_the_whole_answer_is_asked_for_by_the_embeds_own_address(net: Net) -> None:
    look(net, "https://youtu.be/fiOwHYFkUz0?t=90&si=tracker")
    assert net.asked == [
        "www.youtube.com/oembed?url=https%3A%2F%2Fwww.youtube.com%2Fwatch%3Fv%3DfiOwHYFkUz0&format=json"
    ]


def test_a_provider_of_the_sites_own_is_looked_up_too(net: Net) -> None:
    html = '<iframe width="560" src="https://tv.example.org/embed/7?a=1&amp;b=2"></iframe><script>x</script>'
    net.say("tv.example.org/oembed", page({"type": "video", "title": "Møte", "html": html, "width": 560}))
    looked = look(net, TV_FILM)
    assert looked.facts == Facts(
        title="Møte", width=560, player="https://tv.example.org/embed/7?a=1&b=2", checked=DAY
    )


class Careless(Provider):
    """One that takes what it is told."""

    id = "careless"

    def find(self, address: Address) -> Found | None:
        return None

    def lookup(self, found: Found) -> str:
        return "https://tv.example.org/oembed"

    def facts(self, found: Found, answer: Mapping[str, Any]) -> Facts:
        return Facts(title="a", player=answer["html"], author_url=answer["author_url"])


def test_a_provider_that_takes_what_it_is_told_does_no_harm_either(net: Net) -> None:
    told = {"type": "rich", "html": "<script>", "author_url": "javascript:alert(1)"}
    net.say("tv.example.org/oembed", page(told))
    found = Found("careless", TV_FILM, EmbedKind.FILM)
    looked = look_up(Careless(), found, net.client(), TODAY)
    assert looked == Looked(Facts(title="a", checked=DAY))


# gone, private, out of order


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_what_is_gone_or_private_is_marked_removed(net: Net, status: int) -> None:
    net.say("www.youtube.com", page("Not Found", status=status, kind="text/plain"))
    assert look(net, FILM) == Looked(Facts(removed=True, checked=DAY))


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_provider_that_is_out_of_order_tells_nothing_for_now(net: Net, status: int) -> None:
    net.say("www.youtube.com", page(status=status))
    assert look(net, FILM) == Looked(failure=f"www.youtube.com answered {status}", outside=True)


@pytest.mark.parametrize("status", [400, 418, 501])
def test_a_provider_that_does_not_like_the_question_tells_nothing(net: Net, status: int) -> None:
    net.say("www.youtube.com", page(status=status))
    assert look(net, FILM) == Looked(failure=f"www.youtube.com answered {status}")


# answers that are none


OEMBED_XML = '<?xml version="1.0"?><oembed><type>video</type><title>a</title></oembed>'
DEEP = '{"type": "video", "a": ' + "[" * 200_000 + "]" * 200_000 + "}"


@pytest.mark.parametrize(
    "reply",
    [
        page(OEMBED_XML, kind="text/xml"),
        page(OEMBED_XML),
        page("<html>Sign in</html>", kind="text/html"),
        page('{"type": "video", "title": "a"}', kind="text/html"),
        page('{"type": "video", "title": "a"}', kind=""),
        page("Forbidden"),
        page(""),
        page("null"),
        page("[]"),
        page('["type", "video"]'),
        page('"video"'),
        page("{}"),
        page({"type": "iframe", "title": "a"}),
        page({"type": ["video"], "title": "a"}),
        page({"type": {"video": 1}}),
        page({"type": None, "title": "a"}),
        page('{"type": "video", "type": "rich"}'),
        page('{"type": "video", "title": "a", "title": "b"}'),
        page('{"type": "video", "width": NaN}'),
        page('{"type": "video", "width": -Infinity}'),
        page('{"type": "video", "width": ' + "9" * 5000 + "}"),
        page('{"type": "video", "title": "a"} trailing'),
        page('{"type": "video", "title": "a'),
        page(b'{"type": "video", "title": "\xff\xfe"}'),
        page('{"type": "video"}'.encode("utf-16")),
        page(DEEP),
        page("[" * 999_999),
        page({"type": "video", "title": "a" * 1_000_000}),
        page(b"x" * 50_000_000),
        page(gzip.compress(bytes(50_000_000), 1), Content_Encoding="gzip"),
        raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", *[b" "] * 50, pause=0.05),
        sent_to("https://www.youtube.com/oembed"),
        sent_to("http://www.youtube.com/oembed"),
        sent_to("https://127.0.0.1/"),
        sent_to("https://169.254.169.254/latest/meta-data/"),
        raw(b"\x00" * 100),
    ],
)
def test_an_answer_that_is_none_is_one_clean_failure(net: Net, reply: Reply) -> None:
    net.say("www.youtube.com", reply)
    looked = look(net, FILM, total=0.5, retries=0)
    assert looked.failure
    assert (looked.facts, looked.poster) == (Facts(), None)


@pytest.mark.parametrize(
    "kind",
    ["application/json", "application/json+oembed", "text/json+oembed", "text/javascript", "text/json"],
)
def test_json_goes_by_several_names(net: Net, kind: str) -> None:
    net.say("www.youtube.com", page('\ufeff{"type": "video", "title": "a"}', kind=kind))
    assert look(net, FILM, wanted=False).facts.title == "a"


# answers that would do harm


HOSTILE: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"title": "<script>alert(1)</script>"}, {"title": "<script>alert(1)</script>"}),
    ({"title": "a\u202egnp.exe\u200b\ufeff\x07b"}, {"title": "a gnp.exe b"}),
    ({"title": "\ud800 x \udfff"}, {"title": "x"}),
    ({"title": "a\r\nSet-Cookie: b\n  - c"}, {"title": "a Set-Cookie: b - c"}),
    ({"title": "a" * 900_000}, {"title": "a" * 299 + "…"}),
    ({"title": ["a"], "author_name": {"b": 1}}, {}),
    ({"title": 7, "author_name": True}, {}),
    ({"author_url": "javascript:alert(1)"}, {}),
    ({"author_url": "JaVaScRiPt:alert(1)//https://a.example.org"}, {}),
    ({"author_url": "data:text/html,<script>"}, {}),
    ({"author_url": "http://a.example.org/b"}, {"author_url": "https://a.example.org/b"}),
    ({"author_url": "//a.example.org/b"}, {"author_url": "https://a.example.org/b"}),
    ({"author_url": "https://user:pass@a.example.org/"}, {}),
    ({"author_url": "https://127.0.0.1/"}, {}),
    ({"author_url": "https://a.example.org/\u202e"}, {"author_url": "https://a.example.org/%E2%80%AE"}),
    ({"author_url": "https://a.example.org/\ud800"}, {}),
    ({"author_url": "https://a.example.org/" + "a" * 5000}, {}),
    ({"width": 10**30, "height": 1e300}, {}),
    ({"width": 1e300, "height": -5}, {}),
    ({"width": "640", "height": "100%"}, {"width": 640}),
    ({"width": "٦٤٠", "height": "1e3"}, {}),
    ({"width": True, "height": [1]}, {}),
    ({"duration": 10**9}, {}),
    ({"duration": 61.9}, {"seconds": 61}),
    ({"html": '<iframe src="javascript:alert(1)"></iframe>'}, {}),
    ({"html": '<iframe src="https://evil.example.com/x"></iframe>'}, {}),
    ({"html": '<iframe src="https://tv.example.org.evil.example.com/x"></iframe>'}, {}),
    ({"html": '<iframe src="https://tv.example.org@evil.example.com/x"></iframe>'}, {}),
    ({"html": '<iframe src="//tv.example.org/x"></iframe>'}, {"player": "https://tv.example.org/x"}),
    ({"html": "<iframe " + "a" * 900_000}, {}),
    ({"html": "<iframe" * 100_000}, {}),
    ({"html": {"a": "<iframe>"}}, {}),
    ({"thumbnail_url": "file:///etc/passwd"}, {}),
    ({"thumbnail_url": "https://localhost/a.jpg"}, {}),
    ({"thumbnail_url": "https://10.0.0.1/a.jpg"}, {}),
    ({"thumbnail_url": ["https://tv.example.org/a.jpg"]}, {}),
    ({"provider_name": "<b>", "cache_age": "never", "__proto__": {"a": 1}}, {}),
]


@pytest.mark.parametrize(("fields", "facts"), HOSTILE)
def test_an_answer_that_would_do_harm_does_none(
    net: Net, fields: dict[str, Any], facts: dict[str, Any]
) -> None:
    net.say("tv.example.org/oembed", page(json.dumps({"type": "video", **fields})))
    looked = look(net, TV_FILM)
    assert looked.facts == Facts(**facts, checked=DAY)
    assert set(net.asked) == {
        "tv.example.org/oembed?url=https%3A%2F%2Ftv.example.org%2Ffilm%2F7&format=json"
    }  # once more where the machine is slow


json_values: Any = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
FIELDS = sorted({field for row in RECORDED for field in recorded(row[0])} - {"type"})
EVERY = [known(url) for url in (TV_FILM, *dict.fromkeys(row[1] for row in RECORDED))]


@settings(max_examples=60)
@given(st.sampled_from(EVERY), st.dictionaries(st.sampled_from(FIELDS), json_values))
def test_whatever_a_provider_answers_it_is_harmless(
    which: tuple[Provider, Found], fields: dict[str, Any]
) -> None:
    provider, found = which
    body = json.dumps({"type": "rich", **fields}).encode()
    answer = parse_answer(Answer("a.example.org", "application/json", body))
    assert_harmless(Looked(sound(provider.facts(found, answer))))
    assert all(is_address(url) for url in provider.posters(found, answer))


@given(
    st.binary(max_size=200)
    | st.text(max_size=200).map(str.encode)
    | json_values.map(json.dumps).map(str.encode)
)
def test_any_bytes_at_all_are_an_answer_or_a_clean_failure(body: bytes) -> None:
    try:
        fields = parse_answer(Answer("a.example.org", "application/json", body))
    except AnswerError:
        return
    assert isinstance(fields, dict)


# posters


def film_with(net: Net, *pictures: Reply) -> Looked:
    """Look up a film whose pictures are answered as given, from the largest down."""
    net.say("www.youtube.com/oembed", page(recorded("youtube")))
    for name, reply in zip(("maxresdefault", "sddefault", "hqdefault"), pictures, strict=False):
        net.say(f"i.ytimg.com/vi/fiOwHYFkUz0/{name}.jpg", reply)
    return look(net, FILM)


def image(*size: int, form: str = "JPEG", status: int = 200, **options: Any) -> Reply:
    return page(picture(*size, form=form, **options), status=status, kind=f"image/{form.lower()}")


def test_a_poster_is_named_after_its_film_and_what_it_shows(net: Net) -> None:
    looked = film_with(net, image(1280, 720))
    assert looked.poster is not None
    assert re.fullmatch(r"embeds/youtube-fiowhyfkuz0-[0-9a-f]{10}\.jpg", looked.facts.poster)
    assert looked.facts.poster == poster_path("youtube", "fiOwHYFkUz0", looked.poster)
    assert size_of(looked.poster) == ("JPEG", (1280, 720))


def test_the_grey_picture_in_place_of_a_missing_one_is_passed_over(net: Net) -> None:
    looked = film_with(net, image(120, 90, status=404), image(120, 90), image(480, 360))
    assert size_of(looked.poster)[1] == (480, 360)
    assert looked.no_poster == ""


def test_a_film_without_any_picture_is_known_all_the_same(net: Net) -> None:
    looked = film_with(net, image(120, 90, status=404), image(199, 90), page("x" * 99, kind="image/jpeg"))
    assert looked.facts.title == "Prismic January Product Meetup"
    assert looked.facts.checked == DAY
    assert (looked.poster, looked.no_poster) == (None, "i.ytimg.com answered 404")


def test_a_picture_that_may_still_come_is_asked_for_next_time(net: Net) -> None:
    looked = film_with(net, page(status=503))
    assert looked.facts.title
    assert (looked.facts.checked, looked.no_poster) == ("", "i.ytimg.com answered 503")


def test_no_picture_is_fetched_where_none_is_wanted_or_may_be_kept(net: Net) -> None:
    net.say("www.youtube.com/oembed", page(recorded("youtube")))
    net.say("www.flickr.com", page(recorded("flickr-reserved")))
    assert look(net, FILM, wanted=False).facts.checked == DAY
    look(net, "https://www.flickr.com/photos/philocycler/32119532132")
    assert len(net.asked) == 2


@pytest.mark.parametrize(
    ("size", "scaled"),
    [
        ((200, 100), (200, 100)),
        ((4000, 2000), (1280, 640)),
        ((720, 1280), (720, 1280)),
        ((300, 3000), (300, 3000)),
    ],
)
def test_a_poster_is_at_most_1280_pixels_wide(size: tuple[int, int], scaled: tuple[int, int]) -> None:
    assert size_of(make_poster(picture(*size))) == ("JPEG", scaled)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "AVIF", "TIFF"])
def test_every_ordinary_format_becomes_a_jpeg(form: str) -> None:
    assert size_of(make_poster(picture(320, 200, form))) == ("JPEG", (320, 200))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "I;16", "CMYK"])
def test_every_kind_of_colour_becomes_a_jpeg(mode: str) -> None:
    stream = io.BytesIO()
    Image.new(mode, (240, 240)).save(stream, "TIFF" if mode == "CMYK" else "PNG")
    assert size_of(make_poster(stream.getvalue())) == ("JPEG", (240, 240))


def test_what_shines_through_becomes_white() -> None:
    stream = io.BytesIO()
    Image.new("RGBA", (240, 240), (255, 0, 0, 0)).save(stream, "PNG")
    with Image.open(io.BytesIO(make_poster(stream.getvalue()))) as image:
        assert image.getpixel((9, 9)) == (255, 255, 255)


def test_a_poster_tells_nothing_of_camera_or_place() -> None:
    exif = Image.Exif()
    exif[0x010E] = "secret"
    exif.get_ifd(0x8825)[1] = "N"
    poster = make_poster(picture(400, 300, exif=exif, comment=b"secret", icc_profile=b"secret" * 9))
    assert b"secret" not in poster
    assert size_of(poster) == ("JPEG", (400, 300))


def claimed(width: int, height: int) -> bytes:
    """A PNG that says it is of a size, and is not."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = b"IDAT" + zlib.compress(bytes(1000))
    parts = (
        struct.pack(">I", len(part) - 4) + part + struct.pack(">I", zlib.crc32(part)) for part in (head, data)
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def large() -> bytes:
    stream = io.BytesIO()
    Image.new("1", (5001, 5000)).save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not a picture"),
        (b"GIF89a", "not a picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' width='500' height='500'/>", "not a picture"),
        (b"<html>", "not a picture"),
        (picture()[:2000], "damaged"),
        (picture(199, 400), "only 199 pixels wide"),
        (large(), "too large"),
        (claimed(60_000, 60_000), "million pixels"),
        (claimed(400, 300), "damaged"),
        (picture(300, 3100), "too large"),
    ],
    ids=["nothing", "GIF", "SVG", "HTML", "cut", "narrow", "large", "bomb", "empty", "tower"],
)
def test_a_picture_that_is_none_becomes_no_poster(data: bytes, why: str) -> None:
    with pytest.raises(PictureError, match=why):
        make_poster(data)


def test_a_picture_of_more_than_15_megabytes_is_not_fetched(net: Net) -> None:
    looked = film_with(net, page(b"\xff" * 15_000_001, kind="image/jpeg"), image(480, 360))
    assert size_of(looked.poster)[1] == (480, 360)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("/fjordvik/Møte i kommunestyret/", "embeds/tv-fjordvik-mote-i-kommunestyret-"),
        ("../../etc/passwd", "embeds/tv-etc-passwd-"),
        ("key/rdOzN9", "embeds/tv-key-rdozn9-"),
        ("日本", "embeds/tv-"),
        ("a" * 500, f"embeds/tv-{'a' * 60}-"),
        ("CON", "embeds/tv-con-"),
        ("", "embeds/tv-"),
    ],
)
def test_a_posters_name_is_safe_on_every_disk(name: str, file: str) -> None:
    assert re.fullmatch(re.escape(file) + r"[0-9a-f]{10}\.jpg", poster_path("tv", name, b"x"))
