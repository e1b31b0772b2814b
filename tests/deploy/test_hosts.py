"""What each web server and host gets to read, in servers that read it."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, unquote
from xml.etree import ElementTree

import pytest

from kommunebeta.deploy.hosts import FOREVER, Server, for_server, redirected
from kommunebeta.deploy.parcel import LocalFile
from kommunebeta.headers import HEADER_FILES, content_type, security_headers
from kommunebeta.redirects import apache_conf, netlify_redirects, nginx_map
from tests.deploy.folders import files_of, sent, target
from tests.deploy.webservers import apache, caddy, documented_nginx, got

HEADERS = security_headers({"frame-src": ["https://player.example.no"]})
PAIRS = [
    ("/2025/velkommen.html", "/2025/09/velkommen/"),
    ("/gammel side/blåbær+(1).html", "/ny/blåbær/"),
    ("/$x.y", "/ny/"),
]
PRINTED = "assets/stil.0123456789.css"
SHOWN = {
    "index.html": "<p>Blåbær</p>",
    "ny/index.html": "ny",
    "ny/blåbær/index.html": "blåbær",
    "2025/09/velkommen/index.html": "velkommen",
    "404.html": "Finnes ikke: æ",
    PRINTED: "body {}",
    "feed.xml": "<feed/>",
    "feed.json": "{}",
    "nn/feed.xml": "<feed/>",
    "sitemap.xml": "<urlset/>",
    "manifest.webmanifest": "{}",
    "kart.svg": "<svg/>",
    "data/svar.csv": "æ;ø",
    "frist.ics": "BEGIN:VCALENDAR",
}
READ = {
    **{path: write(HEADERS) for path, write in HEADER_FILES.items()},
    "_redirects": netlify_redirects(PAIRS),
    "redirects/apache.conf": apache_conf(PAIRS),
    "redirects/nginx.map": nginx_map(PAIRS),
}
SITE = files_of({**SHOWN, **READ})


def texts(files: Mapping[str, LocalFile]) -> dict[str, str]:
    """What the files hold that are not shown to readers."""
    return {path: file.read().decode() for path, file in files.items() if path not in SHOWN}


@pytest.mark.parametrize(
    ("server", "paths"),
    [
        (Server.ANY, set(READ)),
        (Server.NONE, set()),
        (Server.GITHUB_PAGES, set()),
        (Server.APACHE, {".htaccess"}),
        (Server.NGINX, {"headers/nginx.conf", "redirects/nginx.map"}),
        (Server.CADDY, {"headers/Caddyfile", "redirects/Caddyfile"}),
        (Server.NETLIFY, {"_headers", "_redirects"}),
        (Server.CLOUDFLARE, {"_headers", "_redirects"}),
        (Server.AZURE_STATIC, {"staticwebapp.config.json"}),
        (Server.IIS, {"web.config"}),
    ],
)
def test_each_server_gets_what_it_reads_and_nothing_for_others(server: Server, paths: set[str]) -> None:
    files = for_server(server, SITE, "/")
    assert texts(files).keys() == paths
    assert {path for path in files if path in SHOWN} == SHOWN.keys()


@pytest.mark.parametrize(
    ("server", "path"),
    [
        (Server.APACHE, ".htaccess"),
        (Server.IIS, "web.config"),
        (Server.AZURE_STATIC, "staticwebapp.config.json"),
    ],
)
def test_a_file_that_the_site_has_of_its_own_stays(server: Server, path: str) -> None:
    files = for_server(server, {**SITE, **files_of({path: "mine"})}, "/")
    assert files[path].read() == b"mine"


@pytest.mark.parametrize("server", Server, ids=str)
def test_a_site_without_redirects_and_headers_does_too(server: Server) -> None:
    plain = files_of({"index.html": "x"})
    assert "index.html" in for_server(server, plain, "/")
    assert "404.html" not in "".join(texts(for_server(server, plain, "/")).values())


def _is_shown_well(port: int, base: str = "/") -> None:
    """A server sends every file with type and headers, and 301 for old addresses."""
    for path, text in SHOWN.items():
        shown = path.removesuffix("index.html")
        status, headers, body = got(port, base + quote(shown))
        assert (path, status, body.decode()) == (path, 200, text)
        assert (path, headers["content-type"].replace("; ", ";").lower()) == (
            path,
            content_type(path).replace("; ", ";"),
        )
        for name, value in HEADERS.items():
            assert (path, headers.get(name.lower())) == (path, value)
        if path == PRINTED:
            assert "max-age=31536000" in headers["cache-control"]
    status, headers, body = got(port, base + "finnes-ikke/")
    assert (status, body.decode()) == (404, SHOWN["404.html"])
    assert headers["content-security-policy"] == HEADERS["Content-Security-Policy"]


def test_apache_heeds_its_htaccess(tmp_path: Path, apache_program: str) -> None:
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as running:
        Path(folder).chmod(0o755)  # Apache is not root, as in real life
        sent(target(Path(folder, "ut")), for_server(Server.APACHE, SITE, "/"))
        port = running.enter_context(apache(tmp_path / "apache", Path(folder, "ut")))
        _is_shown_well(port)
        for old, new in PAIRS:
            status, headers, _ = got(port, quote(old))
            assert (old, status) == (old, 301)
            assert unquote(headers["location"]).endswith(new)
        for hidden in ("/.kommunebeta-deploy.json", "/.htaccess"):
            status, _, body = got(port, hidden)
            assert (hidden, status, body.decode()) == (hidden, 404, SHOWN["404.html"])


def test_nginx_as_the_page_on_folders_has_it_takes_in_its_files(tmp_path: Path, nginx_program: str) -> None:
    sent(target(tmp_path / "ut"), for_server(Server.NGINX, SITE, "/"))
    with documented_nginx(tmp_path / "nginx", tmp_path / "ut") as port:
        for path, text in SHOWN.items():
            status, headers, body = got(port, "/" + quote(path.removesuffix("index.html")))
            assert (path, status, body.decode()) == (path, 200, text)
            assert (path, {name: headers.get(name.lower()) for name in HEADERS}) == (path, HEADERS)
        assert got(port, "/")[1]["content-type"] == "text/html; charset=utf-8"
        assert got(port, "/manifest.webmanifest")[1]["content-type"].startswith("application/manifest+json")
        assert got(port, "/data/svar.csv")[1]["content-type"] == "text/csv; charset=utf-8"
        assert got(port, f"/{PRINTED}")[1]["cache-control"] == "max-age=31536000"
        assert "cache-control" not in got(port, "/")[1]
        for old, new in PAIRS:
            status, headers, _ = got(port, quote(old))
            assert (old, status) == (old, 301)
            assert headers["location"].endswith(quote(new))
        status, _, body = got(port, "/finnes-ikke/")
        assert (status, body.decode()) == (404, SHOWN["404.html"])


def test_caddy_takes_in_its_files(tmp_path: Path, caddy_program: str) -> None:
    sent(target(tmp_path / "ut"), for_server(Server.CADDY, SITE, "/"))
    with caddy(tmp_path / "caddy", tmp_path / "ut") as port:
        for path, text in SHOWN.items():
            status, headers, body = got(port, "/" + quote(path.removesuffix("index.html")))
            assert (path, status, body.decode()) == (path, 200, text)
            assert (path, {name: headers.get(name.lower()) for name in HEADERS}) == (path, HEADERS)
            assert (path, headers["content-type"].replace("; ", ";")) == (
                path,
                content_type(path).replace("; ", ";"),
            )
        assert got(port, f"/{PRINTED}")[1]["cache-control"] == FOREVER
        assert "cache-control" not in got(port, "/")[1]
        assert got(port, "/finnes-ikke.webmanifest")[1]["content-type"].startswith("text/html")
        for old, new in PAIRS:
            status, headers, _ = got(port, quote(old))
            assert (old, status) == (old, 301)
            assert unquote(headers["location"]).endswith(new)
        status, headers, body = got(port, "/finnes-ikke/")
        assert (status, body.decode()) == (404, SHOWN["404.html"])
        assert headers["content-security-policy"] == HEADERS["Content-Security-Policy"]
        assert got(port, "/.kommunebeta-deploy.json")[0] == 404


def test_netlify_and_cloudflare_keep_fingerprinted_files_for_long() -> None:
    text = texts(for_server(Server.CLOUDFLARE, SITE, "/"))["_headers"]
    assert text.startswith("/*\n  Content-Security-Policy: ")
    assert text.endswith("/assets/*\n  Cache-Control: public, max-age=31536000, immutable\n")


def test_netlify_leads_on_from_old_addresses_though_pages_stand_there() -> None:
    files = for_server(Server.NETLIFY, SITE, "/")
    lines = texts(files)["_redirects"].splitlines()
    assert lines == [f"{line}!" for line in netlify_redirects(PAIRS).splitlines()]
    assert redirected(files) == tuple(PAIRS)  # which readers' addresses are compared with
    for own in ("/gammel/* /ny/:splat 301\n", "/a /b 302\n"):
        mine = {**SITE, **files_of({"_redirects": own})}
        assert texts(for_server(Server.NETLIFY, mine, "/"))["_redirects"] == own


def test_an_old_address_is_no_pattern_at_netlify_and_cloudflare() -> None:
    assert netlify_redirects([("/:kart/x/", "/ny/")]) == "/%3Akart/x/ /ny/ 301\n"


def test_azure_static_web_apps_get_valid_json_that_is_small_enough() -> None:
    many = [(f"/gammel/{number}/", f"/ny/{number}/") for number in range(2000)]
    site = {**SITE, **files_of({"_redirects": netlify_redirects([*PAIRS, *many])})}
    text = texts(for_server(Server.AZURE_STATIC, site, "/"))["staticwebapp.config.json"]
    assert len(text.encode()) < 20_000
    told = json.loads(text)
    assert told["globalHeaders"]["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]
    assert told["responseOverrides"]["404"] == {"rewrite": "/404.html", "statusCode": 404}
    assert told["mimeTypes"][".webmanifest"].startswith("application/manifest+json")
    assert told["routes"][0]["route"] == "/assets/*"
    assert told["routes"][1] == {
        "route": "/2025/velkommen.html",
        "redirect": "/2025/09/velkommen/",
        "statusCode": 301,
    }


def test_iis_gets_well_formed_xml_without_modules_that_may_be_missing() -> None:
    root = ElementTree.fromstring(texts(for_server(Server.IIS, SITE, "/"))["web.config"])
    added = {item.get("name"): item.get("value") for item in root.iter("add") if item.get("name")}
    assert added == HEADERS
    types = {item.get("fileExtension"): item.get("mimeType") for item in root.iter("mimeMap")}
    assert types[".webmanifest"] == "application/manifest+json; charset=utf-8"
    assert [item.get("path") for item in root.iter("location")] == ["assets"]
    assert [item.get("path") for item in root.iter("error")] == ["404.html"]
    assert list(root.iter("rewrite")) == []


def test_iis_shows_files_of_every_ending_since_it_hides_those_without_a_type() -> None:
    paths = ("data/tur.gpx", "LICENSE", ".well-known/svar", "notat.docx", "kart.PDF", ".htaccess")
    site = {**SITE, **files_of(dict.fromkeys(paths, "x"))}
    root = ElementTree.fromstring(texts(for_server(Server.IIS, site, "/"))["web.config"])
    (static,) = root.findall("system.webServer/staticContent")
    types = {item.get("fileExtension", ""): item.get("mimeType") for item in static.iter("mimeMap")}
    assert (types["."], types[".gpx"]) == ("application/octet-stream",) * 2
    assert types[".PDF"] == "application/pdf"
    assert not {".docx", ".htaccess", ".config"} & types.keys()  # IIS has a better one, or must not show it
    removed = [item.get("fileExtension") for item in static.iter("remove")]
    assert [item.tag for item in static] == ["remove", "mimeMap"] * len(types)
    assert removed == list(types)  # what an inherited configuration has twice stops IIS altogether
