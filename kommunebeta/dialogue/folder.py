"""The folder ``dialogue/`` → the dialogue of each post.

Contributions are read once for each state of their file and kept between builds. What else lies there is
a handful of files for each post: what came of it, the figures of its survey, how many took part.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import Field

from kommunebeta.content import Entry
from kommunebeta.dialogue.contributions import (
    Surroundings,
    Written,
    contribution_of,
    post_of,
    read_contribution,
    stem,
)
from kommunebeta.dialogue.model import Contribution, Dialogue, Outcome, Results
from kommunebeta.dialogue.outcomes import read_outcome
from kommunebeta.dialogue.results import read_results
from kommunebeta.documents import Documents, key_of
from kommunebeta.entries import translation_key
from kommunebeta.errors import Problem, Severity
from kommunebeta.frontmatter import double_name, rename_keys
from kommunebeta.inputs import digest_of
from kommunebeta.parallel import map_items
from kommunebeta.pickles import dumps, loads
from kommunebeta.sources import decode, read_text, unreadable
from kommunebeta.validation import Day, Edge, nearest, validate
from kommunebeta.yamlfile import read_yaml

RESERVED = ("outcome", "results", "summary")
"""Names of files that are no contributions."""

NORWEGIAN_SUMMARY_KEYS = {"mottatt": "received", "motteke": "received", "per": "as_of"}
"""Norwegian names of the keys of a summary."""


class SummaryMatter(Edge):
    """A file `dialogue/<post>/summary.yaml`: how many contributions came in, published or not."""

    received: int = Field(ge=0, le=100_000_000, description="How many came in, published or not.")
    as_of: Day | None = Field(None, description="The day on which they were counted.")


@dataclass(frozen=True, slots=True)
class Dialogues:
    """What is published of all dialogues.

    Attributes:
        by_post: the dialogue of each post that has one, by the post's id; translations share it. Its outcome
            is there even before its day.
        problems: what was found.
    """

    by_post: Mapping[str, Dialogue] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """A post and its translations.

    Attributes:
        ids: the ids of its texts.
        lang: the language of contributions that name none: the site's main one, else the first text's.
        source: the file of the first text.
    """

    ids: frozenset[str]
    lang: str
    source: str


def is_contribution(path: str) -> bool:
    """Whether a file in ``dialogue/`` is a contribution, by its name."""
    return stem(path) not in RESERVED


def read_written(
    folder: Path,
    paths: Iterable[str],
    documents: Documents,
    digest: Callable[[str], str],
    *,
    known: Mapping[str, Written],
    jobs: int,
) -> tuple[Written, ...]:
    """Read the contributions, each only once for each state of its file.

    Args:
        folder: the site folder.
        paths: the files in ``dialogue/``.
        documents: where those that were read before are kept, and new ones are put.
        digest: gives the digest of a file.
        known: contributions that are still at hand, by file.
        jobs: the largest number of processes.
    """
    paths = [path for path in paths if is_contribution(path)]
    keys = {path: key_of(path, digest(path)) for path in paths}
    found = {path: known[path] for path, key in keys.items() if path in known and known[path].key == key}
    if not documents.is_empty():
        kept = documents.heads({path: key for path, key in keys.items() if path not in found})
        found |= {path: item for path, item in kept.items() if isinstance(item, Written)}
    missing = [path for path in paths if path not in found]
    rows = []
    for data in map_items(_read_to_keep, folder, missing, jobs=jobs):
        written = loads(data)
        found[written.path] = written
        if written.key:
            rows.append((written.key, data, b""))
    documents.put(rows)
    return tuple(found[path] for path in paths)


def _read_to_keep(folder: Path, path: str) -> bytes:
    try:
        raw = (folder / path).read_bytes()
    except OSError as error:
        return dumps(Written(path, None, (unreadable(path, error),)))
    text, problems = decode(raw, path)
    written = Written(path, None, problems) if problems else read_contribution(text, path)
    return dumps(replace(written, key=key_of(path, digest_of(raw))))


def read_dialogue(
    folder: Path,
    paths: Iterable[str],
    written: Iterable[Written],
    entries: Iterable[Entry],
    ids: Mapping[str, str],
    around: Surroundings,
    lang: str,
) -> Dialogues:
    """Bring the dialogues together, each under the ids of its post and the post's translations.

    Args:
        folder: the site folder.
        paths: the files in ``dialogue/``.
        written: the contributions among them.
        entries: all texts, published or not.
        ids: the id of each, by file.
        around: the clock, the people and the forms.
        lang: the site's main language.
    """
    groups, doubles = _groups(entries, ids, lang)
    by_file = {item.path: item for item in written}
    of_group: dict[Group, list[str]] = defaultdict(list)
    lost: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        post = post_of(path) if path.count("/") == 2 else ""
        if post in groups:
            of_group[groups[post]].append(path)
        else:
            lost[path.rpartition("/")[0] if post else path].append(path)
    problems = [doubles[post] for post in sorted(doubles) if any(post in group.ids for group in of_group)]
    problems += [_lost(place, files, groups) for place, files in sorted(lost.items())]
    by_post: dict[str, Dialogue] = {}
    for group, files in of_group.items():
        desk = _Desk(folder, around, group)
        dialogue = desk.dialogue(files, [by_file[path] for path in files if path in by_file])
        by_post |= dict.fromkeys(sorted(group.ids), dialogue)
        problems += desk.problems
    return Dialogues(by_post, tuple(problems))


def _groups(
    entries: Iterable[Entry], ids: Mapping[str, str], main: str
) -> tuple[dict[str, Group], dict[str, Problem]]:
    """The post and translations behind each id, and the problem of each id that two posts have."""
    texts: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.path.startswith("content/posts/"):
            texts[translation_key(entry)].append(entry)
    groups: dict[str, Group] = {}
    doubles: dict[str, Problem] = {}
    for _, same in sorted(texts.items()):
        first = min(same, key=lambda entry: (entry.lang != main, entry.path))
        group = Group(frozenset(ids[entry.path] for entry in same), first.lang, first.path)
        for post in sorted(group.ids):
            other = groups.setdefault(post, group)
            if other is not group:
                message = f"{other.source} has the id «{post}» too, so both show one dialogue."
                mend = "Give one of the two another «id», or both the same «translation_key»."
                doubles[post] = Problem("KB017", first.path, 1, 1, message, mend, Severity.WARNING)
    return groups, doubles


def _lost(place: str, files: Sequence[str], groups: Mapping[str, Group]) -> Problem:
    if place in files:
        message = "The file does not lie in a folder that is named after its post."
        mend = "Put it into dialogue/POST/, where POST is the id of the post."
        return Problem("KB082", place, 0, 0, message, mend, Severity.WARNING)
    name = place.rpartition("/")[2]
    near = nearest(name, tuple(sorted(groups)))
    message = f"No post has the id «{name}», so {_counted(len(files))} not shown."
    mend = f"Did you mean «{near}»?" if near else "Rename the folder, or give the post its old «id» back."
    return Problem("KB082", place, 0, 0, message, mend, Severity.WARNING)


def _counted(files: int) -> str:
    return "a file is" if files == 1 else f"{files} files are"


@dataclass(slots=True)
class _Desk:
    """Puts one dialogue together, and collects what is wrong with it."""

    folder: Path
    around: Surroundings
    group: Group
    problems: list[Problem] = field(default_factory=list)

    def dialogue(self, files: Sequence[str], written: Sequence[Written]) -> Dialogue:
        """The dialogue that consists of some files.

        Args:
            files: all of them.
            written: the contributions among them.
        """
        found = self._contributions(written)
        shown = {item.id: item for item in found if self.around.clock.shows(item.published)}
        placed = [self._placed(item, shown) for item in shown.values()]
        received, as_of = self._received(files, len(written))
        return Dialogue(
            post=post_of(files[0]),
            contributions=tuple(sorted(placed, key=_age)),
            received=received,
            outcome=self._outcome(files),
            results=self._results(files),
            as_of=as_of,
        )

    def _contributions(self, written: Sequence[Written]) -> list[Contribution]:
        """The sound contributions, those still to be shown included, each id once."""
        found: dict[str, Contribution] = {}
        for item in written:
            contribution, problems = contribution_of(item, self.around, self.group.lang)
            self.problems += problems
            first = found.get(item.id)
            if first is not None:
                message = f"{first.source} has the id «{item.id}» too."
                mend = "Give one of the two another id; links lead to one of them only."
                self.problems.append(item.problem("KB083", ("id",), message, mend))
            elif contribution is not None:
                found[item.id] = contribution
        for item in written:
            self._check_reply(item, found)
        return list(found.values())

    def _check_reply(self, item: Written, found: Mapping[str, Contribution]) -> None:
        target = item.matter.reply_to if item.matter else ""
        if not target or item.id not in found:
            return
        if target == item.id:
            message = "It replies to itself."
        elif target not in found:
            message = f"There is no contribution «{target}» to reply to."
        elif item.id in _ancestors(target, found):
            message = f"It replies to «{target}» in a circle."
        else:
            return
        near = nearest(target, tuple(sorted(found))) if target not in found else ""
        mend = f"Did you mean «{near}»?" if near else "Mend «reply_to», or take it away."
        message = f"{message[:-1]}, so it is shown on its own."
        self.problems.append(item.problem("KB084", ("reply_to",), message, mend, Severity.WARNING))

    def _placed(self, item: Contribution, shown: Mapping[str, Contribution]) -> Contribution:
        """A contribution that replies to nothing where what it replies to cannot be seen."""
        if not item.reply_to or (item.reply_to in shown and item.id not in _ancestors(item.reply_to, shown)):
            return item
        return replace(item, reply_to="")

    def _received(self, files: Sequence[str], published: int) -> tuple[int, dt.date | None]:
        """How many came in, and the day on which they were counted."""
        received, as_of = published, None
        for path in _named("summary", files):
            text, problems = read_text(self.folder, path)
            self.problems += problems
            if problems:
                continue
            document, doubles = rename_keys(read_yaml(text, path), NORWEGIAN_SUMMARY_KEYS)
            self.problems += [double_name(document, path, (key,), NORWEGIAN_SUMMARY_KEYS) for key in doubles]
            matter, problems = validate(SummaryMatter, document, path, wrong="KB085")
            self.problems += problems
            if matter is None:
                continue
            if matter.received < published:
                message = f"«received» is {matter.received}, but {published} contributions lie in the folder."
                place = document.place_of(("received",))
                mend = "Count again; until then the larger number is shown."
                self.problems.append(Problem("KB085", path, *place, message, mend, Severity.WARNING))
            received, as_of = max(matter.received, published), matter.as_of
        return received, as_of

    def _outcome(self, files: Sequence[str]) -> Outcome | None:
        """What came of it, whether that is published by now or not."""
        for path in _named("outcome", files):
            text, problems = read_text(self.folder, path)
            outcome = None
            if not problems:
                outcome, problems = read_outcome(text, path, self.around.people.find)
            self.problems += problems
            if outcome:
                return outcome
        return None

    def _results(self, files: Sequence[str]) -> Results | None:
        for path in _named("results", files):
            text, problems = read_text(self.folder, path)
            results = None
            if not problems:
                results, problems = read_results(text, path, self.around.form)
            self.problems += problems
            if results:
                return results
        return None


def _named(name: str, files: Iterable[str]) -> Iterator[str]:
    return (path for path in files if stem(path) == name)


def _age(item: Contribution) -> tuple[float, float, str]:
    return item.published.timestamp(), item.received.timestamp(), item.id


def _ancestors(name: str, found: Mapping[str, Contribution]) -> set[str]:
    """A contribution and all that it replies to in turn."""
    passed: set[str] = set()
    while name in found and name not in passed:
        passed.add(name)
        name = found[name].reply_to
    return passed
