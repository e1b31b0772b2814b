"""The names of HTML: elements, those without an end tag, and what the standard has put aside.

Source: HTML Living Standard, sections 4, 13.1.2 and 16.2 (WHATWG).
"""

from __future__ import annotations

from collections.abc import Mapping


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


VOID = _names("area base br col embed hr img input link meta source track wbr")
"""Elements that hold nothing and have no end tag."""

OPTIONAL_END = _names(
    "li dt dd p rt rp optgroup option caption colgroup thead tbody tfoot tr td th html head body"
)
"""Elements whose end tag may be left out."""

ELEMENTS = _names(
    "a abbr address area article aside audio b base bdi bdo blockquote body br button canvas caption cite "
    "code col colgroup data datalist dd del details dfn dialog div dl dt em embed fencedframe fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins kbd "
    "label legend li link main map mark math menu meta meter nav noscript object ol optgroup option output p "
    "picture pre progress q rp rt ruby s samp script search section select selectedcontent slot small source "
    "span strong style sub summary sup svg table tbody td template textarea tfoot th thead time title tr "
    "track u ul var video wbr"
)
"""Elements of HTML, and the roots of SVG and MathML."""

ENDS_PARAGRAPH = _names(
    "address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hgroup hr main menu nav ol p pre search section table ul"
)
"""Elements whose start tag ends a paragraph."""

SCOPES = _names("applet button caption html marquee object table td template th svg math")
"""Elements that what is open around them does not reach into, when a paragraph is to end."""

NEVER_IN_ITSELF = frozenset(("a", "button", "form"))
"""Elements that end, or are dropped, where another of their name begins inside them."""

HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))

IN_TABLE = _names("caption colgroup col thead tbody tfoot tr td th script template style input form")
"""What may stand between the cells of a table; anything else is moved out in front of it."""

BETWEEN_CELLS = frozenset(("table", "thead", "tbody", "tfoot", "tr"))

ENDED_BY: Mapping[str, frozenset[str]] = {
    "li": frozenset(("li",)),
    "dt": frozenset(("dt", "dd")),
    "dd": frozenset(("dt", "dd")),
    "rt": frozenset(("rt", "rp")),
    "rp": frozenset(("rt", "rp")),
    "option": frozenset(("option",)),
    "optgroup": frozenset(("option", "optgroup")),
    "td": frozenset(("td", "th")),
    "th": frozenset(("td", "th")),
    "tr": frozenset(("td", "th", "tr", "colgroup", "caption")),
    "tbody": frozenset(("td", "th", "tr", "thead", "tbody", "colgroup", "caption")),
    "tfoot": frozenset(("td", "th", "tr", "thead", "tbody", "colgroup", "caption")),
    "thead": frozenset(("colgroup", "caption")),
    "colgroup": frozenset(("caption",)),
    "body": frozenset(("head",)),
}
"""For the start tag of an element, the open elements that it ends."""

_STYLE = "Leave the looks to the theme's style sheets."
OBSOLETE_ELEMENTS: Mapping[str, str] = {
    "acronym": "Use <abbr>.",
    "applet": "Use <iframe> or <object>.",
    "basefont": _STYLE,
    "bgsound": "Use <audio> with controls.",
    "big": _STYLE,
    "center": _STYLE,
    "dir": "Use <ul>.",
    "font": _STYLE,
    "frame": "Make one page of it, or use <iframe>.",
    "frameset": "Make one page of it, or use <iframe>.",
    "listing": "Use <pre> and <code>.",
    "multicol": _STYLE,
    "nobr": _STYLE,
    "noembed": "Write what should be read instead beside it.",
    "noframes": "Make one page of it.",
    "param": "Write its value as an attribute of <object>.",
    "plaintext": "Use <pre>.",
    "rb": "Write the base text directly in <ruby>.",
    "rtc": "Use <rt>.",
    "spacer": _STYLE,
    "strike": "Use <del> for what was taken away, else <s>.",
    "tt": "Use <code>, <kbd> or <samp>.",
    "xmp": "Use <pre> and <code>.",
}
"""Elements that are put aside, with what to do instead; KB133 tells of ``blink`` and ``marquee``."""

_CELLS = "td th"
_ROWS = "tr thead tbody tfoot"
OBSOLETE_ATTRIBUTES: Mapping[str, frozenset[str]] = {
    name: frozenset(elements.split())
    for name, elements in {
        "align": "caption col colgroup div embed h1 h2 h3 h4 h5 h6 hr iframe img input legend object p "
        f"table {_ROWS} {_CELLS}",
        "alink": "body",
        "allowtransparency": "iframe",
        "axis": _CELLS,
        "background": f"body table {_ROWS} {_CELLS}",
        "bgcolor": f"body table {_ROWS} {_CELLS}",
        "border": "img object",
        "bordercolor": "table",
        "cellpadding": "table",
        "cellspacing": "table",
        "char": f"col colgroup {_ROWS} {_CELLS}",
        "clear": "br",
        "color": "hr",
        "compact": "dl ol ul",
        "frame": "table",
        "frameborder": "iframe",
        "hspace": "embed iframe img input object",
        "language": "script",
        "link": "body",
        "longdesc": "iframe img",
        "lowsrc": "img",
        "marginheight": "body iframe",
        "marginwidth": "body iframe",
        "noshade": "hr",
        "nowrap": _CELLS,
        "rules": "table",
        "scrolling": "iframe",
        "text": "body",
        "valign": f"col colgroup {_ROWS} {_CELLS}",
        "vlink": "body",
        "vspace": "embed iframe img input object",
    }.items()
}
"""Attributes that the standard has put aside, with the elements of which it has done so."""
