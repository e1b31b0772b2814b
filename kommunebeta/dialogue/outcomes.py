"""What came of a call for input, «dere sa, vi gjorde»: the files ``dialogue/<post>/outcome.yaml``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from pydantic import Field

from kommunebeta.dialogue.model import Dialogue, FollowUp, Outcome, Theme
from kommunebeta.dialogue.sanitise import citizen_html
from kommunebeta.errors import Problem, Severity
from kommunebeta.frontmatter import double_name, rename_items, rename_keys
from kommunebeta.language import slugify
from kommunebeta.markdown import plain
from kommunebeta.model import Consultation, Person, Post
from kommunebeta.moments import Clock
from kommunebeta.validation import Day, Edge, Text, in_language, validate
from kommunebeta.yamlfile import Path, YamlDocument, read_yaml

NORWEGIAN_OUTCOME_KEYS = {
    "dato": "date",
    "av": "by",
    "spurte": "asked",
    "sa": "said",
    "temaer": "themes",
    "tema": "themes",
    "gjorde": "did",
    "gjorde_ikke": "did_not",
    "gjorde_ikkje": "did_not",
    "videre": "next",
    "vidare": "next",
    "oppfølginger": "follow_ups",
    "oppfolginger": "follow_ups",
    "oppfølgingar": "follow_ups",
    "oppfolgingar": "follow_ups",
    "tittel": "title",
    "antall": "count",
    "tal": "count",
    "tekst": "text",
}
"""Norwegian names of the keys of an outcome, of its themes and of its follow-ups, bokmål and nynorsk."""


class ThemeMatter(Edge):
    """Something that many said."""

    title: Text = Field(description="What it is called, or one text per language.")
    count: int | None = Field(None, ge=0, description="How many said so, where it was counted.")
    text: Text = Field(default_factory=dict, description="More about it, in Markdown.")


class FollowUpMatter(Edge):
    """What happened later."""

    date: Day = Field(description="The day.")
    text: Text = Field(description="What happened, in Markdown.")


class OutcomeMatter(Edge):
    """A file `dialogue/<post>/outcome.yaml`: what came of a call for input. Texts are Markdown."""

    date: Day = Field(
        description="The day on which it is published; the call for input is concluded from then on."
    )
    by: str = Field("", description="Id of the person who stands for it; else the municipality.")
    asked: Text = Field(default_factory=dict, description="What we asked, or one text per language.")
    said: Text = Field(default_factory=dict, description="What you said.")
    themes: list[ThemeMatter] = Field(
        default_factory=list, max_length=200, description="What was said, with counts."
    )
    did: Text = Field(default_factory=dict, description="What we did. This or `did_not` must be there.")
    did_not: Text = Field(default_factory=dict, description="What we did not do, and why.")
    next: Text = Field(default_factory=dict, description="What happens next.")
    follow_ups: list[FollowUpMatter] = Field(
        default_factory=list, max_length=200, description="What happened later."
    )


def read_outcome(
    text: str, path: str, find_person: Callable[[str], Person | None]
) -> tuple[Outcome | None, tuple[Problem, ...]]:
    """Read an outcome.

    Args:
        text: the YAML, with ``\\n`` line ends.
        path: the file, relative to the site folder.
        find_person: finds the person that a byline means.

    Returns:
        The outcome, or None when it has faults; and the problems (``KB085`` and those of any YAML).
    """
    document, doubles = _renamed(read_yaml(text, path))
    found = [double_name(document, path, place, NORWEGIAN_OUTCOME_KEYS) for place in doubles]
    matter, faults = validate(OutcomeMatter, document, path, wrong="KB085")
    found += faults
    if matter is None:
        return None, tuple(found)
    found += _faults(matter, document, path)
    by = find_person(matter.by) if matter.by else None
    if matter.by and by is None:
        message = f"«{matter.by}» has no file in people/."
        mend = f"Write people/{slugify(matter.by) or 'navn'}.yaml, or name somebody who has one."
        place = document.place_of(("by",))
        found.append(Problem("KB015", path, *place, message, mend, Severity.WARNING))
    broken = any(problem.severity is Severity.ERROR for problem in found)
    return (None if broken else _outcome(matter, path, by)), tuple(found)


def _outcome(matter: OutcomeMatter, path: str, by: Person | None) -> Outcome:
    follow_ups = (FollowUp(item.date, _written(item.text)) for item in matter.follow_ups)
    return Outcome(
        source=path,
        date=matter.date,
        by=by,
        asked=_written(matter.asked),
        said=_written(matter.said),
        themes=tuple(Theme(_written(item.title), item.count, _written(item.text)) for item in matter.themes),
        did=_written(matter.did),
        did_not=_written(matter.did_not),
        next=_written(matter.next),
        follow_ups=tuple(sorted(follow_ups, key=lambda item: item.date)),
    )


def _renamed(document: YamlDocument) -> tuple[YamlDocument, tuple[Path, ...]]:
    """The document under canonical names, those of its inner mappings included; and the doubles."""
    document, top = rename_keys(document, NORWEGIAN_OUTCOME_KEYS)
    doubles: list[Path] = [(key,) for key in top]
    for name in ("themes", "follow_ups"):
        document, inner = rename_items(document, name, NORWEGIAN_OUTCOME_KEYS)
        doubles += inner
    return document, tuple(doubles)


def _faults(matter: OutcomeMatter, document: YamlDocument, path: str) -> Iterator[Problem]:
    if not _written(matter.did) and not _written(matter.did_not):
        message = "The outcome says neither what was done nor what was not done."
        mend = "Write «did: …», or «did_not: …» with the reason."
        yield Problem("KB085", path, *document.place_of(()), message, mend)
    for at, theme in enumerate(matter.themes):
        if not _written(theme.title):
            place = document.place_of(("themes", at, "title"))
            yield Problem("KB085", path, *place, "The theme has no title.", "Write what many said.")
    for at, item in enumerate(matter.follow_ups):
        if not _written(item.text):
            place = document.place_of(("follow_ups", at, "text"))
            yield Problem("KB085", path, *place, "The follow-up says nothing.", "Write what happened.")
        if item.date < matter.date:
            message = "The follow-up comes before the outcome."
            place = document.place_of(("follow_ups", at, "date"))
            yield Problem("KB085", path, *place, message, "Mend one of the two dates.")


def _written(texts: Mapping[str, str]) -> dict[str, str]:
    """The languages in which there is a text."""
    return {lang: text for lang, text in texts.items() if text.strip()}


def outcome_problems(outcome: Outcome, consultation: Consultation | None) -> tuple[Problem, ...]:
    """What does not fit between an outcome and its post.

    Args:
        outcome: the outcome.
        consultation: the post's call for input, if it has one.
    """
    if consultation is None:
        message = "There is an outcome, but the post has no call for input."
        mend = "Give the post a «consultation», or write the outcome into its text."
    elif outcome.date <= consultation.last_day:
        message = f"The outcome is dated {outcome.date}, but one can answer until {consultation.last_day}."
        mend = "Mend the date, or let the call for input close earlier."
    else:
        return ()
    return (Problem("KB085", outcome.source, 0, 0, message, mend, Severity.WARNING),)


def outcome_warnings(posts: Iterable[Post], dialogues: Mapping[str, Dialogue]) -> Iterator[Problem]:
    """What does not fit between outcomes and their posts.

    Args:
        posts: the posts; of translations, which share an outcome, the first counts.
        dialogues: what is published of each dialogue, by the post's id.
    """
    seen: set[str] = set()
    for post in posts:
        outcome = dialogues[post.id].outcome if post.id in dialogues else None
        if outcome and outcome.source not in seen:
            seen.add(outcome.source)
            yield from outcome_problems(outcome, post.consultation)


def as_of(dialogues: Mapping[str, Dialogue], clock: Clock) -> dict[str, Dialogue]:
    """The dialogues with their outcomes as far as these are published now.

    Args:
        dialogues: the dialogues by the post's id.
        clock: the moment of the build, which notes when this changes.
    """
    return {
        name: replace(item, outcome=shown_outcome(item.outcome, clock)) if item.outcome else item
        for name, item in dialogues.items()
    }


def shown_outcome(outcome: Outcome, clock: Clock) -> Outcome | None:
    """An outcome as far as it is published now: from its day on, and with what has happened since.

    Args:
        outcome: the outcome.
        clock: the moment of the build, which notes when this changes.
    """
    if not clock.has_begun(outcome.date):
        return None
    follow_ups = tuple(item for item in outcome.follow_ups if clock.has_begun(item.date))
    return outcome if follow_ups == outcome.follow_ups else replace(outcome, follow_ups=follow_ups)


_SENTENCE_END = re.compile(r"(?<=[.!?…])[»”\")]*\s+(?=[«“\"(]?[A-ZÆØÅÁČĐŊŠŦŽ\d])")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(«])(?:f\.eks|bl\.a|m\.a|ca|jf|kap|art|kl|nr|pkt|s|t\.d|dvs|e\.g|i\.e|no|kr|\w)\.$",
    re.IGNORECASE,
)
_READ_FOR_SUMMARY = 2000


def summary_of(outcome: Outcome, lang: str, default: str) -> str:
    """What was done in two sentences of plain text; else what was not done.

    Args:
        outcome: the outcome.
        lang: the language that is wanted.
        default: the site's main language.
    """
    texts = outcome.did or outcome.did_not
    text = in_language(texts, lang, default)[:_READ_FOR_SUMMARY]
    return first_sentences(" ".join(plain(citizen_html(text, lang=lang)).split()), 2)


def first_sentences(text: str, count: int) -> str:
    """The first sentences of a text; dates («1. mars») and common abbreviations end none.

    Args:
        text: plain text.
        count: how many sentences.
    """
    found = 0
    for end in _SENTENCE_END.finditer(text):
        if _ABBREVIATION.search(text[: end.start()]):
            continue
        found += 1
        if found == count:
            return text[: end.end()].rstrip()
    return text
