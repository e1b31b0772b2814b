"""What a text embeds, from its address, the writer's words, the lock and the site's own files."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from PIL import Image

from kommunebeta.build import BuildOptions, BuildResult, build
from kommunebeta.config import read_settings
from kommunebeta.content import parse_file
from kommunebeta.embeds.lock import read_lock
from kommunebeta.embeds.resolve import Embeds, frame_origins
from kommunebeta.embeds.texts import EntryEmbeds, ResolvedEmbeds
from kommunebeta.embeds.wanted import wanted_embeds
from kommunebeta.errors import ContentError, Problem, Severity
from kommunebeta.media import Media
from kommunebeta.model import Embed, EmbedKind
from kommunebeta.reporter import Reporter

Make = Callable[..., Path]
Resolve = Callable[..., tuple[EntryEmbeds, list[Problem]]]
HEAD = "name: Fjordvikbeta\nmunicipality: Fjordvik kommune\nbase_url: https://beta.fjordvik.example/\n"
SOURCE = "content/posts/film/index.md"
FILM = "https://www.youtube.com/watch?v=aaaaaaaaaaa"
LOCK = f"""\
{FILM}:
  title: Filmen om kommunen
  author: Fjordvik kommune
  author_url: https://www.youtube.com/@fjordvik
  seconds: 185
  poster: embeds/film.jpg
  checked: "2026-05-01"
https://vimeo.com/12345678:
  title: Borte
  removed: true
"""


def jpeg(size: tuple[int, int] = (640, 360)) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", size, "teal").save(stream, "JPEG")
    return stream.getvalue()


@pytest.fixture
def resolve(make_folder: Make) -> Resolve:
    """The embeds of one post, and the problems that they have."""

    def run(
        body: str = "", front: str = "", files: Mapping[str, str | bytes] | None = None, settings: str = ""
    ) -> tuple[EntryEmbeds, list[Problem]]:
        text = f"---\ntitle: A\ndate: 2026-01-02\n{front}---\n{body}"
        folder = make_folder({"kommunebeta.yaml": HEAD + settings, SOURCE: text, **(files or {})})
        found = read_settings(folder)[0]
        facts, faults = read_lock(folder)
        parsed = parse_file(folder, SOURCE, "nb")
        assert parsed.entry is not None, parsed.problems
        problems = [*faults, *parsed.problems]
        embeds = ResolvedEmbeds(Embeds(found, facts, Media(folder, found.pictures)), problems)
        return embeds.of(parsed.entry), problems

    return run


def one(found: tuple[EntryEmbeds, list[Problem]]) -> Embed:
    (embed,) = found[0].body
    return embed


def codes(problems: list[Problem]) -> list[str]:
    return [problem.code for problem in problems]


def test_a_film_works_without_a_look_up(resolve: Resolve) -> None:
    embed = one(resolve("https://youtu.be/aaaaaaaaaaa?t=1m30s\n"))
    assert (embed.kind, embed.provider, embed.receiver) == (EmbedKind.FILM, "YouTube", "Google")
    assert embed.frame.startswith("https://www.youtube-nocookie.com/embed/aaaaaaaaaaa?start=90")
    assert (embed.title, embed.poster, embed.width, embed.height) == ("", None, 16, 9)


def test_what_was_looked_up_is_shown(resolve: Resolve) -> None:
    files = {"embeds.lock.yaml": LOCK, "embeds/film.jpg": jpeg()}
    embed = one(resolve(f"{FILM}\n", files=files))
    assert (embed.title, embed.author, embed.seconds) == ("Filmen om kommunen", "Fjordvik kommune", 185)
    assert embed.poster is not None
    assert (embed.poster.source, embed.poster.width) == ("embeds/film.jpg", 640)


def test_the_writers_words_come_first(resolve: Resolve) -> None:
    body = f"::: embed {FILM}\ntitle: Vår tittel\nauthor: Rådhuset\nposter: p.jpg\naspect: '4:3'\nstart: 5\n:::\n"
    files = {"embeds.lock.yaml": LOCK, "embeds/film.jpg": jpeg(), "content/posts/film/p.jpg": jpeg((80, 60))}
    embed = one(resolve(body, files=files))
    assert (embed.title, embed.author, embed.width, embed.height) == ("Vår tittel", "Rådhuset", 4, 3)
    assert embed.poster is not None
    assert embed.poster.source == "content/posts/film/p.jpg"
    assert "start=5" in embed.frame


def test_a_poster_that_is_gone_or_no_picture_is_done_without(resolve: Resolve) -> None:
    assert one(resolve(f"{FILM}\n", files={"embeds.lock.yaml": LOCK})).poster is None
    files = {"embeds.lock.yaml": LOCK, "embeds/film.jpg": b"ikke et bilde"}
    assert one(resolve(f"{FILM}\n", files=files)).poster is None


def test_an_address_that_nobody_knows_is_a_card_with_its_host(resolve: Resolve) -> None:
    embed = one(resolve("https://www.regjeringen.no/no/dokumenter/x/id123/\n"))
    assert (embed.kind, embed.provider, embed.title) == (EmbedKind.LINK, "regjeringen.no", "")
    assert (embed.url, embed.frame) == ("https://www.regjeringen.no/no/dokumenter/x/id123/", "")


def test_a_film_and_slides_stand_at_the_head(resolve: Resolve) -> None:
    front = (
        "video: https://youtu.be/aaaaaaaaaaa\n"
        "lysark: {url: https://www.slideshare.net/slideshow/plan/12345678, tittel: Planen, lysark: 3, beskrivelse: Tre bilder}\n"
    )
    found, problems = resolve("Tekst.\n", front)
    assert found.video is not None
    assert found.slides is not None
    assert (found.video.provider, found.slides.title) == ("YouTube", "Planen")
    assert found.slides.frame.endswith("embed_code/12345678?startSlide=3")
    assert [(problem.code, problem.line, problem.column) for problem in problems] == [("KB072", 4, 8)]


def test_off_leaves_all_as_links(resolve: Resolve) -> None:
    found, problems = resolve(f"{FILM}\n\n::: embed {FILM}\ntitle: Film\n:::\n", "embeds: off\n")
    assert (found.body, problems) == ((), [])


@pytest.mark.parametrize(
    ("name", "kind", "media_type"),
    [
        ("a.mp4", EmbedKind.FILM, "video/mp4"),
        ("a.mp3", EmbedKind.SOUND, "audio/mpeg"),
        ("a.pdf", EmbedKind.DOCUMENT, "application/pdf"),
        ("a.odt", EmbedKind.DOCUMENT, "application/octet-stream"),
    ],
)
def test_a_file_of_the_site(resolve: Resolve, name: str, kind: EmbedKind, media_type: str) -> None:
    embed = one(resolve(f"::: embed {name}\n:::\n", files={f"content/posts/film/{name}": b"12345"}))
    assert (embed.kind, embed.media_type, embed.size, embed.title) == (kind, media_type, 5, name)
    assert embed.is_local
    assert embed.url.startswith("/files/")


def test_captions_that_lie_beside_a_film_are_found(resolve: Resolve) -> None:
    files = {"content/posts/film/å.mp4": b"x", "content/posts/film/å.vtt": "WEBVTT\n"}
    found, problems = resolve("::: embed %C3%A5.mp4\n:::\n", files=files)
    assert found.body[0].track.endswith(".vtt")
    assert problems == []


def test_captions_may_be_named(resolve: Resolve) -> None:
    files = {"content/posts/film/a.mp4": b"x", "static/tekst.vtt": "WEBVTT\n"}
    embed = one(resolve("::: embed a.mp4\ncaptions: /tekst.vtt\n:::\n", files=files))
    assert embed.track == "/tekst.vtt"


def test_a_transcript_in_markdown_is_shown_as_safe_html(resolve: Resolve) -> None:
    text = "# Hei\n\nVi sier *velkommen*.\n\n<script>alert(1)</script> [x](javascript:alert(1))\n"
    files = {"content/posts/film/avskrift.md": text}
    found, problems = resolve(f"::: embed {FILM}\ntranscript: avskrift.md\n:::\n", files=files)
    assert "<em>velkommen</em>" in found.body[0].transcript
    assert "<script" not in found.body[0].transcript
    assert 'href="javascript' not in found.body[0].transcript
    assert problems == []


def test_another_transcript_is_linked(resolve: Resolve) -> None:
    files = {"static/avskrift.pdf": b"%PDF"}
    assert (
        one(resolve(f"::: embed {FILM}\ntranscript: /avskrift.pdf\n:::\n", files=files)).transcript_url
        == "/avskrift.pdf"
    )
    embed = one(resolve(f"::: embed {FILM}\ntranscript: https://example.org/t\n:::\n"))
    assert (embed.transcript, embed.transcript_url) == ("", "https://example.org/t")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ("captions: borte.vtt", "KB030"),
        ("transcript: borte.md", "KB030"),
        ("poster: borte.jpg", "KB032"),
        ("poster: ../../../../../etc/passwd", "KB032"),
        ("transcript: ../../../kommunebeta.yaml", "KB030"),
        ("poster: odelagt.jpg", "KB033"),
        ("transcript: latin.md", "KB001"),
    ],
)
def test_a_file_that_is_named_but_not_there_is_an_error_at_its_place(
    resolve: Resolve, options: str, code: str
) -> None:
    files = {"content/posts/film/odelagt.jpg": b"x", "content/posts/film/latin.md": b"\xe6"}
    _, problems = resolve(f"Tekst.\n\n::: embed {FILM}\n{options}\n:::\n", files=files)
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    assert [(problem.code, problem.path, problem.line) for problem in errors] == [(code, SOURCE, 7)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (FILM, ["KB072"]),
        (f"::: embed {FILM}\ncaptions: nei\n:::", ["KB072"]),
        (f"::: embed {FILM}\nteksting: ja\n:::", []),
        ("https://soundcloud.com/fjordvik/mote", ["KB072"]),
        ("https://www.slideshare.net/slideshow/plan/12345678", ["KB073"]),
        ("::: embed https://www.slideshare.net/slideshow/plan/12345678\ndescription: Tre bilder\n:::", []),
        ("https://www.openstreetmap.org/#map=15/59.9/10.6", ["KB073"]),
        ("https://vimeo.com/12345678", ["KB074"]),
        ("https://example.org/", []),
        ("https://x.com/fjordvik/status/1234567890", []),
    ],
)
def test_what_those_need_who_do_not_see_or_hear_is_asked_for(
    resolve: Resolve, body: str, expected: list[str]
) -> None:
    _, problems = resolve(body + "\n", files={"embeds.lock.yaml": LOCK})
    assert codes(problems) == expected
    assert all(problem.severity is Severity.WARNING and problem.line == 5 for problem in problems)


def test_a_withdrawn_film_keeps_its_words_and_plays_no_more(resolve: Resolve) -> None:
    embed = one(resolve("https://vimeo.com/12345678\n", files={"embeds.lock.yaml": LOCK}))
    assert (embed.title, embed.removed, embed.is_played) == ("Borte", True, False)
    assert frame_origins([embed]) == ()


WEB_TV = """\
embeds:
  providers:
    - name: Fjordvik nett-tv
      match: "https://tv.fjordvik.example/mote/{id}"
      iframe: "https://tv.fjordvik.example/embed/{id}?start={start}"
      title: {nb: Kommunestyremøte, nn: Kommunestyremøte på nynorsk}
      privacy: Filmen ligger hos Fjordvik kommune.
"""


def test_a_provider_is_added_by_settings_alone(resolve: Resolve) -> None:
    embed = one(resolve("https://tv.fjordvik.example/mote/2026-05?t=90\n", settings=WEB_TV))
    assert (embed.provider, embed.provider_id) == ("Fjordvik nett-tv", "fjordvik-nett-tv")
    assert embed.frame == "https://tv.fjordvik.example/embed/2026-05?start=90"
    assert (embed.title, embed.privacy) == ("Kommunestyremøte", "Filmen ligger hos Fjordvik kommune.")
    assert frame_origins([embed]) == ("https://tv.fjordvik.example",)
    nynorsk = one(resolve("https://tv.fjordvik.example/mote/1\n", "lang: nn\n", settings=WEB_TV))
    assert nynorsk.title == "Kommunestyremøte på nynorsk"


# Whole sites


def built(folder: Path) -> BuildResult:
    moment = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    return build(folder, BuildOptions(at=moment, jobs=1), Reporter())


def site(body: str, **files: str | bytes) -> dict[str, str | bytes]:
    return {"kommunebeta.yaml": HEAD, SOURCE: f"---\ntitle: A\ndate: 2026-01-02\n---\n{body}\n", **files}


def test_what_is_not_looked_up_is_told_once_for_the_site(make_folder: Make) -> None:
    result = built(make_folder(site(f"{FILM}\n\nhttps://vimeo.com/222222222\n\n{FILM}")))
    (note,) = (problem for problem in result.problems if problem.code == "KB071")
    assert note.severity is Severity.NOTE
    assert "2 embeds" in note.message
    assert "kommunebeta embeds update" in note.mend


def test_a_transcript_beside_a_post_is_no_post(make_folder: Make) -> None:
    files = {"content/posts/film/avskrift.md": "Hei.\n"}
    folder = make_folder(site(f"::: embed {FILM}\ntranscript: avskrift.md\n:::", **files))
    assert built(folder).posts == 1
    (folder / SOURCE).write_text("---\ntitle: A\ndate: 2026-01-02\n---\nHei.\n")
    with pytest.raises(ContentError) as caught:
        built(folder)
    assert [problem.code for problem in caught.value.problems] == ["KB002"]


def test_hosts_are_told_which_players_may_be_framed(make_folder: Make) -> None:
    output = built(make_folder(site(f"{FILM}\n\nhttps://vimeo.com/222222222"))).output
    for name in ("_headers", "headers/apache.conf", "headers/nginx.conf", "headers/Caddyfile"):
        text = (output / name).read_text()
        assert "frame-src https://player.vimeo.com https://www.youtube-nocookie.com" in text
    without = built(make_folder(site("Hei."), name="uten")).output
    assert "frame-src" not in (without / "_headers").read_text()


def test_headers_of_the_sites_own_are_left_alone(make_folder: Make) -> None:
    output = built(make_folder(site(FILM, **{"static/_headers": "/*\n  X-Egen: ja\n"}))).output
    assert (output / "_headers").read_text() == "/*\n  X-Egen: ja\n"


def test_an_edit_beside_a_film_is_patched_and_keeps_its_warning_at_the_new_line(make_folder: Make) -> None:
    folder = make_folder(site(f"Hei.\n\n{FILM}"))
    (first,) = (problem for problem in built(folder).problems if problem.code == "KB072")
    (folder / SOURCE).write_text(f"---\ntitle: A\ndate: 2026-01-02\n---\nHei.\n\nMer.\n\n{FILM}\n")
    result = built(folder)
    (second,) = (problem for problem in result.problems if problem.code == "KB072")
    assert (first.line, second.line) == (7, 9)
    assert "youtube-nocookie.com/embed/aaaaaaaaaaa" in (result.output / "2026/01/film/index.html").read_text()


def test_a_look_up_makes_the_page_anew(make_folder: Make) -> None:
    folder = make_folder(site(FILM))
    built(folder)
    (folder / "embeds").mkdir()
    (folder / "embeds/film.jpg").write_bytes(jpeg())
    (folder / "embeds.lock.yaml").write_text(LOCK)
    result = built(folder)
    page = (result.output / "2026/01/film/index.html").read_text()
    assert "Filmen om kommunen" in page
    assert any(path.startswith("media/film.") for path in result.changes.added)


def test_everything_that_texts_embed_is_found_with_its_place(make_folder: Make) -> None:
    files = {
        "content/pages/om.md": "---\ntitle: Om\n---\n> https://vimeo.com/222222222\n",
        "content/posts/kladd.md": f"---\ntitle: K\ndate: 2026-01-02\ndraft: ja\nvideo: {FILM}\n---\n",
        "content/posts/feil.md": "Uten front matter.\n\nhttps://vimeo.com/333333333\n",
        "content/posts/film/a.md": "Avskrift.\n",
    }
    folder = make_folder(site(f"::: embed {FILM}\ntranscript: a.md\n:::\n\n::: embed a.pdf\n:::", **files))
    wanted, problems = wanted_embeds(folder, read_settings(folder)[0])
    assert [(item.url, item.path, item.line, item.column) for item in wanted] == [
        (FILM, SOURCE, 5, 1),
        (FILM, "content/posts/kladd.md", 5, 8),
        ("https://vimeo.com/222222222", "content/pages/om.md", 4, 3),
    ]
    assert [problem.code for problem in problems] == ["KB002"]
