"""What replies and failures mean for those who follow a link."""

from __future__ import annotations

import socket
import ssl
from dataclasses import replace

from kommunebeta.check.external.answer import Answer, Silence, Verdict
from kommunebeta.check.external.reply import Reply
from kommunebeta.web.failures import FetchError, Trouble

_GONE = {404: "404 (not found)", 410: "410 (gone for good)"}
_CERTIFICATES = {
    9: "is not valid yet",
    10: "has run out",
    18: "is vouched for by nobody",
    62: "is for another host",
    64: "is for another host",
}
"""What is wrong with a certificate for every browser, by OpenSSL's code.

Others may mean that the server forgot a certificate in between, which browsers fetch, or that a gateway
reads along in the network from which we ask.
"""

_UNKNOWN = frozenset(
    number
    for name in ("EAI_NONAME", "EAI_NODATA", "WSAHOST_NOT_FOUND", "WSANO_DATA")
    if (number := getattr(socket, name, None)) is not None
)
"""What a name server says of hosts that are not there, rather than of its own troubles."""

_SILENT = {
    Trouble.NAME: Silence.NAME,
    Trouble.CONNECTION: Silence.CONNECTION,
    Trouble.TIMEOUT: Silence.CONNECTION,
    Trouble.PROXY: Silence.CONNECTION,
}


def said(reply: Reply, host: str, new: str) -> Answer:
    """What the last answer on the way means.

    Args:
        reply: it.
        host: who gave it.
        new: where the page has moved to for good; empty where it has not.
    """
    if 200 <= reply.status < 300:
        return Answer(Verdict.MOVED, new=new) if new else Answer(Verdict.THERE)
    if reply.challenge:
        return Answer(Verdict.UNSURE, f"{host} turns programs away")
    if reply.status in _GONE:
        return Answer(Verdict.GONE, f"{host} answers {_GONE[reply.status]}")
    return Answer(Verdict.UNSURE, f"{host} answers {reply.status}")


def endless(host: str, *, closed: bool, cookie: bool) -> Answer:
    """What redirects without an end mean.

    Args:
        host: the last one on the way.
        closed: it leads back to where we have been.
        cookie: a cookie was handed out, so that those who keep it may get out.
    """
    if cookie:
        return Answer(Verdict.UNSURE, f"{host} lets nobody in who keeps no cookies")
    detail = f"{host} leads on in a circle" if closed else f"{host} still leads on after many steps"
    return Answer(Verdict.CIRCLE, detail)


def failed(error: FetchError, host: str) -> Answer:
    """What it means that nobody answered.

    Args:
        error: what went wrong.
        host: who was asked.
    """
    answer = Answer(Verdict.UNSURE, str(error), silence=_SILENT.get(error.kind))
    cause = error.__cause__
    if error.kind is Trouble.NAME and _is_unknown(cause):
        return replace(answer, verdict=Verdict.GONE, detail=f"there is no host {host}")
    if isinstance(cause, ssl.SSLCertVerificationError):
        fault = _CERTIFICATES.get(cause.verify_code)
        if fault:
            return Answer(Verdict.CERTIFICATE, f"the certificate of {host} {fault}")
        return Answer(
            Verdict.UNSURE, f"nobody whom this machine trusts vouches for the certificate of {host}"
        )
    if error.kind is Trouble.ADDRESS:
        detail = f"{host} is inside the network from here, and public servers alone are asked"
        return replace(answer, detail=detail)
    return answer


def _is_unknown(cause: BaseException | None) -> bool:
    return isinstance(cause, UnicodeError) or (isinstance(cause, socket.gaierror) and cause.errno in _UNKNOWN)
