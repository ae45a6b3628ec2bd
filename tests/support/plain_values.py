"""Instances of every stored value class, the same on every run, to hold their plain forms."""

from __future__ import annotations

import math
import random
import types
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gossan.core.measured import Subject
from gossan.core.statements import ClaimType

FLOATS = (0.0, 1.0, -2.5, 0.1, 1e-9, 12345678.9, math.nan, math.inf, -math.inf)
FIXED = {
    "observable": (
        "new disturbed ground",
        "no new disturbed ground",
        "area of disturbed ground",
        "area of vegetation lost",
        "turbidity of water",
        "area of standing water",
        "new ground of tailings",
        "way that water takes over the ground",
        "moving bright large vehicles",
        "nothing measured yet",
    ),
    "type": tuple(ClaimType),
}
"""Fields that were of an enum when the hashes were taken, and its values."""
NEWER = (Subject.AREA,)
"""Members that enums have got since."""
WORDS = ("", "a", 'Kəlbəcər "x"', "два\nслова", "1.0", "NaN")


def instance(kind: Any, where: str) -> Any:
    """A value of a type, chosen by `where` alone, so that a new field moves no other one.

    Made without the class's own checks: only its plain form is of interest. Fields that were
    added after values of the class had been stored keep their default.
    """
    r = random.Random(where)
    origin, args = get_origin(kind), get_args(kind)
    name = where.rpartition(".")[2]
    if name in FIXED and kind is str:
        return r.choice(FIXED[name])
    if hasattr(origin, "__value__"):
        return instance(origin.__value__[args], where)
    if origin is Annotated:
        return instance(args[0], where)
    if kind is Any:
        return r.choice((None, 1, 2.5, "x", [1, "y"], {"k": 0.5}))
    if origin in (Union, types.UnionType):
        return instance(r.choice(args), where)
    if kind is type(None):
        return None
    if origin is np.ndarray:
        (dtype,) = get_args(args[1])
        named = np.dtype(dtype) if isinstance(dtype, type) and dtype is not np.generic else "f8"
        return (np.arange(6) % 2 + 0.5).astype(named).reshape(2, 3)
    if origin in (tuple, frozenset):
        if origin is tuple and not (len(args) == 2 and args[1] is Ellipsis):
            return tuple(instance(a, f"{where}[{i}]") for i, a in enumerate(args))
        return origin(instance(args[0], f"{where}[{i}]") for i in range(r.randrange(3)))
    if origin is dict:
        return {w: instance(args[1], f"{where}.{w}") for w in WORDS[: r.randrange(3)]}
    if is_dataclass(kind):
        return of_class(kind, where)
    if issubclass(kind, Enum):
        return r.choice([member for member in kind if member not in NEWER])
    if kind is datetime:
        return datetime(2019, 1, 2, 3, 4, 5, tzinfo=UTC) + timedelta(days=r.randrange(900))
    if kind is date:
        return date(2019, 1, 2) + timedelta(days=r.randrange(900))
    if kind is BaseGeometry:
        return shapely.box(r.randrange(9), 10, 10.25, 11)
    return {
        bool: r.random() < 0.5,
        int: r.randrange(-5, 10**6),
        float: r.choice((*FLOATS, np.float64(0.3))),
        str: r.choice(WORDS),
        bytes: b"\x00\xff",
    }[kind]


def of_class(kind: Any, where: str) -> Any:
    """The same of a dataclass."""
    made = object.__new__(kind)
    hints = get_type_hints(kind, localns={"BaseGeometry": BaseGeometry}, include_extras=True)
    for f in fields(kind):
        extras = get_args(hints[f.name])[1:] if get_origin(hints[f.name]) is Annotated else ()
        added = any(getattr(extra, "added", False) for extra in extras)
        if added:
            value = f.default if f.default_factory is MISSING else f.default_factory()
        else:
            value = instance(hints[f.name], f"{where}.{f.name}")
        object.__setattr__(made, f.name, value)
    return made
