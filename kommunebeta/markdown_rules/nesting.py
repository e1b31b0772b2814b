"""Limits to how deep blocks and brackets nest, and a problem where a body goes beyond them."""

from __future__ import annotations

from types import SimpleNamespace

from markdown_it import MarkdownIt
from markdown_it.helpers import parseLinkDestination, parseLinkTitle
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline

from kommunebeta.markdown_rules.gathered import gathered

MAX_BRACKET_STEPS = 1_000_000
"""Steps that one body may take in search of closing brackets; a book of links needs a tenth."""


def nesting(md: MarkdownIt, lang: str) -> None:
    """Report what markdown-it leaves out beyond ``maxNesting`` levels of quotes and lists.

    Brackets that are never closed are searched to the end of the paragraph each, which takes
    quadratic time; beyond a budget they are plain text.
    """
    md.core.ruler.after("block", "nesting", _check_blocks)
    md.core.ruler.push("brackets", _check_brackets)
    # The attribute's type is the module that it holds by default; rules call it by these names.
    md.helpers = SimpleNamespace(  # type: ignore[assignment]
        parseLinkLabel=label_end, parseLinkDestination=parseLinkDestination, parseLinkTitle=parseLinkTitle
    )


def label_end(state: StateInline, start: int, disable_nested: bool = False) -> int:
    """Index of the bracket that closes the one at ``start``, or -1; as markdown-it's, but bounded.

    Args:
        state: the paragraph.
        start: index of the opening bracket.
        disable_nested: whether a link inside makes it none, as in the text of a link.
    """
    before, state.pos = state.pos, start + 1
    level, steps, end = 1, state.env.get("bracket_steps", 0), -1
    skip = state.md.inline.skipToken
    while state.pos < state.posMax and steps < MAX_BRACKET_STEPS:
        steps += 1
        character = state.src[state.pos]
        if character == "]":
            level -= 1
            if level == 0:
                end = state.pos
                break
        previous = state.pos
        state.env["bracket_steps"] = steps
        skip(state)
        steps = state.env["bracket_steps"]
        if character == "[":
            if previous == state.pos - 1:
                level += 1
            elif disable_nested:
                break
    state.env["bracket_steps"] = steps
    state.pos = before
    return end


def _check_blocks(state: StateCore) -> None:
    limit = state.md.options.maxNesting - 1
    for token in state.tokens:
        if token.level >= limit and token.nesting == 1:
            found = gathered(state.env)
            line = found.first_line + (token.map[0] if token.map else 0)
            mend = "Use fewer quotes and lists inside each other; what is deeper is left out."
            found.fail("KB039", (line, 0), "Quotes or lists are nested too deeply.", mend)
            return


def _check_brackets(state: StateCore) -> None:
    if state.env.get("bracket_steps", 0) >= MAX_BRACKET_STEPS:
        mend = "Write a backslash before brackets that are meant as such."
        gathered(state.env).warn("KB039", (0, 0), "Far too many brackets are never closed.", mend)
