"""Links, files, feeds and redirects: what is told, and above all what is not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from kommunebeta.check.addresses import AddressBook, Way
from kommunebeta.check.checks import CHECKS
from kommunebeta.check.examine import Task, examine, is_examined
from kommunebeta.check.finding import Fault, Group
from kommunebeta.check.page import Page
from kommunebeta.check.redirectrules import RedirectRules, read_redirects
from kommunebeta.check.references import candidates, css_addresses, references
from kommunebeta.check.state import Surroundings, Whole
from kommunebeta.config import Settings

OUTPUTS = frozenset(
    "index.html plan/index.html plan/kart.jpg 2026/05/hall/index.html om.html tegn.svg a b.pdf blåbær/index.html "
    "Rapport.pdf feed.xml x/y/index.html".replace("a b.pdf", "a%b.pdf").split()
) | {"a b.pdf"}


def settings(base_url: str = "https://beta.prove.example/") -> Settings:
    return Settings(name="Prøve", municipality="Prøve kommune", base_url=base_url)


def whole_of(
    folder: Path, files: Mapping[str, str | bytes], base_url: str = "https://beta.prove.example/"
) -> Whole:
    """A site of these outputs, every one of which was examined for links."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content if isinstance(content, bytes) else content.encode())
    rules = tuple(read_redirects(str(files.get("_redirects", ""))))
    now = dt.datetime(2026, 1, 15, tzinfo=dt.UTC)
    around = Surroundings(folder, settings(base_url), frozenset(files), {}, rules, now)
    task = Task(around, (Group.LINKS,))
    reports = {path: examine(task, path).report for path in files if is_examined(path)}
    nothing = cast(Any, SimpleNamespace())
    return Whole(folder, around, nothing, nothing, reports)


def faults(whole: Whole) -> list[Fault]:
    """What is found, in the order in which it is told."""
    seen = [fault for report in whole.reports.values() for fault in report.faults]
    return seen + [fault for look in CHECKS[Group.LINKS].site for fault in look(whole)]


def told(whole: Whole) -> list[str]:
    return [f"{fault.code} {fault.message} {fault.mend}".strip() for fault in faults(whole)]


def page(body: str, head: str = "") -> str:
    return f'<!doctype html><html lang="nb"><head>{head}</head><body><main>{body}</main></body></html>'


BOOK = AddressBook("https://beta.prove.example/", OUTPUTS)


def test_a_place_after_white_space_is_sought_in_the_page_that_names_it(tmp_path: Path) -> None:
    link = '<p><a href=" #her">Her</a></p>'
    site = whole_of(
        tmp_path, {"a.html": page(f'<h1 id="her">A</h1>{link}'), "b.html": page(f"<h1>B</h1>{link}")}
    )
    assert told(site) == ["KB101 There is no place «#her» in /b.html."]


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("/", "index.html"),
        ("", "x/y/index.html"),
        ("?side=2", "x/y/index.html"),
        ("/plan/", "plan/index.html"),
        ("/plan/?a=/b#c", "plan/index.html"),
        ("../../plan/./kart.jpg", "plan/kart.jpg"),
        ("../../../../../plan/", "plan/index.html"),
        ("/bl%C3%A5b%C3%A6r/", "blåbær/index.html"),
        ("/blåbær/", "blåbær/index.html"),
        (" /plan/\n", "plan/index.html"),
        ("/pl\nan/", "plan/index.html"),
        ("/a b.pdf", "a b.pdf"),
        ("/a%20b.pdf", "a b.pdf"),
        ("/a%25b.pdf", "a%b.pdf"),
        ("https://beta.prove.example", "index.html"),
        ("https://BETA.prove.example:443/plan/", "plan/index.html"),
        ("//beta.prove.example/plan/", "plan/index.html"),
        ("\\plan\\kart.jpg", "plan/kart.jpg"),
    ],
)
def test_an_address_of_the_site_leads_to_an_output(address: str, target: str) -> None:
    found = BOOK.lead(address, "x/y/index.html")
    assert (found.way, found.target) == (Way.OUTPUT, target)


@pytest.mark.parametrize(
    ("address", "mend"),
    [
        ("/borte/", ""),
        ("/plan/kart.jpg/", "Did you mean /plan/kart.jpg?"),
        ("/rapport.pdf", "Mind upper and lower case: /Rapport.pdf."),
        ("/2025/05/hall/", "Did you mean /2026/05/hall/?"),
        ("/hall/", "Did you mean /2026/05/hall/?"),
        ("/plann/", "Did you mean /plan/?"),
        ("www.prove.example/side", "Did you mean https://www.prove.example/side?"),
        ("prove.kommune.no/", "Did you mean https://prove.kommune.no/?"),
        ("www.prove.no:8080/x", "Did you mean https://www.prove.no:8080/x?"),
        ("https//prove.example/x", "Did you mean https://prove.example/x?"),
        ("https:/prove.example/x", "Did you mean https://prove.example/x?"),
        ("https:///prove.example/x", "Did you mean https://prove.example/x?"),
        ("htps://prove.example/x", "Did you mean https://prove.example/x?"),
        ("hhtp://prove.example/x", "Did you mean http://prove.example/x?"),
        ("tlf:12345678", "Did you mean tel:12345678?"),
        ("http://", "Write it as https://www.example.no/side/."),
        ("http://[", "Write it as https://www.example.no/side/."),
        ("http://x:port/", "Write it as https://www.example.no/side/."),
        ("https://prøve kommune.example/", "Write it as https://www.example.no/side/."),
        ("https://www,prove.example/", "Write it as https://www.example.no/side/."),
        ("https://www..example/", "Write it as https://www.example.no/side/."),
        ("http://localhost:8000/plan/", ""),
        ("http://127.0.0.1/", ""),
        ("localhost:8000/plan/", ""),
        ("file:///C:/Users/plan.docx", "Put the file beside the text or in static/, and link to it there."),
        ("C:\\plan.docx", "Put the file beside the text or in static/, and link to it there."),
        ("\\\\server\\plan.docx", "Put the file beside the text or in static/, and link to it there."),
        ("mailto:postmottak", ""),
        ("tel:", ""),
    ],
)
def test_an_address_that_leads_nowhere_is_told_with_the_one_that_was_meant(address: str, mend: str) -> None:
    found = BOOK.lead(address, "x/y/index.html")
    assert (found.way, found.mend) == (Way.BROKEN, mend)


@pytest.mark.parametrize(
    "address",
    [
        "mailto:post@prove.example",
        "mailto:a@x.example,b@x.example?subject=Hei",
        "mailto:?subject=Les dette",
        "tel:+4700000000",
        "sms:2097",
        "data:image/png;base64,AAAA",
        "javascript:void(0)",
        "webcal://beta.prove.example/frister.ics",
        "whatsapp://send?text=x",
        "geo:59.9,10.7",
        "minapp:side",
    ],
)
def test_what_is_no_page_is_left_alone(address: str) -> None:
    assert BOOK.lead(address, "index.html").way is Way.OTHER


@pytest.mark.parametrize(
    "address",
    [
        "https://andre.example/x",
        "http://andre.example",
        "//andre.example/x",
        "https://[2001:db8::1]/",
        "https://blåbær.example/",
    ],
)
def test_other_sites_are_elsewhere(address: str) -> None:
    assert BOOK.lead(address, "index.html").way is Way.ELSEWHERE


@pytest.mark.parametrize(
    "letters", ["http", "//", "\\", ":", "%", "[", "#", "?", "\0", "\ud800", "@", "å", " "]
)
def test_no_address_makes_the_reading_of_addresses_fail(letters: str) -> None:
    for address in (
        letters,
        letters * 3,
        f"/{letters}",
        f"{letters}/x",
        f"https://{letters}/x",
        f"//{letters}:{letters}",
    ):
        assert BOOK.lead(address, "x/y/index.html").way in Way


def test_a_site_in_a_folder_of_its_host_knows_its_own_addresses() -> None:
    book = AddressBook("https://prove.example/beta/", OUTPUTS)
    assert book.lead("/beta/plan/", "index.html").target == "plan/index.html"
    assert book.lead("/beta", "index.html").target == "index.html"
    assert book.lead("../plan/", "om/index.html").target == "plan/index.html"
    assert book.lead("https://prove.example/beta/plan/", "index.html").target == "plan/index.html"
    forgotten = book.lead("/plan/", "index.html")
    assert (forgotten.way, forgotten.mend) == (Way.BROKEN, "Write /beta/plan/: the site lives in /beta/.")
    assert book.lead("/beta/borte/", "index.html").way is Way.BROKEN
    assert book.lead("/resten-av-kommunen/", "index.html").way is Way.ELSEWHERE
    assert book.lead("https://prove.example/", "index.html").way is Way.ELSEWHERE
    assert book.lead("/betaling/", "index.html").way is Way.ELSEWHERE


@pytest.mark.parametrize(
    ("address", "reason", "mend"),
    [
        ("/plan", "lacks the slash at its end", "Write /plan/."),
        ("/om", "lacks the ending .html", "Write /om.html."),
        ("/plan/index.html", "names index.html", "Write /plan/."),
        (
            "http://beta.prove.example/plan/",
            "asks for the site without encryption",
            "Write https: instead of http:.",
        ),
    ],
)
def test_an_address_that_leans_on_the_host_is_told(address: str, reason: str, mend: str) -> None:
    found = BOOK.lead(address, "index.html")
    assert (found.way, found.reason, found.mend) == (Way.LEANING, reason, mend)


def test_the_rules_of_a_host_are_read_as_hosts_read_them() -> None:
    text = (
        "# Gamle adresser\n/gammel /ny/ 301\n/blad/* /arkiv/:splat\n/a id=:id /b/:id 302! Country=no\n"
        "/app/* /index.html 200\n/borte /404.html 404\n/halv\n/sak/:nr /saker/ 301 # merknad\n"
    )
    rules = list(read_redirects(text))
    assert [(rule.old, rule.new, rule.status, rule.line) for rule in rules] == [
        ("/gammel", "/ny/", 301, 2),
        ("/blad/*", "/arkiv/:splat", 301, 3),
        ("/a", "/b/:id", 302, 4),
        ("/app/*", "/index.html", 200, 5),
        ("/borte", "/404.html", 404, 6),
        ("/sak/:nr", "/saker/", 301, 8),
    ]
    known = RedirectRules(rules)
    for path, line in {"/gammel/": 2, "/blad/1/2": 3, "/a": 4, "/app/x": 5, "/sak/7": 8}.items():
        assert (rule := known.find(path)) is not None
        assert rule.line == line
    assert known.find("/borte") is None
    assert known.find("/sak/7/8") is None
    assert known.find("/gammel", forced=True) is None


def test_every_kind_of_broken_reference_is_told_once(tmp_path: Path) -> None:
    head = (
        '<link rel="stylesheet" href="/a.css"><link rel="icon" href="/b.png"><link rel="manifest" href="/c.webmanifest">'
        '<link rel="preload" href="/d.woff2" as="font"><link rel="modulepreload" href="/e.js"><script src="/f.js"></script>'
        '<meta property="og:image" content="https://beta.prove.example/g.png">'
        '<link rel="canonical" href="https://beta.prove.example/h/"><link rel="next" href="/i/">'
        '<link rel="alternate" type="application/atom+xml" href="/j.xml"><link rel="alternate" hreflang="nn" href="/k/">'
    )
    body = (
        '<a href="/l/">x</a><map name="m"><area href="/m/" alt="x"></map><img src="n.jpg" srcset="o.jpg 1x, p.jpg 2x" alt="">'
        '<picture><source srcset="q.webp"></picture><video src="r.mp4" poster="s.jpg"><track src="t.vtt"></video>'
        '<audio><source src="u.mp3"></audio><iframe src="/v/" title="x"></iframe><embed src="w.pdf">'
        '<object data="x.pdf"></object><input type="image" src="y.png" alt="x"><svg><use href="/z.svg#a"/></svg>'
        '<form action="/å/"><button>x</button></form><style>p { background: url("ø.png") }</style><img src="" alt="">'
    )
    found = told(whole_of(tmp_path, {"index.html": page(body, head)}))
    words = [line.split(" ", 1) for line in found]
    assert [code for code, _ in words].count("KB100") == 3
    assert [code for code, _ in words].count("KB103") == 4
    assert [code for code, _ in words].count("KB102") == 22
    assert len(found) == len(set(found)) == 29


def test_what_is_there_is_not_told(tmp_path: Path) -> None:
    body = (
        '<h2 id="på-plass">x</h2><a name="gammelt"></a><a href="#p%C3%A5-plass">x</a><a href="#på-plass">x</a>'
        '<a href="#gammelt">x</a><a href="#">x</a><a href="#top">x</a><a href="#TOP">x</a><a href="#:~:text=plass">x</a>'
        '<a href="/#p%C3%A5-plass:~:text=x">x</a><a href="b.pdf#page=3">x</a><a href="#/filter">x</a><a href="#!a">x</a>'
        '<a>x</a><a href="">x</a><img src="data:image/gif;base64,R0" alt=""><iframe srcdoc="x" src="/nei/"></iframe>'
        '<form method="post" action="/innspill"><button formaction="/ta-imot">x</button></form>'
        '<svg><use href="#tegn"/><g id="tegn"/></svg><svg><use href="tegn.svg#pil"/></svg><a href="/to/#%C3%A5">x</a>'
    )
    files = {
        "index.html": page(body),
        "b.pdf": b"%PDF",
        "tegn.svg": '<svg><path id="pil"/></svg>',
        "to/index.html": page('<p id="å">'),
    }
    assert told(whole_of(tmp_path, files)) == []


def test_places_that_are_not_there_are_told(tmp_path: Path) -> None:
    body = (
        '<a href="#borte">x</a><a href="to/#borte">x</a><a href="https://beta.prove.example/to/#borte">x</a>'
        '<svg><use href="tegn.svg#borte"/><use href="#borte"/></svg>'
    )
    files = {"index.html": page(body), "tegn.svg": '<svg><path id="pil"/></svg>', "to/index.html": page("")}
    whole = whole_of(tmp_path, files)
    assert [(fault.code, fault.message) for fault in faults(whole)] == [
        ("KB101", "There is no place «#borte» in /."),
        ("KB101", "There is no place «#borte» in /to/."),
        ("KB101", "There is no place «#borte» in /to/."),
        ("KB101", "There is no place «#borte» in /tegn.svg."),
        ("KB101", "There is no place «#borte» in /."),
    ]


def test_a_message_holds_no_address_of_a_person_and_no_query(tmp_path: Path) -> None:
    body = '<a href="mailto:ola.nordmann">x</a><a href="/borte/?navn=Ola">y</a>'
    assert told(whole_of(tmp_path, {"index.html": page(body)})) == [
        "KB100 The link «mailto:…» holds no e-mail address with @.",
        "KB100 The link to /borte/?… leads nowhere.",
    ]


def test_a_base_element_moves_where_addresses_begin(tmp_path: Path) -> None:
    files = {
        "x/index.html": page('<a href="b/">x</a><a href="#her">x</a>', '<base href="/a/">'),
        "a/index.html": page('<p id="her">'),
        "a/b/index.html": page(""),
    }
    assert told(whole_of(tmp_path, files)) == []


def test_what_is_asked_for_without_encryption_is_told_on_encrypted_sites_alone(tmp_path: Path) -> None:
    body = (
        '<a href="http://andre.example/">x</a><img src="http://andre.example/a.jpg" alt="">'
        '<form method="post" action="http://andre.example/skjema"></form>'
    )
    files = {"index.html": page(body), "a.css": "p { background: url(http://andre.example/b.png) }"}
    assert [line.split()[0] for line in told(whole_of(tmp_path, files))] == ["KB106"] * 3
    assert told(whole_of(tmp_path, files, "http://beta.prove.example/")) == []


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "feed.xml",
            '<feed xmlns="http://www.w3.org/2005/Atom"><link rel="self" href="/feed.xml"/><icon>/i.png</icon><entry>'
            '<link href="https://beta.prove.example/borte/"/><author><uri>/folk/</uri></author><id>/nei/</id>'
            '<content type="html">&lt;a href="/nei/"></content></entry></feed>',
            ["/i.png", "https://beta.prove.example/borte/", "/folk/"],
        ),
        (
            "rss.xml",
            '<rss><channel><link>https://beta.prove.example/</link><item><link>/a/</link><guid>https://beta.prove.example/b/'
            '</guid><guid isPermaLink="false">/nei/</guid><enclosure url="/c.mp3"/><description><![CDATA[<link>/nei/</link>'
            "]]></description></item></channel></rss>",
            ["/a/", "https://beta.prove.example/b/", "/c.mp3"],
        ),
        (
            "feed.json",
            '{"version": "https://jsonfeed.org/version/1.1", "home_page_url": "https://beta.prove.example/", "items": [{"url":'
            ' "/a/", "id": "/nei/", "content_html": "<a href=/nei/>", "external_url": "/nei/", "attachments": [{"url": "/b.mp3"}]}]}',
            ["/a/", "/b.mp3"],
        ),
        (
            "sitemap.xml",
            '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://beta.prove.example/</loc></url><url>'
            "<loc>https://beta.prove.example/a&amp;b/</loc></url></urlset>",
            ["https://beta.prove.example/a&b/"],
        ),
        ("robots.txt", "User-agent: *\nDisallow: /x/\nSitemap: https://beta.prove.example/kart.xml\n", ["https://beta.prove.example/kart.xml"]),
        (
            "frister.ics",
            "BEGIN:VEVENT\r\nURL:https://beta.prove.example/a-lang-\r\n adresse/\r\nURL;VALUE=URI:https://beta.prove.example/\r\n"
            "DESCRIPTION:Se https://beta.prove.example/nei/\r\nEND:VEVENT\r\n",
            ["https://beta.prove.example/a-lang-adresse/"],
        ),
        ("x.css", "/* url(nei.png) */ @import 'a.css'; p { background: url( \"b.png\" ), url(#nei), url(data:x) }", ["a.css", "b.png"]),
        ("app.webmanifest", '{"start_url": "/a/", "icons": [{"src": "/b.png"}, 7], "shortcuts": [{"url": "/c/"}]}', ["/a/", "/b.png", "/c/"]),
        ("t.svg", '<svg><image href="a.png"/><use xlink:href="b.svg#x"/></svg>', ["a.png", "b.svg#x"]),
        ("annet.xml", "<liste><link>/nei/</link></liste>", []),
        ("data.json", '{"url": "/nei/"}', []),
        ("halv.xml", "<liste><", []),
    ],
)  # fmt: skip
def test_addresses_in_files_for_programs_are_followed(
    tmp_path: Path, name: str, text: str, said: list[str]
) -> None:
    found = faults(whole_of(tmp_path, {"index.html": page(""), name: text}))
    assert [fault.clue.texts[0] for fault in found if fault.clue] == said
    assert {fault.code for fault in found} <= {"KB102" if name[-3:] in ("css", "est", "svg") else "KB103"}


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("feed.xml", '<feed xmlns="http://www.w3.org/2005/Atom">\n<title>A & B</title></feed>', 2),
        ("feed.json", '{"version": "https://jsonfeed.org/version/1.1",\n"items": [,]}', 2),
        ("app.webmanifest", "{", 1),
    ],
)
def test_a_feed_that_programs_cannot_read_is_told_with_its_line(
    tmp_path: Path, name: str, text: str, line: int
) -> None:
    (fault,) = faults(whole_of(tmp_path, {name: text}))
    assert (fault.code, fault.line) == ("KB103", line)


def test_a_sitemap_lists_no_page_that_leads_on_or_hides(tmp_path: Path) -> None:
    site = "https://beta.prove.example"
    refresh = '<meta http-equiv="refresh" content="0; url=/">'
    files = {
        "index.html": page(""),
        "gammel/index.html": page("", refresh),
        "skjult/index.html": page("", '<meta name="robots" content="NOINDEX, follow">'),
        "sitemap.xml": f"<urlset>{''.join(f'<url><loc>{site}/{name}</loc></url>' for name in ('', 'gammel/', 'skjult/', 'hall'))}</urlset>",
        "hall/index.html": page(""),
    }
    assert told(whole_of(tmp_path, files)) == [
        f"KB103 The address {site}/hall in /sitemap.xml lacks the slash at its end. Write /hall/.",
        f"KB103 The page {site}/gammel/, which /sitemap.xml lists, leads on to /. Take it out of the sitemap, or mend the page.",
        f"KB103 The page {site}/skjult/, which /sitemap.xml lists, asks search engines to leave it out. Take it out of the sitemap, or mend the page.",
    ]


def test_pages_in_two_languages_name_each_other_once(tmp_path: Path) -> None:
    def other(lang: str, path: str) -> str:
        return f'<link rel="alternate" hreflang="{lang}" href="https://beta.prove.example{path}">'

    both = other("nb", "/a/") + other("nn", "/nn/a/") + other("x-default", "/a/")
    files = {
        "a/index.html": page("", both),
        "nn/a/index.html": page("", both),
        "b/index.html": page("", other("nn", "/nn/b/")),
        "nn/b/index.html": page(""),
        "c/index.html": page("", other("nn", "/nn/a/") + other("nn", "/nn/b/")),
    }
    found = told(whole_of(tmp_path, files))
    assert len(found) == 4
    assert "The page names two others in the language «nn»." in found[0]
    assert all(" names /nn/" in line and "not named there in turn" in line for line in found[1:])


def lead(address: str) -> str:
    return page("", f'<meta http-equiv="refresh" content="0; url={address}">')


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a/index.html": lead("/b/"), "b/index.html": lead("/a/")}, ["KB104 These old addresses lead in a circle: /a/ → /b/ → /a/."]),
        ({"_redirects": "/a /b\n/b /a/\n"}, ["KB104 These old addresses lead in a circle: /a → /b → /a."]),
        ({"_redirects": "/a /b/\n", "b/index.html": lead("/a")}, ["KB104 These old addresses lead in a circle: /a → /b/ → /a."]),
        ({"a/index.html": lead("./")}, ["KB104 These old addresses lead in a circle: /a/ → /a/."]),
        ({"a/index.html": lead("/borte/")}, ["KB104 The old address /a/ leads to /borte/, which is not there."]),
        ({"_redirects": "/a /borte/ 302\n"}, ["KB104 The old address /a leads to /borte/, which is not there."]),
        (
            {"_redirects": "/a /b/\n", "b/index.html": lead("/")},
            ["KB105 The old address /a takes 2 steps: /a → /b/ → /. Lead /a straight to /."],
        ),
        (
            {"a/index.html": lead("b/"), "a/b/index.html": lead("../c/"), "a/c/index.html": lead("/#x")},
            [
                "KB105 The old address /a/ takes 3 steps: /a/ → /a/b/ → /a/c/ → /#x. Lead /a/ straight to /#x.",
                "KB105 The old address /a/b/ takes 2 steps: /a/b/ → /a/c/ → /#x. Lead /a/b/ straight to /#x.",
            ],
        ),
        ({"_redirects": "/a / 301\n/b https://andre.example/ 302\n/c/* /:splat\n/d /borte/ 404\n/e /api 200\n"}, []),
        ({"_redirects": "/a / 301\n", "a/index.html": lead("/")}, []),
        ({"a/index.html": lead("https://andre.example/")}, []),
    ],
)  # fmt: skip
def test_redirects_arrive_at_once(tmp_path: Path, files: dict[str, str], said: list[str]) -> None:
    assert told(whole_of(tmp_path, {"index.html": page(""), **files})) == said


def test_links_to_old_addresses_are_told_whoever_leads_on(tmp_path: Path) -> None:
    files = {
        "index.html": page(
            '<a href="/gammel">a</a><a href="/side/">b</a><a href="/blad/1/">c</a><a href="/api/x">d</a>'
        ),
        "side/index.html": lead("/ny/"),
        "ny/index.html": page(""),
        "_redirects": "/gammel /ny/\n/blad/* /ny/\n/api/* https://api.example/:splat 200\n",
    }
    assert told(whole_of(tmp_path, files)) == [
        "KB107 The link to /gammel leads to an old address, which leads on to /ny/. Link to /ny/.",
        "KB107 The link to /blad/1/ leads to an old address, which leads on to /ny/.",
        "KB107 The link to /side/ leads to an old address, which leads on to /ny/. Link to /ny/.",
    ]


def test_a_report_tells_others_what_a_page_links_to(tmp_path: Path) -> None:
    body = '<a href="/to/">a</a><a href="/to/#x">a</a><a href="https://andre.example/?q=1#y">b</a><a href="/borte/">c</a>'
    report = whole_of(tmp_path, {"index.html": page(body), "to/index.html": page('<p id="x">')}).reports[
        "index.html"
    ]
    assert report.targets == ("to/index.html",)
    assert [(link.target, link.fragment) for link in report.external] == [("https://andre.example/?q=1", "y")]
    assert [(link.target, link.fragment) for link in report.anchors] == [("to/index.html", "x")]
    assert [link.target for link in report.missing] == ["borte/index.html"]


@pytest.mark.parametrize(
    ("srcset", "addresses"),
    [
        ("a.jpg", ["a.jpg"]),
        ("a.jpg 1x, b.jpg 2x", ["a.jpg", "b.jpg"]),
        ("a,b.jpg 1x,c.jpg 2x", ["a,b.jpg", "c.jpg"]),
        ("a.jpg, b.jpg", ["a.jpg", "b.jpg"]),
        ("data:image/png;base64,AA== 1x, b.jpg 2x", ["data:image/png;base64,AA==", "b.jpg"]),
        (" , ", []),
        ("", []),
    ],
)
def test_a_srcset_is_read_as_browsers_read_it(srcset: str, addresses: list[str]) -> None:
    assert [address for address in candidates(srcset) if address] == addresses


def test_addresses_in_a_style_sheet_have_their_place() -> None:
    text = "@import url(a.css);\np { background: URL('b c.png') }"
    assert [(text[at : at + len(address)], address) for at, address in css_addresses(text)] == [
        ("a.css", "a.css"),
        ("b c.png", "b c.png"),
    ]


def test_links_by_a_are_no_part_of_the_other_references() -> None:
    assert list(references(Page("x.html", b'<a href="/x/">x</a><link rel="me" href="/y/">'))) == []
