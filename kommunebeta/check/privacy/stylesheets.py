"""What style sheets load from other servers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from kommunebeta.check.finding import Fault, Rule
from kommunebeta.check.noted import NotedSurroundings
from kommunebeta.check.privacy.addresses import foreign_host, shown_address
from kommunebeta.check.privacy.seen import Seen, in_file
from kommunebeta.errors import Severity

RULES: Mapping[str, Rule] = {
    "KB151": Rule(
        "Style sheet loads from another server",
        Severity.ERROR,
        "Fonts, pictures and style sheets from elsewhere tell another company who reads which page, and the "
        "policy of the site keeps browsers from loading them.",
        "Save the file in `assets/` and write its name, such as `url(font.woff2)`.",
        ("GDPR, articles 5 and 6", "Landgericht München I, 20 January 2022, 3 O 17493/20"),
    ),
}

_STRING = r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'"
_BARE = r"(?:\\[0-9a-f]{1,6}\s?|\\.|[^\s\"'()\\])+"
_TOKEN = re.compile(
    rf"""/\*.*?(?:\*/|\Z)
    | @namespace\b[^;]*;?
    | @import\s+(?P<sheet>{_STRING})
    | \b(?:url|src)\(\s*(?:(?P<quoted>{_STRING})|(?P<bare>{_BARE}))
    | image-set\((?P<set>(?:{_STRING}|[^()"']|\([^()]*\))*)
    | {_STRING}""",
    re.DOTALL | re.IGNORECASE | re.VERBOSE,
)
"""Comments and strings are read too, so that an address inside one of them is left alone."""

_IN_SET = re.compile(rf"url\(\s*(?P<bare>{_BARE})|(?P<quoted>{_STRING})", re.IGNORECASE)
_ESCAPE = re.compile(r"\\(?:([0-9a-f]{1,6})\s?|\n|(.))", re.IGNORECASE | re.DOTALL)
_LAST = 0x10FFFF


def loaded_by(text: str) -> Iterator[tuple[int, str]]:
    """The addresses that a style sheet, or the value of a ``style`` attribute, loads.

    Args:
        text: CSS (CSS Syntax Level 3, CSS Images Level 4).

    Yields:
        Where it stands, and the address without its escapes.
    """
    for match in _TOKEN.finditer(text):
        if match["set"]:
            for part in _IN_SET.finditer(match["set"]):
                address = part["bare"] or part["quoted"][1:-1]
                yield match.start("set") + part.end() - len(part[part.lastgroup or 0]), _plain(address)
        for name in ("sheet", "quoted"):
            if match[name]:
                yield match.start(name) + 1, _plain(match[name][1:-1])
        if match["bare"]:
            yield match.start("bare"), _plain(match["bare"])


def _plain(text: str) -> str:
    """A text of CSS without its escapes."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(_character, text).strip()


def _character(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 16)) if int(match[1], 16) <= _LAST else "\ufffd"
    return match[2] or ""


def style_sheet_loads(path: str, data: bytes, surroundings: NotedSurroundings) -> Iterator[Fault]:
    """What a style sheet loads from other servers."""
    if not path.endswith(".css") or (b"//" not in data and b"\\" not in data):
        return
    text = data.decode("utf-8", "replace")
    found = (
        Seen("KB151", f"The style sheet loads «{shown_address(address)}» from another server.", at, address)
        for at, address in loaded_by(text)
        if foreign_host(address, surroundings)
    )
    yield from in_file(found, path, text, surroundings)
