"""A real Dask scheduler and real workers, each a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
DASK = Path(sys.executable).with_name("dask")


@dataclass
class Cluster:
    """`address` of the scheduler, and the workers started, by name."""

    root: Path
    address: str
    workers: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def worker(self, name: str, before: Sequence[str] = ()) -> subprocess.Popen[bytes]:
        """Start a worker of one thread; `before` is a command it is run by."""
        command = [
            *before,
            DASK,
            "worker",
            self.address,
            "--name",
            name,
            "--no-nanny",
            "--nworkers",
            "1",
            "--nthreads",
            "1",
            "--memory-limit",
            "0",
            "--no-dashboard",
            "--local-directory",
            self.root / name,
        ]
        with (self.root / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log)
        self.workers[name] = process
        return process


@contextmanager
def cluster(root: Path, workers: Sequence[str] = ()) -> Iterator[Cluster]:
    """A scheduler on this machine with named workers; all are ended at the end."""
    root.mkdir(parents=True, exist_ok=True)
    told = root / "scheduler.json"
    scheduler = subprocess.Popen(
        [
            DASK,
            "scheduler",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--no-dashboard",
            "--scheduler-file",
            told,
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT)},  # it runs plugins of the tests
    )
    made: Cluster | None = None
    try:
        made = Cluster(root, _address(told, scheduler))
        for name in workers:
            made.worker(name)
        yield made
    finally:
        for process in (*(made.workers.values() if made else ()), scheduler):
            if process.poll() is None:
                process.terminate()
        for process in (*(made.workers.values() if made else ()), scheduler):
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _address(told: Path, scheduler: subprocess.Popen[bytes]) -> str:
    end = time.monotonic() + 120
    while time.monotonic() < end and scheduler.poll() is None:
        if told.is_file() and told.stat().st_size:
            return str(json.loads(told.read_text(encoding="utf-8"))["address"])
        time.sleep(0.05)
    raise RuntimeError("the scheduler did not start")


def peak_mib(process: subprocess.Popen[bytes]) -> float:
    """Largest resident memory of a living process so far, MiB."""
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmHWM")


def hidden(folder: Path) -> list[str]:
    """A command prefix under which `folder` is empty, in a mount namespace of its own."""
    script = 'mount -t tmpfs none "$0" && exec "$@"'
    return ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, str(folder)]


def can_hide(folder: Path) -> bool:
    """Whether `hidden` works here."""
    try:
        return subprocess.run([*hidden(folder), "true"], env=os.environ).returncode == 0
    except FileNotFoundError:
        return False
