"""Whole builds of whole small sites."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from kommunebeta.build import BuildOptions, BuildResult, build
from kommunebeta.codes import CODES
from kommunebeta.errors import ContentError, Problem
from kommunebeta.publish import MANIFEST
from kommunebeta.reporter import Reporter

Make = Callable[..., Path]
SITES = Path(__file__).parent / "sites"
HEAD = "name: Fjordvikbeta\nmunicipality: Fjordvik kommune\nbase_url: https://beta.fjordvik.example/\n"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="6"/>'


def run(
    folder: Path, at: str = "2026-06-01", reporter: Reporter | None = None, **options: Any
) -> BuildResult:
    return build(
        folder, BuildOptions(at=dt.datetime.fromisoformat(at), jobs=1, **options), reporter or Reporter()
    )


def problems(
    folder: Path, at: str = "2026-06-01", reporter: Reporter | None = None, **options: Any
) -> tuple[Problem, ...]:
    with pytest.raises(ContentError) as caught:
        run(folder, at, reporter, **options)
    return caught.value.problems


def snapshot(folder: Path) -> dict[str, str]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in files
    }


def post(front: str = "", body: str = "Hei.\n", *, title: str = "Hei", date: str = "2026-01-02") -> str:
    return f"---\ntitle: {title}\ndate: {date}\n{front}---\n{body}"


@pytest.fixture
def stored(tmp_path: Path) -> Callable[[str], Path]:
    """A copy of a site under ``tests/sites/``."""

    def copy(name: str) -> Path:
        shutil.copytree(SITES / name, tmp_path / name, symlinks=True)
        return tmp_path / name

    return copy


Stored = Callable[[str], Path]


# The site with Sámi names


def test_a_site_with_sami_names_builds_without_a_warning(stored: Stored) -> None:
    result = run(stored("samisk"))
    assert not result.problems
    assert (result.posts, result.pages) == (4, 2)


def test_sami_names_become_plain_addresses_and_aliases_stay_as_written(stored: Stored) -> None:
    public = run(stored("samisk")).output
    for path in (
        "2026/02/sami-albmotbeaivi/index.html",
        "nb/sami-albmotbeaivi-2026/index.html",
        "2026/03/cahci-ja-t/index.html",
        "2026/04/saddu-ja-zuhkku/index.html",
        "olbmot/satnejodiheaddji/index.html",
        "fadda/ceardda/index.html",
        "ođđasat/álbmotbeaivi/index.html",
        "govat/ŋáhpi.svg",
    ):
        assert (public / path).is_file(), path


def test_sami_texts_pictures_and_files_reach_the_reader(stored: Stored) -> None:
    public = run(stored("samisk")).output
    page = LexborHTMLParser((public / "2026/02/sami-albmotbeaivi/index.html").read_text("utf-8"))
    assert page.css_first("html").attributes["lang"] == "se"
    assert "Sámi álbmotbeaivi Guovdageainnus" in page.css_first("h1").text()
    links = {link.attributes.get("href") for link in page.css("a")}
    assert {"/2026/03/cahci-ja-t/#cahci", "/birra-beta/", "/nb/sami-albmotbeaivi-2026/"} <= links
    pictures = [picture.attributes["src"] or "" for picture in page.css("article img, main img")]
    assert pictures
    assert all((public / source.lstrip("/")).is_file() for source in pictures)
    other = (public / "2026/03/cahci-ja-t/index.html").read_text("utf-8")
    (document,) = re.findall(r'href="(/files/[^"]+assi-coahkkin\.pdf)"', other)
    assert (public / document.lstrip("/")).read_bytes().startswith(b"%PDF")


def test_translations_point_at_each_other(stored: Stored) -> None:
    public = run(stored("samisk")).output
    for path in ("2026/02/sami-albmotbeaivi", "nb/sami-albmotbeaivi-2026"):
        page = LexborHTMLParser((public / path / "index.html").read_text("utf-8"))
        found = {link.attributes["hreflang"]: link.attributes["href"] for link in page.css("link[hreflang]")}
        assert found["se"] == "https://beta.guovdageaidnu.example/2026/02/sami-albmotbeaivi/"
        assert found["nb"] == "https://beta.guovdageaidnu.example/nb/sami-albmotbeaivi-2026/"


# Posts of other generators


def test_posts_of_other_generators_build_with_nothing_worse_than_warnings(stored: Stored) -> None:
    result = run(stored("fremmed"))
    assert (result.posts, result.pages) == (6, 2)
    assert {problem.code for problem in result.problems} <= {"KB015", "KB034", "KB036"}


def test_posts_of_other_generators_keep_their_dates_terms_and_texts(stored: Stored) -> None:
    public = run(stored("fremmed")).output
    wordpress = LexborHTMLParser((public / "2012/01/wordpress-eksport/index.html").read_text("utf-8"))
    assert wordpress.css_first("h1").text(strip=True) == "Innspill til «filmen» om kommunen"
    assert "Kari Nordmann" in wordpress.text()
    assert "Film & foto" in wordpress.text()
    assert "[gallery" in wordpress.text()
    jekyll = LexborHTMLParser((public / "2013/05/mote-pa-asen-cahci/index.html").read_text("utf-8"))
    assert "{% highlight yaml %}" in jekyll.text()
    assert "{{ site.title }}" in jekyll.text()
    assert 'datetime="2014-03-21T17:00:00+01:00"' in (public / "2014/03/tumblr-innlegg/index.html").read_text(
        "utf-8"
    )
    assert (public / "gammel/budsjett/index.html").is_file()
    assert "budsjett-2016" in (public / "_redirects").read_text("utf-8")
    assert "ikke-publisert" not in " ".join(snapshot(public))


@pytest.mark.slow
def test_hundreds_of_authors_without_a_file_and_a_post_of_two_megabytes(make_folder: Make) -> None:
    files = {
        f"content/posts/2014-03-{n % 28 + 1:02}-p{n}.md": f"---\nlayout: post\ntitle: Post {n}\nauthor: Skribent {n}\n---\nHei {n}.\n"
        for n in range(300)
    }
    big = f"Et avsnitt med **trykk** og [lenke](https://x.example/). {'Hva mener du? ' * 60}\n\n" * 2_250
    assert len(big) > 2_000_000
    result = run(make_folder({"kommunebeta.yaml": HEAD, "content/posts/stor.md": post(body=big), **files}))
    assert result.posts == 301
    assert len(result.problems) == 21
    assert (result.output / "2026/01/stor/index.html").stat().st_size > 2_000_000


# The broken site


def test_every_problem_of_the_broken_site_is_reported_as_expected(stored: Stored) -> None:
    """After a deliberate change, write the lines of ``kommunebeta build --at 2026-01-15`` to expected.txt."""
    expected = (SITES / "odelagt" / "expected.txt").read_text("utf-8").splitlines()
    assert [str(problem) for problem in problems(stored("odelagt"), at="2026-01-15")] == expected


def test_the_broken_site_has_every_code_that_a_file_can_earn() -> None:
    expected = (SITES / "odelagt" / "expected.txt").read_text("utf-8")
    elsewhere = {
        "KB020",  # no settings at all: wrong use
        "KB021", "KB022", "KB025",  # settings, below and in test_confidential
        "KB050", "KB051", "KB052",  # themes, below and in test_theme
        "KB054", "KB055", "KB056",  # templates, in test_templates: they are rendered when all else is well
        "KB060",  # the memory, in test_memory
    }  # fmt: skip
    assert set(re.findall(r" (KB\d{3}): ", expected)) == set(CODES) - elsewhere


def test_problems_are_sorted_by_file_and_place(stored: Stored) -> None:
    found = problems(stored("odelagt"), at="2026-01-15")
    assert [(problem.path, problem.line, problem.column) for problem in found] == sorted(
        (problem.path, problem.line, problem.column) for problem in found
    )


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ("thema: beta\n", "KB021"),
        ("page_size: ti\n", "KB022"),
        ("theme: finnes-ikke\n", "KB050"),
        ("theme: ../../etc\n", "KB050"),
        ("parameters: {finnes_ikke: 1}\n", "KB052"),
    ],
)
def test_faults_of_settings_and_theme_come_together_with_those_of_the_texts(
    make_folder: Make, settings: str, code: str
) -> None:
    folder = make_folder(
        {"kommunebeta.yaml": HEAD + settings, "content/posts/x.md": post("draft: kanskje\n")}
    )
    found = [(problem.code, problem.path, problem.line) for problem in problems(folder)]
    assert (code, "kommunebeta.yaml", 4) in found
    assert ("KB011", "content/posts/x.md", 4) in found


def test_with_errors_the_old_site_stays_byte_for_byte(make_folder: Make) -> None:
    files = {"kommunebeta.yaml": HEAD, "content/posts/x.md": post(), "static/a.txt": "a"}
    folder = make_folder(files)
    public = run(folder).output
    (public / "CNAME").write_text("min egen")
    before = {path: (digest, (public / path).stat().st_mtime_ns) for path, digest in snapshot(public).items()}
    make_folder({"content/posts/ny.md": post("draft: kanskje\n"), "static/a.txt": "b"})
    problems(folder)
    assert {
        path: (digest, (public / path).stat().st_mtime_ns) for path, digest in snapshot(public).items()
    } == before
    assert not [path for path in public.iterdir() if "staging" in path.name]


def test_a_fault_that_shows_only_while_rendering_leaves_the_old_site_too(make_folder: Make) -> None:
    folder = make_folder({"kommunebeta.yaml": HEAD, "content/posts/x.md": post()})
    before = snapshot(run(folder).output)
    make_folder({"templates/post.html": "{{ post.finnes_ikke }}", "content/posts/ny.md": post()})
    found = problems(folder)
    assert {problem.code for problem in found} == {"KB054"}
    assert snapshot(folder / "public") == before


def test_a_first_build_with_errors_leaves_no_output_folder(make_folder: Make) -> None:
    folder = make_folder({"kommunebeta.yaml": HEAD, "content/posts/x.md": "feil"})
    problems(folder)
    assert not (folder / "public").exists()


def test_warnings_stop_a_strict_build(make_folder: Make) -> None:
    folder = make_folder({"kommunebeta.yaml": HEAD, "content/posts/x.md": post("author: Ola\n")})
    assert [problem.code for problem in run(folder).problems] == ["KB015"]
    assert [problem.code for problem in problems(folder, strict=True)] == ["KB015"]


class Vanishing(Reporter):
    """Takes files away when a stage begins, as a busy writer or a syncing disk does."""

    def __init__(self, stage: str, *files: Path) -> None:
        super().__init__()
        self.at, self.files = stage, files

    def stage(self, name: str, total: int) -> None:
        if name == self.at:
            for file in self.files:
                file.unlink()


@pytest.mark.parametrize(
    ("stage", "gone", "code"),
    [
        ("read", "content/posts/x.md", "KB006"),
        ("read", "people/kari.yaml", "KB006"),
        ("read", "data/a.yaml", "KB006"),
        ("read", "content/posts/bilde.svg", "KB032"),
        ("read", "content/posts/fil.pdf", "KB030"),
        ("render", "static/a.txt", "KB006"),
        ("render", "content/posts/fil.pdf", "KB006"),
        ("render", "content/posts/bilde.svg", "KB006"),
    ],
)
def test_a_file_that_vanishes_while_the_build_runs_is_a_problem(
    make_folder: Make, stage: str, gone: str, code: str
) -> None:
    folder = make_folder(
        {
            "kommunebeta.yaml": HEAD,
            "content/posts/x.md": post(),
            "content/posts/y.md": post("author: kari\n", "![a](bilde.svg) [b](fil.pdf)\n"),
            "content/posts/bilde.svg": SVG,
            "content/posts/fil.pdf": "%PDF",
            "people/kari.yaml": "role: R\n",
            "data/a.yaml": "a: b\n",
            "static/a.txt": "a",
        }
    )
    found = problems(folder, reporter=Vanishing(stage, folder / gone))
    assert code in {problem.code for problem in found}
    assert not (folder / "public").exists()


# What the clock decides


def published(folder: Path, at: str, **options: Any) -> set[str]:
    public = run(folder, at, **options).output
    return {path.parent.name for path in public.glob("20??/??/*/index.html")}


def test_the_moment_decides_what_is_published(make_folder: Make) -> None:
    folder = make_folder(
        {
            "kommunebeta.yaml": HEAD,
            "content/posts/a.md": post("publish: 2026-03-29 03:00\n"),
            "content/posts/b.md": post("expires: 2026-10-25T02:30:00+01:00\n"),
            "content/posts/c.md": post("kladd: ja\n"),
            "content/posts/d.md": post(date="2026-12-24"),
        }
    )
    assert published(folder, "2026-03-29T01:59:59+01:00") == {"b"}
    assert published(folder, "2026-03-29T03:00:00+02:00") == {"a", "b"}
    assert published(folder, "2026-10-25T02:45:00+02:00") == {"a", "b"}
    assert published(folder, "2026-10-25T02:30:00+01:00") == {"a"}
    assert published(folder, "2026-12-24") == {"a", "d"}
    assert published(folder, "2026-06-01", drafts=True) == {"a", "b", "c"}
    assert published(folder, "2026-01-10", future=True) == {"a", "b", "d"}


def test_what_is_not_published_leaves_no_trace(make_folder: Make) -> None:
    folder = make_folder(
        {
            "kommunebeta.yaml": HEAD,
            "content/posts/hemmelig.md": post(
                "draft: ja\ntags: [Hemmelig]\n", "Hemmelig.\n", title="Hemmelig"
            ),
            "content/posts/hemmelig2.md": post(
                "tags: [Hemmelig]\n", "Hemmelig.\n", title="Hemmelig", date="2027-01-01"
            ),
            "content/posts/x.md": post(),
        }
    )
    public = run(folder).output
    for file in public.rglob("*"):
        assert "hemmelig" not in file.relative_to(public).as_posix().lower()
        assert not file.is_file() or b"emmelig" not in file.read_bytes(), file


# The same in, the same out


@pytest.fixture(scope="module")
def big_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with so many posts that several processes are really used."""
    folder = tmp_path_factory.mktemp("stor") / "site"
    files: dict[str, str] = {
        "kommunebeta.yaml": HEAD + "languages: [nb, nn]\n",
        "people/kari.yaml": "role: Rådgiver\n",
        "content/posts/fjell.svg": SVG,
        "static/a.txt": "a",
        "content/pages/om.md": "---\ntitle: Om\nmenu: main\n---\nOm.\n",
    }
    for n in range(130):
        front = f"tags: [Emne {n % 7}, Emne {n % 11}, Nr {n}]\ncategory: K{n % 3}\nauthor: [kari, Gjest {n % 5}]\naliases: /gammel/{n}/\n"
        suffix = ".nn" if n % 10 == 0 else ""
        body = f"Avsnitt {n} med «ord» -- og [lenke](p{(n + 1) % 130}{'.nn' if (n + 1) % 130 % 10 == 0 else ''}.md).\n\n![Fjell](fjell.svg)\n\n## Del {n}\n"
        files[f"content/posts/p{n}{suffix}.md"] = post(
            front, body, title=f"Post {n}", date=f"2026-{n % 5 + 1:02}-{n % 28 + 1:02}"
        )
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.slow
def test_two_builds_of_one_moment_are_the_same_byte_for_byte(
    big_site: Path, tmp_path: Path, command: Callable[..., Any]
) -> None:
    variants: list[tuple[str, Mapping[str, str]]] = [
        ("1", {"PYTHONHASHSEED": "1", "TZ": "Europe/Oslo"}),
        ("3", {"PYTHONHASHSEED": "4711", "TZ": "Pacific/Auckland", "LC_ALL": "C", "PYTHONOPTIMIZE": "2"}),
    ]
    found = []
    for number, (jobs, environment) in enumerate(variants):
        folder = tmp_path / f"mappe-{number}" / "dypere" / "ned" / ("å" * number + "site")
        shutil.copytree(big_site, folder, ignore=shutil.ignore_patterns("public", ".kommunebeta"))
        for file in folder.rglob("*.md"):
            os.utime(file, (1_000_000_000 + number, 1_000_000_000 + number))
        done = command("build", folder, "--at", "2026-06-01 12:00", "--jobs", jobs, environment=environment)
        assert done.returncode == 0, done.stderr
        found.append(snapshot(folder / "public"))
    assert len(found[0]) > 500
    assert found[0] == found[1]


def test_building_again_changes_nothing(make_folder: Make) -> None:
    folder = make_folder({"kommunebeta.yaml": HEAD, "content/posts/x.md": post()})
    first = snapshot(run(folder).output)
    second = run(folder)
    assert snapshot(second.output) == first
    assert (second.changes.added, second.changes.changed, second.changes.removed) == ((), (), ())


def test_a_post_that_is_taken_away_takes_its_files_along(make_folder: Make) -> None:
    folder = make_folder(
        {"kommunebeta.yaml": HEAD, "content/posts/x.md": post(), "content/posts/y.md": post("tags: [Y]\n")}
    )
    run(folder)
    (folder / "content/posts/y.md").unlink()
    result = run(folder)
    assert "2026/01/y/index.html" in result.changes.removed
    assert not (result.output / "emne").exists()


def test_clean_forgets_the_cache(make_folder: Make) -> None:
    folder = make_folder(
        {"kommunebeta.yaml": HEAD, "content/posts/x.md": post(), ".kommunebeta/pictures/gammelt": "x"}
    )
    run(folder)
    assert (folder / ".kommunebeta/pictures/gammelt").exists()
    run(folder, clean=True)
    assert not (folder / ".kommunebeta/pictures/gammelt").exists()


def test_a_site_in_a_folder_of_its_host_has_that_folder_in_every_link(make_folder: Make) -> None:
    folder = make_folder(
        {"kommunebeta.yaml": HEAD, "content/posts/x.md": post("tags: [A]\n", "[hjem](/) [emne](/emne/a/)\n")}
    )
    public = run(folder, base_url="https://x.example/beta/").output
    for file in public.rglob("*.html"):
        page = LexborHTMLParser(file.read_text("utf-8"))
        for node in page.css("[href], [src]"):
            target = node.attributes.get("href") or node.attributes.get("src") or ""
            assert not target.startswith("/") or target.startswith("/beta/"), (file, target)


@pytest.mark.parametrize("name", ["samisk", "fremmed"])
def test_every_link_of_the_small_sites_leads_to_a_file(stored: Stored, name: str) -> None:
    public = run(stored(name)).output
    for file in public.rglob("*.html"):
        page = LexborHTMLParser(file.read_text("utf-8"))
        for node in page.css("[href], [src]"):
            target = (node.attributes.get("href") or node.attributes.get("src") or "").partition("#")[0]
            if target.startswith("/"):
                from urllib.parse import unquote

                path = unquote(target.partition("?")[0]).lstrip("/")
                assert (
                    public / (path + "index.html" if not path or path.endswith("/") else path)
                ).is_file(), (file, target)


def test_the_manifest_names_every_file(make_folder: Make) -> None:
    result = run(make_folder({"kommunebeta.yaml": HEAD, "content/posts/x.md": post()}))
    assert len(snapshot(result.output)) == result.files + 1
    assert (result.output / MANIFEST).is_file()
