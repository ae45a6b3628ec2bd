"""Two models of a dossier, figure by figure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gossan.core.hashing import hash_bytes

TOLERANCE = 1e-5
"""Relative difference of a number up to which two platforms count as agreeing: their mathematical
libraries round the last bits differently. On the same platform with the same packages nothing
differs at all."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure that came out otherwise.

    Attributes
    ----------
    where : path in the model, e.g. "sites/2/site/area/value"
    was, now : what the dossier says and what came out, in short
    size : relative difference of two numbers; None for anything else
    """

    where: str
    was: str
    now: str
    size: float | None


def compare(old: Any, new: Any) -> tuple[list[Difference], int]:
    """Differences beyond the tolerance, and how many numbers differ within it."""
    out, near = [], 0
    for difference in _walk(old, new, ""):
        if difference.size is not None and difference.size <= TOLERANCE:
            near += 1
        else:
            out.append(difference)
    return out, near


def _walk(old: Any, new: Any, where: str) -> Iterator[Difference]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            yield from _walk(old.get(key, _NONE), new.get(key, _NONE), f"{where}/{key}")
    elif isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            yield Difference(where[1:], f"{len(old)} entries", f"{len(new)} entries", None)
            return
        for i, (a, b) in enumerate(zip(old, new, strict=True)):
            yield from _walk(a, b, f"{where}/{i}")
    elif _number(old) and _number(new):
        if old != new:
            size = abs(old - new) / max(abs(old), abs(new))
            yield Difference(where[1:], f"{old:.9g}", f"{new:.9g}", size)
    elif old != new:
        yield Difference(where[1:], _short(old), _short(new), None)


_NONE = "nothing"


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _short(value: Any) -> str:
    if isinstance(value, bytes):
        return f"picture {hash_bytes(value)[:19]}"
    return str(value)[:80]
