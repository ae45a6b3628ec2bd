"""Frozen values to plain JSON and back, by their type hints. Strict: nothing unknown passes.

What was translated is kept in English. Arrays become lists with their dtype, geometries GeoJSON,
numbers that are not finite words.
Bytes stay bytes: whoever writes the JSON decides where they go. A field declared `added` (see
`core.settings`) is left out while it has its default, so that hashes of older values hold.
"""

from __future__ import annotations

import math
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

import numpy as np

from gossan.core.words import english

if TYPE_CHECKING:  # loaded with the first value that is read
    from cattrs import Converter

T = TypeVar("T")
Hook = Callable[[Any, Any], Any]

NOT_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
"""Numbers JSON has no sign for."""


def to_plain(value: Any) -> Any:
    """A dataclass as dict, a tuple as list, a date as ISO text, an enum as its value."""
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else _word(value)
    if is_dataclass(value) and not isinstance(value, type):
        found = {name: getattr(value, name) for name in _names(type(value))}
        added = _added(type(value))
        return {n: to_plain(v) for n, v in found.items() if n not in added or v != added[n]}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return english(value)
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


def _word(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind))


@cache
def _added(kind: Any) -> dict[str, Any]:
    """Fields that are left out while they have their default, and that default."""
    if not any("Annotated[" in str(f.type) for f in fields(kind)):
        return {}  # most classes: some of their hints name what only type checkers load
    hints = get_type_hints(kind, include_extras=True)
    return {
        f.name: f.default if f.default_factory is MISSING else f.default_factory()
        for f in fields(kind)
        if get_origin(hints[f.name]) is Annotated
        and any(getattr(mark, "added", False) for mark in get_args(hints[f.name])[1:])
    }


def from_plain(kind: type[T], data: Any) -> T:
    """The value of a dataclass that `to_plain` wrote.

    Raises ValueError naming the field where a key is unknown or missing, or a value is of
    another type than the field.
    """
    from cattrs import BaseValidationError, transform_error

    try:
        return _converter().structure(data, kind)
    except BaseValidationError as error:
        problem, _, path = transform_error(error, kind.__name__, _said)[0].rpartition(" @ ")
        raise ValueError(f"{path}: {problem}") from None
    except ValueError as error:
        raise ValueError(f"{kind.__name__}: {error}") from None


def _said(error: BaseException, _: object) -> str:
    from cattrs import ForbiddenExtraKeysError

    if isinstance(error, ForbiddenExtraKeysError):
        return f"unknown key {min(error.extra_fields)!r}"
    if isinstance(error, KeyError):
        return f"the key {error.args[0]!r} is missing"
    return str(error)


@cache
def _converter() -> Converter:
    from cattrs import Converter
    from shapely.geometry.base import BaseGeometry

    made = Converter(forbid_extra_keys=True)
    for kind in (bool, int, float, str, bytes, date, datetime):
        made.register_structure_hook(kind, _scalar)
    made.register_structure_hook(BaseGeometry, _geometry)
    made.register_structure_hook_factory(is_dataclass, _object)
    for origins, factory in (
        ((tuple, frozenset), _list),
        ((dict,), _dict),
        ((Union, types.UnionType), _union),
        ((np.ndarray,), _array),
    ):
        made.register_structure_hook_factory(_fits(*origins), factory)
    made.register_structure_hook_factory(
        lambda kind: hasattr(get_origin(kind), "__value__"), _alias
    )
    return made


def _fits(*origins: Any) -> Callable[[Any], bool]:
    return lambda kind: get_origin(kind) in origins


def _alias(kind: Any, made: Converter) -> Hook:
    """An alias by `type`, as NDArray is since numpy 2.5."""
    return made.get_structure_hook(get_origin(kind).__value__[get_args(kind)])


def _object(kind: Any, made: Converter) -> Hook:
    from cattrs.gen import make_dict_structure_fn
    from shapely.geometry.base import BaseGeometry  # core.values names it for type checkers only

    hints = get_type_hints(kind, localns={"BaseGeometry": BaseGeometry}, include_extras=True)
    for f in fields(kind):
        f.type = hints[f.name]  # cattrs would look for the names of hints in the module alone
    return _only(dict, "an object", make_dict_structure_fn(kind, made))


def _dict(kind: Any, made: Converter) -> Hook:
    from cattrs.cols import mapping_structure_factory

    return _only(dict, "an object", mapping_structure_factory(kind, made))


def _list(kind: Any, made: Converter) -> Hook:
    from cattrs.cols import homogenous_tuple_structure_factory
    from cattrs.gen import make_hetero_tuple_structure_fn

    whole, args = get_origin(kind), get_args(kind)
    if whole is tuple and args[-1] is not Ellipsis:
        return _only((list, tuple), "a list", make_hetero_tuple_structure_fn(kind, made))
    many: Any = types.GenericAlias(tuple, (args[0], ...))
    read = homogenous_tuple_structure_factory(many, made)
    return _only((list, tuple), "a list", lambda data, to: whole(read(data, to)))


def _only(kinds: Any, word: str, read: Any) -> Hook:
    def hook(data: Any, to: Any) -> Any:
        if not isinstance(data, kinds):
            raise ValueError(f"expected {word}, found {data!r:.60}")
        return read(data, to)

    return hook


def _union(kind: Any, made: Converter) -> Hook:
    """None, or the one kind left, or of several dataclasses the one with these fields, or else, as
    an older gossan wrote it, the one that lacks only fields with defaults."""
    kinds: list[Any] = [k for k in get_args(kind) if k is not type(None)]

    def hook(data: Any, _: Any) -> Any:
        inner = kinds
        if data is None and len(kinds) < len(get_args(kind)):
            return None
        if len(inner) > 1 and isinstance(data, dict):
            classes: list[Any] = [*filter(is_dataclass, inner)]
            fitting = [k for k in classes if set(data) <= set(_names(k))]
            same = [k for k in fitting if set(_names(k)) == set(data)]
            inner = same or [k for k in fitting if _required(k) <= set(data)]
        if len(inner) > 1:
            inner = [k for k in inner if isinstance(k, type) and isinstance(data, k)]
        if not inner:
            raise ValueError(f"expected one of {len(kinds)} kinds, found {data!r:.60}")
        return made.structure(data, inner[0])

    return hook


@cache
def _required(kind: Any) -> frozenset[str]:
    """Fields of a dataclass that have no default."""
    empty = (f for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING)
    return frozenset(f.name for f in empty)


def _scalar(data: Any, kind: Any) -> Any:
    if issubclass(kind, Enum):  # one that is a str or an int as well
        return kind(data)
    if kind in (date, datetime) and isinstance(data, str):
        return kind.fromisoformat(data)
    if kind is float and isinstance(data, str) and data in NOT_FINITE:
        return NOT_FINITE[data]
    number = kind is float and isinstance(data, int) and not isinstance(data, bool)
    if number or (isinstance(data, kind) and (kind is bool) == isinstance(data, bool)):
        return float(data) if kind is float else data
    raise ValueError(f"expected {kind.__name__}, found {data!r:.60}")


def _array(kind: Any, _: Converter) -> Hook:
    """An array of the dtype its hint names; floats may hold the words of `NOT_FINITE`."""
    (dtype,) = get_args(get_args(kind)[1])
    named = np.dtype(dtype) if isinstance(dtype, type) and dtype is not np.generic else None

    def hook(data: Any, _: Any) -> Any:
        if not isinstance(data, dict) or set(data) != {"dtype", "values"}:
            raise ValueError(f"expected an array, found {data!r:.60}")
        if named is not None and data["dtype"] != str(named):
            raise ValueError(f"expected {named}, found {data['dtype']!r:.60}")
        try:
            found = np.array(data["values"], dtype=np.dtype(data["dtype"]))
        except (TypeError, OverflowError) as error:
            raise ValueError(str(error)) from None
        if found.dtype.kind not in "biuf":
            raise ValueError(f"an array of {found.dtype} is not read")
        return found

    return hook


def _geometry(data: Any, _: Any) -> Any:
    from shapely.errors import ShapelyError
    from shapely.geometry import shape

    try:
        return shape(data)
    except (ShapelyError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"expected a GeoJSON geometry ({error})") from None
