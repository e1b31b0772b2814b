"""The list at the target: what is written is read again, and what others wrote does no harm."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kommunebeta.deploy.manifest import Manifest, is_safe, manifest_bytes, read_manifest
from kommunebeta.deploy.parcel import Retired

_PART = st.text(st.characters(exclude_characters="/\\\0", exclude_categories=("Cs",)), min_size=1).filter(
    lambda part: part not in (".", "..")
)
_PATHS = st.lists(_PART, min_size=1, max_size=3).map("/".join)
_RETIRED = st.builds(Retired, st.just("ab" * 32), st.datetimes(timezones=st.just(dt.UTC)))


@given(st.dictionaries(_PATHS, st.just("cd" * 32)), st.dictionaries(_PATHS, _RETIRED))
def test_what_is_written_is_read_again(files: dict[str, str], retired: dict[str, Retired]) -> None:
    manifest = Manifest(files, retired, "20261125T162455Z-3f9a", "https://beta.example.no/")
    assert read_manifest(manifest_bytes(manifest)) == manifest


def test_the_same_content_is_the_same_bytes() -> None:
    one, other = Manifest({"a": "1", "b": "2"}), Manifest({"b": "2", "a": "1"})
    assert manifest_bytes(one) == manifest_bytes(other)


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\xff\xfe",
        b"<html>404</html>",
        b"null",
        b"[]",
        b"{}",
        b'{"version": 2, "files": {}, "retired": {}, "release": "", "base_url": ""}',
        b'{"version": 1, "files": [], "retired": {}, "release": "", "base_url": ""}',
        b'{"version": 1, "files": {}, "retired": {"a": ["x"]}, "release": "", "base_url": ""}',
        b'{"version": 1, "files": {}, "retired": {"a": ["x", "yesterday"]}, "release": "", "base_url": ""}',
        b"[" * 100_000,
    ],
    ids=lambda value: repr(value[:40]),
)
def test_what_is_not_one_of_ours_is_none(value: bytes) -> None:
    assert read_manifest(value) is None


def test_a_moment_without_its_offset_is_one_of_utc() -> None:
    text = '{"version": 1, "files": {}, "retired": {"a": ["x", "2026-11-25T12:00"]}, "release": "", "base_url": ""}'
    found = read_manifest(text.encode())
    assert found is not None
    assert found.retired["a"].since == dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)


@given(st.binary())
def test_no_bytes_make_it_fail(data: bytes) -> None:
    read_manifest(data)


@pytest.mark.parametrize(
    "path", ["", "/etc/passwd", "../x", "a/../../x", "a//b", "a/", "./a", "a\0b", "..\\x", "C:\\x", "a/."]
)
def test_paths_that_leave_the_site_are_left_out(path: str) -> None:
    value: dict[str, Any] = {"version": 1, "release": "r", "base_url": "u"}
    since = "2026-11-25T12:00:00+00:00"
    value |= {"files": {path: "x", "god.html": "y"}, "retired": {path: ["x", since], "b.css": ["y", since]}}
    found = read_manifest(json.dumps(value).encode())
    assert found is not None
    assert (found.files.keys(), found.retired.keys()) == ({"god.html"}, {"b.css"})
    assert not is_safe(path)
