"""The deliberately bad site gives exactly the findings that are expected, the mended one none."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from kommunebeta.check.checks import CHECKS, RULES
from kommunebeta.check.external.faults import ASKED
from kommunebeta.check.finding import Finding, Group
from kommunebeta.check.options import CheckOptions, CheckResult
from kommunebeta.check.report import findings_json, findings_sarif
from kommunebeta.check.run import check
from kommunebeta.reporter import Reporter
from kommunebeta.validation import parse_moment
from tests.check.walked import files_of, kept_in, told

SITES = Path(__file__).resolve().parent.parent / "sites"
AT = parse_moment("2026-01-15 12:00")


def checked(name: str, folder: Path) -> CheckResult:
    """A site of the tests, checked in a copy."""
    site = shutil.copytree(SITES / name, folder / name)
    return check(site, CheckOptions(at=AT, jobs=1), Reporter())


def shown(finding: Finding) -> str:
    """A finding as the lists of what is expected have it."""
    problem = finding.problem
    seen = f" [/{finding.page.removesuffix('index.html')}]" if finding.page else ""
    more = f" (+{finding.pages - 1})" if finding.pages > 1 else ""
    return f"{problem.place}: {problem.severity} {problem.code}: {problem.message} {problem.mend}{seen}{more}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("check")


@pytest.fixture(scope="module")
def bad(folder: Path) -> CheckResult:
    return checked("darlig", folder)


@pytest.mark.parametrize("group", list(Group))
def test_the_bad_site_has_the_findings_that_are_expected(bad: CheckResult, group: Group) -> None:
    file = SITES / "darlig" / f"expected-{group}.txt"
    expected = file.read_text("utf-8").splitlines() if file.is_file() else []
    assert [shown(finding) for finding in bad.findings if finding.group is group] == expected


def test_a_second_check_examines_nothing_and_tells_the_same(folder: Path, bad: CheckResult) -> None:
    (file,) = files_of(folder / "darlig")
    before = file.stat().st_mtime_ns
    again = check(folder / "darlig", CheckOptions(at=AT, jobs=4), Reporter())
    assert bad.examined > 150
    assert again.examined == 0
    assert again.findings == bad.findings
    assert findings_sarif(again) == findings_sarif(bad)
    assert {**findings_json(again), "seconds": 0} == {**findings_json(bad), "seconds": 0}
    assert file.stat().st_mtime_ns == before


def test_what_many_processes_find_and_keep_is_what_one_does(folder: Path, bad: CheckResult) -> None:
    (file,) = files_of(folder / "darlig")
    by_one = kept_in(file.read_bytes())
    file.unlink()
    by_many = check(folder / "darlig", CheckOptions(at=AT, jobs=4), Reporter())
    assert by_many.examined == bad.examined
    assert told(by_many) == told(bad)
    assert kept_in(file.read_bytes()) == by_one


def test_every_code_has_a_case(bad: CheckResult) -> None:
    assert (
        set(RULES) - {finding.problem.code for finding in bad.findings} == ASKED
    )  # which come out in test_external


def test_the_mended_site_has_no_finding(tmp_path: Path) -> None:
    assert [shown(finding) for finding in checked("rettet", tmp_path).findings] == []


def test_each_case_stands_in_a_file_that_bears_its_code(bad: CheckResult) -> None:
    for finding in bad.findings:
        named = re.search(r"kb\d{3}", finding.problem.path)
        if named and finding.problem.code in RULES:
            assert named[0].upper() == finding.problem.code, shown(finding)


def test_every_rule_says_why_it_matters_and_how_to_mend_it() -> None:
    for code, rule in RULES.items():
        assert rule.title, code
        assert rule.why.endswith("."), code
        assert rule.mend.endswith("."), code
        assert not rule.title.endswith("."), code


def test_codes_stand_in_order_and_in_the_range_of_their_group() -> None:
    ranges = {Group.LINKS: (100, 119), Group.PAGES: (120, 149), Group.PRIVACY: (150, 169)}
    ranges |= {Group.DIALOGUE: (170, 179), Group.SITE: (180, 199)}
    for group, checks in CHECKS.items():
        numbers = [int(code[2:]) for code in checks.rules]
        assert numbers == sorted(numbers), group
        assert all(ranges[group][0] <= number <= ranges[group][1] for number in numbers), group
