"""Tables, in a region that scrolls by itself on narrow screens (WCAG 2.2, 1.4.10 Reflow).

The region can be focused and has a name, so that it scrolls by keyboard too. Alignment is a
class and not a ``style`` attribute, which a strict content security policy would refuse.
"""

from __future__ import annotations

from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from kommunebeta.markdown_rules.gathered import gathered
from kommunebeta.markdown_rules.wording import in_language

TABLE = {"nb": "Tabell", "nn": "Tabell", "se": "Tabealla", "en": "Table"}


def tables(md: MarkdownIt, lang: str) -> None:
    """Add tables."""
    word = in_language(TABLE, lang)

    def table_open(
        self: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        found = gathered(env)
        found.tables += 1
        label = str(tokens[idx].attrs.get("title", f"{word} {found.tables}"))
        region = f'<div class="table-scroll" role="region" aria-label="{escapeHtml(label)}" tabindex="0">\n'
        return region + self.renderToken(tokens, idx, options, env)

    md.enable("table")
    md.add_render_rule("table_open", table_open)
    md.add_render_rule("table_close", _table_close)
    md.add_render_rule("th_open", _cell)
    md.add_render_rule("td_open", _cell)


def _table_close(
    self: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
) -> str:
    return "</table>\n</div>\n"


def _cell(self: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
    token = tokens[idx]
    style = str(token.attrs.pop("style", ""))
    if style:
        token.attrJoin("class", "align-" + style.removeprefix("text-align:"))
    if token.tag == "th":
        token.attrSet("scope", "col")
    return self.renderToken(tokens, idx, options, env)
