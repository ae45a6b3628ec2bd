"""Changes of known kind, drawn into real series: mines, cuts, fires, fields, snow and others.

Each change has a form that grows or comes at once, and a surface that goes on through the
seasons: soil that stays, soil that greens again, char that fades, a field that is sown at
another time, water, snow for a winter. Only the pixel's expected reflectance is exchanged, so
clouds, haze, gaps and noise of the real look stay. Nothing here reads what the classifier looks
for; its author wrote both, which docs/kinds.md says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from bench.pits import NATIVE_20M, Ground, soil_of
from gossan.core.kinds import SiteKind as K
from gossan.cube.inject import season_of
from gossan.kernels.harmonic import basis

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
YEAR = 365.25
NEVER = 1 << 30
ORDER = ("B02", "B03", "B04", "B08", "B8A", "B11", "B12")
HALF = 14
"""Half the side of the window a change is drawn in, pixels."""


@dataclass(frozen=True)
class Change:
    """One implanted change: its kind, its pixels on the grid (y, x) and its first day."""

    kind: K
    mask: NDArray[np.bool_]
    day: int


@dataclass(frozen=True)
class Plot:
    """What a change is drawn with: `rng`, the looks' `days`, `bands`, what the ground would be,
    `normal` (time, bands, y, x), and the first `watch` and `last` day a change may begin."""

    rng: np.random.Generator
    days: NDArray[np.int32]
    bands: tuple[str, ...]
    normal: F32
    watch: int
    last: int

    @property
    def shape(self) -> tuple[int, int]:
        return self.normal.shape[2], self.normal.shape[3]

    def day(self, first: int = 0, last: int = NEVER, months: tuple[int, ...] = ()) -> int:
        """A day to begin on, in some months where given."""
        while True:
            day = int(self.rng.integers(max(self.watch, first), min(self.last, last)))
            if not months or np.datetime64(day, "D").astype(object).month in months:
                return day

    def flat(self, spectrum: dict[str, float], noise: float = 0.06) -> F32:
        """A spectrum on every look, its light varying from look to look."""
        one = np.array([spectrum[b] for b in self.bands], np.float32)
        light = np.exp(self.rng.normal(0, noise, len(self.days))).astype(np.float32)
        texture = np.exp(0.08 * ndimage.gaussian_filter(self.rng.normal(0, 1.5, self.shape), 1.0))
        whole = light[:, None, None, None] * one[None, :, None, None] * texture[None, None]
        return whole.astype(np.float32)

    def soil(self) -> F32:
        """Opened ground, darker on looks after rain."""
        spectrum = dict(zip(self.bands, soil_of(self.rng, self.bands), strict=True))
        wet = np.clip(self.rng.exponential(0.35, len(self.days)) - 0.2, 0, 1)
        return self.flat(spectrum, 0.03) * np.exp(-0.3 * wet)[:, None, None, None].astype("f4")

    def herbs(self) -> F32:
        """Grass and shrubs where the ground's own plants were: lighter, drier."""
        by = {"B02": 1.2, "B03": 1.2, "B04": 1.4, "B08": 0.95, "B8A": 0.95, "B11": 1.3, "B12": 1.4}
        return self.normal * np.array([by[b] for b in self.bands], "f4")[None, :, None, None]

    def age(self, day: NDArray[np.int64] | int) -> NDArray[np.float64]:
        """Days since a day, (time, y, x) or (time, 1, 1)."""
        return (self.days[:, None, None] - np.asarray(day)).astype(float)


Drawn = tuple[F32, F64, NDArray[np.bool_], int]
"""Target reflectance (time, bands, y, x), share of the pixel (time, y, x), mask, first day."""

LEAF = dict(zip(ORDER, (0.03, 0.07, 0.035, 0.42, 0.45, 0.2, 0.1), strict=True))
CHAR = dict(zip(ORDER, (0.04, 0.045, 0.05, 0.085, 0.1, 0.16, 0.16), strict=True))
SNOW = dict(zip(ORDER, (0.75, 0.75, 0.74, 0.7, 0.68, 0.12, 0.09), strict=True))
WATERS = (
    dict(zip(ORDER, (0.05, 0.055, 0.035, 0.015, 0.014, 0.008, 0.006), strict=True)),
    dict(zip(ORDER, (0.09, 0.13, 0.14, 0.06, 0.05, 0.015, 0.01), strict=True)),
    dict(zip(ORDER, (0.11, 0.15, 0.09, 0.03, 0.025, 0.01, 0.008), strict=True)),
    dict(zip(ORDER, (0.08, 0.11, 0.17, 0.09, 0.08, 0.02, 0.012), strict=True)),
)
ROADS = (
    dict(zip(ORDER, (0.12, 0.14, 0.16, 0.19, 0.2, 0.23, 0.21), strict=True)),
    dict(zip(ORDER, (0.24, 0.27, 0.29, 0.32, 0.33, 0.35, 0.32), strict=True)),
    dict(zip(ORDER, (0.13, 0.16, 0.2, 0.26, 0.28, 0.34, 0.3), strict=True)),
)
GRAVEL = dict(zip(ORDER, (0.15, 0.18, 0.2, 0.23, 0.24, 0.26, 0.22), strict=True))


def blob(
    rng: np.random.Generator, shape: tuple[int, int], pixels: int, stretch: float = 1.0
) -> NDArray[np.bool_]:
    """A rough round form of so many pixels, `stretch` times as long as wide."""
    yy, xx = np.indices(shape) - (np.array(shape)[:, None, None] - 1) / 2
    turn = rng.uniform(0, np.pi)
    a, b = yy * np.cos(turn) + xx * np.sin(turn), xx * np.cos(turn) - yy * np.sin(turn)
    rough = ndimage.gaussian_filter(rng.normal(0, 1, shape), 2.0)
    far = np.hypot(a / np.sqrt(stretch), b * np.sqrt(stretch)) * (1 + 1.2 * rough)
    return far <= np.partition(far.ravel(), pixels)[pixels]


def order(rng: np.random.Generator, mask: NDArray[np.bool_]) -> F64:
    """0..1: the order in which a form is eaten up from one of its edges."""
    yy, xx = np.indices(mask.shape)
    rows, cols = np.nonzero(mask)
    turn = rng.uniform(0, 2 * np.pi)
    at = int(np.argmax(rows * np.cos(turn) + cols * np.sin(turn)))
    away = np.hypot(yy - rows[at], xx - cols[at])
    away = away * (1 + 0.25 * ndimage.gaussian_filter(rng.normal(0, 1, mask.shape), 1.5))
    out = np.full(mask.shape, 2.0)
    ranks = away[mask].argsort().argsort()
    out[mask] = ranks / max(1, len(ranks) - 1)
    return out


def older(p: Plot, mask: NDArray[np.bool_], chance: float) -> NDArray[np.bool_]:
    """The part of a form that was there before the first look: works mostly extend older ones."""
    if p.rng.random() >= chance:
        return np.zeros(mask.shape, bool)
    return mask & (order(p.rng, mask) < p.rng.uniform(0.2, 0.5))


def begun(when: NDArray[np.int64], old: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Days of change with the older part long past."""
    return np.where(old, 0, when)


def steps(p: Plot, mask: NDArray[np.bool_], day: int, months: float, n: int) -> NDArray[np.int64]:
    """Day of each pixel: `n` bites from an edge over so many months."""
    at = np.sort(p.rng.uniform(0, months * YEAR / 12, n))
    at[0] = 0
    bite = np.clip((order(p.rng, mask) * n).astype(int), 0, n - 1)
    return np.where(mask, day + at[bite], NEVER).astype(np.int64)


def green(age: F64, lag: float, tau: float, most: float) -> F64:
    """Share of plants so many days after a disturbance."""
    return np.where(age > lag, most * (1 - np.exp(-(age - lag) / tau)), 0.0)


def mix(a: F32, b: F32, share: F64) -> F32:
    """`share` (time, y, x) of b in a."""
    s = share[:, None].astype(np.float32)
    return a * (1 - s) + b * s


def rework(p: Plot) -> Drawn:
    """Ground that was bare all along, dug or heaped anew inside works older than the looks."""
    r = p.rng
    whole = blob(r, p.shape, int(r.integers(120, 300)), r.uniform(1, 2))
    part = whole & (order(r, whole) < r.uniform(0.25, 0.6))
    day = p.day(last=p.last - 120)
    when = steps(p, part, day, r.uniform(4, 24), int(r.integers(3, 8)))
    new = p.soil()
    if r.random() < 0.3:
        new = p.flat(WATERS[int(r.integers(4))])
    target = mix(p.soil(), new, (p.age(when) >= 0).astype(float))
    return target, np.broadcast_to(whole[None], (len(p.days), *p.shape)).astype(float), part, day


def mine(p: Plot) -> Drawn:
    r = p.rng
    if r.random() < 0.35:
        return rework(p)
    mask = blob(r, p.shape, int(r.integers(30, 220)), r.uniform(1, 2.5))
    day = p.day(last=p.last - 120)
    old = older(p, mask, 0.5)
    when = begun(steps(p, mask, day, r.uniform(4, 30), int(r.integers(3, 10))), old)
    target = p.soil()
    if r.random() < 0.3:
        deep = (order(r, mask) < r.uniform(0.1, 0.4))[None] & (p.age(when) > 250)
        target = mix(target, p.flat(WATERS[int(r.integers(4))]), deep.astype(float))
    return target, r.uniform(0.8, 1) * (p.age(when) >= 0), mask & ~old, day


def tailings(p: Plot) -> Drawn:
    r = p.rng
    mask = blob(r, p.shape, int(r.integers(30, 180)), r.uniform(1, 2))
    day = p.day(last=p.last - 120)
    old = older(p, mask, 0.4)
    when = begun(steps(p, mask, day, r.uniform(0.5, 18), int(r.integers(1, 7))), old)
    low = r.uniform(0.5, 1.0)
    at = np.arange(p.days[0], p.days[-1] + 90, 90)
    level = np.interp(p.days, at, r.uniform(low, 1.0, len(at)))
    wet = order(r, mask)[None] <= level[:, None, None]
    return (
        mix(p.soil(), p.flat(WATERS[int(r.integers(4))]), wet.astype(float)),
        0.97 * (p.age(when) >= 0),
        mask & ~old,
        day,
    )


def clearing(p: Plot) -> Drawn:
    r = p.rng
    mask = blob(r, p.shape, int(r.integers(15, 180)), r.uniform(1, 3))
    day = p.day()
    parts = 1 if r.random() < 0.6 else int(r.integers(2, 4))
    when = steps(p, mask, day, r.uniform(1, 14), parts)
    slash = mix(p.soil(), p.herbs(), np.full((len(p.days), 1, 1), r.uniform(0.1, 0.5)))
    back = green(p.age(when), r.uniform(60, 300), r.uniform(250, 1200), r.uniform(0.6, 1))
    return mix(slash, p.herbs(), back), r.uniform(0.6, 1) * (p.age(when) >= 0), mask, day


def fire(p: Plot) -> Drawn:
    r = p.rng
    mask = blob(r, p.shape, int(r.integers(40, 300)), r.uniform(1, 2.5))
    mask &= ndimage.gaussian_filter(r.normal(0, 1, p.shape), 1.2) > -0.35
    day = p.day(months=(3, 4, 5, 6, 7, 8, 9, 10))
    age = p.age(day)
    fade = np.clip(age / r.uniform(90, 500), 0, 1)
    burnt = mix(p.flat(CHAR, 0.1), p.soil(), 0.7 * fade * np.ones(p.shape)[None])
    back = green(age, r.uniform(20, 200), r.uniform(150, 900), r.uniform(0.6, 1))
    share = r.uniform(0.5, 1) * np.exp(0.15 * r.normal(size=p.shape))
    return (
        mix(burnt, p.herbs(), back * np.ones(p.shape)[None]),
        np.clip(share, 0.2, 1)[None] * ((age >= 0) & mask[None]),
        mask,
        day,
    )


def crops(p: Plot) -> Drawn:
    """A field all along; from one year on sown with something else, or left bare for a year."""
    r = p.rng
    mask = np.zeros(p.shape, bool)
    h, w = int(r.integers(6, 14)), int(r.integers(6, 14))
    y, x = (p.shape[0] - h) // 2, (p.shape[1] - w) // 2
    mask[y : y + h, x : x + w] = True
    first = p.day(last=p.last - 200)
    peaks = r.permutation([0.36, 0.47, 0.6, 0.68])[:2] + r.uniform(-0.03, 0.03, 2)
    width = r.uniform(0.09, 0.15, 2)
    fallow = r.random() < 0.4
    year = p.days / YEAR
    turn = (year - year.astype(int))[:, None]
    late = (p.days >= first)[:, None]
    curve = np.exp(-((((turn - peaks + 0.5) % 1) - 0.5) ** 2) / (2 * width**2))
    jitter = np.exp(r.normal(0, 0.08, len(p.days)))
    leaves = np.clip(np.where(late[:, 0], curve[:, 1], curve[:, 0]) * 0.9 * jitter, 0, 0.97)
    if fallow:
        bare = (p.days >= first) & (p.days < first + 420)
        leaves = np.where(bare, 0.05 * curve[:, 0], np.where(late[:, 0], curve[:, 0] * 0.9, leaves))
    field = mix(
        p.soil(), p.flat(LEAF), np.broadcast_to(leaves[:, None, None], (len(leaves), *p.shape))
    )
    return field, np.broadcast_to(mask[None], (len(p.days), *p.shape)).astype(float), mask, first


def landslide(p: Plot) -> Drawn:
    r = p.rng
    mask = blob(r, p.shape, int(r.integers(20, 130)), r.uniform(3, 7))
    day = p.day()
    back = green(p.age(day), r.uniform(150, 500), r.uniform(900, 3000), r.uniform(0.4, 1))
    target = mix(p.soil(), p.herbs(), back * np.ones(p.shape)[None])
    return target, r.uniform(0.75, 1) * ((p.age(day) >= 0) & mask[None]), mask, day


def construction(p: Plot) -> Drawn:
    """A road two or three pixels wide, or a yard with roofs."""
    r = p.rng
    day = p.day()
    if r.random() < 0.6:
        yy, xx = np.indices(p.shape) - (np.array(p.shape)[:, None, None] - 1) / 2
        turn, bend = r.uniform(0, np.pi), r.uniform(-0.03, 0.03)
        along, across = yy * np.cos(turn) + xx * np.sin(turn), xx * np.cos(turn) - yy * np.sin(turn)
        mask = np.abs(across - bend * along**2) <= r.uniform(0.8, 1.6)
        mask &= np.abs(along) < r.uniform(8, HALF - 1)
    else:
        mask = np.zeros(p.shape, bool)
        h, w = r.integers(5, 11, 2)
        y, x = (p.shape[0] - h) // 2, (p.shape[1] - w) // 2
        mask[y : y + h, x : x + w] = True
    when = steps(p, mask, day, r.uniform(0.3, 8), int(r.integers(1, 4)))
    paved = (p.age(when) > r.uniform(90, 300)).astype(float)
    target = mix(p.soil(), p.flat(ROADS[int(r.integers(3))]), paved)
    return target, r.uniform(0.75, 1) * (p.age(when) >= 0), mask, day


def riverbed(p: Plot) -> Drawn:
    """Gravel laid bare by a flood, partly under water at high flow."""
    r = p.rng
    mask = blob(r, p.shape, int(r.integers(25, 120)), r.uniform(4, 9))
    day = p.day()
    old = older(p, mask, 0.7)
    flow = np.interp(p.days % YEAR, (0, 120, 160, 250, 365), (0.3, 0.6, 0.6, 0.1, 0.3))
    flow = flow * r.uniform(0.2, 1.3) + r.normal(0, 0.1, len(p.days))
    wet = ((order(r, mask)[None] < flow[:, None, None]) | old[None]).astype(float)
    back = green(p.age(day), 300, r.uniform(1500, 5000), 0.5) * np.ones(p.shape)[None]
    target = mix(mix(p.flat(GRAVEL), p.herbs(), back), p.flat(WATERS[int(r.integers(2))]), wet)
    there = (p.age(day) >= 0) & mask[None] | old[None]
    return target, r.uniform(0.8, 1) * there, mask & ~old, day


def snow(p: Plot) -> Drawn:
    """Snow or deep shade that the masks let through, for one cold season or two."""
    r = p.rng
    mask = blob(r, p.shape, int(r.integers(30, 250)), r.uniform(1, 3))
    day = p.day(months=(10, 11, 12))
    long = r.uniform(110, 190)
    winters = [day + k * YEAR for k in range(int(r.integers(1, 3)))]
    cold = np.any([(p.days >= w) & (p.days < w + long) for w in winters], axis=0)
    if r.random() < 0.6:
        target, share = p.flat(SNOW, 0.15), r.uniform(0.35, 1)
    else:
        by = {"B02": 0.6, "B03": 0.55, "B04": 0.5, "B08": 0.4, "B8A": 0.4, "B11": 0.35, "B12": 0.35}
        dim = np.array([by[b] for b in p.bands], "f4")
        target, share = p.normal * dim[None, :, None, None], 1.0
    lit = r.uniform(0.8, 1.0, len(p.days)) * cold
    return target, share * lit[:, None, None] * mask[None], mask, day


MAKERS: dict[K, Callable[[Plot], Drawn]] = {
    K.MINE: mine,
    K.TAILINGS: tailings,
    K.CLEARING: clearing,
    K.CROPS: crops,
    K.FIRE: fire,
    K.LANDSLIDE: landslide,
    K.CONSTRUCTION: construction,
    K.RIVERBED: riverbed,
    K.SNOW: snow,
}


NOT_ON_PLAINS = (K.SNOW, K.CLEARING, K.LANDSLIDE, K.RIVERBED)


def normal_of(g: Ground) -> F32:
    """What every pixel's own season expects, (time, bands, y, x)."""
    t, b, h, w = g.values.shape
    flat = season_of(g.values.reshape(t, b, h * w), g.usable.reshape(t, h * w), g.days)
    course = np.einsum("tk,kbn->tbn", basis(g.days, 2), flat)
    return course.reshape(t, b, h, w).astype(np.float32)


def implant(
    g: Ground, normal: F32, rng: np.random.Generator, free: NDArray[np.bool_], most: int
) -> tuple[F32, list[Change]]:
    """Looks with up to `most` changes on `free` ground, and these changes; kinds take turns.

    Only kinds that could be there: the Indian set is flat and dry, without forest, river or frost.
    """
    values, changes = g.values.copy(), []
    height, width = free.shape
    used = np.zeros(free.shape, bool)
    kinds = [k for k in MAKERS if g.name.startswith("Rom") or k not in NOT_ON_PLAINS]
    turn = int(rng.integers(len(kinds)))
    watch, last = int(g.days[g.n_history]) + 10, int(g.days[-1]) - 200
    room = ndimage.distance_transform_edt(np.pad(free, 1))[1:-1, 1:-1]
    for _ in range(6 * most):
        rows, cols = np.nonzero(room > 4)
        if len(changes) >= most or not len(rows):
            break
        kind = kinds[turn % len(kinds)]
        at = int(rng.integers(len(rows)))
        y, x = int(rows[at]), int(cols[at])
        ys, xs = (slice(max(0, c - HALF), min(n, c + HALF)) for c, n in ((y, height), (x, width)))
        here = normal[:, :, ys, xs]
        plot = Plot(rng, g.days, g.bands, here, watch, last)
        target, share, mask, day = MAKERS[kind](plot)
        outside = mask & ~free[ys, xs]
        taken = ndimage.binary_dilation(mask, iterations=5) & used[ys, xs]
        if mask.sum() < 12 or outside.sum() > 0.15 * mask.sum() or taken.any():
            continue
        for b, band in enumerate(g.bands):
            sigma = 1.05 if band in NATIVE_20M else 0.57
            seen = ndimage.gaussian_filter(share.astype(np.float32), (0, sigma, sigma))
            change = seen * (target[:, b] - here[:, b])
            values[:, b, ys, xs] += np.where(seen > 1e-3, np.nan_to_num(change), 0)
        whole = np.zeros(free.shape, bool)
        whole[ys, xs] = mask
        used |= whole
        room[ndimage.binary_dilation(whole, iterations=6)] = 0
        changes.append(Change(kind, whole, day))
        turn += 1
    return np.clip(values, 0.0005, None), changes
