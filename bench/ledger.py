"""What the ledger costs: its share of an update's time.

    python -m bench.ledger [SCENES]

A real update of a small case over the shipped images, with the time spent in `CaseDb.append_all`
counted by the clock (sealing, hashing, fsync, and once the hash of the program itself).
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support.cases import catalogue, sample_items, small_case

from gossan.core.progress import Silent
from gossan.io.case_db import CaseDb, Document, Seal
from gossan.run.update import update

AREA = (0, 0, 100)


class _Clock:
    """Counts the records of `append_all` and the seconds within."""

    def __init__(self) -> None:
        self.seconds, self.calls = 0.0, 0
        self._append = CaseDb.append_all

    def install(self) -> None:
        clock = self

        def append(
            db: CaseDb,
            seals: Sequence[Seal],
            documents: Sequence[Document] = (),
            values: Mapping[str, str] | None = None,
        ) -> str:
            start = time.perf_counter()
            digest = clock._append(db, seals, documents, values)
            clock.seconds += time.perf_counter() - start
            clock.calls += len(seals)
            return digest

        CaseDb.append_all = append  # type: ignore[method-assign]


def main() -> None:
    """Run it twice: the first update compiles the kernels, the second is measured."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else len(sample_items())
    clock = _Clock()
    clock.install()
    for turn in ("first, compiling", "second"):
        with tempfile.TemporaryDirectory() as name:
            root = Path(name)
            case = small_case(root / "case", catalogue(root / "source", sample_items()[:n]), AREA)
            clock.seconds, clock.calls = 0.0, 0
            start = time.perf_counter()
            update(case, Silent())
            whole = time.perf_counter() - start
        share = clock.seconds / whole
        print(
            f"{turn:18} {whole:7.2f} s, {clock.calls:4} records, {clock.seconds:.3f} s in the "
            f"ledger: {share:.2%}",
            flush=True,
        )


if __name__ == "__main__":
    main()
