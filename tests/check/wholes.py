"""A site as the checks of the whole see it, put together by hand: no build, so that a test takes no time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kommunebeta.answers import Question
from kommunebeta.check.finding import Clue, Fault
from kommunebeta.check.state import Link, Report, Surroundings, Whole
from kommunebeta.config import read_settings
from kommunebeta.dialogue.model import Contribution, ContributionState, Dialogue
from kommunebeta.model import Consultation, ConsultationState, Page, Person, Post
from kommunebeta.site import Site

OSLO = ZoneInfo("Europe/Oslo")
HEAD = "name: Prøvebeta\nmunicipality: Prøve kommune\nbase_url: {}\n"
CHIEF = Person("kommunedirektor", "Kommunedirektør", answer_days=5)
_ENTRY: Mapping[str, Any] = {
    "lang": "nb", "updated": None, "authors": (), "summary": "", "image": None, "aliases": (), "toc": False,
    "words": 1, "headings": (), "draft": False, "extra": {}, "search": True, "embeds": (), "feedback": "",
}  # fmt: skip


def moment(text: str) -> dt.datetime:
    """A moment in Oslo."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=OSLO)


def post(name: str, **more: Any) -> Post:
    """A post of January 2026."""
    given = {
        "source": f"content/posts/{name}.md", "id": name, "title": name, "address": f"/2026/01/{name}/",
        "date": moment("2026-01-02"), "translation_key": name, "template": "post.html",
    }  # fmt: skip
    return Post(**{**_ENTRY, **given, **more})


def page(name: str, **more: Any) -> Page:
    """A page."""
    given = {
        "source": f"content/pages/{name}.md", "id": name, "title": name, "address": f"/{name}/",
        "date": None, "translation_key": name, "template": "page.html",
    }  # fmt: skip
    return Page(**{**_ENTRY, **given, **more})


def call(closes: str, due: str = "", form: str = "innspill", state: str = "under_review") -> Consultation:
    """A call for input that began on 1 January."""
    promised = dt.date.fromisoformat(due) if due else None
    begun = moment("2026-01-01")
    return Consultation("Hva?", form, begun, moment(closes), ConsultationState(state), promised)


def sent(name: str, received: str, state: str = "waiting") -> Contribution:
    """A contribution to the post «sak»."""
    when = moment(received)
    source = f"dialogue/sak/{name}.yaml"
    return Contribution(source, name, when, when, "", "Når?", state=ContributionState(state))


def said(*contributions: Contribution) -> Mapping[str, Dialogue]:
    """The dialogue of the post «sak»."""
    return {"sak": Dialogue("sak", contributions, len(contributions))}


def link(target: str, fragment: str = "", text: str = "les mer") -> Link:
    """A link with some words."""
    return Link(target, fragment, Clue("a", (text,)))


def whole(
    folder: Path,
    settings: str = "",
    *,
    posts: Iterable[Post] = (),
    pages: Iterable[Page] = (),
    people: Iterable[Person] = (),
    dialogue: Mapping[str, Dialogue] | None = None,
    forms: Iterable[str] = (),
    reports: Iterable[Report] = (),
    asked: Iterable[Question] = (),
    at: str = "2026-03-10 09:00",
    base_url: str = "https://beta.prove.example/",
    **site: Any,
) -> Whole:
    """A site with these settings and texts.

    Args:
        folder: its folder; the settings are written there.
        settings: what follows name, municipality and address.
        posts: the posts.
        pages: the pages.
        people: who writes and answers.
        dialogue: the dialogues by post.
        forms: ids of forms.
        reports: what was found in outputs.
        asked: what templates asked for.
        at: the moment of the check.
        base_url: the site's address.
        site: what else the site is given.
    """
    (folder / "kommunebeta.yaml").write_text(HEAD.format(base_url) + settings, "utf-8")
    read, document = read_settings(folder)
    reports, posts, pages = tuple(reports), tuple(posts), tuple(pages)
    named: Any = dict.fromkeys(forms)
    made = Site(
        read, now=moment(at), posts=posts, pages=pages, people=people, dialogue=dialogue, forms=named, **site
    )
    sources = {entry.address.strip("/") + "/index.html": entry.source for entry in (*posts, *pages)}
    outputs = frozenset(report.path for report in reports)
    around = Surroundings(folder / "public", read, outputs, sources, (), moment(at))
    return Whole(folder, around, made, document, {item.path: item for item in reports}, frozenset(asked))


def told(faults: Iterable[Fault]) -> list[tuple[str, str, int, str]]:
    """Code, file, line and message of faults."""
    return [(fault.code, fault.path, fault.line, fault.message) for fault in faults]
