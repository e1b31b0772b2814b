"""Fingerprinted assets: a name changes if and only if what it stands for changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kommunebeta.assets import Assets, prepare_assets
from kommunebeta.errors import ContentError

Make = Callable[..., Path]


def assets_of(folder: Path) -> Assets:
    return prepare_assets(
        {f.relative_to(folder).as_posix(): f for f in sorted(folder.rglob("*")) if f.is_file()}
    )


def test_a_name_carries_a_digest_of_the_content(make_folder: Make) -> None:
    first = assets_of(make_folder({"main.css": "a{}"}, "one"))
    second = assets_of(make_folder({"main.css": "b{}"}, "two"))
    assert first.addresses["main.css"] != second.addresses["main.css"]
    assert first.addresses["main.css"].startswith("/assets/main.")
    assert dict(first.items)[first.addresses["main.css"][1:]] == b"a{}"


def test_addresses_in_style_sheets_follow_the_new_names(make_folder: Make) -> None:
    css = "@import 'base.css'; @font-face{src:url(../fonts/x.woff2#iefix)} /* url(nothing.png) */ a{b:url(data:x)}"
    assets = assets_of(make_folder({"css/main.css": css, "css/base.css": "", "fonts/x.woff2": b"font"}))
    text = dict(assets.items)[assets.addresses["css/main.css"][1:]].decode()
    font = assets.addresses["fonts/x.woff2"].rpartition("/")[2]
    base = assets.addresses["css/base.css"].rpartition("/")[2]
    assert f"url(../fonts/{font}#iefix)" in text
    assert f"@import '{base}'" in text
    assert "/* url(nothing.png) */" in text
    assert "url(data:x)" in text


def test_a_new_font_gives_a_new_style_sheet(make_folder: Make) -> None:
    css = {"main.css": "a{src:url(x.woff2)}"}
    first = assets_of(make_folder({**css, "x.woff2": b"1"}, "one"))
    second = assets_of(make_folder({**css, "x.woff2": b"2"}, "two"))
    assert first.addresses["main.css"] != second.addresses["main.css"]


def test_a_missing_asset_is_a_problem_at_its_line(make_folder: Make) -> None:
    with pytest.raises(ContentError) as caught:
        assets_of(make_folder({"main.css": "a{}\nb{c:url(gone.png)}"}))
    (problem,) = caught.value.problems
    assert (problem.code, problem.path, problem.line) == ("KB056", "assets/main.css", 2)


def test_style_sheets_that_import_each_other_are_a_problem(make_folder: Make) -> None:
    with pytest.raises(ContentError, match="import each other"):
        assets_of(make_folder({"a.css": '@import "b.css";', "b.css": '@import "a.css";'}))


def test_made_assets_yield_to_a_file_of_the_same_name(make_folder: Make) -> None:
    folder = make_folder({"own.css": "mine"})
    assets = prepare_assets({"own.css": folder / "own.css"}, {"own.css": b"made", "more.css": b"made"})
    assert sorted(data for _, data in assets.items) == [b"made", b"mine"]


@pytest.mark.parametrize(
    ("css", "expected"),
    [
        ("a{b:url(u)}", "a{b:url(u.2d711642b7)}"),
        ("a{b:url( u.png )}", "a{b:url( u.2d711642b7.png )}"),
        ("a{b:URL('u.png')}", "a{b:URL('u.2d711642b7.png')}"),
        ("a{b:url(u.png#x?y)}", "a{b:url(u.2d711642b7.png#x?y)}"),
        ("a{b:url(u.png?#iefix)}", "a{b:url(u.2d711642b7.png?#iefix)}"),
        ("a{b:url(my%20u.png)}", "a{b:url(my%20u.2d711642b7.png)}"),
        ('a{b:url("my u.png")}', 'a{b:url("my%20u.2d711642b7.png")}'),
        ("@IMPORT url(u.png) print;", "@IMPORT url(u.2d711642b7.png) print;"),
        ("a{b:url(u.png),url(u.png)}", "a{b:url(u.2d711642b7.png),url(u.2d711642b7.png)}"),
    ],
)
def test_an_address_is_found_however_it_is_written(make_folder: Make, css: str, expected: str) -> None:
    assets = assets_of(make_folder({"a.css": css, "u": "x", "u.png": "x", "my u.png": "x"}))
    assert dict(assets.items)[assets.addresses["a.css"][1:]].decode() == expected


@pytest.mark.parametrize(
    "css",
    [
        """a{b:url("data:image/svg+xml;utf8,<svg fill='url(x.png)'/>")}""",
        'a::before{content:"url(x.png)"}',
        r'a::before{content:"\"url(x.png)"}',
        "/* it's url(x.png) */a{}",
        "a{b:url(https://x.example/y.png)}",
        "a{b:url(/y.png)}",
        "a{b:url(//x.example/y.png)}",
        "a{filter:url(#blur)}",
        "a{} /* open url(x.png)",
    ],
)
def test_what_is_no_address_of_an_asset_is_left_as_it_is(make_folder: Make, css: str) -> None:
    assets = assets_of(make_folder({"a.css": css}))
    assert [data.decode() for _, data in assets.items] == [css]


def test_a_name_in_a_folder_with_a_dot_stays_in_it(make_folder: Make) -> None:
    assets = assets_of(make_folder({"v1.0/LICENSE": "x"}))
    assert assets.addresses["v1.0/LICENSE"] == "/assets/v1.0/LICENSE.2d711642b7"


def test_a_new_font_gives_a_new_name_to_every_style_sheet_that_leads_to_it(make_folder: Make) -> None:
    css = {"a.css": '@import "b.css";', "b.css": "a{src:url(x.woff2)}", "alone.css": ""}
    first = assets_of(make_folder({**css, "x.woff2": b"1"}, "one")).addresses
    second = assets_of(make_folder({**css, "x.woff2": b"2"}, "two")).addresses
    assert {name for name in first if first[name] != second[name]} == {"a.css", "b.css", "x.woff2"}


def test_a_fault_in_a_themes_style_sheet_names_the_theme_and_the_likely_name(make_folder: Make) -> None:
    folder = make_folder(
        {"theme.yaml": "name: T\n", "assets/css/a.css": "a{b:url(../fnots/x.woff2)}"}, "torg"
    )
    font = make_folder({"x.woff2": b""}, "fonts")
    with pytest.raises(ContentError) as caught:
        prepare_assets({"css/a.css": folder / "assets/css/a.css", "fonts/x.woff2": font / "x.woff2"})
    (problem,) = caught.value.problems
    assert (problem.path, problem.mend) == ("theme torg: assets/css/a.css", "Did you mean «fonts/x.woff2»?")


def test_a_style_sheet_may_ask_for_what_is_made(make_folder: Make) -> None:
    folder = make_folder({"a.css": '@import "made.css";'})
    assets = prepare_assets({"a.css": folder / "a.css"}, {"made.css": b"x"})
    made = assets.addresses["made.css"].rpartition("/")[2]
    assert f'@import "{made}";'.encode() in dict(assets.items).values()


def test_a_style_sheet_that_is_not_utf_8_is_a_problem(make_folder: Make) -> None:
    with pytest.raises(ContentError, match="KB001"):
        assets_of(make_folder({"a.css": b"\xe5"}))
