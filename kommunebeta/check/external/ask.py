"""All addresses elsewhere → an answer for each: from memory, or from its server, host by host in turn."""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from urllib.parse import unquote

from kommunebeta.check.external.address import Reach, WebAddress, reach, web_address
from kommunebeta.check.external.answer import Answer, Silence, Verdict
from kommunebeta.check.external.client import LinkClient
from kommunebeta.check.external.memory import LinkMemory
from kommunebeta.check.state import Report
from kommunebeta.config import Settings
from kommunebeta.errors import OutsideError
from kommunebeta.reporter import Reporter
from kommunebeta.web.workers import each

_MANY = 2
"""So many hosts do not fall silent on the same day by chance, where no other one is known to be well."""

_WELL = (Verdict.THERE, Verdict.MOVED)


def addresses_elsewhere(reports: Iterable[Report], settings: Settings) -> dict[str, WebAddress]:
    """The addresses elsewhere that a site links to and that may be asked, by how pages write them.

    Left out are those that the settings leave out, hosts that the public cannot reach, names for examples,
    and buttons that hand a page of this site to somebody else's, such as those for sharing.

    Args:
        reports: what was found in each output.
        settings: the site's settings.
    """
    skipped = _pattern(settings.check.skip_external)
    found = {}
    for target in {link.target for report in reports for link in report.external}:
        address = web_address(target)
        if address is None or reach(address.host) is not Reach.PUBLIC:
            continue
        if skipped.fullmatch(target) or skipped.fullmatch(address.url):
            continue
        if settings.base_url not in unquote(address.target):
            found[target] = address
    return found


def _pattern(skipped: Collection[str]) -> re.Pattern[str]:
    """What matches the addresses that are left out; nothing where there are none."""
    parts = [".*".join(map(re.escape, words.strip().split("*"))) for words in skipped if words.strip()]
    return re.compile("|".join(f"(?:{part})" for part in parts) or r"(?!)", re.DOTALL)


def ask_all(
    addresses: Collection[WebAddress], client: LinkClient, memory: LinkMemory, reporter: Reporter
) -> dict[str, Answer]:
    """Ask for addresses, each once, and remember the answers.

    Args:
        addresses: those to ask for; the same one may come several times.
        client: how servers are asked.
        memory: what they said before.
        reporter: told about progress.

    Returns:
        The answers by ``url``.

    Raises:
        OutsideError: nobody answers at all, so the network is to blame.
    """
    every = {address.url: address for address in addresses}
    answers = {url: known for url in every if (known := memory.get(url)) is not None}
    hosts: defaultdict[str, list[WebAddress]] = defaultdict(list)
    for url, address in every.items():
        if url not in answers:
            hosts[address.host].append(address)
    heard: dict[str, Answer] = {}
    lock = threading.Lock()

    def ask(host: str) -> None:
        for address in hosts[host]:
            answer = client.ask(address)
            with lock:
                heard[address.url] = answer
                reporter.step()

    reporter.stage("ask", len(every) - len(answers))
    try:
        for _ in each(ask, sorted(hosts, key=lambda host: -len(hosts[host])), client.limits.hosts):
            pass
        if hosts and _all_silent(heard.values(), len(hosts)):
            well = [every[url] for url, answer in answers.items() if answer.verdict in _WELL]
            if all(client.ask(address).silence for address in well[:_MANY]):
                heard.clear()
                raise OutsideError(_down(hosts))
    finally:
        with lock:
            if heard:
                memory.keep(heard)
    return answers | heard


def _all_silent(heard: Collection[Answer], hosts: int) -> bool:
    """Whether it seems to be the network that nobody answers through, rather than each of some hosts."""
    if any(answer.silence is None for answer in heard):
        return False
    unnamed = all(answer.silence is Silence.NAME and answer.verdict is Verdict.UNSURE for answer in heard)
    return unnamed or hosts >= _MANY


def _down(hosts: Mapping[str, object]) -> str:
    named = ", ".join(sorted(hosts)[:3])
    return (
        f"No other site could be reached ({len(hosts)} tried: {named}{', …' if len(hosts) > 3 else ''}). "
        "Is this machine connected, and does it need a proxy (HTTPS_PROXY)?"
    )
