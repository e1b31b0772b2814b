"""Real web servers on this machine, that show a folder, and a reader of what they send."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path

NGINX = """
daemon off; worker_processes 2; pid {work}/pid; error_log {work}/error.log;
{user}
events {{ worker_connections 512; }}
http {{
  include /etc/nginx/mime.types; default_type application/octet-stream;
  access_log off; keepalive_requests 1000000; open_file_cache off;
  client_body_temp_path {work}/a; proxy_temp_path {work}/b; fastcgi_temp_path {work}/c;
  uwsgi_temp_path {work}/d; scgi_temp_path {work}/e;
  {http}
  server {{ listen 127.0.0.1:{port}; {server} }}
}}
"""

DOCS = Path(__file__).resolve().parents[2] / "docs"

APACHE = """
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {work}/pid
ErrorLog {work}/error.log
{modules}
TypesConfig /dev/null
{user}
{documented}
"""
_MODULES = ("mpm_event", "authz_core", "dir", "mime", "headers", "alias")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(name: str) -> str | None:
    """A program of the system, also where only root's path has it."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")


@contextlib.contextmanager
def nginx(work: Path, server: str, http: str = "") -> Iterator[int]:
    """Nginx with lines for its server and around it; gives the port."""
    work.mkdir(parents=True, exist_ok=True)
    port = free_port()
    user = "user root;" if os.geteuid() == 0 else ""
    config = work / "nginx.conf"
    config.write_text(NGINX.format(work=work, port=port, server=server, http=http, user=user), "utf-8")
    words = [program("nginx") or "nginx", "-p", str(work), "-e", str(work / "error.log"), "-c", str(config)]
    with _running(words, port, work):
        yield port


@contextlib.contextmanager
def documented_nginx(work: Path, folder: Path) -> Iterator[int]:
    """Nginx as the page on folders has it, word by word but for places, name and port; gives the port."""
    page = (DOCS / "deploy-folder.md").read_text("utf-8")
    block = page.split("```nginx\n")[1].split("```")[0].replace("/srv/www/beta", str(folder))
    around, inside = block.split("server {\n")
    inside = "\n".join(line for line in inside.rstrip("}\n").split("\n") if "listen 80" not in line)
    with nginx(work, inside + "}" * (inside.count("{") - inside.count("}")), around) as port:
        yield port


@contextlib.contextmanager
def apache(work: Path, folder: Path) -> Iterator[int]:
    """Apache as the page on folders has it, with a folder that everybody may enter; gives the port."""
    work.mkdir(parents=True, exist_ok=True)
    port = free_port()
    places = ("/usr/lib/apache2/modules", "/usr/lib64/httpd/modules")
    place = next(place for place in places if Path(place).is_dir())
    modules = "\n".join(f"LoadModule {name}_module {place}/mod_{name}.so" for name in _MODULES)
    page = (DOCS / "deploy-folder.md").read_text("utf-8")
    words = {
        "documented": page.split("```apache\n")[1].split("```")[0].replace("/srv/www/beta", str(folder)),
        "user": "User www-data\nGroup www-data" if os.geteuid() == 0 else "",
    }
    config = work / "apache.conf"
    config.write_text(APACHE.format(port=port, work=work, modules=modules, **words), "utf-8")
    with _running([program("apache2") or "apache2", "-X", "-f", str(config)], port, work):
        yield port


@contextlib.contextmanager
def caddy(work: Path, folder: Path) -> Iterator[int]:
    """Caddy as the page on folders has it; gives the port."""
    work.mkdir(parents=True, exist_ok=True)
    port = free_port()
    page = (DOCS / "deploy-folder.md").read_text("utf-8")
    block = page.split("```text\nbeta.")[1].split("```")[0].replace("/srv/www/beta", str(folder))
    inside = block.split("{\n", 1)[1]
    config = work / "Caddyfile"
    config.write_text(
        f"{{\nadmin off\nauto_https off\n}}\nhttp://127.0.0.1:{port} {{\n{inside}",
        "utf-8",
    )
    words = [program("caddy") or "caddy", "run", "--adapter", "caddyfile", "--config", str(config)]
    home = {**os.environ, "HOME": str(work), "XDG_DATA_HOME": str(work), "XDG_CONFIG_HOME": str(work)}
    with _running(words, port, work, home):
        yield port


@contextlib.contextmanager
def _running(
    words: list[str], port: int, work: Path, environment: Mapping[str, str] | None = None
) -> Iterator[None]:
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment)
    try:
        end = time.monotonic() + 20
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > end:
                said = process.stdout.read().decode() if process.poll() is not None and process.stdout else ""
                log = work / "error.log"
                raise AssertionError(said + (log.read_text() if log.exists() else ""))
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(20)
        if process.stdout:
            process.stdout.close()


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def got(port: int, path: str) -> tuple[int, dict[str, str], bytes]:
    """What a server answers: status, headers by lower-case name, body."""
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, headers, answer.read()
    except HTTPException as error:
        raise AssertionError(f"{path}: {error!r}") from error
    finally:
        connection.close()
