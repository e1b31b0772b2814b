"""One connection to a server by the system's ssh, on which every step and every transfer runs.

The first ``ssh`` is the master of a shared connection (ssh_config(5): ControlMaster); all others go through
its socket, and reach nothing without it. Its life is tied to ours: it reads from a pipe that ends with us,
and what runs at the server then frees our lock. So a deploy that was killed holds up nobody.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import IO

from kommunebeta.deploy.ssh.said import STAYS, Way, tail, why_failed, why_not_connected
from kommunebeta.errors import OutsideError

# The login shell of the user there may be any (fish, csh): it only gets to see this. The script comes as the
# first line of standard input, which POSIX lets «read» take without touching what follows.
_RUN = """exec sh -c 'read -r s && eval "$(printf %b "$s")"'"""

LOST = 255
"""Status of ssh where the connection is not there or was lost."""

IN_FOLDER = 'cd -P -- "$1" || exit 3\nshift\n'
"""How scripts begin that work in the folder; its path is their first argument."""

_STRICT = (
    "BatchMode=yes",
    "StrictHostKeyChecking=yes",
    "UpdateHostKeys=no",
    "NoHostAuthenticationForLocalhost=no",
    "LogLevel=ERROR",
    "ConnectTimeout=20",
    "ServerAliveInterval=15",
    "ServerAliveCountMax=4",
    "ControlPersist=no",
    "ClearAllForwardings=yes",
    "ForwardAgent=no",
    "PermitLocalCommand=no",
    "RemoteCommand=none",
    "RequestTTY=no",
)
_LONGEST_FOLDER = (
    60  # a socket's path has about a hundred bytes in all (unix(7)), and ssh adds some of its own
)

# Holds on until we let go or are gone, and then removes our lock, if it still is ours. More than once: a step
# that was on its way when we were killed may take it yet.
_SESSION = """\
printf 'ready\\n'
token=
while IFS= read -r line; do token=$line; done
[ -n "$token" ] || exit 0
cd -P -- "$1" || exit 0
for again in 1 2 3; do
    case $(cat "$2" 2>/dev/null) in *"$token"*) rm -f -- "$2" ;; esac
    sleep 1
done
"""


class Connection:
    """A connection; a context manager.

    Attributes:
        way: how the server is reached.
    """

    def __init__(self, way: Way, lock: str) -> None:
        """Nothing is done before it is entered.

        Args:
            way: how the server is reached.
            lock: name of the lock file in the way's folder, which is freed when we are gone.
        """
        self.way = way
        self._lock = lock
        self._held = contextlib.ExitStack()
        self._folder = Path()
        self._master: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Connection:
        with contextlib.ExitStack() as held:
            self._folder = Path(held.enter_context(_short_folder()))
            self._start()
            held.callback(self._end)
            self._greet()
            self._held = held.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._held.close()

    @property
    def client(self) -> tuple[str, ...]:
        """The command that goes through the connection, and fails where it is no longer there."""
        options = ("-F", "/dev/null", "-o", "ProxyCommand=false", "-o", "BatchMode=yes")
        return ("ssh", "-S", str(self._folder / "s"), *options, "-T")

    def run(self, script: str, *words: str, data: bytes = b"", state: str = STAYS) -> bytes:
        """Run a script of POSIX sh at the server.

        Args:
            script: the script.
            words: its arguments.
            data: its standard input.
            state: what readers get if it fails.

        Returns:
            What it wrote.

        Raises:
            OutsideError: it failed, or the connection was lost.
        """
        code, out, said = self.attempt(script, *words, data=data)
        if code:
            raise self.failure(code, said, state)
        return out

    def attempt(self, script: str, *words: str, data: bytes = b"") -> tuple[int, bytes, str]:
        """The same for scripts that may fail: status (255 without a connection), output and errors."""
        done = subprocess.run(
            [*self.client, "--", "server", _RUN],
            input=_line(script, words) + data,
            capture_output=True,
            env=_environment(),
        )
        return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace")

    def failure(self, code: int, said: str, state: str = STAYS) -> OutsideError:
        """What a failed step is told as.

        Args:
            code: its status.
            said: what it wrote.
            state: what readers get.
        """
        if "refused by peer" in said:
            return OutsideError(
                f"{self.way.host} allows too few sessions in one connection. {state} Let MaxSessions in its "
                f"sshd_config be 10, as is usual."
            )
        return OutsideError(why_failed(self.way, "" if code == LOST else said or f"status {code}", state))

    def hold(self, token: str) -> None:
        """Name the holder whose lock is to be freed when we are gone; none for an empty text."""
        with contextlib.suppress(OSError):  # the next step tells of a lost connection
            pipe = self._pipe
            pipe.write(f"{token}\n".encode())
            pipe.flush()

    @property
    def _pipe(self) -> IO[bytes]:
        if self._master is None or self._master.stdin is None:
            raise OSError("not connected")
        return self._master.stdin

    def _start(self) -> None:
        if not shutil.which("ssh"):
            raise OutsideError("There is no ssh on this machine. Install OpenSSH (Debian: openssh-client).")
        strict = [word for option in _STRICT for word in ("-o", option)]
        with (self._folder / "said").open("wb") as said:
            self._master = subprocess.Popen(
                [
                    *("ssh", "-M", "-S", str(self._folder / "s"), "-T"),
                    *strict,
                    *self.way.options,
                    *("--", self.way.host, _RUN),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                env=_environment(),
                start_new_session=True,  # Ctrl+C is for us, and a jump host's ssh has no terminal to ask on
            )

    def _greet(self) -> None:
        with contextlib.suppress(OSError):
            self._pipe.write(_line(_SESSION, (self.way.path, self._lock)))
            self._pipe.flush()
        out = self._master.stdout if self._master else None
        first = out.readline() if out else b""
        if first == b"ready\n":
            return
        if first:
            shown = tail(first.decode("utf-8", "replace"))
            raise OutsideError(
                f"The account at {self.way.host} answers «{shown}» instead of running a command. Nothing was "
                f"sent. Its shell must run commands, and write nothing of its own before (look at ~/.bashrc "
                f"there)."
            )
        if self._master:
            self._master.wait()
        said = (self._folder / "said").read_text("utf-8", "replace")
        raise OutsideError(why_not_connected(self.way, said))

    def _end(self) -> None:
        if self._master is None:
            return
        self.hold("")
        with contextlib.suppress(OSError):
            self._pipe.close()
        try:
            self._master.wait(5)
        except subprocess.TimeoutExpired:
            self._master.kill()
            self._master.wait()
        if self._master.stdout:
            self._master.stdout.close()


def _line(script: str, words: tuple[str, ...]) -> bytes:
    """A script with its arguments as one line, for ``printf %b``."""
    text = f"export LC_ALL=C; umask 022; set -- {shlex.join(words)}\n{script}"
    return text.replace("\\", "\\\\").replace("\n", "\\n").encode("utf-8", "surrogateescape") + b"\n"


def _environment() -> dict[str, str]:
    """Ours, with errors in the words that we look for, and without programs that ask people."""
    asking = ("SSH_ASKPASS", "SSH_ASKPASS_REQUIRE")
    kept = {key: value for key, value in os.environ.items() if key not in asking}
    return {**kept, "SSH_ASKPASS_REQUIRE": "never", "LC_ALL": "C"}


def _short_folder() -> tempfile.TemporaryDirectory[str]:
    """A private folder for the socket: without blanks, for rsync takes the command for ssh apart at them."""
    usual = tempfile.gettempdir()
    fits = len(usual) <= _LONGEST_FOLDER and not any(sign in usual for sign in " '\"%")
    return tempfile.TemporaryDirectory(
        prefix="kb-", dir=usual if fits else "/tmp", ignore_cleanup_errors=True
    )
