"""The templates that a site's pages can come from, read as text and tree, and which leads to which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import jinja2
from jinja2 import nodes

from kommunebeta.filters import Filters
from kommunebeta.sources import read_text
from kommunebeta.theme import Layer, Theme

BY_FILTERS: Mapping[str, tuple[str, ...]] = {
    "partials/picture.html": ("picture", "sizes", "css", "lazy", "figure"),
    "partials/embed.html": ("embed", "site", "lang", "level"),
    "partials/feed-embed.html": ("embed", "site", "lang"),
    "partials/form.html": (
        *("form", "about", "level", "compact", "prefix", "delivery", "site", "lang", "home"),
    ),
}
"""Templates that functions and filters render by themselves, with what they are given."""

Key = tuple[str, str]
"""Layer and path of a template, such as ``("site", "post.html")``."""


def _environment() -> jinja2.Environment:
    """An environment that knows what ours offers, for reading alone."""
    environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    for name in ("lipsum", "random"):  # which ours does not offer, since two builds would differ
        environment.globals.pop(name, None)
        environment.filters.pop(name, None)
    environment.filters |= dict.fromkeys(Filters.offered("filter"), str)
    environment.globals |= dict.fromkeys((*Filters.offered("function"), "t", "params"), str)
    return environment


ENVIRONMENT = _environment()
"""Reads templates and knows the names of filters, tests and functions; it renders nothing."""

_LEADING = (nodes.Include, nodes.Extends, nodes.Import, nodes.FromImport)
_Leading = nodes.Include | nodes.Extends | nodes.Import | nodes.FromImport


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """What a template says, whatever file it stands in.

    Attributes:
        text: what stands in it.
        tree: what Jinja makes of it.
        leads: the templates that it includes, extends or imports by name: name → line.
        extends: name of the template that it extends; empty for none.
        lenient: the names that it may do without.
        dynamic: whether it leads to templates whose names are worked out.
        stores: the names that it gives a value: by set, for, with, macros and imports.
    """

    text: str
    tree: nodes.Template
    leads: Mapping[str, int]
    extends: str
    lenient: frozenset[str]
    dynamic: bool
    stores: frozenset[str]

    def place(self, line: int, word: str) -> tuple[int, int]:
        """Line and column of a word that stands on a line, or on one of those after it."""
        lines = self.text.split("\n")
        for number in range(line, min(line + 20, len(lines)) + 1):
            at = lines[number - 1].find(word)
            if at >= 0:
                return number, at + 1
        return line, 0


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A template of a theme.

    Attributes:
        key: layer and path.
        shown: the file, as findings name it.
        own: whether it belongs to the site, not to a theme that comes with Kommunebeta.
        content: what it says.
    """

    key: Key
    shown: str
    own: bool
    content: Content

    @property
    def tree(self) -> nodes.Template:
        """What Jinja makes of it."""
        return self.content.tree


class Sheets:
    """All templates of a theme. Reading them takes a moment: ask ``has_own`` first."""

    def __init__(self, theme: Theme) -> None:
        """Begin; nothing is read yet.

        Args:
            theme: where templates are looked up.
        """
        self.theme = theme

    @cached_property
    def has_own(self) -> bool:
        """Whether the site has templates of its own."""
        return any(True for layer in self._own_layers for _ in _paths(layer))

    @property
    def _own_layers(self) -> Iterator[Layer]:
        return (layer for layer in self.theme.layers if not layer.built_in)

    @cached_property
    def all(self) -> Mapping[Key, Sheet]:
        """Every template that Jinja can read, by layer and path; a build tells of the others."""
        found = (_sheet(layer, path) for layer in self.theme.layers for path in _paths(layer))
        return {sheet.key: sheet for sheet in found if sheet}

    @property
    def own(self) -> Iterator[Sheet]:
        """The site's own templates."""
        return (sheet for sheet in self.all.values() if sheet.own)

    def find(self, name: str, asker: Sheet | None = None) -> Sheet | None:
        """The template that a name means.

        Args:
            name: such as ``post.html``, ``beta:post.html`` or ``parent:post.html``.
            asker: the template that asks for it.
        """
        wanted = name.removeprefix("parent:")
        after = asker.key[0] if asker and wanted != name else None
        found = self.theme.template(wanted, after=after)
        if found is None:
            return None
        layer, file = found
        return self.all.get((layer.name, file.relative_to(layer.folder / "templates").as_posix()))

    @cached_property
    def targets(self) -> Mapping[Key, frozenset[Key]]:
        """Where each template leads to."""
        targets = {}
        for key, sheet in self.all.items():
            found = {target.key for name in sheet.content.leads if (target := self.find(name, sheet))}
            targets[key] = frozenset(self.all) if sheet.content.dynamic else frozenset(found)
        return targets

    @cached_property
    def _askers(self) -> Mapping[Key, frozenset[Key]]:
        askers: dict[Key, set[Key]] = defaultdict(set)
        for key, targets in self.targets.items():
            for target in targets:
                askers[target].add(key)
        return {key: frozenset(found) for key, found in askers.items()}

    def behind(self, begin: Iterable[Key]) -> frozenset[Key]:
        """The templates that some lead to, near and far, themselves included."""
        return _closure(begin, self.targets)

    def before(self, key: Key) -> frozenset[Key]:
        """The templates that lead to one, near and far, itself included."""
        return _closure((key,), self._askers)

    def parents(self, sheet: Sheet) -> Iterator[Sheet]:
        """The templates that one extends, the nearest first."""
        seen = {sheet.key}
        above: Sheet | None = sheet
        while above and above.content.extends:
            above = self.find(above.content.extends, above)
            if above is None or above.key in seen:
                return
            seen.add(above.key)
            yield above


def _closure(begin: Iterable[Key], edges: Mapping[Key, frozenset[Key]]) -> frozenset[Key]:
    reached = set(begin)
    waiting = list(reached)
    while waiting:
        new = edges.get(waiting.pop(), frozenset()) - reached
        reached |= new
        waiting.extend(new)
    return frozenset(reached)


def _paths(layer: Layer) -> Iterator[str]:
    folder = layer.folder / "templates"
    for file in sorted(folder.rglob("*")):
        path = file.relative_to(folder).as_posix()
        if file.is_file() and not any(part.startswith(".") for part in path.split("/")):
            yield path


def _sheet(layer: Layer, path: str) -> Sheet | None:
    text, problems = read_text(layer.folder, f"templates/{path}")
    content = None if problems else _content(text)
    if content is None:
        return None
    return Sheet((layer.name, path), layer.shown(f"templates/{path}"), not layer.built_in, content)


@lru_cache(maxsize=512)
def _content(text: str) -> Content | None:
    """What a template says, None where Jinja cannot read it; several checks ask of the same ones."""
    try:
        tree = ENVIRONMENT.parse(text)
    except jinja2.TemplateSyntaxError:
        return None
    leads: dict[str, int] = {}
    extends, dynamic = "", False
    lenient: set[str] = set()
    leading: Iterator[_Leading] = tree.find_all(_LEADING)
    for node in leading:
        names = _constants(node.template)
        dynamic = dynamic or names is None
        leads |= dict.fromkeys(reversed(names or ()), node.lineno)
        if isinstance(node, nodes.Include) and (node.ignore_missing or len(names or ()) > 1):
            lenient.update(names or ())
        if isinstance(node, nodes.Extends) and names:
            extends = names[0]
    stores = frozenset(_stores(tree))
    return Content(text, tree, leads, extends, frozenset(lenient), dynamic, stores)


def _stores(tree: nodes.Template) -> Iterator[str]:
    """The names that a template gives a value."""
    for node in tree.find_all((nodes.Name, nodes.Macro, nodes.Import, nodes.FromImport)):
        if (isinstance(node, nodes.Name) and node.ctx in ("store", "param")) or isinstance(node, nodes.Macro):
            yield node.name
        elif isinstance(node, nodes.Import):
            yield node.target
        elif isinstance(node, nodes.FromImport):
            yield from (item if isinstance(item, str) else item[1] for item in node.names)


def _constants(node: nodes.Expr) -> tuple[str, ...] | None:
    """The names that an expression stands for; None where they are worked out."""
    if isinstance(node, nodes.Const):
        return (node.value,) if isinstance(node.value, str) else None
    if isinstance(node, (nodes.Tuple, nodes.List)):
        parts = [_constants(item) for item in node.items]
        return None if None in parts else tuple(name for part in parts if part for name in part)
    if isinstance(node, nodes.CondExpr):
        either = (_constants(node.expr1), _constants(node.expr2) if node.expr2 else ())
        return None if None in either else tuple(name for part in either if part for name in part)
    return None
