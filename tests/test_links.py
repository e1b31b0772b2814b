"""Links follow their targets wherever they move; those that lead nowhere are problems at their lines."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kommunebeta.config import FILE_NAME, read_settings
from kommunebeta.content import parse_file
from kommunebeta.dialogue.forms import Forms
from kommunebeta.gather import gather
from kommunebeta.links import fill
from kommunebeta.moments import Clock
from kommunebeta.plan import Plan, plan
from kommunebeta.sources import find_files

OSLO = ZoneInfo("Europe/Oslo")
X = "content/posts/x.md"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="6"/>'
OTHERS: dict[str, str | bytes] = {
    "content/posts/2026-05-17-svømme hallen.md": "---\ntitle: B\n---\n## Åpent møte\n",
    "content/posts/bunt/index.md": "---\ntitle: C\ndate: 2026-01-01\npermalink: /helt/annet.html\n---\nC\n",
    "content/posts/kladd.md": "---\ntitle: D\ndate: 2026-01-01\ndraft: ja\n---\nD\n",
    "content/posts/senere.md": "---\ntitle: E\ndate: 2027-01-01\n---\nE\n",
    "content/posts/over.md": "---\ntitle: F\ndate: 2025-01-01\nexpires: 2026-01-01\n---\nF\n",
    "content/posts/feil.md": "Uten front matter.\n",
    "content/pages/om.md": "---\ntitle: Om\naliases: /gamle-om/\n---\nOm\n",
    "content/posts/referat.pdf": b"%PDF",
    "content/posts/čáhci.svg": SVG,
    "static/skjema.pdf": b"%PDF",
    "static/bilder/fjord.svg": SVG,
    "static/kart/index.html": "<!doctype html>",
    "hemmelig.txt": "x",
}


@pytest.fixture
def planned(make_folder: Callable[..., Path]) -> Callable[..., tuple[Plan, str]]:
    def run(body: str, files: Mapping[str, str | bytes] = OTHERS, front: str = "") -> tuple[Plan, str]:
        head = "name: a\nmunicipality: b\n"
        text = f"---\ntitle: A\ndate: 2026-01-02\n{front}---\n{body}"
        folder = make_folder({FILE_NAME: head, X: text, **files})
        found, (settings, document) = find_files(folder), read_settings(folder)
        gathered = gather(
            folder,
            found,
            [parse_file(folder, path, "nb") for path in (*found.posts, *found.pages)],
            settings=settings,
            document=document,
            clock=Clock(dt.datetime(2026, 6, 1, tzinfo=OSLO), OSLO),
            forms=Forms({}, frozenset(), {}),
            has_template=lambda name: True,
            translate=lambda lang, message: message,
        )
        made = plan(gathered, static=found.static, assets=(), translate=lambda lang, message: message)
        html = fill(
            made.bodies[X],
            made.bodies[X].document.html,
            lambda address: address,
            lambda picture, reference: f"[{picture.source}]",
            lambda embed: f"[{embed.url}]",
        )
        return made, html

    return run


Run = Callable[..., tuple[Plan, str]]


@pytest.mark.parametrize(
    ("target", "address"),
    [
        ("2026-05-17-svømme%20hallen.md", "/2026/05/svomme-hallen/"),
        ("<2026-05-17-svømme hallen.md>", "/2026/05/svomme-hallen/"),
        ("./2026-05-17-sv%C3%B8mme%20hallen.md", "/2026/05/svomme-hallen/"),
        ("2026-05-17-svømme%20hallen.md#apent-mote", "/2026/05/svomme-hallen/#apent-mote"),
        ("bunt/index.md", "/helt/annet.html"),
        ("bunt/index.md?a=b", "/helt/annet.html?a=b"),
        ("../pages/om.md", "/om/"),
        ("/content/pages/om.md", "/om/"),
        ("/pages/om.md", "/om/"),
        ("/om/", "/om/"),
        ("/om", "/om/"),
        ("/gamle-om/", "/gamle-om/"),
        ("../../../om/", "/om/"),
        ("../../../om", "/om/"),
        ("/arkiv/", "/arkiv/"),
        ("/arkiv/2026/", "/arkiv/2026/"),
        ("/feed.xml", "/feed.xml"),
        ("/skjema.pdf", "/skjema.pdf"),
        ("skjema.pdf", "/skjema.pdf"),
        ("/kart/", "/kart/"),
        ("#", "#"),
        ("https://x.no/y.md", "https://x.no/y.md"),
        ("mailto:post@fjordvik.example", "mailto:post@fjordvik.example"),
    ],
)
def test_a_link_leads_to_where_its_target_is_published(planned: Run, target: str, address: str) -> None:
    made, html = planned(f"[lenke]({target})\n")
    assert not made.problems
    assert f'href="{address}"' in html


def test_a_file_beside_the_post_is_published_under_its_fingerprint(planned: Run) -> None:
    made, html = planned("[referat](referat.pdf)\n")
    (output,) = [output for output in made.outputs if output.origin == "content/posts/referat.pdf"]
    assert output.path.endswith("/referat.pdf")
    assert f'href="/{output.path}"' in html


def test_links_from_a_page_that_is_a_file_are_relative_to_its_folder(planned: Run) -> None:
    made, html = planned("[a](annet.html)\n", front="permalink: /helt/her.html\n")
    assert not made.problems
    assert 'href="/helt/annet.html"' in html


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("borte.md", "no content file"),
        ("../../../../etc/passwd.md", "no content file"),
        ("/borte/", "nowhere"),
        ("borte.pdf", "nowhere"),
        ("../../../../../etc/passwd", "nowhere"),
        ("/../../etc/passwd", "nowhere"),
        ("%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "nowhere"),
        ("C:%5Cx", ""),
        ("a%00b", "nowhere"),
        ("x" * 5000, "nowhere"),
        ("kladd.md", "is a draft"),
        ("senere.md", "is not published yet"),
        ("over.md", "is no longer published"),
        ("feil.md", "has an error of its own"),
    ],
)
def test_a_broken_link_is_a_problem_at_its_line(planned: Run, target: str, said: str) -> None:
    made, _ = planned(f"Hei.\n\nHei [lenke]({target}).\n")
    if not said:
        assert not [problem for problem in made.problems if problem.code == "KB030"]
        return
    (problem,) = made.problems
    assert (problem.code, problem.path, problem.line) == ("KB030", X, 7)
    assert said in problem.message
    assert problem.mend


def test_a_missing_heading_is_a_warning_that_names_the_headings_there(planned: Run) -> None:
    made, _ = planned("[a](2026-05-17-svømme%20hallen.md#borte)\n[b](#her)\n")
    first, second = made.problems
    assert [problem.code for problem in made.problems] == ["KB031", "KB031"]
    assert "apent-mote" in first.mend
    assert "this text" in second.message


def test_pictures_are_found_beside_the_text_and_in_static(planned: Run) -> None:
    made, html = planned("![Vann](čáhci.svg)\n\n![Fjord](/bilder/fjord.svg)\n\n![F](bilder/fjord.svg)\n")
    assert not made.problems
    assert html.count("[static/bilder/fjord.svg]") == 2
    assert "[content/posts/čáhci.svg]" in html
    assert any(output.path.startswith("media/cahci.") for output in made.outputs)


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("borte.jpg", "KB032"),
        ("../../../../../etc/passwd", "KB032"),
        ("referat.pdf", "KB033"),
        ("x.md", "KB033"),
        ("a" * 300 + ".jpg", "KB032"),
    ],
)
def test_a_picture_that_cannot_be_shown_is_a_problem_at_its_line(
    planned: Run, target: str, code: str
) -> None:
    made, _ = planned(f"Hei.\n\n![a]({target})\n")
    assert [(problem.code, problem.path, problem.line) for problem in made.problems] == [(code, X, 7)]


def test_a_link_through_a_symbolic_link_out_of_the_site_leads_nowhere(
    planned: Run, make_folder: Callable[..., Path], tmp_path: Path
) -> None:
    (tmp_path / "utenfor.pdf").write_bytes(b"%PDF")
    folder = make_folder({"content/posts/y.md": "---\ntitle: y\ndate: 2026-01-01\n---\n"})
    (folder / "content/posts/ut.pdf").symlink_to(tmp_path / "utenfor.pdf")
    made, _ = planned("[a](ut.pdf)\n![b](ut.pdf)\n", {})
    assert {"KB030", "KB032"} <= {problem.code for problem in made.problems}


def test_accents_may_be_composed_in_a_link_and_apart_in_the_files_name(planned: Run) -> None:
    apart = unicodedata.normalize("NFD", "sámi-bláđđi")
    files: dict[str, str | bytes] = {
        f"content/posts/{apart}.md": "---\ntitle: B\ndate: 2026-05-01\n---\nB\n",
        f"content/posts/{apart}.svg": SVG,
    }
    made, html = planned("[a](sámi-bláđđi.md) ![b](sámi-bláđđi.svg)\n", files)
    assert not made.problems
    assert 'href="/2026/05/sami-bladdi/"' in html


def test_addresses_are_escaped_in_html(planned: Run) -> None:
    _, html = planned('[a](/om/?a=1&b="2")\n')
    assert 'href="/om/?a=1&amp;b=&quot;2&quot;"' in html
