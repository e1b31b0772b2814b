"""The references in every body → what they lead to, once the whole site is known."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import TypeAlias
from unicodedata import normalize
from urllib.parse import unquote

from kommunebeta.answers import digest
from kommunebeta.errors import Problem, Severity
from kommunebeta.gather import Gathered
from kommunebeta.images import PictureError
from kommunebeta.media import Media
from kommunebeta.model import Document, Embed, Entry, Picture, Reference, ReferenceKind
from kommunebeta.permalinks import normalised
from kommunebeta.sources import MARKDOWN_ENDINGS

Target: TypeAlias = str | Picture | Embed | None


@dataclass(frozen=True, slots=True)
class Body:
    """A body whose references are resolved.

    Attributes:
        document: the rendered Markdown; its HTML may be kept elsewhere.
        key: what the document is kept under, or empty.
        targets: for each reference an address in the site, a picture or an embed, or None for one
            that leads nowhere (a problem has been reported).
    """

    document: Document
    targets: tuple[Target, ...]
    key: str = ""

    @property
    def digest(self) -> str:
        """Equal for bodies that look the same, wherever their references stand in the file."""
        looks = [(ref.alt, ref.title, ref.attributes, ref.lone) for ref in self.document.references]
        return digest((self.document.digest or self.document.html, self.targets, looks))


_UNPUBLISHED = {
    "draft": "is a draft",
    "scheduled": "is not published yet",
    "expired": "is no longer published",
    "faulty": "has an error of its own",
}


class Links:
    """Resolves references against everything that will be published.

    Attributes:
        problems: what was found.
        anchored: the entries to whose headings others link.
    """

    def __init__(self, gathered: Gathered, published: frozenset[str]) -> None:
        """Take in what there is to link to.

        Args:
            gathered: the site, its bodies and media.
            published: every address that the site will have, files included.
        """
        self.media: Media = gathered.media
        self.unpublished = gathered.unpublished
        self.bodies = gathered.bodies
        self.keys = gathered.keys
        self.published = published
        entries: tuple[Entry, ...] = (*gathered.site.all_posts, *gathered.site.all_pages)
        self.by_source: Mapping[str, Entry] = {entry.source: entry for entry in entries}
        self.composed = {normalize("NFC", path): path for path in (*self.unpublished, *self.by_source)}
        self.by_address = {entry.address: entry.source for entry in entries}
        self.problems: list[Problem] = []
        self.anchored: set[str] = set()

    def body(self, source: str) -> Body:
        """Resolve the references of one entry."""
        document = self.bodies[source]
        embeds = iter(self.by_source[source].embeds)
        targets = tuple(
            next(embeds) if reference.kind is ReferenceKind.EMBED else self._resolve(reference, source)
            for reference in document.references
        )
        return Body(document, targets, self.keys.get(source, ""))

    def _resolve(self, reference: Reference, source: str) -> str | Picture | None:
        if reference.kind is ReferenceKind.PICTURE:
            return self._picture(reference, source)
        target, mark, fragment = reference.target.partition("#")
        target, query_mark, query = target.partition("?")
        tail = query_mark + query + mark + fragment
        if not target:
            self._check_anchor(fragment, source, reference, source)
            return tail
        address = self._address(target, source, reference)
        if address is None:
            return None
        other = self.by_address.get(address)
        if fragment and other:
            self.anchored.add(other)
            self._check_anchor(fragment, other, reference, source)
        return address + tail

    def _address(self, target: str, source: str, reference: Reference) -> str | None:
        if target.lower().endswith(MARKDOWN_ENDINGS):
            return self._entry_address(target, source, reference)
        if target.startswith("/"):
            for candidate in (target, normalised(target), target.rstrip("/") + "/index.html"):
                if candidate in self.published:
                    return candidate
        else:
            here = self.by_source[source].address.rpartition("/")[0] + "/"
            plain = posixpath.normpath(posixpath.join(here, target))
            for candidate in (plain, normalised(plain)):
                if candidate in self.published:
                    return candidate
        found = self.media.find(target, source)
        if found is not None:
            return self._file(found, source, reference)
        mend = "Link to a content file (../posts/navn.md), or to a file beside this one or in static/."
        self._report("KB030", reference, source, f"The link «{reference.target}» leads nowhere.", mend)
        return None

    def _file(self, path: str, source: str, reference: Reference) -> str | None:
        try:
            return self.media.file(path).address
        except OSError as error:
            message = f"{path} cannot be read: {error.strerror}."
            self._report("KB006", reference, source, message, "Check that it exists and its permissions.")
            return None

    def _entry_address(self, target: str, source: str, reference: Reference) -> str | None:
        folder = posixpath.dirname(source)
        candidates = (
            [target[1:], f"content{target}"] if target.startswith("/") else [posixpath.join(folder, target)]
        )
        for path in map(posixpath.normpath, candidates):
            candidate = self.composed.get(normalize("NFC", path), path)
            if candidate in self.by_source:
                return self.by_source[candidate].address
            reason = self.unpublished.get(candidate)
            if reason:
                mend = (
                    "Mend that file first."
                    if reason == "faulty"
                    else "Take the link out until then, or publish the target first."
                )
                self._report(
                    "KB030",
                    reference,
                    source,
                    f"The link leads to {candidate}, which {_UNPUBLISHED[reason]}.",
                    mend,
                )
                return None
        self._report(
            "KB030", reference, source, f"There is no content file «{target}».", "Mend the path to the file."
        )
        return None

    def _check_anchor(self, fragment: str, target: str, reference: Reference, source: str) -> None:
        anchor = unquote(fragment)
        anchors = self.bodies[target].anchors
        if (
            anchor
            and anchor not in anchors
            and anchor not in ("top", "main", "content")
            and not anchor.startswith(":~:")
        ):
            known = ", ".join(heading.id for heading in self.bodies[target].headings[:8])
            where = "this text" if target == source else target
            mend = f"Headings there: {known}." if known else "The target has no headings."
            self._report(
                "KB031",
                reference,
                source,
                f"There is no heading «#{anchor}» in {where}.",
                mend,
                Severity.WARNING,
            )

    def _picture(self, reference: Reference, source: str) -> Picture | None:
        found = self.media.find(reference.target, source)
        if found is None:
            mend = "Put the file beside the text, or mend its name."
            self._report("KB032", reference, source, f"There is no picture «{reference.target}».", mend)
            return None
        try:
            return self.media.picture(found, alt=reference.alt, caption=reference.title)
        except PictureError as error:
            self._report(
                "KB033",
                reference,
                source,
                f"«{reference.target}»: {error}.",
                "Use a JPEG, PNG, WebP or SVG picture.",
            )
            return None

    def _report(
        self,
        code: str,
        reference: Reference,
        source: str,
        message: str,
        mend: str,
        severity: Severity = Severity.ERROR,
    ) -> None:
        self.problems.append(Problem(code, source, reference.line, reference.column, message, mend, severity))


def fill(
    body: Body,
    html: str,
    link: Callable[[str], str],
    picture: Callable[[Picture, Reference], str],
    embed: Callable[[Embed], str],
) -> str:
    """Put what references lead to into a body's HTML.

    Args:
        body: the body.
        html: its HTML, with references open.
        link: turns an address in the site into what stands in ``href``, not yet escaped.
        picture: turns a picture and the reference to it into an element.
        embed: turns an embed into an element.
    """
    pieces = html.split("\0")
    for at in range(1, len(pieces), 2):
        number = int(pieces[at])
        target = body.targets[number]
        if isinstance(target, Picture):
            pieces[at] = picture(target, body.document.references[number])
        elif isinstance(target, Embed):
            pieces[at] = embed(target)
        else:
            pieces[at] = escape(link(target)) if target else ""
    return "".join(pieces)
