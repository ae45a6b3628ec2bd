"""Choose the best setting of every peer: `python -m bench.tune [--peers words]`.

Every setting of a peer's GRID runs on one cube that the accuracy run does not use. The one that
gains most is kept in `bench/peers/best.json`. Gain, in points: share found within 60 days, less
10 for each percent of false alarms on stable ground and 1 for each percent under drought, the
ratio in which the two bounds asked of gossan stand (0.5 and 5 %).
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from types import ModuleType
from typing import Any

from bench.accuracy import chosen, run_peer, sample
from bench.cube import Cube
from bench.generator import make
from bench.peers.best import PATH, recorded
from bench.peers.pixels import pixels
from bench.score import Score, truth_of

SEED = 100
MOST, MOST_SLOW = 1500, 450


def gain(s: Score) -> float:
    """Points of one score."""
    percent = {
        n: 100 * s.shares[n][0] / s.shares[n][1]
        for n in ("in 60 d", "false stable", "false drought")
    }
    return percent["in 60 d"] - 10 * percent["false stable"] - percent["false drought"]


def tune(module: ModuleType, cube: Cube) -> tuple[float, Any, Score]:
    """Best gain of a peer, its setting and its score; the first of equals."""
    mask = sample(cube, MOST_SLOW if getattr(module, "SLOW", False) else MOST, seed=1)
    p, t = pixels(cube, mask), truth_of(cube, mask)
    tried = [(s, run_peer(module, s, p, t)) for s in (module.Setting(), *module.GRID)]
    setting, found = max(tried, key=lambda pair: gain(pair[1]))
    return gain(found), setting, found


def main() -> None:
    """Tune and write."""
    parser = argparse.ArgumentParser(description="Choose the best setting of every peer.")
    parser.add_argument("--peers", default="all", help="words of their names, or all")
    peers = chosen(parser.parse_args().peers)
    best = dict(recorded())
    cube = make(seed=SEED)
    for module in peers:
        print(f"{module.NAME}: {len(module.GRID)} settings", file=sys.stderr)
        points, setting, found = tune(module, cube)
        best[module.NAME] = asdict(setting)
        percent = {n: round(100 * a / max(b, 1), 1) for n, (a, b) in found.shares.items()}
        print(f"{module.NAME}: {points:.1f} points with {setting}\n  {percent}")
        PATH.write_text(json.dumps(best, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
