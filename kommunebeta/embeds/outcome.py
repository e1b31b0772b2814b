"""What an update of the lock did, and what the command's exit code says of it."""

from __future__ import annotations

from dataclasses import dataclass

from kommunebeta.embeds.lookup import Wanted
from kommunebeta.errors import ContentError, OutsideError, Problem


@dataclass(frozen=True, slots=True)
class Failure:
    """An embed that nothing, or no picture, could be learnt of.

    Attributes:
        url: its address.
        places: where it is embedded.
        reason: why, one clause without a full stop.
        outside: whether the network or the other server is out of order.
    """

    url: str
    places: tuple[Wanted, ...]
    reason: str
    outside: bool = False

    def __str__(self) -> str:
        first = self.places[0]
        return f"{first.path}:{first.line}:{first.column}: {self.url}: {self.reason}."


@dataclass(frozen=True, slots=True)
class UpdateResult:
    """What an update did.

    Attributes:
        check: whether it was a check of what is known.
        asked: how many embeds were looked up.
        learnt: addresses whose entry in the lock is new or another, sorted.
        forgotten: addresses that no post has any more, sorted; their entries and pictures are gone.
        posters: pictures that were written, relative to the site folder, sorted.
        back: addresses that had been withdrawn and are there again, sorted.
        problems: one for each place in a post whose embed is withdrawn, sorted.
        failures: embeds that could not be looked up, by address.
        bare: embeds that were looked up but whose picture could not be had, by address.
    """

    check: bool = False
    asked: int = 0
    learnt: tuple[str, ...] = ()
    forgotten: tuple[str, ...] = ()
    posters: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    failures: tuple[Failure, ...] = ()
    bare: tuple[Failure, ...] = ()

    @property
    def exit_code(self) -> int:
        """1 where a check found something withdrawn, 3 where the network failed, else 0.

        A check forgives a network that failed for some, since nothing is lost by it; a look-up
        of something new does not.
        """
        failed = sum(failure.outside for failure in self.failures)
        if not self.check:
            return OutsideError.exit_code if failed else 0
        if self.problems:
            return ContentError.exit_code
        return OutsideError.exit_code if failed and failed == self.asked else 0
