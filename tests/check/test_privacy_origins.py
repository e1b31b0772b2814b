"""What browsers would ask of other servers: found wherever it stands, and nothing else."""

from __future__ import annotations

import json

import pytest

from kommunebeta.check.page import Page
from kommunebeta.check.privacy.addresses import foreign_host, shown_address
from kommunebeta.check.privacy.origins import foreign_loads, manifest_loads
from kommunebeta.check.privacy.stylesheets import loaded_by, style_sheet_loads
from kommunebeta.check.privacy.svg import drawing_loads
from tests.check.around import around, page, told

AWAY = "https://a.example/x"

LOADED = [
    '<img src="{}">',
    '<img srcset="/a.jpg 1x, {} 2x">',
    '<picture><source srcset="{} 640w"><img src="/a.jpg"></picture>',
    '<script src="{}"></script>',
    '<script type="module" src="{}"></script>',
    '<iframe src="{}" loading="lazy"></iframe>',
    '<iframe srcdoc="<img src={}>"></iframe>',
    '<iframe srcdoc="&lt;iframe srcdoc=&quot;&lt;img src={}&gt;&quot;&gt;&lt;/iframe&gt;"></iframe>',
    '<video poster="{}"></video>',
    '<video src="{}"></video>',
    '<video><source src="{}"><track src="/a.vtt"></video>',
    '<video src="/a.mp4"><track src="{}"></video>',
    '<audio src="{}"></audio>',
    '<object data="{}"></object>',
    '<embed src="{}">',
    '<input type="image" src="{}" alt="Send">',
    '<svg><image href="{}"/></svg>',
    '<svg><use xlink:href="{}#a"/></svg>',
    '<svg><filter><feImage href="{}"/></filter></svg>',
    '<svg><path fill="url({}#a)"/></svg>',
    "<svg><g mask=\"url('{}#a')\"/></svg>",
    '<p style="background: url({})">x</p>',
    "<style>@import '{}';</style>",
    '<a href="/a/" ping="/b {}">x</a>',
    '<table background="{}"><tr><td>1</table>',
    '<noscript><img src="{}"></noscript>',
    '<script type="speculationrules">{{"prefetch": [{{"urls": ["{}"]}}]}}</script>',
    '<script type="importmap">{{"imports": {{"a": "{}"}}}}</script>',
]
LINKED = [
    "stylesheet", "preload", "prefetch", "preconnect", "dns-prefetch", "icon", "shortcut icon", "manifest",
    "modulepreload", "apple-touch-icon", "mask-icon", "STYLESHEET",
]  # fmt: skip


@pytest.mark.parametrize("markup", LOADED)
def test_what_a_browser_loads_by_itself_is_found(markup: str) -> None:
    (fault,) = foreign_loads(page(markup.format(AWAY)), around())
    assert fault.code == "KB150"
    assert AWAY in fault.message
    assert fault.clue is not None
    assert any(AWAY in text for text in fault.clue.texts)
    assert fault.clue.body


@pytest.mark.parametrize("markup", LOADED)
def test_what_lies_in_the_site_is_no_fault(markup: str) -> None:
    for address in ("/x", "x", "https://beta.prove.example/x", "//beta.prove.example/x", "data:x,y", "#x"):
        assert told(foreign_loads(page(markup.format(address)), around())) == [], address


@pytest.mark.parametrize("rel", LINKED)
def test_links_that_make_a_browser_ask_are_found(rel: str) -> None:
    (fault,) = foreign_loads(page("", f'<link rel="{rel}" href="{AWAY}">'), around())
    assert fault.clue is not None
    assert not fault.clue.body


@pytest.mark.parametrize(
    "markup",
    [
        f'<a href="{AWAY}">Les mer</a>',
        f'<link rel="canonical" href="{AWAY}">',
        f'<link rel="alternate" hreflang="en" href="{AWAY}">',
        f'<link rel="me license" href="{AWAY}">',
        f'<meta property="og:image" content="{AWAY}">',
        f'<blockquote cite="{AWAY}">x</blockquote>',
        f'<div data-embed="{AWAY}"><button hidden>Spill av</button></div>',
        f'<script type="application/ld+json">{{"@context": "{AWAY}"}}</script>',
        f"<!-- <img src={AWAY}> -->",
        f"<template><img src='{AWAY}'></template>",
        f"<code>&lt;img src={AWAY}&gt;</code>",
        f'<input type="hidden" value="{AWAY}">',
        f'<input src="{AWAY}">',
        f'<img src="/x" alt="{AWAY}" title="url({AWAY})">',
        f'<svg xmlns="{AWAY}"><title>{AWAY}</title></svg>',
    ],
)
def test_what_waits_for_the_reader_is_no_fault(markup: str) -> None:
    assert told(foreign_loads(page(markup), around())) == []


def test_a_foreign_base_is_told_once_since_all_else_follows_from_it() -> None:
    found = told(foreign_loads(page('<img src="a.jpg">', f'<base href="{AWAY}">'), around()))
    assert found == [f"KB150: The <base> loads «{AWAY}» on another server."]


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("//a.example/x", "a.example"),
        ("HTTPS://A.example:8443/x", "a.example:8443"),
        (" \n https://a.example", "a.example"),
        ("\\\\a.example/x", "a.example"),
        ("https:\\\\a.example/x", "a.example"),
        ("https://beta.prove.example@a.example/", "a.example"),
        ("wss://a.example/", "a.example"),
        ("http://beta.prove.example/x", ""),
        ("/a//b", ""),
        ("?til=https://a.example/", ""),
        ("mailto:x@a.example", ""),
        ("", ""),
    ],
)
def test_the_host_of_an_address_is_that_which_a_browser_asks(address: str, host: str) -> None:
    assert foreign_host(address, around()) == host


def test_what_an_address_tells_of_people_is_not_shown() -> None:
    assert shown_address("https://ola:hemmelig@a.example/x?epost=ola@b.example#z") == "https://a.example/x"
    assert len(shown_address("https://a.example/" + "x" * 200)) == 60


@pytest.mark.parametrize(
    ("css", "addresses"),
    [
        (f"a {{ background: url({AWAY}) }}", [AWAY]),
        (f"a {{ background: URL( '{AWAY}' ) }}", [AWAY]),
        (f'@import "{AWAY}" screen;', [AWAY]),
        (f"@import url({AWAY});", [AWAY]),
        (f'a {{ background: image-set("{AWAY}" 1x, url("/b") 2x) }}', [AWAY, "/b"]),
        (f'a {{ background: -webkit-image-set(url({AWAY}) 1x, "/b" 2x) }}', [AWAY, "/b"]),
        (r"a { background: url(\68 ttps://a.example/x) }", [AWAY]),
        (f"/* url({AWAY}) */ a {{ color: red }}", []),
        (f'a::after {{ content: "url({AWAY})" }}', []),
        (f"@namespace svg url({AWAY});", []),
        ("a { background: url() }", []),
        ("a { background: url(", []),
        (f"/* url({AWAY})", []),
    ],
)
def test_addresses_in_css_are_those_that_are_loaded(css: str, addresses: list[str]) -> None:
    assert [address for _, address in loaded_by(css)] == addresses


def test_a_style_sheet_is_told_of_at_its_line_in_the_source() -> None:
    css = f"a {{ color: red }}\nb {{\n  background: url({AWAY});\n  mask: url(/own.svg)\n}}\n".encode()
    surroundings = around(sources={"assets/own.0123456789.css": "assets/own.css"})
    (fault,) = style_sheet_loads("assets/own.0123456789.css", css, surroundings)
    assert (fault.path, fault.line, fault.column) == ("assets/own.css", 3, 19)
    (fault,) = style_sheet_loads("assets/other.css", css, surroundings)
    assert (fault.path, fault.line) == ("", 0)


SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">\n{}\n</svg>'


@pytest.mark.parametrize(
    "inside",
    [
        f'<image href="{AWAY}"/>',
        f'<image xlink:href="{AWAY}"/>',
        f'<use href="{AWAY}#a"/>',
        f'<script href="{AWAY}"/>',
        f'<filter><feImage href="{AWAY}"/></filter>',
        f"<style>@import url({AWAY});</style>",
        f"<style><![CDATA[a {{ fill: url({AWAY}) }}]]></style>",
        f'<path fill="url({AWAY}#a)"/>',
        f'<foreignObject><img xmlns="http://www.w3.org/1999/xhtml" src="{AWAY}"/></foreignObject>',
        f'<h:iframe xmlns:h="http://www.w3.org/1999/xhtml" src="{AWAY}"/>',
    ],
)
def test_what_a_drawing_loads_is_found_at_its_line(inside: str) -> None:
    data = SVG.format(inside).encode()
    (fault,) = drawing_loads("a.svg", data, around(sources={"a.svg": "static/a.svg"}))
    assert (fault.code, fault.path, fault.line) == ("KB152", "static/a.svg", 2)
    assert "https://a.example/x" in fault.message


def test_a_style_sheet_that_xml_names_is_found_in_drawings_and_feeds() -> None:
    data = f'<?xml version="1.0"?>\n<?xml-stylesheet href="{AWAY}"?>\n<feed/>'.encode()
    assert len(list(drawing_loads("a.svg", data, around()))) == 1
    assert len(list(drawing_loads("feed.xml", data, around()))) == 1


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd"><svg/>',
        SVG.format(f'<a href="{AWAY}"><text>{AWAY}</text></a>').encode(),
        SVG.format(f"<metadata>{AWAY}</metadata><desc>url({AWAY})</desc>").encode(),
        SVG.format(f"<!-- <image href='{AWAY}'/> -->").encode(),
        b"<svg><image",
        b"",
        b"\x89PNG",
    ],
)
def test_what_a_drawing_does_not_load_is_no_fault(data: bytes) -> None:
    assert told(drawing_loads("a.svg", data, around())) == []


def test_entities_that_name_files_are_not_read(tmp_path: object) -> None:
    data = b'<!DOCTYPE svg [<!ENTITY a SYSTEM "https://a.example/x">]><svg><text>&a;</text></svg>'
    assert told(drawing_loads("a.svg", data, around())) == []


def test_scripts_in_drawings_are_read_too() -> None:
    data = SVG.format("<script>\nlocalStorage.clear()</script>").encode()
    (fault,) = drawing_loads("a.svg", data, around(sources={"a.svg": "static/a.svg"}))
    assert (fault.code, fault.line) == ("KB155", 3)


def test_pictures_of_a_manifest_are_found() -> None:
    manifest = {
        "icons": [{"src": "/a.png"}, {"src": AWAY}],
        "shortcuts": [{"url": "/", "icons": [{"src": "//b.example/y"}]}],
        "start_url": "/",
        "related_applications": [{"url": AWAY}],
    }
    found = manifest_loads("m.webmanifest", json.dumps(manifest).encode(), around())
    assert [fault.message for fault in found] == [
        f"The manifest loads «{AWAY}» on another server.",
        "The manifest loads «//b.example/y» on another server.",
    ]
    for data in (b"[]", b"{", b'{"icons": 3}', b'{"icons": [3]}'):
        assert list(manifest_loads("m.webmanifest", data, around())) == []


def test_a_page_that_is_cut_short_is_read_as_far_as_it_goes() -> None:
    assert list(foreign_loads(Page("x/index.html", b"<img src='https://a.ex"), around())) == []
    assert list(foreign_loads(Page("x/index.html", b""), around())) == []
