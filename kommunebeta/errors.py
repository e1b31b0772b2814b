"""What can go wrong, as types.

    KommunebetaError
    ├── ContentError    problems in the site's files                       exit 1
    ├── UsageError      the command was used wrongly                       exit 2
    └── OutsideError    disk, permissions or network failed                exit 3

A ``Problem`` is one thing for a writer to mend. Stages collect problems and the
build reports them together; an exception is for what stops a stage at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a problem matters: an error stops publication, a warning and a note do not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend.

    Attributes:
        code: stable code such as ``KB014``; its meaning stands in ``kommunebeta.codes``.
        path: file, relative to the site folder with ``/``; empty when no file is to blame.
        line: 1-based line in that file, front matter counted; 0 when the whole file is meant.
        column: 1-based column; 0 when the whole line is meant.
        message: what is wrong, one sentence.
        mend: what to do about it, one sentence; may be empty.
        severity: error, warning or note.
    """

    code: str
    path: str
    line: int
    column: int
    message: str
    mend: str = ""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        text = f"{self.severity} {self.code}: {self.message}"
        if self.mend:
            text += f" {self.mend}"
        return f"{self.place}: {text}" if self.path else text

    @property
    def place(self) -> str:
        """``path:line:column`` with the parts that are known."""
        parts = [self.path]
        if self.line:
            parts.append(str(self.line))
            if self.column:
                parts.append(str(self.column))
        return ":".join(parts)

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        """Orders problems by file, then by place in it."""
        return (self.path, self.line, self.column, self.code, self.message)


class KommunebetaError(Exception):
    """The root of every error that this package raises on purpose."""

    exit_code = 1


class ContentError(KommunebetaError):
    """The site's files hold problems that stop the work.

    Attributes:
        problems: all of them, sorted by file and place, without repetition.
    """

    exit_code = 1

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems), key=lambda problem: problem.sort_key))
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[ContentError], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)  # so that it arrives whole from another process


class UsageError(KommunebetaError):
    """A command was used wrongly: a folder that is not a site, an output folder that is refused."""

    exit_code = 2


class OutsideError(KommunebetaError):
    """The world outside failed: a full disk, a missing permission, a broken network."""

    exit_code = 3
