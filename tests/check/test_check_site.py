"""The site as a whole: pages that must be there, links to drafts, texts that expire, pages nobody finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from kommunebeta.check.finding import Fault
from kommunebeta.check.findings import of_faults
from kommunebeta.check.site import (
    addresses_to_fill_in,
    links_to_unpublished,
    missing_pages,
    orphans,
    soon_expired,
    unlinked_statements,
)
from kommunebeta.check.state import Report
from kommunebeta.errors import Severity
from tests.check.wholes import link, moment, page, post, told, whole

Make = Callable[[Mapping[str, str]], Path]
FULL = """contact: {email: post@prove.example}
accessibility:
  statement_url: https://uustatus.no/nb/x
  page: content/pages/uu.md
privacy:
  page: content/pages/personvern.md
"""


# Pages that must be there


def test_a_site_that_names_what_it_must_has_nothing_missing(make_folder: Make) -> None:
    assert not told(missing_pages(whole(make_folder({}), FULL)))


def test_each_missing_page_is_told_at_its_setting_or_at_the_top(make_folder: Make) -> None:
    site = whole(make_folder({}), "privacy:\n  officer: o@prove.example\n")
    assert [(code, line) for code, _, line, _ in told(missing_pages(site))] == [
        ("KB180", 4),
        ("KB181", 1),
        ("KB182", 1),
    ]


@pytest.mark.parametrize(
    ("inbox", "severity"),
    [
        ("{to: mailto, email: a@prove.example}", Severity.ERROR),
        ("{forms: {x: {to: mailto, email: a@prove.example}}}", Severity.ERROR),
        ("{to: 'off'}", None),
    ],
)
def test_a_missing_privacy_statement_is_an_error_where_forms_are_sent(
    make_folder: Make, inbox: str, severity: Severity | None
) -> None:
    faults = {fault.code: fault for fault in missing_pages(whole(make_folder({}), f"inbox: {inbox}\n"))}
    assert faults["KB180"].severity is severity


@pytest.mark.parametrize(
    ("contact", "codes"),
    [
        ("{phone: '00 00 00 00'}", []),
        ("{email: post@kommune.no}", []),
        ("{email: beta@example.no}", ["KB182"]),
        ("{email: beta@post.example.com}", ["KB182"]),
        ("{address: Torget 1}", ["KB182"]),
    ],
)
def test_the_municipality_can_be_reached(make_folder: Make, contact: str, codes: list[str]) -> None:
    settings = FULL.replace("{email: post@prove.example}", contact)
    assert [code for code, *_ in told(missing_pages(whole(make_folder({}), settings)))] == codes


# Statements on every page

STATEMENTS = ("personvern/index.html", "uu/index.html")
OFFICIAL = (link("https://uustatus.no/nb/x"),)


def made(path: str, *targets: str, **more: object) -> Report:
    return Report(path, targets=targets, external=OFFICIAL, **more)  # type: ignore[arg-type]  # of tests alone


def unlinked(folder: Path, *reports: Report, template: str = "page.html") -> list[Fault]:
    pages = [page("personvern"), page("uu"), page("side", template=template)]
    return list(unlinked_statements(whole(folder, FULL, pages=pages, reports=reports)))


def test_a_page_that_links_to_both_statements_is_good_and_so_are_they_themselves(make_folder: Make) -> None:
    pages = [made(path, *STATEMENTS) for path in (*STATEMENTS, "side/index.html", "index.html")]
    assert not unlinked(make_folder({}), *pages)


def test_pages_that_lead_on_and_other_files_need_no_statements(make_folder: Make) -> None:
    assert not unlinked(make_folder({}), made("gammel/index.html", leads_on="/"), Report("feed.xml"))


def test_a_page_made_by_hand_is_left_to_those_who_made_it(make_folder: Make) -> None:
    site = whole(make_folder({}), FULL, pages=[page("personvern"), page("uu")], reports=[Report("kart.html")])
    by_hand = replace(site.surroundings, sources={"kart.html": "content/posts/sak/kart.html"})
    assert not told(unlinked_statements(replace(site, surroundings=by_hand)))


def test_what_the_theme_leaves_out_is_told_at_the_settings(make_folder: Make) -> None:
    faults = unlinked(
        make_folder({}), made("index.html", "uu/index.html"), made("a/index.html", "uu/index.html")
    )
    assert [(fault.path, fault.line, fault.page) for fault in faults] == [
        ("kommunebeta.yaml", 9, "index.html"),
        ("kommunebeta.yaml", 9, "a/index.html"),
    ]
    assert {fault.message for fault in faults} == {"The privacy statement is not linked from every page."}


def test_what_a_template_of_its_own_leaves_out_is_told_at_the_text_that_names_it(make_folder: Make) -> None:
    folder = make_folder({"content/pages/side.md": "---\ntitle: Side\nmal: plakat.html\n---\n"})
    lacking = Report("side/index.html", targets=STATEMENTS)
    (fault,) = unlinked(folder, lacking, template="plakat.html")
    assert (fault.path, fault.line) == ("content/pages/side.md", 3)
    assert fault.message == "The template «plakat.html» leaves out the link to the accessibility statement."


# Links to what is not published


def unpublished(folder: Path, *targets: str) -> list[str]:
    report = Report("index.html", missing=tuple(link(target) for target in targets))
    return [fault.message for fault in links_to_unpublished(whole(folder, reports=[report]))]


@pytest.mark.parametrize(
    ("file", "matter", "target", "why"),
    [
        ("posts/2026-01-05-plan.md", "draft: yes", "2026/01/plan/index.html", "is a draft"),
        ("posts/plan.md", "publish: 2026-04-01", "2026/04/plan/index.html", "is not published yet"),
        ("posts/plan.md", "date: 2026-01-01\nexpires: 2026-02-01", "2026/01/plan/index.html", "has expired"),
        ("posts/plan.md", "date: 2026-01-01\nkladd: ja\nadresse: /p/", "p/index.html", "is a draft"),
        ("pages/om.nn.md", "draft: yes", "nn/om/index.html", "is a draft"),
        ("experiments/kart.md", "draft: yes\nhypothesis: Ja.", "forsok/kart/index.html", "is a draft"),
    ],
)
def test_a_link_to_where_a_text_would_be_is_told_with_the_text(
    make_folder: Make, file: str, matter: str, target: str, why: str
) -> None:
    folder = make_folder({f"content/{file}": f"---\ntitle: Plan\n{matter}\n---\n"})
    assert unpublished(folder, target, "noe/annet/index.html") == [
        f"The link leads to content/{file}, which {why}."
    ]


def test_a_link_to_nothing_at_all_is_another_check_s_matter(make_folder: Make) -> None:
    folder = make_folder(
        {"content/posts/feil.md": "ikke noe", "content/posts/uten.md": "---\ntitle: A\n---\n"}
    )
    assert unpublished(folder, "borte/index.html") == []


def test_a_draft_takes_the_place_of_the_broken_link(make_folder: Make) -> None:
    folder = make_folder({"content/posts/plan.md": "---\ntitle: P\ndate: 2026-01-05\ndraft: yes\n---\n"})
    draft, other = link("2026/01/plan/index.html", text="planen"), link("x/index.html", text="noe")
    site = whole(folder, reports=[Report("index.html", missing=(draft, other))])
    faults = [
        ("index.html", Fault("KB100", f"{at.target} is not there.", clue=at.clue)) for at in (draft, other)
    ]
    faults += [(fault.page, fault) for fault in links_to_unpublished(site)]
    codes = [(finding.problem.code, finding.problem.message[:9]) for finding in of_faults(faults, site)]
    assert sorted(codes) == [("KB100", "x/index.h"), ("KB184", "The link ")]


# Texts that expire


@pytest.mark.parametrize(
    ("expires", "is_told"),
    [("2026-03-10 09:00", False), ("2026-03-24 09:00", True), ("2026-03-24 09:01", False)],
)
def test_a_post_that_expires_within_a_fortnight_is_a_note(
    make_folder: Make, expires: str, is_told: bool
) -> None:
    folder = make_folder({"content/posts/sak.md": f"---\ntitle: Sak\nutløper: {expires}\n---\n"})
    found = told(soon_expired(whole(folder, posts=[post("sak", expires=moment(expires))])))
    wanted = ("KB185", "content/posts/sak.md", 3, "The post expires on 2026-03-24 at 09:00.")
    assert found == ([wanted] if is_told else [])


def test_the_settings_say_how_many_days_ahead_are_told(make_folder: Make) -> None:
    folder = make_folder({"content/posts/sak.md": "---\ntitle: Sak\n---\n"})
    posts = [post("sak", expires=moment("2026-03-12"))]
    assert not told(soon_expired(whole(folder, "check: {expires_within: 1}\n", posts=posts)))


# Pages that nothing leads to


def lost(folder: Path, *reports: Report, settings: str = "", **side: object) -> list[str]:
    site = whole(folder, settings, posts=[post("sak")], pages=[page("side", **side)], reports=reports)
    return [fault.path for fault in orphans(site)]


POST, SIDE = "2026/01/sak/index.html", "side/index.html"


def test_a_page_is_found_by_way_of_others_and_of_old_addresses(make_folder: Make) -> None:
    home, old = Report("index.html", targets=(POST,)), Report("gammel/index.html", leads_on="/side/")
    by_way = Report(POST, targets=("gammel/index.html",))
    assert lost(make_folder({}), home, by_way, old, Report(SIDE)) == []


def test_pages_that_link_only_to_each_other_are_lost(make_folder: Make) -> None:
    texts = {
        "content/posts/sak.md": "---\ntitle: Sak\n---\n",
        "content/pages/side.md": "---\ntitle: S\n---\n",
    }
    pages = [Report("index.html"), Report(POST, targets=(SIDE,)), Report(SIDE, targets=(POST,))]
    assert lost(make_folder(texts), *pages) == ["content/posts/sak.md", "content/pages/side.md"]


def test_the_home_page_of_each_language_is_a_beginning(make_folder: Make) -> None:
    pages = [Report("index.html", targets=(POST,)), Report("nn/index.html", targets=(SIDE,)), Report(SIDE)]
    assert lost(make_folder({}), *pages, Report(POST), settings="languages: [nb, nn]\n") == []


def test_a_page_that_search_engines_must_not_list_may_be_hidden(make_folder: Make) -> None:
    pages = [Report("index.html", targets=(POST,)), Report(POST), Report(SIDE)]
    assert lost(make_folder({}), *pages, search=False) == []


# Addresses


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://localhost:8000/", "one's own machine"),
        ("http://127.0.0.1/", "one's own machine"),
        ("https://beta.example.no/", "still that of an example"),
        ("https://example.com/beta/", "still that of an example"),
        ("http://beta.kommune.no/", "without encryption"),
        ("https://beta.kommune.no/", ""),
        ("https://beta.fjordvik.example/", ""),  # made up on purpose, and never in use
        ("https://min-example.no/", ""),
    ],
)
def test_the_address_of_the_site_is_one_that_readers_can_reach(
    make_folder: Make, address: str, words: str
) -> None:
    found = told(addresses_to_fill_in(whole(make_folder({}), base_url=address)))
    assert [(code, line) for code, _, line, _ in found] == ([("KB187", 3)] if words else [])
    assert all(words in message for *_, message in found)


def test_forms_that_go_to_an_example_are_told_of(make_folder: Make) -> None:
    inbox = "inbox:\n  to: kommunebeta\n  url: https://svar.example.no/\n  forms:\n"
    inbox += "    sykkel: {to: url, url: 'https://x.example.org/'}\n"
    found = told(addresses_to_fill_in(whole(make_folder({}), inbox)))
    assert [(line, message.split(",")[0]) for _, _, line, message in found] == [
        (6, "The address that forms are sent to"),
        (8, "The address that the form «sykkel» is sent to"),
    ]
