"""The site folder → its files, by what they are for. Nothing outside the folder is read."""

from __future__ import annotations

import codecs
import os
from dataclasses import dataclass, field
from pathlib import Path

from kommunebeta.errors import Problem

MARKDOWN_ENDINGS = (".md", ".markdown")


@dataclass(frozen=True, slots=True)
class SiteFiles:
    """The files of a site folder, each a path relative to it with ``/``, sorted.

    Attributes:
        posts: Markdown files below ``content/posts``.
        pages: Markdown files below ``content`` elsewhere.
        people: YAML files in ``people``.
        forms: YAML files in ``forms``.
        dialogue: YAML files below ``dialogue``.
        data: YAML, JSON and CSV files below ``data``.
        static: everything below ``static``.
        problems: links that leave the folder, folders that cannot be read.
    """

    posts: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    dialogue: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    static: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = field(default=())


def find_files(site: Path) -> SiteFiles:
    """Walk the site's own folders.

    Args:
        site: the site folder.
    """
    problems: list[Problem] = []
    root = site.resolve()
    markdown = [path for path in _walk(root, "content", problems) if path.lower().endswith(MARKDOWN_ENDINGS)]
    posts = tuple(path for path in markdown if path.startswith("content/posts/"))
    return SiteFiles(
        posts=posts,
        pages=tuple(path for path in markdown if not path.startswith("content/posts/")),
        people=tuple(p for p in _walk(root, "people", problems) if p.endswith((".yaml", ".yml"))),
        forms=tuple(p for p in _walk(root, "forms", problems) if p.endswith((".yaml", ".yml"))),
        dialogue=tuple(p for p in _walk(root, "dialogue", problems) if p.endswith((".yaml", ".yml"))),
        data=tuple(
            p for p in _walk(root, "data", problems) if p.endswith((".yaml", ".yml", ".json", ".csv"))
        ),
        static=tuple(_walk(root, "static", problems, hidden=True)),
        problems=tuple(problems),
    )


def _walk(root: Path, folder: str, problems: list[Problem], hidden: bool = False) -> list[str]:
    """The files below a folder; of hidden folders only ``.well-known``, where ``hidden`` allows it."""
    found: list[str] = []
    if (root / folder).is_symlink() and not _stays_inside(root, folder, problems):
        return found
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            entries = sorted(os.scandir(root / here), key=lambda entry: entry.name)
        except FileNotFoundError:
            continue
        except OSError as error:
            problems.append(
                Problem(
                    "KB006",
                    here,
                    0,
                    0,
                    f"The folder cannot be read: {error.strerror}.",
                    "Check its permissions.",
                )
            )
            continue
        for entry in entries:
            path = f"{here}/{entry.name}"
            if is_passed_over(entry.name) or (entry.name == ".well-known" and not hidden):
                continue
            if not _is_text(entry.name):
                problems.append(_misnamed(path))
                continue
            if entry.is_symlink() and not _stays_inside(root, path, problems):
                continue
            if entry.is_dir(follow_symlinks=False):
                waiting.append(path)
            elif entry.is_file():
                found.append(path)
    return sorted(found)


def is_passed_over(name: str) -> bool:
    """Whether a file or folder of this name is never part of a site: clutter, or hidden."""
    return _is_clutter(name) or (name.startswith(".") and name != ".well-known")


def _is_clutter(name: str) -> bool:
    """Files that editors and operating systems leave behind."""
    return (
        name.endswith(("~", ".swp", ".swx", ".tmp"))
        or name in ("Thumbs.db", "desktop.ini", "__MACOSX")
        or (name.startswith("#") and name.endswith("#"))
    )


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _misnamed(path: str) -> Problem:
    shown = os.fsencode(path).decode(errors="replace")
    message = "The file's name is not valid UTF-8."
    return Problem("KB001", shown, 0, 0, message, "Rename the file; the name comes from another system.")


def _stays_inside(root: Path, path: str, problems: list[Problem]) -> bool:
    try:
        target = (root / path).resolve(strict=True)
    except (OSError, RuntimeError) as error:
        loops = not isinstance(error, FileNotFoundError)
        target = root if loops else (root / path).resolve()
        if target.is_relative_to(root):
            what = "leads in a circle" if loops else "leads to a file that does not exist"
            message = f"The symbolic link {what}."
            problems.append(Problem("KB006", path, 0, 0, message, "Remove the link, or mend its target."))
            return False
    if not target.is_relative_to(root):
        mend = "Copy the file into the site folder instead."
        problems.append(
            Problem("KB007", path, 0, 0, "The symbolic link points out of the site folder.", mend)
        )
        return False
    if target.is_dir():
        mend = "Write the folder's real place, or copy it."
        problems.append(Problem("KB007", path, 0, 0, "A symbolic link to a folder is not followed.", mend))
        return False
    return True


def read_text(site: Path, path: str) -> tuple[str, tuple[Problem, ...]]:
    """Read a text file as UTF-8, with ``\\n`` line ends and without a byte order mark.

    Returns:
        The text, empty where there are problems; and the problems.
    """
    try:
        raw = (site / path).read_bytes()
    except OSError as error:
        return "", (unreadable(path, error),)
    return decode(raw, path)


def unreadable(path: str, error: OSError) -> Problem:
    """What is said of a file that cannot be read."""
    reason = "It is gone." if isinstance(error, FileNotFoundError) else f"{error.strerror}."
    mend = "Check that it exists and its permissions."
    return Problem("KB006", path, 0, 0, f"The file cannot be read: {reason}", mend)


def decode(raw: bytes, path: str) -> tuple[str, tuple[Problem, ...]]:
    """The text of a file's bytes; see ``read_text``."""
    raw = raw.removeprefix(codecs.BOM_UTF8)
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode()) + 1
        message = f"The file is not valid UTF-8 (byte 0x{raw[error.start]:02x})."
        return "", (Problem("KB001", path, line, column, message, "Save it as UTF-8 in your editor."),)
    return text.replace("\r\n", "\n").replace("\r", "\n"), ()
