"""Bare repositories of the tests, what a branch of one holds, and deploys there."""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import os
import subprocess
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from kommunebeta.deploy.git.setting import GitSetting
from kommunebeta.deploy.git.target import GitTarget
from kommunebeta.deploy.manifest import MANIFEST
from kommunebeta.deploy.parcel import LocalFile, Parcel, made_file, parcel_of
from kommunebeta.deploy.releases import new_release
from kommunebeta.deploy.target import Surroundings

BASE_URL = "https://beta.example.no/"
OWN = frozenset((MANIFEST, ".nojekyll"))


def git(*words: str | Path, data: bytes | None = None, **more: str) -> str:
    """Run git as somebody else than us, with no configuration of the machine."""
    somebody = {
        f"GIT_{role}_{part}": value
        for role in ("AUTHOR", "COMMITTER")
        for part, value in (("NAME", "Somebody"), ("EMAIL", "somebody@example.no"))
    }
    told = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **somebody, **more}
    done = subprocess.run(["git", *words], input=data, capture_output=True, env=told)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def bare(folder: Path, **settings: str) -> Path:
    """A new bare repository."""
    git("init", "--quiet", "--bare", folder)
    for key, value in settings.items():
        git("-C", folder, "config", key.replace("_", "."), value)
    return folder


def target_at(remote: Path | str, *, base_url: str = BASE_URL, **more: object) -> GitTarget:
    """A target there."""
    setting = GitSetting.model_validate({"kind": "git", "remote": str(remote), **more})
    return GitTarget(setting, Surroundings(Path("/"), base_url, "sider"))


def files_of(contents: Mapping[str, str | bytes]) -> dict[str, LocalFile]:
    """Files that exist nowhere yet."""
    return {
        path: made_file(path, data.encode() if isinstance(data, str) else data)
        for path, data in contents.items()
    }


def send(
    target: GitTarget, files: Mapping[str, LocalFile], *, later: dt.timedelta = dt.timedelta()
) -> tuple[Parcel, list[int]]:
    """Look, send and verify, as a deploy does: the parcel, and the sizes that were told of."""
    sizes: list[int] = []
    with target:
        now = dt.datetime.now(dt.UTC) + later
        parcel = parcel_of(files, target.look(), new_release(now), now)
        if parcel.is_needed:
            target.send(parcel, lambda count, size: sizes.append(size))
        assert target.verify({file.path: file.digest for file in parcel.to_send}) == ()
    return parcel, sizes


def commits(repository: Path, branch: str = "pages") -> list[str]:
    """The ids of a branch's commits, the last one first."""
    return git("-C", repository, "rev-list", branch).split()


def holds(repository: Path, branch: str = "pages") -> dict[str, bytes]:
    """What a branch holds, by path, without what we put beside a site."""
    told = {**os.environ, "GIT_DIR": str(repository)}
    listed = subprocess.run(["git", "ls-tree", "-rz", branch], capture_output=True, env=told, check=True)
    found = {}
    for line in listed.stdout.split(b"\0")[:-1]:
        head, _, path = line.partition(b"\t")
        name = head.split()[2]
        blob = subprocess.run(["git", "cat-file", "blob", name], capture_output=True, env=told, check=True)
        found[os.fsdecode(path)] = blob.stdout
    return {path: data for path, data in found.items() if path not in OWN}


def push_by_hand(
    repository: Path, files: Mapping[str, str], branch: str = "pages", message: str = "By hand"
) -> str:
    """Commit files on top of a branch as others do; the commit's id."""
    index = repository / "index.of.tests"
    known = subprocess.run(
        ["git", "-C", repository, "rev-parse", "--verify", "--quiet", branch], capture_output=True, text=True
    ).stdout.strip()
    told = {"GIT_DIR": str(repository), "GIT_INDEX_FILE": str(index)}
    git("read-tree", known or "--empty", **told)
    for path, text in files.items():
        blob = git("hash-object", "-w", "--stdin", data=text.encode(), **told).strip()
        git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", **told)
    tree = git("write-tree", **told).strip()
    parent = ("-p", known) if known else ()
    commit = git("commit-tree", tree, *parent, "-m", message, **told).strip()
    git("update-ref", f"refs/heads/{branch}", commit, **told)
    return commit


def deploy_on(remote: str, settings: Mapping[str, object]) -> None:
    """Deploy one state after the other until somebody ends us."""
    for number in range(1000, 2000):
        send(target_at(remote, **settings), state(number))


def state(number: int, more: int = 5) -> dict[str, LocalFile]:
    """A site whose page names its asset, and some files beside that."""
    asset = f"style.{number:010x}.css"
    noise = {f"bilder/{at}.bin": f"{number} {at}" * 3000 for at in range(more)}
    return files_of({"index.html": f"<link href={asset}> {number}", asset: f"/* {number} */", **noise})


@contextlib.contextmanager
def over_http(folder: Path, login: str) -> Iterator[str]:
    """Serve the repositories of a folder by git's own program, to one login; the address."""
    expected = f"Basic {base64.b64encode(login.encode()).decode()}"

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            if self.headers.get("Authorization") != expected:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="git"')
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            path, _, query = self.path.partition("?")
            told = {
                **os.environ,
                "GIT_PROJECT_ROOT": str(folder),
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "REQUEST_METHOD": self.command,
                "REMOTE_USER": "x",
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            }
            done = subprocess.run(["git", "http-backend"], input=self._body(), capture_output=True, env=told)
            head, _, body = done.stdout.partition(b"\r\n\r\n")
            lines = dict(line.split(": ", 1) for line in head.decode().splitlines())
            self.send_response(int(lines.pop("Status", "200 OK").split()[0]))
            for name, value in lines.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length", "0")))
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
