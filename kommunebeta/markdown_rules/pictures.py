"""Pictures: they wait as references; one alone in its paragraph becomes a figure.

A picture on another server is shown as a link, so that nobody's address is sent there unasked.
"""

from __future__ import annotations

from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from kommunebeta.markdown_rules.addresses import AddressKind, kind_of, written
from kommunebeta.markdown_rules.gathered import Gathered, Place, gathered, place_of
from kommunebeta.markdown_rules.text import inline_text
from kommunebeta.model import Reference, ReferenceKind


def pictures(md: MarkdownIt, lang: str) -> None:
    """Turn pictures into references."""
    md.core.ruler.push("lone_pictures", _mark_lone)
    md.add_render_rule("image", _image)


def show(
    found: Gathered, place: Place, address: str, alt: str, attributes: dict[str, str], lone: bool = False
) -> str:
    """What to write for a picture: the mark of a reference, a link to an outside one, or its text.

    Args:
        found: the body's findings.
        place: where the picture stands.
        address: of the picture, percent-encoded.
        alt: its text alternative.
        attributes: further attributes; ``title`` becomes the caption of a figure.
        lone: whether it is alone in its paragraph.
    """
    kind = kind_of(address)
    title = attributes.pop("title", "")
    if kind is AddressKind.INSIDE:
        if not alt and "decorative" not in attributes.get("class", "").split():
            mend = "Describe it in the square brackets, or write `{.decorative}` after a mere decoration."
            found.warn("KB035", place, f"The picture «{written(address)}» has no text alternative.", mend)
        further = tuple(sorted(attributes.items()))
        target = written(address)
        return found.refer(Reference(ReferenceKind.PICTURE, target, *place, alt, title, further, lone))
    if kind is AddressKind.OUTSIDE:
        mend = "Save it beside the text and refer to it there; until then it is shown as a link."
        found.warn("KB034", place, f"The picture «{written(address)}» lies on another server.", mend)
        text = escapeHtml(alt or title or written(address).rsplit("/", 1)[-1] or address)
        return text if any(found.open_links) else f'<a href="{escapeHtml(address)}">{text}</a>'
    if kind is AddressKind.TEMPLATE:
        found.warn("KB036", place, f"The picture's address «{written(address)}» holds a template tag.")
    else:
        mend = "Save the picture as a file beside the text."
        found.fail("KB038", place, f"The picture's address begins with «{address[:20]}».", mend)
    return escapeHtml(alt)


def _mark_lone(state: StateCore) -> None:
    for index, block in enumerate(state.tokens):
        if not block.children or len(block.children) != 1 or block.children[0].type != "image":
            continue
        picture, before = block.children[0], state.tokens[index - 1]
        inside = kind_of(str(picture.attrs["src"])) is AddressKind.INSIDE
        if before.type == "paragraph_open" and not before.hidden and inside:
            before.hidden = state.tokens[index + 1].hidden = True
            picture.meta["lone"] = True
            picture.attrs = {**before.attrs, **picture.attrs}


def _image(self: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
    token = tokens[idx]
    attributes = {name: str(value) for name, value in token.attrs.items()}
    address = attributes.pop("src")
    attributes.pop("alt", None)
    alt = inline_text(token.children or [])
    lone = bool(token.meta.get("lone"))
    shown = show(gathered(env), place_of(env, token), address, alt, attributes, lone)
    return shown + "\n" if lone else shown
