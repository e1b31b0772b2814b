"""Speaker Deck: decks by name, whose player is looked up, and players by their code."""

from __future__ import annotations

import pytest

from kommunebeta.embeds.provider import Facts, Found, Play
from kommunebeta.embeds.providers import identify
from kommunebeta.embeds.speakerdeck import SpeakerDeck

BASE = "https://speakerdeck.com"
CODE = "aaaa9966971e4118b69b6717ed0f4034"


def found(url: str) -> Found | None:
    known = identify(url)
    return known[1] if known and known[0].id == "speakerdeck" else None


@pytest.mark.parametrize(
    "url",
    [
        f"{BASE}/kari/smidig-i-kommunen",
        "http://speakerdeck.com/kari/smidig-i-kommunen/",
        "//speakerdeck.com/kari/smidig-i-kommunen",
        "https://www.speakerdeck.com/kari/smidig-i-kommunen?slide=3",
        "http://speakerdeck.com/u/kari/p/smidig-i-kommunen",
    ],
)
def test_every_form_of_a_deck_is_the_one_deck_and_needs_a_look_up(url: str) -> None:
    known = found(url)
    assert known is not None
    assert (known.url, known.id, known.kind) == (f"{BASE}/kari/smidig-i-kommunen", "", "slides")
    assert SpeakerDeck().frame(known, None, Play()) == ""
    assert SpeakerDeck().frame(known, Facts(player=CODE), Play(slide=3)) == f"{BASE}/player/{CODE}?slide=3"
    assert (
        SpeakerDeck().lookup(known)
        == f"{BASE}/oembed.json?url=https%3A%2F%2Fspeakerdeck.com%2Fkari%2Fsmidig-i-kommunen"
    )


@pytest.mark.parametrize("url", [f"{BASE}/player/{CODE}", f"//speakerdeck.com/player/{CODE}?"])
def test_a_player_needs_none(url: str) -> None:
    known = found(url)
    assert known is not None
    assert (known.url, known.id) == (f"{BASE}/player/{CODE}", CODE)
    assert SpeakerDeck().lookup(known) == ""
    assert SpeakerDeck().frame(known, None, Play()) == f"{BASE}/player/{CODE}"


@pytest.mark.parametrize(
    ("tail", "slide"), [("?slide=12", 12), ("?slide=0", 0), ("?slide=x", 0), ("?slide=" + "9" * 500, 0), ("?slide=²", 0)]
)  # fmt: skip
def test_the_slide_to_begin_with_is_read(tail: str, slide: int) -> None:
    known = found(f"{BASE}/kari/smidig{tail}")
    assert known is not None
    assert known.slide == slide
    assert SpeakerDeck().page(known, Play(slide=slide)) == known.url + (f"?slide={slide}" if slide else "")


@pytest.mark.parametrize(
    "player", ["x", CODE + "0", CODE.upper(), f"{CODE}/../x", "../" + CODE, '"><script>']
)
def test_a_hostile_code_in_the_lock_is_not_played(player: str) -> None:
    known = found(f"{BASE}/kari/smidig")
    assert known is not None
    assert SpeakerDeck().frame(known, Facts(player=player), Play()) == ""


@pytest.mark.parametrize(
    "url",
    [
        f"{BASE}/",
        f"{BASE}/kari",
        f"{BASE}/c/technology",
        f"{BASE}/p/all",
        f"{BASE}/signin/x",
        f"{BASE}/features/pro",
        f"{BASE}/kari/smidig/x",
        f"{BASE}/u/kari",
        f"{BASE}/u/kari/x/smidig",
        f"{BASE}/player/x",
        f"{BASE}/player/{CODE}0",
        f"{BASE}/player/{CODE.upper()}",
        f"{BASE}/kari/..",
        f"{BASE}/kari/%2e%2e",
        f"{BASE}/kari%2Fsmidig",
        f"{BASE}/kari/sm%22idig",
        f"{BASE}/k\u00e5ri/smidig",
        "https://speakerdeck.org/kari/smidig",
        "https://spea\u212aerdec\u212a.com/kari/smidig",
        "https://files.speakerdeck.com/kari/smidig",
    ],
)
def test_near_misses_are_not_decks(url: str) -> None:
    assert found(url) is None


@pytest.mark.parametrize(
    ("html", "player"),
    [
        (f'<iframe src="https://speakerdeck.com/player/{CODE}" title="x"></iframe>', CODE),
        (f'<iframe src="//speakerdeck.com/player/{CODE}"></iframe>', CODE),
        ('<iframe src="https://speakerdeck.com/player/x"></iframe>', ""),
        (f"{' ' * 30_000}speakerdeck.com/player/{CODE}", ""),
        (None, ""),
        (17, ""),
    ],
)
def test_only_the_code_is_taken_from_the_answer_s_html(html: object, player: str) -> None:
    known = found(f"{BASE}/kari/smidig")
    assert known is not None
    facts = SpeakerDeck().facts(known, {"title": "Smidig", "html": html, "width": 710, "height": 399})
    assert (facts.title, facts.player, facts.width, facts.height) == ("Smidig", player, 710, 399)


def test_players_of_old_have_shorter_codes() -> None:
    found = identify(f"{BASE}/player/{CODE[:24]}")
    assert found is not None
    assert SpeakerDeck().frame(found[1], None, Play()) == f"{BASE}/player/{CODE[:24]}"
    assert identify(f"{BASE}/player/{CODE[:28]}") is None
