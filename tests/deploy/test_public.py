"""`--verify-url`: what was sent is fetched as readers fetch it, and what differs is told by address."""

from __future__ import annotations

import gzip
import json
import socketserver
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import unquote

import pytest

from kommunebeta.deploy.hosts import Server, for_server
from kommunebeta.deploy.options import DeployOptions
from kommunebeta.deploy.parcel import made_file
from kommunebeta.deploy.public import Asked, _led, differences, with_samples
from kommunebeta.deploy.run import deploy
from kommunebeta.errors import UsageError
from kommunebeta.headers import HEADER_FILES, content_type, security_headers
from kommunebeta.reporter import Reporter
from kommunebeta.terminal import _print_wrong
from tests.deploy.folders import files_of, sent, target
from tests.deploy.webservers import documented_nginx, nginx

PRINTED = "assets/stil.0123456789.css"
POLICY = "default-src 'none'"
TEXTS = {
    "index.html": "<p>Hei</p>",
    "blåbær og čáhci/index.html": "<p>æøå</p>" * 500,
    "404.html": "borte",
    "side.html": "side",
    PRINTED: "body {}",
    "feed.xml": "<feed/>",
    "robots.txt": "User-agent: *",
}


@dataclass
class Answer:
    """What a server says."""

    data: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class _Host(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, answers: dict[str, Answer]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = answers
        self.asked: list[str] = []
        self.at_once = self.most_at_once = 0
        self.later: dict[str, list[Answer]] = {}


class _Handler(BaseHTTPRequestHandler):
    server: _Host
    telling: ClassVar[threading.Lock] = threading.Lock()

    def do_GET(self) -> None:
        path = unquote(self.path)
        with self.telling:
            self.server.asked.append(path)
            self.server.at_once += 1
            self.server.most_at_once = max(self.server.most_at_once, self.server.at_once)
        waiting = self.server.later.get(path)
        answer = waiting.pop(0) if waiting else self.server.answers.get(path, Answer(b"", 404))
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.data)))
        self.end_headers()
        self.wfile.write(answer.data)
        with self.telling:
            self.server.at_once -= 1

    def log_message(self, *words: Any) -> None:
        pass


def good(texts: Mapping[str, str] = TEXTS) -> dict[str, Answer]:
    """Answers as a host gives them that does everything right."""
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "max-age=31536000"}
    return {
        f"/{path.removesuffix('index.html')}": Answer(
            text.encode(), headers={"Content-Type": content_type(path), **headers}
        )
        for path, text in texts.items()
    }


@pytest.fixture
def host() -> Iterator[_Host]:
    """A host that does everything right until a test changes that."""
    server = _Host(good())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def asked_of(host: _Host, **more: Any) -> Asked:
    return replace(
        Asked(f"http://127.0.0.1:{host.server_address[1]}/", policy=POLICY, lifetimes=True, patience=0),
        **more,
    )


def wrong(host: _Host, **more: Any) -> list[str]:
    """What differs, without the host."""
    found = differences(asked_of(host, **more), files_of(TEXTS).values())
    return [fault.split("/", 3)[3] for fault in found]


def test_a_host_that_sends_all_as_it_was_sent_is_well(host: _Host) -> None:
    assert wrong(host) == []
    assert sorted(host.asked) == sorted(good())
    assert host.most_at_once <= 4


def test_files_that_servers_read_are_not_asked_for(host: _Host) -> None:
    files = files_of(
        {".htaccess": "x", "_headers": "x", "headers/nginx.conf": "x", "web.config": "x", ".a": "x"}
    )
    assert differences(asked_of(host), files.values()) == ()
    assert host.asked == []


@pytest.mark.parametrize(
    ("path", "change", "said"),
    [
        ("/side.html", {"data": b"gammel"}, "side.html: what comes is not what was sent"),
        ("/side.html", {"status": 500}, "side.html: the answer is 500"),
        ("/blåbær og čáhci/", {"status": 404}, "bl%C3%A5b%C3%A6r%20og%20%C4%8D%C3%A1hci/: the answer is 404"),
        (
            "/feed.xml",
            {"headers": {"Content-Type": "text/plain"}},
            "feed.xml: Content-Type is «text/plain» instead of «application/atom+xml»",
        ),
        ("/side.html", {"headers": {}}, "side.html: Content-Type is «missing» instead of «text/html»"),
        (
            "/side.html",
            {"headers": {"Content-Type": "text/html; charset=iso-8859-1"}},
            "side.html: Content-Type «text/html» lacks «charset=utf-8»",
        ),
        (
            "/side.html",
            {"headers": {"Content-Type": "text/html; charset=UTF-8"}},
            "side.html: Content-Security-Policy is missing",
        ),
        (
            "/side.html",
            {
                "headers": {
                    "Content-Type": "text/html; charset=UTF-8",
                    "Content-Security-Policy": "default-src 'none'; frame-src https://film.example",
                }
            },
            "side.html: Content-Security-Policy is not this build's: let the server read its settings again",
        ),
        (
            f"/{PRINTED}",
            {"headers": {"Content-Type": "text/css; charset=utf-8", "Cache-Control": "max-age=600"}},
            f"{PRINTED}: Cache-Control lets browsers keep it for less than a month, though it never changes",
        ),
        (
            "/side.html",
            {"status": 302, "headers": {"Location": "https://login.example.no/"}},
            "side.html: it leads to login.example.no",
        ),
        (
            "/side.html",
            {"status": 301, "headers": {"Location": "http://127.0.0.1:abc/"}},
            "side.html: it leads to what is no address",
        ),
        (
            "/side.html",
            {"status": 301, "headers": {"Location": "http://[::1/"}},
            "side.html: it leads to what is no address",
        ),
        (
            "/side.html",
            {"headers": {"Content-Type": "text/html; charset=utf-8", "Content-Encoding": "gzip"}},
            "side.html: the answer of 127.0.0.1 is damaged",
        ),
    ],
)
def test_what_differs_is_told_by_its_address(
    host: _Host, path: str, change: dict[str, Any], said: str
) -> None:
    host.answers[path] = replace(host.answers[path], **change)
    assert wrong(host) == [said]


def test_a_script_may_lack_the_character_set_that_its_page_has(host: _Host) -> None:
    script = files_of({"assets/ord.0123456789.js": "'æ'"})
    (answer,) = good({"assets/ord.0123456789.js": "'æ'"}).values()
    host.answers["/assets/ord.0123456789.js"] = answer
    answer.headers["Content-Type"] = "application/javascript"  # as Cloudflare Pages has it
    assert differences(asked_of(host), script.values()) == ()
    answer.headers["Content-Type"] = "text/plain"
    assert len(differences(asked_of(host), script.values())) == 1


def test_headers_are_asked_of_hosts_alone_that_can_send_them(host: _Host) -> None:
    for answer in host.answers.values():
        answer.headers = {"Content-Type": answer.headers["Content-Type"]}
    assert wrong(host, policy="", lifetimes=False) == []


def test_compressed_answers_are_compared_by_what_they_hold(host: _Host) -> None:
    for path in ("/", "/blåbær og čáhci/"):
        answer = host.answers[path]
        host.answers[path] = replace(
            answer, data=gzip.compress(answer.data), headers={**answer.headers, "Content-Encoding": "gzip"}
        )
    assert wrong(host) == []


def test_a_network_that_lags_behind_is_given_time(host: _Host) -> None:
    stale = replace(host.answers["/"], data=b"gammel")
    host.later["/"] = [stale, stale]
    assert wrong(host, patience=10) == []
    assert host.asked.count("/") == 3
    assert host.asked.count("/side.html") == 1  # what is well is not asked for again


def test_hosts_may_move_addresses_of_their_own_and_old_ones(host: _Host) -> None:
    host.answers["/side"] = host.answers["/side.html"]
    host.answers["/side.html"] = Answer(b"", 308, {"Location": "/side"})
    host.answers["/404.html"].status = 404
    host.answers["/blåbær og čáhci/"] = Answer(b"", 301, {"Location": "/"})
    assert wrong(host, moved=["/blåbær og čáhci/"]) == []
    assert len(wrong(host)) == 1


def test_an_answer_that_leads_on_is_followed_by_its_bytes(host: _Host) -> None:
    host.answers["/blåbær side"] = host.answers["/side.html"]
    raw = "/blåbær side".encode().decode("latin-1")  # as some servers send it, against RFC 9110
    host.answers["/side.html"] = Answer(b"", 302, {"Location": raw})
    assert wrong(host) == []


def test_an_answer_that_leads_away_from_https_proves_nothing() -> None:
    assert _led("https://beta.example.no/a", "http://beta.example.no/a", "beta.example.no")[1].startswith(
        "it leads away from https"
    )
    assert _led("https://beta.example.no/a", "/b%20c?d=1", "beta.example.no") == (
        "https://beta.example.no/b%20c?d=1",
        "",
    )


def test_a_host_that_is_not_there_is_told_per_address(host: _Host) -> None:
    found = differences(Asked("http://127.0.0.1:9/", patience=0), files_of({"a.html": "a"}).values())
    assert found == ("http://127.0.0.1:9/a.html: 127.0.0.1 could not be reached",)


def test_one_file_of_each_kind_is_looked_at_though_none_was_sent() -> None:
    files = files_of({**TEXTS, "_headers": "x", "assets/ord.0123456789.js": "", "ord.js": ""})
    paths = [file.path for file in with_samples([files["side.html"]], files)]
    assert paths == ["side.html", "assets/ord.0123456789.js", PRINTED, "feed.xml", "ord.js", "robots.txt"]


def test_an_address_that_anybody_may_answer_for_is_refused() -> None:
    with pytest.raises(UsageError, match="is not https"):
        differences(Asked("http://beta.example.no/"), ())


def test_a_deploy_asks_for_what_it_sent_as_readers_do(
    make_folder: Callable[..., Path],
    command: Callable[..., subprocess.CompletedProcess[str]],
    tmp_path: Path,
    nginx_program: str,
) -> None:
    moved = made_file("redirects/nginx.map", b'"/gammel/" "/2026/01/x/";\n')
    files = {**for_server(Server.NGINX, _headers_alone(), "/"), moved.path: moved}
    sent(target(tmp_path / "ut"), files)
    with documented_nginx(tmp_path / "nginx", tmp_path / "ut") as port:
        settings = (
            f"name: Fjordvikbeta\nmunicipality: Fjordvik kommune\nbase_url: http://localhost:{port}/\n"
            "contact: {email: post@example.no}\n"
            "deploy: {targets: {a: {kind: folder, path: ../ut, server: nginx}}}\n"
        )
        post = "---\ntitle: Hei\ndate: 2026-01-02\nsummary: Kort.\naliases: [/gammel/]\n---\nHei.\n"
        site = make_folder({"kommunebeta.yaml": settings, "content/posts/x.md": post})
        done = command("deploy", site, "--verify-url", "--yes", "--format", "json")
        told = json.loads(done.stdout)
        assert (done.returncode, told["wrong"]) == (0, []), done.stderr
        (site / "content/posts/x.md").write_text(post.replace("Hei.", "Hallo."))
    with nginx(tmp_path / "nginx2", f"root {tmp_path}/ut/current;") as port:
        (site / "kommunebeta.yaml").write_text(
            settings.replace("path: ../ut", f"path: ../ut, url: 'http://localhost:{port}/'")
        )
        options = DeployOptions(verify_url=True, patience=0, jobs=1)
        result = deploy(site, options, Reporter(), planned=lambda plan: None, confirm=lambda question: False)
        assert (
            f"http://localhost:{port}/2026/01/x/: Content-Type «text/html» lacks «charset=utf-8»"
            in result.wrong
        )
        again = deploy(site, options, Reporter(), planned=lambda plan: None, confirm=lambda question: False)
        assert not again.plan.difference
        assert any("lacks «charset=utf-8»" in fault for fault in again.wrong)


def _headers_alone() -> dict[str, Any]:
    headers = security_headers()
    return dict(files_of({path: write(headers) for path, write in HEADER_FILES.items()}))


def test_of_many_faults_with_one_cause_the_first_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    lost = [f"https://beta.example/{number}/: it is down" for number in range(9)]
    _print_wrong([*lost, "https://beta.example/x: the answer is 500", "robots.txt"])
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 8
    assert said[5:] == [
        "Not as it was sent: … and 4 more: it is down",
        "Not as it was sent: https://beta.example/x: the answer is 500",
        "Not as it was sent: robots.txt",
    ]
