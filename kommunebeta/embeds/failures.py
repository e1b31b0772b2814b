"""What can go wrong on the way to another server, as types.

    FetchError
    ├── AddressError       the address must not be asked: not https, not public, a circle
    ├── UnreachableError   no name, no connection, no answer in time, no trusted certificate
    ├── StatusError        the server said something else than 200
    └── AnswerError        what came is too long, damaged or not what was asked for

Messages name the host and never an address, are one clause and end without a full stop.
"""

from __future__ import annotations

from enum import StrEnum

from kommunebeta.errors import OutsideError


class Trouble(StrEnum):
    """What kind of thing went wrong."""

    ADDRESS = "address"
    REDIRECTS = "redirects"
    NAME = "name"
    CONNECTION = "connection"
    CERTIFICATE = "certificate"
    PROXY = "proxy"
    TIMEOUT = "timeout"
    STATUS = "status"
    LENGTH = "length"
    DAMAGED = "damaged"
    CONTENT = "content"


class FetchError(OutsideError):
    """A look-up failed.

    Attributes:
        kind: what kind of thing went wrong.
        status: what the server said (RFC 9110, section 15); 0 where it said nothing.
        passing: whether it may go better at once, as with timeouts, 429 and 5xx.
        wait: seconds that the server asks us to wait (``Retry-After``), or None.
    """

    def __init__(
        self,
        kind: Trouble,
        message: str,
        *,
        status: int = 0,
        passing: bool = False,
        wait: float | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.status = status
        self.passing = passing
        self.wait = wait

    @property
    def outside(self) -> bool:
        """Whether the network or the other server is out of order, rather than what was asked for."""
        return self.passing or isinstance(self, UnreachableError)


class AddressError(FetchError):
    """The address must not be asked."""


class UnreachableError(FetchError):
    """Nobody answered, or nobody who is trusted."""


class StatusError(FetchError):
    """The server said something else than 200."""


class AnswerError(FetchError):
    """What came cannot be used."""
