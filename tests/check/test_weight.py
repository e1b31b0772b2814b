"""What pictures and pages weigh on a phone; Chromium is the judge of which file a phone loads."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser

from kommunebeta.check.loaded import LoadedFiles
from kommunebeta.check.noted import NotedSurroundings
from kommunebeta.check.page import Page
from kommunebeta.check.phone import DENSITY, WIDTH, chosen, matches
from kommunebeta.check.weight import heavy_page, heavy_pictures
from tests.browsing import serving
from tests.check.around import surroundings, told

KILO = 1000


def site(folder: Path, files: Mapping[str, int | str]) -> NotedSurroundings:
    """A site whose outputs weigh so many kilobytes, or hold a text."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        data = content.encode() if isinstance(content, str) else b"x" * content * KILO
        (folder / path).write_bytes(data)
    given = surroundings(folder, {"x/index.html": "content/posts/x.md"})
    return NotedSurroundings(replace(given, outputs=frozenset(files)))


def page(body: str, head: str = "") -> Page:
    html = f"<!doctype html><html><head>{head}</head><body><main>{body}</main></body></html>"
    return Page("x/index.html", html.encode())


def picture(folder: Path, name: str, width: int, kind: str = "PNG") -> None:
    data = io.BytesIO()
    Image.new("RGB", (width, 4), "#0b3c5d").save(data, kind)
    (folder / name).write_bytes(data.getvalue())


PICTURES = {
    "widths": '<img alt="" src="400.png" srcset="400.png 400w, 800.png 800w, 1600.png 1600w" sizes="100vw">',
    "no sizes": '<img alt="" src="400.png" srcset="400.png 400w, 800.png 800w, 1600.png 1600w">',
    "half a screen": '<img alt="" src="400.png" srcset="400.png 400w, 800.png 800w" sizes="50vw">',
    "a condition": (
        '<img alt="" src="400.png" srcset="400.png 400w, 800.png 800w, 1600.png 1600w" '
        'sizes="(min-width: 60rem) 20rem, (max-width: 500px) 10em, 100vw">'
    ),
    "all too small": '<img alt="" src="400.png" srcset="200.png 200w, 400.png 400w" sizes="100vw">',
    "densities": '<img alt="" src="400.png" srcset="400.png, 800.png 2x, 1600.png 3x">',
    "a better format": (
        '<picture><source type="image/x-new" srcset="1600.png 800w"><source type="image/WEBP" '
        'srcset="400.webp 400w, 800.webp 800w" sizes="100vw"><img alt="" src="800.png"></picture>'
    ),
    "for other screens": (
        '<picture><source media="(min-width: 800px)" srcset="1600.png"><source media="(max-width: 30em)" '
        'srcset="200.png"><img alt="" src="800.png"></picture>'
    ),
    "range": '<picture><source media="(width <= 500px)" srcset="200.png"><img alt="" src="800.png"></picture>',
    "a plain picture": '<img alt="" src="800.png">',
}


def test_a_phone_loads_the_file_that_chromium_loads(browser: Browser, tmp_path: Path) -> None:
    for width in (200, 400, 800, 1600):
        picture(tmp_path, f"{width}.png", width)
        picture(tmp_path, f"{width}.webp", width, "WEBP")
    # A browser takes a larger picture that it has already: each gets an address of its own.
    body = "".join(
        f"<p>{element.replace('.png', f'.png?{number}').replace('.webp', f'.webp?{number}')}</p>"
        for number, element in enumerate(PICTURES.values())
    )
    html = f'<!doctype html><meta name="viewport" content="width=device-width"><body>{body}'
    (tmp_path / "index.html").write_text(html, "utf-8")
    context = browser.new_context(viewport={"width": WIDTH, "height": 823}, device_scale_factor=DENSITY)
    with serving(tmp_path) as address:
        tab = context.new_page()
        tab.goto(f"{address}/index.html")
        names = "[...document.images].map(it => it.currentSrc.split('/').pop())"
        theirs = tab.evaluate(names)
    context.close()
    ours = [chosen(element) for element in Page("index.html", html.encode()).all("img")]
    assert dict(zip(PICTURES, ours, strict=True)) == dict(zip(PICTURES, theirs, strict=True))


@pytest.mark.parametrize(
    "query", ["print", "not screen", "(prefers-color-scheme: dark)", "(min-width: 40em)"]
)
def test_what_a_phone_does_not_match(query: str) -> None:
    assert not matches(query)


def test_a_picture_over_the_budget_is_told_once_with_what_it_weighs(tmp_path: Path) -> None:
    seen = site(tmp_path, {"a b.png": 401, "b.png": 400})
    body = '<img src="/a%20b.png" alt="Brua"><img src="/a%20b.png" alt="Brua"><img src="/b.png" alt="Elva">'
    (only,) = heavy_pictures(page(body), seen)
    assert only.message == "The picture /a b.png weighs 401 kB on a phone, which is more than 400."
    assert only.clue
    assert only.clue.texts[0] == "Brua"


def test_a_large_picture_that_a_phone_does_not_load_is_good(tmp_path: Path) -> None:
    seen = site(tmp_path, {"small.png": 100, "large.png": 900})
    body = '<img src="/large.png" srcset="/small.png 800w, /large.png 2000w" sizes="100vw" alt="">'
    assert told(heavy_pictures(page(body), seen)) == []


def test_pictures_elsewhere_and_missing_ones_weigh_nothing(tmp_path: Path) -> None:
    body = '<img src="https://other.example/a.png" alt=""><img src="/no.png" alt=""><img src="data:," alt="">'
    assert told(heavy_pictures(page(body), site(tmp_path, {}))) == []


def test_a_page_weighs_what_a_phone_loads_at_once(tmp_path: Path) -> None:
    files = {"a.png": 350, "b.png": 350, "c.js": 200, "d.css": 150}
    body = '<img src="/a.png" alt=""><img src="/b.png" alt=""{}><script src="/c.js"></script>'
    head = '<link rel="stylesheet" href="/d.css">'
    (only,) = heavy_page(page(body.format(""), head), site(tmp_path, files))
    assert (only.path, only.line) == ("content/posts/x.md", 1)
    assert "weighs 1 051 kB" in only.message
    assert "/a.png 350 kB, /b.png 350 kB, /c.js 200 kB" in only.message
    assert told(heavy_page(page(body.format(" loading=lazy"), head), site(tmp_path, files))) == []


def test_a_theme_that_is_too_heavy_is_told_in_the_same_words_on_every_page(tmp_path: Path) -> None:
    seen = site(tmp_path, {"c.js": 1200, "a.png": 10})
    one = told(heavy_page(page('<script src="/c.js"></script>'), seen))
    other = told(heavy_page(page('<script src="/c.js"></script><img src="/a.png" alt="">'), seen))
    assert one == other
    assert "Style sheets, scripts and fonts weigh 1 200 kB" in one[0]


def test_style_sheets_bring_what_they_import_and_one_face_of_each_font(tmp_path: Path) -> None:
    css = (
        '@import "more.css"; /* @import "no.css"; */ @import url(https://other.example/x.css);'
        '@font-face { font-family: "A"; src: url(a.woff2) format("woff2"), url(a.woff); }'
        '@font-face { font-family: "A"; font-weight: 700; src: url(a-bold.woff2); }'
        "@font-face { font-family: B; src: url(/fonts/b.woff2); }"
    )
    files: dict[str, int | str] = {
        "assets/x.css": css,
        "assets/more.css": '@import "x.css";',
        "assets/a.woff2": 1,
        "fonts/b.woff2": 1,
    }
    site(tmp_path, files)
    assert LoadedFiles(tmp_path).of_sheet("assets/x.css") == set(files)


def test_style_sheets_for_paper_are_not_counted(tmp_path: Path) -> None:
    head = (
        '<link rel="stylesheet" media="print" href="/p.css"><link rel="alternate stylesheet" href="/p.css">'
    )
    assert told(heavy_page(page("", head), site(tmp_path, {"p.css": 2000}))) == []
