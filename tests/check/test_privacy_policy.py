"""Headers that protect too little, and pages that need what the headers forbid."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest

from kommunebeta.check.finding import Fault
from kommunebeta.check.noted import NotedSurroundings
from kommunebeta.check.privacy.forbidden import forbidden_by_policy, forbidden_in_style_sheets
from kommunebeta.check.privacy.policy import weak_headers
from kommunebeta.headers import HEADER_FILES, parse_policy, security_headers, sent_headers
from tests.check.around import around, page, told, with_policy

SOURCES = {path: f"static/{path}" for path in HEADER_FILES}


def weak(text: str, path: str = "_headers") -> list[str]:
    found = weak_headers(path, text.encode(), around(sources=SOURCES))
    return [fault.message for fault in found]


def policy(value: str) -> list[str]:
    rest = "  Referrer-Policy: no-referrer\n  X-Content-Type-Options: nosniff\n"
    return weak(f"/*\n  Content-Security-Policy: {value}\n{rest}")


STRICT = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"


@pytest.mark.parametrize("path", HEADER_FILES)
def test_our_own_headers_have_no_gap_in_any_form(path: str) -> None:
    more = {"frame-src": ("https://video.example",), "form-action": ("https://innspill.example", "mailto:")}
    assert weak(HEADER_FILES[path](security_headers(more)), path) == []
    assert sent_headers(HEADER_FILES[path](security_headers(more))).keys() == {
        name.lower() for name in security_headers()
    }


def test_headers_that_the_site_does_not_replace_are_not_looked_into() -> None:
    assert list(weak_headers("_headers", b"", around())) == []


def test_missing_headers_are_told() -> None:
    assert weak("# nothing\n/bilder/*\n  Content-Security-Policy: default-src 'none'\n") == [
        "The header Content-Security-Policy is not sent with every page.",
        "The header Referrer-Policy is not sent with every page.",
        "The header X-Content-Type-Options: nosniff is not sent with every page.",
    ]


@pytest.mark.parametrize(
    ("more", "gap"),
    [
        ("script-src 'self' 'unsafe-inline'", "lets pages hold scripts or styles themselves (script-src)"),
        ("style-src 'unsafe-inline'", "lets pages hold scripts or styles themselves (style-src)"),
        ("script-src 'unsafe-eval'", "lets scripts run texts as code (script-src)"),
        ("img-src *", "allows every server by «*» (img-src)"),
        ("img-src https:", "allows every server by «https:» (img-src)"),
        ("script-src data:", "allows «data:» for what is run (script-src)"),
        (
            "font-src https://fonts.example",
            "allows «https://fonts.example», from which the site needs nothing (font-src)",
        ),
        ("connect-src *", "allows every server by «*» (connect-src)"),
    ],
)
def test_a_wide_policy_is_told(more: str, gap: str) -> None:
    assert policy(f"{STRICT}; {more}") == [f"The content security policy {gap}."]


@pytest.mark.parametrize(
    "more",
    [
        "script-src 'self' 'sha256-abc=' 'unsafe-inline'",
        "img-src 'self' data:",
        "connect-src 'self' https://innspill.example",
        "frame-src https://video.example",
        "upgrade-insecure-requests",
        "",
    ],
)
def test_a_policy_may_allow_what_the_site_needs(more: str) -> None:
    assert policy(f"{STRICT}; {more}") == []


def test_directives_that_nothing_stands_in_for_are_missed() -> None:
    assert policy("script-src 'self'") == [
        "The content security policy has no default-src, so that everything is allowed that it does not name.",
        "The content security policy has no base-uri.",
        "The content security policy has no form-action.",
        "The content security policy has no frame-ancestors.",
    ]


def test_a_gap_is_told_at_its_line_in_the_form_of_nginx() -> None:
    text = f'# x\nadd_header Content-Security-Policy "{STRICT}; img-src *" always;\n'
    first, *_ = weak_headers("headers/nginx.conf", text.encode(), around(sources=SOURCES))
    assert (first.code, first.path, first.line) == ("KB162", "static/headers/nginx.conf", 2)


def test_of_a_directive_that_stands_twice_browsers_take_the_first() -> None:
    assert parse_policy("IMG-SRC 'self';; img-src *; upgrade-insecure-requests") == {
        "img-src": ("'self'",),
        "upgrade-insecure-requests": (),
    }


@pytest.fixture
def strict(tmp_path: Path) -> NotedSurroundings:
    return with_policy(tmp_path, {"form-action": ["https://innspill.prove.example"]})


def forbidden(markup: str, surroundings: NotedSurroundings) -> list[Fault]:
    return list(forbidden_by_policy(page(markup), surroundings))


@pytest.mark.parametrize(
    "markup",
    [
        "<script>go()</script>",
        "<script type=module>go()</script>",
        "<style>p { color: red }</style>",
        "<p style='color: red'>x</p>",
        "<svg><style>a {}</style></svg>",
        "<button onclick='go()'>x</button>",
        "<a href='javascript:go()'>x</a>",
        "<a href='JAVASCRIPT:go()'>x</a>",
        "<img src='data:image/gif;base64,AA' alt=''>",
        "<svg><image href='data:image/png;base64,AA'/></svg>",
        "<iframe src='/x/' title='x'></iframe>",
        "<object data='/x.svg'></object>",
        "<embed src='/x.pdf'>",
        "<div data-embed='https://video.example/1'></div>",
        "<form action='mailto:post@prove.example'></form>",
    ],
)
def test_what_our_policy_forbids_is_found(markup: str, strict: NotedSurroundings) -> None:
    (fault,) = forbidden(markup, strict)
    assert fault.code == "KB163"
    assert fault.clue is not None


@pytest.mark.parametrize(
    "markup",
    [
        "<script src='/a.js'></script>",
        "<script type='application/ld+json'>{}</script>",
        "<script> </script>",
        "<form action='/x/' method='post'></form>",
        "<form action='https://innspill.prove.example/x' method='post'></form>",
        "<form></form>",
        "<img src='/data:x.png' alt=''>",
        "<a href='/javascript:/'>x</a>",
        "<a href='data:text/plain,x' download>x</a>",
        "<svg><path fill='red' stroke-width='2'/></svg>",
        "<p id='only' data-onclick='x'>one</p>",
        "<iframe srcdoc='x' title='x'></iframe>",
        "<iframe src='about:blank' title='x'></iframe>",
        "<p>javascript:go() data:image/png</p>",
    ],
)
def test_what_our_policy_allows_is_no_fault(markup: str, strict: NotedSurroundings) -> None:
    assert told(forbidden(markup, strict)) == []


@pytest.mark.parametrize(
    "markup",
    [
        "<script>fetch('https://a.example/')</script>",
        "<script>localStorage.clear()</script>",
        "<iframe src='https://a.example/'></iframe>",
        "<object data='https://a.example/'></object>",
        "<form action='https://a.example/'></form>",
        "<img src='https://a.example/x.png' alt=''>",
    ],
)
def test_what_other_rules_tell_is_not_told_again(markup: str, strict: NotedSurroundings) -> None:
    assert told(forbidden(markup, strict)) == []


def test_a_policy_of_the_sites_own_is_obeyed(tmp_path: Path) -> None:
    digest = base64.b64encode(hashlib.sha256(b"go()").digest()).decode()
    more = {
        "script-src": [f"'sha256-{digest}'"],
        "style-src": ["'unsafe-inline'"],
        "img-src": ["data:"],
        "frame-src": ["https://*.video.example"],
    }
    surroundings = with_policy(tmp_path, more)
    allowed = (
        "<script>go()</script><style>p {}</style><p style='color: red'></p><img src='data:image/gif,x' alt=''>"
        "<div data-embed='https://play.video.example/1'></div>"
    )
    assert told(forbidden(allowed, surroundings)) == []
    assert len(forbidden("<script>stop()</script>", surroundings)) == 1
    assert len(forbidden("<div data-embed='https://video.example.net/1'></div>", surroundings)) == 1


def test_without_a_policy_nothing_is_forbidden(tmp_path: Path) -> None:
    assert told(forbidden("<script>go()</script><p style='x'></p>", around(tmp_path))) == []


def test_pictures_and_fonts_inside_style_sheets_are_found(tmp_path: Path) -> None:
    css = (
        b"a { background: url(data:image/svg+xml,x) }\n@font-face { src: url('data:font/woff2;base64,A') }\n"
    )
    found = list(forbidden_in_style_sheets("a.css", css, with_policy(tmp_path)))
    assert [fault.message for fault in found] == [
        "A picture stands in the style sheet itself, which img-src forbids.",
        "A font stands in the style sheet itself, which font-src forbids.",
    ]
    allowed = with_policy(tmp_path, {"img-src": ["data:"], "font-src": ["data:"]})
    assert list(forbidden_in_style_sheets("a.css", css, allowed)) == []
