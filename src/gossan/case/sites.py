"""Sites of a case: found from the state, named from what they were called before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from gossan.case.context import OpenCase, consult_case
from gossan.case.documents import given_names, name_given
from gossan.case.power import limits_of
from gossan.case.state import Monitored, monitored
from gossan.core.dates import DateInterval
from gossan.core.kinds import KindOfSite
from gossan.core.power.curves import headline
from gossan.core.power.trials import PowerCurves
from gossan.core.progress import Progress, Silent
from gossan.core.site_row import site_body, sites_hash
from gossan.core.values import Site
from gossan.evidence.ledger import Step
from gossan.io.outputs import write_file
from gossan.io.vectors import geojson_bytes, geoparquet_bytes, is_geojson, is_geoparquet
from gossan.sites.build import Found, find_with_lineage
from gossan.sites.identity import KnownSite
from gossan.sites.table import rows

FILES = {"geojson": "sites.geojson", "parquet": "sites.parquet"}
WRITERS = {"geojson": (geojson_bytes, is_geojson), "parquet": (geoparquet_bytes, is_geoparquet)}


@dataclass(frozen=True)
class CaseSites:
    """Sites by area, largest first, the same as flat table rows, and the kinds by id where they
    were weighed."""

    sites: tuple[Site, ...]
    rows: tuple[dict[str, Any], ...]
    kinds: Mapping[str, KindOfSite] = field(default_factory=dict)


def find_case_sites(folder: Path, progress: Progress | None = None) -> CaseSites:
    """Sites of a case as of its last update.

    Raises GossanError (STATE) before the first update.
    """
    with consult_case(folder, progress or Silent()) as case:
        return sites_of(case)


def export_sites(
    folder: Path,
    found: CaseSites,
    fmt: str,
    output: Path | None,
    note: str = "",
    *,
    overwrite: bool = False,
) -> Path:
    """Write the sites as "geojson", with a note, or "parquet"; returns the file's path.

    Raises GossanError (OUTPUT) where another file stands there and `overwrite` is False.
    """
    path = output or folder / FILES[fmt]
    make, ours = WRITERS[fmt]
    write_file(path, make(found.sites, found.kinds, note), ours, overwrite=overwrite)
    return path


def sites_of(case: OpenCase) -> CaseSites:
    """Find the sites, keep their ids for the next time and record the step.

    Nothing is recorded when nothing changed since the last time.
    """
    state = monitored(case)
    now = found_in(case, state)
    found = _with_limit(now.sites, limits_of(case, state))
    table = rows(found)
    digest = sites_hash(found)
    if case.db.get("sites_hash") != digest:
        case.db.put_sites({site.id: site_body(site) for site in found})
        given = given_names(case.db)
        case.db.append(
            Step(
                "sites",
                {"state": state.head.snapshot, "state_hash": state.head.state_hash},
                asdict(case.config.sites),
                {"n": len(found), "hash": digest},
            ).seal,
            [name_given(i, of) for i, of in sorted(now.identities.items()) if i not in given],
        )
        case.db.put("sites_hash", digest)
    return CaseSites(tuple(found), tuple(table))


def found_in(case: OpenCase, state: Monitored) -> Found:
    """The sites in a state, called what they were called before; nothing is recorded."""
    known = [_remembered(i, body) for i, body in case.db.sites().items()]
    return find_with_lineage(
        state.disturbances(), state.frame.inside, case.config.sites, known, given_names(case.db)
    )


def _with_limit(found: Sequence[Site], curves: PowerCurves | None) -> list[Site]:
    """Sites whose area says how small a one would have been seen, where that was computed."""
    if curves is None:
        return list(found)
    smallest = headline(curves).area_ha
    return [replace(s, area=replace(s.area, detection_limit=smallest)) for s in found]


def _remembered(name: str, body: dict[str, Any]) -> KnownSite:
    before = body["last_unchanged"]
    began = DateInterval(
        date.fromisoformat(before) if before else None, date.fromisoformat(body["first_changed"])
    )
    pixels: Sequence[Sequence[int]] = (body["rows"], body["cols"])
    return KnownSite(name, began, (np.array(pixels[0], np.int32), np.array(pixels[1], np.int32)))
