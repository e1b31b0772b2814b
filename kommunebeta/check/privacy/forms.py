"""Forms that are sent to others, and addresses that hold what should not lie in anybody's log."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, unquote, urlsplit

from kommunebeta.check.finding import Fault, Rule
from kommunebeta.check.noted import NotedSurroundings
from kommunebeta.check.page import Element, Page
from kommunebeta.check.privacy.addresses import foreign_host, own_host, shown_address
from kommunebeta.dialogue.personal import PersonalData, is_identity_number, personal_data
from kommunebeta.errors import Severity

RULES: Mapping[str, Rule] = {
    "KB159": Rule(
        "Form goes to another server",
        Severity.WARNING,
        "What people write is handled by somebody whom the settings do not name: nobody has told the "
        "readers, and perhaps there is no data processing agreement. The policy of the site stops it, too.",
        "Make it a form in `forms/` and name the receiver in the settings under `inbox`.",
        ("GDPR, articles 13 and 28",),
    ),
    "KB160": Rule(
        "Personal data in an address",
        Severity.ERROR,
        "Addresses are kept in logs, in the browser's history and in what other sites are told, for a long "
        "time and by people who should not know.",
        'Take it out of the address; let a form that asks for it use `method="post"`.',
        ("GDPR, articles 5 and 32",),
    ),
}

_SUSPECT = re.compile(r"@|%40|=\d{6}(?:[ +-]|%20)?\d{5}(?!\d)")
_ASKS = re.compile(
    r"(?:full|first|last|for|etter)?_?-?(?:name|navn|namn)|e-?_?(?:mail|post)(?:adresse)?|mail|tlf|telefon(?:nummer|nr)?"
    r"|phone|mobil(?:nummer|nr)?|f[oø]e?dsels?-?_?(?:nummer|nr|dato)|person-?_?(?:nummer|nr)|fnr|ssn|adresse|address",
    re.IGNORECASE,
)
_FILLED = re.compile(r"\b(?:name|given-name|family-name|email|tel|tel-national|street-address|bday)\b")
_SILENT = frozenset(("hidden", "submit", "button", "reset", "image", "search", "checkbox", "radio"))


def forms_elsewhere(page: Page, surroundings: NotedSurroundings) -> Iterator[Fault]:
    """Forms whose receiver the settings do not name; the build tells of those that they do."""
    for element, address in _actions(page):
        host = foreign_host(address, surroundings)
        if host and host not in surroundings.receivers:
            message = f"A form is sent to «{shown_address(address)}», which the settings do not name."
            yield Fault("KB159", message, clue=page.clue(element, address))


def _actions(page: Page) -> Iterator[tuple[Element, str]]:
    for tag, name in (("form", "action"), ("button", "formaction"), ("input", "formaction")):
        for element in page.all(tag):
            address = element.get(name)
            if address:
                yield element, address


def personal_data_in_addresses(page: Page, surroundings: NotedSurroundings) -> Iterator[Fault]:
    """Links whose address holds an e-mail address or an identity number, and forms that make such ones."""
    for link in page.all("a", "area"):
        address = link.get("href") or ""
        if not address.startswith("mailto:") and _SUSPECT.search(address):
            what = _personal(address, surroundings)
            if what:
                host = foreign_host(address, surroundings) or own_host(surroundings)
                message = f"The address of a link to «{host}» holds {what}."
                yield Fault("KB160", message, clue=page.clue(link))
    for form in page.all("form"):
        if (form.get("method") or "get").lower() == "get" and not (form.get("action") or "").startswith(
            "mailto:"
        ):
            asked = next((element for element in form.descendants if _asks_for_personal_data(element)), None)
            if asked is not None and not _is_posted(form):
                name = asked.get("name") or ""
                message = f"A form puts the answer «{name[:60]}» into the address of the next page."
                yield Fault("KB160", message, clue=page.clue(asked, name))


def _personal(address: str, surroundings: NotedSurroundings) -> str:
    """What kind of personal data an address holds, in words; empty for none."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if parts.scheme not in ("", "http", "https"):
        return ""
    values = [value for _, value in parse_qsl(parts.query)]
    if any(is_identity_number(re.sub("[ -]", "", value)) for value in values):
        return "a national identity number"
    for text in (*values, unquote(parts.path)):
        if "@" in text and any(
            found.kind is PersonalData.EMAIL and found.text.lower() not in surroundings.public
            for found in personal_data(text)
        ):
            return "an e-mail address"
    return ""


def _asks_for_personal_data(element: Element) -> bool:
    if element.tag not in ("input", "textarea") or not element.get("name"):
        return False
    kind = (element.get("type") or "text").lower()
    if kind in ("email", "tel"):
        return True
    if kind in _SILENT:
        return False
    filled = element.get("autocomplete") or ""
    return bool(_FILLED.search(filled) or _ASKS.fullmatch(element.get("name") or ""))


def _is_posted(form: Element) -> bool:
    """Whether a button of a form sends it in another way than the form itself says."""
    return any((element.get("formmethod") or "").lower() == "post" for element in form.descendants)
