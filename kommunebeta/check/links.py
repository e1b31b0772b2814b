"""Links between the outputs of a site: pages, places in them, assets, feeds and redirects."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from urllib.parse import unquote, urlsplit

from kommunebeta.check.finding import Fault, Rule
from kommunebeta.check.page import Element, Page
from kommunebeta.check.state import Link, Report, Surroundings, Whole
from kommunebeta.errors import Severity

RULES: Mapping[str, Rule] = {
    "KB100": Rule(
        "Broken link",
        Severity.ERROR,
        "Readers who follow it meet an error page instead of what they were promised.",
        "Mend the address, or take the link away.",
        build="KB030",
    ),
    "KB101": Rule(
        "Broken anchor",
        Severity.WARNING,
        "Readers land at the top of the page and have to look for the place themselves.",
        "Mend what stands after `#`, or give the target that `id`.",
        build="KB031",
    ),
}

_TOP = ("", "top")


def output_of(address: str, page: str, surroundings: Surroundings) -> str | None:
    """The output that an address in a page leads to, there or not.

    Args:
        address: as the page has it, without its fragment.
        page: the page's own output.
        surroundings: what it is checked against.

    Returns:
        Its path, decoded; None for an address outside the site.
    """
    base = surroundings.settings.base_path
    here = base + page
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        if f"{parts.scheme or 'https'}://{parts.netloc}" != surroundings.origin:
            return None
        path = parts.path or "/"
    elif not parts.path:
        return page
    else:
        path = (
            parts.path if parts.path.startswith("/") else posixpath.join(posixpath.dirname(here), parts.path)
        )
    folder = path.endswith(("/", "/.", "/.."))
    plain = posixpath.normpath(unquote(path)) + ("/" if folder and path != "/" else "")
    if not plain.startswith(base):
        return "" if plain + "/" != base else "index.html"
    inside = plain.removeprefix(base)
    return inside + "index.html" if not inside or inside.endswith("/") else inside


def report_of(page: Page, surroundings: Surroundings) -> Report:
    """What a page links to, and which of it leads nowhere."""
    faults: list[Fault] = []
    anchors: list[Link] = []
    external: list[Link] = []
    targets: set[str] = set()
    for element in page.all("a", "area"):
        address = element.get("href")
        if address is None or urlsplit(address).scheme not in ("", "http", "https"):
            continue
        target = output_of(address, page.path, surroundings)
        fragment = unquote(urlsplit(address).fragment)
        if target is None:
            external.append(Link(address, "", page.clue(element)))
        elif target not in surroundings.outputs:
            faults.append(Fault("KB100", f"The link to {address} leads nowhere.", "", page.clue(element)))
        else:
            targets.add(target)
            if fragment:
                anchors.append(Link(target, fragment, page.clue(element)))
    return Report(
        page.path,
        tuple(faults),
        tuple(anchors),
        frozenset(targets),
        tuple(external),
        frozenset(_ids(page)),
        page.leads_on or "",
    )


def _ids(page: Page) -> Iterator[str]:
    yield from page.ids
    yield from (name for name in map(_name, page.all("a")) if name)


def _name(element: Element) -> str:
    return element.get("name") or ""


def broken_anchors(whole: Whole) -> Iterator[Fault]:
    """Links to places that the page they lead to does not have."""
    for report in whole.reports.values():
        for link in report.anchors:
            target = whole.reports.get(link.target)
            if target and link.fragment not in target.ids and link.fragment not in _TOP:
                message = (
                    f"There is no place «#{link.fragment}» in /{link.target.removesuffix('index.html')}."
                )
                yield Fault("KB101", message, "", link.clue, page=report.path)
