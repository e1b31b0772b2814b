"""The lock at a server: a file that is made by a link, which comes about whole and for one only."""

from __future__ import annotations

from kommunebeta.deploy.locks import read_holder
from kommunebeta.deploy.ssh.connection import IN_FOLDER, Connection

LOCK = ".kommunebeta-deploy.lock"
LOCK_IS_GONE = 9
"""Status of a script that did not find the lock as it should be."""

_CREATE = """\
draft=$1.$2
printf '%s' "$3" >"$draft" || exit 3
ln "$draft" "$1" 2>/dev/null && { rm -f "$draft"; exit 0; }
rm -f "$draft"
if [ -e "$1" ]; then exit 9; fi
echo "$1: no hard links here" >&2
exit 3
"""

# Only one of two that find a lock expired may get it. The folder that keeps them apart is there for the blink
# of an eye; one that a crash of the server has left is older than a minute.
_REPLACE = """\
find "$1.swap" -prune -mmin +1 -exec rmdir {} \\; 2>/dev/null
mkdir "$1.swap" 2>/dev/null || exit 9
trap 'rmdir "$1.swap"' 0
[ "$(cat "$1" 2>/dev/null)" = "$4" ] || exit 9
draft=$1.$2
printf '%s' "$3" >"$draft" && mv -f "$draft" "$1" || exit 3
"""


class ServerLock:
    """A ``LockStore`` in the folder at the server. The connection frees the lock when we are gone."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, data: bytes) -> bool:
        """Make the lock if it is not there, whole and in one step."""
        return self._changed(_CREATE, data)

    def replace(self, data: bytes, expected: bytes) -> bool:
        """Let it hold something else, if it still holds what is expected."""
        text = (
            expected.decode("utf-8", "surrogateescape").replace("\0", "").rstrip("\n")
        )  # as «$(cat)» has it
        return self._changed(_REPLACE, data, text)

    def _changed(self, script: str, data: bytes, *words: str) -> bool:
        holder = read_holder(data)
        token = holder.token if holder else "draft"
        self._connection.hold(token)  # before, so that at no moment a kill leaves a lock behind
        path = self._connection.way.path
        words = (path, LOCK, token, data.decode(), *words)
        code, _, said = self._connection.attempt(IN_FOLDER + script, *words)
        if code not in (0, LOCK_IS_GONE):
            raise self._connection.failure(code, said)
        return code == 0

    def read(self) -> bytes | None:
        """What it holds."""
        # In one step, since its holder may remove it at any moment.
        script = 'held=$(cat "$1" 2>/dev/null) || exit 0\necho\nprintf "%s" "$held"\n'
        out = self._connection.run(IN_FOLDER + script, self._connection.way.path, LOCK)
        return out[1:] if out else None

    def remove(self) -> None:
        """Remove it."""
        self._connection.run(IN_FOLDER + 'rm -f -- "$1"\n', self._connection.way.path, LOCK)
