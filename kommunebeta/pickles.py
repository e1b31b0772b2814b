"""Values of ours as bytes, for the cache: read back only if they are sound, and nothing but values of ours.

A cache may be damaged, or come from elsewhere with a copied site. A pickle can name any function to be called
while it is read, so only the immutable values of this package and a few of the standard library are let in.
"""

from __future__ import annotations

import copyreg
import io
import pickle
from dataclasses import is_dataclass
from enum import Enum
from functools import lru_cache
from hashlib import blake2b
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

_STANDARD = {
    ("builtins", "frozenset"),
    ("builtins", "set"),
    ("datetime", "date"),
    ("datetime", "datetime"),
    ("datetime", "timedelta"),
    ("datetime", "timezone"),
    ("zoneinfo", "ZoneInfo"),
}
_DIGEST = 16  # bytes


class DamagedError(Exception):
    """The bytes are not what was written, or hold what they may not."""


def dumps(value: object, persistent: dict[type, Any] | None = None) -> bytes:
    """A value as bytes, with a digest in front.

    Args:
        value: the value.
        persistent: for types whose values are not written but named: what gives the name of one.
    """
    stream = io.BytesIO()
    writer = _Writer(stream, 5) if persistent is None else _NamingWriter(stream, persistent)
    writer.dump(value)
    data = stream.getvalue()
    return blake2b(data, digest_size=_DIGEST).digest() + data


def loads(data: bytes, named: Any = None) -> Any:
    """The value that was written.

    Args:
        data: the bytes.
        named: gives the value of a name, where ``dumps`` was told to write names.

    Raises:
        DamagedError: the bytes are not sound.
    """
    if blake2b(data[_DIGEST:], digest_size=_DIGEST).digest() != data[:_DIGEST]:
        raise DamagedError("the digest does not fit")
    try:
        return _Reader(io.BytesIO(memoryview(data)[_DIGEST:]), named).load()
    except Exception as error:  # whatever a foreign pickle may bring about, it is only a cache
        raise DamagedError(str(error)) from error


class _Writer(pickle.Pickler):
    # A zone by its key: ZoneInfo itself would ask for a function to be let in that can fetch anything.
    dispatch_table = copyreg.dispatch_table | {ZoneInfo: lambda zone: (ZoneInfo, (zone.key,))}


class _NamingWriter(_Writer):
    def __init__(self, stream: io.BytesIO, persistent: dict[type, Any]) -> None:
        super().__init__(stream, 5)
        self._persistent = persistent

    def persistent_id(self, value: Any) -> Any:
        name = self._persistent.get(type(value))
        return name(value) if name else None


class _Reader(pickle.Unpickler):
    def __init__(self, stream: io.BytesIO, named: Any) -> None:
        super().__init__(stream)
        self._named = named

    def find_class(self, module: str, name: str) -> Any:
        return _find(module, name)

    def persistent_load(self, name: Any) -> Any:
        if self._named is None:
            raise pickle.UnpicklingError("a name without a meaning")
        return self._named(name)


def _member(kind: object, name: str) -> Enum:
    """What stands for ``getattr``, by which Python 3.11.0 to 3.11.3 write the members of an enumeration."""
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind[name]
    raise pickle.UnpicklingError("an attribute has no place in the cache")


@lru_cache(maxsize=256)
def _find(module: str, name: str) -> Any:
    if (module, name) == ("builtins", "getattr"):
        return _member
    if (module, name) in _STANDARD:
        return getattr(import_module(module), name)
    if module.startswith("kommunebeta.") and "." not in name:
        found = getattr(import_module(module), name)
        if isinstance(found, type) and found.__module__ == module and _is_value(found):
            return found
    raise pickle.UnpicklingError(f"{module}.{name} has no place in the cache")


def _is_value(kind: type) -> bool:
    is_model = hasattr(kind, "model_fields") and hasattr(kind, "__pydantic_validator__")
    frozen = is_dataclass(kind) and kind.__dataclass_params__.frozen  # type: ignore[attr-defined]  # dataclasses have it
    return frozen or is_model or issubclass(kind, (Enum, tuple))
