"""Markdown → HTML, headings, references and plain text.

CommonMark as it stands, by markdown-it-py, with the rules of ``PIPELINE`` on top. A body is
turned into a ``Document`` without looking at any other file: links and pictures inside the
site stay open as references until the whole site is known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from html import unescape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml

from kommunebeta.errors import Problem
from kommunebeta.language import base_language
from kommunebeta.markdown_rules.abbreviations import abbreviations
from kommunebeta.markdown_rules.attributes import attributes
from kommunebeta.markdown_rules.autolinks import autolinks
from kommunebeta.markdown_rules.callouts import callouts
from kommunebeta.markdown_rules.code import code
from kommunebeta.markdown_rules.definitions import definitions
from kommunebeta.markdown_rules.dispatch import BlockParser, InlineParser
from kommunebeta.markdown_rules.embeds import embeds
from kommunebeta.markdown_rules.footnotes import footnotes
from kommunebeta.markdown_rules.foreign_tags import foreign_tags
from kommunebeta.markdown_rules.gathered import Gathered
from kommunebeta.markdown_rules.headings import headings
from kommunebeta.markdown_rules.links import links
from kommunebeta.markdown_rules.nesting import nesting
from kommunebeta.markdown_rules.pictures import pictures
from kommunebeta.markdown_rules.places import places
from kommunebeta.markdown_rules.raw_html import raw_html
from kommunebeta.markdown_rules.strikethrough import strikethrough
from kommunebeta.markdown_rules.tables import tables
from kommunebeta.markdown_rules.tasks import tasks
from kommunebeta.markdown_rules.text import body_text, inline_text, plain
from kommunebeta.markdown_rules.typography import typography
from kommunebeta.model import Document, Reference

__all__ = ["PIPELINE", "base_parser", "plain", "render", "render_inline", "render_simple"]

Rule = Callable[[MarkdownIt, str], None]
"""Adds one extension to a parser, for pages in one base language."""

PIPELINE: tuple[Rule, ...] = (
    places,
    nesting,
    strikethrough,
    tables,
    definitions,
    footnotes,
    attributes,
    callouts,
    tasks,
    autolinks,
    embeds,
    abbreviations,
    typography,
    pictures,
    headings,
    foreign_tags,
    links,
    raw_html,
    code,
)
"""Every extension, in the order in which it is added to the parser."""

MAX_NESTING = 60
"""How deep blocks and brackets may nest; well below Python's recursion limit."""

_ANCHOR = re.compile(
    r"""<(?:[aA]\b[^<>]*?\s(?:id|name)|[a-zA-Z][^<>]*?\sid)\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))"""
)


class Parser(MarkdownIt):
    """markdown-it, except that it accepts every address: unsafe ones are reported, not passed over."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        blocks, inlines = BlockParser(), InlineParser()
        blocks.ruler, inlines.ruler, inlines.ruler2 = self.block.ruler, self.inline.ruler, self.inline.ruler2
        self.block, self.inline = blocks, inlines

    def validateLink(self, url: str) -> bool:  # noqa: N802  (markdown-it's name)
        """Whether an address may be parsed as a link: always."""
        return True


def base_parser() -> MarkdownIt:
    """CommonMark and nothing else, as the specification writes its examples."""
    return Parser("commonmark", {"maxNesting": MAX_NESTING})


@lru_cache(maxsize=16)
def _parser(lang: str) -> MarkdownIt:
    parser = base_parser()
    parser.options["xhtmlOut"] = False
    for rule in PIPELINE:
        rule(parser, lang)
    return parser


def render(
    body: str, *, lang: str, path: str, first_line: int = 1, embed: bool = True
) -> tuple[Document, tuple[Problem, ...]]:
    """Render a body.

    Args:
        body: Markdown, without the front matter.
        lang: BCP 47 language of the page; decides quotation marks and the words of labels.
        path: the source file relative to the site, for problems.
        first_line: 1-based line of the file on which ``body`` starts.
        embed: whether an address alone in its paragraph is more than a link.

    Returns:
        The document, in which links and pictures inside the site are still open (see
        ``Reference``), and what the writer should mend, in the order of the file.
    """
    parser = _parser(base_language(lang))
    found = Gathered(path, first_line, body)
    env: dict[str, Any] = {"gathered": found, "embed": embed}
    tokens = parser.parse(body, env)
    text, first_paragraph = body_text(tokens)
    html = parser.renderer.render(tokens, parser.options, env)
    document = Document(
        html=html,
        text=text,
        first_paragraph=first_paragraph,
        headings=tuple(found.headings),
        references=tuple(found.references),
        anchors=_anchors(html, found.references),
        words=len(text.split()),
    )
    return document, tuple(sorted(found.problems, key=lambda problem: problem.sort_key))


def _anchors(html: str, references: Iterable[Reference]) -> frozenset[str]:
    ids = {unescape(first or second or third) for first, second, third in _ANCHOR.findall(html)}
    ids.update(value for reference in references for name, value in reference.attributes if name == "id")
    return frozenset(ids)


def render_simple(text: str, *, lang: str) -> str:
    """Render a text that belongs to something else, such as a film's transcript.

    The same as ``render_inline``, with paragraphs, lists, quotes and headings.
    """
    rendered: str = _inline_parser(base_language(lang)).render(text, {"gathered": Gathered("", 1, text)})
    return rendered


def render_inline(text: str, *, lang: str) -> str:
    """Render a short text, such as a title or caption, as inline HTML that is safe anywhere.

    Emphasis, code, struck text and links work; HTML is shown as text, pictures as their text
    alternative, and an unsafe address does not become a link.
    """
    rendered: str = _inline_parser(base_language(lang)).renderInline(
        text, {"gathered": Gathered("", 1, text)}
    )
    return rendered


@lru_cache(maxsize=16)
def _inline_parser(lang: str) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "xhtmlOut": False, "maxNesting": MAX_NESTING})
    for rule in (places, nesting, strikethrough, autolinks, typography):
        rule(parser, lang)
    parser.add_render_rule("image", _text_alternative)
    return parser


def _text_alternative(
    self: object, tokens: list[Any], idx: int, options: Mapping[str, Any], env: Mapping[str, Any]
) -> str:
    return escapeHtml(inline_text(tokens[idx].children or []))
