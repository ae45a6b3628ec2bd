"""Blocks side by side in threads of this process; a Dask cluster is in `run.dask`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from gossan.run.blocks import Block, BlockTask, Done, Job


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
