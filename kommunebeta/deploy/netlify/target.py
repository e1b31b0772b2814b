"""A site at Netlify: all files are told by digest, and only those are sent that Netlify does not hold.

A deploy there is whole before anyone sees it, and is shown in one step, so that no order has to be kept and
no lock is needed. Of two deploys at once, the one that ends last is shown. Netlify's digests are SHA-1; ours
are kept beside them in the manifest, which is one of the files.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from pydantic import Field, field_validator

from kommunebeta.deploy.hosts import Server
from kommunebeta.deploy.manifest import MANIFEST, is_safe, manifest_of
from kommunebeta.deploy.netlify.api import ENDPOINT, TOKEN, NetlifyApi, is_loop
from kommunebeta.deploy.netlify.site import Cargo, NetlifySite, Sent, address_of, sum_of
from kommunebeta.deploy.parcel import LocalFile, Parcel, There, parcel_of
from kommunebeta.deploy.releases import carried, new_release, nothing_sent, release_of, with_carried
from kommunebeta.deploy.target import Forgotten, Kind, Release, Surroundings, TargetSetting, Told
from kommunebeta.errors import OutsideError, UsageError

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_UNREADABLE = (
    "The list of ours at Netlify cannot be read, or is that of another site: nothing there will be removed."
)


class NetlifySetting(TargetSetting):
    """A site at Netlify."""

    site: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*$",
        description="The site's name, domain or id, as its page at Netlify shows it.",
    )
    draft: bool = Field(
        False, description="Whether deploys are drafts, with an address of their own to look at."
    )
    endpoint: str = Field(
        ENDPOINT,
        pattern=r"^https?://[^\s@?#]+$",
        description="Address of a compatible interface, `https:`; `http:` only for this machine.",
    )

    @field_validator("endpoint")
    @classmethod
    def _encrypted(cls, endpoint: str) -> str:
        if endpoint.startswith("http:") and not is_loop(endpoint):
            raise ValueError("it must begin with https: unless it is on this machine")
        return endpoint


class NetlifyTarget:
    """See the module."""

    def __init__(self, setting: NetlifySetting, surroundings: Surroundings) -> None:
        self._setting = setting
        self._base_url = surroundings.base_url
        self._address = setting.url
        self._listed: dict[str, str] = {}
        self._sums: dict[str, str] = {}
        self._meant: Mapping[str, tuple[str, str]] = {}
        self._deploy = ""

    def __enter__(self) -> NetlifyTarget:
        token = os.environ.get(TOKEN, "").strip()
        if not re.fullmatch(r"[!-~]+", token):
            raise OutsideError(
                f"The environment has no token for Netlify in {TOKEN}. Nothing was sent. Make one at Netlify "
                f"under «User settings», «Applications»; see docs/deploy-netlify.md."
            )
        name = self._setting.site
        full = name if "." in name or _ID.fullmatch(name) else f"{name}.netlify.app"
        self._site = NetlifySite(NetlifyApi(self._setting.endpoint, token), full)
        return self

    def __exit__(self, *error: Any) -> None:
        """Nothing is held."""

    @property
    def place(self) -> str:
        """The site."""
        return f"Netlify: {self._setting.site}{' (draft)' if self._setting.draft else ''}"

    @property
    def address(self) -> str:
        """Where readers find the site, or where a draft is to be looked at."""
        return self._address or self._base_url

    def look(self) -> There:
        """What readers get now."""
        published = self._site.published
        self._listed = self._site.files_of(published["id"]) if published else {}
        if not published:
            return There(holds=self._holds)
        paths, sent = self._listed.keys() - {MANIFEST}, self._sent(published, self._listed)
        if sent is None:
            notes = (_UNREADABLE,) if MANIFEST in self._listed else ()
            unclaimed = tuple(sorted(paths))
            return There(unclaimed=unclaimed, known=False, notes=notes, holds=self._holds)
        manifest = sent.manifest
        return There(
            {path: digest for path, digest in manifest.files.items() if path in paths},
            {path: item for path, item in manifest.retired.items() if path in paths},
            tuple(sorted(paths - manifest.files.keys() - manifest.retired.keys())),
            manifest.release,
            holds=self._holds,
        )

    def send(self, parcel: Parcel, told: Told) -> None:
        """Tell Netlify all files, send those that it lacks, and wait until it shows them."""
        _refuse_names(parcel.files)
        if self._site.looked_again():  # somebody else has deployed meanwhile
            parcel = parcel_of(parcel.files, self.look(), parcel.release, dt.datetime.now(dt.UTC))
        deploy = self._site.make(self._cargo(parcel), told)
        self._deploy = str(deploy["id"])
        if self._setting.draft:
            self._address = address_of(deploy)
            return
        self._site.expect(deploy)
        self._address = self._setting.url or self._site.address

    def verify(self, expected: Mapping[str, str]) -> tuple[str, ...]:
        """Compare Netlify's digests with those of what was meant to be there."""
        if not expected:
            return ()
        published = self._site.published
        shown = self._deploy or str(published.get("id") or "")
        listed = self._site.files_of(shown) if shown else {}
        meant = self._meant
        if not self._deploy:
            sent = self._sent(published, listed)
            digests = sent.manifest.files if sent else {}
            meant = (
                {path: (digest, sent.sums.get(path, "")) for path, digest in digests.items()} if sent else {}
            )
        return tuple(
            path
            for path, digest in expected.items()
            if path not in listed or meant.get(path) != (digest, listed[path])
        )

    def releases(self) -> tuple[Release, ...]:
        """The deploys that have been public, newest first."""
        return tuple(release for release, _ in self._site.deploys())

    def roll_back(self, release: str) -> Release:
        """Let readers have an earlier deploy.

        Where open pages of the current one need files that it lacks, it is a deploy of its own with the files
        of both, all of which Netlify holds. Where its list cannot be read, it is shown as it was.
        """
        if self._setting.draft:
            raise UsageError(f"{self.place} makes drafts: return at the target that publishes.")
        deploys = self._site.deploys()
        chosen = release_of([item for item, _ in deploys], release, self.place)
        old = next(deploy for item, deploy in deploys if item.name == chosen.name)
        cargo = self._returning(chosen, old)
        if cargo is None:
            self._site.restore(str(old["id"]))
            self._site.expect(old)
            return replace(chosen, current=True)
        self._site.expect(self._site.make(cargo, lambda files, size: None))
        name, _, note = cargo.title.partition(" ")
        return Release(name, True, 0, note)

    def forget(self) -> Forgotten:
        """Delete the other deploys of ours, after one without what only open pages need where there is such.

        Netlify shows every deploy at an address of its own for as long as it is there.
        """
        if self._setting.draft:
            raise UsageError(f"{self.place} makes drafts: forget at the target that publishes.")
        self._site.looked_again()
        ours, published = self._site.ours(), self._site.published
        listed = self._site.files_of(str(published["id"])) if published else {}
        sent = self._sent(published, listed)
        if sent is None:
            raise nothing_sent(self.place)
        retired = sent.manifest.retired.keys()
        if retired:
            self._site.expect(self._site.make(self._without(retired, sent, listed), lambda files, size: None))
        gone = tuple(sorted(retired & listed.keys()))
        replaced = [deploy for deploy in ours if retired and deploy["id"] == published["id"]]
        return Forgotten(self._site.delete(ours) - len(replaced), gone)

    def _without(self, retired: Collection[str], sent: Sent, listed: Mapping[str, str]) -> Cargo:
        """What is public, but for some files, all of which Netlify holds."""
        name = new_release(dt.datetime.now(dt.UTC))
        file = Sent(replace(sent.manifest, retired={}, release=name), sent.sums).as_file()
        stay = {path: digest for path, digest in listed.items() if path not in retired}
        return Cargo(f"{name} (forgets earlier ones)", {**stay, MANIFEST: self._sum(file)}, {MANIFEST: file})

    def _returning(self, chosen: Release, old: Mapping[str, Any]) -> Cargo | None:
        """An earlier deploy with what open pages need; None where it needs nothing, or cannot be read."""
        published, now = self._site.published, dt.datetime.now(dt.UTC)
        here = self._site.files_of(str(published["id"])) if published else {}
        then = self._site.files_of(str(old["id"]))
        current, earlier = self._sent(published, here), self._sent(old, then)
        if current is None or earlier is None:
            return None
        needed = carried(current.manifest, earlier.manifest, now)
        missing = {path: item for path, item in needed.items() if path in here and path not in then}
        if not missing:
            return None
        name = new_release(now)
        manifest = replace(with_carried(earlier.manifest, missing), release=name)
        file = Sent(manifest, earlier.sums).as_file()
        sums = {**then, **{path: here[path] for path in missing}, MANIFEST: self._sum(file)}
        return Cargo(f"{name} (return to {chosen.name})", sums, {MANIFEST: file})

    def _sent(self, deploy: Mapping[str, Any], listed: Mapping[str, str]) -> Sent | None:
        sent = self._site.sent(deploy, listed)
        return sent if sent and sent.manifest.base_url == self._base_url else None

    def _holds(self, file: LocalFile) -> bool:
        return self._listed.get(file.path) == self._sum(file)

    def _sum(self, file: LocalFile) -> str:
        """SHA-1 of a file, read once."""
        if file.digest not in self._sums:
            self._sums[file.digest] = sum_of(file)
        return self._sums[file.digest]

    def _cargo(self, parcel: Parcel) -> Cargo:
        """The files that are here, and those that stay there."""
        foreign = (*parcel.there.foreign, *parcel.there.unclaimed)
        stay = {path: self._listed[path] for path in (*foreign, *parcel.retired) if path in self._listed}
        ours = {path: self._sum(file) for path, file in parcel.files.items()}
        self._meant = {path: (file.digest, ours[path]) for path, file in parcel.files.items()}
        manifest = Sent(manifest_of(parcel, self._base_url), ours).as_file()
        sums = {**stay, **ours, MANIFEST: self._sum(manifest)}
        return Cargo(parcel.release, sums, {**parcel.files, MANIFEST: manifest}, self._setting.draft)


def _refuse_names(paths: Iterable[str]) -> None:
    for path in paths:
        if not is_safe(path) or "#" in path or "?" in path or any(ord(sign) < 32 for sign in path):
            raise UsageError(
                f"{path!r} cannot be sent: Netlify takes no names with #, ?, \\ or control characters."
            )


KIND = Kind(NetlifySetting, NetlifyTarget, Server.NETLIFY)
