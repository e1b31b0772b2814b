"""What HTML's elements are to assistive technology, and which other roles a page may give them.

Sources: HTML Accessibility API Mappings 1.0 (https://www.w3.org/TR/html-aam-1.0/) and ARIA in HTML
(https://www.w3.org/TR/html-aria/).
"""

from __future__ import annotations

from collections.abc import Mapping

from kommunebeta.check.accessibility.aria_tables import names_in
from kommunebeta.check.page import Element

_ROLES = {
    "address": "group",
    "article": "article",
    "blockquote": "blockquote",
    "button": "button",
    "caption": "caption",
    "code": "code",
    "datalist": "listbox",
    "dd": "definition",
    "del": "deletion",
    "details": "group",
    "dfn": "term",
    "dialog": "dialog",
    "dt": "term",
    "em": "emphasis",
    "fieldset": "group",
    "figure": "figure",
    "form": "form",
    **{f"h{level}": "heading" for level in range(1, 7)},
    "hr": "separator",
    "html": "document",
    "ins": "insertion",
    "li": "listitem",
    "main": "main",
    "math": "math",
    "menu": "list",
    "meter": "meter",
    "nav": "navigation",
    "ol": "list",
    "optgroup": "group",
    "option": "option",
    "output": "status",
    "p": "paragraph",
    "progress": "progressbar",
    "search": "search",
    "strong": "strong",
    "sub": "subscript",
    "sup": "superscript",
    "table": "table",
    "tbody": "rowgroup",
    "textarea": "textbox",
    "tfoot": "rowgroup",
    "thead": "rowgroup",
    "time": "time",
    "tr": "row",
    "ul": "list",
}
_GENERIC = frozenset(
    ("b", "bdi", "bdo", "body", "data", "div", "i", "pre", "q", "s", "samp", "small", "span", "u")
)
_INPUTS = {
    "button": "button",
    "checkbox": "checkbox",
    "hidden": "",
    "image": "button",
    "number": "spinbutton",
    "radio": "radio",
    "range": "slider",
    "reset": "button",
    "search": "searchbox",
    "submit": "button",
}
_SECTIONS = ("article", "aside", "main", "nav", "section")

_SET_FREE = names_in(
    "a abbr address audio b bdi bdo blockquote canvas cite code data del dfn div em figure hgroup i "
    "ins kbd mark output p pre q rp rt ruby s samp small span strong sub sup svg table tbody td tfoot "
    "th thead time tr u var video"
)
"""Elements that may have any role, as far as their element name tells."""

_NOTHING = "none presentation"
_LISTS = f"directory group listbox menu menubar {_NOTHING} radiogroup tablist toolbar tree"
_HEADING = f"{_NOTHING} tab doc-subtitle"
_ALLOWED: Mapping[str, frozenset[str]] = {
    tag: frozenset(roles.split())
    for tag, roles in {
        "article": f"feed {_NOTHING} document application main region",
        "aside": f"feed note {_NOTHING} region search doc-dedication doc-example doc-footnote doc-glossary "
        "doc-pullquote doc-tip",
        "br": _NOTHING,
        "button": "checkbox combobox gridcell link menuitem menuitemcheckbox menuitemradio option radio "
        "separator slider switch tab treeitem",
        "dialog": "alertdialog",
        "dl": f"group list {_NOTHING}",
        "dt": "listitem",
        "embed": f"application document img image {_NOTHING}",
        "fieldset": f"{_NOTHING} radiogroup",
        "figcaption": f"group {_NOTHING}",
        "footer": f"group {_NOTHING} doc-footnote",
        "form": f"form search {_NOTHING}",
        **{f"h{level}": _HEADING for level in range(1, 7)},
        "header": f"group {_NOTHING} doc-footnote",
        "hr": f"{_NOTHING} doc-pagebreak",
        "iframe": f"application document img image {_NOTHING}",
        "li": f"menuitem menuitemcheckbox menuitemradio option {_NOTHING} radio separator tab treeitem "
        "doc-biblioentry doc-endnote",
        "menu": _LISTS,
        "nav": f"doc-index doc-pagelist doc-toc menu menubar {_NOTHING} tablist",
        "object": "application document img image",
        "ol": _LISTS,
        "search": f"form group {_NOTHING} region search",
        "ul": _LISTS,
        "wbr": _NOTHING,
    }.items()
}
_LINKS = names_in(
    "button checkbox menuitem menuitemcheckbox menuitemradio option radio switch tab treeitem "
    "doc-backlink doc-biblioref doc-glossref doc-noteref"
)
_NAMED_PICTURES = names_in(
    "button checkbox link math menuitem menuitemcheckbox menuitemradio meter option progressbar radio "
    "scrollbar separator slider switch tab treeitem doc-cover"
)
_UNKNOWN = frozenset(("section", "input", "select", "summary"))


def implicit_role(element: Element) -> str:
    """The role that HTML gives an element; empty where it has none, ``generic`` where it means nothing."""
    tag = element.tag
    if tag in _ROLES:
        return _ROLES[tag]
    if tag in _GENERIC:
        return "generic"
    special = _SPECIAL.get(tag)
    return special(element) if special else ""


def may_have(element: Element, role: str, named: bool) -> bool:
    """Whether a page may give an element a role.

    Args:
        element: the element.
        role: a role that there is.
        named: whether the element has an accessible name.
    """
    tag = element.tag
    if role == implicit_role(element) or "-" in tag or tag in _UNKNOWN:
        return True
    if tag == "a" and element.get("href") is not None:
        return role in _LINKS
    if tag == "img":
        return (
            role in _NAMED_PICTURES
            if named and element.get("alt") != ""
            else role in ("none", "presentation")
        )
    if tag == "figure" and any(child.tag == "figcaption" for child in element.children):
        return role == "doc-example"
    return tag in _SET_FREE or role in _ALLOWED.get(tag, ())


def _link(element: Element) -> str:
    return "link" if element.get("href") is not None else "generic"


def _picture(element: Element) -> str:
    return "presentation" if element.get("alt") == "" and not element.get("aria-label") else "img"


def _input(element: Element) -> str:
    kind = (element.get("type") or "").lower()
    role = _INPUTS.get(kind, "textbox")
    listed = role in ("textbox", "searchbox") and element.get("list") is not None
    return "combobox" if listed else role


def _select(element: Element) -> str:
    size = element.get("size") or ""
    many = element.get("multiple") is not None or (size.isdecimal() and size not in ("0", "1"))
    return "listbox" if many else "combobox"


def _header_cell(element: Element) -> str:
    if element.get("scope") in ("row", "rowgroup"):
        return "rowheader"
    return "columnheader"


def _banner(element: Element) -> str:
    return "sectionheader" if element.inside(*_SECTIONS) else "banner"


def _contentinfo(element: Element) -> str:
    return "sectionfooter" if element.inside(*_SECTIONS) else "contentinfo"


def _section(element: Element) -> str:
    named = element.get("aria-label") or element.get("aria-labelledby") or element.get("title")
    return "region" if named else "generic"


def _aside(element: Element) -> str:
    within = element.inside("article", "aside", "nav", "section")
    named = element.get("aria-label") or element.get("aria-labelledby") or element.get("title")
    return "complementary" if named or not within else "generic"


def _cell(element: Element) -> str:
    table = element.inside("table")
    return "gridcell" if table is not None and table.get("role") in ("grid", "treegrid") else "cell"


_SPECIAL = {
    "a": _link,
    "area": _link,
    "aside": _aside,
    "footer": _contentinfo,
    "header": _banner,
    "img": _picture,
    "input": _input,
    "section": _section,
    "select": _select,
    "td": _cell,
    "th": _header_cell,
}
