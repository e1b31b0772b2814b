"""Surroundings of a small site, for tests of checks of single pages and files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from kommunebeta.check.finding import Fault
from kommunebeta.check.noted import NotedSurroundings
from kommunebeta.check.page import Page
from kommunebeta.check.state import Surroundings
from kommunebeta.config import Settings
from kommunebeta.headers import netlify_headers, security_headers

SETTINGS: dict[str, Any] = {
    "name": "Prøvebeta",
    "municipality": "Prøve kommune",
    "base_url": "https://beta.prove.example/",
    "inbox": {"to": "kommunebeta", "url": "https://innspill.prove.example/"},
}


def surroundings(
    folder: Path = Path(),
    sources: Mapping[str, str] | None = None,
    *,
    public: Iterable[str] = (),
    storing: Iterable[str] = (),
) -> Surroundings:
    """The surroundings of a page, in a site without other pages."""
    return Surroundings(
        folder,
        Settings.model_validate(SETTINGS),
        frozenset(),
        sources or {},
        (),
        dt.datetime(2026, 1, 15, 12),
        frozenset(public),
        frozenset(storing),
    )


def around(folder: Path = Path(), *given: Any, **more: Any) -> NotedSurroundings:
    """What a page is checked against; takes what ``surroundings`` takes."""
    return NotedSurroundings(surroundings(folder, *given, **more))


def with_policy(folder: Path, more: Mapping[str, Iterable[str]] | None = None) -> NotedSurroundings:
    """The same where hosts send our policy, with further sources by directive."""
    (folder / "_headers").write_text(netlify_headers(security_headers(more)), "utf-8")
    return around(folder)


def page(body: str, head: str = "") -> Page:
    """A page with something in its content and its head."""
    html = f"<!doctype html><html lang='nb'><head>{head}</head><body><main>{body}</main></body></html>"
    return Page("x/index.html", html.encode())


def told(faults: Iterable[Fault]) -> list[str]:
    """Code and message of faults."""
    return [f"{fault.code}: {fault.message}" for fault in faults]
