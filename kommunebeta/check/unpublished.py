"""Texts that are not published now, and where they would be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kommunebeta.check.state import Whole
from kommunebeta.content import Entry, parse_file
from kommunebeta.entries import address_of, entry_date, stem_slug
from kommunebeta.frontmatter import ExperimentMatter, PostMatter
from kommunebeta.moments import Clock
from kommunebeta.permalinks import Addresses
from kommunebeta.sources import find_files


@dataclass(frozen=True, slots=True)
class UnpublishedText:
    """A text that is not published now.

    Attributes:
        source: the file, relative to the site folder.
        address: where it would be published, such as ``/2026/05/x/``.
        reason: ``draft``, ``scheduled`` or ``expired``.
        template: the template that it names, or empty.
    """

    source: str
    address: str
    reason: str
    template: str


def unpublished_texts(whole: Whole) -> Iterator[UnpublishedText]:
    """The texts of a site that are not published now.

    Args:
        whole: the site.
    """
    settings, files = whole.surroundings.settings, find_files(whole.folder)
    clock = Clock(whole.surroundings.now, settings.zone)
    addresses = Addresses(settings)
    published = set(whole.site.holdings.entries)
    for path in sorted({*files.posts, *files.pages} - published):
        entry = parse_file(whole.folder, path, settings.language).entry
        date = entry_date(entry, clock) if entry else None
        if entry is None or (isinstance(entry.matter, PostMatter) and date is None):
            continue  # faulty; the build tells of it
        reason = clock.hides(entry.matter, date)
        if reason:
            kind, identity = _kind(entry), stem_slug(entry.matter.id or entry.stem)
            address, _ = address_of(entry, addresses, kind, identity, date, _category(entry))
            yield UnpublishedText(path, address, reason, entry.matter.template)


def _kind(entry: Entry) -> str:
    if isinstance(entry.matter, PostMatter):
        return "post"
    return "experiment" if isinstance(entry.matter, ExperimentMatter) else "page"


def _category(entry: Entry) -> str:
    category = entry.matter.category if isinstance(entry.matter, PostMatter) else ""
    return stem_slug(category) if category else "uten-kategori"
