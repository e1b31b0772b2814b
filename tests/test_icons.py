"""Icons: legible on any colour, in any language."""

from __future__ import annotations

import io
import unicodedata
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from kommunebeta import icons, images


def shades(data: bytes) -> tuple[int, int]:
    """The darkest and the lightest shade in the middle of an icon."""
    with Image.open(io.BytesIO(data)) as icon:
        middle = icon.convert("L").crop(
            (icon.width // 4, icon.height // 4, icon.width * 3 // 4, icon.height * 3 // 4)
        )
        return middle.getextrema()


def test_icons_have_the_size_asked_for() -> None:
    for size in (32, 180, 512):
        with Image.open(io.BytesIO(icons.icon("#0b3c5d", "Åb", size))) as icon:
            assert icon.size == (size, size)
            assert icon.getpixel((0, 0))[3] < 10
            assert icon.getpixel((size // 2, 2))[:3] == (11, 60, 93)


def test_an_icon_may_come_from_a_picture_of_the_site(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    Image.new("RGB", (200, 100), "red").save(file)
    with Image.open(io.BytesIO(icons.square(file, 64))) as icon:
        assert icon.size == (64, 64)
    (tmp_path / "b.png").write_text("no")
    with pytest.raises(images.PictureError):
        icons.square(tmp_path / "b.png", 64)


def test_an_icon_is_the_same_every_time() -> None:
    assert icons.icon("#0b3c5d", "Fj", 64) == icons.icon("#0b3c5d", "Fj", 64)


def test_letters_are_light_on_dark_and_dark_on_light() -> None:
    assert shades(icons.icon("#0b3c5d", "F", 128))[1] > 230
    assert shades(icons.icon("#ffee88", "F", 128))[0] < 60


def difference(one: str, other: str) -> int:
    """Pixels of which one icon has ink and the other has not."""
    pictures = [
        Image.open(io.BytesIO(icons.icon("#0b3c5d", letter, 128))).convert("L") for letter in (one, other)
    ]
    return sum(ImageChops.difference(*pictures).histogram()[100:])


@pytest.mark.parametrize("letter", "ÅåØøÁáČčĐđŊŋŠšŦŧŽžÄäÖöÉòô")
def test_each_letter_of_norwegian_and_sami_has_its_mark_though_the_font_lacks_it(letter: str) -> None:
    box = "\uffff"
    base = {"Ø": "O", "ø": "o", "Đ": "D", "đ": "d", "Ŋ": "N", "ŋ": "n", "Ŧ": "T", "ŧ": "t"}.get(
        letter, unicodedata.normalize("NFD", letter)[0]
    )
    assert difference(letter, base) > 50
    assert difference(letter, box) > 200


def test_a_letter_may_come_with_its_mark_apart() -> None:
    assert icons.icon("#0b3c5d", "A\u030a", 64) == icons.icon("#0b3c5d", "Å", 64)


def test_ae_is_spelt_out() -> None:
    assert icons.icon("#0b3c5d", "Æ", 64) == icons.icon("#0b3c5d", "AE", 64)


def test_a_letter_of_another_script_leaves_the_ground_empty_rather_than_a_box() -> None:
    assert icons.icon("#0b3c5d", "漢", 64) == icons.icon("#0b3c5d", "", 64)


def test_an_icon_from_a_turned_picture_stands_upright_and_tells_nothing(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 3, "SecretCamera"
    picture = Image.new("RGB", (100, 100), "blue")
    picture.paste("red", (0, 0, 100, 50))
    picture.save(tmp_path / "a.png", exif=exif)
    data = icons.square(tmp_path / "a.png", 50)
    assert b"SecretCamera" not in data
    with Image.open(io.BytesIO(data)) as icon:
        assert icon.getpixel((25, 5)) == (0, 0, 255, 255)


def test_a_picture_that_is_gone_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(images.PictureError, match=r"gone\.png"):
        icons.square(tmp_path / "gone.png", 64)
