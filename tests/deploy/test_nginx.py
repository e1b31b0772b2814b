"""Nginx shows the released folder while deploys and returns happen: no reader ever gets a torn page.

A reader loads a page and then every asset that it names, as a browser does, over a connection that stays open.
``KOMMUNEBETA_LOADS`` sets how many pages are loaded.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import random
import re
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path

import pytest

from kommunebeta.deploy.parcel import LocalFile, made_file
from tests.deploy.folders import sent, target
from tests.deploy.webservers import nginx

LOADS = int(os.environ.get("KOMMUNEBETA_LOADS", "1500"))
READERS = 3
PAGES = 10
ASSET = re.compile(rb'(?:href|src)="(/[^"]+)"')
PRINT = re.compile(r"\.([0-9a-f]{10})\.\w+$")
_FORK = multiprocessing.get_context("fork")


def release(state: int) -> dict[str, LocalFile]:
    """A site whose every page names assets of this state alone."""
    files = {}
    named = []
    for name in ("stil", "skript", "bilde"):
        data = f"{name} {state} ".encode() * 400
        path = f"assets/{name}.{hashlib.sha256(data).hexdigest()[:10]}.css"
        files[path] = data
        named.append(f'<link href="/{path}">')
    for number in range(PAGES):
        files[f"innlegg/{number}/index.html"] = f"<p>{state}</p>{''.join(named)}</html>".encode()
    return {path: made_file(path, data) for path, data in files.items()}


def read(port: int, loads: int, seed: int, answers: multiprocessing.Queue[tuple[int, list[str]]]) -> None:
    """Load pages with their assets, and tell how many, and what was wrong."""
    chance, wrong, assets = random.Random(seed), [], 0
    connection = HTTPConnection("127.0.0.1", port, timeout=20)

    def get(path: str) -> bytes:
        connection.request("GET", path)
        answer = connection.getresponse()
        data = answer.read()
        if answer.status != 200:
            wrong.append(f"{path}: {answer.status}")
        return data

    for _ in range(loads):
        page = f"/innlegg/{chance.randrange(PAGES)}/"
        html = get(page)
        if not html.endswith(b"</html>"):
            wrong.append(f"{page} is cut off")
        if chance.random() < 0.1:
            time.sleep(chance.random() * 0.2)  # a slow reader, who asks after the next release has come
        states = {re.search(rb"<p>(\d+)</p>", html)}
        found = ASSET.findall(html)
        if len(found) != 3 or None in states:
            wrong.append(f"{page} does not name its assets")
        for path in found:
            data, said = get(path.decode()), PRINT.search(path.decode())
            assets += 1
            if said is None or not hashlib.sha256(data).hexdigest().startswith(said[1]):
                wrong.append(f"{path.decode()} is not what {page} was made with")
    connection.close()
    answers.put((assets, wrong[:20]))


def test_no_page_lacks_an_asset_while_deploys_and_returns_happen_under_load(
    tmp_path: Path, nginx_program: str, record_property: Callable[[str, object], None]
) -> None:
    root = tmp_path / "ut"
    sent(target(root), release(0))
    server = f"root {root}/current; location ~ /\\. {{ deny all; }}"
    answers: multiprocessing.Queue[tuple[int, list[str]]] = _FORK.Queue()
    with nginx(tmp_path / "nginx", server) as port:
        readers = [
            _FORK.Process(target=read, args=(port, LOADS // READERS, seed, answers))
            for seed in range(READERS)
        ]
        for reader in readers:
            reader.start()
        deploys = returns = 0
        while any(reader.is_alive() for reader in readers) and answers.qsize() < READERS:
            deploys += 1
            sent(target(root, keep=3), release(deploys))
            if deploys % 3 == 0:
                with target(root) as goal:
                    goal.roll_back("")
                returns += 1
            time.sleep(0.1)
        told = [answers.get(timeout=60) for _ in readers]
        for reader in readers:
            reader.join(60)
    for name, value in {"loads": LOADS, "deploys": deploys, "returns": returns}.items():
        record_property(name, value)
    assert [fault for _, wrong in told for fault in wrong] == []
    assert sum(assets for assets, _ in told) == LOADS // READERS * READERS * 3
    assert deploys >= 3
    assert returns >= 1


def test_the_reader_of_these_tests_notices_a_page_whose_asset_is_gone(
    tmp_path: Path, nginx_program: str
) -> None:
    sent(target(tmp_path / "ut"), release(0))
    for file in (tmp_path / "ut/current/assets").iterdir():
        file.unlink()
    answers: multiprocessing.Queue[tuple[int, list[str]]] = _FORK.Queue()
    with nginx(tmp_path / "nginx", f"root {tmp_path}/ut/current;") as port:
        read(port, 1, 0, answers)
    assert any("404" in fault for fault in answers.get(timeout=10)[1])


@pytest.mark.parametrize("path", ["/.kommunebeta-deploy.json", "/.well-known/acme"])
def test_the_manifest_is_hidden_as_the_page_on_folders_says(
    tmp_path: Path, nginx_program: str, path: str
) -> None:
    sent(target(tmp_path / "ut"), {**release(0), ".well-known/acme": made_file(".well-known/acme", b"x")})
    server = f"root {tmp_path}/ut/current; location ~ /\\.(?!well-known/) {{ return 404; }}"
    with nginx(tmp_path / "nginx", server) as port:
        connection = HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("GET", path)
        assert connection.getresponse().status == (200 if "well-known" in path else 404)
        connection.close()
