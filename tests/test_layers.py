"""The house plan, held: what each module may import, and what a start of the command may cost."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = "kommunebeta"

# A module imports only from lines above its own, and from its own line without a circle.
# A package stands for its modules, unless one of them has a place of its own.
LEVELS = (
    ("__init__",),
    ("errors", "codes", "reporter", "model", "inventory", "answers", "headers", "engine", "options"),
    (
        "yamlfile",
        "confidential",
        "language",
        "validation",
        "sources",
        "parallel",
        "timelimit",
        "icalendar",
        "web",
    ),
    ("inputs", "pickles"),
    (
        "memory",
        "documents",
        "config",
        "frontmatter",
        "parameters",
        "moments",
        "permalinks",
        "embeds.address",
        "embeds.matter",
        "embeds.pattern",
    ),
    (
        "dialogue.forms",
        "dialogue.questions",
        "markdown",
        "markdown_rules",
        "media",
        "images",
        "icons",
        "drawings",
        "assets",
        "current",
        "embeds",
    ),
    (
        "content",
        "people",
        "embeds.texts",
        "embeds.wanted",
        "entries",
        "gather",
        "experiments",
        "dialogue",
        "lists",
        "asking",
        "conversation",
        "site",
        "contexts",
        "theme",
    ),
    (
        "outputs",
        "links",
        "listings",
        "dialoguepages",
        "formpages",
        "redirects",
        "structured",
        "variants",
        "plan",
    ),
    ("filters", "templates"),
    ("render", "inquiry"),
    ("moves", "publish", "stale", "saved"),
    ("works", "patch", "rebuild", "explain"),
    ("build", "preview"),
    ("check",),
    ("scaffold", "schema", "serve", "starts", "deploy"),
    ("pipelines", "terminal"),
    ("commands",),
    ("cli", "__main__"),
)

HEAVY = {
    "PIL",
    "babel",
    "holidays",
    "jinja2",
    "pydantic",
    "pygments",
    "rich",
    "sqlalchemy",
    "starlette",
    "tornado",
}


def modules_of(package: Path) -> dict[str, Path]:
    """The modules of a package by name without the package's own: ``dialogue.forms``."""
    modules = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        modules[".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)] = path
    return modules


def imports_of(path: Path, modules: dict[str, Path]) -> Iterator[tuple[str, int]]:
    """The modules of our own that a file imports anywhere in it, with the line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] == PACKAGE:
                yield _closest(parts[1:], modules), node.lineno


def _closest(parts: list[str], modules: dict[str, Path]) -> str:
    """The module that a dotted name lies in: ``errors`` for ``errors.Problem``."""
    while parts and ".".join(parts) not in modules:
        parts = parts[:-1]
    return ".".join(parts) or "__init__"


def level_of(module: str) -> int | None:
    """The number of a module's line, or None where it has none."""
    parts = module.split(".")
    while parts:
        for number, names in enumerate(LEVELS):
            if ".".join(parts) in names:
                return number
        parts = parts[:-1]
    return None


def faults_of(package: Path) -> list[str]:
    """Where a package breaks the plan."""
    modules = modules_of(package)
    faults = [f"{name} has no place in the plan" for name in modules if level_of(name) is None]
    graph: dict[str, set[str]] = {name: set() for name in modules}
    for name, path in modules.items():
        for imported, line in imports_of(path, modules):
            own, other = level_of(name), level_of(imported)
            if own is not None and other is not None and other > own:
                faults.append(f"{name}:{line} imports {imported}, which stands below it")
            if imported != name:
                graph[name].add(imported)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        faults.append("a circle: " + " → ".join(error.args[1]))
    return faults


def test_every_module_imports_only_from_above_and_never_in_a_circle(root: Path) -> None:
    assert "\n".join(faults_of(root / PACKAGE)) == ""


def test_no_module_stands_twice_in_the_plan() -> None:
    names = [name for level in LEVELS for name in level]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ({"errors.py": "from kommunebeta.plan import x"}, "errors:1 imports plan, which stands below it"),
        ({"errors.py": "from kommunebeta import plan"}, "errors:1 imports plan, which stands below it"),
        ({"errors.py": "import kommunebeta.plan"}, "errors:1 imports plan, which stands below it"),
        (
            {"errors.py": "def f():\n    import kommunebeta.plan"},
            "errors:2 imports plan, which stands below it",
        ),
        (
            {"model.py": "import typing\nif typing.TYPE_CHECKING:\n    from kommunebeta import plan"},
            "model:3 imports plan, which stands below it",
        ),
        (
            {"dialogue/forms.py": "from kommunebeta.dialogue import outcomes", "dialogue/outcomes.py": ""},
            "dialogue.forms:1 imports dialogue.outcomes, which stands below it",
        ),
        (
            {"errors.py": "from kommunebeta import codes", "codes.py": "from kommunebeta import errors"},
            "a circle: ",
        ),
        ({"helpers.py": ""}, "helpers has no place in the plan"),
    ],
)
def test_a_breach_of_the_plan_is_found_wherever_the_import_stands(
    tmp_path: Path, files: dict[str, str], fault: str
) -> None:
    for name, text in {"__init__.py": "", "plan.py": "", **files}.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert [found[: len(fault)] for found in faults_of(tmp_path)] == [fault]


@pytest.mark.parametrize(
    "start",
    [
        "import kommunebeta",
        "import runpy; sys.argv[1:] = ['--help']; runpy.run_module('kommunebeta', run_name='__main__')",
    ],
    ids=["import kommunebeta", "kommunebeta --help"],
)
def test_a_start_loads_no_heavy_library(root: Path, start: str) -> None:
    script = f"import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); {start}"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, timeout=60
    )
    loaded = {name.split(".")[0] for name in done.stderr.split()}
    assert done.returncode == 0, done.stderr
    assert PACKAGE in loaded
    assert loaded & HEAVY == set()
