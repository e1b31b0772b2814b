"""Asks questions again: what each would be answered now."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kommunebeta.answers import Question, card, digest, length
from kommunebeta.assets import Assets
from kommunebeta.links import Body
from kommunebeta.site import Site
from kommunebeta.templates import parent_template
from kommunebeta.theme import Theme


class EntryInquiry:
    """Knows the answers to questions about entries, and to those that the site answers."""

    def __init__(self, site: Site, bodies: Mapping[str, Body]) -> None:
        """Take in what there is to ask of.

        Args:
            site: the site.
            bodies: the bodies by file.
        """
        self._site = site
        self._bodies = bodies

    def ask(self, question: Question) -> str:
        """The digest of the answer that a question has now; empty when what it is about is gone."""
        kind = question[0]
        if kind == "body":
            body = self._bodies.get(question[1])
            return body.digest if body else ""
        if kind in ("card", "length"):
            entry = self._site.holdings.entries.get(question[1])
            return "" if entry is None else card(entry) if kind == "card" else length(entry)
        return self._site.ask_again(question)


class Inquiry(EntryInquiry):
    """Knows the answer to every question that a page can ask."""

    def __init__(
        self,
        site: Site,
        theme: Theme,
        assets: Assets,
        bodies: Mapping[str, Body],
        file_digest: Callable[[str], str],
    ) -> None:
        """Take in what there is to ask of.

        Args:
            site: the site.
            theme: its theme.
            assets: its assets.
            bodies: the bodies by file.
            file_digest: gives the digest of an input.
        """
        super().__init__(site, bodies)
        self._file_digest = file_digest
        self._theme = theme
        self._kinds: dict[str, Callable[..., object]] = {
            "template": self._template,
            "parent_template": lambda name, asker: parent_template(theme, name, asker),
            "asset": lambda name: assets.addresses.get(name),
            "message": lambda lang, *message: theme.catalogue(lang).messages.get(message[0]),
            "param": lambda *key: _of_mapping(theme.parameters, key),
            "setting": self._setting,
            "data": lambda *key: _of_mapping(site.holdings.data, key),
            "now": lambda: site.holdings.now,
            "today": lambda: site.today,
        }

    def ask(self, question: Question) -> str:
        """The digest of the answer that a question has now; empty when what it is about is gone."""
        kind, *key = question
        answer = self._kinds.get(kind)
        return digest(answer(*key)) if answer else super().ask(question)

    def _template(self, name: str) -> object:
        found = self._theme.template(name)
        if found is None:
            return None
        layer, file = found
        return layer.name, self._file_digest(layer.input(file.relative_to(layer.folder).as_posix()))

    def _setting(self, *name: str) -> object:
        settings = self._site.holdings.settings
        return getattr(settings, name[0]) if name else settings


def _of_mapping(values: Mapping[str, object], key: tuple[str, ...]) -> object:
    return values.get(key[0]) if key else dict(values)
