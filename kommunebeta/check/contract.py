"""What kind of thing a template's variable is, and which names it has."""

from __future__ import annotations

import inspect
import types
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, is_dataclass
from functools import lru_cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from jinja2 import nodes
from pydantic import BaseModel

from kommunebeta.contexts import Context
from kommunebeta.model import Experiment, Page
from kommunebeta.site import Site


@dataclass(frozen=True, slots=True)
class Kinds:
    """What an expression may be.

    Attributes:
        types: the types that it may have; empty where nothing is known of it.
        keys: the names it has beside those of its types, for the theme's parameters.
        calls: whether it is something to call, which gives one of the types.
    """

    types: tuple[type, ...] = ()
    keys: frozenset[str] = frozenset()
    calls: bool = False

    @property
    def name(self) -> str:
        """What it is, for people."""
        return "theme" if self.keys else self.types[0].__name__ if self.types else ""

    @property
    def article(self) -> str:
        """The word before the name."""
        return "The" if self.keys or self.types[:1] == (Site,) else "An" if self.name[:1] in "AEIO" else "A"

    @property
    def names(self) -> tuple[str, ...]:
        """The names that it has."""
        return tuple(sorted(self.keys.union(*map(_names, self.types))))

    def misses(self, name: str) -> bool:
        """Whether it is sure that it has no such name."""
        if self.calls or not (self.types or self.keys):
            return False
        return name not in self.keys and not any(_has(kind, name) for kind in self.types)


_UNKNOWN = Kinds()


def kinds_of_contexts(
    contexts: Iterable[type[Context]], parameters: Mapping[str, object]
) -> Mapping[str, Kinds]:
    """What kind of thing each variable is.

    Args:
        contexts: what the template is given, in one page or another.
        parameters: the theme's parameters.
    """
    found: dict[str, list[Kinds]] = {}
    for context in contexts:
        for name, hint in _hints(context).items():
            found.setdefault(name, []).append(_kinds(hint))
    kinds = {name: _either(some) for name, some in found.items()}
    return {**kinds, "params": Kinds((dict,), frozenset(parameters))}


def attribute_of(node: nodes.Node, known: Mapping[str, Kinds]) -> Kinds:
    """What kind of thing an expression of names, dots and calls is.

    Args:
        node: the expression.
        known: the variables.
    """
    if isinstance(node, nodes.Name):
        return known.get(node.name, _UNKNOWN)
    if isinstance(node, nodes.Getattr):
        owner = attribute_of(node.node, known)
        if owner.calls or owner.keys or not owner.types:
            return _UNKNOWN
        return _either([_member(kind, node.attr) for kind in owner.types if _has(kind, node.attr)])
    if isinstance(node, nodes.Call):
        called = attribute_of(node.node, known)
        return Kinds(called.types) if called.calls else _UNKNOWN
    return _UNKNOWN


def _either(kinds: Collection[Kinds]) -> Kinds:
    """What one of several is; nothing is known where nothing is known of one of them."""
    if not kinds or any(not kind.types for kind in kinds) or len({kind.calls for kind in kinds}) > 1:
        return _UNKNOWN
    types = tuple(dict.fromkeys(one for kind in kinds for one in kind.types))
    return Kinds(types, calls=any(kind.calls for kind in kinds))


def _kinds(hint: Any) -> Kinds:
    """The types of ours that a hint names; nothing for collections, plain values and what may be anything."""
    if get_origin(hint) in (Union, types.UnionType):
        parts = [_kinds(part) for part in get_args(hint) if part is not type(None)]
        return _either(parts)
    if not isinstance(hint, type) or not hint.__module__.startswith("kommunebeta."):
        return _UNKNOWN
    if not (is_dataclass(hint) or issubclass(hint, (BaseModel, Site))):
        return _UNKNOWN
    return Kinds((Page, Experiment)) if hint is Page else Kinds((hint,))


def _member(kind: type, name: str) -> Kinds:
    """What an attribute of a type is."""
    member = inspect.getattr_static(kind, name, None)
    if isinstance(member, property):
        return _kinds(_hints(member.fget).get("return"))
    if inspect.isfunction(member):
        found = _kinds(_hints(member).get("return"))
        return Kinds(found.types, calls=True) if found.types else _UNKNOWN
    return _kinds(_hints(kind).get(name))


def _has(kind: type, name: str) -> bool:
    if name.startswith("_") or (kind is Site and name in Site.OWN):
        return False
    return name in _names(kind)


@lru_cache(maxsize=256)
def _names(kind: type) -> frozenset[str]:
    hidden = Site.OWN if kind is Site else frozenset[str]()
    fields = getattr(kind, "model_fields", {}) if issubclass(kind, BaseModel) else {}
    names = {*dir(kind), *_hints(kind), *fields}
    return frozenset(name for name in names if not name.startswith(("_", "model_"))) - hidden


def _hints(of: Any) -> Mapping[str, Any]:
    return _known_hints(of)


@lru_cache(maxsize=1024)
def _known_hints(of: Any) -> Mapping[str, Any]:
    """The hints of a class or function; none where a name in them is known only to type checkers."""
    try:
        return get_type_hints(of)
    except (NameError, TypeError):
        return {}
