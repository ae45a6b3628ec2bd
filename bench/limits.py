"""Do implants behave like real clearings? And what do they cost? `python bench/limits.py`.

For every clearing of the Romania sample that was labelled by eye and cut while watching, patches
of its size and of the case's own fresh changes are implanted on days drawn between its last
image uncut and its first image cut. The share of them confirmed by 30, 60 and 120 days after the
first image cut is what the implants foretell; what was in fact confirmed by then is counted
beside it. The labels were not used to make the implants, but the clearings that were detected
gave the spectrum, so their contrast is that of the visible ones.
"""

import json
import tempfile
import time
import warnings
from datetime import date
from pathlib import Path

import numpy as np

from gossan.case.context import open_case
from gossan.case.pixels import Pixels
from gossan.case.state import monitored
from gossan.core.dates import from_day, to_day
from gossan.core.geodesy import pixel_areas_m2
from gossan.core.params import LimitsParams
from gossan.core.progress import Silent
from gossan.core.values import Status
from gossan.observables.limits.candidates import ground_of, spectra_of
from gossan.observables.limits.design import InjectedTarget
from gossan.observables.limits.run import Asked, measure_limits
from gossan.observables.limits.trials import Field, series_of, try_block
from gossan.run.demo import make_demo_case
from gossan.run.update import update
from gossan.sites.listing import listed

GOLDEN = Path(__file__).parents[1] / "tests" / "golden" / "romania_clearings.json"
AFTER = (30, 60, 120)
EACH = 60
"""Implants for one clearing."""


def clearings(until: int) -> list[dict]:
    """Labels of clearings cut while watching."""
    labels = json.loads(GOLDEN.read_text(encoding="utf-8"))["clearings"]
    return [c for c in labels if day_of(c, "last_intact") >= until]


def day_of(clearing: dict, key: str) -> int:
    """A date of a label as int day."""
    return to_day(date.fromisoformat(clearing[key]))


def confirmed_on(case, looks, real) -> dict[str, int]:
    """Day on which a listed, confirmed site first lay on each real clearing: asked of the stored
    state as it was after every scene."""
    sites, found = case.config.sites, {}
    for look in looks:
        state = monitored(case, from_day(look.day))
        dist, areas = state.disturbances(), pixel_areas_m2(state.grid)
        y, x = np.indices(dist.status.shape)
        early = dist.status == Status.EARLY
        changed = state.frame.inside & (dist.status >= Status.PROVISIONAL)
        labels = listed(changed, early, areas, sites)
        core = changed & np.isin(dist.status, (Status.CONFIRMED, Status.RECOVERED))
        sure = np.isin(labels, np.setdiff1d(labels[core], [0]))
        for c in real:
            here = (np.hypot(y - c["row"], x - c["col"]) <= max(1.5, c["radius_px"])) & sure
            here &= dist.confirmed_on > day_of(c, "last_intact")
            if here.any():
                found.setdefault(c["id"], look.day)
    return found


def foretold(case, state, until, real) -> np.ndarray:
    """Share of implants confirmed by each of AFTER, (clearing, time)."""
    areas = tuple(sorted({c["area_ha_approx"] for c in real}))
    params = LimitsParams(areas_ha=areas, within=(400,))
    dist, pixels, sites = state.disturbances(), Pixels.of(state), case.config.sites
    ground = ground_of(state, dist, sites, areas, params.margin_m)
    own = next(s for s in spectra_of(state, dist, ground, pixels) if s.name == "own-changed")
    bare = {own.name: np.array([dict(own.values)[b] for b in state.bands])}
    field = Field(state, pixels, pixel_areas_m2(state.grid), until, sites, params, bare)
    rng = np.random.default_rng(7)
    implants = []
    for c in real:
        rows, cols = ground.places[c["area_ha_approx"]]
        for _ in range(EACH):
            at = rng.integers(len(rows))
            day = int(rng.integers(day_of(c, "last_intact"), day_of(c, "first_cut")))
            implants.append(
                InjectedTarget(
                    len(implants), c["area_ha_approx"], 1.0, own.name, day, rows[at], cols[at]
                )
            )
    done = {}
    for trials in try_block(field, implants, series_of(field, implants)):
        done.update({t.index: t for t in trials})
    out = np.zeros((len(real), len(AFTER)))
    for k, c in enumerate(real):
        for j, n in enumerate(AFTER):
            limit = day_of(c, "first_cut") + n
            mine = [done[i] for i in range(k * EACH, (k + 1) * EACH)]
            seen = [
                t.confirmed_after is not None and to_day(t.appeared) + t.confirmed_after <= limit
                for t in mine
            ]
            out[k, j] = np.mean(seen)
    return out


if __name__ == "__main__":
    warnings.filterwarnings("ignore", message="Dataset has no geotransform")
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "case"
        make_demo_case(made)
        update(made, Silent())
        with open_case(made) as case:
            state = monitored(case)
            until = to_day(case.config.history_until)
            real = clearings(until)
            later = [look for look in state.looks if look.day > until]
            seen, told = confirmed_on(case, later, real), foretold(case, state, until, real)
        sizes = np.array([c["area_ha_approx"] for c in real])
        print("clearings of          after   foretold (sd)     confirmed   of")
        for low, high in ((0.0, 0.15), (0.15, 0.25), (0.25, 9.0), (0.0, 9.0)):
            chosen = np.flatnonzero((sizes >= low) & (sizes < high))
            for j, n in enumerate(AFTER):
                p = told[chosen, j]
                sd = np.sqrt((p * (1 - p)).sum())
                got = sum(
                    seen.get(real[k]["id"], 10**9) - day_of(real[k], "first_cut") <= n
                    for k in chosen
                )
                print(
                    f"{low:.2f} to {high:.2f} ha  {n:6d} d   {p.sum():6.1f} ({sd:.1f})"
                    f"  {got:10d}  {len(chosen):6d}"
                )
        for n in (960, 3840):
            start = time.perf_counter()
            measure_limits(made, Asked(implants=n), Silent())
            print(f"{n} implants: {time.perf_counter() - start:.1f} s")
