"""The file ``_redirects``, in which a site tells its host where old addresses lead.

The format is that of Netlify (docs.netlify.com/routing/redirects) and Cloudflare Pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

_STATUS = re.compile(r"(\d{3})(!?)")
_PLACEHOLDER = re.compile(r"\*|:[A-Za-z_]\w*")
_FOUND = 301


@dataclass(frozen=True, slots=True)
class Redirect:
    """One rule.

    Attributes:
        old: the address that it is about, from the host's root, decoded; it may hold ``*`` and ``:name``.
        new: where the host leads readers, as it is written.
        status: the status that it answers with; 200 shows the other address's content at the old one.
        forced: the rule goes before a file of the same address.
        line: where it stands, from 1.
    """

    old: str
    new: str
    status: int = _FOUND
    forced: bool = False
    line: int = 0

    @property
    def leads_on(self) -> bool:
        """Whether readers are sent to another address."""
        return 300 <= self.status < 400

    @property
    def pattern(self) -> str:
        """A regular expression for what it is about; empty for one address alone."""
        if not _PLACEHOLDER.search(self.old):
            return ""
        pieces = _PLACEHOLDER.split(self.old)
        kinds = _PLACEHOLDER.findall(self.old)
        groups = ["(?P<splat>.*)" if kind == "*" else f"(?P<{kind[1:]}>[^/]+)" for kind in kinds[:1]]
        groups += ["(?:.*)" if kind == "*" else "(?:[^/]+)" for kind in kinds[1:]]
        return "".join(re.escape(piece) + group for piece, group in zip(pieces, [*groups, ""], strict=True))


def read_redirects(text: str) -> Iterator[Redirect]:
    """The rules of a file, in order; lines that are no rules are left out.

    Args:
        text: what the file holds.
    """
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.partition(" #")[0].split()
        if len(words) < 2 or words[0].startswith("#"):
            continue
        rest = [word for word in words[1:] if word.startswith(("/", "http:", "https:"))]
        status = next(filter(None, map(_STATUS.fullmatch, words[2:])), None)
        if rest:
            yield Redirect(
                unquote(words[0]),
                rest[0],
                int(status[1]) if status else _FOUND,
                bool(status and status[2]),
                number,
            )


class RedirectRules:
    """Finds the rule for an address."""

    def __init__(self, rules: Iterable[Redirect]) -> None:
        """Begin.

        Args:
            rules: in order; the first that fits is the one that counts.
        """
        self._exact: dict[str, Redirect] = {}
        self._patterns: list[tuple[re.Pattern[str], Redirect]] = []
        for rule in rules:
            if rule.status >= 400:
                continue
            if rule.pattern:
                self._patterns.append((re.compile(rule.pattern), rule))
            else:
                self._exact.setdefault(_plain(rule.old), rule)

    def __iter__(self) -> Iterator[Redirect]:
        """The rules for one address each, then those for many."""
        yield from self._exact.values()
        yield from (rule for _, rule in self._patterns)

    def find(self, path: str, *, forced: bool = False) -> Redirect | None:
        """The rule for an address.

        Args:
            path: from the host's root, decoded.
            forced: look only for rules that go before a file.
        """
        rule = self._exact.get(_plain(path))
        if rule is None:
            fitting = (rule for pattern, rule in self._patterns if pattern.fullmatch(path))
            rule = next(fitting, None)
        return rule if rule is not None and (rule.forced or not forced) else None


def _plain(path: str) -> str:
    """An address as hosts compare it: with and without a slash at the end are the same."""
    return path.rstrip("/") or "/"
