"""Links between the outputs of a site: pages, places in them, and what is loaded with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import unquote

from kommunebeta.check.addresses import Destination, Way
from kommunebeta.check.finding import Clue, Fault, Rule
from kommunebeta.check.noted import NotedSurroundings
from kommunebeta.check.page import Element, Page
from kommunebeta.check.references import Reference, Role, references
from kommunebeta.check.state import Link, Report, Whole
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
    "KB102": Rule(
        "Missing file",
        Severity.ERROR,
        "The page is shown without its picture, style, script or film, and every reader's browser asks for "
        "it in vain.",
        "Put the file there, or mend the address.",
        build="KB032",
    ),
    "KB103": Rule(
        "Wrong address in a feed or a list for programs",
        Severity.ERROR,
        "Feed readers, calendars and search engines go by these addresses. People who subscribe get nothing "
        "or meet an error page, and pages are missing from search.",
        "Mend the address where it is written, or take it away.",
    ),
    "KB104": Rule(
        "Redirect that never arrives",
        Severity.ERROR,
        "Readers who follow an old link are sent in a circle or to a page that is not there.",
        "Lead the old address straight to a page that is there.",
    ),
    "KB105": Rule(
        "Redirect in several steps",
        Severity.WARNING,
        "Each step costs readers time, and search engines give up after some.",
        "Lead the old address straight to the last one.",
    ),
    "KB106": Rule(
        "Content without encryption",
        Severity.ERROR,
        "Browsers block what an encrypted page asks for by `http:`, or warn of it; and what is sent that way "
        "can be read and changed on its way.",
        "Write `https:`, or put the file into the site.",
        ("W3C, Mixed Content",),
    ),
    "KB107": Rule(
        "Link to an old address",
        Severity.NOTE,
        "The link works only as long as the redirect is kept, and readers wait for one more answer.",
        "Link to the new address.",
    ),
    "KB108": Rule(
        "Link that leans on the host",
        Severity.NOTE,
        "The same page has two addresses. Some hosts lead on to the right one and others show an error, so "
        "the link may break on the day when the site moves.",
        "Write the address as the site itself writes it.",
    ),
}

_SHOWN = 120
_ENOUGH = 200
"""Pages with links to the same old address that are looked into; more would tell nothing new."""

_EVERYWHERE = ("", "top")
_OWN_FRAGMENT = ("/", "!")
"""What fragments begin with that a script reads; they name no place."""


def report_of(page: Page, surroundings: NotedSurroundings) -> Report:
    """What a page links to, and which of it leads nowhere.

    Args:
        page: the page.
        surroundings: what it is checked against.
    """
    return _PageLinks(page, surroundings).report()


class _PageLinks:
    """Walks through the links of a page and takes down what others need to know of them."""

    def __init__(self, page: Page, surroundings: NotedSurroundings) -> None:
        self.page = page
        self.lead = surroundings.lead
        self.secure = surroundings.base_url.startswith("https:")
        self.here = _place_of(page, self.lead)
        self.names = frozenset(name for name in map(_name, page.by_tag.get("a", ())) if name)
        self.faults: list[Fault] = []
        self.anchors: dict[tuple[str, str, Clue], Link] = {}
        self.external: dict[tuple[str, str], Link] = {}
        self.missing: list[Link] = []
        self.targets: dict[str, None] = {}

    def report(self) -> Report:
        for element in (*self.page.by_tag.get("a", ()), *self.page.by_tag.get("area", ())):
            address = element.attributes.get("href")
            if address:
                self._follow(address, element)
        alternates = []
        for reference in references(self.page):
            found = self.lead(reference.address, self.here)
            self._refer(reference, found)
            lang = reference.element.attributes.get("hreflang")
            if lang and reference.role is Role.RELATED and found.is_there:
                alternates.append((lang, found.target, reference.address))
        self.faults += _doubled(alternates)
        return Report(
            self.page.path,
            tuple(self.faults),
            anchors=tuple(self.anchors.values()),
            targets=tuple(self.targets),
            external=tuple(self.external.values()),
            ids=(*self.page.ids, *self.names),
            leads_on=self.page.leads_on or "",
            missing=tuple(self.missing),
            noindex=_is_noindex(self.page),
            alternates=tuple(alternates),
        )

    def _follow(self, address: str, element: Element) -> None:
        """Take down a link that readers follow."""
        if address[0] == "#" and self.here == self.page.path:
            self._anchor(self.page.path, address[1:], element)
            return
        found = self.lead(address, self.here)
        if found.way is Way.OUTPUT:
            self.targets[found.target] = None
            if found.fragment:
                self._anchor(found.target, found.fragment, element)
        elif found.way is Way.ELSEWHERE:
            self._leave(found, address, element)
        elif found.way is not Way.OTHER:
            self._complain(address, found, element)

    def _leave(self, found: Destination, address: str, element: Element) -> None:
        """Take down a link to another site; its address alone leads to its line, and is had for nothing."""
        key = (found.target, found.fragment)
        if key not in self.external:
            clue = Clue("a", (address,), body=element.inside("main") is not None)
            self.external[key] = Link(found.target, found.fragment, clue)

    def _complain(self, address: str, found: Destination, element: Element) -> None:
        clue = self.page.clue(element)
        if found.way is Way.BROKEN:
            if found.target:
                self.missing.append(Link(found.target, _decoded(found.fragment), clue))
            self.faults.append(Fault("KB100", f"{_the_link(address)} {found.reason}.", found.mend, clue))
            return
        self.targets[found.target] = None
        if found.way is Way.OLD:
            message = f"{_the_link(address)} leads to an old address, which leads on to {found.reason}."
            self.faults.append(Fault("KB107", message, found.mend, clue))
            return
        self.faults.append(Fault("KB108", f"{_the_link(address)} {found.reason}.", found.mend, clue))
        if found.fragment:
            self._anchor(found.target, found.fragment, element)

    def _anchor(self, target: str, fragment: str, element: Element) -> None:
        """Take down a link to a place, unless the place is in this page and there."""
        fragment = fragment.partition(":~:")[0]
        if fragment.lower() in _EVERYWHERE or fragment.startswith(_OWN_FRAGMENT):
            return
        if not target.endswith((".html", ".svg")):
            return
        if target == self.page.path and self._has(fragment):
            return
        link = Link(target, _decoded(fragment), self.page.clue(element))
        self.anchors[target, link.fragment, link.clue] = link

    def _has(self, fragment: str) -> bool:
        ids = self.page.ids
        return (
            fragment in ids
            or fragment in self.names
            or _decoded(fragment) in ids
            or _decoded(fragment) in self.names
        )

    def _refer(self, reference: Reference, found: Destination) -> None:
        """Take down something that a page refers to by other means than a link."""
        role, element = reference.role, reference.element
        if found.plain_http and self.secure and role in (Role.ASSET, Role.FORM):
            message = f"{_the(reference)} is asked for by http:."
            self.faults.append(Fault("KB106", message, "", self.page.clue(element)))
        if role is Role.FORM:
            if found.way is Way.BROKEN and _is_search(element):
                message = f"{_the(reference)} {found.reason}."
                self.faults.append(Fault("KB100", message, found.mend, self.page.clue(element)))
            return
        code = "KB102" if role is Role.ASSET else "KB103"
        if found.way is Way.BROKEN or (role is Role.ASSET and not reference.address):
            reason = "is not there" if found.target else found.reason
            message = f"{_the(reference)} {reason}."
            self.faults.append(Fault(code, message, found.mend, self.page.clue(element)))
        elif role is Role.RELATED and found.way in (Way.OLD, Way.LEANING):
            reason = f"leads on to {found.reason}" if found.way is Way.OLD else found.reason
            clue = self.page.clue(element)
            self.faults.append(
                Fault(code, f"{_the(reference)} {reason}.", found.mend, clue, Severity.WARNING)
            )
        elif found.is_there and found.fragment and reference.what == "drawing":
            self._anchor(found.target, found.fragment, element)


def _doubled(alternates: list[tuple[str, str, str]]) -> Iterator[Fault]:
    """Languages for which a page names two different others."""
    first: dict[str, str] = {}
    for lang, target, address in alternates:
        if first.setdefault(lang.lower(), target) != target:
            message = f"The page names two others in the language «{lang}»."
            yield Fault("KB103", message, "Name one page for each language.", _unseen(address))


def _unseen(address: str) -> Clue:
    """What leads to an address that stands in the head of a page."""
    return Clue("link", (address,), body=False)


def _place_of(page: Page, lead: Callable[[str, str], Destination]) -> str:
    """The output that the addresses in a page are relative to."""
    base = page.first("base")
    address = base.get("href") if base else None
    if not address:
        return page.path
    found = lead(address, page.path)
    return found.target if found.way is not Way.ELSEWHERE else page.path


def _name(element: Element) -> str:
    return element.attributes.get("name") or ""


def _is_noindex(page: Page) -> bool:
    return any(
        (meta.attributes.get("name") or "").lower() == "robots"
        and "noindex" in (meta.get("content") or "").lower()
        for meta in page.by_tag.get("meta", ())
    )


def _is_search(element: Element) -> bool:
    """Whether a form asks for a page; what takes in a POST is no file that could be missing."""
    form = element if element.tag == "form" else element.inside("form")
    method = element.get("formmethod") or (form.get("method") if form else None) or "get"
    return method.lower() == "get"


def _decoded(fragment: str) -> str:
    return unquote(fragment)


def _the_link(address: str) -> str:
    """A link in words; an e-mail address or number in it is left out."""
    scheme = address.partition(":")[0].lower().strip()
    if scheme in ("mailto", "tel"):
        return f"The link «{scheme}:…»"
    return f"The link to {shortened(address)}"


def _the(reference: Reference) -> str:
    if reference.role is Role.FORM:
        return f"The address {shortened(reference.address)} of a form"
    return (
        f"The {reference.what} {shortened(reference.address)}"
        if reference.address
        else f"The {reference.what}"
    )


def shortened(address: str) -> str:
    """An address as messages name it: without its query, and not too long."""
    plain, mark, _ = address.strip().partition("?")
    plain += "?…" if mark else ""
    return plain if len(plain) <= _SHOWN else f"{plain[:_SHOWN]}…"


def broken_anchors(whole: Whole) -> Iterator[Fault]:
    """Links to places that the page they lead to does not have."""
    for report in whole.reports.values():
        for link in report.anchors:
            target = whole.reports.get(link.target)
            if target is None or target.leads_on or link.fragment in target.ids:
                continue
            shown = whole.surroundings.addresses.shown(link.target)
            message = f"There is no place «#{shortened(link.fragment)}» in {shown}."
            yield Fault("KB101", message, "", link.clue, page=report.path)


def links_to_old_pages(whole: Whole) -> Iterator[Fault]:
    """Links to pages that do no more than lead on."""
    old = {path for path, report in whole.reports.items() if report.leads_on}
    seen: Counter[str] = Counter()
    for report in whole.reports.values() if old else ():
        wanted = {target for target in report.targets if target in old and seen[target] < _ENOUGH}
        if wanted and not report.leads_on:
            seen.update(wanted)
            yield from _links_to_old(whole, report.path, wanted)


def _links_to_old(whole: Whole, path: str, old: set[str]) -> Iterator[Fault]:
    """Links in one page to pages that lead on. It is read once more, since hardly any page has them."""
    book = whole.surroundings.addresses
    page = Page(path, whole.surroundings.read(path))
    here = _place_of(page, book.lead)
    for element in page.all("a", "area"):
        address = element.attributes.get("href") or ""
        target = book.lead(address, here).target if address else ""
        if target in old:
            new = shortened(whole.reports[target].leads_on)
            message = f"{_the_link(address)} leads to an old address, which leads on to {new}."
            yield Fault("KB107", message, f"Link to {new}.", page.clue(element), page=path)
