"""Footnotes: ``text[^1]`` with ``[^1]: note`` anywhere, or ``text^[note]`` in place.

Marks and back links have names for those who do not see where they stand (DPUB-ARIA 1.1:
``doc-noteref``, ``doc-endnotes``, ``doc-backlink``). The ids hold a colon, which no slug does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.footnote.index import footnote_inline, footnote_ref

from kommunebeta.markdown_rules.places import MAX_PICTURES_IN_PICTURES
from kommunebeta.markdown_rules.wording import in_language

WORDS = {
    "nb": ("Fotnoter", "Fotnote {}", "Tilbake til fotnote {} i teksten"),
    "nn": ("Fotnotar", "Fotnote {}", "Tilbake til fotnote {} i teksten"),
    "se": ("Vuolitčállosat", "Vuolitčálus {}", "Ruovttoluotta vuolitčállosii {} teavsttas"),
    "en": ("Footnotes", "Footnote {}", "Back to footnote {} in the text"),
}
"""Title of the section, name of a mark, name of a back link."""

_MARK = re.compile(r"\[\^[^\s\]]{1,200}\]")


def footnotes(md: MarkdownIt, lang: str) -> None:
    """Add footnotes; the notes stand in a section at the end of the body."""
    footnote_plugin(md)
    md.inline.ruler.at("footnote_ref", _mark)
    md.inline.ruler.at("footnote_inline", _in_place)
    title, mark, back = in_language(WORDS, lang)

    def noteref(
        self: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        number, place = _number_and_place(tokens[idx])
        return (
            f'<sup class="footnote-ref"><a href="#fn:{number}" id="fnref:{place}" role="doc-noteref"'
            f' aria-label="{mark.format(number)}">{number}</a></sup>'
        )

    def backlink(
        self: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        number, place = _number_and_place(tokens[idx])
        # U+FE0E keeps the arrow from being shown as an emoji.
        return (
            f' <a href="#fnref:{place}" class="footnote-back" role="doc-backlink"'
            f' aria-label="{back.format(number)}">↩\ufe0e</a>'
        )

    def section(
        self: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return (
            '<section class="footnotes" role="doc-endnotes" aria-labelledby="fn:title">\n'
            f'<h2 class="footnotes-title" id="fn:title">{title}</h2>\n<ol>\n'
        )

    md.add_render_rule("footnote_ref", noteref)
    md.add_render_rule("footnote_anchor", backlink)
    md.add_render_rule("footnote_block_open", section)
    md.add_render_rule("footnote_open", _note)


def _number_and_place(token: Token) -> tuple[int, str]:
    number = token.meta["id"] + 1
    again = token.meta.get("subId", 0)
    return number, f"{number}:{again + 1}" if again else str(number)


def _note(self: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
    return f'<li id="fn:{tokens[idx].meta["id"] + 1}">'


def _mark(state: StateInline, silent: bool) -> bool:
    # The plug-in looks for the bracket to the end of the paragraph, which takes
    # quadratic time on «[^[^[^…»; no label is that long.
    if state.src[state.pos] != "[" or not _MARK.match(state.src, state.pos):
        return False
    return footnote_ref(state, silent)


def _in_place(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "^":
        return False
    # The plug-in's own search for the end is not bounded.
    if state.pos + 2 >= state.posMax or state.src[state.pos + 1] != "[":
        return False
    if state.md.helpers.parseLinkLabel(state, state.pos + 1) < 0:
        return False
    depth = state.env.get("depth", 0)
    if silent or depth >= MAX_PICTURES_IN_PICTURES:
        return silent and footnote_inline(state, silent)
    state.env["depth"] = depth + 1
    matched = footnote_inline(state, silent)
    state.env["depth"] = depth
    return matched
