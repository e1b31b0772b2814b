"""What can go wrong on the way to another server, as types.

    FetchError
    ├── AddressError       the address must not be asked: not https, not public, a circle
    ├── UnreachableError   no name, no connection, no answer in time, no trusted certificate
    ├── StatusError        the server said something else than 200
    └── AnswerError        what came is too long, damaged or not what was asked for

Messages name the host and never an address, are one clause and end without a full stop.
"""

from __future__ import annotations

import contextlib
import ssl
import zlib
from collections.abc import Iterator
from enum import StrEnum
from http.client import HTTPException

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


@contextlib.contextmanager
def told_as_ours(host: str) -> Iterator[None]:
    """Turn what the libraries raise while a host is asked into our own errors.

    Raises:
        FetchError: in place of each of theirs, which stays its cause.
    """
    try:
        yield
    except FetchError:
        raise
    except ssl.SSLCertVerificationError as error:
        message = f"the certificate of {host} is not to be trusted"
        raise UnreachableError(Trouble.CERTIFICATE, message) from error
    except TimeoutError as error:
        message = f"{host} did not answer in time"
        raise UnreachableError(Trouble.TIMEOUT, message, passing=True) from error
    except OSError as error:
        message = f"{host} could not be reached"
        raise UnreachableError(Trouble.CONNECTION, message, passing=True) from error
    except (HTTPException, ValueError, zlib.error) as error:
        raise AnswerError(Trouble.DAMAGED, f"the answer of {host} is damaged") from error
