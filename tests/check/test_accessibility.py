"""Barriers in small pages: what is found, and above all what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from kommunebeta.check.accessibility import found_in, without_personal_data
from kommunebeta.check.accessibility.aria import is_valid
from kommunebeta.check.accessibility.aria_tables import ATTRIBUTES
from kommunebeta.check.accessibility.document import is_language
from kommunebeta.check.accessibility.forms import is_autocomplete
from kommunebeta.check.accessibility.tree import Tree
from kommunebeta.check.finding import Fault
from kommunebeta.check.page import Page
from kommunebeta.errors import Severity

HEAD = '<!doctype html><html lang="nb"><head><title>Turer</title></head>'


def tree_of(body: str, head: str = HEAD) -> Tree:
    """The accessibility tree of a page."""
    return Tree(Page("tur/index.html", f"{head}<body>{body}</body></html>".encode()))


def faults_of(body: str, head: str = HEAD) -> list[Fault]:
    """What is found in a page."""
    return list(found_in(tree_of(body, head)))


def codes_of(content: str) -> list[str]:
    """The codes of what is found in a page with some content under its heading."""
    return [fault.code for fault in faults_of(f"<main><h1>Turer</h1>{content}</main>")]


def name_of(content: str) -> str:
    """The accessible name of the first element with the class ``x``."""
    tree = tree_of(content)
    return tree.name(next(e for e in tree.page.elements if e.get("class") == "x"))


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ('<a class=x href="/">Les <b>pla</b>nen</a>', "Les planen"),
        ('<a class=x href="/"><img src=a alt="Kart"> over byen</a>', "Kart over byen"),
        ('<a class=x href="/"><svg><title>Meny</title><path/></svg></a>', "Meny"),
        ('<a class=x href="/"><svg aria-hidden=true><title>Pil</title></svg>Neste</a>', "Neste"),
        ('<a class=x href="/"><span hidden>Ikke</span>Planen</a>', "Planen"),
        ('<a class=x href="/"><div>Den</div><div>andre</div></a>', "Den andre"),
        ('<a class=x href="/" title="Planen"></a>', "Planen"),
        ('<button class=x aria-label="Lukk">×</button>', "Lukk"),
        ('<button class=x aria-label="  ">Lukk</button>', "Lukk"),
        (
            "<button class=x aria-labelledby='a b'>×</button><i id=a>Lukk</i> <i id=b hidden>menyen</i>",
            "Lukk menyen",
        ),
        (
            "<h2 id=h>Plan <button class=x id=k aria-labelledby='k h' aria-label=Rediger></button></h2>",
            "Rediger Plan Rediger",
        ),
        ("<input class=x type=submit>", "Submit"),
        ("<input class=x type=button value=Send>", "Send"),
        ("<label>Navn <input class=x></label>", "Navn"),
        ("<label for=n>Navn</label><input class=x id=n>", "Navn"),
        ("<label for=n>Antall</label><select class=x id=n><option>En</option></select>", "Antall"),
        ("<fieldset class=x><legend>Om deg</legend><input></fieldset>", "Om deg"),
        ("<table class=x><caption>Turer</caption></table>", "Turer"),
        ("<figure class=x><img src=a alt=b><figcaption>Elva</figcaption></figure>", "Elva"),
        ("<p class=x>Ikke et navn</p>", ""),
        ("<button class=x>Send <script>let a</script></button>", "Send"),
    ],
)
def test_names_are_those_that_browsers_tell(content: str, name: str) -> None:
    assert name_of(content) == name


def test_elements_that_name_each_other_end() -> None:
    name = "aria-labelledby"
    assert name_of(f"<p class=x role=button id=a {name}=b>En</p><p role=button id=b {name}=a>To</p>") == "To"


def test_a_page_may_be_nested_as_deep_as_it_likes() -> None:
    deep = "<span>" * 3000
    assert codes_of(f'<p><a href="/">{deep}Planen</a></p>') == []


@pytest.mark.parametrize("code", ["nb", "nn-NO", "se", "sma", "en-GB", "zh-Hant-TW", "de-CH-1996", "x-egen"])
def test_languages_that_there_are(code: str) -> None:
    assert is_language(code)


@pytest.mark.parametrize("code", ["norsk", "xx", "nb_NO", "n", "nb-", "", "samisk", "en GB"])
def test_languages_that_there_are_not(code: str) -> None:
    assert not is_language(code)


@pytest.mark.parametrize(
    "value",
    [
        "name",
        "off",
        "",
        "home email",
        "section-a shipping street-address",
        "tel webauthn",
        "NAME",
        "bday-day",
    ],
)
def test_autocomplete_that_browsers_know(value: str) -> None:
    assert is_autocomplete(value)


@pytest.mark.parametrize("value", ["navn", "home name", "name email", "email home", "section-a", "work off"])
def test_autocomplete_that_browsers_do_not_know(value: str) -> None:
    assert not is_autocomplete(value)


@pytest.mark.parametrize(
    ("name", "value", "right"),
    [
        ("aria-expanded", "true", True),
        ("aria-expanded", "ja", False),
        ("aria-hidden", "", True),
        ("aria-relevant", "additions text", True),
        ("aria-relevant", "additions tekst", False),
        ("aria-level", "2", True),
        ("aria-level", "0", False),
        ("aria-level", "to", False),
        ("aria-valuenow", "-2.5", True),
        ("aria-valuenow", "2,5", False),
        ("aria-label", "hva som helst", True),
    ],
)
def test_values_of_aria(name: str, value: str, right: bool) -> None:
    assert is_valid(ATTRIBUTES[name], value) is right


@pytest.mark.parametrize(
    "content",
    [
        # pictures
        '<img src="/a.jpg" alt="">',
        '<img src="/a.jpg" alt="Ordføreren åpner brua">',
        '<img src="/a.jpg" role="presentation">',
        '<div aria-hidden="true"><img src="/a.jpg"></div>',
        '<p hidden><img src="/a.jpg"><a href="/"></a></p>',
        '<svg><path d="M0 0"/></svg>',
        '<img src="/a.jpg" alt="Bilde 12: dscn er ikke et filnavn her">',
        # forms
        '<label>Navn <input name="navn"></label>',
        '<input type="hidden" name="t">',
        '<input name="q" aria-label="Søk" placeholder="Søk">',
        '<div role="radiogroup" aria-label="Svar"><label><input type=radio name=a> Ja</label><label><input type=radio name=a> Nei</label></div>',
        '<label><input type="radio" name="en"> Alene</label>',
        '<label>E-post <input type="email" name="mottaker"></label>',
        '<label>E-post <input type="email" name="epost" autocomplete="off"></label>',
        # controls
        '<p><a id="gammelt-anker"></a>Tekst</p>',
        '<a href="/a"><img src="/k.png" alt="Kart"></a>',
        '<button type="button" aria-label="Lukk menyen">Lukk</button>',
        '<a href="/" aria-label="Neste side">→</a>',
        "<details><summary>Mer</summary>Tekst</details>",
        '<dialog><button type="button"></button></dialog>',
        # link texts
        '<p>Se <a href="/plan/" aria-label="Les mer om planen">les mer</a></p>',
        '<p>Se <a href="/plan/">her<span> finner du planen</span></a></p>',
        '<p lang="en">The <a href="/her/">her</a> and him</p>',
        '<ul><li><a href="/2025/mai/">mai</a></li><li><a href="/2026/mai/">mai</a></li></ul>',
        '<p>Se <a href="/plan/">planen</a> og <a href="/plan/#kart">planen</a></p>',
        # tables
        "<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>",
        '<table role="presentation"><tr><td>A</td><td>B</td></tr><tr><td>1</td><td>2</td></tr></table>',
        "<table><tr><td>Bare en rad</td><td>2</td></tr></table>",
        "<table><tr><th id=a>A</th><th>B</th></tr><tr><td headers=a>1</td><td>2</td></tr></table>",
        # aria
        '<nav aria-label="Sider"><a href="/2/" aria-current="page">2</a></nav>',
        '<button type="button" aria-expanded="false" aria-controls="kommer">Vis</button>',
        '<div role="doc-tip note">Tips</div>',
        '<div role="ukjent note">Tips</div>',
        '<ul role="list"><li>En</li></ul>',
        '<ul role="tablist"><li role="presentation"><a href="#a" role="tab" aria-selected="true">En</a></li></ul><p id="a">A</p>',
        '<min-knapp aria-label="Kart" aria-pressed="true"></min-knapp>',
        '<div role="list" aria-busy="true">Laster …</div>',
        '<header aria-label="Om posten">Av oss</header>',
        '<div role="separator"></div>',
        # lists
        "<ul><li>En<ul><li>To</li></ul></li></ul>",
        "<ul><script>1</script><li>En</li><template><p>x</p></template></ul>",
        "<dl><div><dt>A</dt><dd>1</dd></div><dt>B</dt><dd>2</dd><dd>3</dd></dl>",
        "<menu><li>En</li></menu>",
        # media
        '<video src="/a.mp4" muted autoplay loop playsinline hidden></video>',
        '<video src="/a.mp4" controls><track kind="captions" src="/a.vtt"></video>',
        '<audio src="/a.mp3" controls></audio><p><a href="/a.txt">Les transkripsjonen</a></p>',
        # focus
        '<div tabindex="-1">Mål</div><div tabindex="0" role="group" aria-label="Tabell">T</div>',
        '<div aria-hidden="true"><a href="/" tabindex="-1">Igjen</a></div>',
        '<button type="button"><svg focusable="false" aria-hidden="true"></svg> Lukk</button>',
        # landmarks
        '<nav aria-label="En"><a href="/a">A</a></nav><nav aria-label="To"><a href="/b">B</a></nav>',
        "<article><header>Av oss</header><footer>Slutt</footer></article>",
        "<section><h2>A</h2></section><section><h2>B</h2></section>",
        # bold and capitals
        "<p><strong>Husk møtet på torsdag.</strong></p><p>Vi ses.</p>",
        "<p><strong>Ring</strong> oss i dag</p><p>Vi ses.</p>",
        "<p><strong>Siste linje</strong></p>",
        "<p>NAV, NRK og KS møtes</p>",
        "<p>NAV NRK KS DSB</p>",
    ],
)
def test_nothing_is_found_where_nothing_is_wrong(content: str) -> None:
    assert codes_of(content) == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('<a href="/"><img src="/a.jpg" alt=""></a>', "KB125"),
        ('<a href="/" aria-labelledby="nei"></a>', "KB125"),
        ('<p>Se <a href="/plan/">Her.</a></p>', "KB126"),
        ('<p>Se <a href="/plan/">les mer »</a></p>', "KB126"),
        ('<p lang="en">See <a href="/plan/">here</a></p>', "KB126"),
        ('<p lang="se"><a href="/plan/">Loga eanet</a></p>', "KB126"),
        ('<p lang="nn">Sjå <a href="/plan/">les meir</a></p>', "KB126"),
        ('<img src="/a.jpg" alt="DSC_0042">', "KB123"),
        ('<img src="/a.jpg" alt="bilde-av-brua.jpeg">', "KB123"),
        ("<h2><img src='/a.jpg' alt=''></h2>", "KB122"),
        ("<h3>For dypt</h3>", "KB122"),
        ('<p role="heading" aria-level="4">For dypt</p>', "KB122"),
        ('<div role="slider" tabindex="0" aria-label="Lyd"></div>', "KB130"),
        ('<div role="tab" tabindex="0">Alene</div>', "KB130"),
        ('<svg role="img" aria-label=""><path/></svg>', "KB123"),
        ("<blockquote><audio src='/a.mp3'></audio></blockquote>", "KB136"),
        ('<video src="/a.mp4" autoplay muted><track kind="captions" src="/a.vtt"></video>', "KB133"),
        ("<p><strong>Slik gjør du</strong></p><p>Ring oss.</p>", "KB137"),
        ("<p>MØTET ER FLYTTET TIL TORSDAG KLOKKA SEKS</p>", "KB137"),
        ('<iframe src="/kart/" title=" "></iframe>', "KB128"),
        (
            '<div role="radiogroup"><label><input type=radio name=a> Ja</label><label><input type=radio name=a> Nei</label></div>',
            "KB124",
        ),
        ('<input aria-labelledby="borte" name="navn">', "KB124"),
    ],
)
def test_what_is_wrong_is_found(content: str, code: str) -> None:
    assert code in codes_of(content)


def test_a_page_without_headings_and_landmarks_has_no_main_part() -> None:
    """Where axe-core's rule «bypass» finds something."""
    assert {fault.code for fault in faults_of('<p><a href="/a">A</a></p>')} == {"KB122", "KB135"}


def test_a_menu_of_many_links_wants_a_link_past_it() -> None:
    menu = "<nav>" + "".join(f'<a href="/{number}/">Side {number}</a>' for number in range(6)) + "</nav>"
    main = '<main id="m"><h1>Turer</h1></main>'
    assert [fault.code for fault in faults_of(menu + main)] == ["KB135"]
    assert faults_of('<a href="#m">Til innholdet</a>' + menu + main) == []
    assert faults_of(main + menu.replace("nav>", "footer>")) == []


def test_text_directly_in_the_body_stands_outside_every_landmark() -> None:
    found = faults_of("Hei <main><h1>Turer</h1></main>")
    assert [fault.severity for fault in found] == [Severity.NOTE]


def test_a_file_that_proves_who_owns_the_site_is_no_page() -> None:
    page = Page("google123.html", b"google-site-verification: google123.html")
    assert list(found_in(Tree(page))) == []


def test_an_id_that_a_label_names_must_not_be_used_twice() -> None:
    twice = "<label for=n>Navn</label><input id=n><p id=n>Tekst</p>"
    (found,) = faults_of(f"<main><h1>Turer</h1>{twice}</main>")
    assert (found.code, found.severity) == ("KB129", Severity.ERROR)


def test_a_file_in_static_is_told_of_at_the_element_itself(tmp_path: Path) -> None:
    html = f"{HEAD}<body><main><h1>A</h1><img src=a alt=x>\n<img src=a></main></body></html>"
    (found,) = found_in(Tree(Page("a.html", html.encode()), is_own_source=True))
    assert found.clue is not None
    assert (found.clue.texts, found.clue.nth) == (("<img",), 2)


@pytest.mark.parametrize(
    "content",
    [
        '<div class="contribution-text"><p>DERE MÅ HØRE PÅ OSS NÅ</p></div>',
        '<div class="contribution-text"><p><strong>Mitt råd</strong></p><p>Bygg den.</p></div>',
        '<p>Se <a href="https://avis.example/" rel="nofollow ugc">her</a></p>',
    ],
)
def test_nobody_is_asked_to_mend_the_words_of_citizens(content: str) -> None:
    assert codes_of(content) == []


def test_messages_repeat_no_addresses_and_numbers_of_people() -> None:
    assert without_personal_data("«RING OLA PÅ TELEFON 41 23 45 67»") == "«RING OLA PÅ TELEFON …»"
    assert without_personal_data("The link «ola@hjemme.example»") == "The link «…»"


@pytest.mark.parametrize("value", ["²", "٣", "9" * 5000, "-", "1.5", ""])
def test_numbers_that_are_none_break_nothing(value: str) -> None:
    content = f'<p tabindex="{value}" role="heading" aria-level="{value}">Tur</p><select size="{value}" aria-label="Tur"></select>'
    assert set(codes_of(content)) <= {"KB122", "KB130"}


def test_a_heading_is_named_without_the_link_to_itself() -> None:
    anchor = '<a href="#for-dypt" aria-label="Lenke til «For dypt»">#</a>'
    found = faults_of(f'<main><h1>Tur</h1><h4 id="for-dypt">For <em>dypt</em> {anchor}</h4></main>')
    assert [fault.message for fault in found if fault.code == "KB122"] == [
        "The heading «For dypt» is of level 4, but the one before it of level 1."
    ]
