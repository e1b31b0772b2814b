"""The update: what is new is learnt, what is known is left alone, and nothing good is lost on the way."""

from __future__ import annotations

import datetime as dt
import ssl
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from kommunebeta.embeds.lock import LOCK, POSTERS, read_lock, write_lock
from kommunebeta.embeds.lookup import Wanted
from kommunebeta.embeds.outcome import UpdateResult
from kommunebeta.embeds.provider import Facts
from kommunebeta.embeds.providers import PROVIDERS
from kommunebeta.embeds.update import update
from kommunebeta.errors import ContentError, Severity, UsageError
from kommunebeta.reporter import Reporter
from kommunebeta.web.workers import each
from tests.embeds.loopback import TODAY, Net, page, picture, recorded

YOUTUBE = "https://www.youtube.com/watch?v=fiOwHYFkUz0"
VIMEO = "https://vimeo.com/295211615"
FLICKR = "https://www.flickr.com/photos/78986993@N00/3372549602"
POST = "content/posts/a.md"
EARLIER = "2026-01-02"
PAST = dt.date(2026, 1, 2)


def wanted(*urls: str, path: str = POST) -> list[Wanted]:
    return [Wanted(url, path, 10 * number, 3) for number, url in enumerate(urls, 1)]


def run(folder: Path, net: Net, embeds: Iterable[Wanted], **more: Any) -> UpdateResult:
    given = {"client": net.client(retries=0), "today": TODAY, "reporter": Reporter(), **more}
    return update(folder, embeds, PROVIDERS, **given)


def lock(folder: Path) -> dict[str, Facts]:
    facts, problems = read_lock(folder)
    assert problems == ()
    return facts


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def all_well(net: Net) -> Net:
    """YouTube, Vimeo and Flickr answer as they do, with a picture each."""
    net.say("www.youtube.com/oembed", page(recorded("youtube")))
    net.say("vimeo.com/api/oembed.json", page(recorded("vimeo")))
    net.say("www.flickr.com/services/oembed/", page(recorded("flickr-free")))
    net.say("i.ytimg.com", page(picture(640, 360), kind="image/jpeg"))
    net.say("i.vimeocdn.com", page(picture(641, 360), kind="image/jpeg"))
    net.say("farm4.staticflickr.com", page(picture(642, 360), kind="image/jpeg"))
    return net


# what is new


def test_what_is_new_is_looked_up_and_kept_with_its_picture(tmp_path: Path, all_well: Net) -> None:
    result = run(tmp_path, all_well, wanted(YOUTUBE, VIMEO))
    facts = lock(tmp_path)
    assert {url: fact.title for url, fact in facts.items()} == {
        YOUTUBE: "Prismic January Product Meetup",
        VIMEO: "Tempête de boulettes géantes",
    }
    assert all(fact.checked == TODAY.isoformat() for fact in facts.values())
    assert files(tmp_path) == sorted([LOCK, *(fact.poster for fact in facts.values())])
    assert (result.asked, result.learnt, result.exit_code) == (2, (VIMEO, YOUTUBE), 0)
    assert result.posters == tuple(sorted(fact.poster for fact in facts.values()))
    assert (result.forgotten, result.failures, result.bare, result.problems) == ((), (), (), ())


def test_one_film_in_many_posts_and_ways_is_asked_for_once(tmp_path: Path, all_well: Net) -> None:
    ways = [YOUTUBE, "https://youtu.be/fiOwHYFkUz0?t=9", "https://www.youtube.com/embed/fiOwHYFkUz0"]
    result = run(tmp_path, all_well, [*wanted(*ways), *wanted(*ways, path="content/b.md")])
    assert result.asked == 1
    assert all_well.times("www.youtube.com/oembed") == 1


def test_what_is_known_is_not_asked_for_again(tmp_path: Path, all_well: Net) -> None:
    run(tmp_path, all_well, wanted(YOUTUBE))
    before = {name: (tmp_path / name).stat() for name in files(tmp_path)}
    all_well.asked.clear()
    result = run(tmp_path, all_well, wanted(YOUTUBE), today=dt.date(2027, 1, 1))
    assert (result.asked, result.learnt, all_well.asked) == (0, (), [])
    assert {name: (tmp_path / name).stat() for name in files(tmp_path)} == before


@pytest.mark.parametrize(
    "facts",
    [
        Facts(title="Old"),
        Facts(title="Old", checked=EARLIER, poster="embeds/youtube-fiowhyfkuz0-0123456789.jpg"),
    ],
    ids=["never seen whole", "its picture is lost"],
)
def test_what_is_known_in_part_is_asked_for_again(tmp_path: Path, all_well: Net, facts: Facts) -> None:
    write_lock(tmp_path, {YOUTUBE: facts})
    assert run(tmp_path, all_well, wanted(YOUTUBE)).learnt == (YOUTUBE,)
    assert lock(tmp_path)[YOUTUBE].title == "Prismic January Product Meetup"


def test_what_no_provider_tells_of_is_passed_over(tmp_path: Path, net: Net) -> None:
    urls = [
        "https://www.example.org/film",
        "https://x.com/fjordvik/status/1234567890",
        "https://www.facebook.com/fjordvik/videos/1",
        "javascript:alert(1)",
        "http://10.0.0.1/",
        "",
    ]
    result = run(tmp_path, net, wanted(*urls))
    assert (result, net.asked, files(tmp_path)) == (UpdateResult(), [], [])


def test_a_site_without_embeds_is_left_alone(tmp_path: Path, net: Net) -> None:
    assert run(tmp_path, net, []) == UpdateResult()
    assert files(tmp_path) == []


# what fails


def test_one_failure_loses_nothing_of_the_others(tmp_path: Path, all_well: Net) -> None:
    all_well.say("vimeo.com/api/oembed.json", page(status=503))
    result = run(tmp_path, all_well, wanted(YOUTUBE, VIMEO, FLICKR))
    assert sorted(lock(tmp_path)) == sorted([YOUTUBE, FLICKR])
    assert [str(failure) for failure in result.failures] == [f"{POST}:20:3: {VIMEO}: vimeo.com answered 503."]
    assert (result.asked, result.exit_code) == (3, 3)


def test_a_failure_leaves_what_was_known(tmp_path: Path, all_well: Net) -> None:
    old = Facts(title="Old", seconds=7)
    write_lock(tmp_path, {YOUTUBE: old})
    all_well.say("www.youtube.com/oembed", page(status=500))
    assert run(tmp_path, all_well, wanted(YOUTUBE)).exit_code == 3
    assert lock(tmp_path) == {YOUTUBE: old}


def test_an_answer_that_is_none_is_told_but_no_fault_of_the_network(tmp_path: Path, all_well: Net) -> None:
    all_well.say("vimeo.com/api/oembed.json", page("<html>"))
    result = run(tmp_path, all_well, wanted(VIMEO))
    assert [failure.outside for failure in result.failures] == [False]
    assert (result.exit_code, lock(tmp_path)) == (0, {})


def test_a_film_whose_picture_fails_is_known_and_its_picture_fetched_next_time(
    tmp_path: Path, all_well: Net
) -> None:
    all_well.say("i.ytimg.com", page(status=503))
    result = run(tmp_path, all_well, wanted(YOUTUBE))
    assert [str(found) for found in result.bare] == [f"{POST}:10:3: {YOUTUBE}: i.ytimg.com answered 503."]
    assert (result.failures, result.exit_code) == ((), 0)
    assert lock(tmp_path)[YOUTUBE].title
    all_well.say("i.ytimg.com", page(picture(), kind="image/jpeg"))
    assert len(run(tmp_path, all_well, wanted(YOUTUBE)).posters) == 1
    assert run(tmp_path, all_well, wanted(YOUTUBE)).asked == 0


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_new_embed_that_is_gone_or_private_is_a_warning_at_each_place(
    tmp_path: Path, all_well: Net, status: int
) -> None:
    all_well.say("www.youtube.com/oembed", page(status=status))
    reporter = Reporter()
    embeds = [*wanted(VIMEO, YOUTUBE), *wanted(YOUTUBE, path="content/b.md")]
    result = run(tmp_path, all_well, embeds, reporter=reporter)
    assert [(p.code, p.place, p.severity) for p in result.problems] == [
        ("KB074", "content/b.md:10:3", Severity.WARNING),
        ("KB074", f"{POST}:20:3", Severity.WARNING),
    ]
    assert reporter.sorted == result.problems
    assert (result.exit_code, lock(tmp_path)[YOUTUBE]) == (0, Facts(removed=True, checked=TODAY.isoformat()))


def test_a_broken_lock_is_never_written_over(tmp_path: Path, all_well: Net) -> None:
    (tmp_path / LOCK).write_text(f"<<<<<<< HEAD\n{VIMEO}:\n  title: a\n")
    with pytest.raises(ContentError, match="KB075"):
        run(tmp_path, all_well, wanted(YOUTUBE))
    assert all_well.asked == []
    assert (tmp_path / LOCK).read_text().startswith("<<<<<<<")


def test_pictures_are_not_written_through_a_link(tmp_path: Path, all_well: Net) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "site" / POSTERS).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="symbolic link"):
        run(tmp_path / "site", all_well, wanted(YOUTUBE))
    assert files(tmp_path) == []


class Interrupted(Reporter):
    """Stops as Ctrl-C does, after the first look-up."""

    def step(self, count: int = 1) -> None:
        raise KeyboardInterrupt


def test_what_was_learnt_before_an_interruption_is_kept(tmp_path: Path, all_well: Net) -> None:
    write_lock(tmp_path, {FLICKR: Facts(title="Old", checked=EARLIER)})
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, all_well, wanted(YOUTUBE, VIMEO), reporter=Interrupted())
    assert time.monotonic() - began < 5
    facts = lock(tmp_path)
    assert len(facts) == 2
    assert FLICKR in facts
    [learnt] = facts.keys() - {FLICKR}
    assert files(tmp_path) == sorted([LOCK, facts[learnt].poster])


# what is in no post any more


def test_what_no_post_has_any_more_is_forgotten_with_its_picture(tmp_path: Path, all_well: Net) -> None:
    run(tmp_path, all_well, wanted(YOUTUBE, VIMEO))
    (tmp_path / POSTERS / "mine.jpg").write_bytes(b"mine")
    result = run(tmp_path, all_well, wanted(VIMEO))
    assert (result.forgotten, result.asked) == ((YOUTUBE,), 0)
    assert list(lock(tmp_path)) == [VIMEO]
    assert files(tmp_path) == sorted([LOCK, lock(tmp_path)[VIMEO].poster, f"{POSTERS}/mine.jpg"])


def test_a_picture_that_another_entry_has_too_stays(tmp_path: Path, all_well: Net) -> None:
    run(tmp_path, all_well, wanted(YOUTUBE))
    known = lock(tmp_path)[YOUTUBE]
    write_lock(tmp_path, {YOUTUBE: known, VIMEO: known})
    run(tmp_path, all_well, wanted(VIMEO))
    assert files(tmp_path) == sorted([LOCK, known.poster])


def test_what_is_withdrawn_but_still_in_a_post_stays_with_its_picture(tmp_path: Path, all_well: Net) -> None:
    run(tmp_path, all_well, wanted(YOUTUBE), today=PAST)
    before = lock(tmp_path)[YOUTUBE]
    all_well.say("www.youtube.com/oembed", page(status=404))
    result = run(tmp_path, all_well, wanted(YOUTUBE), only=YOUTUBE)
    after = lock(tmp_path)[YOUTUBE]
    assert (after.title, after.poster, after.removed) == (before.title, before.poster, True)
    assert (before.checked, after.checked) == (EARLIER, TODAY.isoformat())
    assert files(tmp_path) == sorted([LOCK, before.poster])
    assert [problem.code for problem in result.problems] == ["KB074"]


# one address


def test_one_address_is_looked_up_anew_and_nothing_else_touched(tmp_path: Path, all_well: Net) -> None:
    old = {url: Facts(title="Old", checked=EARLIER) for url in (YOUTUBE, VIMEO, FLICKR)}
    write_lock(tmp_path, old)
    result = run(tmp_path, all_well, wanted(YOUTUBE, VIMEO), only="https://youtu.be/fiOwHYFkUz0")
    assert (result.asked, result.learnt, result.forgotten) == (1, (YOUTUBE,), ())
    assert lock(tmp_path) == {**old, YOUTUBE: lock(tmp_path)[YOUTUBE]}
    assert lock(tmp_path)[YOUTUBE].title == "Prismic January Product Meetup"


def test_a_new_picture_takes_the_place_of_the_old(tmp_path: Path, all_well: Net) -> None:
    run(tmp_path, all_well, wanted(YOUTUBE))
    before = lock(tmp_path)[YOUTUBE].poster
    all_well.say("i.ytimg.com", page(picture(800, 450), kind="image/jpeg"))
    run(tmp_path, all_well, wanted(YOUTUBE), only=YOUTUBE)
    after = lock(tmp_path)[YOUTUBE].poster
    assert before != after
    assert files(tmp_path) == sorted([LOCK, after])


def test_a_picture_that_cannot_be_had_again_stays(tmp_path: Path, all_well: Net) -> None:
    run(tmp_path, all_well, wanted(YOUTUBE))
    before = lock(tmp_path)[YOUTUBE].poster
    all_well.say("i.ytimg.com", page(status=404))
    run(tmp_path, all_well, wanted(YOUTUBE), only=YOUTUBE)
    assert lock(tmp_path)[YOUTUBE].poster == before
    assert files(tmp_path) == sorted([LOCK, before])


def test_a_picture_that_may_not_be_kept_any_more_goes(tmp_path: Path, all_well: Net) -> None:
    run(tmp_path, all_well, wanted(FLICKR))
    assert len(files(tmp_path)) == 2
    all_well.say("www.flickr.com/services/oembed/", page(recorded("flickr-reserved")))
    run(tmp_path, all_well, wanted(FLICKR), only=FLICKR)
    assert lock(tmp_path)[FLICKR].licence == "All Rights Reserved"
    assert files(tmp_path) == [LOCK]


@pytest.mark.parametrize(
    ("only", "said"),
    [
        ("https://www.example.org/film", "knows"),
        ("nonsense", "knows"),
        (VIMEO, "in no post"),
        ("https://x.com/fjordvik/status/1234567890", "nothing that could be looked up"),
    ],
)
def test_an_address_that_cannot_be_looked_up_is_a_wrong_use(
    tmp_path: Path, net: Net, only: str, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        run(tmp_path, net, wanted(YOUTUBE, "https://x.com/fjordvik/status/1234567890"), only=only)
    assert (net.asked, files(tmp_path)) == ([], [])


# checks


def test_a_check_that_finds_all_well_touches_nothing(tmp_path: Path, all_well: Net) -> None:
    run(tmp_path, all_well, wanted(YOUTUBE, VIMEO), today=PAST)
    before = {name: (tmp_path / name).stat() for name in files(tmp_path)}
    changed = {**recorded("youtube"), "title": "Another title"}
    all_well.say("www.youtube.com/oembed", page(changed))
    all_well.asked.clear()
    result = run(tmp_path, all_well, wanted(YOUTUBE, VIMEO), check=True)
    assert (result.asked, result.learnt, result.exit_code) == (2, (), 0)
    assert {name: (tmp_path / name).stat() for name in files(tmp_path)} == before
    assert {url.partition("/")[0] for url in all_well.asked} == {"www.youtube.com", "vimeo.com"}


def test_a_check_marks_what_is_withdrawn_and_names_every_post(tmp_path: Path, all_well: Net) -> None:
    run(tmp_path, all_well, wanted(YOUTUBE, VIMEO), today=PAST)
    before = lock(tmp_path)
    all_well.say("vimeo.com", page(status=404))
    all_well.say("vimeo.com/api/oembed.json", page(status=403))
    embeds = [*wanted(YOUTUBE, VIMEO), *wanted(VIMEO, path="content/b.md")]
    for _ in range(2):  # it is told again until somebody mends the posts
        result = run(tmp_path, all_well, embeds, check=True)
        assert [problem.place for problem in result.problems] == ["content/b.md:10:3", f"{POST}:20:3"]
        assert result.exit_code == 1
    after = lock(tmp_path)
    assert after[YOUTUBE] == before[YOUTUBE]
    assert (after[VIMEO].removed, after[VIMEO].checked) == (True, TODAY.isoformat())
    assert (after[VIMEO].title, after[VIMEO].poster) == (before[VIMEO].title, before[VIMEO].poster)
    assert set(files(tmp_path)) == {LOCK, before[VIMEO].poster, before[YOUTUBE].poster}


def test_a_check_unmarks_what_is_back(tmp_path: Path, all_well: Net) -> None:
    write_lock(tmp_path, {YOUTUBE: Facts(title="Old", removed=True, checked=EARLIER)})
    result = run(tmp_path, all_well, wanted(YOUTUBE), check=True)
    assert (result.back, result.exit_code) == ((YOUTUBE,), 0)
    assert lock(tmp_path) == {YOUTUBE: Facts(title="Old", checked=TODAY.isoformat())}


def test_a_check_neither_learns_nor_forgets(tmp_path: Path, all_well: Net) -> None:
    old = {FLICKR: Facts(title="Old", checked=EARLIER, poster="embeds/flickr-1-0123456789.jpg")}
    write_lock(tmp_path, old)
    result = run(tmp_path, all_well, wanted(YOUTUBE), check=True)
    assert (result.asked, result.learnt, result.forgotten) == (1, (), ())
    assert lock(tmp_path) == old


def test_a_check_forgives_a_network_that_fails_for_some(tmp_path: Path, all_well: Net) -> None:
    run(tmp_path, all_well, wanted(YOUTUBE, VIMEO))
    before = lock(tmp_path)
    all_well.say("vimeo.com/api/oembed.json", page(status=503))
    result = run(tmp_path, all_well, wanted(YOUTUBE, VIMEO), check=True)
    assert ([failure.url for failure in result.failures], result.exit_code) == ([VIMEO], 0)
    all_well.say("www.youtube.com/oembed", page(status=503))
    assert run(tmp_path, all_well, wanted(YOUTUBE, VIMEO), check=True).exit_code == 3
    assert lock(tmp_path) == before


def test_one_address_can_be_checked(tmp_path: Path, all_well: Net) -> None:
    all_well.say("vimeo.com/api/oembed.json", page(status=410))
    result = run(tmp_path, all_well, wanted(YOUTUBE, VIMEO), only=VIMEO, check=True)
    assert (result.asked, result.exit_code) == (1, 1)


# many


def test_many_are_looked_up_at_once_but_never_three_of_one_host(tmp_path: Path, net: Net) -> None:
    names = [f"film{number:07}" for number in range(40)]

    def slow(handler: Any) -> None:
        time.sleep(0.02)
        page({"type": "video", "title": "a"})(handler)

    net.say("www.youtube.com", slow)
    net.say("vimeo.com", slow)
    urls = [f"https://youtu.be/{name}" for name in names] + [
        f"https://vimeo.com/{n}" for n in range(10_000, 10_010)
    ]
    result = run(tmp_path, net, wanted(*urls), client=net.client(retries=0, total=1))
    assert (result.asked, result.failures) == (50, ())
    assert len(lock(tmp_path)) == 50
    assert max(net.most.values()) == 2
    assert {url.partition("/")[0] for url in net.asked[:4]} >= {"www.youtube.com", "vimeo.com"}


def test_progress_is_told(tmp_path: Path, all_well: Net) -> None:
    class Told(Reporter):
        def __init__(self) -> None:
            super().__init__()
            self.said: list[object] = []

        def stage(self, name: str, total: int) -> None:
            self.said.append((name, total))

        def step(self, count: int = 1) -> None:
            self.said.append(count)

    reporter = Told()
    run(tmp_path, all_well, wanted(YOUTUBE, VIMEO), reporter=reporter)
    assert reporter.said == [("look up", 2), 1, 1]


# the threads


def test_each_item_is_worked_on_once_by_so_many_at_most() -> None:
    now, most, lock_ = 0, 0, threading.Lock()
    four = threading.Barrier(4, timeout=60)

    def work(item: int) -> int:
        nonlocal now, most
        with lock_:
            now += 1
            most = max(most, now)
        four.wait()  # so many work at once, or this never ends
        with lock_:
            now -= 1
        return item * 2

    assert sorted(each(work, range(20), 4)) == [(number, number * 2) for number in range(20)]
    assert most == 4
    assert list(each(work, [], 4)) == []


def test_what_the_work_raises_arrives_and_nothing_new_is_begun() -> None:
    begun: list[int] = []
    gate = threading.Event()

    def work(item: int) -> int:
        begun.append(item)
        if item == 2:
            raise ZeroDivisionError
        if item > 2:
            gate.wait(2)
        return item

    with pytest.raises(ZeroDivisionError):
        list(each(work, range(1000), 1))
    gate.set()
    time.sleep(0.02)
    assert begun in ([0, 1, 2], [0, 1, 2, 3])


def test_a_certificate_that_is_not_trusted_is_a_fault_of_the_network(tmp_path: Path, net: Net) -> None:
    client = net.client(context=ssl.create_default_context())
    result = run(tmp_path, net, wanted(YOUTUBE), client=client)
    assert [failure.reason for failure in result.failures] == [
        "the certificate of www.youtube.com is not to be trusted"
    ]
    assert result.exit_code == 3
