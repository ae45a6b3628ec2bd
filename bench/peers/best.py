"""The best setting of every peer, as `bench.tune` chose and wrote it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

PATH = Path(__file__).parent / "best.json"
T = TypeVar("T")


@cache
def recorded() -> dict[str, dict[str, Any]]:
    """All settings by the peer's name; empty before the first tuning."""
    return dict(json.loads(PATH.read_text())) if PATH.exists() else {}


def best(name: str, default: T) -> T:
    """The recorded setting of a peer, else its defaults."""
    return type(default)(**recorded().get(name, {}))
