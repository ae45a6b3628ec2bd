"""Are the cubes as hard as real ground? `python -m bench.realism`

Runs gossan and some peers, at their defaults, over real ground that stayed quiet and over generated
ground on which nothing happens, the latter thinned to the real looks. What they call changed is a
false alarm on both (but in India nobody knows that nothing happened in the two-year gap). Needs
../shared/data for the Indian set.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import ModuleType

import numpy as np

from bench import own
from bench.accuracy import chosen
from bench.cube import BANDS, COVERS, Scenario
from bench.generator import make
from bench.peers.pixels import Pixels
from bench.pits import SHARED, Ground, quarry_land, romania
from gossan.core.params import MonitorParams

SEEDS = (1, 2, 3)
SHOWN = "iqr,nrt ccdc,cold,zeit"
MOST = 500


def rate(confirmed: np.ndarray) -> float:
    """Percent of pixels (k, n) with any confirmation."""
    return 100 * float((confirmed >= 0).any(0).mean())


def rates(p: Pixels, peers: Sequence[ModuleType], bands: tuple[str, ...]) -> list[float]:
    """False alarms of gossan and of the peers, percent."""
    pick = [BANDS.index(b) for b in bands]
    w = own.watch(
        np.ascontiguousarray(p.values[:, pick, None]),
        p.usable[:, None],
        p.days,
        p.n_history,
        MonitorParams(),
        bands,
    )
    return [rate(w.confirmed[:, 0]), *(rate(m.detect(p, m.Setting())) for m in peers)]


def real(g: Ground, rng: np.random.Generator) -> Pixels:
    """Quiet pixels of a real series; B8A stands in for an absent B12."""
    mask = np.zeros(g.quiet.size, bool)
    mask[rng.permutation(np.flatnonzero(g.quiet))[:MOST]] = True
    mask = mask.reshape(g.quiet.shape)
    names = [b if b in g.bands else "B8A" for b in BANDS]
    five = g.values[:, [g.bands.index(b) for b in names]][:, :, mask]
    return Pixels(np.nan_to_num(five), g.usable[:, mask], g.days, g.n_history)


def generated(seed: int, cover: int, like: Pixels, rng: np.random.Generator) -> Pixels:
    """Pixels of one cover, with as many looks before and after as the real ones have."""
    c = make(seed=seed, scenario=Scenario(drought=0.0, patches=0))
    at = rng.permutation(np.flatnonzero(c.cover == cover))[:MOST]
    y, x = np.unravel_index(at, c.cover.shape)
    usable = c.usable[:, y, x].copy()
    n = c.n_history
    for part, wanted in (
        (slice(0, n), like.usable[: like.n_history]),
        (slice(n, None), like.usable[like.n_history :]),
    ):
        keep = wanted.sum(0).mean() / usable[part].sum(0).mean()
        usable[part] &= rng.random(usable[part].shape) < keep
    return Pixels(c.values[:, :, y, x], usable, c.days, n)


def main() -> None:
    """Measure and print."""
    rng, peers = np.random.default_rng(0), chosen(SHOWN)
    grounds = [(romania(), ("forest",))]
    if (SHARED / "s2_india_mine_1").is_dir():
        grounds.append((quarry_land(), ("bare", "steppe", "crops")))
    else:
        print(f"India left out: {SHARED} does not hold s2_india_mine_1.", file=sys.stderr)
    names = [own.NAME, *(m.NAME for m in peers)]
    print(f"{'false alarms, %':<26}" + "".join(f"{n:>13}" for n in names))
    for g, kinds in grounds:
        p = real(g, rng)
        bands = tuple(b for b in BANDS if b in g.bands)
        cells = "".join(f"{v:>13.1f}" for v in rates(p, peers, bands))
        print(f"{'real: ' + g.name:<26.26}{cells}")
        for kind in kinds:
            every = [rates(generated(s, COVERS.index(kind), p, rng), peers, bands) for s in SEEDS]
            low, high = np.min(every, 0), np.max(every, 0)
            cells = "".join(f"{f'{a:.1f}-{b:.1f}':>13}" for a, b in zip(low, high, strict=True))
            print(f"{'generated: ' + kind:<26}{cells}")


if __name__ == "__main__":
    main()
