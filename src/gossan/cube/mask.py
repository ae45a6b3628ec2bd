"""Scene classification to flags, and the safety distance around cloud and shadow."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from gossan.core.flags import BLOCKING, Flag
from gossan.kernels.near import clear_pixels, disc, near

SCL_FLAGS: dict[int, Flag] = {
    0: Flag.NODATA,
    1: Flag.SATURATED,
    2: Flag.SHADOW,
    3: Flag.SHADOW,
    4: Flag(0),
    5: Flag(0),
    6: Flag.WATER,
    7: Flag(0),
    8: Flag.CLOUD,
    9: Flag.CLOUD,
    10: Flag.CIRRUS,
    11: Flag.SNOW,
}
"""Sen2Cor scene classification (ESA L2A ATBD); 4, 5, 6 and 7 are usable ground."""

_SPREADING = Flag.CLOUD | Flag.CIRRUS | Flag.SHADOW


def _codes_with(flags: Flag, *, but: int | None = None) -> np.uint32:
    """Bit c set where the SCL code c, `but` one, means any of `flags`; an unknown code is
    NODATA."""
    bits = 0
    for code in range(32):
        bits |= bool(SCL_FLAGS.get(code, Flag.NODATA) & flags and code != but) << code
    return np.uint32(bits)


DARK = 2
"""SCL code of dark areas: shade of the terrain, and very often clear water."""
_SPREADS, _BLOCKS = _codes_with(_SPREADING), _codes_with(BLOCKING)
_SPREADS_LIT, _BLOCKS_LIT = _codes_with(_SPREADING, but=DARK), _codes_with(BLOCKING, but=DARK)


def flags_of_scl(scl: NDArray[np.integer]) -> NDArray[np.uint16]:
    """uint16 `Flag` of each SCL code, same shape; an unknown code is NODATA."""
    table = np.full(256, int(Flag.NODATA), dtype=np.uint16)
    for code, flag in SCL_FLAGS.items():
        table[code] = int(flag)
    flags: NDArray[np.uint16] = table[np.clip(scl, 0, 255).astype(np.uint8)]
    return flags


def dilate(
    flags: NDArray[np.uint16], distance_m: float, pixel_m: tuple[float, float]
) -> NDArray[np.uint16]:
    """A copy of `flags` (y, x) with EDGE within `distance_m` of cloud, cirrus or shadow.

    Distance is Euclidean between pixel centres; `pixel_m` is the pixel's (height, width) in
    metres. Snow does not spread: the sky over it was clear. Pixels already flagged as
    cloud, cirrus or shadow do not also get EDGE.
    """
    out = flags.copy()
    source = (flags & np.uint16(_SPREADING)) != 0
    if distance_m <= 0 or not source.any():
        return out
    close = near(source.view(np.uint8), disc(distance_m, pixel_m)).view(np.bool_)
    out[close & ~source] |= np.uint16(Flag.EDGE)
    return out


def clear_ground(
    scl: NDArray[np.uint16],
    corner: tuple[int, int],
    dn: NDArray[np.uint16],
    inside: NDArray[np.bool_],
    distance_m: float,
    pixel_m: tuple[float, float],
    *,
    dark_is_clear: bool = False,
) -> NDArray[np.bool_]:
    """True where the ground was seen: at once what `flags_of_scl`, `dilate` and the flags for
    missing numbers and for the area's outside say together.

    scl of a window that is larger by what can reach in; dn (bands, y, x) and inside (y, x) of
    the window itself, whose first pixel is `corner` (row, column) of the larger one.
    dark_is_clear is for who looks at water: dark areas neither block nor spread, since a lake is
    one in many scenes. Terrain shade is among them; who asks has to tell it from water.
    """
    width = disc(distance_m, pixel_m) if distance_m > 0 else np.zeros(1, np.int64)
    spreads, blocks = (_SPREADS_LIT, _BLOCKS_LIT) if dark_is_clear else (_SPREADS, _BLOCKS)
    clear: NDArray[np.bool_] = clear_pixels(scl, spreads, blocks, width, *corner, dn, inside)
    return clear


def margin(distance_m: float, pixel_m: tuple[float, float]) -> tuple[int, int]:
    """Rows and columns beyond a window that can reach into it by dilation."""
    if distance_m <= 0:
        return 0, 0
    return (math.ceil(distance_m / pixel_m[0]) + 1, math.ceil(distance_m / pixel_m[1]) + 1)
