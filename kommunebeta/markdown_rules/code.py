"""Blocks of code, coloured by Pygments through CSS classes.

A block is ``<pre class="highlight">``; tokens carry Pygments' short class names (``k``, ``s1`` …).
It can be focused, so that long lines scroll by keyboard.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml, unescapeAll
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from kommunebeta.markdown_rules.wording import in_language

if TYPE_CHECKING:
    from pygments.lexer import Lexer

WORDS = {"nb": "Kode", "nn": "Kode", "se": "Koda", "en": "Code"}
MAX_COLOURED = 100_000
"""Characters of code beyond which it is shown without colours."""


def code(md: MarkdownIt, lang: str) -> None:
    """Add colours to code whose language is named."""
    word = in_language(WORDS, lang)

    def block(
        self: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        token = tokens[idx]
        name = (unescapeAll(token.info).split() or [""])[0].strip("{}.").lower()
        label = f"{word}: {name}" if name else word
        token.attrs = {
            **token.attrs,
            "class": f"highlight {token.attrs.get('class', '')}".rstrip(),
            "tabindex": "0",
            "role": "group",
            "aria-label": label,
        }
        css = f' class="language-{escapeHtml(name)}"' if name else ""
        return f"<pre{self.renderAttrs(token)}><code{css}>{coloured(token.content, name)}</code></pre>\n"

    md.add_render_rule("fence", block)
    md.add_render_rule("code_block", block)


def coloured(source: str, name: str) -> str:
    """Code as HTML; without colours when the language is unknown or the code very long."""
    lexer = _lexer(name) if name and len(source) <= MAX_COLOURED else None
    if lexer is None:
        return escapeHtml(source)
    from pygments import highlight
    from pygments.formatters.html import HtmlFormatter

    return highlight(source, lexer, HtmlFormatter(nowrap=True))


@lru_cache(maxsize=256)
def _lexer(name: str) -> Lexer | None:
    # Pygments is imported for the first block of code, since most posts have none.
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(name, stripnl=False)
    except ClassNotFound:
        return None
