"""The dialogue as open data: what is published of contributions, answers and outcomes, and nothing else.

As JSON with a schema (JSON Schema 2020-12), and as a table for spreadsheets. A build at another moment
gives the same bytes: nothing tells when it was made. Texts are Markdown as it was written, without the
characters that disturb (``harmless``); who shows them as HTML must sanitise what comes out.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from kommunebeta.dialogue.model import Answer, Contribution, ContributionState, Outcome
from kommunebeta.dialogue.sanitise import csv_cell, harmless
from kommunebeta.model import Consultation, ConsultationState, Person, Post
from kommunebeta.site import Site

VERSION = "1.0"
"""Version of the form of the data: a new field raises the second number, anything else the first."""

COLUMNS = (
    "post_id",
    "post_title",
    "post_url",
    "kind",
    "id",
    "about",
    "received",
    "published",
    "name",
    "role",
    "department",
    "topic",
    "state",
    "lang",
    "text",
    "url",
)
"""The table's columns: one line for each contribution and each answer."""

_LANGUAGE = re.compile("[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")

Url = Callable[[str], str]
"""An address of this site → the same with scheme and host."""


def as_json(site: Site, url: Url) -> str:
    """Everything as JSON.

    Args:
        site: the site, which is asked.
        url: makes addresses absolute.
    """
    return json.dumps(dialogue_data(site, url), ensure_ascii=False, indent=1) + "\n"


def as_csv(site: Site, url: Url) -> str:
    """Contributions and answers as a table.

    It is of RFC 4180 but for what spreadsheets need where numbers have a decimal comma: semicolons
    between the cells, and a byte order mark in front. No cell is read as a formula.

    Args:
        site: the site, which is asked.
        url: makes addresses absolute.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for post in dialogue_data(site, url)["posts"]:
        for line in _lines(post):
            writer.writerow([csv_cell(str(line.get(column) or "")) for column in COLUMNS])
    return "\ufeff" + stream.getvalue()


def _lines(post: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    same = {"post_id": post["id"], "post_title": post["title"], "post_url": post["url"]}
    for item in post["contributions"]:
        yield {**same, **item, "kind": "contribution", "about": item["reply_to"]}
        for answer in item["answers"]:
            yield {**same, **answer, "kind": "answer", "about": item["id"], "published": answer["date"]}


def dialogue_data(site: Site, url: Url) -> dict[str, Any]:
    """Everything as values that JSON knows.

    Args:
        site: the site, which is asked.
        url: makes addresses absolute.
    """
    setting = site.settings.dialogue
    return {
        "$schema": schema_id(url),
        "version": VERSION,
        "generator": "Kommunebeta",
        "site": {"name": site.name, "municipality": site.municipality, "url": url("/")},
        "licence": {"name": setting.licence, "url": setting.licence_url},
        "posts": [_post(site, post, url) for post in site.discussed()],
    }


def _post(site: Site, post: Post, url: Url) -> dict[str, Any]:
    dialogue = site.dialogue(post)
    hidden = post.comments == "off"
    shown = () if hidden else dialogue.contributions
    return {
        "id": dialogue.post,
        "title": post.title,
        "url": url(post.address),
        "lang": post.lang,
        "translations": [
            {"lang": other.lang, "title": other.title, "url": url(other.address)}
            for other in site.translations(post)
        ],
        "consultation": _consultation(post.consultation) if post.consultation else None,
        "received": None if hidden else dialogue.received,
        "contributions": [_contribution(item, post, _on_post(post, url)) for item in shown],
        "outcome": _outcome(dialogue.outcome, post.lang) if dialogue.outcome else None,
    }


def _consultation(call: Consultation) -> dict[str, Any]:
    return {
        "question": call.question,
        "opens": call.opens.isoformat(),
        "closes": call.closes.isoformat(),
        "state": str(call.state),
        "outcome_due": call.outcome_due.isoformat() if call.outcome_due else None,
        "overdue": call.overdue,
    }


def _on_post(post: Post, url: Url) -> Url:
    """What makes the permalink of an anchor in a post's dialogue."""
    return lambda anchor: url(f"{post.address}#{anchor}")


def _contribution(item: Contribution, post: Post, on_post: Url) -> dict[str, Any]:
    """A contribution; of one that was withdrawn, no more than that it was there."""
    here = item.state is not ContributionState.WITHDRAWN
    return {
        "id": item.id,
        "url": on_post(item.anchor),
        "received": _day(item.received),
        "published": _day(item.published),
        "state": str(item.state),
        "reply_to": item.reply_to or None,
        "name": (harmless(item.name) or None) if here else None,
        "topic": (harmless(item.topic) or None) if here else None,
        "lang": item.lang or post.lang,
        "text": harmless(item.text, keep_lines=True) if here else None,
        "fields": {name: harmless(text, keep_lines=True) for name, text in item.fields} if here else {},
        "moderated": _texts(item.moderated, post.lang),
        "answers": [_answer(answer, post, on_post) for answer in item.answers],
    }


def _answer(answer: Answer, post: Post, on_post: Url) -> dict[str, Any]:
    return {
        "id": answer.id,
        "url": on_post(answer.id),
        "date": _day(answer.date),
        **_role(answer.by, post.lang),
        "lang": answer.lang or post.lang,
        "text": harmless(answer.text, keep_lines=True),
    }


def _role(person: Person, lang: str) -> dict[str, str]:
    role = person.role_in(lang) or person.name
    return {"role": harmless(role), "department": harmless(person.department_in(lang))}


def _outcome(outcome: Outcome, lang: str) -> dict[str, Any]:
    texts = {name: getattr(outcome, name) for name in ("asked", "said", "did", "did_not", "next")}
    return {
        "date": outcome.date.isoformat(),
        "by": _role(outcome.by, lang) if outcome.by else None,
        **{name: _texts(text, lang) for name, text in texts.items()},
        "themes": [
            {"title": _texts(theme.title, lang), "count": theme.count, "text": _texts(theme.text, lang)}
            for theme in outcome.themes
        ],
        "follow_ups": [
            {"date": item.date.isoformat(), "text": _texts(item.text, lang)} for item in outcome.follow_ups
        ],
    }


def _texts(texts: Mapping[str, str], lang: str) -> dict[str, str]:
    """Texts by language; one that names none is in the post's."""
    return {
        name or lang: harmless(text, keep_lines=True)
        for name, text in texts.items()
        if not name or _LANGUAGE.fullmatch(name)
    }


def _day(moment: dt.datetime) -> str:
    """The day alone: the time of day tells more of a person than anybody needs to know."""
    return moment.date().isoformat()


def schema_id(url: Url) -> str:
    """The address of the schema, with the version that it is of."""
    return f"{url('/data/dialogue.schema.json')}?version={VERSION}"


def schema(url: Url) -> dict[str, Any]:
    """The JSON Schema (2020-12) of the data.

    Args:
        url: makes addresses absolute.
    """
    address, day = {"type": "string", "format": "uri"}, {"type": "string", "format": "date"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": schema_id(url),
        "title": "Dialogue with citizens",
        "description": f"Version {VERSION}. Texts are Markdown: sanitise what is shown as HTML.",
        **_object(
            {
                "$schema": address,
                "version": {"const": VERSION},
                "generator": {"type": "string"},
                "site": _object({"name": _TEXT, "municipality": _TEXT, "url": address}),
                "licence": _object({"name": _TEXT, "url": address}),
                "posts": {"type": "array", "items": {"$ref": "#/$defs/post"}},
            }
        ),
        "$defs": {
            "texts": {
                "description": "A text by language.",
                "type": "object",
                "propertyNames": {"pattern": f"^{_LANGUAGE.pattern}$"},
                "additionalProperties": _TEXT,
            },
            "post": _object(_post_fields(address)),
            "consultation": _object(_CONSULTATION),
            "contribution": _object(_contribution_fields(address, day)),
            "answer": _object({"id": _ID, "url": address, "date": day, **_BY, "lang": _LANG, "text": _TEXT}),
            "outcome": _object(_outcome_fields(day)),
        },
    }


def _object(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(fields),
        "required": list(fields),
        "additionalProperties": False,
    }


def _or_null(value: Mapping[str, Any]) -> dict[str, Any]:
    return {"anyOf": [value, {"type": "null"}]}


def _enum(values: Iterable[str]) -> dict[str, Any]:
    return {"enum": [str(value) for value in values]}


_TEXT = {"type": "string"}
_ID = {"type": "string", "minLength": 1}
_LANG = {"type": "string", "description": "BCP 47 language tag."}
_TEXTS = {"$ref": "#/$defs/texts"}
_BY = {"role": _TEXT, "department": _TEXT}
_COUNT = {"type": "integer", "minimum": 0}
_MOMENT = {"type": "string", "format": "date-time"}
_CONSULTATION = {
    "question": _TEXT,
    "opens": _MOMENT,
    "closes": _MOMENT,
    "state": _enum(ConsultationState),
    "outcome_due": _or_null({"type": "string", "format": "date"}),
    "overdue": {"type": "boolean", "description": "Whether the outcome is later than promised."},
}


def _post_fields(address: Mapping[str, Any]) -> dict[str, Any]:
    translation = _object({"lang": _LANG, "title": _TEXT, "url": address})
    return {
        "id": _ID,
        "title": _TEXT,
        "url": address,
        "lang": _LANG,
        "translations": {"type": "array", "items": translation},
        "consultation": _or_null({"$ref": "#/$defs/consultation"}),
        "received": _or_null(
            {**_COUNT, "description": "How many came in, published or not; null when none are shown."}
        ),
        "contributions": {"type": "array", "items": {"$ref": "#/$defs/contribution"}},
        "outcome": _or_null({"$ref": "#/$defs/outcome"}),
    }


def _contribution_fields(address: Mapping[str, Any], day: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": {**_ID, "description": "Unique in the post's dialogue."},
        "url": address,
        "received": day,
        "published": day,
        "state": _enum(ContributionState),
        "reply_to": _or_null({**_ID, "description": "Id of the contribution that it replies to."}),
        "name": _or_null({**_TEXT, "description": "The name that the citizen lets us show."}),
        "topic": _or_null(_TEXT),
        "lang": _LANG,
        "text": _or_null({**_TEXT, "description": "Markdown; null when it was withdrawn."}),
        "fields": {
            "description": "What else was answered and may be shown, by the form's field.",
            "type": "object",
            "additionalProperties": _TEXT,
        },
        "moderated": {**_TEXTS, "description": "What the editors have done to it; empty for nothing."},
        "answers": {"type": "array", "items": {"$ref": "#/$defs/answer"}},
    }


def _outcome_fields(day: Mapping[str, Any]) -> dict[str, Any]:
    theme = _object({"title": _TEXTS, "count": _or_null(_COUNT), "text": _TEXTS})
    return {
        "date": day,
        "by": _or_null(_object(_BY)),
        **dict.fromkeys(("asked", "said", "did", "did_not", "next"), _TEXTS),
        "themes": {"type": "array", "items": theme},
        "follow_ups": {"type": "array", "items": _object({"date": day, "text": _TEXTS})},
    }
