"""JSON Schemas of what people write, so that editors such as VS Code complete and check while one types.

They are generated from the same models that the build checks with, and widened to what a YAML
editor sees: a date may be a text, a list may be one text, true may be ``ja``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kommunebeta.config import FILE_NAME, Settings
from kommunebeta.dialogue.forms import FormDefinition
from kommunebeta.errors import OutsideError
from kommunebeta.frontmatter import (
    FOREIGN_KEYS,
    NORWEGIAN_KEYS,
    NORWEGIAN_PERSON_KEYS,
    PageMatter,
    PersonMatter,
    PostMatter,
)
from kommunebeta.validation import Edge

DRAFT = "https://json-schema.org/draft/2020-12/schema"
FOLDER = "schemas"
_MODELS: Mapping[str, tuple[type[Edge], Mapping[str, str], bool]] = {
    "kommunebeta": (Settings, {}, False),
    "post": (PostMatter, {**NORWEGIAN_KEYS, **FOREIGN_KEYS}, True),
    "page": (PageMatter, {**NORWEGIAN_KEYS, **FOREIGN_KEYS}, True),
    "person": (PersonMatter, NORWEGIAN_PERSON_KEYS, False),
    "form": (FormDefinition, {}, False),
}
"""Schema name → model, other names of its fields, and whether unknown keys are allowed."""

_FILES = {
    "kommunebeta": FILE_NAME,
    "person": "people/*.yaml",
    "form": "forms/*.yaml",
}


def schemas() -> dict[str, dict[str, Any]]:
    """The schemas by name: ``kommunebeta``, ``post``, ``page``, ``person`` and ``form``."""
    return {name: _schema(name, *parts) for name, parts in _MODELS.items()}


def _schema(name: str, model: type[Edge], names: Mapping[str, str], open_ended: bool) -> dict[str, Any]:
    schema = _widened(model.model_json_schema(mode="validation"))
    properties = schema["properties"]
    for name_of, described in model.model_fields.items():
        properties[name_of].setdefault("description", described.description)
    for other, field in names.items():
        if field in properties and other not in properties:
            properties[other] = {**properties[field], "description": f"Same as `{field}`."}
    if names:
        schema.pop("required", None)
    schema["additionalProperties"] = open_ended
    schema["title"] = f"Kommunebeta: {name}"
    return {"$schema": DRAFT, **schema}


_SCALARS = {
    "string": ["string", "number", "boolean", "null"],
    "integer": ["integer", "string", "null"],
    "number": ["number", "string", "null"],
    "boolean": ["boolean", "string", "null"],
}


_SHORT_FORMS = frozenset(("ImageMatter", "Offer", "Retention", "Choice"))
"""Models that may also be written as one text, one number or texts by language."""


def _widened(node: Any) -> Any:
    """A model's schema as an editor's YAML reader sees the same text.

    Scalars arrive there with YAML's own types, lists and mappings may be written as one text, and
    an empty value counts as none.
    """
    if isinstance(node, list):
        return [_widened(item) for item in node]
    if not isinstance(node, dict):
        return node
    result = {key: _widened(value) for key, value in node.items() if key != "default"}
    kind = node.get("type")
    if isinstance(kind, str) and "enum" not in node and "const" not in node:
        if kind in _SCALARS:
            result["type"] = _SCALARS[kind]
            if node.get("format") in ("date", "date-time"):
                result.pop("format")
        elif kind == "array" or (kind == "object" and "properties" not in node):
            result["type"] = [kind, "string", "null"]
    if str(node.get("title")) in _SHORT_FORMS:
        result["type"] = ["object", "string", "integer", "boolean"]
        result |= {"additionalProperties": True, "required": []}
    if "enum" in node and kind == "string":
        result.pop("type")
        result["enum"] = [*node["enum"], None, *([True, False] if "open" in node["enum"] else [])]
    return result


def write_schemas(site: Path) -> list[Path]:
    """Write the schemas into a site's ``schemas/``, and tell VS Code where they apply.

    An existing ``.vscode/settings.json`` keeps everything that is in it; one that is not plain JSON
    is left alone.

    Returns:
        The files written.

    Raises:
        OutsideError: the disk refuses.
    """
    written = []
    try:
        (site / FOLDER).mkdir(parents=True, exist_ok=True)
        for name, schema in schemas().items():
            file = site / FOLDER / f"{name}.json"
            file.write_text(as_text(schema), encoding="utf-8")
            written.append(file)
        settings = _editor_settings(site)
        if settings is not None:
            file = site / ".vscode" / "settings.json"
            file.parent.mkdir(exist_ok=True)
            file.write_text(as_text(settings), encoding="utf-8")
            written.append(file)
    except OSError as error:
        raise OutsideError(f"{error.filename} could not be written: {error.strerror}.") from error
    return written


def as_text(schema: Mapping[str, Any]) -> str:
    """A schema as the text of its file."""
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def _editor_settings(site: Path) -> dict[str, Any] | None:
    file = site / ".vscode" / "settings.json"
    settings: Any = {}
    if file.exists():
        try:
            settings = json.loads(file.read_text("utf-8"))
        except ValueError:
            return None
        if not isinstance(settings, dict) or not isinstance(settings.get("yaml.schemas", {}), dict):
            return None
    mapping = {f"./{FOLDER}/{name}.json": pattern for name, pattern in _FILES.items()}
    return {**settings, "yaml.schemas": {**settings.get("yaml.schemas", {}), **mapping}}
