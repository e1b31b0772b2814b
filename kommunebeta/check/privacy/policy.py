"""Headers of the site's own that protect readers less than those that Kommunebeta makes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from kommunebeta.check.finding import Fault, Rule
from kommunebeta.check.noted import NotedSurroundings
from kommunebeta.errors import Severity
from kommunebeta.headers import HEADER_FILES, parse_policy, sent_headers

RULES: Mapping[str, Rule] = {
    "KB162": Rule(
        "Headers protect readers too little",
        Severity.WARNING,
        "These headers are what keeps a page from asking other companies, even if somebody pastes a script "
        "into a text or the site is broken into.",
        "Delete the file in `static/`, so that Kommunebeta makes one that fits the site, or close the gap.",
        ("Content Security Policy Level 3", "Referrer Policy", "GDPR, article 32"),
    ),
}

_POLICY = "content-security-policy"
_NEEDED = ("base-uri", "form-action", "frame-ancestors")
"""Directives that ``default-src`` does not stand in for (Content Security Policy Level 3, 6.3 and 6.4)."""

_LOADING = ("default-src", "script-src", "style-src", "img-src", "font-src", "media-src", "object-src")
_SENDING = ("connect-src", "frame-src", "form-action", "frame-ancestors", "base-uri")
_RUNNING = ("default-src", "script-src", "object-src")
_ALL = ("*", "http:", "https:")
_LEAKY = ("unsafe-url", "no-referrer-when-downgrade")
_HASHED = re.compile(r"'(?:nonce|sha256|sha384|sha512)-")


def weak_headers(path: str, data: bytes, surroundings: NotedSurroundings) -> Iterator[Fault]:
    """What is missing or too wide in a file of headers that the site has itself."""
    source = surroundings.source(path)
    if path not in HEADER_FILES or not source:
        return
    sent = sent_headers(data.decode("utf-8", "replace"))
    value, line = sent.get(_POLICY, ("", 0))
    if line:
        for gap in _gaps(parse_policy(value)):
            yield Fault("KB162", f"The content security policy {gap}.", path=source, line=line, column=1)
    else:
        yield _missing("Content-Security-Policy", source)
    value, line = sent.get("referrer-policy", ("", 0))
    if not line:
        yield _missing("Referrer-Policy", source)
    elif value.strip().lower().split(",")[-1].strip() in _LEAKY:
        message = f"Referrer-Policy is «{value[:60]}», which tells other sites what page readers come from."
        yield Fault("KB162", message, path=source, line=line, column=1)
    if sent.get("x-content-type-options", ("", 0))[0].strip().lower() != "nosniff":
        yield _missing("X-Content-Type-Options: nosniff", source)


def _missing(header: str, source: str) -> Fault:
    return Fault("KB162", f"The header {header} is not sent with every page.", path=source, line=1, column=1)


def _gaps(policy: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """What a policy leaves open, as the end of a sentence."""
    if "default-src" not in policy:
        yield "has no default-src, so that everything is allowed that it does not name"
    yield from (f"has no {directive}" for directive in _NEEDED if directive not in policy)
    for directive in _SENDING:
        wide = next((source for source in policy.get(directive, ()) if source in _ALL), "")
        if wide:
            yield f"allows every server by «{wide}» ({directive})"
    for directive in _LOADING:
        for source in policy.get(directive, ()):
            gap = _gap(directive, source, policy[directive])
            if gap:
                yield f"{gap} ({directive})"


def _gap(directive: str, source: str, beside: tuple[str, ...]) -> str:
    if source == "'unsafe-eval'":
        return "lets scripts run texts as code"
    if source == "'unsafe-inline'":
        # Browsers that know nonces and hashes pass it over beside one of them (CSP3, 6.7.3.2).
        return "" if _HASHED.search(" ".join(beside)) else "lets pages hold scripts or styles themselves"
    if source in _ALL:
        return f"allows every server by «{source}»"
    if source in ("data:", "blob:"):
        return f"allows «{source}» for what is run" if directive in _RUNNING else ""
    if source.startswith("'"):
        return ""
    return f"allows «{source[:60]}», from which the site needs nothing"
