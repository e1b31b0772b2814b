"""Media: what a text may make public, and what it may not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kommunebeta.config import PictureSetting
from kommunebeta.media import Media

FILES = {
    "kommunebeta.yaml": "name: x",
    ".env": "SECRET=1",
    "data/liste.csv": "a;b",
    "content/posts/.hemmelig.pdf": "x",
    "content/posts/referat.pdf": "x",
    "static/a.pdf": "x",
    "people/kari.jpg": "x",
}


@pytest.mark.parametrize(
    "target", ["/kommunebeta.yaml", "/.env", "../../.env", "/data/liste.csv", ".hemmelig.pdf", "../../../x"]
)
def test_a_link_never_publishes_what_is_not_meant_for_readers(
    make_folder: Callable[..., Path], target: str
) -> None:
    assert Media(make_folder(FILES), PictureSetting()).find(target, "content/posts/x.md") is None


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("referat.pdf", "content/posts/referat.pdf"),
        ("/a.pdf", "static/a.pdf"),
        ("../../people/kari.jpg", "people/kari.jpg"),
    ],
)
def test_a_link_finds_what_lies_beside_the_text_or_in_static(
    make_folder: Callable[..., Path], target: str, found: str
) -> None:
    assert Media(make_folder(FILES), PictureSetting()).find(target, "content/posts/x.md") == found
