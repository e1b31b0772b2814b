"""Citizens' texts made harmless: as HTML, as plain text, and as a cell of a spreadsheet.

A citizen's words are shown as they were written, without typographic quotes; only what serves to deceive
or to disturb is left out (``kommunebeta.dialogue.cleaning``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from kommunebeta.dialogue.cleaning import cleaned, harmless, what_was_harmful
from kommunebeta.language import base_language
from kommunebeta.markdown_rules.autolinks import autolinks
from kommunebeta.markdown_rules.gathered import Gathered
from kommunebeta.markdown_rules.nesting import nesting
from kommunebeta.markdown_rules.places import places
from kommunebeta.markdown_rules.text import inline_text
from kommunebeta.markdown_rules.typography import typography

__all__ = ["citizen_html", "csv_cell", "harmless", "what_was_harmful"]

MAX_MARKDOWN = 30_000
"""Characters up to which a text is read as Markdown; a longer one is shown with its paragraphs and lines."""

MAX_SIGNS = 4_000
"""Signs of Markdown up to which a text is read as such: a hundred pages of citizens' prose have fewer."""

MAX_NESTING = 20
"""How deep quotes and lists may stand in each other; a text that goes deeper is shown as it was written."""

TAGS = frozenset({"p", "br", "em", "strong", "ul", "ol", "li", "blockquote", "code", "pre", "a"})
"""The elements that a citizen's text may become."""

ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "*": frozenset(),
    "a": frozenset({"href"}),
    "ol": frozenset({"start"}),
    "li": frozenset({"value"}),
}
"""Their attributes, besides the ``rel`` that links are given. Numbers stay those that were written."""

SCHEMES = frozenset({"http", "https", "mailto"})
"""What a link may lead to."""

_LINK = re.compile(r"https?://[^/?#@\\]+(?:[/?#]|$)|mailto:[^@?%]+@[^@?%]+$", re.IGNORECASE)
_OWN_PATH = re.compile(r"/(?![/\\])[^\s\\]*$")
_SIGNS = re.compile(r"[*_`\[\]<>!&\\]")
_PARAGRAPHS = re.compile(r"\n(?: *\n)+")

_SPACE = r"\u00a0\u202f "
_NUMBER = re.compile(rf"[+\-\u2212]?[0-9]+(?:[.,{_SPACE}][0-9]+)*(?:[eE][+-]?[0-9]{{1,3}})?[{_SPACE}]?%?")
_UNSEEN = r"\s\x00-\x20\u200b-\u200f\u2060\ufeff"
_FORMULA = re.compile(rf"[\t\r\n]|[{_UNSEEN}]*+[=+\-@\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b]")
_NEXT_CELL = re.compile(
    r"""(?<=[;\t\r\n])([ "']{0,40}+)"""
    r"(?=[=@\uff1d\uff20]|[+\-\uff0b\uff0d](?![0-9 .,]*+(?:[;\t\r\n]|$))[\w(])"
)


def citizen_html(text: str, *, lang: str, ugc: bool = True) -> str:
    """What somebody wrote, as HTML that can do no harm.

    Of Markdown there are paragraphs, emphasis, lists, quotes, code and links; a line end is a line
    break. Everything else is shown as text: HTML, entities, tables, lines of dashes. A heading becomes
    a paragraph and a picture its text alternative, so that no request ever leaves. Addresses become
    links if they are http, https or mailto and name no user (``https://kommune.no@example.com``). A
    list keeps the numbers that were written, and «17. mai» is no list. nh3 has the last word.

    Links open in the same window, so that ``noopener`` would have no meaning.

    A text that is very long, full of signs or deeply nested is shown as it was written, in paragraphs
    and lines, without Markdown: nothing of it is left out and it takes no more time than others.

    Args:
        text: Markdown, or what people write who have never heard of it.
        lang: BCP 47 language of the text; sets the quotation marks of an official answer.
        ugc: whether a citizen wrote it: links get ``rel="nofollow ugc"`` and words stay as they are.
            An official answer has the typography of the site's other texts, and may link to a path of
            the site (``/2026/05/x/``).

    Returns:
        HTML with ``TAGS`` and ``ATTRIBUTES`` alone.
    """
    text = cleaned(text)
    html = None
    if len(text) <= MAX_MARKDOWN and len(_SIGNS.findall(text)) <= MAX_SIGNS:
        found = Gathered("", 1, text)
        html = _parser(base_language(lang), ugc).render(text, {"gathered": found, "own_paths": not ugc})
        # markdown-it leaves out what is nested too deeply, and some signs show nothing by themselves.
        html = None if found.problems or not html.strip() else html
    return _cleaner(ugc).clean(_as_written(text) if html is None else html)


@lru_cache(maxsize=2)
def _cleaner(ugc: bool) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        url_relative="deny" if ugc else "pass_through",
        link_rel="nofollow ugc" if ugc else None,
    )


def _as_written(text: str) -> str:
    paragraphs = (escapeHtml(part.strip("\n")) for part in _PARAGRAPHS.split(text))
    return "\n".join("<p>" + part.replace("\n", "<br>\n") + "</p>" for part in paragraphs if part.strip())


class _Parser(MarkdownIt):
    """markdown-it, except that it parses every address: links that may not be one are undone later.

    A picture is then read as such wherever it lies.
    """

    def validateLink(self, url: str) -> bool:  # noqa: N802  (markdown-it's name)
        """Whether an address may be parsed as a link: always."""
        return True


@lru_cache(maxsize=16)
def _parser(lang: str, ugc: bool) -> MarkdownIt:
    parser = _Parser(
        "commonmark", {"html": False, "breaks": True, "xhtmlOut": False, "maxNesting": MAX_NESTING}
    )
    parser.disable(["code", "hr", "reference", "lheading", "html_block", "html_inline", "entity"])
    for rule in (places, nesting, autolinks) if ugc else (places, nesting, autolinks, typography):
        rule(parser, lang)
    parser.core.ruler.push("citizen", _tame)
    return parser


def _tame(state: StateCore) -> None:
    """Bring a parsed text down to the subset."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.type, token.tag = token.type.replace("heading", "paragraph"), "p"
        elif token.type == "fence":
            # More than the name of a language is a line of the text itself.
            words = f"{token.info.strip()}\n" if len(token.info.split()) > 1 else ""
            token.content = cleaned(words + token.content)
        elif token.children:
            token.children = list(_words(token.children, own_paths=state.env["own_paths"]))
    state.tokens = list(_filled(_numbered(state.tokens)))


def _words(tokens: list[Token], *, own_paths: bool) -> Iterator[Token]:
    """A paragraph's tokens without pictures and without links that lead elsewhere than they may.

    Texts are cleaned anew: percent signs in an address that is its own text have been decoded.
    """
    refused: list[bool] = []
    for token in tokens:
        if token.type == "link_open":
            address = str(token.attrs.get("href", ""))
            address = "https://" + address if address.lower().startswith("www.") else address
            token.attrs = {"href": address}
            refused.append(not (_LINK.match(address) or (own_paths and _OWN_PATH.match(address))))
            if refused[-1]:
                continue
        elif token.type == "link_close":
            if refused.pop():
                continue
        elif token.type == "image":
            token = Token("text", "", 0, content=cleaned(inline_text(token.children or [])))
        elif token.content:
            token.content = cleaned(token.content)
        yield token


def _filled(tokens: list[Token]) -> Iterator[Token]:
    """Tokens without paragraphs that show nothing."""
    index = 0
    while index < len(tokens):
        if (
            tokens[index].type == "paragraph_open"
            and not inline_text(tokens[index + 1].children or []).strip()
        ):
            index += 3
            continue
        yield tokens[index]
        index += 1


def _numbered(tokens: list[Token]) -> list[Token]:
    """Tokens in which numbers at the start of lines are those that were written.

    «17. mai er nasjonaldagen» stands alone and is no list: it would be announced as one.
    """
    replaced: dict[int, list[Token]] = {}
    open_lists: list[list[int]] = []
    for index, token in enumerate(tokens):
        if token.type in ("ordered_list_open", "bullet_list_open"):
            open_lists.append([index])
        elif token.type == "list_item_open":
            open_lists[-1].append(index)
        elif token.type in ("ordered_list_close", "bullet_list_close"):
            opening, *items = open_lists.pop()
            if token.type == "bullet_list_close":
                continue
            if len(items) == 1:
                _unlist(tokens, opening, index, replaced)
            else:
                _number([tokens[item] for item in items])
    return [new for index, token in enumerate(tokens) for new in replaced.get(index, [token])]


def _number(items: list[Token]) -> None:
    expected = int(items[0].info)
    for item in items:
        if int(item.info) != expected:
            item.attrs["value"] = expected = int(item.info)
        expected += 1


def _unlist(tokens: list[Token], opening: int, closing: int, replaced: dict[int, list[Token]]) -> None:
    """Put the number of a list's only item into its first paragraph, and nothing in the place of the list."""
    item = tokens[opening + 1]
    number = Token("text", "", 0, content=f"{item.info}{item.markup}")
    for token in tokens[opening + 2 : closing - 1]:
        if token.level == item.level + 1:
            token.hidden = False
    replaced.update({opening: [], opening + 1: [], closing - 1: [], closing: []})
    first = opening + 2
    while first in replaced and tokens[first].nesting == 1:  # «17. 5. 2026» is a list in a list
        first += 1
    if tokens[first].type == "paragraph_open":
        inline = tokens[first + 1]
        inline.children = [number, Token("text", "", 0, content=" "), *(inline.children or [])]
    else:
        alone = Token("inline", "", 0, children=[number])
        replaced[opening] = [Token("paragraph_open", "p", 1), alone, Token("paragraph_close", "p", -1)]


def csv_cell(text: str) -> str:
    """A text as the cell of a CSV file that no spreadsheet reads as a formula.

    Where a cell begins like a formula, after spaces or invisible characters and in full width too, an
    apostrophe is put before it. Numbers stay numbers («-5», «+4,5 %», and «+47 22 00 00 00»).

    Spreadsheets in Norwegian split at semicolons, whatever the file says, and then a quoted cell may be
    torn apart at a semicolon or line end; so the apostrophe is also put before what begins like a
    formula there. Everything else is left as it is, and quotation marks are the CSV writer's work.

    The source is OWASP, «CSV Injection»: the first signs, and that «it is not sufficient to make sure
    that the untrusted user input does not start with these characters».
    """
    if _NUMBER.fullmatch(text):
        return text
    inner = _NEXT_CELL.sub(r"\1'", text)
    return "'" + inner if _FORMULA.match(text) else inner
