"""Which changed pixels are listed as sites: the rule alone, without geometry or names."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gossan.core.params import SiteParams
from gossan.sites.group import group


def listed(
    changed: NDArray[np.bool_],
    early: NDArray[np.bool_],
    area_m2: NDArray[np.float64],
    params: SiteParams,
) -> NDArray[np.int32]:
    """Label of the site of every changed pixel, 0 where it belongs to none, int32 (y, x).

    Groups as in `group`, steps inside the history (`early`) apart from changes seen while
    watching, and only those that are large enough. The two rest on evidence of different
    strength: joined, a weak early step would lend its area and its date to a sure later change.
    """
    watched = group(changed & ~early, params)
    learned = group(changed & early, params)
    labels = np.where(learned > 0, learned + watched.max(initial=0), watched)
    n = int(labels.max(initial=0)) + 1
    pixels = np.bincount(labels.ravel(), minlength=n)
    hectares = np.bincount(labels.ravel(), weights=area_m2.ravel(), minlength=n) / 10_000.0
    # A limit of 0.1 ha must hold for ten pixels of 0.01 ha, whatever the last digit.
    enough = (hectares >= params.min_area_ha * (1 - 1e-6)) & (pixels >= params.min_pixels)
    return np.where(enough[labels], labels, 0).astype(np.int32)
