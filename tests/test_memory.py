"""What a build remembers: enough to do nothing, never enough to do wrong."""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from kommunebeta.build import BuildOptions, BuildResult, build
from kommunebeta.errors import ContentError
from kommunebeta.publish import output_lock
from kommunebeta.reporter import Reporter

Make = Callable[..., Path]
POST = "---\ntitle: {title}\ndate: 2026-05-{day:02}\ntags: [skole]\n{more}---\n\n{body}\n"
FILES = {
    "kommunebeta.yaml": "name: Fjordvikbeta\nmunicipality: Fjordvik kommune\nbase_url: https://beta.fjordvik.example/\n",
    **{
        f"content/posts/p{day}.md": POST.format(title=f"Sak {day}", day=day, more="", body=f"Tekst {day}.")
        for day in range(1, 6)
    },
    "content/pages/om.md": "---\ntitle: Om oss\n---\n\nVi er her.\n",
}
AT = dt.datetime(2026, 5, 17, 12, tzinfo=dt.UTC)


@pytest.fixture
def site(make_folder: Make) -> Path:
    return make_folder(FILES)


def built(site: Path, **options: object) -> BuildResult:
    return build(site, BuildOptions(**{"at": AT, "jobs": 1, **options}), Reporter())  # type: ignore[arg-type]  # any


def edit(site: Path, path: str, old: str, new: str) -> None:
    text = (site / path).read_text("utf-8")
    assert old in text
    (site / path).write_text(text.replace(old, new), "utf-8")


def memory(site: Path) -> Path:
    (file,) = (site / ".kommunebeta").glob("build-*.db")
    return file


def notes(result: BuildResult) -> list[str]:
    return [problem.message for problem in result.problems if problem.code == "KB060"]


def test_a_second_build_makes_nothing(site: Path) -> None:
    first = built(site)
    assert first.rendered == first.files
    assert built(site).rendered == 0


def test_a_touched_file_is_no_change(site: Path) -> None:
    built(site)
    os.utime(site / "content/posts/p1.md", (1, 1))
    os.utime(site / "public/index.html", (1, 1))
    assert built(site).rendered == 0
    assert built(site).rendered == 0


def test_an_edit_of_the_same_length_at_the_same_time_is_seen(site: Path) -> None:
    built(site)
    file = site / "content/posts/p1.md"
    status = file.stat()
    edit(site, "content/posts/p1.md", "Tekst 1", "Tekst 9")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert "2026/05/p1/index.html" in built(site).changes.changed


def test_a_body_edit_makes_its_page_and_the_feeds_that_hold_it(site: Path) -> None:
    built(site)
    edit(site, "content/posts/p1.md", "Tekst 1.", "Tekst 1.\n\nEnda et avsnitt.")
    changed = set(built(site).changes.changed)
    assert "2026/05/p1/index.html" in changed
    assert "feed.xml" in changed
    assert not {path for path in changed if path.endswith(".html")} - {"2026/05/p1/index.html"}


def test_a_title_edit_makes_lists_and_neighbours_too_and_nothing_else(site: Path) -> None:
    built(site)
    edit(site, "content/posts/p1.md", "title: Sak 1", "title: En annen sak")
    changed = set(built(site).changes.changed)
    assert {
        "index.html",
        "emne/skole/index.html",
        "2026/05/p1/index.html",
        "2026/05/p2/index.html",
    } <= changed
    assert "om/index.html" not in changed


def test_an_override_that_appears_is_noticed_by_the_pages_that_looked_for_it(site: Path) -> None:
    built(site)
    (site / "templates/partials").mkdir(parents=True)
    (site / "templates/partials/terms.html").write_text("<p>Egne emner</p>")
    result = built(site)
    assert set(result.changes.changed) == {f"2026/05/p{day}/index.html" for day in range(1, 6)}
    (site / "templates/partials/terms.html").unlink()
    assert set(built(site).changes.changed) == set(result.changes.changed)


def test_time_alone_makes_what_it_changes(site: Path) -> None:
    text = POST.format(title="Kommer", day=1, more="publish: 2026-05-20 08:00\n", body="Snart.")
    (site / "content/posts/kommer.md").write_text(text)
    first = built(site)
    assert first.next_change is not None
    assert first.next_change.isoformat() == "2026-05-20T08:00:00+02:00"
    before = dt.datetime(2026, 5, 20, 5, 59, tzinfo=dt.UTC)
    assert built(site, at=before).rendered == 0
    after = built(site, at=before + dt.timedelta(minutes=1))
    assert "2026/05/kommer/index.html" in after.changes.added
    assert after.next_change is None
    back = built(site, at=AT)
    assert "2026/05/kommer/index.html" in back.changes.removed


def test_a_page_that_shows_the_moment_is_made_by_every_build(site: Path) -> None:
    (site / "templates/partials").mkdir(parents=True)
    (site / "templates/partials/terms.html").write_text("{{ site.now|isodate }}")
    built(site)
    later = built(site, at=AT + dt.timedelta(seconds=1))
    assert set(later.changes.changed) == {f"2026/05/p{day}/index.html" for day in range(1, 6)}


def test_a_page_that_shows_the_day_changes_at_midnight(site: Path) -> None:
    (site / "templates/partials").mkdir(parents=True)
    (site / "templates/partials/terms.html").write_text("{{ site.today }}")
    first = built(site)
    assert first.next_change is not None
    assert first.next_change.isoformat() == "2026-05-18T00:00:00+02:00"
    assert built(site, at=AT + dt.timedelta(hours=1)).rendered == 0
    assert len(built(site, at=first.next_change).changes.changed) == 5


def test_an_error_keeps_the_memory_of_the_last_good_build(site: Path) -> None:
    built(site)
    good = (site / "content/posts/p1.md").read_text()
    edit(site, "content/posts/p1.md", "date: 2026-05-01", "date: aldri")
    for _ in range(2):
        with pytest.raises(ContentError):
            built(site)
    (site / "content/posts/p1.md").write_text(good)
    assert built(site).rendered == 0


def test_warnings_are_told_again_when_nothing_has_changed(site: Path) -> None:
    (site / "content/posts/p6.md").write_text("---\ndate: 2026-05-06\n---\n\nUten tittel.\n")
    first = built(site).problems
    assert [problem.code for problem in first] == ["KB010"]
    assert built(site).problems == first
    with pytest.raises(ContentError):
        built(site, strict=True)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: data[:-1],
        lambda data: data[:5000] + bytes([data[5000] ^ 1]) + data[5001:],
        lambda data: b"noe helt annet",
        lambda data: os.urandom(len(data)),
    ],
)
def test_a_damaged_memory_is_noticed_and_does_no_harm(site: Path, damage: Callable[[bytes], bytes]) -> None:
    built(site)
    memory(site).write_bytes(damage(memory(site).read_bytes()))
    edit(site, "content/posts/p1.md", "Tekst 1.", "Endret.")
    result = built(site)
    assert notes(result)
    assert "Endret." in (site / "public/2026/05/p1/index.html").read_text("utf-8")
    assert built(site).rendered == 0
    assert not notes(built(site))


def test_damaged_documents_are_read_again(site: Path) -> None:
    built(site)
    file = site / ".kommunebeta/documents.db"
    file.write_bytes(os.urandom(4096))
    edit(site, "content/posts/p1.md", "title: Sak 1", "title: Ny")
    built(site)
    assert "Tekst 2." in (site / "public/feed.xml").read_text("utf-8")
    assert built(site).rendered == 0


def test_a_changed_row_in_the_documents_is_not_believed(site: Path) -> None:
    built(site)
    with sqlite3.connect(site / ".kommunebeta/documents.db") as database:
        database.execute("update documents set html = ?", (b"<p>feil</p>",))
    database.close()
    edit(site, "content/posts/p1.md", "title: Sak 1", "title: Ny")
    built(site)
    assert "feil" not in (site / "public/feed.xml").read_text("utf-8")


def test_the_memory_of_another_version_is_passed_over_without_a_word(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built(site)
    monkeypatch.setattr("kommunebeta.build.fingerprint", lambda: "0" * 32)
    monkeypatch.setattr("kommunebeta.works.fingerprint", lambda: "0" * 32)
    result = built(site)
    assert result.rendered == result.files
    assert not notes(result)


def test_deleting_the_cache_or_the_output_is_safe(site: Path) -> None:
    first = built(site)
    for folder in (".kommunebeta", "public"):
        for file in sorted((site / folder).rglob("*"), reverse=True):
            file.rmdir() if file.is_dir() else file.unlink()
        (site / folder).rmdir()
        assert built(site).files == first.files
        assert built(site).rendered == 0


def test_a_cache_that_cannot_be_written_costs_only_time(site: Path) -> None:
    (site / ".kommunebeta").write_text("en fil som står i veien")
    for _ in range(2):
        result = built(site)
        assert result.rendered == result.files
        assert notes(result)


def test_two_outputs_have_a_memory_each(site: Path, tmp_path: Path) -> None:
    built(site)
    built(site, output=tmp_path / "annet", drafts=True)
    assert built(site).rendered == 0
    assert built(site, output=tmp_path / "annet", drafts=True).rendered == 0


def test_a_build_waits_its_turn_or_says_who_is_at_work(site: Path) -> None:
    built(site)
    edit(site, "content/posts/p1.md", "Tekst 1.", "Endret.")
    command = [sys.executable, "-m", "kommunebeta", "build", str(site)]
    with output_lock(site / "public") as held:
        assert held
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "Another build is writing" in done.stderr
    assert subprocess.run(command, capture_output=True, timeout=60).returncode == 0


def test_builds_at_the_same_time_leave_a_whole_site_and_a_sound_memory(site: Path) -> None:
    words = ["build", str(site), "--at", "2026-05-17 12:00", "--jobs", "1"]
    codes: list[int] = []

    def run() -> None:
        done = subprocess.run([sys.executable, "-m", "kommunebeta", *words], capture_output=True)
        codes.append(done.returncode)

    for number in range(3):
        body = f"Utgave {number}."
        (site / "content/posts/p1.md").write_text(POST.format(title="Sak 1", day=1, more="", body=body))
        threads = [threading.Thread(target=run) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert body in (site / "public/2026/05/p1/index.html").read_text("utf-8")
    assert set(codes) <= {0, 2}
    assert 0 in codes
    built(site)
    assert built(site).rendered == 0


def test_killed_while_it_remembers_a_build_is_followed_by_a_sound_one(site: Path) -> None:
    built(site)
    edit(site, "content/posts/p1.md", "title: Sak 1", "title: Ny")
    code = (
        "import kommunebeta.memory as m, os\n"
        "old = m.Memory.set_traces\n"
        "def die(self, traces):\n    old(self, traces)\n    os._exit(9)\n"
        "m.Memory.set_traces = die\n"
        "from kommunebeta.cli import main\nmain()\n"
    )
    command = [sys.executable, "-c", code, "build", str(site), "--at", "2026-05-17 12:00"]
    assert subprocess.run(command, capture_output=True).returncode == 9
    result = built(site)
    clean = built(site, output=site.parent / "rent")
    assert result.files == clean.files
    assert (site / "public/index.html").read_bytes() == (site.parent / "rent/index.html").read_bytes()
    assert built(site).rendered == 0


def test_processes_that_are_not_forked_make_and_remember_the_same(site: Path) -> None:
    for number in range(150):
        text = POST.format(title=f"Sak n{number}", day=1 + number % 28, more="", body=f"Tekst {number}.")
        (site / f"content/posts/n{number}.md").write_text(text)
    code = (
        "import multiprocessing as m\nget = m.get_context\nm.get_context = lambda *name: get('spawn')\n"
        "from kommunebeta.cli import main\nmain()\n"
    )
    words = ["build", str(site), "--at", "2026-05-17 12:00", "--jobs", "2"]
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    built(site, output=site.parent / "rent")
    for file in ("index.html", "feed.xml", "2026/05/n7/index.html", "sitemap.xml"):
        assert (site / "public" / file).read_bytes() == (site.parent / "rent" / file).read_bytes()
    assert (
        built(site, at=dt.datetime(2026, 5, 17, 12, tzinfo=dt.timezone(dt.timedelta(hours=2)))).rendered == 0
    )
    edit(site, "content/posts/n7.md", "title: Sak n7", "title: Ny")
    assert "2026/05/n7/index.html" in built(site).changes.changed
