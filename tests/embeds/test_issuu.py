"""Issuu: documents by user and name, at a page."""

from __future__ import annotations

import pytest

from kommunebeta.embeds.issuu import Issuu
from kommunebeta.embeds.provider import Found, Play
from kommunebeta.embeds.providers import identify

BASE = "https://issuu.com"


def found(url: str) -> Found | None:
    known = identify(url)
    return known[1] if known and known[0].id == "issuu" else None


@pytest.mark.parametrize(
    ("url", "page"),
    [
        (f"{BASE}/fjordvik.kommune/docs/arsmelding_2026", 0),
        ("http://www.issuu.com/fjordvik.kommune/docs/arsmelding_2026/", 0),
        ("//issuu.com/fjordvik.kommune/docs/arsmelding_2026?fr=sMWYy", 0),
        (f"{BASE}/fjordvik.kommune/docs/arsmelding_2026/12", 12),
        ("https://e.issuu.com/embed.html?u=fjordvik.kommune&d=arsmelding_2026", 0),
        ("//e.issuu.com/embed.html?backgroundColor=%23ffffff&d=arsmelding_2026&u=fjordvik.kommune", 0),
        ("https://e.issuu.com/embed.html?d=arsmelding_2026&pageNumber=12&u=fjordvik.kommune", 12),
        ("https://e.issuu.com/anonymous-embed.html?u=fjordvik.kommune&d=arsmelding_2026", 0),
    ],
)
def test_every_form_of_a_document_is_the_one_document(url: str, page: int) -> None:
    known = found(url)
    assert known is not None
    assert (known.url, known.id, known.slide, known.kind) == (
        f"{BASE}/fjordvik.kommune/docs/arsmelding_2026",
        "fjordvik.kommune/arsmelding_2026",
        page,
        "slides",
    )
    number = f"&pageNumber={page}" if page else ""
    assert Issuu().frame(known, None, Play(slide=page)) == (
        f"https://e.issuu.com/embed.html?u=fjordvik.kommune&d=arsmelding_2026{number}"
    )
    assert Issuu().page(known, Play(slide=page)) == known.url + (f"/{page}" if page else "")


@pytest.mark.parametrize(
    "url",
    [
        f"{BASE}/",
        f"{BASE}/kommune",
        f"{BASE}/kommune/docs",
        f"{BASE}/kommune/stacks/x",
        f"{BASE}/kommune/docs/avis/s/12345",
        f"{BASE}/kommune/docs/avis/x",
        f"{BASE}/kommune/docs/avis/1/2",
        f"{BASE}/kommune/docs/..",
        f"{BASE}/../docs/avis",
        f"{BASE}/kommune/docs/%2e%2e",
        f"{BASE}/kommune%2Fdocs%2Favis",
        f"{BASE}/kommune/docs/a%22b",
        f"{BASE}/kommune/docs/\u00e5rsmelding",
        "https://e.issuu.com/embed.html",
        "https://e.issuu.com/embed.html?u=kommune",
        "https://e.issuu.com/embed.html?u=..&d=..",
        "https://e.issuu.com/embed.html?u=kommune&d=a/../b",
        "https://e.issuu.com/embed.html?u=kommune&d=avis&pageNumber=x",
        "https://e.issuu.com/embed.html#1016421/67761615",
        "https://e.issuu.com/kommune/docs/avis",
        "https://static.issuu.com/kommune/docs/avis",
        "https://issuu.no/kommune/docs/avis",
    ],
)
def test_near_misses_are_not_documents(url: str) -> None:
    assert found(url) is None


def test_the_look_up_asks_for_the_one_address() -> None:
    known = found(f"{BASE}/kommune/docs/avis/7")
    assert known is not None
    assert (
        Issuu().lookup(known)
        == f"{BASE}/oembed?format=json&url=https%3A%2F%2Fissuu.com%2Fkommune%2Fdocs%2Favis"
    )
