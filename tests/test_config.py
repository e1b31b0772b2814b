"""The settings: what they mean when little is written, and problems at the right line when it is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kommunebeta.config import FILE_NAME, Settings, read_settings
from kommunebeta.errors import ContentError, Problem, UsageError

Make = Callable[..., Path]
LEAST = "name: Fjordvikbeta\nmunicipality: Fjordvik kommune\n"


def settings_of(make_folder: Make, text: str, **keywords: str) -> Settings:
    return read_settings(make_folder({FILE_NAME: text}), **keywords)[0]


def problems_of(make_folder: Make, text: str | bytes) -> tuple[Problem, ...]:
    with pytest.raises(ContentError) as caught:
        read_settings(make_folder({FILE_NAME: text}))
    return caught.value.problems


def test_a_name_and_a_municipality_are_enough(make_folder: Make) -> None:
    settings = settings_of(make_folder, LEAST)
    assert settings.all_languages == ("nb",)
    assert (settings.theme, settings.base_path, settings.timezone) == ("beta", "/", "Europe/Oslo")


def test_a_folder_without_settings_is_not_a_site(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"kommunebeta\.yaml"):
        read_settings(tmp_path)


@pytest.mark.parametrize("text", ["", "# bare en kommentar\n", "{}\n"])
def test_empty_settings_miss_what_is_required(make_folder: Make, text: str) -> None:
    problems = problems_of(make_folder, text)
    assert {problem.code for problem in problems} == {"KB010"}
    assert ["«name»" in str(problems), "«municipality»" in str(problems)] == [True, True]


@pytest.mark.parametrize(
    ("line", "code", "place", "said"),
    [
        ("thema: torg", "KB021", (3, 1), "theme"),
        ("page_size: ti", "KB022", (3, 12), "whole number"),
        ("page_size: 0", "KB022", (3, 12), "at least 1"),
        ("page_size: 501", "KB022", (3, 12), "at most 500"),
        ("theme: [beta]", "KB022", (3, 8), "text"),
        ("timezone: Europa/Oslo", "KB022", (3, 11), "Europe/Oslo"),
        ("timezone: ../../etc/passwd", "KB022", (3, 11), "time zone"),
        ("base_url: beta.example.no", "KB022", (3, 11), "https://"),
        ("base_url: 'http://[x'", "KB022", (3, 11), "https://"),
        ("base_url: 'http://x:port/'", "KB022", (3, 11), "https://"),
        ("base_url: https://x.no/?a=b", "KB022", (3, 11), "https://"),
        ("language: norsk språk", "KB022", (3, 11), "form"),
        ("output: ../ute", "KB022", (3, 9), "form"),
        ("pictures: {widths: []}", "KB022", (3, 20), "at least one"),
        ("pictures: {formats: [gif]}", "KB022", (3, 22), "webp"),
        ("menus: {main: [{list: alt}]}", "KB022", (3, 23), "archive"),
        ("channels: [{kind: myspace, url: 'https://x.no'}]", "KB022", (3, 19), "facebook"),
        ("channels: [{kind: x, url: 'javascript:alert(1)'}]", "KB022", (3, 27), "https://"),
        ("channels: [{kind: x}]", "KB010", (3, 12), "url"),
        ("contact: {email: ikke-epost}", "KB022", (3, 18), "form"),
        ("accessibility: {reviewed: i fjor}", "KB014", (3, 27), "2026-05-17"),
        ("name: Dobbel", "KB004", (3, 1), "line 1"),
    ],
)
def test_a_wrong_setting_is_named_with_its_place_and_mend(
    make_folder: Make, line: str, code: str, place: tuple[int, int], said: str
) -> None:
    (problem,) = problems_of(make_folder, f"{LEAST}{line}\n")
    assert (problem.code, (problem.line, problem.column)) == (code, place)
    assert said in str(problem)


def test_all_wrong_settings_are_reported_together(make_folder: Make) -> None:
    problems = problems_of(make_folder, f"{LEAST}page_size: ti\nthema: torg\ntimezone: Mars\n")
    assert [problem.line for problem in problems] == [3, 4, 5]


def test_settings_that_are_not_utf8_are_a_problem(make_folder: Make) -> None:
    (problem,) = problems_of(make_folder, "name: Bodø\n".encode("latin-1"))
    assert problem.code == "KB001"


def test_a_byte_order_mark_and_crlf_do_no_harm(make_folder: Make) -> None:
    folder = make_folder({FILE_NAME: b"\xef\xbb\xbf" + LEAST.replace("\n", "\r\n").encode()})
    assert read_settings(folder)[0].name == "Fjordvikbeta"


def test_the_address_on_the_command_line_wins(make_folder: Make) -> None:
    settings = settings_of(make_folder, LEAST, base_url="https://x.no/beta")
    assert (settings.base_url, settings.base_path) == ("https://x.no/beta/", "/beta/")


@pytest.mark.parametrize("address", ["", "x.no", "ftp://x.no/", "http://", "http://[x", "http://a b/"])
def test_a_wrong_address_on_the_command_line_is_wrong_use(make_folder: Make, address: str) -> None:
    with pytest.raises(UsageError, match="--base-url"):
        settings_of(make_folder, LEAST, base_url=address)


def test_the_main_language_has_a_home_even_when_it_is_not_listed(make_folder: Make) -> None:
    assert settings_of(make_folder, f"{LEAST}languages: [nn, se, nn]\n").all_languages == ("nb", "nn", "se")
    assert settings_of(make_folder, f"{LEAST}languages: [se, nb]\n").all_languages == ("se", "nb")


def test_a_text_belongs_to_the_home_of_its_language_else_to_the_main_one(make_folder: Make) -> None:
    settings = settings_of(make_folder, f"{LEAST}languages: [nb, nn]\n")
    assert [settings.home_of(lang) for lang in ("nn", "nn-NO", "no", "se")] == ["nn", "nn", "nb", "nb"]


def test_a_text_is_found_in_its_language_else_in_the_common_one(make_folder: Make) -> None:
    settings = settings_of(make_folder, f"{LEAST}tagline: {{nb: Hei, en: Hello}}\nfooter: Hilsen\n")
    assert [settings.text(settings.tagline, lang) for lang in ("en", "nn")] == ["Hello", "Hei"]
    assert settings.text(settings.footer, "se") == "Hilsen"


def test_values_of_ones_own_keep_the_norwegian_traps_as_written(make_folder: Make) -> None:
    settings = settings_of(
        make_folder, f"{LEAST}extra: {{land: no, tid: 12:30, kode: 0123, antall: 3, på: on}}\n"
    )
    assert settings.extra == {"land": "no", "tid": "12:30", "kode": "0123", "antall": 3, "på": "on"}
