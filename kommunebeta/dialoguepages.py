"""What was said about a post as outputs: the pages after the post's own, and the feeds."""

from __future__ import annotations

from collections.abc import Iterator

from kommunebeta.contexts import AnswersContext, DialogueContext, FeedLink
from kommunebeta.listings import Desk, answer_feeds
from kommunebeta.model import Post
from kommunebeta.outputs import Output, Rendered
from kommunebeta.permalinks import output_path

INPUT_AND_ANSWERS = "Input and answers"


def dialogue_pages(desk: Desk, post: Post) -> Iterator[Output]:
    """The second and later pages of a dialogue, and its feed; none where nothing was said."""
    first = desk.site.discussion(post)
    for number in range(2, first.pages + 1):
        yield _page(desk, post, number, first.addresses[number - 1])
    for feed in dialogue_feeds(desk, post):
        home = desk.site.settings.home_of(post.lang)
        context = AnswersContext(
            site=desk.site,
            lang=post.lang,
            home=home,
            address=feed.address,
            title=feed.title,
            description=desk.translate(home, "What was said about this post, and what we answered."),
            indexable=post.search and not post.draft,
            post=post,
            about=post.address,
        )
        yield Output(output_path(feed.address), Rendered("answers.atom", context), f"feed of {post.source}")


def _page(desk: Desk, post: Post, number: int, address: str) -> Output:
    home = desk.site.settings.home_of(post.lang)
    title = f"{desk.translate(home, INPUT_AND_ANSWERS)}: {post.title}"
    context = DialogueContext(
        site=desk.site,
        lang=post.lang,
        home=home,
        address=address,
        title=title,
        breadcrumbs=desk.crumbs(
            home, (post.title, post.address), (desk.translate(home, INPUT_AND_ANSWERS), address)
        ),
        feeds=dialogue_feeds(desk, post),
        indexable=post.search and not post.draft,
        post=post,
        number=number,
    )
    return Output(output_path(address), Rendered("dialogue.html", context), f"dialogue of {post.source}")


def dialogue_feeds(desk: Desk, post: Post) -> tuple[FeedLink, ...]:
    """The feed of what was said about a post, where anything was."""
    address = desk.site.discussion(post).feed
    home = desk.site.settings.home_of(post.lang)
    title = f"{desk.translate(home, INPUT_AND_ANSWERS)}: {post.title}"
    return (FeedLink(address, title),) if address else ()


def answer_feed(desk: Desk, home: str) -> Iterator[Output]:
    """The feed of a home's newest answers."""
    for feed in answer_feeds(desk, home):
        context = AnswersContext(
            site=desk.site,
            lang=home,
            home=home,
            address=feed.address,
            title=feed.title,
            description=desk.site.tagline(home),
            about=desk.addresses.of("home", home),
        )
        yield Output(output_path(feed.address), Rendered("answers.atom", context), f"answers «{home}»")
