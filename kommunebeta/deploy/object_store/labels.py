"""What an object of a store says of itself: what it holds, for which site, and in what form.

The label is metadata of the object, put there together with its content, so that a lost manifest can be made
anew from what lies there.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from kommunebeta.deploy.manifest import is_safe
from kommunebeta.deploy.object_store.caching import CacheSetting, Compression, Form, form_of, tag_of_all
from kommunebeta.deploy.parcel import LocalFile

LABEL = "kommunebeta"
"""Name of the metadata; a name that Azure allows too, which wants that of a variable."""

_LABEL = re.compile(r"([0-9a-f]{64}) ([0-9a-f]{12}) ([0-9a-f]{8})")


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of one site's objects.

    Attributes:
        site: tells the site from others.
        cache: for how long files may be kept.
        compression: how files are compressed.
    """

    site: str
    cache: CacheSetting
    compression: Compression

    def form_of(self, path: str) -> Form:
        """How a file is to be stored now."""
        return form_of(path, self.cache, self.compression)

    def label_of(self, file: LocalFile) -> str:
        """The label of a file."""
        return f"{file.digest} {self.site} {self.form_of(file.path).tag}"

    def digest_in(self, path: str, label: str) -> str | None:
        """The digest in a label of ours: empty where its form is another one now; None for all others."""
        found = _LABEL.fullmatch(label)
        if found is None or found[2] != self.site or not is_safe(path):
            return None
        return found[1] if found[3] == self.form_of(path).tag else ""

    def tag_of_all(self, paths: Iterable[str]) -> str:
        """The label of a manifest: it differs where one of its files would be stored in another form now."""
        return tag_of_all(paths, self.cache, self.compression)


def labels_of(base_url: str, cache: CacheSetting, compression: Compression) -> Labels:
    """The labels of the site that is built for an address."""
    return Labels(hashlib.sha256(base_url.encode()).hexdigest()[:12], cache, compression)
