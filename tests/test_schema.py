"""JSON Schemas: they let through what the build lets through, and catch what it catches."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

import pytest
import yaml
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from kommunebeta.cli import cli
from kommunebeta.config import Settings
from kommunebeta.content import parse_text
from kommunebeta.dialogue.contributions import NORWEGIAN_CONTRIBUTION_KEYS, read_contribution
from kommunebeta.dialogue.folder import NORWEGIAN_SUMMARY_KEYS, SummaryMatter, is_contribution
from kommunebeta.dialogue.forms import read_form
from kommunebeta.dialogue.outcomes import NORWEGIAN_OUTCOME_KEYS, read_outcome
from kommunebeta.dialogue.results import NORWEGIAN_RESULT_KEYS, read_results
from kommunebeta.errors import Severity, UsageError
from kommunebeta.frontmatter import NORWEGIAN_PERSON_KEYS, PersonMatter, rename_keys, split_front_matter
from kommunebeta.schema import EDITOR_FILE, EDITOR_PATTERNS, schemas, write_schemas
from kommunebeta.validation import validate
from kommunebeta.yamlfile import read_yaml

SCHEMAS = schemas()
INNER_ONLY = {"tittel", "antall", "tal", "tekst"}
"""Norwegian names that stand in the themes and follow-ups of an outcome only."""

BOOK = read_form(
    "title: x\nfields:\n"
    "- {kind: many, name: tema, label: Tema, choices: [{value: lyd, label: Lyd}, {value: lys, label: Lys}]}\n"
    "- {kind: matrix, name: enig, label: Enig, rows: [{value: a, label: A}, {value: b, label: B}],"
    " columns: [{value: ja, label: Ja}, {value: nei, label: Nei}]}\n",
    "forms/bok.yaml",
)[0]


def faults(name: str, data: Any) -> list[str]:
    """What an editor would underline; dates are text there."""
    validator = Draft202012Validator(SCHEMAS[name])
    return [
        f"{e.json_path}: {e.message}"
        for e in validator.iter_errors(json.loads(json.dumps(data, default=str)))
    ]


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_every_schema_is_a_schema_with_help_at_every_field(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert all(field.get("description") for field in SCHEMAS[name]["properties"].values())


def test_the_example_site_is_accepted(root: Path) -> None:
    site = root / "example_site"
    checked = 0
    for file in site.glob("content/**/*.md"):
        parts = split_front_matter(file.read_text(encoding="utf-8"))
        assert parts is not None
        kind = next((part[:-1] for part in file.parts if part in ("posts", "experiments")), "page")
        assert faults(kind, yaml.safe_load(parts[0])) == [], file
        checked += 1
    for file in site.glob("people/*.yaml"):
        assert faults("person", yaml.safe_load(file.read_text(encoding="utf-8"))) == [], file
    for file in (root / "themes/beta/forms").glob("*.yaml"):
        assert faults("form", yaml.safe_load(file.read_text(encoding="utf-8"))) == [], file
    assert (
        faults("kommunebeta", yaml.safe_load((site / "kommunebeta.yaml").read_text(encoding="utf-8"))) == []
    )
    assert checked > 20


def schema_of(file: Path) -> str:
    """The schema that a file in ``dialogue/`` is checked with."""
    return "contribution" if is_contribution(file.as_posix()) else file.stem


def test_the_dialogue_of_the_example_site_is_accepted(root: Path) -> None:
    checked = Counter[str]()
    for file in (root / "example_site/dialogue").glob("*/*.yaml"):
        name = schema_of(file)
        assert faults(name, yaml.load(file.read_text(encoding="utf-8"), EditorsYaml)) == [], file
        checked[name] += 1
    assert checked["contribution"] > 10
    assert {"outcome", "results", "summary"} <= set(checked)


def test_the_files_that_the_documentation_shows_are_accepted(root: Path) -> None:
    page = (root / "docs/dialogue.md").read_text(encoding="utf-8")
    seen = set()
    for text in re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        file = re.match(r"# (dialogue/\S+)\n", text)
        parts = None if file else split_front_matter(text)
        name = schema_of(Path(file[1])) if file else "post"
        assert file or parts, text
        assert faults(name, yaml.load(parts[0] if parts else text, EditorsYaml)) == [], text
        seen.add(name)
    assert {"contribution", "outcome", "results"} <= seen


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("contribution", NORWEGIAN_CONTRIBUTION_KEYS),
        ("outcome", {key: own for key, own in NORWEGIAN_OUTCOME_KEYS.items() if key not in INNER_ONLY}),
        ("results", NORWEGIAN_RESULT_KEYS),
        ("summary", NORWEGIAN_SUMMARY_KEYS),
    ],
)
def test_every_norwegian_name_of_the_dialogue_is_checked_like_the_english_one(
    name: str, own: dict[str, str]
) -> None:
    properties = SCHEMAS[name]["properties"]
    for norwegian, english in own.items():
        same = {**properties[english], "description": f"Same as `{english}`."}
        assert properties[norwegian] == same


def patterns() -> dict[str, list[str]]:
    """What VS Code is told, by schema."""
    return {name: [given] if isinstance(given, str) else given for name, given in EDITOR_PATTERNS.items()}


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("dialogue/bibliotek/fredag.yaml", "contribution"),
        ("dialogue/bibliotek/summary-av-motet.yaml", "contribution"),
        ("dialogue/bibliotek/outcome.yaml", "outcome"),
        ("dialogue/bibliotek/results.yaml", "results"),
        ("dialogue/bibliotek/summary.yaml", "summary"),
        ("people/ordforer.yaml", "person"),
        ("forms/innspill.yaml", "form"),
        ("kommunebeta.yaml", "kommunebeta"),
    ],
)
def test_one_schema_is_for_each_file(path: str, schema: str) -> None:
    applied = []
    for name, given in patterns().items():
        taken = [PurePosixPath(path).match(pattern.removeprefix("!")) for pattern in given]
        last = max((at for at, match in enumerate(taken) if match), default=None)
        if last is not None and not given[last].startswith("!"):
            applied.append(name)
    assert applied == [schema]


@pytest.mark.parametrize(
    "matter",
    [
        {"title": 2011, "date": "2026-05-17", "tags": "a, b"},
        {"tittel": "Hei", "dato": "2026-05-17", "kladd": True, "egen": {"nøkkel": 1}},
        {"title": "x", "date": None, "image": "bilde.jpg", "authors": "meg", "comments": True},
    ],
)
def test_what_writers_may_write_is_accepted(matter: Any) -> None:
    assert faults("post", matter) == []


def test_an_experiment_may_be_written_in_norwegian() -> None:
    variant = {
        "pages": "/emne/*",
        "parameters": {"related": 3, "share": False},
        "texts": {"Home": {"nb": "Hjem"}},
    }
    matter = {
        "tittel": "x",
        "tilstand": "prøves",
        "prøver": "kanal",
        "slutter": "1.6.2026",
        "variant": variant,
    }
    assert faults("experiment", matter) == []


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("post", {"title": ["x"]}),
        ("experiment", {"title": "x", "state": "paused"}),
        ("experiment", {"title": "x", "variant": {"parameters": {"accent": "red"}}}),
        ("experiment", {"title": "x", "variant": {"pages": ["/x/"], "colour": "red"}}),
        ("post", {"timeline": [{"dato": "2026-05-17"}]}),
        ("post", {"documents": [{"title": "x", "kind": "film"}]}),
        ("kommunebeta", {"name": "x", "municipality": "y", "langage": "nb"}),
        ("kommunebeta", {"name": "x"}),
        ("kommunebeta", {"name": "x", "municipality": "y", "channels": [{"kind": "youtube"}]}),
        ("person", {"role": "x", "answer_dayz": 3}),
        ("form", {"title": "x", "fields": []}),
        ("contribution", {"mottatt": "2026-01-01", "publisert": "2026-01-01"}),
        ("outcome", {"dato": "2026-01-01", "sa": "Mye."}),
        ("outcome", {"did": "Alt."}),
        ("results", {"form": "x", "collected": "2026-01-01", "respondents": 3}),
        ("summary", {"as_of": "2026-01-01"}),
    ],
)
def test_what_is_wrong_is_underlined(name: str, data: Any) -> None:
    assert faults(name, data)


def test_an_editors_own_settings_are_kept(tmp_path: Path) -> None:
    (tmp_path / "kommunebeta.yaml").write_text("name: x\nmunicipality: y\n")
    file = tmp_path / ".vscode" / "settings.json"
    file.parent.mkdir()
    file.write_text('{"editor.tabSize": 2, "yaml.schemas": {"own.json": "own.yaml"}}')
    write_schemas(tmp_path)
    settings = json.loads(file.read_text())
    assert settings["editor.tabSize"] == 2
    assert settings["yaml.schemas"]["own.json"] == "own.yaml"
    assert settings["yaml.schemas"]["./schemas/person.json"] == "people/*.yaml"
    assert settings["yaml.schemas"]["./schemas/outcome.json"] == "dialogue/*/outcome.yaml"
    assert {f"./schemas/{name}.json" for name in ("contribution", "outcome", "results", "summary")} <= {
        f"./{file.relative_to(tmp_path).as_posix()}" for file in tmp_path.glob("schemas/*.json")
    }


def test_settings_with_comments_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "kommunebeta.yaml").write_text("name: x\nmunicipality: y\n")
    file = tmp_path / ".vscode" / "settings.json"
    file.parent.mkdir()
    file.write_text('{ // mine\n "editor.tabSize": 2 }')
    write_schemas(tmp_path)
    assert file.read_text() == '{ // mine\n "editor.tabSize": 2 }'
    assert (tmp_path / "schemas" / "post.json").is_file()


def test_schemas_are_written_into_a_site_only(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a site"):
        write_schemas(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_the_command_says_when_it_leaves_the_editors_settings_alone(tmp_path: Path) -> None:
    (tmp_path / "kommunebeta.yaml").write_text("name: x\nmunicipality: y\n")
    assert CliRunner().invoke(cli, ["schema", str(tmp_path)]).stderr == ""
    (tmp_path / EDITOR_FILE).write_text("// mine")
    outcome = CliRunner().invoke(cli, ["schema", str(tmp_path)])
    assert outcome.exit_code == 0
    assert "is left as it is" in outcome.stderr
    assert (tmp_path / EDITOR_FILE).read_text() == "// mine"


class EditorsYaml(yaml.SafeLoader):
    """YAML 1.2 as editors read it: dates, ``ja``, ``no`` and ``on`` are text."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}


EditorsYaml.add_implicit_resolver(
    "tag:yaml.org,2002:null", re.compile(r"^(~|null|Null|NULL|)$"), ["~", "n", "N", ""]
)
EditorsYaml.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^([Tt]rue|[Ff]alse)$"), list("tTfF"))
EditorsYaml.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?\d+$"), list("-+0123456789"))
EditorsYaml.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?\d+\.\d+$"), list("-+0123456789")
)

START = {
    "post": "title: x\n",
    "kommunebeta": "name: x\nmunicipality: y\n",
    "person": "role: x\n",
    "form": "title: x\nfields: [{kind: name, name: b, label: B}, {kind: email, name: c, label: C}]\n",
    "contribution": "received: 2026-01-01\npublished: 2026-01-02\ntext: Hei.\n",
    "outcome": "date: 2026-03-01\ndid: Alt.\n",
    "results": "form: bok\ncollected: 2026-01-01\nrespondents: 30\nquestions: {tema: {lyd: 12}}\n",
    "summary": "received: 57\n",
}
"""What a file of each kind needs before the line in question."""


def builds(name: str, text: str) -> bool:
    """Whether the program itself takes a file."""
    if name == "post":
        dated = text if re.search(r"^date:", text, re.MULTILINE) else f"{text}date: 2026-05-17\n"
        problems = parse_text(f"---\n{dated}---\nHei.\n", "content/posts/x.md", "nb").problems
    elif name == "form":
        problems = read_form(text, "forms/x.yaml")[1]
    elif name == "person":
        document, _ = rename_keys(read_yaml(text, "x.yaml"), NORWEGIAN_PERSON_KEYS)
        problems = validate(PersonMatter, document, "x.yaml")[1]
    elif name == "contribution":
        problems = read_contribution(text, "dialogue/x/hei.yaml").problems
    elif name == "outcome":
        problems = read_outcome(text, "dialogue/x/outcome.yaml", lambda _: None)[1]
    elif name == "results":
        problems = read_results(text, "dialogue/x/results.yaml", lambda _: BOOK)[1]
    elif name == "summary":
        document, _ = rename_keys(read_yaml(text, "x.yaml"), NORWEGIAN_SUMMARY_KEYS)
        problems = validate(SummaryMatter, document, "x.yaml")[1]
    else:
        problems = validate(Settings, read_yaml(text, "x.yaml"), "x.yaml")[1]
    return not any(problem.severity is Severity.ERROR for problem in problems)


LINES = {
    "post": [
        "authors: {name: Kari}",
        "authors: [{id: kari}]",
        "authors: [kari, {role: x}]",
        "image: {path: x.jpg}",
        "image: x.jpg",
        "image: {src: x, atl: y}",
        "tags: 2011",
        "tags: [2011, true]",
        "tags: {a: b}",
        "draft: ja",
        "draft: kanskje",
        "pinned: 1",
        "toc: on",
        "weight: '3'",
        "weight: tre",
        "date: 2026-05-17",
        "date: i morgen",
        "consultation: {question: x, opens: 2026-01-01, closes: 17.05.2026}",
        "consultation: {question: x}",
        "comments: open",
        "comments: kanskje",
        "comments: off",
        "timeline: [{date: 2026-05-17, title: x}]",
        "timeline: {date: x}",
        "menu: main",
        "aliases: /x/",
        "lang: no",
        "lang: norsk språk",
        "category: [a]",
        "slug: 2011",
        "case: 2026/12",
        "case: {number: 2026/12}",
        "responsible: {a: b}",
        "extra_thing: {a: [1]}",
        "tags:",
        "image:",
        "documents: [{title: x, url: y, kind: slides}]",
        "documents: [{title: x, url: y, kind: lysark}]",
    ],
    "kommunebeta": [
        "tagline: {nb: a, en: b}",
        "tagline: hei",
        "tagline: [a]",
        "page_size: 10",
        "page_size: '10'",
        "page_size: 0",
        "page_size: ti",
        "base_url: https://x.no",
        "languages: nb",
        "languages: [nb, no]",
        "menus: {main: [{list: home}, {page: x.md, title: {nb: a}}]}",
        "menus: {main: [{list: hjem}]}",
        "menus: [x]",
        "channels: [{kind: x, url: 'https://x.com'}]",
        "channels: [{kind: x, url: 'https://x.com', purpose: hei, show: both}]",
        "beta: {show: nei}",
        "beta: {show: kanskje}",
        "beta: nei",
        "contact: {email: x}",
        "icon: {color: rød}",
        "icon: {color: '#112233'}",
        "share: []",
        "share: email",
        "parameters: {accent: '#fff', x: 3, y: [1]}",
        "extra: {a: {b: 1}}",
        "accessibility: {reviewed: 2026-01-01}",
        "accessibility: {reviewed: i fjor}",
        "pictures: {widths: [480], formats: [webp]}",
        "pictures: {formats: [gif]}",
        "colour: red",
        "theme: 3",
        "permalinks: {post: '/{slug}/', languages: {se: {tag: '/f/{slug}/'}}}",
        "shared_lists: {nb: [nn]}",
        "footer: {nb: hei}",
        "output: ../x",
    ],
    "person": [
        "answers_for: budsjett",
        "answers_for: [a, b]",
        "answer_days: 5",
        "answer_days: 0",
        "answer_days: fem",
        "email: x",
        "email: a@b.no",
        "portrait: x.jpg",
        "former: ja",
        "translations: {se: {role: x}}",
        "translations: {se: {rolle: x}}",
        "svardager: 3",
        "aliases: [x]",
        "farge: rød",
        "phone: 12345678",
    ],
    "form": [
        "consent: {publish_text: ja}",
        "consent: {publish_text: {nb: a}}",
        "consent: {publish_text: {ask: true, text: x}}",
        "consent: {publis_text: ja}",
        "retention: P365D",
        "retention: 30",
        "retention: {days: 3}",
        "retention: {nb: ett år}",
        "retention: {days: 0}",
        "intro: {nb: x}",
        "id: 3",
        "id: Å",
        "purpos: x",
        "policy_version: 2",
    ],
    "contribution": [
        "navn: Kari",
        "name: [Kari]",
        "epost: kari@example.no",
        "id: Naust",
        "id: naust-2",
        "state: noted",
        "tilstand: besvart",
        "state: borte",
        "tema: Stader",
        "topik: Stader",
        "form: innspill",
        "moderert: {nb: Et navn er tatt ut}",
        "moderated: [x]",
        "fields: {a: x}",
        "fields: {a: [x, y]}",
        "fields: {a: {b: c}}",
        "felt: {a: [[x]]}",
        "answers: [{by: kari, date: 2026-01-03, text: Takk!}]",
        "svar: [{av: kari, dato: 03.01.2026, tekst: Takk!, språk: nb}]",
        "svar: [{av: kari, dato: 2026-01-03}]",
        "svar: [{av: kari, dato: snart, tekst: Takk!}]",
        "svar: [{av: kari, dato: 2026-01-03, tekst: Takk!, epost: x}]",
        "svar: Takk!",
        "answers:",
        "lang: norsk språk",
        "språk: nn",
        "svar_på: naust",
    ],
    "outcome": [
        "by: kari",
        "by: [kari]",
        "sa: {nb: Mye., en: A lot.}",
        "said: [x]",
        "themes: [{title: Lys, count: 3}]",
        "temaer: [{tittel: Lys, antall: '3', tekst: Mer.}]",
        "themes: [{title: {nb: Lys}, count: mange}]",
        "themes: [{title: Lys, count: -1}]",
        "themes: [{count: 3}]",
        "themes: [{title: Lys, dato: 2026-01-01}]",
        "themes: [Lys]",
        "oppfølginger: [{dato: 2026-04-01, tekst: Gjort.}]",
        "follow_ups: [{date: 2026-04-01}]",
        "follow_ups: [{date: i vår, text: Gjort.}]",
        "gjorde_ikke: Noe.",
        "videre:",
        "didnt: Noe.",
        "tittel: Lys",
    ],
    "results": [
        "after_close: nei",
        "etter_frist: kanskje",
        "note: {nb: x}",
        "merknad: x",
        "note: [x]",
        "notat: x",
    ],
    "summary": ["per: 2026-01-01", "as_of: 01.02.2026", "as_of: i går", "telt: 3"],
}


@pytest.mark.parametrize(("name", "line"), [(name, line) for name, lines in LINES.items() for line in lines])
def test_an_editor_and_the_build_agree(name: str, line: str) -> None:
    text = f"{START[name]}{line}\n"
    underlined = faults(name, yaml.load(text, EditorsYaml))
    assert bool(underlined) is not builds(name, text), underlined


@pytest.mark.parametrize(
    ("given", "agreed"),
    [
        ("respondents: 30", True),
        ("respondents: '30'", True),
        ("deltakere: 30", True),
        ("respondents: -1", False),
        ("respondents: mange", False),
        ("respondents: 3.5", False),
        ("respondents: true", False),
        ("respondents: 30\nquestions: {tema: {lyd: 12, lys: }}", True),
        ("respondents: 30\nquestions: {tema: {lyd: '12'}}", True),
        ("respondents: 30\nquestions: {tema: {lyd: mange}}", False),
        ("respondents: 30\nquestions: {tema: {lyd: -1}}", False),
        ("respondents: 30\nquestions: {tema: {lyd: [1]}}", False),
        ("respondents: 30\nquestions: {enig: {a: {ja: 3, nei: 4}}}", True),
        ("respondents: 30\nquestions: {enig: {a: {ja: noen}}}", False),
        ("respondents: 30\nspørsmål: {tema: 12}", False),
        ("respondents: 30\nquestions: {}", False),
    ],
)
def test_an_editor_and_the_build_agree_on_figures(given: str, agreed: bool) -> None:
    text = f"form: bok\ncollected: 2026-01-01\n{given}\n"
    text += "" if "tions" in given or "spørsmål" in given else "questions: {tema: {lyd: 12}}\n"
    underlined = faults("results", yaml.load(text, EditorsYaml))
    assert bool(underlined) is not agreed, underlined
    assert builds("results", text) is agreed


@pytest.mark.parametrize(
    ("text", "good"),
    [("", False), ("state: withdrawn\n", True), ("tilstand: trukket\n", True), ("tekst: Hei.\n", True)],
)
def test_a_contribution_says_something_or_is_withdrawn(text: str, good: bool) -> None:
    text = f"mottatt: 2026-01-01\npublisert: 2026-01-02\n{text}"
    assert bool(faults("contribution", yaml.load(text, EditorsYaml))) is not good
    assert builds("contribution", text) is good


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_the_command_prints_and_names_every_schema(name: str) -> None:
    assert json.loads(CliRunner().invoke(cli, ["schema", "--print", name]).stdout) == SCHEMAS[name]
    told = " ".join(CliRunner().invoke(cli, ["schema", "--help"]).stdout.split())
    assert re.search(rf"instead: [^.]*\b{name}\b", told)


def test_the_lines_that_are_compared_hold_good_and_wrong_ones() -> None:
    outcomes = [builds(name, f"{START[name]}{line}\n") for name, lines in LINES.items() for line in lines]
    assert outcomes.count(True) > 40
    assert outcomes.count(False) > 25


def test_a_required_field_may_stand_under_its_norwegian_name() -> None:
    assert faults("person", {"rolle": "Ordfører"}) == []
    assert faults("person", {"navn": "Kari"})
