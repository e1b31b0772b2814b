"""All providers together: one address for each thing, frames only where they belong, no text too odd."""

from __future__ import annotations

import time
import unicodedata
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kommunebeta.embeds.address import frame_origin
from kommunebeta.embeds.provider import (
    FILM_SHUT_IN,
    PLAYS,
    SHUT_IN,
    Facts,
    Found,
    Play,
    Provider,
    https,
    number,
    plain_text,
)
from kommunebeta.embeds.providers import PROVIDERS, identify

SAMPLES = {
    "youtube": [
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ&list=PLrAXtmErZgOeiKm4sgNOknGvNjby9efdf&t=1m30s",
        "https://www.youtube.com/shorts/dQw4w9WgXcQ",
        "https://www.youtube.com/playlist?list=PLrAXtmErZgOeiKm4sgNOknGvNjby9efdf",
    ],
    "vimeo": [
        "https://vimeo.com/76979871#t=90",
        "https://player.vimeo.com/video/76979871?h=8272103f6e",
        "https://vimeo.com/event/5116195/8272103f6e",
    ],
    "slideshare": [
        "https://www.slideshare.net/kommune/m%C3%B8te-72889434/7",
        "https://www.slideshare.net/slideshow/budsjett/250000001",
        "https://www.slideshare.net/slideshow/embed_code/key/7gOoDv2qMSirPN?startSlide=7",
        "https://www.slideshare.net/kommune/budsjett",
    ],
    "flickr": [
        "https://www.flickr.com/photos/12345678@N00/53489012345/in/photostream/",
        "https://www.flickr.com/photos/kommune/albums/72177720313456789",
        "https://flic.kr/p/2pSTfXk",
    ],
    "speakerdeck": [
        "https://speakerdeck.com/kari/smidig?slide=3",
        "https://speakerdeck.com/player/aaaa9966971e4118b69b6717ed0f4034",
    ],
    "issuu": ["https://issuu.com/kommune/docs/arsmelding_2026/12"],
    "soundcloud": ["https://soundcloud.com/fjordvik/sets/podkast/s-AbC12xyZ"],
    "x": ["https://twitter.com/Fjordvik_k/status/1790000000000000000/photo/1"],
    "facebook": [
        "https://m.facebook.com/permalink.php?id=100064&story_fbid=pfbid02abc&__cft__[0]=x",
        "https://www.facebook.com/fjordvik/posts/åpent-møte/123",
        "https://fb.watch/aB3_x-9/",
    ],
    "instagram": ["https://www.instagram.com/fjordvik/reels/CxYz_12-abc/"],
    "openstreetmap": [
        "https://www.openstreetmap.org/way/123456?mlat=59.91&mlon=10.75#map=15/59.9139/10.7522",
        "https://osm.org/go/0Ik3VNr_A-?m",
    ],
    "norgeskart": ["http://www.norgeskart.no/#!?zoom=4&lat=7197864.00&lon=396722.00&sok='å'"],
    "peertube": [
        "https://tube.kommune.no/videos/watch/52a10666-3a18-4e73-93da-e8d3c12c305a?start=90&stop=2m"
    ],
    "mastodon": ["https://snabelen.no/users/fjordvik/statuses/112345678901234567"],
}
ANY_HOST = {"peertube", "mastodon"}
HIDDEN = {"Cc", "Cs", "Zl", "Zp"}
BIDIRECTIONAL = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
PLAY = Play(lang="nn", start=90, end=120, slide=7, captions=True)
HOSTILE = [
    '"><script>alert(1)</script>', "https://evil.example/", "//evil.example/x", "../../x", "javascript:alert(1)", "key/../../x", "\0",
    "key/7gOoDv2qMSirPN", "72889434", "aaaa9966971e4118b69b6717ed0f4034", "https://player.vimeo.com@evil.example/",
]  # fmt: skip


def known(url: str) -> tuple[Provider, Found]:
    answer = identify(url)
    assert answer is not None, url
    return answer


def is_sound(provider: Provider, found: Found, frame: str) -> bool:
    """Whether a frame is by https, on a host of the provider's own, and fit for an attribute."""
    origins = (f"https://{found.get('host')}",) if provider.id == "peertube" else provider.origins
    return (
        frame == https(frame)
        and not set(frame) & set("\"'<>`\\ ")
        and frame_origin(frame) in origins
        and f"https://{urlsplit(frame).hostname}" in origins
    )


def test_every_provider_has_a_name_and_an_id_of_its_own_and_samples_here() -> None:
    assert [provider.id for provider in PROVIDERS] == list(SAMPLES)
    assert len({provider.name for provider in PROVIDERS}) == len(PROVIDERS)
    assert all(provider.id.isalnum() and provider.id.islower() for provider in PROVIDERS)


@pytest.mark.parametrize(("id", "url"), [(id, url) for id, urls in SAMPLES.items() for url in urls])
def test_each_sample_is_known_and_its_one_address_means_the_same(id: str, url: str) -> None:
    provider, found = known(url)
    assert (provider.id, found.provider) == (id, id)
    assert https(found.url) == found.url
    same_provider, same = known(found.url)
    assert same_provider is provider
    assert (same.url, same.id, same.kind, same.shape) == (found.url, found.id, found.kind, found.shape)
    assert known(same.url)[1] == same


@pytest.mark.parametrize("url", [url for urls in SAMPLES.values() for url in urls])
def test_page_and_look_up_are_addresses_too(url: str) -> None:
    provider, found = known(url)
    page, lookup = provider.page(found, PLAY), provider.lookup(found)
    assert https(page) == page
    assert urlsplit(page).hostname == urlsplit(found.url).hostname
    assert known(page)[1].url == found.url
    assert https(lookup) == lookup


@pytest.mark.parametrize("play", [Play(), PLAY])
@pytest.mark.parametrize("url", [url for urls in SAMPLES.values() for url in urls])
def test_every_frame_is_by_https_on_the_provider_s_own_host(url: str, play: Play) -> None:
    provider, found = known(url)
    frame = provider.frame(found, None, play)
    assert not frame or is_sound(provider, found, frame)


@pytest.mark.parametrize("player", HOSTILE)
@pytest.mark.parametrize("url", [url for urls in SAMPLES.values() for url in urls])
def test_no_looked_up_value_moves_a_frame_elsewhere(url: str, player: str) -> None:
    provider, found = known(url)
    frame = provider.frame(found, Facts(title=player, author=player, player=player), PLAY)
    assert not frame or is_sound(provider, found, frame)


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.id)
def test_who_plays_names_who_learns_of_it_and_is_shut_in(provider: Provider) -> None:
    found = known(SAMPLES[provider.id][0])[1]
    plays = provider.id in {
        "youtube",
        "vimeo",
        "slideshare",
        "speakerdeck",
        "issuu",
        "soundcloud",
        "openstreetmap",
        "peertube",
    }
    assert bool(provider.receiver_of(found)) == plays
    assert bool(provider.origins) == (plays and provider.id != "peertube")
    assert provider.sandbox in (SHUT_IN, FILM_SHUT_IN)
    assert (
        (provider.sandbox == FILM_SHUT_IN)
        == (provider.allow == PLAYS)
        == (provider.id in {"youtube", "vimeo", "peertube"})
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, 1), (640.9, 640), ("480", 480), (" 480 ", 480), (100_000, 100_000), (0, 0), (-1, 0), (100_001, 0), (True, 0),
        (None, 0), ("100%", 0), ("٤٨٠", 0), ("1e3", 0), ("9" * 5000, 0), (float("inf"), 0), (float("nan"), 0), ([1], 0),
    ],
)  # fmt: skip
def test_a_stranger_s_number_is_whole_and_within_bounds(value: object, expected: int) -> None:
    assert number(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (" Møte\n i\t kveld ", "Møte i kveld"), ("a\u202eb\u2066c\u061cd\ufeffe\0f\x85g", "a b c d e f g"), ("\ud800x\U000e0041y", "x y"),
        ("<b>&amp;", "<b>&amp;"), ("a" * 400, "a" * 299 + "…"), ("Giellagáldu 🎬", "Giellagáldu 🎬"), (None, ""), (17, ""), (["x"], ""),
    ],
)  # fmt: skip
def test_a_stranger_s_text_is_one_plain_line(value: object, expected: str) -> None:
    assert plain_text(value) == expected


def test_no_sandbox_lets_a_player_move_our_page_or_send_forms() -> None:
    for token in (
        "allow-top-navigation",
        "allow-forms",
        "allow-downloads",
        "allow-modals",
        "allow-pointer-lock",
    ):
        assert token not in FILM_SHUT_IN


@pytest.mark.parametrize(
    "change",
    [
        "{scheme}://{host}.evil.example{rest}",
        "{scheme}://evil-{host}{rest}",
        "{scheme}://evil{host}{rest}",
        "{scheme}://evil.example/{host}{rest}",
        "{scheme}://evil.example?{host}{rest}",
        "{scheme}://evil.example#{host}{rest}",
        "{scheme}://{host}@evil.example{rest}",
        "{scheme}://evil.example@{host}{rest}",
        "{scheme}://{host}:x@evil.example{rest}",
        "{scheme}://evil.example\\@{host}{rest}",
        "{scheme}://evil.example%2F@{host}{rest}",
        "{scheme}://{host}%2eevil.example{rest}",
        "{scheme}://{host}:8443{rest}",
        "{scheme}://{host}\\.evil.example{rest}",
        "{scheme}://{host}\u2024evil.example{rest}",
        "{scheme}://xn--{host}{rest}",
        "{scheme}://{host}\u200b{rest}",
        "{scheme}://\u0455{host}{rest}",
        "{scheme}:{host}{rest}",
        "{scheme}:///{host}{rest}",
        "javascript://{host}{rest}",
        "{scheme}://{host}/..{rest}",
        "{scheme}://{host}/%2e%2e{rest}",
        " {scheme}://{host}{rest}",
        "{scheme}://{host}{rest}\n",
        "{host}{rest}",
    ],
)
@pytest.mark.parametrize("url", [url for id, urls in SAMPLES.items() if id not in ANY_HOST for url in urls])
def test_a_forged_host_is_not_the_provider(url: str, change: str) -> None:
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.removeprefix("www.").partition("/")
    assert identify(f"{scheme}://{host}{slash}{path}") is not None
    assert identify(change.format(scheme=scheme, host=host, rest=slash + path)) is None


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "localhost", "192.168.1.1:443", "intern", "tjener.local", "0x7f000001"]
)
@pytest.mark.parametrize("url", [SAMPLES[id][0] for id in sorted(ANY_HOST)])
def test_servers_of_the_fediverse_are_public(url: str, host: str) -> None:
    assert identify(url.replace(urlsplit(url).hostname or "", host)) is None


PIECES = sorted(
    {piece for urls in SAMPLES.values() for url in urls for piece in (url, *url.split("/"), *urlsplit(url)[:3])}
    | {"..", "%2e%2e", "%2f", "@", "\\", "//", "?v=", "&list=", "#t=", "#map=15/59/10", "=", "\u202e", "å", "%00", "\ud800", ":8080", "[", "]"}
)  # fmt: skip


@given(
    st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=8).map("".join) | st.text(),
    st.sampled_from(HOSTILE),
)
def test_no_text_raises_or_gives_a_frame_on_a_strange_host(text: str, player: str) -> None:
    answer = identify(text)
    if answer is None:
        return
    provider, found = answer
    assert https(found.url) == found.url
    assert known(found.url)[1].url == found.url
    for facts in (None, Facts(player=player)):
        frame = provider.frame(found, facts, PLAY)
        assert not frame or is_sound(provider, found, frame)
    assert https(provider.page(found, PLAY))
    provider.lookup(found)


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "title", "author_name", "author_url", "width", "height", "duration", "thumbnail_url", "thumbnail", "html", "url",
                "license", "license_url", "upload_date", "total_slides", "slideshow_id", "slide_image_baseurl", "slide_image_baseurl_suffix",
            ]
        ),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(HOSTILE) | st.lists(st.text()),
    ),
    st.sampled_from([url for urls in SAMPLES.values() for url in urls]),
)  # fmt: skip
def test_no_answer_raises_or_brings_in_what_is_not_plain(answer: dict[str, object], url: str) -> None:
    provider, found = known(url)
    facts = provider.facts(found, answer)
    assert all(https(address) == address for address in (facts.author_url, facts.licence_url) if address)
    assert all(https(address) == address for address in provider.posters(found, answer))
    assert not HIDDEN & {unicodedata.category(sign) for sign in facts.title + facts.author + facts.licence}
    assert not BIDIRECTIONAL & {unicodedata.bidirectional(sign) for sign in facts.title + facts.author}
    assert 0 <= facts.width <= 100_000
    assert 0 <= facts.height <= 100_000
    provider.is_copyable(facts)
    frame = provider.frame(found, facts, Play())
    assert not frame or is_sound(provider, found, frame)


@pytest.mark.parametrize(
    "text",
    [
        "https://www.youtube.com/watch?v=" + "a" * 1_000_000,
        "https://www.flickr.com/photos/" + "a/" * 500_000,
        "a" * 1_000_000,
        "https://www.facebook.com/" + "a" * 900 + "/posts/" + "b" * 900,
        "https://vimeo.com/channels/" + "a" * 1900,
        "https://www.slideshare.net/a/" + "-1" * 900,
        "https://www.slideshare.net/a/" + "-" * 1900,
        "https://snabelen.no/@" + "a." * 900 + "/1",
        "https://snabelen.no/@" + "a@" * 900 + "/1",
        "https://www.youtube.com/watch?" + "v=1&" * 400,
        "https://www.openstreetmap.org/#map=" + "1" * 1900,
        "https://osm.org/go/" + "A" * 1900,
        "https://norgeskart.no/#" + "1/" * 900,
        "https://" + "a-" * 900 + ".no/",
        "https://" + "a." * 900 + "no/w/x",
    ],
)
def test_monstrous_addresses_are_answered_at_once(text: str) -> None:
    begun = time.process_time()
    identify(text)
    assert time.process_time() - begun < 3
