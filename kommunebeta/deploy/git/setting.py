"""What the settings say of a branch that pages are served from."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from kommunebeta.deploy.git.repository import Author
from kommunebeta.deploy.git.said import remote_of
from kommunebeta.deploy.target import TargetSetting

_BRANCH = re.compile(
    r"(?!.*(?:\.\.|//|/\.|@\{|\.lock(?:/|$)))[^\x00-\x20\x7f~^:?*\[\\/.-][^\x00-\x20\x7f~^:?*\[\\]*(?<![/.])"
)
"""Source: git-check-ref-format(1)."""
_AUTHOR = re.compile(r"\s*([^<>\x00-\x1f]+?)\s*<([^<>\s]+@[^<>\s]+)>\s*")


class History(StrEnum):
    """What becomes of earlier states of the branch."""

    KEPT = "kept"
    SINGLE = "single"


def _remote(text: str) -> str:
    if remote_of(text) is None:
        raise PydanticCustomError(
            "remote",
            "it is not an address that git may push to. Write git@example.org:kommune/beta.git, "
            "ssh://…, https://… without a password, or a folder",
        )
    return text


def _branch(text: str) -> str:
    if not _BRANCH.fullmatch(text) or text == "HEAD" or text.startswith("refs/"):
        raise PydanticCustomError("branch", "it is not the name of a branch. Write it as in «pages»")
    return text


def _author(text: str) -> str:
    if text and not _AUTHOR.fullmatch(text):
        raise PydanticCustomError("author", "it is not a name and an address. Write Name <name@example.org>")
    return text


class GitSetting(TargetSetting):
    """A branch of a remote repository."""

    remote: Annotated[str, AfterValidator(_remote)] = Field(
        description="The repository: `git@example.org:kommune/beta.git`, `ssh://…`, `https://…` or a folder; "
        "never with a password in it."
    )
    branch: Annotated[str, AfterValidator(_branch)] = Field("pages", description="The branch there.")
    history: History = Field(
        History.KEPT,
        description="`kept`: each deploy is a commit on top of the last one. `single`: the branch is "
        "replaced by one commit each time, so that it does not grow; there is no return then.",
    )
    cname: str = Field(
        "",
        pattern=r"^$|^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$",
        description="Domain of one's own, written as `CNAME` for GitHub Pages.",
    )
    force: bool = Field(
        False,
        description="Replace the branch, as `history: single` and `deploy forget` do, even if commits of "
        "others are lost by that.",
    )
    author: Annotated[str, AfterValidator(_author)] = Field(
        "",
        description="Who commits, as `Name <name@example.org>`; else Kommunebeta with a no-reply address of "
        "the site's host, and never the person at the keyboard.",
    )
    identity: str = Field(
        "", description="File of the private key for ssh, relative to the site, `~` allowed."
    )
    known_hosts: str = Field(
        "", description="File of the server's public key, relative to the site; else `~/.ssh/known_hosts`."
    )


def author_of(text: str, base_url: str) -> Author:
    """Who commits: as the settings say, else a role of the site's host."""
    if found := _AUTHOR.fullmatch(text):
        return Author(found[1], found[2])
    return Author("Kommunebeta", f"no-reply@{urlsplit(base_url).hostname or 'localhost'}")
