"""Cubes with a known truth, built on the residual statistics of real series.

    cube = make(side=100, years=5, history_years=3, seed=0)

Every number about the ground, the air, missed clouds and drought is read from
`bench/statistics.json` (`bench/derive_statistics.py` makes it from real series; docs/bench.md
says from which). What is assumed instead is in `Scenario`, field by field. Nothing here knows
what a detector looks for. Seeded: the same arguments give the same bytes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.cube import (
    BANDS,
    COVERS,
    FIRST_DAY,
    PLAIN,
    SCENES_A_YEAR,
    YEAR,
    Cube,
    Kind,
    Scenario,
    per_cover,
    statistics,
)
from bench.fields import F32, neighbourly, parcels, ranks, smooth
from bench.weather import add_noise, clear_looks, leaks, noise, overcast


def make(
    side: int = 100,
    years: int = 5,
    history_years: int = 3,
    seed: int = 0,
    scenario: Scenario = PLAIN,
) -> Cube:
    """A cube of side x side pixels, one look each 5 days, patches only after the history."""
    rng = np.random.default_rng([seed, side, years, history_years])
    days = (FIRST_DAY + np.arange(years * SCENES_A_YEAR) * 5).astype(np.int32)
    watch = int(days[history_years * SCENES_A_YEAR])
    cover = covers(rng, side)
    plots = parcels(rng, side, 9.0)
    z = noise(rng, days, cover, plots)
    ground = seasons(rng, days, cover)
    drought, sd = dry_years(rng, ground, days, cover, watch, scenario)
    events = dig(rng, cover, plots, watch, int(days[-1]), side, scenario)
    soil = soils(rng, days, events["patch"])
    v = bury(ground, soil, events, days)
    add_noise(v, z, days, cover, bareness(events, days), scenario.residuals)
    if scenario.provider_step:
        v[days >= watch + 180, 0] += scenario.provider_step
    usable = clear_looks(rng, len(days), side, scenario)
    leak = leaks(rng, usable, scenario)
    v = overcast(rng, v, leak)
    return Cube(
        np.clip(v, 0.0005, 1.2).astype(np.float32),
        usable,
        days,
        history_years * SCENES_A_YEAR,
        events["changed"],
        events["again"],
        events["regrown"],
        events["ploughed"],
        events["kind"],
        events["severity"],
        drought,
        cover,
        leak,
        sd,
    )


def covers(rng: np.random.Generator, side: int) -> NDArray[np.uint8]:
    """A map of the four covers, about a quarter each, in natural-looking patches."""
    rank = np.stack([ranks(smooth(rng, (side, side), side / 12)) for _ in COVERS])
    return rank.argmax(0).astype(np.uint8)


def seasons(rng: np.random.Generator, days: NDArray[np.int32], cover: NDArray[np.uint8]) -> F32:
    """The mean course of every pixel, (time, bands, y, x): cover, own level, own amplitude."""
    shape = cover.shape
    coef = per_cover(cover, "season")  # (y, x, bands, terms)
    low = np.linalg.cholesky(per_cover(cover, "level_cov") + 1e-6 * np.eye(5))
    spread = {"share": 0.8, "reach": 6.0}
    z = np.stack([neighbourly(rng, shape, spread) for _ in BANDS], -1)
    level = np.exp(np.clip((low @ z[..., None])[..., 0], -0.8, 0.8))
    amplitude = 1 + per_cover(cover, "amplitude_sd") * neighbourly(rng, shape, spread)
    turn = 2 * np.pi * np.outer(days / YEAR, np.arange(1, coef.shape[-1] // 2 + 1))
    X = np.stack([np.cos(turn), np.sin(turn)], -1).reshape(len(days), -1)
    wave = np.einsum("tk,yxbk->tbyx", X.astype(np.float32), coef[..., 1:].astype(np.float32))
    wave *= np.clip(amplitude, 0.3, 1.7).astype(np.float32)
    mean = np.moveaxis(coef[..., 0], -1, 0)
    out = (mean + wave) * np.moveaxis(level, -1, 0)
    return np.maximum(out, 0.15 * mean * np.moveaxis(level, -1, 0)).astype(np.float32)


def dry_years(
    rng: np.random.Generator,
    ground: F32,
    days: NDArray[np.int32],
    cover: NDArray[np.uint8],
    watch: int,
    scenario: Scenario,
) -> tuple[NDArray[np.bool_], float]:
    """Let a part of the ground suffer from a dry year; returns where, and how strong it is.

    The response of the bands is that of real dry against wet years. It comes over some six
    weeks, lasts four to seven months, and goes as slowly.
    """
    strength = scenario.drought
    drawn, year = float(rng.choice([1.5, 2.0, 2.6])), int(rng.integers(1, 3))
    strength = drawn if strength is None else strength
    year = year if scenario.drought_year is None else scenario.drought_year
    begin = watch + (year - 1) * 365 + rng.uniform(60, 150)
    length, ramp = rng.uniform(120, 210), rng.uniform(30, 60)
    rise = 1 / (1 + np.exp(-(days - begin) / (ramp / 4)))
    fall = 1 / (1 + np.exp((days - begin - length) / (ramp / 4)))
    where = smooth(rng, cover.shape, cover.shape[0] / 6)
    where += np.linspace(-1.5, 1.5, cover.shape[1], dtype=np.float32)
    area = where > np.median(where)
    s = statistics()["drought"]
    per_sd = np.array([np.array(s[c]["log_per_ndvi"]) * -s[c]["ndvi_sd"] for c in COVERS])
    own = np.clip(1 + 0.25 * smooth(rng, cover.shape, 4), 0.3, 1.8) * area
    response = np.moveaxis(per_sd[cover], -1, 0) * (own * strength)
    course = (rise * fall).astype(np.float32)
    hit = course > 1e-3
    ground[hit] *= np.exp(course[hit, None, None, None] * response.astype(np.float32))
    return area & (strength > 0), strength


def dig(
    rng: np.random.Generator,
    cover: NDArray[np.uint8],
    plots: NDArray[np.int32],
    watch: int,
    last: int,
    side: int,
    scenario: Scenario,
) -> dict[str, NDArray[Any]]:
    """When and how much every pixel became bare."""
    never = lambda: np.full(cover.shape, -1, np.int32)  # noqa: E731
    e: dict[str, NDArray[Any]] = {n: never() for n in ("changed", "again", "regrown", "ploughed")}
    e["patch"] = never()
    e["kind"] = np.zeros(cover.shape, np.uint8)
    e["severity"] = np.zeros(cover.shape, np.float32)
    yy, xx = np.mgrid[:side, :side]
    count = side // 5 if scenario.patches is None else scenario.patches
    for k in range(count):
        cy, cx = rng.uniform(3, side - 3, 2)
        radius, severity = rng.uniform(*scenario.radius), rng.uniform(*scenario.severity)
        twice = (k % 20) < 20 * scenario.again_share
        latest = watch + 120 if twice else last - 180
        start = rng.uniform(watch + 20, latest)
        far = np.hypot(yy - cy, xx - cx)
        far += 0.15 * radius * smooth(rng, far.shape, 2)  # no pit is a circle
        new = (far <= radius) & (e["changed"] < 0)
        spread = bool(k % 2)
        when = start + np.clip(far / radius, 0, 1) * (scenario.spread_days if spread else 0)
        e["changed"][new] = np.ceil(when[new])
        e["kind"][new] = Kind.SPREAD if spread else Kind.AT_ONCE
        e["severity"][new] = severity
        e["patch"][new] = k
        if twice:
            e["regrown"][new] = np.ceil(when[new]) + int(rng.uniform(150, 240))
            e["again"][new] = e["regrown"][new] + int(rng.uniform(80, 150))
    for plot in np.unique(plots[cover == COVERS.index("crops")]):
        if rng.random() < scenario.ploughed_share:
            day = int(rng.uniform(watch + 20, last - 180))
            own = (plots == plot) & (cover == COVERS.index("crops")) & (e["changed"] < 0)
            e["ploughed"][own] = day
            e["kind"][own] = Kind.PLOUGHED
            e["severity"][own] = rng.uniform(0.6, 1.0)
            e["patch"][own] = count + plot
    return e


def bareness(e: dict[str, NDArray[Any]], days: NDArray[np.int32]) -> F32:
    """Share of every pixel that is bare at every look, 0..1, (time, y, x)."""
    t = days[:, None, None]
    open_ = np.where((e["changed"] >= 0) & (t >= e["changed"]), e["severity"], 0)
    # plants cover the ground again over the second half of the time until `regrown`
    whole = np.maximum(e["regrown"] - e["changed"], 2)
    green = np.clip((t - e["changed"]) / (whole / 2) - 1, 0, 1) * 0.95
    open_ = np.where((e["regrown"] >= 0) & (t < e["again"]), open_ * (1 - green), open_)
    weeks = np.clip(1 - (t - e["ploughed"] - 35) / 40, 0, 1)
    open_ = np.where((e["ploughed"] >= 0) & (t >= e["ploughed"]), e["severity"] * weeks, open_)
    return open_.astype(np.float32)


def soil(rng: np.random.Generator) -> NDArray[np.float64]:
    """Reflectance of one opened ground, dry, (bands,): a mixture of soils of one library.

    Half are ground of real quarries, half laboratory soils at 55 to 95 % of their light, as they
    lie rough and uneven in the field.
    """
    s = statistics()["soils"]
    quarry = rng.random() < 0.5
    library = s["quarry" if quarry else "library"]
    mix = rng.dirichlet(np.full(len(library["spectra"]), 0.15))
    log = mix @ np.log(library["spectra"]) + rng.multivariate_normal(
        np.zeros(5), library["log_cov"]
    )
    log += rng.normal(0, 0.1) if quarry else np.log(rng.uniform(0.55, 0.95))
    return np.asarray(np.exp(log))


def soils(rng: np.random.Generator, days: NDArray[np.int32], patch: NDArray[np.int32]) -> F32:
    """Spectrum of the opened ground, (time, bands, y, x), one soil a patch.

    It is darker after rain: wetting takes up to a third of the light, most in the shortwave
    infrared.
    """
    n = int(patch.max()) + 2
    light = np.stack([soil(rng) for _ in range(n)])
    wet = np.clip(rng.exponential(0.35, len(days)) - 0.2, 0, 1)
    course = np.exp(-wet[:, None] * np.array([0.25, 0.28, 0.3, 0.36, 0.42]))
    within = 0.06 * smooth(rng, patch.shape, 1.0)
    spectrum = np.moveaxis(light[patch], -1, 0) * np.exp(within)
    out = np.zeros((len(days), 5, *patch.shape), np.float32)
    hit = patch >= 0
    out[:, :, hit] = course[:, :, None] * spectrum[:, hit]
    return out


def bury(ground: F32, soil: F32, e: dict[str, NDArray[Any]], days: NDArray[np.int32]) -> F32:
    """Ground and opened soil, each by its share of the pixel."""
    share = bareness(e, days)[:, None]
    return ground * (1 - share) + soil * share
