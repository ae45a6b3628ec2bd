"""Does gossan name the kind of a change? `python -m bench.kinds [--learn] [--rounds N]`.

Changes of nine kinds are implanted into the shipped Romanian images and, where ../shared/data
holds it, into the Indian set; the real monitor follows them and the real rule of sites lists
them. Rounds with an even seed are learned from (with --learn, which writes
`observables/kind/counted.py`), odd ones are only scored: confusion matrix and reliability.
Then the real sites of both sets are named.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from scipy import ndimage, optimize

from bench.kind_truth import Change, implant, normal_of
from bench.own import states
from bench.pits import SHARED, Ground, quarry_land, romania
from gossan.case.site_pixels import window_of
from gossan.core.kinds import SURE, KindOfSite, Setting
from gossan.core.kinds import SiteKind as K
from gossan.core.params import MonitorParams, SiteParams
from gossan.core.values import Disturbances, Site
from gossan.monitor.state import disturbances
from gossan.observables.kind.classify import Scale, classify
from gossan.observables.kind.features import measured
from gossan.observables.kind.likelihood import LINES, NAMED
from gossan.observables.kind.view import view_of
from gossan.sites.build import find_sites

COUNTED = Path(__file__).parents[1] / "src" / "gossan" / "sites" / "kind" / "counted.py"
BINS = (0.0, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 1.0001)
EACH = {"Rom": 14, "Ind": 9}
"""Changes a round on each ground."""


@dataclass(frozen=True)
class Case:
    """One site that lies on an implanted change: where, which round, what it is, its traits."""

    ground: str
    seed: int
    kind: str
    traits: dict[str, float | None]

    @property
    def held_back(self) -> bool:
        """True where nothing was learned from it."""
        return self.seed % 2 == 1


def follow(g: Ground, values: NDArray[np.float32]) -> Disturbances:
    """The monitor's last word, scene by scene as an update does it."""
    pick = [g.bands.index(b) for b in g.followed]
    shape = g.usable.shape[1:]
    grid = GeoBox.from_bbox((0, 0, shape[1] * 10, shape[0] * 10), "EPSG:32638", resolution=10)
    after = states(values[:, pick], g.usable, g.days, g.n_history, MonitorParams(), g.followed)
    *_, (_, last) = after
    return disturbances(last, grid)


def cube_of(g: Ground, values: NDArray[np.float32]) -> xr.Dataset:
    """The looks as a cube: what is not usable is flagged as cloud."""
    dims = ("time", "y", "x")
    flags = np.where(g.usable, 0, 16).astype(np.uint16)
    data: dict[str, Any] = {b: (dims, values[:, k]) for k, b in enumerate(g.bands)}
    times = g.days.astype("datetime64[D]").astype("datetime64[ns]")
    return xr.Dataset({**data, "flags": (dims, flags)}, coords={"time": times})


def sites_on(dist: Disturbances) -> list[Site]:
    """All sites of a followed ground."""
    return find_sites(dist, np.ones(dist.status.shape, bool), SiteParams(), [])


def traits_of(site: Site, cube: xr.Dataset, dist: Disturbances) -> dict[str, float | None]:
    """What the classifier measures."""
    window = window_of(site, dist.status.shape)
    part = cube.isel(y=window[0], x=window[1])
    return measured(view_of(site, part, window, dist, Setting()))


def truth_of(site: Site, changes: Sequence[Change], dist: Disturbances) -> Change | None:
    """The change a site lies on: most of the site within two pixels of it, dated after its day."""
    for c in changes:
        wide = ndimage.binary_dilation(c.mask, iterations=2)
        after = float(np.median(dist.first_changed[site.pixels])) >= c.day - 40
        if wide[site.pixels].mean() > 0.6 and after:
            return c
    return None


def free_of(g: Ground) -> NDArray[np.bool_]:
    """Ground that changes may be put on: Romania's quiet stands, grown over small gaps; in India
    whatever was no quarry."""
    return ndimage.binary_closing(np.pad(g.quiet, 4), iterations=3)[4:-4, 4:-4]


def one_round(g: Ground, normal: NDArray[np.float32], seed: int) -> tuple[list[Case], list[str]]:
    """Sites of one round with their truth, and the kinds implanted."""
    rng = np.random.default_rng([seed, 5])
    values, changes = implant(g, normal, rng, free_of(g), EACH[g.name[:3]])
    dist = follow(g, values)
    cube, found = cube_of(g, values), []
    for site in sites_on(dist):
        change = truth_of(site, changes, dist)
        if change is not None:
            traits = traits_of(site, cube, dist)
            found.append(Case(g.name[:3], seed, change.kind.name, traits))
    return found, [c.kind.name for c in changes]


def counts_of(cases: Sequence[Case]) -> dict[str, dict[str, list[int]]]:
    """How many sites of each kind show each trait low, middling and high."""
    out = {key: {k.name: [0, 0, 0] for k in NAMED} for key in LINES}
    for c in cases:
        for key, value in c.traits.items():
            if value is not None and np.isfinite(value):
                out[key][c.kind][LINES[key].level(value)] += 1
    return {k: v for k, v in out.items() if any(sum(n) for n in v.values())}


def cooled(cases: Sequence[Case], counts: dict[str, dict[str, list[int]]]) -> float:
    """The temperature that makes the probabilities of the learned half least surprised, each
    kind counting the same."""
    weight = {k: 1 / max(1, sum(c.kind == k for c in cases)) for k in K.__members__}

    def loss(log_t: float) -> float:
        scale = Scale(counts, float(np.exp(log_t)))
        bad = [
            -weight[c.kind] * np.log(classify("", c.traits, scale).probability(K[c.kind]) + 1e-9)
            for c in cases
        ]
        return float(np.sum(bad))

    return float(np.exp(optimize.minimize_scalar(loss, bounds=(-0.5, 2.0), method="bounded").x))


def learn(cases: Sequence[Case]) -> Scale:
    """The scale from the half that may be learned from, with two-fold crossing inside it."""
    half = [c for c in cases if not c.held_back]
    parts = [[c for c in half if c.seed // 2 % 2 == k] for k in (0, 1)]
    crossed = [cooled(parts[1 - k], counts_of(parts[k])) for k in (0, 1)]
    return Scale(counts_of(half), float(np.sqrt(crossed[0] * crossed[1])))


def write(scale: Scale) -> None:
    """Keep what was learned where the program reads it."""
    lines = [
        '"""Counted on implants by `python -m bench.kinds --learn`; not edited by hand.',
        "",
        "Trait -> kind -> sites that show it low, middling, high; rounds of even seed.",
        '"""',
        "",
        "from __future__ import annotations",
        "",
        "COUNTED: dict[str, dict[str, tuple[int, int, int]]] = {",
    ]
    for key, kinds in scale.counts.items():
        lines.append(f'    "{key}": {{')
        lines += [f'        "{k}": ({a}, {b}, {c}),' for k, (a, b, c) in kinds.items() if a + b + c]
        lines.append("    },")
    lines += ["}", f"TEMPERATURE = {scale.temperature:.2f}", ""]
    COUNTED.write_text("\n".join(lines), encoding="utf-8")


def confusion(named: Sequence[tuple[str, KindOfSite]]) -> list[str]:
    """True kind by row, named kind by column."""
    cols = [k.name for k in K]
    lines = [
        "",
        "| implanted | of | " + " | ".join(c.lower() for c in cols) + " |",
        "|---|---|" + "---|" * len(cols),
    ]
    for row in NAMED:
        mine = [found.by_machine.name for truth, found in named if truth == row.name]
        cells = [str(mine.count(c)) if mine.count(c) else "" for c in cols]
        lines.append(f"| {row.value} | {len(mine)} | " + " | ".join(cells) + " |")
    return lines


def reliability(named: Sequence[tuple[str, KindOfSite]]) -> list[str]:
    """How often a kind given with a probability is the true one: every kind of every site."""
    p = np.array([[x for _, x in f.probabilities] for _, f in named])
    true = np.array([[k.name == t for k, _ in f.probabilities] for t, f in named])
    top = p.argmax(1)
    lines = [
        "",
        "| probability of the kind named | sites | mean said | true | 95 % |",
        "|---|---|---|---|---|",
    ]
    gap = 0.0
    at = np.arange(len(p))
    said, right = p[at, top], true[at, top]
    for low, high in pairwise(BINS):
        mine = (said >= low) & (said < high)
        n, k = int(mine.sum()), int(right[mine].sum())
        if n:
            a, b = wilson(k, n)
            gap += abs(said[mine].mean() - k / n) * n / len(p)
            lines.append(
                f"| {low:.2f} to {min(high, 1):.2f} | {n} | {said[mine].mean():.2f} | "
                f"{k / n:.2f} | {a:.2f} to {b:.2f} |"
            )
    brier = float(((p - true) ** 2).sum(1).mean())
    lines += [
        "",
        f"Mean gap between said and true (expected calibration error) {gap:.3f}; "
        f"Brier score over all kinds {brier:.3f}.",
    ]
    return lines


def wilson(k: int, n: int) -> tuple[float, float]:
    """95 % interval of a share."""
    z = 1.96
    centre, half = k + z * z / 2, z * np.sqrt(k * (n - k) / n + z * z / 4)
    return float((centre - half) / (n + z * z)), float((centre + half) / (n + z * z))


def score(cases: Sequence[Case], scale: Scale, title: str) -> list[str]:
    """Share named right, matrix and reliability."""
    named = [(c.kind, classify("", c.traits, scale)) for c in cases]
    sure = [(t, f) for t, f in named if f.by_machine is not K.UNKNOWN]
    right = sum(f.by_machine.name == t for t, f in sure)
    mining = (K.MINE.name, K.TAILINGS.name)
    both = sum((f.by_machine.name in mining) == (t in mining) for t, f in sure)
    share, apart = (f"{100 * n / max(1, len(sure)):.0f} %" for n in (right, both))
    lines = [
        "",
        f"## {title}",
        "",
        f"{len(named)} sites; {len(sure)} named (probability {SURE} or more), {right} of "
        f"these rightly ({share}). Mine or tailings against all others: {both} of "
        f"{len(sure)} right ({apart}).",
    ]
    return lines + confusion(named) + reliability(named)


def real(g: Ground, scale: Scale) -> list[str]:
    """The sites of the images as they are, with no implant in them."""
    dist = follow(g, g.values)
    cube = cube_of(g, g.values)
    found = [(s, classify(s.id, traits_of(s, cube, dist), scale)) for s in sites_on(dist)]
    lines = [
        "",
        f"## {g.name}: the real sites",
        "",
        "| site | ha | named | p | mine or tailings |",
        "|---|---|---|---|---|",
    ]
    for s, f in found:
        mining = f.probability(K.MINE) + f.probability(K.TAILINGS)
        kind, p = f.likeliest
        lines.append(
            f"| {s.id} | {s.area.value:.2f} | {f.by_machine} ({kind}) | {p:.2f} | {mining:.2f} |"
        )
    counts = {k.value: sum(f.by_machine is k for _, f in found) for k in K}
    lines += ["", "Named: " + ", ".join(f"{n} {k}" for k, n in counts.items() if n) + "."]
    return lines


def grounds() -> list[Ground]:
    """The grounds at hand."""
    out = [romania()]
    if (SHARED / "s2_india_mine_1").is_dir():
        out.append(quarry_land())
    return out


def main(argv: Sequence[str]) -> None:
    """Implant, follow, learn if asked, score."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=24, help="of each ground")
    parser.add_argument("--learn", action="store_true", help="write what the even rounds teach")
    parser.add_argument("--cases", type=Path, help="keep the sites' traits there, or read them")
    args = parser.parse_args(argv)
    cases: list[Case] = []
    made: list[str] = []
    here = grounds()
    if args.cases and args.cases.exists():
        kept = json.loads(args.cases.read_text())
        cases, made = [Case(**c) for c in kept["cases"]], kept["made"]
    else:
        for g in here:
            normal = normal_of(g)
            for seed in range(args.rounds):
                found, kinds = one_round(g, normal, seed)
                cases += found
                made += kinds
                print(
                    f"{g.name[:3]} round {seed}: {len(kinds)} implanted, {len(found)} sites",
                    file=sys.stderr,
                )
        if args.cases:
            args.cases.write_text(json.dumps({"cases": [c.__dict__ for c in cases], "made": made}))
    scale = learn(cases) if args.learn else Scale()
    if args.learn:
        write(scale)
    print(
        f"# Kinds\n\n{len(made)} changes implanted, {len(cases)} sites found on them; "
        f"temperature {scale.temperature:.2f}."
    )
    for name in dict.fromkeys(c.ground for c in cases):
        mine = [c for c in cases if c.held_back and c.ground == name]
        print("\n".join(score(mine, scale, f"{name}, held back")))
    print("\n".join(score([c for c in cases if c.held_back], scale, "Both, held back")))
    print("\n".join(score([c for c in cases if not c.held_back], scale, "Both, learned from")))
    for g in here:
        print("\n".join(real(g, scale)))


if __name__ == "__main__":
    main(sys.argv[1:])
