"""One content file: what its name and front matter say, and problems at its own lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kommunebeta.content import name_parts, parse_file, parse_text
from kommunebeta.errors import Problem

PATH = "content/posts/x.md"


def problems(text: str, path: str = PATH) -> list[tuple[str, int, int]]:
    return [(found.code, found.line, found.column) for found in parse_text(text, path, "nb").problems]


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("content/posts/svommehallen.md", ("svommehallen", "", None)),
        ("content/posts/2026-05-17-svommehallen.md", ("svommehallen", "", dt.date(2026, 5, 17))),
        ("content/posts/2026-5-7_x.markdown", ("x", "", dt.date(2026, 5, 7))),
        (
            "content/posts/2026-02-06-sámi-álbmotbeaivi.se.md",
            ("sámi-álbmotbeaivi", "se", dt.date(2026, 2, 6)),
        ),
        ("content/posts/2014-03-21-Ny skole på Åsen.md", ("Ny skole på Åsen", "", dt.date(2014, 3, 21))),
        ("content/posts/2026-13-45-x.md", ("2026-13-45-x", "", None)),
        ("content/posts/2026-05-17.md", ("2026-05-17", "", dt.date(2026, 5, 17))),
        ("content/posts/skole/index.md", ("skole", "", None)),
        ("content/posts/skole/index.nn.md", ("skole", "nn", None)),
        ("content/posts/skole.nn/index.md", ("skole", "nn", None)),
        ("content/posts/2026-05-17-skole/index.en.md", ("skole", "en", dt.date(2026, 5, 17))),
        ("content/index.md", ("index", "", None)),
        ("content/pages/v1.2.md", ("v1.2", "", None)),
    ],
)
def test_a_file_name_holds_stem_language_and_date(path: str, parts: tuple[str, str, dt.date | None]) -> None:
    assert name_parts(path) == parts


@pytest.mark.parametrize("text", ["", "Hei\n", "\n---\ntitle: a\n---\n", "# Overskrift\n"])
def test_a_file_without_front_matter_is_a_problem_at_its_first_line(text: str) -> None:
    assert problems(text) == [("KB002", 1, 1)]


def test_front_matter_that_is_never_closed_is_said_to_be_so() -> None:
    (problem,) = parse_text("---\ntitle: a\n\nHei\n", PATH, "nb").problems
    assert "never closed" in problem.message


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        ("title: a: b\n", ("KB003", 2, 9)),
        ("title: 'a\n", ("KB003", 3, 1)),
        ("title: a\ntitle: b\n", ("KB004", 3, 1)),
        ("title: a\ncase:\n  number: 1\n  number: 2\n", ("KB004", 5, 3)),
        ("date: 2026-02-30\n", ("KB014", 2, 7)),
        ("- a\n- b\n", ("KB011", 2, 1)),
        ("bare tekst\n", ("KB011", 2, 1)),
        ("a: " + "[" * 10_000 + "]" * 10_000 + "\n", ("KB005", 2, 67)),
    ],
)
def test_bad_front_matter_is_a_problem_at_its_line(front: str, expected: tuple[str, int, int]) -> None:
    found = problems(f"---\n{front}---\n\nHei\n")
    assert expected in found or (expected[0], expected[1]) in [(code, line) for code, line, _ in found]
    assert parse_text(f"---\n{front}---\n\nHei\n", PATH, "nb").entry is None


def test_ten_thousand_levels_of_block_nesting_are_refused() -> None:
    front = "".join(f"{' ' * depth}a:\n" for depth in range(2000))
    assert [code for code, _, _ in problems(f"---\n{front}---\n")] == ["KB005"]
    assert [code for code, _, _ in problems(f"---\n{'- ' * 10_000}\n---\n")] == ["KB005"]


def test_a_yaml_bomb_is_refused() -> None:
    levels = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12))
    assert [code for code, _, _ in problems(f"---\na0: &a0 [x, x]\n{levels}---\n")] == ["KB005"]


def test_problems_of_the_body_count_the_front_matters_lines() -> None:
    text = "---\ntitle: a\ndate: 2026-01-01\n---\n\nHei\n\n{% include x %}\n"
    assert problems(text) == [("KB036", 8, 0)]


def test_problems_of_front_matter_and_body_come_together() -> None:
    text = "---\ntitel: a\ndate: x\n---\n\n![](a.jpg)\n"
    assert {code for code, _, _ in problems(text)} == {"KB012", "KB014", "KB035"}


def test_the_language_is_that_of_the_front_matter_else_of_the_name_else_of_the_site() -> None:
    def lang(front: str, path: str) -> str:
        entry = parse_text(f"---\n{front}---\n", path, "nb").entry
        assert entry is not None
        return entry.lang

    assert lang("lang: se\n", "content/posts/x.nn.md") == "se"
    assert lang("title: a\n", "content/posts/x.nn.md") == "nn"
    assert lang("title: a\n", "content/posts/x.md") == "nb"


def test_posts_and_pages_have_different_fields() -> None:
    text = "---\ntitle: a\npinned: ja\n---\n"
    post, page = (parse_text(text, f"content/{folder}/x.md", "nb").entry for folder in ("posts", "pages"))
    assert post is not None
    assert page is not None
    assert not post.extra
    assert page.extra == {"pinned": "ja"}


def test_a_file_is_read_with_its_mark_and_line_ends_of_windows(make_folder: Callable[..., Path]) -> None:
    text = "---\r\ntitle: Čáhci\r\ntags: a, b\r\n---\r\n\r\nFørste.\r\n\r\nAndre.\r\n"
    folder = make_folder({PATH: b"\xef\xbb\xbf" + text.encode()})
    parsed = parse_file(folder, PATH, "nb")
    assert parsed.entry is not None
    assert parsed.entry.document.html == "<p>Første.</p>\n<p>Andre.</p>\n"
    assert not parsed.problems


@given(st.text(max_size=200))
def test_no_body_crashes(body: str) -> None:
    parsed = parse_text(f"---\ntitle: a\n---\n{body}", PATH, "nb")
    assert parsed.entry is not None
    assert all(isinstance(problem, Problem) for problem in parsed.problems)
