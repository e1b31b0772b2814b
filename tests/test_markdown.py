"""Markdown: every rule by its fixture in tests/cases, then what holds for whole bodies."""

import pickle
import re
import time
from pathlib import Path

import pytest
from markdown_it.utils import read_fixture_file

import kommunebeta.markdown_rules
from kommunebeta.errors import Severity
from kommunebeta.markdown import PIPELINE, plain, render, render_inline
from kommunebeta.model import Heading, ReferenceKind

CASES = Path(__file__).parent / "cases"


def language(title):
    """The language in square brackets at the end of a case's title, else bokmål."""
    match = re.search(r"\[([a-zA-Z-]+)\]$", title)
    return match[1] if match else "nb"


def shown(body, lang):
    """Everything that a body gives, as a case writes it: html, references, headings, problems."""
    document, problems = render(body, lang=lang, path="x.md")
    lines = [document.html.replace("\0", "␀").rstrip("\n")]
    for number, reference in enumerate(document.references):
        text = f"{number}: {reference.kind} «{reference.target}» {reference.line}:{reference.column}"
        text += f" alt «{reference.alt}»" if reference.kind is ReferenceKind.PICTURE else ""
        text += f" title «{reference.title}»" if reference.title else ""
        text += f" {dict(reference.attributes)}" if reference.attributes else ""
        lines.append(text + (" lone" if reference.lone else ""))
    lines += [f"h{heading.level} #{heading.id} {heading.text}" for heading in document.headings]
    lines += [f"{problem.line}:{problem.column} {problem.severity} {problem.code}" for problem in problems]
    return "\n".join(lines) + "\n"


def cases():
    for file in sorted(CASES.glob("*.md")):
        for line, title, body, expected in read_fixture_file(file):
            yield pytest.param(title, body, expected, id=f"{file.stem}:{line}")


@pytest.mark.parametrize(("title", "body", "expected"), list(cases()))
def test_a_case(title, body, expected):
    assert shown(body, language(title)) == expected


def test_every_rule_of_the_pipeline_has_its_file_and_its_cases():
    files = {path.stem for path in Path(kommunebeta.markdown_rules.__file__).parent.glob("*.py")}
    for rule in PIPELINE:
        assert rule.__module__ == f"kommunebeta.markdown_rules.{rule.__name__}"
        assert rule.__name__ in files
        assert (CASES / f"{rule.__name__}.md").is_file()


def rendered(body, lang="nb"):
    return render(body, lang=lang, path="x.md")[0]


def test_lines_count_from_the_start_of_the_file():
    document, problems = render(
        "x\n\n[a](b.md)\n\n![](c.jpg)\n", lang="nb", path="content/x.md", first_line=8
    )
    assert [(reference.line, reference.column) for reference in document.references] == [(10, 1), (12, 1)]
    assert str(problems[0]).startswith("content/x.md:12:1: warning KB035")


def test_columns_hold_with_windows_line_ends():
    assert [(r.line, r.column) for r in rendered("x\r\ny [a](b)\r\n\r\n> [c](d)\r\n").references] == [
        (2, 3),
        (4, 3),
    ]


def test_text_is_plain_and_blocks_stand_on_lines_of_their_own():
    body = '# Hei\n\nEn *to*[^1] &amp; "tre"\nfire.\n\n- a\n- [x] b\n\n<p>R&aring; <b>html</b></p>\n\n[^1]: Note.\n'
    assert rendered(body).text == "Hei\nEn to & «tre» fire.\na\nb\nRå html\nNote."
    assert rendered(body).words == 11


def test_the_first_paragraph_is_the_first_with_words_of_its_own():
    assert (
        rendered("![Bilde](a.jpg)\n\nhttps://youtu.be/x\n\n> sitat\n\nHer *er* det.").first_paragraph
        == "Her er det."
    )
    assert rendered("<p>Gammel <b>post</b></p><p>to</p>\n\nEtter").first_paragraph == "Gammel post"
    assert rendered("- bare\n- liste").first_paragraph == "bare"
    assert rendered("![Bilde](a.jpg)").first_paragraph == ""


def test_headings_are_listed_without_marks_and_footnotes():
    document = rendered("## Om *oss*[^1] `k`\n\n[^1]: n")
    assert document.headings == (Heading(2, "om-oss-k", "Om oss k"),)


def test_every_id_is_an_anchor():
    body = '# A\n\n<a name="gammel"></a> <b id=\'b\'>x</b>\n\n![x](y.jpg){#bilde}\n\n`<i id="kode">`'
    assert rendered(body).anchors == {"a", "gammel", "b", "bilde"}


def test_a_nul_cannot_forge_a_reference():
    document = rendered("\x000\x00 &#0; [a](b.md)\n\n<b>\x001\x00</b>\n\n```\n\x000\x00\n```")
    assert re.findall("\0(\\d+)\0", document.html) == ["0"]
    assert document.html.count("\0") == 2
    assert "\0" not in document.text


def test_a_target_holds_no_nul():
    assert "\0" not in rendered("[a](b%00.md)").references[0].target


def test_the_same_body_gives_the_same_result_and_can_be_sent_to_another_process():
    body = (CASES / "raw_html.md").read_text(encoding="utf-8")
    first = render(body, lang="nb", path="x.md")
    assert render(body, lang="nb", path="x.md") == first
    assert pickle.loads(pickle.dumps(first)) == first


def test_nothing_of_one_body_reaches_the_next():
    rendered("*[NAV]: Etaten\n\n[a]: b.md\n\nx[^1]\n\n[^1]: y")
    assert rendered("NAV [a] x[^1]").html == "<p>NAV [a] x[^1]</p>\n"


@pytest.mark.parametrize("lang", ["no", "nb-NO", "nn", "se", "en-GB", "smj", "pl", ""])
def test_every_language_gets_words(lang):
    assert "callout-title" in rendered("::: note\nx\n:::", lang).html


def test_an_unsafe_address_is_an_error_and_no_link():
    document, problems = render("[x](javascript:alert(1))", lang="nb", path="x.md")
    assert document.html == "<p>x</p>\n"
    assert [(problem.code, problem.severity) for problem in problems] == [("KB038", Severity.ERROR)]


def test_inline_text_is_safe_html():
    assert render_inline('*a* <script> "b" ~~c~~', lang="nb") == "<em>a</em> &lt;script&gt; «b» <s>c</s>"
    assert render_inline("[x](https://a.no) ![alt](b.jpg)", lang="nb") == '<a href="https://a.no">x</a> alt'
    assert "href" not in render_inline("[x](javascript:y) [y](JAVASCRIPT:z) <data:text/html,x>", lang="nb")


def test_plain_text_of_html():
    assert (
        plain("<p>a <b>b</b>&nbsp;&amp; c</p><ul><li>d<br>e</ul><script>f</script><!-- g -->")
        == "a b & c\nd\ne"
    )
    assert plain('1 < 2 <img alt="a > b"> x\0003\0y') == "1 < 2 xy"
    assert plain("<style>a") == ""


PATHOLOGICAL = {
    "nested quotations": "> " * 10_000 + "x",
    "nested lists": "".join("  " * depth + "- x\n" for depth in range(500)),
    "nested brackets": "[" * 10_000 + "a" + "]" * 10_000,
    "open brackets": "[" * 200_000,
    "open links": "[a](" * 50_000,
    "nested pictures": "![" * 5_000 + "a" + "](x)" * 5_000,
    "open footnotes": "[^1]: a\n\n" + "[^" * 100_000,
    "nested footnotes": "^[" * 10_000 + "a" + "]" * 10_000,
    "open emphasis": "*a **b " * 50_000,
    "open tags": '<a "' * 100_000,
    "open comments": "<div>\n" + "<!-- " * 100_000,
    "open scripts": "<div>\n" + "<script" * 100_000,
    "quotation marks": "'\"a " * 50_000,
    "addresses": "http://a.no/x *y* www.b.no " * 10_000,
    "callouts": "::: note\n" * 20_000,
    "attributes": "[a]{.b" * 50_000,
    "template tags": "{% {{ " * 50_000,
    "shortcodes": "[caption " * 50_000,
    "equal headings": "# a\n\n" * 10_000,
    "links in one paragraph": "[a](b.md) " * 20_000,
    "wide table": "|a" * 2_000 + "|\n" + "|-" * 2_000 + "|\n" + "|1\n" * 500,
    "nul": "\0" * 200_000,
}


@pytest.mark.parametrize("body", PATHOLOGICAL.values(), ids=PATHOLOGICAL)
def test_no_text_takes_long_or_crashes(body):
    started = time.process_time()
    render(body, lang="nb", path="x.md")
    plain(body)
    # Quadratic time takes minutes on each of these; the limit leaves room for a slow machine.
    assert time.process_time() - started < 15


def test_two_megabytes_of_honest_text_take_seconds():
    section = (
        '## Nytt\n\nVi sier "ja" -- les [mer](../a.md#b), **viktig** og `kode`.\n\n- punkt\n- punkt\n\n'
        + "ord " * 80
    )
    started = time.process_time()
    document = rendered((section + "\n\n") * (2_000_000 // len(section)))
    assert document.words > 300_000
    assert time.process_time() - started < 30
