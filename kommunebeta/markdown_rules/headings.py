"""Ids for headings, unique in the body, and a small link to each."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from kommunebeta.language import slugify
from kommunebeta.markdown_rules.gathered import gathered
from kommunebeta.markdown_rules.text import inline_text
from kommunebeta.markdown_rules.wording import in_language
from kommunebeta.model import Heading

WORDS = {
    "nb": "Lenke til «{}»",
    "nn": "Lenkje til «{}»",
    "se": "Liŋka deike: ”{}”",
    "en": "Link to “{}”",
}
_WRITTEN_ID = re.compile(r"""\bid\s*=\s*["']?([^\s"'>]+)|\{[^{}\n]{0,200}?#([\w:-]+)""")


def headings(md: MarkdownIt, lang: str) -> None:
    """Give every heading an id and a link to itself, and list the headings."""
    words = in_language(WORDS, lang)

    def close(
        self: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        token, opened = tokens[idx], tokens[idx - 2]
        if not opened.attrs.get("id"):
            return f"</{token.tag}>\n"
        anchor, text = escapeHtml(str(opened.attrs["id"])), escapeHtml(str(opened.meta["text"]))
        return (
            f' <a class="heading-anchor" href="#{anchor}" aria-label="{words.format(text)}">'
            f"#</a></{token.tag}>\n"
        )

    md.core.ruler.push("headings", _give_ids)
    md.add_render_rule("heading_close", close)


def _give_ids(state: StateCore) -> None:
    found = [
        (token, state.tokens[index + 1])
        for index, token in enumerate(state.tokens)
        if token.type == "heading_open"
    ]
    if not found:
        return
    taken = _written_ids(state)
    used: set[str] = set()
    counts: dict[str, int] = {}
    for token, inline in found:
        text = " ".join(inline_text(inline.children or []).split())
        written = str(token.attrs.get("id", ""))
        if not text and not written:
            continue
        anchor = wanted = written or slugify(text) or "del"
        while anchor in used or (anchor in taken and not written):
            counts[wanted] = counts.get(wanted, 1) + 1
            anchor = f"{wanted}-{counts[wanted]}"
        used.add(anchor)
        token.attrSet("id", anchor)
        token.meta["text"] = text
        gathered(state.env).headings.append(Heading(int(token.tag[1]), anchor, text))


def _written_ids(state: StateCore) -> set[str]:
    """Ids that writers have set themselves, in attributes or raw HTML."""
    ids = {str(token.attrs["id"]) for token in state.tokens if "id" in token.attrs}
    if "id=" in state.src or "{" in state.src:
        for token in state.tokens:
            if token.type in ("inline", "html_block"):
                ids.update(first or second for first, second in _WRITTEN_ID.findall(token.content))
    return ids
