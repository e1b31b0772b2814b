"""Another look on a few pages while an experiment lasts: on those alone, on those days alone, and told to readers."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from kommunebeta.build import BuildOptions, BuildResult, build
from kommunebeta.errors import ContentError, Problem
from kommunebeta.inventory import MANIFEST
from kommunebeta.preview import Preview
from kommunebeta.reporter import Reporter
from tests.browsing import Scheme, faults_of, in_light_and_dark, serving

Make = Callable[..., Path]
SETTINGS = """\
name: Fjordvikbeta
municipality: Fjordvik kommune
base_url: https://beta.fjordvik.example/
languages: [nb, nn, en]
parameters: {accent: "#0b3c5d"}
"""
VARIANT = """\
variant:
  pages: ["/2026/05/skole/", "/emne/*"]
  parameters: {accent: "#7a1f5c", show_reading_time: nei}
  texts:
    "Skip to the content": {nb: Hopp over alt, en: Jump}
    "Related posts": Mer av det samme
"""
FILES: dict[str, str] = {
    "kommunebeta.yaml": SETTINGS,
    "content/posts/skole.md": "---\ntitle: Skole\ndate: 2026-05-02\ntags: [Skole]\n---\nHei på deg.\n",
    "content/posts/vann.md": "---\ntitle: Vann\ndate: 2026-05-03\ntags: [Skole]\n---\nVannet renner.\n",
    "content/posts/skole.en.md": "---\ntitle: School\ndate: 2026-05-02\n---\nHello.\n",
}
WITHIN = "2026-05-17T12:00"
SKOLE = "2026/05/skole/index.html"
VARIED = {SKOLE, "emne/index.html", "emne/skole/index.html"}


def experiment(variant: str = VARIANT, state: str = "trying", title: str = "Rosa uke") -> str:
    days = "starts: 2026-05-10\nends: 2026-05-31\n"
    learned = "learned: Mye.\n" if state == "kept" else ""
    return f"---\ntitle: {title}\nhypothesis: Rosa er fint.\n{days}state: {state}\n{learned}{variant}---\nVi prøver.\n"


def at(moment: str = WITHIN) -> BuildOptions:
    return BuildOptions(at=dt.datetime.fromisoformat(moment + "+02:00"), jobs=1)


@pytest.fixture
def make_site(make_folder: Make) -> Callable[..., Path]:
    def make(variant: str = VARIANT, more: Mapping[str, str] | None = None, state: str = "trying") -> Path:
        own = {"content/experiments/rosa.md": experiment(variant, state)}
        return make_folder({**FILES, **own, **(more or {})})

    return make


MakeSite = Callable[..., Path]


def made(site: Path, moment: str = WITHIN) -> BuildResult:
    return build(site, at(moment), Reporter())


def varied(public: Path) -> set[str]:
    """The pages that tell of something being tried on them."""
    pages = {file.relative_to(public).as_posix(): file.read_text("utf-8") for file in public.rglob("*.html")}
    return {path for path, html in pages.items() if "variant-banner" in html}


def snapshot(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != MANIFEST
    }


def told(problems: tuple[Problem, ...]) -> list[tuple[str, int, int]]:
    return [(problem.code, problem.line, problem.column) for problem in problems]


# Where and when


def test_only_the_chosen_pages_are_others_and_say_so_with_a_link(make_site: MakeSite) -> None:
    result = made(make_site())
    assert result.problems == ()
    assert varied(result.output) == VARIED
    html = (result.output / SKOLE).read_text("utf-8")
    banner = html.partition('<div class="variant-banner">')[2].partition("</div>")[0]
    assert "Her prøver vi noe nytt:" in banner
    assert '<a href="/forsok/rosa/">Rosa uke</a>' in banner


def test_the_rest_of_the_site_is_byte_for_byte_what_it_is_without_the_variant(make_folder: Make) -> None:
    plain = make_folder({**FILES, "content/experiments/rosa.md": experiment("")}, "plain")
    site = make_folder({**FILES, "content/experiments/rosa.md": experiment()}, "site")
    expected, found = snapshot(made(plain).output), snapshot(made(site).output)
    other = {path for path in found if found[path] != expected.get(path)}
    assert {path for path in other if not path.startswith("assets/")} == VARIED
    assert [re.sub(r"\.[0-9a-f]{10}", "", path) for path in other - VARIED] == ["assets/parameters-rosa.css"]
    assert expected.keys() <= found.keys()


@pytest.mark.parametrize(
    ("moment", "there"),
    [
        ("2026-05-09T23:59", False),
        ("2026-05-10T00:00", True),
        ("2026-05-31T23:59", True),
        ("2026-06-01T00:00", False),
    ],
)
def test_the_variant_is_there_on_the_days_of_the_experiment(
    make_site: MakeSite, moment: str, there: bool
) -> None:
    result = made(make_site(), moment)
    assert varied(result.output) == (VARIED if there else set())
    assert bool(list((result.output / "assets").glob("parameters-*.css"))) is there


@pytest.mark.parametrize("state", ["idea", "kept"])
def test_the_variant_is_there_only_while_the_experiment_is_being_tried(
    make_site: MakeSite, state: str
) -> None:
    assert varied(made(make_site(state=state)).output) == set()


def test_the_next_build_is_due_when_the_variant_comes_and_goes(make_site: MakeSite) -> None:
    site = make_site()
    assert made(site, "2026-05-09T12:00").next_change == dt.datetime.fromisoformat("2026-05-10T00:00+02:00")
    assert made(site).next_change == dt.datetime.fromisoformat("2026-06-01T00:00+02:00")


def test_feeds_old_addresses_and_files_keep_their_look(make_site: MakeSite) -> None:
    old = FILES["content/posts/vann.md"].replace("title:", "aliases: [/gammel/]\ntitle:")
    result = made(
        make_site(VARIANT.replace('["/2026/05/skole/", "/emne/*"]', '["/*"]'), {"content/posts/vann.md": old})
    )
    found = varied(result.output)
    assert {"index.html", "404.html", "en/index.html", SKOLE} <= found
    assert "gammel/index.html" not in found
    assert "Mer av det samme" not in (result.output / "feed.xml").read_text("utf-8")


def test_an_address_copied_from_a_browser_names_its_page(make_site: MakeSite) -> None:
    post = "---\ntitle: Båt\ndate: 2026-05-04\npermalink: /båt og fly/\n---\nHei.\n"
    variant = 'variant: {pages: ["/b%C3%A5t%20og%20fly/"], texts: {Home: Hjemme}}\n'
    assert varied(made(make_site(variant, {"content/posts/b.md": post})).output) == {"båt og fly/index.html"}


# What is other


def test_parameters_are_others_in_templates_and_in_the_style_sheet(make_site: MakeSite) -> None:
    templates = {
        "templates/partials/terms.html": (
            '{% from "makro.html" import farge %}<i>{{ farge() }} {{ params.accent }} {{ dict(params).accent }}</i>'
        ),
        "templates/makro.html": "{% macro farge() %}{{ params.accent }}{% endmacro %}",
    }
    result = made(make_site(more=templates))
    html = (result.output / SKOLE).read_text("utf-8")
    assert "<i>#7a1f5c #7a1f5c #7a1f5c</i>" in html
    assert "min å lese" not in html
    sheet = re.search(r'href="/(assets/parameters-rosa\.[0-9a-f]{10}\.css)"', html)
    assert sheet
    css = (result.output / sheet[1]).read_text("utf-8")
    assert "--param-accent: #7a1f5c;" in css
    assert "--param-accent-dark: #8cc4e8;" in css
    other = (result.output / "2026/05/vann/index.html").read_text("utf-8")
    assert "<i>#0b3c5d #0b3c5d #0b3c5d</i>" in other
    assert "parameters-rosa" not in other


def test_a_variant_of_texts_alone_needs_no_style_sheet(make_site: MakeSite) -> None:
    result = made(make_site('variant: {pages: ["/2026/05/skole/"], texts: {Home: Hjemme}}\n'))
    assert varied(result.output) == {SKOLE}
    assert not list((result.output / "assets").glob("parameters-*.css"))


def test_a_text_is_other_in_the_languages_that_it_is_given_in(make_site: MakeSite) -> None:
    files = {"content/posts/skole.nn.md": "---\ntitle: Skule\ndate: 2026-05-02\n---\nHei.\n"}
    result = made(make_site(VARIANT.replace('"/emne/*"', '"*/2026/05/skole/"').replace('"*/', '"/*/'), files))
    bokmal = (result.output / SKOLE).read_text("utf-8")
    assert ">Hopp over alt</a>" in bokmal
    assert "Mer av det samme</h2>" in bokmal
    assert ">Jump</a>" in (result.output / "en" / SKOLE).read_text("utf-8")
    nynorsk = (result.output / "nn" / SKOLE).read_text("utf-8")
    assert "variant-banner" in nynorsk
    assert "Hopp over alt" not in nynorsk
    assert "Hopp til innhaldet" in nynorsk


def test_the_forms_of_a_plural_are_texts_of_their_own(make_site: MakeSite) -> None:
    variant = """\
variant:
  pages: ["/emne/*"]
  texts: {"%(num)s post": "Bare %(num)s", "%(num)s posts": "Hele %(num)s (100 %%)"}
"""
    more = {"content/posts/x.md": "---\ntitle: X\ndate: 2026-05-04\ntags: [Ensom]\n---\nHei.\n"}
    result = made(make_site(variant, more))
    assert result.problems == ()
    assert "Hele 2 (100 %)" in (result.output / "emne/skole/index.html").read_text("utf-8")
    assert "Bare 1" in (result.output / "emne/ensom/index.html").read_text("utf-8")


HOSTILE = """<script>alert(1)</script><img src=x onerror=alert(1)>"'{{ 7*7 }}&"""


def test_hostile_words_of_a_variant_are_shown_as_words(make_site: MakeSite) -> None:
    quoted = "'" + HOSTILE.replace("'", "''") + "'"
    variant = f"""\
variant:
  pages: ["/2026/05/*"]
  texts:
    Skip to the content: {quoted}
    Related posts: {quoted}
    "%(num)s minute to read": {quoted}
    About the matter: {quoted}
"""
    more = {"content/posts/sak.md": "---\ntitle: Sak\ndate: 2026-05-05\ncase: {number: 1}\n---\nHei.\n"}
    result = made(make_site(variant, more))
    html = (result.output / "2026/05/sak/index.html").read_text("utf-8")
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;") >= 3
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert ">49" not in html.replace("&#39;", "'")


def test_the_experiments_own_title_is_escaped_in_the_banner(make_folder: Make) -> None:
    text = experiment(title="'<b>&'")
    result = made(make_folder({**FILES, "content/experiments/rosa.md": text}))
    assert "&lt;b&gt;&amp;</a>" in (result.output / SKOLE).read_text("utf-8")


def test_the_banner_leads_to_the_experiment_in_the_readers_language(make_site: MakeSite) -> None:
    english = experiment("", title="Pink week")
    variant = 'variant: {pages: ["/en/2026/05/skole/", "/nn/"], texts: {Home: Hjem}}\n'
    result = made(make_site(variant, {"content/experiments/rosa.en.md": english}))
    html = (result.output / "en" / SKOLE).read_text("utf-8")
    assert '<a href="/en/experiments/rosa/">Pink week</a>' in html
    nynorsk = (result.output / "nn/index.html").read_text("utf-8")
    assert '<a href="/forsok/rosa/" lang="nb" hreflang="nb">Rosa uke</a>' in nynorsk


# What is wrong


@pytest.mark.parametrize(
    ("variant", "places"),
    [
        ("variant: {pages: [/emne/], parameters: {acent: red}}\n", [("KB052", 7, 48)]),
        ("variant: {pages: [/emne/], parameters: {accent: red}}\n", [("KB052", 7, 49)]),
        ("variant:\n  pages: [emne, /emne/]\n  texts: {Home: a}\n", [("KB093", 8, 11)]),
        ("variant:\n  pages: https://x.example/\n  texts: {Home: a}\n", [("KB093", 8, 10)]),
        (
            'variant:\n  pages: [/emne/]\n  texts:\n    "%(num)s post": "%(tall)s"\n    "%(num)s posts": {nb: "100 %"}\n',
            [("KB093", 10, 21), ("KB093", 11, 27)],
        ),
    ],
)  # fmt: skip
def test_a_wrong_variant_is_told_at_its_place(
    make_site: MakeSite, variant: str, places: list[tuple[str, int, int]]
) -> None:
    with pytest.raises(ContentError) as caught:
        made(make_site(variant))
    assert told(caught.value.problems) == places


@pytest.mark.parametrize(
    ("variant", "place", "words"),
    [
        ("variant:\n  pages: [/emne/]\n  texts: {Hom: a}\n", (9, 16), "no text «Hom»"),
        ("variant:\n  pages: [/emne/]\n  texts: {Home: {np: a}}\n", (9, 22), "not a language"),
        ("variant:\n  pages: [/emne/, /borte/]\n  texts: {Home: a}\n", (8, 19), "/borte/"),
        ("variant:\n  pages: [/emne/]\n", (8, 3), "changes neither"),
    ],
)
def test_a_variant_without_effect_is_a_warning(
    make_site: MakeSite, variant: str, place: tuple[int, int], words: str
) -> None:
    (problem,) = made(make_site(variant)).problems
    assert (problem.code, problem.severity) == ("KB093", "warning")
    assert (problem.line, problem.column) == place
    assert words in problem.message


def test_a_misspelt_message_is_told_with_the_right_one(make_site: MakeSite) -> None:
    (problem,) = made(make_site('variant: {pages: [/emne/], texts: {"Related postz": a}}\n')).problems
    assert problem.mend == "Did you mean «Related posts»?"


def test_of_two_variants_for_one_page_the_first_is_shown_and_the_second_told(make_site: MakeSite) -> None:
    later = experiment('variant: {pages: ["/*"], texts: {Home: B}}\n', title="Blå uke").replace(
        "05-10", "05-11"
    )
    result = made(make_site(more={"content/experiments/blå.md": later}))
    html = (result.output / SKOLE).read_text("utf-8")
    assert "Rosa uke</a>" in html
    assert "Blå uke</a>" in (result.output / "index.html").read_text("utf-8")
    (problem,) = result.problems
    assert (problem.code, problem.path, problem.line) == ("KB093", "content/experiments/blå.md", 7)
    assert "content/experiments/rosa.md already" in problem.message


# The engine


def test_switching_a_variant_on_and_off_makes_anew_what_shows_it_and_nothing_else(
    make_site: MakeSite, tmp_path: Path
) -> None:
    site = make_site(state="idea")
    made(site)
    shown = VARIED | {"forsok/index.html", "nn/forsok/index.html", "forsok/rosa/index.html"}
    for state in ("trying", "idea"):
        before = snapshot(site / "public")
        (site / "content/experiments/rosa.md").write_text(experiment(state=state), "utf-8")
        result = made(site)
        now = snapshot(site / "public")
        assert {path for path in before.keys() & now.keys() if before[path] != now[path]} == shown
        # one more: the style sheet, which comes; it is not made when it goes
        assert result.rendered == len(shown) + (state == "trying")
        clean = tmp_path / state
        shutil.copytree(site, clean, ignore=shutil.ignore_patterns("public", ".kommunebeta"))
        assert now == snapshot(made(clean).output)
        assert made(site).rendered == 0


def test_a_new_day_switches_a_variant_without_any_edit(make_site: MakeSite, tmp_path: Path) -> None:
    site = make_site()
    for day in ("2026-05-09", "2026-05-10", "2026-06-01"):
        result = made(site, f"{day}T12:00")
        clean = tmp_path / day
        shutil.copytree(site, clean, ignore=shutil.ignore_patterns("public", ".kommunebeta"))
        assert snapshot(result.output) == snapshot(made(clean, f"{day}T12:00").output)
        assert varied(result.output) == (VARIED if day == "2026-05-10" else set())


def test_an_edited_post_keeps_its_look_in_a_build_and_in_the_preview(
    make_site: MakeSite, tmp_path: Path
) -> None:
    site = make_site()
    made(site)
    preview = Preview(site, at())
    assert preview.refresh().ok
    for number in (1, 2):
        post = site / "content/posts/skole.md"
        post.write_text(post.read_text("utf-8") + f"\nMer {number}.\n", "utf-8")
        result = made(site)
        clean = tmp_path / str(number)
        shutil.copytree(site, clean, ignore=shutil.ignore_patterns("public", ".kommunebeta"))
        assert snapshot(result.output) == snapshot(made(clean).output)
        assert f"Mer {number}." in (result.output / SKOLE).read_text("utf-8")
        assert result.rendered < 10
        refreshed = preview.refresh(["content/posts/skole.md"])
        assert SKOLE in refreshed.changed
        page = (preview.read(SKOLE) or b"").decode()
        assert "variant-banner" in page
        assert f"Mer {number}." in page
    preview.close()


# In a browser


@in_light_and_dark
def test_axe_finds_no_fault_and_nothing_scrolls_sideways(
    make_site: MakeSite, browser: Browser, axe: str, scheme: Scheme
) -> None:
    ended = experiment(
        "", "kept", "Et forsøk med et veldig langt navn om medborgerskapsmedvirkningsplanlegging"
    )
    late = experiment("", title="Sent ute").replace("05-31", "05-12")
    result = made(make_site(more={"content/experiments/a.md": ended, "content/experiments/b.md": late}))
    pages = ("forsok/", "forsok/rosa/", "forsok/a/", "forsok/b/", "2026/05/skole/", "emne/")
    with serving(result.output) as address:
        assert faults_of(browser, axe, [f"{address}/{page}" for page in pages], scheme) == []


def test_the_accent_that_is_tried_is_seen_on_its_page_alone(make_site: MakeSite, browser: Browser) -> None:
    result = made(make_site())
    tab = browser.new_page(color_scheme="light")
    colors = {}
    accent = "getComputedStyle(document.documentElement).getPropertyValue('--accent')"
    with serving(result.output) as address:
        for page in ("2026/05/skole/", "2026/05/vann/"):
            tab.goto(f"{address}/{page}")
            colors[page] = tab.evaluate(accent)
    tab.close()
    assert colors == {"2026/05/skole/": "#7a1f5c", "2026/05/vann/": "#0b3c5d"}
