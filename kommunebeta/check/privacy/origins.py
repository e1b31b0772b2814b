"""What a page makes browsers ask of other servers, without the reader having asked for it.

Plain links ask nothing, nor do addresses that a script loads from when the reader presses a button.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kommunebeta.check.finding import Clue, Fault, Rule
from kommunebeta.check.noted import NotedSurroundings
from kommunebeta.check.page import Element, Page
from kommunebeta.check.privacy.addresses import foreign_host, shown_address
from kommunebeta.check.privacy.stylesheets import loaded_by
from kommunebeta.errors import Severity

RULES: Mapping[str, Rule] = {
    "KB150": Rule(
        "Page loads from another server",
        Severity.ERROR,
        "Each reader's address and the page that is read are sent to another company, before the reader has "
        "chosen anything. A court has held that a web font alone does that unlawfully.",
        "Save the file in the site, or link to it so that readers choose for themselves; films and slides "
        "wait for a press when they are embedded with `:::`.",
        ("GDPR, articles 5 and 6", "Landgericht München I, 20 January 2022, 3 O 17493/20"),
        build="KB034",
    ),
}

_LOADS: Mapping[str, tuple[str, ...]] = {
    "a": ("ping",),
    "area": ("ping",),
    "audio": ("src",),
    "base": ("href",),
    "body": ("background",),
    "embed": ("src",),
    "feImage": ("href", "xlink:href"),
    "frame": ("src",),
    "iframe": ("src",),
    "image": ("href", "xlink:href"),
    "img": ("src", "srcset"),
    "object": ("data",),
    "portal": ("src",),
    "script": ("src", "href", "xlink:href"),
    "source": ("src", "srcset"),
    "table": ("background",),
    "td": ("background",),
    "th": ("background",),
    "track": ("src",),
    "use": ("href", "xlink:href"),
    "video": ("src", "poster"),
}
"""The attributes whose addresses a browser asks by itself (HTML Standard and SVG 2)."""

_RELATIONS = frozenset(
    (
        "apple-touch-icon",
        "apple-touch-icon-precomposed",
        "apple-touch-startup-image",
        "compression-dictionary",
        "dns-prefetch",
        "icon",
        "manifest",
        "mask-icon",
        "modulepreload",
        "preconnect",
        "prefetch",
        "preload",
        "prerender",
        "stylesheet",
    )
)
"""The links of a page's head that make browsers ask or greet a server; ``canonical`` and others do not."""

_STYLED = frozenset(
    (
        "style",
        "clip-path",
        "cursor",
        "fill",
        "filter",
        "marker",
        "marker-end",
        "marker-mid",
        "marker-start",
        "mask",
        "stroke",
    )
)
"""The attributes that hold CSS, those of SVG among them."""

_SELDOM = frozenset(("a", "area", "body", "table", "td", "th"))
"""Elements that load something only by an attribute that hardly anybody uses."""

_SEVERAL = frozenset(("srcset", "imagesrcset", "ping"))
_IN_JSON = re.compile(r'"((?:https?:)?//[^"\s]+)"', re.IGNORECASE)
_PLANS = ("speculationrules", "importmap")


def addresses_of(tag: str, attributes: Mapping[str, str]) -> Iterator[str]:
    """The addresses that a browser asks for an element, those in its CSS left out.

    Args:
        tag: its name.
        attributes: its attributes by name.
    """
    names = _LOADS.get(tag, ())
    if tag == "link" and _RELATIONS.intersection(attributes.get("rel", "").lower().split()):
        names = ("href", "imagesrcset")
    elif tag == "input" and attributes.get("type", "").lower() == "image":
        names = ("src",)
    for name in names:
        value = attributes.get(name, "")
        if value:
            yield from value.replace(",", " ").split() if name in _SEVERAL else (value,)


def styled_addresses_of(attributes: Mapping[str, str], *names: str) -> Iterator[str]:
    """The addresses that a browser asks for the CSS in an element's attributes: in all, or in some."""
    for name in names or _STYLED.intersection(attributes):
        if "(" in attributes[name]:
            yield from (address for _, address in loaded_by(attributes[name]))


def foreign_loads(page: Page, surroundings: NotedSurroundings) -> Iterator[Fault]:
    """What a page loads from other servers."""
    for element, address in _loads(page):
        if foreign_host(address, surroundings):
            yield _fault(element, address, page.clue(element, address))
    yield from _framed(page, surroundings)


def _loads(page: Page) -> Iterator[tuple[Element, str]]:
    """What a page may load from elsewhere."""
    used = page.by_attribute
    for tag, names in (*_LOADS.items(), ("link", ("href", "imagesrcset")), ("input", ("src",))):
        if tag in page.by_tag and (tag not in _SELDOM or names[0] in used):
            for element in page.by_tag[tag]:
                if _may_lead_away(element.attributes, names):
                    yield from ((element, address) for address in addresses_of(tag, element.attributes))
    for name in _STYLED.intersection(used):
        for element in used[name]:
            yield from ((element, address) for address in styled_addresses_of(element.attributes, name))
    for element in page.all("style"):
        yield from ((element, address) for _, address in loaded_by(element.node.text() or ""))
    for element in page.all("script"):
        if element.get("type") in _PLANS:
            yield from ((element, address) for address in _IN_JSON.findall(element.node.text() or ""))


def _may_lead_away(attributes: Mapping[str, str], names: tuple[str, ...]) -> bool:
    """Whether an attribute holds what no address within the site does; most are passed over by this."""
    for name in names:
        value = attributes.get(name)
        if value and ("//" in value or "\\" in value):
            return True
    return False


def _framed(page: Page, surroundings: NotedSurroundings) -> Iterator[Fault]:
    """What is loaded by pages that stand whole in a frame's ``srcdoc``."""
    for frame in page.all("iframe"):
        inner = frame.get("srcdoc")
        if inner:
            body = frame.inside("main") is not None
            for fault in foreign_loads(Page(page.path, inner.encode()), surroundings):
                texts = fault.clue.texts if fault.clue else ()
                yield Fault(fault.code, fault.message, clue=Clue("iframe", texts, 1, body))


def _fault(element: Element, address: str, clue: Clue) -> Fault:
    verb = "reports every press to" if element.tag in ("a", "area") else "loads"
    if element.tag == "link" and {"preconnect", "dns-prefetch"} & set((element.get("rel") or "").split()):
        verb = "greets"
    return Fault(
        "KB150", f"The <{element.tag}> {verb} «{shown_address(address)}» on another server.", clue=clue
    )


def manifest_loads(path: str, data: bytes, surroundings: NotedSurroundings) -> Iterable[Fault]:
    """The pictures that a web app manifest loads from other servers."""
    if not path.endswith(".webmanifest"):
        return
    try:
        manifest = json.loads(data)
    except ValueError:
        return
    for picture in _pictures(manifest):
        address = str(picture.get("src", ""))
        if foreign_host(address, surroundings):
            source = surroundings.source(path)
            message = f"The manifest loads «{shown_address(address)}» on another server."
            yield Fault("KB150", message, path=source)


def _pictures(manifest: Any) -> Iterator[dict[str, Any]]:
    """The pictures of a manifest and of its shortcuts (Web Application Manifest, W3C)."""
    if isinstance(manifest, dict):
        for name in ("icons", "screenshots", "shortcuts"):
            held = manifest.get(name)
            for item in held if isinstance(held, list) else ():
                if isinstance(item, dict):
                    yield item
                    yield from _pictures(item)
