"""Form definitions: what they may say, and every fault at its line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from kommunebeta.build import BuildOptions, build
from kommunebeta.dialogue.forms import FormDefinition, read_form
from kommunebeta.dialogue.questions import KINDS, Choice, ChoiceField, MatrixField, NumberField, TextField
from kommunebeta.errors import ContentError
from kommunebeta.language import INTERFACE_LANGUAGES
from kommunebeta.reporter import Reporter

MakeFolder = Callable[[Mapping[str, str | bytes]], Path]

READY = ("innspill", "sporsmal", "tilbakemelding", "universell-utforming", "undersokelse")

SMALLEST = {
    "matrix": "rows: [Rad 1, Rad 2], columns: [Enig, Uenig]",
    "info": "text: Les dette",
    **dict.fromkeys(("one", "many", "ranking"), "choices: [Ja, Nei]"),
}
"""What a kind needs beside a name and a label."""


def form(fields: str, rest: str = "") -> str:
    """A form of fields in flow style, one a line from line 3 on."""
    lines = "\n".join(f"  - {{{line.strip()}}}" for line in fields.strip().splitlines())
    return f"title: Innspill\nfields:\n{lines}\n{rest}"


def good(text: str, path: str = "forms/innspill.yaml") -> FormDefinition:
    found, problems = read_form(text, path)
    assert [str(problem) for problem in problems] == []
    assert found is not None
    return found


def faults(text: str) -> list[str]:
    """Line, code and what is said, for each problem."""
    found, problems = read_form(text, "forms/innspill.yaml")
    assert found is None
    return [
        f"{p.line} {p.code} {p.message} {p.mend}".strip() for p in sorted(problems, key=lambda p: p.sort_key)
    ]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_field_can_be_written_in_one_line(kind: str) -> None:
    extra = SMALLEST.get(kind, "")
    label = "" if kind == "info" else "label: Hva?, "
    found = good(form(f"kind: {kind}, name: svar, {label}{extra}"))
    assert isinstance(found.fields[0], KINDS[kind])


@pytest.mark.parametrize("name", READY)
def test_a_ready_form_is_complete_in_every_language(root: Path, name: str) -> None:
    path = root / "themes/beta/forms" / f"{name}.yaml"
    found = good(path.read_text(encoding="utf-8"), f"forms/{name}.yaml")
    assert found.id == name
    missing = [
        f"{place} in {language}"
        for place, texts in texts_in(found.model_dump())
        for language in INTERFACE_LANGUAGES
        if not texts.get(language)
    ]
    assert missing == []
    assert found.purpose
    assert found.retention.days


def test_the_example_in_the_documentation_is_a_form(root: Path) -> None:
    examples = re.findall(
        r"```yaml\n(.*?)```", (root / "docs/forms.md").read_text(encoding="utf-8"), re.DOTALL
    )
    assert [good(text, "forms/lekeplass.yaml").id for text in examples] == ["lekeplass"]


def texts_in(value: object, place: str = "") -> list[tuple[str, dict[str, str]]]:
    """The texts by language inside a form, with their places."""
    if isinstance(value, dict):
        if value and all(key in (*INTERFACE_LANGUAGES, "") for key in value):
            return [(place, value)]
        return [found for key, item in value.items() for found in texts_in(item, f"{place}.{key}")]
    if isinstance(value, (list, tuple)):
        return [found for at, item in enumerate(value) for found in texts_in(item, f"{place}[{at}]")]
    return []


def test_a_theme_has_no_ready_form_that_is_not_tested(root: Path) -> None:
    assert sorted(file.stem for file in (root / "themes/beta/forms").iterdir()) == sorted(READY)


def test_the_id_is_the_files_name_unless_the_file_gives_one() -> None:
    fields = "kind: long, name: svar, label: Hva?"
    assert good(form(fields), "forms/Ny skole på Åsen.yaml").id == "ny-skole-pa-asen"
    assert good(form(fields, "id: skole\n"), "forms/x.yaml").id == "skole"


def test_a_choice_may_be_a_text_or_texts_or_a_value_with_a_label() -> None:
    found = good(
        form(
            "kind: one, name: svar, label: Hva?, choices: [Blå båt, {nb: Nei, en: No}, {label: Hm}, {value: vet_ikke, label: Vet ikke}]"
        )
    )
    field = found.fields[0]
    assert isinstance(field, ChoiceField)
    assert field.choices == [
        Choice(value="bla-bat", label={"": "Blå båt"}),
        Choice(value="nei", label={"nb": "Nei", "en": "No"}),
        Choice(value="hm", label={"": "Hm"}),
        Choice(value="vet_ikke", label={"": "Vet ikke"}),
    ]


def test_norwegian_words_in_choices_stay_text() -> None:
    found = good(form("kind: matrix, name: svar, label: Hva?, rows: [on, off], columns: [no, 2011]"))
    field = found.fields[0]
    assert isinstance(field, MatrixField)
    assert [choice.value for choice in (*field.rows, *field.columns)] == ["on", "off", "no", "2011"]


def test_nothing_is_agreed_to_unless_the_form_asks() -> None:
    consent = good(form("kind: long, name: svar, label: Hva?")).consent
    assert (consent.publish_text.ask, consent.publish_name.ask, consent.notify.ask) == (False, False, False)


@pytest.mark.parametrize(
    ("written", "asks", "texts"),
    [
        ("ja", True, {}),
        ("nei", False, {}),
        ("Dere kan vise det.", True, {"": "Dere kan vise det."}),
        ("{nb: Vis det, en: Show it}", True, {"nb": "Vis det", "en": "Show it"}),
        ("{ask: false, text: Vis det}", False, {"": "Vis det"}),
    ],
)
def test_a_box_to_tick_may_be_written_in_several_ways(
    written: str, asks: bool, texts: dict[str, str]
) -> None:
    found = good(form("kind: long, name: svar, label: Hva?", f"consent: {{publish_text: {written}}}"))
    assert (found.consent.publish_text.ask, found.consent.publish_text.text) == (asks, texts)


@pytest.mark.parametrize(
    ("written", "days", "texts"),
    [
        ("P365D", 365, {}),
        ("30", 30, {}),
        ("Til saken er ferdig", None, {"": "Til saken er ferdig"}),
        ("{nb: Ett år, en: One year}", None, {"nb": "Ett år", "en": "One year"}),
        ("{days: 30, text: En måned}", 30, {"": "En måned"}),
    ],
)
def test_how_long_it_is_kept_is_counted_in_days_or_said_in_words(
    written: str, days: int | None, texts: dict[str, str]
) -> None:
    found = good(form("kind: long, name: svar, label: Hva?", f"retention: {written}"))
    assert (found.retention.days, found.retention.text) == (days, texts)


def test_bounds_are_read_as_what_they_are() -> None:
    found = good(
        form(
            "kind: number, name: antall, label: Hvor mange?, min: 0.5, max: 12, whole: nei\nkind: short, name: a, label: A"
        )
    )
    number, text = found.fields
    assert isinstance(number, NumberField)
    assert isinstance(text, TextField)
    assert (number.min, number.max, number.whole) == (0.5, 12.0, False)
    assert text.longest == 200


@pytest.mark.parametrize("kind", ["name", "email", "phone", "postcode"])
def test_what_is_about_the_person_is_confidential_from_the_start(kind: str) -> None:
    assert good(form(f"kind: {kind}, name: svar, label: Hva?")).fields[0].confidential


def test_a_condition_may_ask_for_any_answer_that_can_be_given() -> None:
    good(
        form("""
        kind: one, name: a, label: A, choices: [Ja, Nei], other: ja
        kind: yes_no, name: b, label: B, show_if: {field: a, equals: other}
        kind: scale, name: c, label: C, show_if: {field: b, equals: yes}
        kind: info, text: Hei, show_if: {field: c, equals: 5}
        """)
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            "kind: film, name: a, label: A",
            "3 KB024 «fields.kind»: there is no such kind of field: «film». Choose one of short, long, ",
        ),
        ("name: a, label: A", "3 KB010 «fields.kind» is missing. "),
        ("kind: long, label: A", "3 KB010 «fields.name» is missing. "),
        ("kind: name, nmae: a, name: b, label: A", "3 KB012 «fields.nmae» is not known here. "),
        (
            "kind: long, name: a, lable: A, label: B",
            "3 KB012 «fields.lable» is not known here. Did you mean «label»?",
        ),
        ("kind: long, name: Ærlig svar, label: A", "3 KB024 «fields.name»: "),
        ("kind: one, name: a, label: A", "3 KB010 «fields.choices» is missing. "),
        ("kind: one, name: a, label: A, choices: [Ja]", "3 KB024 «fields.choices»: "),
        (
            "kind: one, name: a, label: A, choices: [Ja, ja]",
            "3 KB024 «fields.choices»: the value «ja» stands twice. ",
        ),
        (
            "kind: matrix, name: a, label: A, rows: [R, S], columns: [R, R]",
            "3 KB024 «fields.columns»: the value «r» stands twice. ",
        ),
        (
            "kind: short, name: a, label: A, min_length: 9, max_length: 3",
            "3 KB024 «fields.min_length»: min_length 9 is above max_length 3. ",
        ),
        (
            "kind: number, name: a, label: A, min: 9, max: 3",
            "3 KB024 «fields.min»: min 9 is above max 3. ",
        ),
        (
            "kind: date, name: a, label: A, min: 2026-02-30",
            "3 KB014 «fields.min»: there is no such date: «2026-02-30». ",
        ),
        (
            "kind: email, name: a, label: A, confidential: nei",
            "3 KB024 «fields.confidential»: a field of kind «email» is never published. ",
        ),
        (
            "kind: long, name: a, label: A\nkind: short, name: a, label: B",
            "4 KB024 «fields.name»: the name «a» stands twice. ",
        ),
        (
            "kind: long, name: a, label: A, show_if: {field: a, equals: x}",
            "3 KB024 «fields.show_if.field»: no earlier question is called «a». ",
        ),
        (
            "kind: long, name: a, label: A\nkind: long, name: b, label: B, show_if: {field: a, equals: x}",
            "4 KB024 «fields.show_if.field»: «a» has no answers to choose from. ",
        ),
        (
            "kind: yes_no, name: a, label: A\nkind: long, name: b, label: B, show_if: {field: a, equals: kanskje}",
            "4 KB024 «fields.show_if.equals»: «kanskje» is not an answer to «a». Choose one of yes, no",
        ),
    ],
)
def test_a_fault_in_a_field_is_told_at_its_line(fields: str, expected: str) -> None:
    found = faults(form(fields))
    assert len(found) == 1
    assert found[0].startswith(expected)


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        (
            "consent: {publish_name: ja}",
            "4 KB024 «consent.publish_name»: there is no field of kind «name» to go with it. ",
        ),
        (
            "consent: {notify: ja}",
            "4 KB024 «consent.notify»: there is no field of kind «email» to go with it. ",
        ),
        ("retention: P1Y", "4 KB024 «retention»: only days can be counted here. Write it as P365D."),
        ("purpos: Svar", "4 KB012 «purpos» is not known here. Did you mean «purpose»?"),
        ("id: Mitt skjema", "4 KB024 «id»: "),
        ("fields: []", "4 KB004 The key «fields» stands twice. "),
    ],
)
def test_a_fault_in_the_form_itself_is_told_at_its_line(rest: str, expected: str) -> None:
    found = faults(form("kind: long, name: svar, label: Hva?", rest))
    assert any(line.startswith(expected) for line in found), found


def test_all_faults_of_a_form_come_together() -> None:
    found = faults(
        form("kind: long, name: a\nkind: film, name: b\nkind: one, name: c, label: C", "color: red")
    )
    assert [line[:7] for line in found] == ["3 KB010", "4 KB024", "5 KB010", "6 KB012"]


@pytest.mark.parametrize(
    "text", ["", "- a\n", "title: x\nfields: none\n", "title: x\nfields:\n  - bare tekst\n", "title: [x\n"]
)
def test_what_is_not_a_form_is_a_problem_and_never_a_crash(text: str) -> None:
    assert faults(text)


def test_an_empty_item_in_a_list_does_not_move_the_other_problems() -> None:
    assert faults("title: x\nfields:\n  -\n  - {kind: film, name: a}\n")[0].startswith("4 KB024")


SITE = {
    "kommunebeta.yaml": "name: Fjordvikbeta\nmunicipality: Fjordvik kommune\n",
    "content/posts/2026-05-17-x.md": "---\ntitle: X\nfeedback: lek\n---\n\nHei.\n",
}


def test_a_post_finds_a_form_by_the_id_that_the_file_gives(make_folder: MakeFolder) -> None:
    site = make_folder({**SITE, "forms/Lekeplass.yaml": form("kind: long, name: a, label: A", "id: lek\n")})
    assert build(site, BuildOptions(strict=True), Reporter()).problems == ()


def test_two_forms_cannot_have_one_id(make_folder: MakeFolder) -> None:
    text = form("kind: long, name: a, label: A", "id: lek\n")
    with pytest.raises(ContentError) as caught:
        build(make_folder({**SITE, "forms/a.yaml": text, "forms/b.yaml": text}), BuildOptions(), Reporter())
    assert [(p.code, p.path, p.message) for p in caught.value.problems] == [
        ("KB024", "forms/b.yaml", "The form's id «lek» belongs to forms/a.yaml already.")
    ]
