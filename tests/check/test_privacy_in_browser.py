"""What Chromium asks of other servers is what the check tells of; nothing leaves the machine."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Route

from kommunebeta.check.options import CheckResult
from kommunebeta.check.page import Page
from kommunebeta.check.privacy.origins import foreign_loads
from kommunebeta.check.privacy.scripts import seen_in_script
from tests.browsing import serving
from tests.check.around import around
from tests.check.copies import checked
from tests.check.test_privacy_origins import LINKED, LOADED

SCRIPTS = (
    "fetch('{}')",
    "new Image().src = '{}'",
    "navigator.sendBeacon('{}')",
    "import('{}')",
    "const a = '{}'; fetch(a + '/x')",
    "document.body.insertAdjacentHTML('beforeend', '<img src={}>')",
    "const x = new XMLHttpRequest(); x.open('GET', '{}'); x.send()",
    "const l = document.createElement('link'); l.rel = 'stylesheet'; l.href = '{}'; document.head.append(l)",
    "const s = document.createElement('script'); s.setAttribute('src', '{}'); document.body.append(s)",
)
PRIVACY = ("KB150", "KB151", "KB152", "KB153")


def asked(browser: Browser, server: str, pages: list[str]) -> dict[str, set[str]]:
    """The hosts, other than this machine, that Chromium wants to ask for each page."""
    hosts: dict[str, set[str]] = {}
    context = browser.new_context()

    def stop(route: Route) -> None:
        host = urlsplit(route.request.url).netloc
        if route.request.url.startswith((server, "data:")):
            route.continue_()
        else:
            hosts[page].add(host)
            route.abort()

    context.route("**/*", stop)
    tab = context.new_page()
    for page in pages:
        hosts[page] = set()
        tab.goto(f"{server}/{page}")
        tab.wait_for_timeout(150)  # for what scripts ask once the page has loaded
    context.close()
    return hosts


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> tuple[CheckResult, Path]:
    folder = tmp_path_factory.mktemp("bad")
    return checked("darlig", folder), folder / "darlig" / "public"


def test_every_request_of_the_bad_site_is_told(bad: tuple[CheckResult, Path], browser: Browser) -> None:
    result, public = bad
    told = [finding for finding in result.findings if finding.problem.code in PRIVACY]
    (public / "vaer.html").write_text("<p id=vaer></p><script src=kb153-vaer.js></script>", "utf-8")
    (public / "skilt.html").write_text(
        "<link rel=stylesheet href=kb151-stil.css><p style='font-family: Skilt'>Vei</p>", "utf-8"
    )
    used = {"vaer.html": "kb153-vaer.js", "skilt.html": "kb151-stil.css"}
    files = sorted(file.relative_to(public).as_posix() for file in public.rglob("*"))
    pages = [*used, *(file for file in files if re.search(r"kb1[56]\d-.*\.(?:html|svg)$", file))]
    assert len(pages) > 12
    with serving(public) as server:
        hosts = asked(browser, server, pages)
    for page, found in hosts.items():
        own = [finding.problem.message for finding in told if finding.page == used.get(page, page)]
        assert bool(found) == bool(own), page
        assert all(any(host in message for message in own) for host in found), (page, found)


def test_every_way_in_which_chromium_loads_something_is_known(tmp_path: Path, browser: Browser) -> None:
    ways = [*LOADED, *(f'<link rel="{rel}" href="{{}}" as="image">' for rel in LINKED)]
    markup = [way.format(f"https://w{number}.example/x") for number, way in enumerate(ways)]
    scripts = [way.format(f"https://s{number}.example/x") for number, way in enumerate(SCRIPTS)]
    text = "<!doctype html><body>" + "\n".join(markup)
    (tmp_path / "markup.html").write_text(text, "utf-8")
    (tmp_path / "scripts.html").write_text(
        "<!doctype html><body>" + "".join(f"<script>{{{script}}}</script>" for script in scripts), "utf-8"
    )
    told = [fault.message for fault in foreign_loads(Page("markup.html", text.encode()), around())]
    told += [seen.message for script in scripts for seen in seen_in_script(script, around())]
    with serving(tmp_path) as server:
        hosts = set().union(*asked(browser, server, ["markup.html", "scripts.html"]).values())
    assert {host for host in hosts if not any(f"//{host}/" in message for message in told)} == set()
    assert len([host for host in hosts if host.startswith("w")]) > 20
    assert len([host for host in hosts if host.startswith("s")]) == len(scripts)
