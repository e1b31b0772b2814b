"""From a fault that was seen in a page to the line of the source that a writer can mend."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from html import escape
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote

from kommunebeta.check.finding import Clue
from kommunebeta.config import FILE_NAME
from kommunebeta.sources import SiteFiles, find_files

_MOST_WORDS = 12
_MOST_BYTES = 2_000_000
_TEMPLATES = (".html", ".xml", ".txt", ".css", ".js", ".svg", ".yaml", ".json", ".po")
_BETWEEN = r"[\s*_`~\\\[\]()\"'«»“”‘’–—-]{1,12}"
"""What may stand between two words in Markdown although a page shows no more than a space there."""

_MORE = r"[\w/?#&=%@+~:-]|\.\w"
"""What follows an address that is only the beginning of a longer one."""


class Place(NamedTuple):
    """A place in a source; the path is empty where none was found."""

    path: str = ""
    line: int = 0
    column: int = 0


class Locator:
    """Looks for clues in the files of a site."""

    def __init__(self, folder: Path, dialogues: Mapping[str, str]) -> None:
        """Begin; files are read when they are first needed.

        Args:
            folder: the site folder.
            dialogues: for the files of posts, the name of their folder in ``dialogue/``.
        """
        self._folder = folder
        self._dialogues = dialogues
        self._texts: dict[str, str] = {}
        self._known: dict[Clue, Place] = {}

    def place(self, clue: Clue | None, source: str) -> Place:
        """Where a clue leads to.

        Args:
            clue: what to look for; None for a page as a whole.
            source: the page's own file; empty where it has none.

        Returns:
            The line; the page's file without a line where the clue leads nowhere in it; no place for a
            page that has no file of its own.
        """
        if clue is None:
            return Place(source)
        own = [source] if source and (clue.body or source.startswith("static/")) else []
        found = self._first((*own, *self._said(source)), clue)
        if not found.path:
            if clue not in self._known:  # what a theme puts on every page is looked for once
                self._known[clue] = self._first(self._shared, clue)
            found = self._known[clue]
        return found if found.path else Place(source if clue.body else "")

    def _first(self, paths: Iterable[str], clue: Clue) -> Place:
        """The first place in some files that a clue leads to."""
        for path in paths:
            found = _find(self._text(path), clue)
            if found:
                return Place(path, *found)
        return Place()

    @cached_property
    def _files(self) -> SiteFiles:
        return find_files(self._folder)

    def _said(self, source: str) -> list[str]:
        """The files of a post's dialogue."""
        folder = self._dialogues.get(source)
        return (
            [path for path in self._files.dialogue if path.startswith(f"dialogue/{folder}/")]
            if folder
            else []
        )

    @cached_property
    def _shared(self) -> tuple[str, ...]:
        """The files that many pages are made from."""
        files = self._files
        own = (
            path.relative_to(self._folder).as_posix()
            for name in ("templates", "assets", "themes")
            for path in sorted((self._folder / name).rglob("*"))
            if path.suffix in _TEMPLATES and path.is_file()
        )
        return (FILE_NAME, *files.people, *files.forms, *files.data, *own)

    def _text(self, path: str) -> str:
        if path not in self._texts:
            try:
                data = (self._folder / path).read_bytes()
            except OSError:
                data = b""
            self._texts[path] = data[:_MOST_BYTES].decode("utf-8", "replace")
        return self._texts[path]


def _find(text: str, clue: Clue) -> tuple[int, int] | None:
    """Line and column of what a clue tells of."""
    for told in clue.texts:
        for pattern in _patterns(told, clue.tag):
            starts = [match.start() for match in re.finditer(pattern, text)]
            if starts:
                at = starts[min(clue.nth, len(starts)) - 1]
                return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    return None


def _patterns(told: str, tag: str) -> Iterator[str]:
    """How something may be written in a source, the surest first."""
    words = _words(told)
    if not words:
        return
    if tag == "a":
        yield rf"\[{words}\]"
        yield rf"(?<=>)\s*{words}\s*<"
    elif tag == "img":
        yield rf"!\[{words}\]"
        yield rf"\balt=[\"']{words}"
    elif re.fullmatch("h[1-6]", tag):
        yield rf"(?m)^[ \t]*#+[ \t]+{words}"
    for written in dict.fromkeys(
        (told, unquote(told), quote(told, safe="/:?#[]@!$&'()*+,;=%"), escape(told))
    ):
        if "://" in written:
            yield rf"(?<!\w){re.escape(written)}(?!{_MORE})"
        yield rf"(?<!\w){re.escape(written)}(?!\w)"
    yield rf"(?<!\w){words}(?!\w)"


def _words(told: str) -> str:
    """Words as a pattern; empty where there are none."""
    words: Iterable[str] = re.findall(r"\w+", told)[:_MOST_WORDS]
    return _BETWEEN.join(map(re.escape, words))
