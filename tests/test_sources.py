"""The site folder: every file once, nothing from outside, and clear words about what cannot be read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from kommunebeta.sources import find_files, read_text

Make = Callable[..., Path]


def test_files_are_sorted_by_what_they_are_for(make_folder: Make) -> None:
    folder = make_folder(
        {
            "content/posts/b.md": "",
            "content/posts/a/index.md": "",
            "content/posts/a/bilde.jpg": "",
            "content/pages/om.MARKDOWN": "",
            "content/om.md": "",
            "people/kari.yaml": "",
            "people/README.txt": "",
            "forms/innspill.yml": "",
            "data/tall.csv": "",
            "data/under/x.json": "",
            "static/.well-known/security.txt": "",
            "static/.hemmelig": "",
            "static/favicon.ico": "",
            "notater/x.md": "",
        }
    )
    files = find_files(folder)
    assert files.posts == ("content/posts/a/index.md", "content/posts/b.md")
    assert files.pages == ("content/om.md", "content/pages/om.MARKDOWN")
    assert files.people == ("people/kari.yaml",)
    assert files.forms == ("forms/innspill.yml",)
    assert files.data == ("data/tall.csv", "data/under/x.json")
    assert files.static == ("static/.well-known/security.txt", "static/favicon.ico")
    assert not files.problems


def test_an_empty_site_has_no_files_and_no_problems(tmp_path: Path) -> None:
    assert find_files(tmp_path) == find_files(tmp_path / "finnes-ikke")
    assert not find_files(tmp_path).problems


@pytest.mark.parametrize("name", ["x.md~", ".x.md.swp", "#x.md#", ".hidden.md", "Thumbs.db", "x.md.tmp"])
def test_what_editors_and_systems_leave_behind_is_passed_over(make_folder: Make, name: str) -> None:
    assert find_files(make_folder({f"content/posts/{name}": ""})).posts == ()


def test_a_name_may_begin_with_a_number_sign(make_folder: Make) -> None:
    assert find_files(make_folder({"content/posts/#metoo.md": ""})).posts == ("content/posts/#metoo.md",)


def only_problem(folder: Path) -> tuple[str, str]:
    (problem,) = find_files(folder).problems
    assert problem.mend
    return problem.code, problem.path


@pytest.mark.parametrize("target", ["/etc/passwd", "../../../utenfor.md", "/finnes/ikke.md"])
def test_a_link_out_of_the_site_is_a_problem(make_folder: Make, tmp_path: Path, target: str) -> None:
    (tmp_path / "utenfor.md").write_text("---\n---\n")
    folder = make_folder({"content/posts/x.md": ""})
    (folder / "content/posts/lenke.md").symlink_to(target)
    assert only_problem(folder) == ("KB007", "content/posts/lenke.md")
    assert find_files(folder).posts == ("content/posts/x.md",)


@pytest.mark.parametrize("name", ["content", "people", "static", "data"])
def test_a_whole_folder_outside_is_not_followed(make_folder: Make, tmp_path: Path, name: str) -> None:
    outside = make_folder({"posts/x.md": "", "x.yaml": ""}, "outside")
    folder = make_folder({"kommunebeta.yaml": ""})
    (folder / name).symlink_to(outside)
    assert only_problem(folder) == ("KB007", name)


def test_a_link_within_the_site_is_read(make_folder: Make) -> None:
    folder = make_folder({"content/posts/x.md": "---\n---\nHei"})
    (folder / "content/posts/y.md").symlink_to("x.md")
    assert find_files(folder).posts == ("content/posts/x.md", "content/posts/y.md")
    assert read_text(folder, "content/posts/y.md")[0].endswith("Hei")


def test_a_link_to_nothing_is_a_problem(make_folder: Make) -> None:
    folder = make_folder({"content/posts/x.md": ""})
    (folder / "content/posts/y.md").symlink_to("borte.md")
    assert only_problem(folder) == ("KB006", "content/posts/y.md")


def test_links_in_a_circle_are_problems(make_folder: Make) -> None:
    folder = make_folder({"content/posts/x.md": ""})
    (folder / "content/posts/a.md").symlink_to("b.md")
    (folder / "content/posts/b.md").symlink_to("a.md")
    (folder / "content/posts/rundt").symlink_to("..")
    assert [problem.code for problem in find_files(folder).problems] == ["KB006", "KB006", "KB007"]


def test_a_pipe_is_not_waited_for(make_folder: Make) -> None:
    folder = make_folder({"content/posts/x.md": ""})
    os.mkfifo(folder / "content/posts/pipe.md")
    assert find_files(folder).posts == ("content/posts/x.md",)


def test_a_name_that_is_not_utf8_is_a_problem(make_folder: Make) -> None:
    folder = make_folder({"content/posts/x.md": ""})
    try:
        (folder / os.fsdecode(b"content/posts/bod\xf8.md")).write_text("")
    except OSError:
        pytest.skip("this disk allows no such name")
    code, path = only_problem(folder)
    assert (code, path.encode()) == ("KB001", "content/posts/bod�.md".encode())


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"\xef\xbb\xbfHei\r\nder\rogs\xc3\xa5", "Hei\nder\nogså"),
        (b"", ""),
        ("čáhci\n".encode(), "čáhci\n"),
    ],
)
def test_marks_and_line_ends_of_other_systems_are_taken_away(
    make_folder: Make, raw: bytes, text: str
) -> None:
    assert read_text(make_folder({"x.md": raw}), "x.md") == (text, ())


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        ("æøå\nsvømme\n".encode("latin-1"), (1, 1)),
        ("æøå\nsvø".encode() + b"\xf8\n", (2, 4)),
        (b"\xef\xbb\xbfab\xff", (1, 3)),
        ("Hei".encode("utf-16"), (1, 1)),
    ],
)
def test_a_byte_that_is_not_utf8_is_named_with_its_place(
    make_folder: Make, raw: bytes, place: tuple[int, int]
) -> None:
    text, (problem,) = read_text(make_folder({"x.md": raw}), "x.md")
    assert (text, problem.code, (problem.line, problem.column)) == ("", "KB001", place)


def test_a_file_that_vanished_since_it_was_found_is_a_problem(make_folder: Make) -> None:
    folder = make_folder({"content/posts/x.md": "---\n---\n"})
    (path,) = find_files(folder).posts
    (folder / path).unlink()
    text, (problem,) = read_text(folder, path)
    assert (text, problem.code, problem.path) == ("", "KB006", path)
    assert "gone" in problem.message


def test_a_folder_in_the_place_of_a_file_is_a_problem(make_folder: Make) -> None:
    (problem,) = read_text(make_folder({"x.md/y": ""}), "x.md")[1]
    assert problem.code == "KB006"
