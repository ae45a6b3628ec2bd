"""Weigh the kinds of sites from the looks of a case; nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import xarray as xr

from gossan.case.context import OpenCase
from gossan.case.documents import terrain_of
from gossan.case.pixels import Pixels
from gossan.case.site_pixels import window_of
from gossan.case.state import Monitored
from gossan.core.kinds import KindOfSite, Setting
from gossan.core.progress import Progress
from gossan.core.sensor import Window
from gossan.core.values import Disturbances, Site
from gossan.core.words import tr
from gossan.observables.kind.classify import classify
from gossan.observables.kind.features import measured
from gossan.observables.kind.view import view_of

Settings = Mapping[str, Setting]
"""What is known of the terrain of each site, by id; a site that is not in it is not known."""


def settings_of(case: OpenCase) -> dict[str, Setting]:
    """Slope and way to a channel of the sites, as `gossan terrain` left them."""
    return {
        site: Setting(
            None if at.slope is None else at.slope.value,
            None if at.channel is None else at.channel.value,
        )
        for site, at in terrain_of(case.db).items()
    }


def classified(
    state: Monitored, sites: Sequence[Site], pixels: Pixels, settings: Settings, progress: Progress
) -> dict[str, KindOfSite]:
    """The machine's view of each site by id; nothing is kept."""
    dist, out = state.disturbances(), {}
    with progress.task(tr("Weighing kinds"), len(sites)) as task:
        for site in sites:
            window = window_of(site, state.frame.shape)
            setting = settings.get(site.id, Setting())
            out[site.id] = kind_of(site, pixels.cube(window), window, dist, setting)
            task.advance()
    return out


def kind_of(
    site: Site, cube: xr.Dataset, window: Window, dist: Disturbances, setting: Setting
) -> KindOfSite:
    """What kind of change a site is, with every reason.

    `cube` holds all looks of the case in `window`, which is `window_of` the site; `dist` is
    the monitor's answer on the whole grid; `setting` what is known of the terrain.
    """
    return classify(site.id, measured(view_of(site, cube, window, dist, setting)))
