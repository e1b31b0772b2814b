"""Personal data in pages, files, addresses, forms and pictures: found, never repeated."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator

import pytest
from PIL import Image

from kommunebeta.check.finding import Fault
from kommunebeta.check.page import Page
from kommunebeta.check.privacy.forms import forms_elsewhere, personal_data_in_addresses
from kommunebeta.check.privacy.personal import personal_data_in_files, personal_data_in_pages
from kommunebeta.check.privacy.pictures import telling_pictures
from kommunebeta.errors import Severity
from tests.check.around import around, page, told

NUMBER = "13048000082"
"""Of a kind that is given to nobody before 2032."""

TEST_PERSON = "13848000048"
PHONE, ADDRESS = "91 23 45 67", "ola.hansen@privat.example"


def found(page: Page, **more: object) -> list[Fault]:
    return list(personal_data_in_pages(page, around(**more)))  # type: ignore[arg-type]  # as around takes them


@pytest.mark.parametrize(
    "markup",
    [
        f"<p>Hun ({NUMBER}) bor her.</p>",
        "<p>Født 13.04.80 00082.</p>",
        "<p>Nummer 130480 00082 er hennes.</p>",
        f"<p title='{NUMBER}'>x</p>",
        f'<p data-x="{NUMBER}">x</p>',
        f"<!-- {NUMBER} -->",
        f"<ul><li>{NUMBER}</li></ul>",
        f'<script type=\'application/ld+json\'>{{"x": "{NUMBER}"}}</script>',
        f"<a href='/x/'>{NUMBER}</a>",
        f"<a href='tel:1'>{NUMBER}</a>",
    ],
)
def test_an_identity_number_is_found_wherever_it_stands(markup: str) -> None:
    (fault,) = found(page(markup))
    assert (fault.code, fault.severity) == ("KB156", None)
    assert fault.clue is not None
    assert re.sub(r"\D", "", fault.clue.texts[0]) == NUMBER


@pytest.mark.parametrize(
    "markup",
    [
        "<p>13048000083 er ikke et nummer.</p>",
        f"<p>Konto {NUMBER}, faktura {NUMBER}</p>",
        f"<p>1{NUMBER} og {NUMBER}1 og {NUMBER}.5</p>",
        f"<img src='/media/{NUMBER}.jpg' alt='x'>",
        f"<svg viewBox='0 0 9 9'><path d='M{NUMBER[:2]} {NUMBER[2:4]} {NUMBER[4:6]} {NUMBER[6:9]} {NUMBER[9:]}'/></svg>",
        "<time datetime='2026-05-17T12:00:00+02:00'>17.05.2026</time>",
    ],
)
def test_other_numbers_are_none(markup: str) -> None:
    assert told(found(page(markup))) == []


def test_the_number_of_a_test_person_warns() -> None:
    (fault,) = found(page(f"<p>{TEST_PERSON}</p>"))
    assert (fault.code, fault.severity) == ("KB156", Severity.WARNING)


def test_a_telephone_number_and_an_address_in_a_text_are_told() -> None:
    assert [fault.code for fault in found(page(f"<p>Ring {PHONE} eller {ADDRESS}.</p>"))] == [
        "KB157",
        "KB158",
    ]
    assert [fault.code for fault in found(page("<p>ola (at) privat.example</p>"))] == ["KB158"]


def test_no_message_holds_what_was_found() -> None:
    faults = found(page(f"<p>Ring {PHONE} eller {ADDRESS}. Hun er {NUMBER}.</p>"))
    for fault in faults:
        text = f"{fault.message} {fault.mend} {fault.path} {fault.page}"
        for secret in (NUMBER, PHONE, "91234567", ADDRESS, "ola.hansen", "privat", NUMBER[2:8]):
            assert secret not in text
    assert [re.findall("«(.*?)»", fault.message)[0] for fault in faults] == [
        "91••••••",
        "o…@….example",
        "13•••••••••",
    ]


@pytest.mark.parametrize(
    "markup",
    [
        f'<a href="mailto:{ADDRESS}">Skriv til Ola</a>',
        f'<a href="mailto:{ADDRESS}">{ADDRESS}</a>',
        f'<a href="tel:+4791234567">{PHONE}</a>',
        f'<a href="tel:+4791234567"><b>Ring {PHONE}</b></a>',
        f"<pre><code>{ADDRESS} {PHONE}</code></pre>",
        f"<script>const a = '{ADDRESS}'</script>",
        "<p>post@annen.example og postmottak@annen.example</p>",
        "<p>Vedtatt i sak 91234567, 40 00 00 00 kr</p>",
        "<p>@ola@mastodon.example og ola@localhost</p>",
        "<p>20 30 40 50 meter</p>",
    ],
)
def test_links_offices_and_other_numbers_are_meant(markup: str) -> None:
    assert told(found(page(markup), sources={"x/index.html": "static/x/index.html"})) == []


def test_what_stands_in_settings_people_and_forms_may_stand_anywhere() -> None:
    body = f"<p>Ring {PHONE}, +47 912 34 567 eller 91234567, eller skriv til Ola.Hansen@privat.example.</p>"
    assert told(found(page(body), public=["+4791234567", ADDRESS])) == []
    assert len(found(page(body))) == 4


def test_an_address_that_markdown_made_a_link_of_is_told_but_a_link_in_words_is_meant() -> None:
    sources = {"x/index.html": "content/posts/x.md"}
    bare = page(f'<p><a href="mailto:{ADDRESS}">{ADDRESS}</a></p>')
    words = page(f'<p><a href="mailto:{ADDRESS}">Skriv til Ola</a></p>')
    assert [fault.code for fault in found(bare, sources=sources)] == ["KB158"]
    assert found(words, sources=sources) == []


def test_of_contributions_the_build_tells_itself_and_of_identity_numbers_both_do() -> None:
    body = f'<div class="contribution-text"><p>Ring {PHONE} eller {ADDRESS}. {NUMBER}</p></div>'
    assert [fault.code for fault in found(page(body))] == ["KB156"]


def test_many_numbers_in_a_page_are_all_told_once() -> None:
    body = "".join(f"<p>Ring 91 23 4{n} 67.</p>" for n in range(10)) * 2
    assert len({fault.clue for fault in found(page(body))}) == 10


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("a.csv", f"navn,nummer\nOla,{NUMBER},1\n"),
        ("a.json", f'{{"a": ["{NUMBER}"]}}'),
        ("a.json", f"[1,{NUMBER},2]"),
        ("feed.xml", f"<p>{NUMBER}</p>"),
        ("a.ics", f"SUMMARY:{NUMBER}\n"),
        ("a.txt", NUMBER),
        ("a.svg", f"<svg><text>{NUMBER}</text></svg>"),
        ("a.svg", f"<svg aria-label='{NUMBER}'/>"),
        ("a.svg", f"<svg><!-- {NUMBER} --></svg>"),
    ],
)
def test_an_identity_number_is_found_in_files_at_its_line(path: str, data: str) -> None:
    (fault,) = personal_data_in_files(path, data.encode(), around(sources={path: f"static/{path}"}))
    line = data.count("\n", 0, data.index(NUMBER)) + 1
    assert (fault.code, fault.path, fault.line) == ("KB156", f"static/{path}", line)
    assert fault.clue is None


def test_a_file_that_was_made_from_others_gives_a_clue_instead() -> None:
    (fault,) = personal_data_in_files("feed.json", f'"{NUMBER}"'.encode(), around())
    assert fault.clue is not None
    assert fault.clue.texts == (NUMBER,)
    assert list(personal_data_in_files("feed.json", ADDRESS.encode(), around())) == []


def test_files_that_were_copied_are_read_for_addresses_but_not_for_numbers() -> None:
    sources = {"a.csv": "static/a.csv", "a.js": "static/a.js"}
    data = f"91234567,{ADDRESS}".encode()
    assert [f.code for f in personal_data_in_files("a.csv", data, around(sources=sources))] == ["KB158"]
    assert list(personal_data_in_files("a.js", data, around(sources=sources))) == []


def test_a_large_file_of_numbers_is_read_quickly() -> None:
    data = ",".join(f"{n:011}" for n in range(13000000000, 13000000000 + 60_000)).encode()
    assert isinstance(list(personal_data_in_files("a.json", data, around())), list)


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("/x/?epost=ola%40privat.example", "an e-mail address"),
        ("https://a.example/?to=ola@privat.example", "an e-mail address"),
        ("/bruker/ola@privat.example/", "an e-mail address"),
        (f"/x/?fnr={NUMBER}", "a national identity number"),
        ("/x/?fnr=130480%2000082", "a national identity number"),
    ],
)
def test_personal_data_in_the_address_of_a_link_is_found(address: str, what: str) -> None:
    (fault,) = personal_data_in_addresses(page(f'<a href="{address}">Meld deg av</a>'), around())
    assert fault.code == "KB160"
    assert fault.message.endswith(f"holds {what}.")
    assert "ola" not in fault.message
    assert NUMBER not in fault.message


@pytest.mark.parametrize(
    "address",
    [
        "mailto:ola@privat.example?subject=x",
        "https://www.flickr.com/photos/12345678@N00/50000000001/",
        f"https://video.example/{NUMBER}/",
        "https://video.example/@ola",
        "https://social.example/@ola@mastodon.example",
        "https://ola@git.example/x",
        "/x/?til=post@prove.example",
        "/x/#ola@privat.example",
        "/x/?id=13048000083",
        "http://[::1/?a=b@c.example",
        "",
    ],
)
def test_other_addresses_of_links_are_no_fault(address: str) -> None:
    assert told(personal_data_in_addresses(page(f'<a href="{address}">x</a>'), around())) == []


@pytest.mark.parametrize(
    "field",
    [
        '<input type="email" name="x">',
        '<input type="tel" name="x">',
        '<input name="navn">',
        '<input name="e-post">',
        '<input name="fodselsnummer">',
        '<input name="x" autocomplete="section-a given-name">',
        '<textarea name="adresse"></textarea>',
    ],
)
def test_a_form_that_puts_an_answer_about_a_person_into_the_address_is_found(field: str) -> None:
    assert (
        len(list(personal_data_in_addresses(page(f"<form action='/x/'><p>{field}</p></form>"), around())))
        == 1
    )
    for form in ("<form method='post'>", "<form action='mailto:post@prove.example'>"):
        assert told(personal_data_in_addresses(page(f"{form}{field}</form>"), around())) == []
    button = f"<form>{field}<button formmethod='post'>Send</button></form>"
    assert told(personal_data_in_addresses(page(button), around())) == []


@pytest.mark.parametrize(
    "field",
    [
        '<input type="search" name="navn">',
        '<input name="q">',
        '<input type="email">',
        '<input type="hidden" name="navn" value="x">',
        '<input type="checkbox" name="epost">',
        '<input name="stedsnavn">',
    ],
)
def test_a_search_may_use_the_address(field: str) -> None:
    assert told(personal_data_in_addresses(page(f"<form>{field}</form>"), around())) == []


def test_a_form_may_go_to_the_site_and_to_whom_the_settings_name() -> None:
    for action in (
        "/x/",
        "",
        "https://beta.prove.example/x",
        "https://innspill.prove.example/x",
        "mailto:a@b.no",
    ):
        assert told(forms_elsewhere(page(f"<form action='{action}' method='post'></form>"), around())) == []
    for form in (
        "<form action='https://skjema.example/x?a=b'></form>",
        "<form><button formaction='//skjema.example/x'>Send</button></form>",
    ):
        (fault,) = forms_elsewhere(page(form), around())
        assert fault.code == "KB159"
        assert "skjema.example/x»" in fault.message


def exif(*, place: bool = False, owner: bool = False, camera: bool = False) -> Image.Exif:
    noted = Image.Exif()
    if camera:
        noted[0x010F], noted[0x0110], noted[0x013B] = "Kamera", "K1", "Ola"
    if place:
        noted.get_ifd(0x8825).update({1: "N", 2: (59.0, 54.0, 30.0), 3: "E", 4: (10.0, 45.0, 0.0)})
    if owner:
        noted.get_ifd(0x8769)[0xA431] = "123456"
    return noted


def pictures(noted: Image.Exif) -> Iterator[tuple[str, bytes]]:
    for ending, name in (
        ("jpg", "JPEG"),
        ("png", "PNG"),
        ("webp", "WEBP"),
        ("avif", "AVIF"),
    ):
        out = io.BytesIO()
        Image.new("RGB", (8, 8)).save(out, name, exif=noted)
        yield f"a.{ending}", out.getvalue()
    yield "a.tif", noted.tobytes().removeprefix(b"Exif\0\0")


def telling(path: str, data: bytes) -> list[str]:
    return told(telling_pictures(path, data, around(sources={path: f"static/{path}"})))


def test_a_place_is_found_in_every_kind_of_picture() -> None:
    for path, data in pictures(exif(place=True, camera=True)):
        assert telling(path, data) == [f"KB161: The picture «{path}» tells where it was taken."], path


def test_a_serial_number_is_found_in_every_kind_of_picture() -> None:
    for path, data in pictures(exif(owner=True, camera=True)):
        message = f"KB161: The picture «{path}» names the camera's owner or serial number."
        assert telling(path, data) == [message], path


def test_the_name_of_a_camera_and_of_the_photographer_is_no_fault() -> None:
    for path, data in pictures(exif(camera=True)):
        assert telling(path, data) == [], path


def test_a_place_in_the_words_of_a_picture_is_found() -> None:
    xmp = b'<x:xmpmeta><rdf:Description exif:GPSLatitude="59,54.5N"/></x:xmpmeta>'
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG", xmp=xmp)
    assert telling("a.jpg", out.getvalue()) == ["KB161: The picture «a.jpg» tells where it was taken."]


def test_a_picture_that_a_phone_took_is_read_though_browsers_do_not_show_it() -> None:
    block = exif(place=True).tobytes()
    data = struct.pack(">I4s4s", 24, b"ftyp", b"heic") + bytes(12) + struct.pack(">I", 6) + block
    assert telling("a.HEIC", data) == ["KB161: The picture «a.HEIC» tells where it was taken."]


@pytest.mark.parametrize(
    "data", [b"", b"Exif\0\0", b"Exif\0\0MM\0*" + b"\xff" * 20, b"\x89PNGeXIf", b"II*\0"]
)
def test_a_damaged_picture_tells_nothing(data: bytes) -> None:
    assert telling("a.jpg", data) == []


def test_pictures_that_were_made_anew_are_not_looked_into() -> None:
    for path, data in pictures(exif(place=True)):
        assert list(telling_pictures(path, data, around())) == []
