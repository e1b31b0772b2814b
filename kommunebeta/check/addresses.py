"""Addresses as pages write them → where they lead on this site."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import Enum
from functools import cached_property
from urllib.parse import unquote, urlsplit

from kommunebeta.check.redirectrules import Redirect, RedirectRules

_MOST_KNOWN = 200_000
_MOST_ALIKE = 3000
_AROUND = "".join(map(chr, range(0x21)))
_WITHIN = str.maketrans("", "", "\t\n\r")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_HOST = re.compile(r"[\w-]+(\.[\w-]+)*\.?|\[[0-9A-Fa-f:.]+\]")
_OWN_MACHINE = re.compile(r"localhost|.+\.localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1\]", re.IGNORECASE)
_OWN_DISK = re.compile(r"[A-Za-z]:[\\/]|\\\\\w|file:", re.IGNORECASE)
_LIKE_HOST = re.compile(
    r"(?:www\.[\w-]+\.[a-z]{2,}|[\w-]+(?:\.[\w-]+)*\.(?:no|com|org|net|eu))(?=[/:?#]|$)", re.IGNORECASE
)
_SCHEMES = ("http", "https", "mailto", "tel")
_MEANT = {
    "tlf": "tel",
    "telefon": "tel",
    "mobil": "tel",
    "epost": "mailto",
    "e-post": "mailto",
    "mail": "mailto",
    "email": "mailto",
}
_NAMES = (
    "about acct bankid blob bitcoin callto cid data facetime ftp ftps geo git im imap intent irc ircs "
    "javascript ldap magnet maps market matrix mid msteams news nntp rtsp sftp sgnl sip sips skype sms "
    "smsto ssh steam tg urn viber view-source vipps webcal whatsapp ws wss xmpp zoommtg zoomus"
)
_KNOWN = frozenset(_NAMES.split())
_NOWHERE = "leads nowhere"
_ON_DISK = "is a file on somebody's own computer"
_UPLOAD = "Put the file beside the text or in static/, and link to it there."


class Way(Enum):
    """How an address leads on."""

    OUTPUT = "to an output of the site"
    LEANING = "to an output of the site, as long as the host is kind"
    OLD = "to an address that the host leads on from"
    ELSEWHERE = "to another site"
    OTHER = "to something that is no page, such as a mail program"
    BROKEN = "nowhere"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an address leads.

    Attributes:
        way: how.
        target: the output, which may be missing; or the full address elsewhere.
        fragment: what follows ``#``, as it is written.
        reason: for what is broken or leans on the host, what is wrong, as in ``leads nowhere``.
        mend: what to do about it, a sentence; may be empty.
        plain_http: it is asked for without encryption.
    """

    way: Way
    target: str = ""
    fragment: str = ""
    reason: str = ""
    mend: str = ""
    plain_http: bool = False

    @property
    def is_there(self) -> bool:
        """Whether it leads to an output of the site."""
        return self.way is Way.OUTPUT or self.way is Way.LEANING


class AddressBook:
    """Knows every address of a site, and remembers where addresses lead."""

    def __init__(self, base_url: str, outputs: frozenset[str], rules: Iterable[Redirect] = ()) -> None:
        """Begin.

        Args:
            base_url: the address of the site, with a slash at the end.
            outputs: every file of it.
            rules: where its host leads readers on.
        """
        parts = urlsplit(base_url)
        self.base: str = parts.path or "/"
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.rules = RedirectRules(rules)
        self._secure = parts.scheme == "https"
        self._host = _host(parts.netloc, parts.scheme)
        self._outputs = outputs
        self._known: dict[tuple[str, str], Destination] = {}
        self._nearest: dict[str, str] = {}

    def lead(self, address: str, page: str) -> Destination:
        """Where an address leads.

        Args:
            address: as a page or a file has it.
            page: the output in which it stands.
        """
        if is_same_on_every_page(address):
            folder = ""
        else:
            address = _plain(address)
            folder = posixpath.dirname(page) if address[:1] not in ("", "#", "?") else page
        found = self._known.get((folder, address))
        if found is None:
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
            found = self._known[folder, address] = self._lead(_plain(address), page)
        return found

    def shown(self, output: str) -> str:
        """The address of an output, from the host's root."""
        folder, _, name = output.rpartition("/")
        return self.base + (f"{folder}/".lstrip("/") if name == "index.html" else output)

    def _lead(self, address: str, page: str) -> Destination:
        if _OWN_DISK.match(address):
            return Destination(Way.BROKEN, reason=_ON_DISK, mend=_UPLOAD)
        scheme = _SCHEME.match(address)
        if scheme and scheme[1].lower() not in ("http", "https"):
            return _other(address, scheme[1].lower(), address[scheme.end() :])
        address = address.replace("\\", "/")
        rest, mark, fragment = address.partition("#")
        if scheme or rest.startswith("//"):
            found = self._in_full(rest, scheme[1].lower() if scheme else "https")
        elif not rest.partition("?")[0]:
            found = Destination(Way.OUTPUT, page)
        else:
            found = self._by_path(rest.partition("?")[0], page)
        return replace(found, fragment=fragment) if mark else found

    def _in_full(self, address: str, scheme: str) -> Destination:
        """Where an address with a host leads."""
        told = address.partition(":")[2] if address[:1] != "/" else address
        if not told.startswith("//") or told.startswith("///"):
            return _unreadable(f"{scheme}://{told.lstrip('/')}" if told.strip("/") else "")
        try:
            parts = urlsplit(f"{scheme}:{told}")
            host = _host(parts.netloc, scheme)
        except ValueError:
            return _unreadable("")
        if host == self._host:
            return self._own(parts.path or "/", scheme)
        name = host.rpartition(":")[0]
        if not _HOST.fullmatch(name):
            return _unreadable("")
        if _OWN_MACHINE.fullmatch(name):
            return Destination(Way.BROKEN, reason="leads to the reader's own computer")
        return Destination(Way.ELSEWHERE, f"{scheme}:{told}", plain_http=scheme == "http")

    def _own(self, path: str, scheme: str) -> Destination:
        """Where an address of this host leads that is written in full."""
        path = _decoded(path)
        if not (path + "/").startswith(self.base):
            return Destination(Way.ELSEWHERE, f"{scheme}://{self._host}{path}", plain_http=scheme == "http")
        found = self._in_site(path)
        if scheme != "http" or not self._secure:
            return found
        if found.way is Way.OUTPUT:
            reason = "asks for the site without encryption"
            found = replace(found, way=Way.LEANING, reason=reason, mend="Write https: instead of http:.")
        return replace(found, plain_http=True)

    def _by_path(self, written: str, page: str) -> Destination:
        """Where a path leads."""
        whole = (
            written
            if written.startswith("/")
            else self.base + posixpath.join(posixpath.dirname(page), written)
        )
        path = _decoded(whole)
        if not (path + "/").startswith(self.base):
            meant = self._in_site(self.base + path.lstrip("/"))
            if meant.way is Way.OUTPUT:
                mend = f"Write {self.shown(meant.target)}: the site lives in {self.base}."
                return Destination(Way.BROKEN, reason="leads out of the site", mend=mend)
            return Destination(Way.ELSEWHERE, self.origin + path)
        found = self._in_site(path)
        if found.way is Way.BROKEN and not written.startswith("/"):
            like = re.match(r"(https?|mailto)/+(?=[\w.@-]+)", written)
            if like:
                return _unreadable(f"{like[1]}://{written[like.end() :]}")
            if _LIKE_HOST.match(written):
                return _unreadable(f"https://{written}")
        return found

    def _in_site(self, path: str) -> Destination:
        """Where a decoded path leads that lies in the site's own folder."""
        inside = path.removeprefix(self.base) if path.startswith(self.base) else ""
        output = inside + "index.html" if not inside or inside.endswith("/") else inside
        rule = self.rules.find(path, forced=output in self._outputs)
        if rule is not None:
            return self._led_on(rule, output)
        if output in self._outputs:
            return self._found(output, inside)
        for name, reason in (
            (f"{inside}/index.html", "lacks the slash at its end"),
            (f"{inside}.html", "lacks the ending .html"),
        ):
            if name in self._outputs:
                mend = f"Write {self.shown(name)}."
                return Destination(Way.LEANING, name, reason=reason, mend=mend)
        return Destination(Way.BROKEN, output, reason=_NOWHERE, mend=self._meant(output))

    def _found(self, output: str, inside: str) -> Destination:
        if inside == "index.html" or inside.endswith("/index.html"):
            mend = f"Write {self.shown(output)}."
            return Destination(Way.LEANING, output, reason="names index.html", mend=mend)
        return Destination(Way.OUTPUT, output)

    def _led_on(self, rule: Redirect, output: str) -> Destination:
        if rule.leads_on:
            named = "" if rule.pattern else f"Link to {rule.new}."
            return Destination(Way.OLD, output, reason=rule.new, mend=named)
        return Destination(Way.OUTPUT if output in self._outputs else Way.OTHER, output)

    def _meant(self, output: str) -> str:
        """The address that was most likely meant, as a sentence; empty where none is close."""
        if output not in self._nearest:
            self._nearest[output] = self._close(output)
        close = self._nearest[output]
        if not close:
            return ""
        if close.lower() == output.lower():
            return f"Mind upper and lower case: {self.shown(close)}."
        return f"Did you mean {self.shown(close)}?"

    def _close(self, output: str) -> str:
        folded = self._folded.get(output.lower())
        if folded:
            return folded
        name = _telling(output)
        same = self._named.get(name, ())
        if len(same) == 1:
            return same[0]
        beside = [path for path in self._beside.get(_above(output), ()) if abs(len(path) - len(output)) < 8]
        close = get_close_matches(output, [*same[:_MOST_ALIKE], *beside[:_MOST_ALIKE]], 1, 0.8)
        if not close:
            names = [near for near in self._named if abs(len(near) - len(name)) < 3][:_MOST_ALIKE]
            near = get_close_matches(name, names, 1, 0.85)
            close = self._named[near[0]][:1] if near else []
        return close[0] if close else ""

    @cached_property
    def _folded(self) -> Mapping[str, str]:
        """The outputs by their path in lower case."""
        return {path.lower(): path for path in sorted(self._outputs)}

    @cached_property
    def _named(self) -> Mapping[str, list[str]]:
        """The outputs by what tells them apart."""
        found: dict[str, list[str]] = defaultdict(list)
        for path in sorted(self._outputs):
            found[_telling(path)].append(path)
        return found

    @cached_property
    def _beside(self) -> Mapping[str, list[str]]:
        """The outputs by the folder that they lie in, seen as addresses."""
        found: dict[str, list[str]] = defaultdict(list)
        for path in sorted(self._outputs):
            found[_above(path)].append(path)
        return found


def is_same_on_every_page(address: str) -> bool:
    """Whether an address leads to one place wherever it stands."""
    return address.startswith(("/", "https://", "http://"))


def _plain(address: str) -> str:
    """An address as browsers read it, without the white space around it and the line breaks in it."""
    return address.strip(_AROUND).translate(_WITHIN)


def _decoded(path: str) -> str:
    """A path in plain characters and without detours, with the slash at its end if it has one."""
    folder = path.endswith(("/", "/.", "/.."))
    plain = posixpath.normpath(unquote(path))
    plain = "/" + plain.lstrip("/")
    return plain + "/" if folder and plain != "/" else plain


def _host(netloc: str, scheme: str) -> str:
    """A host and its port, in one way of writing."""
    parts = urlsplit(f"{scheme}://{netloc}")
    name = (parts.hostname or "").rstrip(".")
    if not name.isascii():
        with suppress(UnicodeError):
            name = name.encode("idna").decode("ascii")
    if ":" in name:
        name = f"[{name}]"
    return f"{name}:{parts.port if parts.port not in (None, 80, 443) else ''}"


def _other(address: str, scheme: str, rest: str) -> Destination:
    """Where an address leads whose scheme is none of the web's."""
    if scheme == "mailto":
        to = unquote(rest.partition("?")[0])
        if to and any("@" not in one for one in to.strip(", ").split(",")):
            return Destination(Way.BROKEN, reason="holds no e-mail address with @")
    elif scheme == "tel" and not re.search(r"\d", rest):
        return Destination(Way.BROKEN, reason="holds no telephone number")
    elif _OWN_MACHINE.fullmatch(scheme):
        return Destination(Way.BROKEN, reason="leads to the reader's own computer")
    elif _LIKE_HOST.match(address):
        return _unreadable(f"https://{address}")
    elif scheme not in (*_SCHEMES, *_KNOWN):
        close = [_MEANT[scheme]] if scheme in _MEANT else get_close_matches(scheme, _SCHEMES, 1, 0.7)
        if close:
            return _unreadable(
                f"{close[0]}:{rest}" if close[0] in ("mailto", "tel") else f"{close[0]}://{rest.lstrip('/')}"
            )
    return Destination(Way.OTHER)


def _unreadable(meant: str) -> Destination:
    """An address that browsers do not understand as it was meant."""
    mend = f"Did you mean {meant}?" if meant else "Write it as https://www.example.no/side/."
    return Destination(Way.BROKEN, reason="is no address that a browser understands", mend=mend)


def _telling(output: str) -> str:
    """What tells an output from others: the name of the file, or of the folder of a page."""
    folder, _, name = output.rpartition("/")
    return (folder.rpartition("/")[2] or name if name == "index.html" else name).lower()


def _above(output: str) -> str:
    folder, _, name = output.rpartition("/")
    return folder.rpartition("/")[0] if name == "index.html" else folder
