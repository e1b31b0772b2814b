"""Which file of a picture a phone loads, as the HTML standard has browsers choose.

The phone is the one that Lighthouse measures with: 412 pixels wide, 1.75 dots per pixel, so that a picture
as wide as the screen needs 721 dots.
Source: HTML Living Standard, 4.8.4.3; CSS Values and Units for lengths; Media Queries 4.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator

from kommunebeta.check.page import Element


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


WIDTH = 412
DENSITY = 1.75
_HEIGHT = 823
_EM = 16
_TYPES = _names("image/avif image/gif image/jpeg image/jpg image/png image/svg+xml image/webp image/bmp")
_CANDIDATE = re.compile(r"\s*,?\s*(\S*[^\s,])(?:\s+([\d.]+)([wx]))?\s*(?:,|$)")
_CONDITION = re.compile(r"\(\s*(min|max)-width\s*:\s*([\d.]+)(px|em|rem)\s*\)")
_COMPARED = re.compile(r"\(\s*width\s*(>=|<=|>|<)\s*([\d.]+)(px|em|rem)\s*\)")
_COMPARISONS = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
_LENGTH = re.compile(r"([\d.]+)(px|em|rem|vw|vh|vmin|vmax)?")
_UNITS = {"px": 1.0, "em": _EM, "rem": _EM, "vw": WIDTH / 100, "vh": _HEIGHT / 100}
_UNITS |= {"vmin": WIDTH / 100, "vmax": _HEIGHT / 100}


def chosen(picture: Element) -> str:
    """The address that a phone loads of an ``img``; empty where it has none."""
    for source in (*_sources(picture), picture):
        address = _best(source.get("srcset") or "", source.get("sizes") or "")
        if address:
            return address
    return picture.get("src") or ""


def _sources(picture: Element) -> Iterator[Element]:
    """The sources of a picture that a phone may choose from, in order."""
    above = picture.parent
    if above is None or above.tag != "picture":
        return
    for source in above.children:
        if source is picture:
            return
        if source.tag == "source" and _fits(source):
            yield source


def matches(query: str) -> bool:
    """Whether a phone fits a media query; what is not known here counts as no."""
    return any(_one_matches(part.strip().lower()) for part in query.split(","))


def _fits(source: Element) -> bool:
    kind = (source.get("type") or "").partition(";")[0].strip().lower()
    return (not kind or kind in _TYPES) and (not source.get("media") or matches(source.get("media") or ""))


def _one_matches(query: str) -> bool:
    if query.startswith("not "):
        return False
    rest = _COMPARED.sub("", _CONDITION.sub("", query))
    words = {word for word in rest.split() if word not in ("and", "only")}
    if words - {"all", "screen", ""}:
        return False
    for kind, number, unit in _CONDITION.findall(query):
        width = float(number) * _UNITS[unit]
        if (kind == "min" and width > WIDTH) or (kind == "max" and width < WIDTH):
            return False
    for sign, number, unit in _COMPARED.findall(query):
        width = float(number) * _UNITS[unit]
        if not _COMPARISONS[sign](WIDTH, width):
            return False
    return True


def _best(srcset: str, sizes: str) -> str:
    """The smallest candidate that is sharp enough, else the largest."""
    if not srcset.strip():
        return ""
    slot = _slot(sizes)
    found: list[tuple[float, str]] = [
        (float(number) / slot if kind == "w" and slot else float(number or 1), address)
        for address, number, kind in _CANDIDATE.findall(srcset)
    ]
    if not found:
        return ""
    enough = [item for item in found if item[0] >= DENSITY]
    return (min(enough, key=lambda item: item[0]) if enough else max(found, key=lambda item: item[0]))[1]


def _slot(sizes: str) -> float:
    """How wide a picture is on the screen, in CSS pixels; as wide as the screen where that is not known."""
    for part in re.split(r",(?![^()]*\))", sizes.lower()):
        condition, _, length = part.strip().rpartition(" ") if ")" in part else ("", "", part.strip())
        if part.strip().endswith(")"):
            return WIDTH  # calc() and its like
        found = _LENGTH.fullmatch(length)
        if found and (not condition or _one_matches(condition)):
            return float(found[1]) * _UNITS[found[2] or "px"]
    return WIDTH
