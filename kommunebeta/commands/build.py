"""``kommunebeta build``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kommunebeta.commands.words import SITE, moment
from kommunebeta.errors import ContentError, OutsideError, UsageError
from kommunebeta.terminal import (
    TerminalReporter,
    print_failure,
    print_json,
    print_result,
    result_json,
)

if TYPE_CHECKING:
    import datetime as dt

    from kommunebeta.options import BuildOptions


@click.command("build")
@SITE
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
    "--at", metavar="DATETIME", callback=moment, help="Build the site as it would be at that moment."
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
