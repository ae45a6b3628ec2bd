"""Which changed pixels belong together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gossan.core.params import SiteParams

_EIGHT = np.ones((3, 3), dtype=bool)


def group(changed: NDArray[np.bool_], params: SiteParams) -> NDArray[np.int32]:
    """Label of the group of every changed pixel, int32 (y, x), 0 none, without gaps.

    Groups of fewer than `speck_pixels` touching pixels are dropped; the pixels that remain
    form a group when at most `join_distance` apart in row and column.

    Neither time nor certainty splits a group. Cuts of several years that touch are one
    site, and its growth tells the years: to separate them is a judgement about works and
    owners that images do not carry, and an id that split at every pause would not survive
    the next update. Provisional pixels join as confirmed ones do, because the pixels of
    one new clearing are confirmed on different days.
    """
    touching, _ = ndimage.label(changed, structure=_EIGHT)
    sizes = np.bincount(touching.ravel())
    kept = changed & (sizes[touching] >= params.speck_pixels)
    # Pixels grown to squares of `join_distance` touch exactly when they are that near. An
    # even square has no middle, which shifts all alike; the pad keeps the shift inside.
    d = params.join_distance
    grown = ndimage.binary_dilation(np.pad(kept, d), structure=np.ones((d, d), dtype=bool))
    labels, _ = ndimage.label(grown, structure=_EIGHT)
    joined: NDArray[np.int32] = np.where(kept, labels[d:-d, d:-d], 0).astype(np.int32)
    return joined
