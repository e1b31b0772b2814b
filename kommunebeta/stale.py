"""Which outputs another build has made that are no longer what they would be now, and why."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kommunebeta.answers import Question
from kommunebeta.current import damaged_outputs
from kommunebeta.inputs import Stamp
from kommunebeta.inquiry import Inquiry
from kommunebeta.memory import Kept, Memory
from kommunebeta.outputs import Staged

NEW, RECIPE, DAMAGED = "new", "recipe", "damaged"
"""Reasons for which an output is made, beside another answer: that is given as the question."""


class Answers:
    """The digests of answers, each worked out once.

    Attributes:
        known: those that were asked for, by question.
    """

    def __init__(self, inquiry: Inquiry) -> None:
        self._inquiry = inquiry
        self.known: dict[Question, str] = {}

    def of(self, question: Question) -> str:
        """The digest of the answer that a question has now."""
        if question not in self.known:
            self.known[question] = self._inquiry.ask(question)
        return self.known[question]


@dataclass(frozen=True, slots=True)
class Stale:
    """What must be made anew.

    Attributes:
        reasons: why, by output: ``new``, ``recipe``, ``damaged``, or the question that has another answer.
        same: the outputs that stay as they are.
        touched: what is to be remembered of those of which only the stamp is another.
        changed: the questions that have another answer.
        gone: outputs that are no longer made.
    """

    reasons: Mapping[str, str | Question]
    same: tuple[Staged, ...]
    touched: Mapping[str, Kept]
    changed: tuple[Question, ...]
    gone: tuple[str, ...]


def find_stale(memory: Memory, output: Path, recipes: Mapping[str, str], answers: Answers) -> Stale:
    """Compare what is planned with what is remembered.

    Args:
        memory: what the last build remembered.
        output: the output folder.
        recipes: the recipe of every planned output, by path.
        answers: the answers as they are now.
    """
    if not memory:
        return Stale(dict.fromkeys(recipes, NEW), (), {}, (), ())
    changed = tuple(question for question, digest in memory.questions() if answers.of(question) != digest)
    by_answer = memory.users_of(changed)
    kept = memory.outputs()
    same_folder = memory.fact("output") == str(output)
    stamps = {path: Stamp(item.size, item.time) for path, item in kept.items() if path in recipes}
    damaged = damaged_outputs(output, stamps) if same_folder else set(stamps)
    reasons: dict[str, str | Question] = {}
    for path, recipe in recipes.items():
        if path not in kept:
            reasons[path] = NEW
        elif kept[path].recipe != recipe:
            reasons[path] = RECIPE
        elif path in by_answer:
            reasons[path] = by_answer[path]
        elif path in damaged:
            reasons[path] = DAMAGED
    touched: dict[str, Kept] = {}
    for path in [path for path, reason in reasons.items() if reason == DAMAGED]:
        stamp = _stamp_of_same(output / path, kept[path].digest)
        if stamp is not None:  # it was only touched, or copied here with the memory
            touched[path] = kept[path]._replace(size=stamp.size, time=stamp.time)
            del reasons[path]
    stays = {path: kept[path] for path in recipes if path not in reasons}
    same = tuple(Staged(path, item.digest, same=True) for path, item in stays.items())
    return Stale(reasons, same, touched, changed, tuple(path for path in kept if path not in recipes))


def _stamp_of_same(file: Path, digest: str) -> Stamp | None:
    """The stamp of a file that holds what it should; None when it does not."""
    try:
        status = file.lstat()
        if not stat.S_ISREG(status.st_mode) or hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            return None
    except OSError:
        return None
    return Stamp(status.st_size, status.st_mtime_ns)


def as_text(reason: str | Question) -> str:
    """A reason as the memory keeps it."""
    return reason if isinstance(reason, str) else "\x1f".join(reason)


def as_reason(text: str) -> str | Question:
    """The reason that was kept."""
    return tuple(text.split("\x1f")) if "\x1f" in text else text
