"""The client: one GET over HTTPS that nothing a stranger's server does can lead astray or keep waiting."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import socket
import ssl
import threading
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.utils import format_datetime
from typing import Any

import pytest

from kommunebeta import __version__
from kommunebeta.embeds.client import Answer, Client, Limits
from kommunebeta.errors import OutsideError
from kommunebeta.web.connection import resolve
from kommunebeta.web.failures import (
    AddressError,
    AnswerError,
    FetchError,
    StatusError,
    Trouble,
    UnreachableError,
)
from kommunebeta.web.public import is_public
from tests.embeds.loopback import Net, Proxy, Reply, page, raw, sent_to

pytestmark = pytest.mark.filterwarnings("error")  # nothing is left open, nor told to the user by Python

A = "https://a.example.org/x"


def get(net: Net, url: str = A, most: int = 10_000, **more: Any) -> Answer:
    return net.client(**more).get(url, accept="application/json", most=most)


def failure(net: Net, url: str = A, most: int = 10_000, **more: Any) -> FetchError:
    """The failure that a fetch ends with; it must not take long."""
    began = time.monotonic()
    with pytest.raises(FetchError) as caught:
        get(net, url, most, **more)
    assert time.monotonic() - began < 10
    assert isinstance(caught.value, OutsideError)
    assert "\n" not in str(caught.value)
    assert "x?" not in str(caught.value)
    return caught.value


# what is asked, and what comes


def test_an_answer_has_its_host_its_kind_and_its_bytes(net: Net) -> None:
    net.say("a.example.org/x", page("{}", kind="Application/JSON; charset=utf-8"))
    assert get(net) == Answer("a.example.org", "application/json", b"{}")


def test_a_request_says_who_asks_and_carries_no_cookie(net: Net) -> None:
    net.say("a.example.org/x", page("1", Set_Cookie="a=1"))
    client = net.client()
    for _ in range(2):
        client.get(A + "?u=%C3%A6&v=a%26b", accept="application/json", most=10)
    assert net.asked == ["a.example.org/x?u=%C3%A6&v=a%26b"] * 2
    for head in net.heads:
        assert head == {
            "Host": "a.example.org",
            "User-Agent": f"Kommunebeta/{__version__}",
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "Connection": "close",
        }


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress], ids=["gzip", "deflate"])
def test_a_packed_answer_is_unpacked(net: Net, pack: Any) -> None:
    name = "gzip" if pack is gzip.compress else "deflate"
    net.say("a.example.org/x", page(pack(b"abc" * 1000), Content_Encoding=name))
    assert get(net).body == b"abc" * 1000


def test_an_answer_in_chunks_is_put_together(net: Net) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    net.say("a.example.org/x", raw(head, b"3\r\nabc\r\n", b"2\r\nde\r\n", b"0\r\n\r\n"))
    assert get(net).body == b"abcde"


def test_letters_in_an_address_are_encoded(net: Net) -> None:
    net.say("a.example.org/%C3%A5", page("1"))
    assert get(net, "https://a.example.org/å").body == b"1"


# which addresses are asked


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example.org/x",
        "https://a.example.org:80/x",
        "https://a.example.org:8443/x",
        "https://user@a.example.org/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://2130706433/x",
        "https://localhost/x",
        "https://a.example.org/x\r\nCookie:%20a",
        "https://" + "a" * 64 + ".example.org/x",
        "ftp://a.example.org/x",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "",
    ],
)
def test_only_the_public_web_by_https_is_asked(net: Net, url: str) -> None:
    assert failure(net, url).kind is Trouble.ADDRESS
    assert net.asked == []


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1", "10.0.0.1", "172.16.9.9", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::", "::1", "fe80::1",
        "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1", "::ffff:8.8.8.8", "::ffff:10.0.0.1",
        "::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b:1::1", "2002:0a00:0001::1", "2001:0:808:808::1",
    ],
)  # fmt: skip
def test_no_address_of_a_network_of_ones_own_is_public(ip: str) -> None:
    assert not is_public(ip)


@pytest.mark.parametrize("ip", ["8.8.8.8", "2a00:1450:400f:80a::200e", "64:ff9b::8.8.8.8", "193.213.112.4"])
def test_an_ordinary_address_is_public(ip: str) -> None:
    assert is_public(ip)


@pytest.mark.parametrize("places", [["10.0.0.7"], ["::ffff:127.0.0.1"], ["8.8.8.8", "192.168.0.1"]])
def test_a_name_that_leads_to_a_private_address_is_not_asked(net: Net, places: list[str]) -> None:
    found = failure(net, resolver=lambda host, port: [(ip, net.place[1]) for ip in places])
    assert (type(found), found.passing) == (AddressError, False)
    assert str(found) == "a.example.org is not on the public net"


def test_the_connection_goes_to_the_very_address_that_was_checked(net: Net) -> None:
    """A name server that answers with a private address the second time gains nothing."""
    net.say("a.example.org/x", page("1"))
    answers = iter([[net.place], [("10.0.0.1", 443)]])
    assert get(net, resolver=lambda host, port: next(answers)).body == b"1"
    assert next(answers) == [("10.0.0.1", 443)]


def test_the_next_address_of_a_host_is_tried_where_the_first_is_dead(net: Net) -> None:
    net.say("a.example.org/x", page("1"))
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        dead = unused.getsockname()
        assert get(net, resolver=lambda host, port: [dead, net.place]).body == b"1"


def test_the_system_is_asked_for_names() -> None:
    assert resolve("127.0.0.1", 443) == [("127.0.0.1", 443)]


# redirects


def test_redirects_are_followed_relative_ones_too(net: Net) -> None:
    net.say("a.example.org/x", sent_to("/y", 301))
    net.say("a.example.org/y", sent_to("https://b.example.org/z#part", 308))
    net.say("b.example.org/z", page("1"))
    assert get(net) == Answer("b.example.org", "application/json", b"1")


@pytest.mark.parametrize(
    "target",
    [
        "http://a.example.org/y",
        "https://127.0.0.1/",
        "https://[::ffff:127.0.0.1]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://localhost/",
        "//0x7f000001/",
        "file:///etc/passwd",
        "gopher://a.example.org/",
        "https://a.example.org:22/",
        "https://[broken/",
    ],
)
def test_a_redirect_out_of_the_public_web_is_not_followed(net: Net, target: str) -> None:
    net.say("a.example.org/x", sent_to(target))
    assert failure(net).kind in (Trouble.ADDRESS, Trouble.DAMAGED)
    assert len(net.asked) == 1


def test_a_redirect_to_a_name_that_is_private_is_not_followed(net: Net) -> None:
    net.say("a.example.org/x", sent_to("https://b.example.org/"))
    places = {"a.example.org": [net.place], "b.example.org": [("10.1.2.3", 443)]}
    found = failure(net, resolver=lambda host, port: places[host])
    assert str(found) == "b.example.org is not on the public net"


@pytest.mark.parametrize("next_page", ["/x", "", "/n"])
def test_a_circle_of_redirects_ends(net: Net, next_page: str) -> None:
    net.say("a.example.org/x", sent_to(next_page))
    net.say("a.example.org/n", sent_to("/x"))
    assert failure(net).kind is Trouble.REDIRECTS
    assert len(net.asked) <= 2


def test_a_fourth_redirect_is_one_too_many(net: Net) -> None:
    for number in range(6):
        net.say(f"a.example.org/{number}", sent_to(f"/{number + 1}"))
    assert failure(net, "https://a.example.org/0").kind is Trouble.REDIRECTS
    assert len(net.asked) == 4


# what is too much, too slow or damaged


def endless(handler: Any) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    for _ in range(800):
        handler.wfile.write(b"x" * 65_536)


BOMB = gzip.compress(bytes(50_000_000), 1)
NESTED_BOMB = gzip.compress(BOMB)


@pytest.mark.parametrize(
    "reply",
    [
        page(b"x" * 10_001),
        page(b"x" * 50_000_000),
        endless,
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"),
        page(gzip.compress(bytes(1_000_000)), Content_Encoding="gzip"),
        page(zlib.compress(bytes(10_001)), Content_Encoding="deflate"),
    ],
    ids=["one byte more", "50 MB", "endless", "length that is told", "gzip bomb", "deflate"],
)
def test_a_body_that_is_too_long_is_not_read(net: Net, reply: Reply) -> None:
    net.say("a.example.org/x", reply)
    found = failure(net)
    assert (type(found), found.kind, found.passing) == (AnswerError, Trouble.LENGTH, False)
    assert net.times("a.example.org/x") == 1


def test_a_bomb_takes_no_memory(net: Net) -> None:
    assert len(BOMB) < 300_000
    net.say("a.example.org/x", page(BOMB, Content_Encoding="gzip"))
    tracemalloc.start()
    try:
        assert failure(net, most=300_000).kind is Trouble.LENGTH
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_a_bomb_in_a_bomb_is_unpacked_once_only(net: Net) -> None:
    net.say("a.example.org/x", page(NESTED_BOMB, Content_Encoding="gzip"))
    assert get(net, most=500_000).body == BOMB


@pytest.mark.parametrize(
    "reply",
    [
        page(b"{}", Content_Encoding="br"),
        page(b"{}", Content_Encoding="gzip, gzip"),
        page(b"not packed", Content_Encoding="gzip"),
        page(gzip.compress(b"abc" * 999)[:-9], Content_Encoding="gzip"),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n"),
        raw(b"SSH-2.0-OpenSSH_9.2\r\n"),
        raw(b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200 + b"\r\n"),
        raw(b"HTTP/1.1 200 OK\r\na: " + b"b" * 99_999 + b"\r\n\r\n"),
        raw(b"HTTP/1.1 abc\r\n\r\n"),
    ],
)
def test_a_damaged_answer_is_a_clean_failure(net: Net, reply: Reply) -> None:
    net.say("a.example.org/x", reply)
    assert failure(net).kind is Trouble.DAMAGED


def test_a_server_that_hangs_up_could_not_be_reached(net: Net) -> None:
    net.say("a.example.org/x", raw())
    found = failure(net)
    assert (found.kind, found.passing) == (Trouble.CONNECTION, True)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"


@pytest.mark.parametrize(
    "reply",
    [
        raw(HEAD, pause=1),
        raw(HEAD, *[b"x"] * 30, pause=0.1),
        raw(b"HTTP/1.1 200 OK\r\n", *[b"a"] * 30, pause=0.1),
        raw(*[b"HTTP/1.1 100 Continue\r\n\r\n"] * 30, pause=0.1),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *[b"1\r\nx\r\n"] * 30, pause=0.1),
    ],
    ids=["silence", "dripping body", "dripping head", "endless promises", "dripping chunks"],
)
def test_a_slow_server_is_left_at_the_deadline(net: Net, reply: Reply) -> None:
    net.say("a.example.org/x", reply)
    began = time.monotonic()
    found = failure(net, total=0.35, retries=0)
    assert (found.kind, found.passing) == (Trouble.TIMEOUT, True)
    assert time.monotonic() - began < 2.5  # the server takes three seconds and more


def test_a_server_that_never_shakes_hands_is_left(net: Net) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        found = failure(net, resolver=lambda host, port: [mute.getsockname()], connect=0.2, retries=0)
    assert found.kind is Trouble.TIMEOUT


def test_a_name_server_that_is_silent_is_left(net: Net) -> None:
    waiting = threading.Event()

    def silent(host: str, port: int) -> list[tuple[str, int]]:
        waiting.wait(5)
        return []

    found = failure(net, resolver=silent, connect=0.2, retries=0)
    waiting.set()
    assert (found.kind, found.passing) == (Trouble.TIMEOUT, True)


def test_a_name_that_nobody_knows_could_not_be_found(net: Net) -> None:
    def unknown(host: str, port: int) -> list[tuple[str, int]]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    found = failure(net, resolver=unknown)
    assert (type(found), str(found)) == (UnreachableError, "a.example.org was not found")


# whom we trust


def test_a_certificate_for_another_host_is_not_trusted(net: Net) -> None:
    found = failure(net, "https://a.example.com/x")
    assert (found.kind, found.passing) == (Trouble.CERTIFICATE, False)
    assert net.asked == []


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(net: Net) -> None:
    assert failure(net, context=ssl.create_default_context()).kind is Trouble.CERTIFICATE


def test_by_default_only_the_public_net_and_the_systems_certificates_are_trusted(net: Net) -> None:
    client = Client(Limits(connect=1, total=2, retries=0), resolver=lambda host, port: [net.place])
    with pytest.raises(AddressError):
        client.get(A, accept="*/*", most=10)


# trying again


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_server_that_is_busy_is_asked_again(net: Net, status: int) -> None:
    net.say("a.example.org/x", page(status=status), page(status=status), page("1"))
    assert get(net).body == b"1"
    assert net.times("a.example.org/x") == 3


@pytest.mark.parametrize(
    ("status", "passing"),
    [(400, False), (401, False), (403, False), (404, False), (410, False), (501, False)],
)
def test_a_refusal_is_taken_at_its_word(net: Net, status: int, passing: bool) -> None:
    net.say("a.example.org/x", page("<h1>no</h1>", status=status))
    found = failure(net)
    assert (type(found), found.kind, found.status, found.passing) == (
        StatusError, Trouble.STATUS, status, passing
    )  # fmt: skip
    assert net.times("a.example.org/x") == 1


def test_after_two_further_tries_it_is_enough(net: Net) -> None:
    net.say("a.example.org/x", page(status=503))
    found = failure(net)
    assert (found.status, found.passing) == (503, True)
    assert net.times("a.example.org/x") == 3


def test_a_broken_connection_is_tried_again(net: Net) -> None:
    net.say("a.example.org/x", raw(), page("1"))
    assert get(net).body == b"1"


@pytest.mark.parametrize(
    ("wait", "tries"),
    [
        ("0", 3),
        ("3600", 1),
        (format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(hours=1), usegmt=True), 1),
        (format_datetime(dt.datetime.now(dt.UTC) - dt.timedelta(hours=1), usegmt=True), 3),
        ("soon", 3),
        ("-5", 3),
        ("9" * 400, 3),
    ],
    ids=[
        "now",
        "an hour",
        "a moment to come",
        "a moment past",
        "no number",
        "less than nothing",
        "no number of ours",
    ],
)
def test_nobody_is_asked_again_sooner_than_he_wants_nor_waited_for_long(
    net: Net, wait: str, tries: int
) -> None:
    net.say("a.example.org/x", page(status=429, Retry_After=wait))
    assert failure(net).status == 429
    assert net.times("a.example.org/x") == tries


def test_we_wait_as_long_as_we_are_told(net: Net) -> None:
    net.say("a.example.org/x", page(status=503, Retry_After="1"), page("1"))
    began = time.monotonic()
    assert get(net, longest_pause=2).body == b"1"
    assert time.monotonic() - began >= 1


def test_a_check_for_robots_says_nothing_of_the_thing(net: Net) -> None:
    net.say("a.example.org/x", page("<html>", status=403, cf_mitigated="challenge"))
    found = failure(net)
    assert (found.status, found.passing) == (429, True)


# several at once


def test_no_host_is_asked_more_than_twice_at_once(net: Net) -> None:
    def slow(handler: Any) -> None:
        time.sleep(0.4)
        page("1")(handler)

    net.say("a.example.org", slow)
    net.say("b.example.org", slow)
    client = net.client(total=2)  # less than what all need, since waiting for one's turn takes none of it
    urls = [f"https://{host}.example.org/{number}" for number in range(12) for host in "ab"]
    with ThreadPoolExecutor(24) as pool:
        bodies = [answer.body for answer in pool.map(lambda u: client.get(u, accept="*/*", most=9), urls)]
    assert bodies == [b"1"] * 24
    assert dict(net.most) == {"a.example.org": 2, "b.example.org": 2}


# proxies


@pytest.fixture
def through(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
    return proxy


def never(host: str, port: int) -> list[tuple[str, int]]:
    pytest.fail("the proxy resolves names")


def test_a_proxy_is_asked_for_a_tunnel_and_the_certificate_is_still_the_hosts(
    net: Net, through: Proxy
) -> None:
    net.say("a.example.org/x", page("1"))
    assert get(net, resolver=never).body == b"1"
    assert through.heads == ["CONNECT a.example.org:443 HTTP/1.1\r\nHost: a.example.org:443\r\n"]
    assert failure(net, "https://a.example.com/x", resolver=never).kind is Trouble.CERTIFICATE


def test_a_proxys_login_goes_to_the_proxy_alone(
    net: Net, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", f"ola:s%40l@{proxy.address}")
    net.say("a.example.org/x", page("1"))
    get(net)
    login = base64.b64encode(b"ola:s@l").decode()
    assert f"Proxy-Authorization: Basic {login}\r\n" in proxy.heads[0]
    assert "Proxy-Authorization" not in net.heads[0]


def test_no_proxy_names_the_hosts_that_are_asked_directly(
    net: Net, through: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "example.org")
    net.say("a.example.org/x", page("1"))
    assert get(net).body == b"1"
    assert through.heads == []


@pytest.mark.parametrize(("status", "passing"), [("407 Login", False), ("403 No", False), ("503 Busy", True)])
def test_a_proxy_that_declines_is_named(net: Net, through: Proxy, status: str, passing: bool) -> None:
    through.status = status
    found = failure(net)
    assert (found.kind, str(found), found.passing) == (
        Trouble.PROXY, f"the proxy answered {status[:3]}", passing
    )  # fmt: skip


def test_a_redirect_to_a_bare_address_is_refused_by_a_proxys_client_too(net: Net, through: Proxy) -> None:
    net.say("a.example.org/x", sent_to("https://10.0.0.1/"))
    assert failure(net).kind is Trouble.ADDRESS
    assert len(through.heads) == 1


@pytest.mark.parametrize("name", ["socks5://127.0.0.1:1", "http://", "http://127.0.0.1:x", "https://p.no"])
def test_a_proxy_of_another_kind_is_a_clean_failure(
    net: Net, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", name)
    found = failure(net)
    assert (found.kind, found.passing) == (Trouble.PROXY, False)


def test_a_proxy_that_is_not_there_could_not_be_reached(net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{unused.getsockname()[1]}")
        assert failure(net, retries=0).kind is Trouble.CONNECTION
