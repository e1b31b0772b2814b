"""What every kind of target can do, and what it says of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pydantic import ConfigDict, Field

from kommunebeta.deploy.hosts import Server
from kommunebeta.deploy.parcel import Parcel, There
from kommunebeta.validation import Edge

Told = Callable[[int, int], None]
"""Told of progress: how many more files, and how many more bytes, have been sent."""


class TargetSetting(Edge):
    """What the settings say of every target."""

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(description="Kind of target: `folder`, `ssh`, `object_store`, `git` or `netlify`.")
    url: str = Field(
        "",
        pattern=r"^$|^https?://\S+$",
        description="Address at which readers find the site there; else `base_url`.",
    )
    server: Server = Field(
        Server.ANY,
        description="What shows the site: `apache`, `nginx`, `caddy`, `iis`, `azure_static`, `netlify`, "
        "`cloudflare`, `github_pages` or `none`. It gets the files for servers that it reads, and no others; "
        "without it, all of them as they were built.",
    )


@dataclass(frozen=True, slots=True)
class Release:
    """A state of the site that a target keeps.

    Attributes:
        name: such as ``20261125T162455Z-3f9a``.
        current: whether readers get it.
        files: the number of its files; 0 when unknown.
        note: more words for people, such as a commit; may be empty.
    """

    name: str
    current: bool
    files: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What a target no longer keeps.

    Attributes:
        releases: the number of earlier releases that are gone.
        files: the paths of the files that are gone from what readers could get.
    """

    releases: int
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a target is told of the site.

    Attributes:
        site: the site folder; paths in the settings are relative to it.
        base_url: the site's address.
        name: the target's name in the settings.
        output: the folder in which the site is built, relative to it.
    """

    site: Path
    base_url: str
    name: str
    output: str = "public"


class Target(Protocol):
    """A place that a site is sent to. Used as a context manager, which lets go of connections and locks.

    Whatever fails outside (disk, network, server) is raised as ``OutsideError`` with one clear sentence.
    """

    def __enter__(self) -> Target:
        """Take hold of the target: connect, and lock it against other deploys where it can be locked.

        Raises:
            OutsideError: it cannot be reached, or another deploy holds the lock.
        """

    def __exit__(self, *error: Any) -> None:
        """Let go of it."""

    @property
    def place(self) -> str:
        """Where it is, for people: ``web1:/srv/www/beta``; without secrets."""

    @property
    def address(self) -> str:
        """Where readers find the site, or this deploy of it."""

    def look(self) -> There:
        """What lies there now."""

    def send(self, parcel: Parcel, told: Told) -> None:
        """Send what differs, in order, and let readers have it; an earlier attempt is finished."""

    def verify(self, expected: Mapping[str, str]) -> tuple[str, ...]:
        """Which of the files there do not hold what they should.

        Args:
            expected: SHA-256 in hex by path.

        Returns:
            Their paths; with the reason behind a colon, where there is more to say than that they differ.
        """

    def releases(self) -> tuple[Release, ...]:
        """The states that are kept, newest first; empty where none are."""

    def roll_back(self, release: str) -> Release:
        """Let readers have an earlier state.

        Args:
            release: its name; empty for the one before the current.

        Raises:
            UsageError: there is none of that name, or the target keeps none.
        """

    def forget(self) -> Forgotten:
        """Keep nothing but what the site consists of: no earlier states, and no files for open pages alone.

        What readers get stays as it is. Files that are not ours are left alone. An interrupted attempt leaves
        a site that works, and another one finishes it.

        Raises:
            UsageError: nothing of ours lies there, or the target cannot forget, and why.
        """


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of target.

    Attributes:
        setting: what the settings say of a target of this kind.
        open: makes the target; nothing is touched or asked before it is entered.
        server: what shows a site there, where the settings do not say.
        lifetimes: whether it keeps with each file for how long browsers may keep it.
        patience: seconds after which readers get what was sent, at the latest.
    """

    setting: type[TargetSetting]
    open: Callable[[Any, Surroundings], Target]
    server: Server = Server.ANY
    lifetimes: bool = False
    patience: float = 20.0
