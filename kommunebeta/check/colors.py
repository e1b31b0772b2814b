"""Colours as style sheets write them, and the contrast between two of them."""

from __future__ import annotations

import colorsys
import re
from typing import NamedTuple

from PIL import ImageColor

_HEX = re.compile(r"#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})")
_FUNCTION = re.compile(r"(rgba?|hsla?)\(([^()]*)\)")
_MIX = re.compile(r"color-mix\(\s*in\s+(srgb|oklab)\s*,(.*)\)", re.DOTALL)
_SHARE = re.compile(r"\s*([\d.]+)%\s*")
_DEGREES = {"deg": 1.0, "turn": 360.0, "rad": 57.29577951308232, "grad": 0.9, "": 1.0}


class Color(NamedTuple):
    """A colour in sRGB; every part lies between 0 and 1.

    Attributes:
        red: red, not linear.
        green: green.
        blue: blue.
        alpha: 1 for one that nothing shines through.
    """

    red: float
    green: float
    blue: float
    alpha: float = 1.0

    @property
    def luminance(self) -> float:
        """Relative luminance, 0–1 (WCAG 2.2, definition of «relative luminance»)."""
        red, green, blue = map(_linear, self[:3])
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    @property
    def hex(self) -> str:
        """The colour as ``#rrggbb``, without what shines through."""
        return "#" + "".join(f"{round(part * 255):02x}" for part in self[:3])


def contrast(one: Color, other: Color) -> float:
    """Contrast ratio of two colours, 1–21 (WCAG 2.2, definition of «contrast ratio»)."""
    darker, lighter = sorted((one.luminance, other.luminance))
    return (lighter + 0.05) / (darker + 0.05)


def read_color(text: str) -> Color | None:
    """A colour of CSS: hexadecimal, named, ``rgb()``, ``hsl()`` or ``color-mix()`` of two such.

    Args:
        text: the value, without ``var()``.

    Returns:
        None for anything else.
    """
    text = text.strip().lower()
    try:
        if _HEX.fullmatch(text):
            return _from_hex(text[1:])
        if text in ImageColor.colormap:
            return Color(*(part / 255 for part in ImageColor.getrgb(text)[:3]))
        function = _FUNCTION.fullmatch(text)
        if function:
            return _from_function(function[1][:3], function[2])
        mix = _MIX.fullmatch(text)
        return _mixed(mix[1], mix[2]) if mix else None
    except (ValueError, IndexError):
        return None


def with_lightness(color: Color, lightness: float) -> Color:
    """The colour of the same hue, lighter or darker.

    Args:
        color: the colour.
        lightness: from 0, black, to 1, white (HSL).
    """
    hue, _, saturation = colorsys.rgb_to_hls(*color[:3])
    return Color(*colorsys.hls_to_rgb(hue, lightness, saturation))


def lightness_of(color: Color) -> float:
    """How light a colour is, 0–1 (HSL)."""
    return colorsys.rgb_to_hls(*color[:3])[1]


def _from_hex(digits: str) -> Color:
    if len(digits) < 6:
        digits = "".join(digit * 2 for digit in digits)
    return Color(*(int(digits[at : at + 2], 16) / 255 for at in range(0, len(digits), 2)))


def _from_function(name: str, inside: str) -> Color:
    parts = [part for part in re.split(r"[\s,/]+", inside.strip()) if part]
    alpha = _part(parts[3], 1) if len(parts) > 3 else 1.0
    if name == "rgb":
        red, green, blue = (_part(part, 255) for part in parts[:3])
        return Color(red, green, blue, alpha)
    angle = re.fullmatch(r"(-?[\d.]+)(deg|turn|rad|grad|)", parts[0])
    if not angle:
        raise ValueError(parts[0])
    hue = float(angle[1]) * _DEGREES[angle[2]] / 360 % 1
    saturation, lightness = (_part(part, 100) for part in parts[1:3])
    red, green, blue = colorsys.hls_to_rgb(hue, lightness, saturation)
    return Color(red, green, blue, alpha)


def _part(text: str, whole: float) -> float:
    """A part of a colour, 0–1."""
    value = float(text[:-1]) / 100 if text.endswith("%") else float(text) / whole
    return min(max(value, 0.0), 1.0)


def _mixed(space: str, inside: str) -> Color | None:
    """Two colours mixed (CSS Color 5, section 3)."""
    parts = re.split(r",(?![^()]*\))", inside)
    if len(parts) != 2:
        return None
    one, other = (read_color(_SHARE.sub(" ", part)) for part in parts)
    first, second = _shares(*(_SHARE.search(part) for part in parts))
    if one is None or other is None or one.alpha < 1 or other.alpha < 1 or first + second <= 0:
        return None
    share, alpha = first / (first + second), min(1.0, first + second)
    into, back = (_to_oklab, _from_oklab) if space == "oklab" else (_plain, Color)
    red, green, blue, *_ = back(
        *(a * share + b * (1 - share) for a, b in zip(into(one), into(other), strict=True))
    )
    return Color(red, green, blue, alpha)


def _shares(one: re.Match[str] | None, other: re.Match[str] | None) -> tuple[float, float]:
    """How much there is of each of two colours; what is left of the other where one alone is said."""
    first = float(one[1]) / 100 if one else None
    second = float(other[1]) / 100 if other else None
    if first is None:
        first = 0.5 if second is None else 1 - second
    return first, 1 - first if second is None else second


def _plain(color: Color) -> tuple[float, float, float]:
    return color[:3]


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _gamma(part: float) -> float:
    part = min(max(part, 0.0), 1.0)
    return part * 12.92 if part <= 0.0031308 else float(1.055 * part ** (1 / 2.4) - 0.055)


def _to_oklab(color: Color) -> tuple[float, float, float]:
    """Björn Ottosson, A perceptual color space for image processing (2020)."""
    red, green, blue = map(_linear, color[:3])
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def _from_oklab(lightness: float, green_red: float, blue_yellow: float) -> Color:
    long = (lightness + 0.3963377774 * green_red + 0.2158037573 * blue_yellow) ** 3
    middle = (lightness - 0.1055613458 * green_red - 0.0638541728 * blue_yellow) ** 3
    short = (lightness - 0.0894841775 * green_red - 1.2914855480 * blue_yellow) ** 3
    return Color(
        _gamma(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short),
        _gamma(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short),
        _gamma(-0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short),
    )
