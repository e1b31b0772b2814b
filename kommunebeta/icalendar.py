"""Calendar files: texts and lines as iCalendar writes them (RFC 5545)."""

from __future__ import annotations

import re

_LONGEST = 75  # octets of a line, section 3.1
_UNSAID = re.compile("[\x00-\x09\x0b-\x1f\x7f\ud800-\udfff]")


def escaped(text: str) -> str:
    """A text as the value of a property (section 3.3.11)."""
    text = _UNSAID.sub("", text.replace("\r\n", "\n"))
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\n", "\\n")


def as_calendar(text: str) -> str:
    """A file of content lines, with long ones folded and the line ends that calendars want.

    Args:
        text: one property a line; empty lines are passed over.
    """
    lines = (line.strip() for line in text.split("\n"))
    return "".join(f"{_folded(line)}\r\n" for line in lines if line)


def _folded(line: str) -> str:
    if len(line.encode()) <= _LONGEST:
        return line
    parts, size = [""], 0
    for sign in line:
        width = len(sign.encode())
        if size + width > _LONGEST:
            parts.append(" ")
            size = 1
        parts[-1] += sign
        size += width
    return "\r\n".join(parts)
