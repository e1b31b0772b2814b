"""Everything that a site's texts embed, found without building the site, and looked up."""

from __future__ import annotations

import datetime as dt
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from kommunebeta.config import Settings, read_settings
from kommunebeta.content import Entry, Parsed, parse_file
from kommunebeta.embeds.client import Client
from kommunebeta.embeds.lookup import Wanted
from kommunebeta.embeds.outcome import UpdateResult
from kommunebeta.embeds.providers import providers_of
from kommunebeta.embeds.texts import placed_in
from kommunebeta.embeds.update import update
from kommunebeta.errors import ContentError, Problem
from kommunebeta.reporter import Reporter
from kommunebeta.sources import find_files, read_text

_MAY_EMBED = re.compile(
    r"^[\s>]*(?:<?(?:https?:)?//|<?www\.|:{3,}[ \t]*embed\b)"
    r"|^[\"']?(?:video|slides|film|lysark)[\"']?[ \t]*:",
    re.MULTILINE | re.IGNORECASE,
)
"""What no text with an embed lacks; the others need not be parsed."""


def update_site(
    folder: Path, *, only: str = "", check: bool = False, client: Client, reporter: Reporter
) -> UpdateResult:
    """Look up what a site's texts embed; see ``kommunebeta.embeds.update.update``.

    Args:
        folder: the site folder.
        only: the one address to look up; everything when empty.
        check: ask again about everything and only mark what is withdrawn, or back.
        client: how servers are asked.
        reporter: told of progress and of problems.

    Raises:
        ContentError: the settings, a text or the lock has faults: what a text embeds that cannot be
            read would be forgotten.
        UsageError: the folder is no site, or ``only`` is nothing that can be looked up.
        OSError: the lock or a poster cannot be written.
    """
    settings, _ = read_settings(folder)
    wanted, problems = wanted_embeds(folder, settings)
    if problems:
        raise ContentError(problems)
    providers = providers_of(settings, settings.language)
    today = dt.datetime.now(settings.zone).date()
    return update(
        folder, wanted, providers, only=only, check=check, client=client, today=today, reporter=reporter
    )


def wanted_embeds(folder: Path, settings: Settings) -> tuple[tuple[Wanted, ...], tuple[Problem, ...]]:
    """What every post and page embeds, drafts and coming ones included.

    Args:
        folder: the site folder.
        settings: its settings.

    Returns:
        The addresses with their places; and the problems of texts that cannot be read.
    """
    files = find_files(folder)
    paths = [path for path in (*files.posts, *files.pages) if _may_embed(folder, path)]
    parsed = [parse_file(folder, path, settings.language) for path in paths]
    entries = [item.entry for item in parsed if item.entry]
    transcripts = {path for entry in entries for path in _transcripts(entry)}
    return (
        tuple(wanted for entry in entries for wanted in _of_text(entry)),
        tuple(problem for item in parsed for problem in _faults(item, transcripts)),
    )


def _may_embed(folder: Path, path: str) -> bool:
    text, problems = read_text(folder, path)
    return bool(problems) or bool(_MAY_EMBED.search(text))


def _of_text(entry: Entry) -> Iterator[Wanted]:
    for found in placed_in(entry).all:
        if found.matter.url.startswith(("http://", "https://", "//")):
            yield Wanted(found.matter.url, entry.path, found.line, found.column)


def _transcripts(entry: Entry) -> Iterator[str]:
    """The files that a text names as transcripts, which are no texts of their own."""
    for found in placed_in(entry).all:
        yield posixpath.normpath(posixpath.join(posixpath.dirname(entry.path), found.matter.transcript))


def _faults(item: Parsed, transcripts: set[str]) -> tuple[Problem, ...]:
    return () if item.entry or item.path in transcripts else item.problems
