"""The lock: what is written is read back the same, and nothing hostile ever comes out of it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kommunebeta.embeds.lock import LOCK, is_address, is_player, put, read_lock, sound, write_lock
from kommunebeta.embeds.provider import Facts, plain_text
from kommunebeta.errors import Severity

Make = Callable[..., Path]
FILM = "https://www.youtube.com/watch?v=fiOwHYFkUz0"
FULL = Facts(
    title="Åpning av «svømmehallen»: del 1",
    author="Fjordvik kommune",
    author_url="https://www.youtube.com/@fjordvik",
    width=1280,
    height=720,
    seconds=95,
    count=22,
    licence="CC BY 4.0",
    licence_url="https://creativecommons.org/licenses/by/4.0/",
    uploaded="2026-05-17",
    player="key/rdOzN9kr1yK5eE",
    poster="embeds/youtube-fiowhyfkuz0-0123456789.jpg",
    removed=True,
    checked="2026-11-05",
)


def read(make_folder: Make, text: str | bytes) -> tuple[dict[str, Facts], list[tuple[int, int, str]]]:
    """What is known, and line, column and message of each fault."""
    facts, problems = read_lock(make_folder({LOCK: text}))
    for problem in problems:
        assert (problem.code, problem.path, problem.severity) == ("KB075", LOCK, Severity.ERROR)
        assert "version control" in problem.mend
    return facts, [(problem.line, problem.column, problem.message) for problem in problems]


# written and read


def test_a_site_without_a_lock_knows_nothing(tmp_path: Path) -> None:
    assert read_lock(tmp_path) == ({}, ())


def test_every_fact_is_kept(tmp_path: Path) -> None:
    assert all(getattr(FULL, field.name) for field in fields(Facts))
    write_lock(tmp_path, {FILM: FULL})
    assert read_lock(tmp_path) == ({FILM: FULL}, ())


def test_a_lock_is_short_and_sorted_and_says_what_it_is(tmp_path: Path) -> None:
    write_lock(tmp_path, {"https://vimeo.com/1": Facts(), FILM: Facts(title="Møte", removed=True)})
    text = (tmp_path / LOCK).read_text(encoding="utf-8")
    head, _, rest = text.partition("\n\n")
    assert all(line.startswith("# ") for line in head.splitlines())
    assert "Commit this file" in head
    assert rest == f'"https://vimeo.com/1": {{}}\n\n"{FILM}":\n  title: "Møte"\n  removed: true\n'


def test_the_order_in_which_things_were_learnt_makes_no_difference(tmp_path: Path) -> None:
    texts = []
    for urls in (("a", "b", "c"), ("c", "a", "b")):
        write_lock(tmp_path, {f"https://{url}.example.org/": Facts(title=url) for url in urls})
        texts.append((tmp_path / LOCK).read_bytes())
    assert texts[0] == texts[1]


def test_a_lock_that_says_the_same_is_not_touched(tmp_path: Path) -> None:
    assert write_lock(tmp_path, {FILM: FULL})
    before = (tmp_path / LOCK).stat()
    assert not write_lock(tmp_path, {FILM: FULL})
    assert (tmp_path / LOCK).stat() == before
    assert write_lock(tmp_path, {FILM: replace(FULL, removed=False)})


def test_line_ends_of_windows_are_no_change(tmp_path: Path) -> None:
    write_lock(tmp_path, {FILM: FULL})
    text = (tmp_path / LOCK).read_bytes().replace(b"\n", b"\r\n")
    (tmp_path / LOCK).write_bytes(text)
    assert read_lock(tmp_path) == ({FILM: FULL}, ())
    assert not write_lock(tmp_path, {FILM: FULL})


def test_a_site_without_embeds_gets_no_lock_and_one_that_had_some_an_empty_one(tmp_path: Path) -> None:
    assert not write_lock(tmp_path, {})
    assert list(tmp_path.iterdir()) == []
    write_lock(tmp_path, {FILM: FULL})
    assert write_lock(tmp_path, {})
    assert read_lock(tmp_path) == ({}, ())


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    write_lock(tmp_path, {FILM: FULL})
    (tmp_path / f".{LOCK}.{os.getpid()}.tmp").mkdir()
    with pytest.raises(OSError):  # noqa: PT011 - which one depends on the system
        write_lock(tmp_path, {})
    assert read_lock(tmp_path)[0] == {FILM: FULL}


def test_a_file_is_never_written_through_a_link(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("mine")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / f".a.{os.getpid()}.tmp").symlink_to(secret)
    (tmp_path / "site" / "a").symlink_to(secret)
    put(tmp_path / "site" / "a", b"theirs")
    assert secret.read_text() == "mine"
    assert (tmp_path / "site" / "a").read_bytes() == b"theirs"


@pytest.mark.parametrize(
    "title",
    [
        "no", "Yes", "on", "true", "null", "~", "12:30", "0123", "1e3", "-1", ".5", "2026-05-17", "0x10", "1_000",
        "a: b", "- a", "# a", "a #b", "@a", "`a`", "%a", "*a", "&a", "!!str a", "[a", "{a}", "'", '"', "\\n", "|",
        ">", "?", "a\\", "«æøå»", "áčđŋšŧž", "😀", "=", "<<", "---", "...", "${HOME}", "{{ x }}", "<b>",
    ],
)  # fmt: skip
def test_a_title_stays_a_text_whatever_it_looks_like(tmp_path: Path, title: str) -> None:
    facts = {FILM: Facts(title=title, author=title)}
    write_lock(tmp_path, facts)
    assert read_lock(tmp_path) == (facts, ())
    other = yaml.safe_load((tmp_path / LOCK).read_text(encoding="utf-8"))
    assert other == {FILM: {"title": title, "author": title}}


def test_an_address_longer_than_yaml_allows_for_a_key_is_kept(tmp_path: Path) -> None:
    facts = {f"https://tv.example.org/{'a' * 1900}": FULL, FILM: FULL}
    write_lock(tmp_path, facts)
    assert read_lock(tmp_path) == (facts, ())


numbers = st.integers(0, 100_000)
words = st.text(max_size=400).map(plain_text)
addresses = st.text(max_size=30).map(lambda text: f"https://a.example.org/{text}").filter(is_address)


@settings(max_examples=40)
@given(
    st.dictionaries(
        addresses,
        st.builds(
            Facts,
            title=words,
            author=words,
            author_url=st.just("") | addresses,
            width=numbers,
            height=numbers,
            seconds=numbers,
            count=numbers,
            licence=words,
            licence_url=st.just("") | addresses,
            uploaded=st.just("") | st.dates().map(str),
            player=st.just("") | addresses | st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True),
            poster=st.just("") | st.just(FULL.poster),
            removed=st.booleans(),
            checked=st.just("") | st.dates().map(str),
        ),
        max_size=4,
    )
)
def test_whatever_is_sound_is_read_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, facts: dict[str, Facts]
) -> None:
    folder = tmp_path_factory.mktemp("lock")
    write_lock(folder, facts)
    assert read_lock(folder) == (facts, ())


# what no lock may hold


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("author_url: javascript:alert(1)", "https://"),
        ("author_url: http://a.example.org/", "https://"),
        ("author_url: //a.example.org/", "https://"),
        ("author_url: https://user@a.example.org/", "https://"),
        ("author_url: https://127.0.0.1/", "https://"),
        ('author_url: "https://a.example.org/\\u202Etxt"', "https://"),
        ("licence_url: data:text/html,x", "https://"),
        ("player: javascript:alert(1)", "player"),
        ("player: //evil/x", "player"),
        ("player: /x", "player"),
        ("player: ../x", "player"),
        ("player: key/a?x=1", "player"),
        ('player: "\\"><script>"', "player"),
        ("player: http://a.example.org/", "player"),
        ("poster: ../../etc/passwd", "picture"),
        ("poster: embeds/../content/a.jpg", "picture"),
        ("poster: embeds/a/b.jpg", "picture"),
        ("poster: /embeds/a.jpg", "picture"),
        ("poster: embeds/a.svg", "picture"),
        ("poster: embeds/.a.jpg", "picture"),
        ("poster: https://a.example.org/a.jpg", "picture"),
        ("uploaded: 2026-13-01", "month"),
        ("uploaded: <b>", "2026-05-17"),
        ("checked: 20261105", "2026-05-17"),
        ("checked: yesterday", "2026-05-17"),
        ("width: wide", "whole number"),
        ("width: -1", "out of bounds"),
        ("height: 99999999999999999999", "out of bounds"),
        ("seconds: 1e9", "whole number"),
        ("removed: maybe", "true nor false"),
        ("author: [a]", "text"),
        ("author: {a: b}", "text"),
        ("html: <script>", "not known"),
        ("titel: a", "not known"),
    ],
)
def test_a_value_that_is_not_sound_is_a_fault_at_its_place(make_folder: Make, line: str, said: str) -> None:
    facts, faults = read(make_folder, f"{FILM}:\n  title: a\n  {line}\nhttps://vimeo.com/1:\n  title: b\n")
    assert facts == {"https://vimeo.com/1": Facts(title="b")}
    [(number, column, message)] = faults
    assert (number, column) == (
        3,
        3 if "not known" in said else len(line.partition(" ")[0]) + 4,
    )
    assert said in message
    assert FILM in message


def test_signs_that_hide_are_taken_out_of_texts(make_folder: Make) -> None:
    text = f'{FILM}:\n  title: "a\\u202Eb\\u200Bc\\0d"\n  author: "  x\\ty  "\n  licence: "{"l" * 900}"\n'
    facts, faults = read(make_folder, text)
    assert faults == []
    assert (facts[FILM].title, facts[FILM].author) == ("a b c d", "x y")
    assert len(facts[FILM].licence) == 300


@pytest.mark.parametrize(
    "key",
    [
        "javascript:alert(1)",
        "http://vimeo.com/1",
        "content/posts/a.md",
        "https://localhost/",
        '"\\u202E"',
        "title",
    ],
)
def test_an_entry_under_something_else_than_an_address_is_a_fault(make_folder: Make, key: str) -> None:
    facts, faults = read(make_folder, f"# a\n{key}:\n  title: a\n")
    assert facts == {}
    assert [(line, column) for line, column, _ in faults] == [(2, 1)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"<<<<<<< ours\n{FILM}:\n  title: a\n=======\n{FILM}:\n  title: b\n>>>>>>> theirs\n", 2),
        (f'{FILM}:\n  title: "a\n', 3),
        (f"{FILM}:\n\ttitle: a\n", 2),
        ("- a\n- b\n", 1),
        ("just words\n", 1),
        (f"{FILM}: words\n", 1),
        (f"{FILM}:\n  - a\n", 2),
        ("a: &a [*a]\n", 1),
        (f"{FILM}: &x\n  title: a\n---\nb: 1\n", 3),
        ("a: " + "[" * 200 + "\n", 1),
    ],
    ids=["merge", "quote", "tab", "list", "words", "entry of words", "entry list", "alias", "two", "deep"],
)
def test_a_damaged_lock_is_a_fault_with_a_line(make_folder: Make, text: str, line: int) -> None:
    facts, faults = read(make_folder, text)
    assert facts == {}
    assert [found[0] for found in faults] == [line]


def test_an_entry_that_stands_twice_is_a_fault(make_folder: Make) -> None:
    _, faults = read(make_folder, f"{FILM}:\n  title: a\n{FILM}:\n  title: b\n")
    assert [found[:2] for found in faults] == [(3, 1)]


def test_every_fault_is_told_at_once(make_folder: Make) -> None:
    text = (
        f"{FILM}:\n  width: x\n  player: ' '\n  poster: a\nhttps://vimeo.com/1:\n  titel: b\nx:\n  title: a\n"
    )
    facts, faults = read(make_folder, text)
    assert facts == {}
    assert [line for line, _, _ in faults] == [2, 4, 6, 7]


@pytest.mark.parametrize("data", [b"\xff\xfe", b"\x00", b"a: \x07\n"])
def test_a_lock_that_is_no_text_is_a_fault(make_folder: Make, data: bytes) -> None:
    facts, faults = read(make_folder, data)
    assert facts == {}
    assert len(faults) == 1


def test_a_lock_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / LOCK).mkdir()
    facts, problems = read_lock(tmp_path)
    assert (facts, [problem.code for problem in problems]) == ({}, ["KB075"])


def test_an_empty_value_is_no_value(make_folder: Make) -> None:
    assert read(make_folder, f"{FILM}:\n  title:\nhttps://vimeo.com/1:\n") == (
        {FILM: Facts(), "https://vimeo.com/1": Facts()},
        [],
    )


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_at_all_are_facts_or_faults(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.mktemp("lock")
    (folder / LOCK).write_bytes(data)
    facts, problems = read_lock(folder)
    assert all(is_address(url) for url in facts)
    assert all(problem.code == "KB075" for problem in problems)


json_like: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from([field.name for field in fields(Facts)]), json_like, max_size=5))
def test_any_values_at_all_come_out_harmless(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, Any]
) -> None:
    folder = tmp_path_factory.mktemp("lock")
    (folder / LOCK).write_text(json.dumps({FILM: values}), encoding="utf-8")
    facts, problems = read_lock(folder)
    assert problems or FILM in facts
    for fact in facts.values():
        assert sound(fact) == fact
        assert fact.title == plain_text(fact.title)


@pytest.mark.parametrize("text", ["key/a-B_9", "123", "https://tv.example.org/embed/1?a=b"])
def test_a_player_is_a_code_or_an_address(text: str) -> None:
    assert is_player(text)


def test_what_is_not_sound_is_dropped_before_it_is_written() -> None:
    bad = Facts(title="a", author_url="https://a.example.org/\ud800", licence_url="data:x", player='"x"')
    assert sound(bad) == Facts(title="a")
    assert sound(FULL) == FULL
