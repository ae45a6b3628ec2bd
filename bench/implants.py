"""Pits implanted into real, cloudy series: `python -m bench.implants [--quick] [--json PATH]`.

Bare ground of known size, date and severity is put into ground of the shipped Romanian images
that stayed closed forest to the eye, and into quiet ground of the Indian set where ../shared/data
holds it. Everything else in the looks is real: cloud the mask missed, haze, gaps, drought. A pit
counts as found when a pixel it covers by a fifth or more is confirmed on or after its day.

The pit is drawn at a tenth of a pixel, blurred as the sensor blurs (Gaussian of 0.57 pixels of
the band's own size, a response of 0.2 at the Nyquist frequency as ESA gives 0.15 to 0.3), and the
20 m bands get it at 20 m. What a look is off by (thin cloud, haze, light) stays on the pit: only
the pixel's expected reflectance is replaced.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from bench import own
from bench.accuracy import chosen, machine
from bench.cube import BANDS
from bench.peers.pixels import Pixels
from bench.pits import (
    RADII_M,
    SEVERITIES,
    SHARED,
    Ground,
    Pit,
    expected,
    implant,
    place,
    quarry_land,
    romania,
)
from bench.score import SOON_DAYS, first_from
from gossan.core.params import MonitorParams

COVERED = 0.2
"""Share of a pixel from which it belongs to a pit."""
FALSE_SAMPLE = 800
LARGE_M = 15.0
"""Severities are compared among pits of this radius and more."""


def run_gossan(g: Ground, v: NDArray[np.float32]) -> NDArray[np.int32]:
    """Days of confirmation (k, y, x) on the bands gossan follows."""
    pick = [g.bands.index(b) for b in g.followed]
    filled = np.ascontiguousarray(v[:, pick])
    return own.watch(filled, g.usable, g.days, g.n_history, MonitorParams(), g.followed).confirmed


def run_peer(
    module: ModuleType, g: Ground, v: NDArray[np.float32], mask: NDArray[np.bool_]
) -> NDArray[np.int32]:
    """The same of a peer at its best setting, on the pixels of a mask only.

    Where B12 is absent (Romania) B8A stands in for it, a band the peers would not use else.
    """
    names = [b if b in g.bands else "B8A" for b in BANDS]
    five = v[:, [g.bands.index(b) for b in names]][:, :, mask]
    p = Pixels(np.nan_to_num(five), g.usable[:, mask], g.days, g.n_history)
    days = module.detect(p, module.BEST)
    out = np.full((len(days), *mask.shape), own.NEVER, np.int32)
    out[:, mask] = days
    return out


@dataclass(frozen=True)
class Outcome:
    """One pit and one method: delay in days, -1 not found; usable looks at its middle in the
    60 days from its day on."""

    ground: str
    method: str
    radius_m: float
    severity: float
    delay: int
    looks: int


@dataclass(frozen=True)
class FalseAlarms:
    """Confirmed pixels among untouched quiet ones."""

    ground: str
    method: str
    confirmed: int
    of: int


def judge(
    g: Ground,
    method: str,
    confirmed: NDArray[np.int32],
    pits: Sequence[Pit],
    shares: NDArray[np.float32],
    asked: NDArray[np.bool_],
) -> tuple[list[Outcome], FalseAlarms]:
    """What a method made of the pits and of the untouched ground it was asked about."""
    out = []
    for pit, share in zip(pits, shares, strict=True):
        days = confirmed[:, share >= min(COVERED, float(share.max()))]
        first = first_from(days, np.int32(pit.day))
        seen = first[first >= 0]
        delay = int(seen.min()) - pit.day if seen.size else -1
        since = g.days - pit.day
        seen_at = g.usable[:, round(pit.y), round(pit.x)] & (since >= 0) & (since <= SOON_DAYS)
        out.append(Outcome(g.name, method, pit.radius_m, pit.severity, delay, int(seen_at.sum())))
    touched = ndimage.binary_dilation((shares > 1e-3).any(0), iterations=2)
    untouched = g.quiet & ~touched & asked
    said = (confirmed >= g.days[g.n_history]).any(0)
    return out, FalseAlarms(g.name, method, int((said & untouched).sum()), int(untouched.sum()))


def wilson(k: int, n: int) -> tuple[float, float]:
    """95 % interval of a share, percent."""
    if n == 0:
        return float("nan"), float("nan")
    z = 1.96
    centre = (k + z * z / 2) / (n + z * z)
    half = z * np.sqrt(k * (n - k) / n + z * z / 4) / (n + z * z)
    return 100 * (centre - half), 100 * (centre + half)


def line(label: str, delays: Sequence[int]) -> str:
    """Recall with its interval and the median delay of some pits."""
    found = [d for d in delays if d >= 0]
    low, high = wilson(len(found), len(delays))
    soon = sum(d <= SOON_DAYS for d in found)
    share = f"{100 * len(found) / len(delays):.0f} ({low:.0f}-{high:.0f})" if delays else "-"
    middle = f"{np.median(found):.0f}" if found else "-"
    within = f"{100 * soon / len(delays):.0f}" if delays else "-"
    return f"  {label:<26}{len(delays):>6}{share:>16}{within:>12}{middle:>10}"


def report(outcomes: Sequence[Outcome], alarms: Sequence[FalseAlarms]) -> list[str]:
    """Tables of at most 80 columns."""
    lines: list[str] = []
    for ground in dict.fromkeys(o.ground for o in outcomes):
        looks = np.array([o.looks for o in outcomes if o.ground == ground])
        shares = ", ".join(f"{k} in {100 * (looks >= k).mean():.0f} %" for k in (2, 3, 4))
        lines += ["", ground, f"  usable looks in the 60 days from the pit's day on: {shares}"]
        for method in dict.fromkeys(o.method for o in outcomes if o.ground == ground):
            mine = [o for o in outcomes if o.ground == ground and o.method == method]
            false = [a for a in alarms if a.ground == ground and a.method == method]
            k, n = sum(a.confirmed for a in false), sum(a.of for a in false)
            lines += [
                "",
                f"{ground}: {method}; false on untouched ground "
                f"{100 * k / max(n, 1):.2f} % of {n} pixels",
                f"  {'pits':<26}{'number':>6}{'found %':>16}{'in 60 d %':>12}{'delay d':>10}",
            ]
            for r in RADII_M:
                area = np.pi * r * r / 10000
                some = [o.delay for o in mine if o.radius_m == r]
                lines.append(line(f"radius {r:.0f} m ({area:.3f} ha)", some))
            for severity in SEVERITIES:
                some = [o.delay for o in mine if o.severity == severity and o.radius_m >= LARGE_M]
                lines.append(line(f"severity {severity:.1f}, from {LARGE_M:.0f} m", some))
    return lines


def measure(
    g: Ground, peers: Sequence[ModuleType], repeats: int, say: Callable[[str], None]
) -> tuple[list[Outcome], list[FalseAlarms]]:
    """All methods on `repeats` sets of pits."""
    outcomes: list[Outcome] = []
    alarms: list[FalseAlarms] = []
    say(f"{g.name}: learning what every pixel expects")
    normal = expected(g)
    for k in range(repeats):
        rng = np.random.default_rng([7, k])
        pits = place(g, rng)
        v, shares = implant(g, normal, pits, rng)
        near = (shares >= COVERED).any(0) | (shares == shares.max((1, 2), keepdims=True)).any(0)
        rest = np.flatnonzero(g.quiet & ~near)
        asked = near.copy()
        asked.ravel()[rng.permutation(rest)[:FALSE_SAMPLE]] = True
        everything = np.ones_like(asked)
        for module in (None, *peers):
            name = own.NAME if module is None else module.NAME
            say(f"{g.name}: set {k + 1} of {repeats}, {len(pits)} pits, {name}")
            mask = everything if module is None else asked
            days = run_gossan(g, v) if module is None else run_peer(module, g, v, asked)
            some, false = judge(g, name, days, pits, shares, mask)
            outcomes += some
            alarms.append(false)
    return outcomes, alarms


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description="Pits implanted into real series.")
    parser.add_argument("--quick", action="store_true", help="one set of pits in each ground")
    parser.add_argument("--repeats", type=int, default=6, help="sets of pits (6)")
    parser.add_argument("--peers", default="zeit,iqr", help="words of their names, or none")
    parser.add_argument("--json", type=Path, help="write every pit's outcome here")
    given = parser.parse_args()

    def say(text: str) -> None:
        print(text, file=sys.stderr)

    peers = chosen(given.peers)
    say("Reading the shipped images")
    grounds = [romania()]
    if (SHARED / "s2_india_mine_1").is_dir():
        grounds.append(quarry_land())
    else:
        say(f"India left out: {SHARED} does not hold s2_india_mine_1.")
    outcomes: list[Outcome] = []
    alarms: list[FalseAlarms] = []
    for g in grounds:
        some, false = measure(g, peers, 1 if given.quick else given.repeats, say)
        outcomes, alarms = outcomes + some, alarms + false
    print("\n".join(report(outcomes, alarms)))
    if given.json:
        whole: dict[str, Any] = {
            **machine(),
            "pits": [asdict(o) for o in outcomes],
            "false": [asdict(a) for a in alarms],
        }
        given.json.write_text(json.dumps(whole, indent=1) + "\n")


if __name__ == "__main__":
    main()
