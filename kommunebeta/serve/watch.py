"""Changes in a site folder, gathered until they pause."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver
from watchdog.observers.polling import PollingObserver

from kommunebeta.inputs import FOLDERS, SETTINGS
from kommunebeta.sources import is_passed_over

PAUSE = 0.02
"""Seconds without an event after which a change is complete: editors write a file in several steps."""

LONGEST = 0.25
"""Seconds after which changes are handed on even while more are coming."""

_FILES = (SETTINGS, "embeds.lock.yaml")
_CHANGES = ("created", "modified", "deleted", "moved", "closed")


class Gathering:
    """Paths that have changed, to be fetched by one reader when they pause."""

    def __init__(self) -> None:
        self._changed: set[str] = set()
        self._first = 0.0
        self._last = 0.0
        self._news = threading.Condition()
        self._closed = False

    def add(self, path: str) -> None:
        """Note a path, relative to the site folder."""
        with self._news:
            now = time.monotonic()
            if not self._changed:
                self._first = now
            self._changed.add(path)
            self._last = now
            self._news.notify()

    def close(self) -> None:
        """Let the reader go."""
        with self._news:
            self._closed = True
            self._news.notify()

    def fetch(self, timeout: float | None = None) -> frozenset[str] | None:
        """Wait for changes, and for their pause.

        Args:
            timeout: seconds to wait for the first; None for ever.

        Returns:
            The paths; none when the time has passed. None when it was closed.
        """
        with self._news:
            self._news.wait_for(lambda: self._changed or self._closed, timeout)
            while self._changed and not self._closed:
                now = time.monotonic()
                left = min(self._last + PAUSE, self._first + LONGEST) - now
                if left <= 0:
                    break
                self._news.wait(left)
            changed, self._changed = frozenset(self._changed), set()
            return None if self._closed else changed


def is_watched(path: str) -> bool:
    """Whether a path in the site folder can matter: not output, cache, ``.git`` or an editor's swap file."""
    first = path.partition("/")[0]
    if path in _FILES:
        return True
    return first in FOLDERS and not any(map(is_passed_over, path.split("/")))


class Watcher(FileSystemEventHandler):
    """Tells which paths of a site folder change, until it is stopped."""

    def __init__(self, site: Path, add: Callable[[str], None], *, poll: bool = False) -> None:
        """Begin to watch.

        Args:
            site: the site folder.
            add: told of each path that changes, relative to the site; called from another thread.
            poll: look at the files again and again, for network folders that tell nothing.
        """
        self._site = site.resolve()
        self._add = add
        self._observer: BaseObserver = PollingObserver(timeout=0.5) if poll else Observer()
        self._observer.schedule(self, str(self._site), recursive=False)
        for folder in FOLDERS:
            if (self._site / folder).is_dir():
                self._observer.schedule(self, str(self._site / folder), recursive=True)
        self._observer.start()

    def stop(self) -> None:
        """Watch no longer."""
        self._observer.stop()
        self._observer.join(5)

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Note what an event is about; called by watchdog."""
        if event.event_type not in _CHANGES:
            return
        if event.is_directory and event.event_type in ("modified", "closed"):
            return  # what changed in it has an event of its own
        for raw in (event.src_path, event.dest_path):
            path = self._relative(raw)
            if path in FOLDERS and (self._site / path).is_dir():  # it came while we were watching
                self._observer.schedule(self, str(self._site / path), recursive=True)
            if path and is_watched(path):
                self._add(path)

    def _relative(self, raw: bytes | str) -> str:
        text = os.fsdecode(raw)
        try:
            return Path(text).relative_to(self._site).as_posix() if text else ""
        except ValueError:
            return ""
