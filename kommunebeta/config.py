"""The settings in ``kommunebeta.yaml``: names, defaults and meaning."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from kommunebeta.confidential import secrets_in
from kommunebeta.embeds.pattern import pattern_fault
from kommunebeta.errors import ContentError, OutsideError, Problem, UsageError
from kommunebeta.language import base_language
from kommunebeta.validation import TRUE_WORDS, Day, Edge, Flag, Text, in_language, is_flag, validate
from kommunebeta.yamlfile import YamlDocument, read_yaml, resolve

FILE_NAME = "kommunebeta.yaml"

LANGUAGE_PATTERN = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"


def _address(value: str) -> str:
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 - reading it raises when it is not a number
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme not in ("http", "https") or parts.query or parts.fragment or not host or " " in host:
        raise PydanticCustomError(
            "base_url",
            "it is not the address of a site: «{value}». Write it as https://beta.example.no/",
            {"value": value},
        )
    return value.rstrip("/") + "/"


_NAME = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")


def _receiver(value: str) -> str:
    """An address that forms are sent to. Its host ends up in a policy, so it has to be a plain name."""
    if not value or (re.fullmatch(r"/(?!/)[^\s\\]*", value) and "#" not in value):
        return value
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 - reading it raises when it is not a number
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except ValueError:
        parts, host = urlsplit(""), ""
    strange = parts.username is not None or parts.fragment or re.search(r"[\s\\]", value)
    if parts.scheme not in ("http", "https") or strange or not _NAME.fullmatch(host):
        raise PydanticCustomError(
            "receiver",
            "it is no address that a form can be sent to: «{value}». Write it as https://svar.example.no/",
            {"value": value},
        )
    return value


def _form_or_off(value: object) -> object:
    """The id of a form; ``off`` for the words that mean no."""
    word = str(value).strip().lower()
    return "off" if is_flag(word) and word not in TRUE_WORDS else value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise PydanticCustomError("zone", "there is no such time zone. Write it as Europe/Oslo") from error
    return value


def _link(value: str) -> str:
    if urlsplit(value).scheme not in ("http", "https", "mailto", "tel"):
        raise PydanticCustomError(
            "link", "it is not a link: «{value}». Begin with https:// or mailto:", {"value": value}
        )
    return value


def _words(value: object) -> object:
    return [value] if isinstance(value, str) else value


Link = Annotated[str, AfterValidator(_link)]
Language = Annotated[str, Field(pattern=LANGUAGE_PATTERN)]
Words = Annotated[list[str], BeforeValidator(_words)]


class MenuEntry(Edge):
    """One line of a menu; one of `page`, `list` and `url` says where it leads."""

    title: Text = Field(
        default_factory=dict, description="The text, or one text per language; else the target's own title."
    )
    page: str = Field(
        "",
        description="A content file, such as `content/pages/om-beta.md`; or its translation.",
    )
    list: Literal[
        "",
        "home",
        "archive",
        "tags",
        "categories",
        "series",
        "people",
        "questions",
        "outcomes",
        "experiments",
    ] = Field("", description="One of the site's own lists.")
    url: str = Field("", description="A path in the site or an address elsewhere.")


class ChannelSetting(Edge):
    """One of the municipality's other channels."""

    kind: Literal[
        "facebook",
        "x",
        "youtube",
        "flickr",
        "slideshare",
        "linkedin",
        "instagram",
        "mastodon",
        "vimeo",
        "newsletter",
        "snapchat",
        "tiktok",
        "threads",
        "bluesky",
        "podcast",
        "website",
        "other",
    ] = Field(description="Which service; chooses the icon.")
    name: str = Field("", description="What it is called; else the service's name.")
    url: Link = Field(description="Its address.")
    purpose: Text = Field(default_factory=dict, description="What it is used for, or one text per language.")
    responsible: str = Field("", description="Id of the person who answers there.")
    show: Literal["header", "footer", "both", "none"] = Field(
        "footer", description="Where it is linked on every page."
    )


class ContactSetting(Edge):
    """How to reach the municipality without this site."""

    email: str = Field("", pattern=r"^$|^[^@\s]+@[^@\s]+$", description="E-mail address.")
    phone: str = Field("", description="Telephone number.")
    address: str = Field("", description="Postal or visiting address.")
    hours: Text = Field(default_factory=dict, description="Opening hours, or one text per language.")
    url: str = Field("", description="The municipality's main site.")


class BetaSetting(Edge):
    """The beta banner on every page."""

    show: Flag = Field(True, description="Whether the banner is shown.")
    text: Text = Field(
        default_factory=dict,
        description="What beta means here, in one sentence, or one per language; else the theme's text.",
    )
    page: str = Field("", description="Content file that says more.")
    feedback: str = Field("", description="Content file or address for feedback on the site itself.")


class AccessibilitySetting(Edge):
    """The accessibility statement (Norwegian regulation on universal design of ICT)."""

    statement_url: Link | None = Field(None, description="The statement at uustatus.no.")
    reviewed: Day | None = Field(None, description="When it was last reviewed.")
    page: str = Field("", description="Content file with the site's own words about accessibility.")


class PrivacySetting(Edge):
    """Who is responsible for personal data."""

    controller: str = Field("", description="The controller; else the municipality.")
    officer: str = Field("", description="E-mail address of the data protection officer.")
    page: str = Field("", description="Content file with the privacy statement.")


class PermalinkSetting(Edge):
    """Patterns of addresses.

    Placeholders: `{slug}`, `{id}`, `{year}`, `{month}`, `{day}`, `{category}`, `{lang}`.
    """

    post: str = Field("", description="Posts; `/{year}/{month}/{slug}/` by default.")
    page: str = Field("", description="Pages; `/{slug}/` by default.")
    tag: str = Field("", description="Tags, with `{slug}`.")
    category: str = Field("", description="Categories, with `{slug}`.")
    series: str = Field("", description="Series, with `{slug}`.")
    person: str = Field("", description="People, with `{slug}`.")
    experiment: str = Field("", description="Experiments, with `{slug}`.")
    archive: str = Field("", description="The archive's first page; years and months lie below.")


class PermalinkSettings(PermalinkSetting):
    """Patterns for all languages, and others for some."""

    languages: dict[Language, PermalinkSetting] = Field(
        default_factory=dict, description="Other patterns for a language."
    )


class PictureSetting(Edge):
    """How pictures are made ready for the web."""

    widths: list[Annotated[int, Field(ge=16, le=6000)]] = Field(
        [480, 960, 1600], min_length=1, description="Widths in pixels; a picture is never made larger."
    )
    formats: list[Literal["webp", "avif", "jpeg"]] = Field(
        ["webp", "jpeg"], description="Formats from the most preferred on."
    )
    quality: int = Field(80, ge=1, le=100, description="Quality of WebP, AVIF and JPEG.")


class EmbedProviderSetting(Edge):
    """A site whose films, slides or maps posts may show, such as a municipality's web television."""

    name: str = Field(min_length=1, max_length=80, description="What readers know it as.")
    match: str = Field(
        max_length=500,
        description="Its pages' address with `{id}` or other names in braces for what differs, and `*` "
        "for anything: `https://tv.example.no/film/{id}`.",
    )
    iframe: str = Field(
        "",
        max_length=500,
        description="Address of its player, with the same names; "
        "`{start}`, `{end}`, `{slide}` and `{lang}` are filled in.",
    )
    oembed: str = Field("", max_length=500, description="Address of its oEmbed service, if it has one.")
    frames: list[Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]] = Field(
        default_factory=list, description="Hosts that players named by the oEmbed service may come from."
    )
    aspect: str = Field(
        "16:9", pattern=r"^[1-9]\d{0,3}:[1-9]\d{0,3}$", description="Shape of the player, width to height."
    )
    kind: Literal["film", "sound", "slides", "map", "document"] = Field("film", description="What it shows.")
    title: Text = Field(
        default_factory=dict, description="Title where a post gives none, or one per language."
    )
    privacy: Text = Field(
        default_factory=dict, description="What is sent to whom when it is played, or one text per language."
    )
    receiver: str = Field("", max_length=80, description="Who learns of the reader; else the name.")

    @model_validator(mode="after")
    def _addresses_fit(self) -> Self:
        if fault := pattern_fault(self.match, self.iframe, self.oembed):
            raise PydanticCustomError("pattern", "{fault}", {"fault": fault.rstrip(".")})
        return self


class EmbedSettings(Edge):
    """Films, slides and other content from outside."""

    providers: list[EmbedProviderSetting] = Field(
        default_factory=list, description="Providers beside those that come with Kommunebeta."
    )
    remember: Flag = Field(
        False,
        description="Offer readers to remember, in their browser, that a provider's players may be loaded.",
    )


Destination = Literal["off", "kommunebeta", "netlify", "formspree", "formspark", "web3forms", "url", "mailto"]


class RouteSetting(Edge):
    """Where a form goes."""

    to: Destination = Field(
        "off",
        description="`kommunebeta` (the municipality's own receiver), a service, any `url`, `mailto` (opens "
        "the reader's mail program), or `off` (contact details stand in the form's place).",
    )
    url: Annotated[str, AfterValidator(_receiver)] = Field(
        "",
        max_length=500,
        description="Address of the receiver, for `kommunebeta` and `url`: `https://…`, or a path on "
        "the site's own host.",
    )
    key: str = Field(
        "",
        pattern=r"^[A-Za-z0-9_-]{0,80}$",
        description="Id of the form at Formspree or Formspark, or Web3Forms' access key; anyone can "
        "read it in the page.",
    )
    email: str = Field(
        "",
        pattern=r"^$|^[^@\s?&]+@[^@\s?&]+$",
        description="Address for `mailto`; else that of `contact`.",
    )


class InboxSetting(RouteSetting):
    """Where forms go: the same for all of them, and other places for some."""

    forms: dict[str, RouteSetting] = Field(
        default_factory=dict, description="Another place for a form, by its id."
    )
    page_feedback: Annotated[str, BeforeValidator(_form_or_off)] = Field(
        "tilbakemelding",
        description="Id of the form at the foot of every page; `off` for none.",
    )

    def route(self, form: str) -> RouteSetting:
        """Where a form goes."""
        return self.forms.get(form, self)


class DialogueSetting(Edge):
    """How the dialogue is shown."""

    order: Literal["newest", "answered"] = Field(
        "newest", description="What stands first among the contributions to a post."
    )
    page_size: int = Field(50, ge=5, le=500, description="How many contributions stand on one page.")
    open_data: Flag = Field(True, description="Publish contributions and answers as open data too.")
    licence: str = Field("NLOD 2.0", description="Licence of the open data.")
    licence_url: Link = Field("https://data.norge.no/nlod/no/2.0", description="The licence's text.")


Code = Annotated[str, Field(pattern=r"^KB[0-9]{3}$")]


class CheckSetting(Edge):
    """What `kommunebeta check` looks for, and how strict it is."""

    levels: dict[Code, Literal["error", "warning", "note", "off"]] = Field(
        default_factory=dict, description="Another severity for a code, or `off`: `KB143: off`."
    )
    picture_budget: int = Field(
        400, ge=1, description="Kilobytes that the picture may have which a phone loads."
    )
    page_budget: int = Field(
        1000, ge=1, description="Kilobytes that a page may have with all that it loads at once on a phone."
    )
    title_length: int = Field(70, ge=10, le=500, description="Characters that a title may have.")
    sentence_words: int = Field(30, ge=5, le=200, description="Words that a sentence may have.")
    lix: int = Field(50, ge=10, le=100, description="Readability index (LIX) that a text may have.")
    expires_within: int = Field(
        14, ge=0, le=366, description="Days ahead in which posts that expire are told of."
    )
    public: list[str] = Field(
        default_factory=list,
        description="E-mail addresses and telephone numbers that may stand in texts, beside those of the "
        "settings, of `people/` and of `forms/`.",
    )
    skip_external: list[str] = Field(
        default_factory=list,
        description="Addresses elsewhere that `--external` does not ask; a `*` stands for anything.",
    )


class DeploySetting(Edge):
    """Where `kommunebeta deploy` sends the site."""

    default: str = Field("", description="Name of the target that is meant when none is named.")
    targets: dict[Annotated[str, Field(pattern=r"^[\w-]+$")], dict[str, Any]] = Field(
        default_factory=dict,
        description="Targets by name, each with its `kind`; see the page on deploying for what each needs.",
    )

    @model_validator(mode="after")
    def _default_is_known(self) -> Self:
        if self.default and self.default not in self.targets:
            raise PydanticCustomError(
                "deploy", "there is no target «{name}» below «targets»", {"name": self.default}
            )
        return self


class FeedSetting(Edge):
    """Feeds."""

    limit: int = Field(20, ge=1, le=1000, description="How many posts a feed holds.")


class IconSetting(Edge):
    """The site's icon."""

    file: str = Field("", description="Square PNG of the site, at least 512 pixels wide.")
    letters: str = Field(
        "", max_length=2, description="One or two letters for a drawn icon; else the name's first."
    )
    color: str = Field(
        "#0b3c5d",
        pattern=r"^#[0-9a-fA-F]{6}$",
        description="Colour of the drawn icon and of the browser's frame.",
    )


class Settings(Edge):
    """The file `kommunebeta.yaml`."""

    name: str = Field(description='Name of the site, such as "Fjordvikbeta".')
    municipality: str = Field(description='Name of the municipality, such as "Fjordvik kommune".')
    tagline: Text = Field(
        default_factory=dict, description="One sentence about the site, or one per language."
    )
    base_url: Annotated[str, AfterValidator(_address)] = Field(
        "http://localhost:8000/", description="The site's address on the web, with its folder if it has one."
    )
    language: Language = Field("nb", description="The main language; its pages lie at the root.")
    languages: list[Language] = Field(
        default_factory=list,
        description="All languages with a home page of their own, in the order of the language switch.",
    )
    shared_lists: dict[Language, list[Language]] = Field(
        {"nb": ["nn"], "nn": ["nb"]},
        description="For a language, the others whose untranslated posts stand in its lists too.",
    )
    timezone: Annotated[str, AfterValidator(_zone)] = Field(
        "Europe/Oslo", description="Time zone of dates without one."
    )
    theme: str = Field("beta", description="Name of a theme: built in, or a folder in `themes/`.")
    parameters: dict[str, Any] = Field(
        default_factory=dict, description="The theme's parameters; see its `theme.yaml`."
    )
    menus: dict[str, list[MenuEntry]] = Field(
        default_factory=dict, description="Menus by name; the theme shows `main` and `footer`."
    )
    channels: list[ChannelSetting] = Field(
        default_factory=list, description="The municipality's other channels."
    )
    contact: ContactSetting = Field(ContactSetting(), description="How to reach the municipality.")
    beta: BetaSetting = Field(BetaSetting(), description="The beta banner.")
    accessibility: AccessibilitySetting = Field(
        AccessibilitySetting(), description="The accessibility statement."
    )
    privacy: PrivacySetting = Field(PrivacySetting(), description="Who is responsible for personal data.")
    permalinks: PermalinkSettings = Field(PermalinkSettings(), description="Patterns of addresses.")
    page_size: int = Field(10, ge=1, le=500, description="How many posts stand on one page of a list.")
    feeds: FeedSetting = Field(FeedSetting(), description="Feeds.")
    pictures: PictureSetting = Field(PictureSetting(), description="How pictures are made ready for the web.")
    icon: IconSetting = Field(IconSetting(), description="The site's icon.")
    embeds: EmbedSettings = Field(
        EmbedSettings(), description="Films, slides and other content from outside."
    )
    inbox: InboxSetting = Field(InboxSetting(), description="Where forms go.")
    dialogue: DialogueSetting = Field(DialogueSetting(), description="How the dialogue is shown.")
    check: CheckSetting = Field(CheckSetting(), description="How strict `kommunebeta check` is.")
    deploy: DeploySetting = Field(DeploySetting(), description="Where the site is sent.")
    share: list[Literal["email", "facebook", "linkedin", "x", "bluesky", "mastodon"]] = Field(
        ["email", "facebook", "linkedin"], description="Share links below a post; plain links without script."
    )
    footer: Text = Field(
        default_factory=dict,
        description="A text at the foot of every page, in Markdown, or one per language.",
    )
    output: str = Field("public", pattern=r"^[^/\\]+$", description="Name of the output folder.")
    extra: dict[str, Any] = Field(
        default_factory=dict, description="Your own values for templates, as `site.settings.extra`."
    )

    @property
    def all_languages(self) -> tuple[str, ...]:
        """The main language and the others with a home page, in the order of the switch."""
        listed = self.languages or [self.language]
        return tuple(dict.fromkeys(listed if self.language in listed else (self.language, *listed)))

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def base_path(self) -> str:
        """The folder that the site lives in on its host, from ``/`` to ``/``."""
        return urlsplit(self.base_url).path or "/"

    def home_of(self, lang: str) -> str:
        """The language whose home page a text in ``lang`` belongs to."""
        for candidate in (lang, base_language(lang)):
            if candidate in self.all_languages:
                return candidate
        return self.language

    def text(self, texts: Mapping[str, str], lang: str) -> str:
        """One of several texts by language."""
        return in_language(texts, lang, self.language)


def read_settings(site: Path, *, base_url: str | None = None) -> tuple[Settings, YamlDocument]:
    """Read ``kommunebeta.yaml``.

    Args:
        site: the site folder.
        base_url: an address that takes the place of the file's.

    Returns:
        The settings, and the document that they came from, for the places of later problems.

    Raises:
        UsageError: the folder is not a site, or ``base_url`` is not an address.
        ContentError: the file has faults.
        OutsideError: the file cannot be read.
    """
    file = site / FILE_NAME
    if not file.is_file():
        raise UsageError(
            f"{site} is not a site: it has no {FILE_NAME}. "
            "Start one with «kommunebeta init DIR», or name the site's folder."
        )
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ContentError(
            [Problem("KB001", FILE_NAME, 0, 0, "The file is not valid UTF-8.", "Save it as UTF-8.")]
        ) from error
    except OSError as error:
        raise OutsideError(f"{file} cannot be read: {error.strerror}.") from error
    document = read_yaml(text, FILE_NAME)
    settings, problems = validate(Settings, document, FILE_NAME, wrong="KB022", unknown="KB021")
    secrets = secrets_in(text, document, FILE_NAME)
    if settings is None or problems or secrets:
        told = {problem.line for problem in secrets}  # whatever else is wrong there might quote the secret
        raise ContentError([*secrets, *(problem for problem in problems if problem.line not in told)])
    changes: dict[str, Any] = {"extra": resolve(settings.extra), "parameters": resolve(settings.parameters)}
    if base_url is not None:
        try:
            changes["base_url"] = _address(base_url)
        except PydanticCustomError as error:
            raise UsageError(f"--base-url: {error.message()}.") from error
    return settings.model_copy(update=changes), document
