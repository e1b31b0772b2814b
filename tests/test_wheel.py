"""The wheel, as someone who installs it meets it: in another place, without the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command without anything in the environment that would lead back to the checkout."""
    environment = {
        name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")
    }
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )


def build(root: Path, folder: Path, *options: str) -> Path:
    """Build with the backend that is installed, so that no network is needed; return the wheel."""
    done = run(
        sys.executable, "-m", "build", "--no-isolation", *options, "--outdir", folder, root, cwd=folder
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout."""
    return build(root, tmp_path_factory.mktemp("wheel"), "--wheel")


@pytest.fixture(scope="module")
def scripts(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of a fresh virtual environment with the wheel in it.

    What the wheel needs is taken from the environment of the tests, by a path that comes
    after the wheel's own: no network, and no second copy.
    """
    home = tmp_path_factory.mktemp("environment")
    made = run(sys.executable, "-m", "venv", "--without-pip", home, cwd=home)
    assert made.returncode == 0, made.stderr
    variables = {"base": str(home), "platbase": str(home)}
    programs = Path(sysconfig.get_path("scripts", "venv", variables))
    libraries = Path(sysconfig.get_path("purelib", "venv", variables))
    mine = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (libraries / "requirements.pth").write_text("\n".join(sorted(mine)) + "\n", encoding="utf-8")
    options = ["--disable-pip-version-check", "--no-index", "--no-deps", "--ignore-installed"]
    installed = run(
        sys.executable, "-m", "pip", "--python", programs / "python", "install", *options, wheel, cwd=home
    )
    assert installed.returncode == 0, installed.stdout + installed.stderr
    return programs


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def test_the_wheel_carries_every_file_of_the_package_and_the_themes(root: Path, wheel: Path) -> None:
    expected = {
        f"{target}/{path.relative_to(root / source).as_posix()}"
        for source, target in {"kommunebeta": "kommunebeta", "themes": "kommunebeta/_themes"}.items()
        for path in (root / source).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert names(wheel) == expected


def test_a_wheel_built_from_the_sdist_holds_the_same_files(root: Path, wheel: Path, tmp_path: Path) -> None:
    assert names(build(root, tmp_path)) == names(wheel)


def test_the_installed_package_is_the_wheel_and_not_the_checkout(
    scripts: Path, root: Path, tmp_path: Path
) -> None:
    done = run(scripts / "python", "-c", "import kommunebeta; print(kommunebeta.__file__)", cwd=tmp_path)
    assert Path(done.stdout.strip()).is_relative_to(scripts.parent)
    assert not Path(done.stdout.strip()).is_relative_to(root)


def test_an_installed_wheel_starts_a_site_and_builds_it_anywhere(scripts: Path, tmp_path: Path) -> None:
    program = scripts / "kommunebeta"
    init = run(
        program, "init", "x", "--name", "Testvikbeta", "--municipality", "Testvik kommune", cwd=tmp_path
    )
    assert init.returncode == 0, init.stdout + init.stderr
    built = run(program, "build", "x", "--strict", cwd=tmp_path)
    assert built.returncode == 0, built.stdout + built.stderr
    assert "Testvikbeta" in (tmp_path / "x" / "public" / "index.html").read_text(encoding="utf-8")


def test_the_package_runs_as_a_module_too(scripts: Path, tmp_path: Path) -> None:
    done = run(scripts / "python", "-m", "kommunebeta", "--version", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "0." in done.stdout
