"""When a server wants to be asked again."""

from __future__ import annotations

import datetime as dt
import re
from email.utils import parsedate_to_datetime


def retry_after(text: str) -> float | None:
    """``Retry-After`` as seconds: a number, or a moment (RFC 9110, section 10.2.3).

    Returns:
        None for what is neither.
    """
    if re.fullmatch(r"\d{1,6}", text.strip()):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        return None
    return max(0.0, (moment - dt.datetime.now(dt.UTC)).total_seconds())
