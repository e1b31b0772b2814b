"""Secrets in the settings: told of at their line, never repeated, and what is public by design left alone."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from kommunebeta.confidential import secrets_in
from kommunebeta.config import read_settings
from kommunebeta.errors import ContentError
from kommunebeta.yamlfile import read_yaml

Make = Callable[..., Path]
HEAD = "name: Fjordvikbeta\nmunicipality: Fjordvik kommune\n"
# Each in two pieces, so that nobody's search for leaked secrets finds this file.
SECRETS = {
    "amazon": "AKIA" + "IOSFODNN7EXAMPLE",
    "github": "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a",
    "github, fine-grained": "github_" + "pat_11ABCDEFG0aBcDeFgHiJkL_mNoPqRsTuVwXyZ",
    "gitlab": "glpat" + "-abcdefghijklmnopqrst",
    "netlify": "nfp_" + "abcdefghijklmnopqrstuvwxyz0123456789",
    "private key": "-----BEGIN OPENSSH" + " PRIVATE KEY-----",
    "address": "https://" + "kari:hemmelig123@git.example.no/beta.git",
    "azure key": "DefaultEndpointsProtocol=https;Account" + "Key=abcdefghijklmnopqrstuvwxyz0123456789==",
    "azure signature": "https://x.blob.example.net/$web?sv=2024&" + "sig=abcdefghijklmnopqrstuvwxyz0123%3D",
}
COMMANDS = (["build"], ["check"], ["deploy"], ["deploy", "list", "--site"], ["deploy", "verify", "--site"])


def settings_of(lines: str) -> str:
    return f"{HEAD}deploy:\n  targets:\n    sky:\n{lines}"


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
@pytest.mark.parametrize("form", ['      note: "{}"\n', "      # {}\n"], ids=["value", "comment"])
def test_a_secret_is_known_by_its_form_and_is_not_repeated(make_folder: Make, secret: str, form: str) -> None:
    site = make_folder({"kommunebeta.yaml": settings_of("      kind: folder\n" + form.format(secret))})
    with pytest.raises(ContentError) as caught:
        read_settings(site)
    problems = [problem for problem in caught.value.problems if problem.code == "KB025"]
    assert [(problem.path, problem.line) for problem in problems] == [("kommunebeta.yaml", 7)]
    assert secret not in str(caught.value)
    assert "hemmelig123" not in str(caught.value)


@pytest.mark.parametrize(
    "key",
    [
        "password",
        "passord",
        "token",
        "auth_token",
        "secret",
        "access_key",
        "secretAccessKey",
        "API-token",
        "api-key",
        "accessToken",
        "pwd",
        "adgangspassord",
    ],
)
def test_a_secret_is_known_by_the_name_of_its_key(make_folder: Make, key: str) -> None:
    site = make_folder({"kommunebeta.yaml": settings_of(f"      kind: folder\n      {key}: hunter2\n")})
    with pytest.raises(ContentError) as caught:
        read_settings(site)
    assert [(problem.code, problem.line, problem.column) for problem in caught.value.problems] == [
        ("KB025", 7, 9 + len(key))
    ]
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        ("a:\n  - b:\n      - password: hunter2\n", 3),
        ("a: {b: {c: [{token: hunter2}]}}\n", 1),
        ("a: &it hunter2\nb: {password: *it}\n", 2),
        ("a: &it {password: hunter2}\nb:\n  <<: *it\n", 1),
        ("password: |\n  hunter2\n", 1),
        ("token:\n  - hunter2\n", 2),
        (f'a: "gh\\x70_{SECRETS["github"][4:]}"\n', 1),
        ('a: "https://kari:hem\\\n  melig@git.example.no/x"\n', 1),
    ],
)
def test_a_secret_is_found_however_it_is_written(lines: str, line: int) -> None:
    found = secrets_in(lines, read_yaml(lines, "x"), "x")
    assert [problem.line for problem in found] == [line]
    assert "hunter2" not in str(found)


@pytest.mark.parametrize(
    "harmless",
    [
        "inbox: {to: web3forms, key: 5f0b3a1e-9c2d-4e6f-8a7b-1c2d3e4f5a6b}\n",
        "extra: {token: $NETLIFY_AUTH_TOKEN}\n",
        "extra: {password: ''}\n",
        "extra: {private_key: ~/.ssh/id_ed25519}\n",
        "tagline: Du trenger ikke passord eller token her\n",
        "extra: {film: 'https://tv.example.no:8443/film@1'}\n",
        "extra: {token: [$NETLIFY_AUTH_TOKEN], passwordless: yes, keys: [a, b], compass: nord}\n",
        "extra: {keyword: passord, tokens_of_thanks: blomster}\n",
    ],
)
def test_what_is_public_by_design_is_no_secret(harmless: str) -> None:
    assert secrets_in(harmless, read_yaml(harmless, "x"), "x") == ()


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_that_reads_the_settings_stops_at_a_secret(
    make_folder: Make, command: Callable[..., subprocess.CompletedProcess[str]], words: list[str]
) -> None:
    target = "      kind: folder\n      path: ut\n      token: hunter2\n"
    site = make_folder(
        {"kommunebeta.yaml": settings_of(target), "content/posts/x.md": "---\ntitle: x\n---\nx\n"}
    )
    done = command(*words, site) if words[-1] != "--site" else command(*words[:-1], "sky", "--site", site)
    assert done.returncode == 1
    said = done.stdout + done.stderr
    assert "kommunebeta.yaml:8:14: error KB025" in said
    assert "hunter2" not in said
    assert not (site / "ut").exists()
