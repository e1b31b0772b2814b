"""``kommunebeta init``, ``new`` and ``schema``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kommunebeta.commands.words import SITE
from kommunebeta.options import NEW_KINDS

if TYPE_CHECKING:
    pass


_LANGUAGES = click.Choice(["nb", "nn", "se", "en"])


@click.command("init")
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


@click.command("new")
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


@click.command("schema")
@SITE
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
