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


def linked(make_folder: Make, tmp_path: Path, path: str, content: str = "secret") -> Path:
    """A site in which ``path`` is a symbolic link to a file outside it."""
    site = make_folder(FILES)
    (tmp_path / "outside").write_text(content)
    (site / path).parent.mkdir(parents=True, exist_ok=True)
    (site / path).unlink(missing_ok=True)
    (site / path).symlink_to(tmp_path / "outside")
    return site


def load_site(site: Path) -> Theme:
    settings, document = read_settings(site)
    return load_theme(site, settings, document)


@pytest.mark.parametrize(
    ("path", "use"),
    [
        ("templates/x.html", lambda theme: theme.template("x.html")),
        ("themes/mor/templates/x.html", lambda theme: theme.template("x.html")),
        ("assets/x.css", lambda theme: theme.asset_files()),
        ("locales/nb.po", lambda theme: theme.catalogue("nb")),
        ("themes/barn/theme.yaml", lambda theme: theme),
    ],
)
def test_a_link_out_of_its_folder_is_a_problem(
    make_folder: Make, tmp_path: Path, path: str, use: Callable[[Theme], object]
) -> None:
    site = linked(make_folder, tmp_path, path, "name: Utenfor\n")
    with pytest.raises(ContentError) as caught:
        use(load_site(site))
    assert [(problem.code, problem.path) for problem in caught.value.problems] == [("KB007", path)]


def test_a_theme_that_is_a_link_out_of_the_site_is_a_problem(make_folder: Make, tmp_path: Path) -> None:
    site = make_folder({key: text for key, text in FILES.items() if "barn" not in key})
    make_folder({"theme.yaml": "name: Utenfor\n"}, "elsewhere")
    (site / "themes/barn").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ContentError, match="KB007"):
        load_site(site)


def test_a_link_within_its_folder_is_followed(make_folder: Make) -> None:
    site = make_folder({**FILES, "templates/a.html": "a"})
    (site / "templates/b.html").symlink_to("a.html")
    found = load_site(site).template("b.html")
    assert found is not None
    assert found[1].read_text() == "a"


@pytest.mark.parametrize(
    "name", ["mor:../theme.yaml", "site:/etc/passwd", "gone:post.html", "site:post.html"]
)
def test_a_layers_own_template_never_comes_from_elsewhere(make_folder: Make, name: str) -> None:
    assert load(make_folder).template(name) is None
    assert load(make_folder).template("mor:post.html") is not None


def test_assets_of_the_same_name_come_from_the_nearest_layer(make_folder: Make) -> None:
    files = {"themes/mor/assets/more.css": "", "themes/barn/assets/main.css": "", "assets/.DS_Store": ""}
    found = load(make_folder, files).asset_files()
    assert {name: file.parents[1].name for name, file in found.items()} == {
        "main.css": "barn",
        "more.css": "mor",
    }


def test_a_child_that_gives_only_a_default_keeps_the_parents_kind(make_folder: Make) -> None:
    barn = "name: Barn\nparent: mor\nparameters:\n  accent: {default: '#ff0000'}\n  layout: {default: b}\n"
    theme = load(make_folder, {"themes/barn/theme.yaml": barn})
    assert (theme.kinds["accent"], theme.parameters["accent"], theme.parameters["layout"]) == (
        "color",
        "#ff0000",
        "b",
    )
    (found,) = problems(
        make_folder,
        {"themes/barn/theme.yaml": barn, "kommunebeta.yaml": f"{SETTINGS}parameters: {{layout: c}}\n"},
    )
    assert found[4] == "Write one of a, b."


def test_a_child_declares_what_its_scripts_keep_beside_its_parent(make_folder: Make) -> None:
    mor = "name: Mor\nstorage:\n  a.js: Utkast.\n  b.js: {nb: Valg., en: Choices.}\n"
    barn = "name: Barn\nparent: mor\nstorage:\n  a.js: Intet.\n  c.js: Kart.\n"
    theme = load(make_folder, {"themes/mor/theme.yaml": mor, "themes/barn/theme.yaml": barn})
    assert theme.storage == {
        "a.js": {"": "Intet."},
        "b.js": {"nb": "Valg.", "en": "Choices."},
        "c.js": {"": "Kart."},
    }
    (found,) = problems(make_folder, {"themes/barn/theme.yaml": "name: Barn\nstorage:\n  - a.js\n"})
    assert found[:3] == ("KB051", "themes/barn/theme.yaml", 3)


@pytest.mark.parametrize(
    "declared",
    [
        "{type: color, default: red}",
        "{type: number, default: x}",
        "{type: choice, default: a}",
        "{type: choice}",
    ],
)
def test_a_default_that_is_not_of_its_own_kind_is_a_problem_in_the_theme(
    make_folder: Make, declared: str
) -> None:
    text = f"name: Barn\nparent: mor\nparameters:\n  x: {declared}\n"
    (found,) = problems(make_folder, {"themes/barn/theme.yaml": text})
    assert found[:3] == ("KB051", "themes/barn/theme.yaml", 4)


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        ("text", "1.10", "1.10"),
        ("text", "true", "true"),
        ("text", "no", "no"),
        ("number", "'4'", 4),
        ("number", "-1.5", -1.5),
        ("flag", "av", False),
        ("flag", "'true'", True),
        ("url", "/om/", "/om/"),
        ("url", "", "https://x.example/"),
    ],
)
def test_a_value_is_read_as_its_parameters_kind(
    make_folder: Make, kind: str, written: str, value: object
) -> None:
    default = "https://x.example/" if kind == "url" else ""
    files = {
        "themes/barn/theme.yaml": f"name: B\nparameters:\n  x: {{type: {kind}, default: '{default}'}}\n",
        "kommunebeta.yaml": f"{SETTINGS}parameters:\n  x: {written}\n",
    }
    assert load(make_folder, files).parameters["x"] == value


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("url", "javascript:alert(1)"),
        ("url", "//elsewhere.example/"),
        ("text", "[a]"),
        ("number", "true"),
        ("color", "red"),
    ],
)
def test_a_value_of_another_kind_is_refused(make_folder: Make, kind: str, written: str) -> None:
    files = {
        "themes/barn/theme.yaml": f"name: B\nparameters:\n  x: {{type: {kind}}}\n",
        "kommunebeta.yaml": f"{SETTINGS}parameters:\n  x: {written}\n",
    }
    assert problems(make_folder, files)[0][:4] == ("KB052", "kommunebeta.yaml", 5, 6)


@pytest.mark.parametrize(
    ("theme", "code"), [("''", "KB050"), ("../barn", "KB050"), ("site", "KB051"), ("parent", "KB051")]
)
def test_a_name_that_no_theme_can_have_is_a_problem(make_folder: Make, theme: str, code: str) -> None:
    files = {
        "kommunebeta.yaml": f"name: X\nmunicipality: Y\ntheme: {theme}\n",
        "themes/site/theme.yaml": "name: S\n",
        "themes/parent/theme.yaml": "name: P\n",
    }
    (found,) = problems(make_folder, files)
    assert found[:4] == (code, "kommunebeta.yaml", 3, 8)


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


def test_a_number_that_only_a_related_language_knows_is_told_in_it(make_folder: Make) -> None:
    po = 'msgid "one"\nmsgid_plural "%(num)s many"\nmsgstr[0] "en"\nmsgstr[1] "%(num)s flere"\n'
    catalogue = load(make_folder, {"locales/nb.po": po}).catalogue("se")
    assert [catalogue.ngettext("one", "%(num)s many", n) for n in (1, 2, 5)] == [
        "en",
        "%(num)s flere",
        "%(num)s flere",
    ]


def test_lule_and_south_sami_fall_back_to_northern_sami_before_norwegian(make_folder: Make) -> None:
    theme = load(make_folder, {"locales/se.po": 'msgid "Home"\nmsgstr "Ruoktot"\n'})
    for lang in ("smj", "sma", "se"):
        assert [theme.catalogue(lang).gettext(word) for word in ("Home", "Next")] == ["Ruoktot", "Neste"]
    assert theme.catalogue("en").gettext("Home") == "Home"


@pytest.mark.parametrize("content", ['"uten nøkkel"\n', 'msgid "a"\nmsgstr "\udce5"\n'])
def test_a_broken_catalogue_is_a_problem_that_names_it(make_folder: Make, content: str) -> None:
    site = make_folder({**FILES, "themes/barn/locales/nb.po": content.encode(errors="surrogateescape")})
    with pytest.raises(ContentError) as caught:
        load_site(site).catalogue("se")
    assert [(problem.code, problem.path) for problem in caught.value.problems] == [
        ("KB051", "themes/barn/locales/nb.po")
    ]


def test_the_built_in_themes_are_found() -> None:
    assert (builtin_themes() / "beta" / "theme.yaml").is_file()
