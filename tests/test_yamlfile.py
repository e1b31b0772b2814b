"""YAML with positions: the traps of YAML 1.1 do not bite, and bad YAML is one clear problem."""

from __future__ import annotations

import pytest

from kommunebeta.yamlfile import MAX_DEPTH, Plain, read_yaml, resolve


@pytest.mark.parametrize(
    "written", ["no", "on", "12:30", "0123", "2011", "1.10", "2026-05-17", "NO", "yes", "1e3"]
)
def test_every_scalar_arrives_as_it_was_written(written: str) -> None:
    assert read_yaml(f"nøkkel: {written}\n", "x.yaml").data == {"nøkkel": written}


@pytest.mark.parametrize("written", ["", "~", "null", "Null"])
def test_a_key_without_a_value_has_none(written: str) -> None:
    assert read_yaml(f"a: {written}\nb: c\n", "x.yaml").data == {"a": None, "b": "c"}


def test_a_quoted_null_is_text() -> None:
    assert read_yaml("a: 'null'", "x.yaml").data == {"a": "null"}


def test_values_and_keys_know_their_places_in_the_file() -> None:
    document = read_yaml("title: Hei\ntags:\n  - a\n  - b\ncase:\n  number: 1\n", "x.md", first_line=2)
    assert document.values["title",] == (2, 8)
    assert document.values["tags", 1] == (5, 5)
    assert document.keys["case", "number"] == (7, 3)
    assert document.place_of(("case", "number", "unknown")) == (7, 11)


def test_a_duplicate_key_is_a_problem_at_its_second_place() -> None:
    (problem,) = read_yaml("title: a\ndate: b\ntitle: c\n", "x.md", 2).problems
    assert (problem.code, problem.line, problem.column) == ("KB004", 4, 1)
    assert "line 2" in problem.mend


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 'b\n", 2),
        ("a: b: c\n", 1),
        ("a:\n\t- b\n", 2),
        ("a: [b\n", 2),
        ("a: *ukjent\n", 1),
        ("a: b\n---\nc: d\n", 2),
        ("[a]: b\n", 1),
        ("a: @b\n", 1),
        ("a: \x07\n", 1),
    ],
)
def test_malformed_yaml_is_one_problem_with_a_place(text: str, line: int) -> None:
    document = read_yaml(text, "x.yaml")
    assert document.data is None
    (problem,) = document.problems
    assert problem.code == "KB003"
    assert problem.line in (line, line - 1)
    assert problem.mend


@pytest.mark.parametrize(
    "text", ["[" * 10_000, "- " * 10_000, "{a: " * 10_000, "a: " + "[" * 10_000 + "]" * 10_000]
)
def test_ten_thousand_levels_of_nesting_are_refused_without_a_crash(text: str) -> None:
    (problem,) = read_yaml(text, "x.yaml").problems
    assert problem.code == "KB005"
    assert str(MAX_DEPTH) in problem.message


def test_a_bomb_of_aliases_is_refused() -> None:
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    (problem,) = read_yaml("\n".join(["a0: &a0 [x, x]", *levels]), "x.yaml").problems
    assert problem.code == "KB005"


def test_an_alias_of_something_around_it_is_refused() -> None:
    (problem,) = read_yaml("a: &a [1, *a]", "x.yaml").problems
    assert problem.code == "KB005"


def test_an_honest_alias_works() -> None:
    assert read_yaml("a: &x [1, 2]\nb: *x\n", "x.yaml").data == {"a": ["1", "2"], "b": ["1", "2"]}


def test_only_obvious_types_are_given_to_values_without_a_field() -> None:
    data = read_yaml("a: 3\nb: true\nc: no\nd: 0123\ne: 12:30\nf: '3'\ng: 2.5\nh: [-1]\n", "x.yaml").data
    assert resolve(data) == {
        "a": 3, "b": True, "c": "no", "d": "0123", "e": "12:30", "f": "3", "g": 2.5, "h": [-1],
    }  # fmt: skip


def test_quoted_and_plain_scalars_can_be_told_apart() -> None:
    data = read_yaml("a: 3\nb: '3'\n", "x.yaml").data
    assert isinstance(data["a"], Plain)
    assert not isinstance(data["b"], Plain)
