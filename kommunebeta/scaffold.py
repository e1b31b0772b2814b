"""Starting a site."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path

from kommunebeta.errors import OutsideError, UsageError
from kommunebeta.language import INTERFACE_LANGUAGES
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
        "{{name}}": quoted(name),
        "{{municipality}}": quoted(municipality),
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
            text = filled(source.read_text("utf-8"), words)
            written.append(write_new(target.with_name(target.name.replace("dot.", ".")), text))
    return [*written, *write_schemas(folder)]


def filled(text: str, words: Mapping[str, str]) -> str:
    """A text with each ``{{word}}`` replaced."""
    return re.sub(r"\{\{\w+\}\}", lambda match: words[match[0]], text)


def quoted(text: str) -> str:
    """A text as a YAML scalar that means just that text, without what cannot be seen."""
    flat = "".join(c for c in " ".join(text.split()) if c.isprintable())
    return '"' + flat.replace("\\", "\\\\").replace('"', '\\"') + '"'


def write_new(file: Path, text: str) -> Path:
    """Write a file that is not there yet.

    Raises:
        UsageError: it is there.
        OutsideError: the disk refuses.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError as error:
        raise UsageError(f"{file} exists already; it is left as it is. Choose another title.") from error
    except OSError as error:
        raise OutsideError(f"{file} could not be written: {error.strerror}.") from error
    return file
