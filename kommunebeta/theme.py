"""Themes: which folders a site's look comes from, and the parameters that change it.

A theme is a folder with ``theme.yaml``, ``templates/``, ``assets/``, ``locales/`` and ``forms/``.
Look-up goes from the site's own folders to its theme and on to the theme's parents.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import Field

from kommunebeta.config import FILE_NAME, Settings
from kommunebeta.engine import builtin_themes
from kommunebeta.errors import ContentError, Problem
from kommunebeta.language import Catalogue, base_language, read_catalogue
from kommunebeta.parameters import ParameterSetting, choose_values, custom_properties
from kommunebeta.sources import read_text
from kommunebeta.validation import Edge, Text, nearest, validate
from kommunebeta.yamlfile import YamlDocument, read_yaml

_FALLBACK = {"nn": "nb", "se": "nb", "smj": "se", "sma": "se"}
"""The language that stands in for a text that another lacks; at last, the English message itself."""

_RESERVED = ("site", "parent")
"""Names that mean something else in a template's ``parent:post.html``."""


class ContrastSetting(Edge):
    """Colours of a theme that must stand out from others, in light and in dark."""

    colors: list[str] = Field(description="Custom properties without their dashes, such as `accent`.")
    on: list[str] = Field(description="What they stand on, likewise.")
    least: float = Field(
        4.5, ge=1, le=21, description="The contrast ratio: 4.5 for text, 3 for large text and edges."
    )


class ThemeSetting(Edge):
    """The file ``theme.yaml``."""

    name: str = Field(description="What the theme is called.")
    description: Text = Field(default_factory=dict, description="One sentence about it.")
    version: str = Field("", description="Version of the theme.")
    parent: str = Field("", description="The theme that it builds on.")
    parameters: dict[str, ParameterSetting] = Field(
        default_factory=dict, description="What a site may change."
    )
    storage: dict[str, Text] = Field(
        default_factory=dict,
        description="Scripts that keep something in the reader's browser, by their name in `assets/`, each "
        "with one sentence that says what, when and why, or one per language. A script that is not named "
        "here must not do it (`KB155`).",
    )
    contrast: list[ContrastSetting] = Field(
        default_factory=list,
        description="Pairs of colours that meet, which the check of contrast looks at (`KB148`), beside "
        "those of its parent.",
    )


@dataclass(frozen=True, slots=True)
class Layer:
    """One folder of the look-up.

    Attributes:
        name: ``site``, or the theme's name.
        folder: the folder.
        built_in: whether the theme comes with Kommunebeta, so that its files are not the site's.
    """

    name: str
    folder: Path
    built_in: bool = False

    def shown(self, path: str) -> str:
        """A path in this folder as problems name it."""
        if self.built_in:
            return f"theme {self.name}: {path.removeprefix('templates/')}"
        return path if self.name == "site" else f"themes/{self.name}/{path}"

    def input(self, path: str) -> str:
        """A path in this folder as it is named among a site's inputs."""
        if self.built_in:
            return f"theme:{self.name}/{path}"
        return path if self.name == "site" else f"themes/{self.name}/{path}"

    def file(self, path: str) -> Path | None:
        """A file of this folder, or None where there is none.

        Raises:
            ContentError: a symbolic link leads out of the folder.
        """
        file = self.folder / path
        if not file.is_file():
            return None
        if not file.resolve().is_relative_to(self.folder.resolve()):
            raise ContentError([_leaves(self.shown(path))])
        return file


@dataclass(frozen=True, slots=True)
class Theme:
    """A site's theme.

    Attributes:
        name: the theme's name.
        layers: where things are looked up, the site first.
        parameters: every parameter with its value.
        kinds: the kind of each parameter.
        declared: what each parameter is.
        storage: scripts that keep something in the reader's browser, and why, by language; ``""`` for all.
        contrast: colours that must stand out from others, each with the file that says so.
    """

    name: str
    layers: tuple[Layer, ...]
    parameters: Mapping[str, Any]
    kinds: Mapping[str, str]
    declared: Mapping[str, ParameterSetting] = field(default_factory=dict)
    storage: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    contrast: tuple[tuple[str, ContrastSetting], ...] = ()
    _catalogues: dict[str, Catalogue] = field(default_factory=dict, repr=False, compare=False)

    def template(self, name: str, after: str | None = None) -> tuple[Layer, Path] | None:
        """The file of a template and the layer it lies in.

        Args:
            name: such as ``post.html`` or ``partials/pager.html``; ``beta:post.html`` for that layer's own.
            after: look only in the layers behind the one of this name.

        Returns:
            None when no layer has it, or the name leaves the folder.

        Raises:
            ContentError: a symbolic link leads out of the layer.
        """
        within, colon, path = name.rpartition(":")
        if not _is_inside(path):
            return None
        names = [layer.name for layer in self.layers]
        start = names.index(after) + 1 if after in names else 0
        for layer in self.layers[start:]:
            if colon and layer.name != within:
                continue
            file = layer.file(f"templates/{path}")
            if file:
                return layer, file
        return None

    def template_names(self) -> tuple[str, ...]:
        """The names of all templates, for suggestions."""
        found = {
            file.relative_to(layer.folder / "templates").as_posix()
            for layer in self.layers
            for file in (layer.folder / "templates").rglob("*")
            if file.is_file()
        }
        return tuple(sorted(found))

    def asset_files(self) -> dict[str, Path]:
        """Every asset by its name such as ``css/main.css``; a name in an earlier layer hides later ones.

        Raises:
            ContentError: symbolic links lead out of their layer.
        """
        found: dict[str, Path] = {}
        problems = []
        for layer in reversed(self.layers):
            folder = layer.folder / "assets"
            root = layer.folder.resolve()
            for file in sorted(folder.rglob("*")):
                name = file.relative_to(folder).as_posix()
                if any(part.startswith(".") for part in name.split("/")):
                    continue
                if file.is_symlink() and not file.resolve().is_relative_to(root):
                    problems.append(_leaves(layer.shown(f"assets/{name}")))
                elif file.is_file():
                    found[name] = file
        if problems:
            raise ContentError(problems)
        return dict(sorted(found.items()))

    def catalogue(self, lang: str) -> Catalogue:
        """The interface's texts in a language, with those of related languages where it lacks some.

        Raises:
            ContentError: a catalogue cannot be read.
        """
        key = base_language(lang)
        if key not in self._catalogues:
            chain = [key]
            while chain[-1] in _FALLBACK:
                chain.append(_FALLBACK[chain[-1]])
            files = {
                layer.shown(path): file
                for path in (f"locales/{language}.po" for language in reversed(chain))
                for layer in reversed(self.layers)
                if (file := layer.file(path))
            }
            self._catalogues[key] = _read_catalogues(key, files)
        return self._catalogues[key]

    def messages(self, languages: Iterable[str]) -> frozenset[str]:
        """The ids of the interface's texts in some languages, those of plurals included.

        Raises:
            ContentError: a catalogue cannot be read.
        """
        catalogues = [self.catalogue(lang) for lang in languages]
        return frozenset(key for item in catalogues for key in (*item.messages, *item.plurals))

    def style_sheet(self, others: Mapping[str, Any] | None = None) -> bytes:
        """The parameters as custom properties of CSS: ``--param-accent: #0b3c5d`` and so on.

        Args:
            others: values that stand instead of the site's own.
        """
        return custom_properties({**self.parameters, **(others or {})}, self.kinds)


def _read_catalogues(lang: str, files: Mapping[str, Path]) -> Catalogue:
    try:
        return read_catalogue(lang, files.values())
    except (ValueError, OSError):
        problems = [problem for shown, file in files.items() for problem in _catalogue_faults(shown, file)]
        if not problems:
            raise
        raise ContentError(problems) from None


def _catalogue_faults(shown: str, file: Path) -> list[Problem]:
    try:
        read_catalogue("en", [file])
    except ValueError as error:
        mend = "Mend it with an editor for gettext catalogues such as Poedit."
        return [Problem("KB051", shown, 0, 0, f"The catalogue cannot be read: {error}.", mend)]
    except OSError as error:
        message = f"The file cannot be read: {error.strerror}."
        return [Problem("KB006", shown, 0, 0, message, "Check its permissions.")]
    return []


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(name) and not path.is_absolute() and ".." not in path.parts and not set("\0\\:") & set(name)


def _leaves(shown: str) -> Problem:
    mend = "Copy the file there instead."
    return Problem("KB007", shown, 0, 0, "The symbolic link points out of its folder.", mend)


def load_theme(site: Path, settings: Settings, document: YamlDocument) -> Theme:
    """Find a site's theme and its parents, and check the site's parameters.

    Args:
        site: the site folder.
        settings: the site's settings.
        document: where they stand in their file.

    Raises:
        ContentError: the theme does not exist, its description has a fault, or a parameter is wrong.
    """
    layers = [Layer("site", site)]
    declared: dict[str, ParameterSetting] = {}
    storage: dict[str, Mapping[str, str]] = {}
    contrast: list[tuple[str, ContrastSetting]] = []
    problems: dict[str, Problem] = {}
    name, where, place = settings.theme, FILE_NAME, document.place_of(("theme",))
    while name or len(layers) == 1:
        layer = _find(site, name, layers, (where, *place))
        setting, described = _read_description(layer)
        layers.append(layer)
        where = layer.shown("theme.yaml")
        storage = {**setting.storage, **storage}
        contrast += [(where, pairs) for pairs in setting.contrast]
        for key, parameter in setting.parameters.items():
            merged = parameter.changed_by(declared[key]) if key in declared else parameter
            declared[key] = merged
            problems.setdefault(key, _fault_of_declaration(key, where, described))
        name, place = setting.parent, described.place_of(("parent",))
    faulty = [problems[key] for key, parameter in declared.items() if not parameter.is_sound]
    if faulty:
        raise ContentError(faulty)
    kinds = {key: parameter.type for key, parameter in declared.items()}
    values = choose_values(declared, settings.parameters, document, FILE_NAME)
    return Theme(settings.theme, tuple(layers), values, kinds, declared, storage, tuple(contrast))


def _find(site: Path, name: str, layers: list[Layer], asked: tuple[str, int, int]) -> Layer:
    if name in _RESERVED:
        raise ContentError([Problem("KB051", *asked, f"A theme cannot be called «{name}».", "Rename it.")])
    if any(layer.name == name for layer in layers):
        mend = "Take out one of the lines «parent: …»."
        raise ContentError(
            [Problem("KB051", *asked, f"The themes' parents form a circle at «{name}».", mend)]
        )
    if _is_inside(name) and len(PurePosixPath(name).parts) == 1:
        own = Layer(name, site / "themes" / name)
        if (own.folder / "theme.yaml").is_file():
            if not own.folder.resolve().is_relative_to(site.resolve()):
                raise ContentError([_leaves(f"themes/{name}")])
            return own
        if (builtin_themes() / name / "theme.yaml").is_file():
            return Layer(name, builtin_themes() / name, built_in=True)
    folders = (site / "themes", builtin_themes())
    known = sorted({file.parent.name for folder in folders for file in folder.glob("*/theme.yaml")})
    near = nearest(name, tuple(known))
    mend = f"Did you mean «{near}»?" if near else f"There are: {', '.join(known)}."
    raise ContentError([Problem("KB050", *asked, f"There is no theme «{name}».", mend)])


def _read_description(layer: Layer) -> tuple[ThemeSetting, YamlDocument]:
    shown = layer.shown("theme.yaml")
    layer.file("theme.yaml")
    text, unreadable = read_text(layer.folder, "theme.yaml")
    if unreadable:
        raise ContentError(
            Problem(found.code, shown, found.line, found.column, found.message, found.mend)
            for found in unreadable
        )
    document = read_yaml(text, shown)
    setting, faults = validate(ThemeSetting, document, shown, wrong="KB051", unknown="KB051")
    if setting is None or faults:
        raise ContentError(faults)
    return setting, document


def _fault_of_declaration(key: str, where: str, described: YamlDocument) -> Problem:
    """What is said of a parameter, if it turns out that its declaration is not sound."""
    place = described.place_of(("parameters", key, "default"))
    mend = "Give it a «default» of its own «type», and a choice its «choices»."
    return Problem("KB051", where, *place, f"The default of «{key}» is not one of its values.", mend)
