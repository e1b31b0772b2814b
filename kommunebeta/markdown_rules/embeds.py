"""Embeds: an address alone in its paragraph, and ``::: embed ADDRESS`` with options; they wait as references.

The options stand below the address, one ``name: value`` a line, and end with ``:::``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from kommunebeta.embeds.matter import NORWEGIAN_EMBED_KEYS, EmbedMatter
from kommunebeta.frontmatter import rename_keys
from kommunebeta.markdown_rules import links
from kommunebeta.markdown_rules.addresses import AddressKind, kind_of
from kommunebeta.markdown_rules.gathered import Place, gathered, place_of
from kommunebeta.model import Reference, ReferenceKind
from kommunebeta.validation import validate
from kommunebeta.yamlfile import read_yaml

_AROUND = frozenset(("callout_open", "blockquote_open"))
"""What an address may stand in and still be shown as more than a link."""


def embeds(md: MarkdownIt, lang: str) -> None:
    """Turn addresses that stand alone into references to what lies there."""
    md.core.ruler.push("embeds", _lone_addresses)
    md.add_render_rule("embed", _embed)


def directive(state: StateBlock, start: int, stop: int, closed: bool, rest: str) -> int:
    """Read ``::: embed ADDRESS`` with its options.

    Args:
        state: the parser's.
        start: the line that opens it.
        stop: the line of the closing fence, or the end of the block around it.
        closed: whether there is a closing fence.
        rest: what follows the name.

    Returns:
        The line after it.
    """
    if start + 1 >= stop or state.isEmpty(start + 1):  # without options
        following = state.skipEmptyLines(start + 1)
        stop, after = start + 1, following + 1 if closed and following == stop else start + 1
    else:
        after = stop + 1
        if not closed:
            stop = after = next((at for at in range(start + 1, stop) if state.isEmpty(at)), stop)
    begin = state.bMarks[start] + state.tShift[start]
    place = gathered(state.env).first_line + start, begin - state.src.rfind("\n", 0, begin)
    matter = _options(state, start, stop, rest.strip(), place)
    if matter:
        token = state.push("embed", "", 0)
        token.map = [start, after]
        _refer(token, matter, place)
    return after


def _options(state: StateBlock, start: int, stop: int, address: str, place: Place) -> EmbedMatter | None:
    found = gathered(state.env)
    text = state.getLines(start + 1, stop, state.blkIndent, False)
    document, doubles = rename_keys(read_yaml(text, found.path, place[0] + 1), NORWEGIAN_EMBED_KEYS)
    for key in doubles:
        found.fail("KB013", document.place_of_key((key,)), f"«{key}» is given under two names.", "Keep one.")
    given = document.data if isinstance(document.data, Mapping) else {}
    if isinstance(document.data, (str, list)):
        mend = "Write the options as «title: …», one a line, and «:::» after them."
        found.fail("KB070", (place[0] + 1, 0), "What stands below the address is no option.", mend)
        return None
    address = address.removeprefix("<").removesuffix(">") or str(given.get("url") or "")
    if not address or len(address.split()) != 1:
        mend = "Write one address, or the name of a file beside the text, after «::: embed»."
        found.fail(
            "KB070", place, "The embed has no address." if not address else "An embed has one address.", mend
        )
        return None
    data = {**given, "url": address}
    matter, problems = validate(EmbedMatter, document, found.path, wrong="KB070", unknown="KB070", data=data)
    found.problems += problems
    return matter


def _refer(token: Token, matter: EmbedMatter, place: Place) -> None:
    options = matter.model_dump(exclude={"url"}, exclude_defaults=True)
    given = tuple(sorted((name, str(value)) for name, value in options.items()))
    token.meta["reference"] = Reference(ReferenceKind.EMBED, matter.url, *place, attributes=given)


def _lone_addresses(state: StateCore) -> None:
    tokens = state.tokens
    if not state.env.get("embed", True) or not any(map(_is_lone_paragraph, tokens)):
        return
    around: list[str] = []
    result: list[Token] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if _is_lone_paragraph(token) and _is_address(tokens[index + 1]) and _AROUND.issuperset(around):
            result.append(_lone_embed(state.env, tokens[index + 1]))
            index += 3
            continue
        if token.nesting == 1:
            around.append(token.type)
        elif token.nesting == -1:
            around.pop()
        result.append(token)
        index += 1
    state.tokens = result


def _is_lone_paragraph(token: Token) -> bool:
    if not token.attrs or token.type != "paragraph_open":
        return False
    return "lone-link" in str(token.attrs.get("class", "")).split()


def _is_address(token: Token) -> bool:
    children = token.children or []
    return len(children) == 3 and children[0].info == "auto"


def _lone_embed(env: EnvType, paragraph: Token) -> Token:
    link = (paragraph.children or [])[0]
    line, column = place_of(env, link)
    line = line or gathered(env).first_line + (paragraph.map or [0])[0]
    token = Token("embed", "", 0, map=paragraph.map, block=True)
    _refer(token, EmbedMatter(url=str(link.attrs["href"])), (line, column))
    return token


def _embed(self: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
    found, reference = gathered(env), tokens[idx].meta["reference"]
    address, place = reference.target, (reference.line, reference.column)
    kind = kind_of(address)
    if env.get("embed", True) and kind in (AddressKind.INSIDE, AddressKind.OUTSIDE):
        return found.refer(reference) + "\n"
    resolved = address if kind is AddressKind.OUTSIDE else links.resolve(found, address, place)
    if resolved is None:
        return ""
    words = dict(reference.attributes).get("title") or address
    return f'<p class="lone-link"><a href="{escapeHtml(resolved)}">{escapeHtml(words)}</a></p>\n'
