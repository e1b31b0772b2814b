"""How a form on a page is sent, which forms are used at all, and what a policy must allow for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256

from kommunebeta.config import Settings
from kommunebeta.dialogue.destinations import DESTINATIONS, Sending, origin_of
from kommunebeta.dialogue.forms import FormDefinition
from kommunebeta.dialogue.model import Delivery
from kommunebeta.dialogue.questions import FileField, PlaceField
from kommunebeta.model import Entry, Post
from kommunebeta.permalinks import Addresses


def delivery_of(
    settings: Settings, form: FormDefinition, *, lang: str, home: str, page: str, post: str
) -> Delivery:
    """How a form is sent from a page.

    Args:
        settings: the site's settings.
        form: the form.
        lang: language of the page's text.
        home: language of the pages that the reader comes to afterwards.
        page: address of the page that shows the form, from the site's root.
        post: stable id of the post that it is about, or empty.
    """
    route = settings.inbox.route(form.id)
    addresses = Addresses(settings)
    base = settings.base_url.rstrip("/")
    thanks = addresses.of("thanks", home, form.id)
    sending = Sending(
        route,
        form.id,
        f"{form.text(form.title, lang)} – {settings.name}",
        origin_of(settings.base_url),
        base + page,
        own_fields(form, lang=lang, page=page, post=post),
        base + thanks,
        settings.base_path + thanks.lstrip("/"),
        base + addresses.of("not_sent", home),
        route.email or settings.contact.email,
        has_files(form),
    )
    return DESTINATIONS[route.to].deliver(sending)


def own_fields(form: FormDefinition, *, lang: str, page: str, post: str) -> tuple[tuple[str, str], ...]:
    """The hidden fields that go with every submission; ``docs/receiver.md`` tells what they hold."""
    fields = (
        ("kb-form", form.id),
        ("kb-policy", form.policy_version),
        ("kb-version", version_of(form)),
        ("kb-lang", lang),
        ("kb-page", page),
    )
    return (*fields, ("kb-post", post)) if post else fields


def version_of(form: FormDefinition) -> str:
    """Twelve hexadecimal digits that change whenever a form's definition does.

    What stands in the file counts, not what the program adds, so that a new release changes no version.
    """
    return sha256(form.model_dump_json(exclude_defaults=True).encode()).hexdigest()[:12]


def has_files(form: FormDefinition) -> bool:
    """Whether a form asks for files."""
    return any(isinstance(field, FileField) and field.enabled for field in form.fields)


def asks_for_point(form: FormDefinition) -> bool:
    """Whether a reader may let the browser say where they are."""
    return any(isinstance(field, PlaceField) and field.point for field in form.fields)


def used_forms(
    settings: Settings, forms: Mapping[str, FormDefinition], entries: Iterable[Entry]
) -> tuple[str, ...]:
    """The ids of the forms that stand on a page of the site, sorted.

    A call for input that has closed counts: some reader may still have its page open.
    """
    used = {settings.inbox.page_feedback}
    for entry in entries:
        used.add(entry.feedback)
        if isinstance(entry, Post) and entry.consultation:
            used.add(entry.consultation.form)
    return tuple(sorted(used & set(forms)))


def sent_forms(settings: Settings, used: Iterable[str]) -> tuple[str, ...]:
    """Those of the used forms after which a reader comes back to a page of the site."""
    return tuple(form for form in used if settings.inbox.route(form).to not in ("off", "mailto"))


def policy_for(settings: Settings, used: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """What a content security policy must allow beside the site itself, by directive.

    ``form-action`` holds for the address of a form and, in Chromium and WebKit, for each address that
    it is redirected to (https://github.com/w3c/webappsec-csp/issues/8). A service that takes a form in sends
    the reader back to a page of the site, which ``'self'`` allows, or to a page of its own.
    """
    actions: set[str] = set()
    connections: set[str] = set()
    for route in (settings.inbox.route(form) for form in used):
        if route.to == "mailto":
            actions.add("mailto:")
            continue
        origin = DESTINATIONS[route.to].origin or origin_of(
            route.url if DESTINATIONS[route.to].needs == "url" else ""
        )
        if origin and origin != origin_of(settings.base_url):
            actions.add(origin)
            if route.to != "url":
                connections.add(origin)
    found = {"form-action": tuple(sorted(actions)), "connect-src": tuple(sorted(connections))}
    return {directive: sources for directive, sources in found.items() if sources}
