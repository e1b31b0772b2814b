"""A small site that is edited at random, to hold checks that keep what they found to checks that know nothing.

``python -m tests.check.walked 500 7`` takes 500 steps from the seed 7, and compares each with the check of a
copy of the site that was never built before. It says how much was examined.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kommunebeta.build import build
from kommunebeta.check.finding import Group
from kommunebeta.check.options import CheckOptions, CheckResult
from kommunebeta.check.run import check
from kommunebeta.options import BuildOptions
from kommunebeta.pickles import loads
from kommunebeta.reporter import Reporter
from kommunebeta.validation import parse_moment

NOON, LATER = parse_moment("2026-03-01 12:00"), parse_moment("2026-05-20 09:00")

_HEAD = """name: Prøvebeta
municipality: Prøve kommune
base_url: https://beta.prove.example/
contact: {url: https://www.prove.example/, email: post@prove.example}
"""
_PAGE = '<!doctype html><html lang="nb"><head><title>{0}</title>{1}</head><body><main><h1>{0}</h1>{2}</main></body></html>'
_LINKS = (
    '<p><a href="/2026/01/bru/">Brua</a> <a href="/2026/01/bru/#plan">Planen</a> <a href="bilder/brua.png">Kart</a>'
    '<a href="/2026/01/skole/">Skolen</a> <a href=" #her">Her</a> <a href="/gammel/vei/">Veien</a></p>'
    '<p><img src="bilder/brua.png" alt="Brua"></p><p>Ring 22 33 44 55 eller skriv til ola@prove.example.</p>'
)
_SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{}</svg>'
_LONG = "Kommunen vurderer " + "og vurderer " * 30 + "saken.\n"


def _post(title: str, body: str, more: str = "") -> str:
    return f"---\ntitle: {title}\ndate: 2026-01-09\nsummary: Om {title.lower()}.\n{more}---\n\n{body}\n"


VARIANTS: Mapping[str, Sequence[str | None]] = {
    "kommunebeta.yaml": (
        _HEAD,
        _HEAD + "check: {picture_budget: 2, page_budget: 20, title_length: 10}\n",
        _HEAD + "check: {lix: 10, sentence_words: 5, public: [ola@prove.example, 22 33 44 55]}\n",
        _HEAD
        + "check: {levels: {KB100: warning, KB140: off}}\nmenus: {main: [{page: content/pages/om.md}]}\n",
        _HEAD.replace("beta.prove", "ny.prove"),
        _HEAD + "inbox: {to: kommunebeta, url: https://innspill.prove.example/}\n",
    ),
    "content/posts/2026-01-09-bru.md": (
        _post("Bru", "Vi bygger en bru.\n\n## Plan\n\nSe [om oss](../pages/om.md)."),
        _post("Bru", "Vi bygger en bru.", "aliases: [/gammel/vei/]\n"),
        _post("Bru", _LONG),
        _post(
            "Bru",
            "Skriv til kari@prove.example. [Ut](http://sak01/x), [ut](https://ute.example/), [om](/om/).",
        ),
    ),
    "content/posts/2026-01-09-skole.md": (
        None,
        _post("Skole", "Skolen åpner. Se [kartet](/bilder/kart.svg) og [brua](2026-01-09-bru.md#plan)."),
        _post("Skole", "Skolen åpner snart.", "expires: 2026-05-01\n"),
    ),
    "content/posts/2026-01-09-skoler.md": (None, _post("Skoler", "Flere skoler.")),
    "content/pages/om.md": (_post("Om oss", "Om oss."), _post("Om oss", "![Kart](/bilder/kart.svg)")),
    "static/side.html": (
        _PAGE.format("Side", '<link rel="stylesheet" href="/stil.css">', _LINKS),
        _PAGE.format(
            "Side", "", _LINKS + '<script src="/tell.js"></script><form action="https://a.example/">'
        ),
    ),
    "static/annen.html": (
        _PAGE.format(
            "Annen", "", '<p id="her"><a href=" #her">Her</a> <a href="/om/?a=b">Om</a></p>' + _LINKS
        ),
        None,
    ),
    "static/stil.css": (
        "p { color: #111 }",
        '@import "mer.css"; p { color: #111 }',
        "p { background: url(bilder/brua.png) } @import url(https://skrift.example/a.css);",
        None,
    ),
    "static/mer.css": (None, "a { color: #123 }", "/* " + "x" * 40_000 + " */"),
    "static/tell.js": (None, "document.cookie = 'a=1';", "fetch('https://teller.example/x');"),
    "static/bilder/brua.png": ("x" * 900, "x" * 5_000, None),
    "static/bilder/kart.svg": (
        _SVG.format(""),
        _SVG.format("<!-- " + "x" * 30_000 + " -->"),
        _SVG.format('<image href="https://kart.example/x.png"/><a href="brua.png">Brua</a>'),
    ),
    "static/data.csv": (None, "navn;nummer\nOla;22 33 44 55\n"),
    "static/_redirects": (
        None,
        "/gammel/vei/ /om/ 301\n",
        "/gammel/* /2026/01/bru/ 301\n/2026/01/skole/ /om/ 302!\n",
    ),
    "static/_headers": (
        None,
        "/*\n  Content-Security-Policy: default-src 'self'; form-action 'self'\n",
        "/*\n  Set-Cookie: a=b\n",
    ),
    "templates/partials/footer.html": (
        None,
        '<footer><a href="/borte/bunn/">Bunn</a> {{ site.data.lenker }}</footer>',
        '<footer><a href="/om/">Om</a><img src="/bilder/brua.png" alt=""></footer>',
    ),
    "assets/charts.css": (None, ".tegning { color: #777; background: #888 }"),
    "data/lenker.yaml": ("a: /om/\n", "a: ring 99 88 77 66\n"),
    "people/ola.yaml": (None, "role: Ingeniør\nemail: ola@prove.example\nphone: 22 33 44 55\n"),
    "check-baseline.yaml": (
        None,
        "findings:\n- {code: KB100, place: static/side.html, message: The link to /gammel/vei/ leads nowhere.}\n",
    ),
}
"""What the files of the site may hold; None for a file that is not there."""

OPTIONS: Sequence[CheckOptions] = (
    CheckOptions(at=NOON, jobs=1),
    CheckOptions(at=NOON, jobs=4),
    CheckOptions(at=LATER, jobs=1, strict=True),
    CheckOptions(at=NOON, jobs=1, groups=(Group.LINKS, Group.PAGES)),
    CheckOptions(at=NOON, jobs=1, base_url="https://prove.example/utkast/"),
)
"""How the site may be checked."""


@dataclass
class Walk:
    """A site on its way through random edits.

    Attributes:
        folder: the site folder.
        chance: chooses.
        options: how it is checked now.
        now: which of its variants each file has.
    """

    folder: Path
    chance: random.Random
    options: CheckOptions = OPTIONS[0]
    now: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for path in VARIANTS:
            self.write(path, 0)

    def write(self, path: str, which: int) -> None:
        """Give a file one of its variants."""
        self.now[path] = which
        content, file = VARIANTS[path][which], self.folder / path
        if content is None:
            file.unlink(missing_ok=True)
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, "utf-8")

    def step(self) -> str:
        """Change something; says what."""
        if self.chance.random() < 0.1:
            self.options = self.chance.choice([other for other in OPTIONS if other != self.options])
            return f"options {OPTIONS.index(self.options)}"
        path = self.chance.choice(list(VARIANTS))
        which = self.chance.choice([at for at in range(len(VARIANTS[path])) if at != self.now[path]])
        self.write(path, which)
        return f"{path} {which}"

    def build(self) -> None:
        """Build the site as it is checked."""
        building = BuildOptions(base_url=self.options.base_url, at=self.options.at, jobs=self.options.jobs)
        build(self.folder, building, Reporter())

    def check(self, *, built: bool = False) -> CheckResult:
        """Check the site."""
        return check(self.folder, replace(self.options, build=not built), Reporter())


def files_of(site: Path) -> list[Path]:
    """The files in which a site keeps what was found."""
    return sorted((site / ".kommunebeta").glob("check-*"))


def kept_in(data: bytes) -> Mapping[str, tuple[bytes, frozenset[Any], str]]:
    """What is kept of each output in such a file, whatever the order in which it came there."""
    _, answers, outputs = loads(data)
    return {
        path: (digest, frozenset(answers[at] for at in memoryview(asked).cast("I")), repr(loads(report)))
        for path, (digest, asked, report) in outputs.items()
    }


def told(result: CheckResult) -> CheckResult:
    """A result without what may differ between two checks of the same."""
    return replace(result, examined=0, seconds=0.0)


def walk(folder: Path, steps: int, seed: int) -> Iterator[tuple[str, CheckResult]]:
    """Take steps, and yield what was changed in each, and what a check tells of it."""
    walker = Walk(folder / "site", random.Random(seed))
    for _ in range(steps):
        changed = walker.step()
        found = walker.check()
        copy = shutil.copytree(
            walker.folder,
            folder / "site-anew" / "site",
            ignore=shutil.ignore_patterns(".kommunebeta", "public"),
        )
        assert told(found) == told(check(copy, walker.options, Reporter())), (changed, walker.now)
        shutil.rmtree(copy)
        yield changed, found


def main() -> None:
    """Walk."""
    steps, seed = map(int, sys.argv[1:])
    examined = outputs = 0
    with tempfile.TemporaryDirectory() as folder:
        for number, (changed, found) in enumerate(walk(Path(folder), steps, seed)):
            examined, outputs = examined + found.examined, outputs + found.pages + found.files
            sys.stdout.write(f"{number}: {changed}: {len(found.findings)} found, {found.examined} examined\n")
    sys.stdout.write(f"{steps} steps from seed {seed}: the same; {examined} of {outputs} outputs examined\n")


if __name__ == "__main__":
    main()
