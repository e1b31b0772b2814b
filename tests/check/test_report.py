"""What is found, as machines read it: JSON with stable names, SARIF that its own schema accepts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from kommunebeta.check.finding import Finding, Group
from kommunebeta.check.options import CheckOptions, CheckResult
from kommunebeta.check.report import findings_json, findings_sarif
from kommunebeta.check.run import check
from kommunebeta.errors import Problem, Severity
from kommunebeta.reporter import Reporter
from tests.check.copies import checked

FINDING = Finding(
    Problem("KB100", "content/pages/om oss.md", 7, 3, "The link to /x/ leads nowhere.", "Mend it."),
    Group.LINKS,
    "Readers meet an error page.",
    ("WCAG 2.2, 2.4.4",),
    "om/index.html",
    3,
)


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> CheckResult:
    return checked("darlig", tmp_path_factory.mktemp("check"))


def test_sarif_of_the_bad_site_is_valid(bad: CheckResult, sarif_schema: dict[str, Any]) -> None:
    log = findings_sarif(bad)
    jsonschema.Draft4Validator(sarif_schema).validate(log)
    assert len(log["runs"][0]["results"]) == len(bad.findings)


def test_sarif_of_nothing_is_valid(sarif_schema: dict[str, Any]) -> None:
    jsonschema.Draft4Validator(sarif_schema).validate(findings_sarif(CheckResult(())))


def test_sarif_names_the_rule_the_place_and_the_page() -> None:
    run = findings_sarif(CheckResult((FINDING,)))["runs"][0]
    (result,) = run["results"]
    assert result["ruleId"] == run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "KB100"
    assert result["level"] == "error"
    assert result["message"]["text"] == "The link to /x/ leads nowhere. (/om/) Mend it."
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "content/pages/om%20oss.md", "uriBaseId": "SITE"}
    assert place["region"] == {"startLine": 7, "startColumn": 3}


def test_a_finding_without_a_file_is_put_to_the_settings_so_that_code_hosts_take_it() -> None:
    finding = Finding(Problem("KB100", "", 0, 0, "x."), Group.LINKS, page="arkiv/index.html", pages=1)
    (result,) = findings_sarif(CheckResult((finding,)))["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "kommunebeta.yaml", "uriBaseId": "SITE"}}


def test_the_fingerprint_outlives_an_edit_above_the_finding() -> None:
    def mark(line: int) -> str:
        problem = Problem("KB100", "content/x.md", line, 1, "The link to /x/ leads nowhere.")
        (result,) = findings_sarif(CheckResult((Finding(problem, Group.LINKS),)))["runs"][0]["results"]
        return str(result["partialFingerprints"]["kommunebeta/v1"])

    assert mark(3) == mark(30)


def test_json_tells_everything_of_a_finding() -> None:
    shown = json.loads(json.dumps(findings_json(CheckResult((FINDING,), known=2, pages=9, files=4))))
    assert (shown["ok"], shown["errors"], shown["warnings"], shown["notes"]) == (False, 1, 0, 0)
    assert (shown["known"], shown["pages"], shown["files"]) == (2, 9, 4)
    assert shown["findings"] == [
        {
            "code": "KB100",
            "group": "links",
            "severity": "error",
            "path": "content/pages/om oss.md",
            "line": 7,
            "column": 3,
            "page": "om/index.html",
            "pages": 3,
            "message": "The link to /x/ leads nowhere.",
            "mend": "Mend it.",
            "why": "Readers meet an error page.",
            "sources": ["WCAG 2.2, 2.4.4"],
        }
    ]


@pytest.mark.parametrize(
    ("severity", "strict", "code"),
    [
        (Severity.ERROR, False, 1),
        (Severity.WARNING, False, 0),
        (Severity.WARNING, True, 1),
        (Severity.NOTE, True, 0),
    ],
)
def test_the_exit_code_follows_the_worst_finding(severity: Severity, strict: bool, code: int) -> None:
    finding = Finding(Problem("KB100", "", 0, 0, "x.", severity=severity), Group.LINKS)
    assert CheckResult((finding,), strict=strict).exit_code == code


def test_what_stops_a_build_is_a_finding_whatever_was_asked_for(make_folder: Callable[..., Path]) -> None:
    settings = "name: A\nmunicipality: B\n"
    site = make_folder(
        {"kommunebeta.yaml": settings, "content/posts/x.md": "---\ntitle: X\ndate: tull\n---\n"}
    )
    result = check(site, CheckOptions(groups=(Group.LINKS,), jobs=1), Reporter())
    assert [(found.problem.code, found.group, found.problem.line) for found in result.findings] == [
        ("KB014", Group.BUILD, 3)
    ]
    assert (result.exit_code, result.pages) == (1, 0)
