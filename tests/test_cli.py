"""The commands: exit codes, words for people, JSON for machines, and never a traceback."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kommunebeta import __version__
from kommunebeta.cli import cli

Make = Callable[..., Path]
Done = subprocess.CompletedProcess[str]
Command = Callable[..., Done]
HEAD = "name: Fjordvikbeta\nmunicipality: Fjordvik kommune\n"
POST = "---\ntitle: Hei\ndate: 2026-01-02\n---\nHei.\n"
X = "content/posts/x.md"


@pytest.fixture
def site(make_folder: Make) -> Path:
    """A small site that builds without a warning."""
    return make_folder({"kommunebeta.yaml": HEAD, X: POST})


def snapshot(folder: Path) -> dict[str, str]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in files
    }


def spoken(done: Done) -> str:
    """What was said to the user, who must never see a traceback."""
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    assert 'File "' not in said
    return said


# 0


def test_a_good_build_ends_with_0_and_one_line(site: Path, command: Command) -> None:
    done = command("build", site, "--at", "2026-06-01")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(
        r"\S+/public: 1 posts, 0 pages, (\d+) files \(\1 new, 0 changed, 0 removed; \1 made\) in [\d.]+ s\n",
        done.stdout,
    )


def test_the_next_change_is_told_alike_whether_it_is_reckoned_or_remembered(
    site: Path, command: Command
) -> None:
    """In a form, too, that `--at` takes."""
    (site / "content/posts/y.md").write_text(POST.replace("2026-01-02", "2026-06-02 12:00:30"), "utf-8")
    told = [command("build", site, "--at", "2026-06-01").stdout.splitlines()[1:] for _ in range(2)]
    expected = "It will change by itself at 2026-06-02 12:00:30+02:00: build again then."
    assert told == [[expected], [expected]]
    assert "2026/06/y/index.html" in command("build", site, "-v", "--at", "2026-06-02 12:00:30+02:00").stdout


def test_the_current_folder_is_the_site_when_none_is_named(site: Path, command: Command) -> None:
    assert command("build", folder=site).returncode == 0
    assert (site / "public/index.html").is_file()


def test_verbose_names_every_file_and_quiet_none(site: Path, command: Command) -> None:
    assert "+ index.html\n" in command("build", site, "-v").stdout
    assert command("build", site, "-q").stdout == ""
    (site / X).unlink()
    assert "- 2026/01/x/index.html\n" in command("build", site, "-v").stdout


def test_warnings_are_printed_and_counted_and_quiet_hides_them(make_folder: Make, command: Command) -> None:
    folder = make_folder({"kommunebeta.yaml": HEAD, X: POST.replace("title", "author: Ola\ntitle")})
    done = command("build", folder)
    assert done.returncode == 0
    assert done.stderr.startswith(f"{X}:2:9: warning KB015: «Ola»")
    assert ", 1 warning in " in done.stdout
    assert command("build", folder, "-q").stderr == ""


def test_another_output_and_address_may_be_named(site: Path, tmp_path: Path, command: Command) -> None:
    done = command("build", site, "--output", tmp_path / "ut", "--base-url", "https://x.example/beta/")
    assert done.returncode == 0
    assert "https://x.example/beta/" in (tmp_path / "ut/sitemap.xml").read_text("utf-8")
    assert not (site / "public").exists()


@pytest.mark.parametrize("words", [("--help",), ("-h",), ("--version",), ("build", "--help")])
def test_help_and_version_end_with_0(words: tuple[str, ...], command: Command) -> None:
    done = command(*words)
    assert done.returncode == 0
    assert __version__ in done.stdout if "--version" in words else "Usage: kommunebeta" in done.stdout


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_commands_help_shows_an_example(name: str, command: Command) -> None:
    done = command(name, "--help")
    assert done.returncode == 0
    assert re.search(rf"Example:\n\s+kommunebeta {name}", done.stdout)


# 1


def test_problems_in_the_content_end_with_1_and_are_all_told(site: Path, command: Command) -> None:
    command("build", site)
    before = snapshot(site / "public")
    (site / X).write_text('---\ntitle: a\ntitle: b\npublish: "i morgen"\n---\n')
    (site / "content/posts/a.md").write_text("uten")
    done = command("build", site)
    assert (done.returncode, done.stdout) == (1, "")
    lines = spoken(done).splitlines()
    assert lines[0].startswith("content/posts/a.md:1:1: error KB002: ")
    assert f"{X}:3:1: error KB004" in lines[1]
    assert (
        lines[2]
        == f"{X}:4:10: error KB014: «publish»: it is not a date: «i morgen». Write it as 2026-05-17 or 2026-05-17 12:00."
    )
    assert lines[3:] == ["Nothing was published: 3 errors. The old site is as it was."]
    assert snapshot(site / "public") == before


@pytest.mark.parametrize(
    "files",
    [
        {"kommunebeta.yaml": "name: [\n"},
        {"kommunebeta.yaml": b"name: \xff\n"},
        {"kommunebeta.yaml": ""},
        {"kommunebeta.yaml": HEAD + "theme: finnes-ikke\n"},
        {"kommunebeta.yaml": HEAD + "permalinks: {post: '/{0.__class__}/', archive: '{x}', person: '{'}\n"},
        {X: b"---\ntitle: \xff\n---\n"},
        {X: "---\na: " + "[" * 10_000 + "\n---\n"},
        {X: "---\ntitle: a\ndate: 2026-01-01\ncase: 1\n---\n"},
        {X: "---\ntitle: a\ndate: 0001-01-01T00:00:00+14:00\n---\n"},
        {X: "---\ntitle: a\ndate: 2026-01-01\npermalink: /../../x/\n---\n"},
        {"people/x.yaml": "&a [*a]"},
        {"data/x.json": "[" * 100_000},
        {"forms/x.yaml": "1"},
        {"templates/post.html": "{% for %}"},
        {"templates/post.html": "{{ 1 / 0 }}"},
        {"templates/post.html": "{% include 'post.html' %}"},
        {"templates/home.html": "{{ site.finnes.ikke }}"},
        {"locales/nb.po": "ikke en katalog"},
    ],
    ids=lambda files: f"{next(iter(files))}: {str(next(iter(files.values())))[-30:]!r}",
)  # fmt: skip
def test_no_fault_in_the_files_shows_a_traceback(
    site: Path, make_folder: Make, command: Command, files: dict[str, str]
) -> None:
    make_folder(files)
    done = command("build", site)
    assert done.returncode == 1, spoken(done)
    assert re.search(r"(error|warning) KB\d{3}: ", spoken(done))


def test_strict_makes_warnings_stop_the_build(make_folder: Make, command: Command) -> None:
    folder = make_folder({"kommunebeta.yaml": HEAD, X: POST.replace("title", "author: Ola\ntitle")})
    done = command("build", folder, "--strict")
    assert done.returncode == 1
    assert "Nothing was published: 1 warning." in done.stderr


# 2


@pytest.mark.parametrize(
    "words",
    [
        ("bygg",),
        ("build", "--ukjent"),
        ("build", "--at", "i morgen"),
        ("build", "--at", "9999-12-31"),
        ("build", "--jobs", "mange"),
        ("build", "--jobs", "-1"),
        ("build", "--format", "xml"),
        ("build", "finnes-ikke"),
        ("build", "--base-url", "http://[x"),
        ("build", "--base-url", "x"),
        ("build", "--output", "."),
        ("build", "--output", "content"),
        ("build", "--output", ".."),
        ("build", "--output", "kommunebeta.yaml"),
        ("build", "--output", "fremmed"),
        ("build", "en", "to"),
        (),
    ],
)
def test_wrong_use_ends_with_2_and_changes_nothing(
    site: Path, command: Command, words: tuple[str, ...]
) -> None:
    (site / "fremmed").mkdir()
    (site / "fremmed/mitt.txt").write_text("mitt")
    before = snapshot(site)
    done = command(*words, folder=site)
    assert done.returncode == 2, spoken(done)
    assert spoken(done).strip()
    assert snapshot(site) == before


# 3


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs a folder that takes no files")
def test_a_disk_that_takes_no_files_ends_with_3(site: Path, command: Command) -> None:
    done = command("build", site, "--output", "/proc/kommunebeta/public")
    assert done.returncode == 3
    assert "/proc/kommunebeta" in spoken(done)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_ends_with_3(site: Path, tmp_path: Path, command: Command) -> None:
    locked = tmp_path / "låst"
    locked.mkdir(mode=0o500)
    done = command("build", site, "--output", locked / "public")
    assert done.returncode == 3
    assert "permission" in spoken(done)


def customized(folder: Path, code: str) -> dict[str, str]:
    """An environment in which Python runs ``code`` before our program, as a broken installation would."""
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(code, encoding="utf-8")
    root = str(Path(__file__).resolve().parent.parent)
    return {"PYTHONPATH": f"{folder}{os.pathsep}{root}", "TMPDIR": str(folder)}


def test_a_full_disk_ends_with_3_and_keeps_the_old_site(site: Path, tmp_path: Path, command: Command) -> None:
    command("build", site)
    before = snapshot(site / "public")
    (site / "static").mkdir()
    (site / "static/stor.bin").write_bytes(b"x" * 400_000)
    limit = customized(
        tmp_path / "liten", "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
    )
    done = command("build", site, environment=limit)
    assert done.returncode == 3
    assert "full" in spoken(done)
    assert snapshot(site / "public") == before


# 70


CRASHES = {
    "planning": "import kommunebeta.plan as m\ndef boom(*a, **k): return {}['nøkkel']\nm.plan = boom\n",
    "reading": "import kommunebeta.content as m\ndef boom(*a, **k): raise RecursionError('dypt')\nm.parse_to_keep = boom\n",
    "rendering": "import kommunebeta.render as m\ndef boom(*a, **k): raise ZeroDivisionError('null')\nm._make = boom\n",
    "memory": "import kommunebeta.plan as m\ndef boom(*a, **k): raise MemoryError\nm.plan = boom\n",
}


@pytest.mark.parametrize(
    ("stage", "jobs"),
    [*((stage, 1) for stage in sorted(CRASHES)), ("reading", 2), ("rendering", 2)],  # what workers do
)
def test_a_fault_of_ours_says_so_names_a_report_and_keeps_the_old_site(
    site: Path, tmp_path: Path, command: Command, stage: str, jobs: int
) -> None:
    for number in range(130 * (jobs - 1)):
        (site / f"content/posts/p{number}.md").write_text(POST)
    command("build", site)
    before = snapshot(site / "public")
    (site / "content/posts/ny.md").write_text(POST)
    done = command("build", site, "--jobs", jobs, environment=customized(tmp_path / "feil", CRASHES[stage]))
    assert done.returncode == 70, spoken(done)
    assert "fault in Kommunebeta, not in your site" in spoken(done)
    assert "https://" in done.stderr
    (report,) = re.findall(r": (\S+\.txt)$", done.stderr.strip())
    text = Path(report).read_text("utf-8")
    assert __version__ in text
    assert "Traceback" in text
    assert snapshot(site / "public") == before


def test_a_crash_is_told_even_when_no_report_can_be_written(
    site: Path, tmp_path: Path, command: Command
) -> None:
    code = (
        CRASHES["planning"]
        + "import tempfile\ndef full(*a, **k): raise OSError(28, 'No space left on device')\ntempfile.NamedTemporaryFile = full\n"
    )
    done = command("build", site, environment=customized(tmp_path / "feil", code))
    assert done.returncode == 70
    assert "KeyError" in spoken(done)


# JSON


def test_json_tells_what_was_built(make_folder: Make, command: Command) -> None:
    folder = make_folder({"kommunebeta.yaml": HEAD, X: POST.replace("title", "author: Čáhci\ntitle")})
    done = command("build", folder, "--format", "json", environment={"PYTHONIOENCODING": "cp1252"})
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert (found["ok"], found["posts"], found["pages"]) == (True, 1, 0)
    assert found["files"] == len(found["added"])
    (problem,) = found["problems"]
    assert (problem["code"], problem["severity"], problem["path"], problem["line"]) == (
        "KB015",
        "warning",
        X,
        2,
    )
    assert "Čáhci" in problem["message"]


def test_json_tells_what_is_wrong_in_the_content(site: Path, command: Command) -> None:
    (site / X).write_text("uten")
    done = command("build", site, "--format", "json")
    assert (done.returncode, done.stderr) == (1, "")
    found = json.loads(done.stdout)
    assert found["ok"] is False
    assert [problem["code"] for problem in found["problems"]] == ["KB002"]
    assert found["problems"][0]["mend"]


@pytest.mark.parametrize(("output", "code"), [("content", 2), ("/proc/kommunebeta/public", 3)])
def test_json_tells_of_wrong_use_and_of_the_outside_world(
    site: Path, command: Command, output: str, code: int
) -> None:
    done = command("build", site, "--output", site / output, "--format", "json")
    assert done.returncode == code
    found = json.loads(done.stdout)
    assert (found["ok"], found["problems"]) == (False, [])
    assert found["error"]
    spoken(done)


# Consoles and interruptions


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "latin-1"])
def test_a_console_without_sami_letters_is_no_reason_to_stop(
    make_folder: Make, command: Command, encoding: str
) -> None:
    folder = make_folder(
        {"kommunebeta.yaml": HEAD, "content/posts/čáhci.md": POST.replace("title", "author: Áŋŋá\ntitle")}
    )
    done = command("build", folder, "-v", environment={"PYTHONIOENCODING": encoding})
    assert done.returncode == 0, spoken(done)


def test_a_reader_who_leaves_early_does_no_harm(site: Path) -> None:
    if not shutil.which("head"):
        pytest.skip("needs head")
    build = subprocess.Popen(
        [sys.executable, "-m", "kommunebeta", "build", str(site), "-v"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)},
    )
    assert build.stdout is not None
    assert build.stderr is not None
    build.stdout.close()
    said = build.stderr.read().decode()
    build.stderr.close()
    build.wait(60)
    assert "Traceback" not in said
    assert (site / "public/index.html").is_file()


def test_ctrl_c_ends_quietly_with_130_and_keeps_the_old_site(
    site: Path, tmp_path: Path, command: Command
) -> None:
    command("build", site)
    before = snapshot(site / "public")
    (site / "content/posts/ny.md").write_text(POST)
    waiting = tmp_path / "venter"
    code = f"import kommunebeta.plan as m, pathlib, time\ndef wait(*a, **k):\n    pathlib.Path({str(waiting)!r}).touch()\n    time.sleep(60)\nm.plan = wait\n"
    build = subprocess.Popen(
        [sys.executable, "-m", "kommunebeta", "build", str(site)],
        stderr=subprocess.PIPE,
        env={**os.environ, **customized(tmp_path / "feil", code)},
    )
    until = time.monotonic() + 30
    while not waiting.exists() and time.monotonic() < until:
        time.sleep(0.02)
    build.send_signal(signal.SIGINT)
    _, said = build.communicate(timeout=60)
    assert (build.returncode, said.decode().strip()) == (130, "Stopped.")
    assert snapshot(site / "public") == before


# init, new, schema


@pytest.mark.parametrize("language", ["nb", "nn", "se", "en"])
def test_a_new_site_builds_without_a_warning(tmp_path: Path, command: Command, language: str) -> None:
    folder = tmp_path / "fjordvikbeta"
    done = command("init", folder, "--municipality", "Fjordvik kommune", "--language", language)
    assert done.returncode == 0, spoken(done)
    done = command("build", "--strict", folder=folder)
    assert (done.returncode, done.stderr) == (0, "")


def test_new_writes_a_file_and_never_overwrites_one(site: Path, command: Command) -> None:
    for kind in ("post", "page", "person"):
        done = command("new", kind, "Čáhci på Åsen", folder=site)
        assert done.returncode == 0, spoken(done)
        before = snapshot(site)
        again = command("new", kind, "Čáhci på Åsen", folder=site)
        assert again.returncode == 2, spoken(again)
        assert snapshot(site) == before
    assert command("build", "--future", folder=site).returncode == 0


@pytest.mark.parametrize(
    "words", [("new", "post", "???"), ("new", "dikt", "Hei"), ("schema", "--print", "ukjent")]
)
def test_wrong_use_of_the_other_commands_ends_with_2(
    site: Path, command: Command, words: tuple[str, ...]
) -> None:
    done = command(*words, folder=site)
    assert done.returncode == 2, spoken(done)
    assert spoken(done).strip()


def test_init_never_overwrites_a_folder_with_content(site: Path, command: Command) -> None:
    before = snapshot(site)
    assert command("init", site).returncode == 2
    assert snapshot(site) == before


def test_schemas_are_valid_json(site: Path, command: Command) -> None:
    done = command("schema", "--print", "post", folder=site)
    assert done.returncode == 0, spoken(done)
    assert json.loads(done.stdout)["properties"]["title"]
