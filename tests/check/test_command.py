"""``kommunebeta check`` as a user meets it: words, formats, exit codes, and never a traceback."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

Make = Callable[..., Path]
Command = Callable[..., subprocess.CompletedProcess[str]]

SETTINGS = "name: Fjordvikbeta\nmunicipality: Fjordvik kommune\nbase_url: https://beta.fjordvik.example/\n"
PAGE = (
    '<!doctype html>\n<html lang="nb">\n<head><meta charset="utf-8"><title>Plan</title></head>\n'
    '<body><main><h1>Plan</h1>\n<p><a href="/borte/">Planen</a></p>\n</main></body>\n</html>\n'
)


@pytest.fixture
def broken(make_folder: Make) -> Path:
    return make_folder({"kommunebeta.yaml": SETTINGS, "static/plan.html": PAGE})


@pytest.fixture
def good(make_folder: Make) -> Path:
    return make_folder({"kommunebeta.yaml": SETTINGS})


def test_a_finding_names_place_code_mend_and_page_and_ends_with_1(broken: Path, command: Command) -> None:
    done = command("check", broken, "--only", "links")
    assert (done.returncode, done.stderr) == (1, "")
    first, *_, last = done.stdout.splitlines()
    assert re.fullmatch(
        r"static/plan\.html:5:22: error KB100: The link to /borte/ leads nowhere\. .+ \[/plan\.html\]", first
    )
    assert re.fullmatch(r"1 error: \d+ pages and \d+ other files in [\d.]+ s", last)


def test_a_good_site_ends_with_0(good: Path, command: Command) -> None:
    done = command("check", good, "--only", "links")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Nothing found: ")


def test_verbose_says_why(broken: Path, command: Command) -> None:
    done = command("check", broken, "--only", "links", "--verbose")
    assert "    Readers who follow it meet an error page" in done.stdout


def test_json_and_sarif_are_all_that_is_printed(
    broken: Path, command: Command, sarif_schema: dict[str, Any]
) -> None:
    done = command("check", broken, "--only", "links", "--format", "json")
    assert (done.returncode, done.stderr) == (1, "")
    assert [found["code"] for found in json.loads(done.stdout)["findings"]] == ["KB100"]
    done = command("check", broken, "--only", "links", "--format", "sarif")
    assert (done.returncode, done.stderr) == (1, "")
    jsonschema.Draft4Validator(sarif_schema).validate(json.loads(done.stdout))


def test_a_baseline_keeps_what_is_known_quiet(broken: Path, command: Command) -> None:
    done = command("check", broken, "--update-baseline")
    assert done.returncode == 0
    assert re.search(r"check-baseline\.yaml: \d+ findings are known from now on", done.stdout)
    done = command("check", broken, "--only", "links")
    assert done.returncode == 0
    assert done.stdout.startswith("Nothing found (1 known ones are not told): ")


def test_what_stops_a_build_ends_with_1(make_folder: Make, command: Command) -> None:
    site = make_folder(
        {"kommunebeta.yaml": SETTINGS, "content/posts/x.md": "---\ntitle: X\ndate: tull\n---\n"}
    )
    done = command("check", site)
    assert done.returncode == 1
    assert done.stdout.splitlines()[0].startswith("content/posts/x.md:3:7: error KB014:")
    assert "nothing could be built" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--only", "lenker"], "Known are build, links, pages, privacy, dialogue, site"),
        (["--no-build"], "Nothing is built"),
        (["--baseline", "borte.yaml"], "There is no baseline"),
        (["--only", "links", "--update-baseline"], "leave --only out"),
        (["--format", "xml"], "xml"),
        (["--at", "i morgen"], "i morgen"),
    ],
)
def test_wrong_use_ends_with_2(good: Path, command: Command, words: list[str], said: str) -> None:
    done = command("check", good, *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_json_tells_of_wrong_use_too(tmp_path: Path, command: Command) -> None:
    done = command("check", tmp_path, "--format", "json")
    assert done.returncode == 2
    assert "is not a site" in json.loads(done.stdout)["error"]


def test_a_folder_that_is_no_site_ends_with_2(tmp_path: Path, command: Command) -> None:
    done = command("check", tmp_path)
    assert done.returncode == 2
    assert "is not a site" in done.stderr


def test_a_site_that_is_built_already_is_checked_as_it_lies_there(broken: Path, command: Command) -> None:
    command("build", broken)
    (broken / "public/plan.html").write_text(PAGE.replace("/borte/", "/tapt/"), "utf-8")
    done = command("check", broken, "--only", "links", "--no-build")
    assert "The link to /tapt/ leads nowhere." in done.stdout
