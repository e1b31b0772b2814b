"""Where something is written in a site's own files, for faults whose file and key are known."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kommunebeta.dialogue.contributions import NORWEGIAN_CONTRIBUTION_KEYS
from kommunebeta.frontmatter import (
    FOREIGN_KEYS,
    NORWEGIAN_EXPERIMENT_KEYS,
    NORWEGIAN_KEYS,
    NORWEGIAN_PERSON_KEYS,
    rename_keys,
    split_front_matter,
)
from kommunebeta.sources import read_text
from kommunebeta.yamlfile import Path as YamlPath
from kommunebeta.yamlfile import YamlDocument, read_yaml

_NAMES: Mapping[str, Mapping[str, str]] = {
    "people": NORWEGIAN_PERSON_KEYS,
    "dialogue": NORWEGIAN_CONTRIBUTION_KEYS,
    "content": NORWEGIAN_KEYS | NORWEGIAN_EXPERIMENT_KEYS,
}


def read_written(folder: Path, path: str) -> YamlDocument:
    """The front matter of a text, or a file in YAML, under the canonical names of its keys.

    Args:
        folder: the site folder.
        path: the file, relative to it.

    Returns:
        A document without data where the file cannot be read.
    """
    text, problems = read_text(folder, path)
    if problems:
        return YamlDocument(None)
    kind = path.partition("/")[0]
    front, line = text, 1
    if kind == "content":
        parts = split_front_matter(text)
        if parts is None:
            return YamlDocument(None)
        front, line = parts[0], 2
    document = read_yaml(front, path, line)
    foreign = FOREIGN_KEYS if kind == "content" else None
    return rename_keys(document, _NAMES.get(kind, {}), foreign)[0]


def place_written(folder: Path, path: str, *key: str | int) -> tuple[int, int]:
    """Line and column of a key in a file, or of the nearest thing around it.

    Args:
        folder: the site folder.
        path: the file, relative to it.
        key: the key, those around it first.
    """
    document = read_written(folder, path)
    wanted: YamlPath = key
    while wanted and wanted not in document.keys:
        wanted = wanted[:-1]
    return document.keys.get(wanted, (1, 1))
