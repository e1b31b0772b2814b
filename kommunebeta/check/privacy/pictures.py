"""What pictures that are published as they are tell of their makers: place, owner and serial numbers.

Pictures in texts are made anew without any of it. What stands in ``static/`` or is offered for download is
copied. Documents (PDF, Office) hold such data too; they are not looked into.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping

from kommunebeta.check.finding import Fault, Rule
from kommunebeta.check.noted import NotedSurroundings
from kommunebeta.errors import Severity

RULES: Mapping[str, Rule] = {
    "KB161": Rule(
        "Picture tells where it was taken, or by whom",
        Severity.WARNING,
        "The file holds what the camera noted. A place can lead to somebody's home, a serial number to all "
        "pictures of the same camera.",
        "Save the picture without metadata, or show it in a text: there it is made anew without them.",
        ("GDPR, article 5",),
    ),
}

_PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".avif", ".heic", ".heif", ".tif", ".tiff")
_MARK = b"Exif\0\0"
_BARE = (b"II*\0", b"MM\0*")
_PLACE, _CAMERA = 0x8825, 0x8769
_LATITUDE = 2
_OWNER = (0xA430, 0xA431, 0xA435)
"""CameraOwnerName, BodySerialNumber and LensSerialNumber (Exif 2.32, 4.6.5)."""


def telling_pictures(path: str, data: bytes, surroundings: NotedSurroundings) -> Iterator[Fault]:
    """What a picture that was copied tells of the place where it was taken, and of its maker."""
    source = surroundings.source(path)
    if not source or not path.lower().endswith(_PICTURES):
        return
    noted = _noted(data)
    if (_PLACE in noted) or b"GPSLatitude" in data:
        yield Fault("KB161", f"The picture «{_name(path)}» tells where it was taken.", path=source)
    if noted.intersection(_OWNER):
        yield Fault(
            "KB161", f"The picture «{_name(path)}» names the camera's owner or serial number.", path=source
        )


def _name(path: str) -> str:
    return path.rpartition("/")[2][:60]


def _noted(data: bytes) -> frozenset[int]:
    """The tags of a picture's Exif data, as far as they can be read; a place only where it is filled in."""
    block = _block(data)
    if not block:
        return frozenset()
    from PIL.Image import Exif

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            exif = Exif()
            exif.load(block)
            tags = {tag for tag, value in exif.get_ifd(_CAMERA).items() if str(value).strip(" \0")}
            if _LATITUDE in exif.get_ifd(_PLACE):
                tags.add(_PLACE)
        except Exception:  # damaged data makes Pillow raise nearly anything
            return frozenset()
    return frozenset(tags)


def _block(data: bytes) -> bytes:
    """A picture's Exif data: behind a mark, in a chunk of PNG and WebP, or bare in AVIF and HEIC.

    In the last two, what reads like the mark is the name of an item.

    Sources: Exif 2.32, 4.7.2; PNG (Third Edition), 11.3.4.5; WebP Container, «Metadata»;
    ISO/IEC 23008-12, A.2.1.
    """
    if data.startswith(_BARE):
        return _MARK + data
    if data[4:8] == b"ftyp":
        starts = [start for start in map(data.find, _BARE) if start >= 0]
        return _MARK + data[min(starts) :] if starts else b""
    at = data.find(_MARK)
    if at >= 0:
        return data[at:]
    name = b"eXIf" if data.startswith(b"\x89PNG") else b"EXIF" if data.startswith(b"RIFF") else b""
    at = data.find(name) if name else -1
    return _MARK + data[at + (4 if name == b"eXIf" else 8) :] if at >= 0 else b""
