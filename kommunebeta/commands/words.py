"""Words that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import datetime as dt


def moment(context: click.Context, parameter: click.Parameter, value: str | None) -> dt.datetime | None:
    """An option's value as a moment.

    Raises:
        click.BadParameter: it is none.
    """
    if value is None:
        return None
    from kommunebeta.validation import parse_moment

    try:
        return parse_moment(value)
    except ValueError as error:
        raise click.BadParameter(f'{error}. Write it as 2026-05-17 or "2026-05-17 12:00".') from error


SITE = click.argument("site", default=".", type=click.Path(path_type=Path))

FORM = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="How the outcome is printed.",
)
