"""Addresses: from patterns, slugs and dates to safe paths in the site.

An address is what stands after the host, from the site's root, in plain characters: ``/2026/05/x/``.
An address that ends with ``/`` is the folder's ``index.html``.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import overload

from kommunebeta.config import PermalinkSetting, Settings
from kommunebeta.errors import Problem
from kommunebeta.language import base_language, slugify

_DEFAULT = {
    "post": "/{year}/{month}/{slug}/",
    "page": "/{slug}/",
    "tag": "/emne/{slug}/",
    "category": "/kategori/{slug}/",
    "series": "/serie/{slug}/",
    "person": "/folk/{slug}/",
    "experiment": "/forsok/{slug}/",
    "archive": "/arkiv/",
}
_BY_LANGUAGE = {
    "en": {
        "tag": "/tag/{slug}/",
        "category": "/category/{slug}/",
        "series": "/series/{slug}/",
        "person": "/people/{slug}/",
        "experiment": "/experiments/{slug}/",
        "archive": "/archive/",
    },
    "se": {
        "tag": "/fadda/{slug}/",
        "category": "/kategoriija/{slug}/",
        "series": "/raidu/{slug}/",
        "person": "/olbmot/{slug}/",
        "experiment": "/geahccaleamit/{slug}/",
        "archive": "/arkiiva/",
    },
}
_PAGE_WORDS = {"en": "page", "se": "siidu"}
_QUESTION_WORDS = {"en": "questions", "se": "gazaldagat", "nn": "sporsmal"}
_OUTCOME_WORDS = {"en": "you-said-we-did", "se": "dii-celkkiidet", "nn": "de-sa-vi-gjorde"}
_DIALOGUE_WORDS = {"en": "input", "se": "oaivilat"}
_ANSWER_WORDS = {"en": "answers", "se": "vastadusat"}
_RESULT_WORDS = {"en": "results", "se": "bohtosat"}
_THANKS_WORDS = {"en": "thanks", "se": "giitu"}
_NOT_SENT_WORDS = {"en": "not-sent", "se": "ii-saddejuvvon", "nn": "ikkje-sendt"}
_DEADLINE_WORDS = {"en": "deadlines", "se": "aigemearit", "nn": "fristar"}
_KINDS = {"tags": "tag", "categories": "category", "series": "series"}
_OVERVIEWS = {"people": "person", "experiments": "experiment"}
_PLACEHOLDERS = {
    "post": {"slug", "id", "year", "month", "day", "category", "lang"},
    "page": {"slug", "id", "lang"},
    "experiment": {"slug", "id", "lang"},
    "archive": {"lang"},
}
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\\?#%<>\"|*]|^[A-Za-z]:|(^|/)\.{1,2}(/|$)|//|:/")
_LONGEST = 1000  # bytes; common limits are 4096 for a path on a disk and 2048 for an address
_FILE_ENDINGS = (".html", ".htm", ".xml", ".txt", ".json", ".php", ".aspx")


def is_safe(address: str) -> bool:
    """Whether an address stays inside the site on every server and disk."""
    parts = address.strip("/").split("/")
    return (
        not _FORBIDDEN.search(address)
        and len(address.encode("utf-8", "surrogatepass")) <= _LONGEST
        and all(map(_is_safe_name, parts))
    )


def _is_safe_name(name: str) -> bool:
    hidden = name.startswith(".") and name != ".well-known"
    return not hidden and name.isprintable() and len(name.encode()) <= 200 and not name.endswith((" ", "."))


def normalised(address: str) -> str:
    """An address with one slash in front, and one at the end unless it names a file."""
    address = "/" + address.strip().lstrip("/")
    if address.endswith("/") or address.lower().endswith(_FILE_ENDINGS):
        return address
    return address + "/"


def output_path(address: str) -> str:
    """The output file of an address: ``2026/05/x/index.html`` for ``/2026/05/x/``."""
    path = address.lstrip("/")
    return path + "index.html" if not path or path.endswith("/") else path


@dataclass(frozen=True, slots=True)
class PageAddresses(Sequence[str]):
    """The addresses of a paginated list, in order. Each page of the list knows all of them.

    Attributes:
        first: the address of the first page.
        word: what stands before the number of each other one.
        pages: the number of pages.
    """

    first: str
    word: str
    pages: int

    def __len__(self) -> int:
        return self.pages

    @overload
    def __getitem__(self, at: int) -> str: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[str, ...]: ...

    def __getitem__(self, at: int | slice) -> str | tuple[str, ...]:
        if isinstance(at, slice):
            return tuple(self[number] for number in range(*at.indices(self.pages)))
        number = range(self.pages)[at]
        return self.first if number == 0 else _beside(self.first, f"{self.word}/{number + 1}/")


class Paged:
    """One page of a paginated list: which others there are."""

    __slots__ = ()
    number: int
    addresses: Sequence[str]

    @property
    def pages(self) -> int:
        """The number of pages."""
        return len(self.addresses)

    @property
    def newer(self) -> str:
        """The address of the page before this one, or an empty text."""
        return self.addresses[self.number - 2] if self.number > 1 else ""

    @property
    def older(self) -> str:
        """The address of the page after this one, or an empty text."""
        return self.addresses[self.number] if self.number < self.pages else ""

    @property
    def window(self) -> tuple[int, ...]:
        """Page numbers to show: first, last, and those around this one; 0 stands for a gap."""
        wanted = {1, self.pages, *range(max(1, self.number - 2), min(self.pages, self.number + 2) + 1)}
        numbers: list[int] = []
        for number in sorted(wanted):
            if numbers and number - numbers[-1] == 2:
                numbers.append(number - 1)
            elif numbers and number - numbers[-1] > 2:
                numbers.append(0)
            numbers.append(number)
        return tuple(numbers)


class Addresses:
    """Fills the site's permalink patterns."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._patterns: dict[tuple[str, str], str] = {}

    def pattern(self, kind: str, lang: str) -> str:
        """The pattern of a kind (``post``, ``tag`` …) in a language, with the language's folder in front."""
        return self._patterns.get((kind, lang)) or self._patterns.setdefault(
            (kind, lang), self._pattern(kind, lang)
        )

    def _pattern(self, kind: str, lang: str) -> str:
        base = base_language(lang)
        special = self.settings.permalinks.languages.get(lang, PermalinkSetting())
        pattern = (
            _sound(kind, getattr(special, kind))
            or _sound(kind, getattr(self.settings.permalinks, kind))
            or _BY_LANGUAGE.get(base, {}).get(kind)
            or _DEFAULT[kind]
        )
        pattern = normalised(pattern)
        if base == base_language(self.settings.language) or "{lang}" in pattern:
            return pattern
        return f"/{lang.lower()}{pattern}"

    def fill(self, kind: str, lang: str, parts: Mapping[str, str]) -> str:
        """The address of one thing; ``parts`` gives the placeholders' values."""
        return normalised(self.pattern(kind, lang).format_map({"lang": lang.lower(), **parts}))

    def of(self, kind: str, home: str, key: str = "") -> str:
        """The address of one of the site's own pages; see ``Site.address``."""
        root = self.home(home)
        if kind in _KINDS:
            return self.fill(_KINDS[kind], home, {"slug": key}) if key else self._above(_KINDS[kind], home)
        if kind == "person":
            return self.fill("person", home, {"slug": slugify(key) or key})
        if kind in _OVERVIEWS:
            return self._above(_OVERVIEWS[kind], home)
        if kind == "archive":
            return normalised(self.fill("archive", home, {}) + key)
        if kind == "open-data":
            return f"/data/dialogue.{key}"
        base = base_language(home)
        if kind == "results":
            return _beside(key, f"{_RESULT_WORDS.get(base, 'resultater')}.csv")
        if kind == "dialogue":
            return _beside(key, f"{_DIALOGUE_WORDS.get(base, 'innspill')}/feed.xml")
        questions = f"{_QUESTION_WORDS.get(base, 'sporsmal')}/"
        files = {
            "home": "",
            "feed": "feed.xml",
            "rss": "rss.xml",
            "jsonfeed": "feed.json",
            "answers": f"{_ANSWER_WORDS.get(base, 'svar')}.xml",
            "questions": questions,
            "deadlines": f"{questions}{_DEADLINE_WORDS.get(base, 'frister')}.ics",
            "outcomes": f"{_OUTCOME_WORDS.get(base, 'dere-sa-vi-gjorde')}/",
            "thanks": f"{_THANKS_WORDS.get(base, 'takk')}/{key}/",
            "not_sent": f"{_NOT_SENT_WORDS.get(base, 'ikke-sendt')}/",
        }
        return root + files[kind] if kind in files else ""

    def _above(self, kind: str, home: str) -> str:
        """The overview of all things of a kind: the folder that their addresses share."""
        folder = self.pattern(kind, home).split("{slug}")[0].rpartition("/")[0]
        above = normalised(folder.format_map({"lang": home.lower()}))
        if above != self.home(home):
            return above
        usual = _BY_LANGUAGE.get(base_language(home), {}).get(kind) or _DEFAULT[kind]
        return f"{above}{usual.split('/')[1]}/"

    def home(self, lang: str) -> str:
        """The address of a language's home page."""
        return "/" if base_language(lang) == base_language(self.settings.language) else f"/{lang.lower()}/"

    def pages(self, first: str, lang: str, count: int) -> PageAddresses:
        """The addresses of a paginated list of ``count`` pages whose first is ``first``."""
        return PageAddresses(first, _PAGE_WORDS.get(base_language(lang), "side"), count)

    def discussion(self, post: str, lang: str, count: int) -> PageAddresses:
        """The addresses of a dialogue of ``count`` pages; the first is that of its post."""
        return PageAddresses(post, _DIALOGUE_WORDS.get(base_language(lang), "innspill"), count)

    def problems(self, path: str, places: Mapping[str, tuple[int, int]]) -> tuple[Problem, ...]:
        """Faults in the patterns of the settings.

        Args:
            path: the settings file.
            places: line and column of each pattern, by ``kind`` or ``lang.kind``.
        """
        found = []
        for lang, setting in (("", self.settings.permalinks), *self.settings.permalinks.languages.items()):
            for kind in _DEFAULT:
                pattern = getattr(setting, kind)
                if not pattern:
                    continue
                line, column = places.get(f"{lang}.{kind}" if lang else kind, (0, 0))
                found += [
                    Problem(code, path, line, column, message, mend)
                    for code, message, mend in _faults(kind, pattern)
                ]
        return tuple(found)


def _beside(address: str, name: str) -> str:
    """The address of a file that belongs to a page: in its folder, or beside a page that is a file."""
    folder, _, page = address.rpartition("/")
    return f"{folder}/{page.rpartition('.')[0]}-{name}" if page else f"{address}{name}"


def _sound(kind: str, pattern: str) -> str:
    """A pattern that can be filled; an empty text for a faulty one, so that a build can look further."""
    return "" if pattern and _faults(kind, pattern) else pattern


@lru_cache(maxsize=256)
def _faults(kind: str, pattern: str) -> list[tuple[str, str, str]]:
    allowed = _PLACEHOLDERS.get(kind, {"slug", "lang"})
    known = ", ".join(f"{{{name}}}" for name in sorted(allowed))
    try:
        parts = [part for part in string.Formatter().parse(pattern) if part[1] is not None]
    except ValueError:
        return [
            (
                "KB043",
                f"The pattern «{pattern}» has a brace without its partner.",
                f"Placeholders are {known}.",
            )
        ]
    fields = [name for _, name, _, _ in parts]
    faults = [
        (
            "KB043",
            f"The pattern «{pattern}» has an unknown placeholder «{_written(name, spec, conversion)}».",
            f"Known here: {known}.",
        )
        for _, name, spec, conversion in parts
        if name not in allowed or spec or conversion
    ]
    if kind not in ("post", "page") and pattern.lower().endswith(_FILE_ENDINGS):
        faults.append(
            ("KB043", f"The pattern «{pattern}» names a file, but the list has several.", "End it with «/».")
        )
    if kind != "archive" and not {"slug", "id"} & set(fields):
        faults.append(
            ("KB043", f"The pattern «{pattern}» gives everything the same address.", "Put {slug} in it.")
        )
    if not is_safe(re.sub(r"\{\w*\}", "x", normalised(pattern))):
        faults.append(
            ("KB042", f"The pattern «{pattern}» is not a path in the site.", "Write it as /{year}/{slug}/.")
        )
    return faults


def _written(name: str | None, spec: str | None, conversion: str | None) -> str:
    return f"{name}{f'!{conversion}' if conversion else ''}{f':{spec}' if spec else ''}"
