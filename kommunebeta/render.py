"""Planned outputs → bytes, on all processors when it pays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from kommunebeta import icons, images
from kommunebeta.answers import NotedEntry, Question
from kommunebeta.assets import Assets
from kommunebeta.content import parse_to_keep
from kommunebeta.documents import Documents
from kommunebeta.errors import ContentError, OutsideError, Problem
from kommunebeta.inquiry import EntryInquiry
from kommunebeta.links import Body, fill
from kommunebeta.media import PictureOutput
from kommunebeta.model import Entry, Picture, Reference
from kommunebeta.outputs import Copied, Icon, Output, Rendered, Staged, recipe_of
from kommunebeta.parallel import map_items
from kommunebeta.pickles import DamagedError, dumps, loads
from kommunebeta.site import Site
from kommunebeta.templates import Templates
from kommunebeta.theme import Theme

OF_ENTRIES = frozenset(("card", "length", "body", "neighbours", "related", "translations"))
"""The kinds of questions that nearly every output asks of entries of its own."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """All that rendering needs; handed to every process.

    Attributes:
        folder: the site folder.
        cache: the folder for encoded pictures.
        site: the site.
        theme: the theme.
        assets: fingerprinted assets.
        bodies: bodies with resolved references, by file.
        documents: where the HTML of bodies is kept that do not hold it.
        keep: takes an output's path and bytes, keeps the bytes, and tells what became of them.
    """

    folder: Path
    cache: Path
    site: Site
    theme: Theme
    assets: Assets
    bodies: Mapping[str, Body]
    documents: Documents
    keep: Callable[[str, bytes], Staged]


@dataclass(frozen=True, slots=True)
class Made:
    """The outcome of one output.

    Attributes:
        path: the output.
        kept: what ``Workshop.keep`` gave; None where problems stand in the way.
        problems: those problems.
        asked: the questions that the output asked of the entries it shows.
        answers: the digests of their answers, as far as the process knew them.
        shared: the other questions, which many outputs have in common.
        recipe: what ``recipe_of`` gives of a rendered output, else empty.
        content: a rendered output's content as bytes, so that it can be made again alone.
    """

    path: str
    kept: Staged | None
    problems: tuple[Problem, ...] = ()
    asked: tuple[Question, ...] = ()
    answers: tuple[str, ...] = ()
    shared: frozenset[Question] = frozenset()
    recipe: str = ""
    content: bytes = b""


def render_all(
    bench: Bench, outputs: Sequence[Output], *, jobs: int, done: Callable[[int], None]
) -> Iterator[Made]:
    """Make every output.

    Args:
        bench: where they are made.
        outputs: what is to be made.
        jobs: the largest number of processes.
        done: told how many more outputs are finished.

    Yields:
        The outcomes in the order of the outputs.

    Raises:
        OutsideError: the disk failed.
    """
    bench.begin()
    return map_items(_make, bench, outputs, jobs=jobs, done=done)


class Bench:
    """A process's place of work: the templates, compiled once."""

    def __init__(self, workshop: Workshop) -> None:
        self.workshop = workshop
        self._templates: Templates | None = None
        self._shared: dict[frozenset[Question], frozenset[Question]] = {}
        self._answers: dict[Question, str] = {}
        self._inquiry = EntryInquiry(workshop.site, workshop.bodies)

    def __getstate__(self) -> Workshop:
        return self.workshop

    def __setstate__(self, workshop: Workshop) -> None:
        self.__init__(workshop)  # type: ignore[misc]  # a process that was not forked starts afresh

    @property
    def templates(self) -> Templates:
        """The theme's templates, compiled as they are needed."""
        if self._templates is None:
            shop = self.workshop
            self._templates = Templates(shop.theme, shop.site, shop.assets, body=self.body)
        return self._templates

    def body(self, entry: Entry, mode: str) -> Markup:
        """The HTML of an entry: for a page, or with absolute addresses for a feed."""
        shop, templates = self.workshop, self.templates
        shop.site.notebook.note(("body", entry.source))
        body = shop.bodies[entry.source]
        html = body.document.html or self._html(entry.source, body)
        if mode == "feed":
            return Markup(fill(body, html, templates.absolute_url, self._feed_picture, templates.feed_embed))
        return Markup(fill(body, html, templates.url, self._page_picture, templates.embed))

    def _html(self, source: str, body: Body) -> str:
        """The HTML of a body, from where it is kept; else the text is parsed once more."""
        shop = self.workshop
        try:
            return shop.documents.html(body.key) if body.key else ""
        except DamagedError:
            parsed, html = parse_to_keep(shop.folder, source, shop.site.holdings.settings.language)
        if parsed.key != body.key:
            mend = "It was changed while the site was built; build again."
            raise ContentError([Problem("KB006", source, 0, 0, "The file is another now.", mend)])
        return html.decode("utf-8", "surrogatepass")

    def _page_picture(self, picture: Picture, reference: Reference) -> str:
        css = dict(reference.attributes).get("class", "")
        sizes = "(min-width: 45rem) 44rem, 100vw" if reference.lone else "100vw"
        return self.templates.picture(picture, sizes=sizes, css=css, caption=reference.lone)

    def _feed_picture(self, picture: Picture, reference: Reference) -> str:
        source = self.templates.absolute_url(picture.address)
        element = Markup('<img src="{}" alt="{}" width="{}" height="{}">').format(
            source, picture.alt, picture.width, picture.height
        )
        if not reference.lone:
            return str(element)
        caption = Markup("<figcaption>{}</figcaption>").format(picture.caption) if picture.caption else ""
        return f"<figure>{element}{caption}</figure>"

    def make(self, output: Output) -> bytes:
        """The bytes of one output."""
        content = output.content
        if isinstance(content, Rendered):
            return self.templates.render(content.template, content.context).encode()
        if isinstance(content, Copied):
            return (self.workshop.folder / content.source).read_bytes()
        if isinstance(content, PictureOutput):
            return images.encode_cached(
                self.workshop.folder / content.picture.source,
                content.variant,
                quality=self.workshop.site.holdings.settings.pictures.quality,
                digest=content.picture.digest,
                cache=self.workshop.cache,
            )
        if isinstance(content, Icon):
            return self._icon(content)
        return content.data

    def begin(self) -> None:
        """Forget the answers of an earlier build."""
        self._answers.clear()
        self._shared.clear()

    def trace(self) -> tuple[tuple[Question, ...], tuple[str, ...], frozenset[Question]]:
        """What was asked since the last trace: of entries, with the digests of the answers, and otherwise."""
        asked = self.workshop.site.notebook.turn()
        own = tuple(sorted(question for question in asked if question[0] in OF_ENTRIES))
        shared = frozenset(question for question in asked if question[0] not in OF_ENTRIES)
        return own, tuple(map(self._answer, own)), self._shared.setdefault(shared, shared)

    def _answer(self, question: Question) -> str:
        known = self._answers.get(question)
        if known is None:
            known = self._answers[question] = self._inquiry.ask(question)
        return known

    def _icon(self, icon: Icon) -> bytes:
        if icon.file:
            return icons.square(self.workshop.folder / icon.file, icon.size)
        return icons.icon(icon.color, icon.letters, icon.size)


def _make(bench: Bench, output: Output) -> Made:
    bench.workshop.site.notebook.turn()  # planning has asked too
    try:
        data = bench.make(output)
    except ContentError as error:
        return Made(output.path, None, error.problems)
    except images.PictureError as error:
        return Made(
            output.path,
            None,
            (Problem("KB033", output.origin, 0, 0, f"{error}.", "Save the picture again."),),
        )
    except FileNotFoundError:
        mend = "It vanished while the site was built; build again."
        return Made(output.path, None, (Problem("KB006", output.origin, 0, 0, "The file is gone.", mend),))
    except OSError as error:
        raise OutsideError(f"{output.origin} cannot be read: {error.strerror}.") from error
    kept = bench.workshop.keep(output.path, data)
    if not isinstance(output.content, Rendered):
        return Made(output.path, kept)
    trace = bench.trace()
    recipe = recipe_of(output, str, 0)
    return Made(output.path, kept, (), *trace, recipe, dumps(output.content, PERSISTENT))


PERSISTENT: dict[type, Callable[[Any], str]] = {Site: lambda site: "", NotedEntry: lambda entry: entry.source}
"""What of a content is not written but named: the site, and its entries by their files."""


def remembered(data: bytes, site: Site) -> Rendered:
    """A content that was kept as bytes, for the site as it is now.

    Raises:
        DamagedError: the bytes are not sound.
    """
    content = loads(data, lambda source: site.seen(source) if source else site)
    if not isinstance(content, Rendered):
        raise DamagedError("not a rendered output")
    return content
