"""Embeds in a real browser: what is asked of whom and when, by mouse, keyboard and screen reader."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    Request,
    Route,
    expect,
)

from kommunebeta.build import BuildOptions, build
from kommunebeta.headers import policy_sources, security_headers
from kommunebeta.reporter import Reporter
from tests.browsing import Scheme, faults, in_light_and_dark, scroll_width, serving

KINO = "2026/05/kino/"
MER = "2026/05/mer/"
YOUTUBE = "https://www.youtube-nocookie.com/embed/abcdefghijk?start=90&cc_load_policy=1&cc_lang_pref=nb&hl=nb&rel=0&disablekb=1&playsinline=1"
VIMEO = "https://player.vimeo.com/video/123456789?dnt=1&texttrack=nb&keyboard=0"
NOTICE = "Når du spiller av, sendes IP-adressen din til Google, som også kan lagre informasjonskapsler."


def photograph(width: int, height: int) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(stream, "JPEG")
    return stream.getvalue()


FILES: dict[str, str | bytes] = {
    "kommunebeta.yaml": "name: Torget\nmunicipality: Fjordvik kommune\nbase_url: https://x.example/\n",
    "embeds.lock.yaml": """\
"https://www.youtube.com/watch?v=abcdefghijk":
  title: Kommunestyret
  poster: embeds/film.jpg
"https://vimeo.com/123456789":
  title: Badedag
  seconds: 200
""",
    "embeds/film.jpg": photograph(640, 360),
    "content/posts/kino.md": """---
title: Kino
date: 2026-05-17
---
Her er to filmer.

::: embed https://youtu.be/abcdefghijk?t=90
captions: ja
caption: Opptak fra møtet.
transcript: ord.txt
:::

Den andre:

::: embed https://vimeo.com/123456789
captions: ja
:::

Det var alt.
""",
    "content/posts/ord.txt": "Velkommen.\n",
    "content/posts/mer.md": """---
title: Mer
date: 2026-05-16
---
Stående, lysark, kart, og noe eget.

::: embed https://www.youtube.com/shorts/klmnopqrstu
title: En stående film med en veldig lang tittel om samfunnsplanleggingsprosessen
:::

::: embed https://www.slideshare.net/kommunen/budsjett-72889434
title: Budsjett
:::

::: embed https://www.openstreetmap.org/#map=14/60.39/5.32
title: Torget
:::

::: embed film.mp4
title: Vår film
:::

::: embed budsjett.pdf
title: Budsjettet
:::

Slutt.
""",
    "content/posts/film.mp4": b"film",
    "content/posts/film.vtt": "WEBVTT\n\n00:00.000 --> 00:01.000\nHei\n",
    "content/posts/budsjett.pdf": b"%PDF-1.4",
}


def serve(folder: Path, settings: str) -> Iterator[str]:
    """Build the site and serve it with the headers that it asks its host for."""
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with (folder / "kommunebeta.yaml").open("a", encoding="utf-8") as file:
        file.write(settings)
    public = build(folder, BuildOptions(at=dt.datetime(2026, 6, 1)), Reporter()).output
    allowed = policy_sources((public / "_headers").read_text(encoding="utf-8"))
    with serving(public, security_headers(allowed).items) as address:
        yield address


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from serve(tmp_path_factory.mktemp("site"), "")


@pytest.fixture(scope="module")
def remembering_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from serve(tmp_path_factory.mktemp("remembering"), "embeds: {remember: on}\n")


@dataclass
class Reader:
    """Someone with a browser: what was asked of strangers, and what the browser complained of."""

    context: BrowserContext
    site: str
    asked: list[Request] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.route(lambda url: not url.startswith(self.site), self.answer)
        self.context.on("console", lambda message: self.hear(message.type, message.text))
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def answer(self, route: Route) -> None:
        """A stranger's player, of which nothing is fetched really."""
        self.asked.append(route.request)
        page = '<!doctype html><title>Spiller</title><button>Pause</button><link rel="icon" href="data:,">'
        route.fulfill(body=page, content_type="text/html")

    @property
    def addresses(self) -> list[str]:
        return [request.url for request in self.asked]

    def visit(self, address: str) -> Page:
        page = self.context.new_page()
        page.goto(f"{self.site}/{address}")
        return page


Read = Callable[..., Reader]


@pytest.fixture
def read(browser: Browser, site: str) -> Iterator[Read]:
    """Readers of the site, or of another; none may meet anything that its policy forbids."""
    readers: list[Reader] = []

    def start(of: str = site, **options: Any) -> Reader:
        readers.append(Reader(browser.new_context(locale="nb-NO", **options), of))
        return readers[-1]

    yield start
    complaints = [complaint for reader in readers for complaint in reader.complaints]
    for reader in readers:
        reader.context.close()
    assert complaints == []


def figure(page: Page, name: str) -> Locator:
    return page.get_by_role("figure", name=name, exact=True)


def lies_in(inner: Locator, outer: Locator) -> bool:
    one, other = inner.bounding_box(), outer.bounding_box()
    assert one is not None
    assert other is not None
    return (
        other["x"] <= one["x"]
        and other["y"] <= one["y"]
        and one["x"] + one["width"] <= other["x"] + other["width"]
        and one["y"] + one["height"] <= other["y"] + other["height"]
    )


def press(page: Page, name: str) -> Locator:
    page.get_by_role("button", name=name, exact=True).click()
    return page.locator("iframe")


# Before and after the press


@pytest.mark.parametrize("address", [KINO, MER])
def test_nothing_is_asked_of_anyone_before_the_press(read: Read, address: str) -> None:
    reader = read()
    page = reader.visit(address)
    for button in page.locator(".embed-play").all():
        button.scroll_into_view_if_needed()
        button.hover()
        button.focus()
    for link in page.locator(".embed-there a").all():
        link.hover()
    page.wait_for_load_state("networkidle")
    assert reader.addresses == []
    assert page.locator("iframe").count() == 0


@pytest.mark.parametrize(
    ("address", "button", "title", "player", "loaded"),
    [
        (KINO, "Spill av: Kommunestyret", "Kommunestyret (YouTube)", f"{YOUTUBE}&autoplay=1", "Spilleren er lastet."),
        (KINO, "Spill av: Badedag", "Badedag (Vimeo)", f"{VIMEO}&autoplay=1", "Spilleren er lastet."),
        (MER, "Vis lysark: Budsjett", "Budsjett (SlideShare)", "https://www.slideshare.net/slideshow/embed_code/72889434", "Innholdet er lastet."),
        (MER, "Vis kart: Torget", "Torget (OpenStreetMap)", "https://www.openstreetmap.org/export/embed.html?bbox=5.292534%2C60.379822%2C5.347466%2C60.400178&layer=mapnik", "Innholdet er lastet."),
    ],
    ids=["youtube", "vimeo", "slideshare", "openstreetmap"],
)  # fmt: skip
def test_one_press_loads_the_one_player(
    read: Read, address: str, button: str, title: str, player: str, loaded: str
) -> None:
    reader = read()
    page = reader.visit(address)
    frame = press(page, button)
    expect(frame).to_have_attribute("src", player)
    expect(frame).to_have_attribute("title", title)
    expect(frame).to_have_attribute("referrerpolicy", "strict-origin-when-cross-origin")
    expect(frame).to_have_attribute("loading", "eager")
    assert "allow-scripts" in (frame.get_attribute("sandbox") or "")
    assert "allow-top-navigation" not in (frame.get_attribute("sandbox") or "")
    assert frame.get_attribute("allow") is not None
    expect(frame).to_be_focused()
    around = figure(page, button.partition(": ")[2])
    expect(around.get_by_role("status")).to_have_text(loaded)
    expect(around.get_by_role("button")).to_have_count(0)
    assert reader.addresses == [player]
    assert (
        reader.asked[0].all_headers()["referer"] == f"{reader.site}/"
    )  # the host alone, which YouTube wants


def test_title_link_and_words_stay_after_the_press(read: Read) -> None:
    page = read().visit(KINO)
    around = figure(page, "Kommunestyret")
    before = around.locator("figcaption").inner_text()
    press(page, "Spill av: Kommunestyret")
    expect(around.get_by_role("status")).not_to_be_empty()
    assert around.locator("figcaption").inner_text().replace("Spilleren er lastet.", "").strip() == before
    expect(around.get_by_role("link", name="Se på YouTube – Kommunestyret")).to_be_visible()


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_the_button_works_by_keyboard(read: Read, key: str) -> None:
    reader = read()
    page = reader.visit(KINO)
    button = page.get_by_role("button", name="Spill av: Kommunestyret", exact=True)
    button.focus()
    page.keyboard.press(key)
    expect(page.locator("iframe")).to_be_focused()
    expect(page.get_by_role("status").first).to_have_text("Spilleren er lastet.")
    page.keyboard.press("Tab")
    expect(page.frame_locator("iframe").get_by_role("button", name="Pause")).to_be_focused()
    assert len(reader.asked) == 1


def test_a_double_click_loads_nothing_twice(read: Read) -> None:
    reader = read()
    page = reader.visit(KINO)
    page.get_by_role("button", name="Spill av: Kommunestyret", exact=True).dblclick()
    expect(page.get_by_role("status").first).to_have_text("Spilleren er lastet.")
    assert page.locator("iframe").count() == 1
    assert len(reader.asked) == 1


def test_the_whole_poster_can_be_pressed(read: Read) -> None:
    page = read().visit(KINO)
    page.locator(".embed-frame").first.click(position={"x": 8, "y": 8})
    expect(page.locator("iframe")).to_have_count(1)


def test_two_films_on_a_page_know_nothing_of_each_other(read: Read) -> None:
    reader = read()
    page = reader.visit(KINO)
    press(page, "Spill av: Badedag")
    expect(figure(page, "Badedag").get_by_role("status")).to_have_text("Spilleren er lastet.")
    expect(figure(page, "Kommunestyret").get_by_role("status")).to_be_empty()
    expect(page.get_by_role("button", name="Spill av: Kommunestyret", exact=True)).to_be_visible()
    press(page, "Spill av: Kommunestyret")
    expect(figure(page, "Kommunestyret").get_by_role("status")).to_have_text("Spilleren er lastet.")
    assert reader.addresses == [f"{VIMEO}&autoplay=1", f"{YOUTUBE}&autoplay=1"]


# What a screen reader gets


def test_a_screen_reader_is_told_what_it_is_and_what_happens(read: Read) -> None:
    page = read().visit(KINO)
    around = figure(page, "Kommunestyret")
    expect(around.get_by_role("button")).to_have_accessible_description(NOTICE)
    expect(around).to_match_aria_snapshot(f"""
- figure "Kommunestyret":
  - 'button "Spill av: Kommunestyret"'
  - paragraph: Kommunestyret
  - paragraph: YouTube Med teksting
  - paragraph:
    - link "Se på YouTube – Kommunestyret":
      - /url: https://www.youtube.com/watch?v=abcdefghijk&t=90s
  - paragraph: {NOTICE}
  - paragraph: Opptak fra møtet.
  - group:
    - text: Les teksten – Kommunestyret
  - status
""")
    press(page, "Spill av: Kommunestyret")
    expect(page.get_by_title("Kommunestyret (YouTube)")).to_be_focused()


def test_every_link_and_button_has_a_name_of_its_own(read: Read) -> None:
    reader = read()
    for address in (KINO, MER):
        page = reader.visit(address)
        for role in ("link", "button"):
            names = [node.inner_text() for node in page.locator(".prose .embed").get_by_role(role).all()]  # type: ignore[arg-type]  # one of the roles
            assert names
            assert len(set(names)) == len(names), names


def test_without_javascript_there_is_a_link_and_no_dead_button(read: Read) -> None:
    reader = read(java_script_enabled=False)
    page = reader.visit(KINO)
    link = page.get_by_role("link", name="Se på YouTube – Kommunestyret", exact=True)
    expect(link).to_be_visible()
    expect(page.get_by_role("button", name="Spill av: Kommunestyret")).to_have_count(0)
    for button in page.locator(".embed-play").all():
        expect(button).to_be_hidden()
    page.locator("details summary").click()
    expect(page.get_by_text("Velkommen.")).to_be_visible()
    assert reader.addresses == []
    page.goto(f"{reader.site}/{MER}")
    expect(page.locator("video[controls]")).to_be_visible()
    expect(page.get_by_role("link", name="Last ned – Vår film")).to_be_visible()
    expect(page.get_by_role("link", name="Budsjettet", exact=True)).to_be_visible()
    assert reader.addresses == []


def test_a_film_of_the_site_has_its_captions_on(read: Read) -> None:
    page = read().visit(MER)
    tracks = page.locator("video").evaluate(
        "film => Array.from(film.textTracks, track => [track.kind, track.language, track.label, track.mode])"
    )
    assert tracks == [["captions", "nb", "Bokmål", "showing"]]


# Shape and room

# WCAG 2.2, 1.4.12
SPACED = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }"

RECTANGLES = """() => Array.from(document.querySelectorAll('main figure, main figcaption, main p, .embed-frame'), node => {
  const box = node.getBoundingClientRect();
  return [node.className, box.x + scrollX, box.y + scrollY, box.width, box.height].join(' ');
})"""


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("address", [KINO, MER])
def test_nothing_moves_when_a_player_loads(read: Read, address: str, width: int) -> None:
    page = read(viewport={"width": width, "height": 800}).visit(address)
    before = page.evaluate(RECTANGLES)
    for button in page.locator(".embed-play").all()[::-1]:
        button.click()
    for frame in page.locator(".embed-frame:has(iframe)").all():
        expect(frame.locator("xpath=..").get_by_role("status")).not_to_be_empty()
        assert frame.locator("iframe").bounding_box() == frame.bounding_box()
    assert page.evaluate(RECTANGLES) == before


def test_a_film_made_on_a_telephone_stays_within_the_window(read: Read) -> None:
    page = read().visit(MER)
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 700})
        box = page.locator(".embed-tall .embed-frame").bounding_box()
        around = page.locator(".embed-tall").bounding_box()
        assert box is not None
        assert around is not None
        assert box["height"] <= 0.81 * 700
        assert box["width"] / box["height"] == pytest.approx(9 / 16, abs=0.01)
        assert box["x"] - around["x"] == pytest.approx((around["width"] - box["width"]) / 2, abs=2)


@pytest.mark.parametrize("spaced", [False, True], ids=["plain", "spaced"])
def test_no_page_with_embeds_scrolls_sideways(read: Read, spaced: bool) -> None:
    reader = read(bypass_csp=True)
    for address in (KINO, MER):
        page = reader.visit(address)
        if spaced:
            page.add_style_tag(content=SPACED)
        for height in (640, 256):  # a small telephone; 1280 by 1024 at 400 %
            page.set_viewport_size({"width": 320, "height": height})
            for button in page.locator(".embed-play").all():
                assert lies_in(button.locator("span[aria-hidden]"), button)
                assert lies_in(button, button.locator("xpath=.."))
            assert scroll_width(page) == 320
        page.locator(".embed-play").first.click()
        assert scroll_width(page) == 320


def test_what_is_pressed_is_large_enough(read: Read) -> None:
    reader = read(viewport={"width": 320, "height": 640})
    for address in (KINO, MER):
        page = reader.visit(address)
        for node in page.locator(".embed :is(a, button, summary)").all():
            box = node.bounding_box()
            assert box is not None
            assert box["height"] >= 24, node.inner_text()  # WCAG 2.2, 2.5.8
            assert box["width"] >= 24, node.inner_text()


# Ways of seeing


@in_light_and_dark
@pytest.mark.parametrize("address", [KINO, MER])
def test_axe_finds_no_fault_before_or_after_the_press(
    read: Read, axe: str, address: str, scheme: Scheme
) -> None:
    page = read(color_scheme=scheme).visit(address)
    for _ in range(2):
        assert faults(page, axe, scheme, iframes=False) == []
        for button in page.locator(".embed-play").all()[::-1]:
            button.click()


@pytest.mark.parametrize("colours", ["none", "active"])
def test_the_focus_and_the_edge_of_the_button_are_seen(read: Read, colours: Any) -> None:
    page = read(forced_colors=colours).visit(KINO)
    page.get_by_role("button", name="Spill av: Kommunestyret").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    style = page.locator(".embed-play").first.evaluate(
        "node => { const { outlineStyle, outlineWidth, borderStyle, borderWidth } = getComputedStyle(node); return [outlineStyle, outlineWidth, borderStyle, borderWidth] }"
    )
    assert style == ["solid", "3px", "solid", "2px"]
    page.keyboard.press("Enter")
    expect(page.locator("iframe")).to_be_focused()
    ring = "node => { const { content, borderStyle, borderWidth } = getComputedStyle(node, '::after'); return [content, borderStyle, borderWidth] }"
    expect(page.get_by_role("status").first).not_to_be_empty()
    assert page.locator(".embed-frame").first.evaluate(ring) == ['""', "solid", "3px"]
    page.get_by_role("link", name="Se på YouTube – Kommunestyret").focus()
    assert page.locator(".embed-frame").first.evaluate(ring) == ["none", "none", "0px"]


def test_nothing_moves_by_itself(read: Read) -> None:
    page = read(reduced_motion="reduce").visit(KINO)
    press(page, "Spill av: Kommunestyret")
    moving = "() => document.getAnimations().length + Array.from(document.querySelectorAll('.embed, .embed *')).filter(node => getComputedStyle(node).transitionDuration !== '0s').length"
    assert page.evaluate(moving) == 0


def test_on_paper_there_are_poster_title_and_address_but_no_button(read: Read) -> None:
    page = read().visit(KINO)
    press(page, "Spill av: Kommunestyret")
    page.emulate_media(media="print")
    for selector in (".embed-play", "iframe", ".embed-notice", ".embed-drawn"):
        for node in page.locator(selector).all():
            expect(node).to_be_hidden()
    around = figure(page, "Kommunestyret")
    expect(around.locator("img")).to_be_visible()
    expect(around.get_by_text("Kommunestyret", exact=True)).to_be_visible()
    printed = around.get_by_role("link").evaluate("node => getComputedStyle(node, '::after').content")
    assert printed == '" (https://www.youtube.com/watch?v=abcdefghijk&t=90s)"'


# Remembering

TOUCHES = """
window.touches = [];
for (const name of ['getItem', 'setItem', 'removeItem']) {
  const original = Storage.prototype[name];
  Storage.prototype[name] = function (...given) { window.touches.push(name); return original.apply(this, given); };
}
"""
NO_STORAGE = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } });"  # fmt: skip
KEPT = "() => Object.fromEntries(Object.entries(localStorage))"


def test_storage_is_not_touched_where_remembering_is_not_offered(read: Read) -> None:
    reader = read()
    reader.context.add_init_script(TOUCHES)
    page = reader.visit(KINO)
    press(page, "Spill av: Kommunestyret")
    expect(page.get_by_role("status").first).not_to_be_empty()
    assert page.evaluate("window.touches") == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert page.get_by_role("checkbox").count() == 0
    assert reader.context.cookies() == []


def test_a_choice_holds_for_one_provider_until_it_is_taken_back(read: Read, remembering_site: str) -> None:
    reader = read(remembering_site)
    page = reader.visit(KINO)
    assert page.evaluate(KEPT) == {}
    choice = page.get_by_role("checkbox", name="Husk valget for YouTube", exact=True)
    expect(choice).not_to_be_checked()
    choice.check()
    assert page.evaluate(KEPT) == {"kommunebeta-embeds /": "https://www.youtube-nocookie.com"}
    assert page.locator("iframe").count() == 0  # it holds from the next page on

    page = reader.visit(MER)
    expect(page.locator("iframe")).to_have_count(1)
    page.locator("iframe").scroll_into_view_if_needed()
    expect(page.locator("iframe")).to_have_attribute("src", "https://www.youtube-nocookie.com/embed/klmnopqrstu?hl=nb&rel=0&disablekb=1&playsinline=1")  # fmt: skip
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    assert page.locator(".embed-play").count() == 2  # the slides and the map wait for their reader
    assert page.locator(".embed [role=status]").first.inner_text() == ""

    choice = page.get_by_role("checkbox", name="Husk valget for YouTube", exact=True)
    expect(choice).to_be_checked()
    choice.uncheck()
    assert page.evaluate(KEPT) == {}
    page.reload()
    expect(page.locator(".embed-play")).to_have_count(3)
    assert page.locator("iframe").count() == 0


def test_two_choices_are_kept_beside_each_other(read: Read, remembering_site: str) -> None:
    reader = read(remembering_site)
    page = reader.visit(KINO)
    page.get_by_role("checkbox", name="Husk valget for YouTube").check()
    page.get_by_role("checkbox", name="Husk valget for Vimeo").check()
    page.reload()
    expect(page.locator("iframe")).to_have_count(2)
    page.get_by_role("checkbox", name="Husk valget for YouTube").uncheck()
    assert page.evaluate(KEPT) == {"kommunebeta-embeds /": "https://player.vimeo.com"}
    for box in page.get_by_role("checkbox").all():
        size = box.bounding_box()
        assert size is not None
        assert size["height"] >= 24


def test_where_the_browser_keeps_nothing_every_film_waits_and_works(
    read: Read, remembering_site: str
) -> None:
    reader = read(remembering_site)
    reader.context.add_init_script(NO_STORAGE)
    page = reader.visit(KINO)
    expect(page.locator(".embed-play")).to_have_count(2)
    assert page.get_by_role("checkbox").count() == 0
    expect(press(page, "Spill av: Kommunestyret")).to_have_count(1)


def test_what_others_put_into_the_storage_loads_nothing(read: Read, remembering_site: str) -> None:
    reader = read(remembering_site)
    page = reader.visit(KINO)
    for kept in ("{}", "[1, 2]", "javascript:alert(1)", " ", "null", "https://evil.example"):
        page.evaluate("kept => localStorage.setItem('kommunebeta-embeds /', kept)", kept)
        page.reload()
        expect(page.get_by_role("checkbox")).to_have_count(2)
        expect(page.locator(".embed-play")).to_have_count(2)
    assert reader.addresses == []
