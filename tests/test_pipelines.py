"""`init --ci`: workflows that are valid, name the secrets that are needed, and never overwrite anything."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import subprocess
import sys
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
    caches = [step["with"] for step in job["steps"] if "actions/cache/" in step.get("uses", "")]
    assert [cache["path"].split() for cache in caches] == [[".kommunebeta", "public"]] * 2
    assert caches[0]["key"] == caches[1]["key"]
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
        done = subprocess.run(["bash", "-n"], input=plain, text=True, capture_output=True)
        assert (done.returncode, done.stderr) == (0, "")


COMMIT = "f9ba830"
TODAY = f"{dt.datetime.now(dt.UTC):%F}"


def scripts(found: dict[str, Any], name: str) -> tuple[str, str]:
    """What a job does before anything is installed, and what it does to publish."""
    if name == "gitlab":
        return found["default"]["before_script"][0], found["publish"]["script"][0]
    steps = {step.get("name"): step.get("run", "") for step in found["jobs"]["publish"]["steps"]}
    return steps["See whether anything is due"], re.sub(r"\$\{\{.*?\}\}", "", steps["Publish"])


def run_by_a_pipeline(script: str, site: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a script of a job as a pipeline does, with an environment that holds nothing else."""
    program = site.parent / "bin/kommunebeta"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m kommunebeta "$@"\n')
    program.chmod(0o755)
    environment = {
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "HOME": str(site.parent),
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "GITHUB_SHA": COMMIT,
        "CI_COMMIT_SHA": COMMIT,
        "CI_PIPELINE_SOURCE": "schedule",
        "GITHUB_OUTPUT": str(site.parent / "output"),
        **more,
    }
    words = ["bash", "-eo", "pipefail", "-c", f"{script}\necho went on\n"]
    return subprocess.run(words, cwd=site, env=environment, capture_output=True, text=True, timeout=120)


def waits(script: str, site: Path) -> bool:
    """Whether a scheduled run ends at once."""
    told = site.parent / "output"
    told.unlink(missing_ok=True)
    done = run_by_a_pipeline(script, site)
    assert (done.returncode, done.stderr) == (0, "")
    return "went on" not in done.stdout or (told.exists() and told.read_text() == "wait=yes\n")


@pytest.mark.parametrize("name", PLACES)
def test_a_scheduled_run_ends_at_once_only_where_nothing_can_have_changed(
    make_folder: Make, name: str
) -> None:
    _, found = workflow(make_folder, "{kind: folder, path: /srv}", name)
    site = make_folder({"kommunebeta.yaml": HEAD})
    due, _ = scripts(found, name)
    assert not waits(due, site)  # nothing is kept
    (site / ".kommunebeta").mkdir()
    for kept, wait in {
        f"{COMMIT} {TODAY} forever": True,
        f"{COMMIT} {TODAY} 2099-01-01T00:00:00Z": True,
        f"{COMMIT} {TODAY} 2026-01-01T00:00:00Z": False,
        f"{COMMIT} 2026-01-01 forever": False,
        f"0123456 {TODAY} forever": False,
        f"{COMMIT} {TODAY}": False,
        "": False,
        "\0\0": False,
    }.items():
        (site / ".kommunebeta/published").write_text(f"{kept}\n")
        assert (kept, waits(due, site)) == (kept, wait)


@pytest.mark.skipif(shutil.which("ssh-agent") is None, reason="OpenSSH is missing")
@pytest.mark.parametrize("name", PLACES)
def test_a_job_publishes_with_a_key_that_it_tells_nobody_and_then_has_nothing_to_do(
    make_folder: Make, tmp_path: Path, name: str
) -> None:
    _, found = workflow(make_folder, "{kind: folder, path: ../ut}", name)
    head = f"{settings_with('{kind: folder, path: ../ut}')}base_url: https://beta.example.no/\n"
    site = make_folder({"kommunebeta.yaml": f"{head}contact: {{email: post@example.no}}\n"})
    post = site / "content/posts/x.md"
    post.parent.mkdir(parents=True)
    post.write_text("---\ntitle: Hei\ndate: 2026-01-02\nsummary: Kort.\n---\nHei på dere.\n", "utf-8")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "key"], check=True)
    key = (tmp_path / "key").read_text("ascii")
    due, publish = scripts(found, name)
    pasted = key.replace("\n", "\r\n")  # as Windows has it
    done = run_by_a_pipeline(publish, site, DEPLOY_KEY=pasted)
    assert done.returncode == 0, done.stderr
    assert "went on" in done.stdout
    assert (tmp_path / "ut/current/2026/01/x/index.html").is_file()
    assert not any(line in done.stdout + done.stderr for line in key.splitlines())
    assert waits(due, site)
    (site / "kommunebeta.yaml").write_text(head.replace("kind: folder", "kind: ftp"))
    shared = str(tmp_path / "key") if name == "gitlab" else key
    done = run_by_a_pipeline(publish, site, DEPLOY_KEY=shared)
    assert (done.returncode, "went on" in done.stdout) == (1, False)
    assert not waits(due, site)


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
