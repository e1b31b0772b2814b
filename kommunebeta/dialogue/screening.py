"""What is worth a second look in texts before they are published: personal data, and signs that deceive.

A problem never repeats what was found, so that no log holds it: it tells the kind and the place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kommunebeta.dialogue.personal import personal_data
from kommunebeta.dialogue.sanitise import what_was_harmful
from kommunebeta.errors import Problem, Severity
from kommunebeta.yamlfile import Path, YamlDocument

_MOST_IN_ONE_TEXT = 5


def screened(
    texts: Iterable[tuple[Path, str]], raw: str, document: YamlDocument, path: str
) -> Iterator[Problem]:
    """Warnings about texts that are to be published (``KB081``, ``KB089``).

    Args:
        texts: each text as it stands in the file, with its place in the document.
        raw: the whole file, with ``\\n`` line ends.
        document: what was read of it.
        path: the file, relative to the site folder.
    """
    lines: list[str] = []
    for place, text in texts:
        findings = personal_data(text)[:_MOST_IN_ONE_TEXT]
        harm = what_was_harmful(text)
        if not findings and not harm:
            continue
        lines = lines or raw.split("\n")
        for finding in findings:
            line, column = place_in_value(lines, document.place_of(place), text, finding.start)
            an = "An" if finding.kind.value[0] in "aeiou" else "A"
            message = f"{an} {finding.kind.value} is about to be published."
            mend = "Take it out, and say so with «moderated», unless it is meant to be public."
            yield Problem("KB081", path, line, column, message, mend, Severity.WARNING)
        if harm:
            line, column = document.place_of(place)
            message = f"The text holds {_listed(harm)}."
            mend = "They are left out on the page; nothing needs to be done."
            yield Problem("KB089", path, line, column, message, mend, Severity.WARNING)


def _listed(words: tuple[str, ...]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def place_in_value(lines: list[str], start: tuple[int, int], text: str, index: int) -> tuple[int, int]:
    """Line and column of a character of a YAML value.

    They are exact for blocks (``|``) and for values on one line without escapes; else the value's own.

    Args:
        lines: the lines of the file.
        start: where the value begins, from 1.
        text: the value.
        index: the character in it.
    """
    line, column = start
    written = lines[line - 1][column - 1 :] if line <= len(lines) else ""
    if written.startswith("|"):
        before = text[:index]
        row = line + before.count("\n")
        inside = index - before.rfind("\n") - 1
        whole = text[index - inside :].split("\n", 1)[0]
        if row < len(lines) and lines[row].endswith(whole):
            return row + 1, len(lines[row]) - len(whole) + inside + 1
        return start
    quoted = written[:1] in ("'", '"')
    return (line, column + index + quoted) if written[quoted:].startswith(text) else start
