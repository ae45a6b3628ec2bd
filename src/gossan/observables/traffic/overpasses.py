"""One pass of the satellite over the roads of a case."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum

from scipy import stats

from gossan.case.monitoring import Acquisition
from gossan.case.state import Monitored
from gossan.core.dates import from_day
from gossan.core.traffic import Pass
from gossan.observables.traffic import null
from gossan.observables.traffic import strips as road_strips
from gossan.observables.traffic.detect import Detections, searched, strip_of, under_null
from gossan.observables.traffic.limits import Laid
from gossan.observables.traffic.motion import null_orders
from gossan.observables.traffic.strips import Path, cuts, laid_roads

LEAST_KM = 1.0
"""Usable road a pass needs."""
CLOUDY = 0.01
"""Detections gather beside cloud where chance does so in less than this share of cases."""


def passed(
    state: Monitored, paths: Sequence[Path], look: Acquisition
) -> tuple[Pass, list[list[float]]]:
    """One pass, and what of it lies in each section."""
    day = from_day(look.day)
    with state.frame.scenes.opened(look.key) as pixels:
        laid = laid_roads(pixels, state.frame, paths)
        far = laid_roads(pixels, state.frame, paths, road_strips.BESIDE_M)
    km = fsum(float(r.usable[r.middle].sum()) for r in laid) / 100
    empty = [[0.0, 0.0, 0.0] for p in paths for _ in cuts(p)]
    if km < LEAST_KM:
        why = f"{km:.1f} km of road could be looked at: cloud, shade, snow or trees hide the rest."
        return Pass(day, look.key, km, 0, (), None, None, why), empty
    strips = [strip_of(r.values, r.usable) for r in laid]
    found, places, noise = searched(strips)
    open_km = (
        km
        - fsum(float((p & r.usable)[r.middle].sum()) for p, r in zip(places, laid, strict=True))
        / 100
    )
    scale = km / max(open_km, 0.1)
    counts = tuple(under_null(strips, places, noise, o) * scale for o in null_orders())
    total = sum(map(len, found))
    beside = _beside_cloud(laid, far, found, total)
    rate = sum(counts) / len(counts) / km
    rows = []
    for p, r, f in zip(paths, laid, found, strict=True):
        for cut in cuts(p):
            length = float(r.usable[r.middle][cut].sum()) / 100
            inside = int(((f.at >= cut.start) & (f.at < cut.stop)).sum())
            rows.append([length, inside, rate * length])
    one = Pass(
        day,
        look.key,
        km,
        total,
        counts,
        null.expected(counts, look.key),
        null.excess(total, counts, look.key),
        beside,
    )
    return one, rows


def _beside_cloud(
    laid: Sequence[Laid], far: Sequence[Laid], found: Sequence[Detections], total: int
) -> str:
    """Why a pass is not used whose detections gather beside cloud, "" where they do not."""
    near_km = all_km = 0.0
    near = 0
    for a, b, f in zip(laid, far, found, strict=True):
        beside = a.usable[a.middle] & ~b.usable[b.middle]
        near_km, all_km = near_km + beside.sum() / 100, all_km + a.usable[a.middle].sum() / 100
        near += int(beside[f.at].sum())
    if near < 3 or all_km == 0 or near_km == 0:
        return ""
    chance = float(stats.binom.sf(near - 1, total, near_km / all_km))
    if chance >= CLOUDY:
        return ""
    return (
        f"{near} of {total} detections lie within {road_strips.BESIDE_M:.0f} m of cloud, on "
        f"{near_km / all_km:.0%} of the road: cloud moves between bands too."
    )
