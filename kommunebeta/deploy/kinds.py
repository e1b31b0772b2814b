"""Every kind of target, and the targets that a site's settings name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from kommunebeta.config import FILE_NAME, Settings
from kommunebeta.deploy.hosts import Server
from kommunebeta.deploy.target import Kind, Surroundings, Target, TargetSetting
from kommunebeta.errors import ContentError, OutsideError, Problem, UsageError
from kommunebeta.validation import nearest, validate
from kommunebeta.yamlfile import YamlDocument

ENTRY_POINTS = "kommunebeta.targets"
"""Group of entry points by which other packages register kinds: name → a ``Kind``."""

_BUILT_IN: Mapping[str, str] = {
    "folder": "kommunebeta.deploy.folder.target",
    "git": "kommunebeta.deploy.git.target",
    "netlify": "kommunebeta.deploy.netlify.target",
    "object_store": "kommunebeta.deploy.object_store.target",
    "ssh": "kommunebeta.deploy.ssh.target",
}


@dataclass(frozen=True, slots=True)
class Goal:
    """Where a site goes.

    Attributes:
        target: the target, not yet entered.
        server: what shows the site there.
        lifetimes: whether the target says for how long browsers may keep each file.
        patience: seconds after which readers get what was sent, at the latest.
    """

    target: Target
    server: Server
    lifetimes: bool
    patience: float


def known_kinds() -> tuple[str, ...]:
    """The names of all kinds."""
    return (*_BUILT_IN, *(point.name for point in entry_points(group=ENTRY_POINTS)))


def kind_of(name: str) -> Kind | None:
    """A kind by its name; None where there is none.

    Raises:
        OutsideError: the package that brings it cannot be used.
    """
    if name in _BUILT_IN:
        kind = import_module(_BUILT_IN[name]).KIND
        return kind if isinstance(kind, Kind) else None
    for point in entry_points(group=ENTRY_POINTS, name=name):
        return _loaded(point)
    return None


def _loaded(point: EntryPoint) -> Kind:
    package = point.dist.name if point.dist else point.value
    try:
        kind = point.load()
    except Exception as error:  # whatever a package of others does when it is imported
        raise OutsideError(
            f"The package «{package}», which brings the kind of target «{point.name}», cannot be used: "
            f"{error}. Install it anew, or ask those who made it."
        ) from error
    if not isinstance(kind, Kind):
        raise OutsideError(
            f"The package «{package}» brings the kind of target «{point.name}», but {point.value} is no Kind."
        )
    return kind


def target_of(site: Path, settings: Settings, document: YamlDocument, name: str) -> Target:
    """A target of the settings, ready to be entered; see ``goal_of``."""
    return goal_of(site, settings, document, name).target


def goal_of(site: Path, settings: Settings, document: YamlDocument, name: str) -> Goal:
    """A target of the settings, ready to be entered, and what shows the site there.

    Args:
        site: the site folder.
        settings: the settings.
        document: where they stand in their file.
        name: the target's name; empty for the default, or for the only one.

    Raises:
        UsageError: there is no such target.
        ContentError: its settings have faults.
    """
    chosen = _chosen(settings, name)
    kind, setting, problems = _read(settings, document, chosen)
    if kind is None or setting is None:
        raise ContentError(problems)
    target = kind.open(setting, Surroundings(site, settings.base_url, chosen, settings.output))
    return Goal(target, setting.server or kind.server, kind.lifetimes, kind.patience)


def _chosen(settings: Settings, name: str) -> str:
    targets = settings.deploy.targets
    if not targets:
        raise UsageError(
            f"{FILE_NAME} names no target: write one under «deploy: targets:»; see docs/deploy.md."
        )
    chosen = name or settings.deploy.default or (next(iter(targets)) if len(targets) == 1 else "")
    if chosen not in targets:
        known = ", ".join(targets)
        said = (
            f"There is no target «{chosen}»"
            if chosen
            else "Several targets, and «deploy: default:» names none"
        )
        raise UsageError(f"{said}. Known are {known}.")
    return chosen


def problems_of(settings: Settings, document: YamlDocument) -> Iterator[Problem]:
    """What is wrong with the targets of the settings."""
    for name in settings.deploy.targets:
        yield from _read(settings, document, name)[2]


def _read(
    settings: Settings, document: YamlDocument, name: str
) -> tuple[Kind | None, TargetSetting | None, tuple[Problem, ...]]:
    part = document.below(("deploy", "targets", name))
    word = str(settings.deploy.targets[name].get("kind", ""))
    kind = kind_of(word)
    if kind is None:
        known = known_kinds()
        close = nearest(word, known)
        mend = f"Did you mean «{close}»?" if close else f"Known are {', '.join(known)}."
        line, column = part.place_of(("kind",))
        message = f"«{word}» is no kind of target." if word else f"The target «{name}» lacks its «kind»."
        return None, None, (Problem("KB022", FILE_NAME, line, column, message, mend),)
    setting, problems = validate(kind.setting, part, FILE_NAME, wrong="KB022", unknown="KB021")
    return kind, None if problems else setting, problems
