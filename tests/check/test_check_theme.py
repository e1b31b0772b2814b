"""The site's own templates: names, filters, blocks and texts that do not exist, and those that do."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from kommunebeta.check.theme import broken_contracts
from tests.check.wholes import page, post, told, whole

Make = Callable[[Mapping[str, str]], Path]


def faults(
    make_folder: Make, files: Mapping[str, str], settings: str = "", *templates: str
) -> list[tuple[str, str, int, str]]:
    """What is wrong with templates, given by path; pages name the given ones, and a post the last of them."""
    pages = [page(f"p{number}", template=name) for number, name in enumerate(templates)]
    folder = make_folder({f"templates/{path}": text for path, text in files.items()})
    return told(broken_contracts(whole(folder, settings, pages=pages, posts=[post("sak")])))


def words(make_folder: Make, text: str, name: str = "post.html") -> list[tuple[int, str]]:
    """Line and message of what is wrong with one template that stands in for the theme's."""
    return [(line, message) for _, _, line, message in faults(make_folder, {name: text})]


HEAD = '{% extends "parent:post.html" %}\n{% block main %}{{ super() }}\n'


def block(text: str) -> str:
    return f"{HEAD}{text}\n{{% endblock %}}\n"


# What is there


@pytest.mark.parametrize(
    "text",
    [
        "{{ post.title }} {{ post.responsible.role_in(lang) }} {{ post.consultation.closes|date }}",
        "{{ site.settings.contact.email }} {{ site.dialogue(post).outcome.date }} {{ params.accent }}",
        "{% for post in site.posts(home) %}{{ post.whatever }}{% endfor %}",  # another post than the page's
        "{% set post = 1 %}{{ post.whatever }}",
        "{% with x = post %}{{ x.whatever }}{% endwith %}",
        "{% macro line(text) %}{{ text }}{{ caller() }}{% endmacro %}{% call line('x') %}y{% endcall %}",
        '{% from "partials/icons.html" import icon %}{{ icon("place") }}',
        '{% import "partials/icons.html" as icons %}{{ icons.icon("place") }}',
        "{% if tall is defined %}{{ tall }}{% endif %}{{ kort|default('x') }}",
        "{% if post.etwas is defined %}{{ 1 }}{% endif %}",
        "{{ post.extra.anything }} {{ site.data.noe.annet }} {{ post.date.year }} {{ post.tags[0].name }}",
        "{{ range(3)|length }} {{ structured_data()|json }} {{ cycler(1, 2).next() }} {{ loop.index }}",
        "{% for tag in post.tags %}{{ loop.index }}{{ tag.name }}{% endfor %}",
        '{{ t("Home") }} {{ "Home"|t }} {{ t(post.title) }} {{ ngettext("%(num)s answer", "%(num)s answers", 2) }}',
        '{% include "partials/finnes-ikke.html" ignore missing %}',
        '{% include ["partials/finnes-ikke.html", "partials/share.html"] %}',
        "{{ entry }} {{ page_form }}",  # which base.html sets
    ],
)
def test_what_exists_is_not_told_of(make_folder: Make, text: str) -> None:
    assert words(make_folder, block(text)) == []


def test_a_site_without_templates_is_not_even_read(make_folder: Make) -> None:
    assert faults(make_folder, {}) == []


@pytest.mark.parametrize("name", ["beta", "torg"])
def test_the_themes_that_come_with_kommunebeta_hold_the_contract_as_a_site_s_own(
    root: Path, make_folder: Make, name: str
) -> None:
    folder = make_folder({})
    shutil.copytree(root / "themes" / name, folder / "themes" / name)
    site = whole(folder, f"theme: {name}\nlanguages: [nb, nn, se, en]\n")
    assert told(broken_contracts(site)) == []


# Names that do not exist


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ innlegg }}", "There is no variable «innlegg» here."),
        ("{{ pager.posts }}", "There is no variable «pager» here."),
        ("{% if x %}{{ poster }}{% endif %}{% set x = 1 %}", "There is no variable «poster» here."),
        ("{{ post.titel }}", "A Post has no «titel»."),
        ("{{ post.consultation.deadline }}", "A Consultation has no «deadline»."),
        ("{{ post.responsible.role.title_in }}{{ post.responsible.rolle }}", "A Person has no «rolle»."),
        ("{{ site.postings(home) }}", "The Site has no «postings»."),
        ("{{ site.holdings.posts }}", "The Site has no «holdings»."),
        ("{{ site.settings.kontakt }}", "A Settings has no «kontakt»."),
        ("{{ site.dialogue(post).answers }}", "A Dialogue has no «answers»."),
        ("{{ params.farge }}", "The theme has no «farge»."),
        ("{% if post.case %}{{ 1|datum }}{% endif %}", "There is no filter «datum»."),
        ("{% if post.case and post is publisert %}1{% endif %}", "There is no test «publisert»."),
        (
            '{% if post.case %}{% include "partials/x.html" %}{% endif %}',
            "There is no template «partials/x.html».",
        ),
    ],
)
def test_a_name_that_does_not_exist_is_told_at_its_line(make_folder: Make, text: str, message: str) -> None:
    assert words(make_folder, block(text)) == [(3, message)]


def test_line_and_column_are_those_of_the_name(make_folder: Make) -> None:
    folder = make_folder({"templates/post.html": block("<p>\n  {{ post.title }} {{ post.titel }}")})
    (fault,) = broken_contracts(whole(folder))
    assert (fault.path, fault.line, fault.column) == ("templates/post.html", 4, 28)


def test_a_near_name_is_suggested(make_folder: Make) -> None:
    folder = make_folder({"templates/post.html": block("{{ post.summry }}")})
    assert [fault.mend for fault in broken_contracts(whole(folder))] == ["Did you mean «summary»?"]


def test_a_page_may_be_an_experiment(make_folder: Make) -> None:
    text = '{% extends "parent:page.html" %}{% block main %}{{ page.PLACE }}{% endblock %}'
    assert words(make_folder, text.replace("PLACE", "hypothesis"), "page.html") == []
    assert words(make_folder, text.replace("PLACE", "hypotese"), "page.html") == [
        (1, "A Page has no «hypotese».")
    ]


def test_a_partial_knows_what_those_who_include_it_know(make_folder: Make) -> None:
    files = {
        "post.html": block('{% set mine = 1 %}{% include "partials/min.html" %}'),
        "partials/min.html": "{{ mine }} {{ post.title }} {{ yours }}\n",
    }
    assert faults(make_folder, files) == [
        ("KB188", "templates/partials/min.html", 1, "There is no variable «yours» here.")
    ]


def test_a_partial_that_is_given_other_things_under_a_name_is_not_judged_by_it(make_folder: Make) -> None:
    files = {
        "post.html": block('{% for post in site.people %}{% include "partials/min.html" %}{% endfor %}'),
        "partials/min.html": "{{ post.role }}\n",
    }
    assert faults(make_folder, files) == []


def test_a_template_that_a_text_names_gets_what_texts_of_its_kind_get(make_folder: Make) -> None:
    files = {"plakat.html": "{{ page.title }}\n{{ post.title }}\n"}
    (found,) = faults(make_folder, files, "", "plakat.html")
    assert found[2:] == (2, "There is no variable «post» here.")


def test_a_template_that_no_page_comes_to_is_not_judged(make_folder: Make) -> None:
    assert faults(make_folder, {"partials/losrevet.html": "{{ anything.at_all }}"}) == []


def test_partials_that_filters_render_know_what_these_give_them(make_folder: Make) -> None:
    files = {"partials/picture.html": "{{ picture.alt }} {{ sizes }} {{ figure }} {{ lazy }} {{ css }}"}
    assert faults(make_folder, files) == []


def test_a_broken_template_is_the_build_s_matter(make_folder: Make) -> None:
    assert faults(make_folder, {"post.html": "{% if %}"}) == []


# Blocks


def test_a_block_that_the_parent_lacks_is_told_of_with_a_near_one(make_folder: Make) -> None:
    text = '{% extends "parent:post.html" %}\n{% block mainn %}x{% endblock %}\n'
    folder = make_folder({"templates/post.html": text})
    (fault,) = broken_contracts(whole(folder))
    assert (fault.code, fault.line, fault.column, fault.mend) == ("KB189", 2, 10, "Did you mean «main»?")


def test_a_block_of_the_parent_s_parent_and_one_inside_another_are_good(make_folder: Make) -> None:
    text = '{% extends "parent:post.html" %}{% block footer %}{% block mine %}x{% endblock %}{% endblock %}'
    assert words(make_folder, text) == []


def test_a_base_that_leaves_out_what_the_theme_fills_is_told_of(make_folder: Make) -> None:
    found = faults(make_folder, {"base.html": "<main>{% block main %}{% endblock %}</main>\n"})
    messages = {
        message for code, path, _, message in found if (code, path) == ("KB189", "templates/base.html")
    }
    assert "There is no block «body_class», which theme beta: home.html fills." in messages
    assert not any("«main»" in message for message in messages)


# Texts


def test_a_text_without_translation_is_told_once_with_the_languages_that_lack_it(make_folder: Make) -> None:
    text = block('{{ t("Ask the mayor") }}\n{{ t("Ask the mayor") }}{{ "Vote here"|t }}')
    found = faults(make_folder, {"post.html": text}, "languages: [nb, nn, en]\n")
    assert [(line, message) for _, _, line, message in found] == [
        (3, "«Ask the mayor» has no translation into nb, nn."),
        (4, "«Vote here» has no translation into nb, nn."),
    ]


def test_a_translation_of_the_site_s_own_counts_and_bokmal_stands_in_for_nynorsk(make_folder: Make) -> None:
    catalogue = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    catalogue += 'msgid "Ask the mayor"\nmsgstr "Spør ordføreren"\n'
    make_folder({"locales/nb.po": catalogue})
    text = block('{{ t("Ask the mayor") }}')
    assert faults(make_folder, {"post.html": text}, "languages: [nb, nn]\n") == []
