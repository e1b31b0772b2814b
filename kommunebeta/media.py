"""Pictures and files that content refers to: found beside the text or in ``static/``, published once each."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize

from kommunebeta import images
from kommunebeta.config import PictureSetting
from kommunebeta.language import slugify
from kommunebeta.model import Picture, PictureVariant


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of the site that is published under a fingerprinted address.

    Attributes:
        source: the file, relative to the site folder.
        address: where it is published.
        size: bytes.
    """

    source: str
    address: str
    size: int


@dataclass(frozen=True, slots=True)
class PictureOutput:
    """One variant of a picture that is to be published."""

    picture: images.PictureFile
    variant: PictureVariant


_PUBLISHABLE = ("content/", "embeds/", "people/", "static/")


def _may_be_published(path: str) -> bool:
    """Only what lies beside texts and people, in ``embeds/`` or ``static/``; no settings or hidden files."""
    return path.startswith(_PUBLISHABLE) and not any(part.startswith(".") for part in path.split("/"))


class Media:
    """Collects the pictures and files that a build publishes.

    Attributes:
        site: the site folder.
        setting: how pictures are made ready.
    """

    def __init__(
        self,
        site: Path,
        setting: PictureSetting,
        known: Mapping[str, tuple[images.PictureFile, tuple[PictureVariant, ...]]] | None = None,
    ) -> None:
        """Begin with nothing collected.

        Args:
            site: the site folder.
            setting: how pictures are made ready.
            known: pictures that were measured before and have not changed, by file.
        """
        self.site = site.resolve()
        self.setting = setting
        self._pictures = dict(known or {})
        self._files: dict[str, StoredFile] = {}
        self._exists: dict[str, bool] = {}

    def find(self, target: str, source: str) -> str | None:
        """The file that an address in a text means.

        Args:
            target: the address as written: relative to the text, or from the site's root with ``/``.
            source: the file that holds the text.

        Returns:
            A path relative to the site folder, or None when there is no such file in the site.
        """
        path = target.partition("#")[0].partition("?")[0]
        if not path or "\0" in path or "\\" in path:
            return None
        if path.startswith("/"):
            candidates = [f"static{path}", path[1:]]
        else:
            candidates = [posixpath.join(posixpath.dirname(source), path), f"static/{path}"]
        for candidate in map(posixpath.normpath, candidates):
            # A name that was made on a Mac may hold its accents as signs of their own.
            for name in dict.fromkeys((candidate, *(normalize(form, candidate) for form in ("NFC", "NFD")))):
                if _may_be_published(name) and self._is_file(name):
                    return name
        return None

    def _is_file(self, path: str) -> bool:
        if path not in self._exists:
            file = self.site / path
            try:
                self._exists[path] = file.is_file() and file.resolve().is_relative_to(self.site)
            except (OSError, RuntimeError):  # a name that is too long, a circle of links
                self._exists[path] = False
        return self._exists[path]

    def picture(self, path: str, *, alt: str = "", caption: str = "", credit: str = "") -> Picture:
        """A picture ready to be shown.

        Raises:
            images.PictureError: the file is not a picture that can be shown.
        """
        if path not in self._pictures:
            file = images.inspect(self.site / path, path)
            variants = images.plan_variants(
                file, widths=tuple(self.setting.widths), formats=tuple(self.setting.formats)
            )
            self._pictures[path] = (file, variants)
        file, variants = self._pictures[path]
        return Picture(path, alt, file.width, file.height, variants[-1].address, variants, caption, credit)

    def file(self, path: str) -> StoredFile:
        """A file ready to be linked to; one in ``static/`` keeps its own address.

        Raises:
            OSError: it cannot be read.
        """
        if path not in self._files:
            if path.startswith("static/"):
                stored = StoredFile(path, path.removeprefix("static"), (self.site / path).stat().st_size)
            else:
                data = (self.site / path).read_bytes()
                digest = hashlib.sha256(data).hexdigest()[:10]
                stem, dot, ending = posixpath.basename(path).rpartition(".")
                name = f"{slugify(stem) or 'fil'}.{ending.lower()}" if dot else slugify(ending) or "fil"
                stored = StoredFile(path, f"/files/{digest}/{name}", len(data))
            self._files[path] = stored
        return self._files[path]

    @property
    def known_pictures(self) -> Mapping[str, tuple[images.PictureFile, tuple[PictureVariant, ...]]]:
        """Every picture that was asked for, with its variants, by file."""
        return self._pictures

    @property
    def picture_outputs(self) -> Iterable[PictureOutput]:
        """Every variant of every picture that was asked for, by file."""
        for path in sorted(self._pictures):
            file, variants = self._pictures[path]
            for variant in variants:
                yield PictureOutput(file, variant)

    @property
    def stored_files(self) -> Iterable[StoredFile]:
        """Every file that was asked for and is not published as part of ``static/`` anyway."""
        return (self._files[path] for path in sorted(self._files) if not path.startswith("static/"))
