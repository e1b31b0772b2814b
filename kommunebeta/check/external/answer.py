"""What came of asking for an address."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What an answer means for readers."""

    THERE = "there"
    MOVED = "moved"
    GONE = "gone"
    UNSURE = "unsure"
    CERTIFICATE = "certificate"
    CIRCLE = "circle"
    INSIDE = "inside"


class Silence(StrEnum):
    """Why no server said anything."""

    NAME = "name"
    CONNECTION = "connection"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of asking for an address.

    Attributes:
        verdict: what it means.
        detail: for what is not there, what was said, a clause such as ``www.example.no answers 404``.
        new: for what has moved for good, where to.
        silence: why nobody said anything; None where somebody did.
    """

    verdict: Verdict
    detail: str = ""
    new: str = ""
    silence: Silence | None = None
