"""Sites are sent to buckets: in order, in the right form, through failures, and finished later."""

from __future__ import annotations

import contextlib
import datetime as dt
import gzip
import hashlib
import json
import multiprocessing
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import brotli
import obstore
import pytest
from obstore.store import AzureStore, S3Store
from pydantic import ValidationError

from kommunebeta.deploy.locks import new_holder, read_holder
from kommunebeta.deploy.manifest import MANIFEST, Manifest, read_manifest
from kommunebeta.deploy.object_store import lock as storelock
from kommunebeta.deploy.object_store.awsprofile import aws_profile
from kommunebeta.deploy.object_store.kept import OWNER
from kommunebeta.deploy.object_store.lock import LOCK
from kommunebeta.deploy.object_store.survey import SENDING
from kommunebeta.deploy.object_store.target import ObjectStoreTarget
from kommunebeta.deploy.parcel import GRACE, LocalFile, made_file, parcel_of
from kommunebeta.deploy.releases import new_release
from kommunebeta.deploy.run import plan_of
from kommunebeta.deploy.target import Forgotten, Release
from kommunebeta.errors import OutsideError, UsageError
from tests.deploy.faults import Asked, Fault, FaultyProxy, faulty_proxy
from tests.deploy.folders import small_disk
from tests.deploy.seaweed import ENVIRONMENT, OPEN, SECRET, Seaweed, seaweed
from tests.deploy.sent_site import OWN, assert_exactly, contents, faults_of, send_state, sent, site, target

_MOMENTS = 12
_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["tests.deploy.sent_site"])
_numbers = iter(range(1_000_000))


@dataclass(frozen=True, slots=True)
class Sky:
    """A part of a bucket for one test, empty at first."""

    url: str
    endpoint: str
    bucket: S3Store
    kept: S3Store
    kept_url: str

    def keeping(self, **more: Any) -> ObjectStoreTarget:
        """A target that keeps releases."""
        return self.target(releases=self.kept_url, **more)

    def target(self, **more: Any) -> ObjectStoreTarget:
        return target(self.url, more.pop("endpoint", self.endpoint), **more)

    def attributes(self, path: str) -> Mapping[str, str]:
        return obstore.get(self.bucket, path, options={"head": True}).attributes

    def working(self) -> dict[str, bytes]:
        """What readers get, which works."""
        lies = contents(self.bucket)
        assert self.faults(lies) == []
        return lies

    def faults(self, lies: Mapping[str, bytes]) -> list[str]:
        """What is wrong with the site for its readers."""
        return faults_of({path: data for path, data in lies.items() if path not in OWN})


@pytest.fixture(scope="module")
def store(weed: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seaweed]:
    with seaweed(weed, tmp_path_factory.mktemp("seaweed")) as running:
        yield running


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith(("AWS_", "AZURE_", "GOOGLE_"))]:
        monkeypatch.delenv(name)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def sky(store: Seaweed) -> Sky:
    prefix = f"tests/{next(_numbers)}"
    site, kept = store.bucket("beta-blogg", prefix), store.bucket("beta-kept", prefix)
    return Sky(f"s3://beta-blogg/{prefix}", store.endpoint, site, kept, f"s3://beta-kept/{prefix}")


@pytest.fixture
def whole(store: Seaweed) -> Sky:
    site, kept = store.bucket("beta-alone"), store.bucket("beta-alone-kept")
    return Sky("s3://beta-alone", store.endpoint, site, kept, "s3://beta-alone-kept")


@pytest.fixture
def proxy(store: Seaweed) -> Iterator[FaultyProxy]:
    with faulty_proxy(store.endpoint) as running:
        yield running


def _expire_lock(sky: Sky) -> None:
    """Let the time pass after which a lock that is not renewed is taken to be left behind."""
    try:
        holder = read_holder(bytes(obstore.get(sky.bucket, LOCK).bytes()))
    except FileNotFoundError:
        return
    assert holder is not None
    past = replace(holder, until=dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1))
    obstore.put(sky.bucket, LOCK, past.as_bytes())


class TestWhatIsSent:
    def test_a_first_deploy_leaves_the_site_and_nothing_else(self, whole: Sky) -> None:
        parcel, there = sent(whole.target(), site(0))
        assert there.known
        assert len(parcel.to_send) == len(site(0))
        assert_exactly(whole.bucket, site(0))
        whole.working()

    def test_a_second_deploy_sends_what_differs_by_digest(self, sky: Sky) -> None:
        sent(sky.target(), site(0))
        files = site(0) | {"robots.txt": made_file("robots.txt", b"User-agent: a\n")}
        parcel, _ = sent(sky.target(), files)
        assert parcel.difference.changed == ("robots.txt",)
        assert not parcel.difference.added
        assert_exactly(sky.bucket, files)
        assert not sent(sky.target(), files)[0].is_needed

    def test_a_prefix_keeps_the_site_below_it(self, sky: Sky) -> None:
        obstore.put(sky.bucket, "andre/index.html", b"theirs")
        for state in (0, 1):
            sent(target(f"{sky.url}/beta/sida", sky.endpoint), site(state))
        lies = contents(sky.bucket)
        assert lies.pop("andre/index.html") == b"theirs"
        assert all(path.startswith("beta/sida/") for path in lies)
        assert lies["beta/sida/index.html"] == site(1)["index.html"].data

    def test_names_with_any_sign_in_them_arrive_as_they_are(self, sky: Sky) -> None:
        names = (
            "a b.html",
            '-a"b.html',
            "50%.html",
            "x%20y.html",
            "æøå/ŋ.html",
            "[1]#?.html",
            "~*+&'.html",
            "_headers",
        )
        files = {name: made_file(name, b"</html>") for name in names}
        sent(sky.target(), files)
        assert_exactly(sky.bucket, files)
        assert not sent(sky.target(), files)[0].is_needed

    @pytest.mark.parametrize("name", ["to\nlinjer.html", "a\x7f.html", "a\\b.html", "bl\udce5.html"])
    def test_names_that_no_object_can_have_are_told_before_anything_is_sent(
        self, sky: Sky, name: str
    ) -> None:
        with pytest.raises(UsageError, match=re.escape(repr(name)) + ".*Nothing was sent. Rename the file"):
            sent(sky.keeping(), site(0) | {name: made_file(name, b"</html>")})
        assert contents(sky.bucket) == {}

    def test_a_process_that_has_deployed_ends_well(self, sky: Sky) -> None:
        for _ in range(6):  # the asynchronous functions of obstore abort one process in five
            process = _SERVER.Process(target=send_state, args=(sky.url, sky.endpoint, 1, ENVIRONMENT))
            process.start()
            process.join(60)
            assert process.exitcode == 0

    def test_a_large_file_is_sent_in_parts_and_verified(self, sky: Sky, tmp_path: Path) -> None:
        film = tmp_path / "film.mp4"
        film.write_bytes(random.Random(1).randbytes(11 << 20))
        made = made_file("film.mp4", film.read_bytes())
        files = {"film.mp4": LocalFile("film.mp4", made.digest, made.size, film)}
        sent(sky.target(), files)
        assert contents(sky.bucket)["film.mp4"] == made.data
        assert sky.attributes("film.mp4")["Content-Type"] == "video/mp4"
        with sky.target() as goal:
            assert goal.verify({"film.mp4": made.digest}) == ()
            assert goal.verify({"film.mp4": "0" * 64}) == ("film.mp4",)

    def test_a_file_that_changes_while_it_is_sent_stops_the_deploy(self, sky: Sky, tmp_path: Path) -> None:
        for size in (10, 11 << 20):
            file = tmp_path / "index.html"
            file.write_bytes(b"a" * size)
            stale = LocalFile("index.html", made_file("", b"b" * size).digest, size, file)
            with pytest.raises(OutsideError, match="has changed while it was being sent"):
                sent(sky.target(), {"index.html": stale})
            assert "index.html" not in contents(sky.bucket)

    def test_more_files_than_one_page_of_a_listing_holds(self, sky: Sky) -> None:
        files = {f"{n:04}.txt": made_file(f"{n:04}.txt", str(n).encode()) for n in range(1200)}
        sent(sky.target(parallel=64), files)
        obstore.delete(sky.bucket, MANIFEST)
        parcel, there = sent(sky.target(parallel=64), files)
        assert (there.known, len(there.files), parcel.difference.same) == (False, 1200, 1200)


class TestForm:
    FILES = (
        "index.html",
        "feed.xml",
        "assets/style.0123456789.css",
        "bilder/kart.svg",
        "bilder/kart.png",
        "kalender.ics",
        "sitemap.xml",
    )

    def files(self) -> dict[str, LocalFile]:
        return {path: made_file(path, b"<p>Vaffel</p>\n" * 500) for path in self.FILES}

    def test_media_types_have_their_character_set(self, sky: Sky) -> None:
        sent(sky.target(), self.files())
        types = {path: sky.attributes(path)["Content-Type"] for path in self.FILES}
        assert types["index.html"] == "text/html; charset=utf-8"
        assert types["feed.xml"] == "application/atom+xml; charset=utf-8"
        assert types["assets/style.0123456789.css"] == "text/css; charset=utf-8"
        assert types["bilder/kart.svg"] == "image/svg+xml; charset=utf-8"
        assert types["bilder/kart.png"] == "image/png"
        assert types["kalender.ics"] == "text/calendar; charset=utf-8"

    def test_fingerprinted_files_are_kept_for_a_year_and_pages_for_a_minute(self, sky: Sky) -> None:
        sent(sky.target(), self.files())
        kept = {path: sky.attributes(path)["Cache-Control"] for path in (*self.FILES, MANIFEST)}
        assert kept["assets/style.0123456789.css"] == "public, max-age=31536000, immutable"
        assert kept["index.html"] == "public, max-age=60, must-revalidate"
        assert kept["feed.xml"] == kept["sitemap.xml"] == kept["index.html"]
        assert kept["bilder/kart.png"] == "public, max-age=3600"
        assert kept[MANIFEST] == "no-store"

    @pytest.mark.parametrize(
        ("word", "encoding", "unpacked"),
        [("gzip", "gzip", gzip.decompress), ("brotli", "br", brotli.decompress)],
    )
    def test_what_browsers_fetch_is_compressed_if_so_set(
        self, sky: Sky, word: str, encoding: str, unpacked: Callable[[bytes], bytes]
    ) -> None:
        files = self.files() | {"liten.html": made_file("liten.html", b"<p>")}
        sent(sky.target(compress=word), files)
        lies = contents(sky.bucket)
        for path in ("index.html", "assets/style.0123456789.css", "bilder/kart.svg"):
            assert sky.attributes(path)["Content-Encoding"] == encoding
            assert unpacked(lies[path]) == files[path].data
            assert len(lies[path]) < 200
        for path in ("feed.xml", "kalender.ics", "bilder/kart.png", "liten.html", "sitemap.xml"):
            assert "Content-Encoding" not in sky.attributes(path)
        with sky.target(compress=word) as goal:
            assert goal.verify(goal.look().files) == ()

    def test_other_settings_for_caches_send_every_file_again(self, sky: Sky) -> None:
        sent(sky.target(), self.files())
        with sky.target(cache={"pages": 300}) as goal:
            wrong = goal.verify(goal.look().files)
        assert len(wrong) == len(self.FILES)
        assert all("other settings" in each for each in wrong)
        parcel, _ = sent(sky.target(cache={"pages": 300}), self.files())
        assert set(parcel.difference.changed) == set(self.FILES)
        assert sky.attributes("index.html")["Cache-Control"] == "public, max-age=300, must-revalidate"
        assert not sent(sky.target(cache={"pages": 300}), self.files())[0].is_needed


class TestWhatLiesThere:
    def test_without_a_manifest_objects_are_compared_and_foreign_ones_left_alone(self, sky: Sky) -> None:
        sent(sky.target(), site(0))
        obstore.delete(sky.bucket, MANIFEST)
        obstore.put(sky.bucket, "andres.pdf", b"theirs")
        obstore.put(sky.bucket, "robots.txt", b"theirs, where ours belongs")
        goal = sky.target()
        parcel, there = sent(goal, site(0))
        assert not there.known
        assert parcel.difference.changed == ("robots.txt",)
        assert not parcel.difference.added
        assert plan_of(goal, parcel).foreign == ("andres.pdf",)
        lies = contents(sky.bucket)
        assert lies["andres.pdf"] == b"theirs"
        assert lies["robots.txt"] == site(0)["robots.txt"].data

    @pytest.mark.parametrize("manifest", [b"", b"{", b"[]", b'{"version": 9}', b"\xff\xfe"])
    def test_a_damaged_manifest_is_as_good_as_none(self, sky: Sky, manifest: bytes) -> None:
        sent(sky.target(), site(0))
        obstore.put(sky.bucket, MANIFEST, manifest)
        parcel, there = sent(sky.target(), site(1))
        assert not there.known
        assert parcel.difference.removed
        assert_exactly(sky.bucket, site(1))

    def test_another_sites_objects_are_foreign(self, sky: Sky) -> None:
        sent(sky.target(base_url="https://andre.example.no/"), {"a.html": made_file("a.html", b"</html>")})
        goal = sky.target()
        parcel, there = sent(goal, site(0))
        assert not there.known
        assert plan_of(goal, parcel).foreign == ("a.html",)
        assert "a.html" in contents(sky.bucket)

    def test_a_manifest_cannot_have_files_of_others_deleted(self, sky: Sky) -> None:
        sent(sky.target(), site(0))
        value = json.loads(bytes(obstore.get(sky.bucket, MANIFEST).bytes()))
        value["files"] |= {"../andre/index.html": "0" * 64, "/etc/passwd": "0" * 64}
        obstore.put(sky.bucket, MANIFEST, json.dumps(value).encode())
        with sky.target() as goal:
            assert not {"../andre/index.html", "/etc/passwd"} & goal.look().files.keys()

    def test_what_open_pages_need_stays_for_a_day(self, sky: Sky) -> None:
        sent(sky.target(), site(0))
        sent(sky.target(), site(1))
        (old,) = site(0).keys() & {path for path in site(0) if path.startswith("assets/")}
        assert old in contents(sky.bucket)
        sent(sky.target(), site(1), later=GRACE + dt.timedelta(minutes=1))
        assert old not in contents(sky.bucket)
        assert_exactly(sky.bucket, site(1))

    def test_verify_finds_what_others_have_changed(self, sky: Sky) -> None:
        sent(sky.target(), site(0))
        obstore.put(sky.bucket, "index.html", b"theirs</html>")
        obstore.delete(sky.bucket, "robots.txt")
        with sky.target() as goal:
            assert goal.verify(goal.look().files) == ("index.html", "robots.txt: it is gone")

    def test_a_file_that_another_replaces_before_verification_is_told(self, sky: Sky) -> None:
        with sky.target() as goal:
            now = dt.datetime.now(dt.UTC)
            parcel = parcel_of(site(0), goal.look(), new_release(now), now)
            goal.send(parcel, lambda files, size: None)
            obstore.put(sky.bucket, "index.html", b"theirs</html>")
            expected = {file.path: file.digest for file in parcel.to_send}
            assert goal.verify(expected) == ("index.html",)


class TestOrder:
    def test_assets_come_first_then_pages_then_the_manifest_then_deletions(
        self, sky: Sky, proxy: FaultyProxy
    ) -> None:
        sent(sky.target(), site(0))
        sent(sky.target(endpoint=proxy.endpoint), site(2))
        said = [
            (asked.method, unquote(urlsplit(asked.path).path).split("/", 4)[4])
            for asked in proxy.asked
            if asked.method in ("PUT", "DELETE")
        ]
        put = [path for method, path in said if method == "PUT" and path != LOCK]
        kinds = [_kind(path, site(0).keys()) for path in put]
        assert kinds == sorted(kinds)
        assert {0, 1, 2, 3, 4, 5, 6} == set(kinds)
        deleted = [at for at, (method, path) in enumerate(said) if method == "DELETE" and path not in OWN]
        assert deleted
        assert min(deleted) > said.index(("PUT", MANIFEST))
        gone = [said[at][1].endswith(".html") for at in deleted]
        assert gone == sorted(gone, reverse=True)
        assert said.index(("DELETE", SENDING)) > max(deleted)

    def test_transfers_run_side_by_side_but_not_more_than_set(self, sky: Sky, proxy: FaultyProxy) -> None:
        now, most = [0], [0]
        counting = threading.Lock()

        def wait(asked: Asked) -> Fault:
            """Count those under way before they are answered, since an answer lets the next one begin."""
            if asked.method == "PUT" and LOCK not in asked.path:
                with counting:
                    now[0] += 1
                    most[0] = max(most[0], now[0])
                time.sleep(0.1)
                with counting:
                    now[0] -= 1
            return Fault.NONE

        proxy.choose = wait
        sent(sky.target(endpoint=proxy.endpoint, parallel=5), site(0))
        assert most == [5]

    def test_every_step_leaves_a_site_that_works(self, sky: Sky, proxy: FaultyProxy) -> None:
        sent(sky.target(), site(0))
        faults: list[str] = []

        def look(asked: Asked) -> Fault:
            if asked.method in ("PUT", "DELETE"):
                faults.extend(sky.faults(contents(sky.bucket)))
            return Fault.NONE

        proxy.choose = look
        sent(sky.target(endpoint=proxy.endpoint, parallel=1), site(1))
        assert not faults
        assert_exactly(sky.bucket, site(1))


def _kind(path: str, before: Iterator[str] | Any) -> int:
    if path == SENDING:
        return 0
    if path == MANIFEST:
        return 6
    if path.startswith("assets/"):
        return 1
    if path.endswith(".xml"):
        return 5
    if path.endswith(".html"):
        return 4 if path in before else 3
    return 2


class TestFailures:
    @pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.NONE])
    def test_a_failure_now_and_then_is_overcome(self, sky: Sky, proxy: FaultyProxy, fault: Fault) -> None:
        sent(sky.target(), site(0))
        chance = random.Random(f"{fault}")
        failed: set[str] = set()

        def choose(asked: Asked) -> Fault:
            what = f"{asked.method} {asked.path}"
            if what in failed or chance.random() > 0.3:
                return Fault.NONE
            failed.add(what)
            return fault

        proxy.choose = choose
        sent(sky.target(endpoint=proxy.endpoint, parallel=4), site(1))
        assert failed
        assert_exactly(sky.bucket, site(1))

    def test_a_large_file_survives_a_cut_of_every_one_of_its_requests(
        self, sky: Sky, proxy: FaultyProxy, tmp_path: Path
    ) -> None:
        film = tmp_path / "film.mp4"
        film.write_bytes(random.Random(2).randbytes(6 << 20))
        made = made_file("film.mp4", film.read_bytes())
        file = LocalFile("film.mp4", made.digest, made.size, film)
        failed: set[str] = set()

        def choose(asked: Asked) -> Fault:
            if "film" not in asked.path or asked.path in failed:
                return Fault.NONE
            failed.add(asked.path)
            return (Fault.CUT_BODY, Fault.CUT_ANSWER)[len(failed) % 2]

        proxy.choose = choose
        sent(sky.target(endpoint=proxy.endpoint), {"film.mp4": file})
        assert len(failed) > 2
        assert contents(sky.bucket)["film.mp4"] == made.data

    @pytest.mark.parametrize("seed", range(_MOMENTS))
    def test_a_connection_that_ends_at_any_moment_leaves_a_site_that_works_and_the_next_deploy_finishes(
        self, sky: Sky, proxy: FaultyProxy, seed: int
    ) -> None:
        chance = random.Random(seed)
        sent(sky.target(), site(0))
        for state in (1, 2):
            end = len(proxy.asked) + chance.randrange(3, 55)
            last = chance.choice((Fault.CUT_BODY, Fault.NO_ANSWER, Fault.DEAD, Fault.BUSY))
            gone = (Fault.DEAD, Fault.BUSY)[last is Fault.BUSY]

            def choose(asked: Asked, end: int = end, last: Fault = last, gone: Fault = gone) -> Fault:
                return Fault.NONE if asked.number < end else last if asked.number == end else gone

            proxy.choose = choose
            with contextlib.suppress(OutsideError):  # unless it had ended before
                sent(sky.target(endpoint=proxy.endpoint, retries=0, parallel=4), site(state))
            sky.working()
            _expire_lock(sky)
        goes_on_with = site(chance.choice((0, 1, 2, 3)))
        sent(sky.target(), goes_on_with)
        assert_exactly(sky.bucket, goes_on_with)
        sky.working()

    @pytest.mark.parametrize("moment", [0, 5, 13, 20, 24, 34])
    def test_a_deploy_that_is_killed_leaves_a_site_that_works_and_the_next_one_finishes(
        self, sky: Sky, proxy: FaultyProxy, moment: int
    ) -> None:
        sent(sky.target(), site(0))
        assert _killed(sky, proxy, moment) == -9
        sky.working()
        _expire_lock(sky)
        sent(sky.target(), site(2))
        assert_exactly(sky.bucket, site(2))

    def test_going_back_after_an_interrupted_deploy_goes_all_the_way(
        self, sky: Sky, proxy: FaultyProxy
    ) -> None:
        sent(sky.target(), site(0))
        proxy.choose = lambda asked: (
            Fault.BUSY if MANIFEST in asked.path and asked.method == "PUT" else Fault.NONE
        )
        with pytest.raises(OutsideError, match=r"answered 503\. What readers get works; the next deploy"):
            sent(sky.target(endpoint=proxy.endpoint, retries=0), site(1))
        assert contents(sky.bucket)["index.html"] == site(1)["index.html"].data
        parcel, there = sent(sky.target(), site(0))
        assert there.notes == ("An earlier deploy was interrupted; this one finishes it.",)
        assert "index.html" in parcel.difference.changed
        assert_exactly(sky.bucket, site(0))

    def test_a_file_of_a_deploy_that_never_ended_is_not_forgotten(self, sky: Sky, proxy: FaultyProxy) -> None:
        sent(sky.target(), site(0))
        proxy.choose = lambda asked: (
            Fault.BUSY if MANIFEST in asked.path and asked.method == "PUT" else Fault.NONE
        )
        extra = site(0) | {"ny.html": made_file("ny.html", b"</html>")}
        with pytest.raises(OutsideError):
            sent(sky.target(endpoint=proxy.endpoint, retries=0), extra)
        assert "ny.html" in contents(sky.bucket)
        parcel, _ = sent(sky.target(), site(0))
        assert parcel.difference.removed == ("ny.html",)
        assert_exactly(sky.bucket, site(0))

    def test_a_store_that_is_full_is_told_and_readers_keep_a_site_that_works(
        self, sky: Sky, proxy: FaultyProxy
    ) -> None:
        sent(sky.target(), site(0))
        full = b"HTTP/1.1 507 Insufficient Storage\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        proxy.instead = lambda asked: full if asked.method == "PUT" and "innlegg" in asked.path else None
        with pytest.raises(OutsideError, match="could not be sent: the store answered 507"):
            sent(sky.target(endpoint=proxy.endpoint, retries=0), site(1))
        sky.working()

    def test_a_request_that_hangs_is_sent_again(self, sky: Sky, proxy: FaultyProxy) -> None:
        hung: list[str] = []

        def choose(asked: Asked) -> Fault:
            if asked.path.endswith("index.html") and asked.method == "PUT" and not hung:
                hung.append(asked.path)
                time.sleep(6)
                return Fault.DEAD
            return Fault.NONE

        proxy.choose = choose
        sent(sky.target(endpoint=proxy.endpoint, timeout=5), {"index.html": site(0)["index.html"]})
        assert hung
        assert "index.html" in contents(sky.bucket)


class TestForgetting:
    KARI = made_file("bilder/kari.813b1bbaad.svg", b"<svg>Kari Nordmann</svg>")

    def taken_out(self, sky: Sky) -> None:
        """A picture that was in the site and is not any more."""
        sent(sky.target(), site(0) | {self.KARI.path: self.KARI})
        sent(sky.target(), site(0))
        assert self.KARI.path in contents(sky.bucket)

    def test_what_is_forgotten_is_gone_and_readers_get_what_they_got(self, sky: Sky) -> None:
        self.taken_out(sky)
        obstore.put(sky.bucket, "andres.pdf", b"theirs")
        with sky.target() as goal:
            assert goal.forget() == Forgotten(0, (self.KARI.path,))
            assert goal.forget() == Forgotten(0, ())
        lies = contents(sky.bucket)
        assert lies.pop("andres.pdf") == b"theirs"
        assert b"kari" not in b"".join(lies.values())
        assert lies.keys() == site(0).keys() | {MANIFEST}
        assert not sent(sky.target(), site(0))[0].is_needed

    @pytest.mark.parametrize(("method", "part"), [("DELETE", KARI.path), ("PUT", MANIFEST)])
    def test_forgetting_that_was_cut_off_is_finished_by_a_deploy_or_another_attempt(
        self, sky: Sky, proxy: FaultyProxy, method: str, part: str
    ) -> None:
        proxy.choose = _refuse(method, part)
        for again in (True, False):
            self.taken_out(sky)
            with (
                sky.target(endpoint=proxy.endpoint, retries=0) as goal,
                pytest.raises(OutsideError, match="What readers get works"),
            ):
                goal.forget()
            sky.working()
            if again:
                with sky.target() as goal:
                    goal.forget()
                assert contents(sky.bucket).keys() == site(0).keys() | {MANIFEST}
            else:  # the picture is wanted after all
                sent(sky.target(), site(0) | {self.KARI.path: self.KARI})
                assert contents(sky.bucket)[self.KARI.path] == self.KARI.data

    def test_nothing_is_forgotten_while_pages_of_an_interrupted_deploy_may_need_it(
        self, sky: Sky, proxy: FaultyProxy
    ) -> None:
        self.taken_out(sky)
        page = made_file("index.html", b'<img src="/bilder/kari.813b1bbaad.svg"></html>')
        proxy.choose = lambda asked: (
            Fault.BUSY if asked.method == "PUT" and asked.path.endswith(MANIFEST) else Fault.NONE
        )
        with pytest.raises(OutsideError):
            sent(
                sky.target(endpoint=proxy.endpoint, retries=0),
                site(0) | {page.path: page, self.KARI.path: self.KARI},
            )
        with sky.target() as goal, pytest.raises(UsageError, match=r"was interrupted.*Deploy first"):
            goal.forget()
        sky.working()

    def test_another_sites_files_are_not_forgotten(self, sky: Sky) -> None:
        self.taken_out(sky)
        with (
            sky.target(base_url="https://andre.example.no/") as goal,
            pytest.raises(UsageError, match="Deploy first"),
        ):
            goal.forget()
        assert self.KARI.path in contents(sky.bucket)


def _whole(kept: S3Store | AzureStore) -> dict[str, Manifest]:
    """The releases that are kept, newest first; all that they name lies there as it was, and each once."""
    lies = contents(kept)
    objects = {path: data for path, data in lies.items() if path.startswith("objects/")}
    assert all(hashlib.sha256(data).hexdigest() == path[8:] for path, data in objects.items())
    found = {path: read_manifest(data) for path, data in lies.items() if path not in objects | {OWNER: b""}}
    manifests = {path[:-5]: manifest for path, manifest in found.items() if manifest}
    assert len(manifests) == len(found)
    for manifest in manifests.values():
        assert {f"objects/{digest}" for digest in manifest.files.values()} <= objects.keys()
    return dict(sorted(manifests.items(), reverse=True))


def _assert_no_more(kept: S3Store | AzureStore) -> None:
    """No content is kept that no release needs."""
    needed = {digest for manifest in _whole(kept).values() for digest in manifest.files.values()}
    assert {path[8:] for path in contents(kept) if path.startswith("objects/")} == needed


def _refuse(method: str, part: str) -> Callable[[Asked], Fault]:
    return lambda asked: Fault.BUSY if asked.method == method and part in unquote(asked.path) else Fault.NONE


class TestReleases:
    def names(self, sky: Sky, *states: int, **more: Any) -> list[str]:
        """Send states of the site; the names of their releases."""
        return [sent(sky.keeping(**more), site(state))[0].release for state in states]

    def listed(self, sky: Sky) -> dict[str, bool]:
        with sky.keeping() as goal:
            return {item.name: item.current for item in goal.releases()}

    def test_releases_are_kept_beside_the_site_and_listed_newest_first(self, whole: Sky) -> None:
        one, two, three = self.names(whole, 0, 1, 2, compress="gzip")
        with whole.keeping() as goal:
            assert goal.releases() == (
                Release(three, True, len(site(2))),
                Release(two, False, len(site(1))),
                Release(one, False, len(site(0))),
            )
        manifests = _whole(whole.kept)
        assert [*manifests] == [three, two, one]
        assert manifests[one].files == {path: file.digest for path, file in site(0).items()}
        assert not any(manifest.retired for manifest in manifests.values())
        manifest = read_manifest(contents(whole.bucket)[MANIFEST])
        assert manifest is not None
        assert contents(whole.bucket).keys() == site(2).keys() | manifest.retired.keys() | {MANIFEST}
        _assert_no_more(whole.kept)

    def test_readers_get_an_earlier_release_again_and_the_later_one_after_that(
        self, sky: Sky, proxy: FaultyProxy
    ) -> None:
        one, two, three = self.names(sky, 0, 1, 2)
        with sky.keeping(endpoint=proxy.endpoint) as goal:
            assert goal.roll_back("") == Release(two, True, len(site(1)))
        assert_exactly(sky.bucket, site(1))
        style = next(path for path in site(2) if path.startswith("assets/"))
        assert style in sky.working()  # pages that readers have open need it
        fetched = [asked.path for asked in proxy.asked if asked.method == "GET" and "objects/" in asked.path]
        differ = {file.digest for file in site(1).values()} - {file.digest for file in site(2).values()}
        assert len(fetched) <= len(differ)
        assert self.listed(sky) == {three: False, two: True, one: False}
        with sky.keeping() as goal:
            assert goal.roll_back(three).name == three
            assert goal.verify(goal.look().files) == ()
            assert goal.roll_back(three).name == three
        assert_exactly(sky.bucket, site(2))
        assert self.listed(sky) == {three: True, two: False, one: False}
        with sky.keeping() as goal, pytest.raises(UsageError, match=f"no release x; it keeps: {three}"):
            goal.roll_back("x")

    def test_at_each_step_all_that_the_releases_name_is_there(self, sky: Sky, proxy: FaultyProxy) -> None:
        self.names(sky, 0, 1)
        seen: set[tuple[str, bool]] = set()
        missing: list[str] = []

        def look(asked: Asked) -> Fault:
            if asked.method in ("PUT", "DELETE") and "beta-kept" in asked.path:
                paths = {path for page in obstore.list(sky.kept) for path in (meta["path"] for meta in page)}
                for path in paths:
                    if path.endswith(".json") and path != OWNER:
                        manifest = read_manifest(bytes(obstore.get(sky.kept, path).bytes())) or Manifest()
                        missing.extend({f"objects/{digest}" for digest in manifest.files.values()} - paths)
                seen.add((asked.method, "objects" in asked.path))
            return Fault.NONE

        proxy.choose = look
        self.names(sky, 2, endpoint=proxy.endpoint, parallel=1, keep=1)
        assert not missing
        assert seen == {("PUT", True), ("PUT", False), ("DELETE", True), ("DELETE", False)}
        _assert_no_more(sky.kept)

    def test_old_releases_go_with_what_only_they_need_but_never_the_one_before(self, sky: Sky) -> None:
        _, two, three = self.names(sky, 0, 1, 2, keep=2)
        assert [*_whole(sky.kept)] == [three, two]
        _assert_no_more(sky.kept)
        with sky.keeping() as goal:
            goal.roll_back(two)
        four, five = self.names(sky, 3, 4, keep=3)
        assert [*_whole(sky.kept)] == [five, four, three]
        with sky.keeping() as goal:
            goal.roll_back(three)
        (six,) = self.names(sky, 0, keep=1)
        assert [*_whole(sky.kept)] == [six, three]
        _assert_no_more(sky.kept)

    def test_a_site_that_is_there_already_is_kept_by_the_next_deploy(self, sky: Sky) -> None:
        sent(sky.target(), site(0))
        assert self.listed(sky) == {}
        with sky.keeping() as goal:
            there = goal.look()
            assert goal.verify(there.files) == ()
        assert "not kept in s3://beta-kept" in there.notes[0]
        parcel, _ = sent(sky.keeping(), site(0))
        assert (parcel.to_send, parcel.difference.same) == ((), len(site(0)))
        assert self.listed(sky) == {parcel.release: True}
        assert not sent(sky.keeping(), site(0))[0].is_needed
        (two,) = self.names(sky, 1)
        with sky.keeping() as goal:
            assert goal.roll_back("").name == parcel.release
        assert self.listed(sky) == {two: False, parcel.release: True}

    def test_what_is_forgotten_is_gone_from_earlier_releases_too(self, sky: Sky) -> None:
        kari = TestForgetting.KARI
        sent(sky.keeping(), site(0) | {kari.path: kari})
        sent(sky.keeping(), site(1) | {kari.path: kari})
        (three,) = self.names(sky, 2)
        with sky.keeping() as goal:
            gone = goal.forget()
            assert (gone.releases, kari.path in gone.files) == (2, True)
            assert goal.forget() == Forgotten(0, ())
        assert self.listed(sky) == {three: True}
        _assert_no_more(sky.kept)
        lies = b"".join([*contents(sky.kept).values(), *contents(sky.bucket).values()])
        assert b"Kari" not in lies
        assert b"kari" not in lies
        assert contents(sky.bucket).keys() == site(2).keys() | {MANIFEST}

    @pytest.mark.parametrize("part", ["objects/", "-kept", SENDING, "index.html", MANIFEST])
    def test_a_deploy_that_ends_before_its_time_is_no_release_and_the_next_one_clears_up(
        self, sky: Sky, proxy: FaultyProxy, part: str
    ) -> None:
        (one,) = self.names(sky, 0)
        page = made_file("hemmeleg.html", b"never shown as a whole</html>")
        if part == "-kept":  # the release itself
            proxy.choose = lambda asked: (
                Fault.BUSY if asked.method == "PUT" and re.search(r"-\w{4}\.json", asked.path) else Fault.NONE
            )
        else:
            proxy.choose = _refuse("PUT", part)
        with pytest.raises(OutsideError, match="What readers get works"):
            sent(sky.keeping(endpoint=proxy.endpoint, retries=0, parallel=1), site(1) | {page.path: page})
        sky.working()
        _whole(sky.kept)
        assert self.listed(sky) == {one: True}
        (two,) = self.names(sky, 2)
        assert_exactly(sky.bucket, site(2))
        assert [*_whole(sky.kept)] == [two, one]
        _assert_no_more(sky.kept)

    @pytest.mark.parametrize("moment", [1, 16, 25, 31, 45])
    def test_a_deploy_that_is_killed_leaves_whole_releases(
        self, sky: Sky, proxy: FaultyProxy, moment: int
    ) -> None:
        self.names(sky, 0)
        assert _killed(sky, proxy, moment, releases=sky.kept_url, keep=1) == -9
        sky.working()
        _whole(sky.kept)
        _expire_lock(sky)
        (three,) = self.names(sky, 3, keep=1)
        assert_exactly(sky.bucket, site(3))
        assert three in _whole(sky.kept)
        _assert_no_more(sky.kept)

    def test_a_return_that_was_interrupted_is_finished_or_undone(self, sky: Sky, proxy: FaultyProxy) -> None:
        one, two = self.names(sky, 0, 1)
        proxy.choose = _refuse("PUT", MANIFEST)
        for goal_of_it in (one, two):
            with (
                sky.keeping(endpoint=proxy.endpoint, retries=0) as goal,
                pytest.raises(OutsideError, match="What readers get works"),
            ):
                goal.roll_back(one)
            sky.working()
            assert self.listed(sky) == {two: True, one: False}
            with sky.keeping() as goal:
                goal.roll_back(goal_of_it)
            assert_exactly(sky.bucket, site(0 if goal_of_it == one else 1))
            with sky.keeping() as goal:
                goal.roll_back(two)

    @pytest.mark.parametrize("found", [b"theirs</html>", None])
    def test_a_content_that_is_not_what_it_was_is_told_and_nothing_is_sent(
        self, sky: Sky, found: bytes | None
    ) -> None:
        (one, _) = self.names(sky, 0, 1)
        place = f"objects/{site(0)['index.html'].digest}"
        if found is None:
            obstore.delete(sky.kept, place)
        else:
            obstore.put(sky.kept, place, found)
        before = contents(sky.bucket)
        with (
            sky.keeping() as goal,
            pytest.raises(
                OutsideError, match=rf"does not hold release {one} as it was: index.html\. Nothing"
            ),
        ):
            goal.roll_back("")
        assert contents(sky.bucket) == before
        self.names(sky, 0)  # another length is seen, and put right
        _whole(sky.kept)

    def test_a_release_that_was_tampered_with_is_none(self, sky: Sky) -> None:
        (one, two) = self.names(sky, 0, 1)
        value = json.loads(bytes(obstore.get(sky.kept, f"{one}.json").bytes()))
        value["files"]["index.html"] = "../../../index.html"
        obstore.put(sky.kept, f"{one}.json", json.dumps(value).encode())
        assert self.listed(sky) == {two: True}
        with sky.keeping() as goal, pytest.raises(UsageError, match=f"no release {one}"):
            goal.roll_back(one)

    def test_a_disk_that_is_full_is_told_before_anything_is_sent(
        self, sky: Sky, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        self.names(sky, 0, 1)
        before = contents(sky.bucket)
        with small_disk(tmp_path / "disk", 4) as mounted:
            if not mounted:
                pytest.skip("this process may not mount a disk")
            monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "disk"))
            with sky.keeping() as goal, pytest.raises(OutsideError, match=r"No space left.*Nothing was sent"):
                goal.roll_back("")
            monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
            with sky.keeping() as goal, pytest.raises(OutsideError, match="No folder could be made"):
                goal.roll_back("")
        assert contents(sky.bucket) == before

    def test_a_large_file_comes_back_through_cut_connections(
        self, sky: Sky, proxy: FaultyProxy, tmp_path: Path
    ) -> None:
        film = tmp_path / "film.mp4"
        film.write_bytes(random.Random(3).randbytes(6 << 20))
        made = made_file("film.mp4", film.read_bytes())
        sent(sky.keeping(), {"film.mp4": LocalFile("film.mp4", made.digest, made.size, film)})
        self.names(sky, 0)
        failed: list[str] = []

        def choose(asked: Asked) -> Fault:
            if asked.method == "GET" and made.digest in asked.path and len(failed) < 2:
                failed.append(asked.path)
                return (Fault.CUT_ANSWER, Fault.NO_ANSWER)[len(failed) % 2]
            return Fault.NONE

        proxy.choose = choose
        with sky.keeping(endpoint=proxy.endpoint) as goal:
            goal.roll_back("")
        assert failed
        assert contents(sky.bucket)["film.mp4"] == made.data

    def test_a_container_that_everybody_may_read_is_refused(self, sky: Sky, store: Seaweed) -> None:
        prefix = sky.url.rpartition("/")[2]
        with pytest.raises(OutsideError, match=rf"s3://{OPEN}/{prefix} can be read by everybody"):
            sent(sky.target(releases=f"s3://{OPEN}/{prefix}"), site(0))
        assert contents(store.bucket(OPEN, prefix)).keys() == {OWNER}
        assert contents(sky.bucket) == {}

    def test_a_container_with_releases_of_another_site_is_refused(self, sky: Sky) -> None:
        (one,) = self.names(sky, 0)
        other = f"{sky.url}/other"
        with target(other, sky.endpoint, releases=sky.kept_url) as goal:
            with pytest.raises(OutsideError, match="holds releases of another site"):
                goal.releases()
            with pytest.raises(OutsideError, match="holds releases of another site"):
                goal.roll_back(one)
        with pytest.raises(OutsideError, match="holds releases of another site"):
            sent(target(other, sky.endpoint, releases=sky.kept_url), site(1))
        assert self.listed(sky) == {one: True}

    @pytest.mark.parametrize(
        ("releases", "said"),
        [
            ("s3://beta-blogg/kept", "Name another container, which is closed to the public"),
            ("s3://Beta-Blogg", "Name another container"),
            ("az://beta-kept", "Begin it with s3://"),
            ("s3://beta-kept/../x", "the prefix must be a plain path"),
        ],
    )
    def test_a_container_that_could_not_do_is_a_fault_of_the_settings(self, releases: str, said: str) -> None:
        with pytest.raises(ValidationError, match=said):
            target("s3://beta-blogg/site", releases=releases)


def _killed(sky: Sky, proxy: FaultyProxy, moment: int, **more: object) -> int | None:
    """Send state 2 in a process that is killed when it sends or deletes something for the nth time."""
    process = _SERVER.Process(target=send_state, args=(sky.url, proxy.endpoint, 2, ENVIRONMENT), kwargs=more)
    at: list[Asked] = []

    def choose(asked: Asked) -> Fault:
        if asked.method in ("PUT", "DELETE") and LOCK not in asked.path:
            at.append(asked)
            if len(at) > moment:
                process.kill()
                return (Fault.CUT_BODY, Fault.NO_ANSWER)[moment % 2]
        return Fault.NONE

    proxy.choose = choose
    process.start()
    process.join(60)
    return process.exitcode


class TestLock:
    def test_a_second_deploy_waits_for_the_first(self, sky: Sky) -> None:
        first = sky.target()
        first.__enter__()
        threading.Timer(1.5, first.__exit__).start()
        begun = time.monotonic()
        sent(sky.target(), site(0))
        assert time.monotonic() - begun > 1
        assert LOCK not in contents(sky.bucket)

    def test_who_holds_the_lock_is_told(self, sky: Sky, monkeypatch: pytest.MonkeyPatch) -> None:
        holder = replace(new_holder(), machine="web7")
        obstore.put(sky.bucket, LOCK, holder.as_bytes())
        monkeypatch.setattr(storelock, "WAIT", 0.5)
        with pytest.raises(OutsideError, match=r"Another deploy to .* is at work from web7"):
            sent(sky.target(), site(0))
        assert contents(sky.bucket).keys() == {LOCK}

    def test_a_lock_that_was_left_behind_expires(self, sky: Sky) -> None:
        obstore.put(sky.bucket, LOCK, new_holder(dt.timedelta(seconds=2)).as_bytes())
        sent(sky.target(), site(0))
        assert_exactly(sky.bucket, site(0))

    def test_a_lock_is_renewed_while_a_deploy_is_at_work(
        self, sky: Sky, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(storelock, "_RENEWAL", 0.2)
        with sky.target():
            first = read_holder(bytes(obstore.get(sky.bucket, LOCK).bytes()))
            time.sleep(1)
            later = read_holder(bytes(obstore.get(sky.bucket, LOCK).bytes()))
        assert first is not None
        assert later is not None
        assert (later.token, later.until > first.until) == (first.token, True)
        assert LOCK not in contents(sky.bucket)

    def test_who_has_lost_the_lock_sends_nothing_more(
        self, sky: Sky, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(storelock, "_RENEWAL", 0.2)
        with sky.target() as goal:
            now = dt.datetime.now(dt.UTC)
            parcel = parcel_of(site(0), goal.look(), new_release(now), now)
            obstore.put(sky.bucket, LOCK, new_holder().as_bytes())
            time.sleep(1)
            with pytest.raises(OutsideError, match=r"lock of .* could not be renewed"):
                goal.send(parcel, lambda files, size: None)
        assert contents(sky.bucket).keys() == {LOCK, SENDING}

    @pytest.mark.parametrize("fault", [Fault.NO_ANSWER, Fault.TWICE, Fault.CUT_ANSWER])
    def test_a_lock_whose_taking_was_not_answered_is_ours(
        self, sky: Sky, proxy: FaultyProxy, fault: Fault
    ) -> None:
        taken: list[Asked] = []

        def choose(asked: Asked) -> Fault:
            if LOCK in asked.path and asked.method == "PUT" and not taken:
                taken.append(asked)
                return fault
            return Fault.NONE

        proxy.choose = choose
        begun = time.monotonic()
        sent(sky.target(endpoint=proxy.endpoint), site(0))
        assert taken
        assert time.monotonic() - begun < 10

    def test_of_two_that_begin_at_once_one_goes_first(self, sky: Sky) -> None:
        at_work: list[int] = []
        most: list[int] = []

        def one() -> None:
            with sky.target():
                at_work.append(1)
                most.append(len(at_work))
                time.sleep(0.2)
                at_work.pop()

        threads = [threading.Thread(target=one) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert most == [1] * 5

    def test_a_store_that_ignores_conditions_is_named(
        self, store: Seaweed, proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        obstore.put(store.bucket(OPEN), "there", b"")
        for name in ENVIRONMENT:
            monkeypatch.delenv(name)
        monkeypatch.setenv("AWS_SKIP_SIGNATURE", "true")
        proxy.without = b"If-None-Match"
        with target(f"s3://{OPEN}", proxy.endpoint) as goal:
            (note,) = goal.look().notes
        assert "does not heed conditions" in note

    def test_a_store_that_refuses_conditions_is_named(self, sky: Sky, proxy: FaultyProxy) -> None:
        refused = b"HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        proxy.instead = lambda asked: refused if b"if-none-match" in asked.head.lower() else None
        goal = sky.target(endpoint=proxy.endpoint, retries=0)
        _, there = sent(goal, site(0))
        assert "does not heed conditions" in there.notes[0]
        assert_exactly(sky.bucket, site(0))


class TestRefusals:
    def test_a_bucket_keeps_no_releases(self, sky: Sky) -> None:
        with sky.target() as goal:
            assert goal.releases() == ()
            with pytest.raises(UsageError, match=r"keeps no earlier releases.* With «releases» in the"):
                goal.roll_back("")

    def test_wrong_keys_are_told_without_them(self, sky: Sky, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-the-secret")
        with pytest.raises(OutsideError, match="refuses the credentials") as told:
            sent(sky.target(), site(0))
        assert "not-the-secret" not in str(told.value)
        assert told.value.__suppress_context__

    def test_keys_that_may_only_read_are_told(self, sky: Sky, monkeypatch: pytest.MonkeyPatch) -> None:
        obstore.put(sky.bucket, "a", b"a")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "READER")
        with pytest.raises(OutsideError, match=r"The lock could not be set: .* refuses the credentials"):
            sent(sky.target(), site(0))

    def test_a_store_that_is_not_there_is_told(self, sky: Sky) -> None:
        with pytest.raises(OutsideError, match=r"could not be fetched: the connection failed\."):
            sent(sky.target(endpoint="http://127.0.0.1:9", retries=0), site(0))

    def test_without_the_packages_it_is_said_how_to_get_them(
        self, sky: Sky, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("bucket", "stores"):
            monkeypatch.delitem(sys.modules, f"kommunebeta.deploy.object_store.{name}")
        monkeypatch.setitem(sys.modules, "obstore", None)
        with pytest.raises(OutsideError, match=r"pip install 'kommunebeta\[object-store\]'"):
            sent(sky.target(), site(0))

    def test_without_credentials_it_is_said_which_ones(
        self, sky: Sky, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ENVIRONMENT:
            monkeypatch.delenv(name)
        monkeypatch.setenv("PATH", "")
        with pytest.raises(OutsideError, match="set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"):
            sent(sky.target(), site(0))
        with pytest.raises(OutsideError, match=r"account.* AZURE_STORAGE_ACCOUNT_NAME"):
            sent(target("az://$web"), site(0))
        with pytest.raises(OutsideError, match=r"AZURE_STORAGE_ACCOUNT_KEY .* «az login»"):
            sent(target("az://$web", account="beta"), site(0))
        with pytest.raises(OutsideError, match=r"GOOGLE_APPLICATION_CREDENTIALS .* «gcloud"):
            sent(target("gs://beta-blogg"), site(0))

    @pytest.mark.parametrize(
        "wrong",
        [
            {"url": "https://beta-blogg"},
            {"url": "s3://key:secret@beta-blogg"},
            {"url": "s3://beta-blogg/../andre"},
            {"endpoint": "http://s3.example.no"},
            {"endpoint": "https://key@s3.example.no"},
            {"cache": {"pages": 90_000}},
            {"secret_access_key": "x"},
        ],
    )
    def test_settings_that_would_do_harm_are_refused(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            target(**{"url": "s3://beta-blogg", **wrong})

    def test_unencrypted_connections_cannot_be_allowed_by_the_environment(
        self, sky: Sky, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
        monkeypatch.setenv("AWS_ENDPOINT", sky.endpoint)
        with pytest.raises(OutsideError):
            sent(target(sky.url, retries=0), site(0))
        assert contents(sky.bucket) == {}


class TestAwsProfiles:
    def profile(self, folder: Path, name: str, text: str) -> None:
        (folder / ".aws").mkdir(exist_ok=True)
        (folder / ".aws" / name).write_text(text, "utf-8")

    def test_keys_of_aws_configure_are_used(
        self, sky: Sky, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        keys = dict(ENVIRONMENT)
        for name in keys:
            monkeypatch.delenv(name)
        self.profile(
            tmp_path,
            "credentials",
            f"[beta]\naws_access_key_id = {keys['AWS_ACCESS_KEY_ID']}\naws_secret_access_key = {SECRET}\n",
        )
        self.profile(tmp_path, "config", "[profile beta]\nregion = eu-north-1\n")
        monkeypatch.setenv("AWS_PROFILE", "beta")
        sent(sky.target(), site(0))
        assert_exactly(sky.bucket, site(0))

    def test_a_profile_that_is_not_there_is_told(self, tmp_path: Path) -> None:
        assert aws_profile({}, tmp_path) is None
        with pytest.raises(OutsideError, match="no AWS profile «beta»"):
            aws_profile({"AWS_PROFILE": "beta"}, tmp_path)

    def test_a_profile_of_another_way_says_how_to_get_keys(self, tmp_path: Path) -> None:
        self.profile(tmp_path, "config", "[default]\nsso_session = kommune\nregion = eu-north-1\n")
        with pytest.raises(OutsideError, match="aws configure export-credentials --profile default"):
            aws_profile({}, tmp_path)

    def test_a_profile_does_not_show_its_secret(self, tmp_path: Path) -> None:
        self.profile(
            tmp_path, "credentials", "[default]\naws_access_key_id=a\naws_secret_access_key=hidden\n"
        )
        assert "hidden" not in repr(aws_profile({}, tmp_path))


class TestCommand:
    def test_a_site_is_built_checked_sent_and_verified(
        self, sky: Sky, command: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
    ) -> None:
        folder = tmp_path / "site"
        assert command("init", folder).returncode == 0
        file = folder / "kommunebeta.yaml"
        target = f'{{kind: object_store, url: "{sky.url}", endpoint: "{sky.endpoint}", compress: gzip}}'
        file.write_text(f"{file.read_text('utf-8')}\ndeploy:\n  targets:\n    sky: {target}\n", "utf-8")
        first = command("deploy", folder, "sky", environment=ENVIRONMENT)
        assert first.returncode == 0, first.stdout + first.stderr
        page = gzip.decompress(bytes(obstore.get(sky.bucket, "index.html").bytes()))
        assert b"</html>" in page
        assert sky.attributes("index.html")["Content-Type"] == "text/html; charset=utf-8"
        again = command("deploy", folder, "sky", "--format", "json", environment=ENVIRONMENT)
        assert again.returncode == 0, again.stdout + again.stderr
        assert json.loads(again.stdout)["changed"] == []
        with sky.target(compress="gzip", base_url=json.loads(again.stdout)["address"]) as goal:
            assert goal.verify(goal.look().files) == ()
        obstore.put(sky.bucket, SENDING, b'{"paths": ["index.html"]}')
        broken = command("deploy", "verify", "sky", "--site", folder, environment=ENVIRONMENT)
        assert (broken.returncode, "was interrupted. Deploy first" in broken.stderr) == (2, True)
        assert not any(secret in first.stdout + first.stderr for secret in ENVIRONMENT.values())


def test_a_manifest_at_the_bucket_can_be_read(sky: Sky) -> None:
    parcel, _ = sent(sky.target(), site(0))
    manifest = read_manifest(contents(sky.bucket)[MANIFEST])
    assert manifest is not None
    assert manifest.release == parcel.release
