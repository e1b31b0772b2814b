"""Everything that a site's texts embed, found without building the site."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kommunebeta.config import Settings
from kommunebeta.content import Entry, parse_file
from kommunebeta.embeds.lookup import Wanted
from kommunebeta.embeds.texts import wanted_in
from kommunebeta.errors import Problem
from kommunebeta.sources import find_files


def wanted_embeds(folder: Path, settings: Settings) -> tuple[tuple[Wanted, ...], tuple[Problem, ...]]:
    """What every post and page embeds, drafts and coming ones included.

    Args:
        folder: the site folder.
        settings: its settings.

    Returns:
        The addresses with their places; and the problems of texts that cannot be read.
    """
    files = find_files(folder)
    wanted: list[Wanted] = []
    problems: list[Problem] = []
    for path in (*files.posts, *files.pages):
        parsed = parse_file(folder, path, settings.language)
        problems += parsed.problems if parsed.entry is None else ()
        wanted += _of_text(parsed.entry) if parsed.entry else ()
    return tuple(wanted), tuple(problems)


def _of_text(entry: Entry) -> Iterator[Wanted]:
    video, slides, body = wanted_in(entry)
    for found in filter(None, (video, slides, *body)):
        if found.matter.url.startswith(("http://", "https://", "//")):
            yield Wanted(found.matter.url, entry.path, found.line, found.column)
