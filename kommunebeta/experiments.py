"""Experiments: what is tried out in the dialogue, and the other look that some pages have meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from kommunebeta.content import Entry
from kommunebeta.entries import Desk, common, entry_date
from kommunebeta.errors import Severity
from kommunebeta.frontmatter import ExperimentMatter, VariantMatter
from kommunebeta.language import LANGUAGE_NAMES, base_language
from kommunebeta.model import AddressPattern, Experiment, ExperimentState, Person, Variant
from kommunebeta.parameters import ParameterSetting, is_shown_in_css, read_values
from kommunebeta.people import byline_problem
from kommunebeta.validation import nearest

_ENDED = (ExperimentState.LEARNED, ExperimentState.KEPT, ExperimentState.DROPPED)
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Look:
    """What of a theme an experiment may change.

    Attributes:
        parameters: the theme's parameters.
        messages: gives the ids of the interface's texts, which take a while to read.
    """

    parameters: Mapping[str, ParameterSetting] = field(default_factory=dict)
    messages: Callable[[], Collection[str]] = field(default=frozenset)


def make_experiment(desk: Desk, entry: Entry, matter: ExperimentMatter, look: Look) -> Experiment:
    """An experiment, with its faults laid on the desk.

    Args:
        desk: what making an entry needs.
        entry: the file.
        matter: its front matter.
        look: what a variant may change.
    """
    state = ExperimentState(matter.state)
    tried = state is ExperimentState.TRYING
    _check(desk, entry, matter, state)
    return Experiment(
        **common(desk, entry, "experiment", entry_date(entry, desk.clock), ""),
        embeds=desk.embeds.of(entry).body,
        date=entry_date(entry, desk.clock),
        kind="experiment",
        menus=tuple(matter.menu),
        weight=matter.weight,
        tries=matter.tries,
        hypothesis=matter.hypothesis,
        starts=matter.starts,
        ends=matter.ends,
        state=state,
        running=tried and desk.clock.is_within(matter.starts, matter.ends),
        overdue=tried and matter.ends is not None and desk.clock.is_over(matter.ends),
        learned=matter.learned,
        responsible=_responsible(desk, entry, matter),
        variant=_variant(desk, entry, matter.variant, look) if matter.variant else None,
        pages=_pages(desk, entry, matter.variant) if matter.variant else (),
    )


def _check(desk: Desk, entry: Entry, matter: ExperimentMatter, state: ExperimentState) -> None:
    def warn(code: str, key: str, message: str, mend: str) -> None:
        desk.problems.append(entry.problem(code, (key,), message, mend, Severity.WARNING))

    if matter.starts and matter.ends and matter.ends < matter.starts:
        message = "The experiment ends before it starts."
        desk.problems.append(entry.problem("KB016", ("ends",), message, "Mend one of the two dates."))
    if state is ExperimentState.TRYING and matter.ends is None:
        mend = "Add a line «ends: …» with the day on which you will look at what you learned."
        warn("KB092", "state", "The experiment is being tried, but has no end.", mend)
    elif state is ExperimentState.TRYING and matter.ends and desk.clock.is_over(matter.ends):
        mend = "Say what you learned, with the state learned, kept or dropped; or give it a new end."
        warn("KB092", "ends", f"The experiment should have ended on {matter.ends}.", mend)
    if state in _ENDED and not matter.learned.strip():
        warn("KB010", "state", "«learned» is missing.", "Add a line «learned: …» that says what you learned.")
    if state is not ExperimentState.IDEA and not matter.hypothesis:
        mend = "Add a line «hypothesis: …» that says what you believed would happen."
        warn("KB010", "state", "«hypothesis» is missing.", mend)


def _responsible(desk: Desk, entry: Entry, matter: ExperimentMatter) -> Person | None:
    if not matter.responsible:
        return None
    found = desk.people.find(matter.responsible)
    if found is None:
        place = entry.places.get(("responsible",), (1, 1))
        desk.problems.append(byline_problem(matter.responsible, entry.path, place, desk.people.known))
    return found


def _variant(desk: Desk, entry: Entry, matter: VariantMatter, look: Look) -> Variant:
    values, refused = read_values(look.parameters, matter.parameters)
    for fault in refused:
        key = ("variant", "parameters", fault.key)
        desk.problems.append(entry.problem("KB052", key, fault.message, fault.mend))
    _check_texts(desk, entry, matter.texts, look)
    if not matter.parameters and not matter.texts:
        message = "The variant changes neither parameters nor texts."
        mend = "Say under «parameters» or «texts» what is to be different."
        desk.problems.append(entry.problem("KB093", ("variant",), message, mend, Severity.WARNING))
    styled = any(is_shown_in_css(look.parameters[key]) for key in values)
    name = desk.ids[entry.path]
    if base_language(entry.lang) != base_language(desk.settings.language):
        name += f".{entry.lang.lower()}"  # translations share their id
    return Variant(entry.path, values, matter.texts, f"parameters-{name}.css" if styled else "")


def _check_texts(desk: Desk, entry: Entry, texts: Mapping[str, Mapping[str, str]], look: Look) -> None:
    known = tuple(sorted(look.messages())) if texts else ()
    for message, by_language in texts.items():
        key = ("variant", "texts", message)
        if message not in known:
            near = nearest(message, known)
            mend = (
                f"Did you mean «{near}»?"
                if near
                else "Use the English text, as in the theme's locales/en.po."
            )
            what = f"The interface has no text «{message}»."
            desk.problems.append(entry.problem("KB093", key, what, mend, Severity.WARNING))
        for lang in by_language:
            if lang and base_language(lang) not in LANGUAGE_NAMES:
                what = f"«{lang}» is not a language."
                mend = f"Write one of {', '.join(LANGUAGE_NAMES)}."
                desk.problems.append(entry.problem("KB093", (*key, lang), what, mend, Severity.WARNING))
        _check_placeholders(desk, entry, message, by_language)


def _check_placeholders(desk: Desk, entry: Entry, message: str, texts: Mapping[str, str]) -> None:
    """A text that is filled in may use what its message uses, and nothing else."""
    names = sorted(set(_PLACEHOLDER.findall(message)))
    if not names:
        return
    for lang, text in texts.items():
        try:
            text % dict.fromkeys(names, "")
        except (KeyError, ValueError, TypeError):
            key = ("variant", "texts", message, lang) if lang else ("variant", "texts", message)
            what = f"The text «{text}» cannot be filled in."
            mend = f"It may use {', '.join(f'%({name})s' for name in names)}; write %% for a percent sign."
            desk.problems.append(entry.problem("KB093", key, what, mend))


def _pages(desk: Desk, entry: Entry, matter: VariantMatter) -> tuple[AddressPattern, ...]:
    found = []
    for at, text in enumerate(matter.pages):
        key = ("variant", "pages", at)
        line, column = entry.places.get(key) or entry.places.get(key[:2], (1, 1))
        if text.startswith("/") and not text.startswith("//"):
            found.append(AddressPattern(text, line, column))
        else:
            message = f"«{text}» is not an address of this site."
            mend = "Write it from the site's root, such as «/2026/05/skoleveien/»; «*» stands for anything."
            desk.problems.append(entry.problem("KB093", key, message, mend))
    return tuple(found)
