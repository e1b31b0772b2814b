"""Asks questions again: what each would be answered now."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kommunebeta.answers import Question, card, digest, length
from kommunebeta.assets import Assets
from kommunebeta.links import Body
from kommunebeta.site import Site
from kommunebeta.templates import parent_template
from kommunebeta.theme import Theme


class Inquiry:
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
        self._file_digest = file_digest
        self._site = site
        self._theme = theme
        self._assets = assets
        self._bodies = bodies
        self._kinds: dict[str, Callable[..., object]] = {
            "card": self._card,
            "length": self._length,
            "body": self._body,
            "template": self._template,
            "parent_template": lambda name, asker: parent_template(theme, name, asker),
            "asset": lambda name: assets.addresses.get(name),
            "message": self._message,
            "param": self._param,
            "setting": self._setting,
            "data": self._data,
            "now": lambda: site.plain_now,
            "today": lambda: site.today,
        }

    def ask(self, question: Question) -> str:
        """The digest of the answer that a question has now; empty when what it is about is gone."""
        kind, *key = question
        answer = self._kinds.get(kind)
        if answer is None:
            return self._site.ask_again(question)
        found = answer(*key)
        return found if kind in ("card", "length", "body") and isinstance(found, str) else digest(found)

    def _card(self, source: str) -> str:
        entry = self._site.entries.get(source)
        return card(entry) if entry else ""

    def _length(self, source: str) -> str:
        entry = self._site.entries.get(source)
        return length(entry) if entry else ""

    def _body(self, source: str) -> str:
        body = self._bodies.get(source)
        return body.digest if body else ""

    def _template(self, name: str) -> object:
        found = self._theme.template(name)
        if found is None:
            return None
        layer, file = found
        return layer.name, self._file_digest(layer.input(file.relative_to(layer.folder).as_posix()))

    def _message(self, lang: str, *message: str) -> object:
        catalogue = self._theme.catalogue(lang)
        return catalogue.messages.get(message[0])

    def _param(self, *key: str) -> object:
        values = self._theme.parameters
        return values.get(key[0]) if key else dict(values)

    def _setting(self, *name: str) -> object:
        settings = self._site.plain_settings
        return getattr(settings, name[0]) if name else settings

    def _data(self, *key: str) -> object:
        values = self._site.plain_data
        return values.get(key[0]) if key else dict(values)
