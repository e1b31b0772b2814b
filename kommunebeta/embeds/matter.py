"""How a writer says what to embed: an address or a file, and the options below it.

The same in front matter (``video``, ``slides``) and in ``::: embed``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from kommunebeta.embeds.address import seconds
from kommunebeta.validation import TRUE_WORDS, Edge, is_flag

NORWEGIAN_EMBED_KEYS = {
    "adresse": "url",
    "tittel": "title",
    "slutt": "end",
    "lysark": "slide",
    "lysbilde": "slide",
    "bildetekst": "caption",
    "bilettekst": "caption",
    "teksting": "captions",
    "tekstet": "captions",
    "avskrift": "transcript",
    "beskrivelse": "description",
    "skildring": "description",
    "plakat": "poster",
    "format": "aspect",
    "sitat": "quote",
    "av": "author",
}
"""Norwegian names of the options of an embed, bokmål and nynorsk."""


def _embed(value: object) -> object:
    """An address alone, or a mapping; what other generators keep under the same names is passed over."""
    if value == "":
        return None
    if isinstance(value, str):
        return {"url": value}
    if isinstance(value, Mapping):
        return {NORWEGIAN_EMBED_KEYS.get(str(key).lower(), key): item for key, item in value.items()}
    return value


def _seconds(value: object) -> object:
    if isinstance(value, int):
        return value
    found = seconds(str(value))
    if found is None:
        raise PydanticCustomError("time", "it is not a time. Write it as 90, 1m30s or 1:30")
    return found


def _captions(value: str) -> str:
    """The one word for yes and no, or a file of captions."""
    if is_flag(value):
        return "yes" if value.strip().lower() in TRUE_WORDS else "no"
    if value and not value.lower().endswith(".vtt"):
        raise PydanticCustomError("captions", "write ja, nei, or a file of captions that ends with .vtt")
    return value


Seconds = Annotated[int, BeforeValidator(_seconds)]


class EmbedMatter(Edge):
    """A film, slide deck or other content from elsewhere, or a film, sound or PDF of the site itself."""

    url: str = Field(description="Its address; or a file, beside the post or from the site's root with `/`.")
    title: str = Field("", max_length=300, description="What it is called; else what was looked up.")
    start: Seconds = Field(0, description="Where a film begins: `90`, `1m30s` or `1:30`.")
    end: Seconds = Field(0, description="Where a film ends, written likewise.")
    slide: int = Field(0, ge=0, le=5000, description="The slide to begin with.")
    caption: str = Field("", description="Text below it, in Markdown.")
    captions: Annotated[str, AfterValidator(_captions)] = Field(
        "",
        description="Whether a film has captions: `ja` or `nei`; "
        "or the file of captions (`.vtt`) of a film of the site.",
    )
    transcript: str = Field(
        "", description="What is said and shown: a file (`.md` or `.txt`) beside the post, or an address."
    )
    description: str = Field(
        "", description="What slides, a picture or a map show, for those who do not see it."
    )
    poster: str = Field("", description="Picture of the site to show before it is played.")
    aspect: str = Field(
        "",
        pattern=r"^$|^[1-9]\d{0,3}:[1-9]\d{0,3}$",
        description="Shape of the player, such as `4:3` or `9:16`.",
    )
    quote: str = Field("", max_length=5000, description="The words of a post elsewhere, quoted by you.")
    author: str = Field("", max_length=200, description="Who made or wrote it; else what was looked up.")


HeadEmbed = Annotated[EmbedMatter | None, BeforeValidator(_embed)]
"""A film or slide deck at the head of a post; an address alone will do."""
