"""`init --ci`: workflows that are valid, name the secrets that are needed, and never overwrite anything."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from kommunebeta import __version__
from kommunebeta.errors import UsageError
from kommunebeta.pipelines import PLACES, write_pipeline

Make = Callable[..., Path]
Command = Callable[..., subprocess.CompletedProcess[str]]
HEAD = "name: Fjordvikbeta\nmunicipality: Fjordvik kommune\n"
KINDS = {
    "{kind: ssh, host: web1, path: /srv}": ["DEPLOY_KEY"],
    "{kind: folder, path: /srv}": [],
    "{kind: git, remote: 'git@example.org:k/b.git'}": ["DEPLOY_KEY"],
    "{kind: git, remote: 'https://example.org/k/b.git'}": ["KOMMUNEBETA_GIT_TOKEN"],
    "{kind: netlify, site: x}": ["NETLIFY_AUTH_TOKEN"],
    "{kind: object_store, url: 's3://b'}": ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
    "{kind: object_store, url: 'az://b'}": ["AZURE_STORAGE_ACCOUNT_KEY"],
    "{kind: object_store, url: 'gs://b'}": ["GOOGLE_CREDENTIALS"],
}


def settings_with(target: str) -> str:
    return f"{HEAD}deploy: {{targets: {{sky: {target}}}}}\n"


def workflow(make_folder: Make, target: str, name: str) -> tuple[str, dict[str, Any]]:
    """A workflow's text, and what YAML 1.2 reads in it, where «on» is a word."""
    file = write_pipeline(make_folder({"kommunebeta.yaml": settings_with(target)}), name)
    text = file.read_text("utf-8")
    found = yaml.load(text, Loader=yaml.BaseLoader)
    assert isinstance(found, dict)
    return text, found


@pytest.mark.parametrize(("target", "secrets"), KINDS.items())
def test_github_is_given_the_secrets_that_the_target_needs_and_no_others(
    make_folder: Make, target: str, secrets: list[str]
) -> None:
    text, found = workflow(make_folder, target, "github")
    job = found["jobs"]["publish"]
    publish = next(step for step in job["steps"] if step.get("name") == "Publish")
    expected = {"PYTHONUTF8": "1", **{secret: f"${{{{ secrets.{secret} }}}}" for secret in secrets}}
    assert publish["env"] == expected
    assert "kommunebeta deploy . sky " in publish["run"]
    install = next(step["run"] for step in job["steps"] if step.get("name") == "Install")
    extra = "[object-store]" if "object_store" in target else ""
    assert install == f'python -m pip install "kommunebeta{extra}=={__version__}"'
    assert found["permissions"] == {"contents": "read"}
    assert {"push", "schedule", "workflow_dispatch"} <= found["on"].keys()
    cache = next(step for step in job["steps"] if "cache@" in step.get("uses", ""))
    assert cache["with"]["path"].split() == [".kommunebeta", "public"]
    assert found["concurrency"]["cancel-in-progress"] == "false"
    assert not re.search(r"\{\{\w|[ \t]\n", text)


@pytest.mark.parametrize(("target", "secrets"), KINDS.items())
def test_gitlab_names_the_variables_that_the_target_needs(
    make_folder: Make, target: str, secrets: list[str]
) -> None:
    text, found = workflow(make_folder, target, "gitlab")
    named = re.findall(r"^#   ([A-Z_]+):", text, re.M)
    wanted = ["GOOGLE_APPLICATION_CREDENTIALS" if one == "GOOGLE_CREDENTIALS" else one for one in secrets]
    assert named == wanted or (not wanted and len(named) == 7)
    assert found["default"]["cache"]["paths"] == [".kommunebeta/", "public/"]
    assert "kommunebeta deploy . sky ${REMOVE:+--yes}" in found["publish"]["script"][0]
    assert found["publish"]["resource_group"] == "publish"


@pytest.mark.parametrize("name", PLACES)
def test_the_scripts_of_a_workflow_are_shell(make_folder: Make, name: str) -> None:
    _, found = workflow(make_folder, "{kind: ssh, host: web1, path: /srv}", name)
    if name == "github":
        scripts = [step["run"] for step in found["jobs"]["publish"]["steps"] if "run" in step]
    else:
        scripts = [*found["publish"]["script"], *found["default"]["before_script"]]
    for script in scripts:
        plain = re.sub(r"\$\{\{.*?\}\}", "", script)
        done = subprocess.run(["sh", "-n"], input=plain, text=True, capture_output=True)
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", PLACES)
def test_a_site_that_is_there_gets_the_workflow_alone_and_only_once(
    make_folder: Make, command: Command, name: str
) -> None:
    site = make_folder({"kommunebeta.yaml": settings_with("{kind: folder, path: ../ut}")})
    done = command("init", "--ci", name, folder=site)
    assert done.returncode == 0, done.stderr
    files = {file.relative_to(site).as_posix() for file in site.rglob("*") if file.is_file()}
    assert files == {"kommunebeta.yaml", PLACES[name]}
    (site / PLACES[name]).write_text("mine")
    done = command("init", "--ci", name, folder=site)
    assert done.returncode == 2
    assert "left as it is" in done.stderr
    assert (site / PLACES[name]).read_text() == "mine"


def test_a_new_site_may_have_its_workflow_from_the_start(tmp_path: Path, command: Command) -> None:
    done = command("init", tmp_path / "ny", "--ci", "github")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "ny/kommunebeta.yaml").is_file()
    assert "# DEPLOY_KEY: " in (tmp_path / "ny" / PLACES["github"]).read_text("utf-8")


def test_a_folder_without_a_site_has_no_workflow(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a site"):
        write_pipeline(tmp_path, "github")
