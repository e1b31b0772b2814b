"""Deploys by Netlify's interface, to a server that speaks it: what is sent, shown, kept, refused and finished."""

from __future__ import annotations

import datetime as dt
import json
import multiprocessing
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote

import pytest

from kommunebeta.deploy.hosts import FOREVER, Server, for_server
from kommunebeta.deploy.manifest import MANIFEST
from kommunebeta.deploy.netlify.target import NetlifySetting, NetlifyTarget
from kommunebeta.deploy.parcel import LocalFile, Parcel, files_in, parcel_of
from kommunebeta.deploy.releases import new_release
from kommunebeta.deploy.target import Forgotten, Surroundings
from kommunebeta.errors import OutsideError, UsageError
from kommunebeta.headers import netlify_headers, security_headers
from kommunebeta.redirects import netlify_redirects
from tests.deploy.branches import BASE_URL, files_of, state
from tests.deploy.netlify_server import TOKEN, Fault, Netlify, netlify
from tests.embeds.loopback import Proxy


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[Netlify]:
    monkeypatch.setenv("NETLIFY_AUTH_TOKEN", TOKEN)
    with netlify() as host:
        yield host


def target_at(host: Netlify, *, base_url: str = BASE_URL, **more: object) -> NetlifyTarget:
    setting = {"kind": "netlify", "site": host.name, "endpoint": host.endpoint, **more}
    return NetlifyTarget(NetlifySetting.model_validate(setting), Surroundings(Path("/"), base_url, "sky"))


def send(
    target: NetlifyTarget, files: Mapping[str, LocalFile], *, later: dt.timedelta = dt.timedelta()
) -> tuple[Parcel, list[int]]:
    """Look, send and verify, as a deploy does: the parcel, and the sizes that were told of."""
    sizes: list[int] = []
    with target:
        now = dt.datetime.now(dt.UTC) + later
        parcel = parcel_of(files, target.look(), new_release(now), now)
        if parcel.is_needed:
            target.send(parcel, lambda count, size: sizes.append(size))
        assert target.verify({file.path: file.digest for file in parcel.to_send}) == ()
    return parcel, sizes


def shown(host: Netlify) -> dict[str, bytes]:
    return {path: data for path, data in host.shown().items() if path != MANIFEST}


def contents(files: Mapping[str, LocalFile]) -> dict[str, bytes]:
    return {path: file.data for path, file in files.items()}


def test_a_first_deploy_sends_everything_and_a_second_what_netlify_lacks(host: Netlify) -> None:
    first = files_of(
        {"index.html": "hei", "om/index.html": "om oss", "Kåfjord Čáhci.html": "x", "_headers": "/*"}
    )
    send(target_at(host), first)
    assert shown(host) == contents(first)
    host.uploads.clear()
    second = files_of({**contents(first), "index.html": "ny", "kopi.html": "om oss"})
    second.pop("_headers")
    parcel, sizes = send(target_at(host), second)
    difference = parcel.difference
    assert (difference.added, difference.changed, difference.removed) == (
        ("kopi.html",),
        ("index.html",),
        ("_headers",),
    )
    assert sorted(host.uploads) == [MANIFEST, "index.html"]  # the copy lies there under another name
    assert sizes == [2]
    assert shown(host) == contents(second)


def test_a_deploy_of_the_same_makes_no_deploy(host: Netlify) -> None:
    send(target_at(host), state(1))
    parcel, _ = send(target_at(host), state(1))
    assert not parcel.is_needed
    assert len(host.deploys) == 1


def test_many_files_are_compared_after_the_answer_and_five_are_sent_at_once(host: Netlify) -> None:
    host.page = 70
    files = files_of({f"{at}/index.html": f"side {at}" for at in range(150)})
    _, sizes = send(target_at(host), files)
    assert len(sizes) == 150
    assert 1 < host.most <= 5
    parcel, _ = send(target_at(host), files)
    assert parcel.difference.same == 150


def test_a_draft_has_an_address_to_look_at_and_readers_notice_nothing(host: Netlify) -> None:
    send(target_at(host), state(1))
    target = target_at(host, draft=True)
    send(target, state(2))
    assert shown(host) == contents(state(1))
    assert target.place == "Netlify: fjordvikbeta (draft)"
    draft = [deploy for deploy in host.deploys.values() if deploy.draft]
    assert target.address == f"http://127.0.0.1:{host.port}/permalink/{draft[0].id}"
    with target_at(host) as public:
        assert len(public.releases()) == 1
    with target, pytest.raises(UsageError, match="makes drafts"):
        target.roll_back("")


def test_the_address_is_that_of_the_site_unless_the_settings_name_another(host: Netlify) -> None:
    target = target_at(host)
    send(target, state(1))
    assert target.address == "https://beta.example.no"
    target = target_at(host, url="https://annet.example.no/")
    send(target, state(2))
    assert target.address == "https://annet.example.no/"


@pytest.mark.parametrize("site", ["id", "beta.example.no", "fjordvikbeta.netlify.app"])
def test_a_site_is_found_by_its_id_and_its_domains_too(host: Netlify, site: str) -> None:
    send(target_at(host, site=host.site if site == "id" else site), state(1))
    assert shown(host) == contents(state(1))


def test_files_that_are_not_ours_are_named_and_stay(host: Netlify) -> None:
    host.blobs = {"0" * 40: b"andres", "1" * 40: b"gammel"}
    host.publish(host.create({"files": {"/robots.txt": "0" * 40, "/index.html": "1" * 40}}, "Draget hit"))
    parcel, _ = send(target_at(host), files_of({"index.html": "ny", "a.html": "a"}))
    assert not parcel.there.known
    assert parcel.there.unclaimed == ("index.html", "robots.txt")
    assert shown(host) == {"index.html": b"ny", "a.html": b"a", "robots.txt": b"andres"}
    parcel, _ = send(target_at(host), files_of({"index.html": "ny"}))
    assert parcel.there.foreign == ("robots.txt",)
    assert shown(host) == {"index.html": b"ny", "robots.txt": b"andres"}


def test_assets_that_open_pages_need_stay_for_a_day(host: Netlify) -> None:
    send(target_at(host), state(1))
    parcel, _ = send(target_at(host), state(2))
    old = f"style.{1:010x}.css"
    assert list(parcel.retired) == [old]
    assert shown(host)[old] == state(1)[old].data
    send(target_at(host), state(2), later=dt.timedelta(hours=25))
    assert shown(host) == contents(state(2))


def test_the_list_is_read_at_the_public_address_where_the_interface_gives_no_contents(host: Netlify) -> None:
    host.gives_raw = False
    send(target_at(host), state(1))
    parcel, _ = send(target_at(host), files_of({"index.html": "ny"}))
    assert parcel.there.known
    assert "bilder/0.bin" in parcel.difference.removed


def test_the_list_of_another_site_makes_nothing_ours(host: Netlify) -> None:
    send(target_at(host, base_url="https://other.example.no/"), files_of({"a.html": "a", "b.html": "b"}))
    parcel, _ = send(target_at(host), files_of({"a.html": "a"}))
    assert parcel.there.unclaimed == ("a.html", "b.html")
    assert "nothing there will be removed" in parcel.there.notes[0]
    assert "b.html" in shown(host)


def test_what_lies_there_is_compared_with_what_was_sent(host: Netlify) -> None:
    send(target_at(host), state(1))
    with target_at(host) as target:
        files = target.look().files
        assert target.verify(files) == ()
        assert target.verify({"index.html": "0" * 64, "borte.html": "1" * 64}) == ("index.html", "borte.html")
        host.deploys[host.published].files["/index.html"] = "2" * 40
        assert target.verify(files) == ("index.html",)


def test_a_return_lets_readers_have_an_earlier_deploy_and_open_pages_their_files(host: Netlify) -> None:
    first, _ = send(target_at(host), state(1))
    second, _ = send(target_at(host), state(2))
    host.uploads.clear()
    with target_at(host) as target:
        assert [(item.name, item.current) for item in target.releases()] == [
            (second.release, True),
            (first.release, False),
        ]
        back = target.roll_back("")
    assert host.uploads == [MANIFEST]
    asset = f"style.{2:010x}.css"
    assert shown(host) == {**contents(state(1)), asset: state(2)[asset].data}
    with target_at(host) as target:
        newest, *_ = kept = target.releases()
        assert [item.current for item in kept] == [True, False, False]
        assert (newest.name, newest.note.endswith(f"(return to {first.release})")) == (back.name, True)
        there = target.look()
        assert list(there.retired) == [asset]
        assert target.verify(there.files) == ()
        with pytest.raises(UsageError, match="no release 2020"):
            target.roll_back("2020")
    parcel, _ = send(target_at(host), state(2))
    assert parcel.difference.removed == ()


def test_a_return_to_a_deploy_of_others_shows_it_as_it_was(host: Netlify) -> None:
    host.blobs = {"0" * 40: b"andres"}
    by_hand = host.create({"files": {"/index.html": "0" * 40}}, "Draget hit")
    by_hand.state = "ready"
    host.publish(by_hand)
    send(target_at(host), state(1))
    with target_at(host) as target:
        back = target.roll_back("")
        assert (back.name, back.current) == (by_hand.id, True)
        assert [item.current for item in target.releases()] == [False, True]
    assert shown(host) == {"index.html": b"andres"}


WHO = files_of({"navn.0123456789.svg": "Kari Nordmann"})


def held(host: Netlify) -> list[str]:
    """The titles of the deploys that hold a name, whether or not readers get them."""
    names = {sha for sha, data in host.blobs.items() if b"Kari Nordmann" in data}
    return [deploy.title for deploy in host.deploys.values() if names & set(deploy.files.values())]


def test_what_is_forgotten_lies_nowhere_and_readers_get_what_they_got(host: Netlify) -> None:
    host.page = 2
    host.blobs = {"0" * 40: b"andres"}
    by_hand = host.create({"files": {"/robots.txt": "0" * 40}}, "Draget hit")
    by_hand.state = "ready"
    host.publish(by_hand)
    for number in (1, 2):
        send(target_at(host), state(number) | WHO)
    send(target_at(host, draft=True), state(4) | WHO)
    send(target_at(host), state(3))
    assert len(held(host)) == 4  # two, the draft, and the last for pages that are open
    host.uploads.clear()
    with target_at(host) as target:
        gone = target.forget()
    assert gone == Forgotten(3, ("navn.0123456789.svg", f"style.{1:010x}.css", f"style.{2:010x}.css"))
    assert (held(host), host.uploads) == ([], [MANIFEST])
    assert shown(host) == {**contents(state(3)), "robots.txt": b"andres"}
    assert host.deploys.keys() == {by_hand.id, host.published}
    made = len(host.asked)
    with target_at(host) as target:
        assert target.forget() == Forgotten(0, ())
        assert target.releases()[0].current
        there = target.look()
        assert (there.known, there.foreign, dict(there.retired)) == (True, ("robots.txt",), {})
        assert target.verify(there.files) == ()
    assert not [line for line in host.asked[made:] if not line.startswith("GET ")]
    parcel, _ = send(target_at(host), state(3))
    assert not parcel.is_needed


def test_forgetting_that_breaks_off_is_finished_by_another_attempt(
    host: Netlify, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2, 3):
        send(target_at(host), state(number))
    before = shown(host)
    monkeypatch.setattr("kommunebeta.deploy.netlify.api._TRIES", 1)
    for method, left in (("PUT", 0), ("DELETE", 0), ("DELETE", 1)):
        host.choose = failing(method, left)
        with target_at(host) as target, pytest.raises(OutsideError, match=r"answered 500.*Readers still get"):
            target.forget()
        assert shown(host) in (before, contents(state(3)))
    monkeypatch.setattr("kommunebeta.deploy.netlify.api._TRIES", 6)
    answered: list[str] = []

    def once(method: str, path: str, number: int) -> Fault:
        """The first answer to each deletion is lost, so that it is asked for again."""
        if method != "DELETE" or path in answered:
            return Fault.NONE
        answered.append(path)
        return Fault.NO_ANSWER

    host.choose = once
    with target_at(host) as target:
        target.forget()
    assert shown(host) == contents(state(3))
    assert host.deploys.keys() == {host.published}


def failing(method: str, after: int, fault: Fault = Fault.ERROR) -> Callable[[str, str, int], Fault]:
    """Requests of a method fail, after some that do not."""
    asked: list[str] = []

    def choose(its_method: str, path: str, number: int) -> Fault:
        if its_method != method:
            return Fault.NONE
        asked.append(path)
        return fault if len(asked) > after else Fault.NONE

    return choose


def test_a_deploy_under_way_is_not_deleted_and_that_is_told(host: Netlify) -> None:
    for number in (1, 2):
        send(target_at(host), state(number))
    under_way = host.create({"files": {"/a.html": "0" * 40}}, "Kommunebeta 20261125T000000Z-0001")
    said = "Our deploys at Netlify: 2 gone, 1 under way left alone. Readers still get what they got before."
    with target_at(host) as target, pytest.raises(OutsideError, match=said):
        target.forget()
    assert host.deploys.keys() == {under_way.id, host.published}
    assert shown(host) == contents(state(2))


def test_nothing_is_deleted_when_readers_get_another_deploy_meanwhile(host: Netlify) -> None:
    for number in (1, 2, 3):
        send(target_at(host), state(number))
    first = next(iter(host.deploys.values()))

    def restored(method: str, path: str, number: int) -> Fault:
        if method == "DELETE" and host.published != first.id:
            host.publish(first)
        return Fault.NONE

    host.choose = restored
    with target_at(host) as target, pytest.raises(OutsideError, match="published at the same time"):
        target.forget()
    assert shown(host) == contents(state(1))


def test_a_site_of_others_and_one_of_drafts_are_not_forgotten(host: Netlify) -> None:
    with target_at(host) as target, pytest.raises(UsageError, match="Deploy first"):
        target.forget()
    for number in (1, 2):
        send(target_at(host, base_url="https://annen.example.no/"), state(number))
    with target_at(host) as target, pytest.raises(UsageError, match="Deploy first"):
        target.forget()
    with target_at(host, draft=True) as target, pytest.raises(UsageError, match="makes drafts"):
        target.forget()
    assert len(host.deploys) == 2


PARSE = """
import { parseAllHeaders } from "@netlify/headers-parser"
import { parseAllRedirects } from "@netlify/redirect-parser"
const [headers, redirects] = process.argv.slice(1)
const read = [
  await parseAllHeaders({ headersFiles: [headers], configHeaders: [], minimal: true }),
  await parseAllRedirects({ redirectsFiles: [redirects], configRedirects: [], minimal: true }),
]
console.log(JSON.stringify(read, (key, value) => (value instanceof Error ? value.message : value)))
"""


def test_netlifys_own_parsers_understand_every_line_as_it_is_meant(
    netlify_parsers: tuple[str, Path], tmp_path: Path
) -> None:
    pairs = [("/gammel.php", "/ny/"), ("/ođđasat/a b+c,d/", "/ny/kåfjord/"), ("/:kart/kl:12/", "/ny/")]
    wanted = security_headers({"frame-src": ["https://player.example.no"]}, place=True)
    built = {"_headers": netlify_headers(wanted), "_redirects": netlify_redirects(pairs)}
    files = for_server(Server.NETLIFY, files_of({**built, "assets/stil.0123456789.css": "p {}"}), "/")
    for path in built:
        (tmp_path / path).write_bytes(files[path].data)
    node, folder = netlify_parsers
    words = ("--input-type=module", "--eval", PARSE, *(str(tmp_path / path) for path in built))
    done = subprocess.run([node, *words], cwd=folder, capture_output=True, text=True, check=True)
    headers, redirects = json.loads(done.stdout)
    assert headers == {
        "headers": [
            {"for": "/*", "values": wanted},
            {"for": "/assets/*", "values": {"Cache-Control": FOREVER}},
        ],
        "errors": [],
    }
    assert redirects["errors"] == []
    assert [(unquote(rule["from"]), unquote(rule["to"])) for rule in redirects["redirects"]] == pairs
    assert {(rule["status"], rule["force"], ":kart" in rule["from"]) for rule in redirects["redirects"]} == {
        (301, True, False)
    }


FAULTS = [Fault.ERROR, Fault.CUT, Fault.NO_ANSWER, Fault.SHORT, Fault.LIMIT]


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_a_passing_failure_anywhere_is_got_over(host: Netlify, fault: Fault) -> None:
    every = 4 if fault is not Fault.LIMIT else 11
    host.choose = lambda method, path, number: fault if number % every == 1 else Fault.NONE
    send(target_at(host), state(1))
    assert shown(host) == contents(state(1))


def test_a_failure_that_lasts_is_told_and_readers_keep_what_they_had(
    host: Netlify, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(target_at(host), state(1))
    monkeypatch.setattr("kommunebeta.deploy.netlify.api._TRIES", 2)
    for fault, words in (
        (Fault.ERROR, "answered 500"),
        (Fault.CUT, "cannot be asked"),
        (Fault.LIMIT, "too often"),
    ):
        host.choose = failing("PUT", 0, fault)
        with pytest.raises(OutsideError, match=words) as caught:
            send(target_at(host), state(2))
        assert "Readers still get what they got before." in str(caught.value)
        assert shown(host) == contents(state(1))
        assert list(host.deploys.values())[-1].error == "Canceled"
    host.choose = lambda method, path, number: Fault.NONE
    send(target_at(host), state(2))
    assert shown(host)["index.html"] == state(2)["index.html"].data


def test_a_deploy_that_netlify_cannot_process_is_told_with_its_words(host: Netlify) -> None:
    send(target_at(host), state(1))
    host.fails = "Invalid _redirects\nline 3"
    with pytest.raises(OutsideError, match=r"could not process the deploy: Invalid _redirectsline 3"):
        send(target_at(host), state(2))
    assert shown(host) == contents(state(1))


def test_publishing_that_is_locked_is_told_with_the_address_of_the_deploy(host: Netlify) -> None:
    send(target_at(host), state(1))
    host.locked = True
    with pytest.raises(OutsideError, match=r"lies at http://127.0.0.1:\d+/permalink/\w+, but .* locked"):
        send(target_at(host), state(2))
    assert shown(host) == contents(state(1))


def test_a_file_that_changes_while_it_is_sent_is_never_shown(host: Netlify, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("som det var")
    files = {file.path: file for file in files_in(tmp_path, ["a.html"])}

    def change(method: str, path: str, number: int) -> Fault:
        if method == "POST" and "title" in path:
            (tmp_path / "a.html").write_text("som det ble")
        return Fault.NONE

    host.choose = change
    with pytest.raises(OutsideError, match=r"a\.html has changed while it was being sent"):
        send(target_at(host), files)
    assert shown(host) == {}
    (tmp_path / "a.html").write_text("og så dette")
    with pytest.raises(OutsideError, match=r"a\.html has changed while it was being sent"):
        send(target_at(host), files)


def test_a_deploy_of_somebody_else_meanwhile_is_looked_at_before_ours_is_sent(host: Netlify) -> None:
    send(target_at(host), state(1))
    with target_at(host) as target:
        parcel = parcel_of(state(3), target.look(), "20261125T000000Z-0001", dt.datetime.now(dt.UTC))
        send(target_at(host), state(2))
        target.send(parcel, lambda files, size: None)
    assert shown(host).keys() == {*state(3), f"style.{1:010x}.css", f"style.{2:010x}.css"}


def test_of_deploys_at_once_one_is_shown_and_it_is_whole(host: Netlify) -> None:
    outcomes: list[str] = []

    def deploy(number: int) -> None:
        try:
            send(target_at(host), state(number, more=12))
            outcomes.append("shown")
        except OutsideError as error:
            outcomes.append(str(error))

    threads = [threading.Thread(target=deploy, args=(number,)) for number in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert "shown" in outcomes
    assert all(said == "shown" or "published at the same time" in said for said in outcomes)
    lies = shown(host)
    number = int(lies["index.html"].split()[-1])
    assert {path: lies[path] for path in state(number, 12)} == contents(state(number, 12))


def test_a_deploy_that_is_killed_changes_nothing_and_the_next_sends_the_rest(host: Netlify) -> None:
    send(target_at(host), state(1))
    host.uploads.clear()
    context = multiprocessing.get_context("fork")
    for attempt in range(4):
        worker = context.Process(target=_send, args=(host, 2))
        worker.start()
        end = time.monotonic() + 20
        while len(host.uploads) < 20 * (attempt + 1) and time.monotonic() < end:
            time.sleep(0.002)
        os.kill(worker.pid or 0, signal.SIGKILL)
        worker.join()
        assert shown(host) == contents(state(1))
    sent = len(host.uploads)
    send(target_at(host), state(2, more=200))
    assert len(host.uploads) - sent <= 203 - 60
    assert shown(host)["bilder/199.bin"] == state(2, more=200)["bilder/199.bin"].data


def _send(host: Netlify, number: int) -> None:
    send(target_at(host), state(number, more=200))


@pytest.mark.parametrize("path", ["a#b.html", "a?b.html", "a\\b.html", "a\nb.html"])
def test_names_that_netlify_does_not_take_are_refused(host: Netlify, path: str) -> None:
    with pytest.raises(UsageError, match="cannot be sent"):
        send(target_at(host), files_of({path: "a"}))
    assert host.deploys == {}


@pytest.mark.parametrize(
    ("token", "words"),
    [
        (None, "has no token for Netlify in NETLIFY_AUTH_TOKEN"),
        ("nfp_feil43", "does not take the token in NETLIFY_AUTH_TOKEN"),
        ("nfp\r\nX-Evil: 1", "has no token"),
    ],
)
def test_a_token_that_is_missing_or_wrong_is_told_and_never_shown(
    host: Netlify, monkeypatch: pytest.MonkeyPatch, token: str | None, words: str
) -> None:
    monkeypatch.setenv("NETLIFY_AUTH_TOKEN", token) if token else monkeypatch.delenv("NETLIFY_AUTH_TOKEN")
    with pytest.raises(OutsideError, match=words) as caught:
        send(target_at(host), state(1))
    assert not token or token not in str(caught.value)


def test_a_site_that_is_not_there_is_told(host: Netlify) -> None:
    with pytest.raises(OutsideError, match="knows no such site"):
        send(target_at(host, site="annet"), state(1))


@pytest.mark.parametrize("endpoint", ["http://api.netlify.com/api/v1", "ftp://x", "https://u:p@x/"])
def test_an_address_to_which_a_token_must_not_be_sent_is_refused(host: Netlify, endpoint: str) -> None:
    with pytest.raises(ValueError, match="endpoint"):
        target_at(host, endpoint=endpoint)


def test_over_https_the_certificate_must_be_that_of_netlify(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("api.netlify.com", "annet.example.no"):
        words = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}")
        files = ("-addext", f"subjectAltName=DNS:{name}", "-keyout", "key", "-out", "certificate")
        subprocess.run(["openssl", *words, *files], cwd=tmp_path, check=True, capture_output=True)
        both = tmp_path / name
        both.write_bytes((tmp_path / "key").read_bytes() + (tmp_path / "certificate").read_bytes())
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate"))
        monkeypatch.setenv("NETLIFY_AUTH_TOKEN", TOKEN)
        with netlify(both) as host, Proxy(("127.0.0.1", host.port)) as proxy:
            threading.Thread(target=proxy.serve_forever, args=(0.02,), daemon=True).start()
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.server_address[1]}")
            monkeypatch.setenv("NO_PROXY", "")
            target = NetlifyTarget(
                NetlifySetting.model_validate({"kind": "netlify", "site": host.name}),
                Surroundings(Path("/"), BASE_URL, "sky"),
            )
            if name == "api.netlify.com":
                send(target, state(1))
                assert shown(host) == contents(state(1))
            else:
                with pytest.raises(
                    OutsideError, match=r"certificate of api\.netlify\.com is not to be trusted"
                ):
                    send(target, state(1))
                assert host.asked == []
            proxy.shutdown()


def test_a_token_is_not_sent_to_a_machine_within(host: Netlify) -> None:
    with pytest.raises(OutsideError, match="is not on the public net"):
        send(target_at(host, endpoint=f"https://127.0.0.1:{host.port}/api/v1"), state(1))
    assert host.asked == []


def test_the_command_makes_a_draft_and_then_publishes(
    host: Netlify, tmp_path: Path, command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    site = tmp_path / "blogg"
    assert command("init", site).returncode == 0
    settings = site / "kommunebeta.yaml"
    way = f'kind: netlify, site: {host.name}, endpoint: "{host.endpoint}"'
    settings.write_text(
        settings.read_text("utf-8")
        + f"\ndeploy:\n  default: nett\n  targets:\n    nett: {{{way}}}\n    utkast: {{{way}, draft: true}}\n",
        "utf-8",
    )
    environment = {"NETLIFY_AUTH_TOKEN": TOKEN}
    done = command("deploy", site, "utkast", "--yes", environment=environment)
    assert done.returncode == 0, done.stderr
    assert "/permalink/" in done.stdout
    assert shown(host) == {}
    done = command("deploy", site, "--yes", "--no-build", environment=environment)
    assert done.returncode == 0, done.stderr
    assert "https://beta.example.no" in done.stdout
    assert {"index.html", "_headers"} <= shown(host).keys()
    listed = command("deploy", "list", "nett", "--site", site, environment=environment)
    assert len(listed.stdout.splitlines()) == 1
    assert " 0 files" not in listed.stdout  # Netlify does not tell
    gone = command("deploy", "forget", "nett", "--site", site, "--yes", environment=environment)
    assert gone.stdout == "Removed: earlier releases: 1, files: 0.\n", gone.stderr  # the draft
    assert TOKEN not in done.stdout + done.stderr + listed.stdout
