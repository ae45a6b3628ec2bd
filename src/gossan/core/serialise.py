"""Frozen values to plain JSON and back, by their type hints. Strict: nothing unknown passes.

Arrays become lists with their dtype, geometries GeoJSON, numbers that are not finite words.
Bytes stay bytes: whoever writes the JSON decides where they go.
"""

from __future__ import annotations

import math
import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import numpy as np

T = TypeVar("T")

NOT_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
"""Numbers JSON has no sign for."""
LEFT_OUT = {"left out": "where empty"}
"""Metadata of a field that came later: where it is empty the plain form, and so the hash, is that
of before."""


def to_plain(value: Any) -> Any:
    """A dataclass as dict, a tuple as list, a date as ISO text, an enum as its value."""
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else _word(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {
            f.name: to_plain(getattr(value, f.name)) for f in fields(value) if _is_told(value, f)
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [to_plain(v) for v in value]
    if isinstance(value, (set, frozenset)):
        return [to_plain(v) for v in sorted(value)]
    if isinstance(value, Mapping):
        return {str(k): to_plain(v) for k, v in value.items()}
    if isinstance(value, np.generic):
        return to_plain(value.item())
    if isinstance(value, np.ndarray):
        return {"dtype": str(value.dtype), "values": to_plain(value.tolist())}
    if hasattr(value, "__geo_interface__"):
        return to_plain(value.__geo_interface__)
    return value


def _is_told(value: Any, of: Field[Any]) -> bool:
    return LEFT_OUT.keys().isdisjoint(of.metadata) or bool(getattr(value, of.name))


def _word(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def from_plain(kind: type[T], data: Any) -> T:
    """The value of a dataclass that `to_plain` wrote.

    Raises ValueError naming the field where a key is unknown or missing, or a value is of
    another type than the field.
    """
    return cast("T", _read(kind, data, kind.__name__))


@cache
def _hints(kind: type) -> dict[str, Any]:
    from shapely.geometry.base import BaseGeometry  # core.values names it for type checkers only

    return get_type_hints(kind, localns={"BaseGeometry": BaseGeometry})


def _read(kind: Any, data: Any, where: str) -> Any:
    if kind is Any:
        return data
    origin = get_origin(kind)
    if hasattr(origin, "__value__"):  # an alias by `type`, as NDArray is since numpy 2.5
        return _read(origin.__value__[get_args(kind)], data, where)
    if origin in (Union, types.UnionType):
        return _one_of(get_args(kind), data, where)
    if origin is np.ndarray:
        return _array(kind, data, where)
    if origin is tuple:
        return _tuple(get_args(kind), data, where)
    if origin is frozenset:
        return frozenset(_tuple((*get_args(kind), Ellipsis), data, where))
    if origin in (dict, Mapping):
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
        if kind in (date, datetime) and isinstance(data, str):
            return kind.fromisoformat(data)
        if kind is float and isinstance(data, str) and data in NOT_FINITE:
            return NOT_FINITE[data]
        if kind.__name__ == "BaseGeometry":
            return _geometry(data, where)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None
    number = kind is float and isinstance(data, int) and not isinstance(data, bool)
    if number or (isinstance(data, kind) and (kind is bool) == isinstance(data, bool)):
        return float(data) if kind is float else data
    raise ValueError(f"{where}: expected {kind.__name__}, found {data!r:.60}")


def _one_of(kinds: tuple[Any, ...], data: Any, where: str) -> Any:
    """A union: None, or the one kind left, or of several dataclasses the one with these fields."""
    if data is None and type(None) in kinds:
        return None
    inner = [k for k in kinds if k is not type(None)]
    if len(inner) > 1 and isinstance(data, dict):
        inner = [k for k in inner if is_dataclass(k) and {f.name for f in fields(k)} == set(data)]
    if len(inner) > 1:
        inner = [k for k in inner if isinstance(k, type) and isinstance(data, k)][:1]
    if not inner:
        raise ValueError(f"{where}: expected one of {len(kinds)} kinds, found {data!r:.60}")
    return _read(inner[0], data, where)


def _array(kind: Any, data: Any, where: str) -> Any:
    """An array of the dtype its hint names; floats may hold the words of `NOT_FINITE`."""
    (dtype,) = get_args(get_args(kind)[1])
    named = np.dtype(dtype) if isinstance(dtype, type) and dtype is not np.generic else None
    if not isinstance(data, dict) or set(data) != {"dtype", "values"}:
        raise ValueError(f"{where}: expected an array, found {data!r:.60}")
    if named is not None and data["dtype"] != str(named):
        raise ValueError(f"{where}: expected {named}, found {data['dtype']!r:.60}")
    try:
        found = np.array(data["values"], dtype=np.dtype(data["dtype"]))
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{where}: {error}") from None
    if found.dtype.kind not in "biuf":
        raise ValueError(f"{where}: an array of {found.dtype} is not read")
    return found


def _geometry(data: Any, where: str) -> Any:
    from shapely.errors import ShapelyError
    from shapely.geometry import shape

    try:
        return shape(data)
    except (ShapelyError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{where}: expected a GeoJSON geometry ({error})") from None


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
        n
        for n, f in known.items()
        if n not in data and f.default is MISSING and f.default_factory is MISSING
    ]
    if missing:
        raise ValueError(f"{where}: the key {missing[0]!r} is missing")
    return kind(**{k: _read(hints[k], v, f"{where}.{k}") for k, v in data.items()})
