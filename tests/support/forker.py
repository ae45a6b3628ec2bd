"""Start many real updates quickly: a process that has loaded everything once forks for each.

Reads case folders from standard input, one a line. For each it prints the child's process id at
once, and `status N` when the child has ended (N negative: killed by that signal). What the command
would say of an error goes to standard error.
"""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from pathlib import Path
from typing import IO


class Forker:
    """The other end: use as a context manager. `stderr` as in `subprocess.Popen`."""

    def __init__(self, stderr: IO[str] | None = None) -> None:
        self.stderr = stderr

    def __enter__(self) -> Forker:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.forker"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.stderr, text=True,
        )  # fmt: skip
        assert self._line() == "ready"
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def start(self, case: Path) -> int:
        """Start the update of a case; returns its process id."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{case}\n")
        self._process.stdin.flush()
        return int(self._line())

    def wait(self) -> int:
        """Exit status of the update started last; -9 where it was killed."""
        return int(self._line().removeprefix("status "))

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def main() -> None:
    warm()
    print("ready", flush=True)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            run(Path(line.strip()))
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print("status", os.waitstatus_to_exitcode(status), flush=True)


def warm() -> None:
    """Load the code, the compiled kernels too, and start no thread: that would not be forked."""
    import numpy as np

    import gossan.run.advance  # noqa: F401
    from gossan.monitor.fit import fit
    from gossan.monitor.params import MonitorParams
    from gossan.monitor.step import step

    bands, params = ("B02", "B03", "B04", "B08", "B8A", "B11"), MonitorParams()
    days = np.arange(17000, 17400, 20, dtype=np.int32)
    values = np.full((len(days), len(bands), 2, 2), 0.2, np.float32)
    seen = np.ones((len(days), 2, 2), bool)
    step(fit(values, seen, days, params, bands), values[0], seen[0], 17500, params)


def run(case: Path) -> None:
    """In the child: one update; ends with the statuses of the command."""
    from gossan.core.errors import GossanError
    from gossan.core.progress import Silent
    from gossan.run.update import update

    status = 1
    try:
        update(case, Silent())
        status = 0
    except GossanError as error:
        print(f"error: {error}", file=sys.stderr, flush=True)
        status = 2
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


if __name__ == "__main__":
    main()
