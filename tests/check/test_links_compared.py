"""Broken links are the same ones that linkinator finds, which walks through a site as readers do.

Two things it cannot tell: the page in which a link to a place stands, since it names the first page that
it met; and places in a page that it has read before it meets the link.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from kommunebeta.build import build
from kommunebeta.check.finding import Group
from kommunebeta.check.options import CheckOptions
from kommunebeta.check.run import check
from kommunebeta.options import BuildOptions
from kommunebeta.reporter import Reporter
from tests.browsing import serving

ALL = bool(os.environ.get("KOMMUNEBETA_COMPARE_ALL"))
"""Compare all languages of the example site and a thousand posts; takes minutes."""

POSTS = 1000 if ALL else 40
OTHER_LANGUAGES = "" if ALL else "(nn|se|en)/"

Broken = set[tuple[str, str]]
"""The page or file, and the number of the broken link in it."""

WRONG = (
    '<a href="/borte-{n}/">x</a>',
    '<a href="borte-{n}.html">x</a>',
    '<a href="./borte-{n}/?side=2#her">x</a>',
    '<a href="{address}/borte-{n}/">x</a>',
    '<a href="/dokumenter/borte-{n}.pdf">x</a>',
    '<a href="/blåbær/borte-{n}/">x</a>',
    '<a href="#borte-{n}">x</a>',
    '<a href="/#borte-{n}">x</a>',
    '<map name="m{n}"><area href="/borte-{n}/" alt="x"></map>',
    '<img src="/borte-{n}.jpg" alt="">',
    '<img src="/icons/icon-32.png" srcset="/icons/icon-32.png 1x, /borte-{n}.png 2x" alt="">',
    '<picture><source srcset="/borte-{n}.webp"><img src="/icons/icon-32.png" alt=""></picture>',
    '<script src="/borte-{n}.js"></script>',
    '<iframe src="/borte-{n}/" title="x"></iframe>',
    '<video src="/borte-{n}.mp4"></video>',
    '<video src="/icons/icon-32.png" poster="/borte-{n}.jpg"></video>',
    '<audio><source src="/borte-{n}.mp3"></audio>',
    '<video src="/icons/icon-32.png"><track src="/borte-{n}.vtt"></video>',
    '<object data="/borte-{n}.pdf"></object>',
    '<embed src="/borte-{n}.pdf">',
    '<link rel="stylesheet" href="/borte-{n}.css">',
    '<link rel="icon" href="/borte-{n}.png">',
    '<link rel="alternate" type="application/atom+xml" href="/borte-{n}.xml">',
    '<style>p {{ background: url("/borte-{n}.png") }}</style>',
    '<p style="background: url(/borte-{n}.png)">x</p>',
)
RIGHT = (
    '<a href="/?borte-nei=1">x</a><a href="{address}">x</a><a href="/feed.xml">x</a>'
    '<p id="på-plass">x</p><a href="#p%C3%A5-plass">x</a><a href="#på-plass">x</a><a href="#">x</a>'
    '<a name="gammelt"></a><a href="#gammelt">x</a><a href="mailto:post@prove.example">x</a><a href="/icons/../">x</a>'
)


@pytest.fixture(scope="module")
def linkinator(root: Path) -> list[str]:
    """The command of linkinator; options and an address are to follow."""
    script = root / "node_modules" / "linkinator" / "build" / "src" / "cli.js"
    node = shutil.which("node")
    if node is None or not script.is_file():
        reason = "linkinator is missing: run «make tools», which installs it or says how"
        if os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return [node, str(script)]


@contextmanager
def published(site: Path, folder: Path) -> Iterator[tuple[Path, str]]:
    """A site, built for the address that it is served at; gives its output folder and the address."""
    output = folder / "public"
    output.mkdir()
    with serving(output) as address:
        build(site, BuildOptions(output, f"{address}/"), Reporter())
        yield output, address


def broken_by_us(site: Path, output: Path, address: str) -> tuple[Broken, list[str]]:
    """What check says is broken: what was put there, and all else."""
    options = CheckOptions((Group.LINKS,), build=False, output=output, base_url=f"{address}/")
    findings = check(site, options, Reporter()).findings
    ours: Broken = set()
    others = []
    for finding in findings:
        number = re.search(r"borte-(\d+)", finding.problem.message)
        if number:
            ours.add((finding.page, number[1]))
        elif finding.group is Group.LINKS:
            others.append(f"{finding.problem.code} {finding.problem.message}")
    return ours, others


def broken_by_crawling(linkinator: list[str], address: str) -> tuple[Broken, list[str], int]:
    """What linkinator says is broken: what was put there, all else, and how many addresses it asked."""
    options = ["--recurse", "--check-css", "--check-fragments", "--format", "json", "--concurrency", "5"]
    left_out = f"|^{re.escape(address)}/{OTHER_LANGUAGES}" if OTHER_LANGUAGES else ""
    patient = ["--retry-errors", "--retry-errors-count", "5"]
    only_here = ["--skip", f"^(?!{re.escape(address)}){left_out}"]
    words = [*linkinator, f"{address}/", *options, *patient, *only_here]
    answer = subprocess.run(words, capture_output=True, encoding="utf-8", timeout=900)
    theirs: Broken = set()
    others = []
    links = json.loads(answer.stdout)["links"]
    for link in links:
        if link["state"] == "BROKEN":
            number = re.search(r"borte-(\d+)", link["url"])
            page = urlsplit(link.get("parent", "")).path.lstrip("/")
            if number:
                theirs.add((page + "index.html" if not page or page.endswith("/") else page, number[1]))
            else:
                others.append(f"{link['url']} in {link.get('parent')}")
    return theirs, others, len(links)


def put_in(output: Path, address: str) -> Broken:
    """Put broken links of every kind, and sound ones, into pages of a site that was built."""
    choice = random.Random(7)
    listed = re.findall(
        rf"<loc>{re.escape(address)}/([^<]*)</loc>", (output / "sitemap.xml").read_text("utf-8")
    )
    asked = [path for path in listed if not OTHER_LANGUAGES or not re.match(OTHER_LANGUAGES, path)]
    pages = [f"{path}index.html" for path in asked if not path or path.endswith("/")]
    put: Broken = set()
    for number, snippet in enumerate(WRONG):
        page = choice.choice(pages)
        text = (output / page).read_text("utf-8")
        words = (RIGHT if "på-plass" not in text else "") + snippet
        words = words.format(n=number, address=address)
        (output / page).write_text(text.replace("</main>", f"{words}</main>"), "utf-8")
        put.add((page, str(number)))
    sheet = min(path.name for path in (output / "assets").glob("main.*.css"))
    with (output / "assets" / sheet).open("a", encoding="utf-8") as file:
        file.write(
            "\n.a { background: url(borte-900.png) }\n@media print { .b { background: url('borte-901.png') } }\n"
        )
    return put | {(f"assets/{sheet}", "900"), (f"assets/{sheet}", "901")}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["example", "generated"])
def test_the_same_links_are_broken_for_a_crawler(
    root: Path, tmp_path: Path, linkinator: list[str], name: str
) -> None:
    site = tmp_path / "site"
    if name == "example":
        shutil.copytree(root / "example_site", site, ignore=shutil.ignore_patterns("public"))
    else:
        subprocess.run(
            [sys.executable, root / "tests/benchmarks/corpus.py", str(POSTS), str(site)], check=True
        )
    with published(site, tmp_path) as (output, address):
        assert broken_by_us(site, output, address) == (set(), [])
        put = put_in(output, address)
        ours, ours_too = broken_by_us(site, output, address)
        theirs, theirs_too, asked = broken_by_crawling(linkinator, address)
    assert asked > 100
    assert ours == put
    assert (ours_too, theirs_too) == ([], [])
    places = {str(number) for number, snippet in enumerate(WRONG) if "#borte" in snippet}
    assert {it for it in theirs if it[1] not in places} == {it for it in put if it[1] not in places}
