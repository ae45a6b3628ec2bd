"""Accuracy of gossan and its peers on the same cubes: `python -m bench.accuracy`.

    python -m bench.accuracy                      all that is installed, four cubes
    python -m bench.accuracy --quick              one small cube, to see that it runs
    python -m bench.accuracy --peers zeit,iqr     some of them (gossan always)
    python -m bench.accuracy --seeds 10 --json out.json --markdown out.md

docs/bench.md says how the cubes are made; bench/score.py defines every figure. Peers run at
their defaults and at their best setting, which `bench.tune` chose on another cube. Slow ones
look at a sample of the pixels, stated in the table.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench import own
from bench.cube import PLAIN, Cube, Kind, Scenario
from bench.generator import make
from bench.peers import (
    nrt_ccdc,
    nrt_cusum,
    nrt_ewma,
    nrt_iqr,
    nrt_mosum,
    pyxccd_cold,
    pyxccd_sccd,
    zeit_sccd,
)
from bench.peers.pixels import Pixels, pixels
from bench.score import SOON_DAYS, Figure, Score, Truth, first_from, pooled, score, truth_of
from gossan.core.params import MonitorParams

PEERS: tuple[tuple[ModuleType, str], ...] = (
    (nrt_ewma, "nrt"),
    (nrt_cusum, "nrt"),
    (nrt_mosum, "nrt"),
    (nrt_iqr, "nrt"),
    (nrt_ccdc, "nrt"),
    (pyxccd_sccd, "pyxccd"),
    (pyxccd_cold, "pyxccd"),
    (zeit_sccd, "zeit"),
)
PACKAGES = {"nrt": "nrt", "pyxccd": "pyxccd", "zeit": "zeit-cdts"}
FIRST_SEED = 1001
"""Far from the small ones with which anyone would develop."""
MOST, MOST_SLOW = 3000, 600
"""Pixels a peer looks at: a third each dug, stable and under drought."""
SCENARIOS: dict[str, Scenario] = {
    "missed cloud pixel by pixel, not in blobs": Scenario(leak_blobs=False),
    "no drought": Scenario(drought=0.0),
    "a drought of 3.5 sd": Scenario(drought=3.5),
    "all blue looks 0.016 higher from a date on": Scenario(provider_step=0.016),
    "half the patches dug twice, parcels ploughed": Scenario(again_share=0.5, ploughed_share=0.3),
    "errors half as large as in the real series": Scenario(residuals=0.5),
}
PLAINLY = "as docs/bench.md describes"
WITH_GOSSAN = ("nrt IQR", "zeit S-CCD")
"""Peers shown in the scenarios too: the best of the quick ones."""


@dataclass(frozen=True)
class Row:
    """One method at one setting, over all cubes."""

    scenario: str
    method: str
    setting: str
    pixels: int
    seconds: float
    figures: dict[str, Figure]


def installed(package: str) -> bool:
    """Whether a peer's package can be imported."""
    return importlib.util.find_spec(package) is not None


def sample(cube: Cube, most: int, seed: int = 0) -> NDArray[np.bool_]:
    """Mask (y, x) of at most `most` pixels: a third each dug, stable and under drought; all that
    were dug twice or ploughed come on top, up to a third each."""
    rng = np.random.default_rng(seed)
    mask = np.zeros(cube.changed.shape, bool)
    groups = (
        cube.changed >= 0,
        cube.untouched & ~cube.drought,
        cube.untouched & cube.drought,
        cube.kind == Kind.PLOUGHED,
    )
    for group in groups:
        chosen = rng.permutation(np.flatnonzero(group))[: most // 3]
        mask.ravel()[chosen] = True
    return mask


def run_own(cube: Cube, params: MonitorParams) -> Score:
    """gossan on all pixels of a cube, with what only it says: warnings and intervals."""
    w = own.watch(cube.values, cube.usable, cube.days, cube.n_history, params)
    everything = np.ones(cube.changed.shape, bool)
    t = truth_of(cube, everything)
    flat = [a.reshape(len(a), -1) for a in (w.confirmed, w.before, w.after, w.warned)]
    s = score(flat[0], t)
    s = with_warnings(s, t, flat, w.ever_warned.ravel(), w.no_model.ravel())
    return Score(s.shares | looks_within(cube), s.delays)


def looks_within(cube: Cube) -> dict[str, tuple[int, int]]:
    """Dug pixels that had at least 2, 3 or 4 usable looks within 60 days, of all dug pixels.

    No method that waits for so many can find more within that time.
    """
    y, x = np.nonzero(cube.changed >= 0)
    since = cube.days[:, None] - cube.changed[y, x]
    seen = (cube.usable[:, y, x] & (since >= 0) & (since <= SOON_DAYS)).sum(0)
    return {f"{k} looks in 60 d": (int((seen >= k).sum()), len(y)) for k in (2, 3, 4)}


def with_warnings(
    s: Score,
    t: Truth,
    said: Sequence[NDArray[np.int32]],
    ever: NDArray[np.bool_],
    no_model: NDArray[np.bool_],
) -> Score:
    """Add what gossan says beside the day of confirmation."""
    confirmed, before, after, warned = said
    first = first_from(confirmed, t.changed)
    found = (t.changed >= 0) & (first >= 0)
    pick = np.argmax(confirmed == first, 0)[None]
    at = lambda a: np.take_along_axis(a, pick, 0)[0]  # noqa: E731
    holds = found & (at(before) < t.changed) & (at(after) >= t.changed)
    untouched = t.kind == Kind.NONE
    count = lambda a, of: (int((a & of).sum()), int(of.sum()))  # noqa: E731
    delay = np.maximum(at(warned) - t.changed, 0)[found]
    return Score(
        s.shares
        | {
            "interval holds": count(holds, found),
            "warned stable": count(ever, untouched & ~t.drought),
            "warned drought": count(ever, untouched & t.drought),
            "no model": count(no_model, np.ones_like(no_model)),
        },
        s.delays | {"warning delay": delay},
    )


def run_peer(module: ModuleType, setting: Any, p: Pixels, t: Truth) -> Score:
    """One peer on a sample of a cube."""
    with np.errstate(all="ignore"):
        return score(module.detect(p, setting), t)


def settings_of(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """A peer's defaults and, where it is another, its best setting."""
    yield "default", module.Setting()
    if module.Setting() != module.BEST:
        yield "best", module.BEST


def most_of(module: ModuleType) -> int:
    """How many pixels a peer looks at."""
    return MOST_SLOW if getattr(module, "SLOW", False) else MOST


@dataclass
class Run:
    """Scores of one method at one setting, cube by cube."""

    scores: list[Score] = field(default_factory=list)
    pixels: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


Runs = dict[tuple[str, str], Run]


def measure(
    cubes: Sequence[Callable[[], Cube]],
    peers: Sequence[ModuleType],
    scenario: str,
    say: Callable[[str], None],
) -> Runs:
    """All methods on the same cubes, in one process; by method and setting."""
    runs: Runs = {}

    def add(method: str, setting: str, n: int, work: Callable[[], Score]) -> None:
        say(f"{scenario}: cube {k} of {len(cubes)}, {method} ({setting})")
        start = time.perf_counter()
        run = runs.setdefault((method, setting), Run())
        run.scores.append(work())
        run.seconds.append(time.perf_counter() - start)
        run.pixels.append(n)

    for k, build in enumerate(cubes, 1):
        say(f"{scenario}: cube {k} of {len(cubes)}, generating")
        cube = build()
        add(own.NAME, "default", cube.changed.size, lambda c=cube: run_own(c, MonitorParams()))
        for module in peers:
            mask = sample(cube, most_of(module))
            p, t = pixels(cube, mask), truth_of(cube, mask)
            for name, setting in settings_of(module):
                add(
                    module.NAME,
                    name,
                    int(mask.sum()),
                    lambda m=module, s=setting, p=p, t=t: run_peer(m, s, p, t),
                )
    return runs


def rows_of(runs: Runs, scenario: str, cubes: int, methods: Sequence[str] = ()) -> list[Row]:
    """Rows over the first `cubes` cubes, of all methods or of gossan and some."""
    return [
        Row(
            scenario,
            method,
            setting,
            sum(run.pixels[:cubes]),
            sum(run.seconds[:cubes]),
            pooled(run.scores[:cubes]),
        )
        for (method, setting), run in runs.items()
        if not methods or method in (own.NAME, *methods)
    ]


COLUMNS = ("false stable", "false drought", "found", "in 60 d", "delay")
HEAD = ("false stable", "drought, %", "found %", "in 60 d %", "delay d")


def cell(f: Figure | None) -> str:
    """A figure with its interval in at most 12 characters."""
    if f is None or not np.isfinite(f.value):
        return "-"
    digits = 1 if f.value < 10 else 0
    text = f"{f.value:.{digits}f}"
    if np.isfinite(f.low):
        text += f" {f.low:.{digits}f}-{f.high:.{digits}f}"
    return text


def table(rows: Sequence[Row]) -> list[str]:
    """Lines of at most 80 columns."""
    lines = []
    for scenario in dict.fromkeys(r.scenario for r in rows):
        lines += ["", scenario, f"{'method':<15}" + "".join(f"{h:>13}" for h in HEAD)]
        for r in rows:
            if r.scenario == scenario:
                name = r.method + (" *" if r.setting == "best" else "")
                lines.append(f"{name:<15}" + "".join(f"{cell(r.figures[c]):>13}" for c in COLUMNS))
    return lines


def own_lines(rows: Sequence[Row]) -> list[str]:
    """What only gossan says, and the breakdown of its figures."""
    names = (
        "warning delay",
        "interval holds",
        "warned stable",
        "warned drought",
        "early",
        "again",
        "again in 60 d",
        "ploughed",
        "no model",
        "found forest",
        "found steppe",
        "found crops",
        "found bare",
        "false forest",
        "false steppe",
        "false crops",
        "false bare",
        "2 looks in 60 d",
        "3 looks in 60 d",
        "4 looks in 60 d",
    )
    mine = [r for r in rows if r.method == own.NAME]
    lines = ["", "gossan, by scenario (% but for the delay in days)"]
    short = [chr(ord("A") + i) for i in range(len(mine))]
    lines += [f"  {s} {r.scenario}" for s, r in zip(short, mine, strict=True)]
    lines.append(f"{'':<15}" + "".join(f"{s:>10}" for s in short))
    for name in names:
        values = [r.figures[name].value for r in mine]
        text = "".join(f"{v:>10.1f}" if np.isfinite(v) else f"{'-':>10}" for v in values)
        lines.append(f"{name:<15}{text}")
    return lines


def machine() -> dict[str, str]:
    """What the figures were measured with."""
    versions = {name: metadata.version(PACKAGES[name]) for name in PACKAGES if installed(name)}
    return {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "python": platform.python_version(),
        "cores": str(os.cpu_count()),
        **versions,
    }


def notes(rows: Sequence[Row], seeds: int, side: int, first: int) -> list[str]:
    """What a reader must know of the table."""
    m = machine()
    lines = [
        "",
        f"{seeds} cubes of {side} x {side} pixels, seeds from {first} on; intervals are 95 %.",
        "* best setting, chosen by bench.tune on a cube that is not among these.",
    ]
    if any(r.method != own.NAME for r in rows):
        lines.append(
            f"Peers look at a sample of at most {MOST} pixels a cube, pyxccd of {MOST_SLOW}."
        )
    versions = ", ".join(f"{PACKAGES[n]} {m[n]}" for n in PACKAGES if n in m)
    return [*lines, f"{m['date']}, Python {m['python']}, {m['cores']} cores; {versions}"]


def chosen(words: str) -> list[ModuleType]:
    """Peers whose name holds one of the comma-separated words, and whose package is here."""
    wanted = [w.strip().lower() for w in words.split(",") if w.strip()]
    if wanted == ["none"]:
        return []
    out = []
    for module, package in PEERS:
        if "all" not in wanted and not any(w in module.NAME.lower() for w in wanted):
            continue
        if installed(package):
            out.append(module)
        else:
            print(
                f"{module.NAME} left out: {PACKAGES[package]} is not installed "
                "(make bench-peers installs it).",
                file=sys.stderr,
            )
    return out


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description="Accuracy of gossan and its peers on generated cubes.",
        epilog="Example: python -m bench.accuracy --seeds 10 --json accuracy.json",
    )
    parser.add_argument("--quick", action="store_true", help="one small cube, no scenarios")
    parser.add_argument("--peers", default="all", help="words of their names, or all, or none")
    parser.add_argument("--seeds", type=int, default=4, help="how many cubes (4)")
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED, help=f"({FIRST_SEED})")
    parser.add_argument("--scenario-seeds", type=int, default=2, help="the same, scenarios (2)")
    parser.add_argument("--side", type=int, default=100, help="pixels along a side (100)")
    parser.add_argument("--json", type=Path, help="write all figures here")
    parser.add_argument("--markdown", type=Path, help="write the tables here")
    return parser.parse_args()


def main() -> None:
    """Measure, print, write."""
    given = arguments()
    seeds, side = (1, 60) if given.quick else (given.seeds, given.side)
    peers = chosen(given.peers)
    live = sys.stderr.isatty()

    def say(text: str) -> None:
        print(f"\r{text:<79}" if live else text, end="" if live else "\n", file=sys.stderr)

    def cubes(n: int, scenario: Scenario) -> list[Callable[[], Cube]]:
        return [
            lambda s=s: make(side=side, seed=s, scenario=scenario)
            for s in range(given.first_seed, given.first_seed + n)
        ]

    runs = measure(cubes(seeds, PLAIN), peers, PLAINLY, say)
    rows = rows_of(runs, PLAINLY, seeds)
    if not given.quick:
        few, n = [m for m in peers if m.NAME in WITH_GOSSAN], min(given.scenario_seeds, seeds)
        rows += rows_of(runs, f"the first {n} of these cubes", n, WITH_GOSSAN)
        for name, scenario in SCENARIOS.items():
            rows += rows_of(measure(cubes(n, scenario), few, name, say), f"with {name}", n)
    say("")
    text = "\n".join(table(rows) + own_lines(rows) + notes(rows, seeds, side, given.first_seed))
    print(text)
    if given.json:
        given.json.write_text(
            json.dumps({**machine(), "rows": [asdict(r) for r in rows]}, indent=1) + "\n"
        )
    if given.markdown:
        given.markdown.write_text(f"```text{text}\n```\n")


if __name__ == "__main__":
    main()
