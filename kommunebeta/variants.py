"""Which planned pages have another look, because an experiment is running that names them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import unquote

from kommunebeta.contexts import RedirectContext
from kommunebeta.errors import Problem, Severity
from kommunebeta.model import AddressPattern, Experiment
from kommunebeta.outputs import Output, Rendered
from kommunebeta.site import Site
from kommunebeta.theme import Theme


def running(site: Site) -> tuple[Experiment, ...]:
    """The experiments whose variants are in force, in the order in which they began."""
    found = [
        page
        for page in site.holdings.pages
        if isinstance(page, Experiment) and page.running and page.variant is not None
    ]
    return tuple(sorted(found, key=lambda item: (item.starts or dt.date.min, item.source)))


def style_sheets(site: Site, theme: Theme) -> dict[str, bytes]:
    """The style sheets of the variants in force, by asset name."""
    variants = (experiment.variant for experiment in running(site))
    return {
        variant.style_sheet: theme.style_sheet(variant.parameters)
        for variant in variants
        if variant and variant.style_sheet
    }


class Variants:
    """The variants in force and the pages that they are for."""

    def __init__(self, experiments: Iterable[Experiment]) -> None:
        """Take in running experiments; of two that name one page, the first gives it its look."""
        self._patterns = [
            (_expression(pattern.text), pattern, experiment)
            for experiment in experiments
            for pattern in experiment.pages
        ]

    def dressed(self, output: Output) -> Output:
        """An output with the variant that its page has, if any."""
        variant = next((item.variant for _, item in self._naming(output)), None)
        if variant is None or not isinstance(output.content, Rendered):
            return output
        context = replace(output.content.context, variant=variant)
        return replace(output, content=replace(output.content, context=context))

    def _naming(self, output: Output) -> Iterator[tuple[AddressPattern, Experiment]]:
        """The patterns that name a page; feeds, files and pages that only lead on are none."""
        content = output.content
        if not self._patterns or not output.path.endswith(".html") or not isinstance(content, Rendered):
            return
        if not isinstance(content.context, RedirectContext):
            for expression, pattern, experiment in self._patterns:
                if expression.fullmatch(content.context.address):
                    yield pattern, experiment

    def problems(self, outputs: Iterable[Output]) -> tuple[Problem, ...]:
        """Patterns that name no page, and pages that several variants are for.

        Args:
            outputs: all pages of the site.
        """
        used: set[tuple[str, str]] = set()
        second: dict[tuple[str, str], Problem] = {}
        for output in outputs:
            naming = list(self._naming(output))
            used.update((item.source, pattern.text) for pattern, item in naming)
            for pattern, item in naming[1:]:
                first = naming[0][1].source
                if item.source != first:
                    second.setdefault((first, item.source), _taken(output, pattern, item, first))
        unused = [
            _warning(
                item, pattern, f"No page has the address «{pattern.text}».", "Look it up in the browser."
            )
            for _, pattern, item in self._patterns
            if (item.source, pattern.text) not in used
        ]
        return (*second.values(), *unused)


def _expression(pattern: str) -> re.Pattern[str]:
    parts = unquote(pattern).split("*")
    return re.compile(".*".join(map(re.escape, parts)), re.DOTALL)


def _taken(output: Output, pattern: AddressPattern, experiment: Experiment, first: str) -> Problem:
    message = f"«/{output.path.removesuffix('index.html')}» has the variant of {first} already."
    return _warning(experiment, pattern, message, "Let one of the two experiments end, or name other pages.")


def _warning(experiment: Experiment, pattern: AddressPattern, message: str, mend: str) -> Problem:
    return Problem("KB093", experiment.source, pattern.line, pattern.column, message, mend, Severity.WARNING)
