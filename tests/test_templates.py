"""The Jinja environment: inheritance, escaping, and faults told at their place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from kommunebeta.assets import prepare_assets
from kommunebeta.config import read_settings
from kommunebeta.contexts import NotFoundContext
from kommunebeta.errors import ContentError, Problem
from kommunebeta.site import Site
from kommunebeta.templates import Templates
from kommunebeta.theme import load_theme

Make = Callable[..., Path]
FILES = {
    "kommunebeta.yaml": "name: X\nmunicipality: Y\ntheme: barn\nbase_url: https://x.example/beta/\n",
    "themes/barn/theme.yaml": "name: Barn\nparent: mor\n",
    "themes/mor/theme.yaml": "name: Mor\n",
    "themes/mor/assets/main.css": "a{}",
    "themes/mor/locales/nb.po": 'msgid "By %(name)s"\nmsgstr "Av %(name)s"\n',
}


class Kitchen:
    """A theme's templates and a page to try them on."""

    def __init__(self, folder: Path, time_limit: float, size_limit: int) -> None:
        settings, document = read_settings(folder)
        theme = load_theme(folder, settings, document)
        self.site = Site(settings, now=dt.datetime(2026, 5, 17, tzinfo=dt.UTC))
        assets = prepare_assets(theme.asset_files())
        self.templates = Templates(
            theme,
            self.site,
            assets,
            body=lambda entry, mode: "",
            time_limit=time_limit,
            size_limit=size_limit,
        )

    def render(self, name: str = "x.html", title: str = "T", lang: str = "nb") -> str:
        context = NotFoundContext(site=self.site, lang=lang, home=lang, address="/404.html", title=title)
        return self.templates.render(name, context)

    def problem(self, name: str = "x.html") -> Problem:
        with pytest.raises(ContentError) as caught:
            self.render(name)
        (problem,) = caught.value.problems
        return problem


@pytest.fixture
def kitchen(make_folder: Make) -> Callable[..., Kitchen]:
    def make(files: Mapping[str, str | bytes], time_limit: float = 20.0, size_limit: int = 10**6) -> Kitchen:
        return Kitchen(make_folder({**FILES, **files}), time_limit, size_limit)

    return make


def test_a_template_extends_the_one_of_its_own_name_through_three_layers(
    kitchen: Callable[..., Kitchen],
) -> None:
    files = {
        "themes/mor/templates/x.html": "mor[{% block a %}m{% endblock %}|{% block b %}m{% endblock %}]",
        "themes/barn/templates/x.html": '{% extends "parent:x.html" %}{% block a %}b{{ super() }}{% endblock %}',
        "templates/x.html": '{% extends "parent:x.html" %}{% block a %}s{{ super() }}{% endblock %}',
    }
    assert kitchen(files).render() == "mor[sbm|m]"


def test_a_child_includes_its_parents_partial(kitchen: Callable[..., Kitchen]) -> None:
    files = {
        "themes/mor/templates/x.html": '{% include "partials/p.html" %}',
        "themes/mor/templates/partials/p.html": "mor",
        "themes/barn/templates/partials/p.html": 'barn+{% include "parent:partials/p.html" %}',
    }
    assert kitchen(files).render() == "barn+mor"


@pytest.mark.parametrize("name", ["x.html", "feed.atom", "sitemap.xml"])
def test_what_people_write_is_escaped(kitchen: Callable[..., Kitchen], name: str) -> None:
    made = kitchen({f"templates/{name}": "{{ title }}"}).render(name, "<script>&\"'")
    assert made == "&lt;script&gt;&amp;&#34;&#39;"


def test_a_text_with_a_value_is_translated_and_the_value_escaped(kitchen: Callable[..., Kitchen]) -> None:
    made = kitchen({"templates/x.html": '{{ t("By %(name)s", name=title) }}'}).render(title="<b>")
    assert made == "Av &lt;b&gt;"


def test_macros_know_the_page_without_being_given_it(kitchen: Callable[..., Kitchen]) -> None:
    files = {
        "templates/m.html": '{% macro by(x) %}{{ t("By %(name)s", name=x) }}{% endmacro %}',
        "templates/x.html": '{% from "m.html" import by %}{{ by("meg") }}',
    }
    assert kitchen(files).render() == "Av meg"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('"/om/"|url', "/beta/om/"),
        ('"/om/"|absolute_url', "https://x.example/beta/om/"),
        ('"/æ b/#x"|url', "/beta/%C3%A6%20b/#x"),
        ('"https://y.example/?a=1"|url', "https://y.example/?a=1"),
        ('"mailto:a@b.no"|url', "mailto:a@b.no"),
        ('"javascript:alert(1)"|url', "#"),
        ('" JavaScript:alert(1)"|url', "#"),
        ('"data:text/html,x"|url', "#"),
        ('"a b c d"|excerpt(2)', "a b …"),
        ('"Æ Ø"|slug', "ae-o"),
        ('"se"|language_name', "Davvisámegiella"),
        ("1234567|filesize", "1,2 MB"),
        ("site.now|date", "17. mai 2026"),
        ("site.now|isodate", "2026-05-17T00:00:00+00:00"),
        ('{"a": "</script>&"}|json', '{"a": "\\u003c/script\\u003e\\u0026"}'),
        ('"a\\x0bb"|xml', "ab"),
        ('"**x** <script>"|markdown', "<strong>x</strong> &lt;script&gt;"),
    ],
)
def test_filters_give_what_they_promise(
    kitchen: Callable[..., Kitchen], expression: str, expected: str
) -> None:
    assert kitchen({"templates/x.html": "{{ " + expression + " }}"}).render() == expected


def test_an_asset_is_found_under_its_fingerprint(kitchen: Callable[..., Kitchen]) -> None:
    assert kitchen({"templates/x.html": '{{ "main.css"|asset }}'}).render().startswith("/beta/assets/main.")


def test_a_missing_asset_is_a_problem_with_a_suggestion(kitchen: Callable[..., Kitchen]) -> None:
    problem = kitchen({"templates/x.html": '{{ "mian.css"|asset }}'}).problem()
    assert (problem.code, problem.mend) == ("KB056", "Did you mean «main.css»?")


def test_a_syntax_fault_is_told_with_template_and_line(kitchen: Callable[..., Kitchen]) -> None:
    problem = kitchen({"themes/mor/templates/x.html": "a\nb\n{% if %}\n"}).problem()
    assert (problem.code, problem.path, problem.line) == ("KB054", "themes/mor/templates/x.html", 3)
    assert "/404.html" in problem.message


def test_an_unknown_variable_is_told_with_a_suggestion(kitchen: Callable[..., Kitchen]) -> None:
    problem = kitchen({"templates/x.html": "a\n{{ titel }}"}).problem()
    assert (problem.code, problem.path, problem.line) == ("KB054", "templates/x.html", 2)
    assert problem.mend == "Did you mean «title»?"


def test_an_unknown_attribute_is_told_with_a_suggestion(kitchen: Callable[..., Kitchen]) -> None:
    problem = kitchen({"templates/x.html": "{{ site.municipalty }}"}).problem()
    assert problem.mend == "Did you mean «municipality»?"


def test_any_fault_in_an_expression_is_told_at_its_line(kitchen: Callable[..., Kitchen]) -> None:
    problem = kitchen({"templates/x.html": "\n\n{{ 1 / 0 }}"}).problem()
    assert (problem.code, problem.line) == ("KB054", 3)


def test_an_unknown_template_is_told_with_a_suggestion(kitchen: Callable[..., Kitchen]) -> None:
    files = {"templates/x.html": '{% include "pagr.html" %}', "templates/pager.html": ""}
    problem = kitchen(files).problem()
    assert (problem.code, problem.path, problem.mend) == (
        "KB053",
        "templates/x.html",
        "Did you mean «pager.html»?",
    )


@pytest.mark.parametrize(
    "text",
    ['{% include "x.html" %}', "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", '{% extends "x.html" %}'],
)
def test_a_template_that_calls_itself_is_stopped(kitchen: Callable[..., Kitchen], text: str) -> None:
    problem = kitchen({"templates/x.html": text}).problem()
    assert (problem.code, problem.path) == ("KB055", "templates/x.html")


def test_a_loop_without_end_is_stopped(kitchen: Callable[..., Kitchen]) -> None:
    loops = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    problem = kitchen({"templates/x.html": loops}, time_limit=0.3).problem()
    assert (problem.code, problem.path) == ("KB055", "templates/x.html")
    assert "0.3 seconds" in problem.message


def test_a_slow_page_does_not_stop_the_next_one(kitchen: Callable[..., Kitchen]) -> None:
    loops = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    cook = kitchen({"templates/x.html": loops, "templates/y.html": "ok"}, time_limit=0.3)
    cook.problem()
    assert [cook.render("y.html") for _ in range(50)] == ["ok"] * 50


def test_a_range_without_end_is_refused(kitchen: Callable[..., Kitchen]) -> None:
    assert kitchen({"templates/x.html": "{% for a in range(10**12) %}{% endfor %}"}).problem().code == "KB055"


def test_a_page_without_measure_is_stopped(kitchen: Callable[..., Kitchen]) -> None:
    text = '{% for a in range(99999) %}{{ "x" * 1000 }}{% endfor %}'
    problem = kitchen({"templates/x.html": text}).problem()
    assert (problem.code, problem.path) == ("KB055", "templates/x.html")
    assert "1000000 characters" in problem.message


@pytest.mark.parametrize(
    "name",
    ["site:../secret", "mor:../theme.yaml", "parent:../theme.yaml", "../kommunebeta.yaml", "/etc/passwd"],
)
@pytest.mark.parametrize("how", ["include", "extends", "import"])
def test_no_name_of_a_template_reads_a_file_outside_the_templates(
    kitchen: Callable[..., Kitchen], name: str, how: str
) -> None:
    tail = " as m" if how == "import" else ""
    files = {"templates/x.html": f'{{% {how} "{name}"{tail} %}}', "secret": "secret"}
    assert kitchen(files).problem().code == "KB053"


def test_a_base_that_a_parent_names_is_the_sites_own(kitchen: Callable[..., Kitchen]) -> None:
    files = {
        "themes/mor/templates/base.html": "mor[{% block a %}{% endblock %}]",
        "themes/mor/templates/x.html": '{% extends "base.html" %}{% block a %}m{% endblock %}',
        "themes/barn/templates/x.html": '{% extends "parent:x.html" %}',
        "templates/base.html": '{% extends "parent:base.html" %}{% block a %}s{{ super() }}{% endblock %}',
    }
    assert kitchen(files).render() == "mor[m]"
    files["templates/base.html"] = "site[{% block a %}{% endblock %}]"
    assert kitchen(files).render() == "site[m]"


def test_macros_are_imported_from_behind_too(kitchen: Callable[..., Kitchen]) -> None:
    files = {
        "themes/mor/templates/m.html": "{% macro a() %}mor{% endmacro %}",
        "templates/m.html": '{% from "parent:m.html" import a %}{% macro b() %}site+{{ a() }}{% endmacro %}',
        "templates/x.html": '{% from "m.html" import b %}{{ b() }}',
    }
    assert kitchen(files).render() == "site+mor"


def test_a_template_that_only_the_site_has_has_no_parent(kitchen: Callable[..., Kitchen]) -> None:
    problem = kitchen({"templates/x.html": '{% extends "parent:x.html" %}'}).problem()
    assert (problem.code, problem.path, problem.line) == ("KB053", "templates/x.html", 1)
    assert "behind" in problem.message


def test_each_page_is_worded_in_its_own_language(kitchen: Callable[..., Kitchen]) -> None:
    text = """{{ "By %(name)s"|t(name="x") }} {{ 1234567|filesize }} {{ '"a"'|markdown }}"""
    cook = kitchen({"templates/x.html": text})
    assert [cook.render(lang=lang) for lang in ("nb", "en", "nb")] == [
        "Av x 1,2 MB «a»",
        "By x 1.2 MB “a”",
        "Av x 1,2 MB «a»",
    ]


@pytest.mark.parametrize(
    ("name", "expected"), [("x.html", "Av A &amp; B"), ("x.txt", "Av A & B"), ("x.json", '"Av A \\u0026 B"')]
)
def test_a_value_is_escaped_only_where_the_template_is(
    kitchen: Callable[..., Kitchen], name: str, expected: str
) -> None:
    tail = "|json" if name == "x.json" else ""
    files = {f"templates/{name}": '{{ t("By %(name)s", name=title)' + tail + " }}"}
    assert kitchen(files).render(name, "A & B") == expected


def test_a_number_of_things_is_worded_and_filled_in(kitchen: Callable[..., Kitchen]) -> None:
    text = '{% for n in (1, 2) %}{{ ngettext("%(num)s %(a)s", "%(num)s %(a)ss", n, a="<") }};{% endfor %}'
    assert kitchen({"templates/x.html": text}).render() == "1 &lt;;2 &lt;s;"


def test_a_catalogue_that_asks_for_another_value_is_told_with_those_there_are(
    kitchen: Callable[..., Kitchen],
) -> None:
    files = {"templates/x.html": '\n{{ t("By %(name)s", name=1) }}'}
    files["locales/nb.po"] = 'msgid "By %(name)s"\nmsgstr "Av %(navn)s"\n'
    problem = kitchen(files).problem()
    assert (problem.code, problem.line) == ("KB054", 2)
    assert "%(name)s" in problem.mend


@pytest.mark.parametrize("expression", ["lipsum()", "[1, 2]|random"])
def test_nothing_at_random_is_offered(kitchen: Callable[..., Kitchen], expression: str) -> None:
    assert kitchen({"templates/x.html": "{{ " + expression + " }}"}).problem().code == "KB054"


@pytest.mark.parametrize(
    ("expression", "mend"),
    [
        ("site.settings.contact.emial", "Did you mean «email»?"),
        ('site.page("x", lang).title', "Ask first whether there is one: {% if … %} before «.title»."),
        ('{"accent": 1}.acent', "Did you mean «accent»?"),
        ("titel|url", "Did you mean «title»?"),
        ("structured_dta()", "Did you mean «structured_data»?"),
        ("title|excerp", "Did you mean «excerpt»?"),
        ("title is defind", "Did you mean «defined»?"),
        ("none|url", "Test the value first with {% if … %}."),
        ('"mian.css"|asset', "Did you mean «main.css»?"),
    ],
)
def test_a_fault_comes_with_its_likely_mend_at_its_line(
    kitchen: Callable[..., Kitchen], expression: str, mend: str
) -> None:
    problem = kitchen({"templates/x.html": "a\nb\n{{ " + expression + " }}"}).problem()
    assert (problem.path, problem.line, problem.mend) == ("templates/x.html", 3, mend)
    assert "/404.html" in problem.message


def test_a_fault_in_a_macro_is_told_where_the_macro_stands(kitchen: Callable[..., Kitchen]) -> None:
    files = {
        "themes/mor/templates/m.html": "{% macro a(x) %}\n{{ x.titel }}\n{% endmacro %}",
        "templates/x.html": '{% from "m.html" import a %}{{ a(site) }}',
    }
    problem = kitchen(files).problem()
    assert (problem.path, problem.line) == ("themes/mor/templates/m.html", 2)


def test_a_template_that_is_not_utf_8_is_a_problem_at_its_place(kitchen: Callable[..., Kitchen]) -> None:
    problem = kitchen({"templates/x.html": b"a\nbl\xe5"}).problem()
    assert (problem.code, problem.path, problem.line, problem.column) == ("KB001", "templates/x.html", 2, 3)


@pytest.mark.parametrize(
    "text",
    ["{% if 1 %}" * 3000 + "{% endif %}" * 3000, "{% for a in [1] %}" * 30 + "{% endfor %}" * 30],
)
def test_a_template_nested_beyond_measure_is_a_problem(kitchen: Callable[..., Kitchen], text: str) -> None:
    problem = kitchen({"templates/x.html": text}).problem()
    assert problem.code in ("KB054", "KB055")
    assert problem.path == "templates/x.html"


def test_a_fault_in_a_built_in_theme_names_the_theme(make_folder: Make) -> None:
    files = {"kommunebeta.yaml": "name: X\nmunicipality: Y\n"}
    cook = Kitchen(make_folder(files), 20.0, 10**6)
    assert cook.problem("post.html").path in ("theme beta: post.html", "theme beta: base.html")
