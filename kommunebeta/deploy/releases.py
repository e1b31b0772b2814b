"""Releases that lie beside each other: which one is meant, and what a return to one takes along.

path/current  → releases/20261125T162455Z-3f9a      what the web server shows
path/releases/20261125T162455Z-3f9a/
path/releases/20261125T163001Z-a07b.partial/        is being filled
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from kommunebeta.deploy.manifest import Manifest
from kommunebeta.deploy.parcel import Retired, is_fingerprinted
from kommunebeta.deploy.target import Release
from kommunebeta.errors import UsageError

CURRENT = "current"
RELEASES = "releases"
PARTIAL = ".partial"


_NAME = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]+")


def is_release(name: str) -> bool:
    """Whether a folder bears a name that only a deploy gives, also where it has lost its manifest."""
    return bool(_NAME.fullmatch(name))


def new_release(now: dt.datetime) -> str:
    """A name for a release: its moment, to 16 microseconds, so that names sort by time."""
    return f"{now:%Y%m%dT%H%M%SZ}-{now.microsecond // 16:04x}"


def release_of(kept: Sequence[Release], wanted: str, place: str) -> Release:
    """The release that a return is to go to.

    Args:
        kept: the releases there, newest first.
        wanted: its name; empty for the one before the current.
        place: the target, for people.

    Raises:
        UsageError: there is none of that name, or none before the current.
    """
    at = next((number for number, item in enumerate(kept) if item.current), -1)
    name = wanted or (kept[at + 1].name if at + 1 < len(kept) else "")
    for item in kept:
        if item.name == name:
            return item
    known = ", ".join(item.name for item in kept) or "none"
    said = f"release {name}" if name else "earlier release"
    raise UsageError(f"{place} has no {said}; it keeps: {known}.")


def carried(shown: Manifest, release: Manifest, now: dt.datetime) -> Mapping[str, Retired]:
    """The fingerprinted files that open pages of the shown release need and that another one lacks."""
    needed = {path: Retired(digest, now) for path, digest in shown.files.items() if is_fingerprinted(path)}
    needed |= shown.retired
    return {path: item for path, item in needed.items() if path not in release.files}


def with_carried(release: Manifest, missing: Mapping[str, Retired]) -> Manifest:
    """A release's manifest when it has taken such files in."""
    return replace(release, retired={**release.retired, **missing})


def nothing_sent(place: str) -> UsageError:
    """What is told where a target has no manifest of this site.

    Args:
        place: the target, for people.
    """
    return UsageError(f"{place} has no list of what was sent there. Deploy first.")
