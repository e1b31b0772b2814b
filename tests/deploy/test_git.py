"""Deploys to branches of real repositories, over file and ssh: what is pushed, kept, refused and left alone."""

from __future__ import annotations

import datetime as dt
import getpass
import hashlib
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from kommunebeta.deploy.git.limits import advice_on
from kommunebeta.deploy.git.repository import Pushed, Repository
from kommunebeta.deploy.git.said import remote_of, why_not_reached, why_refused
from kommunebeta.deploy.manifest import MANIFEST, read_manifest
from kommunebeta.deploy.parcel import LocalFile, files_in, parcel_of
from kommunebeta.deploy.ssh.said import Way
from kommunebeta.deploy.target import Forgotten
from kommunebeta.errors import OutsideError, UsageError
from tests.deploy.branches import (
    BASE_URL,
    bare,
    commits,
    deploy_on,
    files_of,
    git,
    holds,
    over_http,
    push_by_hand,
    send,
    state,
    target_at,
)
from tests.deploy.sshd import Server, key_in, known, running

ODD = (
    "-x",
    "--delete",
    "#a",
    "a b/ c",
    "a'b\"c$d`e!.html",
    "*?[x]{y}.html",
    "a:b",
    "..x",
    "~",
    "%h",
    "tab\tnew\nline",
    "Kåfjord/Čáhcesuolu – bøker.html",
    "smør\u0301.txt",
    "日本.txt",
    ".gitattributes",
    ".gitignore",
)


pytestmark = pytest.mark.usefixtures("git_program")


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    return bare(tmp_path / "ekstern æ.git")


@pytest.fixture(scope="module")
def server(ssh_programs: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("sshd")) as server:
        yield server


def over_ssh(server: Server, repository: Path) -> str:
    return f"ssh://{getpass.getuser()}@127.0.0.1:{server.port}{repository}"


def said(repository: Path, form: str, branch: str = "pages") -> str:
    return git("-C", repository, "log", "-1", f"--format={form}", branch).strip()


def hook(repository: Path, text: str) -> None:
    file = repository / "hooks" / "pre-receive"
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)


def test_a_first_deploy_makes_the_branch_with_what_hosts_of_pages_want(remote: Path) -> None:
    files = files_of({"index.html": "hei", "om/index.html": "om oss"})
    parcel, sizes = send(target_at(remote, cname="beta.example.no"), files)
    assert holds(remote) == {"index.html": b"hei", "om/index.html": b"om oss", "CNAME": b"beta.example.no\n"}
    assert sorted(sizes) == [3, 6]
    assert git("-C", remote, "cat-file", "-s", "pages:.nojekyll") == "0\n"
    manifest = read_manifest(git("-C", remote, "show", f"pages:{MANIFEST}").encode())
    assert manifest is not None
    assert manifest.files == {path: file.digest for path, file in files.items()}
    assert said(remote, "%an <%ae> %cn <%ce>") == (
        "Kommunebeta <no-reply@beta.example.no> Kommunebeta <no-reply@beta.example.no>"
    )
    assert said(remote, "%s %aI") == said(remote, "Deploy: 2 new, 0 changed, 0 removed %cI")
    assert f"Kommunebeta-Release: {parcel.release}" in said(remote, "%B")
    assert said(remote, "%cI").endswith("+00:00")


def test_a_second_deploy_sends_what_has_changed_on_top_of_the_first(remote: Path) -> None:
    send(target_at(remote), files_of({"a.html": "a", "b.html": "b", "c.html": "c"}))
    parcel, sizes = send(target_at(remote), files_of({"a.html": "a", "b.html": "B", "d.html": "ny"}))
    difference = parcel.difference
    assert (difference.added, difference.changed, difference.removed) == (
        ("d.html",),
        ("b.html",),
        ("c.html",),
    )
    assert sorted(sizes) == [1, 2]
    assert holds(remote) == {"a.html": b"a", "b.html": b"B", "d.html": b"ny"}
    assert len(commits(remote)) == 2


def test_a_deploy_of_the_same_makes_no_commit(remote: Path) -> None:
    files = files_of({"a.html": "a"})
    send(target_at(remote), files)
    parcel, _ = send(target_at(remote), files)
    assert not parcel.is_needed
    assert len(commits(remote)) == 1


def test_a_domain_that_is_set_later_is_written_though_no_page_has_changed(remote: Path) -> None:
    files = files_of({"a.html": "a"})
    send(target_at(remote), files)
    send(target_at(remote, cname="beta.example.no"), files)
    assert holds(remote)["CNAME"] == b"beta.example.no\n"
    parcel, _ = send(target_at(remote), files)
    assert parcel.there.foreign == ("CNAME",)  # as the host's own web pages write it there
    assert "CNAME" in holds(remote)


def test_with_a_single_history_the_branch_has_one_commit_and_files_of_others_stay(remote: Path) -> None:
    single = {"history": "single"}
    send(target_at(remote, **single), files_of({"a.html": "a", "b.html": "b"}))
    first = commits(remote)
    parcel, _ = send(target_at(remote, **single), files_of({"a.html": "ny"}))
    assert len(commits(remote)) == 1
    assert commits(remote) != first
    assert holds(remote) == {"a.html": b"ny"}
    assert parcel.difference.removed == ("b.html",)


def test_a_single_history_throws_no_commit_of_others_away_unless_that_is_asked_for(remote: Path) -> None:
    push_by_hand(remote, {"README.md": "les meg"})
    before = commits(remote)
    with pytest.raises(OutsideError, match=r"not one of ours.*force: true"):
        send(target_at(remote, history="single"), files_of({"a.html": "a"}))
    assert commits(remote) == before
    with target_at(remote, history="single") as target:
        assert "not one of ours" in target.look().notes[0]  # so that a dry run tells it, too
    send(target_at(remote, history="single", force=True), files_of({"a.html": "a"}))
    assert holds(remote) == {"README.md": b"les meg", "a.html": b"a"}
    assert len(commits(remote)) == 1


def test_files_that_are_not_ours_are_named_and_stay(remote: Path) -> None:
    push_by_hand(remote, {"README.md": "les meg", ".github/workflows/x.yml": "on: push", "a.html": "gammel"})
    parcel, _ = send(target_at(remote), files_of({"a.html": "ny", "b.html": "b"}))
    assert not parcel.there.known
    assert parcel.there.unclaimed == (".github/workflows/x.yml", "README.md", "a.html")
    assert parcel.difference.changed == ("a.html",)
    parcel, _ = send(target_at(remote), files_of({"b.html": "b"}))
    assert parcel.there.foreign == (".github/workflows/x.yml", "README.md")
    assert parcel.difference.removed == ("a.html",)
    assert holds(remote).keys() == {"README.md", ".github/workflows/x.yml", "b.html"}


def test_the_branch_in_which_texts_are_written_is_refused(remote: Path) -> None:
    push_by_hand(remote, {"kommunebeta.yaml": "name: x", "content/index.md": "hei"}, branch="main")
    with pytest.raises(UsageError, match="where texts are written"):
        send(target_at(remote, branch="main"), state(1))
    assert len(commits(remote, "main")) == 1


def test_what_lies_there_without_a_list_of_ours_is_compared_and_not_sent_again(remote: Path) -> None:
    push_by_hand(remote, {"a.html": "a", "b.html": "b"})
    parcel, sizes = send(target_at(remote), files_of({"a.html": "a", "b.html": "B"}))
    assert (parcel.difference.same, parcel.difference.changed, sizes) == (1, ("b.html",), [1])


def test_a_page_that_others_changed_in_the_branch_is_put_right(remote: Path) -> None:
    files = files_of({"a.html": "a", "b.html": "b"})
    send(target_at(remote), files)
    push_by_hand(remote, {"a.html": "endret", "ny.html": "ny"})
    with target_at(remote) as target:
        assert target.verify({path: file.digest for path, file in files.items()}) == ("a.html",)
    parcel, _ = send(target_at(remote), files)
    assert parcel.difference.changed == ("a.html",)
    assert parcel.there.foreign == ("ny.html",)
    assert holds(remote) == {"a.html": b"a", "b.html": b"b", "ny.html": b"ny"}


def test_the_list_of_another_site_makes_nothing_ours(remote: Path) -> None:
    send(
        target_at(remote, base_url="https://other.example.no/"), files_of({"other.html": "x", "a.html": "a"})
    )
    parcel, _ = send(target_at(remote), files_of({"a.html": "a"}))
    assert parcel.there.unclaimed == ("a.html", "other.html")
    assert "other.html" in holds(remote)


@pytest.mark.parametrize(("theirs", "ours"), [("om", "om/index.html"), ("om/index.html", "om")])
def test_a_file_of_others_where_the_site_has_a_folder_stops_the_deploy(
    remote: Path, theirs: str, ours: str
) -> None:
    push_by_hand(remote, {theirs: "x"})
    with pytest.raises(OutsideError, match="is not ours, and stands where"):
        send(target_at(remote), files_of({ours: "y"}))
    assert holds(remote) == {theirs: b"x"}


def test_a_file_of_ours_may_become_a_folder(remote: Path) -> None:
    send(target_at(remote), files_of({"om": "a", "x/y": "b"}))
    send(target_at(remote), files_of({"om/index.html": "a", "x": "b"}))
    assert holds(remote) == {"om/index.html": b"a", "x": b"b"}


def test_names_and_contents_arrive_as_they_are(remote: Path, tmp_path: Path) -> None:
    contents = {path: f"{path}\r\nlinje\n\r$Id$".encode() + bytes(range(256)) for path in ODD}
    contents[".gitattributes"] = b"* text=auto eol=lf ident\n*.html filter=lfs\n"
    contents[".gitignore"] = b"*\n"
    for path, data in contents.items():
        (tmp_path / "site" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "site" / path).write_bytes(data)
    files = {file.path: file for file in files_in(tmp_path / "site", contents)}
    send(target_at(remote), files)
    assert holds(remote) == contents
    parcel, _ = send(target_at(remote), files)
    assert not parcel.difference


@pytest.mark.parametrize("path", ["back\\slash", "x/.git/config"])
def test_a_name_that_not_every_checkout_can_hold_is_refused(remote: Path, path: str) -> None:
    with pytest.raises(UsageError, match="cannot be sent"):
        send(target_at(remote), files_of({path: "a"}))
    assert git("-C", remote, "for-each-ref") == ""


def test_assets_that_open_pages_need_stay_for_a_day(remote: Path) -> None:
    send(target_at(remote), state(1))
    parcel, _ = send(target_at(remote), state(2))
    old = f"style.{1:010x}.css"
    assert list(parcel.retired) == [old]
    assert old in holds(remote)
    parcel, _ = send(target_at(remote), state(2), later=dt.timedelta(hours=25))
    assert parcel.difference.removed == (old,)
    assert old not in holds(remote)


def test_a_return_is_a_commit_of_its_own_that_open_pages_do_not_notice(remote: Path) -> None:
    first, _ = send(target_at(remote), state(1))
    second, _ = send(target_at(remote), state(2))
    push_by_hand(remote, {"README.md": "les meg"})
    with target_at(remote) as target:
        kept = target.releases()
        assert [item.name for item in kept] == [second.release, first.release]
        assert not any(item.current for item in kept)
        back = target.roll_back(first.release)
    lies = holds(remote)
    assert {path: lies[path] for path in state(1)} == {path: file.data for path, file in state(1).items()}
    assert lies.keys() - state(1).keys() == {"README.md", f"style.{2:010x}.css"}
    assert len(commits(remote)) == 4
    with target_at(remote) as target:
        newest, *_ = kept = target.releases()
        assert (newest.name, newest.current, newest.files) == (back.name, True, len(state(1)))
        assert f"Return to {first.release}" in newest.note
        assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC, ", newest.note)
        assert [item.name for item in kept[1:]] == [second.release, first.release]
        there = target.look()
        assert target.verify(there.files) == ()
        assert there.files == {path: file.digest for path, file in state(1).items()}
    parcel, _ = send(target_at(remote), state(2))
    assert parcel.difference.removed == ()


def test_a_return_without_a_name_is_to_the_state_before(remote: Path) -> None:
    send(target_at(remote), state(1))
    send(target_at(remote), state(2))
    with target_at(remote) as target:
        target.roll_back("")
    assert holds(remote)["index.html"] == state(1)["index.html"].data
    with target_at(remote) as target, pytest.raises(UsageError, match="no release 20200101"):
        target.roll_back("20200101T000000Z-0000")


def test_with_a_single_history_there_is_no_return(remote: Path) -> None:
    for number in (1, 2):
        send(target_at(remote, history="single"), state(number))
    with target_at(remote, history="single") as target:
        assert [item.current for item in target.releases()] == [True]
        with pytest.raises(UsageError, match="keeps no earlier states"):
            target.roll_back("")


def test_a_branch_that_is_not_there_has_no_releases(remote: Path) -> None:
    with target_at(remote) as target:
        assert target.releases() == ()
        assert target.look().files == {}


def test_a_return_to_the_state_of_another_address_is_refused(remote: Path) -> None:
    first, _ = send(target_at(remote, base_url="https://gammel.example.no/"), files_of({"a.html": "a"}))
    send(target_at(remote), files_of({"index.html": "hei"}))
    with target_at(remote) as target, pytest.raises(UsageError, match="is of another «base_url»"):
        target.roll_back(first.release)
    assert holds(remote)["index.html"] == b"hei"


def test_a_return_that_a_file_of_others_stands_in_the_way_of_is_refused(remote: Path) -> None:
    send(target_at(remote), files_of({"om/index.html": "om oss"}))
    send(target_at(remote), files_of({"index.html": "hei"}))
    push_by_hand(remote, {"om": "andres"})
    with target_at(remote) as target:
        first = target.releases()[-1]
        with pytest.raises(OutsideError, match="om lies in the branch, is not ours"):
            target.roll_back(first.name)
    assert holds(remote) == {"index.html": b"hei", "om": b"andres"}


def test_a_return_that_is_outrun_is_put_on_top(remote: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in (1, 2):
        send(target_at(remote), state(number))
    outrun_once(monkeypatch, remote)
    with target_at(remote) as target:
        target.roll_back("")
    lies = holds(remote)
    assert (lies["index.html"], lies["README.md"]) == (state(1)["index.html"].data, b"andres")


def outrun_once(monkeypatch: pytest.MonkeyPatch, remote: Path) -> None:
    """Have somebody push right before our first push."""
    push = Repository.push
    outrun: list[str] = []

    def slow(repository: Repository, commit: str, branch: str, replaces: str | None) -> Pushed:
        if not outrun:
            outrun.append(push_by_hand(remote, {"README.md": "andres"}))
        return push(repository, commit, branch, replaces)

    monkeypatch.setattr(Repository, "push", slow)


def named(remote: Path, text: str) -> list[str]:
    """Where a text is found in what git still gives out: commits' messages, and files' paths and contents."""
    found = git("-C", remote, "log", "--all", "--format=%B", "-m", "-p").splitlines()
    return [line for line in found if text in line]


@pytest.mark.parametrize("history", ["kept", "single"])
def test_what_is_forgotten_is_in_no_commit_of_the_branch_and_readers_get_what_they_got(
    remote: Path, history: str
) -> None:
    who = files_of({"navn.0123456789.svg": "Kari Nordmann"})
    push_by_hand(remote, {"README.md": "les meg"})
    goal: Mapping[str, Any] = {"history": history, "force": True}
    for number in (1, 2):
        send(target_at(remote, **goal), state(number) | who)
    send(target_at(remote, **goal), state(3))
    assert named(remote, "Kari Nordmann")
    with target_at(remote, **goal) as target:
        gone = target.forget()
    assert gone.releases == (2 if history == "kept" else 0)
    assert gone.files == ("navn.0123456789.svg", f"style.{1:010x}.css", f"style.{2:010x}.css")
    assert named(remote, "Kari Nordmann") == named(remote, "navn.0123456789") == []
    assert len(commits(remote)) == 1
    assert holds(remote) == {"README.md": b"les meg", **{path: f.data for path, f in state(3).items()}}
    [kept] = commits(remote)
    with target_at(remote, **goal) as target:
        assert target.forget() == Forgotten(0, ())
        [release] = target.releases()
        assert (release.current, release.files) == (True, len(state(3)))
        there = target.look()
        assert (there.known, there.foreign, dict(there.retired)) == (True, ("README.md",), {})
        assert target.verify(there.files) == ()
    assert commits(remote) == [kept]
    parcel, _ = send(target_at(remote, **goal), state(3))
    assert not parcel.is_needed


def test_a_history_that_is_longer_than_is_listed_is_forgotten_whole(remote: Path) -> None:
    send(target_at(remote), files_of({"index.html": "Kari Nordmann"}))
    tree = git("-C", remote, "rev-parse", "pages^{tree}").strip()
    tip = commits(remote)[0]
    for number in range(60):
        message = f"Deploy\n\nKommunebeta-Release: {number}\n"
        tip = git("-C", remote, "commit-tree", tree, "-p", tip, "-m", message).strip()
    git("-C", remote, "update-ref", "refs/heads/pages", tip)
    send(target_at(remote), files_of({"index.html": "hei"}))
    with target_at(remote) as target:
        assert len(target.releases()) == 50
        assert target.forget().releases == 61
    assert tip not in commits(remote)
    assert len(commits(remote)) == 1


def test_commits_of_others_are_not_forgotten_unless_that_is_asked_for(remote: Path) -> None:
    send(target_at(remote), state(1))
    push_by_hand(remote, {".gitlab-ci.yml": "pages:"}, message="Show the branch")
    send(target_at(remote), state(2))
    before = commits(remote)
    said = r"not ours would be lost: [0-9a-f]{7,} «Show the branch»\. Their files would stay.*force: true"
    with target_at(remote) as target, pytest.raises(UsageError, match=said):
        target.forget()
    assert commits(remote) == before
    with target_at(remote, force=True) as target:
        assert target.forget().releases == 1
    assert holds(remote)[".gitlab-ci.yml"] == b"pages:"


def test_a_branch_that_is_not_ours_is_not_forgotten(remote: Path) -> None:
    with target_at(remote) as target, pytest.raises(UsageError, match="Deploy first"):
        target.forget()
    send(target_at(remote, base_url="https://annen.example.no/"), state(1))
    send(target_at(remote, base_url="https://annen.example.no/"), state(2))
    before = commits(remote)
    with target_at(remote, force=True) as target, pytest.raises(UsageError, match="Deploy first"):
        target.forget()
    assert commits(remote) == before


def test_forgetting_a_branch_that_may_not_be_replaced_says_what_to_allow(tmp_path: Path) -> None:
    remote = bare(tmp_path / "p.git", receive_denyNonFastForwards="true")
    for number in (1, 2):
        send(target_at(remote), state(number))
    with (
        target_at(remote) as target,
        pytest.raises(OutsideError, match="allow forced pushes to it") as caught,
    ):
        target.forget()
    assert "Readers still get what they got before." in str(caught.value)
    assert "history" not in str(caught.value)
    assert len(commits(remote)) == 2


def test_forgetting_that_is_outrun_looks_again(remote: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in (1, 2):
        send(target_at(remote, force=True), state(number))
    outrun_once(monkeypatch, remote)
    with target_at(remote, force=True) as target:
        assert target.forget().releases == 1
    assert holds(remote).keys() == {*state(2), "README.md"}
    assert len(commits(remote)) == 1


@pytest.mark.parametrize("history", ["kept", "single"])
def test_a_hook_that_refuses_is_quoted_and_nothing_has_changed(remote: Path, history: str) -> None:
    send(target_at(remote, history=history), state(1))
    before = commits(remote)
    hook(remote, "echo 'Fredag etter tre: ingen publisering.' >&2; exit 1")
    with pytest.raises(OutsideError) as caught:
        send(target_at(remote, history=history), state(2))
    assert "refused the push to pages. Readers still get what they got before." in str(caught.value)
    assert "Fredag etter tre: ingen publisering." in str(caught.value)
    assert "\n" not in str(caught.value)
    assert commits(remote) == before


def test_a_protected_branch_takes_a_kept_history_and_says_why_no_single_one(tmp_path: Path) -> None:
    remote = bare(tmp_path / "p.git", receive_denyNonFastForwards="true")
    send(target_at(remote), state(1))
    send(target_at(remote), state(2))
    with pytest.raises(OutsideError, match=r"refused the push.*set «history: kept»"):
        send(target_at(remote, history="single"), state(3))
    assert len(commits(remote)) == 2


@pytest.mark.parametrize("history", ["kept", "single"])
def test_who_is_outrun_looks_again_and_puts_its_own_on_top(remote: Path, history: str) -> None:
    send(target_at(remote, history=history), state(1))
    target = target_at(remote, history=history)
    with target:
        now = dt.datetime.now(dt.UTC)
        parcel = parcel_of(state(2), target.look(), "20261125T000000Z-0001", now)
        send(target_at(remote, history=history), files_of({"index.html": "andre", "mer.html": "x"}))
        target.send(parcel, lambda files, size: None)
        assert target.verify({path: file.digest for path, file in state(2).items()}) == ()
    lies = holds(remote)
    assert lies.keys() == state(2).keys() | {f"style.{1:010x}.css"}
    assert lies["index.html"] == state(2)["index.html"].data
    assert len(commits(remote)) == (3 if history == "kept" else 1)


def test_who_is_outrun_twice_says_so(remote: Path) -> None:
    send(target_at(remote), state(1))
    target = target_at(remote)
    with target:
        parcel = parcel_of(state(2), target.look(), "20261125T000000Z-0001", dt.datetime.now(dt.UTC))
        hook(
            remote,
            'read old new ref; other=$(git -c user.name=x -c user.email=x@y commit-tree -m x -p "$old" "$old^{tree}"); '
            'env -u GIT_QUARANTINE_PATH git update-ref "$ref" "$other"; exit 0',
        )
        with pytest.raises(OutsideError, match="at the same time, twice in a row"):
            target.send(parcel, lambda files, size: None)
    assert holds(remote)["index.html"] == state(1)["index.html"].data


def test_many_deploys_at_once_end_with_a_whole_state_of_one_of_them(remote: Path) -> None:
    send(target_at(remote), state(1))
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_one, args=(str(remote), number)) for number in (2, 3, 4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert {worker.exitcode for worker in workers} <= {0, 3}
    assert 0 in {worker.exitcode for worker in workers}
    lies = holds(remote)
    number = int(lies["index.html"].split()[-1])
    assert {path: lies[path] for path in state(number)} == {p: f.data for p, f in state(number).items()}


def _one(remote: str, number: int) -> None:
    try:
        send(target_at(remote), state(number))
    except OutsideError as error:
        sys.exit(3 if "at the same time" in str(error) else str(error))
    except AssertionError:
        sys.exit(0)  # what was sent has been replaced before it was verified


@pytest.mark.parametrize("history", ["kept", "single"])
def test_a_deploy_that_is_killed_leaves_one_whole_state_and_the_next_goes_on(
    remote: Path, history: str
) -> None:
    send(target_at(remote, history=history), state(1))
    context = multiprocessing.get_context("fork")
    for attempt in range(5):
        worker = context.Process(target=_apart, args=(str(remote), {"history": history}))
        worker.start()
        time.sleep(0.15 + 0.11 * attempt)
        os.killpg(worker.pid or 0, signal.SIGKILL)
        worker.join()
        lies = holds(remote)
        number = int(lies["index.html"].split()[-1])
        assert {path: lies[path] for path in state(number)} == {p: f.data for p, f in state(number).items()}
    send(target_at(remote, history=history), state(2))
    assert holds(remote)["index.html"] == state(2)["index.html"].data


def _apart(remote: str, settings: dict[str, object]) -> None:
    os.setpgid(0, 0)
    deploy_on(remote, settings)


def test_the_checkout_of_the_writer_is_not_touched(
    remote: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout = tmp_path / "checkout"
    git("init", "--quiet", "-b", "main", checkout)
    git("-C", checkout, "remote", "add", "origin", str(remote))
    for name in ("a.md", "b.md", "c.md"):
        (checkout / name).write_text(name)
    git("-C", checkout, "add", "a.md", "b.md")
    git("-C", checkout, "commit", "-qm", "Første")
    (checkout / "a.md").write_text("endret")
    (checkout / "b.md").write_text("endret og lagt til")
    git("-C", checkout, "add", "b.md")
    for name in ("pre-push", "post-checkout", "reference-transaction", "post-index-change"):
        file = checkout / ".git" / "hooks" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"#!/bin/sh\ntouch {tmp_path}/hook-ran\n")
        file.chmod(0o755)
    before = everything_in(checkout)
    monkeypatch.chdir(checkout)
    for name, value in {
        "GIT_DIR": checkout / ".git",
        "GIT_WORK_TREE": checkout,
        "GIT_INDEX_FILE": checkout / ".git" / "index",
        "GIT_CONFIG_PARAMETERS": f"'core.hooksPath={checkout}/.git/hooks'",
    }.items():  # as a hook of the checkout would have them
        monkeypatch.setenv(name, str(value))
    send(target_at(remote), state(1))
    send(target_at(remote), state(2))
    with target_at(remote) as target:
        target.roll_back("")
    assert everything_in(checkout) == before
    assert not (tmp_path / "hook-ran").exists()


def everything_in(folder: Path) -> dict[str, tuple[int, int, str]]:
    return {
        str(file.relative_to(folder)): (
            (state := file.lstat()).st_mtime_ns,
            state.st_mode,
            hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else "",
        )
        for file in sorted(folder.rglob("*"))
    }


def test_the_own_configuration_of_the_writer_changes_nothing_that_is_sent(
    remote: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("pre-push", "reference-transaction"):
        server = 'case "$PWD" in *.git) exit 0;; esac'  # which reads the same configuration on this machine
        (hooks / name).write_text(f"#!/bin/sh\n{server}\ntouch {tmp_path}/hook-ran\nexit 1\n")
        (hooks / name).chmod(0o755)
    (tmp_path / "attributes").write_text("* text eol=crlf ident filter=upper\n")
    (tmp_path / "gitconfig").write_text(
        f"[user]\nname=Kari Nordmann\nemail=kari@example.no\n[core]\nhooksPath={hooks}\nautocrlf=true\n"
        f'attributesFile={tmp_path}/attributes\n[filter "upper"]\nclean=tr a-z A-Z\n[commit]\ngpgSign=true\n'
        f"[push]\nfollowTags=true\ngpgSign=true\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Kari Nordmann")
    send(target_at(remote), files_of({"a.txt": "liten\nlinje $Id$\n"}))
    assert holds(remote) == {"a.txt": b"liten\nlinje $Id$\n"}
    assert not (tmp_path / "hook-ran").exists()
    assert "Kari" not in said(remote, "%an%ae%cn%ce%B")
    send(target_at(remote, author="Ola Nordmann <ola@example.no>"), files_of({"a.txt": "b"}))
    assert said(remote, "%an <%ae>") == "Ola Nordmann <ola@example.no>"


def test_a_file_that_changes_while_it_is_read_is_not_pushed(remote: Path, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("som det var")
    files = {file.path: file for file in files_in(tmp_path, ["a.html"])}
    (tmp_path / "a.html").write_text("som det ble")
    with pytest.raises(OutsideError, match=r"a\.html has changed while it was being sent"):
        send(target_at(remote), files)
    assert git("-C", remote, "for-each-ref") == ""


def test_contents_are_not_fetched_where_the_server_knows_how_to_leave_them_out(tmp_path: Path) -> None:
    remote = bare(tmp_path / "big.git", uploadpack_allowFilter="true")
    noise = {f"{at}.bin": os.urandom(200_000) for at in range(3)}
    send(target_at(remote), files_of({"index.html": "a", **noise}))
    with target_at(remote) as target:
        target.look()
        fetched = sum(file.stat().st_size for file in target._folder.rglob("*.pack"))
    assert fetched < 100_000
    _, sizes = send(target_at(remote), files_of({"index.html": "b", **noise}))
    assert sizes == [1]
    send(target_at(remote, history="single", force=True), files_of({"index.html": "c", **noise}))
    assert holds(remote)["2.bin"] == noise["2.bin"]
    with target_at(remote) as target:
        assert target.verify(target.look().files) == ()


@pytest.mark.parametrize("knows", ["true", "false"])
def test_a_branch_is_replaced_without_sending_again_what_it_holds(tmp_path: Path, knows: str) -> None:
    remote = bare(tmp_path / "big.git", uploadpack_allowFilter=knows, receive_unpackLimit="1")
    noise = {f"{at}.bin": os.urandom(200_000) for at in range(3)}

    def taken() -> int:
        return sum(file.stat().st_size for file in remote.rglob("*.pack"))

    send(target_at(remote), files_of({"index.html": "a", **noise}))
    send(target_at(remote), files_of({"index.html": "b", **noise}))
    before = taken()
    assert before > 600_000
    with target_at(remote) as target:
        assert target.forget().releases == 1
        fetched = sum(file.stat().st_size for file in target._folder.rglob("*.pack"))
    assert knows == "false" or fetched < 100_000
    send(target_at(remote, history="single"), files_of({"index.html": "c", **noise}))
    assert taken() - before < 100_000
    assert holds(remote) == {"index.html": b"c", **noise}


def test_a_repository_with_long_ids_is_served_too(tmp_path: Path) -> None:
    remote = tmp_path / "sha256.git"
    git("init", "--quiet", "--bare", "--object-format=sha256", remote)
    push_by_hand(remote, {"README.md": "x"}, branch="main")
    git("-C", remote, "symbolic-ref", "HEAD", "refs/heads/main")
    send(target_at(remote), state(1))
    parcel, _ = send(target_at(remote), state(1))
    assert not parcel.is_needed
    with target_at(remote) as target:
        assert target.verify(target.look().files) == ()
    assert {len(name) for name in commits(remote)} == {64}


def test_two_thousand_files_are_quick(remote: Path, tmp_path: Path) -> None:
    paths = [f"{at % 50}/{at}.html" for at in range(2000)]
    for path in paths:
        (tmp_path / "site" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "site" / path).write_text(f"side {path} " * 50)
    files = {file.path: file for file in files_in(tmp_path / "site", paths)}
    begun = time.perf_counter()
    send(target_at(remote), files)
    first = time.perf_counter() - begun
    files |= files_of({paths[7]: "endret"})
    begun = time.perf_counter()
    _, sizes = send(target_at(remote), files)
    second = time.perf_counter() - begun
    assert sizes == [6]
    assert max(first, second) < 15  # about a second on an idle machine


def test_a_push_over_ssh_uses_the_key_and_the_known_host_of_the_settings(
    server: Server, remote: Path
) -> None:
    keys = {"identity": str(server.identity), "known_hosts": str(server.known_hosts)}
    where = over_ssh(server, remote).replace(" ", "%20").replace("æ", "%C3%A6")
    send(target_at(where, **keys), state(1))
    send(target_at(where, **keys), state(2))
    assert holds(remote)["index.html"] == state(2)["index.html"].data
    with target_at(where, **keys) as target:
        assert len(target.releases()) == 2
        target.roll_back("")
    assert holds(remote)["index.html"] == state(1)["index.html"].data


def test_an_unknown_host_a_wrong_key_and_a_missing_repository_are_told_apart(
    server: Server, remote: Path, tmp_path: Path
) -> None:
    keys = {"identity": str(server.identity), "known_hosts": str(server.known_hosts)}
    nobody = tmp_path / "nobody"
    nobody.write_text("")
    with pytest.raises(OutsideError, match=r"No file of known hosts holds the key.*fingerprint"):
        send(target_at(over_ssh(server, tmp_path), **{**keys, "known_hosts": str(nobody)}), state(1))
    wrong = str(key_in(tmp_path, "wrong"))
    with pytest.raises(
        OutsideError, match=r"lets nobody in with the keys.*ssh says: .*Permission denied \(publickey\)\.$"
    ):
        send(target_at(over_ssh(server, tmp_path), **{**keys, "identity": wrong}), state(1))
    with pytest.raises(OutsideError, match=r"There is no repository at ssh://.*Nothing was sent"):
        send(target_at(over_ssh(server, tmp_path / "no.git"), **keys), state(1))
    changed = str(known(tmp_path, "changed", server.port, Path(wrong)))
    with pytest.raises(OutsideError, match="showed another key than the known one"):
        send(target_at(over_ssh(server, tmp_path), **{**keys, "known_hosts": changed}), state(1))


def test_over_http_a_token_of_the_environment_lets_in_and_is_shown_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = bare(tmp_path / "beta.git", http_receivepack="true")
    with over_http(tmp_path, "x-access-token:hemmelig-42") as address:
        where = f"{address}/beta.git"
        with pytest.raises(OutsideError, match=r"wants a login.*KOMMUNEBETA_GIT_TOKEN"):
            send(target_at(where), state(1))
        monkeypatch.setenv("KOMMUNEBETA_GIT_TOKEN", "feil-43")
        with pytest.raises(OutsideError, match="wants a login") as caught:
            send(target_at(where), state(1))
        assert "feil-43" not in str(caught.value)
        monkeypatch.setenv("KOMMUNEBETA_GIT_TOKEN", "hemmelig-42")
        monkeypatch.setenv("GIT_TRACE_CURL", str(tmp_path / "trace"))
        send(target_at(where), state(1))
        send(target_at(where), state(2))
        assert holds(remote)["index.html"] == state(2)["index.html"].data
        git("-C", remote, "config", "http.receivepack", "false")
        with pytest.raises(OutsideError, match=r"may read .* but not push to it"):
            send(target_at(where), state(3))
    assert not (tmp_path / "trace").exists()


def test_a_folder_that_is_no_repository_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match="There is no repository at"):
        send(target_at(tmp_path / "no.git"), state(1))


@pytest.mark.parametrize(
    "text",
    [
        "https://user:hemmelig@example.org/x.git",
        "http://example.org/x.git",
        "git://example.org/x.git",
        "ext::sh -c touch% /tmp/x",
        "ext::1",
        "--upload-pack=touch",
        "ssh://-oProxyCommand=touch/x",
        "ftp://example.org/x",
        "",
    ],
)
def test_addresses_that_are_not_safe_are_refused(text: str) -> None:
    assert remote_of(text) is None
    with pytest.raises(ValueError, match="remote"):
        target_at(text)


@pytest.mark.parametrize(
    ("text", "scheme", "host"),
    [
        ("git@example.org:kommune/beta.git", "ssh", "example.org"),
        ("ssh://git@example.org:2222/beta.git", "ssh", "example.org"),
        ("https://gitlab-ci-token@example.org/x.git", "https", "example.org"),
        ("/srv/git/beta.git", "file", ""),
        ("file:///srv/git/beta.git", "file", ""),
        ("../beta.git", "file", ""),
    ],
)
def test_addresses_are_told_apart(text: str, scheme: str, host: str) -> None:
    found = remote_of(text)
    assert found is not None
    assert (found.scheme, found.host) == (scheme, host)


SAID = {
    "read-only key": (
        "ERROR: The key you are authenticating with has been marked as read only.\n"
        "fatal: Could not read from remote repository.",
        r"may read .* but not push to it.*marked as read only",
    ),
    "no right": (
        "remote: Permission to fjordvik/beta.git denied to kari.\n"
        "fatal: unable to access 'https://github.com/fjordvik/beta.git/': The requested URL returned error: 403",
        r"may read .* but not push to it.*denied to kari",
    ),
    "protected at GitHub": (
        "remote: error: GH006: Protected branch update failed for refs/heads/pages.\n"
        "!\tabc:refs/heads/pages\t[remote rejected] (protected branch hook declined)\nDone",
        r"refused the push to pages.*GH006: Protected branch.*\(protected branch hook declined\)",
    ),
    "protected at GitLab": (
        "remote: GitLab: You are not allowed to push code to protected branches on this project.\n"
        "!\tabc:refs/heads/pages\t[remote rejected] (pre-receive hook declined)\nDone",
        r"refused the push to pages.*not allowed to push code to protected branches",
    ),
    "large file": (
        "remote: error: File film.mp4 is 140.00 MB; this exceeds GitHub's file size limit of 100.00 MB\n"
        "!\tabc:refs/heads/pages\t[remote rejected] (pre-receive hook declined)\nDone",
        r"refused the push to pages.*film\.mp4 is 140\.00 MB",
    ),
    "no right at gitolite": (
        "FATAL: W any beta kari DENIED by fallthru\n(or you mis-spelled the reponame)\n"
        "fatal: Could not read from remote repository.",
        r"may read .* but not push to it.*W any beta kari DENIED by fallthru$",
    ),
    "no right at Forgejo": (
        "remote: Forgejo: User: 3:kari with Key: 7:beta is not authorized to write to fjordvik/beta.\n"
        "fatal: Could not read from remote repository.",
        r"may read .* but not push to it.*is not authorized to write",
    ),
    "lost": ("fatal: the remote end hung up unexpectedly", r"connection to .* was lost.*Deploy again"),
    "full": ("error: remote unpack failed: No space left on device", r"disk of github\.com is full"),
    "colours": ("fatal: \x1b[31mrart\x1b[0m\x07", r"failed.*It says: fatal: rart $"),
}
"""What hosts and git are known to say, and what we make of it."""


@pytest.mark.parametrize("case", SAID)
def test_what_hosts_say_is_told_as_what_to_do(case: str) -> None:
    said, expected = SAID[case]
    remote = remote_of("git@github.com:fjordvik/beta.git")
    assert remote is not None
    told = why_refused(remote, "pages", said)
    assert re.search(expected, told)
    assert "Readers still get what they got before." in told


UNSEEN = (
    "ERROR: Repository not found.",
    "remote: ERROR: The project you were looking for could not be found or you don't have permission to view it.",
    "FATAL: R any beta kari DENIED by fallthru\n(or you mis-spelled the reponame)",
    "Forgejo: Cannot find repository: fjordvik/beta",
)
"""What GitHub, GitLab, gitolite and Forgejo are known to say of a repository that is not there, or not for us."""


@pytest.mark.parametrize("said", UNSEEN)
def test_a_repository_that_hosts_do_not_show_is_told_with_their_words(said: str) -> None:
    remote = remote_of("git@example.org:fjordvik/beta.git")
    assert remote is not None
    whole = f"{said}\nfatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists."
    told = why_not_reached(remote, Way("example.org", ""), whole)
    assert told.startswith(
        "There is no repository at git@example.org:fjordvik/beta.git, or this login may not"
    )
    assert said.splitlines()[0].removeprefix("remote: ") in told
    assert "Could not read" not in told


@pytest.mark.parametrize(
    "name", ["-x", "a..b", "a b", "a~1", "refs/heads/x", "HEAD", "x.lock", "/a", "a/", ".a"]
)
def test_names_that_are_no_branches_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="branch"):
        target_at("/x", branch=name)


def test_large_files_and_sites_are_warned_of_before_they_are_pushed() -> None:
    def file(path: str, size: int) -> LocalFile:
        return LocalFile(path, "", size)

    assert advice_on({"a": file("a", 100 << 20)}) == ()
    [note] = advice_on({"film.mp4": file("film.mp4", 140_000_000)})
    assert note.startswith("film.mp4 has 140 MB: GitHub takes no file above 100 MiB")
    notes = advice_on({f"{at}": file(f"{at}", 90_000_000) for at in range(13)})
    assert notes == ("The site has 1.2 GB: GitHub Pages and GitLab Pages take 1 GB.",)


def test_the_command_builds_deploys_and_returns(
    remote: Path, tmp_path: Path, command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    site = tmp_path / "blogg"
    assert command("init", site).returncode == 0
    settings = site / "kommunebeta.yaml"
    settings.write_text(
        settings.read_text("utf-8")
        + f'\ndeploy:\n  targets:\n    sider: {{kind: git, remote: "{remote}", branch: pages}}\n',
        "utf-8",
    )
    done = command("deploy", site, "--yes")
    assert done.returncode == 0, done.stderr
    assert "files sent and verified" in done.stdout
    assert "index.html" in holds(remote)
    assert command("deploy", "verify", "sider", "--site", site).returncode == 0
    listed = command("deploy", "list", "sider", "--site", site)
    assert "Deploy: " in listed.stdout
    assert BASE_URL not in listed.stdout
