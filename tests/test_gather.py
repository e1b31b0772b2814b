"""Files → posts, pages, menus and data: ids that stay, terms with one spelling, problems at their places."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kommunebeta.config import FILE_NAME, read_settings
from kommunebeta.content import parse_file
from kommunebeta.dialogue.forms import Forms
from kommunebeta.errors import Severity
from kommunebeta.gather import Gathered, gather, read_data
from kommunebeta.moments import Clock
from kommunebeta.sources import find_files

Make = Callable[..., Path]
OSLO = ZoneInfo("Europe/Oslo")
HEAD = "name: Fjordvikbeta\nmunicipality: Fjordvik kommune\n"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>'


@pytest.fixture
def gathered(make_folder: Make) -> Callable[..., Gathered]:
    def run(
        files: Mapping[str, str | bytes], settings: str = "", *, at: str = "2026-06-01", drafts: bool = False
    ) -> Gathered:
        folder = make_folder({FILE_NAME: HEAD + settings, **files})
        found, (read, document) = find_files(folder), read_settings(folder)
        return gather(
            folder,
            found,
            [parse_file(folder, path, read.language) for path in (*found.posts, *found.pages)],
            settings=read,
            document=document,
            clock=Clock(dt.datetime.fromisoformat(at).replace(tzinfo=OSLO), OSLO, drafts=drafts),
            forms=Forms({}, frozenset({"innspill"}), {}),
            has_template=lambda name: name in ("post.html", "page.html", "roles.html"),
            translate=lambda lang, message: f"{message} ({lang})",
        )

    return run


Run = Callable[..., Gathered]


def text(front: str = "", body: str = "Hei.\n") -> str:
    given = front if front.startswith("title:") else f"title: Hei\n{front}"
    date = "" if "\ndate:" in given else "date: 2026-01-02\n"
    return f"---\n{given}{date}---\n{body}"


def problems(found: Gathered) -> list[tuple[str, str, int, int]]:
    return [(problem.code, problem.path, problem.line, problem.column) for problem in found.problems]


def ids(found: Gathered) -> dict[str, str]:
    return {entry.source: entry.id for entry in (*found.site.all_posts, *found.site.all_pages)}


X = "content/posts/x.md"


def test_the_id_stays_when_title_date_and_folder_change(gathered: Run) -> None:
    variants = (
        ("content/posts/2026-01-02-svømmehallen.md", "title: A\n"),
        (
            "content/posts/2027/2026-05-17-svømmehallen.md",
            "title: Ny tittel\ndate: 2026-05-18\nslug: annet\n",
        ),
        ("content/posts/svømmehallen/index.md", "title: C\npermalink: /helt/annet/\n"),
    )
    for number, (path, front) in enumerate(variants):
        assert ids(gathered({path: text(front)}))[path] == "svommehallen", number
        (Path(gathered({}).media.site) / path).unlink()


def test_an_id_that_is_written_stays_when_the_file_is_renamed(gathered: Run) -> None:
    assert ids(gathered({X: text("id: bassenget\n")})) == {X: "bassenget"}


def test_of_two_files_with_one_name_the_oldest_keeps_the_id(gathered: Run) -> None:
    old, new = "content/posts/2025/x.md", "content/posts/2026/x.md"
    files = {old: text("date: 2025-03-01\n"), new: text("date: 2026-03-01\n")}
    assert ids(gathered(files)) == {old: "x", new: "2026-03-01-x"}


def test_no_id_moves_when_an_older_text_expires_or_becomes_a_draft(gathered: Run) -> None:
    old, new = "content/posts/2025/x.md", "content/posts/2026/x.md"
    for front in ("date: 2025-03-01\nexpires: 2026-05-01\n", "date: 2025-03-01\ndraft: ja\n"):
        assert ids(gathered({old: text(front), new: text("date: 2026-03-01\n")})) == {new: "2026-03-01-x"}


def test_one_id_written_twice_is_a_problem_that_names_both(gathered: Run) -> None:
    found = gathered({"content/posts/a.md": text("id: z\n"), "content/posts/b.md": text("id: z\n")})
    assert problems(found) == [("KB017", "content/posts/b.md", 3, 5)]
    assert "content/posts/a.md" in found.problems[0].message


def test_an_id_that_another_file_had_by_its_name_is_told_where_it_was_taken(gathered: Run) -> None:
    """Else its dialogue would move without a word."""
    given, named = "content/posts/a.md", "content/posts/2026-03-01-x.md"
    found = gathered({given: text("id: x\n"), named: text("date: 2026-01-02\n")})
    assert ids(found) == {given: "x", named: "2026-01-02-x"}
    (problem,) = found.problems
    assert (problem.code, problem.path, problem.severity) == ("KB017", named, Severity.WARNING)
    assert given in problem.message
    assert "«2026-01-02-x»" in problem.message


@pytest.mark.parametrize(("due", "told"), [("2026-04-29", 1), ("2026-04-30", 0), ("2026-05-01", 0)])
def test_an_outcome_promised_before_the_call_closes_is_told(gathered: Run, due: str, told: int) -> None:
    call = (
        f"consultation: {{question: Hva nå?, opens: 2026-04-01, closes: 2026-04-30, outcome_due: {due}, "
        "responsible: leder, form: innspill}\n"
    )
    found = gathered({X: text(call)})
    assert [item.severity for item in found.problems if item.code == "KB016"] == [Severity.WARNING] * told


def test_translations_may_share_an_id(gathered: Run) -> None:
    found = gathered({"content/posts/a.md": text("id: z\n"), "content/posts/b.nn.md": text("id: z\n")})
    assert not found.problems
    assert len(set(ids(found).values())) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("content/posts/x.md", "content/posts/x.nn.md"),
        ("content/posts/x/index.md", "content/posts/x/index.nn.md"),
        ("content/posts/x/index.md", "content/posts/x.nn/index.md"),
        ("content/pages/om.nb.md", "content/pages/om.nn.md"),
    ],
)
def test_files_that_differ_in_language_alone_are_translations(gathered: Run, one: str, other: str) -> None:
    found = gathered({one: text(), other: text()}, "languages: [nb, nn]\n")
    by_source = {entry.source: entry for entry in (*found.site.all_posts, *found.site.all_pages)}
    assert found.site.translations(by_source[one]) == (by_source[other],)


def test_an_ending_that_is_no_language_makes_no_translation(gathered: Run) -> None:
    found = gathered({"content/posts/brev.pdf.md": text(), "content/posts/brev.nn.md": text()})
    assert all(not found.site.translations(post) for post in found.site.all_posts)


def test_texts_with_one_translation_key_are_translations(gathered: Run) -> None:
    found = gathered(
        {
            "content/posts/budsjett.md": text("translation_key: b\n"),
            "content/posts/budget.md": text("translation_key: b\nlang: en\n"),
        },
        "languages: [nb, en]\n",
    )
    nb, en = sorted(found.site.all_posts, key=lambda post: post.lang, reverse=True)
    assert found.site.translations(nb) == (en,)
    assert en.address == "/en/2026/01/budget/"


def test_a_term_has_the_spelling_that_is_used_most(gathered: Run) -> None:
    found = gathered(
        {
            "content/posts/a.md": text("tags: [Skole]\n"),
            "content/posts/b.md": text("tags: [skole, SKOLE]\n"),
            "content/posts/c.md": text("tags: [Skole]\n"),
        }
    )
    (term,) = found.site.terms("tags", "nb")
    assert (term.term.name, term.term.slug, term.count) == ("Skole", "skole", 3)


def test_terms_without_letters_or_of_any_length_get_addresses(gathered: Run) -> None:
    found = gathered({X: text("tags: ['!!!', '🎉', '../..', '" + "å" * 400 + "']\n")})
    slugs = [item.term.slug for item in found.site.terms("tags", "nb")]
    assert len(set(slugs)) == 4
    assert all(0 < len(slug.encode()) < 200 and "/" not in slug for slug in slugs)


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        ("slug: ../../etc\n", ("KB042", 3, 7)),
        ("slug: a/b\n", ("KB042", 3, 7)),
        ('slug: "a\\0b"\n', ("KB042", 3, 7)),
        ("slug: '..'\n", ("KB042", 3, 7)),
        ("permalink: ../../x\n", ("KB042", 3, 12)),
        ("permalink: //ondt.example/x\n", ("KB042", 3, 12)),
        ("permalink: https://ondt.example/x\n", ("KB042", 3, 12)),
        ("permalink: C:\\x\n", ("KB042", 3, 12)),
        ("permalink: c:/x\n", ("KB042", 3, 12)),
        ('permalink: "/a\\0b/"\n', ("KB042", 3, 12)),
        ("permalink: /.kommunebeta-manifest.json\n", ("KB042", 3, 12)),
        ("aliases:\n- /ok/\n- /../x/\n", ("KB042", 5, 3)),
        ("aliases: C:\\gammel\n", ("KB042", 3, 10)),
        ("template: finnes-ikke.html\n", ("KB053", 3, 11)),
        ("template: ../../etc/passwd\n", ("KB053", 3, 11)),
        ("feedback: finnes-ikke\n", ("KB018", 3, 11)),
        (
            "consultation:\n  question: q\n  opens: 2026-01-01\n  closes: 2026-02-01\n  form: nei\n",
            ("KB018", 7, 9),
        ),
        ("consultation:\n  question: q\n  opens: 2026-02-02\n  closes: 2026-02-01\n", ("KB016", 6, 11)),
        ("publish: 2026-02-01\nexpires: 2026-02-01\n", ("KB016", 4, 10)),
        ("image: borte.jpg\n", ("KB032", 3, 8)),
        ("image:\n  alt: a\n  src: borte.jpg\n", ("KB032", 5, 8)),
        ("image: x.md\n", ("KB033", 3, 8)),
        ("image: https://x.no/a.jpg\n", ("KB034", 3, 8)),
        ("image: ../../../../etc/hostname\n", ("KB032", 3, 8)),
        ("image: " + "a" * 300 + ".jpg\n", ("KB032", 3, 8)),
        ("documents:\n- title: a\n  file: borte.pdf\n", ("KB030", 5, 9)),
        ("documents:\n- title: a\n", ("KB011", 4, 3)),
        ("responsible: ingen\n", ("KB015", 3, 14)),
        ("author: Ola\n", ("KB015", 3, 9)),
        ("authors:\n- Ola\n", ("KB015", 4, 3)),
    ],
)
def test_what_a_post_names_in_vain_is_a_problem_at_its_place(
    gathered: Run, front: str, expected: tuple[str, int, int]
) -> None:
    # The moment lies before every «expires», so that the post is looked at.
    found = gathered({X: text(front)}, at="2026-01-31", drafts=True)
    assert (expected[0], X, expected[1], expected[2]) in problems(found)


@pytest.mark.parametrize(
    ("path", "front"),
    [
        (X, "date: 2026-05-17\nexpires: 2026-05-17\n"),
        (X, "date: 2026-01-01\npublish: 2026-03-01\nexpires: 2026-02-01\n"),
        ("content/posts/2026-05-17-x.md", "title: a\nexpires: 2026-05-16\n"),
    ],
)
@pytest.mark.parametrize("at", ["2025-01-01", "2026-06-01"])
def test_a_text_that_ends_before_it_begins_is_a_problem_at_any_time(
    gathered: Run, path: str, front: str, at: str
) -> None:
    found = gathered({path: f"---\n{front}---\nHei.\n"}, at=at)
    assert [code for code, *_ in problems(found)] == ["KB016"]


def test_a_post_without_a_date_is_a_problem_and_a_page_is_not(gathered: Run) -> None:
    found = gathered({X: "---\ntitle: a\n---\n", "content/pages/om.md": "---\ntitle: a\n---\n"})
    assert problems(found) == [("KB010", X, 2, 1)]


def test_the_date_may_stand_in_the_files_name(gathered: Run) -> None:
    (post,) = gathered({"content/posts/2026-05-17-x.md": "---\ntitle: a\n---\n"}).site.all_posts
    assert post.address == "/2026/05/x/"
    assert post.date == dt.datetime(2026, 5, 17, tzinfo=OSLO)


def test_a_date_with_a_zone_is_shown_in_the_sites_zone(gathered: Run) -> None:
    (post,) = gathered({X: text("date: '2014-03-31T22:30:00-04:00'\n")}).site.all_posts
    assert post.date.isoformat() == "2014-04-01T04:30:00+02:00"
    assert post.address == "/2014/04/x/"


@pytest.mark.parametrize(
    ("front", "body", "title"),
    [("", "## Første overskrift\n", "Første overskrift"), ("", "Hei.\n", "Ny skole")],
)
def test_a_missing_title_is_a_warning_and_something_stands_in(
    gathered: Run, front: str, body: str, title: str
) -> None:
    found = gathered({"content/posts/ny-skole.md": f"---\ndate: 2026-01-01\n---\n{body}"})
    assert [(problem.code, str(problem.severity)) for problem in found.problems] == [("KB010", "warning")]
    assert found.site.all_posts[0].title == title


def test_the_summary_is_the_first_paragraph_else_what_is_written(gathered: Run) -> None:
    long = "Kommunestyret vedtok budsjettet. " * 30
    found = gathered(
        {
            "content/posts/a.md": text("", "Første *avsnitt*.\n\nAndre.\n"),
            "content/posts/b.md": text("ingress: <p>Skrevet <b>selv</b>.</p>\n"),
            "content/posts/c.md": text("", long),
        }
    )
    a, b, c = sorted(found.site.all_posts, key=lambda post: post.source)
    assert (a.summary, b.summary) == ("Første avsnitt.", "Skrevet selv.")
    assert len(c.summary) <= 305
    assert c.summary.endswith("…")


def test_timeline_documents_and_case_reach_the_post(gathered: Run) -> None:
    front = (
        "case: {number: 2026/12, url: 'https://innsyn.example/12'}\n"
        "timeline:\n- {date: 2026-07-01, title: Vedtak}\n- {date: 2026-05-01, title: Utvalg}\n- {date: 2026-06-01, title: I dag}\n"
        "documents:\n- {title: Møtebok, file: møtebok.pdf, kind: minutes}\n- {title: Lysark, url: 'https://x.no/l'}\n"
    )
    found = gathered({X: text(front), "content/posts/møtebok.pdf": b"%PDF-1.4"})
    assert not found.problems
    (post,) = found.site.all_posts
    assert post.case is not None
    assert post.case.number == "2026/12"
    assert [(step.title, str(step.state)) for step in post.timeline] == [
        ("Utvalg", "past"),
        ("I dag", "today"),
        ("Vedtak", "coming"),
    ]
    minutes, slides = post.documents
    assert minutes.address.startswith("/files/")
    assert minutes.address.endswith("/motebok.pdf")
    assert (minutes.size, minutes.format, slides.url) == (8, "PDF", "https://x.no/l")


def test_what_is_not_published_now_is_remembered_with_its_reason(gathered: Run) -> None:
    found = gathered(
        {
            "content/posts/a.md": text("draft: ja\n"),
            "content/posts/b.md": text("date: 2027-01-01\n"),
            "content/posts/c.md": text("expires: 2026-03-01\n"),
        }
    )
    assert sorted(found.unpublished.values()) == ["draft", "expired", "scheduled"]
    assert not found.site.all_posts


def test_a_ready_page_is_known_by_its_template(gathered: Run) -> None:
    found = gathered({"content/pages/roller.md": text("template: roles.html\n")})
    assert found.site.page_of_kind("roles", "nb") is not None


def test_menus_hold_the_settings_lines_then_the_pages_that_name_them(gathered: Run) -> None:
    found = gathered(
        {
            "content/pages/om.md": text("title: Om oss\n"),
            "content/pages/om.nn.md": text("title: Om oss (nn)\n"),
            "content/pages/b.md": text("title: B\nmenu: main\nweight: 2\n"),
            "content/pages/a.md": text("title: A\nmenu: [main, footer]\nweight: 1\n"),
        },
        "languages: [nb, nn]\nmenus:\n  main:\n  - page: content/pages/om.md\n  - list: archive\n  - {title: Ut, url: 'https://x.no'}\n",
    )
    assert not found.problems
    assert [item.title for item in found.site.menu("main", "nb")] == [
        "Om oss",
        "Archive (nb)",
        "Ut",
        "A",
        "B",
    ]
    assert [item.title for item in found.site.menu("main", "nn")] == ["Om oss (nn)", "Archive (nn)", "Ut"]
    assert [item.title for item in found.site.menu("footer", "nb")] == ["A"]


@pytest.mark.parametrize(
    ("settings", "code", "place"),
    [
        ("menus:\n  main:\n  - page: content/pages/nei.md\n", "KB030", (5, 11)),
        ("beta:\n  page: content/pages/nei.md\n", "KB030", (4, 9)),
        ("beta:\n  feedback: content/pages/nei.md\n", "KB030", (4, 13)),
        ("privacy:\n  page: content/pages/nei.md\n", "KB030", (4, 9)),
        ("accessibility:\n  page: content/pages/nei.md\n", "KB030", (4, 9)),
        ("icon:\n  file: ../../etc/hostname\n", "KB032", (4, 9)),
        ("channels:\n- {kind: x, url: 'https://x.no', responsible: ingen}\n", "KB015", (4, 47)),
        ("permalinks:\n  post: /{tittel}/\n", "KB043", (4, 9)),
        ("permalinks:\n  languages:\n    nn:\n      tag: /x/\n", "KB043", (6, 12)),
    ],
)
def test_what_the_settings_name_in_vain_is_a_problem_in_the_settings(
    gathered: Run, settings: str, code: str, place: tuple[int, int]
) -> None:
    assert (code, FILE_NAME, *place) in problems(gathered({X: text()}, settings))


def test_channels_speak_the_readers_language(gathered: Run) -> None:
    found = gathered(
        {"people/kari.yaml": "role: Rådgiver\n"},
        "languages: [nb, en]\nchannels:\n- {kind: youtube, url: 'https://y.no', responsible: Rådgiver, purpose: {nb: Film, en: Films}}\n",
    )
    (channel,) = found.site.channels("en")
    assert (channel.name, channel.purpose) == ("YouTube", "Films")
    assert channel.responsible is not None
    assert channel.responsible.id == "kari"


def test_data_files_are_read_by_name_and_folder(make_folder: Make) -> None:
    folder = make_folder(
        {
            "data/valg.yaml": "land: no\ntall: 3\ntid: 12:30\n",
            "data/skoler/elever.csv": "\ufeffskole;elever\nÅsen;120\n",
            "data/x.json": '{"a": [1, null]}',
        }
    )
    data, found = read_data(folder, find_files(folder).data)
    assert not found
    assert data == {
        "valg": {"land": "no", "tall": 3, "tid": "12:30"},
        "skoler": {"elever": [{"skole": "Åsen", "elever": "120"}]},
        "x": {"a": [1, None]},
    }


@pytest.mark.parametrize(
    ("files", "code", "path"),
    [
        ({"data/x.json": "{"}, "KB023", "data/x.json"),
        ({"data/x.json": "[" * 100_000}, "KB023", "data/x.json"),
        ({"data/x.json": "9" * 5000}, "KB023", "data/x.json"),
        ({"data/x.json": '"\\ud800"'}, "KB023", "data/x.json"),
        ({"data/x.csv": 'a,b\n"' + "x" * 200_000 + '"\n'}, "KB023", "data/x.csv"),
        ({"data/x.yaml": "a: [\n"}, "KB003", "data/x.yaml"),
        ({"data/x.yaml": b"a: \xff\n"}, "KB001", "data/x.yaml"),
        ({"data/x.json": "[1]", "data/x/y.json": "2"}, "KB023", "data/x/y.json"),
        ({"data/x.json": "[1]", "data/x-y.json": "0", "data/x/y.json": "2"}, "KB023", "data/x/y.json"),
        ({"data/x.json": "[1]", "data/x.yaml": "a: b"}, "KB023", "data/x.yaml"),
    ],
)
def test_a_broken_data_file_is_a_problem(
    make_folder: Make, files: dict[str, str], code: str, path: str
) -> None:
    folder = make_folder(files)
    _, found = read_data(folder, find_files(folder).data)
    assert [(problem.code, problem.path) for problem in found] == [(code, path)]
