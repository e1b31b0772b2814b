"""Why an output was made anew, or would be, in plain words."""

from __future__ import annotations

from pathlib import Path

from kommunebeta.answers import Question
from kommunebeta.config import read_settings
from kommunebeta.errors import UsageError
from kommunebeta.memory import Memory
from kommunebeta.options import BuildOptions
from kommunebeta.outputs import Output
from kommunebeta.reporter import Reporter
from kommunebeta.stale import DAMAGED, NEW, RECIPE, Answers, as_reason, find_stale
from kommunebeta.validation import nearest
from kommunebeta.works import inquiry_of, open_job, prepare, recipes_of

_WORDS = {
    "card": "what is known of {} (title, summary, date or another part of its front matter)",
    "length": "the length or the headings of the text in {}",
    "body": "the text of {}, or what it links to or shows",
    "neighbours": "the posts before and after {}",
    "related": "the posts related to {}",
    "translations": "the translations of {}",
    "template": "the template {}, or which folder it comes from",
    "parent_template": "which template stands behind {1}",
    "asset": "the asset {}",
    "message": "the interface's text «{1}» in {0}",
    "param": "the theme's parameter «{}»",
    "setting": "the setting «{}»",
    "data": "the data file «{}»",
    "now": "the moment of the build, which the page shows",
    "today": "the day",
    "posts": "the list of posts ({})",
    "newest": "the newest posts ({})",
    "pinned": "the pinned posts ({})",
    "questions": "the calls for input, or where they stand ({})",
    "open_questions": "the open calls for input ({})",
    "terms": "the list of {}, or how often each is used ({1})",
    "posts_with": "the posts with {} ({1})",
    "posts_by": "the posts by {} ({1})",
    "years": "the years and months of the archive ({})",
    "posts_in": "the posts of {1}, month {2} ({0})",
    "page": "the page {}",
    "page_of_kind": "the ready page «{}» ({1})",
    "menu": "the menu «{}» ({1})",
    "channels": "the channels ({})",
    "_people_of_now": "the people who write and answer",
    "_people_of_before": "the people who did so before",
    "_all_posts": "the list of all posts",
    "_all_pages": "the list of all pages",
}


def explain(folder: Path, options: BuildOptions, path: str, reporter: Reporter) -> list[str]:
    """Say why an output was made when it was last made, and whether the next build would make it.

    Args:
        folder: the site folder.
        options: how to build.
        path: the output, relative to the output folder, or its address.
        reporter: told about problems.

    Returns:
        Sentences.

    Raises:
        UsageError: there is no such output.
        ContentError: problems stand in the way of a plan.
    """
    folder = folder.resolve()
    settings, document = read_settings(folder, base_url=options.base_url)
    job = open_job(folder, options, reporter)
    try:
        works = prepare(job, settings, document)
        outputs = {output.path: output for output in works.plan.outputs}
        found = _output(outputs, path, settings.base_path)
        answers = Answers(inquiry_of(job, works))
        place = (options.output or folder / settings.output).absolute()
        last = job.memory.reason(found) if job.memory else None
        lines = [f"{found} is made from {outputs[found].origin}."]
        if last is not None:
            lines.append(f"It was last made because {_because(as_reason(last))}.")
        reasons = find_stale(job.memory, place, recipes_of(job, works), answers).reasons
        if found not in reasons:
            return [*lines, "The next build would leave it as it is."]
        lines.append(f"The next build would make it anew because {_because(reasons[found])}.")
        if job.memory and last is not None:
            lines += _others(job.memory, found, reasons[found], answers)
        return lines
    finally:
        job.memory.close()
        job.documents.close()


def _others(memory: Memory, path: str, told: str | Question, answers: Answers) -> list[str]:
    asked = (question for question in memory.questions_of(path) if question != told)
    changed = [question for question in asked if answers.of(question) != memory.answer(question)]
    return [f"Also, {_words(question)} changed." for question in changed]


def _output(outputs: dict[str, Output], path: str, base_path: str) -> str:
    wanted = path.removeprefix("./")
    address = wanted.removeprefix(base_path) if wanted.startswith("/") else wanted
    address = address.lstrip("/")
    for candidate in (address, f"{address.rstrip('/')}/index.html".lstrip("/")):
        if candidate in outputs:
            return candidate
    near = nearest(address, tuple(outputs))
    hint = f" Did you mean «{near}»?" if near else " Name it as it lies in the output folder."
    raise UsageError(f"There is no output «{path}».{hint}")


def _because(reason: str | Question) -> str:
    if reason == NEW:
        return "it was not there before, or nothing was remembered of it"
    if reason == RECIPE:
        return "what it consists of changed: its title, its place in the site, its list or its file"
    if reason == DAMAGED:
        return "the file in the output folder is gone, or somebody has changed it"
    return f"{_words((reason,) if isinstance(reason, str) else reason)} changed"


def _words(question: Question) -> str:
    kind, *key = question
    words = _WORDS.get(kind, kind)
    return words.format(*(key or ["all"])) if "{" in words else words
