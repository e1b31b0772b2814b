"""Passwords, tokens and keys that somebody has written into a file which others can read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kommunebeta.errors import Problem
from kommunebeta.yamlfile import Path, YamlDocument

_NAMES = (
    r"passwd|pwd|passphrase|token|secret|credentials?|api_?key|access_?key(_?id)?|secret_?key"
    r"|secret_?access_?key|account_?key|private_?key|shared_?key|sas|sas_?key|connection_?string|authori[sz]ation"
)
_SECRET_NAME = re.compile(rf".*pass(?:word|ord)|(?:.*_)?(?:{_NAMES})", re.IGNORECASE)
_BETWEEN_WORDS = re.compile(r"[.\s-]+|(?<=[a-z0-9])(?=[A-Z])")
_NOT_ITSELF = re.compile(r"\$\{?\w+\}?|\$\{\{.*\}\}|[~.]{0,2}/.*|<.*>|\*+|x+", re.IGNORECASE)
"""The name of a variable, the path of a file, or a mark for something that is left out."""

_SECRETS = {
    "the key of an Amazon account": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a token of GitHub": r"\bgh[oprsu]_[A-Za-z0-9]{36,}|\bgithub_pat_[A-Za-z0-9_]{22,}",
    "a token of GitLab": r"\bgl(?:pat|dt|rt|ptt|ft|soat|cbt)-[A-Za-z0-9_.=-]{20,}",
    "a token of Netlify": r"\bnfp_[A-Za-z0-9]{30,}",
    "a token of Slack": r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",
    "a private key": r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----",
    "a password in an address": r"\b[a-z][a-z0-9+.-]*://[^\s/:@?#\"']*:[^\s/@?#\"']+@",
    "the key of an Azure account": r"\bAccountKey=[A-Za-z0-9+/]{20,}",
    "a signature of Azure": r"\b(?:sig|SharedAccessSignature)=[A-Za-z0-9%+/ ]{20,}",
}
_PATTERNS = {what: re.compile(pattern) for what, pattern in _SECRETS.items()}

_MEND = (
    "Take it out and have a new one made where it came from, since others may have read it; "
    "docs/deploy.md says how a secret is given instead."
)


def secrets_in(text: str, document: YamlDocument, file: str) -> tuple[Problem, ...]:
    """A problem for each line that holds a secret, without the secret.

    Secrets are known by their form wherever they stand, comments included, and by the names of their keys.
    What is public by design, such as the access key of a form's address, has another name.

    Args:
        text: what the file holds.
        document: the same, read.
        file: the file, for problems.
    """
    found: dict[int, Problem] = {}
    for line, column, what in (*_by_form(text), *_by_name(document), *_written_otherwise(text, document)):
        message = f"Here stands {what}, which everybody who gets this file can read."
        found.setdefault(line, Problem("KB025", file, line, column, message, _MEND))
    return tuple(found.values())


def _by_form(text: str) -> Iterator[tuple[int, int, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        for what, pattern in _PATTERNS.items():
            if match := pattern.search(line):
                yield number, match.start() + 1, what


def _by_name(document: YamlDocument) -> Iterator[tuple[int, int, str]]:
    for path in document.values:
        key = next((part for part in reversed(path) if isinstance(part, str)), "")
        if not _SECRET_NAME.fullmatch(_BETWEEN_WORDS.sub("_", key)):
            continue
        value = _value_of(document, path)
        if isinstance(value, str) and value.strip() and not _NOT_ITSELF.fullmatch(value.strip()):
            yield *document.place_of(path), f"what looks like a secret, by the name «{key}»"


def _written_otherwise(text: str, document: YamlDocument) -> Iterator[tuple[int, int, str]]:
    """Secrets that the file does not show as they are: with escapes, or over several lines."""
    for path in document.values:
        value = _value_of(document, path)
        if not isinstance(value, str):
            continue
        for what, pattern in _PATTERNS.items():
            if (match := pattern.search(value)) and match[0] not in text:
                yield *document.place_of(path), what


def _value_of(document: YamlDocument, path: Path) -> object:
    value = document.data
    for key in path:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return None
    return value
