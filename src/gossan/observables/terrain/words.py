"""Terrain in words and cells of tables, the same for the terminal and the dossier."""

from __future__ import annotations

from math import floor, log10

from gossan.core.terrain import FlowEnd, SiteTerrain, SiteVolume, Target
from gossan.core.values import Measurement
from gossan.observables.terrain.store import TerrainRun

BESIDE_M = 15.0
"""A place nearer to the way than half a cell of 30 m lies on it."""


def ground_row(site: SiteTerrain) -> tuple[str, ...]:
    """Site, slope, distance to the channel, length of the way, how it ends, erosion rank."""
    slope = "not known" if site.slope is None else _range(site.slope, 0)
    channel = "not within the way" if site.channel is None else _range(site.channel, 0)
    rank = site.rank
    rank_range = "" if rank.low == rank.high else f" ({rank.low:.0f} to {rank.high:.0f})"
    return (
        site.site,
        slope,
        channel,
        f"{site.length_km:.1f}{', edge' if site.end is FlowEnd.EDGE else ''}",
        f"{rank.value:.0f}{rank_range}",
    )


GROUND_HEAD = ("Site", "Slope,\ndegrees", "To channel,\nm", "Followed,\nkm", "Erosion\nrank")


def target_row(site: str, target: Target) -> tuple[str, ...]:
    """Site, place, kind, distance along the flow, how far aside, height above it, how often."""
    return (
        site,
        target.name,
        target.kind.value,
        _range(target.along, 1),
        aside(target),
        "" if target.above_m is None else shown(target.above_m, sign="+"),
        f"{100 * target.passed.value:.0f} %",
    )


TARGET_HEAD = ("Site", "Place", "Kind", "Along the\nflow, km", "Aside, m", "Above,\nm", "In models")


def aside(target: Target) -> str:
    """How far a place lies from the way, in words where it lies on it or off it."""
    if target.aside_m is None:
        return "only in some models"
    return "on the way" if target.aside_m < BESIDE_M else f"{target.aside_m:.0f}"


def volume_row(site: SiteVolume) -> tuple[str, ...]:
    """Site, volume and mean change of height with their intervals."""
    if site.volume is None or site.depth is None:
        why = f"{site.cells} cells, {100 * site.known_share:.0f} % with heights"
        return site.site, "not measurable", why
    return site.site, _range(site.volume, _digits(site.volume)), _range(site.depth, 1)


VOLUME_HEAD = ("Site", "Volume gained, m3", "Mean change of height, m")


def means(run: TerrainRun) -> str:
    """How the figures are to be read."""
    return (
        f"Ways follow the steepest descent on {run.model} (cells of {run.cell_m[0]:.0f} x "
        f"{run.cell_m[1]:.0f} m) with hollows filled. 'In models': share of {run.realisations} "
        f"models with errors of {run.error_m:g} m (alike over {run.error_range_m:g} m) whose way "
        f"passes the place within {run.aside_m:g} m. A channel is a way with at least "
        f"{run.channel_km2:g} km2 of land above it. Distance is along the flow; how long "
        "water takes is not known."
    )


def ending(site: SiteTerrain, reach_km: float) -> str:
    """How a way ends, one sentence."""
    if site.end is FlowEnd.EDGE:
        return (
            f"After {site.length_km:.1f} km the way leaves the elevation model: not known beyond "
            "here."
        )
    return f"The way was followed for the {reach_km:g} km asked for."


def _digits(m: Measurement) -> int:
    """Decimals (negative: tens, hundreds) that leave two digits of half the interval."""
    half = (m.high - m.low) / 2
    return 1 - floor(log10(half)) if half > 0 else 0


def _range(m: Measurement, digits: int) -> str:
    """Value and interval; one number where both are the same to the digits shown."""
    low, value, high = (shown(v, digits) for v in (m.low, m.value, m.high))
    return value if low == value == high else f"{value} ({low} to {high})"


def shown(value: float, digits: int = 0, sign: str = "") -> str:
    """A number to so many decimals (negative: tens, hundreds), never minus zero."""
    return f"{round(value, digits) + 0.0:{sign},.{max(digits, 0)}f}"
