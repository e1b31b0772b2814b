"""A real ssh server of the tests: on 127.0.0.1, with keys of its own, for the user who runs them; and deploys there."""

from __future__ import annotations

import contextlib
import datetime as dt
import getpass
import os
import random
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from pathlib import Path

from kommunebeta.deploy.parcel import LocalFile, Parcel, made_file, parcel_of
from kommunebeta.deploy.ssh.target import SshSetting, SshTarget
from kommunebeta.deploy.target import Surroundings

_SEPARATION = Path("/run/sshd")  # an empty folder that sshd needs when root starts it


@dataclass(frozen=True)
class Server:
    """A server that runs.

    Attributes:
        port: where it listens.
        identity: a private key that it lets in.
        known_hosts: a file that knows its key.
        process: the process that listens.
    """

    port: int
    identity: Path
    known_hosts: Path
    process: subprocess.Popen[bytes]

    def sessions(self) -> list[int]:
        """The processes of sshd that serve connections."""
        found = children(self.process.pid)
        return [*found, *(pid for child in found for pid in children(child) if is_named(pid, "sshd"))]


def key_in(folder: Path, name: str) -> Path:
    """A new key without a passphrase."""
    file = folder / name
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file], check=True)
    return file


def known(folder: Path, name: str, port: int, host_key: Path) -> Path:
    """A file of known hosts that holds one key."""
    kind, data = host_key.with_suffix(".pub").read_text("ascii").split()[:2]
    file = folder / name
    file.write_text(f"[127.0.0.1]:{port} {kind} {data}\n", "ascii")
    return file


@contextlib.contextmanager
def running(folder: Path, *more: str, tools: Path | None = None) -> Iterator[Server]:
    """Start one, and stop it in the end.

    Args:
        folder: where its files are kept.
        more: further lines of its configuration.
        tools: a folder of programs that are the only ones its sessions find.
    """
    folder.mkdir(parents=True, exist_ok=True)
    host_key, identity = key_in(folder, "host"), key_in(folder, "identity")
    shutil.copyfile(folder / "identity.pub", folder / "authorized")
    if os.geteuid() == 0:
        _SEPARATION.mkdir(mode=0o755, exist_ok=True)
    port = free_port()
    lines = [
        f"Port {port}",
        "ListenAddress 127.0.0.1",
        f'HostKey "{host_key}"',
        f'AuthorizedKeysFile "{folder / "authorized"}"',
        "PidFile none",
        "UsePAM no",
        "StrictModes no",
        "PermitRootLogin prohibit-password",
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "PrintMotd no",
        " ".join(("SetEnv", f'"HOME={folder}"', *((f'"PATH={tools}"',) if tools else ()))),
        *more,
    ]  # another HOME, lest the own start-up files of the one who tests slow each step down
    configuration = folder / "sshd_config"
    configuration.write_text("\n".join(lines) + "\n", "utf-8")
    program = shutil.which("sshd") or "/usr/sbin/sshd"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [program, "-D", "-e", "-f", configuration], stdin=subprocess.DEVNULL, stderr=log
        )
    try:
        _wait(port, process, folder / "log")
        yield Server(port, identity, known(folder, "known hosts", port, host_key), process)
    finally:
        for pid in (*Server(port, identity, host_key, process).sessions(), process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


def target_at(
    server: Server, path: Path | str, *, base_url: str = "https://beta.test/", **more: object
) -> SshTarget:
    """A target there."""
    setting = {
        "kind": "ssh",
        "host": "127.0.0.1",
        "path": str(path),
        "user": getpass.getuser(),
        "port": server.port,
        "identity": str(server.identity),
        "known_hosts": str(server.known_hosts),
        **more,
    }
    return SshTarget(SshSetting.model_validate(setting), Surroundings(Path("/"), base_url, "server"))


def files_of(contents: Mapping[str, str | bytes]) -> dict[str, LocalFile]:
    """Files that exist nowhere yet."""
    return {
        path: made_file(path, data.encode() if isinstance(data, str) else data)
        for path, data in contents.items()
    }


def send(
    target: SshTarget,
    files: Mapping[str, LocalFile],
    told: Callable[[], None] = lambda: None,
    *,
    everything: bool = False,
) -> tuple[Parcel, list[int]]:
    """Deploy to a target that has been entered: the parcel, and the sizes that were told of."""
    now = dt.datetime.now(dt.UTC)
    parcel = parcel_of(files, target.look(), f"{now:%Y%m%dT%H%M%SZ}-{now:%f}", now, everything=everything)
    sizes: list[int] = []

    def count(_: int, size: int) -> None:
        sizes.append(size)
        told()

    target.send(parcel, count)
    return parcel, sizes


def version(number: int, more: int = 0) -> dict[str, LocalFile]:
    """A site whose page names its asset, and some files beside that."""
    asset = f"style.{number:010x}.css"
    noise = {f"bilder/{at}.bin": random.Random(f"{number} {at}").randbytes(40_000) for at in range(more)}
    return files_of({"index.html": f"<link href={asset}> {number}", asset: f"/* {number} */", **noise})


def deploy_on(begun: Event, port: int, identity: Path, known_hosts: Path, path: Path) -> None:
    """Deploy one version after the other until somebody ends us."""
    begun.set()
    server = Server(port, identity, known_hosts, subprocess.Popen(["true"]))
    for number in range(1000, 2000):
        with target_at(server, path) as target:
            send(target, version(number, more=5))


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise RuntimeError(f"sshd did not start: {log.read_text('utf-8', 'replace')}")


def children(pid: int) -> list[int]:
    """Processes that a process has started and not let go of."""
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def is_named(pid: int, name: str) -> bool:
    """Whether a process runs a program of that name."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text().strip() == name
    return False


class Cutting:
    """A way to a server that is cut after so many bytes to it."""

    def __init__(self, port: int, after: int) -> None:
        self._to, self._left = port, after
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self.was_cut = False
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client = self._listening.accept()[0]
                server = socket.create_connection(("127.0.0.1", self._to))
                for source, sink, counted in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._pass, args=(source, sink, counted), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, counted: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(4096):
                if counted:
                    self._left -= len(data)
                    if self._left < 0:
                        self.was_cut = True
                        break
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def close(self) -> None:
        """Listen no longer."""
        self._listening.close()
