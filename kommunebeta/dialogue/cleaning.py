"""Text without what serves to deceive or to disturb: every script keeps its letters and marks.

The sets are those of Unicode's ``DerivedCoreProperties`` and UTS #39, section 3.1; the contexts of joiners
follow RFC 5892, appendix A, and UTS #51.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache

__all__ = ["cleaned", "harmless", "what_was_harmful"]

MAX_MARKS = 4
"""Marks on one letter: Vietnamese and polytonic Greek need three when they are written decomposed."""

MAX_MARKS_DEEP = 8
"""The same where consonants and vowels are marks: pointed Hebrew needs five, Burmese and Tibetan seven."""

MOST_MARKS = 30
"""Marks in a row that are looked at at all: the limit of Unicode's stream-safe text (UAX #15, section 13)."""

# Bidi_Control; Default_Ignorable_Code_Point and other format characters without a shape of their own, less
# what the steps below keep in its place; noncharacters. Arabic and Egyptian format characters have a shape.
_LINE_ENDS = re.compile("\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x9f]")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_BROKEN = re.compile(
    "[\ud800-\udfff\ufdd0-\ufdef\ufff0-\ufffb"
    + "".join(chr(plane + 0xFFFE) + chr(plane + 0xFFFF) for plane in range(0, 0x110000, 0x10000))
    + "]"
)
_SILENT = re.compile("\u00ad|^\ufeff")
_FLAGS = "|".join(
    "\U0001f3f4" + "".join(chr(0xE0000 + ord(letter)) for letter in region) + "\U000e007f"
    for region in ("gbeng", "gbsct", "gbwls")
)
_INVISIBLE = re.compile(
    f"({_FLAGS})|[\u034f\u115f\u1160\u17b4\u17b5\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
    "|\u180e(?<![\u1820-\u18aa].)"
)
_PICTURES = "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_IDEOGRAPHS = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# The character stands first in these patterns and its neighbours come afterwards: many times faster.
_SELECTORS = re.compile(
    f"[\ufe0e\ufe0f](?<![#*0-9{_PICTURES}].)|[\ufe00-\ufe0d\U000e0100-\U000e01ef](?<![{_IDEOGRAPHS}].)"
)
_JOINED = "\u0600-\u0dff\u1000-\u109f\u1780-\u18af\u1b00-\u1bff\ua8e0-\ua8ff\uaae0-\uaaff\uabc0-\uabff"
_VIRAMAS = "\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d3b\u0d3c\u0d4d\u0dca"
_JOINERS = re.compile(
    "[\u200c\u200d]"
    f"(?!(?<=[\ufe0f{_PICTURES}]\u200d)[{_PICTURES}])"
    f"(?!(?<=[{_JOINED}].)[{_JOINED}])"
    f"(?<![{_VIRAMAS}].)"
)
_DEEP = re.compile("[\u0591-\u05c7\u0610-\u06ed\u0f18-\u0fc6\u102b-\u109d\u1a55-\u1a7f\ua9e5\uaa7b-\uaa7d]")


def harmless(text: str, *, keep_lines: bool = False) -> str:
    """A text that cannot disturb what stands around it: for names, topics, titles and feeds.

    Control characters, signs that turn the direction of reading, invisible characters and broken code
    points are left out, as are marks beyond those that a script needs on one letter. Joiners (U+200C,
    U+200D) stay between pictures that form one emoji and in scripts that are written with them; a
    variation selector stays where it belongs, once. The rest is NFC. It is plain text: escape it.

    Args:
        text: what somebody wrote.
        keep_lines: whether lines stay; otherwise line ends and runs of spaces become one space.

    Returns:
        The text; the same again for what it has returned.
    """
    text = cleaned(text)
    if keep_lines:
        return text
    return re.sub(" +", " ", text.replace("\n", " ")).strip(" ")


def what_was_harmful(text: str) -> tuple[str, ...]:
    """What ``harmless`` leaves out of a text, in plain English; empty for a text that is as it should be.

    Line ends, soft hyphens and a byte order mark are no reason for a word.
    """
    if _is_plain(text):
        return ()
    found: list[str] = []
    for kind, step in _steps():
        without = step(text)
        if kind and without != text and kind not in found:
            found.append(kind)
        text = without
    return tuple(found)


def cleaned(text: str) -> str:
    """A text without what is harmful in it, lines and spaces kept; a tab is four spaces."""
    if _is_plain(text):
        return _lines(text)
    for _, step in _steps():
        text = step(text)
    return text


def _is_plain(text: str) -> bool:
    return text.isascii() and not _CONTROLS.search(text)


@lru_cache(maxsize=1)
def _steps() -> tuple[tuple[str, Callable[[str], str]], ...]:
    """What is done to a text, in order: the name of what is left out, and how.

    The order makes the result stable: what decides about a character is not left out after it.
    """
    return (
        ("", _lines),
        ("control characters", lambda text: _CONTROLS.sub("", text)),
        ("signs that turn the direction of reading", lambda text: _BIDI.sub("", text)),
        ("broken characters", lambda text: _BROKEN.sub("", text)),
        ("", lambda text: _SILENT.sub("", text)),
        ("invisible characters", lambda text: _INVISIBLE.sub(_flag, text)),
        # Python puts marks in order by insertion, which takes quadratic time in long runs.
        ("heaps of accents", _without_floods),
        ("", lambda text: unicodedata.normalize("NFC", text)),
        ("invisible characters", lambda text: _SELECTORS.sub("", text)),
        ("heaps of accents", _without_heaps),
        ("marks without a letter", lambda text: _homeless().sub("", text)),
        ("invisible characters", lambda text: _JOINERS.sub("", text)),
        ("", lambda text: unicodedata.normalize("NFC", text)),
    )


def _lines(text: str) -> str:
    return _LINE_ENDS.sub("\n", text).replace("\t", "    ")


def _flag(match: re.Match[str]) -> str:
    return match[1] or ""


def _without_floods(text: str) -> str:
    return _shorten(text, MOST_MARKS, lambda run: run[:MOST_MARKS])


def _without_heaps(text: str) -> str:
    return _shorten(text, MAX_MARKS, lambda run: run[: MAX_MARKS_DEEP if _DEEP.match(run) else MAX_MARKS])


def _shorten(text: str, most: int, shortened: Callable[[str], str]) -> str:
    candidates, runs = _runs(most)
    return candidates.sub(lambda part: runs.sub(lambda run: shortened(run[0]), part[0]), text)


@lru_cache(maxsize=2)
def _runs(most: int) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Patterns of more marks in a row than so many: one that finds too much, but fast, and the exact one.

    A set is searched range by range beyond the first plane, and a search runs over a set that stands
    first, but not over one that is repeated.
    """
    near, far = _marks()
    rough, exact = f"[{near}\U00010000-\U000e01ef]", f"[{near}{far}]"
    return re.compile(f"{rough}{rough}{{{most},}}"), re.compile(f"{exact}{exact}{{{most},}}")


@lru_cache(maxsize=1)
def _homeless() -> re.Pattern[str]:
    """Marks at the start of a text, which would sit on whatever stands before it."""
    near, far = _marks()
    return re.compile(rf"\A(?:[ \n]*+[{near}{far}]++)++")


@lru_cache(maxsize=1)
def _marks() -> tuple[str, str]:
    """All marks, and the joiners among them, as the inside of a set: on the first plane and beyond it."""
    codes = [code for code in range(0x300, 0x1F000) if unicodedata.category(chr(code))[0] == "M"]
    near = _ranges(code for code in codes if code <= 0xFFFF)
    far = _ranges(code for code in codes if code > 0xFFFF)
    return f"{near}\u200c\u200d", f"{far}\U000e0100-\U000e01ef"


def _ranges(codes: Iterable[int]) -> str:
    """Code points in rising order as the inside of a set."""
    spans: list[tuple[int, int]] = []
    for code in codes:
        first = spans.pop()[0] if spans and spans[-1][1] == code - 1 else code
        spans.append((first, code))
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in spans)
