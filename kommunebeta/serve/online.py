"""Look-ups of new embeds while a preview runs, for writers who ask for them with ``--online``."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from kommunebeta.config import read_settings
from kommunebeta.embeds.client import Client
from kommunebeta.embeds.outcome import UpdateResult
from kommunebeta.embeds.wanted import update_site, wanted_embeds
from kommunebeta.errors import KommunebetaError, OutsideError
from kommunebeta.preview import Refresh
from kommunebeta.reporter import Reporter

NOT_LOOKED_UP = "KB071"


class LookUps:
    """Looks up what a site embeds in a thread of its own; the preview sees the lock change and shows it."""

    def __init__(
        self, site: Path, client: Client, told: Callable[[UpdateResult | KommunebetaError], None]
    ) -> None:
        """Begin to wait for something to look up.

        Args:
            site: the site folder.
            client: how servers are asked.
            told: told of each outcome, from the thread.
        """
        self._site = site
        self._client = client
        self._told = told
        self._asked: set[str] = set()
        self._wanted = threading.Event()
        threading.Thread(target=self._work, name="look-ups", daemon=True).start()

    def look(self, refresh: Refresh) -> None:
        """Look up what a state of the site lacks."""
        if any(problem.code == NOT_LOOKED_UP for problem in refresh.problems):
            self._wanted.set()

    def _work(self) -> None:
        while True:
            self._wanted.wait()
            self._wanted.clear()
            try:
                self._update()
            except KommunebetaError as error:
                self._told(error)
            except OSError as error:
                self._told(OutsideError(f"{error.filename or self._site}: {error.strerror or error}."))

    def _update(self) -> None:
        """Look up what is new; what has been tried already is not tried again at every save."""
        wanted, _ = wanted_embeds(self._site, read_settings(self._site)[0])
        new = {item.url for item in wanted} - self._asked
        if new:
            self._asked |= new
            self._told(update_site(self._site, client=self._client, reporter=Reporter()))
