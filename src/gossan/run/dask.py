"""Blocks as tasks of a Dask cluster, in processes of this machine or on many machines.

Workers read scenes and the state from the case's folder and write their blocks into drafts
there, so every worker must see the folder under the same path. What travels are small
descriptions of both. This is the only module that imports Dask.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from platform import node

from distributed import Client, KilledWorker, LocalCluster, as_completed

from gossan import __version__
from gossan.case.sensors import SENSORS
from gossan.core.errors import Code, GossanError
from gossan.core.progress import Progress
from gossan.core.words import tr
from gossan.run.blocks import Block, BlockTask, Done, Job
from gossan.run.engine import cores

CONNECT_SECONDS = 10
WAIT_SECONDS = 60
"""How long a scheduler may take to answer, and then to have a worker."""

MINE = f"{__version__} ({', '.join(s.method for s in SENSORS)})"

UNDISTURBED = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"
"""Run by each local worker: Ctrl-C goes to all processes of a terminal, but the one that started
the workers ends them in order."""

MARK = ".gossan-workers-"
"""Name of a file in the case's folder that workers must find there, up to its random part."""


@dataclass(frozen=True)
class Dask:
    """An engine. `client` is connected; `token` is a file every worker must see."""

    client: Client
    token: Path

    def run(self, task: BlockTask, job: Job, blocks: Sequence[Block]) -> Iterator[Done]:
        """See `Engine.run`. A worker that dies costs its blocks: others take them.

        Raises GossanError (DASK) where a block has killed several workers.
        """
        # as a task of its own it is sent once to each worker, and again if that one dies
        shared = self.client.submit(_itself, job, pure=False)
        waiting = {
            self.client.submit(_work, task, shared, block, str(self.token), pure=False)
            for block in blocks
        }
        ending = as_completed(waiting, loop=self.client.loop, with_results=True)
        try:
            for future, done in ending:
                # what is had is let go, or a worker's death would have it done again
                waiting.discard(future)
                future.release()
                yield done
        except KilledWorker as err:
            raise GossanError(
                Code.DASK,
                tr("A block of pixels ended several workers, one after the other."),
                tr(
                    "They had too little memory: give them more, or start the case anew with a "
                    "smaller --block; docs/dask.md says how much a block needs."
                ),
            ) from err
        finally:
            self.client.cancel([shared, *waiting])


@contextmanager
def cluster(where: str, workers: int | None, folder: Path, progress: Progress) -> Iterator[Dask]:
    """Start a local cluster ("local") or use the one whose scheduler is at `where`.

    Raises GossanError (DASK) where there is no scheduler, no worker, or one that does not see
    the case's folder or runs another gossan.
    """
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with ExitStack() as stack:
        if where == "local":
            started = LocalCluster(
                n_workers=workers or cores(),
                threads_per_worker=1,
                dashboard_address=None,
                silence_logs=logging.CRITICAL,
                preload=UNDISTURBED,
            )
            client = Client(stack.enter_context(started), set_as_default=False)
            stack.enter_context(client)
        else:
            client = stack.enter_context(_connected(where))
        engine = Dask(client, stack.enter_context(_token(folder.resolve())))
        progress.say(_greeting(engine))
        yield engine


def _connected(address: str) -> Client:
    try:
        return Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as err:
        raise GossanError(
            Code.DASK,
            tr("No Dask scheduler answers at {address}.", address=address),
            tr("Start one with `dask scheduler` and give the address it prints."),
        ) from err


@contextmanager
def _token(folder: Path) -> Iterator[Path]:
    """A file no other folder has. Those of killed runs are removed."""
    for old in folder.glob(f"{MARK}*"):
        old.unlink(missing_ok=True)
    path = folder / f"{MARK}{secrets.token_hex(8)}"
    path.touch()
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _greeting(engine: Dask) -> str:
    """What a person should know of the cluster, once all of it was found fit."""
    client = engine.client
    try:
        client.wait_for_workers(1, timeout=WAIT_SECONDS)
    except TimeoutError as err:
        raise GossanError(
            Code.DASK,
            tr("The cluster has had no worker for {seconds} seconds.", seconds=WAIT_SECONDS),
            tr("Start some with `dask worker` and the address of the scheduler."),
        ) from err
    found = client.run(_fit_to_work, str(engine.token), MINE, on_error="return")
    for worker, said in found.items():
        if isinstance(said, BaseException):
            raise GossanError(
                Code.DASK,
                tr(
                    "The worker {worker} cannot run gossan: {name}: {said}.",
                    worker=worker,
                    name=type(said).__name__,
                    said=said,
                ),
                tr("Install gossan {version} where the workers run.", version=__version__),
            )
        if said is not None:
            raise GossanError(
                Code.DASK, tr("The worker {worker} {what}.", worker=worker, what=said[0]), said[1]
            )
    return tr("Working on a Dask cluster of {n_found} workers.", n_found=len(found))


def _fit_to_work(token: str, wanted: str) -> tuple[str, str] | None:
    """Asked of each worker: None, or what is wrong and what to do."""
    if not Path(token).is_file():
        return _blind(token)
    if wanted != MINE:
        return (
            tr("runs gossan {mine}, this is {wanted}", mine=MINE, wanted=wanted),
            tr("Install the same gossan everywhere."),
        )
    return None


def _blind(token: str) -> tuple[str, str]:
    return (
        tr("does not see the case's folder {parent}", parent=Path(token).parent),
        tr("Put the case on a disk that all workers share under the same path."),
    )


def _work(task: BlockTask, job: Job, block: Block, token: str) -> Done:
    """One block on a worker; it may have joined after all were asked."""
    if not Path(token).is_file():
        problem, hint = _blind(token)
        raise GossanError(
            Code.DASK, tr("A worker on {node} {problem}.", node=node(), problem=problem), hint
        )
    return task(job, block)


def _itself(job: Job) -> Job:
    return job
