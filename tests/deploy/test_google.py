"""Sites are sent to Google Cloud Storage as they are to S3, by what its documentation says of it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import obstore
import pytest
from obstore.store import S3Store

import kommunebeta.deploy.object_store.lock as locks
from kommunebeta.deploy.manifest import MANIFEST
from kommunebeta.deploy.object_store.lock import LOCK
from kommunebeta.deploy.object_store.target import ObjectStoreTarget
from kommunebeta.deploy.parcel import LocalFile, made_file
from kommunebeta.errors import OutsideError
from tests.deploy.google import TOKEN, Google, google
from tests.deploy.seaweed import OPEN, Seaweed, seaweed
from tests.deploy.sent_site import assert_exactly, contents, sent, site, target


@pytest.fixture(scope="module")
def store(weed: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seaweed]:
    with seaweed(weed, tmp_path_factory.mktemp("seaweed")) as running:
        obstore.put(running.bucket(OPEN), "first", b"which makes the bucket")
        yield running


@pytest.fixture
def cloud(store: Seaweed) -> Iterator[Google]:
    bucket = store.bucket(OPEN)
    obstore.delete(bucket, list(contents(bucket)))
    with google(store.endpoint) as running:
        yield running


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("GOOGLE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GOOGLE_BEARER_TOKEN", TOKEN)
    monkeypatch.setenv("HOME", str(tmp_path))


def _goal(cloud: Google, **more: object) -> ObjectStoreTarget:
    return target(f"gs://{OPEN}", cloud.endpoint, **more)


def _bucket(store: Seaweed) -> S3Store:
    return store.bucket(OPEN)


def test_sites_follow_each_other_and_a_lost_manifest_is_made_anew(store: Seaweed, cloud: Google) -> None:
    for state in (0, 1):
        sent(_goal(cloud), site(state))
        assert_exactly(_bucket(store), site(state))
    obstore.delete(_bucket(store), MANIFEST)
    parcel, there = sent(_goal(cloud), site(2))
    assert not there.known
    assert parcel.difference.same
    with _goal(cloud) as goal:
        assert goal.verify(goal.look().files) == ()
    assert not sent(_goal(cloud), site(2))[0].is_needed


@pytest.mark.parametrize("compress", ["gzip", "brotli"])
def test_what_is_compressed_and_what_is_large_arrives_whole(
    store: Seaweed, cloud: Google, tmp_path: Path, compress: str
) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(b"film" * (2 << 20))
    made = made_file("film.mp4", film.read_bytes())
    page = made_file("index.html", b"<p>Vaffel</p>" * 500)
    files = {"film.mp4": LocalFile("film.mp4", made.digest, made.size, film), "index.html": page}
    sent(_goal(cloud, compress=compress), files)
    assert len(contents(_bucket(store))["index.html"]) < page.size / 2
    with _goal(cloud, compress=compress) as goal:
        assert goal.verify(goal.look().files) == ()


def test_generations_keep_two_deploys_apart_and_a_lock_is_renewed(
    cloud: Google, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "_RENEWAL", 0.05)
    monkeypatch.setattr(locks, "WAIT", 0.2)
    with _goal(cloud) as first:
        assert first.look().notes == ()  # it heeds conditions
        before = cloud.generations[f"/{OPEN}/{LOCK}"]
        with pytest.raises(OutsideError, match=r"Another deploy to gs://open-to-everyone .* is at work"):
            _goal(cloud).__enter__()
        end = time.monotonic() + 20
        while cloud.generations[f"/{OPEN}/{LOCK}"] == before:
            assert time.monotonic() < end
            time.sleep(0.02)
    assert ("PUT", 412) in cloud.answers
    assert f"/{OPEN}/{LOCK}" not in cloud.generations
    with _goal(cloud):
        pass


def test_a_token_that_has_ended_is_told_and_not_shown(cloud: Google, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_BEARER_TOKEN", "ended-token")
    with pytest.raises(OutsideError, match="refuses the credentials") as told:
        sent(_goal(cloud), site(0))
    assert "ended-token" not in str(told.value)
    monkeypatch.delenv("GOOGLE_BEARER_TOKEN")
    with pytest.raises(OutsideError, match="set GOOGLE_APPLICATION_CREDENTIALS in the environment"):
        sent(_goal(cloud), site(0))
