"""What ssh, rsync and a server said when something failed, as one sentence that says what to do."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

STAYS = "Readers still get what they got before."
"""What is true of every failure before the switch."""

_LONGEST = 300
_LOST = re.compile(
    r"Broken pipe|Connection (reset|closed|to .* closed|timed out)|unexpectedly closed|closed by remote|"
    r"Timeout, server|mux_client|Control socket|connection unexpectedly|Shared connection",
    re.I,
)
_FULL = re.compile(r"No space left|quota exceeded|disc full|File too large", re.I)
_OFFENDING = re.compile(r"Offending (?:\S+ )?key in (.+:\d+)")


@dataclass(frozen=True, slots=True)
class Way:
    """How a server is reached.

    Attributes:
        host: its name, or an alias of the user's ssh configuration.
        path: the folder there.
        user: the user there; empty for what the configuration says.
        port: the port there; 0 for what the configuration says.
        identity: file of the key; None for the agent and the configuration.
        known_hosts: file of host keys; None for the user's.
        config: file of ssh's configuration; None for the user's.
    """

    host: str
    path: str
    user: str = ""
    port: int = 0
    identity: Path | None = None
    known_hosts: Path | None = None
    config: Path | None = None

    @property
    def place(self) -> str:
        """The folder, for people."""
        return f"{self.host}:{self.path.removeprefix('./')}"

    @property
    def options(self) -> tuple[str, ...]:
        """These as options of ssh, which reads more than paths in paths: ``%`` is doubled."""
        options: list[str] = []
        if self.config:
            options += ["-F", str(self.config)]
        if self.user:
            options += ["-l", self.user]
        if self.port:
            options += ["-p", str(self.port)]
        if self.identity:
            options += ["-i", str(self.identity).replace("%", "%%"), "-o", "IdentitiesOnly=yes"]
        if self.known_hosts:
            file = str(self.known_hosts).replace("%", "%%")
            options += ["-o", f'UserKnownHostsFile="{file}"' if " " in file else f"UserKnownHostsFile={file}"]
        return tuple(options)

    @property
    def by_hand(self) -> str:
        """The command by which a person reaches it."""
        return shlex.join(["ssh", *self.options, self.host])


def why_not_connected(way: Way, said: str) -> str:
    """Why a connection did not come about, and what to do.

    Args:
        way: how the server was to be reached.
        said: what ssh wrote.
    """
    host = way.host
    if "REVOKED HOST KEY" in said:
        return f"The key that {host} showed is marked as revoked. {_NOTHING} Ask those who run the server."
    if "IDENTIFICATION HAS CHANGED" in said:
        return _changed(way, said)
    if "host key is known for" in said or "Host key verification failed" in said:
        return (
            f"No file of known hosts holds the key of {host}. {_NOTHING} Ask those who run the server for "
            f"the key's fingerprint; then run «{way.by_hand}» yourself, compare, and answer yes."
        )
    if "private key file" in said.lower() and "too open" in said:
        return (
            f"Others may read the file of the key. {_NOTHING} Run «chmod 600» on it. ssh says: {tail(said)}"
        )
    if "Permission denied" in said or "Too many authentication failures" in said:
        return (
            f"{host} lets nobody in with the keys that were offered. {_NOTHING} The public key must stand in "
            f"~/.ssh/authorized_keys there, and a key with a passphrase must be in the agent («ssh-add»). "
            f"Try «{way.by_hand}». ssh says: {tail(said)}"
        )
    if "Could not resolve" in said:
        return f"There is no host {host}. {_NOTHING} Look at «host» in the settings and at ~/.ssh/config."
    return f"{host} cannot be reached. {_NOTHING} Try «{way.by_hand}». ssh says: {tail(said)}"


_NOTHING = "Nothing was sent."


def _changed(way: Way, said: str) -> str:
    found = _OFFENDING.search(said)
    where = f" at {found[1].strip()}" if found else ""
    return (
        f"{way.host} showed another key than the known one{where}: it was set up anew, or somebody stands "
        f"between. {_NOTHING} Ask those who run the server for the new key's fingerprint. Only if they "
        f"name one: take the old line out, run «{way.by_hand}» yourself, compare, and answer yes."
    )


def why_failed(way: Way, said: str, state: str = STAYS) -> str:
    """Why a step at the server failed, and what to do.

    Args:
        way: how the server was reached.
        said: what the programs wrote.
        state: what readers get.
    """
    host = way.host
    if _FULL.search(said):
        return (
            f"The disk of {host} is full, or the user's part of it. {state} Make room there or lower «keep», "
            f"and run it again: what has been sent is not sent twice."
        )
    if "status 11" in said:  # rsync's for files; what its other end said of it may get lost when it ends
        return (
            f"rsync could not write at {host}: most often the disk there is full, or the user's part of it. "
            f"{state} Make room there or lower «keep», and deploy again; nothing is sent twice."
        )
    if "Read-only file system" in said:
        return f"{way.place} cannot be written to: the disk is mounted read-only. {state}"
    if "Permission denied" in said or "Operation not permitted" in said:
        return (
            f"The user at {host} may not write where it must. {state} Let {way.path} and all below belong to "
            f"that user. {host} says: {tail(said)}"
        )
    if not said.strip() or _LOST.search(said):
        return (
            f"The connection to {host} was lost. {state} Run it again: what has been done is not done twice."
        )
    return f"A step failed at {way.place}. {state} {host} says: {tail(said)}"


def tail(said: str) -> str:
    """The line that tells most of what programs wrote, fit to be shown."""
    lines = [line for line in map(str.strip, said.splitlines()) if line]
    telling = [line for line in lines if not line.startswith(("rsync error:", "rsync warning:"))] or lines
    line = telling[-1] if telling else "nothing"
    shown = "".join(sign if sign.isprintable() else " " for sign in line)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"
