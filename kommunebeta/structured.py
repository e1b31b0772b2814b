"""What a page is about, for search engines: schema.org terms as JSON-LD.

Sources: https://schema.org/BlogPosting, https://schema.org/GovernmentOrganization,
https://schema.org/BreadcrumbList, https://schema.org/VideoObject. An author who is shown by role alone
is a ``Person`` whose name is the role, since schema.org knows no author without a name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urljoin

from kommunebeta.contexts import (
    ArchiveContext,
    Context,
    HomeContext,
    PageContext,
    PersonContext,
    PostContext,
    TermContext,
    TermsContext,
)
from kommunebeta.dialogue.model import Contribution
from kommunebeta.dialogue.sanitise import citizen_html, harmless
from kommunebeta.markdown_rules.text import plain
from kommunebeta.model import Embed, EmbedKind, Entry, Person, Picture, Post

_HEADLINE = 110
_QUOTED = 1000


def structured_data(context: Context, words: Callable[[str], str]) -> dict[str, Any]:
    """The JSON-LD of a page.

    Args:
        context: what the page's template is given.
        words: gives the interface's text for a message, in the page's language.

    Returns:
        An object with ``@context`` and ``@graph``.
    """
    graph = [_website(context), _organisation(context)]
    if context.breadcrumbs:
        graph.append(_breadcrumbs(context))
    if isinstance(context, PostContext):
        films = _films(context, context.post)
        posting = {**_posting(context, context.post), **_comments(context, context.post, words)}
        graph += [_with_films(posting, films), *films]
    elif isinstance(context, PageContext):
        films = _films(context, context.page)
        graph += [_with_films(_page(context, "WebPage"), films), *films]
    elif isinstance(context, PersonContext):
        about = _person(context, context.person)
        graph.append({**_page(context, "ProfilePage"), "mainEntity": about})
    elif isinstance(context, (HomeContext, TermContext, TermsContext, ArchiveContext)):
        graph.append(_page(context, "CollectionPage"))
    else:
        graph.append(_page(context, "WebPage"))
    return {"@context": "https://schema.org", "@graph": graph}


def iso_duration(seconds: int) -> str:
    """A length of time as ISO 8601 writes it: ``PT3M20S``."""
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "H"), (minutes, "M"), (seconds, "S"))
    return "PT" + ("".join(f"{number}{sign}" for number, sign in parts if number) or "0S")


def _absolute(context: Context, address: str) -> str:
    return urljoin(context.site.settings.base_url, quote(address.lstrip("/"), safe="/~!$&'()*+,;=:@-._"))


def _organisation_id(context: Context) -> str:
    return context.site.settings.base_url + "#municipality"


def _website(context: Context) -> dict[str, Any]:
    home = _absolute(context, context.site.address("home", context.home))
    website = {
        "@type": "WebSite",
        "@id": home + "#website",
        "url": home,
        "name": context.site.name,
        "inLanguage": context.home,
        "publisher": {"@id": _organisation_id(context)},
    }
    tagline = context.site.tagline(context.home)
    return {**website, "description": tagline} if tagline else website


def _organisation(context: Context) -> dict[str, Any]:
    settings = context.site.settings
    organisation: dict[str, Any] = {
        "@type": "GovernmentOrganization",
        "@id": _organisation_id(context),
        "name": settings.municipality,
        "url": settings.contact.url or settings.base_url,
        "logo": _absolute(context, "/icons/icon-512.png"),
    }
    contact = {"email": settings.contact.email, "telephone": settings.contact.phone}
    given = {key: value for key, value in contact.items() if value}
    if given:
        organisation["contactPoint"] = {"@type": "ContactPoint", "contactType": "customer service", **given}
    if settings.contact.address:
        organisation["address"] = settings.contact.address
    if settings.channels:
        organisation["sameAs"] = [
            channel.url for channel in settings.channels if channel.kind != "newsletter"
        ]
    return organisation


def _breadcrumbs(context: Context) -> dict[str, Any]:
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": at,
                "name": crumb.title,
                "item": _absolute(context, crumb.address),
            }
            for at, crumb in enumerate(context.breadcrumbs, 1)
        ],
    }


def _page(context: Context, kind: str) -> dict[str, Any]:
    address = _absolute(context, context.address)
    page = {
        "@type": kind,
        "@id": address,
        "url": address,
        "name": context.title,
        "inLanguage": context.lang,
        "isPartOf": {"@id": _absolute(context, context.site.address("home", context.home)) + "#website"},
    }
    return {**page, "description": context.description} if context.description else page


def _posting(context: Context, post: Post) -> dict[str, Any]:
    address = _absolute(context, post.address)
    posting: dict[str, Any] = {
        "@type": "BlogPosting",
        "@id": address,
        "mainEntityOfPage": address,
        "url": address,
        "headline": post.title
        if len(post.title) <= _HEADLINE
        else post.title[: _HEADLINE - 1].rstrip() + "…",
        "datePublished": post.date.isoformat(timespec="seconds"),
        "dateModified": (post.updated or post.date).isoformat(timespec="seconds"),
        "inLanguage": post.lang,
        "wordCount": post.words,
        "publisher": {"@id": _organisation_id(context)},
        "author": [_person(context, person) for person in post.authors] or {"@id": _organisation_id(context)},
        "isPartOf": {"@id": _absolute(context, context.site.address("home", context.home)) + "#website"},
    }
    optional: dict[str, Any] = {
        "description": post.summary,
        "image": _image(context, post.preview_image),
        "keywords": [tag.name for tag in post.tags],
        "articleSection": post.category.name if post.category else "",
    }
    return {**posting, **{key: value for key, value in optional.items() if value}}


def _comments(context: Context, post: Post, words: Callable[[str], str]) -> dict[str, Any]:
    """What citizens said on the post's own page, with the municipality's answers."""
    page = context.site.discussion(post)
    shown = [item for thread in page.threads for item in thread.contributions if not item.is_withdrawn]
    if not shown:
        return {}
    comments = [_comment(context, post, item, words) for item in shown]
    return {"commentCount": page.counts.published, "comment": comments}


def _comment(context: Context, post: Post, item: Contribution, words: Callable[[str], str]) -> dict[str, Any]:
    here = _absolute(context, post.address)
    found = {
        "@type": "Comment",
        "@id": f"{here}#{item.anchor}",
        "author": {"@type": "Person", "name": harmless(item.name) or words("Resident")},
        "dateCreated": item.published.isoformat(timespec="seconds"),
        "inLanguage": item.lang or post.lang,
        "text": _quoted(item.text, item.lang or post.lang),
    }
    answers = [
        {
            "@type": "Comment",
            "@id": f"{here}#{answer.id}",
            "author": {"@id": _organisation_id(context)},
            "creator": _person(context, answer.by),
            "dateCreated": answer.date.isoformat(timespec="seconds"),
            "inLanguage": answer.lang or post.lang,
            "text": _quoted(answer.text, answer.lang or post.lang),
        }
        for answer in item.answers
    ]
    return {**found, "comment": answers} if answers else found


def _quoted(text: str, lang: str) -> str:
    """A text in plain words, cut where it is long: the page has all of it."""
    words = " ".join(plain(citizen_html(text[: 4 * _QUOTED], lang=lang)).split())
    return words if len(words) <= _QUOTED else words[: _QUOTED - 1].rstrip() + "…"


def _films(context: Context, entry: Entry) -> list[dict[str, Any]]:
    """The films of an entry of which name, picture and day are known, without which Google uses none.

    Source: https://developers.google.com/search/docs/appearance/structured-data/video
    """
    found = (_film(context, entry, embed) for embed in entry.all_embeds)
    here = _absolute(context, entry.address)
    return [{"@id": f"{here}#film-{at}", **film} for at, film in enumerate(filter(None, found), 1)]


def _with_films(thing: dict[str, Any], films: list[dict[str, Any]]) -> dict[str, Any]:
    return {**thing, "video": [{"@id": film["@id"]} for film in films]} if films else thing


def _film(context: Context, entry: Entry, embed: Embed) -> dict[str, Any] | None:
    published = entry.date.isoformat(timespec="seconds") if embed.is_local and entry.date else ""
    uploaded = embed.uploaded or published
    if embed.kind is not EmbedKind.FILM or embed.removed or not (embed.title and embed.poster and uploaded):
        return None
    film: dict[str, Any] = {
        "@type": "VideoObject",
        "name": embed.title,
        "thumbnailUrl": _absolute(context, embed.poster.address),
        "uploadDate": uploaded,
    }
    optional = {
        "description": embed.description or entry.summary,
        "duration": iso_duration(embed.seconds) if embed.seconds else "",
        "contentUrl": _absolute(context, embed.url) if embed.is_local else "",
        "embedUrl": embed.frame,
        "url": "" if embed.is_local else embed.url,
        "transcript": plain(embed.transcript),
    }
    return {**film, **{key: value for key, value in optional.items() if value}}


def _image(context: Context, picture: Picture | None) -> dict[str, Any] | None:
    if picture is None:
        return None
    last = picture.variants[-1] if picture.variants else None
    image: dict[str, Any] = {"@type": "ImageObject", "url": _absolute(context, picture.address)}
    if last:
        image |= {"width": last.width, "height": last.height}
    if picture.alt:
        image["caption"] = picture.alt
    return {**image, "creditText": picture.credit} if picture.credit else image


def _person(context: Context, person: Person) -> dict[str, Any]:
    role = person.role_in(context.home)
    found: dict[str, Any] = {"@type": "Person", "name": person.name or role}
    if role:
        found["jobTitle"] = role
    if person.known:
        found["url"] = _absolute(context, context.site.address("person", context.home, person.id))
        found["worksFor"] = {"@id": _organisation_id(context)}
    return found
