"""How often, how soon and how wrongly radar sees change: `python bench/radar.py [--help]`.

Simulated speckle gives the rate of false alarms, power and delay; the Sentinel-1 series over
Myanmar, where it is at hand, omission, commission and delay at places an interpreter dated. Its
points are split in two halves by a seed: the first was looked at while the method was made, the
second only scored. Proportions have Clopper-Pearson intervals, medians bootstrap ones, both 95 %.
"""

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.myanmar import Point, granules, points  # noqa: E402

from gossan.core.dates import to_day  # noqa: E402
from gossan.core.params import RadarParams  # noqa: E402
from gossan.core.sensor import changed, pick  # noqa: E402
from gossan.core.values import Status  # noqa: E402
from gossan.monitor.loop import Follower, Held, learn  # noqa: E402
from gossan.monitor.radar import RadarMonitor, average, fit_radar, step_radar  # noqa: E402
from gossan.monitor.radar_power import PixelStatistics, detectable_db  # noqa: E402
from gossan.monitor.radar_scene import learn_scene, look_of, sample_pixels  # noqa: E402
from gossan.monitor.radar_state import disturbances  # noqa: E402
from quegan import causal  # noqa: E402
from radar_generator import NEPER_DB, Series, make  # noqa: E402

P = RadarParams()
SHARED = ROOT.parent / "shared" / "data"
HISTORY_END = to_day(np.datetime64("2016-01-01").astype(object))
SPLIT_SEED = 20240
EARLY_DAYS = 30
"""A confirmation this long before the interpreter's date still counts: his images have gaps too."""


@dataclass(frozen=True)
class Told:
    """What the monitor said, arrays (y, x): first days on which a pixel was provisional or
    confirmed, -1 never (changed pixels: not before the change), the confirmed dates, and on how
    many of the scenes watched it was provisional."""

    provisional: NDArray[np.int32]
    confirmed: NDArray[np.int32]
    before: NDArray[np.int32]
    first: NDArray[np.int32]
    suspected: NDArray[np.int32]


def follow(s: Series, history: int, params: RadarParams = P, since: NDArray | None = None) -> Told:
    """Learn `history` scenes of an area and step the rest; statuses as a user would see them.

    `since` (y, x): only what is said from this day on is noted.
    """
    shape = s.values.shape[2:]
    rows, cols = sample_pixels(np.ones(shape, bool))
    sample = np.zeros(shape, bool)
    sample[rows, cols] = True
    seen = Held(s.values, s.usable, s.days)
    v, u = s.values[:history, :, rows, cols], s.usable[:history, rows, cols]
    monitor = RadarMonitor(params).prepared(v[:, :, None], u[:, None], s.days[:history])
    learned = learn(monitor, seen, range(history))
    pixels = Follower(monitor, seen, lambda: learned, range(history), {}, sample)
    out = [np.full(shape, -1, np.int32) for _ in range(4)]
    suspected = np.zeros(shape, np.int32)
    for t in range(history, len(s.days)):
        day = int(s.days[t])
        pixels.take(t)
        d = disturbances(pixels.state, None, params.support if min(shape) > 1 else 1)
        late = np.ones(shape, bool) if since is None else day >= since
        suspected += d.status == Status.PROVISIONAL
        new = late & np.isin(d.status, (Status.PROVISIONAL, Status.CONFIRMED)) & (out[0] < 0)
        out[0][new] = day
        new = late & (d.status == Status.CONFIRMED) & (out[1] < 0)
        out[1][new] = day
        out[2][new], out[3][new] = d.last_unchanged[new], d.first_changed[new]
    return Told(*out, suspected)


def share(count: int, total: int) -> str:
    """A proportion in percent with its 95 % Clopper-Pearson interval."""
    low = beta.ppf(0.025, count, total - count + 1) if count else 0.0
    high = beta.ppf(0.975, count + 1, total - count) if count < total else 1.0
    return f"{count}/{total} = {100 * count / total:.0f} % ({100 * low:.0f}-{100 * high:.0f})"


def median(days: NDArray) -> str:
    """A median with its 95 % bootstrap interval."""
    if len(days) == 0:
        return "-"
    rng = np.random.default_rng(0)
    drawn = np.median(rng.choice(days, (2000, len(days))), axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return f"{np.median(days):.0f} d ({low:.0f}-{high:.0f})"


def false_alarms() -> None:
    """Unchanged ground, two years of a look each 12 days: how much of it is called changed."""
    print("\nFalse alarms on simulated unchanged ground, two years, a look each 12 days")
    print("  looks  history  spread | ever confirmed %  ever provisional %  provisional now %")
    for looks, history, spread in ((4.4, 60, 0.0), (12, 60, 0.0), (20, 16, 0.3), (20, 60, 0.3)):
        told = [
            follow(make(20_000, looks, history=history, spread=spread, seed=s), history)
            for s in range(3)
        ]
        rate = [
            100 * np.mean([(x >= 0).mean() for x in xs])
            for xs in zip(*((t.confirmed, t.provisional) for t in told), strict=True)
        ]
        held = 100 * np.mean([t.suspected.mean() / 61 for t in told])
        print(
            f"  {looks:5.1f}  {history:7d}  {spread:6.1f} | {rate[0]:16.3f}  {rate[1]:18.2f}"
            f"  {held:17.4f}"
        )


def power() -> None:
    """Changes of known size: how many are found, how soon, and whether the interval holds."""
    print("\nSimulated changes among 5 % of the pixels, a look each 12 days, history of 2 years")
    print(
        "  looks  VV, VH dB | found %  provisional d  confirmed d  interval holds %  width d"
        "  | 90 % within 3, 12 looks"
    )
    for looks in (4.4, 12.0, 20.0, 60.0):
        reach = [detectable_db(PixelStatistics(looks, 80, 20), n, P) for n in (3, 12)]
        for change in ((-1.0, -1.5), (-1.5, -3.0), (-3.0, -5.0), (3.0, 3.0)):
            s = make(20_000, looks, change_db=change, share=0.05, spread=0.2, seed=4)
            since = np.where(s.changed >= 0, s.changed, 0)[None]
            told = follow(s, 60, since=since)
            hit = s.changed >= 0
            found = hit & (told.confirmed[0] >= 0)
            delay = (told.confirmed[0] - s.changed)[found]
            first = (told.provisional[0] - s.changed)[hit & (told.provisional[0] >= 0)]
            holds = (told.before[0] < s.changed) & (s.changed <= told.first[0])
            width = (told.first - told.before)[0][found]
            held = 100 * holds[found].mean() if found.any() else np.nan
            print(
                f"  {looks:5.1f}  {change[0]:4.1f} {change[1]:4.1f} |"
                f" {100 * found[hit].mean():7.1f}  {_middle(first):>13}  {_middle(delay):>11}"
                f"  {held:16.0f}"
                f"  {_middle(width):>7}  | {reach[0]:.1f}, {reach[1]:.1f} dB"
            )


def _middle(days: NDArray) -> str:
    return f"{np.median(days):.0f}" if len(days) else "-"


def filters() -> None:
    """Why intensities are averaged in a square and not filtered through time."""
    print("\nA patch of 6 x 6 of 40 x 40 pixels, -2 and -3 dB, speckle of 4.4 looks, 20 patches")
    print("  before the test                  | found %  median confirmed d  falsely confirmed %")
    for name, size, through_time in (
        ("nothing", 1, False),
        ("mean of 3 x 3", 3, False),
        ("mean of 5 x 5", 5, False),
        ("mean of 3 x 3, causal Quegan-Yu", 3, True),
    ):
        found, delay, wrong = [], [], []
        for seed in range(20):
            s, patch = _image(seed)
            every = np.ones(s.values.shape[2:], bool)
            values = np.stack([average(v, every, size)[0] for v in s.values])
            if through_time:
                values = causal(values, 5)
            told = follow(Series(values, s.days, s.changed, _all(values)), 60)
            day = int(s.days[75])
            late = told.confirmed >= day
            found.append(late[patch].mean())
            delay += list((told.confirmed - day)[patch & late])
            far = np.ones_like(patch)
            far[14:26, 14:26] = False
            wrong.append((told.confirmed >= 0)[far].mean())
        print(
            f"  {name:33}| {100 * np.mean(found):7.1f}  {_middle(np.array(delay)):>18}"
            f"  {100 * np.mean(wrong):19.3f}"
        )


def _image(seed: int) -> tuple[Series, NDArray]:
    side = 40
    s = make(side * side, 4.4, seed=seed)
    values = s.values.reshape(len(s.days), 2, side, side)
    patch = np.zeros((side, side), bool)
    patch[17:23, 17:23] = True
    values[75:, :, patch] *= np.exp(np.array([-2.0, -3.0]) / NEPER_DB)[:, None].astype(np.float32)
    return Series(values, s.days, s.changed, _all(values)), patch


def _all(values: NDArray) -> NDArray:
    return np.ones((len(values), *values.shape[2:]), bool)


def speed() -> None:
    """Cost of a pixel."""
    s = make(90_000, 20, history=60, watched=20, seed=0)
    v = s.values.reshape(80, 2, 300, 300)
    u = np.ones((80, 300, 300), bool)
    flat = np.linspace(0, 89_999, 4096).astype(int)
    scene = learn_scene(s.values[:60][..., flat], s.usable[:60][..., flat], s.days[:60], P)
    fits, steps, means = [], [], []
    for _ in range(2):
        start = time.perf_counter()
        state = fit_radar(v[:60], u[:60], s.days[:60], P, scene)
        fits.append(time.perf_counter() - start)
    sample = pick(state, flat // 300, flat % 300)
    for t in range(60, 80):
        look = look_of(
            sample, s.values[t][..., flat], s.usable[t][..., flat], int(s.days[t]), scene, P
        )
        start = time.perf_counter()
        average(v[t], u[t], 3)
        means.append(time.perf_counter() - start)
        start = time.perf_counter()
        after = step_radar(state, v[t], u[t], int(s.days[t]), P, look)
        steps.append(time.perf_counter() - start)
        size = (
            sum(
                a.nbytes
                for g in changed(state.groups(), after.groups()).values()
                for a in g.values()
            )
            / 90_000
        )
        state = after
    us = [1e6 * min(x) / 90_000 for x in (fits, steps, means)]
    total = sum(a.nbytes for a in flat(state).values()) / 90_000
    model = sum(a.nbytes for a in state.groups()["model"].values()) / 90_000
    print(
        f"\nCost of a pixel: fit of 60 looks {us[0]:.1f} us, step {us[1]:.2f} us, mean of 3 x 3 "
        f"{us[2]:.2f} us; state {total:.0f} bytes, of which model {model:.0f}; a scene changes "
        f"{size:.0f}"
    )


def myanmar(table: Path | None) -> None:
    """Omission, commission and delay at dated points; history to the end of 2015."""
    if not (SHARED / "s1_myanmar").is_dir():
        print(f"\nMyanmar: not measured, {SHARED / 's1_myanmar'} is not here")
        return
    found = granules(SHARED)
    values, usable, days = found.merged()
    pairs = [average(v, u, P.support) for v, u in zip(values, usable, strict=True)]
    values, usable = np.stack([v for v, _ in pairs]), np.stack([u for _, u in pairs])
    listed = points(table or SHARED / "s1_myanmar" / "reference_dates.csv", found.grid)
    since = np.zeros(usable.shape[1:], np.int32)
    for p in listed:
        since[p.row, p.col] = 0 if p.day is None else p.day - EARLY_DAYS
    history = int((days < HISTORY_END).sum())
    print(
        f"\nMyanmar: 120 x 120 pixels of 30 m, averaged over 3 x 3; learned on {history} scenes "
        f"to the end of 2015, watched on {len(days) - history} to the end of 2018"
    )
    series = Series(values, days, np.zeros(0, np.int32), usable)
    told, early = follow(series, history, since=since), follow(series, history)
    halves = {"all points": listed}
    if table is None:
        halves = dict(zip(("half looked at", "half scored"), split(listed), strict=True)) | halves
    for name, part in halves.items():
        _score(name, part, told, early)
    calm = [p for p in listed if p.day is None]
    share_of = np.mean([early.suspected[p.row, p.col] for p in calm]) / (len(days) - history)
    print(f"  undisturbed points are provisional in {100 * share_of:.1f} % of their scenes")


def split(listed: tuple[Point, ...]) -> tuple[tuple[Point, ...], tuple[Point, ...]]:
    """Two halves of the disturbed and of the undisturbed points, drawn by a seed."""
    rng = np.random.default_rng(SPLIT_SEED)
    halves: tuple[list[Point], list[Point]] = ([], [])
    for kind in (True, False):
        group = [p for p in listed if (p.day is not None) == kind]
        order = rng.permutation(len(group))
        middle = -(-len(order) // 2)
        halves[0].extend(group[i] for i in order[:middle])
        halves[1].extend(group[i] for i in order[middle:])
    return tuple(halves[0]), tuple(halves[1])


def _score(name: str, part: tuple[Point, ...], told: Told, ever: Told) -> None:
    hit = [p for p in part if p.day is not None]
    calm = [p for p in part if p.day is None]
    day = np.array([p.day for p in hit])
    on = np.array([told.confirmed[p.row, p.col] for p in hit])
    first = np.array([told.provisional[p.row, p.col] for p in hit])
    delay = on - day
    print(f"  {name}: {len(hit)} disturbed, {len(calm)} undisturbed")
    for limit in (90, 180, 365):
        within = int(((on > 0) & (delay <= limit)).sum())
        print(f"    confirmed within {limit:3d} days  {share(within, len(hit))}")
    seen = (first > 0) & (first - day <= 365)
    print(f"    provisional within 365 days {share(int(seen.sum()), len(hit))}")
    late = (on > 0) & (delay <= 365)
    print(f"    omission (not confirmed within 365 days) {share(int((~late).sum()), len(hit))}")
    wrong = [ever.confirmed[p.row, p.col] > 0 for p in calm]
    print(f"    commission (undisturbed, confirmed in three years) {share(sum(wrong), len(calm))}")
    before = [0 < ever.confirmed[p.row, p.col] < p.day - EARLY_DAYS for p in hit if p.day]
    print(f"    confirmed too early at disturbed points {share(sum(before), len(hit))}")
    print(
        f"    delay of the confirmed date {median(delay[late])}, of the provisional one "
        f"{median((first - day)[seen])}"
    )
    low = np.array([told.before[p.row, p.col] for p in hit])
    high = np.array([told.first[p.row, p.col] for p in hit])
    holds = (low - 16 < day) & (day <= high + 16)
    held = share(int(holds[late].sum()), int(late.sum()))
    print(f"    interval, widened by Landsat's 16 days, holds the date {held}")


PARTS = {"false": false_alarms, "power": power, "filters": filters, "speed": speed}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--only", choices=[*PARTS, "myanmar"], help="one part")
    parser.add_argument("--points", type=Path, help="csv of x, y, date instead of the given points")
    chosen = parser.parse_args()
    for part_name, measure in PARTS.items():
        if chosen.only in (None, part_name):
            measure()
    if chosen.only in (None, "myanmar"):
        myanmar(chosen.points)
