"""What was read in every look, put together as series: lakes, reaches, and ratios of reaches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from pyproj import Transformer

from gossan.core.change_events import events_of
from gossan.core.errors import Code, GossanError
from gossan.core.geodesy import pixel_areas_m2
from gossan.core.measured import Reading, Series, Subject
from gossan.core.words import tr
from gossan.observables.water import lakes, river, turbidity
from gossan.observables.water.calibrate import Calibration
from gossan.observables.water.scenes import Job, Part, enough, pairs, series_readings

AREA, TURBIDITY, RATIO = "water area", "turbidity", "turbidity ratio"


@dataclass(frozen=True, slots=True)
class _Thing:
    """What a series is of."""

    subject: Subject
    id: str
    name: str
    lon: float
    lat: float


def series_from(
    job: Job, basins: Mapping[str, lakes.Basin], part: Part, calibration: Calibration | None
) -> dict[str, Series]:
    """Every series of the scenes, by id. Lakes are numbered by size, largest first.

    Raises GossanError (WATER) where names of reaches would give two series one id.
    """
    made = [*_lakes(job, basins, part, calibration)]
    if job.formula is not None:
        made += _reaches(job, part, calibration)
    out = {s.id: s for s in made}
    if len(out) < len(made):
        double = next(s for s in made if out[s.id] is not s)
        raise GossanError(
            Code.WATER,
            tr(
                'Two series of water would have the id "{double_id}" ({place}, {place2}).',
                double_id=double.id,
                place=double.place,
                place2=out[double.id].place,
            ),
            tr("Give the reaches names without a slash that look like no id of a water body."),
        )
    return out


def _lakes(
    job: Job, basins: Mapping[str, lakes.Basin], part: Part, calibration: Calibration | None
) -> list[Series]:
    grid = job.state.grid
    to_degrees = Transformer.from_crs(str(grid.crs), "EPSG:4326", always_xy=True)
    least = lakes.MIN_PIXELS * float(np.median(pixel_areas_m2(grid))) / 1e4
    out = []
    for n, (name, basin) in enumerate(basins.items(), start=1):
        row, col = basin.point
        lon, lat = to_degrees.transform(*(grid.transform * (col + 0.5, row + 0.5)))
        called = f"lake {n}" + (" (in part: it reaches the border)" if basin.at_border else "")
        thing = _Thing(Subject.WATER_BODY, name, called, float(lon), float(lat))
        readings = series_readings(job, part, f"water-area-{name}")
        out.append(
            Series(
                f"water-area-{name}",
                AREA,
                "ha",
                lakes.LEVEL,
                lakes.METHOD,
                thing.subject,
                thing.id,
                thing.name,
                thing.lon,
                thing.lat,
                readings,
                events_of(readings, least),
                least,
            )
        )
        turbid = _turbidity(job, part, thing, f"turbidity-{name}", calibration)
        if turbid.seen:  # a small pond has no pure pixel in any scene: its area says it all
            out.append(turbid)
    return out


def _reaches(job: Job, part: Part, calibration: Calibration | None) -> list[Series]:
    out, things = [], {}
    for zone in job.zones:
        at, name = zone.reach.geometry.representative_point(), zone.reach.name
        things[name] = _Thing(Subject.REACH, name, name, at.x, at.y)
        out.append(_turbidity(job, part, things[name], f"turbidity-{name}", calibration))
    for down, up in pairs(job.zones):
        name, thing = f"ratio-{down}/{up}", things[down]
        readings = series_readings(job, part, name)
        out.append(
            Series(
                name,
                RATIO,
                "1",
                river.LEVEL,
                river.METHOD,
                Subject.REACH,
                f"{down}/{up}",
                f"{down} / {up}",
                thing.lon,
                thing.lat,
                readings,
            )
        )
    return out


def _turbidity(
    job: Job, part: Part, thing: _Thing, name: str, calibration: Calibration | None
) -> Series:
    method = "" if job.formula is None else turbidity.method(job.formula, job.state.frame.bands)
    readings: Sequence[Reading] = enough(series_readings(job, part, name))
    if calibration is not None:
        method, readings = f"{method}.calibrated", _times(readings, calibration.factor)
    return Series(
        name,
        TURBIDITY,
        "FNU",
        river.LEVEL,
        method,
        thing.subject,
        thing.id,
        thing.name,
        thing.lon,
        thing.lat,
        tuple(readings),
        (),
        turbidity.DETECTION_FNU,
    )


def _times(readings: Sequence[Reading], factor: float) -> list[Reading]:
    return [
        r
        if r.value is None or r.low is None or r.high is None
        else replace(r, value=r.value * factor, low=r.low * factor, high=r.high * factor)
        for r in readings
    ]


def seen_on(series: Series, looks: Sequence[date]) -> Series:
    """A series as if only the images of `looks` had been there; one that others measured stays
    as it is."""
    if series.source:
        return series
    days = set(looks)
    readings = tuple(r for r in series.readings if r.day in days)
    happened = events_of(readings, series.detection_limit or 0.0) if series.events else ()
    return replace(series, readings=readings, events=happened)
