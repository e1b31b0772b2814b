"""A baseline lets a site adopt the checks bit by bit: what it knows is not told, what is new is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kommunebeta.check.baseline import Known, read_baseline, without_known, write_baseline
from kommunebeta.check.finding import Finding, Group
from kommunebeta.check.options import CheckOptions
from kommunebeta.check.run import check, update
from kommunebeta.errors import ContentError, OutsideError, Problem, UsageError
from kommunebeta.reporter import Reporter

SETTINGS = "name: Fjordvikbeta\nmunicipality: Fjordvik kommune\nbase_url: https://beta.fjordvik.example/\n"
PAGE = (
    '<!doctype html>\n<html lang="nb">\n<head><meta charset="utf-8"><title>Plan</title></head>\n'
    "<body><main><h1>Plan</h1>\n{}\n</main></body>\n</html>\n"
)
LINK = '<p><a href="/{}/">Les om {}</a></p>'
LINKS = CheckOptions(groups=(Group.LINKS,), jobs=1)


def finding(line: int = 1, message: str = "The link to /x/ leads nowhere.", path: str = "a.md") -> Finding:
    return Finding(Problem("KB100", path, line, 1, message), Group.LINKS)


@pytest.fixture
def site(make_folder: Callable[..., Path]) -> Path:
    broken = LINK.format("borte", "det som er borte")
    return make_folder({"kommunebeta.yaml": SETTINGS, "static/plan.html": PAGE.format(broken)})


def messages(site: Path, options: CheckOptions = LINKS) -> list[str]:
    return [found.problem.message for found in check(site, options, Reporter()).findings]


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    file = tmp_path / "baseline.yaml"
    said = 'The link to «/å: "b"/» leads nowhere; #1 {x}.'
    assert write_baseline(file, [finding(), finding(5), finding(message=said, path="")]) == 3
    assert read_baseline(file, named=True) == {
        Known("KB100", "a.md", "The link to /x/ leads nowhere."): 2,
        Known("KB100", "", said): 1,
    }


def test_a_known_finding_is_known_on_another_line_but_not_twice() -> None:
    known = {Known("KB100", "a.md", "The link to /x/ leads nowhere."): 1}
    assert without_known([finding(9)], known) == ((), ())
    assert without_known([finding(9), finding(12)], known) == ((finding(12),), ())


def test_what_is_mended_is_told() -> None:
    known = {Known("KB100", "a.md", "The link to /x/ leads nowhere."): 1}
    assert without_known([], known) == ((), ("a.md: KB100: The link to /x/ leads nowhere.",))


def test_a_site_adopts_the_checks_bit_by_bit(site: Path) -> None:
    assert messages(site) == ["The link to /borte/ leads nowhere."]
    file, _ = update(site, CheckOptions(jobs=1), Reporter())
    assert file == site / "check-baseline.yaml"
    assert messages(site) == []
    new = LINK.format("borte", "det som er borte") + "\n" + LINK.format("ny", "noe nytt")
    (site / "static/plan.html").write_text(PAGE.format(new), "utf-8")
    assert messages(site) == ["The link to /ny/ leads nowhere."]
    (site / "static/plan.html").write_text(PAGE.format("<p>Ingen lenker.</p>"), "utf-8")
    result = check(site, CheckOptions(jobs=1), Reporter())
    assert any(
        line.startswith("static/plan.html: KB100: The link to /borte/ leads nowhere.")
        for line in result.mended
    )


def test_a_baseline_of_some_groups_is_refused(site: Path) -> None:
    with pytest.raises(UsageError, match="all groups"):
        update(site, LINKS, Reporter())
    assert not (site / "check-baseline.yaml").exists()


def test_a_site_that_cannot_be_built_gets_no_baseline(make_folder: Callable[..., Path]) -> None:
    site = make_folder({"kommunebeta.yaml": SETTINGS, "content/posts/x.md": "uten front matter\n"})
    with pytest.raises(ContentError):
        update(site, CheckOptions(jobs=1), Reporter())
    assert not (site / "check-baseline.yaml").exists()


@pytest.mark.parametrize("text", ["- x\n", "findings: tull\n", "findings:\n- {code: KB100}\n", "funn: []\n"])
def test_a_file_that_is_no_baseline_is_told_of(tmp_path: Path, text: str) -> None:
    file = tmp_path / "baseline.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(ContentError) as caught:
        read_baseline(file, named=True)
    assert caught.value.problems[0].path == "baseline.yaml"
    assert caught.value.problems[0].line


def test_a_baseline_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no baseline"):
        read_baseline(tmp_path / "borte.yaml", named=True)
    assert read_baseline(tmp_path / "borte.yaml", named=False) == {}


def test_a_baseline_that_cannot_be_read_or_written_is_the_worlds_fault(tmp_path: Path) -> None:
    with pytest.raises(OutsideError):
        read_baseline(tmp_path, named=True)
    with pytest.raises(OutsideError):
        write_baseline(tmp_path, [])
