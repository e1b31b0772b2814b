"""Asking fewer rules changes nothing: the same tokens as from markdown-it's own parsers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt
from markdown_it.parser_block import ParserBlock
from markdown_it.parser_inline import ParserInline

from kommunebeta.markdown import PIPELINE, base_parser
from kommunebeta.markdown_rules.gathered import Gathered
from tests.conftest import IN_CI

PIECES = (
    ["*", "**", "_", "`", "``", "[", "](x.md)", "](https://a.example)", "![", "](b.png)", "{.a #b}", "{", "}", "[x]{lang=se}", "<b>", "</b>", "<http://x.example>", "<div>\n", "<!-- c -->", "&amp;", "&", "\\", "\\*", "~~", "~", "^", "[^1]", "^[n]", "\n\n[^1]: note\n", "\n", "\n\n", "    ", "  \n", "\t", "> ", "* ", "+ ", "- ", "1. ", "2) ", "# ", "## ", "\n---\n", "\n===\n", "| a | b |\n|---|---|\n| 1 | 2 |\n", ":::\n", "::: note\n", ":::: tip\n", "*[HTML]: x\n", "\n: forklaring\n", "\n[r]: /u 'x'\n", "www.x.example", "a@b.example", "https://x.example/y", "://", '"', "'", "...", "--", "!", "=", "%", "$", "@", "- [ ] ", "```\nkode\n```\n", "~~~py\n", "{% x %}", "ord ", "æøå ", "\xa0", "\u2003ord", "Setning. ", "\x00", "\r\n"]
)  # fmt: skip


def parsers() -> tuple[MarkdownIt, MarkdownIt]:
    """Ours, and one with the same rules on markdown-it's own parsers."""
    ours, plain = base_parser(), base_parser()
    blocks, inlines = ParserBlock(), ParserInline()
    blocks.ruler, inlines.ruler, inlines.ruler2 = plain.block.ruler, plain.inline.ruler, plain.inline.ruler2
    plain.block, plain.inline = blocks, inlines
    for parser in (ours, plain):
        for rule in PIPELINE:
            rule(parser, "nb")
    return ours, plain


@pytest.fixture(scope="module")
def pair() -> tuple[MarkdownIt, MarkdownIt]:
    return parsers()


def tokens(parser: MarkdownIt, text: str) -> list[dict[str, Any]]:
    env: dict[str, Any] = {"gathered": Gathered("x.md", 1, text)}
    found = [token.as_dict(meta_serializer=lambda meta: sorted(meta)) for token in parser.parse(text, env)]
    return [*found, {"html": parser.renderer.render(parser.parse(text, env), parser.options, env)}]


def test_the_specification_gives_the_same(root: Path, pair: tuple[MarkdownIt, MarkdownIt]) -> None:
    examples = json.loads((root / "tests/data/commonmark-0.31.2.json").read_text("utf-8"))
    for example in examples:
        assert tokens(pair[0], example["markdown"]) == tokens(pair[1], example["markdown"])


@settings(max_examples=400 if IN_CI else 2000)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_any_mixture_gives_the_same(pair: tuple[MarkdownIt, MarkdownIt], text: str) -> None:
    assert tokens(pair[0], text) == tokens(pair[1], text)
