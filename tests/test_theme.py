"""Themes: look-up through site, theme and parents; parameters; catalogues."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from kommunebeta.config import read_settings
from kommunebeta.errors import ContentError
from kommunebeta.theme import Theme, builtin_themes, load_theme

Make = Callable[..., Path]
SETTINGS = "name: X\nmunicipality: Y\ntheme: barn\n"
FILES = {
    "kommunebeta.yaml": SETTINGS,
    "themes/barn/theme.yaml": "name: Barn\nparent: mor\nparameters:\n  accent: {type: color, default: '#ff0000'}\n",
    "themes/mor/theme.yaml": (
        "name: Mor\nparameters:\n  accent: {type: color, default: '#000000'}\n  size: {type: number, default: 3}\n"
        "  round: {type: flag, default: no}\n  layout: {type: choice, choices: [a, b], default: a}\n"
    ),
    "themes/mor/templates/post.html": "mor",
    "themes/mor/assets/main.css": "mor{}",
    "themes/mor/locales/nb.po": 'msgid "Home"\nmsgstr "Hjem"\n\nmsgid "Next"\nmsgstr "Neste"\n',
    "themes/barn/locales/nn.po": 'msgid "Next"\nmsgstr "Neste på nynorsk"\n',
}


def load(make_folder: Make, more: Mapping[str, str] = MappingProxyType({})) -> Theme:
    site = make_folder({**FILES, **more})
    settings, document = read_settings(site)
    return load_theme(site, settings, document)


def problems(make_folder: Make, more: Mapping[str, str]) -> list[tuple[str, str, int, int, str]]:
    with pytest.raises(ContentError) as caught:
        load(make_folder, more)
    return [(p.code, p.path, p.line, p.column, p.mend) for p in caught.value.problems]


def test_look_up_goes_from_the_site_to_the_theme_and_its_parents(make_folder: Make) -> None:
    assert [layer.name for layer in load(make_folder).layers] == ["site", "barn", "mor"]


def test_the_site_hides_what_its_theme_has(make_folder: Make) -> None:
    theme = load(make_folder, {"templates/post.html": "site"})
    found = theme.template("post.html")
    behind = theme.template("post.html", after="site")
    assert found is not None
    assert behind is not None
    assert [found[0].name, behind[0].name] == ["site", "mor"]
    assert theme.template("post.html", after="mor") is None


@pytest.mark.parametrize("name", ["../theme.yaml", "/etc/passwd", "a\\b", "", "c:/x"])
def test_a_template_name_never_leaves_its_folder(make_folder: Make, name: str) -> None:
    assert load(make_folder).template(name) is None


def test_a_link_out_of_the_theme_is_not_followed(make_folder: Make, tmp_path: Path) -> None:
    (tmp_path / "secret.html").write_text("secret")
    site = make_folder(FILES)
    (site / "templates").mkdir()
    (site / "templates/x.html").symlink_to(tmp_path / "secret.html")
    assert load(make_folder).template("x.html") is None


def test_a_child_changes_its_parents_defaults_and_a_site_both(make_folder: Make) -> None:
    theme = load(make_folder, {"kommunebeta.yaml": SETTINGS + "parameters: {size: 5, round: ja}\n"})
    assert dict(theme.parameters) == {"accent": "#ff0000", "size": 5, "round": True, "layout": "a"}
    assert b"--param-accent: #ff0000;" in theme.style_sheet()


@pytest.mark.parametrize(
    ("written", "column"),
    [
        ("accent: blå", 11),
        ("size: stor", 9),
        ("round: kanskje", 10),
        ("layout: c", 11),
        ("accent: 'red;}'", 11),
    ],
)
def test_a_wrong_parameter_is_a_problem_at_its_place(make_folder: Make, written: str, column: int) -> None:
    (found,) = problems(make_folder, {"kommunebeta.yaml": f"{SETTINGS}parameters:\n  {written}\n"})
    assert found[:4] == ("KB052", "kommunebeta.yaml", 5, column)


def test_an_unknown_parameter_is_a_problem_with_a_suggestion(make_folder: Make) -> None:
    (found,) = problems(make_folder, {"kommunebeta.yaml": f"{SETTINGS}parameters:\n  acent: '#fff'\n"})
    assert found == ("KB052", "kommunebeta.yaml", 5, 3, "Did you mean «accent»?")


def test_an_unknown_theme_is_a_problem_with_a_suggestion(make_folder: Make) -> None:
    (found,) = problems(make_folder, {"kommunebeta.yaml": SETTINGS.replace("barn", "bar")})
    assert found == ("KB050", "kommunebeta.yaml", 3, 8, "Did you mean «barn»?")


def test_an_unknown_parent_is_a_problem_in_the_theme(make_folder: Make) -> None:
    (found,) = problems(make_folder, {"themes/barn/theme.yaml": "name: Barn\nparent: far\n"})
    assert found[:3] == ("KB050", "themes/barn/theme.yaml", 2)


def test_parents_in_a_circle_are_a_problem(make_folder: Make) -> None:
    (found,) = problems(make_folder, {"themes/mor/theme.yaml": "name: Mor\nparent: barn\n"})
    assert found[:2] == ("KB051", "themes/mor/theme.yaml")


def test_a_fault_in_the_description_is_a_problem(make_folder: Make) -> None:
    found = problems(make_folder, {"themes/mor/theme.yaml": "name: Mor\nparametre: {}\n"})
    assert found[0][:3] == ("KB051", "themes/mor/theme.yaml", 2)


def test_a_text_that_a_language_lacks_comes_from_a_related_one(make_folder: Make) -> None:
    catalogue = load(make_folder).catalogue("nn")
    assert [catalogue.gettext(message) for message in ("Next", "Home", "Other")] == [
        "Neste på nynorsk",
        "Hjem",
        "Other",
    ]


def test_a_site_may_word_a_text_in_its_own_way(make_folder: Make) -> None:
    theme = load(make_folder, {"locales/nb.po": 'msgid "Home"\nmsgstr "Torget"\n'})
    assert theme.catalogue("nb").gettext("Home") == "Torget"
    assert theme.catalogue("nn").gettext("Home") == "Torget"


def test_a_broken_catalogue_is_a_problem(make_folder: Make) -> None:
    theme = load(make_folder, {"locales/nb.po": '"uten nøkkel"\n'})
    with pytest.raises(ContentError, match="KB051"):
        theme.catalogue("nb")


def test_the_built_in_themes_are_found() -> None:
    assert (builtin_themes() / "beta" / "theme.yaml").is_file()
