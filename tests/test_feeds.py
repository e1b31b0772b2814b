"""Machine-readable outputs: feeds, JSON-LD, sitemap and redirects, with text that tries to break them."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest
from jsonschema import Draft202012Validator
from lxml import etree

from kommunebeta.build import BuildOptions, build
from kommunebeta.redirects import apache_conf, netlify_redirects, nginx_map
from kommunebeta.reporter import Reporter

Make = Callable[..., Path]

HOSTILE = "]]> <script>alert(1)</script> & \"'  Čáŋ 🎉 <b>"
POST = f"""---
title: {json.dumps(HOSTILE, ensure_ascii=False)}
date: 2026-05-17 12:00
updated: 2026-05-18 09:30
authors: [{json.dumps(HOSTILE, ensure_ascii=False)}, ordforer]
summary: {json.dumps(HOSTILE, ensure_ascii=False)}
tags: [{json.dumps(HOSTILE, ensure_ascii=False)}, skole]
category: Nyheter
---

Brødtekst med [lenke](andre.md) og ![bilde](/bilde.svg "Tekst").
"""
FILES = {
    "kommunebeta.yaml": "name: Torget\nmunicipality: Å & Ø kommune\nbase_url: https://x.example/beta/\ncontact: {email: a@x.example}\n",
    "people/ordforer.yaml": "role: Ordfører\nname: Kari\n",
    "content/posts/2026-05-17-farlig.md": POST,
    "static/bilde.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"/>',
}


@pytest.fixture
def public(make_folder: Make) -> Path:
    files = {
        **FILES,
        "content/posts/andre.md": "---\ntitle: Andre\ndate: 2026-05-16\naliases: [/gammel æ$1, /g.html]\n---\nHei.\n",
    }
    return build(make_folder(files), BuildOptions(at=dt.datetime(2026, 6, 1)), Reporter()).output


@pytest.mark.parametrize("name", ["feed.xml", "rss.xml"])
def test_hostile_text_does_not_break_a_feed(public: Path, name: str) -> None:
    data = (public / name).read_bytes()
    ElementTree.fromstring(data)
    feed = feedparser.parse(data, sanitize_html=False)
    assert not feed.bozo
    first = feed.entries[0]
    assert "alert(1)" in first.title
    assert first.link == "https://x.example/beta/2026/05/farlig/"
    assert first.id == "tag:x.example,2026:nb/farlig"
    assert 'href="https://x.example/beta/2026/05/andre/"' in first.content[0].value
    assert 'src="https://x.example/beta/media/' in first.content[0].value


def test_atom_is_dated_by_its_posts_and_not_by_the_build(public: Path) -> None:
    feed = feedparser.parse((public / "feed.xml").read_bytes())
    assert feed.feed.updated == "2026-05-18T09:30:00+02:00"
    assert feed.entries[0].authors[1].name == "Kari, Ordfører"


# https://www.jsonfeed.org/version/1.1/
JSON_FEED = {
    "type": "object",
    "required": ["version", "title", "items"],
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "home_page_url": {"type": "string", "pattern": "^https://"},
        "feed_url": {"type": "string", "pattern": "^https://"},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "url", "content_html", "date_published"],
                "properties": {
                    "id": {"type": "string"},
                    "title": {"type": "string"},
                    "date_published": {
                        "type": "string",
                        "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$",
                    },
                    "authors": {"type": "array", "items": {"type": "object", "required": ["name"]}},
                    "tags": {"type": "array", "items": {"type": "string"}},
                },
            },
        },
    },
}


def test_the_json_feed_keeps_to_its_specification(public: Path) -> None:
    feed = json.loads((public / "feed.json").read_text(encoding="utf-8"))
    assert list(Draft202012Validator(JSON_FEED).iter_errors(feed)) == []
    assert feed["items"][0]["title"] == HOSTILE


def graph(public: Path, page: str) -> dict[str, Any]:
    text = (public / page).read_text(encoding="utf-8")
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    return {item["@type"]: item for item in json.loads(block)["@graph"]}


def test_a_post_is_a_blog_posting_of_the_municipality(public: Path) -> None:
    found = graph(public, "2026/05/farlig/index.html")
    posting = found["BlogPosting"]
    assert posting["headline"] == HOSTILE
    assert posting["datePublished"] == "2026-05-17T12:00:00+02:00"
    assert posting["dateModified"] == "2026-05-18T09:30:00+02:00"
    assert posting["author"][1]["jobTitle"] == "Ordfører"
    assert posting["publisher"]["@id"] == found["GovernmentOrganization"]["@id"]
    assert found["GovernmentOrganization"]["name"] == "Å & Ø kommune"
    steps = found["BreadcrumbList"]["itemListElement"]
    assert [step["position"] for step in steps] == list(range(1, len(steps) + 1))
    assert all(step["item"].startswith("https://x.example/beta/") for step in steps)


def test_a_person_and_a_list_say_what_they_are(public: Path) -> None:
    assert graph(public, "folk/ordforer/index.html")["ProfilePage"]["mainEntity"]["name"] == "Kari"
    assert graph(public, "emne/skole/index.html")["CollectionPage"]["inLanguage"] == "nb"


def test_the_manifest_is_json_with_icons_that_exist(public: Path) -> None:
    manifest = json.loads((public / "manifest.webmanifest").read_text(encoding="utf-8"))
    assert manifest["start_url"] == "/beta/"
    for icon in manifest["icons"]:
        assert (public / icon["src"].removeprefix("/beta/")).is_file()


def test_redirects_are_written_for_every_kind_of_host(public: Path) -> None:
    assert "/beta/gammel%20%C3%A6%241/ /beta/2026/05/andre/ 301\n" in (public / "_redirects").read_text()
    assert '"/beta/gammel æ$1/" "/beta/2026/05/andre/";\n' in (public / "redirects/nginx.map").read_text(
        encoding="utf-8"
    )
    assert (public / "g.html").is_file()
    assert (public / "gammel æ$1" / "index.html").is_file()


def test_the_sitemap_keeps_to_its_schema(public: Path, root: Path) -> None:
    schema = etree.XMLSchema(etree.parse(root / "tests/data/sitemap.xsd"))
    sitemap = etree.parse(public / "sitemap.xml")
    schema.assertValid(sitemap)
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    days = {
        url.findtext("s:loc", None, space): url.findtext("s:lastmod", None, space)
        for url in sitemap.getroot()
    }
    assert days["https://x.example/beta/2026/05/farlig/"] == "2026-05-18"


@pytest.mark.parametrize("make", [netlify_redirects, apache_conf, nginx_map])
def test_no_address_can_add_a_rule_of_its_own(make: Callable[..., str]) -> None:
    evil = '/a" "/b";\n}/evil \\"'
    assert make([(evil, "/new\n/x y")]).count("\n") == 1
