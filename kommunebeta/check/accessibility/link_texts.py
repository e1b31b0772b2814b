"""The words of links, which many people hear one after the other, without the sentences around them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from kommunebeta.check.accessibility.tree import Tree, is_of_citizens
from kommunebeta.check.finding import Fault, Rule
from kommunebeta.check.page import Element
from kommunebeta.errors import Severity
from kommunebeta.language import base_language

RULES: Mapping[str, Rule] = {
    "KB126": Rule(
        "Link text that says nothing by itself",
        Severity.NOTE,
        "Many people who use a screen reader go through a page by its links alone: «her, her, les mer» tells "
        "them nothing.",
        "Let the words of the link say what it leads to, such as the title of the page.",
        ("WCAG 2.2, 2.4.4",),
    ),
}

_NORWEGIAN = """
    her, trykk her, klikk her, se her, sjå her, les her, les mer her, les meir her, finn det her,
    last ned her, hit, link, lenke, lenkje, lenka, lenken, lenkja, denne lenken, denne lenka, denne lenkja,
    denne siden, denne sida, denne, dette, les mer, les meir, mer, meir, mer info, meir info, mer informasjon,
    meir informasjon, se mer, sjå meir, vis mer, vis meir, detaljer, detaljar, last ned, nettside, nettsiden,
    nettsida
"""
_SAMI = "dás, dáppe, loga eanet, loga eambbo, eanet, eambbo, liŋka, leaŋka, dát, coahkkal dása"
_ENGLISH = """
    here, click here, press here, see here, read here, link, this link, this page, this, read more, more,
    more info, more information, learn more, see more, show more, details, download, website, find out more
"""


def _phrases(text: str) -> frozenset[str]:
    return frozenset(" ".join(phrase.split()) for phrase in text.split(","))


_EMPTY_WORDS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("nb", "nn", "no"), _phrases(_NORWEGIAN)),
    "se": _phrases(_SAMI),
    "en": _phrases(_ENGLISH),
}
_ALL_EMPTY_WORDS = frozenset(phrase for phrases in _EMPTY_WORDS.values() for phrase in phrases)
_LONGEST = 4 + max(map(len, _ALL_EMPTY_WORDS))
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")
_BEGINNINGS = ("http", "www.")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)


def link_texts(tree: Tree) -> Iterator[Fault]:
    """KB126: links whose words say nothing, and words that lead to several places."""
    known: dict[str, str] = {}
    for element in tree.page.all("a"):
        target = element.attributes.get("href")
        message = mend = ""
        if target is None:
            continue
        said = tree.name(element)
        if _says_nothing(said, element):
            message = f"The link «{said}» to {target[:60]} does not say where it leads."
        elif said.startswith(_BEGINNINGS) and _ADDRESS.fullmatch(said):
            message = f"The link to {target[:60]} shows its address instead of words."
        elif element.parent is not None and _is_running(element.parent) and _is_page(target):
            place = target.partition("#")[0]
            if known.setdefault(said.casefold(), place) != place:
                message = f"Several links are called «{said[:60]}», but lead to different pages."
                mend = "Say in each what tells it from the others."
        if message and element not in tree.untold and not is_of_citizens(element):
            yield Fault("KB126", message, mend, tree.clue(element))


def _says_nothing(said: str, element: Element) -> bool:
    if len(said) > _LONGEST:
        return False
    plain = _EDGES.sub("", said).casefold()
    return plain in _ALL_EMPTY_WORDS and plain in _EMPTY_WORDS.get(_language(element), ())


def _language(element: Element) -> str:
    """The language of the words in an element."""
    code = element.get("lang")
    for above in element.ancestors:
        if code:
            break
        code = above.get("lang")
    return base_language(code or "nb")


def _is_running(around: Element) -> bool:
    """Whether links stand in a sentence there, not in a list or a card."""
    return around.tag == "p" and bool(around.own_text)


def _is_page(target: str) -> bool:
    return target.startswith(("/", "http:", "https:", ".")) and not target.startswith("//")
