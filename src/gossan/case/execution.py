"""How an update's work is done: what the command line may choose. Loads nothing large."""

from __future__ import annotations

from dataclasses import dataclass

from gossan.core.errors import Code, GossanError

BLOCK = 1024
"""Side of a block in pixels; why this one: docs/decisions/0011-state-store.md."""


@dataclass(frozen=True)
class How:
    """How the work is done; none of it changes the result.

    Attributes
    ----------
    dask : None: threads of this process; "local": worker processes on this machine; else the
        address of a scheduler, e.g. "tcp://192.0.2.1:8786"
    workers : threads or worker processes; None: one for each core
    block : side of a block of a new state, pixels; an existing state keeps its own
    """

    dask: str | None = None
    workers: int | None = None
    block: int = BLOCK

    def __post_init__(self) -> None:
        """Raise GossanError (DASK) for what cannot work."""
        if self.workers is not None and self.workers < 1:
            raise GossanError(Code.DASK, f"--workers must be at least 1, found {self.workers}.")
        if self.block < 32:
            raise GossanError(Code.DASK, f"--block must be at least 32, found {self.block}.")
        if self.dask in (None, "local"):
            return
        if "://" not in str(self.dask):
            raise GossanError(
                Code.DASK,
                f'--dask: expected "local" or the address of a scheduler, found "{self.dask}".',
                "Give the address that `dask scheduler` prints, e.g. tcp://192.0.2.1:8786.",
            )
        if self.workers is not None:
            raise GossanError(
                Code.DASK,
                "--workers counts what gossan starts itself, but this cluster is already running.",
                "Leave --workers out, and start workers of the cluster with `dask worker`.",
            )
