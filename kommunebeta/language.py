"""Languages: slugs, dates, plurals and the interface's texts in nb, nn, se and en.

The texts of the interface are gettext catalogues (``locales/<language>.po`` in a theme or a
site, English as message ids). Dates and plural rules come from CLDR by way of Babel, which
is imported when first needed: a command that shows no date does not pay for it.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

INTERFACE_LANGUAGES = ("nb", "nn", "se", "en")
"""The languages that the interface is complete in."""

LANGUAGE_NAMES = {
    "nb": "Bokmål",
    "nn": "Nynorsk",
    "se": "Davvisámegiella",
    "smj": "Julevsámegiella",
    "sma": "Åarjelsaemien gïele",
    "en": "English",
}
"""What a language is called in that language."""

_SLUG_LETTERS = str.maketrans(
    {
        "æ": "ae",
        "ø": "o",
        "å": "a",
        "đ": "d",
        "ŋ": "n",
        "ŧ": "t",
        "ß": "ss",
        "ð": "d",
        "þ": "th",
        "ł": "l",
        "œ": "oe",
    }
)
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


@lru_cache(maxsize=16_384)
def slugify(text: str) -> str:
    """Turn a text into a slug of ``a-z``, ``0-9`` and single hyphens.

    ``ø`` becomes ``o``, ``å`` ``a``, ``æ`` ``ae``; Sámi letters lose their marks. A text
    without any Latin letter or digit keeps its letters, so that it does not vanish.

    Returns:
        The slug; empty only when the text holds neither letter nor digit.
    """
    lowered = unicodedata.normalize("NFC", text).lower().translate(_SLUG_LETTERS)
    stripped = "".join(c for c in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(c))
    slug = _NOT_SLUG.sub("-", stripped).strip("-")
    return slug or re.sub(r"[\W_]+", "-", lowered).strip("-")


@lru_cache(maxsize=256)
def base_language(lang: str) -> str:
    """The language without region or script: ``nb`` for ``nb-NO``; ``no`` counts as ``nb``."""
    primary = lang.replace("_", "-").split("-")[0].lower()
    return "nb" if primary == "no" else primary


def language_name(lang: str) -> str:
    """What a language is called in that language, else its code."""
    return LANGUAGE_NAMES.get(base_language(lang), lang)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The interface's texts in one language.

    Attributes:
        lang: the language.
        messages: message id → text; for a message with a plural, its forms in the order of the rule.
        plural: number → index of the form.
        plurals: the ids of the plurals of messages that have one.
    """

    lang: str
    messages: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    plural: Callable[[int], int] = field(default=lambda n: int(n != 1))
    plurals: frozenset[str] = frozenset()

    def gettext(self, message: str) -> str:
        """The text of a message, or the message itself where it is not translated."""
        found = self.messages.get(message)
        if isinstance(found, tuple):
            found = found[0]
        return found or message

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """The text for a number of things."""
        found = self.messages.get(singular)
        if isinstance(found, tuple):
            # A text that comes from a related language may have fewer forms.
            index = min(self.plural(number), len(found) - 1)
            if index >= 0 and found[index]:
                return found[index]
        return singular if number == 1 else plural


def read_catalogue(lang: str, files: Iterable[Path]) -> Catalogue:
    """Read a language's catalogue from several files; later files win, message by message.

    Args:
        lang: the language.
        files: ``.po`` files that exist, from the root theme to the site.

    Raises:
        ValueError: a file is not a readable catalogue; the message names it.
    """
    from babel.messages.pofile import PoFileError, read_po

    messages: dict[str, str | tuple[str, ...]] = {}
    plurals: set[str] = set()
    for file in files:
        try:
            with file.open("rb") as stream:
                catalogue = read_po(stream, locale=None, abort_invalid=True)
        except (PoFileError, UnicodeDecodeError, ValueError) as error:
            raise ValueError(f"{file.name}: {error}") from error
        for message in catalogue:
            if message.id and not message.fuzzy:
                key = message.id if isinstance(message.id, str) else message.id[0]
                plurals.update(() if isinstance(message.id, str) else message.id[1:])
                text = message.string
                messages[key] = text if isinstance(text, str) else tuple(text or ())
    rule = _dual_forms if base_language(lang) in _DUAL else _two_forms
    return Catalogue(lang, messages, rule, frozenset(plurals))


_DUAL = ("se", "sma", "smj")


def _two_forms(number: int) -> int:
    return int(number != 1)


def _dual_forms(number: int) -> int:
    """The Sámi languages have a dual (CLDR plural rules: one, two, other)."""
    return {1: 0, 2: 1}.get(number, 2)


_WHEN = {"nb": "kl.", "nn": "kl.", "se": "dii.", "en": "at"}


@lru_cache(maxsize=4096)
def format_date(date: dt.date, lang: str, form: str = "long") -> str:
    """A date in words.

    Args:
        date: a date or a moment; a moment is shown in its own zone.
        lang: the language.
        form: ``short`` (17.05.2026), ``medium``, ``long`` (17. mai 2026), ``full`` (with weekday),
            ``month`` (mai 2026), ``time`` (12:00), ``datetime`` (17. mai 2026 kl. 12:00),
            or a CLDR date pattern.
    """
    from babel import Locale, UnknownLocaleError
    from babel.dates import format_date as by_pattern

    try:
        locale = Locale.parse("en_GB" if base_language(lang) == "en" else base_language(lang))
    except (UnknownLocaleError, ValueError):
        locale = Locale.parse("nb")
    if form in ("time", "datetime"):
        clock = f"{date:%H:%M}" if isinstance(date, dt.datetime) else "00:00"
        if form == "time":
            return clock
        return f"{by_pattern(date, 'long', locale)} {_WHEN.get(locale.language, 'kl.')} {clock}"
    if form == "month":
        return by_pattern(date, "LLLL y", locale)
    return by_pattern(date, form, locale)
