"""The reference is complete: every name that a user may write stands in ``docs/``."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import click
import pytest
from pydantic import BaseModel

from kommunebeta import contexts, site
from kommunebeta.check.checks import RULES
from kommunebeta.cli import cli
from kommunebeta.codes import CODES
from kommunebeta.config import EmbedSettings, Settings
from kommunebeta.dialogue.contributions import (
    NORWEGIAN_ANSWER_KEYS,
    NORWEGIAN_CONTRIBUTION_KEYS,
    ContributionMatter,
)
from kommunebeta.dialogue.folder import NORWEGIAN_SUMMARY_KEYS, SummaryMatter
from kommunebeta.dialogue.forms import FormDefinition
from kommunebeta.dialogue.outcomes import NORWEGIAN_OUTCOME_KEYS, OutcomeMatter
from kommunebeta.dialogue.questions import KINDS
from kommunebeta.dialogue.results import NORWEGIAN_RESULT_KEYS, ResultsMatter
from kommunebeta.embeds.matter import NORWEGIAN_EMBED_KEYS, EmbedMatter
from kommunebeta.filters import Filters
from kommunebeta.frontmatter import (
    FOREIGN_KEYS,
    NORWEGIAN_EXPERIMENT_KEYS,
    NORWEGIAN_KEYS,
    EntryMatter,
    ExperimentMatter,
    PageMatter,
    PersonMatter,
    PostMatter,
)
from kommunebeta.theme import ThemeSetting


def names_in(of: type[BaseModel]) -> Iterator[str]:
    """Every field name of a model and of the models inside it."""
    for name, field in of.model_fields.items():
        yield name
        for part in models_in(field.annotation):
            if part is not of:
                yield from names_in(part)


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from models_in(part)


def words_of(group: click.Group, before: str) -> Iterator[str]:
    """Every command with the words before it, and every option."""
    for name, command in group.commands.items():
        yield f"{before} {name}"
        if isinstance(command, click.Group):
            yield from words_of(command, f"{before} {name}")
        for parameter in command.params:
            yield from parameter.opts if isinstance(parameter, click.Option) else ()


def public(of: type) -> set[str]:
    return {name for name in vars(of) if not name.startswith("_")}


EXPECTED = {
    "front-matter.md": {*names_in(PostMatter), *names_in(PageMatter), *NORWEGIAN_KEYS, *FOREIGN_KEYS},
    "experiments.md": {
        *(set(names_in(ExperimentMatter)) - set(names_in(EntryMatter))),
        *NORWEGIAN_EXPERIMENT_KEYS,
    },
    "settings.md": set(names_in(Settings)),
    "dialogue.md": {
        *(name for of in (ContributionMatter, OutcomeMatter, ResultsMatter, SummaryMatter) for name in names_in(of)),
        *NORWEGIAN_CONTRIBUTION_KEYS, *NORWEGIAN_ANSWER_KEYS, *NORWEGIAN_OUTCOME_KEYS, *NORWEGIAN_RESULT_KEYS,
        *NORWEGIAN_SUMMARY_KEYS,
    },
    "people.md": set(names_in(PersonMatter)),
    "forms.md": {*names_in(FormDefinition), *KINDS},
    "themes.md": set(names_in(ThemeSetting)),
    "problem-codes.md": set(CODES),
    "templates.md": {
        *contexts.TEMPLATES,
        *(field.name for context in contexts.TEMPLATES.values() for field in fields(context)),
        *(public(site.Site) - site.Site.OWN),
        *Filters.offered("filter"),
        *Filters.offered("function"),
    },
    "commands.md": set(words_of(cli, "kommunebeta")),
    "embeds.md": {*names_in(EmbedMatter), *NORWEGIAN_EMBED_KEYS, *names_in(EmbedSettings)},
}  # fmt: skip


@pytest.mark.parametrize("page", sorted(EXPECTED))
def test_nothing_is_missing_in_the_reference(root: Path, page: str) -> None:
    code = " ".join(re.findall(r"`([^`\n]+)`", (root / "docs" / page).read_text(encoding="utf-8")))
    words = set(re.findall(r"[\w./-]+", code)) | set(re.findall(r"\w+", code))
    missing = {name for name in EXPECTED[page] if not (set(name.split()) <= words)}
    assert missing == set()


def test_the_generated_tables_are_up_to_date(root: Path) -> None:
    check = subprocess.run(
        [sys.executable, root / "docs" / "generate.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert check.returncode == 0, f"run «make docs»: {check.stdout}{check.stderr}"


def test_every_problem_code_that_the_program_uses_is_explained(root: Path) -> None:
    used = {
        code
        for file in (root / "kommunebeta").rglob("*.py")
        if file.name != "codes.py"
        for code in re.findall(r'"(KB\d{3})"', file.read_text(encoding="utf-8"))
    }
    assert used == {*CODES, *RULES}


def test_every_command_shows_an_example() -> None:
    assert [name for name, command in cli.commands.items() if "Example:" not in (command.help or "")] == []


def test_every_link_in_the_documentation_leads_somewhere(root: Path) -> None:
    broken = []
    for page in (root / "README.md", *(root / "docs").glob("*.md")):
        text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)#\s]+)", text):
            outside = target.startswith(("http", "mailto:"))
            broken += [] if outside or (page.parent / target).exists() else [f"{page.name}: {target}"]
    assert broken == []
