"""«Dere sa, vi gjorde», answer times, results and open data in whole builds, and in a real browser."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from playwright.sync_api import Browser
from selectolax.lexbor import LexborHTMLParser, LexborNode

from kommunebeta.build import BuildOptions, BuildResult, build
from kommunebeta.headers import content_type
from kommunebeta.reporter import Reporter
from tests.browsing import Scheme, faults, in_light_and_dark, scroll_width, serving

Make = Callable[..., Path]
Files = dict[str, str]

HEAD = """\
name: Fjordvikbeta
municipality: Fjordvik kommune
base_url: https://beta.fjordvik.example/
inbox: {page_feedback: "off"}
"""
OVERVIEW = "dere-sa-vi-gjorde/index.html"


def call(name: str, closes: str, due: str = "", date: str = "2026-01-02") -> str:
    promise = f"\n  outcome_due: {due}" if due else ""
    return f"""---
title: Om {name}
date: {date}
id: {name}
consultation:
  question: Hva med {name}?
  opens: 2026-01-05
  closes: {closes}
  responsible: kommunedirektor{promise}
---
Tekst om {name}.
"""


def outcome(
    date: str = "2026-03-10", did: str = "Vi bygger gangfelt. Det står ferdig i mai. Så ser vi."
) -> str:
    return f"""\
date: {date}
by: kommunedirektor
asked: Hva er farlig?
said: Mange nevnte *krysset*.
themes:
  - {{title: Krysset, count: 20, text: Ved kirka.}}
  - {{title: Lyset, count: 5}}
  - {{title: Annet}}
did: {json.dumps(did)}
did_not: Vi bygger ikke bru.
next: Arbeidet begynner i april.
follow_ups:
  - {{date: 2026-04-20, text: Arbeidet er i gang.}}
"""


def sent(received: str, text: str = "Krysset er farlig.", answered: str = "", more: str = "") -> str:
    answers = f"answers:\n  - {{by: kommunedirektor, date: {answered}, text: Takk.}}\n" if answered else ""
    return f"received: {received}\npublished: {received}\ntext: {json.dumps(text)}\n{more}{answers}"


SITE: Files = {
    "kommunebeta.yaml": HEAD,
    "people/kommunedirektor.yaml": "role: Kommunedirektør\nanswer_days: 5\n",
    "content/pages/roller.md": "---\ntitle: Roller\ntemplate: roles.html\n---\nHer.\n",
    "content/posts/skolevei.md": call("skolevei", "2026-02-15", "2026-03-15"),
    "content/posts/loftet.md": call("loftet", "2026-03-01", "2026-06-01"),
    "content/posts/forsinket.md": call("forsinket", "2026-03-01", "2026-05-01"),
    "content/posts/apen.md": call("apen", "2026-12-01", "2026-12-31"),
    "content/posts/konkludert.md": call("konkludert", "2026-02-01", "2026-02-20").replace(
        "  closes", "  concluded: 2026-02-10\n  closes"
    ),
    "dialogue/skolevei/outcome.yaml": outcome(),
    "dialogue/skolevei/a.yaml": sent("2026-02-02 12:00", answered="2026-02-04 10:00"),
    "dialogue/skolevei/b.yaml": sent("2026-02-03 12:00", "Mørkt om kvelden.", more="name: Ola\n"),
}


def run(folder: Path, at: str = "2026-05-04 12:00", **options: Any) -> BuildResult:
    return build(folder, BuildOptions(at=dt.datetime.fromisoformat(at), jobs=1, **options), Reporter())


def page(result: BuildResult, path: str) -> LexborHTMLParser:
    return LexborHTMLParser((result.output / path).read_text("utf-8"))


def texts(node: LexborHTMLParser | LexborNode, selector: str) -> list[str]:
    return [" ".join(found.text().split()) for found in node.css(selector)]


def told(result: BuildResult, *codes: str) -> list[str]:
    return [str(problem) for problem in result.problems if problem.code in codes]


# The overview


def test_the_overview_tells_what_is_concluded_overdue_and_promised(make_folder: Make) -> None:
    found = page(run(make_folder(SITE)), OVERVIEW)
    assert texts(found, "main h1, main h2, main h3") == [
        "Dere sa, vi gjorde",
        "Avsluttet",
        "Hva med skolevei?",
        "Hva med konkludert?",
        "Senere enn vi lovet",
        "Hva med forsinket?",
        "Svar som er på vei",
        "Hva med loftet?",
        "Åpne data",
    ]
    first, second, overdue, promised = found.css("article")
    assert texts(first, "p") == ["10. mars 2026", "Vi bygger gangfelt. Det står ferdig i mai."]
    assert texts(second, "p") == []
    assert texts(overdue, "p") == ["Lovet innen 1. mai 2026. Vi er forsinket."]
    assert texts(promised, "p") == ["Vi svarer innen 1. juni 2026."]
    assert [link.attributes["href"] for link in found.css("article a")] == [
        "/2026/01/skolevei/#outcome-title", "/2026/01/konkludert/", "/2026/01/forsinket/", "/2026/01/loftet/",
    ]  # fmt: skip


def test_an_outcome_becomes_overdue_by_itself_when_its_day_is_over(make_folder: Make) -> None:
    folder = make_folder(SITE)
    before = run(folder, "2026-05-01 23:59")
    assert texts(page(before, OVERVIEW), "#overdue-title") == []
    assert before.next_change == dt.datetime.fromisoformat("2026-05-02T00:00:00+02:00")
    after = run(folder, "2026-05-02 00:00")
    assert texts(page(after, OVERVIEW), "#overdue-title") == ["Senere enn vi lovet"]
    assert texts(page(after, "2026/01/forsinket/index.html"), ".state") == [
        "Stengt – svaret var lovet innen 1. mai 2026. Vi er forsinket."
    ]
    card = next(
        item for item in page(after, "sporsmal/index.html").css(".question") if "forsinket" in item.text()
    )
    assert texts(card, ".state-overdue")


def test_a_call_without_a_promise_says_so(make_folder: Make) -> None:
    result = run(make_folder({**SITE, "content/posts/uten.md": call("uten", "2026-02-20")}))
    (card,) = [item for item in page(result, OVERVIEW).css("article") if "uten" in item.text()]
    assert texts(card, "p") == ["Stengt 20. februar 2026. Det er ikke satt noen dato for svaret."]


def test_without_anything_closed_there_is_no_overview_and_no_link_to_it(make_folder: Make) -> None:
    files = {name: text for name, text in SITE.items() if name.startswith(("kommunebeta", "people"))}
    result = run(make_folder({**files, "content/posts/apen.md": SITE["content/posts/apen.md"]}))
    assert not (result.output / OVERVIEW).exists()
    for path in ("index.html", "sporsmal/index.html"):
        assert "dere-sa" not in (result.output / path).read_text("utf-8")


def test_a_menu_that_leads_there_leads_to_a_page_even_before_anything_is_concluded(make_folder: Make) -> None:
    menu = "menus: {main: [{list: outcomes}]}\n"
    result = run(make_folder({"kommunebeta.yaml": HEAD + menu}))
    assert texts(page(result, "index.html"), 'nav a[href="/dere-sa-vi-gjorde/"]') == ["Dere sa, vi gjorde"]
    assert "Ingenting er avsluttet ennå." in texts(page(result, OVERVIEW), "main p")


def test_every_language_has_an_overview_of_its_own(make_folder: Make) -> None:
    files = {**SITE, "kommunebeta.yaml": HEAD + "languages: [nb, nn, se, en]\n"}
    for lang in ("en", "se"):
        text = SITE["content/posts/skolevei.md"].replace("id: skolevei", "translation_key: skolevei")
        files[f"content/posts/skolevei.{lang}.md"] = text
    result = run(make_folder(files))
    titles = {
        path: texts(page(result, f"{path}/index.html"), "h1")[0]
        for path in ("dere-sa-vi-gjorde", "nn/de-sa-vi-gjorde", "se/dii-celkkiidet", "en/you-said-we-did")
    }
    assert list(titles.values()) == [
        "Dere sa, vi gjorde", "De sa, vi gjorde", "Dii celkkiidet, mii dagaimet", "You said, we did",
    ]  # fmt: skip


def test_the_questions_lead_to_what_came_of_them(make_folder: Make) -> None:
    result = run(make_folder(SITE))
    for path in ("index.html", "sporsmal/index.html"):
        assert page(result, path).css_first('main a[href="/dere-sa-vi-gjorde/"]') is not None


# The outcome on its post


def test_the_post_tells_what_was_asked_said_done_and_not_done(make_folder: Make) -> None:
    found = page(run(make_folder(SITE)), "2026/01/skolevei/index.html")
    (section,) = found.css(".outcome")
    assert texts(section, "h2, h3") == [
        "Hva det ble til", "Hva vi spurte om", "Hva dere sa", "Hva vi gjorde", "Hva vi ikke gjorde, og hvorfor",
        "Hva som skjer videre", "Hva som har skjedd siden",
    ]  # fmt: skip
    assert texts(section, ".outcome-theme") == ["Krysset 20 sa dette", "Lyset 5 sa dette", "Annet"]
    assert [bar.attributes["width"] for bar in section.css(".outcome-bar-part")] == ["100.0", "25.0"]
    assert texts(section, "em") == ["krysset"]
    assert texts(section, ".outcome-since li") == ["20. april 2026 Arbeidet er i gang."]
    assert texts(section, "p.quiet") == ["Publisert 10. mars 2026. Ansvarlig: Kommunedirektør"]
    assert texts(found, ".state-concluded") == ["Avsluttet – se hva det ble til"]
    assert found.css_first('link[href*="outcomes"]') is not None


def test_an_outcome_of_a_day_to_come_is_not_there_yet(make_folder: Make) -> None:
    result = run(make_folder(SITE), "2026-03-09 23:59")
    found = page(result, "2026/01/skolevei/index.html")
    assert found.css(".outcome") == []
    assert found.css('link[href*="outcomes"]') == []
    assert texts(found, ".box-question .state") == ["Stengt – vi leser det dere sa"]
    assert "gangfelt" not in (result.output / "data/dialogue.json").read_text("utf-8")
    assert result.next_change == dt.datetime.fromisoformat("2026-03-10T00:00:00+01:00")


HOSTILE = (
    "<script>document.title='X'</script> <img src=x onerror=\"document.title='X'\"> "
    "[x](javascript:document.title=1) \u202etxet\u202c ![](https://ond.example/spor.png)"
)


def hostile(folder: Mapping[str, str]) -> Files:
    text = json.dumps(HOSTILE)
    fields = "\n".join(f"{name}: {text}" for name in ("asked", "said", "did", "did_not", "next"))
    themes = f"themes:\n  - {{title: {text}, count: 3, text: {text}}}"
    follow_ups = f"follow_ups:\n  - {{date: 2026-04-01, text: {text}}}"
    bad = f"date: 2026-03-10\n{fields}\n{themes}\n{follow_ups}\n"
    return {**folder, "dialogue/skolevei/outcome.yaml": bad}


@pytest.mark.parametrize("path", ["2026/01/skolevei/index.html", OVERVIEW])
def test_a_hostile_outcome_is_shown_as_harmless_text(make_folder: Make, path: str) -> None:
    found = page(run(make_folder(hostile(SITE))), path)
    main = found.css_first("main")
    assert main is not None
    assert main.css("script, img, iframe, style, [onerror], [style]") == []
    assert [a for a in main.css("a") if (a.attributes.get("href") or "").startswith("javascript")] == []
    assert "\u202e" not in main.text()
    assert "document.title" in main.text()


# Answer times


def answered(*days: str) -> Files:
    return {
        f"dialogue/skolevei/i{at}.yaml": sent("2026-03-02 12:00", answered=f"{day} 14:00")
        for at, day in enumerate(days)
    }


def duties(result: BuildResult) -> list[str]:
    shown = texts(page(result, "folk/kommunedirektor/index.html"), ".answer-time")
    assert texts(page(result, "roller/index.html"), ".answer-time") == shown
    return shown


@pytest.mark.parametrize(
    ("days", "usual"),
    [
        (["2026-03-03"] * 3, "For få svar til å regne ut en vanlig svartid."),
        (["2026-03-03"] * 4, "Vanlig svartid: 1 virkedag (5 svar)."),
        (["2026-03-06"] * 4, "Vanlig svartid: 4 virkedager (5 svar)."),
        (["2026-03-02"] * 4, "Vanlig svartid: samme dag (5 svar)."),
    ],
)
def test_the_usual_answer_time_stands_beside_the_promise(
    make_folder: Make, days: list[str], usual: str
) -> None:
    # One more is there already, which took two days.
    result = run(make_folder({**SITE, **answered(*days)}))
    assert duties(result) == [f"Svarer innen 5 virkedager. {usual}"]


def test_what_is_late_stops_no_strict_build(make_folder: Make) -> None:
    files = {**SITE, "dialogue/skolevei/c.yaml": sent("2026-02-02 12:00")}
    assert run(make_folder(files), strict=True).problems == ()


def test_a_contribution_that_waits_says_when_its_answer_is_due_and_when_it_is_late(make_folder: Make) -> None:
    folder = make_folder(SITE)
    before = run(folder, "2026-02-10 23:59")
    assert before.next_change == dt.datetime.fromisoformat("2026-02-11T00:00:00+01:00")
    assert "Svar innen 10. februar 2026" in page(before, "2026/01/skolevei/index.html").text()
    after = page(run(folder, "2026-02-11 00:00"), "2026/01/skolevei/index.html").text()
    assert "Svaret er forsinket. Det var lovet innen 10. februar 2026." in after


# Promises and forms


def test_a_call_without_who_answers_or_when_is_warned_about_at_its_line(make_folder: Make) -> None:
    bare = "---\ntitle: Sak\ndate: 2026-01-02\nconsultation:\n  question: Hva?\n  opens: 2026-01-05\n  closes: 2026-12-01\n---\nHei.\n"
    result = run(make_folder({**SITE, "content/posts/sak.md": bare}))
    assert [problem.place for problem in result.problems if problem.code == "KB086"] == [
        "content/posts/sak.md:5:3", "content/posts/sak.md:5:3",
    ]  # fmt: skip
    named = bare.replace("consultation:", "responsible: kommunedirektor\nconsultation:").replace(
        "  closes", "  outcome_due: 2026-12-31\n  closes"
    )
    assert told(run(make_folder({**SITE, "content/posts/sak.md": named})), "KB086") == []


FORM = "title: Skjema\nfields: [{kind: long, name: svar, label: Hva?}]\n"


@pytest.mark.parametrize(
    ("files", "unused"),
    [
        ({}, True),
        ({"content/posts/p.md": "---\ntitle: P\ndate: 2026-01-02\nfeedback: eget\n---\nHei.\n"}, False),
        ({"content/posts/p.md": "---\ntitle: P\ndate: 2026-01-02\nfeedback: eget\ndraft: true\n---\nHei.\n"}, False),
        ({"content/posts/p.md": "---\ntitle: P\ndate: 2027-01-02\nfeedback: eget\n---\nHei.\n"}, False),
        ({"content/pages/p.md": "---\ntitle: P\nfeedback: eget\n---\nHei.\n"}, False),
        ({"content/posts/p.md": call("p", "2026-02-01", "2026-12-01").replace("  opens", "  form: eget\n  opens")}, False),
        ({"kommunebeta.yaml": HEAD.replace('"off"', "eget")}, False),
        ({"dialogue/skolevei/d.yaml": sent("2026-02-02", answered="2026-02-03", more="form: eget\n")}, False),
    ],
)  # fmt: skip
def test_a_form_that_stands_nowhere_is_warned_about(make_folder: Make, files: Files, unused: bool) -> None:
    result = run(make_folder({**SITE, "forms/eget.yaml": FORM, **files}))
    mend = "Name it as «feedback» or «form» in a text, or delete the file."
    wanted = [f"forms/eget.yaml: warning KB087: Nobody uses the form «eget». {mend}"]
    assert told(result, "KB087") == (wanted if unused else [])


# Survey results


RESULTS = """\
form: eget
collected: 2026-04-01
respondents: 60
questions: {svar: {ja: 40, nei: 20}}
"""
SURVEY = "title: Skjema\nfields: [{kind: one, name: svar, label: Er du enig?, choices: [Ja, Nei]}]\n"


def surveyed(more: str = "", closes: str = "2026-04-30") -> Files:
    post = call("maling", closes, "2026-12-01").replace("  opens", "  form: eget\n  opens")
    return {
        **SITE,
        "forms/eget.yaml": SURVEY,
        "content/posts/maling.md": post,
        "dialogue/maling/results.yaml": RESULTS + more,
    }


def test_figures_are_nowhere_to_be_seen_before_the_call_has_closed(make_folder: Make) -> None:
    folder = make_folder(surveyed())
    before = run(folder, "2026-04-30 23:59")
    assert page(before, "2026/01/maling/index.html").css(".results, link[href*=charts]") == []
    assert not (before.output / "2026/01/maling/resultater.csv").exists()
    after = run(folder, "2026-05-01 00:00")
    found = page(after, "2026/01/maling/index.html")
    assert len(found.css(".results")) == 1
    assert len(found.css("link[href*=charts]")) == 1
    assert found.css_first('a[href="/2026/01/maling/resultater.csv"]') is not None
    rows = list(csv.reader(io.StringIO((after.output / "2026/01/maling/resultater.csv").read_text("utf-8-sig")), delimiter=";"))  # fmt: skip
    assert [row[3] for row in rows[1:]] == ["40", "20"]


def test_figures_that_need_not_wait_are_shown_while_the_call_is_open(make_folder: Make) -> None:
    result = run(make_folder(surveyed("after_close: no\n", "2026-12-01")), "2026-04-10")
    assert len(page(result, "2026/01/maling/index.html").css(".results")) == 1
    assert (result.output / "2026/01/maling/resultater.csv").is_file()


@pytest.mark.parametrize(
    ("lang", "path"),
    [("nn", "nn/2026/01/maling/resultater.csv"), ("se", "se/2026/01/maling/bohtosat.csv"), ("en", "en/2026/01/maling/results.csv")],
)  # fmt: skip
def test_the_file_with_the_figures_has_a_name_in_the_posts_language(
    make_folder: Make, lang: str, path: str
) -> None:
    files = surveyed()
    files["kommunebeta.yaml"] = HEAD + "languages: [nb, nn, se, en]\n"
    text = files["content/posts/maling.md"].replace("title:", f"lang: {lang}\ntitle:")
    result = run(make_folder({**files, "content/posts/maling.md": text}))
    assert (result.output / path).is_file()


# Open data


def test_the_open_data_lies_beside_the_pages_and_holds_to_its_schema(make_folder: Make) -> None:
    result = run(make_folder(hostile(SITE)))
    data = json.loads((result.output / "data/dialogue.json").read_text("utf-8"))
    schema = json.loads((result.output / "data/dialogue.schema.json").read_text("utf-8"))
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(data)
    assert (
        data["$schema"]
        == schema["$id"]
        == "https://beta.fjordvik.example/data/dialogue.schema.json?version=1.0"
    )
    assert [item["id"] for item in data["posts"]] == ["skolevei"]
    lines = (result.output / "data/dialogue.csv").read_bytes().decode("utf-8-sig")
    assert lines.count("\r\n") == 4
    assert [content_type(f"data/dialogue.{ending}") for ending in ("json", "csv")] == [
        "application/json; charset=utf-8", "text/csv; charset=utf-8",
    ]  # fmt: skip
    found = page(result, OVERVIEW)
    assert {link.attributes["href"] for link in found.css('head link[rel="alternate"]')} >= {
        "https://beta.fjordvik.example/data/dialogue.json", "https://beta.fjordvik.example/data/dialogue.csv",
    }  # fmt: skip
    linked = [link.attributes["href"] for link in found.css(".open-data a")]
    assert linked == ["/data/dialogue.csv", "/data/dialogue.json", "/data/dialogue.schema.json", "https://data.norge.no/nlod/no/2.0"]  # fmt: skip


def test_a_site_in_a_folder_has_its_data_there(make_folder: Make) -> None:
    settings = HEAD.replace("beta.fjordvik.example/", "www.fjordvik.example/beta/")
    result = run(make_folder({**SITE, "kommunebeta.yaml": settings}))
    data = json.loads((result.output / "data/dialogue.json").read_text("utf-8"))
    schema = json.loads((result.output / "data/dialogue.schema.json").read_text("utf-8"))
    assert data["$schema"] == schema["$id"]
    assert data["site"]["url"] == "https://www.fjordvik.example/beta/"


@pytest.mark.parametrize("silent", ["settings", "no contributions"])
def test_there_is_no_open_data_where_it_is_off_or_there_is_nothing(make_folder: Make, silent: str) -> None:
    files = dict(SITE)
    if silent == "settings":
        files["kommunebeta.yaml"] += "dialogue: {open_data: no}\n"
    else:
        del files["dialogue/skolevei/a.yaml"], files["dialogue/skolevei/b.yaml"]
    result = run(make_folder(files))
    assert not (result.output / "data").exists()
    assert page(result, OVERVIEW).css(".open-data") == []


# Builds of what has changed


def snapshot(folder: Path) -> dict[str, str]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in files
    }


EDITS: list[tuple[str, str | None]] = [
    ("content/posts/skolevei.md", SITE["content/posts/skolevei.md"].replace("Om skolevei", "Ny tittel")),
    ("content/posts/maling.md", surveyed()["content/posts/maling.md"].replace("Tekst", "En annen tekst")),
    ("dialogue/skolevei/outcome.yaml", outcome(did="Vi bygger to gangfelt.")),
    ("dialogue/skolevei/e.yaml", sent("2026-04-28 12:00", answered="2026-05-02 08:00")),
    ("dialogue/loftet/outcome.yaml", outcome("2026-05-03").replace("04-20", "05-20")),
    ("dialogue/skolevei/a.yaml", None),
    ("people/kommunedirektor.yaml", "role: Rådmann\nanswer_days: 60\n"),
    ("dialogue/maling/results.yaml", RESULTS.replace("40", "38")),
    ("kommunebeta.yaml", HEAD + "dialogue: {licence: CC0}\n"),
]


def test_builds_of_what_has_changed_give_what_clean_builds_give(make_folder: Make, tmp_path: Path) -> None:
    folder = make_folder(surveyed())
    run(folder, "2026-05-01 12:00")
    at = dt.datetime.fromisoformat("2026-05-01 13:00")
    for path, text in EDITS:
        if text is None:
            (folder / path).unlink()
        else:
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(text, "utf-8")
        at += dt.timedelta(hours=13)
        made = run(folder, at.isoformat())
        copy = tmp_path / "copy"
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("public", ".kommunebeta"))
        clean = run(copy, at.isoformat())
        assert snapshot(made.output) == snapshot(clean.output), path
        assert made.next_change == clean.next_change, path
        assert sorted(map(str, made.problems)) == sorted(map(str, clean.problems)), path
        shutil.rmtree(copy)


def test_only_what_tells_of_it_is_made_anew_when_an_answer_becomes_late(make_folder: Make) -> None:
    folder = make_folder(SITE)
    run(folder, "2026-02-10 23:00")
    assert run(folder, "2026-02-10 23:59").rendered == 0
    late = run(folder, "2026-02-11 00:00")
    assert "2026/01/skolevei/index.html" in late.changes.changed
    assert OVERVIEW not in late.changes.changed


# In a real browser


@pytest.fixture
def server(make_folder: Make) -> Iterator[str]:
    public = run(make_folder({**hostile(surveyed()), "dialogue/konkludert/outcome.yaml": outcome()})).output
    with serving(public) as address:
        yield f"{address}/"


PAGES = ("dere-sa-vi-gjorde/", "2026/01/skolevei/", "2026/01/konkludert/", "2026/01/maling/", "roller/")


@in_light_and_dark
def test_axe_finds_no_fault_no_script_runs_and_nothing_is_too_wide(
    server: str, browser: Browser, axe: str, scheme: Scheme
) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": 320, "height": 800})
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    tab = context.new_page()
    for address in PAGES:
        tab.goto(server + address)
        assert tab.title() != "X"
        assert scroll_width(tab) <= 320, address
        assert faults(tab, axe, scheme) == [], address
    context.close()
    assert [url for url in asked if not url.startswith((server, "data:"))] == []
