"""What the output folder will hold: one ``Output`` for each file, known before the first byte is made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from unicodedata import normalize

from kommunebeta.answers import digest
from kommunebeta.contexts import Context
from kommunebeta.errors import Problem
from kommunebeta.media import PictureOutput


@dataclass(frozen=True, slots=True)
class Rendered:
    """A template and what it is given."""

    template: str
    context: Context


@dataclass(frozen=True, slots=True)
class Copied:
    """A file of the site, copied as it is; the path is relative to the site folder."""

    source: str


@dataclass(frozen=True, slots=True)
class Icon:
    """The site's icon: pixels of each side, a colour and letters; or a file of the site that is scaled."""

    size: int
    color: str
    letters: str
    file: str = ""


@dataclass(frozen=True, slots=True)
class Fixed:
    """Bytes that are known already."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Output:
    """One file to be.

    Attributes:
        path: where it lies in the output folder, with ``/``.
        content: what it will hold.
        origin: what makes it, for problems: a file of the site, or words such as ``tag «skole»``.
    """

    path: str
    content: Rendered | Copied | PictureOutput | Icon | Fixed
    origin: str


@dataclass(frozen=True, slots=True)
class Staged:
    """A file that is ready to be published.

    Attributes:
        path: where it will lie in the output folder.
        digest: SHA-256 of what it will hold, in hex.
        same: the published file holds just that already.
    """

    path: str
    digest: str
    same: bool


def recipe_of(output: Output, file_digest: Callable[[str], str], quality: int) -> str:
    """The digest of what an output is made from, as far as it is known before it is made.

    Args:
        output: the output.
        file_digest: gives the digest of a file of the site.
        quality: of pictures.
    """
    content = output.content
    if isinstance(content, Copied):
        return digest(("copied", file_digest(content.source)))
    if isinstance(content, Icon):
        return digest((content, file_digest(content.file) if content.file else ""))
    if isinstance(content, PictureOutput):
        return digest((content.picture.digest, content.variant, quality))
    return digest(content)


def collisions(outputs: Iterable[Output]) -> tuple[Problem, ...]:
    """Outputs that cannot lie beside each other.

    Two with the same path, two that differ only in case, and a file where another needs a folder.
    """
    by_folded: dict[str, list[Output]] = defaultdict(list)
    for output in outputs:
        by_folded[_folded(output.path)].append(output)
    problems: list[Problem] = []
    for same in by_folded.values():
        first, *others = sorted(same, key=lambda output: (output.path, output.origin))
        problems += [
            _collision(first, other)
            for other in others
            if first.origin != other.origin or first.path != other.path
        ]
    for path, same in by_folded.items():
        parent = path.rpartition("/")[0]
        while parent:
            if parent in by_folded:
                problems.append(_collision(by_folded[parent][0], same[0]))
                break
            parent = parent.rpartition("/")[0]
    return tuple(problems)


def _collision(first: Output, other: Output) -> Problem:
    path = next(filter(None, (_source(other.origin), _source(first.origin))), "")
    mend = "Give one of them another «slug» or «permalink»."
    if first.path == other.path:
        message = f"{first.origin} and {other.origin} would both be published as /{_shown(other.path)}."
        return Problem("KB040", path, 0, 0, message, mend)
    if _folded(first.path) == _folded(other.path):
        pair = f"{first.origin} (/{_shown(first.path)}) and {other.origin} (/{_shown(other.path)})"
        message = f"{pair} differ only in upper and lower case."
        return Problem("KB041", path, 0, 0, message, mend)
    message = f"{first.origin} is published as the file /{first.path}, where {other.origin} needs a folder."
    return Problem("KB040", path, 0, 0, message, mend)


def _folded(path: str) -> str:
    """What disks take for the same name: those of Windows and Macs ignore case, Macs composition."""
    return normalize("NFC", path.casefold())


_FOLDERS = ("content/", "people/", "forms/", "dialogue/", "static/", "assets/")


def _source(origin: str) -> str:
    """The file of the site that is to be mended, empty for what the site makes by itself."""
    path = origin.removeprefix("alias of ")
    return path if path.startswith(_FOLDERS) else ""


def _shown(path: str) -> str:
    return path.removesuffix("index.html")
