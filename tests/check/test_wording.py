"""Plain language: what is told of heavy texts, and above all what is not told of good ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from kommunebeta.check.locate import Locator
from kommunebeta.check.page import Page
from kommunebeta.check.passive import is_passive
from kommunebeta.check.plainwords import plainer, stiff_words
from kommunebeta.check.prose import excerpt, sentences, words
from kommunebeta.check.wording import Sentence, lix, plain_language
from tests.check.around import around, told


def found(body: str, lang: str = "nb", source: str = "content/posts/a.md") -> list[str]:
    html = f"<!doctype html><html lang='{lang}'><body><main>{body}</main></body></html>"
    seen = Page("x/index.html", html.encode())
    return told(plain_language(seen, around(sources={seen.path: source})))


def prose(*paragraphs: str) -> str:
    return f'<div class="prose">{"".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)}</div>'


@pytest.mark.parametrize(
    "text",
    [
        "Vi begynner 1. mai kl. 18.30 på biblioteket.",
        "Det gjelder bl.a. Storgata og f.eks. Kirkegata.",
        "Vi har plass til ca. 30, jf. Plan- og bygningsloven kap. 5.",
        "Det koster 2,5 mill. kroner, dvs. 1.250 per innbygger.",
        "K. Nordmann og A.B. Hansen svarer.",
        "Les mer på https://www.example.no/a.b/c?d=e. eller ring oss",
        "Møtet er 17. desember.",
        "Prisen er pr. stk. og gjelder inkl. mva. for alle.",
        "Er du enig? – så si det",
        "Spør dr. Berg, mr. Smith eller nr. 7.",
    ],
)
def test_a_full_stop_does_not_always_end_a_sentence(text: str) -> None:
    assert list(sentences(text)) == [text]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Vi graver. Det støyer.", 2),
        ("Hva mener du? Si fra! Vi lytter …", 3),
        ("«Dette går bra.» Det sa ordføreren.", 2),
        ("Åpent til kl. 18. Velkommen!", 2),
        ("Vi var 30. Øya var full.", 2),
        ("Snakk med oss i dag. 12 har gjort det.", 2),
        ("Vi gjer det no. Bli med!", 2),
        ("Vi ønsker deg god jul. Alle er velkomne.", 2),
        ("Det koster 20 mill. Pengene er satt av.", 2),
        ("Vi har baller, nett osv. Ta med sko.", 2),
        ("", 0),
    ],
)
def test_sentences_end_where_a_new_one_begins(text: str, count: int) -> None:
    assert len(list(sentences(text))) == count


def test_words_are_counted_as_people_do() -> None:
    assert words("E-post til bl.a. kommunedirektøren: 2,5 mill. på https://x.example/a-b/c") == [
        "E-post", "til", "bl", "a", "kommunedirektøren", "2,5", "mill", "på", "x",
    ]  # fmt: skip


def test_a_long_sentence_is_told_and_one_of_thirty_words_is_not() -> None:
    assert found(prose("Ja " + "ja " * 28 + "ja.")) == []
    (only,) = found(prose("Ja " + "ja " * 29 + "ja."))
    assert only.startswith("KB144")
    assert "31 words" in only


@pytest.mark.parametrize("around_it", ["blockquote", "li", "td", "pre", "figure", "form"])
def test_words_of_others_and_lists_are_left_alone(around_it: str) -> None:
    heavy = f"<p>{'I henhold til planen og ' * 12}vedtaket.</p>"
    inside = {"li": "<ul><li>{}</li></ul>", "td": "<table><tr><td>{}</td></tr></table>"}
    body = inside.get(around_it, f"<{around_it}>{{}}</{around_it}>").format(heavy)
    assert found(f'<div class="prose">{body}</div>') == []


def test_a_sentence_with_a_link_in_it_is_found_in_its_source(tmp_path: Path) -> None:
    source = tmp_path / "content" / "posts" / "a.md"
    source.parent.mkdir(parents=True)
    source.write_text(
        "---\ntitle: A\n---\n\nKort. Vi *spør* [alle i gata](/x/) om\n"
        + "veien og " * 15
        + "brua ved elva.\n",
        "utf-8",
    )
    text = f"Vi spør alle i gata om {'veien og ' * 15}brua ved elva."
    place = Locator(tmp_path, {}).place(Sentence(text, ()).clue, "content/posts/a.md")
    assert (place.path, place.line, place.column) == ("content/posts/a.md", 5, 7)


def test_what_stands_beside_the_text_is_left_alone() -> None:
    heavy = f"<p>{'I henhold til planen og ' * 12}vedtaket.</p>"
    assert found(f'<div class="prose"><p>Kort.</p></div><section class="dialogue">{heavy}</section>') == []
    assert found(f'<div class="prose"><div lang="en">{heavy}</div></div>') == []
    assert found(prose("Kort.") + heavy, source="static/x.html") == []
    assert len(found(f"<article>{heavy}</article>")) == 2


def test_code_and_quotations_within_a_sentence_are_not_judged() -> None:
    assert found(prose("Skriv <code>iverksette i henhold til</code> her, sa hun: <q>vedrørende</q>.")) == []


@pytest.mark.parametrize(
    ("lang", "text", "plain"),
    [
        ("nb", "Støtte gis i henhold til planen.", "etter"),
        ("nb", "Tiltaket iverksettes i mai.", "sette i gang"),
        ("nb", "Vedr. søknaden din", "om"),
        ("nn", "Vi vil iverksetje tiltaket.", "setje i gang"),
        ("nn", "Svaret føreligg no.", "er, finst"),
        ("en", "Call us prior to the meeting.", "before"),
        ("en-GB", "We utilise the hall.", "use"),
    ],
)
def test_stiff_words_are_told_with_a_plainer_one(lang: str, text: str, plain: str) -> None:
    (only,) = found(prose(text), lang)
    assert only.startswith("KB145")
    assert f"plainer is «{plain}»" in only


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("nb", "Veien er framkommelig, og vi tar hensyn til alle."),
        ("nb", "Han sa det på en samtale om mottak."),
        ("nn", "I samsvar med planen set vi i gang."),
        ("se", "Vedrørende i henhold til iverksette."),
        ("fi", "I henhold til."),
    ],
)
def test_plain_words_and_other_languages_are_not_told(lang: str, text: str) -> None:
    assert found(prose(text), lang) == []


def test_each_stiff_word_is_told_once() -> None:
    assert len(found(prose("Såfremt det snør, måker vi.", "Såfremt det regner, pumper vi."))) == 1


def test_a_very_long_word_is_told_and_one_with_a_hyphen_is_not() -> None:
    (only,) = found(prose("Spør idrettsanleggsvedlikeholdskoordinatoren."))
    assert "39 letters" in only
    assert found(prose("Spør idrettsanlegg- og vedlikeholds-koordinator-gruppen.")) == []


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("nb", "Saken behandles i mai."),
        ("nb", "Søknaden må sendes før jul."),
        ("nb", "Planen ble vedtatt i går."),
        ("nb", "Brua vil ikke bli bygd."),
        ("nb", "Det skal også vurderes."),
        ("nb", "Støtte gis hvert år."),
        ("nb", "Brua åpnes i mai."),
        ("nn", "Saka skal handsamast i mai."),
        ("nn", "Planen vart vedteken, og veggen vart måla."),
        ("nn", "Søknaden må sendast før jul."),
        ("nn", "Huset blir bygt no."),
        ("nn", "Møtet vart halde i går."),
    ],
)
def test_passive_sentences_are_known(lang: str, text: str) -> None:
    assert is_passive(text, lang)


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("nb", "Det finnes mange, og vi møtes i morgen."),
        ("nb", "Elevenes og innbyggernes svar er viktige, sier Johannes."),
        ("nb", "Det lykkes ofte, synes vi, og alle trives."),
        ("nb", "Innbyggeres rett til innsyn og læreres hverdag er viktig."),
        ("nb", "Her er deres svar og alles meninger."),
        ("nb", "Det blir fint vær, og så blir det kaldt."),
        ("nb", "Blir tallet dårlig, sier vi fra."),
        ("nb", "Det blir ikke søndagsåpent i år."),
        ("nb", "Vi kan møtes, og du kan trives her."),
        ("nb", "Barna ble glade, og vi ble interessert."),
        ("nb", "Han skal til Tromsø og så hjem."),
        ("nb", "Fremdeles er det annerledes enn i Norges eldste by."),
        ("nn", "Vi skal finnast og møtast her."),
        ("nn", "Det vert fint, og det blir betre."),
        ("nn", "De må skunde dykk og ta med mest mogleg."),
    ],
)
def test_active_sentences_are_not_taken_for_passive(lang: str, text: str) -> None:
    assert not is_passive(text, lang)


def test_one_text_with_many_passives_is_one_finding_and_a_few_are_none() -> None:
    hidden = [
        "Saken behandles nå.",
        "Svaret sendes i mai.",
        "Brua bygges snart.",
        "Veien stenges.",
        "Alt betales.",
    ]
    (only,) = found(prose(*hidden, "Vi ses."))
    assert only.startswith("KB146")
    assert "5 of 6 sentences" in only
    assert found(prose(*hidden[:4])) == []
    assert found(prose(*hidden, *["Vi svarer."] * 8)) == []


def test_lix_is_that_of_the_definition() -> None:
    text = [Sentence("", ("en", "bukk", "springer")), Sentence("", ("geiteost", "er", "godt", "nå"))]
    assert lix(text) == pytest.approx(7 / 2 + 100 * 2 / 7)


def test_a_heavy_text_is_told_where_it_is_long_enough_to_judge() -> None:
    heavy = "Kommunestyret behandler økonomiplanen etter innbyggermøtene. "
    (only,) = found(prose(heavy * 20))
    assert only.startswith("KB147")
    assert found(prose(heavy * 15)) == []
    assert found(prose("Vi spør deg om veien, og du kan svare til mai. " * 20)) == []


@pytest.mark.parametrize("lang", ["nb", "nn", "en"])
def test_no_plainer_word_is_stiff_itself(lang: str) -> None:
    pattern = stiff_words(lang)
    assert pattern
    stiff = (
        pattern.pattern.removeprefix(r"(?<![\w-])(?:")
        .removesuffix(r")(?![\w-])")
        .replace("\\", "")
        .split("|")
    )
    assert len(stiff) == len(set(stiff)) > 15
    assert [word for word in stiff if pattern.search(plainer(lang, word))] == []


def test_messages_hold_no_numbers_or_addresses_of_people() -> None:
    assert excerpt("Ring 912 34 567 eller skriv til ola@privat.example nå.") == "Ring … eller skriv til … nå"
