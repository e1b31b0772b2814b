"""A branch of a remote repository, for GitHub, GitLab and Codeberg Pages.

Everything happens in a repository of our own in a temporary folder; the writer's checkout is never looked at.
A push either moves the branch to the new state or does nothing, so there is no half of a deploy, and of two
at once the second sees that the branch has moved: it looks again, once, and puts its own on top.

Files that are told by our manifest, in the branch beside them, are ours. All others stay as they are. Which
files have changed is told by the ids that git gives to contents.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kommunebeta.config import FILE_NAME
from kommunebeta.deploy.git.limits import advice_on, refuse_clashes, refuse_names
from kommunebeta.deploy.git.repository import FILE, WHOLE, Entry, Pushed, Repository
from kommunebeta.deploy.git.said import (
    FORGETS,
    REPLACES,
    Remote,
    remote_of,
    shown,
    was_forced,
    was_outrun,
    why_refused,
)
from kommunebeta.deploy.git.setting import GitSetting, History, author_of
from kommunebeta.deploy.manifest import (
    MANIFEST,
    Manifest,
    manifest_bytes,
    manifest_of,
    read_manifest,
)
from kommunebeta.deploy.parcel import LocalFile, Parcel, There, made_file, parcel_of
from kommunebeta.deploy.releases import carried, new_release, nothing_sent, release_of, with_carried
from kommunebeta.deploy.ssh.said import STAYS, Way
from kommunebeta.deploy.target import Forgotten, Kind, Release, Surroundings, Told
from kommunebeta.errors import OutsideError, UsageError

NO_JEKYLL = ".nojekyll"
"""An empty file that has GitHub Pages show every file as it is (GitHub Docs, «Bypassing Jekyll»)."""

CNAME = "CNAME"
"""The file in which GitHub Pages looks for a domain of one's own."""

_RELEASE = "Kommunebeta-Release"
_FILES = "Kommunebeta-Files"
_LISTED = 50
_NAMED = 3


@dataclass(frozen=True, slots=True)
class _Branch:
    """The branch as it was looked at.

    Attributes:
        tip: its last commit; empty where there is no such branch.
        ours: whether that commit is one of ours.
        entries: what it holds.
        manifest: our manifest in it, if there is one.
    """

    tip: str = ""
    ours: bool = True
    entries: Mapping[str, Entry] = field(default_factory=dict)
    manifest: Manifest | None = None


class GitTarget:
    """See the module."""

    def __init__(self, setting: GitSetting, surroundings: Surroundings) -> None:
        self._setting = setting
        self._base_url = surroundings.base_url
        self._remote = _located(remote_of(setting.remote), surroundings.site)
        identity, known = (_file(surroundings.site, name) for name in (setting.identity, setting.known_hosts))
        remote = self._remote
        self._way = Way(remote.host, "", remote.user, remote.port, identity, known)
        self._author = author_of(setting.author, surroundings.base_url)
        self.address = setting.url or surroundings.base_url
        self._held = contextlib.ExitStack()
        self._folder = Path()
        self._branch = _Branch()
        self._pushed = ""
        self._sent: frozenset[str] = frozenset()

    def __enter__(self) -> GitTarget:
        for file in (self._way.identity, self._way.known_hosts):
            if file and not file.is_file():
                raise OutsideError(f"{file} is not there, though the settings name it. Nothing was sent.")
        with contextlib.ExitStack() as held:
            folder = held.enter_context(
                tempfile.TemporaryDirectory(prefix="kommunebeta-", ignore_cleanup_errors=True)
            )
            self._folder = Path(folder)
            self._repository = self._new("git")
            self._tip = self._repository.tip(self._setting.branch)
            self._repository.make()
            self._held = held.pop_all()
        return self

    def __exit__(self, *error: Any) -> None:
        self._held.close()

    @property
    def place(self) -> str:
        """The repository and the branch."""
        return f"{shown(self._remote)} ({self._setting.branch})"

    def look(self) -> There:
        """What the branch holds now."""
        self._branch = branch = self._looked()
        made = {MANIFEST, *self._made()}
        paths = branch.entries.keys() - made
        if not branch.tip:
            return There(holds=self._holds, advise=advice_on)
        notes = () if self._is_replaceable(branch) else (self._not_ours,)
        if branch.manifest is None:
            unclaimed = tuple(sorted(paths))
            return There(unclaimed=unclaimed, known=False, notes=notes, holds=self._holds, advise=advice_on)
        manifest = branch.manifest
        return There(
            {path: digest for path, digest in manifest.files.items() if path in paths},
            {path: item for path, item in manifest.retired.items() if path in paths},
            tuple(sorted(paths - manifest.files.keys() - manifest.retired.keys())),
            manifest.release,
            known=all(self._holds(file) for file in self._made().values()),
            notes=notes,
            holds=self._holds,
            advise=advice_on,
        )

    def send(self, parcel: Parcel, told: Told) -> None:
        """Make a commit of the whole site, and push it."""
        stored: dict[str, str] = {}
        for again in (True, False):
            if not self._is_replaceable(self._branch):
                raise OutsideError(f"{self._not_ours} {STAYS}")
            changes = self._changes(parcel, stored, told)
            commit = self._commit(changes, parcel)
            pushed = self._repository.push(commit, self._setting.branch, self._replaces(self._branch))
            if pushed.done:
                self._pushed, self._sent = commit, frozenset(stored)
                return
            single = self._setting.history is History.SINGLE
            self._look_again(pushed, again, REPLACES if single and was_forced(pushed.said) else "")
            told = _unheard
            parcel = parcel_of(parcel.files, self.look(), parcel.release, dt.datetime.now(dt.UTC))

    def verify(self, expected: Mapping[str, str]) -> tuple[str, ...]:
        """Compare digests: the branch ends with a commit whose id stands for all that it holds."""
        if not expected:
            return ()
        self._tip = tip = self._repository.tip(self._setting.branch)
        if not tip:
            return tuple(expected)
        repository = self._repository
        if tip != self._pushed or expected.keys() - self._sent:
            repository = self._new("whole")
            repository.make(tip)
            tip = repository.fetch(self._setting.branch, contents=True)
        entries = repository.tree(tip)
        names = {path: entries[path].id for path in expected if path in entries}
        found = repository.digests(names.values())
        return tuple(path for path, digest in expected.items() if found.get(names.get(path, "")) != digest)

    def releases(self) -> tuple[Release, ...]:
        """The commits that deploys have made, newest first."""
        return tuple(release for release, _ in self._commits())

    def roll_back(self, release: str) -> Release:
        """Put an earlier state on top as a commit of its own, with what open pages of the current need."""
        if self._setting.history is History.SINGLE:
            raise UsageError(
                f"{self.place} keeps no earlier states: «history: single» replaces them. Build the site as "
                f"it was and deploy it, or set «history: kept» for the future."
            )
        for again in (True, False):
            returned, commit, release = self._returning(release)
            pushed = self._repository.push(commit, self._setting.branch, None)
            if pushed.done:
                return returned
            self._look_again(pushed, again)
        raise AssertionError

    def _returning(self, release: str) -> tuple[Release, str, str]:
        """An earlier state as a commit on top of the branch; the commit; and which state that is."""
        commits = self._commits()
        chosen = release_of([item for item, _ in commits], release, self.place)
        commit = next(commit for item, commit in commits if item.name == chosen.name)
        now = dt.datetime.now(dt.UTC)
        self._branch = branch = self._looked()
        then = self._repository.tree(commit)
        wanted = self._manifest(then)
        if wanted is None:
            raise UsageError(
                f"{chosen.name} at {self.place} cannot be returned to: it is of another «base_url», or its "
                f"list of files is gone."
            )
        current = branch.manifest or Manifest()
        missing = {
            path: item for path, item in carried(current, wanted, now).items() if path in branch.entries
        }
        wanted = replace(with_carried(wanted, missing), release=new_release(now))
        ours = {*current.files, *current.retired, MANIFEST}
        refuse_clashes({*wanted.files, *wanted.retired}, branch.entries.keys() - ours)
        new: dict[str, Entry | None] = dict.fromkeys((*current.files, *current.retired))
        new |= {path: branch.entries[path] for path in missing}
        new |= {path: then[path] for path in (*wanted.files, *wanted.retired) if path in then}
        new |= self._stored({MANIFEST: made_file(MANIFEST, manifest_bytes(wanted)), **self._made()})
        message = _message(f"Return to {chosen.name}", wanted.release, len(wanted.files))
        made = self._repository.commit(
            self._repository.write_tree(branch.tip, new), branch.tip, message, self._author, now
        )
        note = f"return to {chosen.name}"
        return Release(wanted.release, True, len(wanted.files), note), made, chosen.name

    def forget(self) -> Forgotten:
        """Replace the branch by one commit that holds what it holds now, without what only open pages need.

        Hosts keep commits that no branch holds for a while, and whoever has fetched them, for good.
        """
        for again in (True, False):
            commits = self._history()
            self._branch = branch = self._looked()
            if branch.manifest is None:
                raise nothing_sent(self.place)
            if len(commits) == 1 and not branch.manifest.retired:
                return Forgotten(0, ())
            self._refuse_commits(
                [f"{name[:10]} «{subject}»" for name, release, subject in commits if not release]
            )
            gone = tuple(sorted(branch.manifest.retired.keys() & branch.entries.keys()))
            commit, [seen, *_] = self._alone(branch.manifest, gone), commits[0]
            pushed = self._repository.push(commit, self._setting.branch, seen)
            if pushed.done:
                releases = sum(bool(release) for _, release, _ in commits)
                return Forgotten(max(0, releases - 1), gone)
            self._look_again(pushed, again, FORGETS)
        raise AssertionError

    def _history(self) -> list[list[str]]:
        """Every commit of the branch, newest first: its id, the release that it made, and its subject."""
        if not self._tip:
            return []
        tip = self._repository.fetch(self._setting.branch, depth=WHOLE)
        return self._repository.log(tip, "%H", _trailer(_RELEASE), "%s", most=WHOLE)

    def _refuse_commits(self, others: Sequence[str]) -> None:
        """Throw no commits of others away unless the settings say that this is meant."""
        if others and not self._setting.force:
            raise UsageError(
                f"Commits at {self.place} that are not ours would be lost: {_first(others)}. Their files "
                f"would stay. Nothing was removed. Add «force: true» to the target if that is meant."
            )

    def _alone(self, manifest: Manifest, gone: Iterable[str]) -> str:
        """What the branch holds, but for some files, as a commit that follows no other."""
        changes: dict[str, Entry | None] = dict.fromkeys(gone)
        if manifest.retired:
            data = manifest_bytes(replace(manifest, retired={}))
            changes |= self._stored({MANIFEST: made_file(MANIFEST, data)})
        tree = self._repository.write_tree(self._branch.tip, changes)
        message = _message("Forget earlier states", manifest.release, len(manifest.files))
        return self._repository.commit(tree, "", message, self._author, dt.datetime.now(dt.UTC))

    def _look_again(self, pushed: Pushed, again: bool, hint: str = "") -> None:
        """See where the branch ends if others were faster; else say why a push was refused."""
        if not (again and was_outrun(pushed.said)):
            raise OutsideError(why_refused(self._remote, self._setting.branch, pushed.said, hint))
        self._tip = self._repository.tip(self._setting.branch)

    def _new(self, name: str) -> Repository:
        folder = self._folder / name
        folder.mkdir()
        return Repository(folder / "bare", self._remote, self._way)

    def _looked(self) -> _Branch:
        if not self._tip:
            return _Branch()
        tip = self._repository.fetch(self._setting.branch)
        entries = self._repository.tree(tip)
        if FILE_NAME in entries:
            raise UsageError(
                f"{self.place} holds {FILE_NAME}, so it is where texts are written. Nothing was sent. Name a "
                f"branch of its own for the built site."
            )
        [[_, release]] = self._repository.log(tip, "%H", _trailer(_RELEASE))
        return _Branch(tip, bool(release), entries, self._manifest(entries))

    def _manifest(self, entries: Mapping[str, Entry]) -> Manifest | None:
        entry = entries.get(MANIFEST)
        manifest = read_manifest(self._repository.read(entry.id)) if entry and entry.mode == FILE else None
        return manifest if manifest and manifest.base_url == self._base_url else None

    def _holds(self, file: LocalFile) -> bool:
        entry = self._branch.entries.get(file.path)
        return entry is not None and entry == Entry(FILE, self._repository.id_of(file))

    def _made(self) -> dict[str, LocalFile]:
        """The files that the host wants beside the site's."""
        made = {NO_JEKYLL: made_file(NO_JEKYLL, b"")}
        if self._setting.cname:
            made[CNAME] = made_file(CNAME, f"{self._setting.cname}\n".encode())
        return made

    def _is_replaceable(self, branch: _Branch) -> bool:
        return self._setting.history is History.KEPT or branch.ours or self._setting.force

    @property
    def _not_ours(self) -> str:
        return (
            f"The last commit of {self.place} is not one of ours, and «history: single» would throw it away. "
            f"Name another branch, set «history: kept», or add «force: true» if that is meant."
        )

    def _replaces(self, branch: _Branch) -> str | None:
        return branch.tip if self._setting.history is History.SINGLE else None

    def _changes(self, parcel: Parcel, stored: dict[str, str], told: Told) -> dict[str, Entry | None]:
        """What the branch is to hold that it does not, and the other way about."""
        foreign = {*parcel.there.foreign, *parcel.there.unclaimed} - parcel.files.keys()
        refuse_names(parcel.files)
        refuse_clashes(parcel.files.keys(), foreign)
        changes: dict[str, Entry | None] = dict.fromkeys(parcel.difference.removed)
        to_send = [file for file in parcel.to_send if file.path not in stored]
        try:
            for file, name in self._repository.store(to_send):
                stored[file.path] = name
                told(1, file.size)
        except OSError as error:
            raise OutsideError(f"{error.filename}: {error.strerror or error}. {STAYS}") from error
        changes |= {file.path: Entry(FILE, stored[file.path]) for file in parcel.to_send}
        manifest = manifest_bytes(manifest_of(parcel, self._base_url))
        return changes | self._stored({MANIFEST: made_file(MANIFEST, manifest), **self._made()})

    def _stored(self, files: Mapping[str, LocalFile]) -> dict[str, Entry]:
        return {file.path: Entry(FILE, name) for file, name in self._repository.store(files.values())}

    def _commit(self, changes: Mapping[str, Entry | None], parcel: Parcel) -> str:
        tree = self._repository.write_tree(self._branch.tip, changes)
        difference = parcel.difference
        subject = (
            f"Deploy: {len(difference.added)} new, {len(difference.changed)} changed, "
            f"{len(difference.removed)} removed"
        )
        message = _message(subject, parcel.release, len(parcel.files))
        parent = "" if self._setting.history is History.SINGLE else self._branch.tip
        return self._repository.commit(tree, parent, message, self._author, dt.datetime.now(dt.UTC))

    def _commits(self) -> list[tuple[Release, str]]:
        """The commits that deploys have made, newest first, with their ids."""
        if not self._tip:
            return []
        depth = 1 if self._setting.history is History.SINGLE else _LISTED
        tip = self._repository.fetch(self._setting.branch, depth=depth)
        formats = ("%H", "%cd", _trailer(_RELEASE), _trailer(_FILES), "%s")
        found = []
        for commit, moment, release, files, subject in self._repository.log(tip, *formats, most=depth):
            if release:
                count = int(files) if files.isdecimal() else 0
                found.append((Release(release, commit == tip, count, f"{moment} UTC, {subject}"), commit))
        return found


def _unheard(files: int, size: int) -> None:
    """Told of what has been told already."""


def _first(items: Sequence[str]) -> str:
    """Some of many, for a sentence."""
    more = f" and {len(items) - _NAMED} more" if len(items) > _NAMED else ""
    return ", ".join(items[:_NAMED]) + more


def _message(subject: str, release: str, files: int) -> str:
    return f"{subject}\n\n{_RELEASE}: {release}\n{_FILES}: {files}\n"


def _trailer(key: str) -> str:
    return f"%(trailers:key={key},valueonly,separator=%x20)"


def _located(remote: Remote | None, site: Path) -> Remote:
    if remote is None:
        raise UsageError("The target's «remote» is not an address that git may push to.")
    if remote.scheme != "file" or "://" in remote.url:
        return remote
    return replace(remote, url=str(site / Path(remote.url).expanduser()))


def _file(site: Path, name: str) -> Path | None:
    return site / Path(name).expanduser() if name else None


KIND = Kind(GitSetting, GitTarget, patience=300)  # hosts of Pages take minutes to show a branch
