"""The custom properties of a site's style sheets, in light and in dark colours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from kommunebeta.check.colors import Color, read_color
from kommunebeta.check.stylerules import Declaration, StyleRule, read_rules

SCHEMES = ("light", "dark")
_ROOT = frozenset((":root", "html", ":host", ":root:root"))
_DARK_SWITCH = re.compile(r"(?::root|html)?(?:\[data-[\w-]+=[\"']?dark[\"']?\]|\.dark)")
_SCHEME = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)")
_ELSEWHERE = re.compile(
    r"\bprint\b|forced-colors|prefers-contrast|inverted-colors|@container|@starting-style"
)
_MOST_STEPS = 20


@dataclass(frozen=True, slots=True)
class Sheet:
    """A style sheet of the output.

    Attributes:
        path: the output.
        text: what it holds.
        rules: its rules.
    """

    path: str
    text: str
    rules: tuple[StyleRule, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a custom property gets its value.

    Attributes:
        name: the property, such as ``--accent``.
        sheet: the style sheet; None for one that was put there to try.
        declaration: its declaration there.
    """

    name: str
    sheet: Sheet | None
    declaration: Declaration


@dataclass(frozen=True, slots=True)
class Resolved:
    """A colour, and what it comes from.

    Attributes:
        color: the colour.
        origins: the custom properties on the way to it.
    """

    color: Color
    origins: tuple[Origin, ...] = field(default=())


class Palette:
    """The custom properties of some style sheets."""

    def __init__(self, sheets: Iterable[tuple[str, str]]) -> None:
        """Read style sheets.

        Args:
            sheets: path and text of each, in the order in which pages load them.
        """
        self.sheets: list[Sheet] = []
        layers: dict[str, int] = {}
        for path, text in sheets:
            rules, named = read_rules(text)
            self.sheets.append(Sheet(path, text, rules))
            for name in named:
                layers.setdefault(name, len(layers))
        self.values: Mapping[str, Mapping[str, Origin]] = {
            scheme: self._of_scheme(scheme, layers) for scheme in SCHEMES
        }

    def _of_scheme(self, scheme: str, layers: Mapping[str, int]) -> dict[str, Origin]:
        """The properties of the page as a whole; later layers win, and what is in no layer wins over all."""
        ranked: dict[str, tuple[int, Origin]] = {}
        for sheet in self.sheets:
            for rule in sheet.rules:
                if not _is_of_root(rule, scheme) or scheme not in schemes_of(rule):
                    continue
                rank = layers[rule.layer] if rule.layer else len(layers)
                for declaration in rule.declarations:
                    name = declaration.name
                    if name.startswith("--") and rank >= ranked.get(name, (-1, None))[0]:
                        ranked[name] = rank, Origin(name, sheet, declaration)
        return {name: origin for name, (_, origin) in ranked.items()}

    def color(self, value: str, scheme: str, instead: Mapping[str, str] | None = None) -> Resolved | None:
        """What colour a value is.

        Args:
            value: as a declaration has it.
            scheme: ``light`` or ``dark``.
            instead: values to try in place of those of some properties.

        Returns:
            None where it is no colour, or not known.
        """
        origins: list[Origin] = []
        for _ in range(_MOST_STEPS):
            found = _innermost(value)
            if found is None:
                color = read_color(value)
                return Resolved(color, tuple(origins)) if color else None
            start, end, name, fallback = found
            origin = self.values[scheme].get(name)
            if instead and name in instead:
                put = instead[name]
            elif origin:
                origins.append(origin)
                put = origin.declaration.value
            elif fallback:
                put = fallback
            else:
                return None
            value = value[:start] + put + value[end:]
        return None


def schemes_of(rule: StyleRule) -> Iterator[str]:
    """The colour schemes in which a rule holds on a screen; none for what is printed and the like."""
    around = " ".join(rule.conditions)
    if _ELSEWHERE.search(around):
        return
    named = set(_SCHEME.findall(around))
    yield from (scheme for scheme in SCHEMES if not named or named == {scheme})


def _is_of_root(rule: StyleRule, scheme: str) -> bool:
    if any(head.startswith("@media") and not _SCHEME.search(head) for head in rule.conditions):
        return False
    return any(
        selector in _ROOT or (scheme == "dark" and _DARK_SWITCH.fullmatch(selector))
        for selector in rule.selectors
    )


_VARIABLE = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,((?:[^()]|\([^()]*\))*))?\)")


def _innermost(value: str) -> tuple[int, int, str, str] | None:
    """The first ``var()`` that has no other inside it, but one in its fallback at most."""
    found = _VARIABLE.search(value)
    if not found:
        return None
    return found.start(), found.end(), found[1], (found[2] or "").strip()
