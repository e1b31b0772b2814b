"""What pages need, but the policy that hosts send with them forbids: readers never see it work."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from kommunebeta.check.finding import Fault, Rule
from kommunebeta.check.noted import NotedSurroundings
from kommunebeta.check.page import Element, Page
from kommunebeta.check.privacy.addresses import foreign_host, shown_address
from kommunebeta.check.privacy.forms import forms_elsewhere
from kommunebeta.check.privacy.scripts import is_run, seen_in_script
from kommunebeta.check.privacy.seen import Seen, in_file
from kommunebeta.check.privacy.stylesheets import loaded_by
from kommunebeta.errors import Severity

RULES: Mapping[str, Rule] = {
    "KB163": Rule(
        "Page needs what its policy forbids",
        Severity.WARNING,
        "Browsers obey the content security policy that hosts send with the site: what it forbids is not "
        "run, not shown or not sent, and the reader is not told why.",
        "Move scripts and styles into files in `assets/`, and save pictures as files.",
        ("Content Security Policy Level 3",),
        build="KB034",
    ),
}

_FALLBACKS: Mapping[str, tuple[str, ...]] = {
    "frame-src": ("child-src", "default-src"),
    "form-action": (),
    "base-uri": (),
}
_FONT = re.compile(r"data:(?:application/(?:x-)?font|font/)", re.IGNORECASE)


def allowed(policy: Mapping[str, tuple[str, ...]], directive: str) -> tuple[str, ...] | None:
    """The sources that a policy allows for something; None where it allows all.

    Source: Content Security Policy Level 3, 6.8.3 «Get fetch directive fallback list».
    """
    for name in (directive, *_FALLBACKS.get(directive, ("default-src",))):
        if name in policy:
            return policy[name]
    return None


def forbidden_by_policy(page: Page, surroundings: NotedSurroundings) -> Iterator[Fault]:
    """What a page needs although the policy forbids it; what is loaded from elsewhere, other rules tell."""
    policy = surroundings.policy
    if policy:
        yield from _scripts(page, surroundings)
        yield from _handlers(page, policy)
        yield from _styles(page, policy)
        yield from _frames(page, surroundings)
        yield from _forms(page, surroundings)
        yield from _data_pictures(page, policy)


def _fault(page: Page, element: Element, message: str, *texts: str) -> Fault:
    return Fault("KB163", message, clue=page.clue(element, *texts))


def _holds(text: str, sources: tuple[str, ...] | None) -> bool:
    """Whether a script or style may stand in a page."""
    if sources is None:
        return True
    hashes = [source for source in sources if source.startswith(("'sha", "'nonce-"))]
    if not hashes:
        return "'unsafe-inline'" in sources
    digests = (
        f"'{name}-{base64.b64encode(hashlib.new(name, text.encode()).digest()).decode()}'"
        for name in ("sha256", "sha384", "sha512")
    )
    return any(digest in hashes for digest in digests)


def _scripts(page: Page, surroundings: NotedSurroundings) -> Iterator[Fault]:
    sources = allowed(surroundings.policy, "script-src")
    for script in page.all("script"):
        text = script.node.text() or ""
        if script.get("src") is not None or not is_run(script) or _holds(text, sources):
            continue
        if text.strip() and not any(seen_in_script(text, surroundings)):
            yield _fault(page, script, "A script stands in the page itself.", _first_line(text))


def _first_line(text: str) -> str:
    return next(line.strip() for line in text.splitlines() if line.strip())


def _handlers(page: Page, policy: Mapping[str, tuple[str, ...]]) -> Iterator[Fault]:
    """Scripts in attributes."""
    sources = allowed(policy, "script-src")
    if sources is None or "'unsafe-inline'" in sources:
        return
    for name in [name for name in page.by_attribute if name.startswith("on")]:
        for element in page.having(name):
            message = f"A script stands in the attribute «{name}» of a <{element.tag}>."
            yield _fault(page, element, message, element.get(name) or "")
    if b"avascript:" not in page.html and b"AVASCRIPT:" not in page.html:
        return
    for name in ("href", "action", "formaction", "src"):
        for element in page.having(name):
            address = (element.get(name) or "").strip()
            if address.lower().startswith("javascript:"):
                yield _fault(page, element, f"A script is the address of a <{element.tag}>.", address)


def _styles(page: Page, policy: Mapping[str, tuple[str, ...]]) -> Iterator[Fault]:
    sources = allowed(policy, "style-src")
    for style in page.all("style"):
        text = style.node.text() or ""
        if text.strip() and not _holds(text, sources):
            yield _fault(page, style, "A <style> stands in the page itself.", _first_line(text))
    if sources is not None and "'unsafe-inline'" not in sources:
        for element in page.having("style"):
            value = element.get("style") or ""
            yield _fault(page, element, f"A <{element.tag}> has a «style» attribute.", value)


def _matches(address: str, sources: tuple[str, ...] | None, surroundings: NotedSurroundings) -> bool:
    """Whether a policy allows an address (Content Security Policy Level 3, 6.7.2.5)."""
    if sources is None or "*" in sources:
        return True
    host = foreign_host(address, surroundings)
    scheme = urlsplit(address).scheme.lower()
    if not host:
        return f"{scheme}:" in sources if scheme and scheme not in ("http", "https") else "'self'" in sources
    return any(
        source == f"{scheme}:" or _is_host(host, source.partition("//")[2] or source) for source in sources
    )


def _is_host(host: str, source: str) -> bool:
    name = source.partition("/")[0].lower()
    return host.endswith(name[1:]) if name.startswith("*.") else host == name


def _frames(page: Page, surroundings: NotedSurroundings) -> Iterator[Fault]:
    """Pages of the site in frames, documents in objects, and players that wait for a press."""
    policy = surroundings.policy
    frames = allowed(policy, "frame-src")
    for element in page.having("data-embed"):
        address = element.get("data-embed") or ""
        if foreign_host(address, surroundings) and not _matches(address, frames, surroundings):
            yield _unframed(page, element, address, "frame-src")
    own = frames if "'none'" not in policy.get("frame-ancestors", ()) else ()
    kinds = (
        ("iframe", "src", own, "frame-src or frame-ancestors"),
        ("object", "data", allowed(policy, "object-src"), "object-src"),
        ("embed", "src", allowed(policy, "object-src"), "object-src"),
    )
    for tag, name, sources, directive in kinds:
        for element in page.all(tag):
            address = element.get(name) or ""
            is_own = address and not foreign_host(address, surroundings) and not _is_empty(address)
            if is_own and not _matches(address, sources, surroundings):
                yield _unframed(page, element, address, directive)


def _is_empty(address: str) -> bool:
    """Whether an address leads to no page, or is told of as a script."""
    return address.strip().lower().startswith(("about:", "javascript:"))


def _unframed(page: Page, element: Element, address: str, directive: str) -> Fault:
    message = f"The <{element.tag}> shows «{shown_address(address)}», which {directive} forbids."
    mend = "Link to it instead, or send headers that allow it."
    return Fault("KB163", message, mend, page.clue(element, address), Severity.ERROR)


def _forms(page: Page, surroundings: NotedSurroundings) -> Iterator[Fault]:
    sources = allowed(surroundings.policy, "form-action")
    for form in page.all("form"):
        address = form.get("action") or ""
        if address and not _is_empty(address) and not _matches(address, sources, surroundings):
            message = f"A form is sent to «{shown_address(address)}», which form-action forbids."
            clue = page.clue(form, address)
            if clue not in {fault.clue for fault in forms_elsewhere(page, surroundings)}:
                mend = "Name the receiver in the settings under `inbox`, or send headers that allow it."
                yield Fault("KB163", message, mend, clue, Severity.ERROR)


def _data_pictures(page: Page, policy: Mapping[str, tuple[str, ...]]) -> Iterator[Fault]:
    sources = allowed(policy, "img-src")
    if sources is None or "data:" in sources or b"data:" not in page.html:
        return
    for element in page.all("img", "source", "input", "video", "link", "image", "feImage"):
        for name in ("src", "srcset", "poster", "href", "xlink:href"):
            if (element.get(name) or "").strip().lower().startswith("data:"):
                text = (element.get(name) or "")[:80]
                yield _fault(
                    page, element, f"The picture of an <{element.tag}> stands in the page itself.", text
                )


def forbidden_in_style_sheets(path: str, data: bytes, surroundings: NotedSurroundings) -> Iterator[Fault]:
    """Pictures and fonts that stand in a style sheet as ``data:``, although the policy forbids them."""
    if not path.endswith(".css") or b"data:" not in data or not surroundings.policy:
        return
    text = data.decode("utf-8", "replace")
    yield from in_file(_data_in(text, surroundings.policy), path, text, surroundings)


def _data_in(text: str, policy: Mapping[str, tuple[str, ...]]) -> Iterator[Seen]:
    for at, address in loaded_by(text):
        if address.lower().startswith("data:"):
            directive, what = ("font-src", "font") if _FONT.match(address) else ("img-src", "picture")
            sources = allowed(policy, directive)
            if sources is not None and "data:" not in sources:
                yield Seen(
                    "KB163", f"A {what} stands in the style sheet itself, which {directive} forbids.", at, ""
                )
