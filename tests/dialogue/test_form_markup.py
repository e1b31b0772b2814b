"""The HTML of forms: every kind of question, in every state, for people without JavaScript."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from kommunebeta.build import BuildOptions, build
from kommunebeta.dialogue.forms import FormDefinition, read_form
from kommunebeta.dialogue.questions import NumberField
from kommunebeta.reporter import Reporter
from tests.dialogue.every_kind import FILE, FORM

Make = Callable[..., Path]
SETTINGS = """\
name: Torget
municipality: Fjordvik kommune
languages: [nb, nn, se, en]
contact: {email: post@fjordvik.example, phone: "00 00 00 00", address: Fjordgata 1}
privacy: {officer: ombud@fjordvik.example, page: content/pages/personvern.md}
inbox: {to: kommunebeta, url: https://svar.fjordvik.example/}
"""
POST = "---\ntitle: Torget\ndate: 2026-05-17\nfeedback: {form}\n---\nHei.\n"
PRIVACY = "---\ntitle: Personvern\n---\nHei.\n"
AT = dt.datetime(2026, 6, 1)
CONTROLS = 'input:not([type="hidden"]), select, textarea'


def built(folder: Path) -> Path:
    return build(folder, BuildOptions(at=AT), Reporter()).output


def parsed(file: Path) -> LexborHTMLParser:
    return LexborHTMLParser(file.read_text(encoding="utf-8"))


def site_with(make_folder: Make, form: str, settings: str = SETTINGS, **files: str) -> LexborHTMLParser:
    folder = make_folder(
        {
            "kommunebeta.yaml": settings,
            "forms/alt.yaml": form,
            "content/posts/torget.md": POST.format(form="alt"),
            "content/pages/personvern.md": PRIVACY,
            **files,
        }
    )
    return parsed(built(folder) / "2026/05/torget/index.html")


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("forms")
    files = {
        "kommunebeta.yaml": SETTINGS,
        "forms/alt.yaml": FORM + FILE,
        "content/posts/torget.md": POST.format(form="alt"),
        "content/posts/town.en.md": POST.format(form="alt"),
        "content/pages/personvern.md": PRIVACY,
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return built(folder)


@pytest.fixture(scope="module")
def page(public: Path) -> LexborHTMLParser:
    return parsed(public / "2026/05/torget/index.html")


@pytest.fixture(scope="module")
def form(page: LexborHTMLParser) -> LexborNode:
    return one(page.root, "#form-alt form")


def one(within: LexborNode | None, selector: str) -> LexborNode:
    assert within is not None
    (found,) = within.css(selector)
    return found


def words(node: LexborNode) -> str:
    return " ".join(node.text().split())


def field(form: LexborNode, name: str) -> LexborNode:
    return one(form, f'[data-field="{name}"]')


# What holds for all


def test_every_control_has_a_label_of_its_own(form: LexborNode) -> None:
    labelled = [label.attributes["for"] for label in form.css("label")]
    controls = [control.attributes["id"] for control in form.css(CONTROLS)]
    assert len(controls) > 40
    assert sorted(labelled, key=str) == sorted(controls, key=str)
    assert all(words(label) for label in form.css("label"))


def test_ids_are_unique_and_everything_that_is_named_exists(page: LexborHTMLParser) -> None:
    ids = [node.attributes["id"] for node in page.css("[id]")]
    assert len(ids) == len(set(ids))
    for attribute in ("aria-describedby", "aria-labelledby", "for"):
        for node in page.css(f"[{attribute}]"):
            assert set((node.attributes[attribute] or "").split()) <= set(ids), node.html


def test_several_controls_of_one_question_stand_in_a_group_with_a_legend(form: LexborNode) -> None:
    groups = form.css("fieldset")
    assert len(groups) >= 11
    for group in groups:
        assert group.css_first("legend") is not None
        assert group.child is not None
    for name in ("en", "mange", "skala", "rang", "tabell", "ja_nei", "sted"):
        assert len(field(form, name).css("fieldset")) >= 1


def test_what_is_optional_is_said_and_what_is_needed_is_required(form: LexborNode) -> None:
    for node in form.css("[data-field]:not(.kind-info)"):
        needed = "data-required" in node.attributes
        assert ("(valgfritt)" in words(one_of_first(node, ".form-label"))) is not needed, node.html
    assert {node.attributes["name"] for node in form.css("[required]")} == {
        "kort", "lang", "en", "skala", "tabell-trygt", "tabell-pent", "ja_nei", "sted", "epost",
    }  # fmt: skip


def one_of_first(node: LexborNode, selector: str) -> LexborNode:
    found = node.css_first(selector)
    assert found is not None
    return found


def test_a_question_with_a_condition_says_so_and_never_blocks_anyone(form: LexborNode) -> None:
    asked = field(form, "hvor_ellers")
    assert words(one(asked, "label")) == "Hvis du svarte «Nei»: Hvor bor du?"
    assert "required" not in one(asked, "input").attributes
    assert "data-required" in asked.attributes
    assert (asked.attributes["data-if"], asked.attributes["data-equals"]) == ("ja_nei", "no")


def test_a_condition_far_below_its_question_names_it(make_folder: Make) -> None:
    text = """\
title: Skjema
fields:
  - {kind: one, name: hvem, label: Hvem er du?, choices: [Ung, Gammel]}
  - {kind: short, name: skole, label: Hvilken skole?, show_if: {field: hvem, equals: ung}}
  - {kind: short, name: hjem, label: Hvilket hjem?, show_if: {field: hvem, equals: gammel}}
  - {kind: short, name: annet, label: Noe annet?}
  - {kind: info, text: Snart ferdig., show_if: {field: hvem, equals: ung}}
"""
    form = one(site_with(make_folder, text).root, "#form-alt form")
    assert words(one(form, '[data-field="skole"] .form-if')) == "Hvis du svarte «Ung»:"
    assert words(one(form, '[data-field="hjem"] .form-if')) == "Hvis du svarte «Gammel»:"
    assert words(one(form, ".kind-info .form-if")) == "Hvis du svarte «Ung» på «Hvem er du?»:"


def test_hints_are_tied_to_their_answers(form: LexborNode) -> None:
    for name, hint in {
        "kort": "Navnet folk bruker. Minst 3 tegn. Høyst 40 tegn.",
        "lang": "Minst 5 tegn. Høyst 200 tegn.",
        "antall": "Fra 1 til 12.",
        "meter": "0,5 eller mer.",
        "dag": "Fra 1. januar 2026 til 31. desember 2026.",
        "bilde": ".png, .txt, høyst 2 MB.",
    }.items():
        control = one(form, f'[name="{name}"]')
        ids = (control.attributes["aria-describedby"] or "").split()
        assert words(one(form, f"#{ids[0]}")) == hint
    assert words(one(form, "#form-alt_antall-unit")) == "personer"
    assert "form-alt_antall-unit" in (one(form, '[name="antall"]').attributes["aria-describedby"] or "")
    for name in ("mange", "rang"):
        assert "aria-describedby" in one_of_first(field(form, name), "fieldset").attributes


def test_never_published_is_said_where_the_rest_may_be(form: LexborNode, make_folder: Make) -> None:
    for name in ("hvor_ellers", "epost", "telefon", "postnummer"):
        assert "Dette publiserer vi aldri." in words(one(field(form, name), ".form-hint"))
    assert field(form, "navn").css_first(".form-hint") is None
    nothing = "title: Skjema\nfields: [{kind: email, name: epost, label: E-post}]\n"
    quiet = one(site_with(make_folder, nothing).root, "#form-alt form")
    assert "Dette publiserer" not in words(quiet)
    assert "Ingenting av det du sender her." in words(one(quiet, ".form-terms"))


# Kind by kind


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("kort", {"type": "text", "minlength": "3", "maxlength": "40"}),
        ("lang", {"minlength": "5", "maxlength": "200"}),
        ("antall", {"type": "number", "inputmode": "numeric", "min": "1", "max": "12", "step": "1"}),
        ("meter", {"type": "number", "inputmode": "decimal", "min": "0.5", "step": "any"}),
        ("dag", {"type": "date", "min": "2026-01-01", "max": "2026-12-31"}),
        ("sted", {"type": "text", "maxlength": "300"}),
        ("sted-lat", {"inputmode": "decimal", "pattern": "-?[0-9]{1,3}([.,][0-9]{1,10})?"}),
        ("sted-lon", {"inputmode": "decimal", "pattern": "-?[0-9]{1,3}([.,][0-9]{1,10})?"}),
        ("navn", {"type": "text", "autocomplete": "name"}),
        ("epost", {"type": "email", "autocomplete": "email"}),
        ("telefon", {"type": "tel", "autocomplete": "tel"}),
        (
            "postnummer",
            {"inputmode": "numeric", "autocomplete": "postal-code", "pattern": "[0-9]{4}", "maxlength": "4"},
        ),
        ("bilde", {"type": "file", "accept": ".png,.txt"}),
        ("en-other", {"type": "text", "maxlength": "200"}),
    ],
)
def test_a_line_lets_the_browser_help(form: LexborNode, name: str, wanted: dict[str, str]) -> None:
    attributes = one(form, f'[name="{name}"]').attributes
    assert {key: attributes.get(key) for key in wanted} == wanted


@pytest.mark.parametrize(
    ("name", "kind", "values"),
    [
        ("en", "radio", ["ung", "voksen", "gammel", "other"]),
        ("mange", "checkbox", ["buss", "bil", "sykkel", "other"]),
        ("skala", "radio", ["1", "2", "3", "4", "5"]),
        ("lang_skala", "radio", [str(number) for number in range(11)]),
        ("ja_nei", "radio", ["yes", "no"]),
        ("tabell-trygt", "radio", ["uenig", "verken-eller", "enig"]),
        ("tabell-pent", "radio", ["uenig", "verken-eller", "enig"]),
    ],
)
def test_choices_send_their_values_and_none_is_made_beforehand(
    form: LexborNode, name: str, kind: str, values: list[str]
) -> None:
    boxes = form.css(f'[name="{name}"]')
    assert [box.attributes["value"] for box in boxes] == values
    assert {box.attributes["type"] for box in boxes} == {kind}
    assert form.css("[checked], [selected]") == []


def test_the_ends_of_a_scale_are_told_with_their_numbers(form: LexborNode) -> None:
    labels = [words(label) for label in field(form, "skala").css("label")]
    assert labels == ["1 – Misfornøyd", "2", "3", "4", "5 – Fornøyd"]


def test_each_thing_of_a_ranking_is_given_a_place(form: LexborNode) -> None:
    lists = field(form, "rang").css("select")
    assert [one.attributes["name"] for one in lists] == ["rang-skole", "rang-vei", "rang-lys"]
    for places in lists:
        assert [option.attributes["value"] for option in places.css("option")] == ["", "1", "2", "3"]
    buttons = field(form, "rang").css("button")
    assert words(buttons[0]) == "Flytt opp: Skole"
    assert {button.attributes["type"] for button in buttons} == {"button"}


def test_each_line_of_a_matrix_is_a_group(form: LexborNode) -> None:
    lines = field(form, "tabell").css(".form-matrix-line")
    assert [words(one(line, "legend")) for line in lines] == ["Det er trygt her", "Det er pent her"]
    assert [words(label) for label in lines[0].css("label")] == ["Uenig", "Verken eller", "Enig"]


def test_a_file_is_asked_for_only_where_that_is_switched_on(form: LexborNode) -> None:
    assert form.css('[name="skjult"]') == []
    assert len(form.css('[name="bilde"]')) == 1
    assert form.attributes["enctype"] == "multipart/form-data"


def test_background_text_is_markdown(form: LexborNode) -> None:
    assert one(form, ".kind-info p").html == "<p>Først noen <strong>korte</strong> spørsmål.</p>"


# Around the questions


def test_the_form_says_what_becomes_of_the_data(form: LexborNode) -> None:
    facts = {words(one(line, "dt")): words(one(line, "dd")) for line in form.css(".form-terms dl > div")}
    assert facts == {
        "Hvorfor vi spør": "Vi prøver skjemaet.",
        "Ansvarlig": "Fjordvik kommune ved teknisk sjef Personvernombud: ombud@fjordvik.example",
        "Rettslig grunnlag": "Personvernforordningen artikkel 6 nr. 1 bokstav e.",
        "Hvor lenge vi har det": "90 dager, så sletter vi det.",
        "Publiseres": "Bare det du har krysset av for over, og først når en av oss har lest det.",
    }
    assert words(one(form, ".form-terms > p")) == "Personvern · Versjon av disse vilkårene: 3"
    assert one(form, ".form-terms > p a").attributes["href"] == "/personvern/"


def test_the_readers_agreement_is_asked_with_separate_unticked_boxes(form: LexborNode) -> None:
    boxes = form.css(".form-consents input")
    assert [(box.attributes["name"], box.attributes["value"]) for box in boxes] == [
        ("kb-publish-text", "yes"),
        ("kb-publish-name", "yes"),
        ("kb-notify", "yes"),
    ]
    assert [words(label) for label in form.css(".form-consents label")] == [
        "Dere kan publisere det jeg har skrevet.",
        "Dere kan vise navnet mitt.",
        "Si fra til meg når dere har svart.",
    ]


def test_the_trap_for_machines_is_hidden_from_people(form: LexborNode) -> None:
    trap = one(form, ".form-trap")
    assert trap.attributes["aria-hidden"] == "true"
    field = one(trap, "input").attributes
    assert (field["name"], field["tabindex"], field["autocomplete"]) == ("kb-website", "-1", "off")


def test_native_validation_works_without_the_script(form: LexborNode) -> None:
    assert "novalidate" not in form.attributes
    assert form.attributes["method"] == "post"
    assert form.attributes["action"] == "https://svar.fjordvik.example/submissions"
    for node in form.css("[hidden]"):
        assert node.css("[name]") == [], "nothing that is asked may depend on the script"


def test_nothing_in_a_form_needs_what_the_policy_forbids(page: LexborHTMLParser) -> None:
    assert page.css("[style]") == []
    assert [node for node in page.css("*") if any(name.startswith("on") for name in node.attributes)] == []


def test_a_form_speaks_the_language_of_its_page(public: Path) -> None:
    form = one(parsed(public / "en/2026/05/town/index.html").root, "#form-alt")
    assert words(one(form, ".form-title")) == "Everything we can ask"
    assert "(optional)" in words(form)
    assert "0.5 or more." in words(form)
    assert form.attributes["data-error"] == "Error:"


def test_the_pages_are_valid_html(public: Path, vnu: list[str]) -> None:
    pages = [
        public / "2026/05/torget/index.html",
        public / "en/2026/05/town/index.html",
        public / "index.html",
    ]
    command = [*vnu, "--errors-only", "--format", "gnu", *map(str, pages)]
    assert subprocess.run(command, capture_output=True, text=True, check=False).stderr == ""


HOSTILE = """\
title: '<script>alert(1)</script>"'
intro: '<img src=x onerror=alert(1)> [her](javascript:alert(1))'
submit: '</button><script>alert(1)</script>'
controller: '"><script>alert(1)</script>'
purpose: '<b onclick=alert(1)>'
policy_version: '"><i>'
consent: {publish_text: '<script>alert(1)</script>'}
fields:
  - {kind: short, name: elements, label: '"><script>alert(1)</script>', help: "' onfocus=alert(1) x='", required: true}
  - {kind: one, name: en, label: '</legend><script>', choices: [{value: a, label: '"><script>'}, {value: b, label: "'"}]}
  - {kind: ranking, name: rang, label: R, choices: [{value: a, label: '"><svg onload=alert(1)>{place}'}, {value: b, label: B}]}
  - {kind: number, name: tall, label: T, unit: '<script>'}
  - {kind: info, text: '<script>alert(1)</script>', show_if: {field: en, equals: a}}
"""


def test_hostile_texts_of_a_form_stay_texts(make_folder: Make) -> None:
    page = site_with(make_folder, HOSTILE)
    form = one(page.root, "#form-alt")
    assert form.css("script, img, svg[onload], i, b, [onfocus], [onclick]") == []
    assert [node for node in form.css("*") if any(name.startswith("on") for name in node.attributes)] == []
    assert words(one(form, ".form-title")) == '<script>alert(1)</script>"'
    assert words(one(form, '[data-field="elements"] .form-asked')) == '"><script>alert(1)</script>'
    assert words(one(form, '[data-field="elements"] .form-hint')) == "' onfocus=alert(1) x='"
    assert words(one(form, "[type=submit]")) == "</button><script>alert(1)</script>"
    assert form.css('a[href^="javascript"]') == []


# Where forms stand


def test_without_an_inbox_there_is_contact_information_in_the_forms_place(make_folder: Make) -> None:
    page = site_with(make_folder, FORM, SETTINGS.replace("to: kommunebeta, url", "to: off, url"))
    assert page.css("form") == []
    assert "mailto:post@fjordvik.example" in (one(page.root, "#form-alt a.button").attributes["href"] or "")
    assert page.css('script[src*="forms"], link[href*="forms."]') == []
    assert "Skriv til oss: post@fjordvik.example" in words(one(page.root, ".page-feedback"))


def test_a_mail_is_announced_before_the_button(make_folder: Make) -> None:
    page = site_with(
        make_folder,
        FORM,
        SETTINGS.replace("to: kommunebeta, url: https://svar.fjordvik.example/", "to: mailto"),
    )
    form = one(page.root, "#form-alt form")
    assert (form.attributes["action"] or "").startswith("mailto:post@fjordvik.example")
    assert form.attributes["enctype"] == "text/plain"
    assert "Ingenting er sendt før du sender e-posten selv." in words(one(form, ".form-notice"))


def test_a_foreign_service_is_named(make_folder: Make) -> None:
    route = "to: formspree, key: abcdefg"
    page = site_with(
        make_folder, FORM, SETTINGS.replace("to: kommunebeta, url: https://svar.fjordvik.example/", route)
    )
    assert "Formspree, på våre vegne. Det du sender, går ut av kommunen." in words(
        one(page.root, "#form-alt .form-terms")
    )


CALL = """---
title: Torget
date: 2026-05-01
consultation: {{question: Hvor skal benken stå?, form: alt, opens: {opens}, closes: {closes}, outcome_due: {due}}}
---
Hei.
"""


@pytest.mark.parametrize(
    ("opens", "closes", "due", "said"),
    [
        ("2026-06-02", "2026-06-20", "2026-07-01", "Du kan svare her fra 2. juni 2026."),
        ("2026-05-02", "2026-05-20", "2026-07-01", "Siste dag for å svare var 20. mai 2026. Vi leser det dere har sagt. Innen 1. juli 2026 forteller vi her hva det førte til."),
        ("2026-05-02", "2026-05-20", "2026-05-25", "Siste dag for å svare var 20. mai 2026. Vi leser det dere har sagt."),
    ],
    ids=["coming", "closed", "overdue"],
)  # fmt: skip
def test_a_call_that_is_not_open_says_so_in_the_forms_place(
    make_folder: Make, opens: str, closes: str, due: str, said: str
) -> None:
    text = CALL.format(opens=opens, closes=closes, due=due)
    page = site_with(make_folder, FORM, **{"content/posts/torget.md": text})
    assert page.css("#form-alt") == []
    assert said in words(one(page.root, ".article-main"))


def test_an_open_call_leads_to_its_form(make_folder: Make) -> None:
    text = CALL.format(opens="2026-05-02", closes="2026-06-20", due="2026-07-01")
    page = site_with(make_folder, FORM, **{"content/posts/torget.md": text})
    assert words(one(page.root, 'a[href="#form-alt"]')) == "Svar nå"
    assert one(page.root, "#form-alt form input[name='kb-post']").attributes["value"] == "torget"


def test_closed_comments_say_so(make_folder: Make) -> None:
    post = "---\ntitle: Torget\ndate: 2026-05-17\ncomments: closed\nfeedback: alt\n---\nHei.\n"
    page = site_with(make_folder, FORM, **{"content/posts/torget.md": post})
    assert page.css("#form-alt") == []
    assert "Det er stengt for innspill her." in words(one(page.root, ".article-main"))


def test_a_page_has_its_form_and_every_page_the_question_at_its_foot(make_folder: Make) -> None:
    privacy = "---\ntitle: Personvern\nfeedback: sporsmal\n---\nHei.\n"
    folder = make_folder({"kommunebeta.yaml": SETTINGS, "content/pages/personvern.md": privacy})
    public = built(folder)
    page = parsed(public / "personvern/index.html")
    assert one(page.root, "#form-sporsmal [name='kb-page']").attributes["value"] == "/personvern/"
    assert page.css("#form-sporsmal [name='kb-post']") == []
    for file in ("index.html", "404.html", "personvern/index.html", "en/index.html"):
        assert len(parsed(public / file).css(".page-feedback #form-tilbakemelding form")) == 1, file
    for file in public.glob("takk/**/index.html"):
        assert parsed(file).css(".page-feedback") == []


def test_two_copies_of_a_form_on_one_page_have_ids_of_their_own(make_folder: Make) -> None:
    template = "{% extends 'parent:post.html' %}{% block related %}{{ form(site.form('alt'), about=post) }}{% endblock %}"
    page = site_with(make_folder, FORM, **{"templates/post.html": template})
    ids = [node.attributes["id"] for node in page.css("[id]")]
    assert len(page.css('[data-form="alt"]')) == 2
    assert len(ids) == len(set(ids))


def test_only_pages_with_a_form_load_its_style_sheet_and_script(make_folder: Make) -> None:
    settings = SETTINGS.replace("inbox: {", "inbox: {page_feedback: off, ")
    folder = make_folder(
        {
            "kommunebeta.yaml": settings,
            "content/posts/torget.md": POST.format(form="innspill"),
            "content/pages/personvern.md": PRIVACY,
        }
    )
    public = built(folder)
    wanted = 'script[src*="/forms."], link[href*="/forms."]'
    assert len(parsed(public / "2026/05/torget/index.html").css(wanted)) == 2
    assert parsed(public / "index.html").css(wanted) == []


def read(text: str) -> FormDefinition:
    form, problems = read_form(text, "forms/x.yaml")
    assert problems == ()
    assert form is not None
    return form


@pytest.mark.parametrize(
    ("retention", "said"),
    [("P365D", "1 år, så"), ("P730D", "2 år, så"), ("P30D", "30 dager, så"), ("P45D", "45 dager, så"), ("P1D", "1 dag, så"), ("Til saken er ferdig.", "Til saken er ferdig.")],
)  # fmt: skip
def test_retention_is_told_in_words(make_folder: Make, retention: str, said: str) -> None:
    text = f"title: X\nretention: {retention}\nfields: [{{kind: short, name: a, label: A}}]\n"
    assert said in words(one(site_with(make_folder, text).root, "#form-alt .form-terms"))


def test_numbers_are_written_as_html_wants_them() -> None:
    text = "title: X\nfields: [{kind: number, name: a, label: A, min: -0.25, max: 1e7, whole: false}]\n"
    (field,) = read(text).fields
    assert isinstance(field, NumberField)
    assert (field.lowest, field.highest) == ("-0.25", "10000000")


def test_a_number_without_end_is_no_bound() -> None:
    text = "title: X\nfields:\n  - {kind: number, name: a, label: A, max: inf}\n"
    form, problems = read_form(text, "forms/x.yaml")
    assert form is None
    assert [(problem.code, problem.line) for problem in problems] == [("KB024", 3)]


@pytest.mark.parametrize(
    ("text", "sent"), [(FORM, "geolocation=(self)"), (FORM.replace(", point: true", ""), "geolocation=()")]
)
def test_only_a_site_that_asks_for_a_point_may_ask_where_the_reader_is(
    make_folder: Make, text: str, sent: str
) -> None:
    site_with(make_folder, text)
    headers = (make_folder({}) / "public/_headers").read_text(encoding="utf-8")
    assert re.findall(r"geolocation=\S+?\)", headers) == [sent]
