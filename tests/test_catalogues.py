"""The interface's texts: every message of the themes and the program is translated in all four languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from kommunebeta.language import INTERFACE_LANGUAGES

KEYWORDS = {"t": None, "ngettext": (1, 2)}


def messages_of_templates(root: Path) -> dict[str, tuple[str, ...]]:
    """Message id → all its forms, for each call of ``t`` and ``ngettext``, and each ``"…"|t``."""
    found: dict[str, tuple[str, ...]] = {}
    for file in sorted((root / "themes").rglob("templates/**/*")):
        if file.is_file():
            for _, message, _, _ in extract_from_file("jinja2.ext:babel_extract", file, KEYWORDS):
                forms = (message,) if isinstance(message, str) else tuple(part for part in message if part)
                found[forms[0]] = forms
    return found


def messages_of_the_program(root: Path) -> set[str]:
    found = set()
    for file in (root / "kommunebeta").rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        found |= set(re.findall(r'\btranslate\([\w.]+, "([^"]+)"', text))
        found |= set(re.findall(r'\bwords\("([^"]+)"\)', text))
        if table := re.search(r"LIST_TITLES = \{(.*?)\}", text, re.DOTALL):
            found |= set(re.findall(r': "([^"]+)"', table[1]))
        found |= {first for first, _ in re.findall(r'(?:ngettext|_plural)\("([^"]+)", "([^"]+)"', text)}
    return found


@pytest.fixture(scope="module")
def used(root: Path) -> set[str]:
    """The messages that templates and program have."""
    return set(messages_of_templates(root)) | messages_of_the_program(root)


@pytest.mark.parametrize("lang", INTERFACE_LANGUAGES)
def test_a_catalogue_is_complete_and_has_nothing_that_is_not_used(
    root: Path, used: set[str], lang: str
) -> None:
    assert len(used) > 50
    with (root / f"themes/beta/locales/{lang}.po").open("rb") as stream:
        catalogue = read_po(stream, locale=None, abort_invalid=True)
    given = {}
    for message in catalogue:
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            given[key] = (message.string,) if isinstance(message.string, str) else tuple(message.string)
    assert set(given) == used
    assert [key for key, forms in given.items() if not all(forms)] == []


@pytest.mark.parametrize("lang", INTERFACE_LANGUAGES)
def test_a_translation_keeps_its_placeholders(root: Path, lang: str) -> None:
    with (root / f"themes/beta/locales/{lang}.po").open("rb") as stream:
        for message in read_po(stream, locale=None):
            if message.id:
                wanted = set(re.findall(r"%\(\w+\)s", str(message.id)))
                forms = [message.string] if isinstance(message.string, str) else message.string
                assert all(set(re.findall(r"%\(\w+\)s", form)) == wanted for form in forms), message.id
