"""Small sites of several states, sent to a bucket; and what has to hold there at every moment."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
from collections.abc import Mapping
from pathlib import Path

import obstore
from obstore.store import AzureStore, S3Store

from kommunebeta.deploy.manifest import MANIFEST, read_manifest
from kommunebeta.deploy.object_store.setting import ObjectStoreSetting
from kommunebeta.deploy.object_store.target import ObjectStoreTarget
from kommunebeta.deploy.parcel import LocalFile, Parcel, There, made_file, parcel_of
from kommunebeta.deploy.releases import new_release
from kommunebeta.deploy.target import Surroundings

BASE_URL = "https://beta.example.no/"
OWN = frozenset((MANIFEST, ".kommunebeta-deploy.sending.json", ".kommunebeta-deploy.lock"))

_NEEDED = re.compile(r'(?:href|src)="/([^"]+)"|<link>/([^<]+)</link>')
_PRINT = re.compile(r"\.([0-9a-f]{10})\.\w+$")


def site(state: int, pages: int = 12) -> dict[str, LocalFile]:
    """A site: each state has other pages, which need other files, so that states cannot be mixed unseen."""
    style = f"body {{ margin: {state}px }}".encode()
    print_of_style = hashlib.sha256(style).hexdigest()[:10]
    here = [number for number in range(pages) if (number + state) % 5]
    files = {f"assets/style.{print_of_style}.css": style, "robots.txt": b"User-agent: *\n"}
    head = f'<link rel="stylesheet" href="/assets/style.{print_of_style}.css">'
    for number in here:
        image = f"<svg><!-- {number} {state // 2} --></svg>".encode()
        files[f"bilder/{number}-{state // 2}.svg"] = image
        files[f"innlegg/blåbær {number}/index.html"] = (
            f'{head}<img src="/bilder/{number}-{state // 2}.svg"><p>{number} {state}</p></html>'.encode()
        )
    links = "".join(f'<a href="/innlegg/blåbær {number}/index.html">{number}</a>' for number in here)
    files["index.html"] = f"{head}{links}</html>".encode()
    entries = "".join(f"<link>/innlegg/blåbær {number}/index.html</link>" for number in here)
    files["feed.xml"] = f"<feed>{entries}</feed>".encode()
    return {path: made_file(path, data) for path, data in files.items()}


def target(url: str, endpoint: str = "", base_url: str = BASE_URL, **more: object) -> ObjectStoreTarget:
    """A target, not yet entered."""
    setting = ObjectStoreSetting.model_validate(
        {"kind": "object_store", "url": url, "endpoint": endpoint, "retries": 3, **more}
    )
    return ObjectStoreTarget(setting, Surroundings(Path(), base_url, "sky"))


def sent(
    goal: ObjectStoreTarget, files: Mapping[str, LocalFile], *, later: dt.timedelta = dt.timedelta()
) -> tuple[Parcel, There]:
    """Look, send and verify, as a deploy does."""
    with goal:
        there = goal.look()
        now = dt.datetime.now(dt.UTC) + later
        parcel = parcel_of(files, there, new_release(now), now)
        if parcel.is_needed:
            goal.send(parcel, lambda files, size: None)
        assert goal.verify({file.path: file.digest for file in parcel.to_send}) == ()
    return parcel, there


def contents(bucket: S3Store | AzureStore) -> dict[str, bytes]:
    """Every object of a bucket."""
    paths = [meta["path"] for page in obstore.list(bucket) for meta in page]
    return {path: bytes(obstore.get(bucket, path).bytes()) for path in paths}


def faults_of(lies: Mapping[str, bytes]) -> list[str]:
    """What is wrong with a site for its readers: pages that are cut off, or need what is not there."""
    found = []
    for path, data in lies.items():
        text = data.decode()
        if path.endswith(".html") and not text.endswith("</html>"):
            found.append(f"{path} is cut off")
        if path.endswith((".html", ".xml")):
            needed = {one or other for one, other in _NEEDED.findall(text)}
            found += [f"{path} needs {other}" for other in needed - lies.keys()]
        if (said := _PRINT.search(path)) and not hashlib.sha256(data).hexdigest().startswith(said[1]):
            found.append(f"{path} does not hold what its name says")
    return found


def assert_exactly(bucket: S3Store | AzureStore, files: Mapping[str, LocalFile]) -> None:
    """Nothing lies there but the site, what it lately did without, and a manifest that says so."""
    lies = contents(bucket)
    manifest = read_manifest(lies.pop(MANIFEST))
    assert manifest is not None
    assert manifest.files == {path: file.digest for path, file in files.items()}
    assert {path: lies[path] for path in files} == {path: file.data for path, file in files.items()}
    assert lies.keys() == files.keys() | manifest.retired.keys()


def send_state(url: str, endpoint: str, state: int, environment: Mapping[str, str], **more: object) -> None:
    """Send a state of the site, in a process of its own."""
    os.environ.update(environment)
    sent(target(url, endpoint, **more), site(state))
