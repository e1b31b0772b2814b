"""A gathered site as the memory keeps it, so that an edited text can be taken in without the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from kommunebeta.config import Settings
from kommunebeta.content import Parsed
from kommunebeta.dialogue.forms import FormDefinition
from kommunebeta.dialogue.model import Dialogue
from kommunebeta.documents import Documents
from kommunebeta.gather import Gathered
from kommunebeta.images import PictureFile
from kommunebeta.links import Body
from kommunebeta.lists import Place
from kommunebeta.memory import Memory
from kommunebeta.model import Channel, Entry, MenuItem, Page, Person, PictureVariant
from kommunebeta.moments import Clock
from kommunebeta.pickles import DamagedError, dumps, loads
from kommunebeta.plan import Plan
from kommunebeta.site import Site


@dataclass(frozen=True, slots=True)
class SavedSite:
    """What of a site is neither settings nor texts.

    Attributes:
        places: where the posts stand.
        pages: the pages.
        people: who writes and answers, now and before.
        channels: the channels by language.
        menus: the menus by name and language.
        data: the files in ``data/``.
        forms: the forms by id.
        dialogue: what is published of each dialogue, by the post's id.
        anchored: the entries to whose headings others link.
        pictures: the pictures by file, with their variants.
    """

    places: tuple[Place, ...]
    pages: tuple[Page, ...]
    people: tuple[Person, ...]
    channels: Mapping[str, tuple[Channel, ...]]
    menus: Mapping[tuple[str, str], tuple[MenuItem, ...]]
    data: Mapping[str, Any]
    forms: Mapping[str, FormDefinition]
    dialogue: Mapping[str, Dialogue]
    anchored: frozenset[str]
    pictures: Mapping[str, tuple[PictureFile, tuple[PictureVariant, ...]]]


def save_site(memory: Memory, site: Site, gathered: Gathered, plan: Plan, parsed: Iterable[Parsed]) -> None:
    """Keep a site; of entries, only those that have changed are written."""
    texts = {item.path: item for item in parsed}
    saved = SavedSite(
        places=site.holdings.places,
        pages=tuple(entry for entry in site.holdings.entries.values() if isinstance(entry, Page)),
        people=site.holdings.people,
        channels=site.holdings.channels,
        menus=site.holdings.menus,
        data=site.holdings.data,
        forms=site.holdings.forms,
        dialogue=site.holdings.dialogue,
        anchored=plan.anchored,
        pictures=gathered.media.known_pictures,
    )
    memory.set_facts({"site": dumps(saved)})
    before = memory.saved_digests()
    rows = []
    for source, entry in site.holdings.entries.items():
        row = saved_row(texts[source], entry, plan.bodies[source])
        if before.get(source) != row[1]:
            rows.append((source, *row))
    memory.set_entries(rows)
    memory.forget_entries(before.keys() - site.holdings.entries.keys())


def saved_row(parsed: Parsed, entry: Entry, body: Body) -> tuple[str, str, bytes, bytes]:
    """An entry as the memory keeps it: head, digest of the row, the entry, its body's key and targets."""
    value, kept = dumps(entry), dumps((body.key, body.targets))
    return parsed.head, value[:16].hex() + kept[:16].hex(), value, kept


def read_saved(memory: Memory) -> SavedSite:
    """The site that was kept.

    Raises:
        DamagedError: there is none, or it is not sound.
    """
    saved = loads(memory.blob("site"))
    if not isinstance(saved, SavedSite):
        raise DamagedError("not a site")
    return saved


class SavedEntries(MutableMapping[str, Entry]):
    """Posts and pages by file, each read from the memory when it is first asked for."""

    def __init__(self, memory: Memory, sources: Iterable[str]) -> None:
        self._memory = memory
        self._sources = dict.fromkeys(sources)
        self._read: dict[str, Entry] = {}

    def __getitem__(self, source: str) -> Entry:
        if source not in self._read:
            row = self._memory.entry(source) if source in self._sources else None
            if row is None:
                raise KeyError(source)
            self._read[source] = loads(row[2])
        return self._read[source]

    def __setitem__(self, source: str, entry: Entry) -> None:
        self._sources[source] = None
        self._read[source] = entry

    def __delitem__(self, source: str) -> None:
        del self._sources[source]
        self._read.pop(source, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)


class SavedBodies(MutableMapping[str, Body]):
    """Bodies by file, each put together when it is first asked for."""

    def __init__(self, memory: Memory, documents: Documents) -> None:
        self._memory = memory
        self._documents = documents
        self._read: dict[str, Body] = {}

    def __getitem__(self, source: str) -> Body:
        if source not in self._read:
            row = self._memory.entry(source)
            if row is None:
                raise KeyError(source)
            key, targets = loads(row[3])
            parsed = self._documents.heads({source: key}).get(source)
            if not isinstance(parsed, Parsed) or parsed.entry is None:
                raise DamagedError("the text is gone")
            self._read[source] = Body(parsed.entry.document, targets, key)
        return self._read[source]

    def __setitem__(self, source: str, body: Body) -> None:
        self._read[source] = body

    def __delitem__(self, source: str) -> None:
        self._read.pop(source, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._read)

    def __len__(self) -> int:
        return len(self._read)


def revive(saved: SavedSite, memory: Memory, settings: Settings, clock: Clock) -> Site:
    """The site that was kept, as it is at the moment of this build."""
    sources = (*(at.source for at in saved.places), *(page.source for page in saved.pages))
    return Site(
        settings,
        now=clock.now,
        pages=saved.pages,
        people=saved.people,
        channels=saved.channels,
        menus=saved.menus,
        data=saved.data,
        forms=saved.forms,
        dialogue=saved.dialogue,
        places=saved.places,
        entries=SavedEntries(memory, sources),
    )
