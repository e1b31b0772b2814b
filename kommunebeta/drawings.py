"""Drawings (SVG): measured from their first element, without building the rest in memory.

A document type is refused: it is not needed, and it is the way in for entities that grow without
end or fetch other files. Everything else passes unchanged; the content security policy of the
site keeps scripts in a drawing from running.
"""

from __future__ import annotations

import math
from xml.parsers import expat

_NAMESPACE = "http://www.w3.org/2000/svg"
_DEFAULT = (300, 150)  # CSS 2.2, 10.3.2: what a browser takes for a drawing without measures
_PIXELS = {"": 1.0, "px": 1.0, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4, "pt": 96 / 72, "pc": 16.0}
_LARGEST = 1e6


class DrawingError(ValueError):
    """A drawing that browsers would not show, or that is not safe to read; the message says why."""


class _Root:
    """Takes the first element of a document."""

    def __init__(self) -> None:
        self.name: str | None = None
        self.attributes: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if self.name is None:
            self.name, self.attributes = name, attributes

    def doctype(self, *_: object) -> None:
        raise DrawingError("the drawing has a document type; save it as plain SVG")


def measure(data: bytes) -> tuple[int, int]:
    """Width and height of a drawing in CSS pixels, at least 1.

    Args:
        data: the file.

    Raises:
        DrawingError: it is not SVG, or has a document type.
    """
    root = _Root()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = root.start
    parser.StartDoctypeDeclHandler = root.doctype
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError) as error:
        raise DrawingError("the drawing is not valid SVG") from error
    if root.name == "svg":
        raise DrawingError(f'the drawing lacks xmlns="{_NAMESPACE}", without which browsers do not show it')
    if root.name != f"{_NAMESPACE} svg":
        raise DrawingError("the drawing is not SVG")
    width, height = _size(root.attributes)
    return max(1, round(width)), max(1, round(height))


def _size(attributes: dict[str, str]) -> tuple[float, float]:
    width, height = (_pixels(attributes.get(name, "")) for name in ("width", "height"))
    if width and height:
        return width, height
    box = [_pixels(part) for part in attributes.get("viewBox", "").replace(",", " ").split()]
    if len(box) == 4 and all(box[2:]):
        ratio = box[2] / box[3]
        if width:
            return width, width / ratio
        return (height * ratio, height) if height else (box[2], box[3])
    return _DEFAULT


def _pixels(text: str) -> float:
    """A length in pixels; 0 for what is no absolute length, negative or beyond measure."""
    number = text.strip().rstrip("abcdefghijklmnopqrstuvwxyz%")
    factor = _PIXELS.get(text.strip()[len(number) :], 0.0)
    try:
        length = float(number) * factor
    except ValueError:
        return 0.0
    return length if math.isfinite(length) and 0 < length < _LARGEST else 0.0
