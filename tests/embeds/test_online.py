"""«kommunebeta serve --online»: what is pasted is looked up meanwhile; without it, the network is left alone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kommunebeta.embeds.lock import LOCK, read_lock
from tests.embeds.loopback import Net, Proxy, page, picture, recorded

HEAD = "name: Fjordvikbeta\nmunicipality: Fjordvik kommune\n"
YOUTUBE = "https://www.youtube.com/watch?v=fiOwHYFkUz0"
VIMEO = "https://vimeo.com/295211615"
POST = "---\ntitle: Møte\ndate: 2026-01-02\n---\n{}\n"


class Preview:
    """A running preview, whose only way out is the little internet of the tests."""

    def __init__(self, site: Path, proxy: Proxy, certificate: Path, *words: str) -> None:
        self.log = site.parent / "log"
        self.page = site / ".kommunebeta/preview/2026/01/a/index.html"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "kommunebeta", "serve", str(site), "--port", "0", *words],
                stdout=log,
                stderr=subprocess.STDOUT,
                env={
                    **os.environ,
                    "PYTHONUNBUFFERED": "1",
                    "HTTPS_PROXY": f"http://{proxy.address}",
                    "SSL_CERT_FILE": str(certificate),
                },
            )
        self.wait_for(lambda: re.search(r"Preview: http", self.said) is not None)

    @property
    def said(self) -> str:
        return self.log.read_text("utf-8", "replace")

    def wait_for(self, holds: Callable[[], bool]) -> None:
        end = time.monotonic() + 30
        while not holds():
            assert time.monotonic() < end, self.said
            assert self.process.poll() is None, self.said
            time.sleep(0.02)

    def shows(self, text: str) -> bool:
        return self.page.is_file() and text in self.page.read_text("utf-8")


@pytest.fixture
def start(
    net: Net, proxy: Proxy, certificate: Path, make_folder: Callable[..., Path]
) -> Iterator[Callable[..., tuple[Path, Preview]]]:
    running: list[Preview] = []
    net.say("www.youtube.com/oembed", page(recorded("youtube")))
    net.say("vimeo.com/api/oembed.json", page(recorded("vimeo")))
    net.say("i.ytimg.com", page(picture(), kind="image/jpeg"))
    net.say("i.vimeocdn.com", page(picture(), kind="image/jpeg"))

    def run(*words: str) -> tuple[Path, Preview]:
        site = make_folder({"kommunebeta.yaml": HEAD, "content/posts/a.md": POST.format(YOUTUBE)})
        running.append(Preview(site, proxy, certificate, *words))
        return site, running[-1]

    yield run
    for preview in running:
        preview.process.terminate()
        preview.process.wait(10)


def test_what_is_there_and_what_is_pasted_later_is_looked_up_once(
    start: Callable[..., tuple[Path, Preview]], net: Net
) -> None:
    site, preview = start("--online")
    preview.wait_for(lambda: preview.shows(recorded("youtube")["title"]))
    (site / "content/posts/a.md").write_text(POST.format(f"{YOUTUBE}\n\n{VIMEO}"))
    preview.wait_for(lambda: preview.shows(recorded("vimeo")["title"]))
    facts, problems = read_lock(site)
    assert (set(facts), problems) == ({YOUTUBE, VIMEO}, ())
    assert sum("/oembed" in asked for asked in net.asked) == 2
    assert "2 looked up" not in preview.said


def test_what_cannot_be_looked_up_is_said_and_not_tried_at_every_save(
    start: Callable[..., tuple[Path, Preview]], net: Net
) -> None:
    net.say("www.youtube.com/oembed", page(status=500))
    site, preview = start("--online")
    preview.wait_for(lambda: "could not be looked up" in preview.said)
    tries = len(net.asked)
    (site / "content/posts/a.md").write_text(POST.format(f"Endret.\n\n{YOUTUBE}"))
    preview.wait_for(lambda: preview.shows("Endret."))
    assert len(net.asked) == tries


def test_without_the_option_nobody_is_asked(start: Callable[..., tuple[Path, Preview]], net: Net) -> None:
    site, preview = start()
    assert preview.shows("youtube-nocookie.com/embed/fiOwHYFkUz0")
    assert "kommunebeta embeds update" in preview.said
    assert net.asked == []
    assert not (site / LOCK).exists()
