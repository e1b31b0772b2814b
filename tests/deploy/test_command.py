"""`kommunebeta deploy`: what is built, checked, planned, asked, sent and told, with which exit code."""

from __future__ import annotations

import datetime as dt
import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kommunebeta.check.options import CheckOptions
from kommunebeta.check.run import check
from kommunebeta.deploy.kinds import kind_of
from kommunebeta.deploy.lasting import next_change
from kommunebeta.deploy.parcel import Difference, parcel_of
from kommunebeta.deploy.target import Forgotten, Kind, Surroundings
from kommunebeta.errors import OutsideError
from kommunebeta.reporter import Reporter
from tests.deploy.folders import files_of

Make = Callable[..., Path]
Done = subprocess.CompletedProcess[str]
Command = Callable[..., Done]
HEAD = (
    "name: Fjordvikbeta\nmunicipality: Fjordvik kommune\nbase_url: https://beta.example.no/\n"
    "contact: {email: post@example.no, phone: 55 55 55 55}\n"
    "deploy:\n  targets:\n    nettsted: {kind: folder, path: ../ut}\n"
)
POST = "---\ntitle: Hei\ndate: 2026-01-02\nsummary: Kort.\n---\nHei på dere.\n"
X = "content/posts/x.md"


FILES = {"kommunebeta.yaml": HEAD, X: POST, ".gitignore": "public\n"}


@pytest.fixture
def new_site(make_folder: Make) -> Path:
    """A small site with one target, beside which ``ut`` is to lie; nothing is built yet."""
    return make_folder(FILES, "nettsted på ørret")


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, built and checked, for copies of it."""
    folder = tmp_path_factory.mktemp("checked")
    for path, text in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    check(folder, CheckOptions(), Reporter())
    return folder


@pytest.fixture
def site(checked: Path, tmp_path: Path) -> Path:
    """The same, as somebody has it who has built and checked before."""
    return shutil.copytree(checked, tmp_path / "nettsted på ørret")


def spoken(done: Done) -> str:
    """What was said to the user, who must never see a traceback."""
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    assert 'File "' not in said
    assert "fault in Kommunebeta" not in said
    return said


def shown(site: Path) -> Path:
    return site.parent / "ut/current"


def test_one_command_builds_checks_sends_verifies_and_prints_the_address(
    new_site: Path, command: Command
) -> None:
    site = new_site
    done = command("deploy", folder=site)
    assert done.returncode == 0, spoken(done)
    assert "+ index.html\n" in done.stdout
    assert re.search(
        r"^\S*.*/ut: \d+ new, 0 changed, 0 removed, 0 the same; \S+ \S+ to send$", done.stdout, re.M
    )
    assert re.search(r"\d+ files sent and verified in [\d.]+ s: https://beta.example.no/\n\Z", done.stdout)
    assert (shown(site) / "2026/01/x/index.html").read_bytes() == (
        site / "public/2026/01/x/index.html"
    ).read_bytes()


def test_only_changes_travel_and_a_second_deploy_without_any_says_so(site: Path, command: Command) -> None:
    command("deploy", site)
    (site / X).write_text(POST.replace("Hei på", "Hallo på"), "utf-8")
    done = command("deploy", site, "nettsted", "--format", "json")
    told = json.loads(done.stdout)
    assert (told["ok"], told["sent"], told["added"], told["removed"]) == (True, True, [], [])
    assert "2026/01/x/index.html" in told["changed"]
    assert "404.html" not in told["changed"]
    assert command("deploy", site).stdout.endswith("Nothing has changed: https://beta.example.no/\n")


def test_a_dry_run_tells_the_plan_and_sends_nothing(site: Path, command: Command) -> None:
    done = command("deploy", site, "--dry-run")
    assert done.returncode == 0
    assert "+ index.html\n" in done.stdout
    assert done.stdout.endswith("Nothing was sent: this was a dry run.\n")
    assert not shown(site).exists()
    assert json.loads(command("deploy", site, "--dry-run", "--format", "json").stdout)["sent"] is False


def test_no_build_sends_what_lies_in_the_output(site: Path, command: Command) -> None:
    command("build", site)
    (site / X).write_text(POST.replace("Hei på", "Hallo på"), "utf-8")
    assert command("deploy", site, "--no-build").returncode == 0
    assert "Hei på" in (shown(site) / "2026/01/x/index.html").read_text("utf-8")


def test_what_has_happened_to_the_output_since_the_build_is_told(site: Path, command: Command) -> None:
    command("build", site)
    (site / "public/robots.txt").write_text("# mine\n")
    (site / "public/bevis-123.html").write_text("mine")
    (site / "public/.DS_Store").write_text("x")
    done = command("deploy", site, "--no-build")
    assert done.returncode == 0
    assert "Not as it was built, but sent as it is: robots.txt\n" in done.stderr
    assert re.search(r"^Not sent, since no build made it .*: bevis-123\.html$", done.stderr, re.M)
    assert (shown(site) / "robots.txt").read_text() == "# mine\n"
    (site / "public/robots.txt").unlink()
    done = command("deploy", site, "--no-build")
    assert (done.returncode, "robots.txt was built and is gone. Run" in spoken(done)) == (2, True)
    (site / "public/robots.txt").symlink_to("/etc/hostname")
    done = command("deploy", site, "--no-build")
    assert (done.returncode, "robots.txt cannot be read: it is no file" in spoken(done)) == (3, True)
    assert (shown(site) / "robots.txt").read_text() == "# mine\n"


def test_no_build_without_a_build_is_wrong_use(new_site: Path, command: Command) -> None:
    done = command("deploy", new_site, "--no-build")
    assert done.returncode == 2
    assert not shown(new_site).exists()


@pytest.mark.parametrize("form", ["text", "json"])
def test_errors_that_the_checks_find_stop_it(site: Path, command: Command, form: str) -> None:
    (site / X).write_text(POST + "\n[Borte](ingensteds.md)\n", "utf-8")
    done = command("deploy", site, "--format", form)
    assert done.returncode == 1
    assert "content/posts/x.md" in spoken(done)
    assert "KB030" in spoken(done)
    assert not shown(site).exists()
    if form == "json":
        assert json.loads(done.stdout)["ok"] is False


def _many_posts(site: Path, count: int = 12) -> None:
    for number in range(count):
        (site / f"content/posts/p{number}.md").write_text(POST, "utf-8")


def test_removing_more_than_a_tenth_needs_a_yes(site: Path, command: Command) -> None:
    _many_posts(site)
    assert command("deploy", site).returncode == 0
    for file in (site / "content/posts").glob("p*.md"):
        file.unlink()
    done = command("deploy", site)
    assert done.returncode == 2
    assert re.search(r"Nothing was sent to \S.*: \d+ of \d+ files would be removed\. Add --yes", spoken(done))
    assert (shown(site) / "2026/01/p3/index.html").is_file()
    assert json.loads(command("deploy", site, "--format", "json").stdout)["ok"] is False
    assert command("deploy", site, "--yes").returncode == 0
    assert not (shown(site) / "2026/01/p3").exists()


def test_an_empty_build_needs_a_yes(site: Path, command: Command) -> None:
    command("deploy", site)
    shutil.rmtree(site / "public")
    (site / "public").mkdir()
    done = command("deploy", site, "--no-build", "--yes")
    assert (done.returncode, "Nothing is built" in spoken(done)) == (2, True)
    (site / "public/robots.txt").write_text("User-agent: *\n")
    done = command("deploy", site, "--no-build")
    assert done.returncode == 2
    assert "the build is empty, without a single page. Add --yes if so meant." in spoken(done)
    assert (shown(site) / "index.html").is_file()
    assert command("deploy", site, "--no-build", "--yes").returncode == 0
    assert not (shown(site) / "index.html").exists()


def test_at_a_terminal_it_asks_and_shows_progress(site: Path, command: Command) -> None:
    _many_posts(site)
    command("deploy", site)
    for file in (site / "content/posts").glob("p*.md"):
        file.unlink()
    code, asked = _at_terminal(site, "n\n")
    assert (code, asked) == (2, "asked")
    assert (shown(site) / "2026/01/p3/index.html").is_file()
    assert _at_terminal(site, "y\n") == (0, "asked")
    assert not (shown(site) / "2026/01/p3").exists()


def _at_terminal(site: Path, answer: str) -> tuple[int, str]:
    """Exit code of a deploy at a terminal, and «asked» where it asked."""
    leader, follower = pty.openpty()
    words = [sys.executable, "-m", "kommunebeta", "deploy", str(site)]
    repository = str(Path(__file__).resolve().parents[2])
    process = subprocess.Popen(
        words,
        stdin=follower,
        stdout=follower,
        stderr=follower,
        cwd=repository,
        env={**os.environ, "TERM": "xterm"},
    )
    os.close(follower)
    said, answered, end = "", "", time.monotonic() + 120
    while process.poll() is None and time.monotonic() < end:
        if select.select([leader], [], [], 0.1)[0]:
            try:
                said += os.read(leader, 65536).decode("utf-8", "replace")
            except OSError:
                break
        if "Go on?" in said and not answered:
            os.write(leader, answer.encode())
            answered = "asked"
    code = process.wait(30)
    os.close(leader)
    assert "Traceback" not in said
    assert "Rendering" in said or "Checking" in said
    return code, answered


# list, rollback, verify, forget


def test_releases_are_listed_and_returned_to(site: Path, command: Command) -> None:
    command("deploy", site)
    (site / X).write_text(POST.replace("Hei på", "Hallo på"), "utf-8")
    command("deploy", site)
    rows = json.loads(command("deploy", "list", "nettsted", "--site", site, "--format", "json").stdout)
    rows = rows["releases"] if isinstance(rows, dict) else rows
    assert [row["current"] for row in rows] == [True, False]
    done = command("deploy", "rollback", "nettsted", "--site", site)
    assert (done.returncode, done.stdout) == (0, f"Readers get release {rows[1]['name']} now.\n")
    done = command("deploy", "verify", "nettsted", "--site", site, "--format", "json")
    assert json.loads(done.stdout)["wrong"] == []
    assert "Hei på" in (shown(site) / "2026/01/x/index.html").read_text("utf-8")
    assert command("deploy", "rollback", "nettsted", rows[0]["name"], "--site", site).returncode == 0
    assert "Hallo på" in (shown(site) / "2026/01/x/index.html").read_text("utf-8")
    done = command("deploy", "rollback", "nettsted", "2020", "--site", site)
    assert done.returncode == 2
    assert rows[0]["name"] in spoken(done)


def test_verify_compares_everything_there(site: Path, command: Command) -> None:
    done = command("deploy", "verify", "nettsted", "--site", site)
    assert done.returncode == 2
    assert "Deploy first" in spoken(done)
    command("deploy", site)
    assert re.fullmatch(
        r"All \d+ files are as they were sent\.\n",
        command("deploy", "verify", "nettsted", "--site", site).stdout,
    )
    (shown(site) / "robots.txt").write_text("hacked")
    done = command("deploy", "verify", "nettsted", "--site", site)
    assert (done.returncode, done.stderr) == (3, "robots.txt\n")
    assert command("deploy", site, "--all").returncode == 0
    assert command("deploy", "verify", "nettsted", "--site", site).returncode == 0


def test_earlier_releases_are_forgotten_when_that_is_meant(site: Path, command: Command) -> None:
    command("deploy", site)
    (site / X).write_text(POST.replace("Hei på", "Hallo på"), "utf-8")
    command("deploy", site)
    done = command("deploy", "forget", "nettsted", "--site", site)
    assert (done.returncode, "Nothing was removed" in spoken(done)) == (2, True)
    done = command("deploy", "forget", "nettsted", "--site", site, "--yes", "--format", "json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["ok"], told["releases"]) == (0, True, 1)
    kept = list((shown(site).parent / "releases").rglob("*.html"))
    assert not any("Hei på" in path.read_text("utf-8") for path in kept)
    done = command("deploy", "forget", "nettsted", "--site", site, "-y")
    assert done.stdout == "Removed: earlier releases: 0, files: 0.\n"
    assert command("deploy", "rollback", "nettsted", "--site", site).returncode == 2


# Wrong use, faults in the settings, the world outside


@pytest.mark.parametrize(
    ("settings", "words", "code", "said"),
    [
        ("", [], 2, "names no target"),
        ("deploy: {targets: {a: {kind: folder, path: ../a}}}", ["b"], 2, "no target «b». Known are a."),
        (
            "deploy: {targets: {a: {kind: folder, path: ../a}, b: {kind: folder, path: ../b}}}",
            [],
            2,
            "Several targets",
        ),
        (
            "deploy: {default: c, targets: {a: {kind: folder, path: ../a}}}",
            [],
            1,
            "kommunebeta.yaml:4:9: error KB022",
        ),
        ("deploy: {targets: {a: {kind: foldr, path: ../a}}}", [], 1, "Did you mean «folder»?"),
        ("deploy: {targets: {a: {path: ../a}}}", [], 1, "lacks its «kind»"),
        ("deploy: {targets: {a: {kind: folder}}}", [], 1, "KB010"),
        ("deploy: {targets: {a: {kind: folder, path: ../a, keeep: 3}}}", [], 1, "KB021"),
        ("deploy: {targets: {a: {kind: folder, path: ../a, server: nginks}}}", [], 1, "KB022"),
        ("deploy: {targets: {a: {kind: folder, path: /dev/null/x}}}", [], 3, "/dev/null: "),
        ("deploy: {targets: {a: {kind: folder, path: public/ut}}}", [], 2, "Choose a folder beside it"),
    ],
)
def test_what_is_wrong_is_one_clear_sentence_with_its_exit_code(
    make_folder: Make, command: Command, settings: str, words: list[str], code: int, said: str
) -> None:
    head = HEAD[: HEAD.index("contact")]
    site = make_folder({"kommunebeta.yaml": head + settings + "\n", X: POST})
    done = command("deploy", site, *words)
    assert (done.returncode, said in spoken(done)) == (code, True), spoken(done)


def test_a_folder_that_is_not_a_site_is_wrong_use(tmp_path: Path, command: Command) -> None:
    done = command("deploy", tmp_path)
    assert done.returncode == 2
    assert "is not a site" in spoken(done)


@pytest.mark.parametrize(
    "words",
    [[], ["list", "nettsted"], ["rollback", "nettsted"], ["verify", "nettsted"], ["forget", "nettsted"]],
)
def test_json_is_one_object_even_when_it_fails(make_folder: Make, command: Command, words: list[str]) -> None:
    head = HEAD.replace("../ut", "/dev/null/x")
    site = make_folder({"kommunebeta.yaml": head, X: POST})
    place = ["--site", str(site)] if words else [str(site)]
    done = command("deploy", *words, *place, "--format", "json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["ok"], told["problems"]) == (3, False, [])
    assert "/dev/null" in told["error"]
    (site / "kommunebeta.yaml").write_text(head.replace("kind: folder", "kind: foldr"), "utf-8")
    done = command("deploy", *words, *place, "--format", "json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["ok"], told["error"]) == (1, False, "")
    assert [problem["code"] for problem in told["problems"]] == ["KB022"]


def test_the_json_of_a_deploy_has_these_keys(site: Path, command: Command) -> None:
    told = json.loads(command("deploy", site, "--format", "json").stdout)
    assert sorted(told) == [
        "added",
        "address",
        "bytes",
        "changed",
        "error",
        "foreign",
        "next_change",
        "notes",
        "ok",
        "place",
        "release",
        "removed",
        "same",
        "seconds",
        "sent",
        "wrong",
    ]
    assert told["bytes"] == sum((shown(site) / path).stat().st_size for path in told["added"])
    assert shown(site).resolve().name == told["release"]


def test_until_when_the_site_stays_as_it_is_is_told(site: Path, command: Command) -> None:
    until = site.parent / "until"
    words = ["deploy", site, "--until", until, "--format", "json"]
    assert json.loads(command(*words).stdout)["next_change"] is None
    assert until.read_text("ascii") == "forever\n"
    (site / "content/posts/jul.md").write_text(f"---\npublish: 2090-12-24 12:00\n{POST[4:]}", "utf-8")
    assert json.loads(command(*words).stdout)["next_change"] == "2090-12-24T12:00:00+01:00"
    assert until.read_text("ascii") == "2090-12-24T11:00:00Z\n"
    told = json.loads(command(*words[:2], "--until", site / "borte/until", *words[4:]).stdout)
    assert (told["ok"], "is sent all the same" in told["error"]) == (False, True)


def test_a_site_whose_pages_tell_the_time_never_stays_as_it_is(site: Path, command: Command) -> None:
    (site / "templates").mkdir()
    (site / "templates/404.html").write_text("<html lang=nb><title>x</title>{{ site.now }}</html>")
    command("build", site)
    now = dt.datetime.now(dt.UTC)
    assert next_change(site, now) == now
    shutil.rmtree(site / ".kommunebeta")
    assert next_change(site, now) == now  # nothing is known


def test_ctrl_c_ends_it_without_a_traceback(site: Path) -> None:
    words = [sys.executable, "-m", "kommunebeta", "deploy", str(site)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    said = "".join(process.communicate(timeout=60))
    assert "Traceback" not in said
    assert process.returncode in (0, 130, -signal.SIGINT)


# Kinds of other packages


def _installed(folder: Path, code: str) -> None:
    """Put a package that brings the kind «archive» into a folder."""
    package = folder / "beta_archive-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: beta-archive\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text("[kommunebeta.targets]\narchive = beta_archive:KIND\n")
    (folder / "beta_archive.py").write_text(code, "utf-8")


def _documented() -> str:
    """The kind that the page on deploying shows."""
    page = (Path(__file__).parents[2] / "docs/deploy.md").read_text("utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```$", page, re.M | re.S)
    return str(code)


def test_the_documented_kind_of_another_package_deploys(
    make_folder: Make, command: Command, tmp_path: Path
) -> None:
    _installed(tmp_path, _documented())
    settings = HEAD.replace("{kind: folder, path: ../ut}", "{kind: archive, file: ../ut.zip}")
    site = make_folder({"kommunebeta.yaml": settings, X: POST})
    path = os.pathsep.join(map(str, (Path(__file__).parents[2], tmp_path)))
    done = command("deploy", site, environment={"PYTHONPATH": path})
    assert done.returncode == 0, spoken(done)
    with zipfile.ZipFile(tmp_path / "ut.zip") as archive:
        assert archive.read("index.html") == (site / "public/index.html").read_bytes()


def test_the_documented_kind_keeps_to_the_contract(tmp_path: Path) -> None:
    given: dict[str, Any] = {}
    exec(compile(_documented(), "docs/deploy.md", "exec"), given)
    kind: Kind = given["KIND"]
    setting = kind.setting.model_validate({"kind": "archive", "file": "ut.zip"})
    printed = "stil.0123456789.css"

    def deployed(texts: dict[str, str]) -> Difference:
        with kind.open(setting, Surroundings(tmp_path, "https://beta.example.no/", "a")) as target:
            now = dt.datetime.now(dt.UTC)
            parcel = parcel_of(files_of(texts), target.look(), "r", now)
            target.send(parcel, lambda files, size: None)
            assert target.verify({path: file.digest for path, file in parcel.files.items()}) == ()
            assert not parcel_of(parcel.files, target.look(), "r", now).is_needed
        return parcel.difference

    assert deployed({"index.html": "a", "borte": "b", printed: "c"}).added == ("borte", "index.html", printed)
    difference = deployed({"index.html": "ny"})
    assert (difference.changed, difference.removed) == (("index.html",), ("borte",))
    with kind.open(setting, Surroundings(tmp_path, "https://beta.example.no/", "a")) as target:
        assert target.look().retired.keys() == {printed}
        assert target.forget() == Forgotten(0, (printed,))
        assert target.verify({"index.html": "x"}) == ("index.html",)
    with zipfile.ZipFile(tmp_path / "ut.zip") as archive:
        assert printed not in archive.namelist()
    other = kind.open(setting, Surroundings(tmp_path, "https://annen.example.no/", "a"))
    with pytest.raises(OutsideError, match="is not of this site"):
        other.look()


@pytest.mark.parametrize(("code", "said"), [("import ikke_der", "ikke_der"), ("KIND = 1", "is no Kind")])
def test_a_package_that_cannot_be_used_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, said: str
) -> None:
    _installed(tmp_path, code)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(OutsideError, match=f"«beta-archive».*{said}"):
        kind_of("archive")
    sys.modules.pop("beta_archive", None)
