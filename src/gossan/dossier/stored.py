"""A dossier's model as a file: everything its page, PDF and tables are drawn from.

`data/dossier.json` holds the model; pictures and files stand in it by their hash and lie beside
it. Whoever has these can draw the dossier again, which is how its verification works.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, TypeVar

from gossan.core.errors import Code, GossanError
from gossan.core.hashing import hash_bytes
from gossan.core.serialise import from_plain, to_plain
from gossan.core.words import tr
from gossan.dossier.chronicle import ChronicleDossier
from gossan.dossier.model import DossierModel

MODEL = "data/dossier.json"
Model = DossierModel | ChronicleDossier
Shown = TypeVar("Shown", DossierModel, ChronicleDossier)
KINDS: dict[str, type[Any]] = {"ground": DossierModel, "documents": ChronicleDossier}
BLOB = "bytes"
_HALF = re.compile(rb"(?<!\\)(?:\\\\)*\\u[dD][89a-fA-F]")
"""An escape of half a surrogate pair; behind an escaped backslash it is plain text."""


def to_file(model: Model) -> tuple[bytes, dict[str, bytes]]:
    """The model as JSON, and what stands in it by hash: hash -> bytes."""
    plain, blobs = plain_of(model)
    kind = next(k for k, c in KINDS.items() if isinstance(model, c))
    body = {"kind": kind, "model": plain}
    text = json.dumps(body, ensure_ascii=False, allow_nan=False, sort_keys=True, indent=0)
    return (text + "\n").encode(), blobs


def plain_of(model: Model) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The model as plain JSON, and what stands in it by hash: hash -> bytes."""
    blobs: dict[str, bytes] = {}
    plain: dict[str, Any] = _without_bytes(to_plain(model), blobs)
    return plain, blobs


def from_file(data: bytes, blobs: Mapping[str, bytes]) -> tuple[Model, dict[str, bytes]]:
    """The model of a file, and those of `blobs` that stand in it: what `to_file` gave.

    Raises GossanError (DOSSIER) saying what is not as it should be.
    """
    try:
        if _HALF.search(data):
            raise ValueError("half a surrogate pair, which is no letter")
        body = json.loads(data)
        if not isinstance(body, dict) or set(body) != {"kind", "model"}:
            raise ValueError("expected a kind and a model")
        kind = KINDS[body["kind"]]
        used: dict[str, bytes] = {}
        model: Model = from_plain(kind, _with_bytes(body["model"], blobs, used))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise GossanError(
            Code.DOSSIER,
            tr(
                "{file} does not hold what a dossier shows: {reason}.",
                file=MODEL,
                reason=str(error)[:200],
            ),
            tr("It is broken, was changed, or a newer gossan made it; ask for it again."),
        ) from None
    return model, used


def read_back(model: Shown) -> Shown:
    """The model as its file gives it back.

    What is drawn from this is drawn alike by whoever has the file alone: no order of keys, no
    kind of number and no digit is left that writing and reading could change.
    """
    found, _ = from_file(*to_file(model))
    assert isinstance(found, type(model))
    return found


def _without_bytes(value: Any, blobs: dict[str, bytes]) -> Any:
    if isinstance(value, bytes):
        digest = hash_bytes(value)
        blobs[digest] = value
        return {BLOB: digest}
    if isinstance(value, dict):
        return {k: _without_bytes(v, blobs) for k, v in value.items()}
    return [_without_bytes(v, blobs) for v in value] if isinstance(value, list) else value


def _with_bytes(value: Any, blobs: Mapping[str, bytes], used: dict[str, bytes]) -> Any:
    if isinstance(value, dict):
        if set(value) == {BLOB}:
            found = blobs.get(value[BLOB])
            if found is None:
                raise ValueError(f"no file of the dossier has the hash {value[BLOB]!r:.80}")
            used[value[BLOB]] = found
            return found
        return {k: _with_bytes(v, blobs, used) for k, v in value.items()}
    return [_with_bytes(v, blobs, used) for v in value] if isinstance(value, list) else value
