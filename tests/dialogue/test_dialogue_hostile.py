"""Hostile texts in every place of a contribution: a clear problem, or harmless wherever they are shown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path

import feedparser
import pytest
from lxml import etree
from playwright.sync_api import Browser, Dialog, Request
from selectolax.lexbor import LexborHTMLParser, LexborNode

from kommunebeta.build import BuildOptions, build
from kommunebeta.dialogue.contributions import LONGEST_TEXT, read_contribution
from kommunebeta.dialogue.sanitise import TAGS
from kommunebeta.errors import Severity
from kommunebeta.reporter import Reporter
from tests.browsing import scroll_width, serving
from tests.dialogue.hostile import Hostile, texts

BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
FRAME = {"section", "h2", "h3", "h4", "p", "ol", "li", "article", "header", "div", "a", "time", "span", "bdi", "dl", "dt", "dd"}  # fmt: skip
DRAWN = {"nav", "ul", "svg", "circle", "path"}
FORM = """\
title: Innspill
fields:
  - {kind: long, name: innspill, label: Innspill}
  - {kind: short, name: sted, label: Sted}
"""


def quoted(text: str) -> str:
    """A text as a YAML scalar in double quotes, with all but plain letters escaped."""
    return '"' + "".join(c if c.isalnum() and c.isascii() else f"\\U{ord(c):08x}" for c in text) + '"'


def contribution(hostile: Hostile) -> str:
    text = hostile.text
    return (
        f"received: 2026-11-12 08:00\npublished: 2026-11-13\nform: innspill\n"
        f"text: {quoted('Før. ' + text)}\nname: {quoted('N ' + text[:190])}\ntopic: {quoted('T ' + text[:190])}\n"
        f"fields: {{sted: {quoted('S ' + text[:1000])}}}\n"
        f"moderated: {quoted('M ' + text[:490])}\n"
        f"answers:\n  - by: sjef\n    date: 2026-11-14\n    text: {quoted('Svar. ' + text)}\n"
        f"  - by: {quoted('B ' + text[:100])}\n    date: 2026-11-15\n    text: {quoted(text + ' Slutt.')}\n"
    )


ALL = texts()
SOUND = [item for item in ALL if read_contribution(contribution(item), "dialogue/x/a.yaml").matter]


def test_nearly_all_hostile_texts_are_sound_yaml() -> None:
    assert len(SOUND) > 0.9 * len(ALL) > 100


@pytest.mark.parametrize("hostile", texts("size"), ids=attrgetter("id"))
def test_a_huge_text_is_read_or_refused_with_a_clear_problem(hostile: Hostile) -> None:
    text = f"received: 2026-11-12\npublished: 2026-11-13\ntext: {quoted(hostile.text)}\n"
    written = read_contribution(text, "dialogue/x/a.yaml")
    if not 0 < len(hostile.text.strip()) <= LONGEST_TEXT:
        assert [(item.code, item.line, item.column) for item in written.problems if item.severity is Severity.ERROR] == [("KB080", 3, 7)]  # fmt: skip
    else:
        assert written.matter is not None
    assert all(len(str(problem)) < 400 for problem in written.problems)
    assert len(written.problems) <= 7


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Path:
    big = [item for item in texts("size") if len(item.text) <= LONGEST_TEXT]
    files = {
        "kommunebeta.yaml": "name: B\nmunicipality: K\nbase_url: https://x.example/\ndialogue: {page_size: 60}\nfeeds: {limit: 1000}\n",
        "people/sjef.yaml": "role: Sjef\n",
        "forms/innspill.yaml": FORM,
        "content/posts/2026-11-10-x.md": "---\ntitle: X\ndate: 2026-11-10\n---\nHei.\n",
        **{f"dialogue/x/h{at}.yaml": contribution(item) for at, item in enumerate(SOUND)},
        **{
            f"dialogue/x/b{at}.yaml": f"received: 2026-11-12\npublished: 2026-11-12\ntext: {quoted(item.text)}\n"
            for at, item in enumerate(big)
        },
    }
    folder = tmp_path_factory.mktemp("fiendtlig") / "nettsted"
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return build(folder, BuildOptions(), Reporter()).output


def pages(public: Path) -> list[Path]:
    return [public / "2026/11/x/index.html", *sorted((public / "2026/11/x/innspill").rglob("index.html"))]


def test_pages_hold_nothing_but_what_was_allowed(public: Path) -> None:
    found = 0
    for page in pages(public):
        tree = LexborHTMLParser(page.read_text(encoding="utf-8"))
        dialogue = tree.css_first(".dialogue")
        assert dialogue is not None
        for node in dialogue.css("*"):
            assert node.tag in TAGS | FRAME | DRAWN | {"h1", "h2", "h3", "h4"}, node.html
            assert_harmless(node)
        found += len(dialogue.css(".contribution"))
        assert not BIDI.search(dialogue.text())
    assert found > len(SOUND)


def assert_harmless(node: LexborNode) -> None:
    for name, value in node.attributes.items():
        assert not name.startswith("on"), node.html
        assert name not in ("style", "src", "srcset", "srcdoc", "action", "formaction"), node.html
        if name == "href":
            assert re.match(r"(https?://|mailto:|/|#)", value or ""), node.html
    inside = node.tag == "a" and not {"permalink"} & set((node.attributes.get("class") or "").split())
    if inside and re.match("https?:|mailto:", node.attributes.get("href") or ""):
        official = any("official-text" in (above.attributes.get("class") or "") for above in around(node))
        assert (node.attributes.get("rel") or "") == ("" if official else "nofollow ugc"), node.html


def around(node: LexborNode) -> Iterator[LexborNode]:
    above = node.parent
    while above is not None:
        yield above
        above = above.parent


def test_every_contribution_stands_in_its_own_place(public: Path) -> None:
    for page in pages(public):
        tree = LexborHTMLParser(page.read_text(encoding="utf-8"))
        for item in tree.css(".contribution"):
            assert item.parent is not None
            assert item.parent.tag == "li"
            name = item.attributes["id"] or ""
            answers = [answer.attributes["id"] for answer in item.css(".official-answer")]
            assert answers == ([f"svar-{name[9:]}-1", f"svar-{name[9:]}-2"] if name[9:10] == "h" else [])


@pytest.mark.parametrize("feed", ["2026/11/x/innspill/feed.xml", "svar.xml"])
def test_feeds_stay_whole_and_hold_nothing_but_what_was_allowed(public: Path, feed: str) -> None:
    raw = (public / feed).read_bytes()
    etree.fromstring(raw)
    parsed = feedparser.parse(raw, sanitize_html=False)
    assert not parsed.bozo
    assert len(parsed.entries) >= 2 * len(SOUND)
    assert len({entry.id for entry in parsed.entries}) == len(parsed.entries)
    for entry in parsed.entries:
        assert entry.link.startswith("https://x.example/2026/11/x/")
        assert not BIDI.search(entry.title + entry.author)
        tree = LexborHTMLParser(entry.content[0].value)
        for node in tree.css("body *"):
            assert node.tag in TAGS, node.html
            assert_harmless_in_feed(node)


def assert_harmless_in_feed(node: LexborNode) -> None:
    assert set(node.attributes) <= {"href", "rel", "start", "value"}, node.html
    assert re.match("(https?://|mailto:)", node.attributes.get("href") or "https://"), node.html


def test_what_search_engines_read_is_sound_json(public: Path) -> None:
    tree = LexborHTMLParser(pages(public)[0].read_text(encoding="utf-8"))
    script = tree.css_first('script[type="application/ld+json"]')
    assert script is not None
    comments = next(thing["comment"] for thing in json.loads(script.text())["@graph"] if "comment" in thing)
    assert comments
    assert all(len(comment["text"]) <= 1000 for comment in comments)


@pytest.fixture(scope="module")
def server(public: Path) -> Iterator[str]:
    """What was built, without any policy that might stop what got through."""
    with serving(public) as address:
        yield address


OUTSIDE = """() => [...document.querySelectorAll('.thread')].flatMap(thread => {
  const box = thread.getBoundingClientRect();
  return [...thread.querySelectorAll('*')].filter(node => {
    if (node.closest('.visually-hidden') || node.parentElement.closest('pre')) return false;
    const at = node.getBoundingClientRect();
    return at.width && (at.left < box.left - 1 || at.right > box.right + 1 || at.top < box.top - 1 || at.bottom > box.bottom + 1);
  }).map(node => node.outerHTML.slice(0, 200));
})"""


def test_no_script_runs_and_no_layout_breaks_out_of_its_box(
    public: Path, server: str, browser: Browser
) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 800})
    alarms: list[str] = []

    def heard(dialog: Dialog) -> None:
        alarms.append(dialog.message)
        dialog.dismiss()

    def asked(request: Request) -> None:
        if not request.url.startswith(server):
            alarms.append(request.url)

    context.on("dialog", heard)
    context.on("request", asked)
    context.on("weberror", lambda error: alarms.append(str(error.error)))
    for page in pages(public):
        tab = context.new_page()
        tab.goto(f"{server}/{page.relative_to(public).as_posix()}")
        assert tab.evaluate("window.pwned") is None
        assert scroll_width(tab) <= 320
        assert tab.evaluate(OUTSIDE) == []
        assert tab.evaluate("document.querySelectorAll('main .dialogue').length") == 1
        tab.close()
    context.close()
    assert alarms == []
