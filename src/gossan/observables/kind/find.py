"""The kind of a site from its looks."""

from __future__ import annotations

import xarray as xr

from gossan.core.kinds import KindOfSite, Setting
from gossan.core.values import Disturbances, Site
from gossan.observables.kind.classify import weigh
from gossan.observables.kind.features import measured
from gossan.observables.kind.view import Window, view_of


def kind_of(
    site: Site, cube: xr.Dataset, window: Window, dist: Disturbances, setting: Setting
) -> KindOfSite:
    """What kind of change a site is, with every reason.

    `cube` holds all looks of the case in `window`, which is `view.window_of` the site; `dist` is
    the monitor's answer on the whole grid; `setting` what is known of the terrain.
    """
    return weigh(site.id, measured(view_of(site, cube, window, dist, setting)))
