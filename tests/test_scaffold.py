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
from kommunebeta.scaffold import init_site
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


def test_a_language_without_a_starting_site_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no starting site"):
        start(tmp_path / "y", language="xx")
    assert not (tmp_path / "y").exists()


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
