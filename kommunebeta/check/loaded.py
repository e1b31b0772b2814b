"""What files of the output weigh, and what style sheets load besides themselves."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_IMPORT = re.compile(r"@import\s+(?:url\(\s*)?[\"']?([^\"')\s;]+)", re.IGNORECASE)
_FACE = re.compile(r"@font-face\s*\{([^}]*)\}", re.IGNORECASE)
_FAMILY = re.compile(r"font-family\s*:\s*[\"']?([^;\"']+)", re.IGNORECASE)
_URL = re.compile(r"url\(\s*[\"']?([^\"')]+)", re.IGNORECASE)


class LoadedFiles:
    """Remembers what the files of an output folder weigh."""

    def __init__(self, folder: Path) -> None:
        """Begin.

        Args:
            folder: the output folder.
        """
        self._folder = folder
        self._sizes: dict[str, int] = {}
        self._sheets: dict[str, frozenset[str]] = {}

    def size(self, path: str) -> int:
        """Bytes of a file; 0 where it is missing.

        Args:
            path: where it lies in the output folder.
        """
        if path not in self._sizes:
            try:
                self._sizes[path] = (self._folder / path).stat().st_size
            except OSError:
                self._sizes[path] = 0
        return self._sizes[path]

    def of_sheet(self, path: str) -> frozenset[str]:
        """A style sheet with the sheets that it imports and the fonts that it surely needs.

        Of each family of type, the first face alone is counted, in its first format: which of the others a
        page needs is up to its text.

        Args:
            path: where it lies in the output folder.
        """
        if path not in self._sheets:
            self._sheets[path] = frozenset((path,))  # for sheets that import each other
            self._sheets[path] = frozenset((path, *self._needed(path)))
        return self._sheets[path]

    def _needed(self, path: str) -> set[str]:
        try:
            text = (self._folder / path).read_text("utf-8", "replace")
        except OSError:
            return set()
        text = _COMMENT.sub("", text)
        needed: set[str] = set()
        for found in _IMPORT.finditer(text):
            other = _beside(path, found[1])
            if other:
                needed |= self.of_sheet(other)
        families: set[str] = set()
        for face in _FACE.finditer(text):
            family, address = _FAMILY.search(face[1]), _URL.search(face[1])
            name = family[1].strip().lower() if family else ""
            if address and name not in families:
                families.add(name)
                needed.add(_beside(path, address[1]))
        return needed - {""}


def _beside(path: str, address: str) -> str:
    """The output that an address in a style sheet leads to; empty for one elsewhere."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return ""
    if parts.path.startswith("/"):
        return unquote(parts.path.lstrip("/"))
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(parts.path)))
