"""One site as one flat line: the same figures in the table, the CSV and the vector files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gossan.core.hashing import hash_json
from gossan.core.kinds import KindOfSite
from gossan.core.order import as_shown
from gossan.core.values import Site

COLUMNS = {
    "id": str,
    "status": str,
    "area_ha": float,
    "low_ha": float,
    "high_ha": float,
    "level": float,
    "detection_limit_ha": float,
    "last_unchanged": str,
    "first_changed": str,
    "ended_last_unchanged": str,
    "ended_first_changed": str,
    "lon": float,
    "lat": float,
    "n_pixels": int,
    "magnitude": float,
    "recovered_share": float,
    "again_share": float,
    "method": str,
    "kind": str,
    "kind_probability": float,
    "kind_decided_by": str,
}
"""Columns of `site_row` in order, with their types; dates are ISO 8601 strings."""


def site_row(site: Site, kind: KindOfSite | None = None) -> dict[str, str | int | float | None]:
    """Flat figures of a site; `lon`, `lat` is a point inside it (degrees, EPSG:4326).

    Areas are rounded to 1 m2, coordinates to 1e-6 degrees, the rest to 4 decimals.
    A date is None where nothing usable was seen before the change; `detection_limit_ha` where
    limits were not computed, or no size tried reaches the power they ask for. `kind` is the one to
    go by, `kind_probability` the machine's for it, `kind_decided_by` the person who decided, None
    where the machine's view stands; all three are None where the kind was not weighed.
    """
    point = site.geometry.representative_point()
    before, end_before = site.began.last_unchanged, site.ended.last_unchanged
    return {
        "id": site.id,
        "status": site.status.value,
        "area_ha": round(site.area.value, 4),
        "low_ha": round(site.area.low, 4),
        "high_ha": round(site.area.high, 4),
        "level": site.area.level,
        "detection_limit_ha": site.area.detection_limit,
        "last_unchanged": before.isoformat() if before else None,
        "first_changed": site.began.first_changed.isoformat(),
        "ended_last_unchanged": end_before.isoformat() if end_before else None,
        "ended_first_changed": site.ended.first_changed.isoformat(),
        "lon": round(point.x, 6),
        "lat": round(point.y, 6),
        "n_pixels": len(site.pixels[0]),
        "magnitude": round(site.magnitude, 4),
        "recovered_share": round(site.recovered_share, 4),
        "again_share": round(site.again_share, 4),
        "method": site.area.method,
        "kind": None if kind is None else kind.kind.value,
        "kind_probability": None if kind is None else round(kind.probability(kind.kind), 4),
        "kind_decided_by": None if kind is None or kind.decision is None else kind.decision.by,
    }


def site_body(site: Site) -> dict[str, Any]:
    """What a later run needs to know a site again, as JSON values."""
    before = site.began.last_unchanged
    return {
        "last_unchanged": before.isoformat() if before else None,
        "first_changed": site.began.first_changed.isoformat(),
        "rows": site.pixels[0].tolist(),
        "cols": site.pixels[1].tolist(),
    }


def sites_hash(sites: Sequence[Site]) -> str:
    """What the ledger keeps of sites: one hash over outlines, areas, dates and all figures."""
    return _hashed(sorted(sites, key=lambda s: (-as_shown(s.area.value), s.id)))


def sites_hash_by_area(sites: Sequence[Site]) -> str:
    """The same as builds wrote it that ordered sites by area to the last bit."""
    return _hashed(sorted(sites, key=lambda s: (-s.area.value, s.id)))


def _hashed(ordered: Sequence[Site]) -> str:
    bodies = {site.id: site_body(site) for site in ordered}
    return hash_json({"sites": bodies, "rows": [site_row(s) for s in ordered]})
