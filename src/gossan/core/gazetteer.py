"""What the reading of names needs of a gazetteer. `io` implements it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from gossan.core.statements import PlaceCandidate


class Scope(IntEnum):
    """How near a place lies to the case; the nearer, the more readily a name is believed."""

    CASE = 0  # the case's own list
    REGION = 1  # within some hundred kilometres of the area
    COUNTRY = 2  # a country
    WORLD = 3  # any larger town


@dataclass(frozen=True, slots=True)
class Hit:
    """A place whose name folds to the key asked for; `population` 0 where unknown."""

    place: PlaceCandidate
    scope: Scope
    population: int


class Gazetteer(Protocol):
    """Names to places."""

    def strict(self, keys: Sequence[str]) -> list[Hit]:
        """Places with a name that has one of these strict keys, nearest scope first."""

    def loose(self, key: str) -> list[Hit]:
        """Places of the case and the region with a name that has this loose key."""

    def like(self, key: str) -> list[Hit]:
        """Places of the case and the region with a similar loose key, likeliest first."""
