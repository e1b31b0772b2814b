"""Themes: which folders a site's look comes from, and the parameters that change it.

A theme is a folder with ``theme.yaml``, ``templates/``, ``assets/``, ``locales/`` and ``forms/``.
Look-up goes from the site's own folders to its theme and on to the theme's parents.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from pydantic import Field

from kommunebeta.config import FILE_NAME, Settings
from kommunebeta.errors import ContentError, Problem
from kommunebeta.language import Catalogue, base_language, read_catalogue
from kommunebeta.sources import read_text
from kommunebeta.validation import Edge, Text, nearest, validate
from kommunebeta.yamlfile import YamlDocument, read_yaml, resolve

_FALLBACK = {"nn": "nb", "se": "nb", "smj": "se", "sma": "se"}
"""The language that stands in for a text that another lacks; at last, the English message itself."""

Kind = Literal["text", "color", "number", "flag", "choice", "url"]


class ParameterSetting(Edge):
    """One parameter of a theme, in ``theme.yaml``."""

    type: Kind = Field(
        "text", description="Kind of value: `text`, `color`, `number`, `flag`, `choice` or `url`."
    )
    default: Any = Field("", description="The value where the site gives none.")
    help: Text = Field(default_factory=dict, description="What it changes, or one text per language.")
    choices: list[str] = Field(default_factory=list, description="The values of a `choice`.")


class ThemeSetting(Edge):
    """The file ``theme.yaml``."""

    name: str = Field(description="What the theme is called.")
    description: Text = Field(default_factory=dict, description="One sentence about it.")
    version: str = Field("", description="Version of the theme.")
    parent: str = Field("", description="The theme that it builds on.")
    parameters: dict[str, ParameterSetting] = Field(
        default_factory=dict, description="What a site may change."
    )


@dataclass(frozen=True, slots=True)
class Layer:
    """One folder of the look-up: ``site`` or a theme's name, and the folder."""

    name: str
    folder: Path


@dataclass
class Theme:
    """A site's theme.

    Attributes:
        name: the theme's name.
        layers: where things are looked up, the site first.
        parameters: every parameter with its value.
        kinds: the kind of each parameter.
    """

    name: str
    layers: tuple[Layer, ...]
    parameters: Mapping[str, Any]
    kinds: Mapping[str, str]
    _catalogues: dict[str, Catalogue] = field(default_factory=dict, repr=False)

    def template(self, name: str, after: str | None = None) -> tuple[Layer, Path] | None:
        """The file of a template and the layer it lies in.

        Args:
            name: such as ``post.html`` or ``partials/pager.html``.
            after: look only in the layers behind the one of this name.

        Returns:
            None when no layer has it, or the name leaves the folder.
        """
        if not _is_inside(name):
            return None
        names = [layer.name for layer in self.layers]
        start = names.index(after) + 1 if after in names else 0
        for layer in self.layers[start:]:
            file = layer.folder / "templates" / name
            if file.is_file() and file.resolve().is_relative_to(layer.folder.resolve()):
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
        """Every asset by its name such as ``css/main.css``; a name in an earlier layer hides later ones."""
        found: dict[str, Path] = {}
        for layer in reversed(self.layers):
            folder = layer.folder / "assets"
            root = layer.folder.resolve()
            for file in sorted(folder.rglob("*")):
                hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
                if file.is_file() and not hidden and file.resolve().is_relative_to(root):
                    found[file.relative_to(folder).as_posix()] = file
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
            files = [
                file
                for language in reversed(chain)
                for layer in reversed(self.layers)
                if (file := layer.folder / "locales" / f"{language}.po").is_file()
            ]
            try:
                self._catalogues[key] = read_catalogue(key, files)
            except ValueError as error:
                mend = "Mend it with an editor for gettext catalogues such as Poedit."
                raise ContentError(
                    [Problem("KB051", f"locales/{key}.po", 0, 0, f"{error}.", mend)]
                ) from error
        return self._catalogues[key]

    def style_sheet(self) -> bytes:
        """The parameters as custom properties of CSS: ``--param-accent: #0b3c5d`` and so on."""
        lines = [
            f"  --param-{key.replace('_', '-')}: {self.parameters[key]};"
            for key, kind in sorted(self.kinds.items())
            if kind in ("color", "number", "choice")
        ]
        return ("\n".join([":root {", *lines, "}"]) + "\n").encode()


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(name) and not path.is_absolute() and ".." not in path.parts and not set("\0\\:") & set(name)


def builtin_themes() -> Path:
    """The folder of the themes that come with Kommunebeta: in the package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent
    packaged = package / "_themes"
    return packaged if packaged.is_dir() else package.parent / "themes"


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
    name, asker = settings.theme, ("theme",)
    place, where = document.place_of(asker), FILE_NAME
    while name:
        if any(layer.name == name for layer in layers):
            raise ContentError(
                [Problem("KB051", where, *place, f"The themes' parents form a circle at «{name}».")]
            )
        folder = _find(site, name)
        if folder is None:
            known = _known_themes(site)
            near = nearest(name, known)
            mend = f"Did you mean «{near}»?" if near else f"There are: {', '.join(known)}."
            raise ContentError([Problem("KB050", where, *place, f"There is no theme «{name}».", mend)])
        layers.append(Layer(name, folder))
        setting, described, where = _read_description(folder)
        for key, parameter in setting.parameters.items():
            declared.setdefault(key, parameter)
        name, place = setting.parent, described.place_of(("parent",))
    parameters, problems = _parameters(settings, document, declared)
    if problems:
        raise ContentError(problems)
    kinds = {key: parameter.type for key, parameter in declared.items()}
    return Theme(settings.theme, tuple(layers), parameters, kinds)


def _find(site: Path, name: str) -> Path | None:
    if not _is_inside(name) or "/" in name:
        return None
    for folder in (site / "themes" / name, builtin_themes() / name):
        if (folder / "theme.yaml").is_file():
            return folder
    return None


def _known_themes(site: Path) -> tuple[str, ...]:
    folders = (site / "themes", builtin_themes())
    return tuple(sorted({file.parent.name for folder in folders for file in folder.glob("*/theme.yaml")}))


def _read_description(folder: Path) -> tuple[ThemeSetting, YamlDocument, str]:
    shown = f"themes/{folder.name}/theme.yaml"
    text, problems = read_text(folder, "theme.yaml")
    document = read_yaml(text, shown)
    setting, faults = validate(ThemeSetting, document, shown, wrong="KB051", unknown="KB051")
    if setting is None or problems or faults:
        raise ContentError([*problems, *faults])
    return setting, document, shown


def _parameters(
    settings: Settings, document: YamlDocument, declared: Mapping[str, ParameterSetting]
) -> tuple[dict[str, Any], list[Problem]]:
    values = {key: _default(parameter) for key, parameter in declared.items()}
    problems = []
    for key, value in settings.parameters.items():
        path = ("parameters", key)
        if key not in declared:
            near = nearest(key, tuple(sorted(declared)))
            mend = f"Did you mean «{near}»?" if near else f"It has: {', '.join(sorted(declared)) or 'none'}."
            message = f"The theme has no parameter «{key}»."
            problems.append(Problem("KB052", FILE_NAME, *document.place_of_key(path), message, mend))
            continue
        expected = _fault(declared[key], value)
        if expected:
            message = f"«{key}» is not {expected}: «{value}»."
            problems.append(
                Problem("KB052", FILE_NAME, *document.place_of(path), message, f"Write {expected}.")
            )
        values[key] = _typed(declared[key].type, value)
    return values, problems


def _default(parameter: ParameterSetting) -> Any:
    return _typed(parameter.type, resolve(parameter.default))


def _typed(kind: str, value: Any) -> Any:
    if kind == "flag" and isinstance(value, str):
        return value.lower() in ("yes", "on", "ja", "true")
    return str(value) if kind in ("text", "color", "choice", "url") and value is not None else value


def _fault(parameter: ParameterSetting, value: Any) -> str:
    """What was expected, or an empty text when the value is right."""
    text = str(value)
    checks = {
        "color": (bool(re.fullmatch(r"#[0-9a-fA-F]{6}|#[0-9a-fA-F]{3}", text)), "a colour such as #0b3c5d"),
        "number": (isinstance(value, (int, float)) and not isinstance(value, bool), "a number"),
        "flag": (
            isinstance(value, bool) or text.lower() in ("yes", "no", "on", "off", "ja", "nei"),
            "true or false",
        ),
        "choice": (text in parameter.choices, f"one of {', '.join(parameter.choices)}"),
        "url": (
            text.startswith(("https://", "http://", "/", "mailto:")),
            "an address such as https://example.no/",
        ),
        "text": (isinstance(value, (str, int, float)), "a text"),
    }
    right, expected = checks[parameter.type]
    return "" if right else expected
