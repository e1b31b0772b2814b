"""One site at Netlify: what readers get there, and how a new deploy comes about."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from kommunebeta.deploy.manifest import MANIFEST, Manifest, manifest_bytes, read_manifest
from kommunebeta.deploy.netlify.api import STAYS, Body, NetlifyApi
from kommunebeta.deploy.parcel import LocalFile, made_file, order_of, parts
from kommunebeta.deploy.target import Release, Told
from kommunebeta.errors import OutsideError
from kommunebeta.web.workers import each

_AT_ONCE = 5
"""Uploads at the same time; Netlify refuses more on its free plan."""

_ASYNC = 100
"""Files above which Netlify compares them after its answer; its own clients draw the line there."""

_ENDED = ("ready", "error", "rejected")
"""States in which nothing happens to a deploy any more."""

_PATIENCE = 20 * 60.0
_PUBLISHING = 30.0
_TITLE = "Kommunebeta "
_SUMS = "sha1"
"""Key of the manifest for Netlify's own digests."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A manifest of ours as it lies at Netlify.

    Attributes:
        manifest: what it tells.
        sums: SHA-1 of the site's files by path.
    """

    manifest: Manifest
    sums: Mapping[str, str]

    def as_file(self) -> LocalFile:
        """As it is to lie there."""
        value = {**json.loads(manifest_bytes(self.manifest)), _SUMS: dict(sorted(self.sums.items()))}
        return made_file(MANIFEST, json.dumps(value, ensure_ascii=False, indent=0).encode() + b"\n")


@dataclass(frozen=True, slots=True)
class Cargo:
    """What a deploy is to hold.

    Attributes:
        title: what Netlify calls it in its lists.
        sums: SHA-1 of every file by path.
        files: those that are here and can be sent.
        draft: whether readers do not get it.
    """

    title: str
    sums: Mapping[str, str]
    files: Mapping[str, LocalFile]
    draft: bool = False


class NetlifySite:
    """See the module."""

    def __init__(self, api: NetlifyApi, name: str) -> None:
        self._api = api
        self._site: Mapping[str, Any] = api.get(f"/sites/{name}")

    @property
    def published(self) -> Mapping[str, Any]:
        """The deploy that readers get; empty where there is none."""
        return self._site.get("published_deploy") or {}

    @property
    def address(self) -> str:
        """Where readers find the site."""
        return str(self._site.get("ssl_url") or self._site.get("url") or "")

    def looked_again(self) -> bool:
        """Ask again; whether readers get another deploy than before."""
        before = self.published.get("id")
        self._site = self._api.get(f"/sites/{self._site['id']}")
        return self.published.get("id") != before

    def files_of(self, deploy: str) -> dict[str, str]:
        """SHA-1 of a deploy's files by path."""
        listed = self._api.listed(f"/deploys/{deploy}/files")
        return {str(item["path"]).lstrip("/"): str(item["sha"]) for item in listed}

    def sent(self, deploy: Mapping[str, Any], listed: Mapping[str, str]) -> Sent | None:
        """The manifest in a deploy; None where there is none, or it cannot be read.

        Args:
            deploy: the deploy, as Netlify tells of it.
            listed: its files.
        """
        wanted = listed.get(MANIFEST)
        ways: list[tuple[Callable[[str], bytes], str]] = [
            (self._api.public, f"{address_of(deploy)}/{MANIFEST}")
        ]
        if deploy.get("id") == self.published.get("id"):
            ways.insert(0, (self._api.raw, f"/sites/{self._site['id']}/files/{MANIFEST}"))
        for ask, where in ways if wanted else ():
            found = ask(where)
            if hashlib.sha1(found, usedforsecurity=False).hexdigest() == wanted:
                manifest = read_manifest(found)
                return Sent(manifest, _sums_in(found)) if manifest else None
        return None

    def make(self, cargo: Cargo, told: Told) -> Mapping[str, Any]:
        """Make a deploy, send what Netlify lacks of it, and wait until it is ready.

        Raises:
            OutsideError: something failed; the deploy is given up.
        """
        late = len(cargo.sums) > _ASYNC
        files = {f"/{path}": digest for path, digest in cargo.sums.items()}
        where = f"/sites/{self._site['id']}/deploys?title={quote(_TITLE + cargo.title)}"
        deploy = self._api.post(where, {"files": files, "draft": cargo.draft, "async": late})
        name = str(deploy["id"])
        try:
            if late:
                deploy = self._waited(name, ("prepared", "uploading", "uploaded", "ready"))
            self._upload(name, deploy.get("required") or (), cargo, told)
            return self._waited(name, ("ready",))
        except BaseException:
            self._api.cancel(f"/deploys/{name}/cancel")
            raise

    def restore(self, deploy: str) -> None:
        """Let readers have an earlier deploy as it was."""
        self._api.post(f"/sites/{self._site['id']}/deploys/{deploy}/restore", {})

    def expect(self, deploy: Mapping[str, Any]) -> None:
        """Wait until readers get a deploy.

        Raises:
            OutsideError: they do not.
        """
        end, pause, before = time.monotonic() + _PUBLISHING, 0.1, self.published.get("id")
        while True:
            self.looked_again()
            shown = self.published.get("id")
            if shown == deploy["id"]:
                return
            locked = bool(self.published.get("locked"))
            if locked or time.monotonic() > end or shown != before:
                break
            time.sleep(pause)
            pause = min(pause * 1.5, 2.0)
        if shown != before:
            raise OutsideError(
                "Another deploy was published at the same time, and readers get that one. Deploy again."
            )
        raise OutsideError(
            f"The deploy lies at {address_of(deploy)}, but Netlify does not publish it: publishing is "
            f"{'locked' if locked else 'stopped'} there. {STAYS} Unlock it under «Deploys» at Netlify."
        )

    def deploys(self) -> list[tuple[Release, Mapping[str, Any]]]:
        """The last deploys that have been public, newest first, as we and as Netlify tell of them."""
        found = []
        for deploy in self._api.get(f"/sites/{self._site['id']}/deploys?per_page=50"):
            if deploy.get("state") != "ready" or deploy.get("draft") or not deploy.get("published_at"):
                continue
            title, name = str(deploy.get("title") or ""), str(deploy["id"])
            words = title.removeprefix(_TITLE) if title.startswith(_TITLE) else name
            release, _, note = words.partition(" ")
            note = ", ".join(filter(None, (str(deploy.get("created_at") or ""), note)))
            found.append((Release(release, name == self.published.get("id"), 0, note), deploy))
        return found

    def ours(self) -> list[Mapping[str, Any]]:
        """Every deploy of ours: those that were public, drafts, failed ones and those under way."""
        listed = self._api.listed(f"/sites/{self._site['id']}/deploys?per_page=100")
        return [deploy for deploy in listed if str(deploy.get("title") or "").startswith(_TITLE)]

    def delete(self, deploys: Iterable[Mapping[str, Any]]) -> int:
        """Delete deploys, but never the one that readers get, nor one that is under way.

        Returns:
            How many of them could be looked at.

        Raises:
            OutsideError: readers get another one meanwhile, or one is under way.
        """
        others = [deploy for deploy in deploys if deploy["id"] != self.published.get("id")]
        ended = [deploy for deploy in others if deploy.get("state") in _ENDED]
        for deploy in ended:
            if self.looked_again():
                raise OutsideError(
                    "Another deploy was published at the same time, and readers get that one. Try again."
                )
            self._api.delete(f"/deploys/{deploy['id']}")
        if left := len(others) - len(ended):
            raise OutsideError(
                f"Our deploys at Netlify: {len(ended)} gone, {left} under way left alone. "
                f"{STAYS} Try again when nobody deploys; cancel what hangs under «Deploys» there."
            )
        return sum(deploy.get("state") == "ready" for deploy in ended)

    def _upload(self, deploy: str, required: Iterable[str], cargo: Cargo, told: Told) -> None:
        lacking = set(required)
        lost = lacking - {cargo.sums[path] for path in cargo.files}
        for path in sorted(path for path, digest in cargo.sums.items() if digest in lost):
            raise OutsideError(f"Netlify holds {path} no more, and it is not here to be sent. {STAYS}")

        def put(file: LocalFile) -> None:
            body = Body("application/octet-stream", file.size, lambda: parts(file, STAYS))
            self._api.put(f"/deploys/{deploy}/files/{quote(file.path)}", body)

        wanted = [cargo.files[path] for path in sorted(cargo.files, key=order_of)]
        for file, _ in each(put, [file for file in wanted if cargo.sums[file.path] in lacking], _AT_ONCE):
            if file.path != MANIFEST:
                told(1, file.size)

    def _waited(self, deploy: str, states: Sequence[str]) -> Mapping[str, Any]:
        """A deploy, as soon as it has one of some states."""
        end, pause = time.monotonic() + _PATIENCE, 0.1
        while True:
            now: Mapping[str, Any] = self._api.get(f"/deploys/{deploy}")
            if now.get("state") in states:
                return now
            if now.get("state") in ("error", "rejected"):
                said = "".join(sign for sign in str(now.get("error_message") or "") if sign.isprintable())
                raise OutsideError(
                    f"Netlify could not process the deploy: {said[:300] or 'no reason given'}. {STAYS}"
                )
            if time.monotonic() > end:
                raise OutsideError(f"Netlify has not ended processing the deploy after 20 minutes. {STAYS}")
            time.sleep(pause)
            pause = min(pause * 1.5, 2.0)


def address_of(deploy: Mapping[str, Any]) -> str:
    """Where a deploy is to be looked at, whether it is public or not."""
    return str(deploy.get("deploy_ssl_url") or deploy.get("deploy_url") or "")


def sum_of(file: LocalFile) -> str:
    """SHA-1 of a file.

    Raises:
        OutsideError: it cannot be read, or is not what it was.
    """
    digest = hashlib.sha1(usedforsecurity=False)
    for data in parts(file, STAYS):
        digest.update(data)
    return digest.hexdigest()


def _sums_in(data: bytes) -> Mapping[str, str]:
    try:
        return {str(path): str(digest) for path, digest in json.loads(data)[_SUMS].items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}
