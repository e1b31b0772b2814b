"""The figures of a survey on the page: drawn, in words, as a table, for everybody and at every width."""

from __future__ import annotations

import datetime as dt
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route
from selectolax.lexbor import LexborHTMLParser, LexborNode

from kommunebeta.assets import Assets, prepare_assets
from kommunebeta.config import read_settings
from kommunebeta.contexts import NotFoundContext
from kommunebeta.dialogue.forms import read_form
from kommunebeta.dialogue.model import Results
from kommunebeta.dialogue.results import read_results
from kommunebeta.headers import content_type, security_headers
from kommunebeta.site import Site
from kommunebeta.templates import Templates
from kommunebeta.theme import load_theme
from tests.browsing import Scheme, faults, in_light_and_dark, scroll_width

HIDDEN = "færre enn fem, eller skjult for å verne andre"
PAGE = """\
<!doctype html>
<html lang="{{ lang }}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Svar</title>
<link rel="stylesheet" href="{{ "main.css"|asset }}"><link rel="stylesheet" href="{{ "charts.css"|asset }}"></head>
<body><main class="wrap"><h1>Hva synes du?</h1><div class="article-columns"><div class="article-main">
{% include "partials/results.html" %}
</div></div></main></body>
</html>
"""
FORM = """\
title: Om bloggen
fields:
  - {kind: scale, name: nytte, label: {nb: Hvor nyttig er bloggen for deg?, en: How useful is it?}, min_label: {nb: Ikke nyttig, en: Not useful}, max_label: {nb: Svært nyttig, en: Very useful}}
  - {kind: scale, name: fart, label: Går det fort nok?, min: 0, max: 10}
  - kind: matrix
    name: enig
    label: Hvor enig er du?
    rows:
      - {value: forstar, label: Jeg forstår det som står her}
      - {value: svar, label: Jeg får svar når jeg spør}
      - {value: nytter, label: Det nytter å si hva jeg mener om kommunedelplanen}
    columns: [Uenig, Verken eller, Enig]
  - {kind: ranking, name: tema, label: Hva vil du helst lese om?, choices: [Økonomi, Skole og barnehage, Helse og omsorg, Veier og byggeplaner]}
  - {kind: ranking, name: rekke, label: Hva skal vi ta først?, choices: [Lys, Fortau, Benker]}
  - {kind: one, name: fant, label: Hvordan fant du hit?, other: true, choices: [Sosiale medier, Kommunens nettsted og nyhetsbrevsabonnementsordningen, Noen fortalte om den, Plakat på biblioteket]}
  - {kind: many, name: bruker, label: Hva bruker du?, choices: [Buss, Sykkel, Bil]}
  - {kind: yes_no, name: igjen, label: Kommer du igjen?}
"""
FIGURES = """\
form: undersokelse
collected: 2026-09-21
respondents: 187
note: {nb: "Alle kunne svare, så de som gjorde det, er **ikke** et tilfeldig utvalg."}
questions:
  nytte: {1: 6, 2: 13, 3: 41, 4: 72, 5: 55}
  fart: {0: 2, 1: 6, 2: 8, 3: 9, 4: 10, 5: 30, 6: 20, 7: 21, 8: 22, 9: 23, 10: 30}
  enig:
    forstar: {uenig: 3, verken-eller: 31, enig: 144}
    svar: {uenig: 38, verken-eller: 61, enig: 88}
    nytter: {uenig: 57, verken-eller: 74, enig: 56}
  tema:
    okonomi: {1: 29, 2: 38, 3: 52, 4: 68}
    skole-og-barnehage: {1: 64, 2: 57, 3: 41, 4: 25}
    helse-og-omsorg: {1: 47, 2: 51, 3: 50, 4: 39}
    veier-og-byggeplaner: {1: 47, 2: 41, 3: 44, 4: 55}
  rekke:
    lys: {1: 120, 2: 60, 3: 2}
    fortau: {1: 40, 2: 100, 3: 42}
    benker: {1: 22, 2: 22, 3: 138}
  fant: {sosiale-medier: 83, kommunens-nettsted-og-nyhetsbrevsabonnementsordningen: 62, noen-fortalte-om-den: 20, plakat-pa-biblioteket: 3, other: 12}
  bruker: {buss: 120, sykkel: 90, bil: 2}
  igjen: {yes: 150, no: 30}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresContext(NotFoundContext):
    """A page with nothing but figures."""

    results: Results
    csv: str
    level: int


@dataclass(frozen=True, slots=True)
class Print:
    """Prints figures with the theme that a site has when it names none."""

    templates: Templates
    site: Site
    assets: Assets

    def page(self, results: Results, lang: str = "nb", level: int = 2) -> str:
        context = FiguresContext(
            site=self.site, lang=lang, home=lang, address="/x/", title="Svar",
            results=results, csv="/x/svar æ.csv", level=level,
        )  # fmt: skip
        return self.templates.render("figures.html", context)

    def question(self, figures: str, lang: str = "nb") -> LexborNode:
        """The part of the page about the only question that figures are given for."""
        head = "form: undersokelse\ncollected: 2026-09-21\nrespondents: 187\nquestions:\n"
        return only(LexborHTMLParser(self.page(read(head + "  " + figures), lang)).css(".result"))


def read(figures: str = FIGURES) -> Results:
    form, faults = read_form(FORM, "forms/undersokelse.yaml")
    assert form is not None, faults
    results, problems = read_results(figures, "dialogue/blogg/results.yaml", lambda _: form)
    assert results is not None, problems
    return results


def only(nodes: list[LexborNode]) -> LexborNode:
    (node,) = nodes
    return node


def words(node: LexborNode) -> str:
    return " ".join(node.text().split())


def texts(node: LexborNode, selector: str) -> list[str]:
    return [words(found) for found in node.css(selector)]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Print:
    folder = tmp_path_factory.mktemp("site")
    (folder / "templates").mkdir()
    (folder / "templates" / "figures.html").write_text(PAGE, encoding="utf-8")
    settings = "name: Torget\nmunicipality: Fjordvik kommune\nbase_url: https://x.example/beta/\n"
    (folder / "kommunebeta.yaml").write_text(settings, encoding="utf-8")
    read_in, document = read_settings(folder)
    theme = load_theme(folder, read_in, document)
    site = Site(read_in, now=dt.datetime(2026, 10, 1, tzinfo=dt.UTC))
    assets = prepare_assets(theme.asset_files())
    return Print(Templates(theme, site, assets, body=lambda entry, mode: ""), site, assets)


def test_the_head_says_how_many_took_part_and_when_it_was_counted(printed: Print) -> None:
    page = LexborHTMLParser(printed.page(read()))
    lead = words(only(page.css(".results-lead")))
    assert lead == "187 personer svarte. Talt opp 21. september 2026."
    assert "<strong>ikke</strong>" in printed.page(read())
    link = only(page.css(".results-csv a"))
    assert link.attributes["href"] == "/beta/x/svar%20%C3%A6.csv"


def test_headings_follow_the_pages_order(printed: Print) -> None:
    page = LexborHTMLParser(printed.page(read(), level=3))
    assert texts(page.root or only([]), "h3") == ["Slik svarte dere"]
    assert len(page.css("h4")) == 8


def test_bars_are_as_long_as_their_share(printed: Print) -> None:
    part = printed.question("igjen: {yes: 150, no: 30}")
    assert [rect.attributes["width"] for rect in part.css(".bar-fill")] == ["83.33%", "16.67%"]
    assert texts(part, ".bar-label") == ["Ja", "Nei"]
    assert texts(part, ".bar-value") == ["83 % 150 svar", "17 % 30 svar"]


def test_a_hidden_bar_says_so_and_has_no_length(printed: Print) -> None:
    part = printed.question("fant: {sosiale-medier: 83, noen-fortalte-om-den: 20, plakat-pa-biblioteket: 3}")
    assert len(part.css(".bar-fill")) == 1
    assert texts(part, ".bar-value")[1:] == [HIDDEN] * 4
    assert [words(cell) for cell in part.css("tbody td")].count("skjult") == 8


def test_stacked_bars_follow_each_other_and_say_what_they_show(printed: Print) -> None:
    part = printed.question("nytte: {1: 6, 2: 13, 3: 41, 4: 72, 5: 55}")
    drawing = only(part.css("svg[role=img]"))
    ids = (drawing.attributes["aria-labelledby"] or "").split()
    named = [words(only(part.css(f"#{name}"))) for name in ids]
    assert named == [
        "Hvor nyttig er bloggen for deg?",
        "1 – Ikke nyttig 3 %, 2 7 %, 3 22 %, 4 39 %, 5 – Svært nyttig 29 %.",
    ]
    rects = drawing.css(".tone")
    starts = [float((rect.attributes["x"] or "").rstrip("%")) for rect in rects]
    widths = [float((rect.attributes["width"] or "").rstrip("%")) for rect in rects]
    assert sum(widths) == pytest.approx(100, abs=0.05)
    assert starts == pytest.approx([sum(widths[:at]) for at in range(5)], abs=0.05)
    assert texts(part, ".scale-ends span") == ["1 – Ikke nyttig", "5 – Svært nyttig"]


def test_a_stacked_bar_has_one_gap_for_all_that_is_hidden(printed: Print) -> None:
    part = printed.question("enig: {svar: {uenig: 3, verken-eller: 31, enig: 144}}")
    assert len(part.css(".stack-drawing .stack-hidden")) == 1
    assert [words(desc) for desc in part.css("desc")] == ["skjult 19 %, Enig 81 %."]
    assert HIDDEN.capitalize() in words(part)  # a line that nobody answered has no bar


@pytest.mark.parametrize(
    ("figures", "finding"),
    [
        ("igjen: {yes: 150, no: 30}", "Flest svarte «Ja»: 150 av 180."),
        ("igjen: {yes: 60, no: 60}", "Like mange svarte «Ja» og «Nei»: 60 av 120 på hver."),
        ("igjen: {yes: 60, no: 1}", "Tallene er for små til å vises."),
        (
            "nytte: {1: 6, 2: 13, 3: 41, 4: 72, 5: 55}",
            "Flest svarte «4»: 72 av 187. Gjennomsnittet er 3,8.",
        ),
        ("bruker: {buss: 120, sykkel: 90, bil: 2}", "Av tallene som vises, er «Buss» størst: 120 av 187."),
        ("bruker: {buss: 120, sykkel: 90, bil: 20}", "Flest svarte «Buss»: 120 av 187."),
        (
            "rekke: {lys: {1: 50, 2: 30, 3: 20}, fortau: {1: 30, 2: 30, 3: 40}, benker: {1: 20, 2: 40, 3: 40}}",
            "«Lys» kom høyest, med 1,7 som snittplass.",
        ),
        (
            "rekke: {lys: {1: 30, 2: 30, 3: 30}, fortau: {1: 30, 2: 30, 3: 30}, benker: {1: 30, 2: 30, 3: 30}}",
            "«Lys» og «Fortau» kom like høyt, med 2,0 som snittplass.",
        ),
        (
            "rekke: {lys: {1: 120, 2: 60, 3: 2}, fortau: {1: 40, 2: 100, 3: 42}, benker: {1: 22, 2: 22, 3: 138}}",
            "«Lys» ble oftest satt høyt: 120 av 182.",
        ),
        (
            "rekke: {lys: {1: 99}, fortau: {2: 99}, benker: {3: 99}}",
            "Tallene er for små til å vises.",
        ),
    ],
)
def test_the_main_finding_is_told_in_words(printed: Print, figures: str, finding: str) -> None:
    assert words(only(printed.question(figures).css("figcaption"))) == finding


def test_the_numbers_are_written_as_in_the_pages_language(printed: Print) -> None:
    figures = "nytte: {1: 6, 2: 13, 3: 41, 4: 72, 5: 55}"
    assert "The mean is 3.8." in words(printed.question(figures, "en"))
    assert "39%" in words(printed.question(figures, "en"))
    assert "Gaskamearri lea 3,8." in words(printed.question(figures, "se"))


def test_every_table_has_a_caption_and_headers_with_a_scope(printed: Print) -> None:
    page = LexborHTMLParser(printed.page(read()))
    tables = page.css("table")
    assert len(tables) == 8
    for table in tables:
        assert words(only(table.css("caption")))
        assert all(header.attributes["scope"] in ("row", "col") for header in table.css("th"))
        columns = len(only(table.css("thead tr")).css("th, td"))
        assert {len(row.css("th, td")) for row in table.css("tr")} == {columns}
    ranking = next(table for table in tables if "helst lese" in table.text())
    assert texts(ranking, "tbody th")[0] == "Skole og barnehage"
    assert texts(ranking, "thead th") == ["Plass 1", "Plass 2", "Plass 3", "Plass 4", "I alt", "Snittplass"]


def test_places_that_are_merged_are_told_of(printed: Print) -> None:
    part = printed.question(
        "rekke: {lys: {1: 120, 2: 60, 3: 2}, fortau: {1: 40, 2: 99, 3: 43}, benker: {1: 22, 2: 23, 3: 137}}"
    )
    assert texts(part, "thead th") == ["Plass 1", "Plass 2–3", "I alt"]
    assert "Derfor er plasser slått sammen." in words(part)


def test_what_people_write_is_escaped(printed: Print) -> None:
    hostile = "<script>alert(1)</script>\"'&"
    form, faults = read_form(
        FORM.replace("Kommer du igjen?", "'" + hostile.replace("'", "''") + "'"), "f.yaml"
    )
    assert form is not None, faults
    figures = "form: x\ncollected: 2026-09-21\nrespondents: 187\nquestions: {igjen: {yes: 90, no: 90}}"
    results, problems = read_results(figures, "results.yaml", lambda _: form)
    assert results is not None, problems
    page = printed.page(results)
    assert "<script" not in page
    assert hostile in words(only(LexborHTMLParser(page).css(".result-title")))


def test_nothing_is_styled_in_the_page_itself(printed: Print) -> None:
    page = printed.page(read())
    assert " style=" not in page
    assert "<style" not in page
    ids = [node.attributes["id"] for node in LexborHTMLParser(page).css("[id]")]
    assert len(ids) == len(set(ids))


def test_of_too_few_respondents_no_figure_is_on_the_page(printed: Print) -> None:
    results = read("form: x\ncollected: 2026-09-21\nrespondents: 4\nquestions: {igjen: {yes: 3, no: 1}}")
    page = LexborHTMLParser(printed.page(results))
    assert "Færre enn fem svarte, så ingen tall vises." in words(only(page.css(".results-lead")))
    assert len(page.css(".bar-fill")) == 0


def test_the_page_is_valid_html(printed: Print, vnu: list[str], tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(printed.page(read()), encoding="utf-8")
    check = subprocess.run(
        [*vnu, "--errors-only", "--format", "gnu", str(file)], capture_output=True, text=True, check=False
    )
    assert (check.stderr, check.returncode) == ("", 0)


@pytest.fixture
def visit(browser: Browser, printed: Print) -> Iterator[Callable[..., Page]]:
    """Opens a page with every kind of chart, with the headers that a site asks its host for."""
    files: dict[str, bytes] = {f"/beta/{path}": data for path, data in printed.assets.items}
    files["/beta/x/"] = printed.page(read()).encode()
    contexts = []

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix("http://site.test")
        kind = content_type(path.rstrip("/") + ("/index.html" if path.endswith("/") else ""))
        headers = {**security_headers(), "Content-Type": kind}
        route.fulfill(status=200 if path in files else 404, body=files.get(path, b""), headers=headers)

    def open_page(width: int = 1280, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.route("http://site.test/**", answer)
        page.goto("http://site.test/beta/x/")
        return page

    yield open_page
    for context in contexts:
        context.close()


@in_light_and_dark
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_no_fault_and_nothing_scrolls_sideways(
    visit: Callable[..., Page], axe: str, scheme: Scheme, width: int
) -> None:
    page = visit(width, color_scheme=scheme)
    assert scroll_width(page) == width
    for summary in page.locator("summary").all():
        summary.click()
    assert scroll_width(page) == width
    assert faults(page, axe, scheme) == []


def test_a_table_is_one_press_away_on_the_screen_and_always_there_on_paper(
    visit: Callable[..., Page],
) -> None:
    page = visit()
    tables = page.locator("table")
    assert [table.is_visible() for table in tables.all()] == [False] * 8
    page.locator("summary").first.press("Enter")
    assert tables.first.is_visible()
    page.emulate_media(media="print")
    assert [table.is_visible() for table in tables.all()] == [True] * 8
    assert not page.locator("summary").first.is_visible()


CONTRASTS = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = colour => {
    canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    const parts = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map(v => v / 255)
      .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * parts[0] + .7152 * parts[1] + .0722 * parts[2];
  };
  const ground = light(getComputedStyle(document.querySelector(".chart")).backgroundColor);
  return [...document.querySelectorAll(".tone, .bar-fill")].map(shape => {
    const own = light(getComputedStyle(shape).fill);
    return (Math.max(own, ground) + .05) / (Math.min(own, ground) + .05);
  });
}"""


@in_light_and_dark
def test_every_part_of_a_chart_stands_out_from_the_ground(visit: Callable[..., Page], scheme: Scheme) -> None:
    contrasts = visit(color_scheme=scheme).evaluate(CONTRASTS)
    assert len(contrasts) > 40
    assert min(contrasts) >= 3


@pytest.mark.parametrize("width", [320, 1280])
def test_the_letters_of_a_chart_are_never_scaled_down(visit: Callable[..., Page], width: int) -> None:
    page = visit(width)
    heights = page.evaluate(
        "[...document.querySelectorAll('.chart text')].map(text => text.getBoundingClientRect().height)"
    )
    assert len(heights) > 20
    assert min(heights) >= 12
    outside = page.evaluate("""[...document.querySelectorAll('.chart svg text')].filter(text => {
      const own = text.getBoundingClientRect(), box = text.closest('svg').getBoundingClientRect();
      return own.left < box.left - 1 || own.right > box.right + 1;
    }).length""")
    assert outside == 0
