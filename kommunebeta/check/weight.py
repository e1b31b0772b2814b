"""What pictures and pages weigh on a phone, held to the budgets of the site's settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kommunebeta.check.finding import Fault, Rule
from kommunebeta.check.noted import NotedSurroundings
from kommunebeta.check.page import Element, Page
from kommunebeta.check.phone import chosen, matches
from kommunebeta.errors import Severity

_LIGHTHOUSE = "Lighthouse, emulated phone"
RULES: Mapping[str, Rule] = {
    "KB142": Rule(
        "Picture that is too heavy",
        Severity.WARNING,
        "Who is on a bus, in a valley or at the end of the data allowance waits for it, pays for it, or "
        "gives up.",
        "Write it in Markdown, so that it is published in small sizes, too, or make the file smaller. "
        "`check: picture_budget:` is the limit.",
        (_LIGHTHOUSE,),
    ),
    "KB143": Rule(
        "Page that is too heavy",
        Severity.WARNING,
        "The page with all that it loads at once takes so long on a phone with a weak signal that many "
        "leave.",
        "Take away what is not needed, or make it smaller. `check: page_budget:` is the limit.",
        (_LIGHTHOUSE,),
    ),
}

_KILO = 1000
_MOST_NAMED = 3


def heavy_pictures(page: Page, surroundings: NotedSurroundings) -> Iterator[Fault]:
    """Pictures over the budget, each once in a page."""
    most = surroundings.limits.picture_budget
    told: set[str] = set()
    for element, path in _pictures(page, surroundings):
        size = surroundings.size(path)
        if size > most * _KILO and path not in told:
            told.add(path)
            message = f"The picture /{path} weighs {_shown(size)} kB on a phone, which is more than {most}."
            yield Fault("KB142", message, clue=page.clue(element))


def heavy_page(page: Page, surroundings: NotedSurroundings) -> Iterator[Fault]:
    """A page over the budget, with what weighs most in it."""
    if not page.is_document:
        return
    most = surroundings.limits.page_budget
    shared = {path: surroundings.size(path) for path in _frame(page, surroundings)}
    if sum(shared.values()) > most * _KILO:
        message = (
            f"Style sheets, scripts and fonts weigh {_shown(sum(shared.values()))} kB before the page "
            f"itself, which is more than {most}: {_heaviest(shared)}."
        )
        yield Fault("KB143", message)
        return
    own = {
        path: surroundings.size(path)
        for element, path in _pictures(page, surroundings)
        if (element.get("loading") or "").lower() != "lazy"
    }
    weighed = {**shared, **own, page.path: len(page.html)}
    total = sum(weighed.values())
    if total > most * _KILO:
        message = (
            f"The page weighs {_shown(total)} kB with what a phone loads at once, which is more than {most}: "
            f"{_heaviest(weighed)}."
        )
        yield Fault("KB143", message, path=surroundings.source(page.path), line=1, column=1)


def _pictures(page: Page, surroundings: NotedSurroundings) -> Iterator[tuple[Element, str]]:
    """The pictures of this site that a phone loads, with the file of each."""
    for element in page.all("img"):
        path = _own(chosen(element), page, surroundings)
        if path:
            yield element, path
    for element in page.all("video"):
        path = _own(element.get("poster") or "", page, surroundings)
        if path:
            yield element, path


def _frame(page: Page, surroundings: NotedSurroundings) -> set[str]:
    """What a page loads besides its pictures: style sheets, their fonts, and scripts."""
    found: set[str] = set()
    for element in page.all("link"):
        relations = (element.get("rel") or "").lower().split()
        path = _own(element.get("href") or "", page, surroundings)
        if not path or (element.get("media") and not matches(element.get("media") or "")):
            continue
        if "stylesheet" in relations and "alternate" not in relations:
            found |= surroundings.of_sheet(path)
        elif {"preload", "modulepreload"} & set(relations) and element.get("as") != "image":
            found.add(path)
    for element in page.all("script"):
        found.add(_own(element.get("src") or "", page, surroundings))
    return found - {""}


def _own(address: str, page: Page, surroundings: NotedSurroundings) -> str:
    """The output that an address leads to; empty for none of this site."""
    if not address or address.startswith("data:"):
        return ""
    found = surroundings.lead(address, page.path)
    return found.target if found.is_there else ""


def _heaviest(weighed: Mapping[str, int]) -> str:
    first = sorted(weighed.items(), key=lambda item: (-item[1], item[0]))[:_MOST_NAMED]
    return ", ".join(f"/{path.removesuffix('index.html')} {_shown(size)} kB" for path, size in first)


def _shown(size: int) -> str:
    return f"{-(-size // _KILO):,}".replace(",", " ")
