"""What ``kommunebeta new`` writes: in its place, whole, never over a file that is there."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from kommunebeta.build import BuildOptions, build
from kommunebeta.errors import ContentError, Problem, UsageError
from kommunebeta.language import INTERFACE_LANGUAGES
from kommunebeta.options import NEW_KINDS
from kommunebeta.reporter import Reporter
from kommunebeta.scaffold import init_site
from kommunebeta.starts import start
from kommunebeta.yamlfile import read_yaml

TODAY = dt.date(2026, 5, 17)
NAMES = [
    "Fjordvikbeta",
    'Det «store» "torget": #1',
    "- [x] a: b",
    "Čáhci & <b>co</b>",
    "it's \\n",
    "{{today}}",
]


@pytest.fixture
def make_site(tmp_path: Path) -> Callable[..., Path]:
    def make(language: str = "nb") -> Path:
        folder = tmp_path / language
        init_site(
            folder, name="Fjordvikbeta", municipality="Fjordvik kommune", language=language, today=TODAY
        )
        return folder

    return make


@pytest.fixture
def site(make_site: Callable[..., Path]) -> Path:
    return make_site()


def problems_of(site: Path) -> tuple[Problem, ...]:
    options = BuildOptions(drafts=True, at=dt.datetime(2026, 5, 18, 12))
    try:
        return build(site, options, Reporter()).problems
    except ContentError as error:
        return error.problems


@pytest.mark.parametrize(
    ("kind", "title", "paths"),
    [
        ("post", "Svømmehallen åpner igjen", ["content/posts/2026-05-17-svommehallen-apner-igjen.md"]),
        ("page", "Om oss: «hvem»?", ["content/pages/om-oss-hvem.md"]),
        ("person", "Kommuneoverlege", ["people/kommuneoverlege.yaml"]),
        ("consultation", "Hva skal filmen vise?", ["content/posts/2026-05-17-hva-skal-filmen-vise.md"]),
        ("survey", "Biblioteket", ["forms/biblioteket.yaml", "content/posts/2026-05-17-biblioteket.md"]),
        ("experiment", "Direkte sendt møte", ["content/experiments/direkte-sendt-mote.md"]),
        ("form", "innspill", ["forms/innspill.yaml"]),
    ],
)
def test_a_start_has_its_place_and_is_never_written_over(
    site: Path, kind: str, title: str, paths: list[str]
) -> None:
    files = start(site, kind, title, language=None, today=TODAY)
    assert files == [site / path for path in paths]
    before = [file.read_bytes() for file in files]
    with pytest.raises(UsageError, match="exists already"):
        start(site, kind, title, language=None, today=TODAY)
    assert [file.read_bytes() for file in files] == before


@pytest.mark.parametrize("language", INTERFACE_LANGUAGES)
@pytest.mark.parametrize("kind", ["post", "page", "person", "consultation", "survey", "experiment"])
def test_a_start_builds_without_a_warning_in_every_language(
    make_site: Callable[..., Path], kind: str, language: str
) -> None:
    site = make_site(language)
    start(site, kind, "Čáhci på Åsen", language=None, today=TODAY)
    assert problems_of(site) == ()


def test_every_kind_that_the_command_offers_can_be_started(site: Path) -> None:
    titles = {"form": "innspill", "answer": "hva-bor-vi-skrive-om-forst"}
    for kind in NEW_KINDS:
        assert start(site, kind, titles.get(kind, f"Ny {kind}"), language=None, today=TODAY)


def test_a_survey_that_is_half_there_is_not_written_at_all(site: Path) -> None:
    (site / "forms").mkdir(exist_ok=True)
    (site / "forms" / "biblioteket.yaml").write_text("mine")
    with pytest.raises(UsageError, match="exists already"):
        start(site, "survey", "Biblioteket", language=None, today=TODAY)
    assert not (site / "content/posts/2026-05-17-biblioteket.md").exists()


@pytest.mark.parametrize("title", NAMES)
@pytest.mark.parametrize("kind", ["post", "consultation"])
def test_any_title_arrives_as_it_was_given(site: Path, kind: str, title: str) -> None:
    (file,) = start(site, kind, title, language="en", today=TODAY)
    assert file.name.endswith(".en.md")
    assert read_yaml(file.read_text(encoding="utf-8").split("---")[1], "x").data["title"] == title


def test_what_cannot_be_seen_is_left_out_of_a_title(site: Path) -> None:
    (file,) = start(site, "post", "He\x07i\u202e\ndu", language=None, today=TODAY)
    assert read_yaml(file.read_text(encoding="utf-8").split("---")[1], "x").data["title"] == "Hei du"


def test_a_long_title_gives_a_file_name_that_every_disk_can_hold(site: Path) -> None:
    (file,) = start(site, "page", "Ein lang tittel " * 40, language=None, today=TODAY)
    assert len(file.stem) <= 80
    assert file.stem.endswith("-tittel")


@pytest.mark.parametrize(
    ("kind", "title", "language", "said"),
    [
        ("post", "???", None, "No file name"),
        ("dikt", "Hei", None, "no kind"),
        ("post", "Hei", "../../x", "has no file ending"),
        ("post", "Hei", "xx", "has no file ending"),
        ("form", "../../etc", None, "no form"),
        ("answer", "finnes-ikke", None, "No post has the id"),
        ("answer", "hva-bor-vi-skrive-om-forst/../../x", None, "not the id"),
        ("answer", "hva-bor-vi-skrive-om-forst/a1", None, "not there"),
    ],
)
def test_what_cannot_be_started_is_refused_and_nothing_is_written(
    site: Path, kind: str, title: str, language: str | None, said: str
) -> None:
    before = sorted(site.rglob("*"))
    with pytest.raises(UsageError, match=said):
        start(site, kind, title, language=language, today=TODAY)
    assert sorted(site.rglob("*")) == before


def test_a_folder_that_is_no_site_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a site"):
        start(tmp_path, "post", "Hei", language=None, today=TODAY)


# Answers

POST = "hva-bor-vi-skrive-om-forst"


def test_of_two_posts_whose_files_have_one_name_each_is_answered_by_its_own_id(site: Path) -> None:
    for day, author in (("2025-10-01", "kommunedirektor"), ("2026-10-01", "kommunikasjonsradgiver")):
        text = f"---\ntitle: Budsjett\ndate: {day}\nauthors: [{author}]\n---\nHei.\n"
        (site / f"content/posts/{day}-budsjett.md").write_text(text, encoding="utf-8")
    for post, author in (("budsjett", "kommunedirektor"), ("2026-10-01-budsjett", "kommunikasjonsradgiver")):
        (file,) = start(site, "answer", post, language=None, today=TODAY)
        assert file.parent == site / "dialogue" / post
        assert read_yaml(file.read_text(encoding="utf-8"), "x").data["answers"][0]["by"] == author


def test_a_contribution_from_elsewhere_is_started_with_its_answer(site: Path) -> None:
    first, second = (start(site, "answer", POST, language=None, today=TODAY)[0] for _ in range(2))
    assert first == site / f"dialogue/{POST}/2026-05-17-1.yaml"
    assert second == site / f"dialogue/{POST}/2026-05-17-2.yaml"
    data = read_yaml(first.read_text(encoding="utf-8"), "x").data
    assert data["answers"][0]["by"] == "kommunikasjonsradgiver"


def test_what_is_still_empty_is_told_until_it_is_written(site: Path) -> None:
    (file,) = start(site, "answer", POST, language=None, today=TODAY)
    told = problems_of(site)
    assert {problem.path for problem in told} == {f"dialogue/{POST}/{file.name}"}
    text = file.read_text(encoding="utf-8")
    text = text.replace("\ntext: |\n", "\ntext: Skriv om veiene.\n")
    file.write_text(re.sub(r"    text: \|\n", "    text: Det gjør vi.\n", text), encoding="utf-8")
    assert problems_of(site) == ()


def test_the_post_is_found_by_the_id_that_it_gives_itself(site: Path) -> None:
    (site / "content/posts/2026-05-01-vei.md").write_text(
        "---\nid: skolevei\ntitle: Vei\ndate: 2026-05-01\nresponsible: kommunedirektor\n---\n\nHei.\n"
    )
    (file,) = start(site, "answer", "skolevei", language=None, today=TODAY)
    assert file.parent == site / "dialogue/skolevei"
    assert "by: kommunedirektor" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("before", "answers"),
    [
        ("received: 2026-05-01\ntext: Hei.\n", 1),
        ("received: 2026-05-01\ntext: |\n  Hei.\n\n  Hopp.\n", 1),
        ("answers:\n  - by: ordforer\n    date: 2026-05-02\n    text: Ja.\ntext: Hei.\nname: Per\n", 2),
        ("text: Hei.\nanswers:\n- by: ordforer\n  date: 2026-05-02\n  text: |\n    Ja.\n\n    Jo.\n", 2),
        ("tekst: Hei.\nsvar:\n    - av: ordforer\n      tekst: Ja.\nnavn: Per\n", 2),
    ],
)
def test_one_more_answer_goes_below_the_others_and_touches_nothing_else(
    site: Path, before: str, answers: int
) -> None:
    file = site / f"dialogue/{POST}/a1.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(before, encoding="utf-8")
    old = read_yaml(before, "x").data
    assert start(site, "answer", f"{POST}/a1", language=None, today=TODAY) == [file]
    document = read_yaml(file.read_text(encoding="utf-8"), "x")
    assert document.problems == ()
    key = "svar" if "svar" in old else "answers"
    assert len(document.data[key]) == answers
    assert document.data[key][-1]["by"] == "kommunikasjonsradgiver"
    assert document.data[key][:-1] == old.get(key, [])
    assert {name: value for name, value in document.data.items() if name != key} == {
        name: value for name, value in old.items() if name != key
    }
