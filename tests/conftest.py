"""Fixtures that several tests share: folders of files, and the programs that judge our pages."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browsing import FLAGS
from tests.deploy.azurite import installed
from tests.deploy.webservers import program
from tests.forked import run_forked

ROOT = Path(__file__).resolve().parent.parent
IN_CI = os.environ.get("CI", "").lower() in ("1", "true")

settings.register_profile("everywhere", deadline=None, derandomize=IN_CI)
settings.load_profile("everywhere")


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture
def make_folder(tmp_path: Path) -> Callable[..., Path]:
    """Write files, given as relative path → content, and return the folder that holds them."""

    def make(files: Mapping[str, str | bytes], name: str = "site") -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        for path, content in files.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        return folder

    return make


@pytest.fixture(scope="session")
def command() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run ``kommunebeta`` with the given words in a process of its own; from nothing where it has an environment."""

    def run(
        *words: str | Path, environment: Mapping[str, str] | None = None, folder: Path = ROOT
    ) -> subprocess.CompletedProcess[str]:
        if environment is None:
            return run_forked(list(map(str, words)), folder)
        return subprocess.run(
            [sys.executable, "-m", "kommunebeta", *map(str, words)],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            timeout=300,
        )

    return run


def _missing(what: str) -> NoReturn:
    """A tool that is not installed fails a test in CI and skips it elsewhere."""
    reason = f"{what} is missing: run «make tools», which installs it or says how"
    if IN_CI:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium browser."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    _missing("Chromium")


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Chromium, running. Playwright runs once at a time in a process, so no test starts it itself."""
    expect.set_options(timeout=20_000)  # for busy machines
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS.split())
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def vnu() -> list[str]:
    """The command of the Nu HTML checker; options and files are to follow."""
    jar = ROOT / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
    java = shutil.which("java")
    if java is None:
        _missing("Java")
    if not jar.is_file():
        _missing("the Nu HTML checker")
    return [java, "-jar", str(jar)]


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, to be run in a page."""
    script = ROOT / "node_modules" / "axe-core" / "axe.min.js"
    if not script.is_file():
        _missing("axe-core")
    return script.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def weed() -> str:
    """The program of SeaweedFS."""
    beside = Path(sys.executable).with_name("weed")
    path = str(beside) if beside.is_file() else shutil.which("weed")
    if path is None:
        _missing("SeaweedFS")
    return path


@pytest.fixture(scope="session")
def azurite_program() -> tuple[str, Path]:
    """Node.js and the program of Azurite, which is installed when a test first asks for it."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        _missing("Node.js with npm")
    try:
        return node, installed(npm, ROOT / "node_modules" / ".azurite")
    except (subprocess.SubprocessError, OSError):
        _missing("Azurite, which npm installs where there is a network,")


@pytest.fixture(scope="session")
def netlify_parsers() -> tuple[str, Path]:
    """Node.js, and a folder in which it finds Netlify's own parsers of ``_headers`` and ``_redirects``."""
    node = shutil.which("node")
    if node is None:
        _missing("Node.js")
    if not (ROOT / "node_modules" / "@netlify" / "redirect-parser").is_dir():
        _missing("Netlify's parser of redirects")
    return node, ROOT


@pytest.fixture(scope="session")
def sarif_schema() -> dict[str, Any]:
    """The JSON Schema of SARIF 2.1.0."""
    file = ROOT / "node_modules" / "@microsoft" / "jest-sarif" / "lib" / "schemas" / "sarif-2.1.0-rtm.5.json"
    if not file.is_file():
        _missing("the schema of SARIF")
    schema: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return schema


@pytest.fixture(scope="session")
def ssh_programs() -> None:
    """OpenSSH's server and client, and rsync."""
    for name, what in (("sshd", "openssh-server"), ("ssh", "openssh-client"), ("rsync", "rsync")):
        if not (shutil.which(name) or Path("/usr/sbin", name).is_file()):
            _missing(what)


@pytest.fixture(scope="session")
def nginx_program() -> str:
    """The program of nginx."""
    return program("nginx") or _missing("nginx")


@pytest.fixture(scope="session")
def apache_program() -> str:
    """The program of Apache."""
    return program("apache2") or _missing("apache2")


@pytest.fixture(scope="session")
def git_program() -> None:
    """Git, with the half of it that serves."""
    if shutil.which("git") is None:
        _missing("git")


@pytest.fixture(scope="session")
def caddy_program() -> str:
    """The program of Caddy."""
    return program("caddy") or _missing("caddy")
