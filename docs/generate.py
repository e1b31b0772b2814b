"""Write the tables of the reference pages from the models that the program itself checks with.

Run ``make docs`` after a change to a field, setting, option, template variable, filter or problem
code. Everything outside the markers is written by hand and left alone.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import click
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from kommunebeta import contexts, model, site
from kommunebeta.check.checks import CHECKS
from kommunebeta.check.finding import Group
from kommunebeta.cli import cli
from kommunebeta.codes import CODES
from kommunebeta.config import EmbedSettings, Settings
from kommunebeta.dialogue import model as dialogue
from kommunebeta.dialogue import threads
from kommunebeta.dialogue.contributions import NORWEGIAN_ANSWER_KEYS, NORWEGIAN_CONTRIBUTION_KEYS
from kommunebeta.dialogue.folder import NORWEGIAN_SUMMARY_KEYS
from kommunebeta.dialogue.forms import FormDefinition
from kommunebeta.dialogue.outcomes import NORWEGIAN_OUTCOME_KEYS, OutcomeMatter
from kommunebeta.dialogue.questions import KINDS, Question
from kommunebeta.dialogue.results import NORWEGIAN_RESULT_KEYS, ResultsMatter
from kommunebeta.embeds.matter import NORWEGIAN_EMBED_KEYS, EmbedMatter
from kommunebeta.embeds.providers import PROVIDERS
from kommunebeta.engine import builtin_themes
from kommunebeta.filters import Filters
from kommunebeta.frontmatter import (
    FOREIGN_KEYS,
    NORWEGIAN_EXPERIMENT_KEYS,
    NORWEGIAN_KEYS,
    NORWEGIAN_PERSON_KEYS,
    EntryMatter,
    ExperimentMatter,
    PageMatter,
    PersonMatter,
    PostMatter,
)
from kommunebeta.theme import ThemeSetting
from kommunebeta.validation import in_language
from kommunebeta.yamlfile import read_yaml

DOCS = Path(__file__).resolve().parent
Rows = Iterable[tuple[str, ...]]


def table(head: tuple[str, ...], rows: Rows) -> str:
    """A Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def inner(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models within a field's annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from inner(part)


def field_rows(of: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str]]:
    """A row for each field of a model and of the models inside it."""
    for name, field in of.model_fields.items():
        yield f"`{prefix}{name}`", " ".join([field.description or "", *facts(field)])
        for part in dict.fromkeys(inner(field.annotation)):
            if part not in (of, Settings) and not issubclass(part, tuple(KINDS.values())):
                yield from field_rows(part, f"{prefix}{name}.")


def own_rows(of: type[BaseModel], base: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """The rows of a model without those that its base has."""
    common = {row[0] for row in field_rows(base)}
    return (row for row in field_rows(of) if row[0] not in common)


def facts(field: FieldInfo) -> Iterator[str]:
    """What may be written in a field, beyond its description: values, bounds, default."""
    values = [value for value in choices(field.annotation) if value]
    if values and not all(f"`{value}`" in (field.description or "") for value in values):
        yield f"Values: {', '.join(f'`{value}`' for value in values)}."
    bounds = {
        key: getattr(rule, key) for rule in field.metadata for key in ("ge", "le") if hasattr(rule, key)
    }
    if len(bounds) == 2:
        yield f"{bounds['ge']}–{bounds['le']}."
    default = field.get_default()
    if field.is_required():
        yield "Required."
    elif isinstance(default, bool):
        yield f"Default: `{str(default).lower()}`."
    elif (
        isinstance(default, (str, int))
        and default not in ("", 0)
        and f"`{default}`" not in (field.description or "")
    ):
        yield f"Default: `{default}`."
    elif isinstance(default, list) and default:
        yield f"Default: `[{', '.join(map(str, default))}]`."


def choices(annotation: Any) -> Iterator[str]:
    """The values of a field that allows only some."""
    if get_origin(annotation) is Literal:
        yield from get_args(annotation)
    elif not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        for part in get_args(annotation):
            yield from choices(part)


def names(aliases: dict[str, str]) -> str:
    """A table of other names for fields."""
    return table(("Written", "Means"), ((f"`{other}`", f"`{own}`") for other, own in aliases.items()))


def dialogue_names() -> str:
    """The Norwegian names in the files of ``dialogue/``, with the files that they are for."""
    files = {
        "a contribution": NORWEGIAN_CONTRIBUTION_KEYS,
        "its answers": NORWEGIAN_ANSWER_KEYS,
        "`outcome.yaml`": NORWEGIAN_OUTCOME_KEYS,
        "`results.yaml`": NORWEGIAN_RESULT_KEYS,
        "`summary.yaml`": NORWEGIAN_SUMMARY_KEYS,
    }
    places: dict[tuple[str, str], list[str]] = {}
    for file, aliases in files.items():
        for other, own in aliases.items():
            places.setdefault((other, own), []).append(file)
    rows = ((f"`{other}`", f"`{own}`", ", ".join(where)) for (other, own), where in places.items())
    return table(("Written", "Means", "In"), rows)


def first_line(of: Any) -> str:
    """The first paragraph of a docstring on one line."""
    return " ".join((inspect.getdoc(of) or "").split("\n\n")[0].split())


def context_tables() -> str:
    """Each template's variables."""
    parts = ["### Every template", "", table(("Variable", "What it is"), context_rows(contexts.Context))]
    for context in dict.fromkeys(contexts.TEMPLATES.values()):
        own = [
            field for field in fields(context) if field.name not in {f.name for f in fields(contexts.Context)}
        ]
        templates = ", ".join(f"`{name}`" for name, used in contexts.TEMPLATES.items() if used is context)
        parts += ["", f"### {templates}", "", first_line(context), ""]
        if own:
            rows = ((f"`{field.name}`", field.metadata["help"]) for field in own)
            parts.append(table(("Variable", "What it is"), rows))
    return "\n".join(parts)


def context_rows(context: type) -> Rows:
    """The variables of one context."""
    return ((f"`{field.name}`", field.metadata["help"]) for field in fields(context))


def attribute_docs(of: type) -> dict[str, str]:
    """The lines of ``Attributes:`` in a docstring and its bases."""
    found: dict[str, str] = {}
    for base in reversed(of.__mro__):
        text = inspect.cleandoc(base.__doc__ or "")
        section = text.partition("Attributes:\n")[2]
        for match in re.finditer(r"^    (\w+): (.*(?:\n        .*)*)", section, re.MULTILINE):
            found[match[1]] = " ".join(match[2].split())
    return found


def model_tables() -> str:
    """The attributes and properties of what templates see."""
    parts = []
    shown = (
        model.Post,
        model.Page,
        model.Experiment,
        model.Variant,
        model.AddressPattern,
        model.Person,
        model.Picture,
        model.PictureVariant,
        model.Consultation,
        model.Attachment,
        model.Channel,
        model.Embed,
    )
    plain = (model.Term, model.Case, model.TimelineStep, model.MenuItem, model.Heading, contexts.Pager, contexts.Alternate, contexts.Crumb, contexts.FeedLink, contexts.SitemapEntry, site.TermCount, site.Neighbours, site.Year, site.Month)  # fmt: skip
    said = (
        dialogue.Dialogue,
        dialogue.Contribution,
        dialogue.Answer,
        threads.DiscussionPage,
        threads.Thread,
        threads.Reply,
        threads.Counts,
        threads.DialogueItem,
        threads.GivenAnswers,
        threads.Told,
    )
    for thing in (*shown, *plain, *said):
        parts += [f"### {thing.__name__}", "", first_line(thing), ""]
        told = attribute_docs(thing)
        rows = [
            (f"`{field.name}`", told.get(field.name, "")) for field in fields(thing) if is_dataclass(thing)
        ]
        for name, member in inspect.getmembers(thing):
            if not name.startswith("_") and (isinstance(member, property) or inspect.isfunction(member)):
                call = (
                    name
                    if isinstance(member, property)
                    else name + str(inspect.signature(member)).replace("(self, ", "(").partition(" ->")[0]
                )
                call = re.sub(r": '[^']*'", "", call)
                rows.append((f"`{call}`", first_line(member)))
        parts += [table(("Name", "What it is"), rows), ""]
    return "\n".join(parts)


def site_table() -> str:
    """The questions that templates may ask of the site."""
    rows = []
    for name, member in inspect.getmembers(site.Site):
        if name.startswith("_") or name in site.Site.OWN:
            continue
        if isinstance(member, property):
            rows.append((f"`site.{name}`", first_line(member)))
        elif inspect.isfunction(member):
            arguments = ", ".join(list(inspect.signature(member).parameters)[1:])
            rows.append((f"`site.{name}({arguments})`", first_line(member)))
    return table(("Question", "Answer"), rows)


def filter_table(kind: str) -> str:
    """The filters or functions."""
    rows = []
    for name, method in sorted(Filters.offered(kind).items()):
        # Jinja itself gives «names», the names in use; an author does not.
        given = [name for name in inspect.signature(method).parameters if name != "names"]
        arguments = ", ".join(given[2 if kind == "filter" else 1 :])
        shown = f"{name}({arguments})" if arguments or kind == "function" else name
        rows.append((f"`{shown}`", first_line(method)))
    return table((kind.capitalize(), "What it gives"), rows)


def commands_of(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command by its words: ``build``, ``embeds update``."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands_of(command, f"{before}{name} ")
        else:
            yield f"{before}{name.removesuffix('run')}".strip(), command


def command_sections() -> str:
    """Every command with its arguments, options and example."""
    parts = []
    for name, command in sorted(commands_of(cli)):
        with click.Context(command, info_name=f"kommunebeta {name}") as context:
            usage = command.get_usage(context).removeprefix("Usage: ")
            text = inspect.cleandoc(command.help or "").replace("\b\n", "")
            lead, _, example = text.partition("Example:\n")
            parts += [f"## `kommunebeta {name}`", "", "```sh", usage, "```", "", lead.strip(), ""]
            rows = [
                (", ".join(f"`{option}`" for option in parameter.opts), str(parameter.help or ""))
                for parameter in command.params
                if isinstance(parameter, click.Option)
            ]
            if rows:
                parts += [table(("Option", "What it does"), rows), ""]
            parts += ["```sh", inspect.cleandoc(example), "```", ""]
    return "\n".join(parts).rstrip()


def form_table() -> str:
    """A form's own fields, what every question has, then what each kind of question adds."""
    parts = [table(("Field", "What it is"), field_rows(FormDefinition)), "", "### Every question", ""]
    common = dict(field_rows(Question))
    rows = {"`kind`": f"Kind of field: {', '.join(f'`{kind}`' for kind in KINDS)}.", **common}
    parts.append(table(("Field", "What it is"), rows.items()))
    for question in dict.fromkeys(KINDS.values()):
        kinds = ", ".join(f"`{kind}`" for kind, of in KINDS.items() if of is question)
        own = [row for row in field_rows(question) if row[0] != "`kind`" and common.get(row[0]) != row[1]]
        parts += ["", f"### {kinds}", "", first_line(question)]
        parts += ["", table(("Field", "What it is"), own)] if own else []
    return "\n".join(parts)


def storage_table() -> str:
    """What the scripts of our own themes keep in the reader's browser."""
    rows = []
    for file in sorted(builtin_themes().glob("*/theme.yaml")):
        described = ThemeSetting.model_validate(read_yaml(file.read_text("utf-8"), file.name).data)
        rows += [
            (f"`{file.parent.name}`", f"`{script}`", in_language(text, "en"))
            for script, text in described.storage.items()
        ]
    return table(("Theme", "Script", "What it keeps, when and why"), rows)


SITES = DOCS.parent / "tests" / "sites"
FENCES = {".md": "markdown", ".yaml": "yaml", ".html": "html", ".css": "css", ".js": "js", ".svg": "xml"}


def rule_sections(group: Group) -> str:
    """Every rule of a group, with a wrong and a right example from the sites of the tests."""
    parts = []
    for code, rule in CHECKS[group].rules.items():
        sources = f" Source: {'; '.join(rule.sources)}." if rule.sources else ""
        parts += [
            f"### {code}",
            "",
            f"**{rule.title}** ({rule.severity}). {rule.why} {rule.mend}{sources}",
            "",
        ]
        parts += examples(code)
    return "\n".join(parts).rstrip()


def examples(code: str) -> Iterator[str]:
    """The first case of a code, wrong and right."""
    path, line = first_case(code)
    name = Path(path).name
    for heading, lines in zip(("Wrong", "Right"), shown_cases(path, line), strict=True):
        fence = FENCES.get(Path(path).suffix, "")
        shown = (
            [f"```{fence}", *"\n".join(lines).strip("\n").split("\n"), "```"]
            if lines
            else [f"No file `{name}`."]
        )
        yield from (f"{heading}, in `{name}`:", "", *shown, "")


def first_case(code: str) -> tuple[str, int]:
    """File and line of the first case of a code in the bad site."""
    for expected in sorted((SITES / "darlig").glob("expected-*.txt")):
        for line in expected.read_text("utf-8").splitlines():
            found = re.match(rf"([^:]+)(?::(\d+))?(?::\d+)?: \w+ {code}: ", line)
            if found:
                return found[1], int(found[2] or 0)
    raise LookupError(f"{code} has no case with a file in tests/sites/darlig")


def shown_cases(path: str, line: int) -> tuple[list[str], list[str]]:
    """What differs between the bad and the mended file around a line."""
    wrong, right = (lines_of(SITES / site / path) for site in ("darlig", "rettet"))
    groups = list(SequenceMatcher(None, wrong, right, autojunk=False).get_grouped_opcodes(1))
    if not wrong or not right or not groups:
        return wrong, right
    close = next((group for group in groups if group[0][1] < max(line, 1) <= group[-1][2]), groups[0])
    return wrong[close[0][1] : close[-1][2]], right[close[0][3] : close[-1][4]]


def lines_of(file: Path) -> list[str]:
    """The lines of a file; none where it is missing, one about it where it is no text."""
    try:
        return file.read_text("utf-8").splitlines() if file.is_file() else []
    except UnicodeDecodeError:
        return [f"({file.stat().st_size} bytes that are no text)"]


def tables() -> dict[str, str]:
    """Every generated part, by the name in its markers."""
    return {
        "post-fields": table(("Field", "What it is"), field_rows(PostMatter)),
        "page-fields": table(("Field", "What it is"), field_rows(PageMatter)),
        "norwegian-keys": names(NORWEGIAN_KEYS),
        "foreign-keys": names(FOREIGN_KEYS),
        "experiment-fields": table(("Field", "What it is"), own_rows(ExperimentMatter, EntryMatter)),
        "norwegian-experiment-keys": names(NORWEGIAN_EXPERIMENT_KEYS),
        "person-fields": table(("Field", "What it is"), field_rows(PersonMatter)),
        "norwegian-person-keys": names(NORWEGIAN_PERSON_KEYS),
        "outcome-fields": table(("Field", "What it is"), field_rows(OutcomeMatter)),
        "results-fields": table(("Field", "What it is"), field_rows(ResultsMatter)),
        "norwegian-dialogue-keys": dialogue_names(),
        "settings": table(("Setting", "What it is"), field_rows(Settings)),
        "forms": form_table(),
        "theme": table(("Field", "What it is"), field_rows(ThemeSetting)),
        "theme-storage": storage_table(),
        "contexts": context_tables(),
        "models": model_tables(),
        "site": site_table(),
        "filters": filter_table("filter"),
        "functions": filter_table("function"),
        "commands": command_sections(),
        "embed-options": table(
            ("Option", "Norwegian", "What it is"),
            (
                (
                    option,
                    ", ".join(
                        f"`{word}`" for word, name in NORWEGIAN_EMBED_KEYS.items() if f"`{name}`" == option
                    ),
                    about,
                )
                for option, about in field_rows(EmbedMatter)
            ),
        ),
        "embed-providers": table(
            ("Provider", "Played here", "Who learns of it"),
            (
                (
                    provider.name,
                    "yes" if provider.receiver else "no: a card or picture with a link",
                    provider.receiver or "–",
                )
                for provider in PROVIDERS
            ),
        ),
        "embed-settings": table(("Setting", "What it is"), field_rows(EmbedSettings, "embeds.")),
        **{f"check-{group}": rule_sections(group) for group in CHECKS},
        "codes": table(
            ("Code", "Title", "What it means and how to mend it"),
            ((f"`{code}`", it.title, it.explanation) for code, it in CODES.items()),
        ),
    }


def filled(page: str) -> str:
    """A page with what stands between its markers made anew."""
    made = tables()

    def replace(match: re.Match[str]) -> str:
        return f"<!-- generated: {match[1]} -->\n\n{made[match[1]]}\n\n<!-- end -->"

    return re.sub(r"<!-- generated: ([\w-]+) -->.*?<!-- end -->", replace, page, flags=re.DOTALL)


def main() -> int:
    """Write the pages; with ``--check``, only say which are out of date."""
    stale = []
    for page in sorted(DOCS.glob("*.md")):
        text = page.read_text(encoding="utf-8")
        new = filled(text)
        if new != text:
            stale.append(page.name)
            if "--check" not in sys.argv:
                page.write_text(new, encoding="utf-8")
    print("\n".join(stale) or "Everything is up to date.")
    return int(bool(stale) and "--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
