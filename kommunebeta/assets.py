"""Style sheets, scripts, fonts and pictures of a theme, published under fingerprinted names.

A file's name carries a digest of its content, so that browsers may keep it for ever. In style
sheets, ``url()`` and ``@import`` of other assets follow their new names; a style sheet's digest
covers them, so a new font gives a new style sheet.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote

from kommunebeta.errors import ContentError, OutsideError, Problem
from kommunebeta.validation import nearest

_STRING = r"""(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')"""
_TOKEN = re.compile(
    rf"/\*.*?(?:\*/|\Z)|url\(\s*(?P<url>{_STRING}|[^\s\"'()]+)\s*\)|@import\s+(?P<import>{_STRING})|{_STRING}",
    re.DOTALL | re.IGNORECASE,
)
"""Comments and strings are read too, so that an address inside one of them is left alone."""


@dataclass(frozen=True, slots=True)
class Assets:
    """The assets of a site.

    Attributes:
        addresses: address from the site's root of each asset, by its name such as ``css/main.css``.
        items: path in the output folder and bytes of each asset, by path.
    """

    addresses: Mapping[str, str] = field(default_factory=dict)
    items: tuple[tuple[str, bytes], ...] = ()


def prepare_assets(files: Mapping[str, Path], made: Mapping[str, bytes] | None = None) -> Assets:
    """Fingerprint assets.

    Args:
        files: the files by name.
        made: assets without a file of their own, by name; a file of the same name wins.

    Raises:
        ContentError: a style sheet asks for an asset that does not exist, or imports itself.
        OutsideError: a file cannot be read.
    """
    return _Press(files, made or {}).press()


class _Press:
    def __init__(self, files: Mapping[str, Path], made: Mapping[str, bytes]) -> None:
        self.files = files
        self.made = made
        self.addresses: dict[str, str] = {}
        self.contents: dict[str, bytes] = {}
        self.open: list[str] = []
        self.problems: list[Problem] = []

    def press(self) -> Assets:
        for name in sorted({*self.files, *self.made}):
            self.address(name)
        if self.problems:
            raise ContentError(self.problems)
        return Assets(dict(sorted(self.addresses.items())), tuple(sorted(self.contents.items())))

    def address(self, name: str) -> str:
        if name not in self.addresses:
            self.open.append(name)
            data = self.read(name)
            if name.endswith(".css"):
                data = self.rewrite(name, data)
            stem, ending = posixpath.splitext(name)
            path = f"assets/{stem}.{hashlib.sha256(data).hexdigest()[:10]}{ending}"
            self.addresses[name] = f"/{path}"
            self.contents[path] = data
            self.open.pop()
        return self.addresses[name]

    def read(self, name: str) -> bytes:
        if name not in self.files:
            return self.made[name]
        try:
            return self.files[name].read_bytes()
        except OSError as error:
            raise OutsideError(f"The asset {name} cannot be read: {error.strerror}.") from error

    def rewrite(self, name: str, data: bytes) -> bytes:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            message = "The file is not valid UTF-8."
            self.problems.append(Problem("KB001", self.shown(name), 0, 0, message, "Save it as UTF-8."))
            return data

        def replace(match: re.Match[str]) -> str:
            part = "url" if match["url"] else "import"
            if not match[part]:
                return match[0]
            quote_sign = match[part][0] if match[part][0] in "\"'" else ""
            target = match[part][1:-1] if quote_sign else match[part]
            new = self.target(name, target, text.count("\n", 0, match.start()) + 1)
            start, end = (at - match.start() for at in match.span(part))
            return f"{match[0][:start]}{quote_sign}{new}{quote_sign}{match[0][end:]}"

        return _TOKEN.sub(replace, text).encode()

    def target(self, name: str, target: str, line: int) -> str:
        if re.match(r"[a-z][a-z0-9+.-]*:|/|#|$", target, re.IGNORECASE):
            return target
        path, tail = re.fullmatch(r"([^?#]*)(.*)", target, re.DOTALL).groups()  # type: ignore[union-attr]  # always matches
        other = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(path)))
        if other in self.open:
            circle = " → ".join([*self.open[self.open.index(other) :], other])
            message = f"Style sheets import each other: {circle}."
            self.report(name, line, message, "Take out one of the imports.")
            return target
        if other not in self.files and other not in self.made:
            near = nearest(other, tuple(sorted({*self.files, *self.made})))
            mend = f"Did you mean «{near}»?" if near else "Mend the path, or add the file."
            self.report(name, line, f"There is no asset «{other}».", mend)
            return target
        here = posixpath.dirname(f"/assets/{name}")
        return quote(posixpath.relpath(self.address(other), here)) + tail

    def report(self, name: str, line: int, message: str, mend: str) -> None:
        self.problems.append(Problem("KB056", self.shown(name), line, 0, message, mend))

    def shown(self, name: str) -> str:
        """The file as problems name it: in the site, or in the theme that it comes from."""
        file = self.files.get(name)
        folder = file.parents[name.count("/") + 1] if file else None
        if folder and (folder / "theme.yaml").is_file():
            return f"theme {folder.name}: assets/{name}"
        return f"assets/{name}"
