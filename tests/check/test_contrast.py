"""Contrast of the theme's colours: the same numbers as in a browser, and a finding where a site chooses badly."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from kommunebeta.check.colors import Color, contrast, read_color
from kommunebeta.check.finding import Group
from kommunebeta.check.options import CheckOptions
from kommunebeta.check.palette import Palette
from kommunebeta.check.run import check
from kommunebeta.check.stylerules import read_rules
from kommunebeta.reporter import Reporter
from tests.check.test_bad_site import AT, SITES

Make = Callable[[Mapping[str, str]], Path]
COLORS = """
#0b3c5d  #fff  #8cf  #12345680  rebeccapurple  white
rgb(12,60,93)  rgb(50% 20% 10%)  rgba(1,2,3,.5)
hsl(204 79% 20%)  hsl(0.5turn 40% 50%)  hsl(-120deg 100% 25%)
color-mix(in srgb, #0b3c5d 30%, white)  color-mix(in oklab, #8cc4e8 58%, #17232a)
color-mix(in oklab, red, blue 20%)  color-mix(in srgb, red 20%, blue 20%)
"""
PAINT = """color => {
  const context = Object.assign(document.createElement('canvas'), {width: 1, height: 1}).getContext('2d');
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data];
}"""
PAIRS = [("#777777", "#ffffff"), ("#0b3c5d", "#fbfaf7"), ("#88ccee", "#f6ead6"), ("#dddddd", "#cccccc")]
SETTINGS = (SITES / "rettet" / "kommunebeta.yaml").read_text("utf-8").partition("parameters:")[0]


def test_colours_are_what_chromium_paints(browser: Browser) -> None:
    tab = browser.new_page()
    for color in re.split(r"\s{2,}|\n", COLORS.strip()):
        *theirs, alpha = tab.evaluate(PAINT, color)
        is_painted(color, theirs, alpha)
    tab.close()


def is_painted(color: str, theirs: list[int], alpha: int) -> None:
    ours = read_color(color)
    assert ours, color
    assert round(ours.alpha * 255) == pytest.approx(alpha, abs=1), color
    tolerance = 1.01 if alpha == 255 else 3.01  # a canvas keeps colours multiplied by their alpha
    assert [part * 255 for part in ours[:3]] == pytest.approx(theirs, abs=tolerance), color


def test_ratios_are_those_of_axe(browser: Browser, axe: str) -> None:
    body = "".join(f'<p style="color:{one};background:{other}">Tekst</p>' for one, other in PAIRS)
    tab = browser.new_page()
    tab.set_content(f"<!doctype html><html lang='nb'><title>a</title><main>{body}</main></html>")
    tab.evaluate(axe)
    told = tab.evaluate(
        "axe.run({runOnly: ['color-contrast']}).then(found => [...found.violations, ...found.passes]"
        ".flatMap(it => it.nodes).map(it => it.any[0].data))"
    )
    tab.close()
    theirs = {(it["fgColor"], it["bgColor"]): it["contrastRatio"] for it in told}
    assert len(theirs) == len(PAIRS)
    for pair in PAIRS:
        one, other = (read_color(color) for color in pair)
        assert one
        assert other
        assert contrast(one, other) == pytest.approx(theirs[pair], abs=0.01)


def test_contrast_lies_between_1_and_21() -> None:
    assert contrast(Color(0, 0, 0), Color(1, 1, 1)) == pytest.approx(21)
    assert contrast(Color(0.3, 0.2, 0.1), Color(0.3, 0.2, 0.1)) == 1


@pytest.mark.parametrize(
    "text", ["", "currentcolor", "inherit", "url(a.png)", "#12", "lab(1 2 3)", "rgb(a b c)"]
)
def test_what_is_no_known_colour_is_unknown(text: str) -> None:
    assert read_color(text) is None


def test_rules_are_read_with_their_conditions_layers_and_places() -> None:
    css = '@layer a, b;\n/* x { } */ @layer b { @media print { p, a:is(b, c) { color: red; --x: "};" } } }\nq{top:0}'
    rules, layers = read_rules(css)
    assert layers == ("a", "b")
    first, second = rules
    assert (first.selectors, first.layer, first.conditions) == (("p", "a:is(b, c)"), "b", ("@media print",))
    assert [(it.name, it.value) for it in first.declarations] == [("color", "red"), ("--x", '"};"')]
    assert css[second.declarations[0].offset :].startswith("top:0")
    assert second.layer == ""


CSS = """@layer first, second;
@layer second { :root { --a: #111111; --b: var(--c, #222222); } }
@layer first {
  :root { --a: #999999; --d: var(--e, var(--f)); --f: #333333; }
  @media (prefers-color-scheme: dark) { :root { --a: #eeeeee; --f: #444444; } }
  @media (min-width: 40em) { :root { --f: #555555; } }
  .box { --f: #666666; }
}
:root { --g: var(--g); }
"""


@pytest.mark.parametrize(
    ("name", "light", "dark"),
    [
        ("--a", "#111111", "#111111"),
        ("--b", "#222222", "#222222"),
        ("--d", "#333333", "#444444"),
        ("--g", "", ""),
        ("--none", "", ""),
    ],
)
def test_properties_follow_layers_schemes_and_fallbacks(name: str, light: str, dark: str) -> None:
    palette = Palette([("x.css", CSS)])
    found = [palette.color(f"var({name})", scheme) for scheme in ("light", "dark")]
    assert [it.color.hex if it else "" for it in found] == [light, dark]


def told(site: Path) -> list[tuple[str, int, int, str, str]]:
    found = check(site, CheckOptions(groups=(Group.PAGES,), at=AT, jobs=1), Reporter()).findings
    faint = [finding.problem for finding in found if finding.problem.code == "KB148"]
    return [(it.path, it.line, it.column, it.message, it.mend) for it in faint]


def with_settings(folder: Path, more: str) -> Path:
    site = shutil.copytree(SITES / "rettet", folder / "site")
    for name in ("content/posts", "static", "dialogue"):
        shutil.rmtree(site / name, ignore_errors=True)
    (site / "kommunebeta.yaml").write_text(SETTINGS + more, "utf-8")
    return site


@pytest.mark.parametrize("theme", ["beta", "torg"])
def test_the_themes_that_come_with_us_have_no_faint_colours(theme: str, tmp_path: Path) -> None:
    assert told(with_settings(tmp_path, f"theme: {theme}\n")) == []


def test_an_accent_that_is_too_light_is_told_at_its_line_with_one_that_would_do(tmp_path: Path) -> None:
    site = with_settings(tmp_path, 'parameters:\n  accent: "#88ccee"\n')
    ((path, line, column, message, mend),) = told(site)
    written = (site / path).read_text("utf-8").splitlines()[line - 1]
    assert (path, written[column - 1 :]) == ("kommunebeta.yaml", '"#88ccee"')
    assert "«accent» (#88ccee) on «sand» (#f6ead6) has a contrast of 1.4 to 1 in light colours" in message
    assert "4.5 to 1 is required" in message
    better = mend.removeprefix("«").removesuffix("» would do.")
    settings = site / "kommunebeta.yaml"
    settings.write_text(settings.read_text("utf-8").replace("#88ccee", better), "utf-8")
    assert told(site) == []


def test_a_sheet_of_the_site_is_told_of_at_its_own_line(tmp_path: Path) -> None:
    site = with_settings(tmp_path, "")
    (site / "assets").mkdir()
    css = "\n.note {\n  color: #aaaaaa;\n  background: #ffffff;\n}\n.off:disabled { color: #ccc; background: #fff; }\n"
    (site / "assets" / "notes.css").write_text(css, "utf-8")
    found = told(site)
    assert {it[:3] for it in found} == {("assets/notes.css", 3, 3)}
    assert all(
        "«#aaaaaa» (#aaaaaa) on «#ffffff» (#ffffff) has a contrast of 2.3 to 1" in it[3] for it in found
    )


def test_a_theme_of_the_site_names_pairs_beside_those_of_its_parent(tmp_path: Path) -> None:
    site = with_settings(tmp_path, "theme: egen\n")
    (site / "themes/egen/assets").mkdir(parents=True)
    theme = "name: Egen\nparent: beta\ncontrast:\n  - {colors: [ink], on: [sea], least: 7}\n"
    (site / "themes/egen/theme.yaml").write_text(theme, "utf-8")
    (site / "themes/egen/assets/sea.css").write_text(":root { --sea: #336699; --quiet: #cccccc; }\n", "utf-8")
    messages = [it[3] for it in told(site)]
    assert any("«ink»" in it and "«sea» (#336699)" in it and "7 to 1 is required" in it for it in messages)
    assert any("«quiet» (#cccccc)" in it for it in messages)
