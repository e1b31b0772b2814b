"""What a build remembers is good for the same program, wherever and whenever that was installed."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kommunebeta import engine


@pytest.fixture
def package(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package, installed anew somewhere else."""
    copy = shutil.copytree(
        root / "kommunebeta",
        tmp_path / "kommunebeta",
        ignore=shutil.ignore_patterns("__pycache__", "*.po"),
        copy_function=shutil.copyfile,
    )
    monkeypatch.setattr(engine, "__file__", str(copy / "engine.py"))
    return copy


@pytest.fixture(autouse=True)
def looked_at_anew() -> Iterator[None]:
    engine._infos.cache_clear()
    yield
    engine._infos.cache_clear()


def fingerprint() -> str:
    return engine.fingerprint.__wrapped__()


def test_the_same_program_that_was_installed_anew_is_the_same(package: Path) -> None:
    assert fingerprint() == engine.fingerprint()


@pytest.mark.parametrize("touched", ["render.py", "check/noted.py", "check/accessibility/aria_tables.py"])
def test_an_edit_makes_another_program(package: Path, touched: str) -> None:
    file = package / touched
    file.write_text(file.read_text("utf-8") + "\n", "utf-8")
    assert fingerprint() != engine.fingerprint()


def test_a_module_of_another_name_makes_another_program(package: Path) -> None:
    (package / "render.py").rename(package / "rendered.py")
    assert fingerprint() != engine.fingerprint()


def test_another_version_of_what_it_builds_upon_makes_another_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for version in ("1.0", "1.1", "1.1"):
        site = tmp_path / f"{len(found)}"
        (site / "byggestein").mkdir(parents=True)
        (site / "byggestein/__init__.py").touch()
        (site / f"Byggestein-{version}.dist-info").mkdir()
        with monkeypatch.context() as patched:
            patched.setattr(sys, "path", [str(site), *sys.path])
            patched.setattr(engine, "_DEPENDENCIES", ("byggestein",))
            found.append(fingerprint())
    assert found[0] != found[1] == found[2]


def test_every_dependency_that_is_there_is_known_by_its_version() -> None:
    known = {name: engine._version(name) for name in engine._DEPENDENCIES}
    assert [name for name, told in known.items() if not told.endswith(".dist-info")] == []
