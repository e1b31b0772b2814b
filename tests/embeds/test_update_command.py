"""«kommunebeta embeds update» as it is typed: through a proxy to a server that speaks for every provider."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from kommunebeta.cli import main
from kommunebeta.embeds.lock import LOCK, read_lock
from tests.embeds.loopback import Net, Proxy, page, picture, recorded

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]

HEAD = "name: Fjordvikbeta\nmunicipality: Fjordvik kommune\n"
YOUTUBE = "https://www.youtube.com/watch?v=fiOwHYFkUz0"
VIMEO = "https://vimeo.com/295211615"
POST = f"""\
---
title: Møte
date: 2026-01-02
video: {YOUTUBE}
---
Se også denne:

::: embed {VIMEO}
title: Storm
:::
"""


@pytest.fixture
def site(make_folder: Callable[..., Path]) -> Path:
    return make_folder({"kommunebeta.yaml": HEAD, "content/posts/a.md": POST})


@pytest.fixture
def run(
    net: Net,
    proxy: Proxy,
    certificate: Path,
    site: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Run the command for the site, with the little internet in place of the large one."""
    net.say("www.youtube.com/oembed", page(recorded("youtube")))
    net.say("vimeo.com/api/oembed.json", page(recorded("vimeo")))
    net.say("i.ytimg.com", page(picture(), kind="image/jpeg"))
    net.say("i.vimeocdn.com", page(picture(700, 400), kind="image/jpeg"))
    monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    def command_for_site(*words: str) -> Done:
        with pytest.raises(SystemExit) as ended:
            main(["embeds", "update", str(site), *words])
        said = capsys.readouterr()
        return Done(words, int(ended.value.code or 0), said.out, said.err)

    return command_for_site


def lock(site: Path) -> dict[str, str]:
    facts, problems = read_lock(site)
    assert problems == ()
    return {url: fact.title for url, fact in facts.items()}


def test_what_the_posts_embed_is_looked_up_and_the_next_time_nothing(run: Run, site: Path, net: Net) -> None:
    done = run()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"+ {VIMEO}",
        f"+ {YOUTUBE}",
        "2 looked up: 2 new or changed, 2 pictures; 0 forgotten, which no post has any more.",
    ]
    assert lock(site) == {VIMEO: "Tempête de boulettes géantes", YOUTUBE: "Prismic January Product Meetup"}
    assert len(list((site / "embeds").iterdir())) == 2
    net.asked.clear()
    done = run()
    assert done.stdout.startswith("0 looked up: 0 new or changed, 0 pictures;")
    assert (done.returncode, net.asked) == (0, [])


def test_a_machine_is_told_in_json(run: Run, site: Path, net: Net) -> None:
    net.say("i.vimeocdn.com", page(status=404))
    net.say("www.youtube.com/oembed", page("<html>"))
    done = run("--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {
        "ok": True,
        "error": "",
        "looked_up": 2,
        "learnt": [VIMEO],
        "forgotten": [],
        "pictures": [],
        "back": [],
        "failures": [
            {
                "url": YOUTUBE,
                "reason": "the answer of www.youtube.com is not JSON that can be read",
                "outside": False,
                "places": [{"path": "content/posts/a.md", "line": 4, "column": 8}],
            }
        ],
        "without_picture": [
            {
                "url": VIMEO,
                "reason": "i.vimeocdn.com answered 404",
                "outside": False,
                "places": [{"path": "content/posts/a.md", "line": 8, "column": 1}],
            }
        ],
        "problems": [],
    }


def test_a_network_that_fails_ends_with_3_and_a_line_for_each_address(
    run: Run, proxy: Proxy, site: Path
) -> None:
    proxy.status = "407 Proxy Authentication Required"
    done = run()
    assert done.returncode == 3
    assert done.stderr.splitlines() == [
        f"content/posts/a.md:8:1: {VIMEO}: the proxy answered 407.",
        f"content/posts/a.md:4:8: {YOUTUBE}: the proxy answered 407.",
    ]
    assert done.stdout.startswith("2 looked up: 0 new or changed, 0 pictures, 2 could not be looked up;")
    assert not (site / LOCK).exists()


def test_a_check_ends_with_1_where_something_is_withdrawn(run: Run, site: Path, net: Net) -> None:
    run()
    assert run("--check").returncode == 0
    net.say("vimeo.com/api/oembed.json", page(status=404))
    done = run("--check")
    assert done.returncode == 1
    assert done.stderr.startswith(
        "content/posts/a.md:8:1: warning KB074: Vimeo does not show «https://vimeo.com"
    )
    assert lock(site)[VIMEO] == "Tempête de boulettes géantes"
    assert json.loads(run("--check", "--format", "json").stdout)["ok"] is False


def test_one_address_is_looked_up_alone(run: Run, site: Path) -> None:
    assert run("--only", YOUTUBE).returncode == 0
    assert list(lock(site)) == [YOUTUBE]
    done = run("--only", "https://vimeo.com/12345")
    assert (done.returncode, done.stderr) == (
        2,
        "Error: «https://vimeo.com/12345» is in no post and no page.\n",
    )


def test_a_post_that_is_gone_takes_its_embeds_with_it(run: Run, site: Path) -> None:
    run()
    (site / "content/posts/a.md").unlink()
    done = run()
    assert done.stdout.splitlines()[:2] == [f"- {VIMEO}", f"- {YOUTUBE}"]
    assert (lock(site), list((site / "embeds").iterdir())) == ({}, [])


def test_nothing_is_forgotten_while_a_text_cannot_be_read(run: Run, site: Path) -> None:
    run()
    (site / "content/posts/a.md").write_text(f"---\ntitle: a\ntitle: b\nvideo: {YOUTUBE}\n---\n")
    done = run()
    assert done.returncode == 1
    assert "content/posts/a.md:3:1: error KB004" in done.stderr
    assert len(lock(site)) == 2


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_broken_lock_ends_with_1_and_its_line(run: Run, site: Path, form: str) -> None:
    (site / LOCK).write_text("# a\nhttps://vimeo.com/1:\n  player: 'javascript:alert(1)'\n")
    done = run("--format", form)
    assert done.returncode == 1
    if form == "json":
        [problem] = json.loads(done.stdout)["problems"]
        assert (problem["code"], problem["path"], problem["line"]) == ("KB075", LOCK, 3)
    else:
        assert done.stderr.startswith(f"{LOCK}:3:11: error KB075: ")


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_folder_that_is_no_site_ends_with_2(run: Run, site: Path, form: str) -> None:
    (site / "kommunebeta.yaml").unlink()
    done = run("--format", form)
    assert done.returncode == 2
    assert "is not a site" in done.stderr
    if form == "json":
        assert "is not a site" in json.loads(done.stdout)["error"]


def test_help_tells_what_to_type(run: Run) -> None:
    done = run("--help")
    assert done.returncode == 0
    assert "Example:\n    kommunebeta embeds update\n" in done.stdout
