"""Dialogues on the built site: post, further pages, feeds, people, lists; and what a change makes anew."""

from __future__ import annotations

import datetime as dt
import filecmp
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import feedparser
import pytest
from playwright.sync_api import Browser
from selectolax.lexbor import LexborHTMLParser, LexborNode

from kommunebeta.build import BuildOptions, BuildResult, build
from kommunebeta.reporter import Reporter
from tests.browsing import Scheme, faults_of, in_light_and_dark, serving

AT = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
FILM = "2026/11/film/"


def post(title: str, more: str = "") -> str:
    return f"---\ntitle: {title}\ndate: 2026-11-10\n{more}---\nHva synes du?\n"


def said(day: int, minute: int = 0, more: str = "") -> str:
    moment = f"2026-11-{day:02} 08:{minute:02}"
    return f"received: {moment}\npublished: {moment}\ntext: Innspill {day}.{minute}.\n{more}"


def answered(by: str, day: int, text: str = "Takk for det.") -> str:
    return f"answers:\n  - by: {by}\n    date: 2026-11-{day} 10:00\n    text: {text}\n"


FILES: dict[str, str] = {
    "kommunebeta.yaml": "name: Betabloggen\nmunicipality: Fjordvik kommune\nbase_url: https://x.example/under/\nlanguages: [nb, en]\n",
    "people/sjef.yaml": "role: Kommunedirektør\nname: Berit Moe\ndepartment: Stab\ntranslations: {en: {role: Chief executive}}\n",
    "content/posts/2026-11-10-film.md": post("Filmen", "comments: closed\n"),
    "content/posts/2026-11-10-film.en.md": post("The film"),
    "content/posts/2026-11-10-stille.md": post("Stille"),
    "content/posts/2026-11-10-av.md": post("Av", "comments: off\n"),
    "content/posts/2026-11-10-fil.md": post("Fil", "permalink: /gammel/fil.html\n"),
    "dialogue/film/summary.yaml": "received: 57\nas_of: 2026-11-19\n",
    "dialogue/film/topp.yaml": said(15, 0, "name: Kari\ntopic: Skolevei\n" + answered("sjef", 16)),
    "dialogue/film/svar1.yaml": said(15, 1, "reply_to: topp\nstate: noted\n"),
    "dialogue/film/svar2.yaml": said(15, 2, "name: Ola\nreply_to: svar1\n"),
    "dialogue/film/borte.yaml": said(15, 3, "state: withdrawn\nname: Hemmelig\n"),
    "dialogue/film/nynorsk.yaml": said(
        15, 4, "lang: nn\nmoderated: {nb: Forkortet, en: Shortened}\n" + answered("Ola Ukjent", 17)
    ),
    **{f"dialogue/film/n{at:02}.yaml": said(12, at) for at in range(47)},
    "dialogue/av/a.yaml": said(12),
    "dialogue/fil/a.yaml": said(12, 0, answered("sjef", 18, "Svar på filen.")),
    **{f"dialogue/fil/b{at:02}.yaml": said(12, at) for at in range(50)},
}


def built(folder: Path, at: dt.datetime = AT, **options: Any) -> BuildResult:
    return build(folder, BuildOptions(at=at, **options), Reporter())


def write(folder: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("dialog") / "nettsted", FILES)


@pytest.fixture(scope="module")
def public(folder: Path) -> Path:
    return built(folder).output


Read = Callable[[str], LexborHTMLParser]


@pytest.fixture
def page(public: Path) -> Read:
    def read(address: str) -> LexborHTMLParser:
        file = public / address
        return LexborHTMLParser(
            (file / "index.html" if address.endswith("/") or not address else file).read_text("utf-8")
        )

    return read


def one(of: LexborHTMLParser | LexborNode, selector: str) -> LexborNode:
    """The first element that a selector finds."""
    found = of.css_first(selector)
    assert found is not None
    return found


def text(node: LexborNode) -> str:
    return " ".join(node.text(separator=" ").split())


def test_the_numbers_are_told_honestly(page: Read) -> None:
    counts = text(one(page(FILM), ".dialogue-counts"))
    assert (
        counts == "57 innspill er kommet inn. 51 er publisert. 2 har fått svar. Talt opp 19. november 2026."
    )


def test_fifty_stand_on_the_post_and_the_others_on_pages_of_their_own(page: Read, public: Path) -> None:
    first, second = page(FILM), page(f"{FILM}innspill/2/")
    assert len(first.css(".contribution")) == 50
    assert len(second.css(".contribution")) == 2
    assert text(one(second, "h1")) == "Innspill og svar, side 2"
    assert not (public / FILM / "innspill/3").exists()
    assert one(second, 'link[rel="canonical"]').attributes["href"] == (
        "https://x.example/under/2026/11/film/innspill/2/"
    )
    assert [text(item) for item in second.css(".breadcrumbs a")] == ["Forside", "Filmen", "Innspill og svar"]
    assert [item.attributes["href"] for item in second.css(".pager a")] == [
        "/under/2026/11/film/#dialogue-title",
        "/under/2026/11/film/#dialogue-title",
        "/under/2026/11/film/innspill/2/#dialogue-title",
    ]
    assert "innspill/2" not in (public / "sitemap.xml").read_text(encoding="utf-8")


def test_a_post_that_is_a_file_has_its_pages_beside_it(page: Read) -> None:
    assert len(page("gammel/fil.html").css(".contribution")) == 50
    assert len(page("gammel/fil-innspill/2/").css(".contribution")) == 1


def test_a_permalink_is_the_post_s_and_leads_to_what_it_says_wherever_that_stands_now(page: Read) -> None:
    pages = ((FILM, FILM), (f"{FILM}innspill/2/", FILM), ("gammel/fil-innspill/2/", "gammel/fil.html"))
    for address, post in pages:
        tree, first = page(address), page(post)
        ids = [node.attributes["id"] for node in tree.css("[id]")]
        assert len(ids) == len(set(ids))
        said = tree.css(".contribution, .official-answer")
        links = [link.attributes["href"] or "" for link in tree.css("a.permalink")]
        assert links == [f"/under/{post}#{node.attributes['id']}" for node in said] != []
        for node in said:
            target = one(first, f"#{node.attributes['id']}")
            if address == post:
                assert target.attributes["class"] == node.attributes["class"]
            else:
                assert one(target, "a").attributes["href"] == f"/under/{address}#{node.attributes['id']}"


def test_an_answer_is_an_object_of_its_own_with_role_department_date_and_person(page: Read) -> None:
    answer = one(page(FILM), "#innspill-topp > #svar-topp-1")
    assert answer is not None
    assert answer.tag == "article"
    assert text(one(answer, "h4")) == "Kommunen svarer : Kommunedirektør"
    facts = one(answer, ".official-facts")
    assert text(facts).startswith("Berit Moe, Stab, Fjordvik kommune")
    assert one(answer, "h4 a").attributes["href"] == "/under/folk/sjef/"
    assert one(answer, "time").attributes["datetime"] == "2026-11-16T10:00:00+01:00"
    assert answer.attributes["aria-labelledby"] == "svar-topp-1-who"


def test_a_citizen_cannot_look_like_the_municipality(make_folder: Callable[..., Path]) -> None:
    files = {**FILES, "dialogue/stille/a.yaml": said(12, 0, "name: Kommunedirektør Berit Moe\ntopic: Kommunen svarer\n")}  # fmt: skip
    public = built(make_folder(files)).output
    tree = LexborHTMLParser((public / "2026/11/stille/index.html").read_text(encoding="utf-8"))
    assert tree.css(".official-answer") == []
    assert text(one(tree, "#innspill-a h3")) == "Innspill fra Kommunedirektør Berit Moe"


def test_replies_stand_in_their_thread_and_say_to_whom(page: Read) -> None:
    thread = one(page(FILM), "li.thread:has(> #innspill-topp)")
    assert thread is not None
    replies = thread.css(".replies > li > article")
    assert [reply.attributes["id"] for reply in replies] == ["innspill-svar1", "innspill-svar2"]
    assert [text(one(reply, "h4")) for reply in replies] == [
        "Kommentar fra en innbygger",
        "Kommentar fra Ola",
    ]
    links = [one(reply, ".contribution-to a") for reply in replies]
    assert [(link.attributes["href"], text(link)) for link in links] == [
        ("#innspill-topp", "Til Kari"),
        ("#innspill-svar1", "Til en innbygger"),
    ]
    assert "Trenger ikke svar" in text(replies[0])


def test_what_was_taken_back_keeps_its_place_alone(page: Read, public: Path) -> None:
    gone = one(page(FILM), "#innspill-borte")
    assert text(one(gone, "h3")) == "Trukket av den som skrev"
    assert gone.css_first(".contribution-text") is None
    files = [file for file in public.rglob("*") if file.is_file()]
    assert not [file for file in files if b"Hemmelig" in file.read_bytes()]


def test_texts_in_another_language_say_so(page: Read) -> None:
    norwegian, english = page(FILM), page("en/2026/11/film/")
    assert one(norwegian, "#innspill-topp .contribution-text").attributes.get("lang") is None
    assert one(norwegian, "#innspill-nynorsk .contribution-text").attributes["lang"] == "nn"
    assert one(english, "#innspill-topp .contribution-text").attributes["lang"] == "nb"
    assert one(english, "#innspill-nynorsk .contribution-text").attributes["lang"] == "nn"
    assert one(english, "#svar-topp-1 .official-text").attributes["lang"] == "nb"
    assert text(one(english, "#svar-topp-1 h4")) == "The municipality answers : Chief executive"
    assert text(one(english, "#innspill-nynorsk .contribution-note")) == "From the editors: Shortened"
    assert page("en/2026/11/film/input/2/").css(".contribution")


def test_an_answer_by_somebody_without_a_page_has_no_link_to_one(page: Read) -> None:
    answer = one(page(FILM), "#svar-nynorsk-1")
    assert text(one(answer, "h4")) == "Kommunen svarer : Ola Ukjent"
    assert [link.attributes["class"] for link in answer.css("header a")] == ["permalink"]


def test_comments_that_are_off_show_nothing_and_closed_ones_what_was_said(page: Read, public: Path) -> None:
    assert page("2026/11/av/").css_first(".dialogue") is None
    assert not (public / "2026/11/av/innspill").exists()
    assert page("2026/11/stille/").css_first(".dialogue") is None
    assert not (public / "2026/11/stille/innspill").exists()
    assert page(FILM).css_first(".dialogue") is not None


def test_what_is_hidden_on_the_page_is_not_open_data_either(public: Path) -> None:
    data = json.loads((public / "data/dialogue.json").read_text(encoding="utf-8"))
    assert "Innspill 12.0." in json.dumps(data)
    assert [item for item in data["posts"] if item["id"] == "av" and item["contributions"]] == []


def test_a_dialogue_of_which_nothing_is_published_tells_how_many_wrote(
    make_folder: Callable[..., Path],
) -> None:
    files = {**SMALL, "dialogue/stille/summary.yaml": "received: 3\n"}
    public = built(make_folder(files)).output
    tree = LexborHTMLParser((public / "2026/11/stille/index.html").read_text(encoding="utf-8"))
    assert text(one(tree, ".dialogue-counts")) == "3 innspill er kommet inn. 0 er publisert."
    assert tree.css(".contribution, .dialogue-feed") == []


def test_the_feed_of_a_dialogue_holds_contributions_and_answers(page: Read, public: Path) -> None:
    feed = feedparser.parse((public / FILM / "innspill/feed.xml").read_bytes())
    assert not feed.bozo
    assert feed.feed.title == "Innspill og svar: Filmen"
    assert len(feed.entries) == 20
    newest, second = feed.entries[0], feed.entries[1]
    assert newest.id == "tag:x.example,2026:film/svar-nynorsk-1"
    assert second.id == "tag:x.example,2026:film/svar-topp-1"
    assert second.link == "https://x.example/under/2026/11/film/#svar-topp-1"
    assert second.title == "Kommunen svarer (Kommunedirektør): Filmen"
    assert "Innspill 15.0." in second.content[0].value
    assert "Takk for det." in second.content[0].value
    assert all("borte" not in entry.id for entry in feed.entries)
    tree = page(FILM)
    announced = [
        link.attributes["href"] for link in tree.css('link[rel="alternate"][type="application/atom+xml"]')
    ]
    assert announced == ["https://x.example/under/2026/11/film/innspill/feed.xml"]
    assert one(tree, ".dialogue-feed a").attributes["href"] == "/under/2026/11/film/innspill/feed.xml"


def test_ids_in_feeds_are_the_same_in_all_languages(public: Path) -> None:
    norwegian, english = (
        feedparser.parse((public / path).read_bytes())
        for path in (f"{FILM}innspill/feed.xml", "en/2026/11/film/input/feed.xml")
    )
    assert [entry.id for entry in norwegian.entries] == [entry.id for entry in english.entries]


def test_the_feed_of_all_answers_is_announced_at_home_and_on_pages_of_people(
    page: Read, public: Path
) -> None:
    feed = feedparser.parse((public / "svar.xml").read_bytes())
    assert not feed.bozo
    assert [entry.id.rpartition("/")[2] for entry in feed.entries] == [
        "svar-a-1",
        "svar-nynorsk-1",
        "svar-topp-1",
    ]
    assert feed.entries[0].link == "https://x.example/under/gammel/fil.html#svar-a-1"
    for address in ("", "folk/sjef/"):
        heads = page(address).css('link[rel="alternate"][type="application/atom+xml"]')
        assert "https://x.example/under/svar.xml" in [link.attributes["href"] for link in heads]
    english = feedparser.parse((public / "en/answers.xml").read_bytes())
    assert [entry.id.rpartition("/")[2] for entry in english.entries] == ["svar-nynorsk-1", "svar-topp-1"]


def test_a_person_s_page_lists_the_answers(page: Read) -> None:
    answers = page("folk/sjef/").css(".given-list li")
    assert [text(one(item, "a")) for item in answers] == ["Fil", "Filmen"]
    assert "Svar på filen." in text(answers[0])
    assert one(answers[0], "a").attributes["href"] == "/under/gammel/fil.html#svar-a-1"


def test_lists_tell_how_much_was_said(page: Read) -> None:
    cards = {text(one(card, "h2, h3")): text(one(card, ".card-meta")) for card in page("").css(".card")}
    assert cards["Filmen"].endswith("51 innspill, 2 svar")
    assert "innspill" not in cards["Stille"]


def test_search_engines_are_told_who_said_what(page: Read) -> None:
    def posting(address: str) -> Any:
        data = json.loads(one(page(address), 'script[type="application/ld+json"]').text())
        return next(thing for thing in data["@graph"] if thing["@type"] == "BlogPosting")

    found = posting(FILM)
    assert found["commentCount"] == 51
    assert len(found["comment"]) == 49  # those of the first page, without the one that was taken back
    comment = next(item for item in found["comment"] if item["@id"].endswith("#innspill-topp"))
    assert comment["author"] == {"@type": "Person", "name": "Kari"}
    assert comment["text"] == "Innspill 15.0."
    (answer,) = comment["comment"]
    assert answer["author"] == {"@id": "https://x.example/under/#municipality"}
    assert answer["creator"]["jobTitle"] == "Kommunedirektør"
    other = next(item for item in found["comment"] if item["@id"].endswith("#innspill-svar1"))
    assert other["author"]["name"] == "Innbygger"
    assert "comment" not in posting("2026/11/stille/")


def same(one: Path, other: Path) -> bool:
    compared = filecmp.dircmp(one, other)
    return not (compared.left_only or compared.right_only) and all(
        (one / path.relative_to(other)).read_bytes() == path.read_bytes()
        for path in other.rglob("*")
        if path.is_file()
    )


def clean(folder: Path, at: dt.datetime = AT) -> Path:
    """A build of the same files without a memory."""
    other = folder.parent / "rent"
    shutil.rmtree(other, ignore_errors=True)
    shutil.copytree(folder, other, ignore=shutil.ignore_patterns("public", ".kommunebeta"))
    return built(other, at).output


def changed(result: BuildResult) -> set[str]:
    return {*result.changes.added, *result.changes.changed, *result.changes.removed}


SMALL = {path: text for path, text in FILES.items() if not re.search(r"/(n|b)\d\d\.yaml", path)}


def test_a_new_contribution_makes_only_the_pages_that_show_it(make_folder: Callable[..., Path]) -> None:
    folder = make_folder(SMALL)
    built(folder)
    write(folder, {"dialogue/fil/ny.yaml": said(19)})
    result = built(folder)
    assert changed(result) == {
        "gammel/fil.html", "gammel/fil-innspill/feed.xml", "index.html", "arkiv/2026/index.html",
        "arkiv/2026/11/index.html", "data/dialogue.json", "data/dialogue.csv",
    }  # fmt: skip
    assert same(result.output, clean(folder))


def test_an_answer_reaches_the_feeds_and_the_person_s_page(make_folder: Callable[..., Path]) -> None:
    folder = make_folder(SMALL)
    built(folder)
    write(folder, {"dialogue/stille/a.yaml": said(19, 0, answered("sjef", 19))})
    result = built(folder)
    assert {
        "2026/11/stille/index.html", "2026/11/stille/innspill/feed.xml", "svar.xml", "folk/sjef/index.html",
    } <= changed(result)  # fmt: skip
    assert f"{FILM}index.html" not in changed(result)
    assert same(result.output, clean(folder))


def test_an_edit_of_the_post_leaves_its_dialogue_as_it_is(make_folder: Callable[..., Path]) -> None:
    folder = make_folder(SMALL)
    built(folder)
    file = folder / "content/posts/2026-11-10-film.md"
    file.write_text(file.read_text(encoding="utf-8") + "\nTakk for alle innspill.\n", encoding="utf-8")
    result = built(folder)
    assert f"{FILM}index.html" in changed(result)
    assert f"{FILM}innspill/feed.xml" not in changed(result)
    assert result.rendered == 4  # the page, and the feeds that hold its text
    assert same(result.output, clean(folder))


def test_a_post_that_turns_comments_off_takes_pages_and_feed_away(make_folder: Callable[..., Path]) -> None:
    folder = make_folder(FILES)
    built(folder)
    write(
        folder,
        {"content/posts/2026-11-10-fil.md": post("Fil", "permalink: /gammel/fil.html\ncomments: off\n")},
    )
    result = built(folder)
    assert {"gammel/fil-innspill/2/index.html", "gammel/fil-innspill/feed.xml"} <= set(result.changes.removed)
    assert same(result.output, clean(folder))


def test_a_contribution_of_tomorrow_comes_tomorrow(make_folder: Callable[..., Path]) -> None:
    folder = make_folder({**SMALL, "dialogue/stille/a.yaml": said(21)})
    first = built(folder)
    tomorrow = dt.datetime(2026, 11, 21, 7, tzinfo=dt.UTC)
    assert first.next_change is not None
    assert first.next_change <= tomorrow
    assert "innspill-a" not in (first.output / "2026/11/stille/index.html").read_text(encoding="utf-8")
    second = built(folder, tomorrow)
    assert "innspill-a" in (second.output / "2026/11/stille/index.html").read_text(encoding="utf-8")
    assert same(second.output, clean(folder, tomorrow))


@pytest.mark.parametrize(
    ("opens", "closes", "shown"),
    [
        ("2026-11-12", "2026-12-01", "12. november 2026 – 1. desember 2026"),
        ("2026-11-12 08:00", "2026-12-01 12:00", "12. november 2026 kl. 08:00 – 1. desember 2026 kl. 12:00"),
    ],
)
def test_a_call_that_opens_or_closes_within_a_day_tells_the_hour(
    opens: str, closes: str, shown: str, tmp_path: Path
) -> None:
    call = f"consultation: {{question: Hva nå?, opens: {opens}, closes: {closes}, form: innspill}}\n"
    folder = write(
        tmp_path,
        {"kommunebeta.yaml": FILES["kommunebeta.yaml"], "content/posts/2026-11-10-x.md": post("X", call)},
    )
    text = (built(folder).output / "2026/11/x/index.html").read_text("utf-8")
    facts = LexborHTMLParser(text).css_first(".box-question .facts dd")
    assert facts is not None
    assert facts.text() == shown


@pytest.fixture(scope="module")
def server(public: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    root = tmp_path_factory.mktemp("root")
    (root / "under").symlink_to(public, target_is_directory=True)
    with serving(root) as address:
        yield f"{address}/under/"


@in_light_and_dark
def test_axe_finds_no_fault_and_nothing_scrolls_sideways(
    server: str, browser: Browser, axe: str, scheme: Scheme
) -> None:
    pages = (FILM, f"{FILM}innspill/2/", "en/2026/11/film/", "folk/sjef/", "")
    assert faults_of(browser, axe, [server + page for page in pages], scheme) == []


def test_threads_are_lists_and_articles_to_a_screen_reader(server: str, browser: Browser) -> None:
    context = browser.new_context()
    tab = context.new_page()
    tab.goto(server + FILM)
    dialogue = tab.get_by_role("region", name="Innspill og svar")
    thread = dialogue.get_by_role("article", name="Innspill fra Kari")
    assert thread.get_by_role("heading", level=3).inner_text() == "Innspill fra Kari"
    answer = thread.get_by_role("article", name="Kommunen svarer : Kommunedirektør")
    assert answer.get_by_role("heading", level=4).count() == 1
    assert tab.get_by_role("list", name="Kommentarer til innspillet").get_by_role("article").count() == 2
    context.close()
