"""What search engines, link previews and lists show of a text: its title and its summary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kommunebeta.check.finding import Clue, Fault, Rule
from kommunebeta.check.noted import NotedSurroundings
from kommunebeta.check.page import Page
from kommunebeta.check.prose import body_paragraphs, excerpt
from kommunebeta.errors import Severity

RULES: Mapping[str, Rule] = {
    "KB140": Rule(
        "Missing or too long summary",
        Severity.NOTE,
        "The summary is what lists, search engines and link previews show. Without one they show the "
        "beginning of the text, which seldom says what it is about; one that is too long is cut off.",
        "Write one or two sentences in `summary` (`ingress`): what it is about, and what readers can do.",
    ),
    "KB141": Rule(
        "Title that is too long",
        Severity.NOTE,
        "Search engines, phones and browser tabs cut it off, and readers skim past it.",
        "Say the most important thing first and in fewer words; the rest can go into the summary.",
    ),
}

_MOST_SUMMARY = 250


def summaries_and_titles(page: Page, surroundings: NotedSurroundings) -> Iterator[Fault]:
    """Posts and pages whose title or summary does not do its work."""
    source = surroundings.source(page.path)
    if not source.startswith("content/"):
        return
    yield from _summary(page, source)
    heading = page.first("h1")
    title = heading.text if heading else ""
    most = surroundings.limits.title_length
    if len(title) > most:
        message = f"The title «{excerpt(title)}» has {len(title)} characters, which is more than {most}."
        yield Fault("KB141", message, clue=Clue("", (title,)))


def _summary(page: Page, source: str) -> Iterator[Fault]:
    if "noindex" in _named(page, "robots"):
        return
    summary = " ".join(_named(page, "description").split())
    if not summary:
        message = "The page has no summary, and no first paragraph that one could be taken from."
        yield Fault("KB140", message, severity=Severity.WARNING, path=source, line=1, column=1)
    elif _is_cut(summary, page):
        if source.startswith("content/posts/"):
            message = "The post has no summary, and its first paragraph is too long to be shown instead."
            yield Fault("KB140", message, path=source, line=1, column=1)
    elif len(summary) > _MOST_SUMMARY:
        message = f"The summary «{excerpt(summary)}» has {len(summary)} characters; about 150 are shown."
        yield Fault("KB140", message, "Say it in one or two sentences.", Clue("", (summary,)))


def _named(page: Page, name: str) -> str:
    """What the first ``meta`` of a name says; empty where there is none."""
    found = (meta.get("content") or "" for meta in page.all("meta") if meta.get("name") == name)
    return next(found, "")


def _is_cut(summary: str, page: Page) -> bool:
    """Whether a summary is nothing but the beginning of a long first paragraph."""
    beginning = summary.removesuffix(" …")
    return beginning != summary and any(it.text.startswith(beginning) for it in body_paragraphs(page)[:1])
