"""The Jinja environment: templates through theme inheritance, and faults told at their place."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import partial, wraps
from itertools import islice
from pathlib import Path
from types import CodeType
from typing import Any

import jinja2
from jinja2.bccache import Bucket
from jinja2.environment import TemplateModule
from jinja2.runtime import Context as Names
from jinja2.runtime import StrictUndefined
from jinja2.utils import missing

from kommunebeta.answers import Notebook, NotedEntry, NotedMapping, NotedSettings
from kommunebeta.assets import Assets
from kommunebeta.contexts import Context
from kommunebeta.errors import ContentError, Problem
from kommunebeta.filters import Current, Fault, Filters
from kommunebeta.icalendar import as_calendar
from kommunebeta.model import Embed, Entry, Picture
from kommunebeta.site import Site
from kommunebeta.sources import read_text
from kommunebeta.theme import Theme
from kommunebeta.timelimit import TimeLimit, TooLong
from kommunebeta.validation import nearest

_PLAIN = (".txt", ".json", ".webmanifest", ".ics")
_LONGEST_RANGE = 100_000
_PIECES = 500
_RANDOM = ("lipsum", "random")
"""What Jinja offers that would make two builds of the same site differ."""


class Templates:
    """A theme's templates, ready to render a site's pages.

    Not for several threads: one page at a time.
    """

    def __init__(
        self,
        theme: Theme,
        site: Site,
        assets: Assets,
        *,
        body: Callable[[Entry, str], str],
        time_limit: float = 20.0,
        size_limit: int = 200_000_000,
    ) -> None:
        """Prepare the environment.

        Args:
            theme: where templates are looked up.
            site: what they ask.
            assets: what ``asset`` gives.
            body: the HTML of an entry in the mode ``page`` or ``feed``.
            time_limit: seconds after which the rendering of one page is stopped.
            size_limit: characters after which it is stopped.
        """
        self.theme = theme
        self._filters = Filters(theme, site, assets, body, self._partial)
        self._time = TimeLimit(time_limit)
        self._size = size_limit
        self._environment = _environment(theme, self._filters, site.notebook)
        self.url = self._filters.url
        self.absolute_url = self._filters.absolute_url

    def render(self, template: str, context: Context) -> str:
        """Render one page.

        Args:
            template: the template's name.
            context: what it is given; its fields become variables.

        Raises:
            ContentError: the template does not exist, has a fault, or does not come to an end.
        """
        self._filters.current = Current(template, context)
        values = {field.name: getattr(context, field.name) for field in fields(context)}
        try:
            with self._time.running():
                text = self._text(template, values)
        except ContentError:
            raise
        except Exception as error:
            raise ContentError([self._problem(error, template, context)]) from error
        return as_calendar(text) if template.endswith(".ics") else text

    def _text(self, template: str, values: Mapping[str, Any]) -> str:
        texts: list[str] = []
        size = 0
        pieces = self._environment.get_template(template).generate(values)
        while some := list(islice(pieces, _PIECES)):
            texts.append("".join(some))
            size += len(texts[-1])
            if size > self._size:
                raise _TooLarge(f"The page grows beyond {self._size} characters")
        return "".join(texts)

    def picture(self, picture: Picture, *, sizes: str, css: str = "", caption: bool = False) -> str:
        """A picture by the theme's partial, as the ``picture`` function gives it to templates."""
        return str(self._filters.picture(picture, sizes=sizes, css=css, caption=caption))

    def embed(self, embed: Embed) -> str:
        """A film or other content from elsewhere by the theme's partial."""
        return str(self._filters.embed(embed))

    def feed_embed(self, embed: Embed) -> str:
        """The same for feeds: a picture and a link."""
        return str(self._filters.feed_embed(embed))

    def _partial(self, name: str, values: Mapping[str, Any]) -> str:
        return self._environment.get_template(name).render(values)

    def _problem(self, error: Exception, template: str, context: Context) -> Problem:
        place, line = _place(error, self.theme)
        if not place:
            found = self.theme.template(template)
            place = found[0].shown(f"templates/{template}") if found else f"templates/{template}"
        code, what, mend = self._words(error, context)
        return Problem(code, place, line, 0, f"{what} (while rendering {context.address}).", mend)

    def _words(self, error: Exception, context: Context) -> tuple[str, str, str]:
        """Code, what is wrong and how to mend it."""
        if isinstance(error, Fault):
            return error.code, error.message, error.mend
        if isinstance(error, jinja2.TemplateNotFound):
            return self._not_found(str(error.name))
        if isinstance(error, TooLong):
            message = f"The template did not come to an end within {self._time.seconds:g} seconds"
            return "KB055", message, "Look at its loops."
        if isinstance(error, RecursionError):
            mend = "Look at its include, extends and macro calls."
            return "KB055", "The template includes or calls itself without end, or nests too deeply", mend
        if isinstance(error, _TooLarge):
            return "KB055", str(error), "Look at its loops."
        if isinstance(error, _MissingError):
            return "KB054", *_missing_words(error, context, self._environment)
        what = error.msg if isinstance(error, SyntaxError) else str(error).rstrip(".")
        return "KB054", what or type(error).__name__, self._mend(error)

    def _not_found(self, name: str) -> tuple[str, str, str]:
        wanted = name.removeprefix("parent:")
        if wanted != name:
            mend = "Extend or include it without «parent:», or put it into the theme that this one builds on."
            return "KB053", f"No theme behind this one has a template «{wanted}»", mend
        near = nearest(name, self.theme.template_names())
        mend = f"Did you mean «{near}»?" if near else "Put the file in the site's templates/."
        return "KB053", f"There is no template «{name}»", mend

    def _mend(self, error: Exception) -> str:
        if isinstance(error, jinja2.TemplateAssertionError):
            kinds = {"filter": self._environment.filters, "test": self._environment.tests}
            words = str(error).split("'")
            known = next((names for kind, names in kinds.items() if kind in words[0]), {})
            near = nearest(words[1] if len(words) > 1 else "", tuple(sorted(known)))
            return f"Did you mean «{near}»?" if near else "See docs/templates.md for what there is."
        if isinstance(error, (jinja2.TemplateSyntaxError, SyntaxError)):
            return "Look at this line and the one before it."
        return "Look at the values that this line uses."


class _TooLarge(Exception):  # noqa: N818  (a signal, not an error of its own)
    """The page, or a range in it, grows beyond all use."""


class _MissingError(jinja2.UndefinedError):
    """A name that does not exist was used: ``name`` of ``owner``, or a variable."""

    def __init__(self, message: str, owner: object, name: object) -> None:
        super().__init__(message)
        self.owner = owner
        self.name = name


class _Undefined(StrictUndefined):
    """Remembers whose attribute is missing, for the suggestion."""

    __slots__ = ()

    def __init__(
        self, hint: str | None = None, obj: Any = missing, name: str | None = None, exc: Any = None
    ) -> None:
        # Jinja only calls it with the message, as it would a class.
        raised: Any = exc or partial(_MissingError, owner=obj, name=name)
        super().__init__(hint, obj, name, raised)


def _missing_words(
    error: _MissingError, context: Context, environment: jinja2.Environment
) -> tuple[str, str]:
    owner, name = error.owner, error.name
    if owner is None:
        mend = f"Ask first whether there is one: {{% if … %}} before «.{name}»."
        return f"«{name}» is asked of something that is empty here", mend
    if owner is missing and name is None:
        return str(error), "Look at the values that this line uses."
    if owner is missing:
        known = [*(field.name for field in fields(context)), *environment.globals]
        what = f"«{name}» is undefined"
    elif isinstance(owner, Mapping):
        known = [str(key) for key in owner]
        what = f"There is no «{name}» among the values"
    else:
        kind = owner.__class__  # of what is noted, where type() would tell the note-taker's
        attributes = (*dir(kind), *getattr(kind, "model_fields", ()))
        known = [name for name in attributes if not name.startswith(("_", "model_"))]
        what = f"A {kind.__name__} has no «{name}»"
    near = nearest(str(name), tuple(sorted(known)))
    return what, f"Did you mean «{near}»?" if near else "See docs/templates.md for what there is."


class _Template(jinja2.Template):
    """Works out the top of an imported template once for each page: it may ask in the page's language."""

    def _get_default_module(self, ctx: Names | None = None) -> TemplateModule:
        page = self.environment._filters.current  # type: ignore[attr-defined]  # it is one of ours
        known: tuple[object, TemplateModule] | None = getattr(self, "_of_page", None)
        if known is None or known[0] is not page:
            keys = ctx.globals_keys - self.globals.keys() if ctx is not None else ()
            values = {key: ctx.parent[key] for key in keys} if ctx is not None else {}
            known = self._of_page = (page, self.make_module(values))
        return known[1]


class _Compiled(jinja2.BytecodeCache):
    """Compiled templates of this process, so that sites with the same theme share them."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code


_COMPILED = _Compiled()


class _Parameters(NotedMapping):
    """The theme's parameters: those of the page's variant first."""

    def __init__(self, theme: Theme, filters: Filters, notebook: Notebook) -> None:
        super().__init__("param", theme.parameters, notebook)
        self._filters = filters

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        variant = self._filters.variant
        return variant.parameters.get(key, value) if variant else value

    def __repr__(self) -> str:
        return repr(dict(self))


_NOTING = frozenset((Site, NotedEntry, NotedMapping, NotedSettings, _Parameters))


class _Environment(jinja2.Environment):
    """Knows ``parent:name``: the template of that name behind the one that asks. Notes every template."""

    template_class = _Template
    _theme: Theme
    _filters: Filters
    _notebook: Notebook

    def join_path(self, template: str, parent: str) -> str:
        if not template.startswith("parent:"):
            return template
        self._notebook.note(("parent_template", template, parent))
        found = parent_template(self._theme, template, parent)
        if not found:
            raise jinja2.TemplateNotFound(template)
        return found

    def getattr(self, obj: Any, attribute: str) -> Any:
        """An attribute as a template asks for it; of the site, only what is noted."""
        if type(obj) in _NOTING and (attribute in Site.OWN or attribute.startswith("_")):
            return self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """An item as a template asks for it; of the site, only what is noted."""
        if type(obj) in _NOTING and (argument in Site.OWN or str(argument).startswith("_")):
            return self.undefined(obj=obj, name=argument)
        return super().getitem(obj, argument)

    def _load_template(self, name: str, globals: Any) -> jinja2.Template:
        self._notebook.note(("template", name))
        return super()._load_template(name, globals)


def parent_template(theme: Theme, template: str, parent: str) -> str:
    """Which template ``parent:name`` means.

    Args:
        theme: where templates are looked up.
        template: such as ``parent:post.html``.
        parent: the template that asks.

    Returns:
        A name such as ``beta:post.html``; empty when there is none.
    """
    name = template.removeprefix("parent:")
    asker = theme.template(parent)
    behind = asker and theme.template(name, after=asker[0].name)
    return f"{behind[0].name}:{name}" if behind else ""


def _environment(theme: Theme, filters: Filters, notebook: Notebook) -> jinja2.Environment:
    environment = _Environment(
        loader=jinja2.FunctionLoader(lambda name: _load(theme, name)),
        autoescape=lambda name: not (name or "").endswith(_PLAIN),
        undefined=_Undefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        cache_size=-1,
        bytecode_cache=_COMPILED,
        auto_reload=False,
    )
    environment._theme, environment._filters, environment._notebook = theme, filters, notebook
    for name in _RANDOM:
        environment.globals.pop(name, None)
        environment.filters.pop(name, None)
    environment.filters |= {
        name: _at_run_time(getattr(filters, method.__name__))
        for name, method in Filters.offered("filter").items()
    }
    functions = {
        name: getattr(filters, method.__name__) for name, method in Filters.offered("function").items()
    }
    environment.globals |= {
        **functions,
        "t": filters.t,
        "params": _Parameters(theme, filters, notebook),
        "range": _range,
    }
    return environment


def _at_run_time(method: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that is never worked out while the template is compiled, when no page is known.

    Jinja works out ``"Home"|t`` once and for all, which would show every page in the first
    one's language; a filter that asks for the names in use is left alone.
    """
    if hasattr(method, "jinja_pass_arg"):
        return method

    @jinja2.pass_context
    @wraps(method)
    def call(names: Names, *arguments: Any, **keywords: Any) -> Any:
        return method(*arguments, **keywords)

    return call


def _range(*arguments: int) -> range:
    numbers = range(*arguments)
    if len(numbers) > _LONGEST_RANGE:
        raise _TooLarge(f"range() is limited to {_LONGEST_RANGE} numbers")
    return numbers


def _load(theme: Theme, name: str) -> tuple[str, str, Callable[[], bool]] | None:
    found = theme.template(name)
    if found is None:
        return None
    layer, file = found
    path = file.relative_to(layer.folder).as_posix()
    text, problems = read_text(layer.folder, path)
    if problems:
        raise ContentError(
            Problem(fault.code, layer.shown(path), fault.line, fault.column, fault.message, fault.mend)
            for fault in problems
        )
    return text, str(file), lambda: True


def _place(error: Exception, theme: Theme) -> tuple[str, int]:
    """The template and line at which an error came up, from the traceback that Jinja has rewritten."""
    if isinstance(error, jinja2.TemplateSyntaxError) and error.filename:
        return _shown(Path(error.filename), theme), error.lineno
    if isinstance(error, SyntaxError) and error.filename:
        return _shown(Path(error.filename), theme), 0  # the line is one of the compiled template's
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        shown = _shown(Path(frame.filename), theme)
        if shown:
            return shown, frame.lineno or 0
    return "", 0


def _shown(file: Path, theme: Theme) -> str:
    for layer in theme.layers:
        if file.is_relative_to(layer.folder / "templates"):
            return layer.shown(file.relative_to(layer.folder).as_posix())
    return ""
