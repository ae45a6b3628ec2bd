"""Who does the work on blocks: one interface, threads here, a Dask cluster in `run.dask`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from gossan.core.params import How
from gossan.core.progress import Progress
from gossan.run.blocks import Block, Done, Job

BlockTask = Callable[[Job, Block], Done]


class Engine(Protocol):
    """Runs a task on many blocks. Which engine ran changes nothing in what comes out."""

    def run(self, task: BlockTask, job: Job, blocks: Sequence[Block]) -> Iterator[Done]:
        """The result of each block, in whatever order they end.

        Stopped in between, it starts nothing new. Raises what a task raises.
        """


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0))


class Threads:
    """Blocks side by side in threads of this process: the kernels, the decoding of images
    and the compression all release the interpreter's lock."""

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or cores()

    def run(self, task: BlockTask, job: Job, blocks: Sequence[Block]) -> Iterator[Done]:
        """See `Engine.run`."""
        if len(blocks) == 1:
            yield task(job, blocks[0])
            return
        pool = ThreadPoolExecutor(min(self.workers, max(1, len(blocks))))
        try:
            for future in as_completed([pool.submit(task, job, block) for block in blocks]):
                yield future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def open_engine(how: How, folder: Path, progress: Progress) -> Iterator[Engine]:
    """What runs the blocks of the case in `folder`. Raises GossanError (DASK)."""
    if how.dask is None:
        yield Threads(how.workers)
        return
    from gossan.run.dask import cluster

    with cluster(how.dask, how.workers, folder, progress) as engine:
        yield engine
