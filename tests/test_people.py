"""People: the role first, and bylines that mean them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kommunebeta.config import PictureSetting
from kommunebeta.errors import Problem, Severity
from kommunebeta.media import Media
from kommunebeta.people import People, byline_problem, read_people

Make = Callable[..., Path]


def read(folder: Path) -> tuple[People, tuple[Problem, ...]]:
    paths = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*.yaml"))
    return read_people(folder, paths, Media(folder, PictureSetting()))


def problem_of(make_folder: Make, text: str) -> str:
    (problem,) = read(make_folder({"people/x.yaml": text}))[1]
    return str(problem)


@pytest.mark.parametrize(
    "byline",
    ["kommunedirektor", "Kommunedirektør", "kommunedirektør", "Kari Nordmann", "KD", "Suohkandirektevra"],
)
def test_a_person_is_meant_by_id_role_name_alias_and_translated_role(make_folder: Make, byline: str) -> None:
    text = "rolle: Kommunedirektør\nnavn: Kari Nordmann\naliases: KD\ntranslations:\n  se: {role: Suohkandirektevra}\n"
    people, problems = read(make_folder({"people/kommunedirektor.yaml": text}))
    assert not problems
    found = people.find(byline)
    assert found is not None
    assert found.id == "kommunedirektor"


def test_nobody_is_meant_by_an_unknown_byline(make_folder: Make) -> None:
    people, _ = read(make_folder({"people/a.yaml": "role: '…'\n"}))
    assert people.find("Ola") is None
    assert people.find("???") is None


def test_a_role_means_the_one_who_has_it_now(make_folder: Make) -> None:
    people, _ = read(
        make_folder(
            {
                "people/ordforer-2019.yaml": "role: Ordfører\nformer: ja\n",
                "people/ordforer.yaml": "role: Ordfører\nname: Per\n",
                "people/z-ordforer-2015.yaml": "role: Ordfører\nformer: ja\n",
            }
        )
    )
    found = people.find("Ordfører")
    assert found is not None
    assert found.name == "Per"


def test_two_files_for_one_person_are_a_problem_that_names_both(make_folder: Make) -> None:
    _, (problem,) = read(make_folder({"people/a.yaml": "role: R\n", "people/avd/a.yaml": "role: Q\n"}))
    assert problem.code == "KB040"
    assert "people/a.yaml" in problem.message
    assert "people/avd/a.yaml" in problem.message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name: Kari\n", "people/x.yaml:1:1: error KB010: «role» is missing"),
        ("role: R\nrolle: Q\n", "people/x.yaml:2:1: error KB013"),
        ("role: R\nRolle: Q\n", "people/x.yaml:2:1: error KB013"),
        ("role: R\nepost: nei\n", "people/x.yaml:2:8: error KB011: «email»"),
        ("role: R\nanswer_days: mange\n", "people/x.yaml:2:14: error KB011: «answer_days»: a whole number"),
        ("role: R\nrolee: Q\n", "people/x.yaml:2:1: error KB012: «rolee» is not known here"),
        ("role: R\nportrait: borte.jpg\n", "people/x.yaml:2:11: error KB032"),
        ("role: 'R\n", "people/x.yaml:2:1: error KB003"),
        ("- a\n", "people/x.yaml:1:1: error KB011"),
    ],
)
def test_a_faulty_file_is_a_problem_at_its_place(make_folder: Make, text: str, expected: str) -> None:
    assert problem_of(make_folder, text).startswith(expected)


def test_a_portrait_that_is_no_picture_is_a_problem(make_folder: Make) -> None:
    folder = make_folder({"people/x.yaml": "role: R\nportrait: p.jpg\n", "people/p.jpg": "ikke et bilde"})
    (problem,) = read(folder)[1]
    assert (problem.code, problem.line) == ("KB033", 2)


def test_a_byline_without_a_file_is_plain_and_warned_about_once() -> None:
    people = People()
    first, again = (
        people.author("Ola Ålgård", byline_problem("Ola Ålgård", f"content/posts/{name}.md", (4, 9), {}))
        for name in ("a", "b")
    )
    assert first is again
    assert (first.known, first.name, first.byline_in("nb")) == (False, "Ola Ålgård", "Ola Ålgård")
    (problem,) = people.problems
    assert (problem.code, problem.path, problem.severity) == ("KB015", "content/posts/a.md", Severity.WARNING)


def test_hundreds_of_bylines_without_files_give_twenty_warnings_and_a_count() -> None:
    people = People()
    for number in range(300):
        people.author(
            f"Skribent {number}", byline_problem(f"Skribent {number}", "content/posts/a.md", (1, 1), {})
        )
    assert len(people.problems) == 21
    assert people.problems[-1].message.startswith("280 more")
