"""The running text of a page: its writer's own paragraphs, and the sentences in them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from kommunebeta.check.page import Element, Page


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NOT_THE_WRITERS = _names("blockquote table li pre figure form nav footer header dialog template noscript q")
"""What a paragraph may stand in and not be running text of the writer's own: quotations, lists, tables."""

_NO_WORDS = _names("script style template svg sup")
_NOT_LANGUAGE = _names("code kbd samp var math q")
_STAND_IN = "X"
"""What stands for a piece of code or a quotation, so that the sentence around it stays whole."""

_BEFORE_NAMES = _names(
    "adm adv ang avd bl.a d.e dir dr dvs e.g eks ev evt f.eks fhv frk hr i.e iflg inkl jf jfr jr mht mr mrs "
    "ms ordf p.g.a pga pr prof resp saksnr sml st t.eks vedr vs"
)
"""Abbreviations that a name may follow. Those that come last, such as ``osv.``, end a sentence before one."""
_BEFORE_NUMBERS = _names(
    "art bnr ca fig fnr gnr kap kl kr ledd maks min nr pkt s sek str tab tel tlf vol "
    "jan feb mar apr jun jul aug sep sept okt nov des"
)
"""Abbreviations that a number may follow; many are words, too, so they count before a number alone."""
_END = re.compile(r"([.!?…]+)([»”\"')\]]*)\s+(?=[«“\"'(\[–—-]*\s*(\S))")
_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*|\d[\d.,:/–-]*")
_INITIALS = re.compile(r"(?:[A-ZÆØÅ]\.)*[A-ZÆØÅ]")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\S+")
_PERSONAL = re.compile(r"\S+@\S+|\+?\d(?:[ .]?\d){6,}")
_SHOWN = 60


def body_paragraphs(page: Page) -> list[Element]:
    """The paragraphs of a page's own text, in order.

    Quotations, lists, tables and code are left out, and so is what stands in another language. What citizens
    have written stands outside the part of the page that is looked at: that with the class ``prose``, or
    ``main`` in a theme without one.
    """
    bodies = [element for element in page.by_attribute.get("class", ()) if "prose" in _classes(element)]
    main = page.first("main")
    roots = {id(body) for body in bodies} or {id(main)}
    return [paragraph for paragraph in page.all("p") if _is_running_text(paragraph, roots)]


def words_of(element: Element) -> str:
    """The words inside a paragraph, with white space collapsed and code left out."""
    return " ".join("".join(_texts(element.node)).split())


def sentences(text: str) -> Iterator[str]:
    """The sentences of a paragraph of Norwegian or English.

    A full stop ends no sentence after an abbreviation, an ordinal number or an initial, nor where the next
    word begins with a small letter.
    """
    begin = 0
    for found in _END.finditer(text):
        following = found[3]
        if found[1] == ".":
            before = text[begin : found.start()].rsplit(None, 1)
            if before and _is_open(before[-1], following):
                continue
        if found[1] != "." and following.islower():
            continue
        yield text[begin : found.end()].strip()
        begin = found.end()
    rest = text[begin:].strip()
    if rest:
        yield rest


def words(text: str) -> list[str]:
    """The words and numbers of a text; an address of the web or of mail is one word."""
    may_hold_address = "@" in text or "://" in text or "www." in text
    return _WORD.findall(_ADDRESS.sub("x", text) if may_hold_address else text)


def excerpt(text: str) -> str:
    """The beginning of a text as messages show it, without numbers and addresses of people."""
    told = _PERSONAL.sub("…", text).rstrip(".")
    return told if len(told) <= _SHOWN else told[: _SHOWN - 1].rsplit(" ", 1)[0].rstrip(",;:.–- ") + " …"


def _is_open(last: str, following: str) -> bool:
    """Whether a full stop after a word is part of it, and the sentence goes on."""
    plain = last.lstrip("«“\"'([")
    word = plain.lower()
    if following.islower() or word in _BEFORE_NAMES or _INITIALS.fullmatch(plain):
        return True
    return following.isdigit() and (word in _BEFORE_NUMBERS or (word.isdigit() and len(word) <= 2))


def _classes(element: Element) -> list[str]:
    return element.attributes["class"].split()


def _is_running_text(paragraph: Element, roots: set[int]) -> bool:
    inside = False
    if "lang" in paragraph.attributes or "callout-title" in paragraph.attributes.get("class", ""):
        return False
    for above in paragraph.ancestors:
        if id(above) in roots:
            inside = True
        if above.tag in _NOT_THE_WRITERS or (above.tag != "html" and "lang" in above.attributes):
            return False
    return inside


def _texts(root: LexborNode) -> Iterator[str]:
    waiting = [root.first_child]
    while waiting:
        node = waiting.pop()
        if node is None:
            continue
        waiting.append(node.next)
        if node.is_text_node:
            yield node.text_content or ""
        elif node.tag in _NOT_LANGUAGE:
            yield _STAND_IN
        elif node.tag == "br":
            yield " "
        elif node.tag not in _NO_WORDS:
            waiting.append(node.first_child)
