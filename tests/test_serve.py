"""The preview in a real browser: edits show by themselves, style without a reload, errors above the last good page."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import faults

Make = Callable[..., Path]
SETTINGS = "name: Fjordvikbeta\nmunicipality: Fjordvik kommune\nbase_url: https://beta.fjordvik.example/\n"
POST = "---\ntitle: {title}\ndate: 2026-05-17\ntags: [skole]\naliases: [/gammel/]\n---\n\n{body}\n"
FILES = {
    "kommunebeta.yaml": SETTINGS,
    "content/posts/svommehallen.md": POST.format(
        title="Svømmehallen", body="Første setning.\n\n" + "Linje.\n\n" * 80
    ),
    "content/pages/om.md": "---\ntitle: Om oss\n---\n\nVi er her.\n",
}


class Server:
    """A running ``kommunebeta serve``."""

    def __init__(self, site: Path, *words: str) -> None:
        self.site = site
        self.log = site.parent / f"{site.name}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "kommunebeta", "serve", str(site), "--port", "0", *words],
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        self.port = int(self.wait_for(r"Preview: http://\S+:(\d+)/")[1])
        self.address = f"http://localhost:{self.port}"

    def wait_for(self, pattern: str, seconds: float = 30) -> re.Match[str]:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = re.search(pattern, self.said)
            if found:
                return found
            assert self.process.poll() is None, self.said
            time.sleep(0.02)
        raise AssertionError(f"{pattern} was not said:\n{self.said}")

    @property
    def said(self) -> str:
        return self.log.read_text("utf-8", "replace")

    def write(self, path: str, text: str) -> None:
        file = self.site / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def get(self, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.putrequest(method, path, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        body = answer.read().decode("utf-8", "replace")
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(10)


@pytest.fixture
def serve(make_folder: Make) -> Iterator[Callable[..., Server]]:
    running: list[Server] = []

    def start(files: dict[str, str] | None = None, *words: str) -> Server:
        site = make_folder({**FILES, **(files or {})})
        running.append(Server(site, *words))
        return running[-1]

    yield start
    for server in running:
        server.process.kill()
        server.process.wait(10)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(10_000)
    yield page
    context.close()


def opened(page: Page, server: Server, path: str) -> Page:
    """A page that is connected and will be told of changes; it is marked, so that a reload can be seen."""
    page.goto(server.address + path)
    expect(page.locator("kommunebeta-preview .bar")).to_be_visible()
    page.evaluate("window.marked = true")
    return page


def was_reloaded(page: Page) -> bool:
    return not page.evaluate("window.marked === true")


def test_an_edit_shows_by_itself_and_the_reader_stays_where_they_were(
    serve: Callable[..., Server], page: Page
) -> None:
    server = serve()
    opened(page, server, "/2026/05/svommehallen/")
    page.evaluate("scrollTo(0, 900)")
    server.write(
        "content/posts/svommehallen.md",
        POST.format(title="Svømmehallen", body="Endret setning.\n\n" + "Linje.\n\n" * 80),
    )
    expect(page.locator(".prose")).to_contain_text("Endret setning.")
    assert was_reloaded(page)
    expect(page.locator("kommunebeta-preview .bar")).to_be_visible()
    page.wait_for_function("Math.abs(scrollY - 900) < 5")  # the last of it comes with the load event


def test_a_page_that_does_not_show_the_edit_is_left_alone(serve: Callable[..., Server], page: Page) -> None:
    server = serve()
    opened(page, server, "/om/")
    server.write("content/posts/svommehallen.md", POST.format(title="Svømmehallen", body="Endret."))
    server.wait_for(r"(?s)files changed in.*files changed in")
    page.wait_for_timeout(300)
    assert not was_reloaded(page)


def test_style_changes_without_a_reload(serve: Callable[..., Server], page: Page) -> None:
    server = serve({"assets/main.css": "body { color: rgb(1, 2, 3) }"})
    opened(page, server, "/2026/05/svommehallen/")
    expect(page.locator("body")).to_have_css("color", "rgb(1, 2, 3)")
    server.write("assets/main.css", "body { color: rgb(4, 5, 6) }")
    expect(page.locator("body")).to_have_css("color", "rgb(4, 5, 6)")
    assert not was_reloaded(page)


def test_errors_lie_above_the_last_good_page_until_they_are_mended(
    serve: Callable[..., Server], page: Page
) -> None:
    server = serve()
    opened(page, server, "/2026/05/svommehallen/")
    good = (server.site / "content/posts/svommehallen.md").read_text("utf-8")
    server.write("content/posts/svommehallen.md", good.replace("date: 2026-05-17", "date: 2026-17-05"))
    overlay = page.locator("kommunebeta-preview .overlay")
    expect(overlay).to_be_visible()
    expect(overlay).to_contain_text("content/posts/svommehallen.md:3:7")
    expect(overlay).to_contain_text("KB01")
    server.wait_for(r"content/posts/svommehallen.md:3:7: error KB01")
    assert not was_reloaded(page)
    expect(page.locator("h1")).to_have_text("Svømmehallen")
    assert server.get("/2026/05/svommehallen/")[0] == 200
    server.write("content/posts/svommehallen.md", good)
    expect(overlay).to_be_hidden()
    expect(page.locator("h1")).to_have_text("Svømmehallen")


def test_the_overlay_can_be_closed_with_escape(serve: Callable[..., Server], page: Page) -> None:
    server = serve()
    opened(page, server, "/2026/05/svommehallen/")
    server.write("kommunebeta.yaml", SETTINGS + "finnes_ikke: 1\n")
    overlay = page.locator("kommunebeta-preview .overlay")
    expect(overlay).to_be_visible()
    page.keyboard.press("Escape")
    expect(overlay).to_be_hidden()


def test_a_changed_setting_is_taken_in_without_a_restart(serve: Callable[..., Server], page: Page) -> None:
    server = serve()
    opened(page, server, "/")
    server.write("kommunebeta.yaml", SETTINGS.replace("Fjordvikbeta", "Nybeta"))
    expect(page.locator("h1")).to_have_text("Nybeta")


def test_a_template_that_comes_while_previewing_is_taken_in(serve: Callable[..., Server], page: Page) -> None:
    server = serve()
    opened(page, server, "/2026/05/svommehallen/")
    server.write("templates/partials/footer.html", "<footer>Ny bunn</footer>")
    expect(page.locator("footer").last).to_have_text("Ny bunn")


def test_of_a_hundred_quick_saves_the_last_is_shown(serve: Callable[..., Server], page: Page) -> None:
    server = serve()
    opened(page, server, "/2026/05/svommehallen/")
    for number in range(100):
        server.write(
            "content/posts/svommehallen.md", POST.format(title="Svømmehallen", body=f"Utgave {number}.")
        )
        time.sleep(0.005)
    expect(page.locator(".prose")).to_contain_text("Utgave 99.")


def test_a_rename_moves_the_page(serve: Callable[..., Server], page: Page) -> None:
    server = serve()
    opened(page, server, "/")
    posts = server.site / "content/posts"
    (posts / "svommehallen.md").rename(posts / "badet.md")
    expect(page.locator('a[href="/2026/05/badet/"]').first).to_be_visible()
    assert server.get("/2026/05/badet/")[0] == 200
    assert server.get("/2026/05/svommehallen/")[0] == 404


def test_a_deleted_post_is_gone(serve: Callable[..., Server], page: Page) -> None:
    server = serve()
    opened(page, server, "/2026/05/svommehallen/")
    (server.site / "content/posts/svommehallen.md").unlink()
    expect(page.locator("h1")).not_to_have_text("Svømmehallen")
    assert server.get("/2026/05/svommehallen/")[0] == 404


def test_a_new_picture_is_shown(serve: Callable[..., Server], page: Page, root: Path) -> None:
    server = serve()
    opened(page, server, "/2026/05/svommehallen/")
    shutil.copy(root / "example_site/static/bilder/skole.jpg", server.site / "content/posts/skole.jpg")
    server.write(
        "content/posts/svommehallen.md", POST.format(title="Svømmehallen", body="![En skole](skole.jpg)")
    )
    expect(page.locator('.prose img[alt="En skole"]')).to_be_visible()
    page.wait_for_function("document.querySelector('.prose img').naturalWidth > 0")


PAGE_BY_HAND = (
    '<!doctype html><html lang="nb"><head><meta charset="utf-8"><title>Laget for hånd</title></head><body>'
    '<main><h1>Laget for hånd</h1><p><a href="{link}">Planen</a></p></main></body></html>\n'
)


def test_the_writer_sees_what_checks_find_on_the_page_until_it_is_mended(
    serve: Callable[..., Server], page: Page
) -> None:
    server = serve({"static/plan.html": PAGE_BY_HAND.format(link="/borte/")})
    opened(page, server, "/plan.html")
    bar = page.locator("kommunebeta-preview .bar")
    expect(bar).to_contain_text("KB100")
    expect(bar.locator("code", has_text="static/plan.html:1:")).to_be_visible()
    server.write("static/plan.html", PAGE_BY_HAND.format(link="/om/"))
    expect(bar).not_to_contain_text("KB100")


def test_a_page_is_told_anew_when_what_it_links_to_is_gone(serve: Callable[..., Server], page: Page) -> None:
    server = serve({"static/plan.html": PAGE_BY_HAND.format(link="/om/")})
    opened(page, server, "/plan.html")
    bar = page.locator("kommunebeta-preview .bar")
    expect(bar).to_be_visible()
    expect(bar).not_to_contain_text("KB100")
    (server.site / "content/pages/om.md").unlink()
    expect(bar).to_contain_text("KB100")


def test_the_writer_sees_state_length_and_source(serve: Callable[..., Server], page: Page) -> None:
    files = {
        "content/posts/kladd.md": "---\ntitle: Kladd\ndate: 2026-05-01\ndraft: true\n---\n\nTre korte ord.\n"
    }
    server = serve(files, "--drafts")
    opened(page, server, "/2026/05/kladd/")
    bar = page.locator("kommunebeta-preview .bar")
    expect(bar).to_contain_text("Kladd")
    expect(bar).to_contain_text("3 ord, 1 min å lese")
    expect(bar.locator(".source")).to_have_text("content/posts/kladd.md")
    bar.get_by_role("button", name="Skjul").click()
    expect(bar.locator(".source")).to_be_hidden()


def test_a_site_with_errors_from_the_start_shows_them_and_then_itself(
    serve: Callable[..., Server], page: Page
) -> None:
    server = serve({"content/posts/feil.md": "---\ntitle: Feil\ndate: aldri\n---\n"})
    page.goto(server.address + "/")
    expect(page.locator("code")).to_have_text("content/posts/feil.md:3:7")
    (server.site / "content/posts/feil.md").unlink()
    expect(page.locator("h1")).to_have_text("Fjordvikbeta")


def test_the_bar_and_the_overlay_are_accessible(serve: Callable[..., Server], page: Page, axe: str) -> None:
    server = serve()
    opened(page, server, "/2026/05/svommehallen/")
    assert faults(page, axe) == []
    server.write("kommunebeta.yaml", SETTINGS + "finnes_ikke: 1\n")
    expect(page.locator("kommunebeta-preview .overlay")).to_be_visible()
    assert faults(page, axe) == []


def test_a_page_asks_nobody_else_and_its_policy_is_kept(serve: Callable[..., Server], page: Page) -> None:
    server = serve()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    opened(page, server, "/2026/05/svommehallen/")
    assert {url.split("/")[2] for url in asked} == {f"localhost:{server.port}"}
    assert [text for text in complaints if "Content Security Policy" in text] == []


def test_paths_headers_and_redirects_are_those_of_a_static_host(serve: Callable[..., Server]) -> None:
    server = serve({"static/robots.txt": "User-agent: *\n"})
    status, headers, body = server.get("/2026/05/svommehallen/")
    assert status == 200
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert server.get("/2026/05/svommehallen")[:2][1]["location"] == "/2026/05/svommehallen/"
    assert server.get("/gammel/")[0] == 200
    assert server.get("/gammel")[0] == 301
    status, headers, body = server.get("/finnes-ikke/")
    assert status == 404
    assert "Fant ikke siden" in body
    assert server.get("/feed.xml")[1]["content-type"] == "application/atom+xml; charset=utf-8"
    assert server.get("/", "HEAD")[2] == ""
    assert server.get("/", "POST")[0] == 405


def test_the_policy_follows_the_films_that_the_site_shows(serve: Callable[..., Server]) -> None:
    film = "---\ntitle: Film\ndate: 2026-05-17\n---\n\nhttps://youtu.be/aaaaaaaaaaa\n"
    server = serve({"content/posts/film.md": film})

    def policy() -> str:
        return server.get("/om/")[1]["content-security-policy"]

    assert "frame-src https://www.youtube-nocookie.com" in policy()
    server.write(
        "content/posts/film.md", film.replace("https://youtu.be/aaaaaaaaaaa", "https://vimeo.com/12345678")
    )
    server.wait_for(r"(?s)files changed in.*files changed in")
    assert "frame-src https://player.vimeo.com" in policy()
    server.write("content/posts/film.md", film.replace("https://youtu.be/aaaaaaaaaaa", "Ingen film."))
    server.wait_for(r"(?s)files changed in.*files changed in.*files changed in")
    assert "frame-src" not in policy()


def test_the_policy_lets_forms_go_where_the_site_sends_them(serve: Callable[..., Server]) -> None:
    inbox = "inbox: {to: kommunebeta, url: 'https://svar.fjordvik.example/'}\n"
    server = serve({"kommunebeta.yaml": FILES["kommunebeta.yaml"] + inbox})
    policy = server.get("/om/")[1]["content-security-policy"]
    assert "form-action 'self' https://svar.fjordvik.example;" in policy
    assert "connect-src 'self' https://svar.fjordvik.example ws://" in policy


def test_a_page_may_ask_for_the_place_only_where_a_form_wants_a_point(serve: Callable[..., Server]) -> None:
    form = "title: Hull\nfields:\n  - {kind: place, name: sted, label: Hvor, point: true}\n"
    post = "---\ntitle: Hull i veien\ndate: 2026-05-17\nfeedback: hull\n---\n\nHvor?\n"
    server = serve({"forms/hull.yaml": form, "content/posts/hull.md": post})
    assert "geolocation=(self)" in server.get("/om/")[1]["permissions-policy"]
    server.write("content/posts/hull.md", post.replace("feedback: hull\n", ""))
    server.wait_for(r"(?s)files changed in.*files changed in")
    assert "geolocation=()" in server.get("/om/")[1]["permissions-policy"]


def test_a_site_below_a_folder_is_served_there(serve: Callable[..., Server]) -> None:
    server = serve({"kommunebeta.yaml": SETTINGS.replace("example/", "example/kommune/beta/")})
    assert server.get("/")[1]["location"] == "/kommune/beta/"
    assert server.get("/kommune/beta/")[0] == 200
    assert server.get("/kommune/beta/om/")[0] == 200
    assert server.get("/om/")[0] == 404


@pytest.mark.parametrize(
    "path",
    [
        "/../kommunebeta.yaml",
        "/..%2fkommunebeta.yaml",
        "/%2e%2e/kommunebeta.yaml",
        "/%252e%252e/kommunebeta.yaml",
        "/..\\kommunebeta.yaml",
        "/..%5ckommunebeta.yaml",
        "//etc/passwd",
        "/%2fetc%2fpasswd",
        "/om/index.html%00.jpg",
        "/" + "a" * 9000,
        "/__preview__/../kommunebeta.yaml",
        "/__preview__/server.py",
        "/.kommunebeta-staging-preview/x",
    ],
)
def test_no_path_leads_out_of_the_site(serve: Callable[..., Server], path: str) -> None:
    server = serve()
    status, _, body = server.get(path)
    assert status in (400, 404)
    assert "municipality: Fjordvik" not in body
    assert "root:x" not in body
    assert "class Page" not in body


def test_a_symbolic_link_out_of_the_output_is_not_followed(serve: Callable[..., Server]) -> None:
    server = serve()
    (server.site / ".kommunebeta/preview/lenke.txt").symlink_to("/etc/passwd")
    assert server.get("/lenke.txt")[0] == 404


def test_only_names_of_this_machine_are_answered(serve: Callable[..., Server]) -> None:
    server = serve()
    assert server.get("/", Host="evil.example")[0] == 400
    assert server.get("/", Host=f"localhost:{server.port}")[0] == 200
    refused = server.get(
        "/livereload",
        Host=f"localhost:{server.port}",
        Origin="http://evil.example",
        Upgrade="websocket",
        Connection="Upgrade",
        **{"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13"},
    )
    assert refused[0] == 403


def test_a_busy_port_gives_the_next_free_one(make_folder: Make) -> None:
    site = make_folder(FILES)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = Server.__new__(Server)
        server.site, server.log = site, site.parent / "log"
        with server.log.open("wb") as log:
            server.process = subprocess.Popen(
                [sys.executable, "-m", "kommunebeta", "serve", str(site), "--port", str(port)],
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        found = int(server.wait_for(r"Preview: http://\S+:(\d+)/")[1])
        assert found > port
        assert f"Port {port} is taken" in server.said
        assert server.stop() == 0


def test_control_c_ends_it_at_once(serve: Callable[..., Server]) -> None:
    server = serve()
    begun = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - begun < 5
    assert "Traceback" not in server.said


def test_an_open_network_is_warned_of(serve: Callable[..., Server]) -> None:
    server = serve(None, "--host", "0.0.0.0")
    server.wait_for("Everybody on this network can see the preview")


def test_swap_files_and_the_output_trigger_nothing(serve: Callable[..., Server]) -> None:
    server = serve()
    for path in (
        "content/posts/.svommehallen.md.swp",
        "content/posts/svommehallen.md~",
        "content/posts/#svommehallen.md#",
        "public/x.html",
        ".git/index",
        ".kommunebeta/x",
        "notater.txt",
    ):
        server.write(path, "x")
    time.sleep(0.6)
    assert server.said.count("files changed") == 1


def test_polling_sees_an_edit_too(serve: Callable[..., Server]) -> None:
    server = serve(None, "--poll")
    time.sleep(1)
    server.write("content/posts/svommehallen.md", POST.format(title="Svømmehallen", body="Endret."))
    server.wait_for(r"(?s)files changed in.*files changed in")
    assert "Endret." in server.get("/2026/05/svommehallen/")[2]


def test_a_folder_that_is_no_site_is_refused(
    command: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    done = command("serve", tmp_path)
    assert done.returncode == 2
    assert "is not a site" in done.stderr
