"""``kommunebeta check``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kommunebeta.commands.words import SITE, moment
from kommunebeta.errors import OutsideError, UsageError
from kommunebeta.terminal import (
    TerminalReporter,
    print_findings,
    print_json,
)

if TYPE_CHECKING:
    import datetime as dt

    from kommunebeta.check.finding import Group


def _groups(context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[Group, ...]:
    from kommunebeta.check.finding import Group

    words = dict.fromkeys(word.strip() for word in (value or "").split(",") if word.strip())
    for word in words:
        if word not in list(Group):
            raise click.BadParameter(f"there is no group «{word}». Known are {', '.join(Group)}.")
    return tuple(map(Group, words))


@click.command("check")
@SITE
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
    "--at", metavar="DATETIME", callback=moment, help="Check the site as it would be at that moment."
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
