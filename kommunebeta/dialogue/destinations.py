"""Where a form can go: what each service wants a form to look like, as it documents it.

One function for each place. What they share (our own hidden fields, the addresses of the pages that the
reader comes to) they are given in a ``Sending``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from kommunebeta.config import RouteSetting
from kommunebeta.dialogue.model import Delivery

HONEYPOT = "kb-website"
"""The honeypot of our own receiver, and of any address that we know nothing of."""

MULTIPART = "multipart/form-data"

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Sending:
    """A form in one language on one page, to be sent.

    Attributes:
        route: what the settings say.
        form: id of the form.
        subject: what a mail with the answers is called.
        site: the site's origin.
        page: address of the page with scheme and host.
        fields: our own hidden fields.
        thanks: address of the page of thanks, with scheme and host.
        thanks_path: the same from the host's root.
        failed: address of the page for what went wrong, with scheme and host.
        email: address for ``mailto``.
        files: whether the form asks for files.
    """

    route: RouteSetting
    form: str
    subject: str
    site: str
    page: str
    fields: Fields
    thanks: str
    thanks_path: str
    failed: str
    email: str
    files: bool

    @property
    def enctype(self) -> str:
        """How a browser writes the form."""
        return MULTIPART if self.files else ""


def kommunebeta(sending: Sending) -> Delivery:
    """The municipality's own receiver: ``docs/receiver.md``.

    It knows the page of thanks from the site's settings, so that no field decides where a reader is sent.
    """
    base = sending.route.url.rstrip("/") + "/"
    return Delivery(
        "kommunebeta",
        action=f"{base}submissions",
        enctype=sending.enctype,
        hidden=sending.fields,
        honeypot=HONEYPOT,
        json=True,
        token=f"{base}token?form={sending.form}",
        thanks=sending.thanks,
        failed=sending.failed,
    )


def netlify(sending: Sending) -> Delivery:
    """Netlify Forms, for sites that Netlify hosts.

    https://docs.netlify.com/manage/forms/setup/: ``data-netlify``, the form's ``name`` and the same in the
    hidden field ``form-name``; ``action`` is the path of the page of thanks; scripts send the form
    URL-encoded to any path of the site.
    https://docs.netlify.com/manage/forms/spam-filters/: the attribute that names the honeypot, written with
    ``data-`` as HTML wants it.

    Netlify keeps the fields that it has found in a form of this name, and the same form stands on posts and
    on pages; so the post's id is there even where it is empty.
    """
    own = dict(sending.fields)
    own.setdefault("kb-post", "")
    return Delivery(
        "netlify",
        service="Netlify",
        action=sending.thanks_path,
        enctype=sending.enctype,
        attributes=(
            ("name", sending.form),
            ("data-netlify", "true"),
            ("data-netlify-honeypot", "bot-field"),
        ),
        hidden=(("form-name", sending.form), *own.items()),
        honeypot="bot-field",
        json=True,
        thanks=sending.thanks,
        failed=sending.failed,
        foreign=True,
    )


def formspree(sending: Sending) -> Delivery:
    """Formspree.

    https://help.formspree.io/articles/building-your-form/honeypot-spam-filtering.md: ``_gotcha``.
    https://github.com/formspree/formspree#advanced-features: ``_next`` (on paid plans; without one the reader
    sees Formspree's own thanks), and ``Accept: application/json`` for scripts. A field called ``email``
    is where answers to the mail go.
    """
    return Delivery(
        "formspree",
        service="Formspree",
        action=f"https://formspree.io/f/{sending.route.key}",
        enctype=sending.enctype,
        hidden=(("_next", sending.thanks), *sending.fields),
        honeypot="_gotcha",
        json=True,
        thanks=sending.thanks,
        failed=sending.failed,
        foreign=True,
    )


def formspark(sending: Sending) -> Delivery:
    """Formspark.

    https://documentation.formspark.io/customization/redirection.html: ``_redirect``, ``_error``, and
    ``_append``, without whose ``false`` all answers would stand in the address of the page of thanks.
    https://documentation.formspark.io/setup/spam-protection.html: ``_honeypot``, a box.
    https://documentation.formspark.io/examples/ajax.html: scripts send JSON.
    """
    return Delivery(
        "formspark",
        service="Formspark",
        action=f"https://submit-form.com/{sending.route.key}",
        hidden=(
            ("_redirect", sending.thanks),
            ("_error", sending.failed),
            ("_append", "false"),
            *sending.fields,
        ),
        honeypot="_honeypot",
        checkbox=True,
        json=True,
        body="json",
        thanks=sending.thanks,
        failed=sending.failed,
        foreign=True,
    )


def web3forms(sending: Sending) -> Delivery:
    """Web3Forms.

    https://docs.web3forms.com/getting-started/api-reference: ``access_key``, ``subject``.
    https://docs.web3forms.com/getting-started/customizations/redirection: ``redirect``, a full address, and
    only where no script sends the form.
    https://docs.web3forms.com/getting-started/customizations/spam-protection/spam-protection: ``botcheck``,
    a box.
    """
    return Delivery(
        "web3forms",
        service="Web3Forms",
        action="https://api.web3forms.com/submit",
        enctype=sending.enctype,
        hidden=(
            ("access_key", sending.route.key),
            ("subject", sending.subject),
            ("redirect", sending.thanks),
            *sending.fields,
        ),
        honeypot="botcheck",
        checkbox=True,
        json=True,
        unscripted=("redirect",),
        thanks=sending.thanks,
        failed=sending.failed,
        foreign=True,
    )


def url(sending: Sending) -> Delivery:
    """Any address: a plain form, since nobody knows whether a script of ours may read its answer."""
    address = sending.route.url
    origin = origin_of(address)
    foreign = bool(origin) and origin != sending.site
    return Delivery(
        "url",
        service=origin.partition("://")[2] if foreign else "",
        action=address,
        enctype=sending.enctype,
        hidden=(*sending.fields, ("kb-thanks", sending.thanks), ("kb-failed", sending.failed)),
        honeypot=HONEYPOT,
        thanks=sending.thanks,
        failed=sending.failed,
        foreign=foreign,
    )


def mailto(sending: Sending) -> Delivery:
    """The reader's own mail program, with the answers as the mail's text.

    https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#submit-mailto-body: a form with
    ``method=post`` keeps the query of its ``mailto:`` and adds the answers as ``body``, written as
    ``enctype`` says. RFC 6068 says how address and subject are escaped. Only what people understand is sent
    along.
    """
    known = dict(sending.fields)
    return Delivery(
        "mailto",
        action=f"mailto:{quote(sending.email, safe='@')}?subject={quote(sending.subject, safe='')}",
        enctype="text/plain",
        hidden=(
            ("kb-form", known["kb-form"]),
            ("kb-policy", known["kb-policy"]),
            ("kb-page", sending.page),
        ),
    )


def off(sending: Sending) -> Delivery:
    """Nowhere: contact details stand in the form's place."""
    return Delivery("off")


@dataclass(frozen=True, slots=True)
class Destination:
    """A place that forms can go to.

    Attributes:
        deliver: how a form is sent there.
        origin: where a service takes forms in; empty where the settings say so, or the site itself does.
        needs: what the settings have to give: ``key``, ``url`` or ``email``; empty for nothing.
        files: whether it can take files.
        reserved: names of questions that the service would take for something else.
        file_name: the only name that a question for a file may have; empty where any will do.
        privacy: who handles what citizens write in ``{forms}``, and where; empty for the municipality itself.
    """

    deliver: Callable[[Sending], Delivery]
    origin: str = ""
    needs: str = ""
    files: bool = True
    reserved: frozenset[str] = frozenset()
    file_name: str = ""
    privacy: str = ""


DESTINATIONS: Mapping[str, Destination] = {
    "off": Destination(off),
    "kommunebeta": Destination(kommunebeta, needs="url"),
    "netlify": Destination(
        netlify,
        privacy="Netlify, a company in the United States, keeps what citizens write in {forms}, and has "
        "Akismet, another one there, look for spam in it.",
    ),
    "formspree": Destination(
        formspree,
        "https://formspree.io",
        "key",
        privacy="Formspree, a company in the United States, keeps what citizens write in {forms}, and shows "
        "them Google's reCAPTCHA unless you turn it off there.",
    ),
    "formspark": Destination(
        formspark,
        "https://submit-form.com",
        "key",
        files=False,
        privacy="Formspark keeps what citizens write in {forms}; its documentation does not say where.",
    ),
    "web3forms": Destination(
        web3forms,
        "https://api.web3forms.com",
        "key",
        reserved=frozenset(
            (
                "access_key", "apikey", "botcheck", "ccemail", "from_name",
                "redirect", "replyto", "subject", "webhook",
            )
        ),
        file_name="attachment",
        privacy="Web3Forms, of a company in India, sends what citizens write in {forms} on to you by "
        "servers in the United States.",
    ),
    "url": Destination(url, needs="url"),
    "mailto": Destination(mailto, needs="email", files=False),
}  # fmt: skip
"""Every place that forms can go to, by its name in the settings.

What the services say of files: https://docs.netlify.com/manage/forms/setup/#file-uploads (8 MB in all),
https://docs.web3forms.com/getting-started/pro-features/file-attachments (a paid plan, a field called
``attachment``), https://documentation.formspark.io/setup/file-uploads.html (none); Formspree takes files on
paid plans. Where they are: https://docs.web3forms.com/getting-started/faq; Netlify's and Formspree's terms.
"""


def origin_of(address: str) -> str:
    """The origin of an address as a policy names it: ``https://svar.example.no``; empty for a path.

    Args:
        address: an address with or without a host, as the settings hold it.
    """
    parts = urlsplit(address)
    if not parts.hostname:
        return ""
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    port = f":{parts.port}" if parts.port and parts.port != usual else ""
    try:
        host = parts.hostname.encode("idna").decode("ascii")
    except UnicodeError:  # a name that no browser can look up
        host = parts.hostname
    return f"{parts.scheme}://{host}{port}"
