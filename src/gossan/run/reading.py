"""Read acquisitions into the store, a few at a time, counting what could not be read."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from gossan.core.errors import Code, GossanError
from gossan.core.progress import Progress
from gossan.core.words import tr
from gossan.io.catalogue.search import CatalogueScene
from gossan.io.catalogue.sources import Source
from gossan.io.pixels import read_acquisition
from gossan.io.scenes import SceneStore
from gossan.io.stored_scene import StoredScene

AT_ONCE = 4
"""Acquisitions read side by side: hides the network's latency, bounds memory to as many
strips."""


def read_all(
    store: SceneStore,
    acquisitions: Sequence[CatalogueScene],
    bands: Sequence[str],
    source: Source,
    progress: Progress,
) -> dict[str, str]:
    """Store every acquisition's `bands`; returns what failed: key -> reason.

    Stopped at any moment, what is stored is whole and stays.
    """
    failures: dict[str, str] = {}
    if not acquisitions:
        return failures

    def one(acquisition: CatalogueScene) -> StoredScene:
        raw = read_acquisition(
            acquisition,
            store.grid,
            bands,
            sign=source.sign,
            reach=source.reach,
            numbers=store.numbers,
        )
        return store.write(raw)

    with progress.task(tr("Reading scenes"), len(acquisitions)) as task:
        pool = ThreadPoolExecutor(AT_ONCE)
        try:
            waiting: dict[Future[StoredScene], str] = {
                pool.submit(one, a): a.key for a in acquisitions
            }
            while waiting:
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    key = waiting.pop(future)
                    try:
                        future.result()
                    except GossanError as error:
                        if error.code is Code.CASE:  # a full disk is no gap
                            raise
                        failures[key] = error.problem
                    task.advance()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
    return failures
