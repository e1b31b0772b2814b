"""Pictures: measured, scaled, and stripped of everything that tells where they were taken."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from kommunebeta import images

WIDTHS, FORMATS = (100, 400, 900), ("webp", "jpeg")


def save(file: Path, size: tuple[int, int] = (800, 600), mode: str = "RGB", **options: object) -> Path:
    picture = Image.linear_gradient("L").resize(size).convert(mode)
    picture.save(file, **options)
    return file


def variants(file: Path) -> tuple[images.PictureFile, tuple[images.PictureVariant, ...]]:
    picture = images.inspect(file, file.name)
    return picture, images.plan_variants(picture, widths=WIDTHS, formats=FORMATS)


def test_a_picture_is_never_made_larger(tmp_path: Path) -> None:
    _, planned = variants(save(tmp_path / "a.jpg"))
    assert [(variant.media_type, variant.width, variant.height) for variant in planned] == [
        ("image/webp", 100, 75), ("image/webp", 400, 300), ("image/webp", 800, 600),
        ("image/jpeg", 100, 75), ("image/jpeg", 400, 300), ("image/jpeg", 800, 600),
    ]  # fmt: skip


def test_every_variant_is_encoded_as_planned(tmp_path: Path) -> None:
    file = save(tmp_path / "Blå bil čáhci.png", mode="RGB")
    _, planned = variants(file)
    for variant in planned:
        with Image.open(io.BytesIO(images.encode(file, variant, quality=80))) as made:
            assert made.size == (variant.width, variant.height)
            assert Image.MIME[str(made.format)] == variant.media_type
        assert variant.address.startswith("/media/bla-bil-cahci.")
        assert variant.address.isascii()


def test_position_and_camera_do_not_reach_the_web(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[2] = (59.0, 54.0, 45.0)
    file = save(tmp_path / "gps.jpg", exif=exif, comment=b"SecretComment")
    assert b"SecretCamera" in file.read_bytes()
    for variant in variants(file)[1]:
        data = images.encode(file, variant, quality=80)
        assert b"Secret" not in data
        with Image.open(io.BytesIO(data)) as made:
            assert not made.getexif()


def test_a_telephones_double_picture_is_a_picture_and_tells_nothing(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    picture = Image.linear_gradient("L").resize((800, 600)).convert("RGB")
    picture.save(tmp_path / "a.jpg", "MPO", save_all=True, append_images=[picture], exif=exif)
    measured, planned = variants(tmp_path / "a.jpg")
    assert (measured.format, measured.animated) == ("jpeg", False)
    assert planned[-1].address.endswith(".jpg")
    assert b"Secret" not in images.encode(tmp_path / "a.jpg", planned[-1], quality=80)


@pytest.mark.parametrize("name", ["a.webp", "a.png", "a.avif"])
def test_an_animation_that_tells_where_it_was_taken_is_refused(tmp_path: Path, name: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    exif.get_ifd(0x8825)[2] = (59.0, 54.0, 45.0)
    frames = [Image.new("RGB", (50, 40), color) for color in ("red", "blue")]
    frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])
    assert images.inspect(tmp_path / name, name).animated
    frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:], exif=exif)
    with pytest.raises(images.PictureError, match="GPS"):
        images.inspect(tmp_path / name, name)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tiff"])
def test_every_rotation_is_measured_as_it_is_encoded(tmp_path: Path, name: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = save(tmp_path / name, size=(80, 60), exif=exif)
    picture, planned = variants(file)
    assert (picture.width, picture.height) == ((60, 80) if orientation > 4 else (80, 60))
    with Image.open(io.BytesIO(images.encode(file, planned[-1], quality=80))) as made:
        assert made.size == (picture.width, picture.height)


def test_a_rotated_picture_stands_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    file = save(tmp_path / "turned.jpg", exif=exif)
    picture, planned = variants(file)
    assert (picture.width, picture.height) == (600, 800)
    with Image.open(io.BytesIO(images.encode(file, planned[-1], quality=80))) as made:
        assert made.size == (600, 800)


def test_a_transparent_picture_stays_transparent(tmp_path: Path) -> None:
    file = tmp_path / "logo.png"
    Image.new("RGBA", (200, 100), (255, 0, 0, 100)).save(file)
    _, planned = variants(file)
    assert planned[-1].media_type == "image/png"
    for variant in planned:
        with Image.open(io.BytesIO(images.encode(file, variant, quality=80))) as made:
            assert made.convert("RGBA").getpixel((5, 5))[3] == 100


def test_an_alpha_channel_that_hides_nothing_is_no_transparency(tmp_path: Path) -> None:
    file = save(tmp_path / "screen.png", mode="RGB")
    with Image.open(file) as picture:
        noise = Image.effect_noise(picture.size, 90)
        Image.merge("RGBA", (*picture.split()[:2], noise, Image.new("L", picture.size, 255))).save(file)
    picture, planned = variants(file)
    assert (picture.transparent, picture.flat) == (False, False)
    assert planned[-1].media_type == "image/jpeg"


def test_a_chart_of_few_colours_stays_sharp(tmp_path: Path) -> None:
    file = tmp_path / "chart.png"
    Image.new("RGB", (300, 200), "navy").save(file)
    assert variants(file)[1][-1].media_type == "image/png"


def test_sixteen_bits_of_grey_do_not_become_white(tmp_path: Path) -> None:
    grey = Image.new("I;16", (300, 200), 128 * 256)
    grey.save(tmp_path / "scan.png")
    for variant in variants(tmp_path / "scan.png")[1]:
        with Image.open(io.BytesIO(images.encode(tmp_path / "scan.png", variant, quality=90))) as made:
            assert abs(made.convert("L").getpixel((50, 50)) - 128) < 4


@pytest.mark.parametrize("mode", ["CMYK", "L", "P", "1"])
def test_every_kind_of_colour_can_be_shown(tmp_path: Path, mode: str) -> None:
    file = save(tmp_path / ("a.jpg" if mode in ("CMYK", "L") else "a.png"), mode=mode)
    for variant in variants(file)[1]:
        with Image.open(io.BytesIO(images.encode(file, variant, quality=80))) as made:
            assert made.mode in ("RGB", "RGBA", "L")


def test_a_colour_profile_is_applied_and_left_out(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    file = save(tmp_path / "lab.jpg", icc_profile=profile)
    for variant in variants(file)[1]:
        with Image.open(io.BytesIO(images.encode(file, variant, quality=80))) as made:
            assert "icc_profile" not in made.info


@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
def test_colours_are_shown_as_the_profile_means_them(tmp_path: Path, name: str) -> None:
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = profile.index(b"rXYZ"), profile.index(b"gXYZ")
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"  # red means green
    file = tmp_path / name
    Image.new("RGB", (200, 100), "red").save(file, icc_profile=bytes(profile), quality=95)
    for variant in variants(file)[1]:
        with Image.open(io.BytesIO(images.encode(file, variant, quality=95))) as made:
            red, green, blue = made.convert("RGB").getpixel((20, 20))
            assert green > 200
            assert max(red, blue) < 60


def test_a_tiff_of_many_pages_is_a_picture_and_no_animation(tmp_path: Path) -> None:
    page = Image.linear_gradient("L").resize((200, 100)).convert("RGB")
    page.save(tmp_path / "a.tiff", save_all=True, append_images=[page])
    assert variants(tmp_path / "a.tiff")[1][0].media_type == "image/webp"


def test_an_animation_is_published_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "a.gif"
    frames = [Image.new("L", (50, 40), shade) for shade in (0, 128, 255)]
    frames[0].save(file, save_all=True, append_images=frames[1:])
    picture, planned = variants(file)
    assert picture.animated
    assert [variant.media_type for variant in planned] == ["image/gif"]
    assert images.encode(file, planned[0], quality=80) == file.read_bytes()


@pytest.mark.parametrize(
    ("attributes", "size"),
    [('width="120" height="80"', (120, 80)), ('viewBox="0 0 30 20"', (30, 20)), ("", (300, 150)), ('width="1e99" viewBox="0 0 x 1"', (300, 150)), ('width="1in" height="25.4mm"', (96, 96)), ('width="100%" viewBox="0,0,30,20"', (30, 20)), ('height="40" viewBox="0 0 30 20"', (60, 40)), ('width="inf" height="nan"', (300, 150)), ('width="-9" height="9"', (300, 150))],
)  # fmt: skip
def test_a_drawing_is_measured_and_published_as_it_is(
    tmp_path: Path, attributes: str, size: tuple[int, int]
) -> None:
    file = tmp_path / "a.svg"
    file.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}/>')
    picture, planned = variants(file)
    assert (picture.width, picture.height) == size
    assert images.encode(file, planned[0], quality=80) == file.read_bytes()


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg">&b;</svg>'


@pytest.mark.parametrize(("name", "data"), [
    ("a.svg", BOMB.encode()), ("a.svg", BOMB.encode("utf-16")), ("a.svg", b"<svg/>"), ("a.jpg", b"\0\0\0\x18ftypheic\0\0"), ("a.svg", b"<svg"), ("a.svg", b"<html/>"), ("a.jpg", b""), ("a.png", b"not a picture"),
])  # fmt: skip
def test_what_is_not_a_picture_is_refused_in_words(tmp_path: Path, name: str, data: bytes) -> None:
    file = tmp_path / name
    file.write_bytes(data)
    with pytest.raises(images.PictureError):
        images.inspect(file, name)


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.gif", "a.avif"])
def test_a_truncated_picture_is_refused(tmp_path: Path, name: str) -> None:
    file = save(tmp_path / name)
    _, planned = variants(file)
    file.write_bytes(file.read_bytes()[:-200])
    with pytest.raises(images.PictureError, match="damaged"):
        images.inspect(file, name)
    with pytest.raises(images.PictureError, match="damaged"):
        images.encode(file, planned[0], quality=80)


def test_a_drawing_nested_without_end_is_measured_all_the_same(tmp_path: Path) -> None:
    deep = "<g>" * 100_000 + "</g>" * 100_000
    (tmp_path / "a.svg").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{deep}</svg>'
    )
    assert variants(tmp_path / "a.svg")[0].width == 9


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    file = tmp_path / "bomb.png"
    Image.new("1", (20_000, 20_000)).save(file)
    with pytest.raises(images.PictureError, match="million pixels"):
        images.inspect(file, "bomb.png")


def test_encoding_is_the_same_every_time(tmp_path: Path) -> None:
    file = save(tmp_path / "a.png")
    for variant in variants(file)[1]:
        assert images.encode(file, variant, quality=80) == images.encode(file, variant, quality=80)


def test_a_remembered_picture_is_not_encoded_again_and_a_damaged_memory_is(tmp_path: Path) -> None:
    file = save(tmp_path / "a.jpg")
    picture, planned = variants(file)
    cache = tmp_path / "cache"

    def encoded() -> bytes:
        return images.encode_cached(file, planned[0], quality=80, digest=picture.digest, cache=cache)

    first = encoded()
    (entry,) = cache.iterdir()
    file.unlink()
    assert encoded() == first, "the original is not needed a second time"
    entry.write_bytes(entry.read_bytes()[:-1])
    with pytest.raises(FileNotFoundError):
        encoded()
    save(file)
    assert encoded() == first
    assert [entry.name for entry in cache.iterdir()] == [entry.name], "no drafts are left behind"


def test_a_picture_that_changed_while_the_site_was_built_is_not_remembered_as_the_old_one(
    tmp_path: Path,
) -> None:
    file = save(tmp_path / "a.jpg")
    picture, planned = variants(file)
    save(file, size=(300, 300))
    with pytest.raises(images.PictureError, match="changed"):
        images.encode_cached(file, planned[0], quality=80, digest=picture.digest, cache=tmp_path / "cache")


def test_a_cache_that_cannot_be_written_is_no_reason_to_fail(tmp_path: Path) -> None:
    file = save(tmp_path / "a.jpg")
    picture, planned = variants(file)
    (tmp_path / "cache").write_text("a file where the folder should be")
    made = images.encode_cached(file, planned[0], quality=80, digest=picture.digest, cache=tmp_path / "cache")
    assert made == images.encode(file, planned[0], quality=80)


def test_pillow_is_not_loaded_before_a_picture_is_opened() -> None:
    code = "import sys, kommunebeta.images; sys.exit('PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_picture_that_no_build_uses_is_forgotten_in_time(tmp_path: Path) -> None:
    old, new = tmp_path / "gammel", tmp_path / "ny"
    for entry in (old, new):
        entry.write_bytes(b"x")
    os.utime(old, (time.time() - 61 * 86_400,) * 2)
    images.forget_unused(tmp_path)
    images.forget_unused(tmp_path / "finnes-ikke")
    assert [entry.name for entry in tmp_path.iterdir()] == ["ny"]
