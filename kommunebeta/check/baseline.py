"""The findings that a site knows of and means to mend later, kept in a file of the site.

A finding is known again by its code, its file (or page) and its message, not by its line, so that an
edit elsewhere in the file changes nothing. The same finding twice in one file counts twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import yaml
from pydantic import Field

from kommunebeta.check.finding import Finding
from kommunebeta.errors import ContentError, OutsideError, UsageError
from kommunebeta.validation import Edge, validate
from kommunebeta.yamlfile import read_yaml

BASELINE = "check-baseline.yaml"
"""Name of the file in the site folder."""

_HEAD = """\
# What «kommunebeta check» found when this list was made, and no longer tells.
# Mend one, and take its lines away; «kommunebeta check --update-baseline» writes the list anew.
"""


class Known(NamedTuple):
    """What a finding is known by: its code, its file or page, and its message."""

    code: str
    place: str
    message: str


class _Row(Edge):
    code: str = Field(description="Code of the finding.")
    place: str = Field("", description="Its file; else the address of the page.")
    message: str = Field(description="What it says.")
    count: int = Field(1, ge=1, description="How many there are.")


class _Baseline(Edge):
    findings: list[_Row] = Field(default_factory=list, description="The known findings.")


def known_by(finding: Finding) -> Known:
    """What a finding is known by."""
    problem = finding.problem
    return Known(problem.code, problem.path or finding.page, problem.message)


def read_baseline(file: Path, *, named: bool) -> Mapping[Known, int]:
    """The known findings, and how many there are of each.

    Args:
        file: the baseline.
        named: whether the user named it, so that it must be there.

    Raises:
        UsageError: it is not there although it was named.
        ContentError: it has faults.
        OutsideError: it cannot be read.
    """
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError as error:
        if named:
            raise UsageError(f"There is no baseline {file}. Write one with --update-baseline.") from error
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise OutsideError(f"{file} cannot be read: {error}.") from error
    document = read_yaml(text, file.name)
    baseline, problems = validate(_Baseline, document, file.name, wrong="KB011", unknown="KB012")
    if baseline is None or problems:
        raise ContentError(problems)
    return Counter({Known(row.code, row.place, row.message): row.count for row in baseline.findings})


def write_baseline(file: Path, findings: Iterable[Finding]) -> int:
    """Write a baseline.

    Args:
        file: where.
        findings: all that were found.

    Returns:
        How many findings it holds.

    Raises:
        OutsideError: it cannot be written.
    """
    counts = Counter(map(known_by, findings))
    rows = [
        {**known._asdict(), **({"count": count} if count > 1 else {})}
        for known, count in sorted(counts.items())
    ]
    try:
        text = yaml.safe_dump({"findings": rows}, allow_unicode=True, sort_keys=False, width=1_000)
        file.write_text(_HEAD + text, "utf-8")
    except OSError as error:
        raise OutsideError(f"{file} cannot be written: {error.strerror or error}.") from error
    return counts.total()


def without_known(
    findings: Iterable[Finding], known: Mapping[Known, int]
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """The findings that are new, and what is known but no longer found, as lines for people."""
    left = Counter(known)
    new = []
    for finding in findings:
        if left[known_by(finding)] > 0:
            left[known_by(finding)] -= 1
        else:
            new.append(finding)
    mended = tuple(f"{row.place}: {row.code}: {row.message}" for row in sorted(+left))
    return tuple(new), mended
