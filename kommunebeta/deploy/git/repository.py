"""A repository of our own in a temporary folder: the only one that git is ever told of beside the remote.

Git is told by the environment which repository, index and configuration to use, so that a writer's checkout
is neither found nor touched, wherever the command is run from. No hooks, filters, attributes or templates of
the writer are used; files are stored byte by byte.
"""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import hashlib
import os
import shlex
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from kommunebeta.deploy.git.said import Remote, line_of, why_not_reached
from kommunebeta.deploy.parcel import LocalFile, parts
from kommunebeta.deploy.ssh.said import STAYS, Way
from kommunebeta.errors import OutsideError

TOKEN = "KOMMUNEBETA_GIT_TOKEN"
"""Variable of the environment that may hold a token for ``https:``."""

FILE = "100644"
"""Mode of a plain file."""

WHOLE = (1 << 31) - 1
"""Depth of a whole history, as git has it (git-fetch(1), shallow.adoc)."""

_AT_ONCE = 1 << 20
_KEPT = ("GIT_ASKPASS", "GIT_SSL_", "GIT_PROXY_", "GIT_HTTP_PROXY_", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM")
_SETTINGS: Mapping[str, str] = {
    "core.hooksPath": os.devnull,
    "core.attributesFile": os.devnull,
    "core.autocrlf": "false",
    "core.quotePath": "false",
    "core.fsmonitor": "false",
    "core.precomposeUnicode": "false",
    "core.ignoreCase": "false",
    "i18n.commitEncoding": "utf-8",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "pack.useSparse": "false",
    "push.followTags": "false",
    "push.gpgSign": "false",
    "push.recurseSubmodules": "no",
    "fetch.recurseSubmodules": "no",
    "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "60",
}
"""What may differ in the writer's own configuration, and must not."""

_SSH = (
    "ssh",
    *("-o", "BatchMode=yes"),
    *("-o", "StrictHostKeyChecking=yes"),
    *("-o", "ConnectTimeout=15"),
    *("-o", "ServerAliveInterval=15"),
    *("-o", "ServerAliveCountMax=4"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a tree.

    Attributes:
        mode: such as ``100644``; ``120000`` for a link, ``160000`` for a repository within.
        id: of what it holds.
    """

    mode: str
    id: str


@dataclass(frozen=True, slots=True)
class Author:
    """Who commits.

    Attributes:
        name: such as ``Kommunebeta``.
        mail: an address.
    """

    name: str
    mail: str


@dataclass(frozen=True, slots=True)
class Pushed:
    """How a push ended.

    Attributes:
        done: whether the branch is there now.
        said: what git and the server wrote.
    """

    done: bool
    said: str


class Repository:
    """See the module."""

    def __init__(self, folder: Path, remote: Remote, way: Way) -> None:
        self._folder = folder
        self._remote = remote
        self._way = way
        self._environment = _environment(folder, remote, way)
        self._made = ""
        self._seen = ""

    def tip(self, branch: str) -> str:
        """The id of a branch's last commit at the remote; empty where there is no such branch.

        Raises:
            OutsideError: the remote cannot be reached.
        """
        name = f"refs/heads/{branch}"
        said = self._asked("ls-remote", "--", self._remote.url, name, "HEAD").decode()
        found = {ref: commit for commit, _, ref in (line.partition("\t") for line in said.splitlines())}
        self._seen = next(iter(found.values()), "")
        return found.get(name, "")

    def make(self, like: str = "") -> None:
        """Make it, with ids of the same kind as a given one, or as those seen at the remote."""
        form = "sha256" if len(like or self._seen) == 64 else "sha1"
        self._run("init", "--quiet", "--bare", "--template=", f"--object-format={form}", str(self._folder))
        self._run("config", "remote.origin.url", self._remote.url)
        self._made = form

    def fetch(self, branch: str, *, depth: int = 1, contents: bool = False) -> str:
        """Fetch a branch's last commits: what files hold only if asked, where the server knows how.

        Returns:
            The id of the last one.

        Raises:
            OutsideError: the remote cannot be reached, or the branch is gone.
        """
        less = () if contents else ("--filter=blob:none",)
        options = ("--quiet", "--no-tags", "--no-write-fetch-head", f"--depth={depth}", *less)
        self._asked("fetch", *options, "origin", f"+refs/heads/{branch}:refs/fetched")
        return self._run("rev-parse", "--verify", "refs/fetched").decode().strip()

    def tree(self, commit: str) -> dict[str, Entry]:
        """What a commit holds, by path."""
        entries = {}
        for line in self._run("ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0")[:-1]:
            head, _, path = line.partition(b"\t")
            mode, _, name = head.decode().split(" ")
            entries[os.fsdecode(path)] = Entry(mode, name)
        return entries

    def log(self, commit: str, *formats: str, most: int = 1) -> list[list[str]]:
        """Commits, the last one first, as values of git's formats such as ``%H``."""
        form = "%x1f".join(formats)
        options = ("-z", "--first-parent", "--no-show-signature", f"--max-count={most}")
        date = "--date=format:%Y-%m-%d %H:%M"
        said = self._run("log", *options, date, f"--format=tformat:{form}", commit).decode("utf-8", "replace")
        return [
            [_printable(value) for value in item.split("\x1f", len(formats) - 1)]
            for item in said.split("\0")[:-1]
        ]

    def read(self, name: str) -> bytes:
        """What a file of a tree holds, fetched if it is not here."""
        return self._asked("cat-file", "blob", name)

    def digests(self, names: Iterable[str]) -> dict[str, str]:
        """SHA-256 in hex of what files of trees hold, by their ids."""
        wanted = list(dict.fromkeys(names))
        found: dict[str, str] = {}
        with tempfile.TemporaryFile() as asked:
            asked.write("".join(f"{name}\n" for name in wanted).encode())
            asked.seek(0)
            with self._talking("cat-file", "--batch", "--buffer", asked=asked) as (_, get):
                for name in wanted:
                    head = get.readline().split()
                    if len(head) == 3:
                        found[name] = _digest_of(get, int(head[2]))
                        get.read(1)
        return found

    def id_of(self, file: LocalFile) -> str:
        """The id that a file has in a tree.

        Raises:
            OutsideError: it cannot be read, or has changed.
        """
        digest = hashlib.new(self._made or "sha1", b"blob %d\0" % file.size)
        for data in parts(file, STAYS):
            digest.update(data)
        return digest.hexdigest()

    def store(self, files: Iterable[LocalFile]) -> Iterator[tuple[LocalFile, str]]:
        """Store files here, byte by byte.

        Yields:
            Each, and its id.

        Raises:
            OutsideError: a file changes meanwhile, or a disk fails.
        """
        with self._talking("fast-import", "--quiet", "--done") as (put, get):
            for file in files:
                put.write(b"blob\ndata %d\n" % file.size)
                yield file, self._put(file, put)
                put.write(b"\n")
            put.write(b"done\n")
            put.close()
            get.read()

    def _put(self, file: LocalFile, stream: IO[bytes]) -> str:
        name = hashlib.new(self._made, b"blob %d\0" % file.size)
        for data in parts(file, STAYS):
            name.update(data)
            stream.write(data)
        return name.hexdigest()

    def write_tree(self, base: str, changes: Mapping[str, Entry | None]) -> str:
        """The id of a tree that is another one with changes.

        Args:
            base: commit to begin with; empty for nothing.
            changes: by path; None takes an entry out.
        """
        zero = "0" * (64 if self._made == "sha256" else 40)
        self._run("read-tree", base or "--empty")
        gone = [f"0 {zero}\t{path}" for path, entry in changes.items() if entry is None]
        come = [f"{entry.mode} {entry.id}\t{path}" for path, entry in changes.items() if entry]
        lines = "".join(f"{line}\0" for line in (*gone, *come))
        self._run("update-index", "-z", "--index-info", data=os.fsencode(lines))
        return self._run("write-tree", "--missing-ok").decode().strip()

    def commit(self, tree: str, parent: str, message: str, author: Author, now: dt.datetime) -> str:
        """The id of a new commit."""
        moment = f"@{int(now.timestamp())} +0000"
        who = {
            f"GIT_{role}_{part}": value
            for role in ("AUTHOR", "COMMITTER")
            for part, value in (("NAME", author.name), ("EMAIL", author.mail), ("DATE", moment))
        }
        after = ("-p", parent) if parent else ()
        said = self._run("commit-tree", tree, *after, "-F", "-", data=message.encode(), more=who)
        return said.decode().strip()

    def push(self, commit: str, branch: str, replaces: str | None) -> Pushed:
        """Let a branch at the remote end with a commit.

        Args:
            commit: which.
            branch: the branch there.
            replaces: the commit that the branch must end with now, though ours does not follow it; None to
                put ours on top.
        """
        name = f"refs/heads/{branch}"
        # A commit that follows none shares nothing that is known to be there but by «--thin», as long as the
        # branch was fetched to a depth of one: else the whole site would be fetched, and sent again.
        way = ("--no-thin",) if replaces is None else ("--thin", f"--force-with-lease={name}:{replaces}")
        done = self._git("push", "--porcelain", "--no-verify", *way, "origin", f"{commit}:{name}")
        said = (done.stdout + b"\n" + done.stderr).decode("utf-8", "replace")
        return Pushed(done.returncode == 0, said)

    def _asked(self, *words: str) -> bytes:
        done = self._git(*words)
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace")
            raise OutsideError(why_not_reached(self._remote, self._way, said))
        return done.stdout

    def _run(self, *words: str, data: bytes = b"", more: Mapping[str, str] | None = None) -> bytes:
        done = self._git(*words, data=data, more=more)
        if done.returncode:
            raise _failed(words[0], done.stderr)
        return done.stdout

    def _git(
        self, *words: str, data: bytes = b"", more: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        environment = {**self._environment, **(more or {})}
        try:
            return subprocess.run(
                ["git", *words], input=data, capture_output=True, env=environment, cwd=self._folder.parent
            )
        except FileNotFoundError:
            raise OutsideError(
                "git is not installed on this machine. Nothing was sent. Install it (Debian: git)."
            ) from None

    @contextlib.contextmanager
    def _talking(self, *words: str, asked: IO[bytes] | None = None) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
        """A command that is written to, unless all that it is asked lies in a file, and read from."""
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(
                ["git", *words],
                stdin=asked or subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                env=self._environment,
                cwd=self._folder.parent,
            )
            put, get = process.stdin or asked, process.stdout
            if put is None or get is None:
                raise AssertionError
            try:
                with contextlib.suppress(BrokenPipeError):
                    yield put, get
                    process.wait()
            finally:
                with contextlib.suppress(OSError):
                    put.close()
                get.close()
                process.kill()
                process.wait()
            if process.returncode:
                said.seek(0)
                raise _failed(words[0], said.read())


def _failed(word: str, said: bytes) -> OutsideError:
    text = said.decode("utf-8", "replace")
    if "No space left" in text:
        return OutsideError(f"The disk of this machine's folder for temporary files is full. {STAYS}")
    return OutsideError(f"git {word} failed. {STAYS} It says: {line_of(text)}")


def _printable(text: str) -> str:
    """What somebody has written, fit to be shown."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _digest_of(stream: IO[bytes], size: int) -> str:
    digest = hashlib.sha256()
    while size:
        data = stream.read(min(size, _AT_ONCE))
        if not data:
            break
        digest.update(data)
        size -= len(data)
    return digest.hexdigest()


def _environment(folder: Path, remote: Remote, way: Way) -> dict[str, str]:
    """What git is told: our repository, no prompts, none of what a hook or a checkout has set."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name != TOKEN and (not name.startswith("GIT_") or name.startswith(_KEPT))
    }
    settings = [*_SETTINGS.items(), *_login(remote)]
    told = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings):
        told |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return {
        **kept,
        **told,
        "GIT_DIR": str(folder),
        "GIT_INDEX_FILE": str(folder.with_name("index")),
        "GIT_CEILING_DIRECTORIES": str(folder.parent),
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_ALLOW_PROTOCOL": remote.scheme,
        "GIT_TERMINAL_PROMPT": "0",
        "GCM_INTERACTIVE": "never",
        "SSH_ASKPASS_REQUIRE": "never",
        "GIT_SSH_VARIANT": "ssh",
        "GIT_SSH_COMMAND": shlex.join([*_SSH, *way.options]),
        "LC_ALL": "C",
        "LANGUAGE": "C",
    }


def _login(remote: Remote) -> list[tuple[str, str]]:
    """A token as git sends it with each request to the remote's host, and to no other."""
    token = os.environ.get(TOKEN, "")
    if not token or remote.scheme not in ("http", "https"):
        return []
    words = base64.b64encode(f"{remote.user or 'x-access-token'}:{token}".encode()).decode()
    host = f"[{remote.host}]" if ":" in remote.host else remote.host
    at = f"{remote.scheme}://{host}{f':{remote.port}' if remote.port else ''}/"
    return [(f"http.{at}.extraHeader", f"Authorization: Basic {words}"), ("credential.helper", "")]
