"""Frozen values to plain JSON and back, by their type hints. Strict: nothing unknown passes."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")


def to_plain(value: Any) -> Any:
    """A dataclass as dict, a tuple as list, a date as ISO text, an enum as its value."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [to_plain(v) for v in value]
    if isinstance(value, Mapping):
        return {str(k): to_plain(v) for k, v in value.items()}
    return value


def from_plain(kind: type[T], data: Any) -> T:
    """The value of a dataclass that `to_plain` wrote.

    Raises ValueError naming the field where a key is unknown or missing, or a value is of
    another type than the field.
    """
    return cast("T", _read(kind, data, kind.__name__))


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(kind: Any, data: Any, where: str) -> Any:
    if kind is Any:
        return data
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _optional(kind, data, where)
    if origin is tuple:
        return _tuple(get_args(kind), data, where)
    if origin is dict:
        _, value = get_args(kind)
        if not isinstance(data, dict):
            raise ValueError(f"{where}: expected an object, found {data!r:.60}")
        return {str(k): _read(value, v, f"{where}.{k}") for k, v in data.items()}
    if is_dataclass(kind):
        return _dataclass(kind, data, where)
    return _scalar(kind, data, where)


def _scalar(kind: Any, data: Any, where: str) -> Any:
    try:
        if issubclass(kind, Enum):
            return kind(data)
        if kind is date and isinstance(data, str):
            return date.fromisoformat(data)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None
    number = kind is float and isinstance(data, int) and not isinstance(data, bool)
    if number or (isinstance(data, kind) and (kind is bool) == isinstance(data, bool)):
        return float(data) if kind is float else data
    raise ValueError(f"{where}: expected {kind.__name__}, found {data!r:.60}")


def _optional(kind: Any, data: Any, where: str) -> Any:
    if data is None and type(None) in get_args(kind):
        return None
    (inner,) = (a for a in get_args(kind) if a is not type(None))
    return _read(inner, data, where)


def _tuple(args: tuple[Any, ...], data: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(data, (list, tuple)):
        raise ValueError(f"{where}: expected a list, found {data!r:.60}")
    if len(args) == 2 and args[1] is Ellipsis:
        return tuple(_read(args[0], v, f"{where}[{i}]") for i, v in enumerate(data))
    if len(args) != len(data):
        raise ValueError(f"{where}: expected {len(args)} values, found {len(data)}")
    pairs = enumerate(zip(args, data, strict=True))
    return tuple(_read(a, v, f"{where}[{i}]") for i, (a, v) in pairs)


def _dataclass(kind: Any, data: Any, where: str) -> Any:
    if not isinstance(data, dict):
        raise ValueError(f"{where}: expected an object, found {data!r:.60}")
    hints = _hints(kind)
    known = {f.name: f for f in fields(kind)}
    unknown = sorted(set(data) - set(known))
    if unknown:
        raise ValueError(f"{where}: unknown key {unknown[0]!r}")
    missing = [
        n for n, f in known.items()
        if n not in data and f.default is MISSING and f.default_factory is MISSING
    ]  # fmt: skip
    if missing:
        raise ValueError(f"{where}: the key {missing[0]!r} is missing")
    return kind(**{k: _read(hints[k], v, f"{where}.{k}") for k, v in data.items()})
