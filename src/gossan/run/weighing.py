"""Weigh the kinds of sites from the looks of a case; nothing is kept."""

from __future__ import annotations

from collections.abc import Sequence

from gossan.core.hashing import hash_json
from gossan.core.kinds import KindOfSite, Setting
from gossan.core.progress import Progress
from gossan.core.values import Site
from gossan.run.pixels import Pixels
from gossan.run.state import Monitored
from gossan.sites.kind.find import kind_of
from gossan.sites.kind.view import window_of


def weighed(
    state: Monitored, sites: Sequence[Site], pixels: Pixels, progress: Progress
) -> dict[str, KindOfSite]:
    """The machine's view of each site by id; nothing is kept."""
    dist, out = state.disturbances(), {}
    with progress.task("Weighing kinds", len(sites)) as task:
        for site in sites:
            window = window_of(site, state.frame.shape)
            out[site.id] = kind_of(site, pixels.cube(window), window, dist, Setting())
            task.advance()
    return out


def site_key(state: Monitored, site: Site, method: str) -> str:
    """Hash of what is measured of a site depends on: the looks, its pixels, the method."""
    rows, cols = site.pixels
    body = {"state": state.head.chain, "radar": state.radar is not None, "method": method,
            "rows": rows.tolist(), "cols": cols.tolist()}  # fmt: skip
    return hash_json(body)
