"""Pictures for the web: measured, planned in several sizes and formats, encoded without metadata.

Planning needs only a picture's size and digest, so every address is known before anything is
encoded. Pillow is imported when a picture is first opened.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import posixpath
import tempfile
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kommunebeta import drawings
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
_MOVING = ("gif", "png", "webp", "avif")  # a second picture in a JPEG or TIFF is no animation
_SAME_AS = {"mpo": "jpeg"}  # what telephones write: a JPEG with a second picture behind it
_APPLE = (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftyphevc")
_FEW_COLOURS = 256
_ROTATED = (5, 6, 7, 8)
_EXIF_ORIENTATION = 0x0112
_EXIF_GPS = 0x8825
_RECIPE = 2  # raised when the same original would be encoded in another way
_DAY = 86_400
_KEPT_DAYS = 60


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
        flat: whether it has so few colours that it must be a chart, a logo or a screen.
    """

    source: str
    digest: str
    width: int
    height: int
    format: str
    animated: bool = False
    transparent: bool = False
    flat: bool = False

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
        PictureError: it is not a picture, is damaged, would take too much memory, or is an
            animation that tells where it was taken.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise PictureError(f"it cannot be read: {error.strerror}") from error
    digest = hashlib.sha256(data).hexdigest()
    if source.lower().endswith(".svg"):
        try:
            width, height = drawings.measure(data)
        except drawings.DrawingError as error:
            raise PictureError(str(error)) from error
        return PictureFile(source, digest, width, height, "svg")
    with opened(data) as picture:
        animated = _is_animated(picture)
        if animated and _tells_where(picture):
            raise PictureError("it is an animation with GPS data; save it without metadata")
        picture.load()
        width, height = picture.size
        if picture.getexif().get(_EXIF_ORIENTATION) in _ROTATED:
            width, height = height, width
        transparent, flat = _is_transparent(picture), _is_flat(picture)
        return PictureFile(source, digest, width, height, _format(picture), animated, transparent, flat)


@contextlib.contextmanager
def opened(data: bytes) -> Iterator[Image]:
    """A picture whose pixels are not read yet.

    Args:
        data: the file.

    Raises:
        PictureError: it is no picture, or too large; or anything at all goes wrong inside the block.
    """
    from PIL import Image

    if data[4:12] in _APPLE:
        raise PictureError("it is in Apple's format HEIC, which browsers do not show; save it as JPEG")
    too_large = f"it has more than {MAX_PIXELS // 1_000_000} million pixels"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(data), formats=_OPENABLE) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise PictureError(too_large)
                yield picture
        except PictureError:
            raise
        except Image.DecompressionBombError as error:
            raise PictureError(too_large) from error
        except Exception as error:  # damaged files make Pillow raise nearly anything
            raise PictureError("it is not a picture, or it is damaged") from error


def _format(picture: Image) -> str:
    name = str(picture.format).lower()
    return _SAME_AS.get(name, name)


def _is_animated(picture: Image) -> bool:
    return _format(picture) in _MOVING and bool(getattr(picture, "is_animated", False))


def _tells_where(picture: Image) -> bool:
    xmp = picture.info.get("xmp") or b""
    return _EXIF_GPS in picture.getexif() or b"GPSL" in (xmp.encode() if isinstance(xmp, str) else xmp)


def _may_be_transparent(picture: Image) -> bool:
    return bool({"A", "a"} & set(picture.getbands())) or "transparency" in picture.info


def _is_transparent(picture: Image) -> bool:
    """Whether anything shines through; many programs save an alpha channel that hides nothing."""
    if not _may_be_transparent(picture):
        return False
    return any(picture.convert("RGBA").getchannel("A").histogram()[:255])


def _is_flat(picture: Image) -> bool:
    if _format(picture) == "jpeg" or picture.mode not in ("1", "L", "LA", "P", "RGB", "RGBA"):
        return False
    return picture.mode == "P" or picture.getcolors(_FEW_COLOURS) is not None


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
        and previews get: JPEG, or PNG for a picture that is transparent or has few colours.
    """
    if picture.as_it_is:
        return (_variant(picture, picture.width, picture.format),)
    chosen = sorted({min(width, picture.width) for width in widths or (picture.width,)})
    kept = [form for form in formats if form != "jpeg"]
    fallback = "png" if picture.transparent or picture.flat else "jpeg"
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
        OSError: the original cannot be read.
    """
    return _encode(file.read_bytes(), variant, quality)


def _encode(data: bytes, variant: PictureVariant, quality: int) -> bytes:
    if variant.media_type in (_MEDIA_TYPES["svg"], _MEDIA_TYPES["gif"]):
        return data
    from PIL import Image

    size = variant.width, variant.height
    with opened(data) as original:
        if _is_animated(original):
            return data
        original.draft(None, (2 * max(size), 2 * max(size)))
        picture = _in_mode(upright_in_srgb(original), variant.media_type)
        if picture.size != size:
            picture = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
        return save(picture, variant.media_type, quality)


def upright_in_srgb(original: Image) -> Image:
    """The picture as it is meant to be seen, since neither its rotation nor its profile is published.

    Returns:
        A picture in a mode that can be scaled, such as RGB, RGBA, L or CMYK.
    """
    from PIL import ImageOps

    picture = ImageOps.exif_transpose(original)
    profile = original.info.get("icc_profile")
    if picture.mode.startswith("I;16"):  # else all but the darkest shades would become white
        picture = picture.point(lambda value: value * (1 / 256)).convert("L")
    if picture.mode in ("P", "PA", "LA") or (picture.mode == "RGB" and "transparency" in picture.info):
        picture = picture.convert("RGBA" if _may_be_transparent(picture) else "RGB")
    return _in_srgb(picture, profile) if profile else picture


def _in_srgb(picture: Image, profile: bytes) -> Image:
    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = "RGBA" if picture.mode == "RGBA" else "RGB"
        changed = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):  # a profile for other colours than the picture's
        return picture
    return changed or picture


def _in_mode(picture: Image, media_type: str) -> Image:
    if not _may_be_transparent(picture):
        return picture if picture.mode in ("RGB", "L") else picture.convert("RGB")
    picture = picture.convert("RGBA")
    if media_type != "image/jpeg":
        return picture
    from PIL import Image

    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground


def save(picture: Image, media_type: str, quality: int) -> bytes:
    """A picture as a file without metadata; quality 1–100 counts for JPEG, WebP and AVIF."""
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

    Raises:
        PictureError: the original is damaged, or is no longer the one of that digest.
        OSError: the original cannot be read.
    """
    from PIL import __version__ as pillow

    recipe = f"{digest} {variant.width}x{variant.height} {variant.media_type} {quality} {pillow} {_RECIPE}"
    entry = cache / hashlib.sha256(recipe.encode()).hexdigest()
    try:
        stored = entry.read_bytes()
        _mark_used(entry)
        if hashlib.sha256(stored[32:]).digest() == stored[:32] and len(stored) > 32:
            return stored[32:]
    except OSError:
        pass
    original = file.read_bytes()
    if hashlib.sha256(original).hexdigest() != digest:
        raise PictureError("it changed while the site was built; build again")
    data = _encode(original, variant, quality)
    _remember(entry, hashlib.sha256(data).digest() + data)
    return data


def _mark_used(entry: Path) -> None:
    """Give a cache entry today's time, so that ``forget_unused`` leaves it."""
    if entry.stat().st_mtime < time.time() - _DAY:
        os.utime(entry)


def forget_unused(cache: Path) -> None:
    """Delete encoded pictures that no build has used for two months.

    Args:
        cache: the folder of ``encode_cached``; it need not exist.
    """
    oldest = time.time() - _KEPT_DAYS * _DAY
    with contextlib.suppress(OSError):
        for entry in cache.iterdir():
            if entry.stat().st_mtime < oldest:
                entry.unlink()


def _remember(entry: Path, data: bytes) -> None:
    """Store a cache entry at once; a cache that cannot be written is no reason to fail."""
    draft: Path | None = None
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=entry.parent, delete=False) as file:
            draft = Path(file.name)
            file.write(data)
        draft.replace(entry)
    except OSError:
        if draft is not None:
            with contextlib.suppress(OSError):
                draft.unlink()
