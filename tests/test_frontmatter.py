"""Front matter: where it ends, its Norwegian and foreign names, and no text that crashes it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kommunebeta.content import parse_text
from kommunebeta.errors import Severity
from kommunebeta.frontmatter import (
    FOREIGN_KEYS,
    NORWEGIAN_KEYS,
    NORWEGIAN_PERSON_KEYS,
    PersonMatter,
    PostMatter,
    double_name,
    rename_items,
    rename_keys,
    split_front_matter,
)
from kommunebeta.validation import validate
from kommunebeta.yamlfile import read_yaml


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("---\na: b\n---\nHei\n", ("a: b\n", "Hei\n", 4)),
        ("---\n---\nHei\n", ("", "Hei\n", 3)),
        ("---  \na: b\n---  \n", ("a: b\n", "", 4)),
        ("---\na: b\n...\nHei", ("a: b\n", "Hei", 4)),
        ("---\na: b\n---", ("a: b\n", "", 4)),
        ("---\na: |\n  ---\n---\n\n---\n", ("a: |\n  ---\n", "\n---\n", 5)),
    ],
)
def test_front_matter_ends_at_the_next_line_of_dashes(text: str, parts: tuple[str, str, int]) -> None:
    assert split_front_matter(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hei",
        "\n---\na: b\n---\n",
        "---",
        "---\n",
        "---\na: b\n",
        "----\na: b\n----\n",
        "+++\na = 1\n+++\n",
    ],
)
def test_a_text_without_two_lines_of_dashes_has_no_front_matter(text: str) -> None:
    assert split_front_matter(text) is None


@given(st.text())
def test_the_body_begins_on_the_line_that_is_told(body: str) -> None:
    body = body.replace("\r", "")
    text = f"---\ntitle: a\n---\n{body}"
    parts = split_front_matter(text)
    assert parts is not None
    assert "\n".join(text.split("\n")[parts[2] - 1 :]) == parts[1] == body


def test_every_norwegian_name_stands_for_a_field() -> None:
    assert set(NORWEGIAN_KEYS.values()) <= set(PostMatter.model_fields)
    assert set(NORWEGIAN_PERSON_KEYS.values()) <= set(PersonMatter.model_fields)
    assert set(FOREIGN_KEYS.values()) <= set(PostMatter.model_fields)
    assert not set(NORWEGIAN_KEYS) & set(PostMatter.model_fields)


@pytest.mark.parametrize(("norwegian", "english"), sorted(NORWEGIAN_KEYS.items()))
def test_a_norwegian_name_is_as_good_as_the_english_one(norwegian: str, english: str) -> None:
    document, doubles = rename_keys(read_yaml(f"{norwegian}: x\n", "x.md", 2), NORWEGIAN_KEYS)
    assert document.data == {english: "x"}
    assert document.place_of((english,)) == (2, len(norwegian) + 3)
    assert not doubles


NAMES = {"navn": "name", "tekst": "text"}


def test_the_items_of_a_list_get_canonical_names_and_keep_their_places() -> None:
    written = read_yaml("items:\n-\n- navn: a\n  Tekst: {navn: b}\n- x\nother:\n- navn: c\n", "x.yaml")
    document, doubles = rename_items(written, "items", NAMES)
    assert document.data == {
        "items": [None, {"name": "a", "text": {"navn": "b"}}, "x"],
        "other": [{"navn": "c"}],
    }
    assert document.place_of(("items", 1, "name")) == (3, 9)
    assert document.place_of_key(("items", 1, "text")) == (4, 3)
    assert document.place_of(("items", 1, "text", "navn")) == (4, 17)
    assert document.place_of_key(("other", 0, "navn")) == (7, 3)
    assert doubles == ()


def test_a_second_name_in_an_item_is_left_out_and_told() -> None:
    written = read_yaml("items:\n- name: a\n- {name: b, Navn: c, tekst: d}\n", "x.yaml")
    document, doubles = rename_items(written, "items", NAMES)
    assert document.data == {"items": [{"name": "a"}, {"name": "b", "text": "d"}]}
    assert doubles == (("items", 1, "Navn"),)
    problem = double_name(document, "x.yaml", doubles[0], NAMES)
    assert (problem.code, problem.line, problem.column) == ("KB013", 3, 13)
    assert "«Navn» means «name»" in problem.message


@pytest.mark.parametrize(
    "text", ["", "items:\n", "items: x\n", "items: {navn: a}\n", "- navn: a\n", "other: [{navn: a}]\n"]
)
def test_what_holds_no_such_list_stays_as_it_is(text: str) -> None:
    written = read_yaml(text, "x.yaml")
    assert rename_items(written, "items", NAMES) == (written, ())


def test_a_list_whose_key_is_written_twice_is_a_problem_not_a_crash() -> None:
    written = read_yaml("items: {a: {navn: b}}\nitems:\n- navn: c\n", "x.yaml")
    document, doubles = rename_items(written, "items", NAMES)
    assert document.problems
    assert doubles == ()


def test_both_names_of_one_field_are_a_problem_at_the_norwegian_one() -> None:
    (problem,) = parse_text(
        "---\ndate: 2026-01-01\ntitle: a\nTittel: b\n---\n", "content/posts/x.md", "nb"
    ).problems
    assert (problem.code, problem.line, problem.column) == ("KB013", 4, 1)


def test_a_foreign_name_counts_only_where_our_own_is_absent_or_empty() -> None:
    def summary(front: str) -> Any:
        return rename_keys(read_yaml(front, "x.md"), NORWEGIAN_KEYS, FOREIGN_KEYS)[0].data["summary"]

    assert summary("excerpt: a\n") == "a"
    assert summary("excerpt: a\nsummary: b\n") == "b"
    assert summary("summary:\nexcerpt: a\n") == "a"
    assert summary("excerpt: a\ndescription:\n") == "a"


def matter_of(front: str) -> PostMatter:
    parsed = parse_text(f"---\n{front}\n---\n", "content/posts/x.md", "nb")
    assert not [problem for problem in parsed.problems if problem.severity is Severity.ERROR], parsed.problems
    assert parsed.entry is not None
    assert isinstance(parsed.entry.matter, PostMatter)
    return parsed.entry.matter


@pytest.mark.parametrize(
    "written", ["no", "on", "off", "yes", "12:30", "0123", "2011", "1e3", "0x1F", "1_000", "Ja"]
)
def test_a_title_arrives_as_it_was_written(written: str) -> None:
    assert matter_of(f"title: {written}").title == written


def test_the_norwegian_traps_of_yaml_do_not_bite() -> None:
    parsed = parse_text(
        "---\ntitle: 2011\nspråk: no\nsvar: on\ntid: 12:30\nkode: 0123\ntags: [no, 2026, 12:30]\n---\n",
        "content/posts/x.md",
        "nb",
    )
    assert parsed.entry is not None
    assert (parsed.entry.matter.title, parsed.entry.matter.lang) == ("2011", "no")
    assert dict(parsed.entry.extra) == {"svar": "on", "tid": "12:30", "kode": "0123"}
    assert isinstance(parsed.entry.matter, PostMatter)
    assert parsed.entry.matter.tags == ["no", "2026", "12:30"]


@pytest.mark.parametrize(
    ("front", "field", "value"),
    [
        ("tags: skole, barnehage", "tags", ["skole", "barnehage"]),
        ("tags: [skole, barnehage]", "tags", ["skole", "barnehage"]),
        ("tags:\n- 'Fjord, fjell'", "tags", ["Fjord, fjell"]),
        ("tags: ''", "tags", []),
        ("author: Kari", "authors", ["Kari"]),
        ("author: [Kari, Ola]", "authors", ["Kari", "Ola"]),
        ("author: 'Hansen, Kari'", "authors", ["Hansen, Kari"]),
        ("author: {name: Kari, email: k@x.no}", "authors", ["Kari"]),
        ("author: {display_name: Kari, login: kari}", "authors", ["Kari"]),
        ("authors:\n- name: Kari\n- Ola", "authors", ["Kari", "Ola"]),
        ("image: ''", "image", None),
        ("comments: true", "comments", ""),
        ("comments: false", "comments", "off"),
        ("comments:\n- id: 3\n  author: Ola", "comments", ""),
        ("menu:\n  main:\n    weight: 3", "menu", ["main"]),
        ("menu: main", "menu", ["main"]),
        ("series: [Byvekst]", "series", "Byvekst"),
        ("category: [Skole]", "category", "Skole"),
        ("categories: [Skole]", "category", "Skole"),
        ("lang: nb_NO", "lang", "nb-NO"),
        ("published: false", "draft", True),
        ("redirect_from: /gammel/", "aliases", ["/gammel/"]),
    ],
)
def test_habits_of_other_generators_are_understood(front: str, field: str, value: object) -> None:
    assert getattr(matter_of(front), field) == value


def test_pictures_of_other_generators_are_understood() -> None:
    for written in ("bilde.jpg", "{path: bilde.jpg}", "{feature: bilde.jpg, credit: x}", "{src: bilde.jpg}"):
        image = matter_of(f"image: {written}").image
        assert image is not None
        assert image.src == "bilde.jpg"


def test_titles_and_terms_that_wordpress_wrote_as_html_become_text() -> None:
    matter = matter_of(
        "title: '&laquo;Film&raquo; &amp; foto &#8211; R&D &lt;b&gt;'\ncategory: Film &amp; foto\ntags: A &amp; B, C"
    )
    assert matter.title == "«Film» & foto – R&D &lt;b&gt;"
    assert (matter.category, matter.tags) == ("Film & foto", ["A & B", "C"])


def test_further_categories_become_tags() -> None:
    matter = matter_of("categories: [Skole, Bygg]\ntags: Budsjett")
    assert (matter.category, matter.tags) == ("Skole", ["Budsjett", "Bygg"])


def test_unknown_keys_are_kept_without_complaint() -> None:
    front = "layout: post\ntumblr_url: http://x\nwordpress_id: 12\npublished: true\ndate_gmt: x\nstatus: publish\n"
    parsed = parse_text(f"---\ntitle: a\ndate: 2026-01-01\n{front}---\n", "content/posts/x.md", "nb")
    assert not parsed.problems
    assert parsed.entry is not None
    assert parsed.entry.extra["wordpress_id"] == 12
    assert parsed.entry.extra["tumblr_url"] == "http://x"


def test_a_near_miss_is_a_warning_with_the_suggestion_and_is_kept() -> None:
    parsed = parse_text("---\ntitel: Hei\ntitle: a\ndate: 2026-01-01\n---\n", "content/posts/x.md", "nb")
    (problem,) = parsed.problems
    assert (problem.code, problem.severity, problem.line) == ("KB012", Severity.WARNING, 2)
    assert "«title»" in problem.message or "«tittel»" in problem.message
    assert parsed.entry is not None
    assert parsed.entry.extra["titel"] == "Hei"


_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.dates(),
    st.text(max_size=20),
    st.binary(max_size=5),
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_KEYS = st.sampled_from(
    sorted({*PostMatter.model_fields, *NORWEGIAN_KEYS, *FOREIGN_KEYS, "categories", "published"})
)


@given(st.dictionaries(_KEYS | st.text(max_size=8), _VALUES, max_size=8))
def test_no_mapping_crashes_front_matter(front: dict[str, Any]) -> None:
    text = yaml.safe_dump(front, allow_unicode=True)
    parsed = parse_text(f"---\n{text}---\nHei\n", "content/posts/x.md", "nb")
    lines = text.count("\n") + 3
    assert parsed.entry is not None or parsed.problems
    assert all(0 <= problem.line <= lines and problem.code and problem.message for problem in parsed.problems)


@given(st.text(alphabet="ab:-[]{}&*!|>'\"%@`#,?\n \tåč\0\\", max_size=200))
def test_no_text_crashes_front_matter(front: str) -> None:
    parsed = parse_text(f"---\n{front}\n---\nHei\n", "content/posts/x.md", "nb")
    assert parsed.entry is not None or parsed.problems


@given(st.text(max_size=60))
def test_no_text_crashes_a_person(front: str) -> None:
    validate(PersonMatter, read_yaml(front, "people/x.yaml"), "people/x.yaml")
