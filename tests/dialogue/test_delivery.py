"""Where forms go: each exactly as its service documents it, and nowhere that the settings do not say."""

from __future__ import annotations

import datetime as dt
import http.server
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser
from selectolax.lexbor import LexborHTMLParser

from kommunebeta.build import BuildOptions, BuildResult, build
from kommunebeta.config import FILE_NAME, Settings
from kommunebeta.dialogue.delivery import delivery_of, policy_for, version_of
from kommunebeta.dialogue.destinations import DESTINATIONS, origin_of
from kommunebeta.dialogue.forms import FormDefinition, read_form
from kommunebeta.dialogue.model import Delivery
from kommunebeta.errors import ContentError, Problem, Severity
from kommunebeta.headers import content_security_policy, policy_sources
from kommunebeta.reporter import Reporter
from tests.browsing import Scheme, faults_of, in_light_and_dark, listening, serving

Make = Callable[..., Path]

INNSPILL = """
id: innspill
title: {nb: Gi innspill, nn: Gi innspel, en: Give your input}
policy_version: "2026-1"
fields:
  - {kind: long, name: innspill, label: Hva mener du?}
  - {kind: email, name: epost, label: E-post}
"""
FILE = "  - {kind: file, name: attachment, label: Bilde, enabled: ja}\n"


def form_of(text: str = INNSPILL) -> FormDefinition:
    form, problems = read_form(text, "forms/x.yaml")
    assert form
    assert problems == ()
    return form


def settings_of(inbox: dict[str, Any], base_url: str = "https://beta.fjordvik.example/") -> Settings:
    return Settings.model_validate(
        {
            "name": "Fjordvikbeta",
            "municipality": "Fjordvik kommune",
            "base_url": base_url,
            "languages": ["nb", "nn", "se", "en"],
            "contact": {"email": "post@fjordvik.example"},
            "inbox": inbox,
        }
    )


def sent(
    inbox: dict[str, Any],
    *,
    form: FormDefinition | None = None,
    base_url: str = "https://beta.fjordvik.example/",
    lang: str = "nb",
    post: str = "ny-skole",
) -> Delivery:
    return delivery_of(
        settings_of(inbox, base_url),
        form or form_of(),
        lang=lang,
        home=lang,
        page="/2026/05/ny-skole/",
        post=post,
    )


OWN = {
    "kb-form": "innspill",
    "kb-policy": "2026-1",
    "kb-version": version_of(form_of()),
    "kb-lang": "nb",
    "kb-page": "/2026/05/ny-skole/",
    "kb-post": "ny-skole",
}
THANKS = "https://beta.fjordvik.example/takk/innspill/"
FAILED = "https://beta.fjordvik.example/ikke-sendt/"

# What each service's documentation shows, put together from the pages named before it, with our id, key and
# addresses where it has those of an example.
DOCUMENTED = {
    "netlify": (
        # https://docs.netlify.com/manage/forms/setup/#html-forms, …#custom-success-page
        # https://docs.netlify.com/manage/forms/spam-filters/#honeypot-field
        """<form name="innspill" action="/takk/innspill/" method="POST" data-netlify="true"
                 data-netlify-honeypot="bot-field">
             <input type="hidden" name="form-name" value="innspill">
             <input type="text" name="bot-field">
           </form>"""
    ),
    "formspree": (
        # https://help.formspree.io/articles/building-your-form/honeypot-spam-filtering.md
        # https://github.com/formspree/formspree#advanced-features
        f"""<form action="https://formspree.io/f/abc123">
              <input type="hidden" name="_next" value="{THANKS}">
              <input type="text" name="_gotcha">
            </form>"""
    ),
    "formspark": (
        # https://documentation.formspark.io/customization/redirection.html
        # https://documentation.formspark.io/setup/spam-protection.html
        f"""<form action="https://submit-form.com/abc123">
              <input type="hidden" name="_redirect" value="{THANKS}">
              <input type="hidden" name="_append" value="false">
              <input type="hidden" name="_error" value="{FAILED}">
              <input type="checkbox" name="_honeypot">
            </form>"""
    ),
    "web3forms": (
        # https://docs.web3forms.com/getting-started/api-reference
        # https://docs.web3forms.com/getting-started/customizations/redirection
        # https://docs.web3forms.com/getting-started/customizations/spam-protection/spam-protection
        f"""<form action="https://api.web3forms.com/submit" method="POST">
              <input type="hidden" name="access_key" value="abc123">
              <input type="hidden" name="subject" value="Gi innspill – Fjordvikbeta">
              <input type="hidden" name="redirect" value="{THANKS}">
              <input type="checkbox" name="botcheck">
            </form>"""
    ),
}


@pytest.mark.parametrize("service", DOCUMENTED)
def test_a_form_is_exactly_what_the_service_documents_and_our_own_hidden_fields(service: str) -> None:
    documented = LexborHTMLParser(DOCUMENTED[service]).css_first("form")
    hidden = {i.attributes["name"]: i.attributes["value"] for i in documented.css("input[type=hidden]")}
    (trap,) = documented.css("input:not([type=hidden])")
    attributes = {k: v for k, v in documented.attributes.items() if k not in ("action", "method")}
    delivery = sent({"to": service, "key": "abc123"})
    assert delivery.action == documented.attributes["action"]
    assert dict(delivery.attributes) == attributes
    assert dict(delivery.hidden) == {**hidden, **OWN}
    assert len(delivery.hidden) == len(hidden) + len(OWN)
    assert delivery.honeypot == trap.attributes["name"]
    assert delivery.checkbox == (trap.attributes["type"] == "checkbox")
    assert (delivery.thanks, delivery.failed) == (THANKS, FAILED)
    assert (delivery.enctype, delivery.token, delivery.foreign) == ("", "", True)


@pytest.mark.parametrize(
    ("service", "body", "unscripted"),
    [
        # https://docs.netlify.com/manage/forms/setup/#submit-html-forms-with-ajax: URL-encoded, no JSON
        ("netlify", "form", ()),
        # https://github.com/formspree/formspree#using-ajax: only the header Accept
        ("formspree", "form", ()),
        # https://documentation.formspark.io/examples/ajax.html: Content-Type and Accept are JSON
        ("formspark", "json", ()),
        # https://docs.web3forms.com/getting-started/customizations/redirection: only without a script
        ("web3forms", "form", ("redirect",)),
    ],
)
def test_a_script_sends_as_the_service_documents_it(
    service: str, body: str, unscripted: tuple[str, ...]
) -> None:
    delivery = sent({"to": service, "key": "abc123"})
    assert (delivery.json, delivery.body, delivery.unscripted) == (True, body, unscripted)
    assert set(unscripted) <= dict(delivery.hidden).keys()


def test_answers_never_stand_in_the_address_of_the_page_of_thanks_after_formspark() -> None:
    assert ("_append", "false") in sent({"to": "formspark", "key": "abc123"}).hidden


def test_a_form_outside_posts_has_no_post_and_netlify_still_learns_that_there_may_be_one() -> None:
    without = {name: value for name, value in OWN.items() if name != "kb-post"}
    assert dict(sent({"to": "url", "url": "/x"}, post="").hidden).items() >= without.items()
    assert "kb-post" not in dict(sent({"to": "url", "url": "/x"}, post="").hidden)
    assert dict(sent({"to": "netlify"}, post="").hidden) == {"form-name": "innspill", **OWN, "kb-post": ""}


def test_no_question_can_have_the_name_of_a_hidden_field_of_ours() -> None:
    for to, inbox in (("kommunebeta", "/i/"), ("url", "/x"), ("netlify", "")):
        names = [name for name, _ in sent({"to": to, "url": inbox}).hidden]
        assert names
        for name in names:
            text = INNSPILL.replace("name: innspill", f"name: {name}")
            assert read_form(text, "forms/x.yaml")[0] is None


# Our own receiver, any address, the mail program, nowhere


@pytest.mark.parametrize(
    ("written", "base"),
    [
        ("https://svar.fjordvik.example", "https://svar.fjordvik.example/"),
        ("https://svar.fjordvik.example/inn/", "https://svar.fjordvik.example/inn/"),
        ("/innboks", "/innboks/"),
    ],
)
def test_our_own_receiver_gets_our_fields_and_nothing_else(written: str, base: str) -> None:
    delivery = sent({"to": "kommunebeta", "url": written})
    assert delivery == Delivery(
        "kommunebeta",
        action=f"{base}submissions",
        hidden=tuple(OWN.items()),
        honeypot="kb-website",
        json=True,
        token=f"{base}token?form=innspill",
        thanks=THANKS,
        failed=FAILED,
    )


def test_any_address_learns_where_the_reader_should_come_and_no_script_reads_its_answer() -> None:
    delivery = sent({"to": "url", "url": "https://skjema.example/motta?x=1"})
    assert delivery.action == "https://skjema.example/motta?x=1"
    assert dict(delivery.hidden) == {**OWN, "kb-thanks": THANKS, "kb-failed": FAILED}
    assert (delivery.json, delivery.honeypot, delivery.attributes) == (False, "kb-website", ())
    assert (delivery.service, delivery.foreign) == ("skjema.example", True)


@pytest.mark.parametrize(
    ("address", "foreign"),
    [
        ("/motta.php", False),
        ("https://beta.fjordvik.example/motta", False),
        ("https://beta.fjordvik.example:443/motta", False),
        ("https://beta.fjordvik.example:8443/motta", True),
        ("http://beta.fjordvik.example/motta", True),
        ("https://fjordvik.example/motta", True),
    ],
)
def test_an_address_is_foreign_when_its_origin_is_not_the_sites(address: str, foreign: bool) -> None:
    assert sent({"to": "url", "url": address}).foreign is foreign
    assert sent({"to": "kommunebeta", "url": address}).foreign is False


def test_a_mail_has_a_subject_and_only_what_people_understand() -> None:
    delivery = sent({"to": "mailto"}, lang="en")
    assert (
        delivery.action
        == "mailto:post@fjordvik.example?subject=Give%20your%20input%20%E2%80%93%20Fjordvikbeta"
    )
    assert parse_qs(urlsplit(delivery.action).query) == {"subject": ["Give your input – Fjordvikbeta"]}
    assert delivery.enctype == "text/plain"
    assert delivery.hidden == (
        ("kb-form", "innspill"),
        ("kb-policy", "2026-1"),
        ("kb-page", "https://beta.fjordvik.example/2026/05/ny-skole/"),
    )
    assert (delivery.honeypot, delivery.json, delivery.foreign) == ("", False, False)
    assert (delivery.thanks, delivery.failed) == ("", "")


def test_a_forms_own_address_comes_before_the_municipalitys_and_cannot_add_headers() -> None:
    inbox = {"to": "mailto", "email": "kultur%0acc#x/y@fjordvik.example"}
    action = sent(inbox).action
    assert action.startswith("mailto:kultur%250acc%23x%2Fy@fjordvik.example?subject=")


def test_a_form_that_goes_nowhere_is_off() -> None:
    assert sent({"to": "off"}) == Delivery("off")
    assert sent({}).is_off


def test_a_form_goes_where_its_own_route_says() -> None:
    inbox = {"to": "netlify", "forms": {"innspill": {"to": "off"}}}
    assert sent(inbox).is_off
    assert sent(inbox, form=form_of(INNSPILL.replace("id: innspill", "id: annet"))).to == "netlify"


# Addresses


@pytest.mark.parametrize(
    ("lang", "thanks", "failed"),
    [
        ("nb", "/takk/innspill/", "/ikke-sendt/"),
        ("nn", "/nn/takk/innspill/", "/nn/ikkje-sendt/"),
        ("se", "/se/giitu/innspill/", "/se/ii-saddejuvvon/"),
        ("en", "/en/thanks/innspill/", "/en/not-sent/"),
    ],
)
def test_the_reader_comes_back_to_pages_in_the_same_language(lang: str, thanks: str, failed: str) -> None:
    delivery = sent({"to": "netlify"}, lang=lang, base_url="https://www.fjordvik.example/beta/")
    assert delivery.thanks == f"https://www.fjordvik.example/beta{thanks}"
    assert delivery.failed == f"https://www.fjordvik.example/beta{failed}"
    assert delivery.action == f"/beta{thanks}"
    assert dict(delivery.hidden)["kb-lang"] == lang
    assert dict(delivery.hidden)["kb-page"] == "/2026/05/ny-skole/"


@pytest.mark.parametrize(
    "to", [name for name, place in DESTINATIONS.items() if place.files and name != "off"]
)
def test_a_form_with_a_file_is_sent_in_parts(to: str) -> None:
    delivery = sent({"to": to, "key": "abc", "url": "/x"}, form=form_of(INNSPILL + FILE))
    assert delivery.enctype == "multipart/form-data"
    assert sent({"to": to, "key": "abc", "url": "/x"}).enctype == ""
    off = form_of(INNSPILL + FILE.replace("ja", "nei"))
    assert sent({"to": to, "key": "abc", "url": "/x"}, form=off).enctype == ""


def test_the_version_follows_what_the_file_says() -> None:
    version = version_of(form_of())
    assert re.fullmatch("[0-9a-f]{12}", version)
    assert version_of(form_of("# en kommentar\n" + INNSPILL)) == version
    assert version_of(form_of(INNSPILL.replace("Hva mener", "Hva tror"))) != version
    assert version_of(form_of(INNSPILL + FILE)) != version


# The policy


@pytest.mark.parametrize(
    ("inbox", "actions", "connections"),
    [
        ({"to": "off"}, (), ()),
        ({"to": "netlify"}, (), ()),
        ({"to": "formspree", "key": "a"}, ("https://formspree.io",), ("https://formspree.io",)),
        ({"to": "formspark", "key": "a"}, ("https://submit-form.com",), ("https://submit-form.com",)),
        ({"to": "web3forms", "key": "a"}, ("https://api.web3forms.com",), ("https://api.web3forms.com",)),
        ({"to": "mailto"}, ("mailto:",), ()),
        ({"to": "url", "url": "https://a.example:8443/x?y=z"}, ("https://a.example:8443",), ()),
        ({"to": "url", "url": "/x"}, (), ()),
        (
            {"to": "kommunebeta", "url": "https://a.example:443/"},
            ("https://a.example",),
            ("https://a.example",),
        ),
        ({"to": "kommunebeta", "url": "https://beta.fjordvik.example/i/"}, (), ()),
        ({"to": "kommunebeta", "url": "/i/"}, (), ()),
        (
            {"to": "kommunebeta", "url": "https://blåbær.example/"},
            ("https://xn--blbr-roah.example",),
            ("https://xn--blbr-roah.example",),
        ),
    ],
    ids=str,
)
def test_the_policy_allows_the_origin_and_no_more(
    inbox: dict[str, Any], actions: tuple[str, ...], connections: tuple[str, ...]
) -> None:
    policy = policy_for(settings_of(inbox), ["innspill"])
    assert policy.get("form-action", ()) == actions
    assert policy.get("connect-src", ()) == connections
    assert policy_for(settings_of(inbox), []) == {}


def test_every_address_of_a_form_is_allowed_by_the_policy() -> None:
    for to, place in DESTINATIONS.items():
        inbox = {"to": to, "key": "abc", "url": "https://svar.example/"}
        policy = policy_for(settings_of(inbox), ["innspill"])
        delivery = sent(inbox)
        for address, directive in ((delivery.action, "form-action"), (delivery.token, "connect-src")):
            own = not address or address.startswith("/")
            source = "mailto:" if address.startswith("mailto:") else origin_of(address)
            assert own or source in policy[directive], (to, place, address)


# What the settings may say


HEAD = "name: Fjordvikbeta\nmunicipality: Fjordvik kommune\nbase_url: https://beta.fjordvik.example/\n"
POST = "---\ntitle: Hei\ndate: 2026-01-02\nfeedback: innspill\n---\nHei.\n"


def built(folder: Path) -> BuildResult:
    return build(folder, BuildOptions(at=dt.datetime(2026, 6, 1), jobs=1), Reporter())


def problems_of(make_folder: Make, inbox: str, **files: str) -> list[Problem]:
    more = {f"forms/{name}.yaml": text for name, text in files.items()}
    folder = make_folder({FILE_NAME: HEAD + inbox, "content/posts/hei.md": POST, **more})
    try:
        return list(built(folder).problems)
    except ContentError as error:
        return list(error.problems)


@pytest.mark.parametrize(
    ("inbox", "place", "said"),
    [
        ("inbox: {to: kommunebeta}\n", (4, 13), "`url`"),
        ("inbox:\n  to: url\n", (5, 7), "`url`"),
        ("inbox:\n  to: formspree\n", (5, 7), "https://formspree.io/f/"),
        ("inbox:\n  to: formspark\n", (5, 7), "https://submit-form.com/"),
        ("inbox:\n  to: web3forms\n", (5, 7), "access key"),
        ("inbox:\n  to: mailto\n", (5, 7), "`email`"),
        ("inbox:\n  to: kommunebeta\n  url: http://svar.example/\n", (6, 8), "https://"),
        ("inbox:\n  to: kommunebeta\n  url: https://svar.example/?a=b\n", (6, 8), "«?»"),
        ("inbox:\n  forms:\n    innspill:\n      to: url\n", (7, 11), "`url`"),
        ("inbox:\n  forms:\n    insspill:\n      to: netlify\n", (6, 5), "«innspill»?"),
        ("inbox:\n  page_feedback: tilbakemeding\n", (5, 18), "«tilbakemelding»?"),
        ("inbox:\n  page_feedback: finnes-ikke\n", (5, 18), "`off`"),
    ],
    ids=str,
)
def test_what_is_missing_or_wrong_is_told_at_its_line(
    make_folder: Make, inbox: str, place: tuple[int, int], said: str
) -> None:
    (problem,) = [problem for problem in problems_of(make_folder, inbox) if problem.code != "KB090"]
    assert (problem.code, problem.path, problem.severity) == ("KB091", FILE_NAME, Severity.ERROR)
    assert (problem.line, problem.column) == place
    assert said in f"{problem.message} {problem.mend}"


@pytest.mark.parametrize(
    "url", ["http://localhost:8700/", "http://127.0.0.1/", "https://svar.example/", "/inn/"]
)
def test_a_receiver_on_this_machine_needs_no_encryption(make_folder: Make, url: str) -> None:
    assert problems_of(make_folder, f"inbox:\n  to: kommunebeta\n  url: {url}\n") == []


@pytest.mark.parametrize(
    "url",
    [
        "svar.example", "//svar.example/", "ftp://svar.example/", "javascript:alert(1)", "https://", "https://[::1]/",
        "https://a@svar.example/", "https://svar.example/#x", "https://svar.example;script-src *", "https://a b/",
        "https://svar.example:port/", "https://*/", "https://'none'/", "/in n/", "/\\svar.example/",
        f"https://{'a' * 64}.example/",
    ],
)  # fmt: skip
def test_what_is_no_address_never_reaches_a_policy(make_folder: Make, url: str) -> None:
    written = url.replace("'", "''")
    (problem,) = problems_of(make_folder, f"inbox:\n  to: url\n  url: '{written}'\n")
    assert (problem.code, problem.line, problem.column) == ("KB022", 6, 8)


def test_a_password_in_the_address_is_told_as_a_secret(make_folder: Make) -> None:
    (problem,) = problems_of(make_folder, "inbox:\n  to: url\n  url: 'https://a:b@svar.example/'\n")
    assert (problem.code, problem.line) == ("KB025", 6)


@pytest.mark.parametrize("word", ["off", "av", "nei", "false", "No"])
def test_the_form_at_the_foot_is_turned_off_by_any_word_for_no(make_folder: Make, word: str) -> None:
    assert settings_of({"page_feedback": word}).inbox.page_feedback == "off"
    assert problems_of(make_folder, f"inbox:\n  page_feedback: {word}\n") == []


@pytest.mark.parametrize(
    ("to", "field", "said"),
    [
        ("mailto", FILE, "asks for a file"),
        ("formspark", FILE, "asks for a file"),
        ("web3forms", FILE.replace("attachment", "bilde"), "«attachment»"),
        ("web3forms", "  - {kind: short, name: redirect, label: Hvor?}\n", "«redirect»"),
    ],
)
def test_a_form_that_its_service_cannot_take_is_refused(
    make_folder: Make, to: str, field: str, said: str
) -> None:
    inbox = f"contact: {{email: a@b.no}}\ninbox:\n  forms:\n    innspill: {{to: {to}, key: a}}\n"
    found = problems_of(make_folder, inbox, innspill=INNSPILL + field)
    (problem,) = [problem for problem in found if problem.severity == Severity.ERROR]
    assert (problem.code, problem.line, problem.column) == ("KB091", 7, 20)
    assert said in problem.message
    allowed = "netlify" if to != "web3forms" else "formspree"
    assert not [
        problem
        for problem in problems_of(make_folder, inbox.replace(to, allowed), innspill=INNSPILL + field)
        if problem.severity == Severity.ERROR
    ]


@pytest.mark.parametrize(
    ("route", "said"),
    [
        ("{to: netlify}", "Netlify, a company in the United States"),
        ("{to: formspree, key: a}", "Formspree, a company in the United States"),
        ("{to: formspark, key: a}", "Formspark keeps"),
        ("{to: web3forms, key: a}", "company in India"),
        ("{to: url, url: 'https://skjema.example/x'}", "skjema.example takes in"),
    ],
)
def test_a_company_that_handles_what_citizens_write_is_named_once(
    make_folder: Make, route: str, said: str
) -> None:
    (note,) = problems_of(make_folder, f"inbox: {route}\n")
    assert (note.code, note.severity, note.line, note.column) == ("KB090", Severity.NOTE, 4, 13)
    assert said in note.message
    assert "«innspill», «tilbakemelding»" in note.message
    assert "article 28" in note.mend
    assert "chapter V" in note.mend


@pytest.mark.parametrize(
    "inbox",
    [
        "inbox: {to: off}\n",
        "inbox: {to: kommunebeta, url: 'https://svar.example/'}\n",
        "inbox: {to: url, url: /motta}\n",
        "inbox: {to: mailto, email: a@b.no}\n",
        "inbox: {to: off, forms: {sporsmal: {to: netlify}}}\n",  # on no page
    ],
)
def test_what_stays_with_the_municipality_is_no_cause_for_a_note(make_folder: Make, inbox: str) -> None:
    assert problems_of(make_folder, inbox) == []


# The pages afterwards, in a real site

SITE = HEAD + (
    "languages: [nb, nn, se, en]\n"
    "contact: {email: post@fjordvik.example, phone: 75 00 00 00, address: Torget 1, hours: {nb: 9–15, en: 9 to 3}}\n"
    "inbox:\n  to: formspree\n  key: abc123\n  forms:\n    sporsmal: {to: mailto}\n    undersokelse: {to: off}\n"
)
PAGES = {
    "takk": "takk/innspill", "nn": "nn/takk/innspill", "se": "se/giitu/innspill", "en": "en/thanks/innspill",
    "feedback": "takk/tilbakemelding", "failed": "ikke-sendt", "nn failed": "nn/ikkje-sendt",
    "se failed": "se/ii-saddejuvvon", "en failed": "en/not-sent",
}  # fmt: skip


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("takk")
    texts = {
        FILE_NAME: SITE,
        "content/posts/hei.md": POST,
        "content/posts/sporsmal.md": POST.replace("innspill", "sporsmal"),
        "content/posts/undersokelse.md": POST.replace("innspill", "undersokelse"),
        "forms/innspill.yaml": INNSPILL
        + "thanks: {nb: 'Takk! Vi svarer **innen fem dager**.', en: Cheers.}\n",
    }
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return built(folder).output


def shown(public: Path, name: str) -> LexborHTMLParser:
    return LexborHTMLParser((public / PAGES[name] / "index.html").read_text("utf-8"))


@pytest.mark.parametrize("name", PAGES)
def test_each_page_afterwards_is_there_for_readers_and_not_for_search_engines(
    public: Path, name: str
) -> None:
    page = shown(public, name)
    assert page.css_first("meta[name=robots]").attributes["content"] == "noindex"
    assert f"/{PAGES[name]}/" not in (public / "sitemap.xml").read_text("utf-8")
    assert page.css("form") == []
    assert len(page.css("h1")) == 1
    lang = page.css_first("html").attributes["lang"]
    assert lang == (PAGES[name].split("/")[0] if PAGES[name][:3] in ("nn/", "se/", "en/") else "nb")
    homes = [link.attributes["href"] for link in page.css("main a")]
    assert ("/" if lang == "nb" else f"/{lang}/") in homes


def test_forms_that_open_a_mail_or_are_off_have_no_page_of_thanks(public: Path) -> None:
    assert sorted(path.name for path in (public / "takk").iterdir()) == ["innspill", "tilbakemelding"]


def test_a_site_whose_forms_go_nowhere_has_no_such_pages(make_folder: Make) -> None:
    output = built(make_folder({FILE_NAME: HEAD, "content/posts/hei.md": POST})).output
    assert not (output / "takk").exists()
    assert not (output / "ikke-sendt").exists()


def test_the_forms_own_thanks_are_shown_in_the_pages_language(public: Path) -> None:
    assert shown(public, "takk").css_first("main strong").text() == "innen fem dager"
    assert "Cheers." in shown(public, "en").css_first("main").text()
    assert "Vi har fått det du sendte oss." in shown(public, "feedback").css_first("main").text()


def test_thanks_promise_an_answer_only_where_the_form_can_be_answered(
    make_folder: Make, public: Path
) -> None:
    anonymous = shown(public, "feedback").css_first("main").text()
    assert "Vi vet ikke hvem du er" in anonymous
    assert "e-post når vi har svart" not in anonymous
    assert "Vi vet ikke hvem du er" not in shown(public, "takk").css_first("main").text()
    ready = built(make_folder({FILE_NAME: SITE, "content/posts/hei.md": POST})).output
    asked = LexborHTMLParser((ready / "takk/innspill/index.html").read_text("utf-8")).css_first("main").text()
    assert "e-post når vi har svart" in asked
    assert "leser vi gjennom det først" in asked


def test_the_page_for_what_went_wrong_names_other_ways_to_reach_the_municipality(public: Path) -> None:
    page = shown(public, "en failed").css_first("main")
    assert {link.attributes["href"] for link in page.css("a")} >= {
        "mailto:post@fjordvik.example",
        "tel:75000000",
    }
    assert "Torget 1" in page.text()
    assert "9 to 3" in page.text()


def test_the_headers_of_the_site_allow_what_its_used_forms_need(public: Path) -> None:
    policy = policy_sources((public / "_headers").read_text("utf-8"))
    assert policy == {
        "form-action": ("https://formspree.io", "mailto:"),
        "connect-src": ("https://formspree.io",),
    }


@pytest.fixture(scope="module")
def server(public: Path) -> Iterator[str]:
    with serving(public) as address:
        yield address


@in_light_and_dark
def test_axe_finds_nothing_on_the_pages_afterwards_and_they_fit_a_small_screen(
    server: str, browser: Browser, axe: str, scheme: Scheme
) -> None:
    assert faults_of(browser, axe, [f"{server}/{path}/" for path in PAGES.values()], scheme) == []


class Answering(http.server.BaseHTTPRequestHandler):
    """The site, with one form and its policy; and, on another port, a receiver that sends readers back."""

    action = policy = back = ""

    def log_message(self, *arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        form = f'<form action="{self.action}" method="post" enctype="text/plain"><input name="a" value="b"></form>'
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", self.policy)
        self.end_headers()
        self.wfile.write(f"<!doctype html><title>{self.path}</title>{form}".encode())

    def do_POST(self) -> None:
        self.send_response(303)
        self.send_header("Location", self.back)
        self.end_headers()


@pytest.fixture
def answering() -> Iterator[tuple[str, str]]:
    """Addresses of a site and of a receiver."""
    with listening(Answering) as site, listening(Answering) as receiver:
        yield f"{site}/", f"{receiver}/"


def asked_by(browser: Browser, address: str) -> tuple[list[str], str]:
    """Opens a page and sends its form; gives the requests that were made, and the title in the end."""
    tab = browser.new_page()
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    told: list[str] = []
    tab.on("console", lambda message: told.append(message.text))
    tab.goto(address)
    tab.evaluate("setTimeout(() => document.forms[0].submit(), 1)")  # a mail never ends the navigation
    for _ in range(100):
        tab.wait_for_timeout(50)
        if len(asked) > 2 or told or asked[-1].startswith("POST mailto:"):
            break
    tab.wait_for_timeout(100)
    while (title := tab.title()).startswith("Loading "):  # what Chromium calls a page that is on its way
        tab.wait_for_timeout(50)
    tab.close()
    return asked, title


@pytest.mark.parametrize("allowed", [True, False])
def test_a_browser_opens_a_mail_only_where_the_policy_says_so(
    browser: Browser, answering: tuple[str, str], monkeypatch: pytest.MonkeyPatch, allowed: bool
) -> None:
    inbox = {"to": "mailto"}
    more = policy_for(settings_of(inbox), ["innspill"]) if allowed else {}
    monkeypatch.setattr(Answering, "policy", content_security_policy(more))
    monkeypatch.setattr(Answering, "action", sent(inbox).action)
    asked, _ = asked_by(browser, answering[0])
    mails = [request for request in asked if request.startswith("POST mailto:")]
    assert [mail.partition("?")[0] for mail in mails] == ["POST mailto:post@fjordvik.example"] * allowed
    if allowed:
        query = parse_qs(urlsplit(mails[0].removeprefix("POST ")).query)
        assert query["subject"] == ["Gi innspill – Fjordvikbeta"]
        assert query["body"][0].strip() == "a=b"


@pytest.mark.parametrize("home", [True, False])
def test_a_browser_follows_a_receiver_back_to_the_site_and_to_nobody_else(
    browser: Browser, answering: tuple[str, str], monkeypatch: pytest.MonkeyPatch, home: bool
) -> None:
    site, receiver = answering
    inbox = {"to": "kommunebeta", "url": receiver}
    policy = policy_for(settings_of(inbox, site), ["innspill"])
    monkeypatch.setattr(Answering, "policy", content_security_policy(policy))
    monkeypatch.setattr(Answering, "action", sent(inbox, base_url=site).action)
    thanks = sent(inbox, base_url=site).thanks
    monkeypatch.setattr(Answering, "back", thanks if home else thanks.replace("127.0.0.1", "localhost"))
    asked, title = asked_by(browser, site)
    assert f"POST {receiver}submissions" in asked
    assert title == ("/takk/innspill/" if home else "/")
