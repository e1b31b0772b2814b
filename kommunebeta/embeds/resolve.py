"""What a writer embeds → what a reader is shown: from address, options, look-ups and the site's files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from kommunebeta import markdown
from kommunebeta.config import Settings
from kommunebeta.embeds.address import frame_origin
from kommunebeta.embeds.files import kind_of_file
from kommunebeta.embeds.matter import EmbedMatter
from kommunebeta.embeds.provider import Facts, Found, Play, Provider
from kommunebeta.embeds.providers import identify, providers_of
from kommunebeta.errors import Severity
from kommunebeta.images import PictureError
from kommunebeta.language import base_language
from kommunebeta.media import Media
from kommunebeta.model import Embed, EmbedKind, Picture
from kommunebeta.sources import read_text

_ADDRESSES = ("http://", "https://", "//")
_NOWHERE = "#"
_READABLE = (".md", ".markdown", ".txt")

Report = Callable[[str, str, str, Severity], None]
"""Told of a problem with an embed: code, what is wrong, how to mend it, how bad it is."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is embedded.

    Attributes:
        source: the content file.
        lang: the language of its text.
        report: told of problems.
    """

    source: str
    lang: str
    report: Report


class Embeds:
    """Knows every provider, and what has been looked up.

    Attributes:
        unknown: addresses that a look-up could tell more about.
        transcripts: the files that texts name as transcripts; those beside posts are no posts.
    """

    def __init__(self, settings: Settings, facts: Mapping[str, Facts], media: Media) -> None:
        """Take in what there is to know.

        Args:
            settings: the site's settings.
            facts: what was looked up, by address.
            media: where the site's own files are found.
        """
        self._facts = facts
        self._media = media
        self._providers = lru_cache(maxsize=32)(lambda lang: providers_of(settings, lang))
        self.unknown: set[str] = set()
        self.transcripts: set[str] = set()

    def embed(self, matter: EmbedMatter, place: Place) -> Embed:
        """What is shown for an address or a file.

        Args:
            matter: the address and the writer's options.
            place: where it stands.
        """
        if not matter.url.startswith(_ADDRESSES):
            return self._file(matter, place)
        known = identify(matter.url, self._providers(base_language(place.lang)))
        if known is None:
            return self._with_words(_card(matter.url), matter, place)
        return self._with_words(self._provided(*known, matter, place), matter, place)

    def _provided(self, provider: Provider, found: Found, matter: EmbedMatter, place: Place) -> Embed:
        looked_up = self._facts.get(found.url)
        if looked_up is None and provider.lookup(found):
            self.unknown.add(found.url)
        facts = looked_up or Facts()
        play = Play(
            lang=base_language(place.lang),
            start=matter.start or found.start,
            end=matter.end or found.end,
            slide=matter.slide or found.slide,
            captions=matter.captions == "yes",
        )
        width, height = found.shape or _sane_shape(facts) or provider.shape
        return Embed(
            kind=found.kind,
            provider=provider.name,
            provider_id=provider.id,
            url=provider.page(found, play),
            title=facts.title or provider.default_title,
            frame=provider.frame(found, looked_up, play),
            receiver=provider.receiver_of(found),
            privacy=provider.privacy,
            allow=provider.allow,
            sandbox=provider.sandbox,
            width=width,
            height=height,
            poster=self._looked_up_poster(facts),
            author=facts.author or found.get("author"),
            author_url=facts.author_url,
            seconds=facts.seconds or None,
            count=facts.count or None,
            licence=facts.licence,
            licence_url=facts.licence_url,
            uploaded=facts.uploaded,
            removed=facts.removed,
        )

    def _looked_up_poster(self, facts: Facts) -> Picture | None:
        found = self._media.find(f"/{facts.poster}", "") if facts.poster.startswith("embeds/") else None
        if found is None:
            return None
        try:
            return self._media.picture(found)
        except PictureError:
            return None

    def _file(self, matter: EmbedMatter, place: Place) -> Embed:
        kind, media_type = kind_of_file(matter.url.partition("#")[0])
        embed = Embed(kind, "", "file", "", media_type=media_type)
        name = next((name for name in (matter.url, unquote(matter.url)) if self._found(name, place)), "")
        if not name:
            mend = "Put the file beside the text or in static/, or begin the address with https://."
            place.report("KB030", f"There is no file «{matter.url}» to embed.", mend, Severity.ERROR)
            return replace(self._with_words(embed, matter, place), url=_NOWHERE)
        stored = self._media.file(self._found(name, place))
        embed = replace(embed, url=stored.address, size=stored.size, title=name.rpartition("/")[2])
        if kind is EmbedKind.FILM and not matter.captions:
            beside = name.rpartition(".")[0] + ".vtt"
            embed = replace(embed, track=self._address_of(beside, place))
        return self._with_words(embed, matter, place)

    def _found(self, name: str, place: Place) -> str:
        return self._media.find(name, place.source) or ""

    def _address_of(self, name: str, place: Place) -> str:
        found = self._found(name, place)
        return self._media.file(found).address if found else ""

    def _with_words(self, embed: Embed, matter: EmbedMatter, place: Place) -> Embed:
        """What the writer says of it goes before what was looked up."""
        width, _, height = (matter.aspect or f"{embed.width}:{embed.height}").partition(":")
        transcript, transcript_url = self._transcript(matter.transcript, place)
        return replace(
            embed,
            title=matter.title or embed.title,
            author=matter.author or embed.author,
            poster=self._poster(matter.poster, place) or embed.poster,
            track=self._track(matter.captions, place) or embed.track,
            width=int(width),
            height=int(height),
            caption=matter.caption,
            description=matter.description,
            captions={"yes": True, "no": False}.get(matter.captions),
            transcript=transcript,
            transcript_url=transcript_url,
            quote=matter.quote,
        )

    def _poster(self, name: str, place: Place) -> Picture | None:
        if not name:
            return None
        found = self._found(name, place)
        if not found:
            mend = "Put the file beside the text, or mend its name."
            place.report("KB032", f"There is no picture «{name}» for the poster.", mend, Severity.ERROR)
            return None
        try:
            return self._media.picture(found)
        except PictureError as error:
            mend = "Use a JPEG, PNG, WebP or SVG picture."
            place.report("KB033", f"«{name}»: {error}.", mend, Severity.ERROR)
            return None

    def _track(self, captions: str, place: Place) -> str:
        if captions in ("", "yes", "no"):
            return ""
        address = self._address_of(captions, place)
        if not address:
            mend = "Put the file beside the text, or mend its name."
            place.report("KB030", f"There is no file of captions «{captions}».", mend, Severity.ERROR)
        return address

    def _transcript(self, name: str, place: Place) -> tuple[str, str]:
        """A transcript as HTML, or where it can be read."""
        if not name or name.startswith(_ADDRESSES):
            return "", name
        found = self._found(name, place)
        if not found:
            mend = "Put the file beside the text, or write an address."
            place.report("KB030", f"There is no transcript «{name}».", mend, Severity.ERROR)
            return "", ""
        if not found.lower().endswith(_READABLE):
            return "", self._media.file(found).address
        self.transcripts.add(found)
        text, problems = read_text(self._media.site, found)
        if problems:
            place.report(
                problems[0].code, f"{found}: {problems[0].message}", problems[0].mend, Severity.ERROR
            )
        return markdown.render_simple(text, lang=place.lang) if not problems else "", ""


def _sane_shape(facts: Facts) -> tuple[int, int] | None:
    """A looked-up shape, unless no film or deck can have it."""
    width, height = facts.width, facts.height
    return (width, height) if width and height and 1 / 3 <= width / height <= 5 else None


def _card(url: str) -> Embed:
    """What is known of an address that no provider knows: the address."""
    url = "https:" + url if url.startswith("//") else url
    try:
        host = (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        host = ""
    return Embed(EmbedKind.LINK, host, "link", url)


def embed_problems(embed: Embed) -> Iterable[tuple[str, str, str]]:
    """What a writer should mend in an embed that works: code, what is wrong and how to mend it.

    Sources: WCAG 2.2 success criteria 1.1.1, 1.2.1 and 1.2.2, which Norwegian law asks of municipalities.
    """
    name = f"«{embed.title or embed.url}»"
    told = embed.transcript or embed.transcript_url
    if embed.url == _NOWHERE:  # an error tells already that there is no such file
        return
    if embed.removed:
        mend = "Replace it or take it out; until then readers see its title and picture, marked as removed."
        yield "KB074", f"{name} is no longer at {embed.provider}.", mend
    elif embed.kind is EmbedKind.FILM and not (embed.captions or embed.track or told):
        mend = "Say «captions: ja» if the film has them, or name a «transcript:»."
        yield "KB072", f"The film {name} has neither captions nor a transcript.", mend
    elif embed.kind is EmbedKind.SOUND and not told:
        yield "KB072", f"The sound {name} has no transcript.", "Name a «transcript:» file or address."
    elif embed.kind in _SEEN and not (told or embed.description) and (embed.is_played or embed.poster):
        what = {EmbedKind.SLIDES: "slide deck", EmbedKind.MAP: "map"}.get(embed.kind, "picture")
        mend = "Say in «description:» what it shows, or name a «transcript:»."
        yield "KB073", f"The {what} {name} has no text alternative.", mend


_SEEN = frozenset((EmbedKind.SLIDES, EmbedKind.MAP, EmbedKind.PICTURE))

WARNINGS = frozenset(("KB072", "KB073", "KB074"))
"""The codes of ``embed_problems``."""


def frame_origins(embeds: Iterable[Embed]) -> tuple[str, ...]:
    """The origins of all players, sorted: what a policy must allow in frames (CSP Level 3, ``frame-src``)."""
    return tuple(sorted({frame_origin(embed.frame) for embed in embeds if embed.is_played} - {""}))
