"""Check a case: its ledger's chain, and what it keeps against what the ledger says it read."""

from __future__ import annotations

from pathlib import Path

from gossan.core.errors import Code, GossanError
from gossan.core.progress import Progress
from gossan.evidence.custody import custody_csv
from gossan.evidence.ledger import verify_chain
from gossan.io.scene_copies import hashes_now
from gossan.io.scenes import SceneStore
from gossan.run.checks import Check
from gossan.run.opened import read_case_folder
from gossan.run.said_on_record import struck_check
from gossan.run.state import stored_grid


def verify_case(folder: Path, progress: Progress) -> tuple[Check, ...]:
    """What was checked. Raises GossanError naming the first thing that is wrong."""
    with read_case_folder(folder) as case:
        chain = case.db.ledger()
        verify_chain(chain)
        if not chain:
            return (Check("ledger", False, "it has no record yet"),)
        last = chain[-1][0]
        told = f"{len(chain)} records, each following the one before; the last: {last['action']}"
        checks = [Check("ledger", True, f"{told} at {last['when']}")]
        checks += struck_check(chain)
        grid = stored_grid(case)
        if grid is None:
            return tuple(checks)
        store = SceneStore(case.scenes, grid)
        read = {b["inputs"]["scene"]: b["outputs"]["hashes"] for b, _ in chain
                if b["action"] == "read"}  # fmt: skip
        stored = store.list()
        with progress.task("Hashing images", len(stored)) as task:
            for scene in stored:
                if hashes_now(store, scene.key) != read.get(scene.key):
                    raise GossanError(
                        Code.READ, f"The stored pixels of {scene.key} are not those on record.",
                        f"Delete {scene.key}.json in the case's scenes folder; update reads it "
                        "again.",
                    )  # fmt: skip
                task.advance()
        checks.append(Check("images", True, f"{len(stored)} hold the pixels on record"))
        return tuple(checks)


def export_custody(folder: Path, output: Path | None) -> tuple[Path, int]:
    """Write the case's chain of custody as CSV; returns its path and the number of lines.

    Raises GossanError (LEDGER) where the chain does not hold, (CASE) where it cannot be written.
    """
    path = output or folder / "custody.csv"
    with read_case_folder(folder) as case:
        chain = case.db.ledger()
    n = verify_chain(chain)
    try:
        path.write_bytes(custody_csv(chain))
    except OSError as error:
        raise GossanError(
            Code.CASE, f"{path} cannot be written: {error.strerror or error}."
        ) from None
    return path, n
