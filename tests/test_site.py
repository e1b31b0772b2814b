"""The questions that templates ask of the site."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from kommunebeta.config import Settings
from kommunebeta.model import Consultation, ConsultationState, Page, Person, Post, Term
from kommunebeta.site import Site

OSLO = ZoneInfo("Europe/Oslo")
NOW = dt.datetime(2026, 6, 1, 12, tzinfo=OSLO)


def post(name: str, date: str = "2026-05-01", **fields: Any) -> Post:
    return Post(**_common(f"content/posts/{name}.md", name, fields), date=_moment(date), **fields)


def page(name: str, **fields: Any) -> Page:
    return Page(**_common(f"content/pages/{name}.md", name, fields), date=None, **fields)


def _moment(date: str) -> dt.datetime:
    return dt.datetime.fromisoformat(date).replace(tzinfo=OSLO)


def _common(source: str, name: str, fields: dict[str, Any]) -> dict[str, Any]:
    lang = fields.pop("lang", "nb")
    return {
        "source": source,
        "id": name,
        "lang": lang,
        "title": name,
        "address": f"/{name}/",
        "updated": None,
        "authors": fields.pop("authors", ()),
        "summary": "",
        "image": None,
        "translation_key": fields.pop("key", name),
        "aliases": (),
        "toc": False,
        "template": "post.html",
        "words": 450,
        "headings": (),
        "draft": False,
        "extra": {},
        "search": True,
        "embeds": (),
        "feedback": fields.pop("feedback", ""),
    }


def site(
    *entries: Post | Page, languages: tuple[str, ...] = (), people: tuple[Person, ...] = (), **settings: Any
) -> Site:
    return Site(
        Settings(name="Fjordvikbeta", municipality="Fjordvik kommune", languages=list(languages), **settings),
        now=NOW,
        posts=[entry for entry in entries if isinstance(entry, Post)],
        pages=[entry for entry in entries if isinstance(entry, Page)],
        people=people,
    )


def names(posts: tuple[Any, ...]) -> list[str]:
    return [entry.source.rpartition("/")[2].removesuffix(".md") for entry in posts]


def tag(name: str, taxonomy: str = "tags") -> Term:
    return Term(taxonomy, name, name.lower())


def test_posts_are_newest_first_whatever_the_order_they_came_in() -> None:
    found = site(post("b", "2026-02-01"), post("c", "2026-03-01"), post("a", "2026-01-01"))
    assert names(found.posts("nb")) == ["c", "b", "a"]
    assert names(found.newest("nb", 2)) == ["c", "b"]


def test_posts_of_one_moment_have_a_fixed_order() -> None:
    one, other = post("a"), post("b")
    assert names(site(one, other).posts("nb")) == names(site(other, one).posts("nb"))


def test_bokmal_and_nynorsk_share_their_lists() -> None:
    found = site(post("nb"), post("nn", lang="nn"), post("en", lang="en"), languages=("nb", "nn", "en"))
    assert set(names(found.posts("nb"))) == {"nb", "nn"}
    assert set(names(found.posts("nn"))) == {"nb", "nn"}
    assert names(found.posts("en")) == ["en"]


def test_a_translated_post_stands_once_in_a_shared_list() -> None:
    found = site(post("x", key="x"), post("x.nn", key="x", lang="nn"), languages=("nb", "nn"))
    assert names(found.posts("nb")) == ["x"]
    assert names(found.posts("nn")) == ["x.nn"]


def test_lists_are_shared_as_the_settings_say() -> None:
    found = site(post("nb"), post("nn", lang="nn"), languages=("nb", "nn"), shared_lists={"nn": ["nb"]})
    assert names(found.posts("nb")) == ["nb"]
    assert set(names(found.posts("nn"))) == {"nb", "nn"}


def test_a_language_without_a_home_stands_in_the_main_lists() -> None:
    assert set(names(site(post("nb"), post("se", lang="se")).posts("nb"))) == {"nb", "se"}


def test_translations_come_in_the_order_of_the_language_switch() -> None:
    entries = [post(f"x.{lang}", key="x", lang=lang) for lang in ("en", "se", "nn", "nb", "smj")]
    found = site(*entries, languages=("nb", "se", "nn"))
    original = next(entry for entry in entries if entry.lang == "nb")
    assert [entry.lang for entry in found.translations(original)] == ["se", "nn", "en", "smj"]
    assert found.translations(post("alene")) == ()


def test_a_page_is_never_the_translation_of_a_post() -> None:
    assert site(post("x", key="x"), page("x.nn", key="x", lang="nn")).translations(post("x", key="x")) == ()


def test_neighbours_are_the_posts_before_and_after_in_time() -> None:
    old, middle, new = post("a", "2026-01-01"), post("b", "2026-02-01"), post("c", "2026-03-01")
    found = site(middle, new, old)
    assert (found.neighbours(middle).older, found.neighbours(middle).newer) == (old, new)
    assert (found.neighbours(old).older, found.neighbours(new).newer) == (None, None)
    assert found.neighbours(post("fremmed")).older is None


def test_related_posts_share_terms_and_rare_terms_count_most() -> None:
    common, rare = tag("Kommune"), tag("Svømmehall")
    mine = post("mitt", tags=(common, rare))
    others = [post(f"p{number}", f"2026-04-{number + 1:02}", tags=(common,)) for number in range(9)]
    found = site(mine, *others, post("sjeldent", "2020-01-01", tags=(rare,)), post("uten"))
    related = names(found.related(mine))
    assert related[0] == "sjeldent"
    assert len(related) == 3
    assert "mitt" not in related
    assert "uten" not in related


def test_a_translation_is_not_a_related_post() -> None:
    term = tag("Skole")
    mine = post("x", key="x", tags=(term,))
    found = site(mine, post("x.nn", key="x", lang="nn", tags=(term,)), post("y", tags=(term,)))
    assert names(found.related(mine)) == ["y"]


def test_among_very_many_posts_of_a_term_the_nearest_in_time_are_related() -> None:
    term = tag("Skole")
    posts = [
        post(f"p{day:03}", str(dt.date(2020, 1, 1) + dt.timedelta(days=day)), tags=(term,))
        for day in range(300)
    ]
    found = site(*posts)
    assert all(abs((other.date - posts[10].date).days) <= 60 for other in found.related(posts[10]))


def test_terms_are_counted_by_home_and_sorted_by_name() -> None:
    skole, bygg = tag("Skole"), tag("Bygg")
    found = site(
        post("a", tags=(skole, bygg)),
        post("b", tags=(skole,)),
        post("c", lang="en", tags=(bygg,)),
        languages=("nb", "en"),
    )
    assert [(item.term.name, item.count) for item in found.terms("tags", "nb")] == [("Bygg", 1), ("Skole", 2)]
    assert [item.term.name for item in found.terms("tags", "en")] == ["Bygg"]
    assert found.terms("categories", "nb") == ()
    assert names(found.posts_with(bygg, "en")) == ["c"]


def test_a_series_is_read_from_its_beginning() -> None:
    series = tag("Byvekst", "series")
    found = site(post("a", "2026-01-01", series=series), post("b", "2026-02-01", series=series))
    assert names(found.posts_with(series, "nb")) == ["a", "b"]


def test_the_archive_counts_years_and_months_newest_first() -> None:
    found = site(
        post("a", "2025-12-31"), post("b", "2026-01-01"), post("c", "2026-03-01"), post("d", "2026-03-02")
    )
    assert [(year.year, year.count) for year in found.years("nb")] == [(2026, 3), (2025, 1)]
    assert [(month.month, month.count) for month in found.years("nb")[0].months] == [(3, 2), (1, 1)]
    assert names(found.posts_in("nb", 2026, 3)) == ["d", "c"]
    assert names(found.posts_in("nb", 2026)) == ["d", "c", "b"]
    assert found.posts_in("nb", 1999) == ()


def call(state: ConsultationState, closes: str) -> Consultation:
    return Consultation("?", "innspill", _moment("2026-01-01"), _moment(closes), state)


def test_open_calls_for_input_lead_and_the_one_that_closes_first_is_first() -> None:
    found = site(
        post("avsluttet", consultation=call(ConsultationState.CLOSED, "2026-03-01")),
        post("sist", consultation=call(ConsultationState.OPEN, "2026-09-01")),
        post("snart", consultation=call(ConsultationState.OPEN, "2026-06-15")),
        post("kommer", consultation=call(ConsultationState.COMING, "2026-12-01")),
        post("nylig", consultation=call(ConsultationState.CLOSED, "2026-05-01")),
        post("ingen"),
    )
    assert names(found.questions("nb")) == ["snart", "sist", "kommer", "nylig", "avsluttet"]
    assert names(found.open_questions("nb")) == ["snart", "sist"]


def test_people_of_today_and_of_before_are_kept_apart() -> None:
    now, before = Person("a", "Rådmann", weight=2), Person("b", "Rådmann", former=True)
    first = Person("c", "Ordfører", weight=1)
    found = site(post("x", authors=(now,)), people=(now, before, first))
    assert found.people == (first, now)
    assert found.former_people == (before,)
    assert names(found.posts_by(now, "nb")) == ["x"]
    assert found.posts_by(first, "nb") == ()


def test_a_ready_page_is_found_in_its_language_else_in_the_main_one() -> None:
    nb, nn = page("roller", kind="roles"), page("roller.nn", kind="roles", lang="nn")
    found = site(nb, nn, languages=("nb", "nn", "se"))
    assert [found.page_of_kind("roles", lang) for lang in ("nb", "nn", "se")] == [nb, nn, nb]
    assert found.page_of_kind("channels", "nb") is None


def test_a_page_is_found_by_its_file_in_the_readers_language() -> None:
    nb, nn = page("om", key="om"), page("om.nn", key="om", lang="nn")
    found = site(nb, nn, languages=("nb", "nn"))
    assert found.page("content/pages/om.md", "nn") == nn
    assert found.page("content/pages/om.md", "en") == nb
    assert found.page("content/pages/finnes-ikke.md", "nb") is None


def test_reading_time_is_at_least_a_minute() -> None:
    assert post("x").reading_minutes == 2
