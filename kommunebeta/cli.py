"""The command line: parses the words, calls one function, prints what came back.

Heavy imports stand inside the commands, so that ``--version`` and ``--help`` answer at once.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from kommunebeta import __version__
from kommunebeta.errors import ContentError, KommunebetaError, OutsideError, UsageError
from kommunebeta.options import NEW_KINDS
from kommunebeta.terminal import (
    TerminalReporter,
    deployed_json,
    print_deployed,
    print_failed_checks,
    print_failure,
    print_findings,
    print_json,
    print_look_up,
    print_plan,
    print_problems,
    print_refresh,
    print_releases,
    print_result,
    print_update,
    problem_json,
    result_json,
    update_json,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from kommunebeta.check.finding import Group
    from kommunebeta.options import BuildOptions
    from kommunebeta.preview import Refresh
    from kommunebeta.serve.online import LookUps

ISSUES = "https://github.com/kommunebeta/kommunebeta/issues"
CRASHED = 70
"""Exit code of a fault in Kommunebeta itself (``EX_SOFTWARE`` of sysexits.h)."""

_LANGUAGES = click.Choice(["nb", "nn", "se", "en"])


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run a command and end the process.

    Exit codes: 0 good, 1 problems in the content, 2 wrong use, 3 the outside world failed,
    70 a fault in Kommunebeta itself. No traceback is shown: that of a fault of ours goes to a file.
    """
    for stream in (sys.stdout, sys.stderr):
        # A console or a log file of Windows may lack Sámi letters; that is no reason to stop.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = cli.main(arguments, prog_name="kommunebeta", standalone_mode=False)
    except click.exceptions.Abort:
        _end(130, "Stopped.")
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except KommunebetaError as error:
        _end(error.exit_code, str(error) if isinstance(error, ContentError) else f"Error: {error}")
    except KeyboardInterrupt:
        _end(130, "Stopped.")
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        _end(3, f"Error: the system said «{error.strerror or error}»{where}.")
    except Exception:
        _crash()
    sys.exit(code if isinstance(code, int) else 0)


def _end(code: int, message: str) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(code)


def _crash() -> NoReturn:
    report = f"kommunebeta {__version__}, Python {sys.version}\n\n{traceback.format_exc()}"
    try:
        with tempfile.NamedTemporaryFile(
            "w",
            prefix="kommunebeta-",
            suffix=".txt",
            delete=False,
            encoding="utf-8",
            errors="backslashreplace",
        ) as file:
            file.write(report)
        enclosed = f" with this file, which may name files of your site: {file.name}"
    except OSError:
        enclosed = f": {report.splitlines()[-1]}"
    _end(
        CRASHED,
        "This is a fault in Kommunebeta, not in your site. Nothing was published, the old site stands.\n"
        f"Please report it at {ISSUES}{enclosed}",
    )


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="kommunebeta %(version)s")
def cli() -> None:
    """A municipality's beta blog, from a folder of Markdown.

    \b
    Example:
      kommunebeta init fjordvikbeta --municipality "Fjordvik kommune"
      cd fjordvikbeta
      kommunebeta build
    """


def _moment(context: click.Context, parameter: click.Parameter, value: str | None) -> dt.datetime | None:
    if value is None:
        return None
    from kommunebeta.validation import parse_moment

    try:
        return parse_moment(value)
    except ValueError as error:
        raise click.BadParameter(f'{error}. Write it as 2026-05-17 or "2026-05-17 12:00".') from error


def _groups(context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[Group, ...]:
    from kommunebeta.check.finding import Group

    try:
        return tuple(dict.fromkeys(Group(word.strip()) for word in (value or "").split(",") if word.strip()))
    except ValueError as error:
        raise click.BadParameter(f"{error}. Known are {', '.join(Group)}.") from error


_SITE = click.argument("site", default=".", type=click.Path(path_type=Path))


@cli.command("build")
@_SITE
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    help="Output folder; else the one in the settings (public).",
)
@click.option("--base-url", metavar="URL", help="The site's address, instead of the one in the settings.")
@click.option("--drafts", is_flag=True, help="Build drafts too.")
@click.option("--future", is_flag=True, help="Build posts whose moment is still to come.")
@click.option(
    "--at", metavar="DATETIME", callback=_moment, help="Build the site as it would be at that moment."
)
@click.option("--clean", is_flag=True, help="Build everything anew, without the cache.")
@click.option(
    "--explain", metavar="PATH", help="Say why the output PATH was or would be made anew; builds nothing."
)
@click.option("--strict", is_flag=True, help="Stop on warnings too.")
@click.option(
    "--jobs",
    "-j",
    type=click.IntRange(0, 256),
    default=0,
    metavar="N",
    help="Largest number of processes; 0 is one per processor.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="How the outcome is printed.",
)
@click.option("--quiet", "-q", is_flag=True, help="Print errors only.")
@click.option("--verbose", "-v", is_flag=True, help="Name every file that changed.")
def build_command(
    site: Path,
    output: Path | None,
    base_url: str | None,
    drafts: bool,
    future: bool,
    at: dt.datetime | None,
    clean: bool,
    explain: str | None,
    strict: bool,
    jobs: int,
    form: str,
    quiet: bool,
    verbose: bool,
) -> int:
    """Build the site in SITE (by default the current folder).

    With errors nothing is published and the output folder stays as it was.

    \b
    Example:
      kommunebeta build
      kommunebeta build example_site --output /tmp/preview --drafts
      kommunebeta build --at "2026-12-24 12:00" --format json
      kommunebeta build --explain 2026/05/svommehallen/
    """
    from kommunebeta.build import BuildOptions, build

    options = BuildOptions(output, base_url, drafts, future, at, strict, jobs, clean)
    if explain is not None:
        return _explain(site, options, explain)
    reporter = TerminalReporter(show=form == "text" and not quiet and sys.stderr.isatty())
    try:
        result = build(site, options, reporter)
    except ContentError as error:
        reporter.close()
        print_failure(error.problems, form, quiet)
        return error.exit_code
    except (UsageError, OutsideError) as error:
        if form == "json":
            print_json({"ok": False, "error": str(error), "problems": []})
        raise
    finally:
        reporter.close()
    if form == "json":
        print_json(result_json(result))
    elif not quiet:
        print_result(result, verbose)
    return 0


def _explain(site: Path, options: BuildOptions, path: str) -> int:
    from kommunebeta.explain import explain

    try:
        for line in explain(site, options, path, TerminalReporter(show=False)):
            click.echo(line)
    except ContentError as error:
        print_failure(error.problems, "text", quiet=False)
        return error.exit_code
    return 0


@cli.command("check")
@_SITE
@click.option(
    "--external", is_flag=True, help="Ask other sites, over the network, whether links to them work."
)
@click.option(
    "--only",
    metavar="GROUPS",
    callback=_groups,
    help="Tell of these alone, with commas between: build, links, pages, privacy, dialogue, site.",
)
@click.option("--strict", is_flag=True, help="Let warnings count as errors.")
@click.option(
    "--baseline",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="File with the findings that are known; else check-baseline.yaml in SITE, if it is there.",
)
@click.option("--update-baseline", is_flag=True, help="Write what is found into the baseline.")
@click.option("--no-build", is_flag=True, help="Check what lies in the output folder, as it is.")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    help="Output folder; else the one in the settings (public).",
)
@click.option("--base-url", metavar="URL", help="The site's address, instead of the one in the settings.")
@click.option(
    "--at", metavar="DATETIME", callback=_moment, help="Check the site as it would be at that moment."
)
@click.option(
    "--jobs",
    "-j",
    type=click.IntRange(0, 256),
    default=0,
    metavar="N",
    help="Largest number of processes; 0 is one per processor.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif"]),
    default="text",
    help="How the findings are printed.",
)
@click.option("--verbose", "-v", is_flag=True, help="Say why each finding matters.")
def check_command(
    site: Path,
    external: bool,
    only: tuple[Group, ...],
    strict: bool,
    baseline: Path | None,
    update_baseline: bool,
    no_build: bool,
    output: Path | None,
    base_url: str | None,
    at: dt.datetime | None,
    jobs: int,
    form: str,
    verbose: bool,
) -> int:
    """Build SITE and look for faults: broken links, barriers, privacy leaks, late answers.

    Each finding names the line to mend. Exit code 1 with errors, and with warnings when --strict.

    \b
    Example:
      kommunebeta check
      kommunebeta check --only links,privacy --strict
      kommunebeta check --external
      kommunebeta check --format sarif > check.sarif
    """
    from kommunebeta.check.options import CheckOptions
    from kommunebeta.check.report import findings_json, findings_sarif
    from kommunebeta.check.run import check, update

    options = CheckOptions(only, external, not no_build, output, base_url, at, baseline, strict, jobs)
    reporter = TerminalReporter(show=form == "text" and sys.stderr.isatty())
    try:
        if update_baseline:
            file, count = update(site, options, reporter)
            click.echo(f"{file}: {count} findings are known from now on.")
            return 0
        result = check(site, options, reporter)
    except (UsageError, OutsideError) as error:
        if form == "json":
            print_json({"ok": False, "error": str(error), "findings": []})
        raise
    finally:
        reporter.close()
    if form == "text":
        print_findings(result, verbose)
    else:
        print_json(findings_json(result) if form == "json" else findings_sarif(result))
    return result.exit_code


@cli.command("serve")
@_SITE
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port; the next free one when it is taken, any free one for 0.",
)
@click.option("--open", "open_browser", is_flag=True, help="Open the browser.")
@click.option("--drafts", is_flag=True, help="Show drafts too.")
@click.option("--future", is_flag=True, help="Show posts whose moment is still to come.")
@click.option("--poll", is_flag=True, help="Look at the files again and again, for network folders.")
@click.option("--online", is_flag=True, help="Look new embeds up meanwhile, as «embeds update» does.")
def serve_command(
    site: Path, host: str, port: int, open_browser: bool, drafts: bool, future: bool, poll: bool, online: bool
) -> None:
    """Show a preview of SITE that follows every edit, until Ctrl-C.

    \b
    Example:
      kommunebeta serve
      kommunebeta serve fjordvikbeta --drafts --open
      kommunebeta serve --host 0.0.0.0
    """
    import asyncio

    from kommunebeta.options import BuildOptions
    from kommunebeta.serve.run import serve

    look_ups = _look_ups(site) if online else None

    def told(refresh: Refresh) -> None:
        print_refresh(refresh)
        if look_ups:
            look_ups.look(refresh)

    def began(host: str, found: int, first: Refresh) -> None:
        told(first)
        if found != port and port:
            click.echo(f"Port {port} is taken, so {found} is used.", err=True)
        address = f"http://{'localhost' if host in ('127.0.0.1', '0.0.0.0', '::', '::1') else host}:{found}/"
        click.echo(f"Preview: {address} (Ctrl-C ends it)")
        if host in ("0.0.0.0", "::"):
            _warn_of_network(found)
        if open_browser:
            click.launch(address)

    options = BuildOptions(drafts=drafts, future=future)
    click.echo("Building the preview …", err=True)
    asyncio.run(serve(site, options, host=host, port=port, poll=poll, began=began, told=told))


def _look_ups(site: Path) -> LookUps:
    from kommunebeta.embeds.client import Client
    from kommunebeta.serve.online import LookUps

    return LookUps(site, Client(), print_look_up)


def _warn_of_network(port: int) -> None:
    import socket

    click.echo("Everybody on this network can see the preview, drafts included.", err=True)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # nothing is sent: it only tells which of our addresses leads out
            click.echo(f"On a phone: http://{probe.getsockname()[0]}:{port}/")
        except OSError:
            pass


@cli.command("init")
@click.argument("folder", metavar="DIR", default=".", type=click.Path(path_type=Path))
@click.option("--name", help="Name of the site, such as Fjordvikbeta; else the folder's name.")
@click.option("--municipality", help='Name of the municipality, such as "Fjordvik kommune".')
@click.option(
    "--language", type=_LANGUAGES, default="nb", show_default=True, help="Main language of the site."
)
@click.option(
    "--ci",
    type=click.Choice(["github", "gitlab"]),
    help="Write a workflow that publishes from there; in a folder that is a site, nothing else.",
)
def init_command(
    folder: Path, name: str | None, municipality: str | None, language: str, ci: str | None
) -> None:
    """Start a site in the new or empty folder DIR.

    \b
    Example:
      kommunebeta init fjordvikbeta --name Fjordvikbeta --municipality "Fjordvik kommune"
      kommunebeta init --ci github
    """
    import datetime as dt

    from kommunebeta.config import FILE_NAME
    from kommunebeta.pipelines import write_pipeline
    from kommunebeta.scaffold import init_site

    if not (ci and (folder / FILE_NAME).is_file()):
        name = name or folder.resolve().name.replace("-", " ").capitalize()
        municipality = municipality or f"{name.removesuffix('beta').strip() or name} kommune"
        today = dt.date.today()
        files = init_site(folder, name=name, municipality=municipality, language=language, today=today)
        click.echo(f"{folder}: {len(files)} files for «{name}» of {municipality}.")
        click.echo(f"Next:\n  cd {folder}\n  kommunebeta serve --drafts --open")
    if ci:
        click.echo(
            f"{write_pipeline(folder, ci)}: its first lines and docs/deploy.md say what is left to do."
        )


@cli.command("new")
@click.argument("kind", type=click.Choice(NEW_KINDS))
@click.argument("title")
@click.option(
    "--site",
    default=".",
    type=click.Path(path_type=Path),
    help="The site's folder; by default the current one.",
)
@click.option("--language", metavar="LANG", help="Language of the text; else the site's.")
def new_command(kind: str, title: str, site: Path, language: str | None) -> None:
    """Write a filled-in start; never overwrites a file.

    A survey is a form and a post. An answer is named by the post's id, which gives a contribution that
    came by other ways, with its answer; or by the post's id, a slash and the contribution's, which adds
    one more answer there. A form is a copy of one of the theme's, by its id.

    \b
    Example:
      kommunebeta new post "Svømmehallen åpner igjen"
      kommunebeta new person "Kommunedirektør"
      kommunebeta new consultation "Hva skal filmen vise?"
      kommunebeta new survey "Hva synes du om biblioteket?"
      kommunebeta new answer svommehallen/a1b2
      kommunebeta new form innspill
    """
    import datetime as dt

    from kommunebeta.starts import start

    files = start(site, kind, title, language=language, today=dt.date.today())
    for file in files:
        click.echo(str(file))
    if kind in ("post", "consultation", "survey"):
        click.echo("It is a draft: «kommunebeta build --drafts» shows it.")
        click.echo("Take its line «draft: true» away to publish it.")
    elif kind == "answer":
        click.echo("Write the text where it is empty; until then a build says that it is missing.")


@cli.command("schema")
@_SITE
@click.option(
    "--print",
    "name",
    metavar="NAME",
    help="Print one schema instead: kommunebeta, post, page, experiment, person, form, contribution, "
    "outcome, results or summary.",
)
def schema_command(site: Path, name: str | None) -> None:
    """Write JSON Schemas into SITE, so that editors complete and check while one types.

    \b
    Example:
      kommunebeta schema
      kommunebeta schema --print post
    """
    from kommunebeta.schema import EDITOR_FILE, schemas, write_schemas

    if name is None:
        written = write_schemas(site)
        for file in written:
            click.echo(str(file))
        if site / EDITOR_FILE not in written:
            told = f"{site / EDITOR_FILE} is left as it is, since it is not plain JSON."
            click.echo(f"{told} Add «yaml.schemas» to it yourself; see docs/settings.md.", err=True)
        return
    known = schemas()
    if name not in known:
        raise click.UsageError(f"There is no schema «{name}». Known: {', '.join(known)}.")
    click.echo(json.dumps(known[name], ensure_ascii=False, indent=2))


class _DeployGroup(click.Group):
    """``deploy [SITE] [TARGET]`` beside ``deploy list|rollback|verify``: any other first word is a site."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] in self.commands:
            return super().resolve_command(ctx, args)
        return "run", self.commands["run"], args

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        named = args and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, list(args) if named else ["run", *args])


@cli.group("deploy", cls=_DeployGroup, subcommand_metavar="[SITE] [TARGET] | list | rollback | verify …")
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
_FORM = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="How the outcome is printed.",
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
@_SITE
@click.argument("target", default="")
@click.option("--dry-run", is_flag=True, help="Tell what would be sent, and send nothing.")
@click.option("--no-build", is_flag=True, help="Send what lies in the output folder, as it is.")
@click.option("--all", "everything", is_flag=True, help="Send every file again, not only what has changed.")
@click.option("--yes", "-y", is_flag=True, help="Ask nothing, not even before much is removed.")
@click.option("--verify-url", is_flag=True, help="Fetch what has changed from the public address afterwards.")
@_FORM
def deploy_command(
    site: Path,
    target: str,
    dry_run: bool,
    no_build: bool,
    everything: bool,
    yes: bool,
    verify_url: bool,
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

    options = DeployOptions(target, dry_run, not no_build, everything, yes, verify_url)
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
@_FORM
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
@_FORM
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
@_FORM
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


@cli.group("embeds")
def embeds_group() -> None:
    """Films, slides and pictures of other sites that posts show.

    \b
    Example:
      kommunebeta embeds update
    """


@embeds_group.command("update")
@_SITE
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
