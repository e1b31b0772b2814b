"""``kommunebeta deploy`` and what belongs to it."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kommunebeta.commands.words import FORM, SITE
from kommunebeta.errors import ContentError, KommunebetaError
from kommunebeta.terminal import (
    TerminalReporter,
    deployed_json,
    print_deployed,
    print_failed_checks,
    print_json,
    print_plan,
    print_releases,
    problem_json,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


class _DeployGroup(click.Group):
    """``deploy [SITE] [TARGET]`` beside ``deploy list|rollback|…``: any other first word is a site."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] in self.commands:
            return super().resolve_command(ctx, args)
        return "run", self.commands["run"], args

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        named = args and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, list(args) if named else ["run", *args])


@click.group(
    "deploy", cls=_DeployGroup, subcommand_metavar="[SITE] [TARGET] | list | rollback | verify | forget …"
)
def deploy_group() -> None:
    """Send the site to where readers find it: «deploy [SITE] [TARGET]», or one of the commands below.

    Targets stand in the settings, below «deploy». What has changed is sent, in an order that leaves no page
    without its style sheet.

    \b
    Example:
      kommunebeta deploy
      kommunebeta deploy . nettsted --dry-run
      kommunebeta deploy rollback nettsted
    """


_TARGET_SITE = click.option(
    "--site",
    default=".",
    type=click.Path(path_type=Path),
    help="The site's folder; by default the current one.",
)


@contextlib.contextmanager
def _told(form: str) -> Iterator[None]:
    """Print what stops a command as JSON too, where that is asked for."""
    try:
        yield
    except KommunebetaError as error:
        if form == "json":
            problems = error.problems if isinstance(error, ContentError) else ()
            said = "" if problems else str(error)
            print_json({"ok": False, "error": said, "problems": [problem_json(one) for one in problems]})
        raise


@deploy_group.command("run", hidden=True)
@SITE
@click.argument("target", default="")
@click.option("--dry-run", is_flag=True, help="Tell what would be sent, and send nothing.")
@click.option("--no-build", is_flag=True, help="Send what lies in the output folder, as it is.")
@click.option("--all", "everything", is_flag=True, help="Send every file again, not only what has changed.")
@click.option("--yes", "-y", is_flag=True, help="Ask nothing, not even before much is removed.")
@click.option("--verify-url", is_flag=True, help="Fetch what has changed from the public address afterwards.")
@click.option(
    "--until",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write into FILE, when all is well, until when the site stays as it is; for schedules.",
)
@FORM
def deploy_command(
    site: Path,
    target: str,
    dry_run: bool,
    no_build: bool,
    everything: bool,
    yes: bool,
    verify_url: bool,
    until: Path | None,
    form: str,
) -> int:
    """Build SITE, check it, and send what has changed to TARGET (by default the settings' default).

    \b
    Example:
      kommunebeta deploy
      kommunebeta deploy . nettsted --dry-run
      kommunebeta deploy fjordvikbeta --yes --format json
    """
    from kommunebeta.deploy.options import DeployOptions
    from kommunebeta.deploy.run import ChecksFailedError, deploy

    options = DeployOptions(target, dry_run, not no_build, everything, yes, verify_url, until=until)
    show = form == "text"
    reporter = TerminalReporter(show=show and sys.stderr.isatty())
    may_ask = show and sys.stdin.isatty()
    with _told(form):
        try:
            result = deploy(
                site,
                options,
                reporter,
                planned=print_plan if show else lambda plan: None,
                confirm=click.confirm if may_ask else lambda question: False,
            )
        except ChecksFailedError as error:
            reporter.close()
            print_failed_checks(error.result, form)
            return 1
        finally:
            reporter.close()
    print_deployed(result) if show else print_json(deployed_json(result))
    return 3 if result.wrong else 0


@deploy_group.command("list")
@click.argument("target", default="")
@_TARGET_SITE
@FORM
def deploy_list_command(target: str, site: Path, form: str) -> None:
    """Tell the releases that TARGET keeps, newest first.

    \b
    Example:
      kommunebeta deploy list nettsted
    """
    from kommunebeta.deploy.run import releases

    with _told(form):
        print_releases(releases(site, target), form)


@deploy_group.command("rollback")
@click.argument("target", default="")
@click.argument("release", default="")
@_TARGET_SITE
@FORM
def deploy_rollback_command(target: str, release: str, site: Path, form: str) -> None:
    """Let readers of TARGET have RELEASE again, by default the one before the current.

    \b
    Example:
      kommunebeta deploy rollback nettsted
      kommunebeta deploy rollback nettsted 20261125T162455Z-3f9a
    """
    from kommunebeta.deploy.run import roll_back

    with _told(form):
        back = roll_back(site, target, release)
    if form == "json":
        print_json({"ok": True, "error": "", "release": back.name})
    else:
        click.echo(f"Readers get release {back.name} now.")


@deploy_group.command("verify")
@click.argument("target", default="")
@_TARGET_SITE
@FORM
def deploy_verify_command(target: str, site: Path, form: str) -> int:
    """Compare everything at TARGET with what was sent there last.

    \b
    Example:
      kommunebeta deploy verify nettsted
    """
    from kommunebeta.deploy.run import verify

    with _told(form):
        count, wrong = verify(site, target)
    if form == "json":
        print_json({"ok": not wrong, "error": "", "files": count, "wrong": list(wrong)})
        return 3 if wrong else 0
    for line in wrong:
        click.echo(line, err=True)
    click.echo(
        f"{len(wrong)} of {count} files differ; «deploy --all» sends them again."
        if wrong
        else f"All {count} files are as they were sent."
    )
    return 3 if wrong else 0


@deploy_group.command("forget")
@click.argument("target", default="")
@_TARGET_SITE
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@FORM
def deploy_forget_command(target: str, site: Path, yes: bool, form: str) -> None:
    """Remove earlier releases at TARGET, and files there that the site no longer holds.

    What was taken out of the site, such as a name that somebody wants gone, is then gone there too. Readers
    get what they got before.

    \b
    Example:
      kommunebeta deploy forget nettsted
    """
    from kommunebeta.deploy.run import forget

    may_ask = form == "text" and sys.stdin.isatty()
    with _told(form):
        gone = forget(site, target, lambda question: yes or (may_ask and click.confirm(question)))
    if form == "json":
        print_json({"ok": True, "error": "", "releases": gone.releases, "files": list(gone.files)})
        return
    for path in gone.files:
        click.echo(f"- {path}")
    click.echo(f"Removed: earlier releases: {gone.releases}, files: {len(gone.files)}.")
