"""Weigh the kinds of sites from the looks of a case; nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from gossan.case.context import OpenCase
from gossan.case.pixels import Pixels
from gossan.case.state import Monitored
from gossan.core.hashing import hash_json
from gossan.core.kinds import KindOfSite, Setting
from gossan.core.progress import Progress
from gossan.core.serialise import from_plain
from gossan.core.terrain import SiteTerrain
from gossan.core.values import Site
from gossan.observables.kind.find import kind_of
from gossan.observables.kind.view import window_of
from gossan.observables.terrain.store import TERRAIN

Settings = Mapping[str, Setting]
"""What is known of the terrain of each site, by id; a site that is not in it is not known."""


def settings_of(case: OpenCase) -> dict[str, Setting]:
    """Slope and way to a channel of the sites, as `gossan terrain` left them."""
    found = {}
    for name, body in case.db.documents(TERRAIN).items():
        at = from_plain(SiteTerrain, body)
        found[name] = Setting(
            None if at.slope is None else at.slope.value,
            None if at.channel is None else at.channel.value,
        )
    return found


def weighed(
    state: Monitored, sites: Sequence[Site], pixels: Pixels, settings: Settings, progress: Progress
) -> dict[str, KindOfSite]:
    """The machine's view of each site by id; nothing is kept."""
    dist, out = state.disturbances(), {}
    with progress.task("Weighing kinds", len(sites)) as task:
        for site in sites:
            window = window_of(site, state.frame.shape)
            setting = settings.get(site.id, Setting())
            out[site.id] = kind_of(site, pixels.cube(window), window, dist, setting)
            task.advance()
    return out


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
