"""A preview at work: looks at the site again when something changes, and tells those who wait for it."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from pathlib import Path

from kommunebeta.check.finding import Finding
from kommunebeta.check.shown import ShownChecks
from kommunebeta.errors import KommunebetaError
from kommunebeta.options import BuildOptions
from kommunebeta.pickles import DamagedError
from kommunebeta.preview import PageInfo, Preview, Refresh
from kommunebeta.serve.watch import Gathering, Watcher

_LONGEST_WAIT = 60.0
"""Seconds after which the clock is looked at, since a machine may have slept."""


class Session:
    """One site's preview, kept up to date in a thread of its own."""

    def __init__(
        self, site: Path, options: BuildOptions, *, poll: bool, told: Callable[[Refresh], None]
    ) -> None:
        """Look at the site for the first time.

        Args:
            site: the site folder.
            options: how to build.
            poll: look at the files again and again instead of being told of changes.
            told: called after each refresh, from the session's thread.

        Raises:
            UsageError: the folder is no site.
            OutsideError: the disk failed.
        """
        self._preview = Preview(site, options)
        self._told = told
        self._lock = threading.Lock()
        self._gathering = Gathering()
        self.failure: KommunebetaError | None = None
        self._watcher = Watcher(
            site, self._gathering.add, poll=poll
        )  # before the first look, to miss nothing
        try:
            self._last = self._preview.refresh()
        except BaseException:
            self._watcher.stop()
            self._preview.close()
            raise
        self._checks = ShownChecks(site.resolve(), self._preview.folder)
        self._thread = threading.Thread(target=self._work, name="preview", daemon=True)

    def start(self) -> None:
        """Begin to follow changes."""
        self._thread.start()

    def stop(self) -> None:
        """Follow changes no longer."""
        self._gathering.close()
        self._watcher.stop()
        self._thread.join(10)
        self._preview.close()

    @property
    def last(self) -> Refresh:
        """The outcome of the last look."""
        return self._last

    @property
    def has_pages(self) -> bool:
        """Whether there is a good state of the site to show."""
        return self._preview.settings is not None

    @property
    def policy_sources(self) -> dict[str, tuple[str, ...]]:
        """What pages may reach beside the site itself, by directive of the policy."""
        return self._preview.policy_sources

    @property
    def asks_for_place(self) -> bool:
        """Whether pages may ask the browser where the reader is."""
        return self._preview.asks_for_place

    @property
    def base_path(self) -> str:
        """The folder that the site lives in on its host."""
        return self._preview.settings.base_path if self._preview.settings else "/"

    @property
    def language(self) -> str:
        """The site's main language."""
        return self._preview.settings.language if self._preview.settings else "nb"

    def read(self, path: str) -> bytes | None:
        """What an output holds."""
        return self._preview.read(path)

    def about(self, path: str) -> PageInfo:
        """What a writer may want to know of a page."""
        return self._preview.about(path)  # not waiting for a refresh: the server must go on answering

    def findings(self, path: str) -> tuple[Finding, ...]:
        """What checks find in a page; waits for a refresh, so it is not for the server's own thread."""
        with self._lock:
            works = self._preview.works
            if works is None or not self._last.ok:
                return ()
            try:
                return self._checks.findings(works, path, self._last.problems)
            except (OSError, DamagedError):  # the page or the memory has just gone; news of that follow
                return ()

    def uses(self, path: str) -> frozenset[str]:
        """The outputs that a page names."""
        return self._preview.uses(path)

    def _work(self) -> None:
        with self._lock:
            self._preview.warm_up()
        while True:
            changed = self._gathering.fetch(self._wait())
            if changed is None:
                return
            if not changed and self._preview.is_current():
                continue
            try:
                with self._lock:
                    self._last = self._preview.refresh(changed)
                    self._checks.changed(self._last.changed, self._last.removed)
            except KommunebetaError as error:
                self.failure = error
            self._told(self._last)

    def _wait(self) -> float:
        """Seconds until the site changes by itself, or until we should ask the clock again."""
        following = self._last.next_change
        if following is None:
            return _LONGEST_WAIT
        left = (following - dt.datetime.now(dt.UTC)).total_seconds() + 0.05
        return min(max(left, 0.05), _LONGEST_WAIT)
