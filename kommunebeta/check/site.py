"""What a site must have and may not have as a whole: duties, texts that come and go, its own address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from kommunebeta.check.finding import Fault, Rule
from kommunebeta.check.state import Report, Whole
from kommunebeta.check.unpublished import unpublished_texts
from kommunebeta.check.written import place_written
from kommunebeta.config import FILE_NAME, Settings
from kommunebeta.contexts import TEMPLATES
from kommunebeta.errors import Severity
from kommunebeta.permalinks import output_path
from kommunebeta.sources import MARKDOWN_ENDINGS
from kommunebeta.yamlfile import Path as YamlPath

_ICT = "Forskrift om universell utforming av IKT-løsninger"

RULES: Mapping[str, Rule] = {
    "KB180": Rule(
        "No privacy statement",
        Severity.WARNING,
        "People must be told who handles what they send, why and for how long, before they send it.",
        "Write a page about it, and name it as `privacy.page`.",
        ("GDPR, articles 12 and 13",),
    ),
    "KB181": Rule(
        "No accessibility statement",
        Severity.WARNING,
        "Public bodies must have a statement for each site and link to it. Without one, people who meet a "
        "barrier cannot see that it is known, nor where to complain.",
        "Fill in the statement at uustatus.no, and write its address as `accessibility.statement_url`.",
        (_ICT,),
    ),
    "KB182": Rule(
        "No way to reach the municipality",
        Severity.WARNING,
        "People who cannot use a form, or whose matter is urgent, find nobody to turn to.",
        "Write `contact.email` or `contact.phone`; best both.",
    ),
    "KB183": Rule(
        "Statement not linked from every page",
        Severity.WARNING,
        "Readers come to any page from a search, and must find these pages from there.",
        "Let the page's template keep the theme's footer, or link to it there.",
        ("GDPR, article 12", _ICT),
    ),
    "KB184": Rule(
        "Link to a text that is not published",
        Severity.ERROR,
        "Readers meet an error page, and learn the address of something that is not meant for them yet.",
        "Publish the text, or take the link away until then.",
        build="KB030",
        instead="KB100",
    ),
    "KB185": Rule(
        "Text that expires soon",
        Severity.NOTE,
        "It vanishes by itself; links to it from elsewhere then lead nowhere.",
        "Move or delete `expires` where the text should stay.",
    ),
    "KB186": Rule(
        "Page that nothing leads to",
        Severity.WARNING,
        "Only those who know the address find it; so what stands there reaches nobody.",
        "Link to it from a menu or a text, or delete it. Where it should be found by its address alone, "
        "write `search: no`.",
    ),
    "KB187": Rule(
        "Address that is still to be filled in",
        Severity.WARNING,
        "Feeds, the sitemap, previews and forms use it: readers, and what they write, would go elsewhere.",
        "Write the address that is meant, with https.",
    ),
}

_PLACEHOLDERS = ("example.no", "example.com", "example.org", "example.net")
_HERE = ("localhost", "127.0.0.1", "0.0.0.0", "::1")


def missing_pages(whole: Whole) -> Iterator[Fault]:
    """Pages and details that the law or common sense wants, and that the settings do not name."""
    settings = whole.surroundings.settings
    if not settings.privacy.page:
        sends = takes_input(settings)
        message = f"The settings name no privacy statement{', though the site has forms' if sends else ''}."
        severity = Severity.ERROR if sends else None
        yield _at(whole, "KB180", ("privacy",), message, severity=severity)
    if not settings.accessibility.statement_url:
        message = "The settings name no accessibility statement."
        yield _at(whole, "KB181", ("accessibility",), message)
    contact = settings.contact
    if not contact.email and not contact.phone:
        message = "The settings give neither an e-mail address nor a telephone number of the municipality."
        yield _at(whole, "KB182", ("contact",), message)
    elif is_placeholder(contact.email.rpartition("@")[2]):
        message = "The e-mail address is still the one of the example."
        yield _at(whole, "KB182", ("contact", "email"), message, "Write the municipality's own.")


def takes_input(settings: Settings) -> bool:
    """Whether forms of a site are sent anywhere."""
    return any(route.to != "off" for route in (settings.inbox, *settings.inbox.forms.values()))


def is_placeholder(host: str) -> bool:
    """Whether a host is one of those that examples use (RFC 2606, section 3), not one of a test site."""
    return host in _PLACEHOLDERS or host.endswith(tuple(f".{name}" for name in _PLACEHOLDERS))


def unlinked_statements(whole: Whole) -> Iterator[Fault]:
    """Pages from which the statements about privacy and accessibility cannot be reached by a link."""
    settings = whole.surroundings.settings
    pages = [
        (key, name, _outputs_of(whole, source))
        for key, name, source in (
            (("privacy", "page"), "privacy statement", settings.privacy.page),
            (("accessibility", "page"), "page about accessibility", settings.accessibility.page),
        )
        if source
    ]
    statement = settings.accessibility.statement_url or ""
    special = _special_templates(whole)
    for report in _made_pages(whole):
        for key, name, outputs in pages:
            if outputs and not outputs & {report.path, *report.targets}:
                yield _unlinked(whole, name, key, report, special)
        if statement and not any(link.target == statement for link in report.external):
            key = ("accessibility", "statement_url")
            yield _unlinked(whole, "accessibility statement", key, report, special)


def _special_templates(whole: Whole) -> Mapping[str, str]:
    """The texts that have another template than the usual ones, with it, by their file."""
    holdings = whole.site.holdings
    texts = {at.source: at.template for at in holdings.places}
    texts |= {page.source: page.template for page in holdings.pages}
    return {source: template for source, template in texts.items() if template not in TEMPLATES}


def _unlinked(whole: Whole, name: str, key: YamlPath, report: Report, special: Mapping[str, str]) -> Fault:
    """What a page lacks: told of its own template where it has one, else of the settings."""
    source = whole.surroundings.sources.get(report.path, "")
    if source in special:
        line, column = place_written(whole.folder, source, "template")
        message = f"The template «{special[source]}» leaves out the link to the {name}."
        return Fault("KB183", message, page=report.path, path=source, line=line, column=column)
    return _at(whole, "KB183", key, f"The {name} is not linked from every page.", page=report.path)


def _made_pages(whole: Whole) -> Iterator[Report]:
    """The pages that templates made; those made by hand, and those that lead on, are left out."""
    sources = whole.surroundings.sources
    for path, report in whole.reports.items():
        source = sources.get(path, "")  # lists and other pages of the site's own have none
        by_hand = bool(source) and not source.lower().endswith(MARKDOWN_ENDINGS)
        if path.endswith(".html") and not report.leads_on and not by_hand:
            yield report


def _outputs_of(whole: Whole, source: str) -> frozenset[str]:
    """The outputs of a page in all its languages."""
    pages = whole.site.holdings.pages
    keys = {page.translation_key for page in pages if page.source == source}
    return frozenset(output_path(page.address) for page in pages if page.translation_key in keys)


def links_to_unpublished(whole: Whole) -> Iterator[Fault]:
    """Links that lead to where a draft will be, or a text that is scheduled or has expired."""
    missing = [(report.path, link) for report in whole.reports.values() for link in report.missing]
    if not missing:
        return
    texts = {output_path(text.address): text for text in unpublished_texts(whole)}
    for page, link in missing:
        text = texts.get(link.target)
        if text:
            message = f"The link leads to {text.source}, which {_WHY[text.reason]}."
            yield Fault("KB184", message, clue=link.clue, page=page)


_WHY = {"draft": "is a draft", "scheduled": "is not published yet", "expired": "has expired"}


def soon_expired(whole: Whole) -> Iterator[Fault]:
    """Posts that expire within the days that the settings tell."""
    now, days = whole.surroundings.now, whole.surroundings.limits.expires_within
    until = now + dt.timedelta(days=days)
    for at in whole.site.holdings.places:
        if at.expires and now < at.expires <= until:
            line, column = place_written(whole.folder, at.source, "expires")
            message = f"The post expires on {at.expires:%Y-%m-%d} at {at.expires:%H:%M}."
            page = output_path(at.address)
            yield Fault("KB185", message, page=page, path=at.source, line=line, column=column)


def orphans(whole: Whole) -> Iterator[Fault]:
    """Published texts that cannot be reached from a home page by following links."""
    texts = dict(_listed_texts(whole))
    reached = _reached(whole, _homes(whole))
    for path in sorted(texts.keys() - reached):
        if path in whole.reports:
            message = "No link leads to this page, however far one clicks from the home page."
            line, column = place_written(whole.folder, texts[path], "title")
            yield Fault("KB186", message, page=path, path=texts[path], line=line, column=column)


def _listed_texts(whole: Whole) -> Iterator[tuple[str, str]]:
    """Outputs and files of the texts that are meant to be found."""
    holdings = whole.site.holdings
    yield from ((output_path(at.address), at.source) for at in holdings.places if at.indexable)
    yield from ((output_path(page.address), page.source) for page in holdings.pages if page.search)


def _homes(whole: Whole) -> Iterator[str]:
    for lang in whole.surroundings.settings.all_languages:
        yield output_path(whole.site.address("home", lang))


def _reached(whole: Whole, begin: Iterable[str]) -> set[str]:
    """The outputs that one comes to by following links, those at the start included."""
    reached = set(begin)
    waiting = list(reached)
    while waiting:
        report = whole.reports.get(waiting.pop())
        new = set(_followed(whole, report)) - reached if report else ()
        reached.update(new)
        waiting.extend(new)
    return reached


def _followed(whole: Whole, report: Report) -> Iterable[str]:
    """Where a page leads: by its links, or at once."""
    if report.leads_on:
        return (whole.surroundings.addresses.lead(report.leads_on, report.path).target,)
    return report.targets


def addresses_to_fill_in(whole: Whole) -> Iterator[Fault]:
    """Addresses in the settings that nobody else can reach, that are still the example's, or unencrypted."""
    settings = whole.surroundings.settings
    named: list[tuple[YamlPath, str, str]] = [
        (("base_url",), "The site's address", settings.base_url),
        (("contact", "url"), "The address of the municipality's main site", settings.contact.url),
        (("inbox", "url"), "The address that forms are sent to", settings.inbox.url),
    ]
    for form, route in settings.inbox.forms.items():
        named.append(
            (("inbox", "forms", form, "url"), f"The address that the form «{form}» is sent to", route.url)
        )
    for key, name, address in named:
        wrong = _wrong_address(address)
        if wrong:
            yield _at(whole, "KB187", key, f"{name}, {address}, {wrong}.")
    if settings.base_url.startswith("http:") and not _wrong_address(settings.base_url):
        message = f"The site's address, {settings.base_url}, is without encryption."
        yield _at(whole, "KB187", ("base_url",), message, "Let it begin with https://.")


def _wrong_address(address: str) -> str:
    """What is wrong with an address; empty for nothing."""
    host = urlsplit(address).hostname or ""
    if host in _HERE:
        return "is that of one's own machine"
    return "is still that of an example" if is_placeholder(host) else ""


def _at(
    whole: Whole,
    code: str,
    key: YamlPath,
    message: str,
    mend: str = "",
    *,
    severity: Severity | None = None,
    page: str = "",
) -> Fault:
    """A fault at a key of the settings, or at what is around it."""
    wanted = key
    while wanted and wanted not in whole.document.keys:
        wanted = wanted[:-1]
    line, column = whole.document.keys.get(wanted, (1, 1))
    return Fault(code, message, mend, None, severity, page, FILE_NAME, line, column)
