"""The head of a server's answer, as far as it tells whether a page is there."""

from __future__ import annotations

from dataclasses import dataclass
from http.client import HTTPResponse
from urllib.parse import quote

from kommunebeta.web.retry import retry_after


@dataclass(frozen=True, slots=True)
class Reply:
    """The head of a server's answer.

    Attributes:
        status: what the server said (RFC 9110, section 15).
        location: where it leads on, as it is written.
        wait: seconds after which it wants to be asked again; None where it names none.
        challenge: it takes us for a robot, and what it says is about us.
        cookie: it hands out a cookie.
    """

    status: int
    location: str
    wait: float | None
    challenge: bool
    cookie: bool


def reply_of(response: HTTPResponse) -> Reply:
    """What the head of an answer tells.

    Args:
        response: one whose head has been read.
    """
    return Reply(
        response.status,
        _as_written(response.getheader("Location") or ""),
        retry_after(response.getheader("Retry-After") or ""),
        bool(response.getheader("cf-mitigated")),
        bool(response.getheader("Set-Cookie")),
    )


def _as_written(location: str) -> str:
    """A head line as its server meant it, which http.client reads as ISO 8859-1."""
    data = location.encode("latin-1", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return quote(data, safe="%/:?#[]@!$&'()*+,;=~|")
