"""Pictures for the web: measured, planned in several sizes and formats, encoded without metadata.

Planning needs only a picture's size and digest, so every address is known before anything is
encoded. Pillow is imported when a picture is first opened.
"""

from __future__ import annotations

import hashlib
import io
import posixpath
import tempfile
import warnings
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kommunebeta.language import slugify
from kommunebeta.model import PictureVariant

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 100_000_000
_MEDIA_TYPES = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "avif": "image/avif",
    "gif": "image/gif",
    "svg": "image/svg+xml",
}
_ENDINGS = {"jpeg": "jpg"}
_OPENABLE = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "TIFF", "BMP")
_ROTATED = (5, 6, 7, 8)
_EXIF_ORIENTATION = 0x0112


class PictureError(Exception):
    """A file cannot be shown as a picture; the message says why, without a full stop."""


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A picture as it lies in the site.

    Attributes:
        source: the file, relative to the site folder.
        digest: SHA-256 of its bytes, in hex.
        width: pixels, after the rotation that EXIF asks for.
        height: pixels, after rotation.
        format: ``jpeg``, ``png``, ``webp``, ``gif``, ``avif``, ``svg`` …
        animated: whether it moves.
        transparent: whether it has transparent parts.
    """

    source: str
    digest: str
    width: int
    height: int
    format: str
    animated: bool = False
    transparent: bool = False

    @property
    def as_it_is(self) -> bool:
        """Whether it is published unchanged: drawings and animations."""
        return self.format == "svg" or self.animated


def inspect(file: Path, source: str) -> PictureFile:
    """Measure a picture.

    Args:
        file: the file.
        source: its path relative to the site folder.

    Raises:
        PictureError: it is not a picture, is damaged, or would take too much memory.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise PictureError(f"it cannot be read: {error.strerror}") from error
    digest = hashlib.sha256(data).hexdigest()
    if source.lower().endswith(".svg"):
        width, height = _measure_svg(data)
        return PictureFile(source, digest, width, height, "svg")
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(data), formats=_OPENABLE) as picture:
                width, height = picture.size
                if width * height > MAX_PIXELS:
                    raise PictureError(f"it has more than {MAX_PIXELS // 1_000_000} million pixels")
                if picture.getexif().get(_EXIF_ORIENTATION) in _ROTATED:
                    width, height = height, width
                animated = bool(getattr(picture, "is_animated", False))
                transparent = "A" in picture.getbands() or "transparency" in picture.info
                kind = str(picture.format).lower()
                picture.load()
        except PictureError:
            raise
        except Image.DecompressionBombError as error:
            raise PictureError(f"it has more than {MAX_PIXELS // 1_000_000} million pixels") from error
        except Exception as error:
            raise PictureError("it is not a picture, or it is damaged") from error
    return PictureFile(source, digest, width, height, kind, animated, transparent)


def _measure_svg(data: bytes) -> tuple[int, int]:
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise PictureError("the drawing has a document type; save it as plain SVG")
    try:
        root = ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError, RecursionError) as error:
        raise PictureError("the drawing is not valid SVG") from error
    if not root.tag.endswith("svg"):
        raise PictureError("the drawing is not SVG")
    width, height = (_pixels(root.get(name, "")) for name in ("width", "height"))
    if not width or not height:
        box = [_pixels(part) for part in root.get("viewBox", "").replace(",", " ").split()]
        width, height = box[2:4] if len(box) == 4 and all(box[2:4]) else (300, 150)
    return max(1, round(width)), max(1, round(height))


def _pixels(text: str) -> float:
    try:
        number = float(text.strip().removesuffix("px"))
    except ValueError:
        return 0.0
    return number if abs(number) < 1e6 else 0.0


def plan_variants(
    picture: PictureFile, *, widths: tuple[int, ...], formats: tuple[str, ...]
) -> tuple[PictureVariant, ...]:
    """The sizes and formats that a picture is published in.

    Args:
        picture: the picture.
        widths: wanted widths in pixels; the picture is never made larger than it is.
        formats: wanted formats from the most preferred on: ``webp``, ``avif``, ``jpeg``.

    Returns:
        By format, then from narrow to wide. The last is what browsers without ``srcset``, feeds
        and previews get; where ``jpeg`` is wanted, a transparent picture is given as PNG instead.
    """
    if picture.as_it_is:
        return (_variant(picture, picture.width, picture.format),)
    chosen = sorted({min(width, picture.width) for width in widths})
    kept = [form for form in formats if form != "jpeg"]
    fallback = "png" if picture.transparent else "jpeg"
    variants = [_variant(picture, width, form) for form in dict.fromkeys(kept) for width in chosen]
    return (*variants, *(_variant(picture, width, fallback) for width in chosen))


def _variant(picture: PictureFile, width: int, form: str) -> PictureVariant:
    height = max(1, round(picture.height * width / picture.width))
    stem = slugify(posixpath.basename(picture.source).rpartition(".")[0])[:60] or "bilde"
    address = f"/media/{stem}.{picture.digest[:10]}-{width}.{_ENDINGS.get(form, form)}"
    return PictureVariant(address, width, height, _MEDIA_TYPES.get(form, f"image/{form}"))


def encode(file: Path, variant: PictureVariant, *, quality: int) -> bytes:
    """One variant of a picture: rotated as EXIF asks, scaled, in sRGB, without any metadata.

    Args:
        file: the original.
        variant: the size and format wanted.
        quality: 1–100, for JPEG, WebP and AVIF.

    Raises:
        PictureError: the original is damaged.
    """
    if variant.media_type == _MEDIA_TYPES["svg"] or variant.media_type == _MEDIA_TYPES["gif"]:
        return file.read_bytes()
    from PIL import Image, ImageOps

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(file, formats=_OPENABLE) as original:
                if bool(getattr(original, "is_animated", False)):
                    return file.read_bytes()
                if variant.media_type == "image/jpeg":
                    original.draft("RGB", (variant.width * 2, variant.height * 2))
                picture = ImageOps.exif_transpose(_in_srgb(original))
                picture = _in_mode(picture, variant.media_type)
                if picture.size != (variant.width, variant.height):
                    picture = picture.resize(
                        (variant.width, variant.height), Image.Resampling.LANCZOS, reducing_gap=3.0
                    )
                return _save(picture, variant.media_type, quality)
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise PictureError("the picture is damaged") from error


def _in_srgb(picture: Image) -> Image:
    """The picture with colours in sRGB, since its colour profile is not published."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return picture
    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = "RGBA" if picture.mode == "RGBA" else "RGB"
        changed = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return changed or picture


def _in_mode(picture: Image, media_type: str) -> Image:
    transparent = "A" in picture.getbands() or "transparency" in picture.info
    if not transparent:
        return picture if picture.mode in ("RGB", "L") else picture.convert("RGB")
    picture = picture.convert("RGBA")
    if media_type != "image/jpeg":
        return picture
    from PIL import Image

    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground


def _save(picture: Image, media_type: str, quality: int) -> bytes:
    options: dict[str, Any] = {
        "image/jpeg": {"format": "JPEG", "quality": quality, "progressive": True, "optimize": True},
        "image/webp": {"format": "WEBP", "quality": quality, "method": 4},
        "image/avif": {"format": "AVIF", "quality": quality, "speed": 6, "max_threads": 1},
        "image/png": {"format": "PNG", "optimize": True},
    }[media_type]
    picture.info.clear()
    stream = io.BytesIO()
    picture.save(stream, **options)
    return stream.getvalue()


def encode_cached(file: Path, variant: PictureVariant, *, quality: int, digest: str, cache: Path) -> bytes:
    """The same as ``encode``, remembered in a folder by what goes in.

    Args:
        file: the original.
        variant: the size and format wanted.
        quality: 1–100.
        digest: SHA-256 of the original, in hex.
        cache: the folder, made when needed. An entry that is damaged is made again.
    """
    from PIL import __version__ as pillow

    recipe = f"{digest} {variant.width}x{variant.height} {variant.media_type} {quality} {pillow} 1"
    entry = cache / hashlib.sha256(recipe.encode()).hexdigest()
    try:
        stored = entry.read_bytes()
        if hashlib.sha256(stored[32:]).digest() == stored[:32] and len(stored) > 32:
            return stored[32:]
    except OSError:
        pass
    data = encode(file, variant, quality=quality)
    _remember(entry, hashlib.sha256(data).digest() + data)
    return data


def _remember(entry: Path, data: bytes) -> None:
    """Store a cache entry at once; a cache that cannot be written is no reason to fail."""
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=entry.parent, delete=False) as file:
            file.write(data)
        Path(file.name).replace(entry)
    except OSError:
        return


def icon(color: str, letters: str, size: int) -> bytes:
    """A square icon: letters on a rounded ground.

    Args:
        color: ground, such as ``#0b3c5d``.
        letters: one or two letters.
        size: width and height in pixels.

    Returns:
        PNG.
    """
    from PIL import Image, ImageDraw, ImageFont

    scale = 4
    side = size * scale
    picture = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((0, 0, side - 1, side - 1), radius=side // 5, fill=color)
    font = ImageFont.load_default(side * (0.62 if len(letters) < 2 else 0.48))
    draw.text(
        (side / 2, side / 2),
        letters,
        font=font,
        fill="white",
        anchor="mm",
        stroke_width=side // 90,
        stroke_fill="white",
    )
    stream = io.BytesIO()
    picture.resize((size, size), Image.Resampling.LANCZOS).save(stream, format="PNG", optimize=True)
    return stream.getvalue()


def square(file: Path, size: int) -> bytes:
    """A picture of the site as a square icon, cut in the middle.

    Returns:
        PNG.

    Raises:
        PictureError: the file is not a pixel picture.
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(file, formats=_OPENABLE) as picture:
            cut = ImageOps.fit(picture.convert("RGBA"), (size, size), Image.Resampling.LANCZOS)
    except OSError as error:
        raise PictureError(f"«{file.name}» is not a picture that an icon can be made of; use PNG") from error
    stream = io.BytesIO()
    cut.save(stream, format="PNG", optimize=True)
    return stream.getvalue()
