"""What moves, plays or leads on by itself, zoom that is blocked, and film and sound without words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from kommunebeta.check.accessibility.tree import Tree
from kommunebeta.check.finding import Clue, Fault, Rule
from kommunebeta.check.page import Element
from kommunebeta.errors import Severity

RULES: Mapping[str, Rule] = {
    "KB133": Rule(
        "Zoom blocked, or things that happen by themselves",
        Severity.ERROR,
        "People with low vision must be able to enlarge the text; movement, sound and pages that change by "
        "themselves shut out those who need time or cannot turn them off.",
        "Let people decide: no `maximum-scale`, no reloading, no `autoplay`.",
        ("WCAG 2.2, 1.4.2", "WCAG 2.2, 1.4.4", "WCAG 2.2, 2.2.1", "WCAG 2.2, 2.2.2"),
    ),
    "KB136": Rule(
        "Film or sound without captions or transcript",
        Severity.WARNING,
        "Deaf people learn nothing of what is said. Captions in film are a duty of the public sector.",
        'Add `<track kind="captions" …>` to film, and a transcript to sound.',
        ("WCAG 2.2, 1.2.1", "WCAG 2.2, 1.2.2", "WCAG 2.2, 1.2.3"),
        build="KB072",
    ),
}

_WIDEST = 5.0
_WIDE = 2.0
_ALWAYS = 20 * 60 * 60
_SPOKEN = ("captions", "subtitles")
_TRANSCRIPT = re.compile(
    r"tekstversjon|teksting|transkri|transcript|utskrift|avskrift|teakstaveršuvdna|hei?le teksten",
    re.I,
)


def by_themselves(tree: Tree) -> Iterator[Fault]:
    """KB133: zoom that is blocked, pages that lead on, sound and movement without being asked."""
    page = tree.page
    for element in page.all("meta"):
        name = (element.attributes.get("name") or "").lower()
        if name == "viewport":
            yield from _zoom(element)
        elif (element.attributes.get("http-equiv") or "").lower() == "refresh":
            yield from _refresh(element)
    for element in tree.told(page.having("autoplay")):
        if element.tag not in ("audio", "video"):
            continue
        if "muted" not in element.attributes:
            message = f"The {_what(element)} plays by itself, with sound."
            yield Fault("KB133", message, "Take `autoplay` away.", tree.clue(element))
        elif "controls" not in element.attributes:
            message = f"The {_what(element)} plays by itself, and cannot be stopped."
            yield Fault("KB133", message, "Take `autoplay` away.", tree.clue(element), Severity.WARNING)
    for element in tree.told(page.all("blink", "marquee")):
        yield Fault(
            "KB133",
            f"«{element.text[:60]}» moves all the time.",
            f"Take «{element.tag}» away.",
            tree.clue(element),
        )


def _zoom(element: Element) -> Iterator[Fault]:
    options = dict(_options(element.attributes.get("content") or ""))
    clue = Clue("meta", ('name="viewport"', "viewport"), body=False)
    most = options.get("maximum-scale", "")
    scale = float(most) if re.fullmatch(r"\d+(?:\.\d+)?", most) else _WIDEST
    if options.get("user-scalable") in ("no", "0") or scale < _WIDE:
        yield Fault("KB133", "The page cannot be enlarged.", "Write `width=device-width` alone.", clue)
    elif scale < _WIDEST:
        message = f"The page can be enlarged {most} times only."
        yield Fault("KB133", message, "Write `width=device-width` alone.", clue, Severity.NOTE)


def _options(content: str) -> Iterator[tuple[str, str]]:
    for part in re.split(r"[,;]", content.lower()):
        name, _, value = part.partition("=")
        yield name.strip(), value.strip()


def _refresh(element: Element) -> Iterator[Fault]:
    found = re.match(r"\s*(\d{1,9})\b", element.attributes.get("content") or "", re.ASCII)
    if found and 0 < int(found[1]) < _ALWAYS:
        message = f"The page changes by itself after {found[1]} seconds."
        clue = Clue("meta", ('http-equiv="refresh"', "http-equiv"), body=False)
        yield Fault("KB133", message, "Let readers follow a link.", clue)


def spoken(tree: Tree) -> Iterator[Fault]:
    """KB136: film without captions, and sound without a transcript that can be found."""
    page = tree.page
    for element in tree.told(page.all("video")):
        silent = "muted" in element.attributes and "controls" not in element.attributes
        tracks = [track for track in element.descendants if track.tag == "track"]
        if not silent and not any((track.get("kind") or "subtitles").lower() in _SPOKEN for track in tracks):
            yield Fault(
                "KB136",
                f"The {_what(element)} has no captions.",
                'Add `<track kind="captions" …>`.',
                tree.clue(element, *_looked_for(element)),
            )
    for element in tree.told(page.all("audio")):
        if not _has_transcript(element):
            message = f"Beside the {_what(element)} stands no transcript."
            yield Fault(
                "KB136",
                message,
                "Write out what is said, or link to it.",
                tree.clue(element, *_looked_for(element)),
            )


def _has_transcript(element: Element) -> bool:
    """Whether words about a transcript stand near a sound, or the page names one for it."""
    if element.get("aria-details") or element.get("aria-describedby"):
        return True
    around = element.parent
    near = [around] if around is not None and around.tag != "body" else []
    if around is not None and around.parent is not None:
        siblings = around.parent.children
        near += siblings[siblings.index(around) + 1 :][:2]
    return any(_TRANSCRIPT.search(each.text) for each in near)


def _source(element: Element) -> str:
    inside = (child.get("src") for child in element.children if child.tag == "source")
    return element.get("src") or next(filter(None, inside), "")


def _looked_for(element: Element) -> list[str]:
    return [text for text in (_source(element), f"<{element.tag}") if text]


def _what(element: Element) -> str:
    kind = {"video": "film", "audio": "sound"}[element.tag]
    source = _source(element)
    return f"{kind} {source[-60:]}" if source else kind
