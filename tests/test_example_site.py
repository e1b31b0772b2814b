"""The example site, whole: valid, accessible, private, and the same wherever it is built."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import feedparser
import pytest
from playwright.sync_api import Browser, Page

from kommunebeta.build import BuildOptions, build
from kommunebeta.reporter import Reporter
from tests.browsing import Scheme, faults_of, in_light_and_dark, scroll_width, serving

AT = dt.datetime(2026, 11, 23, 12)
BASE = "https://beta.fjordvik.example"


@pytest.fixture(scope="module")
def site(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ex") / "site"
    shutil.copytree(root / "example_site", folder, ignore=shutil.ignore_patterns("public", ".kommunebeta"))
    return folder


@pytest.fixture(scope="module")
def public(site: Path) -> Path:
    result = build(site, BuildOptions(at=AT, strict=True), Reporter())
    assert result.problems == ()
    assert result.posts >= 14
    return result.output


@pytest.fixture(scope="module")
def server(public: Path) -> Iterator[str]:
    with serving(public) as address:
        yield address


def pages_of(public: Path) -> list[str]:
    return sorted(file.relative_to(public).as_posix() for file in public.rglob("*.html"))


def one_of_each_kind(public: Path) -> list[str]:
    return [
        "", "side/2/", "2026/05/ny-skole/", "2026/11/film/", "en/2026/11/film/", "se/2026/11/film/", "nn/2026/06/ungdomsradet/",
        "roller/", "kanaler/", "om-beta/", "personvern/", "emne/", "emne/medvirkning/", "serie/vannledningen-i-storgata/",
        "folk/", "folk/kommunedirektor/", "arkiv/", "arkiv/2026/", "sporsmal/", "404.html", "en/", "se/", "nn/",
        "2025/11/bibliotek/", "2026/08/hva-synes-du-om-bloggen/", "dere-sa-vi-gjorde/", "forsok/", "forsok/en-ting-om-gangen/",
        "takk/innspill/", "ikke-sendt/", "tilgjengelighet/",
    ]  # fmt: skip


def test_every_page_is_valid_html(public: Path, vnu: list[str]) -> None:
    files = [str(public / page) for page in pages_of(public)]
    assert len(files) > 100
    check = subprocess.run(
        [*vnu, "--errors-only", "--format", "gnu", *files], capture_output=True, text=True, check=False
    )
    assert check.stderr == ""
    assert check.returncode == 0


@in_light_and_dark
def test_no_page_has_an_accessibility_fault_that_axe_finds(
    public: Path, server: str, browser: Browser, axe: str, scheme: Scheme
) -> None:
    pages = [f"{server}/{page}" for page in one_of_each_kind(public)]
    assert faults_of(browser, axe, pages, scheme, width=1280) == []


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_no_page_scrolls_sideways(public: Path, server: str, browser: Browser, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800})
    tab = context.new_page()
    wide = []
    for page in one_of_each_kind(public):
        tab.goto(f"{server}/{page}")
        if scroll_width(tab) > width:
            wide.append(page)
    context.close()
    assert wide == []


def test_nothing_is_asked_of_anyone_else_and_nothing_is_stored(
    public: Path, server: str, browser: Browser
) -> None:
    context = browser.new_context()
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    tab: Page = context.new_page()
    # A page at an old address leads on at once, to one of the others.
    pages = [
        page for page in pages_of(public) if 'http-equiv="refresh"' not in (public / page).read_text("utf-8")
    ]
    for page in pages:
        tab.goto(f"{server}/{page}")
        assert tab.evaluate("localStorage.length + sessionStorage.length") == 0, page
    assert context.cookies() == []
    context.close()
    assert len(asked) > len(pages) > 100
    assert [url for url in asked if not url.startswith((server, "data:"))] == []


def test_everything_works_without_javascript(server: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800})
    tab = context.new_page()
    tab.goto(server)
    tab.get_by_role("button", name="Meny").click()
    tab.get_by_role("link", name="Roller og ansvar").first.click()
    assert tab.get_by_role("heading", level=1).inner_text() == "Roller og ansvar"
    assert tab.get_by_role("link", name="Kommunedirektør").first.is_visible()
    context.close()


def test_the_keyboard_reaches_the_content_first(server: str, browser: Browser) -> None:
    tab = browser.new_page()
    tab.goto(server)
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.textContent.trim()") == "Hopp til innholdet"
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "content"
    tab.close()


def test_a_page_leads_to_itself_in_other_languages_and_back(public: Path) -> None:
    for page, others in (("2026/11/film", ("en", "se")), ("en/2026/11/film", ("nb", "se"))):
        text = (public / page / "index.html").read_text(encoding="utf-8")
        for lang in others:
            prefix = "" if lang == "nb" else f"/{lang}"
            assert f'<link rel="alternate" hreflang="{lang}" href="{BASE}{prefix}/2026/11/film/">' in text


def test_every_internal_link_and_file_exists(public: Path) -> None:
    missing = set()
    for page in pages_of(public):
        text = (public / page).read_text(encoding="utf-8")
        for address in re.findall(r'(?:href|src)="(/[^"#?]*)', text) + re.findall(r"(/media/\S+) \d+w", text):
            file = public / address.lstrip("/")
            if not (file / "index.html" if address.endswith("/") else file).is_file():
                missing.add(f"{page}: {address}")
    assert missing == set()


def test_feeds_are_read_by_others(public: Path) -> None:
    for name in (
        "feed.xml",
        "rss.xml",
        "emne/medvirkning/feed.xml",
        "folk/teknisk-sjef/feed.xml",
        "en/feed.xml",
    ):
        feed = feedparser.parse((public / name).read_bytes())
        assert not feed.bozo, (name, feed.get("bozo_exception"))
        assert feed.entries
        assert len({entry.id for entry in feed.entries}) == len(feed.entries)
        for entry in feed.entries:
            assert entry.link.startswith(BASE)
            assert len(entry.content[0].value) > 100
            assert 'src="/' not in entry.content[0].value


def test_the_sitemap_lists_what_exists_and_nothing_that_is_hidden(public: Path) -> None:
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    tree = ElementTree.parse(public / "sitemap.xml")
    addresses = [item.text or "" for item in tree.findall("s:url/s:loc", space)]
    assert len(addresses) == len(set(addresses)) > 60
    for address in addresses:
        assert (public / address.removeprefix(BASE).strip("/") / "index.html").is_file(), address
    assert not any("404" in address or "velkommen.html" in address for address in addresses)


def test_drafts_and_future_posts_are_nowhere(public: Path) -> None:
    for file in public.rglob("*"):
        if file.suffix in (".html", ".xml", ".json"):
            text = file.read_text(encoding="utf-8")
            assert "Eiendomsskatt, et utkast" not in text, file
            assert "julekort" not in text, file


def test_old_addresses_lead_to_the_new_ones(public: Path) -> None:
    assert "/velkommen/ /2025/09/velkommen/ 301" in (public / "_redirects").read_text()
    page = (public / "velkommen" / "index.html").read_text()
    assert '<meta http-equiv="refresh" content="0; url=/2025/09/velkommen/">' in page


@pytest.mark.slow
def test_the_same_moment_gives_the_same_bytes_everywhere(
    site: Path, public: Path, tmp_path: Path, root: Path
) -> None:
    copy = tmp_path / "elsewhere" / "another name"
    shutil.copytree(site, copy, ignore=shutil.ignore_patterns("public", ".kommunebeta"))
    command = [
        sys.executable,
        "-m",
        "kommunebeta",
        "build",
        str(copy),
        "--at",
        "2026-11-23 12:00",
        "--jobs",
        "1",
    ]
    environment = {**os.environ, "PYTHONHASHSEED": "12345", "TZ": "Pacific/Auckland", "PYTHONPATH": str(root)}
    subprocess.run(command, check=True, env=environment, cwd=tmp_path, capture_output=True)
    first = {f.relative_to(public): f.read_bytes() for f in public.rglob("*") if f.is_file()}
    second = {
        f.relative_to(copy / "public"): f.read_bytes() for f in (copy / "public").rglob("*") if f.is_file()
    }
    assert first == second


def test_a_second_build_changes_nothing(site: Path, public: Path) -> None:
    changes = build(site, BuildOptions(at=AT), Reporter()).changes
    assert (changes.added, changes.changed, changes.removed) == ((), (), ())


def test_the_theme_torg_shows_the_same_site_validly(site: Path, tmp_path: Path, vnu: list[str]) -> None:
    copy = tmp_path / "torg"
    shutil.copytree(site, copy, ignore=shutil.ignore_patterns("public"))
    settings = copy / "kommunebeta.yaml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace("theme: beta", "theme: torg"), encoding="utf-8"
    )
    output = build(copy, BuildOptions(at=AT, strict=True), Reporter()).output
    text = (output / "index.html").read_text(encoding="utf-8")
    assert 'class="faces"' in text
    files = [str(output / page) for page in ("index.html", "2026/11/film/index.html", "404.html")]
    assert (
        subprocess.run([*vnu, "--errors-only", *files], capture_output=True, text=True, check=False).stderr
        == ""
    )
