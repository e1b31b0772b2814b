"""A limit to how deep blocks nest, and a problem where a body goes beyond it."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

from kommunebeta.markdown_rules.gathered import gathered


def nesting(md: MarkdownIt, lang: str) -> None:
    """Report what markdown-it leaves out beyond ``maxNesting`` levels of quotes and lists."""
    md.core.ruler.after("block", "nesting", _check)


def _check(state: StateCore) -> None:
    limit = state.md.options.maxNesting - 1
    for token in state.tokens:
        if token.level >= limit and token.nesting == 1:
            found = gathered(state.env)
            mend = "Use fewer quotes and lists inside each other; what is deeper is left out."
            found.fail("KB039", found.place_in(token), "Quotes or lists are nested too deeply.", mend)
            return
