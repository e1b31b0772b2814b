"""Starting a site, and a text in it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

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


def test_a_long_title_gives_a_file_name_that_every_disk_can_hold(tmp_path: Path) -> None:
    file = new_entry(start(tmp_path / "x"), "page", "Ein lang tittel " * 40, language=None, today=TODAY)
    assert len(file.stem) <= 80
    assert file.stem.endswith("-tittel")


@pytest.mark.parametrize("language", ["../../x", "xx", "nb/x"])
def test_a_language_that_is_not_known_is_refused(tmp_path: Path, language: str) -> None:
    site = start(tmp_path / "x")
    before = sorted(site.rglob("*"))
    with pytest.raises(UsageError, match="has no file ending"):
        new_entry(site, "post", "Hei", language=language, today=TODAY)
    with pytest.raises(UsageError, match="no starting site"):
        start(tmp_path / "y", language=language)
    assert sorted(site.rglob("*")) == before


def test_what_cannot_be_seen_is_left_out_of_a_title(tmp_path: Path) -> None:
    file = new_entry(start(tmp_path / "x"), "post", "He\x07i\u202e\ndu", language=None, today=TODAY)
    assert read_yaml(file.read_text(encoding="utf-8").split("---")[1], "x").data["title"] == "Hei du"


@pytest.mark.parametrize("language", INTERFACE_LANGUAGES)
def test_a_new_site_is_what_its_schemas_accept(tmp_path: Path, language: str) -> None:
    site = start(tmp_path / "x", language=language)
    for name, pattern in {"kommunebeta": "kommunebeta.yaml", "person": "people/*.yaml"}.items():
        validator = Draft202012Validator(
            json.loads((site / f"schemas/{name}.json").read_text(encoding="utf-8"))
        )
        files = list(site.glob(pattern))
        assert files
        for file in files:
            assert list(validator.iter_errors(yaml.safe_load(file.read_text(encoding="utf-8")))) == []
