"""What each template is given: the contract with theme authors.

Every template has one context. ``TEMPLATES`` names the templates that the program renders by
itself; ``docs/templates.md`` lists their variables, and a test holds the two together. A template
asks ``site`` for everything else (see ``kommunebeta.site.Site``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from kommunebeta.dialogue.forms import FormDefinition
from kommunebeta.model import Page, Person, Picture, Post, Term, Variant
from kommunebeta.permalinks import Paged
from kommunebeta.site import Site


def variable(text: str, **keywords: Any) -> Any:
    """A context's field with its line of help for theme authors."""
    return field(metadata={"help": text}, **keywords)


@dataclass(frozen=True, slots=True)
class Alternate:
    """The same content in another language.

    Attributes:
        lang: the language.
        address: its address.
    """

    lang: str
    address: str


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step of the path from the home page to this one.

    Attributes:
        title: its text.
        address: its address; the last step has the page's own.
    """

    title: str
    address: str


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed of this page.

    Attributes:
        address: its address.
        title: its title.
        media_type: such as ``application/atom+xml``.
    """

    address: str
    title: str
    media_type: str = "application/atom+xml"


@dataclass(frozen=True, slots=True)
class Pager(Paged):
    """One page of a paginated list.

    Attributes:
        posts: the posts of this page.
        number: this page, from 1.
        addresses: the addresses of all pages, in order.
        total: the number of posts on all pages.
    """

    posts: tuple[Post, ...]
    number: int
    addresses: Sequence[str]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What every template is given."""

    site: Site = variable("The whole site, and the questions one may ask of it.")
    lang: str = variable("Language of the page's text.")
    home: str = variable("Language of the home page and the lists that this page belongs to.")
    address: str = variable("Address of this page from the site's root.")
    title: str = variable("Title of the page without the site's name.")
    description: str = variable(
        "One or two sentences for search engines and previews; may be empty.", default=""
    )
    image: Picture | None = variable("Picture for previews.", default=None)
    alternates: tuple[Alternate, ...] = variable(
        "The page in all its languages, itself included; empty when there is one.", default=()
    )
    breadcrumbs: tuple[Crumb, ...] = variable(
        "The path from the home page; empty on the home page.", default=()
    )
    feeds: tuple[FeedLink, ...] = variable("Feeds to be announced in the page's head.", default=())
    indexable: bool = variable("Whether search engines may list the page.", default=True)
    variant: Variant | None = variable(
        "The other look that an experiment gives this page, if any.", default=None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeContext(Context):
    """`home.html`: a language's home page and the older pages of its stream."""

    pager: Pager = variable("This page of the stream; pinned posts are left out of it.")
    pinned: tuple[Post, ...] = variable("Pinned posts; empty on page 2 and later.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PostContext(Context):
    """`post.html`: one post."""

    post: Post = variable("The post.")


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogueContext(Context):
    """`dialogue.html`: the second and later pages of what was said about a post."""

    post: Post = variable("The post.")
    number: int = variable("Which page of the dialogue it is; the first is part of `post.html`.")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswersContext(Context):
    """`answers.atom`: the newest contributions and answers about a post, or a home's newest answers."""

    post: Post | None = variable("The post; none for all answers.", default=None)
    about: str = variable("Address of the page that the feed belongs to.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContext(Context):
    """`page.html`, `roles.html`, `channels.html`: one page; `experiment.html`: one experiment."""

    page: Page = variable("The page; in `experiment.html` an `Experiment`.")


@dataclass(frozen=True, slots=True, kw_only=True)
class TermContext(Context):
    """`term.html`, `series.html`: the posts of a tag, a category or a series."""

    term: Term = variable("The term.")
    pager: Pager = variable("Its posts: newest first, for a series oldest first.")


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsContext(Context):
    """`terms.html`: all terms of a taxonomy."""

    taxonomy: str = variable("`tags`, `categories` or `series`.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonContext(Context):
    """`person.html`: an author or official and what this person has written."""

    person: Person = variable("The person.")
    pager: Pager = variable("The posts, newest first.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleContext(Context):
    """`people.html`: everybody who writes and answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveContext(Context):
    """`archive.html`: the years and months; `period.html`: the posts of one of them."""

    year: int = variable("The year; 0 on the overview.", default=0)
    month: int = variable("The month 1–12; 0 on the overview and for a whole year.", default=0)
    pager: Pager | None = variable("The posts, newest first; none on the overview.", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionsContext(Context):
    """`questions.html`: all calls for input, open ones first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentsContext(Context):
    """`experiments.html`: all experiments, those being tried first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomesContext(Context):
    """`outcomes.html`: what came of the calls for input, and what is promised or overdue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDataContext(Context):
    """`dialogue.json`, `dialogue.csv`: contributions, answers and outcomes as open data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlinesContext(Context):
    """`deadlines.ics`: a calendar of when calls for input close and outcomes are promised."""

    about: str = variable("Address of the overview that the calendar belongs to.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ThanksContext(Context):
    """`thanks.html`: where a reader comes after a form."""

    form: FormDefinition = variable("The form that was sent.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSentContext(Context):
    """`not-sent.html`: where a reader comes when a form could not be sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFoundContext(Context):
    """`404.html`: what a reader sees at an address that does not exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedContext(Context):
    """`feed.atom`, `feed.rss`, `feed.json`: the newest posts of the site, a term or a person."""

    posts: tuple[Post, ...] = variable("The posts, newest first.")
    about: str = variable("Address of the page that the feed belongs to.")


@dataclass(frozen=True, slots=True)
class SitemapEntry:
    """One page of the sitemap.

    Attributes:
        address: its address.
        changed: day of the last change (ISO 8601), or empty.
        alternates: the page in all its languages.
    """

    address: str
    changed: str
    alternates: tuple[Alternate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SitemapContext(Context):
    """`sitemap.xml`, `robots.txt`: what search engines should know."""

    entries: tuple[SitemapEntry, ...] = variable("The pages that search engines may list.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectContext(Context):
    """`redirect.html`: an old address that leads to a new one."""

    target: str = variable("The new address.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestContext(Context):
    """`manifest.webmanifest`: name, colour and icons for a phone's home screen."""

    icons: tuple[tuple[str, int], ...] = variable("Address and size in pixels of each icon.")


TEMPLATES: dict[str, type[Context]] = {
    "home.html": HomeContext,
    "post.html": PostContext,
    "dialogue.html": DialogueContext,
    "answers.atom": AnswersContext,
    "page.html": PageContext,
    "roles.html": PageContext,
    "channels.html": PageContext,
    "experiment.html": PageContext,
    "experiments.html": ExperimentsContext,
    "term.html": TermContext,
    "series.html": TermContext,
    "terms.html": TermsContext,
    "person.html": PersonContext,
    "people.html": PeopleContext,
    "archive.html": ArchiveContext,
    "period.html": ArchiveContext,
    "questions.html": QuestionsContext,
    "outcomes.html": OutcomesContext,
    "dialogue.json": OpenDataContext,
    "dialogue.csv": OpenDataContext,
    "deadlines.ics": DeadlinesContext,
    "thanks.html": ThanksContext,
    "not-sent.html": NotSentContext,
    "404.html": NotFoundContext,
    "feed.atom": FeedContext,
    "feed.rss": FeedContext,
    "feed.json": FeedContext,
    "sitemap.xml": SitemapContext,
    "robots.txt": SitemapContext,
    "redirect.html": RedirectContext,
    "manifest.webmanifest": ManifestContext,
}
"""Every template that the program renders by itself, with its context."""
