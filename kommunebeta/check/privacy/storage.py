"""What scripts, pages and hosts keep in the reader's browser."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from kommunebeta.check.finding import Fault, Rule
from kommunebeta.check.noted import NotedSurroundings
from kommunebeta.check.page import Page
from kommunebeta.check.privacy.seen import Seen
from kommunebeta.errors import Severity
from kommunebeta.headers import sent_headers

RULES: Mapping[str, Rule] = {
    "KB155": Rule(
        "Cookies or storage",
        Severity.ERROR,
        "What a page keeps in the reader's browser, or reads from there, needs the reader's consent, unless "
        "it is needed for what the reader has asked for. Without any, no banner stands in readers' way.",
        "Take it out. If the reader asks for it, put the script into a theme and say why in its `theme.yaml` "
        "under `storage`.",
        ("Ekomloven (cookies and similar)", "ePrivacy Directive 2002/58/EC, article 5(3)"),
    ),
}

_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("cookies", r"\bdocument\s*\.\s*cookie\b|\bcookieStore\b"),
        ("localStorage", r"\blocalStorage\b"),
        ("sessionStorage", r"\bsessionStorage\b"),
        ("a database (indexedDB)", r"\bindexedDB\b"),
        ("a cache", r"\bcaches\s*\.\s*(?:open|match|has|keys|delete)\b"),
        ("a service worker", r"\bserviceWorker\s*\.\s*register\b"),
    )
)


def stored_by(code: str) -> Iterator[Seen]:
    """The kinds of storage that a script uses, each where it first does.

    Args:
        code: the script, without comments.
    """
    for kind, pattern in _KINDS:
        match = pattern.search(code)
        if match:
            message = f"The script uses {kind} in the reader's browser."
            yield Seen("KB155", message, match.start(), match[0])


def cookies_of_pages(page: Page, surroundings: NotedSurroundings) -> Iterator[Fault]:
    """The cookies that a page's head asks for."""
    for meta in page.all("meta"):
        if (meta.get("http-equiv") or "").lower() == "set-cookie":
            yield Fault("KB155", "A <meta> of the page sets a cookie.", clue=page.clue(meta, "set-cookie"))


def cookies_of_hosts(path: str, data: bytes, surroundings: NotedSurroundings) -> Iterator[Fault]:
    """The cookies that a file of headers has the host set."""
    if b"ookie" in data and path.rpartition("/")[2] in ("_headers", "apache.conf", "nginx.conf", "Caddyfile"):
        _, line = sent_headers(data.decode("utf-8", "replace")).get("set-cookie", ("", 0))
        if line:
            source = surroundings.source(path)
            yield Fault("KB155", "The host sets a cookie with every page.", path=source, line=line, column=1)
