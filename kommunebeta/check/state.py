"""What checks are told: the surroundings of a page, and the site as a whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from kommunebeta.check.finding import Clue, Fault
from kommunebeta.config import CheckSetting, Settings
from kommunebeta.site import Site
from kommunebeta.yamlfile import YamlDocument


@dataclass(frozen=True)
class Surroundings:
    """What a page or a file is checked against; the same for all of them, in every process.

    Attributes:
        folder: the output folder.
        settings: the site's settings.
        outputs: every file in the output folder, with ``/``.
        sources: for outputs that have one file of their own in the site folder, that file.
        redirects: old addresses and where the host leads them, as in ``_redirects``; without base path.
        now: the moment of the check.
        public: words that may stand in pages although they look like personal data: the e-mail addresses
            and telephone numbers of settings, people and forms, in lower case and without spaces.
    """

    folder: Path
    settings: Settings
    outputs: frozenset[str]
    sources: Mapping[str, str]
    redirects: Mapping[str, str]
    now: dt.datetime
    public: frozenset[str] = frozenset()

    @property
    def limits(self) -> CheckSetting:
        """What the site's settings say of checks."""
        return self.settings.check

    @cached_property
    def origin(self) -> str:
        """The site's own origin, such as ``https://beta.example.no``."""
        parts = urlsplit(self.settings.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    def read(self, path: str) -> bytes:
        """What an output holds.

        Raises:
            OSError: it cannot be read.
        """
        return (self.folder / path).read_bytes()


@dataclass(frozen=True, slots=True)
class Link:
    """A link from a page.

    Attributes:
        target: an output of the site, or an address elsewhere.
        fragment: what follows ``#``, decoded; empty where there is none.
        clue: where it stands.
    """

    target: str
    fragment: str
    clue: Clue


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in one output.

    Attributes:
        path: the output.
        faults: what is wrong there.
        anchors: links to places in other pages, which can be judged when all pages are read.
        targets: the outputs of this site that it links to by ``a`` and ``area``.
        external: links to other sites.
        ids: the ids of a page, and the names of its anchors.
        leads_on: the address that a page at an old address sends its readers to; empty for others.
        title: a page's title; empty for one that leads on.
        lang: the language that it says it is in.
        noindex: it asks search engines to leave it out.
    """

    path: str
    faults: tuple[Fault, ...] = ()
    anchors: tuple[Link, ...] = ()
    targets: frozenset[str] = frozenset()
    external: tuple[Link, ...] = ()
    ids: frozenset[str] = frozenset()
    leads_on: str = ""
    title: str = ""
    lang: str = ""
    noindex: bool = False


@dataclass(frozen=True)
class Whole:
    """A site with all its pages, for checks that look beyond one of them.

    Attributes:
        folder: the site folder.
        surroundings: what pages were checked against.
        site: the content.
        document: where the settings stand in their file.
        reports: what was found in each output, by path.
        templates: every template that an output was made with, and every template that was looked for.
    """

    folder: Path
    surroundings: Surroundings
    site: Site
    document: YamlDocument
    reports: Mapping[str, Report]
    templates: frozenset[str] = field(default=frozenset())
