"""Addresses: filled from patterns, never outside the site, one file for each."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kommunebeta.config import PermalinkSetting, PermalinkSettings, Settings
from kommunebeta.permalinks import Addresses, is_safe, normalised, output_path

PARTS = {"slug": "x", "id": "i", "year": "2026", "month": "05", "day": "17", "category": "skole"}


def addresses(language: str = "nb", languages: list[str] | None = None, **patterns: str) -> Addresses:
    return Addresses(
        Settings(
            name="a",
            municipality="b",
            language=language,
            languages=languages or [],
            permalinks=PermalinkSettings(**patterns),
        )
    )


@pytest.mark.parametrize(
    "address",
    [
        "../x", "/../x/", "/a/../../x/", "/a/./x/", "..", ".", "//evil.example/x", "https://evil.example/",
        "C:\\x", "C:/x", "c:x", "/C:/x", "\\\\server\\x", "a\\b", "/a\0b/", "/a\nb/", "/a\x7fb/", "/a?b=c",
        "/a#b", "/%2e%2e/x/", "/a<b>/", '/a"b/', "/a|b/", "/a*/", "/a. /", "/a./", "/a /b/", "/" + "x" * 300 + "/",
        "/.kommunebeta-manifest.json", "/.kommunebeta-staging-x/", "/.git/config", "/.htaccess", "/\u202etxt.exe/",
        "/" + "/".join(["lang"] * 300) + "/", "/\ud800/",
    ],
)  # fmt: skip
def test_addresses_that_leave_the_site_or_hold_traps_are_unsafe(address: str) -> None:
    assert not is_safe(address)


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/om/",
        "om",
        "/2026/05/svømmehallen/",
        "/čáhci/",
        "/om.html",
        "/a b/",
        "/.well-known/security.txt",
        "/a..b/",
    ],
)
def test_ordinary_addresses_are_safe(address: str) -> None:
    assert is_safe(address)


@pytest.mark.parametrize(
    ("written", "address", "path"),
    [
        ("om", "/om/", "om/index.html"),
        (" /om ", "/om/", "om/index.html"),
        ("/", "/", "index.html"),
        ("/om.html", "/om.html", "om.html"),
        ("/gammel.php", "/gammel.php", "gammel.php"),
        ("/v1.2", "/v1.2/", "v1.2/index.html"),
        ("/feed.XML", "/feed.XML", "feed.XML"),
    ],
)
def test_an_address_is_a_folder_unless_it_names_a_file(written: str, address: str, path: str) -> None:
    assert normalised(written) == address
    assert output_path(address) == path


@given(st.text(min_size=1))
def test_a_safe_address_never_leaves_the_output_folder(text: str) -> None:
    assume(is_safe(text))
    address = normalised(text)
    assume(is_safe(address))
    path = output_path(address)
    for flavour in (PurePosixPath, PureWindowsPath):
        pure = flavour(path)
        assert not pure.is_absolute()
        assert not pure.drive
        assert ".." not in pure.parts
    path.encode()


@given(st.text("abAB./ å", min_size=1, max_size=12), st.text("abAB./ å", min_size=1, max_size=12))
def test_two_addresses_never_share_a_file(one: str, other: str) -> None:
    assume(is_safe(one) and is_safe(other))
    first, second = normalised(one), normalised(other)
    assume(first != second)
    assume(not {first.rpartition("/")[2], second.rpartition("/")[2]} & {"index.html"})
    assert output_path(first) != output_path(second)


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)


def test_posts_lie_by_year_and_month_and_pages_at_the_root() -> None:
    assert addresses().fill("post", "nb", PARTS) == "/2026/05/x/"
    assert addresses().fill("page", "nb", PARTS) == "/x/"


def test_other_languages_lie_in_a_folder_of_their_own() -> None:
    site = addresses(languages=["nb", "nn", "se"])
    assert site.fill("post", "nn", PARTS) == "/nn/2026/05/x/"
    assert site.home("se") == "/se/"
    assert site.home("nb") == "/"
    assert site.of("tags", "se", "oahppu") == "/se/fadda/oahppu/"


def test_a_language_can_have_patterns_of_its_own() -> None:
    site = Addresses(
        Settings(
            name="a",
            municipality="b",
            languages=["nb", "nn"],
            permalinks=PermalinkSettings(
                post="/{year}/{slug}/", languages={"nn": PermalinkSetting(post="/nytt/{slug}.html")}
            ),
        )
    )
    assert site.fill("post", "nb", PARTS) == "/2026/x/"
    assert site.fill("post", "nn", PARTS) == "/nn/nytt/x.html"


def test_a_pattern_with_the_language_gets_no_second_folder() -> None:
    site = addresses(languages=["nb", "nn"], post="/{lang}/{slug}/", tag="/{lang}/emne/{slug}/")
    assert site.fill("post", "nn", PARTS) == "/nn/x/"
    assert site.of("tags", "nn") == "/nn/emne/"
    assert site.of("tags", "nb", "a") == "/nb/emne/a/"


def test_the_overview_of_a_list_never_takes_the_place_of_the_home_page() -> None:
    site = addresses(languages=["nb", "nn"], tag="/{slug}/", person="{slug}")
    assert site.of("tags", "nb") == "/emne/"
    assert site.of("tags", "nn") == "/nn/emne/"
    assert site.of("people", "nb") == "/folk/"
    assert site.of("tags", "nb", "skole") == "/skole/"


def test_people_with_accents_in_their_file_names_get_plain_addresses() -> None:
    assert addresses().of("person", "nb", "Kåre Čáhci") == "/folk/kare-cahci/"


def test_pages_of_a_list_are_numbered_from_the_second_on() -> None:
    assert tuple(addresses().pages("/", "nb", 3)) == ("/", "/side/2/", "/side/3/")
    assert tuple(addresses().pages("/x/", "en", 2)) == ("/x/", "/x/page/2/")
    assert tuple(addresses().pages("/x/", "se", 1)) == ("/x/",)


def test_own_lists_of_the_site_have_addresses() -> None:
    site = addresses()
    assert [site.of(kind, "nb") for kind in ("home", "archive", "feed", "people", "categories", "questions")] == [
        "/", "/arkiv/", "/feed.xml", "/folk/", "/kategori/", "/sporsmal/",
    ]  # fmt: skip
    assert site.of("archive", "nb", "2026/05") == "/arkiv/2026/05/"


@pytest.mark.parametrize(
    ("kind", "pattern", "code"),
    [
        ("post", "/{tittel}/{slug}/", "KB043"),
        ("post", "/{year/{slug}/", "KB043"),
        ("post", "/{}/{slug}/", "KB043"),
        ("post", "/{0}/{slug}/", "KB043"),
        ("post", "/{slug.__class__}/", "KB043"),
        ("post", "/{slug:>999999999}/", "KB043"),
        ("post", "/{month:02d}/{slug}/", "KB043"),
        ("post", "/{slug!r}/", "KB043"),
        ("post", "/{year}/", "KB043"),
        ("tag", "/emne/", "KB043"),
        ("tag", "/{year}/{slug}/", "KB043"),
        ("tag", "/emne/{slug}.html", "KB043"),
        ("archive", "/arkiv.html", "KB043"),
        ("archive", "/{year}/", "KB043"),
        ("page", "/../{slug}/", "KB042"),
        ("page", "/x//{slug}/", "KB042"),
        ("page", "C:/{slug}/", "KB042"),
        ("page", "/.git/{slug}/", "KB042"),
    ],
)
def test_a_faulty_pattern_is_a_problem_and_the_usual_one_stands_in(
    kind: str, pattern: str, code: str
) -> None:
    site = addresses(**{kind: pattern})
    problems = site.problems("kommunebeta.yaml", {kind: (4, 9)})
    assert code in {problem.code for problem in problems}
    assert {(problem.line, problem.column) for problem in problems} == {(4, 9)}
    assert site.pattern(kind, "nb") == addresses().pattern(kind, "nb")


@given(
    st.sampled_from(["post", "page", "tag", "person", "archive"]), st.text("/{}slugyear:!.[]x", max_size=30)
)
def test_a_pattern_is_either_faulty_or_gives_safe_addresses(kind: str, pattern: str) -> None:
    site = addresses(**{kind: pattern})
    if not site.problems("kommunebeta.yaml", {}):
        assert is_safe(site.fill(kind, "nb", PARTS))


def test_addresses_of_pages_are_a_sequence_like_any_other() -> None:
    found = addresses().pages("/", "nb", 4)
    assert len(found) == 4
    assert found[-1] == "/side/4/"
    assert found[1:3] == ("/side/2/", "/side/3/")
    assert "/side/3/" in found
    with pytest.raises(IndexError):
        found[4]
