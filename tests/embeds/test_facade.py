"""What a reader gets of an embed before anything is asked of anyone: pages, feeds and search engines."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import feedparser
import pytest
from PIL import Image
from selectolax.lexbor import LexborHTMLParser, LexborNode

from kommunebeta.assets import prepare_assets
from kommunebeta.build import BuildOptions, build
from kommunebeta.config import read_settings
from kommunebeta.model import Embed, EmbedKind, Picture, PictureVariant
from kommunebeta.reporter import Reporter
from kommunebeta.site import Site
from kommunebeta.templates import Templates
from kommunebeta.theme import load_theme

Make = Callable[..., Path]
SETTINGS = "name: Torget\nmunicipality: Fjordvik kommune\nbase_url: https://x.example/beta/\n"

POSTER = Picture(
    "embeds/film.jpg",
    "",
    1280,
    720,
    "/media/film-1280.jpg",
    (
        PictureVariant("/media/film-480.webp", 480, 270, "image/webp"),
        PictureVariant("/media/film-480.jpg", 480, 270, "image/jpeg"),
        PictureVariant("/media/film-1280.jpg", 1280, 720, "image/jpeg"),
    ),
)
FILM = Embed(
    EmbedKind.FILM,
    "YouTube",
    "youtube",
    "https://www.youtube.com/watch?v=abcdefghijk",
    title="Kommunestyret",
    frame="https://www.youtube-nocookie.com/embed/abcdefghijk?rel=0",
    receiver="Google",
    allow="autoplay; fullscreen",
    sandbox="allow-scripts",
    poster=POSTER,
)
SOUND = Embed(
    EmbedKind.SOUND,
    "SoundCloud",
    "soundcloud",
    "https://soundcloud.com/kommunen/opptak",
    title="Opptak",
    frame="https://w.soundcloud.com/player/?url=x",
    receiver="SoundCloud",
    width=4,
    height=1,
)
SLIDES = Embed(
    EmbedKind.SLIDES,
    "SlideShare",
    "slideshare",
    "https://www.slideshare.net/kommunen/budsjett-72889434",
    title="Budsjett",
    frame="https://www.slideshare.net/slideshow/embed_code/72889434",
    receiver="SlideShare",
    width=4,
    height=3,
)
MAP = Embed(
    EmbedKind.MAP,
    "OpenStreetMap",
    "openstreetmap",
    "https://www.openstreetmap.org/#map=14/60.39/5.32",
    title="Torget",
    frame="https://www.openstreetmap.org/export/embed.html?bbox=1,2,3,4",
    receiver="OpenStreetMap Foundation",
)
PICTURE = Embed(
    EmbedKind.PICTURE,
    "Flickr",
    "flickr",
    "https://www.flickr.com/photos/kommunen/12345678",
    title="Torget om våren",
    poster=POSTER,
    author="Kari",
    author_url="https://www.flickr.com/photos/kari",
    licence="CC BY 2.0",
    licence_url="https://creativecommons.org/licenses/by/2.0/",
)
POST = Embed(EmbedKind.POST, "X", "x", "https://x.com/kommunen/status/1234567890", author="@kommunen")
QUOTE = replace(POST, quote="Vi åpner i dag!\nVelkommen.\n\nHilsen oss")
LINK = Embed(EmbedKind.LINK, "example.no", "link", "https://www.example.no/en/side")
OWN_FILM = Embed(
    EmbedKind.FILM,
    "",
    "file",
    "/files/ab/film.mp4",
    title="Fra torget",
    media_type="video/mp4",
    size=2_400_000,
    poster=POSTER,
    track="/files/cd/film.vtt",
)
OWN_SOUND = Embed(EmbedKind.SOUND, "", "file", "/files/ab/lyd.mp3", title="Lyd", media_type="audio/mpeg")
OWN_PDF = Embed(
    EmbedKind.DOCUMENT,
    "",
    "file",
    "/files/ab/budsjett.pdf",
    title="Budsjettet",
    media_type="application/pdf",
    size=90_000,
)
PLAYED = (FILM, SOUND, SLIDES, MAP)
ALL = (*PLAYED, PICTURE, POST, QUOTE, LINK, OWN_FILM, OWN_SOUND, OWN_PDF, replace(FILM, removed=True))


def kind_and_provider(value: object) -> str | None:
    return f"{value.kind}-{value.provider_id}" if isinstance(value, Embed) else None


def each_of(embeds: tuple[Embed, ...]) -> Any:
    return pytest.mark.parametrize("embed", embeds, ids=kind_and_provider)


def templates_of(folder: Path) -> Templates:
    settings, document = read_settings(folder)
    theme = load_theme(folder, settings, document)
    site = Site(settings, now=dt.datetime(2026, 5, 17, tzinfo=dt.UTC))
    return Templates(theme, site, prepare_assets(theme.asset_files()), body=lambda entry, mode: "")


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """The theme of a site whose settings say no more than they must."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "kommunebeta.yaml").write_text(SETTINGS, encoding="utf-8")
    return templates_of(folder)


@pytest.fixture
def shown(templates: Templates) -> Callable[[Embed], LexborHTMLParser]:
    return lambda embed: LexborHTMLParser(templates.embed(embed))


Shown = Callable[[Embed], LexborHTMLParser]


def one(page: LexborHTMLParser, selector: str) -> LexborNode:
    (found,) = page.css(selector)
    return found


def text(page: LexborHTMLParser, selector: str) -> str:
    return " ".join(one(page, selector).text().split())


def elements(page: LexborHTMLParser) -> Iterator[LexborNode]:
    yield from page.body.css("*") if page.body else ()


# Before anything is asked of anyone


@each_of(ALL)
def test_nothing_is_fetched_from_elsewhere_before_the_reader_asks(shown: Shown, embed: Embed) -> None:
    page = shown(embed)
    assert page.css("iframe, noscript, link, script, object, style") == []
    for node in elements(page):
        fetched = [node.attributes.get(name) or "" for name in ("src", "srcset", "poster")]
        assert all(address.startswith("/beta/") for address in fetched if address), node.html
        assert "style" not in node.attributes  # the policy of the page forbids it


def test_a_film_is_shown_by_a_poster_of_our_own_beside_its_title(shown: Shown) -> None:
    page = shown(FILM)
    poster = one(page, "img").attributes
    assert (poster["src"], poster["alt"], poster["loading"]) == ("/beta/media/film-1280.jpg", "", "lazy")
    assert poster["srcset"] == "/beta/media/film-480.jpg 480w, /beta/media/film-1280.jpg 1280w"
    assert text(page, ".embed-title") == "Kommunestyret"
    assert text(page, ".embed-facts") == "YouTube"
    assert one(page, "figure").attributes["class"] == "embed embed-film embed-youtube"


@pytest.mark.parametrize(
    ("embed", "words"),
    [
        (FILM, "Se på YouTube – Kommunestyret"),
        (SOUND, "Hør på SoundCloud – Opptak"),
        (SLIDES, "Åpne på SlideShare – Budsjett"),
        (MAP, "Åpne på OpenStreetMap – Torget"),
    ],
    ids=kind_and_provider,
)
def test_a_plain_link_leads_there_by_a_name_of_its_own(shown: Shown, embed: Embed, words: str) -> None:
    page = shown(embed)
    assert text(page, ".embed-there a") == words
    assert one(page, ".embed-there a").attributes["href"] == embed.url


@pytest.mark.parametrize(
    ("embed", "words"),
    [
        (FILM, "Spill av: Kommunestyret"),
        (SOUND, "Spill av: Opptak"),
        (SLIDES, "Vis lysark: Budsjett"),
        (MAP, "Vis kart: Torget"),
        (replace(SLIDES, kind=EmbedKind.DOCUMENT), "Vis dokument: Budsjett"),
        (replace(SLIDES, kind=EmbedKind.LINK), "Vis innholdet: Budsjett"),
    ],
    ids=kind_and_provider,
)
def test_the_button_says_what_it_does_and_waits_for_the_script(
    shown: Shown, embed: Embed, words: str
) -> None:
    page = shown(embed)
    button = one(page, "button")
    assert text(page, "button .visually-hidden") == words
    assert text(page, "button span[aria-hidden]") == words.partition(":")[0]
    assert button.attributes["type"] == "button"
    assert "hidden" in button.attributes


@pytest.mark.parametrize(
    ("embed", "words"),
    [
        (FILM, "Når du spiller av, sendes IP-adressen din til Google, som også kan lagre informasjonskapsler."),
        (MAP, "Når du åpner innholdet, sendes IP-adressen din til OpenStreetMap Foundation, som også kan lagre informasjonskapsler."),
        (replace(FILM, receiver=""), "Når du spiller av, sendes IP-adressen din til YouTube, som også kan lagre informasjonskapsler."),
        (replace(FILM, privacy="Kommunens egen tjener. Ingen andre *vet* det."), "Kommunens egen tjener. Ingen andre vet det."),
    ],
    ids=kind_and_provider,
)  # fmt: skip
def test_the_reader_is_told_who_learns_of_it_before_it_happens(
    shown: Shown, embed: Embed, words: str
) -> None:
    assert text(shown(embed), ".embed-notice") == words


def test_the_script_finds_all_that_the_frame_needs(shown: Shown) -> None:
    frame = one(shown(FILM), "[data-embed]").attributes
    assert {name: value for name, value in frame.items() if name.startswith("data-")} == {
        "data-embed": "https://www.youtube-nocookie.com/embed/abcdefghijk?rel=0",
        "data-autoplay": "autoplay=1",
        "data-allow": "autoplay; fullscreen",
        "data-sandbox": "allow-scripts",
        "data-title": "Kommunestyret (YouTube)",
        "data-loaded": "Spilleren er lastet.",
    }


@pytest.mark.parametrize(
    ("provider", "expected"),
    [("youtube", "autoplay=1"), ("vimeo", "autoplay=1"), ("peertube", "autoplay=1"), ("issuu", "")],
)
def test_only_players_that_understand_it_are_told_to_begin(
    shown: Shown, provider: str, expected: str
) -> None:
    page = shown(replace(FILM, provider_id=provider))
    assert (one(page, "[data-embed]").attributes["data-autoplay"] or "") == expected


def test_a_player_that_is_no_web_address_is_not_handed_to_the_script(shown: Shown) -> None:
    page = shown(replace(FILM, frame="javascript:alert(1)"))
    assert one(page, "[data-embed]").attributes["data-embed"] == "#"


@pytest.mark.parametrize(
    ("width", "height", "tall"), [(16, 9, False), (9, 16, True), (4, 3, False), (4, 1, False), (640, 481, False)]
)  # fmt: skip
def test_the_shape_is_kept_free_by_a_drawing_of_the_same_shape(
    shown: Shown, width: int, height: int, tall: bool
) -> None:
    page = shown(replace(FILM, width=width, height=height))
    assert one(page, ".embed-space").attributes["viewBox"] == f"0 0 {width} {height}"
    assert bool(page.css("figure.embed-tall")) is tall


@each_of(PLAYED)
def test_a_poster_is_drawn_where_there_is_none(shown: Shown, embed: Embed) -> None:
    page = shown(replace(embed, poster=None))
    drawing = one(page, "svg.embed-drawn")
    assert drawing.attributes["aria-hidden"] == "true"
    assert drawing.css("path")
    assert drawing.text().strip() == ""  # a long title does not fit


@pytest.mark.parametrize(
    ("seconds", "words", "machine"),
    [
        (45, "45 s", "PT45S"),
        (200, "3 min 20 s", "PT3M20S"),
        (180, "3 min", "PT3M"),
        (3905, "1 t 5 min", "PT1H5M5S"),
        (7200, "2 t", "PT2H"),
    ],
)
def test_its_length_is_told_to_people_and_machines(
    shown: Shown, seconds: int, words: str, machine: str
) -> None:
    page = shown(replace(FILM, seconds=seconds))
    assert (text(page, "time"), one(page, "time").attributes["datetime"]) == (words, machine)


def test_what_is_known_of_it_stands_below_its_title(shown: Shown) -> None:
    page = shown(replace(SLIDES, author="Økonomisjefen", count=1, licence="CC BY 4.0"))
    assert text(page, ".embed-facts") == "Økonomisjefen SlideShare 1 lysark CC BY 4.0"
    assert "12 lysark" in text(shown(replace(SLIDES, count=12)), ".embed-facts")
    assert "Med teksting" in text(shown(replace(FILM, captions=True)), ".embed-facts")
    assert "teksting" not in text(shown(replace(FILM, captions=False)), ".embed-facts")


@pytest.mark.parametrize(
    ("embed", "name"),
    [(FILM, "Film fra YouTube"), (SOUND, "Lyd fra SoundCloud"), (SLIDES, "Lysark fra SlideShare"), (MAP, "Kart fra OpenStreetMap")],
    ids=kind_and_provider,
)  # fmt: skip
def test_without_a_title_it_is_named_by_what_it_is(shown: Shown, embed: Embed, name: str) -> None:
    page = shown(replace(embed, title=""))
    assert text(page, ".embed-title") == name
    assert one(page, "figure").attributes["aria-label"] == name
    assert one(page, "[data-embed]").attributes["data-title"] == name
    assert embed.url.removeprefix("https://") in text(page, ".embed-there a")  # which tells two of them apart
    assert page.css(".embed-facts") == []


def test_a_film_that_is_gone_is_shown_as_gone(shown: Shown) -> None:
    page = shown(replace(FILM, removed=True))
    assert text(page, ".embed-gone strong") == "Innholdet er fjernet fra YouTube."
    assert text(page, ".embed-title") == "Kommunestyret"
    assert len(page.css("img")) == 1
    assert page.css("button, a, [data-embed], .embed-notice") == []


def test_a_film_that_is_gone_without_a_poster_leaves_its_words(shown: Shown) -> None:
    page = shown(replace(FILM, removed=True, poster=None))
    assert page.css(".embed-frame, button, a") == []
    assert "fjernet" in text(page, "figcaption")


# What others wrote, pictures, and links


def test_a_post_elsewhere_is_quoted_as_the_writer_gives_it(shown: Shown) -> None:
    page = shown(replace(QUOTE, author_url="https://x.com/kommunen"))
    quote = one(page, "blockquote")
    assert quote.attributes["cite"] == QUOTE.url
    assert [node.text() for node in quote.css("p")] == ["Vi åpner i dag!\nVelkommen.", "Hilsen oss"]
    links = {node.text(): node.attributes["href"] for node in page.css("figcaption a")}
    assert links == {"@kommunen": "https://x.com/kommunen", "Åpne på X – x.com/kommunen/status/1234567890": QUOTE.url}  # fmt: skip


@pytest.mark.parametrize(
    ("embed", "name", "facts"),
    [
        (LINK, "example.no", "www.example.no/en/side"),
        (replace(LINK, title="En side"), "En side", "example.no www.example.no/en/side"),
        (POST, "Innlegg fra X", "@kommunen x.com/kommunen/status/1234567890"),
        (replace(MAP, frame="", title=""), "Kart fra OpenStreetMap", "www.openstreetmap.org/#map=14/60.39/5.32"),
        (replace(PICTURE, poster=None), "Torget om våren", "Flickr Kari www.flickr.com/photos/kommunen/12345678"),
        (replace(SLIDES, frame=""), "Budsjett", "SlideShare www.slideshare.net/kommunen/budsjett-72889434"),
    ],
    ids=kind_and_provider,
)  # fmt: skip
def test_what_cannot_be_shown_is_an_honest_link(shown: Shown, embed: Embed, name: str, facts: str) -> None:
    page = shown(embed)
    assert text(page, ".embed-card .embed-title a") == name
    assert text(page, ".embed-card .embed-facts") == facts
    assert [node.attributes["href"] for node in page.css("a")] == [embed.url]
    assert page.css("button, [data-embed], svg") == []


def test_a_link_may_have_a_poster_and_still_no_button(shown: Shown) -> None:
    page = shown(replace(POST, poster=POSTER))
    assert len(page.css("img")) == 1
    assert page.css("button, [data-embed]") == []
    assert text(page, ".embed-there a").startswith("Åpne på X")


@pytest.mark.parametrize(
    ("embed", "alt"),
    [
        (PICTURE, "Torget om våren"),
        (replace(PICTURE, description="Trær som blomstrer."), "Trær som blomstrer."),
        (replace(PICTURE, title=""), "Flickr"),
    ],
)
def test_a_picture_tells_what_it_shows_and_leads_to_its_page(shown: Shown, embed: Embed, alt: str) -> None:
    page = shown(embed)
    assert one(page, f'a[href="{PICTURE.url}"] img').attributes["alt"] == alt
    assert page.css(".embed-description") == []  # it would be read twice


def test_a_picture_names_its_maker_and_its_licence(shown: Shown) -> None:
    page = shown(PICTURE)
    assert text(page, f'a[href="{PICTURE.author_url}"]') == "Kari"
    licence = one(page, f'a[href="{PICTURE.licence_url}"]')
    assert (licence.text(), licence.attributes["rel"]) == ("CC BY 2.0", "license")
    unnamed = shown(replace(PICTURE, licence=""))
    assert one(unnamed, 'a[rel="license"]').text() == "Lisens"


# Files of the site


def test_a_film_of_the_site_plays_by_itself(shown: Shown) -> None:
    page = shown(OWN_FILM)
    film = one(page, "video").attributes
    assert {"controls", "playsinline"} <= set(film)
    assert (film["preload"], film["poster"]) == ("none", "/beta/media/film-1280.jpg")
    assert (film["width"], film["height"], film["aria-label"]) == ("16", "9", "Fra torget")
    assert one(page, "source").attributes == {"src": "/beta/files/ab/film.mp4", "type": "video/mp4"}
    assert one(page, "track").attributes == {
        "kind": "captions",
        "src": "/beta/files/cd/film.vtt",
        "srclang": "nb",
        "label": "Bokmål",
        "default": None,
    }
    assert text(page, ".embed-there") == "Last ned – Fra torget (MP4, 2,4 MB)"
    assert "download" in one(page, ".embed-there a").attributes
    assert page.css("button, [data-embed], .embed-notice") == []


def test_a_film_without_a_poster_may_show_its_first_picture(shown: Shown) -> None:
    page = shown(replace(OWN_FILM, poster=None, track=""))
    assert one(page, "video").attributes["preload"] == "metadata"
    assert page.css("track, video[poster], img") == []


def test_a_sound_of_the_site_plays_by_itself(shown: Shown) -> None:
    page = shown(OWN_SOUND)
    assert "controls" in one(page, "audio").attributes
    assert one(page, "audio source").attributes == {"src": "/beta/files/ab/lyd.mp3", "type": "audio/mpeg"}
    assert text(page, ".embed-there") == "Last ned – Lyd (MP3)"


@pytest.mark.parametrize(
    ("embed", "words"),
    [
        (OWN_PDF, "Budsjettet (PDF, 90 kB)"),
        (replace(OWN_PDF, size=0), "Budsjettet (PDF)"),
        (replace(OWN_PDF, url="/files/ab/uten-ending", media_type="application/octet-stream"), "Budsjettet (90 kB)"),
        (replace(OWN_PDF, url="/files/ab.cd/fil", size=0), "Budsjettet"),
    ],
)  # fmt: skip
def test_a_document_is_a_link_with_its_format_and_size(shown: Shown, embed: Embed, words: str) -> None:
    page = shown(embed)
    assert text(page, "figcaption") == words
    assert one(page, "a").attributes["href"] == f"/beta{embed.url}"


# The writer's words


@each_of((FILM, OWN_FILM, OWN_PDF, QUOTE, LINK))
def test_the_writers_words_stand_below(shown: Shown, embed: Embed) -> None:
    page = shown(replace(embed, caption="Opptak fra *møtet*.", description="Ordføreren taler."))
    assert one(page, ".embed-caption").html == '<p class="embed-caption">Opptak fra <em>møtet</em>.</p>'
    assert text(page, ".embed-description") == "Ordføreren taler."


def test_a_transcript_can_be_opened_below(shown: Shown) -> None:
    page = shown(replace(FILM, transcript="<p>Velkommen, <em>alle</em>.</p>", transcript_url="/x"))
    assert text(page, "details summary") == "Les teksten – Kommunestyret"
    assert "<p>Velkommen, <em>alle</em>.</p>" in (one(page, "details").html or "")
    assert page.css("a.embed-transcript") == []


@pytest.mark.parametrize(
    ("address", "href"), [("https://y.example/tekst", "https://y.example/tekst"), ("/files/a/t.pdf", "/beta/files/a/t.pdf")]
)  # fmt: skip
def test_a_transcript_elsewhere_is_linked(shown: Shown, address: str, href: str) -> None:
    page = shown(replace(FILM, transcript_url=address))
    assert text(page, ".embed-transcript a") == "Les teksten – Kommunestyret"
    assert one(page, ".embed-transcript a").attributes["href"] == href


# Settings and languages


def test_remembering_is_offered_only_where_the_settings_say_so(templates: Templates, make_folder: Make) -> None:  # fmt: skip
    offered = templates_of(make_folder({"kommunebeta.yaml": SETTINGS + "embeds: {remember: on}\n"}))
    page = LexborHTMLParser(offered.embed(FILM))
    assert text(page, ".embed-remember label") == "Husk valget for YouTube"
    assert "hidden" in one(page, ".embed-remember").attributes
    assert one(page, ".embed-remember input").attributes["data-key"] == "kommunebeta-embeds /beta/"
    assert "input" not in templates.embed(FILM)


@pytest.mark.parametrize(
    ("lang", "button", "link"),
    [
        ("nb", "Spill av: Kommunestyret", "Se på YouTube – Kommunestyret"),
        ("nn", "Spel av: Kommunestyret", "Sjå på YouTube – Kommunestyret"),
        ("se", "Álggat: Kommunestyret", "Geahča: YouTube – Kommunestyret"),
        ("en", "Play: Kommunestyret", "Watch at YouTube – Kommunestyret"),
    ],
)
def test_it_speaks_the_language_of_the_page(make_folder: Make, lang: str, button: str, link: str) -> None:
    speaking = templates_of(make_folder({"kommunebeta.yaml": f"{SETTINGS}language: {lang}\n"}))
    page = LexborHTMLParser(speaking.embed(FILM))
    assert (text(page, "button .visually-hidden"), text(page, ".embed-there a")) == (button, link)
    assert "Google" in text(page, ".embed-notice")


# Hostile words

NASTY = (
    "\"'><script>alert(1)</script><img src=x onerror=alert(1)> javascript:alert(1) \u202etxet\u202c {{ 7*7 }}"
)
EVIL = "javascript:alert('\"><script>')"
TEXTS = ("provider", "title", "receiver", "privacy", "allow", "sandbox", "author", "licence", "caption", "description", "quote", "uploaded")  # fmt: skip
ADDRESSES = ("url", "author_url", "licence_url", "transcript_url", "track")


def with_words(embed: Embed, words: str, address: str) -> Embed:
    """An embed whose every text is the same; a post stays one with or without a quote."""
    given = {name: words for name in TEXTS if name != "quote" or embed.quote}
    return replace(embed, **given, **dict.fromkeys(ADDRESSES, address))  # type: ignore[arg-type]  # all are texts


def skeleton(page: LexborHTMLParser) -> list[tuple[str | None, list[str]]]:
    return [(node.tag, sorted(node.attributes)) for node in elements(page)]


@each_of(ALL)
@pytest.mark.parametrize("where", ["page", "feed"])
def test_hostile_words_stay_words(templates: Templates, embed: Embed, where: str) -> None:
    show = templates.embed if where == "page" else templates.feed_embed
    hostile = LexborHTMLParser(show(with_words(embed, NASTY, EVIL)))
    harmless = LexborHTMLParser(show(with_words(embed, "Ord", "https://y.example/")))
    assert skeleton(hostile) == skeleton(harmless)
    for node in elements(hostile):
        for name in ("href", "src", "cite", "data-embed"):
            assert not (node.attributes.get(name) or "").lower().lstrip().startswith("javascript:")


@each_of((FILM, PICTURE, POST, QUOTE))
def test_a_name_that_runs_backwards_turns_nothing_beside_it(shown: Shown, embed: Embed) -> None:
    page = shown(replace(embed, author="\u202eebuTuoY"))
    assert text(page, "bdi:not(.embed-address)") == "\u202eebuTuoY"


# Feeds


@each_of(ALL)
def test_a_feed_gets_a_picture_and_a_link_with_whole_addresses(templates: Templates, embed: Embed) -> None:
    page = LexborHTMLParser(templates.feed_embed(replace(embed, description="Det er vår.")))
    assert page.css("iframe, script, button, svg, video, audio, input, noscript, style, [data-embed]") == []
    for node in page.css("[src], [href], [cite]"):
        for name in ("src", "href", "cite"):
            assert (node.attributes.get(name) or "https://").startswith("https://")
    links = [node.attributes["href"] for node in page.css("a")]
    address = f"https://x.example/beta{embed.url}" if embed.is_local else embed.url
    assert (address in links) is not embed.removed
    if embed.removed:
        assert "Innholdet er fjernet fra YouTube." in text(page, "figcaption")
    if embed.poster:
        assert one(page, "img").attributes["src"] == "https://x.example/beta/media/film-1280.jpg"


def test_a_feed_names_a_pictures_maker_and_licence(templates: Templates) -> None:
    page = LexborHTMLParser(templates.feed_embed(PICTURE))
    assert one(page, "img").attributes["alt"] == "Torget om våren"
    assert text(page, 'a[rel="license"]') == "CC BY 2.0"
    assert text(page, f'a[href="{PICTURE.author_url}"]') == "Kari"


# Whole pages


def photograph(width: int, height: int) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(stream, "JPEG")
    return stream.getvalue()


HOSTILE_TITLE = '</script><b>"Film" & \\u202e'
SITE: dict[str, str | bytes] = {
    "kommunebeta.yaml": SETTINGS,
    "embeds.lock.yaml": f"""\
"https://vimeo.com/123456789":
  title: {json.dumps(HOSTILE_TITLE)}
  seconds: 200
  uploaded: "2026-03-04"
  poster: "embeds/film.jpg"
"https://www.youtube.com/watch?v=abcdefghijk":
  title: "Uten dato"
  poster: "embeds/film.jpg"
""",
    "embeds/film.jpg": photograph(640, 360),
    "content/posts/hode.md": """---
title: Ved hodet
date: 2026-05-17
image: {src: foto.jpg, alt: Et bilde}
video: {url: film.mp4, title: Vår film, poster: film.jpg, transcript: tekst.txt, description: Ordføreren taler.}
slides: https://www.slideshare.net/kommunen/budsjett-72889434
---
Brødtekst.
""",
    "content/posts/film.jpg": photograph(640, 360),
    "content/posts/foto.jpg": photograph(800, 600),
    "content/posts/film.mp4": b"film",
    "content/posts/foto.md": "---\ntitle: Foto\ndate: 2026-05-13\nimage: {src: foto.jpg, alt: Et bilde}\nvideo: https://youtu.be/uvwxyzabcde\n---\nTekst.\n",
    "content/posts/tekst.txt": "Velkommen.\n",
    "content/posts/tekst.md": "---\ntitle: I teksten\ndate: 2026-05-16\n---\nHer:\n\nhttps://vimeo.com/123456789\n\nhttps://youtu.be/abcdefghijk\n",
    "content/posts/kort.md": "---\ntitle: Bare et kort\ndate: 2026-05-15\n---\nHer:\n\nhttps://y.example/side\n",
    "content/posts/uten.md": "---\ntitle: Uten\ndate: 2026-05-14\n---\nIngenting.\n",
    "content/pages/om.md": "---\ntitle: Om\n---\nHer:\n\nhttps://vimeo.com/123456789\n",
}  # fmt: skip


@pytest.fixture(scope="module", params=["beta", "torg"])
def public(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    folder = tmp_path_factory.mktemp(request.param)
    for name, content in SITE.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with (folder / "kommunebeta.yaml").open("a", encoding="utf-8") as settings:
        settings.write(f"theme: {request.param}\n")
    return build(folder, BuildOptions(at=dt.datetime(2026, 6, 1)), Reporter()).output


def page_of(public: Path, address: str) -> LexborHTMLParser:
    return LexborHTMLParser((public / address / "index.html").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("address", "script", "style"),
    [
        ("2026/05/hode", True, True),
        ("2026/05/tekst", True, True),
        ("om", True, True),
        ("2026/05/kort", False, True),
        ("2026/05/uten", False, False),
        ("", False, False),
        ("arkiv", False, False),
    ],
)
def test_only_pages_that_need_it_load_script_and_style(
    public: Path, address: str, script: bool, style: bool
) -> None:
    page = page_of(public, address)
    scripts = [node for node in page.css("script") if node.attributes.get("src")]
    assert [re.sub(r"\.\w{10}\.", ".", node.attributes["src"] or "") for node in scripts] == (
        ["/beta/assets/embeds.js"] if script else []
    )
    assert all("defer" in node.attributes for node in scripts)
    assert len(page.css('link[href^="/beta/assets/embeds."]')) == int(style)


def test_film_and_slides_stand_at_the_head_of_a_post(public: Path) -> None:
    page = page_of(public, "2026/05/hode")
    names = [node.attributes["aria-label"] for node in page.css(".article-embeds figure.embed")]
    assert names == ["Vår film", "Lysark fra SlideShare"]
    assert page.css(".article-picture") == []  # the poster stands in its place
    assert page.css(".prose .embed") == []


def test_the_picture_at_the_head_stays_where_the_film_has_no_poster(public: Path) -> None:
    page = page_of(public, "2026/05/foto")
    assert one(page, ".article-picture img").attributes["alt"] == "Et bilde"
    assert len(page.css(".article-embeds .embed-drawn")) == 1


def films(public: Path, address: str) -> list[dict[str, Any]]:
    page = page_of(public, address)
    graph = json.loads(one(page, 'script[type="application/ld+json"]').text())["@graph"]
    found = [thing for thing in graph if thing["@type"] == "VideoObject"]
    about = next(thing for thing in graph if thing["@type"] in ("BlogPosting", "WebPage"))
    assert about.get("video", []) == [{"@id": film["@id"]} for film in found]
    return found


def test_search_engines_are_told_of_a_film_whose_name_picture_and_day_are_known(public: Path) -> None:
    (film,) = films(public, "2026/05/tekst")
    assert film["thumbnailUrl"].startswith("https://x.example/beta/media/")
    assert {key: value for key, value in film.items() if key != "thumbnailUrl"} == {
        "@type": "VideoObject",
        "@id": "https://x.example/beta/2026/05/tekst/#film-1",
        "name": HOSTILE_TITLE,
        "uploadDate": "2026-03-04",
        "description": "Her:",
        "duration": "PT3M20S",
        "embedUrl": "https://player.vimeo.com/video/123456789?dnt=1&keyboard=0",
        "url": "https://vimeo.com/123456789",
    }
    assert films(public, "om") == [{**film, "@id": "https://x.example/beta/om/#film-1"}]


def test_search_engines_are_told_of_a_film_of_the_site(public: Path) -> None:
    (film,) = films(public, "2026/05/hode")
    assert film["uploadDate"] == "2026-05-17T00:00:00+02:00"
    assert re.fullmatch(r"https://x\.example/beta/files/\w+/film\.mp4", film["contentUrl"])
    assert (film["description"], film["transcript"]) == ("Ordføreren taler.", "Velkommen.")
    assert "embedUrl" not in film
    assert "url" not in film


def test_search_engines_are_told_of_no_film_where_there_is_none(public: Path) -> None:
    assert films(public, "2026/05/uten") == []


@pytest.mark.parametrize("name", ["feed.xml", "rss.xml", "feed.json"])
def test_feeds_hold_posters_and_links_that_lead_somewhere(public: Path, name: str) -> None:
    data = (public / name).read_bytes()
    if name == "feed.json":
        contents = {item["title"]: item["content_html"] for item in json.loads(data)["items"]}
    else:
        feed = feedparser.parse(data, sanitize_html=False)
        assert not feed.bozo
        contents = {entry.title: entry.content[0].value for entry in feed.entries}
    page = LexborHTMLParser(contents["I teksten"])
    assert page.css("iframe, script, button, svg, b") == []
    assert [node.text() for node in page.css("figcaption a")] == [HOSTILE_TITLE, "Uten dato"]
    assert all((node.attributes["src"] or "").startswith("https://x.example/beta/media/") for node in page.css("img"))  # fmt: skip
    head = LexborHTMLParser(next(text for text in contents.values() if "Vår film" in text))
    assert [node.text() for node in head.css("figcaption a")][:2] == ["Vår film", "Lysark fra SlideShare"]


def test_what_is_shown_is_valid_html(
    public: Path, templates: Templates, tmp_path: Path, vnu: list[str]
) -> None:
    shown = "".join(map(templates.embed, (*ALL, *(with_words(embed, NASTY, EVIL) for embed in ALL))))
    one_of_each = tmp_path / "one-of-each.html"
    one_of_each.write_text(f"<!doctype html><html lang=nb><title>T</title>{shown}", encoding="utf-8")
    files = [str(file) for file in (one_of_each, *public.rglob("index.html"))]
    check = subprocess.run([*vnu, "--errors-only", *files], capture_output=True, text=True, check=False)
    assert check.stderr == ""
