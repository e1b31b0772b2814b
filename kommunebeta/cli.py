"""The command line: its commands, and how a command ends.

Heavy imports stand inside the commands, so that ``--version`` and ``--help`` answer at once.
"""

from __future__ import annotations

import io
import sys
import tempfile
import traceback
from typing import NoReturn

import click

from kommunebeta import __version__
from kommunebeta.commands.build import build_command
from kommunebeta.commands.check import check_command
from kommunebeta.commands.deploy import deploy_group
from kommunebeta.commands.embeds import embeds_group
from kommunebeta.commands.serve import serve_command
from kommunebeta.commands.start import init_command, new_command, schema_command
from kommunebeta.errors import ContentError, KommunebetaError

ISSUES = "https://github.com/kommunebeta/kommunebeta/issues"
CRASHED = 70
"""Exit code of a fault in Kommunebeta itself (``EX_SOFTWARE`` of sysexits.h)."""


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


for _command in (
    build_command,
    check_command,
    deploy_group,
    embeds_group,
    init_command,
    new_command,
    schema_command,
    serve_command,
):
    cli.add_command(_command)
