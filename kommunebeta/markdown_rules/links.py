"""Links: those inside the site wait as references, unsafe ones are refused."""

from __future__ import annotations

from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from kommunebeta.markdown_rules.addresses import AddressKind, kind_of, written
from kommunebeta.markdown_rules.gathered import Gathered, Place, gathered, place_of
from kommunebeta.model import Reference, ReferenceKind


def links(md: MarkdownIt, lang: str) -> None:
    """Turn addresses inside the site into references."""
    md.add_render_rule("link_open", _open)
    md.add_render_rule("link_close", _close)


def resolve(found: Gathered, address: str, place: Place, title: str = "") -> str | None:
    """What to write in ``href``: the address, or the mark of a reference; None for no link at all.

    Addresses that are unsafe or unfilled are reported.
    """
    kind = kind_of(address)
    if kind is AddressKind.UNSAFE:
        mend = "Link to a page by http or https, or to a file of the site."
        found.fail("KB038", place, f"The address «{_short(address)}» is not safe to follow.", mend)
        return None
    if kind is AddressKind.TEMPLATE:
        mend = "Write the address itself."
        found.warn("KB036", place, f"The address «{_short(address)}» holds a template tag.", mend)
        return None
    if kind is AddressKind.INSIDE:
        return found.refer(Reference(ReferenceKind.LINK, written(address), *place, title=title))
    if kind is AddressKind.ANCHOR and address not in ("#", "#top"):
        found.refer(Reference(ReferenceKind.LINK, written(address), *place, title=title))
    return address


def _short(address: str) -> str:
    shown = written(address)
    return shown if len(shown) <= 60 else shown[:59] + "…"


def _open(self: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
    token, found = tokens[idx], gathered(env)
    address = str(token.attrs.get("href", ""))
    if not address.startswith(("https://", "http://")):
        resolved = resolve(found, address, place_of(env, token), str(token.attrs.get("title", "")))
        if resolved is None:
            found.open_links.append(False)
            return ""
        token.attrs["href"] = resolved
    found.open_links.append(True)
    return f"<a{self.renderAttrs(token)}>"


def _close(self: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
    found = gathered(env)
    return "</a>" if not found.open_links or found.open_links.pop() else ""
