"""The dialogue as open data: what is in it, what never is, and that it holds to its schema."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import pytest
from hypothesis import given
from jsonschema import Draft202012Validator, FormatChecker

from kommunebeta.config import Settings
from kommunebeta.dialogue.model import (
    Answer,
    Contribution,
    ContributionState,
    Dialogue,
    FollowUp,
    Outcome,
    Theme,
)
from kommunebeta.dialogue.opendata import COLUMNS, VERSION, as_csv, as_json, schema
from kommunebeta.model import Consultation, ConsultationState, Person, Post
from kommunebeta.site import Site

OSLO = ZoneInfo("Europe/Oslo")
BASE = "https://beta.fjordvik.example"
CHIEF = Person(
    "kommunedirektor", "Kommunedirektør", name="Kari Nordmann", department="Ledelsen", email="kari@fjordvik.example"
)  # fmt: skip
SETTINGS = {"name": "Fjordvikbeta", "municipality": "Fjordvik kommune", "languages": ["nb", "en"]}


def url(address: str) -> str:
    return BASE + address


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=OSLO)


def post(source: str = "content/posts/sak.md", lang: str = "nb", **more: Any) -> Post:
    given: dict[str, Any] = {
        "source": source, "id": "sak", "lang": lang, "title": "Saken", "address": f"/{lang}/sak/",
        "date": moment("2026-01-02"), "updated": None, "authors": (CHIEF,), "summary": "", "image": None,
        "translation_key": "sak", "aliases": (), "toc": False, "template": "post.html", "words": 1,
        "headings": (), "draft": False, "extra": {}, "search": True, "embeds": (), "feedback": "sporsmal",
        "responsible": CHIEF,
    }  # fmt: skip
    return Post(**{**given, **more})


def sent(key: str, text: str = "Hei.", **more: Any) -> Contribution:
    given: dict[str, Any] = {
        "source": f"dialogue/sak/{key}.yaml", "id": key, "received": moment("2026-03-02 23:15"),
        "published": moment("2026-03-03 08:00"), "name": "", "text": text,
    }  # fmt: skip
    return Contribution(**{**given, **more})


def answer(text: str = "Svar.", by: Person = CHIEF) -> Answer:
    return Answer("svar-1", by, moment("2026-03-05 10:00"), text, "nb")


def site(*contributions: Contribution, outcome: Outcome | None = None, posts: tuple[Post, ...] = ()) -> Site:
    dialogue = Dialogue("sak", contributions, len(contributions) + 2, outcome)
    settings = Settings.model_validate(SETTINGS)
    posts = posts or (post(),)
    return Site(settings, now=moment("2026-06-01"), posts=posts, people=(CHIEF,), dialogue={"sak": dialogue})


def data(of: Site) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(as_json(of, url))
    Draft202012Validator(schema(url), format_checker=FormatChecker()).validate(found)
    return found


def table(of: Site) -> list[dict[str, str]]:
    text = as_csv(of, url)
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline=""), delimiter=";"))


OUTCOME = Outcome(
    "dialogue/sak/outcome.yaml", dt.date(2026, 4, 1), CHIEF, {"": "Hva?"}, {"nb": "Mye.", "en": "Much."},
    (Theme({"": "Lys"}, 3), Theme({"": "Bru"})), {"": "Alt."}, {}, {},
    (FollowUp(dt.date(2026, 5, 1), {"": "Ferdig."}),),
)  # fmt: skip
CALL = Consultation(
    "Hva mener du?", "innspill", moment("2026-01-01"), moment("2026-03-01"), ConsultationState.CONCLUDED,
    outcome_due=dt.date(2026, 4, 1),
)  # fmt: skip


def test_the_schema_is_a_schema_and_its_version_stands_in_its_address() -> None:
    made = schema(url)
    Draft202012Validator.check_schema(made)
    assert made["$id"] == f"{BASE}/data/dialogue.schema.json?version={VERSION}"
    assert data(site(sent("a")))["$schema"] == made["$id"]


def test_everything_published_of_a_dialogue_is_there() -> None:
    first = sent("a", "Hei **du**.", name="Ola", topic="Skole", answers=(answer(),),
                 state=ContributionState.ANSWERED, moderated={"": "Forkortet"}, fields=(("sted", "Sentrum"),))  # fmt: skip
    found = data(
        site(first, sent("b", reply_to="a", lang="en"), outcome=OUTCOME, posts=(post(consultation=CALL),))
    )
    assert found["version"] == VERSION
    assert found["licence"] == {"name": "NLOD 2.0", "url": "https://data.norge.no/nlod/no/2.0"}
    assert found["site"] == {
        "name": "Fjordvikbeta", "municipality": "Fjordvik kommune", "url": f"{BASE}/",
    }  # fmt: skip
    (about,) = found["posts"]
    assert (about["id"], about["title"], about["lang"], about["received"]) == ("sak", "Saken", "nb", 4)
    assert about["url"] == f"{BASE}/nb/sak/"
    assert about["consultation"]["state"] == "concluded"
    assert about["consultation"]["closes"] == "2026-03-01T00:00:00+01:00"
    assert about["contributions"][0] == {
        "id": "a",
        "url": f"{BASE}/nb/sak/#innspill-a",
        "received": "2026-03-02",
        "published": "2026-03-03",
        "state": "answered",
        "reply_to": None,
        "name": "Ola",
        "topic": "Skole",
        "lang": "nb",
        "text": "Hei **du**.",
        "fields": {"sted": "Sentrum"},
        "moderated": {"nb": "Forkortet"},
        "answers": [
            {
                "id": "svar-1",
                "url": f"{BASE}/nb/sak/#svar-1",
                "date": "2026-03-05",
                "role": "Kommunedirektør",
                "department": "Ledelsen",
                "lang": "nb",
                "text": "Svar.",
            }
        ],
    }
    assert about["contributions"][1]["reply_to"] == "a"
    assert about["contributions"][1]["lang"] == "en"
    assert about["outcome"]["said"] == {"nb": "Mye.", "en": "Much."}
    assert about["outcome"]["themes"][1] == {"title": {"nb": "Bru"}, "count": None, "text": {}}
    assert about["outcome"]["follow_ups"] == [{"date": "2026-05-01", "text": {"nb": "Ferdig."}}]


def test_nothing_of_a_withdrawn_contribution_is_left_but_that_it_was_there() -> None:
    gone = sent("a", "Hemmelig", name="Ola", topic="Hemmelig", fields=(("sted", "Hemmelig"),),
                state=ContributionState.WITHDRAWN)  # fmt: skip
    (item,) = data(site(gone))["posts"][0]["contributions"]
    assert (item["state"], item["text"], item["name"], item["topic"], item["fields"]) == (
        "withdrawn", None, None, None, {},
    )  # fmt: skip
    for text in (as_json(site(gone), url), as_csv(site(gone), url)):
        assert "Hemmelig" not in text
        assert "Ola" not in text


def test_no_more_of_people_is_told_than_their_role() -> None:
    text = as_json(site(sent("a", answers=(answer(),)), outcome=OUTCOME), url)
    assert "Kari" not in text
    assert "kari@" not in text
    assert "23:15" not in text


def test_translations_share_one_entry_in_the_main_language() -> None:
    english = post("content/posts/sak.en.md", "en", title="The matter")
    (about,) = data(site(sent("a"), posts=(english, post())))["posts"]
    assert about["lang"] == "nb"
    assert about["translations"] == [{"lang": "en", "title": "The matter", "url": f"{BASE}/en/sak/"}]


def test_what_the_writer_has_turned_off_is_not_given_away_as_data() -> None:
    off = (post(comments="off"),)
    assert data(site(sent("a", "Hemmelig"), posts=off))["posts"] == []
    assert not site(sent("a"), posts=off).has_open_data()
    (about,) = data(site(sent("a", "Hemmelig"), outcome=OUTCOME, posts=off))["posts"]
    assert (about["contributions"], about["received"]) == ([], None)


def test_the_table_has_a_line_for_each_contribution_and_each_answer() -> None:
    first = sent("a", 'Linje 1\nLinje 2; med "tegn"', answers=(answer(),), state=ContributionState.ANSWERED)
    lines = table(site(first, sent("b", reply_to="a")))
    assert [(line["kind"], line["id"], line["about"]) for line in lines] == [
        ("contribution", "a", ""), ("answer", "svar-1", "a"), ("contribution", "b", "a"),
    ]  # fmt: skip
    assert tuple(lines[0]) == COLUMNS
    assert lines[0]["text"] == 'Linje 1\nLinje 2; med "tegn"'
    assert (lines[1]["published"], lines[1]["role"], lines[1]["department"]) == (
        "2026-03-05", "Kommunedirektør", "Ledelsen",
    )  # fmt: skip


@pytest.mark.parametrize(
    "text", ["=1+1", "@SUM(A1)", "\t=cmd|' /C calc'!A0", "＝1+1", '+HYPERLINK("x")', "hei;=1+1"]
)
def test_no_cell_of_the_table_is_a_formula(text: str) -> None:
    item = sent("a", text, name=text, topic=text, answers=(answer(text),))
    lines = table(site(item, posts=(post(title=text),)))
    for line in lines:
        for column in ("post_title", "name", "topic", "text"):
            assert not re.match(r"\s*[=@+＝]", line[column]), (column, line[column])
            assert ";=" not in line[column]


ANYTHING = st.text(st.characters(exclude_categories=[]), max_size=40)


@given(ANYTHING, ANYTHING, ANYTHING)
def test_whatever_is_written_the_data_holds_to_its_schema_and_disturbs_nothing(
    text: str, name: str, language: str
) -> None:
    outcome = Outcome("dialogue/sak/outcome.yaml", dt.date(2026, 4, 1), did={language: text, "": text})
    item = sent("a", text, name=name, topic=name, answers=(answer(text),), moderated={language: text})
    made = site(item, outcome=outcome)
    found = data(made)
    as_json(made, url).encode()
    as_csv(made, url).encode()
    assert not re.search(
        "[\u202a-\u202e\u2066-\u2069\x00-\x08]", found["posts"][0]["contributions"][0]["text"]
    )
    assert len(table(made)) == 2


def test_the_columns_and_fields_are_documented(root: Path) -> None:
    text = (root / "docs" / "open-data.md").read_text("utf-8")
    words = set(re.findall(r"`([\w$.-]+)`", text))
    made = schema(url)
    names = {name for part in (made, *made["$defs"].values()) for name in part.get("properties", {})}
    assert (names | set(COLUMNS)) - words == set()
    assert f"`{VERSION}`" in text
