"""Vegetation lost and recovered at every site of a case: measured, kept, drawn together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gossan.case.context import OpenCase
from gossan.case.documents import digest, record
from gossan.case.pixels import Pixels
from gossan.case.site_pixels import site_key, window_of
from gossan.case.state import Monitored
from gossan.core.dates import NO_DAY
from gossan.core.flags import usable
from gossan.core.geodesy import pixel_areas_m2
from gossan.core.hashing import hash_json
from gossan.core.order import as_shown
from gossan.core.progress import Progress
from gossan.core.sensor import Window
from gossan.core.serialise import from_plain, to_plain
from gossan.core.values import Disturbances, Measurement, Site, Status
from gossan.core.vegetation import CoverShare, SiteVegetation, VegetationYear
from gossan.core.words import tr
from gossan.io.case_db import Document
from gossan.io.land_cover import LandCover, open_cover
from gossan.observables.observable import Updated
from gossan.observables.vegetation.areas import Field, back_in, lost_ever, lost_in, total
from gossan.observables.vegetation.greenness import METHOD, Greenness, greenness, severity

KEPT = "vegetation"
"""Kind of document."""


@dataclass(frozen=True)
class Loss:
    """Vegetation at one site: figures, and by pixel in the order of the site's pixels the year in
    which it was lost and the year in which it was back (int32, 0 not)."""

    figures: SiteVegetation
    year: NDArray[np.int32]
    back: NDArray[np.int32]


def vegetation_of(now: Updated, progress: Progress) -> dict[str, Loss]:
    """Vegetation at each site by id; only what is new is measured and recorded.

    Raises GossanError (CASE) where the land-cover map of the case cannot be read.
    """
    case, state, sites = now.case, now.state, now.sites.sites
    cover = open_cover(case.folder, case.config.vegetation)
    method = hash_json({"method": METHOD, "cover": None if cover is None else cover.fingerprint})
    known = case.db.documents(KEPT)
    keys = {s.id: site_key(state, s, method) for s in sites}
    new = [s for s in sites if known.get(s.id, {}).get("key") != keys[s.id]]
    found = {i: _restored(body) for i, body in known.items() if i in keys}
    fresh = _measured(state, new, now.pixels, cover, progress) if new else {}
    gone = [i for i in known if i not in keys]
    if fresh or gone:
        documents: list[Document] = [(KEPT, i, _body(keys[i], x)) for i, x in fresh.items()]
        record(
            case.db,
            KEPT,
            {"state": state.head.snapshot, "state_hash": state.head.state_hash},
            {"sites": {i: digest(x.figures) for i, x in fresh.items()}, "withdrawn": gone},
            [*documents, *((KEPT, i, None) for i in gone)],
            {"method": METHOD, "key": method},
        )
    found |= fresh
    return {s.id: found[s.id] for s in sites}


def stored_vegetation(case: OpenCase) -> dict[str, SiteVegetation]:
    """What was measured last, by site; empty before."""
    return {i: _restored(body).figures for i, body in case.db.documents(KEPT).items()}


def totals(losses: Sequence[SiteVegetation]) -> tuple[VegetationYear, ...]:
    """All sites together, year by year; intervals added end to end."""
    years = sorted({y.year for s in losses for y in s.years})
    out = []
    for year in years:
        mine = [y for s in losses for y in s.years if y.year == year]
        out.append(
            VegetationYear(
                year,
                total([y.lost for y in mine], "vegetation lost", METHOD),
                total([y.back for y in mine], "vegetation come back", METHOD),
            )
        )
    return tuple(out)


def _measured(
    state: Monitored,
    sites: Sequence[Site],
    pixels: Pixels,
    cover: LandCover | None,
    progress: Progress,
) -> dict[str, Loss]:
    dist, areas, out = state.disturbances(), pixel_areas_m2(state.grid), {}
    with progress.task(tr("Measuring vegetation"), len(sites)) as task:
        for site in sites:
            window = window_of(site, state.frame.shape)
            cube = pixels.cube(window)
            local = site.pixels[0] - window[0].start, site.pixels[1] - window[1].start
            clear = usable(cube["flags"].values)[:, local[0], local[1]]
            bands = {
                b: np.where(clear, cube[b].values[:, local[0], local[1]], np.float32(np.nan))
                for b in ("B04", "B08", "B8A", "B11", "B12")
                if b in cube
            }
            days = np.array([look.day for look in state.looks], np.int32)
            at = site.pixels
            green = greenness(bands, days, dist.last_unchanged[at], dist.first_changed[at])
            out[site.id] = _site(site, green, dist, window, state, areas, cover)
            task.advance()
    return out


def _site(
    site: Site,
    green: Greenness,
    dist: Disturbances,
    window: Window,
    state: Monitored,
    areas: NDArray[np.float64],
    cover: LandCover | None,
) -> Loss:
    rows, cols = site.pixels
    local = rows - window[0].start, cols - window[1].start
    year = np.where(green.lost, _years(dist.first_changed[rows, cols]), 0).astype(np.int32)
    back = green.back_year
    shape = (window[0].stop - window[0].start, window[1].stop - window[1].start)

    def spread(values: NDArray[Any]) -> NDArray[Any]:
        out = np.zeros(shape, values.dtype)
        out[local] = values
        return out

    sure = np.isin(dist.status[rows, cols], (Status.CONFIRMED, Status.RECOVERED))
    field = Field(
        spread(green.lost),
        spread(sure),
        state.frame.inside[window],
        spread(year),
        spread(_years(dist.last_unchanged[rows, cols])),
        spread(back),
        areas[window],
    )
    when = sorted({int(y) for y in (*year, *back) if y})
    years = tuple(
        VegetationYear(y, lost_in(field, y, METHOD), back_in(field, y, METHOD)) for y in when
    )
    shares = () if cover is None else _cover(cover, field, window, state)
    figures = SiteVegetation(
        site.id,
        years,
        lost_ever(field, METHOD),
        back_in(field, None, METHOD),
        severity(green, "NBR" if "B12" in state.frame.bands else "NDMI"),
        shares,
    )
    return Loss(figures, year, back.astype(np.int32))


def _cover(
    cover: LandCover, field: Field, window: Window, state: Monitored
) -> tuple[CoverShare, ...]:
    """Hectares of each land-cover class under the lost pixels, largest first."""
    codes = cover.read(state.grid[window])[field.lost]
    area = field.area_m2[field.lost] / 1e4
    parts = [
        CoverShare(int(c), cover.name(int(c)), float(area[codes == c].sum()))
        for c in np.unique(codes)
    ]
    return tuple(sorted(parts, key=lambda s: (-as_shown(s.area_ha), s.code)))


def _years(days: NDArray[np.int32]) -> NDArray[np.int32]:
    """Calendar years of day numbers, 0 for none."""
    known = days != NO_DAY
    whole = np.where(known, days, 0).astype("datetime64[D]").astype("datetime64[Y]")
    return np.where(known, whole.astype(np.int64) + 1970, 0).astype(np.int32)


def _body(key: str, loss: Loss) -> Mapping[str, Any]:
    return {
        "key": key,
        "value": to_plain(loss.figures),
        "lost_year": loss.year.tolist(),
        "back_year": loss.back.tolist(),
    }


def _restored(body: Mapping[str, Any]) -> Loss:
    return Loss(
        from_plain(SiteVegetation, body["value"]),
        np.array(body["lost_year"], np.int32),
        np.array(body["back_year"], np.int32),
    )


def sum_of(losses: Sequence[SiteVegetation]) -> tuple[Measurement, Measurement]:
    """Lost and back over all sites."""
    return (
        total([s.lost for s in losses], "vegetation lost", METHOD),
        total([s.back for s in losses], "vegetation come back", METHOD),
    )
