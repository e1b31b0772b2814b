"""The surroundings as the checks of one output see them: whatever they ask is noted.

So what was found in an output holds for as long as it is the same and every question still has its answer
(verifying traces; see ``kommunebeta.answers``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, NamedTuple, TypeVar

from kommunebeta.answers import Question, digest
from kommunebeta.check.addresses import Destination, is_same_on_every_page
from kommunebeta.check.state import Surroundings
from kommunebeta.config import CheckSetting

Member = TypeVar("Member", bound=Callable[..., Any])


class Answered(NamedTuple):
    """A question that was asked, with what was answered.

    Attributes:
        question: the member of ``NotedSurroundings`` that was asked, and what it was asked about.
        digest: of the answer.
    """

    question: Question
    digest: str


def noted(member: Member) -> Member:
    """A member of ``NotedSurroundings`` whose name and words are noted when it is asked."""
    name = member.__name__

    @wraps(member)
    def asked(self: NotedSurroundings, *words: str) -> Any:
        self.asked.add((name, *words))
        return member(self, *words)

    QUESTIONS.add(name)
    return asked  # type: ignore[return-value]  # of the same signature, but for the names of parameters


QUESTIONS: set[str] = set()
"""The members that may be asked."""


class NotedSurroundings:
    """What one page or file is checked against.

    There is no clock here, nor the list of all outputs: what they decide is a matter for checks of the whole
    site. Every public member is a question, and asks for texts alone, so that it can be asked again.

    Attributes:
        asked: the questions so far.
    """

    __slots__ = ("_surroundings", "asked")

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self.asked: set[Question] = set()

    @property
    @noted
    def base_url(self) -> str:
        """The address of the site, with a slash at the end."""
        return self._surroundings.settings.base_url

    @property
    @noted
    def limits(self) -> CheckSetting:
        """What the site's settings say of checks."""
        return self._surroundings.limits

    @property
    @noted
    def origin(self) -> str:
        """The site's own origin, such as ``https://beta.example.no``."""
        return self._surroundings.origin

    @property
    @noted
    def receivers(self) -> frozenset[str]:
        """The hosts, beside the site's own, to which the settings let forms be sent."""
        return self._surroundings.receivers

    @property
    @noted
    def policy(self) -> Mapping[str, tuple[str, ...]]:
        """The content security policy that hosts are to send: sources by directive; empty for none."""
        return self._surroundings.policy

    @property
    @noted
    def public(self) -> frozenset[str]:
        """Words that may stand in pages although they look like personal data."""
        return self._surroundings.public

    @noted
    def may_store(self, path: str) -> bool:
        """Whether the theme says why a script keeps something in the reader's browser."""
        return path in self._surroundings.storing

    @noted
    def source(self, path: str) -> str:
        """The one file of the site folder that an output is made from; empty where there is none."""
        return self._surroundings.sources.get(path, "")

    @noted
    def shown(self, path: str) -> str:
        """The address of an output, from the host's root."""
        return self._surroundings.addresses.shown(path)

    @noted
    def size(self, path: str) -> int:
        """Bytes of an output; 0 where it is missing."""
        return self._surroundings.files.size(path)

    @noted
    def of_sheet(self, path: str) -> frozenset[str]:
        """A style sheet with the sheets that it imports and the fonts that it surely needs."""
        return self._surroundings.files.of_sheet(path)

    def lead(self, address: str, page: str) -> Destination:
        """Where an address leads.

        Args:
            address: as a page or a file has it.
            page: the output in which it stands.
        """
        return self._lead(address, "" if is_same_on_every_page(address) else page)

    @noted
    def _lead(self, address: str, page: str) -> Destination:
        return self._surroundings.addresses.lead(address, page)


def answered(question: Question, surroundings: Surroundings) -> Answered | None:
    """A question with the answer that it has now, worked out once in each process.

    Args:
        question: as it was noted.
        surroundings: what is asked.

    Returns:
        None for what is no question.
    """
    known: dict[Question, Answered] = surroundings.answers
    if question not in known:
        name, *words = question
        if name not in QUESTIONS:
            return None
        member = getattr(NotedSurroundings(surroundings), name)
        answer = member(*words) if callable(member) else member
        plain = sorted(answer) if isinstance(answer, frozenset) else answer
        known[question] = Answered(question, digest(plain))
    return known[question]
