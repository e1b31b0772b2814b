"""A stranger's picture → a poster of our own: decoded, scaled and encoded anew, without metadata."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from kommunebeta.embeds.lock import POSTERS
from kommunebeta.images import PictureError, opened, save, upright_in_srgb
from kommunebeta.language import slugify

if TYPE_CHECKING:
    from PIL.Image import Image

ACCEPT = "image/jpeg, image/png, image/webp, image/avif;q=0.9, image/gif;q=0.5"
"""The media types that are asked for; SVG is a program as much as a picture."""

MOST = 15_000_000
"""Bytes of a picture."""

NARROWEST = 200
"""Pixels; YouTube answers a missing picture with a grey one of 120 by 90."""

_WIDEST = 1280
_TALLEST = 5 * _WIDEST
_MOST_PIXELS = 25_000_000  # eight may be decoded at the same time
_QUALITY = 82


def make_poster(data: bytes) -> bytes:
    """Make a poster.

    Args:
        data: a picture in any format that browsers show, but SVG.

    Returns:
        A JPEG at most 1,280 pixels wide.

    Raises:
        PictureError: it is no picture, damaged, narrower than 200 pixels, or too large.
    """
    from PIL import Image

    with opened(data) as original:
        width, height = original.size
        if width < NARROWEST:
            raise PictureError(f"it is only {width} pixels wide")
        if width * height > _MOST_PIXELS or height > 10 * width:
            raise PictureError("it is too large")
        original.draft(None, (_WIDEST, _TALLEST))
        picture = _opaque(upright_in_srgb(original))
        if max(picture.width / _WIDEST, picture.height / _TALLEST) > 1:
            picture.thumbnail((_WIDEST, _TALLEST), Image.Resampling.LANCZOS)
        return save(picture, "image/jpeg", _QUALITY)


def _opaque(picture: Image) -> Image:
    from PIL import Image

    if picture.mode != "RGBA":
        return picture.convert("RGB")
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground


def poster_path(provider: str, name: str, data: bytes) -> str:
    """Where a poster lies, relative to the site folder.

    Args:
        provider: the provider's id.
        name: the embed's id or address.
        data: the poster; another one gets another name.
    """
    slug = slugify(name)[:60].strip("-")
    words = [word for word in (slugify(provider), slug) if word.isascii() and word]
    return f"{POSTERS}/{'-'.join((*words, hashlib.sha256(data).hexdigest()[:10]))}.jpg"
