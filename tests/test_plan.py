"""Every output is known before the first is made: lists, feeds, redirects, and what gets in the way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kommunebeta.config import FILE_NAME, read_settings
from kommunebeta.content import parse_file
from kommunebeta.dialogue.forms import Forms
from kommunebeta.errors import Problem
from kommunebeta.gather import gather
from kommunebeta.moments import Clock
from kommunebeta.outputs import Fixed, Output, Rendered, collisions
from kommunebeta.plan import Plan, plan
from kommunebeta.sources import find_files

OSLO = ZoneInfo("Europe/Oslo")
HEAD = "name: a\nmunicipality: b\nlanguages: [nb, nn]\n"


@pytest.fixture
def planned(make_folder: Callable[..., Path]) -> Callable[..., Plan]:
    def run(files: Mapping[str, str | bytes], settings: str = "") -> Plan:
        folder = make_folder({FILE_NAME: HEAD + settings, **files})
        found, (read, document) = find_files(folder), read_settings(folder)
        gathered = gather(
            folder,
            found,
            [parse_file(folder, path, "nb") for path in (*found.posts, *found.pages)],
            settings=read,
            document=document,
            clock=Clock(dt.datetime(2026, 6, 1, tzinfo=OSLO), OSLO),
            forms=Forms({}, frozenset({"innspill"}), {}),
            has_template=lambda name: True,
            translate=lambda lang, message: message,
        )
        assert not [problem for problem in gathered.problems if problem.severity == "error"]
        return plan(gathered, static=found.static, assets=(), translate=lambda lang, message: message)

    return run


Run = Callable[..., Plan]


def post(front: str = "", title: str = "Hei") -> str:
    return f"---\ntitle: {title}\ndate: 2026-01-02\n{front}---\nHei.\n"


def paths(made: Plan) -> set[str]:
    return {output.path for output in made.outputs}


def context(made: Plan, path: str) -> Any:
    (output,) = [output for output in made.outputs if output.path == path]
    assert isinstance(output.content, Rendered)
    return output.content.context


def fixed(made: Plan, path: str) -> str:
    (output,) = [output for output in made.outputs if output.path == path]
    assert isinstance(output.content, Fixed)
    return output.content.data.decode()


def test_a_post_with_terms_people_and_a_question_makes_all_its_lists(planned: Run) -> None:
    front = (
        "tags: [Skole]\ncategory: Bygg\nseries: Byvekst\nauthor: kari\n"
        "consultation: {question: q, opens: 2026-01-01, closes: 2026-12-31}\n"
    )
    made = planned({"content/posts/x.md": post(front), "people/kari.yaml": "role: R\n"})
    assert not made.problems
    assert {
        "index.html", "feed.xml", "rss.xml", "feed.json", "404.html", "sitemap.xml", "robots.txt",
        "manifest.webmanifest", "icons/icon-192.png", "2026/01/x/index.html", "emne/index.html",
        "emne/skole/index.html", "emne/skole/feed.xml", "kategori/bygg/index.html", "kategori/bygg/feed.xml",
        "serie/byvekst/index.html", "folk/index.html", "folk/kari/index.html", "folk/kari/feed.xml",
        "arkiv/index.html", "arkiv/2026/index.html", "arkiv/2026/01/index.html", "sporsmal/index.html",
        "nn/index.html", "nn/feed.xml", "nn/emne/skole/index.html",
    } <= paths(made)  # fmt: skip


def test_an_empty_site_has_a_home_page_in_each_language(planned: Run) -> None:
    made = planned({})
    assert {"index.html", "nn/index.html", "404.html", "feed.xml"} <= paths(made)
    assert not any(path.startswith(("arkiv", "emne", "folk", "sporsmal")) for path in paths(made))


def test_lists_are_divided_into_pages(planned: Run) -> None:
    files = {f"content/posts/p{n:02}.md": post("tags: [Skole]\n") for n in range(25)}
    made = planned(files)
    assert {"index.html", "side/2/index.html", "side/3/index.html", "emne/skole/side/3/index.html"} <= paths(
        made
    )
    assert "side/4/index.html" not in paths(made)
    pagers = [context(made, path).pager for path in ("index.html", "side/2/index.html", "side/3/index.html")]
    assert [len(pager.posts) for pager in pagers] == [10, 10, 5]
    assert (pagers[1].newer, pagers[1].older) == ("/", "/side/3/")
    assert (pagers[0].newer, pagers[2].older) == ("", "")
    assert len({entry.source for pager in pagers for entry in pager.posts}) == 25


def test_pinned_posts_lead_the_first_page_and_are_not_repeated(planned: Run) -> None:
    files = {f"content/posts/p{n:02}.md": post() for n in range(12)}
    made = planned({**files, "content/posts/viktig.md": post("festet: ja\n", "Viktig")})
    first, second = context(made, "index.html"), context(made, "side/2/index.html")
    assert [entry.title for entry in first.pinned] == ["Viktig"]
    assert second.pinned == ()
    assert "Viktig" not in [entry.title for entry in (*first.pager.posts, *second.pager.posts)]


def test_translations_name_each_other_and_themselves(planned: Run) -> None:
    made = planned(
        {"content/posts/x.md": post(), "content/posts/x.nn.md": post(), "content/posts/y.md": post()}
    )
    both = [("nb", "/2026/01/x/"), ("nn", "/nn/2026/01/x/")]
    for path in ("2026/01/x/index.html", "nn/2026/01/x/index.html"):
        found = context(made, path).alternates
        assert sorted((alternate.lang, alternate.address) for alternate in found) == both
    assert context(made, "2026/01/y/index.html").alternates == ()


def test_the_sitemap_lists_what_search_engines_may_see_once(planned: Run) -> None:
    files = {f"content/posts/p{n:02}.md": post() for n in range(12)}
    made = planned(
        {
            **files,
            "content/pages/skjult.md": "---\ntitle: S\nsearch: nei\n---\n",
            "content/posts/endret.md": post("updated: 2026-05-05\naliases: /gammel/\n"),
        }
    )
    entries = context(made, "sitemap.xml").entries
    addresses = [entry.address for entry in entries]
    assert len(addresses) == len(set(addresses))
    assert {"/", "/2026/01/p00/", "/2026/01/endret/", "/arkiv/"} <= set(addresses)
    assert not {"/skjult/", "/404.html", "/gammel/", "/side/2/"} & set(addresses)
    assert next(entry for entry in entries if entry.address == "/2026/01/endret/").changed == "2026-05-05"


def test_an_alias_becomes_a_page_and_a_line_in_each_list_of_redirects(planned: Run) -> None:
    made = planned(
        {"content/posts/x.md": post("aliases: [/gammel/, 'arkiv 2014/grønn.php', /2026/01/x/]\n")},
        "base_url: https://x.no/beta/\n",
    )
    assert not made.problems
    assert context(made, "gammel/index.html").target == "/2026/01/x/"
    assert context(made, "arkiv 2014/grønn.php").target == "/2026/01/x/"
    assert fixed(made, "_redirects").splitlines() == [
        "/beta/arkiv%202014/gr%C3%B8nn.php /beta/2026/01/x/ 301",
        "/beta/gammel/ /beta/2026/01/x/ 301",
    ]
    assert '"^/beta/gammel/$" "/beta/2026/01/x/"' in fixed(made, "redirects/apache.conf")
    assert '"/beta/gammel/" "/beta/2026/01/x/";' in fixed(made, "redirects/nginx.map")


def test_a_site_without_aliases_has_no_redirects(planned: Run) -> None:
    assert not {"_redirects", "redirects/apache.conf"} & paths(planned({"content/posts/x.md": post()}))


def test_own_robots_and_sitemap_take_the_place_of_ours(planned: Run) -> None:
    made = planned({"static/robots.txt": "User-agent: *\n"})
    assert not made.problems
    (output,) = [output for output in made.outputs if output.path == "robots.txt"]
    assert output.origin == "static/robots.txt"


@pytest.mark.parametrize(
    ("files", "code", "path", "named"),
    [
        (
            {"content/posts/x.md": post(), "content/posts/2026-01-02-X.md": post()},
            "KB040", "content/posts/x.md", ("content/posts/2026-01-02-X.md", "content/posts/x.md"),
        ),
        (
            {"content/posts/x.md": post("permalink: /om/\n"), "content/pages/om.md": post()},
            "KB040", "content/posts/x.md", ("content/pages/om.md", "content/posts/x.md"),
        ),
        (
            {"content/posts/x.md": post("permalink: /Om/\n"), "content/pages/om.md": post()},
            "KB041", "content/pages/om.md", ("content/posts/x.md", "content/pages/om.md"),
        ),
        (
            {"content/posts/x.md": post("permalink: /sámi/\n"), "content/posts/y.md": post("permalink: /sa\u0301mi/\n")},
            "KB041", "content/posts/x.md", ("content/posts/x.md", "content/posts/y.md"),
        ),
        (
            {"content/posts/a.md": post("aliases: /g/\n"), "content/posts/b.md": post("aliases: /g/\n")},
            "KB040", "content/posts/b.md", ("content/posts/a.md", "content/posts/b.md"),
        ),
        ({"content/pages/arkiv.md": post(), "content/posts/x.md": post()}, "KB040", "content/pages/arkiv.md", ("archive",)),
        ({"content/pages/om.md": post("permalink: /\n")}, "KB040", "content/pages/om.md", ("home page",)),
        ({"content/pages/om.md": post("permalink: /a.html\n"), "content/pages/b.md": post("permalink: /a.html/b/\n")}, "KB040", "content/pages/b.md", ("content/pages/om.md", "content/pages/b.md")),
        ({"content/pages/om.md": post(), "static/om/index.html": "x"}, "KB040", "static/om/index.html", ("content/pages/om.md", "static/om/index.html")),
        ({"static/404.html": "x"}, "KB040", "static/404.html", ("static/404.html",)),
    ],
)  # fmt: skip
def test_two_sources_for_one_address_are_a_problem_that_names_both(
    planned: Run, files: dict[str, str], code: str, path: str, named: tuple[str, ...]
) -> None:
    made = planned(files)
    assert (code, path) in [(problem.code, problem.path) for problem in made.problems]
    assert all(name in str(made.problems) for name in named)


def output(path: str, origin: str) -> Output:
    return Output(path, Fixed(b""), origin)


def test_collisions_are_found_among_the_folders_of_a_path() -> None:
    found = collisions([output("A", "static/A"), output("a/b/c.txt", "static/a/b/c.txt")])
    assert [problem.code for problem in found] == ["KB040"]


def test_paths_that_only_begin_alike_do_not_collide() -> None:
    assert (
        collisions([output("a", "static/a"), output("ab/c", "static/ab/c"), output("a.b", "static/a.b")])
        == ()
    )


def test_a_problem_never_names_as_a_file_what_is_none() -> None:
    problems = collisions(
        [output("x", "tags «a.b» (nb)"), output("x", "robots.txt"), output("x", "alias of static/y")]
    )
    assert {problem.path for problem in problems} <= {"", "static/y"}
    assert all(isinstance(problem, Problem) for problem in problems)
