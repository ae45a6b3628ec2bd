"""Sites and ground for tests of verdicts."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
from shapely.geometry import box

from gossan.claims.measurements import Measurements
from gossan.core.dates import DateInterval
from gossan.core.values import GrowthStep, Measurement, Outcome, SceneRecord, Site, SiteStatus

LOOKS = tuple(date(2022, m, d) for m in range(1, 13) for d in (1, 11, 21))
SHUSHA = (46.7499, 39.7601)


def site(
    *growth: tuple[date, float],
    after: date | None,
    at: tuple[float, float] = SHUSHA,
    status: SiteStatus = SiteStatus.CONFIRMED,
    name: str = "S-1",
) -> Site:
    """A site of some 2 ha at `at` that grew to these areas (ha) by these days."""
    lon, lat = at
    shape = box(lon - 1e-3, lat - 1e-3, lon + 1e-3, lat + 1e-3)
    steps = tuple(GrowthStep(d, a, a * 0.9, a * 1.1) for d, a in growth)
    area = Measurement(
        "disturbed area", steps[-1].area_ha, "ha", steps[-1].low_ha, steps[-1].high_ha, 0.95, "test"
    )
    none = np.zeros(0, np.int32)
    return Site(
        name,
        status,
        shape,
        shape,
        area,
        DateInterval(after, steps[0].day),
        DateInterval(after, steps[-1].day),
        steps,
        (none, none),
        3.0,
        0.0,
        0.0,
    )


def ground(*sites: Site) -> Measurements:
    """Ground with these sites, looked at every ten days of 2022, monitored from February on."""
    scenes = tuple(
        SceneRecord(
            f"S2-{d}", datetime(d.year, d.month, d.day, tzinfo=UTC), Outcome.USED, "", 1.0, "", None
        )
        for d in LOOKS
    )
    return Measurements(sites, scenes, LOOKS, date(2022, 2, 1), box(46, 39, 48, 41))
