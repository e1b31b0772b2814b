"""``embeds.lock.yaml``: what was looked up, committed with the site so that no build needs a network."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import re
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from kommunebeta.embeds.provider import Facts, https, plain_text
from kommunebeta.errors import Problem
from kommunebeta.sources import read_text
from kommunebeta.validation import Edge, Flag, validate
from kommunebeta.yamlfile import YamlDocument, read_yaml

LOCK = "embeds.lock.yaml"
"""The file, in the site folder."""

POSTERS = "embeds"
"""The folder of the pictures, in the site folder."""

_HEAD = """\
# What «kommunebeta embeds update» was told about the films, slides and pictures from elsewhere.
# Commit this file and the folder «embeds», so that builds need no network. Do not edit it by hand:
# a title of your own stands in the post («title:» below the address).
"""
_MEND = "Restore the file from version control, or delete the entry and run «kommunebeta embeds update»."
_LONGEST_ADDRESS = 2000
_LONGEST_SIMPLE_KEY = 900  # YAML allows 1,024 signs before the colon (YAML 1.2.2, section 7.4.2)
_CODE = re.compile(r"[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*")
_POSTER = re.compile(rf"{POSTERS}/[A-Za-z0-9][A-Za-z0-9._-]{{0,150}}\.(?:jpe?g|png|webp)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def is_address(text: str) -> bool:
    """Whether a text is an address of a public web server by https, without any sign that hides."""
    return https(text) == text != "" and plain_text(text, _LONGEST_ADDRESS) == text


def is_player(text: str) -> bool:
    """Whether a text may be a player's code, such as ``key/abc``, or a player's address."""
    return (len(text) <= 200 and bool(_CODE.fullmatch(text))) or is_address(text)


def sound(facts: Facts) -> Facts:
    """The same facts without what no lock may hold."""
    return replace(
        facts,
        author_url=facts.author_url if is_address(facts.author_url) else "",
        licence_url=facts.licence_url if is_address(facts.licence_url) else "",
        player=facts.player if is_player(facts.player) else "",
    )


def _address(text: str) -> str:
    if text and not is_address(text):
        raise ValueError("it is not an address that begins with https://")
    return text


def _player(text: str) -> str:
    if text and not is_player(text):
        raise ValueError("it is neither a player's code nor an address that begins with https://")
    return text


def _poster(text: str) -> str:
    if text and not _POSTER.fullmatch(text):
        raise ValueError(f"it is not a picture in the folder «{POSTERS}»")
    return text


def _day(text: str) -> str:
    if text:
        if not _DAY.fullmatch(text):
            raise ValueError("it is not a day such as 2026-05-17")
        dt.date.fromisoformat(text)
    return text


_Words = Annotated[str, AfterValidator(plain_text)]
_Address = Annotated[str, AfterValidator(_address)]
_Day = Annotated[str, AfterValidator(_day)]


class _Entry(Edge):
    """One embed; the fields of ``Facts``, each checked as if a stranger had written it."""

    title: _Words = ""
    author: _Words = ""
    author_url: _Address = ""
    width: int = Field(0, ge=0, le=100_000)
    height: int = Field(0, ge=0, le=100_000)
    seconds: int = Field(0, ge=0, le=1_000_000)
    count: int = Field(0, ge=0, le=100_000)
    licence: _Words = ""
    licence_url: _Address = ""
    uploaded: _Day = ""
    player: Annotated[str, AfterValidator(_player)] = ""
    poster: Annotated[str, AfterValidator(_poster)] = ""
    removed: Flag = False
    checked: _Day = ""


class _Lock(Edge):
    embeds: dict[str, _Entry]


def read_lock(folder: Path) -> tuple[dict[str, Facts], tuple[Problem, ...]]:
    """Read the lock.

    Args:
        folder: the site folder.

    Returns:
        What is known, by the embed's one address (``Found.url``), empty where there is no lock;
        and one problem for each fault. An entry with a fault is left out.
    """
    if not (folder / LOCK).exists():
        return {}, ()
    text, unreadable = read_text(folder, LOCK)
    document = read_yaml(text, LOCK)
    faults = [*unreadable, *document.problems]
    found: dict[str, Facts] = {}
    if isinstance(document.data, dict):
        for url, value in document.data.items():
            facts, wrong = _read_entry(document, url, value)
            faults += wrong
            if facts is not None:
                found[url] = facts
    elif document.data is not None:
        faults.append(Problem("KB075", LOCK, *document.place_of(()), "The file must hold addresses."))
    return found, tuple(dict.fromkeys(map(_as_ours, faults)))


def _read_entry(document: YamlDocument, url: str, value: object) -> tuple[Facts | None, list[Problem]]:
    if not is_address(url):
        message = f"«{plain_text(url)}» is not an address that begins with https://."
        return None, [Problem("KB075", LOCK, *document.place_of_key((url,)), message)]
    given = {"embeds": {url: {} if value is None else value}}
    lock, problems = validate(_Lock, document, LOCK, data=given)
    wrong = [problem for problem in problems if problem not in document.problems]
    return (Facts(**dict(lock.embeds[url])) if lock else None), wrong


def _as_ours(problem: Problem) -> Problem:
    message = problem.message.replace("«embeds.", "«", 1)
    return replace(problem, code="KB075", message=message, mend=_MEND)


def write_lock(folder: Path, facts: Mapping[str, Facts]) -> bool:
    """Write the lock at once, or leave it alone where it says the same already.

    Args:
        folder: the site folder.
        facts: what is known, by address.

    Returns:
        Whether anything changed.

    Raises:
        OSError: it cannot be written.
    """
    path = folder / LOCK
    text = _HEAD + "".join(_entry(url, facts[url]) for url in sorted(facts))
    if not facts and not path.exists():
        return False
    with contextlib.suppress(OSError):
        if path.read_bytes().replace(b"\r\n", b"\n") == text.encode():
            return False
    put(path, text.encode())
    return True


def _entry(url: str, facts: Facts) -> str:
    """Texts stand in quotes, so that no reader of YAML takes a title for a number or a truth."""
    key = json.dumps(url, ensure_ascii=False)
    head = f"{key}:" if len(key) <= _LONGEST_SIMPLE_KEY else f"? {key}\n:"
    lines = [f"  {name}: {_scalar(value)}\n" for name, value in _set(facts)]
    return f"\n{head}\n{''.join(lines)}" if lines else f"\n{head} {{}}\n"


def _set(facts: Facts) -> list[tuple[str, str | int | bool]]:
    values = [(field.name, getattr(facts, field.name)) for field in fields(Facts)]
    return [(name, value) for name, value in values if value]


def _scalar(value: str | int | bool) -> str:
    return json.dumps(value, ensure_ascii=False)


def put(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all.

    Args:
        path: the file; its folder is made when needed.
        data: what it is to hold.

    Raises:
        OSError: it cannot be written; what was there before stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        draft.unlink(missing_ok=True)
        with draft.open("xb") as file:  # never through a link that lies there
            file.write(data)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
