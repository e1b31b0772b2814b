"""Titles and summaries: what lists, search engines and previews show."""

from __future__ import annotations

import pytest

from kommunebeta.check.editorial import summaries_and_titles
from kommunebeta.check.page import Page
from kommunebeta.errors import Severity
from tests.check.around import around, page, told

LONG = "Vi har spurt alle som bor i gata. " * 12
SUMMARY = '<meta name="description" content="{}">'


def found(body: str, summary: str = "", source: str = "content/posts/a.md", head: str = "") -> list[str]:
    seen = page(body, (SUMMARY.format(summary) if summary else "") + head)
    return told(summaries_and_titles(seen, around(sources={seen.path: source})))


def test_a_post_with_a_summary_of_its_own_is_good() -> None:
    assert found(f'<h1>Gata</h1><div class="prose"><p>{LONG}</p></div>', "Vi har spurt alle i gata.") == []


def test_a_short_first_paragraph_will_do_as_a_summary() -> None:
    assert found('<h1>Gata</h1><div class="prose"><p>Vi spør.</p></div>', "Vi spør.") == []


def test_the_beginning_of_a_long_paragraph_is_no_summary() -> None:
    (only,) = found(f'<h1>Gata</h1><div class="prose"><p>{LONG}</p></div>', LONG[:280] + " …")
    assert "too long to be shown instead" in only


def test_pages_may_do_without_a_summary_but_not_without_words() -> None:
    text = f'<h1>Om oss</h1><div class="prose"><p>{LONG}</p></div>'
    assert found(text, LONG[:280] + " …", "content/pages/om.md") == []
    seen = page("<h1>Om oss</h1>")
    (only,) = summaries_and_titles(seen, around(sources={seen.path: "content/pages/om.md"}))
    assert (only.code, only.severity, only.path) == ("KB140", Severity.WARNING, "content/pages/om.md")


def test_what_search_engines_leave_out_needs_no_summary() -> None:
    assert found("<h1>Om oss</h1>", head='<meta name="robots" content="noindex">') == []


@pytest.mark.parametrize(("length", "faults"), [(250, 0), (251, 1)])
def test_a_summary_has_a_length(length: int, faults: int) -> None:
    assert len(found("<h1>Gata</h1>", "a" * length)) == faults


@pytest.mark.parametrize(("length", "faults"), [(70, 0), (71, 1)])
def test_a_title_has_the_length_of_the_settings(length: int, faults: int) -> None:
    assert len(found(f"<h1>{'å' * length}</h1>", "Kort.")) == faults


def test_lists_and_pages_made_by_hand_are_left_alone() -> None:
    assert found(f"<h1>{'a' * 200}</h1>", source="static/x.html") == []
    seen = Page("index.html", f"<h1>{'a' * 200}</h1>".encode())
    assert told(summaries_and_titles(seen, around())) == []


def test_addresses_of_people_are_not_repeated() -> None:
    (only,) = found("<h1>Gata</h1>", "Skriv til kari.nordmann@privat.example. " + "a " * 150)
    assert "kari" not in only
