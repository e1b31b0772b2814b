"""Slugs, dates, plurals and catalogues."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kommunebeta.language import base_language, format_date, language_name, read_catalogue, slugify


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Ærlig talt", "aerlig-talt"),
        ("Øvre Åsen", "ovre-asen"),
        ("Čáhci ja Đuojit, ŋ ŧ ž š", "cahci-ja-duojit-n-t-z-s"),
        ("Århus & Göteborg!", "arhus-goteborg"),
        ("  --- 2026 ---  ", "2026"),
        ("Straße", "strasse"),
        ("Привет мир", "привет-мир"),
        ("???", ""),
    ],
)
def test_slugs_keep_what_can_be_read(text: str, slug: str) -> None:
    assert slugify(text) == slug


@given(st.text())
def test_a_slug_is_safe_and_stable(text: str) -> None:
    slug = slugify(text)
    assert slugify(slug) == slug
    assert not set("/\\.?#% \0") & set(slug)
    assert not slug.startswith("-")
    assert not slug.endswith("-")


@given(st.text(alphabet="abcæøåÆØÅáčđŋšŧžÁČĐŊŠŦŽ 123", min_size=1))
def test_norwegian_and_sami_slugs_are_ascii(text: str) -> None:
    assert slugify(text).isascii()


@pytest.mark.parametrize(
    ("lang", "form", "expected"),
    [
        ("nb", "long", "17. mai 2026"),
        ("nn", "full", "søndag 17. mai 2026"),
        ("se", "long", "2026 miessemánnu 17"),
        ("en", "long", "17 May 2026"),
        ("nb", "datetime", "17. mai 2026 kl. 09:05"),
        ("nb", "month", "mai 2026"),
        ("smj", "short", "2026-05-17"),
        ("x-unknown", "long", "17. mai 2026"),
    ],
)
def test_dates_are_written_as_the_language_writes_them(lang: str, form: str, expected: str) -> None:
    assert format_date(dt.datetime(2026, 5, 17, 9, 5), lang, form) == expected


def _catalogue(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_the_later_catalogue_wins_message_by_message(tmp_path: Path) -> None:
    first = _catalogue(tmp_path, "a.po", 'msgid "Home"\nmsgstr "Hjem"\n\nmsgid "Next"\nmsgstr "Neste"\n')
    second = _catalogue(tmp_path, "b.po", 'msgid "Home"\nmsgstr "Forside"\n')
    catalogue = read_catalogue("nb", [first, second])
    assert [catalogue.gettext(message) for message in ("Home", "Next", "Unknown")] == [
        "Forside",
        "Neste",
        "Unknown",
    ]


def test_northern_sami_has_a_dual(tmp_path: Path) -> None:
    head = 'msgid ""\nmsgstr "Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n==2 ? 1 : 2);\\n"\n\n'
    text = 'msgid "one post"\nmsgid_plural "%(num)s posts"\nmsgstr[0] "a"\nmsgstr[1] "b"\nmsgstr[2] "c"\n'
    catalogue = read_catalogue("se", [_catalogue(tmp_path, "se.po", head + text)])
    assert [catalogue.ngettext("one post", "%(num)s posts", number) for number in (1, 2, 5)] == [
        "a",
        "b",
        "c",
    ]


def test_an_untranslated_plural_falls_back_to_the_message(tmp_path: Path) -> None:
    catalogue = read_catalogue("nb", [])
    assert catalogue.ngettext("one post", "%(num)s posts", 1) == "one post"
    assert catalogue.ngettext("one post", "%(num)s posts", 0) == "%(num)s posts"


def test_a_broken_catalogue_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"nb\.po"):
        read_catalogue("nb", [_catalogue(tmp_path, "nb.po", '"en strofe uten nøkkel"\n')])


def test_languages_have_names_of_their_own() -> None:
    assert language_name("se") == "Davvisámegiella"
    assert language_name("tlh") == "tlh"
    assert base_language("no-NO") == "nb"
