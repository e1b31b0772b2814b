"""What tests in a real browser share: sites that are served, and what is wrong with their pages."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page

from kommunebeta.headers import content_type

Scheme = Literal["light", "dark"]
Handler = Callable[..., http.server.BaseHTTPRequestHandler]
Headers = Callable[[], Iterable[tuple[str, str]]]

FLAGS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CONTRAST = {"type": "rule", "values": ["color-contrast"]}

in_light_and_dark = pytest.mark.parametrize("scheme", ["light", "dark"])


class _Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128  # browsers and crawlers knock many times at once


@contextmanager
def listening(handler: Handler) -> Iterator[str]:
    """Let a handler answer on this machine; gives its address, without a slash at the end."""
    with _Server(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


class _Host(http.server.SimpleHTTPRequestHandler):
    """A host of static files that keeps quiet and knows the media types of a site."""

    def __init__(self, *arguments: Any, headers: Headers, **options: Any) -> None:
        self.headers_to_send = headers
        super().__init__(*arguments, **options)

    def end_headers(self) -> None:
        for name, value in self.headers_to_send():
            self.send_header(name, value)
        super().end_headers()

    def guess_type(self, path: Any) -> str:
        return content_type(str(path))

    def log_message(self, *arguments: object) -> None:
        pass


@contextmanager
def serving(folder: Path, headers: Headers = tuple) -> Iterator[str]:
    """Serve a folder; gives its address, without a slash at the end.

    Args:
        folder: may be written while it is served.
        headers: gives what is sent with every file, such as the policy of the site.
    """
    with listening(functools.partial(_Host, directory=str(folder), headers=headers)) as address:
        yield address


def scroll_width(tab: Page) -> int:
    """How wide a page is; more than its window where it scrolls sideways."""
    width: int = tab.evaluate("document.documentElement.scrollWidth")
    return width


def faults(tab: Page, axe: str, scheme: Scheme = "light", **options: Any) -> list[str]:
    """What axe finds on an open page, a line for each element.

    In the dark it looks at contrast alone: nothing else follows the colour scheme.

    Args:
        tab: the page; its policy does not keep axe out.
        axe: the source of axe.
        scheme: the one that the page is shown in.
        options: more options of ``axe.run``.
    """
    if tab.evaluate("typeof axe") == "undefined":
        tab.evaluate(axe)
    rules = RULES if scheme == "light" else CONTRAST
    run = {"runOnly": rules, "resultTypes": ["violations"], **options}
    outcome = tab.evaluate("options => axe.run(options)", run)
    return [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in outcome["violations"]
        for node in violation["nodes"]
    ]


def faults_of(
    browser: Browser, axe: str, addresses: Iterable[str], scheme: Scheme, width: int = 320
) -> list[str]:
    """What axe finds on each of some pages, and which of them do not fit a window, a line for each fault."""
    found = []
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800})
    context.add_init_script(axe)  # parsed for each page, but sent once
    tab = context.new_page()
    for address in addresses:
        answer = tab.goto(address)
        assert answer is not None
        assert answer.ok, address
        if (wide := scroll_width(tab)) != width:
            found.append(f"{address} is {wide} pixels wide in a window of {width}")
        found += [f"{address} {fault}" for fault in faults(tab, axe, scheme)]
    context.close()
    return found
