"""Callouts: ``::: note Title`` … ``:::`` with Markdown inside.

A callout in a callout has a shorter fence than the one around it. Fences of code inside are
skipped when the end is looked for.
"""

from __future__ import annotations

import difflib
import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock

from kommunebeta.markdown_rules.embeds import directive
from kommunebeta.markdown_rules.gathered import gathered
from kommunebeta.markdown_rules.wording import in_language

TITLES = {
    "nb": {"note": "Merk", "tip": "Tips", "important": "Viktig", "warning": "Advarsel", "facts": "Fakta"},
    "nn": {"note": "Merk", "tip": "Tips", "important": "Viktig", "warning": "Åtvaring", "facts": "Fakta"},
    "se": {"note": "Fuomáš", "tip": "Ráva", "important": "Dehálaš", "warning": "Váruhus", "facts": "Fáktá"},
    "en": {"note": "Note", "tip": "Tip", "important": "Important", "warning": "Warning", "facts": "Facts"},
}
"""The title of a callout that has none of its own."""

NORWEGIAN = {
    "merk": "note",
    "tips": "tip",
    "viktig": "important",
    "advarsel": "warning",
    "sitat": "quote",
    "fakta": "facts",
}
"""Norwegian names for the same callouts."""

NAMES = ("note", "tip", "important", "warning", "quote", "facts")
EMBED = "embed"
RESERVED = ("form",)
"""Names that have a meaning elsewhere; their content is shown as it is."""

_OPEN = re.compile(r"(:{3,})[ \t]*([^\W\d_][\w-]*)(?:[ \t]+([^\n]*))?$")
_CLOSE = re.compile(r"(:{3,})[ \t]*$")
_CODE_FENCE = re.compile(r"`{3,}|~{3,}")


def callouts(md: MarkdownIt, lang: str) -> None:
    """Add callouts."""
    titles = in_language(TITLES, lang)

    def callout(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        begin = state.bMarks[start] + state.tShift[start]
        if not state.src.startswith(":::", begin) or state.is_code_block(start):
            return False
        match = _OPEN.match(state.src[begin : state.eMarks[start]].rstrip())
        if not match:
            return False
        if silent:
            return True
        name = NORWEGIAN.get(match[2].lower(), match[2].lower())
        title = match[3] or ""
        stop, closed = _end(state, start, end, len(match[1]))
        if name == EMBED:
            state.line = directive(state, start, stop, closed, title)
            return True
        if name not in NAMES:
            if name not in RESERVED:
                _unknown(state, start, name)
            _content(state, start, stop)
        elif name == "quote":
            _quote(state, start, stop, title)
        else:
            token = state.push("callout_open", "aside", 1)
            token.attrs = {"class": f"callout callout-{name}", "role": "note"}
            token.map = [start, stop]
            _line(state, start, "p", "callout-title", title or titles[name])
            _content(state, start, stop)
            state.push("callout_close", "aside", -1)
        state.line = stop + (1 if closed else 0)
        return True

    md.block.ruler.before(
        "fence", "callout", callout, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )


def _end(state: StateBlock, start: int, end: int, length: int) -> tuple[int, bool]:
    """The line of the closing fence and True, or the end of the surrounding block and False."""
    code = ""
    for line in range(start + 1, end):
        begin, stop = state.bMarks[line] + state.tShift[line], state.eMarks[line]
        if begin < stop and state.sCount[line] < state.blkIndent:
            return line, False
        first = state.src[begin : begin + 3]
        if first not in (":::", "```", "~~~"):
            continue
        text = state.src[begin:stop]
        fence = _CODE_FENCE.match(text)
        if code:
            if fence and fence[0].startswith(code) and not text[fence.end() :].strip():
                code = ""
        elif fence:
            code = fence[0]
        elif (close := _CLOSE.match(text)) and len(close[1]) >= length and not state.is_code_block(line):
            return line, True
    return end, False


def _content(state: StateBlock, start: int, stop: int) -> None:
    parent, limit = state.parentType, state.lineMax
    state.parentType, state.lineMax = "callout", stop
    state.md.block.tokenize(state, start + 1, stop)
    state.parentType, state.lineMax = parent, limit


def _line(state: StateBlock, line: int, tag: str, css: str, text: str) -> None:
    token = state.push("callout_title_open", tag, 1)
    if css:
        token.attrSet("class", css)
    inline = state.push("inline", "", 0)
    inline.content, inline.map, inline.children = text, [line, line + 1], []
    state.push("callout_title_close", tag, -1)


def _quote(state: StateBlock, start: int, stop: int, source: str) -> None:
    token = state.push("callout_open", "figure", 1)
    token.attrs, token.map = {"class": "quote"}, [start, stop]
    state.push("callout_open", "blockquote", 1)
    _content(state, start, stop)
    state.push("callout_close", "blockquote", -1)
    if source:
        _line(state, start, "figcaption", "", source)
    state.push("callout_close", "figure", -1)


def _unknown(state: StateBlock, start: int, name: str) -> None:
    near = difflib.get_close_matches(name, [*NAMES, *NORWEGIAN, EMBED], 1)
    mend = f"Did you mean «{near[0]}»?" if near else f"Known are {', '.join((*NAMES, EMBED))}."
    found = gathered(state.env)
    found.warn("KB037", (found.first_line + start, 0), f"There is no callout «{name}».", mend)
