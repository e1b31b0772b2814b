"""Files of a site that nothing uses: templates, assets and texts of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from jinja2 import nodes

from kommunebeta.check.finding import Fault, Rule
from kommunebeta.check.sheets import BY_FILTERS, Sheet, Sheets
from kommunebeta.check.state import Whole
from kommunebeta.check.unpublished import unpublished_texts
from kommunebeta.contexts import TEMPLATES
from kommunebeta.errors import Severity
from kommunebeta.gather import LIST_TITLES
from kommunebeta.language import base_language, read_catalogue
from kommunebeta.sources import read_text
from kommunebeta.theme import Layer, Theme, load_theme
from kommunebeta.validation import nearest

RULES: Mapping[str, Rule] = {
    "KB191": Rule(
        "File that nothing uses",
        Severity.WARNING,
        "It was made to change something and changes nothing, often since the theme has another name for it.",
        "Give it the name of what it should stand in for, or delete it.",
    ),
}

_ASSETS = (
    *(".css", ".js", ".mjs", ".svg", ".png", ".jpg", ".jpeg", ".webp", ".avif", ".gif", ".ico"),
    *(".woff2", ".woff", ".ttf", ".otf"),
)
"""What pages load; others, such as the licence of a font, lie there to be read."""

_TEXTS = (".html", ".xml", ".txt", ".css", ".js", ".mjs", ".json", ".svg", ".atom", ".rss", ".webmanifest")


def unused_files(whole: Whole) -> Iterator[Fault]:
    """Templates, assets and texts of the site's own that no page comes to."""
    theme = load_theme(whole.folder, whole.surroundings.settings, whole.document)
    own = [layer for layer in theme.layers if not layer.built_in]
    yield from _unused_templates(whole, theme)
    yield from _unused_assets(whole, theme, own)
    yield from _unused_messages(whole, theme, own)


def _unused_templates(whole: Whole, theme: Theme) -> Iterator[Fault]:
    sheets = Sheets(theme)
    if not sheets.has_own:
        return
    names = {*TEMPLATES, *BY_FILTERS, *whole.templates, *_named_by_texts(whole)}
    begin = {found.key for name in names if (found := sheets.find(name))}
    # A template that stands in for one of a theme behind it is found under its name; so is what it extends.
    used = sheets.behind(begin)
    for sheet in sheets.own:
        if sheet.key not in used:
            near = nearest(
                sheet.key[1], tuple(name for name in theme.template_names() if name != sheet.key[1])
            )
            mend = f"Did you mean «{near}»?" if near else ""
            yield Fault("KB191", "No page uses this template.", mend, path=sheet.shown, line=1, column=1)


def _named_by_texts(whole: Whole) -> Iterator[str]:
    holdings = whole.site.holdings
    yield from (at.template for at in holdings.places)
    yield from (page.template for page in holdings.pages)
    yield from (text.template for text in unpublished_texts(whole) if text.template)


def _unused_assets(whole: Whole, theme: Theme, own: Iterable[Layer]) -> Iterator[Fault]:
    """Assets whose name no template, style sheet, script or setting holds."""
    files = [
        (layer, path.relative_to(layer.folder / "assets").as_posix())
        for layer in own
        for path in sorted((layer.folder / "assets").rglob("*"))
        if path.suffix.lower() in _ASSETS and path.is_file()
    ]
    if not files or not whole.asked or any(map(_names_assets_freely, Sheets(theme).own)):
        return
    asked = {question[1] for question in whole.asked if question[0] == "asset" and len(question) > 1}
    rest = [(layer, name) for layer, name in files if name not in asked]
    words = _theme_texts(theme) if rest else ""
    for layer, name in rest:
        if name.rpartition("/")[2] not in words:
            message = "No template, style sheet or script names this file."
            yield Fault("KB191", message, path=layer.shown(f"assets/{name}"), line=1, column=1)


def _names_assets_freely(sheet: Sheet) -> bool:
    """Whether a template works out the name of an asset, so that any may be meant."""
    asked = (node for node in sheet.tree.find_all(nodes.Filter) if node.name == "asset")
    return any(not isinstance(node.node, nodes.Const) for node in asked)


def _theme_texts(theme: Theme) -> str:
    """Everything that is written in the templates and assets of a theme and the site."""
    folders = [layer.folder / name for layer in theme.layers for name in ("templates", "assets")]
    return "\n".join(texts_in(folders))


def texts_in(folders: Iterable[Path]) -> Iterator[str]:
    """The templates, style sheets, scripts and other texts below some folders."""
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            if file.suffix in _TEXTS and file.is_file():
                text, _ = read_text(folder, file.relative_to(folder).as_posix())
                yield text


def _unused_messages(whole: Whole, theme: Theme, own: Iterable[Layer]) -> Iterator[Fault]:
    """Texts in the site's own catalogues that no template asks for."""
    found = [(layer, path) for layer in own for path in sorted((layer.folder / "locales").glob("*.po"))]
    if not found:
        return
    languages = {base_language(lang) for lang in whole.surroundings.settings.all_languages}
    words = _theme_texts(theme)
    known = _messages_of_themes(theme) | set(LIST_TITLES.values())
    for layer, file in found:
        path = f"locales/{file.name}"
        if file.stem not in languages and file.stem not in _stand_ins(languages):
            message = f"The site has no pages in the language «{file.stem}»."
            yield Fault("KB191", message, "", path=layer.shown(path), line=1, column=1)
            continue
        text, _ = read_text(layer.folder, path)
        for message in read_catalogue(file.stem, [file]).messages:
            if message not in known and message not in words:
                line = _line_of_message(text, message)
                near = nearest(message, tuple(sorted(known)))
                mend = f"Did you mean «{near}»?" if near else "Take it away, or mend the «msgid»."
                shown = message if len(message) <= 60 else message[:59] + "…"
                words_told = f"No template asks for the text «{shown}»."
                yield Fault("KB191", words_told, mend, path=layer.shown(path), line=line, column=1)


def _stand_ins(languages: Collection[str]) -> frozenset[str]:
    """The languages whose texts stand in where others lack them."""
    return frozenset(("nb",)) if {"nn", "se", "smj", "sma"} & set(languages) else frozenset()


def _messages_of_themes(theme: Theme) -> set[str]:
    """What the themes behind the site's own files have texts for."""
    files = [
        file for layer in theme.layers if layer.built_in for file in (layer.folder / "locales").glob("*.po")
    ]
    catalogue = read_catalogue("en", files)
    return {*catalogue.messages, *catalogue.plurals}


def _line_of_message(text: str, message: str) -> int:
    written = message.replace("\\", "\\\\").replace('"', '\\"').split("\n")[0]
    at = text.find(f'msgid "{written[:40]}')
    return text.count("\n", 0, at) + 1 if at >= 0 else 1
