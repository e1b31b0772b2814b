"""Experiments: what writers may write, what readers see, and how an experiment that drags on is told of."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from kommunebeta.build import BuildOptions, BuildResult, build
from kommunebeta.content import parse_text
from kommunebeta.errors import ContentError, Severity
from kommunebeta.frontmatter import NORWEGIAN_EXPERIMENT_KEYS, NORWEGIAN_KEYS, ExperimentMatter
from kommunebeta.reporter import Reporter

Make = Callable[..., Path]
SETTINGS = """\
name: Fjordvikbeta
municipality: Fjordvik kommune
base_url: https://beta.fjordvik.example/
languages: [nb, nn, en]
"""
TRYING = """\
tries: channel
hypothesis: Flere svarer på bussen.
starts: 2026-05-01
ends: 2026-06-30
state: trying
"""
NOON = dt.datetime(2026, 5, 17, 12, tzinfo=dt.UTC)


def experiment(front: str = TRYING, title: str = "Spørsmål på bussen", body: str = "Vi prøver.") -> str:
    return f"---\ntitle: {title}\n{front}---\n{body}\n"


@pytest.fixture
def built(make_folder: Make) -> Callable[..., BuildResult]:
    def run(files: Mapping[str, str], settings: str = "", at: dt.datetime = NOON) -> BuildResult:
        folder = make_folder({"kommunebeta.yaml": SETTINGS + settings, **files})
        return build(folder, BuildOptions(at=at, jobs=1), Reporter())

    return run


Built = Callable[..., BuildResult]


def told(result: BuildResult) -> list[tuple[str, int, int, str]]:
    return [(p.code, p.line, p.column, p.severity.value) for p in result.problems]


def text_of(result: BuildResult, path: str) -> str:
    """A page's text, without tags and with plain spaces."""
    html = (result.output / path).read_text("utf-8")
    return " ".join(re.sub(r"<[^>]+>", " ", html.partition("<main")[2].partition("</main")[0]).split())


def matter_of(front: str) -> ExperimentMatter:
    parsed = parse_text(experiment(front), "content/experiments/x.md", "nb")
    assert parsed.problems == ()
    assert parsed.entry
    assert isinstance(parsed.entry.matter, ExperimentMatter)
    return parsed.entry.matter


# What writers may write


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("idé", "idea"), ("ide", "idea"), ("prøves", "trying"), ("prøvast", "trying"), ("lært", "learned"),
        ("beholdt", "kept"), ("behalde", "kept"), ("forkastet", "dropped"), ("forkasta", "dropped"), ("kept", "kept"),
    ],
)  # fmt: skip
def test_a_state_may_be_written_in_norwegian(word: str, state: str) -> None:
    assert matter_of(f"tilstand: {word}\n").state == state


@pytest.mark.parametrize(
    ("word", "tries"),
    [("form", "form"), ("utforming", "design"), ("kanal", "channel"), ("annet", "other"), ("anna", "other")],
)
def test_what_is_tried_may_be_written_in_norwegian(word: str, tries: str) -> None:
    assert matter_of(f"prøver: {word}\n").tries == tries


def test_keys_may_be_written_in_bokmal_and_nynorsk() -> None:
    front = "hypotese: A\nstarter: 2026-05-01\nslutter: 2026-06-01\nlærte: B\nansvarlig: c\n"
    matter = matter_of(front)
    assert (matter.hypothesis, matter.learned, matter.responsible) == ("A", "B", "c")
    assert (matter.starts, matter.ends) == (dt.date(2026, 5, 1), dt.date(2026, 6, 1))
    nynorsk = matter_of("startar: 2026-05-01\nsluttar: 2026-06-01\n")
    assert (nynorsk.starts, nynorsk.ends) == (matter.starts, matter.ends)


def test_every_norwegian_name_of_an_experiment_stands_for_a_field() -> None:
    assert set(NORWEGIAN_EXPERIMENT_KEYS.values()) <= set(ExperimentMatter.model_fields)
    assert not set(NORWEGIAN_EXPERIMENT_KEYS) & {*ExperimentMatter.model_fields, *NORWEGIAN_KEYS}


def test_other_pages_keep_keys_of_their_own_that_mean_something_to_experiments_alone() -> None:
    parsed = parse_text("---\ntitle: a\ntilstand: god\nstate: x\n---\n", "content/pages/a.md", "nb")
    assert parsed.problems == ()
    assert parsed.entry
    assert parsed.entry.extra == {"tilstand": "god", "state": "x"}


@pytest.mark.parametrize(
    ("front", "code", "line", "column"),
    [
        ("state: paused\n", "KB011", 3, 8),
        ("tries: magic\n", "KB011", 3, 8),
        ("starts: i mai\n", "KB014", 3, 9),
        ("variant: {parameters: {accent: red}}\n", "KB010", 3, 10),
        ("variant:\n  pages: []\n", "KB011", 4, 10),
        ("variant: {pages: [/a/], colour: red}\n", "KB012", 3, 25),
        ("hypotese: a\nhypothesis: b\n", "KB013", 3, 1),
    ],
)
def test_what_is_wrong_is_told_at_its_place(front: str, code: str, line: int, column: int) -> None:
    parsed = parse_text(experiment(front), "content/experiments/x.md", "nb")
    assert [(p.code, p.line, p.column) for p in parsed.problems] == [(code, line, column)]


def test_a_misspelt_key_is_told_with_the_right_one() -> None:
    parsed = parse_text(experiment("hypotesis: a\n"), "content/experiments/x.md", "nb")
    assert "Did you mean «hypothesis»?" in parsed.problems[0].message


def test_an_experiment_that_ends_before_it_starts_is_an_error(built: Built) -> None:
    with pytest.raises(ContentError) as caught:
        built({"content/experiments/x.md": experiment("starts: 2026-05-02\nends: 2026-05-01\n")})
    assert [(p.code, p.line, p.column) for p in caught.value.problems] == [("KB016", 4, 7)]


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        ("state: idea\n", []),
        (TRYING, []),
        ("state: trying\nhypothesis: a\n", [("KB092", 3, 8)]),
        ("state: trying\nhypothesis: a\nends: 2026-05-16\n", [("KB092", 5, 7)]),
        ("state: trying\nhypothesis: a\nends: 2026-05-17\n", []),
        ("state: kept\nhypothesis: a\n", [("KB010", 3, 8)]),
        ("state: dropped\nlearned: b\n", [("KB010", 3, 8)]),
        ("state: learned\nhypothesis: a\nlearned: b\n", []),
        ("responsible: ingen\n", [("KB015", 3, 14)]),
    ],
)
def test_what_an_experiment_lacks_is_a_warning(
    built: Built, front: str, expected: list[tuple[str, int, int]]
) -> None:
    result = built({"content/experiments/x.md": experiment(front)})
    assert told(result) == [(*place, Severity.WARNING.value) for place in expected]


# Where experiments are


def test_an_experiment_has_a_page_in_its_language_and_each_home_its_overview(built: Built) -> None:
    result = built(
        {
            "content/experiments/bussen.md": experiment(),
            "content/experiments/bussen.en.md": experiment(title="Questions on the bus"),
            "content/experiments/tavla/index.nn.md": experiment("", "Tavla"),
        }
    )
    assert told(result) == []
    for path in (
        "forsok/index.html", "forsok/bussen/index.html", "en/experiments/index.html",
        "en/experiments/bussen/index.html", "nn/forsok/index.html", "nn/forsok/tavla/index.html",
    ):  # fmt: skip
        assert (result.output / path).is_file(), path
    page = (result.output / "forsok/bussen/index.html").read_text("utf-8")
    assert 'hreflang="en" href="https://beta.fjordvik.example/en/experiments/bussen/"' in page
    assert '<a href="/forsok/">Forsøk</a>' in page.partition("<main")[0]  # breadcrumbs
    overview = (result.output / "forsok/index.html").read_text("utf-8")
    assert 'hreflang="nn" href="https://beta.fjordvik.example/nn/forsok/"' in overview
    sitemap = (result.output / "sitemap.xml").read_text("utf-8")
    assert "<loc>https://beta.fjordvik.example/forsok/bussen/</loc>" in sitemap
    assert "<loc>https://beta.fjordvik.example/en/experiments/</loc>" in sitemap


def test_a_page_anywhere_is_an_experiment_where_it_says_so(built: Built) -> None:
    result = built({"content/pages/bussen.md": experiment("kind: experiment\n" + TRYING)})
    assert told(result) == []
    assert "Flere svarer på bussen." in text_of(result, "forsok/bussen/index.html")


def test_a_post_that_calls_itself_an_experiment_is_told_where_those_are(built: Built) -> None:
    front = "date: 2026-05-01\nkind: experiment\n"
    result = built({"content/posts/bussen.md": experiment(front)})
    assert told(result) == [("KB012", 4, 1, "warning")]
    assert not (result.output / "forsok").exists()


def test_a_site_without_experiments_has_no_overview_and_no_link_to_one(built: Built) -> None:
    menus = "menus: {main: [{list: home}, {list: experiments}], footer: [{list: experiments}]}\n"
    result = built({"content/pages/om.md": "---\ntitle: Om\n---\nHei.\n"}, menus)
    assert not (result.output / "forsok").exists()
    assert "/forsok/" not in (result.output / "index.html").read_text("utf-8")


def test_the_menu_and_the_foot_of_the_page_lead_to_the_overview_of_their_language(built: Built) -> None:
    menus = "menus: {main: [{list: experiments}]}\n"
    result = built({"content/experiments/x.en.md": experiment()}, menus)
    english = (result.output / "en/index.html").read_text("utf-8")
    assert english.count('<a href="/en/experiments/"') == 2
    assert "/forsok/" not in (result.output / "index.html").read_text("utf-8")


def test_a_pattern_of_the_settings_says_where_experiments_are(built: Built) -> None:
    result = built({"content/experiments/x.md": experiment()}, "permalinks: {experiment: '/prova/{slug}/'}\n")
    assert (result.output / "prova/x/index.html").is_file()
    assert (result.output / "prova/index.html").is_file()


def test_the_overview_shows_what_is_being_tried_first(built: Built) -> None:
    ended = "hypothesis: a\nlearned: Det *gikk* bra.\nstate: "
    result = built(
        {
            "content/experiments/a.md": experiment(ended + "dropped\n", "Forkastet sak"),
            "content/experiments/b.md": experiment(ended + "kept\n", "Beholdt sak"),
            "content/experiments/c.md": experiment("state: idea\n", "Idésak"),
            "content/experiments/d.md": experiment(ended + "learned\n", "Lært sak"),
            "content/experiments/e.md": experiment(TRYING, "Eldre forsøk"),
            "content/experiments/f.md": experiment(TRYING.replace("05-01", "05-10"), "Nyere forsøk"),
        }
    )
    text = text_of(result, "forsok/index.html")
    titles = ("Nyere forsøk", "Eldre forsøk", "Idésak", "Lært sak", "Beholdt sak", "Forkastet sak")
    assert [text.index(title) for title in titles] == sorted(text.index(title) for title in titles)
    assert "Det vi lærte: Det gikk bra." in text


def test_a_language_that_shares_lists_shows_what_is_not_translated(built: Built) -> None:
    files = {
        "content/experiments/a.md": experiment(title="Bare på bokmål"),
        "content/experiments/b.md": experiment(title="Omsett"),
        "content/experiments/b.nn.md": experiment(title="Omsett til nynorsk"),
    }
    result = built(files, "shared_lists: {nn: [nb]}\n")
    page = (result.output / "nn/forsok/index.html").read_text("utf-8")
    assert 'lang="nb" hreflang="nb">Bare på bokmål</a>' in page
    assert page.count("<article") == 2


# What readers see


@pytest.mark.parametrize(
    ("front", "words"),
    [
        ("state: idea\n", "Idé"),
        (TRYING, "Prøves til og med 30. juni 2026"),
        ("state: trying\n", "Prøves nå"),
        (TRYING.replace("05-01", "06-01"), "Prøves fra 1. juni 2026"),
        (TRYING.replace("06-30", "05-16"), "Prøves ennå – skulle vært ferdig 16. mai 2026"),
        ("state: kept\nlearned: Det virket.\n", "Beholdt"),
    ],
)
def test_the_state_is_told_in_words_and_the_dates_honestly(built: Built, front: str, words: str) -> None:
    result = built({"content/experiments/x.md": experiment(front)})
    html = (result.output / "forsok/x/index.html").read_text("utf-8")
    state = html.partition("experiment-state")[2].partition("</p>")[0]
    assert " ".join(re.sub(r"<[^>]+>", " ", state.partition(">")[2]).split()) == words
    assert "<svg" in state


def test_the_page_tells_what_was_believed_and_what_was_learned(built: Built) -> None:
    front = (
        "state: dropped\nhypothesis: En <b> & to.\nlearned: |\n  Først *dette*.\n\n  Så <script>x</script>.\n"
    )
    result = built({"content/experiments/x.md": experiment(front)})
    html = (result.output / "forsok/x/index.html").read_text("utf-8")
    assert "Det vi trodde" in html
    assert "En &lt;b&gt; &amp; to." in html
    assert "<p>Først <em>dette</em>.</p>" in html
    assert "<script>x" not in html


def test_a_link_in_what_was_learned_leads_to_the_folder_that_the_site_lives_in(make_folder: Make) -> None:
    settings = SETTINGS.replace("fjordvik.example/", "fjordvik.example/beta/")
    front = 'state: kept\nhypothesis: a\nlearned: "[Les](/om/) og [ute](//x.example/)"\n'
    folder = make_folder({"kommunebeta.yaml": settings, "content/experiments/x.md": experiment(front)})
    build(folder, BuildOptions(at=NOON, jobs=1), Reporter())
    html = (folder / "public/forsok/x/index.html").read_text("utf-8")
    assert '<a href="/beta/om/">Les</a>' in html
    assert '<a href="//x.example/">ute</a>' in html


def test_a_new_day_shows_that_an_experiment_should_have_ended(make_folder: Make) -> None:
    folder = make_folder({"kommunebeta.yaml": SETTINGS, "content/experiments/x.md": experiment()})
    page = folder / "public/forsok/x/index.html"

    def at(moment: str) -> BuildResult:
        options = BuildOptions(at=dt.datetime.fromisoformat(moment + "+02:00"), jobs=1)
        return build(folder, options, Reporter())

    first = at("2026-04-30T23:59")
    assert first.next_change == dt.datetime.fromisoformat("2026-05-01T00:00+02:00")
    assert "Prøves fra" in page.read_text("utf-8")
    second = at("2026-05-01T00:00")
    assert second.next_change == dt.datetime.fromisoformat("2026-07-01T00:00+02:00")
    assert "Prøves til og med" in page.read_text("utf-8")
    assert at("2026-06-30T23:59").rendered == 0
    last = at("2026-07-01T00:00")
    assert [problem.code for problem in last.problems] == ["KB092"]
    assert "skulle vært ferdig 30. juni 2026" in page.read_text("utf-8")
