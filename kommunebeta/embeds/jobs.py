"""The embeds of a site as things to look up: one job each, however many posts have it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from urllib.parse import urlsplit

from kommunebeta.embeds.lock import is_address
from kommunebeta.embeds.lookup import Wanted
from kommunebeta.embeds.provider import Found, Provider
from kommunebeta.embeds.providers import identify
from kommunebeta.errors import UsageError


@dataclass(frozen=True, slots=True)
class Job:
    """An embed that may be looked up.

    Attributes:
        provider: the one that knows its address.
        found: what the address means.
        places: where it is embedded; at least one.
    """

    provider: Provider
    found: Found
    places: tuple[Wanted, ...]

    @property
    def url(self) -> str:
        """The embed's one address."""
        return self.found.url

    @property
    def can_be_asked(self) -> bool:
        """Whether the provider tells anything, and the lock can keep it."""
        return is_address(self.url) and bool(self.provider.lookup(self.found))


def find_jobs(wanted: Iterable[Wanted], providers: Sequence[Provider]) -> dict[str, Job]:
    """Every embed by its one address, with all places that have it."""
    places: defaultdict[str, list[Wanted]] = defaultdict(list)
    found: dict[str, tuple[Provider, Found]] = {}
    for place in wanted:
        known = identify(place.url, providers)
        if known is not None:
            found.setdefault(known[1].url, known)
            places[known[1].url].append(place)
    return {url: Job(*known, tuple(places[url])) for url, known in found.items()}


def chosen_job(jobs: Mapping[str, Job], providers: Sequence[Provider], only: str) -> Job:
    """The job of one address.

    Raises:
        UsageError: no provider knows it, no post has it, or there is nothing to ask.
    """
    known = identify(only, providers)
    if known is None:
        raise UsageError(f"«{only}» is not an address of a provider that Kommunebeta knows.")
    job = jobs.get(known[1].url)
    if job is None:
        raise UsageError(f"«{only}» is in no post and no page.")
    if not job.can_be_asked:
        raise UsageError(f"{job.provider.name} has nothing that could be looked up.")
    return job


def in_turn(jobs: Iterable[Job]) -> list[Job]:
    """Ordered so that neighbours go to different hosts, as only a few may ask the same one at once."""
    by_host: defaultdict[str, list[Job]] = defaultdict(list)
    for job in jobs:
        by_host[urlsplit(job.provider.lookup(job.found)).netloc].append(job)
    return [job for turn in zip_longest(*by_host.values()) for job in turn if job is not None]
