"""What must hold for the repository as a whole: nothing of one machine, one network or one day in it."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

INDEX_HOSTS = re.compile(rb"pypi\.org/simple|files\.pythonhosted|registry\.npmjs|deb\.debian\.org")
HOME_PATHS = re.compile(rb"(?<![\w.)}/-])/(?:root|work|home/[a-z]+|Users/[A-Za-z]+)/")
NAME = re.compile(r"[A-Za-z0-9._-]+")


def repository_files(root: Path) -> list[Path]:
    """The files that git knows or would add; in an unpacked sdist, all that a build did not make."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    if (root / ".git").exists():
        listed = subprocess.run(command, cwd=root, capture_output=True, check=True).stdout
        paths = [root / name.decode() for name in listed.split(b"\0") if name]
    else:
        made = {".venv", "node_modules", "__pycache__", "public", "dist"}
        paths = [path for path in root.rglob("*") if not made & set(path.relative_to(root).parts)]
    return [path for path in paths if path.is_file() and not path.is_symlink()]


def places(pattern: re.Pattern[bytes], root: Path) -> list[str]:
    """``path: match`` for every text file in which the pattern is found."""
    found = []
    for path in repository_files(root):
        content = path.read_bytes()
        if b"\0" not in content and (match := pattern.search(content)):
            found.append(f"{path.relative_to(root)}: {match.group().decode()}")
    return found


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_repository_names_no_package_index(root: Path) -> None:
    assert places(INDEX_HOSTS, root) == []


def test_the_repository_names_no_folder_of_one_machine(root: Path) -> None:
    assert places(HOME_PATHS, root) == []


def test_the_scan_finds_what_it_looks_for(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("cd /ro" + "ot/x", encoding="utf-8")
    (tmp_path / "b.txt").write_text("see https://fjordvik.example/work/ and ./work/x", encoding="utf-8")
    (tmp_path / "c.txt").write_text("https://py" + "pi.org/simple", encoding="utf-8")
    assert places(HOME_PATHS, tmp_path) == ["a.txt: /ro" + "ot/"]
    assert places(INDEX_HOSTS, tmp_path) == ["c.txt: py" + "pi.org/simple"]


def test_every_requirement_is_pinned_to_one_version_and_nothing_else(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(r for extra in project["optional-dependencies"].values() for r in extra),
    ]
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert [pin for pin in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+( ; .+)?", pin)] == []
    pinned = {normalised(pin.split("==")[0]) for pin in pins}
    assert [r for r in wanted if normalised(NAME.match(r)[0]) not in pinned] == []
