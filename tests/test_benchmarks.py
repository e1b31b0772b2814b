"""The benchmarks' own parts work: what they measure is a good site."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import pytest

from kommunebeta.build import BuildOptions, build
from kommunebeta.reporter import Reporter

AT = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


@pytest.fixture
def benchmarks(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(root / "tests" / "benchmarks"))
    for name in ("corpus", "run"):
        monkeypatch.delitem(sys.modules, name, raising=False)


@pytest.mark.usefixtures("benchmarks")
@pytest.mark.parametrize("theme", ["beta", "liten"])
def test_the_corpus_builds_without_problems(tmp_path: Path, theme: str) -> None:
    from run import prepared  # type: ignore[import-not-found]  # beside the tests, not a package

    site = prepared(30, tmp_path, theme, "")
    result = build(site, BuildOptions(at=AT, jobs=1), Reporter())
    assert result.problems == ()
    assert result.posts == 30


@pytest.mark.usefixtures("benchmarks")
def test_the_same_number_gives_the_same_posts(tmp_path: Path) -> None:
    from corpus import make  # type: ignore[import-not-found]  # as above

    for name in "ab":
        make(5, tmp_path / name)
    texts = [sorted(file.read_bytes() for file in (tmp_path / name).rglob("*.*")) for name in "ab"]
    assert texts[0] == texts[1]
    words = [len(file.read_text("utf-8").split()) for file in (tmp_path / "a/content/posts").glob("*.md")]
    assert all(300 < count < 1000 for count in words)
