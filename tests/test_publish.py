"""Publishing: all or nothing, never torn, never anybody else's files."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from kommunebeta import moves
from kommunebeta.errors import OutsideError, UsageError
from kommunebeta.inventory import MANIFEST, STAGING
from kommunebeta.publish import Changes, Staging, stage

FILES = {"index.html": b"home", "2026/05/x/index.html": b"post", "assets/main.css": b"body{}"}


def publish(output: Path, files: dict[str, bytes], site: Path | None = None) -> Changes:
    with Staging(output, site or output.parent / "site") as staging:
        return staging.commit([stage(staging.folder, path, data) for path, data in files.items()])


def contents(folder: Path) -> dict[str, bytes]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files if file.name != MANIFEST}


def test_everything_that_was_staged_is_published(tmp_path: Path) -> None:
    changes = publish(tmp_path / "public", FILES)
    assert contents(tmp_path / "public") == FILES
    assert set(changes.added) == set(FILES)


def test_what_is_no_longer_made_is_removed_with_its_empty_folders(tmp_path: Path) -> None:
    output = tmp_path / "public"
    publish(output, FILES)
    changes = publish(output, {"index.html": b"new"})
    assert contents(output) == {"index.html": b"new"}
    assert not (output / "2026").exists()
    assert changes.changed == ("index.html",)
    assert set(changes.removed) == set(FILES) - {"index.html"}


def test_unchanged_files_are_not_touched(tmp_path: Path) -> None:
    output = tmp_path / "public"
    publish(output, FILES)
    before = {path: (output / path).stat().st_mtime_ns for path in (*FILES, MANIFEST)}
    assert publish(output, FILES).unchanged == len(FILES)
    assert {path: (output / path).stat().st_mtime_ns for path in before} == before


def test_a_file_that_was_changed_by_hand_is_put_right(tmp_path: Path) -> None:
    output = tmp_path / "public"
    publish(output, FILES)
    (output / "index.html").write_bytes(b"hack")
    assert publish(output, FILES).changed == ("index.html",)
    assert contents(output) == FILES


def test_files_of_others_are_never_deleted(tmp_path: Path) -> None:
    output = tmp_path / "public"
    publish(output, FILES)
    (output / "CNAME").write_text("beta.example")
    (output / "2026/05/x/notes.txt").write_text("mine")
    publish(output, {"index.html": b"new"})
    assert contents(output) == {
        "index.html": b"new",
        "CNAME": b"beta.example",
        "2026/05/x/notes.txt": b"mine",
    }


def test_a_file_of_others_is_never_replaced(tmp_path: Path) -> None:
    output = tmp_path / "public"
    publish(output, FILES)
    (output / "robots.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"robots\.txt"):
        publish(output, {"index.html": b"new", "robots.txt": b"ours"})
    assert contents(output) == {**FILES, "robots.txt": b"mine"}


def test_a_file_of_others_stays_theirs_even_where_it_holds_what_ours_would(tmp_path: Path) -> None:
    output = tmp_path / "public"
    publish(output, FILES)
    (output / "robots.txt").write_text("same")
    with pytest.raises(UsageError, match=r"robots\.txt"):
        publish(output, {**FILES, "robots.txt": b"same"})


@pytest.mark.parametrize("path", ["2026/05/x", "news"])
def test_a_folder_of_others_is_not_replaced_by_a_file(tmp_path: Path, path: str) -> None:
    output = tmp_path / "public"
    publish(output, FILES)
    (output / path).mkdir(exist_ok=True)
    (output / path / "notes.txt").write_text("mine")
    before = contents(output)
    with pytest.raises(UsageError, match="did not make"):
        publish(output, {"index.html": b"new", path: b"file"})
    assert contents(output) == before


def test_an_empty_folder_gives_way_to_a_file(tmp_path: Path) -> None:
    output = tmp_path / "public"
    publish(output, FILES)
    (output / "news/old").mkdir(parents=True)
    publish(output, {"news": b"file"})
    assert contents(output) == {"news": b"file"}


def test_what_others_put_in_the_place_of_our_old_files_stays(tmp_path: Path) -> None:
    output = tmp_path / "public"
    publish(output, FILES)
    (output / "assets/main.css").unlink()
    (output / "assets/main.css").mkdir()
    (output / "assets/main.css/notes.txt").write_text("mine")
    (output / "2026/05/x/index.html").unlink()
    (output / "2026/05/x").rmdir()
    (output / "2026/05/x").write_text("mine")
    publish(output, {"index.html": b"new"})
    expected = {"index.html": b"new", "assets/main.css/notes.txt": b"mine", "2026/05/x": b"mine"}
    assert contents(output) == expected


def test_our_old_files_behind_a_link_of_others_are_left_alone(tmp_path: Path) -> None:
    output, elsewhere = tmp_path / "public", tmp_path / "elsewhere"
    publish(output, FILES)
    (output / "assets").rename(elsewhere)
    (output / "assets").symlink_to(elsewhere)
    publish(output, {"index.html": b"new"})
    assert contents(elsewhere) == {"main.css": b"body{}"}


def test_a_pipe_of_others_neither_hangs_the_build_nor_is_replaced(tmp_path: Path) -> None:
    output = tmp_path / "public"
    publish(output, FILES)
    os.mkfifo(output / "empty")
    with pytest.raises(UsageError, match="empty"):
        publish(output, {"empty": b""})
    assert (output / "empty").is_fifo()


def test_a_name_that_changed_only_in_case_is_not_lost_where_the_disk_does_not_tell_case(
    tmp_path: Path,
) -> None:
    output = tmp_path / "public"
    publish(output, {"Logo.png": b"logo"})
    (output / "logo.png").hardlink_to(output / "Logo.png")  # two names for one file, as such a disk has
    publish(output, {"logo.png": b"logo"})
    assert (output / "logo.png").read_bytes() == b"logo"


def test_a_name_that_is_not_unicode_is_published_and_removed(tmp_path: Path) -> None:
    output = tmp_path / "public"
    publish(output, {"index.html": b"home", "caf\udce9.txt": b"latin"})
    publish(output, {"index.html": b"home"})
    assert contents(output) == {"index.html": b"home"}


def test_a_folder_with_other_content_is_refused(tmp_path: Path) -> None:
    output = tmp_path / "documents"
    output.mkdir()
    (output / "letter.odt").write_text("mine")
    with pytest.raises(UsageError, match=r"letter\.odt"):
        publish(output, FILES)
    assert contents(output) == {"letter.odt": b"mine"}


@pytest.mark.parametrize("name", ["", "..", "content", "content/posts", "static/x", "themes", ".git"])
def test_the_site_and_its_sources_are_refused_as_output(tmp_path: Path, name: str) -> None:
    site = tmp_path / "site"
    (site / "content/posts").mkdir(parents=True)
    with pytest.raises(UsageError, match="choose another output folder"):
        Staging(site / name, site)


def test_a_link_to_the_site_is_refused_as_output(tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "content").mkdir(parents=True)
    (tmp_path / "link").symlink_to(site)
    with pytest.raises(UsageError, match="the site itself"):
        Staging(tmp_path / "link", site)


def test_a_folder_that_the_sources_link_to_is_refused_as_output(tmp_path: Path) -> None:
    site, shared = tmp_path / "site", tmp_path / "shared"
    site.mkdir()
    shared.mkdir()
    (site / "content").symlink_to(shared)
    with pytest.raises(UsageError, match="sources"):
        Staging(shared / "public", site)


def test_a_file_is_refused_as_output(tmp_path: Path) -> None:
    (tmp_path / "public").write_text("x")
    with pytest.raises(UsageError, match="is a file"):
        Staging(tmp_path / "public", tmp_path / "site")


def test_nothing_is_written_through_a_symbolic_link(tmp_path: Path) -> None:
    output, elsewhere = tmp_path / "public", tmp_path / "elsewhere"
    elsewhere.mkdir()
    publish(output, {"index.html": b"home"})
    (output / "2026").symlink_to(elsewhere)
    with pytest.raises(UsageError, match="symbolic link"):
        publish(output, FILES)
    assert list(elsewhere.iterdir()) == []


def test_a_file_may_become_a_folder_and_back(tmp_path: Path) -> None:
    output = tmp_path / "public"
    steps: list[dict[str, bytes]] = [
        {"om": b"file"},
        {"om/index.html": b"page", "om/deep/er/x": b"1"},
        {"om": b"file"},
        {"om/deep": b"file"},
        {"om/deep/er": b"file"},
    ]
    for files in steps:
        publish(output, files)
        assert contents(output) == files


@pytest.mark.parametrize(
    "manifest",
    [
        "",
        "{",
        "[]",
        '{"files": 3}',
        '{"version": 1, "files": {"../../victim": "x"}}',
        '{"version": 9, "files": {"assets/main.css": "x"}}',
    ],
)
def test_a_damaged_manifest_deletes_nothing(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "victim").write_text("mine")
    output = tmp_path / "a" / "public"
    publish(output, FILES)
    (output / MANIFEST).write_text(manifest)
    try:
        publish(output, {"index.html": b"home"})
    except UsageError:
        assert contents(output) == FILES
    assert (tmp_path / "victim").read_text() == "mine"


@pytest.mark.parametrize(
    "path", ["../x", "/etc/x", "a/../../x", "", "a\0b", "a//b", "./a", "a/", MANIFEST, f"{STAGING}x/y"]
)
def test_a_path_that_leaves_the_folder_is_never_staged(tmp_path: Path, path: str) -> None:
    with (
        Staging(tmp_path / "public", tmp_path / "site") as staging,
        pytest.raises(ValueError, match="not a path"),
    ):
        stage(staging.folder, path, b"x")


def test_a_damaged_manifest_is_mended_by_the_same_build_and_said_by_another(tmp_path: Path) -> None:
    output = tmp_path / "public"
    publish(output, FILES)
    whole = (output / MANIFEST).read_bytes()
    (output / MANIFEST).write_bytes(whole[:20])
    with pytest.raises(UsageError, match="is damaged"):
        publish(output, {**FILES, "index.html": b"new"})
    assert contents(output) == FILES
    publish(output, FILES)
    assert (output / MANIFEST).read_bytes() == whole


def test_a_failed_build_leaves_the_old_site_and_no_rubbish(tmp_path: Path) -> None:
    output = tmp_path / "public"
    publish(output, FILES)
    before = {**contents(output), MANIFEST: (output / MANIFEST).read_bytes()}
    with contextlib.suppress(RuntimeError), Staging(output, tmp_path / "site") as staging:
        stage(staging.folder, "index.html", b"half")
        raise RuntimeError
    assert {**contents(output), MANIFEST: (output / MANIFEST).read_bytes()} == before


def test_a_failed_first_build_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), Staging(tmp_path / "public", tmp_path / "site"):
        raise RuntimeError
    assert not (tmp_path / "public").exists()


def test_a_file_that_was_staged_but_not_kept_is_not_published(tmp_path: Path) -> None:
    with Staging(tmp_path / "public", tmp_path / "site") as staging:
        kept = stage(staging.folder, "a/kept.html", b"kept")
        stage(staging.folder, "a/dropped.html", b"dropped")
        staging.commit([kept])
    assert contents(tmp_path / "public") == {"a/kept.html": b"kept"}


def test_an_empty_folder_of_the_user_outlives_a_failed_build(tmp_path: Path) -> None:
    (tmp_path / "public").mkdir()
    with pytest.raises(RuntimeError), Staging(tmp_path / "public", tmp_path / "site"):
        raise RuntimeError
    assert list((tmp_path / "public").iterdir()) == []


def test_a_build_that_waited_for_another_knows_what_that_one_published(tmp_path: Path) -> None:
    output = tmp_path / "public"
    waiting = Staging(output, tmp_path / "site")
    publish(output, FILES)
    with waiting:
        waiting.commit([stage(waiting.folder, "index.html", b"new")])
    assert contents(output) == {"index.html": b"new"}


def test_two_builds_at_once_are_refused_clearly(tmp_path: Path) -> None:
    with (
        Staging(tmp_path / "public", tmp_path / "site"),
        pytest.raises(UsageError, match="Another build"),
        Staging(tmp_path / "public", tmp_path / "site"),
    ):
        pass


def test_pages_appear_after_what_they_show_and_before_what_lists_them() -> None:
    paths = [
        "index.html",
        "feed.xml",
        "om/index.html",
        "media/a.webp",
        "2026/05/x/index.html",
        "2026/index.html",
    ]
    order = sorted(paths, key=moves._order)
    assert order[0] == "media/a.webp"
    assert order[1] == "2026/05/x/index.html"
    assert set(order[-2:]) == {"index.html", "feed.xml"}


def test_the_manifest_does_not_depend_on_the_order_of_the_work(tmp_path: Path) -> None:
    publish(tmp_path / "a", FILES)
    publish(tmp_path / "b", dict(reversed(FILES.items())))
    assert (tmp_path / "a" / MANIFEST).read_bytes() == (tmp_path / "b" / MANIFEST).read_bytes()
    assert list(json.loads((tmp_path / "a" / MANIFEST).read_text())["files"]) == sorted(FILES)


_FULL_DISK = """
import resource, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from kommunebeta.errors import OutsideError
from kommunebeta.publish import Staging, stage
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    with Staging(Path(sys.argv[1]), Path(sys.argv[1]).parent / "site") as staging:
        staging.commit([stage(staging.folder, "index.html", b"x" * 5000)])
except OutsideError as error:
    print(error)
"""


def test_a_full_disk_is_said_and_leaves_the_old_site(tmp_path: Path, root: Path) -> None:
    output = tmp_path / "public"
    publish(output, FILES)
    command = [sys.executable, "-c", _FULL_DISK, str(output), str(root)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "disk is full" in said
    assert "The old site stands" in said
    assert contents(output) == FILES


def test_a_folder_that_may_not_be_written_is_said(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip(
            "permissions do not bind the superuser; the test below shows the same for a read-only disk"
        )
    output = tmp_path / "public"
    publish(output, FILES)
    output.chmod(0o500)
    try:
        with pytest.raises(OutsideError, match="permissions"):
            publish(output, {"index.html": b"new"})
    finally:
        output.chmod(0o700)
    assert contents(output) == FILES


_AS_NOBODY = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from kommunebeta.errors import OutsideError
from kommunebeta.publish import Staging, stage
os.setgid(65534); os.setuid(65534)
try:
    with Staging(Path(sys.argv[1]), Path("/nowhere")) as staging:
        paths = "index.html", "assets/main.css", "2026/05/x/index.html"
        staging.commit([stage(staging.folder, path, b"new") for path in paths])
except OutsideError as error:
    print(error)
"""


@pytest.mark.parametrize("writable", [False, True], ids=["nowhere", "all but one folder"])
def test_another_user_without_the_right_to_write_is_told_so(
    tmp_path: Path, root: Path, writable: bool
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only the superuser can become another user; the test above covers the others")
    output = tmp_path / "public"
    publish(output, FILES)
    for folder in (output, *output.parents):
        if Path(tempfile.gettempdir()) in folder.parents:
            folder.chmod(0o755)
    if writable:
        output.chmod(0o777)
    command = [sys.executable, "-c", _AS_NOBODY, str(output), str(root)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "permissions" in said.stdout, said.stderr
    assert "The old site stands" in said.stdout
    assert ("2026/05/x" in said.stdout) is writable
    assert contents(output) == FILES
