"""Where a remote repository is, and what git and its server said when something failed, as one sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from kommunebeta.deploy.ssh.said import STAYS, Way, why_not_connected

_SCP = re.compile(r"(?:(?P<user>[\w.-]+)@)?(?P<host>[\w.-]{2,}|\[[0-9a-fA-F:]+\]):(?P<path>(?!//|:).+)")
_LONGEST = 400
_LOOP = ("localhost", "127.0.0.1", "::1")

_NOT_SSH = re.compile(
    r"Host key|IDENTIFICATION|Permission denied \(|resolve hostname|^ssh: |kex_|Connection ", re.M
)
_LOGIN = re.compile(
    r"Authentication failed|could not read (Username|Password)|HTTP Basic: Access denied|error: 401"
)
_RIGHTS = re.compile(
    r"error: 403|Write access to repository not granted|denied to|read[- ]only|not allowed to (push|upload)|"
    r"not authorized to write|DENIED by|insufficient permission|Permission denied$|"
    r"unable to create temporary object directory",
    re.I | re.M,
)
_ABSENT = re.compile(
    r"not found|could not be found|cannot find repository|not authorized to read|DENIED by|"
    r"does not appear to be a git repository|does not exist|No such file",
    re.I,
)
_LOST = re.compile(
    r"Broken pipe|Connection (reset|closed|timed out)|hung up|early EOF|timed out|Could not resolve host|"
    r"Failed to connect|RPC failed|unexpected disconnect|Operation too slow",
    re.I,
)
_AROUND = re.compile(
    r"^(fatal: Could not read from remote|Please make sure you have the|and the repository exists).*$",
    re.M,
)
"""What git adds to what ssh says."""

_FULL = re.compile(r"No space left|quota", re.I)
_FORCED = re.compile(r"non-fast-forward|force.push|FATAL: \+ refs/", re.I)
"""What git, GitHub and GitLab, and gitolite say of a push that replaces a branch."""

_OUTRUN = re.compile(
    r"\[rejected\] \((non-fast-forward|fetch first|stale info)\)|cannot lock ref|incorrect old value"
)


@dataclass(frozen=True, slots=True)
class Remote:
    """A remote repository.

    Attributes:
        url: as git is given it.
        scheme: ``ssh``, ``https``, ``http`` or ``file``.
        host: empty for a folder of this machine.
        user: empty where none is named.
        port: 0 where none is named.
    """

    url: str
    scheme: str
    host: str = ""
    user: str = ""
    port: int = 0

    @property
    def is_local(self) -> bool:
        """Whether it is reached without any network."""
        return self.scheme == "file" or self.host in _LOOP


def remote_of(text: str) -> Remote | None:
    """A remote as it is written in the settings; None where it is none that we may use.

    Refused are passwords, options, helpers (``ext::``) and ``http:`` and ``git:`` to other machines, since
    nobody could tell there who answers.
    """
    helper = "::" in re.sub(r"\[[0-9a-fA-F:]+\]", "", text)
    if not text or text.startswith("-") or helper or re.search(r"[\x00-\x1f\x7f]", text):
        return None
    if "://" not in text:
        found = _SCP.fullmatch(text)
        if found and "\\" not in text:
            return Remote(text, "ssh", found["host"].strip("[]"), found["user"] or "")
        return Remote(text, "file")
    try:
        split = urlsplit(text)
        port, host = split.port or 0, split.hostname or ""
    except ValueError:
        return None
    remote = Remote(text, split.scheme, host, split.username or "", port)
    if split.password is not None or host.startswith("-") or remote.user.startswith("-"):
        return None
    known = bool(host) if split.scheme in ("ssh", "https") else split.scheme == "file"
    return remote if known or (split.scheme == "http" and remote.is_local) else None


def was_outrun(said: str) -> bool:
    """Whether a push was refused since somebody else has pushed meanwhile."""
    return bool(_OUTRUN.search(said))


def was_forced(said: str) -> bool:
    """Whether a push was refused since it would have replaced the branch."""
    return bool(_FORCED.search(said))


def why_not_reached(remote: Remote, way: Way, said: str) -> str:
    """Why a repository could not be read, and what to do.

    Args:
        remote: the repository.
        way: how its server is reached, where that is by ssh.
        said: what git wrote.
    """
    nothing = "Nothing was sent."
    if remote.scheme == "ssh" and _NOT_SSH.search(said) and not _ABSENT.search(said):
        return why_not_connected(way, _AROUND.sub("", said))
    if _LOGIN.search(said):
        return (
            f"{remote.host} wants a login for {shown(remote)}. {nothing} Put a token that may write into the "
            f"environment as KOMMUNEBETA_GIT_TOKEN, or use an address for ssh; see docs/deploy-git.md."
        )
    if _ABSENT.search(said):
        return (
            f"There is no repository at {shown(remote)}, or this login may not see it. {nothing} Look at "
            f"«remote» in the settings. It says: {line_of(said)}"
        )
    return f"{shown(remote)} cannot be reached. {nothing} It says: {line_of(said)}"


def why_refused(remote: Remote, branch: str, said: str, hint: str = "") -> str:
    """Why a push was refused, and what to do.

    Args:
        remote: the repository.
        branch: the branch there.
        said: what git and the server wrote.
        hint: what else to do where the host has a rule against it.
    """
    where = f"{branch} at {shown(remote)}"
    if was_outrun(said):
        return f"Others push to {where} at the same time, twice in a row. {STAYS} Try again afterwards."
    if "hook declined" not in said and (_LOGIN.search(said) or _RIGHTS.search(said)):
        return (
            f"This login may read {shown(remote)} but not push to it. {STAYS} Give its key or token the "
            f"right to write. It says: {line_of(said)}"
        )
    if "[remote rejected]" in said:
        return (
            f"{shown(remote)} refused the push to {branch}. {STAYS} It says: {line_of(said)} If the branch "
            f"is protected, let this login push to it, or name another branch." + (f" {hint}" if hint else "")
        )
    if _FULL.search(said):
        return f"The disk of {remote.host or 'the repository'} is full. {STAYS} It says: {line_of(said)}"
    if _LOST.search(said):
        return f"The connection to {shown(remote)} was lost. {STAYS} Deploy again."
    return f"The push to {where} failed. {STAYS} It says: {line_of(said)}"


REPLACES = (
    "«history: single» replaces the branch each time, which this one does not allow: set «history: kept»."
)
FORGETS = "To forget, the branch must be replaced: allow forced pushes to it for as long as that takes."


def shown(remote: Remote) -> str:
    """A repository, for people."""
    return remote.url


def line_of(said: str) -> str:
    """What the server said, else what git said, in one line."""
    lines = [line.strip() for line in (_AROUND.sub("", said).strip() or said).splitlines()]
    server = [line.removeprefix("remote:").strip() for line in lines if line.startswith("remote:")]
    rejected = [line.split("\t")[-1] for line in lines if line.startswith("!\t")]
    faults = [line for line in lines if line.lower().startswith(("fatal:", "error:"))]
    telling = [line for line in (server or faults or lines) if line.strip(" =-*")] + (
        rejected if server else []
    )
    text = " ".join(dict.fromkeys(telling)) or "nothing"
    clean = "".join(
        sign if sign.isprintable() else " " for sign in re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)
    )
    return clean if len(clean) <= _LONGEST else f"{clean[:_LONGEST]}…"
