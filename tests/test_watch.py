"""Watching: changes are gathered until they pause, and clutter is no change."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from kommunebeta.serve.watch import LONGEST, Gathering, Watcher, is_watched


def test_changes_in_quick_succession_come_together() -> None:
    gathering = Gathering()
    for name in "abc":
        gathering.add(name)
    assert gathering.fetch(1) == frozenset("abc")
    assert gathering.fetch(0.01) == frozenset()


def test_a_burst_is_handed_on_before_it_ends() -> None:
    gathering = Gathering()
    stop = threading.Event()

    def burst() -> None:
        while not stop.wait(0.005):
            gathering.add("x")

    thread = threading.Thread(target=burst)
    thread.start()
    begun = time.monotonic()
    assert gathering.fetch(5) == frozenset("x")
    assert time.monotonic() - begun < LONGEST + 1
    stop.set()
    thread.join()


def test_a_closed_gathering_lets_its_reader_go() -> None:
    gathering = Gathering()
    threading.Timer(0.05, gathering.close).start()
    assert gathering.fetch() is None


@pytest.mark.parametrize(
    ("path", "watched"),
    [
        ("kommunebeta.yaml", True),
        ("content/posts/x.md", True),
        ("static/.well-known/security.txt", True),
        ("themes/egen/theme.yaml", True),
        ("public/index.html", False),
        (".kommunebeta/preview/index.html", False),
        (".git/HEAD", False),
        ("content/posts/.x.md.swp", False),
        ("content/posts/x.md~", False),
        ("content/.obsidian/workspace.json", False),
        ("README.md", False),
    ],
)
def test_only_what_can_matter_is_watched(path: str, watched: bool) -> None:
    assert is_watched(path) is watched


@pytest.mark.parametrize("poll", [False, True])
def test_a_folder_that_comes_later_is_watched_too(tmp_path: Path, poll: bool) -> None:
    (tmp_path / "content").mkdir()
    gathering = Gathering()
    watcher = Watcher(tmp_path, gathering.add, poll=poll)
    try:
        (tmp_path / "templates").mkdir()
        time.sleep(1.2 if poll else 0.2)
        (tmp_path / "templates" / "post.html").write_text("x")
        seen: set[str] = set()
        end = time.monotonic() + 5
        while "templates/post.html" not in seen and time.monotonic() < end:
            seen |= gathering.fetch(0.2) or frozenset()
        assert "templates/post.html" in seen
    finally:
        watcher.stop()
