"""Starting a site, and starting a text in it."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

from kommunebeta.config import read_settings
from kommunebeta.errors import OutsideError, UsageError
from kommunebeta.language import INTERFACE_LANGUAGES, LANGUAGE_NAMES, base_language, slugify
from kommunebeta.schema import write_schemas

STARTER = Path(__file__).resolve().parent / "starter"


def init_site(folder: Path, *, name: str, municipality: str, language: str, today: dt.date) -> list[Path]:
    """Write a small, real starting site.

    Args:
        folder: a new or empty folder.
        name: the site's name.
        municipality: the municipality's name.
        language: ``nb``, ``nn``, ``se`` or ``en``.
        today: the day on which the first posts are dated.

    Returns:
        The files written.

    Raises:
        UsageError: the folder holds something already, or there is no starting site in the language.
        OutsideError: the disk refuses.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is not empty. Choose a new folder, so that nothing of yours is touched.")
    if language not in INTERFACE_LANGUAGES:
        known = ", ".join(INTERFACE_LANGUAGES)
        raise UsageError(f"There is no starting site in «{language}». Choose one of {known}.")
    words = {
        "{{name}}": _quoted(name),
        "{{municipality}}": _quoted(municipality),
        "{{name_in_text}}": name,
        "{{municipality_in_text}}": municipality,
        "{{today}}": f"{today:%Y-%m-%d}",
        "{{yesterday}}": f"{today - dt.timedelta(days=1):%Y-%m-%d}",
        "{{in_four_weeks}}": f"{today + dt.timedelta(days=28):%Y-%m-%d}",
        "{{in_eight_weeks}}": f"{today + dt.timedelta(days=56):%Y-%m-%d}",
        "{{language}}": language,
    }
    written = []
    for source in sorted(STARTER.glob(f"{language}/**/*")) + sorted(STARTER.glob("common/**/*")):
        if source.is_file():
            path = source.relative_to(STARTER).parts[1:]
            target = folder.joinpath(*(part.replace("DATE", words["{{today}}"]) for part in path))
            text = source.read_text("utf-8")
            text = re.sub(r"\{\{\w+\}\}", lambda match: words[match[0]], text)
            written.append(_write(target.with_name(target.name.replace("dot.", ".")), text))
    return [*written, *write_schemas(folder)]


def new_entry(site: Path, kind: str, title: str, *, language: str | None, today: dt.date) -> Path:
    """Write a new post, page or person with its front matter; never overwrite.

    Args:
        site: the site folder.
        kind: ``post``, ``page`` or ``person``.
        title: the title; for a person the role.
        language: language of the text, else the site's.
        today: the day of a post.

    Returns:
        The file written.

    Raises:
        UsageError: there is such a file already, the title gives no file name, or the language is not known.
        ContentError: the settings have faults.
    """
    settings, _ = read_settings(site)
    slug = _shortened(slugify(title))
    if not slug:
        raise UsageError(f"No file name can be made of «{title}». Use a title with letters or digits.")
    if language and language not in LANGUAGE_NAMES:
        known = ", ".join(LANGUAGE_NAMES)
        raise UsageError(f"The language «{language}» has no file ending. Choose one of {known}.")
    foreign = language and base_language(language) != base_language(settings.language)
    suffix = f".{language}" if foreign else ""
    paths = {
        "post": f"content/posts/{today:%Y-%m-%d}-{slug}{suffix}.md",
        "page": f"content/pages/{slug}{suffix}.md",
        "person": f"people/{slug}.yaml",
    }
    texts = {
        "post": _POST.format(title=_quoted(title), today=today),
        "page": _PAGE.format(title=_quoted(title)),
        "person": _PERSON.format(role=_quoted(title)),
    }
    if kind not in paths:
        raise UsageError(f"There is no kind «{kind}». Choose post, page or person.")
    return _write(site / paths[kind], texts[kind])


_POST = """---
title: {title}
date: {today:%Y-%m-%d}
authors: []
summary: ""
tags: []
draft: true
---

"""

_PAGE = """---
title: {title}
summary: ""
---

"""

_PERSON = """role: {role}
department: ""
answers_for: []
answer_days: 5
email: ""
text: ""
"""


_LONGEST_SLUG = 80


def _shortened(slug: str) -> str:
    """A slug that fits into a file's name, cut between words."""
    if len(slug) <= _LONGEST_SLUG:
        return slug
    start = slug[: _LONGEST_SLUG + 1]
    return start.rpartition("-")[0] or slug[:_LONGEST_SLUG]


def _quoted(text: str) -> str:
    """A text as a YAML scalar that means just that text, without what cannot be seen."""
    flat = "".join(c for c in " ".join(text.split()) if c.isprintable())
    return '"' + flat.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _write(file: Path, text: str) -> Path:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError as error:
        raise UsageError(f"{file} exists already; it is left as it is. Choose another title.") from error
    except OSError as error:
        raise OutsideError(f"{file} could not be written: {error.strerror}.") from error
    return file
