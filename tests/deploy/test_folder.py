"""Deploys to a folder: releases and a link, without links, interrupted, two at once, rolled back."""

from __future__ import annotations

import datetime as dt
import errno
import multiprocessing
import os
import random
import resource
import shutil
import signal
import time
from pathlib import Path

import pytest

from kommunebeta.deploy.folder.target import LOCK
from kommunebeta.deploy.locks import file_lock
from kommunebeta.deploy.manifest import MANIFEST
from kommunebeta.deploy.parcel import files_in, made_file
from kommunebeta.deploy.target import Forgotten
from kommunebeta.errors import OutsideError, UsageError
from tests.deploy.folders import assert_exactly, assert_works, contents, files_of, sent, small_disk, target
from tests.deploy.sent_site import site

_FORK = multiprocessing.get_context("fork")
LINKS = pytest.mark.parametrize("links", [True, False], ids=["links", "in place"])


@LINKS
def test_a_folder_holds_the_site_after_every_deploy(tmp_path: Path, links: bool) -> None:
    for state in (0, 1, 2, 0):
        sent(target(tmp_path / "ut", links=links), site(state))
        assert_exactly(tmp_path / "ut", site(state))
        assert_works(tmp_path / "ut")
    assert (tmp_path / "ut/current").is_symlink() is links


def test_a_link_is_relative_so_that_the_folder_may_be_moved(tmp_path: Path) -> None:
    sent(target(tmp_path / "ut"), site(0))
    (tmp_path / "ut").rename(tmp_path / "flyttet")
    assert_exactly(tmp_path / "flyttet", site(0))


def test_only_what_has_changed_is_written(tmp_path: Path) -> None:
    goal = target(tmp_path / "ut")
    sent(goal, files_of({"index.html": "en", "b.html": "b"}))
    first = (tmp_path / "ut/current").resolve()
    parcel, _ = sent(goal, files_of({"index.html": "to", "b.html": "b"}))
    assert [file.path for file in parcel.to_send] == ["index.html"]
    current = tmp_path / "ut/current"
    assert (current / "b.html").samefile(first / "b.html")
    assert (first / "index.html").read_text() == "en"  # a release is never written into
    assert not sent(goal, files_of({"index.html": "to", "b.html": "b"}))[0].is_needed


def test_all_writes_even_what_has_not_changed(tmp_path: Path) -> None:
    goal = target(tmp_path / "ut")
    sent(goal, site(0))
    first = (tmp_path / "ut/current").resolve()
    sent(goal, site(0), everything=True)
    assert not (tmp_path / "ut/current/index.html").samefile(first / "index.html")
    assert_exactly(tmp_path / "ut", site(0))


@LINKS
def test_a_file_that_somebody_has_changed_there_is_told_of_and_put_right(tmp_path: Path, links: bool) -> None:
    goal = target(tmp_path / "ut", links=links)
    sent(goal, site(0))
    (tmp_path / "ut/current/robots.txt").write_text("hacked")
    (tmp_path / "ut/current/index.html").unlink()
    expected = {path: file.digest for path, file in site(0).items()}
    assert sorted(goal.verify(expected)) == ["index.html", "robots.txt"]
    sent(goal, site(0), everything=True)
    assert_exactly(tmp_path / "ut", site(0))
    sent(goal, site(1))
    assert_exactly(tmp_path / "ut", site(1))


def test_names_may_hold_all_letters_and_spaces(tmp_path: Path) -> None:
    files = files_of({"blåbær og ærfugl/ŋuolla čáhci.html": "á", "%41?#&.txt": "x", "-rf": "y", "a b": "c"})
    sent(target(tmp_path / "Nettsted på ørret"), files)
    assert_exactly(tmp_path / "Nettsted på ørret", files)


@LINKS
def test_a_file_may_become_a_folder_and_a_folder_a_file(tmp_path: Path, links: bool) -> None:
    goal = target(tmp_path / "ut", links=links)
    for files in (files_of({"a": "1", "b/c/d": "2"}), files_of({"a/e": "3", "b": "4"})) * 2:
        sent(goal, files)
        assert_exactly(tmp_path / "ut", files)


def test_the_web_server_may_read_everything_whatever_the_umask_of_the_deploy_is(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        sent(target(tmp_path / "ut"), site(0))
    finally:
        os.umask(before)
    shown = [tmp_path / "ut", *(tmp_path / "ut/releases").rglob("*")]
    bits = {path: 0o555 if path.is_dir() else 0o444 for path in shown}
    assert [path for path, wanted in bits.items() if path.stat().st_mode & wanted != wanted] == []


@pytest.mark.parametrize("place", ["site/public", "site/public/x", "site"])
def test_the_site_is_never_sent_into_its_own_output(tmp_path: Path, place: str) -> None:
    goal = target(tmp_path / place)
    goal._output = tmp_path / ("site/releases/y" if place == "site" else "site/public")
    with pytest.raises(UsageError, match="Choose a folder beside it"):
        sent(goal, site(0))
    assert not (tmp_path / place).exists()


# What others have put there


@LINKS
def test_foreign_files_are_named_and_left_alone(tmp_path: Path, links: bool) -> None:
    root = tmp_path / "ut"
    sent(target(root, links=links), site(0))
    (root / "notater.txt").write_text("mine")
    (root / "current/.well-known").mkdir()
    (root / "current/.well-known/acme").write_text("theirs")
    for state in (1, 2):
        _, there = sent(target(root, links=links), site(state))
        assert (there.foreign, there.unclaimed) == (("notater.txt",), (".well-known/acme",))
        assert (root / "current/.well-known/acme").read_text() == "theirs"
    with target(root, links=links) as goal:
        goal.roll_back("")
    assert (root / "current/.well-known/acme").read_text() == "theirs"
    assert (root / "notater.txt").read_text() == "mine"


def test_a_link_to_a_folder_that_somebody_put_there_stays(tmp_path: Path) -> None:
    root = tmp_path / "ut"
    sent(target(root), site(0))
    (tmp_path / "arkiv").mkdir()
    (root / "current/arkiv").symlink_to(tmp_path / "arkiv")
    for state in (1, 2):
        _, there = sent(target(root), site(state))
        assert there.unclaimed == ("arkiv",)
        assert (root / "current/arkiv").readlink() == tmp_path / "arkiv"
    assert (tmp_path / "arkiv").is_dir()


def test_a_file_there_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    root = tmp_path / "ut"
    sent(target(root), site(0))
    (root / "current" / MANIFEST).unlink()
    (root / "current/index.html").unlink()
    (root / "current/index.html").symlink_to("index.html")
    with pytest.raises(OutsideError, match=r"index\.html: .*symbolic links\. Readers still get what"):
        sent(target(root), site(1))


@LINKS
@pytest.mark.parametrize("manifest", [None, b"{", b"{}", b'{"version": 99}'], ids=repr)
def test_without_a_manifest_what_lies_there_is_compared(
    tmp_path: Path, links: bool, manifest: bytes | None
) -> None:
    root = tmp_path / "ut"
    sent(target(root, links=links), site(0))
    (root / "current/theirs.html").write_text("theirs</html>")
    (root / "current" / MANIFEST).unlink()
    if manifest is not None:
        (root / "current" / MANIFEST).write_bytes(manifest)
    (root / "current/robots.txt").write_text("other")
    parcel, there = sent(target(root, links=links), site(0))
    assert not there.known
    assert [file.path for file in parcel.to_send] == ["robots.txt"]
    assert (root / "current/theirs.html").read_text() == "theirs</html>"
    parcel, there = sent(target(root, links=links), site(0))
    assert (there.known, there.unclaimed, parcel.is_needed) == (True, ("theirs.html",), False)


def test_the_manifest_of_another_site_claims_nothing(tmp_path: Path) -> None:
    sent(target(tmp_path / "ut"), files_of({"deres.html": "x</html>"}))
    parcel, there = sent(target(tmp_path / "ut", base_url="https://annen.example.no/"), site(0))
    assert not there.known
    assert there.unclaimed == ("deres.html",)
    assert parcel.difference.removed == ()
    assert (tmp_path / "ut/current/deres.html").is_file()


# Without links


def test_a_disk_without_links_is_served_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*words: object, **more: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")  # as vfat has it

    monkeypatch.setattr(Path, "symlink_to", refuse)
    monkeypatch.setattr(os, "link", refuse)
    for state in (0, 1, 2):
        sent(target(tmp_path / "ut"), site(state))
        assert not (tmp_path / "ut/current").is_symlink()
        assert_exactly(tmp_path / "ut", site(state))
    with target(tmp_path / "ut") as goal:
        goal.roll_back("")
    assert {path: file.data for path, file in site(1).items()}.items() <= contents(
        tmp_path / "ut/current"
    ).items()
    assert_works(tmp_path / "ut")


def test_a_folder_that_stands_where_the_link_would_is_kept_as_a_folder(tmp_path: Path) -> None:
    (tmp_path / "ut/current").mkdir(parents=True)
    (tmp_path / "ut/current/gammel.html").write_text("x</html>")
    sent(target(tmp_path / "ut"), site(0))
    assert not (tmp_path / "ut/current").is_symlink()
    assert (tmp_path / "ut/current/gammel.html").is_file()
    assert_works(tmp_path / "ut")


# Releases


def test_so_many_releases_are_kept_as_the_settings_say(tmp_path: Path) -> None:
    for state in range(6):
        sent(target(tmp_path / "ut", keep=3), site(state))
    kept = target(tmp_path / "ut").releases()
    assert [item.current for item in kept] == [True, False, False]
    assert [item.name for item in kept] == sorted((item.name for item in kept), reverse=True)
    assert len(list((tmp_path / "ut/releases").iterdir())) == 3


def test_the_release_before_stays_for_requests_that_are_under_way(tmp_path: Path) -> None:
    for state in range(4):
        sent(target(tmp_path / "ut", keep=1), site(state))
    assert len(list((tmp_path / "ut/releases").iterdir())) == 2


@LINKS
def test_a_return_gives_readers_the_release_before_and_open_pages_their_assets(
    tmp_path: Path, links: bool
) -> None:
    goal = target(tmp_path / "ut", links=links)
    for state in (0, 1, 2):
        sent(goal, site(state))
    names = [item.name for item in goal.releases()]
    with goal:
        assert goal.roll_back("").name == names[1]
    lies = contents(tmp_path / "ut/current")
    assert {path: file.data for path, file in site(1).items()}.items() <= lies.items()
    assert {path for path in site(2) if path.startswith("assets/")} <= lies.keys()
    assert_works(tmp_path / "ut")
    with goal:
        assert goal.roll_back(names[2]).name == names[2]
        assert [item.current for item in goal.releases()] == [False, False, True]
        with pytest.raises(UsageError, match="no earlier release"):
            goal.roll_back("")
        with pytest.raises(UsageError, match="has no release 2020"):
            goal.roll_back("2020")
    sent(goal, site(3))
    assert_exactly(tmp_path / "ut", site(3))


def test_the_assets_of_open_pages_stay_for_a_day(tmp_path: Path) -> None:
    goal = target(tmp_path / "ut")
    style = next(path for path in site(0) if path.startswith("assets/"))
    sent(goal, site(0))
    sent(goal, site(1))
    assert (tmp_path / "ut/current" / style).is_file()
    parcel, _ = sent(goal, site(1), later=dt.timedelta(hours=25))
    assert parcel.difference.removed == (style,)
    assert not (tmp_path / "ut/current" / style).exists()


def test_a_file_that_changes_while_it_is_sent_never_reaches_readers(tmp_path: Path) -> None:
    goal = target(tmp_path / "ut")
    sent(goal, site(0))
    page = tmp_path / "index.html"
    page.write_text("<p>as planned</p>")
    [planned] = files_in(tmp_path, ["index.html"])
    page.write_text("<p>half of some")
    with pytest.raises(OutsideError, match=r"index\.html has changed .* Readers still get what they got"):
        sent(goal, {**site(1), "index.html": planned})
    with goal:
        assert goal.verify({path: file.digest for path, file in site(0).items()}) == ()
    sent(goal, site(1))
    assert_exactly(tmp_path / "ut", site(1))


# Forgotten


@LINKS
def test_what_is_forgotten_is_nowhere_in_the_folder_and_readers_get_what_they_got(
    tmp_path: Path, links: bool
) -> None:
    root = tmp_path / "ut"
    goal = target(root, links=links)
    for state in (0, 1):
        sent(goal, site(state) | files_of({"navn.0123456789.svg": "Kari Nordmann"}))
    (root / "current/.well-known").mkdir()
    (root / "current/.well-known/acme").write_text("theirs")
    sent(goal, site(2))
    assert any(b"Kari" in data for data in contents(root / "current").values())
    with goal:
        gone = goal.forget()
    assert gone.releases == 2
    assert "navn.0123456789.svg" in gone.files
    lies = contents(root)
    assert not any(b"Kari" in data for data in lies.values())
    assert len(list((root / "releases").iterdir())) == 1
    assert (root / "current/.well-known/acme").read_text() == "theirs"
    with goal:
        assert goal.forget() == Forgotten(0, ())
        assert goal.verify({path: file.digest for path, file in site(2).items()}) == ()
        assert [item.current for item in goal.releases()] == [True]
    (root / "current/.well-known/acme").unlink()
    sent(goal, site(3))
    assert_exactly(root, site(3))


@LINKS
def test_forgetting_that_was_cut_off_is_finished_by_another_attempt(
    tmp_path: Path, links: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "ut"
    goal = target(root, links=links)
    for state in (0, 1, 2):
        sent(goal, site(state))
    for broken in ("_write", "_remove_release"):
        with monkeypatch.context() as patched, goal:
            patched.setattr(f"kommunebeta.deploy.folder.target.{broken}", _full)
            with pytest.raises(OutsideError, match="Readers still get what they got before"):
                goal.forget()
        assert_works(root)
    with goal:
        assert goal.forget().releases == 2
    assert_works(root)
    sent(goal, site(3))
    assert_exactly(root, site(3))


def _full(*words: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_release_that_is_shown_under_another_name_is_not_forgotten(tmp_path: Path) -> None:
    root = tmp_path / "ut"
    for state in (0, 1):
        sent(target(root), site(state))
    shown = (root / "current").resolve()
    shutil.copytree(shown, shown.with_name("proof"))
    (root / "current").unlink()
    (root / "current").symlink_to("releases/proof")
    with target(root) as goal:
        assert [item.name for item in goal.releases() if item.current] == ["proof"]
        assert goal.forget().releases == 2
    assert [entry.name for entry in (root / "releases").iterdir()] == ["proof"]
    assert_exactly(root, site(1))


@LINKS
def test_a_release_that_lost_its_manifest_is_forgotten_too(tmp_path: Path, links: bool) -> None:
    root = tmp_path / "ut"
    goal = target(root, links=links)
    sent(goal, site(0) | files_of({"navn.txt": "Kari Nordmann"}))
    for lying in root.rglob(MANIFEST):
        lying.unlink()
    (root / "releases/20261125-deres").mkdir()
    sent(goal, site(1) | files_of({"navn.txt": "N. N."}))
    with goal:
        goal.forget()
    assert not any(b"Kari" in data for data in contents(root).values())
    assert (root / "releases/20261125-deres").is_dir()


def test_a_folder_of_another_site_is_not_forgotten(tmp_path: Path) -> None:
    sent(target(tmp_path / "ut"), site(0))
    with (
        target(tmp_path / "ut", "https://annen.example/") as goal,
        pytest.raises(UsageError, match="Deploy first"),
    ):
        goal.forget()
    assert_exactly(tmp_path / "ut", site(0))


# Interrupted


def _send(root: Path, links: bool, state: int, delay: float = 0) -> None:
    time.sleep(delay)
    sent(target(root, links=links, keep=2), site(state))


@LINKS
def test_a_kill_at_any_moment_leaves_a_site_that_works_and_the_next_run_finishes_it(
    tmp_path: Path, links: bool
) -> None:
    chance, root = random.Random(7), tmp_path / "ut"
    sent(target(root, links=links), site(0))
    begun = time.perf_counter()
    _in_process(root, links, 1).join()
    usual = time.perf_counter() - begun
    killed = 0
    for state in range(2, 32):
        process = _in_process(root, links, state)
        time.sleep(chance.random() * usual)
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
        killed += process.exitcode == -signal.SIGKILL
        assert_works(root)
        if state % 3 == 0:  # else the next one begins where this one was stopped
            sent(target(root, links=links), site(state))
            assert_exactly(root, site(state))
    sent(target(root, links=links), site(40))
    assert_exactly(root, site(40))
    assert killed > 10


def _in_process(root: Path, links: bool, state: int) -> multiprocessing.process.BaseProcess:
    process = _FORK.Process(target=_send, args=(root, links, state))
    process.start()
    return process


def _send_short_of_space(root: Path, links: bool, told: str) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
    try:
        sent(target(root, links=links), {**site(1), "film.mp4": made_file("film.mp4", bytes(50_000))})
    except OutsideError as error:
        Path(told).write_text(str(error))


@LINKS
def test_a_file_that_cannot_be_written_ends_with_a_sentence_and_the_old_site(
    tmp_path: Path, links: bool
) -> None:
    root, told = tmp_path / "ut", tmp_path / "told"
    sent(target(root, links=links), site(0))
    process = _FORK.Process(target=_send_short_of_space, args=(root, links, str(told)))
    process.start()
    process.join()
    assert "File too large. Readers still get what they got before." in told.read_text()
    assert_works(root)
    shown = contents(root / "current")
    assert {path: file.data for path, file in site(0).items()}.items() <= shown.items()
    sent(target(root, links=links), site(1))
    assert_exactly(root, site(1))


@LINKS
def test_a_full_disk_leaves_a_site_that_works_and_is_finished_when_there_is_room(
    tmp_path: Path, links: bool
) -> None:
    with small_disk(tmp_path / "disk", 600) as mounted:
        if not mounted:
            pytest.skip("only root may mount a disk")
        root = tmp_path / "disk/ut"
        sent(target(root, links=links), site(0))
        room = shutil.disk_usage(root).free
        ballast, failed = tmp_path / "disk/ballast", 0
        for part in (0.1, 0.3, 0.5, 0.7, 0.9):
            ballast.write_bytes(bytes(int(room * (1 - part / 3))))
            told = ""
            try:
                sent(target(root, links=links), site(1))
            except OutsideError as error:
                told = str(error)
            assert not told or ("No space left on device" in told and "Readers" in told)
            assert_works(root)
            failed += bool(told)
        assert failed
        ballast.unlink()
        sent(target(root, links=links), site(2))
        assert_exactly(root, site(2))


# Two at once


def test_the_second_of_two_deploys_waits_for_the_first(tmp_path: Path) -> None:
    processes = [_in_process(tmp_path / "ut", True, state) for state in range(4)]
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    assert_works(tmp_path / "ut")
    assert len(target(tmp_path / "ut").releases()) >= 2


def test_who_waits_in_vain_is_told_who_is_at_work(tmp_path: Path) -> None:
    message = r"Another deploy to ut is at work from \S+"
    with file_lock(tmp_path / LOCK, "ut"), pytest.raises(OutsideError, match=message):
        sent_under_lock(tmp_path / LOCK)


def sent_under_lock(file: Path) -> None:
    with file_lock(file, "ut", wait=0):
        pytest.fail("two hold one lock")


def test_the_lock_of_a_process_that_was_killed_is_free(tmp_path: Path) -> None:
    def hold() -> None:
        with file_lock(tmp_path / LOCK, "ut"):
            (tmp_path / "held").touch()
            time.sleep(60)

    process = _FORK.Process(target=hold)
    process.start()
    while not (tmp_path / "held").exists():
        time.sleep(0.01)
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join()
    with file_lock(tmp_path / LOCK, "ut", wait=0):
        pass


# What fails outside


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "fil").write_text("")
    with pytest.raises(OutsideError, match=r"fil: (Not a directory|File exists)\. Readers still get"):
        sent(target(tmp_path / "fil/ut"), site(0))


def test_the_links_setting_and_what_lies_there_must_agree(tmp_path: Path) -> None:
    sent(target(tmp_path / "ut"), site(0))
    with pytest.raises(UsageError, match="«links» is false"):
        sent(target(tmp_path / "ut", links=False), site(1))
    assert_works(tmp_path / "ut")
