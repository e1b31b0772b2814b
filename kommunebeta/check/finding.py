"""What checks say: rules, faults as a check sees them, findings as people read them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from kommunebeta.errors import Problem, Severity


class Group(StrEnum):
    """What a rule is about."""

    BUILD = "build"
    LINKS = "links"
    PAGES = "pages"
    PRIVACY = "privacy"
    DIALOGUE = "dialogue"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a code of the checks stands for.

    Attributes:
        title: a few words.
        severity: of its findings, where a finding or the settings say nothing else.
        why: why it matters to people, one or two sentences (Markdown).
        mend: how it is mended, in general (Markdown).
        sources: what stands behind it, such as ``WCAG 2.2, 1.1.1`` or ``GDPR, article 5``.
        build: the code with which a build tells of the same fault in a text; where it has done so, the
            check keeps quiet.
        instead: a rule that says less of the same fault; it keeps quiet where this one has spoken.
    """

    title: str
    severity: Severity
    why: str
    mend: str
    sources: tuple[str, ...] = ()
    build: str = ""
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Clue:
    """What to look for in the sources, to find the line that a writer can mend.

    Attributes:
        tag: name of the element, such as ``a``; empty for plain words.
        texts: what stands there, the most telling first: words of a link or heading, a text alternative,
            an address, an id; character references resolved.
        nth: which one of several with the same first text, from 1.
        body: whether it is part of the page's own content; else the theme or the settings made it.
    """

    tag: str
    texts: tuple[str, ...]
    nth: int = 1
    body: bool = True


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault as a check sees it.

    Attributes:
        code: the rule that is broken.
        message: what is wrong, one sentence; without personal data.
        mend: what to do about it, one sentence; may be empty.
        clue: what to look for in the sources, for a fault that was seen in a page.
        severity: another one than the rule's.
        page: the output in which it was seen, where a check of the whole site says it.
        path: the source file, where the check knows it.
        line: 1-based line there; 0 when unknown.
        column: 1-based column; 0 when unknown.
    """

    code: str
    message: str
    mend: str = ""
    clue: Clue | None = None
    severity: Severity | None = None
    page: str = ""
    path: str = ""
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a check found.

    Attributes:
        problem: what is wrong, where, and how to mend it.
        group: what its rule is about.
        why: why it matters to people.
        sources: what stands behind the rule.
        page: output in which it was seen, such as ``2026/05/x/index.html``; empty where none was.
        pages: the number of outputs in which it was seen.
    """

    problem: Problem
    group: Group
    why: str = ""
    sources: tuple[str, ...] = field(default=())
    page: str = ""
    pages: int = 0

    @property
    def sort_key(self) -> tuple[str, int, int, str, str, str]:
        """Orders findings by file and place, those without a file by page."""
        return (*self.problem.sort_key, self.page)
