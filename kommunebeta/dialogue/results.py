"""The figures of surveys: the files ``dialogue/<post>/results.yaml``, and the same for spreadsheets.

Counts that are too small to be shown are taken out while the file is read, so that nothing later, neither
theme nor feed nor open data, ever meets them.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from kommunebeta.dialogue.forms import FormDefinition
from kommunebeta.dialogue.model import Cell, Chart, QuestionResult, Results, Row
from kommunebeta.dialogue.questions import (
    OTHER,
    BaseField,
    ChoiceField,
    Condition,
    MatrixField,
    Question,
    RankingField,
    ScaleField,
    YesNoField,
)
from kommunebeta.dialogue.sanitise import csv_cell
from kommunebeta.dialogue.suppression import hidden_answers, hidden_choices, may_be_shown, shown_places
from kommunebeta.errors import Problem
from kommunebeta.frontmatter import double_name, rename_keys
from kommunebeta.language import base_language
from kommunebeta.validation import Day, Edge, Flag, Text, nearest, validate
from kommunebeta.yamlfile import Path, YamlDocument, read_yaml

NORWEGIAN_RESULT_KEYS = {
    "skjema": "form",
    "talt_opp": "collected",
    "telt_opp": "collected",
    "deltakere": "respondents",
    "deltakarar": "respondents",
    "etter_frist": "after_close",
    "merknad": "note",
    "spørsmål": "questions",
    "sporsmal": "questions",
}
"""Norwegian names of the keys of a file with figures, bokmål and nynorsk."""

_CODE = "KB085"
_WHOLE = re.compile(r"\d{1,9}")

Labelled = tuple[str, Mapping[str, str]]
"""The value of an answer or a line as it is stored, and what it is called by language."""


def _count(value: object) -> object:
    if not _WHOLE.fullmatch(str(value).strip()):
        mend = "Write it in figures, such as 124"
        raise PydanticCustomError("count", "a whole number from 0 is expected. {mend}", {"mend": mend})
    return value


_COUNT: dict[str, Any] = {"type": "integer", "minimum": 0, "pattern": r"^\s*\d{1,9}\s*$"}
_COUNTS = {
    "type": "object",
    "additionalProperties": {"anyOf": [_COUNT, {"type": "object", "additionalProperties": _COUNT}]},
}


class ResultsMatter(Edge):
    """A file `dialogue/<post>/results.yaml`: the figures of a survey, counted together."""

    form: str = Field(min_length=1, description="Id of the form.")
    collected: Day = Field(description="The day on which the answers were counted.")
    respondents: Annotated[int, BeforeValidator(_count), WithJsonSchema(_COUNT)] = Field(
        ge=0, description="How many took part."
    )
    after_close: Flag = Field(True, description="Show the figures only when the call for input has closed.")
    note: Text = Field(
        default_factory=dict, description="How the figures came about, or one text per language."
    )
    questions: dict[str, Annotated[dict[str, Any], WithJsonSchema(_COUNTS)]] = Field(
        min_length=1,
        max_length=200,
        description="Name of the question → answer → how many. For a matrix and a ranking one more level: "
        "line → answer → how many, and thing → place → how many. Answers left out count 0.",
    )


@dataclass(frozen=True, slots=True)
class _Layout:
    """What can be counted of a question.

    Attributes:
        chart: how it is drawn.
        answers: the answers, or the places of a ranking.
        lines: the lines of a matrix, or the things of a ranking; none where the question is one line.
        several: whether people could choose several answers.
    """

    chart: Chart
    answers: tuple[Labelled, ...]
    lines: tuple[Labelled, ...] = ()
    several: bool = False


@dataclass(slots=True)
class _Reading:
    """A file that is being read, and what was found wrong with it."""

    document: YamlDocument
    path: str
    respondents: int = 0
    problems: list[Problem] = field(default_factory=list)

    def fault(self, place: Path, message: str, mend: str, *, key: bool = False) -> None:
        line, column = (self.document.place_of_key if key else self.document.place_of)(place)
        self.problems.append(Problem(_CODE, self.path, line, column, message, mend))


def read_results(
    text: str, path: str, form_of: Callable[[str], FormDefinition | None]
) -> tuple[Results | None, tuple[Problem, ...]]:
    """Read the figures of a survey, and take out what must not be shown.

    Args:
        text: the YAML, with ``\\n`` line ends.
        path: the file, relative to the site folder.
        form_of: finds a form by its id.

    Returns:
        The figures, or None when the file has faults; and the problems (``KB085`` and those of any YAML).
    """
    document, doubles = rename_keys(read_yaml(text, path), NORWEGIAN_RESULT_KEYS)
    reading = _Reading(document, path)
    reading.problems += [double_name(document, path, (key,), NORWEGIAN_RESULT_KEYS) for key in doubles]
    matter, faults = validate(ResultsMatter, document, path, wrong=_CODE)
    reading.problems += faults
    if matter is None:
        return None, tuple(reading.problems)
    form = form_of(matter.form)
    if form is None:
        mend = "Name a form in forms/, or one that comes with the theme."
        reading.fault(("form",), f"There is no sound form «{matter.form}».", mend)
        return None, tuple(reading.problems)
    reading.respondents = matter.respondents
    questions = _questions(matter, form, reading)
    if reading.problems:
        return None, tuple(reading.problems)
    results = Results(
        source=path,
        form=matter.form,
        respondents=matter.respondents if may_be_shown(matter.respondents) else None,
        collected=matter.collected,
        after_close=matter.after_close,
        questions=questions,
        note=matter.note,
    )
    return results, ()


def _questions(matter: ResultsMatter, form: FormDefinition, reading: _Reading) -> tuple[QuestionResult, ...]:
    """The questions in the form's order."""
    fields = {item.name: item for item in form.fields if item.name}
    for name in matter.questions:
        if name not in fields:
            near = nearest(name, tuple(fields))
            mend = f"Did you mean «{near}»?" if near else f"Its questions: {', '.join(fields)}."
            message = f"The form «{matter.form}» has no question «{name}»."
            reading.fault(("questions", name), message, mend, key=True)
    made: dict[str, QuestionResult] = {}
    for item in form.fields:
        layout = _countable(item, matter, reading) if item.name in matter.questions else None
        if layout is None or not isinstance(item, Question):
            continue
        table = _table(matter.questions[item.name], layout, ("questions", item.name), reading)
        if not reading.problems:
            asked = _asked(item.show_if, made, matter.respondents)
            made[item.name] = _question(item, layout, table, asked)
    return tuple(made.values())


def _countable(item: BaseField, matter: ResultsMatter, reading: _Reading) -> _Layout | None:
    """What can be counted of a field that has figures; None, with the fault told, when nothing can."""
    layout, condition = _layout(item), item.show_if
    if layout is None:
        message = (
            f"The answers to «{item.name}» are not counted: it is of kind «{getattr(item, 'kind', '')}»."
        )
    elif getattr(item, "confidential", False):
        message = f"The form promises that answers to «{item.name}» are never published."
    elif condition and condition.field not in matter.questions:
        # How many saw the question tells how many gave the answer that brings it up.
        message = f"«{item.name}» depends on the answer to «{condition.field}», which has no figures."
        mend = f"Give figures for «{condition.field}» too, or take «{item.name}» out."
        reading.fault(("questions", item.name), message, mend, key=True)
        return None
    else:
        return layout
    reading.fault(("questions", item.name), message, "Take the question out.", key=True)
    return None


def _layout(item: object) -> _Layout | None:
    """What can be counted of a field, or None."""
    match item:
        case ScaleField():
            ends = {item.min: item.min_label, item.max: item.max_label}
            steps = range(item.min, item.max + 1)
            return _Layout(Chart.SCALE, tuple((str(step), _step(step, ends.get(step))) for step in steps))
        case ChoiceField():
            choices = [(choice.value, choice.label) for choice in item.choices]
            other: list[Labelled] = [(OTHER, {})] if item.other else []
            return _Layout(Chart.BARS, (*choices, *other), several=item.kind == "many")
        case YesNoField():
            return _Layout(Chart.BARS, (("yes", {}), ("no", {})))
        case MatrixField():
            lines = tuple((row.value, row.label) for row in item.rows)
            return _Layout(
                Chart.MATRIX, tuple((column.value, column.label) for column in item.columns), lines
            )
        case RankingField():
            lines = tuple((choice.value, choice.label) for choice in item.choices)
            return _Layout(Chart.RANKING, tuple((str(at), {}) for at in range(1, len(lines) + 1)), lines)
    return None


def _step(step: int, meaning: Mapping[str, str] | None) -> Mapping[str, str]:
    """A step of a scale by language, with what it means where the form says so."""
    return {lang: f"{step} – {text}" for lang, text in meaning.items()} if meaning else {"": str(step)}


def _table(given: Mapping[str, Any], layout: _Layout, place: Path, reading: _Reading) -> list[list[int]]:
    """The counts of a question, line by line, in the form's order."""
    if not layout.lines:
        counts = _line(given, layout, place, reading)
        largest = max(counts) if layout.several else sum(counts)
        _check_sum(largest, place, reading)
        return [counts]
    _check_known(given, layout.lines, place, "line", reading)
    table = []
    for value, _ in layout.lines:
        line = given.get(value, {})
        if not isinstance(line, Mapping):
            first, second = layout.answers[0][0], layout.answers[1][0]
            mend = f"Write {value}: {{{first}: 12, {second}: 34}}, with the answers to it."
            reading.fault((*place, value), f"«{value}» needs counts of its own.", mend)
            line = {}
        table.append(_line(line, layout, (*place, value), reading))
        _check_sum(sum(table[-1]), (*place, value), reading)
    if layout.chart is Chart.RANKING:
        for (number, _), column in zip(layout.answers, zip(*table, strict=True), strict=True):
            _check_sum(sum(column), place, reading, f" on place {number}")
    return table


def _line(given: Mapping[str, Any], layout: _Layout, place: Path, reading: _Reading) -> list[int]:
    """The counts of one line in the form's order; answers that are left out count 0."""
    _check_known(given, layout.answers, place, "answer", reading)
    counts = []
    for value, _ in layout.answers:
        count = given.get(value, "0")
        sound = isinstance(count, str) and _WHOLE.fullmatch(count.strip())
        if not sound:
            shown = f"«{count}»" if isinstance(count, str) else "this"
            message = f"How many answered «{value}» is a whole number from 0, not {shown}."
            reading.fault((*place, value), message, f"Write a count, such as «{value}: 12».")
        counts.append(int(count) if sound else 0)
    return counts


def _check_known(
    given: Mapping[str, Any], known: Sequence[Labelled], place: Path, what: str, reading: _Reading
) -> None:
    values = tuple(value for value, _ in known)
    for key in given:
        if key not in values:
            near = nearest(key, values)
            mend = f"Did you mean «{near}»?" if near else f"There are: {', '.join(values)}."
            message = f"The question «{place[1]}» has no {what} «{key}»."
            reading.fault((*place, key), message, mend, key=True)


def _check_sum(count: int, place: Path, reading: _Reading, where: str = "") -> None:
    if count > reading.respondents:
        message = f"«{place[-1]}» has {count} answers{where}, but only {reading.respondents} took part."
        reading.fault(place, message, "Count again, or mend «respondents».", key=True)


def _asked(condition: Condition | None, made: Mapping[str, QuestionResult], respondents: int) -> int | None:
    """How many were asked a question; None when that could tell a hidden count.

    Where it depends on an answer whose count is hidden, the number of those who were asked would tell it.
    """
    if condition is None:
        return respondents
    (row, *_) = made[condition.field].rows
    return next((cell.count for cell in row.cells if cell.value == condition.equals), None)


def _question(item: Question, layout: _Layout, table: list[list[int]], asked: int | None) -> QuestionResult:
    """A question with what may be shown of it."""
    labels = [label for _, label in layout.lines] or [{}]
    merged = False
    if asked is None or not may_be_shown(asked):
        rows = [Row(label, _hidden(layout.answers)) for label in labels]
    elif layout.chart is Chart.RANKING:
        groups = shown_places(table)
        merged = 0 < len(groups) < len(layout.answers)
        rows = [_ranked(label, counts, groups) for label, counts in zip(labels, table, strict=True)]
    else:
        rows = [_answered(label, counts, layout, asked) for label, counts in zip(labels, table, strict=True)]
    suppressed = any(cell.count is None for row in rows for cell in row.cells)
    return QuestionResult(
        item.name, item.label, layout.chart, tuple(rows), suppressed, several=layout.several, merged=merged
    )


def _hidden(answers: Iterable[Labelled]) -> tuple[Cell, ...]:
    return tuple(Cell(value, label, None) for value, label in answers)


def _answered(label: Mapping[str, str], counts: Sequence[int], layout: _Layout, asked: int) -> Row:
    """A line of anything but a ranking."""
    if layout.several:
        hidden, total = hidden_choices(counts, asked), asked
    else:
        hidden, total = hidden_answers(counts), sum(counts)
    cells = tuple(
        Cell(value, text, None if at in hidden else count, None if at in hidden else 100 * count / total)
        for at, ((value, text), count) in enumerate(zip(layout.answers, counts, strict=True))
    )
    # A mean beside all counts but two would tell the two apart.
    scaled = layout.chart is Chart.SCALE and not hidden
    mean = (
        sum(int(cell.value) * count for cell, count in zip(cells, counts, strict=True)) / total
        if scaled
        else None
    )
    return Row(label, cells, total if may_be_shown(total) else None, mean)


def _ranked(label: Mapping[str, str], counts: Sequence[int], groups: Sequence[Sequence[int]]) -> Row:
    """A line of a ranking; without any group of places, nothing but how many placed the thing."""
    total = sum(counts)
    shown = total if may_be_shown(total) else None
    if not groups:
        return Row(label, _hidden((str(place), {}) for place in range(1, len(counts) + 1)), shown)
    cells = []
    for group in groups:
        count = sum(counts[place] for place in group)
        first, last = group[0] + 1, group[-1] + 1
        cells.append(Cell(str(first) if first == last else f"{first}-{last}", {}, count, 100 * count / total))
    apart = len(groups) == len(counts)
    mean = sum(place * count for place, count in enumerate(counts, 1)) / total if apart else None
    return Row(label, tuple(cells), shown, mean)


def results_csv(results: Results, lang: str, words: Callable[[str], str]) -> str:
    """All figures as a file for spreadsheets.

    It is of RFC 4180 but for what Excel needs where numbers have a decimal comma: semicolons between the
    cells, and a byte order mark in front (to be written as UTF-8).

    Args:
        results: what may be shown.
        lang: language of labels and numbers.
        words: the interface's text for a message, such as ``Catalogue.gettext``.

    Returns:
        A line for each answer: question, row, answer, count, share in per cent. Where a count is not shown,
        the text that says so stands in its place, and no share.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
    headings = (words("Question"), words("Row"), words("Answer"), words("Number"), words("Per cent"))
    writer.writerow([csv_cell(heading) for heading in headings])
    for question in results.questions:
        for row in question.rows:
            for cell in row.cells:
                answer = cell.label_in(lang) or _wording(cell, question.chart, words)
                texts = (question.label_in(lang), row.label_in(lang), answer, *_figures(cell, lang, words))
                writer.writerow([csv_cell(text) for text in texts])
    return "\ufeff" + stream.getvalue()


def _wording(cell: Cell, chart: Chart, words: Callable[[str], str]) -> str:
    """The interface's text for an answer that the form has no text for."""
    if chart is Chart.RANKING:
        message = words("Places %(num)s") if "-" in cell.value else words("Place %(num)s")
        return message % {"num": cell.value.replace("-", "–")}
    if cell.value == OTHER:
        return words("Other")
    return words("Yes") if cell.value == "yes" else words("No")


def _figures(cell: Cell, lang: str, words: Callable[[str], str]) -> tuple[str, str]:
    if cell.count is None:
        return words("fewer than five, or hidden to protect others"), ""
    share = "" if cell.share is None else f"{cell.share:.1f}"
    return str(cell.count), share if base_language(lang) == "en" else share.replace(".", ",")
