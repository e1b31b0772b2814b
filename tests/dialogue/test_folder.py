"""All of ``dialogue/``: whose dialogue it is, what is shown of it by now, and what does not fit together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kommunebeta.content import parse_file
from kommunebeta.dialogue.contributions import Surroundings
from kommunebeta.dialogue.folder import Dialogues, read_dialogue, read_written
from kommunebeta.dialogue.forms import Forms
from kommunebeta.documents import Documents
from kommunebeta.entries import choose_ids
from kommunebeta.errors import Problem, Severity
from kommunebeta.inputs import digest_of
from kommunebeta.model import Person
from kommunebeta.moments import Clock
from kommunebeta.people import People
from kommunebeta.sources import find_files

OSLO = ZoneInfo("Europe/Oslo")
NOON = dt.datetime(2026, 11, 20, 12, tzinfo=OSLO)
Read = Callable[..., Dialogues]


def post(more: str = "") -> str:
    return f"---\ntitle: Filmen\ndate: 2026-11-10\n{more}---\nHei.\n"


def said(day: int, more: str = "", text: str = "Hei.") -> str:
    return f"received: 2026-11-{day:02} 08:00\npublished: 2026-11-{day:02} 12:00\ntext: {text}\n{more}"


@pytest.fixture
def read(make_folder: Callable[..., Path]) -> Read:
    """Read the dialogues of a site of the given files."""

    def start(files: Mapping[str, str], now: dt.datetime = NOON, clock: Clock | None = None) -> Dialogues:
        folder = make_folder({"content/posts/2026-11-10-film.md": post(), **files})
        found = find_files(folder)
        entries = [parse_file(folder, path, "nb").entry for path in found.posts]
        texts = [entry for entry in entries if entry]
        people = People()
        people.add(Person("kommunedirektor", "Kommunedirektør"))
        around = Surroundings(clock or Clock(now, OSLO), people, Forms({}, frozenset(), {}))
        ids, _ = choose_ids(texts, around.clock)
        written = read_all(folder, found.dialogue)
        return read_dialogue(folder, found.dialogue, written, texts, ids, around, "nb")

    return start


def read_all(folder: Path, paths: tuple[str, ...], documents: Documents | None = None, **known: Any) -> Any:
    documents = documents or Documents(None, "0" * 8)
    return read_written(
        folder,
        paths,
        documents,
        lambda path: digest_of((folder / path).read_bytes()),
        known=known.get("known", {}),
        jobs=1,
    )


def place(problem: Problem) -> tuple[str, str, int, int]:
    return problem.code, problem.path.removeprefix("dialogue/"), problem.line, problem.column


def test_contributions_stand_oldest_first_under_the_id_of_their_post(read: Read) -> None:
    found = read({"dialogue/film/b.yaml": said(12), "dialogue/film/a.yaml": said(13)})
    assert found.problems == ()
    dialogue = found.by_post["film"]
    assert (dialogue.post, [item.id for item in dialogue.contributions]) == ("film", ["b", "a"])
    assert (dialogue.received, dialogue.as_of, dialogue.outcome, dialogue.results) == (2, None, None, None)


def test_translations_share_a_dialogue_whichever_of_their_ids_the_folder_has(read: Read) -> None:
    found = read(
        {
            "content/posts/2026-11-10-film.md": post("translation_key: k\n"),
            "content/posts/2026-11-10-movie.en.md": post("translation_key: k\n"),
            "content/posts/2026-11-10-annet.md": post(),
            "dialogue/movie/a.yaml": said(12),
            "dialogue/film/b.yaml": said(13, "reply_to: a\n"),
        }
    )
    assert found.problems == ()
    assert sorted(found.by_post) == ["film", "movie"]
    assert found.by_post["film"] is found.by_post["movie"]
    assert [item.id for item in found.by_post["film"].contributions] == ["a", "b"]


def test_a_text_without_a_language_has_that_of_the_main_text_in_all_translations(read: Read) -> None:
    files = {
        "content/posts/2026-11-10-film.en.md": post(),
        "dialogue/film/a.yaml": said(12),
        "dialogue/film/b.yaml": said(13, "lang: se\n"),
    }
    assert [item.lang for item in read(files).by_post["film"].contributions] == ["nb", "se"]


def test_the_dialogue_of_an_unpublished_post_waits_for_it_without_a_word(read: Read) -> None:
    files = {
        "content/posts/2026-11-12-kladd.md": post("draft: true\n"),
        "dialogue/kladd/a.yaml": said(12),
    }
    assert read(files).problems == ()


def test_a_contribution_of_tomorrow_is_not_shown_and_the_clock_knows_of_it(read: Read) -> None:
    clock = Clock(NOON, OSLO)
    files = {
        "dialogue/film/a.yaml": said(12),
        "dialogue/film/b.yaml": said(21),
        "dialogue/film/c.yaml": said(13, "reply_to: b\n"),
    }
    found = read(files, clock=clock)
    assert found.problems == ()
    dialogue = found.by_post["film"]
    assert [(item.id, item.reply_to) for item in dialogue.contributions] == [("a", ""), ("c", "")]
    assert dialogue.received == 3
    assert clock.next_change == dt.datetime(2026, 11, 21, 12, tzinfo=OSLO)
    later = read(files, now=dt.datetime(2026, 11, 21, 12, tzinfo=OSLO))
    assert [(item.id, item.reply_to) for item in later.by_post["film"].contributions][1] == ("c", "b")


def test_a_folder_without_a_post_is_told_once_with_its_number_of_files(read: Read) -> None:
    found = read({f"dialogue/filmm/{name}.yaml": said(12) for name in "abc"})
    (problem,) = found.problems
    assert place(problem) == ("KB082", "filmm", 0, 0)
    assert problem.severity is Severity.WARNING
    assert "3 files are not shown" in problem.message
    assert "«film»" in problem.mend
    assert found.by_post == {}


@pytest.mark.parametrize("path", ["a.yaml", "film/mer/a.yaml"])
def test_a_file_that_lies_in_no_post_s_folder_is_told(read: Read, path: str) -> None:
    (problem,) = read({f"dialogue/{path}": said(12)}).problems
    assert place(problem)[:1] == ("KB082",)


def test_two_contributions_with_one_id_are_an_error(read: Read) -> None:
    found = read({"dialogue/film/a.yaml": said(12), "dialogue/film/b.yaml": said(13, "id: a\n")})
    (problem,) = found.problems
    assert (place(problem), problem.severity) == (("KB083", "film/b.yaml", 4, 5), Severity.ERROR)
    assert "dialogue/film/a.yaml" in problem.message


@pytest.mark.parametrize(
    ("replies", "faulty"),
    [
        ({"a": "x", "b": "a", "c": ""}, {"a"}),
        ({"a": "a", "b": "a", "c": ""}, {"a"}),
        ({"a": "b", "b": "a", "c": "a"}, {"a", "b"}),
        ({"a": "b", "b": "c", "c": "a"}, {"a", "b", "c"}),
    ],
)
def test_a_reply_to_nothing_itself_or_in_a_circle_is_shown_on_its_own(
    read: Read, replies: dict[str, str], faulty: set[str]
) -> None:
    files = {f"dialogue/film/{name}.yaml": said(12, f"reply_to: {to}\n") for name, to in replies.items()}
    found = read(files)
    assert {place(problem) for problem in found.problems} == {
        ("KB084", f"film/{name}.yaml", 4, 11) for name in faulty
    }
    assert {problem.severity for problem in found.problems} == {Severity.WARNING}
    shown = {item.id: item.reply_to for item in found.by_post["film"].contributions}
    assert shown == {name: "" if name in faulty else to for name, to in replies.items()}


def test_a_summary_tells_how_many_came_in(read: Read) -> None:
    files = {"dialogue/film/a.yaml": said(12), "dialogue/film/summary.yaml": "mottatt: 57\nper: 2026-11-15\n"}
    found = read(files)
    assert found.problems == ()
    dialogue = found.by_post["film"]
    assert (dialogue.received, dialogue.as_of) == (57, dt.date(2026, 11, 15))
    assert len(dialogue.contributions) == 1


def test_a_summary_below_the_number_of_files_is_a_warning_and_the_larger_number_counts(read: Read) -> None:
    files = {f"dialogue/film/{name}.yaml": said(12) for name in "ab"}
    found = read({**files, "dialogue/film/summary.yaml": "as_of: 2026-11-15\nreceived: 1\n"})
    (problem,) = found.problems
    assert (place(problem), problem.severity) == (("KB085", "film/summary.yaml", 2, 11), Severity.WARNING)
    assert found.by_post["film"].received == 2


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("received: mange\n", "KB085", 1, 11),
        ("received: -1\n", "KB085", 1, 11),
        ("as_of: 2026-11-15\n", "KB010", 1, 1),
        ("received: 1\nantall: 3\n", "KB012", 2, 1),
        ("received: 1\nmottatt: 3\n", "KB013", 2, 1),
    ],
)
def test_a_faulty_summary_is_told_at_its_place(
    read: Read, text: str, code: str, line: int, column: int
) -> None:
    (problem,) = read({"dialogue/film/summary.yaml": text}).problems
    assert place(problem) == (code, "film/summary.yaml", line, column)


def test_an_outcome_is_read_with_the_dialogue(read: Read) -> None:
    files = {"dialogue/film/outcome.yaml": "date: 2026-11-19\nby: kommunedirektor\ndid: Vi laget filmen.\n"}
    found = read(files)
    assert found.problems == ()
    outcome = found.by_post["film"].outcome
    assert outcome is not None
    assert (outcome.date, outcome.by and outcome.by.id) == (dt.date(2026, 11, 19), "kommunedirektor")


def test_two_posts_with_one_id_are_told_when_they_share_a_dialogue(read: Read) -> None:
    texts = {"content/posts/2026-11-12-film.nn.md": post()}
    assert read(texts).problems == ()
    (problem,) = read({**texts, "dialogue/film/a.yaml": said(12)}).problems
    assert (problem.code, problem.severity) == ("KB017", Severity.WARNING)


def test_a_file_is_read_once_for_each_state_of_it(make_folder: Callable[..., Path], tmp_path: Path) -> None:
    folder = make_folder({f"dialogue/film/{name}.yaml": said(12) for name in "ab"})
    paths = find_files(folder).dialogue
    documents = Documents(tmp_path / "documents.db", "0" * 8)
    first = read_all(folder, paths, documents)
    kept = documents.heads({item.path: item.key for item in first})
    assert kept == {item.path: item for item in first}
    (folder / paths[0]).write_text(said(13), encoding="utf-8")
    second = read_all(folder, paths, documents)
    assert second[0].key != first[0].key
    assert second[1] == first[1]
    at_hand = {item.path: item for item in second}
    third = read_all(folder, paths, Documents(None, "0" * 8), known=at_hand)
    assert [one is other for one, other in zip(third, second, strict=True)] == [True, True]


def test_a_file_that_is_no_text_is_told_and_not_kept(make_folder: Callable[..., Path]) -> None:
    folder = make_folder({"dialogue/film/a.yaml": b"text: \xff\n"})
    (written,) = read_all(folder, ("dialogue/film/a.yaml",))
    assert [problem.code for problem in written.problems] == ["KB001"]
    (gone,) = read_written(
        folder, ["dialogue/film/b.yaml"], Documents(None, "0" * 8), lambda path: "", known={}, jobs=1
    )
    assert [problem.code for problem in gone.problems] == ["KB006"]
    assert gone.key == ""
