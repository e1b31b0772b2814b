"""Links to other sites, asked of servers on loopback: what is found, and what is never done."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from kommunebeta import __version__
from kommunebeta.check.external.address import Reach, WebAddress, reach, web_address
from kommunebeta.check.external.answer import Answer, Silence, Verdict
from kommunebeta.check.external.ask import addresses_elsewhere, ask_all
from kommunebeta.check.external.faults import ASKED, RULES, faults_elsewhere, links_inside
from kommunebeta.check.external.memory import LinkMemory
from kommunebeta.check.finding import Clue, Group
from kommunebeta.check.noted import NotedSurroundings
from kommunebeta.check.options import CheckOptions, CheckResult
from kommunebeta.check.page import Page
from kommunebeta.check.run import check, update
from kommunebeta.check.state import Link, Report, Surroundings
from kommunebeta.config import Settings
from kommunebeta.errors import OutsideError, Severity
from kommunebeta.reporter import Reporter
from kommunebeta.validation import parse_moment
from tests.check.copies import copied
from tests.check.elsewhere import (
    EXPIRED,
    NO_TLS,
    QUICK,
    UNTRUSTED,
    Elsewhere,
    Reply,
    hangs_up,
    leads_to,
    make_certificates,
    only_get,
    running,
    says,
    slowly,
)
from tests.check.test_bad_site import AT, SITES, shown

pytestmark = pytest.mark.filterwarnings("error")  # nothing is left open, nor told to the user by Python

HOST = "www.lenkeprove.no"
A = f"https://{HOST}/a"
SETTINGS = Settings(
    name="Fjordvikbeta", municipality="Fjordvik kommune", base_url="https://beta.fjordvik.example/"
)
NOBODY = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
NOT_NOW = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def elsewhere(certificates: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Elsewhere]:
    """The servers; the environment names no proxy."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with running(certificates) as servers:
        yield servers


def address_of(url: str) -> WebAddress:
    address = web_address(url)
    assert address is not None
    return address


def asked(elsewhere: Elsewhere, url: str = A, **limits: Any) -> Answer:
    return elsewhere.client(limits=replace(QUICK, **limits)).ask(address_of(url))


# what servers say


def test_a_page_that_is_there_is_asked_for_by_head_alone(elsewhere: Elsewhere) -> None:
    elsewhere.say(f"{HOST}/a", says())
    assert asked(elsewhere, f"{A}?b=%C3%A6#c") == Answer(Verdict.THERE)
    assert elsewhere.asked == [f"HEAD {A}?b=%C3%A6"]


def test_a_request_says_who_asks_in_which_language_and_carries_no_cookie(elsewhere: Elsewhere) -> None:
    elsewhere.say(HOST, says(Set_Cookie="a=1"))
    client = elsewhere.client()
    for name in "ab":
        assert client.ask(address_of(f"https://{HOST}/{name}")).verdict is Verdict.THERE
    assert (
        elsewhere.heads
        == [
            {
                "Host": HOST,
                "User-Agent": f"Kommunebeta/{__version__} (+https://beta.fjordvik.example/)",
                "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8",
                "Accept-Language": "nb,*;q=0.5",
                "Accept-Encoding": "gzip",
                "Connection": "close",
            }
        ]
        * 2
    )


@pytest.mark.parametrize("status", [400, 403, 404, 405, 500, 501, 503])
def test_a_server_that_refuses_head_is_asked_by_get(elsewhere: Elsewhere, status: int) -> None:
    elsewhere.say(f"{HOST}/a", only_get(status))
    assert asked(elsewhere).verdict is Verdict.THERE
    assert elsewhere.asked == [f"HEAD {A}", f"GET {A}"]


def test_a_server_that_hangs_up_at_head_is_asked_by_get(elsewhere: Elsewhere) -> None:
    elsewhere.say(f"{HOST}/a", hangs_up, says())
    assert asked(elsewhere).verdict is Verdict.THERE


def test_no_more_of_a_page_is_read_than_its_head(elsewhere: Elsewhere) -> None:
    told = threading.Event()

    def long(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            for _ in range(2000):
                handler.wfile.write(b"x" * 65_536)
        except OSError:
            told.set()

    elsewhere.say(f"{HOST}/a", says(405), long)
    assert asked(elsewhere).verdict is Verdict.THERE
    assert told.wait(5)


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        (says(204), Answer(Verdict.THERE)),
        (says(404), Answer(Verdict.GONE, f"{HOST} answers 404 (not found)")),
        (says(410), Answer(Verdict.GONE, f"{HOST} answers 410 (gone for good)")),
        (says(401), Answer(Verdict.UNSURE, f"{HOST} answers 401")),
        (says(403), Answer(Verdict.UNSURE, f"{HOST} answers 403")),
        (says(405), Answer(Verdict.UNSURE, f"{HOST} answers 405")),
        (says(500), Answer(Verdict.UNSURE, f"{HOST} answers 500")),
        (says(999), Answer(Verdict.UNSURE, f"{HOST} answers 999")),
        (says(404, cf_mitigated="challenge"), Answer(Verdict.UNSURE, f"{HOST} turns programs away")),
        (says(302), Answer(Verdict.UNSURE, f"{HOST} answers 302")),
        (slowly(0.8), Answer(Verdict.UNSURE, f"{HOST} did not answer in time", silence=Silence.CONNECTION)),
        (hangs_up, Answer(Verdict.UNSURE, f"{HOST} could not be reached", silence=Silence.CONNECTION)),
    ],
)
def test_what_a_server_says_becomes_an_answer(elsewhere: Elsewhere, reply: Reply, answer: Answer) -> None:
    elsewhere.say(f"{HOST}/a", reply)
    assert asked(elsewhere) == answer


def test_plain_http_is_asked_at_its_own_port(elsewhere: Elsewhere) -> None:
    elsewhere.say(f"{HOST}/a", says())
    assert asked(elsewhere, f"http://{HOST}/a").verdict is Verdict.THERE
    assert elsewhere.asked == [f"HEAD http://{HOST}/a"]


def test_another_port_is_asked_as_the_link_says(elsewhere: Elsewhere) -> None:
    ports = []
    elsewhere.say(f"{HOST}:8443", says())

    def resolve(host: str, port: int) -> list[tuple[str, int]]:
        ports.append(port)
        return [elsewhere.secure.server_address[:2]]  # type: ignore[list-item]

    elsewhere.resolve = resolve  # type: ignore[method-assign]
    assert asked(elsewhere, f"https://{HOST}:8443/a").verdict is Verdict.THERE
    assert ports == [8443]
    assert elsewhere.heads[0]["Host"] == f"{HOST}:8443"


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("feil.sertifikat.lenkeprove.no", "is for another host"),
        (UNTRUSTED, "is vouched for by nobody"),
        (EXPIRED, "has run out"),
    ],
)
def test_a_certificate_that_no_browser_trusts_is_told_of(elsewhere: Elsewhere, host: str, said: str) -> None:
    elsewhere.say(host, says())
    answer = asked(elsewhere, f"https://{host}/")
    assert answer == Answer(Verdict.CERTIFICATE, f"the certificate of {host} {said}")
    assert elsewhere.asked == []


def test_a_server_that_breaks_the_handshake_off_is_not_blamed(elsewhere: Elsewhere) -> None:
    elsewhere.say(NO_TLS, says())
    assert asked(elsewhere, f"https://{NO_TLS}/").verdict is Verdict.UNSURE


# hosts that are not there


def test_a_host_that_is_not_there_is_gone(elsewhere: Elsewhere) -> None:
    found = asked(elsewhere, "https://nedlagt.lenkeprove.no/")
    detail = "there is no host nedlagt.lenkeprove.no"
    assert found == Answer(Verdict.GONE, detail, silence=Silence.NAME)


def test_a_name_server_in_trouble_is_no_proof(elsewhere: Elsewhere) -> None:
    elsewhere.failures[HOST] = NOT_NOW
    assert asked(elsewhere) == Answer(Verdict.UNSURE, f"{HOST} was not found", silence=Silence.NAME)


def test_a_refused_connection_is_no_proof(elsewhere: Elsewhere) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        elsewhere.resolve = lambda host, port: [unused.getsockname()]  # type: ignore[method-assign]
        assert asked(elsewhere).verdict is Verdict.UNSURE


# redirects


@pytest.mark.parametrize("status", [301, 308])
def test_a_page_that_has_moved_for_good_tells_its_new_address(elsewhere: Elsewhere, status: int) -> None:
    elsewhere.say(f"{HOST}/a", leads_to("/b", status))
    elsewhere.say(
        f"{HOST}/b", leads_to(f"//ny.lenkeprove.no/{'å'.encode().decode('latin-1')}?x=1#del", status)
    )
    elsewhere.say("ny.lenkeprove.no/%C3%A5", says())
    assert asked(elsewhere) == Answer(Verdict.MOVED, new="https://ny.lenkeprove.no/%C3%A5?x=1")


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_page_that_leads_on_for_now_is_there(elsewhere: Elsewhere, status: int) -> None:
    elsewhere.say(f"{HOST}/a", leads_to("/b", status))
    elsewhere.say(f"{HOST}/b", says())
    assert asked(elsewhere) == Answer(Verdict.THERE)


def test_what_leads_on_for_now_after_a_move_is_not_the_new_address(elsewhere: Elsewhere) -> None:
    elsewhere.say(f"{HOST}/a", leads_to("/b", 301))
    elsewhere.say(f"{HOST}/b", leads_to("/innlogging?ticket=1", 302))
    elsewhere.say(f"{HOST}/innlogging", leads_to("/c", 301))
    elsewhere.say(f"{HOST}/c", says())
    assert asked(elsewhere) == Answer(Verdict.MOVED, new=f"https://{HOST}/b")


def test_a_page_that_moved_to_nowhere_is_gone(elsewhere: Elsewhere) -> None:
    elsewhere.say(f"{HOST}/a", leads_to("https://ny.lenkeprove.no/"))
    elsewhere.say("ny.lenkeprove.no", says(404))
    assert asked(elsewhere) == Answer(Verdict.GONE, "ny.lenkeprove.no answers 404 (not found)")


def test_ten_redirects_are_followed_and_no_more(elsewhere: Elsewhere) -> None:
    for number in range(12):
        elsewhere.say(f"{HOST}/{number}", leads_to(f"/{number + 1}"))
    elsewhere.say(f"{HOST}/10", says())
    assert asked(elsewhere, f"https://{HOST}/0").verdict is Verdict.MOVED
    elsewhere.say(f"{HOST}/10", leads_to("/11"))
    found = asked(elsewhere, f"https://{HOST}/0")
    assert found == Answer(Verdict.CIRCLE, f"{HOST} still leads on after many steps")


@pytest.mark.parametrize("target", ["/a", "", "/b", "#x"])
def test_a_circle_is_told_of(elsewhere: Elsewhere, target: str) -> None:
    elsewhere.say(f"{HOST}/a", leads_to(target or A))
    elsewhere.say(f"{HOST}/b", leads_to("/a"))
    assert asked(elsewhere) == Answer(Verdict.CIRCLE, f"{HOST} leads on in a circle")


def test_a_circle_for_those_without_cookies_is_no_circle_for_readers(elsewhere: Elsewhere) -> None:
    elsewhere.say(f"{HOST}/a", leads_to("/a", 302, Set_Cookie="seen=1"))
    assert asked(elsewhere) == Answer(Verdict.UNSURE, f"{HOST} lets nobody in who keeps no cookies")


# the public net alone


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1/",
        "https://10.1.2.3/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://localhost/",
        "http://sak01/",
        "https://filer.fjordvik.local/",
        "https://intranett.fjordvik.no/",
    ],
)
def test_a_redirect_into_a_network_is_refused(elsewhere: Elsewhere, target: str) -> None:
    elsewhere.say(f"{HOST}/a", leads_to(target))
    assert asked(elsewhere).verdict is Verdict.INSIDE
    assert (elsewhere.resolved, len(elsewhere.asked)) == ([HOST], 1)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "msteams:/l/x", "https://a:b@ny.lenkeprove.no/"])
def test_a_redirect_out_of_the_web_is_not_followed(elsewhere: Elsewhere, target: str) -> None:
    elsewhere.say(f"{HOST}/a", leads_to(target))
    assert asked(elsewhere).verdict is Verdict.UNSURE
    assert elsewhere.resolved == [HOST]


@pytest.mark.parametrize("ips", [["10.0.0.1"], ["8.8.8.8", "192.168.1.1"], ["fd00::1"]])
def test_a_name_that_leads_into_a_network_is_not_asked(elsewhere: Elsewhere, ips: list[str]) -> None:
    elsewhere.places[HOST] = ips
    answer = asked(elsewhere)
    detail = f"{HOST} is inside the network from here, and public servers alone are asked"
    assert answer == Answer(Verdict.UNSURE, detail)


def test_a_redirect_to_a_name_that_leads_into_a_network_is_refused(elsewhere: Elsewhere) -> None:
    elsewhere.say(f"{HOST}/a", leads_to("https://ny.lenkeprove.no/"))
    elsewhere.places["ny.lenkeprove.no"] = ["10.0.0.1"]
    assert asked(elsewhere).verdict is Verdict.UNSURE
    assert elsewhere.asked == [f"HEAD {A}"]


def test_the_connection_goes_to_the_very_address_that_was_checked(elsewhere: Elsewhere) -> None:
    """A name server that answers with a private address the second time gains nothing."""
    elsewhere.say(f"{HOST}/a", says())
    places = iter([elsewhere.resolve(HOST, 443), [("10.0.0.1", 443)]])
    elsewhere.resolve = lambda host, port: next(places)  # type: ignore[method-assign]
    assert asked(elsewhere).verdict is Verdict.THERE
    assert next(places) == [("10.0.0.1", 443)]


# manners


def test_a_busy_server_is_asked_again_when_it_wants_to_be(elsewhere: Elsewhere) -> None:
    elsewhere.say(f"{HOST}/a", says(429, Retry_After="1"), says())
    began = time.monotonic()
    assert asked(elsewhere, longest_wait=2).verdict is Verdict.THERE
    assert time.monotonic() - began >= 1
    assert elsewhere.asked == [f"HEAD {A}"] * 2


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_wants_us_to_wait_for_long_is_left_alone(elsewhere: Elsewhere, status: int) -> None:
    elsewhere.say(HOST, says(status, Retry_After="3600"))
    client = elsewhere.client()
    for url in (A, f"https://{HOST}/b"):
        assert client.ask(address_of(url)) == Answer(Verdict.UNSURE, f"{HOST} answers {status} (too busy)")
    assert elsewhere.asked == [f"HEAD {A}"]


@pytest.mark.parametrize(
    "wait", ["soon", "-1", "1 Jan 9999999999 25:00:00", "Thu, 01 Jan 1970 00:00:00 GMT", "9" * 99]
)
def test_a_time_to_wait_that_makes_no_sense_is_none(elsewhere: Elsewhere, wait: str) -> None:
    elsewhere.say(HOST, says(429, Retry_After=wait), says())
    assert asked(elsewhere).verdict is Verdict.THERE


def test_a_server_that_is_always_busy_is_asked_three_times(elsewhere: Elsewhere) -> None:
    elsewhere.say(HOST, says(429))
    assert asked(elsewhere).verdict is Verdict.UNSURE
    assert len(elsewhere.asked) == 3


def test_a_dead_host_is_not_tried_for_every_link(elsewhere: Elsewhere) -> None:
    elsewhere.say(HOST, hangs_up)
    client = elsewhere.client()
    for number in range(10):
        assert client.ask(address_of(f"https://{HOST}/{number}")).verdict is Verdict.UNSURE
    assert len(elsewhere.asked) == QUICK.silences


def test_an_unknown_name_is_looked_up_once(elsewhere: Elsewhere) -> None:
    client = elsewhere.client()
    for number in range(3):
        assert client.ask(address_of(f"https://nedlagt.lenkeprove.no/{number}")).verdict is Verdict.GONE
    assert elsewhere.resolved == ["nedlagt.lenkeprove.no"]


def test_a_host_is_asked_one_thing_at_a_time_with_a_pause_between(
    elsewhere: Elsewhere, tmp_path: Path
) -> None:
    urls = [f"https://{HOST}/{number}" for number in range(4)]
    urls += [f"https://{name}.lenkeprove.no/" for name in "abcdef"]
    for name in "abcdef":  # all of them lead to the first host
        elsewhere.say(f"{name}.lenkeprove.no", leads_to(f"https://{HOST}/{name}", 302))
    elsewhere.say(HOST, slowly(0.02))
    everything(elsewhere, urls, tmp_path, pause=0.05)
    times = sorted(elsewhere.times[HOST])
    assert len(times) == 10
    assert all(later[0] - earlier[1] >= 0.045 for earlier, later in pairwise(times))


def test_a_few_hosts_are_asked_at_the_same_time(elsewhere: Elsewhere, tmp_path: Path) -> None:
    for name in "abcdefgh":
        elsewhere.say(f"{name}.lenkeprove.no", slowly(0.1))
    everything(elsewhere, [f"https://{name}.lenkeprove.no/" for name in "abcdefgh"], tmp_path, hosts=3)
    assert elsewhere.most[""] == 3


def test_a_slow_drip_ends_with_the_time_for_an_address(elsewhere: Elsewhere) -> None:
    def drips(handler: BaseHTTPRequestHandler) -> None:
        for _ in range(40):
            handler.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            time.sleep(0.1)

    elsewhere.say(HOST, drips)
    began = time.monotonic()
    assert asked(elsewhere, total=0.6).verdict is Verdict.UNSURE
    assert time.monotonic() - began < 2


def test_a_proxy_is_handed_the_whole_address_of_plain_http(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = elsewhere.plain.server_address[1]
    monkeypatch.setenv("http_proxy", f"http://kari:hemmelig@127.0.0.1:{port}")
    monkeypatch.setenv("no_proxy", "ingen.lenkeprove.no")
    elsewhere.say(HOST, says())
    assert asked(elsewhere, f"http://{HOST}/a?b=c").verdict is Verdict.THERE
    assert elsewhere.resolved == []
    assert elsewhere.asked == [f"HEAD http://{HOST}http://{HOST}/a?b=c"]  # the path is a whole address
    assert elsewhere.heads[0]["Proxy-Authorization"] == "Basic a2FyaTpoZW1tZWxpZw=="


# all addresses of a site


def everything(elsewhere: Elsewhere, urls: list[str], site: Path, **limits: Any) -> dict[str, Answer]:
    addresses = [address_of(url) for url in urls]
    client = elsewhere.client(limits=replace(QUICK, **limits))
    return ask_all(addresses, client, LinkMemory(site), Reporter())


class Progress(Reporter):
    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[str, int]] = []
        self.steps = 0

    def stage(self, name: str, total: int) -> None:
        self.told.append((name, total))

    def step(self, count: int = 1) -> None:
        self.steps += count


def test_each_address_is_asked_once_and_remembered(elsewhere: Elsewhere, tmp_path: Path) -> None:
    elsewhere.say(HOST, says())
    urls = [A, f"{A}#b", A, f"HTTPS://{HOST.upper()}:443/a"]
    for _ in range(2):
        assert everything(elsewhere, urls, tmp_path) == {A: Answer(Verdict.THERE)}
    assert elsewhere.asked == [f"HEAD {A}"]


def test_progress_is_told_of_what_is_asked(elsewhere: Elsewhere, tmp_path: Path) -> None:
    elsewhere.say(HOST, says())
    everything(elsewhere, [A], tmp_path)
    progress = Progress()
    addresses = [address_of(url) for url in (A, f"https://{HOST}/b")]
    ask_all(addresses, elsewhere.client(), LinkMemory(tmp_path), progress)
    assert (progress.told, progress.steps) == ([("ask", 1)], 1)


@pytest.mark.parametrize("failure", [NOBODY, NOT_NOW])
def test_a_network_that_is_down_is_one_sentence(
    elsewhere: Elsewhere, tmp_path: Path, failure: OSError
) -> None:
    urls = [f"https://{name}.lenkeprove.no/" for name in "abcd"]
    for name in "abcd":
        elsewhere.failures[f"{name}.lenkeprove.no"] = failure
    with pytest.raises(
        OutsideError, match=r"^No other site could be reached \(4 tried: a\.lenkeprove"
    ) as caught:
        everything(elsewhere, urls, tmp_path)
    assert caught.value.exit_code == 3
    assert not LinkMemory(tmp_path).file.exists()


def test_a_single_name_that_cannot_be_looked_up_now_is_the_networks_fault(
    elsewhere: Elsewhere, tmp_path: Path
) -> None:
    elsewhere.failures[HOST] = NOT_NOW
    with pytest.raises(OutsideError):
        everything(elsewhere, [A], tmp_path)


def test_one_dead_host_is_no_dead_network(elsewhere: Elsewhere, tmp_path: Path) -> None:
    url = "https://nedlagt.lenkeprove.no/"
    assert everything(elsewhere, [url], tmp_path)[url].verdict is Verdict.GONE


def test_dead_hosts_are_no_dead_network_while_one_that_was_well_still_is(
    elsewhere: Elsewhere, tmp_path: Path
) -> None:
    """What is well is remembered for longer than what is gone, so that one day only the dead are asked."""
    elsewhere.say(HOST, says())
    everything(elsewhere, [A], tmp_path)
    dead = [f"https://{name}.lenkeprove.no/" for name in "abc"]
    found = everything(elsewhere, [A, *dead], tmp_path)
    assert {found[url].verdict for url in dead} == {Verdict.GONE}
    del elsewhere.replies[HOST]
    with pytest.raises(OutsideError):
        everything(elsewhere, [A, "https://d.lenkeprove.no/", "https://e.lenkeprove.no/"], tmp_path)


def test_a_network_is_not_down_when_one_of_many_answers(elsewhere: Elsewhere, tmp_path: Path) -> None:
    elsewhere.say(HOST, says(500))
    found = everything(elsewhere, [A, *(f"https://{name}.lenkeprove.no/" for name in "abcd")], tmp_path)
    assert len(found) == 5


def report(*targets: str) -> Report:
    return Report("x/index.html", external=tuple(Link(target, "", Clue("a", ("x",))) for target in targets))


def elsewhere_of(*targets: str, **check: object) -> set[str]:
    settings = Settings.model_validate({**SETTINGS.model_dump(), "check": check})
    return set(addresses_elsewhere([report(*targets)], settings))


def test_what_nobody_can_reach_is_never_asked() -> None:
    hosts = [
        "sak01",
        "10.0.0.1",
        "[::1]",
        "filer.lokal.local",
        "intranett.fjordvik.no",
        "www.fjordvik.example",
    ]
    hosts += [
        "a.test",
        "a.invalid",
        "example.com",
        "www.example.org",
        "192.0.2.1",
        "[2001:db8::1]",
        "a.onion",
    ]
    assert elsewhere_of(*(f"https://{host}/" for host in hosts), A) == {A}


def test_an_address_with_somebodys_password_is_never_asked() -> None:
    assert elsewhere_of("https://kari:hemmelig@www.lenkeprove.no/") == set()


def test_buttons_that_share_our_own_pages_are_not_asked() -> None:
    own = "https%3A%2F%2Fbeta.fjordvik.example%2F2026%2F05%2Fx%2F"
    assert elsewhere_of(f"https://www.facebook.com/sharer/sharer.php?u={own}", A) == {A}


def test_settings_leave_addresses_out() -> None:
    skipped = ["https://www.linkedin.com/*", "*.lenkeprove.no/b*", f"https://{HOST}/d"]
    urls = [
        "https://www.linkedin.com/in/x",
        f"https://{HOST}/b?c=d",
        f"https://{HOST}/d",
        f"https://{HOST}/de",
        A,
    ]
    assert elsewhere_of(*urls, skip_external=skipped) == {A, f"https://{HOST}/de"}


# addresses


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://www.lenkeprove.no", "https://www.lenkeprove.no/"),
        ("HTTP://Www.Lenkeprove.NO:80/A#b", "http://www.lenkeprove.no/A"),
        ("https://www.lenkeprove.no.:443/?a=b c", "https://www.lenkeprove.no/?a=b%20c"),
        ("https://blåbær.no/å%C3%A5", "https://xn--blbr-roah.no/%C3%A5%C3%A5"),
        ("https://a_b.lenkeprove.no:8080/", "https://a_b.lenkeprove.no:8080/"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("https://[2606:4700::1111]/", "https://[2606:4700::1111]/"),
        ("https://www.lenkeprove.no:/x", "https://www.lenkeprove.no/x"),
    ],
)
def test_an_address_is_asked_for_in_one_way_of_writing(text: str, url: str) -> None:
    address = web_address(text)
    assert address is not None
    assert address.url == url


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ftp://www.lenkeprove.no/",
        "https:///x",
        "//www.lenkeprove.no:60/",
        "https://www.lenkeprove.no:0/",
        "https://a@www.lenkeprove.no/",
        "https://www.lenkeprove.no:port/",
        "https://www.lenkeprove.no/x\r\nCookie: a",
        "https://www..no/",
        "https://a b.no/",
        "https://999.999.999.999/",
        "https://[::1/",
        "https://www.lenkeprove.no/" + "a" * 2000,
        "https://" + "å" * 70 + ".no/",
    ],
)
def test_what_cannot_be_asked_is_no_address(text: str) -> None:
    assert web_address(text) is None


@pytest.mark.parametrize("host", ["www.lenkeprove.no", "8.8.8.8", "2606:4700::1111", "local.no", "a.home.no"])
def test_ordinary_hosts_are_public(host: str) -> None:
    assert reach(host) is Reach.PUBLIC


# memory


@pytest.mark.parametrize(
    ("verdict", "kept", "forgotten"),
    [
        (Verdict.THERE, 7 * 86_400 - 1, 7 * 86_400),
        (Verdict.MOVED, 7 * 86_400 - 1, 7 * 86_400),
        (Verdict.GONE, 86_399, 86_400),
        (Verdict.CIRCLE, 86_399, 86_400),
        (Verdict.UNSURE, 3599, 3600),
    ],
)
def test_answers_are_believed_for_their_time(
    tmp_path: Path, verdict: Verdict, kept: float, forgotten: float
) -> None:
    answer = Answer(verdict, "www.lenkeprove.no answers 200", "https://www.lenkeprove.no/ny")
    LinkMemory(tmp_path, lambda: 1e9).keep({A: answer})
    assert LinkMemory(tmp_path, lambda: 1e9 + kept).get(A) == answer
    assert LinkMemory(tmp_path, lambda: 1e9 + forgotten).get(A) is None
    assert LinkMemory(tmp_path, lambda: 1e9 - 60).get(A) is None  # from the future: a clock was wrong


def test_what_is_no_longer_believed_leaves_the_file(tmp_path: Path) -> None:
    LinkMemory(tmp_path, lambda: 1e9).keep({A: Answer(Verdict.GONE)})
    LinkMemory(tmp_path, lambda: 1e9 + 100_000).keep({f"{A}/b": Answer(Verdict.THERE)})
    assert set(json.loads(LinkMemory(tmp_path).file.read_text("utf-8"))["answers"]) == {f"{A}/b"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"version": 2, "answers": {}}',
        '{"version": 1, "answers": []}',
        '{"version": 1, "answers": {"https://www.lenkeprove.no/a": 1}}',
        '{"version": 1, "answers": {"https://www.lenkeprove.no/a": {"verdict": "fine", "time": 1}}}',
        '{"version": 1, "answers": {"https://www.lenkeprove.no/a": {"verdict": "there", "time": "x"}}}',
        "[" * 100_000,
        "\udcff",
    ],
)
def test_a_damaged_memory_counts_for_nothing(tmp_path: Path, text: str) -> None:
    memory = LinkMemory(tmp_path, lambda: 2.0)
    memory.file.parent.mkdir()
    memory.file.write_bytes(text.encode("utf-8", "surrogateescape"))
    memory = LinkMemory(tmp_path, lambda: 2.0)
    assert memory.get(A) is None
    memory.keep({A: Answer(Verdict.THERE)})
    assert LinkMemory(tmp_path, lambda: 2.0).get(A) == Answer(Verdict.THERE)


def test_a_memory_is_written_in_one_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = LinkMemory(tmp_path)
    memory.keep({A: Answer(Verdict.THERE)})
    before = memory.file.read_bytes()

    def fail(self: Path, target: Path) -> Path:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", fail)
    memory.keep({f"{A}/b": Answer(Verdict.THERE)})
    assert memory.file.read_bytes() == before
    assert list(memory.file.parent.iterdir()) == [memory.file]


# links that need no network to be judged


def inside(html: str) -> list[tuple[str, Severity | None]]:
    surroundings = Surroundings(
        Path(), SETTINGS, frozenset(("index.html",)), {}, (), parse_moment("2026-01-15 12:00")
    )
    return [
        (fault.message, fault.severity)
        for fault in links_inside(Page("index.html", html.encode()), NotedSurroundings(surroundings))
    ]


@pytest.mark.parametrize(
    "address",
    [
        "http://sak01/x",
        "//filer/x",
        "https://10.0.0.1/",
        "https://[fd00::1]/",
        "https://a.local",
        "https://a.lan./",
    ],
)
def test_a_link_into_a_network_is_an_error(address: str) -> None:
    (found,) = inside(f'<a href="{address}">x</a>')
    assert found[0].endswith(" works inside a network only.")
    assert found[1] is None
    assert RULES["KB115"].severity is Severity.ERROR


def test_a_link_to_an_intranet_is_a_warning() -> None:
    (found,) = inside('<map><area href="https://intranett.fjordvik.no/x?token=1"></map>')
    assert found == ("The link to https://intranett.fjordvik.no/x?… leads to an intranet.", Severity.WARNING)


@pytest.mark.parametrize(
    "address",
    [
        "/x/",
        "#x",
        "mailto:a@sak01",
        "tel:123",
        "https://www.fjordvik.no/intranett/",
        "https://localhost.no/",
        "https://fjordvik.example/",
        "https://192.0.2.1/",
        "https://8.8.8.8/",
        "https://beta.fjordvik.example/",
        "https://user@sak01/",
        "https://",
        "http://[",
    ],
)
def test_other_links_are_not_taken_for_inside_ones(address: str) -> None:
    assert inside(f'<a href="{address}">x</a>') == []


# findings


def found_for(answer: Answer, target: str = A, fragment: str = "") -> tuple[str, str, str]:
    address = address_of(target)
    reports = [Report("x/index.html", external=(Link(target, fragment, Clue("a", ("x",))),))]
    ((page, fault),) = faults_elsewhere(reports, {target: address}, {address.url: answer})
    assert page == "x/index.html"
    return fault.code, fault.message, fault.mend


def test_a_move_keeps_the_place_in_the_page() -> None:
    answer = Answer(Verdict.MOVED, new="https://ny.lenkeprove.no/a")
    assert found_for(answer, fragment="frist")[2] == "Link to https://ny.lenkeprove.no/a#frist."


def test_a_move_to_a_front_page_is_not_advised() -> None:
    mend = "It leads to the front page of ny.lenkeprove.no now: find the page there, or take the link away."
    assert found_for(Answer(Verdict.MOVED, new="https://ny.lenkeprove.no/")) == (
        "KB111",
        f"The page behind the link to {A} has moved for good.",
        mend,
    )
    front = found_for(Answer(Verdict.MOVED, new="https://ny.lenkeprove.no/"), f"http://{HOST}/")
    assert front[2] == "Link to https://ny.lenkeprove.no/."


def test_a_redirect_into_a_network_is_an_error_of_the_link() -> None:
    code, message, _ = found_for(Answer(Verdict.INSIDE, f"{HOST} leads on to sak01"))
    assert code == "KB115"
    assert message == f"The link to {A} works inside a network only: {HOST} leads on to sak01."


def test_no_message_repeats_what_an_address_may_keep_secret() -> None:
    for verdict in set(Verdict) - {Verdict.THERE}:
        message = found_for(Answer(verdict, "x", "https://ny.lenkeprove.no/"), f"{A}?token=hemmelig")[1]
        assert "hemmelig" not in message


# the bad site and the mended one


def tell(elsewhere: Elsewhere) -> None:
    """What other sites say to the two sites of the tests."""
    elsewhere.say(HOST, says())
    elsewhere.say("uustatus.no", says())
    elsewhere.say("data.norge.no", says())
    elsewhere.say("www.example.no", says())
    elsewhere.say("borte.lenkeprove.no/rapport.pdf", says(404))
    elsewhere.say("gammel.lenkeprove.no/stipend", leads_to(f"https://{HOST}/stipend/"))
    elsewhere.say("sperret.lenkeprove.no", says(403))
    elsewhere.say("opptatt.lenkeprove.no", says(429, Retry_After="86400"))
    elsewhere.say("treg.lenkeprove.no", slowly(0.8))
    elsewhere.say("feil.sertifikat.lenkeprove.no", says())
    elsewhere.say(UNTRUSTED, says())
    elsewhere.say(EXPIRED, says())
    elsewhere.say("ring.lenkeprove.no/a", leads_to("/b"))
    elsewhere.say("ring.lenkeprove.no/b", leads_to("/a"))


def checked_with(elsewhere: Elsewhere, name: str, folder: Path, *, external: bool = True) -> CheckResult:
    site = folder / name
    if not site.exists():
        copied(name, folder)
    options = CheckOptions((Group.LINKS,), external=external, at=AT, jobs=1)
    return check(site, options, Reporter(), elsewhere.client)


def external_findings(result: CheckResult) -> list[str]:
    return [shown(finding) for finding in result.findings if finding.problem.code in ASKED]


def test_the_bad_site_has_the_findings_that_other_sites_give_rise_to(
    elsewhere: Elsewhere, tmp_path: Path
) -> None:
    tell(elsewhere)
    result = checked_with(elsewhere, "darlig", tmp_path)
    expected = (SITES / "darlig/expected-external.txt").read_text("utf-8").splitlines()
    assert external_findings(result) == expected
    assert {line.split(": ")[1].split()[1] for line in expected} == ASKED
    linked = set(re.findall(r"https?://[\w.-]*lenkeprove\.no/[\w./]*", "\n".join(expected)))
    assert result.asked > len(linked - {f"https://{HOST}/stipend/"}) == 10


def test_each_external_case_stands_in_a_file_that_bears_its_code() -> None:
    for line in (SITES / "darlig/expected-external.txt").read_text("utf-8").splitlines():
        named = re.search(r"/kb(\d{3})-", line)
        assert named, line
        assert f" KB{named[1]}: " in line


def test_the_mended_site_has_no_finding_elsewhere(elsewhere: Elsewhere, tmp_path: Path) -> None:
    tell(elsewhere)
    result = checked_with(elsewhere, "rettet", tmp_path)
    assert [shown(finding) for finding in result.findings] == []
    assert result.asked > 5


def test_without_external_nothing_is_asked(elsewhere: Elsewhere, tmp_path: Path) -> None:
    result = checked_with(elsewhere, "darlig", tmp_path, external=False)
    assert (result.asked, elsewhere.resolved) == (0, [])
    assert external_findings(result) == []


def test_a_second_check_asks_no_more_than_it_must(elsewhere: Elsewhere, tmp_path: Path) -> None:
    tell(elsewhere)
    first = checked_with(elsewhere, "darlig", tmp_path)
    count = len(elsewhere.asked)
    second = checked_with(elsewhere, "darlig", tmp_path)
    assert (len(elsewhere.asked), second.asked) == (count, first.asked)
    assert external_findings(second) == external_findings(first)


def test_other_groups_ask_nobody(elsewhere: Elsewhere, make_folder: Callable[..., Path]) -> None:
    site = make_folder({"kommunebeta.yaml": SMALL, "static/a.html": f'<a href="{A}">a</a>'})
    options = CheckOptions((Group.SITE,), external=True, jobs=1)
    assert check(site, options, Reporter(), elsewhere.client).asked == 0
    assert elsewhere.resolved == []


SMALL = "name: Fjordvikbeta\nmunicipality: Fjordvik kommune\nbase_url: https://beta.fjordvik.example/\n"


def test_the_same_dead_link_on_many_pages_is_one_finding_a_line(
    elsewhere: Elsewhere, make_folder: Callable[..., Path]
) -> None:
    elsewhere.say(HOST, says(404))
    posts = {
        f"content/posts/{number}.md": f"---\ntitle: Post {number}\ndate: 2026-01-0{number}\n---\n\n[Les mer]({A})\n"
        for number in range(1, 4)
    }
    site = make_folder({"kommunebeta.yaml": SMALL, **posts})
    options = CheckOptions((Group.LINKS,), external=True, at=AT, jobs=1)
    result = check(site, options, Reporter(), elsewhere.client)
    dead = [finding.problem for finding in result.findings if finding.problem.code == "KB110"]
    assert [(it.path, it.line) for it in dead] == [
        (f"content/posts/{number}.md", 6) for number in range(1, 4)
    ]
    assert elsewhere.asked == [f"HEAD {A}", f"GET {A}"]


def test_a_baseline_keeps_what_other_sites_said_when_nobody_asks(
    elsewhere: Elsewhere, make_folder: Callable[..., Path]
) -> None:
    elsewhere.say(HOST, says(404))
    site = make_folder({"kommunebeta.yaml": SMALL, "static/a.html": f'<a href="{A}">a</a>'})
    asking, plain = (CheckOptions(external=external, at=AT, jobs=1) for external in (True, False))
    update(site, asking, Reporter(), elsewhere.client)
    assert "KB110" in (site / "check-baseline.yaml").read_text("utf-8")
    for options in (asking, plain):
        result = check(site, options, Reporter(), elsewhere.client)
        assert (result.findings, result.mended) == ((), ())
