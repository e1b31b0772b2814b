"""The cache's bytes: our values come back, nobody else's do."""

from __future__ import annotations

import datetime as dt
import os
import pickle
from hashlib import blake2b
from zoneinfo import ZoneInfo

import pytest

from kommunebeta.errors import Problem, Severity
from kommunebeta.model import Heading
from kommunebeta.pickles import DamagedError, dumps, loads


def signed(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).digest() + data


@pytest.mark.parametrize(
    "value",
    [
        Problem("KB010", "x.md", 1, 2, "Feil.", severity=Severity.NOTE),
        {"a": (1, 2.5, None, True), "b": [frozenset("æøå")]},
        dt.datetime(2026, 5, 17, 12, tzinfo=ZoneInfo("Europe/Oslo")),
        dt.datetime(2026, 5, 17, 12, tzinfo=dt.UTC),
        (Heading(1, "a", "A"),) * 3,
    ],
)
def test_a_value_comes_back_as_it_was(value: object) -> None:
    assert loads(dumps(value)) == value


def test_a_member_comes_back_as_every_python_writes_it() -> None:
    """Source: ``enum.Enum.__reduce_ex__`` of Python 3.11.2, which Debian 12 has."""
    assert loads(signed(pickle.dumps(_Call(getattr, (Severity, "NOTE"))))) is Severity.NOTE


def test_every_damaged_byte_is_noticed() -> None:
    data = dumps(Heading(2, "vann", "Vann"))
    for at in range(len(data)):
        with pytest.raises(DamagedError):
            loads(data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :])
        with pytest.raises(DamagedError):
            loads(data[:at])


class _Call:
    def __init__(self, *call: object) -> None:
        self.call = call

    def __reduce__(self) -> tuple[object, ...]:
        return self.call  # type: ignore[return-value]  # as an attacker would


@pytest.mark.parametrize(
    "call",
    [
        _Call(os.system, ("true",)),
        _Call(eval, ("1",)),
        _Call(getattr, ("", "join")),
        _Call(getattr, (Severity, "__subclasses__")),
        _Call(getattr, (Heading, "__init__")),
        _Call(__import__, ("os",)),
    ],
)
def test_a_foreign_function_is_never_called(call: _Call) -> None:
    with pytest.raises(DamagedError):
        loads(signed(pickle.dumps(call)))


def test_functions_and_services_of_our_own_have_no_place_either() -> None:
    for module, name in (
        ("kommunebeta.build", "build"),
        ("kommunebeta.memory", "Memory"),
        ("kommunebeta.engine", "Path"),
    ):
        data = b"\x80\x04" + f"c{module}\n{name}\n.".encode()
        with pytest.raises(DamagedError):
            loads(signed(data))
