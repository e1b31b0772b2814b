"""What a page says of itself: its language, the languages of its parts, and its title."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from kommunebeta.check.accessibility.aria_tables import names_in
from kommunebeta.check.accessibility.tree import Tree
from kommunebeta.check.finding import Clue, Fault, Rule
from kommunebeta.check.state import Whole
from kommunebeta.errors import Severity

RULES: Mapping[str, Rule] = {
    "KB120": Rule(
        "Language missing or not valid",
        Severity.ERROR,
        "A screen reader reads the text with the voice of another language, and nobody understands it.",
        'Write the language code, such as `<html lang="nb">`; `nb` bokmål, `nn` nynorsk, `se` Northern Sámi, '
        "`en` English.",
        ("WCAG 2.2, 3.1.1", "WCAG 2.2, 3.1.2"),
    ),
    "KB121": Rule(
        "Title missing, or the same on several pages",
        Severity.ERROR,
        "The title is what a screen reader says first, and all that tabs, bookmarks and search results show.",
        "Give each page a title of its own that says what it is about.",
        ("WCAG 2.2, 2.4.2",),
    ),
}

_WELL_FORMED = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?"
    r"(?:-(?:[a-z\d]{5,8}|\d[a-z\d]{3}))*(?:-[a-wyz\d](?:-[a-z\d]{2,8})+)*(?:-x(?:-[a-z\d]{1,8})+)?"
    r"|x(?:-[a-z\d]{1,8})+",
    re.IGNORECASE,
)
_TWO_LETTERS = names_in(
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da "
    "de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz "
    "ia id ie ig ii ik in io is it iu iw ja ji jv jw ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la "
    "lb lg li ln lo lt lu lv mg mh mi mk ml mn mo mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj "
    "om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st su sv "
    "sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
)
"""ISO 639-1, with the codes that the registry of language subtags keeps although they are deprecated."""


def is_language(code: str) -> bool:
    """Whether a language code may stand in ``lang``.

    It must be well-formed by RFC 5646; of two letters, it must be in ISO 639-1. Whether a code of three
    letters stands in ISO 639-3, which has some 8,000, is not looked up.
    """
    if not _WELL_FORMED.fullmatch(code):
        return False
    primary = code.split("-")[0].lower()
    return len(primary) != 2 or primary in _TWO_LETTERS


def language(tree: Tree) -> Iterator[Fault]:
    """KB120: the languages of a page and of its parts."""
    page = tree.page
    for element in page.having("lang"):
        code = element.attributes["lang"]
        if is_language(code) or (not code and element.tag != "html"):
            continue
        if code.strip():
            what = "page" if element.tag == "html" else f"«{element.tag}»"
            clue = tree.clue(element, f'lang="{code}"', f"<{element.tag}")
            yield Fault("KB120", f"The language of the {what}, «{code[:30]}», is not valid.", "", clue)
        elif element.tag != "html":
            yield Fault("KB120", f"The language of the «{element.tag}» is blank.", "", tree.clue(element))
    html = page.first("html")
    if html is None or not page.is_document:
        return
    if not (html.get("lang") or "").strip():
        yield Fault("KB120", "The page does not say which language it is in.", "", Clue("html", ("<html",)))
        return
    other = html.get("xml:lang")
    if other and other.split("-")[0].lower() != html.attributes["lang"].split("-")[0].lower():
        message = f"«lang» says «{html.attributes['lang']}», but «xml:lang» says «{other[:30]}»."
        yield Fault("KB120", message, "Take «xml:lang» away.", Clue("html", ("xml:lang",)))


def title(tree: Tree) -> Iterator[Fault]:
    """KB121: the title of a page."""
    page = tree.page
    if page.is_document and not page.title:
        clue = Clue("head", ("<title", "<head"), body=False)
        yield Fault("KB121", "The page has no title.", "Write one in `<title>`.", clue)


def same_titles(whole: Whole) -> Iterator[Fault]:
    """KB121: several pages of one language with the same title.

    Files in ``static/`` are left out: they often are copies of what other programs made. So are pages that
    nobody can find by search, such as the thanks after a form was sent.
    """
    alike: dict[tuple[str, str], list[str]] = defaultdict(list)
    for report in whole.reports.values():
        made = not whole.surroundings.sources.get(report.path, "").startswith("static/")
        if report.title and made and not report.noindex:
            alike[report.lang, report.title].append(report.path)
    for (_, said), paths in alike.items():
        for path in sorted(paths)[1:]:
            first = f"/{min(paths).removesuffix('index.html')}"
            message = f"The page has the same title as {first}: «{said[:60]}»."
            clue = Clue("title", (said, said.rsplit(" – ", 1)[0]))
            yield Fault("KB121", message, "", clue, Severity.WARNING, page=path)
