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
