"""Edited texts taken in one by one, where nothing else of the site can notice.

Most edits change what a text says, not where it stands. Then neither lists nor plan change, and
only the pages that show the text are made anew. Whatever is not clearly so is left to a whole build;
a test holds the two to the same bytes.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from kommunebeta.answers import Question
from kommunebeta.content import Entry as Text
from kommunebeta.content import Parsed, parse_to_keep
from kommunebeta.current import damaged_outputs, is_of_kind, problems_of
from kommunebeta.documents import text_digest_of
from kommunebeta.embeds.resolve import WARNINGS
from kommunebeta.embeds.texts import InEntry, KnownEmbeds
from kommunebeta.entries import Desk, entry_date, make_post
from kommunebeta.errors import ContentError, OutsideError, Problem, Severity
from kommunebeta.inputs import Input
from kommunebeta.links import Body
from kommunebeta.listings import Desk as PlanningDesk
from kommunebeta.lists import place_of
from kommunebeta.media import Media
from kommunebeta.memory import Memory, Trace
from kommunebeta.model import Post, Reference
from kommunebeta.options import BuildResult, Changes
from kommunebeta.outputs import Output, recipe_of
from kommunebeta.people import People
from kommunebeta.permalinks import Addresses
from kommunebeta.pickles import DamagedError, dumps
from kommunebeta.plan import outputs_of
from kommunebeta.render import Made, remembered
from kommunebeta.saved import saved_row
from kommunebeta.stale import RECIPE, Answers, as_text
from kommunebeta.works import Job, Shelf, Works, inquiry_of, kept_of, memory_note, problem_rows, render

_MOST = 20


@dataclass(frozen=True, slots=True)
class Edit:
    """One text as it is now: parsed, made into a post, and how the memory is to keep it."""

    path: str
    parsed: Parsed
    post: Post
    body: Body
    html: bytes
    problems: tuple[Problem, ...]


def may_patch(job: Job) -> bool:
    """Whether only posts that were there before have been edited since a build of the same kind."""
    changed = job.seen.changed
    return (
        bool(job.memory)
        and 0 < len(changed.edited) <= _MOST
        and not changed.added
        and not changed.removed
        and all(path.startswith("content/posts/") for path in changed.edited)
        and is_of_kind(job.memory, job.options)
    )


def patch(job: Job, works: Works, shelf: Shelf, begun: float) -> BuildResult | None:
    """Take in the edited texts; ``works`` is changed with them.

    Returns:
        What was done; None, with nothing changed, where a whole build is called for.

    Raises:
        ContentError: a page cannot be made; nothing was published.
        OutsideError: the disk failed.
    """
    memory = job.memory
    problems = problems_of(memory)
    edits = []
    for path in sorted(job.seen.changed.edited):
        known = any(problem.path == path and problem.code not in WARNINGS for problem in problems)
        edit = None if known else _try(job, works, path)
        if edit is None:
            return None
        edits.append(edit)
    problems = tuple(problem for problem in problems if problem.path not in job.seen.changed.edited)
    if memory.fact("output") != str(shelf.output):
        return None
    if not shelf.trusted and damaged_outputs(shelf.output, memory.stamps()):
        return None
    problems = tuple(sorted((*problems, *(p for edit in edits for p in edit.problems)), key=_order))
    if job.options.strict and any(problem.severity is not Severity.NOTE for problem in problems):
        return None
    before = {
        edit.path: (works.site.holdings.entries[edit.path], works.plan.bodies[edit.path]) for edit in edits
    }
    try:
        return _take_in(job, works, shelf, edits, problems, begun)
    except (ContentError, OutsideError, DamagedError) as error:
        for path, (entry, body) in before.items():
            works.entries[path], works.plan.bodies[path] = entry, body
        if isinstance(error, DamagedError):
            return None
        raise


def _order(problem: Problem) -> tuple[str, int, int, str, str]:
    return problem.sort_key


def _try(job: Job, works: Works, path: str) -> Edit | None:
    try:
        return _edit(job, works, path)
    except DamagedError:  # the cache; a whole build does without it
        return None


def _edit(job: Job, works: Works, path: str) -> Edit | None:
    """A text as it is now; None where its edit may concern more than the pages that show it."""
    row = job.memory.entry(path)
    parsed, html = parse_to_keep(job.folder, path, works.settings.language)
    text = parsed.entry
    if row is None or text is None or parsed.head != row[0]:
        return None
    old, body = works.site.holdings.entries.get(path), works.plan.bodies[path]
    if not isinstance(old, Post) or works.clock.hides(text.matter, entry_date(text, works.clock)):
        return None
    post, problems = _made(job, works, text, old)
    document = text.document
    if (
        post is None
        or place_of(post) != place_of(old)
        or post.image != old.image
        or post.documents != old.documents
        or list(map(_aim, document.references)) != list(map(_aim, body.document.references))
        or post.all_embeds != old.all_embeds
        or (document.anchors != body.document.anchors and path in works.plan.anchored)
    ):
        return None
    found = (*parsed.problems, *problems)
    if any(problem.severity is Severity.ERROR for problem in found):
        return None  # a whole build tells all problems of the site together
    return Edit(path, parsed, post, Body(document, body.targets, parsed.key), html, found)


def _aim(reference: Reference) -> Reference:
    return replace(reference, line=0, column=0)


def _made(job: Job, works: Works, text: Text, old: Post) -> tuple[Post | None, list[Problem]]:
    """The post as it is now. What its head decides together with other files is as it was."""
    settings, matter = works.settings, text.matter
    dialogues = works.site.holdings.dialogue
    forms = {matter.feedback, "innspill"}
    consultation = getattr(matter, "consultation", None)
    if consultation:
        forms.add(consultation.form)
    embeds = KnownEmbeds(InEntry(old.video, old.slides, old.embeds))
    desk = Desk(
        settings,
        works.clock,
        Media(job.folder, settings.pictures, works.gathered.media.known_pictures),
        People(),
        Addresses(settings),
        frozenset(forms),
        lambda name: True,
        embeds,
        {(term.taxonomy, term.slug): term for term in old.terms},
        {text.path: old.id},
        {post: item.outcome.date for post, item in dialogues.items() if item.outcome},
    )
    try:
        post = make_post(desk, text)
    except (KeyError, OSError):
        return None, []
    if post is None:
        return None, []
    post = replace(post, authors=old.authors, responsible=old.responsible)
    found = [problem for problem in desk.problems if problem.code != "KB015"]
    return post, [*found, *embeds.problems]


def _take_in(
    job: Job, works: Works, shelf: Shelf, edits: list[Edit], problems: tuple[Problem, ...], begun: float
) -> BuildResult:
    memory = job.memory
    job.reporter.report_all(problems)
    job.documents.put([(edit.parsed.key, dumps(edit.parsed), edit.html) for edit in edits])
    for edit in edits:
        works.entries[edit.path], works.plan.bodies[edit.path] = edit.post, edit.body
    answers = Answers(inquiry_of(job, works))
    asked: list[Question] = [(kind, edit.path) for edit in edits for kind in ("card", "length", "body")]
    changed = [question for question in asked if memory.answer(question) not in (None, answers.of(question))]
    reasons: dict[str, str | Question] = dict(memory.users_of(changed))
    desk = planning_desk(works)
    posts = [works.site.seen(edit.path) for edit in edits]
    own = {output.path: output for post in posts for output in outputs_of(desk, post)}
    recipes = {path: recipe_of(output, str, 0) for path, output in own.items()}
    for path, recipe in recipes.items():
        if memory.recipe(path) != recipe:
            reasons[path] = RECIPE
    outputs = [own.get(path) or _remembered(memory, works, path) for path in sorted(reasons)]
    made = render(job, works, shelf, outputs)
    changes = shelf.replace([item.kept for item in made if item.kept])
    result = _result(job, works, shelf, made, changes, begun)
    return _remember(job, works, result, edits, made, changed, reasons, answers)


def planning_desk(works: Works) -> PlanningDesk:
    """What planning needs."""
    return PlanningDesk(
        works.site,
        Addresses(works.settings),
        lambda lang, message: works.theme.catalogue(lang).gettext(message),
    )


def _remembered(memory: Memory, works: Works, path: str) -> Output:
    return Output(path, remembered(memory.content(path), works.site), path)


def _result(
    job: Job, works: Works, shelf: Shelf, made: list[Made], changes: Changes, begun: float
) -> BuildResult:
    if any(("today",) in item.shared for item in made):
        works.clock.wait_for_tomorrow()
    summary = job.memory.fact("summary")
    following = job.memory.fact("next_change")
    moments = [works.clock.next_change, dt.datetime.fromisoformat(following) if following else None]
    return BuildResult(
        output=shelf.output,
        posts=summary["posts"],
        pages=summary["pages"],
        files=summary["files"],
        rendered=len(made),
        changes=replace(changes, unchanged=summary["files"] - len(changes.changed)),
        problems=job.reporter.sorted,
        next_change=min(filter(None, moments), default=None),
        seconds=time.perf_counter() - begun,
    )


def _remember(
    job: Job,
    works: Works,
    result: BuildResult,
    edits: list[Edit],
    made: list[Made],
    changed: list[Question],
    reasons: Mapping[str, str | Question],
    answers: Answers,
) -> BuildResult:
    memory = job.memory
    asked = {question for item in made for question in (*item.asked, *item.shared)}
    new = [question for question in asked if memory.answer(question) is None]
    traces = [
        Trace(
            item.path,
            kept_of(result.output, item.kept, item.recipe),
            item.asked,
            item.shared,
            item.content,
            as_text(reasons[item.path]),
        )
        for item in made
        if item.kept
    ]
    inputs = {
        edit.path: Input(job.seen.inputs.trusted(edit.path), text_digest_of(edit.parsed.key))
        for edit in edits
    } | dict(job.seen.touched)
    rows = [(edit.path, *saved_row(edit.parsed, edit.post, edit.body)) for edit in edits]
    following = result.next_change
    facts = {
        "next_change": following.isoformat() if following else None,
        "problems": problem_rows(result.problems),
        "asks_now": ("now",) in asked or memory.fact("asks_now"),
    }
    try:
        memory.begin()
        memory.set_answers({question: answers.of(question) for question in (*changed, *new)})
        memory.set_traces(traces)
        memory.set_inputs(inputs)
        memory.set_entries(rows)
        memory.set_facts(facts)
        memory.end()
    except (sqlite3.Error, OSError):
        memory.forget()
        note = memory_note("could not be written, so the next one will make everything anew")
        return replace(result, problems=(*result.problems, note))
    job.seen.before = {**job.seen.before, **inputs}
    return result
