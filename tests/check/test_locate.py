"""From what a page shows to the line of the source that a writer can mend."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kommunebeta.check.finding import Clue
from kommunebeta.check.locate import Locator, Place
from kommunebeta.check.page import Page

POST = """\
---
title: Svømmehallen åpner
---

Her er en [lenke til planen](../plan.md), og her er en til.

![Svømmehallen fra vest](hall.jpg)

## Når åpner «hallen»?

Les [her](/a/) eller [her](/b/). Det står *mer* om **det** her.

<iframe src="https://spiller.example/?a=1&amp;b=2" title="Film"></iframe>
"""


@pytest.fixture
def locator(make_folder: Callable[..., Path]) -> Locator:
    return Locator(
        make_folder(
            {
                "kommunebeta.yaml": "name: Beta\nmenus:\n  main:\n    - url: /borte/\n      title: Planer\n",
                "content/posts/hall.md": POST,
                "templates/partials/foot.html": '<footer>\n<a href="/foten/">Til foten</a>\n</footer>\n',
                "people/rektor.yaml": "role: Rektor\n",
                "dialogue/hallen/ola.yaml": "text: Åpne på søndager også!\n",
                "dialogue/skolen/kari.yaml": "text: Flere lærere, takk!\n",
            }
        ),
        {"content/posts/hall.md": "hallen"},
    )


@pytest.mark.parametrize(
    ("clue", "place"),
    [
        (Clue("a", ("lenke til planen", "/plan/")), (5, 11)),
        (Clue("a", ("her", "/a/")), (11, 5)),
        (Clue("a", ("her", "/b/"), 2), (11, 22)),
        (Clue("img", ("Svømmehallen fra vest", "/media/hall-1.webp")), (7, 1)),
        (Clue("h2", ("Når åpner “hallen”?",)), (9, 1)),
        (Clue("p", ("Det står mer om det her.",)), (11, 34)),
        (Clue("iframe", ("https://spiller.example/?a=1&b=2",)), (13, 14)),
        (Clue("iframe", ("finnes ikke", "Film")), (13, 59)),
    ],
)
def test_a_clue_leads_to_line_and_column(locator: Locator, clue: Clue, place: tuple[int, int]) -> None:
    assert locator.place(clue, "content/posts/hall.md") == Place("content/posts/hall.md", *place)


def test_what_the_settings_put_on_a_page_is_found_there(locator: Locator) -> None:
    clue = Clue("a", ("Planer", "/borte/"), body=False)
    assert locator.place(clue, "content/posts/hall.md") == Place("kommunebeta.yaml", 5, 14)


def test_what_a_template_of_the_site_puts_on_a_page_is_found_there(locator: Locator) -> None:
    clue = Clue("a", ("Til foten", "/foten/"), body=False)
    assert locator.place(clue, "") == Place("templates/partials/foot.html", 2, 19)


def test_what_a_citizen_wrote_to_the_post_is_found_in_its_dialogue_and_no_other(locator: Locator) -> None:
    clue = Clue("p", ("Åpne på søndager også!",))
    assert locator.place(clue, "content/posts/hall.md") == Place("dialogue/hallen/ola.yaml", 1, 7)
    clue = Clue("p", ("Flere lærere, takk!",))
    assert locator.place(clue, "content/posts/hall.md") == Place("content/posts/hall.md")


def test_without_a_trace_the_file_of_the_page_is_named(locator: Locator) -> None:
    assert locator.place(Clue("p", ("finnes ikke noe sted",)), "content/posts/hall.md") == Place(
        "content/posts/hall.md"
    )
    assert locator.place(Clue("p", ("finnes ikke",), body=False), "content/posts/hall.md") == Place()
    assert locator.place(None, "content/posts/hall.md") == Place("content/posts/hall.md")
    assert locator.place(Clue("p", ("", "!?")), "") == Place()


def test_a_page_gives_clues_that_tell_like_elements_apart() -> None:
    page = Page(
        "x/index.html",
        b'<main><p><a href="/a/">her</a> <a href="/b/">her</a> <img src="/x.jpg" alt=""></p></main>'
        b'<footer><a href="/a/">her</a></footer>',
    )
    first, second, third = page.all("a")
    assert page.clue(first) == Clue("a", ("her", "/a/"))
    assert page.clue(second) == Clue("a", ("her", "/b/"), 2)
    assert not page.clue(third).body
    assert page.clue(page.all("img")[0]).texts == ("/x.jpg",)


@pytest.mark.parametrize(
    ("address", "line"), [("https://www.nav.no", 4), ("https://www.nav.no/", 3), ("https://www.nav.no/a", 2)]
)
def test_a_short_address_is_not_found_in_a_longer_one(
    make_folder: Callable[..., Path], address: str, line: int
) -> None:
    lines = [
        "[d](https://www.nav.no/a/b)",
        "[c](https://www.nav.no/a)",
        "[b](https://www.nav.no/).",
        "<https://www.nav.no>.",
    ]
    text = "\n".join(lines)
    locator = Locator(make_folder({"content/posts/x.md": text}), {})
    assert locator.place(Clue("a", (address,)), "content/posts/x.md")[:2] == ("content/posts/x.md", line)
