"""The radar state machine against a plain reimplementation of what its docstring promises."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import f as f_distribution

from gossan.core.dates import NO_DAY
from gossan.core.params import MEMORY, RadarParams
from gossan.core.values import Status
from gossan.kernels.radar_evidence import evidence_of, intensity, quiet, recall
from gossan.kernels.radar_season import yearly
from gossan.kernels.radar_track import KIND_STEADY
from gossan.monitor.radar import rules, step_radar
from gossan.monitor.radar_scene import RadarObservation
from gossan.monitor.radar_state import RadarState, empty

P = RadarParams()
ZERO = np.zeros(2)


def statistic(a: float, b: float, mean: float, n: float) -> float:
    """-2 rho ln R of `a` looks of mean 1 against `b` looks of mean `mean`."""
    ln_r = n * ((a + b) * np.log((a + b) / (a + b * mean)) + b * np.log(mean))
    rho = max(0.5, 1 - (1 / a + 1 / b - 1 / (a + b)) / (6 * n))
    return -2 * rho * ln_r


class Reference:
    """One pixel, with lists instead of arrays."""

    def __init__(self, state: RadarState, x: int) -> None:
        m = state.model
        self.coef, self.looks, self.dof = m.coef[:, :, 0, x], m.looks[:, 0, x], float(m.dof[0, x])
        low = np.zeros((3, 3))
        low[np.tril_indices(3)] = m.spread[:, 0, x]
        self.spread = low + np.tril(low, -1).T
        self.end = int(m.history_end[0, x])
        self.past: list[tuple[int, np.ndarray, float]] = []
        self.status, self.first, self.before, self.on = Status.STABLE, NO_DAY, NO_DAY, NO_DAY

    def z(self, run: list[tuple[int, np.ndarray, float]]) -> float:
        size = sum(w for _, _, w in run)
        season = np.array([0.0, 0.0])
        for day, _, w in run:
            phase = 2 * np.pi * int(day % 365.2425) / 365.2425
            season += w * np.array([np.cos(phase), np.sin(phase)]) / size
        x = np.array([1.0, *season])
        history = 1 / (x @ self.spread @ x)
        means = sum(w * np.exp(r) for _, r, w in run) / size
        return float(
            sum(statistic(history, size, q, n) for q, n in zip(means, self.looks, strict=True))
        )

    def chance(self, z: float) -> float:
        """Of a larger z: F with 2 and `dof` degrees of freedom."""
        return float(f_distribution.sf(z / 2, 2, self.dof))

    def step(self, day: int, value: np.ndarray, weight: float) -> None:
        terms = yearly(np.array([day], np.int32))[0]
        r = np.rint((np.log(value) - self.coef @ terms) * 2048) / 2048
        self.past = [(day, r, np.rint(weight * 200) / 200), *self.past][:MEMORY]
        zs = [self.z(self.past[: j + 1]) for j in range(len(self.past))]
        alpha = P.alpha_provisional / MEMORY
        counted = np.cumsum([w >= 0.25 for _, _, w in self.past])
        runs = [
            j
            for j, z in enumerate(zs)
            if counted[j] >= P.provisional_after and self.chance(z) <= alpha
        ]
        if self.status is Status.CONFIRMED:
            return
        if not runs:
            self.status, self.first, self.before = Status.STABLE, NO_DAY, day
            return
        best = max(runs, key=lambda j: zs[j])
        near = [j for j, z in enumerate(zs) if zs[best] - z <= P.interval_doubt]
        whole = max(near) + 1 == len(zs)
        if self.status is Status.STABLE or not whole:
            self.first = self.past[min(near)][0]
            self.before = self.end if whole else self.past[max(near) + 1][0]
        self.status = Status.PROVISIONAL
        run = self.past[: best + 1]
        own = [(day, r) for day, r, w in run if w >= 0.25]
        lasted = len(own) >= P.confirm_after and own[0][0] - own[-1][0] >= P.confirm_days
        if not lasted or self.chance(zs[best]) > P.alpha_confirmed / MEMORY:
            return
        size = sum(w for _, _, w in run)
        mean = np.log(sum(w * np.exp(r) for _, r, w in run) / size)
        if (self.looks * own[0][1] * mean).sum() < 0.5 * (self.looks * mean**2).sum():
            return
        pull = [float((self.looks * w * r * mean).sum()) for _, r, w in run]
        rest = [look for i, look in enumerate(run) if i != int(np.argmax(pull))]
        if self.chance(self.z(rest)) <= alpha:
            self.status, self.on = Status.CONFIRMED, day


def fitted(n: int, rng: np.random.Generator) -> RadarState:
    state = empty((1, n))
    m = state.model
    m.kind[:] = KIND_STEADY
    m.n_history[:] = rng.integers(14, 60, n)
    m.history_end[:] = 17000
    m.coef[:] = rng.normal(0, 0.3, m.coef.shape) - np.array([2, 0, 0])[:, None, None]
    for x in range(n):
        k = int(m.n_history[0, x])
        X = yearly(rng.choice(2000, k).astype(np.int32))
        m.spread[:, 0, x] = np.linalg.inv(X.T @ X + np.eye(3))[np.tril_indices(3)]
    m.looks[:] = rng.uniform(3, 40, m.looks.shape)
    m.dof[:] = rng.uniform(12, 200, m.dof.shape)
    state.dynamic.status[:] = Status.STABLE
    state.dynamic.last_unchanged[:] = 17000
    return state


def test_status_and_dates_equal_the_reference_look_by_look() -> None:
    rng = np.random.default_rng(5)
    n = 160
    state = fitted(n, rng)
    pixels = [Reference(state, x) for x in range(n)]
    change = np.where(rng.random(n) < 0.7, rng.normal(0, 0.9, n), 0)
    start = rng.integers(3, 22, n)
    seen = dict.fromkeys(Status, 0)
    for t in range(30):
        day = 17000 + 12 * (t + 1)
        weight = float(rng.choice([1.0, 0.8, 0.15]))
        look = RadarObservation(ZERO, ZERO, ZERO, weight, False, n)
        terms = yearly(np.array([day], np.int32))[0]
        expected = np.einsum("cax,a->cx", state.model.coef[:, :, 0], terms)
        shape = state.model.looks[:, 0]
        value = np.exp(expected + np.where(t >= start, change, 0)) * rng.gamma(shape, 1 / shape)
        value = value.astype(np.float32)
        usable = rng.random((1, n)) < 0.9
        state = step_radar(state, value[:, None], usable, day, P, look)
        d = state.dynamic
        for x, pixel in enumerate(pixels):
            if not usable[0, x] or pixel.status is Status.CONFIRMED:
                continue
            pixel.step(day, value[:, x].astype(float), weight)
            seen[pixel.status] += 1
            assert d.status[0, x] == pixel.status, (t, x)
            assert d.first_changed[0, x] == pixel.first, (t, x)
            assert d.last_unchanged[0, x] == pixel.before, (t, x)
            assert d.confirmed_on[0, x] == pixel.on, (t, x)
    assert min(seen[s] for s in (Status.STABLE, Status.PROVISIONAL, Status.CONFIRMED)) > 30


def test_nothing_is_called_quiet_that_the_test_would_suspect() -> None:
    """The bound that spares the logarithms never hides a run the test would find."""
    rng = np.random.default_rng(6)
    state = fitted(3000, rng)
    sizes = (rng.normal(0, 0.5, (2, 1, 3000)) * (rng.random((1, 3000)) < 0.5)).astype(np.float32)
    suspect = rules(P).suspect
    spared = 0
    for t in range(MEMORY + 3):
        day = 17000 + 12 * (t + 1)
        terms = yearly(np.array([day], np.int32))[0]
        expected = np.einsum("cayx,a->cyx", state.model.coef, terms)
        shape = state.model.looks
        value = np.exp(expected + sizes) * rng.gamma(shape, 1 / shape)
        look = RadarObservation(ZERO, ZERO, ZERO, 1.0, False, 3000)
        usable = np.ones((1, 3000), bool)
        state = step_radar(state, value.astype(np.float32), usable, day, P, look)
        looks, w, days = np.empty((MEMORY, 2)), np.empty(MEMORY), np.empty(MEMORY, np.int32)
        for x in range(3000):
            if not quiet(state.dynamic, state.model, 0, x, suspect):
                continue
            spared += 1
            n = recall(state.dynamic, 0, x, looks, w, days)
            pixel = Reference(state, x)
            pixel.past = [(int(days[i]), looks[i], w[i]) for i in range(n)]
            worst = max(pixel.z(pixel.past[: j + 1]) for j in range(n))
            assert evidence_of(worst, pixel.dof) < suspect
    assert spared > 3000


def test_evidence_is_minus_the_logarithm_of_the_f_tail() -> None:
    for dof in (5.0, 30.0, 400.0):
        for z in (0.1, 5.0, 60.0):
            expected = -np.log(f_distribution.sf(z / 2, 2, dof))
            assert evidence_of(z, dof) == pytest.approx(expected, rel=1e-9)


def test_intensity_is_the_exponential_of_the_stored_steps() -> None:
    steps = np.arange(-32768, 32768, 97)
    got = [intensity(int(s)) for s in steps]
    np.testing.assert_allclose(got, np.exp(steps / 2048), rtol=1e-12)


def test_a_dropped_look_makes_room_for_the_newest() -> None:
    rng = np.random.default_rng(1)
    state = fitted(1, rng)
    for t in range(MEMORY + 5):
        day = 17000 + 6 * (t + 1)
        terms = yearly(np.array([day], np.int32))[0]
        value = np.exp(state.model.coef[:, :, 0, 0] @ terms)[:, None, None].astype(np.float32)
        look = RadarObservation(ZERO, ZERO, ZERO, 1.0, False, 1)
        state = step_radar(state, value, np.ones((1, 1), bool), day, P, look)
    kept = sorted(state.dynamic.recent_day[:, 0, 0])
    assert kept == [17000 + 6 * (t + 1) for t in range(5, MEMORY + 5)]
    assert np.abs(state.dynamic.recent).max() <= 1
