"""A folder at a server that is reached by ssh: a release for each deploy, and a link that is switched.

The folder looks as that of ``folder`` does. One deploy goes through one connection:

1. files that have not changed are linked from the release that readers get (by rsync at the server);
2. every file there is read and its digest compared, so that damage there does not travel on, and what a
   broken-off deploy has sent already is not sent again;
3. the others are sent by rsync, and their digests compared;
4. the link is put in the old one's place in one step.

That a file has not changed is told by digests, never by its size and time: the time is new wherever a
pipeline has built the site from nothing. (``rsync --checksum --link-dest`` alone would find the same, but it
knows neither what a broken-off deploy has sent nor the files that stay for open pages and lie here no more.)
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from kommunebeta.deploy.locks import lock, renewed
from kommunebeta.deploy.manifest import Manifest, is_safe, manifest_of
from kommunebeta.deploy.parcel import LocalFile, Parcel, There, order_of
from kommunebeta.deploy.releases import CURRENT, PARTIAL, carried, nothing_sent, release_of, with_carried
from kommunebeta.deploy.ssh.connection import Connection
from kommunebeta.deploy.ssh.lock import LOCK, ServerLock
from kommunebeta.deploy.ssh.said import STAYS, Way
from kommunebeta.deploy.ssh.server import Server, Shown, basis_of, partial
from kommunebeta.deploy.ssh.transfer import transfer
from kommunebeta.deploy.target import Forgotten, Kind, Release, Surroundings, TargetSetting, Told
from kommunebeta.errors import OutsideError, UsageError

_CONTROL = re.compile(r"[\x00-\x1f\x7f\\]")


def _folder(value: object) -> object:
    text = str(value).strip()
    parts = text.split("/")
    if not text.strip("/.") or ".." in parts or text.startswith("~") or _CONTROL.search(text):
        raise PydanticCustomError(
            "folder",
            "it is not a folder for a site. Write it as /srv/www/beta, or as www/beta below the user's home",
        )
    return text.rstrip("/")


class SshSetting(TargetSetting):
    """A server that is reached by ssh, as the user's own ``~/.ssh/config`` says."""

    host: str = Field(
        pattern=r"^[\w.:%][\w.:%-]*$",
        description="Name of the server, or an alias from `~/.ssh/config`.",
    )
    path: Annotated[str, BeforeValidator(_folder)] = Field(
        description="The folder there; below the user's home if it does not begin with `/`. The web server "
        "shows `current` in it."
    )
    user: str = Field(
        "", pattern=r"^$|^[\w.@][\w.@-]*$", description="The user there; else as `~/.ssh/config` says."
    )
    port: int = Field(
        0, ge=0, le=65535, description="The port there; 0 for what `~/.ssh/config` says, or 22."
    )
    keep: int = Field(
        5,
        ge=1,
        le=1000,
        description="How many releases are kept, the current one included; the one before it always is.",
    )
    identity: str = Field(
        "",
        description="File of the private key, relative to the site, `~` allowed; else the ssh agent and "
        "`~/.ssh/config`. Never keep the key itself in the site.",
    )
    known_hosts: str = Field(
        "", description="File of the server's public key, relative to the site; else `~/.ssh/known_hosts`."
    )
    config: str = Field("", description="A file to be read instead of `~/.ssh/config`, relative to the site.")


class SshTarget:
    """See the module."""

    def __init__(self, setting: SshSetting, surroundings: Surroundings) -> None:
        files = (setting.identity, setting.known_hosts, setting.config)
        identity, known, config = (_file(surroundings.site, name) for name in files)
        path = setting.path if setting.path.startswith("/") else f"./{setting.path}"
        self._way = Way(setting.host, path, setting.user, setting.port, identity, known, config)
        self._keep = setting.keep
        self._base_url = surroundings.base_url
        self.address = setting.url or surroundings.base_url
        self._connection = Connection(self._way, LOCK)
        self._server = Server(self._connection)
        self._token = ""
        self._held = contextlib.ExitStack()

    def __enter__(self) -> SshTarget:
        _look_for_rsync()
        for file in (self._way.identity, self._way.known_hosts, self._way.config):
            if file and not file.is_file():
                raise OutsideError(f"{file} is not there, though the settings name it. Nothing was sent.")
        with contextlib.ExitStack() as held:
            held.enter_context(self._connection)
            self._server.prepare()
            store = ServerLock(self._connection)
            holder = held.enter_context(lock(store, self.place))
            held.enter_context(renewed(store, holder))
            self._token = holder.token
            self._held = held.pop_all()
        return self

    def __exit__(self, *error: Any) -> None:
        with contextlib.suppress(OutsideError):  # a connection that was lost has freed the lock by its end
            self._held.close()

    @property
    def place(self) -> str:
        """The server and the folder there."""
        return self._way.place

    def look(self) -> There:
        """What the web server shows now."""
        shown = self._server.look()
        manifest = shown.manifest
        if manifest is None or manifest.base_url != self._base_url:
            digests = self._server.digests(CURRENT) if shown.files else {}
            return There(
                foreign=shown.foreign,
                release=shown.release,
                known=not shown.files,
                unclaimed=tuple(sorted(shown.files)),
                holds=lambda file: digests.get(file.path) == file.digest,
            )
        unclaimed = tuple(sorted(_unclaimed(shown)))
        return There(manifest.files, manifest.retired, shown.foreign, shown.release, unclaimed=unclaimed)

    def send(self, parcel: Parcel, told: Told) -> None:
        """Fill a release beside the one that is shown, and switch."""
        _refuse_names((*parcel.files, *parcel.retired))
        name, basis = f"{parcel.release}{PARTIAL}", basis_of(parcel.there.release)
        self._server.begin(parcel.release)
        sent = {file.path for file in parcel.to_send}
        same = (path for path in parcel.files if path not in sent)
        self._server.link(basis, name, (*same, *parcel.retired))
        lacking = self._lacking(parcel, told)
        if lacking:
            self._transfer(lacking, parcel, basis, told)
        foreign = (path for path in parcel.there.unclaimed if path not in parcel.files)
        self._server.link(basis, name, foreign, links=True)
        self._server.write_manifest(name, manifest_of(parcel, self._base_url), self._token)
        self._server.show(parcel.release, self._token)
        kept = self._server.releases()
        old = (item.name for item in kept[self._keep :] if item.name != basis)  # requests may still read it
        self._server.forget(old, parcel.release, basis, self._token)

    def _lacking(self, parcel: Parcel, told: Told) -> tuple[LocalFile, ...]:
        """The files that the new release does not hold yet. What else it holds is removed."""
        there = self._server.digests(partial(parcel.release))
        self._server.clear(
            parcel.release + PARTIAL, there.keys() - parcel.files.keys() - parcel.retired.keys()
        )
        for file in parcel.to_send:
            if there.get(file.path) == file.digest:
                told(1, file.size)
        lacking = (file for path, file in parcel.files.items() if there.get(path) != file.digest)
        return tuple(sorted(lacking, key=lambda file: order_of(file.path)))

    def _transfer(self, files: Sequence[LocalFile], parcel: Parcel, basis: str, told: Told) -> None:
        counted = {file.path for file in parcel.to_send}

        def sent(file: LocalFile) -> None:
            if file.path in counted:
                told(1, file.size)

        folder = partial(parcel.release)
        try:
            transfer(self._connection, files, folder, basis, sent)
        except OSError as error:
            where = error.filename or "This machine's disk"
            raise OutsideError(f"{where}: {error.strerror or error}. {STAYS}") from error
        there = self._server.digests(folder, [file.path for file in files])
        wrong = [file.path for file in files if there.get(file.path) != file.digest]
        if wrong:
            raise OutsideError(
                f"{len(wrong)} files arrived with other content than was meant, such as {wrong[0]}. {STAYS} "
                f"If a build was at work meanwhile, deploy again."
            )

    def verify(self, expected: Mapping[str, str]) -> tuple[str, ...]:
        """Compare digests."""
        there = (
            self._server.digests(CURRENT, [path for path in expected if is_safe(path)]) if expected else {}
        )
        return tuple(path for path, digest in expected.items() if there.get(path) != digest)

    def releases(self) -> tuple[Release, ...]:
        """The releases, newest first."""
        return self._server.releases()

    def roll_back(self, release: str) -> Release:
        """Switch to an earlier release, which takes in what pages of the current one need."""
        kept = self._server.releases()
        chosen = release_of(kept, release, self.place)
        shown = self._server.look()
        if shown.release and shown.release != chosen.name:
            manifest = self._server.manifest(chosen.name)
            missing = carried(shown.manifest or Manifest(), manifest, dt.datetime.now(dt.UTC))
            self._server.link(shown.release, chosen.name, missing)
            self._server.link(shown.release, chosen.name, _unclaimed(shown), links=True)
            self._server.write_manifest(chosen.name, with_carried(manifest, missing), self._token)
        self._server.show(chosen.name, self._token)
        return Release(chosen.name, True, chosen.files)

    def forget(self) -> Forgotten:
        """Remove the other releases, and from the shown one what only open pages need."""
        kept = self._server.releases()
        shown = next((item.name for item in kept if item.current), "")
        manifest = self._server.manifest(shown) if shown else Manifest()
        if manifest.base_url != self._base_url:
            raise nothing_sent(self.place)
        gone = self._server.remove(shown, sorted(manifest.retired), self._token)
        if manifest.retired:  # files first, so that another attempt finds what this one has left
            self._server.write_manifest(shown, replace(manifest, retired={}), self._token)
        others = (item.name for item in kept if not item.current)
        return Forgotten(len(self._server.forget(others, shown, "", self._token)), gone)


def _unclaimed(shown: Shown) -> frozenset[str]:
    """What readers get that no manifest of ours tells of."""
    manifest = shown.manifest or Manifest()
    return shown.files - manifest.files.keys() - manifest.retired.keys()


def _file(site: Path, name: str) -> Path | None:
    return site / Path(name).expanduser() if name else None


def _refuse_names(paths: Iterable[str]) -> None:
    """Names that cannot be told apart in lists of lines, as the programs at the server write them."""
    for path in paths:
        if _CONTROL.search(path):
            raise UsageError(f"{path!r} cannot be sent: its name holds a backslash or a control character.")


def _look_for_rsync() -> None:
    program = shutil.which("rsync")
    said = subprocess.run([program, "--version"], capture_output=True, text=True).stdout if program else ""
    found = re.match(r"rsync +version v?(\d+)\.(\d+)", said)
    if not found or (int(found[1]), int(found[2])) < (3, 1):
        what = "is not the one that is needed" if program else "is not installed"
        raise OutsideError(
            f"rsync {what} on this machine: version 3.1 or newer. Nothing was sent. Install it "
            f"(Debian: rsync; macOS: brew install rsync; Windows: in WSL)."
        )


KIND = Kind(SshSetting, SshTarget)
