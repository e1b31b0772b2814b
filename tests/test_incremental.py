"""The one property that matters: after any edits, a build of what changed gives what a clean build gives."""

from __future__ import annotations

import datetime as dt
import io
import os
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from PIL import Image

from kommunebeta.build import BuildOptions, BuildResult, build
from kommunebeta.errors import ContentError
from kommunebeta.inventory import MANIFEST
from kommunebeta.options import Changes
from kommunebeta.reporter import Reporter

STEPS = int(os.environ.get("KOMMUNEBETA_STEPS", "14"))
EXAMPLES = int(os.environ.get("KOMMUNEBETA_EXAMPLES", "12"))

SETTINGS = """\
name: {name}
municipality: Fjordvik kommune
base_url: https://beta.fjordvik.example/{folder}
language: nb
languages: [nb, nn]
theme: {theme}
page_size: {size}
dialogue: {{page_size: 5}}
permalinks: {{tag: "/{tag}/{{slug}}/"}}
contact: {{email: "{email}"}}
menus: {{main: [{{list: home}}, {{page: content/pages/om.md}}]}}
parameters: {{accent: "{accent}"}}
"""
POST = """\
---
title: {title}
date: {date}
tags: [{tags}]
authors: [{author}]
{more}
---
{body}
"""
TITLES = ("Svømmehallen åpner", "Skoleveien", "Budsjettet & du", "Høring <nå>", "Vann")
TAGS = ("skole", "vann", "Skole", "budsjett", "klima")
BODIES = (
    "Kort.",
    "Vi vil gjerne høre hva du mener.\n\nDet er lov å være uenig.",
    "## En overskrift\n\nSe [om oss](../pages/om.md#hvem).",
    "## Hvem\n\nSe [nabosaken](p1.md).\n\n![Et bilde](bilde.png)",
    "* en\n* to\n\n" + "Flere ord om saken. " * 60,
    "Se [et emne](/emne/skole/) og [folk](/folk/).",
    "https://youtu.be/aaaaaaaaaaa\n\nEn film.",
    "::: embed https://vimeo.com/12345678\ncaptions: ja\ntranscript: avskrift.md\n:::\n\nTekst.",
    "Et dokument:\n\n::: embed referat.pdf\ntitle: Referat\n:::\n\nhttps://example.org/sak",
)
MORES = (
    "",
    "category: Drift",
    "pinned: true",
    "draft: true",
    "series: Vannledningen",
    "summary: Et sammendrag",
    "aliases: [/gammel-{number}/]",
    "publish: 2026-05-20 08:00",
    "expires: 2026-05-25 12:00",
    "timeline: [{{date: 2026-05-19, title: Utvalget}}, {{date: 2026-05-28, title: Rådet}}]",
    "consultation: {{question: Hva nå?, form: innspill, opens: 2026-05-10, closes: 2026-05-22}}",
    "consultation: {{question: Og så?, opens: 2026-05-10, closes: 2026-05-16, outcome_due: 2026-05-21, responsible: ordforer}}",
    "image: {{src: bilde.png, alt: Et bilde}}",
    "translation_key: felles",
    "lang: nn",
    "slug: annet-{number}",
    "toc: true",
    "video: {{url: https://vimeo.com/12345678, captions: nei}}",
    "slides: https://www.slideshare.net/slideshow/plan/12345678",
    "embeds: off",
    "comments: off",
    "comments: closed",
)
SAID = (
    "published: 2026-05-15\ntext: Et *innspill*.\n",
    "published: 2026-05-16\nname: Kari\ntext: Hei.\nanswers: [{by: rektor, date: 2026-05-17, text: Takk.}]\n",
    "published: 2026-05-16 10:00\ntext: Enig.\nreply_to: k0\n",
    "published: 2026-05-16\nstate: withdrawn\ntext: Borte.\n",
    "published: 2026-05-20 08:00\ntext: Senere.\nlang: nn\nanswers: [{by: Ukjent, date: 2026-05-25, text: Ja.}]\n",
    "published: 2026-05-15\ntext: Ring 91 23 45 67.\nform: innspill\nreply_to: k9\n",
    "published: 2026-05-13\ntext: For tidlig.\n",
)
VARIED = """\
---
title: Rosa uke
state: trying
hypothesis: Flere leser.
starts: 2026-05-18
ends: 2026-05-20
variant:
  pages: ["/2026/05/*", "/emne/skole/", "/nn/"]
  parameters: {accent: "#7a1f5c", share: nei}
  texts: {Home: Heime, "Related posts": {nb: Mer}}
---
Vi prøver [en sak](../posts/p1.md).
"""
TEMPLATES = {
    "templates/partials/terms.html": "<p>{{ post.tags|length }} emner, {{ site.data.tall.antall if site.data.tall is defined }}</p>",
    "templates/partials/post-card.html": "<h{{ level }}>{{ item.title }} ({{ item.words }})</h{{ level }}>",
    "templates/post.html": '{% extends "parent:post.html" %}{% block related %}<p>{{ t("Home") }} {{ site.today }}</p>{% endblock %}',
    "templates/partials/footer.html": "<footer>{{ site.people|map(attribute='role')|join(', ') }} {{ params.accent }}</footer>",
    "templates/partials/pager.html": "{{ pager.posts }}{% for p in pager.posts %}{{ p == pager.posts[0] }}{% endfor %}",
    "templates/partials/related.html": "{{ site.all_posts|sort(attribute='title')|map(attribute='title')|join }}",
    "templates/partials/byline.html": "{{ post }}",
    "templates/partials/neighbours.html": '{% include "partials/finnes-ikke.html" ignore missing %}{{ site.settings.extra }}',
    "templates/partials/finnes-ikke.html": "nå finnes den",
    "locales/nb.po": 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Home"\nmsgstr "Framside"\n',
    "assets/main.css": "body { color: black }",
    "assets/ekstra.css": "p { color: red }",
    "data/tall.yaml": "antall: 3",
    "embeds.lock.yaml": "https://vimeo.com/12345678: {title: Filmen, seconds: 90, poster: embeds/film.png}",
    "embeds/film.png": "ikke et bilde",
    "content/posts/avskrift.md": "Hei og *velkommen*.",
    "content/experiments/farge.md": VARIED,
    "content/experiments/ord.nn.md": "---\ntitle: Ord\nstate: idea\n---\nEi tanke om [saka](../posts/p1.md).\n",
    "static/robots.txt": "User-agent: *\nDisallow:\n",
    "static/fil.txt": "tekst",
}
numbers = st.integers(0, 5)
bodies = st.integers(0, len(BODIES) - 1)


class Edits(RuleBasedStateMachine):
    """A writer, a theme developer and the clock, in any order."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="byggård-"))
        self.site = self.folder / "nettsted"
        self.at = dt.datetime(2026, 5, 17, 12, tzinfo=dt.UTC)
        self.drafts = False
        self.values = {
            "name": "Fjordvikbeta",
            "theme": "beta",
            "size": "2",
            "accent": "#0b3c5d",
            "folder": "",
            "tag": "emne",
            "email": "a@fjordvik.example",
        }
        self.write_settings()
        self.write("content/pages/om.md", "---\ntitle: Om oss\n---\n## Hvem\n\nVi er her.\n")
        self.write("people/rektor.yaml", "role: Rektor\nanswers_for: [skolen]\n")
        for number in range(3):
            self.write_post(number, 0, number, 0, 0, 0)
        for place in ("content/posts/bilde.png", "static/bilde.png"):
            (self.site / place).parent.mkdir(parents=True, exist_ok=True)
            (self.site / place).write_bytes(picture())
        self.write("content/posts/referat.pdf", "%PDF")
        self.compare()

    def teardown(self) -> None:
        shutil.rmtree(getattr(self, "folder", ""), ignore_errors=True)

    def write(self, path: str, text: str) -> None:
        file = self.site / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def write_settings(self) -> None:
        self.write("kommunebeta.yaml", SETTINGS.format(**self.values))

    def write_post(self, number: int, title: int, tag: int, body: int, more: int, day: int) -> None:
        text = POST.format(
            title=TITLES[title % len(TITLES)],
            date=f"2026-05-{10 + (number + day) % 12:02}",
            tags=", ".join({TAGS[tag % len(TAGS)], TAGS[number % len(TAGS)]}),
            author="rektor" if number % 3 else "En gjest",
            more=MORES[more % len(MORES)].format(number=number),
            body=BODIES[body % len(BODIES)],
        )
        self.write(f"content/posts/p{number}.md", text)

    @rule(
        number=numbers,
        title=numbers,
        tag=numbers,
        body=bodies,
        more=st.integers(0, len(MORES) - 1),
        day=numbers,
    )
    def write_a_post(self, number: int, title: int, tag: int, body: int, more: int, day: int) -> None:
        self.write_post(number, title, tag, body, more, day)
        self.compare()

    @rule(number=numbers, words=st.sampled_from(["Enda en setning.", "## Ny del\n\nMer.", "*Slutt*", "\n"]))
    def add_to_a_body(self, number: int, words: str) -> None:
        file = self.site / f"content/posts/p{number}.md"
        if file.exists():
            file.write_text(file.read_text("utf-8") + "\n" + words + "\n", "utf-8")
        self.compare()

    @rule(number=numbers, title=st.sampled_from(["Ny tittel", "Enda en", "«Sitat» & mer"]))
    def change_a_title(self, number: int, title: str) -> None:
        file = self.site / f"content/posts/p{number}.md"
        if file.exists():
            lines = file.read_text("utf-8").split("\n")
            file.write_text("\n".join([lines[0], f"title: {title}", *lines[2:]]), "utf-8")
        self.compare()

    @rule(number=numbers)
    def delete_a_post(self, number: int) -> None:
        (self.site / f"content/posts/p{number}.md").unlink(missing_ok=True)
        self.compare()

    @rule(number=numbers, other=numbers)
    def rename_a_post(self, number: int, other: int) -> None:
        file = self.site / f"content/posts/p{number}.md"
        if file.exists():
            file.rename(self.site / f"content/posts/2026-05-1{other}-p{other}.md")
        self.compare()

    @rule(number=numbers, name=st.integers(0, 7), said=st.integers(0, len(SAID) - 1))
    def publish_a_contribution(self, number: int, name: int, said: int) -> None:
        self.write(f"dialogue/p{number}/k{name}.yaml", f"received: 2026-05-14 09:0{name}\n{SAID[said]}")
        self.compare()

    @rule(number=numbers, count=numbers)
    def publish_several_contributions(self, number: int, count: int) -> None:
        for name in range(count * 2):
            self.write(
                f"dialogue/p{number}/k{name}.yaml", f"received: 2026-05-14 09:0{name}\n{SAID[name % 3]}"
            )
        self.write(f"dialogue/p{number}/summary.yaml", "received: 20\n")
        self.compare()

    @rule(
        number=numbers, day=st.integers(18, 28), did=st.sampled_from(["Vi bygger.", "Vi venter. Så ser vi."])
    )
    def tell_what_came_of_it(self, number: int, day: int, did: str) -> None:
        later = f"follow_ups:\n- {{date: 2026-05-{day + 1}, text: Ferdig.}}\n"
        self.write(f"dialogue/p{number}/outcome.yaml", f"date: 2026-05-{day}\ndid: {did}\n{later}")
        self.compare()

    @rule(number=numbers, name=st.sampled_from(["k0", "k1", "k2", "summary", "outcome"]))
    def delete_a_contribution(self, number: int, name: str) -> None:
        (self.site / f"dialogue/p{number}/{name}.yaml").unlink(missing_ok=True)
        self.compare()

    @rule(role=st.sampled_from(["Rektor", "Skolesjef"]), name=st.sampled_from(["rektor", "ordforer"]))
    def write_a_person(self, role: str, name: str) -> None:
        self.write(f"people/{name}.yaml", f"role: {role}\nanswer_days: {len(role)}\n")
        self.compare()

    @rule()
    def delete_a_person(self) -> None:
        (self.site / "people/ordforer.yaml").unlink(missing_ok=True)
        self.compare()

    @rule(text=st.sampled_from(["## Hvem\n\nEndret.", "Uten overskrift.", "## Hvem\n\n![](/bilde.png)"]))
    def edit_the_page(self, text: str) -> None:
        self.write("content/pages/om.md", f"---\ntitle: Om oss\nmenu: footer\n---\n{text}\n")
        self.compare()

    @rule(path=st.sampled_from(sorted(TEMPLATES)), version=st.integers(0, 2))
    def override_or_restore(self, path: str, version: int) -> None:
        file = self.site / path
        if version == 0:
            file.unlink(missing_ok=True)
        else:
            space = "" if version == 1 else "\n"
            self.write(path, TEMPLATES[path] + space)
        self.compare()

    @rule(
        key=st.sampled_from(["name", "theme", "size", "accent", "folder", "tag", "email"]),
        other=st.booleans(),
    )
    def change_a_setting(self, key: str, other: bool) -> None:
        values = {
            "name": ("Fjordvikbeta", "Nybeta"),
            "theme": ("beta", "torg"),
            "size": ("2", "3"),
            "accent": ("#0b3c5d", "#5d0b3c"),
            "folder": ("", "kommune/"),
            "tag": ("emne", "tema"),
            "email": ("a@fjordvik.example", "b@fjordvik.example"),
        }
        self.values[key] = values[key][other]
        self.write_settings()
        self.compare()

    @rule(hours=st.sampled_from([1, 13, 24, 100, -50]))
    def let_time_pass(self, hours: int) -> None:
        self.at += dt.timedelta(hours=hours)
        self.compare()

    @rule()
    def switch_drafts(self) -> None:
        self.drafts = not self.drafts
        self.compare()

    @precondition(lambda self: (self.site / "public/index.html").exists())
    @rule(number=numbers)
    def damage_the_output(self, number: int) -> None:
        files = sorted((self.site / "public").rglob("*.html"))
        file = files[number % len(files)]
        file.write_text("ødelagt") if number % 2 else file.unlink()
        self.compare()

    @rule(name=st.sampled_from(["*.sum", "build-*.db", "documents.db"]), cut=st.booleans())
    def damage_the_memory(self, name: str, cut: bool) -> None:
        for file in (self.site / ".kommunebeta").glob(name):
            data = file.read_bytes()
            file.write_bytes(data[: len(data) // 2] if cut else b"x" * 100 + data[100:])
        self.compare()

    def build(self, folder: Path) -> BuildResult | list[str]:
        options = BuildOptions(drafts=self.drafts, at=self.at, jobs=1)
        try:
            return build(folder, options, Reporter())
        except ContentError as error:
            return [str(problem) for problem in error.problems if problem.code != "KB060"]

    def compare(self) -> None:
        before = snapshot(self.site / "public")
        clean = self.folder / "rent"
        shutil.copytree(self.site, clean, ignore=shutil.ignore_patterns("public", ".kommunebeta"))
        try:
            expected, found = self.build(clean), self.build(self.site)
            if isinstance(expected, list) or isinstance(found, list):
                assert found == expected
                assert snapshot(self.site / "public") == before
                return
            assert snapshot(self.site / "public") == snapshot(clean / "public")
            notes = [problem for problem in found.problems if problem.code != "KB060"]
            assert notes == list(expected.problems)
            assert found.next_change == expected.next_change or (
                found.next_change is not None
                and (expected.next_change is None or found.next_change <= expected.next_change)
            )
            again = self.build(self.site)
            assert isinstance(again, BuildResult)
            assert again.rendered == 0
            assert again.changes == Changes(unchanged=again.files)
        finally:
            shutil.rmtree(clean)


@lru_cache
def picture() -> bytes:
    """A small picture."""
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(stream, "PNG")
    return stream.getvalue()


def snapshot(folder: Path) -> dict[str, bytes]:
    """What a folder holds, without the list of its files."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != MANIFEST
    }


TestEdits = Edits.TestCase
TestEdits.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
