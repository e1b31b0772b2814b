"""What templates may call: the filters and functions of the theme author's contract.

Every method with ``@filter_`` or ``@function`` is offered to templates under its name, and its docstring is
its entry in ``docs/templates.md``. They know the page that is being rendered, also inside macros.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from email.utils import format_datetime
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from jinja2 import pass_context
from jinja2.runtime import Context as Names
from jinja2.runtime import Undefined
from markupsafe import Markup, escape

from kommunebeta import markdown as md
from kommunebeta.answers import Question
from kommunebeta.assets import Assets
from kommunebeta.contexts import Alternate, Context, Crumb, FeedLink
from kommunebeta.dialogue import opendata
from kommunebeta.dialogue.delivery import delivery_of
from kommunebeta.dialogue.forms import FormDefinition
from kommunebeta.dialogue.sanitise import citizen_html, harmless
from kommunebeta.dialogue.threads import DialogueItem
from kommunebeta.icalendar import escaped
from kommunebeta.language import base_language, format_date, language_name, slugify
from kommunebeta.model import (
    Attachment,
    Channel,
    Embed,
    EmbedKind,
    Entry,
    MenuItem,
    Person,
    Picture,
    PictureVariant,
    Post,
    Term,
    Variant,
)
from kommunebeta.site import Site
from kommunebeta.structured import iso_duration, structured_data
from kommunebeta.theme import Theme
from kommunebeta.validation import nearest

Method = TypeVar("Method", bound=Callable[..., Any])

_HAS_ADDRESS = (Entry, Attachment, Picture, PictureVariant, MenuItem, Alternate, Crumb, FeedLink)
_SAFE_SCHEMES = ("http", "https", "mailto", "tel", "")
_HERE = "\0here\0"
_OWN_LINK = re.compile(r'(<a href=")/(?!/)')
_FORBIDDEN_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def filter_(method: Method) -> Method:
    """Offer a method to templates as a filter."""
    method.kind = "filter"  # type: ignore[attr-defined]  # a mark that is read when the environment is made
    return method


def function(method: Method) -> Method:
    """Offer a method to templates as a function."""
    method.kind = "function"  # type: ignore[attr-defined]  # as above
    return method


class Fault(Exception):  # noqa: N818  (becomes a Problem at the template's line)
    """A filter cannot use what it was given: the problem's code, what is wrong, how to mend it."""

    def __init__(self, code: str, message: str, mend: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.mend = mend


@dataclass
class Current:
    """The page that is being rendered: its template and context, and the forms that stand on it so far."""

    template: str
    context: Context
    forms: Counter[str] = field(default_factory=Counter)


class Filters:
    """The filters and functions of one site.

    Attributes:
        current: the page that is being rendered; set before each.
    """

    def __init__(
        self,
        theme: Theme,
        site: Site,
        assets: Assets,
        body_of: Callable[[Entry, str], str],
        render_partial: Callable[[str, Mapping[str, Any]], str],
    ) -> None:
        self._theme = theme
        self._site = site
        self._assets = assets
        self._body_of = body_of
        self._render_partial = render_partial
        self._note = site.notebook.note
        parts = urlsplit(site.holdings.settings.base_url)
        self._host = f"{parts.scheme}://{parts.netloc}"
        self._base_path = site.holdings.settings.base_path
        self._forms: dict[tuple[Any, ...], tuple[Markup, frozenset[Question]]] = {}
        self.current: Current | None = None

    @classmethod
    def offered(cls, kind: str) -> dict[str, Callable[..., Any]]:
        """The methods offered as ``filter`` or ``function``, by the name that templates use."""
        return {
            name.removesuffix("_"): method
            for name, method in vars(cls).items()
            if getattr(method, "kind", None) == kind
        }

    @property
    def _lang(self) -> str:
        return self.current.context.lang if self.current else self._site.holdings.settings.language

    @property
    def _home(self) -> str:
        return self.current.context.home if self.current else self._site.holdings.settings.language

    # Addresses

    @filter_
    def url(self, value: Any) -> str:
        """The address for ``href`` or ``src``: of a path, a post, page, person, term, picture or menu item.

        Addresses elsewhere stay as they are; one with a scheme that a browser may run becomes ``#``.
        """
        address = self._address(value)
        if not address.startswith("/") or address.startswith("//"):
            scheme = urlsplit(address.strip()).scheme.lower() if ":" in address else ""
            return address if scheme in _SAFE_SCHEMES else "#"
        self._note(("setting", "base_url"))
        path, mark, tail = _split_tail(address)
        return self._base_path + quote(path.lstrip("/"), safe="/~!$&'()*+,;=:@-._") + mark + tail

    @filter_
    def absolute_url(self, value: Any) -> str:
        """The same with scheme and host, for feeds, previews and canonical links."""
        url = self.url(value)
        return self._host + url if url.startswith("/") and not url.startswith("//") else url

    def _address(self, value: Any) -> str:
        if isinstance(value, _HAS_ADDRESS):
            return getattr(value, "url", "") or value.address
        if isinstance(value, Term):
            return self._site.address(value.taxonomy, self._home, value.slug)
        if isinstance(value, Person):
            return self._site.address("person", self._home, value.id) if value.known else ""
        if isinstance(value, Channel):
            return value.url
        if isinstance(value, str):
            return value
        what = "nothing" if value is None else f"a {value.__class__.__name__}"
        text = str(value) if isinstance(value, Undefined) else ""  # which tells that it is undefined
        raise Fault("KB054", f"An address is wanted of {what}{text}", "Test the value first with {% if … %}.")

    @filter_
    def asset(self, name: str) -> str:
        """The fingerprinted address of an asset: ``{{ "main.css"|asset }}``."""
        self._note(("asset", str(name)))
        address = self._assets.addresses.get(name)
        if address is None:
            near = nearest(name, tuple(self._assets.addresses))
            mend = f"Did you mean «{near}»?" if near else "Put the file in assets/."
            raise Fault("KB056", f"There is no asset «{name}»", mend)
        return self.url(address)

    # Dates and numbers

    @filter_
    def date(self, value: dt.date, form: str = "long") -> str:
        """A date in the page's language.

        Forms: ``short``, ``medium``, ``long``, ``full``, ``month``, ``time``, ``datetime`` or a CLDR pattern.
        """
        return format_date(value, self._lang, form)

    @filter_
    def isodate(self, value: dt.date) -> str:
        """A date or moment in ISO 8601, for ``datetime`` attributes and feeds (RFC 3339)."""
        return value.isoformat(timespec="seconds") if isinstance(value, dt.datetime) else value.isoformat()

    @filter_
    def rfc822(self, value: dt.datetime) -> str:
        """A moment as RSS writes it (RFC 822)."""
        return format_datetime(value)

    @filter_
    def reading_time(self, value: Entry) -> str:
        """The time that a text takes to read, in words of the page's language."""
        minutes = value.reading_minutes
        text = self._plural("%(num)s minute to read", "%(num)s minutes to read", minutes)
        return _filled(text, {"num": minutes}, escaped=False)

    @filter_
    def filesize(self, value: int) -> str:
        """A number of bytes as kB or MB, with the decimal sign of the page's language."""
        if value < 1_000_000:
            return f"{max(1, round(value / 1000))} kB"
        number = f"{value / 1_000_000:.1f}"
        return f"{number if base_language(self._lang) == 'en' else number.replace('.', ',')} MB"

    @filter_
    def duration(self, value: int, form: str = "short") -> str:
        """Seconds as ``3 min 20 s`` or ``1 t 5 min``; in the form ``iso`` as ``PT3M20S`` (ISO 8601)."""
        if form == "iso":
            return iso_duration(value)
        minutes, seconds = divmod(value, 60)
        hours, minutes = divmod(minutes, 60)
        hour = "t" if base_language(self._lang) in ("nb", "nn") else "h"
        parts = ((hours, hour), (minutes, "min"), (0 if hours else seconds, "s"))
        return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 s"

    @filter_
    def feed_id(self, value: Entry | DialogueItem) -> str:
        """The id in feeds of a post, contribution or answer: a tag URI (RFC 4151), which no move changes."""
        year = value.date.year if value.date else 2000
        host = urlsplit(self._site.settings.base_url).hostname
        if isinstance(value, DialogueItem):
            return f"tag:{host},{value.contribution.received.year}:{quote(value.dialogue)}/{value.anchor}"
        return f"tag:{host},{year}:{quote(value.lang)}/{quote(value.id)}"

    # Texts

    @filter_
    @pass_context
    def t(self, names: Names, message: str, **values: object) -> str:
        """A text of the interface in the page's language; also ``t("By %(name)s", name=x)``."""
        text = self._text(str(message))
        return _filled(text, values, escaped=names.eval_ctx.autoescape) if values else text

    def _text(self, message: str) -> str:
        lang = self._lang
        self._note(("message", base_language(lang), message))
        return self._varied(message) or self._theme.catalogue(lang).gettext(message)

    @function
    @pass_context
    def ngettext(self, names: Names, singular: str, plural: str, num: int, **values: object) -> str:
        """A text of the interface for a number of things; ``%(num)s`` in it is the number."""
        text = self._plural(singular, plural, num)
        return _filled(text, {"num": num, **values}, escaped=names.eval_ctx.autoescape)

    def _plural(self, singular: str, plural: str, num: int) -> str:
        lang = self._lang
        self._note(("message", base_language(lang), str(singular), str(plural)))
        varied = self._varied(str(singular if num == 1 else plural))
        return varied or self._theme.catalogue(lang).ngettext(singular, plural, num)

    @property
    def variant(self) -> Variant | None:
        """The other look that the page has, if any."""
        return self.current.context.variant if self.current else None

    def _varied(self, message: str) -> str:
        """The page's own text for a message; empty where it has none in the page's language."""
        texts = self.variant.texts.get(message) if self.variant else None
        if not texts:
            return ""
        return texts.get(self._lang) or texts.get(base_language(self._lang)) or texts.get("", "")

    @filter_
    def markdown(self, value: str) -> Markup:
        """A short text in Markdown as HTML."""
        return Markup(self._with_own_links(md.render_inline(str(value), lang=self._lang)))

    def _with_own_links(self, html: str) -> str:
        """Links to paths of the site with the folder that it lives in; outside pages with its host too."""
        self._note(("setting", "base_url"))
        is_page = self.current is None or self.current.template.endswith(".html")
        return _OWN_LINK.sub(rf"\g<1>{'' if is_page else self._host}{self._base_path}", html)

    @filter_
    def citizen(self, value: str, ugc: bool = True, lang: str = "") -> Markup:
        """What somebody wrote, as HTML that can do no harm; ``ugc=false`` where the municipality wrote it."""
        html = citizen_html(str(value), lang=lang or self._lang, ugc=ugc)
        return Markup(html if ugc else self._with_own_links(html))

    @filter_
    def harmless(self, value: str) -> str:
        """A name or topic that somebody wrote, without characters that disturb what stands around it."""
        return harmless(str(value))

    @filter_
    def plaintext(self, value: str) -> str:
        """The text of a piece of HTML."""
        return md.plain(str(value))

    @filter_
    def excerpt(self, value: str, words: int = 30) -> str:
        """The first words of a text, with … where more follows."""
        parts = str(value).split()
        return " ".join(parts) if len(parts) <= words else " ".join(parts[:words]).rstrip(".,;:–-") + " …"

    @filter_
    def slug(self, value: str) -> str:
        """A text as a slug, for ids."""
        return slugify(str(value))

    @filter_
    def language_name(self, value: str) -> str:
        """What a language is called in that language."""
        return language_name(value)

    @filter_
    def json(self, value: Any) -> Markup:
        """A value as JSON that may stand in a ``<script>`` or a file."""
        text = json.dumps(value, ensure_ascii=False, default=str)
        for sign in ("<", ">", "&", "\u2028", "\u2029"):
            text = text.replace(sign, f"\\u{ord(sign):04x}")
        return Markup(text)

    @filter_
    def ical(self, value: object) -> str:
        """A text, day or moment as a value in a calendar file (RFC 5545)."""
        if isinstance(value, dt.datetime):
            return f"{value.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"
        return f"{value:%Y%m%d}" if isinstance(value, dt.date) else escaped(str(value))

    @filter_
    def xml(self, value: str) -> str:
        """A text without the characters that XML 1.0 forbids."""
        cleaned = _FORBIDDEN_IN_XML.sub("", str(value))
        return Markup(cleaned) if isinstance(value, Markup) else cleaned

    # Bodies and pictures

    @filter_
    def body(self, value: Entry) -> Markup:
        """The HTML of a post's or page's text."""
        return Markup(self._body_of(value, "page"))

    @filter_
    def feed_body(self, value: Entry) -> Markup:
        """The HTML of a text for feeds: absolute addresses, plain pictures, the film at its head first."""
        head = (getattr(value, name, None) for name in ("video", "slides"))
        shown = Markup("").join(self.feed_embed(embed) for embed in head if embed)
        return shown + Markup(self._body_of(value, "feed"))

    @function
    def picture(
        self, image: Picture, sizes: str = "100vw", css: str = "", lazy: bool = True, caption: bool = False
    ) -> Markup:
        """A picture by the theme's ``partials/picture.html``; ``caption`` puts it into a figure."""
        given = {"picture": image, "sizes": sizes, "css": css, "lazy": lazy, "figure": caption}
        return Markup(self._render_partial("partials/picture.html", given))

    @function
    def embed(self, embed: Embed, level: int = 2) -> Markup:
        """A film, slide deck or other content from elsewhere by the theme's ``partials/embed.html``."""
        return Markup(self._render_partial("partials/embed.html", {**self._given(embed), "level": level}))

    @function
    def feed_embed(self, embed: Embed) -> Markup:
        """The same for feeds by ``partials/feed-embed.html``: a picture and a link."""
        return Markup(self._render_partial("partials/feed-embed.html", self._given(embed)))

    def _given(self, embed: Embed) -> dict[str, Any]:
        """What the partials of an embed are given.

        The copy of a picture tells what it shows; the poster of anything else says no more than its title.
        """
        alt = embed.description or embed.title or embed.provider if embed.kind is EmbedKind.PICTURE else ""
        poster = replace(embed.poster, alt=alt) if embed.poster else None
        return {"embed": replace(embed, poster=poster), "site": self._site, "lang": self._lang}

    @function
    def form(
        self, form: FormDefinition, about: Entry | None = None, level: int = 2, compact: bool = False
    ) -> Markup:
        """A form by the theme's ``partials/form.html``; where it goes nowhere, how to reach the municipality.

        ``about`` is the post or page that it is about, ``level`` that of its heading; a ``compact`` one shows
        its first question alone until that is answered.
        """
        page = self.current.context.address if self.current else "/"
        given = {
            "form": form,
            "about": about,
            "level": level,
            "compact": compact,
            "prefix": self._prefix(form),
            "site": self._site,
            "lang": self._lang,
            "home": self._home,
        }
        dressed = self.current is not None and self.current.context.variant is not None
        if compact and about is None and not dressed:
            return self._form_anywhere(form, given, page)
        return self._form_on(page, form, given)

    def _form_on(self, page: str, form: FormDefinition, given: Mapping[str, Any]) -> Markup:
        about = given["about"]
        delivery = delivery_of(
            self._site.settings,
            form,
            lang=given["lang"],
            home=given["home"],
            page=page,
            post=about.id if isinstance(about, Post) else "",
        )
        return Markup(self._render_partial("partials/form.html", {**given, "delivery": delivery}))

    def _form_anywhere(self, form: FormDefinition, given: Mapping[str, Any], page: str) -> Markup:
        """A form that is the same on every page but for the page's address, so that it is made once."""
        if self._site.settings.inbox.route(form.id).to == "mailto":  # where the address stands in another
            return self._form_on(page, form, given)
        key = (form.id, *(given[name] for name in ("level", "prefix", "lang", "home")))
        if key not in self._forms:
            notebook = self._site.notebook
            before = notebook.turn()
            html = self._form_on(_HERE, form, given)
            self._forms[key] = html, frozenset(notebook.turn())
            notebook.asked |= before
        html, asked = self._forms[key]
        self._site.notebook.asked |= asked
        return html.replace(_HERE, escape(page))

    def _prefix(self, form: FormDefinition) -> str:
        """What the ids of a form's elements begin with: another for each form on the page."""
        name = f"form-{form.id}"
        forms = self.current.forms if self.current else Counter()
        forms[name] += 1
        return name if forms[name] == 1 else f"{name}_{forms[name]}"

    @function
    def open_data(self, form: str = "json") -> Markup:
        """The dialogue as open data: as ``json``, or as the table ``csv``."""
        write = opendata.as_csv if form == "csv" else opendata.as_json
        return Markup(write(self._site, self.absolute_url))

    @function
    def structured_data(self) -> dict[str, Any]:
        """What the page is about, as schema.org JSON-LD."""
        if self.current is None:
            return {}
        return structured_data(self.current.context, self._text)


def _filled(text: str, values: Mapping[str, object], *, escaped: bool) -> str:
    """A text of the interface with its values; escaped where the template is."""
    try:
        return Markup(escape(text)) % values if escaped else text % values
    except (KeyError, ValueError, TypeError) as error:
        allowed = ", ".join(f"%({name})s" for name in sorted(values))
        mend = f"It may use {allowed}; mend the catalogue or the call."
        raise Fault("KB054", f"The text «{text}» cannot be filled in", mend) from error


def _split_tail(address: str) -> tuple[str, str, str]:
    """Path, sign and rest of an address with a query or a fragment."""
    at = min((at for sign in "?#" if (at := address.find(sign)) >= 0), default=-1)
    return (address, "", "") if at < 0 else (address[:at], address[at], address[at + 1 :])
