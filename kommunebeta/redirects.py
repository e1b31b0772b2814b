"""Old addresses → new ones, in the formats that hosts and web servers read.

Each function takes pairs of paths in plain characters, from the host's root, and gives a file's text.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

Pairs = Iterable[tuple[str, str]]

_SAFE = "/~!&'()*+,;=:@-._"


def netlify_redirects(pairs: Pairs) -> str:
    """The file ``_redirects`` of Netlify and Cloudflare Pages: one rule a line, percent-encoded.

    A part that begins with ``:`` would be a pattern there.
    """
    lines = ((_encoded(old).replace("/:", "/%3A"), _encoded(new)) for old, new in pairs)
    return "".join(f"{old} {new} 301\n" for old, new in lines)


def apache_conf(pairs: Pairs) -> str:
    """Lines for Apache's ``mod_alias``, which compares the decoded path.

    To be included in the host's configuration or put into ``.htaccess``.
    """
    return "".join(
        f'RedirectMatch 301 "^{_apache_pattern(old)}$" "{_apache_target(new)}"\n' for old, new in pairs
    )


def nginx_map(pairs: Pairs) -> str:
    """Lines for nginx's ``map $uri $new``, which compares the decoded path."""
    return "".join(f'"{_nginx_quoted(old)}" "{_encoded(new)}";\n' for old, new in pairs)


def _encoded(path: str) -> str:
    return quote(path, safe=_SAFE)


def _apache_pattern(path: str) -> str:
    special = set(".^$*+?()[]{}|\\")
    return "".join(f"\\{c}" if c in special else c for c in path).replace('"', '\\"').replace("\n", "")


def _apache_target(path: str) -> str:
    """Apache encodes the target itself, and takes ``$1`` for a group of the pattern."""
    return path.replace("\\", "\\\\").replace("$", "\\$").replace('"', '\\"').replace("\n", "")


def _nginx_quoted(path: str) -> str:
    """Nginx looks for no variables in the keys of a map, and would take a backslash before one for itself."""
    return path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "")
