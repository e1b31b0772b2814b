"""What differs between here and there, what stays for open pages, and the order in which it is sent."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kommunebeta.deploy.parcel import (
    GRACE,
    LocalFile,
    Parcel,
    Phase,
    Retired,
    There,
    files_in,
    is_fingerprinted,
    made_file,
    order_of,
    parcel_of,
    phase_of,
)
from kommunebeta.deploy.releases import new_release

NOW = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)
OLD, NEW = "assets/a.0123456789.css", "assets/a.9876543210.css"


def files(**texts: str) -> dict[str, LocalFile]:
    return {path: made_file(path, text.encode()) for path, text in texts.items()}


def digests(found: dict[str, LocalFile]) -> dict[str, str]:
    return {path: file.digest for path, file in found.items()}


def parcel(here: dict[str, LocalFile], there: There, **more: bool) -> Parcel:
    return parcel_of(here, there, "r", NOW, **more)


def test_what_is_new_changed_gone_and_the_same_is_told_by_digest() -> None:
    there = There(digests(files(a="1", b="1", c="1")))
    difference = parcel(files(a="1", b="2", d="1"), there).difference
    assert (difference.added, difference.changed, difference.removed, difference.same) == (
        ("d",),
        ("b",),
        ("c",),
        1,
    )


def test_nothing_is_needed_where_nothing_differs() -> None:
    here = files(a="1")
    assert not parcel(here, There(digests(here))).is_needed
    assert parcel(here, There(digests(here), known=False)).is_needed  # a manifest has to be left there
    assert parcel(here, There(digests(here)), everything=True).difference.changed == ("a",)


def test_a_fingerprinted_file_that_is_gone_stays_for_a_day() -> None:
    here = files(**{NEW: "2"})
    first = parcel(here, There(digests(files(**{OLD: "1"}))))
    assert first.difference.removed == ()
    assert first.retired.keys() == {OLD}
    there = There(digests(here), first.retired)
    assert parcel_of(here, there, "r", NOW + GRACE / 2, everything=False).retired == first.retired
    after = parcel_of(here, there, "r", NOW + GRACE)
    assert (after.difference.removed, dict(after.retired), after.is_needed) == ((OLD,), {}, True)


def test_a_retired_file_that_the_site_needs_again_is_not_sent_again() -> None:
    here = files(**{OLD: "1"})
    found = parcel(here, There({}, {OLD: Retired(here[OLD].digest, NOW)}))
    assert (found.difference.added, found.difference.same, dict(found.retired)) == ((), 1, {})
    assert found.is_needed  # since the manifest has to say so


def test_files_that_are_not_ours_are_replaced_by_the_sites_and_never_removed() -> None:
    found = parcel(files(a="1"), There({}, unclaimed=("a", "b"), known=False))
    assert (found.difference.changed, found.difference.removed) == (("a",), ())


@pytest.mark.parametrize(
    ("path", "phase"),
    [
        (NEW, Phase.ASSETS),
        ("media/film.0123456789-480.webp", Phase.ASSETS),
        ("robots.txt", Phase.FILES),
        ("media/film.mp4", Phase.FILES),
        ("data/svar.json", Phase.FILES),
        ("index.html", Phase.PAGES),
        ("blåbær/index.html", Phase.PAGES),
        ("feed.xml", Phase.PAGES),
        ("nn/feed.json", Phase.PAGES),
        ("rss.xml", Phase.PAGES),
        ("sitemap.xml", Phase.PAGES),
        ("_redirects", Phase.PAGES),
    ],
)
def test_what_pages_need_comes_before_them_and_what_leads_to_them_with_them(path: str, phase: Phase) -> None:
    assert phase_of(path) is phase
    assert is_fingerprinted(path) is (phase is Phase.ASSETS)


_PATHS = st.sampled_from((OLD, NEW, "a.html", "b.html", "feed.xml", "robots.txt", "x.0123456789.js"))
_SITES = st.dictionaries(_PATHS, st.sampled_from(("1", "2")), max_size=6)


@given(st.lists(_SITES, min_size=1, max_size=5), st.integers(0, 30))
def test_after_any_deploys_the_target_holds_the_site_and_the_retired_alone(
    states: list[dict[str, str]], hours: int
) -> None:
    lies: dict[str, str] = {}
    there = There()
    for number, state in enumerate(states):
        here = files(**state)
        now = NOW + dt.timedelta(hours=hours * number)
        found = parcel_of(here, there, "r", now)
        assert [file.path for file in found.to_send] == sorted(
            (file.path for file in found.to_send), key=order_of
        )
        lies |= {file.path: file.digest for file in found.to_send}
        for path in found.difference.removed:
            del lies[path]
        assert lies == digests(here) | {path: item.digest for path, item in found.retired.items()}
        assert all(is_fingerprinted(path) for path in found.retired)
        there = There(digests(here), found.retired)


def test_large_files_are_read_bit_by_bit(tmp_path: Path) -> None:
    (tmp_path / "film ø.mp4").write_bytes(bytes(3_000_001))
    (file,) = files_in(tmp_path, ["film ø.mp4"])
    assert (file.size, file.digest) == (3_000_001, made_file("x", bytes(3_000_001)).digest)
    assert file.read() == bytes(3_000_001)


def test_links_and_what_is_no_file_are_not_followed(tmp_path: Path) -> None:
    out = tmp_path / "ut"
    (out / "a/b").mkdir(parents=True)
    (out / "a/b/x").write_text("x")
    (out / "a/lenke").symlink_to(tmp_path)
    (tmp_path / "hemmelig").write_text("x")
    (out / "x").symlink_to(tmp_path / "hemmelig")
    os.mkfifo(out / "kø")
    linked = tmp_path / "lenke til ut"
    linked.symlink_to(out)  # the output folder itself may lie elsewhere
    assert [file.read() for file in files_in(linked, ["a/b/x"])] == [b"x"]
    for path in ("x", "a/lenke/hemmelig", "kø", "a/b"):
        with pytest.raises(OSError, match="it is"):
            list(files_in(out, [path]))


@pytest.mark.parametrize("ahead", [dt.timedelta(hours=23), dt.timedelta(days=400)])
def test_a_clock_that_is_ahead_keeps_no_file_for_longer_than_two_days(ahead: dt.timedelta) -> None:
    there = There({}, {OLD: Retired("x", NOW + ahead)})
    found = parcel_of({}, there, "r", NOW)
    assert (OLD in found.retired) is (ahead < GRACE)
    assert parcel_of({}, there, "r", NOW + 2 * GRACE).difference.removed == (OLD,)


@given(st.lists(st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2090, 1, 1)), min_size=2, max_size=9))
def test_the_names_of_releases_sort_by_time(moments: list[dt.datetime]) -> None:
    names = [new_release(moment) for moment in sorted(moments)]
    assert names == sorted(names)
