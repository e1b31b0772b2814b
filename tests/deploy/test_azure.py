"""Sites are sent to Azure's `$web` as they are to S3: Azurite answers as Azure Blob does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import obstore
import pytest
from obstore.store import AzureStore

from kommunebeta.deploy.manifest import MANIFEST
from kommunebeta.deploy.object_store.target import ObjectStoreTarget
from kommunebeta.deploy.parcel import LocalFile, made_file
from kommunebeta.deploy.run import plan_of
from kommunebeta.errors import OutsideError
from tests.deploy.azurite import ACCOUNT, KEY, Azurite, azurite
from tests.deploy.faults import Asked, Fault, faulty_proxy
from tests.deploy.sent_site import OWN, assert_exactly, contents, faults_of, sent, site, target


@pytest.fixture(scope="module")
def store(azurite_program: tuple[str, Path]) -> Iterator[Azurite]:
    with azurite(*azurite_program) as running:
        yield running


@pytest.fixture(scope="module")
def web(store: Azurite) -> AzureStore:
    return store.container("$web")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("AZURE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", KEY)
    monkeypatch.setenv("HOME", str(tmp_path))


def _goal(store: Azurite, **more: object) -> ObjectStoreTarget:
    return target("az://$web", **{"endpoint": store.endpoint, "account": ACCOUNT, **more})


def test_sites_follow_each_other_in_web_and_foreign_files_stay(store: Azurite, web: AzureStore) -> None:
    sent(_goal(store), site(0))
    assert_exactly(web, site(0))
    kept = obstore.get(web, "index.html", options={"head": True}).attributes
    assert kept["Content-Type"] == "text/html; charset=utf-8"
    assert kept["Cache-Control"] == "public, max-age=60, must-revalidate"
    obstore.put(web, "andres.pdf", b"theirs")
    obstore.delete(web, MANIFEST)
    goal = _goal(store)
    parcel, there = sent(goal, site(1))
    assert not there.known
    assert plan_of(goal, parcel).foreign == ("andres.pdf",)
    assert parcel.difference.same
    obstore.delete(web, "andres.pdf")
    assert_exactly(web, site(1))
    assert not sent(_goal(store), site(1))[0].is_needed


def test_what_is_compressed_and_what_is_large_arrives_whole(store: Azurite, tmp_path: Path) -> None:
    bucket = store.container("large")
    film = tmp_path / "film.mp4"
    film.write_bytes(b"film" * (2 << 20))
    made = made_file("film.mp4", film.read_bytes())
    page = made_file("index.html", b"<p>Vaffel</p>" * 500)
    files = {"film.mp4": LocalFile("film.mp4", made.digest, made.size, film), "index.html": page}
    goal = target("az://large", endpoint=store.endpoint, account=ACCOUNT, compress="gzip")
    sent(goal, files)
    assert obstore.get(bucket, "index.html").attributes["Content-Encoding"] == "gzip"
    with target("az://large", endpoint=store.endpoint, account=ACCOUNT, compress="gzip") as goal:
        assert goal.verify(goal.look().files) == ()


def test_releases_are_kept_in_a_private_container_and_gone_back_to(store: Azurite) -> None:
    bucket, kept = store.container("site"), store.container("kept")
    store.container("open", public=True)

    def goal(releases: str) -> ObjectStoreTarget:
        return target("az://site", endpoint=store.endpoint, account=ACCOUNT, releases=releases)

    with pytest.raises(OutsideError, match="az://open can be read by everybody"):
        sent(goal("az://open"), site(0))
    one, two, three = (sent(goal("az://kept/beta"), site(state))[0].release for state in (0, 1, 2))
    with goal("az://kept/beta") as back:
        assert back.roll_back("").name == two
        assert [(item.name, item.current) for item in back.releases()] == [
            (three, False),
            (two, True),
            (one, False),
        ]
    assert_exactly(bucket, site(1))
    with goal("az://kept/beta") as last:
        assert last.forget().releases == 2
    assert contents(bucket).keys() == site(1).keys() | {MANIFEST}
    needed = {f"beta/objects/{file.digest}" for file in site(1).values()}
    assert contents(kept).keys() == needed | {f"beta/{two}.json", "beta/.kommunebeta-releases.json"}


def test_a_connection_that_ends_leaves_a_site_that_works_and_two_deploys_wait_for_each_other(
    store: Azurite, web: AzureStore
) -> None:
    sent(_goal(store), site(1))
    with faulty_proxy(store.endpoint) as proxy:

        def choose(asked: Asked) -> Fault:
            return Fault.NONE if asked.number < 30 else Fault.DEAD

        proxy.choose = choose
        through = proxy.endpoint + f"/{ACCOUNT}"
        with pytest.raises(OutsideError, match="the connection failed"):
            sent(_goal(store, endpoint=through, retries=0, parallel=3), site(2))
    lies = contents(web)
    assert faults_of({path: data for path, data in lies.items() if path not in OWN}) == []
    obstore.delete(web, ".kommunebeta-deploy.lock")
    with _goal(store) as held:
        assert held.look().notes == ("An earlier deploy was interrupted; this one finishes it.",)
    sent(_goal(store), site(2))
    assert_exactly(web, site(2))


def test_a_container_that_is_not_there_and_a_wrong_key_are_told(
    store: Azurite, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(OutsideError, match=r"az://nowhere .*does not exist"):
        sent(target("az://nowhere", endpoint=store.endpoint, account=ACCOUNT), site(0))
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", "d3Jvbmcga2V5IHdyb25nIGtleQ==")
    with pytest.raises(OutsideError, match="refuses the credentials") as told:
        sent(target("az://$web", endpoint=store.endpoint, account=ACCOUNT), site(0))
    assert "d3Jvbmc" not in str(told.value)
