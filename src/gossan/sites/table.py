"""Sites as flat tables."""

from __future__ import annotations

from collections.abc import Iterable

from gossan.core.site_row import site_row
from gossan.core.values import Site


def rows(sites: Iterable[Site]) -> list[dict[str, str | int | float | None]]:
    """One flat row per site, in the order given; columns as in `core.site_row.COLUMNS`."""
    return [site_row(site) for site in sites]


def growth_rows(sites: Iterable[Site]) -> list[dict[str, str | int | float | None]]:
    """One row per site and date at which it grew: cumulative area and interval, ha."""
    return [
        {
            "id": site.id,
            "day": step.day.isoformat(),
            "area_ha": round(step.area_ha, 4),
            "low_ha": round(step.low_ha, 4),
            "high_ha": round(step.high_ha, 4),
            "level": site.area.level,
            "method": site.area.method,
        }
        for site in sites
        for step in site.growth
    ]
