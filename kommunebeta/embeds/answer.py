"""A stranger's bytes → the fields of an oEmbed answer (oembed.com, section 2.3), or a clean failure."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from kommunebeta.embeds.client import Answer
from kommunebeta.web.failures import AnswerError, Trouble

ACCEPT = "application/json, application/json+oembed;q=0.9"
"""The media types that are asked for."""

MOST = 1_000_000
"""Bytes of an answer; real ones hold about 1,000."""

_MEDIA_TYPES = frozenset(("application/json", "text/json", "application/javascript", "text/javascript"))
_TYPES = ("photo", "video", "link", "rich")


def parse_answer(answer: Answer) -> dict[str, Any]:
    """Read an oEmbed answer.

    Args:
        answer: what the server gave.

    Returns:
        Its fields. No value in it has been checked but ``type``.

    Raises:
        AnswerError: it is not JSON in UTF-8, not one object, says something twice, or has none of
            the four types.
    """
    kind = answer.media_type
    if kind not in _MEDIA_TYPES and not kind.endswith(("+json", "/json+oembed")):
        raise _fault(answer, "is not JSON")
    try:
        text = answer.body.decode("utf-8-sig")
        fields = json.loads(text, object_pairs_hook=_without_doubles, parse_constant=_refused)
    except (ValueError, RecursionError) as error:  # also of numbers with thousands of digits
        raise _fault(answer, "is not JSON that can be read") from error
    if not isinstance(fields, dict) or fields.get("type") not in _TYPES:
        raise _fault(answer, "is not one of oEmbed")
    return fields


def _fault(answer: Answer, what: str) -> AnswerError:
    return AnswerError(Trouble.CONTENT, f"the answer of {answer.host} {what}")


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a key stands twice")
    return fields


def _refused(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
