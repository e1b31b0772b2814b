"""Planned outputs → bytes, on all processors when it pays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from kommunebeta import icons, images
from kommunebeta.assets import Assets
from kommunebeta.errors import ContentError, OutsideError, Problem
from kommunebeta.links import Body, fill
from kommunebeta.media import PictureOutput
from kommunebeta.model import Entry, Picture, Reference
from kommunebeta.outputs import Copied, Icon, Output, Rendered, Staged
from kommunebeta.parallel import map_items
from kommunebeta.site import Site
from kommunebeta.templates import Templates
from kommunebeta.theme import Theme


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
        keep: takes an output's path and bytes, keeps the bytes, and tells what became of them.
    """

    folder: Path
    cache: Path
    site: Site
    theme: Theme
    assets: Assets
    bodies: Mapping[str, Body]
    keep: Callable[[str, bytes], Staged]


@dataclass(frozen=True, slots=True)
class Made:
    """The outcome of one output: what ``Workshop.keep`` gave, or the problems that stand in the way."""

    path: str
    kept: Staged | None
    problems: tuple[Problem, ...] = ()


def render_all(
    workshop: Workshop, outputs: Sequence[Output], *, jobs: int, done: Callable[[int], None]
) -> Iterator[Made]:
    """Make every output.

    Args:
        workshop: what rendering needs.
        outputs: what is to be made.
        jobs: the largest number of processes.
        done: told how many more outputs are finished.

    Yields:
        The outcomes in the order of the outputs.

    Raises:
        OutsideError: the disk failed.
    """
    return map_items(_make, _Bench(workshop), outputs, jobs=jobs, done=done)


class _Bench:
    """A process's place of work: the templates, compiled once."""

    def __init__(self, workshop: Workshop) -> None:
        self.workshop = workshop
        self._templates: Templates | None = None

    def __getstate__(self) -> Workshop:
        return self.workshop

    def __setstate__(self, workshop: Workshop) -> None:
        self.__init__(workshop)  # type: ignore[misc]  # a process that was not forked starts afresh

    @property
    def templates(self) -> Templates:
        if self._templates is None:
            shop = self.workshop
            self._templates = Templates(shop.theme, shop.site, shop.assets, body=self.body)
        return self._templates

    def body(self, entry: Entry, mode: str) -> Markup:
        """The HTML of an entry: for a page, or with absolute addresses for a feed."""
        body = self.workshop.bodies[entry.source]
        templates = self.templates
        if mode == "feed":
            return Markup(fill(body, templates.absolute_url, self._feed_picture))
        return Markup(fill(body, templates.url, self._page_picture))

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
                quality=self.workshop.site.settings.pictures.quality,
                digest=content.picture.digest,
                cache=self.workshop.cache,
            )
        if isinstance(content, Icon):
            return self._icon(content)
        return content.data

    def _icon(self, icon: Icon) -> bytes:
        if icon.file:
            return icons.square(self.workshop.folder / icon.file, icon.size)
        return icons.icon(icon.color, icon.letters, icon.size)


def _make(bench: _Bench, output: Output) -> Made:
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
    return Made(output.path, bench.workshop.keep(output.path, data))
