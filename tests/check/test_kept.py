"""What is kept from check to check: the same is told as by a check that knows nothing, for less work.

``python -m tests.check.walked 500 7`` does the same for longer. That the bad site is told of in the same
words is tested where it is checked anyway, in ``test_bad_site``.
"""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kommunebeta.check import kept
from kommunebeta.check.checks import CHECKS
from kommunebeta.check.examine import Task, examine
from kommunebeta.check.finding import Group
from kommunebeta.check.kept import KeptReports
from kommunebeta.check.noted import QUESTIONS, NotedSurroundings, answered
from kommunebeta.check.run import check
from kommunebeta.check.state import Report
from kommunebeta.pickles import dumps, loads
from kommunebeta.reporter import Reporter
from tests.check.around import surroundings
from tests.check.walked import Walk, files_of, kept_in, told

BRIDGE = "content/posts/2026-01-09-bru.md"
A = "a.html"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """The site that is walked through, checked once."""
    walker = Walk(tmp_path_factory.mktemp("kept") / "site", random.Random(0))
    walker.check()
    return walker


@pytest.fixture
def small(built: Walk) -> Iterator[Walk]:
    """The same, with nothing left to do."""
    yield built
    for path, which in built.now.items():
        if which:
            built.write(path, 0)
            built.check()


def test_after_any_edit_the_same_is_told_as_by_a_check_that_knows_nothing(tmp_path: Path) -> None:
    walker = Walk(tmp_path / "site", random.Random(5))
    spared = 0
    for _ in range(8):
        changed = walker.step()
        walker.build()
        found = walker.check(built=True)
        files = {file: file.read_bytes() for file in files_of(walker.folder)}
        for file in files:
            file.unlink()
        fresh = walker.check(built=True)
        assert told(found) == told(fresh), (changed, walker.now)
        (file,) = files_of(walker.folder)
        assert kept_in(files[file]) == kept_in(file.read_bytes()), (changed, walker.now)
        spared += fresh.examined - found.examined
        for file, data in files.items():
            file.write_bytes(data)
    assert spared > 100


def test_an_edited_text_costs_the_outputs_that_hold_it(small: Walk) -> None:
    small.write(BRIDGE, 3)
    found = small.check()
    assert (found.pages, found.files) == (9, 27)
    assert found.examined == 4  # the post, and three feeds
    assert small.check().examined == 0


def test_a_file_that_changes_costs_itself_and_the_pages_that_weigh_it(small: Walk) -> None:
    small.write("static/bilder/brua.png", 1)
    assert small.check().examined == 3


def test_a_new_post_costs_what_shows_it_and_the_pages_with_links_that_were_broken_without_it(
    small: Walk,
) -> None:
    before = {path: path.read_bytes() for path in (small.folder / "public").rglob("[!.]*") if path.is_file()}
    small.write("content/posts/2026-01-09-skole.md", 2)
    found = small.check()
    changed = {path.name for path, data in before.items() if path.read_bytes() != data}
    assert not {"side.html", "annen.html"} & changed
    outputs = sum(path.read_bytes() != data for path, data in before.items())
    assert found.examined == len(["the post itself", "side.html", "annen.html"]) + outputs


@pytest.mark.parametrize("change", ["groups", "folder"])
def test_what_was_found_for_other_groups_or_in_another_folder_counts_for_nothing(
    small: Walk, change: str
) -> None:
    options = replace(small.options, build=False, groups=(Group.LINKS,) if change == "groups" else ())
    if change == "folder":
        output = shutil.copytree(small.folder / "public", small.folder.parent / "ut")
        options = replace(options, output=output)
    other = check(small.folder, options, Reporter())
    assert other.examined == 36
    assert check(small.folder, options, Reporter()).examined == 0
    assert small.check().examined == 0


def test_what_another_program_has_found_counts_for_nothing(
    small: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "fingerprint", lambda: "another")
    assert small.check(built=True).examined == 36
    assert small.check(built=True).examined == 0


def test_a_cache_that_cannot_be_written_costs_the_time_alone(small: Walk) -> None:
    cache = small.folder / ".kommunebeta"
    aside = cache.rename(small.folder / "aside")
    try:
        without = small.check(built=True)
        shutil.rmtree(cache)
        cache.write_text("a file where the folder should be")
        assert without.examined == 36
        assert small.check(built=True) == replace(without, seconds=pytest.approx(0, abs=1e9))
    finally:
        (shutil.rmtree if cache.is_dir() else os.unlink)(cache)
        aside.rename(cache)


def page_in(folder: Path, html: str = "<html lang=nb><title>A</title><a href='b/'>B</a>") -> Task:
    """A site of one page, with what it is examined for."""
    (folder / "public").mkdir(exist_ok=True)
    (folder / "public" / A).write_text(html)
    around = replace(surroundings(folder / "public"), outputs=frozenset((A,)))
    return Task(around, tuple(CHECKS))


def keep(folder: Path, task: Task) -> tuple[Path, Report]:
    """Examine the page and keep what is found; in which file, and what it is."""
    found, keeps = examine(task, A), KeptReports(folder, task)
    keeps.keep((), [found])
    assert KeptReports(folder, task).good([A]) == {A: found.report}
    return keeps.file, found.report


def test_a_page_is_examined_again_when_it_or_an_answer_is_another(tmp_path: Path) -> None:
    task = page_in(tmp_path)
    keep(tmp_path, task)
    more = replace(task.surroundings, outputs=frozenset((A, "b/index.html")))
    assert KeptReports(tmp_path, replace(task, surroundings=more)).good([A]) == {}
    assert KeptReports(tmp_path, replace(task, groups=(Group.LINKS,))).good([A]) == {}
    assert KeptReports(tmp_path, task).good([A, "b/index.html"]).keys() == {A}
    later = replace(task.surroundings, now=task.surroundings.now.replace(year=2050))
    assert KeptReports(tmp_path, replace(task, surroundings=later)).good([A]).keys() == {A}
    page_in(tmp_path, "<html lang=nb><title>B</title>")
    assert KeptReports(tmp_path, task).good([A]) == {}


def test_nothing_stays_of_outputs_that_are_gone(tmp_path: Path) -> None:
    task = page_in(tmp_path)
    (tmp_path / "public" / "b.html").write_text("<html lang=nb><title>B</title><a href='borte/'>C</a>")
    KeptReports(tmp_path, task).keep((), [examine(task, A), examine(task, "b.html")])
    keeps = KeptReports(tmp_path, task)
    assert len(keeps.good([A, "b.html"])) == 2
    keeps.keep([A], [])
    data = keeps.file.read_bytes()
    assert kept_in(data).keys() == {A}
    assert b"borte/" not in data
    keeps.file.unlink()
    keep(tmp_path, task)
    assert kept_in(keeps.file.read_bytes()) == kept_in(data)


def test_every_member_that_checks_of_a_page_are_given_is_a_question() -> None:
    around = surroundings()
    public = [name for name in vars(NotedSurroundings) if not name.startswith("_") and name != "asked"]
    assert {"_lead" if name == "lead" else name for name in public} == QUESTIONS
    for name in public:
        noted = NotedSurroundings(around)
        member = getattr(noted, name)
        if callable(member):
            member(*["a/b.html"] * (2 if name == "lead" else 1))
        (question,) = noted.asked
        assert answered(question, around) is not None, name
    assert answered(("__init__", "x"), around) is None


def foreign(data: bytes) -> bytes:
    """A pickle that would call a function."""
    return dumps(0)[:16] + b"cos\nsystem\n(S'false'\ntR."


def misshapen(data: bytes) -> bytes:
    version, *_ = loads(data)
    return dumps((version, [1, 2], {A: ()}))


DAMAGES: list[Callable[[bytes], bytes]] = [
    lambda data: b"",
    lambda data: data[: len(data) // 2],
    lambda data: data + b"x",
    lambda data: data[:200] + bytes([data[200] ^ 1]) + data[201:],
    lambda data: dumps(7),
    foreign,
    misshapen,
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_or_foreign_file_counts_for_nothing_and_is_made_anew(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    task = page_in(tmp_path)
    file, _ = keep(tmp_path, task)
    data = file.read_bytes()
    file.write_bytes(damage(data))
    assert KeptReports(tmp_path, task).good([A]) == {}
    keep(tmp_path, task)
    assert kept_in(file.read_bytes()) == kept_in(data)
    assert files_of(tmp_path) == [file]


def test_what_nobody_has_kept_for_a_month_is_taken_away(tmp_path: Path) -> None:
    task = page_in(tmp_path)
    file, _ = keep(tmp_path, task)
    old, new = file.with_name("check-000000000000.kept"), file.with_name("check-111111111111.keptabc")
    for other, days in ((old, 31), (new, 29)):
        other.write_bytes(b"x")
        stamp = time.time() - days * 86_400
        os.utime(other, (stamp, stamp))
    keep(tmp_path, task)
    assert files_of(tmp_path) == sorted((file, new))


def test_a_site_that_is_moved_keeps_what_was_found(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    _, report = keep(site, page_in(site))
    moved = site.rename(tmp_path / "flyttet")
    assert KeptReports(moved, page_in(moved)).good([A]) == {A: report}
