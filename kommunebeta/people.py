"""The files in ``people/`` → people, and bylines → the person that is meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from kommunebeta.errors import Problem, Severity
from kommunebeta.frontmatter import NORWEGIAN_PERSON_KEYS, PersonMatter, double_name, rename_keys
from kommunebeta.images import PictureError
from kommunebeta.language import slugify
from kommunebeta.media import Media
from kommunebeta.model import Person, Picture
from kommunebeta.sources import read_text
from kommunebeta.validation import validate
from kommunebeta.yamlfile import read_yaml

_SHOWN_BYLINES = 20


def read_people(site: Path, paths: Iterable[str], media: Media) -> tuple[People, tuple[Problem, ...]]:
    """Read every file in ``people/``.

    Args:
        site: the site folder.
        paths: the files, relative to it.
        media: where portraits are collected.
    """
    people = People()
    problems: list[Problem] = []
    files: dict[str, str] = {}
    for path in paths:
        text, faults = read_text(site, path)
        problems += faults
        if faults:
            continue
        document, doubles = rename_keys(read_yaml(text, path), NORWEGIAN_PERSON_KEYS)
        problems += [double_name(document, path, (key,), NORWEGIAN_PERSON_KEYS) for key in doubles]
        matter, faults = validate(PersonMatter, document, path)
        problems += faults
        if matter is None:
            continue
        identity = _identity(path)
        if identity in files:
            message = f"{files[identity]} and {path} are both the person «{identity}»."
            problems.append(Problem("KB040", path, 0, 0, message, "Give one of the files another name."))
            continue
        files[identity] = path
        portrait = None
        if matter.portrait:
            place = document.place_of(("portrait", "src"))
            portrait, faults = _portrait(matter, path, place, media)
            problems += faults
        people.add(_person(matter, path, portrait), matter.aliases)
    return people, tuple(problems)


def _identity(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0]


def _person(matter: PersonMatter, path: str, portrait: Picture | None) -> Person:
    return Person(
        id=_identity(path),
        role=matter.role,
        name=matter.name,
        department=matter.department,
        answers_for=tuple(matter.answers_for),
        answer_days=matter.answer_days,
        email=matter.email,
        phone=matter.phone,
        portrait=portrait,
        text=matter.text,
        former=matter.former,
        weight=matter.weight,
        translations={lang: words.model_dump() for lang, words in matter.translations.items()},
    )


def _portrait(
    matter: PersonMatter, path: str, place: tuple[int, int], media: Media
) -> tuple[Picture | None, tuple[Problem, ...]]:
    if matter.portrait is None:
        return None, ()
    source = media.find(matter.portrait.src, path)
    if source is None:
        message = f"There is no picture «{matter.portrait.src}»."
        return None, (Problem("KB032", path, *place, message, "Put the file in people/, or mend its name."),)
    try:
        return media.picture(source, alt=matter.portrait.alt, credit=matter.portrait.credit), ()
    except PictureError as error:
        return None, (
            Problem(
                "KB033",
                path,
                *place,
                f"«{matter.portrait.src}»: {error}.",
                "Use a JPEG, PNG or WebP picture.",
            ),
        )


class People:
    """Finds the person that a byline means: by id, by another name given in the file, by role or by name."""

    def __init__(self) -> None:
        self.known: dict[str, Person] = {}
        self._by_name: dict[str, Person] = {}
        self._plain: dict[str, Person] = {}
        self._unknown: dict[str, Problem] = {}

    def add(self, person: Person, aliases: Iterable[str] = ()) -> None:
        """Take in a person of the site."""
        self.known[person.id] = person
        roles = [str(words.get("role", "")) for words in person.translations.values()]
        for name in filter(None, map(slugify, (person.role, person.name, *roles, *aliases))):
            if name not in self._by_name or (self._by_name[name].former and not person.former):
                self._by_name[name] = person

    def find(self, byline: str) -> Person | None:
        """The person, or None when nobody in ``people/`` is meant."""
        return self.known.get(byline) or self.known.get(slugify(byline)) or self._by_name.get(slugify(byline))

    def author(self, byline: str, complain: Problem) -> Person:
        """The person behind a byline; without a file in ``people/``, a plain byline.

        Args:
            byline: as written.
            complain: what to report if nobody is meant; only the first of each byline is kept.
        """
        found = self.find(byline)
        if found is not None:
            return found
        if byline not in self._plain:
            self._plain[byline] = Person(slugify(byline) or byline, role="", name=byline, known=False)
        self._unknown.setdefault(byline, complain)
        return self._plain[byline]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """One warning for each unknown byline; beyond twenty, one for all the others together."""
        found = list(self._unknown.values())
        if len(found) <= _SHOWN_BYLINES:
            return tuple(found)
        rest = len(found) - _SHOWN_BYLINES
        message = f"{rest} more bylines have no file in people/."
        mend = "Write people/NAME.yaml for those who write now; the others may stay plain bylines."
        return (*found[:_SHOWN_BYLINES], Problem("KB015", "people", 0, 0, message, mend, Severity.WARNING))


def byline_problem(byline: str, path: str, place: tuple[int, int], known: Mapping[str, Person]) -> Problem:
    """The warning about a byline without a file."""
    names = ", ".join(sorted(known)) or "none yet"
    mend = f"Write people/{slugify(byline) or 'navn'}.yaml with «role: …», or use one of: {names}."
    return Problem("KB015", path, *place, f"«{byline}» has no file in people/.", mend, Severity.WARNING)
