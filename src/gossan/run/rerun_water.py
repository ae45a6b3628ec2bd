"""The part of a re-run that measures waters again."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from gossan.core.case import WaterConfig
from gossan.core.hashing import hash_file
from gossan.core.progress import Progress
from gossan.dossier.model import DossierModel
from gossan.evidence.ledger import Record
from gossan.run.water import Asked, measure_water

WATER = "water"
"""Action in the ledger, and key of the chapter."""


def water_again(
    folder: Path, model: DossierModel, chain: Sequence[Record], case: Path | None,
    progress: Progress,
) -> tuple[str, ...]:  # fmt: skip
    """Measure the waters of the new case in `folder` as the ledger says they were measured.

    Files of reaches and samples are no part of a dossier: they are taken from `case` where it
    still holds the very same. Returns, in words, why nothing was measured.
    """
    last = next((b for b, _ in reversed(chain) if b["action"] == WATER), None)
    if last is None or all(c.key != WATER for c in model.chapters):
        return ()
    assert model.recipe is not None
    inputs = last["inputs"]
    if inputs.get("brought"):
        return ("Water was not computed anew: it rests on measurements that others brought.",)
    files = _files(model.recipe.config.water, inputs, case)
    missing = [name for name, path in files.items() if path is None]
    if missing:
        return (
            f"Water was not computed anew: it needs the file of {' and '.join(missing)} that it "
            "was measured with. Name the case that holds it with --case.",
        )
    paths = {n: Path(shutil.copy(p, folder / p.name)) for n, p in files.items() if p is not None}
    until = last["parameters"].get("normal_until", "None")
    normal = None if until == "None" else date.fromisoformat(until)
    measure_water(folder, Asked(paths.get("reaches"), paths.get("samples"), (), normal), progress)
    return ()


def _files(
    config: WaterConfig, inputs: Mapping[str, Any], case: Path | None
) -> dict[str, Path | None]:
    """Of each kind of file that was used the one the case still holds, None where it does not."""
    out: dict[str, Path | None] = {}
    for name, said in (("reaches", config.reaches), ("samples", config.samples)):
        if name not in inputs:
            continue
        path = case / said if case is not None and said else None
        same = path is not None and path.is_file() and hash_file(path) == inputs[name]
        out[name] = path if same else None
    return out
