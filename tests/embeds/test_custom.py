"""Providers by settings alone: a municipality's web television, by a player's address or by oEmbed."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kommunebeta.config import FILE_NAME, read_settings
from kommunebeta.embeds.address import frame_origin, parse_address
from kommunebeta.embeds.custom import Custom
from kommunebeta.embeds.pattern import OURS, Pattern, fill, pattern_fault
from kommunebeta.embeds.provider import FILM_SHUT_IN, PLAYS, SHUT_IN, Facts, Found, Play, Provider, https
from kommunebeta.embeds.providers import PROVIDERS, identify, providers_of

Make = Callable[..., Path]

SETTINGS = """\
name: Fjordvikbeta
municipality: Fjordvik kommune
languages: [nb, nn]
embeds:
  providers:
    - name: Fjordvik nett-TV
      match: https://tv.fjordvik.example/film/{id}
      iframe: https://spiller.fjordvik.example/vis?film={id}&fra={start}&til={end}&lang={lang}
      aspect: "16:9"
      title: {nb: Kommunestyret, nn: Kommunestyret på nynorsk}
      privacy: {nb: Videoen hentes fra Fjordvik kommune., nn: Videoen vert henta frå Fjordvik kommune.}
      receiver: Fjordvik kommune
    - name: Regionarkivet
      match: https://arkiv.example/*/lyd/{id}
      oembed: https://arkiv.example/oembed?v=1
      frames: [spiller.arkiv.example, reserve.arkiv.example]
      aspect: "4:1"
      kind: sound
    - name: Kartportalen
      match: https://kart.example/?plan={plan}
      kind: map
    - name: YouTube
      match: https://youtube.example/{id}
      iframe: https://youtube.example/vis/{id}
"""


@pytest.fixture
def providers(make_folder: Make) -> tuple[Provider, ...]:
    settings, _ = read_settings(make_folder({FILE_NAME: SETTINGS}))
    return providers_of(settings, "nb")


@pytest.fixture
def in_nynorsk(make_folder: Make) -> tuple[Provider, ...]:
    settings, _ = read_settings(make_folder({FILE_NAME: SETTINGS}))
    return providers_of(settings, "nn")


def known(providers: tuple[Provider, ...], url: str) -> tuple[Provider, Found]:
    answer = identify(url, providers)
    assert answer is not None, url
    return answer


def test_web_television_by_a_player_s_address_is_a_provider_like_any_other(
    providers: tuple[Provider, ...],
) -> None:
    provider, found = known(providers, "http://tv.fjordvik.example/film/mote-2026-05?x=1&t=1m30s")
    assert (provider.id, provider.name, provider.receiver) == (
        "fjordvik-nett-tv",
        "Fjordvik nett-TV",
        "Fjordvik kommune",
    )
    assert provider.receiver_of(found) == "Fjordvik kommune"
    assert (found.url, found.kind, found.start) == (
        "https://tv.fjordvik.example/film/mote-2026-05",
        "film",
        90,
    )
    assert known(providers, found.url)[1].url == found.url
    assert (provider.shape, provider.allow, provider.sandbox) == ((16, 9), PLAYS, FILM_SHUT_IN)
    assert provider.origins == ("https://spiller.fjordvik.example",)
    assert provider.lookup(found) == ""
    assert provider.frame(found, None, Play(lang="nn", start=90)) == (
        "https://spiller.fjordvik.example/vis?film=mote-2026-05&fra=90&til=&lang=nn"
    )


def test_its_texts_are_in_the_page_s_language(
    providers: tuple[Provider, ...], in_nynorsk: tuple[Provider, ...]
) -> None:
    assert (providers[0].default_title, in_nynorsk[0].default_title) == (
        "Kommunestyret",
        "Kommunestyret på nynorsk",
    )
    assert in_nynorsk[0].privacy == "Videoen vert henta frå Fjordvik kommune."


def test_one_by_oembed_is_played_from_the_hosts_that_are_named(providers: tuple[Provider, ...]) -> None:
    provider, found = known(providers, "https://arkiv.example/2026/mai/lyd/17")
    assert (found.kind, provider.receiver, provider.shape) == ("sound", "Regionarkivet", (4, 1))
    assert (provider.allow, provider.sandbox) == ("autoplay", SHUT_IN)
    assert provider.origins == ("https://spiller.arkiv.example", "https://reserve.arkiv.example")
    assert provider.lookup(found) == (
        "https://arkiv.example/oembed?v=1&url=https%3A%2F%2Farkiv.example%2F2026%2Fmai%2Flyd%2F17&format=json"
    )
    assert provider.frame(found, None, Play()) == ""
    html = '<div><iframe width="1" src="//spiller.arkiv.example/vis?a=1&amp;b=2" onload="x"></iframe><script></script>'
    facts = provider.facts(found, {"title": "Lydopptak", "html": html})
    assert (facts.title, facts.player) == ("Lydopptak", "https://spiller.arkiv.example/vis?a=1&b=2")
    assert provider.frame(found, facts, Play()) == facts.player


@pytest.mark.parametrize(
    "source",
    [
        "https://evil.example/vis", "https://spiller.arkiv.example.evil.example/vis", "https://arkiv.example/vis",
        "https://spiller.arkiv.example@evil.example/vis", "https://spiller.arkiv.example:8443/vis", "//evil.example/vis",
        "javascript:alert(1)", "data:text/html,x", "/vis/17", "https://spiller.arkiv.example/../vis", "vis", "",
    ],
)  # fmt: skip
def test_a_player_elsewhere_is_not_shown_whether_told_or_in_the_lock(
    providers: tuple[Provider, ...], source: str
) -> None:
    provider, found = known(providers, "https://arkiv.example/x/lyd/17")
    assert provider.facts(found, {"html": f'<iframe src="{source}"></iframe>'}).player == ""
    assert provider.frame(found, Facts(player=source), Play()) == ""


@pytest.mark.parametrize(
    "html", [None, 17, "", "<iframe>", "<iframe src=x>", "<script src='https://spiller.arkiv.example/x'>", "<iframe " * 9000]
)  # fmt: skip
def test_an_answer_without_a_player_has_none(providers: tuple[Provider, ...], html: object) -> None:
    provider, found = known(providers, "https://arkiv.example/x/lyd/17")
    begun = time.process_time()
    assert provider.facts(found, {"html": html}).player == ""
    assert time.process_time() - begun < 3


def test_what_could_end_an_attribute_is_escaped_in_a_player_s_address(
    providers: tuple[Provider, ...],
) -> None:
    provider, found = known(providers, "https://arkiv.example/x/lyd/17")
    html = "<iframe src='https://spiller.arkiv.example/vis?a=&quot;onload=&quot;x&lt;'></iframe>"
    assert provider.facts(found, {"html": html}).player == (
        "https://spiller.arkiv.example/vis?a=%22onload=%22x%3C"
    )


def test_one_without_player_or_service_is_a_card(providers: tuple[Provider, ...]) -> None:
    provider, found = known(providers, "https://kart.example/?plan=2026_05#x")
    assert (found.kind, found.url, provider.allow) == (
        "map",
        "https://kart.example/?plan=2026_05",
        "fullscreen",
    )
    assert provider.frame(found, None, Play()) == ""
    assert provider.lookup(found) == ""


def test_a_namesake_of_ours_has_an_id_of_its_own(providers: tuple[Provider, ...]) -> None:
    assert known(providers, "https://youtube.example/x")[0].id == "egen-youtube"
    assert {provider.id for provider in providers} >= {provider.id for provider in PROVIDERS}
    assert len({provider.id for provider in providers}) == len(providers)


def test_the_site_s_own_are_asked_before_those_that_know_any_host(make_folder: Make) -> None:
    text = (
        "name: a\nmunicipality: b\nembeds:\n  providers:\n"
        "    - {name: Vår TV, match: 'https://tube.kommune.no/w/{id}', iframe: 'https://tube.kommune.no/vis/{id}'}\n"
    )
    settings, _ = read_settings(make_folder({FILE_NAME: text}))
    provider, found = known(providers_of(settings, "nb"), "https://tube.kommune.no/w/kkGMgK9ZtnKfYAgnEtQxbv")
    assert (provider.id, provider.frame(found, None, Play())) == (
        "var-tv",
        "https://tube.kommune.no/vis/kkGMgK9ZtnKfYAgnEtQxbv",
    )


@pytest.mark.parametrize(
    ("pattern", "url", "values"),
    [
        ("https://a.no/film/{id}", "https://a.no/film/17", {"id": "17"}),
        ("https://a.no/film/{id}", "http://A.no:80/film/17/", {"id": "17"}),
        ("https://A.no/film/{id}/", "https://a.no/film/17", {"id": "17"}),
        ("https://a.no/film/{id}", "//a.no/film/17?utm=1#t=9", {"id": "17"}),
        ("https://a.no/film/{id}", "https://a.no/film/m%C3%B8te%20%2F1", {"id": "møte /1"}),
        ("https://a.no/møte/{id}", "https://a.no/m%c3%b8te/17", {"id": "17"}),
        ("https://a.no/{år}/{1}.html", "https://a.no/2026/mai.html", {"år": "2026", "1": "mai"}),
        ("https://a.no/{class}/{id}", "https://a.no/x/17", {"class": "x", "id": "17"}),
        ("https://a.no/*/{id}", "https://a.no/x/y/17", {"id": "17"}),
        ("https://a.no/*-{id}", "https://a.no/budsjett-for-2026-17", {"id": "17"}),
        ("https://a.no/film/{id}/*", "https://a.no/film/17/om/oss", {"id": "17"}),
        ("https://a.no/film/{id}/*", "https://a.no/film/17/", {"id": "17"}),
        ("https://a.no/film/{id}*", "https://a.no/film/17", {"id": "17"}),
        ("https://a.no/*a*b*/{id}", "https://a.no/xaxbx/17", {"id": "17"}),
        ("https://a.no/?id={id}", "https://a.no/?id=17#x", {"id": "17"}),
        ("https://a.no/?id={id}*", "https://a.no/?id=17&x=1", {"id": "17"}),
        ("https://a.no/?*id={id}*", "https://a.no/?x=1&id=17&y=2", {"id": "17"}),
        ("https://a.no/#/film/{id}", "https://a.no/?utm=1#/film/17", {"id": "17"}),
        ("https://a.no/film", "https://a.no/film/", {}),
        ("https://a.no/film+(1)/{id}", "https://a.no/film+(1)/17", {"id": "17"}),
    ],
)  # fmt: skip
def test_a_pattern_fits_and_tells_what_differs(pattern: str, url: str, values: dict[str, str]) -> None:
    assert pattern_fault(pattern) == ""
    address = parse_address(url)
    assert address is not None
    assert Pattern(pattern).values(address) == values


@pytest.mark.parametrize(
    ("pattern", "url"),
    [
        ("https://a.no/film/{id}", "https://a.no/film/"),
        ("https://a.no/film/{id}", "https://a.no/film/17/x"),
        ("https://a.no/film/{id}", "https://a.no/Film/17"),
        ("https://a.no/film/{id}", "https://a.no/x/film/17"),
        ("https://a.no/film/{id}", "https://b.no/film/17"),
        ("https://a.no/film/{id}", "https://x.a.no/film/17"),
        ("https://a.no/film/{id}", "https://a.no.evil.example/film/17"),
        ("https://a.no/film/{id}", "https://evil.example/https://a.no/film/17"),
        ("https://a.no/film/{id}", "https://axno/film/17"),
        ("https://a.no/film/{id}", "https://a.no/film/%00"),
        ("https://a.no/film/{id}", "https://a.no/film/x%0Ay"),
        ("https://a.no/?id={id}", "https://a.no/?id=.."),
        ("https://a.no/?id={id}", "https://a.no/?id=%2e%2e"),
        ("https://a.no/?id={id}", "https://a.no/?id=17&x=1"),
        ("https://a.no/?id={id}", "https://a.no/?x=1&id=17"),
        ("https://a.no/#/film/{id}", "https://a.no/film/17"),
        ("https://a.no/{slug}-{id}", "https://a.no/budsjett"),
        ("https://a.no/*/film/{id}", "https://a.no/film/17"),
    ],
)
def test_near_misses_do_not_fit(pattern: str, url: str) -> None:
    assert pattern_fault(pattern) == ""
    address = parse_address(url)
    assert address is None or Pattern(pattern).values(address) is None


@pytest.mark.parametrize(
    ("match", "iframe", "oembed", "fault"),
    [
        ("", "", "", "must begin with https://"),
        ("http://a.no/{id}", "", "", "must begin with https://"),
        ("a.no/{id}", "", "", "must begin with https://"),
        ("javascript:{id}", "", "", "must begin with https://"),
        ("https://a.no/" + "*" * 600, "", "", "no longer than 500"),
        ("https://{host}/film", "", "", "host must be written out"),
        ("https://*.a.no/film", "", "", "host must be written out"),
        ("https://a.no*/film", "", "", "host must be written out"),
        ("https://a.no{id}", "", "", "host must be written out"),
        ("https://*", "", "", "host must be written out"),
        ("https://a.no/{id", "", "", "brace"),
        ("https://a.no/id}", "", "", "brace"),
        ("https://a.no/{}", "", "", "brace"),
        ("https://a.no/{{id}}", "", "", "brace"),
        ("https://a.no/{my id}", "", "", "brace"),
        ("https://a.no/{id!r}", "", "", "brace"),
        ("https://a.no/{id.__class__}", "", "", "brace"),
        ("https://a.no/{id:>99999}", "", "", "brace"),
        ("https://a.no/{" + "x" * 50 + "}", "", "", "brace"),
        ("https://kari@a.no/{id}", "", "", "public web server"),
        ("https://a.no:8080/{id}", "", "", "public web server"),
        ("https://localhost/{id}", "", "", "public web server"),
        ("https://127.0.0.1/{id}", "", "", "public web server"),
        ("https://[::1]/{id}", "", "", "public web server"),
        ("https://a.no/../{id}", "", "", "public web server"),
        ("https://a.no/{id}\\x", "", "", "public web server"),
        ("https://a.no/{id} x", "", "", "public web server"),
        ("https://a.no/\ud800{id}", "", "", "public web server"),
        ("https://[a.no/{id}", "", "", "public web server"),
        ("https://a.no/{a}{b}", "", "", "touch each other"),
        ("https://a.no/*{b}", "", "", "touch each other"),
        ("https://a.no/{id}/{id}", "", "", "«{id}» stands twice"),
        ("https://a.no/{start}", "", "", "«{start}» is filled in"),
        ("https://a.no/{id}", "https://{id}.a.no/", "", "host must be written out"),
        ("https://a.no/{id}", "https://a.no.{id}/", "", "host must be written out"),
        ("https://a.no/{id}", "http://a.no/{id}", "", "must begin with https://"),
        ("https://a.no/{id}", "//a.no/{id}", "", "must begin with https://"),
        ("https://a.no/{id}", "https://a.no/{nummer}", "", "«{nummer}» is not in the address of the pages"),
        ("https://a.no/{id}", "https://a.no/*", "", "nothing to be filled with"),
        (
            "https://a.no/{id}",
            "https://a.no/{id}",
            "https://a.no/oembed?url={url}",
            "no parts that differ",
        ),
        ("https://a.no/{id}", "", "https://a.no/*", "no parts that differ"),
        ("https://a.no/{id}", "", "http://a.no/oembed", "must begin with https://"),
        ("https://a.no/{id}", "", "https://{id}/oembed", "host must be written out"),
    ],
)
def test_what_cannot_work_is_refused_with_a_way_to_mend_it(
    match: str, iframe: str, oembed: str, fault: str
) -> None:
    answer = pattern_fault(match, iframe, oembed)
    what, stop, mend = answer.partition(". ")
    assert fault in what
    assert stop
    assert mend
    assert not answer.endswith(".")


def test_all_that_the_player_may_be_told_is_accepted() -> None:
    names = "&".join(f"{name}={{{name}}}" for name in OURS)
    assert (
        pattern_fault(
            "https://a.no/{id}", f"https://b.no/{{id}}/{{id}}?{names}", "https://a.no/oembed?format=json"
        )
        == ""
    )


def test_values_are_encoded_once_and_stay_where_they_are_put() -> None:
    assert fill("https://b.no/{id}?x={id}&y={z}", {"id": "a/b?c#d&e=å %"}) == (
        "https://b.no/a%2Fb%3Fc%23d%26e%3D%C3%A5%20%25?x=a%2Fb%3Fc%23d%26e%3D%C3%A5%20%25&y="
    )


LITERALS = st.text("ab-/.", max_size=4)


@given(
    st.lists(st.tuples(LITERALS, st.sampled_from(["*", "{x}", "{y}", ""])), max_size=4),
    st.text("ab-/.", max_size=14),
)
def test_what_fits_also_fits_by_trying_every_way(pieces: list[tuple[str, str]], tail: str) -> None:
    pattern = "https://a.no/" + "".join(literal + name for literal, name in pieces)
    address = parse_address(f"https://a.no/{tail}")
    if pattern_fault(pattern) or address is None:
        return
    values = Pattern(pattern).values(address)
    expression = re.escape(pattern.rstrip("/"))
    for written, meant in ((r"\*", ".*"), (r"\{x\}", "(?P<x>[^/?#&]+)"), (r"\{y\}", "(?P<y>[^/?#&]+)")):
        expression = expression.replace(written, meant)
    fits = any(re.fullmatch(expression, text) for text in (address.url, address.url.rstrip("/")))
    assert fits or values is None
    assert not fits or "{" in pattern or values == {}


@given(st.text("{}*/ab?#&=.-:@å\\", max_size=30), st.text("{}*/ab?#&=.-:@å\\", max_size=30))
def test_a_pattern_is_either_faulty_or_gives_frames_on_its_own_host(match: str, iframe: str) -> None:
    match, iframe = f"https://a.no/{match}", f"https://b.no/{iframe}"
    if pattern_fault(match, iframe):
        return
    address = parse_address(
        fill(match, dict.fromkeys(re.findall(r"\{(\w+)\}", match), "17")).replace("*", "x")
    )
    values = Pattern(match).values(address) if address else None
    if values is not None:
        frame = https(fill(iframe, values))
        assert frame_origin(frame) in ("https://b.no", "")


@pytest.mark.parametrize(
    "pattern",
    [
        "https://a.no/" + "*a" * 200 + "b",
        "https://a.no/" + "*a" * 200 + "*b",
        "https://a.no/" + "*" * 400 + "b",
        "https://a.no/" + "".join(f"{{n{number}}}a" for number in range(60)) + "b",
        "https://a.no/*a{x}a*a{y}a*a{z}ab",
    ],
)
def test_no_pattern_and_no_address_takes_long(pattern: str) -> None:
    begun = time.process_time()
    assert pattern_fault(pattern) == ""
    made = Pattern(pattern)
    for tail in ("a" * 1900, "aa" * 900 + "b", "a-" * 900, "/a" * 900):
        address = parse_address(f"https://a.no/{tail}")
        assert address is not None
        made.values(address)
    assert time.process_time() - begun < 3


def test_a_hundred_thousand_stars_are_refused_at_once() -> None:
    begun = time.process_time()
    assert pattern_fault("https://a.no/" + "*" * 100_000)
    assert pattern_fault("https://a.no/" + "{a}-" * 100_000)
    assert pattern_fault("{" * 100_000, "}" * 100_000, "*" * 100_000)
    assert time.process_time() - begun < 3


def test_a_provider_by_settings_can_be_asked_by_itself(make_folder: Make) -> None:
    settings, _ = read_settings(make_folder({FILE_NAME: SETTINGS}))
    provider = Custom(settings.embeds.providers[0], settings, "nb")
    address = parse_address("https://tv.fjordvik.example/film/17#t=1:30")
    assert address is not None
    found = provider.find(address)
    assert found is not None
    assert (found.start, found.get("id")) == (90, "17")
