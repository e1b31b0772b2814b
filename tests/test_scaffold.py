"""Starting a site, and a text in it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from kommunebeta.build import BuildOptions, build
from kommunebeta.errors import UsageError
from kommunebeta.language import INTERFACE_LANGUAGES
from kommunebeta.reporter import Reporter
from kommunebeta.scaffold import init_site, new_entry
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


def start(folder: Path, name: str = "Fjordvikbeta", language: str = "nb") -> Path:
    init_site(folder, name=name, municipality="Fjordvik kommune", language=language, today=TODAY)
    return folder


@pytest.mark.parametrize("language", INTERFACE_LANGUAGES)
def test_a_new_site_builds_without_a_warning(tmp_path: Path, language: str) -> None:
    result = build(
        start(tmp_path / "x", language=language),
        BuildOptions(strict=True, at=dt.datetime(2026, 5, 17, 12)),
        Reporter(),
    )
    assert result.problems == ()
    assert (result.posts, result.pages) == (2, 6)
    home = (result.output / "index.html").read_text(encoding="utf-8")
    assert f'<html lang="{language}"' in home
    assert "Fjordvik kommune" in home


@pytest.mark.parametrize("name", NAMES)
def test_any_name_arrives_as_it_was_given(tmp_path: Path, name: str) -> None:
    site = start(tmp_path / "x", name=name)
    document = read_yaml((site / "kommunebeta.yaml").read_text(encoding="utf-8"), "kommunebeta.yaml")
    assert document.problems == ()
    assert document.data["name"] == name
    assert build(site, BuildOptions(at=dt.datetime(2026, 5, 17, 12)), Reporter()).problems == ()


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="not empty"):
        start(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("kind", "title", "path"),
    [
        ("post", "Svømmehallen åpner igjen", "content/posts/2026-05-17-svommehallen-apner-igjen.md"),
        ("page", "Om oss: «hvem»?", "content/pages/om-oss-hvem.md"),
        ("person", "Kommuneoverlege", "people/kommuneoverlege.yaml"),
    ],
)
def test_a_new_text_has_its_place_and_is_never_overwritten(
    tmp_path: Path, kind: str, title: str, path: str
) -> None:
    site = start(tmp_path / "x")
    file = new_entry(site, kind, title, language=None, today=TODAY)
    assert file == site / path
    before = file.read_bytes()
    with pytest.raises(UsageError, match="exists already"):
        new_entry(site, kind, title, language=None, today=TODAY)
    assert file.read_bytes() == before
    assert build(site, BuildOptions(drafts=True, at=dt.datetime(2026, 5, 18)), Reporter()).problems == ()


@pytest.mark.parametrize("title", NAMES)
def test_any_title_arrives_as_it_was_given(tmp_path: Path, title: str) -> None:
    file = new_entry(start(tmp_path / "x"), "post", title, language="en", today=TODAY)
    assert file.name.endswith(".en.md")
    assert read_yaml(file.read_text(encoding="utf-8").split("---")[1], "x").data["title"] == title


def test_a_title_without_letters_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No file name"):
        new_entry(start(tmp_path / "x"), "post", "???", language=None, today=TODAY)


def test_a_folder_that_is_no_site_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a site"):
        new_entry(tmp_path, "post", "Hei", language=None, today=TODAY)
