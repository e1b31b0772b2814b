"""What axe-core finds in a browser and the docs give to one of our codes, the checks find at the same element."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from kommunebeta.check.accessibility.aria_tables import ABSTRACT, ATTRIBUTES, ROLES
from kommunebeta.check.checks import RULES
from kommunebeta.check.finding import Finding
from kommunebeta.errors import Severity
from tests.browsing import serving
from tests.check.copies import checked
from tests.check.test_bad_site import SITES

STATIC = "static/"
OF_THE_PAGE = {"document-title", "landmark-one-main", "page-has-heading-one", "region"}
"""Rules for which axe-core names the page or something that it could not do without."""
BESIDE = {
    "definition-list": 1,
    "duplicate-id": 1,
    "duplicate-id-active": 1,
    "duplicate-id-aria": 1,
    "frame-title-unique": 1,
    "landmark-no-duplicate-banner": 7,
    "landmark-no-duplicate-contentinfo": 1,
    "landmark-no-duplicate-main": 6,
    "landmark-unique": 5,
    "list": 1,
    "td-headers-attr": 3,
}
"""Rules for which axe-core names what is around the element, or the other one of two that are at odds, and how
many lines there are between the two on our pages, at most."""
NEVER = {
    "bypass": "needs a page that lacks headings, too",
    "meta-refresh-no-exceptions": "axe-core lets pass what has no address",
    "table-duplicate-name": "another rule of ours than that of the tables",
    "skip-link": "needs a style sheet that hides the link",
}
"""Rules that no page of the bad site can break, and why."""
IN_DOUBT = {
    "audio-caption": "axe-core asks of every sound; we look for a transcript beside it",
    "th-has-data-cells": "axe-core asks of header cells that are empty",
}
"""Rules that ask people to look where we know that nothing is wrong, or tell of something else."""
HIDDEN = "kb134-skjult.html"
"""All of it is hidden from axe-core, which therefore finds nothing there; we tell why."""

SCRIPT = """async rules => {
  const outcome = await axe.run({
    runOnly: {type: 'rule', values: rules}, resultTypes: ['violations', 'incomplete'], iframes: false
  });
  const place = node => {
    const element = document.querySelector(node.target[0]);
    const tag = element.localName;
    return [tag, [...document.getElementsByTagName(tag)].indexOf(element) + 1];
  };
  const told = kind => outcome[kind].flatMap(rule => rule.nodes.map(node => [rule.id, ...place(node)]));
  return [told('violations'), told('incomplete')];
}"""


@dataclass(frozen=True)
class Met:
    """What axe-core finds: in which page, by which rule, in which line of a static page; 0 in others."""

    page: str
    rule: str
    line: int


@dataclass(frozen=True)
class Compared:
    """What was found in a site by the checks and by axe-core, and where axe-core wants people to look."""

    ours: tuple[Finding, ...]
    axes: frozenset[Met]
    unsure: frozenset[Met]


def table(root: Path) -> dict[str, str]:
    """Who tells of each rule of axe-core, as the docs have it."""
    text = (root / "docs" / "check.md").read_text("utf-8").partition("## What is left to a browser")[2]
    return dict(re.findall(r"(?m)^\| `([\w-]+)` \| ([\w-]+) \|", text))


def covered(root: Path) -> dict[str, str]:
    """The rules of axe-core that the docs give to one of our codes."""
    return {rule: code for rule, code in table(root).items() if code in RULES}


def line_of(source: str, tag: str, nth: int) -> int:
    """The line in which a page's nth element of a name begins; 0 where it is not written out."""
    starts = [found.start() for found in re.finditer(rf"<{re.escape(tag)}(?![\w-])", source)]
    return source.count("\n", 0, starts[nth - 1]) + 1 if len(starts) >= nth else 0


def met(site: str, page: str, told: Iterable[tuple[str, str, int]]) -> Iterator[Met]:
    """What axe-core tells of a page, by line."""
    file = SITES / site / STATIC / page
    source = file.read_text("utf-8") if file.is_file() else ""
    return (Met(page, rule, line_of(source, tag, nth)) for rule, tag, nth in told)


def compared(site: str, folder: Path, browser: Browser, axe: str, rules: list[str]) -> Compared:
    """Check a site, and let axe-core look at every page of it."""
    ours = checked(site, folder).findings
    output = folder / site / "public"
    axes: set[Met] = set()
    unsure: set[Met] = set()
    with serving(output) as address:
        context = browser.new_context(viewport={"width": 800, "height": 800})
        context.add_init_script(axe)  # parsed for each page, but sent once
        tab = context.new_page()
        for page in pages(output):
            tab.goto(f"{address}/{page}", wait_until="domcontentloaded")
            told = tab.evaluate(SCRIPT, rules)
            axes.update(met(site, page, told[0]))
            unsure.update(met(site, page, told[1]))
        context.close()
    return Compared(ours, frozenset(axes), frozenset(unsure))


def is_case(path: str) -> bool:
    """Whether a file is there for a barrier."""
    return re.search(r"kb1(?:2\d|3[0-7])", path) is not None


def pages(output: Path) -> Iterator[str]:
    """The home page, and the pages with cases of barriers."""
    for file in sorted(output.rglob("*.html")):
        path = file.relative_to(output).as_posix()
        if path == "index.html" or is_case(path):
            yield path


@pytest.fixture(scope="module")
def bad(browser: Browser, axe: str, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Compared:
    return compared("darlig", tmp_path_factory.mktemp("axe"), browser, axe, list(covered(root)))


def tells(findings: Iterable[Finding], code: str, one: Met) -> bool:
    """Whether one of some findings is what axe-core means: the same code, page and, if it is known, line."""
    far = BESIDE.get(one.rule, 0)
    return any(
        finding.problem.code == code
        and (finding.page == one.page or finding.problem.path == STATIC + one.page)
        and (not one.line or one.rule in OF_THE_PAGE or abs(finding.problem.line - one.line) <= far)
        for finding in findings
    )


def test_the_docs_say_of_every_rule_of_axe_who_tells(browser: Browser, axe: str, root: Path) -> None:
    tab = browser.new_page()
    tab.evaluate(axe)
    rules = tab.evaluate("axe.getRules().map(rule => rule.ruleId)")
    tab.close()
    said = table(root)
    assert sorted(said) == sorted(rules)
    assert set(said.values()) - set(RULES) == {"axe-core"}


def test_what_axe_finds_and_the_docs_give_to_us_we_find_at_the_same_line(bad: Compared, root: Path) -> None:
    ours = covered(root)
    missed = [
        one
        for one in bad.axes
        if not tells(bad.ours, ours[one.rule], one) and not (one.page == HIDDEN and one.rule in OF_THE_PAGE)
    ]
    assert sorted(map(repr, missed)) == []


def test_what_axe_asks_people_to_look_at_we_tell(bad: Compared, root: Path) -> None:
    ours = covered(root)
    missed = [
        one for one in bad.unsure if one.rule not in IN_DOUBT and not tells(bad.ours, ours[one.rule], one)
    ]
    assert sorted(map(repr, missed)) == []


def test_what_we_call_an_error_axe_finds_or_asks_people_to_look_at(bad: Compared, root: Path) -> None:
    ours = covered(root)
    alone = {
        finding.problem.message
        for finding in bad.ours
        if finding.problem.severity is Severity.ERROR
        and is_case(finding.problem.path)
        and not any(tells([finding], ours[one.rule], one) for one in bad.axes | bad.unsure)
    }
    assert alone == set()


def test_every_rule_that_the_docs_give_to_us_is_broken_on_the_bad_site(bad: Compared, root: Path) -> None:
    known = {one.rule for one in bad.axes | bad.unsure}
    assert set(covered(root)) - known == set(NEVER)


def test_on_the_mended_site_neither_axe_nor_the_checks_find_anything(
    browser: Browser, axe: str, root: Path, tmp_path: Path
) -> None:
    found = compared("rettet", tmp_path, browser, axe, list(covered(root)))
    assert sorted(map(repr, found.axes)) == []
    assert [finding for finding in found.ours if finding.problem.code in covered(root).values()] == []


def test_roles_and_attributes_are_those_that_axe_knows(browser: Browser, axe: str) -> None:
    tab = browser.new_page()
    tab.evaluate(axe)
    theirs = tab.evaluate("axe.utils.getStandards()")
    tab.close()
    roles = theirs["ariaRoles"]
    assert {name for name, role in roles.items() if role["type"] == "abstract"} == ABSTRACT
    assert set(roles) == ABSTRACT | set(ROLES)
    for name, role in ROLES.items():
        other = roles[name]
        assert role.requires == tuple(other.get("requiredAttrs", ())), name
        assert role.supports == {*other.get("allowedAttrs", ()), *other.get("requiredAttrs", ())}, name
        assert role.parents == set(other.get("requiredContext", ())), name
        assert role.owns == set(other.get("requiredOwned", ())), name
        assert role.named == other.get("accessibleNameRequired", False), name
        assert role.from_content == other.get("nameFromContent", False), name
        assert role.leaf == other.get("childrenPresentational", False), name
        assert role.deprecated == other.get("deprecated", False), name
    assert set(ATTRIBUTES) == set(theirs["ariaAttrs"])
    for name, attribute in ATTRIBUTES.items():
        other = theirs["ariaAttrs"][name]
        assert attribute.values == set(other.get("values", ())), name
        assert attribute.everywhere == other.get("global", False), name
        assert attribute.least == other.get("minValue"), name
