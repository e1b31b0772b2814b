"""Ready workflows that check and publish a site from a pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from kommunebeta import __version__
from kommunebeta.config import Settings, read_settings
from kommunebeta.errors import UsageError
from kommunebeta.scaffold import STARTER, filled, write_new

PLACES = {"github": ".github/workflows/publish.yml", "gitlab": ".gitlab-ci.yml"}
"""Where each pipeline looks for its workflow."""

_KEY = ("DEPLOY_KEY",)
_STORES = {
    "s3": ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
    "az": ("AZURE_STORAGE_ACCOUNT_KEY",),
    "gs": ("GOOGLE_CREDENTIALS",),
}
_SECRETS = {
    "DEPLOY_KEY": "the private key, for ssh and git",
    "KOMMUNEBETA_GIT_TOKEN": "an access token, for git by https",
    "AWS_ACCESS_KEY_ID": "for S3 and compatible stores",
    "AWS_SECRET_ACCESS_KEY": "for S3 and compatible stores",
    "AZURE_STORAGE_ACCOUNT_KEY": "for Azure",
    "GOOGLE_CREDENTIALS": "the JSON of a service account, for Google",
    "NETLIFY_AUTH_TOKEN": "for Netlify",
}


def write_pipeline(site: Path, name: str) -> Path:
    """Write the workflow of a pipeline, with the secrets named that the site's default target needs.

    Args:
        site: the site folder.
        name: ``github`` or ``gitlab``.

    Returns:
        The file.

    Raises:
        UsageError: it is there already, or the folder is not a site.
        ContentError: the settings have faults.
        OutsideError: the disk refuses.
    """
    settings, _ = read_settings(site)
    chosen, target = _target(settings)
    needed = _needed(target)
    words = {
        "{{version}}": __version__,
        "{{extras}}": "[object-store]" if target.get("kind") == "object_store" else "",
        "{{output}}": settings.output,
        "{{target}}": chosen,
        "{{environment}}": "\n".join(_github(needed) if name == "github" else _gitlab(needed)),
    }
    file = site / PLACES[name]
    if file.exists():
        raise UsageError(f"{file} exists already; it is left as it is. Move it away to get a new one.")
    text = filled((STARTER / "ci" / f"{name}.yml").read_text("utf-8"), words)
    return write_new(file, "\n".join(line.rstrip() for line in text.split("\n")))


def _target(settings: Settings) -> tuple[str, Mapping[str, object]]:
    targets = settings.deploy.targets
    name = settings.deploy.default or (next(iter(targets)) if len(targets) == 1 else "")
    return name, targets.get(name, {})


def _needed(target: Mapping[str, object]) -> tuple[str, ...]:
    kind = str(target.get("kind", ""))
    if kind == "object_store":
        return _STORES.get(urlsplit(str(target.get("url", ""))).scheme, ())
    if kind == "git" and str(target.get("remote", "")).startswith("https:"):
        return ("KOMMUNEBETA_GIT_TOKEN",)
    return {"ssh": _KEY, "git": _KEY, "netlify": ("NETLIFY_AUTH_TOKEN",)}.get(kind, ())


def _github(needed: tuple[str, ...]) -> list[str]:
    """Lines of a step's environment; those that the target does not need are comments."""
    sign = {secret: "" if secret in needed else "# " for secret in _SECRETS}
    return [
        f"          {sign[secret]}{secret}: ${{{{ secrets.{secret} }}}} # {what}"
        for secret, what in _SECRETS.items()
    ]


def _gitlab(needed: tuple[str, ...]) -> list[str]:
    """Comments: variables of a project are in the environment of its jobs by themselves."""
    known = {
        **_SECRETS,
        "DEPLOY_KEY": "the private key, of type File, for ssh and git",
        "GOOGLE_APPLICATION_CREDENTIALS": "the JSON of a service account, of type File, for Google",
    }
    known.pop("GOOGLE_CREDENTIALS")
    named = ["GOOGLE_APPLICATION_CREDENTIALS" if one == "GOOGLE_CREDENTIALS" else one for one in needed]
    return [f"#   {secret}: {what}" for secret, what in known.items() if secret in named or not named]
