"""Settings that do nothing, and values for templates that no template asks for."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping

from kommunebeta.check.finding import Fault, Rule
from kommunebeta.check.state import Whole
from kommunebeta.check.unused import texts_in
from kommunebeta.config import FILE_NAME, RouteSetting, Settings
from kommunebeta.dialogue.destinations import DESTINATIONS
from kommunebeta.errors import Severity
from kommunebeta.language import base_language
from kommunebeta.sources import find_files
from kommunebeta.theme import load_theme
from kommunebeta.validation import nearest
from kommunebeta.yamlfile import Path as YamlPath

RULES: Mapping[str, Rule] = {
    "KB192": Rule(
        "Setting that does nothing",
        Severity.WARNING,
        "Whoever wrote it believes that it works, and whoever comes next looks for what it does.",
        "Mend it, or take it away.",
    ),
}


def idle_settings(whole: Whole) -> Iterator[Fault]:
    """Settings that are written and change nothing."""
    for look in (_menus, _routes, _languages, _texts, _pairs, _extra, _data):
        yield from look(whole)


def unknown_levels(whole: Whole, known: Callable[[], Collection[str]]) -> Iterator[Fault]:
    """Levels for codes that no check has.

    Args:
        whole: the site.
        known: gives the codes that checks have.
    """
    for code in whole.surroundings.limits.levels:
        if code not in known():
            message = f"No check has the code {code}, so its level changes nothing."
            mend = "Mend the code; `docs/check.md` lists them. What a build tells cannot be changed here."
            yield _idle(whole, ("check", "levels", code), message, mend)


def _idle(
    whole: Whole, key: YamlPath, message: str, mend: str = "", severity: Severity | None = None
) -> Fault:
    line, column = whole.document.place_of_key(key)
    return Fault("KB192", message, mend, None, severity, "", FILE_NAME, line, column)


def _menus(whole: Whole) -> Iterator[Fault]:
    """Menus that no template shows."""
    asked = {question[1] for question in whole.asked if question[0] == "menu" and len(question) > 1}
    for name in whole.surroundings.settings.menus if asked else ():
        if name not in asked:
            near = nearest(name, tuple(sorted(asked)))
            mend = f"Did you mean «{near}»?" if near else f"Shown are: {', '.join(sorted(asked))}."
            yield _idle(whole, ("menus", name), f"No template shows the menu «{name}».", mend)


def _routes(whole: Whole) -> Iterator[Fault]:
    """What is written of a form's destination and that destination does not need."""
    inbox = whole.surroundings.settings.inbox
    routes: list[tuple[YamlPath, RouteSetting]] = [(("inbox",), inbox)]
    routes += [(("inbox", "forms", form), route) for form, route in inbox.forms.items()]
    for place, route in routes:
        needs = DESTINATIONS[route.to].needs
        for name in ("url", "key", "email"):
            if getattr(route, name) and needs != name:
                message = f"«{route.to}» does not use «{name}»."
                yield _idle(whole, (*place, name), message)


def _languages(whole: Whole) -> Iterator[Fault]:
    """Patterns of addresses and shared lists for languages that the site does not have."""
    settings = whole.surroundings.settings
    known = _languages_of(whole)
    for lang in settings.permalinks.languages:
        if lang not in known:
            message = f"The site has nothing in the language «{lang}»."
            yield _idle(whole, ("permalinks", "languages", lang), message)
    for lang in settings.shared_lists if "shared_lists" in settings.model_fields_set else ():
        if lang not in settings.all_languages:
            message = f"The language «{lang}» has no lists of its own on this site."
            yield _idle(whole, ("shared_lists", lang), message, "Add the language to `languages`.")


def _languages_of(whole: Whole) -> frozenset[str]:
    """The languages of the site and of its texts, with and without what stands after a hyphen."""
    holdings = whole.site.holdings
    found = {
        *holdings.settings.all_languages,
        *(at.lang for at in holdings.places),
        *(page.lang for page in holdings.pages),
    }
    return frozenset(found | {base_language(lang) for lang in found})


def _texts(whole: Whole) -> Iterator[Fault]:
    """Texts in languages that the site does not have."""
    known = _languages_of(whole)
    for place, texts in _texts_by_language(whole.surroundings.settings):
        for lang in texts:
            if lang and lang not in known:
                message = f"The site has nothing in the language «{lang}»."
                yield _idle(whole, (*place, lang), message)


def _texts_by_language(settings: Settings) -> Iterator[tuple[YamlPath, Mapping[str, str]]]:
    yield ("tagline",), settings.tagline
    yield ("footer",), settings.footer
    yield ("beta", "text"), settings.beta.text
    yield ("contact", "hours"), settings.contact.hours
    for number, channel in enumerate(settings.channels):
        yield ("channels", number, "purpose"), channel.purpose
    for name, entries in settings.menus.items():
        for number, entry in enumerate(entries):
            yield ("menus", name, number, "title"), entry.title


def _pairs(whole: Whole) -> Iterator[Fault]:
    """Settings that another one has put out of use."""
    settings = whole.surroundings.settings
    if not settings.beta.show:
        for name in ("text", "page", "feedback"):
            if getattr(settings.beta, name):
                yield _idle(whole, ("beta", name), f"The beta banner is not shown, so «{name}» is not used.")
    if not settings.dialogue.open_data:
        for name in ("licence", "licence_url"):
            if name in settings.dialogue.model_fields_set:
                message = f"The dialogue is not published as open data, so «{name}» is not used."
                yield _idle(whole, ("dialogue", name), message)
    if settings.icon.file and settings.icon.letters:
        yield _idle(whole, ("icon", "letters"), "The icon is a file, so «letters» is not used.")


def _extra(whole: Whole) -> Iterator[Fault]:
    """Values for templates that no template names."""
    extra = whole.surroundings.settings.extra
    if not extra:
        return
    words = _words_of_templates(whole)
    for name in extra:
        if name not in words:
            yield _idle(whole, ("extra", name), f"No template names «{name}».")


def _data(whole: Whole) -> Iterator[Fault]:
    """Files in ``data/`` that no template asks for."""
    if not whole.asked or ("data",) in whole.asked or not whole.site.holdings.data:
        return
    asked = {question[1] for question in whole.asked if question[0] == "data"}
    words = _words_of_templates(whole)
    for path in find_files(whole.folder).data:
        name = path.removeprefix("data/").partition("/")[0].partition(".")[0]
        if name not in asked and name not in words:
            message = "No template asks for this file."
            yield Fault(
                "KB192", message, "Delete it, or ask for it as `site.data`.", path=path, line=1, column=1
            )


def _words_of_templates(whole: Whole) -> frozenset[str]:
    theme = load_theme(whole.folder, whole.surroundings.settings, whole.document)
    folders = (layer.folder / "templates" for layer in theme.layers)
    return frozenset(word for text in texts_in(folders) for word in re.findall(r"[\w-]+", text))
