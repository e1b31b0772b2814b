"""Files that nothing uses and settings that do nothing, and above all: what only looks like them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import pytest

from kommunebeta.check.idle import idle_settings, unknown_levels
from kommunebeta.check.unused import unused_files
from tests.check.wholes import page, post, told, whole

Make = Callable[[Mapping[str, str]], Path]
PO = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "{}"\nmsgstr "Noe"\n'
ASKED = (("asset", "main.css"), ("menu", "main", "nb"), ("menu", "footer", "nb"), ("template", "home.html"))


def unused(folder: Path, settings: str = "", **more: object) -> list[tuple[str, int]]:
    site = whole(folder, settings, asked=ASKED, posts=[post("sak")], **more)  # type: ignore[arg-type]  # of tests
    return [(path, line) for code, path, line, _ in told(unused_files(site)) if code == "KB191"]


# Templates


@pytest.mark.parametrize(
    "name",
    ["post.html", "partials/share.html", "partials/feed-embed.html", "feed.atom", "partials/form.html"],
)
def test_a_template_that_stands_in_for_one_of_the_theme_is_used(make_folder: Make, name: str) -> None:
    assert unused(make_folder({f"templates/{name}": "x"})) == []


def test_a_template_that_nothing_comes_to_is_told_with_the_name_that_may_be_meant(make_folder: Make) -> None:
    site = whole(make_folder({"templates/partials/fotter.html": "x", "templates/partials/foter.html": "x"}))
    faults = {fault.path: fault for fault in unused_files(site)}
    assert set(faults) == {"templates/partials/fotter.html", "templates/partials/foter.html"}
    assert "Did you mean" in faults["templates/partials/foter.html"].mend


def test_what_a_used_template_includes_is_used_and_what_an_unused_one_includes_is_not(
    make_folder: Make,
) -> None:
    files = {
        "templates/post.html": '{% extends "parent:post.html" %}{% block main %}{% include "a.html" %}{% endblock %}',
        "templates/a.html": "x",
        "templates/b.html": '{% include "c.html" %}',
        "templates/c.html": "x",
    }
    assert unused(make_folder(files)) == [("templates/b.html", 1), ("templates/c.html", 1)]


def test_a_template_that_a_text_names_is_used_be_it_a_draft(make_folder: Make) -> None:
    draft = "---\ntitle: Kladd\ndraft: yes\ntemplate: b.html\n---\n"
    files = {"templates/a.html": "x", "templates/b.html": "x", "content/pages/kladd.md": draft}
    assert unused(make_folder(files), pages=[page("side", template="a.html")]) == []


def test_where_a_name_is_worked_out_every_template_may_be_meant(make_folder: Make) -> None:
    files = {"templates/post.html": '{% include "kort-" ~ post.id ~ ".html" %}', "templates/kort-a.html": "x"}
    assert unused(make_folder(files)) == []


def test_all_of_a_site_s_own_theme_must_be_used(make_folder: Make) -> None:
    files = {
        "themes/vår/theme.yaml": "name: Vår\nparent: beta\n",
        "themes/vår/templates/home.html": '{% extends "parent:home.html" %}',
        "themes/vår/templates/hjem.html": "x",
    }
    assert unused(make_folder(files), "theme: vår\n") == [("themes/vår/templates/hjem.html", 1)]


# Assets


def test_an_asset_that_stands_in_for_one_of_the_theme_or_is_named_anywhere_is_used(make_folder: Make) -> None:
    files = {
        "assets/main.css": "@font-face { src: url(vaar.woff2) }",
        "assets/fonts/vaar.woff2": "",
        "assets/kart.js": "",
        "templates/post.html": '{% if post.case %}{{ "kart.js"|asset }}{% endif %}',
    }
    assert unused(make_folder(files)) == []


def test_an_asset_that_nothing_names_is_told_of(make_folder: Make) -> None:
    assert unused(make_folder({"assets/css/gammel.css": ""})) == [("assets/css/gammel.css", 1)]


@pytest.mark.parametrize("name", ["fonts/OFL.txt", "LICENSE", "kart.md"])
def test_what_lies_beside_assets_to_be_read_is_left_alone(make_folder: Make, name: str) -> None:
    assert unused(make_folder({f"assets/{name}": ""})) == []


def test_where_the_name_of_an_asset_is_worked_out_every_one_may_be_meant(make_folder: Make) -> None:
    template = '<img src="{{ ("merke-" ~ post.id ~ ".svg")|asset }}" alt="">'
    assert unused(make_folder({"assets/merke-a.svg": "", "templates/post.html": template})) == []


def test_without_a_memory_of_what_was_asked_assets_are_left_alone(make_folder: Make) -> None:
    assert told(unused_files(whole(make_folder({"assets/gammel.css": ""})))) == []


# Texts


@pytest.mark.parametrize("message", ["Home", "Skip to the content", "%(num)s answer", "Ask the mayor"])
def test_a_text_that_the_theme_or_a_template_asks_for_is_used(make_folder: Make, message: str) -> None:
    files = {"locales/nb.po": PO.format(message), "templates/post.html": '{{ t("Ask the mayor") }}'}
    assert unused(make_folder(files)) == []


def test_a_text_that_nothing_asks_for_is_told_at_its_line(make_folder: Make) -> None:
    assert unused(make_folder({"locales/nb.po": PO.format("Skip to content")})) == [("locales/nb.po", 4)]


@pytest.mark.parametrize(
    ("languages", "found"),
    [("[nb]", [("locales/se.po", 1)]), ("[nb, se]", [])],
)
def test_a_catalogue_for_a_language_that_the_site_does_not_have_is_told_of(
    make_folder: Make, languages: str, found: list[tuple[str, int]]
) -> None:
    assert unused(make_folder({"locales/se.po": PO.format("Home")}), f"languages: {languages}\n") == found


def test_bokmal_stands_in_for_nynorsk(make_folder: Make) -> None:
    assert unused(make_folder({"locales/nb.po": PO.format("Home")}), "language: nn\n") == []


# Settings


def idle(folder: Path, settings: str, **more: object) -> list[tuple[int, str]]:
    site = whole(folder, settings, asked=ASKED, **more)  # type: ignore[arg-type]  # of tests
    return [(line, message) for code, _, line, message in told(idle_settings(site)) if code == "KB192"]


@pytest.mark.parametrize(
    ("settings", "line", "words"),
    [
        ("menus:\n  main: []\n  fot: []\n", 6, "No template shows the menu «fot»."),
        ("inbox:\n  to: mailto\n  email: a@b.no\n  url: https://x.no/\n", 7, "«mailto» does not use «url»."),
        ("inbox:\n  to: 'off'\n  key: abc\n", 6, "«off» does not use «key»."),
        (
            "inbox:\n  forms:\n    x:\n      to: formspree\n      key: a\n      url: https://x.no/\n",
            9,
            "«url»",
        ),
        ("permalinks:\n  languages:\n    en: {post: '/{slug}/'}\n", 6, "nothing in the language «en»"),
        ("shared_lists:\n  nn: [nb]\n", 5, "«nn» has no lists of its own"),
        ("tagline:\n  nb: Hei\n  se: Bures\n", 6, "nothing in the language «se»"),
        ("menus:\n  main:\n    - url: /x/\n      title:\n        en: X\n", 8, "«en»"),
        ("beta:\n  show: no\n  text: Prøve\n", 6, "The beta banner is not shown"),
        ("dialogue:\n  open_data: no\n  licence: CC0\n", 6, "not published as open data"),
        ("icon:\n  file: a.png\n  letters: P\n", 6, "The icon is a file"),
        ("extra:\n  farge: rød\n", 5, "No template names «farge»."),
    ],
)
def test_a_setting_that_does_nothing_is_told_at_its_line(
    make_folder: Make, settings: str, line: int, words: str
) -> None:
    ((at, message),) = idle(make_folder({}), settings)
    assert at == line
    assert words in message


@pytest.mark.parametrize(
    "settings",
    [
        "",
        "menus:\n  main: []\n  footer: []\n",
        "inbox: {to: kommunebeta, url: 'https://x.no/'}\n",
        "inbox: {to: web3forms, key: abc}\n",
        "inbox: {to: mailto, email: a@b.no}\n",
        "languages: [nb, nn, en]\ntagline: {nb: a, nn: b, en: c}\nshared_lists: {nn: [nb]}\n",
        "tagline: Bare én\nfooter: ''\n",
        "beta: {show: yes, text: Prøve}\n",
        "dialogue: {open_data: yes, licence: CC0}\n",
        "dialogue: {open_data: no}\n",
        "icon: {letters: P}\n",
        "extra: {slagord: x}\n",
    ],
)
def test_settings_that_do_something_are_left_alone(make_folder: Make, settings: str) -> None:
    folder = make_folder({"templates/post.html": "{{ site.settings.extra.slagord }}"})
    assert idle(folder, settings) == []


def test_a_language_of_texts_alone_is_one_of_the_site(make_folder: Make) -> None:
    settings = "permalinks:\n  languages:\n    se: {post: '/{slug}/'}\nfooter:\n  se: Gielda\n"
    assert idle(make_folder({}), settings, posts=[post("sak.se", lang="se")]) == []


@pytest.mark.parametrize(
    ("template", "is_told"),
    [("{{ site.data.tall }}", False), ('{{ site.data["tall"] }}', False), ("{{ site.data.annet }}", True)],
)
def test_a_data_file_is_used_where_a_template_names_it(
    make_folder: Make, template: str, is_told: bool
) -> None:
    folder = make_folder({"data/tall.csv": "a;b\n", "templates/post.html": template})
    site = whole(folder, asked=ASKED, data={"tall": []})
    assert [fault.path for fault in idle_settings(site)] == (["data/tall.csv"] if is_told else [])


def test_where_all_data_is_asked_for_every_file_may_be_meant(make_folder: Make) -> None:
    site = whole(make_folder({"data/tall.csv": "a;b\n"}), asked=[*ASKED, ("data",)], data={"tall": []})
    assert told(idle_settings(site)) == []


@pytest.mark.parametrize(("known", "told_of"), [(("KB143",), []), ((), ["KB143"])])
def test_a_level_for_a_code_that_no_check_has_does_nothing(
    make_folder: Make, known: Collection[str], told_of: list[str]
) -> None:
    site = whole(make_folder({}), "check:\n  levels:\n    KB143: off\n")
    faults = list(unknown_levels(site, lambda: known))
    assert [fault.message.split()[5].rstrip(",") for fault in faults] == told_of
    assert all((fault.line, fault.severity) == (6, None) for fault in faults)
