"""What ``kommunebeta new`` writes: a filled-in start of a post, a call for input, a survey, an answer."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from kommunebeta.config import Settings, read_settings
from kommunebeta.content import Entry, name_parts, parse_file
from kommunebeta.entries import choose_ids, stem_slug
from kommunebeta.errors import UsageError
from kommunebeta.frontmatter import PostMatter
from kommunebeta.language import INTERFACE_LANGUAGES, LANGUAGE_NAMES, base_language, slugify
from kommunebeta.moments import Clock
from kommunebeta.options import NEW_KINDS
from kommunebeta.scaffold import STARTER, filled, quoted, write_new
from kommunebeta.sources import find_files, read_text
from kommunebeta.theme import load_theme
from kommunebeta.yamlfile import YamlDocument, read_yaml

_LONGEST_SLUG = 80

_POST = """---
title: {{title}}
date: {{today}}
authors: []
summary: ""
tags: []
draft: true
---

"""

_PAGE = """---
title: {{title}}
summary: ""
---

"""

_PERSON = """role: {{title}}
department: ""
answers_for: []
answer_days: 5
email: ""
text: ""
"""


def start(site: Path, kind: str, title: str, *, language: str | None, today: dt.date) -> list[Path]:
    """Write the start of something new; never overwrite a file.

    Args:
        site: the site folder.
        kind: one of ``options.NEW_KINDS``.
        title: the title; for a person the role; for a form the id of one of the theme's; for an answer
            ``POST`` (a post's id: a contribution that came by other ways, with its answer) or
            ``POST/CONTRIBUTION`` (one more answer to a contribution).
        language: language of the text, else the site's.
        today: the day on which texts are dated.

    Returns:
        The files written; of an answer to a contribution, the file that it was put into.

    Raises:
        UsageError: there is such a file already, the title gives no file name, or what is named is not there.
        ContentError: the settings have faults.
        OutsideError: the disk refuses.
    """
    settings, document = read_settings(site)
    if language and language not in LANGUAGE_NAMES:
        known = ", ".join(LANGUAGE_NAMES)
        raise UsageError(f"The language «{language}» has no file ending. Choose one of {known}.")
    if kind == "answer":
        return [_answer(site, title, settings, today)]
    if kind == "form":
        return [_form(site, title, settings, document)]
    if kind not in NEW_KINDS:
        raise UsageError(f"There is no kind «{kind}». Choose one of {', '.join(NEW_KINDS)}.")
    slug = _shortened(slugify(title))
    if not slug:
        raise UsageError(f"No file name can be made of «{title}». Use a title with letters or digits.")
    words = _words(site, title, slug, today)
    files = {
        path: filled(text, words) for path, text in _texts(kind, slug, language, settings, today).items()
    }
    if taken := [path for path in files if (site / path).exists()]:
        raise UsageError(f"{site / taken[0]} exists already; it is left as it is. Choose another title.")
    return [write_new(site / path, text) for path, text in files.items()]


def _texts(
    kind: str, slug: str, language: str | None, settings: Settings, today: dt.date
) -> Mapping[str, str]:
    """The files of a start, by path, with words to be filled in."""
    foreign = language and base_language(language) != base_language(settings.language)
    suffix = f".{language}" if foreign else ""
    post = f"content/posts/{today:%Y-%m-%d}-{slug}{suffix}.md"
    template = _templates(language or settings.language)
    makers: Mapping[str, Callable[[], Mapping[str, str]]] = {
        "post": lambda: {post: _POST},
        "page": lambda: {f"content/pages/{slug}{suffix}.md": _PAGE},
        "person": lambda: {f"people/{slug}.yaml": _PERSON},
        "consultation": lambda: {post: template("consultation.md")},
        "survey": lambda: {f"forms/{slug}.yaml": template("survey.yaml"), post: template("survey.md")},
        "experiment": lambda: {f"content/experiments/{slug}{suffix}.md": template("experiment.md")},
    }
    return makers[kind]()


def _templates(language: str) -> Callable[[str], str]:
    known = base_language(language) if base_language(language) in INTERFACE_LANGUAGES else "en"
    return lambda name: (STARTER / "new" / known / name).read_text("utf-8")


def _words(site: Path, title: str, slug: str, today: dt.date, responsible: str = "") -> dict[str, str]:
    return {
        "{{title}}": quoted(title),
        "{{slug}}": slug,
        "{{today}}": f"{today:%Y-%m-%d}",
        "{{in_four_weeks}}": f"{today + dt.timedelta(days=28):%Y-%m-%d}",
        "{{in_eight_weeks}}": f"{today + dt.timedelta(days=56):%Y-%m-%d}",
        "{{responsible}}": responsible or _somebody(site),
    }


def _somebody(site: Path) -> str:
    """Who is put down as the one who answers, for the writer to change: the first file in ``people/``."""
    people = [path.rpartition("/")[2].rpartition(".")[0] for path in find_files(site).people]
    leaders = [name for name in people if name.startswith(("kommunedirekt", "gielddadirekt", "chief"))]
    return next(iter(leaders or people), "kommunedirektor")


def _shortened(slug: str) -> str:
    """A slug that fits into a file's name, cut between words."""
    if len(slug) <= _LONGEST_SLUG:
        return slug
    head = slug[: _LONGEST_SLUG + 1]
    return head.rpartition("-")[0] or slug[:_LONGEST_SLUG]


def _form(site: Path, name: str, settings: Settings, document: YamlDocument) -> Path:
    """A copy of one of the theme's ready forms, to be changed."""
    theme = load_theme(site, settings, document)
    ready = {
        file.stem: file
        for layer in reversed(theme.layers)
        if layer.name != "site"
        for file in (layer.folder / "forms").glob("*.yaml")
    }
    if name not in ready:
        raise UsageError(f"The theme has no form «{name}». Choose one of {', '.join(sorted(ready))}.")
    return write_new(site / "forms" / f"{name}.yaml", ready[name].read_text("utf-8"))


def _answer(site: Path, target: str, settings: Settings, today: dt.date) -> Path:
    post, _, contribution = target.partition("/")
    entry = _post(site, post, settings, today)
    if entry is None:
        mend = "It is what the post gives as «id», else the file's name without date and ending."
        raise UsageError(f"No post has the id «{post}». {mend}")
    responsible = _responsible(entry)
    words = _words(site, "", post, today, responsible)
    if not contribution:
        text = filled(_templates(entry.lang)("answer.yaml"), words)
        folder = site / "dialogue" / post
        numbers = (number for number in range(1, 10_000) if not _taken(folder, f"{today:%Y-%m-%d}-{number}"))
        return write_new(folder / f"{today:%Y-%m-%d}-{next(numbers)}.yaml", text)
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", contribution):
        raise UsageError(f"«{contribution}» is not the id of a contribution.")
    return _one_more(site, f"dialogue/{post}/{contribution}.yaml", words)


def _taken(folder: Path, name: str) -> bool:
    return (folder / f"{name}.yaml").exists()


def _post(site: Path, identity: str, settings: Settings, today: dt.date) -> Entry | None:
    """The post with an id.

    Most are found by the name of their file, or by an id of their own; only an id that was made unique takes
    a look at all posts.
    """
    paths = find_files(site).posts
    named = [path for path in paths if stem_slug(name_parts(path)[0]) == identity]
    for path in (*named, *(path for path in paths if path not in named)):
        text, _ = read_text(site, path)
        if path in named or re.search(r"^id:", text, re.MULTILINE):
            entry = parse_file(site, path, settings.language).entry
            if entry and stem_slug(entry.matter.id or entry.stem) == identity:
                return entry
    if not re.match(r"\d{4}-\d\d-\d\d-|.*-2$", identity):
        return None
    entries = [entry for path in paths if (entry := parse_file(site, path, settings.language).entry)]
    clock = Clock(dt.datetime.combine(today, dt.time(), settings.zone), settings.zone)
    ids, _ = choose_ids(entries, clock)
    return next((entry for entry in entries if ids[entry.path] == identity), None)


def _responsible(entry: Entry) -> str:
    matter = entry.matter
    if not isinstance(matter, PostMatter):
        return ""
    asked = matter.consultation.responsible if matter.consultation else ""
    return asked or matter.responsible or next(iter(matter.authors), "")


def _one_more(site: Path, path: str, words: Mapping[str, str]) -> Path:
    """Put one more answer into a contribution's file, below those that it has."""
    text, problems = read_text(site, path)
    document = read_yaml(text, path)
    if problems or document.problems or not isinstance(document.data, dict):
        raise UsageError(f"{path} is not there or cannot be read. Name a contribution that there is.")
    lines = text.rstrip("\n").split("\n")
    tops = {place[0]: line for place, (line, _) in document.keys.items() if len(place) == 1}
    key = next((name for name in ("answers", "svar") if document.data.get(name)), "")
    after = [line - 1 for line in tops.values() if key and line > tops[key]]
    at = min(after, default=len(lines))
    dash = document.values[key, 0][1] - 2 if key else 3
    indent = " " * (dash - 1)
    more = [
        f"{indent}- by: {words['{{responsible}}']}",
        f"{indent}  date: {words['{{today}}']}",
        f"{indent}  text: |",
        "",
    ]
    lines[at:at] = more if key else ["answers:", *more]
    file = site / path
    file.write_text("\n".join(lines).rstrip("\n") + "\n", encoding="utf-8", newline="\n")
    return file
