"""What a long measurement got done before it was stopped, kept so that the next call goes on."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, TypeVar

from gossan.case.context import OpenCase

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

P = TypeVar("P", bound="DataclassInstance")


def resumed(case: OpenCase, slot: str, key: str, kind: type[P]) -> P:
    """What is kept in `slot` of a run with this `key`; empty for another run. The fields of
    `kind` are plain JSON with defaults."""
    text = case.db.get(slot)
    body = json.loads(text) if text else {}
    return kind(**body) if body.pop("key", None) == key else kind()


def keep(case: OpenCase, slot: str, key: str, part: DataclassInstance) -> None:
    """Keep what is done of the run with this `key`, in the place of any other."""
    case.db.put(slot, json.dumps({"key": key, **asdict(part)}))
