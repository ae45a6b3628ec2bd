"""Which changed pixels belong together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gossan.sites.params import SiteParams

_EIGHT = np.ones((3, 3), dtype=bool)


def group(
    changed: NDArray[np.bool_], core: NDArray[np.bool_], params: SiteParams
) -> NDArray[np.int32]:
    """Label of the group of every changed pixel, int32 (y, x), 0 none, without gaps.

    `changed` and `core` (confirmed or recovered, a subset) are bool (y, x). Pixels within
    `join_distance` form a group. Time does not split a group: cuts of several years that
    touch are one site, and its growth tells the years; to separate them is a judgement
    about works and owners that images do not carry, and an id that split at every pause
    would not survive the next update. One thing does split: two confirmed parts joined
    only by provisional pixels stay two, each provisional pixel going to the nearer part,
    because a bridge that may be gone tomorrow must not merge two ids today.
    """
    kept = _without_specks(changed, params.speck_pixels)
    joined = _joined(kept, params.join_distance)
    cores = _joined(kept & core, params.join_distance)
    labels = joined.copy()
    top = int(labels.max(initial=0))
    for number, window in enumerate(ndimage.find_objects(joined), start=1):
        here = joined[window] == number
        inside = np.where(here, cores[window], 0)
        parts = np.unique(inside[inside > 0])
        if len(parts) < 2:
            continue
        nearest = ndimage.distance_transform_edt(
            inside == 0, return_distances=False, return_indices=True
        )
        owner = np.searchsorted(parts, inside[tuple(nearest)])
        view = labels[window]
        view[here] = np.where(owner[here] == 0, number, top + owner[here])
        top += len(parts) - 1
    return labels


def _without_specks(changed: NDArray[np.bool_], smallest: int) -> NDArray[np.bool_]:
    """`changed` less its 8-connected groups of fewer than `smallest` pixels."""
    labels, _ = ndimage.label(changed, structure=_EIGHT)
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    big: NDArray[np.bool_] = sizes[labels] >= smallest
    return big & changed


def _joined(mask: NDArray[np.bool_], distance: int) -> NDArray[np.int32]:
    """Labels of pixels joined when at most `distance` apart in row and column.

    Pixel grown to a square of `distance` to the lower right overlap or touch (8-connected)
    exactly when their centres are that near.
    """
    square = np.ones((distance, distance), dtype=bool)
    # An even square has no middle: origin -1 or 0 shifts all pixels alike, which is harmless.
    padded = np.pad(mask, distance)
    grown = ndimage.binary_dilation(padded, structure=square)
    labels, _ = ndimage.label(grown, structure=_EIGHT)
    centre = labels[distance:-distance, distance:-distance]
    joined: NDArray[np.int32] = np.where(mask, centre, 0).astype(np.int32)
    return joined
