"""What checks are told: the surroundings of a page, and the site as a whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kommunebeta.answers import Question
from kommunebeta.check.addresses import AddressBook
from kommunebeta.check.finding import Clue, Fault
from kommunebeta.check.loaded import LoadedFiles
from kommunebeta.check.redirectrules import Redirect
from kommunebeta.config import CheckSetting, Settings
from kommunebeta.dialogue.delivery import policy_for
from kommunebeta.headers import parse_policy, sent_headers
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
        redirects: where the host leads readers on, as ``_redirects`` tells it.
        now: the moment of the check.
        public: words that may stand in pages although they look like personal data: the e-mail addresses
            and telephone numbers of settings, people and forms, in lower case and without spaces.
        storing: scripts of which the theme says why they keep something in the reader's browser.
    """

    folder: Path
    settings: Settings
    outputs: frozenset[str]
    sources: Mapping[str, str]
    redirects: tuple[Redirect, ...]
    now: dt.datetime
    public: frozenset[str] = frozenset()
    storing: frozenset[str] = frozenset()

    @property
    def limits(self) -> CheckSetting:
        """What the site's settings say of checks."""
        return self.settings.check

    @cached_property
    def origin(self) -> str:
        """The site's own origin, such as ``https://beta.example.no``."""
        parts = urlsplit(self.settings.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    @cached_property
    def addresses(self) -> AddressBook:
        """Where addresses lead, by what was looked up before in this process."""
        return AddressBook(self.settings.base_url, self.outputs, self.redirects)

    @cached_property
    def files(self) -> LoadedFiles:
        """What files weigh, by what was asked before in this process."""
        return LoadedFiles(self.folder)

    @cached_property
    def answers(self) -> dict[Question, Any]:
        """What checks of pages were answered before in this process; see ``noted``."""
        return {}

    @cached_property
    def receivers(self) -> frozenset[str]:
        """The hosts, beside the site's own, to which the settings let forms be sent."""
        inbox = self.settings.inbox
        policy = policy_for(self.settings, ("", *inbox.forms))
        return frozenset(source.partition("//")[2].lower() for source in policy.get("form-action", ()))

    @cached_property
    def policy(self) -> Mapping[str, tuple[str, ...]]:
        """The content security policy that hosts are to send: sources by directive; empty for none."""
        try:
            text = self.read("_headers").decode("utf-8", "replace")
        except OSError:
            return {}
        return parse_policy(sent_headers(text).get("content-security-policy", ("", 0))[0])

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
        anchors: links to places in other pages, which can be judged when all pages are read, and those to
            places that the page itself does not have.
        targets: the outputs of this site that it links to by ``a`` and ``area``, each once.
        external: links to other sites.
        ids: the ids of a page, and the names of its anchors.
        leads_on: the address that a page at an old address sends its readers to; empty for others.
        missing: links to outputs of this site that are not there.
        title: a page's title; empty for one that leads on.
        lang: the language that it says it is in.
        noindex: it asks search engines to leave it out.
        alternates: what it says is the same in other languages: language, output and address of each.
        listed: for a sitemap, the outputs that it lists, and the address of each.
    """

    path: str
    faults: tuple[Fault, ...] = ()
    anchors: tuple[Link, ...] = ()
    targets: tuple[str, ...] = ()
    external: tuple[Link, ...] = ()
    ids: tuple[str, ...] = ()
    leads_on: str = ""
    missing: tuple[Link, ...] = ()
    title: str = ""
    lang: str = ""
    noindex: bool = False
    alternates: tuple[tuple[str, str, str], ...] = ()
    listed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Whole:
    """A site with all its pages, for checks that look beyond one of them.

    Attributes:
        folder: the site folder.
        surroundings: what pages were checked against.
        site: the content.
        document: where the settings stand in their file.
        reports: what was found in each output, by path.
        asked: what templates asked for, of the kinds ``template``, ``asset``, ``data``, ``setting`` and
            ``menu``; see ``kommunebeta.inquiry``. Empty where it is not remembered.
    """

    folder: Path
    surroundings: Surroundings
    site: Site
    document: YamlDocument
    reports: Mapping[str, Report]
    asked: frozenset[Question] = field(default=frozenset())

    @cached_property
    def templates(self) -> frozenset[str]:
        """Every template that an output was made with, and every template that was looked for."""
        return frozenset(question[1] for question in self.asked if question[0] == "template")
