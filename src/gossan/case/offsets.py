"""Hold the stated offset of every scene read against its pixels, before any is followed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gossan.case.monitoring import Acquisition, Frame
from gossan.case.reference import squares_of
from gossan.core.dates import to_day
from gossan.core.values import Scene
from gossan.io.dark_object import DarkFinding, DarkVerdict, Sample, check_dark_object, check_series
from gossan.io.stored_scene import StoredScene

SQUARES = 16
"""Squares of the area whose pixels are compared, at most, and pixels of them."""
PIXELS = 1024


def offset_findings(
    frame: Frame, scenes: Mapping[str, tuple[StoredScene, Scene]]
) -> dict[str, DarkFinding]:
    """What the pixels say of each stored scene's offset, by key.

    Where dark ground answers for all of them, as in most areas, no pixel is read for it.
    """
    whole = {
        k: check_dark_object(s.darkest, scene.bands, s.dark_pixels)
        for k, (s, scene) in scenes.items()
    }
    if all(f.verdict is not DarkVerdict.NOT_TESTABLE for f in whole.values()):
        return whole
    squares = squares_of(frame.inside)
    squares = squares[:: -(-len(squares) // SQUARES)]
    found = check_series([_sample(frame, squares, s, whole[k]) for k, (s, _) in scenes.items()])
    return dict(zip(scenes, found, strict=True))


def _sample(
    frame: Frame, squares: tuple[tuple[slice, slice], ...], stored: StoredScene, whole: DarkFinding
) -> Sample:
    """Reflectance of clear ground in the squares, thinned."""
    n, parts = len(frame.bands), []
    windows = [(w, frame.inside[w]) for w in squares]
    for seen in frame.observed(Acquisition.at(stored), windows):
        known = seen.usable.ravel() & (seen.values.reshape(n, -1) > 0).all(axis=0)
        parts.append(np.where(known, seen.physical().reshape(n, -1), np.float32(np.nan)))
    pixels = np.concatenate(parts, axis=1).astype(np.float32)
    thin = pixels[:, :: -(-pixels.shape[1] // PIXELS)]
    return Sample(
        to_day(stored.time), frame.bands, thin, min(stored.offset.values(), default=0.0), whole
    )
