"""Every file that the site will consist of, before the first is made."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, MutableMapping
from dataclasses import dataclass
from itertools import chain

from kommunebeta.contexts import (
    Alternate,
    Context,
    FeedContext,
    ManifestContext,
    NotFoundContext,
    OpenDataContext,
    PageContext,
    PostContext,
    RedirectContext,
    SitemapContext,
    SitemapEntry,
)
from kommunebeta.dialogue.delivery import asks_for_point, policy_for, used_forms
from kommunebeta.dialogue.opendata import schema
from kommunebeta.dialogue.results import results_csv
from kommunebeta.dialoguepages import answer_feed, dialogue_feeds, dialogue_pages
from kommunebeta.embeds.resolve import frame_origins
from kommunebeta.errors import Problem
from kommunebeta.formpages import form_pages
from kommunebeta.gather import LIST_TITLES, Gathered, Translate, icon_file
from kommunebeta.headers import HEADER_FILES, security_headers
from kommunebeta.links import Body, Links
from kommunebeta.listings import (
    Desk,
    archive_pages,
    experiments_page,
    home_pages,
    outcome_page,
    people_pages,
    question_page,
    term_pages,
)
from kommunebeta.model import Entry, Experiment, Page, Post
from kommunebeta.outputs import Copied, Fixed, Icon, Output, Rendered, collisions
from kommunebeta.permalinks import Addresses, output_path
from kommunebeta.redirects import apache_conf, netlify_redirects, nginx_map
from kommunebeta.variants import Variants, running

ICON_SIZES = (32, 192, 512)


@dataclass(frozen=True, slots=True)
class Plan:
    """The outcome of planning.

    Attributes:
        outputs: every file that will be, by path.
        bodies: the body of each entry with its references resolved, by file.
        anchored: the entries to whose headings others link.
        problems: what was found.
    """

    outputs: tuple[Output, ...]
    bodies: MutableMapping[str, Body]
    anchored: frozenset[str]
    problems: tuple[Problem, ...]


def plan(
    gathered: Gathered,
    *,
    static: Iterable[str],
    assets: Iterable[tuple[str, bytes]],
    translate: Translate,
) -> Plan:
    """Plan the whole output.

    Args:
        gathered: the site and its bodies.
        static: files below ``static/``, relative to the site folder.
        assets: output path and bytes of each asset.
        translate: the interface's texts.
    """
    desk = Desk(gathered.site, Addresses(gathered.site.settings), translate)
    icon = icon_file(gathered.site.settings, gathered.media) or ""
    holdings = gathered.site.holdings
    used = used_forms(holdings.settings, holdings.forms, holdings.entries.values())
    variants = Variants(running(desk.site))
    shown = (*_pages(desk), *form_pages(desk, used), *_special_files(desk, icon))
    pages = [variants.dressed(output) for output in shown]
    files = [Output(path.removeprefix("static/"), Copied(path), path) for path in static]
    files += [Output(path, Fixed(data), f"asset {path}") for path, data in assets]
    redirects = list(_redirects(desk))
    own = {file.path for file in files}
    pages += _machine_files(desk, pages, own)
    files += _headers(desk, used, own)
    published = frozenset(_address(output.path) for output in chain(pages, files, redirects))
    links = Links(gathered, published)
    bodies = {source: links.body(source) for source in sorted(gathered.bodies) if source in links.by_source}
    files += [
        Output(item.variant.address.lstrip("/"), item, item.picture.source)
        for item in gathered.media.picture_outputs
    ]
    files += [
        Output(file.address.lstrip("/"), Copied(file.source), file.source)
        for file in gathered.media.stored_files
    ]
    outputs = sorted(_distinct([*pages, *files, *redirects]), key=lambda output: output.path)
    return Plan(
        tuple(outputs),
        bodies,
        frozenset(links.anchored),
        (*links.problems, *variants.problems(pages), *collisions(outputs)),
    )


def _address(path: str) -> str:
    return "/" + (
        path.removesuffix("index.html") if path == "index.html" or path.endswith("/index.html") else path
    )


def _distinct(outputs: Iterable[Output]) -> Iterator[Output]:
    """Drop repeated variants: two posts may show the same picture, two copies of it have the same digest."""
    seen: set[str] = set()
    for output in outputs:
        if (
            isinstance(output.content, (Rendered, Icon))
            or output.path not in seen
            or not output.path.startswith(("media/", "files/"))
        ):
            yield output
        seen.add(output.path)


def outputs_of(desk: Desk, post: Post) -> tuple[Output, ...]:
    """The outputs that a post has for itself: its page, its dialogue, and those at its old addresses."""
    variants = Variants(running(desk.site))
    pages = (variants.dressed(output) for output in (_post_page(desk, post), *dialogue_pages(desk, post)))
    return (*pages, *_results_of(desk, post), *_redirects_to(desk, post))


def _pages(desk: Desk) -> Iterator[Output]:
    for home in desk.site.homes:
        yield from home_pages(desk, home)
        yield from term_pages(desk, home)
        yield from people_pages(desk, home)
        yield from archive_pages(desk, home)
        yield from question_page(desk, home)
        yield from outcome_page(desk, home)
        yield from experiments_page(desk, home)
        yield from _feeds(desk, home)
        yield from answer_feed(desk, home)
    for post in desk.site.all_posts:
        yield _post_page(desk, post)
        yield from dialogue_pages(desk, post)
        yield from _results_of(desk, post)
    for page in desk.site.all_pages:
        yield _page_page(desk, page)
    yield from _open_data(desk)


def _entry_alternates(desk: Desk, entry: Entry) -> tuple[Alternate, ...]:
    others = desk.site.translations(entry)
    return tuple(Alternate(other.lang, other.address) for other in (entry, *others)) if others else ()


def _post_page(desk: Desk, post: Post) -> Output:
    home = desk.site.settings.home_of(post.lang)
    steps = [(post.title, post.address)]
    if post.category:
        steps.insert(0, (post.category.name, desk.addresses.of("categories", home, post.category.slug)))
    context = PostContext(
        site=desk.site,
        lang=post.lang,
        home=home,
        address=post.address,
        title=post.title,
        description=post.summary,
        image=post.preview_image,
        alternates=_entry_alternates(desk, post),
        breadcrumbs=desk.crumbs(home, *steps),
        feeds=dialogue_feeds(desk, post),
        indexable=post.search and not post.draft,
        post=post,
    )
    return Output(output_path(post.address), Rendered(post.template, context), post.source)


def _results_of(desk: Desk, post: Post) -> Iterator[Output]:
    """The figures of a post's survey as a file for spreadsheets, where they may be shown."""
    results = desk.site.results(post)
    if results:
        home = desk.site.settings.home_of(post.lang)
        address = desk.addresses.of("results", home, post.address)
        text = results_csv(results, post.lang, lambda message: desk.translate(home, message))
        yield Output(output_path(address), Fixed(text.encode()), f"results of {post.source}")


def _page_page(desk: Desk, page: Page) -> Output:
    home = desk.site.settings.home_of(page.lang)
    steps = [(page.title, page.address)]
    if isinstance(page, Experiment):
        title = desk.translate(home, LIST_TITLES["experiments"])
        steps.insert(0, (title, desk.addresses.of("experiments", home)))
    context = PageContext(
        site=desk.site,
        lang=page.lang,
        home=home,
        address=page.address,
        title=page.title,
        description=page.summary,
        image=page.preview_image,
        alternates=_entry_alternates(desk, page),
        breadcrumbs=desk.crumbs(home, *steps),
        indexable=page.search and not page.draft,
        page=page,
    )
    return Output(output_path(page.address), Rendered(page.template, context), page.source)


def _feeds(desk: Desk, home: str) -> Iterator[Output]:
    site = desk.site
    newest = site.newest(home, site.settings.feeds.limit)
    about = desk.addresses.of("home", home)
    for kind, template in (("feed", "feed.atom"), ("rss", "feed.rss"), ("jsonfeed", "feed.json")):
        yield _feed(desk, home, desk.addresses.of(kind, home), template, site.name, about, newest)
    for taxonomy in ("tags", "categories"):
        for item in site.terms(taxonomy, home):
            address = desk.addresses.of(taxonomy, home, item.term.slug)
            title = f"{site.name} – {item.term.name}"
            yield _feed(
                desk,
                home,
                f"{address}feed.xml",
                "feed.atom",
                title,
                address,
                site.posts_with(item.term, home),
            )
    for person in (*site.people, *site.former_people):
        address = desk.addresses.of("person", home, person.id)
        title = f"{site.name} – {person.byline_in(home)}"
        yield _feed(
            desk, home, f"{address}feed.xml", "feed.atom", title, address, site.posts_by(person, home)
        )


def _feed(
    desk: Desk, home: str, address: str, template: str, title: str, about: str, posts: tuple[Post, ...]
) -> Output:
    context = FeedContext(
        site=desk.site,
        lang=home,
        home=home,
        address=address,
        title=title,
        description=desk.site.tagline(home),
        posts=posts[: desk.site.settings.feeds.limit],
        about=about,
    )
    return Output(output_path(address), Rendered(template, context), f"feed «{title}» ({home})")


def _open_data(desk: Desk) -> Iterator[Output]:
    """Contributions, answers and outcomes as data, and the schema of it."""
    if not desk.site.has_open_data():
        return
    home = desk.site.settings.language
    for ending in ("json", "csv"):
        address = desk.addresses.of("open-data", home, ending)
        context = OpenDataContext(
            site=desk.site, lang=home, home=home, address=address, title=desk.site.name, indexable=False
        )
        yield Output(output_path(address), Rendered(f"dialogue.{ending}", context), "open data")
    address = desk.addresses.of("open-data", home, "schema.json")
    base = desk.site.settings.base_url.rstrip("/")
    text = json.dumps(schema(lambda path: base + path), ensure_ascii=False, indent=1) + "\n"
    yield Output(output_path(address), Fixed(text.encode()), "schema of the open data")


def _special_files(desk: Desk, icon_file: str) -> Iterator[Output]:
    """The page for addresses that do not exist, the manifest and the icons."""
    site, settings = desk.site, desk.site.settings
    home = settings.language
    title = desk.translate(home, "Page not found")
    not_found = NotFoundContext(
        site=site, lang=home, home=home, address="/404.html", title=title, indexable=False
    )
    yield Output("404.html", Rendered("404.html", not_found), "page for missing addresses")
    icons = tuple((f"/icons/icon-{size}.png", size) for size in ICON_SIZES)
    manifest = ManifestContext(
        site=site, lang=home, home=home, address="/manifest.webmanifest", title=site.name, icons=icons
    )
    yield Output("manifest.webmanifest", Rendered("manifest.webmanifest", manifest), "web manifest")
    letters = settings.icon.letters or settings.name[:1].upper()
    for address, size in (*icons, ("/apple-touch-icon.png", 180)):
        icon = Icon(size, settings.icon.color, letters, icon_file)
        yield Output(address.lstrip("/"), icon, icon_file or "icon of the site")


def _machine_files(desk: Desk, pages: list[Output], own: set[str]) -> list[Output]:
    """Sitemap and robots.txt, unless ``static/`` has its own."""
    home = desk.site.settings.language
    entries = tuple(_sitemap_entries(pages))
    found = []
    for name in ("sitemap.xml", "robots.txt"):
        context = SitemapContext(
            site=desk.site, lang=home, home=home, address=f"/{name}", title=desk.site.name, entries=entries
        )
        if name not in own:
            found.append(Output(name, Rendered(name, context), name))
    return found


def _headers(desk: Desk, used: Iterable[str], own: set[str]) -> Iterator[Output]:
    """The headers that hosts should send, unless ``static/`` has files of its own for them."""
    holdings = desk.site.holdings
    frames = frame_origins(embed for entry in holdings.entries.values() for embed in entry.all_embeds)
    more = policy_for(holdings.settings, used)
    place = any(asks_for_point(holdings.forms[form]) for form in used if form in holdings.forms)
    headers = security_headers({**more, "frame-src": frames} if frames else more, place=place)
    for path, write in HEADER_FILES.items():
        if path not in own:
            yield Output(path, Fixed(write(headers).encode()), "headers of the site")


def _sitemap_entries(pages: list[Output]) -> Iterator[SitemapEntry]:
    for output in pages:
        if (
            isinstance(output.content, Rendered)
            and output.path.endswith(".html")
            and output.content.context.indexable
        ):
            context = output.content.context
            if getattr(getattr(context, "pager", context), "number", 1) == 1:
                yield SitemapEntry(context.address, _changed(context), context.alternates)


def _changed(context: Context) -> str:
    """The day of the last change: of the entry, else of the newest post in the list."""
    entry = getattr(context, "post", None) or getattr(context, "page", None)
    if entry is not None:
        moment = entry.updated or entry.date
        return f"{moment:%Y-%m-%d}" if moment else ""
    pager = getattr(context, "pager", None)
    days = [max(post.date, post.updated or post.date) for post in pager.posts] if pager else []
    return f"{max(days):%Y-%m-%d}" if days else ""


def _redirects(desk: Desk) -> Iterator[Output]:
    """A page for every old address, and the same as lists for servers that can redirect by themselves."""
    site = desk.site
    entries: tuple[Entry, ...] = (*site.all_posts, *site.all_pages)
    for entry in entries:
        yield from _redirects_to(desk, entry)
    pairs = [(alias, entry.address) for entry in entries for alias in entry.aliases if alias != entry.address]
    if pairs:
        base = site.settings.base_path
        full = sorted((base + old.lstrip("/"), base + new.lstrip("/")) for old, new in pairs)
        for path, make in (
            ("_redirects", netlify_redirects),
            ("redirects/apache.conf", apache_conf),
            ("redirects/nginx.map", nginx_map),
        ):
            yield Output(path, Fixed(make(full).encode()), "list of redirects")


def _redirects_to(desk: Desk, entry: Entry) -> Iterator[Output]:
    for alias in entry.aliases:
        if alias != entry.address:
            context = RedirectContext(
                site=desk.site,
                lang=entry.lang,
                home=desk.site.settings.home_of(entry.lang),
                address=alias,
                title=entry.title,
                indexable=False,
                target=entry.address,
            )
            yield Output(output_path(alias), Rendered("redirect.html", context), f"alias of {entry.source}")
