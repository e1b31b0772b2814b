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

from kommunebeta.errors import ContentError, OutsideError, Problem

_URL = re.compile(r"""url\(\s*(["']?)([^"')]+)\1\s*\)|@import\s+(["'])([^"']+)\3""")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


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
            stem, dot, ending = name.rpartition(".")
            digest = hashlib.sha256(data).hexdigest()[:10]
            path = f"assets/{stem}.{digest}.{ending}" if dot else f"assets/{name}.{digest}"
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
            self.problems.append(
                Problem("KB001", f"assets/{name}", 0, 0, "The file is not valid UTF-8.", "Save it as UTF-8.")
            )
            return data
        comments = [match.span() for match in _COMMENT.finditer(text)]

        def replace(match: re.Match[str]) -> str:
            if any(start <= match.start() < end for start, end in comments):
                return match[0]
            target = match[2] or match[4]
            new = self.target(name, target, text[: match.start()].count("\n") + 1)
            return match[0].replace(target, new)

        return _URL.sub(replace, text).encode()

    def target(self, name: str, target: str, line: int) -> str:
        if re.match(r"[a-z][a-z0-9+.-]*:|//|/|#", target, re.IGNORECASE):
            return target
        path, mark, rest = target.partition("?") if "?" in target else target.partition("#")
        other = posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
        if other in self.open:
            circle = " → ".join([*self.open[self.open.index(other) :], other])
            self.problems.append(
                Problem("KB056", f"assets/{name}", line, 0, f"Style sheets import each other: {circle}.")
            )
            return target
        if other not in self.files and other not in self.made:
            message = f"There is no asset «{other}»."
            self.problems.append(
                Problem("KB056", f"assets/{name}", line, 0, message, "Mend the path, or add the file.")
            )
            return target
        here = posixpath.dirname(f"/assets/{name}")
        return posixpath.relpath(self.address(other), here) + mark + rest
