"""JSON Schemas of what people write, so that editors such as VS Code complete and check while one types.

They are generated from the same models that the build checks with, and widened to what a YAML
editor sees: a date may be a text, a list may be one text, true may be ``ja``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from kommunebeta.config import FILE_NAME, Settings
from kommunebeta.dialogue.contributions import (
    NORWEGIAN_ANSWER_KEYS,
    NORWEGIAN_CONTRIBUTION_KEYS,
    AnswerMatter,
    ContributionMatter,
)
from kommunebeta.dialogue.folder import NORWEGIAN_SUMMARY_KEYS, RESERVED, SummaryMatter
from kommunebeta.dialogue.forms import FormDefinition
from kommunebeta.dialogue.outcomes import (
    NORWEGIAN_OUTCOME_KEYS,
    FollowUpMatter,
    OutcomeMatter,
    ThemeMatter,
)
from kommunebeta.dialogue.results import NORWEGIAN_RESULT_KEYS, ResultsMatter
from kommunebeta.embeds.matter import NORWEGIAN_EMBED_KEYS, EmbedMatter
from kommunebeta.errors import OutsideError, UsageError
from kommunebeta.frontmatter import (
    FOREIGN_KEYS,
    NORWEGIAN_EXPERIMENT_KEYS,
    NORWEGIAN_KEYS,
    NORWEGIAN_PERSON_KEYS,
    ExperimentMatter,
    PageMatter,
    PersonMatter,
    PostMatter,
)
from kommunebeta.validation import FLAG_WORDS, Edge

DRAFT = "https://json-schema.org/draft/2020-12/schema"
FOLDER = "schemas"
EDITOR_FILE = Path(".vscode/settings.json")
"""Where VS Code reads which schema is for which files."""

_MODELS: Mapping[str, tuple[type[Edge], Mapping[str, str], bool]] = {
    "kommunebeta": (Settings, {}, False),
    "post": (PostMatter, {**NORWEGIAN_KEYS, **FOREIGN_KEYS}, True),
    "page": (PageMatter, {**NORWEGIAN_KEYS, **FOREIGN_KEYS}, True),
    "experiment": (
        ExperimentMatter,
        {**NORWEGIAN_KEYS, **NORWEGIAN_EXPERIMENT_KEYS, **FOREIGN_KEYS},
        True,
    ),
    "person": (PersonMatter, NORWEGIAN_PERSON_KEYS, False),
    "form": (FormDefinition, {}, False),
    "contribution": (ContributionMatter, NORWEGIAN_CONTRIBUTION_KEYS, False),
    "outcome": (OutcomeMatter, NORWEGIAN_OUTCOME_KEYS, False),
    "results": (ResultsMatter, NORWEGIAN_RESULT_KEYS, False),
    "summary": (SummaryMatter, NORWEGIAN_SUMMARY_KEYS, False),
}
"""Schema name → model, other names of its fields, and whether unknown keys are allowed."""

_INNER = {
    EmbedMatter.__name__: NORWEGIAN_EMBED_KEYS,
    AnswerMatter.__name__: NORWEGIAN_ANSWER_KEYS,
    ThemeMatter.__name__: NORWEGIAN_OUTCOME_KEYS,
    FollowUpMatter.__name__: NORWEGIAN_OUTCOME_KEYS,
}
"""Other names of the fields of models inside those."""

_EITHER = {"contribution": ("text", "state"), "outcome": ("did", "did_not")}
"""Schema name → fields of which a file needs one at least; a contribution without text is withdrawn."""

EDITOR_PATTERNS: Mapping[str, str | list[str]] = {
    "kommunebeta": FILE_NAME,
    "person": "people/*.yaml",
    "form": "forms/*.yaml",
    # What is taken out stands last: language servers up to 1.23 go by the last pattern that matches.
    "contribution": ["dialogue/*/*.yaml", *(f"!dialogue/*/{name}.yaml" for name in RESERVED)],
    **{name: f"dialogue/*/{name}.yaml" for name in RESERVED},
}
"""Schema name → the files that it is for, as VS Code's extension «YAML» is told.

Source: https://github.com/redhat-developer/yaml-language-server#using-yamlschemas
"""


def schemas() -> dict[str, dict[str, Any]]:
    """The schemas by name: one for each kind of file, such as ``post``, ``person`` and ``contribution``."""
    return {name: _schema(name, *parts) for name, parts in _MODELS.items()}


def _schema(name: str, model: type[Edge], names: Mapping[str, str], open_ended: bool) -> dict[str, Any]:
    made = model.model_json_schema(mode="validation", schema_generator=_AsWritten)
    schema = _widened(made, made.get("$defs", {}))
    for own, field in model.model_fields.items():
        schema["properties"][own].setdefault("description", field.description)
    _name_also(schema, names, _EITHER.get(name, ()))
    for inner, inner_names in _INNER.items():
        if inner in schema.get("$defs", {}):
            _name_also(schema["$defs"][inner], inner_names)
    schema["additionalProperties"] = open_ended
    return {"$schema": DRAFT, **schema, "title": f"Kommunebeta: {name}"}


def _name_also(schema: dict[str, Any], names: Mapping[str, str], either: Iterable[str] = ()) -> None:
    """Give fields their other names too; of a required field, one of the names must be there.

    Args:
        schema: the schema of a mapping, which is changed.
        names: other names of its fields.
        either: fields of which one at least must be there.
    """
    properties = schema["properties"]
    spellings = {own: [own] for own in properties}
    for other, own in names.items():
        if own in spellings and other not in properties:
            properties[other] = {**properties[own], "description": f"Same as `{own}`."}
            spellings[own].append(other)
    required = [spellings[own] for own in schema.pop("required", ())]
    if either:
        required.append([spelling for own in either for spelling in spellings[own]])
    if required:
        schema["allOf"] = [{"anyOf": [{"required": [key]} for key in keys]} for keys in required]


_SCALARS = ["string", "number", "boolean"]
_TEXTS = "texts by language, or another generator's names"


class _AsWritten(GenerateJsonSchema):
    """Adds the short forms, wherever a model has a validator of its own that reads them."""

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> dict[str, Any]:
        """A value as it is kept, or as it may be written."""
        kept = super().function_before_schema(schema)
        inner: Any = schema["schema"]
        while inner["type"] in ("nullable", "function-after"):
            inner = inner["schema"]
        if inner["type"] in ("model", "definition-ref"):
            full = next((part for part in kept.get("anyOf", ()) if "$ref" in part), kept)
            return {"anyOf": [kept, {"type": _SCALARS}, {**full, "title": _TEXTS}]}
        if inner["type"] == "list":
            mapping = ["object"] if inner["items_schema"]["type"] == "function-before" else []
            return {**kept, "type": ["array", *_SCALARS, *mapping]}
        more = {"str": ["array", "object"], "dict": ["object"], "literal": [], "int": []}.get(inner["type"])
        if more is None:
            return kept
        if inner["type"] == "literal":
            return {"enum": [*kept["enum"], True, False]}
        return {**kept, "type": [*_SCALARS, *more]}


_SPELLINGS: Mapping[str, Mapping[str, Any]] = {
    "string": {"type": [*_SCALARS, "null"]},
    "integer": {"type": ["integer", "string", "null"], "pattern": r"^\s*[-+]?\d+\s*$"},
    "number": {"type": ["number", "string", "null"], "pattern": r"^\s*[-+]?\d+(\.\d+)?\s*$"},
    "boolean": {
        "type": ["boolean", "integer", "string", "null"],
        "minimum": 0,
        "maximum": 1,
        "pattern": "^({})$".format(
            "|".join("".join(f"[{c}{c.upper()}]" for c in word) for word in FLAG_WORDS)
        ),
    },
    "array": {"type": ["array", "null"]},
    "object": {"type": ["object", "null"]},
}
_DATE = {
    "type": ["string", "null"],
    "pattern": r"^\s*(\d{4}-\d{1,2}-\d{1,2}([T\s].*)?|\d{1,2}\.\d{1,2}\.\d{4}(\s.*)?)$",
}


def _widened(node: Any, models: Mapping[str, Any]) -> Any:
    """A model's schema as an editor's YAML reader sees the same text.

    Scalars arrive there with YAML's own types, and an empty value counts as none.
    """
    if isinstance(node, list):
        return [_widened(item, models) for item in node]
    if not isinstance(node, dict):
        return node
    if node.get("title") == _TEXTS:
        own = models[node["$ref"].rpartition("/")[2]]["properties"]
        return {"type": "object", "not": {"anyOf": [{"required": [key]} for key in own]}}
    result = {key: _widened(value, models) for key, value in node.items() if key != "default"}
    kind = node.get("type")
    if "enum" in node:
        result.pop("type", None)
        result["enum"] = [*node["enum"], None]
    elif node.get("format") in ("date", "date-time"):
        del result["format"]
        result |= _DATE
    elif isinstance(kind, list):
        result["type"] = [*kind, "null"]
    elif isinstance(kind, str) and "const" not in node:
        result = {**_SPELLINGS.get(kind, {}), **result, "type": _SPELLINGS.get(kind, {"type": kind})["type"]}
    return result


def write_schemas(site: Path) -> list[Path]:
    """Write the schemas into a site's ``schemas/``, and tell VS Code where they apply.

    An existing ``.vscode/settings.json`` keeps everything that is in it; one that is not plain JSON
    is left alone.

    Returns:
        The files written.

    Raises:
        UsageError: the folder is not a site.
        OutsideError: the disk refuses.
    """
    if not (site / FILE_NAME).is_file():
        raise UsageError(f"{site} is not a site: it has no {FILE_NAME}. Name the site's folder.")
    written = []
    try:
        (site / FOLDER).mkdir(parents=True, exist_ok=True)
        for name, schema in schemas().items():
            file = site / FOLDER / f"{name}.json"
            file.write_text(as_text(schema), encoding="utf-8")
            written.append(file)
        settings = _editor_settings(site)
        if settings is not None:
            file = site / EDITOR_FILE
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
    file = site / EDITOR_FILE
    settings: Any = {}
    if file.exists():
        try:
            settings = json.loads(file.read_text("utf-8"))
        except ValueError:
            return None
        if not isinstance(settings, dict) or not isinstance(settings.get("yaml.schemas", {}), dict):
            return None
    mapping = {f"./{FOLDER}/{name}.json": pattern for name, pattern in EDITOR_PATTERNS.items()}
    return {**settings, "yaml.schemas": {**settings.get("yaml.schemas", {}), **mapping}}
