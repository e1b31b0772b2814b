"""The site's icon, drawn from letters or cut from a picture of the site."""

from __future__ import annotations

import math
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from kommunebeta.images import PictureError, opened, save, upright_in_srgb

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw as Draw
    from PIL.ImageFont import FreeTypeFont
    from PIL.ImageFont import ImageFont as BitmapFont

Line = tuple[tuple[float, float], ...]

# Pillow's built-in font has the letters A–Z alone, so the others are drawn from these.
_SPELT = {"Æ": "AE", "æ": "ae", "Œ": "OE", "œ": "oe"}
_RING = tuple(
    (0.5 + 0.25 * math.sin(n * math.pi / 12), 0.4 + 0.53 * math.cos(n * math.pi / 12)) for n in range(25)
)
# Marks above a letter, by combining sign: lines in a box of 1×1, from its upper left.
_ABOVE: dict[str, tuple[Line, ...]] = {
    "\u0300": (((0.25, 0.0), (0.7, 1.0)),),
    "\u0301": (((0.75, 0.0), (0.3, 1.0)),),
    "\u0302": (((0.05, 1.0), (0.5, 0.0), (0.95, 1.0)),),
    "\u0308": (((0.1, 0.6), (0.12, 0.6)), ((0.88, 0.6), (0.9, 0.6))),
    "\u030a": (_RING,),
    "\u030c": (((0.05, 0.0), (0.5, 1.0), (0.95, 0.0)),),
}
# Strokes through a letter: the letter below, and lines in the box that it fills.
_THROUGH: dict[str, tuple[str, Line]] = {
    "Ø": ("O", ((0.02, 1.06), (0.98, -0.06))),
    "ø": ("o", ((0.0, 1.1), (1.0, -0.1))),
    "Đ": ("D", ((-0.14, 0.5), (0.42, 0.5))),
    "đ": ("d", ((0.4, 0.14), (1.14, 0.14))),
    "Ŧ": ("T", ((0.2, 0.55), (0.8, 0.55))),
    "ŧ": ("t", ((-0.05, 0.62), (0.95, 0.62))),
    "Ŋ": ("N", ((0.93, 0.9), (0.93, 1.12), (0.72, 1.2))),
    "ŋ": ("n", ((0.9, 0.9), (0.9, 1.2), (0.6, 1.3))),
}
_MARK_WIDTH, _MARK_HEIGHT, _GAP, _PEN = 0.34, 0.16, 0.07, 0.085  # of the font's size


def icon(color: str, letters: str, size: int) -> bytes:
    """A square icon: letters on a rounded ground, white or dark, whichever is easier to read.

    Args:
        color: ground, such as ``#0b3c5d``.
        letters: one or two letters of a Latin alphabet; others are left out.
        size: width and height in pixels.

    Returns:
        PNG.
    """
    from PIL import Image, ImageColor, ImageDraw, ImageFont

    side = size * 4
    picture = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((0, 0, side - 1, side - 1), radius=side // 5, fill=color)
    text = "".join(_SPELT.get(letter, letter) for letter in unicodedata.normalize("NFC", letters))
    em = side * (0.62 if len(text) < 2 else 0.48 if len(text) < 3 else 0.36)
    font = ImageFont.load_default(em)
    ink = "white" if _luminance(ImageColor.getrgb(color)) < 0.18 else "#1a1a1a"
    _write(draw, text, font, em, side, ink)
    return save(picture.resize((size, size), Image.Resampling.LANCZOS), "image/png", 0)


def _luminance(color: tuple[int, ...]) -> float:
    """Relative luminance, 0–1 (WCAG 2.2, definitions); white and black contrast alike at 0.18."""
    parts = (part / 255 for part in color[:3])
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _write(draw: Draw, text: str, font: FreeTypeFont | BitmapFont, em: float, side: int, ink: str) -> None:
    """Letters and their marks in the middle of a square of ``side`` pixels."""
    signs = [sign for letter in text if (sign := _taken_apart(letter))[0]]
    plain = "".join(sign[0] for sign in signs)
    raised = (_MARK_HEIGHT + _GAP) * em / 2 if any(sign[1] for sign in signs) else 0.0
    left, top, right, bottom = font.getbbox(plain or " ")
    x, y = (side - left - right) / 2, (side - top - bottom) / 2 + raised
    bold = side // 90
    draw.text((x, y), plain, font=font, fill=ink, stroke_width=bold, stroke_fill=ink)
    for number, (letter, above, through) in enumerate(signs):
        start, upper, end, lower = font.getbbox(letter)
        start, end = (edge + x + font.getlength(plain[:number]) for edge in (start, end))
        middle, roof = (start + end) / 2, upper + y - _GAP * em - _MARK_HEIGHT * em - bold
        width, height = _MARK_WIDTH * em, _MARK_HEIGHT * em
        for line in above:
            _stroke(draw, line, (middle - width / 2, roof, width, height), em, ink)
        if through:
            _stroke(draw, through, (start, upper + y, end - start, lower - upper), em, ink)


def _taken_apart(letter: str) -> tuple[str, tuple[Line, ...], Line]:
    """A letter as one of A–Z, the marks above it and the stroke through it; empty where that is not known."""
    plain, through = _THROUGH.get(letter, ("", ()))
    if not plain:
        plain, *signs = list(unicodedata.normalize("NFD", letter))
        above = tuple(line for sign in signs for line in _ABOVE.get(sign, ()))
        return (plain if plain.isascii() else "", above, ())
    return plain, (), through


def _stroke(draw: Draw, line: Line, box: tuple[float, float, float, float], em: float, ink: str) -> None:
    left, top, width, height = box
    points = [(left + x * width, top + y * height) for x, y in line]
    pen = max(1, round(_PEN * em))
    draw.line(points, fill=ink, width=pen, joint="curve")
    for x, y in (points[0], points[-1]):
        draw.ellipse((x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2), fill=ink)


def square(file: Path, size: int) -> bytes:
    """A picture of the site as a square icon, cut in the middle.

    Returns:
        PNG.

    Raises:
        PictureError: the file is not a pixel picture.
    """
    from PIL import Image, ImageOps

    try:
        with opened(file.read_bytes()) as original:
            upright = upright_in_srgb(original).convert("RGBA")
            return save(ImageOps.fit(upright, (size, size), Image.Resampling.LANCZOS), "image/png", 0)
    except (OSError, PictureError) as error:
        raise PictureError(f"«{file.name}» is not a picture that an icon can be made of; use PNG") from error
