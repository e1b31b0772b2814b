"""What scripts ask of other servers, and the names by which the tools that measure readers are known.

A script is read, not run: what is found is an address that is written out where something is loaded or
sent. An address that is put together from pieces stays hidden.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from kommunebeta.check.finding import Fault, Rule
from kommunebeta.check.noted import NotedSurroundings
from kommunebeta.check.page import Element, Page
from kommunebeta.check.privacy.addresses import foreign_host, shown_address
from kommunebeta.check.privacy.seen import Seen, in_file, in_page
from kommunebeta.check.privacy.storage import stored_by
from kommunebeta.errors import Severity

RULES: Mapping[str, Rule] = {
    "KB153": Rule(
        "Script asks another server",
        Severity.ERROR,
        "The script sends each reader's address to another company, and often what the reader does as well.",
        "Keep what it needs in the site, or let the script wait until the reader has asked for it.",
        ("GDPR, articles 5 and 6",),
    ),
    "KB154": Rule(
        "Measuring of readers",
        Severity.ERROR,
        "A tool of this kind follows readers from page to page. It needs the reader's consent before it "
        "begins, where it keeps or reads anything in the browser, and people who write to their municipality "
        "should not be followed.",
        "Take it out; count visits in the host's own log without addresses, if you need to.",
        ("Ekomloven (cookies and similar)", "GDPR, articles 6 and 7"),
    ),
}

_TOKEN = re.compile(
    r"""(?P<comment>/\*.*?(?:\*/|\Z)|//[^\n]*)
    |"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`
    |(?<=[=(,:;!&|?\[{}+])\s*/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/""",
    re.DOTALL | re.VERBOSE,
)
"""Strings and regular expressions are read too, so that a comment does not begin inside one of them."""

_ADDRESS = r"""["'`](?P<address>(?:(?:https?|wss?):)?//[^\s"'`$]+)"""
_CALLS = r"""\b(?:fetch|import|importScripts|sendBeacon|EventSource|WebSocket|WebTransport|Worker|SharedWorker
    |Request|getScript|getJSON|axios(?:\.\w+)?)\s*\(\s*
    |\.open\s*\(\s*["'`]\w+["'`]\s*,\s*
    |\.(?:src|srcset|poster)\s*=\s*
    |\.setAttribute\s*\(\s*["'`](?:src|srcset|poster|data)["'`]\s*,\s*"""
_ASKED = re.compile(
    rf"(?:{_CALLS}|\b(?:import|export)\s*(?:[\w$*{{}},\s]{{0,500}}?\bfrom\s*)?){_ADDRESS}", re.VERBOSE
)
_MARKUP = re.compile(
    r"""<(?:img|script|iframe|source|video|audio|embed|object)\b[^<>]{0,300}?\s(?:src|srcset|data|poster)=\\?["']?
    (?P<address>(?:https?:)?//[^\s"'`\\$<>]+)""",
    re.IGNORECASE | re.VERBOSE,
)
_LINK = re.compile(r"""\bcreateElement\(\s*["'`]link["'`]""")
_LINKED = re.compile(rf"\.href\s*=\s*{_ADDRESS}", re.VERBOSE)
_NAMED = re.compile(rf"\b(?:const|let|var)\s+(?P<name>[\w$]+)\s*=\s*{_ADDRESS}", re.VERBOSE)

_BY_NAME = re.compile(rf"(?:{_CALLS})(?:`\$\{{\s*)?(?P<name>[\w$]+)", re.VERBOSE)
"""Addresses that have a name, and what is loaded or sent to by name."""

_TOOLS: tuple[tuple[str, re.Pattern[str], Severity | None], ...] = tuple(
    (tool, re.compile(pattern), severity)
    for tool, pattern, severity in (
        ("Google Analytics", r"\bgtag\s*\(|\b_gaq\b|\bga\s*\(\s*[\"'](?:create|send|set)[\"']", None),
        ("Google Tag Manager", r"\bdataLayer\s*\.\s*push\b|[\"']gtm\.start[\"']", None),
        ("Meta Pixel", r"\bfbq\s*\(|\b_fbq\b", None),
        ("Hotjar", r"\bhj\s*\(\s*[\"']|\b_hjSettings\b", None),
        ("Microsoft Clarity", r"\bclarity\s*\(\s*[\"']", None),
        ("Siteimprove Analytics", r"\b_sz\s*\.\s*push\b|siteimproveanalytics", None),
        ("LinkedIn Insight", r"\b_linkedin_partner_id\b|\blintrk\s*\(", None),
        ("Snap Pixel", r"\bsnaptr\s*\(", None),
        ("TikTok Pixel", r"\bttq\s*\.\s*(?:load|page|track)\b", None),
        ("X Pixel", r"\btwq\s*\(", None),
        ("Mixpanel", r"\bmixpanel\s*\.\s*(?:init|track)\b", None),
        ("PostHog", r"\bposthog\s*\.\s*(?:init|capture)\b", None),
        ("Matomo", r"\b_paq\s*\.\s*push\b|\bMatomo\s*\.\s*\w", Severity.WARNING),
        ("Plausible", r"\bplausible\s*\(\s*[\"']", Severity.WARNING),
        ("Umami", r"\bumami\s*\.\s*track\b", Severity.WARNING),
    )
)
"""Tools by what their snippets call; those that a municipality can run itself, without cookies, warn."""

_SCRIPT_TYPES = frozenset(("", "module", "text/javascript", "application/javascript", "text/ecmascript"))


def is_run(script: Element) -> bool:
    """Whether a browser runs what stands in a ``script``; data blocks such as JSON-LD it does not."""
    kind = (script.get("type") or "").strip().lower()
    return kind in _SCRIPT_TYPES


def without_comments(text: str) -> str:
    """A script in which every comment is blank, and everything else stands where it stood."""
    return _TOKEN.sub(lambda match: " " * len(match[0]) if match["comment"] else match[0], text)


def seen_in_script(text: str, surroundings: NotedSurroundings, *, may_store: bool = False) -> Iterator[Seen]:
    """What a script asks of other servers, measures and keeps.

    Args:
        text: the script.
        surroundings: what is the site's own.
        may_store: whether its theme says why it keeps something in the reader's browser.
    """
    code = without_comments(text)
    if "//" in code:
        yield from _asked(code, surroundings)
    for tool, pattern, severity in _TOOLS:
        match = pattern.search(code)
        if match:
            message = f"The script measures readers with {tool}."
            yield Seen("KB154", message, match.start(), match[0], severity)
    if not may_store:
        yield from stored_by(code)


def _asked(code: str, surroundings: NotedSurroundings) -> Iterator[Seen]:
    patterns = [_ASKED, _MARKUP]
    if _LINK.search(code):
        patterns.append(_LINKED)
    found = [match for pattern in patterns for match in pattern.finditer(code)]
    named = list(_NAMED.finditer(code))
    used = {match["name"] for match in _BY_NAME.finditer(code)} if named else set()
    found += [match for match in named if match["name"] in used]
    for at, address in sorted({(match.start("address"), match["address"]) for match in found}):
        if foreign_host(address, surroundings):
            message = f"The script asks «{shown_address(address)}» on another server."
            yield Seen("KB153", message, at, address)


def script_faults(path: str, data: bytes, surroundings: NotedSurroundings) -> Iterator[Fault]:
    """What a script of the site asks of other servers, measures and keeps."""
    if path.endswith((".js", ".mjs")):
        text = data.decode("utf-8", "replace")
        found = seen_in_script(text, surroundings, may_store=surroundings.may_store(path))
        yield from in_file(found, path, text, surroundings)


def inline_script_faults(page: Page, surroundings: NotedSurroundings) -> Iterator[Fault]:
    """The same of scripts that stand in a page."""
    for script in page.all("script"):
        if is_run(script) and script.get("src") is None:
            text = script.node.text() or ""
            yield from in_page(
                seen_in_script(text, surroundings), "script", script.inside("main") is not None
            )
