"""The headers that a host should send with a site: what a browser may load, and what it may tell others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

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


def security_headers(more: Mapping[str, Iterable[str]] | None = None) -> dict[str, str]:
    """Headers for every response.

    Args:
        more: further sources for the content security policy, by directive.
    """
    return {
        "Content-Security-Policy": content_security_policy(more),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), browsing-topics=()",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "X-Content-Type-Options": "nosniff",
    }


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
    "webm": "video/webm",
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
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
    if name in ("_redirects", "_headers"):
        return _MEDIA_TYPES["txt"]
    return _MEDIA_TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream")
