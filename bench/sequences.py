"""Whole commands in any order on small cases: does every dossier verify, every re-run agree?

    python -m bench.sequences [--n 500] [--seed 1] [--kind ground|said]

Half of the sequences are of cases with images and documents, half of documents only. Prints every
fault with the commands that lead to it, and how many commands of each kind ran; ends with 1 if
there was any.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import warnings
from pathlib import Path

from tests.support.sequences import Ground, Said, Sequence, make_templates, run_sequences


def main() -> int:
    """Run them; 0 where nothing was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", choices=("ground", "said"))
    asked = parser.parse_args()
    warnings.filterwarnings("ignore", message="Dataset has no geotransform")
    machines: list[type[Sequence]] = [m for m in (Ground, Said) if asked.kind in (None, m.template)]
    Sequence.faults = []
    with tempfile.TemporaryDirectory() as name:
        templates = make_templates(Path(name))
        each = -(-asked.n // len(machines))
        for machine in machines:
            run_sequences(machine, templates, each, seed=asked.seed)
    for what, n in sorted(Sequence.counts.items()):
        print(f"{n:6} {what}")
    return int(bool(Sequence.faults))


if __name__ == "__main__":
    sys.exit(main())
