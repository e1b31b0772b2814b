"""What scripts ask of others, measure and keep: by their text, comments left out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kommunebeta.check.privacy.scripts import (
    inline_script_faults,
    script_faults,
    seen_in_script,
    without_comments,
)
from kommunebeta.check.privacy.storage import cookies_of_hosts, cookies_of_pages
from kommunebeta.config import FILE_NAME, Settings
from kommunebeta.theme import load_theme
from kommunebeta.yamlfile import read_yaml
from tests.check.around import around, page, told


def codes(script: str) -> list[str]:
    return [seen.code for seen in seen_in_script(script, around())]


@pytest.mark.parametrize(
    "script",
    [
        'fetch("https://a.example/x")',
        "fetch('//a.example/x', {method: 'POST'})",
        "fetch(`https://a.example/x?${id}`)",
        'new WebSocket("wss://a.example/")',
        'new EventSource("https://a.example/")',
        'import("https://a.example/x.js")',
        'import x from "https://a.example/x.js"',
        'import {a, b as c} from "https://a.example/x.js"',
        'import "https://a.example/x.js"',
        'export * from "https://a.example/x.js"',
        'importScripts("https://a.example/x.js")',
        'new Image().src = "https://a.example/x.gif"',
        'picture.srcset="https://a.example/x.gif 2x"',
        'navigator.sendBeacon("https://a.example/", data)',
        'request.open("GET", "https://a.example/x")',
        'script.setAttribute("src", "https://a.example/x.js")',
        '$.getJSON("https://a.example/x")',
        'const link = document.createElement("link");\nlink.href = "https://a.example/x.css"',
        'box.innerHTML = \'<img alt="" src="https://a.example/x.png">\'',
        'const API = "https://a.example/api";\nfetch(API + "/x")',
        'const API = "https://a.example/api";\nfetch(`${API}/x`)',
        'var place = "//a.example/x.js"; script.src = place;',
        'const slash = /\\/\\//; fetch("https://a.example/x")',
        'const quote = /["\']/; fetch("https://a.example/x")',
    ],
)
def test_an_address_that_is_loaded_or_sent_to_is_found(script: str) -> None:
    assert codes(script) == ["KB153"]


@pytest.mark.parametrize(
    "script",
    [
        'fetch("/x.json")',
        'fetch("https://beta.prove.example/x")',
        'document.createElementNS("http://www.w3.org/2000/svg", "path")',
        'location.href = "https://a.example/"',
        'anchor.href = "https://a.example/"',
        'window.open("https://a.example/", "_blank")',
        '// fetch("https://a.example/x")',
        '/* new Image().src = "https://a.example/x" */',
        'const text = "Se https://a.example/ for mer";',
        'const API = "https://a.example/api";\nconsole.log(API)',
        "player.src = frame.dataset.embed",
        "if (/^https:\\/\\//.test(address)) { go(address) }",
        "fetch(`https://${host}/x`)",
        '"use strict"',
        "",
        "`",
        "/*",
    ],
)
def test_what_is_not_asked_of_others_is_no_fault(script: str) -> None:
    assert codes(script) == []


@pytest.mark.parametrize(
    "script",
    [
        "gtag('config', 'G-1')",
        "window.dataLayer.push({event: 'x'})",
        "fbq('track', 'PageView')",
        "hj('event', 'x')",
        "clarity('set', 'a', 'b')",
        "_sz.push(['event'])",
        "_paq.push(['trackPageView'])",
        "plausible('Send')",
        "umami.track('x')",
        "posthog.capture('x')",
    ],
)
def test_tools_that_measure_readers_are_known_by_what_is_called(script: str) -> None:
    assert codes(script) == ["KB154"]
    assert codes(f"// {script}") == []


@pytest.mark.parametrize(
    "script",
    ["const plausible = true", "tagging(x)", "clarity(level)", "const hj = 1; hj(2)", "const matomo = 1"],
)
def test_like_names_are_no_tools(script: str) -> None:
    assert codes(script) == []


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ("document.cookie = 'a=b'", "cookies"),
        ("if (document.cookie.includes('a')) { go() }", "cookies"),
        ("await cookieStore.set('a', 'b')", "cookies"),
        ("window.localStorage.setItem('a', 'b')", "localStorage"),
        ("sessionStorage.a = 1", "sessionStorage"),
        ("indexedDB.open('a')", "a database (indexedDB)"),
        ("caches.open('a')", "a cache"),
        ("navigator.serviceWorker.register('/a.js')", "a service worker"),
    ],
)
def test_every_kind_of_storage_is_found(script: str, kind: str) -> None:
    assert told_by(script) == [f"KB155: The script uses {kind} in the reader's browser."]
    assert told_by(f"/* {script} */") == []


def told_by(script: str) -> list[str]:
    return [f"{seen.code}: {seen.message}" for seen in seen_in_script(script, around())]


def test_one_kind_of_storage_is_one_finding() -> None:
    assert codes("localStorage.a = localStorage.b; localStorage.clear()") == ["KB155"]


def test_a_script_that_its_theme_declares_may_keep_something_but_ask_nobody() -> None:
    data = b"localStorage.a = 1;\nfetch('https://a.example/');\n"
    declared = around(sources={"assets/a.1.js": "assets/a.js"}, storing=["assets/a.1.js"])
    (fault,) = script_faults("assets/a.1.js", data, declared)
    assert (fault.code, fault.path, fault.line, fault.column) == ("KB153", "assets/a.js", 2, 8)
    assert len(list(script_faults("assets/a.1.js", data, around()))) == 2


def test_comments_are_blank_and_nothing_moves() -> None:
    script = "a = 'x // y'; // b\n/* c */ d = `/* e */`;"
    blank = without_comments(script)
    assert len(blank) == len(script)
    assert blank == "a = 'x // y';     \n        d = `/* e */`;"


def test_scripts_in_pages_are_read_but_not_data() -> None:
    found = page(
        "<script>document.cookie = 'a'</script><script type='application/ld+json'>localStorage</script>"
        "<script src='/a.js'>sessionStorage</script><script type='text/template'>indexedDB</script>"
    )
    (fault,) = inline_script_faults(found, around())
    assert fault.clue is not None
    assert (fault.code, fault.clue.texts) == ("KB155", ("document.cookie",))


def test_cookies_of_pages_and_hosts_are_found() -> None:
    assert told(cookies_of_pages(page("", "<meta http-equiv=Set-Cookie content='a=b'>"), around())) == [
        "KB155: A <meta> of the page sets a cookie."
    ]
    data = b"/*\n  X-Content-Type-Options: nosniff\n  Set-Cookie: a=b\n"
    (fault,) = cookies_of_hosts("_headers", data, around(sources={"_headers": "static/_headers"}))
    assert (fault.code, fault.path, fault.line) == ("KB155", "static/_headers", 3)
    assert list(cookies_of_hosts("_headers", b"# Set-Cookie: a=b\n", around())) == []


def test_a_large_script_is_read_quickly(tmp_path: Path) -> None:
    script = ("const a = '//x'; /* y */ b(`z`); c = /[/]\"/; // d\n" * 20_000) + 'fetch("//a.example/")'
    assert codes(script) == ["KB153"]


@pytest.mark.parametrize("name", ["beta", "torg"])
def test_our_own_themes_declare_what_their_scripts_keep_and_nothing_else(
    make_folder: Callable[..., Path], name: str
) -> None:
    folder = make_folder(
        {FILE_NAME: f"name: A\nmunicipality: B\nbase_url: https://a.example/\ntheme: {name}\n"}
    )
    document = read_yaml((folder / FILE_NAME).read_text("utf-8"), FILE_NAME)
    theme = load_theme(folder, Settings.model_validate(document.data), document)
    keeping = {
        asset
        for asset, file in theme.asset_files().items()
        if asset.endswith(".js") and "KB155" in codes(file.read_text("utf-8"))
    }
    assert keeping == theme.storage.keys() != set()
    assert all({"nb", "en"} <= texts.keys() for texts in theme.storage.values())
