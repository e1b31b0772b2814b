"""Deploys by ssh that fail: who is let in, who holds the lock, and what readers get when it breaks off."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import multiprocessing
import os
import pwd
import random
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kommunebeta.deploy.kinds import target_of
from kommunebeta.deploy.locks import Holder, lock, renewed
from kommunebeta.deploy.ssh.connection import Connection
from kommunebeta.deploy.ssh.lock import LOCK, ServerLock
from kommunebeta.deploy.ssh.said import Way
from kommunebeta.errors import ContentError, OutsideError
from tests.deploy.sshd import (
    Cutting,
    Server,
    children,
    deploy_on,
    files_of,
    free_port,
    is_named,
    key_in,
    known,
    running,
    send,
    target_at,
    version,
)

SEED = 20261125
_PROCESSES = multiprocessing.get_context("forkserver")


@pytest.fixture(scope="module")
def server(ssh_programs: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture
def www(tmp_path: Path) -> Path:
    return tmp_path / "www"


@contextlib.contextmanager
def connected(server: Server, www: Path) -> Iterator[Connection]:
    www.mkdir(exist_ok=True)
    way = Way("127.0.0.1", str(www), "", server.port, server.identity, server.known_hosts)
    with Connection(way, LOCK) as connection:
        yield connection


def refused(server: Server, www: Path, **more: Any) -> str:
    """What is said when it cannot be entered."""
    begun = time.monotonic()
    with pytest.raises(OutsideError) as caught, target_at(server, www, **more):
        pass
    assert time.monotonic() - begun < 20
    said = str(caught.value)
    assert "\n" not in said
    return said


def assert_whole(www: Path) -> str:
    """What readers get is one version, with all that belongs to it; returns its number."""
    page = (www / "current/index.html").read_text()
    found = re.fullmatch(r"<link href=(\S+)> (\d+)", page)
    assert found
    assert (www / "current" / found[1]).read_text() == f"/* {found[2]} */"
    assert json.loads((www / "current/.kommunebeta-deploy.json").read_text())["release"]
    return found[2]


def assert_next_finishes(server: Server, www: Path, more: int) -> None:
    """The next deploy is not held up, and leaves nothing of the one that was broken off."""
    begun = time.monotonic()
    files = version(7, more)
    with target_at(server, www) as target:
        send(target, files)
        assert target.verify({path: file.digest for path, file in files.items()}) == ()
    assert time.monotonic() - begun < 20
    assert assert_whole(www) == "7"
    assert [entry for entry in (www / "releases").iterdir() if ".partial" in entry.name] == []
    assert not (www / LOCK).exists()


# Who is let in


def test_an_unknown_server_is_refused_with_the_way_to_make_it_known(
    server: Server, www: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "known"
    empty.write_text("")
    said = refused(server, www, known_hosts=str(empty))
    assert said.startswith(
        "No file of known hosts holds the key of 127.0.0.1. Nothing was sent. Ask those who run"
    )
    assert f"-p {server.port}" in said
    assert f"UserKnownHostsFile={empty}" in said
    assert empty.read_text() == ""
    assert not www.exists()


def test_a_server_with_another_key_is_refused(server: Server, www: Path, tmp_path: Path) -> None:
    other = known(tmp_path, "known", server.port, key_in(tmp_path, "other"))
    said = refused(server, www, known_hosts=str(other))
    assert (
        f"another key than the known one at {other}:1: it was set up anew, or somebody stands between" in said
    )
    assert "Nothing was sent." in said
    assert not www.exists()


def test_a_server_with_a_revoked_key_is_refused(server: Server, www: Path, tmp_path: Path) -> None:
    revoked = tmp_path / "known"
    revoked.write_text(f"@revoked {server.known_hosts.read_text()}")
    assert "marked as revoked" in refused(server, www, known_hosts=str(revoked))


def test_the_users_own_configuration_cannot_loosen_that(server: Server, www: Path, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text(
        "Host *\n StrictHostKeyChecking no\n NoHostAuthenticationForLocalhost yes\n BatchMode no\n"
    )
    empty = tmp_path / "known"
    empty.write_text("")
    assert "No file of known hosts" in refused(server, www, known_hosts=str(empty), config=str(config))


def test_a_key_that_the_server_does_not_know_is_refused(server: Server, www: Path, tmp_path: Path) -> None:
    said = refused(server, www, identity=str(key_in(tmp_path, "stranger")))
    assert said.startswith("127.0.0.1 lets nobody in with the keys that were offered. Nothing was sent.")
    assert "~/.ssh/authorized_keys" in said


def test_a_key_with_a_passphrase_is_never_asked_for(
    server: Server, www: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = tmp_path / "asked"
    program = tmp_path / "ask"
    program.write_text(f"#!/bin/sh\ntouch {asked}\necho secret\n")
    program.chmod(0o755)
    for key, value in {"SSH_ASKPASS": str(program), "SSH_ASKPASS_REQUIRE": "force", "DISPLAY": ":9"}.items():
        monkeypatch.setenv(key, value)
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    identity = tmp_path / "locked"
    shutil.copyfile(server.identity, identity)
    identity.chmod(0o600)
    subprocess.run(["ssh-keygen", "-q", "-p", "-N", "secret", "-P", "", "-f", identity], check=True)
    said = refused(server, www, identity=str(identity))
    assert "must be in the agent («ssh-add»)" in said
    assert not asked.exists()


def test_a_key_that_others_may_read_is_named_as_the_reason(server: Server, www: Path, tmp_path: Path) -> None:
    identity = tmp_path / "open"
    shutil.copyfile(server.identity, identity)
    identity.chmod(0o644)
    assert "chmod 600" in refused(server, www, identity=str(identity))


def test_files_that_are_not_there_are_named(server: Server, www: Path) -> None:
    assert "/nowhere/key is not there" in refused(server, www, identity="/nowhere/key")


def test_a_server_that_does_not_answer_is_named(server: Server, www: Path) -> None:
    said = refused(server, www, port=free_port())
    assert said.startswith("127.0.0.1 cannot be reached. Nothing was sent.")
    assert "refused" in said


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("host", "-oProxyCommand=touch${IFS}x"),
        ("host", "web1 web2"),
        ("user", "-x"),
        ("path", "/"),
        ("path", "~/www"),
        ("path", "../www"),
        ("path", "/srv/a\nb"),
        ("password", "hemmelig"),
        ("keep", "0"),
    ],
)
def test_settings_that_lead_astray_are_faults_of_the_settings(tmp_path: Path, key: str, value: str) -> None:
    from kommunebeta.config import read_settings

    setting = {"kind": "ssh", "host": "web1", "path": "/srv/www/beta", key: value}
    (tmp_path / "kommunebeta.yaml").write_text(
        "name: Beta\nmunicipality: Fjordvik\nbase_url: https://beta.test/\n"
        f"deploy: {json.dumps({'targets': {'server': setting}})}\n"
    )
    with pytest.raises(ContentError) as caught:
        target_of(tmp_path, *read_settings(tmp_path), "server")
    assert caught.value.problems[0].code in ("KB021", "KB022", "KB025")
    assert "hemmelig" not in str(caught.value)


# What the server lacks


def test_an_account_that_runs_no_commands_is_named(ssh_programs: None, www: Path, tmp_path: Path) -> None:
    with running(tmp_path / "sshd", 'ForceCommand echo "This account is not available."') as server:
        assert "answers «This account is not available.» instead of running" in refused(server, www)


def test_a_server_that_allows_one_session_alone_is_named(
    ssh_programs: None, www: Path, tmp_path: Path
) -> None:
    with running(tmp_path / "sshd", "MaxSessions 1") as server:
        assert "MaxSessions" in refused(server, www)


@pytest.mark.parametrize(
    ("lacking", "said"),
    [
        ("rsync", "needs rsync 3.1 or newer and has none"),
        ("sha256sum", "none of sha256sum, shasum and openssl"),
    ],
)
def test_a_program_that_the_server_lacks_is_named(
    ssh_programs: None, www: Path, tmp_path: Path, lacking: str, said: str
) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in {"sh", "cat", "mkdir", "mv", "ln", "rm", "sed", "rsync", "sha256sum"} - {lacking}:
        (tools / name).symlink_to(shutil.which(name) or "")
    with running(tmp_path / "sshd", tools=tools) as server:
        assert said in refused(server, www)


def test_rsync_that_is_missing_here_is_named(
    server: Server, www: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ssh").symlink_to(shutil.which("ssh") or "")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "rsync is not installed on this machine" in refused(server, www)


def test_a_folder_without_rights_is_named(server: Server) -> None:
    said = refused(server, Path("/sys/kommunebeta"))
    assert re.search(r"may not write where it must|mounted read-only", said)
    assert "Readers still get what they got before." in said


def test_a_folder_in_the_place_of_the_link_is_left_alone(server: Server, www: Path) -> None:
    (www / "current").mkdir(parents=True)
    (www / "current/index.html").write_text("theirs")
    assert "current is a folder and not a link of ours" in refused(server, www)
    assert (www / "current/index.html").read_text() == "theirs"


# The lock


def test_two_deploys_at_once_come_one_after_the_other(server: Server, www: Path) -> None:
    done: list[str] = []

    def deploy(number: int) -> None:
        with target_at(server, www) as target:
            time.sleep(0.3)
            parcel, _ = send(target, version(number))
            assert target.look().release == parcel.release
            done.append(parcel.release)

    threads = [threading.Thread(target=deploy, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 2
    assert (www / "current").resolve().name == done[-1]
    assert not (www / LOCK).exists()


def test_who_holds_the_lock_is_told(server: Server, www: Path) -> None:
    with connected(server, www) as one, connected(server, www) as other:
        with lock(ServerLock(one), "web1"):
            waiting = lock(ServerLock(other), "web1", wait=0)
            with pytest.raises(OutsideError, match=rf"is at work from {os.uname().nodename}, until 20\d\d-"):
                waiting.__enter__()
        with lock(ServerLock(other), "web1", wait=0):
            pass


def test_a_lock_that_has_expired_goes_to_one_alone(server: Server, www: Path) -> None:
    www.mkdir()
    past = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1)
    (www / LOCK).write_bytes(Holder("gone", "it's another\nmachine", past).as_bytes())
    expected = (www / LOCK).read_bytes()
    taken: list[int] = []
    with contextlib.ExitStack() as held:
        stores = [ServerLock(held.enter_context(connected(server, www))) for _ in range(4)]
        barrier = threading.Barrier(len(stores))

        def take(at: int) -> None:
            barrier.wait()
            later = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)
            if stores[at].replace(Holder(f"token{at}", "here", later).as_bytes(), expected):
                taken.append(at)

        threads = [threading.Thread(target=take, args=(at,)) for at in range(len(stores))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(taken) == 1
        assert f"token{taken[0]}" in (www / LOCK).read_text()


def test_a_lock_is_renewed_while_a_deploy_goes_on(server: Server, www: Path) -> None:
    with connected(server, www) as connection:
        store = ServerLock(connection)
        with lock(store, "web1") as holder:
            with renewed(store, holder, every=dt.timedelta(seconds=0.05)):
                end = time.monotonic() + 10
                while store.read() == holder.as_bytes() and time.monotonic() < end:
                    time.sleep(0.05)
            until = dt.datetime.fromisoformat(json.loads(store.read() or b"")["until"])
            assert until > holder.until
        assert store.read() is None


def test_a_deploy_that_lost_its_lock_switches_nothing(server: Server, www: Path) -> None:
    other = Holder("other", "elsewhere", dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1))
    with target_at(server, www) as target:
        send(target, version(1))
        (www / LOCK).write_bytes(other.as_bytes())
        with pytest.raises(OutsideError, match=r"took over.* Readers still get what they got before"):
            send(target, version(2))
    assert assert_whole(www) == "1"
    assert (www / LOCK).read_bytes() == other.as_bytes()


# What is broken off


def test_a_deploy_that_is_ended_at_any_moment_leaves_a_site_that_works(server: Server, www: Path) -> None:
    chance = random.Random(SEED)
    with target_at(server, www) as target:
        send(target, version(1))
    for number in (signal.SIGKILL, signal.SIGINT, signal.SIGKILL, signal.SIGTERM):
        begun = _PROCESSES.Event()
        words = (begun, server.port, server.identity, server.known_hosts, www)
        process = _PROCESSES.Process(target=deploy_on, args=words)
        process.start()
        assert begun.wait(60)
        time.sleep(chance.uniform(0, 2))
        os.kill(process.pid or 0, number)
        process.join()
        assert_whole(www)
        assert_next_finishes(server, www, more=5)


def test_a_transfer_that_outlives_its_deploy_does_not_reach_the_next(server: Server, www: Path) -> None:
    partial = www / "releases/20000101T000000Z-0000.partial"
    partial.mkdir(parents=True)
    (partial / "index.html").write_text("old")
    folder = os.open(partial, os.O_DIRECTORY)  # as rsync at the server holds it

    def write(name: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.close(os.open(".draft", os.O_WRONLY | os.O_CREAT, dir_fd=folder))
            os.replace(".draft", name, src_dir_fd=folder, dst_dir_fd=folder)

    with target_at(server, www) as target:
        send(target, version(1), lambda: write("index.html"))
    write("index.html")
    os.close(folder)
    assert assert_whole(www) == "1"


@pytest.mark.parametrize("end", ["of rsync here", "of the session there"])
def test_a_transfer_that_is_killed_leaves_a_site_that_works(server: Server, www: Path, end: str) -> None:
    killed: list[int] = []

    def kill() -> None:
        pids = server.sessions() if end == "of the session there" else rsyncs()
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)

    with target_at(server, www) as target:
        send(target, version(1))
    with target_at(server, www) as target, pytest.raises(OutsideError) as caught:
        send(target, version(2, more=60), kill)
    assert killed
    assert "Readers still get what they got before." in str(caught.value)
    assert assert_whole(www) == "1"
    assert_next_finishes(server, www, more=60)


def rsyncs() -> list[int]:
    """Our own processes of rsync."""
    return [pid for pid in children(os.getpid()) if is_named(pid, "rsync")]


def test_forgetting_that_is_broken_off_is_finished_by_another_attempt(
    ssh_programs: None, www: Path, tmp_path: Path
) -> None:
    tools, broken = tmp_path / "tools", tmp_path / "broken"
    tools.mkdir()
    for name in ("sh", "cat", "mkdir", "ln", "mv", "rmdir", "find", "xargs", "grep", "wc", "sed"):
        (tools / name).symlink_to(shutil.which(name) or "")
    for name in ("rsync", "sha256sum"):
        (tools / name).symlink_to(shutil.which(name) or "")
    (tools / "rm").write_text(
        f'#!/bin/sh\nword=$(cat "{broken}" 2>/dev/null) || exec {shutil.which("rm")} "$@"\n'
        f'case "$*" in *"$word"*) echo "rm: $word: Input/output error" >&2; exit 1 ;; esac\n'
        f'exec {shutil.which("rm")} "$@"\n'
    )
    (tools / "rm").chmod(0o755)
    with running(tmp_path / "sshd", tools=tools) as server:
        with target_at(server, www) as target:
            names = [send(target, version(number))[0].release for number in (1, 2, 3)]
        with target_at(server, www) as target:
            for word in (f"style.{1:010x}.css", f"{names[0]}.partial"):
                broken.write_text(word)
                with pytest.raises(OutsideError, match=r"Readers still get .*Input/output error"):
                    target.forget()
                assert assert_whole(www) == "3"
            assert [item.name for item in target.releases()] == [names[2]]
            broken.unlink()
            assert target.forget().files == ()
    assert [entry.name for entry in (www / "releases").iterdir()] == [names[2]]
    assert not list(www.rglob(f"style.{1:010x}.css"))
    assert assert_whole(www) == "3"


def test_a_connection_that_is_cut_leaves_a_site_that_works(server: Server, www: Path, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    with target_at(server, www) as target:
        send(target, version(1))
    for number, after in enumerate((chance.randrange(500, 2500), 9_000, chance.randrange(20_000, 1_000_000))):
        cutting = Cutting(server.port, after)
        file = known(tmp_path, f"known{number}", cutting.port, server.identity.with_name("host"))
        with (
            pytest.raises(OutsideError) as caught,
            target_at(replace(server, port=cutting.port, known_hosts=file), www) as target,
        ):
            send(target, version(number + 2, more=30))
        cutting.close()
        assert cutting.was_cut
        assert re.search(r"Nothing was sent|Readers still get what they got before", str(caught.value))
        assert_whole(www)
    assert_next_finishes(server, www, more=30)


def test_a_full_disk_leaves_a_site_that_works(server: Server, www: Path) -> None:
    www.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", www], capture_output=True)
    if mounted.returncode:
        pytest.skip("this user may not mount a small disk")
    try:
        with target_at(server, www, keep=1) as target:
            send(target, version(1))
            with pytest.raises(
                OutsideError, match=r"disk (of 127.0.0.1|there) is full.* Readers still get what they got"
            ):
                send(target, version(2, more=40))
            assert assert_whole(www) == "1"
        assert_next_finishes(server, www, more=5)
    finally:
        subprocess.run(["umount", "-l", www], check=True)


def test_files_that_change_while_they_are_sent_are_not_shown(server: Server, www: Path) -> None:
    changed = {path: replace(file, digest="0" * 64) for path, file in files_of({"index.html": "x"}).items()}
    with target_at(server, www) as target:
        send(target, version(1))
        with pytest.raises(OutsideError, match=r"1 files arrived with other content .* index.html"):
            send(target, changed)
    assert assert_whole(www) == "1"


def test_the_start_up_files_of_the_account_may_not_talk(
    ssh_programs: None, www: Path, tmp_path: Path
) -> None:
    if not pwd.getpwuid(os.getuid()).pw_shell.endswith("/bash"):
        pytest.skip("only bash reads a start-up file for every command")
    with running(tmp_path / "sshd") as server:
        (tmp_path / "sshd/.bashrc").write_text("echo Velkommen\n")
        assert "answers «Velkommen»" in refused(server, www)
