"""One content file → its front matter and its body, checked and rendered, knowing nothing of other files."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from kommunebeta import markdown
from kommunebeta.answers import digest
from kommunebeta.documents import key_of
from kommunebeta.errors import Problem, Severity
from kommunebeta.frontmatter import (
    FOREIGN_KEYS,
    NORWEGIAN_EXPERIMENT_KEYS,
    NORWEGIAN_KEYS,
    EntryMatter,
    ExperimentMatter,
    PageMatter,
    PostMatter,
    double_name,
    rename_keys,
    split_front_matter,
)
from kommunebeta.inputs import digest_of
from kommunebeta.language import LANGUAGE_NAMES
from kommunebeta.model import Document
from kommunebeta.sources import decode, read_text, unreadable
from kommunebeta.validation import nearest, validate
from kommunebeta.yamlfile import Path as YamlPath
from kommunebeta.yamlfile import YamlDocument, read_yaml, resolve

_DATED = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})[-_ ]*(.*)")
_NO_FRONT_MATTER = (
    "Begin the file with «---», «title: …», «date: 2026-05-17» and «---», each on a line of its own."
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What one content file says.

    Attributes:
        path: the file, relative to the site folder.
        matter: the front matter, checked.
        extra: keys that Kommunebeta does not know.
        document: the rendered body.
        places: line and column of front matter values.
        lang: the language of the text.
        stem: the file's name without date, language and ending.
        file_date: the date in the file's name, if any.
        body_line: the line on which the body begins.
    """

    path: str
    matter: EntryMatter
    extra: Mapping[str, Any]
    document: Document
    places: Mapping[YamlPath, tuple[int, int]]
    lang: str
    stem: str
    file_date: dt.date | None
    body_line: int

    def problem(
        self, code: str, key: YamlPath, message: str, mend: str = "", severity: Severity = Severity.ERROR
    ) -> Problem:
        """A problem at a front matter value."""
        while key and key not in self.places:
            key = key[:-1]
        line, column = self.places.get(key, (1, 1))
        return Problem(code, self.path, line, column, message, mend, severity)


@dataclass(frozen=True, slots=True)
class Parsed:
    """The outcome of reading one file.

    Attributes:
        path: the file, relative to the site folder.
        entry: the entry, or None when errors stand in the way.
        problems: what was found.
        key: names this outcome among the documents that are kept; empty when the file cannot be read.
        head: the digest of all that other parts of the site may know of the text before it is an entry.
    """

    path: str
    entry: Entry | None
    problems: tuple[Problem, ...] = ()
    key: str = ""
    head: str = ""


def parse_file(site: Path, path: str, default_language: str) -> Parsed:
    """Read, check and render one content file.

    Args:
        site: the site folder.
        path: the file, relative to it.
        default_language: the language of a text that names none.
    """
    text, problems = read_text(site, path)
    if problems:
        return Parsed(path, None, problems)
    return parse_text(text, path, default_language)


def parse_to_keep(site: Path, path: str, default_language: str) -> tuple[Parsed, bytes]:
    """The same as ``parse_file``, divided into what a build needs of every text, and the text itself.

    Returns:
        The outcome with a document that lacks HTML and text; and the HTML in UTF-8.
    """
    try:
        raw = (site / path).read_bytes()
    except OSError as error:
        return Parsed(path, None, (unreadable(path, error),)), b""
    text, problems = decode(raw, path)
    parsed = Parsed(path, None, problems) if problems else parse_text(text, path, default_language)
    key = key_of(path, digest_of(raw), default_language)
    if parsed.entry is None:
        return replace(parsed, key=key), b""
    document = parsed.entry.document
    html = document.html.encode("utf-8", "surrogatepass")
    light = replace(document, html="", text="", digest=blake2b(html, digest_size=12).hexdigest())
    entry = replace(parsed.entry, document=light)
    return replace(parsed, entry=entry, key=key, head=head_of(entry)), html


_FREE = frozenset(("title", "summary", "image", "toc", "case", "timeline", "documents", "updated"))
"""Front matter that matters only to the pages that show the entry, which ask for it."""


def head_of(entry: Entry) -> str:
    """The digest of all that other parts of the site may know of a text before it is made into an entry."""
    matter = entry.matter
    known = {name: value for name, value in matter.__dict__.items() if name not in _FREE}
    return digest((entry.lang, entry.stem, entry.file_date, known))


def parse_text(text: str, path: str, default_language: str) -> Parsed:
    """Check and render the text of one content file; see ``parse_file``."""
    parts = split_front_matter(text)
    if parts is None:
        what = (
            "The front matter is opened but never closed."
            if text.startswith("---")
            else "There is no front matter."
        )
        return Parsed(path, None, (Problem("KB002", path, 1, 1, what, _NO_FRONT_MATTER),))
    front, body, body_line = parts
    written = read_yaml(front, path, 2)
    model = _model_of(path, written)
    document, doubles = rename_keys(written, _norwegian_keys(model), FOREIGN_KEYS)
    found = [double_name(document, path, (key,), _norwegian_keys(model)) for key in doubles]
    known, extra = _divide(model, document)
    matter, faults = validate(model, document, path, data=known if isinstance(document.data, dict) else None)
    found += faults
    found += _misspelt(model, document, path, extra)
    stem, suffix, file_date = name_parts(path)
    lang = (matter.lang if matter else "") or suffix or default_language
    embed = matter.embeds if matter else True
    rendered, body_problems = markdown.render(body, lang=lang, path=path, first_line=body_line, embed=embed)
    found += body_problems
    if matter is None or document.problems:
        return Parsed(path, None, tuple(found))
    entry = Entry(path, matter, resolve(extra), rendered, document.values, lang, stem, file_date, body_line)
    return Parsed(path, entry, tuple(found))


def _model_of(path: str, document: YamlDocument) -> type[EntryMatter]:
    """What a file's front matter is, by the file's place and what it says of itself."""
    if path.startswith("content/posts/"):
        return PostMatter
    kind = document.data.get("kind") if isinstance(document.data, dict) else None
    is_experiment = path.startswith("content/experiments/") or kind == "experiment"
    return ExperimentMatter if is_experiment else PageMatter


def _norwegian_keys(model: type[EntryMatter]) -> Mapping[str, str]:
    return NORWEGIAN_KEYS | NORWEGIAN_EXPERIMENT_KEYS if model is ExperimentMatter else NORWEGIAN_KEYS


def name_parts(path: str) -> tuple[str, str, dt.date | None]:
    """Divide a file's name into stem, language and date.

    ``2026-05-17-svommehallen.nn.md`` gives ``svommehallen``, ``nn`` and the date (Jekyll's convention);
    for ``svommehallen/index.md`` the folder's name counts.
    """
    folder, _, name = path.rpartition("/")
    name = re.sub(r"\.(md|markdown)$", "", name, flags=re.IGNORECASE)
    name, suffix = _without_language(name)
    if name == "index" and folder.count("/") >= 2:
        name, folder_suffix = _without_language(folder.rpartition("/")[2])
        suffix = suffix or folder_suffix
    found = _DATED.fullmatch(name)
    if not found:
        return name, suffix, None
    try:
        date = dt.date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return name, suffix, None
    return found[4] or name, suffix, date


def _without_language(name: str) -> tuple[str, str]:
    front, dot, end = name.rpartition(".")
    return (front, end) if dot and end in LANGUAGE_NAMES else (name, "")


def _divide(model: type[EntryMatter], document: YamlDocument) -> tuple[dict[str, Any], dict[str, Any]]:
    """The keys that we know, with other generators' habits translated, and the rest."""
    if not isinstance(document.data, dict):
        return {}, {}
    fields = model.model_fields
    known = {key: value for key, value in document.data.items() if key in fields}
    extra = {key: value for key, value in document.data.items() if key not in fields}
    if str(extra.get("published", "")).lower() in ("false", "no", "0") and "draft" not in known:
        known["draft"] = True
    if model is PostMatter and known.get("category") is None:
        categories = _as_words(extra.get("categories"))
        if categories:
            del extra["categories"]
            known["category"] = categories[0]
            known["tags"] = [*_as_words(known.get("tags")), *categories[1:]]
    return known, extra


def _as_words(value: Any) -> list[str]:
    items = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return [item.strip() for item in items if isinstance(item, str) and item.strip()]


def _misspelt(
    model: type[EntryMatter], document: YamlDocument, path: str, extra: Mapping[str, Any]
) -> list[Problem]:
    found = []
    if model is PostMatter and extra.get("kind") == "experiment":
        line, column = document.place_of_key(("kind",))
        message = "A file in content/posts/ is a post; «kind: experiment» does nothing there."
        mend = "Move the file to content/experiments/."
        found.append(Problem("KB012", path, line, column, message, mend, Severity.WARNING))
    for key in extra:
        near = nearest(key, _all_names(model)) if key not in _HABITS else ""
        if near:
            line, column = document.place_of_key((key,))
            message = f"«{key}» is not a field that Kommunebeta knows. Did you mean «{near}»?"
            mend = "The value is kept for templates as it is."
            found.append(Problem("KB012", path, line, column, message, mend, Severity.WARNING))
    return found


_HABITS = frozenset(
    (
        "categories",
        "published",
        "date_gmt",
        "modified_gmt",
        "author_id",
        "post_id",
        "images",
        "titles",
        "tag_ids",
        "summary_large",
    )
)
"""Keys of other generators that are near to ours without being misspelt."""


@lru_cache(maxsize=3)
def _all_names(model: type[EntryMatter]) -> tuple[str, ...]:
    return (
        *model.model_fields,
        *(key for key, field in _norwegian_keys(model).items() if field in model.model_fields),
    )
