"""Whether the colours of the theme and the site can be told apart, in light and in dark.

Two kinds of pairs are looked at: those that ``theme.yaml`` names below ``contrast``, and a text and its
ground in one rule of a style sheet. What lies over a picture, and which rules meet on a page, is up to a
browser.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from kommunebeta.check.colors import contrast, lightness_of, with_lightness
from kommunebeta.check.finding import Fault, Rule
from kommunebeta.check.page import Page
from kommunebeta.check.palette import SCHEMES, Palette, Resolved, Sheet, schemes_of
from kommunebeta.check.state import Surroundings, Whole
from kommunebeta.check.stylerules import Declaration, StyleRule
from kommunebeta.config import FILE_NAME
from kommunebeta.errors import Severity
from kommunebeta.theme import Theme, load_theme

RULES: Mapping[str, Rule] = {
    "KB148": Rule(
        "Colours that are too alike",
        Severity.WARNING,
        "People who see badly, and everybody in sunshine, cannot read the text or find the edge of a field.",
        "Choose a darker or a lighter colour.",
        ("WCAG 2.2, 1.4.3", "WCAG 2.2, 1.4.11"),
    ),
}

_TEXT = 4.5
_STEPS = 100
_INACTIVE = (":disabled", "[disabled]", "aria-disabled", "::backdrop")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two colours that meet.

    Attributes:
        front: what must be seen, as a value of CSS.
        ground: what it stands on, likewise.
        least: the contrast ratio that is required.
        scheme: ``light`` or ``dark``.
        where: the file that names the pair; empty where a rule of a style sheet does.
        sheet: the style sheet of such a rule.
        declaration: what gives the front its colour there.
    """

    front: str
    ground: str
    least: float
    scheme: str
    where: str = ""
    sheet: Sheet | None = None
    declaration: Declaration | None = None


@dataclass(frozen=True, slots=True)
class Faint:
    """A pair whose colours are too alike.

    Attributes:
        pair: the pair.
        front: the colour in front.
        ground: the colour behind.
        ratio: their contrast ratio.
    """

    pair: Pair
    front: Resolved
    ground: Resolved
    ratio: float

    @property
    def words(self) -> str:
        """The pair as messages name it."""
        front, ground = _named(self.pair.front), _named(self.pair.ground)
        ratio = math.floor(self.ratio * 10) / 10
        return (
            f"«{front}» ({self.front.color.hex}) on «{ground}» ({self.ground.color.hex}) has a contrast of "
            f"{ratio:.1f} to 1 in {self.pair.scheme} colours; {self.pair.least:g} to 1 is required"
        )


def faint_colors(whole: Whole) -> Iterator[Fault]:
    """Colours that are too alike, each cause once."""
    palette = Palette(_sheets(whole.surroundings))
    theme = load_theme(whole.folder, whole.surroundings.settings, whole.document)
    pairs = list(dict.fromkeys((*_declared(theme), *_in_rules(palette))))
    causes: dict[tuple[str, str], list[Faint]] = defaultdict(list)
    for pair in pairs:
        faint = _faint(palette, pair)
        if faint:
            causes[_cause(faint, whole), pair.scheme].append(faint)
    for (parameter, scheme), found in causes.items():
        found.sort(key=lambda faint: faint.ratio / faint.pair.least)
        if parameter:
            yield _fault_of_parameter(
                parameter, found, whole, palette, [it for it in pairs if it.scheme == scheme]
            )
        else:
            yield from (_fault(faint, whole.surroundings) for faint in found)


def _sheets(surroundings: Surroundings) -> Iterator[tuple[str, str]]:
    """The style sheets of the site: those of the home page in its order, then the other assets."""
    paths: list[str] = []
    if "index.html" in surroundings.outputs:
        home = Page("index.html", surroundings.read("index.html"))
        addresses = [it.get("href") or "" for it in home.all("link") if "stylesheet" in (it.get("rel") or "")]
        paths += [surroundings.addresses.lead(address, home.path).target for address in addresses]
    paths += sorted(path for path in surroundings.outputs if path.startswith("assets/"))
    for path in dict.fromkeys(paths):
        if path.endswith(".css") and path in surroundings.outputs:
            yield path, surroundings.read(path).decode("utf-8", "replace")


def _declared(theme: Theme) -> Iterator[Pair]:
    """The pairs that the theme and its parents name."""
    for where, setting in theme.contrast:
        for front in setting.colors:
            for ground in setting.on:
                for scheme in SCHEMES:
                    yield Pair(f"var(--{front})", f"var(--{ground})", setting.least, scheme, where)


def _in_rules(palette: Palette) -> Iterator[Pair]:
    """A text and its ground in one rule."""
    for sheet in palette.sheets:
        for rule in sheet.rules:
            given = {declaration.name: declaration for declaration in rule.declarations}
            front = given.get("color")
            ground = given.get("background-color") or given.get("background")
            if front and ground and not _is_inactive(rule):
                for scheme in schemes_of(rule):
                    yield Pair(front.value, ground.value, _TEXT, scheme, "", sheet, front)


def _is_inactive(rule: StyleRule) -> bool:
    """Whether a rule is for what cannot be used now, of which nothing is required."""
    return all(any(word in selector for word in _INACTIVE) for selector in rule.selectors)


def _faint(palette: Palette, pair: Pair, instead: Mapping[str, str] | None = None) -> Faint | None:
    """A pair, if its colours are known and too alike."""
    front = palette.color(pair.front, pair.scheme, instead)
    ground = palette.color(pair.ground, pair.scheme, instead)
    if front is None or ground is None or front.color.alpha < 1 or ground.color.alpha < 1:
        return None
    ratio = contrast(front.color, ground.color)
    return Faint(pair, front, ground, ratio) if ratio < pair.least else None


def _cause(faint: Faint, whole: Whole) -> str:
    """The parameter of the site's settings that gives one of the colours; empty for none."""
    set_here = whole.surroundings.settings.parameters
    names = {origin.name for origin in (*faint.front.origins, *faint.ground.origins)}
    return next((key for key in set_here if _property_of(key) in names), "")


def _fault_of_parameter(
    parameter: str, found: list[Faint], whole: Whole, palette: Palette, pairs: Iterable[Pair]
) -> Fault:
    """What is said of a colour that the site's settings choose."""
    line, column = whole.document.place_of(("parameters", parameter))
    others = f"; so it is with {len(found) - 1} more" if len(found) > 1 else ""
    near = _near(parameter, found[0], palette, pairs)
    mend = f"«{near}» would do." if near else ""
    message = f"{found[0].words}{others}."
    return Fault("KB148", message, mend, path=FILE_NAME, line=line, column=column)


def _near(parameter: str, worst: Faint, palette: Palette, pairs: Iterable[Pair]) -> str:
    """The nearest colour of the same hue with which no pair is faint; empty where there is none."""
    name = _property_of(parameter)
    now = palette.color(f"var({name})", worst.pair.scheme)
    if now is None:
        return ""
    concerned = [pair for pair in pairs if name in _origins(palette, pair)]
    begin = lightness_of(now.color)
    for step in range(1, _STEPS):
        for lightness in (begin - step / _STEPS, begin + step / _STEPS):
            if 0 <= lightness <= 1:
                tried = with_lightness(now.color, lightness).hex
                if not any(_faint(palette, pair, {name: tried}) for pair in concerned):
                    return tried
    return ""


def _origins(palette: Palette, pair: Pair) -> set[str]:
    both = (palette.color(pair.front, pair.scheme), palette.color(pair.ground, pair.scheme))
    return {origin.name for side in both if side for origin in side.origins}


def _fault(faint: Faint, surroundings: Surroundings) -> Fault:
    """What is said of colours that the theme or a style sheet of the site chooses."""
    places = [
        (origin.sheet, origin.declaration)
        for origin in (*faint.front.origins[::-1], *faint.ground.origins[::-1])
        if origin.sheet
    ]
    if faint.pair.sheet and faint.pair.declaration:
        places.insert(0, (faint.pair.sheet, faint.pair.declaration))
    for sheet, declaration in places:
        source = surroundings.sources.get(sheet.path)
        if source:
            before = sheet.text[: declaration.offset]
            line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
            return Fault("KB148", f"{faint.words}.", path=source, line=line, column=column)
    return Fault("KB148", f"{faint.words}.", path=faint.pair.where)


def _property_of(parameter: str) -> str:
    return f"--param-{parameter.replace('_', '-')}"


def _named(value: str) -> str:
    """A value as messages name it: a custom property by its name alone."""
    return value.removeprefix("var(--").removesuffix(")") if value.startswith("var(--") else value
