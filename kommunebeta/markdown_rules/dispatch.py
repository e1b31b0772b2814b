"""Parsers that try only the rules that can begin with the character at hand.

markdown-it asks every rule at every place, and nearly all answer no after a look at one character.
The result is the same, which a test holds over the CommonMark specification and generated texts; a rule
that is not listed here is always asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import mdTrim
from markdown_it.parser_block import ParserBlock
from markdown_it.parser_inline import ParserInline
from markdown_it.ruler import Ruler
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType

_INLINE: Mapping[str, str] = {
    "newline": "\n",
    "address": ":",
    "escape": "\\",
    "backticks": "`",
    "strikethrough": "~",
    "emphasis": "*_",
    "link": "[",
    "span": "[",
    "footnote_ref": "[",
    "footnote_inline": "^",
    "image": "!",
    "autolink": "<",
    "html_inline": "<",
    "entity": "&",
    "attributes": "{",
}
_BLOCK: Mapping[str, str] = {
    "fence": "`~",
    "blockquote": ">",
    "hr": "*-_",
    "list": "*+-0123456789",
    "footnote_def": "[",
    "reference": "[",
    "html_block": "<",
    "heading": "#",
    "abbreviation": "*",
    "attributes": "{",
    "callout": ":",
}
_ACTIVE = re.compile(r"[*_`<\[\\&~^{\n]|!\[|://")
"""What may be more than text in a paragraph; a rule that is added must begin with one of these."""

_INDENTED = 4
"""Columns from which a line may be code."""


class _ByFirst:
    """The rules of a parser by the character that a place begins with."""

    def __init__(self, starts: Mapping[str, str]) -> None:
        self._starts = starts
        self._rules: Sequence[Any] = ()
        self._names: Sequence[str] = ()
        self._found: dict[str, tuple[Any, ...]] = {}

    def refresh(self, ruler: Ruler[Any]) -> Sequence[Any]:
        """The rules of a ruler, all of them; begins anew where they have changed."""
        rules = ruler.getRules("")
        if rules is not self._rules:
            self._rules, self._names, self._found = rules, ruler.get_active_rules(), {}
        return rules

    def of(self, character: str, without: str = "") -> tuple[Any, ...]:
        """The rules to ask at a character, in their order; without one that cannot match there."""
        found = self._found.get(character)
        if found is None:
            found = self._found[character] = tuple(
                rule
                for name, rule in zip(self._names, self._rules, strict=True)
                if name != without and character in self._starts.get(name, character)
            )
        return found


class InlineParser(ParserInline):
    """markdown-it's parser of paragraphs, asking fewer rules."""

    def __init__(self) -> None:
        super().__init__()
        self._by_first = _ByFirst(_INLINE)

    def _rules_at(self, state: StateInline) -> tuple[Any, ...]:
        character = state.src[state.pos]
        # Plain text ends where a character stands that another rule may begin with.
        return self._by_first.of(character, "text" if self.terminator_re.match(character) else "")

    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        """Make the tokens of a paragraph; plain text, as most is, needs no rule at all."""
        if _ACTIVE.search(src):
            return super().parse(src, md, env, tokens)
        if src:
            tokens.append(Token("text", "", 0, content=src))
        return tokens

    def skipToken(self, state: StateInline) -> None:  # noqa: N802  (markdown-it's name)
        """Pass over what one rule matches, else one character; see markdown-it."""
        pos, cache = state.pos, state.cache
        if pos in cache:
            state.pos = cache[pos]
            return
        self._by_first.refresh(self.ruler)
        matched = False
        if state.level < state.md.options["maxNesting"]:
            state.level += 1
            for rule in self._rules_at(state):
                if rule(state, True):
                    matched = True
                    break
            state.level -= 1
        else:
            state.pos = state.posMax
        if not matched:
            state.pos += 1
        cache[pos] = state.pos

    def tokenize(self, state: StateInline) -> None:
        """Make tokens up to ``state.posMax``; see markdown-it."""
        self._by_first.refresh(self.ruler)
        end, most = state.posMax, state.md.options["maxNesting"]
        while state.pos < end:
            rules = self._rules_at(state) if state.level < most else ()
            for rule in rules:
                if rule(state, False):
                    break
            else:
                state.append_pending(state.src[state.pos])
                state.pos += 1
        if state.pending:
            state.pushPending()


class BlockParser(ParserBlock):
    """markdown-it's parser of blocks, asking fewer rules."""

    def __init__(self) -> None:
        super().__init__()
        self._by_first = _ByFirst(_BLOCK)

    def tokenize(self, state: StateBlock, startLine: int, endLine: int) -> None:  # noqa: N803  (markdown-it's names)
        """Make tokens for some lines; see markdown-it."""
        rules = self._by_first.refresh(self.ruler)
        line, most, empty_lines = startLine, state.md.options.maxNesting, False
        while line < endLine:
            state.line = line = state.skipEmptyLines(line)
            if line >= endLine or state.sCount[line] < state.blkIndent:
                break
            if state.level >= most:
                state.line = endLine
                break
            asked: Sequence[Any] = rules
            if state.sCount[line] - state.blkIndent < _INDENTED:
                first = state.src[state.bMarks[line] + state.tShift[line]]
                if first.isalpha() and _stands_alone(state, line, endLine):
                    asked = (_one_line,)
                else:
                    asked = self._by_first.of(first, "code")
            for rule in asked:
                if rule(state, line, endLine, False):
                    break
            state.tight = not empty_lines
            line = state.line
            if line - 1 < endLine and state.isEmpty(line - 1):
                empty_lines = True
            if line < endLine and state.isEmpty(line):
                empty_lines = True
                line += 1
                state.line = line


def _stands_alone(state: StateBlock, line: int, end: int) -> bool:
    """Whether a line of words is a paragraph by itself: an empty line follows, and no definition after it."""
    following = line + 1
    if following >= end:
        return True
    if not state.isEmpty(following):
        return False
    following += 1
    if following >= end:
        return True
    begin = state.bMarks[following] + state.tShift[following]
    return begin >= state.eMarks[following] or state.src[begin] not in ":~"


def _one_line(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """A paragraph of one line, as markdown-it's rule makes it."""
    state.line = line + 1
    state.push("paragraph_open", "p", 1).map = [line, line + 1]
    inline = state.push("inline", "", 0)
    inline.content = mdTrim(state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]])
    inline.map = [line, line + 1]
    inline.children = []
    state.push("paragraph_close", "p", -1)
    return True
