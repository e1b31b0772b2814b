"""Patterns of addresses that a site's settings give, such as ``https://tv.example.no/film/{id}``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

from kommunebeta.embeds.address import Address, encoded, escaped, parse_address

OURS = ("start", "end", "slide", "lang")
"""Names in the player's address that are filled from what the writer asks for."""

_NAME = re.compile(r"\{(\w{1,40})\}")
_LIKE = "Write it as https://tv.example.no/film/{id}"
_LONGEST = 500
_UNSAID = re.compile(r"[\x00-\x1f\x7f]")


class Pattern:
    """An address with names in braces for what differs, and ``*`` for anything.

    A name stands for one sign or more, none of them ``/``, ``?``, ``#``, ``&`` or the sign that follows
    the name in the pattern. What lies behind ``?`` and ``#`` counts only where the pattern has such a sign.
    No text takes long to compare, however it is made: what a name or a ``*`` took is not given back, but
    for the last ``*``, which takes as much as it can.
    """

    def __init__(self, text: str) -> None:
        """Make ready for comparing.

        Args:
            text: a pattern in which ``pattern_fault`` finds no fault.
        """
        scheme, _, rest = text.partition("://")
        host, slash, rest = rest.partition("/")
        self._text = f"{scheme}://{host.lower()}{slash}{rest}".rstrip("/")
        self._names = _NAME.findall(self._text)
        first, *others = re.split(r"\*+", self._text)
        expression = _expression(first)
        for position, piece in enumerate(others, 1):
            is_last = position == len(others)
            expression += f".*{_expression(piece)}" if is_last else f"(?>.*?{_expression(piece)})"
        self._expression = re.compile(expression)

    def values(self, address: Address) -> dict[str, str] | None:
        """What the names stand for in an address, percent-decoded.

        Returns:
            None where the address does not fit, or a name would stand for a step up (``..``).
        """
        text = self.part_of(address)
        found = self._expression.fullmatch(text) or self._expression.fullmatch(text.rstrip("/"))
        if not found:
            return None
        values = {name: unquote(text) for name, text in zip(self._names, found.groups(), strict=True)}
        odd = any(value in (".", "..") or _UNSAID.search(value) for value in values.values())
        return None if odd else values

    def part_of(self, address: Address) -> str:
        """The part of an address that the pattern speaks of."""
        rest, mark, fragment = address.url.partition("#")
        path, sign, query = rest.partition("?")
        text = path + (sign + query if "?" in self._text else "")
        return text + (mark + fragment if "#" in self._text else "")


def fill(text: str, values: Mapping[str, str]) -> str:
    """An address with its names filled; a name without a value is left out."""
    return _NAME.sub(lambda name: encoded(values.get(name[1], "")), text)


def pattern_fault(match: str, iframe: str = "", oembed: str = "") -> str:
    """What is wrong with a provider's addresses in the settings.

    Args:
        match: the pattern of its pages.
        iframe: the address of its player, with names, or empty.
        oembed: the address of its oEmbed service, or empty.

    Returns:
        The fault, a full stop and how to mend it, without a full stop at the end; empty where all is well.
    """
    names = _NAME.findall(match)
    filled_in = (*names, *OURS)
    if fault := next(filter(None, map(_address_fault, (match, *filter(None, (iframe, oembed))))), ""):
        return fault
    if re.search(r"[}*]\{", match):
        return "two parts that differ touch each other. Put what stands between them in the address"
    if double := next((name for name in names if names.count(name) > 1), ""):
        return f"«{{{double}}}» stands twice. Give each part that differs a name of its own"
    if taken := next((name for name in names if name in OURS), ""):
        return f"«{{{taken}}}» is filled in by what the writer asks for. Choose another name"
    if unknown := next((name for name in _NAME.findall(iframe) if name not in filled_in), ""):
        return f"«{{{unknown}}}» is not in the address of the pages. Known here: {', '.join(filled_in)}"
    if "*" in iframe:
        return "«*» in the player's address has nothing to be filled with. Give that part a name in braces"
    if re.search(r"[*{]", oembed):
        return "the oEmbed service's address has no parts that differ. Leave them out: all it needs is added"
    return ""


def _address_fault(text: str) -> str:
    """What is wrong with one address."""
    host = re.split(r"[/?#]", text.removeprefix("https://"), maxsplit=1)[0]
    if not text.startswith("https://") or len(text) > _LONGEST:
        return f"the address must begin with https:// and be no longer than {_LONGEST} signs. {_LIKE}"
    if re.search(r"[{}*]", host):
        return f"the host must be written out. {_LIKE}"
    if re.search(r"[{}]", _NAME.sub("", text)):
        return f"a brace stands alone, or holds more than a name of letters and digits. {_LIKE}"
    if parse_address(re.sub(r"\*+", "x", _NAME.sub("x", text))) is None:
        return f"it is not an address of a public web server. {_LIKE}"
    return ""


def _expression(text: str) -> str:
    """A part of a pattern without ``*`` as a regular expression that never goes back."""
    pieces = _NAME.split(text)
    signs = [escaped(piece) for piece in pieces[::2]]
    expression = re.escape(signs[0])
    for following in signs[1:]:
        expression += rf"([^/?#&{re.escape(following[:1])}]++){re.escape(following)}"
    return expression
