"""JSON Schemas: they let through what the build lets through, and catch what it catches."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from kommunebeta.frontmatter import split_front_matter
from kommunebeta.schema import schemas, write_schemas

SCHEMAS = schemas()


def faults(name: str, data: Any) -> list[str]:
    """What an editor would underline; dates are text there."""
    validator = Draft202012Validator(SCHEMAS[name])
    return [
        f"{e.json_path}: {e.message}"
        for e in validator.iter_errors(json.loads(json.dumps(data, default=str)))
    ]


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_every_schema_is_a_schema_with_help_at_every_field(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert all(field.get("description") for field in SCHEMAS[name]["properties"].values())


def test_the_example_site_is_accepted(root: Path) -> None:
    site = root / "example_site"
    checked = 0
    for file in site.glob("content/**/*.md"):
        parts = split_front_matter(file.read_text(encoding="utf-8"))
        assert parts is not None
        assert faults("post" if "posts" in file.parts else "page", yaml.safe_load(parts[0])) == [], file
        checked += 1
    for file in site.glob("people/*.yaml"):
        assert faults("person", yaml.safe_load(file.read_text(encoding="utf-8"))) == [], file
    for file in (root / "themes/beta/forms").glob("*.yaml"):
        assert faults("form", yaml.safe_load(file.read_text(encoding="utf-8"))) == [], file
    assert (
        faults("kommunebeta", yaml.safe_load((site / "kommunebeta.yaml").read_text(encoding="utf-8"))) == []
    )
    assert checked > 20


@pytest.mark.parametrize(
    "matter",
    [
        {"title": 2011, "date": "2026-05-17", "tags": "a, b"},
        {"tittel": "Hei", "dato": "2026-05-17", "kladd": True, "egen": {"nøkkel": 1}},
        {"title": "x", "date": None, "image": "bilde.jpg", "authors": "meg", "comments": True},
    ],
)
def test_what_writers_may_write_is_accepted(matter: Any) -> None:
    assert faults("post", matter) == []


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("post", {"title": ["x"]}),
        ("post", {"timeline": [{"dato": "2026-05-17"}]}),
        ("post", {"documents": [{"title": "x", "kind": "film"}]}),
        ("kommunebeta", {"name": "x", "municipality": "y", "langage": "nb"}),
        ("kommunebeta", {"name": "x"}),
        ("kommunebeta", {"name": "x", "municipality": "y", "channels": [{"kind": "youtube"}]}),
        ("person", {"role": "x", "answer_dayz": 3}),
        ("form", {"title": "x", "fields": []}),
    ],
)
def test_what_is_wrong_is_underlined(name: str, data: Any) -> None:
    assert faults(name, data)


def test_an_editors_own_settings_are_kept(tmp_path: Path) -> None:
    file = tmp_path / ".vscode" / "settings.json"
    file.parent.mkdir()
    file.write_text('{"editor.tabSize": 2, "yaml.schemas": {"own.json": "own.yaml"}}')
    write_schemas(tmp_path)
    settings = json.loads(file.read_text())
    assert settings["editor.tabSize"] == 2
    assert settings["yaml.schemas"]["own.json"] == "own.yaml"
    assert settings["yaml.schemas"]["./schemas/person.json"] == "people/*.yaml"


def test_settings_with_comments_are_left_alone(tmp_path: Path) -> None:
    file = tmp_path / ".vscode" / "settings.json"
    file.parent.mkdir()
    file.write_text('{ // mine\n "editor.tabSize": 2 }')
    write_schemas(tmp_path)
    assert file.read_text() == '{ // mine\n "editor.tabSize": 2 }'
    assert (tmp_path / "schemas" / "post.json").is_file()
