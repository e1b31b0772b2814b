"""A site that was built → what its pages are checked against."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from kommunebeta.check.redirectrules import Redirect, read_redirects
from kommunebeta.check.state import Surroundings
from kommunebeta.config import Settings
from kommunebeta.dialogue.personal import personal_data
from kommunebeta.inventory import MANIFEST, STAGING
from kommunebeta.outputs import Copied
from kommunebeta.permalinks import output_path
from kommunebeta.site import Site
from kommunebeta.works import Works


def surroundings_of(folder: Path, output: Path, outputs: frozenset[str], works: Works) -> Surroundings:
    """What every page and file is checked against.

    Args:
        folder: the site folder.
        output: the output folder.
        outputs: the files in it.
        works: the site.
    """
    return Surroundings(
        folder=output,
        settings=works.settings,
        outputs=outputs,
        sources={**dict(_sources_of_files(outputs, works)), **dict(_sources(folder, outputs, works.site))},
        redirects=tuple(_redirects(output)),
        now=works.clock.now,
        public=frozenset(plain_contact(text) for text in _public(works.settings, works.site)),
        storing=frozenset(
            address.lstrip("/")
            for name, address in works.assets.addresses.items()
            if name in works.theme.storage
        ),
    )


def outputs_in(folder: Path) -> Iterator[str]:
    """The files in a folder, if there is one, without those that publishing keeps for itself."""
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(STAGING)]
        shown = Path(place).relative_to(folder).as_posix()
        yield from (name if shown == "." else f"{shown}/{name}" for name in names if name != MANIFEST)


def plain_contact(text: str) -> str:
    """An e-mail address or telephone number as it is compared: without spaces, in lower case."""
    return "".join(text.lower().split())


def _sources_of_files(outputs: frozenset[str], works: Works) -> Iterator[tuple[str, str]]:
    """Outputs that are copies, and assets of the site and its own themes, with the file of each."""
    for output in works.plan.outputs:
        if isinstance(output.content, Copied) and output.path in outputs:
            yield output.path, output.content.source
    places = [layer for layer in works.theme.layers if not layer.built_in]
    for name, address in works.assets.addresses.items():
        for layer in places:
            if (layer.folder / "assets" / name).is_file():
                yield address.lstrip("/"), layer.input(f"assets/{name}")
                break


def _sources(folder: Path, outputs: frozenset[str], site: Site) -> Iterator[tuple[str, str]]:
    """Outputs with the one file that each is made from."""
    copied = outputs.intersection(outputs_in(folder / "static"))
    yield from ((path, f"static/{path}") for path in copied)
    yield from ((output_path(at.address), at.source) for at in site.holdings.places)
    yield from ((output_path(page.address), page.source) for page in site.holdings.pages)


def _redirects(output: Path) -> Iterator[Redirect]:
    """Where the host leads readers on, as it is told."""
    try:
        text = (output / "_redirects").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return
    yield from read_redirects(text)


def _public(settings: Settings, site: Site) -> Iterator[str]:
    """Contact details that are meant for everybody."""
    contact, inbox = settings.contact, settings.inbox
    yield from (contact.email, contact.phone, settings.privacy.officer, inbox.email)
    yield from (route.email for route in inbox.forms.values())
    yield from settings.check.public
    for person in site.holdings.people:
        yield from (person.email, person.phone)
    for form in site.holdings.forms.values():
        yield from (found.text for found in personal_data(repr(form)))
