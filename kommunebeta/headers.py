"""The headers that a host should send with a site: what a browser may load, and what it may tell others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

_POLICY = {
    "default-src": ("'none'",),
    "script-src": ("'self'",),
    "style-src": ("'self'",),
    "img-src": ("'self'",),
    "font-src": ("'self'",),
    "media-src": ("'self'",),
    "connect-src": ("'self'",),
    "manifest-src": ("'self'",),
    "form-action": ("'self'",),
    "base-uri": ("'none'",),
    "frame-ancestors": ("'none'",),
}


PLACE = "geolocation=(self)"
"""What lets a page of the site ask the browser where the reader is (Permissions Policy)."""


def content_security_policy(more: Mapping[str, Iterable[str]] | None = None) -> str:
    """The policy that keeps a page to the site's own files (Content Security Policy Level 3).

    Args:
        more: further sources by directive, such as ``{"connect-src": ["ws://localhost:8000"]}``.
    """
    policy = {directive: list(sources) for directive, sources in _POLICY.items()}
    for directive, sources in (more or {}).items():
        known = policy.setdefault(directive, [])
        known[:] = [*(source for source in known if source != "'none'"), *sources]
    return "; ".join(f"{directive} {' '.join(sources)}" for directive, sources in policy.items())


def security_headers(
    more: Mapping[str, Iterable[str]] | None = None, *, place: bool = False
) -> dict[str, str]:
    """Headers for every response.

    Args:
        more: further sources for the content security policy, by directive.
        place: whether a page may ask the browser where the reader is, if the reader wants that.
    """
    where = PLACE if place else "geolocation=()"
    return {
        "Content-Security-Policy": content_security_policy(more),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": f"camera=(), {where}, microphone=(), browsing-topics=()",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "X-Content-Type-Options": "nosniff",
    }


def netlify_headers(headers: Mapping[str, str]) -> str:
    """The file ``_headers`` of Netlify and Cloudflare Pages: for every address."""
    return "/*\n" + "".join(f"  {name}: {value}\n" for name, value in headers.items())


def apache_headers(headers: Mapping[str, str]) -> str:
    """Lines for Apache's ``mod_headers``, to be included or put into ``.htaccess``."""
    return "".join(f'Header always set {name} "{value}"\n' for name, value in headers.items())


def nginx_headers(headers: Mapping[str, str]) -> str:
    """Lines to be included in nginx's ``server`` block."""
    return "".join(f'add_header {name} "{value}" always;\n' for name, value in headers.items())


def caddy_headers(headers: Mapping[str, str]) -> str:
    """Lines to be imported in a site of a Caddyfile."""
    return "header {\n" + "".join(f'\t{name} "{value}"\n' for name, value in headers.items()) + "}\n"


HEADER_FILES: Mapping[str, Callable[[Mapping[str, str]], str]] = {
    "_headers": netlify_headers,
    "headers/apache.conf": apache_headers,
    "headers/nginx.conf": nginx_headers,
    "headers/Caddyfile": caddy_headers,
}
"""The outputs that tell hosts and web servers which headers to send."""

_WIDENED = re.compile(r"\b(frame-src|form-action|connect-src) ([^;\n]*)")


def policy_sources(text: str) -> dict[str, tuple[str, ...]]:
    """What a policy, such as one in a file ``_headers``, allows beside the site itself, by directive.

    Frames come from the films that a site shows, the others from where its forms go.
    """
    found = {
        directive: tuple(source for source in sources.split() if not source.startswith("'"))
        for directive, sources in _WIDENED.findall(text)
    }
    return {directive: sources for directive, sources in found.items() if sources}


_SENT = re.compile(
    r"[ \t]*(?:header[ \t]+(?:always[ \t]+)?set[ \t]+|add_header[ \t]+)?([a-z][a-z-]*):?[ \t]+"
    r"\"?([^\"{]+?)\"?(?:[ \t]+always)?[ \t]*;?[ \t]*",
    re.IGNORECASE,
)
_SECTION = ("/", "https://", "http://")


def sent_headers(text: str) -> dict[str, tuple[str, int]]:
    """What a file such as those of ``HEADER_FILES`` has a host send with every page.

    Args:
        text: what it holds; of ``_headers``, what is meant for some addresses alone is passed over.

    Returns:
        Value and 1-based line of each header, by its name in lower case.
    """
    found: dict[str, tuple[str, int]] = {}
    everywhere = True
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(_SECTION):
            everywhere = line.strip() == "/*"
        elif everywhere and (match := _SENT.fullmatch(line)):
            found.setdefault(match[1].lower(), (match[2], number))
    return found


def parse_policy(value: str) -> dict[str, tuple[str, ...]]:
    """The sources of each directive of a policy; of a directive that stands twice, the first.

    Source: Content Security Policy Level 3, 2.2.1 «Parse a serialized CSP».
    """
    found: dict[str, tuple[str, ...]] = {}
    for part in value.split(",")[0].split(";"):
        words = part.split()
        if words:
            found.setdefault(words[0].lower(), tuple(words[1:]))
    return found


_MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "conf": "text/plain; charset=utf-8",
    "map": "text/plain; charset=utf-8",
    "xml": "application/xml; charset=utf-8",
    "json": "application/json; charset=utf-8",
    "webmanifest": "application/manifest+json; charset=utf-8",
    "ics": "text/calendar; charset=utf-8",
    "vtt": "text/vtt; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "svg": "image/svg+xml; charset=utf-8",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "avif": "image/avif",
    "ico": "image/x-icon",
    "woff2": "font/woff2",
    "woff": "font/woff",
    "mp4": "video/mp4",
    "m4v": "video/mp4",
    "webm": "video/webm",
    "ogv": "video/ogg",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "ogg": "audio/ogg",
    "oga": "audio/ogg",
    "opus": "audio/ogg",
    "wav": "audio/wav",
    "flac": "audio/flac",
    "pdf": "application/pdf",
    "zip": "application/zip",
}
_FEEDS = {
    "feed.xml": "application/atom+xml; charset=utf-8",
    "rss.xml": "application/rss+xml; charset=utf-8",
    "feed.json": "application/feed+json; charset=utf-8",
}


def content_type(path: str) -> str:
    """The media type of an output, with its character set where it is text.

    Args:
        path: the output, such as ``2026/05/x/index.html``.
    """
    name = path.rpartition("/")[2]
    if name in _FEEDS:
        return _FEEDS[name]
    if name in ("_redirects", "_headers", "Caddyfile"):
        return _MEDIA_TYPES["txt"]
    return _MEDIA_TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream")
