"""What a check found, as JSON and as SARIF."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from kommunebeta import __version__
from kommunebeta.check.baseline import known_by
from kommunebeta.check.checks import RULES
from kommunebeta.check.finding import Finding
from kommunebeta.check.options import CheckResult
from kommunebeta.codes import CODES
from kommunebeta.config import FILE_NAME
from kommunebeta.errors import Severity

SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_HELP = "https://github.com/kommunebeta/kommunebeta/blob/main/docs/check.md"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


def findings_json(result: CheckResult) -> dict[str, Any]:
    """A result as JSON can say it."""
    return {
        "ok": result.exit_code == 0,
        "error": "",
        "errors": result.count(Severity.ERROR),
        "warnings": result.count(Severity.WARNING),
        "notes": result.count(Severity.NOTE),
        "known": result.known,
        "mended": list(result.mended),
        "pages": result.pages,
        "files": result.files,
        "external": result.asked,
        "seconds": round(result.seconds, 3),
        "findings": [_finding_json(finding) for finding in result.findings],
    }


def _finding_json(finding: Finding) -> dict[str, Any]:
    problem = finding.problem
    return {
        "code": problem.code,
        "group": str(finding.group),
        "severity": str(problem.severity),
        "path": problem.path,
        "line": problem.line,
        "column": problem.column,
        "page": finding.page,
        "pages": finding.pages,
        "message": problem.message,
        "mend": problem.mend,
        "why": finding.why,
        "sources": list(finding.sources),
    }


def findings_sarif(result: CheckResult) -> dict[str, Any]:
    """A result in the Static Analysis Results Interchange Format (OASIS SARIF 2.1.0)."""
    codes = sorted({finding.problem.code for finding in result.findings})
    driver = {
        "name": "Kommunebeta",
        "version": __version__,
        "informationUri": "https://github.com/kommunebeta/kommunebeta",
        "rules": [_rule(code) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SITE": {"description": {"text": "The site folder."}}},
        "results": list(_results(result.findings, codes)),
    }
    return {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> dict[str, Any]:
    if code in RULES:
        rule = RULES[code]
        text, why, sources = f"{rule.why} {rule.mend}", rule.title, list(rule.sources)
    else:
        text, why, sources = CODES[code].explanation, CODES[code].title, []
    return {
        "id": code,
        "shortDescription": {"text": why},
        "fullDescription": {"text": text},
        "help": {"text": " ".join([text, *sources])},
        "helpUri": f"{_HELP}#{code.lower()}",
        "properties": {"tags": sources},
    }


def _results(findings: Iterable[Finding], codes: list[str]) -> Iterator[dict[str, Any]]:
    for finding in findings:
        problem = finding.problem
        place: dict[str, Any] = {
            "artifactLocation": {"uri": quote(problem.path or FILE_NAME), "uriBaseId": "SITE"}
        }
        if problem.line:
            place["region"] = {"startLine": problem.line}
            if problem.column:
                place["region"]["startColumn"] = problem.column
        seen = f" (/{finding.page.removesuffix('index.html')})" if finding.page else ""
        mark = hashlib.sha256("\0".join(known_by(finding)).encode()).hexdigest()
        yield {
            "ruleId": problem.code,
            "ruleIndex": codes.index(problem.code),
            "level": _LEVELS[problem.severity],
            "message": {"text": f"{problem.message}{seen} {problem.mend}".strip()},
            "locations": [{"physicalLocation": place}],
            "partialFingerprints": {"kommunebeta/v1": mark},
        }
