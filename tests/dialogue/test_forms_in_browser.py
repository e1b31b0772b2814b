"""Forms in a real browser, without JavaScript and with it: what arrives, what is said, and that nothing is lost."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from kommunebeta.build import BuildOptions, build
from kommunebeta.reporter import Reporter
from tests.browsing import Scheme, faults, in_light_and_dark, scroll_width, serving
from tests.dialogue.every_kind import FILE, FORM, SENT
from tests.dialogue.recorder import TOKEN, Pairs, Recorder, Sent, recording

ALT = "2026/05/alt/"
MED_FIL = "2026/05/med-fil/"
READY = ("innspill", "sporsmal", "undersokelse", "universell-utforming")
POST = "---\ntitle: {title}\ndate: 2026-05-17\nfeedback: {form}\n---\nHei.\n"
CLOBBER = """\
title: Navn som lager bråk
fields:
  - {kind: short, name: elements, label: E, required: true}
  - {kind: short, name: action, label: A}
  - {kind: short, name: submit, label: S}
  - {kind: short, name: reset, label: R}
  - {kind: short, name: append, label: P}
  - {kind: short, name: hidden, label: H}
  - {kind: short, name: dataset, label: D}
"""
SETTINGS = """\
name: Torget
municipality: Fjordvik kommune
base_url: {site}/
contact: {{email: post@fjordvik.example, address: Fjordgata 1}}
inbox:
  to: kommunebeta
  url: {receiver}
  forms:
    vanlig: {{to: url, url: "{receiver}submissions"}}
"""


@contextmanager
def hosting(folder: Path) -> Iterator[str]:
    """Serve a site that is yet to be built, with the headers that it will ask its host for."""

    def headers() -> Pairs:
        text = (folder / "_headers").read_text(encoding="utf-8")
        return re.findall(r"^  ([\w-]+): (.*)$", text, re.MULTILINE)

    with serving(folder, headers) as address:
        yield address


@pytest.fixture(scope="module")
def recorder() -> Iterator[Recorder]:
    with recording() as recorder:
        yield recorder


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, recorder: Recorder) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("forms")
    with hosting(folder / "public") as address:
        files = {
            "kommunebeta.yaml": SETTINGS.format(site=address, receiver=recorder.address),
            "forms/alt.yaml": FORM,
            "forms/vanlig.yaml": FORM,
            "forms/med-fil.yaml": FORM + FILE,
            "forms/navn.yaml": CLOBBER,
            **{
                f"content/posts/{form}.md": POST.format(title=form.capitalize(), form=form)
                for form in (*READY, "alt", "vanlig", "med-fil", "navn")
            },
        }
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        build(folder, BuildOptions(at=dt.datetime(2026, 6, 1)), Reporter())
        recorder.thanks = f"{address}/takk/alt/"
        yield address


@dataclass
class Reader:
    """Someone with a browser, and what the browser complained of."""

    context: BrowserContext
    site: str
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.set_default_timeout(15_000)
        self.context.on("console", lambda message: self.hear(message.type, message.text))
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def hear(self, kind: str, text: str) -> None:
        # A refusal by the receiver, and a broken line, are told to the console by the browser itself.
        if kind in ("error", "warning") and not text.startswith("Failed to load resource"):
            self.complaints.append(text)

    def visit(self, address: str) -> Page:
        page = self.context.new_page()
        page.goto(f"{self.site}/{address}")
        return page


Read = Callable[..., Reader]


@pytest.fixture
def read(browser: Browser, site: str, recorder: Recorder) -> Iterator[Read]:
    """Readers of the site; none may meet anything that its policy forbids, or be given a cookie."""
    readers: list[Reader] = []
    recorder.forget()

    def start(**options: Any) -> Reader:
        # A page that scrolls smoothly to what is pressed takes a second for it each time.
        usual = {"locale": "nb-NO", "reduced_motion": "reduce"}
        readers.append(Reader(browser.new_context(**{**usual, **options}), site))
        return readers[-1]

    yield start
    complaints = [complaint for reader in readers for complaint in reader.complaints]
    cookies = [cookie for reader in readers for cookie in reader.context.cookies()]
    for reader in readers:
        reader.context.close()
    assert complaints == []
    assert cookies == []


def form(page: Page, name: str = "alt") -> Locator:
    return page.locator(f"#form-{name}")


def by_name(place: Locator, name: str, value: str = "") -> Locator:
    return place.locator(f'[name="{name}"]' + (f'[value="{value}"]' if value else ""))


CHOSEN = ("en", "mange", "skala", "tabell-trygt", "tabell-pent", "ja_nei")


def fill(place: Locator) -> None:
    """Answer every question as ``SENT`` says."""
    for name, value in SENT:
        control = by_name(place, name, value if name in CHOSEN else "")
        if name in CHOSEN:
            control.check()
        elif name.startswith("rang-"):
            control.select_option(value)
        elif value and name != "en-other":
            control.fill(value.replace("\r\n", "\n"))
        elif name == "en-other":
            control.fill(value)


QUICKLY = """(place, pairs) => pairs.forEach(([name, value]) => {
  const controls = Array.from(place.querySelectorAll(`[name="${name}"]`));
  const tick = controls.find((one) => ['radio', 'checkbox'].includes(one.type) && one.value === value);
  if (tick) { tick.checked = true; } else { controls[0].value = value; }
  (tick || controls[0]).dispatchEvent(new Event('input', { bubbles: true }));
  (tick || controls[0]).dispatchEvent(new Event('change', { bubbles: true }));
})"""


def answer(place: Locator) -> None:
    """The same at once, for tests of what happens afterwards."""
    pairs = [(name, value.replace("\r\n", "\n")) for name, value in SENT]
    by_name(place, "kort").focus()
    place.evaluate(QUICKLY, pairs)


def send(place: Locator) -> None:
    place.locator('[type="submit"]').click()


def hidden(name: str, page: str, form: str = "") -> Pairs:
    """The fields that go along; the version is any, since it stands for the definition."""
    return [
        ("kb-form", form or name),
        ("kb-policy", "3"),
        ("kb-lang", "nb"),
        ("kb-page", f"/{page}"),
        ("kb-post", name),
    ]


def without_version(fields: Pairs) -> Pairs:
    (version,) = [value for name, value in fields if name == "kb-version"]
    assert re.fullmatch("[0-9a-f]{12}", version)
    return [pair for pair in fields if pair[0] != "kb-version"]


UNASKED = ("hvor_ellers", "mange-other")
"""What a script leaves out, since its condition does not hold."""
AGREED = [("kb-publish-text", "yes"), ("kb-notify", "yes")]


def agree(place: Locator) -> None:
    for name, _ in AGREED:
        by_name(place, name).check()


# What arrives


@pytest.mark.parametrize("name", ["alt", "vanlig"])
def test_every_kind_arrives_as_documented_without_javascript(
    read: Read, recorder: Recorder, name: str
) -> None:
    page = read(java_script_enabled=False).visit(f"2026/05/{name}/")
    fill(form(page, name))
    agree(form(page, name))
    send(form(page, name))
    page.wait_for_url(recorder.thanks)
    (sent,) = recorder.submissions
    assert sent.path == "/submissions"
    assert sent.headers["Content-Type"] == "application/x-www-form-urlencoded"
    site = page.url.partition("/takk")[0]
    pages = [("kb-thanks", f"{site}/takk/vanlig/"), ("kb-failed", f"{site}/ikke-sendt/")]
    more = pages if name == "vanlig" else []
    expected = [*hidden(name, f"2026/05/{name}/"), *more, *SENT, ("kb-website", ""), *AGREED]
    assert without_version(recorder.fields) == expected


def test_every_kind_arrives_as_documented_by_the_script(read: Read, recorder: Recorder) -> None:
    page = read().visit(ALT)
    fill(form(page))
    agree(form(page))
    send(form(page))
    expect(form(page).locator(".form-thanks")).to_be_visible()
    (sent,) = recorder.submissions
    assert sent.kind == "application/x-www-form-urlencoded"
    assert sent.headers["Accept"] == "application/json"
    assert sent.headers["Origin"] == page.url.partition("/2026")[0]
    assert "Cookie" not in sent.headers
    answers = [pair for pair in SENT if pair[0] not in UNASKED]
    expected = [*hidden("alt", ALT), *answers, ("kb-website", ""), *AGREED, ("kb-token", TOKEN)]
    assert without_version(recorder.fields) == expected


def test_a_plain_address_gets_the_form_from_the_browser_itself_even_with_javascript(
    read: Read, recorder: Recorder
) -> None:
    page = read().visit("2026/05/vanlig/")
    fill(form(page, "vanlig"))
    send(form(page, "vanlig"))
    page.wait_for_url(recorder.thanks)
    assert [sent.method for sent in recorder.sent] == ["POST"]
    assert [pair for pair in recorder.fields if not pair[0].startswith("kb-")] == [
        pair for pair in SENT if pair[0] not in UNASKED
    ]


@pytest.mark.parametrize("script", [False, True])
def test_a_file_arrives_whole(read: Read, recorder: Recorder, script: bool) -> None:
    page = read(java_script_enabled=script).visit(MED_FIL)
    place = form(page, "med-fil")
    fill(place)
    by_name(place, "bilde").set_input_files(
        {"name": "torget.txt", "mimeType": "text/plain", "buffer": "Blåbær".encode()}
    )
    send(place)
    if script:
        expect(place.locator(".form-thanks")).to_be_visible()
    else:
        page.wait_for_url(recorder.thanks)
    (sent,) = recorder.submissions
    assert sent.kind == "multipart/form-data"
    assert sent.files == {"bilde": ("torget.txt", "Blåbær")}
    answers = [pair for pair in SENT if not script or pair[0] not in UNASKED]
    assert [pair for pair in sent.fields if not pair[0].startswith("kb-")] == [
        *answers,
        ("bilde", "torget.txt"),
    ]


ANSWERS: dict[str, Pairs] = {
    "innspill": [("innspill", "Mer lys.\r\nTakk!"), ("navn", "Åse"), ("epost", "")],
    "sporsmal": [("sporsmal", "Når åpner hallen?"), ("navn", ""), ("epost", "a@example.no")],
    "undersokelse": [("nytte", "5"), ("enig-forstar", "enig"), ("enig-svar", "uenig"), ("enig-nytter", "verken"), ("tema-okonomi", "2"), ("tema-skole", "1"), ("tema-helse", "3"), ("tema-veier", "4"), ("fant", "other"), ("fant-other", "Oppslag"), ("annet", "")],
    "universell-utforming": [("problem", "Knappen er for liten."), ("side", "/arkiv/"), ("hjelpemidler", "skjermleser"), ("hjelpemidler", "tastatur"), ("hjelpemidler-other", ""), ("epost", "")],
    "tilbakemelding": [("funnet", "nei"), ("savnet", "Busstider"), ("feil", "")],
}  # fmt: skip
"""What is answered to each ready form."""


@pytest.mark.parametrize("script", [False, True])
@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_every_ready_form_arrives(read: Read, recorder: Recorder, name: str, script: bool) -> None:
    page = read(java_script_enabled=script).visit("" if name == "tilbakemelding" else f"2026/05/{name}/")
    place = form(page, name)
    for field_name, value in ANSWERS[name]:
        first = by_name(place, field_name).first
        kind = first.evaluate("one => one.tagName + ' ' + one.type") if script else kind_of(first)
        if "radio" in kind or "checkbox" in kind:
            by_name(place, field_name, value).check()
        elif kind.startswith("SELECT"):
            first.select_option(value)
        elif value:
            first.fill(value.replace("\r\n", "\n"))
    send(place)
    if script:
        expect(place.locator(".form-thanks")).to_be_visible()
    else:
        page.wait_for_url(recorder.thanks)
    unasked = {"hjelpemidler-other", "feil"} if script else set()
    sent = [pair for pair in recorder.fields if not pair[0].startswith("kb-")]
    assert sent == [pair for pair in ANSWERS[name] if pair[0] not in unasked]


def kind_of(control: Locator) -> str:
    """The kind of a control where no script runs."""
    kind = control.get_attribute("type")
    return f"INPUT {kind}" if kind else "SELECT" if control.locator("option").count() else "TEXTAREA"


def test_names_of_questions_never_get_in_the_scripts_way(read: Read, recorder: Recorder) -> None:
    page = read().visit("2026/05/navn/")
    place = form(page, "navn")
    send(place)
    expect(place.locator(".form-summary")).to_be_focused()
    for name in ("elements", "action", "submit", "reset", "append", "hidden", "dataset"):
        by_name(place, name).fill(name)
    send(place)
    expect(place.locator(".form-thanks")).to_be_visible()
    assert [pair for pair in recorder.fields if not pair[0].startswith("kb-")] == [
        (name, name) for name in ("elements", "action", "submit", "reset", "append", "hidden", "dataset")
    ]


def test_a_question_with_a_condition_never_blocks_without_javascript(read: Read, recorder: Recorder) -> None:
    page = read(java_script_enabled=False).visit("")
    place = form(page, "tilbakemelding")
    by_name(place, "funnet", "ja").check()
    send(place)
    page.wait_for_url(recorder.thanks)
    assert ("funnet", "ja") in recorder.fields


def test_the_browser_checks_without_javascript(read: Read, recorder: Recorder) -> None:
    page = read(java_script_enabled=False).visit(ALT)
    fill(form(page))
    by_name(form(page), "epost").fill("kari")
    send(form(page))
    page.wait_for_timeout(300)
    assert page.url.endswith(ALT)
    assert recorder.sent == []


# What is said


def test_a_summary_of_what_is_wrong_takes_focus_and_leads_to_the_answers(
    read: Read, recorder: Recorder
) -> None:
    page = read(reduced_motion="no-preference").visit(ALT)
    place = form(page)
    send(place)
    summary = place.locator(".form-summary")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("heading")).to_have_text("Noe mangler eller er feil")
    assert summary.get_by_role("link").all_inner_texts() == [
        "Hva heter stedet? – Skriv et svar.",
        "Hva mener du? – Skriv et svar.",
        "Hvem er du? – Velg et svar.",
        "Hva bruker du? – Velg minst ett svar.",
        "Hvor fornøyd er du? – Velg et svar.",
        "Det er trygt her – Velg et svar på hver linje.",
        "Det er pent her – Velg et svar på hver linje.",
        "Bor du her? – Velg et svar.",
        "Hvor er det? – Skriv et svar.",
        "E-post – Skriv e-postadressen din.",
    ]
    for link in summary.get_by_role("link").all():
        link.press("Enter")
        target = page.locator(link.get_attribute("href") or "")
        expect(target).to_be_focused()
        named = target.or_(target.locator("xpath=ancestor::fieldset[1]")).and_(
            place.locator("[aria-describedby]")
        )
        ids = " ".join(one.get_attribute("aria-describedby") or "" for one in named.all()).split()
        errors = [place.locator(f"#{one}").inner_text() for one in ids if one.endswith("-error")]
        assert len(errors) == 1
        assert errors[0].startswith("Feil:")
    assert recorder.submissions == []


def test_an_error_goes_when_the_answer_is_mended(read: Read) -> None:
    page = read().visit(ALT)
    place = form(page)
    send(place)
    email = by_name(place, "epost")
    expect(email).to_have_attribute("aria-invalid", "true")
    email.fill("kari@example.no")
    expect(email).not_to_have_attribute("aria-invalid", "true")
    assert email.get_attribute("aria-describedby") == "form-alt_epost-hint"
    by_name(place, "tabell-trygt", "enig").check()
    assert place.locator(".kind-matrix .form-error").count() == 1
    by_name(place, "tabell-pent", "enig").check()
    assert place.locator(".kind-matrix .form-error").count() == 0
    assert place.locator(".kind-matrix [aria-invalid]").count() == 0


FAULTS = (
    ("kort", "to", "Skriv minst 3 tegn."),
    ("kort", "x" * 41, "Skriv høyst 40 tegn."),
    ("lang", "🙂" * 4, "Skriv minst 5 tegn."),
    ("lang", "x" * 201, "Skriv høyst 200 tegn."),
    ("epost", "kari", "Skriv e-postadressen slik: navn@eksempel.no"),
    ("postnummer", "50a3", "Skriv postnummeret med fire sifre."),
    ("antall", "13", "Skriv et helt tall. Fra 1 til 12."),
    ("antall", "1.5", "Skriv et helt tall. Fra 1 til 12."),
    ("meter", "0.1", "Skriv et tall. 0,5 eller mer."),
    ("dag", "2025-12-31", "Skriv en dato. Fra 1. januar 2026 til 31. desember 2026."),
    ("sted-lat", "nord", "Skriv grader som et tall, for eksempel 60,3913."),
)


def test_each_fault_has_its_own_words(read: Read, recorder: Recorder) -> None:
    page = read().visit(ALT)
    place = form(page)
    for name, value, said in FAULTS:
        answer(place)
        by_name(place, name).fill(value)
        send(place)
        expect(place.locator(".form-error")).to_have_text([f"Feil: {said}"])
        expect(by_name(place, name)).to_have_attribute("aria-invalid", "true")
    assert recorder.submissions == []


def test_twenty_smileys_are_twenty_characters(read: Read, recorder: Recorder) -> None:
    page = read().visit(ALT)
    place = form(page)
    answer(place)
    by_name(place, "lang").fill("🙂" * 200)
    send(place)
    expect(place.locator(".form-thanks")).to_be_visible()
    assert ("lang", "🙂" * 200) in recorder.fields


def test_two_things_cannot_share_a_place(read: Read) -> None:
    page = read().visit(ALT)
    place = form(page)
    answer(place)
    by_name(place, "rang-lys").select_option("1")
    send(place)
    expect(place.locator(".form-error")).to_have_text("Feil: To står på samme plass.")


@pytest.mark.parametrize(("name", "size"), [("torget.exe", 10), ("torget.png", 2_000_001)])
def test_a_wrong_file_is_told_before_it_is_sent(read: Read, recorder: Recorder, name: str, size: int) -> None:
    page = read().visit(MED_FIL)
    place = form(page, "med-fil")
    answer(place)
    by_name(place, "bilde").set_input_files({"name": name, "mimeType": "image/png", "buffer": b"x" * size})
    send(place)
    expect(place.locator(".form-error")).to_have_text(
        "Feil: Velg en fil av en av disse typene: .png, .txt. Den kan være høyst 2 MB."
    )
    assert recorder.submissions == []


def test_what_the_receiver_finds_wrong_stands_at_its_answer_as_text(read: Read, recorder: Recorder) -> None:
    page = read().visit(ALT)
    place = form(page)
    answer(place)
    hostile = "<img src=x onerror=alert(1)> er feil"
    recorder.answers.append(
        (422, {"status": "invalid", "message": "Se over.", "errors": [
            {"field": "epost", "message": hostile}, {"field": "tabell-pent", "message": "Velg."},
            {"field": "kb-notify", "message": "Skriv e-post først."}, {"field": "", "message": "Hele skjemaet."},
        ]})
    )  # fmt: skip
    send(place)
    summary = place.locator(".form-summary")
    expect(summary).to_be_focused()
    assert summary.get_by_role("listitem").all_inner_texts()[0] == f"E-post – {hostile}"
    assert summary.get_by_role("listitem").all_inner_texts()[-2:] == [
        "Hva kan vi gjøre med det du sender? – Skriv e-post først.",
        "Hele skjemaet.",
    ]
    expect(place.locator("#form-alt_epost-error")).to_have_text(f"Feil: {hostile}")
    assert place.locator("img").count() == 0
    expect(by_name(place, "kort")).to_have_value("Torget")
    by_name(place, "epost").fill("ola@example.no")
    expect(place.locator("#form-alt_epost-error")).to_have_count(0)
    send(place)
    expect(place.locator(".form-thanks")).to_be_visible()
    assert len(recorder.submissions) == 2


FAILED = "Vi fikk ikke sendt det. Det du skrev, står her fortsatt. Prøv igjen om litt."


@pytest.mark.parametrize(
    ("status", "words", "said", "simply"),
    [
        (409, {"status": "closed", "message": "Runden er stengt."}, "Runden er stengt.", False),
        (413, {"status": "large", "message": "For stort."}, "For stort.", False),
        (413, {}, "Dette er for mye å sende. Kort ned teksten, eller velg en mindre fil.", False),
        (429, {"status": "busy", "message": "Vent litt."}, "Vent litt.", False),
        (503, {"status": "down", "message": "Vi er straks tilbake."}, "Vi er straks tilbake.", False),
        (500, {}, FAILED, True),
        (502, {"error": "bad gateway"}, FAILED, True),
    ],
)
def test_a_refusal_is_explained_and_nothing_is_lost(
    read: Read, recorder: Recorder, status: int, words: dict[str, str], said: str, simply: bool
) -> None:
    page = read().visit(ALT)
    place = form(page)
    answer(place)
    recorder.answers.append((status, words))
    send(place)
    summary = place.locator(".form-summary")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("heading")).to_have_text("Det ble ikke sendt")
    expect(summary.get_by_role("listitem")).to_have_text(said)
    expect(summary.get_by_role("button", name="Send på den enkle måten")).to_be_visible(visible=simply)
    expect(by_name(place, "lang")).to_have_value("Første linje\nandre «linje» æøå & 100 %")
    send(place)
    expect(place.locator(".form-thanks")).to_be_visible()
    assert recorder.submissions[0].fields == recorder.submissions[1].fields


def test_a_broken_line_loses_nothing_and_the_same_token_goes_with_the_next_try(
    read: Read, recorder: Recorder
) -> None:
    reader = read()
    page = reader.visit(ALT)
    place = form(page)
    answer(place)
    reader.context.route("**/submissions", lambda route: route.abort())
    send(place)
    expect(place.locator(".form-summary")).to_be_focused()
    expect(place.locator(".form-summary li")).to_have_text(FAILED)
    reader.context.unroute("**/submissions")
    place.get_by_role("button", name="Send på den enkle måten").click()
    page.wait_for_url(recorder.thanks)
    (sent,) = recorder.submissions
    assert ("kb-token", TOKEN) in sent.fields
    assert sent.headers["Accept"] != "application/json"


def test_without_a_token_the_plain_way_is_open(read: Read, recorder: Recorder) -> None:
    recorder.tokens = False
    page = read().visit(ALT)
    place = form(page)
    answer(place)
    send(place)
    expect(place.locator(".form-thanks")).to_be_visible()
    assert "kb-token" not in dict(recorder.fields)


def test_an_old_token_is_replaced_once(read: Read, recorder: Recorder) -> None:
    page = read().visit(ALT)
    place = form(page)
    answer(place)
    recorder.answers += [(403, {"status": "token", "message": "Gammelt."})] * 2
    send(place)
    expect(place.locator(".form-summary li")).to_have_text("Gammelt.")
    assert [sent.path for sent in recorder.sent] == [
        "/token?form=alt",
        "/submissions",
        "/token?form=alt",
        "/submissions",
    ]


def test_the_token_is_fetched_only_when_the_reader_begins(read: Read, recorder: Recorder) -> None:
    page = read().visit(ALT)
    page.wait_for_load_state("networkidle")
    assert recorder.sent == []
    by_name(form(page), "kort").focus()
    page.wait_for_timeout(300)
    assert [sent.path for sent in recorder.sent] == ["/token?form=alt"]


def test_thanks_take_the_forms_place_with_the_reference(read: Read) -> None:
    page = read().visit(ALT)
    place = form(page)
    answer(place)
    send(place)
    thanks = place.locator(".form-thanks")
    expect(thanks).to_be_focused()
    expect(thanks).to_have_attribute("role", "status")
    assert "Takk for svarene!" in thanks.inner_text()
    assert "Referanse: K7QX-42MD" in thanks.inner_text()
    expect(place.locator("form")).to_be_hidden()


def test_a_double_press_sends_once(read: Read, recorder: Recorder) -> None:
    page = read().visit(ALT)
    place = form(page)
    answer(place)
    place.locator('[type="submit"]').dblclick()
    expect(place.locator(".form-thanks")).to_be_visible()
    assert len(recorder.submissions) == 1


def test_the_reader_can_go_back_and_send_again(read: Read, recorder: Recorder) -> None:
    page = read().visit("2026/05/vanlig/")
    place = form(page, "vanlig")
    answer(place)
    send(place)
    page.wait_for_url(recorder.thanks)
    page.go_back()
    expect(by_name(place, "kort")).to_have_value("Torget")
    by_name(place, "kort").fill("Brygga")
    send(place)
    page.wait_for_url(recorder.thanks)
    assert [dict(sent.fields)["kort"] for sent in recorder.submissions] == ["Torget", "Brygga"]


# What the script adds


def test_questions_come_and_go_with_the_answer_they_depend_on(read: Read, recorder: Recorder) -> None:
    page = read().visit(ALT)
    place = form(page)
    asked = place.locator('[data-field="hvor_ellers"]')
    expect(asked).to_be_hidden()
    answer(place)
    by_name(place, "ja_nei", "no").check()
    expect(asked).to_be_visible()
    expect(asked.locator(".form-if")).to_be_hidden()
    send(place)
    expect(place.locator(".form-error")).to_have_text("Feil: Skriv et svar.")
    by_name(place, "hvor_ellers").fill("Oslo")
    send(place)
    expect(place.locator(".form-thanks")).to_be_visible()
    assert ("hvor_ellers", "Oslo") in recorder.fields


def test_without_javascript_every_question_is_shown(read: Read) -> None:
    page = read(java_script_enabled=False).visit(ALT)
    expect(form(page).locator('[data-field="hvor_ellers"]')).to_be_visible()
    expect(form(page).locator(".form-if").first).to_be_visible()
    for name in (".form-moves", "[data-here]", ".form-draft", ".form-summary"):
        expect(form(page).locator(name).first).to_be_hidden()


def test_characters_are_counted_near_the_end_and_told_after_a_pause(read: Read) -> None:
    page = read().visit(ALT)
    place = form(page)
    box = by_name(place, "lang")
    box.fill("x" * 100)
    expect(place.locator(".kind-long .form-count")).to_be_empty()
    box.fill("x" * 190)
    expect(place.locator(".kind-long .form-count")).to_have_text("Tegn igjen: 10")
    assert place.locator(".form-status").inner_text() == ""
    expect(place.locator(".form-status")).to_have_text("Tegn igjen: 10")
    box.fill("x" * 205)
    expect(place.locator(".kind-long .form-count")).to_have_text("Tegn for mye: 5")


def test_things_are_ranked_by_keyboard_and_told(read: Read, recorder: Recorder) -> None:
    page = read().visit(ALT)
    place = form(page)
    answer(place)
    for name in ("skole", "vei", "lys"):
        by_name(place, f"rang-{name}").select_option("")
    up = place.get_by_role("button", name="Flytt opp: Lys")
    up.focus()
    page.keyboard.press("Enter")
    expect(up).to_be_focused()
    expect(place.locator(".form-status")).to_have_text("Lys: plass 2 av 3")
    page.keyboard.press("Space")
    expect(place.locator(".form-status")).to_have_text("Lys: plass 1 av 3")
    assert place.locator(".form-order label").all_inner_texts() == ["Lys", "Skole", "Vei"]
    send(place)
    expect(place.locator(".form-thanks")).to_be_visible()
    ranked = {name: value for name, value in recorder.fields if name.startswith("rang-")}
    assert ranked == {"rang-lys": "1", "rang-skole": "2", "rang-vei": "3"}


def test_the_whole_form_can_be_filled_in_by_keyboard(read: Read, recorder: Recorder) -> None:
    page = read().visit("")
    place = form(page, "tilbakemelding")
    by_name(place, "funnet", "ja").focus()
    page.keyboard.press("ArrowRight")
    expect(by_name(place, "funnet", "nei")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.type("Busstider")
    while place.locator('[type="submit"]').evaluate("one => one !== document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(place.locator(".form-thanks")).to_be_focused()
    assert ("savnet", "Busstider") in recorder.fields


@pytest.mark.parametrize("script", [False, True])
def test_page_feedback_asks_one_thing_first(read: Read, script: bool) -> None:
    page = read(java_script_enabled=script).visit("")
    place = form(page, "tilbakemelding")
    expect(place.get_by_role("radio")).to_have_count(3)
    expect(place.locator('[type="submit"]')).to_be_hidden()
    expect(by_name(place, "savnet")).to_be_hidden()
    by_name(place, "funnet", "nei").check()
    expect(place.locator('[type="submit"]')).to_be_visible()
    expect(by_name(place, "savnet")).to_be_visible()
    expect(by_name(place, "feil")).to_be_visible(visible=not script)


KEPT = "Object.fromEntries(Object.entries(localStorage))"


def test_nothing_is_kept_on_the_device_unless_the_reader_asks(read: Read) -> None:
    page = read().visit(ALT)
    place = form(page)
    answer(place)
    page.wait_for_timeout(300)
    assert page.evaluate(KEPT) == {}
    send(place)
    expect(place.locator(".form-thanks")).to_be_visible()
    assert page.evaluate(KEPT) == {}


def test_a_draft_is_kept_on_request_without_who_the_reader_is(read: Read) -> None:
    page = read().visit(ALT)
    place = form(page)
    answer(place)
    place.get_by_role("button", name="Lagre kladd på denne enheten").click()
    expect(place.locator(".form-draft p")).to_contain_text("Kladden ligger i denne nettleseren")
    (kept,) = page.evaluate(KEPT).values()
    assert "Torget" in kept
    assert "Kari" not in kept
    assert "kari@example.no" not in kept
    page.reload()
    expect(place.locator(".form-draft p")).to_have_text("Kladden du lagret på denne enheten, er fylt inn.")
    expect(by_name(place, "kort")).to_have_value("Torget")
    expect(by_name(place, "en", "other")).to_be_checked()
    expect(by_name(place, "en-other")).to_have_value("Turist")
    expect(by_name(place, "rang-vei")).to_have_value("1")
    expect(by_name(place, "navn")).to_have_value("")
    place.get_by_role("button", name="Slett kladden").click()
    expect(place.locator(".form-draft p")).to_have_text("Kladden er slettet.")
    assert page.evaluate(KEPT) == {}


def test_a_draft_goes_when_the_form_is_sent(read: Read) -> None:
    page = read().visit(ALT)
    place = form(page)
    answer(place)
    place.get_by_role("button", name="Lagre kladd på denne enheten").click()
    send(place)
    expect(place.locator(".form-thanks")).to_be_visible()
    assert page.evaluate(KEPT) == {}


def test_where_the_browser_keeps_nothing_the_form_works(read: Read, recorder: Recorder) -> None:
    reader = read()
    reader.context.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError'); }})"
    )
    page = reader.visit(ALT)
    place = form(page)
    answer(place)
    place.get_by_role("button", name="Lagre kladd på denne enheten").click()
    expect(place.locator(".form-draft p")).to_have_text("Denne nettleseren tar ikke vare på kladder.")
    send(place)
    expect(place.locator(".form-thanks")).to_be_visible()
    assert len(recorder.submissions) == 1


@pytest.mark.parametrize(
    "kept", ["{}", "[1, 2]", "null", "[[]]", '[["kort"]]', '[["kort", {"a": 1}]]', "<script>"]
)
def test_what_others_put_into_the_storage_does_no_harm(read: Read, kept: str) -> None:
    page = read().visit(ALT)
    page.evaluate(
        "kept => localStorage.setItem('kommunebeta-draft ' + location.pathname + ' alt', kept)", kept
    )
    page.reload()
    send(form(page))
    expect(form(page).locator(".form-summary")).to_be_focused()


def test_the_browser_is_asked_where_it_is_only_on_request(read: Read, recorder: Recorder) -> None:
    reader = read(geolocation={"latitude": 60.39131, "longitude": 5.32214}, permissions=["geolocation"])
    page = reader.visit(ALT)
    place = form(page)
    expect(by_name(place, "sted-lat")).to_have_value("")
    place.get_by_role("button", name="Bruk stedet der jeg er").click()
    expect(by_name(place, "sted-lat")).to_have_value("60.39131")
    expect(by_name(place, "sted-lon")).to_have_value("5.32214")
    expect(place.locator(".form-status")).to_have_text("Punktet der du er, er fylt inn.")


# How it looks


@pytest.mark.parametrize("state", ["empty", "faulty"])
@in_light_and_dark
def test_axe_finds_no_fault(read: Read, axe: str, scheme: Scheme, state: str) -> None:
    page = read(color_scheme=scheme, bypass_csp=True).visit(MED_FIL)
    if state == "faulty":
        send(form(page, "med-fil"))
        by_name(form(page, "tilbakemelding"), "funnet", "nei").check()
    assert faults(page, axe, scheme) == []


AWRY = """(place, width) => Array.from(place.querySelectorAll('button, select, textarea, input:not([type="hidden"]), label'))
  .filter((one) => one.getClientRects().length && !one.closest('.form-trap'))
  .filter((one) => {
    const box = one.getBoundingClientRect();
    const isTick = one.matches('[type="radio"], [type="checkbox"]');
    return box.right > width + 0.5 || box.left < 0 || (!one.matches('label') && box.height < (isTick ? 24 : 44) - 0.5);
  }).map((one) => one.outerHTML.slice(0, 100))"""


@pytest.mark.parametrize("faulty", [False, True])
@pytest.mark.parametrize("width", [320, 640, 1280])
def test_nothing_scrolls_sideways_and_everything_can_be_hit(read: Read, width: int, faulty: bool) -> None:
    page = read(viewport={"width": width, "height": 800}).visit(MED_FIL)
    place = form(page, "med-fil")
    if faulty:
        send(place)
        expect(place.locator(".form-summary")).to_be_focused()
    assert scroll_width(page) <= width
    assert place.evaluate(AWRY, width) == []


def test_an_empty_form_prints_as_one_to_fill_in_by_hand(read: Read) -> None:
    page = read().visit(ALT)
    page.emulate_media(media="print")
    place = form(page)
    expect(place.locator('[data-field="hvor_ellers"]')).to_be_visible()
    expect(place.locator('[data-field="hvor_ellers"] .form-if')).to_be_visible()
    expect(place.locator(".form-paper")).to_have_text("På papir: lever eller send skjemaet til Fjordgata 1.")
    expect(place.locator('[type="submit"]')).to_be_hidden()
    expect(page.locator(".page-feedback")).to_be_hidden()


# Services elsewhere

SERVICES = """\
name: Torget
municipality: Fjordvik kommune
base_url: {site}/
contact: {{email: post@fjordvik.example}}
inbox:
  page_feedback: off
  forms:
    spark: {{to: formspark, key: abc}}
    web3: {{to: web3forms, key: abc-def}}
    spree: {{to: formspree, key: abcd}}
    netl: {{to: netlify}}
    post: {{to: mailto}}
"""
SMALL = """\
title: Lite skjema
fields:
  - {kind: long, name: tekst, label: Tekst, required: true}
  - {kind: many, name: valg, label: Valg, choices: [A, B, C]}
"""


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("services")
    with hosting(folder / "public") as address:
        files = {"kommunebeta.yaml": SERVICES.format(site=address)}
        for name in ("spark", "web3", "spree", "netl", "post"):
            files[f"forms/{name}.yaml"] = SMALL
            files[f"content/posts/{name}.md"] = POST.format(title=name.capitalize(), form=name)
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        build(folder, BuildOptions(at=dt.datetime(2026, 6, 1)), Reporter())
        yield address


SPARK = "https://submit-form.com/abc"
WEB3 = "https://api.web3forms.com/submit"
SPREE = "https://formspree.io/f/abcd"


@pytest.mark.parametrize(
    ("name", "address", "kind"),
    [
        ("spark", SPARK, "application/json"),
        ("web3", WEB3, "application/x-www-form-urlencoded"),
        ("spree", SPREE, "application/x-www-form-urlencoded"),
        ("netl", "/takk/netl/", "application/x-www-form-urlencoded"),
    ],
)
def test_the_script_sends_to_a_service_as_it_documents(
    read: Read, elsewhere: str, name: str, address: str, kind: str
) -> None:
    reader = read()
    posted: list[Sent] = []

    def take(route: Route) -> None:
        request = route.request
        if request.method == "OPTIONS":
            allow = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "content-type"}
            route.fulfill(status=204, headers=allow)
            return
        head = Message()
        for key, value in request.all_headers().items():
            head[key] = value
        posted.append(Sent(request.method, request.url, head, request.post_data_buffer or b""))
        route.fulfill(
            status=200,
            headers={"Access-Control-Allow-Origin": "*"},
            body="{}",
            content_type="application/json",
        )

    full = address if address.startswith("https") else elsewhere + address
    reader.context.route(full, take)
    page = reader.context.new_page()
    page.goto(f"{elsewhere}/2026/05/{name}/")
    place = form(page, name)
    by_name(place, "tekst").fill("En\nto")
    by_name(place, "valg", "a").check()
    by_name(place, "valg", "c").check()
    send(place)
    expect(place.locator(".form-thanks")).to_be_focused()
    (sent,) = posted
    assert sent.kind == kind
    line = "\n" if kind == "application/json" else "\r\n"
    answers = [pair for pair in sent.fields if pair[0] in ("tekst", "valg")]
    assert answers == [("tekst", f"En{line}to"), ("valg", "a"), ("valg", "c")]
    names = {pair[0] for pair in sent.fields}
    assert "redirect" not in names
    assert {"kb-form", "kb-policy", "kb-version", "kb-lang", "kb-page", "kb-post"} <= names
    assert names & {"kb-token", "botcheck", "_honeypot"} == set()


@pytest.mark.parametrize("name", ["spark", "spree"])
def test_a_service_that_refuses_is_explained_in_our_own_words(read: Read, elsewhere: str, name: str) -> None:
    reader = read()
    allow = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "content-type"}
    words = (
        '{"status": "error", "message": "Form not found", "errors": [{"field": "tekst", "message": "bad"}]}'
    )
    reader.context.route(
        lambda url: url in (SPARK, SPREE), lambda route: route.fulfill(status=404, headers=allow, body=words)
    )
    page = reader.context.new_page()
    page.goto(f"{elsewhere}/2026/05/{name}/")
    by_name(form(page, name), "tekst").fill("Hei")
    send(form(page, name))
    expect(form(page, name).locator(".form-summary li")).to_have_text(FAILED)


def test_the_readers_mail_program_gets_the_form_from_the_browser(read: Read, elsewhere: str) -> None:
    page = read().context.new_page()
    page.goto(f"{elsewhere}/2026/05/post/")
    place = form(page, "post")
    page.evaluate(
        "document.addEventListener('submit', (event) => { window.left = !event.defaultPrevented; event.preventDefault(); })"
    )
    send(place)
    expect(place.locator(".form-summary")).to_be_focused()
    by_name(place, "tekst").fill("Hei")
    place.get_by_role("button", name="Lagre kladd på denne enheten").click()
    for _ in range(2):
        page.evaluate("window.left = null")
        send(place)
        assert page.evaluate("window.left") is True
    assert len(page.evaluate(KEPT)) == 1, "nobody knows whether the mail was sent"
