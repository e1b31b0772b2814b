"""``kommunebeta embeds``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kommunebeta.commands.words import SITE
from kommunebeta.errors import ContentError, KommunebetaError
from kommunebeta.terminal import (
    TerminalReporter,
    print_json,
    print_problems,
    print_update,
    problem_json,
    update_json,
)

if TYPE_CHECKING:
    pass


@click.group("embeds")
def embeds_group() -> None:
    """Films, slides and pictures of other sites that posts show.

    \b
    Example:
      kommunebeta embeds update
    """


@embeds_group.command("update")
@SITE
@click.option("--only", metavar="URL", default="", help="Look up this one address, known or not.")
@click.option("--check", is_flag=True, help="Look everything up again, and only mark what is withdrawn.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="How the outcome is printed.",
)
def embeds_update_command(site: Path, only: str, check: bool, form: str) -> int:
    """Ask YouTube and the others for title and picture of what the posts of SITE embed, and keep both.

    They are kept in embeds.lock.yaml and the folder embeds, which belong to the site: commit them, and
    no build needs a network. What is known already is not asked for again.

    \b
    Example:
      kommunebeta embeds update
      kommunebeta embeds update --only https://vimeo.com/76979871
      kommunebeta embeds update --check --format json
    """
    from kommunebeta.embeds.client import Client
    from kommunebeta.embeds.wanted import update_site

    reporter = TerminalReporter(show=form == "text" and sys.stderr.isatty())
    try:
        result = update_site(site, only=only, check=check, client=Client(), reporter=reporter)
    except KommunebetaError as error:
        reporter.close()
        problems = error.problems if isinstance(error, ContentError) else ()
        if form == "json":
            told = "" if problems else str(error)
            print_json({"ok": False, "error": told, "problems": [problem_json(p) for p in problems]})
        if not problems:
            raise
        if form == "text":
            print_problems(problems)
        return error.exit_code
    finally:
        reporter.close()
    if form == "json":
        print_json(update_json(result))
    else:
        print_update(result)
    return result.exit_code
