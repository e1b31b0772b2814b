"""What WAI-ARIA says of roles and attributes.

Source: WAI-ARIA 1.2 (https://www.w3.org/TR/wai-aria-1.2/) with DPUB-ARIA 1.1 and Graphics-ARIA 1.0. What 1.1
allowed and what 1.3 adds is allowed, too: a page is not wrong because it is older or newer than a
standard. `tests/check/test_axe_compared.py` holds it against the tables of axe-core.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Role:
    """A role.

    Attributes:
        supports: the attributes that it may have beside those that everything may have.
        requires: those that it must have.
        parents: the roles of which one must be around it; empty where it may stand anywhere.
        owns: the roles of which one must be inside it; empty where nothing must be.
        nameless: whether it must not be given a name.
        named: whether it must have one.
        from_content: whether the words inside it are its name.
        leaf: whether what is inside it is drawn, but not told.
        deprecated: whether it should not be used any more.
    """

    supports: frozenset[str] = frozenset()
    requires: tuple[str, ...] = ()
    parents: frozenset[str] = frozenset()
    owns: frozenset[str] = frozenset()
    nameless: bool = False
    named: bool = False
    from_content: bool = False
    leaf: bool = False
    deprecated: bool = False


class Kind(StrEnum):
    """What an attribute's value is."""

    BOOLEAN = "boolean"
    TOKEN = "token"
    TOKENS = "tokens"
    INTEGER = "integer"
    NUMBER = "number"
    REFERENCE = "reference"
    REFERENCES = "references"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute.

    Attributes:
        kind: what its value is.
        values: the words that it may be, for tokens.
        everywhere: whether an element of any role may have it.
        least: the smallest number that it may be.
        empty: whether it may be empty.
        deprecated: whether it should not be used any more.
    """

    kind: Kind
    values: frozenset[str] = frozenset()
    everywhere: bool = False
    least: int | None = None
    empty: bool = False
    deprecated: bool = False


def names_in(text: str) -> frozenset[str]:
    """The words of a text, such as the names in a list of a standard."""
    return frozenset(text.split())


def _role(
    supports: str = "expanded", requires: str = "", parents: str = "", owns: str = "", **marks: bool
) -> Role:
    """A role whose attributes are written without ``aria-``."""
    supported = frozenset(f"aria-{word}" for word in supports.split())
    required = tuple(f"aria-{word}" for word in requires.split())
    return Role(supported, required, names_in(parents), names_in(owns), **marks)


ROLES: Mapping[str, Role] = {
    "alert": _role(),
    "alertdialog": _role(supports="expanded modal", named=True),
    "application": _role(supports="activedescendant expanded", named=True),
    "article": _role(supports="expanded posinset setsize"),
    "banner": _role(),
    "blockquote": _role(supports=""),
    "button": _role(supports="expanded pressed", from_content=True, named=True, leaf=True),
    "caption": _role(supports="", nameless=True, parents="figure table grid treegrid"),
    "cell": _role(supports="colindex colspan expanded rowindex rowspan", parents="row", from_content=True),
    "checkbox": _role(
        supports="checked expanded readonly required",
        requires="checked",
        from_content=True,
        named=True,
        leaf=True,
    ),
    "code": _role(supports="", nameless=True),
    "columnheader": _role(
        supports="colindex colspan expanded readonly required rowindex rowspan selected sort",
        parents="row",
        from_content=True,
    ),
    "combobox": _role(
        supports="activedescendant autocomplete controls expanded orientation owns readonly required",
        requires="expanded controls",
        named=True,
    ),
    "comment": _role(supports="level posinset setsize"),
    "complementary": _role(),
    "contentinfo": _role(),
    "definition": _role(),
    "deletion": _role(supports="", nameless=True),
    "dialog": _role(supports="expanded modal", named=True),
    "directory": _role(from_content=True, deprecated=True),
    "doc-abstract": _role(),
    "doc-acknowledgments": _role(),
    "doc-afterword": _role(),
    "doc-appendix": _role(),
    "doc-backlink": _role(from_content=True),
    "doc-biblioentry": _role(supports="expanded level posinset setsize", deprecated=True),
    "doc-bibliography": _role(),
    "doc-biblioref": _role(from_content=True),
    "doc-chapter": _role(),
    "doc-colophon": _role(),
    "doc-conclusion": _role(),
    "doc-cover": _role(),
    "doc-credit": _role(),
    "doc-credits": _role(),
    "doc-dedication": _role(),
    "doc-endnote": _role(supports="expanded level posinset setsize", deprecated=True),
    "doc-endnotes": _role(),
    "doc-epigraph": _role(),
    "doc-epilogue": _role(),
    "doc-errata": _role(),
    "doc-example": _role(),
    "doc-footnote": _role(),
    "doc-foreword": _role(),
    "doc-glossary": _role(),
    "doc-glossref": _role(from_content=True),
    "doc-index": _role(),
    "doc-introduction": _role(),
    "doc-noteref": _role(from_content=True),
    "doc-notice": _role(),
    "doc-pagebreak": _role(supports="expanded orientation", leaf=True),
    "doc-pagelist": _role(),
    "doc-part": _role(),
    "doc-preface": _role(),
    "doc-prologue": _role(),
    "doc-pullquote": _role(supports=""),
    "doc-qna": _role(),
    "doc-subtitle": _role(),
    "doc-tip": _role(),
    "doc-toc": _role(),
    "document": _role(),
    "emphasis": _role(supports="", nameless=True),
    "feed": _role(owns="article"),
    "figure": _role(from_content=True),
    "form": _role(),
    "graphics-document": _role(supports="", named=True),
    "graphics-object": _role(supports="", from_content=True),
    "graphics-symbol": _role(supports="", named=True, leaf=True),
    "grid": _role(
        supports="activedescendant colcount expanded level multiselectable readonly rowcount",
        owns="rowgroup row",
    ),
    "gridcell": _role(
        supports="colindex colspan expanded readonly required rowindex rowspan selected",
        parents="row",
        from_content=True,
    ),
    "group": _role(supports="activedescendant expanded"),
    "heading": _role(supports="expanded level", requires="level", from_content=True),
    "image": _role(named=True, leaf=True),
    "img": _role(named=True, leaf=True),
    "insertion": _role(supports="", nameless=True),
    "link": _role(from_content=True, named=True),
    "list": _role(owns="listitem"),
    "listbox": _role(
        supports="activedescendant expanded multiselectable orientation readonly required",
        owns="group option",
        named=True,
    ),
    "listitem": _role(supports="expanded level posinset setsize", parents="list", from_content=True),
    "log": _role(),
    "main": _role(),
    "mark": _role(supports="", nameless=True),
    "marquee": _role(),
    "math": _role(leaf=True),
    "menu": _role(
        supports="activedescendant expanded orientation",
        owns="group menuitemradio menuitem menuitemcheckbox menu separator",
    ),
    "menubar": _role(
        supports="activedescendant expanded orientation",
        owns="group menuitemradio menuitem menuitemcheckbox menu separator",
    ),
    "menuitem": _role(
        supports="expanded posinset setsize", parents="menu menubar group", from_content=True, named=True
    ),
    "menuitemcheckbox": _role(
        supports="checked expanded posinset readonly setsize",
        requires="checked",
        parents="menu menubar group",
        from_content=True,
        named=True,
        leaf=True,
    ),
    "menuitemradio": _role(
        supports="checked expanded posinset readonly setsize",
        requires="checked",
        parents="menu menubar group",
        from_content=True,
        named=True,
        leaf=True,
    ),
    "meter": _role(
        supports="valuemax valuemin valuenow valuetext", requires="valuenow", named=True, leaf=True
    ),
    "navigation": _role(),
    "none": _role(supports="", nameless=True),
    "note": _role(),
    "option": _role(
        supports="checked posinset selected setsize",
        parents="group listbox",
        from_content=True,
        named=True,
        leaf=True,
    ),
    "paragraph": _role(supports="", nameless=True),
    "presentation": _role(supports="", nameless=True),
    "progressbar": _role(supports="expanded valuemax valuemin valuenow valuetext", named=True, leaf=True),
    "radio": _role(
        supports="checked posinset required setsize",
        requires="checked",
        from_content=True,
        named=True,
        leaf=True,
    ),
    "radiogroup": _role(supports="activedescendant expanded orientation readonly required"),
    "region": _role(),
    "row": _role(
        supports="activedescendant colindex expanded level posinset rowindex selected setsize",
        parents="grid rowgroup table treegrid",
        owns="cell columnheader gridcell rowheader",
        from_content=True,
    ),
    "rowgroup": _role(supports="", parents="grid table treegrid", owns="row", from_content=True),
    "rowheader": _role(
        supports="colindex colspan expanded readonly required rowindex rowspan selected sort",
        parents="row",
        from_content=True,
    ),
    "scrollbar": _role(
        supports="controls orientation valuemax valuemin valuenow valuetext", requires="valuenow", leaf=True
    ),
    "search": _role(),
    "searchbox": _role(
        supports="activedescendant autocomplete multiline placeholder readonly required", named=True
    ),
    "sectionfooter": _role(supports=""),
    "sectionheader": _role(supports=""),
    "separator": _role(
        supports="orientation valuemax valuemin valuenow valuetext", requires="valuenow", leaf=True
    ),
    "slider": _role(
        supports="orientation readonly required valuemax valuemin valuenow valuetext",
        requires="valuenow",
        named=True,
        leaf=True,
    ),
    "spinbutton": _role(
        supports="activedescendant readonly required valuemax valuemin valuenow valuetext", named=True
    ),
    "status": _role(),
    "strong": _role(supports="", nameless=True),
    "subscript": _role(supports="", nameless=True),
    "suggestion": _role(supports="", nameless=True, owns="insertion deletion"),
    "superscript": _role(supports="", nameless=True),
    "switch": _role(
        supports="checked expanded readonly required",
        requires="checked",
        from_content=True,
        named=True,
        leaf=True,
    ),
    "tab": _role(
        supports="expanded posinset selected setsize", parents="tablist", from_content=True, leaf=True
    ),
    "table": _role(supports="colcount expanded rowcount", owns="rowgroup row", from_content=True),
    "tablist": _role(supports="activedescendant expanded level multiselectable orientation", owns="tab"),
    "tabpanel": _role(),
    "term": _role(from_content=True),
    "text": _role(supports="", from_content=True),
    "textbox": _role(
        supports="activedescendant autocomplete multiline placeholder readonly required", named=True
    ),
    "time": _role(supports=""),
    "timer": _role(),
    "toolbar": _role(supports="activedescendant expanded orientation", named=True),
    "tooltip": _role(from_content=True),
    "tree": _role(
        supports="activedescendant expanded multiselectable orientation required", owns="group treeitem"
    ),
    "treegrid": _role(
        supports="activedescendant colcount expanded level multiselectable orientation readonly required "
        "rowcount",
        owns="rowgroup row",
    ),
    "treeitem": _role(
        supports="checked expanded level posinset selected setsize",
        parents="group tree",
        from_content=True,
        named=True,
    ),
}
"""Every role that a page may use, by its name."""

ABSTRACT = frozenset(
    (
        "command",
        "composite",
        "input",
        "landmark",
        "range",
        "roletype",
        "section",
        "sectionhead",
        "select",
        "structure",
        "widget",
        "window",
    )
)
"""Roles that only the standard itself uses."""

ATTRIBUTES: Mapping[str, Attribute] = {
    "aria-actions": Attribute(Kind.REFERENCES, everywhere=True, empty=True),
    "aria-activedescendant": Attribute(Kind.REFERENCE, empty=True),
    "aria-atomic": Attribute(Kind.BOOLEAN, everywhere=True),
    "aria-autocomplete": Attribute(Kind.TOKEN, values=names_in("inline list both none")),
    "aria-braillelabel": Attribute(Kind.TEXT, everywhere=True, empty=True),
    "aria-brailleroledescription": Attribute(Kind.TEXT, everywhere=True, empty=True),
    "aria-busy": Attribute(Kind.BOOLEAN, everywhere=True),
    "aria-checked": Attribute(Kind.TOKEN, values=names_in("false mixed true undefined")),
    "aria-colcount": Attribute(Kind.INTEGER, least=-1),
    "aria-colindex": Attribute(Kind.INTEGER, least=1),
    "aria-colspan": Attribute(Kind.INTEGER, least=1),
    "aria-controls": Attribute(Kind.REFERENCES, everywhere=True, empty=True),
    "aria-current": Attribute(
        Kind.TOKEN, values=names_in("page step location date time true false"), everywhere=True, empty=True
    ),
    "aria-describedby": Attribute(Kind.REFERENCES, everywhere=True, empty=True),
    "aria-description": Attribute(Kind.TEXT, everywhere=True, empty=True),
    "aria-details": Attribute(Kind.REFERENCES, everywhere=True, empty=True),
    "aria-disabled": Attribute(Kind.BOOLEAN, everywhere=True),
    "aria-dropeffect": Attribute(
        Kind.TOKENS, values=names_in("copy execute link move none popup"), everywhere=True, deprecated=True
    ),
    "aria-errormessage": Attribute(Kind.REFERENCES, everywhere=True, empty=True),
    "aria-expanded": Attribute(Kind.TOKEN, values=names_in("true false undefined")),
    "aria-flowto": Attribute(Kind.REFERENCES, everywhere=True, empty=True),
    "aria-grabbed": Attribute(
        Kind.TOKEN, values=names_in("true false undefined"), everywhere=True, deprecated=True
    ),
    "aria-haspopup": Attribute(
        Kind.TOKEN, values=names_in("true false menu listbox tree grid dialog"), everywhere=True, empty=True
    ),
    "aria-hidden": Attribute(Kind.TOKEN, values=names_in("true false undefined"), everywhere=True),
    "aria-invalid": Attribute(Kind.TOKEN, values=names_in("grammar false spelling true"), everywhere=True),
    "aria-keyshortcuts": Attribute(Kind.TEXT, everywhere=True, empty=True),
    "aria-label": Attribute(Kind.TEXT, everywhere=True, empty=True),
    "aria-labelledby": Attribute(Kind.REFERENCES, everywhere=True, empty=True),
    "aria-level": Attribute(Kind.INTEGER, least=1),
    "aria-live": Attribute(Kind.TOKEN, values=names_in("assertive off polite"), everywhere=True),
    "aria-modal": Attribute(Kind.BOOLEAN),
    "aria-multiline": Attribute(Kind.BOOLEAN),
    "aria-multiselectable": Attribute(Kind.BOOLEAN),
    "aria-orientation": Attribute(Kind.TOKEN, values=names_in("horizontal undefined vertical")),
    "aria-owns": Attribute(Kind.REFERENCES, everywhere=True, empty=True),
    "aria-placeholder": Attribute(Kind.TEXT, empty=True),
    "aria-posinset": Attribute(Kind.INTEGER, least=1),
    "aria-pressed": Attribute(Kind.TOKEN, values=names_in("false mixed true undefined")),
    "aria-readonly": Attribute(Kind.BOOLEAN),
    "aria-relevant": Attribute(Kind.TOKENS, values=names_in("additions all removals text"), everywhere=True),
    "aria-required": Attribute(Kind.BOOLEAN),
    "aria-roledescription": Attribute(Kind.TEXT, everywhere=True, empty=True),
    "aria-rowcount": Attribute(Kind.INTEGER, least=-1),
    "aria-rowindex": Attribute(Kind.INTEGER, least=1),
    "aria-rowspan": Attribute(Kind.INTEGER, least=0),
    "aria-selected": Attribute(Kind.TOKEN, values=names_in("false true undefined")),
    "aria-setsize": Attribute(Kind.INTEGER, least=-1),
    "aria-sort": Attribute(Kind.TOKEN, values=names_in("ascending descending none other")),
    "aria-valuemax": Attribute(Kind.NUMBER),
    "aria-valuemin": Attribute(Kind.NUMBER),
    "aria-valuenow": Attribute(Kind.NUMBER),
    "aria-valuetext": Attribute(Kind.TEXT, empty=True),
}
"""Every state and property, by its name."""

GLOBAL = frozenset(name for name, attribute in ATTRIBUTES.items() if attribute.everywhere)
"""The attributes that an element of any role may have."""
