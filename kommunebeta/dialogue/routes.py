"""What is wrong with where forms go, and what it means for people's privacy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from kommunebeta.config import FILE_NAME, RouteSetting, Settings
from kommunebeta.dialogue.delivery import has_files
from kommunebeta.dialogue.destinations import DESTINATIONS, origin_of
from kommunebeta.dialogue.forms import FormDefinition, Forms
from kommunebeta.dialogue.questions import FileField
from kommunebeta.errors import Problem, Severity
from kommunebeta.validation import nearest
from kommunebeta.yamlfile import Path, YamlDocument

_HERE = ("localhost", "127.0.0.1")
_KEYS = {
    "formspree": "Write `key`: what stands after https://formspree.io/f/ in the form's address.",
    "formspark": "Write `key`: what stands after https://submit-form.com/ in the form's address.",
    "web3forms": "Write `key`: the access key that Web3Forms has sent you.",
}


def route_problems(
    settings: Settings, document: YamlDocument, forms: Forms, used: Iterable[str]
) -> list[Problem]:
    """What the settings lack or get wrong about where forms go; and a note for each company that gets them.

    Args:
        settings: the settings.
        document: where they stand in their file.
        forms: the forms that exist.
        used: the ids of those that stand on a page.
    """
    found = [*_unknown(settings, document, forms)]
    for place, route in _routes(settings):
        found += _lacking(settings, document, place, route)
    used = [form for form in used if form in forms.definitions]
    for form in used:
        found += _unfit(settings, document, forms.definitions[form])
    return [*found, *_companies(settings, document, used)]


def _routes(settings: Settings) -> Iterator[tuple[Path, RouteSetting]]:
    yield ("inbox",), settings.inbox
    for form, route in settings.inbox.forms.items():
        yield ("inbox", "forms", form), route


def _problem(
    document: YamlDocument,
    place: Path,
    message: str,
    mend: str,
    *,
    code: str = "KB091",
    severity: Severity = Severity.ERROR,
) -> Problem:
    return Problem(code, FILE_NAME, *document.place_of(place), message, mend, severity)


def _unknown(settings: Settings, document: YamlDocument, forms: Forms) -> Iterator[Problem]:
    known = tuple(sorted(forms.ids))
    for form in settings.inbox.forms:
        if form not in forms.ids:
            line, column = document.place_of_key(("inbox", "forms", form))
            message = f"There is no form «{form}», so nothing goes there."
            yield Problem("KB091", FILE_NAME, line, column, message, _suggestion(form, known))
    feedback, place = settings.inbox.page_feedback, ("inbox", "page_feedback")
    if place in document.values and feedback not in (*known, "off"):
        mend = f"{_suggestion(feedback, known)} Write `off` for no form at the foot of pages."
        yield _problem(document, place, f"There is no form «{feedback}».", mend)


def _suggestion(form: str, known: tuple[str, ...]) -> str:
    meant = nearest(form, known)
    return f"Did you mean «{meant}»?" if meant else f"Forms: {', '.join(known) or 'none yet'}."


def _lacking(
    settings: Settings, document: YamlDocument, place: Path, route: RouteSetting
) -> Iterator[Problem]:
    """What a route has to say and does not."""
    needs = DESTINATIONS[route.to].needs
    at = (*place, "to")
    if needs == "key" and not route.key:
        yield _problem(document, at, f"«{route.to}» does not know which form is meant.", _KEYS[route.to])
    elif needs == "email" and not (route.email or settings.contact.email):
        mend = "Write `email` here, or give the municipality one under `contact`."
        yield _problem(document, at, "There is no address that mails could go to.", mend)
    elif needs == "url" and not route.url:
        mend = "Write `url`, such as https://svar.example.no/."
        yield _problem(document, at, f"«{route.to}» does not know where forms go.", mend)
    elif needs == "url":
        yield from _unsafe(document, (*place, "url"), route)


def _unsafe(document: YamlDocument, place: Path, route: RouteSetting) -> Iterator[Problem]:
    parts = urlsplit(route.url)
    if parts.scheme == "http" and parts.hostname not in _HERE:
        message = "What citizens write would be sent without encryption, and browsers warn of that."
        yield _problem(document, place, message, "Let the address begin with https://.")
    if route.to == "kommunebeta" and parts.query:
        message = "The receiver's addresses begin with this one, so it has no «?»."
        yield _problem(document, place, message, "Write it as https://svar.example.no/.")


def _unfit(settings: Settings, document: YamlDocument, form: FormDefinition) -> Iterator[Problem]:
    """What a form asks for and its destination cannot take."""
    place: Path = ("inbox", "forms", form.id) if form.id in settings.inbox.forms else ("inbox",)
    route = settings.inbox.route(form.id)
    destination, at = DESTINATIONS[route.to], (*place, "to")
    if has_files(form) and not destination.files:
        message = f"The form «{form.id}» asks for a file, which «{route.to}» cannot take."
        yield _problem(document, at, message, "Send it elsewhere, or take the question away.")
    for field in form.fields:
        if field.name in destination.reserved:
            message = f"«{route.to}» would take the question «{field.name}» of «{form.id}» for its own."
            yield _problem(document, at, message, "Give the question another name.")
        if (
            isinstance(field, FileField)
            and field.enabled
            and field.name != (destination.file_name or field.name)
        ):
            message = f"«{route.to}» knows files by the name «{destination.file_name}», not «{field.name}»."
            yield _problem(document, at, message, f"Give that question of «{form.id}» this name.")


def _companies(settings: Settings, document: YamlDocument, used: Iterable[str]) -> Iterator[Problem]:
    """A note for each company that handles what citizens write, with the forms that go there."""
    forms: dict[str, list[str]] = {}
    places: dict[str, Path] = {}
    for form in used:
        who = _company(settings, settings.inbox.route(form))
        if who:
            forms.setdefault(who, []).append(form)
            own = ("inbox", "forms", form) if form in settings.inbox.forms else ("inbox",)
            places.setdefault(who, (*own, "to"))
    for who, names in forms.items():
        message = who.format(forms=", ".join(f"«{name}»" for name in names))
        mend = (
            "That takes a data processing agreement (GDPR, article 28), a basis for every transfer out of "
            "the EEA (chapter V), and its name in your privacy statement."
        )
        yield _problem(document, places[who], message, mend, code="KB090", severity=Severity.NOTE)


def _company(settings: Settings, route: RouteSetting) -> str:
    if route.to != "url":
        return DESTINATIONS[route.to].privacy
    origin = origin_of(route.url)
    foreign = origin and origin != origin_of(settings.base_url)
    return f"{origin.partition('://')[2]} takes in what citizens write in {{forms}}." if foreign else ""
