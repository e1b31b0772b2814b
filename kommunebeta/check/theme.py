"""A site's own templates held to the contract with theme authors: names, blocks and texts that exist.

A build stops where a page is made with a name that does not exist. What is told here is what no page has
come to yet: the branch for a post with a case, the block that the theme no longer has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields
from functools import cached_property

import jinja2
from jinja2 import meta, nodes

from kommunebeta.check.contract import Kinds, attribute_of, kinds_of_contexts
from kommunebeta.check.finding import Fault, Rule
from kommunebeta.check.sheets import BY_FILTERS, ENVIRONMENT, Key, Sheet, Sheets
from kommunebeta.check.state import Whole
from kommunebeta.contexts import TEMPLATES, Context, PageContext, PostContext
from kommunebeta.errors import Severity
from kommunebeta.language import base_language
from kommunebeta.theme import Theme, load_theme
from kommunebeta.validation import nearest

RULES: Mapping[str, Rule] = {
    "KB188": Rule(
        "Template that asks for what does not exist",
        Severity.WARNING,
        "No page has come to this line yet; the first that does stops the whole build.",
        "Mend the name; `docs/templates.md` lists what there is.",
    ),
    "KB189": Rule(
        "Block that is not in the parent",
        Severity.WARNING,
        "A block that the parent template does not have is left out without a word: what stands in it is on "
        "no page.",
        "Give the block the name of one that the parent has.",
    ),
    "KB190": Rule(
        "Text of the interface without a translation",
        Severity.WARNING,
        "Readers meet English words in the middle of their own language, and screen readers say them wrong.",
        "Add the text to `locales/<language>.po` of the site or the theme.",
        ("WCAG 2.2, 3.1.2",),
    ),
}

_SPECIAL = frozenset(("self", "super", "loop", "caller", "varargs", "kwargs"))


def broken_contracts(whole: Whole) -> Iterator[Fault]:
    """Faults of the site's own templates."""
    theme = load_theme(whole.folder, whole.surroundings.settings, whole.document)
    sheets = Sheets(theme)
    if not sheets.has_own:
        return
    contract = Contract(sheets, _named_by_texts(whole))
    languages = whole.surroundings.settings.all_languages
    for sheet in sheets.own:
        yield from contract.unknown_templates(sheet)
        yield from contract.unknown_filters(sheet)
        yield from contract.unknown_names(sheet)
        yield from contract.unknown_attributes(sheet)
        yield from _untranslated(sheet, theme, languages)
    for sheet in sheets.all.values():
        yield from _lost_blocks(sheet, sheets)


def _named_by_texts(whole: Whole) -> Mapping[str, type[Context]]:
    """The templates that texts name, with what these are given."""
    holdings = whole.site.holdings
    posts: dict[str, type[Context]] = {at.template: PostContext for at in holdings.places}
    return posts | {page.template: PageContext for page in holdings.pages}


class Contract:
    """What a template may ask for, by the pages that it becomes part of."""

    def __init__(self, sheets: Sheets, named: Mapping[str, type[Context]]) -> None:
        """Take in the templates.

        Args:
            sheets: all of them.
            named: those that texts name, with what these are given.
        """
        self._sheets = sheets
        self._begin = {**named, **TEMPLATES}

    @cached_property
    def _contexts(self) -> Mapping[Key, Collection[type[Context]]]:
        """What each template is given; one that no page comes to has no entry."""
        found: dict[Key, set[type[Context]]] = defaultdict(set)
        for name, context in self._begin.items():
            first = self._sheets.find(name)
            for key in self._sheets.behind((first.key,)) if first else ():
                found[key].add(context)
        return found

    @cached_property
    def _given(self) -> Mapping[Key, frozenset[str]]:
        """The names that functions and filters give to the templates that they render."""
        found: dict[Key, frozenset[str]] = defaultdict(frozenset)
        for name, names in BY_FILTERS.items():
            first = self._sheets.find(name)
            for key in self._sheets.behind((first.key,)) if first else ():
                found[key] |= frozenset(names)
        return found

    def unknown_names(self, sheet: Sheet) -> Iterator[Fault]:
        """Variables that nothing gives to a template."""
        contexts = self._contexts.get(sheet.key, ())
        given = self._given.get(sheet.key, frozenset())
        if not contexts and not given:
            return  # no page comes to it
        known = (
            _SPECIAL
            | ENVIRONMENT.globals.keys()
            | given
            | {field.name for context in contexts for field in fields(context)}
        )
        known |= self._stored_around(sheet)
        for name in sorted(_asked(sheet) - known - _guarded(sheet.tree)):
            line = min(node.lineno for node in sheet.tree.find_all(nodes.Name) if node.name == name)
            near = nearest(name, tuple(sorted(known)))
            yield _fault(sheet, line, name, f"There is no variable «{name}» here.", near)

    def unknown_attributes(self, sheet: Sheet) -> Iterator[Fault]:
        """Attributes that the things which a template is given do not have."""
        kinds = self._kinds(sheet)
        guarded = {id(node) for node in _tested(sheet.tree)}
        for node in sheet.tree.find_all(nodes.Getattr):
            owner = attribute_of(node.node, kinds)
            if owner.misses(node.attr) and id(node) not in guarded:
                near = nearest(node.attr, owner.names)
                message = f"{owner.article} {owner.name} has no «{node.attr}»."
                yield _fault(sheet, node.lineno, f".{node.attr}", message, near)

    def _kinds(self, sheet: Sheet) -> Mapping[str, Kinds]:
        """What kind of thing each variable of a template is, as far as that is sure."""
        others = self._stored_around(sheet)
        contexts = self._contexts.get(sheet.key, ())
        kinds = kinds_of_contexts(contexts, self._sheets.theme.parameters)
        return {name: kind for name, kind in kinds.items() if name not in others}

    def _stored_around(self, sheet: Sheet) -> frozenset[str]:
        """The names that are given a value by a template, those that come to it, and what these extend."""
        around = [self._sheets.all[key] for key in self._sheets.before(sheet.key)]
        parents = [parent for other in around for parent in self._sheets.parents(other)]
        return frozenset[str]().union(*(other.content.stores for other in (*around, *parents)))

    def unknown_filters(self, sheet: Sheet) -> Iterator[Fault]:
        """Filters and tests that do not exist."""
        kinds = (("filter", ENVIRONMENT.filters, nodes.Filter), ("test", ENVIRONMENT.tests, nodes.Test))
        for kind, known, of in kinds:
            for node in sheet.tree.find_all(of):
                if node.name not in known:
                    near = nearest(node.name, tuple(sorted(known)))
                    message = f"There is no {kind} «{node.name}»."
                    yield _fault(sheet, node.lineno, node.name, message, near)

    def unknown_templates(self, sheet: Sheet) -> Iterator[Fault]:
        """Templates that are included, extended or imported and do not exist."""
        for name, line in sheet.content.leads.items():
            if name not in sheet.content.lenient and self._sheets.find(name, sheet) is None:
                near = nearest(name, self._sheets.theme.template_names())
                yield _fault(sheet, line, name, f"There is no template «{name}».", near)


def _fault(sheet: Sheet, line: int, word: str, message: str, near: str) -> Fault:
    place = sheet.content.place(line, word)
    column = place[1] + 1 if word.startswith(".") and place[1] else place[1]
    mend = f"Did you mean «{near}»?" if near else ""
    return Fault("KB188", message, mend, path=sheet.shown, line=place[0], column=column)


def _asked(sheet: Sheet) -> frozenset[str]:
    """The variables that a template wants to be given; none where it has a filter that does not exist."""
    try:
        return frozenset(meta.find_undeclared_variables(sheet.tree))
    except jinja2.TemplateAssertionError:
        return frozenset()


def _tested(tree: nodes.Template) -> Iterator[nodes.Node]:
    """What a template asks whether it is there, or gives a value for the case that it is not."""
    for test in tree.find_all(nodes.Test):
        if test.name in ("defined", "undefined"):
            yield test.node
    for used in tree.find_all(nodes.Filter):
        if used.name in ("default", "d") and used.node is not None:
            yield used.node


def _guarded(tree: nodes.Template) -> frozenset[str]:
    return frozenset(node.name for node in _tested(tree) if isinstance(node, nodes.Name))


def _untranslated(sheet: Sheet, theme: Theme, languages: tuple[str, ...]) -> Iterator[Fault]:
    """Texts of a template that a language of the site lacks; English is what they are written in."""
    catalogues = {lang: theme.catalogue(lang).messages for lang in languages if base_language(lang) != "en"}
    told: set[str] = set()
    for message, line in _messages(sheet.tree):
        lacking = [lang for lang, messages in catalogues.items() if not messages.get(message)]
        if lacking and message not in told:
            told.add(message)
            shown = message if len(message) <= 60 else message[:59] + "…"
            at, column = sheet.content.place(line, message)
            words = f"«{shown}» has no translation into {', '.join(lacking)}."
            yield Fault("KB190", words, path=sheet.shown, line=at, column=column)


def _messages(tree: nodes.Template) -> Iterator[tuple[str, int]]:
    """The texts of the interface that a template asks for, with their lines."""
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in ("t", "ngettext") and call.args:
            first = call.args[0]
            if isinstance(first, nodes.Const) and isinstance(first.value, str):
                yield first.value, first.lineno
    for used in tree.find_all(nodes.Filter):
        if used.name == "t" and isinstance(used.node, nodes.Const) and isinstance(used.node.value, str):
            yield used.node.value, used.lineno


def _lost_blocks(sheet: Sheet, sheets: Sheets) -> Iterator[Fault]:
    """Blocks that are nowhere shown since the templates above do not have them."""
    parents = list(sheets.parents(sheet))
    if not parents or (not sheet.own and not any(parent.own for parent in parents)):
        return
    known = {block.name for parent in parents for block in parent.tree.find_all(nodes.Block)}
    for block in _outermost(sheet.tree):
        if block.name in known:
            continue
        if sheet.own:
            line, column = sheet.content.place(block.lineno, block.name)
            message = (
                f"The block «{block.name}» is not in {parents[0].shown}, so what stands in it is not shown."
            )
            near = nearest(block.name, tuple(sorted(known)))
            mend = f"Did you mean «{near}»?" if near else ""
            yield Fault("KB189", message, mend, path=sheet.shown, line=line, column=column)
        else:
            own = next(parent for parent in parents if parent.own)
            message = f"There is no block «{block.name}», which {sheet.shown} fills."
            mend = f"Write {{% block {block.name} %}}{{% endblock %}} where it belongs."
            yield Fault("KB189", message, mend, path=own.shown, line=1, column=1)


def _outermost(tree: nodes.Template) -> Iterator[nodes.Block]:
    """The blocks that stand in no other."""
    inner = {id(block) for outer in tree.find_all(nodes.Block) for block in outer.find_all(nodes.Block)}
    return (block for block in tree.find_all(nodes.Block) if id(block) not in inner)
