"""Headers for hosts: strict by default, wider only where something is asked for."""

from __future__ import annotations

import pytest

from kommunebeta.headers import (
    content_security_policy,
    content_type,
    netlify_headers,
    policy_sources,
    security_headers,
)


def test_nothing_from_elsewhere_is_allowed_by_default() -> None:
    policy = content_security_policy()
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_what_is_added_replaces_none_and_joins_self() -> None:
    policy = content_security_policy({"frame-src": ["https://video.example"], "connect-src": ["ws://x"]})
    assert "frame-src https://video.example" in policy
    assert "connect-src 'self' ws://x" in policy
    assert "frame-ancestors 'none'" in content_security_policy()
    assert "frame-ancestors https://kommune.example" in content_security_policy(
        {"frame-ancestors": ["https://kommune.example"]}
    )


def test_what_was_added_can_be_read_back_from_the_file_of_a_host() -> None:
    more = {
        "frame-src": ("https://video.example", "https://slides.example"),
        "form-action": ("https://skjema.example", "mailto:"),
        "connect-src": ("https://skjema.example",),
    }
    assert policy_sources(netlify_headers(security_headers(more))) == more
    assert policy_sources(netlify_headers(security_headers())) == {}
    assert policy_sources("") == {}


def test_every_response_says_that_types_are_not_to_be_guessed() -> None:
    assert security_headers()["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("index.html", "text/html; charset=utf-8"),
        ("emne/skole/feed.xml", "application/atom+xml; charset=utf-8"),
        ("rss.xml", "application/rss+xml; charset=utf-8"),
        ("sitemap.xml", "application/xml; charset=utf-8"),
        ("manifest.webmanifest", "application/manifest+json; charset=utf-8"),
        ("media/x.WEBP", "image/webp"),
        ("_redirects", "text/plain; charset=utf-8"),
        ("files/abc/ukjent.xyz", "application/octet-stream"),
    ],
)
def test_the_media_type_follows_the_name(path: str, expected: str) -> None:
    assert content_type(path) == expected
