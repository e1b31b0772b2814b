"""Files that a web server or a host reads: headers, old addresses, the page for what is not there.

A build holds them in every form (``_headers``, ``headers/``, ``_redirects``, ``redirects/``). A target whose
settings name its server gets those that this server reads, written as it wants them, and no others.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, unquote
from xml.etree import ElementTree

from kommunebeta.deploy.parcel import LocalFile, is_fingerprinted, made_file
from kommunebeta.headers import content_type, sent_headers
from kommunebeta.redirects import netlify_redirects

Files = Mapping[str, LocalFile]

FOREVER = "public, max-age=31536000, immutable"
"""How long a fingerprinted file may be kept (RFC 8246)."""


class Server(StrEnum):
    """What shows the site to readers."""

    APACHE = "apache"
    NGINX = "nginx"
    CADDY = "caddy"
    IIS = "iis"
    AZURE_STATIC = "azure_static"
    NETLIFY = "netlify"
    CLOUDFLARE = "cloudflare"
    GITHUB_PAGES = "github_pages"
    NONE = "none"
    ANY = ""


SENDS_HEADERS = frozenset(Server) - {Server.GITHUB_PAGES, Server.NONE, Server.ANY}
"""Those that send the headers which a site asks for."""

_READ = {
    Server.APACHE: frozenset[str](),
    Server.NGINX: frozenset(("headers/nginx.conf", "redirects/nginx.map")),
    Server.CADDY: frozenset(("headers/Caddyfile",)),
    Server.NETLIFY: frozenset(("_headers", "_redirects")),
    Server.CLOUDFLARE: frozenset(("_headers", "_redirects")),
}
_HEADERS = ("_headers", "headers/apache.conf", "headers/nginx.conf", "headers/Caddyfile")
_REDIRECTS = ("_redirects", "redirects/apache.conf", "redirects/nginx.map")
_BUILT = frozenset((*_HEADERS, *_REDIRECTS))
NOT_SHOWN = _BUILT | {".htaccess", "web.config", "staticwebapp.config.json", ".nojekyll", "CNAME"}
"""Files that a server reads rather than shows."""

_PRINTED = r"\.[0-9a-f]{10}(-\d+)?\.\w+$"
_HIDDEN = r'RedirectMatch 404 "/\.(?!well-known/)"'
_MOST_OF_AZURE = 20_000
"""Bytes that Azure Static Web Apps takes of its file."""

_KNOWN_TO_IIS = frozenset(
    [
        ".avi",
        ".bmp",
        ".doc",
        ".docx",
        ".gz",
        ".mov",
        ".mpeg",
        ".mpg",
        ".otf",
        ".ppt",
        ".pptx",
        ".rtf",
        ".tif",
        ".tiff",
        ".ttf",
        ".wmv",
        ".xls",
        ".xlsx",
    ]
)
"""Endings for which IIS has a better type of its own than ours."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a server is to be told.

    Attributes:
        headers: for every response, by name.
        redirects: old and new paths from the host's root, in plain characters.
        base: the folder of the host that the site lives in, from ``/`` to ``/``.
        types: media types by the ending of names, with the dot.
        other: further endings, in lower case, of which no type is known here; a dot for names without one.
        named: media types of single files, by name.
        folders: the folders, all of whose files are fingerprinted.
        missing: whether there is a page for what is not there.
        built: the text of each built file for servers.
    """

    headers: Mapping[str, str]
    redirects: tuple[tuple[str, str], ...]
    base: str
    types: Mapping[str, str]
    other: tuple[str, ...]
    named: Mapping[str, str]
    folders: tuple[str, ...]
    missing: bool
    built: Mapping[str, str]


def for_server(server: Server, files: Files, base_path: str) -> dict[str, LocalFile]:
    """The files of a site for one server.

    Args:
        server: what shows the site; ``Server.ANY`` leaves everything as it was built.
        files: the site's files by path; what it has of its own, such as an ``.htaccess``, stays.
        base_path: the folder of the host that it lives in, from ``/`` to ``/``.

    Raises:
        OSError: a file cannot be read.
    """
    if server is Server.ANY:
        return dict(files)
    read = _READ.get(server, frozenset())
    chosen = {path: file for path, file in files.items() if path not in _BUILT or path in read}
    wanted = _wanted(files, base_path)
    for path, write in _WRITTEN.get(server, {}).items():
        text = write(wanted)
        if text and (path not in chosen or path in _BUILT):
            chosen[path] = made_file(path, text.encode())
    return chosen


def redirected(files: Files) -> tuple[tuple[str, str], ...]:
    """Old and new paths from the host's root, in plain characters, as ``_redirects`` tells them.

    Raises:
        OSError: it cannot be read.
    """
    return _pairs(_text_of(files, "_redirects"))


def policy(files: Files) -> str:
    """The content security policy that ``_headers`` asks for; empty where it asks for none.

    Raises:
        OSError: it cannot be read.
    """
    value, _ = sent_headers(_text_of(files, "_headers")).get("content-security-policy", ("", 0))
    return value


def _wanted(files: Files, base_path: str) -> _Wanted:
    built = {path: _text_of(files, path) for path in _BUILT if path in files}
    types: dict[str, str] = {}
    named: dict[str, str] = {}
    other: set[str] = set()
    for path in files.keys() - NOT_SHOWN:
        name = path.rpartition("/")[2]
        ending = name[name.rfind(".") :] if "." in name[1:] else ""
        usual = content_type(f"x{ending}")
        if not ending or usual == "application/octet-stream":
            other.add(ending.lower() or ".")
            continue
        types[ending] = usual
        if content_type(path) != usual:
            named[name] = content_type(path)
    return _Wanted(
        headers={_cased(name): value for name, (value, _) in sent_headers(built.get("_headers", "")).items()},
        redirects=_pairs(built.get("_redirects", "")),
        base=base_path,
        types=dict(sorted(types.items())),
        other=tuple(sorted(other)),
        named=dict(sorted(named.items())),
        folders=_printed_folders(files),
        missing="404.html" in files,
        built=built,
    )


def _text_of(files: Files, path: str) -> str:
    return files[path].read().decode("utf-8", "replace") if path in files else ""


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    lines = (line.split() for line in text.splitlines() if not line.startswith("#"))
    return tuple(
        (unquote(words[0]), unquote(words[1]))
        for words in lines
        if len(words) == 3 and words[2] in ("301", "301!")
    )


def _cased(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))


def _printed_folders(files: Files) -> tuple[str, ...]:
    tops = {path.partition("/")[0] for path in files if "/" in path}
    plain = {path.partition("/")[0] for path in files if not is_fingerprinted(path)}
    return tuple(sorted(tops - plain))


def _htaccess(wanted: _Wanted) -> str:
    """Apache's ``.htaccess`` (core, mod_dir, mod_mime, mod_headers, mod_alias)."""
    lines = ["DirectoryIndex index.html"]
    if wanted.missing:
        lines.append(f'ErrorDocument 404 "{wanted.base}404.html"')
    lines += [f"AddType '{kind}' {ending}" for ending, kind in wanted.types.items()]
    for name, kind in wanted.named.items():
        lines += [f'<Files "{name}">', f"ForceType '{kind}'", "</Files>"]
    headers = [line for line in wanted.built.get("headers/apache.conf", "").splitlines() if line]
    lines += ["<IfModule mod_headers.c>", *headers]
    lines += [
        f'<FilesMatch "{_PRINTED}">',
        f'Header set Cache-Control "{FOREVER}"',
        "</FilesMatch>",
        "</IfModule>",
    ]
    rules = wanted.built.get("redirects/apache.conf", "").splitlines()
    lines += ["<IfModule mod_alias.c>", _HIDDEN, *rules, "</IfModule>"]
    return "\n".join(lines) + "\n"


def _headers(wanted: _Wanted) -> str:
    """``_headers`` of Netlify and Cloudflare Pages, with the lifetime of fingerprinted files."""
    rules = [f"/{quote(folder)}/*\n  Cache-Control: {FOREVER}\n" for folder in wanted.folders]
    return wanted.built.get("_headers", "") + "".join(rules)


def _netlify_redirects(wanted: _Wanted) -> str:
    """``_redirects`` with ``!``: else Netlify shows the page that leads on, which stands at the old address.

    Source: Netlify, «Redirect options», on shadowing. A file of the site's own stays as it is.
    """
    built = wanted.built.get("_redirects", "")
    ours = "*" not in built and built == netlify_redirects(wanted.redirects)
    return "".join(f"{line}!\n" for line in built.splitlines()) if ours else built


def _caddy(wanted: _Wanted) -> str:
    """``headers/Caddyfile``, to be imported in a site of a Caddyfile."""
    kinds = [(f"path *{ending}", kind) for ending, kind in wanted.types.items() if ending != ".html"]
    if wanted.named:  # which of two that fit wins depends on Caddy's version
        others = " ".join(f"*/{name}" for name in wanted.named)
        kinds = [(f"{matcher}\n\tnot path {others}", kind) for matcher, kind in kinds]
    kinds += [(f"path */{name}", kind) for name, kind in wanted.named.items()]
    types = "".join(
        f'@type{at} {{\n\t{matcher}\n\tfile\n}}\nheader @type{at} Content-Type "{kind}"\n'
        for at, (matcher, kind) in enumerate(kinds)
    )
    prints = f'@printed path_regexp {_PRINTED}\nheader @printed Cache-Control "{FOREVER}"\n'
    return wanted.built.get("headers/Caddyfile", "") + types + prints


def _caddy_redirects(wanted: _Wanted) -> str:
    """``redirects/Caddyfile``; addresses that Caddy would take for patterns are left to the pages."""
    plain = (pair for pair in wanted.redirects if not set('*{}"\\`') & set(pair[0]))
    return "".join(f'redir "{old}" "{quote(new)}" 301\n' for old, new in plain)


def _azure(wanted: _Wanted) -> str:
    """``staticwebapp.config.json`` of Azure Static Web Apps.

    It may not grow large: redirects that find no room are left to the pages that stand at old addresses.
    """
    value: dict[str, object] = {
        "globalHeaders": dict(wanted.headers),
        "mimeTypes": dict(wanted.types),
    }
    if wanted.missing:
        value["responseOverrides"] = {"404": {"rewrite": f"{wanted.base}404.html", "statusCode": 404}}
    routes: list[dict[str, object]] = [
        {"route": f"{wanted.base}{folder}/*", "headers": {"Cache-Control": FOREVER}}
        for folder in wanted.folders
    ]
    room = _MOST_OF_AZURE - len(_json({**value, "routes": routes}).encode())
    for old, new in wanted.redirects:
        more: dict[str, object] = {"route": old, "redirect": quote(new), "statusCode": 301}
        room -= len(json.dumps(more, indent=4)) + len(",\n")
        if quote(old) == old and "*" not in old and room > 0:
            routes.append(more)
    return _json({**value, "routes": routes})


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _iis(wanted: _Wanted) -> str:
    """``web.config`` of IIS, with what every installation of it has.

    Redirects would need a module, without which IIS shows nothing at all; pages stand at old addresses.
    It answers 404.3 for files whose ending has no type, so each ending gets one.

    Source: Microsoft, «Adding Static Content MIME Mappings <mimeMap>» and «HTTP Errors <httpErrors>».
    """
    root = ElementTree.Element("configuration")
    server = ElementTree.SubElement(root, "system.webServer")
    documents = ElementTree.SubElement(ElementTree.SubElement(server, "defaultDocument"), "files")
    ElementTree.SubElement(documents, "clear")
    ElementTree.SubElement(documents, "add", value="index.html")
    static = ElementTree.SubElement(server, "staticContent")
    other = dict.fromkeys(wanted.other, "application/octet-stream")
    for ending, kind in {**other, **wanted.types}.items():
        if ending in _KNOWN_TO_IIS:
            continue
        ElementTree.SubElement(static, "remove", fileExtension=ending)
        ElementTree.SubElement(static, "mimeMap", fileExtension=ending, mimeType=kind)
    protocol = ElementTree.SubElement(ElementTree.SubElement(server, "httpProtocol"), "customHeaders")
    for name, value in wanted.headers.items():
        ElementTree.SubElement(protocol, "remove", name=name)
        ElementTree.SubElement(protocol, "add", name=name, value=value)
    if wanted.missing:
        errors = ElementTree.SubElement(server, "httpErrors", errorMode="Custom")
        ElementTree.SubElement(errors, "remove", statusCode="404")
        ElementTree.SubElement(errors, "error", statusCode="404", path="404.html", responseMode="File")
    for folder in wanted.folders:
        part = ElementTree.SubElement(root, "location", path=folder)
        inside = ElementTree.SubElement(ElementTree.SubElement(part, "system.webServer"), "staticContent")
        lifetime = {"cacheControlMode": "UseMaxAge", "cacheControlMaxAge": "365.00:00:00"}
        ElementTree.SubElement(inside, "clientCache", lifetime, cacheControlCustom="public, immutable")
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


_Writers = Mapping[str, Callable[[_Wanted], str]]
_WRITTEN: Mapping[Server, _Writers] = {
    Server.APACHE: {".htaccess": _htaccess},
    Server.NETLIFY: {"_headers": _headers, "_redirects": _netlify_redirects},
    Server.CLOUDFLARE: {"_headers": _headers},
    Server.CADDY: {"headers/Caddyfile": _caddy, "redirects/Caddyfile": _caddy_redirects},
    Server.AZURE_STATIC: {"staticwebapp.config.json": _azure},
    Server.IIS: {"web.config": _iis},
}
