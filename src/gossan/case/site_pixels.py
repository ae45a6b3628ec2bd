"""The pixels at one site: the window that shows it, and what a measure of them rests on."""

from __future__ import annotations

from dataclasses import asdict

from gossan.case.state import Monitored
from gossan.core.hashing import hash_json
from gossan.core.kinds import Setting
from gossan.core.sensor import Window
from gossan.core.values import Site

RING = 3
"""Ground around a site that is looked at, pixels."""


def window_of(site: Site, shape: tuple[int, int]) -> Window:
    """The site and the ring around it, clipped to a grid of `shape`."""
    rows, cols = (
        slice(max(0, int(p.min()) - RING), min(n, int(p.max()) + RING + 1))
        for p, n in zip(site.pixels, shape, strict=True)
    )
    return rows, cols


def site_key(state: Monitored, site: Site, method: str, setting: Setting | None = None) -> str:
    """Hash of what a measure of a site depends on: looks, pixels, method, terrain."""
    rows, cols = site.pixels
    body = {
        "state": state.head.chain,
        "radar": state.radar is not None,
        "method": method,
        "rows": rows.tolist(),
        "cols": cols.tolist(),
        "setting": None if setting is None else asdict(setting),
    }
    return hash_json(body)
