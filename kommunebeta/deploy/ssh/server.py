"""What is done in the folder at a server, by scripts of POSIX sh with tools that every server has.

What POSIX lacks is looked for once: a way to put a link in another's place in one step (``mv -T`` of GNU and
BusyBox, ``mv -h`` of the BSDs and macOS, else perl), and a program that makes SHA-256.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from kommunebeta.deploy.manifest import MANIFEST, Manifest, manifest_bytes, read_manifest
from kommunebeta.deploy.releases import CURRENT, PARTIAL, RELEASES
from kommunebeta.deploy.ssh.connection import IN_FOLDER, LOST, Connection
from kommunebeta.deploy.ssh.lock import LOCK, LOCK_IS_GONE
from kommunebeta.deploy.ssh.said import STAYS
from kommunebeta.deploy.target import Release
from kommunebeta.errors import OutsideError

_OURS = ".kommunebeta-deploy."  # lock, drafts of it, and what is tried out
_SAFE = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]*")
_DIGEST = re.compile(rb"^\\?([0-9a-f]{64}) [ *]?\./(.+)$", re.M)
_RSYNC = re.compile(r"rsync +version v?(\d+)\.(\d+)")
_SHOWN = "Readers get the release that was to be shown."
_OLDEST_RSYNC = (3, 1)  # the first with --ignore-missing-args and --outbuf

_PREPARE = """\
mkdir -p -- "$1/releases" && cd -P -- "$1" || exit 3
[ -w . ] || { echo "$1: Permission denied" >&2; exit 3; }
[ -w releases ] || { echo "$1/releases: Permission denied" >&2; exit 3; }
try=.kommunebeta-deploy.try.$$
mkdir "$try" || exit 3
trap 'rm -rf "$try"' 0
mkdir "$try/a"
for how in T h perl; do
    ln -s a "$try/old"
    ln -s a "$try/new"
    case $how in
        perl) perl -e 'rename($ARGV[0], $ARGV[1]) or exit 1' "$try/new" "$try/old" 2>/dev/null ;;
        *) mv -f$how "$try/new" "$try/old" 2>/dev/null ;;
    esac
    if [ -L "$try/old" ] && [ ! -L "$try/new" ] && [ ! -L "$try/a/new" ]; then echo "switch=$how"; break; fi
    rm -f "$try/old" "$try/new" "$try/a/new"
done
for tool in sha256sum 'shasum -a 256' 'openssl dgst -sha256 -r' 'sha256 -r'; do
    case $(printf '' | $tool 2>/dev/null) in
        e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855*) echo "digest=$tool"; break ;;
    esac
done
if [ -d current ] && [ ! -L current ]; then echo 'current=folder'; fi
echo "rsync=$(rsync --version 2>/dev/null | sed 1q)"
"""

# A blank line parts names from the manifest, and a zero that from the files; a name that holds such things
# only brings about a longer comparison.
_LOOK = """\
echo "$(cd -P current 2>/dev/null && pwd -P)"
for name in * .*; do
    case $name in .|..|current|releases) continue ;; esac
    if [ -e "$name" ] || [ -L "$name" ]; then printf '%s\\n' "$name"; fi
done
echo
cat "current/$1" 2>/dev/null
printf '\\0'
cd -P current 2>/dev/null && find . ! -type d
exit 0
"""

_MANIFEST = 'cat "releases/$1/$2" 2>/dev/null\nexit 0\n'

# What the newest broken-off attempt has sent is linked, not moved: its rsync may still be at work there.
_BEGIN = """\
new=$1.partial
cd releases || exit 3
[ -d "$new" ] || mkdir "$new" || exit 3
latest=
for name in *.partial; do
    if [ "$name" != "$new" ] && [ -d "$name" ] && [ ! -L "$name" ]; then latest=$name; fi
done
[ -z "$latest" ] || rsync -r -p -t -O --link-dest="../$latest" "./$latest/" "$new/" 2>/dev/null
for name in *.partial; do
    [ "$name" = "$new" ] || rm -rf -- "$name" 2>/dev/null
done
exit 0
"""

# A process for each of 10,000 links takes long, and no other tool for many at once is everywhere. Each file
# is compared with itself, so that rsync never has to guess whether it has changed.
_LINK = """\
cd releases || exit 3
[ -d "$1" ] || exit 0
rsync -r $3 -p -t -O --ignore-existing --ignore-missing-args \\
    --from0 --files-from=- --link-dest="../$1" "$1/" "$2/"
code=$?
case $code in 23|24) exit 0 ;; *) exit $code ;; esac
"""

_DIGESTS_OF_ALL = 'cd -- "$1" || exit 3\nfind . -type f -exec $2 {} +\nexit 0\n'
_DIGESTS = 'cd -- "$1" || exit 3\nxargs -0 $2\nexit 0\n'

_CLEAR = """\
cd -- "releases/$1" || exit 3
while IFS= read -r name; do rm -f -- "$name" || exit 3; done
find . -depth -type d ! -name . -exec rmdir {} + 2>/dev/null
exit 0
"""

_IF_LOCKED = 'case $(cat "$2" 2>/dev/null) in *"$3"*) ;; *) exit 9 ;; esac\n'

_SHOW = (
    _IF_LOCKED
    + """\
if [ -d "releases/$1.partial" ]; then
    if [ -e "releases/$1" ]; then echo "releases/$1: exists already" >&2; exit 3; fi
    mv -- "releases/$1.partial" "releases/$1" || exit 3
fi
[ -d "releases/$1" ] || { echo "releases/$1: is not there" >&2; exit 3; }
link=.kommunebeta-deploy.current
rm -f "$link"
ln -s "releases/$1" "$link" || exit 3
case $4 in
    perl) perl -e 'rename($ARGV[0], $ARGV[1]) or die "current: $!\\n"' "$link" current ;;
    *) mv -f$4 "$link" current ;;
esac || exit 3
"""
)

_WRITE = (
    _IF_LOCKED
    + """\
draft=releases/$1/.kommunebeta-deploy.draft
cat >"$draft" || exit 3
[ "$(wc -c <"$draft")" -eq "$5" ] || { rm -f "$draft"; exit 3; }
mv -f "$draft" "releases/$1/$4"
"""
)

# Our manifests hold a line for each file, and others for the retired.
_RELEASES = """\
shown=$(cd -P current 2>/dev/null && pwd -P)
cd -P releases || exit 3
here=$(pwd -P)
for name in *; do
    [ -f "$name/$1" ] || continue
    mark=-
    if [ "$shown" = "$here/$name" ]; then mark=+; fi
    printf '%s %s %s\\n' "$mark" "$(grep -c '": "[0-9a-f]\\{64\\}",\\{0,1\\}$' "$name/$1")" "$name"
done
"""

# A release is there whole or not at all, also when this is broken off. One that has lost its manifest is
# never returned to, and goes as well.
_FORGET = (
    _IF_LOCKED
    + """\
shown=$1 before=$4 manifest=$5
shift 5
drop() {
    [ ! -e "$1.partial" ] || rm -rf -- "$1.partial" || exit 3
    mv -- "$1" "$1.partial" && rm -rf -- "$1.partial" || exit 3
    printf '%s\\n' "$1"
}
rm -f .kommunebeta-deploy.lock.* 2>/dev/null
rm -rf .kommunebeta-deploy.try.* "releases/$shown/.kommunebeta-deploy.draft" || exit 3
cd releases || exit 3
for name do [ "$name" = "$shown" ] || drop "$name"; done
for name in [0-9]*T[0-9]*Z-*; do
    case $name in "$shown"|"$before"|*.partial) continue ;; esac
    if [ -d "$name" ] && [ ! -L "$name" ] && [ ! -e "$name/$manifest" ]; then drop "$name"; fi
done
rm -rf -- *.partial || exit 3
"""
)

# Tells which of them were there; those that are gone already may come from an attempt that was broken off.
_REMOVE = (
    _IF_LOCKED
    + """\
cd -- "releases/$1" || exit 3
xargs -0 sh -c 'for f do if [ -e "$f" ]; then printf "%s\\0" "$f"; fi; done; rm -f -- "$@"' sh
"""
)

_REMOVE_EMPTY = 'cd -- "releases/$1" || exit 3\nxargs -0 rmdir -- 2>/dev/null\nexit 0\n'


@dataclass(frozen=True, slots=True)
class Tools:
    """What the server has.

    Attributes:
        switch: how a link is put in another's place: ``T``, ``h`` or ``perl``.
        digest: the command that makes SHA-256.
    """

    switch: str
    digest: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What lies in the folder.

    Attributes:
        manifest: of what readers get; None where there is none of ours.
        release: the name of the release that readers get; empty where there is none.
        files: what readers get, by path.
        foreign: names beside it that are not ours.
    """

    manifest: Manifest | None
    release: str
    files: frozenset[str]
    foreign: tuple[str, ...]


class Server:
    """The folder at the server."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._way = connection.way
        self._tools = Tools("", "")
        self._state = STAYS

    def _run(self, script: str, *words: str, data: bytes = b"") -> bytes:
        words = (self._way.path, *words)
        return self._connection.run(IN_FOLDER + script, *words, data=data, state=self._state)

    def prepare(self) -> None:
        """Make the folder where it is missing, and find out what the server has.

        Raises:
            OutsideError: it lacks something.
        """
        said = self._connection.run(_PREPARE, self._way.path).decode("utf-8", "replace")
        found = dict(line.partition("=")[::2] for line in said.splitlines())
        host = self._way.host
        if found.get("current") == "folder":
            raise OutsideError(
                f"{self._way.place}/{CURRENT} is a folder and not a link of ours. {STAYS} Give it another "
                f"name, or choose another path: the web server shows the link «{CURRENT}» in it."
            )
        version = _RSYNC.search(found.get("rsync", ""))
        if not version or (int(version[1]), int(version[2])) < _OLDEST_RSYNC:
            said = found.get("rsync") or "none"
            raise OutsideError(
                f"{host} needs rsync 3.1 or newer and has {said}. {STAYS} Install rsync there."
            )
        if "digest" not in found:
            raise OutsideError(
                f"{host} has none of sha256sum, shasum and openssl. {STAYS} Install one there."
            )
        if "switch" not in found:
            raise OutsideError(f"No «mv» and no perl of {host} can replace a link in one step. {STAYS}")
        self._tools = Tools(found["switch"], found["digest"])

    def look(self) -> Shown:
        """What lies there."""
        head, _, rest = self._run(_LOOK, MANIFEST).partition(b"\n\n")
        data, _, found = rest.partition(b"\0")
        place, *names = head.decode("utf-8", "surrogateescape").split("\n")
        foreign = sorted(name for name in names if name and not name.startswith(_OURS))
        lines = found.decode("utf-8", "surrogateescape").split("\n")
        paths = {line.removeprefix("./") for line in lines if line}
        files = frozenset(path for path in paths if not path.startswith(_OURS))
        release = basis_of(PurePosixPath(place).name)
        return Shown(read_manifest(data) if data else None, release, files, tuple(foreign))

    def begin(self, release: str) -> None:
        """Make the folder of a release that is to be filled; what a broken-off deploy sent is taken over."""
        self._state = STAYS
        self._run(_BEGIN, _safe(release))

    def link(self, source: str, target: str, paths: Iterable[str], *, links: bool = False) -> None:
        """Link files of one release into another, but for those that one lacks or the other has.

        Args:
            source: the one.
            target: the other.
            paths: which files.
            links: whether symbolic links among them are taken along.
        """
        data = _listed(paths)
        if source and data:
            self._run(_LINK, _safe(source), _safe(target), "-l" if links else "", data=data)

    def digests(self, folder: str, paths: Iterable[str] | None = None) -> Mapping[str, str]:
        """SHA-256 of files by path; those that are not there or cannot be read are left out.

        Args:
            folder: below ours: ``current``, or one of ``releases``.
            paths: which files; None for all.
        """
        if paths is None:
            out = self._run(_DIGESTS_OF_ALL, folder, self._tools.digest)
        else:
            data = _listed(paths)
            out = self._run(_DIGESTS, folder, self._tools.digest, data=data) if data else b""
        found = ((match[2], match[1]) for match in _DIGEST.finditer(out))
        return {path.decode("utf-8", "surrogateescape"): digest.decode() for path, digest in found}

    def clear(self, release: str, paths: Iterable[str]) -> None:
        """Remove files from a release that is being filled, and folders that hold nothing."""
        data = b"".join(b"./" + _bytes(path) + b"\n" for path in paths)
        if data:
            self._run(_CLEAR, _safe(release), data=data)

    def show(self, release: str, token: str) -> None:
        """Let readers have a release, in one step, if we still hold the lock."""
        said = "Whether readers already get the new release is not known: «deploy list» tells."
        self._if_locked(_SHOW, _safe(release), LOCK, token, self._tools.switch, lost=said)
        self._state = _SHOWN

    def write_manifest(self, release: str, manifest: Manifest, token: str) -> None:
        """Leave a release another manifest."""
        data = manifest_bytes(manifest)
        self._if_locked(_WRITE, _safe(release), LOCK, token, MANIFEST, str(len(data)), data=data)

    def _if_locked(self, script: str, *words: str, data: bytes = b"", lost: str = "") -> bytes:
        code, out, said = self._connection.attempt(IN_FOLDER + script, self._way.path, *words, data=data)
        if code == LOCK_IS_GONE:
            raise OutsideError(
                f"Another deploy to {self._way.place} took over, as this one had not been heard of for long. "
                f"{self._state}"
            )
        if code:
            raise self._connection.failure(code, said, lost if lost and code == LOST else self._state)
        return out

    def manifest(self, release: str) -> Manifest:
        """A release's manifest; an empty one where it has none that can be read."""
        return read_manifest(self._run(_MANIFEST, _safe(release), MANIFEST)) or Manifest()

    def releases(self) -> tuple[Release, ...]:
        """The releases, newest first."""
        found = []
        for line in self._run(_RELEASES, MANIFEST).decode("utf-8", "replace").splitlines():
            mark, count, name = line.split(" ", 2)
            if _SAFE.fullmatch(name):
                found.append(Release(name, mark == "+", int(count)))
        return tuple(sorted(found, key=lambda item: item.name, reverse=True))

    def remove(self, release: str, paths: Iterable[str], token: str) -> tuple[str, ...]:
        """Remove files from a release, and folders that are empty then; returns those that were there."""
        names = tuple(paths)
        if not names:
            return ()
        out = self._if_locked(_REMOVE, _safe(release), LOCK, token, data=_listed(names))
        folders = {str(parent) for name in names for parent in PurePosixPath(name).parents} - {"."}
        if folders:
            deepest = sorted(folders, key=lambda name: name.count("/"), reverse=True)
            self._run(_REMOVE_EMPTY, _safe(release), data=_listed(deepest))
        there = out.decode("utf-8", "surrogateescape").split("\0")
        return tuple(name.removeprefix("./") for name in there if name)

    def forget(self, releases: Iterable[str], shown: str, before: str, token: str) -> tuple[str, ...]:
        """Remove releases, those that have no manifest, and what broken-off attempts left behind.

        Args:
            releases: which.
            shown: the one that readers get, which stays.
            before: the one before it, which stays although it has no manifest; may be empty.
            token: of the lock.

        Returns:
            The names of those that were there.
        """
        words = (_safe(shown), LOCK, token, before, MANIFEST, *map(_safe, releases))
        return tuple(self._if_locked(_FORGET, *words).decode("ascii", "replace").splitlines())


def partial(release: str) -> str:
    """The folder of a release that is being filled, below ours."""
    return f"{RELEASES}/{_safe(release)}{PARTIAL}"


def basis_of(release: str) -> str:
    """A release's name as a manifest tells it; empty where it is not the name of one."""
    return release if _SAFE.fullmatch(release) else ""


def _safe(name: str) -> str:
    """A release's name, with nothing in it that could lead elsewhere.

    Raises:
        OutsideError: it has something else.
    """
    if not _SAFE.fullmatch(name.removesuffix(PARTIAL)):
        raise OutsideError(f"«{name}» is not the name of a release.")
    return name


def _listed(paths: Iterable[str]) -> bytes:
    """Paths as programs take them from a list, where «-» begins options, and «#» and «;» comments."""
    return b"\0".join(b"./" + _bytes(path) for path in paths)


def _bytes(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")
