"""Fuzz every parser that reads what others wrote, for hangs, memory and tracebacks.

    python -m bench.fuzz [N] [SEED]

N mutated inputs for each parser (default 500), all from one seed. Each parser runs in a process
of its own with bounded memory; an input that takes longer than LONGEST_S is a hang. Prints one
line a parser; ends with 1 where anything was found.
"""

from __future__ import annotations

import multiprocessing
import random
import resource
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path

from tests.support.dossiers import make_case, make_key, sign
from tests.support.fuzz import Target, finding, mutated, targets
from tests.support.tsa import authority

MEMORY_BYTES = 6 * 2**30
LONGEST_S = 20.0
PLACES = Path(__file__).parents[1] / "examples" / "karabakh-2022" / "places.csv"


def main() -> int:
    """Run all parsers; 0 where nothing was found."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    only = sys.argv[3] if len(sys.argv) > 3 else ""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        case = make_case(root)
        dossier = sign(case, make_key(root))
        every = targets(dossier, case, _reply(root / "tsa"), PLACES)
        found = [_run(t, n, seed, root) for t in every if only in t.name]
    return int(any(found))


def _reply(folder: Path) -> bytes:
    from gossan.evidence.timestamp import request_for
    from gossan.io.network.tsa import ask

    with authority(folder) as tsa:
        return ask(tsa.url, request_for(b"signature").body)


def _run(target: Target, n: int, seed: int, root: Path) -> bool:
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(target, n, seed, root, there))
    process.start()
    there.close()
    told: Counter[str] = Counter()
    longest, last = 0.0, b""
    while True:
        if not here.poll(LONGEST_S):
            told[f"hang on {last[:200]!r}"] += 1
            process.kill()
            break
        try:
            kind, value = here.recv()
        except EOFError:
            break
        if kind == "input":
            last = value
        elif kind == "found":
            told[value] += 1
        else:
            longest = max(longest, value)
    process.join()
    if process.exitcode not in (0, -9):
        told[f"the process died ({process.exitcode}) on {last[:200]!r}"] += 1
    print(
        f"{target.name:18} {n:6} inputs, longest {longest:6.2f} s, found {sum(told.values())}",
        flush=True,
    )
    for what, count in told.most_common(8):
        print(f"    {count:4} x {what}", flush=True)
    return bool(told)


def _child(target: Target, n: int, seed: int, root: Path, pipe: object) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    warnings.simplefilter("ignore")
    rng = random.Random(f"{seed} {target.name}")
    for i in range(n):
        data = mutated(rng, rng.choice(target.seeds), target.structured)
        pipe.send(("input", data[:400]))  # type: ignore[attr-defined]
        start = time.monotonic()
        what = finding(target, data, root / f"room-{target.name[:4].strip()}-{i}")
        pipe.send(("time", time.monotonic() - start))  # type: ignore[attr-defined]
        if what is not None:
            pipe.send(("found", what))  # type: ignore[attr-defined]
    pipe.close()  # type: ignore[attr-defined]


if __name__ == "__main__":
    sys.exit(main())
