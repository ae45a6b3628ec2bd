"""From changed pixels to sites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyproj
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from scipy import ndimage

from gossan.core.dates import NO_DAY, from_day
from gossan.core.errors import Code, GossanError
from gossan.core.geodesy import pixel_areas_m2
from gossan.core.order import as_shown
from gossan.core.params import SiteParams
from gossan.core.values import Disturbances, Site, SiteStatus, Status
from gossan.core.words import tr
from gossan.sites.identity import Candidate, Heir, Known, assign
from gossan.sites.listing import listed
from gossan.sites.measure import Patch, area_of, dates_of, growth
from gossan.sites.outline import outline


@dataclass(frozen=True)
class Found:
    """Sites of one update, largest first, what became of those known before, and, by the id of
    each site, the identity a name would be given for now."""

    sites: tuple[Site, ...]
    heirs: tuple[Heir, ...]
    identities: Mapping[str, str]


def find_sites(
    dist: Disturbances, area_mask: NDArray[np.bool_], params: SiteParams, previous: Sequence[Known]
) -> list[Site]:
    """Sites of the changed pixels of `dist`, largest first; see `find_with_lineage`."""
    return list(find_with_lineage(dist, area_mask, params, previous).sites)


def find_with_lineage(
    dist: Disturbances,
    area_mask: NDArray[np.bool_],
    params: SiteParams,
    previous: Sequence[Known],
    given: Mapping[str, str] | None = None,
) -> Found:
    """Sites of the pixels that are provisional, confirmed or recovered inside the area.

    `area_mask` is bool (y, x), True inside the area of the case. `previous` are the sites
    of the last update, from which ids are inherited, and `given` all ids that were ever given
    (see `identity.assign`). Raises GossanError(STATE) when shapes do not agree or a changed
    pixel has no date.
    """
    changed = _changed(dist, area_mask, previous)
    core = changed & np.isin(dist.status, (Status.CONFIRMED, Status.RECOVERED))
    areas = pixel_areas_m2(dist.grid)
    labels = listed(changed, dist.status == Status.EARLY, areas, params)
    windows = _windows(labels)
    patches = [
        Patch(
            inside=labels[w] == number,
            core=core[w] & (labels[w] == number),
            allowed=area_mask[w],
            first_changed=dist.first_changed[w],
            last_unchanged=dist.last_unchanged[w],
            area_m2=areas[w],
        )
        for number, w in windows
    ]
    corners = [(w[0].start, w[1].start) for _, w in windows]
    assert dist.grid.crs is not None  # pixel_areas_m2 has refused such a grid
    to_lonlat = pyproj.Transformer.from_crs(dist.grid.crs.proj, "EPSG:4326", always_xy=True)
    candidates = [
        _candidate(patch, corner, dist.grid, to_lonlat)
        for patch, corner in zip(patches, corners, strict=True)
    ]
    ids, heirs = assign(candidates, previous, labels.shape, given or {})
    sites = [
        _site(name, patch, candidate, dist, params, to_lonlat)
        for name, patch, candidate in zip(ids, patches, candidates, strict=True)
    ]
    sites.sort(key=lambda s: (-as_shown(s.area.value), s.id))
    identities = {i: c.identity for i, c in zip(ids, candidates, strict=True)}
    return Found(tuple(sites), tuple(heirs), identities)


def _changed(
    dist: Disturbances, area_mask: NDArray[np.bool_], previous: Sequence[Known]
) -> NDArray[np.bool_]:
    """Changed pixels inside the area, after checking that the inputs fit together."""
    if not (dist.grid.shape == dist.status.shape == area_mask.shape):
        raise GossanError(
            Code.STATE,
            tr(
                "Grid {grid}, state {status} and area mask {mask} must have the same shape.",
                grid=tuple(dist.grid.shape),
                status=dist.status.shape,
                mask=area_mask.shape,
            ),
            tr("The state belongs to another grid: run `gossan update` again."),
        )
    changed: NDArray[np.bool_] = area_mask & (dist.status >= Status.PROVISIONAL)
    undated = int((changed & (dist.first_changed == NO_DAY)).sum())
    if undated:
        raise GossanError(
            Code.STATE,
            tr("{undated} changed pixels have no date of change.", undated=undated),
            tr("The state is damaged: go back to an earlier commit or run `gossan update` afresh."),
        )
    height, width = dist.status.shape
    for known in previous:
        rows, cols = known.pixels
        if len(rows) and (
            rows.min() < 0 or cols.min() < 0 or rows.max() >= height or cols.max() >= width
        ):
            raise GossanError(
                Code.STATE,
                tr(
                    "Site {known_id} of the last update has pixels outside the grid.",
                    known_id=known.id,
                ),
                tr("The grid of the case was changed: start a new case, or keep the old area."),
            )
    return changed


def _windows(labels: NDArray[np.int32]) -> list[tuple[int, tuple[slice, slice]]]:
    """Label and window of every site."""
    found = enumerate(ndimage.find_objects(labels), start=1)
    return [(number, _wider(window, labels.shape)) for number, window in found if window]


def _wider(window: tuple[slice, slice], shape: tuple[int, ...]) -> tuple[slice, slice]:
    """The window and one pixel around it, clipped to the grid."""
    rows, cols = (
        slice(max(s.start - 1, 0), min(s.stop + 1, n)) for s, n in zip(window, shape, strict=True)
    )
    return rows, cols


def _candidate(
    patch: Patch, corner: tuple[int, int], grid: GeoBox, to_lonlat: pyproj.Transformer
) -> Candidate:
    """Its pixels on the grid, and the earliest core pixel as the seed of an id."""
    r, c = np.nonzero(patch.inside)
    rows, cols = (r + corner[0]).astype(np.int32), (c + corner[1]).astype(np.int32)
    eligible = patch.core[r, c] if patch.core.any() else np.ones(len(r), dtype=bool)
    day = patch.first_changed[r, c]
    # np.nonzero runs row by row, so the first of equal dates is the upper left one.
    at = int(np.argmin(np.where(eligible, day.astype(np.int64), np.iinfo(np.int64).max)))
    a = grid.affine
    x, y = float(cols[at]) + 0.5, float(rows[at]) + 0.5
    lon, lat = to_lonlat.transform(a.a * x + a.b * y + a.c, a.d * x + a.e * y + a.f)
    return Candidate((rows, cols), (lon, lat, from_day(int(day[at]))))


def _site(
    name: str,
    patch: Patch,
    candidate: Candidate,
    dist: Disturbances,
    params: SiteParams,
    to_lonlat: pyproj.Transformer,
) -> Site:
    """All figures of one site."""
    rows, cols = candidate.pixels
    steps = growth(patch)
    began, ended = dates_of(patch, params.odd_share)
    r, c = np.nonzero(patch.inside)
    corner = int(rows[0] - r[0]), int(cols[0] - c[0])
    geometry, on_grid = outline(patch.inside, *corner, dist.grid, to_lonlat)
    return Site(
        id=name,
        status=SiteStatus.CONFIRMED if patch.core.any() else SiteStatus.PROVISIONAL,
        geometry=geometry,
        geometry_grid=on_grid,
        area=area_of(steps),
        began=began,
        ended=ended,
        growth=steps,
        pixels=candidate.pixels,
        magnitude=float(np.median(dist.magnitude[rows, cols])),
        recovered_share=float((dist.status[rows, cols] == Status.RECOVERED).mean()),
        again_share=float((dist.changed_again[rows, cols] != NO_DAY).mean()),
    )
