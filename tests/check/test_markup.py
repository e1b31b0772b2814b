"""Tags that do not fit together and obsolete markup; the Nu HTML checker is the judge."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from kommunebeta.check.markup import markup
from kommunebeta.check.page import Page
from kommunebeta.check.tags import slips
from tests.check.around import around, told
from tests.check.test_bad_site import SITES

HEAD = '<!doctype html>\n<html lang="nb">\n<head><meta charset="utf-8"><title>Prøve</title></head>\n<body>\n'

WRONG = {
    "an element that is never closed": "<div><p>a</p>",
    "an end tag too many": "<p>a</p></div>",
    "elements that overlap": "<p><b><i>a</b></i></p>",
    "blocks that overlap": "<section><div>a</section></div>",
    "a block in a paragraph": "<p>a<div>b</div></p>",
    "a list in a paragraph": "<p>a<ul><li>b</li></ul></p>",
    "a block in an element within a paragraph": "<p><span>a<div>b</div></span></p>",
    "a link in a link": '<p><a href="/">a <a href="/b">b</a></a></p>',
    "a button in a button": '<button type="button">a<button type="button">b</button></button>',
    "a form in a form": '<form action="/a"><p><button>a</button></p><form action="/b"><p>b</p></form></form>',
    "a heading in a heading": "<h2>a<h3>b</h3></h2>",
    "an attribute twice": '<p><img src="a.png" alt="a" alt="b"></p>',
    "no space between attributes": '<p><a href="/a"class="b">a</a></p>',
    "quotation marks in a value": '<p><img src="a.png" alt="Hun sa "hei" til oss"></p>',
    "a quotation mark without a partner": '<p><a href="/a>a</a></p>',
    "a closing slash that closes nothing": "<div/>",
    "an end tag of an empty element": "<p>a<br></br></p>",
    "a paragraph between rows": "<table><tr><td>a</td></tr><p>b</p></table>",
    "a link that a paragraph cuts off": '<p><a href="/a">a</p>',
    "an element that does not exist": "<seksjon>a</seksjon>",
}
RIGHT = {
    "paragraphs without end tags": "<p>a<p>b",
    "a list without end tags": "<ul><li>a<li><p>b<li>c</ul>",
    "definitions without end tags": "<dl><dt>a<dd>b<dt>c<dd>d</dl>",
    "a table without end tags": (
        "<table><caption>a</caption><thead><tr><th>b<th>c<tbody><tr><td>d<td>e<tr><td>f<td>g</table>"
    ),
    "choices without end tags": '<p><select aria-label="a"><optgroup label="b"><option>c<option>d</select></p>',
    "a table in a cell": "<table><tr><td><p>a<table><tr><td>b</table></table>",
    "large letters": '<P CLASS="a">b</P>',
    "values without quotation marks": "<p><a href=/a/ class=b>c</a></p>",
    "other quotation marks in a value": "<p><img src='a.png' alt='Hun sa \"hei\"'></p>",
    "a sign that is greater": '<p><img src="a.png" alt="a > b"></p>',
    "a drawing": '<p><svg viewBox="0 0 9 9"><title>a</title><g><path d="M0 0"/></g><path d="M1 1"></path></svg></p>',
    "formulas": "<p><math><mrow><mi>x</mi><mo>=</mo><mn>1</mn></mrow></math></p>",
    "tags in scripts": '<script>if (1 <2) { document.title = "<div>"; }</script>',
    "tags in comments": "<!-- <div> --><p>a</p>",
    "tags in a text field": '<p><textarea aria-label="a"><b></textarea></p>',
    "signs in text": "<p>1 &lt; 2, 3 > 2</p>",
    "empty elements with a slash": '<p>a<br/>b<img src="a.png" alt=""/></p><hr />',
    "an attribute without value": '<p><input aria-label="a" disabled value="b"></p>',
    "a custom element": "<min-kalender>a</min-kalender>",
    "a paragraph that ends before a list": "<p>a<ul><li>b</li></ul>",
    "details in a list": "<ul><li><details><summary>a</summary><p>b</details></ul>",
    "a button in a label": '<p><label>a <input type="checkbox"></label></p>',
    "ruby": "<p><ruby>a<rp>(<rt>b<rp>)</ruby></p>",
    "a link around blocks": '<a href="/a"><h2>b</h2><p>c</p></a>',
}


def page_of(body: str) -> Page:
    return Page("x.html", (HEAD + body + "\n</body>\n</html>\n").encode())


def faults(page: Page, source: str = "static/x.html") -> list[str]:
    return told(markup(page, around(sources={page.path: source})))


@pytest.fixture(scope="module")
def judged(vnu: list[str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[int, str]]]:
    """What the Nu HTML checker says of every piece of markup above and of our cases: line and kind by file."""
    folder = tmp_path_factory.mktemp("markup")
    for kind, pieces in (("wrong", WRONG), ("right", RIGHT)):
        for name, body in pieces.items():
            (folder / f"{kind} {name}.html").write_bytes(page_of(body).html)
    cases = [
        file for site in ("darlig", "rettet") for file in sorted((SITES / site).glob("static/kb13[89]*"))
    ]
    files = [*sorted(folder.iterdir()), *cases]
    told = subprocess.run(
        [*vnu, "--format", "json", *map(str, files)], capture_output=True, text=True, check=False
    )
    found: dict[str, list[tuple[int, str]]] = {str(file): [] for file in files}
    for message in json.loads(told.stderr)["messages"]:
        file = str(Path(message["url"].removeprefix("file:").replace("%20", " ")))
        found[file].append((message["lastLine"], f"{message['type']} {message['message']}"))
    return {"/".join(Path(file).parts[-3:]): said for file, said in found.items()}


def said_of(judged: dict[str, list[tuple[int, str]]], end: str) -> list[tuple[int, str]]:
    return next(said for file, said in judged.items() if file.endswith(end))


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_by_us_and_by_the_nu_html_checker(
    name: str, judged: dict[str, list[tuple[int, str]]]
) -> None:
    assert faults(page_of(WRONG[name]))
    assert [said for _, said in said_of(judged, f"wrong {name}.html") if said.startswith("error")]


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_is_told_by_neither(name: str, judged: dict[str, list[tuple[int, str]]]) -> None:
    assert faults(page_of(RIGHT[name])) == []
    errors = [said for _, said in said_of(judged, f"right {name}.html") if said.startswith("error")]
    # What it finds missing beside the tags (a heading row, a parent of some kind) is not what is tested.
    assert [said for said in errors if "tag" in said or "attribute" in said or "nclosed" in said] == []


def test_each_case_of_the_bad_site_is_told_at_a_line_that_the_nu_html_checker_names(
    judged: dict[str, list[tuple[int, str]]],
) -> None:
    for file in sorted((SITES / "darlig").glob("static/kb13[89]*")):
        path = f"static/{file.name}"
        page = Page(file.name, file.read_bytes())
        lines = {fault.line for fault in markup(page, around(sources={file.name: path})) if fault.line}
        assert lines <= {line for line, _ in said_of(judged, f"darlig/{path}")}, path
        assert not [said for _, said in said_of(judged, f"rettet/{path}") if "error" in said], path


def test_lines_and_columns_are_those_of_the_file() -> None:
    page = page_of("<p>åæø <b>a</p>")
    (fault,) = markup(page, around(sources={"x.html": "static/x.html"}))
    assert (fault.path, fault.line, fault.column) == ("static/x.html", 5, 8)


def test_overlapping_elements_are_one_fault() -> None:
    assert faults(page_of(WRONG["elements that overlap"])) == ["KB138: <i> and <b> overlap."]


def test_the_same_slip_is_told_once_in_a_page() -> None:
    assert faults(page_of("<p>a</b></p>" * 5)) == ["KB138: </b> closes nothing that is open."]


def test_a_file_that_is_no_page_is_left_alone() -> None:
    assert faults(Page("google123.html", b"google-site-verification: google123.html")) == []


@pytest.mark.parametrize(
    ("html", "words"),
    [
        (b"<html lang='nb'><head><meta charset='utf-8'></head><body></body></html>", "does not begin with"),
        (b"<!doctype html><html lang='nb'><head></head><body></body></html>", "in which letters"),
        (
            b"<!doctype html><html lang='nb'><head><meta charset='latin1'></head><body></body></html>",
            "says that it is written in latin1",
        ),
        (
            b"<!doctype html><html lang='nb'><head><!--"
            + b"x" * 1100
            + b"--><meta charset='utf-8'></head><body></body></html>",
            "after its first 1024 bytes",
        ),
    ],
)
def test_how_a_page_begins(html: bytes, words: str) -> None:
    (only,) = faults(Page("x.html", html))
    assert words in only


@pytest.mark.parametrize(
    "start",
    [
        "<!DOCTYPE html>",
        "\ufeff<!doctype html>",
        "<!-- a -->\n<!doctype html>",
        "<!DOCTYPE html SYSTEM 'about:legacy-compat'>",
    ],
)
def test_beginnings_that_are_right(start: str) -> None:
    html = start + "<html lang='nb'><head><meta http-equiv='Content-Type' content='text/html; charset=UTF-8'>"
    assert faults(Page("x.html", f"{html}</head><body></body></html>".encode())) == []


def test_obsolete_markup_is_told_by_element_and_attribute_once_each() -> None:
    page = page_of(
        "<center>a</center><center>b</center><p align='left'><font color='red'>c</font></p><tt>d</tt>"
        "<table border='1'><tr><td align='right' width='3'>e</td></tr></table>"
    )
    assert sorted(faults(page)) == [
        "KB139: The attribute «align» of <p> is obsolete.",
        "KB139: The attribute «align» of <td> is obsolete.",
        "KB139: The element <center> is obsolete.",
        "KB139: The element <font> is obsolete.",
        "KB139: The element <tt> is obsolete.",
    ]


def test_names_of_drawings_are_not_taken_for_html() -> None:
    assert faults(page_of("<svg><font-face/><a><text>b</text></a><linearGradient/><font/></svg>")) == []


def test_a_page_of_ten_thousand_open_elements_is_read_quickly() -> None:
    assert len(list(slips(b"<div>" * 10_000))) == 10_000
    assert len(list(slips(b"<p><b>" * 2_000))) > 0
    assert len(list(slips(b'<a href="' * 5_000))) > 0
