"""Make something once for each call to the system that changes files, killed at that call.

Where `strace` may be used, the calls are those of every thread and library: of SQLite, GDAL and
icechunk too. Elsewhere they are those that Python itself makes, by its audit hooks. Each run is a
fork of this process, stopped until it is watched.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

FEW = ("rename", "unlink", "mkdir")
CALLS = (
    "openat",
    *FEW,
    "link",
    "linkat",
    "unlinkat",
    "rmdir",
    "write",
    "pwrite64",
    "ftruncate",
    "fsync",
    "fdatasync",
)
EVENTS = {
    "open",
    "os.rename",
    "os.link",
    "os.remove",
    "os.rmdir",
    "os.mkdir",
    "shutil.copyfile",
    "shutil.rmtree",
}
MOST = 3000


def can_trace() -> bool:
    """Whether strace is here and may be used."""
    if shutil.which("strace") is None:
        return False
    return (
        subprocess.run(
            ["strace", "-e", "trace=none", "true"], check=False, capture_output=True
        ).returncode
        == 0
    )


def killed_everywhere(
    make: Callable[[Path], object], folders: Iterator[Path], calls: Sequence[str] = CALLS
) -> Iterator[Path]:
    """Folders in which `make` was killed at its 1st, 2nd, 3rd ... of each of `calls`, until a run
    came to its end. Each is given out when its run is over.

    Nothing that starts threads may have been done in this process: they are not forked.
    """
    for call in calls if can_trace() else ("",):
        for n in range(1, MOST):
            folder = next(folders)
            status = _traced(make, folder, n, call) if call else _audited(make, folder, n)
            assert status in (0, -signal.SIGKILL), status
            if status == 0:
                break
            yield folder
        else:
            raise AssertionError(f"not at its end after {MOST} calls of {call}")


def in_child(do: Callable[[Path], object], folder: Path) -> None:
    """Do it in a fork of this process. Raises AssertionError where it fails."""
    child = os.fork()
    if child == 0:
        _make(do, folder)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0, folder


def _traced(make: Callable[[Path], object], folder: Path, n: int, call: str) -> int:
    child = os.fork()
    if child == 0:
        os.kill(os.getpid(), signal.SIGSTOP)
        _make(make, folder)
    os.waitpid(child, os.WUNTRACED)
    watcher = subprocess.Popen(
        [
            "strace",
            "-f",
            "-qq",
            "-o",
            "/dev/null",
            "-p",
            str(child),
            "-e",
            f"trace={call}",
            "-e",
            f"inject={call}:signal=KILL:when={n}",
        ],
        stderr=subprocess.DEVNULL,
    )
    while "TracerPid:\t0" in Path(f"/proc/{child}/status").read_text():
        assert watcher.poll() is None, "strace ended"
    os.kill(child, signal.SIGCONT)
    _, status = os.waitpid(child, 0)
    watcher.wait()
    return os.waitstatus_to_exitcode(status)


def _audited(make: Callable[[Path], object], folder: Path, n: int) -> int:
    child = os.fork()
    if child == 0:
        left = [n]

        def count(event: str, args: tuple[object, ...]) -> None:
            if event in EVENTS and str(folder) in str(args[0]):
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
        _make(make, folder)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _make(make: Callable[[Path], object], folder: Path) -> None:
    status = 1
    try:
        make(folder)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)
