"""A site at Netlify: all files are told by digest, and only those are sent that Netlify does not hold.

A deploy there is whole before anyone sees it, and is shown in one step, so that no order has to be kept and
no lock is needed. Of two deploys at once, the one that ends last is shown. Netlify's digests are SHA-1; ours
are kept beside them in the manifest, which is one of the files.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from pydantic import Field, field_validator

from kommunebeta.deploy.hosts import Server
from kommunebeta.deploy.manifest import (
    MANIFEST,
    Manifest,
    is_safe,
    manifest_bytes,
    manifest_of,
    read_manifest,
)
from kommunebeta.deploy.netlify_api import ENDPOINT, TOKEN, Body, NetlifyApi, is_loop
from kommunebeta.deploy.parcel import LocalFile, Parcel, There, made_file, order_of, parcel_of
from kommunebeta.deploy.releases import release_of
from kommunebeta.deploy.target import Kind, Release, Surroundings, TargetSetting, Told
from kommunebeta.errors import OutsideError, UsageError
from kommunebeta.web.workers import each

_AT_ONCE = 5
"""Uploads at the same time; Netlify refuses more on its free plan."""

_ASYNC = 100
"""Files above which Netlify compares them after its answer; its own clients draw the line there."""

_PATIENCE = 20 * 60.0
_PUBLISHING = 30.0
_TITLE = "Kommunebeta "
_PART = 1 << 18
_SUMS = "sha1"
"""Key of the manifest for Netlify's own digests."""

_UNREADABLE = (
    "The list of ours at Netlify cannot be read, or is that of another site: nothing there will be removed."
)
_STAYS = "Readers still get what they got before."


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
        self._site: Mapping[str, Any] = {}
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
        self._api = NetlifyApi(self._setting.endpoint, token)
        name = self._setting.site
        is_id = "." in name or re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", name)
        self._site = self._api.get(f"/sites/{name if is_id else f'{name}.netlify.app'}")
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
        published = self._published
        if not published:
            self._listed = {}
            return There(holds=self._holds)
        self._listed = self._files_of(published)
        manifest, _ = self._manifest(self._listed)
        notes = (_UNREADABLE,) if manifest is None and MANIFEST in self._listed else ()
        paths = self._listed.keys() - {MANIFEST}
        if manifest is None:
            unclaimed = tuple(sorted(paths))
            return There(unclaimed=unclaimed, known=False, notes=notes, holds=self._holds)
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
        seen = self._published
        self._site = self._api.get(f"/sites/{self._site['id']}")
        if self._published != seen:  # somebody else has deployed meanwhile
            parcel = parcel_of(parcel.files, self.look(), parcel.release, dt.datetime.now(dt.UTC))
        files, sums = self._cargo(parcel)
        body = {
            "files": {f"/{path}": digest for path, digest in sums.items()},
            "draft": self._setting.draft,
            "async": len(sums) > _ASYNC,
        }
        title = quote(f"{_TITLE}{parcel.release}")
        deploy = self._api.post(f"/sites/{self._site['id']}/deploys?title={title}", body)
        self._deploy = str(deploy["id"])
        try:
            if body["async"]:
                deploy = self._waited(("prepared", "uploading", "uploaded", "ready"))
            self._upload(deploy.get("required") or (), files, sums, told)
            deploy = self._waited(("ready",))
        except BaseException:
            self._api.cancel(f"/deploys/{self._deploy}/cancel")
            raise
        if self._setting.draft:
            self._address = str(deploy.get("deploy_ssl_url") or deploy.get("deploy_url") or "")
            return
        self._expect_published(deploy)

    def verify(self, expected: Mapping[str, str]) -> tuple[str, ...]:
        """Compare Netlify's digests with those of what was meant to be there."""
        if not expected:
            return ()
        shown = self._deploy or self._published
        listed = self._files_of(shown) if shown else {}
        if self._deploy:
            meant = self._meant
        else:
            manifest, sums = self._manifest(listed)
            digests = manifest.files if manifest else {}
            meant = {path: (digest, sums.get(path, "")) for path, digest in digests.items()}
        return tuple(
            path
            for path, digest in expected.items()
            if path not in listed or meant.get(path) != (digest, listed[path])
        )

    def releases(self) -> tuple[Release, ...]:
        """The deploys that have been public, newest first."""
        return tuple(release for release, _ in self._deploys())

    def roll_back(self, release: str) -> Release:
        """Let readers have an earlier deploy, just as it was."""
        if self._setting.draft:
            raise UsageError(f"{self.place} makes drafts: return at the target that publishes.")
        deploys = self._deploys()
        chosen = release_of([item for item, _ in deploys], release, self.place)
        self._deploy = next(name for item, name in deploys if item.name == chosen.name)
        self._api.post(f"/sites/{self._site['id']}/deploys/{self._deploy}/restore", {})
        self._expect_published({})
        return replace(chosen, current=True)

    @property
    def _published(self) -> str:
        """The id of the deploy that readers get; empty where there is none."""
        return str((self._site.get("published_deploy") or {}).get("id") or "")

    def _files_of(self, deploy: str) -> dict[str, str]:
        """SHA-1 of a deploy's files by path."""
        listed = self._api.listed(f"/deploys/{deploy}/files")
        return {str(item["path"]).lstrip("/"): str(item["sha"]) for item in listed}

    def _manifest(self, listed: Mapping[str, str]) -> tuple[Manifest | None, Mapping[str, str]]:
        """Our manifest of what readers get, and the SHA-1 that it tells; None where there is none."""
        wanted = listed.get(MANIFEST)
        if not wanted:
            return None, {}
        deploy = self._site.get("published_deploy") or {}
        address = str(deploy.get("deploy_ssl_url") or deploy.get("deploy_url") or "")
        ways: tuple[tuple[Callable[[str], bytes], str], ...] = (
            (self._api.raw, f"/sites/{self._site['id']}/files/{MANIFEST}"),
            (self._api.public, f"{address}/{MANIFEST}"),
        )
        for ask, where in ways:
            found = ask(where)
            if hashlib.sha1(found, usedforsecurity=False).hexdigest() == wanted:
                manifest = read_manifest(found)
                ours = manifest is not None and manifest.base_url == self._base_url
                return (manifest, _sums_in(found)) if ours else (None, {})
        return None, {}

    def _holds(self, file: LocalFile) -> bool:
        return self._listed.get(file.path) == self._sum(file)

    def _sum(self, file: LocalFile) -> str:
        """SHA-1 of a file, read once."""
        if file.digest not in self._sums:
            digest, ours = hashlib.sha1(usedforsecurity=False), hashlib.sha256()
            for data in _parts(file):
                digest.update(data)
                ours.update(data)
            if ours.hexdigest() != file.digest:
                raise OutsideError(f"{file.path} changed while it was read. {_STAYS} Deploy again.")
            self._sums[file.digest] = digest.hexdigest()
        return self._sums[file.digest]

    def _cargo(self, parcel: Parcel) -> tuple[dict[str, LocalFile], dict[str, str]]:
        """The files that are here, and SHA-1 by path of these and of those that stay there."""
        foreign = (*parcel.there.foreign, *parcel.there.unclaimed)
        sums = {path: self._listed[path] for path in (*foreign, *parcel.retired) if path in self._listed}
        sums |= {path: self._sum(file) for path, file in parcel.files.items()}
        self._meant = {path: (file.digest, sums[path]) for path, file in parcel.files.items()}
        value = json.loads(manifest_bytes(manifest_of(parcel, self._base_url)))
        value[_SUMS] = {path: sums[path] for path in sorted(parcel.files)}
        manifest = made_file(MANIFEST, json.dumps(value, ensure_ascii=False, indent=0).encode() + b"\n")
        sums[MANIFEST] = self._sum(manifest)
        return {**parcel.files, MANIFEST: manifest}, sums

    def _upload(
        self, required: Iterable[str], files: Mapping[str, LocalFile], sums: Mapping[str, str], told: Told
    ) -> None:
        lacking = set(required)
        lost = lacking - {sums[path] for path in files}
        if lost:
            path = (
                min(path for path, digest in sums.items() if digest in lost)
                if lost & {*sums.values()}
                else "a file"
            )
            raise OutsideError(
                f"Netlify has lost {path}, which is not part of this site. {_STAYS} Remove it there."
            )
        wanted = [files[path] for path in sorted(files, key=order_of) if sums[path] in lacking]
        for file, _ in each(self._put, wanted, _AT_ONCE):
            if file.path != MANIFEST:
                told(1, file.size)

    def _put(self, file: LocalFile) -> None:
        body = Body("application/octet-stream", file.size, lambda: _exactly(file))
        self._api.put(f"/deploys/{self._deploy}/files/{quote(file.path)}", body)

    def _waited(self, states: Sequence[str]) -> Mapping[str, Any]:
        """The deploy, as soon as it has one of some states."""
        end, pause = time.monotonic() + _PATIENCE, 0.1
        while True:
            deploy: Mapping[str, Any] = self._api.get(f"/deploys/{self._deploy}")
            state = deploy.get("state")
            if state in states:
                return deploy
            if state in ("error", "rejected"):
                said = "".join(sign for sign in str(deploy.get("error_message") or "") if sign.isprintable())
                raise OutsideError(
                    f"Netlify could not process the deploy: {said[:300] or 'no reason given'}. {_STAYS}"
                )
            if time.monotonic() > end:
                raise OutsideError(f"Netlify has not ended processing the deploy after 20 minutes. {_STAYS}")
            time.sleep(pause)
            pause = min(pause * 1.5, 2.0)

    def _expect_published(self, deploy: Mapping[str, Any]) -> None:
        """Wait until readers get the deploy; tell where they do not."""
        end, pause = time.monotonic() + _PUBLISHING, 0.1
        before = self._published
        while True:
            self._site = self._api.get(f"/sites/{self._site['id']}")
            if self._published == self._deploy:
                self._address = self._setting.url or str(
                    self._site.get("ssl_url") or self._site.get("url") or ""
                )
                return
            locked = bool((self._site.get("published_deploy") or {}).get("locked"))
            if locked or time.monotonic() > end or self._published != before:
                break
            time.sleep(pause)
            pause = min(pause * 1.5, 2.0)
        if not locked and self._published != before:
            raise OutsideError(
                "Another deploy was published at the same time, and readers get that one. Deploy again."
            )
        where = deploy.get("deploy_ssl_url") or "its own address"
        raise OutsideError(
            f"The deploy lies at {where}, but Netlify does not publish it: publishing is "
            f"{'locked' if locked else 'stopped'} there. {_STAYS} Unlock it under «Deploys» at Netlify."
        )

    def _deploys(self) -> list[tuple[Release, str]]:
        found = []
        for deploy in self._api.get(f"/sites/{self._site['id']}/deploys?per_page=50"):
            if deploy.get("state") != "ready" or deploy.get("draft") or not deploy.get("published_at"):
                continue
            title, name = str(deploy.get("title") or ""), str(deploy["id"])
            release = title.removeprefix(_TITLE) if title.startswith(_TITLE) else name
            note = str(deploy.get("created_at") or "") if release == name else f"Netlify calls it {name}"
            found.append((Release(release, name == self._published, 0, note), name))
        return found


def _sums_in(data: bytes) -> Mapping[str, str]:
    try:
        return {str(path): str(digest) for path, digest in json.loads(data)[_SUMS].items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}


def _parts(file: LocalFile) -> Iterator[bytes]:
    if file.source is None:
        yield file.data
        return
    try:
        with file.source.open("rb") as opened:
            while data := opened.read(_PART):
                yield data
    except OSError as error:
        raise OutsideError(f"{file.source}: {error.strerror or error}. {_STAYS}") from error


def _exactly(file: LocalFile) -> Iterator[bytes]:
    """What a file holds, if it still is what it was when its digest was taken."""
    left, digest = file.size, hashlib.sha256()
    for data in _parts(file):
        left -= len(data)
        digest.update(data)
        if left < 0 or (not left and digest.hexdigest() != file.digest):
            break
        yield data
    if left or digest.hexdigest() != file.digest:
        raise OutsideError(f"{file.path} changed while it was sent. {_STAYS} Deploy again.")


def _refuse_names(paths: Iterable[str]) -> None:
    for path in paths:
        if not is_safe(path) or "#" in path or "?" in path or any(ord(sign) < 32 for sign in path):
            raise UsageError(
                f"{path!r} cannot be sent: Netlify takes no names with #, ?, \\ or control characters."
            )


KIND = Kind(NetlifySetting, NetlifyTarget, Server.NETLIFY)
