"""The dialogue's own duties: answers and outcomes in time, forms that are closed, people who answer."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import cast

from kommunebeta.check.finding import Fault, Rule
from kommunebeta.check.state import Whole
from kommunebeta.check.written import place_written
from kommunebeta.config import FILE_NAME
from kommunebeta.dialogue.clock import waiting, who_answers
from kommunebeta.dialogue.model import ContributionState, Dialogue
from kommunebeta.errors import Severity
from kommunebeta.language import base_language
from kommunebeta.lists import Place
from kommunebeta.model import Consultation, ConsultationState, Experiment, Person, Post
from kommunebeta.moments import Clock
from kommunebeta.permalinks import output_path

RULES: Mapping[str, Rule] = {
    "KB170": Rule(
        "Late answer",
        Severity.WARNING,
        "Somebody asked, was promised an answer, and waits; the page shows everybody that it is late.",
        "Answer, or write `state: noted` for what needs no answer.",
    ),
    "KB171": Rule(
        "Call for input without its outcome",
        Severity.WARNING,
        "People who took the time to answer learn nothing of what it led to, and answer less next time.",
        "Write `dialogue/<post>/outcome.yaml`, or tell in the post why it takes longer and by when.",
    ),
    "KB172": Rule(
        "Link to a form that has closed",
        Severity.WARNING,
        "People who follow it want to say something and find that it is too late.",
        "Take the link away, or let it lead to what came of the call for input.",
        build="KB031",
        instead="KB101",
    ),
    "KB173": Rule(
        "Person without a role",
        Severity.WARNING,
        "Readers do not see in which capacity somebody answers, or wait for a person who has left.",
        "Write the role in the person's file, or name the person who has the role now.",
    ),
    "KB174": Rule(
        "Accessibility statement not reviewed for a year",
        Severity.WARNING,
        "The statement must tell how the site is now; one that nobody has looked at for a year may not. "
        "People who depend on it cannot trust an old one.",
        "Go through the statement at uustatus.no, and write the day as `accessibility.reviewed`.",
        ("Forskrift om universell utforming av IKT-løsninger",),
    ),
}

_LONGEST_SILENCE = dt.timedelta(days=30)
"""After which a call for input that promised nothing should have said what came of it."""

_NORWEGIAN = ("nb", "nn", "no")
_FORM = "form-"
_READY = ("innspill", "tilbakemelding", "sporsmal", "undersokelse", "universell-utforming")


def late_answers(whole: Whole) -> Iterator[Fault]:
    """Contributions whose promised answer is late, each in its file."""
    holdings, clock = whole.site.holdings, _clock(whole)
    told: set[str] = set()
    for at in _in_main_language_first(whole, holdings.places):
        dialogue = holdings.dialogue.get(at.id)
        if dialogue is None or not _has_waiting(dialogue):
            continue
        post = cast(Post, holdings.entries[at.source])
        sources = {item.id: item.source for item in dialogue.contributions}
        person = who_answers(post)
        late = [item for item in waiting(post, dialogue, clock.zone) if clock.is_over(item.due)]
        for path, due in ((sources[item.contribution], item.due) for item in late):
            if person and path not in told:  # translations of a post share its dialogue
                told.add(path)
                line, column = place_written(whole.folder, path, "received")
                message = (
                    f"The answer was due on {due}: «{person.role}» promises one within "
                    f"{_days(person.answer_days)}."
                )
                page = output_path(at.address)
                yield Fault("KB170", message, page=page, path=path, line=line, column=column)


def missing_outcomes(whole: Whole) -> Iterator[Fault]:
    """Calls for input that have closed, and whose outcome is late or was never told."""
    holdings, clock = whole.site.holdings, _clock(whole)
    told: set[str] = set()
    for at in _in_main_language_first(whole, _closed_calls(whole)):
        if at.translation_key in told or _is_concluded(at):
            continue
        told.add(at.translation_key)
        call = cast(Post, holdings.entries[at.source]).consultation
        fault = call and _missing_outcome(call, clock)
        if fault:
            key, message = fault
            line, column = place_written(whole.folder, at.source, "consultation", key)
            mend = f"Write dialogue/{at.id}/outcome.yaml, or tell in the post why it takes longer."
            page = output_path(at.address)
            yield Fault("KB171", message, mend, page=page, path=at.source, line=line, column=column)


def _missing_outcome(call: Consultation, clock: Clock) -> tuple[str, str] | None:
    """The key that tells of it and what is wrong; None for a call that is open, or closed of late."""
    if call.closes > clock.now:
        return None
    if call.outcome_due:
        late = clock.is_over(call.outcome_due)
        message = f"The outcome of the call for input was promised by {call.outcome_due}."
        return ("outcome_due", message) if late else None
    if clock.now - call.closes <= _LONGEST_SILENCE:
        return None
    return "closes", f"The call for input closed on {call.last_day}, and nothing is told or promised of it."


def links_to_closed_forms(whole: Whole) -> Iterator[Fault]:
    """Links to the form of a call for input that has closed."""
    wanted = [
        (report.path, link)
        for report in whole.reports.values()
        for link in report.anchors
        if link.fragment.startswith(_FORM) and not _has(whole, link.target, link.fragment)
    ]
    if not wanted:
        return
    places = {output_path(at.address): at for at in _closed_calls(whole)}
    for page, link in wanted:
        at = places.get(link.target)
        call = cast(Post, whole.site.holdings.entries[at.source]).consultation if at else None
        if call and link.fragment == _FORM + call.form:
            message = f"The link leads to a form that closed on {call.last_day}."
            yield Fault("KB172", message, clue=link.clue, page=page)


def open_forms_of_closed_calls(whole: Whole) -> Iterator[Fault]:
    """Texts that still offer a form which was made for a call for input that has closed."""
    now = whole.surroundings.now
    holdings = whole.site.holdings
    own = {name for name in holdings.forms if _is_own_form(whole, name)}
    calls: dict[str, list[Consultation]] = defaultdict(list)
    for at in holdings.places if own else ():
        call = cast(Post, holdings.entries[at.source]).consultation if at.question else None
        if call and call.form in own:
            calls[call.form].append(call)
    over = {form for form, found in calls.items() if all(call.closes <= now for call in found)}
    texts = [(at.source, at.address, at.feedback) for at in holdings.places]
    texts += [(page.source, page.address, page.feedback) for page in holdings.pages]
    for source, address, form in texts:
        if form in over:
            day = max(call.last_day for call in calls[form])
            message = f"The form «{form}» is shown, though the call for input that it is for closed on {day}."
            line, column = place_written(whole.folder, source, "feedback")
            mend = "Take the line «feedback» away, or name another form."
            page = output_path(address)
            yield Fault("KB172", message, mend, page=page, path=source, line=line, column=column)


def _is_own_form(whole: Whole, form: str) -> bool:
    """Whether the site has made a form itself; the ready ones are for everything and stay open."""
    return form not in _READY and (whole.folder / "forms" / f"{form}.yaml").is_file()


def people_without_a_role(whole: Whole) -> Iterator[Fault]:
    """People of now whose file gives no role, or none in a language of the site."""
    settings = whole.surroundings.settings
    for person in whole.site.holdings.people:
        if person.former or not person.known:
            continue
        path = _file_of(whole, person)
        if not person.role.strip():
            line, column = place_written(whole.folder, path, "role")
            yield Fault("KB173", "The person has no role.", path=path, line=line, column=column)
            continue
        for lang in settings.all_languages:
            if not _is_understood(lang, settings.language) and not _has_role(person, lang):
                line, column = place_written(whole.folder, path, "translations", lang)
                message = f"The role «{person.role}» is not given in the language «{lang}»."
                mend = f"Write it under «translations», «{lang}», «role»."
                yield Fault("KB173", message, mend, None, Severity.NOTE, "", path, line, column)


def answers_by_former_people(whole: Whole) -> Iterator[Fault]:
    """Duties of people who have left their role: posts that wait, experiments that run, and channels."""
    former = {person.id: person for person in whole.site.holdings.people if person.former}
    if former:
        yield from _texts_of_former_people(whole, former)
        yield from _channels_of_former_people(whole, former)


def _texts_of_former_people(whole: Whole, former: Mapping[str, Person]) -> Iterator[Fault]:
    holdings = whole.site.holdings
    texts = [(at.source, at.address, at.responsible) for at in holdings.places if _expects_answers(at)]
    texts += [
        (page.source, page.address, page.responsible.id)
        for page in holdings.pages
        if isinstance(page, Experiment) and page.running and page.responsible
    ]
    for source, address, responsible in texts:
        if responsible in former:
            line, column = place_written(whole.folder, source, "responsible")
            message = _left(former[responsible], "is named as the one who answers")
            page = output_path(address)
            yield Fault("KB173", message, _MEND_FORMER, page=page, path=source, line=line, column=column)


def _channels_of_former_people(whole: Whole, former: Mapping[str, Person]) -> Iterator[Fault]:
    holdings = whole.site.holdings
    for number, channel in enumerate(holdings.channels.get(holdings.settings.language, ())):
        if channel.responsible and channel.responsible.id in former:
            line, column = whole.document.place_of_key(("channels", number, "responsible"))
            message = _left(channel.responsible, f"is named as the one who answers on «{channel.name}»")
            yield Fault("KB173", message, _MEND_FORMER, path=FILE_NAME, line=line, column=column)


_MEND_FORMER = "Name the person who has the role now."


def _left(person: Person, duty: str) -> str:
    return f"«{person.role or person.id}» {duty}, but has left the role."


def _expects_answers(at: Place) -> bool:
    """Whether somebody may come to wait for an answer on a post."""
    unfinished = at.question is not None and not _is_concluded(at)
    return unfinished or at.comments == "open" or bool(at.feedback)


def old_statement(whole: Whole) -> Iterator[Fault]:
    """The accessibility statement, if it was last reviewed more than a year ago or nobody says when."""
    setting = whole.surroundings.settings.accessibility
    today = _clock(whole).today
    if setting.reviewed is None:
        if setting.statement_url:
            message = "It is not said when the accessibility statement was last reviewed."
            mend = "Write the day as «reviewed», such as «reviewed: 2026-05-17»."
            yield _at_setting(whole, ("accessibility", "statement_url"), message, mend)
    elif setting.reviewed > today:
        message = (
            f"The day on which the accessibility statement was reviewed, {setting.reviewed}, is yet to come."
        )
        mend = "Write the day on which it was last reviewed."
        yield _at_setting(whole, ("accessibility", "reviewed"), message, mend)
    elif _a_year_after(setting.reviewed) < today:
        message = f"The accessibility statement was last reviewed on {setting.reviewed}."
        yield _at_setting(whole, ("accessibility", "reviewed"), message)


def _at_setting(whole: Whole, key: tuple[str, ...], message: str, mend: str = "") -> Fault:
    line, column = whole.document.place_of_key(key)
    return Fault("KB174", message, mend, path=FILE_NAME, line=line, column=column)


def _a_year_after(day: dt.date) -> dt.date:
    leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + 1, day=28 if leap_day else day.day)


def _clock(whole: Whole) -> Clock:
    return Clock(whole.surroundings.now, whole.surroundings.settings.zone)


def _days(days: int | None) -> str:
    return "1 working day" if days == 1 else f"{days} working days"


def _has(whole: Whole, path: str, fragment: str) -> bool:
    """Whether an output has a place of this name; one that was not read may have it."""
    report = whole.reports.get(path)
    return report is None or fragment in report.ids


def _closed_calls(whole: Whole) -> list[Place]:
    now = whole.surroundings.now.timestamp()
    return [at for at in whole.site.holdings.places if at.question and at.question[1] <= now]


def _is_concluded(at: Place) -> bool:
    return at.question is not None and at.question[0] is ConsultationState.CONCLUDED


def _in_main_language_first(whole: Whole, places: Iterable[Place]) -> list[Place]:
    language = whole.surroundings.settings.language
    return sorted(places, key=lambda at: (at.lang != language, at.source))


def _has_waiting(dialogue: Dialogue) -> bool:
    return any(item.state is ContributionState.WAITING for item in dialogue.contributions)


def _has_role(person: Person, lang: str) -> bool:
    roles = {key: words.get("role") for key, words in person.translations.items()}
    return bool(roles.get(lang) or roles.get(base_language(lang)))


def _is_understood(lang: str, main: str) -> bool:
    """Whether readers of a language are served by a role in the main one."""
    one, other = base_language(lang), base_language(main)
    return one == other or (one in _NORWEGIAN and other in _NORWEGIAN)


def _file_of(whole: Whole, person: Person) -> str:
    endings = (".yaml", ".yml")
    files = (f"people/{person.id}{ending}" for ending in endings)
    return next((path for path in files if (whole.folder / path).is_file()), f"people/{person.id}.yaml")
