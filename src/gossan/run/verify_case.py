"""Check a case: its ledger's chain, and what it keeps against what the ledger says it read."""

from __future__ import annotations

from pathlib import Path

from gossan.case.context import not_updated, read_case_folder
from gossan.case.state import stored_grid
from gossan.core.errors import Code, GossanError
from gossan.core.progress import Progress
from gossan.core.words import tr
from gossan.evidence.custody import custody_csv
from gossan.evidence.ledger import clock_of, verify_chain
from gossan.io.lock import is_held
from gossan.io.outputs import write_file
from gossan.io.scene_copies import hashes_now
from gossan.io.scenes import SceneStore
from gossan.run.audit_statements import struck_check
from gossan.run.checks import Check


def verify_case(folder: Path, progress: Progress) -> tuple[Check, ...]:
    """What was checked. Raises GossanError naming the first thing that is wrong."""
    with read_case_folder(folder) as case:
        chain = case.db.ledger()
        verify_chain(chain)
        if not chain:
            return (Check("ledger", False, tr("it has no record yet")),)
        last = chain[-1][0]
        told = tr(
            "{n_chain} records, each following the one before; the last: {action}",
            n_chain=len(chain),
            action=last["action"],
        )
        checks = [
            Check(
                "ledger",
                True,
                tr("{told} at {when}{clock}", told=told, when=last["when"], clock=clock_of(chain)),
            )
        ]
        checks += struck_check(chain)
        grid = stored_grid(case)
        if grid is None:
            return tuple(checks)
        store = SceneStore(case.scenes, grid)
        read = {
            b["inputs"]["scene"]: b["outputs"]["hashes"] for b, _ in chain if b["action"] == "read"
        }
        stored, unread = store.list(), 0
        with progress.task(tr("Hashing images"), len(stored)) as task:
            for scene in stored:
                if hashes_now(store, scene.key) != read.get(scene.key):
                    if is_held(folder):  # an update stores first and records then
                        unread += 1
                        continue
                    raise GossanError(
                        Code.READ,
                        tr("The stored pixels of {key} are not those on record.", key=scene.key),
                        tr(
                            "Delete {key}.json in the case's scenes folder; update reads it again.",
                            key=scene.key,
                        ),
                    )
                task.advance()
        more = tr("; an update has not yet recorded {unread} more", unread=unread) if unread else ""
        told = tr(
            "{n_stored} hold the pixels on record{more}", n_stored=len(stored) - unread, more=more
        )
        checks.append(Check("images", not unread, told))
        return tuple(checks)


def export_custody(
    folder: Path, output: Path | None, *, overwrite: bool = False
) -> tuple[Path, int]:
    """Write the case's chain of custody as CSV; returns its path and the number of lines.

    A table that the new one only goes on with is replaced. Raises GossanError (LEDGER) where the
    chain does not hold, (OUTPUT) where it cannot be written or another file stands there and
    `overwrite` is False.
    """
    path = output or folder / "custody.csv"
    with read_case_folder(folder) as case:
        chain = case.db.ledger()
    if not chain:
        raise not_updated(folder)
    n = verify_chain(chain)
    table = custody_csv(chain)
    write_file(path, table, table.startswith, overwrite=overwrite)
    return path, n
