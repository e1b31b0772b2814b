"""Deploys to a real sshd with rsync: what is sent, linked, switched, kept and found damaged."""

from __future__ import annotations

import getpass
import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kommunebeta.deploy.parcel import files_in
from kommunebeta.deploy.target import Forgotten
from kommunebeta.errors import UsageError
from tests.deploy.sshd import Server, files_of, running, send, target_at, version

ODD = (
    *(
        "-x",
        "--delete",
        "#a",
        ";b",
        "a b/ c",
        "a'b\"c$d`e!.html",
        "*?[x]{y}.html",
        "a:b",
        "..x",
        "~",
        "%h",
        "&",
    ),
    *("Kåfjord/Čáhcesuolu – bøker.html", "smør\u0301.txt", "日本.txt", "+ - include", "x\u00a0y", "(1).png"),
)
TOOLS = ("sh", "cat", "mkdir", "ln", "rm", "rmdir", "find", "xargs", "grep", "sed", "wc")
"""What a server has, beside rsync and what we look for."""


@pytest.fixture(scope="module")
def server(ssh_programs: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture
def www(tmp_path: Path) -> Path:
    return tmp_path / "wwæ w"


def partials(www: Path) -> list[Path]:
    return list((www / "releases").glob("*.partial*"))


def test_a_first_deploy_makes_the_folder_and_shows_a_release_that_everyone_may_read(
    server: Server, www: Path
) -> None:
    with target_at(server, www) as target:
        parcel, sizes = send(target, files_of({"index.html": "hei", "om/index.html": "om oss"}))
        assert target.place == f"127.0.0.1:{www}"
    assert str((www / "current").readlink()) == f"releases/{parcel.release}"
    assert (www / "current/om/index.html").read_text() == "om oss"
    assert sorted(sizes) == [3, 6]
    modes = {entry: entry.stat().st_mode & 0o777 for entry in www.rglob("*")}
    assert {mode for entry, mode in modes.items() if entry.is_dir()} == {0o755}
    assert {mode for entry, mode in modes.items() if entry.is_file()} == {0o644}
    assert sorted(entry.name for entry in www.iterdir()) == ["current", "releases"]
    assert partials(www) == []


def test_a_site_built_anew_sends_what_has_changed_and_links_the_rest(
    server: Server, www: Path, tmp_path: Path
) -> None:
    def build(changed: str) -> dict[str, Any]:
        output = tmp_path / "public"
        shutil.rmtree(output, ignore_errors=True)
        for at in range(20):
            file = output / f"{at % 3}" / f"{at}.html"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(changed if at == 7 else f"page {at}")
            os.utime(
                file, (1e9, 1e9) if at == 7 else None
            )  # the changed file has the same size and time as before
        return {file.path: file for file in files_in(output, [f"{at % 3}/{at}.html" for at in range(20)])}

    with target_at(server, www) as target:
        first, _ = send(target, build("as it was"))
        for file in (www / "current").rglob("7.html"):
            os.utime(file, (1e9, 1e9))
        second, sizes = send(target, build("as it is "))
    assert sizes == [9]
    old, new = (www / "releases" / parcel.release for parcel in (first, second))
    same = [path for path in second.files if (old / path).stat().st_ino == (new / path).stat().st_ino]
    assert sorted(second.files.keys() - same) == ["1/7.html"]
    assert ((old / "1/7.html").read_text(), (new / "1/7.html").read_text()) == ("as it was", "as it is ")


def test_everything_is_sent_again_when_that_is_asked_for(server: Server, www: Path) -> None:
    files = files_of({"index.html": "hei", "a.css": "a"})
    with target_at(server, www) as target:
        send(target, files)
        _, sizes = send(target, files, everything=True)
    assert len(sizes) == 2


def test_readers_never_miss_an_asset_while_deploys_and_returns_go_on(server: Server, www: Path) -> None:
    over, faults, loads = threading.Event(), [], [0]

    def read() -> None:
        while not over.is_set():
            release = (www / "current").resolve()  # as a web server opens it, once for each answer
            page = (www / "current/index.html").read_text()
            found = re.fullmatch(r"<link href=(\S+)> (\d+)", page)
            try:
                assert found is not None
                assert (www / "current" / found[1]).read_text() == f"/* {found[2]} */"
            except (OSError, AssertionError) as error:
                faults.append((release, page, error))
            loads[0] += 1
            time.sleep(0.0005)  # leaves the deploys their share of this process

    with target_at(server, www, keep=3) as target:
        send(target, version(0))
        reader = threading.Thread(target=read)
        reader.start()
        try:
            for number in range(1, 7):
                send(target, version(number))
                if number % 2:
                    target.roll_back("")
        finally:
            over.set()
            reader.join()
    assert faults == []
    assert loads[0] > 500


def test_a_return_shows_the_release_before_with_what_open_pages_need(server: Server, www: Path) -> None:
    with target_at(server, www) as target:
        first, _ = send(target, version(1))
        second, _ = send(target, version(2))
        assert [item.current for item in target.releases()] == [True, False]
        release = target.roll_back("")
        assert (release.name, release.current, release.files) == (first.release, True, 2)
        assert "1" in (www / "current/index.html").read_text()
        assert (www / "current" / f"style.{2:010x}.css").read_text() == "/* 2 */"
        assert f"style.{2:010x}.css" in target.look().retired
        assert target.roll_back(second.release).name == second.release
        with pytest.raises(UsageError, match=f"no release nei; it keeps: {second.release}, {first.release}"):
            target.roll_back("nei")
        target.roll_back(first.release)
        with pytest.raises(UsageError, match="no earlier release"):
            target.roll_back("")


def test_a_fingerprinted_file_stays_for_open_pages(server: Server, www: Path) -> None:
    with target_at(server, www) as target:
        send(target, version(1))
        send(target, version(2))
        assert set(target.look().retired) == {f"style.{1:010x}.css"}
    assert (www / "current" / f"style.{1:010x}.css").read_text() == "/* 1 */"


def test_what_is_forgotten_is_nowhere_at_the_server_and_readers_get_what_they_got(
    server: Server, www: Path
) -> None:
    name = "kari/na vn/Kari's «bilde».0123456789.svg"
    with target_at(server, www) as target:
        send(target, version(1) | files_of({name: "Kari Nordmann"}))
        send(target, version(2))
        last, _ = send(target, version(3))
        (www / "current/kari/deres.txt").write_text("theirs")
        (www / "releases/20000101T000000Z-0000.partial").mkdir()
        (www / "releases/20000101T000000Z-0000.partial/halv").write_text("Kari Nordmann")
        (www / ".kommunebeta-deploy.lock.0123").write_text("{}")
        (www / ".kommunebeta-deploy.try.1").mkdir()
        (www / "releases/deres").mkdir()
        gone = target.forget()
        assert gone == Forgotten(2, (*sorted((name, *(f"style.{at:010x}.css" for at in (1, 2)))),))
        assert target.forget() == Forgotten(0, ())
        assert target.verify({path: file.digest for path, file in version(3).items()}) == ()
        assert target.look().retired == {}
    assert sorted(entry.name for entry in (www / "releases").iterdir()) == [last.release, "deres"]
    assert sorted(entry.name for entry in www.iterdir()) == ["current", "releases"]
    assert [entry.name for entry in (www / "current/kari").iterdir()] == ["deres.txt"]
    with target_at(server, www) as target:
        send(target, version(4))
        assert set(target.look().retired) == {f"style.{3:010x}.css"}


def test_a_server_that_holds_another_site_or_none_is_not_told_to_forget(server: Server, www: Path) -> None:
    with target_at(server, www) as target:
        with pytest.raises(UsageError, match="Deploy first"):
            target.forget()
        send(target, version(1))
        send(target, version(2))
    with target_at(server, www, base_url="https://annen.test/") as other:
        with pytest.raises(UsageError, match="Deploy first"):
            other.forget()
        assert len(other.releases()) == 2


def test_so_many_releases_are_kept_and_the_shown_one_always(server: Server, www: Path) -> None:
    (www / "releases" / "not-ours").mkdir(parents=True)
    with target_at(server, www, keep=2) as target:
        names = [send(target, version(number))[0].release for number in range(4)]
        assert [item.name for item in target.releases()] == names[:1:-1]
    assert (www / "releases" / "not-ours").is_dir()


def test_what_is_not_ours_is_named_and_left_alone(server: Server, www: Path) -> None:
    www.mkdir()
    (www / "gammel side.html").write_text("x")
    (www / ".skjult").mkdir()
    with target_at(server, www) as target:
        send(target, version(1))
        assert target.look().foreign == (".skjult", "gammel side.html")
    assert (www / "gammel side.html").read_text() == "x"


def test_what_others_put_among_the_pages_goes_along_with_every_release(server: Server, www: Path) -> None:
    with target_at(server, www) as target:
        first, _ = send(target, version(1))
        (www / "current/.well-known").mkdir()
        (www / "current/.well-known/acme æ").write_text("theirs")
        (www / "current/arkiv").symlink_to("../../arkiv")
        (www / "current/om").write_text("in the way of a folder of ours")
        assert target.look().unclaimed == (".well-known/acme æ", "arkiv", "om")
        send(target, version(2) | files_of({"om/index.html": "om oss"}))
        assert target.look().unclaimed == (".well-known/acme æ", "arkiv")
        (www / "current/senere.txt").write_text("theirs")
        target.roll_back("")
        assert (www / "current").resolve().name == first.release
        target.forget()
    for name in (".well-known/acme æ", "senere.txt"):
        assert (www / "current" / name).read_text() == "theirs"
    assert str((www / "current/arkiv").readlink()) == "../../arkiv"


@pytest.mark.parametrize("manifest", [None, "{"])
def test_without_a_manifest_what_readers_get_is_compared(
    server: Server, www: Path, manifest: str | None
) -> None:
    with target_at(server, www) as target:
        first, _ = send(target, version(1) | files_of({"a.txt": "a", "b.txt": "b", "c.txt": "c"}))
        file = www / "current/.kommunebeta-deploy.json"
        file.unlink()
        if manifest is not None:
            file.write_text(manifest)
        (www / "current/b.txt").write_text("X")
        with pytest.raises(UsageError, match="Deploy first"):
            target.forget()
        parcel, _ = send(target, version(1) | files_of({"a.txt": "a", "b.txt": "b"}))
        assert not parcel.there.known
        assert [file.path for file in parcel.to_send] == ["b.txt"]
        assert (www / "current/a.txt").samefile(www / "releases" / first.release / "a.txt")
        assert target.look().unclaimed == ("c.txt",)
        assert target.forget().releases == 1
        assert [entry.name for entry in (www / "releases").iterdir()] == [parcel.release]


def test_the_files_of_another_site_are_not_taken_for_ours(server: Server, www: Path) -> None:
    with target_at(server, www, base_url="https://annen.test/") as target:
        send(target, files_of({"deres.html": "x"}))
    with target_at(server, www) as target:
        parcel, _ = send(target, version(1))
    assert (parcel.there.known, parcel.there.unclaimed) == (False, ("deres.html",))
    assert (www / "current/deres.html").is_file()


def test_the_release_before_stays_for_requests_that_are_under_way(server: Server, www: Path) -> None:
    with target_at(server, www, keep=1) as target:
        names = [send(target, version(number))[0].release for number in range(3)]
        assert [item.name for item in target.releases()] == names[:0:-1]


def test_odd_names_arrive(server: Server, www: Path) -> None:
    files = files_of({name: name for name in ODD})
    with target_at(server, www) as target:
        send(target, files)
        _, sizes = send(target, {**files, **files_of({"-x": "ny"})})
        assert sizes == [2]
        assert target.verify({path: file.digest for path, file in files.items()}) == ("-x",)
        assert target.look().files.keys() == files.keys()
    assert all((www / "current" / name).read_text() == name for name in ODD if name != "-x")


@pytest.mark.parametrize("name", ["a\nb", "a\\b", "a\x1bb"])
def test_a_name_that_lists_cannot_hold_is_refused(server: Server, www: Path, name: str) -> None:
    with target_at(server, www) as target, pytest.raises(UsageError, match="cannot be sent"):
        send(target, files_of({name: "x"}))
    assert not (www / "current").exists()


def test_damage_is_found_and_does_not_travel_on(server: Server, www: Path) -> None:
    files = files_of({"index.html": "hei", "a.txt": "aaa", "b.txt": "bbb"})
    expected = {path: file.digest for path, file in files.items()}
    with target_at(server, www) as target:
        send(target, files)
        assert target.verify(expected) == ()
        (www / "current/a.txt").write_text("aXa")
        (www / "current/b.txt").unlink()
        assert target.verify(expected) == ("a.txt", "b.txt")
        send(target, {**files, **files_of({"index.html": "hallo"})})
        assert target.verify({path: expected[path] for path in ("a.txt", "b.txt")}) == ()


def test_files_that_took_the_place_of_folders_and_the_other_way_round_arrive(
    server: Server, www: Path
) -> None:
    with target_at(server, www) as target:
        send(target, files_of({"a": "file", "b/c/d": "deep"}))
        (www / "releases/20000101T000000Z-0000.partial/b/c/x").mkdir(parents=True)
        (www / "releases/20000101T000000Z-0000.partial/b/c/.d.tmp").write_text("broken off")
        send(target, files_of({"a/b": "deep", "b": "file"}))
    assert (www / "current/a/b").read_text() == "deep"
    assert (www / "current/b").read_text() == "file"
    assert partials(www) == []


def test_what_a_broken_off_deploy_sent_is_not_sent_again(server: Server, www: Path) -> None:
    partial = www / "releases/20000101T000000Z-0000.partial"
    (partial / "bilder").mkdir(parents=True)
    files = files_of({"index.html": "hei", "bilder/a.jpg": "whole", "bilder/b.jpg": "broken"})
    (partial / "bilder/a.jpg").write_text("whole")
    (partial / "bilder/b.jpg").write_text("brok")
    (partial / "no-longer.html").write_text("x")
    (www / "releases/19990101T000000Z-0000.partial").mkdir()
    sent = (partial / "bilder/a.jpg").stat().st_ino
    with target_at(server, www) as target:
        _, sizes = send(target, files)
        assert target.verify({path: file.digest for path, file in files.items()}) == ()
    assert (www / "current/bilder/a.jpg").stat().st_ino == sent
    assert len(sizes) == 3  # told of, for progress
    assert not (www / "current/no-longer.html").exists()
    assert partials(www) == []


def test_an_alias_a_jump_host_and_the_agent_come_from_the_configuration_of_ssh(
    server: Server, www: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = subprocess.run(["ssh-agent", "-s"], capture_output=True, text=True, check=True).stdout
    found = dict(re.findall(r"(SSH_\w+)=([^;]+);", said))
    for key, value in found.items():
        monkeypatch.setenv(key, value)
    try:
        subprocess.run(["ssh-add", "-q", server.identity], check=True)
        (tmp_path / "ssh_config").write_text(
            f'Host web1 jump\n HostName 127.0.0.1\n Port {server.port}\n UserKnownHostsFile "{server.known_hosts}"\n'
            "Host web1\n ProxyJump jump\n RemoteCommand false\n ControlMaster auto\n ControlPersist yes\n"
        )
        config = str(tmp_path / "ssh_config")
        more = {"host": "web1", "port": 0, "user": "", "identity": "", "known_hosts": "", "config": config}
        with target_at(server, www, **more) as target:
            send(target, version(1))
            assert target.place == f"web1:{www}"
        assert (www / "current/index.html").is_file()
    finally:
        os.kill(int(found["SSH_AGENT_PID"]), 15)


def test_a_path_without_a_slash_lies_in_the_home_folder(ssh_programs: None, tmp_path: Path) -> None:
    home = tmp_path / "home"
    into_home = 'ForceCommand cd "$HOME" && eval "$SSH_ORIGINAL_COMMAND"'  # the real one is the tester's own
    with running(home, into_home) as server, target_at(server, "-nettsted/beta") as target:
        send(target, version(1))
        assert target.place == "127.0.0.1:-nettsted/beta"
        target.roll_back(send(target, version(2))[0].release)
    assert (home / "-nettsted/beta/current/index.html").is_file()


def test_the_tools_of_busybox_will_do(ssh_programs: None, tmp_path: Path, www: Path) -> None:
    busybox = shutil.which("busybox")
    if not busybox:
        pytest.skip("busybox is not installed")
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sha256sum", "mv", *TOOLS):
        (tools / name).symlink_to(busybox)
    (tools / "rsync").symlink_to(shutil.which("rsync") or "")
    with running(tmp_path / "sshd", tools=tools) as server, target_at(server, www, keep=1) as target:
        send(target, files_of({name: name for name in ODD}))
        files = files_of({"index.html": "ny", **dict.fromkeys(ODD[1:], "x"), "#a": "#a"})
        _, sizes = send(target, files)
        assert len(sizes) == len(ODD) - 1
        assert target.verify({path: file.digest for path, file in files.items()}) == ()
        assert len(target.releases()) == 2


def test_perl_switches_where_mv_cannot(ssh_programs: None, tmp_path: Path, www: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("openssl", "perl", "rsync", *TOOLS):
        (tools / name).symlink_to(shutil.which(name) or pytest.skip(f"{name} is not installed"))
    move = tools / "mv"
    move.write_text(  # one that, as POSIX has it, knows -f alone
        f'#!/bin/sh\ncase $1 in -f|--) exec {shutil.which("mv")} "$@" ;; *) echo "usage" >&2; exit 1 ;; esac\n'
    )
    move.chmod(0o755)
    with running(tmp_path / "sshd", tools=tools) as server, target_at(server, www) as target:
        send(target, version(1))
        send(target, version(2))
        assert target.verify({path: file.digest for path, file in version(2).items()}) == ()


def test_the_command_deploys_lists_verifies_and_returns(
    server: Server, www: Path, make_folder: Callable[..., Path], command: Callable[..., Any]
) -> None:
    site = make_folder({"content/pages/om.md": "---\ntitle: Om\n---\nHei.\n"})
    (site / "kommunebeta.yaml").write_text(
        "name: Beta\nmunicipality: Fjordvik\nbase_url: https://beta.test/\ndeploy:\n  targets:\n    server:\n"
        f"      kind: ssh\n      host: 127.0.0.1\n      path: '{www}'\n      port: {server.port}\n"
        f"      user: {getpass.getuser()}\n      identity: {server.identity}\n"
        f"      known_hosts: '{server.known_hosts}'\n"
    )
    done = command("deploy", site, "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (www / "current/index.html").is_file()
    listed = command("deploy", "list", "server", "--site", site)
    assert listed.returncode == 0, listed.stderr
    assert (www / "current").resolve().name in listed.stdout
    (www / "current/index.html").write_text("damaged")
    checked = command("deploy", "verify", "server", "--site", site)
    assert checked.returncode != 0
    assert "index.html" in checked.stdout + checked.stderr
