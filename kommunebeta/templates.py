"""The Jinja environment: templates through theme inheritance, and faults told at their place."""

from __future__ import annotations

import ctypes
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import jinja2
from jinja2.runtime import StrictUndefined

from kommunebeta.assets import Assets
from kommunebeta.contexts import Context
from kommunebeta.errors import ContentError, Problem
from kommunebeta.filters import Current, Filters
from kommunebeta.model import Entry, Picture
from kommunebeta.site import Site
from kommunebeta.theme import Theme
from kommunebeta.validation import nearest

_PLAIN = (".txt", ".json", ".webmanifest")
_LONGEST_RANGE = 100_000
_LARGEST_OUTPUT = 200_000_000


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
    ) -> None:
        """Prepare the environment.

        Args:
            theme: where templates are looked up.
            site: what they ask.
            assets: what ``asset`` gives.
            body: the HTML of an entry in the mode ``page`` or ``feed``.
            time_limit: seconds after which the rendering of one page is stopped.
        """
        self.theme = theme
        self._partials: dict[str, jinja2.Template] = {}
        self._filters = Filters(theme, site, assets, body, self._partial)
        self._watch = _Watch(time_limit)
        self._environment = _environment(theme, self._filters)
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
            with self._watch.limit():
                text = self._environment.get_template(template).render(values)
        except ContentError:
            raise
        except Exception as error:
            raise ContentError([self._problem(error, template, context)]) from error
        if len(text) > _LARGEST_OUTPUT:
            message = f"{template} makes more than {_LARGEST_OUTPUT // 1_000_000} MB for {context.address}."
            raise ContentError(
                [Problem("KB055", f"templates/{template}", 0, 0, message, "Look for a loop in a loop.")]
            )
        return text

    def picture(self, picture: Picture, *, sizes: str, css: str = "", caption: bool = False) -> str:
        """A picture by the theme's partial, as the ``picture`` function gives it to templates."""
        return str(self._filters.picture(picture, sizes=sizes, css=css, caption=caption))

    def _partial(self, name: str, values: Mapping[str, Any]) -> str:
        if name not in self._partials:
            self._partials[name] = self._environment.get_template(name)
        return self._partials[name].render(values)

    def _problem(self, error: Exception, template: str, context: Context) -> Problem:
        place, line = _place(error, self.theme)
        page = f" (while rendering {context.address})"
        if isinstance(error, jinja2.TemplateNotFound):
            near = nearest(str(error.name), self.theme.template_names())
            mend = f"Did you mean «{near}»?" if near else "Put the file in the site's templates/."
            return Problem("KB053", place, line, 0, f"There is no template «{error.name}»{page}.", mend)
        if isinstance(error, RecursionError):
            message = f"The template includes or calls itself without end{page}."
            return Problem("KB055", place, line, 0, message, "Look at its include, extends and macro calls.")
        if isinstance(error, _TooLong):
            message = f"The template did not come to an end within {self._watch.seconds:g} seconds{page}."
            return Problem("KB055", place, line, 0, message, "Look at its loops.")
        what = str(error).rstrip(".") or type(error).__name__
        return Problem("KB054", place, line, 0, f"{what}{page}.", self._mend(error, context))

    def _mend(self, error: Exception, context: Context) -> str:
        if isinstance(error, jinja2.TemplateSyntaxError):
            return "Look at this line and the one before it."
        if not isinstance(error, jinja2.UndefinedError):
            return "Look at the values that this line uses."
        missing = str(error).split("'")
        names = [field.name for field in fields(context)]
        if "has no attribute" in str(error) and len(missing) >= 3:
            owner = getattr(context, missing[1].rpartition(".")[2], None)
            names = [name for name in dir(_named(missing[1], context, owner)) if not name.startswith("_")]
        near = nearest(missing[-2] if len(missing) >= 2 else "", tuple(names))
        return f"Did you mean «{near}»?" if near else "See docs/templates.md for what this template is given."


def _named(shown: str, context: Context, owner: object) -> object:
    """The value that Jinja names by its type in ``'kommunebeta.model.Post object' has no attribute …``."""
    if owner is not None:
        return owner
    type_name = shown.removesuffix(" object").rpartition(".")[2]
    values = [getattr(context, field.name) for field in fields(context)]
    return next((value for value in values if type(value).__name__ == type_name), context)


class _Environment(jinja2.Environment):
    """Knows ``parent:name``: the template of that name behind the one that asks."""

    def join_path(self, template: str, parent: str) -> str:
        if not template.startswith("parent:"):
            return template
        layer, _, _ = parent.partition(":") if ":" in parent else ("", "", "")
        name = template.removeprefix("parent:")
        if not layer:
            found = self._theme.template(parent)
            layer = found[0].name if found else "site"
        behind = self._theme.template(name, after=layer)
        if behind is None:
            raise jinja2.TemplateNotFound(template)
        return f"{behind[0].name}:{name}"

    _theme: Theme


def _environment(theme: Theme, filters: Filters) -> jinja2.Environment:
    environment = _Environment(
        loader=jinja2.FunctionLoader(lambda name: _load(theme, name)),
        autoescape=lambda name: not (name or "").endswith(_PLAIN),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        cache_size=-1,
        auto_reload=False,
    )
    environment._theme = theme
    environment.filters |= {
        name: getattr(filters, method.__name__) for name, method in Filters.offered("filter").items()
    }
    functions = {
        name: getattr(filters, method.__name__) for name, method in Filters.offered("function").items()
    }
    environment.filters["t"] = filters.t
    environment.globals |= {**functions, "t": filters.t, "params": theme.parameters, "range": _range}
    return environment


def _range(*arguments: int) -> range:
    numbers = range(*arguments)
    if len(numbers) > _LONGEST_RANGE:
        raise OverflowError(f"range() is limited to {_LONGEST_RANGE} numbers")
    return numbers


def _load(theme: Theme, name: str) -> tuple[str, str, Callable[[], bool]] | None:
    layer_name, colon, rest = name.partition(":")
    if colon:
        layer = next((layer for layer in theme.layers if layer.name == layer_name), None)
        file = layer.folder / "templates" / rest if layer else None
    else:
        found = theme.template(name)
        file = found[1] if found else None
    if file is None or not file.is_file():
        return None
    return file.read_text("utf-8-sig"), str(file), lambda: True


def _place(error: Exception, theme: Theme) -> tuple[str, int]:
    """The template and line at which an error came up, from the traceback that Jinja has rewritten."""
    if isinstance(error, jinja2.TemplateSyntaxError) and error.filename:
        return _shown(Path(error.filename), theme), error.lineno
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        shown = _shown(Path(frame.filename), theme)
        if shown:
            return shown, frame.lineno or 0
    return "", 0


def _shown(file: Path, theme: Theme) -> str:
    for layer in theme.layers:
        if file.is_relative_to(layer.folder / "templates"):
            path = file.relative_to(layer.folder).as_posix()
            return path if layer.name == "site" else f"themes/{layer.name}/{path}"
    return ""


class _TooLong(Exception):  # noqa: N818 - a signal, not an error of its own
    """Raised in the rendering thread when its time is up."""


class _Watch:
    """Stops a rendering that takes too long, on every system and in every thread.

    A thread of its own looks at the clock and raises an exception in the rendering thread, which
    CPython does between two instructions of Python code.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._lock = threading.Lock()
        self._begun: float | None = None
        self._thread = 0
        self._started = False

    @contextmanager
    def limit(self) -> Iterator[None]:
        """Limit the time of what is done inside."""
        if not self._started:
            self._started = True
            threading.Thread(target=self._look, daemon=True, name="kommunebeta-watch").start()
        with self._lock:
            self._thread = threading.get_ident()
            self._begun = time.monotonic()
        try:
            yield
        finally:
            with self._lock:
                self._begun = None

    def _look(self) -> None:
        while True:
            time.sleep(min(1.0, self.seconds / 5))
            with self._lock:
                if self._begun is not None and time.monotonic() - self._begun > self.seconds:
                    self._begun = None
                    raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
                    raise_in(ctypes.c_ulong(self._thread), ctypes.py_object(_TooLong))
