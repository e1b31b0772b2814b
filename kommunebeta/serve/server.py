"""The preview's web server: paths, headers and redirects as on a static host, and news of changes."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from importlib.resources import files
from typing import Any
from urllib.parse import unquote, urlsplit

from livereload.handlers import LiveReloadHandler
from tornado.ioloop import IOLoop
from tornado.web import Application, RequestHandler

from kommunebeta.errors import Problem, Severity
from kommunebeta.headers import content_type, security_headers
from kommunebeta.preview import Refresh
from kommunebeta.serve.session import Session
from kommunebeta.serve.texts import texts

OWN = "__preview__"
"""The folder of the preview's own files; no site has one of that name."""

_LONGEST_PATH = 4096
_SCRIPT = '<script src="/{own}/client.js" data-version="{version}" data-words="{words}" defer></script>'
_CLIENT = {"client.js": "text/javascript; charset=utf-8", "client.css": "text/css; charset=utf-8"}


class _NoWatcher:
    """livereload's own watcher is not used: it is told of finished builds instead."""

    filepath = None
    _tasks = {"": None}  # noqa: RUF012  (livereload asks for the attribute by this name)

    def watch(self, *ignored: object) -> None:
        """Nothing."""

    def start(self, callback: object) -> bool:
        """Whether it polls by itself; it has no need to."""
        return True

    def examine(self) -> tuple[None, None]:
        """No change, ever."""
        return None, None


class Socket(LiveReloadHandler):  # type: ignore[misc]  # livereload has no types
    """A browser that waits for news; speaks livereload's protocol 7."""

    session: Session
    page = ""

    def initialize(self, session: Session) -> None:
        """Take the session; called by tornado."""
        self.session = session

    def prepare(self) -> None:
        """Refuse other names of this machine, by which a foreign page could reach it."""
        _refuse_foreign_host(self)

    def check_origin(self, origin: str) -> bool:
        """Whether the page that asks is one of ours."""
        return bool(urlsplit(origin).netloc == self.request.host)

    def on_message(self, message: str | bytes) -> None:
        """Shake hands, and learn which page the browser shows."""
        try:
            said = json.loads(message)
            command = said.get("command") if isinstance(said, dict) else None
        except ValueError:
            return
        if command not in ("hello", "info"):
            return
        super().on_message(message)
        if command == "info":
            path = urlsplit(str(said.get("url", ""))).path
            self.page = output_of(self.session, path) or "404.html"
            if said.get("version") != version_of(self.session, self.page):  # it changed while the page loaded
                self.send_message(_reload(self.page))
            self.send_message(state_of(self.session, self.page))
            self.look()

    def look(self) -> None:
        """Have the page checked, beside the server's own work, and tell the browser what was found."""
        IOLoop.current().add_callback(self._look, self.page)

    async def _look(self, page: str) -> None:
        found = await IOLoop.current().run_in_executor(None, self.session.findings, page)
        if page == self.page and self in LiveReloadHandler.waiters:
            shown = [_shown(finding.problem) for finding in found]
            self.send_message({"command": "findings", "findings": shown})


def tell(session: Session, refresh: Refresh) -> None:
    """Tell every browser what a refresh means for the page that it shows; called in the server's thread."""
    for waiter in LiveReloadHandler.waiters.copy():
        if not isinstance(waiter, Socket) or waiter.session is not session:
            continue
        news = news_for(session, refresh, waiter.page)
        for message in news:
            waiter.send_message(message)
        if refresh.ok and news[-1]["command"] == "state":  # a page that is loaded anew asks by itself
            waiter.look()


def news_for(session: Session, refresh: Refresh, page: str) -> list[dict[str, Any]]:
    """What a browser is told that shows a page: the state of the site, and whether to load anything anew."""
    state = state_of(session, page)
    if not refresh.ok:
        return [state]
    gone = page in refresh.removed
    if page in refresh.restyled:
        return [{"command": "reload", "path": f"/{page}.css", "liveCSS": True, "liveImg": True}, state]
    if gone or page in refresh.changed or refresh.changed & _shown_in(session, page):
        return [_reload(page)]
    return [state]


def _reload(page: str) -> dict[str, Any]:
    return {"command": "reload", "path": f"/{page}", "liveCSS": True, "liveImg": True}


def version_of(session: Session, page: str) -> str:
    """What tells one state of a page from another; empty while there is no page."""
    data = session.read(page) if session.has_pages else None
    return blake2b(data, digest_size=8).hexdigest() if data is not None else ""


def _shown_in(session: Session, page: str) -> frozenset[str]:
    """What a page shows or runs; other pages that it only links to do not count."""
    return frozenset(path for path in session.uses(page) if path.rpartition(".")[2] in _SHOWN)


_SHOWN = frozenset(("css", "js", "mjs", "json", "woff2")) | frozenset(
    ("png", "jpg", "jpeg", "gif", "webp", "avif", "svg", "mp4", "webm", "mp3", "ogg", "vtt")
)


def state_of(session: Session, page: str) -> dict[str, Any]:
    """The state of the site as the bar and the overlay show it for a page."""
    last, info = session.last, session.about(page)
    return {
        "command": "state",
        "ok": last.ok,
        "problems": [_shown(problem) for problem in _for_page(last.problems, info.source, last.ok)],
        "page": {
            "source": info.source,
            "state": info.state,
            "words": info.words,
            "minutes": info.minutes,
        },
    }


def _for_page(problems: Iterable[Problem], source: str, ok: bool) -> list[Problem]:
    """Of a good site, what concerns the page; of another, all errors and the page's warnings."""
    return [
        problem
        for problem in problems
        if (source and problem.path == source) or (not ok and problem.severity is Severity.ERROR)
    ]


def _shown(problem: Problem) -> dict[str, str]:
    return {
        "place": problem.place,
        "severity": str(problem.severity),
        "code": problem.code,
        "message": problem.message,
        "mend": problem.mend,
    }


def output_of(session: Session, path: str) -> str | None:
    """The output that a request's path means; None where there is none.

    Args:
        session: the session.
        path: as requested, with its percent signs.
    """
    base = session.base_path
    plain = unquote(path)
    if not plain.startswith(base) or "\0" in plain or "\\" in plain or len(plain) > _LONGEST_PATH:
        return None
    name = plain.removeprefix(base)
    wanted = name + "index.html" if not name or name.endswith("/") else name
    return wanted if session.read(wanted) is not None else None


class Page(RequestHandler):
    """Serves the site."""

    session: Session

    def initialize(self, session: Session) -> None:
        """Take the session; called by tornado."""
        self.session = session

    def set_default_headers(self) -> None:
        """The headers of a static host, and no caching."""
        session: Session = self.settings["session"]  # the attribute is not there yet
        more: dict[str, Iterable[str]] = {**session.policy_sources}
        more["connect-src"] = [*more.get("connect-src", ()), f"ws://{self.request.host}"]
        for name, value in security_headers(more, place=session.asks_for_place).items():
            self.set_header(name, value)
        self.set_header("Cache-Control", "no-store")
        self.clear_header("Server")

    def prepare(self) -> None:
        """Refuse other names of this machine, by which a foreign page could reach it."""
        _refuse_foreign_host(self)

    def head(self, path: str) -> None:
        """Answer as to GET, without the body."""
        self.get(path)

    def get(self, path: str) -> None:
        """Answer with an output, a redirect or the page for missing addresses."""
        path = self.request.path
        if len(path) > _LONGEST_PATH or "\0" in unquote(path):
            self._say(400, "Bad request")
            return
        if not self.session.has_pages:
            self._say(503, "", nothing_page(self.session))
            return
        output = output_of(self.session, path)
        if output is not None:
            self._send(200, output)
            return
        target = self._redirect(unquote(path))
        if target:
            self.redirect(target, permanent=True)
            return
        self._send(404, "404.html")

    def _redirect(self, path: str) -> str:
        """Where a host would send a path that has no file of its own; empty when nowhere."""
        base = self.session.base_path
        if path == "/" and base != "/":
            return base
        listed = (self.session.read("_redirects") or b"").decode("utf-8", "replace").splitlines()
        for line in listed:
            old, _, rest = line.partition(" ")
            if unquote(old) == path:
                return rest.split()[0]
        if not path.endswith("/") and output_of(self.session, path + "/"):
            return "/" + path.lstrip("/") + "/"
        return ""

    def _send(self, status: int, output: str) -> None:
        data = self.session.read(output)
        if data is None:
            self._say(404, "Not found")
            return
        kind = content_type(output)
        self.set_status(status)
        self.set_header("Content-Type", kind)
        if kind.startswith("text/html"):
            version = blake2b(data, digest_size=8).hexdigest()
            data = with_client(data, _script(self.session.language, version))
        self.finish(data)

    def _say(self, status: int, text: str, html: str = "") -> None:
        self.set_status(status)
        self.set_header("Content-Type", "text/html; charset=utf-8" if html else "text/plain; charset=utf-8")
        self.finish(html or text)

    def write_error(self, status_code: int, **ignored: Any) -> None:
        """Say no more of an error than its number."""
        self._say(status_code, f"{status_code}")


class OwnFile(Page):
    """Serves the preview's own script and style sheet."""

    def get(self, path: str) -> None:
        """Answer with one of the two."""
        if path not in _CLIENT:
            self._say(404, "Not found")
            return
        self.set_header("Content-Type", _CLIENT[path])
        self.finish(files("kommunebeta.serve").joinpath(path).read_bytes())


def _refuse_foreign_host(handler: RequestHandler) -> None:
    if not _is_local_name(handler.request.host_name):
        handler.set_status(400)
        handler.finish("Ask for localhost, or for this machine by its address.")


def _is_local_name(host: str) -> bool:
    """Whether a host name cannot have been made to point here by somebody else's name server."""
    if host in ("localhost", "") or host.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def with_client(page: bytes, element: str) -> bytes:
    """A page with the element that loads the preview's script at its end."""
    script = element.encode()
    at = page.rfind(b"</body>")
    return page[:at] + script + page[at:] if at >= 0 else page + script


def _script(lang: str, version: str) -> str:
    words = json.dumps(dict(texts(lang)), ensure_ascii=False)
    return _SCRIPT.format(own=OWN, version=version, words=_escaped(words))


def _escaped(text: str) -> str:
    signs: Mapping[str, str] = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
    return "".join(signs.get(sign, sign) for sign in text)


def nothing_page(session: Session) -> str:
    """The page that is shown while the site has not yet been built without errors."""
    lang = session.language
    words = texts(lang)
    items = "".join(
        f"<li><p><code>{_escaped(problem.place)}</code></p><p>{_escaped(problem.message)} "
        f"{_escaped(problem.mend)}</p></li>"
        for problem in session.last.problems
        if problem.severity is Severity.ERROR
    )
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{words["bar"]}</title>'
        f'<link rel="stylesheet" href="/{OWN}/client.css"></head><body class="nothing"><main>'
        f"<h1>{words['nothing']}</h1><p>{words['problems']}:</p><ul>{items}</ul></main>"
        f"{_script(lang, '')}</body></html>"
    )


def application(session: Session) -> Application:
    """The web application of a session."""
    LiveReloadHandler.watcher = _NoWatcher()
    LiveReloadHandler.live_css = True
    given = {"session": session}
    return Application(
        [
            (r"/livereload", Socket, given),
            (rf"/{OWN}/(.*)", OwnFile, given),
            (r"(.*)", Page, given),
        ],
        session=session,
        log_function=lambda handler: None,
    )
